"""Chunks: some consecutive runs of a scenario as one piece of work, the same wherever it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tensionsim.engine import World, assemble, simulate
from tensionsim.record import Record, join
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario

Progress = Callable[[int], None]

WORLDS_KEPT = 4
"""Worlds that a process keeps: enough for a sweep whose points come in turns, and 4 of some MB each."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive runs of a scenario: all that a worker needs to know.

    first_run : number of the first run, >= 0. runs : how many, >= 1. chunk_runs : how many are simulated at a time,
    >= 1; it changes speed and memory, never the record.
    """

    scenario: Scenario
    seed: int
    first_run: int
    runs: int
    chunk_runs: int


def world_of(scenario: Scenario) -> World:
    """The world of a scenario, assembled once in a process for all scenarios of that text."""
    return _assembled(_ByText(scenario))


def record_of(chunk: Chunk, advance: Progress | None = None) -> Record:
    """The record of a chunk: a pure function of the scenario's text, the seed and the runs' numbers.

    Parameters
    ----------
    advance : called with the number of runs done since it was last called; their sum is `chunk.runs`.
    """
    world, after = world_of(chunk.scenario), chunk.first_run + chunk.runs
    starts = range(chunk.first_run, after, chunk.chunk_runs)
    return join(
        [simulated(world, chunk.seed, start, min(chunk.chunk_runs, after - start), advance) for start in starts]
    )


def simulated(world: World, seed: int, first_run: int, runs: int, advance: Progress | None = None) -> Record:
    """The record of some consecutive runs, simulated together."""
    done = 0

    def after_step(step: int) -> None:
        nonlocal done
        if advance is not None:
            now = runs * step // world.steps
            advance(now - done)
            done = now

    return simulate(world, Luck(seed, first_run, runs), after_step=after_step)


@dataclass(frozen=True, slots=True)
class _ByText:
    """A scenario that equals another of the same text."""

    scenario: Scenario

    def __hash__(self) -> int:
        return hash(self.scenario.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByText) and self.scenario.text == other.scenario.text


@lru_cache(maxsize=WORLDS_KEPT)
def _assembled(key: _ByText) -> World:
    return assemble(key.scenario)
