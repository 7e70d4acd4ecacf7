"""The look of every figure: light lines, few ticks, text measured before it is placed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, num2date
from matplotlib.textpath import TextPath
from matplotlib.transforms import ScaledTranslation

from tensionsim.errors import SelectionError
from tensionsim.plots import themes
from tensionsim.plots.themes import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tensionsim.model.record import Dates
    from tensionsim.runs.results import Results


POINTS_PER_INCH = 72.0
FULL_WIDTH, COLUMN_WIDTH, HEIGHT = 7.2, 3.5, 3.8
"""In inches: the text of a journal's page, one of its two columns, and how high most figures are."""

SMALL, LINE = 7.5, 1.4
"""Size of labels, in points, and the height of a line of text in that of its letters."""

INK, FAINT, GRID = themes.LIGHT.ink, themes.LIGHT.faint, themes.LIGHT.grid
PALETTE = themes.LIGHT.palette
HINTED = 1.07
"""How much wider text may be drawn than measured, where letters are fitted to pixels."""

POINTS_PER_TICK, LEAST_TICKS = 36.0, 5

TOGETHER = re.compile(
    r"(?<=\d) (?=%|runs?\b)|(?<=\bseed) (?=\d)|(?<=\brun) (?=\d)|(?<=Goldstein/10) (?=a month)|(?<=/10 a) (?=month)"
)
"""Spaces at which no line is broken."""

NO_BREAK = "\u00a0"


def light() -> AbstractContextManager[None]:
    """A context in which figures are light, whichever theme is in force."""
    return themes.theme("light")


def new_axes(height: float = HEIGHT) -> Axes:
    """An axes on a new figure of pyplot, which notebooks show by themselves."""
    from matplotlib import pyplot as plt

    return plt.subplots(figsize=(FULL_WIDTH, height), layout="constrained")[1]


def blank(width: float = FULL_WIDTH, height: float = HEIGHT) -> Axes:
    """An empty axes on a figure of its own, in the theme in force; pyplot does not know of it.

    Parameters
    ----------
    width, height
        Of the figure, in inches. A column of a journal is about 3.5 wide, a page 7.2.

    Examples
    --------
    >>> import tensionsim as ts
    >>> ax = ts.plots.blank(3.5, 2.6)
    >>> ax.get_figure().get_size_inches().tolist()
    [3.5, 2.6]
    """
    from matplotlib.figure import Figure

    with drawing():
        axes: Axes = Figure(figsize=(width, height), layout="constrained").subplots()
    return axes


def dress(ax: Axes) -> None:
    """Takes the box off an axes, whoever made it, and paints it and its figure in the theme."""
    theme = themes.now()
    paint(ax)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set(color=theme.faint, linewidth=0.6)
    ax.tick_params(color=theme.faint, labelcolor=theme.faint, width=0.6, labelsize=8)


def paint(ax: Axes) -> None:
    """Gives an axes and its figure the ground of the theme."""
    root(ax).set_facecolor(themes.now().ground)
    ax.set_facecolor(themes.now().ground)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_color(themes.now().ink)


def root(ax: Axes) -> Figure:
    """The whole figure of an axes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


class _Dates(ConciseDateFormatter):
    """As few words of dates as needed; the first tick tells the year too."""

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        labels: list[str] = super().format_ticks(values)  # type: ignore[no-untyped-call]
        if not labels:
            return []
        first = num2date(values[0])
        name = f"{first.day} {first:%b}" if labels[0].isdigit() and len(labels[0]) < 3 else labels[0]
        return [name if str(first.year) in name else f"{name}\n{first.year}", *labels[1:]]


class _Locator(AutoDateLocator):
    """Months or years, as many as the axis has room for when it is drawn."""

    def __init__(self, most: int) -> None:
        super().__init__(minticks=2, maxticks=most)  # type: ignore[no-untyped-call]
        self._most = most

    def get_locator(self, dmin: Any, dmax: Any) -> Any:
        width = width_points(self.axis.axes)  # type: ignore[union-attr]
        most = int(np.clip(width / POINTS_PER_TICK, LEAST_TICKS, self._most))
        self.maxticks = dict.fromkeys(self.maxticks, most)
        return super().get_locator(dmin, dmax)  # type: ignore[no-untyped-call]


def time_axis(ax: Axes, ticks: int = 8) -> None:
    """Puts months or years on the x axis, `ticks` at most and fewer where it is narrow."""
    locator = _Locator(ticks)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(_Dates(locator, show_offset=False))  # type: ignore[no-untyped-call]


def over_time(results: Results, ax: Axes | None, height: float = HEIGHT) -> Axes:
    """A dressed axes, `ax` or a new one, over the dates of the results."""
    return over_dates(results.dates, ax, height)


def check_dates(dates: Dates) -> None:
    """SelectionError where there is one date only."""
    if len(dates) < 2:
        raise SelectionError(f"these results have one date, {dates[0]}; a figure over time needs two")


def over_dates(dates: Dates, ax: Axes | None, height: float = HEIGHT) -> Axes:
    """A dressed axes, `ax` or a new one, over some dates.

    Raises
    ------
    SelectionError
        If there is one date only, over which nothing can be drawn.
    """
    check_dates(dates)
    ax = new_axes(height) if ax is None else ax
    dress(ax)
    ax.set_xlim(dates[0], dates[-1])
    return ax


def place_of_run(results: Results, run: int | None) -> int:
    """Place of a run in the arrays; of the first one where none is named.

    Raises
    ------
    SelectionError
        If there is no such run.
    """
    last = results.first_run + results.runs - 1
    number = results.first_run if run is None else run
    if not results.first_run <= number <= last:
        raise SelectionError(f"there is no run {number}; these are runs {results.first_run} to {last}")
    return number - results.first_run


def one_of(kind: str, name: str, there: Iterable[str]) -> str:
    """The name, if it is there.

    Raises
    ------
    SelectionError
        If it is not; the message names what is.
    """
    found = list(there)
    if name not in found:
        raise SelectionError(f"no {kind} {name!r} in these results; there is {', '.join(found) or 'none'}")
    return name


def width_points(ax: Axes) -> float:
    """Width of an axes in points, as the figure is laid out now."""
    return float(ax.get_window_extent().width * POINTS_PER_INCH / ax.figure.dpi)


def figure_width_points(ax: Axes) -> float:
    """Width of the part of the figure in which an axes stands, in points."""
    place = ax.get_subplotspec()
    columns = place.get_gridspec().ncols if place is not None else 1
    return float(ax.figure.bbox.width * POINTS_PER_INCH / ax.figure.dpi / columns)


def width_to_the_edge(ax: Axes) -> float:
    """Points from the left end of an axes to the figure's right edge; to its own right end where others follow."""
    place = ax.get_subplotspec()
    if place is None or not place.is_last_col():
        return width_points(ax)
    return float((ax.figure.bbox.x1 - ax.get_window_extent().x0) * POINTS_PER_INCH / ax.figure.dpi - 4.0)


def height_points(ax: Axes) -> float:
    """Height of an axes in points, as the figure is laid out now."""
    return float(ax.get_window_extent().height * POINTS_PER_INCH / ax.figure.dpi)


def lay_out(ax: Axes) -> None:
    """Lays the figure out, so that what is measured next is where it will be drawn."""
    root(ax).draw_without_rendering()


def words(name: str) -> str:
    """A name of the model as a reader would write it: `threaten_tariffs` as "threaten tariffs"."""
    return name.replace("_", " ")


def actor(results: Results, name: str) -> str:
    """An actor's name as a reader would write it: its label, or the name with a capital."""
    found = results.scenario.file.actors.get(name)
    return (found.label if found else "") or words(name).capitalize()


def direction(results: Results, name: str) -> str:
    """A direction, "washington -> bogota", as a reader would write it."""
    start, end = name.split(" -> ")
    return f"{actor(results, start)} to {actor(results, end)}"


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Width of a line of text in points, whatever it will be drawn with."""
    return float(TextPath((0.0, 0.0), text, size=size).get_extents().width) if text.strip() else 0.0


def wrapped(text: str, size: float, width: float) -> str:
    """The text in as many lines as `width`, in points, needs; what belongs together stays on one."""
    room, lines = width / HINTED, list[str]()
    for word in re.findall(rf"(?:\S|{NO_BREAK})+", TOGETHER.sub(NO_BREAK, text)):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines).replace(NO_BREAK, " ")


def title(ax: Axes, *lines: str, width: float = 0.0, pad: float = 6.0, left: float = 0.0) -> None:
    """Writes the first line above the axes and the others below it in smaller letters.

    width : that the lines may take, in points; by default as far as the figure, or the next axes, allows. left :
    how far to the left of the axes they begin, in points.
    """
    room = width or width_to_the_edge(ax) + left
    pad = notes(ax, lines[1:], width=room, pad=pad, left=left)
    heading = ax.set_title(wrapped(lines[0], 10, room), pad=pad, color=themes.now().ink)
    if left:
        figure = root(ax)
        heading.set_transform(
            heading.get_transform() + ScaledTranslation(-left / POINTS_PER_INCH, 0.0, figure.dpi_scale_trans)
        )


def notes(ax: Axes, lines: Sequence[str], *, width: float, pad: float, left: float = 0.0) -> float:
    """Writes lines in small letters `pad` points above the axes; how far above it the next thing may stand."""
    text = "\n".join(wrapped(line, SMALL, width) for line in lines if line)
    if not text:
        return pad
    above(ax, text, pad, left=left, color=themes.now().faint, fontsize=SMALL)
    return pad + LINE * SMALL * (text.count("\n") + 1) + 2.0


def above(ax: Axes, text: str, height: float, left: float = 0.0, **more: Any) -> None:
    """Writes a text `height` points above the axes; the layout makes no room for it."""
    where: dict[str, Any] = {"xy": (0.0, 1.0), "xycoords": "axes fraction", "xytext": (-left, height), "va": "bottom"}
    note = ax.annotate(text, textcoords="offset points", annotation_clip=False, **(where | more))
    note.set_in_layout(False)


def settle(ax: Axes) -> None:
    """Lays the figure out and breaks the name of the y axis where it is longer than the axis."""
    lay_out(ax)
    label = ax.yaxis.label
    shown = wrapped(label.get_text(), float(label.get_fontsize()), height_points(ax))
    if shown != label.get_text():
        label.set_text(shown)
        lay_out(ax)


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


def spread_within(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Like `spread`, and between `low` and `high` where there is room for all."""
    found = spread(places, gap)
    last = len(found) - 1
    found = [min(place, high - gap * (last - row)) for row, place in enumerate(found)]
    return [max(place, low + gap * row) for row, place in enumerate(found)]
