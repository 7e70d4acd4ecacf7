"""Conditions: from what a file says to a question that is asked of every run at the start of a step."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tensionsim.engine.world import NEVER, Observation
from tensionsim.scenario.quantities import Bound, bound, months, pair
from tensionsim.scenario.schema import Condition
from tensionsim.world.arrangements import Instances
from tensionsim.world.channels import Bools, Channels, Floats, Ints

Question = Callable[[Observation], Bools]


@dataclass(slots=True)
class Watch:
    """A move whose last making is remembered: rows of moves (by name), and whose and on what, or None."""

    move: str
    actor: str | None
    issue: str | None

    def is_met(self, move: str, actor: str, issue: str) -> bool:
        """Whether this is the move of this actor on this issue that it waits for."""
        return move == self.move and self.actor in (None, actor) and self.issue in (None, issue)


@dataclass(slots=True)
class Questions:
    """Makes questions from conditions, and counts the timers and watches that they need in the state."""

    channels: Channels
    instances: Instances
    issues: Sequence[str]
    indicators: Sequence[str]
    dates: Sequence[dt.date]
    dt_months: float
    timers: int = 0
    watches: list[Watch] = field(default_factory=list)

    def ask(self, condition: Condition) -> Question:
        """The question that a condition means; to be asked once a step."""
        question = self._plain(condition)
        return self._for(question, condition.for_) if condition.for_ else question

    def _for(self, question: Question, duration: str) -> Question:
        """Holds when it has held at every step over the whole duration."""
        needed = math.ceil(months(duration) / self.dt_months - 1e-9) + 1
        timer = self.timers
        self.timers += 1

        def lasting(seen: Observation) -> Bools:
            spell: Ints = np.where(question(seen), seen.state.spells[timer] + 1, 0)
            seen.state.spells[timer] = spell
            return spell >= needed

        return lasting

    def _plain(self, condition: Condition) -> Question:
        for name, combine in (("all", _every), ("any", _some), ("none", _none)):
            if (parts := getattr(condition, name)) is not None:
                return combine([self.ask(part) for part in parts])
        if condition.arrangement is not None:
            return self._arrangement(condition)
        if condition.made is not None:
            return self._made(condition)
        if condition.after is not None or condition.before is not None:
            return self._date(condition)
        return _bounded(self.value(condition), *_bounds(condition))

    def value(self, condition: Condition) -> Callable[[Observation], Floats]:
        """What a numeric condition observes, without its bounds; shape (run,)."""
        if condition.conduct is not None:
            rows = channel_rows(self.channels, condition.conduct, condition.issue, condition.track)
            return lambda seen: _sum_rows(seen.conduct, rows)
        if condition.pressure is not None:
            rows = [row for row, one in enumerate(self.channels.pairs) if one == pair(condition.pressure)]
            return lambda seen: _sum_rows(seen.pressure, rows)
        if condition.indicator is not None:
            row = self.indicators.index(condition.indicator)
            return lambda seen: seen.state.indicators[row]
        if condition.issue is not None:
            row = self.issues.index(condition.issue)
            return lambda seen: seen.cooperation()[1][row]
        return lambda seen: seen.cooperation()[0]

    def _arrangement(self, condition: Condition) -> Question:
        rows = instance_rows(self.instances, str(condition.arrangement), condition.actor, condition.issue)
        wanted = condition.in_force is not False
        return lambda seen: seen.state.in_force[rows].any(axis=0) == wanted

    def _made(self, condition: Condition) -> Question:
        self.watches.append(Watch(str(condition.made), condition.actor, condition.issue))
        watch = len(self.watches) - 1
        span = math.inf if condition.within is None else months(condition.within) / self.dt_months + 1e-9

        def made(seen: Observation) -> Bools:
            at = seen.state.last_made[watch]
            recent: Bools = (at > NEVER) & (seen.step - at <= span)
            return recent

        return made

    def _date(self, condition: Condition) -> Question:
        after, before = condition.after or dt.date.min, condition.before or dt.date.max
        held = [after <= date < before for date in self.dates]
        return lambda seen: np.full(seen.state.runs, held[seen.step])


def channel_rows(channels: Channels, arrow: str, issue: str | None, track: str | None) -> list[int]:
    """Rows of the channels "a -> b" (a may be *), narrowed to an issue and a track."""
    actor, target = pair(arrow)
    return [
        row
        for row, channel in enumerate(channels.rows)
        if actor in ("*", channel.actor)
        and channel.target == target
        and issue in (None, channel.issue)
        and track in (None, channel.track)
    ]


def instance_rows(instances: Instances, kind: str, actor: str | None, issue: str | None) -> list[int]:
    """Rows of the instances of a kind, narrowed to who holds it and on what."""
    return [
        row
        for row, instance in enumerate(instances.rows)
        if instance.kind == kind
        and (actor in (None, instance.actor) or (actor == instance.target and instances.is_mutual[row]))
        and issue in (None, instance.issue)
    ]


def _bounds(condition: Condition) -> tuple[float | None, float | None]:
    """Bounds of a condition; those of cooperation may stand in its text: "below 35"."""
    text = condition.cooperation or ""
    said = bound(text) if " " in text else Bound()
    return (
        condition.above if said.above is None else said.above,
        condition.below if said.below is None else said.below,
    )


def _bounded(value: Callable[[Observation], Floats], above: float | None, below: float | None) -> Question:
    def between(seen: Observation) -> Bools:
        found = value(seen)
        if above is None:
            return found < (math.inf if below is None else below)
        return found > above if below is None else (found > above) & (found < below)

    return between


def _sum_rows(values: Floats, rows: Sequence[int]) -> Floats:
    total = np.zeros(values.shape[-1])
    for row in rows:
        total = total + values[row]
    return total


def _answers(questions: Sequence[Question], seen: Observation) -> list[Bools]:
    return [question(seen) for question in questions]


def _every(questions: Sequence[Question]) -> Question:
    return lambda seen: np.logical_and.reduce(_answers(questions, seen))


def _some(questions: Sequence[Question]) -> Question:
    return lambda seen: np.logical_or.reduce(_answers(questions, seen))


def _none(questions: Sequence[Question]) -> Question:
    return lambda seen: ~np.logical_or.reduce(_answers(questions, seen))
