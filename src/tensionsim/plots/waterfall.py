"""The waterfall: what each element of a scenario does to a quantity, from none of them to all."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from tensionsim.analysis.effects import Effects
from tensionsim.errors import SelectionError
from tensionsim.plots import elements, style, subjects, themes
from tensionsim.plots.difference import one_decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes


MOST = 10
"""Elements that are drawn by themselves."""

NARROW = 360.0
"""Figures of less points across have the names above the bars, which then take the whole width."""

NAMES = 0.4
"""Share of a wider figure that the names beside the bars may take."""

BAR, LINE, AIR, LEAST = 11.0, 10.5, 4.0, 19.5
"""Height of a bar, of a line of a name, of what is left free, and of a row with the name beside the bar, in points."""

FRAME, NARROW_FRAME = 80.0, 105.0
"""Points that title and axis take above and below the rows; in a narrow figure the title has more lines."""

MARGIN = 2.0
POINTS_PER_TICK = 45.0


@dataclass(frozen=True, slots=True)
class Row:
    """A bar and its name: the lines of the name, where the bar begins and ends, and what is written beside it.

    height : of the row, in points. is_end : whether it is one of the two ends, drawn as a mark.
    """

    lines: Sequence[str]
    start: float
    end: float
    value: str
    height: float
    is_end: bool = False

    @property
    def is_left(self) -> bool:
        """Whether its value stands to the left."""
        return self.end < self.start

    @property
    def value_width(self) -> float:
        """Points that its value takes beside the bar."""
        return style.text_width(self.value, style.SMALL) * style.HINTED + 6.0


def waterfall(effects: Effects, ax: Axes | None = None, *, most: int = MOST) -> Axes:
    """Draws the effects of a scenario's elements one after the other, from the world without them to that with all.

    Green bars raise the quantity, purple ones (in the dark theme pink) lower it. In a narrow figure the names stand
    above the bars.

    Parameters
    ----------
    effects
        What `explain` finds: the Shapley value of each element, with its standard error.
    ax
        Where to draw; a new figure by default.
    most
        Elements drawn by themselves, >= 1; the others are drawn as one.

    Returns
    -------
    The axes: the quantity by element. The bars lead from the quantity with none of them to that with all.

    Raises
    ------
    SelectionError
        If there is no element.
    TypeError
        If it is given something else than effects.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.effects("norland-suderia", elements=["schedule", "rule"], runs=20)
    >>> ts.plots.waterfall(found, ts.plots.blank()).get_xlabel()
    'mean index on 6 Jan 2032, points'
    """
    subjects.check("waterfall", effects, Effects, subjects.EFFECTS)
    if effects.table.empty:
        raise SelectionError(f"no element was found that {effects.quantity} could hang on; ask for other ones")
    with themes.drawing():
        ax = style.new_axes(height_of(effects, most)) if ax is None else ax
        style.dress(ax)
        width = style.figure_width_points(ax)
        rows = _rows(effects, most, width)
        middles = _names(ax, rows, is_narrow=width < NARROW)
        _bars(ax, rows, middles)
        ax.set_xlabel(_axis_name(effects), fontsize=8)
        style.lay_out(ax)
        _limits(ax, rows)
        for row, middle in zip(rows, middles, strict=True):
            _value(ax, row, middle)
        ax.set_xlabel(style.wrapped(_axis_name(effects), 8, style.width_points(ax)), fontsize=8)
        style.lay_out(ax)
        _title(ax, effects)
    return ax


def height_of(effects: Effects, most: int = MOST, width: float = style.FULL_WIDTH) -> float:
    """The height in inches that a figure of so many bars, `width` inches across, wants."""
    rows = _rows(effects, most, width * style.POINTS_PER_INCH)
    frame = FRAME if width * style.POINTS_PER_INCH >= NARROW else NARROW_FRAME
    return (frame + sum(row.height for row in rows)) / style.POINTS_PER_INCH


def _rows(effects: Effects, most: int, width: float) -> list[Row]:
    """The ends and between them the bars, the largest effect first, the lesser ones as one."""
    table = effects.table.sort_values("effect", key=abs, ascending=False, kind="stable")
    shown, rest = (table, table.iloc[:0]) if len(table) <= most + 1 else (table.iloc[:most], table.iloc[most:])
    found = [(str(row.element), float(row.effect), float(row.standard_error)) for row in shown.itertuples()]
    if len(rest):
        found.append((f"{len(rest)} others", float(rest["effect"].sum()), float("nan")))
    first, last = (effects.against, effects.title) if effects.against else ("none of them", "all of them")
    places = itertools.accumulate((effect for _, effect, _ in found), initial=effects.base)
    rows = [_end(first, effects.base, width)]
    for (name, effect, error), (start, end) in zip(found, itertools.pairwise(places), strict=True):
        value = one_decimal(effect) + (f" ±{error:.1f}" if np.isfinite(error) else "")
        rows.append(_row(name, (start, end), value, width))
    return [*rows, _end(last, effects.whole, width)]


def _end(name: str, value: float, width: float) -> Row:
    return replace(_row(name, (value, value), f"{value:.1f}", width), is_end=True)


def _row(name: str, ends: tuple[float, float], value: str, width: float) -> Row:
    is_narrow = width < NARROW
    lines = elements.lines(name, style.SMALL, width - 2.0 * MARGIN - 8.0 if is_narrow else NAMES * width)
    height = LINE * len(lines) + (BAR + AIR if is_narrow else AIR)
    return Row(lines, *ends, value, max(height, LEAST))


def _names(ax: Axes, rows: Sequence[Row], *, is_narrow: bool) -> list[float]:
    """Writes the names, above the bars in a narrow figure and else beside them; the middles of the bars."""
    bottoms = list(itertools.accumulate(row.height for row in rows))
    ax.set_ylim(bottoms[-1] + 2.0, -2.0)
    ax.tick_params(axis="y", length=0, labelcolor=themes.now().ink, labelsize=style.SMALL)
    if not is_narrow:
        middles = [bottom - row.height / 2 for row, bottom in zip(rows, bottoms, strict=True)]
        ax.set_yticks(middles, ["\n".join(row.lines) for row in rows])
        return middles
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    for row, bottom in zip(rows, bottoms, strict=True):
        ax.annotate(
            "\n".join(row.lines),
            xy=(0.0, bottom - AIR / 2 - BAR),
            xycoords=ax.get_yaxis_transform(),
            xytext=(0.0, 1.0),
            textcoords="offset points",
            va="bottom",
            fontsize=style.SMALL,
            color=themes.now().ink,
            bbox={"facecolor": themes.now().ground, "edgecolor": "none", "pad": 0.3},
            zorder=3,
        )
    return [bottom - AIR / 2 - BAR / 2 for bottom in bottoms]


def _bars(ax: Axes, rows: Sequence[Row], middles: Sequence[float]) -> None:
    """The bars, the marks of both ends, and a thin line from each to the next."""
    theme, half = themes.now(), BAR / 2
    for row, middle in zip(rows, middles, strict=True):
        if row.is_end:
            ax.plot([row.end, row.end], [middle - half, middle + half], color=theme.ink, linewidth=2.5)
        else:
            colour = theme.hostile if row.is_left else theme.friendly
            ax.barh(middle, row.end - row.start, left=row.start, height=BAR, color=colour)
    for (row, middle), (_, below) in itertools.pairwise(zip(rows, middles, strict=True)):
        ax.plot([row.end, row.end], [middle - half, below + half], color=theme.faint, linewidth=0.6, zorder=0.9)


def _limits(ax: Axes, rows: Sequence[Row]) -> None:
    """The narrowest limits that leave room for the value of each bar beside it."""
    width = style.width_points(ax) - 2.0 * MARGIN
    ends = [row.end for row in rows] + [row.start for row in rows]
    low, high = min(ends), max(ends)
    high = max(high, low + 1e-9)
    for _ in range(40):
        unit = (high - low) / width
        lows, highs = _reach(rows, unit)
        low, high = min(*ends, *lows), max(*ends, *highs)
        high = min(high, low + 20.0 * max(max(ends) - min(ends), 1e-9))
    ax.set_xlim(low - MARGIN * unit, high + MARGIN * unit)
    most = max(2, int(width / POINTS_PER_TICK))
    ax.xaxis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 5, 10]))


def _reach(rows: Sequence[Row], unit: float) -> tuple[list[float], list[float]]:
    """How far to the left and to the right bars and values reach, `unit` of the axis being a point."""
    lows = [row.end - row.value_width * unit if row.is_left else row.end for row in rows]
    return lows, [row.end if row.is_left else row.end + row.value_width * unit for row in rows]


def _value(ax: Axes, row: Row, middle: float) -> None:
    """The number beside a bar, on the side to which it goes."""
    ax.annotate(
        row.value,
        xy=(row.end, middle),
        xytext=(-4 if row.is_left else 4, 0),
        textcoords="offset points",
        ha="right" if row.is_left else "left",
        va="center",
        fontsize=style.SMALL,
        color=themes.now().ink,
        annotation_clip=False,
    )


def _axis_name(effects: Effects) -> str:
    """The quantity with its date as a reader would write it, and its unit."""
    day = dt.date.fromisoformat(effects.date)
    quantity = effects.quantity.removeprefix("the ").replace(effects.date, f"{day.day} {day:%b %Y}")
    return f"{quantity}, {effects.unit.split()[0]}"


def _note(effects: Effects) -> str:
    values = "Shapley values" if effects.method == "exact" else "Shapley values, sampled"
    return f"{values} with standard errors; {effects.runs:,} runs, seed {effects.seed}"


def _title(ax: Axes, effects: Effects) -> None:
    """The title, from where the names of the elements begin."""
    start = min((label.get_window_extent().x0 for label in ax.get_yticklabels()), default=ax.bbox.x0)
    left = float(ax.bbox.x0 - start) * style.POINTS_PER_INCH / ax.figure.dpi
    against = f" less {effects.against}" if effects.against else ""
    heading = "What makes the difference" if effects.against else "What each element does"
    style.title(ax, f"{heading}: {effects.title}{against}", _note(effects), left=left)
