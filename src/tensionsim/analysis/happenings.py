"""Happenings: everything that happens in one run, from its record, its ledger and its reasons."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.analysis import chronicle_wording as wording
from tensionsim.analysis.chronicle_wording import Speech
from tensionsim.engine import Simulation, assemble, begin, step
from tensionsim.engine.deciding import View, decide_all
from tensionsim.ledger import Entry, entries
from tensionsim.measures import REGIMES, regime_of
from tensionsim.record import CAUSES
from tensionsim.rng import Luck
from tensionsim.scenario.schema import Change

if TYPE_CHECKING:
    import pandas as pd

    from tensionsim.engine.acts import Acts
    from tensionsim.results import Results

RANKS = ("before", "regime", "event", "election", "leader", "change", "move", "stopped", "arrangement", "end")
"""The order in which happenings of one step are told."""

TRUE_AT_START = "is true at the start"
FROM_START, IN_FORCE, OVER = "in force from the start", "now in force", "no longer in force"

Key = tuple[str, str, str, str]
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
    points: float = 0.0
    points_at_end: float = 0.0
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
    now = begin(assemble(results.scenario), Luck(results.seed, results.first_run, 1))
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
            f"{self.speech.actors[actor]} under {wording.words_of(leader)}"
            for actor, leader in zip(self.names.actors, self.leaders[0], strict=True)
            if leader
        ]
        names = f" {wording.listed(governs)}." if governs else ""
        text = (
            f"The index stands at {self.index[0]:.1f}.{names} What came before makes {points:+.1f} points of it, "
            f"{left:+.1f} of which are left at the end."
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
        effect = f": {wording.effect(points, left)}" if is_dyad else ""
        return self.told(at, "move", f"{does}, {why}{effect}.", why=why, points=points, points_at_end=left, **who)

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
        score = self.names.move_scores[self.names.moves.index(who["what"])]
        return wording.reasons(parts, float(row["direction"]), score)

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

        The first row of each has all points that it has made by the end.
        """
        in_force = self.record.in_force[:, :, 0]
        for place in np.flatnonzero(in_force.any(axis=0)).tolist():
            stands = in_force[:, place].tolist()
            left = self._points_of_arrangement(place, self.last)
            if stands[0]:
                yield self._arrangement(place, 0, FROM_START, left)
                left = 0.0
            for row in range(1, self.last + 1):
                if stands[row] != stands[row - 1]:
                    yield self._arrangement(place, row, IN_FORCE if stands[row] else OVER, left)
                    left = 0.0

    def _arrangement(self, place: int, row: int, verb: str, left: float) -> Happening:
        kind, actor, target, issue = self._parts(place)
        name = self.speech.arrangement(kind, actor, target, issue, is_mutual=self.names.arrangement_is_mutual[place])
        points = self._points_of_arrangement(place, row) - self._points_of_arrangement(place, max(row - 1, 0))
        effect = f"; {left:+.1f} points by the end" if abs(left) >= wording.HARDLY else ""
        return self.told(
            max(row - 1, 0),
            "arrangement",
            f"{wording.capital(verb)}: {name}{effect}.",
            actor=actor,
            target=target,
            issue=issue,
            track=self.names.arrangement_tracks[place],
            what=kind,
            why=verb,
            points=points if verb == IN_FORCE else 0.0,
            points_at_end=left,
        )

    def _parts(self, place: int) -> Key:
        kind, pair, issue = self.names.arrangements[place].split(" | ")
        actor, target = pair.split(" -> ")
        return kind, actor, target, issue

    def _points_of_arrangement(self, place: int, row: int) -> float:
        kind, actor, target, issue = self._parts(place)
        pairs = [(actor, target), (target, actor)] if self.names.arrangement_is_mutual[place] else [(actor, target)]
        return sum(
            entry.points
            for entry in self.ledger(row)
            if entry.kind == "arrangement"
            and (entry.what, entry.issue) == (kind, issue)
            and (entry.actor, entry.target) in pairs
        )

    # The state of things

    def regimes(self) -> Iterator[Happening]:
        rows = regime_of(self.index).tolist()
        for row in range(1, self.last + 1):
            if rows[row] != rows[row - 1]:
                name, verb = REGIMES[rows[row]][0], "rises" if rows[row] > rows[row - 1] else "falls"
                text = f"The index {verb} to {self.index[row]:.1f}: {name}."
                yield self.told(row, "regime", text, what=name, why=verb, index=self.index[row])

    def events(self) -> Iterator[Happening]:
        for column, name in enumerate(self.names.events):
            holds = self.record.events[:, column, 0].tolist()
            for row in range(self.last + 1):
                if holds[row] != (holds[row - 1] if row else False):
                    verb = ("comes true" if row else TRUE_AT_START) if holds[row] else "is over"
                    yield self.told(row, "event", f"Event: {name} {verb}.", what=name, why=verb, index=self.index[row])

    def new_leaders(self) -> Iterator[Happening]:
        for at in range(1, len(self.leaders)):
            for column, actor in enumerate(self.names.actors):
                old, new = self.leaders[at - 1][column], self.leaders[at][column]
                if old != new:
                    label = self._label(actor, new)
                    text = f"{self.speech.actors[actor]} is led by {wording.words_of(new)}{label}."
                    yield self.told(at, "leader", text, actor=actor, what=new, why=f"after {old}" if old else "")

    def _label(self, actor: str, leader: str) -> str:
        """What the file calls the change that brought a leader, in brackets."""
        for change in self.file.changes:
            if change.actor == actor:
                ways = [(change.leader, change.label), *((one.leader, one.label) for one in change.one_of)]
                for new, label in ways:
                    if new == leader and label:
                        return f" ({label})"
        return ""

    def changes(self) -> Iterator[Happening]:
        for change in self.file.changes:
            if change.set or any(one.set for one in change.one_of):
                what = change.label or ", ".join([*change.set, *(path for one in change.one_of for path in one.set)])
                at = self._step(change.date)
                who = change.actor or ""
                yield self.told(at, "change", f"Change: {what}{_ways(change)}.", actor=who, what=what)

    def elections(self) -> Iterator[Happening]:
        for actor, days in self.file.elections.items():
            for day in days if isinstance(days, list) else [days]:
                if self.file.start <= day <= dt.date.fromisoformat(self.dates[self.last]):
                    text = f"Election in {self.speech.actors[actor]} ({day})."
                    yield self.told(self._step(day), "election", text, actor=actor, what="election")

    def _step(self, day: dt.date) -> int:
        return min(int(np.searchsorted(self.results.dates, np.datetime64(day), side="right")) - 1, self.last)


def _ways(change: Change) -> str:
    labels = [one.label for one in change.one_of if one.label]
    return f" ({' or '.join(labels)})" if labels else ""
