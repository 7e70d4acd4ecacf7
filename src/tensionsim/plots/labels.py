"""Texts that are placed by hand: labels beside lines, names of regimes, flags of events, rows of names, pointers."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
import textwrap
from collections.abc import Sequence
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from tensionsim.model.measures import REGIMES
from tensionsim.model.record import Floats
from tensionsim.plots import style
from tensionsim.runs.results import Results

REGIME_SIZE = 6.5

FLAG_HEIGHT, FLAG_GAP, MOST_FLAGS, POINTS_PER_LETTER = 10.5, 3.0, 10, 4.3
"""Height of a row of flags and distance from the pole in points; names at most; about how broad a letter is."""

ONE_ELECTION = dt.timedelta(days=120)
"""An actor's elections less than that apart are told as rounds of one."""

ROW_LINE, ROW_AIR, HEAD = 9.5, 4.5, 9.0
"""In points: a line of a row's name, what the row has besides, and room above the first for the columns' names."""

Named = Sequence[tuple[str, Sequence[str]]]
"""Rows of a figure: the name and the numbers of each, one a column. A heading of other rows has no numbers."""


class Label(NamedTuple):
    """A text for what ends at `height`, in the axes' units. swatch : colour of an area, where the text's is another."""

    height: float
    text: str
    colour: str
    is_bold: bool = False
    swatch: str = ""


def finish(ax: Axes, labels: Sequence[Label], *lines: str, pad: float = 6.0) -> None:
    """Writes heading and notes `pad` points above an axes and labels beside it, once all else is drawn."""
    style.settle(ax)
    style.title(ax, *lines, pad=pad)
    style.lay_out(ax)
    at_ends(ax, labels)
    style.settle(ax)


def at_ends(ax: Axes, labels: Sequence[Label]) -> None:
    """Writes labels beside the axes by height, those moved with a line; as a key below it of areas or too long ones."""
    ordered = sorted(labels, key=lambda label: label.height)
    longest = max((style.text_width(label.text, style.SMALL) for label in ordered), default=0.0)
    is_of_areas = bool(labels) and all(label.swatch for label in labels)
    if is_of_areas or longest > 0.36 * style.part_points(ax)[0]:
        told = [(label.text, label.swatch or label.colour, label.colour) for label in ordered[::-1]]
        squares = [Line2D([], [], linestyle="", marker="s", markersize=5.0, color=colour) for _, colour, _ in told]
        where: dict[str, Any] = {"loc": "outside lower left", "frameon": False, "fontsize": style.SMALL}
        where |= {"handletextpad": 0.2, "labelspacing": 0.25, "labelcolor": [ink for *_, ink in told]}
        ax.figure.legend(squares, [text for text, *_ in told], **where)
        return
    low, high = ax.get_ylim()
    unit = (high - low) / style.height_points(ax)
    gap, half = 9.3 * unit, 0.5 * style.SMALL * unit
    heights = spread_within([label.height for label in ordered], gap, low + half, high - half)
    placed = list(zip(ordered, heights, strict=True))
    is_moved = any(abs(label.height - height) > 0.6 * gap for label, height in placed)
    for label, height in placed:
        line = _line(label.colour, linewidth=0.6, alpha=0.8, relpos=(0.0, 0.5), shrinkA=2) if is_moved else None
        shift = (4.0 + 11.0 * is_moved, (height - label.height) / unit)
        more: dict[str, Any] = {"xycoords": ax.get_yaxis_transform(), "va": "center", "arrowprops": line}
        more["fontweight"] = "bold" if label.is_bold else "normal"
        style.put(ax, label.text, (1.0, label.height), shift, label.colour, **more)


def _line(colour: str, **more: Any) -> dict[str, Any]:
    return {"arrowstyle": "-", "color": colour, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0, **more}


def spread_within(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places, in rising order, at least `gap` apart, near the given ones, from `low` to `high` where there is room."""
    groups: list[list[float]] = []
    for place in places:
        groups.append([place])
        while len(groups) > 1 and fmean(groups[-1]) - fmean(groups[-2]) < gap * len(groups[-2] + groups[-1]) / 2:
            groups[-2:] = [groups[-2] + groups[-1]]
    found = [fmean(group) + gap * (row - (len(group) - 1) / 2) for group in groups for row in range(len(group))]
    found = [min(place, high - gap * (len(found) - 1 - row)) for row, place in enumerate(found)]
    return [max(place, low + gap * row) for row, place in enumerate(found)]


def name_regimes(ax: Axes) -> None:
    """Draws the regimes' bounds in view, and names each at the left of its foot, or of its top where a line begins."""
    (low, high), below = ax.get_ylim(), 0.0
    height = (REGIME_SIZE * 1.2 + 2.0) * (high - low) / style.height_points(ax)
    share = (style.text_width("pragmatic", REGIME_SIZE) + 6.0) / style.width_points(ax)
    starts = [np.asarray(line.get_ydata(), float) for line in ax.lines]
    beginning = np.concatenate([each[: math.ceil(share * len(each))] for each in starts])
    for name, bound in REGIMES:
        floor, top, below = max(below, low), min(bound, high), bound
        if low < bound < high:
            ax.axhline(bound, color=style.now().grid, linewidth=0.7, zorder=0)
        if height < top - floor < high - low:
            foot, head = (((end < beginning) & (beginning < end + height)).sum() for end in (floor, top - height))
            is_above = foot > head
            more: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "fontsize": REGIME_SIZE, "zorder": 2.5}
            at, shift = (0, top if is_above else floor), (2, -1 if is_above else 1)
            style.put(ax, name, at, shift, style.now().faint, va="top" if is_above else "bottom", **more)


class Flag(NamedTuple):
    """A dated event; the heavier ones keep their names where there are too many."""

    date: dt.date
    text: str
    weight: float


def flags_of(results: Results) -> list[Flag]:
    """The scenario's scheduled moves, changes and elections within the dates of the results, by date."""
    first, last = results.dates[0].item(), results.dates[-1].item()
    file, scores = results.scenario.file, dict(zip(results.names.moves, results.names.move_scores, strict=True))
    found = [(move.date, move.actor, style.words(move.move), abs(scores.get(move.move, 0.0))) for move in file.schedule]
    for change in file.changes:
        ways = " or ".join(way.label or file.called(way.leader or "") or "a change" for way in change.one_of)
        text = change.label or ways or file.called(change.leader or "") or "a change"
        found.append((change.date, change.actor or "", text, 100.0))
    for name, given in file.elections.items():
        dates = sorted(given if isinstance(given, list) else [given])
        for date in dates:
            rounds = [one for one in dates if abs(one - date) < ONE_ELECTION]
            which = f" {rounds.index(date) + 1} of {len(rounds)}" if len(rounds) > 1 else ""
            found.append((date, name, f"election{which}", 100.0))
    return [
        Flag(date, f"{file.called(who)}: {what}" if who else what, weight)
        for date, who, what, weight in sorted(found, key=lambda one: one[0])
        if first <= date <= last
    ]


def draw_flags(ax: Axes, flags: Sequence[Flag], labels: Sequence[Label]) -> tuple[int, int]:
    """Draws flags above an axes that will have labels beside it; the rows they take, and how many have no name."""
    for date in sorted({flag.date for flag in flags}):
        ax.axvline(float(date2num(date)), color=style.now().faint, linewidth=0.7, linestyle=":", zorder=1)
    beside = max(style.text_width(label.text, style.SMALL) for label in labels)
    placed = placed_flags(flags, ax.get_xlim(), style.width_points(ax) - beside)
    ink, pole, across = style.now().ink, _line(style.now().faint, linestyle=":"), ax.get_xaxis_transform()
    for flag, text, is_left, row in placed:
        foot, height = (float(date2num(flag.date)), 1.0), 5.0 + FLAG_HEIGHT * row
        top = (0.0, height + 0.5 * style.SMALL)
        style.put(ax, "", foot, top, ink, arrowprops=pole, xycoords=across, zorder=2)
        shift, side = (-FLAG_GAP if is_left else FLAG_GAP, height), "right" if is_left else "left"
        more: dict[str, Any] = {"xycoords": across, "ha": side, "va": "bottom", "zorder": 3}
        style.put(ax, text, foot, shift, ink, bbox=style.ground(), **more)
    return max((row for *_, row in placed), default=-1) + 1, len(flags) - len(placed)


def placed_flags(flags: Sequence[Flag], limits: tuple[float, float], width: float) -> list[tuple[Flag, str, bool, int]]:
    """The weightiest, as many as have room: their texts, whether each runs to the left of its pole, and its row."""
    most, (first, last) = max(3, min(MOST_FLAGS, int(width / 45.0))), limits
    named = sorted(sorted(flags, key=lambda flag: -flag.weight)[:most], key=lambda flag: flag.date)
    longest = min(60, int(width / POINTS_PER_LETTER))
    texts = [textwrap.shorten(flag.text, longest, placeholder="...") for flag in named]
    at = [width * (float(date2num(flag.date)) - first) / (last - first) for flag in named]
    lengths = [style.text_width(text, style.SMALL) + 2 * FLAG_GAP for text in texts]
    return list(zip(named, texts, *arrange(at, lengths, width), strict=True))


def arrange(at: Sequence[float], lengths: Sequence[float], width: float) -> tuple[list[bool], list[int]]:
    """Which of some names, in points along an axes, run to the left for lack of room; the row of each."""
    is_left = [x + length > width and (length <= x or x > width / 2) for x, length in zip(at, lengths, strict=True)]
    spans = [(x - n, x) if left else (x, x + n) for x, n, left in zip(at, lengths, is_left, strict=True)]
    places, rows = range(len(at)), dict[int, int]()
    for place in (*(one for one in reversed(places) if not is_left[one]), *(one for one in places if is_left[one])):
        start, end = spans[place]
        below = [
            row
            for one, row in rows.items()
            if start - 1.0 < at[one] < end + 1.0 or (spans[one][0] < end and start < spans[one][1])
        ]
        rows[place] = max(below, default=-1) + 1
    return is_left, [rows[place] for place in places]


def name_lines(name: str, width: float) -> list[str]:
    """An element's name as a reader would write it, in up to three lines of about so many points."""
    broken = re.sub(r"(?<=[^\W\d]\.)(?=\w)", "\t", style.words(name).replace(" -> ", " → "))  # paths after a dot
    how: dict[str, Any] = {"expand_tabs": False, "replace_whitespace": False, "max_lines": 3, "placeholder": "…"}
    return [line.replace("\t", "") for line in textwrap.wrap(broken, max(8, int(width / POINTS_PER_LETTER)), **how)]


def _names(named: Named, width: float) -> list[list[str]]:
    """The lines of each row's name, which is broken where it would take more than its share, and no heading is."""
    return [name_lines(name, 0.27 * width) if numbers else [name] for name, numbers in named]


def rows_height(named: Named, width: float, *, frame: tuple[float, float], head: float = HEAD) -> float:
    """The height in inches of a figure with such rows, `width` points across, as `lay_rows` lays them."""
    lines = sum(map(len, _names(named, width)))
    return (frame[width < style.NARROW] + head + ROW_LINE * lines + ROW_AIR * len(named)) / style.POINTS_PER_INCH


def lay_rows(
    ax: Axes, named: Named, columns: Sequence[str], *, frame: tuple[float, float], head: float = HEAD
) -> tuple[list[float], float]:
    """Gives the axes rows, in points on its y axis, and columns of numbers; the rows' middles, size of letters."""
    width, height = style.part_points(ax)
    names = _names(named, width)
    heights = [ROW_LINE * len(lines) + ROW_AIR for lines in names]
    bottoms = list(itertools.accumulate(heights))
    middles = [bottom - each / 2 for each, bottom in zip(heights, bottoms, strict=True)]
    ax.spines["left"].set_visible(False)
    ax.set_ylim(bottoms[-1], -head)
    usual = tuple(ax.yaxis.label.get_fontfamily())
    ax.set_yticks(middles, [style.lettered("\n".join(lines), usual)[0] for lines in names])
    ax.tick_params(axis="y", length=0, labelcolor=style.now().ink)
    room = (height - frame[width < style.NARROW]) / (bottoms[-1] + head)
    size = style.SMALL * min(1.0, max(0.3, room))
    for label, (_, numbers) in zip(ax.get_yticklabels(), named, strict=True):
        label.set_fontsize(size)
        if not numbers:
            label.set(color=style.now().faint, fontstyle="italic")
    right = 4.0
    for place, column in enumerate(columns):
        told = [(-HEAD / 2, column, style.now().faint)]
        told += [(at, row[place], style.now().ink) for (_, row), at in zip(named, middles, strict=True) if row]
        right += max(style.text_width(text, size) for _, text, _ in told) * style.HINTED
        for at, text, colour in told:
            where: dict[str, Any] = {"xycoords": ax.get_yaxis_transform(), "ha": "right", "va": "center_baseline"}
            style.put(ax, text, (1.0, at), (right, 0.0), colour, fontsize=size, **where)
        right += 8.0
    style.lay_out(ax)
    return middles, size


def finish_rows(ax: Axes, axis: str, *lines: str, ticks: bool = True) -> None:
    """Writes the title above a figure of rows and the name of its axis below, once all else is drawn."""
    style.lay_out(ax)
    points = style.width_points(ax)
    if ticks:
        ax.xaxis.set_major_locator(MaxNLocator(max(2, int(points / 34.0)), steps=[1, 2, 5, 10]))
    ax.set_xlabel(style.wrapped(axis, 8, points), fontsize=8)
    style.lay_out(ax)
    style.title(ax, *lines, by_names=True)


def point_to(ax: Axes, named: Sequence[tuple[str, Floats, str]], path: Floats, more: Floats) -> None:
    """Writes the text of each dot where it covers least of path and places `more`, with a line to the dot."""
    point = ax.figure.dpi / style.POINTS_PER_INCH
    dots, corners = (ax.transData.transform(each) for each in ([at for _, at, _ in named], path))
    between = [np.linspace(*ends, 20) for ends in itertools.pairwise(corners)]
    line, named_lines, taken = np.concatenate([*between, corners[-1:]]), ax.transData.transform(more), list[Bbox]()
    angles = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    ways = np.round(np.stack([np.cos(angles), np.sin(angles)], axis=1), 6)
    for (text, at, colour), dot in zip(named, dots, strict=True):
        size = np.array([1.2 * style.text_width(text, style.SMALL), 1.2 * style.SMALL]) * point + 2.0

        found = []
        for distance, way in itertools.product((9.0, 15.0, 23.0, 33.0, 45.0, 60.0, 80.0, 105.0), ways):
            middle = dot + distance * point * way + 0.5 * size * np.sign(way)
            box = Bbox([middle - 0.5 * size, middle + 0.5 * size])
            cost = distance + 12.0 * min(box.count_contains(line), 8) + 40.0 * box.count_contains(named_lines)
            cost += 2e3 * box.padded(2.5 * point).count_contains(dots)
            pointing = Bbox.union([box, Bbox([dot, dot])])
            cost += sum(1e4 * box.overlaps(other) + 1e3 * pointing.overlaps(other) for other in taken)
            cost += 1e6 * (not all(ax.bbox.contains(*corner) for corner in (box.p0, box.p1)))
            found.append((cost, box, (middle - dot) / point))
        _, box, shift = min(found, key=lambda each: each[0])
        bold: dict[str, Any] = {"ha": "center", "va": "center", "fontweight": "bold", "zorder": 6}
        bold |= {"bbox": style.ground(0.75, 0.5), "arrowprops": _line(colour)}
        style.put(ax, text, (float(at[0]), float(at[1])), tuple(shift.tolist()), colour, **bold)
        taken.append(box)
