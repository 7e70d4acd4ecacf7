"""How good probabilities of events were: Murphy's decomposition and the reliability curve. NumPy alone.

References
----------
Bröcker, J. & Smith, L. A. (2007). Increasing the reliability of reliability diagrams. Weather and Forecasting 22(3).
Murphy, A. H. (1973). A new vector partition of the probability score. Journal of Applied Meteorology 12(4).
Stephenson, D. B., Coelho, C. A. S. & Jolliffe, I. T. (2008). Two extra components in the Brier score decomposition.
Weather and Forecasting 23(4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from tensionsim.record import Bools, Floats, Ints

BINS = 10


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A mean Brier score and its parts: `brier = reliability - resolution + uncertainty + within`.

    reliability : how far what happened is from what was said, 0 at best. resolution : how far forecasts tell cases
    apart, `uncertainty` at best. uncertainty : p (1 - p) of the share in which it happened. within : what is lost by
    treating unlike probabilities of one bin as their mean; 0 where all in a bin are equal. n : forecasts.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float
    n: int


def murphy(probability: Floats, happened: Bools, *, bins: int = BINS) -> Decomposition:
    """The Brier score split into reliability, resolution and uncertainty (Murphy 1973).

    Parameters
    ----------
    probability : in [0, 1], shape (forecast,). happened : shape (forecast,). bins : of equal width over [0, 1]; the
        extra term for their width is that of Stephenson, Coelho & Jolliffe (2008), so that the parts sum exactly.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import probability
    >>> parts = probability.murphy(np.array([0.0, 0.0, 1.0, 1.0]), np.array([False, False, True, True]))
    >>> parts.brier, parts.reliability, parts.resolution, parts.uncertainty
    (0.0, 0.0, 0.25, 0.25)
    """
    said, came = _checked(probability, happened)
    counts, mean_said, mean_came = _by_bin(said, came, bins)
    share = counts / counts.sum()
    base = float(came.mean())
    score = float(((said - came) ** 2).mean())
    reliability = float(share @ (mean_said - mean_came) ** 2)
    resolution = float(share @ (mean_came - base) ** 2)
    uncertainty = base * (1.0 - base)
    within = score - (reliability - resolution + uncertainty)
    return Decomposition(score, reliability, resolution, uncertainty, within, said.size)


@dataclass(frozen=True, slots=True)
class Reliability:
    """A reliability curve, one row a bin that has forecasts, each of shape (bin,).

    said : mean probability. happened : share in which it came true. low, high : consistency bars, which hold
    `happened` in 90 % of samples if the probabilities are right and the outcomes independent. n : forecasts.
    """

    said: Floats
    happened: Floats
    low: Floats
    high: Floats
    n: Ints


def reliability(probability: Floats, happened: Bools, *, bins: int = BINS, level: float = 0.90) -> Reliability:
    """How often events happened by how likely they were called, with consistency bars.

    The bars are exact quantiles of the number of events given the probabilities in the bin (a Poisson-binomial), where
    Bröcker & Smith (2007) resample. Forecasts whose spans overlap depend on each other: then the bars are too short.

    Parameters
    ----------
    probability, happened : shape (forecast,). level : of the bars, in (0, 1).

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import probability
    >>> curve = probability.reliability(np.array([0.25] * 4), np.array([True, False, False, False]))
    >>> curve.said.tolist(), curve.happened.tolist(), curve.n.tolist()
    ([0.25], [0.25], [4])
    """
    said, came = _checked(probability, happened)
    counts, mean_said, mean_came = _by_bin(said, came, bins)
    rows = _bin_of(said, bins)
    bars = [_bar(said[rows == row], level) for row in np.unique(rows)]
    low, high = np.array(bars).T
    return Reliability(mean_said, mean_came, low, high, counts)


def _bar(said: Floats, level: float) -> tuple[float, float]:
    """Quantiles of the share that happens if each does so with its own probability."""
    chances = np.cumsum(reduce(np.convolve, np.stack([1.0 - said, said], axis=-1), np.ones(1)))
    tail = (1.0 - level) / 2.0
    low, high = np.searchsorted(chances, [tail, 1.0 - tail - 1e-12])
    return float(low / said.size), float(min(high, said.size) / said.size)


def _bin_of(said: Floats, bins: int) -> Ints:
    return np.minimum((said * bins).astype(np.int64), bins - 1)


def _by_bin(said: Floats, came: Floats, bins: int) -> tuple[Ints, Floats, Floats]:
    """Counts and means of the bins that hold a forecast."""
    _, rows, counts = np.unique(_bin_of(said, bins), return_inverse=True, return_counts=True)
    return counts, np.bincount(rows, said) / counts, np.bincount(rows, came) / counts


def _checked(probability: Floats, happened: Bools) -> tuple[Floats, Floats]:
    said, came = np.asarray(probability, np.float64), np.asarray(happened)
    if said.ndim != 1 or said.shape != came.shape or not said.size:
        raise ValueError(f"probabilities and outcomes need one shape (forecast,); got {said.shape} and {came.shape}")
    if not ((said >= 0.0) & (said <= 1.0)).all():
        raise ValueError("probabilities lie in 0..1")
    return said, came.astype(np.float64)
