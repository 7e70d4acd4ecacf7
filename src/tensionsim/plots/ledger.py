"""The ledger over time: what makes the index, stacked by who did what."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.model.ledger import Books, by_mover
from tensionsim.model.record import LAYERS, MOVE_COLUMNS
from tensionsim.plots import stacks, style, subjects, themes
from tensionsim.plots.labels import finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.model.record import Floats, Ints
    from tensionsim.runs.results import Results


Movers = dict[tuple[str, str], "Floats"]
WAYS = ("kind", "mover")
BEFORE, ARRANGEMENTS, FRIENDLY, HOSTILE = "moves before the start", "arrangements", "friendly moves", "hostile moves"
KINDS, SHADES = (ARRANGEMENTS, BEFORE, FRIENDLY, HOSTILE), (0.0, 0.75, 0.25, 0.5)

MOST_DATES = 120
"""More dates than that are thinned out: an ensemble's ledger is drawn up anew for each."""


def ledger(results: Results, ax: Axes | None = None, *, run: int | None = None, by: str = "kind") -> Axes:
    """Draws what makes the index less 50 over time, stacked, and its sum.

    Parameters
    ----------
    results
        Of any number of runs.
    ax
        Where to draw; a new figure by default.
    run
        Number of the run; by default the mean of all.
    by
        "kind": by actor, whether it is an arrangement, a move before the start, a friendly move or a hostile one.
        "mover": the six moves or arrangements of an actor that make most, and the others net.

    Returns
    -------
    The axes: dates by points of the index. The line is the index less 50 and the sum of what is stacked.

    Raises
    ------
    SelectionError
        If there is no such run, or the results have one date only.
    ValueError
        If `by` is another word.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> line = ts.plots.ledger(r, ts.plots.blank(), run=3).lines[1].get_ydata()
    >>> bool(abs(50 + line[-1] - r.paths[3].iloc[-1]) < 1e-9)
    True
    """
    subjects.check_results("ledger", results)
    if by not in WAYS:
        raise ValueError(f"by must be {' or '.join(map(repr, WAYS))}; got {by!r}")
    of_run = results.runs == 1 or run is not None
    chosen = _only(results, style.place_of_run(results, run)) if of_run else results.books
    with themes.drawing():
        ax = style.over_time(results, ax)
        rows = np.unique(np.linspace(0, len(results.dates) - 1, MOST_DATES).astype(int))
        points = _by_mover(chosen, rows)
        parts = _of_kinds(results, points) if by == "kind" else stacks.largest(_named(results, points))
        ax.set_ylabel("points of the index above 50", fontsize=9)
        ends = stacks.draw(ax, results.dates[rows], parts)
        whose = f"run {chosen.first_run}" if of_run else f"mean of {results.runs:,} runs"
        note = f"{whose}, seed {results.seed}; the line is the sum: the index less 50"
        finish(ax, ends, f"What makes the index: {results.title}", note)
    return ax


def _by_mover(chosen: Books, rows: Ints) -> Movers:
    """Mean points over the runs by (actor, move or arrangement), shape (row,)."""
    found: Movers = {}
    for place, row in enumerate(rows.tolist()):
        for mover, points in by_mover(chosen, row).items():
            found.setdefault(mover, np.zeros(len(rows)))[place] = points.mean()
    return found


def _named(results: Results, points: Movers) -> dict[str, Floats]:
    return {f"{style.actor(results, actor)}: {style.words(what)}": values for (actor, what), values in points.items()}


def _of_kinds(results: Results, points: Movers) -> list[stacks.Part]:
    """The points by actor and kind, each actor in shades of its own colour."""
    scores = dict(zip(results.names.moves, results.names.move_scores, strict=True))
    actors = list(dict.fromkeys(name.split(" -> ")[0] for name in results.names.dyad_channels))
    parts = []
    for actor, (row, kind) in itertools.product(actors, enumerate(KINDS)):
        ours = [values for (who, what), values in points.items() if who == actor and _kind(what, scores) == kind]
        if ours:
            full = themes.now().palette[actors.index(actor)]
            total = np.sum(ours, axis=0)
            parts.append(
                stacks.Part(f"{style.actor(results, actor)}: {kind}", total, themes.mixed(full, SHADES[row]), full)
            )
    return parts


def _kind(what: str, scores: Mapping[str, float]) -> str:
    if what not in scores:
        return BEFORE if what == BEFORE else ARRANGEMENTS
    return FRIENDLY if scores[what] >= 0.0 else HOSTILE


def _only(results: Results, place: int) -> Books:
    """The books of one run."""
    record, number = results.record, results.first_run + place
    layers = {
        name: array[..., place : place + 1] if array.shape[-1] > 1 else array
        for name, array in record.arrays().items()
        if name in LAYERS
    }
    is_ours = record.move_run == number
    moves = {name: getattr(record, name)[is_ours] for name in MOVE_COLUMNS}
    return Books(replace(record, **layers, **moves), results.names, results.step_months, number)
