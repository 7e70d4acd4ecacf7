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

from tensionsim.model.mechanisms import SCALE
from tensionsim.rng import Floats, Ints, Purpose, RandomStreams, Words, stream_of

Method = Literal["lhs", "saltelli", "spread", "trajectories", "one by one"]
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
    each a point more than there are factors; "one by one": each factor at `size` shares while the others are drawn.
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
        """Of every point the share that each factor is drawn by, shape (point, factor), in (0, 1).

        NaN where it is drawn as it would be without a plan.
        """
        return _points(replace(self, rows=None))[0]

    def streams(self, seed: int, first_run: int, runs: int) -> PlannedStreams:
        """The random numbers of some runs."""
        point, replicate = np.divmod(np.arange(first_run, first_run + runs), self.replicates)
        rows = point if self.rows is None else np.array(self.rows)[point]
        shares, luck = _points(replace(self, rows=None))
        drawn = {stream_of(name): shares[rows, place] for place, one in enumerate(self.columns) for name in one.streams}
        return PlannedStreams(seed, first_run, luck[rows] * self.replicates + replicate, drawn)


class PlannedStreams(RandomStreams):
    """The random numbers of runs whose luck and some of whose shares are given.

    luck : shape (run,), number of the run that each has the luck of. drawn : shares by stream, (run,); NaN for luck's.
    """

    def __init__(self, seed: int, first_run: int, luck: Ints, drawn: dict[int, Floats]) -> None:
        super().__init__(seed, first_run, len(luck))
        self._luck, self._drawn = RandomStreams(seed, int(luck.min()), int(np.ptp(luck)) + 1), drawn
        self._place = luck - self._luck.first_run

    def raw(self, stream: int, purpose: int, position: int) -> Words:
        return self._luck.raw(stream, purpose, position)[self._place]

    def uniforms(self, stream: int, purpose: int, position: int = 0) -> Floats:
        found = super().uniforms(stream, purpose, position)
        if purpose != Purpose.PARAMETER or stream not in self._drawn:
            return found
        shares = self._drawn[stream]
        return np.where(np.isnan(shares), found, shares)

    def words(self, streams: Sequence[int], purpose: int, position: int) -> Words:
        return self._luck.words(streams, purpose, position).take(self._place, axis=1)


@lru_cache(maxsize=8)
def _points(plan: Plan) -> tuple[Floats, Ints]:
    """Shares, shape (point, factor), and which luck each point has, (point,)."""
    rng, width = np.random.default_rng(plan.seed), len(plan.columns)
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
