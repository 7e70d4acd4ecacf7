"""Bands: the middle 30, 60 and 90 per cent of the runs around their median, over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.plots import themes
from tensionsim.plots.labels import Label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.model.record import Dates, Floats
    from tensionsim.runs.results import Results


SHARES = (0.9, 0.6, 0.3)
"""Of the runs, from the widest band to the narrowest."""

TINTS = {"light": 0.17, "dark": 0.22}
"""Opacity of one band by theme; the narrower lie on the wider ones and so look deeper."""

ENDS = {0.05: "5 %", 0.2: "20 %", 0.5: "median", 0.8: "80 %", 0.95: "95 %"}
"""What is named at the right end: the median, and the borders of two bands."""


Shown = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Spread:
    """What is drawn of some runs over time: how many there are, and their quantiles.

    quantiles : from shares to an array of shape (quantile, date).
    """

    runs: int
    quantiles: Callable[[Sequence[float]], Floats]


def of_runs(values: Floats) -> Spread:
    """The spread of `values`, shape (date, run)."""
    return Spread(values.shape[-1], lambda shares: np.asarray(np.quantile(values, shares, axis=-1), np.float64))


def of_series(results: Results, series: str, row: int = 0) -> Spread:
    """The spread of results in one of the series "index", "issues", "tension_by_direction", on its name of that row."""
    return Spread(results.runs, lambda shares: results.quantiles(series, shares, row))


def draw(
    ax: Axes, dates: Dates, spread: Spread, colour: str, *, shares: Sequence[float] = SHARES, is_outlined: bool = False
) -> None:
    """Draws the median and the bands; a single run is drawn as the line it is.

    is_outlined : whether the widest band has an outline, which tells it from another fan that it overlaps.
    """
    if spread.runs > 1:
        for share in shares:
            low, high = spread.quantiles([0.5 - share / 2, 0.5 + share / 2])
            ax.fill_between(dates, low, high, color=colour, alpha=TINTS[themes.now().name], linewidth=0)
            if is_outlined and share == max(shares):
                for edge in (low, high):
                    ax.plot(dates, edge, color=colour, linewidth=0.7, alpha=0.8)
    ax.plot(dates, spread.quantiles([0.5])[0], color=colour, linewidth=1.6)


def ends(
    spread: Spread, colour: str, *, only: Sequence[float] = tuple(ENDS), shown: Shown = "{:.0f}".format
) -> list[Label]:
    """Labels of the median and the quantiles on the last date; `shown` writes a number."""
    if spread.runs == 1:
        (height,) = spread.quantiles([0.5])[:, -1].tolist()
        return [Label(height, f"one run: {shown(height)}", colour, is_bold=True)]
    heights = spread.quantiles(only)[:, -1]
    return [
        Label(float(height), f"{ENDS[share]}: {shown(float(height))}", colour, is_bold=share == 0.5)
        for share, height in zip(only, heights, strict=True)
    ]


def explained(runs: int, first_run: int, seed: int, shares: Sequence[float] = SHARES) -> str:
    """What the bands hold, and of which runs."""
    if runs == 1:
        return f"run {first_run}, seed {seed}"
    numbers = [f"{100 * share:.0f}" for share in sorted(shares)]
    listed = " and ".join([", ".join(numbers[:-1]), numbers[-1]] if numbers[1:] else numbers)
    return (
        f"bands hold {listed} % of {runs:,} runs, seed {seed}" if numbers else f"medians of {runs:,} runs, seed {seed}"
    )
