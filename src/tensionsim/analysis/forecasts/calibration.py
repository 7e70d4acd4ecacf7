"""Whether ensembles are as sure as they should be: PIT, coverage of intervals, sharpness. NumPy alone.

References
----------
Gneiting, T., Balabdaoui, F. & Raftery, A. E. (2007). Probabilistic forecasts, calibration and sharpness. Journal of the
Royal Statistical Society B 69(2).
Knüppel, M. (2015). Evaluating the calibration of multi-step-ahead density forecasts using raw moments. Journal of
Business & Economic Statistics 33(2).
Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the American
Statistical Association 22(158).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensionsim.analysis.forecasts.variance import normal_quantile, overlapping_variance
from tensionsim.record import Bools, Floats, Ints

POWERS = (1, 2, 3, 4)
"""Of the PIT, stretched to mean 0 and variance 1, whose means the test of calibration looks at."""

LEAST_SHARE = 0.05
"""Of the smallest variance that independent values would have: what overlap may reduce it to."""


def pit(ensemble: Floats, outcome: Floats, uniforms: Floats) -> Floats:
    """The probability integral transform: where the outcome lies among the runs, in (0, 1), shape (...).

    `(runs below + u (runs equal + 1)) / (runs + 1)`: exactly uniform where outcome and runs are drawn alike, for
    continuous and discrete forecasts and whatever the number of runs. NaN where the outcome is.

    Parameters
    ----------
    ensemble : shape (..., run). outcome : shape (...). uniforms : in (0, 1), shape (...), which part equals.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import calibration
    >>> calibration.pit(np.array([[1.0, 2.0, 3.0]]), np.array([2.5]), np.array([0.5])).tolist()
    [0.625]
    """
    came = np.asarray(outcome)[..., None]
    below, equal = (ensemble < came).sum(axis=-1), (ensemble == came).sum(axis=-1)
    place = (below + uniforms * (equal + 1)) / (ensemble.shape[-1] + 1)
    return np.where(np.isnan(outcome), np.nan, place)


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of the PIT by bin, shape (bin,), with the 90 % range of a count if the forecasts are calibrated.

    A hump says that the forecasts are too wide, a trough too narrow, a slope biased.
    """

    counts: Ints
    expected: float
    low: float
    high: float


def pit_histogram(values: Floats, *, bins: int = 10) -> Histogram:
    """The histogram of PIT values, shape (forecast,); the range of a count is binomial, for independent forecasts.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import calibration
    >>> calibration.pit_histogram(np.array([0.1, 0.2, 0.9, 0.95]), bins=2).counts.tolist()
    [2, 2]
    """
    from scipy.special import bdtr

    known = values[~np.isnan(values)]
    counts = np.histogram(known, bins=bins, range=(0.0, 1.0))[0]
    chances = bdtr(np.arange(known.size + 1), known.size, 1.0 / bins)
    low, high = np.searchsorted(chances, [0.05, 0.95])
    return Histogram(counts, known.size / bins, float(low), float(high))


@dataclass(frozen=True, slots=True)
class MomentTest:
    """A test of calibration: `statistic` is chi-squared with one degree a moment if the forecasts are calibrated."""

    statistic: float
    p_value: float
    n: int


def pit_test(values: Floats, *, lags: int = 0) -> MomentTest:
    """Whether PIT values, in order of origin, shape (forecast,), are uniform, though they may depend on each other.

    Compares their first four raw moments with those of a uniform (after Knüppel 2015), with a covariance that allows
    for dependence over `lags` origins: forecasts h steps ahead overlap with h - 1 others. Simulated at 5 %, it rejects
    4 to 5 % of calibrated forecasts one step ahead, and 2 to 9 % three and six steps ahead (50 and 150 origins).

    Returns
    -------
    NaN with fewer than 12 values.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import calibration
    >>> calibration.pit_test(np.linspace(0.4, 0.6, 50)).p_value < 0.001  # far too wide
    True
    """
    from scipy.special import chdtrc

    known = values[~np.isnan(values)]
    if known.size < 12:
        return MomentTest(float("nan"), float("nan"), known.size)
    stretched = np.sqrt(12.0) * (known - 0.5)
    off = np.stack([stretched**power - _moment(power) for power in POWERS])
    mean = off.mean(axis=-1)
    statistic = float(known.size * mean @ np.linalg.solve(_moment_covariance(off, lags), mean))
    return MomentTest(statistic, float(chdtrc(len(POWERS), statistic)), known.size)


def _moment(power: int) -> float:
    """The mean of a power of a uniform of mean 0 and variance 1."""
    return 0.0 if power % 2 else float(3.0 ** (power / 2) / (power + 1))


def _moment_covariance(off: Floats, lags: int) -> Floats:
    """The long-run covariance of powers of calibrated PIT values, from their deviations, shape (power, date).

    What a uniform gives is not estimated: variances at one date, means of 0, no covariance of odd and even powers.
    Estimating those too rejects 20 to 60 % of calibrated forecasts at 5 % where 50 of them overlap six-fold.
    """
    at_once = np.array([[_moment(i + j) - _moment(i) * _moment(j) for j in POWERS] for i in POWERS])
    total, length = at_once.copy(), off.shape[-1]
    for lag in range(1, min(lags, length - 1) + 1):
        later = off[:, lag:] @ off[:, : length - lag].T / length
        total += (1.0 - lag / (lags + 1)) * (later + later.T)
    is_alike = (np.add.outer(POWERS, POWERS) % 2) == 0
    values, vectors = np.linalg.eigh(np.where(is_alike, total, 0.0))
    least = LEAST_SHARE * np.linalg.eigvalsh(at_once)[0]
    covariance: Floats = (vectors * np.maximum(values, least)) @ vectors.T
    return covariance


def interval(ensemble: Floats, level: float) -> tuple[Floats, Floats]:
    """The central interval that holds an outcome drawn like the runs with a chance of `level`, each of shape (...).

    Quantiles by Weibull's rule `p (m + 1)`, which is exact for m runs of any continuous forecast as long as the
    interval lies within the runs: `(1 - level) (m + 1) >= 2`.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import calibration
    >>> [float(end) for end in calibration.interval(np.arange(1.0, 100.0), 0.5)]
    [25.0, 75.0]
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"the level of an interval lies between 0 and 1; got {level}")
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(ensemble, [tail, 1.0 - tail], axis=-1, method="weibull")
    return low, high


def sharpness(ensemble: Floats, level: float) -> Floats:
    """The width of the central interval, in the ensemble's unit, shape (...): smaller is sharper.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import calibration
    >>> calibration.sharpness(np.arange(1.0, 100.0), 0.5).item()
    50.0
    """
    low, high = interval(ensemble, level)
    return high - low


def is_inside(ensemble: Floats, outcome: Floats, level: float) -> Bools:
    """Whether the outcome lies in the central interval, ends included, shape (...)."""
    low, high = interval(ensemble, level)
    inside: Bools = (low <= outcome) & (outcome <= high)
    return inside


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often intervals held what came.

    level : what they promise. share : what they held, with Wilson's 95 % interval `low`, `high` for independent
    forecasts, and one that allows for forecasts that overlap, `overlap_low`, `overlap_high` (never the narrower).
    width : mean width. n : forecasts with a known outcome.
    """

    level: float
    share: float
    low: float
    high: float
    overlap_low: float
    overlap_high: float
    width: float
    n: int


def coverage(ensemble: Floats, outcome: Floats, level: float, *, lags: int = 0) -> Coverage:
    """How often the central intervals of forecasts in order of origin held what came.

    Parameters
    ----------
    ensemble : shape (forecast, run). outcome : shape (forecast,), NaN where not known. lags : how many neighbours a
        forecast's span overlaps with. The variance is inflated by what the hits' autocorrelation says, at least 1
        times, and Wilson's interval computed for as many fewer forecasts.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import calibration
    >>> found = calibration.coverage(np.tile(np.arange(1.0, 100.0), (4, 1)), np.array([5.0, 40.0, 60.0, 50.0]), 0.5)
    >>> found.share, found.n
    (0.75, 4)
    """
    known = ~np.isnan(outcome)
    count = int(known.sum())
    if not count:
        nothing = float("nan")
        return Coverage(level, nothing, nothing, nothing, nothing, nothing, nothing, 0)
    inside = is_inside(ensemble[known], outcome[known], level).astype(np.float64)
    share = float(inside.mean())
    spread = share * (1.0 - share)
    excess = overlapping_variance(inside, lags) / spread if spread > 0.0 else 1.0
    ends = _wilson(share, count), _wilson(share, count / max(excess, 1.0))
    return Coverage(level, share, *ends[0], *ends[1], float(sharpness(ensemble[known], level).mean()), count)


def _wilson(share: float, n: float) -> tuple[float, float]:
    z = normal_quantile(0.975)
    centre = (share + z**2 / (2.0 * n)) / (1.0 + z**2 / n)
    half = z / (1.0 + z**2 / n) * float(np.sqrt(share * (1.0 - share) / n + z**2 / (4.0 * n**2)))
    return max(centre - half, 0.0), min(centre + half, 1.0)
