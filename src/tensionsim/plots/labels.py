"""Texts that are placed by hand: labels beside lines, names of regimes, flags of events, rows of names, pointers."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.dates import date2num
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from tensionsim.model.measures import REGIMES
from tensionsim.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

    from tensionsim.model.record import Dates, Floats
    from tensionsim.runs.results import Results

LEAST_GAP, LEADER, MOST_WIDTH = 9.3, 11.0, 0.36
"""In points: between the middles of two labels, and the line from an end to a label that had to move; the share of the
figure's width that labels beside the axes may take."""

SQUARE, CUT = "■", "…"

REGIME_SIZE, REGIME_GAP, REGIME_PLACES = 6.5, 1.0, 40
"""Size of the regimes' names and their distance from a bound, in points; places along it at which one is tried."""

FLAG_HEIGHT, FLAG_GAP, MOST_FLAGS, LONGEST_FLAG = 10.5, 3.0, 10, 60
"""Height of a row of flags and distance from the pole in points; names at most, and letters of one at most."""

POINTS_PER_FLAG, POINTS_PER_LETTER, POLE = 45.0, 4.3, 1.0
"""A narrow axes names fewer events, in fewer letters; and points around a pole that a name should not cover."""

PIECES = re.compile(r"→ \S+\s*|\S+?(?:(?<=[^\W\d]\.)(?=\w)|\s+|$)")
"""What stays on one line of a name: words, parts of a path with their dot, an arrow with its number."""

ROW_LINE, ROW_AIR, COLUMN_GAP, ROW_NAMES, LEAST_SIZE = 9.5, 4.5, 8.0, 0.27, 0.4
"""In points: a line of a row's name, what the row has besides, between two columns of numbers; the share of the
figure's width that names may take, and that to which letters shrink at most in a low figure."""

DISTANCES, DIRECTIONS, DOT = (9.0, 15.0, 23.0, 33.0, 45.0, 60.0), 16, 2.5
"""Between a dot and its text in points, the ways in which it is tried, and half a dot in points."""

OUTSIDE, COVERING_TEXT, COVERING_DOT, CROSSING, AMBIGUOUS, COVERING_PATH = 1e6, 1e4, 2e3, 5e2, 20.0, 12.0
"""What each fault of a text's place costs; a point of distance costs 1."""

Span = tuple[float, float]
Placed = tuple[list[str], list[bool], list[int]]


@dataclass(frozen=True, slots=True)
class Label:
    """A text for what ends at `height`, in the axes' units. swatch : colour of an area, where the text's is another."""

    height: float
    text: str
    colour: str
    is_bold: bool = False
    swatch: str = ""

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")


def finish(ax: Axes, labels: Sequence[Label], *lines: str) -> None:
    """Writes the title (heading and notes) above an axes and the labels beside it, once all else is drawn."""
    style.settle(ax)
    style.title(ax, *lines)
    style.lay_out(ax)
    at_ends(ax, labels)
    style.settle(ax)


def at_ends(ax: Axes, labels: Sequence[Label]) -> list[Annotation]:
    """Writes labels beside the axes by height, those moved with a line; as a key below it where they are too long."""
    ordered = sorted(labels, key=lambda label: label.height)
    longest = max((style.text_width(line, style.SMALL) for label in labels for line in label.lines), default=0.0)
    if longest > MOST_WIDTH * style.part_points(ax)[0]:
        return _key(ax, ordered[::-1])
    low, high = ax.get_ylim()
    unit = (high - low) / style.height_points(ax)
    lines = max((len(label.lines) for label in ordered), default=1)
    gap, half = max(style.SMALL + 2.0, LEAST_GAP) * unit * lines, 0.5 * style.SMALL * unit * lines
    heights = spread_within([label.height for label in ordered], gap, low + half, high - half)
    placed = list(zip(ordered, heights, strict=True))
    leader = LEADER if any(abs(label.height - height) > 0.6 * gap for label, height in placed) else 0.0
    across, written = ax.get_yaxis_transform(), []
    for label, height in placed:
        if leader:
            shift = (leader + 2.0, (height - label.height) / unit)
            line = _line(label.colour, linewidth=0.6, alpha=0.8)
            written.append(
                style.put(ax, "", (1.0, label.height), shift, label.colour, xycoords=across, arrowprops=line)
            )
        weight, shift = "bold" if label.is_bold else "normal", (4.0 + leader, 0.0)
        more: dict[str, Any] = {"xycoords": across, "va": "center", "fontweight": weight}
        written.append(style.put(ax, label.text, (1.0, height), shift, label.colour, **more))
    return written


def _line(colour: str, **more: Any) -> dict[str, Any]:
    return {"arrowstyle": "-", "color": colour, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0, **more}


def _key(ax: Axes, labels: Sequence[Label]) -> list[Annotation]:
    """The labels below the dates, from the uppermost to the lowest, each with a square in its colour."""
    lowest = ax.get_tightbbox()
    foot = (ax.bbox.y0 - (lowest.y0 if lowest else ax.bbox.y0)) * style.POINTS_PER_INCH / ax.figure.dpi
    written = []
    for row, label in enumerate(labels):
        down = -foot - 5.0 - row * max(style.SMALL + 2.0, LEAST_GAP)
        weight = "bold" if label.is_bold else "normal"
        for text, across, colour in ((SQUARE, 0.0, label.swatch or label.colour), (label.text, 10.0, label.colour)):
            one = text.replace("\n", " ")
            more: dict[str, Any] = {"xycoords": "axes fraction", "va": "top", "fontweight": weight}
            written.append(style.put(ax, one, (0.0, 0.0), (across, down), colour, **more))
    return written


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Places, given in rising order, at least `gap` apart and as near to the given ones as that allows."""
    groups: list[list[float]] = []
    for place in places:
        groups.append([place])
        while len(groups) > 1 and _middle(groups[-1]) - _middle(groups[-2]) < gap * len(groups[-2] + groups[-1]) / 2:
            groups[-2:] = [groups[-2] + groups[-1]]
    return [_middle(group) + gap * (row - (len(group) - 1) / 2) for group in groups for row in range(len(group))]


def _middle(group: Sequence[float]) -> float:
    return sum(group) / len(group)


def spread_within(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Like `spread`, and between `low` and `high` where there is room for all."""
    found = spread(places, gap)
    last = len(found) - 1
    found = [min(place, high - gap * (last - row)) for row, place in enumerate(found)]
    return [max(place, low + gap * row) for row, place in enumerate(found)]


def name_regimes(
    ax: Axes, dates: Dates, curves: Sequence[Floats], poles: Sequence[dt.date | np.datetime64] = ()
) -> None:
    """Draws the regimes' bounds in view and names the regimes where they cover least of curves and upright poles."""
    low, high = ax.get_ylim()
    width, (first, last) = style.width_points(ax), ax.get_xlim()
    height = (REGIME_SIZE * 1.2 + 2.0 * REGIME_GAP) * (high - low) / style.height_points(ax)
    marks = sorted({low, high, *(mark for _, mark in REGIMES if low < mark < high)})
    days = width * (np.asarray(date2num(dates), np.float64) - first) / (last - first)
    at = [width * (float(date2num(pole)) - first) / (last - first) for pole in poles]
    shown: set[str] = set()
    for (below, bound), (above, _) in itertools.pairwise(REGIMES):
        ax.axhline(bound, color=style.now().grid, linewidth=0.7, zorder=0)
        if not low < bound < high:
            continue
        place = marks.index(bound)
        sides: list[tuple[str, Literal["top", "bottom"], float]] = [
            (below, "top", bound - marks[place - 1]),
            (above, "bottom", marks[place + 1] - bound),
        ]
        for text, side, room in sides:
            if text in shown or room <= height:
                continue
            shown.add(text)
            ends = (bound - height, bound) if side == "top" else (bound, bound + height)
            length = style.text_width(text, REGIME_SIZE) * style.HINTED + 4.0
            starts = np.linspace(2.0, max(width - length - 2.0, 2.0), REGIME_PLACES)
            start = min(starts, key=lambda start: _covered(days, curves, at, (start, start + length), ends))
            shift = (float(start), -REGIME_GAP if side == "top" else REGIME_GAP)
            where: dict[str, Any] = {"xycoords": ax.get_yaxis_transform(), "ha": "left", "va": side}
            style.put(ax, text, (0.0, bound), shift, style.now().faint, fontsize=REGIME_SIZE, zorder=2.5, **where)


def _covered(days: Floats, curves: Sequence[Floats], poles: Sequence[float], across: Span, up: Span) -> float:
    """How much of curves and poles runs through a box, in points of length."""
    grid, length = np.linspace(*across, 16), across[1] - across[0]
    values = [np.interp(grid, days, curve) for curve in curves]
    inside = sum(float(np.mean((each > up[0]) & (each < up[1]))) for each in values)
    return length * (inside + sum(across[0] < pole < across[1] for pole in poles))


@dataclass(frozen=True, slots=True)
class Flag:
    """A dated event; the heavier ones keep their names where there are too many."""

    date: dt.date
    text: str
    weight: float


def flags_of(results: Results) -> list[Flag]:
    """The scenario's scheduled moves, changes and elections within the dates of the results, by date."""
    first, last = results.dates[0].item(), results.dates[-1].item()
    file, scores = results.scenario.file, dict(zip(results.names.moves, results.names.move_scores, strict=True))
    found = [
        Flag(move.date, _said(results, move.actor, style.words(move.move)), abs(scores.get(move.move, 0.0)))
        for move in file.schedule
    ]
    for change in file.changes:
        ways = " or ".join(way.label or style.words(way.leader or "") or "a change" for way in change.one_of)
        text = change.label or ways or style.words(change.leader or "") or "a change"
        found.append(Flag(change.date, _said(results, change.actor, text), 100.0))
    for name, given in file.elections.items():
        dates = sorted(date for date in (given if isinstance(given, list) else [given]) if first <= date <= last)
        for number, date in enumerate(dates, start=1):
            which = f" {number} of {len(dates)}" if len(dates) > 1 else ""
            found.append(Flag(date, _said(results, name, f"election{which}"), 100.0))
    return sorted((flag for flag in found if first <= flag.date <= last), key=lambda flag: flag.date)


def _said(results: Results, name: str | None, what: str) -> str:
    return f"{results.scenario.file.called(name)}: {what}" if name else what


def draw_flags(ax: Axes, flags: Sequence[Flag]) -> tuple[int, int]:
    """Draws flags above an axes and marks their dates within; the rows they take, and how many have no name."""
    for date in sorted({flag.date for flag in flags}):
        ax.axvline(float(date2num(date)), color=style.now().faint, linewidth=0.7, linestyle=":", zorder=1)
    named, (texts, leftward, rows) = _placed(flags, ax.get_xlim(), style.width_points(ax))
    ink, pole, across = style.now().ink, _line(style.now().faint, linestyle=":"), ax.get_xaxis_transform()
    for flag, text, is_left, row in zip(named, texts, leftward, rows, strict=True):
        foot, height = (float(date2num(flag.date)), 1.0), 5.0 + FLAG_HEIGHT * row
        top = (0.0, height + 0.5 * style.SMALL)
        style.put(ax, "", foot, top, ink, arrowprops=pole, xycoords=across, zorder=2)
        shift, side = (-FLAG_GAP if is_left else FLAG_GAP, height), "right" if is_left else "left"
        more: dict[str, Any] = {"xycoords": across, "ha": side, "va": "bottom", "zorder": 3}
        style.put(ax, text, foot, shift, ink, bbox=style.ground(), **more)
    return max(rows, default=-1) + 1, len(flags) - len(named)


def flag_rows(results: Results, width: float) -> int:
    """Rows that the scenario's flags will take over an axes of `width` points."""
    first, last = (float(date2num(results.dates[row])) for row in (0, -1))
    return max(_placed(flags_of(results), (first, last), width)[1][2], default=-1) + 1


def _placed(flags: Sequence[Flag], limits: Span, width: float) -> tuple[list[Flag], Placed]:
    """The weightiest, as many as have room, and where they are placed."""
    most, (first, last) = max(3, min(MOST_FLAGS, int(width / POINTS_PER_FLAG))), limits
    named = sorted(sorted(flags, key=lambda flag: -flag.weight)[:most], key=lambda flag: flag.date)
    at = [width * (float(date2num(flag.date)) - first) / (last - first) for flag in named]
    return named, place_flags([flag.text for flag in named], at, width)


def place_flags(texts: Sequence[str], at: Sequence[float], width: float) -> Placed:
    """The texts, cut where they are too long, whether each runs to the left of its pole, and its row from below."""
    longest = min(LONGEST_FLAG, int(width / POINTS_PER_LETTER))
    shown = [textwrap.shorten(text, longest, placeholder="...") for text in texts]
    return shown, *arrange(at, [style.text_width(text, style.SMALL) + 2 * FLAG_GAP for text in shown], width)


def arrange(at: Sequence[float], lengths: Sequence[float], width: float) -> tuple[list[bool], list[int]]:
    """Which names run to the left of their poles, and the row of each from below, so that none covers another.

    That with the fewest poles behind names, then the fewest rows, then the most to the right. at : distance in points
    of each pole from the left end, in rising order. lengths : of the names. width : of the axes.
    """
    found = []
    for turn in range(len(at), -1, -1):
        is_left = [
            _is_left(x, length, width, place >= turn) for place, (x, length) in enumerate(zip(at, lengths, strict=True))
        ]
        spans = [(x - n, x) if left else (x, x + n) for x, n, left in zip(at, lengths, is_left, strict=True)]
        behind, rows = _rows(at, spans)
        found.append((behind, max(rows, default=-1), len(at) - turn, is_left, rows))
    best = min(found, key=lambda each: each[:3])
    return best[3], best[4]


def _is_left(x: float, length: float, width: float, wish: bool) -> bool:
    """To the left where it is wished and there is room, or where only there is room."""
    fits_left, fits_right = length <= x, x + length <= width
    if fits_left != fits_right:
        return fits_left
    return wish if fits_left else x > width / 2


def _rows(at: Sequence[float], spans: Sequence[Span]) -> tuple[int, list[int]]:
    """How many poles pass behind a name, and the row of each name: above those whose poles would pass behind it."""
    below: list[set[int]] = [set() for _ in at]

    def leads(high: int, low: int) -> bool:
        return low in below[high] or any(leads(each, low) for each in below[high])

    def row(place: int) -> int:
        return max((row(each) + 1 for each in below[place]), default=0)

    behind = 0
    for one, other in itertools.permutations(range(len(at)), 2):
        start, end = spans[other]
        if start - POLE < at[one] < end + POLE and at[one] != at[other]:
            if leads(one, other):
                behind += 1
            else:
                below[other].add(one)
    for one, two in itertools.combinations(range(len(at)), 2):
        is_met = spans[one][0] < spans[two][1] and spans[two][0] < spans[one][1]
        if is_met and not leads(one, two) and not leads(two, one):
            below[one].add(two)
    return behind, [row(place) for place in range(len(at))]


def name_lines(name: str, width: float, most: int = 2) -> list[str]:
    """An element's name as a reader would write it, in `most` lines of `width` points at most, or cut in the middle."""
    room = width / style.HINTED
    whole = style.words(name).replace(" -> ", " → ")
    pieces = [part for piece in PIECES.findall(whole) for part in _narrow(piece, room)]
    broken: list[str] = []
    for piece in pieces:
        if broken and style.text_width((broken[-1] + piece).rstrip(), style.SMALL) <= room:
            broken[-1] += piece
        else:
            broken.append(piece)
    if len(broken) <= most:
        return [line.rstrip() for line in broken]
    tail = ""
    for piece in reversed(pieces):
        if style.text_width(CUT + piece + tail, style.SMALL) > room:
            break
        tail = piece + tail
    return [*(line.rstrip() for line in broken[: most - 1]), CUT + tail]


def _narrow(piece: str, room: float) -> list[str]:
    """The piece, or, where it is wider than a line, as many letters as a line holds and the others."""
    if style.text_width(piece.rstrip(), style.SMALL) <= room:
        return [piece]
    count = max(1, int(len(piece) * room / style.text_width(piece, style.SMALL)) - 1)
    return [piece[:count], *_narrow(piece[count:], room)]


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the lines of its name, and its numbers, one a column. A heading of other rows has no numbers."""

    lines: Sequence[str]
    numbers: Sequence[str] = ()

    @property
    def height(self) -> float:
        """In points."""
        return ROW_LINE * len(self.lines) + ROW_AIR


def row_of(name: str, numbers: Sequence[str], width: float) -> Row:
    """A row whose name is broken where it would take more than its share of `width`, in points."""
    return Row(name_lines(name, ROW_NAMES * width), numbers)


def rows_height(rows: Sequence[Row], around: float) -> float:
    """The height in inches of a figure with such rows and `around` points above and below them."""
    return (around + sum(each.height for each in rows)) / style.POINTS_PER_INCH


def lay_rows(ax: Axes, rows: Sequence[Row], head: float, frame: float) -> tuple[list[float], float]:
    """Gives the axes a place for each row, and names it; the middle of each, and the size of their letters in points.

    Units of the y axis are points if the figure is high enough; else all shrinks. head : points above the first row.
    frame : points that title and axis will take.
    """
    bottoms = list(itertools.accumulate(each.height for each in rows))
    middles = [bottom - each.height / 2 for each, bottom in zip(rows, bottoms, strict=True)]
    ax.spines["left"].set_visible(False)
    ax.set_ylim(bottoms[-1], -head)
    usual = tuple(ax.yaxis.label.get_fontfamily())
    ax.set_yticks(middles, [style.lettered("\n".join(each.lines), usual)[0] for each in rows])
    ax.tick_params(axis="y", length=0, labelcolor=style.now().ink)
    size = style.SMALL * min(1.0, max(LEAST_SIZE, (style.part_points(ax)[1] - frame) / (bottoms[-1] + head)))
    for label, each in zip(ax.get_yticklabels(), rows, strict=True):
        label.set_fontsize(size)
        if not each.numbers:
            label.set(color=style.now().faint, fontstyle="italic")
    return middles, size


def write_columns(
    ax: Axes, rows: Sequence[Row], middles: Sequence[float], names: Sequence[str], head: float, size: float
) -> None:
    """Writes the rows' numbers in columns to the right of the axes, under their names, which are written at `head`."""
    right = 4.0
    for place, name in enumerate(names):
        told, ink = [(head, name, style.now().faint)], style.now().ink
        told += [(at, row.numbers[place], ink) for row, at in zip(rows, middles, strict=True) if row.numbers]
        right += max(style.text_width(text, size) for _, text, _ in told) * style.HINTED
        for at, text, colour in told:
            where: dict[str, Any] = {"xycoords": ax.get_yaxis_transform(), "ha": "right", "va": "center_baseline"}
            style.put(ax, text, (1.0, at), (right, 0.0), colour, fontsize=size, **where)
        right += COLUMN_GAP


def point_to(ax: Axes, named: Sequence[tuple[str, Floats]], path: Floats, more: Floats, taken: list[Bbox]) -> None:
    """Writes the text of each dot where it covers least, and a thin line from the one to the other.

    path, more : a line and other places not to be covered, shape (place, 2), in the axes' units. taken : boxes of texts
    that stand already, in pixels; those of the new ones are added. The layout must be final.
    """
    point = ax.figure.dpi / style.POINTS_PER_INCH
    dots = ax.transData.transform([at for _, at in named])
    corners, step = ax.transData.transform(path), 2.0 * point
    pieces = [
        np.linspace(start, end, 1 + int(np.hypot(*(end - start)) / step), endpoint=False)
        for start, end in itertools.pairwise(corners)
    ]
    line = np.concatenate([*pieces, corners[-1:], ax.transData.transform(more)])
    ink, bold = style.now().ink, {"ha": "center", "va": "center", "fontweight": "bold", "zorder": 6}
    for (text, at), dot in zip(named, dots, strict=True):
        written = ax.text(0.0, 0.0, text, fontsize=style.SMALL, fontweight="bold")
        size = np.array(Text.get_window_extent(written).size) + 2.0
        written.remove()
        box, foot = _best_spot(ax, size, dot, dots, taken, line, point)
        spot, end = (float(at[0]), float(at[1])), (foot - dot) / point
        middle = ((box.p0 + box.p1) / 2 - dot) / point
        style.put(ax, "", spot, tuple(end.tolist()), ink, arrowprops=_line(ink), zorder=6)
        style.put(ax, text, spot, tuple(middle.tolist()), ink, bbox=style.ground(0.75, 0.5), **bold)
        taken.append(box)


def _best_spot(
    ax: Axes, size: Floats, dot: Floats, dots: Floats, texts: Sequence[Bbox], path: Floats, point: float
) -> tuple[Bbox, Floats]:
    """Of the places around a dot that where a text covers least: its box, and the point of it next to the dot."""
    others = dots[np.any(np.abs(dots - dot) > 1.0, axis=1)]

    def fault(box: Bbox, foot: Floats) -> float:
        is_inside = all(ax.bbox.contains(*corner) for corner in (box.p0, box.p1))
        line = np.linspace(dot, foot, 12)[1:]
        gaps = np.hypot(*(others[:, None] - line).T) if len(others) else np.full((1, 1), np.inf)
        nearest = min((_gap(box, other) for other in others), default=np.inf)
        return float(
            OUTSIDE * (not is_inside)
            + COVERING_TEXT * any(box.overlaps(other) for other in texts)
            + COVERING_DOT * sum(_gap(box, one) < DOT * point for one in dots)
            + CROSSING * bool((gaps < 2.0 * DOT * point).any())
            + CROSSING * any(other.contains(*place) for other in texts for place in line)
            + AMBIGUOUS * bool(nearest < _gap(box, dot))
            + COVERING_PATH * min(box.count_contains(path), 8)
        )

    found = []
    for distance, turn in itertools.product(DISTANCES, range(DIRECTIONS)):
        angle = 2.0 * np.pi * turn / DIRECTIONS
        way = np.array([np.cos(angle), np.sin(angle)])
        middle = dot + distance * point * way + 0.5 * size * np.sign(np.round(way, 6))
        box = Bbox([middle - 0.5 * size, middle + 0.5 * size])
        foot = np.clip(dot + distance * point * way, box.p0, box.p1)
        found.append((fault(box, foot) + distance, box, foot))
    return min(found, key=lambda each: each[0])[1:]


def _gap(box: Bbox, place: Floats) -> float:
    """How far a place lies from a box, in pixels; 0 within."""
    return float(np.hypot(*(np.clip(place, box.p0, box.p1) - place)))
