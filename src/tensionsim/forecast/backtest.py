"""A backtest: what was forecast from many origins, what came, and how good the forecasts were."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import itertools
import json
import math
import platform
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypedDict, TypeVar, Unpack, overload

import numpy as np
from pydantic import JsonValue

from tensionsim.engine.run import names_of
from tensionsim.errors import SelectionError, StorageError, TensionSimError, check_known, whole
from tensionsim.estimation.fit import DRAWS, Fit
from tensionsim.estimation.fit import fit as fit_fit
from tensionsim.estimation.window import history_of
from tensionsim.events.generic import scenario_for
from tensionsim.events.history import NO_ROW, EventHistory
from tensionsim.forecast.baselines import BASELINES, Rolled, overlap
from tensionsim.forecast.baselines import forecast as baselines_forecast
from tensionsim.forecast.origins import (
    ARRAYS,
    BLOCKS_PER_YEAR,
    INDEX,
    ONE_DAY,
    Ahead,
    Fixed,
    Grid,
    Maker,
    Months,
    Series,
    Target,
    ahead,
    anew,
    before,
    check_past,
    issues_known,
    months_to,
    narrowed,
    observed,
    series_of,
    simulated,
    targets_of,
)
from tensionsim.forecast.scores import (
    best_of,
    brier,
    coverage,
    diebold_mariano,
    fair_brier,
    fair_crps,
    gaussian_log_score,
    kernel_log_score,
    murphy,
    pit_test,
    regime_score,
)
from tensionsim.forecast.scores import pit as scores_pit
from tensionsim.forecast.scores import regimes as scores_regimes
from tensionsim.forecast.scores import reliability as scores_reliability
from tensionsim.forecast.scores import skill as scores_skill
from tensionsim.model.measures import regime_of
from tensionsim.model.record import Bools, Floats, Names
from tensionsim.rng import Luck, Purpose, stream_of
from tensionsim.runs.parallel import Mode, executor, showing
from tensionsim.runs.results import Results
from tensionsim.runs.store import (
    ESTIMATING,
    MANIFEST,
    PROVENANCE,
    SCENARIO,
    Manifest,
    Mark,
    as_json,
    check_target,
    fingerprint,
    held,
    is_empty,
    locked,
    read_bytes,
    read_json,
    read_manifest,
    sweep_unfinished,
    validated,
    versions,
    write_json,
    write_whole,
)
from tensionsim.scenario.quantities import pair
from tensionsim.scenario.scenario import Scenario, from_text, scenario_of
from tensionsim.scenario.schema import Condition, ScenarioFile
from tensionsim.scenario.yaml_tree import write

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tensionsim.forecast.scores import Reliability


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
        known = fit.likelihood.states.window.until
        if known > past.last:
            raise TensionSimError(
                f"the fit knows what happened until {known}, a forecast from {past.last + ONE_DAY} must not; fit with "
                f"until={str(past.last)!r}"
            )
        return fit.scenario(DRAWS)
    return fit_fit(given, past, with_support=False).scenario(DRAWS) if fit else given


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


CLIMATOLOGY, NO_CHANGE = "climatology", "no-change"


def judged(scenario: Scenario, history: EventHistory) -> tuple[tuple[str, ...], dict[str, str]]:
    """The events that a history can judge, and for the others why not, by name."""
    reasons = {name: _why_not(one, scenario.file, history) for name, one in scenario.file.events.items()}
    known = tuple(name for name, reason in reasons.items() if not reason)
    return known, {name: reason for name, reason in reasons.items() if reason}


def _why_not(condition: Condition, file: ScenarioFile, history: EventHistory) -> str:
    """Why a history does not tell whether a condition held; empty where it does."""
    for parts in (condition.all, condition.any, condition.none):
        for part in parts or ():
            if reason := _why_not(part, file, history):
                return reason
    if condition.indicator is not None:
        return f"the events do not tell the indicator {condition.indicator}"
    if condition.arrangement is not None and history.held is None:
        return f"the events do not tell of arrangements such as {condition.arrangement}"
    if condition.made is not None and not (history.move != NO_ROW).any():
        return f"the events do not name moves such as {condition.made}"
    arrow = condition.conduct or condition.pressure
    if arrow is not None and set(pair(arrow)) != set(file.principals):
        return f"it asks about {arrow}, which the events may not cover"
    return ""


def happened(flags: Bools, row: int, month: int, horizons: Sequence[int]) -> Floats:
    """Whether each event came true within each horizon after a row, shape (event, horizon); NaN beyond the data.

    Parameters
    ----------
    flags : whether its condition holds, shape (date, event).
    """
    found = np.full((flags.shape[1], len(horizons)), np.nan)
    for column, horizon in enumerate(horizons):
        end = row + horizon * month
        if end < len(flags):
            found[:, column] = flags[row + 1 : end + 1].any(axis=0)
    return found


def shares(flags: Bools, month: int, horizons: Sequence[int]) -> Floats:
    """Share of runs in which each event comes true within each horizon, shape (event, horizon).

    Parameters
    ----------
    flags : shape (date, event, run), from an origin on.
    """
    return np.array([flags[1 : horizon * month + 1].any(axis=0).mean(axis=-1) for horizon in horizons]).T.reshape(
        flags.shape[1], len(horizons)
    )


def from_past(flags: Bools, month: int, horizons: Sequence[int]) -> Mapping[str, Floats]:
    """What the past and the present alone say of each event within each horizon, shape (event, horizon).

    `climatology` is the share of earlier spans of that length in which it came true (half before there is one),
    `no-change` whether its condition holds at the origin.

    Parameters
    ----------
    flags : shape (date, event), up to the origin.
    """
    usual = np.full((flags.shape[1], len(horizons)), 0.5)
    counts = np.concatenate([np.zeros((1, flags.shape[1])), np.cumsum(flags, axis=0)])
    for column, horizon in enumerate(horizons):
        span = horizon * month
        if len(flags) > span:
            usual[:, column] = (counts[1 + span :] > counts[1:-span]).mean(axis=0)
    now = np.repeat(flags[-1][:, None].astype(np.float64), len(horizons), axis=1)
    return {CLIMATOLOGY: usual, NO_CHANGE: now}


TOGETHER = ("var", "var2")


def plain(
    method: str, past: Months, targets: Sequence[Target], horizons: Sequence[int], runs: int, seed: int
) -> tuple[Floats, tuple[str, ...]]:
    """The ensembles of a method, shape (target, horizon, run), and what went wrong in making them.

    Values that cannot be (an index beyond 0..100, fewer than no acts) are moved to the nearest that can.
    """
    series = _together(past) if method in TOGETHER else _alone(past)
    rows = np.array(horizons) - 1
    found, fallbacks = [], list[str]()
    for history in series:
        made = baselines_forecast(method, history, max(horizons), runs=runs, seed=seed)
        found.append(made.ensemble[rows])
        fallbacks += made.fallbacks
    ensembles = _summed(past, found) if method in TOGETHER else found
    bounded = [np.clip(one, target.low, target.high) for target, one in zip(targets, ensembles, strict=True)]
    return np.array(bounded), tuple(dict.fromkeys(fallbacks))


def _alone(past: Months) -> list[Floats]:
    """One series a target, in their order."""
    issues = list(past.issues.T) if past.issues.shape[1] > 1 else []
    return [past.index, *issues, past.score.sum(axis=1), past.acts.sum(axis=1)]


def _together(past: Months) -> list[Floats]:
    """The series that are forecast together, each of shape (month, series): levels, scores, acts."""
    levels = past.issues if past.issues.shape[1] > 1 else np.column_stack([past.index, past.score])
    return [levels, past.score, past.acts]


def _summed(past: Months, found: Sequence[Floats]) -> list[Floats]:
    """Ensembles by target, from those of the sets, each of shape (horizon, series, run)."""
    levels, score, acts = found
    issues = list(levels.swapaxes(0, 1)) if past.issues.shape[1] > 1 else []
    index = np.einsum("k,hkr->hr", past.weights, levels) if issues else levels[:, 0]
    return [index, *issues, score.sum(axis=1), acts.sum(axis=1)]


MODEL, UNFITTED = "model", "model, not fitted"
HORIZONS = (1, 3, 6, 12)
SHARE_BEFORE = 2.0 / 3.0
"""Of the history, by time, that lies before the first origin where none is named."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is forecast.

    origins : first days of which nothing is known, on the grid, ascending. horizons : in months, ascending. every :
    months between origins (the least, where they are not even). refit : months after which the model is fitted anew;
    None if it is never fitted. baselines : names of plain methods. baseline_years : of how many years of the past they
    get to see besides the whole; None for the whole alone. with_unfitted : whether the scenario as it stands forecasts
    beside the fitted one.
    """

    origins: tuple[dt.date, ...]
    horizons: tuple[int, ...]
    every: int
    runs: int
    seed: int
    refit: int | None
    baselines: tuple[str, ...]
    baseline_years: int | None
    with_unfitted: bool

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the forecasts that come from the scenario."""
        return (MODEL, UNFITTED) if self.with_unfitted else (MODEL,)

    @property
    def plain(self) -> tuple[str, ...]:
        """Names of the plain forecasts."""
        short = () if self.baseline_years is None else tuple(f"{name}, {self.years}" for name in self.baselines)
        return (*self.baselines, *short)

    @property
    def years(self) -> str:
        """How the short past of the baselines is called."""
        return f"{self.baseline_years} year{'' if self.baseline_years == 1 else 's'}"

    @property
    def forecasters(self) -> tuple[str, ...]:
        """Names of all forecasts, the model's first."""
        return (*self.models, *self.plain)

    def fitted_at(self, grid: Grid) -> dict[dt.date, dt.date]:
        """For every origin the one whose fit (or scenario) it takes: its own, or an earlier one."""
        found, latest = dict[dt.date, dt.date](), self.origins[0]
        for origin in self.origins:
            if origin >= grid.later(latest, self.refit or 1):
                latest = origin
            found[origin] = latest
        return found


def some_horizons(given: Iterable[object]) -> tuple[int, ...]:
    """Horizons in months, ascending.

    Raises
    ------
    TensionSimError
        If one is no whole number of months from 1 to 120.
    """
    texts = [str(one).strip() for one in given]
    wrong = [text for text in texts if not (text.isdecimal() and 1 <= int(text) <= 120)]
    if wrong or not texts:
        told = ", ".join(map(repr, wrong)) or "none"
        raise TensionSimError(f"horizons are whole months from 1 to 120, as in 1,3,6,12; got {told}")
    return tuple(sorted({int(text) for text in texts}))


def some_baselines(given: Iterable[str] | None) -> tuple[str, ...]:
    """The plain methods that are asked for; all of them for None.

    Raises
    ------
    TensionSimError
        If one is not known, or none is named.
    """
    names = list(BASELINES) if given is None else [name.strip() for name in given if name.strip()]
    wrong = [name for name in names if name not in BASELINES]
    if wrong or not names:
        told = ", ".join(wrong) or "none named"
        raise TensionSimError(f"baselines: {told}; there are {', '.join(BASELINES)}")
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Origins as they were asked for: from one day on, up to another, every so many months; or a list of days."""

    first: dt.date | None = None
    last: dt.date | None = None
    every: int = 1
    days: tuple[dt.date, ...] = ()


def wanted(given: str | Sequence[dt.date | str] | None) -> Wanted:
    """What `FIRST:LAST`, `FIRST:LAST:EVERY`, a list of dates or nothing asks for; FIRST and LAST may be empty.

    Raises
    ------
    TensionSimError
        If it is none of these.
    """
    if given is None:
        return Wanted()
    if not isinstance(given, str):
        return Wanted(days=tuple(sorted({_date(one) for one in given})))
    if ":" not in given:
        return Wanted(days=tuple(sorted({_date(one) for one in given.split(",")})))
    first, last, every, *more = *given.split(":"), *([] if given.count(":") > 1 else ["1"])
    if more or not (every.strip().isdecimal() and int(every) >= 1):
        raise TensionSimError(
            f"origins are FIRST:LAST or FIRST:LAST:MONTHS, as in 2001-01-01:2010-12-31:3; got {given!r}"
        )
    ends = [_date(text) if text.strip() else None for text in (first, last)]
    return Wanted(ends[0], ends[1], int(every))


def _date(given: dt.date | str) -> dt.date:
    from tensionsim.scenario.quantities import parse_date

    if not isinstance(given, str):
        return given
    try:
        return parse_date(given.strip())
    except ValueError:
        raise TensionSimError(f"origins: {given.strip()!r} is no date; write it like 2001-01-01") from None


def origins_of(asked: Wanted, grid: Grid, end: dt.date, shortest: int) -> tuple[dt.date, ...]:
    """The origins on a grid whose shortest forecast has an outcome before the data end.

    Parameters
    ----------
    end : the first day of the grid of which nothing is observed. shortest : horizon, in months.

    Raises
    ------
    TensionSimError
        If there is none.
    """
    if asked.days:
        days = {grid.snapped(day) for day in asked.days}
    else:
        first = grid.snapped(asked.first or grid.anchor)
        last = end if asked.last is None else min(asked.last, end)
        later = (grid.later(first, count) for count in itertools.count(step=asked.every))
        days = set(itertools.takewhile(lambda day: day <= last, later))
    found = tuple(sorted(day for day in days if grid.later(day, shortest) <= end))
    if not found:
        raise TensionSimError(
            f"no origin is left: what was observed ends on {end}, and the shortest forecast reaches {shortest} "
            f"month{'' if shortest == 1 else 's'} ahead; begin earlier"
        )
    return found


def months_apart(origins: Sequence[dt.date], grid: Grid) -> int:
    """The fewest months between two origins, at least 1."""
    gaps = [grid.count(later) - grid.count(earlier) for earlier, later in itertools.pairwise(origins)]
    return max(1, min(gaps, default=1) // grid.month)


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
        found = fit_fit(given, task.past, with_support=False)
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
    said = [shares(one.record.events[:, rows], month, horizons) for one in made]
    plain_ones = from_past(series.events[:, rows], month, horizons).values()
    return np.stack([*said, *plain_ones], axis=1)


def seed_of(seed: int, origin: dt.date) -> int:
    """The seed of an origin, so that other origins change nothing of it."""
    return int(np.random.SeedSequence([seed, origin.toordinal()]).generate_state(1, np.uint64)[0] >> np.uint64(1))


@dataclass(frozen=True, slots=True)
class Identity:
    """What must be the same for origins to belong together.

    plan : what was asked, as plain values. scenario : sha256 of the text of the one that gives the scale. is_anew :
    whether one is made at every origin. events : sha256 of the history. code : sha256 of what makes the numbers.
    """

    plan: Mapping[str, Any]
    scenario: str
    is_anew: bool
    events: str
    code: str

    @classmethod
    def of(cls, aim: Aim, history: EventHistory) -> Identity:
        """That of a backtest of a history."""
        grid = [str(aim.grid.anchor), aim.grid.step]
        return cls(
            json.loads(json.dumps({**asdict(aim.plan), "grid": grid}, default=str)),
            aim.maker.scale.sha256,
            aim.maker.is_anew,
            digest(history),
            fingerprint(ESTIMATING),
        )

    def differences(self, there: Mapping[str, Any]) -> list[str]:
        """What a manifest says otherwise, in words."""
        said = {"scenario": "the scenario", "is_anew": "whether it is made anew", "events": "the events"}
        said["code"] = "the version of tensionsim"
        found = [words for name, words in said.items() if there.get(name) != getattr(self, name)]
        plan = there.get("plan", {})
        for name in sorted({*self.plan, *plan}):
            if self.plan.get(name) != plan.get(name):
                found.append(
                    f"{name.replace('_', ' ')} ({_said(plan.get(name))} there, {_said(self.plan.get(name))} here)"
                )
        return found


def _said(value: object) -> str:
    if isinstance(value, list) and len(value) > 4:
        return f"{len(value)} from {value[0]} to {value[-1]}"
    return ", ".join(map(str, value)) if isinstance(value, list) else "none" if value is None else str(value)


def digest(history: EventHistory) -> str:
    """A sha256 over the events of a history and the names of its rows."""
    found = hashlib.sha256()
    for name in ARRAYS:
        array = np.ascontiguousarray(getattr(history, name))
        found.update(f"{name} {array.dtype} {array.shape}\n".encode())
        found.update(array.tobytes())
    about = (history.actors, history.issues, history.moves, history.held, str(history.first), str(history.last))
    found.update(repr(about).encode())
    return found.hexdigest()


def plan_of(plain: Mapping[str, Any]) -> tuple[Plan, Grid]:
    """The plan and the grid that an identity holds as plain values."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    anchor, step = values.pop("grid")
    values["origins"] = tuple(dt.date.fromisoformat(day) for day in values["origins"])
    return Plan(**values), Grid(dt.date.fromisoformat(anchor), step)


@dataclass(frozen=True, slots=True)
class About:
    """What a backtest is of.

    scenario : text of the one on whose scale everything stands. is_anew : whether one was made at every origin. step :
    "day", "week" or "month". history : its name, with the first and the last day that were used. not_judged : events of
    the scenario that what was observed cannot judge, with the reason.
    """

    title: str
    scenario: str
    is_anew: bool
    step: str
    history: str
    first: str
    last: str
    not_judged: Mapping[str, str]


OUTCOMES = "outcomes.npz"
AGAIN = "remove it, and the command that began the backtest makes it anew"
MOST_ARRAY_BYTES = 1 << 30


class BacktestManifest(Manifest):
    """The manifest of a backtest. files : fits and origins are among them as soon as they are there."""

    holds: Literal["backtest"] = "backtest"
    command: str
    plan: dict[str, JsonValue]
    scenario: str
    is_anew: bool
    events: str
    code: str
    about: About | None = None
    judged: tuple[str, ...] = ()


class Store:
    """The folder of a backtest while it is worked on; a context manager that keeps other commands out.

    It refuses (StorageError) a folder that holds another backtest or something else, or where another command writes.
    """

    def __init__(self, folder: Path, identity: Identity, command: str = "") -> None:
        self.folder, self._identity = folder, identity
        self._manifest = BacktestManifest(command=command, **asdict(identity))
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        check_target(self.folder, "backtest")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._stack.enter_context(locked(self.folder))
            if is_empty(self.folder):
                self._manifest.write(self.folder)
            else:
                there = manifest_of(self.folder)
                if differences := self._identity.differences(there.model_dump(mode="json")):
                    raise StorageError(
                        f"cannot go on in {self.folder}: it holds another backtest; what differs: "
                        f"{'; '.join(differences)}. Choose another folder, or remove this one"
                    )
                self._manifest = self._manifest.changed(files=there.files)
            sweep_unfinished(self.folder)
        except OSError as failure:
            self._stack.close()
            raise _unwritable(self.folder, failure) from failure
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *problem: object) -> None:
        self._stack.close()

    def read_fit(self, day: dt.date) -> Fitted | None:
        """The fit of a day, if it is kept."""
        name = fit_file(day)
        return fit_of(self.folder, self._manifest, day) if name in self._manifest.files else None

    def write_fit(self, made: Fitted) -> None:
        """Keeps a fit."""
        self._keep({fit_file(made.origin): as_json(asdict(made) | {"origin": str(made.origin)})})

    def read_forecasts(self, day: dt.date) -> Forecasts | None:
        """The forecasts of a day, if they are kept."""
        name = origin_file(day)
        return forecasts_of(self.folder, self._manifest, day) if name in self._manifest.files else None

    def write_forecasts(self, made: Forecasts) -> None:
        """Keeps the forecasts of an origin."""
        fallbacks = np.array(made.fallbacks or (), "U")
        content = _npz(values=made.values, chances=made.chances, fallbacks=fallbacks)
        self._keep({origin_file(made.origin): content})

    def finish(self, found: Backtest) -> None:
        """Writes what is made of all origins, and that they are complete."""
        contents = {SCENARIO: found.about.scenario.encode()}
        contents[OUTCOMES] = _npz(outcomes=found.outcomes, happened=found.happened)
        for name, table in tables(found).items():
            contents[f"{name}.csv"] = table.to_csv(lineterminator="\n", float_format="%.10g").encode()
        contents["summary.json"] = as_json(summary(found))
        about = {"command": self._manifest.command, "about": asdict(found.about), **asdict(self._identity)}
        about["versions"] = {"python": platform.python_version(), **versions()}
        about["platform"] = f"{sys.platform}-{platform.machine()}"
        try:
            write_json(self.folder / PROVENANCE, about)
        except OSError as failure:
            raise _unwritable(self.folder / PROVENANCE, failure) from failure
        self._keep(contents, complete=True, about=found.about, judged=tuple(found.events))

    def _keep(self, contents: Mapping[str, bytes], **changes: Any) -> None:
        """Writes files, and then the manifest that names them."""
        files = dict(self._manifest.files)
        try:
            for name, content in contents.items():
                write_whole(self.folder / name, content)
                files[name] = Mark.of(content)
            self._manifest = self._manifest.changed(files=dict(sorted(files.items())), **changes)
            self._manifest.write(self.folder)
        except OSError as failure:
            raise _unwritable(self.folder / next(iter(contents)), failure) from failure


def fit_file(day: dt.date) -> str:
    """Where the fit of a day is kept, from the folder on."""
    return f"fits/{day}.json"


def origin_file(day: dt.date) -> str:
    """Where the forecasts of an origin are kept, from the folder on."""
    return f"origins/{day}.npz"


def begun_by(folder: Path) -> str | None:
    """What was typed to begin the backtest in a folder; None where there is none."""
    return manifest_of(folder).command if held(folder) == "backtest" else None


def manifest_of(folder: Path) -> BacktestManifest:
    """What the manifest of a backtest's folder says."""
    return read_manifest(folder, BacktestManifest, "backtest")


def fit_of(folder: Path, manifest: BacktestManifest, day: dt.date) -> Fitted:
    """The fit of a day that a folder keeps."""
    path = _checked(folder, manifest, fit_file(day))
    read_json(path)
    return validated(Fitted, read_bytes(path), path, AGAIN)


def forecasts_of(folder: Path, manifest: BacktestManifest, day: dt.date) -> Forecasts:
    """The forecasts of an origin that a folder keeps."""
    found = arrays_of(folder, manifest, origin_file(day), "values", "chances", "fallbacks")
    return Forecasts(day, found["values"], found["chances"], tuple(found["fallbacks"].tolist()))


def arrays_of(folder: Path, manifest: BacktestManifest, file: str, *names: str) -> dict[str, Any]:
    """The arrays of a file, which has exactly those."""
    path = _checked(folder, manifest, file)
    try:
        with np.load(io.BytesIO(read_bytes(path, MOST_ARRAY_BYTES)), allow_pickle=False) as found:
            return {name: found[name] for name in names}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as damage:
        raise StorageError(f"{path} is damaged; {AGAIN} ({damage})") from None


def _checked(folder: Path, manifest: BacktestManifest, name: str) -> Path:
    if name not in manifest.files or not manifest.files[name].fits(folder / name):
        raise StorageError(f"{folder / name} is missing or damaged; {AGAIN}")
    return folder / name


def _npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _unwritable(path: Path, failure: OSError) -> StorageError:
    return StorageError(f"cannot write {path}: {failure.strerror or failure}")


LEVELS = (0.5, 0.9)


def scores_of(rolled: Rolled) -> Floats:
    """The fair CRPS of every forecast, shape (origin, horizon, [series]), NaN where nothing came.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import rolling, tables
    >>> rolled = rolling.Rolled(np.array([[[1.0, 3.0]]]), np.array([[5.0]]), (1,), {})
    >>> tables.scores_of(rolled).tolist()
    [[2.0]]
    """
    return fair_crps(rolled.ensemble, rolled.outcome)


def calibration_table(
    forecasts: Mapping[str, Rolled], *, every: int = 1, seed: int = 0, least_bandwidth: float = 0.0
) -> pd.DataFrame:
    """Scores and calibration of forecasters of one series at each horizon.

    Parameters
    ----------
    forecasts : ensembles of shape (origin, horizon, run) by forecaster, with the same horizons. every : rows between
        origins. seed : parts equals in the PIT. least_bandwidth : of the log score; see `scores.kernel_log_score`.

    Returns
    -------
    Rows horizon and forecaster; columns crps (fair), log_score (kernel density), for 50 and 90 coverage_50, its 95 %
    interval that allows for overlap coverage_50_low, coverage_50_high, and the mean width width_50; pit_p (p-value of
    calibration), n, fallbacks (fits that failed, over all horizons).

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import rolling, tables
    >>> luck = np.random.default_rng(1)
    >>> rolled = rolling.Rolled(luck.normal(size=(40, 1, 99)), luck.normal(size=(40, 1)), (1,), {})
    >>> table = tables.calibration_table({"normal": rolled})
    >>> bool(table.loc[(1, "normal"), "pit_p"] > 0.01)
    True
    """
    import pandas as pd

    rows = []
    for name, rolled in forecasts.items():
        if rolled.ensemble.ndim != 3:
            raise ValueError(f"calibration is of one series at a time; {name} has shape {rolled.ensemble.shape}")
        for column, horizon in enumerate(rolled.horizons):
            ensemble, outcome = rolled.ensemble[:, column], rolled.outcome[:, column]
            log_score = _mean(kernel_log_score(ensemble, outcome, least_bandwidth=least_bandwidth))
            row = {"crps": _mean(fair_crps(ensemble, outcome)), "log_score": log_score}
            row |= _calibration(ensemble, outcome, overlap(horizon, every), seed)
            failed = sum(rolled.fallbacks.values())
            rows.append({"horizon": horizon, "forecaster": name} | row | {"fallbacks": failed})
    return pd.DataFrame(rows).set_index(["horizon", "forecaster"]).sort_index(level="horizon", sort_remaining=False)


def _calibration(ensemble: Floats, outcome: Floats, lags: int, seed: int) -> dict[str, float]:
    """What one row says of intervals and PIT, of forecasts of shape (origin, run)."""
    row: dict[str, float] = {}
    for level in LEVELS:
        found, percent = coverage(ensemble, outcome, level, lags=lags), f"{level * 100:.0f}"
        row |= {
            f"coverage_{percent}": found.share,
            f"coverage_{percent}_low": found.overlap_low,
            f"coverage_{percent}_high": found.overlap_high,
            f"width_{percent}": found.width,
        }
    uniforms = Luck(seed, 0, len(outcome)).uniforms(stream_of("tables: pit"), Purpose.ALTERNATIVE)
    test = pit_test(scores_pit(ensemble, outcome, uniforms), lags=lags)
    return row | {"pit_p": test.p_value, "n": test.n}


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def skill_table(
    scores: Mapping[str, Floats], name: str, horizons: Sequence[int], *, every: int = 1, seed: int = 0
) -> pd.DataFrame:
    """The skill of one forecaster against each other at each horizon, losses included.

    Parameters
    ----------
    scores : of every forecaster, shape (origin, horizon). name : whose skill. every : rows between origins.

    Returns
    -------
    Rows horizon and against; columns score, other, skill, low, high, n, block, dm, p_value, is_best: whether this other
    has the smallest mean score at the horizon among the others, on origins that all know (known only afterwards, so
    that skill against it is a strict measure).

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import tables
    >>> scores = {"model": np.full((9, 1), 3.0), "mean": np.full((9, 1), 4.0), "ar": np.full((9, 1), 2.0)}
    >>> table = tables.skill_table(scores, "model", [1])
    >>> table["skill"].tolist(), table["is_best"].tolist()
    ([0.25, -0.5], [False, True])
    """
    import pandas as pd

    others = [one for one in scores if one != name]
    if name not in scores or not others:
        raise ValueError(f"skill needs the scores of {name!r} and of another; got those of {', '.join(scores)}")
    rows = []
    for column, horizon in enumerate(horizons):
        at = {one: values[:, column] for one, values in scores.items()}
        best, lags = best_of({one: at[one] for one in others}), overlap(horizon, every)
        for other in others:
            test = diebold_mariano(at[name], at[other], lags=lags)
            found = asdict(scores_skill(at[name], at[other], lags=lags, seed=seed))
            more = {"dm": test.statistic, "p_value": test.p_value, "is_best": other == best}
            rows.append({"horizon": horizon, "against": other} | found | more)
    return pd.DataFrame(rows).set_index(["horizon", "against"])


QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}
REGIME = "regime:"
"""Before the name of a regime that is called as an event is."""

KEYS = ("target", "horizon", "forecaster")


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """The table whose index takes the names of each level in their order of appearance, so that look-ups are quick."""
    import pandas as pd

    columns = [table.index.get_level_values(name).tolist() for name in table.index.names]
    levels = [list(dict.fromkeys(column)) for column in columns]
    places = [{name: place for place, name in enumerate(level)} for level in levels]
    codes = [[place[name] for name in column] for place, column in zip(places, columns, strict=True)]
    return table.set_axis(pd.MultiIndex(levels, codes, names=table.index.names))


def tables_forecasts(found: Backtest) -> pd.DataFrame:
    """See `Backtest.forecasts`."""
    import pandas as pd

    axes = {
        "target": [one.name for one in found.targets],
        "origin": pd.to_datetime([str(day) for day in found.origins]),
        "horizon": found.horizons,
        "forecaster": found.forecasters,
    }
    values = found.values.transpose(1, 0, 3, 2, 4)
    quantiles = np.quantile(values, list(QUANTILES.values()), axis=-1)
    columns = {"mean": values.mean(axis=-1), **dict(zip(QUANTILES, quantiles, strict=True))}
    came = np.broadcast_to(found.outcomes.transpose(1, 0, 2)[..., None], values.shape[:-1])
    index = pd.MultiIndex.from_product(list(axes.values()), names=list(axes))
    table = {name: array.reshape(-1) for name, array in {**columns, "outcome": came}.items()}
    return ordered(pd.DataFrame(table, index=index))


def rolled(found: Backtest, target: str, forecaster: str) -> Rolled:
    """The forecasts of a target with what came, as the tables of `forecasts` take them."""
    row, column = found.place("target", target), found.place("forecaster", forecaster)
    return Rolled(found.values[:, row, column], found.outcomes[:, row], found.horizons, {})


def scores(found: Backtest) -> pd.DataFrame:
    """See `Backtest.scores`."""
    import pandas as pd

    rows = []
    for target in found.targets:
        for column, horizon in enumerate(found.horizons):
            for name in found.forecasters:
                one = rolled(found, target.name, name)
                ensemble, outcome = one.ensemble[:, column], one.outcome[:, column]
                row = {
                    "crps": _tables_mean(fair_crps(ensemble, outcome)),
                    "log_score": _tables_mean(kernel_log_score(ensemble, outcome, least_bandwidth=target.grain)),
                    "normal_log_score": _tables_mean(gaussian_log_score(ensemble, outcome, least_spread=target.grain)),
                    "n": int(np.isfinite(outcome).sum()),
                }
                rows.append(dict(zip(KEYS, (target.name, horizon, name), strict=True)) | row)
    return ordered(pd.DataFrame(rows).set_index(list(KEYS)))


def _tables_mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def skill(found: Backtest, target: str, of: str) -> pd.DataFrame:
    """See `Backtest.skill`; what is best is looked for among the plain forecasts alone."""
    import pandas as pd

    found.place("forecaster", of)
    crps = {name: scores_of(rolled(found, target, name)) for name in found.forecasters}
    every = found.plan.every
    kinds = [[name for name in names if name != of] for names in (found.plan.plain, found.plan.models)]
    parts = [
        skill_table({one: crps[one] for one in (of, *others)}, of, found.horizons, every=every)
        for others in kinds
        if others
    ]
    if len(parts) > 1:
        parts[1]["is_best"] = False
    table = pd.concat(parts)
    order = [(horizon, name) for horizon in found.horizons for others in kinds for name in others]
    places = {key: place for place, key in enumerate(order)}
    return ordered(table.iloc[np.argsort([places[key] for key in table.index])])


def calibration(found: Backtest) -> pd.DataFrame:
    """See `Backtest.calibration`."""
    import pandas as pd

    parts = {}
    for target in found.targets:
        forecasters = {name: rolled(found, target.name, name) for name in found.forecasters}
        table = calibration_table(
            forecasters, every=found.plan.every, seed=found.plan.seed, least_bandwidth=target.grain
        )
        parts[target.name] = table.drop(columns=["crps", "log_score", "fallbacks"])
    return ordered(pd.concat(parts, names=["target"]))


def pit(found: Backtest, target: str, of: str) -> pd.DataFrame:
    """See `Backtest.pit`; what parts equals is the luck of `calibration`."""
    import pandas as pd

    one = rolled(found, target, of)
    uniforms = Luck(found.plan.seed, 0, len(found.origins)).uniforms(stream_of("tables: pit"), Purpose.ALTERNATIVE)
    values = scores_pit(one.ensemble, one.outcome, np.repeat(uniforms[:, None], len(found.horizons), axis=1))
    return pd.DataFrame(
        values,
        index=pd.DatetimeIndex([str(day) for day in found.origins], name="origin"),
        columns=pd.Index(found.horizons, name="horizon"),
    )


def regimes(found: Backtest) -> pd.DataFrame:
    """See `Backtest.regimes`."""
    import pandas as pd

    rows = []
    for column, horizon in enumerate(found.horizons):
        for name in found.forecasters:
            one = rolled(found, INDEX, name)
            known = np.isfinite(one.outcome[:, column])
            ensemble, outcome = one.ensemble[known, column], one.outcome[known, column]
            row: dict[str, object] = {"horizon": horizon, "forecaster": name}
            row["ranked_probability"] = _tables_mean(regime_score(ensemble, outcome))
            for place, regime in enumerate(scores_regimes()):
                score = fair_brier(regime_of(ensemble) == place, regime_of(outcome) == place)
                row[f"brier_{regime}"] = _tables_mean(score)
            rows.append(row | {"n": int(known.sum())})
    return ordered(pd.DataFrame(rows).set_index(["horizon", "forecaster"]))


def events(found: Backtest) -> pd.DataFrame:
    """See `Backtest.event_scores`."""
    import pandas as pd

    names = ["event", "horizon", "teller"]
    columns = ["brier", "reliability", "resolution", "uncertainty", "said", "happened", "skill", "p_value", "n"]
    rows = [
        _event(found, event, column, teller)
        for event in range(len(found.events))
        for column in range(len(found.horizons))
        for teller in range(len(found.tellers))
    ]
    return ordered(pd.DataFrame(rows, columns=[*names, *columns]).set_index(names))


def _event(found: Backtest, event: int, column: int, teller: int) -> dict[str, object]:
    """One row of the table of events."""
    known = np.isfinite(found.happened[:, event, column])
    came = found.happened[known, event, column] > 0.0
    row: dict[str, object] = {
        "event": found.events[event],
        "horizon": found.horizons[column],
        "teller": found.tellers[teller],
        "n": int(known.sum()),
    }
    if not known.any():
        return row
    said = found.chances[known, event, :, column]
    score = _brier(found, said[:, teller], came, teller)
    usual = found.tellers.index(CLIMATOLOGY)
    reference = _brier(found, said[:, usual], came, usual)
    lags = overlap(found.horizons[column], found.plan.every)
    parts = murphy(said[:, teller], came)
    return row | {
        "brier": float(score.mean()),
        "reliability": parts.reliability,
        "resolution": parts.resolution,
        "uncertainty": parts.uncertainty,
        "said": float(said[:, teller].mean()),
        "happened": float(came.mean()),
        "skill": scores_skill(score, reference, lags=lags).skill,
        "p_value": diebold_mariano(score, reference, lags=lags).p_value,
    }


def _brier(found: Backtest, said: Floats, came: np.ndarray, teller: int) -> Floats:
    """Brier scores, shape (origin,); of shares of runs the fair ones."""
    score = brier(said, came)
    is_share = teller < len(found.plan.models)
    return score - said * (1.0 - said) / (found.plan.runs - 1) if is_share else score


def reliability(found: Backtest, event: str, of: tuple[str, int | None], bins: int) -> Reliability:
    """See `Backtest.reliability`."""
    name, horizon = of
    columns = list(range(len(found.horizons))) if horizon is None else [found.place("horizon", horizon)]
    regime = event.removeprefix(REGIME)
    if regime in scores_regimes() and event not in found.events:
        one = rolled(found, INDEX, name)
        place = scores_regimes().index(regime)
        said = (regime_of(one.ensemble) == place).mean(axis=-1)[:, columns]
        came = np.where(np.isnan(one.outcome), np.nan, regime_of(one.outcome) == place)[:, columns]
    else:
        row, teller = found.place("event", event), found.place("teller", name)
        said, came = found.chances[:, row, teller][:, columns], found.happened[:, row][:, columns]
    known = np.isfinite(came)
    if not known.any():
        raise SelectionError(f"nothing that came is known of {event} at this horizon")
    return scores_reliability(said[known], came[known] > 0.0, bins=bins)


def estimates(found: Backtest) -> pd.DataFrame:
    """See `Backtest.estimates`."""
    import pandas as pd

    rows = [
        {"origin": str(one.origin), "path": path, "estimate": value, "standard_error": one.errors[path]}
        for one in found.fits
        for path, value in one.estimates.items()
    ]
    table = pd.DataFrame(rows, columns=["origin", "path", "estimate", "standard_error"])
    table["origin"] = pd.to_datetime(table["origin"])
    return ordered(table.set_index(["origin", "path"]))


def all_skills(found: Backtest) -> pd.DataFrame:
    """The skill of the model on every target."""
    import pandas as pd

    return ordered(pd.concat({one.name: skill(found, one.name, MODEL) for one in found.targets}, names=["target"]))


PROMISED = 0.9
SURE = 0.05
"""The p value below which a difference is said without "may be luck"."""


def tables(found: Backtest) -> dict[str, pd.DataFrame]:
    """All tables by the name of their file."""
    return {
        "forecasts": found.forecasts(),
        "scores": found.scores(),
        "skill": all_skills(found),
        "calibration": found.calibration(),
        "regimes": found.regimes(),
        "events": found.event_scores(),
        "estimates": found.estimates(),
    }


def summary(found: Backtest) -> dict[str, Any]:
    """See `Backtest.summary`."""
    about, plan = found.about, found.plan
    scores, calibration, skill = found.scores(), found.calibration(), all_skills(found)
    return {
        "title": about.title,
        "history": about.history,
        "first": about.first,
        "last": about.last,
        "step": about.step,
        "is_anew": about.is_anew,
        "origins": {
            "first": str(plan.origins[0]),
            "last": str(plan.origins[-1]),
            "count": len(plan.origins),
            "every": plan.every,
        },
        "horizons": list(plan.horizons),
        "runs": plan.runs,
        "seed": plan.seed,
        "refit": plan.refit,
        "fits": len(found.fits) if plan.refit is not None else 0,
        "forecasters": list(plan.forecasters),
        "models": list(plan.models),
        "targets": {one.name: {"unit": one.unit, "about": one.about} for one in found.targets},
        "scores": _nested(scores),
        "skill": _nested(skill),
        "calibration": _nested(calibration),
        "regimes": _nested(found.regimes()),
        "events": _nested(found.event_scores()),
        "not_judged": dict(about.not_judged),
        "verdicts": {one.name: verdicts(skill.loc[one.name]) for one in found.targets},
        "sureness": sureness(calibration.xs(MODEL, level="forecaster")),
        "fallbacks": len(found.fallbacks),
        "warnings": sorted({text for one in found.fits for text in one.warnings}),
        "tensionsim": versions()["tensionsim"],
    }


def verdicts(skill: pd.DataFrame) -> list[str]:
    """A sentence for each horizon: whether the model beats the best plain forecast in hindsight, or loses to it.

    Parameters
    ----------
    skill : of the model on one target, by horizon and other.
    """
    return [
        _verdict(int(horizon), str(against), row)
        for (horizon, against), row in skill[skill["is_best"].astype(bool)].iterrows()
    ]


def _verdict(horizon: int, against: str, row: pd.Series[Any]) -> str:
    reach = f"{horizon} month{'' if horizon == 1 else 's'} ahead the {MODEL}"
    size, p = abs(100.0 * row["skill"]), row["p_value"]
    if row["skill"] == 0.0:
        return f"{reach} does as well as {against}, the best plain forecast"
    verb = "beats" if row["skill"] > 0.0 else "LOSES to"
    doubt = "" if p < SURE else ", which may be luck"
    if math.isnan(p):
        return f"{reach} {verb} {against}, the best plain forecast, by {size:.1f} %; origins are too few for a test"
    ends = f"{100.0 * row['low']:+.1f} to {100.0 * row['high']:+.1f} %"
    return f"{reach} {verb} {against}, the best plain forecast, by {size:.1f} %{doubt} (interval {ends}, p = {p:.2g})"


def sureness(calibration: pd.DataFrame) -> list[str]:
    """In sentences, where the model's intervals of 90 % surely hold fewer, or more, outcomes than they promise.

    Parameters
    ----------
    calibration : of the model, by target and horizon.
    """
    kinds = {
        "too sure": calibration["coverage_90_high"] < PROMISED,
        "not sure enough": calibration["coverage_90_low"] > PROMISED,
    }
    found = []
    for words, holds in kinds.items():
        places: dict[str, list[str]] = {}
        for target, horizon in calibration.index[holds]:
            places.setdefault(target, []).append(str(horizon))
        if places:
            held = sorted({f"{100.0 * share:.0f}" for share in calibration.loc[holds, "coverage_90"]}, key=float)
            where = "; ".join(f"{target} {', '.join(horizons)}" for target, horizons in places.items())
            ends = " to ".join(dict.fromkeys((held[0], held[-1])))
            found.append(f"the {MODEL} is {words}, its intervals of 90 % held {ends} % (months ahead: {where})")
    return found


def _nested(table: pd.DataFrame) -> dict[str, Any]:
    """A table as nested mappings by the levels of its index; what is no number becomes None."""
    found: dict[str, Any] = {}
    for keys, row in table.iterrows():
        place = found
        for key in keys if isinstance(keys, tuple) else (keys,):
            place = place.setdefault(str(key), {})
        place.update({str(name): _summing_plain(value) for name, value in row.items()})
    return found


def _summing_plain(value: Any) -> object:
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts from rolling origins, each made from the past alone, and what came.

    Arrays: `values` (origin, target, forecaster, horizon, run), `outcomes` (origin, target, horizon), NaN beyond the
    data; of the scenario's events `chances` (origin, event, teller, horizon) that they happen within the horizon, and
    whether they `happened` (origin, event, horizon). Names along the axes: `origins`, `targets`, `forecasters`,
    `tellers`, `events`, `horizons`. All tables name them too. Smaller scores are better.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.backtest("us-colombia-2017", origins="2021-01-01:2021-12-31", horizons=[1, 3], runs=20, refit=None,
    ...                     baselines=["no-change", "mean"])
    >>> found.scores().loc[("index", 3)].index.tolist()
    ['model', 'no-change', 'mean']
    >>> bool(found.skill("index").loc[1, "skill"].max() <= 1)
    True
    """

    about: About
    identity: Identity
    plan: Plan
    targets: tuple[Target, ...]
    events: tuple[str, ...]
    values: Floats
    outcomes: Floats
    chances: Floats
    happened: Floats
    fits: tuple[Fitted, ...]
    fallbacks: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        first, last = self.origins[0], self.origins[-1]
        reach = ", ".join(map(str, self.horizons))
        return (
            f"<Backtest of {self.about.title!r} on {self.about.history!r}: {len(self.origins)} origins, {first} to "
            f"{last}, {reach} months ahead, {self.plan.runs:,} runs>"
        )

    @property
    def origins(self) -> tuple[dt.date, ...]:
        """First days of which nothing was known."""
        return self.plan.origins

    @property
    def horizons(self) -> tuple[int, ...]:
        """How far, in months."""
        return self.plan.horizons

    @property
    def forecasters(self) -> tuple[str, ...]:
        """Who forecasts the targets, the model first."""
        return self.plan.forecasters

    @property
    def tellers(self) -> tuple[str, ...]:
        """Who tells how likely events are."""
        return (*self.plan.models, CLIMATOLOGY, NO_CHANGE)

    def forecasts(self) -> pd.DataFrame:
        """Every forecast in short, and what came.

        By target, origin, horizon and forecaster: mean, q05, q25, median, q75, q95, outcome.
        """
        return tables_forecasts(self)

    def scores(self) -> pd.DataFrame:
        """Mean scores by target, horizon and forecaster.

        `crps` (fair), `log_score` of a kernel density, `normal_log_score` of a normal, `n` outcomes.
        """
        return scores(self)

    def skill(self, target: str = INDEX, of: str = MODEL) -> pd.DataFrame:
        """The share of each other's CRPS that a forecaster saves, below 0 where it loses, by horizon and other.

        Columns `score`, `other`, `skill`, its 95 % interval `low` and `high`, `n` origins, `block`, Diebold and
        Mariano's statistic `dm` and its `p_value`, and `is_best`, the best plain forecast in hindsight.
        """
        return skill(self, target, of)

    def calibration(self) -> pd.DataFrame:
        """Coverage of 50 and 90 % intervals, widths, p of the PIT's test, by target, horizon and forecaster."""
        return calibration(self)

    def pit(self, target: str = INDEX, of: str = MODEL) -> pd.DataFrame:
        """Where each outcome lay among the runs, in (0, 1): origin by horizon; uniform if the forecast is right."""
        return pit(self, target, of)

    def regimes(self) -> pd.DataFrame:
        """Forecasts of the index's regime by horizon and forecaster: ranked probability score, and Brier by regime."""
        return regimes(self)

    def event_scores(self) -> pd.DataFrame:
        """Forecasts that an event happens within the horizon, by event, horizon and teller.

        `brier` (fair) and its parts by Murphy, `said` and `happened` on average, `skill` against climatology with
        Diebold and Mariano's `p_value`, `n`.
        """
        return events(self)

    def reliability(self, event: str, *, of: str = MODEL, horizon: int | None = None, bins: int = 10) -> Reliability:
        """How often an event came true by how likely it was called; all horizons for None.

        A regime of the index at the horizon counts as one; `regime:crisis` where an event has the name too.

        Raises
        ------
        SelectionError
            If there is no such event, teller or horizon.
        """
        return reliability(self, event, (of, horizon), bins)

    def estimates(self) -> pd.DataFrame:
        """What was fitted at each origin: origin and path by `estimate` and `standard_error`."""
        return estimates(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws the skill of the model's forecasts of the index on `ax`, or on a new figure; see `plots.skill`."""
        from tensionsim.plots.skill import skill

        return skill(self, ax)

    def summary(self) -> dict[str, Any]:
        """What `tensionsim backtest --json` prints: plain numbers, texts and lists."""
        return summary(self)

    def save(self, directory: str | Path, *, command: str = "") -> Path:
        """Writes the backtest to a folder, file by file, each whole; `Backtest.open` reads it back.

        Raises
        ------
        StorageError
            If the folder holds another backtest, or something else.
        """
        folder = Path(directory)
        with Store(folder, self.identity, command) as store:
            for fitted in self.fits:
                store.write_fit(fitted)
            for row, origin in enumerate(self.origins):
                said = tuple(text for day, text in self.fallbacks if day == str(origin))
                store.write_forecasts(Forecasts(origin, self.values[row], self.chances[row], said))
            store.finish(self)
        return folder

    @classmethod
    def open(cls, directory: str | Path) -> Backtest:
        """The backtest that is kept in a folder.

        Raises
        ------
        StorageError
            If the folder holds none, one that is not finished, or a damaged one.
        """
        return read(directory)

    def place(self, axis: str, name: object) -> int:
        """The row of a name along an axis: target, forecaster, teller, event or horizon.

        Raises
        ------
        SelectionError
            If there is none.
        """
        names: tuple[object, ...] = {
            "target": tuple(one.name for one in self.targets),
            "forecaster": self.forecasters,
            "teller": self.tellers,
            "event": self.events,
            "horizon": self.horizons,
        }[axis]
        if name not in names:
            raise SelectionError(
                f"no {axis} {name!r} in this backtest; there are {', '.join(map(str, names)) or 'none'}"
            )
        return names.index(name)


STEPS = ("day", "week", "month")

T = TypeVar("T")
R = TypeVar("R")


class BacktestingHow(TypedDict, total=False):
    """How a backtest is made, and where it is kept; see `backtest`."""

    runs: int
    seed: int
    refit: int | None
    with_unfitted: bool
    baselines: Sequence[str] | None
    baseline_years: int | None
    step: str | None
    jobs: int | Literal["auto"]
    progress: bool | Mode
    store: str | Path | None
    command: str


def backtest(
    scenario: Scenario | str | Path | None = None,
    events: EventHistory | None = None,
    *,
    origins: str | Sequence[dt.date | str] | None = None,
    horizons: Sequence[int] = HORIZONS,
    **how: Unpack[BacktestingHow],
) -> Backtest:
    """Forecasts from many origins, each made from the past alone, scored against what came.

    At every origin a scenario is fitted to the events before it, simulated forward, and set beside plain forecasts of
    the same series. What is computed there gets a copy of the events before the origin, and nothing else of the
    history.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario; default: one made at every origin from the events before
        it. A scenario that schedules what happened later would know the future: that is yours to avoid.
    events
        What was observed; default the curated history that the scenario names.
    origins
        First days of which nothing is known: "FIRST:LAST", "FIRST:LAST:MONTHS", or a list of dates; default every month
        of the last third of the history. They are moved to the beginning of their step.
    horizons
        How far, in months of four weeks, of 30 days, or of the calendar, as the scenario's steps are.
    runs, seed
        How many random histories a forecast has, default 1,000, >= 2; and of which luck, default 0.
    refit
        Months after which the scenario is fitted (and, where none is given, made) anew; default at every origin; None:
        never, the scenario's own numbers throughout.
    with_unfitted
        Whether the scenario as it stands forecasts beside the fitted one.
    baselines
        Names of the plain forecasts to beat; default all.
    baseline_years
        Let every plain forecast also learn from so many last years alone.
    step
        Of scenarios made from events: "day", "week" (default) or "month"; a scenario that is given has its own.
    jobs, progress
        How many origins are worked on at a time; whether progress is shown.
    store
        A folder that keeps every origin as it is done, so that the same call goes on after an interruption.
    command
        What was typed, for the folder's provenance.

    Raises
    ------
    TensionSimError
        If there is nothing to forecast from or to score against.
    StorageError
        If the folder holds another backtest, or something else.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.backtest("us-colombia-2017", origins=["2022-01-01", "2023-01-01"], horizons=[1, 6],
    ...                     runs=20, refit=None, baselines=["no-change", "mean"])
    >>> found.skill("index")["n"].tolist()
    [2, 2, 2, 2]
    """
    check_known("backtest", how, BacktestingHow.__annotations__)
    if scenario is None and events is None:
        raise TypeError("backtest() needs a scenario, events, or both")
    given = None if scenario is None else scenario_of(scenario)
    history = events if events is not None else history_of(scenario_of(scenario or ""))
    work = _prepared(given, history, wanted(origins), some_horizons(horizons), how)
    shown = how.get("progress", False)
    mode: Mode = shown if isinstance(shown, str) else "auto" if shown else "none"
    done = _Doing(work, how.get("jobs", 1), mode)
    with _kept(how.get("store"), work, how.get("command", "")) as store:
        found = _assembled(work, *done.all(store))
        if store is not None:
            store.finish(found)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What there is to do: `history` holds all events, which no task gets."""

    aim: Aim
    history: EventHistory
    end: dt.date
    not_judged: Mapping[str, str]

    @property
    def identity(self) -> Identity:
        """What this backtest is, so that no other is mixed with it."""
        return Identity.of(self.aim, self.history)


def _prepared(
    given: Scenario | None, history: EventHistory, asked: Wanted, horizons: tuple[int, ...], how: BacktestingHow
) -> _Work:
    first = asked.days[0] if asked.days else asked.first or _last_third(history)
    maker, grid = _maker(given, history, first, how.get("step"))
    if maker.is_anew:
        history = narrowed(history, tuple(maker.scale.file.issues))
    end = grid.snapped(history.last + ONE_DAY)
    start = Wanted(asked.first or first, asked.last, asked.every, asked.days)
    plan = _plan(origins_of(start, grid, end, horizons[0]), horizons, asked, grid, how)
    before(history, plan.origins[0])
    known, unknown = judged(maker.scale, history)
    return _Work(Aim(maker, grid, plan, targets_of(maker.scale), known), history, end, unknown)


def _last_third(history: EventHistory) -> dt.date:
    days = (history.last - history.first).days + 1
    return history.first + dt.timedelta(days=round(SHARE_BEFORE * days))


def _maker(given: Scenario | None, history: EventHistory, first: dt.date, step: str | None) -> tuple[Maker, Grid]:
    """How scenarios are made, and the grid of steps: that of the scenario, or one on which the first origin lies."""
    if step not in (None, *STEPS):
        raise TensionSimError(f"there is no step {step!r}; a step is a {', '.join(STEPS)}")
    if given is not None and step is not None:
        raise TensionSimError(f"{given.name} has a step of its own, a {given.file.step}; leave out step")
    if given is not None:
        return Fixed(given), Grid(given.file.start, given.file.step)
    past = before(history, first)
    made = anew(narrowed(past, issues_known(past)), first, step or "week")
    return made, Grid(first, made.scale.file.step)


def _plan(
    origins: tuple[dt.date, ...], horizons: tuple[int, ...], asked: Wanted, grid: Grid, how: BacktestingHow
) -> Plan:
    every = months_apart(origins, grid) if asked.days else asked.every
    refit = how.get("refit", every)
    years = how.get("baseline_years")
    if refit is None and how.get("with_unfitted"):
        raise TensionSimError("a scenario that is never fitted is compared with itself; leave one of the two out")
    return Plan(
        origins=origins,
        horizons=horizons,
        every=every,
        runs=whole("runs", how.get("runs", 1000), least=2),
        seed=whole("seed", how.get("seed", 0)),
        refit=None if refit is None else whole("refit", refit, least=1),
        baselines=some_baselines(how.get("baselines")),
        baseline_years=None if years is None else whole("baseline_years", years, least=1),
        with_unfitted=bool(how.get("with_unfitted", False)),
    )


def _kept(folder: str | Path | None, work: _Work, command: str) -> AbstractContextManager[Store | None]:
    if folder is None:
        return nullcontext()
    return Store(Path(folder), work.identity, command)


@dataclass(frozen=True, slots=True, eq=False)
class _Doing:
    """Does the work: first the fits, then the forecasts, those alone that are not kept already."""

    work: _Work
    jobs: int | Literal["auto"]
    mode: Mode

    def all(self, store: Store | None) -> tuple[list[Fitted], list[Forecasts]]:
        """The fits and the forecasts, by origin."""
        aim, history = self.work.aim, self.work.history
        source = aim.plan.fitted_at(aim.grid)
        days = tuple(dict.fromkeys(source.values()))
        fits = self._each(
            days,
            _Stage(
                "fit",
                fitted,
                lambda day: FitTask(aim, day, before(history, day)),
                None if store is None else store.read_fit,
                None if store is None else store.write_fit,
            ),
        )
        made = self._each(
            aim.plan.origins,
            _Stage(
                "origin",
                forecasts,
                lambda day: ForecastTask(aim, day, before(history, day), fits[source[day]]),
                None if store is None else store.read_forecasts,
                None if store is None else store.write_forecasts,
            ),
        )
        return [fits[day] for day in days], [made[day] for day in aim.plan.origins]

    def _each(self, days: Sequence[dt.date], stage: _Stage[T, R]) -> dict[dt.date, R]:
        """What a stage makes for each day, kept as soon as it is done."""
        kept = {day: stage.read(day) if stage.read else None for day in days}
        found = {day: one for day, one in kept.items() if one is not None}
        todo = [day for day in days if day not in found]
        tasks = _Tasks(todo, stage.task)
        with (
            executor(self.jobs, tasks=len(todo)) as workers,
            showing(len(days), self.mode, stage.unit, done=len(found)) as advance,
        ):
            for position, result in workers.results(stage.function, tasks):
                if stage.write is not None:
                    stage.write(result)
                found[todo[position]] = result
                advance(1)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Stage(Generic[T, R]):
    """Work of one kind: what is counted, what makes a result of a task, and how results are kept and found again."""

    unit: str
    function: Callable[[T], R]
    task: Callable[[dt.date], T]
    read: Callable[[dt.date], R | None] | None
    write: Callable[[R], None] | None


class _Tasks(Sequence[T]):
    """Tasks that are made when they are asked for, since each holds a copy of its past."""

    def __init__(self, days: Sequence[dt.date], task: Callable[[dt.date], T]) -> None:
        self._days, self._task = days, task

    def __len__(self) -> int:
        return len(self._days)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        return _Tasks(self._days[place], self._task) if isinstance(place, slice) else self._task(self._days[place])


def _assembled(work: _Work, fits: Sequence[Fitted], made: Sequence[Forecasts]) -> Backtest:
    """The forecasts with what came, which is looked at only now."""
    aim, plan = work.aim, work.aim.plan
    series = series_of(aim.maker.scale, work.history, aim.grid, work.end)
    month, rows = aim.grid.month, [series.row(origin) for origin in plan.origins]
    columns = [list(aim.maker.scale.file.events).index(name) for name in aim.events]
    flags = series.events[:, columns]
    fallbacks = [(str(one.origin), text) for one in made for text in one.fallbacks]
    return Backtest(
        about=About(
            title=aim.maker.scale.title,
            scenario=aim.maker.scale.text,
            is_anew=aim.maker.is_anew,
            step=aim.grid.step,
            history=work.history.name,
            first=str(work.history.first),
            last=str(work.end - ONE_DAY),
            not_judged=dict(work.not_judged),
        ),
        identity=work.identity,
        plan=plan,
        targets=aim.targets,
        events=aim.events,
        values=np.stack([one.values for one in made]),
        outcomes=np.stack([observed(series, row, month, plan.horizons) for row in rows]),
        chances=np.stack([one.chances for one in made]),
        happened=np.stack([happened(flags, row, month, plan.horizons) for row in rows]),
        fits=tuple(fits),
        fallbacks=tuple(fallbacks),
    )


def read(directory: str | Path) -> Backtest:
    """The backtest that is kept in a folder; see `Backtest.open`."""
    folder = Path(directory)
    manifest = manifest_of(folder)
    about = manifest.about
    if not manifest.complete or about is None:
        raise StorageError(f"{folder} is not finished; the command that began it goes on where it was")
    try:
        plan, grid = plan_of(manifest.plan)
        days = dict.fromkeys(plan.fitted_at(grid).values())
        targets = targets_of(from_text(about.scenario, "scenario"))
    except (AttributeError, KeyError, TypeError, ValueError, TensionSimError) as damage:
        raise StorageError(f"{folder / MANIFEST} is damaged: plan or about: {damage!r}; {AGAIN}") from damage
    made = [forecasts_of(folder, manifest, day) for day in plan.origins]
    came = arrays_of(folder, manifest, OUTCOMES, "outcomes", "happened")
    try:
        return Backtest(
            about=about,
            identity=Identity(manifest.plan, manifest.scenario, manifest.is_anew, manifest.events, manifest.code),
            plan=plan,
            targets=targets,
            events=manifest.judged,
            values=np.stack([one.values for one in made]),
            outcomes=came["outcomes"],
            chances=np.stack([one.chances for one in made]),
            happened=came["happened"],
            fits=tuple(fit_of(folder, manifest, day) for day in days),
            fallbacks=tuple((str(one.origin), text) for one in made for text in one.fallbacks),
        )
    except ValueError as damage:
        raise StorageError(f"{folder} is damaged: its arrays do not go together ({damage}); {AGAIN}") from damage
