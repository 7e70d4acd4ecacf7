"""A forecast: what a fitted scenario expects from a day on, given all that was observed before it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np

from tensionsim.analysis.backtesting.ahead import ONE_DAY, Ahead, ahead, before
from tensionsim.analysis.backtesting.grid import Grid
from tensionsim.analysis.backtesting.makers import issues_known, narrowed
from tensionsim.analysis.fitting.fit import fit as fitted_to
from tensionsim.analysis.fitting.fitted import DRAWS, Fit
from tensionsim.arguments import check_known, whole
from tensionsim.ensemble.naming import names_of
from tensionsim.errors import TensionSimError
from tensionsim.history.events import EventHistory
from tensionsim.history.generic import scenario_for
from tensionsim.likelihood.window import history_of
from tensionsim.record import Names
from tensionsim.results import Results
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario, scenario_of
from tensionsim.scenario.scenario import from_text
from tensionsim.scenario.writing import write

AS_CODED = "scores as coded"
"""In a ledger: what events count more, or less, than the moves that stand for them."""


class How(TypedDict, total=False):
    """How many runs a forecast has, and with which luck; see `forecast`."""

    runs: int
    seed: int


def forecast(
    scenario: Scenario | str | Path | None = None,
    events: EventHistory | None = None,
    *,
    origin: dt.date | str | None = None,
    months: int = 12,
    fit: bool | Fit = True,
    **how: Unpack[How],
) -> Results:
    """What a scenario expects from a day on, given all that was observed before it.

    Every run makes the observed moves until the origin, with its own draw of the fitted numbers, and goes on by itself
    from there. Nothing of the origin's day or later is looked at, so that the past can be forecast too.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario; default: one made from the events before the origin.
    events
        What was observed; default the curated history that the scenario names.
    origin
        The first day of which nothing is known; default the day after the last one observed. Where it lies within a
        step of the scenario, the beginning of that step.
    months
        How far, >= 1: months of four weeks, of 30 days, or of the calendar, as the scenario's steps are.
    fit
        Whether the scenario is fitted to the events before the origin; or the Fit to take, made from no later ones.
    runs, seed
        How many random histories, default 1,000, and of which luck, default 0.

    Returns
    -------
    Results
        From the origin on. They cannot be added to: their scenario begins at the origin and does not know the events.

    Raises
    ------
    TensionSimError
        If there are no events before the origin, or the scenario knows none of them.

    Examples
    --------
    >>> import tensionsim as ts
    >>> results = ts.forecast("us-colombia-2017", origin="2024-07-01", months=6, runs=50, fit=False)
    >>> str(results.dates[0]), len(results.dates)
    ('2024-07-01', 25)
    """
    check_known("forecast", how, How.__annotations__)
    runs, seed = whole("runs", how.get("runs", 1000), least=1), whole("seed", how.get("seed", 0))
    months = whole("months", months, least=1)
    if scenario is None and events is None:
        raise TypeError("forecast() needs a scenario, events, or both")
    given = None if scenario is None else scenario_of(scenario)
    history = history_of(given) if events is None and given is not None else events
    assert history is not None
    start = _origin(given, history, origin)
    past = before(history, start)
    if given is None:
        past = narrowed(past, issues_known(past))
        given = scenario_for(past, start=start)
    chosen = _chosen(given, past, fit)
    grid = Grid(min(chosen.file.start, start), chosen.file.step)
    found = ahead(chosen, past, start, months * grid.month, Luck(seed, 0, runs))
    shown = scenario_from(chosen, start, found.world.dates[-1])
    return Results(shown, seed, runs, 0, names_from(found), found.record)


def _origin(given: Scenario | None, history: EventHistory, origin: dt.date | str | None) -> dt.date:
    day = dt.date.fromisoformat(origin) if isinstance(origin, str) else origin or history.last + ONE_DAY
    if given is None or day <= given.file.start:
        return day
    return Grid(given.file.start, given.file.step).snapped(day)


def _chosen(given: Scenario, past: EventHistory, fit: bool | Fit) -> Scenario:
    """The scenario with which a forecast is made."""
    if isinstance(fit, Fit):
        known = fit.likelihood.trail.window.until
        if known > past.last:
            raise TensionSimError(
                f"the fit knows what happened until {known}, a forecast from {past.last + ONE_DAY} must not; fit with "
                f"until={str(past.last)!r}"
            )
        return fit.scenario(DRAWS)
    return fitted_to(given, past, with_support=False).scenario(DRAWS) if fit else given


def scenario_from(scenario: Scenario, start: dt.date, end: dt.date) -> Scenario:
    """The scenario as its results show it: from an origin on, without what was scheduled before."""
    file = scenario.file
    values = file.model_dump(by_alias=True, exclude_unset=True)
    values |= {"title": f"{file.title}, forecast from {start}"[:200], "start": start, "end": end}
    for name in ("schedule", "changes"):
        dated = zip(getattr(file, name), values.get(name, ()), strict=False)
        values[name] = [entry for one, entry in dated if start <= one.date < end]
    return dataclasses.replace(from_text(write(values), scenario.name), path=scenario.path)


def names_from(found: Ahead) -> Names:
    """What the rows of a forecast's record are called, and what made the conduct at the origin.

    Where events have other scores than the moves that stand for them, the ledger gets the difference, step by step.
    """
    names, world = names_of(found.world), found.world
    dyad, rows = world.dyad.tolist(), world.channels.rows
    grid = Grid(world.dates[0], world.scenario.file.step)
    places = [(row, step - found.excess.shape[1]) for row, step in np.argwhere(found.excess != 0.0).tolist()]
    return dataclasses.replace(
        names,
        origins=(*names.origins, *(f"{grid.at(step)} | {rows[row].actor} | {AS_CODED}" for row, step in places)),
        origin_channels=(*names.origin_channels, *(dyad.index(row) for row, _ in places)),
        origin_scores=(*names.origin_scores, *(float(found.excess[row, step]) for row, step in places)),
        origin_firsts=(*names.origin_firsts, *(step for _, step in places)),
        origin_afters=(*names.origin_afters, *(step + 1 for _, step in places)),
    )
