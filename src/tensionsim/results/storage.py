"""Results in a folder, and back: parts that appear whole or not at all, and tables for people.

    manifest.json      the truth: origin of the numbers, names along the axes, parts and the checksum of each
    scenario.yaml      the resolved scenario, which runs by itself
    parts/             paths-000000.parquet   all that was recorded, one row a date and run   } 1,000 runs a part; where
                       moves-000000.parquet   all moves, one row a move                       } pyarrow is missing, .npy
    tally.npz          beyond 5,000 runs: what tables and summary are made from
    summary.json       what `--json` prints
    *.csv              tables for people (see `TABLES`)
    provenance.json    scenario text and hash, seed, versions, platform, command

The same scenario, seed and versions give the same bytes: no time of day is written. What the machine, Python or the
command could change stands in provenance.json (and in figures) alone.
"""

from __future__ import annotations

import builtins
import dataclasses
import hashlib
import json
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from tensionsim.errors import ScenarioError, StorageError
from tensionsim.results import arrays, older, parts, wording
from tensionsim.results.files import TALLY, locked, temporary_of, write_beside, write_whole
from tensionsim.results.folders import OWN, PROVENANCE, SCENARIO, TABLES, check_loses_nothing, check_target, files_below
from tensionsim.results.manifest import FORMAT_VERSION, MANIFEST, Manifest, Origin, described, parse, read_json
from tensionsim.results.parts import PART_FILE, Mark, Part, blocks, file_name
from tensionsim.results.stored import Store, StoredRecord
from tensionsim.results.summary import summary, versions

if TYPE_CHECKING:
    from tensionsim.results.model import Results
    from tensionsim.results.tally import Tally
    from tensionsim.scenario import Scenario


def save(
    results: Results,
    directory: str | Path,
    *,
    command: str = "",
    attach: Callable[[Path], None] | None = None,
    replace: bool = False,
) -> Path:
    """Writes results to a folder, whole or not at all; see `Results.save`."""
    target = check_target(directory, replace=replace)
    try:
        with _alone(target), taking_the_place_of(target) as folder:
            if not replace:
                check_loses_nothing(results, target)
            manifest = _write_parts(results, folder)
            tables = {} if results.is_exact else {TALLY: write_tally(results.tally(), folder)}
            tables |= write_tables(results, folder, command)
            if attach is not None:
                attach(folder)
            attached = sorted(name for name in files_below(folder) if name not in OWN and not PART_FILE.fullmatch(name))
            manifest = dataclasses.replace(manifest, tables=tables, attached=tuple(attached), is_complete=True)
            manifest.write(folder)
    except OSError as failure:
        raise StorageError(f"cannot write {target}: {failure.strerror or failure}") from failure
    return target


def _alone(target: Path) -> AbstractContextManager[None]:
    """The folder for this command alone, where it is there: another may be writing runs to it."""
    return locked(target) if target.is_dir() else nullcontext()


@contextmanager
def taking_the_place_of(target: Path) -> Iterator[Path]:
    """A new folder beside `target` that takes its place at the end, or vanishes if anything fails."""
    target = target.absolute()
    target = target.resolve() if target.is_symlink() else target
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (target.with_name(f".{target.name}.{word}-{token_hex(4)}") for word in ("new", "old"))
    fresh.mkdir()
    try:
        yield fresh
        if target.exists():
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _write_parts(results: Results, folder: Path) -> Manifest:
    """Writes all parts of results, and says what the manifest must say."""
    write_whole(folder / SCENARIO, results.scenario.text.encode())
    manifest = Manifest(
        Origin.here(results.scenario, results.seed, results.first_run, results.agents),
        described(results.scenario),
        results.runs,
        arrays.kind_here(),
        tuple(str(date) for date in results.dates),
        results.names,
        parts.PART_RUNS,
    )
    for number, block in enumerate(blocks(results)):
        files = arrays.encode(block.record, block.names, block.first_run, manifest.kind)
        manifest = manifest.with_part(write_part(folder, number, block.first_run, block.runs, files))
    return manifest


def write_part(folder: Path, number: int, first_run: int, runs: int, files: Mapping[str, bytes]) -> Part:
    """Writes the files of part `number`; a manifest that names the part makes it part of the store.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    contents = _named(number, files)
    for name, content in contents.items():
        write_whole(folder / name, content)
    return Part(first_run, runs, {name: Mark.of(content) for name, content in contents.items()})


def write_longer_part(folder: Path, number: int, first_run: int, runs: int, files: Mapping[str, bytes]) -> Part:
    """Writes the files of part `number` beside those of a shorter one, whose place they take by `take_places`.

    So the shorter part is there until a manifest names the longer one.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    contents = _named(number, files)
    for name, content in contents.items():
        write_beside(folder / name, content)
    return Part(first_run, runs, {name: Mark.of(content) for name, content in contents.items()})


def take_places(folder: Path, part: Part) -> None:
    """Puts files of a part that were written beside others in their place, where that has not been done."""
    for name, mark in part.files.items():
        beside = temporary_of(folder / name)
        if beside.is_file() and mark.fits(beside):
            beside.replace(folder / name)


def _named(number: int, files: Mapping[str, bytes]) -> dict[str, bytes]:
    suffix = arrays.PARQUET if arrays.PATHS in files else arrays.NPY
    return {file_name(holds, number, suffix): content for holds, content in files.items()}


def write_tally(tally: Tally, folder: Path) -> Mark:
    """Writes the tally of all runs, and says what the file must be."""
    content = tally.to_bytes()
    write_whole(folder / TALLY, content)
    return Mark.of(content)


def write_tables(results: Results, folder: Path, command: str) -> dict[str, Mark]:
    """Writes summary, tables and provenance, each whole or not at all, and says what all but the last must be."""
    from tensionsim.results import tables

    contents = {"summary.json": _json(summary(results))}
    for name in TABLES:
        table = tables.tidy(results, name)
        text: str = table.to_csv(index=False, lineterminator="\n", float_format="%.10g")
        contents[f"{name}.csv"] = text.encode()
    for name, content in contents.items():
        write_whole(folder / name, content)
    write_json(folder / PROVENANCE, provenance(results, command))
    return {name: Mark.of(content) for name, content in contents.items()}


def provenance(results: Results, command: str) -> dict[str, Any]:
    """Where the numbers come from. No host and no time of day, so that repeated runs give the same bytes."""
    scenario = results.scenario
    return {
        "command": command,
        "scenario": {
            "name": scenario.name,
            "path": scenario.path,
            "outlook": scenario.outlook,
            "set": wording.plain(scenario.values),
            "sha256": scenario.sha256,
            "notes": list(scenario.notes),
            "text": scenario.text,
        },
        "seed": results.seed,
        "runs": results.runs,
        "first_run": results.first_run,
        "agents": list(results.agents),
        "versions": {"python": platform.python_version(), **versions()},
        "platform": f"{sys.platform}-{platform.machine()}",
    }


def write_json(path: Path, content: object) -> None:
    """Writes plain numbers, texts and lists as JSON, whole or not at all."""
    write_whole(path, _json(content))


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def open(directory: str | Path, *, partial: bool = False) -> Results:
    """The results that were saved in a folder; their arrays are read when they are first asked for.

    Parameters
    ----------
    partial
        Open what there is of an unfinished store: the runs from the first one on, up to the first that is missing.

    Raises
    ------
    StorageError
        If the folder holds no results, is not finished, was damaged, or was written by a newer tensionsim. Damaged
        arrays are found when they are read.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=5)
    >>> ts.open(r.save("results/first")).equals(r)
    True
    """
    folder = Path(directory)
    content = read_json(folder)
    if content["version"] < FORMAT_VERSION:
        return _open_older(folder, content)
    manifest = parse(content, folder)
    if partial:
        manifest = manifest.beginning()
    advice = f"complete it with: tensionsim resume {folder}"
    if not manifest.parts:
        raise StorageError(f"{folder} is not finished: not one part of its runs is there; {advice}")
    if not manifest.has_all_parts:
        raise StorageError(
            f"{folder} is not finished: {manifest.kept:,} of {manifest.runs:,} runs are there; {advice}, "
            "or open those with partial=True"
        )
    arrays.check_readable(manifest.kind, folder)
    return results_of(folder, manifest, read_scenario(folder, manifest))


def results_of(folder: Path, manifest: Manifest, scenario: Scenario) -> Results:
    """The results of a store all of whose parts are there."""
    record = StoredRecord.of(Store(folder, manifest, manifest.parts))
    return _results(scenario, manifest.origin.seed, manifest.runs, manifest.origin.first_run, manifest, record)


def _results(*fields: Any) -> Results:
    from tensionsim.results.model import Results

    scenario, seed, runs, first_run, manifest, record = fields
    return Results(scenario, seed, runs, first_run, manifest.names, record, manifest.origin.agents)


def _open_older(folder: Path, content: Mapping[str, Any]) -> Results:
    from tensionsim.results.model import Results

    names, record = older.read(folder, content)
    try:
        scenario = _scenario(folder, content["scenario"])
        numbers = (content["seed"], content["runs"], content["first_run"])
        return Results(scenario, *numbers, names, record, tuple(content["agents"]))
    except (KeyError, TypeError, ValueError) as damage:
        raise StorageError(f"{folder} is damaged: {MANIFEST} contradicts the data ({damage})") from damage


def read_scenario(folder: Path, manifest: Manifest) -> Scenario:
    """The scenario of a store.

    Raises
    ------
    StorageError
        If scenario.yaml is missing or not what was run.
    """
    path, again = folder / SCENARIO, "run the same scenario into the folder again, which writes it anew"
    if not path.is_file():
        raise StorageError(f"{folder} is damaged: {SCENARIO} is missing; {again}")
    with builtins.open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != manifest.origin.scenario_sha256:
        raise StorageError(f"{path} is damaged: it is not what tensionsim saved; {again}")
    return _scenario(folder, manifest.scenario)


def _scenario(folder: Path, described: Mapping[str, Any]) -> Scenario:
    """The scenario as it was run; its text names no outlooks any more, so the chosen one's title is put back."""
    from tensionsim.scenario import load
    from tensionsim.scenario.schema import Outlook

    try:
        scenario = load(folder / SCENARIO)
    except ScenarioError as problems:
        raise StorageError(f"this tensionsim cannot read the scenario saved in {folder}:\n{problems}") from problems
    name, file = described["outlook"], scenario.file
    if name is not None:
        file = file.model_copy(update={"outlooks": {name: Outlook(title=described["outlook_title"])}})
    origin = {"name": described["name"], "outlook": name, "path": described.get("path", scenario.path)}
    return dataclasses.replace(
        scenario, file=file, **origin, notes=tuple(described["notes"]), _values=described.get("set", {})
    )
