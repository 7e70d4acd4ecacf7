"""Figures of questions about all futures: warnings, settlements, boxes, strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from tensionsim.analysis.paired import band
from tensionsim.analysis.signs import EarlyWarning
from tensionsim.analysis.worlds import INDEX
from tensionsim.errors import SelectionError
from tensionsim.futures.advice import Advice
from tensionsim.futures.discovery import Discovery, in_words
from tensionsim.futures.settlement import Settlement
from tensionsim.plots import style
from tensionsim.plots.labels import Label, finish, lay_rows, point_to, row_of, write_columns
from tensionsim.scenario.strategies import AS_IT_IS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

APART = 0.08
"""Months between the marks of indicators, so that their bars stand beside one another."""

TRAJECTORY, LIMITS, LIMITS_FRAME, LIMITS_HEAD, BAR = 2.3, 0.75, 40.0, 9.0, 7.0
"""Heights of the panels of a discovery in inches, at least; of the second's axis, column names and bars, in points."""

NUMBER_EVERY = 16.0
"""Points between boxes of a trajectory that are numbered."""


@style.drawing()
def warning(found: EarlyWarning, ax: Axes | None = None) -> Axes:
    """Draws how well each indicator tells runs that fall from those that do not, by months ahead; bars are 95 %.

    The index itself is the bold line; at 0.5 an indicator is a coin.

    >>> ts.plots.warning(warned, ts.plots.blank()).get_xlabel()
    'months ahead'
    """
    style.check("warning", found, EarlyWarning)
    known = found.table.dropna(subset=["auc"])
    if known.empty:
        raise SelectionError(found.note)
    ax, now, labels = style.opened(ax, column=3.4), style.now(), [Label(0.5, "a coin", style.now().ink)]
    ax.axhline(0.5, color=now.ink, linewidth=0.9, zorder=1)
    names = list(known["indicator"].unique())
    for place, name in enumerate(names):
        rows = known[known["indicator"] == name]
        colour, is_index = (now.observed, True) if name == INDEX else (now.fan, False)
        at = rows["months"] + APART * (place - (len(names) - 1) / 2.0)
        ax.plot(at, rows["auc"], color=colour, linewidth=1.8 if is_index else 0.9, marker="o", markersize=2.6, zorder=3)
        low, high = (rows["auc"] + side * 1.96 * rows["standard_error"] for side in (-1.0, 1.0))
        ax.vlines(at, low, high, color=style.mixed(colour, 0.5), linewidth=0.9, zorder=2)
        end = float(rows["auc"].iloc[-1])
        labels.append(Label(end, f"{name}: {end:.2f}", colour, is_index))
    ax.set_ylim(min(0.4, float((known["auc"] - 1.96 * known["standard_error"]).min()) - 0.02), 1.0)
    months = sorted(known["months"].unique())
    ax.set_xlim(months[0] - 0.5, months[-1] + 0.5)
    ax.set_xticks(months)
    ax.set_xlabel("months ahead", fontsize=8)
    ax.set_ylabel("AUC, 0.5-1", fontsize=9)
    style.lay_out(ax)
    many = "reading" if len(found.readings) == 1 else "readings"
    note = f"{found.runs:,} runs, {len(found.readings)} {many}, odd runs judge; bars: 95 % intervals; {found.meaning}"
    finish(ax, labels, f"Early warning: {found.title}", note)
    return ax


MOST_NAMED, THINNEST, THICKEST = 8, 0.5, 4.5
"""Stakeholders that are named, the heaviest; widths of lines in points, by weight."""


@style.drawing()
def settlement(found: Settlement, ax: Axes | None = None) -> Axes:
    """Draws where each stakeholder stands after every round, as broad as it weighs, and the weighted median.

    >>> ts.plots.settlement(settled, ts.plots.blank()).get_xlabel()
    'round of bargaining'
    """
    style.check("settlement", found, Settlement)
    ax, now, rounds = style.opened(ax, column=3.6), style.now(), np.arange(len(found.positions))
    share = found.stakeholders["weight"] / found.stakeholders["weight"].max()
    for column, part in enumerate(share):
        width = THINNEST + (THICKEST - THINNEST) * part
        ax.plot(rounds, found.positions[:, column], color=now.rest, linewidth=width, alpha=0.8, zorder=2)
    ax.plot(
        rounds,
        found.rounds["median"],
        color=now.observed,
        linewidth=1.6,
        marker="o",
        markersize=3.0,
        clip_on=False,
        zorder=4,
    )
    heaviest = share.sort_values(ascending=False, kind="stable").index[:MOST_NAMED]
    ends: dict[float, list[str]] = {}
    for name in heaviest:
        ends.setdefault(round(float(found.stakeholders.loc[name, "settled"]), 1), []).append(str(name))
    labels = [Label(end, ", ".join(names), now.faint, is_bold=False) for end, names in ends.items()]
    labels.append(Label(found.outcome, f"median: {found.outcome:.1f}", now.observed))
    low, high = float(found.positions.min()), float(found.positions.max())
    room = max(0.06 * (high - low), 0.5)
    ax.set_ylim(max(low - room, 0.0), min(high + room, 100.0))
    ax.set_xlim(0.0, max(len(rounds) - 1, 1))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    ax.set_xlabel("round of bargaining", fontsize=8)
    ax.set_ylabel("position, 0-100", fontsize=9)
    style.lay_out(ax)
    note = f"{len(found.stakeholders):,} stakeholders, lines as broad as capability times salience; {found.ending}"
    finish(ax, labels, "Where the issue would settle", note)
    return ax


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
