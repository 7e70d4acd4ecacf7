"""The catalogue: what actors do (moves) and what stays in force until ended (arrangements).

Both are tables in `data/`, one row a thing, so that a researcher can read and extend them. Scores are
those of CAMEO codes on the scale of Goldstein (1992) as mapped to CAMEO (`data/goldstein.csv`).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from tensionsim.errors import CatalogueError

ANYONE: tuple[str, ...] = ("*",)

KINDS = ("verbal", "material")
OWN_QUANTITIES = ("stance", "rhetoric", "expectations")
"""What a move may shift besides indicators: see `Move.shifts`."""


@dataclass(frozen=True, slots=True)
class Shift:
    """How a move shifts a quantity: `amount`, absolute, or relative to an indicator's present value."""

    quantity: str
    amount: float
    is_relative: bool


@dataclass(frozen=True, slots=True)
class Move:
    """What an actor does in a channel.

    goldstein : in [-10, 10], conflict to cooperation. actors, targets, issues : names, or ("*",) for
    any. frequency : base weight in the choice, > 0. begins, ends : arrangements. needs : `third_party`, where it
    takes one. raises : matters that it opens between the two. answers : the way in
    which it answers an open matter. withdraws : matters of the mover's own, one of which must be open, that it takes
    back. barred_by : arrangements between the two, on any issue, that make it impossible. shifts : indicators by name,
    or `stance`, `rhetoric` (the mover's own, on the channel's issue), `expectations`.
    """

    name: str
    cameo: str
    goldstein: float
    kind: str
    track: str
    actors: tuple[str, ...]
    targets: tuple[str, ...]
    issues: tuple[str, ...]
    frequency: float
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    raises: tuple[str, ...] = ()
    answers: str = ""
    withdraws: tuple[str, ...] = ()
    barred_by: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()
    description: str = ""

    @property
    def is_material(self) -> bool:
        return self.kind == "material"

    def can_be_made(self, actor: str, target: str, issue: str) -> bool:
        """Whether `actor` can make it towards `target` on `issue`."""
        return _admits(self.actors, actor) and _admits(self.targets, target) and _admits(self.issues, issue)

    @property
    def presupposes(self) -> tuple[str, ...]:
        """Matters of the other side of which one must be open before it can be made; none where it needs none."""
        way = answers().get(self.answers)
        return way.matters if way is not None and way.presupposes else ()

    @property
    def settles(self) -> tuple[tuple[str, bool], ...]:
        """Matters that are closed by it, each with whether it is the mover's own."""
        way = answers().get(self.answers)
        answered = way.matters if way is not None and way.settles else ()
        return (*((name, bool(way and way.is_own)) for name in answered), *((name, True) for name in self.withdraws))

    def has_partner(self, actors: int, others: Collection[Move]) -> bool:
        """Whether there is what it needs among so many actors, the target of which can make the moves `others`."""
        is_asked = not self.presupposes or any({*one.raises} & {*self.presupposes} for one in others)
        return is_asked and (actors > 2 or not self.needs)


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of thing that a move opens between two actors on an issue, and that fades with a half-life in months."""

    name: str
    half_life: float
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A way of answering matters, the mover's own or the other's, which it may presuppose open, and settle."""

    name: str
    matters: tuple[str, ...]
    is_own: bool
    presupposes: bool
    settles: bool
    description: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What counts score / 10 (-10..10, by judgement) a month until ended; a mutual one both ways, by either's end."""

    name: str
    actors: tuple[str, ...]
    targets: tuple[str, ...]
    issues: tuple[str, ...]
    track: str
    score: float
    is_mutual: bool
    description: str = ""

    def can_hold(self, actor: str, target: str, issue: str) -> bool:
        """Whether `actor` can hold it towards `target` on `issue`."""
        return _admits(self.actors, actor) and _admits(self.targets, target) and _admits(self.issues, issue)

    def held_by(self, actor: str, target: str, issue: str) -> tuple[str, str, str] | None:
        """Who holds towards whom, on what (its only issue, if it has one), what `actor` begins; None if it cannot."""
        on = self.issues[0] if len(self.issues) == 1 and self.issues != ANYONE else issue
        admits = self.can_hold(actor, target, on)
        if self.is_mutual and (admits or self.can_hold(target, actor, on)):
            return min(actor, target), max(actor, target), on
        return (actor, target, on) if admits else None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Moves and arrangements by name."""

    moves: Mapping[str, Move] = field(default_factory=dict)
    arrangements: Mapping[str, Arrangement] = field(default_factory=dict)

    def with_own(self, moves: Mapping[str, Move], arrangements: Mapping[str, Arrangement]) -> Catalogue:
        """The catalogue with a scenario's own entries, which win over shipped ones of the same name."""
        return Catalogue({**self.moves, **moves}, {**self.arrangements, **arrangements})


def _admits(names: tuple[str, ...], name: str) -> bool:
    return names == ANYONE or name in names


def parse_shift(quantity: str, amount: str | float) -> Shift:
    """The shift that `amount` means: 0.05 (absolute) or "-2%" (of the present value)."""
    if isinstance(amount, str) and amount.strip().endswith("%"):
        return Shift(quantity, float(amount.strip().removesuffix("%")) / 100.0, True)
    return Shift(quantity, float(amount), False)


def _shifts(text: str) -> tuple[Shift, ...]:
    pairs = (part.split(":") for part in text.split(";") if part.strip())
    return tuple(parse_shift(quantity.strip(), amount.strip()) for quantity, amount in pairs)


@cache
def rows(name: str) -> Sequence[Mapping[str, str]]:
    """The rows of a table in `data/`, by column."""
    text = files("tensionsim").joinpath("data", name).read_text(encoding="utf-8")
    return tuple(MappingProxyType(row) for row in csv.DictReader(text.splitlines()))


_READ: Mapping[str, Callable[[str], object]] = {
    "str": str,
    "float": float,
    "bool": ("yes", "own").__contains__,
    "tuple[str, ...]": lambda text: tuple(text.split()),
    "tuple[Shift, ...]": _shifts,
}
"""How a column is read, by the type of what it is."""


def _things(kind: type[Any], table: str, **renamed: str) -> dict[str, Any]:
    """The rows of a table as things by name; `renamed` : columns of another name than the field."""
    return {
        row["name"]: kind(
            **{one.name: _READ[str(one.type)](row[renamed.get(one.name, one.name)]) for one in fields(kind)}
        )
        for row in rows(table)
    }


@cache
def matters() -> Mapping[str, Matter]:
    """The kinds of matter by name: `data/matters.csv`."""
    return _things(Matter, "matters.csv")


@cache
def answers() -> Mapping[str, Answer]:
    """The ways of answering by name: `data/answers.csv`."""
    return _things(Answer, "answers.csv", is_own="whose")


@cache
def goldstein() -> Mapping[str, float]:
    """The score of every CAMEO root and sub code, in [-10, 10].

    Goldstein, J. S. (1992). A conflict-cooperation scale for WEIS events data. Journal of Conflict
    Resolution 36, 369-385; in its mapping to CAMEO (`data/README.md` says which version).
    """
    return MappingProxyType({row["cameo"]: float(row["goldstein"]) for row in rows("goldstein.csv")})


@cache
def labels() -> Mapping[str, str]:
    """What every CAMEO root and sub code means, in a few words."""
    return MappingProxyType({row["cameo"]: row["label"] for row in rows("goldstein.csv")})


@cache
def shipped() -> Catalogue:
    """The catalogue that the package ships: `data/moves.csv` and `data/arrangements.csv`."""
    moves, arrangements = _things(Move, "moves.csv"), _things(Arrangement, "arrangements.csv", is_mutual="mutual")
    named = {name for move in moves.values() for name in (*move.begins, *move.ends, *move.barred_by)}
    if unknown := sorted(named - set(arrangements)):
        raise CatalogueError(f"moves.csv names arrangements that arrangements.csv lacks: {', '.join(unknown)}")
    return Catalogue(moves, arrangements)
