"""What users would try instead of a model: seven plain forecasts, each an ensemble from the past alone.

Every method draws its errors from those it made in the past (a bootstrap), so that no shape of distribution is
assumed, and the errors of several series at a date together, so that sums over series are right too. Run n depends on
the seed and n alone. A history that a method cannot be fitted to gets a plainer forecast, which says so.

References
----------
Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman and Hall.
Gardner, E. S. & McKenzie, E. (1985). Forecasting trends in time series. Management Science 31(10).
Hyndman, R. J., Koehler, A. B., Ord, J. K. & Snyder, R. D. (2008). Forecasting with Exponential Smoothing: The State
Space Approach. Springer.
Lütkepohl, H. (2005). New Introduction to Multiple Time Series Analysis. Springer.
Schwarz, G. (1978). Estimating the dimension of a model. Annals of Statistics 6(2).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from tensionsim.errors import TensionSimError
from tensionsim.forecasts.origins import Series, Target, by_target
from tensionsim.model.record import Bools, Floats, Ints
from tensionsim.rng import Purpose, RandomStreams, stream_of

LEAST_FREEDOM = 10
"""Dates to spare beyond the coefficients of an equation; with fewer there is no fit."""

RECENCY, HALF_LIFE = "recency", 12.0
"""The climatology of which a value is drawn half as often for every so many dates that it lies farther back."""

STEADIEST = 0.99
"""What an explosive fit's spectral radius is brought back to."""


class CannotFit(Exception):
    """Why a method cannot be fitted to a history; a plainer one takes its place."""


@dataclass(frozen=True, slots=True, eq=False)
class Autoregression:
    """`y(t) = intercept + sum over lags of lags[l] @ y(t - 1 - l) + residual`, residuals of shape (date, series).

    lags : shape (lag, series, series), row the equation, column whose past. gram_inverse : of the regressors (1, then
    lag by lag each series): times its residual variance the covariance of an equation's coefficients.
    """

    intercept: Floats
    lags: Floats
    residuals: Floats
    gram_inverse: Floats

    @property
    def radius(self) -> float:
        """Spectral radius, the largest modulus of the eigenvalues of the companion matrix: below 1, shocks fade."""
        order, count = self.lags.shape[:2]
        if not order:
            return 0.0
        companion = np.eye(order * count, k=-count)
        companion[:count] = self.lags.transpose(1, 0, 2).reshape(count, order * count)
        return float(np.abs(np.linalg.eigvals(companion)).max())

    @property
    def criterion(self) -> float:
        """Schwarz's criterion, per date."""
        dates, count = self.residuals.shape
        log_determinant = np.linalg.slogdet(self.residuals.T @ self.residuals / dates)[1]
        return float(log_determinant + (count + count**2 * len(self.lags)) * np.log(dates) / dates)

    def errors(self, history: Floats) -> Floats:
        """What it misses each date by, one step ahead, shape (date, series); NaN where that is not known."""
        missed: Floats = history - self.intercept
        for lag, matrix in enumerate(self.lags, start=1):
            missed[lag:] -= history[:-lag] @ matrix.T
        missed[: len(self.lags)] = np.nan
        missed[np.isnan(missed).any(axis=1)] = np.nan
        return missed

    def paths(self, recent: Floats, shocks: Floats) -> Floats:
        """What follows from the last values, shape (lag, series), and shocks, shape (step, series, run)."""
        past = [np.repeat(value[:, None], shocks.shape[-1], axis=1) for value in recent]
        for shock in shocks:
            value = self.intercept[:, None] + shock
            for lag, matrix in enumerate(self.lags, start=1):
                value = value + matrix @ past[-lag]
            past.append(value)
        return np.stack(past[len(recent) :])

    def steadied(self, history: Floats) -> Autoregression:
        """The model. Assumption: none trusts an explosive one; its lags shrink to `STEADIEST`, its errors to mean 0."""
        radius = self.radius
        if radius <= 1.0:
            return self
        shrink = (STEADIEST / radius) ** np.arange(1, len(self.lags) + 1)
        shrunk = replace(self, lags=self.lags * shrink[:, None, None])
        return replace(shrunk, intercept=shrunk.intercept + np.nanmean(shrunk.errors(history), axis=0))


def least_squares(history: Floats, order: int, *, skip: int = 0) -> Autoregression:
    """An autoregression of a history, shape (date, series), by all dates known with `order`, or `skip`, before them."""
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
    """The order up to `most` with the smallest Schwarz criterion on the same dates; what leaves few is left out."""
    while most and _known_with_past(history, most).sum() < 1 + history.shape[1] * most + LEAST_FREEDOM:
        most -= 1
    found = {0: least_squares(history, 0, skip=most).criterion}
    for order in range(1, most + 1):
        with suppress(CannotFit):
            found[order] = least_squares(history, order, skip=most).criterion
    return min(found, key=lambda order: found[order])


def _fit(series: Floats, is_trending: bool) -> Any:
    """What statsmodels fits, None where it does not converge, which it would say in a warning."""
    with warnings.catch_warnings(), suppress(ValueError, np.linalg.LinAlgError, FloatingPointError):
        warnings.simplefilter("ignore")
        try:
            from statsmodels.tsa.exponential_smoothing.ets import ETSModel
            from threadpoolctl import threadpool_limits
        except ImportError as problem:
            raise TensionSimError(
                "exponential smoothing needs statsmodels: pip install 'tensionsim[fit]', or leave `smoothing` out"
            ) from problem
        trend = {"trend": "add", "damped_trend": True} if is_trending else {}
        # On busy cores, threads that wait for each other take 25 to 240 ms for what one does in 3.
        with threadpool_limits(limits=1, user_api="blas"):
            found = ETSModel(series, error="add", **trend).fit(disp=False)
        if found.mle_retvals["converged"] and np.isfinite(found.aicc) and np.isfinite(found.params).all():
            return found
    return None


MOST_LAGS_ALONE = 6
MOST_LAGS_TOGETHER = 4


class Forecast(NamedTuple):
    """A forecast, shape (horizon[, series], run), NaN where nothing is known; and sentences on fits that failed."""

    ensemble: Floats
    fallbacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Task:
    """What to forecast from: history, shape (date, series), how far, and with which random streams."""

    history: Floats
    horizon: int
    streams: RandomStreams
    name: str

    def drawn(self, rows: Ints, step: int) -> Ints:
        """Some of the rows of the history, ascending, for each run, shape (run,): all as likely, or the latest most."""
        ages = len(self.history) - rows
        reach = np.cumsum(0.5 ** (ages / HALF_LIFE) if self.name == RECENCY else np.ones(rows.size))
        found = self.streams.uniforms(stream_of(f"baseline: {self.name}"), Purpose.ALTERNATIVE, step)
        return np.asarray(rows[np.searchsorted(reach, found * reach[-1], side="right")])


def forecast(name: str, history: Floats, horizon: int, *, runs: int = 1000, seed: int = 0) -> Forecast:
    """The ensemble that a plain method, a key of BASELINES, forecasts after a history, dates evenly spaced.

    history : shape (date,) or (date, series), NaN where not known. horizon, runs : 1 or more.
    """
    past = np.asarray(history, np.float64)
    past = np.where(np.isfinite(past), past, np.nan)
    table = past[:, None] if past.ndim == 1 else past
    found = BASELINES[name](_Task(table, horizon, RandomStreams(seed, 0, runs), name))
    return Forecast(found.ensemble[:, 0] if past.ndim == 1 else found.ensemble, found.fallbacks)


def _no_change(task: _Task) -> Forecast:
    """The last value and a change that was once made in as many steps; all steps of a run from about one stretch."""
    last, reach = _carried(task.history)[-1], 0
    ensemble = np.repeat(last[:, None], task.streams.runs, axis=1)[None].repeat(task.horizon, axis=0)
    for step in range(1, task.horizon + 1):
        changes = task.history[step:] - task.history[:-step]
        if np.isfinite(changes[:, np.isfinite(last)]).any(axis=0).all():
            reach = step
            ensemble[step - 1] += _drawn(changes, task, 0)
        elif step > 1:
            ensemble[step - 1] = ensemble[step - 2]
    if reach == task.horizon:
        return Forecast(ensemble)
    plainer = f"those over {reach}" if reach else "the last value alone"
    return Forecast(ensemble, (f"{task.name}: no change over {reach + 1} steps is known: {plainer} instead",))


def _climatology(task: _Task) -> Forecast:
    """A date of the past; steps are drawn apart, so that paths are not to be read as such."""
    empty = np.isnan(task.history).all(axis=0)
    ensemble = _shocks(task.history, task)
    ensemble[:, empty] = np.nan
    return Forecast(ensemble)


def _autoregression(task: _Task) -> Forecast:
    return _by_series(task, lambda one: _from_lags(one, best_order(one, MOST_LAGS_ALONE)))


BASELINES: Mapping[str, Callable[[_Task], Forecast]] = MappingProxyType(
    {
        "no-change": _no_change,
        "mean": _climatology,
        RECENCY: _climatology,
        "ar": _autoregression,
        "var2": lambda task: _together(task, lambda history: 2),
        "var": lambda task: _together(task, lambda history: best_order(history, MOST_LAGS_TOGETHER)),
        "smoothing": lambda task: _by_series(task, smoothing_of),
    }
)
"""The plain methods by name. On a single series `var2` and `var` are autoregressions of 2 and 0 to 4 lags."""

_Fitted = tuple[Floats, Callable[[Floats], Floats]]
"""A fit ready to go on: residuals, shape (date, series), latest last, and paths from shocks."""


def _from_lags(history: Floats, order: int) -> _Fitted:
    model = least_squares(history, order).steadied(history)
    residuals = _inflated(model.errors(history), len(model.gram_inverse))
    carried = _carried(history)
    recent = np.where(np.isnan(carried), np.nanmean(history, axis=0), carried)[len(history) - len(model.lags) :]
    return residuals, lambda shocks: model.paths(recent, shocks)


def smoothing_of(history: Floats) -> _Fitted:
    """Simple or damped-trend smoothing of a series, shape (date, 1), by corrected Akaike criterion; gaps filled."""
    known = np.flatnonzero(np.isfinite(history[:, 0]))
    if known.size < 6 + LEAST_FREEDOM:
        raise CannotFit(f"{known.size} known dates are fewer than {6 + LEAST_FREEDOM}")
    filled = np.interp(np.arange(known[0], known[-1] + 1), known, history[known, 0])
    centre, scale = float(filled.mean()), float(filled.std())
    if scale <= 1e-12 * float(np.abs(filled).max()):
        raise CannotFit("the series does not vary")
    fits = [found for is_trending in (False, True) if (found := _fit((filled - centre) / scale, is_trending))]
    if not fits:
        raise CannotFit("no fit converged")
    best = min(fits, key=lambda found: float(found.aicc))
    residuals = np.full_like(history, np.nan)
    residuals[known, 0] = scale * np.asarray(best.resid)[known - known[0]]
    unknown = len(history) - 1 - known[-1]

    def paths(shocks: Floats) -> Floats:
        """Of shape (step, 1, run); where the last dates are not known, those that follow them."""
        errors = np.concatenate([np.zeros((unknown, shocks.shape[-1])), shocks[:, 0] / scale])
        made = best.simulate(len(errors), anchor="end", repetitions=errors.shape[1], random_errors=errors)
        return centre + scale * np.reshape(made, errors.shape)[unknown:, None]

    return _inflated(residuals, int(best.df_model)), paths


def _by_series(task: _Task, fit: Callable[[Floats], _Fitted]) -> Forecast:
    """Fits each series by itself, then draws the errors of all at a date together."""
    plain, reasons, fits = _no_change(task).ensemble, [], {}
    for series in range(task.history.shape[1]):
        try:
            fits[series] = fit(task.history[:, [series]])
        except CannotFit as why:
            reasons.append(f"{task.name}: {why}: no change instead")
    if fits:
        shocks = _shocks(np.concatenate([residuals for residuals, _ in fits.values()], axis=1), task)
        for row, (series, (_, paths)) in enumerate(fits.items()):
            plain[:, [series]] = paths(shocks[:, [row]])
    return Forecast(plain, tuple(reasons))


def _together(task: _Task, order: Callable[[Floats], int]) -> Forecast:
    """Fits all series at once; an autoregression of each where that fails."""
    try:
        residuals, paths = _from_lags(task.history, order(task.history))
    except CannotFit as why:
        if task.history.shape[1] == 1:
            return Forecast(_no_change(task).ensemble, (f"{task.name}: {why}: no change instead",))
        alone = _autoregression(task)
        return Forecast(alone.ensemble, (f"{task.name}: {why}: each series by itself instead", *alone.fallbacks))
    return Forecast(paths(_shocks(residuals, task)))


def _shocks(residuals: Floats, task: _Task) -> Floats:
    return np.stack([_drawn(residuals, task, step) for step in range(task.horizon)])


def _drawn(pool: Floats, task: _Task, step: int) -> Floats:
    """Values of a pool, shape (date, series), drawn for each run: of all series together if enough dates know all."""
    known = np.isfinite(pool)
    some = known.any(axis=0)
    complete = known[:, some].all(axis=1)
    drawn = np.zeros((pool.shape[1], task.streams.runs))
    fewest = int(known[:, some].sum(axis=0).min()) if known[:, some].size else 0
    if complete.sum() >= min(LEAST_FREEDOM, fewest):
        rows = np.flatnonzero(complete)
        if rows.size:
            drawn[some] = pool[task.drawn(rows, step)][:, some].T
        return drawn
    for series in np.flatnonzero(some):
        drawn[series] = pool[task.drawn(np.flatnonzero(known[:, series]), step), series]
    return drawn


def _inflated(residuals: Floats, coefficients: int) -> Floats:
    """Residuals, shape (date, series), around 0 and as large as errors on dates that were not fitted."""
    count = np.isfinite(residuals).sum(axis=0)
    spread = np.sqrt(count / np.maximum(count - coefficients, 1))
    return np.asarray((residuals - np.nanmean(residuals, axis=0)) * spread)


def _carried(history: Floats) -> Floats:
    """A history with gaps filled by the last known value, NaN before the first."""
    rows = np.where(np.isfinite(history), np.arange(len(history))[:, None], -1)
    latest = np.maximum.accumulate(rows, axis=0)
    return np.where(latest >= 0, np.take_along_axis(history, np.maximum(latest, 0), axis=0), np.nan)


CLIMATOLOGY, NO_CHANGE = "climatology", "no-change"


def from_past(flags: Bools, month: int, horizons: Sequence[int]) -> Mapping[str, Floats]:
    """The share of past spans in which events came true, a half before there is one; and whether they hold now."""
    usual = np.full((flags.shape[1], len(horizons)), 0.5)
    counts = np.concatenate([np.zeros((1, flags.shape[1])), np.cumsum(flags, axis=0)])
    for column, horizon in enumerate(horizons):
        span = horizon * month
        if len(flags) > span:
            usual[:, column] = (counts[1 + span :] > counts[1:-span]).mean(axis=0)
    now = np.repeat(flags[-1][:, None].astype(np.float64), len(horizons), axis=1)
    return {CLIMATOLOGY: usual, NO_CHANGE: now}


def ensembles(
    method: str, past: Series, targets: Sequence[Target], horizons: Sequence[int], runs: int, seed: int
) -> tuple[Floats, tuple[str, ...]]:
    """The ensembles of a method, shape (target, horizon, run), within a target's bounds; and what went wrong."""
    # What is forecast together is of shape (month, series); alone, one series a target, in their order.
    is_joint, has_issues = method in ("var", "var2"), past.issues.shape[1] > 1
    levels = past.issues if has_issues else np.column_stack([past.index, past.score])
    alone = by_target(past.index, past.issues.T, past.score.sum(axis=1), past.acts.sum(axis=1))
    rows = np.array(horizons) - 1
    found, fallbacks = [], list[str]()
    for history in [levels, past.score, past.acts] if is_joint else alone:
        made = forecast(method, history, max(horizons), runs=runs, seed=seed)
        found.append(made.ensemble[rows])
        fallbacks += made.fallbacks
    if is_joint:
        levels, score, acts = found
        index = np.einsum("k,hkr->hr", past.weights, levels) if has_issues else levels[:, 0]
        issues = levels.swapaxes(0, 1) if has_issues else ()
        found = list(by_target(index, issues, score.sum(axis=1), acts.sum(axis=1)))
    bounded = [np.clip(one, target.low, target.high) for target, one in zip(targets, found, strict=True)]
    return np.array(bounded), tuple(dict.fromkeys(fallbacks))
