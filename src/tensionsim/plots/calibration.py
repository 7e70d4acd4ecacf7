"""Calibration: where among the runs came what came, by horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from tensionsim.forecasts.backtest import MODEL, Backtest
from tensionsim.forecasts.origins import INDEX
from tensionsim.forecasts.scores import Histogram, calibration_table, pit_histogram
from tensionsim.plots import backtested, panels, style, subjects, themes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


PANEL = 2.0
"""Height of a panel with its title, in inches."""

BINS, LEAST = (10, 5, 4), 5.0
"""As many bins as have so many forecasts each. Assumption: with fewer than five a histogram shows luck alone."""

HEAD = 1.62
"""The axis goes so many times as high as the bars, which leaves room for what is written above them."""


def calibration(
    found: Backtest, ax: Axes | None = None, *, target: str = INDEX, of: str = MODEL, bins: int | None = None
) -> Axes:
    """Draws for every horizon a histogram of where among the runs lay what came.

    All bars are equally high, but for luck, if what comes is drawn like the runs. A hump in the middle tells that
    forecasts are too wide, a trough that they are too narrow, a slope that they are biased. The grey band holds a bar
    in 90 of 100 cases if forecasts are calibrated and independent. Above stands how many outcomes the intervals of 50
    and 90 % held, and p of the test of calibration, which allows for forecasts that overlap.

    Parameters
    ----------
    found
        What `ts.backtest` gives.
    ax
        Whose place the panels take; a new figure by default.
    target
        Of what forecasts are: "index", "score", "acts", "issue: NAME".
    of
        Whose forecasts.
    bins
        How many bars; by default 10, 5 or 4, so that each has five forecasts where there are enough.

    Returns
    -------
    The axes that was given or made, now empty but for its title; the panels are further axes of its figure.

    Raises
    ------
    SelectionError
        If there is no such target or forecaster, or nothing that came is known.
    TypeError
        If it is given something else than a backtest.

    Examples
    --------
    >>> import tensionsim as ts
    >>> tested = ts.backtest("us-colombia-2017", origins="2021-01-01:2022-12-31:3", horizons=[1, 3], runs=20,
    ...                      refit=None, baselines=["no-change", "mean"])
    >>> len(ts.plots.calibration(tested, ts.plots.blank()).get_figure().axes[1:])
    2
    """
    subjects.check("calibration", found, Backtest, subjects.BACKTEST)
    known = np.isfinite(backtested.outcomes(found, target)).sum(axis=0)
    shown = [place for place, count in enumerate(known) if count]
    bins = _bins(int(known[shown].min())) if bins is None else bins
    places, table = found.pit(target, of), _table(found, target, of)
    with themes.drawing():
        ax = style.new_axes(height_of(found)) if ax is None else ax
        style.paint(ax)
        made, columns, width = backtested.grid(ax, len(shown))
        histograms = [pit_histogram(places.iloc[:, place].to_numpy(float), bins=bins) for place in shown]
        top = HEAD * max(max(float(one.counts.max()), one.high) for one in histograms)
        for panel, place, histogram in zip(made, shown, histograms, strict=True):
            _panel(panel, histogram, top)
            _tell(panel, table.iloc[place])
            panel.set_title(f"{backtested.months(found.horizons[place])} ahead", fontsize=9, color=themes.now().ink)
        backtested.name_panels(made, columns, "share of runs below what came, %", "forecasts")
        heading = f"Calibration of the {backtested.title_of(target, of)}: {found.about.title}"
        panels.head(made[0], heading, _note(found), width=width)
        style.lay_out(ax)
    return ax


def height_of(found: Backtest, width: float = style.FULL_WIDTH) -> float:
    """The height in inches that a figure of it, `width` inches across, wants."""
    return backtested.height_of(len(found.horizons), width, PANEL)


def _table(found: Backtest, target: str, of: str) -> pd.DataFrame:
    """The lines of `Backtest.calibration` for one target and forecaster, by horizon."""
    series, plan = found.series(target, of), found.plan
    return calibration_table(*series, found.horizons, every=plan.every, seed=plan.seed)


def _bins(count: int) -> int:
    """The most bins that have enough of so many forecasts."""
    return next((bins for bins in BINS if count / bins >= LEAST), BINS[-1])


def _panel(ax: Axes, histogram: Histogram, top: float) -> None:
    theme, bins = themes.now(), len(histogram.counts)
    style.dress(ax)
    ax.set(xlim=(0.0, 100.0), ylim=(0.0, top))
    ax.axhspan(histogram.low, histogram.high, color=theme.ink, alpha=0.13, linewidth=0, zorder=3)
    ax.axhline(histogram.expected, color=theme.ink, linewidth=0.8, zorder=4)
    edges = np.linspace(0.0, 100.0, bins + 1)[:-1]
    more: dict[str, Any] = {"color": themes.mixed(theme.fan, 0.25), "edgecolor": theme.ground, "linewidth": 0.8}
    ax.bar(edges, histogram.counts, width=100.0 / bins, align="edge", zorder=2, **more)
    ax.set_xticks([0, 50, 100])
    ax.tick_params(labelsize=style.SMALL)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True, min_n_ticks=1))


def _tell(ax: Axes, row: pd.Series[Any]) -> None:
    """Writes above the bars how many outcomes the intervals held, and p of the test of calibration."""
    held = backtested.percent([row["coverage_50"], row["coverage_90"]])
    p_value = f"p {row['pit_p']:.2g}" if np.isfinite(row["pit_p"]) else "too few for p"
    for line, text in enumerate((f"50 %: {held[0]}", f"90 %: {held[1]}", p_value)):
        ax.annotate(
            text,
            xy=(0.0, 1.0),
            xycoords="axes fraction",
            xytext=(3.0, -2.0 - 8.6 * line),
            textcoords="offset points",
            va="top",
            fontsize=7.0,
            color=themes.now().faint,
        )


def _note(found: Backtest) -> str:
    return (
        f"{backtested.origins(found)}. 50 %, 90 %: how many per cent of what came these intervals held; p: of a test "
        "of calibration; band: where 9 bars in 10 of a calibrated forecast lie. Hump: too wide, trough: too narrow, "
        "slope: biased"
    )
