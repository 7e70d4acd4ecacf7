"""Figures of questions about all futures: where something comes about, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensionsim.analysis.paired import band
from tensionsim.futures.advice import Advice
from tensionsim.futures.discovery import Discovery, in_words
from tensionsim.plots import style
from tensionsim.plots.labels import lay_rows, point_to, row_of, write_columns
from tensionsim.scenario.strategies import AS_IT_IS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TRAJECTORY, LIMITS, LIMITS_FRAME, LIMITS_HEAD, BAR = 2.3, 0.75, 40.0, 9.0, 7.0
"""Heights of the panels of a discovery in inches, at least; of the second's axis, column names and bars, in points."""

NUMBER_EVERY = 16.0
"""Points between boxes of a trajectory that are numbered."""


@style.drawing()
def discovery(found: Discovery, ax: Axes | None = None, *, number: int = 0) -> Axes:
    """Draws the trajectory of a box, coverage against density, and below it the limits within the range of each factor.

    number : of the box. The boxes of the trajectory are numbered from the whole (0) on; the one chosen is filled, and
    a cross is the density of new runs within it.

    >>> ts.plots.discovery(found, ts.plots.blank(height=5)).get_figure().axes[1].get_xlabel()
    'coverage, % of runs of interest'
    """
    style.check("discovery", found, Discovery)
    one = found.found[number]
    limits = max(LIMITS, (LIMITS_FRAME + 22.0 * len(one.box.limits)) / style.POINTS_PER_INCH)
    ax = style.opened(ax, page=TRAJECTORY + limits + 0.9, column=TRAJECTORY + limits + 1.2)
    width = style.part_points(ax)[0]
    above, below = style.split(ax, 2, heights=(TRAJECTORY, limits))
    for panel in (above, below):
        style.dress(panel)
    _draw_limits(below, found, number, width)
    _draw_trajectory(above, found, number)
    about = f"{found.given.title}, {len(found.interest):,} runs, seed {found.results.seed}; filled: box {one.number}"
    if one.confirmed is not None:
        about += f"; cross: {one.confirmed[1]:,} new runs within it"
    style.head(above, f"{found.what[:1].upper()}{found.what[1:]}", about, width=style.width_to_the_edge(above))
    return ax


def _draw_trajectory(ax: Axes, found: Discovery, number: int) -> None:
    """Coverage against density of the boxes, in percent, the chosen one filled, and the share of all runs as a line."""
    one, now = found.found[number], style.now()
    at = 100.0 * np.array([(box.coverage, box.density) for box in one.trajectory])
    ax.axhline(100.0 * found.interest.mean(), color=now.grid, linewidth=0.8, zorder=0.5)
    ax.plot(*at.T, color=now.fan, linewidth=0.8, marker="o", markersize=3.6, markerfacecolor=now.ground)
    box = 100.0 * np.array([one.box.coverage, one.box.density])
    ax.plot(*box, marker="o", markersize=6.0, color=now.observed, zorder=4)
    if one.confirmed is not None:
        ax.plot(box[0], 100.0 * one.confirmed[0], marker="x", markersize=6.0, color=now.observed, zorder=4)
    ax.set_xlim(-2.0, 104.0)
    ax.set_ylim(0.0, 1.12 * max(at[:, 1].max(), box[1]))
    ax.set_xlabel("coverage, % of runs of interest", fontsize=8)
    ax.set_ylabel("density, % of runs in the box", fontsize=8)
    style.lay_out(ax)
    last = np.array([np.inf, np.inf])
    for place, spot in enumerate(ax.transData.transform(at) * style.POINTS_PER_INCH / ax.figure.dpi):
        if np.hypot(*(spot - last)) >= NUMBER_EVERY:
            style.put(ax, str(place), tuple(at[place]), (3.0, 2.5), now.faint)
            last = spot


def _draw_limits(ax: Axes, found: Discovery, number: int, width: float) -> None:
    """A bar of all that a factor was in the runs, over it the part within the box, and that in words."""
    box, now = found.found[number].box, style.now()
    rows = [row_of(short(name), (in_words(limit),), width) for name, limit in box.limits.items()]
    middles, size = lay_rows(ax, rows, LIMITS_HEAD, LIMITS_FRAME)
    write_columns(ax, rows, middles, ("within the box",), -LIMITS_HEAD / 2, size)
    for (name, limit), middle in zip(box.limits.items(), middles, strict=True):
        values = found.points[name].to_numpy()
        if isinstance(limit, tuple):
            low, high = float(values.min()), float(values.max())
            parts = [(np.clip((np.array(limit) - low) / (high - low), 0.0, 1.0))]
        else:
            every = sorted(set(values.tolist()), key=str)
            parts = [np.array([at, at + 1.0]) / len(every) for at, one in enumerate(every) if one in limit]
        ax.barh(middle, 1.0, height=BAR, color=style.mixed(now.rest, 0.45))
        for start, end in parts:
            ax.barh(middle, end - start, left=start, height=BAR, color=now.observed)
    ax.set_xlim(0.0, 1.0)
    ax.set_xticks([0.0, 1.0], ["lowest", "highest"])
    first, last = ax.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")


def short(name: str) -> str:
    """A factor's path as figures and tables name it, without the rooms that all have."""
    return name.removeprefix("parameters.").removeprefix("mechanisms.").removeprefix("actors.")


@style.drawing()
def advice(found: Advice, ax: Axes | None = None) -> Axes:
    """Draws strategies by how near they stand to their principal's aims and how often they keep out of the event.

    A line holds 95 % of the mean over the futures. Those that no other beats in both are filled, joined and named.

    >>> ts.plots.advice(advised, ts.plots.blank()).get_xlabel()
    'stances attained, %'
    """
    style.check("advice", found, Advice)
    ax, table, now = style.opened(ax, page=3.6, column=3.4), found.table, style.now()
    for name, chances in zip(found.names, found.chances, strict=True):
        row, interval = table.loc[name], band(100.0 * chances[None])
        colour = now.fan if row["is_pareto"] else now.faint
        ends = [float(interval.point_low[0]), float(interval.point_high[0])]
        ax.plot([row["attainment"]] * 2, np.clip(ends, 0.0, 100.0), color=colour, linewidth=1.0)
        face = colour if row["is_pareto"] else now.ground
        ax.plot(row["attainment"], row["kept_out"], "o", markersize=5.0, color=colour, markerfacecolor=face, zorder=3)
    best = table[table["is_pareto"]].sort_values("attainment")
    ax.plot(best["attainment"], best["kept_out"], color=now.rest, linewidth=1.0, zorder=1)
    low, high = float(table["attainment"].min()), float(table["attainment"].max())
    ax.set_xlim(low - 2.0 - 0.2 * (high - low), high + 2.0 + 0.2 * (high - low))
    ax.set_ylim(0.0, 105.0)
    ax.set_xlabel("stances attained, %", fontsize=8)
    ax.set_ylabel(f"no {found.event}, % of runs", fontsize=8)
    _, futures, replicates = found.index.shape
    about = (
        f"{found.scenario.title}: {futures:,} futures of {replicates} runs, the same for all; filled: beaten by none"
    )
    style.lay_out(ax)
    who = found.given.file.principal
    style.title(ax, f"What {found.scenario.file.actors[who].label or who.capitalize()} can do", about)
    style.lay_out(ax)
    named = table[["attainment", "kept_out"]].loc[list(dict.fromkeys([*best.index, AS_IT_IS]))]
    dots, every = [(str(name), row.to_numpy()) for name, row in named.iterrows()], table[["attainment", "kept_out"]]
    point_to(ax, dots, best[["attainment", "kept_out"]].to_numpy(), every.to_numpy(), [])
    return ax
