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
from tensionsim.analysis.spells import Spell, spells
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
            f"{self.speech.actors[actor]} under leader {wording.words_of(name)}"
            for actor, name in zip(self.names.actors, self.leaders[0], strict=True)
            if name
        ]
        names = f" {wording.listed(governs)}." if governs else ""
        text = (
            f"The index stands at {self.index[0]:.1f}.{names} All of its {points:+.1f} points from neutral come from "
            f"what was done before, arrangements then in force included; {wording.left(left)} of that at the end. What "
            "these arrangements add from now on is told with them."
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
        numbers = {"points": points, "points_at_end": left, "peak": max(points, left, key=abs)}
        tone = wording.tone(self._score(move))
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
        return wording.reasons(parts, float(row["direction"]), self._score(who["what"]))

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
            f"{wording.capital(verb)}: {name}{wording.weight(spell.peak, left, is_alone=spell.is_alone)}.",
            actor=spell.actor,
            target=spell.target,
            issue=spell.issue,
            track=self.names.arrangement_tracks[place],
            what=spell.kind,
            why=verb,
            tone=wording.tone(self.names.arrangement_scores[place]),
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
                text = f"The index {verb} to {wording.level(self.index[row])}: {name}."
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
        name = f": {wording.words_of(leader)}"
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
