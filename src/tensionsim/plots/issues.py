"""Issues: the fan of the cooperation on one of them, and a panel for each of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tensionsim.plots import bands, panels, style, subjects, themes
from tensionsim.plots.fan import TOP
from tensionsim.plots.labels import Label, at_ends, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.runs.results import Results


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
    subjects.check_results("issue", results)
    row = results.names.issues.index(style.one_of("issue", name, results.names.issues))
    with themes.drawing():
        ax = style.over_time(results, ax)
        ends = _bands(results, row, ax, only=tuple(bands.ENDS))
        style.time_axis(ax)
        note = f"{_weight(results, row)}; {bands.explained(results.runs, results.first_run, results.seed)}"
        finish(ax, ends, f"{style.words(name)}: {results.title}", note)
    return ax


def panel(results: Results, row: int, ax: Axes) -> None:
    """Draws the cooperation on the issue of a row as one panel among others, named by the issue alone."""
    style.over_time(results, ax)
    at_ends(ax, _bands(results, row, ax, only=(0.5,)))
    style.time_axis(ax, ticks=6)
    heading = f"{style.words(results.names.issues[row])}: {_weight(results, row)}"
    ax.set_title(style.wrapped(heading, 9, style.width_points(ax)), fontsize=9, color=themes.now().ink)


def level(row: Sequence[Axes]) -> None:
    """Gives the titles of panels beside each other the same number of lines."""
    titles = [ax.get_title(loc="left") for ax in row]
    most = max(title.count("\n") for title in titles)
    for ax, title in zip(row, titles, strict=True):
        ax.set_title(title + "\n" * (most - title.count("\n")), fontsize=9, color=themes.now().ink)


def _bands(results: Results, row: int, ax: Axes, *, only: Sequence[float]) -> list[Label]:
    """Draws the bands of an issue; the labels of these of their ends."""
    theme, spread = themes.now(), bands.of_series(results, "issues", row)
    colour = theme.palette[row % len(theme.palette)]
    ax.set_ylim(0.0, TOP)
    ax.set_yticks([0, 25, 50, 75, 100])
    ax.set_ylabel("cooperation, 0-100", fontsize=8)
    ax.axhline(NEUTRAL, color=theme.grid, linewidth=0.7, zorder=0)
    bands.draw(ax, results.dates, spread, colour)
    return bands.ends(spread, colour, only=only)


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
    subjects.check_results("issues", results)
    names = results.names.issues
    with themes.drawing():
        rows = -(-len(names) // columns_for(len(names), style.FULL_WIDTH * style.POINTS_PER_INCH))
        ax = style.over_time(results, ax, height=0.5 + PANEL_HEIGHT * rows)
        width = style.width_points(ax)
        columns = columns_for(len(names), width)
        grid = panels.split(ax, -(-len(names) // columns), columns)
        fill(results, grid, columns)
        panels.head(grid[0], results.title, bands.explained(results.runs, results.first_run, results.seed), width=width)
        for one in grid[: len(names)]:
            style.settle(one)
    return ax


def fill(results: Results, grid: Sequence[Axes], columns: int) -> None:
    """Draws an issue in each of the first of these axes, row by row, and takes the others away."""
    count = len(results.names.issues)
    for row, ax in enumerate(grid[:count]):
        panel(results, row, ax)
        if row % columns:
            ax.set_ylabel("")
    for start in range(0, count, columns):
        level(grid[start : min(start + columns, count)])
    for ax in grid[count:]:
        ax.set_axis_off()


def columns_for(count: int, width: float) -> int:
    """Columns for so many panels in so many points: three at most, and none much narrower than an inch."""
    ideal = count if count <= 3 else 2 if count == 4 else 3
    return max(1, min(ideal, int(width // 130)))


def _weight(results: Results, row: int) -> str:
    weight = float(results.record.row("weights", row)[-1].mean())
    return f"{100 * weight:.0f} % of the index"
