"""A world that walks through observed moves, in many runs at once, and then goes on by itself.

In every step before an origin the observed acts are made, whatever the actors would have chosen; from the origin on
they choose. Each run walks with its own drawn numbers, so that what memories, rhetoric and indicators have become by
the origin is right for each.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tensionsim.engine import Recorder, World
from tensionsim.engine.acts import OWN, Acts, acts_of, joined, nothing
from tensionsim.engine.calendar import Turn
from tensionsim.engine.doctrine import NOT_UNTIL_IT_LAPSES, Answer, is_asked
from tensionsim.engine.past import DAYS_PER_STEP
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.standing import standing_of
from tensionsim.engine.step import act_in_turn, live, turn_calendar
from tensionsim.history.events import EventHistory
from tensionsim.likelihood.placing import Placement
from tensionsim.likelihood.window import assembled
from tensionsim.observed import placed_events
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario
from tensionsim.world.channels import Floats, Ints
from tensionsim.world.memory import remember


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Observed acts on the grid of a world; the arrays have the shape (act,), by date.

    step, channel, move : rows of every act. day : its date. before, along : what events count by their own scores more
    than the moves that stand for them, Goldstein / 10 a month, in the steps before the world's first, latest last, and
    in its own; shape (channel, step).
    """

    world: World
    step: Ints
    channel: Ints
    move: Ints
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


def _steps(world: World, days: list[dt.date]) -> Ints:
    """The step that contains each day; before the world's start they count back from it, as its past does."""
    starts, found = np.array(world.dates, "datetime64[D]"), np.array(days, "datetime64[D]")
    since = (found - starts[0]).astype(np.int64)
    length = DAYS_PER_STEP[world.scenario.file.step]
    inside = np.searchsorted(starts, found, side="right") - 1
    return np.where(since < 0, np.floor(since / length), inside).astype(np.int64)


def begun(course: Course, luck: Luck) -> Simulation:
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


def _note_rules(now: Simulation, channel: Ints, move: Ints) -> None:
    """Keeps cooldowns and spells of rules as observed moves leave them.

    Assumption, that of the likelihood: a rule that was asked acted where its move, and nothing else, was made in its
    channel.
    """
    acts, seen = nothing(), now.observe()
    for row, rule in enumerate(now.world.rulebook.doctrines):
        asked = is_asked(row, rule, seen, now, acts)
        answers = [one for one in (rule.answer, rule.otherwise) if one is not None]
        made = [one for one in answers if move[channel == one.channel].tolist() == [one.move]][:1]
        if made:
            now.state.ready[row, asked] = now.at + rule.cooldown_steps
            acts = joined([acts, *(_of_rule(one, np.flatnonzero(asked)) for one in made)])
        if rule.once:
            now.state.ready[row, asked] = NOT_UNTIL_IT_LAPSES


def _of_rule(answer: Answer, runs: Ints) -> Acts:
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
    return Simulation(world, now.luck, now.settings, now.numbers, state, standing_of(world, state.in_force))
