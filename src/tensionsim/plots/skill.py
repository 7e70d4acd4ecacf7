"""Skill: what share of each plain forecast's score the model saves, by horizon, losses below zero."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.forecasts.backtest import MODEL, SURE, Backtest
from tensionsim.forecasts.origins import INDEX
from tensionsim.plots import backtested, style, subjects, themes
from tensionsim.plots.labels import Label, at_ends, finish

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


NARROW = 360.0
"""In figures of less points across the ends of lines bear a name alone, without the number."""

FLOOR = -1.0
"""The axis ends where the score is twice the other's; what lies below is drawn there as a triangle."""

MARGIN, WORD = 0.5, 40.0
"""Room beside the first and the last horizon, where neighbours are 1 apart; before the first, points for a word too."""

DOT = 7.0
"""Size of the dots, in points."""

LEAST_PLACE, GAP = 29.0, 4.0
"""Points across that a horizon needs to be named, and that lie between two names."""

NAME, NAME_LINE, BELOW_TICKS = 7.5, 9.5, 27.0
"""Size of the names, height of a line of them, and how far they stand below the axis, in points."""


def skill(found: Backtest, ax: Axes | None = None, *, target: str = INDEX, of: str = MODEL) -> Axes:
    """Draws the share of each other forecast's CRPS that the model saves, by horizon; below 0 it loses.

    Grey lines are all others, named at their ends. The dot is the plain forecast that turned out best at the horizon,
    with the 95 % interval of the skill against it and its name below: green where the model beats it, purple (pink in
    the dark theme) where it loses to it, dark grey where that may be luck (p of Diebold and Mariano's test 0.05 or
    more).

    Parameters
    ----------
    found
        What `ts.backtest` gives.
    ax
        Where to draw; a new figure by default.
    target
        Of what forecasts are: "index", "score", "acts", "issue: NAME".
    of
        Whose skill.

    Returns
    -------
    The axes: horizons by skill in per cent, 1 - CRPS / CRPS of the other.

    Raises
    ------
    SelectionError
        If there is no such target or forecaster, or nothing that came is known.
    TypeError
        If it is given something else than a backtest.

    Examples
    --------
    >>> import tensionsim as ts
    >>> tested = ts.backtest("us-colombia-2017", origins="2021-01-01:2022-12-31:3", horizons=[1, 3], runs=20,
    ...                      refit=None, baselines=["no-change", "mean"])
    >>> ts.plots.skill(tested, ts.plots.blank()).get_ylabel()
    "CRPS saved, % of the other's"
    """
    subjects.check("skill", found, Backtest, subjects.BACKTEST)
    backtested.outcomes(found, target)
    table = found.skill(target, of)
    with themes.drawing():
        ax = style.new_axes() if ax is None else ax
        style.dress(ax)
        _axis(ax, found, table)
        _ground(ax)
        ends = [*_others(ax, found, table), Label(0.0, "no better", themes.now().ink)]
        chosen = [_best(table.loc[horizon]) for horizon in found.horizons]
        for place, row in enumerate(chosen):
            if row is not None:
                _mark(ax, place, row)
        provisional = at_ends(ax, ends)
        style.lay_out(ax)
        _name(ax, found, chosen)
        for text in provisional:
            text.remove()
        finish(ax, ends, f"Skill of the {backtested.title_of(target, of)}: {found.about.title}", _note(found, chosen))
    return ax


def _axis(ax: Axes, found: Backtest, table: pd.DataFrame) -> None:
    """Limits that hold all within reach, zero and some room on both sides of it."""
    best = table[table["is_best"].astype(bool)]
    drawn = np.concatenate([table["skill"], best["low"], best["high"]]).astype(float)
    drawn = drawn[np.isfinite(drawn)]
    low, high = max(FLOOR, min(float(drawn.min()), -0.1)), max(float(drawn.max()), 0.1)
    room = 0.06 * (high - low)
    ax.set_ylim(low - room, min(high + room, 1.05))
    count, word = len(found.horizons), WORD / (0.6 * style.figure_width_points(ax))
    before = max(MARGIN, word * (count - 1 + MARGIN) / (1.0 - word))
    ax.set_xlim(-before, count - 1 + MARGIN)
    ax.yaxis.set_major_formatter(lambda value, _: f"{100.0 * value:+.0f}".replace("-", "\u2212").replace("+0", "0"))
    ax.set_ylabel("CRPS saved, % of the other's", fontsize=9)


def _ground(ax: Axes) -> None:
    """The line on which both are equally good, and what lies on either side of it."""
    theme, (low, _) = themes.now(), ax.get_ylim()
    ax.axhspan(low, 0.0, color=theme.hostile, alpha=0.08, linewidth=0, zorder=0)
    ax.axhline(0.0, color=theme.ink, linewidth=0.9, zorder=1)
    sides: tuple[tuple[str, str, float], ...] = (("better", theme.friendly, 2.5), ("worse", theme.hostile, -2.5))
    for text, colour, up in sides:
        ax.annotate(
            text,
            xy=(0.0, 0.0),
            xycoords=ax.get_yaxis_transform(),
            xytext=(3.0, up),
            textcoords="offset points",
            va="bottom" if up > 0.0 else "top",
            fontsize=style.SMALL,
            color=colour,
        )


def _others(ax: Axes, found: Backtest, table: pd.DataFrame) -> list[Label]:
    """Draws the skill against each other as a line, and gives the labels of their ends."""
    theme, (low, _), ends = themes.now(), ax.get_ylim(), []
    is_wide = style.figure_width_points(ax) >= NARROW
    for name in dict.fromkeys(table.index.get_level_values("against")):
        values = table.xs(name, level="against")["skill"].reindex(found.horizons).to_numpy(float)
        shown = np.maximum(values, low)
        ax.plot(shown, color=theme.rest, linewidth=0.9, marker="o", markersize=2.4, zorder=2)
        for place in np.flatnonzero(values < low):
            ax.plot(place, low, "v", color=theme.rest, markersize=4.5, clip_on=False, zorder=2)
        if np.isfinite(values).any():
            end = float(values[np.isfinite(values)][-1])
            text = f"{name} {_signed(end)}" if is_wide else name
            ends.append(Label(max(end, low), text, theme.faint))
    return ends


def _best(rows: pd.DataFrame) -> pd.Series[Any] | None:
    """The row of the best plain forecast at a horizon, called by its name; None where none is known."""
    chosen = rows[rows["is_best"].astype(bool) & rows["skill"].notna()]
    return None if chosen.empty else chosen.iloc[0]


def _colour(row: pd.Series[Any]) -> str:
    theme = themes.now()
    if not row["p_value"] < SURE:
        return theme.faint
    return theme.friendly if row["skill"] > 0.0 else theme.hostile


def _mark(ax: Axes, place: int, row: pd.Series[Any]) -> None:
    """The dot of the best plain forecast with the interval; a triangle where it lies below the axis."""
    low, high = ax.get_ylim()
    if math.isfinite(row["low"]):
        ends = np.clip([row["low"], row["high"]], low, high)
        ax.plot([place, place], ends, color=_colour(row), linewidth=2.4, solid_capstyle="butt", zorder=3)
    is_below = row["skill"] < low
    ax.plot(
        place,
        max(row["skill"], low),
        marker="v" if is_below else "o",
        color=_colour(row),
        markersize=DOT,
        markeredgecolor=themes.now().ground,
        markeredgewidth=0.8,
        clip_on=False,
        zorder=4,
    )


def _name(ax: Axes, found: Backtest, chosen: Sequence[pd.Series[Any] | None]) -> None:
    """Writes below each horizon, where there is room, the skill against the best plain forecast, and its name.

    Where names are longer than the way to the next, every other one stands a line lower.
    """
    first, last = ax.get_xlim()
    room = style.width_points(ax) / (last - first)
    names = ["" if row is None else str(row.name) for row in chosen]
    longest = max(style.text_width(name, NAME) * style.HINTED + GAP for name in names)
    apart = max(1, math.ceil(max(longest / 2.0, LEAST_PLACE) / room))
    named = list(itertools.islice(enumerate(found.horizons), 0, None, apart))
    is_staggered = longest > apart * room
    told = [f"{months}\n{_told(chosen[place])}" for place, months in named]
    ax.set_xticks([place for place, _ in named], told, fontsize=NAME)
    for row, (tick, (place, _)) in enumerate(zip(ax.get_xticklabels(), named, strict=True)):
        best = chosen[place]
        tick.set_color(themes.now().faint if best is None else _colour(best))
        down = BELOW_TICKS + (NAME_LINE if is_staggered and row % 2 else 0.0)
        _below(ax, place, names[place], down, tick.get_color())
    label = "months ahead; skill against the best plain forecast, and its name"
    shown = style.wrapped(label, 8, style.width_points(ax))
    ax.set_xlabel(shown, fontsize=8, labelpad=4.0 + NAME_LINE * (2 if is_staggered else 1))


def _below(ax: Axes, place: int, text: str, down: float, colour: Any) -> None:
    """Writes a text so many points below the axis; no label of a tick, as those would be of as many lines."""
    ax.annotate(
        text,
        xy=(place, 0.0),
        xycoords=ax.get_xaxis_transform(),
        xytext=(0.0, -down),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=NAME,
        color=colour,
        annotation_clip=False,
    )


def _told(row: pd.Series[Any] | None) -> str:
    return "not known" if row is None else _signed(row["skill"])


def _signed(value: float) -> str:
    """A skill in per cent with its sign."""
    shown = round(100.0 * value)
    return f"{shown:+d} %".replace("-", "\u2212") if shown else "0 %"


def _note(found: Backtest, chosen: Sequence[pd.Series[Any] | None]) -> str:
    rows = [row for row in chosen if row is not None]
    has_interval = any(math.isfinite(row["low"]) for row in rows)
    how = "bar: its 95 % interval" if has_interval else "origins are too few for intervals"
    sure = "; grey dot: may be luck" if any(not row["p_value"] < SURE for row in rows) else ""
    return f"{backtested.origins(found)}. Dot: against the best plain forecast in hindsight; {how}{sure}"
