"""The observation window: which days of a history count, and the states of a scenario's world over them.

Events of a history find their place among a scenario's channels and moves (`place`), days that count become a window
(`observation_window`), and a world that makes the observed moves gives the states before every step (`state_path`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensionsim.engine.build import assemble
from tensionsim.engine.calendar import Turn, step_of
from tensionsim.engine.past import Placement, place
from tensionsim.engine.rules import NOT_UNTIL_IT_LAPSES, chance_of, is_asked, is_open
from tensionsim.engine.simulation import Simulation, at_start, begin
from tensionsim.engine.step import act, live, turn_calendar
from tensionsim.engine.world import OWN, SCHEDULE, Acts, Numbers, World, acts_of, everywhere, joined, nothing, perceive
from tensionsim.errors import FitError, counted, day_of, shown
from tensionsim.events.history import EventHistory, expect_history
from tensionsim.model.choice import Chances, is_allowed
from tensionsim.model.mechanisms import SCALE, Scene
from tensionsim.model.parameters import Settings
from tensionsim.model.state import State
from tensionsim.model.structure import Bools, Floats, Ints
from tensionsim.rng import RandomStreams
from tensionsim.scenario import names
from tensionsim.scenario.scenario import Scenario
from tensionsim.scenario.schema import ArrangementRef


class AskedRule(NamedTuple):
    """A rule asked in a step, for a cell: its chance to act there, and whether what was observed is what it does."""

    step: int
    channel: int
    chance: float
    is_seen: bool


def ask(now: Simulation, channel: Ints, move: Ints, taken: Sequence[int] = ()) -> list[AskedRule]:
    """What rules may have done in a step of the first run beside observed moves and the schedule; keeps all cooldowns.

    Assumption: a rule that was asked acted where its move, and nothing else, was made in its channel; only then does
    its cooldown begin. A rule with an alternative in another channel counts as if chance had decided in each alone.
    """
    found, everyone = list[AskedRule](), np.ones(now.state.runs, bool)
    acts = joined([nothing(), *(everywhere(one, 0, everyone, SCHEDULE) for one in taken)])
    for row, rule in enumerate(now.world.rulebook.rules):
        asked = is_asked(row, rule, now, acts)
        if not asked.any():
            continue
        chance = float(chance_of(rule, now)[0])
        actions = [(rule.action, chance)]
        if rule.otherwise is not None and not (acts.channel == rule.otherwise.channel).any():
            actions.append((rule.otherwise, 1.0 - chance))
        seen = list[Acts]()
        for action, odds in actions:
            could, is_made = asked & is_open(action, now), move[channel == action.channel].tolist() == [action.move]
            if could[0]:
                found.append(AskedRule(now.at, action.channel, odds, is_made))
            if is_made and could.any():
                seen.append(everywhere(action.channel, action.move, could, SCHEDULE))
        if seen:
            acts = joined([acts, seen[0]])
            now.state.ready[row, seen[0].run] = now.at + rule.cooldown_steps
        if rule.once:
            now.state.ready[row, asked] = NOT_UNTIL_IT_LAPSES
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Observed acts on the steps of a world, by date: row of step, channel and move, and day, shape (act,).

    excess : what events count by their own scores more than their moves, Goldstein / 10 a month, (channel, step).
    """

    world: World
    step: Ints
    channel: Ints
    move: Ints
    day: NDArray[np.datetime64]
    excess: Floats

    @classmethod
    def of(cls, world: World, placement: Placement) -> Course:
        """What was placed within a world's dates."""
        kept = [one for one in placement.occurrences if world.dates[0] <= one.date < world.dates[-1]]
        starts, day = np.array(world.dates, "datetime64[D]"), np.array([one.date for one in kept], "datetime64[D]")
        rows = {channel: row for row, channel in enumerate(world.channels.rows)}
        moves = {name: row for row, name in enumerate(world.menus.names)}
        excess = np.zeros((len(world.channels), world.steps))
        for one in placement.excess:
            if world.dates[0] <= one.date < world.dates[-1]:
                excess[rows[one.channel], step_of(one.date, world.dates)] += one.flow / world.dt_months
        return cls(
            world,
            np.searchsorted(starts, day, side="right").astype(np.int64) - 1,
            np.array([rows[one.channel] for one in kept], np.int64),
            np.array([moves[one.move] for one in kept], np.int64),
            day,
            excess,
        )

    def go_on(self, now: Simulation, taken: Sequence[int] = ()) -> tuple[Acts, list[AskedRule]]:
        """Makes the acts of a step whose calendar has turned, day by day, in all runs, and ends it; what rules did."""
        first, after = np.searchsorted(self.step, [now.at, now.at + 1]).tolist()
        seen, runs = now.look(), now.state.runs
        asked = ask(now, self.channel[first:after], self.move[first:after], taken)
        cuts = (np.flatnonzero(np.diff(self.day[first:after])) + 1 + first).tolist()
        days = list[Acts]()
        for begins, ends in pairwise([first, *cuts, after]):
            rows, run = np.repeat(np.arange(begins, ends), runs), np.tile(np.arange(runs), ends - begins)
            days.append(acts_of(self.channel[rows], run, self.move[rows], OWN))
        acts = joined(days)
        act(now, acts, days)
        now.state.verbal += (1.0 - now.numbers.keep_index) * self.excess[:, now.at, None]
        live(now, seen)
        now.at, now.seen = now.at + 1, None
        return acts, asked


ONE_DAY = dt.timedelta(days=1)

Span = tuple[dt.date, dt.date]
"""From a day to another, both included."""


@dataclass(frozen=True, slots=True, eq=False)
class ObservationWindow:
    """Observed moves over the steps of a scenario's world, uncertain numbers at their middle.

    counts : which steps count, shape (step,). observes : which channels the history covers, shape (channel,).
    """

    scenario: Scenario
    history: EventHistory
    course: Course
    counts: Bools
    observes: Bools
    placement: Placement
    gaps: tuple[Span, ...]
    notes: tuple[str, ...]

    @property
    def world(self) -> World:
        """The world in which the moves were made."""
        return self.course.world

    @property
    def since(self) -> dt.date:
        """First day that counts."""
        return self.world.dates[int(np.argmax(self.counts))]

    @property
    def until(self) -> dt.date:
        """Last day that counts."""
        return self.world.dates[int(np.flatnonzero(self.counts)[-1]) + 1] - ONE_DAY

    def __len__(self) -> int:
        return len(self.course.step)


def history_of(scenario: Scenario, given: EventHistory | None = None) -> EventHistory:
    """The history that was given, or that the scenario names; FitError if it names none."""
    found = names.history_of(scenario.file) if given is None else expect_history(given)
    if found is None:
        raise FitError(
            f"{scenario.name} names no history of observed moves; give --events FILE, or write `history: FILE` in it"
        )
    return found


def _spans(given: Iterable[Any]) -> list[Span]:
    try:
        pairs = [(first, last) for first, last in given]
    except (TypeError, ValueError):
        wanted = "a list of stretches, first and last day of each: [('2018-12-31', '2019-01-06')]"
        raise TypeError(f"missing is {wanted}; got {shown(given)}") from None
    return [(day_of(first), day_of(last)) for first, last in pairs]


def observation_window(
    scenario: Scenario,
    history: EventHistory | None = None,
    *,
    since: dt.date | str | None = None,
    until: dt.date | str | None = None,
    gaps: Sequence[Span] = (),
) -> ObservationWindow:
    """The observed moves of a history on the scenario's steps; FitError if no step or no event is left."""
    history = history_of(scenario, history)
    last = history.last if until is None else min(day_of(until), history.last)
    gaps = _spans(gaps)
    if reversed_ := [f"{begins} to {ends}" for begins, ends in gaps if ends < begins]:
        raise FitError(f"missing: {', '.join(reversed_)} ends before it begins; give the earlier day first")
    notes: list[str] = []
    if last >= scenario.file.end:
        last = scenario.file.end - ONE_DAY
        notes.append(f"the scenario ends on {scenario.file.end}; what came later does not count")
    seen = history.until(last)
    start = scenario.file.start
    first = day_of(since) if since is not None else start if start < last else history.first
    placement = place(seen, scenario.file)
    begins, ends = min(first, start), last + ONE_DAY
    sure = scenario.without_draws()
    world = assembled(sure, seen, placement, (begins, max(ends, begins + ONE_DAY)), notes)
    for one in world.sources:
        if one.path.startswith("mechanisms.") and one.path.endswith(f".{SCALE}") and one.value != 1.0:
            raise FitError(f"a fit knows mechanisms that are on or off; drop {one.path}, or write off")
    if sure.file != scenario.file:
        notes.append("what the scenario leaves uncertain and is not fitted stands at its estimate or mean")
    if any(len(one.alternatives) > 1 for found in world.timetable.turns.values() for one in found):
        notes.append("of changes with alternatives the likeliest is taken to have come")
    whole = len(world.dates) - (world.dates[-1] > ends)
    world = likeliest(dataclasses.replace(world, dates=world.dates[:whole]))
    if late := sum(one.date >= world.dates[-1] for one in placement.occurrences):
        notes.append(
            f"not counted: {counted(late, 'act')} from {world.dates[-1]} on, as the step ends after the last day"
        )
    starts = np.array(world.dates, "datetime64[D]")
    counts = starts[:-1] >= np.datetime64(first)
    for gap_begin, gap_end in gaps:
        counts &= ~((starts[1:] > np.datetime64(gap_begin)) & (starts[:-1] <= np.datetime64(gap_end)))
    # Assumption: a history covers what passes between two actors, either way, if it holds any event between them.
    pairs = {frozenset((one.channel.actor, one.channel.target)) for one in placement.occurrences}
    observes = np.array([frozenset((one.actor, one.target)) in pairs for one in world.channels.rows], bool)
    # A likelihood looks at the moves that stand for events, not at what these score more.
    course = Course.of(world, dataclasses.replace(placement, excess=()))
    found = ObservationWindow(scenario, seen, course, counts, observes, placement, gaps=tuple(gaps), notes=tuple(notes))
    if not found.counts.any():
        raise FitError(
            f"no whole step of {found.scenario.name} lies between {first} and {last}; choose other days with --from "
            "and --until (since=, until=), or fewer missing ones with --missing"
        )
    if not len(found) or not found.counts[course.step].any():
        reasons = "; ".join(f"{count:,} {reason}" for reason, count in found.placement.left_out.items())
        raise FitError(
            f"no event of {found.history.name} between {first} and {last} is one that {found.scenario.name} knows"
            + (f" ({reasons})" if reasons else "")
            + "; choose other days with --from and --until, or say with --dyad CODE=actor CODE=actor and --mapping "
            "FILE how events are moves of the scenario"
        )
    return found


def assembled(
    scenario: Scenario, past: EventHistory, placed: Placement, days: Span, notes: list[str], *, as_coded: bool = False
) -> World:
    """The world of a scenario from a day until before another, after the history's earlier moves.

    What the history tells of arrangements wins over the scenario. as_coded : whether conduct at the start counts the
    events' own scores, as a run's does.
    """
    start, end = days
    file = scenario.file
    changed: dict[str, object] = {"start": start, "end": end}
    if start < file.start:
        notes.append(
            f"the window begins on {start}, before the scenario's start: what it says of its actors on {file.start} "
            "stands for the days before"
        )
    if past.held is not None and start <= past.first:
        known = {one.name for one in past.held} - set(file.arrangement_kinds)
        changed["arrangements"] = [
            ArrangementRef(name=one.name, actor=one.actor, target=one.target, issue=one.issue)
            for one in past.held
            if {one.actor, one.target} <= set(file.actors) and one.issue in file.issues
        ]
        notes.append(f"{len(known)} kinds of arrangements in force on {past.first} are those of the history")
    elif past.held is not None and start < file.start:
        changed["arrangements"] = None
    moved = dataclasses.replace(scenario, file=file.model_copy(update=changed))
    channels = sorted({one.channel for one in placed.occurrences})
    return assemble(moved, placed.known(past, start, as_coded=as_coded), channels)


def likeliest(world: World) -> World:
    """The world in which of every change the likeliest alternative comes for sure."""

    def turn(given: Turn) -> Turn:
        best = sorted(given.alternatives, key=lambda one: -one.chance)[:1]
        return dataclasses.replace(given, alternatives=tuple(dataclasses.replace(one, chance=1.0) for one in best))

    turns = {step: tuple(map(turn, found)) for step, found in world.timetable.turns.items()}
    return dataclasses.replace(world, timetable=dataclasses.replace(world.timetable, turns=turns))


LONGEST_QUIET_DAYS = 28
EXPECTED = 25.0
YEAR_DAYS = 365.0


def gaps_in(history: EventHistory) -> tuple[Span, ...]:
    """Stretches that look like missing data, each from the first to the last day without an event.

    Assumption: four weeks or more without any event are missing data, not peace, if at the rate of the year before and
    the year after 25 events or more would have been expected in them (by chance a Poisson process is so quiet once in
    10^10). Bursts make real series quieter at times than a Poisson process, hence so strict a limit.
    """
    dates = np.unique(history.dates).astype("datetime64[D]")
    every, days = history.dates.astype("datetime64[D]").astype(np.int64), dates.astype(np.int64)
    found: list[Span] = []
    for row in np.flatnonzero(np.diff(days) > LONGEST_QUIET_DAYS).tolist():
        before, after = int(days[row]), int(days[row + 1])
        around = min(_rate(every, before - YEAR_DAYS, before), _rate(every, after, after + YEAR_DAYS))
        if around * (after - before - 1) >= EXPECTED:
            found.append((dates[row].item() + ONE_DAY, dates[row + 1].item() - ONE_DAY))
    return tuple(found)


def _rate(days: Ints, first: float, last: float) -> float:
    """Events a day from one day to another, so far as the history reaches."""
    first, last = max(first, float(days[0])), min(last, float(days[-1]))
    return float(((days >= first) & (days <= last)).sum()) / max(last - first + 1.0, 1.0)


_KEPT = (
    *("in_force", "matters"),
    *("net_fast", "net_slow", "acts_fast", "acts_slow", "verbal", "material"),
    *("stance_shift", "rhetoric", "sympathy", "engagement", "expectations", "indicators", "leader"),
)
"""Parts of a state that mechanisms see, and who governs; the last axis is the step."""


@dataclass(frozen=True, slots=True)
class StatePath:
    """States at the start of every step, when the observed moves are made, side by side where ensembles have runs.

    is_open : of each entry of the menus, shape (step, channel, slot). taken : cells that the schedule took, (channel,
    step). stopped : chance that a check stops a move, (actor, move, step or 1). flows : scores and acts a month.
    """

    window: ObservationWindow
    state: State
    settings: Settings
    is_open: Chances
    asked: tuple[AskedRule, ...]
    taken: Bools
    stopped: Floats
    flows: Floats

    @property
    def steps(self) -> int:
        return self.window.world.steps

    def is_unasked(self, step: Ints, channel: Ints, move: Ints) -> Bools:
        """Whether moves could be made but for want of the matter that they answer; all of one shape, or one number."""
        menus = self.window.world.menus
        presupposed = menus.matters.row[menus.matters.presupposed[:, move], channel]
        is_closed: Bools = ~np.logical_or.reduce(self.state.matters[presupposed, step] > 0.0)
        return is_closed & is_allowed(menus, move, channel, self.state.in_force, step)


class Seen(NamedTuple):
    """What the actors saw at the start of every step: the last axis of all arrays is the step (or 1)."""

    settings: Settings
    numbers: Numbers
    perception: Scene
    state: State


def state_path(window: ObservationWindow) -> StatePath:
    """Walks a world through the observed moves."""
    world, course = window.world, window.course
    scheduled = world.timetable.moves
    unscheduled = dataclasses.replace(world, timetable=dataclasses.replace(world.timetable, moves={}))
    now = begin(unscheduled, RandomStreams(0, 0, 1))
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in _KEPT}
    segments: list[tuple[int, Mapping[str, Floats]]] = []
    is_open: list[Chances] = []
    asked: list[AskedRule] = []
    while now.at < world.steps:
        turn_calendar(now)
        if now.at == 0 or now.at in world.timetable.turns:
            segments.append((now.at, dict(now.settings.values)))
        for name, kept in parts.items():
            kept.append(np.array(getattr(now.state, name)))
        is_open.append(now.availability.is_open[:, 0].copy())
        asked += course.go_on(now, [channel for channel, _ in scheduled.get(now.at, ())])[1]
    wide: dict[str, Any] = {name: np.concatenate(kept, axis=-1) for name, kept in parts.items()}
    state = dataclasses.replace(now.state, **wide)
    settings = _side_by_side(segments, world.steps)
    taken = np.zeros((len(world.channels), world.steps), bool)
    for step in scheduled.keys() & range(world.steps):
        taken[[channel for channel, _ in scheduled[step]], step] = True
    flows = np.zeros((2, len(world.channels), world.steps))
    np.add.at(flows[0], (course.channel, course.step), world.menus.move_score[course.move])
    np.add.at(flows[1], (course.channel, course.step), 1.0)
    return StatePath(
        window=window,
        state=state,
        settings=settings,
        is_open=np.array(is_open),
        asked=tuple(asked),
        taken=taken,
        stopped=_stopped(world, settings, state.leader),
        flows=(flows / world.dt_months),
    )


def perceived(states: StatePath, values: Mapping[str, float]) -> Seen:
    """What the actors saw where some numbers are others: half-lives of the two memories, `tone_prior`, coefficients."""
    world = states.window.world
    settings = Settings(states.steps, dict(states.settings.values))
    for path, value in values.items():
        settings.set(path, np.array([value]))
    numbers = Numbers(world, settings)
    state = states.state
    moved = ("parameters.fast_half_life", "parameters.slow_half_life")
    if any(path in values and values[path] != states.settings.get(path)[0] for path in moved):
        state = dataclasses.replace(state, **_memories(states, numbers))
    return Seen(settings, numbers, perceive(world, state, numbers), state)


def _memories(states: StatePath, numbers: Numbers) -> dict[str, Any]:
    """The fast and the slow memory at the start of every step, shape (channel, step)."""
    at_first = (keep[:1] for keep in (numbers.keep_fast, numbers.keep_slow, numbers.keep_index))
    first = at_start(states.window.world, *at_first)
    names = ("net_fast", "acts_fast", "net_slow", "acts_slow")
    here = np.stack([first[name][:, 0] for name in names])
    keeps = np.stack([np.broadcast_to(keep, states.steps) for keep in (numbers.keep_fast, numbers.keep_slow)])
    keep = np.repeat(keeps, 2, axis=0)[:, None]
    flow = (1.0 - keep) * np.concatenate([states.flows, states.flows])
    found = np.empty((*here.shape, states.steps))
    for step in range(states.steps):
        found[..., step] = here
        here = keep[..., step] * here + flow[..., step]
    return dict(zip(names, found, strict=True))


def _side_by_side(segments: list[tuple[int, Mapping[str, Floats]]], steps: int) -> Settings:
    """Settings in which every number that changes has one value a step."""
    lengths = np.diff([*(step for step, _ in segments), steps])
    found = Settings(steps)
    for path in segments[-1][1]:
        values = [float(each.get(path, np.zeros(1))[0]) for _, each in segments]
        is_same = all(value == values[0] for value in values)
        found.set(path, np.array(values[:1]) if is_same else np.repeat(values, lengths))
    return found


def _stopped(world: World, settings: Settings, leaders: Ints) -> Floats:
    passes = np.ones((len(world.names.actors), len(world.moves), world.steps))
    for veto in world.rulebook.vetoes:
        is_governed = np.ones(world.steps, bool) if veto.leader < 0 else leaders[veto.actor] == veto.leader
        passes[veto.actor, veto.stops] *= np.where(is_governed, 1.0 - settings.get(veto.path), 1.0)
    return 1.0 - passes
