"""Figures of questions about all futures: how well indicators warn, where an issue settles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from tensionsim.analysis.signs import EarlyWarning
from tensionsim.analysis.worlds import INDEX
from tensionsim.errors import SelectionError
from tensionsim.futures.settlement import Settlement
from tensionsim.plots import style
from tensionsim.plots.labels import Label, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

APART = 0.08
"""Months between the marks of indicators, so that their bars stand beside one another."""


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
