"""Backtest: from a history and what is asked to forecasts from every origin, with what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypedDict, TypeVar, Unpack, overload

import numpy as np

from tensionsim.analysis.backtesting import judging
from tensionsim.analysis.backtesting.ahead import ONE_DAY, before
from tensionsim.analysis.backtesting.backtest import About, Backtest
from tensionsim.analysis.backtesting.grid import Grid
from tensionsim.analysis.backtesting.identity import Identity
from tensionsim.analysis.backtesting.makers import Fixed, Maker, anew, issues_known, narrowed
from tensionsim.analysis.backtesting.making import Aim, FitTask, Fitted, Forecasts, ForecastTask, fitted, forecasts
from tensionsim.analysis.backtesting.plan import (
    HORIZONS,
    SHARE_BEFORE,
    Plan,
    Wanted,
    months_apart,
    origins_of,
    some_baselines,
    some_horizons,
    wanted,
)
from tensionsim.analysis.backtesting.series import series_of
from tensionsim.analysis.backtesting.store import Store
from tensionsim.analysis.backtesting.targets import observed, targets_of
from tensionsim.arguments import check_known, whole
from tensionsim.ensemble.executors import executor
from tensionsim.ensemble.progress import Mode, showing
from tensionsim.errors import TensionSimError
from tensionsim.history.events import EventHistory
from tensionsim.likelihood.window import history_of
from tensionsim.scenario import Scenario, scenario_of

STEPS = ("day", "week", "month")

T = TypeVar("T")
R = TypeVar("R")


class How(TypedDict, total=False):
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
    **how: Unpack[How],
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
    check_known("backtest", how, How.__annotations__)
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
    given: Scenario | None, history: EventHistory, asked: Wanted, horizons: tuple[int, ...], how: How
) -> _Work:
    first = asked.days[0] if asked.days else asked.first or _last_third(history)
    maker, grid = _maker(given, history, first, how.get("step"))
    if maker.is_anew:
        history = narrowed(history, tuple(maker.scale.file.issues))
    end = grid.snapped(history.last + ONE_DAY)
    start = Wanted(asked.first or first, asked.last, asked.every, asked.days)
    plan = _plan(origins_of(start, grid, end, horizons[0]), horizons, asked, grid, how)
    before(history, plan.origins[0])
    known, unknown = judging.judged(maker.scale, history)
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


def _plan(origins: tuple[dt.date, ...], horizons: tuple[int, ...], asked: Wanted, grid: Grid, how: How) -> Plan:
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
        happened=np.stack([judging.happened(flags, row, month, plan.horizons) for row in rows]),
        fits=tuple(fits),
        fallbacks=tuple(fallbacks),
    )
