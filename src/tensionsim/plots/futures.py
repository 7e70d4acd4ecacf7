"""Figures of questions about all futures: what drives, warnings, settlements, boxes, strategies."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from tensionsim.analysis.effects import INDEX
from tensionsim.analysis.signs import EarlyWarning
from tensionsim.errors import SelectionError
from tensionsim.futures.advice import AS_IT_IS, Advice
from tensionsim.futures.discovery import Discovery, in_words
from tensionsim.futures.sensitivity import Sensitivity, called, told
from tensionsim.futures.settlement import Settlement
from tensionsim.plots import style
from tensionsim.plots.labels import Label, finish, finish_rows, lay_rows, point_to, rows_height
from tensionsim.runs.statistics import band


@style.figure(EarlyWarning)
def warning(found: EarlyWarning, ax: Axes | None = None) -> Axes:
    """Draws how well each indicator tells runs that fall from those that do not, by months ahead; bars are 95 %.

    The index itself is the bold line; at 0.5 an indicator is a coin. Below, at the first, a middle and the last
    horizon, how often the index and the best of the others warn of a fall, by how often they do for nothing (ROC); who
    knows the base rate alone stands on the diagonal.

    >>> ts.plots.warning(warned, ts.plots.blank(height=5)).get_figure().axes[1].get_xlabel()
    'months ahead'
    """
    known = found.table.dropna(subset=["auc"])
    if known.empty:
        raise SelectionError(found.note)
    ax, now, labels = style.opened(ax, page=5.2, column=7.4), style.now(), [Label(0.5, "a coin", style.now().ink)]
    is_wide = style.width_points(ax) > style.NARROW
    above, below = style.split(ax, 2, heights=(3.0, 1.9 if is_wide else 4.6))
    months = sorted(known["months"].unique())
    shown = sorted({months[0], months[(len(months) - 1) // 2], months[-1]})
    curves = style.split(below, *((1, len(shown)) if is_wide else (len(shown), 1)))
    for part in (above, *curves):
        style.dress(part)
    above.axhline(0.5, color=now.ink, linewidth=0.9, zorder=1)
    names, reach = list(known["indicator"].unique()), 1.96 * known["standard_error"]
    others = itertools.cycle([now.palette[0], *now.palette[2:]])  # the second is that of the index
    colours = {name: now.observed if name == INDEX else next(others) for name in names}
    for place, (name, colour) in enumerate(colours.items()):
        rows, is_index = known[known["indicator"] == name], name == INDEX
        at, width = rows["months"] + 0.08 * (place - (len(names) - 1) / 2.0), 1.8 if is_index else 0.9
        above.plot(at, rows["auc"], color=colour, linewidth=width, marker="o", markersize=2.6, zorder=3)
        ends, pale = reach[rows.index], style.mixed(colour, 0.5)
        above.vlines(at, rows["auc"] - ends, rows["auc"] + ends, color=pale, linewidth=0.9, zorder=2)
        end = float(rows["auc"].iloc[-1])
        labels.append(Label(end, f"{name}: {end:.2f}", colour, is_index))
    lowest = min(0.4, float((known["auc"] - reach).min()) - 0.02)
    above.set(xlim=(months[0] - 0.5, months[-1] + 0.5), ylim=(lowest, 1.0), xticks=months)
    above.set_xlabel("months ahead", fontsize=8)
    above.set_ylabel("AUC, 0-1", fontsize=9)
    auc = known.set_index(["indicator", "months"])["auc"]
    for part, ahead in zip(curves, shown, strict=True):
        part.plot([0, 100], [0, 100], color=now.ink, linewidth=0.9)
        told = [("base rate", now.ink, 0.5)]
        for name in (str(found.best), INDEX):
            if (name, ahead) in found.curves:
                colour = colours[name]
                part.plot(100.0 * found.curves.index, 100.0 * found.curves[name, ahead], color=colour, linewidth=1.4)
                told.append((name, colour, auc[name, ahead]))
        for line, (name, colour, value) in enumerate(told):
            style.put(part, f"{name} {value:.2f}", (100, 0), (-2.0, 3.0 + 9.0 * line), colour, ha="right")
        part.set(xlim=(0, 100), ylim=(0, 101), xticks=[0, 50, 100], yticks=[0, 50, 100])
        part.set_title(f"{ahead:g} month{'' if ahead == 1 else 's'} ahead", fontsize=8, color=now.ink)
    curves[len(curves) // 2 if is_wide else -1].set_xlabel("false alarms, % of runs that stay", fontsize=8)
    curves[0].set_ylabel("hits, % of falls", fontsize=8)
    many = "reading" if len(found.readings) == 1 else "readings"
    note = f"{found.runs:,} runs, {len(found.readings)} {many}, odd runs judge; bars: 95 % intervals; {found.meaning}"
    finish(above, labels, f"Early warning: {found.title}", note)
    return ax


MOST_NAMED, THINNEST, THICKEST = 8, 0.5, 4.5
"""Stakeholders that are named, the heaviest; widths of lines in points, by weight."""


@style.figure(Settlement)
def settlement(found: Settlement, ax: Axes | None = None) -> Axes:
    """Draws where each stakeholder stands after every round, as broad as it weighs, and the weighted median.

    >>> ts.plots.settlement(settled, ts.plots.blank()).get_xlabel()
    'round of bargaining'
    """
    ax, now = style.opened(ax, column=3.6, axis="position, 0-100"), style.now()
    rounds = np.arange(len(found.positions))
    table = found.stakeholders.assign(share=found.stakeholders["weight"] / found.stakeholders["weight"].max())
    for positions, share in zip(found.positions.T, table["share"], strict=True):
        width = THINNEST + (THICKEST - THINNEST) * share
        ax.plot(rounds, positions, ".-", color=now.rest, linewidth=width, markersize=width, alpha=0.8, zorder=2)
    medians = found.rounds["median"]
    ax.plot(rounds, medians, color=now.observed, linewidth=1.6, marker="o", markersize=3.0, clip_on=False, zorder=4)
    heaviest = table.sort_values("share", ascending=False, kind="stable").head(MOST_NAMED)
    ends = heaviest.groupby(heaviest["settled"].round(1), sort=False).groups
    labels = [Label(float(end), ", ".join(map(str, names)), now.faint, is_bold=False) for end, names in ends.items()]
    labels.append(Label(found.outcome, f"median: {found.outcome:.1f}", now.observed))
    low, high = float(found.positions.min()), float(found.positions.max())
    room = max(0.06 * (high - low), 0.5)
    ax.set(xlim=(0, max(rounds[-1], 1)), ylim=(max(low - room, 0.0), min(high + room, 100.0)))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    ax.set_xlabel("round of bargaining", fontsize=8)
    note = f"{len(table):,} stakeholders, lines as broad as capability times salience; {found.ending}"
    finish(ax, labels, "Where the issue would settle", note)
    return ax


MOST_FACTORS, MOST_LINES = 15, 6
"""Factors that are drawn, the most important first; lines that have a colour and a name."""

FRAME, BAR = (84.0, 120.0), 7.0

INDICES = "dot: total index, line: its 95 % interval; ring: first index, without interactions"
CHANCE = "the number without effect shows what chance gives"
INDEX_COLUMNS = ("total", "first", "total_low", "total_high")
KINDS: Mapping[str, tuple[str, ...]] = {
    "sobol": ("share of the variance of the expected outcome", INDICES, *INDEX_COLUMNS),
    "spread": ("share of the variance of single runs", INDICES, *INDEX_COLUMNS),
    "morris": (
        "change of the expected outcome over a factor's range",
        "dot: mean size of elementary effects, line: its 95 % interval; ring: their deviation",
        *("mu_star", "sigma", "mu_star - 1.96 * mu_star_se", "mu_star + 1.96 * mu_star_se"),
    ),
    "pawn": (
        "PAWN index, 0-1",
        f"dot: median, line: least to greatest; {CHANCE}",
        *("median", "maximum", "minimum", "maximum"),
    ),
    "delta": (
        "Borgonovo's delta, 0-1",
        f"dot: delta, line: its 95 % interval; {CHANCE}",
        *("delta", "first", "delta - delta_error", "delta + delta_error"),
    ),
    "oat": (
        "expected outcome",
        "from a factor's least to its greatest value: green up, purple down",
        *("lowest", "highest", "at_lowest", "at_highest"),
    ),
}
"""Of each method axis, note, the columns that stand beside, of which dot and ring are drawn, and the line's ends."""

HEADS = {"mu_star": "μ*", "sigma": "σ", "lowest": "least", "highest": "greatest"}


@style.figure(Sensitivity)
def sensitivity(found: Sensitivity, ax: Axes | None = None) -> Axes:
    """Draws how much each factor matters, the most important first: indices with intervals, or a tornado.

    >>> ts.plots.sensitivity(sensed, ts.plots.blank()).get_xlabel()
    'share of the variance of the expected outcome'
    """
    table, (axis, note, *columns, start, end) = found.table.head(MOST_FACTORS), KINDS[found.method]
    axis = f"{axis}: {' less '.join(found.outlooks)}" if found.outlooks else axis
    numbers = table[columns].map(lambda value: style.minus(f"{value:.2f}" if abs(value) < 10.0 else f"{value:.3g}"))
    rows = [(style.words(called(str(name))), row.tolist()) for name, row in numbers.iterrows()]
    ax, now = style.opened(ax, height=partial(rows_height, rows, frame=FRAME)), style.now()
    middles, size = lay_rows(ax, rows, [HEADS.get(name, name) for name in columns], frame=FRAME)
    shrink, (low, high) = size / style.SMALL, (table.eval(one) for one in (start, end))
    if found.method in ("morris", "delta"):
        low = low.clip(lower=0.0)
    if found.method == "oat":
        colours = [now.friendly if rises else now.hostile for rises in high >= low]
        ax.barh(middles, high - low, left=low, height=BAR * shrink, color=colours)
        ax.use_sticky_edges = False
        ax.margins(x=0.05)
    else:
        ax.hlines(middles, low, high, color=now.fan, linewidth=1.6 * shrink)
        ax.plot(table[columns[0]], middles, "o", color=now.fan, markersize=4.6 * shrink, clip_on=False)
        if found.method != "pawn":
            ring: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": now.observed, "clip_on": False}
            ax.plot(table[columns[1]], middles, "o", markersize=6.4 * shrink, **ring)
    if found.method != "oat" or found.outlooks:
        ax.axvline(0.0, color=now.faint, linewidth=0.8, zorder=0.9)
    rest = len(found.table) - len(table)
    lesser = f"; {rest} lesser factors are not drawn" if rest else ""
    finish_rows(ax, axis, f"What drives {told(found.of)}: {_whose(found)}", note + lesser)
    return ax


def _whose(found: Sensitivity) -> str:
    return " less ".join(found.outlooks) or found.runs[0].scenario.title


@style.figure(Sensitivity)
def convergence(found: Sensitivity, ax: Axes | None = None) -> Axes:
    """Draws the leading index of each factor at growing sizes of the plan: where lines are level, it was large enough.

    >>> ts.plots.convergence(sensed, ts.plots.blank()).get_xlabel()
    'size of the plan'
    """
    if found.convergence is None:
        raise SelectionError(f"the method {found.method} has no growing sizes; ask for sobol, morris, pawn or delta")
    table, ax, labels, now = found.convergence, style.opened(ax), list[Label](), style.now()
    for place, name in reversed([*enumerate(table.columns)]):
        is_named = place < MOST_LINES
        colour, width = (now.palette[place], 1.6) if is_named else (now.grid, 0.9)
        ax.plot(range(len(table)), table[name], color=colour, linewidth=width, marker="o", markersize=3.0)
        if is_named:
            labels.append(Label(float(table[name].iloc[-1]), style.words(called(name)), colour))
    ax.set_xticks(range(len(table)), [f"{size:,}" for size in table.index])
    ax.set_xlim(-0.15, len(table) - 0.85)
    ax.set_xlabel("size of the plan", fontsize=8)
    axis = "μ*, mean change" if found.method == "morris" else KINDS[found.method][0].split(" of the expected")[0]
    ax.set_ylabel(axis, fontsize=8)
    note = "level lines: the plan was large enough; grey: lesser factors"
    finish(ax, labels, f"How far it has settled what drives {told(found.of)}: {_whose(found)}", note)
    return ax


@style.figure(Discovery)
def discovery(found: Discovery, ax: Axes | None = None) -> Axes:
    """Draws the trajectory of a box, coverage against density, from the whole on.

    The box that was chosen is filled, and its limits are told; a cross is the density of new runs within it.

    >>> ts.plots.discovery(found, ts.plots.blank()).get_xlabel()
    'coverage, % of runs of interest'
    """
    if found.note:
        raise SelectionError(found.note)
    ax, now, share = style.opened(ax, page=3.4, column=3.6), style.now(), 100.0 * float(found.interest.mean())
    about = f"{found.given.title}, {len(found.interest):,} runs, seed {found.results.seed}; filled: box {found.number}"
    at = 100.0 * np.array([(box.coverage, box.density) for box in found.boxes])
    ax.axhline(share, color=now.grid, linewidth=0.8, zorder=0.5)
    ax.plot(*at.T, color=now.fan, linewidth=0.8, marker="o", markersize=3.6, markerfacecolor=now.ground)
    ax.plot(*at[found.number], marker="o", markersize=6.0, color=now.observed, zorder=4)
    if found.confirmed is not None:
        density, runs = found.confirmed
        ax.plot(at[found.number, 0], 100.0 * density, marker="x", markersize=6.0, color=now.observed, zorder=4)
        about += f"; cross: {runs:,} new runs within it"
    ax.set(xlim=(-2.0, 104.0), ylim=(0.0, 1.12 * at[:, 1].max()))
    ax.set_xlabel("coverage, % of runs of interest", fontsize=8)
    ax.set_ylabel("density, % of runs in the box", fontsize=8)
    limits = "; ".join(f"{style.words(called(name))} {in_words(limit)}" for name, limit in found.box.limits.items())
    finish(ax, [Label(share, "all runs", now.faint)], f"{found.what[:1].upper()}{found.what[1:]}", limits, about)
    return ax


@style.figure(Advice)
def advice(found: Advice, ax: Axes | None = None) -> Axes:
    """Draws strategies by how near they stand to their principal's aims and how often they keep out of the event.

    A line holds 95 % of the mean over the futures. Those that no other beats in both are filled and joined. Where there
    is room all are named, else these and the one that changes nothing.

    >>> ts.plots.advice(advised, ts.plots.blank()).get_xlabel()
    'stances attained, %'
    """
    ax, table, now = style.opened(ax, page=3.6, column=3.4), found.table, style.now()
    places = table[["attainment", "kept_out"]]
    for name, chances in zip(found.names, found.chances, strict=True):
        interval, is_best = band(100.0 * chances[None]), table.loc[name, "is_pareto"]
        colour, (aims, kept) = now.fan if is_best else now.faint, places.loc[name]
        ends = np.clip([interval.point_low[0], interval.point_high[0]], 0.0, 100.0)
        ax.plot([aims, aims], ends, color=colour, linewidth=1.0)
        face = colour if is_best else now.ground
        ax.plot(aims, kept, "o", markersize=5.0, color=colour, mfc=face, clip_on=False, zorder=3 + is_best)
    best = places[table["is_pareto"]].sort_values("attainment")
    ax.plot(*best.to_numpy().T, color=now.rest, linewidth=1.0, zorder=1)
    low, high = places["attainment"].min(), places["attainment"].max()
    ax.set_xlim(max(low - 2.0 - 0.2 * (high - low), 0.0), min(high + 2.0 + 0.2 * (high - low), 100.0))
    ax.set_ylim(0.0, 100.0)
    ax.set_xlabel("stances attained, %", fontsize=8)
    ax.set_ylabel(f"no {found.file.aims.keep_out_of}, % of runs", fontsize=8)
    _, futures, replicates = found.index.shape
    about = f"{found.scenario.title}: {futures:,} futures of {replicates} runs, the same for all"
    style.lay_out(ax)
    who = found.scenario.file.called(found.file.principal)
    style.title(ax, f"What {who} can do", f"{about}; filled: beaten by none")
    style.lay_out(ax)
    every = places.index if len(places) <= 10 and style.width_points(ax) > style.NARROW else ()
    named = places.loc[list(dict.fromkeys([*best.index, AS_IT_IS, *every]))]
    dots = [(str(name), row.to_numpy(), now.ink) for name, row in named.iterrows()]
    point_to(ax, dots, best.to_numpy(), places.to_numpy())
    return ax
