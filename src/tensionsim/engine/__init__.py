"""The engine: from a scenario to the record of its runs, on arrays whose last axis is `run`.

`assemble` makes the world of a scenario, `begin` a simulation of some runs, `step` moves it on, `simulate` does it all.
"""

from tensionsim.engine.assembly import assemble
from tensionsim.engine.recorder import Recorder
from tensionsim.engine.simulate import simulate
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import step
from tensionsim.engine.world import World
from tensionsim.record import Record

__all__ = ["Record", "Recorder", "Simulation", "World", "assemble", "begin", "simulate", "step"]
