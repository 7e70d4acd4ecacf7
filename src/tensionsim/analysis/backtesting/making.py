"""What any worker makes at an origin, a fit and the forecasts, from tasks that hold the past and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tensionsim.analysis.backtesting import judging
from tensionsim.analysis.backtesting.ahead import Ahead, ahead, check_past
from tensionsim.analysis.backtesting.grid import BLOCKS_PER_YEAR, Grid
from tensionsim.analysis.backtesting.makers import Maker
from tensionsim.analysis.backtesting.plain import plain
from tensionsim.analysis.backtesting.plan import UNFITTED, Plan
from tensionsim.analysis.backtesting.series import Series, series_of
from tensionsim.analysis.backtesting.targets import Months, Target, months_to, simulated
from tensionsim.analysis.fitting.fit import fit
from tensionsim.analysis.fitting.fitted import DRAWS
from tensionsim.errors import TensionSimError
from tensionsim.history.events import EventHistory
from tensionsim.record import Floats
from tensionsim.rng import Luck
from tensionsim.scenario.scenario import from_text


@dataclass(frozen=True, slots=True)
class Aim:
    """What all origins have in common: how scenarios are made, the grid, the plan, targets, events that are judged."""

    maker: Maker
    grid: Grid
    plan: Plan
    targets: tuple[Target, ...]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FitTask:
    """A scenario to make and to fit: `past` is what happened before the origin."""

    aim: Aim
    origin: dt.date
    past: EventHistory


@dataclass(frozen=True, slots=True)
class Fitted:
    """The scenarios with which forecasts are made from an origin on, as texts; with the fit's estimates and errors.

    given : as it stands. fitted : with draws of the estimates; the same as `given` where nothing is fitted.
    """

    origin: dt.date
    given: str
    fitted: str
    estimates: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ForecastTask:
    """Forecasts to make: `past` is what happened before the origin, `fitted` comes from it or from less."""

    aim: Aim
    origin: dt.date
    past: EventHistory
    fitted: Fitted


@dataclass(frozen=True, slots=True, eq=False)
class Forecasts:
    """What was forecast at an origin.

    values : shape (target, forecaster, horizon, run). chances : of each event within each horizon, shape (event,
    teller, horizon), the tellers being the models, climatology and no change. fallbacks : what went wrong, in words.
    """

    origin: dt.date
    values: Floats
    chances: Floats
    fallbacks: tuple[str, ...]


def fitted(task: FitTask) -> Fitted:
    """The scenario of an origin, fitted to what happened before it.

    Raises
    ------
    TensionSimError
        If it cannot be made or fitted; the message names the origin.
    """
    check_past(task.past, task.origin)
    try:
        given = task.aim.maker.at(task.past, task.origin)
        if task.aim.plan.refit is None:
            return Fitted(task.origin, given.text, given.text)
        found = fit(given, task.past, with_support=False)
    except TensionSimError as problem:
        raise TensionSimError(f"origin {task.origin}: {problem}") from problem
    text = found.scenario(DRAWS).text
    return Fitted(
        task.origin, given.text, text, found.estimates, found.standard_errors, tuple(found.diagnosis.warnings)
    )


def forecasts(task: ForecastTask) -> Forecasts:
    """All forecasts from an origin: a pure function of the task."""
    aim, plan, grid = task.aim, task.aim.plan, task.aim.grid
    check_past(task.past, task.origin)
    seed = seed_of(plan.seed, task.origin)
    series = series_of(aim.maker.scale, task.past, grid, task.origin)
    row = series.row(task.origin)
    past = months_to(series, row, grid.month)
    made = [_ahead(task, name, seed) for name in plan.models]
    weights = series.weights[row] if aim.maker.is_anew else None
    values = [simulated(one, grid.month, plan.horizons, weights) for one in made]
    more, fallbacks = _plain(aim, past, seed)
    return Forecasts(
        task.origin, np.stack([*values, *more], axis=1), _chances(aim, made, series), tuple(dict.fromkeys(fallbacks))
    )


def _ahead(task: ForecastTask, name: str, seed: int) -> Ahead:
    aim = task.aim
    text = task.fitted.given if name == UNFITTED else task.fitted.fitted
    scenario = from_text(text, aim.maker.scale.name)
    steps = max(aim.plan.horizons) * aim.grid.month
    return ahead(scenario, task.past, task.origin, steps, Luck(seed, 0, aim.plan.runs))


def _plain(aim: Aim, past: Months, seed: int) -> tuple[list[Floats], list[str]]:
    """The plain forecasts, in the order of the plan, each of shape (target, horizon, run)."""
    plan = aim.plan
    pasts = [past]
    if plan.baseline_years is not None:
        pasts.append(past.latest(round(plan.baseline_years * BLOCKS_PER_YEAR[aim.grid.step])))
    found, fallbacks = [], list[str]()
    for one in pasts:
        for method in plan.baselines:
            values, failed = plain(method, one, aim.targets, plan.horizons, plan.runs, seed)
            found.append(values)
            fallbacks += failed
    return found, fallbacks


def _chances(aim: Aim, made: list[Ahead], series: Series) -> Floats:
    """See `Forecasts.chances`."""
    month, horizons = aim.grid.month, aim.plan.horizons
    rows = [list(made[0].world.rulebook.events).index(name) for name in aim.events]
    said = [judging.shares(one.record.events[:, rows], month, horizons) for one in made]
    plain_ones = judging.from_past(series.events[:, rows], month, horizons).values()
    return np.stack([*said, *plain_ones], axis=1)


def seed_of(seed: int, origin: dt.date) -> int:
    """The seed of an origin, so that other origins change nothing of it."""
    return int(np.random.SeedSequence([seed, origin.toordinal()]).generate_state(1, np.uint64)[0] >> np.uint64(1))
