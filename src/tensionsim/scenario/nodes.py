"""The tree of a scenario file: values, lists and mappings, each with the place where it stands.

Trees are never changed: merging and setting make new mappings that share what stayed. The functions
here read a tree of any shape without complaint, so that a check can go on where another found a fault.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tensionsim.scenario.places import Place

LARGEST = 1e15
"""Numbers are below it, so that no sum of them overflows."""

Plain: TypeAlias = "str | int | float | bool | None"


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One value. `text` is how it was written."""

    value: Plain
    place: Place
    text: str = ""


@dataclass(frozen=True, slots=True)
class ListNode:
    """Several nodes in a row."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class MapNode:
    """Nodes by key, in the order of the file; `keys` says where each key stands."""

    entries: Mapping[str, Node]
    place: Place
    keys: Mapping[str, Place] = field(default_factory=dict)

    def with_entry(self, key: str, node: Node, place: Place) -> MapNode:
        """The mapping with `key` set to `node`; the key's own place stays if it had one."""
        return MapNode({**self.entries, key: node}, self.place, {key: place, **self.keys})

    def without(self, key: str) -> MapNode:
        """The mapping without `key`."""
        left = {name: node for name, node in self.entries.items() if name != key}
        return MapNode(left, self.place, {name: place for name, place in self.keys.items() if name != key})


Node: TypeAlias = "ScalarNode | ListNode | MapNode"


def plain(node: Node) -> object:
    """The node as plain Python values."""
    if isinstance(node, MapNode):
        return {key: plain(child) for key, child in node.entries.items()}
    if isinstance(node, ListNode):
        return [plain(child) for child in node.items]
    return node.value


def child(node: Node | None, *keys: str) -> Node | None:
    """The node below `node` under `keys`; None if there is none."""
    for key in keys:
        if not isinstance(node, MapNode):
            return None
        node = node.entries.get(key)
    return node


def entries(node: Node | None) -> Iterator[tuple[str, Place, Node]]:
    """Key, its place and node of each entry; nothing if it is no mapping."""
    if isinstance(node, MapNode):
        for key, value in node.entries.items():
            yield key, node.keys.get(key, value.place), value


def items(node: Node | None) -> tuple[Node, ...]:
    """The nodes of a list; nothing if it is no list."""
    return node.items if isinstance(node, ListNode) else ()


def text_of(node: Node | None) -> str | None:
    """The text that a node holds; None if it holds something else."""
    return node.value if isinstance(node, ScalarNode) and isinstance(node.value, str) else None


def number_of(node: Node | None) -> float | None:
    """The number that a node holds; None if it holds something else."""
    if not isinstance(node, ScalarNode) or isinstance(node.value, (bool, str)) or node.value is None:
        return None
    return float(node.value)


def from_plain(value: object, place: Place, depth: int = 0) -> Node:
    """The node that a plain Python value means; all of it stands at `place`.

    Raises
    ------
    ValueError
        If a value is of no kind that a scenario file can hold.
    """
    if depth > 50:
        raise ValueError("values are nested more than 50 deep")
    if isinstance(value, Mapping):
        nodes = {str(key): from_plain(item, place, depth + 1) for key, item in value.items()}
        return MapNode(nodes, place, dict.fromkeys(nodes, place))
    if isinstance(value, (list, tuple)):
        return ListNode(tuple(from_plain(item, place, depth + 1) for item in value), place)
    return _scalar(value, place)


def _scalar(value: object, place: Place) -> ScalarNode:
    if isinstance(value, dt.date):
        value = value.isoformat()[:10]
    if hasattr(value, "item") and not isinstance(value, (str, int, float)):
        value = value.item()
    if value is None:
        raise ValueError("a value is missing")
    if not isinstance(value, (str, int, float, bool)):
        raise ValueError(f"a value of type {type(value).__name__} cannot stand in a scenario")
    if isinstance(value, (int, float)) and not abs(value) < LARGEST:
        raise ValueError(f"{str(value)[:30]} is not a number of ordinary size, below {LARGEST:g}")
    return ScalarNode(value, place, str(value))
