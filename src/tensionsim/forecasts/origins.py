"""Forecasts from an origin: a world walks through observed moves, in many runs at once, and then goes on by itself.

In every step before an origin the observed acts are made, whatever the actors would have chosen; from the origin on
they choose (`ahead`). Each run walks with its own drawn numbers, so that what memories, rhetoric and indicators have
become by the origin is right for each. What was observed (`series_of`) and what runs say (`Ahead`) stand on one
grid of steps and on one scale, that of a scenario; `forecast` gives the runs as results.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tensionsim.engine.past import Placement, place
from tensionsim.engine.rules import NOT_UNTIL_IT_LAPSES
from tensionsim.engine.run import Recorder, names_of, proceed
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import turn_calendar
from tensionsim.engine.world import STOPPED, Availability, World
from tensionsim.errors import TensionSimError, day_of, shown, whole
from tensionsim.estimation.fit import DRAWS, Fit, fit as fit_to
from tensionsim.estimation.window import ONE_DAY, Course, assembled, history_of, likeliest
from tensionsim.events.generic import placed_events, scenario_from_events
from tensionsim.events.history import ARRAYS, NO_ROW, EventHistory, expect_history
from tensionsim.model.record import Record
from tensionsim.model.structure import Bools, Floats
from tensionsim.rng import RandomStreams
from tensionsim.runs.results import Results
from tensionsim.scenario.quantities import Span, pair
from tensionsim.scenario.scenario import Scenario, from_text, scenario_of
from tensionsim.scenario.schema import Condition, ScenarioFile
from tensionsim.scenario.yaml_tree import write


def forecast(
    scenario: Scenario | str | Path | None = None,
    events: EventHistory | None = None,
    *,
    origin: dt.date | str | None = None,
    months: int = 12,
    fit: bool | Fit = True,
    runs: int = 1000,
    seed: int = 0,
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
    runs, seed = whole("runs", runs, least=1), whole("seed", seed)
    months = whole("months", months, least=1)
    if scenario is None and events is None:
        raise TypeError("forecast() needs a scenario, events, or both")
    given = None if scenario is None else scenario_of(scenario)
    history = expect_history(events) if given is None else history_of(given, events)
    if not isinstance(fit, bool | Fit):
        raise TypeError(f"fit must be True, False or a Fit; got {shown(fit)}")
    start = history.last + ONE_DAY if origin is None else day_of(origin)
    if given is not None and start > given.file.start:
        start = Grid(given.file.start, given.file.step).snapped(start)
    past = before(history, start)
    if given is None:
        past = narrowed(past)
        given = scenario_from_events(past, start=start, with_past=False)
    if isinstance(fit, Fit):
        known = fit.likelihood.states.window.until
        if known > past.last:
            raise TensionSimError(
                f"the fit knows what happened until {known}, a forecast from {past.last + ONE_DAY} must not; fit with "
                f"until={str(past.last)!r}"
            )
        chosen = fit.scenario(DRAWS)
    else:
        chosen = fit_to(given, past, with_support=False).scenario(DRAWS) if fit else given
    grid = Grid(min(chosen.file.start, start), chosen.file.step)
    found = ahead(chosen, past, start, months * grid.month, RandomStreams(seed, 0, runs))
    # As results show it: from the origin on, without what was scheduled before.
    file, end = chosen.file, found.world.dates[-1]
    values = file.model_dump(by_alias=True, exclude_unset=True)
    values |= {"title": f"{file.title}, forecast from {start}"[:200], "start": start, "end": end}
    for name in ("schedule", "changes"):
        dated = zip(getattr(file, name), values.get(name, ()), strict=False)
        values[name] = [entry for one, entry in dated if start <= one.date < end]
    begun = dataclasses.replace(from_text(write(values), chosen.name, chosen.mechanisms), path=chosen.path)
    return Results(begun, seed, runs, 0, names_of(found.world), found.record, begun.code)


STEPS_PER_MONTH = {"day": 30, "week": 4, "month": 1}
"""Whole steps that count as a month: of four weeks (a researcher's "four-week sum"), of 30 days, of the calendar."""
BLOCKS_PER_YEAR = {"day": 365.25 / 30.0, "week": 365.25 / 28.0, "month": 12.0}

SAFE_DAY = 28
"""The last day that every calendar month has."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Days on which steps begin: `anchor` is one of them, `step` "day", "week" or "month"."""

    anchor: dt.date
    step: str

    def __post_init__(self) -> None:
        if self.step == "month" and self.anchor.day > SAFE_DAY:
            raise TensionSimError(
                f"steps of a month that begin on day {self.anchor.day} fall on other days in short months; begin on "
                f"one of the first {SAFE_DAY} days, or take steps of a week"
            )

    @property
    def month(self) -> int:
        """Steps in a month."""
        return STEPS_PER_MONTH[self.step]

    def at(self, count: int) -> dt.date:
        """The day on which the step begins that is so many after the anchor's."""
        return Span(self.anchor, self.anchor, self.step).at(count)

    def count(self, date: dt.date) -> int:
        """How many steps after the anchor's the step is that contains a day; below 0 for days before."""
        return Span(self.anchor, self.anchor, self.step).count(date)

    def snapped(self, date: dt.date) -> dt.date:
        """The beginning of the step that contains a day."""
        return self.at(self.count(date))

    def later(self, date: dt.date, months: int) -> dt.date:
        """The day so many months of whole steps after one on the grid."""
        return self.at(self.count(date) + months * self.month)

    def origins(
        self,
        end: dt.date,
        shortest: int,
        *,
        first: dt.date | None = None,
        last: dt.date | None = None,
        every: int = 1,
        days: Sequence[dt.date] = (),
    ) -> tuple[dt.date, ...]:
        """The origins whose shortest forecast ends before `end`; what `parse_origins` gives says which."""
        begin, after = self.snapped(first or self.anchor), min(last or end, end)
        later = (self.later(begin, count) for count in itertools.count(step=every))
        chosen = {self.snapped(day) for day in days} or itertools.takewhile(lambda day: day <= after, later)
        found = tuple(sorted(day for day in chosen if self.later(day, shortest) <= end))
        if not found:
            raise TensionSimError(
                f"no origin is left: what was observed ends on {end}, and the shortest forecast reaches {shortest} "
                f"month{'' if shortest == 1 else 's'} ahead; begin earlier"
            )
        return found

    def months_apart(self, origins: Sequence[dt.date]) -> int:
        """The fewest months between two origins, at least 1."""
        gaps = [self.count(later) - self.count(earlier) for earlier, later in itertools.pairwise(origins)]
        return max(1, min(gaps, default=1) // self.month)


def course_of(scenario: Scenario, history: EventHistory, placement: Placement, days: tuple[dt.date, dt.date]) -> Course:
    """The placed events of a history in a scenario's world of some days, in which nothing that it schedules happens."""
    world = likeliest(assembled(scenario, history, placement, days, [], as_coded=True))
    return Course.of(dataclasses.replace(world, timetable=dataclasses.replace(world.timetable, moves={})), placement)


def walk(now: Simulation, course: Course, until: int, taken: Recorder | None = None) -> None:
    """Moves a simulation on through the observed acts, up to a step; `taken` takes down every date and the last."""
    while now.at < until:
        if taken is None:
            # What a report counts is asked, so that conditions which must hold for a time know since when they do.
            for question in now.world.rulebook.events.values():
                question(now)
        else:
            taken.state(now)
        turn_calendar(now)
        acts, _ = course.go_on(now)
        if taken is not None:
            taken.moves(now, acts)
    if taken is not None:
        taken.state(now)


def handed_over(now: Simulation, world: World) -> Simulation:
    """The simulation where it stands, at the start of a world of the days from here on, whose calendar holds."""
    state, shift = now.state, now.at
    if world.channels.rows != now.world.channels.rows or world.menus.names != now.world.menus.names:
        raise ValueError("a simulation can be handed over only to a world with the same channels and moves")
    rows = {one: row for row, one in enumerate(now.world.instances.rows)}
    never = len(rows)
    of = [rows.get(one, never) for one in world.instances.rows]
    state.in_force = state.in_force[[*of, never, never + 1]]
    state.last_made = state.last_made - shift
    # A fit's bias is the level at the end of what it saw.
    state.level = np.zeros_like(state.level)
    state.ready = np.where(state.ready == NOT_UNTIL_IT_LAPSES, state.ready, state.ready - shift)
    available = Availability(world, state.in_force, state.matters)
    return Simulation(world, now.streams, now.settings, now.numbers, state, available)


class Ahead(NamedTuple):
    """Runs from an origin on: their record, whose first date is the origin, and the world in which they were."""

    world: World
    record: Record

    @property
    def month(self) -> int:
        """Steps in a month."""
        return STEPS_PER_MONTH[self.world.scenario.file.step]

    def values(self, horizons: Sequence[int], weights: Floats | None = None) -> Floats:
        """What runs say, shape (target, horizon, run); weights : of the issues in the index, if not those of a date."""
        record, rows, runs = self.record, np.array(horizons) * self.month, self.record.cooperation.shape[-1]
        issues = record.issue_cooperation[rows]
        index = record.cooperation[rows] if weights is None else np.einsum("k,hkr->hr", weights, issues)
        # Sum of scores / 10, and number, of the acts between the principals in the months.
        counts = np.isin(record.move_channel, self.world.dyad) & (record.move_cause != STOPPED)
        last = max(horizons)
        cell = (record.move_step[counts] // self.month) * runs + record.move_run[counts]
        score = self.world.menus.move_score[record.move_id[counts]]
        sums = [np.bincount(cell, weight, minlength=last * runs).reshape(last, runs) for weight in (score, None)]
        return by_target(index, issues.swapaxes(0, 1), *(one[np.array(horizons) - 1] for one in sums))

    def chances(self, events: Sequence[str], horizons: Sequence[int]) -> Floats:
        """The share of runs in which events come true within each horizon, shape (event, horizon)."""
        flags = self.record.events[:, [list(self.world.rulebook.events).index(name) for name in events]]
        held = [flags[1 : horizon * self.month + 1].any(axis=0).mean(axis=-1) for horizon in horizons]
        return np.array(held).reshape(len(horizons), len(events)).T


def ahead(scenario: Scenario, past: EventHistory, origin: dt.date, steps: int, streams: RandomStreams) -> Ahead:
    """The runs of a scenario from an origin on, after what was observed from its start, or before, until then."""
    if scenario.agents:
        raise TensionSimError("agents of your own cannot be forecast with: nothing says what they would have seen")
    check_past(past, origin)
    grid = Grid(min(scenario.file.start, origin), scenario.file.step)
    if (begins := grid.snapped(origin)) != origin:
        raise ValueError(f"{origin} lies between two steps of {scenario.name}; the step begins on {begins}")
    placement = place(past, scenario.file)
    course = course_of(scenario, past, placement, (grid.anchor, max(origin, grid.at(1))))
    now = begin(course.world, streams)
    walk(now, course, grid.count(origin))
    end = grid.at(grid.count(origin) + steps)
    world = assembled(scenario, past, placement, (origin, end), [], as_coded=True)
    return Ahead(world, proceed(handed_over(now, world)))


def check_past(past: EventHistory, origin: dt.date) -> None:
    """ValueError where what is called the past holds an event of the origin or later."""
    if len(past) and past.dates[-1].item() >= origin:
        raise ValueError(f"{past.name} holds an event of {past.dates[-1]}, which is not before the origin, {origin}")


def before(history: EventHistory, origin: dt.date) -> EventHistory:
    """What was known on the morning of an origin: a copy of the events before it, with no way back to the rest."""
    past = history.until(origin - ONE_DAY)
    if not len(past):
        raise TensionSimError(f"{history.name} has no event before {origin}; its first is of {history.first}")
    return dataclasses.replace(past, **{name: getattr(past, name).copy() for name in ARRAYS})


def narrowed(history: EventHistory, issues: Sequence[str] | None = None) -> EventHistory:
    """The events on some issues, or those with events; which others there are is not told: no forecast can know it."""
    if issues is None:
        issues = [history.issues[row] for row in np.unique(history.issue[history.issue != NO_ROW]).tolist()]
    rows = {history.issues.index(name): row for row, name in enumerate(issues)} | {NO_ROW: NO_ROW}
    kept = np.isin(history.issue, list(rows))
    part = {name: getattr(history, name)[kept] for name in ARRAYS}
    part["issue"] = np.array([rows[row] for row in part["issue"].tolist()], np.int64)
    return dataclasses.replace(history, issues=tuple(issues), **part)


def case_at(scale: Scenario, is_anew: bool, past: EventHistory, origin: dt.date) -> Scenario:
    """The scenario for an origin: the one that gives the scale, or one made from what was before, on that scale."""
    check_past(past, origin)
    if not is_anew:
        return scale
    made = scenario_from_events(past, start=origin, step=scale.file.step, with_past=False)
    same = ("index_scale", "technical_weight")
    return made.with_values({f"parameters.{name}": scale.file.parameters[name] for name in same})


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """What was observed on a grid of steps: a row holds what is known on the morning of its date, in 0..100.

    weights : of the issues in the index. events : whether the condition of each holds. score, acts : sum of Goldstein /
    10, and number, in the step that ends on the date, weights of events counted, (date, direction).
    """

    grid: Grid
    dates: tuple[dt.date, ...]
    index: Floats
    issues: Floats
    weights: Floats
    events: Bools
    score: Floats
    acts: Floats

    def row(self, date: dt.date) -> int:
        """The row of a date of the grid."""
        return self.dates.index(date)

    def months_to(self, row: int, years: int | None = None) -> Series:
        """The series by whole months, of the last years or all, that end at a row; weights, shape (issue,), of it."""
        month, first = self.grid.month, 0 if years is None else -round(years * BLOCKS_PER_YEAR[self.grid.step])
        rows = row - month * np.arange(row // month)[::-1][first:]

        def sums(flow: Floats) -> Floats:
            total = np.cumsum(flow, axis=0)
            return np.asarray(total[rows] - total[rows - month])

        return Series(
            grid=self.grid,
            dates=tuple(self.dates[at] for at in rows),
            index=self.index[rows],
            issues=self.issues[rows],
            weights=self.weights[row],
            events=self.events[rows],
            score=sums(self.score),
            acts=sums(self.acts),
        )

    def observed(self, row: int, horizons: Sequence[int]) -> Floats:
        """What came after a row, shape (target, horizon); NaN where the data end before."""
        columns, month = [], self.grid.month
        for end in (row + horizon * month for horizon in horizons):
            at, inside = min(end, len(self.dates) - 1), slice(end - month + 1, end + 1)
            came = by_target(self.index[at], self.issues[at], self.score[inside].sum(), self.acts[inside].sum())
            columns.append(came if at == end else np.full(came.shape, np.nan))
        return np.stack(columns, axis=1)

    def happened(self, row: int, horizons: Sequence[int]) -> Floats:
        """Whether each event came true within each horizon after a row, shape (event, horizon); NaN beyond the data."""
        found = np.full((self.events.shape[1], len(horizons)), np.nan)
        for column, end in enumerate(row + horizon * self.grid.month for horizon in horizons):
            if end < len(self.events):
                found[:, column] = self.events[row + 1 : end + 1].any(axis=0)
        return found


def walked(
    scenario: Scenario, history: EventHistory, placement: Placement, days: tuple[dt.date, dt.date]
) -> tuple[World, Record]:
    """The world of a scenario from a day until before another, its numbers at their means, and its observed run."""
    course = course_of(scenario.without_draws(), history, placement, days)
    taken, now = Recorder(), begin(course.world, RandomStreams(0, 0, 1))
    walk(now, course, course.world.steps, taken)
    return course.world, taken.record(now)


def series_of(scenario: Scenario, history: EventHistory, grid: Grid, end: dt.date) -> Series:
    """What a history says on a scenario's scale, from its first day until before a day on the grid."""
    world, record = walked(scenario, history, place(history, scenario.file), (grid.snapped(history.first), end))
    score, acts = np.zeros((2, len(world.dates), 2))
    events = [one for one in placed_events(history, scenario, Counter()) if one.date < world.dates[-1]]
    days = np.array([one.date for one in events], "datetime64[D]")
    row = np.searchsorted(np.array(world.dates, "datetime64[D]"), days, side="right")
    back = np.array([one.channel.actor == scenario.file.principals[1] for one in events], np.int64)
    np.add.at(score, (row, back), [one.flow for one in events])
    np.add.at(acts, (row, back), [one.weight for one in events])
    return Series(
        grid=grid,
        dates=world.dates,
        index=record.cooperation[:, 0],
        issues=record.issue_cooperation[:, :, 0],
        weights=np.array(record.weights[:, :, 0]),
        events=record.events[:, :, 0],
        score=score,
        acts=acts,
    )


INDEX, SCORE, ACTS = "index", "score", "acts"


class Target(NamedTuple):
    """A series, between which values it lies, and its grain, the least bandwidth or spread of a log score."""

    name: str
    unit: str
    about: str
    grain: float
    low: float = float("-inf")
    high: float = float("inf")


def targets_of(scenario: Scenario) -> tuple[Target, ...]:
    """The targets of a scenario: the index, each issue where there are several, net score and number of acts."""
    issues = list(scenario.file.issues) if len(scenario.file.issues) > 1 else []
    levels = {INDEX: "cooperation index", **{f"issue: {name}": f"cooperation on {name}" for name in issues}}
    return (
        *(Target(name, "0-100", f"{about} at the month's end", 0.5, 0.0, 100.0) for name, about in levels.items()),
        Target(SCORE, "Goldstein / 10", "sum of the scores of the month's acts, both directions", 0.1),
        Target(ACTS, "acts", "number of the month's acts, both directions", 0.5, 0.0),
    )


def by_target(index: Any, issues: Any, score: Any, acts: Any) -> Floats:
    """Values by target, in the order of `targets_of`; issues, shape (issue, ...), where there are several."""
    return np.array([index, *(issues if len(issues) > 1 else ()), score, acts], np.float64)


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
