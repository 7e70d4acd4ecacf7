"""The overview of a backtest: forecasts and what came, skill, calibration and reliability on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensionsim.forecasts.backtest import Backtest
from tensionsim.plots import kinds, style, subjects, themes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


APART = 0.15
"""Between two of them, in inches."""


def backtest_overview(found: Backtest, width: float = style.FULL_WIDTH) -> Figure:
    """A figure of the index's forecasts at the middle horizon, their skill and calibration, and of reliability.

    Parameters
    ----------
    found
        What `ts.backtest` gives.
    width
        Of the figure, in inches; it is as high as it needs.

    Raises
    ------
    SelectionError
        If nothing that came is known.
    TypeError
        If it is given something else than a backtest.

    Examples
    --------
    >>> import tensionsim as ts
    >>> tested = ts.backtest("us-colombia-2017", origins="2021-01-01:2022-12-31:3", horizons=[1, 3], runs=20,
    ...                      refit=None, baselines=["no-change", "mean"])
    >>> ts.plots.backtest_overview(tested).get_size_inches()[0].item()
    7.2
    """
    from matplotlib.figure import Figure

    subjects.check("backtest_overview", found, Backtest, subjects.BACKTEST)
    figures = [kinds.KINDS[name] for name in kinds.OF_BACKTESTS]
    heights = [one.height(found, width) + APART for one in figures]
    with themes.drawing() as theme:
        figure = Figure(figsize=(width, sum(heights)), layout="constrained")
        parts = figure.subfigures(len(figures), 1, height_ratios=heights, squeeze=False).flat
        for part, one in zip(parts, figures, strict=True):
            part.set_facecolor(theme.ground)
            one.draw(found, part.subplots())
    return figure
