"""Variants of a scenario: an outlook applied, values set by path."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from tensionsim.scenario import paths
from tensionsim.scenario.merging import Merged, as_map, merge
from tensionsim.scenario.nodes import ListNode, MapNode, Node, child, entries, items, text_of
from tensionsim.scenario.places import Place
from tensionsim.scenario.problems import Report, quoted
from tensionsim.scenario.quantities import Keys, NoPath


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value for what a path means; `who` says in messages what sets it."""

    text: str
    place: Place
    node: Node
    who: str = ""

    @property
    def subject(self) -> str:
        """How a message about the path begins; empty where its place names the path already."""
        return f"{self.who} sets {quoted(self.text)}; " if self.who else ""


def outlook_values(tree: MapNode, name: str) -> list[Assignment]:
    """What an outlook sets."""
    values = entries(child(tree, "outlooks", name, "set"))
    return [Assignment(text, place, node, f"outlook {quoted(name)}") for text, place, node in values]


def varied(
    merged: Merged,
    outlook: str | None,
    values: Iterable[Assignment],
    known: Mapping[str, Collection[str]],
    report: Report,
) -> MapNode:
    """The scenario with an outlook applied, then values set by path.

    Leaders are named and changed first, so that a value set beside a leader wins over the leader's own.
    """
    whole = merged.finished()
    given = [*(outlook_values(whole, outlook) if outlook else ()), *values]
    planned = [(path, one) for one in given for path in _expanded(one, whole, known, report)]
    for path, one in planned:
        if path[0] == "leaders":
            merged = replace(merged, tree=as_map(_set(merged.tree, path, one)))
        elif _is_leader(path):
            named = paths.put(MapNode({}, one.place), path, one.node, one.place)
            merged = merged.over(as_map(named))
    tree: Node = merged.finished()
    for path, one in planned:
        if path[0] != "leaders" and not _is_leader(path):
            tree = _set(tree, path, one)
    return _with_lists(as_map(tree), child(whole, "outlooks", outlook or ""))


def _with_lists(tree: MapNode, outlook: Node | None) -> MapNode:
    """The tree with an outlook's schedule and changes added to its own."""
    for key in ("schedule", "changes"):
        added, old = child(outlook, key), child(tree, key)
        if isinstance(added, ListNode):
            together = ListNode((*items(old), *added.items), old.place if old else added.place)
            tree = tree.with_entry(key, together, added.place)
    return tree


def _expanded(one: Assignment, tree: MapNode, known: Mapping[str, Collection[str]], report: Report) -> list[Keys]:
    try:
        found = paths.expand(tree, one.text, known)
    except NoPath as lost:
        report.add(one.place, f"{one.subject}no such path, {lost}")
        return []
    faults = [fault for path in found if (fault := _not_settable(path, tree))]
    if faults:
        report.add(one.place, f"{one.subject}{faults[0]}")
    return [] if faults else found


def _not_settable(path: Keys, tree: MapNode) -> str:
    if path[0] in ("tensionsim", "outlooks"):
        return "this cannot be set"
    if path[0] == "mechanisms" and len(path) == 3 and text_of(paths.get(tree, path[:2])) == "off":
        return f"this mechanism is off; set {quoted(paths.join(path[:2]))} to a mapping to switch it on"
    return ""


def _set(tree: Node, path: Keys, one: Assignment) -> Node:
    return paths.put(tree, path, merge(paths.get(tree, path), one.node, path), one.place)


def _is_leader(path: Keys) -> bool:
    return len(path) == 3 and path[0] == "actors" and path[2] == "leader"
