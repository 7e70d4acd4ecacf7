"""The overview: the fan of the index above, one panel an issue below."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tensionsim.plots import flags, style
from tensionsim.plots.fan import fan
from tensionsim.plots.issues import issue

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tensionsim.results import Results

WIDTH, FAN_HEIGHT, PANEL_HEIGHT = 9.0, 4.6, 1.9
"""In inches."""

FAN_WIDTH_POINTS = 540.0
"""About the width of the fan's axes within the figure."""


def overview(results: Results) -> Figure:
    """A figure with the fan of the index and a panel for each issue."""
    from matplotlib.figure import Figure

    names = results.names.issues
    columns = len(names) if len(names) <= 3 else 2 if len(names) == 4 else 3
    rows = -(-len(names) // columns)
    flagged = flags.rows_needed(results, FAN_WIDTH_POINTS) * flags.HEIGHT_POINTS / style.POINTS_PER_INCH
    heights = [FAN_HEIGHT + flagged, rows * PANEL_HEIGHT]
    with style.light():
        figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
        upper, lower = figure.subfigures(2, 1, height_ratios=heights, squeeze=False).flat
        panels = lower.subplots(rows, columns, sharey=True, squeeze=False).flat
        for name, ax in zip(names, panels, strict=False):
            issue(results, ax, name)
        for ax in list(panels)[len(names) :]:
            ax.set_axis_off()
        fan(results, upper.subplots())
    return figure


def save_overview(results: Results, folder: Path) -> None:
    """Writes the overview as overview.png and overview.svg; the same results give the same bytes."""
    figure = overview(results)
    with style.light():
        figure.savefig(folder / "overview.png", dpi=150, metadata={"Software": None})
        figure.savefig(folder / "overview.svg", metadata={"Date": None})
