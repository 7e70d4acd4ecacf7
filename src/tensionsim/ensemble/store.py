"""The run store: an ensemble streams into a folder, part by part, and is completed after any interruption.

Workers simulate parts and give back the bytes of their files; this process alone writes. A part is there as soon as
the manifest names it, so that an interruption loses the parts in work and nothing else. How runs are computed
(jobs, executor, chunks) and in which order parts come does not show in a byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tensionsim.ensemble.chunks import Chunk, world_of
from tensionsim.ensemble.executors import executor
from tensionsim.ensemble.naming import names_of
from tensionsim.ensemble.progress import Mode, showing
from tensionsim.ensemble.tasks import PartTask, TallyTask, part_files, tally_of
from tensionsim.ensemble.ways import Ways
from tensionsim.errors import StorageError
from tensionsim.results import Results, arrays, parts, storage
from tensionsim.results.files import LOCK, is_litter, locked, temporary_of, write_whole
from tensionsim.results.manifest import FORMAT_VERSION, MANIFEST, Manifest, Origin, described, parse, read_json
from tensionsim.results.parts import Mark, Part
from tensionsim.results.stored import Store, StoredRecord, plain
from tensionsim.results.tally import Tally
from tensionsim.results.tallying import FILE as TALLY
from tensionsim.scenario import Scenario

TALLY_PARTS = 8
"""Parts that a worker tallies at a time, so that few tallies travel."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while a store was written; says what is kept and how to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What is kept beside the runs, and how it is told.

    command : what was typed, for the provenance. attach : writes figures into the folder when all runs are there.
    say : is told what was found damaged. replace : start over where results stand already.
    """

    command: str = ""
    attach: Callable[[Results, Path], None] | None = None
    say: Callable[[str], None] = lambda words: None
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Which runs a store shall hold: `runs` of a scenario and seed, from `first_run` on."""

    scenario: Scenario
    runs: int
    seed: int
    first_run: int


def fill(folder: str | Path, ensemble: Ensemble, ways: Ways, keeping: Keeping) -> Results:
    """The runs of an ensemble, kept in a folder; those that are there already are not computed again.

    Raises
    ------
    StorageError
        If the folder holds something else, runs of another origin or more runs; if another command is writing there;
        if it cannot be written.
    Interrupted
        On Ctrl-C.
    """
    target = storage.check_target(folder)
    world_of(ensemble.scenario)
    with _told(target):
        target.mkdir(parents=True, exist_ok=True)
        with locked(target):
            manifest = _begin(target, ensemble, keeping)
            scenario = replace(storage.read_scenario(target, manifest), path=ensemble.scenario.path)
            return _complete(target, manifest, scenario, ways, keeping)


def resume(folder: str | Path, ways: Ways, keeping: Keeping) -> Results:
    """The runs of a store, those computed that are missing or damaged.

    Raises
    ------
    StorageError
        If there is no store, or another tensionsim wrote it; if another command is writing there; if it cannot be
        written.
    Interrupted
        On Ctrl-C.
    """
    target = Path(folder)
    _manifest(target)
    with _told(target), locked(target):
        manifest = _manifest(target)
        _finish_beginning(target)
        scenario = storage.read_scenario(target, manifest)
        if manifest.origin.agents:
            raise StorageError(
                f"{target} cannot be resumed: governments of your own decided ({', '.join(manifest.origin.agents)}); "
                "run and save it again in Python"
            )
        _check_origin(target, manifest, Origin.here(scenario, manifest.origin.seed, manifest.origin.first_run))
        return _complete(target, manifest, scenario, ways, keeping)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Ctrl-C and failures to write, with what is kept and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        kept = _kept(folder)
        advice = f"; {kept}; go on with: tensionsim resume {folder}" if kept else ""
        raise Interrupted(f"interrupted{advice}") from None
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


def _manifest(folder: Path) -> Manifest:
    content = read_json(folder)
    if content["version"] < FORMAT_VERSION:
        raise StorageError(
            f"{folder} was written by an older tensionsim ({content.get('tensionsim')}): it can be opened, but not "
            "added to; choose another folder, or start over with --replace"
        )
    return parse(content, folder)


def _begin(folder: Path, ensemble: Ensemble, keeping: Keeping) -> Manifest:
    """The manifest of a folder that shall hold an ensemble, made anew where there is none."""
    origin = Origin.here(ensemble.scenario, ensemble.seed, ensemble.first_run)
    if keeping.replace:
        _clear(folder)
    if not (folder / MANIFEST).exists():
        return _new(folder, ensemble, origin)
    manifest = _manifest(folder)
    _check_origin(folder, manifest, origin)
    _finish_beginning(folder)
    text = ensemble.scenario.text.encode()
    if not Mark.of(text).fits(folder / storage.SCENARIO):
        write_whole(folder / storage.SCENARIO, text)
    last = max((part.after for part in manifest.parts), default=origin.first_run)
    if last > origin.first_run + ensemble.runs:
        raise StorageError(
            f"{folder} holds runs up to number {last - 1:,}, more than the {ensemble.runs:,} asked for; ask for "
            f"{last - origin.first_run:,} or more, choose another folder, or start over with --replace"
        )
    if manifest.runs == ensemble.runs:
        return manifest
    return replace(manifest, runs=ensemble.runs, is_complete=False, tables={})


def _new(folder: Path, ensemble: Ensemble, origin: Origin) -> Manifest:
    """The manifest of a new store, written with its scenario; killed in between, `_finish_beginning` goes on."""
    world = world_of(ensemble.scenario)
    manifest = Manifest(
        origin,
        described(ensemble.scenario),
        ensemble.runs,
        arrays.kind_here(),
        tuple(str(date) for date in world.dates),
        names_of(world),
        parts.PART_RUNS,
    )
    write_whole(temporary_of(folder / storage.SCENARIO), ensemble.scenario.text.encode())
    manifest.write(folder)
    _finish_beginning(folder)
    return manifest


def _finish_beginning(folder: Path) -> None:
    scenario = folder / storage.SCENARIO
    if temporary_of(scenario).is_file() and not scenario.exists():
        temporary_of(scenario).replace(scenario)


def _check_origin(folder: Path, manifest: Manifest, origin: Origin) -> None:
    if different := manifest.origin.differences(origin):
        raise StorageError(
            f"{folder} holds runs of another origin, and runs of two are never mixed; what differs: "
            f"{'; '.join(different)}. Choose another folder, or start over there with: tensionsim run ... --replace"
        )


def _clear(folder: Path) -> None:
    """Removes all files of the results that stand in a folder; the manifest last."""
    if not (folder / MANIFEST).exists():
        return
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        elif path.name not in (MANIFEST, LOCK):
            path.unlink()
    (folder / MANIFEST).unlink()


def _complete(folder: Path, manifest: Manifest, scenario: Scenario, ways: Ways, keeping: Keeping) -> Results:
    """The results of a store after all that is missing has been made."""
    arrays.check_readable(manifest.kind, folder)
    sound = _sound(folder, manifest, keeping)
    if not _is_finished(folder, sound, keeping):
        sound = replace(sound, is_complete=False, tables={})
        sound.write(folder)
        for name in (*storage.DERIVED, *storage.FIGURES, TALLY):
            (folder / name).unlink(missing_ok=True)
        _sweep(folder, sound)
        sound = _compute(folder, sound, scenario, ways)
        sound = _derive(folder, sound, scenario, ways, keeping)
    return storage.results_of(folder, sound, scenario)


def _sound(folder: Path, manifest: Manifest, keeping: Keeping) -> Manifest:
    """The manifest without parts that are missing or damaged."""
    for part in manifest.parts:
        wrong = [name for name, mark in part.files.items() if not mark.fits(folder / name)]
        if wrong:
            runs = f"runs {part.first_run:,} to {part.after - 1:,}"
            keeping.say(f"{folder / wrong[0]} is missing or damaged; {runs} are done again")
            manifest = manifest.without(part)
    return manifest


def _is_finished(folder: Path, manifest: Manifest, keeping: Keeping) -> bool:
    wanted = [*storage.DERIVED, *(storage.FIGURES if keeping.attach else ())]
    return (
        manifest.is_complete
        and manifest.has_all_parts
        and all(mark.fits(folder / name) for name, mark in manifest.tables.items())
        and all((folder / name).is_file() for name in wanted)
    )


def _sweep(folder: Path, manifest: Manifest) -> None:
    """Removes what an interruption left: files in the making, and those of parts that the manifest does not name."""
    named = {name for part in manifest.parts for name in part.files}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        is_own = is_litter(name) or parts.PART_FILE.fullmatch(name)
        if path.is_file() and is_own and name != LOCK and name not in named:
            path.unlink()


def _compute(folder: Path, manifest: Manifest, scenario: Scenario, ways: Ways) -> Manifest:
    """The manifest with all parts, each written as soon as it is there."""
    tasks = list(_tasks(folder, manifest, scenario, ways))
    if not tasks:
        return manifest
    with (
        executor(ways.jobs, ways.executor, ways.scheduler, tasks=len(tasks)) as workers,
        showing(manifest.runs, ways.progress, done=manifest.kept) as advance,
    ):
        function = partial(part_files, advance=advance) if workers.is_local else part_files
        for position, files in workers.results(function, tasks):
            manifest = manifest.with_part(_write(folder, manifest, tasks[position], files))
            manifest.write(folder)
            if not workers.is_local:
                advance(tasks[position].runs)
    return manifest


def _tasks(folder: Path, manifest: Manifest, scenario: Scenario, ways: Ways) -> Iterator[PartTask]:
    for missing in manifest.missing():
        part = manifest.part_of(missing.start - 1) if missing.start > manifest.origin.first_run else None
        is_begun = part is not None and _number(manifest, part.first_run) == _number(manifest, missing.start)
        before = plain(StoredRecord.of(Store(folder, manifest, (part,)))) if part is not None and is_begun else None
        chunk = Chunk(scenario, manifest.origin.seed, missing.start, len(missing), ways.chunk_runs)
        yield PartTask(chunk, manifest.names, manifest.kind, before)


def _number(manifest: Manifest, run: int) -> int:
    return (run - manifest.origin.first_run) // manifest.part_runs


def _write(folder: Path, manifest: Manifest, task: PartTask, files: Mapping[str, bytes]) -> Part:
    number = _number(manifest, task.first_run)
    first_run = manifest.origin.first_run + number * manifest.part_runs
    return storage.write_part(folder, number, first_run, task.first_run + task.runs - first_run, files)


def _derive(folder: Path, manifest: Manifest, scenario: Scenario, ways: Ways, keeping: Keeping) -> Manifest:
    """The manifest of a finished store, after all that is made of the parts together has been written."""
    results = storage.results_of(folder, manifest, scenario)
    if not results.is_exact:
        tally = _tally(results, ways)
        manifest = replace(manifest, tables={TALLY: storage.write_tally(tally, folder)})
        results = storage.results_of(folder, manifest, scenario)
    storage.write_tables(results, folder, keeping.command)
    if keeping.attach is not None:
        keeping.attach(results, folder)
    manifest = replace(manifest, is_complete=True)
    manifest.write(folder)
    return manifest


def _tally(results: Results, ways: Ways) -> Tally:
    """The tally of all runs; distant workers may not see the folder, so only those of this machine are asked."""
    tasks = [TallyTask(block) for block in parts.blocks(results, TALLY_PARTS)]
    shown: Mode = "auto" if ways.progress == "auto" else "none"
    jobs, kind = (1, None) if ways.is_distant else (ways.jobs, ways.executor)
    found: dict[int, Tally] = {}
    whole: Tally | None = None
    with (
        executor(jobs, kind, tasks=len(tasks)) as workers,
        showing(results.runs, shown, "summed run") as advance,
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
