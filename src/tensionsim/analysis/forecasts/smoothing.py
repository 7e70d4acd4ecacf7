"""Exponential smoothing with additive errors, by statsmodels; the one home of that package.

References
----------
Gardner, E. S. & McKenzie, E. (1985). Forecasting trends in time series. Management Science 31(10).
Hyndman, R. J., Koehler, A. B., Ord, J. K. & Snyder, R. D. (2008). Forecasting with Exponential Smoothing: The State
Space Approach. Springer.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensionsim.analysis.forecasts.lags import LEAST_FREEDOM, CannotFit
from tensionsim.errors import TensionSimError
from tensionsim.record import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Smoothing:
    """A fitted smoother of one series: `y = level + damping slope + e`, the level moving by `gain e`.

    level, slope : at the last date. gain, slope_gain : what an error moves them by. damping : of the slope, a step;
    all of the slope's are 0 in simple smoothing. residuals : one-step errors, shape (date,). freedom : coefficients.
    """

    level: float
    slope: float
    gain: float
    slope_gain: float
    damping: float
    residuals: Floats
    freedom: int


def fitted(series: Floats) -> Smoothing:
    """Simple or damped-trend smoothing, whichever has the smaller corrected Akaike criterion.

    Gaps are filled by straight lines between the known dates around them; dates before the first known are left out.

    Parameters
    ----------
    series : shape (date,), NaN where not known.

    Raises
    ------
    CannotFit
        If the series is short or constant, or no fit converges.
    TensionSimError
        If statsmodels is not installed.
    """
    known = np.flatnonzero(np.isfinite(series))
    if known.size < 6 + LEAST_FREEDOM:
        raise CannotFit(f"{known.size} known dates are fewer than {6 + LEAST_FREEDOM}")
    filled = np.interp(np.arange(known[0], known[-1] + 1), known, series[known])
    centre, scale = float(filled.mean()), float(filled.std())
    if scale <= 1e-12 * float(np.abs(filled).max()):
        raise CannotFit("the series does not vary")
    fits = [found for is_trending in (False, True) if (found := _fit((filled - centre) / scale, is_trending))]
    if not fits:
        raise CannotFit("no fit converged")
    best = min(fits, key=lambda found: float(found.aicc))
    return _smoothing(best, centre, scale)


def _fit(series: Floats, is_trending: bool) -> Any:
    """What statsmodels fits, None where it does not converge, which it would say in a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, one_thread = _tools()
        try:
            with one_thread():
                trend = {"trend": "add", "damped_trend": True} if is_trending else {}
                found = model(series, error="add", **trend).fit(disp=False)
        except (ValueError, np.linalg.LinAlgError, FloatingPointError):
            return None
    is_sound = found.mle_retvals["converged"] and np.isfinite(found.aicc) and np.isfinite(found.params).all()
    return found if is_sound else None


def _tools() -> tuple[Any, Callable[[], AbstractContextManager[Any]]]:
    """The model class, and what keeps its optimiser's tiny matrices on one thread.

    On busy cores, threads that wait for each other take 25 to 240 ms for what one does in 3.
    """
    try:
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel
        from threadpoolctl import threadpool_limits
    except ImportError as problem:
        raise TensionSimError(
            "exponential smoothing needs statsmodels: pip install 'tensionsim[fit]', or leave `smoothing` out"
        ) from problem
    return ETSModel, lambda: threadpool_limits(limits=1, user_api="blas")


def _smoothing(found: Any, centre: float, scale: float) -> Smoothing:
    is_trending = found.model.has_trend
    return Smoothing(
        level=centre + scale * float(found.level[-1]),
        slope=scale * float(found.slope[-1]) if is_trending else 0.0,
        gain=float(found.alpha),
        slope_gain=float(found.beta) if is_trending else 0.0,
        damping=float(found.phi) if is_trending else 0.0,
        residuals=scale * np.asarray(found.resid, np.float64),
        freedom=int(found.df_model),
    )


def paths(model: Smoothing, shocks: Floats) -> Floats:
    """What follows from shocks, both of shape (step, run)."""
    level, slope = np.full(shocks.shape[-1], model.level), np.full(shocks.shape[-1], model.slope)
    values = np.empty_like(shocks)
    for step, shock in enumerate(shocks):
        drift = model.damping * slope
        values[step] = level + drift + shock
        level = level + drift + model.gain * shock
        slope = drift + model.slope_gain * shock
    return values
