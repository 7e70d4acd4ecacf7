"""Whether results may be written to a folder: it is absent, empty, or holds results and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensionsim.errors import StorageError
from tensionsim.results.files import TALLY, TEMPORARY, is_litter
from tensionsim.results.manifest import MANIFEST, NoManifest, read_json, scenario_differences
from tensionsim.results.parts import PART_FILE

if TYPE_CHECKING:
    from tensionsim.results.model import Results

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
PROVENANCE = "provenance.json"
PROMISED = ("summary.json", *(f"{name}.csv" for name in TABLES))
"""Files made of the parts when all are there, the same to the byte for the same parts."""

DERIVED = (*PROMISED, PROVENANCE)
FIGURES = ("overview.png", "overview.svg")
OWN = frozenset({MANIFEST, SCENARIO, TALLY, *DERIVED, *FIGURES})

MOST_NAMED = 3
"""Foreign files that a refusal names."""


def check_target(directory: str | Path, *, replace: bool = False, over_again: str = "replace=True") -> Path:
    """The folder, if results may be written there.

    replace : whether what stands there may be lost, so that a damaged manifest is no hindrance. over_again : what the
    reader says to ask for that.

    Raises
    ------
    StorageError
        If it is a file, holds something else, or cannot be written; the message says what.
    """
    target = Path(directory)
    if Path.cwd().is_relative_to(target.resolve()):
        raise StorageError(f"cannot write {target}: it is the folder you are in; name one inside it, such as results")
    if target.is_symlink() or target.exists():
        _check_replaceable(target, replace=replace, over_again=over_again)
    parent = _nearest_folder(target.absolute().parent)
    if not parent.is_dir():
        raise StorageError(f"cannot write {target}: {parent} is a file; choose another folder")
    try:
        tempfile.TemporaryDirectory(dir=parent, prefix=TEMPORARY).cleanup()
    except OSError as failure:
        raise StorageError(f"cannot write {target}: {parent}: {failure.strerror}") from failure
    return target


def check_loses_nothing(results: Results, target: Path) -> None:
    """StorageError where a folder holds results that would be lost by writing others there.

    The same scenario text, seed, first run and agents give the same runs, so that as many of them may be written anew.
    """
    if not (target / MANIFEST).exists():
        return
    there = read_json(target)
    differences = []
    if _sha256_of(there) != results.scenario.sha256:
        differences += scenario_differences(target, _mapping(there.get("scenario")), results.scenario)
    for name, here in (("seed", results.seed), ("first_run", results.first_run), ("agents", list(results.agents))):
        if there.get(name) != here:
            differences.append(f"{name.replace('_', ' ')} ({_said(there.get(name))} there, {_said(here)} here)")
    if not differences and there.get("runs", 0) > results.runs:
        differences.append(f"runs ({there['runs']:,} there, {results.runs:,} here)")
    if differences:
        raise StorageError(
            f"cannot write {target}: it holds other results, and they would be lost; what differs: "
            f"{'; '.join(differences)}. Choose another folder, or replace them with replace=True"
        )


def files_below(folder: Path) -> Iterator[str]:
    """Names of all files and links below a folder."""
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            yield path.relative_to(folder).as_posix()


def named(foreign: Collection[str]) -> str:
    """The first files of some, as a refusal names them."""
    shown = ", ".join(sorted(foreign)[:MOST_NAMED])
    return shown if len(foreign) <= MOST_NAMED else f"{shown} and {len(foreign) - MOST_NAMED} more"


def _nearest_folder(path: Path) -> Path:
    return path if path.exists() or path == path.parent else _nearest_folder(path.parent)


def _check_replaceable(target: Path, *, replace: bool, over_again: str) -> None:
    if not target.is_dir():
        raise StorageError(f"cannot write {target}: a file stands there; choose another folder")
    found = set(files_below(target))
    if all(map(is_litter, found)):
        return
    try:
        content = read_json(target)
    except NoManifest as lost:
        _check_lost(target, found, lost, replace=replace, over_again=over_again)
        return
    own = {*_texts(content.get("attached")), *_texts(content.get("written"))}
    if foreign := _foreign(target, found, own):
        raise StorageError(
            f"cannot replace the results in {target}: {named(foreign)} there was not written by tensionsim; "
            "move it away or choose another folder"
        )


def _check_lost(target: Path, found: set[str], lost: NoManifest, *, replace: bool, over_again: str) -> None:
    """StorageError for a folder without a manifest that can be read, unless all in it is ours and may be lost."""
    foreign = _foreign(target, found, ()) or ([] if _is_ours(found) else found)
    if foreign:
        raise StorageError(
            f"cannot write {target}: what it holds is no tensionsim results: {named(foreign)}; choose another folder"
        )
    if not replace:
        raise StorageError(f"{lost.what}; choose another folder, or start over with {over_again}")


def _foreign(target: Path, found: Collection[str], attached: Collection[str]) -> list[str]:
    """Files that tensionsim did not write, and links."""
    own = {*OWN, *attached}
    names = {name for name in found if name not in own and not (PART_FILE.fullmatch(name) or is_litter(name))}
    return sorted(names | {name for name in found if (target / name).is_symlink()})


def _is_ours(found: Collection[str]) -> bool:
    """Whether files of ours are there that nobody else would call so."""
    return any(map(PART_FILE.fullmatch, found)) or {MANIFEST, SCENARIO} <= {*found}


def _sha256_of(content: Mapping[str, Any]) -> object:
    """Of the scenario's text, as a manifest of any format says it."""
    return content.get("scenario_sha256") or _mapping(content.get("sha256")).get(SCENARIO)


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _texts(found: object) -> list[str]:
    return [str(each) for each in found] if isinstance(found, list) else []


def _said(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)
