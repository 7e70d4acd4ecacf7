"""Merges trees: files over their bases, with the leaders of actors between what came before them and since.

Mappings merge key by key and the later wins; a list, a distribution, a condition or an act is one thing and is
replaced whole. Every node keeps the location where it was written, so a problem is shown in the file that has it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tensionsim.scenario import paths
from tensionsim.scenario.distributions import BESIDE, FAMILIES, QUANTILES, settled
from tensionsim.scenario.paths import Keys, NoPath
from tensionsim.scenario.yaml_tree import (
    ListNode,
    MapNode,
    Node,
    Report,
    ScalarNode,
    Source,
    SourceLocation,
    child,
    entries,
    from_plain,
    items,
    plain,
    quoted,
    text_of,
)

WHILE_GOVERNING = ("rules", "checks")
"""What a leader has while in office; never copied to the actor, whose own hold whoever leads it."""

_WHOLE = ("when", "otherwise", "chance")


def merge(base: Node | None, over: Node, path: Keys = ()) -> Node:
    """`over` laid over `base`, both standing at `path`."""
    is_one = path == ("history",) or path[-2:-1] == ("events",) or (path[-3:-2] == ("rules",) and path[-1] in _WHOLE)
    if is_one or not isinstance(base, MapNode) or not isinstance(over, MapNode):
        return over
    if _is_distribution(base) or _is_distribution(over):
        return over
    merged = {key: merge(base.entries.get(key), node, (*path, key)) for key, node in over.entries.items()}
    return MapNode({**base.entries, **merged}, over.location, {**base.keys, **over.keys})


def _is_distribution(node: Node) -> bool:
    given = [(name, value) for name, _, value in entries(node) if name not in BESIDE]
    kind = MapNode if given[:1] and given[0][0] == QUANTILES else ListNode
    return len(given) == 1 and given[0][0] in FAMILIES and isinstance(given[0][1], kind)


@dataclass(frozen=True, slots=True)
class Merged:
    """Files laid over one another, with the leaders of actors still to be laid in.

    before, since : for every actor with a leader, what files gave it before the one that named the leader, and from
    that one on. dropped : what was removed from a leader's patch.
    """

    tree: MapNode
    before: Mapping[str, Node | None] = field(default_factory=dict)
    since: Mapping[str, Node] = field(default_factory=dict)
    dropped: tuple[Keys, ...] = ()

    def over(self, own: MapNode, dropped: Collection[Keys] = ()) -> Merged:
        """These with the keys of one more file, which win."""
        before, since, kept = dict(self.before), dict(self.since), list(self.dropped)
        for actor, _, node in entries(child(own, "actors")):
            if child(node, "leader") is not None:
                before[actor], since[actor] = child(self.tree, "actors", actor), node
                kept = [path for path in kept if path[1] != actor]
            elif actor in since:
                since[actor] = merge(since[actor], node, ("actors", actor))
        lost = [path for path in dropped if path[0] == "actors" and len(path) > 2]
        return Merged(as_map(merge(self.tree, own)), before, since, (*kept, *lost))

    def less(self, dropped: Iterable[Keys]) -> Merged:
        """These without what stands at some paths."""
        trees: list[Node] = [self.tree, _cast(self.before), _cast(self.since)]
        # The later items of a list go first, so that those before them keep their places.
        places = {path: [int(key) if key.isdecimal() else -1 for key in path] for path in dropped}
        for path in sorted(places, key=lambda path: places[path], reverse=True):
            trees = [paths.without(tree, path) for tree in trees]
        tree, before, since = trees
        named = {actor: node for actor, _, node in entries(child(since, "actors")) if child(node, "leader") is not None}
        return Merged(as_map(tree), {actor: child(before, "actors", actor) for actor in named}, named, self.dropped)

    def beneath(self, over: Merged) -> Merged:
        """These as the base of `over`, which was merged by itself and wins."""
        before, since = dict(self.before), dict(self.since)
        for actor in since.keys() - over.since.keys():
            if later := child(over.tree, "actors", actor):
                since[actor] = merge(since[actor], later, ("actors", actor))
        for actor, node in over.since.items():
            later, given = over.before.get(actor), child(self.tree, "actors", actor)
            before[actor], since[actor] = merge(given, later, ("actors", actor)) if later else given, node
        return Merged(as_map(merge(self.tree, over.tree)), before, since, (*self.dropped, *over.dropped))

    def settled(self) -> Merged:
        """These with what stands for each uncertain number where nothing is drawn."""

        def certain(node: Node) -> MapNode:
            return as_map(from_plain(settled(plain(node)), node.location, Report()))

        before = {actor: node and certain(node) for actor, node in self.before.items()}
        since = {actor: certain(node) for actor, node in self.since.items()}
        return Merged(certain(self.tree), before, since, self.dropped)

    def patch(self, actor: str) -> MapNode | None:
        """What an actor's leader brings; rules and checks stay with the leader, whose they are while in office."""
        leader = text_of(child(self.since.get(actor), "leader"))
        patch: Node | None = child(self.tree, "leaders", leader or "")
        if not isinstance(patch, MapNode):
            return None
        lost = [path[2:] for path in self.dropped if path[1] == actor]
        for path in (*lost, *((key,) for key in WHILE_GOVERNING)):
            patch = paths.without(patch, path)
        return as_map(patch)

    def finished(self) -> MapNode:
        """The whole tree: every leader's patch over what came before it, and what came since over that."""
        tree: Node = self.tree
        for actor, since in self.since.items():
            path = ("actors", actor)
            if (patch := self.patch(actor)) is not None:
                whole = merge(merge(self.before.get(actor), patch, path), since, path)
                tree = paths.put(tree, path, whole, since.location)
        return as_map(tree)


def as_map(node: Node) -> MapNode:
    """The node, which is a mapping."""
    if not isinstance(node, MapNode):
        raise TypeError("a scenario is a mapping")
    return node


def _cast(actors: Mapping[str, Node | None]) -> MapNode:
    """A tree of nothing but actors."""
    nowhere = SourceLocation(Source(""))
    return MapNode({"actors": MapNode({name: node for name, node in actors.items() if node}, nowhere)}, nowhere)


def lost_of_leaders(tree: MapNode) -> list[str]:
    """Paths of what a leader's patch gives and its actor does not have, as `remove` would name them."""
    found: list[str] = []
    for actor, _, node in entries(child(tree, "actors")):
        patch = child(tree, "leaders", text_of(child(node, "leader")) or "")
        for key, _, given in entries(patch):
            path = ("actors", actor, key)
            if key in WHILE_GOVERNING:
                continue
            if child(node, key) is None:
                found.append(paths.join(path))
            elif not _is_distribution(given):
                lost = (inner for inner, _, _ in entries(given) if child(node, key, inner) is None)
                found += [paths.join((*path, inner)) for inner in lost]
    return found


class Assignment(NamedTuple):
    """A value for what a path means; `before` begins messages about it where its location does not name the path."""

    text: str
    location: SourceLocation
    node: Node
    before: str = ""


def varied(
    merged: Merged,
    outlook: str | None,
    values: Iterable[Assignment],
    known: Mapping[str, Collection[str]],
    report: Report,
) -> MapNode:
    """The scenario with an outlook applied, then values set by path; leaders are named and changed first."""
    whole = merged.finished()
    of_outlook = entries(child(whole, "outlooks", outlook, "set")) if outlook else ()
    given = [*(Assignment(*one, f"outlook {quoted(outlook)} sets {quoted(one[0])}; ") for one in of_outlook), *values]
    planned = [(path, one) for one in given for path in _expanded(one, whole, known, report)]
    leading = [path for path, _ in planned if path[0] == "leaders" or (path[0], *path[2:]) == ("actors", "leader")]
    for path, one in planned:
        if path[0] == "leaders":
            merged = replace(merged, tree=as_map(_set(merged.tree, path, one)))
        elif path in leading:
            named = paths.put(MapNode({}, one.location), path, one.node, one.location)
            merged = merged.over(as_map(named))
    tree: Node = merged.finished()
    for path, one in planned:
        if path not in leading:
            tree = _set(tree, path, one)
    for key in ("schedule", "changes"):
        added, old = child(whole, "outlooks", outlook or "", key), child(tree, key)
        if isinstance(added, ListNode):
            together = ListNode((*items(old), *added.items), old.location if old else added.location)
            tree = as_map(tree).with_entry(key, together, added.location)
    return as_map(tree)


def _expanded(one: Assignment, tree: MapNode, known: Mapping[str, Collection[str]], report: Report) -> list[Keys]:
    try:
        found = paths.expand(tree, one.text, known)
    except NoPath as lost:
        report.add(one.location, f"{one.before}no such path, {lost}")
        return []
    for path in found:
        fault = "this cannot be set" if path[0] in ("tensionsim", "outlooks") else ""
        if path[0] == "mechanisms" and len(path) == 3 and text_of(child(tree, *path[:2])) == "off":
            fault = f"this mechanism is off; set {quoted(paths.join(path[:2]))} to a mapping to switch it on"
        if fault:
            report.add(one.location, f"{one.before}{fault}")
            return []
    return found


def _set(tree: Node, path: Keys, one: Assignment) -> Node:
    return paths.put(tree, path, merge(child(tree, *path), one.node, path), one.location)


def spelled_out(tree: MapNode, known: Mapping[str, Collection[str]]) -> MapNode:
    """The tree with every change's `set` as single numbers by full path: no wildcards, no mappings."""
    return as_map(_spelled(tree, "changes", tree, known))


def _spelled(part: Node, key: str, tree: MapNode, known: Mapping[str, Collection[str]]) -> Node:
    """A part of the tree with the `set` of each item of its list `key`, and of their alternatives, spelled out."""
    if isinstance(part, MapNode) and isinstance(several := child(part, key), ListNode):
        written = tuple(_spelled(one, "one_of", tree, known) for one in several.items)
        part = part.with_entry(key, ListNode(written, several.location), several.location)
    if isinstance(part, MapNode) and isinstance(values := child(part, "set"), MapNode):
        single: dict[str, Node] = {}
        for text, node in values.entries.items():
            for path in paths.expand(tree, text, known):
                single |= {paths.join(leaf): value for leaf, value in _leaves(path, node)}
        spelled = MapNode(single, values.location, dict.fromkeys(single, values.location))
        part = part.with_entry("set", spelled, values.location)
    return part


def _leaves(path: Keys, node: Node) -> Iterator[tuple[Keys, Node]]:
    if isinstance(node, (ScalarNode, ListNode)) or set(node.entries) <= {*FAMILIES, *BESIDE}:
        yield path, node
    else:
        for key, _, inner in entries(node):
            yield from _leaves((*path, key), inner)
