"""Figures of questions about all futures: what drives, warnings, settlements, boxes, strategies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from tensionsim.analysis.paired import band
from tensionsim.analysis.signs import EarlyWarning
from tensionsim.analysis.worlds import INDEX
from tensionsim.errors import SelectionError
from tensionsim.futures.advice import Advice
from tensionsim.futures.discovery import Discovery, in_words
from tensionsim.futures.sensitivity import Sensitivity, called, told
from tensionsim.futures.settlement import Settlement
from tensionsim.plots import style
from tensionsim.plots.labels import Label, Row, finish, lay_rows, point_to, row_of, rows_height, write_columns
from tensionsim.scenario.strategies import AS_IT_IS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tensionsim.model.record import Floats

APART = 0.08
"""Months between the marks of indicators, so that their bars stand beside one another."""

TRAJECTORY, LIMITS, LIMITS_FRAME, LIMITS_HEAD = 2.3, 0.75, 40.0, 9.0
"""Heights of the panels of a discovery in inches, at least; of the second's axis and column names, in points."""

LETTER = 4.4
"""Points that a letter of a name is wide, at most."""

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


@style.drawing()
def discovery(found: Discovery, ax: Axes | None = None) -> Axes:
    """Draws the trajectory of a box, coverage against density, and below it the limits within the range of each factor.

    The boxes of the trajectory are numbered from the whole (0) on; the one chosen is filled, and a cross is the density
    of new runs within it. The line is the share of all runs.

    >>> ts.plots.discovery(found, ts.plots.blank(height=5)).get_figure().axes[1].get_xlabel()
    'coverage, % of runs of interest'
    """
    style.check("discovery", found, Discovery)
    if found.note:
        raise SelectionError(found.note)
    limits = max(LIMITS, (LIMITS_FRAME + 22.0 * len(found.box.limits)) / style.POINTS_PER_INCH)
    ax = style.opened(ax, page=TRAJECTORY + limits + 0.9, column=TRAJECTORY + limits + 1.2)
    width = style.part_points(ax)[0]
    above, below = style.split(ax, 2, heights=(TRAJECTORY, limits))
    style.dress(above)
    style.dress(below)
    _draw_limits(below, found, width)
    now, about = style.now(), f"{found.given.title}, {len(found.interest):,} runs, seed {found.results.seed}"
    about += f"; filled: box {found.number}"
    at = 100.0 * np.array([(box.coverage, box.density) for box in found.boxes])
    above.axhline(100.0 * found.interest.mean(), color=now.grid, linewidth=0.8, zorder=0.5)
    above.plot(*at.T, color=now.fan, linewidth=0.8, marker="o", markersize=3.6, markerfacecolor=now.ground)
    above.plot(*at[found.number], marker="o", markersize=6.0, color=now.observed, zorder=4)
    if found.confirmed is not None:
        density, runs = found.confirmed
        above.plot(at[found.number, 0], 100.0 * density, marker="x", markersize=6.0, color=now.observed, zorder=4)
        about += f"; cross: {runs:,} new runs within it"
    above.set_xlim(-2.0, 104.0)
    above.set_ylim(0.0, 1.12 * at[:, 1].max())
    above.set_xlabel("coverage, % of runs of interest", fontsize=8)
    above.set_ylabel("density, % of runs in the box", fontsize=8)
    style.lay_out(above)
    last = np.array([np.inf, np.inf])
    for place, spot in enumerate(above.transData.transform(at) * style.POINTS_PER_INCH / above.figure.dpi):
        if np.hypot(*(spot - last)) >= NUMBER_EVERY:
            style.put(above, str(place), tuple(at[place]), (3.0, 2.5), now.faint)
            last = spot
    style.head(above, f"{found.what[:1].upper()}{found.what[1:]}", about, width=style.width_to_the_edge(above))
    return ax


def _draw_limits(ax: Axes, found: Discovery, width: float) -> None:
    """A bar of all that a factor was in the runs, over it the part within the box, and that in words.

    The bar of a factor with names for values has a part for each, in which its name stands where there is room.
    """
    now, limits = style.now(), found.box.limits
    rows = [row_of(short(name), (in_words(limit),), width) for name, limit in limits.items()]
    middles, size = lay_rows(ax, rows, LIMITS_HEAD, LIMITS_FRAME)
    write_columns(ax, rows, middles, ("within the box",), -LIMITS_HEAD / 2, size)
    style.lay_out(ax)
    for (name, limit), middle in zip(limits.items(), middles, strict=True):
        values = found.points[name].to_numpy()
        ax.barh(middle, 1.0, height=BAR, color=style.mixed(now.rest, 0.45))
        if isinstance(limit, tuple):
            low, high = float(values.min()), float(values.max())
            parts = [np.clip((np.array(limit) - low) / (high - low), 0.0, 1.0)]
        else:
            every = sorted(set(values))
            parts = [np.array([at, at + 1.0]) / len(every) for at, one in enumerate(every) if one in limit]
            for at, one in enumerate(every):
                start, colour = at / len(every), now.ground if one in limit else now.ink
                ax.vlines(start, middle - BAR / 2, middle + BAR / 2, color=now.ground, linewidth=1.2, zorder=3)
                if LETTER * len(str(one)) < style.width_points(ax) / len(every):
                    style.put(ax, str(one), (start, middle), (2.5, 0.0), colour, va="center", zorder=4)
        for start, end in parts:
            ax.barh(middle, end - start, left=start, height=BAR, color=now.observed)
    ax.set_xlim(0.0, 1.0)
    is_number = any(isinstance(limit, tuple) for limit in limits.values())
    ax.set_xticks([0.0, 1.0], ["lowest", "highest"] if is_number else ["", ""])
    first, last = ax.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")


def short(name: str) -> str:
    """A factor's path as figures and tables name it, without the rooms that all have."""
    return name.removeprefix("parameters.").removeprefix("mechanisms.").removeprefix("actors.")


NAMED = 10
"""Strategies that all are named in a wide figure."""


@style.drawing()
def advice(found: Advice, ax: Axes | None = None) -> Axes:
    """Draws strategies by how near they stand to their principal's aims and how often they keep out of the event.

    A line holds 95 % of the mean over the futures. Those that no other beats in both are filled and joined. Where there
    is room all are named, else these and the one that changes nothing.

    >>> ts.plots.advice(advised, ts.plots.blank()).get_xlabel()
    'stances attained, %'
    """
    style.check("advice", found, Advice)
    ax, table, now = style.opened(ax, page=3.6, column=3.4), found.table, style.now()
    places = table[["attainment", "kept_out"]]
    for name, chances in zip(found.names, found.chances, strict=True):
        interval, is_best = band(100.0 * chances[None]), table.loc[name, "is_pareto"]
        colour, (aims, kept) = now.fan if is_best else now.faint, places.loc[name]
        ends = np.clip([interval.point_low[0], interval.point_high[0]], 0.0, 100.0)
        ax.plot([aims, aims], ends, color=colour, linewidth=1.0)
        face = colour if is_best else now.ground
        ax.plot(aims, kept, "o", markersize=5.0, color=colour, mfc=face, clip_on=False, zorder=3)
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
    who = found.file.principal
    name = found.scenario.file.actors[who].label or who.capitalize()
    style.title(ax, f"What {name} can do", f"{about}; filled: beaten by none")
    style.lay_out(ax)
    every = places.index if len(places) <= NAMED and style.width_points(ax) > style.NARROW else ()
    named = places.loc[list(dict.fromkeys([*best.index, AS_IT_IS, *every]))]
    dots = [(str(name), row.to_numpy()) for name, row in named.iterrows()]
    point_to(ax, dots, best.to_numpy(), places.to_numpy(), [])
    return ax
