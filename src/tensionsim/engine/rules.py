"""Rules and vetoes: rules on a condition that replace an actor's own choice, and domestic checks that stop moves."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.engine.world import NEVER, RULE, STOPPED, Acts, Observation, everywhere, joined, nothing
from tensionsim.model.choice import can_be_made
from tensionsim.model.parameters import Settings
from tensionsim.model.state import State
from tensionsim.model.structure import Bools, Channels, Floats, Instances, Ints
from tensionsim.rng import Purpose, stream_of
from tensionsim.scenario.quantities import Bound, bound, months, pair
from tensionsim.scenario.schema import Condition

if TYPE_CHECKING:
    from tensionsim.engine.simulation import Simulation


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
        return partial(_lasting, question, timer, needed)

    def _plain(self, condition: Condition) -> Question:
        for name, combine in (("all", _every), ("any", _some), ("none", _none)):
            if (parts := getattr(condition, name)) is not None:
                return partial(combine, [self.ask(part) for part in parts])
        if condition.arrangement is not None:
            return self._arrangement(condition)
        if condition.made is not None:
            return self._made(condition)
        if condition.after is not None or condition.before is not None:
            return self._date(condition)
        return partial(_between, self.value(condition), *_bounds(condition))

    def value(self, condition: Condition) -> Callable[[Observation], Floats]:
        """What a numeric condition observes, without its bounds; shape (run,)."""
        if condition.conduct is not None:
            rows = channel_rows(self.channels, condition.conduct, condition.issue, condition.track)
            return partial(_sum_rows, "conduct", rows)
        if condition.pressure is not None:
            rows = [row for row, one in enumerate(self.channels.pairs) if one == pair(condition.pressure)]
            return partial(_sum_rows, "pressure", rows)
        if condition.indicator is not None:
            return partial(_indicator, self.indicators.index(condition.indicator))
        if condition.issue is not None:
            return partial(_cooperation, self.issues.index(condition.issue))
        return partial(_cooperation, None)

    def _arrangement(self, condition: Condition) -> Question:
        rows = instance_rows(self.instances, str(condition.arrangement), condition.actor, condition.issue)
        return partial(_is_in_force, rows, condition.in_force is not False)

    def _made(self, condition: Condition) -> Question:
        self.watches.append(Watch(str(condition.made), condition.actor, condition.issue))
        watch = len(self.watches) - 1
        span = math.inf if condition.within is None else months(condition.within) / self.dt_months + 1e-9
        return partial(_was_made, watch, span)

    def _date(self, condition: Condition) -> Question:
        after, before = condition.after or dt.date.min, condition.before or dt.date.max
        return partial(_at_step, [after <= date < before for date in self.dates])


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


def _between(
    value: Callable[[Observation], Floats], above: float | None, below: float | None, seen: Observation
) -> Bools:
    found = value(seen)
    if above is None:
        return found < (math.inf if below is None else below)
    return found > above if below is None else (found > above) & (found < below)


def _lasting(question: Question, timer: int, needed: int, seen: Observation) -> Bools:
    spell: Ints = np.where(question(seen), seen.state.spells[timer] + 1, 0)
    seen.state.spells[timer] = spell
    return spell >= needed


def _indicator(row: int, seen: Observation) -> Floats:
    found: Floats = seen.state.indicators[row]
    return found


def _cooperation(issue: int | None, seen: Observation) -> Floats:
    index, by_issue = seen.cooperation()
    return index if issue is None else by_issue[issue]


def _is_in_force(rows: Sequence[int], wanted: bool, seen: Observation) -> Bools:
    found: Bools = seen.state.in_force[rows].any(axis=0) == wanted
    return found


def _was_made(watch: int, span: float, seen: Observation) -> Bools:
    at = seen.state.last_made[watch]
    recent: Bools = (at > NEVER) & (seen.step - at <= span)
    return recent


def _at_step(held: Sequence[bool], seen: Observation) -> Bools:
    return np.full(seen.state.runs, held[seen.step])


def _sum_rows(of: str, rows: Sequence[int], seen: Observation) -> Floats:
    values: Floats = getattr(seen, of)
    total = np.zeros(values.shape[-1])
    for row in rows:
        total = total + values[row]
    return total


def _every(questions: Sequence[Question], seen: Observation) -> Bools:
    found: Bools = np.logical_and.reduce([question(seen) for question in questions])
    return found


def _some(questions: Sequence[Question], seen: Observation) -> Bools:
    found: Bools = np.logical_or.reduce([question(seen) for question in questions])
    return found


def _none(questions: Sequence[Question], seen: Observation) -> Bools:
    return ~_some(questions, seen)


NOT_UNTIL_IT_LAPSES = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Action:
    """A move in a channel, by their rows."""

    channel: int
    move: int


@dataclass(frozen=True, slots=True)
class Odds:
    """A chance that is linear in an observed value between two points (value, chance), flat beyond them."""

    value: Callable[[Observation], Floats]
    start: tuple[float, float]
    end: tuple[float, float]

    def now(self, seen: Observation) -> Floats:
        """Probability in every run, in [0, 1]."""
        (low, first), (high, last) = self.start, self.end
        return first + (last - first) * np.clip((self.value(seen) - low) / (high - low), 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: where its question is answered yes and chance agrees, the action replaces the actor's own choice.

    path : of its chance in the settings (a probability a step), unless `chance` or `odds` say it. leader : the rule
    holds only while that leader (row) governs, always where -1. once : asked once in a spell in which the condition
    holds. otherwise : what it does where chance said no.
    """

    path: str
    question: Question
    action: Action
    otherwise: Action | None
    chance: float | None
    odds: Odds | None
    cooldown_steps: int
    once: bool
    actor: int
    leader: int


@dataclass(frozen=True, slots=True)
class Veto:
    """A domestic check of an actor (row), while `leader` governs (-1: always). stops : rows of moves."""

    path: str
    stops: Ints
    actor: int
    leader: int


def governs(state: State, actor: int, leader: int) -> Bools:
    """In which runs a leader governs, shape (run,)."""
    return np.ones(state.runs, bool) if leader < 0 else state.leader[actor] == leader


def follow(rules: Sequence[Rule], seen: Observation, now: Simulation, scheduled: Acts) -> Acts:
    """The scheduled acts and those of the rules. The schedule comes first, then rules in the order of the file.

    Where a channel is taken already, a rule is not asked: neither its cooldown nor its spell is spent.
    """
    acts = scheduled
    for row, rule in enumerate(rules):
        acts = joined([acts, _follow(row, rule, seen, now, acts)])
    return acts


def _follow(row: int, rule: Rule, seen: Observation, now: Simulation, acts: Acts) -> Acts:
    state = now.state
    asked = is_asked(row, rule, seen, now, acts)
    if not asked.any():
        return nothing()
    stream = stream_of(f"{now.world.names.actors[rule.actor]} {rule.path}")
    uniform = now.streams.uniforms(stream, Purpose.RULE, seen.step)
    agrees = uniform < chance_of(rule, seen, now.settings)
    yes = asked & agrees & is_open(rule.action, now)
    made = [everywhere(rule.action.channel, rule.action.move, yes, RULE)]
    no = np.zeros_like(yes)
    if rule.otherwise is not None:
        no = asked & ~agrees & is_open(rule.otherwise, now) & _free(rule.otherwise, acts, state.runs)
        made.append(everywhere(rule.otherwise.channel, rule.otherwise.move, no, RULE))
    state.ready[row, yes | no] = seen.step + rule.cooldown_steps
    if rule.once:
        state.ready[row, asked] = NOT_UNTIL_IT_LAPSES
    return joined(made)


def is_asked(row: int, rule: Rule, seen: Observation, now: Simulation, acts: Acts) -> Bools:
    """In which runs a rule is asked now, shape (run,), given the acts made before it; to be called once a step."""
    state = now.state
    holds: Bools = rule.question(seen)
    if rule.leader >= 0:
        holds = holds & governs(state, rule.actor, rule.leader)
    if rule.once:
        lapsed = ~holds & (state.ready[row] == NOT_UNTIL_IT_LAPSES)
        state.ready[row, lapsed] = seen.step + rule.cooldown_steps
    asked: Bools = holds & (state.ready[row] <= seen.step)
    return asked & _free(rule.action, acts, state.runs) if len(acts) else asked


def _free(action: Action, acts: Acts, runs: int) -> Bools:
    """In which runs nothing is done yet in the action's channel."""
    free = np.ones(runs, bool)
    free[acts.run[acts.channel == action.channel]] = False
    return free


def chance_of(rule: Rule, seen: Observation, settings: Settings) -> Floats:
    """Probability that a rule that is asked answers, shape (run,) or (1,)."""
    if rule.odds is not None:
        return rule.odds.now(seen)
    return settings.get(rule.path) if rule.chance is None else np.array([rule.chance])


def is_open(action: Action, now: Simulation) -> Bools:
    """In which runs a rule's move can be made, shape (run,)."""
    return can_be_made(now.world.menus, action.move, action.channel, now.state.in_force, now.state.matters)


def stop(acts: Acts, vetoes: Sequence[Veto], now: Simulation) -> Acts:
    """The acts with those that a check stopped marked so. Luck is drawn by check, channel, step and ordinal."""
    cause, channels = acts.cause, now.world.channels
    for veto in vetoes if len(acts) else ():
        is_stoppable = np.zeros(len(now.world.moves), bool)
        is_stoppable[veto.stops] = True
        subject = (channels.actor[acts.channel] == veto.actor) & is_stoppable[acts.move] & (cause <= RULE)
        if veto.leader >= 0:
            subject &= governs(now.state, veto.actor, veto.leader)[acts.run]
        for act, nth in _ordinals(acts, np.flatnonzero(subject)):
            name = f"{veto.path} {channels.rows[acts.channel[act]].name}"
            run, chance = int(acts.run[act]), now.settings.get(veto.path)
            uniform = now.streams.uniform(stream_of(name), Purpose.CHECK + nth, now.at, run)
            if uniform < chance[run if chance.size > 1 else 0]:
                cause = np.where(np.arange(len(acts)) == act, STOPPED, cause)
    return Acts(acts.channel, acts.run, acts.move, cause)


def _ordinals(acts: Acts, rows: Ints) -> Iterator[tuple[int, int]]:
    """Each of the acts `rows` with how many of them its channel made before it in its run."""
    before: Counter[tuple[int, int]] = Counter()
    for row in rows.tolist():
        key = (int(acts.channel[row]), int(acts.run[row]))
        yield row, before[key]
        before[key] += 1
