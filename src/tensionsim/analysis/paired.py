"""Statistics of two ensembles that share their luck run by run. Pure functions, NumPy alone.

Differences are taken in each run first, `A - B` of one run number, and summed up after. `n` is the number of runs.

References
----------
Chernozhukov, V., Chetverikov, D. & Kato, K. (2013). Gaussian approximations and multiplier bootstrap for maxima of
sums of high-dimensional random vectors. Annals of Statistics 41(6).
McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions or percentages.
Psychometrika 12(2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tensionsim.model.record import Bools, Floats
from tensionsim.rng import Purpose, RandomStreams, stream_of
from tensionsim.runs.statistics import QUANTILES, over_runs as statistics_over_runs

CONFIDENCE = 0.95

WORDS = 32
"""Random words of 64 signs each: a band rests on 2,048 patterns, so that its 95 % is good to half a percent."""

STATISTICS = ("mean", "low", "high", "band_low", "band_high", *QUANTILES)
"""Of a paired difference: its mean, 95 % intervals at one date and at all dates at once, quantiles over the runs."""

LEAST_RUNS = 6
"""Of five runs or fewer no pattern of signs is rarer than one in twenty: they cannot tell a difference from luck."""

BLOCK = 2**15
"""Runs whose signs are in memory at a time."""

TINY = 1e-9
"""Of n: what rounding may take from a |t| that is as large as n runs let it be."""


@dataclass(frozen=True, slots=True)
class Band:
    """A mean difference by date, shape (date,), with 95 % intervals in points of the index.

    low, high : hold the true mean at all dates at once, `point_low`, `point_high` at one chosen beforehand. critical :
    the factor of the standard error that makes the simultaneous band, which is endless with fewer than 6 runs.
    """

    mean: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    point_low: Floats
    point_high: Floats
    critical: float

    @property
    def is_apart(self) -> Bools:
        """Where the simultaneous band leaves out 0, shape (date,)."""
        apart: Bools = (self.low > 0.0) | (self.high < 0.0)
        return apart


class Divergence(NamedTuple):
    """Rows at which outlooks first differ in any run, are first told apart by the band, and stay so to the end."""

    first_difference: int | None
    first_apart: int | None
    apart_to_end: int | None


class Shares(NamedTuple):
    """Two shares of the same runs, their difference with its error after McNemar, and runs of one alone."""

    here: float
    there: float
    difference: float
    standard_error: float
    only_here: int
    only_there: int


class Saving(NamedTuple):
    """How much pairing saves: `(var A + var B) / var(A - B)`; NaN where there is no such number."""

    spread: float
    spread_baseline: float
    spread_difference: float
    correlation: float
    variance_ratio: float


def band(differences: Floats, *, seed: int = 0, first_run: int = 0) -> Band:
    """The mean of paired differences, shape (date, run), with its pointwise and simultaneous 95 % intervals.

    The simultaneous one is a sup-t band: the factor is the 95 % point of the greatest |t| over all dates when each
    run's deviation from the mean gets a random sign (a multiplier bootstrap), by seed and runs' numbers alone. t is
    studentised anew under each pattern of signs, so that few runs give a wide band. On a date on which fewer than
    `LEAST_RUNS` runs differ from the most common difference the band is endless; where none does it is that difference.
    """
    n = differences.shape[-1]
    mean = differences.mean(axis=-1)
    if n < 2:
        endless = np.full_like(mean, np.inf)
        return Band(mean, np.full_like(mean, np.nan), -endless, endless, -endless, endless, float("inf"))
    deviations = _deviations(differences, mean)
    error = np.sqrt((deviations**2).sum(axis=-1) / (n - 1) / n)
    common = np.median(differences, axis=-1, keepdims=True)
    told = (differences != common).sum(axis=-1) >= LEAST_RUNS
    critical = max(_critical(deviations[told], RandomStreams(seed, first_run, n)), student(n))
    point, endless = student(n) * error, np.where(error > 0.0, np.inf, 0.0)
    half = np.where(told, critical * error, endless) if np.isfinite(critical) else endless
    return Band(mean, error, mean - half, mean + half, mean - point, mean + point, critical)


def _deviations(values: Floats, mean: Floats) -> Floats:
    """What each run has more than the mean: 0 to the last bit where all runs agree, which a mean may miss by a bit."""
    same = (values == values[..., :1]).all(axis=-1, keepdims=True)
    deviations: Floats = np.where(same, 0.0, values - mean[..., None])
    return deviations


def _critical(deviations: Floats, streams: RandomStreams) -> float:
    n = deviations.shape[-1]
    size = np.sqrt((deviations**2).sum(axis=-1, keepdims=True))
    moving = size[:, 0] > 0.0
    if n < LEAST_RUNS:
        return float("inf")
    if not moving.any():
        return student(n)
    unit = deviations[moving] / size[moving]
    # Sums over the runs under 64 patterns of signs, by blocks, which need little memory.
    blocks = [slice(first, first + BLOCK) for first in range(0, n, BLOCK)]
    sums = (sum(unit[:, block] @ signs(streams, word, block) for block in blocks) for word in range(WORDS))
    greatest = np.concatenate([np.abs(each).max(axis=0) for each in sums])
    level = float(np.sort(greatest)[int(np.ceil(CONFIDENCE * (greatest.size + 1))) - 1])
    return float("inf") if level**2 >= n - TINY else level * float(np.sqrt((n - 1) / (n - level**2)))


def signs(streams: RandomStreams, word: int, block: slice = slice(None)) -> Floats:
    """Random signs, -1.0 or 1.0, of the runs of the streams, shape (run, 64); each word gives others."""
    words = streams.raw(stream_of("comparison: signs"), Purpose.ALTERNATIVE, word)[block]
    bits = np.unpackbits(words.astype("<u8")[:, None].view(np.uint8), axis=-1)
    found: Floats = 2.0 * bits.astype(np.float64) - 1.0
    return found


def student(runs: int) -> float:
    """The 97.5 % point of Student's t with `runs - 1` degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(runs - 1, 0.5 + CONFIDENCE / 2.0))


def divergence(differences: Floats, found: Band) -> Divergence:
    """When two outlooks diverge, from their paired differences, shape (date, run), and the band of these."""
    apart, sign = found.is_apart, np.sign(found.mean)
    lasting = np.logical_and.accumulate((apart & (sign == sign[-1]))[::-1])[::-1]
    holds = ((differences != 0.0).any(axis=-1), apart, lasting)
    return Divergence(*(int(each.argmax()) if each.any() else None for each in holds))


def shares(here: Bools | np.bool, there: Bools | np.bool) -> Shares:
    """Shares of the runs in which something is so, both of shape (run,), and their difference."""
    n = here.shape[-1]
    b, c = int((here & ~there).sum()), int((there & ~here).sum())
    error = float(np.sqrt(max(b + c - (b - c) ** 2 / n, 0.0))) / n
    return Shares(float(here.mean()), float(there.mean()), (b - c) / n, error, b, c)


def saving(here: Floats, there: Floats) -> Saving:
    """What pairing saves in the mean difference of a quantity of each run, both of shape (run,)."""
    n = here.shape[-1]
    if n < 2:
        return Saving(0.0, 0.0, 0.0, np.nan, np.nan)
    values = np.stack([here, there, here - there])
    spread = np.sqrt((_deviations(values, values.mean(axis=-1)) ** 2).sum(axis=-1) / (n - 1))
    one, other, both = (float(value) for value in spread)
    correlation = float(np.corrcoef(here, there)[0, 1]) if one > 0.0 and other > 0.0 else np.nan
    return Saving(one, other, both, correlation, (one**2 + other**2) / both**2 if both > 0.0 else np.nan)


def over_runs(differences: Floats, found: Band) -> Floats:
    """What tables show of paired differences, shape (date, statistic) (see STATISTICS)."""
    spread = statistics_over_runs(differences)[..., 1:]
    bounds = (found.mean, found.point_low, found.point_high, found.low, found.high)
    return np.concatenate([np.stack([np.where(np.isfinite(one), one, np.nan) for one in bounds], axis=-1), spread], -1)
