"""Rows: one below the other, with names to the left of the axes and numbers in columns to the right of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensionsim.plots import elements, style, themes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


LINE, AIR = 9.5, 4.5
"""Height of a line of a name, and what a row has besides, in points."""

NAMES = 0.27
"""Share of the figure's width that names may take."""

GAP = 8.0
"""Between two columns, in points."""

LEAST = 0.4
"""Letters shrink to this share of their size at most; in a figure that is lower still they cover each other."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the lines of its name, and its numbers, one a column. A heading of other rows has no numbers."""

    lines: Sequence[str]
    numbers: Sequence[str] = ()
    is_heading: bool = False

    @property
    def height(self) -> float:
        """In points."""
        return LINE * len(self.lines) + AIR


@dataclass(frozen=True, slots=True)
class Grid:
    """Where rows lie: the middle of each in the axes' units, and the size of their letters, in points."""

    middles: Sequence[float]
    size: float


def row(name: str, numbers: Sequence[str], width: float) -> Row:
    """A row whose name is broken where it would take more than its share of `width`, in points."""
    return Row(elements.lines(name, style.SMALL, NAMES * width), numbers)


def heading(text: str) -> Row:
    """A row that says what those below it have in common."""
    return Row((text,), is_heading=True)


def height_of(rows: Sequence[Row], head: float, frame: float) -> float:
    """The height in inches of a figure with such rows, with `head` points above them and a frame around all."""
    return (frame + head + sum(each.height for each in rows)) / style.POINTS_PER_INCH


def lay(ax: Axes, rows: Sequence[Row], head: float, frame: float) -> Grid:
    """Gives the axes a place for each row, and names it; above the first there are `head` points for what heads them.

    Units of the y axis are points if the figure has the height that it wants; in a lower one all shrinks.
    frame : points that title and axis will take.
    """
    bottoms = list(itertools.accumulate(each.height for each in rows))
    middles = [bottom - each.height / 2 for each, bottom in zip(rows, bottoms, strict=True)]
    ax.set_ylim(bottoms[-1], -head)
    ax.set_yticks(middles, ["\n".join(each.lines) for each in rows])
    ax.tick_params(axis="y", length=0, labelcolor=themes.now().ink)
    size = style.SMALL * min(1.0, max(LEAST, (_height_points(ax) - frame) / (bottoms[-1] + head)))
    for label, each in zip(ax.get_yticklabels(), rows, strict=True):
        label.set_fontsize(size)
        if each.is_heading:
            label.set(color=themes.now().faint, fontstyle="italic")
    return Grid(middles, size)


def _height_points(ax: Axes) -> float:
    """Height of the part of the figure in which an axes stands, in points."""
    place = ax.get_subplotspec()
    parts = place.get_gridspec().nrows if place is not None else 1
    return float(ax.figure.bbox.height * style.POINTS_PER_INCH / ax.figure.dpi / parts)


def columns(ax: Axes, rows: Sequence[Row], names: Sequence[str], grid: Grid, head: float) -> None:
    """Writes the rows' numbers in columns to the right of the axes, under their names, which are written at `head`."""
    theme, right = themes.now(), 4.0
    for place, name in enumerate(names):
        told = [(head, name, theme.faint)]
        with_numbers = ((each, at) for each, at in zip(rows, grid.middles, strict=True) if each.numbers)
        told += [(at, each.numbers[place], theme.ink) for each, at in with_numbers]
        right += max(style.text_width(text, grid.size) for _, text, _ in told) * style.HINTED
        for at, text, colour in told:
            ax.annotate(
                text,
                xy=(1.0, at),
                xycoords=ax.get_yaxis_transform(),
                xytext=(right, 0.0),
                textcoords="offset points",
                ha="right",
                va="center_baseline",
                fontsize=grid.size,
                color=colour,
                annotation_clip=False,
            )
        right += GAP


def title(ax: Axes, *lines: str) -> None:
    """The title, from where the names of the rows begin."""
    start = min((label.get_window_extent().x0 for label in ax.get_yticklabels()), default=ax.bbox.x0)
    style.title(ax, *lines, left=float(ax.bbox.x0 - start) * style.POINTS_PER_INCH / ax.figure.dpi)
