"""Tables of a briefing, measured from results and files, and the forms in which sentences write their cells.

What a sentence takes from a table is a fact, which knows the cell that it comes from. In a template a fact is a mark,
which `Tables.line` reads back; a digit in the words around it is a slip of who wrote them and is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from pandas import isna

from tensionsim.analysis.compare import Comparison, ends_again
from tensionsim.analysis.effects import Effects
from tensionsim.analysis.elements import Mixture, Speech, at, capital
from tensionsim.analysis.signs import LEAST_RUNS as LEAST_ENDING, SURE, EarlySigns
from tensionsim.errors import SelectionError
from tensionsim.events.history import names as curated, observed, scored_as
from tensionsim.model.catalogue import labels
from tensionsim.model.measures import DEEP, REGIME_NAMES, REGIMES, regime_of
from tensionsim.runs import statistics
from tensionsim.runs.results import directed_tension
from tensionsim.runs.statistics import Divergence, occurrence, over_runs, plain, settings, shares, shares_of
from tensionsim.runs.store import versions
from tensionsim.scenario.names import history_of
from tensionsim.scenario.quantities import is_distribution, months, parse
from tensionsim.scenario.schema import EventSpec
from tensionsim.scenario.yaml_tree import printable

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
    speech: Speech = field(default_factory=lambda: Speech({}))
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
        return self.quote(capital(self.speech.words(name)) if first else self.speech.words(name))

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

    def rows(self, table: str) -> Mapping[str, Mapping[str, Cell]]:
        """The rows of a table, none where it is not there."""
        return self.cells.get(table, {})

    def ranked(self, table: str, column: str) -> list[str]:
        """Rows of a table, the least number in a column first."""
        return sorted(self.rows(table), key=lambda row: self.number(table, row, column))


def text_of(line: Line) -> str:
    """A line as plain text."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in line)


MOST_DIFFERENCES = 3
"""Outlooks beside the baseline of which each gets a figure of its difference."""


class Subject:
    """One ensemble, or several outlooks beside a baseline, with the effects of what differs or is dated.

    differences : the outlooks whose difference has a figure, by the name of the figure.
    """

    def __init__(self, comparison: Comparison, command: str = "") -> None:
        self.comparison, self.command = comparison, command
        self.effects: dict[str, Effects] = {}
        self.results, self.baseline, self.others = comparison.results, comparison.baseline, comparison.names
        self.order, self.base = (self.baseline, *self.others), self.results[self.baseline]
        self.file = self.base.scenario.file
        self.actor = self.file.called
        few = self.others if len(self.others) <= MOST_DIFFERENCES else ()
        self.differences = {f"difference {letter}": name for letter, name in zip("abc", few, strict=False)}

    @property
    def key(self) -> str:
        """The event that a reader asks about first: that the index stays low, the longer the better; else crisis."""
        low = {name: spec.for_ or "" for name, spec in self.file.events.items() if _is_low(spec)}
        return max(low, key=lambda name: months(low[name]) if low[name] else 0.0, default=DEEP)


def _is_low(spec: EventSpec) -> bool:
    """Whether an event says that the index is below a bound."""
    said = spec.cooperation or ""
    is_below = said.startswith("below") or (said == "index" and spec.below is not None and spec.above is None)
    return is_below and spec.issue is None and not (spec.all or spec.any or spec.none)


UNSAID = "–"
MOVERS, LAST_MOVES, MOST_DIFFERING = 6, 4, 14
"""Largest parts of the ledger, observed moves before the start and assumptions that are told."""


def measured(subject: Subject, signs: EarlySigns | None) -> Tables:
    """All tables of a briefing; sentences take their numbers from these, and add what they quote."""
    tables = Tables(speech=Speech.of(subject.base.scenario))
    _setting(tables, subject)
    for name in subject.order:
        _index(tables, subject, name)
        _events(tables, subject, name)
        _issues(tables, subject, name)
        _sides(tables, subject, name)
        if name != subject.baseline:
            _difference(tables, subject.comparison, name)
    for place, mover in enumerate(subject.base.movers(MOVERS)):
        tables.put("movers", str(place), **mover)
    for name, found in subject.effects.items():
        _effects(tables, subject, name, found)
    if signs is not None:
        _signs(tables, signs)
    _past(tables, subject)
    _due(tables, subject)
    _assumptions(tables, subject)
    _provenance(tables, subject)
    return tables


def _setting(tables: Tables, subject: Subject) -> None:
    index = subject.base.record.cooperation
    values: dict[str, Cell] = {
        "start": str(subject.comparison.dates[0]),
        "end": str(subject.comparison.dates[-1]),
        "runs": len(subject.comparison.runs),
        "first run": subject.comparison.runs.start,
        "seed": subject.base.seed,
        "confidence": statistics.CONFIDENCE,
        "deep bound": REGIMES[1][1],
        "least runs": statistics.LEAST_RUNS,
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
        cells = dict(zip(statistics.STATISTICS, over_runs(index[row]).tolist(), strict=True))
        cells["regime"] = REGIME_NAMES[int(np.bincount(regime_of(index[row])).argmax())]
        tables.put("index", name, **{f"{what} at {when}": value for what, value in cells.items()})
    for regime, share in zip(REGIME_NAMES, shares_of(regime_of(index[-1:]))[0], strict=True):
        tables.put("regimes", regime, **{f"{name}: at end": float(share)})


def _difference(tables: Tables, comparison: Comparison, name: str) -> None:
    spread, ever = comparison.band(name), comparison.parting.loc[name]
    parted = zip(("first difference", "first apart", "apart to the end"), ever[[*Divergence._fields]], strict=True)
    ends = comparison.ends_above.loc[(name, comparison.baseline)].to_dict()
    tables.put(
        "difference",
        name,
        mean=float(spread.mean[-1]),
        low=plain(spread.point_low[-1]),
        high=plain(spread.point_high[-1]),
        ever=float(ever["differing_runs"]),
        **{str(what): float(share) for what, share in ends.items()},
        **{what: None if isna(day) else f"{day:%Y-%m-%d}" for what, day in parted},
    )


def _events(tables: Tables, subject: Subject, name: str) -> None:
    for event in dict.fromkeys((*subject.comparison.event_names, DEEP)):
        here = subject.comparison.event_of(name, event)
        if here is None:
            continue
        found = occurrence(here, subject.comparison.dates, subject.base.step_months)
        ended = ends_again(here)[here.any(axis=0)]
        columns: dict[str, Cell] = {
            "ever": found.probability,
            "error": found.standard_error,
            "at end": float(here[-1].mean()),
            "at start": float(here[0].mean()),
            "first": None if found.median_first_date is None else str(found.median_first_date),
            "months": found.mean_months,
            "runs": found.runs,
            "ended": float(ended.mean()) if found.runs else None,
            "until it ends": found.median_recovery_months,
        }
        there = None if name == subject.baseline else subject.comparison.event_of(subject.baseline, event)
        if there is not None:
            paired = shares(here.any(axis=0), there.any(axis=0))
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
            spread = subject.comparison.band_of((values - subject.comparison.issue_of(subject.baseline, issue))[-1:])
            columns |= {"difference": float(spread.mean[0])}
            columns |= {"low": plain(spread.point_low[0]), "high": plain(spread.point_high[0])}
        tables.put("issues", issue, **{f"{name}: {what}": value for what, value in columns.items()})


def _sides(tables: Tables, subject: Subject, name: str) -> None:
    """Who is harsher at the end, and how much room the side that depends more has."""
    results, cut = subject.results[name], partial(subject.comparison.cut, name)
    directions, tension = directed_tension(results)
    (one, here), (other, there) = ((who.split(" -> ")[0], cut(tension[:, row])) for row, who in enumerate(directions))
    room = cut(results.record.room)
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


def _effects(tables: Tables, subject: Subject, name: str, found: Effects) -> None:
    """The effects of elements, and summed by attribute; errors of sums are at most the sums of errors."""
    about = ("quantity", "unit", "base", "whole", "total", "runs", "worlds", "method", "of")
    tables.put("effects of", name, **{what: getattr(found, what) for what in about})
    sums: dict[str, tuple[float, float]] = {}
    for place, row in enumerate(found.table.to_dict("records")):
        words = element_words(subject, row["element"])
        what, _, change = words.partition(": ")
        becomes = change.partition(" → ")[2]
        is_value = bool(becomes) and "(" not in becomes
        tables.put(
            f"effects: {name}", str(place), element=row["element"], effect=row["effect"], error=row["standard_error"],
            alone=row["leave_one_out"], what=what if is_value else words, becomes=becomes if is_value else None,
        )  # fmt: skip
        path = row["element"].partition(": ")[0].split(".")
        attribute = path[2] if path[0] == "actors" and len(path) > 2 else row["element"]
        effect, error = sums.get(attribute, (0.0, 0.0))
        sums[attribute] = (effect + row["effect"], error + row["standard_error"])
    if subject.others and len(found.table) > 1:
        for attribute in sorted(sums, key=lambda one: -abs(sums[one][0])):
            tables.put(f"attributes: {name}", attribute, effect=sums[attribute][0], error=sums[attribute][1])


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


def _past(tables: Tables, subject: Subject) -> None:
    """What was observed before the start; of the last moves between the two, as told or else what their codes mean."""
    file, sides = subject.file, set(subject.file.principals)
    if (history := history_of(file)) is None:
        return
    past, known = history.until(file.start - dt.timedelta(days=1)), labels()
    tables.put("setting", "observed moves", value=len(past), name=past.name)
    if file.history in curated():
        seen = (one.confidence in ("seen", "derived") and one.date < file.start for one in observed(str(file.history)))
        tables.put("setting", "observed moves with a source", value=sum(seen))
    pairs = zip(past.actor.tolist(), past.target.tolist(), strict=True)
    between = [row for row, (a, b) in enumerate(pairs) if {past.actors[a], past.actors[b]} <= sides]
    for place, row in enumerate(between[-LAST_MOVES:]):
        meant = known[scored_as(str(past.cameo[row]), known)].lower()
        told = str(past.description[row]) or f"{subject.actor(past.actors[past.actor[row]])}: {meant}"
        tables.put("history", str(place), date=str(past.dates[row]), told=told)


def _due(tables: Tables, subject: Subject) -> None:
    """What the file lets happen on a date, whatever the state: scheduled moves, changes with their ways, elections."""
    file = subject.file
    found = [(move.date, move.actor, move.move) for move in file.schedule]
    for number, change in enumerate(file.changes):
        label = change.label or file.called(change.leader or "") or "a change"
        found.append((change.date, change.actor or "", label))
        if change.one_of:
            tables.put("chances", f"{number}", date=change.date.isoformat(), label=label)
        for place, one in enumerate(change.one_of):
            way = one.label or file.called(one.leader or "") or "another way"
            tables.put("chances", f"{number}, {place}", chance=one.chance, label=way)
    for actor, days in file.elections.items():
        found += [(day, actor, "election") for day in (days if isinstance(days, list) else [days])]
    first, last = (day.item() for day in subject.comparison.dates[[0, -1]])
    inside = sorted((one for one in found if first <= one[0] <= last), key=lambda one: one[0])
    for place, (day, actor, what) in enumerate(inside):
        tables.put("due", str(place), date=day.isoformat(), actor=actor or None, what=what)


def _assumptions(tables: Tables, subject: Subject) -> None:
    """What the files say otherwise than the baseline's, and what the baseline's leaves open."""
    rows: dict[str, dict[str, Cell]] = {}
    for name in subject.others:
        for label, before, after in _differences(subject, name):
            rows.setdefault(label, {subject.baseline: before})[name] = after
    for label, said in list(rows.items())[:MOST_DIFFERING]:
        tables.put("assumptions", label, **said)
    if rows:
        tables.put("setting", "differences not shown", value=max(0, len(rows) - MOST_DIFFERING))
    for name, spec in subject.file.indicators.items():
        tables.put("indicators", name, value=float(parse(spec.value).mean))
    for actor, patch in subject.file.actors.items():
        said_of = patch.model_dump(exclude_none=True, by_alias=True)
        for path, shown in _distributions(said_of, f"{subject.actor(actor)}'s"):
            tables.put("left open", path, value=shown)


def _differences(subject: Subject, name: str) -> Iterator[tuple[str, str, str]]:
    """What is assumed, the baseline's value and the outlook's, of each difference of two files."""
    try:
        mixed = Mixture(*(subject.results[one].scenario for one in (subject.baseline, name)))
    except SelectionError:
        return
    for one in mixed.everything:
        keys = one.places[0]
        if len(one.places) > 1 or keys[0] in ("schedule", "changes"):
            yield element_words(subject, one.label), "no", "yes"
        else:
            before, after = (_shown(at(said, keys)) for said in mixed.said)
            yield element_words(subject, ".".join(map(str, keys))), before, after


def _shown(value: Any) -> str:
    if is_distribution(value):
        return re.sub(r"(?<!\S)-(?=\d)", MINUS, re.sub(r" of [\d,]+ values \(\w+\)$", "", str(parse(value))))
    if isinstance(value, Mapping):
        return "as in its file"
    return UNSAID if value is None else str(plain(value))


def _distributions(tree: Any, path: str) -> Iterator[tuple[str, str]]:
    """Numbers that a file leaves open within a range, by their paths in words."""
    if is_distribution(tree):
        yield path, _shown(tree)
    elif isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _distributions(value, f"{path} {str(key).replace('_', ' ')}")


def _provenance(tables: Tables, subject: Subject) -> None:
    """Scenarios, hashes and versions; what the comparison and the scenarios note of themselves, without folders."""
    notes = list(subject.comparison.notes)
    for name in subject.order:
        scenario = subject.results[name].scenario
        branch = f"{scenario.name}, outlook {scenario.outlook}" if scenario.outlook else scenario.name
        said = f"{branch} {settings(scenario.values)}".strip()
        tables.put("provenance", name, sha256=scenario.sha256, scenario=said)
        notes += scenario.notes
    for what, version in versions().items():
        tables.put("versions", what, version=version)
    told = list(dict.fromkeys(re.sub(r"\S*[/\\](?=[\w.-]+\.ya?ml)", "", note).rstrip(".") for note in notes))
    for place, note in enumerate(told):
        tables.put("notes", str(place), note=note.replace("_", " "))


ATTRIBUTES = {"rhetoric": "level of rhetoric", "insulation": "separation of tracks", "attention": "share of attention"}
"""Attributes of actors that a reader would take for something else, outlooks among it, by their bare names."""

DATED = re.compile(r"(\d{4}-\d\d-\d\d)(?: ([\w-]+)(?: -> ([\w-]+))?)?: (.*)")
"""The label of an element that has a date: day, actor, target, what."""


def attribute_words(name: str) -> str:
    """An attribute of an actor as a reader would call it."""
    return ATTRIBUTES.get(name, name.replace("_", " "))


def element_words(subject: Subject, element: str) -> str:
    """The label of an element in words: "Washington's rhetoric: 0.9 → 0.45", "Norland: seize trawler (3 June 2030)"."""
    leaders = {name: subject.file.called(name) for name in subject.file.leaders}

    def words(what: str) -> str:
        return " → ".join(leaders.get(one, one.replace("_", " ")) for one in what.split(" -> "))

    if dated := DATED.fullmatch(element):
        day, who, target, what = dated.groups()
        towards = f" to {subject.actor(target)}" if target else ""
        whose = f"{subject.actor(who)}{towards}: " if who else ""
        return f"{whose}{words(what)} ({_date(day)})"
    path, colon, what = element.partition(": ")
    keys = path.split(".")
    if keys[0] == "actors" and len(keys) > 2:
        path = f"{subject.actor(keys[1])}'s {' '.join(attribute_words(key) for key in keys[2:])}"
    return f"{leaders.get(path, path)}{colon}{words(what)}"


def is_apart(effect: float, error: float) -> bool:
    """Whether an effect with so great a standard error is told from none."""
    return abs(effect) > SURE * error > 0.0
