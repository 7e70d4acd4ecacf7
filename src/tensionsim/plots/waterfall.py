"""The waterfall: what each element of a scenario does to a quantity, from none of them to all."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from tensionsim.errors import SelectionError
from tensionsim.plots import style, themes
from tensionsim.plots.difference import one_decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.analysis.effects import Effects

MOST = 10
"""Elements that are drawn by themselves."""

ROW_HEIGHT, NUMBER_POINTS = 0.27, 52.0
"""Of a bar, in inches; and the room that a number beside it needs, in points."""


@dataclass(frozen=True, slots=True)
class Step:
    """A bar of the waterfall: where it begins, how far it goes, and its standard error if known."""

    name: str
    start: float
    effect: float
    error: float


def waterfall(effects: Effects, ax: Axes | None = None, *, most: int = MOST) -> Axes:
    """Draws the effects of a scenario's elements one after the other, from the world without them to that with all.

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

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.effects("norland-suderia", elements=["schedule", "rule"], runs=20)
    >>> ts.plots.waterfall(found, ts.plots.blank()).get_xlabel()
    'the mean index on 2032-01-06, points of the index'
    """
    if effects.table.empty:
        raise SelectionError(f"no element was found that {effects.quantity} could hang on; ask for other ones")
    with themes.drawing() as theme:
        steps = _steps(effects, most)
        ax = style.new_axes(height_of(effects, most)) if ax is None else ax
        style.dress(ax)
        rows = np.arange(len(steps) + 2)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        for row, step in enumerate(steps, start=1):
            _bar(ax, row, step)
        for row, value in ((0, effects.base), (rows[-1], effects.whole)):
            ax.plot([value, value], [row - 0.36, row + 0.36], color=theme.ink, linewidth=2.5)
        ax.set_yticks(rows, ["none of them", *(_short(ax, step.name) for step in steps), "all of them"])
        ax.tick_params(axis="y", length=0, labelcolor=theme.ink, labelsize=style.SMALL)
        style.lay_out(ax)
        _limits(ax, effects, steps)
        _values(ax, effects, steps)
        unit = "points of the index" if effects.unit == "points" else effects.unit
        ax.set_xlabel(style.wrapped(f"{effects.quantity}, {unit}", 8, style.width_points(ax)), fontsize=8)
        style.lay_out(ax)
        _title(ax, effects)
    return ax


def height_of(effects: Effects, most: int = MOST) -> float:
    """The height in inches that a figure of so many bars wants."""
    rows = min(len(effects.table), most + 1) + 2
    return 1.1 + ROW_HEIGHT * rows


def _steps(effects: Effects, most: int) -> list[Step]:
    """The bars, the largest effect first, the lesser ones as one."""
    table = effects.table.sort_values("effect", key=abs, ascending=False, kind="stable")
    shown, rest = (table, table.iloc[:0]) if len(table) <= most + 1 else (table.iloc[:most], table.iloc[most:])
    rows = [(str(row.element), float(row.effect), float(row.standard_error)) for row in shown.itertuples()]
    if len(rest):
        rows.append((f"{len(rest)} others", float(rest["effect"].sum()), float("nan")))
    at, steps = effects.base, []
    for name, effect, error in rows:
        steps.append(Step(style.words(name), at, effect, error))
        at += effect
    return steps


def _bar(ax: Axes, row: int, step: Step) -> None:
    theme = themes.now()
    colour = theme.friendly if step.effect >= 0.0 else theme.hostile
    end = step.start + step.effect
    ax.barh(row, step.effect, left=step.start, height=0.62, color=colour)
    ax.plot([step.start, step.start], [row - 0.69, row + 0.31], color=theme.faint, linewidth=0.6)
    ax.plot([end, end], [row - 0.31, row + 0.69], color=theme.faint, linewidth=0.6)


def _limits(ax: Axes, effects: Effects, steps: list[Step]) -> None:
    """Limits that leave room for a number on both sides of the bars."""
    ends = [effects.base, effects.whole, *(step.start + step.effect for step in steps)]
    low, high = min(ends), max(ends)
    span, width = max(high - low, 1e-9), style.width_points(ax)
    room = span * NUMBER_POINTS / max(width - 2.0 * NUMBER_POINTS, 0.3 * width)
    ax.set_xlim(low - room, high + room)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=max(2, int(width / 45.0))))


def _values(ax: Axes, effects: Effects, steps: list[Step]) -> None:
    """The numbers beside the bars, on the side to which they go."""
    for row, value in ((0, effects.base), (len(steps) + 1, effects.whole)):
        _value(ax, row, value, f"{value:.1f}", is_left=False)
    for row, step in enumerate(steps, start=1):
        error = f" ±{step.error:.1f}" if np.isfinite(step.error) else ""
        _value(ax, row, step.start + step.effect, one_decimal(step.effect) + error, is_left=step.effect < 0.0)


def _value(ax: Axes, row: int, at: float, text: str, *, is_left: bool) -> None:
    ax.annotate(
        text,
        xy=(at, row),
        xytext=(-4 if is_left else 4, 0),
        textcoords="offset points",
        ha="right" if is_left else "left",
        va="center",
        fontsize=style.SMALL,
        color=themes.now().ink,
        annotation_clip=False,
    )


def _short(ax: Axes, name: str) -> str:
    """An element's name in two lines at most, no wider than some two fifths of the figure."""
    letters = max(16, int(0.42 * style.figure_width_points(ax) / 4.2))
    lines = textwrap.wrap(name, letters)
    return "\n".join(lines if len(lines) <= 2 else [lines[0], textwrap.shorten(" ".join(lines[1:]), letters)])


def _note(effects: Effects) -> str:
    values = "Shapley values" if effects.method == "exact" else "Shapley values, sampled"
    return f"{values} with standard errors; {effects.runs:,} runs, seed {effects.seed}"


def _title(ax: Axes, effects: Effects) -> None:
    """The title, from where the names of the elements begin."""
    start = min(label.get_window_extent().x0 for label in ax.get_yticklabels())
    left = float(ax.bbox.x0 - start) * style.POINTS_PER_INCH / ax.figure.dpi
    against = f" less {effects.against}" if effects.against else ""
    heading = "What makes the difference" if effects.against else "What each element does"
    style.title(ax, f"{heading}: {effects.title}{against}", _note(effects), left=left)
