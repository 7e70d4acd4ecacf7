"""The overview: the fan of the index above, one panel an issue below."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tensionsim.plots import flags, saving, style, subjects, themes
from tensionsim.plots.fan import fan
from tensionsim.plots.issues import PANEL_HEIGHT, columns_for, fill

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tensionsim.runs.results import Results


WIDTH, FAN_HEIGHT = 9.0, 4.6
"""In inches."""

FAN_WIDTH_POINTS = 540.0
"""About the width of the fan's axes within the figure."""


def overview(results: Results) -> Figure:
    """A figure with the fan of the index and a panel for each issue.

    Raises
    ------
    SelectionError
        If the results have one date only.

    Examples
    --------
    >>> import tensionsim as ts
    >>> len(ts.plots.overview(ts.run("norland-suderia", runs=20, seed=7)).axes)
    3
    """
    from matplotlib.figure import Figure

    subjects.check_results("overview", results)
    names = results.names.issues
    columns = columns_for(len(names), FAN_WIDTH_POINTS)
    rows = -(-len(names) // columns)
    flagged = flags.rows_needed(results, FAN_WIDTH_POINTS) * flags.HEIGHT_POINTS / style.POINTS_PER_INCH
    heights = [FAN_HEIGHT + flagged, rows * PANEL_HEIGHT]
    with themes.drawing() as theme:
        figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
        upper, lower = figure.subfigures(2, 1, height_ratios=heights, squeeze=False).flat
        for part in (upper, lower):
            part.set_facecolor(theme.ground)
        fill(results, list(lower.subplots(rows, columns, sharey=True, squeeze=False).flat), columns)
        fan(results, upper.subplots())
    return figure


def save_overview(results: Results, folder: Path) -> None:
    """Writes the overview as overview.png and overview.svg; the same results give the same bytes."""
    with themes.theme("light"):
        figure = overview(results)
    saving.save_page(figure, folder)
