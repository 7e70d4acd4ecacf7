"""The trail: the states that a world passes through when the observed moves are made in it, side by side.

Memories, arrangements, rhetoric and indicators follow from the events alone, so one walk gives the states of all steps.
They stand side by side where an ensemble has its runs, so that what an actor sees, and what follows from it, is worked
out for all steps at once by the very functions that a simulation uses.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from tensionsim.choice import Chances
from tensionsim.engine.acts import OWN, Acts, acts_of
from tensionsim.engine.numbers import Numbers
from tensionsim.engine.perceive import perceive
from tensionsim.engine.replay import at_start
from tensionsim.engine.simulation import Simulation, begin, numbers_now
from tensionsim.engine.step import act_in_turn, live, turn_calendar
from tensionsim.engine.world import World
from tensionsim.likelihood.rules import Asked, ask
from tensionsim.likelihood.window import Window
from tensionsim.mechanisms import Perception
from tensionsim.rng import Luck
from tensionsim.world.channels import Bools, Floats, Ints
from tensionsim.world.settings import Settings
from tensionsim.world.state import State

_KEPT = (
    *("net_fast", "net_slow", "acts_fast", "acts_slow", "verbal", "material"),
    *("stance_shift", "rhetoric", "sympathy", "engagement", "expectations", "indicators"),
)
"""Parts of a state that mechanisms see; the last axis is the step."""


@dataclass(frozen=True, slots=True)
class Trail:
    """States at the start of every step.

    state : arrays whose last axis is the step. settings : likewise, where they change. is_open : whether each entry of
    the menus could be made, shape (step, channel, slot). asked : rules that were asked, and what they may have done.
    taken : cells that the schedule took, shape (channel, step). stopped : chance that a check stops a move of an actor,
    shape (actor, move, step or 1). flows : sums of scores and numbers of acts a month in every cell, shape
    (2, channel, step).
    """

    window: Window
    state: State
    settings: Settings
    is_open: Chances
    asked: tuple[Asked, ...]
    taken: Bools
    stopped: Floats
    flows: Floats

    @property
    def steps(self) -> int:
        return self.window.world.steps


@dataclass(frozen=True, slots=True)
class Seen:
    """What the actors saw at the start of every step: the last axis of all arrays is the step (or 1)."""

    numbers: Numbers
    perception: Perception
    state: State


def follow(window: Window) -> Trail:
    """Walks a world through the observed moves."""
    world = window.world
    scheduled = world.timetable.moves
    world = dataclasses.replace(world, timetable=dataclasses.replace(world.timetable, moves={}))
    now = begin(world, Luck(0, 0, 1))
    parts: dict[str, list[Floats]] = {name: [] for name in _KEPT}
    segments: list[tuple[int, Mapping[str, Floats]]] = []
    is_open: list[Chances] = []
    asked: list[Asked] = []
    leaders: list[Ints] = []
    for acts, days in _by_step(window):
        turn_calendar(now)
        if now.at == 0 or now.at in world.timetable.turns:
            segments.append((now.at, dict(now.settings.values)))
        for name, kept in parts.items():
            kept.append(np.array(getattr(now.state, name)))
        is_open.append(now.standing.is_open[:, 0].copy())
        leaders.append(now.state.leader[:, 0].copy())
        seen = now.look()
        asked += ask(now, acts, [channel for channel, _ in scheduled.get(now.at, ())])
        act_in_turn(now, acts, days)
        live(now, seen)
        now.at, now.seen = now.at + 1, None
    wide: dict[str, Any] = {name: np.concatenate(kept, axis=-1) for name, kept in parts.items()}
    state = dataclasses.replace(now.state, **wide)
    settings = _side_by_side(segments, world.steps)
    return Trail(
        window=window,
        state=state,
        settings=settings,
        is_open=np.array(is_open),
        asked=tuple(asked),
        taken=_taken(scheduled, world),
        stopped=_stopped(world, settings, np.array(leaders).T),
        flows=_flows(window),
    )


def perceived(trail: Trail, values: Mapping[str, float]) -> Seen:
    """What the actors saw where some numbers are others: half-lives of the two memories, `tone_prior`, coefficients."""
    world = trail.window.world
    settings = Settings(trail.steps, dict(trail.settings.values))
    for path, value in values.items():
        settings.set(path, np.array([value]))
    numbers = numbers_now(world, settings)
    state = trail.state
    moved = ("parameters.fast_half_life", "parameters.slow_half_life")
    if any(path in values and values[path] != trail.settings.get(path)[0] for path in moved):
        state = dataclasses.replace(state, **_memories(trail, numbers))
    return Seen(numbers, perceive(world, state, numbers), state)


def _memories(trail: Trail, numbers: Numbers) -> dict[str, Any]:
    """The fast and the slow memory at the start of every step, shape (channel, step)."""
    first = at_start(trail.window.world, _at_first(numbers))
    names = ("net_fast", "acts_fast", "net_slow", "acts_slow")
    here = np.stack([getattr(first, name)[:, 0] for name in names])
    keeps = np.stack([np.broadcast_to(keep, trail.steps) for keep in (numbers.keep_fast, numbers.keep_slow)])
    keep = np.repeat(keeps, 2, axis=0)[:, None]
    flow = (1.0 - keep) * np.concatenate([trail.flows, trail.flows])
    found = np.empty((*here.shape, trail.steps))
    for step in range(trail.steps):
        found[..., step] = here
        here = keep[..., step] * here + flow[..., step]
    return dict(zip(names, found, strict=True))


def _at_first(numbers: Numbers) -> Numbers:
    """The numbers that hold at the first step, so far as memories go."""
    first = {name: getattr(numbers, name)[:1] for name in ("keep_fast", "keep_slow", "keep_index")}
    return dataclasses.replace(numbers, **first)


def _by_step(window: Window) -> Iterator[tuple[Acts, list[Acts]]]:
    """The acts of every step, and the same day by day."""
    ends = np.searchsorted(window.step, np.arange(window.world.steps + 1))
    for first, after in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        acts = _acts(window, first, after)
        days = window.day[first:after]
        cuts = (np.flatnonzero(days[1:] != days[:-1]) + 1 + first).tolist()
        bounds = [first, *cuts, after]
        yield acts, [_acts(window, low, high) for low, high in pairwise(bounds)]


def _acts(window: Window, first: int, after: int) -> Acts:
    channel, move = window.channel[first:after], window.move[first:after]
    return acts_of(channel, np.zeros(after - first, np.int64), move, OWN)


def _flows(window: Window) -> Floats:
    world = window.world
    flows = np.zeros((2, len(world.channels), world.steps))
    np.add.at(flows[0], (window.channel, window.step), world.menus.move_score[window.move])
    np.add.at(flows[1], (window.channel, window.step), 1.0)
    return flows / world.dt_months


def _side_by_side(segments: list[tuple[int, Mapping[str, Floats]]], steps: int) -> Settings:
    """Settings in which every number that changes has one value a step."""
    lengths = np.diff([*(step for step, _ in segments), steps])
    found = Settings(steps)
    for path in segments[-1][1]:
        values = [float(each.get(path, np.zeros(1))[0]) for _, each in segments]
        is_same = all(value == values[0] for value in values)
        found.set(path, np.array(values[:1]) if is_same else np.repeat(values, lengths))
    return found


def _taken(scheduled: Mapping[int, tuple[tuple[int, int], ...]], world: World) -> Bools:
    taken = np.zeros((len(world.channels), world.steps), bool)
    for step, moves in scheduled.items():
        for channel, _ in moves:
            if 0 <= step < world.steps:
                taken[channel, step] = True
    return taken


def _stopped(world: World, settings: Settings, leaders: Ints) -> Floats:
    passes = np.ones((len(world.names.actors), len(world.moves), world.steps))
    for veto in world.rulebook.vetoes:
        is_governed = np.ones(world.steps, bool) if veto.leader < 0 else leaders[veto.actor] == veto.leader
        passes[veto.actor, veto.stops] *= np.where(is_governed, 1.0 - settings.get(veto.path), 1.0)
    return 1.0 - passes


def simulation_at(window: Window, step: int) -> Simulation:
    """The simulation at the start of a step, its calendar turned, after the observed moves before it."""
    world = dataclasses.replace(window.world, timetable=dataclasses.replace(window.world.timetable, moves={}))
    now = begin(world, Luck(0, 0, 1))
    for acts, days in _by_step(window):
        turn_calendar(now)
        if now.at == step:
            break
        seen = now.look()
        act_in_turn(now, acts, days)
        live(now, seen)
        now.at, now.seen = now.at + 1, None
    return now
