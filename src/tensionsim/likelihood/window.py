"""The window: which days of a history a likelihood counts, and the scenario's world over them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensionsim.engine import World, assemble
from tensionsim.engine.calendar import Assignment, Branch, Turn
from tensionsim.engine.past import has_history
from tensionsim.errors import FitError
from tensionsim.history import curated
from tensionsim.history.events import EventHistory
from tensionsim.likelihood.placing import Placement, place
from tensionsim.scenario import Scenario
from tensionsim.scenario.distributions import parse
from tensionsim.scenario.schema import ArrangementRef, Distribution, ScenarioFile
from tensionsim.world.channels import Bools, Ints

ONE_DAY = dt.timedelta(days=1)

Span = tuple[dt.date, dt.date]
"""From a day to another, both included."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Observed moves over the steps of a scenario's world; arrays of shape (act,), by date.

    scenario : as it was given. world : assembled over the window, uncertain numbers at their means. step, channel,
    move : rows of every act. day : its date. counts : which steps the likelihood counts, shape (step,). observes :
    which channels the history covers, shape (channel,). missing : stretches that are left out. notes : what a reader
    must know.
    """

    scenario: Scenario
    history: EventHistory
    world: World
    step: Ints
    channel: Ints
    move: Ints
    day: NDArray[np.datetime64]
    counts: Bools
    observes: Bools
    placement: Placement
    missing: tuple[Span, ...]
    notes: tuple[str, ...]

    @property
    def since(self) -> dt.date:
        """First day that counts."""
        return self.world.dates[int(np.argmax(self.counts))]

    @property
    def until(self) -> dt.date:
        """Last day that counts."""
        return self.world.dates[int(np.flatnonzero(self.counts)[-1]) + 1] - ONE_DAY

    def __len__(self) -> int:
        return len(self.step)


def history_of(scenario: Scenario) -> EventHistory:
    """The curated history that a scenario names.

    Raises
    ------
    FitError
        If it names none.
    """
    if not has_history(scenario.file):
        raise FitError(
            f"{scenario.name} names no history of observed moves; give events (--events FILE), or write `history: "
            f"{curated.names()[0]}` into the scenario"
        )
    return curated.curated_history(str(scenario.file.history))


def window(
    scenario: Scenario,
    history: EventHistory | None = None,
    *,
    since: dt.date | None = None,
    until: dt.date | None = None,
    missing: Sequence[Span] = (),
) -> Window:
    """The observed moves of a history on a scenario's grid of steps.

    Parameters
    ----------
    history
        Default: the one that the scenario names.
    since
        First day that counts. Default: the scenario's start, if the history reaches beyond it, else the history's first
        day; then the scenario is taken as if it had begun there.
    until
        Last day that may count, later events are not looked at; default the history's last, or that of the scenario
        if it is earlier. Steps that end later do not count.
    missing
        Stretches in which nothing was recorded; they do not count.

    Raises
    ------
    FitError
        If no step or no event is left.
    """
    history = history_of(scenario) if history is None else history
    last = history.last if until is None else min(until, history.last)
    notes: list[str] = []
    if last >= scenario.file.end:
        last = scenario.file.end - ONE_DAY
        notes.append(f"the scenario ends on {scenario.file.end}; what came later does not count")
    seen = history.until(last)
    first = _first_day(scenario, seen, last, since)
    placement = place(seen, scenario.file)
    world = _world(scenario, seen, placement, (min(first, scenario.file.start), last), notes)
    kept = [one for one in placement.occurrences if world.dates[0] <= one.date < world.dates[-1]]
    if late := sum(one.date >= world.dates[-1] for one in placement.occurrences):
        notes.append(f"{late:,} acts from {world.dates[-1]} on do not count: their step ends after the last day")
    starts = np.array(world.dates, "datetime64[D]")
    day = np.array([one.date for one in kept], "datetime64[D]")
    rows = {channel: row for row, channel in enumerate(world.channels.rows)}
    moves = {name: row for row, name in enumerate(world.menus.names)}
    counts = starts[:-1] >= np.datetime64(first)
    for begin, end in missing:
        counts &= ~((starts[1:] > np.datetime64(begin)) & (starts[:-1] <= np.datetime64(end)))
    found = Window(
        scenario=scenario,
        history=seen,
        world=world,
        step=np.searchsorted(starts, day, side="right").astype(np.int64) - 1,
        channel=np.array([rows[one.channel] for one in kept], np.int64),
        move=np.array([moves[one.move] for one in kept], np.int64),
        day=day,
        counts=counts,
        observes=_observed_channels(world, placement),
        placement=placement,
        missing=tuple(missing),
        notes=tuple(notes),
    )
    _check(found, first, last)
    return found


def _check(found: Window, first: dt.date, last: dt.date) -> None:
    if not found.counts.any():
        raise FitError(f"no whole step of {found.scenario.name} lies between {first} and {last}")
    if not len(found) or not found.counts[found.step].any():
        reasons = "; ".join(f"{count:,} {reason}" for reason, count in found.placement.left_out.items())
        raise FitError(
            f"no event of {found.history.name} between {first} and {last} is one that {found.scenario.name} knows"
            + (f" ({reasons})" if reasons else "")
        )


def _first_day(scenario: Scenario, history: EventHistory, last: dt.date, since: dt.date | None) -> dt.date:
    if since is not None:
        return since
    start = scenario.file.start
    return start if start < last else history.first


def _observed_channels(world: World, placement: Placement) -> Bools:
    """Assumption: a history covers what passes between two actors, either way, if it holds any event between them."""
    pairs = {frozenset((one.channel.actor, one.channel.target)) for one in placement.occurrences}
    return np.array([frozenset((one.actor, one.target)) in pairs for one in world.channels.rows], bool)


def _world(scenario: Scenario, history: EventHistory, placement: Placement, days: Span, notes: list[str]) -> World:
    start, last = days
    world = assembled(scenario, history, placement, (start, max(last + ONE_DAY, start + ONE_DAY)), notes)
    whole = len(world.dates) - (world.dates[-1] > last + ONE_DAY)
    world = dataclasses.replace(world, dates=world.dates[:whole])
    return settled(world, notes)


def assembled(scenario: Scenario, history: EventHistory, placement: Placement, days: Span, notes: list[str]) -> World:
    """The world of a scenario from a day until before another, whatever its own are, after the history's earlier moves.

    What the history tells of arrangements in force wins over the scenario where both do. `notes` gets what a reader
    must know.
    """
    start, end = days
    file = scenario.file
    changed: dict[str, object] = {"start": start, "end": end}
    if start < file.start:
        notes.append(
            f"the window begins on {start}, before the scenario's start: what it says of its actors on {file.start} "
            "stands for the days before"
        )
    if history.held is not None and start <= history.first:
        known = {one.name for one in history.held} - set(file.arrangement_kinds)
        changed["arrangements"] = _held(file, history)
        notes.append(f"{len(known)} kinds of arrangements in force on {history.first} are those of the history")
    elif history.held is not None and start < file.start:
        changed["arrangements"] = None
    moved = dataclasses.replace(scenario, file=file.model_copy(update=changed))
    channels = sorted({one.channel for one in placement.occurrences})
    return assemble(moved, placement.known(history, start), channels)


def _held(file: ScenarioFile, history: EventHistory) -> list[ArrangementRef] | None:
    """What was in force on the first day; None, so that the past tells it, where moves came before."""
    found = [
        ArrangementRef(name=one.name, actor=one.actor, target=one.target, issue=one.issue)
        for one in history.held or ()
        if {one.actor, one.target} <= set(file.actors) and one.issue in file.issues
    ]
    return found


def settled(world: World, notes: list[str]) -> World:
    """The world with uncertain numbers at their means and the likeliest alternative of every change."""
    if any(isinstance(one.value, Distribution) for one in world.sources):
        notes.append("numbers that the scenario leaves uncertain and that are not fitted stand at their means")
    turns = {step: tuple(_settled_turn(one) for one in found) for step, found in world.timetable.turns.items()}
    if any(len(one.alternatives) > 1 for found in world.timetable.turns.values() for one in found):
        notes.append("of changes with alternatives the likeliest is taken to have come")
    timetable = dataclasses.replace(world.timetable, turns=turns)
    return dataclasses.replace(world, sources=tuple(_settled_number(one) for one in world.sources), timetable=timetable)


def _settled_number(one: Assignment) -> Assignment:
    if not isinstance(one.value, Distribution):
        return one
    mean = parse(one.value).mean
    return dataclasses.replace(one, value=round(mean) if one.path == "parameters.acts_per_step" else mean)


def _settled_turn(turn: Turn) -> Turn:
    likeliest = sorted(turn.alternatives, key=lambda one: -one.chance)[:1]
    return Turn(
        turn.name,
        _settled_branch(turn.always),
        tuple(dataclasses.replace(_settled_branch(one), chance=1.0) for one in likeliest),
    )


def _settled_branch(branch: Branch) -> Branch:
    return dataclasses.replace(branch, assignments=tuple(_settled_number(one) for one in branch.assignments))
