"""The fan: median and bands of the cooperation index over time, with the scenario's events marked."""

from __future__ import annotations

import itertools
import textwrap
from typing import TYPE_CHECKING

from tensionsim.model.measures import REGIMES
from tensionsim.plots import bands, flags, labels, style, subjects, themes
from tensionsim.runs.statistics import settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.runs.results import Results


TOP, LEAST_HEIGHT = 100.0, 125.0
"""Of the index; and of an axes in points, below which the regimes' names would touch the numbers."""

LONGEST_SETTINGS = 240
"""Letters of the values that were set; what is longer is cut."""


def fan(results: Results, ax: Axes | None = None) -> Axes:
    """Draws median, 30, 60 and 90 % bands of the index, the regimes and the scenario's dated events.

    Parameters
    ----------
    results
        Of any number of runs; a single run is drawn as a line.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    The axes: dates by cooperation index, 0-100.

    Raises
    ------
    SelectionError
        If the results have one date only.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> ts.plots.fan(r, ts.plots.blank()).get_ylabel()
    'cooperation index, 0-100'
    """
    subjects.check_results("fan", results)
    with themes.drawing() as theme:
        ax = style.over_time(results, ax, height=4.2)
        regime_axis(ax)
        spread = bands.of_series(results, "index")
        bands.draw(ax, results.dates, spread, theme.fan)
        style.time_axis(ax)
        settle(ax)
        ends = bands.ends(spread, theme.fan)
        provisional = labels.at_ends(ax, ends)
        style.lay_out(ax)
        flagged = flags.of_scenario(results)
        note(ax, _origin(results, flags.unnamed(ax, flagged)))
        rows = flags.draw(ax, flagged)
        ax.set_title(_title(results, style.width_to_the_edge(ax)), pad=8 + flags.HEIGHT_POINTS * rows, color=theme.ink)
        settle(ax)
        for text in provisional:
            text.remove()
        labels.at_ends(ax, ends)
    return ax


def note(ax: Axes, text: str) -> None:
    """Writes a note under the dates, in as many lines as the width needs."""
    shown = style.wrapped(text, style.SMALL, style.width_points(ax))
    ax.set_xlabel(shown, loc="right", fontsize=style.SMALL, color=themes.now().faint)


def settle(ax: Axes) -> None:
    """Lays out a figure whose y axis is the index, and takes the regimes' names away where they have no room."""
    style.settle(ax)
    if style.height_points(ax) < LEAST_HEIGHT and len(ax.get_yticks(minor=True)):
        ax.set_yticks([], [], minor=True)
        ax.yaxis.label.set_text(ax.yaxis.label.get_text().replace("\n", " "))
        style.settle(ax)


def regime_axis(ax: Axes) -> None:
    """Makes the y axis the index, the regimes' bounds on it and their names between them."""
    bounds = [0.0, *(min(bound, TOP) for _, bound in REGIMES)]
    ax.set_ylim(0.0, TOP)
    ax.set_ylabel("cooperation index, 0-100", fontsize=9)
    ax.set_yticks(bounds)
    middles = [(low + high) / 2 for low, high in itertools.pairwise(bounds)]
    ax.set_yticks(middles, [name for name, _ in REGIMES], minor=True)
    ax.tick_params(axis="y", which="minor", length=0, labelsize=style.SMALL, labelcolor=themes.now().faint)
    for bound in bounds[1:-1]:
        ax.axhline(bound, color=themes.now().grid, linewidth=0.7, zorder=0)


def _title(results: Results, width: float) -> str:
    """The title, and below it the values that were set."""
    lines = [results.title, textwrap.shorten(settings(results.scenario.values), LONGEST_SETTINGS)]
    return "\n".join(style.wrapped(line, 10, width) for line in lines if line)


def _origin(results: Results, unnamed: int) -> str:
    events = "event is" if unnamed == 1 else "events are"
    more = f"{unnamed} more dated {events} marked without a name; " if unnamed > 0 else ""
    return more + bands.explained(results.runs, results.first_run, results.seed)
