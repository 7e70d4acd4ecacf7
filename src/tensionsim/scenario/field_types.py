"""What a field of a scenario may hold: names, dates, numbers with a range, uncertain numbers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from tensionsim.scenario.distributions import complaint
from tensionsim.scenario.quantities import parse_date

OWN_WORDS = "own_words"
"""Type of the errors whose message is already in a person's words."""

NAME = r"^[^\W\d_][\w-]{0,59}$"
"""What actors, issues, moves, ... may be called: a letter, then letters, digits, `_` and `-`."""


def _date(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_date(value)
    except ValueError as error:
        raise PydanticCustomError(OWN_WORDS, "{words}", {"words": str(error)}) from None


Date = Annotated[dt.date, BeforeValidator(_date)]
Name = Annotated[str, Field(pattern=NAME)]
Label = Annotated[str, Field(min_length=1, max_length=200)]
Item = TypeVar("Item")
Pair = Annotated[tuple[Item, Item], Field(strict=False)]
Triple = Annotated[tuple[Item, Item, Item], Field(strict=False)]
Quadruple = Annotated[tuple[Item, Item, Item, Item], Field(strict=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Strict(BaseModel):
    """A mapping in which every key is known and every value is of its own type: no "0.5" for 0.5."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Distribution(Strict):
    """An uncertain number: exactly one of the families, drawn once a run.

    The draw depends on (seed, run, path of the number in the file) and nothing else; that of all `joint` ones of a file
    is the same draw.
    """

    uniform: Pair[Finite] | None = Field(None, description="[low, high]")
    triangular: Triple[Finite] | None = Field(None, description="[low, mode, high]")
    normal: Pair[Finite] | None = Field(None, description="[mean, standard deviation]")
    truncated_normal: Quadruple[Finite] | None = Field(None, description="[mean, standard deviation, low, high]")
    lognormal: Pair[Finite] | None = Field(None, description="[median, sigma of the log]")
    beta: Pair[Finite] | None = Field(None, description="[a, b], in 0..1")
    choice: list[Finite] | None = Field(None, description="values that are equally likely", min_length=1)
    joint: list[Finite] | None = Field(
        None, description="values of which a run takes the one at the same place in all such lists", min_length=1
    )


def number_kind(value: Any) -> str:
    """Which branch of a Number a raw value takes: a mapping is a distribution."""
    return "distribution" if isinstance(value, (dict, Distribution)) else "number"


def text_or_number_kind(value: Any) -> str:
    """The same where a text with a unit may stand for the number."""
    return "text" if isinstance(value, str) else number_kind(value)


def _branches(limits: dict[str, float]) -> tuple[Any, Any]:
    def within(distribution: Distribution) -> Distribution:
        if words := complaint(distribution.model_dump(exclude_none=True), limits):
            raise PydanticCustomError(OWN_WORDS, "{words}", {"words": words})
        return distribution

    number = Annotated[float, Field(allow_inf_nan=False, **limits), Tag("number")]
    return number, Annotated[Distribution, AfterValidator(within), Tag("distribution")]


def _number(**limits: float) -> Any:
    plain, distribution = _branches(limits)
    return Annotated[plain | distribution, Discriminator(number_kind)]


_Text = Annotated[str, Tag("text")]
_plain_growth, _uncertain_growth = _branches({"gt": -1, "le": 10})

PLAIN_SHARE, UNCERTAIN_SHARE = _branches({"ge": 0, "le": 1})
"""The two branches of a Share, for unions with more."""

if TYPE_CHECKING:
    Number: TypeAlias = float | Distribution
    Share: TypeAlias = float | Distribution
    Signed: TypeAlias = float | Distribution
    NonNegative: TypeAlias = float | Distribution
    Divisor: TypeAlias = float | Distribution
    Effect: TypeAlias = float | Distribution
    Growth: TypeAlias = str | float | Distribution
else:
    Number = _number()
    Share = _number(ge=0, le=1)
    Signed = _number(ge=-1, le=1)
    NonNegative = _number(ge=0)
    Divisor = _number(ge=1e-6, le=1e6)
    Effect = _number(ge=-100, le=100)
    Growth = Annotated[_Text | _plain_growth | _uncertain_growth, Discriminator(text_or_number_kind)]
