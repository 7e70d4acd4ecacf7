"""Figures of questions to all futures: what drives an outcome, and whether it was asked often enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from tensionsim.errors import SelectionError
from tensionsim.futures.sensitivity import Sensitivity, called, told
from tensionsim.plots import style
from tensionsim.plots.labels import Label, Row, finish, lay_rows, row_of, rows_height, write_columns

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tensionsim.model.record import Floats

MOST_FACTORS, MOST_LINES = 15, 6
"""Factors that are drawn, the most important first; lines that have a colour and a name."""

FRAME, NARROW_FRAME, HEAD, BAR, POINTS_PER_TICK = 84.0, 120.0, 9.0, 7.0, 34.0

INDICES = "dot: total index, line: its 95 % interval; ring: first index, without interactions"
CHANCE = "the number without effect shows what chance gives"
KINDS: Mapping[str, tuple[str, str, tuple[str, str]]] = {
    "sobol": ("share of the variance of the expected outcome", INDICES, ("total", "first")),
    "spread": ("share of the variance of single runs", INDICES, ("total", "first")),
    "morris": (
        "change of the expected outcome over a factor's range",
        "dot: mean size of elementary effects, line: its 95 % interval; ring: their deviation",
        ("mu_star", "sigma"),
    ),
    "pawn": ("PAWN index, 0-1", f"dot: median, line: least to greatest; {CHANCE}", ("median", "maximum")),
    "delta": ("Borgonovo's delta, 0-1", f"dot: delta, line: its 95 % interval; {CHANCE}", ("delta", "first")),
    "oat": (
        "expected outcome",
        "from a factor's least to its greatest value: green up, purple down",
        ("least", "greatest"),
    ),
}
"""Of each method: axis, note, and the names of the columns beside."""


@style.drawing()
def sensitivity(found: Sensitivity, ax: Axes | None = None) -> Axes:
    """Draws how much each factor matters, the most important first: indices with intervals, or a tornado.

    >>> ts.plots.sensitivity(sensed, ts.plots.blank()).get_xlabel()
    'share of the variance of the expected outcome'
    """
    style.check("sensitivity", found, Sensitivity)
    table = found.table.iloc[:MOST_FACTORS]
    axis, note, columns = KINDS[found.method]

    def rows(width: float) -> list[Row]:
        numbers = [tuple(_number(value) for value in row) for row in _beside(found, table)]
        return [
            row_of(style.words(called(str(name))), each, width) for name, each in zip(table.index, numbers, strict=True)
        ]

    def height(width: float) -> float:
        return rows_height(rows(width), HEAD + (NARROW_FRAME if width < style.NARROW else FRAME))

    ax = style.opened(ax, height=height)
    width = style.part_points(ax)[0]
    middles, size = lay_rows(ax, rows(width), HEAD, NARROW_FRAME if width < style.NARROW else FRAME)
    (_tornado if found.method == "oat" else _dots)(ax, found, table, middles, size / style.SMALL)
    heads = tuple({"mu_star": "μ*", "sigma": "σ"}.get(name, name) for name in columns)
    write_columns(ax, rows(width), middles, heads, -HEAD / 2, size)
    style.lay_out(ax)
    points = style.width_points(ax)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=max(2, int(points / POINTS_PER_TICK)), steps=[1, 2, 5, 10]))
    ax.set_xlabel(style.wrapped(axis, 8, points), fontsize=8)
    style.lay_out(ax)
    rest = len(found.table) - len(table)
    whose = " less ".join(found.outlooks) or found.runs[0].scenario.title
    lines = (note, f"{rest} lesser factors are not drawn") if rest else (note,)
    style.title(ax, f"What drives {told(found.of)}: {whose}", "; ".join(lines), by_names=True)
    return ax


def _beside(found: Sensitivity, table: pd.DataFrame) -> Floats:
    columns = ["lowest", "highest"] if found.method == "oat" else list(KINDS[found.method][2])
    return np.asarray(table[columns], np.float64)


def _number(value: float) -> str:
    return style.minus(f"{value:.2f}" if abs(value) < 10.0 else f"{value:.3g}")


ENDS: Mapping[str, Callable[[pd.DataFrame], tuple[Any, Any]]] = {
    "sobol": lambda table: (table["total_low"], table["total_high"]),
    "spread": lambda table: (table["total_low"], table["total_high"]),
    "morris": lambda table: tuple(table["mu_star"] + side * 1.96 * table["mu_star_se"] for side in (-1.0, 1.0)),
    "pawn": lambda table: (table["minimum"], table["maximum"]),
    "delta": lambda table: tuple(table["delta"] + side * table["delta_error"] for side in (-1.0, 1.0)),
}
"""Of each method the ends of the line behind the dots."""


def _dots(ax: Axes, found: Sensitivity, table: pd.DataFrame, middles: Sequence[float], shrink: float) -> None:
    low, high = (np.asarray(end) for end in ENDS[found.method](table))
    leading, other = KINDS[found.method][2]
    ax.hlines(middles, low, high, color=style.now().fan, linewidth=1.6 * shrink)
    ax.plot(table[leading], middles, "o", color=style.now().fan, markersize=4.6 * shrink, clip_on=False)
    if found.method != "pawn":
        ring: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": style.now().observed, "clip_on": False}
        ax.plot(table[other], middles, "o", markersize=6.4 * shrink, **ring)
    ax.axvline(0.0, color=style.now().faint, linewidth=0.6, zorder=0.9)


def _tornado(ax: Axes, found: Sensitivity, table: pd.DataFrame, middles: Sequence[float], shrink: float) -> None:
    for (_, row), middle in zip(table.iterrows(), middles, strict=True):
        rise = row["at_highest"] - row["at_lowest"]
        colour = style.now().friendly if rise >= 0.0 else style.now().hostile
        ax.barh(middle, rise, left=row["at_lowest"], height=BAR * shrink, color=colour)
    if found.outlooks:
        ax.axvline(0.0, color=style.now().ink, linewidth=0.8, zorder=0.9)
    ax.use_sticky_edges = False
    ax.margins(x=0.05)


@style.drawing()
def convergence(found: Sensitivity, ax: Axes | None = None) -> Axes:
    """Draws the leading index of each factor at growing sizes of the plan: where lines are level, it was large enough.

    >>> ts.plots.convergence(sensed, ts.plots.blank()).get_xlabel()
    'size of the plan'
    """
    style.check("convergence", found, Sensitivity)
    if found.convergence is None:
        raise SelectionError(f"the method {found.method} has no growing sizes; ask for sobol, morris, pawn or delta")
    table, axis = found.convergence, KINDS[found.method][0]
    labels = list[Label]()
    ax = style.opened(ax)
    sizes = np.arange(len(table))
    for place, name in reversed([*enumerate(table.columns)]):
        values, is_named = table[name].to_numpy(), place < MOST_LINES
        colour = style.now().palette[place] if is_named else style.now().grid
        ax.plot(sizes, values, color=colour, linewidth=1.6 if is_named else 0.9, marker="o", markersize=3.0)
        if is_named:
            labels.append(Label(float(values[-1]), style.words(called(name)), colour))
    ax.set_xticks(sizes, [f"{size:,}" for size in table.index])
    ax.set_xlim(-0.15, len(table) - 0.85)
    ax.set_xlabel("size of the plan", fontsize=8)
    ax.set_ylabel("μ*, mean change" if found.method == "morris" else axis.split(" of the expected")[0], fontsize=8)
    note = "level lines: the plan was large enough; grey: lesser factors"
    finish(ax, labels, f"How far it has settled what drives {told(found.of)}: {found.runs[0].scenario.title}", note)
    return ax
