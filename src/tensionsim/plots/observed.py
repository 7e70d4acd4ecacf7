"""The fan with what was observed drawn over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.dates import date2num

from tensionsim.plots import style
from tensionsim.plots.fan import fan

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tensionsim.results import Results


def observed(results: Results, series: pd.Series[float], ax: Axes | None = None) -> Axes:
    """Draws the fan and, over it, an observed index (a Series by date, 0..100), named at its last point in view."""
    ax = fan(results, ax)
    first, last = results.dates[0].astype("datetime64[ns]"), results.dates[-1].astype("datetime64[ns]")
    seen = series.loc[first:last].dropna()
    with style.light():
        ax.plot(seen.index, seen.to_numpy(), color="white", linewidth=3.2, zorder=4)
        ax.plot(seen.index, seen.to_numpy(), color=style.OBSERVED, linewidth=1.6, zorder=5)
        if len(seen):
            _name(ax, seen, is_low=seen.iloc[-1] < _median(results, seen.index[-1]))
    return ax


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
        color=style.OBSERVED,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6},
        zorder=6,
    )
