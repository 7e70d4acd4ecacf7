"""The look of every figure: colours that all readers can tell apart, light lines, labels on the lines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, num2date
from matplotlib.textpath import TextPath

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS_PER_INCH = 72.0

INK, FAINT, GRID = "#222222", "#6b6b6b", "#dddddd"
FAN = "#0072b2"
OBSERVED = "#d55e00"

PALETTE = ("#0072b2", "#d55e00", "#00805c", "#b0578d", "#8a6d00", "#555555")
"""Colours by issue, after Okabe & Ito (2008), the light ones darkened so that text in them reads on white."""

RC: Any = MappingProxyType(
    {
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "axes.labelcolor": INK,
        "text.color": INK,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "figure.dpi": 100,
        "svg.hashsalt": "tensionsim",
    }
)


@contextmanager
def light() -> Iterator[None]:
    """A context in which figures have the style of tensionsim; it leaves the user's own settings alone.

    The first figure of a notebook loads the notebook's backend, which makes matplotlib interactive: that must stay so
    after the context, or the notebook shows no further figures.
    """
    with mpl.rc_context(dict(RC)):
        yield
        is_interactive = mpl.is_interactive()
    mpl.interactive(is_interactive)


def dress(ax: Axes) -> None:
    """Takes the box off an axes, whoever made it."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set(color=FAINT, linewidth=0.6)
    ax.tick_params(color=FAINT, labelcolor=FAINT, width=0.6)


class _Dates(ConciseDateFormatter):
    """As few words of dates as needed; the first tick tells the year too."""

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        labels: list[str] = super().format_ticks(values)  # type: ignore[no-untyped-call]
        year = str(num2date(values[0]).year) if len(values) else ""
        return [f"{labels[0]}\n{year}" if year not in labels[0] else labels[0], *labels[1:]] if labels else []


def time_axis(ax: Axes, ticks: int = 8) -> None:
    """Puts months or years on the x axis."""
    locator = AutoDateLocator(minticks=3, maxticks=ticks)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(_Dates(locator, show_offset=False))  # type: ignore[no-untyped-call]


def width_points(ax: Axes) -> float:
    """Width of an axes in points, as the figure is laid out now."""
    return float(ax.get_window_extent().width * POINTS_PER_INCH / ax.figure.dpi)


def height_points(ax: Axes) -> float:
    """Height of an axes in points, as the figure is laid out now."""
    return float(ax.get_window_extent().height * POINTS_PER_INCH / ax.figure.dpi)


def words(name: str) -> str:
    """A name of the model as a reader would write it: `threaten_tariffs` as "threaten tariffs"."""
    return name.replace("_", " ")


def text_width(text: str, size: float) -> float:
    """Width of a line of text in points, whatever it will be drawn with."""
    return float(TextPath((0.0, 0.0), text, size=size).get_extents().width) if text.strip() else 0.0


def wrapped(text: str, size: float, width: float) -> str:
    """The text in as many lines as `width`, in points, needs."""
    letters = max(12, int(width / max(text_width(text, size), 1.0) * len(text)))
    return text if letters >= len(text) else "\n".join(textwrap.wrap(text, letters))


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Places at least `gap` apart, in the same order and as near to the given ones as that allows.

    places : in rising order.
    """
    groups: list[list[float]] = []
    for place in places:
        groups.append([place])
        while len(groups) > 1 and _are_close(groups[-2], groups[-1], gap):
            groups[-2:] = [groups[-2] + groups[-1]]
    return [_middle(group) + gap * (row - (len(group) - 1) / 2) for group in groups for row in range(len(group))]


def _are_close(lower: Sequence[float], upper: Sequence[float], gap: float) -> bool:
    return _middle(upper) - _middle(lower) < gap * (len(lower) + len(upper)) / 2


def _middle(group: Sequence[float]) -> float:
    return sum(group) / len(group)
