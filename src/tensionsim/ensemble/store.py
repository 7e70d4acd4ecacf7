"""The run store: an ensemble streams into a folder, part by part, and is completed after any interruption.

Workers simulate parts and give back the bytes of their files; this process alone writes. A part is there as soon as
the manifest names it, so that an interruption loses the parts in work and nothing else. How runs are computed
(jobs, executor, chunks) and in which order parts come does not show in a byte.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tensionsim.ensemble.chunks import Chunk, world_of
from tensionsim.ensemble.deriving import Keeping, derive
from tensionsim.ensemble.executors import executor
from tensionsim.ensemble.naming import names_of
from tensionsim.ensemble.progress import showing
from tensionsim.ensemble.tasks import PartTask, part_files
from tensionsim.ensemble.ways import Ways
from tensionsim.errors import StorageError
from tensionsim.results import Results, arrays, folders, parts, storage
from tensionsim.results.files import (
    LOCK,
    TALLY,
    is_litter,
    is_whole_figure,
    is_whole_json,
    locked,
    temporary_of,
    write_whole,
)
from tensionsim.results.manifest import (
    FORMAT_VERSION,
    MANIFEST,
    Manifest,
    Origin,
    described,
    parse,
    read_json,
    scenario_differences,
)
from tensionsim.results.parts import Mark
from tensionsim.results.stored import Store, StoredRecord, plain
from tensionsim.scenario import Scenario

READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)
"""What the system says where nothing may be written."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while a store was written; says what is kept and how to go on."""


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
    try:
        target = folders.check_target(folder, replace=keeping.replace, over_again=keeping.over_again)
        world_of(ensemble.scenario)
        with _told(target):
            target.mkdir(parents=True, exist_ok=True)
            with locked(target):
                manifest = _begin(target, ensemble, keeping)
                scenario = replace(storage.read_scenario(target, manifest), path=ensemble.scenario.path)
                return _complete(target, manifest, scenario, ways, keeping)
    except StorageError as refused:
        if keeping.replace or not _is_read_only(refused):
            raise
        return _finished(Path(folder), keeping, refused, ensemble)


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
    _manifest(target, keeping)
    try:
        with _told(target), locked(target):
            manifest = _manifest(target, keeping)
            _finish_beginning(target)
            scenario = storage.read_scenario(target, manifest)
            if manifest.origin.agents:
                raise StorageError(
                    f"{target} cannot be resumed: governments of your own decided "
                    f"({', '.join(manifest.origin.agents)}); run and save it again in Python"
                )
            _check_origin(target, manifest, scenario, keeping)
            return _complete(target, manifest, scenario, ways, keeping)
    except StorageError as refused:
        if not _is_read_only(refused):
            raise
        return _finished(target, keeping, refused)


def _is_read_only(refused: StorageError) -> bool:
    return isinstance(refused.__cause__, OSError) and refused.__cause__.errno in READ_ONLY


def _finished(folder: Path, keeping: Keeping, refused: StorageError, ensemble: Ensemble | None = None) -> Results:
    """The results of a store that nothing may be written to, and nothing need be; else what was refused."""
    if not (folder / MANIFEST).exists():
        raise refused
    manifest = _manifest(folder, keeping)
    scenario = storage.read_scenario(folder, manifest)
    if ensemble is not None:
        scenario = replace(scenario, path=ensemble.scenario.path)
        _check_origin(folder, manifest, ensemble.scenario, keeping, ensemble)
    if (ensemble is not None and ensemble.runs != manifest.runs) or not _is_finished(
        folder, _sound(folder, manifest, keeping), keeping
    ):
        raise refused
    return storage.results_of(folder, manifest, scenario)


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
        manifest = _manifest(folder, Keeping())
    except StorageError:
        return ""
    return f"{manifest.kept:,} of {manifest.runs:,} runs are kept"


def _manifest(folder: Path, keeping: Keeping) -> Manifest:
    content = read_json(folder)
    if content["version"] < FORMAT_VERSION:
        raise StorageError(
            f"{folder} was written by an older tensionsim ({content.get('tensionsim')}): it can be opened, but not "
            f"added to; choose another folder, or start over with {keeping.over_again}"
        )
    return parse(content, folder)


def _begin(folder: Path, ensemble: Ensemble, keeping: Keeping) -> Manifest:
    """The manifest of a folder that shall hold an ensemble, made anew where there is none."""
    if keeping.replace:
        _clear(folder)
    if not (folder / MANIFEST).exists():
        return _new(folder, ensemble)
    manifest = _manifest(folder, keeping)
    _check_origin(folder, manifest, ensemble.scenario, keeping, ensemble)
    _finish_beginning(folder)
    text = ensemble.scenario.text.encode()
    if not Mark.of(text).fits(folder / folders.SCENARIO):
        write_whole(folder / folders.SCENARIO, text)
    last = max((part.after for part in manifest.parts), default=ensemble.first_run)
    if last > ensemble.first_run + ensemble.runs:
        raise StorageError(
            f"{folder} holds runs up to number {last - 1:,}, more than the {ensemble.runs:,} asked for; ask for "
            f"{last - ensemble.first_run:,} or more, choose another folder, or start over with {keeping.over_again}"
        )
    if manifest.runs == ensemble.runs:
        return manifest
    return replace(manifest, runs=ensemble.runs, is_complete=False, tables={})


def _new(folder: Path, ensemble: Ensemble) -> Manifest:
    """The manifest of a new store, written with its scenario; killed in between, `_finish_beginning` goes on."""
    world = world_of(ensemble.scenario)
    manifest = Manifest(
        Origin.here(ensemble.scenario, ensemble.seed, ensemble.first_run),
        described(ensemble.scenario),
        ensemble.runs,
        arrays.kind_here(),
        tuple(str(date) for date in world.dates),
        names_of(world),
        parts.PART_RUNS,
    )
    write_whole(temporary_of(folder / folders.SCENARIO), ensemble.scenario.text.encode())
    manifest.write(folder)
    _finish_beginning(folder)
    return manifest


def _finish_beginning(folder: Path) -> None:
    scenario = folder / folders.SCENARIO
    if temporary_of(scenario).is_file() and not scenario.exists():
        temporary_of(scenario).replace(scenario)


def _check_origin(
    folder: Path, manifest: Manifest, scenario: Scenario, keeping: Keeping, ensemble: Ensemble | None = None
) -> None:
    """StorageError where runs made here and now would be of another origin; without an ensemble of the same numbers."""
    there = ensemble or manifest.origin
    origin = Origin.here(scenario, there.seed, there.first_run)
    of_scenario = scenario_differences(folder, manifest.scenario, scenario)
    if different := manifest.origin.differences(origin, of_scenario):
        raise StorageError(
            f"{folder} holds runs of another origin, and runs of two are never mixed; what differs: "
            f"{'; '.join(different)}. Choose another folder, or start over there with {keeping.over_again}"
        )


def _clear(folder: Path) -> None:
    """Removes all files of the results that stand in a folder, its parts and the manifest last.

    `folders.check_target` has found that nothing else is there; what says that it is ours stays until the end.
    """
    paths = sorted(folder.rglob("*"), key=lambda path: (parts.FOLDER in path.relative_to(folder).parts, path))
    below = [path for path in paths if not (path.is_dir() and not path.is_symlink())]
    for path in below:
        if path.name not in (MANIFEST, LOCK):
            path.unlink()
    for path in sorted(set(paths) - set(below), reverse=True):
        path.rmdir()
    (folder / MANIFEST).unlink(missing_ok=True)


def _complete(folder: Path, manifest: Manifest, scenario: Scenario, ways: Ways, keeping: Keeping) -> Results:
    """The results of a store after all that is missing has been made."""
    arrays.check_readable(manifest.kind, folder)
    sound = _sound(folder, manifest, keeping)
    if not _is_finished(folder, sound, keeping):
        sound = replace(sound, is_complete=False, tables={})
        sound.write(folder)
        for name in (*folders.DERIVED, *folders.FIGURES, TALLY):
            (folder / name).unlink(missing_ok=True)
        _sweep(folder, sound)
        sound = _compute(folder, sound, scenario, ways)
        sound = derive(folder, sound, scenario, ways, keeping)
    return storage.results_of(folder, sound, scenario)


def _sound(folder: Path, manifest: Manifest, keeping: Keeping) -> Manifest:
    """The manifest without parts that are missing or damaged."""
    for part in manifest.parts:
        storage.take_places(folder, part)
        wrong = [name for name, mark in part.files.items() if not mark.fits(folder / name)]
        if wrong:
            runs = f"runs {part.first_run:,} to {part.after - 1:,}"
            keeping.say(f"{folder / wrong[0]} is missing or damaged; {runs} are done again")
            manifest = manifest.without(part)
    return manifest


def _is_finished(folder: Path, manifest: Manifest, keeping: Keeping) -> bool:
    """Whether all is there as it should be; of a store that was once finished, what is damaged is told."""
    if not (manifest.is_complete and manifest.has_all_parts):
        return False
    damaged = [name for name, mark in manifest.tables.items() if not mark.fits(folder / name)]
    damaged += [name for name in folders.PROMISED if name not in manifest.tables]
    whole = {folders.PROVENANCE: is_whole_json} | (
        dict.fromkeys(folders.FIGURES, is_whole_figure) if keeping.attach else {}
    )
    damaged += [name for name, is_whole in whole.items() if not is_whole(folder / name)]
    if damaged:
        keeping.say(f"{folder / damaged[0]} is missing or damaged; tables and figures are made again")
    return not damaged


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
            manifest = _keep(folder, manifest, tasks[position], files)
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


def _keep(folder: Path, manifest: Manifest, task: PartTask, files: Mapping[str, bytes]) -> Manifest:
    """The manifest with one part more; a shorter one that it takes the place of is there until the manifest is."""
    number = _number(manifest, task.first_run)
    first_run = manifest.origin.first_run + number * manifest.part_runs
    write = storage.write_part if task.before is None else storage.write_longer_part
    part = write(folder, number, first_run, task.first_run + task.runs - first_run, files)
    manifest = manifest.with_part(part)
    manifest.write(folder)
    storage.take_places(folder, part)
    return manifest
