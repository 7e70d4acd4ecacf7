"""The runner: an ensemble of a scenario, part by part, as Results."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict

from tensionsim.arguments import check_known, whole
from tensionsim.engine import World
from tensionsim.ensemble import ways
from tensionsim.ensemble.chunks import Chunk, record_of, world_of
from tensionsim.ensemble.chunks import simulated as chunk
from tensionsim.ensemble.executors import executor
from tensionsim.ensemble.naming import names_of
from tensionsim.ensemble.progress import Mode, showing
from tensionsim.ensemble.ways import Ways
from tensionsim.errors import TensionSimError
from tensionsim.record import Names, Record, join
from tensionsim.results import Results
from tensionsim.results.parts import cut
from tensionsim.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    from typing import Unpack

    from tensionsim.agents import Actor

__all__ = ["MOST_RUNS", "How", "check_memory", "chunk", "names_of", "run"]

GIGABYTE = 1e9

MOST_RUNS = 2**31
"""Numbers of runs are kept in 32 bits."""


class How(TypedDict, total=False):
    """How an ensemble is computed and where it is kept; see `run`."""

    progress: bool | Mode
    jobs: int | Literal["auto"]
    executor: str | None
    scheduler: str | None
    chunk_runs: int | None
    store: str | Path | None
    replace: bool


def run(
    scenario: Scenario | str | Path,
    *,
    runs: int = 1000,
    seed: int = 0,
    first_run: int = 0,
    agents: Mapping[str, type[Actor]] | None = None,
    **how: Unpack[How],
) -> Results:
    """Simulates an ensemble of runs.

    Run n depends on the scenario, the seed and n alone: not on how many others are run beside it, nor on `jobs`,
    `executor`, `scheduler` or `chunk_runs`.

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
        through the Mesa model, run by run, which is some hundred times slower, in memory and with one job.
    jobs
        How many parts of 1,000 runs are computed at a time (default 1), each in a process of its own; "auto": one a
        processor, where there are parts enough.
    executor, scheduler
        "serial", "processes" or "dask", and the address of a running Dask scheduler.
    chunk_runs
        How many runs are simulated together; changes speed and memory alone.
    store
        A folder that the runs stream into, so that memory does not grow with their number. Runs of the same scenario,
        seed and tensionsim that stand there already are not computed again.
    replace
        With `store`: start over where results stand already.
    progress
        Whether to show a bar on a terminal's standard error; "json": a line of JSON a second there.

    Returns
    -------
    Results
        In memory; of a store, its arrays are read when they are first asked for.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    StorageError
        If the store cannot be written, or holds something else.
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
    >>> ts.run("norland-suderia", runs=5, store="results/kept").equals(ts.open("results/kept"))
    True
    """
    runs, seed, first_run = whole("runs", runs, least=1), whole("seed", seed), whole("first_run", first_run)
    if first_run + runs > MOST_RUNS:
        raise ValueError(f"runs are numbered below {MOST_RUNS:,}; got first_run {first_run:,} and {runs:,} runs")
    chosen, store, way = scenario_of(scenario), how.get("store"), ways_of(how)
    if agents:
        _check_alone(way, store)
        return _with_agents(chosen, range(first_run, first_run + runs), seed, agents, way)
    if store is not None:
        from tensionsim.ensemble.deriving import Keeping
        from tensionsim.ensemble.store import Ensemble, fill

        return fill(store, Ensemble(chosen, runs, seed, first_run), way, Keeping(replace=how.get("replace", False)))
    if how.get("replace"):
        raise ValueError("replace goes with store: without a folder there is nothing to replace")
    world = world_of(chosen)
    names = names_of(world)
    check_memory(world, names, runs)
    return Results(chosen, seed, runs, first_run, names, _in_memory(chosen, seed, first_run, runs, way))


def ways_of(how: How) -> Ways:
    """How to compute, from what `run` was told.

    Raises
    ------
    TypeError
        If there is a word that `run` does not know.
    """
    check_known("run", how, How.__annotations__)
    shown, chunk_runs = how.get("progress", False), how.get("chunk_runs")
    return Ways(
        jobs=how.get("jobs", 1),
        executor=how.get("executor"),
        scheduler=how.get("scheduler"),
        chunk_runs=ways.CHUNK_RUNS if chunk_runs is None else chunk_runs,
        progress=("auto" if shown else "none") if isinstance(shown, bool) else shown,
    )


def _in_memory(scenario: Scenario, seed: int, first_run: int, runs: int, way: Ways) -> Record:
    """The record of some runs, whichever way it is computed."""
    size = way.chunk_runs if way.jobs == 1 else None
    tasks = [Chunk(scenario, seed, part.start, len(part), way.chunk_runs) for part in cut(first_run, runs, size)]
    found: dict[int, Record] = {}
    with (
        executor(way.jobs, way.executor, way.scheduler, tasks=len(tasks)) as workers,
        showing(runs, way.progress) as advance,
    ):
        function = partial(record_of, advance=advance) if workers.is_local else record_of
        for position, record in workers.results(function, tasks):
            found[position] = record
            if not workers.is_local:
                advance(tasks[position].runs)
    return join([found[position] for position in range(len(tasks))])


def check_memory(world: World, names: Names, runs: int) -> None:
    """TensionSimError where the record of so many runs cannot fit into this machine's memory.

    Parts are joined at the end, so that for a moment the record is held twice.
    """
    floats = 4 + 2 * len(names.issues) + len(names.dyad_channels) + len(names.indicators) + len(names.actors)
    bytes_a_date = 8 * floats + len(names.arrangements) + len(names.events)
    needed = 2.2 * runs * len(world.dates) * bytes_a_date
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else None
    if memory is not None and needed > memory:
        most = int(runs * memory / needed)
        raise TensionSimError(
            f"{runs:,} runs of {world.scenario.name} need about {needed / GIGABYTE:.1f} GB of memory, and this machine "
            f"has {memory / GIGABYTE:.1f}; let them stream into a folder (-o DIR, in Python store=...), which needs "
            f"little memory, or run at most {most:,} at a time"
        )


def _check_alone(way: Ways, store: str | Path | None) -> None:
    """ValueError where an ensemble of one's own agents is to be computed or kept as it cannot be."""
    if store is not None:
        raise ValueError("an ensemble with agents of your own is kept in memory; save it with results.save(...)")
    if way.jobs != 1 or way.is_distant or way.executor not in (None, "serial"):
        raise ValueError("an ensemble with agents of your own is run in this process; leave jobs and executor out")


def _with_agents(
    scenario: Scenario, numbers: range, seed: int, agents: Mapping[str, type[Actor]], way: Ways
) -> Results:
    """Results of runs whose governments decide in Python."""
    from tensionsim.agents import TensionModel

    world, records = world_of(scenario), []
    names = names_of(world)
    check_memory(world, names, len(numbers))
    with showing(len(numbers), way.progress) as advance:
        for number in numbers:
            model = TensionModel(world, seed=seed, run=number, agents=agents)
            model.run_model()
            records.append(model.record())
            advance(1)
    deciders = tuple(f"{actor}: {kind.__module__}.{kind.__qualname__}" for actor, kind in agents.items())
    return Results(scenario, seed, len(numbers), numbers.start, names, join(records), deciders)
