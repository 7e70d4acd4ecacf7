"""Autoregressions of one series or several by least squares, and paths from them. NumPy alone.

References
----------
Lütkepohl, H. (2005). New Introduction to Multiple Time Series Analysis. Springer.
Schwarz, G. (1978). Estimating the dimension of a model. Annals of Statistics 6(2).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from tensionsim.record import Bools, Floats

LEAST_FREEDOM = 10
"""Dates to spare beyond the coefficients of an equation; with fewer there is no fit."""

STEADIEST = 0.99
"""What an explosive fit's spectral radius is brought back to."""


class CannotFit(Exception):
    """Why a method cannot be fitted to a history; a plainer one takes its place."""


@dataclass(frozen=True, slots=True, eq=False)
class Autoregression:
    """`y(t) = intercept + sum over lags of lags[l] @ y(t - 1 - l) + residual`.

    intercept : shape (series,). lags : shape (lag, series, series), row the equation, column whose past. residuals :
    shape (date, series) of the dates used. gram_inverse : of the regressors (1, then lag by lag each series), so that
    the covariance of an equation's coefficients is its residual variance times this.
    """

    intercept: Floats
    lags: Floats
    residuals: Floats
    gram_inverse: Floats

    @property
    def order(self) -> int:
        """How many lags there are."""
        return len(self.lags)

    @property
    def spare(self) -> int:
        """Degrees of freedom of an equation's residuals."""
        return len(self.residuals) - len(self.gram_inverse)

    @property
    def radius(self) -> float:
        """Spectral radius of the companion matrix: below 1, shocks fade."""
        return spectral_radius(self.lags)


def spectral_radius(lags: Floats) -> float:
    """The largest modulus of the eigenvalues of the companion matrix of lags, shape (lag, series, series)."""
    order, count = lags.shape[:2]
    if not order:
        return 0.0
    companion = np.eye(order * count, k=-count)
    companion[:count] = lags.transpose(1, 0, 2).reshape(count, order * count)
    return float(np.abs(np.linalg.eigvals(companion)).max())


def least_squares(history: Floats, order: int, *, skip: int = 0) -> Autoregression:
    """An autoregression fitted to all dates that are known together with the `order` dates before them.

    Parameters
    ----------
    history : shape (date, series), NaN where not known. skip : how many dates before the first that may be used
        must be known too, where that is more than the order: so that orders are compared on the same dates.

    Raises
    ------
    CannotFit
        If too few dates are known or the series do not vary or are multiples of each other.
    """
    count = history.shape[1]
    span = max(order, skip)
    usable = _known_with_past(history, span)
    columns = 1 + count * order
    if usable.sum() < columns + LEAST_FREEDOM:
        raise CannotFit(f"{usable.sum()} usable dates cannot give {columns} coefficients with {LEAST_FREEDOM} to spare")
    rows = np.flatnonzero(usable)
    scale = history[rows].std(axis=0)
    if not (scale > 1e-12 * np.abs(history[rows]).max(axis=0)).all():
        raise CannotFit("a series does not vary")
    centre = history[rows].mean(axis=0)
    scaled = (history - centre) / scale
    regressors = np.column_stack([np.ones(len(rows)), *[scaled[rows - lag] for lag in range(1, order + 1)]])
    found, _, rank, _ = np.linalg.lstsq(regressors, scaled[rows], rcond=1e-8)
    if rank < columns:
        raise CannotFit("the series and their past are multiples of each other")
    residuals = (scaled[rows] - regressors @ found) * scale
    lags = found[1:].reshape(order, count, count).transpose(0, 2, 1) * scale[:, None] / scale
    intercept = centre + found[0] * scale - lags.sum(axis=0) @ centre
    back = np.column_stack([np.ones(len(rows)), *[history[rows - lag] for lag in range(1, order + 1)]])
    return Autoregression(intercept, lags, residuals, np.linalg.pinv(back.T @ back, hermitian=True))


def _known_with_past(history: Floats, span: int) -> Bools:
    known: Bools = np.asarray(np.isfinite(history).all(axis=1))
    usable: Bools = known.copy()
    usable[:span] = False
    for lag in range(1, span + 1):
        usable[lag:] &= known[:-lag]
    return usable


def best_order(history: Floats, most: int) -> int:
    """The order from 0 to `most` with the smallest Schwarz criterion, all compared on the same dates.

    `log det(residual covariance) + coefficients log(dates) / dates`, the covariance being that of maximum likelihood.
    Orders that leave too few dates are left out.

    Raises
    ------
    CannotFit
        If not even order 0 can be fitted.
    """
    while most and _known_with_past(history, most).sum() < 1 + history.shape[1] * most + LEAST_FREEDOM:
        most -= 1
    found = {0: criterion(least_squares(history, 0, skip=most))}
    for order in range(1, most + 1):
        with suppress(CannotFit):
            found[order] = criterion(least_squares(history, order, skip=most))
    return min(found, key=lambda order: found[order])


def criterion(model: Autoregression) -> float:
    """Schwarz's criterion of an autoregression, per date."""
    dates, count = model.residuals.shape
    log_determinant = np.linalg.slogdet(model.residuals.T @ model.residuals / dates)[1]
    return float(log_determinant + (count + count**2 * model.order) * np.log(dates) / dates)


def steadied(model: Autoregression, history: Floats) -> Autoregression:
    """The model itself, or one that does not explode where least squares found one that does.

    Assumption: nobody would forecast with an explosive fit. Its lags are shrunk so that the spectral radius is 0.99,
    and the intercept moved so that the errors in the history, shape (date, series), are 0 on average.
    """
    radius = model.radius
    if radius <= 1.0:
        return model
    shrink = (STEADIEST / radius) ** np.arange(1, model.order + 1)
    shrunk = replace(model, lags=model.lags * shrink[:, None, None])
    return replace(shrunk, intercept=shrunk.intercept + np.nanmean(errors(shrunk, history), axis=0))


def errors(model: Autoregression, history: Floats) -> Floats:
    """What a model misses each date by, one step ahead, shape (date, series); NaN where that is not known."""
    order = model.order
    missed: Floats = history - model.intercept
    for lag in range(1, order + 1):
        missed[lag:] -= history[:-lag] @ model.lags[lag - 1].T
    missed[:order] = np.nan
    missed[np.isnan(missed).any(axis=1)] = np.nan
    return missed


def paths(model: Autoregression, recent: Floats, shocks: Floats) -> Floats:
    """What follows from recent values and shocks, shape (step, series, run).

    Parameters
    ----------
    recent : the last `order` values, newest last, shape (lag, series). shocks : shape (step, series, run).
    """
    runs = shocks.shape[-1]
    past = [np.repeat(value[:, None], runs, axis=1) for value in recent]
    for shock in shocks:
        value = model.intercept[:, None] + shock
        for lag in range(model.order):
            value = value + model.lags[lag] @ past[-1 - lag]
        past.append(value)
    return np.stack(past[len(recent) :])
