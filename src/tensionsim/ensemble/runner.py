"""The runner: an ensemble of a scenario, chunk by chunk, as Results."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tensionsim.arguments import whole
from tensionsim.engine import World, assemble, replay, simulate
from tensionsim.errors import TensionSimError
from tensionsim.record import Names, Record, join
from tensionsim.results import Results
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    from tensionsim.agents import Actor

GIGABYTE = 1e9

MOST_RUNS = 2**31
"""Numbers of runs are kept in 32 bits."""

CHUNK_RUNS = 2000
"""Runs that are simulated together. Measured: chunks of 1,000 take a fifth longer a run, of 4,000 a twentieth less."""

Progress = Callable[[int], None]


def run(
    scenario: Scenario | str | Path,
    *,
    runs: int = 1000,
    seed: int = 0,
    first_run: int = 0,
    agents: Mapping[str, type[Actor]] | None = None,
    progress: bool = False,
) -> Results:
    """Simulates an ensemble of runs.

    Run n depends on the scenario, the seed and n alone: not on how many others are run beside it.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario.
    runs
        How many random histories, >= 1.
    seed
        Of the random numbers, >= 0. Two scenarios run with one seed share their luck run by run.
    first_run
        Number of the first run, >= 0.
    agents
        Subclasses of `Government` or `ThirdParty` by actor, with a `decide` of their own; such an ensemble is run
        through the Mesa model, run by run, which is some hundred times slower.
    progress
        Whether to show a bar on a terminal's standard error.

    Returns
    -------
    Results

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    TypeError
        If a number is not whole.
    ValueError
        If a number is out of its range.
    TensionSimError
        If so many runs do not fit into memory.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("trump2-petro-2025", runs=20, seed=7)
    >>> r.index.columns.tolist()
    ['mean', 'q05', 'q25', 'median', 'q75', 'q95']
    """
    runs, seed, first_run = whole("runs", runs, least=1), whole("seed", seed), whole("first_run", first_run)
    if first_run + runs > MOST_RUNS:
        raise ValueError(f"runs are numbered below {MOST_RUNS:,}; got first_run {first_run:,} and {runs:,} runs")
    chosen = scenario_of(scenario)
    world = assemble(chosen)
    names = names_of(world)
    check_memory(world, names, runs)
    with _Bar(runs, progress) as advance:
        if agents:
            records = _through_mesa(world, range(first_run, first_run + runs), seed, agents, advance)
        else:
            records = [
                chunk(world, seed, start, min(CHUNK_RUNS, first_run + runs - start), advance)
                for start in range(first_run, first_run + runs, CHUNK_RUNS)
            ]
    deciders = tuple(f"{actor}: {kind.__module__}.{kind.__qualname__}" for actor, kind in (agents or {}).items())
    return Results(chosen, seed, runs, first_run, names, join(records), deciders)


def check_memory(world: World, names: Names, runs: int) -> None:
    """TensionSimError where the record of so many runs cannot fit into this machine's memory.

    Chunks are joined at the end, so that for a moment the record is held twice.
    """
    floats = 4 + 2 * len(names.issues) + len(names.dyad_channels) + len(names.indicators) + len(names.actors)
    bytes_a_date = 8 * floats + len(names.arrangements) + len(names.events)
    needed = 2.2 * runs * len(world.dates) * bytes_a_date
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else None
    if memory is not None and needed > memory:
        most = int(runs * memory / needed)
        raise TensionSimError(
            f"{runs:,} runs of {world.scenario.name} need about {needed / GIGABYTE:.1f} GB of memory, and this machine "
            f"has {memory / GIGABYTE:.1f}; run at most {most:,} at a time, the others from `first_run` on"
        )


def chunk(world: World, seed: int, first_run: int, runs: int, advance: Progress | None = None) -> Record:
    """The record of some consecutive runs: a pure function of the world, the seed and their numbers."""
    done = 0

    def after_step(step: int) -> None:
        nonlocal done
        if advance is not None:
            now = runs * step // world.steps
            advance(now - done)
            done = now

    return simulate(world, Luck(seed, first_run, runs), after_step=after_step)


def names_of(world: World) -> Names:
    """What the rows of a record are called."""
    kinds, dyad = world.kinds, world.dyad.tolist()
    origins = [origin for origin in replay.origins(world) if origin.channel in dyad]
    return Names(
        issues=world.names.issues,
        actors=world.names.actors,
        channels=tuple(channel.name for channel in world.channels.rows),
        dyad_channels=tuple(world.channels.rows[row].name for row in world.dyad),
        indicators=world.names.indicators,
        indicator_units=world.indicators.units,
        arrangements=tuple(instance.name for instance in world.instances.rows),
        events=tuple(world.rulebook.events),
        moves=world.menus.names,
        move_scores=tuple(move.goldstein for move in world.moves),
        arrangement_tracks=tuple(kinds[instance.kind].track for instance in world.instances.rows),
        arrangement_scores=tuple(kinds[instance.kind].score for instance in world.instances.rows),
        arrangement_is_mutual=tuple(kinds[instance.kind].is_mutual for instance in world.instances.rows),
        origins=tuple(origin.label for origin in origins),
        origin_channels=tuple(dyad.index(origin.channel) for origin in origins),
        origin_scores=tuple(origin.score for origin in origins),
        origin_firsts=tuple(origin.first for origin in origins),
        origin_afters=tuple(origin.after for origin in origins),
    )


def _through_mesa(
    world: World, numbers: range, seed: int, agents: Mapping[str, type[Actor]], advance: Progress
) -> list[Record]:
    """The records of runs whose governments decide in Python."""
    from tensionsim.agents import TensionModel

    records = []
    for number in numbers:
        model = TensionModel(world, seed=seed, run=number, agents=agents)
        model.run_model()
        records.append(model.record())
        advance(1)
    return records


class _Bar:
    """A progress bar on a terminal; nothing elsewhere."""

    def __init__(self, total: int, wanted: bool) -> None:
        self._total, self._wanted = total, wanted

    def __enter__(self) -> Progress:
        self._shown = None
        if not (self._wanted and sys.stderr is not None and sys.stderr.isatty()):
            return lambda done: None
        from tqdm import tqdm

        shown = self._shown = tqdm(total=self._total, unit="run", leave=False)

        def advance(done: int) -> None:
            shown.update(done)

        return advance

    def __exit__(self, *problem: object) -> None:
        if self._shown is not None:
            self._shown.close()
