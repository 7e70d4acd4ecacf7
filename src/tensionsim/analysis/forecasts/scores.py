"""Scores of ensembles against what came, smaller being better. Pure functions, NumPy alone.

The last axis of an ensemble is `run`; outcomes have its shape without that axis. An outcome that is NaN (not known)
scores NaN. A plain score treats the runs as the whole forecast and so favours large ensembles and narrow small ones; a
fair one estimates without bias what an endless ensemble from the same forecaster would score.

References
----------
Epstein, E. S. (1969). A scoring system for probability forecasts of ranked categories. Journal of Applied Meteorology
8(6).
Ferro, C. A. T. (2014). Fair scores for ensemble forecasts. Quarterly Journal of the Royal Meteorological Society 140.
Gneiting, T. & Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and estimation. Journal of the American
Statistical Association 102(477).
Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis. Chapman and Hall.
"""

from __future__ import annotations

import numpy as np

from tensionsim.measures import REGIMES, regime_of
from tensionsim.record import Bools, Floats

_LOG_ROOT_TAU = 0.5 * float(np.log(2.0 * np.pi))


def crps(ensemble: Floats, outcome: Floats) -> Floats:
    """The continuous ranked probability score of the ensemble's own distribution, shape (...).

    Computed as `mean |X - y| - sum of (2 i - m - 1) X_(i) / m^2` over the m sorted runs, which is exact.

    Parameters
    ----------
    ensemble : shape (..., run), in any unit. outcome : shape (...), in that unit.

    Returns
    -------
    In that unit, 0 or above; 0 where every run hit.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import scores
    >>> scores.crps(np.array([[1.0, 3.0], [2.0, 2.0]]), np.array([2.0, 5.0])).tolist()
    [0.5, 3.0]
    """
    runs = _runs(ensemble, outcome, least=1)
    return np.maximum(_error(ensemble, outcome) - _sorted_sum(ensemble) / runs**2, 0.0)


def fair_crps(ensemble: Floats, outcome: Floats) -> Floats:
    """The CRPS that an endless ensemble would get, estimated without bias from these runs, shape (...).

    As `crps` with `m (m - 1)` for `m^2` (Ferro 2014). It may be slightly below 0 for one forecast; its mean is that of
    the forecaster whatever the number of runs, if they are independent.

    Parameters
    ----------
    ensemble : shape (..., run), two runs or more. outcome : shape (...), in the same unit.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import scores
    >>> scores.fair_crps(np.array([[1.0, 3.0]]), np.array([2.0])).tolist()
    [0.0]
    """
    runs = _runs(ensemble, outcome, least=2)
    fair: Floats = _error(ensemble, outcome) - _sorted_sum(ensemble) / (runs * (runs - 1))
    return fair


def _error(ensemble: Floats, outcome: Floats) -> Floats:
    error: Floats = np.abs(ensemble - np.asarray(outcome)[..., None]).mean(axis=-1)
    return error


def _sorted_sum(ensemble: Floats) -> Floats:
    """Half the sum of |X - X'| over all pairs of runs, by sorting: O(m log m) where pairs would take O(m^2)."""
    ordered = np.sort(ensemble, axis=-1)
    runs = ensemble.shape[-1]
    middle = ordered[..., runs // 2, None]
    total: Floats = (ordered - middle) @ (2.0 * np.arange(1, runs + 1) - runs - 1)
    return total


def gaussian_log_score(ensemble: Floats, outcome: Floats, *, least_spread: float = 0.0) -> Floats:
    """Minus the log density of a normal with the runs' mean and standard deviation, shape (...), in nats.

    Endless where all runs agree and miss; minus endless where they agree and hit.

    Parameters
    ----------
    least_spread : in the ensemble's unit, for values that are rounded or bounded; 0 lets runs that agree score so.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import scores
    >>> round(float(scores.gaussian_log_score(np.array([-1.0, 0.0, 1.0]), np.array(0.0))), 4)
    0.9189
    """
    _runs(ensemble, outcome, least=2)
    spread = np.maximum(_spread(ensemble), least_spread)
    safe = np.where(spread > 0.0, spread, 1.0)
    score = 0.5 * ((np.asarray(outcome) - ensemble.mean(axis=-1)) / safe) ** 2 + np.log(safe) + _LOG_ROOT_TAU
    return np.where(spread > 0.0, score, _of_the_sure(ensemble, outcome))


def kernel_log_score(ensemble: Floats, outcome: Floats, *, least_bandwidth: float = 0.0) -> Floats:
    """Minus the log of a Gaussian kernel density of the runs at the outcome, shape (...), in nats.

    The bandwidth is Silverman's `1.06 min(sd, interquartile range / 1.34) m^(-1/5)`, from the standard deviation alone
    where half the runs agree. Beyond the farthest run the density falls as fast as the kernel's: few runs or tails
    that they do not reach make the score large. Report it beside the CRPS, not instead.

    Parameters
    ----------
    least_bandwidth : in the ensemble's unit, for values that are rounded or bounded; 0 lets a forecast that is sure
        and wrong score an endless loss.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import scores
    >>> bool(scores.kernel_log_score(np.linspace(-1, 1, 99), np.array(0.2)) < 1.0)
    True
    """
    runs = _runs(ensemble, outcome, least=2)
    low, high = np.quantile(ensemble, [0.25, 0.75], axis=-1)
    spread, quartiles = _spread(ensemble), (high - low) / 1.34
    width = 1.06 * np.where(quartiles > 0.0, np.minimum(spread, quartiles), spread) * runs**-0.2
    width = np.maximum(width, least_bandwidth)
    safe = np.where(width > 0.0, width, 1.0)
    exponent = -0.5 * ((np.asarray(outcome)[..., None] - ensemble) / safe[..., None]) ** 2
    top = exponent.max(axis=-1)
    score = np.log(runs) + np.log(safe) + _LOG_ROOT_TAU - top - np.log(np.exp(exponent - top[..., None]).sum(axis=-1))
    return np.where(width > 0.0, score, _of_the_sure(ensemble, outcome))


def _of_the_sure(ensemble: Floats, outcome: Floats) -> Floats:
    """The log score where all runs agree."""
    return np.where(np.isnan(outcome), np.nan, np.where(ensemble[..., 0] == outcome, -np.inf, np.inf))


def _spread(ensemble: Floats) -> Floats:
    """Standard deviation over the runs: 0 to the last bit where all agree."""
    same = (ensemble == ensemble[..., :1]).all(axis=-1)
    spread: Floats = np.where(same, 0.0, ensemble.std(axis=-1, ddof=1))
    return spread


def brier(probability: Floats, happened: Bools) -> Floats:
    """The squared error of a probability, in [0, 1], shape as given.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import scores
    >>> scores.brier(np.array([0.5, 1.0]), np.array([True, True])).tolist()
    [0.25, 0.0]
    """
    squared: Floats = (np.asarray(probability) - np.asarray(happened)) ** 2
    return squared


def fair_brier(happens: Bools, happened: Bools) -> Floats:
    """The Brier score of an endless ensemble, estimated without bias from the runs in which it happens, shape (...).

    Parameters
    ----------
    happens : shape (..., run), two runs or more. happened : shape (...).

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import scores
    >>> scores.fair_brier(np.array([[True, False]]), np.array([True])).tolist()
    [0.0]
    """
    runs = _runs(happens, happened, least=2)
    share = np.asarray(happens).mean(axis=-1)
    fair: Floats = brier(share, happened) - share * (1.0 - share) / (runs - 1)
    return fair


def ranked_probability(shares: Floats, outcome: Floats) -> Floats:
    """The ranked probability score of classes in order, shape (...), in [0, classes - 1].

    The sum over the bounds between classes of the Brier score of being below the bound, so that a near miss costs less
    than a far one. (Some divide by the number of bounds.)

    Parameters
    ----------
    shares : shape (..., class), summing to 1. outcome : row of the class that came, shape (...).

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import scores
    >>> scores.ranked_probability(np.array([0.0, 0.5, 0.5, 0.0, 0.0]), np.array(1)).item()
    0.25
    """
    bounds = np.arange(np.shape(shares)[-1] - 1)
    below = np.cumsum(shares, axis=-1)[..., :-1]
    score: Floats = ((below - (np.asarray(outcome)[..., None] <= bounds)) ** 2).sum(axis=-1)
    return score


def regime_score(ensemble: Floats, outcome: Floats) -> Floats:
    """The fair ranked probability score of the five regimes, from runs of the index, shape (...), about 0 to 4.

    Parameters
    ----------
    ensemble : the index, 0-100, shape (..., run). outcome : the index that came, shape (...).

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import scores
    >>> scores.regime_score(np.array([[30.0, 32.0]]), np.array([40.0])).tolist()  # crisis foretold, strained came
    [1.0]
    """
    came = np.where(np.isnan(outcome), np.nan, regime_of(np.asarray(outcome)))
    return fair_crps(regime_of(ensemble).astype(np.float64), came)


def regimes() -> tuple[str, ...]:
    """The names of the regimes in their order.

    Examples
    --------
    >>> from tensionsim.analysis.forecasts import scores
    >>> scores.regimes()[0]
    'rupture'
    """
    return tuple(name for name, _ in REGIMES)


def _runs(ensemble: Floats | Bools, outcome: Floats | Bools, *, least: int) -> int:
    """How many runs an ensemble has, once it is sure that it and the outcomes belong together."""
    shape: tuple[int, ...] = np.shape(ensemble)
    if not shape or shape[:-1] != np.shape(outcome):
        raise ValueError(f"an ensemble of shape {shape} needs outcomes of shape {shape[:-1]}, not {np.shape(outcome)}")
    if shape[-1] < least:
        raise ValueError(f"this score needs {least} runs or more; the ensemble has {shape[-1]}")
    return shape[-1]
