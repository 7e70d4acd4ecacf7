"""Episodes in a likelihood: numbers of acts that come in bursts, and acts that repeat one another.

An episode is a channel and its mirror in a step (`tensionsim.engine.episodes`). Where `overdispersion` is above 0 the
numbers of acts of both sides are multivariate negative binomial; where `imitation` is above 0 the moves of an episode
are those of a Polya urn, the acts standing in the order of the channels' rows. Both have closed forms, which pass into
Poisson's and the plain logit's at 0.

Assumption: where a rule was asked, the number of acts is Poisson's by itself, so that rule and own choice can be mixed
cell by cell; and no step is so full that its cap matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tensionsim.engine.episodes import ranks
from tensionsim.likelihood.ground import LEAST_CHANCE, Ground
from tensionsim.likelihood.trail import Seen, Trail
from tensionsim.world.channels import Bools, Floats, Ints

LEAST = 1e-9
"""What stands for an overdispersion of 0 in an episode of a world that has some elsewhere."""


@dataclass(frozen=True, slots=True)
class Bursts:
    """Episodes whose numbers of acts hang together.

    per_unit : expected acts of both sides per unit of each rate coefficient, shape (episode, coefficient). fixed :
    those that no coefficient makes, shape (episode,). acts, overdispersion : shape (episode,). is_member : which active
    cells belong to an episode, shape (active cell,).
    """

    per_unit: Floats
    fixed: Floats
    acts: Ints
    overdispersion: Floats
    is_member: Bools

    def terms(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """What episodes add to the cells' `N log(mean) - log N!`: value, gradient and Hessian by rate coefficients."""
        spread, expected = self.overdispersion, self.per_unit @ beta + self.fixed
        scale, whole = 1.0 + spread * self.acts, 1.0 + spread * expected
        value = float(-(scale * np.log(whole) / spread).sum()) + self._repeats()
        slope, curvature = -scale / whole, spread * scale / whole**2
        return value, slope @ self.per_unit, self.per_unit.T @ (curvature[:, None] * self.per_unit)

    def _repeats(self) -> float:
        """The sum over episodes of `log(1 + overdispersion j)`, j from 1 to the number of acts less 1."""
        return float(np.log1p(np.repeat(self.overdispersion, self.acts) * ranks(self.acts)).sum())


def bursts(trail: Trail, ground: Ground, seen: Seen, columns: tuple[Mapping[str, Floats], set[str]]) -> Bursts | None:
    """The episodes of a ground; None where the scenario has no overdispersion.

    columns : acts a month per unit of each rate coefficient, shape (channel, step or 1), by name; and those fitted.
    """
    spread = seen.numbers.engine["overdispersion"]
    if not (spread > 0.0).any():
        return None
    shape, mirror = ground.quiet.shape, trail.window.world.channels.mirror
    is_mixed = np.zeros(len(ground.channel), bool)
    is_mixed[ground.mixture.cell] = True
    inside = ground.quiet.copy()
    inside[ground.channel[~is_mixed], ground.step[~is_mixed]] = True
    first = np.flatnonzero(np.arange(shape[0]) < mirror)
    rows, step = np.nonzero(inside[first] | inside[mirror[first]])
    ours, theirs = first[rows], mirror[first[rows]]

    def both(table: Floats) -> Floats:
        wide = np.broadcast_to(table, shape) * inside
        return np.asarray(wide[ours, step] + wide[theirs, step])

    made = np.zeros(shape)
    made[ground.channel, ground.step] = ground.acts
    by_name, fitted = columns
    months = trail.window.world.dt_months
    free = [both(values) for name, values in by_name.items() if f"parameters.{name}" in fitted]
    held = [
        both(values * seen.numbers.engine[name])
        for name, values in by_name.items()
        if f"parameters.{name}" not in fitted
    ]
    return Bursts(
        per_unit=months * np.array(free).reshape(len(free), len(step)).T,
        fixed=months * np.sum(held, axis=0) if held else np.zeros(len(step)),
        acts=both(made).astype(np.int64),
        overdispersion=np.maximum(np.broadcast_to(spread, shape[1])[step], LEAST),
        is_member=~is_mixed,
    )


@dataclass(frozen=True, slots=True)
class Repeats:
    """The moves of choice cells, as entries (a move in a cell) and act by act.

    cell : row of each entry's choice cell. made : score, strength and minus hostile material of each, shape (3, entry).
    log_frequency : shape (entry,). entry, copied : of every act its entry, and how many acts of its episode were the
    same move before it, shape (act,). of, before : of every act its choice cell, and how many acts of its episode it
    could repeat. passed : sum over a choice cell's acts of the log chance that no check stopped them.
    """

    cell: Ints
    made: Floats
    log_frequency: Floats
    entry: Ints
    copied: Floats
    of: Ints
    before: Floats
    passed: Floats

    def terms(self, log_share: Floats, imitation: Floats) -> tuple[Floats, Floats, Floats]:
        """Log-probability of each choice cell, and by entry its first and second derivative by the log share.

        Parameters
        ----------
        log_share : of each entry's move on its menu, were it chosen alone, shape (entry,). imitation : weight of an
        earlier act, > 0, shape (choice cell,).
        """
        cells, entries = len(self.passed), len(self.cell)
        weight = imitation[self.of]
        own, copied = np.exp(log_share)[self.entry], weight * self.copied
        whole = own + copied
        value = np.bincount(self.of, np.log(whole) - np.log1p(weight * self.before), cells)
        slope = np.asarray(np.bincount(self.entry, own / whole, entries), np.float64)
        curvature = np.asarray(np.bincount(self.entry, own * copied / whole**2, entries), np.float64)
        return self.passed + value, slope, curvature


def repeats(trail: Trail, ground: Ground) -> Repeats:
    """The moves of the choice cells of a ground, one by one."""
    window, menus = trail.window, trail.window.world.menus
    channels, choices, is_chosen = window.world.channels, ground.choices, ground.is_chosen
    keys = _key(ground.channel[choices.cell], ground.step[choices.cell], trail.steps)
    channel, step, move = window.channel[is_chosen], window.step[is_chosen], window.move[is_chosen]
    of = np.searchsorted(keys, _key(channel, step, trail.steps))
    passed = np.log(np.maximum(1.0 - trail.stopped[channels.actor[channel], move, step], LEAST_CHANCE))
    pairs, rows, count = np.unique(np.stack([of, move]), axis=1, return_index=True, return_counts=True)
    earlier, before = _by_the_other(trail, (channel, step, move), (keys, pairs))
    place = ground.slot[is_chosen][rows], channel[rows]
    score = menus.score[place]
    acts = np.bincount(of, minlength=len(keys))
    return Repeats(
        cell=pairs[0],
        made=np.stack([score, np.abs(score), -menus.hostile_material[place]]),
        log_frequency=menus.log_frequency[place],
        entry=np.repeat(np.arange(len(count)), count),
        copied=(np.repeat(earlier, count) + ranks(count)).astype(np.float64),
        of=np.repeat(np.arange(len(keys)), acts),
        before=(np.repeat(before, acts) + ranks(acts)).astype(np.float64),
        passed=np.asarray(np.bincount(of, passed, len(keys)), np.float64),
    )


def _key(channel: Ints, step: Ints, steps: int) -> Ints:
    return channel * steps + step


def _by_the_other(trail: Trail, acts: tuple[Ints, Ints, Ints], cells: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """How often each entry's move was made before by the other side; acts that each choice cell could repeat."""
    channel, step, move = acts
    keys, pairs = cells
    world = trail.window.world
    mirror = world.channels.mirror[channel]
    slot = world.menus.slot_of[move, mirror]
    can = (channel < mirror) & (slot >= 0)
    can[can] = trail.is_open[step[can], mirror[can], slot[can]] > 0
    place = np.searchsorted(keys, _key(mirror, step, trail.steps))
    can &= (place < len(keys)) & (keys[np.minimum(place, len(keys) - 1)] == _key(mirror, step, trail.steps))
    before = np.bincount(place[can], minlength=len(keys)).astype(np.int64)
    moves = len(world.menus.names)
    codes, times = np.unique(place[can] * moves + move[can], return_counts=True)
    found = np.searchsorted(codes, pairs[0] * moves + pairs[1])
    near = np.minimum(found, max(len(codes) - 1, 0))
    is_there = codes[near] == pairs[0] * moves + pairs[1] if len(codes) else np.zeros(pairs.shape[1], bool)
    return np.where(is_there, times[near] if len(codes) else 0, 0).astype(np.int64), before
