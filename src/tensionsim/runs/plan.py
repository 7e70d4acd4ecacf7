"""Plans: many points of a scenario's uncertain numbers, run in one world, each under the same luck.

A run's luck is keyed by seed, run and stream, and so are the shares by which its uncertain numbers are drawn. A plan
hands the engine random numbers whose run `r` has the luck of replicate `r % replicates` and the shares of point
`r // replicates`: thousands of points cost what as many runs cost, and points differ by their numbers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from tensionsim.model.mechanisms import SCALE
from tensionsim.rng import Floats, Ints, Purpose, RandomStreams, Words, stream_of

Method = Literal["lhs", "saltelli", "spread", "trajectories", "one by one", "futures"]
PARAMETERS, STRUCTURE, LUCK = "parameters", "structure", "luck"

LEVELS, STEP = 4, 0.5
"""Of a trajectory's shares, the middles of quarters, as no distribution is asked for its ends; how far a step goes."""


@dataclass(frozen=True, slots=True)
class Column:
    """A factor as a plan knows it; `streams` : the random numbers that it takes the place of, by name."""

    name: str
    streams: tuple[str, ...]


def is_switch(name: str) -> bool:
    """Whether a factor is a mechanism as such, which is on or off."""
    return name.startswith("mechanisms.") and name.count(".") == 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What the points of a design are made of, so that a folder or a worker makes the same ones again.

    method, size : "lhs" of `size` points; "saltelli": A, B and A with each factor of B, of `size` points each;
    "spread": the same with all parameters, all mechanisms, and luck as the factors; "trajectories": `size` of them,
    each a point more than there are factors; "one by one": each factor at `size` shares while the others are drawn;
    "futures": points that differ in what they draw, as the runs of their numbers do, and in all other luck.
    replicates : runs of a point. rows : the points that a world has; None for all.
    """

    method: Method
    size: int
    seed: int
    replicates: int
    columns: tuple[Column, ...]
    rows: tuple[int, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The factors that are told apart, in order; luck is the last of a spread."""
        groups = dict.fromkeys(self.groups)
        return (*groups, LUCK) if self.method == "spread" else (*groups,)

    @property
    def groups(self) -> list[str]:
        """What each column is a part of: itself, or of a spread parameters or structure."""
        if self.method != "spread":
            return [one.name for one in self.columns]
        return [STRUCTURE if is_switch(one.name.removesuffix(f".{SCALE}")) else PARAMETERS for one in self.columns]

    @property
    def shares(self) -> Floats:
        """The share that each factor is drawn by, shape (point, factor), in (0, 1); NaN where runs draw it."""
        return _points(replace(self, rows=None))[0]

    def streams(self, seed: int, first_run: int, runs: int) -> PlannedStreams:
        """The random numbers of some runs."""
        point, replicate = np.divmod(np.arange(first_run, first_run + runs), self.replicates)
        rows = point if self.rows is None else np.array(self.rows)[point]
        shares, luck = _points(replace(self, rows=None))
        given = {stream_of(name): shares[rows, place] for place, one in enumerate(self.columns) for name in one.streams}
        numbers = luck[rows] * self.replicates + replicate
        return PlannedStreams(seed, first_run, numbers, point if self.method == "futures" else numbers, given)


class PlannedStreams(RandomStreams):
    """Random numbers with the luck and the draws of other runs, shape (run,), and shares given by stream."""

    def __init__(self, seed: int, first_run: int, luck: Ints, draws: Ints, shares: dict[int, Floats]) -> None:
        super().__init__(seed, first_run, len(luck))
        self._luck, self._draws, self._shares = _picked(seed, luck), _picked(seed, draws), shares

    def raw(self, stream: int, purpose: int, position: int) -> Words:
        streams, place = self._draws if purpose in (Purpose.PARAMETER, Purpose.ALTERNATIVE) else self._luck
        return streams.raw(stream, purpose, position)[place]

    def uniforms(self, stream: int, purpose: int, position: int = 0) -> Floats:
        found, given = super().uniforms(stream, purpose, position), self._shares.get(stream)
        return found if given is None or purpose != Purpose.PARAMETER else np.where(np.isnan(given), found, given)

    def words(self, streams: Sequence[int], purpose: int, position: int) -> Words:
        luck, place = self._luck
        return luck.words(streams, purpose, position).take(place, axis=1)


def _picked(seed: int, numbers: Ints) -> tuple[RandomStreams, Ints]:
    """Random numbers of all runs between some, and the places of those among them."""
    first = int(numbers.min())
    return RandomStreams(seed, first, int(np.ptp(numbers)) + 1), numbers - first


@lru_cache(maxsize=8)
def _points(plan: Plan) -> tuple[Floats, Ints]:
    """Shares, shape (point, factor), and which luck each point has, (point,)."""
    rng, width = np.random.default_rng(plan.seed), len(plan.columns)
    if plan.method == "futures":
        return np.zeros((plan.size, width)), np.arange(plan.size)
    if plan.method in ("saltelli", "spread"):
        return _saltelli(plan, sampled("sobol", 2 * width, plan.size, rng))
    if plan.method == "trajectories":
        shares = np.concatenate([_trajectory(width, rng) for _ in range(plan.size)])
    elif plan.method == "one by one":
        middles = np.tile((np.arange(plan.size) + 0.5) / plan.size, width)
        shares = np.where(np.repeat(np.eye(width), plan.size, axis=0) > 0.0, middles[:, None], np.nan)
    else:
        shares = sampled(plan.method, width, plan.size, rng)
    return shares, np.zeros(len(shares), np.int64)


def sampled(method: str, width: int, size: int, rng: np.random.Generator) -> Floats:
    """A Latin hypercube ("lhs") or scrambled Sobol' points ("sobol"), shape (point, factor), in (0, 1)."""
    from scipy.stats import qmc

    sampler = (qmc.LatinHypercube if method == "lhs" else qmc.Sobol)(width, rng=rng)
    shares: Floats = np.clip(sampler.random(size), 2.0**-53, 1.0 - 2.0**-53)
    return shares


def _saltelli(plan: Plan, both: Floats) -> tuple[Floats, Ints]:
    """The blocks A, B, and A with what each factor has in B; whose luck each point has."""
    chosen = [np.array([one == name for one in plan.groups]) for name in plan.names]
    first, other = np.split(both, 2, axis=1)
    blocks = [first, other, *(np.where(one, other, first) for one in chosen)]
    luck = np.zeros((len(blocks), plan.size), np.int64)
    if plan.method == "spread":
        luck[:] = np.arange(plan.size)
        luck[[1, -1]] += plan.size
    return np.concatenate(blocks), luck.ravel()


def _trajectory(width: int, rng: np.random.Generator) -> Floats:
    """A way of `width` steps from a random point, each along another factor, shape (width + 1, width)."""
    levels = rng.integers(LEVELS, size=width)
    ways = np.tile((levels + 0.5) / LEVELS, (width + 1, 1))
    for step, place in enumerate(rng.permutation(width)):
        ways[step + 1 :, place] += STEP if levels[place] < LEVELS // 2 else -STEP
    return ways
