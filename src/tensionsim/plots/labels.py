"""Labels at the right ends of lines and areas, apart from each other, in place of a legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensionsim.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation


LEAST_GAP = 9.3
"""Between the middles of two labels, in points."""

MOST_WIDTH = 0.36
"""Share of the figure's width that labels beside the axes may take."""

SQUARE = "■"

LEADER = 11.0
"""Length of the lines that lead from an end to a label that had to move, in points."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text of `lines` lines for what ends at `height`, in the axes' units.

    swatch : the colour of an area, where its text has another.
    """

    height: float
    text: str
    colour: str
    is_bold: bool = False
    lines: int = 1
    swatch: str = ""


def finish(ax: Axes, labels: Sequence[Label], *lines: str) -> None:
    """Writes the title (heading and notes) above an axes and the labels beside it, once all else is drawn.

    The axes' limits must be final: the labels are measured against them.
    """
    style.settle(ax)
    style.title(ax, *lines)
    style.lay_out(ax)
    at_ends(ax, labels)
    style.settle(ax)


def at_ends(ax: Axes, labels: Sequence[Label], *, size: float = style.SMALL) -> list[Annotation]:
    """Writes labels to the right of the axes, in the order of their heights; those that had to move get a line.

    Where they would take too much of a narrow figure they go below it, as a key. Limits and height must be final.
    """
    ordered = sorted(labels, key=lambda label: label.height)
    longest = max((style.text_width(line, size) for label in labels for line in label.text.split("\n")), default=0.0)
    if longest > MOST_WIDTH * style.figure_width_points(ax):
        return _key(ax, ordered[::-1], size)
    low, high = ax.get_ylim()
    unit = (high - low) / style.height_points(ax)
    lines = max((label.lines for label in ordered), default=1)
    gap, half = max(size + 2.0, LEAST_GAP) * unit * lines, 0.5 * size * unit * lines
    heights = style.spread_within([label.height for label in ordered], gap, low + half, high - half)
    moved = any(abs(label.height - height) > 0.6 * gap for label, height in zip(ordered, heights, strict=True))
    written = []
    for label, height in zip(ordered, heights, strict=True):
        written += _write(ax, label, height, size, LEADER if moved else 0.0)
    return written


def _key(ax: Axes, labels: Sequence[Label], size: float) -> list[Annotation]:
    """The labels below the dates, from the uppermost to the lowest, each with a square in its colour."""
    lowest = ax.get_tightbbox()
    foot = (ax.bbox.y0 - (lowest.y0 if lowest else ax.bbox.y0)) * style.POINTS_PER_INCH / ax.figure.dpi
    written = []
    for row, label in enumerate(labels):
        down = -foot - 5.0 - row * max(size + 2.0, LEAST_GAP)
        for text, across, colour in ((SQUARE, 0.0, label.swatch or label.colour), (label.text, 10.0, label.colour)):
            written.append(
                ax.annotate(
                    text.replace("\n", " "),
                    xy=(0.0, 0.0),
                    xycoords="axes fraction",
                    xytext=(across, down),
                    textcoords="offset points",
                    va="top",
                    fontsize=size,
                    color=colour,
                    fontweight="bold" if label.is_bold else "normal",
                    annotation_clip=False,
                )
            )
    return written


def _write(ax: Axes, label: Label, height: float, size: float, leader: float) -> list[Annotation]:
    across = ax.get_yaxis_transform()
    common: dict[str, Any] = {"xycoords": across, "textcoords": "offset points", "annotation_clip": False}
    written = []
    if leader:
        line = {"arrowstyle": "-", "color": label.colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0, "alpha": 0.8}
        written.append(_leader(ax, label.height, height, leader, line))
    text = ax.annotate(
        label.text,
        xy=(1.0, height),
        xytext=(4.0 + leader, 0.0),
        va="center",
        fontsize=size,
        color=label.colour,
        fontweight="bold" if label.is_bold else "normal",
        **common,
    )
    return [*written, text]


def _leader(ax: Axes, start: float, end: float, length: float, line: dict[str, Any]) -> Annotation:
    """A line from the end at the axes' edge to the label's height beside it."""
    across = ax.get_yaxis_transform()
    shift = (end - start) * style.height_points(ax) / (ax.get_ylim()[1] - ax.get_ylim()[0])
    return ax.annotate(
        "",
        xy=(1.0, start),
        xycoords=across,
        xytext=(length + 2.0, shift),
        textcoords="offset points",
        annotation_clip=False,
        arrowprops=line,
    )
