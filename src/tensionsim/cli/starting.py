"""`tensionsim new`: a scenario file to start from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from tensionsim.errors import ScenarioError, StorageError, TensionSimError

SUFFIX = ".yaml"


def events_text(events: str | None, source: str | None, whose: Mapping[str, Any], how: Mapping[str, Any]) -> str | None:
    """The text of a scenario made from a file of events; None where there is none.

    whose : which of the events count, `dyad` and `until`, and the `step` of the scenario. how : how the file is read.
    """
    if events is None:
        if any(value not in (None, False, "auto", "cameo") for value in (*whose.values(), *how.values())):
            raise click.UsageError("these options say how event data are read: give --events FILE too")
        return None
    if source is not None:
        raise click.UsageError("--events and --from cannot both be given")
    from tensionsim.cli.events import history_of, until
    from tensionsim.events.generic import scenario_text

    history = until(history_of(events, whose["dyad"], how), whose["until"], events)
    return scenario_text(history, step=whose["step"] or "week")


def write(name: str, source: str | None, made: str | None = None) -> Path:
    """Writes a new scenario file, with the comments of what it was copied from, and returns its path.

    made : its text, if that is made already.

    Raises
    ------
    StorageError
        If there is such a file already.
    TensionSimError
        If it would not load from its new place.
    """
    path = Path(name if name.endswith((SUFFIX, ".yml")) else name + SUFFIX)
    text = made or (_starter(path.stem) if source is None else _copy_of(source))
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
    from tensionsim.scenario.files import find
    from tensionsim.scenario.scenario import load
    from tensionsim.scenario.yaml_tree import Report

    scenario, found = load(source), find(source, Report())
    text = found.path.read_text(encoding="utf-8-sig") if found else scenario.text
    return f"# Started from {scenario.name}. After a change: tensionsim check FILE\n\n{text}"


def _check(path: Path) -> None:
    from tensionsim.scenario.scenario import load

    try:
        load(path)
    except ScenarioError as problems:
        path.unlink()
        raise TensionSimError(f"{path} was not kept, for it would not load from there:\n{problems}") from problems
