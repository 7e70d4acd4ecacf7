"""Rules and vetoes: rules on a condition that replace an actor's own choice, and domestic checks that stop moves."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.engine.world import NEVER, RULE, STOPPED, Acts, Foundation, everywhere, joined
from tensionsim.model.choice import can_be_made, ranks
from tensionsim.model.state import State
from tensionsim.model.structure import Bools, Channels, Floats, Instances, Ints
from tensionsim.rng import Purpose, stream_of
from tensionsim.scenario.quantities import Bound, bound, months, pair
from tensionsim.scenario.schema import Condition

if TYPE_CHECKING:
    from tensionsim.engine.simulation import Simulation


Value = Callable[["Simulation"], Floats]
"""What a numeric condition observes in every run, shape (run,)."""

Question = Callable[["Simulation"], Bools]
"""In which runs a condition holds, shape (run,), by what is seen; to be asked once a step."""


def _indicator(row: int, now: Simulation) -> Floats:
    return np.asarray(now.state.indicators[row])


def _index(issue: int | None, now: Simulation) -> Floats:
    index, by_issue = now.cooperation()
    return index if issue is None else np.asarray(by_issue[issue])


def _summed(table: str, rows: Sequence[int], now: Simulation) -> Floats:
    """Conduct or pressure over some rows."""
    values: Floats = getattr(now.look(), table)
    total = np.zeros(values.shape[-1])
    for row in rows:
        total = total + values[row]
    return total


def _within(value: Value, above: float, below: float, now: Simulation) -> Bools:
    found = value(now)
    return (found > above) & (found < below)


def _stands(rows: Sequence[int], is_in_force: bool, now: Simulation) -> Bools:
    """Whether any of some instances is in force, or none."""
    return np.asarray(now.state.in_force[rows].any(axis=0) == is_in_force)


def _was_made(watch: int, span: float, now: Simulation) -> Bools:
    """Whether a watched move was made within so many steps."""
    at = now.state.last_made[watch]
    return np.asarray((at > NEVER) & (now.at - at <= span))


def _is_time(steps: Sequence[int], now: Simulation) -> Bools:
    return np.full(now.state.runs, now.at in steps)


def _together(kind: str, parts: Sequence[Question], now: Simulation) -> Bools:
    """Whether all of some conditions hold, any, or none."""
    held = [part(now) for part in parts]
    if kind == "all":
        return np.asarray(np.logical_and.reduce(held))
    some = np.logical_or.reduce(held)
    return np.asarray(~some if kind == "none" else some)


def _has_lasted(question: Question, timer: int, needed: int, now: Simulation) -> Bools:
    """Whether a condition has held for as many steps as are needed, which a timer counts."""
    spell: Ints = np.where(question(now), now.state.spells[timer] + 1, 0)
    now.state.spells[timer] = spell
    return spell >= needed


def odds(value: Value, start: tuple[float, float], end: tuple[float, float], now: Simulation) -> Floats:
    """A chance in every run, in [0, 1], linear in a value between two points (value, chance), flat beyond them."""
    (low, first), (high, last) = start, end
    return first + (last - first) * np.clip((value(now) - low) / (high - low), 0.0, 1.0)


class Questions:
    """Makes questions from conditions; counts the timers and watches, shape (move, channel), that they need."""

    def __init__(self, base: Foundation, instances: Instances, dates: Sequence[dt.date], dt_months: float) -> None:
        self.base, self.instances, self.dates, self.dt_months = base, instances, dates, dt_months
        self.timers, self.watches = 0, list[Bools]()

    def ask(self, condition: Condition) -> Question:
        """The question that a condition means."""
        question = self._plain(condition)
        if condition.for_ is None:
            return question
        self.timers += 1
        needed = math.ceil(months(condition.for_) / self.dt_months - 1e-9) + 1
        return partial(_has_lasted, question, self.timers - 1, needed)

    def _plain(self, of: Condition) -> Question:
        for kind, parts in (("all", of.all), ("any", of.any), ("none", of.none)):
            if parts is not None:
                return partial(_together, kind, [self.ask(part) for part in parts])
        if of.arrangement is not None:
            rows = [
                row
                for row, (one, is_mutual) in enumerate(zip(self.instances.rows, self.instances.is_mutual, strict=True))
                if one.kind == of.arrangement
                and of.issue in (None, one.issue)
                and of.actor in (None, one.actor, one.target if is_mutual else None)
            ]
            return partial(_stands, rows, of.in_force is not False)
        if of.made is not None:
            here = [of.actor in (None, one.actor) and of.issue in (None, one.issue) for one in self.base.channels.rows]
            self.watches.append(np.array([[name == of.made] for name in self.base.menus.names]) & np.array(here))
            span = math.inf if of.within is None else months(of.within) / self.dt_months + 1e-9
            return partial(_was_made, len(self.watches) - 1, span)
        if of.after is not None or of.before is not None:
            after, before = of.after or dt.date.min, of.before or dt.date.max
            return partial(_is_time, [row for row, date in enumerate(self.dates) if after <= date < before])
        text = of.cooperation or ""
        said = bound(text) if " " in text else Bound()  # bounds of cooperation may stand in its text: "below 35"
        limits = (said.above, of.above, -math.inf), (said.below, of.below, math.inf)
        above, below = (next(one for one in limit if one is not None) for limit in limits)
        return partial(_within, self.value(of), above, below)

    def value(self, condition: Condition) -> Value:
        """What a numeric condition observes, without its bounds."""
        of, names, channels = condition, self.base.names, self.base.channels
        if of.conduct is not None:
            return partial(_summed, "conduct", channel_rows(channels, of.conduct, of.issue, of.track))
        if of.pressure is not None:
            asked = pair(of.pressure)
            return partial(_summed, "pressure", [row for row, one in enumerate(channels.pairs) if one == asked])
        if of.indicator is not None:
            return partial(_indicator, names.indicators.index(of.indicator))
        return partial(_index, None if of.issue is None else names.issues.index(of.issue))


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


NOT_UNTIL_IT_LAPSES = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Action:
    """A move in a channel, by their rows."""

    channel: int
    move: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: where its question is answered yes and chance agrees, the action replaces the actor's own choice.

    path : of its chance in the settings, unless `chance` says it, always the same or by what is observed. leader : row
    of who must govern, -1 for anyone. once : asked once in a spell in which the condition holds. otherwise : done where
    chance said no.
    """

    path: str
    question: Question
    action: Action
    otherwise: Action | None
    chance: Value | float | None
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


def follow(rules: Sequence[Rule], now: Simulation, scheduled: Acts) -> Acts:
    """Scheduled acts, then those of rules in the file's order; where a channel is taken a rule is not asked."""
    acts, state = scheduled, now.state
    for row, rule in enumerate(rules):
        asked = is_asked(row, rule, now, acts)
        if not asked.any():
            continue
        stream = stream_of(f"{now.world.names.actors[rule.actor]} {rule.path}")
        uniform = now.streams.uniforms(stream, Purpose.RULE, now.at)
        agrees = uniform < chance_of(rule, now)
        done = asked & agrees & is_open(rule.action, now)
        made = [everywhere(rule.action.channel, rule.action.move, done, RULE)]
        if rule.otherwise is not None:
            no = asked & ~agrees & is_open(rule.otherwise, now) & _free(rule.otherwise, acts, state.runs)
            made.append(everywhere(rule.otherwise.channel, rule.otherwise.move, no, RULE))
            done = done | no
        state.ready[row, done] = now.at + rule.cooldown_steps
        if rule.once:
            state.ready[row, asked] = NOT_UNTIL_IT_LAPSES
        acts = joined([acts, *made])
    return acts


def is_asked(row: int, rule: Rule, now: Simulation, acts: Acts) -> Bools:
    """In which runs a rule is asked now, shape (run,), given the acts made before it; to be called once a step."""
    state = now.state
    holds: Bools = rule.question(now)
    if rule.leader >= 0:
        holds = holds & governs(state, rule.actor, rule.leader)
    if rule.once:
        lapsed = ~holds & (state.ready[row] == NOT_UNTIL_IT_LAPSES)
        state.ready[row, lapsed] = now.at + rule.cooldown_steps
    asked: Bools = holds & (state.ready[row] <= now.at)
    return asked & _free(rule.action, acts, state.runs) if len(acts) else asked


def _free(action: Action, acts: Acts, runs: int) -> Bools:
    """In which runs nothing is done yet in the action's channel."""
    free = np.ones(runs, bool)
    free[acts.run[acts.channel == action.channel]] = False
    return free


def chance_of(rule: Rule, now: Simulation) -> Floats:
    """Probability that a rule that is asked answers, shape (run,) or (1,)."""
    if callable(rule.chance):
        return rule.chance(now)
    return now.settings.get(rule.path) if rule.chance is None else np.array([rule.chance])


def is_open(action: Action, now: Simulation) -> Bools:
    """In which runs a rule's move can be made, shape (run,)."""
    return can_be_made(now.world.menus, action.move, action.channel, now.state.in_force, now.state.matters)


def stop(acts: Acts, vetoes: Sequence[Veto], now: Simulation) -> Acts:
    """The acts with those that a check stopped marked so. Luck is drawn by check, channel, step and ordinal."""
    cause, channels = acts.cause.copy(), now.world.channels
    for veto in vetoes if len(acts) else ():
        is_stoppable = np.zeros(len(now.world.moves), bool)
        is_stoppable[veto.stops] = True
        subject = (channels.actor[acts.channel] == veto.actor) & is_stoppable[acts.move] & (cause <= RULE)
        if veto.leader >= 0:
            subject &= governs(now.state, veto.actor, veto.leader)[acts.run]
        rows = np.flatnonzero(subject)
        key = acts.channel[rows] * now.state.runs + acts.run[rows]
        order = np.argsort(key, kind="stable")
        rows, nth = rows[order], ranks(key[order])  # the how-manieth such act of its channel each is
        for channel, ordinal in sorted({*zip(acts.channel[rows].tolist(), nth.tolist(), strict=True)}):
            here = rows[(acts.channel[rows] == channel) & (nth == ordinal)]
            run, chance = acts.run[here], now.settings.get(veto.path)
            stream = stream_of(f"{veto.path} {channels.rows[channel].name}")
            uniform = now.streams.uniforms(stream, Purpose.CHECK + ordinal, now.at)[run]
            cause[here[uniform < (chance if chance.size == 1 else chance[run])]] = STOPPED
    return Acts(acts.channel, acts.run, acts.move, cause)
