"""Results in a folder: written whole or not at all, and read back to the same bits.

    manifest.json      what the folder is: format, names along the axes, types, checksum of each data file
    provenance.json    where the numbers come from: scenario text and hash, seed, versions, platform, command
    scenario.yaml      the resolved scenario, which runs by itself
    summary.json       what `--json` prints
    *.csv              tables for people (see `TABLES`)
    paths.parquet      all that was recorded, one row a date and run      } or, where pyarrow is
    moves.parquet      all moves of all runs, one row a move              } missing, arrays/*.npy

The same scenario, seed and versions give the same bytes: no time of day is written.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from tensionsim.errors import ScenarioError, StorageError
from tensionsim.record import Names, Record
from tensionsim.results import arrays, wording
from tensionsim.results.summary import outlook_title, summary, versions

if TYPE_CHECKING:
    from tensionsim.results.model import Results
    from tensionsim.scenario import Scenario

FORMAT = "tensionsim results"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
SCENARIO = "scenario.yaml"
TABLES = (
    "index",
    "issues",
    "regimes",
    "events",
    "indicators",
    "arrangements",
    "tension_by_direction",
    "measures",
    "move_counts",
)
AGAIN = "run the scenario again"


def check_target(directory: str | Path) -> Path:
    """The folder, if results may be written there: it is absent, empty, or holds results and nothing else.

    Raises
    ------
    StorageError
        If it is a file, holds something else, or cannot be written; the message says what.
    """
    target = Path(directory)
    if Path.cwd().is_relative_to(target.resolve()):
        raise StorageError(f"cannot write {target}: it is the folder you are in; name one inside it, such as results")
    if target.is_symlink() or target.exists():
        _check_replaceable(target)
    parent = _nearest_folder(target.absolute().parent)
    if not parent.is_dir():
        raise StorageError(f"cannot write {target}: {parent} is a file; choose another folder")
    try:
        tempfile.TemporaryDirectory(dir=parent, prefix=".tensionsim-").cleanup()
    except OSError as failure:
        raise StorageError(f"cannot write {target}: {parent}: {failure.strerror}") from failure
    return target


def _nearest_folder(path: Path) -> Path:
    return path if path.exists() or path == path.parent else _nearest_folder(path.parent)


def _check_replaceable(target: Path) -> None:
    if not target.is_dir():
        raise StorageError(f"cannot write {target}: a file stands there; choose another folder")
    found = {str(path.relative_to(target)) for path in target.rglob("*") if not path.is_dir()}
    if not found:
        return
    if MANIFEST not in found:
        raise StorageError(f"cannot write {target}: what it holds is no tensionsim results; choose another folder")
    own = set(_manifest(target).get("written", ()))
    if foreign := sorted(found - own - {MANIFEST}):
        raise StorageError(
            f"cannot replace the results in {target}: {foreign[0]} there was not written by tensionsim; "
            "move it away or choose another folder"
        )


def save(
    results: Results, directory: str | Path, *, command: str = "", attach: Callable[[Path], None] | None = None
) -> Path:
    """Writes results to a folder, whole or not at all; see `Results.save`."""
    target = check_target(directory)
    try:
        with _taking_the_place_of(target) as folder:
            _write(results, folder, command)
            if attach is not None:
                attach(folder)
            written = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
            _write_json(folder / MANIFEST, _describe(results, folder) | {"written": written})
    except OSError as failure:
        raise StorageError(f"cannot write {target}: {failure.strerror or failure}") from failure
    return target


@contextmanager
def _taking_the_place_of(target: Path) -> Iterator[Path]:
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


def _write(results: Results, folder: Path, command: str) -> None:
    from tensionsim.results import tables

    (folder / SCENARIO).write_text(results.scenario.text, encoding="utf-8", newline="\n")
    _write_json(folder / "summary.json", summary(results))
    _write_json(folder / "provenance.json", provenance(results, command))
    for name in TABLES:
        table = tables.tidy(results, name)
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", float_format="%.10g")
    arrays.write(results, folder)


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


def _describe(results: Results, folder: Path) -> dict[str, Any]:
    scenario = results.scenario
    data = [SCENARIO, *arrays.files(folder)]
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "tensionsim": versions()["tensionsim"],
        "seed": results.seed,
        "runs": results.runs,
        "first_run": results.first_run,
        "agents": list(results.agents),
        "scenario": {
            "name": scenario.name,
            "path": scenario.path,
            "outlook": scenario.outlook,
            "outlook_title": outlook_title(scenario),
            "set": wording.plain(scenario.values),
            "notes": list(scenario.notes),
        },
        "names": asdict(results.names),
        "arrays": {name: [array.dtype.str, list(array.shape)] for name, array in results.record.arrays().items()},
        "sha256": {name: _sha256(folder / name) for name in data},
    }


def _write_json(path: Path, content: object) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open(directory: str | Path) -> Results:
    """The results that were saved in a folder.

    Raises
    ------
    StorageError
        If the folder holds no results, was damaged, or was written by a newer tensionsim.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=5)
    >>> ts.open(r.save("results/first")).equals(r)
    True
    """
    folder = Path(directory)
    manifest = _manifest(folder)
    try:
        for name, sha256 in manifest["sha256"].items():
            if _sha256(folder / name) != sha256:
                raise StorageError(f"{folder / name} is damaged: it is not what tensionsim saved; {AGAIN}")
        names = Names(**{name: tuple(values) for name, values in manifest["names"].items()})
        record = Record(**arrays.read(folder, manifest["arrays"], names))
        return _results(_scenario(folder, manifest["scenario"]), manifest, names, record)
    except FileNotFoundError as missing:
        raise StorageError(f"{folder} is damaged: {Path(missing.filename).name} is missing; {AGAIN}") from missing
    except OSError as failure:
        raise StorageError(f"cannot read {folder}: {failure.strerror or failure}") from failure
    except (KeyError, TypeError, ValueError) as damage:
        raise StorageError(f"{folder} is damaged: {MANIFEST} contradicts the data ({damage}); {AGAIN}") from damage


def _results(scenario: Scenario, manifest: dict[str, Any], names: Names, record: Record) -> Results:
    from tensionsim.results.model import Results

    numbers = (manifest["seed"], manifest["runs"], manifest["first_run"])
    return Results(scenario, *numbers, names, record, tuple(manifest["agents"]))


def _manifest(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise StorageError(
            f"{folder} is not a folder of results: {'it is a file' if folder.exists() else 'no such folder'}"
        )
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StorageError(f"{folder} holds no tensionsim results: {MANIFEST} is missing") from None
    except (OSError, ValueError) as damage:
        raise StorageError(f"cannot read {folder / MANIFEST}: {damage}") from damage
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise StorageError(f"{folder} holds no tensionsim results: its {MANIFEST} is something else's")
    if not isinstance(manifest.get("version"), int) or manifest["version"] > FORMAT_VERSION:
        raise StorageError(
            f"{folder} was written by a newer tensionsim ({manifest.get('tensionsim')}, "
            f"format {manifest.get('version')}); "
            f"this one reads formats up to {FORMAT_VERSION}: pip install --upgrade tensionsim"
        )
    return manifest


def _scenario(folder: Path, described: dict[str, Any]) -> Scenario:
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
    origin = {key: described[key] for key in ("name", "path", "outlook")}
    return replace(scenario, file=file, **origin, notes=tuple(described["notes"]), _values=described.get("set", {}))
