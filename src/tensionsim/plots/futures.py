"""Figures of questions about all futures: where an issue settles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from tensionsim.futures.settlement import Settlement
from tensionsim.plots import style
from tensionsim.plots.labels import Label, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
