"""Panels: several axes in the place of one, which stays as their frame and bears their title."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensionsim.plots import style, themes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


HEAD_PAD, HEADING = 6.0, 10.0
"""Between an axes and what stands above it, and size of the heading's letters, in points."""


def split(ax: Axes, rows: int, columns: int = 1, *, heights: Sequence[float] | None = None, **more: Any) -> list[Axes]:
    """Empties an axes and puts `rows` by `columns` new ones in its place, row by row.

    heights : relative ones of the rows. more : goes to every new axes.

    Raises
    ------
    ValueError
        If the axes stands in no grid, as those of `Figure.add_axes` do.
    """
    place = ax.get_subplotspec()
    if place is None:
        raise ValueError("this figure has several panels and takes an axes made by `subplots` or `add_subplot`")
    ax.set_axis_off()
    grid = place.subgridspec(rows, columns, height_ratios=heights)
    figure = ax.figure
    return [figure.add_subplot(grid[row, column], **more) for row in range(rows) for column in range(columns)]


def head(panel: Axes, *lines: str, width: float) -> None:
    """Writes the heading of all panels above the first one, whose own title stays below it.

    No title bears it: the layout takes the middle of a title for the whole, and where that lies beyond the first panel
    it would move the second aside. A speck as high keeps the room.
    """
    own, ink = panel.get_title(loc="left"), themes.now().ink
    pad = HEAD_PAD
    if own:
        panel.set_title("")
        style.above(panel, own, pad, fontsize=9, color=ink, va="baseline")
        pad += style.LINE * 9.0 * (own.count("\n") + 1) + 4.0
    pad = style.notes(panel, lines[1:], width=width, pad=pad)
    heading = style.wrapped(lines[0], HEADING, width)
    style.above(panel, heading, pad, fontsize=HEADING, color=ink, va="baseline")
    top = pad + style.LINE * HEADING * (heading.count("\n") + 1)
    speck: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "color": "none"}
    panel.annotate(".", xy=(0.0, 1.0), xytext=(0.0, top), va="top", fontsize=1.0, annotation_clip=False, **speck)
