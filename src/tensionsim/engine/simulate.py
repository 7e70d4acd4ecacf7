"""Simulate: some runs of a world, from its start to its end."""

from __future__ import annotations

from collections.abc import Callable

from tensionsim.engine.deciding import Decide, decide_all
from tensionsim.engine.recorder import Recorder
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import step
from tensionsim.engine.world import World
from tensionsim.record import Record
from tensionsim.rng import Luck


def simulate(
    world: World, luck: Luck, *, decide: Decide = decide_all, after_step: Callable[[int], None] | None = None
) -> Record:
    """The record of the runs that `luck` stands for.

    Parameters
    ----------
    decide : how actors choose; default: the model's own choice. after_step : called with the number of steps done.
    """
    return proceed(begin(world, luck), decide=decide, after_step=after_step)


def proceed(now: Simulation, *, decide: Decide = decide_all, after_step: Callable[[int], None] | None = None) -> Record:
    """The record of a simulation that has just begun, from where it stands to the end of its world; see `simulate`."""
    taken = Recorder()
    taken.state(now)
    for _ in range(now.world.steps):
        acts = step(now, decide)
        taken.moves(now.at - 1, acts)
        taken.state(now)
        if after_step is not None:
            after_step(now.at)
    return taken.record(now)
