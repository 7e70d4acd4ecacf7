"""`tensionsim new`: a scenario file to start from."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

from tensionsim.errors import ScenarioError, StorageError, TensionSimError

SUFFIX = ".yaml"


def write(name: str, source: str | None) -> Path:
    """Writes a new scenario file, with the comments of what it was copied from, and returns its path.

    Raises
    ------
    StorageError
        If there is such a file already.
    TensionSimError
        If it would not load from its new place.
    """
    path = Path(name if name.endswith((SUFFIX, ".yml")) else name + SUFFIX)
    text = _starter(path.stem) if source is None else _copy_of(source)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise StorageError(f"{path} is there already; choose another name") from None
    _check(path)
    return path


def _starter(name: str) -> str:
    title = re.sub(r"[^\w ]+|_", " ", name).strip().capitalize() or "A scenario"
    text = files("tensionsim.cli").joinpath("starter.yaml").read_text(encoding="utf-8")
    return text.replace("TITLE", json.dumps(title, ensure_ascii=False))


def _copy_of(source: str) -> str:
    """The text of a scenario file with its comments; the file must be a good one."""
    from tensionsim.scenario import load
    from tensionsim.scenario.files import find
    from tensionsim.scenario.problems import Report

    scenario, found = load(source), find(source, Report())
    text = found.path.read_text(encoding="utf-8-sig") if found else scenario.text
    return f"# Started from {scenario.name}. After a change: tensionsim check FILE\n\n{text}"


def _check(path: Path) -> None:
    from tensionsim.scenario import load

    try:
        load(path)
    except ScenarioError as problems:
        path.unlink()
        raise TensionSimError(f"{path} was not kept, for it would not load from there:\n{problems}") from problems
