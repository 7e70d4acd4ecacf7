"""Deciding: what the actors see, whether they act, and which move each act is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tensionsim import choice
from tensionsim.engine.acts import OWN, Acts, acts_of
from tensionsim.engine.perceive import direction, perceive
from tensionsim.engine.simulation import Simulation
from tensionsim.mechanisms import Perception
from tensionsim.rng import Purpose
from tensionsim.world.channels import Floats, Ints


@dataclass(frozen=True, slots=True)
class View:
    """What an actor decides on; arrays of shape (channel, run).

    rate : acts a month. direction : desired conduct. intensity : taste for strong moves, (channel, run or 1).
    contributions : of every mechanism to the direction, before unpredictability divides it.
    """

    seen: Perception
    rate: Floats
    direction: Floats
    intensity: Floats
    contributions: Mapping[str, Floats]


Decide = Callable[[Simulation, View], Acts]


def look(now: Simulation) -> View:
    """What the actors see, how often they would act and in which direction."""
    world, state, numbers = now.world, now.state, now.numbers
    seen = perceive(world, state, numbers)
    rate = choice.rates(numbers.base_rate, state.acts_fast, state.acts_slow, numbers.excitation, world.channels)
    towards, contributions = direction(world, state, numbers, seen)
    engine = numbers.engine
    intensity = engine["intensity"] + engine["heat_intensity"] * heat(now)[world.channels.actor]
    return View(seen, rate * world.menus.is_open, towards, intensity, contributions)


def heat(now: Simulation) -> Floats:
    """How near each actor's next election is, shape (actor, run or 1), in [0, 1]: `2^(-months to it / half-life)`."""
    months = now.world.timetable.months_to_election[:, now.at][:, None]
    return np.exp2(-months / now.numbers.engine["heat_half_life"])


def decide_all(now: Simulation, view: View) -> Acts:
    """Every actor's own choice in every channel."""
    return decide(now, view, np.arange(len(now.world.channels)))


def decide(now: Simulation, view: View, rows: Ints) -> Acts:
    """The own choices in some channels, by their rows."""
    streams = now.world.channels.streams
    uniform = now.luck.table([streams[row] for row in rows], Purpose.WHETHER, now.at)
    place, run, ordinal = choice.how_many(view.rate[rows] * now.world.dt_months, uniform, now.numbers.cap)
    return choose(now, view, rows[place], run, ordinal)


def choose(now: Simulation, view: View, channel: Ints, run: Ints, ordinal: Ints) -> Acts:
    """Which move each act is; shape (act,): rows of channel and run, and the how-manieth of its channel it is.

    Assumption: a move that would begin or end the same thing twice in one step is made once.
    """
    if not channel.size:
        return acts_of(channel, run, channel, OWN)
    world = now.world
    utility = choice.utilities(
        world.menus,
        channel,
        view.direction[channel, run],
        _of(view.intensity, channel, run),
        _of(now.numbers.engine["cost"], run) * view.seen.dependence[world.channels.pair[channel], run],
    )
    utility = choice.close_unavailable(utility, world.menus, channel, run, now.state.in_force)
    slot = choice.pick(utility, _which(now, channel, run, ordinal))
    acts = acts_of(channel, run, world.menus.move[slot, channel], OWN).where(slot >= 0)
    return once(now, acts) if ordinal.max() > 0 else acts


def _which(now: Simulation, channel: Ints, run: Ints, ordinal: Ints) -> Floats:
    """The uniform that decides each act's move."""
    uniform = np.empty(channel.shape)
    for nth in range(int(ordinal.max()) + 1):
        mine = ordinal == nth
        rows = np.flatnonzero(np.bincount(channel[mine]))
        table = now.luck.table([now.world.channels.streams[row] for row in rows], Purpose.WHICH + nth, now.at)
        uniform[mine] = table[np.searchsorted(rows, channel[mine]), run[mine]]
    return uniform


def once(now: Simulation, acts: Acts) -> Acts:
    """The acts without repetitions of a move with lasting effects by one channel of one run."""
    menus = now.world.menus
    lasting = (menus.begins[0, acts.move, acts.channel] >= 0) | (menus.ends[0, acts.move, acts.channel] >= 0)
    key = (acts.move * len(now.world.channels) + acts.channel) * now.state.runs + acts.run
    order = np.argsort(key, kind="stable")
    first = np.ones(len(acts), bool)
    first[order[1:]] = key[order[1:]] != key[order[:-1]]
    return acts.where(first | ~lasting)


def _of(values: Floats, *places: Ints) -> Floats:
    """Entries of an array whose last axis is `run` or 1."""
    run = places[-1] if values.shape[-1] > 1 else np.zeros_like(places[-1])
    entries: Floats = values[(*places[:-1], run)]
    return entries
