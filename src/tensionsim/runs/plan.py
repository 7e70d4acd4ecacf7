"""Plans: many points of a scenario's uncertain numbers, run in one world, each under the same luck.

A run's luck is keyed by seed, run and stream, and so are the shares by which its uncertain numbers are drawn. A plan
hands the engine random numbers whose run `r` has the luck of replicate `r % replicates` and the shares of point
`r // replicates`: thousands of points cost what as many runs cost, and points differ by their numbers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from tensionsim.rng import Floats, Ints, Purpose, RandomStreams, Words, stream_of

Method = Literal["lhs", "sobol", "saltelli", "trajectories", "one by one", "given"]

LEVELS = 4
"""Levels of a trajectory's shares. They are the middles of quarters, so that no distribution is asked for its ends."""

STEP = 0.5
"""By which a step of a trajectory changes the share of one factor."""


@dataclass(frozen=True, slots=True)
class Column:
    """A factor as a plan knows it.

    streams : names of the random numbers that it takes the place of; none where it changes the world. levels : how
    many worlds it then makes, each as likely. group : of factors that a plan `saltelli` exchanges together.
    """

    name: str
    streams: tuple[str, ...]
    levels: int = 0
    group: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the points of a design are made of, so that a folder or a worker makes the same ones again.

    method, size : "lhs", "sobol" of `size` points; "saltelli": A, B and A with each factor of B, of `size` points each;
    "trajectories": `size` of them, each a point more than there are factors; "one by one": each factor at `size` shares
    while the others are drawn; "given": the rows of `given`, None for a share that is drawn. replicates : runs of
    a point. luck : whether luck is exchanged like a factor ("saltelli" alone), where else all points share theirs.
    cell : the levels of the factors that change the world, of the points that this world has.

    References
    ----------
    Saltelli, A. et al. (2010). Variance based sensitivity analysis of model output. Computer Physics Communications
    181(2). Morris, M. D. (1991). Factorial sampling plans for preliminary computational experiments. Technometrics
    33(2).
    """

    method: Method
    size: int
    seed: int
    replicates: int
    columns: tuple[Column, ...]
    luck: bool = False
    given: tuple[tuple[float | None, ...], ...] = ()
    cell: tuple[int, ...] | None = None

    @property
    def groups(self) -> tuple[str, ...]:
        """What a plan `saltelli` exchanges, in order."""
        names = dict.fromkeys(one.group or one.name for one in self.columns)
        return (*names, *(("luck",) if self.luck else ()))

    @property
    def shares(self) -> Floats:
        """Of every point of all worlds the share that each factor is drawn by, shape (point, factor), in (0, 1).

        NaN where it is drawn as it would be without a plan.
        """
        return _points(replace(self, cell=None))[0]

    @property
    def rows(self) -> Ints:
        """Rows of `shares` of the points that this world has."""
        if self.cell is None:
            return np.arange(len(self.shares))
        return np.flatnonzero((self.worlds == np.array(self.cell)).all(axis=1))

    @property
    def worlds(self) -> Ints:
        """The level of each factor that changes the world, shape (point, such factor)."""
        places = [place for place, one in enumerate(self.columns) if one.levels]
        counts = np.array([self.columns[place].levels for place in places], np.int64)
        return np.minimum((self.shares[:, places] * counts).astype(np.int64), counts - 1)

    @property
    def runs(self) -> int:
        """How many runs its points take in this world."""
        return len(self.rows) * self.replicates

    def streams(self, seed: int, first_run: int, runs: int) -> PlannedStreams:
        """The random numbers of some runs."""
        point, replicate = np.divmod(np.arange(first_run, first_run + runs), self.replicates)
        rows = self.rows[point]
        drawn = {
            stream_of(name): self.shares[rows, place] for place, one in enumerate(self.columns) for name in one.streams
        }
        luck = _points(replace(self, cell=None))[1][rows] * self.replicates + replicate
        return PlannedStreams(seed, first_run, luck, drawn)


class PlannedStreams(RandomStreams):
    """The random numbers of runs whose luck and some of whose shares are given.

    luck : shape (run,), number of the run that each has the luck of. drawn : shares by stream, (run,); NaN for luck's.
    """

    def __init__(self, seed: int, first_run: int, luck: Ints, drawn: dict[int, Floats]) -> None:
        super().__init__(seed, 0, 1)
        self.first_run, self.runs = first_run, len(luck)
        self._luck, self._drawn = luck, drawn
        numbers, self._place = np.unique(luck, return_inverse=True)
        pieces = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
        self._pieces = [RandomStreams(seed, int(each[0]), len(each)) for each in pieces]

    def raw(self, stream: int, purpose: int, position: int) -> Words:
        parts = [each.raw(stream, purpose, position) for each in self._pieces]
        return np.concatenate(parts)[self._place]

    def uniforms(self, stream: int, purpose: int, position: int = 0) -> Floats:
        found = super().uniforms(stream, purpose, position)
        if purpose != Purpose.PARAMETER or stream not in self._drawn:
            return found
        shares = self._drawn[stream]
        return np.where(np.isnan(shares), found, shares)

    def uniform(self, stream: int, purpose: int, position: int, run: int) -> float:
        return super().uniform(stream, purpose, position, int(self._luck[run]))

    def words(self, streams: Sequence[int], purpose: int, position: int) -> Words:
        parts = [each.words(streams, purpose, position) for each in self._pieces]
        return np.concatenate(parts, axis=1).take(self._place, axis=1)


@lru_cache(maxsize=8)
def _points(plan: Plan) -> tuple[Floats, Ints]:
    """Shares, shape (point, factor), and which luck each point has, (point,), of all worlds."""
    rng, width = np.random.default_rng(plan.seed), len(plan.columns)
    luck = None
    if plan.method == "given":
        shares = np.array([[np.nan if each is None else each for each in row] for row in plan.given], np.float64)
    elif plan.method == "saltelli":
        shares, luck = _saltelli(plan, sampled("sobol", 2 * width, plan.size, rng))
    elif plan.method == "trajectories":
        shares = np.concatenate([_trajectory(width, rng) for _ in range(plan.size)])
    elif plan.method == "one by one":
        shares = np.full((width, plan.size, width), np.nan)
        for place in range(width):
            shares[place, :, place] = (np.arange(plan.size) + 0.5) / plan.size
        shares = shares.reshape(-1, width)
    else:
        shares = sampled(plan.method, width, plan.size, rng)
    return shares, np.zeros(len(shares), np.int64) if luck is None else luck


def sampled(method: str, width: int, size: int, rng: np.random.Generator) -> Floats:
    """A Latin hypercube ("lhs") or scrambled Sobol' points ("sobol"), shape (point, factor), in (0, 1)."""
    from scipy.stats import qmc

    made = seeded(qmc.LatinHypercube if method == "lhs" else qmc.Sobol, width, rng)
    shares: Floats = np.clip(made.random(size), 2.0**-53, 1.0 - 2.0**-53)
    return shares


def seeded(sampler: Callable[..., Any], width: int, rng: np.random.Generator) -> Any:
    """The sampler with its generator, which SciPy calls `seed` up to 1.14 and `rng` from 1.15 on."""
    try:
        return sampler(width, rng=rng)
    except TypeError:
        return sampler(width, seed=rng)


def _saltelli(plan: Plan, both: Floats) -> tuple[Floats, Ints]:
    """The blocks A, B, and A with each group's columns from B; whose luck each point has."""
    first, other = both[:, : len(plan.columns)], both[:, len(plan.columns) :]
    count = np.arange(plan.size) if plan.luck else np.zeros(plan.size, np.int64)
    blocks, luck = [first, other], [count, count + plan.luck * plan.size]
    for group in plan.groups:
        chosen = np.array([(one.group or one.name) == group for one in plan.columns], bool)
        blocks.append(np.where(chosen, other, first))
        luck.append(luck[1] if plan.luck and group == "luck" else count)
    return np.concatenate(blocks), np.concatenate(luck)


def _trajectory(width: int, rng: np.random.Generator) -> Floats:
    """A way of `width` steps from a random point, each along another factor, shape (width + 1, width)."""
    levels = rng.integers(LEVELS, size=width)
    ways = np.tile((levels + 0.5) / LEVELS, (width + 1, 1))
    for step, place in enumerate(rng.permutation(width)):
        ways[step + 1 :, place] += STEP if levels[place] < LEVELS // 2 else -STEP
    return ways
