"""Ahead: from an origin on, a scenario's runs after they have walked through the moves that were observed before it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass

from tensionsim.analysis.backtesting.grid import Grid
from tensionsim.analysis.backtesting.walk import begun, course_of, excess, handed_over, walk
from tensionsim.engine import Record, World
from tensionsim.engine.simulate import proceed
from tensionsim.errors import TensionSimError
from tensionsim.history.events import EventHistory
from tensionsim.likelihood.placing import place
from tensionsim.likelihood.window import assembled
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario
from tensionsim.world.channels import Floats

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


def ahead(scenario: Scenario, past: EventHistory, origin: dt.date, steps: int, luck: Luck) -> Ahead:
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
