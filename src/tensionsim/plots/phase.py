"""The phase portrait: one government's conduct against the other's, and where such conduct leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from tensionsim.engine.stability import field
from tensionsim.plots import pointers, style, subjects, themes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

    from tensionsim.engine.stability import Field
    from tensionsim.model.record import Floats
    from tensionsim.runs.results import Results


Spots = Sequence[tuple[Any, tuple[int, int]]]

POINTS_PER_NUMBER = 60.0
GRID = 41
ARROWS = 4
"""Every how-manieth point of the grid has an arrow."""

SHORT = np.timedelta64(180, "D")
"""Of shorter spans days are told too."""

MARKS = 3
"""Dates that are written beside the path, the first and the last among them."""


def phase(results: Results, ax: Axes | None = None, *, run: int | None = None) -> Axes:
    """Draws the two governments' conduct towards each other as a path in a plane, and the field that it moves in.

    The thick path is the median of the runs (or one run), a dot each run's end. Thin arrows show to which conduct each
    is drawn by the conduct they have; on its dashed line a government would stay as it is. The shaded part lies beyond
    the border of stability, where an answer outgrows what it answers (all but the two governments' tone is as at the
    start: see `tensionsim.stability.reaction`).

    Parameters
    ----------
    results
        Of any number of runs.
    ax
        Where to draw; a new figure by default.
    run
        Number of the run whose path is drawn; by default the median of all.

    Returns
    -------
    The axes: conduct of the first principal towards the second by that of the second towards the first, in
    Goldstein/10 a month, issues and tracks weighing as in the index.

    Raises
    ------
    SelectionError
        If there is no such run, or the results have one date only.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> ts.plots.phase(r, ts.plots.blank()).get_xlabel()
    'Norland to Suderia, conduct (Goldstein/10 a month)'
    """
    subjects.check_results("phase", results)
    style.check_dates(results.dates)
    names, conduct = mean_conduct(results)
    place = style.place_of_run(results, run)
    is_one = results.runs == 1 or run is not None
    path = conduct[..., place] if is_one else np.median(conduct, axis=-1)
    with themes.drawing():
        ax = style.new_axes(4.6) if ax is None else ax
        style.dress(ax)
        _limits(ax, conduct, path)
        found = None if results.agents else _field(ax, results)
        if not is_one:
            _cloud(ax, conduct[-1])
        _path(ax, path)
        labels = [f"{style.direction(results, name)}, conduct (Goldstein/10 a month)" for name in names]
        ax.set_ylabel(labels[1], fontsize=9)
        style.settle(ax)
        ax.xaxis.set_major_locator(MaxNLocator(max(3, int(style.width_points(ax) / POINTS_PER_NUMBER))))
        ax.set_xlabel(style.wrapped(labels[0], 9, style.width_points(ax)), fontsize=9)
        style.settle(ax)
        style.title(
            ax,
            f"Conduct of the two: {results.title}",
            *_notes(results, found, results.first_run + place if is_one else None),
        )
        style.lay_out(ax)
        taken = [] if found is None else _name_lines(ax, results, found, path)
        _dates(ax, results, path, taken)
    return ax


def mean_conduct(results: Results) -> tuple[tuple[str, ...], Floats]:
    """The two directions, the first principal's first, and the mean conduct in each, weighted as in the index.

    Shape (date, direction, run), Goldstein/10 a month.
    """
    record, names = results.record, results.names
    theta, found = record.terms[:, names.terms.index("technical_weight")], dict[str, Any]()
    for row, channel in enumerate(names.dyad_channels):
        towards, issue, track = channel.split(" | ")
        share = (theta if track == "technical" else 1.0 - theta) * record.weights[:, names.issues.index(issue)]
        found[towards] = found.get(towards, 0.0) + share * record.conduct[:, row]
    first, second = results.scenario.file.principals
    directions = (f"{first} -> {second}", f"{second} -> {first}")
    return directions, np.stack([found[towards] for towards in directions], axis=1)


def _limits(ax: Axes, conduct: Floats, path: Floats) -> None:
    """Limits that hold the path and nearly all runs at the end, and the origin."""
    drawn = np.concatenate([np.quantile(conduct[-1], [0.025, 0.975], axis=-1), path, np.zeros((1, 2))])
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    room = np.maximum(0.12 * (high - low), 0.02)
    ax.set_xlim(low[0] - room[0], high[0] + room[0])
    ax.set_ylim(low[1] - room[1], high[1] + room[1])


def _field(ax: Axes, results: Results) -> Field:
    """Draws the border, the lines of rest and the arrows; the field they show."""
    theme = themes.now()
    axes = [np.linspace(*limits, GRID) for limits in (ax.get_xlim(), ax.get_ylim())]
    found = field(results.scenario, *axes, seed=results.seed, run=results.first_run)
    ax.axhline(0.0, color=theme.grid, linewidth=0.7, zorder=0)
    ax.axvline(0.0, color=theme.grid, linewidth=0.7, zorder=0)
    if np.nanmax(found.growth, initial=0.0) > 1.0:
        ax.contourf(*axes, found.growth, levels=[1.0, np.inf], colors=[theme.hostile], alpha=0.15, zorder=0)
        ax.contour(*axes, found.growth, levels=[1.0], colors=[theme.hostile], linewidths=1.2, zorder=1)
    some = (slice(ARROWS // 2, None, ARROWS),) * 2
    across, up = np.meshgrid(*axes)
    pull = found.drawn_first - across, found.drawn_second - up
    more: dict[str, Any] = {"color": theme.faint, "alpha": 0.55, "width": 0.0022, "zorder": 1}
    ax.quiver(across[some], up[some], pull[0][some], pull[1][some], angles="xy", **more)
    for row, apart in enumerate(pull):
        if np.nanmin(apart, initial=0.0) < 0.0 < np.nanmax(apart, initial=0.0):
            lines: dict[str, Any] = {"linewidths": 1.3, "linestyles": "dashed", "zorder": 2}
            ax.contour(*axes, apart, levels=[0.0], colors=[theme.palette[row]], **lines)
    return found


def _cloud(ax: Axes, ends: Floats) -> None:
    """A dot for each run's end; drawn as a picture in vector files, which would swell otherwise."""
    ax.scatter(ends[0], ends[1], s=5, color=themes.now().fan, alpha=0.3, linewidths=0, rasterized=True, zorder=2)


def _path(ax: Axes, path: Floats) -> None:
    theme = themes.now()
    ax.plot(path[:, 0], path[:, 1], color=theme.ground, linewidth=4.0, zorder=3)
    ax.plot(path[:, 0], path[:, 1], color=theme.ink, linewidth=2.0, zorder=4)


def _dates(ax: Axes, results: Results, path: Floats, taken: list[Bbox]) -> None:
    """Marks some dates on the path, the first by a ring, and names each with a line to its dot."""
    rows = list(dict.fromkeys(round(place) for place in np.linspace(0, len(path) - 1, MARKS)))
    theme = themes.now()
    ax.plot(path[rows, 0], path[rows, 1], "o", color=theme.ink, markersize=4, zorder=5)
    ax.plot(*path[0], "o", color=theme.ink, markerfacecolor=theme.ground, markersize=5, zorder=5.5)
    shown = "{:%b %Y}" if results.dates[-1] - results.dates[0] > SHORT else "{:%d %b %Y}"
    named = [(shown.format(results.dates[row].item()), path[row]) for row in (rows[0], rows[-1], *rows[1:-1])]
    pointers.write(ax, named, path, taken)


def _name_lines(ax: Axes, results: Results, found: Field, path: Floats) -> list[Bbox]:
    """Names each government's line of rest where it leaves the view; gives the places of the names."""
    across, up = np.meshgrid(found.first, found.second)
    pulls = (found.drawn_first - across, (found.drawn_second - up).T)
    axes = ((found.first, found.second), (found.second, found.first))
    taken: list[Bbox] = []
    covered = np.concatenate(
        [path, *(_points(pull, *axis, row) for row, (pull, axis) in enumerate(zip(pulls, axes, strict=True)))]
    )
    for row, (actor, pull, (along, outward)) in enumerate(
        zip(results.scenario.file.principals, pulls, axes, strict=True)
    ):
        spots: list[tuple[Any, tuple[int, int]]] = []
        for end, side in zip(_crossings(pull, along, outward), (-1, 1), strict=False):
            shifts = [(5, 3 * side), (-5, 3 * side)] if row == 0 else [(3 * side, 5), (3 * side, -5)]
            spots += [(end if row == 0 else end[::-1], shift) for shift in shifts]
        name = f"{style.actor(results, actor)}\nwould stay"
        _write(ax, name, spots, covered, taken, color=themes.now().palette[row])
    return taken


def _crossings(pull: Floats, along: Floats, outward: Floats) -> list[tuple[float, float]]:
    """The outermost and the innermost place where the pull is 0: along a line, and how far out the line is."""
    found = _points(pull, along, outward, 0)
    return [(float(x), float(out)) for x, out in (*found[-1:], *found[:1])]


def _points(pull: Floats, along: Floats, outward: Floats, row: int) -> Floats:
    """Every place where the pull falls through 0, from the innermost line on, shape (place, 2): x and y (row 0)."""
    lines, places = np.nonzero(np.diff(np.sign(pull), axis=1) < 0.0)
    found = np.stack([along[places], outward[lines]], axis=1)
    return found if row == 0 else found[:, ::-1]


def _write(ax: Axes, text: str, spots: Spots, path: Floats, taken: list[Bbox], **more: Any) -> None:
    """Writes a text at the first spot, a point with a shift, that lies within the axes and covers nothing."""
    points = ax.transData.transform(path)
    for at, (across, up) in spots:
        written = ax.annotate(
            text,
            xy=(float(at[0]), float(at[1])),
            xytext=(across, up),
            textcoords="offset points",
            ha="left" if across > 0 else "right",
            va="bottom" if up > 0 else "top" if up < 0 else "center",
            fontsize=style.SMALL,
            bbox={"facecolor": themes.now().ground, "edgecolor": "none", "alpha": 0.75, "pad": 0.5},
            zorder=6,
            **more,
        )
        box = written.get_window_extent()
        is_inside = ax.bbox.contains(box.x0, box.y0) and ax.bbox.contains(box.x1, box.y1)
        if is_inside and not box.count_contains(points) and not any(box.overlaps(one) for one in taken):
            taken.append(box)
            return
        written.remove()


def _notes(results: Results, found: Field | None, number: int | None) -> list[str]:
    """What the path, the arrows, the dashed lines and the shade are."""
    whose = f"path of run {number}" if number is not None else f"median path of {results.runs:,} runs, dots their ends"
    path = f"{whose}, seed {results.seed}"
    if found is None:
        return [f"{path}; no field is drawn, for governments of one's own decided"]
    most = float(np.nanmax(found.growth, initial=0.0))
    border = (
        "shaded: beyond the border of stability, where an answer outgrows what it answers"
        if most > 1.0
        else f"the border of stability is not in view: a turn is answered by at most {100 * most:.0f} % of it"
    )
    return [f"{path}; arrows: where the two are drawn; {border}"]
