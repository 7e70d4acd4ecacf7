"""Merges trees: files over their bases, with the leaders of actors between what came before them and since.

Mappings merge key by key and the later wins; a list, a distribution, a condition or an act is one thing and is
replaced whole. Every node keeps the location where it was written, so a problem is shown in the file that has it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from tensionsim.scenario import paths
from tensionsim.scenario.distributions import BESIDE, FAMILIES, QUANTILES, settled
from tensionsim.scenario.paths import ByKind, Keys
from tensionsim.scenario.yaml_tree import Node, Report, Source, SourceLocation, from_plain, quoted

WHILE_GOVERNING = ("rules", "checks", "label")
"""What a leader has while in office; never copied to the actor, whose own hold whoever leads it."""


def merge(base: Node, over: Node, path: Keys = ()) -> Node:
    """`over` laid over `base`, both standing at `path`."""
    is_of_rule = path[-3:-2] == ("rules",) and path[-1] in ("when", "otherwise", "chance")
    is_one = path == ("history",) or path[-2:-1] == ("events",) or is_of_rule
    is_one = is_one or not (base.is_mapping and over.is_mapping)
    if is_one or _is_distribution(base) or _is_distribution(over):
        return over
    merged = {key: merge(base.child(key), node, (*path, key)) for key, node in over.by_key.items()}
    return Node({**base.by_key, **merged}, over.location, keys={**base.keys, **over.keys})


def _is_distribution(node: Node) -> bool:
    given = [(name, value) for name, _, value in node.entries if name not in BESIDE]
    if len(given) != 1 or given[0][0] not in FAMILIES:
        return False
    return given[0][1].is_mapping if given[0][0] == QUANTILES else given[0][1].is_list


class Layer(NamedTuple):
    """What one file says, and the paths that it takes first from all that lies beneath."""

    own: Node
    removed: Collection[Keys] = ()


EMPTY = Node({}, SourceLocation(Source("")))


@dataclass(frozen=True)
class Merged:
    """Files laid over one another; what leaders bring lies just beneath the last that names the leader."""

    layers: tuple[Layer, ...] = ()

    def over(self, own: Node, removed: Collection[Keys] = ()) -> Merged:
        """These with one more file, which wins."""
        return Merged((*self.layers, Layer(own, removed)))

    def beneath(self, over: Merged) -> Merged:
        """These as the base of others, which win; of a file in both the later place counts."""
        return Merged((*(one for one in self.layers if one not in over.layers), *over.layers))

    @cached_property
    def tree(self) -> Node:
        """The whole, with every leader's patch; rules and checks stay with the leader, whose they are in office."""
        bare, layers = _laid(self.layers), [*self.layers]
        naming = {
            actor: place
            for place, layer in enumerate(self.layers)
            for actor, _, node in layer.own.child("actors").entries
            if node.child("leader") and bare.child("actors", actor, "leader")
        }
        for actor, place in sorted(naming.items(), key=lambda one: one[1], reverse=True):
            patch = bare.child("leaders", bare.child("actors", actor, "leader").text or "")
            for key in WHILE_GOVERNING:
                patch = patch.without(key)
            layers.insert(place, Layer(paths.put(EMPTY, ("actors", actor), patch, patch.location)))
        led = _laid(layers)
        for path in (("actors", actor) for actor in naming):
            bare = paths.put(bare, path, led.child(*path), led.child(*path).location)
        return bare

    def settled(self) -> Merged:
        """These with what stands for each uncertain number where nothing is drawn."""
        certain = (from_plain(settled(one.own.plain), one.own.location, Report()) for one in self.layers)
        return Merged(tuple(map(Layer, certain, (one.removed for one in self.layers))))

    @cached_property
    def _pickled(self) -> bytes:
        return pickle.dumps(self.layers)

    def __reduce__(self) -> tuple[Callable[[bytes], Merged], tuple[bytes]]:
        """Pickled once for all tasks of a scenario, and read once by each worker: ten thousand nodes take 0.1 s."""
        return _read_again, (self._pickled,)


@lru_cache(maxsize=8)
def _read_again(pickled: bytes) -> Merged:
    return Merged(pickle.loads(pickled))


def _laid(layers: Iterable[Layer]) -> Node:
    tree = EMPTY
    for own, removed in layers:
        # The later items of a list go first, so that those before them keep their places.
        places = {path: [int(key) if key.isdecimal() else -1 for key in path] for path in removed}
        for path in sorted(places, key=lambda path: places[path], reverse=True):
            tree = paths.without(tree, path)
        tree = merge(tree, own)
    return tree


def lost_of_leaders(tree: Node) -> list[str]:
    """Paths of what a leader's patch gives and its actor does not have, as `remove` would name them."""
    found: list[str] = []
    for actor, _, node in tree.child("actors").entries:
        patch = tree.child("leaders", node.child("leader").text or "")
        for key, _, given in patch.entries:
            below = [(key, inner) for inner in given.by_key] if node.child(key) else [(key,)]
            if key not in WHILE_GOVERNING and not (node.child(key) and _is_distribution(given)):
                found += [paths.join(("actors", actor, *path)) for path in below if not node.child(*path)]
    return found


class Assignment(NamedTuple):
    """A value for what a path means; `before` begins messages about it where its location does not name the path."""

    text: str
    location: SourceLocation
    node: Node
    before: str = ""


def varied(merged: Merged, outlook: str | None, values: Iterable[Assignment], known: ByKind, report: Report) -> Node:
    """The scenario with an outlook applied, then values set by path; leaders are named and changed first."""
    whole = merged.tree
    of_outlook = whole.child("outlooks", outlook, "set").entries if outlook else ()
    given = [*(Assignment(*one, f"outlook {quoted(outlook)} sets {quoted(one[0])}; ") for one in of_outlook), *values]
    planned = [(path, one) for one in given for path in _expanded(one, whole, known, report)]
    leading = [path for path, _ in planned if path[0] == "leaders" or (path[0], *path[2:]) == ("actors", "leader")]
    for path, one in planned:
        if path[0] == "leaders":
            leaders = _set(merged.tree, path, one).child("leaders")
            merged = merged.over(Node({"leaders": leaders}, one.location))
        elif path in leading:
            merged = merged.over(paths.put(EMPTY, path, one.node, one.location))
    tree = merged.tree
    for path, one in planned:
        if path not in leading:
            tree = _set(tree, path, one)
    for key in ("schedule", "changes"):
        added, old = whole.child("outlooks", outlook or "", key), tree.child(key)
        if added.is_list:
            together = Node((*old.items, *added.items), (old or added).location)
            tree = tree.with_entry(key, together, added.location)
    return tree


def _expanded(one: Assignment, tree: Node, known: ByKind, report: Report) -> list[Keys]:
    found = paths.found(tree, one.text, known, one.location, report, one.before)
    for path in found:
        fault = "this cannot be set" if path[0] in ("tensionsim", "outlooks") else ""
        if path[0] == "mechanisms" and len(path) == 3 and tree.child(*path[:2]).text == "off":
            fault = f"this mechanism is off; set {quoted(paths.join(path[:2]))} to a mapping to switch it on"
        if fault:
            report.add(one.location, f"{one.before}{fault}")
            return []
    return found


def _set(tree: Node, path: Keys, one: Assignment) -> Node:
    return paths.put(tree, path, merge(tree.child(*path), one.node, path), one.location)


def spelled_out(tree: Node, known: ByKind) -> Node:
    """The tree with every change's `set` as single numbers by full path: no wildcards, no mappings."""
    return _spelled(tree, "changes", tree, known)


def _spelled(part: Node, key: str, tree: Node, known: ByKind) -> Node:
    """A part of the tree with the `set` of each item of its list `key`, and of their alternatives, spelled out."""
    if (several := part.child(key)).is_list:
        written = tuple(_spelled(one, "one_of", tree, known) for one in several.items)
        part = part.with_entry(key, Node(written, several.location), several.location)
    if (values := part.child("set")).is_mapping:
        single: dict[str, Node] = {}
        for text, _, node in values.entries:
            for path in paths.expand(tree, text, known):
                single |= {paths.join(leaf): value for leaf, value in _leaves(path, node)}
        spelled = Node(single, values.location, keys=dict.fromkeys(single, values.location))
        part = part.with_entry("set", spelled, values.location)
    return part


def _leaves(path: Keys, node: Node) -> Iterator[tuple[Keys, Node]]:
    if not node.is_mapping or node.by_key.keys() <= {*FAMILIES, *BESIDE}:
        yield path, node
    else:
        for key, _, inner in node.entries:
            yield from _leaves((*path, key), inner)
