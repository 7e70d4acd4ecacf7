"""Doctrine and vetoes: conditional rules that replace an actor's own choice, and domestic checks that stop moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.choice import can_be_made
from tensionsim.engine.acts import RULE, STOPPED, Acts, everywhere, joined, nothing
from tensionsim.engine.conditions import Question
from tensionsim.engine.world import Observation
from tensionsim.rng import Purpose, stream_of
from tensionsim.world.channels import Bools, Floats, Ints
from tensionsim.world.settings import Settings
from tensionsim.world.state import State

if TYPE_CHECKING:
    from tensionsim.engine.simulation import Simulation

NOT_UNTIL_IT_LAPSES = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Answer:
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
class Doctrine:
    """A rule: where its question is answered yes and chance agrees, the answer replaces the actor's own choice.

    path : of its chance in the settings (a probability a step), unless `chance` or `odds` say it. leader : the rule
    holds only while that leader (row) governs, always where -1. once : asked once in a spell in which the condition
    holds. otherwise : what it does where chance said no.
    """

    path: str
    question: Question
    answer: Answer
    otherwise: Answer | None
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


def follow(doctrines: Sequence[Doctrine], seen: Observation, now: Simulation, scheduled: Acts) -> Acts:
    """The scheduled acts and those of the rules. The schedule comes first, then rules in the order of the file.

    Where a channel is taken already, a rule is not asked: neither its cooldown nor its spell is spent.
    """
    acts = scheduled
    for row, rule in enumerate(doctrines):
        acts = joined([acts, _follow(row, rule, seen, now, acts)])
    return acts


def _follow(row: int, rule: Doctrine, seen: Observation, now: Simulation, acts: Acts) -> Acts:
    state = now.state
    asked = is_asked(row, rule, seen, now, acts)
    if not asked.any():
        return nothing()
    stream = stream_of(f"{now.world.names.actors[rule.actor]} {rule.path}")
    uniform = now.luck.uniforms(stream, Purpose.RULE, seen.step)
    agrees = uniform < chance_of(rule, seen, now.settings)
    yes = asked & agrees & is_open(rule.answer, now)
    made = [everywhere(rule.answer.channel, rule.answer.move, yes, RULE)]
    no = np.zeros_like(yes)
    if rule.otherwise is not None:
        no = asked & ~agrees & is_open(rule.otherwise, now) & _free(rule.otherwise, acts, state.runs)
        made.append(everywhere(rule.otherwise.channel, rule.otherwise.move, no, RULE))
    state.ready[row, yes | no] = seen.step + rule.cooldown_steps
    if rule.once:
        state.ready[row, asked] = NOT_UNTIL_IT_LAPSES
    return joined(made)


def is_asked(row: int, rule: Doctrine, seen: Observation, now: Simulation, acts: Acts) -> Bools:
    """In which runs a rule is asked now, shape (run,), given the acts made before it; to be called once a step."""
    state = now.state
    holds = rule.question(seen) & governs(state, rule.actor, rule.leader)
    if rule.once:
        lapsed = ~holds & (state.ready[row] == NOT_UNTIL_IT_LAPSES)
        state.ready[row, lapsed] = seen.step + rule.cooldown_steps
    asked: Bools = holds & (state.ready[row] <= seen.step) & _free(rule.answer, acts, state.runs)
    return asked


def _free(answer: Answer, acts: Acts, runs: int) -> Bools:
    """In which runs nothing is done yet in the answer's channel."""
    free = np.ones(runs, bool)
    free[acts.run[acts.channel == answer.channel]] = False
    return free


def chance_of(rule: Doctrine, seen: Observation, settings: Settings) -> Floats:
    """Probability that a rule that is asked answers, shape (run,) or (1,)."""
    if rule.odds is not None:
        return rule.odds.now(seen)
    return settings.get(rule.path) if rule.chance is None else np.array([rule.chance])


def is_open(answer: Answer, now: Simulation) -> Bools:
    """In which runs a rule's move can be made, shape (run,)."""
    return can_be_made(now.world.menus, answer.move, answer.channel, now.state.in_force)


def stop(acts: Acts, vetoes: Sequence[Veto], now: Simulation) -> Acts:
    """The acts with those that a check stopped marked so. Luck is drawn by check, channel, step and ordinal."""
    cause, channels = acts.cause, now.world.channels
    for veto in vetoes if len(acts) else ():
        is_stoppable = np.zeros(len(now.world.moves), bool)
        is_stoppable[veto.stops] = True
        subject = (channels.actor[acts.channel] == veto.actor) & is_stoppable[acts.move] & (cause <= RULE)
        subject &= governs(now.state, veto.actor, veto.leader)[acts.run]
        for act, nth in _ordinals(acts, np.flatnonzero(subject)):
            name = f"{veto.path} {channels.rows[acts.channel[act]].name}"
            run, chance = int(acts.run[act]), now.settings.get(veto.path)
            uniform = now.luck.uniform(stream_of(name), Purpose.CHECK + nth, now.at, run)
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
