"""Variances of means of series that depend on their own past. NumPy alone.

References
----------
Newey, W. K. & West, K. D. (1987). A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent
covariance matrix. Econometrica 55(3).
"""

from __future__ import annotations

import numpy as np

from tensionsim.record import Floats


def autocovariances(series: Floats, lags: int) -> Floats:
    """Autocovariances of several series, shape (lag, series, series), lags 0 to `lags`, divided by the length.

    Parameters
    ----------
    series : shape (series, date). lags : cut to the length less 1.
    """
    length = series.shape[-1]
    off = series - series.mean(axis=-1, keepdims=True)
    return np.stack([off[:, lag:] @ off[:, : length - lag].T / length for lag in range(min(lags, length - 1) + 1)])


def long_run_covariance(series: Floats, lags: int) -> Floats:
    """Newey and West's covariance of series, to be divided by the length for that of their means.

    Parameters
    ----------
    series : shape (series, date). lags : with Bartlett weights `1 - lag / (lags + 1)`.

    Returns
    -------
    Positive semi-definite, shape (series, series).

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts.variance import long_run_covariance
    >>> long_run_covariance(np.array([[1.0, -1.0, 1.0, -1.0]]), 0).tolist()
    [[1.0]]
    """
    found = autocovariances(series, lags)
    weights = 1.0 - np.arange(len(found)) / len(found)
    both = found + found.transpose(0, 2, 1)
    total: Floats = found[0] + np.einsum("l,lij->ij", weights[1:], both[1:])
    return total


def overlapping_variance(series: Floats, lags: int) -> float:
    """The long-run variance of a series, shape (date,), of which each value depends on the `lags` before it.

    The larger of the plain sum of autocovariances, which is right on average but can fall below 0, and Newey and
    West's, which cannot but is too small where dependence is strong.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts.variance import overlapping_variance
    >>> overlapping_variance(np.array([1.0, 1.0, -1.0, -1.0]), 1)
    1.5
    """
    found = autocovariances(series[None], lags)[:, 0, 0]
    return float(max(found[0] + 2.0 * found[1:].sum(), long_run_covariance(series[None], lags)[0, 0]))


def normal_quantile(probability: float) -> float:
    """The quantile of the standard normal."""
    from scipy.special import ndtri

    return float(ndtri(probability))
