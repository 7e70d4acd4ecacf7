"""Short names: what tables call the paths that are varied."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from tensionsim.scenario.distributions import complaint
from tensionsim.scenario.quantities import ANY, NoPath, parse, parse_date

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

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


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


Track = Literal["political", "technical"]
StepName = Literal["day", "week", "month"]

MOST_ACTORS, MOST_ISSUES, MOST_OUTLOOKS = 50, 50, 100


class Issue(Strict):
    """A matter on which the actors hold stances."""

    low: str = Field("", description="what a stance of 0 means")
    high: str = Field("", description="what a stance of 1 means")
    security: bool = Field(False, description="whether its technical track counts for the regional-security pillar")


class Condition(Strict):
    """What must be true: one observable with a bound, or `all`, `any`, `none` of several.

    Observables: `cooperation` (the index, 0..100; with `issue`, that issue's, 0..100), `conduct`
    ("a -> b", with `issue` and `track` to narrow it), `pressure` ("a -> b"), `indicator`, `arrangement`
    (in force: yes or no), `date`, `made` (a move; with `actor`, `issue`, `within`).
    """

    all: list[Condition] | None = None
    any: list[Condition] | None = None
    none: list[Condition] | None = None
    cooperation: str | None = Field(None, description='"below 35" or "above 50"; or "index" with above/below')
    conduct: str | None = Field(None, description='"bogota -> beijing"')
    pressure: str | None = Field(None, description='"washington -> bogota"')
    indicator: str | None = None
    arrangement: str | None = None
    made: str | None = Field(None, description="name of a move")
    after: Date | None = None
    before: Date | None = None
    above: Finite | None = None
    below: Finite | None = None
    in_force: bool | None = Field(None, description="with `arrangement`; default true")
    issue: str | None = None
    track: Track | None = None
    actor: str | None = Field(None, description="with `made` or `arrangement`: whose")
    within: str | None = Field(None, description='with `made`: "3 months"')
    for_: str | None = Field(None, alias="for", description='how long it must have held: "2 months"')


OddsPoint = Annotated[tuple[Finite, Annotated[float, Field(ge=0, le=1)]], Field(strict=False)]


class Odds(Strict):
    """A chance that depends on the state: linear between two points, flat beyond them."""

    of: Literal["cooperation", "conduct", "pressure", "indicator"]
    name: str | None = Field(None, description='"a -> b" of a conduct or pressure, or the indicator')
    issue: str | None = None
    start: OddsPoint = Field(description="[value, chance]")
    end: OddsPoint = Field(description="[value, chance]")


def chance_kind(value: Any) -> str:
    """Which branch of a rule's chance a raw value takes: a mapping with `of` depends on the state."""
    if isinstance(value, Odds) or (isinstance(value, dict) and not set(value) & set(Distribution.model_fields)):
        return "odds"
    return text_or_number_kind(value)


if TYPE_CHECKING:
    Chance: TypeAlias = str | float | Distribution | Odds
else:
    Chance = Annotated[
        Annotated[str, Tag("text")] | PLAIN_SHARE | UNCERTAIN_SHARE | Annotated[Odds, Tag("odds")],
        Discriminator(chance_kind),
    ]


class Act(Strict):
    """A move that a rule makes."""

    move: str
    issue: str | None = None
    target: str | None = None


class Rule(Strict):
    """A doctrine: what an actor does when a condition holds."""

    when: Condition
    move: str
    issue: str | None = Field(None, description="default: the only issue on which the move can be made")
    target: str | None = Field(None, description="default: the other principal")
    chance: Chance = Field(
        1.0, description='a number: each step while it holds; "0.3 per month": whatever the step; or state-dependent'
    )
    cooldown: str | None = Field(None, description='"6 months"; default: none')
    once: bool = Field(False, description="whether it is asked once a spell in which the condition holds")
    otherwise: Act | None = Field(None, description="what it does where chance said no")
    about: str = ""


class Check(Strict):
    """A domestic veto: a congress or a court that may stop moves of its own government."""

    stops: list[str] = Field(min_length=1)
    chance: Share
    about: str = ""


class ActorPatch(Strict):
    """Attributes of an actor that a leader or a change sets; all optional."""

    stances: dict[str, Share] | None = Field(None, description="issue: 0 (autonomy, dialogue) .. 1 (pressure, control)")
    salience: dict[str, NonNegative] | None = Field(None, description="weight of each issue; normalised to sum 1")
    rhetoric: Share | None = Field(None, description="base level of politicisation")
    rally: NonNegative | None = Field(None, description="how much hostility received feeds rhetoric")
    confrontation: NonNegative | None = Field(None, description="how much a disagreement becomes hostility")
    reciprocity: NonNegative | None = Field(None, description="multiplies the answer in kind")
    attention: Share | None = Field(None, description="share of the full base rate of acts")
    unpredictability: Divisor | None = Field(None, description="divides the direction: 1 is usual, above is erratic")
    insulation: Share | None = Field(None, description="how far the technical track is kept apart")
    dependence: dict[str, Share] | None = Field(None, description="on other actors")
    affinity: dict[str, Signed] | None = Field(None, description="to other actors")
    yardstick: dict[str, Number] | None = Field(None, description="weight of each indicator in its grievances")
    rules: dict[Label, Rule] | None = None
    checks: dict[Label, Check] | None = None


class Actor(ActorPatch):
    """A government or a third party."""

    label: str = Field("", description="how the marks of plots call it; default: the name, capitalised")
    leader: str | None = Field(None, description="one of `leaders`; this file's own attributes win over it")
    regional: bool = Field(False, description="whether its conduct makes regional sympathy")
    repertoire: list[str] | None = Field(None, description="moves it may make; default: all the catalogue gives it")


ShiftText = Annotated[
    Annotated[str, Tag("text")] | Annotated[Finite, Tag("number")], Discriminator(text_or_number_kind)
]


class MoveSpec(Strict):
    """A move of the scenario's own, with all the fields of the catalogue."""

    cameo: str = Field(pattern=r"^(0[1-9]|1[0-9]|20)[0-9]{0,2}$")
    goldstein: float = Field(ge=-10, le=10)
    kind: Literal["verbal", "material"]
    track: Track
    actors: list[str] | None = Field(None, description="who can make it; default: anyone")
    targets: list[str] | None = Field(None, description="towards whom; default: anyone")
    issues: list[str] | None = Field(None, description="on which issues; default: all")
    frequency: float = Field(1.0, gt=0)
    begins: list[str] = Field(default_factory=list)
    ends: list[str] = Field(default_factory=list)
    shifts: dict[str, ShiftText] = Field(
        default_factory=dict,
        description='of an indicator: 0.05 or "-2%"; of the mover\'s own stance, rhetoric, expectations: 0.05',
    )
    description: str


class ArrangementSpec(Strict):
    """A kind of arrangement of the scenario's own: something in force until ended."""

    actors: list[str] | None = Field(None, description="who holds it; default: anyone")
    targets: list[str] | None = None
    issues: list[str] | None = Field(None, description="one: always that; several: one instance an issue")
    track: Track
    score: float = Field(ge=-10, le=10, description="counts score/10 every month it is in force")
    mutual: bool = Field(False, description="whether it counts in both directions and either side may end it")
    description: str


class ArrangementRef(Strict):
    """One arrangement in force at the start, named in full."""

    name: str
    actor: str | None = None
    target: str | None = None
    issue: str | None = None


def in_force_kind(value: Any) -> str:
    """Which branch of an arrangement in force a raw value takes."""
    return "name" if isinstance(value, str) else "reference"


InForce = Annotated[
    Annotated[str, Tag("name")] | Annotated[ArrangementRef, Tag("reference")], Discriminator(in_force_kind)
]


class Driver(Strict):
    """What moves an indicator: conduct, another indicator or an arrangement in force."""

    conduct: str | None = Field(None, description='"a -> b", or "* -> b": the sum over all; friendly is positive')
    issue: str | None = None
    hostile: bool = Field(False, description="count only the hostile part (as a positive number)")
    indicator: str | None = Field(None, description="its excess over its reference, value/reference - 1")
    arrangement: str | None = None
    effect: Effect = Field(
        description="change a month per unit of the driver: relative or absolute, as the indicator's `scale` says"
    )


class Indicator(Strict):
    """A physical quantity with a unit that the actors watch."""

    value: NonNegative
    unit: str
    reference: float = Field(gt=0, description="the level at which there is no grievance")
    issue: str
    responsible: str | None = Field(None, description="the actor whom others blame for it")
    growth: Growth = Field(0.0, description='relative change: "0.01 per month" or "5 % per year"')
    rest: NonNegative | None = Field(None, description="the level it returns to, with `half_life`")
    half_life: str | None = Field(None, description='"12 months"')
    floor: Finite = 0.0
    ceiling: Finite | None = None
    scale: Literal["relative", "absolute"] = Field(
        "relative", description="how drivers act; a shift of a move in % is always of the present value"
    )
    driven_by: list[Driver] = Field(default_factory=list)
    about: str = ""


class ScheduledMove(Strict):
    """A move that an actor makes on a date, whatever the state."""

    date: Date
    actor: str
    move: str
    issue: str | None = None
    target: str | None = Field(None, description="default: the other principal")
    about: str = ""


class Numbers(Strict):
    """What a change may set: numbers of actors, of mechanisms that are on, and of the engine."""

    actors: dict[str, ActorPatch] = Field(default_factory=dict)
    mechanisms: dict[str, dict[str, Number]] = Field(default_factory=dict)
    parameters: dict[str, Number] = Field(default_factory=dict)


class Alternative(Strict):
    """One of several ways a change may turn out; one is drawn per run."""

    chance: float = Field(ge=0, le=1)
    label: str = ""
    set: dict[str, Any] = Field(default_factory=dict)
    leader: str | None = Field(None, description="a new leader for the change's actor")


class Change(Strict):
    """Something that changes on a date: attributes, a leader, parameters."""

    date: Date
    actor: str | None = None
    leader: str | None = None
    set: dict[str, Any] = Field(default_factory=dict)
    one_of: list[Alternative] = Field(default_factory=list)
    label: str = ""
    luck: str | None = Field(
        None,
        min_length=1,
        description="name by which it draws; changes of one name share it, in other files too",
    )


class Outlook(Strict):
    """A branch of the scenario, compared with the others under common random numbers."""

    title: str = ""
    about: str = ""
    set: dict[str, Any] = Field(default_factory=dict)
    schedule: list[ScheduledMove] = Field(default_factory=list, description="added to the scenario's")
    changes: list[Change] = Field(default_factory=list, description="added to the scenario's")


class EventSpec(Condition):
    """What a report counts: a condition of its own name."""


def election_kind(value: Any) -> str:
    """Which branch of an election a raw value takes: one date or several."""
    return "list" if isinstance(value, list) else "date"


def mechanism_kind(value: Any) -> str:
    """Which branch of a mechanism a raw value takes: a switch or its parameters."""
    return "parameters" if isinstance(value, dict) else "switch"


Elections = Annotated[Annotated[Date, Tag("date")] | Annotated[list[Date], Tag("list")], Discriminator(election_kind)]
Mechanism = Annotated[
    Annotated[Literal["on", "off"], Tag("switch")] | Annotated[dict[str, Number], Tag("parameters")],
    Discriminator(mechanism_kind),
]


class ScenarioFile(Strict):
    """A whole scenario, after `extends`, leaders and an outlook have been merged in."""

    tensionsim: Literal[1]
    title: str
    about: str = ""
    start: Date
    end: Date
    step: StepName = "week"
    history: str | None = None
    principals: Pair[str]
    issues: dict[Name, Issue] = Field(min_length=1, max_length=MOST_ISSUES)
    actors: dict[Name, Actor] = Field(min_length=2, max_length=MOST_ACTORS)
    leaders: dict[Name, ActorPatch] = Field(default_factory=dict)
    moves: dict[Name, MoveSpec] = Field(default_factory=dict)
    arrangement_kinds: dict[Name, ArrangementSpec] = Field(default_factory=dict)
    arrangements: list[InForce] | None = Field(
        None, description="in force at the start; default: what the history leaves in force, or none"
    )
    indicators: dict[Name, Indicator] = Field(default_factory=dict)
    schedule: list[ScheduledMove] = Field(default_factory=list)
    changes: list[Change] = Field(default_factory=list)
    elections: dict[str, Elections] = Field(default_factory=dict)
    mechanisms: dict[str, Mechanism] = Field(default_factory=dict)
    parameters: dict[str, Number] = Field(
        default_factory=dict, description="of the engine: see `tensionsim mechanisms`"
    )
    outlooks: dict[Name, Outlook] = Field(default_factory=dict, max_length=MOST_OUTLOOKS)
    events: dict[Label, EventSpec] = Field(default_factory=dict)


TAKEN = ("point", "date", "statistic", "mean", "q05", "q25", "median", "q75", "q95")
TAKEN_BEGINNINGS = ("index_", "difference", "regime_", "months_", "event_")
"""Names and beginnings of names that columns of outcomes have."""


def short_names(texts: Sequence[str]) -> tuple[str, ...]:
    """As few of the last keys of each path as tell it from the others, as names that Python takes.

    >>> short_names(["actors.bogota.insulation", "actors.*.rhetoric"])
    ('insulation', 'rhetoric')
    >>> short_names(["actors.bogota.rhetoric", "actors.washington.rhetoric"])
    ('bogota_rhetoric', 'washington_rhetoric')
    """
    keys = [_keys(text) for text in texts]
    lengths = [1] * len(keys)
    while wanting := _wanting([_name(parts, length) for parts, length in zip(keys, lengths, strict=True)]):
        longer = [place for place in wanting if lengths[place] < len(keys[place])]
        if not longer:
            break
        for place in longer:
            lengths[place] += 1
    names = [_name(parts, length) for parts, length in zip(keys, lengths, strict=True)]
    wanting = _wanting(names)
    return tuple(f"factor_{place}_{name}" if place in wanting else name for place, name in enumerate(names))


def _keys(text: str) -> tuple[str, ...]:
    try:
        parts = parse(text)
    except NoPath:
        parts = (text,)
    return tuple("all" if part == ANY else part for part in parts)


def _name(parts: tuple[str, ...], length: int) -> str:
    return re.sub(r"\W+", "_", "_".join(parts[-length:])).strip("_")


def _wanting(names: Sequence[str]) -> list[int]:
    """Places of names that are another's or an outcome's, or that Python does not take."""
    return [
        place
        for place, name in enumerate(names)
        if names.count(name) > 1 or name in TAKEN or name.startswith(TAKEN_BEGINNINGS) or not name.isidentifier()
    ]
