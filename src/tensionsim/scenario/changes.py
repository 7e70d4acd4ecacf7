"""Changes on a date: checks what they set, whom they bring, and that their alternatives make a whole."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tensionsim.scenario import paths
from tensionsim.scenario.cast import check_attributes, check_rules
from tensionsim.scenario.distributions import FAMILIES
from tensionsim.scenario.names import Names, check_name
from tensionsim.scenario.nodes import ListNode, MapNode, Node, ScalarNode, child, entries, items, number_of, text_of
from tensionsim.scenario.numbers import check_parameters
from tensionsim.scenario.places import Place
from tensionsim.scenario.problems import Report, quoted
from tensionsim.scenario.quantities import Keys, NoPath
from tensionsim.scenario.schema import Numbers
from tensionsim.scenario.shape import check_part
from tensionsim.scenario.timeline import Span, check_date

CHANCE_TOLERANCE = 1e-6


def check_changes(tree: MapNode, names: Names, span: Span | None, report: Report) -> None:
    """Checks every change of a tree."""
    for change in items(child(tree, "changes")):
        check_date(child(change, "date"), "this change", tree, span, report)
        check_name(child(change, "actor"), "actor", names.actors, report)
        alternatives = items(child(change, "one_of"))
        for part in (change, *alternatives):
            _check_leader(part, child(change, "actor"), tree, names, report)
            _check_set(part, tree, names, report)
        _check_chances(child(change, "one_of"), report)
        if isinstance(change, MapNode) and not {"set", "leader", "one_of"} & set(change.entries):
            report.add(change.place, "this change changes nothing; give it `set`, a `leader` or `one_of`")


def _check_leader(part: Node, actor: Node | None, tree: MapNode, names: Names, report: Report) -> None:
    leader = child(part, "leader")
    if leader is None:
        return
    name = check_name(leader, "leader", names.leaders, report)
    if actor is None:
        report.add(leader.place, f"leader {quoted(text_of(leader))} of whom? name the `actor` of the change")
    who = text_of(actor)
    if name is not None and who is not None and names.actors is not None and who in names.actors:
        check_rules(child(tree, "leaders", name), who, names, report)


def _check_chances(node: Node | None, report: Report) -> None:
    chances = [number_of(child(part, "chance")) for part in items(node)]
    if node is None or not chances or any(chance is None for chance in chances):
        return
    total = math.fsum(chance for chance in chances if chance is not None)
    if abs(total - 1.0) > CHANCE_TOLERANCE:
        report.add(node.place, f"the chances of `one_of` sum to {total:g}; they must sum to 1")


def _check_set(part: Node, tree: MapNode, names: Names, report: Report) -> None:
    for text, place, node in entries(child(part, "set")):
        for path in _expanded(text, place, tree, names, report):
            if fault := _not_settable(path, node, tree):
                report.add(place, f"a change sets {quoted(paths.join(path))}; {fault}")
                break
            patch = paths.put(MapNode({}, place), path, node, place)
            check_part(Numbers, patch, (), report)
            check_parameters(patch, names, report)
            if path[0] == "actors":
                check_attributes(child(patch, *path[:2]), names, report, actor=path[1])


def _expanded(text: str, place: Place, tree: MapNode, names: Names, report: Report) -> list[Keys]:
    try:
        return paths.expand(tree, text, names.keys)
    except NoPath as lost:
        report.add(place, f"a change sets {quoted(text)}; no such path, {lost}")
        return []


def _not_settable(path: Keys, node: Node, tree: MapNode) -> str:
    allowed = "on a date one can set numbers of actors, mechanisms and parameters"
    if path[0] == "mechanisms" and len(path) == 3:
        return "this mechanism is off" if text_of(child(tree, *path[:2])) == "off" else ""
    if path[0] == "parameters" and len(path) == 2:
        return ""
    given = [key for key, _, _ in entries(node)] if len(path) == 2 else [*path[2:3]]
    if path[0] != "actors" or not given:
        return allowed
    if {"rules", "checks"} & {*given}:
        return f"{allowed}; rules and checks come with a `leader`"
    if "leader" in given:
        return f"{allowed}; a new leader is the key `leader` of the change"
    return allowed if {"label", "regional", "repertoire"} & {*given} else ""


def spelled_out(tree: MapNode, names: Names) -> MapNode:
    """The tree with every change's `set` as single numbers by full path: no wildcards, no mappings."""
    changes = child(tree, "changes")
    if not isinstance(changes, ListNode):
        return tree
    written = tuple(_spelled(change, tree, names) for change in changes.items)
    return tree.with_entry("changes", ListNode(written, changes.place), changes.place)


def _spelled(part: Node, tree: MapNode, names: Names) -> Node:
    if not isinstance(part, MapNode):
        return part
    changed = part
    if isinstance(alternatives := child(part, "one_of"), ListNode):
        written = tuple(_spelled(one, tree, names) for one in alternatives.items)
        changed = changed.with_entry("one_of", ListNode(written, alternatives.place), alternatives.place)
    if isinstance(values := child(part, "set"), MapNode):
        single: dict[str, Node] = {}
        for text, node in values.entries.items():
            for path in paths.expand(tree, text, names.keys):
                single |= {paths.join(leaf): value for leaf, value in _leaves(path, node)}
        changed = changed.with_entry(
            "set", MapNode(single, values.place, dict.fromkeys(single, values.place)), values.place
        )
    return changed


def _leaves(path: Keys, node: Node) -> Iterator[tuple[Keys, Node]]:
    is_single = isinstance(node, (ScalarNode, ListNode)) or set(node.entries) <= set(FAMILIES)
    if is_single:
        yield path, node
        return
    for key, below in entries_of(node):
        yield from _leaves((*path, key), below)


def entries_of(node: Node) -> Iterator[tuple[str, Node]]:
    """Keys and nodes of a mapping."""
    for key, _, below in entries(node):
        yield key, below
