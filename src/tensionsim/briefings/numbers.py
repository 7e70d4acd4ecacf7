"""Numbers of a briefing: the tables measured from results, and the forms in which sentences write their cells.

What a sentence takes from a table is a fact, which knows the cell that it comes from. In a template a fact is a mark,
which `Tables.line` reads back; a digit in the words around it is a slip of who wrote them and is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.analysis.compare import Comparison, ends_again, ever_holds
from tensionsim.analysis.elements import ABBREVIATIONS, PROPER, Speech
from tensionsim.analysis.paired import CONFIDENCE, LEAST_RUNS, band, shares
from tensionsim.model.measures import DEEP, REGIMES, is_deep, regime_of
from tensionsim.model.record import Bools
from tensionsim.runs.results import directed_tension
from tensionsim.runs.statistics import STATISTICS, occurrence, over_runs, plain, shares_of
from tensionsim.scenario.yaml_tree import printable

if TYPE_CHECKING:
    from tensionsim.analysis.effects import Effects
    from tensionsim.analysis.signs import EarlySigns
    from tensionsim.scenario.schema import EventSpec

Value = float | int | str
Cell = Value | None

FIXED = "\u00a0"
"""A space at which no line breaks."""

MINUS = "\u2212"


def _percent(value: Value) -> str:
    share = float(value)
    shown = f"{100 * share:.1f}" if 0.0 < share < 0.05 or 0.95 < share < 1.0 else f"{100 * share:.0f}"
    if share > 0.0 and shown == "0.0":
        return f"under 0.1{FIXED}%"
    if share < 1.0 and shown == "100.0":
        return f"over 99.9{FIXED}%"
    return f"{shown}{FIXED}%"


def _percentage_points(value: Value) -> str:
    points = abs(100 * float(value))
    return _counted(f"{points:.1f}" if points < 2.0 else f"{points:.0f}", "percentage point")


def _counted(shown: str, unit: str) -> str:
    return f"{shown}{FIXED}{unit}{'' if shown == '1' else 's'}"


def _signed(value: Value, decimals: int) -> str:
    shown = f"{float(value):+.{decimals}f}".replace("-", MINUS)
    return shown[1:] if float(shown[1:]) == 0.0 else shown


def _date(value: Value) -> str:
    day = dt.date.fromisoformat(str(value))
    return f"{day.day}{FIXED}{day:%B}{FIXED}{day.year}"


FORMS: Mapping[str, Callable[[Value], str]] = {
    # A share, with a decimal near none and all; the size of a difference of shares.
    "percent": _percent,
    "percentage_points": _percentage_points,
    # The size of a difference of the index, with its unit and without; with its sign, which zero has not.
    "points": lambda value: _counted(f"{abs(float(value)):.1f}", "point"),
    "size": lambda value: f"{abs(float(value)):.1f}",
    "signed": lambda value: _signed(value, 1),
    "signed_two": lambda value: _signed(value, 2),
    "two_decimals": lambda value: f"{float(value):.2f}",
    # A number of the index, without decimals; one that counts; a bound, as people write it.
    "whole": lambda value: f"{float(value):z.0f}",
    "count": lambda value: f"{int(value):,}",
    "runs": lambda value: _counted(f"{int(value):,}", "run"),
    "figure": lambda value: f"{float(value):,.10g}".replace("-", MINUS),
    # The least whole number above a bound, the greatest below it.
    "at_least": lambda value: f"{int(float(value) // 1) + 1:,}",
    "at_most": lambda value: f"{-int(-float(value) // 1) - 1:,}",
    # A time: to one decimal, without one where it is a whole number; an ISO date, as in 7 August 2026.
    "months": lambda value: _counted(f"{float(value):.1f}".removesuffix(".0"), "month"),
    "date": _date,
    # Words as they are, and set apart, as names of outlooks; the letters of a hash that tell two scenarios apart.
    "text": str,
    "emphasis": str,
    "short_hash": lambda value: str(value)[:12],
}
"""How a value is written, by the name that templates call it by. What is written depends on the value alone."""

SCALE: tuple[tuple[str, float, float], ...] = (
    ("almost no chance", 0.0, 0.05),
    ("very unlikely", 0.05, 0.20),
    ("unlikely", 0.20, 0.45),
    ("roughly even chance", 0.45, 0.55),
    ("likely", 0.55, 0.80),
    ("very likely", 0.80, 0.95),
    ("almost certain", 0.95, 1.0),
)
"""Words for a chance, with the least share that each means and the share from which on the next one is meant.

References
----------
Office of the Director of National Intelligence (2015). Intelligence Community Directive 203: Analytic Standards. Its
seven terms and bounds; what lies on a bound counts as above it, and the ends, which it leaves open, are counted out.
"""


def word(share: float) -> str:
    """The word for a share of the runs, in [0, 1]."""
    return next((name for name, _, bound in SCALE if share < bound), SCALE[-1][0])


@dataclass(frozen=True, slots=True)
class Fact:
    """A cell of a table, as it is written: `text` is `FORMS[form]` of its value."""

    text: str
    form: str
    table: str
    row: str
    column: str

    @property
    def is_text(self) -> bool:
        """Whether it is words, not a number or a date."""
        return self.form in ("text", "emphasis")


Line = tuple[str | Fact, ...]
MARK = re.compile("\x02(\\d+)\x03")
TEXTS = "texts"
"""The table of what is quoted from a scenario: titles, names, descriptions."""


@dataclass(slots=True)
class Tables:
    """The tables of a briefing: table, row, column, value. Facts are made from what they hold alone."""

    cells: dict[str, dict[str, dict[str, Cell]]] = field(default_factory=dict)
    proper: Mapping[str, str] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)

    def put(self, table: str, row: str, **columns: Cell) -> None:
        """Writes cells; names of columns may hold any letters when given as `**{name: value}`."""
        self.cells.setdefault(table, {}).setdefault(row, {}).update(columns)

    def value(self, table: str, row: str, column: str = "value") -> Cell:
        try:
            return self.cells[table][row][column]
        except KeyError:
            raise LookupError(f"there is no cell {table}, {row}, {column}") from None

    def number(self, table: str, row: str, column: str = "value") -> float:
        """The value of a cell that holds a number."""
        found = self.value(table, row, column)
        if found is None or isinstance(found, str):
            raise TypeError(f"{table}, {row}, {column} holds {found!r}, which is no number")
        return float(found)

    def has(self, table: str, row: str, column: str = "value") -> bool:
        """Whether there is such a cell, and not an empty one."""
        return self.cells.get(table, {}).get(row, {}).get(column) is not None

    def write(self, form: str, table: str, row: str, column: str = "value") -> str:
        """The mark of a cell in a form."""
        found = self.value(table, row, column)
        if found is None:
            raise TypeError(f"{table}, {row}, {column} is empty")
        self.facts.append(Fact(FORMS[form](found), form, table, row, column))
        return f"\x02{len(self.facts) - 1}\x03"

    def quote(self, words: str, form: str = "text") -> str:
        """The mark of words that are not ours: a title, a name, a description."""
        shown = " ".join(printable(words).split())
        self.put(TEXTS, shown, text=shown)
        return self.write(form, TEXTS, shown, "text")

    def named(self, name: str, *, first: bool = False) -> str:
        """The mark of a name of the model as a reader would write it; with a capital where it is the first word."""
        shown = re.sub(r"[\w-]+", lambda match: self.proper.get(match[0], match[0]), name.replace("_", " "))
        return self.quote(shown[:1].upper() + shown[1:] if first else shown)

    def line(self, written: str) -> Line:
        """What a template wrote, on one line, its marks read back as facts; ValueError where the words hold a digit."""
        shown = re.sub(r"[ \t\n]+", " ", written).strip()
        shown = re.sub(r" (?=[,.;:)?!])|(?<=\() ", "", shown)
        pieces: list[str | Fact] = []
        for place, piece in enumerate(MARK.split(shown)):
            if place % 2:
                pieces.append(self.facts[int(piece)])
            elif re.search(r"\d", piece):
                raise ValueError(f"a number stands in {piece.strip()!r}; numbers come from tables")
            elif piece:
                pieces.append(piece)
        return tuple(pieces)

    def rewritten(self, fact: Fact) -> str:
        """What the cell of a fact says now, in the form of the fact; empty where it says nothing."""
        found = self.cells.get(fact.table, {}).get(fact.row, {}).get(fact.column)
        return "" if found is None else FORMS[fact.form](found)


def text_of(line: Line) -> str:
    """A line as plain text."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in line)


class Subject:
    """One ensemble, or several outlooks beside a baseline, with the effects of what differs or is dated."""

    def __init__(self, comparison: Comparison, effects: Mapping[str, Effects] | None = None, command: str = "") -> None:
        self.comparison, self.effects, self.command = comparison, effects or {}, command
        self.results, self.baseline, self.others = comparison.results, comparison.baseline, comparison.names
        self.order, self.base = (self.baseline, *self.others), self.results[self.baseline]
        self.file = self.base.scenario.file
        self.actor = self.file.called

    def event_of(self, name: str, event: str) -> Bools | None:
        """Whether an event holds, shape (date, run); None where the outlook does not count it."""
        if event == DEEP and DEEP not in self.results[name].names.events:
            return is_deep(self.comparison.index_of(name))
        return self.comparison.event_of(name, event)

    @property
    def key(self) -> str:
        """The event that a reader asks about first: that the index stays low, the longer the better; else crisis."""
        from tensionsim.scenario.quantities import months as months_of

        low = {name: spec for name, spec in self.file.events.items() if _is_low(spec)}
        lasting = {name: months_of(spec.for_) for name, spec in low.items() if spec.for_}
        return max(lasting, key=lambda name: lasting[name]) if lasting else next(iter(low), DEEP)


def _is_low(spec: EventSpec) -> bool:
    """Whether an event says that the index is below a bound."""
    said = spec.cooperation or ""
    is_below = said.startswith("below") or (said == "index" and spec.below is not None and spec.above is None)
    return is_below and spec.issue is None and not (spec.all or spec.any or spec.none)


SURE = 1.96
"""Standard errors beyond which a difference is told from none."""

MOVERS = 6
LEAST_ENDING = 20
"""Runs that must end so, and otherwise, before signs are told of."""


def measured(subject: Subject, signs: EarlySigns | None) -> Tables:
    """All tables of a briefing; sentences take their numbers from these, and add what they quote."""
    proper = {word: word.upper() for word in ABBREVIATIONS}
    proper |= {**PROPER, **Speech.of(subject.base.scenario).actors}
    tables = Tables(proper=proper)
    _setting(tables, subject)
    for name in subject.order:
        _index(tables, subject, name)
        _events(tables, subject, name)
        _issues(tables, subject, name)
        _sides(tables, subject, name)
        if name != subject.baseline:
            _difference(tables, subject.comparison, name)
    for place, mover in enumerate(subject.base.movers(MOVERS)):
        tables.put("movers", str(place), actor=mover["actor"], what=mover["what"], points=mover["points"])
    for name, found in subject.effects.items():
        _effects(tables, name, found)
    if signs is not None:
        _signs(tables, signs)
    return tables


def _setting(tables: Tables, subject: Subject) -> None:
    index = subject.base.record.cooperation
    values: dict[str, Cell] = {
        "start": str(subject.comparison.dates[0]),
        "end": str(subject.comparison.dates[-1]),
        "runs": len(subject.comparison.runs),
        "first run": subject.comparison.runs.start,
        "seed": subject.base.seed,
        "confidence": CONFIDENCE,
        "deep bound": REGIMES[1][1],
        "least runs": LEAST_RUNS,
        "change": float(index[-1].mean() - index[0].mean()),
    }
    if subject.effects:
        values["worlds"] = sum(found.worlds for found in subject.effects.values())
    for name, value in values.items():
        tables.put("setting", name, value=value)
    below = 0.0
    for name, bound in REGIMES:
        tables.put("bounds", name, **{"from": below, "to": min(bound, 100.0)})
        below = bound
    for name, low, high in SCALE:
        tables.put("scale", name, **{"from": low, "to": high})


def _index(tables: Tables, subject: Subject, name: str) -> None:
    index = subject.comparison.index_of(name)
    for when, row in (("start", 0), ("end", -1)):
        found = over_runs(index[row])
        tables.put("index", name, **{f"{what} at {when}": float(found[at]) for at, what in enumerate(STATISTICS)})
        regime = int(np.bincount(regime_of(index[row]), minlength=len(REGIMES)).argmax())
        tables.put("index", name, **{f"regime at {when}": REGIMES[regime][0]})
    for (regime_name, _), share in zip(REGIMES, shares_of(regime_of(index[-1:]))[0], strict=True):
        tables.put("regimes", regime_name, **{f"{name}: at end": float(share)})


def _difference(tables: Tables, comparison: Comparison, name: str) -> None:
    paired, spread, parted = comparison.paired(name), comparison.band(name), comparison.parting_of(name)
    last, parts = paired[-1], ("first difference", "first apart", "apart to the end")
    rows = (parted.first_difference, parted.first_apart, parted.apart_to_end)
    tables.put(
        "difference",
        name,
        mean=float(spread.mean[-1]),
        low=plain(spread.point_low[-1]),
        high=plain(spread.point_high[-1]),
        above=float((last > 0).mean()),
        equal=float((last == 0).mean()),
        below=float((last < 0).mean()),
        ever=float((paired != 0).any(axis=0).mean()),
        **{what: None if row is None else str(comparison.dates[row]) for what, row in zip(parts, rows, strict=True)},
    )


def _events(tables: Tables, subject: Subject, name: str) -> None:
    for event in dict.fromkeys((*subject.comparison.event_names, DEEP)):
        here = subject.event_of(name, event)
        if here is None:
            continue
        found = occurrence(here, subject.comparison.dates, subject.base.step_months)
        ended = ends_again(here)[ever_holds(here)]
        columns: dict[str, Cell] = {
            "ever": found.probability,
            "error": found.standard_error,
            "at end": float(here[-1].mean()),
            "at start": float(here[0].mean()),
            "first": None if found.first is None else str(found.first),
            "months": found.months,
            "runs": found.runs,
            "ended": float(ended.mean()) if found.runs else None,
            "until it ends": found.recovery,
        }
        there = None if name == subject.baseline else subject.event_of(subject.baseline, event)
        if there is not None:
            paired = shares(ever_holds(here), ever_holds(there))
            columns |= {"difference": paired.difference, "difference error": paired.standard_error}
            columns |= {"only here": paired.only_here, "only baseline": paired.only_there}
        tables.put("events", event, **{f"{name}: {what}": value for what, value in columns.items()})


def _issues(tables: Tables, subject: Subject, name: str) -> None:
    results = subject.results[name]
    weights = subject.comparison.cut(name, results.record.weights)
    for place, issue in enumerate(subject.base.names.issues):
        values = subject.comparison.issue_of(name, issue)
        columns: dict[str, Cell] = {
            "start": float(values[0].mean()),
            "end": float(values[-1].mean()),
            "weight": float(weights[-1, results.names.issues.index(issue)].mean()),
            "place": place,
        }
        if name != subject.baseline:
            apart = values - subject.comparison.issue_of(subject.baseline, issue)
            spread = band(apart[-1:], seed=subject.base.seed, first_run=subject.comparison.runs.start)
            columns |= {"difference": float(spread.mean[0])}
            columns |= {"low": plain(spread.point_low[0]), "high": plain(spread.point_high[0])}
        tables.put("issues", issue, **{f"{name}: {what}": value for what, value in columns.items()})


def _sides(tables: Tables, subject: Subject, name: str) -> None:
    """Who is harsher at the end, and how much room the side that depends more has."""
    from tensionsim.scenario.distributions import parse

    results = subject.results[name]
    directions, tension = directed_tension(results)
    at = {who: subject.comparison.cut(name, tension[:, row]) for row, who in enumerate(directions)}
    (one, here), (other, there) = ((who.split(" -> ")[0], values) for who, values in at.items())
    room = subject.comparison.cut(name, results.record.room)
    columns: dict[str, Cell] = {
        f"tension of {one}": float(here[-1].mean()),
        f"tension of {other}": float(there[-1].mean()),
        f"{one} harsher": float((here[-1] > there[-1]).mean()),
        f"{other} harsher": float((there[-1] > here[-1]).mean()),
        "room at start": float(room[0].mean()),
        "room at end": float(room[-1].mean()),
    }
    for who, on in ((one, other), (other, one)):
        given = (results.scenario.file.actors[who].dependence or {}).get(on)
        columns[f"dependence of {who}"] = None if given is None else parse(given).mean
    tables.put("sides", name, **columns)


def _effects(tables: Tables, name: str, found: Effects) -> None:
    tables.put(
        "effects of", name, quantity=found.quantity, unit=found.unit, base=found.base, whole=found.whole,
        total=found.total, runs=found.runs, worlds=found.worlds, method=found.method, of=found.of,
    )  # fmt: skip
    for place, row in enumerate(found.table.to_dict("records")):
        tables.put(
            f"effects: {name}", str(place), element=row["element"], effect=row["effect"],
            error=row["standard_error"], alone=row["leave_one_out"],
        )  # fmt: skip


def _signs(tables: Tables, signs: EarlySigns) -> None:
    about: dict[str, Cell] = {
        "date": signs.date, "sign date": signs.sign_date, "months ahead": signs.ahead_months, "runs": signs.runs,
        "ending": signs.ending, "judged": signs.judged, "judged ending": signs.judged_ending, "least": LEAST_ENDING,
        "coin": 0.5,
    }  # fmt: skip
    if not signs.table.empty:
        about["certain"] = 1.0
    for what, value in about.items():
        tables.put("signs of", what, value=value)
    for row in signs.table.to_dict("records"):
        tables.put("signs", row["sign"], **{str(what): value for what, value in row.items()})


def is_apart(effect: float, error: float) -> bool:
    """Whether an effect with so great a standard error is told from none."""
    return abs(effect) > SURE * error > 0.0


def is_sure(tables: Tables, event: str, name: str) -> bool:
    """Whether the difference of an event's share to the baseline is told from none."""
    column = f"{name}: difference"
    return is_apart(tables.number("events", event, column), tables.number("events", event, f"{column} error"))
