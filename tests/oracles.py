"""Slower ways to the same, for tests that compare."""

from __future__ import annotations

import dataclasses

from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import act, live, turn_calendar
from tensionsim.estimation.window import ObservationWindow, by_step
from tensionsim.rng import RandomStreams


def simulation_at(window: ObservationWindow, step: int) -> Simulation:
    """The simulation at the start of a step, its calendar turned, after the observed moves before it."""
    world = dataclasses.replace(window.world, timetable=dataclasses.replace(window.world.timetable, moves={}))
    now = begin(world, RandomStreams(0, 0, 1))
    for acts, days in by_step(window):
        turn_calendar(now)
        if now.at == step:
            break
        seen = now.look()
        act(now, acts, days)
        live(now, seen)
        now.at, now.seen = now.at + 1, None
    return now
