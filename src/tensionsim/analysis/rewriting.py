"""Rewriting: what a scenario says as plain values, and the scenario that other values make.

A rewritten scenario is read and checked like a file, with a text and a hash of its own, so whatever is run can be saved
and run again by itself.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tensionsim.scenario import Scenario, load
from tensionsim.scenario.luck import luck_of
from tensionsim.scenario.merging import lost_of_leaders
from tensionsim.scenario.nodes import MapNode, from_plain, plain
from tensionsim.scenario.places import Place, Source
from tensionsim.scenario.problems import Report
from tensionsim.scenario.writing import write
from tensionsim.scenario.yaml_nodes import read_nodes

Keys = tuple[str | int, ...]
"""The way to a value: keys of mappings and places in lists."""


def content(scenario: Scenario) -> dict[str, Any]:
    """What a scenario says, resolved, as plain values; its outlooks are left out.

    Every change names its luck, so that it keeps it whatever becomes of the others and of what it sets.
    """
    report = Report()
    node = read_nodes(scenario.text, Source(scenario.path), report)
    report.raise_if_any()
    said = plain(node) if isinstance(node, MapNode) else {}
    kept = {key: value for key, value in said.items() if key != "outlooks"} if isinstance(said, dict) else {}
    if "changes" in kept:
        named = zip(kept["changes"], luck_of(scenario.file.changes), strict=True)
        kept["changes"] = [{**change, "luck": name} for change, name in named]
    return kept


def made_of(said: Mapping[str, Any], like: Scenario) -> Scenario:
    """The scenario that says something else than the one it is like, whose name and place it keeps.

    Raises
    ------
    ScenarioError
        If no scenario can say so.
    """
    whole = {key: value for key, value in said.items() if key != "remove"}
    if lost := lost_of_leaders(_tree(whole)):
        whole["remove"] = lost
    with tempfile.TemporaryDirectory(prefix="tensionsim-") as folder:
        path = Path(folder) / f"{like.name}.yaml"
        path.write_text(write(whole), encoding="utf-8", newline="\n")
        found = load(path)
    return replace(found, name=like.name, path=like.path)


def _tree(said: Mapping[str, Any]) -> MapNode:
    node = from_plain(said, Place(Source("")))
    if not isinstance(node, MapNode):
        raise TypeError("a scenario is a mapping")
    return node


def less(said: Any, gone: Iterable[Keys]) -> Any:
    """The values without what stands at some places; a mapping that loses all that it had goes with it."""
    by_key: dict[str | int, list[Keys]] = {}
    for keys in gone:
        by_key.setdefault(keys[0], []).append(keys[1:])
    kept: list[tuple[Any, Any]] = []
    for key, value in said.items() if isinstance(said, dict) else enumerate(said):
        deeper = by_key.get(key)
        if deeper is None:
            kept.append((key, value))
        elif () not in deeper and (left := less(value, deeper)):
            kept.append((key, left))
    return dict(kept) if isinstance(said, dict) else [value for _, value in kept]


def at(said: Any, keys: Keys) -> Any:
    """What stands at a place; None if nothing does."""
    for key in keys:
        if isinstance(said, dict):
            said = said.get(key)
        elif isinstance(said, list) and isinstance(key, int) and key < len(said):
            said = said[key]
        else:
            return None
    return said


def with_value(said: dict[str, Any], keys: Keys, value: Any) -> dict[str, Any]:
    """The mapping with a value at a place of nested mappings; those on the way are made where they lack."""
    head, rest = str(keys[0]), keys[1:]
    below = said.get(head)
    changed = with_value(below if isinstance(below, dict) else {}, rest, value) if rest else value
    return {**said, head: changed}
