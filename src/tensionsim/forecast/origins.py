"""A world that walks through observed moves, in many runs at once, and then goes on by itself.

In every step before an origin the observed acts are made, whatever the actors would have chosen; from the origin on
they choose. Each run walks with its own drawn numbers, so that what memories, rhetoric and indicators have become by
the origin is right for each.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tensionsim.engine.build import DAYS_PER_STEP as CALENDAR_DAYS
from tensionsim.engine.calendar import Turn
from tensionsim.engine.rules import NOT_UNTIL_IT_LAPSES, Action, is_asked
from tensionsim.engine.run import Recorder, proceed
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import act_in_turn, live, turn_calendar
from tensionsim.engine.world import OWN, STOPPED, Acts, World, acts_of, availability_of, joined, nothing
from tensionsim.errors import TensionSimError
from tensionsim.estimation.window import Placement, assembled, place, settled
from tensionsim.events.generic import scenario_for
from tensionsim.events.history import NO_ROW, EventHistory
from tensionsim.events.observed import placed_events
from tensionsim.model.record import Bools, Ints, Record
from tensionsim.model.record import Floats as record_Floats
from tensionsim.model.state import remember
from tensionsim.model.structure import Floats
from tensionsim.model.structure import Ints as structure_Ints
from tensionsim.rng import RandomStreams
from tensionsim.scenario.quantities import DAYS_PER_STEP, Span
from tensionsim.scenario.scenario import Scenario

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
        if self.step in DAYS_PER_STEP:
            return (date - self.anchor).days // DAYS_PER_STEP[self.step]
        months = (date.year - self.anchor.year) * 12 + date.month - self.anchor.month
        return months if self.at(months) <= date else months - 1

    def snapped(self, date: dt.date) -> dt.date:
        """The beginning of the step that contains a day."""
        return self.at(self.count(date))

    def later(self, date: dt.date, months: int) -> dt.date:
        """The day so many months of whole steps after one on the grid."""
        return self.at(self.count(date) + months * self.month)


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Observed acts on the grid of a world; the arrays have the shape (act,), by date.

    step, channel, move : rows of every act. day : its date. before, along : what events count by their own scores more
    than the moves that stand for them, Goldstein / 10 a month, in the steps before the world's first, latest last, and
    in its own; shape (channel, step).
    """

    world: World
    step: structure_Ints
    channel: structure_Ints
    move: structure_Ints
    day: NDArray[np.datetime64]
    before: Floats
    along: Floats


def course_of(scenario: Scenario, history: EventHistory, placement: Placement, days: tuple[dt.date, dt.date]) -> Course:
    """The events of a history, placed in a scenario, in its world from a day until before another.

    Nothing that the scenario schedules in that time happens by itself: moves were those observed, and of changes with
    alternatives the likeliest is taken to have come.
    """
    world = assembled(scenario, history, placement, days, [])
    turns = {step: tuple(map(_likeliest, found)) for step, found in world.timetable.turns.items()}
    world = dataclasses.replace(world, timetable=dataclasses.replace(world.timetable, moves={}, turns=turns))
    kept = [one for one in placement.occurrences if world.dates[0] <= one.date < world.dates[-1]]
    rows = {channel: row for row, channel in enumerate(world.channels.rows)}
    moves = {name: row for row, name in enumerate(world.menus.names)}
    before, along = excess(world, scenario, history, placement)
    return Course(
        world=world,
        step=_steps(world, [one.date for one in kept]),
        channel=np.array([rows[one.channel] for one in kept], np.int64),
        move=np.array([moves[one.move] for one in kept], np.int64),
        day=np.array([one.date for one in kept], "datetime64[D]"),
        before=before,
        along=along,
    )


def _likeliest(turn: Turn) -> Turn:
    """A change of which the likeliest alternative comes for sure."""
    likeliest = sorted(turn.alternatives, key=lambda one: -one.chance)[:1]
    return dataclasses.replace(turn, alternatives=tuple(dataclasses.replace(one, chance=1.0) for one in likeliest))


def excess(world: World, scenario: Scenario, history: EventHistory, placement: Placement) -> tuple[Floats, Floats]:
    """What events count more than the moves that stand for them; see `Course.before` and `Course.along`.

    Events come with scores of their own, the moves that stand for them with one a kind. The index counts events, as
    `observed_index` does, or it would be another index before the origin than in the data.
    """
    rows = {channel: row for row, channel in enumerate(world.channels.rows)}
    dyad = {world.channels.rows[row] for row in world.dyad.tolist()}
    scores = dict(zip(world.menus.names, world.menus.move_score.tolist(), strict=True))
    own = [(one.date, rows[one.channel], one.flow) for one in placed_events(history, scenario, Counter())]
    stood = [(one.date, rows[one.channel], -scores[one.move]) for one in placement.occurrences if one.channel in dyad]
    entries = [one for one in (*own, *stood) if one[0] < world.dates[-1]]
    step = _steps(world, [date for date, _, _ in entries])
    earliest = min(0, int(step.min(initial=0)))
    table = np.zeros((len(world.channels), world.steps - earliest))
    channel = np.array([row for _, row, _ in entries], np.int64)
    flow = np.array([value for _, _, value in entries], np.float64)
    np.add.at(table, (channel, step - earliest), flow / world.dt_months)
    return table[:, :-earliest], table[:, -earliest:]


def _steps(world: World, days: list[dt.date]) -> structure_Ints:
    """The step that contains each day; before the world's start they count back from it, as its past does."""
    starts, found = np.array(world.dates, "datetime64[D]"), np.array(days, "datetime64[D]")
    since = (found - starts[0]).astype(np.int64)
    length = CALENDAR_DAYS[world.scenario.file.step]
    inside = np.searchsorted(starts, found, side="right") - 1
    return np.where(since < 0, np.floor(since / length), inside).astype(np.int64)


def begun(course: Course, luck: RandomStreams) -> Simulation:
    """The simulation at the beginning of a course, whose conduct is that of the events before it."""
    now = begin(course.world, luck)
    here, keep = np.zeros_like(now.state.verbal), now.numbers.keep_index
    for step in range(course.before.shape[-1]):
        here = remember(here, course.before[:, step, None], keep)
    now.state.verbal += here
    return now


def walk(now: Simulation, course: Course, until: int, taken: Recorder | None = None) -> None:
    """Moves a simulation on through the observed acts, up to the start of a step.

    taken : takes down every date on the way, and the last one reached.
    """
    ends = np.searchsorted(course.step, np.arange(now.at, until + 1)).tolist()
    for first, after in pairwise(ends):
        if taken is None:
            _keep_spells(now)
        else:
            taken.state(now)
        _through(now, course, first, after)
    if taken is not None:
        taken.state(now)


def _keep_spells(now: Simulation) -> None:
    """Asks what a report counts, so that conditions which must hold for a time know since when they do."""
    seen = now.observe()
    for question in now.world.rulebook.events.values():
        question(seen)


def _through(now: Simulation, course: Course, first: int, after: int) -> None:
    """One step, in which the acts from one row until before another are made."""
    turn_calendar(now)
    seen = now.look()
    _note_rules(now, course.channel[first:after], course.move[first:after])
    days = course.day[first:after]
    cuts = (np.flatnonzero(days[1:] != days[:-1]) + 1 + first).tolist()
    parts = [_acts(course, low, high, now.state.runs) for low, high in pairwise([first, *cuts, after])]
    act_in_turn(now, joined(parts), parts)
    flow = course.along[:, now.at, None]
    now.state.verbal += (1.0 - now.numbers.keep_index) * flow
    live(now, seen)
    now.at, now.seen = now.at + 1, None


def _acts(course: Course, first: int, after: int, runs: int) -> Acts:
    """Some acts, made in every run."""
    rows = np.repeat(np.arange(first, after), runs)
    return acts_of(course.channel[rows], np.tile(np.arange(runs), after - first), course.move[rows], OWN)


def _note_rules(now: Simulation, channel: structure_Ints, move: structure_Ints) -> None:
    """Keeps cooldowns and spells of rules as observed moves leave them.

    Assumption, that of the likelihood: a rule that was asked acted where its move, and nothing else, was made in its
    channel.
    """
    acts, seen = nothing(), now.observe()
    for row, rule in enumerate(now.world.rulebook.rules):
        asked = is_asked(row, rule, seen, now, acts)
        answers = [one for one in (rule.action, rule.otherwise) if one is not None]
        made = [one for one in answers if move[channel == one.channel].tolist() == [one.move]][:1]
        if made:
            now.state.ready[row, asked] = now.at + rule.cooldown_steps
            acts = joined([acts, *(_of_rule(one, np.flatnonzero(asked)) for one in made)])
        if rule.once:
            now.state.ready[row, asked] = NOT_UNTIL_IT_LAPSES


def _of_rule(answer: Action, runs: structure_Ints) -> Acts:
    return acts_of(np.full(runs.shape, answer.channel), runs, np.full(runs.shape, answer.move), OWN)


def handed_over(now: Simulation, world: World) -> Simulation:
    """The simulation where it stands, at the start of another world of the same scenario, whose steps count from here.

    world : that of the days from here on. Its calendar comes from there, all numbers and states from `now`.
    """
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
    return Simulation(world, now.streams, now.settings, now.numbers, state, availability_of(world, state.in_force))


ONE_DAY = dt.timedelta(days=1)
ARRAYS = ("dates", "actor", "target", "issue", "track", "cameo", "score", "is_material", "weight", "move")
"""What a history holds of every event."""


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """Runs from an origin on: their record, whose first date is the origin, and the world in which they were.

    excess : what events before the origin count more than the moves that stand for them; see `Course.before`.
    """

    world: World
    record: Record
    excess: Floats


def ahead(scenario: Scenario, past: EventHistory, origin: dt.date, steps: int, luck: RandomStreams) -> Ahead:
    """The runs of a scenario from an origin on, after what was observed before it.

    A scenario that begins before the origin walks there from its start, with its own calendar; what came before that
    is in its memories. One that begins later is taken as if it began at the origin.

    Parameters
    ----------
    past
        Events before the origin, and none after.
    origin
        The first day of which nothing is known, on the scenario's grid of steps.

    Raises
    ------
    ValueError
        If the past holds an event of the origin or later, or the origin lies between steps.
    """
    check_past(past, origin)
    grid = Grid(min(scenario.file.start, origin), scenario.file.step)
    if grid.snapped(origin) != origin:
        raise ValueError(
            f"{origin} lies between two steps of {scenario.name}; the step begins on {grid.snapped(origin)}"
        )
    placement = place(past, scenario.file)
    course = course_of(scenario, past, placement, (grid.anchor, max(origin, grid.at(1))))
    now = begun(course, luck)
    walk(now, course, grid.count(origin))
    end = grid.at(grid.count(origin) + steps)
    world = assembled(scenario, past, placement, (origin, end), [])
    counted = excess(world, scenario, past, placement)[0]
    return Ahead(world, proceed(handed_over(now, world)), counted)


def check_past(past: EventHistory, origin: dt.date) -> None:
    """ValueError where what is called the past holds an event of the origin or later."""
    if len(past) and past.dates[-1].item() >= origin:
        raise ValueError(f"{past.name} holds an event of {past.dates[-1]}, which is not before the origin, {origin}")


def before(history: EventHistory, origin: dt.date) -> EventHistory:
    """What was known on the morning of an origin: a copy of the events before it, with no way back to the rest.

    Raises
    ------
    TensionSimError
        If there are none.
    """
    past = history.until(origin - ONE_DAY)
    if not len(past):
        raise TensionSimError(f"{history.name} has no event before {origin}; its first is of {history.first}")
    return dataclasses.replace(past, **{name: getattr(past, name).copy() for name in ARRAYS})


class Maker(Protocol):
    """Gives the scenario of an origin; `scale` is the one on whose scale outcomes and forecasts stand."""

    @property
    def scale(self) -> Scenario: ...

    @property
    def is_anew(self) -> bool: ...

    def at(self, past: EventHistory, origin: dt.date) -> Scenario:
        """The scenario for an origin, given what happened before it."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """One scenario at every origin."""

    scale: Scenario
    is_anew = False

    def at(self, past: EventHistory, origin: dt.date) -> Scenario:
        return self.scale


@dataclass(frozen=True, slots=True)
class Anew:
    """A scenario made at every origin from its past, with the scale of the one of the first origin.

    Else what is forecast would be another quantity at every origin: a scenario made from events takes the scale of its
    index from their volume.
    """

    scale: Scenario
    is_anew = True

    def at(self, past: EventHistory, origin: dt.date) -> Scenario:
        made = scenario_for(past, start=origin, step=self.scale.file.step)
        same = ("index_scale", "technical_weight")
        return made.with_values({f"parameters.{name}": self.scale.file.parameters[name] for name in same})


def anew(history: EventHistory, first: dt.date, step: str = "week") -> Anew:
    """The maker whose scale comes from what happened before the first origin."""
    return Anew(scenario_for(history, start=first, step=step))


def issues_known(history: EventHistory) -> tuple[str, ...]:
    """The issues on which a history has events."""
    rows = np.unique(history.issue[history.issue != NO_ROW]).tolist()
    return tuple(history.issues[row] for row in rows)


def narrowed(history: EventHistory, issues: Sequence[str]) -> EventHistory:
    """The events on some of the issues; which others there are is not told any more.

    So that a forecast cannot know what the two will turn to later.
    """
    rows = {history.issues.index(name): row for row, name in enumerate(issues)} | {NO_ROW: NO_ROW}
    kept = np.isin(history.issue, list(rows))
    part = {name: getattr(history, name)[kept] for name in ARRAYS}
    part["issue"] = np.array([rows[row] for row in part["issue"].tolist()], np.int64)
    return dataclasses.replace(history, issues=tuple(issues), **part)


DIRECTIONS = 2
"""From the first principal to the second, and back."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """What was observed on a grid of steps.

    dates : on which steps begin, and the last ends; a row holds what is known on its morning. index : 0..100, shape
    (date,). issues : 0..100, (date, issue). weights : of the issues in the index, (date, issue). events : whether the
    condition of each event holds, (date, event). score : sum of Goldstein / 10 in the step that ends on the date,
    weights of events counted, (date, direction). acts : likewise how many, (date, direction).
    """

    dates: tuple[dt.date, ...]
    index: record_Floats
    issues: record_Floats
    weights: record_Floats
    events: Bools
    score: record_Floats
    acts: record_Floats

    def row(self, date: dt.date) -> int:
        """The row of a date of the grid."""
        return self.dates.index(date)


def series_of(scenario: Scenario, history: EventHistory, grid: Grid, end: dt.date) -> Series:
    """What a history says on a scenario's scale, from its first day until before a day on the grid."""
    start = grid.snapped(history.first)
    course = course_of(scenario, history, place(history, scenario.file), (start, end))
    course = dataclasses.replace(course, world=settled(course.world, []))
    world, taken, now = course.world, Recorder(), begun(course, RandomStreams(0, 0, 1))
    walk(now, course, world.steps, taken)
    record = taken.record(now)
    score, acts = _flows(scenario, history, world.dates)
    return Series(
        dates=world.dates,
        index=record.cooperation[:, 0],
        issues=record.issue_cooperation[:, :, 0],
        weights=np.array(record.weights[:, :, 0]),
        events=record.events[:, :, 0],
        score=score,
        acts=acts,
    )


def _flows(
    scenario: Scenario, history: EventHistory, dates: tuple[dt.date, ...]
) -> tuple[record_Floats, record_Floats]:
    """See `Series.score` and `Series.acts`; nothing on the first date."""
    score, acts = np.zeros((len(dates), DIRECTIONS)), np.zeros((len(dates), DIRECTIONS))
    events = [one for one in placed_events(history, scenario, Counter()) if one.date < dates[-1]]
    days = np.array([one.date for one in events], "datetime64[D]")
    row = np.searchsorted(np.array(dates, "datetime64[D]"), days, side="right")
    back = np.array([one.channel.actor == scenario.file.principals[1] for one in events], np.int64)
    np.add.at(score, (row, back), [one.flow for one in events])
    np.add.at(acts, (row, back), [one.weight for one in events])
    return score, acts


INDEX, SCORE, ACTS = "index", "score", "acts"


@dataclass(frozen=True, slots=True)
class Target:
    """A series: its name, its unit, what it is, and between which values it lies.

    grain : below which differences say nothing; the least bandwidth, or spread, of a log score.
    """

    name: str
    unit: str
    about: str
    grain: float
    low: float = float("-inf")
    high: float = float("inf")


def targets_of(scenario: Scenario) -> tuple[Target, ...]:
    """The targets of a scenario: the index, each issue where there are several, net score and number of acts."""
    issues = list(scenario.file.issues) if len(scenario.file.issues) > 1 else []
    return (
        Target(INDEX, "0-100", "cooperation index at the month's end", 0.5, 0.0, 100.0),
        *(
            Target(f"issue: {name}", "0-100", f"cooperation on {name} at the month's end", 0.5, 0.0, 100.0)
            for name in issues
        ),
        Target(SCORE, "Goldstein / 10", "sum of the scores of the month's acts, both directions", 0.1),
        Target(ACTS, "acts", "number of the month's acts, both directions", 0.5, 0.0),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Months:
    """Observed values by month, up to an origin, latest last.

    index : at the months' ends, shape (month,). issues : likewise, (month, issue). weights : of the issues in the index
    at the origin, (issue,). score, acts : sums over the months, (month, direction).
    """

    index: record_Floats
    issues: record_Floats
    weights: record_Floats
    score: record_Floats
    acts: record_Floats

    def latest(self, count: int | None) -> Months:
        """The last so many months; all of them for None."""
        if count is None:
            return self
        kept = slice(max(0, len(self.index) - count), None)
        return Months(self.index[kept], self.issues[kept], self.weights, self.score[kept], self.acts[kept])


def months_to(series: Series, row: int, month: int) -> Months:
    """The whole months of `month` steps that end at a row, and those before it, counted back from there."""
    rows = row - month * np.arange(row // month)[::-1]
    return Months(
        index=series.index[rows],
        issues=series.issues[rows],
        weights=series.weights[row],
        score=_sums(series.score, rows, month),
        acts=_sums(series.acts, rows, month),
    )


def _sums(flow: record_Floats, rows: Ints, month: int) -> record_Floats:
    """Sums over the month that ends at each row, shape (row, direction)."""
    total = np.cumsum(flow, axis=0)
    sums: record_Floats = total[rows] - total[rows - month]
    return sums


def observed(series: Series, row: int, month: int, horizons: tuple[int, ...]) -> record_Floats:
    """What came after a row, shape (target, horizon); NaN where the data end before."""
    is_single = series.issues.shape[1] == 1
    found = np.full((3 + (0 if is_single else series.issues.shape[1]), len(horizons)), np.nan)
    for column, horizon in enumerate(horizons):
        end = row + horizon * month
        if end < len(series.dates):
            inside = slice(end - month + 1, end + 1)
            issues = [] if is_single else series.issues[end].tolist()
            found[:, column] = [series.index[end], *issues, series.score[inside].sum(), series.acts[inside].sum()]
    return found


def simulated(found: Ahead, month: int, horizons: tuple[int, ...], weights: record_Floats | None) -> record_Floats:
    """What runs say, shape (target, horizon, run).

    Parameters
    ----------
    weights : of the issues in the index, shape (issue,); None for those of the scenario at each date.
    """
    record, rows = found.record, np.array(horizons) * month
    issues = record.issue_cooperation[rows]
    index = record.cooperation[rows] if weights is None else np.einsum("k,hkr->hr", weights, issues)
    by_issue = issues.swapaxes(0, 1) if issues.shape[1] > 1 else issues.swapaxes(0, 1)[:0]
    flows = _monthly(found, month, horizons)
    return np.concatenate([index[None], by_issue, flows])


def _monthly(found: Ahead, month: int, horizons: tuple[int, ...]) -> record_Floats:
    """Sum of scores / 10, and number, of the acts between the principals in the months, shape (2, horizon, run)."""
    record, world, runs = found.record, found.world, found.record.cooperation.shape[-1]
    counts = np.isin(record.move_channel, world.dyad) & (record.move_cause != STOPPED)
    last = max(horizons)
    cell = (record.move_step[counts] // month) * runs + record.move_run[counts]
    score = world.menus.move_score[record.move_id[counts]]
    sums = [np.bincount(cell, weight, minlength=last * runs).reshape(last, runs) for weight in (score, None)]
    return np.array(sums, np.float64)[:, np.array(horizons) - 1]
