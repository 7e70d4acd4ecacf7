"""The runner: an ensemble of a scenario, part by part, as Results."""

from __future__ import annotations

import dataclasses
import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tensionsim.engine.build import assemble
from tensionsim.engine.run import names_of, simulate
from tensionsim.engine.world import World
from tensionsim.errors import StorageError, TensionSimError, whole
from tensionsim.model.record import Names, Record, join
from tensionsim.rng import Luck
from tensionsim.runs import parallel
from tensionsim.runs.parallel import Mode
from tensionsim.runs.results import (
    Results,
    read_scenario,
    results_of,
    take_places,
    write_longer_part,
    write_part,
    write_tables,
    write_tally,
)
from tensionsim.runs.store import (
    DERIVED,
    FIGURES,
    FOLDER,
    FORMAT_VERSION,
    LOCK,
    MANIFEST,
    PART_FILE,
    PART_RUNS,
    PROMISED,
    PROVENANCE,
    SCENARIO,
    TALLY,
    Manifest,
    Mark,
    Origin,
    Store,
    StoredRecord,
    blocks,
    check_readable,
    check_target,
    cut,
    described,
    encode,
    is_litter,
    is_whole_figure,
    is_whole_json,
    kind_here,
    locked,
    parse,
    plain,
    read_json,
    scenario_differences,
    temporary_of,
    write_whole,
)
from tensionsim.runs.tally import Tally
from tensionsim.scenario.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    from tensionsim.agents import Actor


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


@dataclass(frozen=True, slots=True)
class PartTask:
    """A part to make: its runs that are to be simulated, and the record of those that are there already.

    first_run, runs : of those to be simulated.
    """

    chunk: Chunk
    names: Names
    kind: str
    before: Record | None

    @property
    def first_run(self) -> int:
        return self.chunk.first_run

    @property
    def runs(self) -> int:
        return self.chunk.runs


def part_files(task: PartTask, advance: Progress | None = None) -> dict[str, bytes]:
    """The bytes of a part's files: a pure function of the scenario's text, the seed and the runs' numbers."""
    record = record_of(task.chunk, advance)
    earlier = 0
    if task.before is not None:
        earlier = task.before.cooperation.shape[-1]
        record = join([task.before, record])
    return encode(record, task.names, task.first_run - earlier, task.kind)


@dataclass(frozen=True, slots=True)
class TallyTask:
    """Consecutive parts of a store to be tallied."""

    results: Results

    @property
    def first_run(self) -> int:
        return self.results.first_run

    @property
    def runs(self) -> int:
        return self.results.runs


def tally_of(task: TallyTask) -> Tally:
    """The tally of some parts, read from the folder."""
    return reduce(Tally.merged, map(Tally.of, blocks(task.results)))


CHUNK_RUNS = 2000
"""Runs that are simulated together. Measured: chunks of 1,000 take a fifth longer a run, of 4,000 a twentieth less."""


TALLY_PARTS = 8
"""Parts that a worker tallies at a time, so that few tallies travel."""


Jobs = int | Literal["auto"]
Attach = Callable[[Results, Path], None]
Say = Callable[[str], None]


def silent(words: str) -> None:
    """Says nothing."""


def derive(
    folder: Path,
    manifest: Manifest,
    scenario: Scenario,
    *,
    jobs: Jobs,
    executor: str | None,
    scheduler: str | None,
    progress: Mode,
    command: str,
    attach: Attach | None,
) -> Manifest:
    """The manifest of a finished store, after all that is made of the parts together has been written."""
    results = results_of(folder, manifest, scenario)
    if not results.is_exact:
        if is_distant(executor, scheduler):
            jobs, executor = 1, None
        tally = _tally(results, jobs, executor, "auto" if progress == "auto" else "none")
        manifest = dataclasses.replace(manifest, tables={TALLY: write_tally(tally, folder)})
        results = results_of(folder, manifest, scenario)
    tables = {**manifest.tables, **write_tables(results, folder, command)}
    if attach is not None:
        attach(results, folder)
    manifest = dataclasses.replace(manifest, tables=tables, is_complete=True)
    manifest.write(folder)
    return manifest


def is_distant(executor: str | None, scheduler: str | None) -> bool:
    """Whether the work may be done on other machines."""
    return executor == "dask" or scheduler is not None


def _tally(results: Results, jobs: Jobs, executor: str | None, progress: Mode) -> Tally:
    """The tally of all runs; distant workers may not see the folder, so only those of this machine are asked."""
    tasks = [TallyTask(block) for block in blocks(results, TALLY_PARTS)]
    found: dict[int, Tally] = {}
    whole: Tally | None = None
    with (
        parallel.executor(jobs, executor, tasks=len(tasks)) as workers,
        parallel.showing(results.runs, progress, "summed run") as advance,
    ):
        following = 0
        for position, tally in workers.results(tally_of, tasks):
            found[position] = tally
            advance(tasks[position].runs)
            while following in found:
                whole = found[following] if whole is None else whole.merged(found[following])
                del found[following]
                following += 1
    if whole is None:
        raise ValueError("there is nothing to tally")
    return whole


READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)
"""What the system says where nothing may be written."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while a store was written; says what is kept and how to go on."""


def fill(
    folder: str | Path,
    scenario: Scenario,
    *,
    runs: int,
    seed: int,
    first_run: int = 0,
    jobs: Jobs = 1,
    executor: str | None = None,
    scheduler: str | None = None,
    chunk_runs: int | None = None,
    progress: bool | Mode = False,
    replace: bool = False,
    command: str = "",
    attach: Attach | None = None,
    say: Say = silent,
    over_again: str = "replace=True",
) -> Results:
    """The runs of a scenario, kept in a folder; those that are there already are not computed again.

    Parameters
    ----------
    command
        What was typed, for the provenance.
    attach
        Writes figures into the folder when all runs are there.
    say
        Is told what was found damaged.
    over_again
        What the reader says to ask for `replace`.

    Raises
    ------
    StorageError
        If the folder holds something else, runs of another origin or more runs; if another command is writing there;
        if it cannot be written.
    Interrupted
        On Ctrl-C.
    """
    wanted = {"runs": runs, "seed": seed, "first_run": first_run}
    try:
        target = check_target(folder, replace=replace, over_again=over_again)
        world_of(scenario)
        with _told(target):
            target.mkdir(parents=True, exist_ok=True)
            with locked(target):
                if replace:
                    _clear(target)
                manifest = _begin(target, scenario, over_again=over_again, **wanted)
                kept = dataclasses.replace(read_scenario(target, manifest), path=scenario.path)
                return _complete(
                    target,
                    manifest,
                    kept,
                    jobs=jobs,
                    executor=executor,
                    scheduler=scheduler,
                    chunk_runs=chunk_runs,
                    progress=mode_of(progress),
                    command=command,
                    attach=attach,
                    say=say,
                )
    except StorageError as refused:
        if replace or not _is_read_only(refused) or not (Path(folder) / MANIFEST).exists():
            raise
        manifest = _manifest(Path(folder), over_again)
        _check_origin(Path(folder), manifest, scenario, seed, first_run, over_again)
        if runs != manifest.runs:
            raise
        return _finished(Path(folder), manifest, refused, attach, say, path=scenario.path)


def resume(
    folder: str | Path,
    *,
    jobs: Jobs = 1,
    executor: str | None = None,
    scheduler: str | None = None,
    chunk_runs: int | None = None,
    progress: bool | Mode = False,
    command: str = "",
    attach: Attach | None = None,
    say: Say = silent,
    over_again: str = "replace=True",
) -> Results:
    """The runs of a folder, those computed that are missing or damaged; the keywords are those of `fill`.

    Raises
    ------
    StorageError
        If there is no store, or another tensionsim wrote it; if another command is writing there; if it cannot be
        written.
    Interrupted
        On Ctrl-C.
    """
    target = Path(folder)
    _manifest(target, over_again)
    try:
        with _told(target), locked(target):
            manifest = _manifest(target, over_again)
            _finish_beginning(target)
            scenario = read_scenario(target, manifest)
            origin = manifest.origin
            if origin.agents:
                raise StorageError(
                    f"{target} cannot be resumed: governments of your own decided "
                    f"({', '.join(origin.agents)}); run and save it again in Python"
                )
            _check_origin(target, manifest, scenario, origin.seed, origin.first_run, over_again)
            return _complete(
                target,
                manifest,
                scenario,
                jobs=jobs,
                executor=executor,
                scheduler=scheduler,
                chunk_runs=chunk_runs,
                progress=mode_of(progress),
                command=command,
                attach=attach,
                say=say,
            )
    except StorageError as refused:
        if not _is_read_only(refused):
            raise
        return _finished(target, _manifest(target, over_again), refused, attach, say)


def mode_of(progress: bool | Mode) -> Mode:
    """How progress is shown, from what was asked."""
    return ("auto" if progress else "none") if isinstance(progress, bool) else progress


def _is_read_only(refused: StorageError) -> bool:
    return isinstance(refused.__cause__, OSError) and refused.__cause__.errno in READ_ONLY


def _finished(
    folder: Path, manifest: Manifest, refused: StorageError, attach: Attach | None, say: Say, path: str | None = None
) -> Results:
    """The results of a store that nothing may be written to, and nothing need be; else what was refused."""
    scenario = read_scenario(folder, manifest)
    if not _is_finished(folder, _sound(folder, manifest, say), attach, say):
        raise refused
    return results_of(folder, manifest, scenario if path is None else dataclasses.replace(scenario, path=path))


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Ctrl-C and failures to write, with what is kept and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        kept = _kept(folder)
        advice = f"{kept}; go on with: tensionsim resume {folder}" if kept else "nothing of it is kept"
        raise Interrupted(f"interrupted; {advice}") from None
    except OSError as failure:
        kept, words = _kept(folder), f"cannot write {folder}: {failure.strerror or failure}"
        advice = f"; {kept}; when that is mended go on with: tensionsim resume {folder}" if kept else ""
        raise StorageError(words + advice) from failure


def _kept(folder: Path) -> str:
    try:
        manifest = _manifest(folder)
    except StorageError:
        return ""
    return f"{manifest.kept:,} of {manifest.runs:,} runs are kept"


def _manifest(folder: Path, over_again: str = "replace=True") -> Manifest:
    content = read_json(folder)
    if content["version"] < FORMAT_VERSION:
        raise StorageError(
            f"{folder} was written by an older tensionsim ({content.get('tensionsim')}): it can be opened, but not "
            f"added to; choose another folder, or start over with {over_again}"
        )
    return parse(content, folder)


def _begin(folder: Path, scenario: Scenario, *, runs: int, seed: int, first_run: int, over_again: str) -> Manifest:
    """The manifest of a folder that shall hold so many runs, made anew where there is none."""
    if not (folder / MANIFEST).exists():
        return _new(folder, scenario, runs, seed, first_run)
    manifest = _manifest(folder, over_again)
    _check_origin(folder, manifest, scenario, seed, first_run, over_again)
    _finish_beginning(folder)
    text = scenario.text.encode()
    if not Mark.of(text).fits(folder / SCENARIO):
        write_whole(folder / SCENARIO, text)
    last = max((part.after for part in manifest.parts), default=first_run)
    if last > first_run + runs:
        raise StorageError(
            f"{folder} holds runs up to number {last - 1:,}, more than the {runs:,} asked for; ask for "
            f"{last - first_run:,} or more, choose another folder, or start over with {over_again}"
        )
    if manifest.runs == runs:
        return manifest
    return dataclasses.replace(manifest, runs=runs, is_complete=False, tables={})


def _new(folder: Path, scenario: Scenario, runs: int, seed: int, first_run: int) -> Manifest:
    """The manifest of a new store, written with its scenario; killed in between, `_finish_beginning` goes on."""
    world = world_of(scenario)
    manifest = Manifest(
        Origin.here(scenario, seed, first_run),
        described(scenario),
        runs,
        kind_here(),
        tuple(str(date) for date in world.dates),
        names_of(world),
        PART_RUNS,
    )
    write_whole(temporary_of(folder / SCENARIO), scenario.text.encode())
    manifest.write(folder)
    _finish_beginning(folder)
    return manifest


def _finish_beginning(folder: Path) -> None:
    scenario = folder / SCENARIO
    if temporary_of(scenario).is_file() and not scenario.exists():
        temporary_of(scenario).replace(scenario)


def _check_origin(
    folder: Path, manifest: Manifest, scenario: Scenario, seed: int, first_run: int, over_again: str
) -> None:
    """StorageError where runs made here and now would be of another origin."""
    origin = Origin.here(scenario, seed, first_run)
    of_scenario = scenario_differences(folder, manifest.scenario, scenario)
    if different := manifest.origin.differences(origin, of_scenario):
        raise StorageError(
            f"{folder} holds runs of another origin, and runs of two are never mixed; what differs: "
            f"{'; '.join(different)}. Choose another folder, or start over there with {over_again}"
        )


def _clear(folder: Path) -> None:
    """Removes all files of the results that stand in a folder, its parts and the manifest last.

    `folders.check_target` has found that nothing else is there; what says that it is ours stays until the end.
    """
    paths = sorted(folder.rglob("*"), key=lambda path: (FOLDER in path.relative_to(folder).parts, path))
    below = [path for path in paths if not (path.is_dir() and not path.is_symlink())]
    for path in below:
        if path.name not in (MANIFEST, LOCK):
            path.unlink()
    for path in sorted(set(paths) - set(below), reverse=True):
        path.rmdir()
    (folder / MANIFEST).unlink(missing_ok=True)


def _complete(
    folder: Path,
    manifest: Manifest,
    scenario: Scenario,
    *,
    jobs: Jobs,
    executor: str | None,
    scheduler: str | None,
    chunk_runs: int | None,
    progress: Mode,
    command: str,
    attach: Attach | None,
    say: Say,
) -> Results:
    """The results of a store after all that is missing has been made."""
    check_readable(manifest.kind, folder)
    sound = _sound(folder, manifest, say)
    if _is_finished(folder, sound, attach, say):
        return results_of(folder, sound, scenario)
    sound = dataclasses.replace(sound, is_complete=False, tables={})
    sound.write(folder)
    for name in (*DERIVED, *FIGURES, TALLY):
        (folder / name).unlink(missing_ok=True)
    _sweep(folder, sound)
    if tasks := list(_tasks(folder, sound, scenario, chunk_runs or CHUNK_RUNS)):
        with (
            parallel.executor(jobs, executor, scheduler, tasks=len(tasks)) as workers,
            parallel.showing(sound.runs, progress, done=sound.kept) as advance,
        ):
            function = partial(part_files, advance=advance) if workers.is_local else part_files
            for position, files in workers.results(function, tasks):
                sound = _keep(folder, sound, tasks[position], files)
                if not workers.is_local:
                    advance(tasks[position].runs)
    sound = derive(
        folder,
        sound,
        scenario,
        jobs=jobs,
        executor=executor,
        scheduler=scheduler,
        progress=progress,
        command=command,
        attach=attach,
    )
    return results_of(folder, sound, scenario)


def _sound(folder: Path, manifest: Manifest, say: Say) -> Manifest:
    """The manifest without parts that are missing or damaged."""
    for part in manifest.parts:
        take_places(folder, part)
        wrong = [name for name, mark in part.files.items() if not mark.fits(folder / name)]
        if wrong:
            runs = f"runs {part.first_run:,} to {part.after - 1:,}"
            say(f"{folder / wrong[0]} is missing or damaged; {runs} are done again")
            manifest = manifest.without(part)
    return manifest


def _is_finished(folder: Path, manifest: Manifest, attach: Attach | None, say: Say) -> bool:
    """Whether all is there as it should be; of a store that was once finished, what is damaged is told."""
    if not (manifest.is_complete and manifest.has_all_parts):
        return False
    damaged = [name for name, mark in manifest.tables.items() if not mark.fits(folder / name)]
    damaged += [name for name in PROMISED if name not in manifest.tables]
    whole = {PROVENANCE: is_whole_json} | (dict.fromkeys(FIGURES, is_whole_figure) if attach else {})
    damaged += [name for name, is_whole in whole.items() if not is_whole(folder / name)]
    if damaged:
        say(f"{folder / damaged[0]} is missing or damaged; tables and figures are made again")
    return not damaged


def _sweep(folder: Path, manifest: Manifest) -> None:
    """Removes what an interruption left: files in the making, and those of parts that the manifest does not name."""
    named = {name for part in manifest.parts for name in part.files}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        is_own = is_litter(name) or PART_FILE.fullmatch(name)
        if path.is_file() and is_own and name != LOCK and name not in named:
            path.unlink()


def _tasks(folder: Path, manifest: Manifest, scenario: Scenario, chunk_runs: int) -> Iterator[PartTask]:
    for missing in manifest.missing():
        part = manifest.part_of(missing.start - 1) if missing.start > manifest.origin.first_run else None
        is_begun = part is not None and _number(manifest, part.first_run) == _number(manifest, missing.start)
        before = plain(StoredRecord.of(Store(folder, manifest, (part,)))) if part is not None and is_begun else None
        chunk = Chunk(scenario, manifest.origin.seed, missing.start, len(missing), chunk_runs)
        yield PartTask(chunk, manifest.names, manifest.kind, before)


def _number(manifest: Manifest, run: int) -> int:
    return (run - manifest.origin.first_run) // manifest.part_runs


def _keep(folder: Path, manifest: Manifest, task: PartTask, files: Mapping[str, bytes]) -> Manifest:
    """The manifest with one part more; a shorter one that it takes the place of is there until the manifest is."""
    number = _number(manifest, task.first_run)
    first_run = manifest.origin.first_run + number * manifest.part_runs
    write = write_part if task.before is None else write_longer_part
    part = write(folder, number, first_run, task.first_run + task.runs - first_run, files)
    manifest = manifest.with_part(part)
    manifest.write(folder)
    take_places(folder, part)
    return manifest


GIGABYTE = 1e9

MOST_RUNS = 2**31
"""Numbers of runs are kept in 32 bits."""


def run(
    scenario: Scenario | str | Path,
    *,
    runs: int = 1000,
    seed: int = 0,
    first_run: int = 0,
    agents: Mapping[str, type[Actor]] | None = None,
    jobs: Jobs = 1,
    executor: str | None = None,
    scheduler: str | None = None,
    chunk_runs: int | None = None,
    store: str | Path | None = None,
    replace: bool = False,
    progress: bool | Mode = False,
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
    if chunk_runs is not None:
        whole("chunk_runs", chunk_runs, least=1)
    chosen, mode = scenario_of(scenario), mode_of(progress)
    if agents:
        if store is not None:
            raise ValueError("an ensemble with agents of your own is kept in memory; save it with results.save(...)")
        if jobs != 1 or is_distant(executor, scheduler) or executor not in (None, "serial"):
            raise ValueError("an ensemble with agents of your own is run in this process; leave jobs and executor out")
        return _with_agents(chosen, range(first_run, first_run + runs), seed, agents, mode)
    if store is not None:
        return fill(
            store,
            chosen,
            runs=runs,
            seed=seed,
            first_run=first_run,
            jobs=jobs,
            executor=executor,
            scheduler=scheduler,
            chunk_runs=chunk_runs,
            progress=mode,
            replace=replace,
        )
    if replace:
        raise ValueError("replace goes with store: without a folder there is nothing to replace")
    world = world_of(chosen)
    names = names_of(world)
    check_memory(world, names, runs)
    size = chunk_runs or CHUNK_RUNS
    tasks = [
        Chunk(chosen, seed, part.start, len(part), size) for part in cut(first_run, runs, size if jobs == 1 else None)
    ]
    found: dict[int, Record] = {}
    with (
        parallel.executor(jobs, executor, scheduler, tasks=len(tasks)) as workers,
        parallel.showing(runs, mode) as advance,
    ):
        function = partial(record_of, advance=advance) if workers.is_local else record_of
        for position, record in workers.results(function, tasks):
            found[position] = record
            if not workers.is_local:
                advance(tasks[position].runs)
    return Results(chosen, seed, runs, first_run, names, join([found[position] for position in range(len(tasks))]))


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


def _with_agents(
    scenario: Scenario, numbers: range, seed: int, agents: Mapping[str, type[Actor]], progress: Mode
) -> Results:
    """Results of runs whose governments decide in Python."""
    from tensionsim.agents import TensionModel

    world, records = world_of(scenario), []
    names = names_of(world)
    check_memory(world, names, len(numbers))
    with parallel.showing(len(numbers), progress) as advance:
        for number in numbers:
            model = TensionModel(world, seed=seed, run=number, agents=agents)
            model.run_model()
            records.append(model.record())
            advance(1)
    deciders = tuple(f"{actor}: {kind.__module__}.{kind.__qualname__}" for actor, kind in agents.items())
    return Results(scenario, seed, len(numbers), numbers.start, names, join(records), deciders)
