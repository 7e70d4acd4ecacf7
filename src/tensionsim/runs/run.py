"""The runner: an ensemble of a scenario, part by part, in memory or in a folder."""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from tensionsim.engine.build import assemble
from tensionsim.engine.calendar import Assignment
from tensionsim.engine.run import names_of, proceed
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import Decide, decide_all
from tensionsim.engine.world import World
from tensionsim.errors import StorageError, TensionSimError, one_of, whole
from tensionsim.model.mechanisms import Mechanism
from tensionsim.model.record import Joined, Keep, Names, Record
from tensionsim.rng import RandomStreams
from tensionsim.runs import parallel, store as folders
from tensionsim.runs.exchange import write_crate
from tensionsim.runs.parallel import Mode
from tensionsim.runs.parts import RunsManifest, cut, encode, new_manifest, refuse_others, write_part
from tensionsim.runs.plan import Plan, Structures, with_structures
from tensionsim.runs.results import Results, bytes_a_date, is_room_for, promised, results_of, write_tables
from tensionsim.scenario.scenario import Scenario, scenario_of

__all__ = ["fill", "run"]

Made = TypeVar("Made")
Progress = Callable[[int], None]
Jobs = int | Literal["auto"]
Workers = Callable[..., parallel.Executor]
"""Makes what computes parts or points, given how many `tasks` there are: `parallel.executor`, or a `partial` of it."""
LOG = logging.getLogger("tensionsim")

Attach = Callable[[Results, Path], None]

CHUNK_RUNS = 1500
"""Runs simulated together, 100 in 1.7 MiB. Measured: chunks of 1,000 take 4 % longer a run, of 2,500 8 % less."""

MORE_OF_ALL = 3
"""How many times as many where all is kept, which takes more memory than simulating it: 15 % less a run."""

PARTS_TOGETHER = 2
"""Parts of a folder that one process simulates together, as it is faster so."""

WORLDS_KEPT = 4
"""Worlds that a process keeps: enough for a sweep whose points come in turns, and 4 of some MB each."""
_worlds: list[World] = []

GIGABYTE = 1e9
FIGURES = ("overview.png", "overview.svg")


def run(
    scenario: Scenario | str | Path,
    *,
    runs: int = 1000,
    seed: int = 0,
    first_run: int = 0,
    agents: Mapping[str, Callable[..., Any]] | None = None,
    mechanisms: Sequence[Mechanism] | None = None,
    draws: bool = True,
    structures: Structures | None = None,
    keep: Keep = "all",
    jobs: Jobs = 1,
    executor: str | None = None,
    scheduler: str | None = None,
    store: str | Path | None = None,
    replace: bool = False,
    progress: bool | Mode = False,
) -> Results:
    """Simulates an ensemble of runs.

    Run n depends on the scenario, the seed and n alone: not on how many others are run beside it, nor on `jobs`,
    `executor` or `scheduler`.

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
        Agents of your own by actor, as `TensionModel` takes them; they are asked run by run, which makes the ensemble
        3 to 30 times slower, by how much they look at.
    mechanisms
        Mechanisms of your own, see `Mechanism`.
    draws
        Whether each run draws the numbers that the scenario leaves uncertain; if not, all take `without_draws`.
    structures
        Chances of mechanisms to be on, of which each run draws; see `with_structures`: a mapping by name, a fit, a CSV
        file, or "fitted". Without draws those that are likelier on than off are on.
    keep
        What is kept of each run: "all"; "summary", what `summary()` is made of; or "index", the index alone.
    jobs
        How many parts of the runs are computed at a time (default 1), each in a process of its own; "auto": one a
        processor, where there are parts enough.
    executor, scheduler
        "serial", "processes" or "dask", and the address of a running Dask scheduler.
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
        If a number is out of its range, or a word is unknown.
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
    if first_run + runs > folders.MOST_RUNS:
        raise ValueError(f"runs are numbered below {folders.MOST_RUNS:,}; got first_run {first_run:,}, {runs:,} runs")
    one_of("keep", keep, get_args(Keep))
    chosen, mode = scenario_of(scenario, agents=agents, mechanisms=mechanisms), mode_of(progress)
    chosen = chosen if structures is None else with_structures(chosen, structures)
    chosen = chosen if draws else chosen.without_draws()
    check_agents(chosen)
    workers = partial(parallel.executor, jobs, executor, scheduler)
    if store is not None:
        which: dict[str, Any] = {"runs": runs, "seed": seed, "first_run": first_run, "keep": keep, "replace": replace}
        return fill(store, chosen, workers=workers, progress=mode, **which)
    if replace:
        raise ValueError("replace goes with store: without a folder there is nothing to replace")
    world = world_of(chosen)
    names = names_of(world)
    check_memory(world, names, runs, keep)
    joined = Joined(runs)
    all_runs = Chunk(chosen, seed, first_run, runs, keep)
    for chunk, record in made_in_memory(record_of, all_runs, jobs, workers, mode):
        joined.put(record, chunk.first_run - first_run)
        del record  # it is not held while the next is made
    return Results(chosen, seed, runs, first_run, names, joined.record(), chosen.code)


def made_in_memory(
    make: Callable[..., Made], whole: Chunk, jobs: Jobs, workers: Workers, mode: Mode
) -> Iterator[tuple[Chunk, Made]]:
    """The chunks that one is cut into, each with what `make` makes of it, as they finish."""
    parts = cut(whole.first_run, whole.runs, even_size(whole.runs, jobs, whole.keep))
    chunks = [dataclasses.replace(whole, first_run=part.start, runs=len(part)) for part in parts]
    with workers(tasks=len(chunks)) as staff, parallel.showing(whole.runs, mode) as advance:
        function = partial(make, advance=advance) if staff.is_local else make
        for position, made in staff.results(function, chunks):
            yield chunks[position], made
            del made
            if not staff.is_local:
                advance(chunks[position].runs)


def even_size(runs: int, jobs: Jobs, keep: Keep) -> int:
    """Runs of a chunk, so that all jobs have as many chunks and all chunks about as many runs."""
    at_once = jobs if isinstance(jobs, int) and jobs > 1 else 1
    most = CHUNK_RUNS * (MORE_OF_ALL if keep == "all" and jobs != "auto" else 1)
    rounds = -(-runs // (at_once * most))
    return -(-runs // (at_once * rounds))


def mode_of(progress: bool | Mode) -> Mode:
    """How progress is shown, from what was asked."""
    return ("auto" if progress else "none") if isinstance(progress, bool) else progress


def check_memory(world: World, names: Names, runs: int, keep: Keep = "all") -> None:
    """TensionSimError where the record of so many runs cannot fit into this machine's memory."""
    needed = 1.3 * runs * len(world.dates) * bytes_a_date(names, keep)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else None
    if memory is not None and needed > memory:
        most = int(runs * memory / needed)
        raise TensionSimError(
            f"{runs:,} runs of {world.scenario.name} need about {needed / GIGABYTE:.1f} GB of memory, and this machine "
            f"has {memory / GIGABYTE:.1f}; let them stream into a folder (-o DIR, in Python store=...), which needs "
            f"little memory, or run at most {most:,} at a time"
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive runs of a scenario that are simulated together, of a folder with its parts."""

    scenario: Scenario
    seed: int
    first_run: int
    runs: int
    keep: Keep = "all"
    plan: Plan | None = None
    parts: tuple[range, ...] = ()


def record_of(chunk: Chunk, advance: Progress | None = None) -> Record:
    """The record of a chunk; `advance` is called with the number of runs done since it was last called."""
    world = world_of(chunk.scenario)
    return simulated(world, chunk.seed, chunk.first_run, chunk.runs, advance, chunk.keep, chunk.plan)


def simulated(
    world: World,
    seed: int,
    first_run: int,
    runs: int,
    advance: Progress | None = None,
    keep: Keep = "all",
    plan: Plan | None = None,
    also: Sequence[Assignment] = (),
) -> Record:
    """The record of some consecutive runs, simulated together; `also` are numbers set over the world's."""
    done = 0

    def after_step(step: int) -> None:
        nonlocal done
        if advance is not None:
            now = runs * step // world.steps
            advance(now - done)
            done = now

    now = begin(world, plan.streams(seed, first_run, runs) if plan else RandomStreams(seed, first_run, runs), also)
    return proceed(now, keep=keep, decide=decide_of(now), after_step=after_step)


def check_agents(scenario: Scenario) -> None:
    """TypeError, or what they raise themselves, where agents of one's own cannot be made; before anything is run."""
    if scenario.agents:
        decide_of(begin(world_of(scenario), RandomStreams(0, 0, 1)))


def decide_of(now: Simulation) -> Decide:
    """How the actors of a simulation that has just begun decide: as the model draws, but for agents of one's own."""
    if not now.world.scenario.agents:
        return decide_all
    from tensionsim.agents import Company

    return Company.of(now)


def world_of(scenario: Scenario) -> World:
    """The world of a scenario, assembled once in a process for all scenarios of that text and that code."""
    for world in [*_worlds]:
        if all(getattr(world.scenario, name) == getattr(scenario, name) for name in ("text", "mechanisms", "agents")):
            return world
    _worlds.append(assemble(scenario))
    del _worlds[:-WORLDS_KEPT]
    return _worlds[-1]


def encoded(chunk: Chunk, record: Record) -> list[dict[str, bytes]]:
    """The bytes of the files of each part of a chunk."""
    names, files = names_of(world_of(chunk.scenario)), []
    for numbers in chunk.parts:
        some = slice(numbers.start - chunk.first_run, numbers.stop - chunk.first_run)
        files.append(encode(record.some(some, chunk.first_run), names, numbers, chunk.keep))
    return files


def parts_made(chunk: Chunk) -> list[dict[str, bytes]]:
    """The parts of a chunk, simulated and encoded."""
    return encoded(chunk, record_of(chunk))


def _one_behind(chunks: Sequence[Chunk], keep: Callable[..., None], advance: Progress) -> None:
    """Simulates each chunk; a thread encodes and keeps it meanwhile with the next, which alone Ctrl-C loses."""

    def finish(chunk: Chunk, record: Record) -> None:
        keep(chunk, encoded(chunk, record), record)

    with ThreadPoolExecutor(1) as thread:
        last = None
        for chunk in chunks:
            record = record_of(chunk, advance)
            if last is not None:
                last.result()
            last = thread.submit(finish, chunk, record)
        if last is not None:
            last.result()


def fill(
    folder: str | Path,
    scenario: Scenario,
    *,
    runs: int,
    seed: int,
    first_run: int = 0,
    keep: Keep = "all",
    workers: Workers = parallel.executor,
    progress: bool | Mode = False,
    replace: bool = False,
    is_begun: bool = False,
    command: str = "",
    attach: Attach | None = None,
    plan: Plan | None = None,
) -> Results:
    """The runs kept in a folder, made where not there yet; `attach` writes figures at the end, else as `run`."""
    target = Path(folder) if is_begun else folders.check_target(folder)
    with folders.filling(target, lambda: _kept(target), replace=replace, resume="the same command" if plan else ""):
        how: dict[str, Any] = {"runs": runs, "seed": seed, "first_run": first_run, "keep": keep, "plan": plan}
        manifest = new_manifest(scenario, names_of(world_of(scenario)), code=scenario.code, **how)
        text = scenario.text.encode()
        if (target / folders.MANIFEST).exists():
            there = folders.read_manifest(target, RunsManifest, "runs")
            refuse_others(target, there, manifest, scenario)
            manifest = there if there.runs == runs else there.changed(runs=runs, complete=False, files={})
        else:
            folders.begin(target, manifest, {folders.SCENARIO: text})
        if not folders.Mark.of(text).fits(target / folders.SCENARIO):
            folders.write_whole(target / folders.SCENARIO, text)
        return _complete(target, manifest, scenario, workers, mode_of(progress), command, attach)


def check_needs_no_code(folder: Path, origin: folders.Provenance, call: str) -> None:
    """StorageError where the runs of a folder are made with code of one's own, which it does not hold."""
    if origin.code:
        raise StorageError(
            f"{folder} cannot be resumed without the code that its runs are made with ({', '.join(origin.code)}); go "
            f"on in Python: {call}(..., store={str(folder)!r}) with the same agents and mechanisms"
        )


def _kept(folder: Path) -> str:
    try:
        manifest = folders.read_manifest(folder, RunsManifest, "runs")
    except StorageError:
        return ""
    return f"{manifest.kept:,} of {manifest.runs:,} runs are kept"


def _complete(
    folder: Path,
    manifest: RunsManifest,
    scenario: Scenario,
    workers: Workers,
    progress: Mode,
    command: str,
    attach: Attach | None,
) -> Results:
    """The results of a folder after all that is missing has been made, each part written as soon as it is there."""
    sound = _sound(folder, manifest)
    if _is_finished(folder, sound, attach):
        folders.sweep_unfinished(folder)
        return results_of(folder, sound, scenario)
    sound = sound.changed(complete=False, files={})
    sound.write(folder)
    for name in (*promised(sound.keep), folders.PROVENANCE, folders.CRATE, *FIGURES):
        (folder / name).unlink(missing_ok=True)
    folders.sweep_unfinished(folder, {name for part in sound.parts for name in part.files})
    missing = [*map(len, sound.missing())]
    with workers(tasks=len(missing)) as staff:
        is_plenty = not staff.is_distant and len(missing) >= 2 * PARTS_TOGETHER * staff.workers
        together = PARTS_TOGETHER if staff.is_local or is_plenty else 1
        chunks = _chunks(sound, scenario, together)
        is_held = staff.is_local and not sound.parts and is_room_for(sound)
        joined = Joined(sound.runs) if is_held else None

        def keep(chunk: Chunk, files: list[dict[str, bytes]], record: Record | None = None) -> None:
            nonlocal sound
            for numbers, contents in zip(chunk.parts, files, strict=True):
                part = write_part(folder, numbers, contents)
                shorter = {name for old in sound.parts if old.first_run == part.first_run for name in old.files}
                sound = sound.with_part(part)
                sound.write(folder)
                for name in shorter - {*part.files}:
                    (folder / name).unlink(missing_ok=True)
            if joined is not None and record is not None:
                joined.put(record, chunk.first_run - sound.origin.first_run)

        with parallel.showing(sound.runs, progress, done=sound.runs - sum(missing)) as advance:
            if staff.is_local:
                _one_behind(chunks, keep, advance)
            else:
                for position, made in staff.results(parts_made, chunks):
                    keep(chunks[position], made)
                    advance(chunks[position].runs)
    results = results_of(folder, sound, scenario)
    if joined is not None:
        results, joined = dataclasses.replace(results, record=joined.record()), None
    marks = write_tables(results, folder, command)
    if attach is not None:
        attach(results, folder)
    write_crate(folder, results.title)
    sound = sound.changed(files=marks, complete=True)
    sound.write(folder)
    return results_of(folder, sound, scenario)


def _chunks(manifest: RunsManifest, scenario: Scenario, together: int) -> list[Chunk]:
    """The parts that are not all there, some together."""
    groups: list[list[range]] = []
    for numbers in manifest.missing():
        if groups and len(groups[-1]) < together and groups[-1][-1].stop == numbers.start:
            groups[-1].append(numbers)
        else:
            groups.append([numbers])
    seed, keep, plan = manifest.origin.seed, manifest.keep, manifest.origin.plan
    return [Chunk(scenario, seed, one[0].start, sum(map(len, one)), keep, plan, tuple(one)) for one in groups]


def _sound(folder: Path, manifest: RunsManifest) -> RunsManifest:
    """The manifest without parts that are missing or damaged."""
    for part in manifest.parts:
        wrong = [name for name, mark in part.files.items() if not mark.fits(folder / name)]
        if wrong:
            runs = f"runs {part.first_run:,} to {part.after - 1:,}"
            LOG.warning(f"{folder / wrong[0]} is missing or damaged; {runs} are done again")
            manifest = manifest.changed(parts=tuple(other for other in manifest.parts if other is not part))
    return manifest


def _is_finished(folder: Path, manifest: RunsManifest, attach: Attach | None) -> bool:
    """Whether all is there as it should be; of a folder that was once finished, what is damaged is told."""
    if not (manifest.complete and manifest.is_whole):
        return False
    damaged = [name for name, mark in manifest.files.items() if not mark.fits(folder / name)]
    damaged += [name for name in promised(manifest.keep) if name not in manifest.files]
    damaged += [] if folders.is_whole_json(folder / folders.PROVENANCE) else [folders.PROVENANCE]
    damaged += [name for name in FIGURES if attach is not None and not (folder / name).is_file()]
    if damaged:
        LOG.warning(f"{folder / damaged[0]} is missing or damaged; tables and figures are made again")
    return not damaged
