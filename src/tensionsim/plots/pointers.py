"""Pointers: texts beside dots, each with a thin line to its own dot, so that none is taken for another's."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from tensionsim.plots import style, themes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.model.record import Floats


DISTANCES = (9.0, 15.0, 23.0, 33.0, 45.0, 60.0)
"""Between a dot and its text, in points."""

DIRECTIONS = 16
DOT = 2.5
"""Half a dot, in points."""

OUTSIDE, COVERING_TEXT, COVERING_DOT, CROSSING, AMBIGUOUS, COVERING_PATH = 1e6, 1e4, 2e3, 5e2, 20.0, 12.0
"""What each fault of a place costs; a point of distance costs 1."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a text, in pixels: its box, and the point of the box next to the dot."""

    box: Bbox
    foot: Floats
    distance: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a text should not cover, in pixels: the axes it stands in, other texts, all dots, and points of the path."""

    bounds: Bbox
    texts: Sequence[Bbox]
    dots: Floats
    path: Floats
    point: float


def write(ax: Axes, named: Sequence[tuple[str, Floats]], path: Floats, taken: list[Bbox]) -> None:
    """Writes the text of each dot where it covers least, and a line from the one to the other.

    named : texts and where their dots are. path : shape (place, 2), in the axes' units. taken : boxes of texts that
    stand already, in pixels; those of the new ones are added. The layout must be final.
    """
    point = ax.figure.dpi / style.POINTS_PER_INCH
    dots = ax.transData.transform([at for _, at in named])
    line = _dense(ax.transData.transform(path), 2.0 * point)
    for (text, at), dot in zip(named, dots, strict=True):
        around = Surroundings(ax.bbox, taken, dots, line, point)
        size = _size(ax, text)
        found = min(_spots(dot, size, point), key=lambda spot: _cost(spot, dot, around))
        _draw(ax, text, at, (found.foot - dot) / point, ((found.box.p0 + found.box.p1) / 2 - dot) / point)
        taken.append(found.box)


def _size(ax: Axes, text: str) -> Floats:
    """Width and height of a text in pixels."""
    written = ax.text(0.0, 0.0, text, fontsize=style.SMALL, fontweight="bold")
    box = Text.get_window_extent(written)
    written.remove()
    return np.array([box.width, box.height]) + 2.0


def _dense(path: Floats, step: float) -> Floats:
    """Points on a path, none further than `step` from the next."""
    pieces = [
        np.linspace(start, end, 1 + int(np.hypot(*(end - start)) / step), endpoint=False)
        for start, end in itertools.pairwise(path)
    ]
    return np.concatenate([*pieces, path[-1:]])


def _spots(dot: Floats, size: Floats, point: float) -> list[Spot]:
    """The places around a dot."""
    found = []
    for distance, turn in itertools.product(DISTANCES, range(DIRECTIONS)):
        angle = 2.0 * np.pi * turn / DIRECTIONS
        foot = dot + distance * point * np.array([np.cos(angle), np.sin(angle)])
        middle = foot + 0.5 * size * np.sign(np.round([np.cos(angle), np.sin(angle)], 6))
        box = Bbox([middle - 0.5 * size, middle + 0.5 * size])
        found.append(Spot(box, np.clip(foot, box.p0, box.p1), distance))
    return found


def _cost(spot: Spot, dot: Floats, around: Surroundings) -> float:
    box, point = spot.box, around.point
    others = around.dots[np.any(np.abs(around.dots - dot) > 1.0, axis=1)]
    is_inside = all(around.bounds.contains(*corner) for corner in (box.p0, box.p1))
    line = np.linspace(dot, spot.foot, 12)[1:]
    gaps = np.hypot(*(others[:, None] - line).T) if len(others) else np.full((1, 1), np.inf)
    nearest = min((_gap(box, other) for other in others), default=np.inf)
    return float(
        spot.distance
        + OUTSIDE * (not is_inside)
        + COVERING_TEXT * any(box.overlaps(other) for other in around.texts)
        + COVERING_DOT * sum(_gap(box, one) < DOT * point for one in around.dots)
        + CROSSING * bool((gaps < 2.0 * DOT * point).any())
        + CROSSING * any(other.contains(*place) for other in around.texts for place in line)
        + AMBIGUOUS * bool(nearest < _gap(box, dot))
        + COVERING_PATH * min(box.count_contains(around.path), 8)
    )


def _gap(box: Bbox, place: Floats) -> float:
    """How far a place lies from a box, in pixels; 0 within."""
    return float(np.hypot(*(np.clip(place, box.p0, box.p1) - place)))


def _draw(ax: Axes, text: str, at: Floats, foot: Floats, middle: Floats) -> None:
    """The text around `middle` and the line to `foot`, both in points from the dot."""
    theme = themes.now()
    where: dict[str, Any] = {"xy": (float(at[0]), float(at[1])), "textcoords": "offset points"}
    pole = {"arrowstyle": "-", "color": theme.ink, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xytext=(float(foot[0]), float(foot[1])), arrowprops=pole, zorder=6, **where)
    ground = {"facecolor": theme.ground, "edgecolor": "none", "alpha": 0.75, "pad": 0.5}
    more: dict[str, Any] = {"ha": "center", "va": "center", "fontweight": "bold", "bbox": ground, "zorder": 6}
    ax.annotate(
        text, xytext=(float(middle[0]), float(middle[1])), fontsize=style.SMALL, color=theme.ink, **more, **where
    )
