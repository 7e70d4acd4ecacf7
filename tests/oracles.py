"""Slower ways to the same, for tests that compare."""

from __future__ import annotations

import dataclasses

from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import turn_calendar
from tensionsim.estimation.window import ObservationWindow
from tensionsim.rng import RandomStreams


def simulation_at(window: ObservationWindow, step: int) -> Simulation:
    """The simulation at the start of a step, its calendar turned, after the observed moves before it."""
    world = dataclasses.replace(window.world, timetable=dataclasses.replace(window.world.timetable, moves={}))
    now = begin(world, RandomStreams(0, 0, 1))
    turn_calendar(now)
    while now.at < step:
        window.course.go_on(now)
        turn_calendar(now)
    return now
