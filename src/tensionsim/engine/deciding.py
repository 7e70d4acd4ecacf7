"""Deciding: what the actors see, whether they act, and which move each act is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tensionsim import choice
from tensionsim.engine import episodes
from tensionsim.engine.acts import OWN, Acts, acts_of, nothing
from tensionsim.engine.numbers import Numbers
from tensionsim.engine.perceive import direction
from tensionsim.engine.simulation import Simulation
from tensionsim.mechanisms import Perception, Places
from tensionsim.rng import Purpose, Words, offspring
from tensionsim.world.channels import Floats, Ints


@dataclass(frozen=True)
class View:
    """What the actors decide on; it stays as it was when the world moves on.

    rate : acts a month, shape (channel, run). intensity : taste for strong moves, shape (actor, run or 1).
    expectations : of each pair, shape (pair, run).
    """

    numbers: Numbers
    seen: Perception
    expectations: Floats
    rate: Floats
    intensity: Floats

    @property
    def direction(self) -> Floats:
        """Desired conduct, shape (channel, run)."""
        return self._everywhere[0]

    @property
    def contributions(self) -> Mapping[str, Floats]:
        """Those of every mechanism to the direction, before unpredictability divides it; each (channel, run)."""
        return self._everywhere[1]

    @cached_property
    def _everywhere(self) -> tuple[Floats, dict[str, Floats]]:
        return direction(self.numbers, self.expectations, self.seen)

    def tastes(self, channel: Ints, run: Ints) -> Floats:
        """What a point of score is worth to whoever acts in these places, shape (kind, act)."""
        seen = replace(self.seen, places=Places(channel, run))
        towards, _ = direction(self.numbers, self.expectations, seen)
        intensity = seen.take(self.intensity, seen.channels.actor)
        restraint = seen.of_run(self.numbers.engine["cost"]) * seen.take(seen.dependence, seen.channels.pair)
        return choice.tastes(towards, intensity, restraint)


Decide = Callable[[Simulation, View], Acts]


def look(now: Simulation) -> View:
    """What the actors see, how often they would act and in which direction."""
    state, numbers, engine = now.state, now.numbers, now.numbers.engine
    rate = choice.rates(numbers.base_rate, state.acts_fast, state.acts_slow, numbers.excitation, now.world.channels)
    intensity = engine["intensity"] + engine["heat_intensity"] * heat(now)
    return View(numbers, now.look(), state.expectations, rate * now.world.menus.is_open, intensity)


def heat(now: Simulation) -> Floats:
    """How near each actor's next election is, shape (actor, run or 1), in [0, 1]: `2^(-months to it / half-life)`."""
    months = now.world.timetable.months_to_election[:, now.at][:, None]
    return np.exp2(-months / now.numbers.engine["heat_half_life"])


def decide_all(now: Simulation, view: View) -> Acts:
    """Every actor's own choice in every channel."""
    return decide(now, view, np.arange(len(now.world.channels)))


def decide(now: Simulation, view: View, rows: Ints) -> Acts:
    """The own choices in some channels, by their rows."""
    if (now.numbers.engine["overdispersion"] > 0.0).any() or (now.numbers.engine["imitation"] > 0.0).any():
        return _decide_together(now, view, rows)
    streams = now.world.channels.streams
    words = now.luck.words([streams[row] for row in rows], Purpose.WHETHER, now.at)
    place, run, ordinal = choice.how_many(view.rate[rows] * now.world.dt_months, words, now.numbers.cap)
    return choose(now, view, Wills(rows[place], run, ordinal, words[place, run]))


def _decide_together(now: Simulation, view: View, rows: Ints) -> Acts:
    """The own choices in some channels where acts of an episode know of one another: those of all are drawn.

    Runs in which acts come by themselves have the numbers that they would have had alone.
    """
    channels, numbers = now.world.channels, now.numbers
    words = now.luck.words(channels.streams, Purpose.WHETHER, now.at)
    expected = np.broadcast_to(view.rate, words.shape) * now.world.dt_months
    is_bursty = np.broadcast_to(numbers.engine["overdispersion"] > 0.0, words.shape[-1:])
    parts = []
    if not is_bursty.all():
        parts.append(choice.how_many(np.where(is_bursty, 0.0, expected), words, numbers.cap))
    if is_bursty.any():
        steady = np.where(is_bursty, expected, 0.0)
        parts.append(episodes.how_many(steady, words, channels, numbers.engine["overdispersion"], numbers.cap))
    channel, run, ordinal = (np.concatenate(found) for found in zip(*parts, strict=True))
    order = np.lexsort([run, channel, ordinal])
    channel, run, ordinal = channel[order], run[order], ordinal[order]
    acts = choose(now, view, Wills(channel, run, ordinal, words[channel, run]))
    return acts if len(rows) == len(channels) else acts.where(np.isin(acts.channel, rows))


@dataclass(frozen=True, slots=True)
class Wills:
    """Acts without a move as yet; arrays of shape (act,).

    Rows of channel and run, the how-manieth of its channel each is, and the word of that channel and run, whose
    offspring decide its move.
    """

    channel: Ints
    run: Ints
    ordinal: Ints
    word: Words


def choose(now: Simulation, view: View, wills: Wills) -> Acts:
    """Which move each act is.

    Assumption: a move that would begin or end the same thing twice in one step is made once.
    """
    if not wills.channel.size:
        return nothing()
    order = np.argsort(wills.channel, kind="stable") if wills.ordinal[-1] > 0 else slice(None)
    channel, run = wills.channel[order], wills.run[order]
    slot = np.empty(channel.shape, np.int64)
    odds = choice.weights(now.world.menus, channel, view.tastes(channel, run), now.standing.open_at(channel, run))
    slot[order] = choice.pick(odds, offspring(wills.word, wills.ordinal)[order])
    imitation = now.numbers.engine["imitation"]
    if (imitation > 0.0).any():
        is_open = now.standing.open_at(wills.channel, wills.run)
        drawn = episodes.Drawn(wills.channel, wills.run, wills.ordinal, slot, wills.word, is_open)
        slot = episodes.imitated(drawn, now.world.menus, now.world.channels, imitation)
    move = now.world.menus.move[slot, wills.channel]
    acts = acts_of(wills.channel, wills.run, move, OWN).where(slot >= 0)
    return once(now, acts) if wills.ordinal[-1] > 0 else acts


def once(now: Simulation, acts: Acts) -> Acts:
    """The acts without repetitions of a move with lasting effects by one channel of one run."""
    menus = now.world.menus
    lasting = (menus.begins[0, acts.move, acts.channel] >= 0) | (menus.ends[0, acts.move, acts.channel] >= 0)
    rows = np.flatnonzero(lasting)
    key = ((acts.move * len(now.world.channels) + acts.channel) * now.state.runs + acts.run)[rows]
    order = np.argsort(key, kind="stable")
    again = np.zeros(len(acts), bool)
    again[rows[order[1:]]] = key[order[1:]] == key[order[:-1]]
    return acts.where(~again)
