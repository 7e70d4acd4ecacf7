"""One issue: the fan of its cooperation over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensionsim.errors import SelectionError
from tensionsim.plots import style
from tensionsim.plots.fan import TOP, bands, label_ends, lines_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.results import Results

NEUTRAL = 50.0


def issue(results: Results, ax: Axes, name: str) -> Axes:
    """Draws median and bands of the cooperation on one issue.

    Raises
    ------
    SelectionError
        If the scenario has no such issue.
    """
    if name not in results.names.issues:
        raise SelectionError(f"no issue {name!r} in these results; there is {', '.join(results.names.issues)}")
    row = results.names.issues.index(name)
    colour = style.PALETTE[row % len(style.PALETTE)]
    lines = lines_of(results, name)
    with style.light():
        ax.set_xlim(results.dates[0], results.dates[-1])
        style.dress(ax)
        ax.set_ylim(0.0, TOP)
        ax.set_yticks([0, 25, 50, 75, 100])
        ax.axhline(NEUTRAL, color=style.GRID, linewidth=0.7, zorder=0)
        bands(ax, results, lines, colour)
        label_ends(ax, results, lines, colour, only=("median",))
        style.time_axis(ax, ticks=6)
        ax.set_title(f"{style.words(name)}: {_weight(results, row)}", fontsize=9)
    return ax


def _weight(results: Results, row: int) -> str:
    if results.is_exact:
        weight = float(results.record.weights[-1, row].mean())
    else:
        weight = float(results.tally().table("weights").iloc[-1, row])
    return f"{100 * weight:.0f} % of the index"
