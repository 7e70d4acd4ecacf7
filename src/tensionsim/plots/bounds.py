"""Bounds of the regimes within an axes: guide lines, and the regimes' names where no line passes through them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from tensionsim.model.measures import REGIMES
from tensionsim.plots import style, themes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.model.record import Dates, Floats


SIZE, GAP = 6.5, 1.0
"""Of the names, and between a bound and its name, in points."""

PLACES = 40
"""Places along a bound at which a name is tried."""


def name(ax: Axes, dates: Dates, curves: Sequence[Floats], poles: Sequence[np.datetime64] = ()) -> None:
    """Draws the bounds in view and writes the regimes above and below each, where they cover least of the curves.

    curves : each of shape (date,); all lines and edges of bands. poles : dates of upright lines. Limits and layout must
    be final.
    """
    here = _positions(ax, dates, curves), [_across(ax, dates, pole) for pole in poles]
    shown: set[str] = set()
    for (below, bound), (above, _) in itertools.pairwise(REGIMES):
        ax.axhline(bound, color=themes.now().grid, linewidth=0.7, zorder=0)
        sides: list[tuple[str, Side]] = [(below, "top"), (above, "bottom")]
        for text, side in sides:
            if text not in shown and _has_room(ax, bound, side):
                shown.add(text)
                _write(ax, text, (bound, side), *here)


Side = Literal["bottom", "top"]


def _height(ax: Axes) -> float:
    """Of a name with its gaps, in the axes' units."""
    low, high = ax.get_ylim()
    return (SIZE * 1.2 + 2.0 * GAP) * (high - low) / style.height_points(ax)


def _has_room(ax: Axes, bound: float, side: str) -> bool:
    """Whether a name fits between a bound and the next one, or the end of the axis."""
    low, high = ax.get_ylim()
    marks = sorted({low, high, *(mark for _, mark in REGIMES if low < mark < high)})
    if not low < bound < high:
        return False
    place = marks.index(bound)
    room = bound - marks[place - 1] if side == "top" else marks[place + 1] - bound
    return room > _height(ax)


def _positions(ax: Axes, dates: Dates, curves: Sequence[Floats]) -> Floats:
    """Points from the left by date, and the curves, shape (1 + curve, date)."""
    return np.vstack([[_across(ax, dates, date) for date in dates], *curves])


def _across(ax: Axes, dates: Dates, date: np.datetime64) -> float:
    """Points of a date from the left."""
    return style.width_points(ax) * float((date - dates[0]) / (dates[-1] - dates[0]))


def _write(ax: Axes, text: str, at: tuple[float, Side], positions: Floats, poles: Sequence[float]) -> None:
    bound, side = at
    width, length = style.width_points(ax), style.text_width(text, SIZE) * style.HINTED + 4.0
    height = _height(ax)
    low, high = (bound - height, bound) if side == "top" else (bound, bound + height)
    starts = np.linspace(2.0, max(width - length - 2.0, 2.0), PLACES)
    met = [
        _met(positions, (start, start + length), (low, high)) + length * sum(start < x < start + length for x in poles)
        for start in starts
    ]
    start = float(starts[int(np.argmin(met))])
    ax.annotate(
        text,
        xy=(0.0, bound),
        xycoords=ax.get_yaxis_transform(),
        xytext=(start, -GAP if side == "top" else GAP),
        textcoords="offset points",
        ha="left",
        va=side,
        fontsize=SIZE,
        color=themes.now().faint,
        zorder=2.5,
    )


def _met(positions: Floats, across: tuple[float, float], up: tuple[float, float]) -> float:
    """How much of the curves runs through a box, in points of length."""
    grid = np.linspace(*across, 16)
    return float(
        sum(
            np.mean((values > up[0]) & (values < up[1])) * (across[1] - across[0])
            for values in (np.interp(grid, positions[0], curve) for curve in positions[1:])
        )
    )
