"""Forecasts: what was said at every origin of the day it aimed at, and what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.dates import date2num
from matplotlib.ticker import MaxNLocator

from tensionsim.forecasts.backtest import MODEL, Backtest
from tensionsim.forecasts.origins import INDEX, Grid
from tensionsim.plots import backtested, bounds, style, subjects, themes
from tensionsim.plots.labels import Label, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.model.record import Dates, Floats


BROADEST, SLIMMEST, SHARE = 7.0, 0.9, 0.62
"""Width of the bars in points, at most and at least, and the share of the way to the next that they take."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def forecasts(
    found: Backtest, ax: Axes | None = None, *, target: str = INDEX, horizon: int | None = None, of: str = MODEL
) -> Axes:
    """Draws every origin's forecast at one horizon over the day that it aims at, and what came.

    Bars hold 50 and 90 % of the runs, with a dash at the median. Dots are what came; the thin line is the median of the
    plain forecast that turned out best at this horizon.

    Parameters
    ----------
    found
        What `ts.backtest` gives.
    ax
        Where to draw; a new figure by default.
    target
        Of what forecasts are: "index", "score", "acts", "issue: NAME".
    horizon
        How far ahead, in months; by default the middle one of the backtest.
    of
        Whose forecasts.

    Returns
    -------
    The axes: the days aimed at by the target, in its own unit.

    Raises
    ------
    SelectionError
        If there is no such target, horizon or forecaster, or nothing that came is known.
    TypeError
        If it is given something else than a backtest.

    Examples
    --------
    >>> import tensionsim as ts
    >>> tested = ts.backtest("us-colombia-2017", origins="2021-01-01:2022-12-31:3", horizons=[1, 3], runs=20,
    ...                      refit=None, baselines=["no-change", "mean"])
    >>> ts.plots.forecasts(tested, ts.plots.blank(), horizon=3).get_ylabel()
    'cooperation index, 0-100'
    """
    subjects.check("forecasts", found, Backtest, subjects.BACKTEST)
    column = backtested.column_of(found, horizon)
    came = backtested.outcomes(found, target)[:, column]
    row, ours = found.place("target", target), found.place("forecaster", of)
    said = np.quantile(found.values[:, row, ours, column], QUANTILES, axis=-1)
    plain = backtested.best(found, target, of, column)
    days = _aimed_at(found, column)
    with themes.drawing() as theme:
        ax = style.new_axes() if ax is None else ax
        style.dress(ax)
        ends = [Label(float(said[2, -1]), f"{of}: {_number(said[2, -1])}", theme.fan, is_bold=True)]
        curves = [*said, came]
        if plain is not None:
            medians = np.median(found.values[:, row, found.place("forecaster", plain), column], axis=-1)
            ax.plot(days, medians, color=theme.faint, linewidth=1.0, marker=".", markersize=3.0, zorder=3)
            ends.append(Label(float(medians[-1]), f"{plain}: {_number(medians[-1])}", theme.faint))
            curves.append(medians)
        ends += _outcome(ax, days, came)
        _axes(ax, found, target, days, curves)
        style.lay_out(ax)
        _bars(ax, days, said)
        reach = f"{backtested.months(found.horizons[column])} ahead"
        finish(ax, ends, f"Forecasts {reach}, {style.words(target)}: {found.about.title}", _note(found, of, plain))
        if target == INDEX:
            bounds.name(ax, days, curves)
    return ax


def _aimed_at(found: Backtest, column: int) -> Dates:
    """The days at which the forecasts of a horizon aim, shape (origin,)."""
    grid = Grid(found.origins[0], found.about.step)
    return np.array([grid.later(origin, found.horizons[column]) for origin in found.origins], "datetime64[D]")


def _number(value: float) -> str:
    shown = f"{value:.0f}" if abs(value) >= 10.0 else f"{value:.2g}"
    return shown.replace("-", "\u2212")


def _outcome(ax: Axes, days: Dates, came: Floats) -> list[Label]:
    """Draws what came; its label at the last day of which it is known."""
    theme = themes.now()
    ax.plot(days, came, color=theme.observed, linewidth=1.0, alpha=0.6, zorder=4)
    ax.plot(days, came, "o", color=theme.observed, markersize=_size(len(days)), markeredgewidth=0.0, zorder=5)
    known = came[np.isfinite(came)]
    return [Label(float(known[-1]), f"came: {_number(known[-1])}", theme.observed, is_bold=True)] if known.size else []


def _size(count: int) -> float:
    """Of the dots, smaller where there are many."""
    return float(np.clip(160.0 / count, 2.0, 4.2))


def _axes(ax: Axes, found: Backtest, target: str, days: Dates, curves: list[Floats]) -> None:
    about = found.targets[found.place("target", target)]
    drawn = np.concatenate(curves)
    low, high = float(np.nanmin(drawn)), float(np.nanmax(drawn))
    room = max(0.06 * (high - low), about.grain)
    ax.set_ylim(max(low - room, about.low), min(high + room, about.high))
    first, last = date2num(days[0]), date2num(days[-1])
    margin = 0.5 * (last - first) / (len(days) - 1) if len(days) > 1 else 15.0
    ax.set_xlim(first - margin, last + margin)
    style.time_axis(ax)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10]))
    names = {INDEX: "cooperation index, 0-100", "acts": "acts a month", "score": "score a month, Goldstein / 10"}
    ax.set_ylabel(names.get(target, f"cooperation, {about.unit}"), fontsize=9)


def _bars(ax: Axes, days: Dates, said: Floats) -> None:
    """The bars, as broad as the way from one to the next allows. said : quantiles, shape (quantile, origin)."""
    theme = themes.now()
    across = ax.transData.transform(np.c_[date2num(days), np.zeros(len(days))])[:, 0]
    steps = np.diff(across) * style.POINTS_PER_INCH / ax.figure.dpi
    width = float(np.clip(SHARE * steps.min(initial=BROADEST / SHARE), SLIMMEST, BROADEST))
    for (low, high), share in (((said[0], said[4]), 0.68), ((said[1], said[3]), 0.35)):
        ax.vlines(days, low, high, color=themes.mixed(theme.fan, share), linewidth=width, zorder=1.5)
    ax.plot(days, said[2], "_", color=theme.fan, markersize=width + 1.2, markeredgewidth=1.5, zorder=2)


def _note(found: Backtest, of: str, plain: str | None) -> str:
    line = f"; grey: median of {plain}, the best plain forecast in hindsight" if plain is not None else ""
    return f"{backtested.origins(found)}. Bars hold 50 and 90 % of the {of}'s, dash: median; dots: what came{line}"
