"""The timeline of one run: the index above, below it who made which move when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.errors import SelectionError
from tensionsim.model.measures import REGIMES
from tensionsim.model.record import CAUSES
from tensionsim.plots import bounds, flags, panels, style, subjects, themes
from tensionsim.plots.fan import TOP
from tensionsim.plots.labels import Label, at_ends

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.runs.results import Results


MOST = 10.0
"""Goldstein's scale ends there, both ways."""

LANE, HALF_ROW = 1.15, 2.0
"""How high names stand above an actor's line, and half of what an actor's row takes; a move of 10 is 1 high."""

ROW_HEIGHT, INDEX_HEIGHT = 1.15, 2.0
"""In inches."""


def timeline(
    results: Results, ax: Axes | None = None, *, run: int | None = None, actors: Sequence[str] | None = None
) -> Axes:
    """Draws one run as it went: the index, and below it the moves of each actor by their score, the strongest named.

    Parameters
    ----------
    results
        Of any number of runs.
    ax
        Whose place the panels take; a new figure by default.
    run
        Number of the run; by default the first.
    actors
        Whose moves; by default the principals' towards each other. Of others, what they do towards the principals, and
        all moves where none of the actors is a principal.

    Returns
    -------
    The axes that was given or made, now empty. The two panels are further axes of its figure: dates by index, 0-100,
    and dates by Goldstein score, one row an actor.

    Raises
    ------
    SelectionError
        If there is no such run or actor, or none of these actors made a move in this run.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> ax = ts.plots.timeline(r, ts.plots.blank(7.2, 5), run=3)
    >>> [label.get_text() for label in ax.get_figure().axes[-1].get_yticklabels()]
    ['Norland', 'Suderia']
    """
    subjects.check_results("timeline", results)
    place = style.place_of_run(results, run)
    chosen = list(actors or results.scenario.file.principals)
    moves = _moves(results, place, chosen)
    with themes.drawing():
        ax = style.over_time(results, ax, height=INDEX_HEIGHT + ROW_HEIGHT * len(chosen))
        width = style.width_points(ax)
        upper, lower = panels.split(ax, 2, heights=[INDEX_HEIGHT, ROW_HEIGHT * len(chosen)])
        _index(upper, results, place)
        _rows(lower, results, chosen, moves)
        style.lay_out(ax)
        rows = flags.draw(upper, flags.of_scenario(results))
        whose = f"run {results.first_run + place}, seed {results.seed}"
        note = f"{whose}; stems: Goldstein score of each move, up friendly to +10, down hostile to −10"
        style.title(upper, results.title, note, width=width, pad=8.0 + flags.HEIGHT_POINTS * rows)
        style.settle(upper)
        value = results.record.cooperation[-1, place]
        at_ends(upper, [Label(float(value), f"{value:.0f}", themes.now().fan, is_bold=True)])
        style.lay_out(ax)
        poles = [np.datetime64(flag.date) for flag in flags.of_scenario(results)]
        bounds.name(upper, results.dates, [results.record.cooperation[:, place]], poles)
        _names(lower, results, chosen, moves)
    return ax


def _moves(results: Results, place: int, actors: Sequence[str]) -> dict[str, list[tuple[int, str, float]]]:
    """Step, name and score of the moves that each actor really made in a run."""
    for actor in actors:
        style.one_of("actor", actor, results.names.actors)
    record, names = results.record, results.names
    ours = (record.move_run == results.first_run + place) & (record.move_cause != CAUSES.index("stopped"))
    made: dict[str, list[tuple[int, str, float]]] = {actor: [] for actor in actors}
    places = names.places()
    for step, channel, move in zip(
        record.move_step[ours], record.move_channel[ours], record.move_id[ours], strict=True
    ):
        actor, target = places["actor"][channel], places["target"][channel]
        if actor in made and _counts(results, target, actors):
            made[actor].append((int(step), names.moves[move], names.move_scores[move]))
    if not any(made.values()):
        raise SelectionError(
            f"{', '.join(actors)} made no move in run {results.first_run + place}; name another run or actor"
        )
    return made


def _counts(results: Results, target: str, actors: Sequence[str]) -> bool:
    principals = results.scenario.file.principals
    return target in principals or not set(actors) & set(principals)


def _index(ax: Axes, results: Results, place: int) -> None:
    style.over_time(results, ax)
    ax.set_ylim(0.0, TOP)
    ax.set_yticks([0.0, *(min(bound, TOP) for _, bound in REGIMES)])
    ax.set_ylabel("index, 0-100", fontsize=8)
    ax.plot(results.dates, results.record.cooperation[:, place], color=themes.now().fan, linewidth=1.6)
    style.time_axis(ax)
    ax.tick_params(axis="x", labelbottom=False)


def _rows(ax: Axes, results: Results, actors: Sequence[str], moves: dict[str, list[tuple[int, str, float]]]) -> None:
    """Draws the stems, friendly moves upwards from the actor's line and hostile ones downwards."""
    theme = themes.now()
    style.over_time(results, ax)
    style.time_axis(ax)
    middles = [-2.0 * HALF_ROW * row for row in range(len(actors))]
    ax.set_ylim(middles[-1] - HALF_ROW, HALF_ROW)
    ax.set_yticks(middles, [style.actor(results, actor) for actor in actors])
    ax.tick_params(axis="y", length=0, pad=6.0, labelcolor=theme.ink)
    ax.spines["left"].set_visible(False)
    for middle, actor in zip(middles, actors, strict=True):
        ax.axhline(middle, color=theme.faint, linewidth=0.6)
        for colour, sign in ((theme.friendly, 1.0), (theme.hostile, -1.0)):
            found = [(step, score) for step, _, score in moves[actor] if score * sign > 0.0]
            if found:
                dates = results.dates[[step for step, _ in found]]
                tips = middle + np.array([score for _, score in found]) / MOST
                ax.vlines(dates, middle, tips, color=colour, linewidth=1.0, clip_on=False)
                ax.plot(dates, tips, "o", color=colour, markersize=2.8, linestyle="none", clip_on=False)


def _names(ax: Axes, results: Results, actors: Sequence[str], moves: dict[str, list[tuple[int, str, float]]]) -> None:
    """Names the strongest moves of each actor on each side, as many as find room beside each other."""
    for row, actor in enumerate(actors):
        middle = -2.0 * HALF_ROW * row
        for sign in (1.0, -1.0):
            ours = [move for move in moves[actor] if move[2] * sign > 0.0]
            for (step, name, score), at in _placed(ax, results, ours):
                _name(ax, results.dates[step], middle, (name, score), at)


def _placed(
    ax: Axes, results: Results, moves: Sequence[tuple[int, str, float]]
) -> Iterator[tuple[tuple[int, str, float], float]]:
    """The moves whose names find room in a row, the strongest first, and the middle of each name in points."""
    width, taken = style.width_points(ax), list[tuple[float, float]]()
    first, last = results.dates[0], results.dates[-1]
    for move in sorted(moves, key=lambda move: (-abs(move[2]), move[0])):
        length = style.text_width(style.words(move[1]), style.SMALL) + 6.0
        at = width * float((results.dates[move[0]] - first) / (last - first))
        start = float(np.clip(at - length / 2, 0.0, max(width - length, 0.0)))
        if length <= width and all(start >= end or start + length <= begin for begin, end in taken):
            taken.append((start, start + length))
            yield move, start + length / 2


def _name(ax: Axes, date: np.datetime64, middle: float, move: tuple[str, float], at: float) -> None:
    """Writes a move's name above or below its stem, with a thin line to it."""
    theme, (name, score) = themes.now(), move
    sign = 1.0 if score > 0.0 else -1.0
    colour = theme.friendly if sign > 0.0 else theme.hostile
    height = middle + sign * LANE
    ax.vlines([date], middle + score / MOST, height, color=colour, linewidth=0.5, linestyle=":", clip_on=False)
    where: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    ax.annotate(
        style.words(name),
        xy=(0.0, height),
        xytext=(at, 0.0),
        ha="center",
        va="bottom" if sign > 0.0 else "top",
        fontsize=style.SMALL,
        color=colour,
        **where,
    )
