"""Issues: the fan of the cooperation on one of them, and a panel for each of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensionsim.plots import bands, panels, style, themes
from tensionsim.plots.fan import TOP
from tensionsim.plots.labels import at_ends

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.results import Results

NEUTRAL = 50.0
PANEL_HEIGHT = 1.9
"""In inches."""


def issue(results: Results, name: str, ax: Axes | None = None) -> Axes:
    """Draws median, 30, 60 and 90 % bands of the cooperation on one issue.

    Parameters
    ----------
    results
        Of any number of runs.
    name
        Of the issue.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    The axes: dates by cooperation, 0-100.

    Raises
    ------
    SelectionError
        If the scenario has no such issue, or the results one date only.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> ts.plots.issue(r, "water", ts.plots.blank()).get_ylabel()
    'cooperation, 0-100'
    """
    row = results.names.issues.index(style.one_of("issue", name, results.names.issues))
    spread = bands.of_series(results, "issues", row)
    with themes.drawing() as theme:
        ax = style.over_time(results, ax)
        colour = theme.palette[row % len(theme.palette)]
        ax.set_ylim(0.0, TOP)
        ax.set_yticks([0, 25, 50, 75, 100])
        ax.set_ylabel("cooperation, 0-100", fontsize=8)
        ax.axhline(NEUTRAL, color=theme.grid, linewidth=0.7, zorder=0)
        bands.draw(ax, results.dates, spread, colour)
        at_ends(ax, bands.ends(spread, colour, only=(0.5,)))
        style.time_axis(ax, ticks=6)
        ax.set_title(
            style.wrapped(f"{style.words(name)}: {_weight(results, row)}", 9, style.width_points(ax)),
            fontsize=9,
            color=theme.ink,
        )
    return ax


def issues(results: Results, ax: Axes | None = None) -> Axes:
    """Draws one panel an issue, with median and 30, 60 and 90 % bands of the cooperation on it.

    Parameters
    ----------
    results
        Of any number of runs.
    ax
        Whose place the panels take; a new figure by default.

    Returns
    -------
    The axes that was given or made, now empty but for its title; the panels are further axes of its figure.

    Raises
    ------
    SelectionError
        If the results have one date only.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> ax = ts.plots.issues(r, ts.plots.blank())
    >>> len(ax.get_figure().axes[1:])
    2
    """
    names = results.names.issues
    with themes.drawing():
        rows = -(-len(names) // columns_for(len(names), style.FULL_WIDTH * style.POINTS_PER_INCH))
        ax = style.over_time(results, ax, height=0.5 + PANEL_HEIGHT * rows)
        width = style.width_points(ax)
        columns = columns_for(len(names), width)
        grid = panels.split(ax, -(-len(names) // columns), columns)
        for place, (name, panel) in enumerate(zip(names, grid, strict=False)):
            issue(results, name, panel)
            if place % columns:
                panel.set_ylabel("")
        for panel in grid[len(names) :]:
            panel.set_axis_off()
        panels.head(grid[0], results.title, bands.explained(results.runs, results.first_run, results.seed), width=width)
        for panel in grid[: len(names)]:
            style.settle(panel)
    return ax


def columns_for(count: int, width: float) -> int:
    """Columns for so many panels in so many points: three at most, and none much narrower than an inch."""
    ideal = count if count <= 3 else 2 if count == 4 else 3
    return max(1, min(ideal, int(width // 130)))


def _weight(results: Results, row: int) -> str:
    if results.is_exact:
        weight = float(results.record.weights[-1, row].mean())
    else:
        weight = float(results.tally().table("weights").iloc[-1, row])
    return f"{100 * weight:.0f} % of the index"
