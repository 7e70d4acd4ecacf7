"""What users would try instead of a model: six plain forecasts, each an ensemble from the past alone.

Every method draws its errors from those it made in the past (a bootstrap), so that no shape of distribution is
assumed, and the errors of several series at a date together, so that sums over series are right too. Run n depends on
the seed and n alone. A history that a method cannot be fitted to gets a plainer forecast, which says so.

References
----------
Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman and Hall.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tensionsim.analysis.forecasts import lags, smoothing
from tensionsim.analysis.forecasts.lags import LEAST_FREEDOM, CannotFit
from tensionsim.record import Bools, Floats
from tensionsim.rng import Luck, Purpose, stream_of

MOST_LAGS_ALONE = 6
MOST_LAGS_TOGETHER = 4


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """A forecast and what went wrong in making it.

    ensemble : shape (horizon, run), or (horizon, series, run) for several series; row 0 is one step ahead. NaN for a
    series of which nothing is known. fallbacks : one sentence for every fit that failed, with what took its place.
    """

    ensemble: Floats
    fallbacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """What to forecast from: history, shape (date, series), how far, and with which luck."""

    history: Floats
    horizon: int
    luck: Luck
    name: str

    def rows(self, count: int, step: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Rows drawn from `count` with equal chances, shape (run,)."""
        found = self.luck.uniforms(stream_of(f"baseline: {self.name}"), Purpose.ALTERNATIVE, step)
        return (found * count).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Baseline:
    """A plain method: its name, what it does in words, and its function."""

    name: str
    about: str
    paths: Callable[[Task], Forecast]


def forecast(name: str, history: Floats, horizon: int, *, runs: int = 1000, seed: int = 0) -> Forecast:
    """The ensemble that a plain method forecasts after a history.

    Parameters
    ----------
    name : a key of BASELINES. history : shape (date,) or (date, series), evenly spaced, NaN where not known. horizon :
        steps ahead, 1 or more. runs : 1 or more.

    Raises
    ------
    ValueError
        If there is no such method, or the history or the numbers are not of that kind.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import baselines
    >>> found = baselines.forecast("no-change", np.sin(np.arange(60.0)), 3, runs=200)
    >>> found.ensemble.shape, found.fallbacks
    ((3, 200), ())
    """
    past = np.asarray(history, np.float64)
    if name not in BASELINES:
        raise ValueError(f"no baseline is called {name!r}; there are {', '.join(BASELINES)}")
    if past.ndim not in (1, 2) or not past.size or horizon < 1:
        raise ValueError(
            f"a history has shape (date,) or (date, series) and a horizon 1 or more; got {past.shape} and {horizon}"
        )
    past = np.where(np.isfinite(past), past, np.nan)
    table = past[:, None] if past.ndim == 1 else past
    found = BASELINES[name].paths(Task(table, horizon, Luck(seed, 0, runs), name))
    return Forecast(found.ensemble[:, 0] if past.ndim == 1 else found.ensemble, found.fallbacks)


def _no_change(task: Task) -> Forecast:
    """The last value and a change that was once made in as many steps; all steps of a run from about one stretch."""
    last, reach = _last(task.history), 0
    ensemble = np.repeat(last[:, None], task.luck.runs, axis=1)[None].repeat(task.horizon, axis=0)
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


def _historical_mean(task: Task) -> Forecast:
    """A date of the past, whichever; steps are drawn apart, so that paths are not to be read as such."""
    empty = np.isnan(task.history).all(axis=0)
    ensemble = np.stack([_drawn(task.history, task, step) for step in range(task.horizon)])
    ensemble[:, empty] = np.nan
    return Forecast(ensemble)


def _autoregression(task: Task) -> Forecast:
    """Each series from its own past."""
    return _by_series(task, lambda one: _from_lags(one, lags.best_order(one, MOST_LAGS_ALONE)))


def _vector_autoregression(task: Task) -> Forecast:
    """All series from the past of all, the order by Schwarz's criterion."""
    return _together(task, lambda history: lags.best_order(history, MOST_LAGS_TOGETHER))


def _vector_autoregression_of_two(task: Task) -> Forecast:
    """All series from the last two values of all."""
    return _together(task, lambda history: 2)


def _smoothing(task: Task) -> Forecast:
    """Each series by exponential smoothing."""
    return _by_series(task, _from_smoothing)


BASELINES: Mapping[str, Baseline] = MappingProxyType(
    {
        one.name: one
        for one in (
            Baseline("no-change", "the last value, and the changes made in as many steps", _no_change),
            Baseline("mean", "the values of the past, whenever", _historical_mean),
            Baseline("ar", "autoregression, 0 to 6 lags by BIC", _autoregression),
            Baseline("var2", "vector autoregression, 2 lags", _vector_autoregression_of_two),
            Baseline("var", "vector autoregression, 0 to 4 lags by BIC", _vector_autoregression),
            Baseline("smoothing", "exponential smoothing, simple or damped by AICc", _smoothing),
        )
    }
)
"""The plain methods by name. On a single series `var2` and `var` are autoregressions of 2 and 0 to 4 lags."""


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """A fit ready to go on: residuals, shape (date,) or (date, series), latest last, and paths from shocks."""

    residuals: Floats
    paths: Callable[[Floats], Floats]


def _from_lags(history: Floats, order: int) -> _Fitted:
    """An autoregression of series, shape (date, series)."""
    model = lags.steadied(lags.least_squares(history, order), history)
    residuals = _inflated(lags.errors(model, history), len(model.gram_inverse))
    recent = _carried(history)[len(history) - model.order :]
    return _Fitted(residuals, lambda shocks: lags.paths(model, recent, shocks))


def _from_smoothing(history: Floats) -> _Fitted:
    """Smoothing of one series, shape (date, 1)."""
    model = smoothing.fitted(history[:, 0])
    residuals = np.full_like(history, np.nan)
    first = int(np.flatnonzero(np.isfinite(history[:, 0]))[0])
    residuals[first : first + len(model.residuals), 0] = model.residuals
    residuals[np.isnan(history)] = np.nan
    steps = len(history) - first - len(model.residuals)
    return _Fitted(_inflated(residuals, model.freedom), lambda shocks: _smoothed(model, shocks, steps))


def _smoothed(model: smoothing.Smoothing, shocks: Floats, steps: int) -> Floats:
    """Paths of shape (step, 1, run); where the last `steps` dates are not known, those that follow them."""
    unknown = np.zeros((steps, shocks.shape[-1]))
    return smoothing.paths(model, np.concatenate([unknown, shocks[:, 0]]))[steps:, None]


def _by_series(task: Task, fit: Callable[[Floats], _Fitted]) -> Forecast:
    """Fits each series by itself, then draws the errors of all at a date together."""
    plain, reasons, fits = _no_change(task).ensemble, [], {}
    for series in range(task.history.shape[1]):
        try:
            fits[series] = fit(task.history[:, [series]])
        except CannotFit as why:
            reasons.append(f"{task.name}: {why}: no change instead")
    if fits:
        shocks = _shocks(np.concatenate([one.residuals for one in fits.values()], axis=1), task)
        for row, (series, one) in enumerate(fits.items()):
            plain[:, [series]] = one.paths(shocks[:, [row]])
    return Forecast(plain, tuple(reasons))


def _together(task: Task, order: Callable[[Floats], int]) -> Forecast:
    """Fits all series at once; an autoregression of each where that fails."""
    try:
        one = _from_lags(task.history, order(task.history))
    except CannotFit as why:
        if task.history.shape[1] == 1:
            return Forecast(_no_change(task).ensemble, (f"{task.name}: {why}: no change instead",))
        alone = _autoregression(task)
        return Forecast(alone.ensemble, (f"{task.name}: {why}: each series by itself instead", *alone.fallbacks))
    return Forecast(one.paths(_shocks(one.residuals, task)))


def _shocks(residuals: Floats, task: Task) -> Floats:
    return np.stack([_drawn(residuals, task, step) for step in range(task.horizon)])


def _drawn(pool: Floats, task: Task, step: int) -> Floats:
    """Values of a pool, shape (date, series), drawn for each run, shape (series, run).

    Together where enough dates know all series that are known at all; else each series from its own dates, with one
    uniform. 0 where the pool knows nothing.
    """
    known = np.isfinite(pool)
    some = known.any(axis=0)
    complete = known[:, some].all(axis=1)
    drawn = np.zeros((pool.shape[1], task.luck.runs))
    if complete.sum() >= min(LEAST_FREEDOM, _fewest(known[:, some])):
        rows = np.flatnonzero(complete)
        if rows.size:
            drawn[some] = pool[rows[task.rows(rows.size, step)]][:, some].T
        return drawn
    for series in np.flatnonzero(some):
        values = pool[known[:, series], series]
        drawn[series] = values[task.rows(values.size, step)]
    return drawn


def _fewest(known: Bools) -> int:
    return int(known.sum(axis=0).min()) if known.size else 0


def _inflated(residuals: Floats, coefficients: int) -> Floats:
    """Residuals, shape (date, series), around 0 and as large as errors on dates that were not fitted."""
    count = np.isfinite(residuals).sum(axis=0)
    spread = np.sqrt(count / np.maximum(count - coefficients, 1))
    inflated: Floats = (residuals - np.nanmean(residuals, axis=0)) * spread
    return inflated


def _carried(history: Floats) -> Floats:
    """A history with gaps filled by the last known value, and by the mean before the first."""
    rows = np.where(np.isfinite(history), np.arange(len(history))[:, None], -1)
    latest = np.maximum.accumulate(rows, axis=0)
    filled = np.take_along_axis(history, np.maximum(latest, 0), axis=0)
    carried: Floats = np.where(latest >= 0, filled, np.nanmean(history, axis=0))
    return carried


def _last(history: Floats) -> Floats:
    """The last known value of each series, NaN where there is none."""
    rows = np.where(np.isfinite(history), np.arange(len(history))[:, None], -1).max(axis=0)
    return np.where(rows >= 0, history[np.maximum(rows, 0), np.arange(history.shape[1])], np.nan)
