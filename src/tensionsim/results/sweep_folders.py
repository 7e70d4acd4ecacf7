"""Whether a sweep may be written to a folder: it is absent, empty, or holds a sweep and nothing else."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Literal

from tensionsim.errors import StorageError
from tensionsim.results import folders
from tensionsim.results.files import LOCK, TEMPORARY, is_litter
from tensionsim.results.manifest import FORMAT, MANIFEST, SWEEP_FORMAT
from tensionsim.results.parts import PART_FILE

SCENARIO, DESIGN, TABLE, INDEX, PROVENANCE = "scenario.yaml", "design.yaml", "sweep.csv", "index.csv", "provenance.json"
FILES = (SCENARIO, DESIGN, TABLE, INDEX, PROVENANCE)
POINTS = "points"
_OF_A_POINT = re.compile(rf"{POINTS}/[0-9]{{3,}}/(.+)")


def state_of(folder: Path) -> Literal["sweep", "lost", "other"]:
    """What a folder holds: a sweep, one whose manifest is lost, or something else (nothing too)."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = None
    said = content.get("format") if isinstance(content, dict) else None
    if said == SWEEP_FORMAT:
        return "sweep"
    is_ours = (folder / DESIGN).is_file() and (folder / SCENARIO).is_file()
    return "lost" if said is None and is_ours else "other"


def lost(folder: Path) -> str:
    """What is said of a sweep whose manifest is lost."""
    how = "damaged" if (folder / MANIFEST).exists() else "missing"
    return f"{folder / MANIFEST} is {how}; what the points hold cannot be trusted without it"


def is_empty(folder: Path) -> bool:
    """Whether nothing stands there, but what an interruption may have left.

    Raises
    ------
    StorageError
        If a file stands there.
    """
    if folder.exists() and not folder.is_dir():
        raise StorageError(f"cannot write {folder}: a file stands there; choose another folder")
    return not folder.exists() or all(entry.name.startswith(TEMPORARY) for entry in folder.iterdir())


def check(folder: Path, *, replace: bool = False, over_again: str = "replace=True") -> None:
    """Checks that a folder can hold a sweep: with `replace` a new one, else this one or none.

    over_again : what the reader says to ask for `replace`.

    Raises
    ------
    StorageError
        If it holds something else; the message says what.
    """
    if is_empty(folder):
        return
    foreign, state = _foreign(folder), state_of(folder)
    if state == "other" or (state == "lost" and foreign):
        what = _other(folder, foreign)
        raise StorageError(f"cannot write {folder}: what it holds is no sweep: {what}; choose another folder")
    if foreign:
        raise StorageError(
            f"cannot replace the sweep in {folder}: it holds {folders.named(foreign)}, which is none of its files; "
            "move it away or choose another folder"
        )
    if state == "lost" and not replace:
        raise StorageError(f"{lost(folder)}; choose another folder, or start over with {over_again}")


def prepare(folder: Path) -> None:
    """Makes a folder.

    Raises
    ------
    StorageError
        If it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise StorageError(f"cannot write {folder}: {failure.strerror or failure}") from failure


def clear(folder: Path) -> None:
    """Removes a sweep, its manifest last; `check` has found that nothing else is there."""
    if (folder / POINTS).exists():
        shutil.rmtree(folder / POINTS)
    entries = [entry for entry in folder.iterdir() if entry.name not in (LOCK, MANIFEST)]
    for entry in [*entries, folder / MANIFEST]:
        entry.unlink(missing_ok=True)


def _foreign(folder: Path) -> list[str]:
    """Files that no sweep writes, and links."""
    names = folders.files_below(folder)
    return sorted(name for name in names if not _is_own(name) or (folder / name).is_symlink())


def _is_own(name: str) -> bool:
    if name in (*FILES, MANIFEST) or is_litter(name):
        return True
    inner = _OF_A_POINT.fullmatch(name)
    return inner is not None and bool(inner[1] in folders.OWN or PART_FILE.fullmatch(inner[1]) or is_litter(inner[1]))


def _other(folder: Path, foreign: list[str]) -> str:
    """What a folder holds instead of a sweep."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["format"]
    except (OSError, ValueError, KeyError, TypeError):
        said = ""
    if said == FORMAT:
        return "these are results of one scenario"
    return folders.named(foreign or list(folders.files_below(folder)))
