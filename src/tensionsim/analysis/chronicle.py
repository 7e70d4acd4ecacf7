"""The chronicle: one run told in the order of its dates, with why each thing was done and what it did to the index."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.analysis.contributions import reasons
from tensionsim.analysis.elements import HARDLY, LEANING_IS, Speech, capital, level, listed, words_of
from tensionsim.analysis.elements import effect as elements_effect
from tensionsim.analysis.elements import left as elements_left
from tensionsim.analysis.elements import reasons as elements_reasons
from tensionsim.analysis.elements import tone as elements_tone
from tensionsim.analysis.elements import weight as elements_weight
from tensionsim.analysis.worlds import Draw, Origin
from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import View, decide_all, step
from tensionsim.errors import SelectionError, whole
from tensionsim.model.ledger import Entry, entries
from tensionsim.model.measures import REGIMES, regime_of
from tensionsim.model.record import CAUSES, Names, Record
from tensionsim.rng import RandomStreams
from tensionsim.runs.results import Results
from tensionsim.runs.run import run as run_ensemble
from tensionsim.scenario.scenario import Scenario, scenario_of
from tensionsim.scenario.schema import Change

if TYPE_CHECKING:
    import pandas as pd

    from tensionsim.engine.world import Acts


Ledger = Callable[[int], Sequence[Entry]]
"""The entries of the run's ledger at a row of the dates."""


@dataclass(frozen=True, slots=True)
class Spell:
    """An arrangement in force without a break.

    place : of the arrangement in the record. kind, actor, target, issue : what its name says. first : row from which it
    is in force, 0 at the start. after : row from which it is so no longer, None where it lasts. points : what it adds
    to the index in the row it begins. peak : the most that it makes in any row of the spell, with its sign. left : of
    the first spell of an arrangement, all that it makes at the end; of later ones 0. is_alone : if there is but one.
    """

    place: int
    kind: str
    actor: str
    target: str
    issue: str
    first: int
    after: int | None
    points: float
    peak: float
    left: float
    is_alone: bool


def spells(record: Record, names: Names, ledger: Ledger) -> Iterator[Spell]:
    """All spells of the only run of a record, arrangement by arrangement."""
    in_force = record.in_force[:, :, 0]
    made = _Made(names, ledger, len(in_force))
    for place in np.flatnonzero(in_force.any(axis=0)).tolist():
        kind, pair, issue = names.arrangements[place].split(" | ")
        actor, target = pair.split(" -> ")
        points = made.of(place)
        left = points[-1]
        found = list(_stretches(in_force[:, place].tolist()))
        for first, after in found:
            begun = points[first] - points[first - 1] if first else 0.0
            peak = max(points[first:after], key=abs)
            yield Spell(place, kind, actor, target, issue, first, after, begun, peak, left, len(found) == 1)
            left = 0.0


def _stretches(stands: Sequence[bool]) -> Iterator[tuple[int, int | None]]:
    """First row of each unbroken stretch, and the row after its last; None where that is the end."""
    first = None
    for row, holds in enumerate(stands):
        if holds and first is None:
            first = row
        if not holds and first is not None:
            yield first, row
            first = None
    if first is not None:
        yield first, None


class _Made:
    """What arrangements make of the index, row by row."""

    def __init__(self, names: Names, ledger: Ledger, rows: int) -> None:
        self.names = names
        self.sums: list[dict[tuple[str, str, str, str], float]] = []
        for row in range(rows):
            sums: dict[tuple[str, str, str, str], float] = {}
            for entry in ledger(row):
                if entry.kind == "arrangement":
                    key = (entry.what, entry.actor, entry.target, entry.issue)
                    sums[key] = sums.get(key, 0.0) + entry.points
            self.sums.append(sums)

    def of(self, place: int) -> list[float]:
        """Points of an arrangement in every row, either direction of a mutual one."""
        kind, pair, issue = self.names.arrangements[place].split(" | ")
        actor, target = pair.split(" -> ")
        ways = {(actor, target), (target, actor)} if self.names.arrangement_is_mutual[place] else {(actor, target)}
        return [sum(sums.get((kind, *way, issue), 0.0) for way in ways) for sums in self.sums]


RANKS = ("before", "regime", "event", "election", "leader", "change", "move", "stopped", "arrangement", "end")
"""The order in which happenings of one step are told."""

TRUE_AT_START, TRUE, AGAIN, NOT_TRUE = "is true at the start", "comes true", "comes true again", "is over"
FROM_START, IN_FORCE, OVER = "in force from the start", "now in force", "no longer in force"

Leaders = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happens; see `Chronicle`. step : in which it is told; rank : its place among those of the step."""

    step: int
    rank: int
    date: str
    kind: str
    actor: str = ""
    target: str = ""
    issue: str = ""
    track: str = ""
    what: str = ""
    cause: str = ""
    why: str = ""
    tone: str = ""
    points: float = 0.0
    points_at_end: float = 0.0
    peak: float = 0.0
    index: float
    text: str


def of(results: Results, reasons: pd.DataFrame, leaders: Sequence[Leaders]) -> list[Happening]:
    """Everything that happens in the only run of some results, in order.

    reasons : of that run, see `tensionsim.reasons`. leaders : of every actor in every step, see `leaders_by_step`.
    """
    source = _Source(results, reasons, leaders)
    found = [
        source.before(),
        *source.moves(),
        *source.arrangements(),
        *source.regimes(),
        *source.events(),
        *source.new_leaders(),
        *source.changes(),
        *source.elections(),
        source.end(),
    ]
    return sorted(found, key=lambda one: (one.step, one.rank))


def leaders_by_step(results: Results) -> list[Leaders]:
    """Who leads each actor in each step of the only run of some results; "" where nobody is named."""
    now = begin(assemble(results.scenario), RandomStreams(results.seed, results.first_run, 1))
    names = list(results.scenario.file.leaders)
    found: list[Leaders] = []

    def overheard(simulation: Simulation, view: View) -> Acts:
        rows = simulation.state.leader[:, 0].tolist()
        found.append(tuple(names[row] if row >= 0 else "" for row in rows))
        return decide_all(simulation, view)

    for _ in range(now.world.steps):
        step(now, overheard)
    return found


class _Source:
    """What the happenings of a run are read from."""

    def __init__(self, results: Results, reasons: pd.DataFrame, leaders: Sequence[Leaders]) -> None:
        self.results, self.reasons, self.leaders = results, reasons, leaders
        self.file, self.record, self.names = results.scenario.file, results.record, results.names
        self.index = results.record.cooperation[:, 0]
        self.last = len(self.index) - 1
        self.speech = Speech.of(results.scenario)
        self.dates = [str(date) for date in results.dates]
        self.ledgers: dict[int, list[Entry]] = {}

    def ledger(self, row: int) -> list[Entry]:
        if row not in self.ledgers:
            self.ledgers[row] = entries(self.results.books, 0, row)
        return self.ledgers[row]

    def told(self, at: int, kind: str, text: str, **more: Any) -> Happening:
        """A happening of a step, which shows in the row after it."""
        row = min(at + 1, self.last)
        index = float(more.pop("index", self.index[row]))
        return Happening(
            step=at, rank=RANKS.index(kind), date=self.dates[at], kind=kind, index=index, text=text, **more
        )

    def before(self) -> Happening:
        points, left = (
            sum(entry.points for entry in self.ledger(row) if entry.kind == "history") for row in (0, self.last)
        )
        governs = [
            f"{self.speech.actors[actor]} under leader {words_of(name)}"
            for actor, name in zip(self.names.actors, self.leaders[0], strict=True)
            if name
        ]
        names = f" {listed(governs)}." if governs else ""
        text = (
            f"The index stands at {self.index[0]:.1f}.{names} All of its {points:+.1f} points from neutral come from "
            f"what was done before, arrangements then in force included; {elements_left(left)} of that at the end. "
            "What these arrangements add from now on is told with them."
        )
        return self.told(0, "before", text, points=points, points_at_end=left, index=self.index[0])

    def end(self) -> Happening:
        change = self.index[-1] - self.index[0]
        regime = REGIMES[int(regime_of(self.index[-1:])[0])][0]
        text = f"The index ends at {self.index[-1]:.1f} ({regime}), {change:+.1f} points from where it began."
        return self.told(self.last, "end", text)

    # Moves

    def moves(self) -> Iterator[Happening]:
        record, places = self.record, self.names.places()
        rows = zip(
            record.move_step.tolist(),
            record.move_channel.tolist(),
            record.move_id.tolist(),
            record.move_cause.tolist(),
            strict=True,
        )
        made = [(at, channel, move, CAUSES[cause]) for at, channel, move, cause in rows]
        times = Counter((at, channel, move) for at, channel, move, cause in made if cause != "stopped")
        for at, channel, move, cause in made:
            who = {kind: names[channel] for kind, names in places.items()}
            how_often = times[at, channel, move] or 1
            yield self._move(at, who | {"what": self.names.moves[move], "cause": cause}, how_often)

    def _move(self, at: int, who: dict[str, str], how_often: int) -> Happening:
        actor, target, issue, move = who["actor"], who["target"], who["issue"], who["what"]
        does = self.speech.move((actor, target, issue), move)
        if who["cause"] == "stopped":
            why = f"stopped by {self._checks(actor, move, at)}"
            return self.told(at, "stopped", f"{does}: {why}, it does not happen.", why=why, **who | {"cause": "own"})
        points, left = (self._points_of_move(row, at, who) / how_often for row in (at + 1, self.last))
        why = self._why(at, who)
        is_dyad = {actor, target} == set(self.file.principals)
        effect = f": {elements_effect(points, left)}" if is_dyad else ""
        numbers = {"points": points, "points_at_end": left, "peak": max(points, left, key=abs)}
        tone = elements_tone(self._score(move))
        return self.told(at, "move", f"{does}, {why}{effect}.", why=why, tone=tone, **numbers, **who)

    def _score(self, move: str) -> float:
        return self.names.move_scores[self.names.moves.index(move)]

    def _points_of_move(self, row: int, at: int, who: Mapping[str, str]) -> float:
        key = (self.dates[at], *(who[kind] for kind in ("actor", "target", "issue", "track", "what")))
        return self._moves_at(row).get(key, 0.0)

    def _moves_at(self, row: int) -> dict[tuple[str, ...], float]:
        if row not in self._by_move:
            sums: dict[tuple[str, ...], float] = {}
            for entry in self.ledger(row):
                if entry.kind == "move":
                    key = (entry.since, entry.actor, entry.target, entry.issue, entry.track, entry.what)
                    sums[key] = sums.get(key, 0.0) + entry.points
            self._by_move[row] = sums
        return self._by_move[row]

    @cached_property
    def _by_move(self) -> dict[int, dict[tuple[str, ...], float]]:
        return {}

    def _why(self, at: int, who: Mapping[str, str]) -> str:
        if who["cause"] == "schedule":
            return f"as scheduled{self._for(at, who)}"
        if who["cause"] == "rule":
            return f"by its rule {self._rules(who, at)}"
        place = tuple(who[kind] for kind in ("actor", "target", "issue", "track"))
        row = self._reasons_at(at).loc[place]
        parts = {name: float(row[name]) for name in row.index if name not in ("sum", "direction")}
        return elements_reasons(parts, float(row["direction"]), self._score(who["what"]))

    def _for(self, at: int, who: Mapping[str, str]) -> str:
        """The day that a scheduled move of a step was meant for."""
        days = [
            one.date
            for one in self.file.schedule
            if (one.actor, one.move) == (who["actor"], who["what"])
            and one.issue in (None, who["issue"])
            and self._step(one.date) == at
        ]
        return f" for {days[0]}" if days else ""

    def _reasons_at(self, at: int) -> pd.DataFrame:
        return self._reasons_by_date.get_group(self.results.dates[at]).droplevel("date")

    @cached_property
    def _reasons_by_date(self) -> Any:
        return self.reasons.groupby(level="date")

    def _patches(self, actor: str, at: int) -> Iterator[Any]:
        """The actor, and whoever leads it in a step."""
        yield self.file.actors[actor]
        leader = self.leaders[at][self.names.actors.index(actor)]
        if leader:
            yield self.file.leaders[leader]

    def _rules(self, who: Mapping[str, str], at: int) -> str:
        """Names of the rules that may have made a move."""
        named = []
        for patch in self._patches(who["actor"], at):
            for name, rule in (patch.rules or {}).items():
                acts = [rule, *([rule.otherwise] if rule.otherwise else [])]
                if any(act.move == who["what"] and act.issue in (None, who["issue"]) for act in acts):
                    named.append(f'"{name}"')
        return " or ".join(dict.fromkeys(named))

    def _checks(self, actor: str, move: str, at: int) -> str:
        checks = [patch.checks or {} for patch in self._patches(actor, at)]
        named = [name for found in checks for name, check in found.items() if move in check.stops]
        return " or ".join(dict.fromkeys(named))

    # Arrangements

    def arrangements(self) -> Iterator[Happening]:
        """Arrangements that begin or end, and those in force from the start.

        The first row of each has all points that it has made by the end; every row the peak of its spell.
        """
        for spell in spells(self.record, self.names, self.ledger):
            verb = IN_FORCE if spell.first else FROM_START
            yield self._arrangement(spell, spell.first, verb, spell.points, spell.left)
            if spell.after is not None:
                yield self._arrangement(spell, spell.after, OVER, 0.0, 0.0)

    def _arrangement(self, spell: Spell, row: int, verb: str, points: float, left: float) -> Happening:
        place = spell.place
        ends = (spell.actor, spell.target)
        name = self.speech.arrangement(spell.kind, ends, spell.issue, is_mutual=self.names.arrangement_is_mutual[place])
        return self.told(
            max(row - 1, 0),
            "arrangement",
            f"{capital(verb)}: {name}{elements_weight(spell.peak, left, is_alone=spell.is_alone)}.",
            actor=spell.actor,
            target=spell.target,
            issue=spell.issue,
            track=self.names.arrangement_tracks[place],
            what=spell.kind,
            why=verb,
            tone=elements_tone(self.names.arrangement_scores[place]),
            points=points,
            points_at_end=left,
            peak=spell.peak,
        )

    # The state of things

    def regimes(self) -> Iterator[Happening]:
        rows = regime_of(self.index).tolist()
        for row in range(1, self.last + 1):
            if rows[row] != rows[row - 1]:
                name, verb = REGIMES[rows[row]][0], "rises" if rows[row] > rows[row - 1] else "falls"
                text = f"The index {verb} to {level(self.index[row])}: {name}."
                yield self.told(row, "regime", text, what=name, why=verb, index=self.index[row])

    def events(self) -> Iterator[Happening]:
        for column, name in enumerate(self.names.events):
            holds = self.record.events[:, column, 0].tolist()
            for row in range(self.last + 1):
                if holds[row] != (holds[row - 1] if row else False):
                    came = (AGAIN if any(holds[:row]) else TRUE) if row else TRUE_AT_START
                    verb = came if holds[row] else NOT_TRUE
                    yield self.told(row, "event", f"Event: {name} {verb}.", what=name, why=verb, index=self.index[row])

    def new_leaders(self) -> Iterator[Happening]:
        for at in range(1, len(self.leaders)):
            for column, actor in enumerate(self.names.actors):
                old, new = self.leaders[at - 1][column], self.leaders[at][column]
                if old != new:
                    way = self._way(actor, new, at)
                    text = f"{self.speech.actors[actor]} has a new leader{way}."
                    yield self.told(at, "leader", text, actor=actor, what=new, why=f"after {old}" if old else "")

    def _way(self, actor: str, leader: str, at: int) -> str:
        """From when, who, and what the file calls the change that brought a leader in a step."""
        name = f": {words_of(leader)}"
        for change in self.file.changes:
            if change.actor == actor and self._step(change.date) == at:
                ways = [(change.leader, change.label), *((one.leader, one.label) for one in change.one_of)]
                for new, label in ways:
                    if new == leader:
                        day = self._within(change.date, at).replace(" on ", " from ")
                        return f"{day}{name} ({label})" if label else f"{day}{name}"
        return name

    def _within(self, day: dt.date, at: int) -> str:
        """The day, where it is not the one that its step begins on."""
        return "" if str(day) == self.dates[at] else f" on {day}"

    def changes(self) -> Iterator[Happening]:
        for change in self.file.changes:
            if change.set or any(one.set for one in change.one_of):
                what = change.label or ", ".join([*change.set, *(path for one in change.one_of for path in one.set)])
                at = self._step(change.date)
                text = f"Change{self._within(change.date, at)}: {what}{_ways(change)}."
                yield self.told(at, "change", text, actor=change.actor or "", what=what)

    def elections(self) -> Iterator[Happening]:
        for actor, days in self.file.elections.items():
            for day in days if isinstance(days, list) else [days]:
                if self.file.start <= day <= dt.date.fromisoformat(self.dates[self.last]):
                    at = self._step(day)
                    text = f"Election in {self.speech.actors[actor]}{self._within(day, at)}."
                    yield self.told(at, "election", text, actor=actor, what="election")

    def _step(self, day: dt.date) -> int:
        return min(int(np.searchsorted(self.results.dates, np.datetime64(day), side="right")) - 1, self.last)


def _ways(change: Change) -> str:
    labels = [one.label for one in change.one_of if one.label]
    return f" ({' or '.join(labels)})" if labels else ""


Row = Mapping[str, Any]

GAPS_DAYS = (28, 91, 366, 10**6)
"""Crossings that follow one another within so many days are one flicker; the wider, the more of them there are."""

TIMES = ("", "once", "twice", "three times", "four times", "five times", "six times", "seven times", "eight times")


def told(rows: Sequence[Row], most: int) -> list[Row]:
    """The crossings, those that flicker folded, so that there are at most `most` rows if that can be.

    rows : of regimes and events, in order. Each row that comes back stands on the day of its first crossing.
    """
    found: list[Row] = list(rows)
    for days in GAPS_DAYS:
        found = [one for same in _alike(rows) for one in _folded(same, days)]
        if len(found) <= most:
            break
    return found


def _alike(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The crossings of the index, and those of each event."""
    keys = dict.fromkeys((row["kind"], row["what"] if row["kind"] == "event" else "") for row in rows)
    for kind, what in keys:
        yield [row for row in rows if row["kind"] == kind and what in ("", row["what"])]


def _folded(rows: Sequence[Row], days: int) -> Iterator[Row]:
    flicker: list[Row] = []
    for row in rows:
        if flicker and (row["date"] - flicker[-1]["date"]).days >= days:
            yield _one(flicker)
            flicker = []
        flicker.append(row)
    if flicker:
        yield _one(flicker)


def _one(rows: Sequence[Row]) -> Row:
    """Crossings as one row."""
    first, *more = rows
    if not more:
        return first
    tail = _events(more) if first["kind"] == "event" else _regimes(rows)
    return {**first, "text": f"{first['text'].rstrip('.')}; {tail}."}


def _regimes(rows: Sequence[Row]) -> str:
    last, count = rows[-1], len(rows) - 1
    bounds = _bounds(rows)
    return f"it crosses {bounds} {_more(count)} {_until(count, last)}, ending {last['what']} ({level(last['index'])})"


def _bounds(rows: Sequence[Row]) -> str:
    """The bounds of regimes that lie between the regimes of rows that follow one another, in words."""
    places = {name: place for place, (name, _) in enumerate(REGIMES)}
    crossed: set[float] = set()
    for before, after in pairwise(rows):
        low, high = sorted((places[before["what"]], places[after["what"]]))
        crossed |= {REGIMES[place][1] for place in range(low, high)}
    words = [f"{bound:g}" for bound in sorted(crossed)]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _events(more: Sequence[Row]) -> str:
    last, count = more[-1], len(more)
    if count == 1:
        verb = NOT_TRUE if last["why"] == NOT_TRUE else AGAIN if last["why"] == AGAIN else TRUE
        return f"it {verb} on {last['date']:%Y-%m-%d}"
    end = "is over then" if last["why"] == NOT_TRUE else "holds then"
    return f"it changes {_more(count)} {_until(count, last)}, and {end}"


def _more(count: int) -> str:
    """How many more times."""
    if count < 3:
        return f"{TIMES[count]} more"
    words = TIMES[count] if count < len(TIMES) else f"{count} times"
    return f"{words.removesuffix(' times')} more times"


def _until(count: int, last: Row) -> str:
    return f"{'on' if count == 1 else 'until'} {last['date']:%Y-%m-%d}"


ChroniclePageRow = dict[str, Any]

MOST_LINES = 50
LEAST_NAMED = 12
"""Moves and arrangements that are told alone, as far as there are, even where the page grows longer by it."""

MOST_LARGEST = 3
"""Of a group, how many are named for each actor."""

MOVES, ARRANGEMENTS, CROSSINGS = ("move", "stopped"), ("arrangement",), ("regime", "event")
PLANNED = ("schedule", "rule")
GROUP = "moves"
PLACES = ("actor", "target", "issue", "track", "cause", "why", "tone")
WHOLE_RUN = "The whole run"
ORDER = {"hostile": 0, "friendly": 1, "neutral": 2, "arrangement": 3}
"""In which the groups of a period are told; what is without effect comes last."""


@dataclass(frozen=True, slots=True, order=True)
class Heap:
    """What is told together. period : in words. last : day by which it is over. what : a tone, or a kind."""

    last: date
    period: str
    what: str


Stretch = Callable[[date], tuple[str, date]]
"""The period that a day lies in, in words, and its last day."""


def quarter(day: date) -> tuple[str, date]:
    """The quarter of a day and its last day."""
    number = (day.month + 2) // 3
    month = 3 * number
    return f"Quarter {number} of {day.year}", date(day.year, month, calendar.monthrange(day.year, month)[1])


def year(day: date) -> tuple[str, date]:
    """The year of a day and its last day."""
    return str(day.year), date(day.year, 12, 31)


def page(table: pd.DataFrame, speech: Speech, most: int = MOST_LINES) -> pd.DataFrame:
    """At most `most` rows of a chronicle's table, or as few as always stand, and `period`: of a group, when it was.

    Always told are leaders, elections, changes, every crossing (what flickers in one row), what was scheduled or made
    by a rule, what these began, and the `LEAST_NAMED` of the rest that weigh most.
    """
    import pandas as pd

    if len(table) <= most:
        return table.assign(period="")
    rows: list[ChroniclePageRow] = table.assign(position=range(len(table))).to_dict("records")
    told = _standing(rows, speech, most)
    free = _by_rank([row for row in rows if _is_free(row, rows)])
    end = rows[-1]["date"].date()
    named, heaps = _fitting(free, end, most - len(told))
    groups = [_together(heap, of_heap, speech, end) for heap, of_heap in heaps.items()]
    found = sorted([*told, *named, *groups], key=_place)
    return pd.DataFrame(found, columns=[*table.columns, "period"]).fillna({"period": ""})


def weight(row: ChroniclePageRow) -> float:
    """How much something matters: the larger of what it makes at once, at its peak and at the end."""
    return float(max(abs(row["points"]), abs(row["peak"]), abs(row["points_at_end"])))


def _by_rank(rows: Sequence[ChroniclePageRow]) -> list[ChroniclePageRow]:
    """What matters most first: by its place among the weights or among what is left at the end, whichever is better."""
    best: dict[int, int] = {}
    for size in (weight, lambda row: abs(row["points_at_end"])):
        for place, row in enumerate(sorted(rows, key=size, reverse=True)):
            best[row["position"]] = min(place, best.get(row["position"], place))
    return sorted(rows, key=lambda row: (not weight(row), best[row["position"]]))


def _place(row: ChroniclePageRow) -> tuple[Any, ...]:
    """Where a row stands: by its day, groups after what happens on a day, the end last."""
    is_last = row["kind"] == "end"
    return row["date"], is_last, bool(row.get("period")), row.get("order", 0), row["position"]


def _fitting(
    free: Sequence[ChroniclePageRow], end: date, room: int
) -> tuple[list[ChroniclePageRow], dict[Heap, list[ChroniclePageRow]]]:
    """The first alone and the others in heaps, as many alone as there is room for; by year where quarters fill it."""
    heavy = [row for row in free if weight(row) > 0.0]
    for stretch in (quarter, year):
        for count in range(min(len(heavy), max(room, 0)), -1, -1):
            named, heaps = _split(free, count, stretch, end)
            if len(named) + len(heaps) <= room or count <= LEAST_NAMED:
                break
        if len(named) + len(heaps) <= room:
            break
    return named, heaps


def _split(
    free: Sequence[ChroniclePageRow], count: int, stretch: Stretch, end: date
) -> tuple[list[ChroniclePageRow], dict[Heap, list[ChroniclePageRow]]]:
    """The first so many alone, the others in heaps; a heap of one is told alone."""
    heaps: dict[Heap, list[ChroniclePageRow]] = {}
    for row in free[count:]:
        heaps.setdefault(_heap(row, stretch, end), []).append(row)
    alone = [rows[0] for rows in heaps.values() if len(rows) == 1]
    return [*free[:count], *alone], {heap: rows for heap, rows in heaps.items() if len(rows) > 1}


def _heap(row: ChroniclePageRow, stretch: Stretch, end: date) -> Heap:
    if weight(row) == 0.0:
        return Heap(end, WHOLE_RUN, row["kind"] if row["kind"] in ARRANGEMENTS else GROUP)
    period, last = stretch(row["date"].date())
    return Heap(min(last, end), period, row["kind"] if row["kind"] in ARRANGEMENTS else row["tone"])


def _is_free(row: ChroniclePageRow, rows: Sequence[ChroniclePageRow]) -> bool:
    """Whether a row may be told together with others."""
    if row["kind"] not in (*MOVES, *ARRANGEMENTS) or row["cause"] in PLANNED or row["why"] == FROM_START:
        return False
    return row["kind"] in MOVES or not any(_began(move, row) for move in rows if move["cause"] in PLANNED)


def _began(move: ChroniclePageRow, arrangement: ChroniclePageRow) -> bool:
    """Whether a move of the schedule or of a rule is of the day, the holder and the issue of an arrangement."""
    ends = (arrangement["actor"], arrangement["target"])
    return bool(move["date"] == arrangement["date"] and move["issue"] == arrangement["issue"] and move["actor"] in ends)


def _standing(rows: Sequence[ChroniclePageRow], speech: Speech, most: int) -> list[ChroniclePageRow]:
    """What is told whatever it weighs."""
    at_start = [row for row in rows if row["why"] == TRUE_AT_START]
    in_force = [row for row in rows if row["why"] == FROM_START]
    others = [row for row in rows if row["kind"] in CROSSINGS and row["why"] != TRUE_AT_START]
    plain = [
        row
        for row in rows
        if row["kind"] not in CROSSINGS and row["why"] != FROM_START and not _is_free(row, rows)
    ]  # fmt: skip
    return [*plain, *_true(at_start), *_in_force(in_force, speech), *map(dict, told(others, most // 3))]


def _true(rows: Sequence[ChroniclePageRow]) -> list[ChroniclePageRow]:
    if len(rows) < 2:
        return list(rows)
    names = ", ".join(row["what"] for row in rows)
    return [_summed(rows, text=f"True at the start: {names}.", what=f"{len(rows)} events")]


def _in_force(rows: Sequence[ChroniclePageRow], speech: Speech) -> Iterator[ChroniclePageRow]:
    """What is in force from the start, in one row a tone, and one of what is outside the index."""
    for tone in ("friendly", "hostile", ""):
        some = [row for row in rows if tone == (row["tone"] if weight(row) else "")]
        if len(some) < 2:
            yield from some
            continue
        left = sum(row["points_at_end"] for row in some)
        head = f", {tone}, together {left:+.1f} points at the end" if tone else ", without part in the index"
        text = f"In force from the start{head}: {_by_kind(some, speech)}."
        yield _summed(some, text=text, what=f"{len(some)} arrangements")


def _by_kind(rows: Sequence[ChroniclePageRow], speech: Speech) -> str:
    """Kinds of arrangements with their points at the end, the largest first."""
    points: Counter[str] = Counter()
    for row in rows:
        points[speech.words(row["what"])] += row["points_at_end"]
    large = sorted((name for name in points if abs(points[name]) >= HARDLY), key=lambda name: -abs(points[name]))
    small = [name for name in points if name not in large]
    words = ", ".join(f"{name} {points[name]:+.1f}" for name in large)
    if not large:
        return ", ".join(small)
    return f"{words}; less than 0.1 each: {', '.join(small)}" if small else words


def _together(heap: Heap, rows: Sequence[ChroniclePageRow], speech: Speech, end: date) -> ChroniclePageRow:
    """A heap as one row."""
    import pandas as pd

    in_order = sorted(rows, key=lambda row: row["date"])
    kind = "arrangement" if heap.what in ARRANGEMENTS else GROUP
    if heap.period == WHOLE_RUN:
        text = _without_effect(in_order, speech)
    elif heap.what in ARRANGEMENTS:
        text = _other_arrangements(rows, speech)
    else:
        text = _other_moves(heap.what, in_order, speech)
    noun = "arrangements" if kind == "arrangement" else "moves"
    made = _summed(in_order, kind=kind, text=text, what=f"{len(rows)} {noun}", period=heap.period)
    place = {"date": pd.Timestamp(min(heap.last, end)), "order": ORDER.get(heap.what, len(ORDER))}
    return made | place | {"index": in_order[-1]["index"]}


def _other_moves(tone: str, rows: Sequence[ChroniclePageRow], speech: Speech) -> str:
    """How often each actor moved in a tone, what that made, and the largest of it."""
    told = []
    for actor in dict.fromkeys(row["actor"] for row in rows):
        own = [row for row in rows if row["actor"] == actor]
        points, left = (sum(row[column] for row in own) for column in ("points", "points_at_end"))
        largest = ", ".join(_short(row, speech) for row in sorted(own, key=weight, reverse=True)[:MOST_LARGEST])
        most = f" (largest: {largest})" if len(own) > MOST_LARGEST else f" ({largest})"
        how_often = "one" if len(own) == 1 else f"{len(own)}"
        told.append(f"{speech.actors.get(actor, actor)} {how_often}, {elements_effect(points, left)}{most}")
    return f"Other {tone} moves: {'; '.join(told)}."


def _short(row: ChroniclePageRow, speech: Speech) -> str:
    """A move with its day and the larger of its points."""
    points = max(row["points"], row["points_at_end"], key=abs)
    return f"{speech.does(row['what'])} over {speech.words(row['issue'])} {points:+.1f} on {row['date']:%m-%d}"


def _other_arrangements(rows: Sequence[ChroniclePageRow], speech: Speech) -> str:
    begin, over = ([row for row in rows if (row["why"] == IN_FORCE) is is_begun] for is_begun in (True, False))
    parts = []
    for verb, some in (("begin", begin), ("end", over)):
        names = [
            f"{speech.words(row['what'])} of {speech.actors.get(row['actor'], row['actor'])} "
            f"(over {speech.words(row['issue'])}, {row['peak']:+.1f} at its peak)"
            for row in some[:MOST_LARGEST]
        ]
        rest = [f"{len(some) - MOST_LARGEST} others"] if len(some) > MOST_LARGEST else []
        parts += [f"{verb} {listed([*names, *rest])}"] if names else []
    left = sum(row["points_at_end"] for row in rows)
    return f"Other arrangements {'; '.join(parts)}; {left:+.1f} points at the end."


def _without_effect(rows: Sequence[ChroniclePageRow], speech: Speech) -> str:
    """What has no part in the index, in one sentence."""
    by = listed([speech.actors.get(name, name) for name in dict.fromkeys(row["actor"] for row in rows)])
    if rows[0]["kind"] in ARRANGEMENTS:
        return f"{len(rows)} beginnings and ends of arrangements without part in the index, of {by}."
    stopped = [row for row in rows if row["kind"] == "stopped"]
    often = Counter(speech.words(row["what"]) for row in rows).most_common(MOST_LARGEST)
    names = listed([f"{name} ({count})" for name, count in often])
    tail = f" {len(stopped)} of them were stopped by domestic checks." if stopped else ""
    return f"{len(rows)} moves without effect on the index, by {by}; most often {names}.{tail}"


def _summed(rows: Sequence[ChroniclePageRow], **values: str) -> ChroniclePageRow:
    """Several rows as one, at the place of the first: points summed, what they do not share left empty."""
    made = dict(rows[0])
    made |= {column: "" for column in PLACES if len({row[column] for row in rows}) > 1}
    made |= {column: sum(row[column] for row in rows) for column in ("points", "points_at_end", "peak")}
    return made | values


@dataclass(frozen=True, slots=True, eq=False)
class Chronicle:
    """One run told in the order of its dates.

    table : one row a thing that happens; columns `date`, `kind` ("before", "move", "stopped", "arrangement", "regime",
    "event", "leader", "change", "election", "end"), `actor`, `target`, `issue`, `track`, `what` (name of the move,
    arrangement, regime, event, leader ...), `cause` ("own", "rule", "schedule" or ""), `why` (in words), `tone`
    ("friendly", "hostile", "neutral" or ""), `points` (what it does to the index at once), `points_at_end` (what is
    left of it at the end; over all rows it sums to the index at the end less 50), `peak` (the larger of both; of an
    arrangement the most that it makes while in force), `index` (once that step is over) and `text` (a sentence).
    title : of the scenario. run, seed : which run it is. labels : how actors are called in sentences. step : how long a
    step is, "week".

    Examples
    --------
    >>> import tensionsim as ts
    >>> story = ts.chronicle("norland-suderia", run=3, seed=7)
    >>> story.table["kind"].iloc[0], story.table["kind"].iloc[-1]
    ('before', 'end')
    >>> left = story.table["points_at_end"].sum()
    >>> bool(abs(50 + left - story.table["index"].iloc[-1]) < 1e-9)
    True
    """

    table: pd.DataFrame
    title: str
    run: int
    seed: int
    labels: Mapping[str, str]
    step: str = ""

    def page(self, most: int = MOST_LINES) -> pd.DataFrame:
        """The table with small things of a quarter and a tone made into one row, so that it fits a page.

        Such a row stands at the end of its quarter, which the column `period` names. An index or an event that
        flickers is told in one row, which says how often.
        """
        return page(self.table, Speech(self.labels), whole("most", most, least=1))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the text has to know."""
        dates = (
            f"A date is the first day of a step of one {self.step}; a day within is named where the scenario says it."
        )
        return (*((dates,) if self.step else ()), LEANING_IS)

    def headed(self, *, everything: bool = False) -> Iterator[tuple[str, str]]:
        """Every sentence of the page, or of everything, with what it stands under: its day, or a group's period."""
        rows = self.table.assign(period="") if everything else self.page()
        for day, period, text in zip(rows["date"], rows["period"], rows["text"], strict=True):
            yield f"{period}, the rest" if period else f"{day:%Y-%m-%d}", text

    def to_markdown(self, *, everything: bool = False) -> str:
        """The chronicle as a Markdown text: a page of it, or everything."""
        lines = [f"# {self.title}: run {self.run}, seed {self.seed}", "", " ".join(self.notes), ""]
        above = ""
        for heading, text in self.headed(everything=everything):
            lines.append(f"- {text}" if heading == above else f"- **{heading}** {text}")
            above = heading
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain numbers, texts and lists."""
        rows = self.table.assign(date=self.table["date"].dt.strftime("%Y-%m-%d")).to_dict("records")
        return {"title": self.title, "run": self.run, "seed": self.seed, "happenings": rows}


def chronicle(
    scenario: Scenario | Results | str | Path, *, run: int | None = None, seed: int | None = None
) -> Chronicle:
    """One run told in the order of its dates: what happened, why, and what it did to the index.

    Parameters
    ----------
    scenario
        A Scenario, a path, the name of a shipped scenario, or Results, one of whose runs is told.
    run
        Number of the run, >= 0; with the seed, the same run as in `tensionsim.run`. Default: 0; of results the first.
    seed
        Of the random numbers, >= 0. Default: 0; results have their own.

    Returns
    -------
    Chronicle

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    SelectionError
        If the results do not have the run or the seed.
    TensionSimError
        If the run cannot be made again as the results have it, so that its motives cannot be told.

    Examples
    --------
    >>> import tensionsim as ts
    >>> story = ts.chronicle("tariff-war", run=7, seed=1)
    >>> moves = story.table.query("kind == 'move' and cause == 'schedule'")
    >>> moves["why"].tolist()[0]
    'as scheduled for 2025-11-03'
    """
    import pandas as pd

    chosen, number, start = _asked(scenario, run, seed)
    results = run_ensemble(chosen, runs=1, seed=start, first_run=number)
    told = of(results, reasons(chosen, run=number, seed=start), leaders_by_step(results))
    columns = [field.name for field in fields(Happening) if field.name not in ("step", "rank")]
    table = pd.DataFrame(list(_rows(told)), columns=columns)
    table["date"] = pd.to_datetime(table["date"])
    return Chronicle(table, results.title, number, start, Speech.of(chosen).actors, chosen.file.step)


def _asked(given: Scenario | Results | str | Path, run: int | None, seed: int | None) -> tuple[Scenario, int, int]:
    """The scenario, the run's number and the seed."""
    if not isinstance(given, Results):
        return scenario_of(given), whole("run", 0 if run is None else run), whole("seed", 0 if seed is None else seed)
    number = given.first_run if run is None else whole("run", run)
    if seed is not None and whole("seed", seed) != given.seed:
        raise SelectionError(f"these results were run under seed {given.seed}, not {seed}; leave the seed out")
    if not given.first_run <= number < given.first_run + given.runs:
        last = given.first_run + given.runs - 1
        raise SelectionError(f"there is no run {number}; these are runs {given.first_run} to {last}")
    Origin(given.scenario, given, folder="these results").check_repeats(Draw(1, given.seed, number))
    return given.scenario, number, given.seed


def _rows(told: list[Happening]) -> Iterator[dict[str, Any]]:
    yield from (asdict(one) for one in told)
