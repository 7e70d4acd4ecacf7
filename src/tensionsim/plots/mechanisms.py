"""Mechanisms: what turns a government towards cooperation or conflict, over time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.analysis.contributions import ALL, DIRECTION, Contributions, contributions
from tensionsim.analysis.worlds import Draw, Origin
from tensionsim.errors import SelectionError, TensionSimError
from tensionsim.plots import stacks, style, subjects, themes
from tensionsim.plots.labels import finish
from tensionsim.runs.parallel import showing
from tensionsim.runs.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes


SHOWN_RUNS, RUNS_AT_ONCE = 1000, 100
"""Runs that are made again where an ensemble is asked, and how many at a time; more would not be seen in the mean."""


def mechanisms(
    subject: Results | Contributions,
    actor: str | None = None,
    ax: Axes | None = None,
    *,
    run: int | None = None,
    progress: bool = False,
) -> Axes:
    """Draws each mechanism's contribution to what an actor leans to, stacked over time, and their sum.

    Parameters
    ----------
    subject
        What `contributions` returns, or results, whose runs (the first 1,000) are made again and asked.
    actor
        Whose, of results; by default the first principal's. It is what it leans to towards the other principal, or, of
        an actor that is none, towards everybody.
    ax
        Where to draw; a new figure by default.
    run
        Number of the run; by default the mean of all.
    progress
        Whether to show on a terminal's standard error how many runs have been made again.

    Returns
    -------
    The axes: dates by contribution to direction, the mean over the channels asked for; above 0 towards cooperation. A
    direction of 1 makes a move of +10 on Goldstein's scale e times as likely beside a neutral one (log-odds).

    Raises
    ------
    SelectionError
        If there is no such actor or run, or the contributions are of several places.
    TensionSimError
        If governments of one's own decided in these results: their reasons are their own.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> ts.plots.mechanisms(r, "suderia", ts.plots.blank()).get_title(loc="left")
    'What turns Suderia: Norland and Suderia'
    """
    subjects.check("mechanisms", subject, (Results, Contributions), subjects.CONTRIBUTIONS)
    found, whose = _asked(subject, actor, run, progress=progress)
    if len(found.places) > 1:
        told = "; ".join(" ".join(place) for place in found.places)
        raise SelectionError(f"one figure shows one place; these contributions are of {len(found.places)}: {told}")
    (place,) = found.places
    values = found.values[:, 0].mean(axis=-1)
    named = {style.words(name): values[:, column] for column, name in enumerate(found.mechanisms) if name != DIRECTION}
    with themes.drawing():
        ax = style.over_dates(found.dates, ax)
        ax.set_ylabel("contribution to direction (log-odds)", fontsize=9)
        ends = stacks.draw(ax, found.dates, stacks.largest(named), decimals=2)
        who, whom = (_label(subject, name) for name in place[:2])
        of = ", ".join(style.words(part) for part in place[2:] if part != ALL)
        note = (
            f"towards {whom}{f', {of}' if of else ''}; {whose}; above 0 towards cooperation, below 0 towards conflict"
        )
        finish(ax, ends, f"What turns {who}: {found.title}", note)
    return ax


def _label(subject: Results | Contributions, name: str) -> str:
    if name == ALL:
        return "everybody"
    return style.actor(subject, name) if isinstance(subject, Results) else style.words(name).capitalize()


def _asked(
    subject: Results | Contributions, actor: str | None, run: int | None, *, progress: bool
) -> tuple[Contributions, str]:
    """The contributions, and of which runs they are."""
    if isinstance(subject, Contributions):
        return subject, f"mean of {subject.runs:,} runs, seed {subject.seed}"
    if subject.agents:
        raise TensionSimError(f"no reasons are known of governments of one's own: {', '.join(subject.agents)} decided")
    number = subject.first_run + style.place_of_run(subject, run)
    runs = 1 if run is not None else min(subject.runs, SHOWN_RUNS)
    who = style.one_of("actor", actor or subject.scenario.file.principals[0], subject.names.actors)
    Origin(subject.scenario, subject, folder="these results").check_repeats(Draw(runs, subject.seed, number))
    found = _made(subject, who, range(number, number + runs), progress=progress)
    of = f"the first {runs:,} of {subject.runs:,} runs" if 1 < runs < subject.runs else f"{runs:,} runs"
    whose = f"run {number}" if runs == 1 else f"mean of {of}"
    return found, f"{whose}, seed {subject.seed}"


def _made(results: Results, actor: str, runs: range, *, progress: bool) -> Contributions:
    """The contributions in these runs, made some at a time; run n is the same however they are cut."""
    parts = []
    with showing(len(runs), "auto" if progress else "none") as advance:
        for start in range(runs.start, runs.stop, RUNS_AT_ONCE):
            count = min(RUNS_AT_ONCE, runs.stop - start)
            scenario, seed = results.scenario, results.seed
            parts.append(contributions(scenario, actor, runs=count, seed=seed, first_run=start))
            advance(count)
    values = np.concatenate([part.values for part in parts], axis=-1)
    return replace(parts[0], values=values, runs=len(runs))
