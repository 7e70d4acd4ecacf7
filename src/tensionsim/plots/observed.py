"""The fan with what was observed drawn over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.dates import date2num

from tensionsim.errors import SelectionError
from tensionsim.plots import subjects, themes
from tensionsim.plots.fan import fan

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.runs.results import Results


def observed(results: Results, series: pd.Series[float], ax: Axes | None = None) -> Axes:
    """Draws the fan and, over it, what was observed, named at its last point in view.

    Parameters
    ----------
    results
        Of any number of runs.
    series
        The observed index, 0-100, a Series by date, as in `observed_index(scenario)["index"]`.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    The axes: dates by cooperation index, 0-100.

    Raises
    ------
    SelectionError
        If nothing was observed within the dates of the results, after the first of them.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("trump2-petro-2025", runs=20, seed=7)
    >>> ax = ts.plots.observed(r, ts.observed_index(r.scenario)["index"], ts.plots.blank())
    >>> any(text.get_text().startswith("observed:") for text in ax.texts)
    True
    """
    subjects.check_results("observed", results)
    subjects.check("observed", series, pd.Series, subjects.SERIES)
    first, last = results.dates[0].astype("datetime64[ns]"), results.dates[-1].astype("datetime64[ns]")
    seen = series.loc[first:last].dropna()
    if seen.empty or seen.index[-1] <= first:
        span = f"from {results.dates[0]} to {results.dates[-1]}"
        raise SelectionError(
            f"nothing was observed while these results run, {span}, but at their start at most; {_span_of(series)}"
        )
    ax = fan(results, ax)
    with themes.drawing() as theme:
        ax.plot(seen.index, seen.to_numpy(), color=theme.ground, linewidth=3.2, zorder=4)
        dot = "o" if len(seen) == 1 else ""
        ax.plot(seen.index, seen.to_numpy(), dot, color=theme.observed, linewidth=1.6, markersize=4, zorder=5)
        _name(ax, seen, is_low=seen.iloc[-1] < _median(results, seen.index[-1]))
    return ax


def _span_of(series: pd.Series[float]) -> str:
    known = series.dropna().index
    return f"the series goes from {known[0]:%Y-%m-%d} to {known[-1]:%Y-%m-%d}" if len(known) else "the series is empty"


def _median(results: Results, date: pd.Timestamp) -> float:
    """The median of the index on the last row at or before a date."""
    row = np.searchsorted(results.dates, date.to_datetime64(), side="right") - 1
    return float(results.index["median"].iloc[max(row, 0)])


def _name(ax: Axes, seen: pd.Series[float], *, is_low: bool) -> None:
    """Writes "observed" at the end of the line, away from the median and inside the axes."""
    first, end = ax.get_xlim()
    near_the_end = (date2num(seen.index[-1]) - first) / (end - first) > 0.8
    ax.annotate(
        f"observed: {seen.iloc[-1]:.0f}",
        xy=(seen.index[-1], seen.iloc[-1]),
        xytext=(-4 if near_the_end else 4, -6 if is_low else 6),
        textcoords="offset points",
        ha="right" if near_the_end else "left",
        va="top" if is_low else "bottom",
        fontsize=8,
        fontweight="bold",
        color=themes.now().observed,
        bbox={"facecolor": themes.now().ground, "edgecolor": "none", "alpha": 0.8, "pad": 0.6},
        zorder=6,
    )
