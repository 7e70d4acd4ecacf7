"""Flags: names of dated events above an Axes, in as many rows as they need so that none covers another."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensionsim.plots import flag_rows, style, themes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.runs.results import Results


SIZE_POINTS = 7.5
HEIGHT_POINTS = 10.5
GAP_POINTS = 3.0
MOST_NAMED = 10
LONGEST = 60
"""Letters of a flag; what is longer is cut."""

POINTS_PER_NAME, POINTS_PER_LETTER = 45.0, 4.3
"""A narrow axes names fewer events, in fewer letters."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A dated event; the heavier ones keep their names where there are too many."""

    date: dt.date
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Placed:
    """How a flag is drawn: its text, its row from below, and whether the text runs to the left of its pole."""

    text: str
    row: int
    leftward: bool


def of_scenario(results: Results) -> list[Flag]:
    """The scenario's scheduled moves, changes and elections within the dates of the results, by date."""
    first, last = results.dates[0].item(), results.dates[-1].item()
    found = [*_moves(results), *_changes(results), *_elections(results)]
    return sorted((flag for flag in found if first <= flag.date <= last), key=lambda flag: flag.date)


def _actor(results: Results, name: str | None) -> str:
    return f"{style.actor(results, name)}: " if name else ""


def _moves(results: Results) -> Iterator[Flag]:
    scores = dict(zip(results.names.moves, results.names.move_scores, strict=True))
    for move in results.scenario.file.schedule:
        text = _actor(results, move.actor) + style.words(move.move)
        yield Flag(move.date, text, abs(scores.get(move.move, 0.0)))


def _changes(results: Results) -> Iterator[Flag]:
    for change in results.scenario.file.changes:
        ways = " or ".join(way.label or style.words(way.leader or "") or "a change" for way in change.one_of)
        text = change.label or ways or style.words(change.leader or "") or "a change"
        yield Flag(change.date, _actor(results, change.actor) + text, 100.0)


def _elections(results: Results) -> Iterator[Flag]:
    """Elections; those of one actor are numbered, for the file does not say which is a first round or a run-off."""
    first, last = results.dates[0].item(), results.dates[-1].item()
    for actor, given in results.scenario.file.elections.items():
        dates = sorted(date for date in (given if isinstance(given, list) else [given]) if first <= date <= last)
        for number, date in enumerate(dates, start=1):
            which = f" {number} of {len(dates)}" if len(dates) > 1 else ""
            yield Flag(date, f"{_actor(results, actor)}election{which}", 100.0)


def draw(ax: Axes, flags: Sequence[Flag]) -> int:
    """Draws the flags above `ax`; returns the rows that they take.

    Their dates are marked within the axes too. The axes' limits and place must be final: texts are measured
    against them. Only the weightiest are named, `MOST_NAMED` at most.
    """
    for date in sorted({flag.date for flag in flags}):
        ax.axvline(_number(date), color=themes.now().faint, linewidth=0.7, linestyle=":", zorder=1)
    named = _weightiest(flags, style.width_points(ax))
    placed = _placed(named, ax.get_xlim(), style.width_points(ax))
    for flag, where in zip(named, placed, strict=True):
        _draw_one(ax, flag, where)
    return _rows(placed)


def rows_needed(results: Results, width: float) -> int:
    """Rows that the scenario's flags will take over an axes of `width` points."""
    limits = _number(results.dates[0].item()), _number(results.dates[-1].item())
    return _rows(_placed(_weightiest(of_scenario(results), width), limits, width))


def unnamed(ax: Axes, flags: Sequence[Flag]) -> int:
    """How many of the flags will be marked without a name for want of room."""
    return len(flags) - len(_weightiest(flags, style.width_points(ax)))


def _placed(named: Sequence[Flag], limits: tuple[float, float], width: float) -> list[Placed]:
    first, last = limits
    at = [width * (_number(flag.date) - first) / (last - first) for flag in named]
    return place([flag.text for flag in named], at, width)


def _weightiest(flags: Sequence[Flag], width: float) -> list[Flag]:
    most = max(3, min(MOST_NAMED, int(width / POINTS_PER_NAME)))
    return sorted(sorted(flags, key=lambda flag: -flag.weight)[:most], key=lambda flag: flag.date)


def _rows(placed: Sequence[Placed]) -> int:
    return max((each.row + 1 for each in placed), default=0)


def _number(date: dt.date) -> float:
    from matplotlib.dates import date2num

    return float(date2num(date))


def _draw_one(ax: Axes, flag: Flag, where: Placed) -> None:
    foot, height = (_number(flag.date), 1.0), 5.0 + HEIGHT_POINTS * where.row
    common: dict[str, Any] = {
        "xy": foot,
        "xycoords": ax.get_xaxis_transform(),
        "textcoords": "offset points",
        "annotation_clip": False,
    }
    pole: dict[str, Any] = {
        "arrowstyle": "-",
        "color": themes.now().faint,
        "linewidth": 0.7,
        "linestyle": ":",
        "shrinkA": 0,
        "shrinkB": 0,
    }
    ax.annotate("", xytext=(0.0, height + 0.5 * SIZE_POINTS), arrowprops=pole, zorder=2, **common)
    ax.annotate(
        where.text,
        xytext=(-GAP_POINTS if where.leftward else GAP_POINTS, height),
        ha="right" if where.leftward else "left",
        va="bottom",
        fontsize=SIZE_POINTS,
        color=themes.now().ink,
        bbox={"facecolor": themes.now().ground, "edgecolor": "none", "pad": 0.6},
        zorder=3,
        **common,
    )


def place(texts: Sequence[str], at: Sequence[float], width: float) -> list[Placed]:
    """Text, row and side of each flag, so that no text covers another and few poles pass behind one.

    A text runs to the right of its pole, or to the left where the axes end or fewer poles pass behind a text so.

    Parameters
    ----------
    texts : by date. at : each one's distance from the left end, in points. width : of the axes, in points.
    """
    longest = min(LONGEST, int(width / POINTS_PER_LETTER))
    shown = [textwrap.shorten(text, longest, placeholder="...") for text in texts]
    lengths = [style.text_width(text, SIZE_POINTS) + 2 * GAP_POINTS for text in shown]
    leftward, rows = flag_rows.arrange(at, lengths, width)
    return [Placed(*each) for each in zip(shown, rows, leftward, strict=True)]
