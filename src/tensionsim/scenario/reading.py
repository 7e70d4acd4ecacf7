"""Reads a scenario file and everything that it extends, each file laid over its bases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tensionsim.scenario import files, paths
from tensionsim.scenario.files import Found
from tensionsim.scenario.merging import Merged, merge
from tensionsim.scenario.nodes import ListNode, MapNode, Node, ScalarNode, child, items
from tensionsim.scenario.places import Place, Source
from tensionsim.scenario.problems import Report, quoted
from tensionsim.scenario.quantities import Keys, NoPath
from tensionsim.scenario.yaml_nodes import read_nodes

MOST_FILES = 50
OWN_KEYS = ("extends", "remove")
"""Keys that say how to merge and are gone afterwards."""


@dataclass(slots=True)
class Reader:
    """Reads files, each once.

    root : the folder that bases may not lie outside of. notes : what was read differently from how it is written.
    is_whole : whether every base could be read.
    """

    report: Report
    root: Path
    notes: list[str] = field(default_factory=list)
    is_whole: bool = True
    _merged: dict[Path, Merged | None] = field(default_factory=dict)

    def merged(self, found: Found, place: Place | None = None, chain: tuple[Found, ...] = ()) -> Merged | None:
        """The file laid over its bases; None if nothing of it can be used.

        place : where it was named. chain : the files that are being read, which extend one another.
        """
        key = files.real(found.path)
        if key not in self._merged:
            self._merged[key] = None
            self._merged[key] = self._read(found, place, (*chain, found))
        return self._merged[key]

    def _read(self, found: Found, place: Place | None, chain: tuple[Found, ...]) -> Merged | None:
        if len(self._merged) > MOST_FILES:
            self.report.add(place or Place(Source(found.shown)), f"more than {MOST_FILES} files extend one another")
            return None
        text = files.read(found, place, len(self._merged), self.report)
        if text is None:
            return None
        tree = read_nodes(*text, self.report)
        if tree is None:
            return None
        if not isinstance(tree, MapNode):
            self.report.add(tree.place, "a scenario is a mapping of keys to values, like 'title: ...'")
            return None
        base = self._bases(tree, chain)
        return layer(base, tree, self.report, self.notes)

    def _bases(self, tree: MapNode, chain: tuple[Found, ...]) -> Merged | None:
        base: Merged | None = None
        for node in _texts(tree, "extends", "a file, or a list of files", self.report):
            if (found := files.find_base(str(node.value), node.place, chain[-1].path, self.root, self.report)) is None:
                self.is_whole = False
                continue
            shown = [link.shown for link in chain if files.real(link.path) == files.real(found.path)]
            if shown:
                names = [link.shown for link in chain]
                circle = " -> ".join([*names[names.index(shown[0]) :], shown[0]])
                self.report.add(node.place, f"base files extend each other: {circle}")
                self.is_whole = False
                continue
            if (merged := self.merged(found, node.place, chain)) is not None:
                base = base.beneath(merged) if base else merged
            else:
                self.is_whole = False
        return base


def layer(base: Merged | None, tree: MapNode, report: Report, notes: list[str]) -> Merged:
    """One file over what its bases gave: first what it removes, then its own keys."""
    own = MapNode({key: node for key, node in tree.entries.items() if key not in OWN_KEYS}, tree.place, tree.keys)
    given = base or Merged(MapNode({}, tree.place))
    preview = given.over(own)
    dropped: list[Keys] = []
    for node in _texts(tree, "remove", "a list of paths", report):
        try:
            dropped += paths.existing(_with_patches(given.tree, preview), str(node.value))
        except NoPath as lost:
            report.add(node.place, f"`remove` names {quoted(node.value)}; no such path, {lost}")
    notes += _replaced_lists(given.tree, own)
    return given.less(set(dropped)).over(own, set(dropped))


def _with_patches(tree: MapNode, merged: Merged) -> Node:
    """A base's tree with the patches of the leaders that its actors will have, so that one may remove of them too."""
    found: Node = tree
    for actor in merged.since:
        path = ("actors", actor)
        if patch := merged.patch(actor):
            found = paths.put(found, path, merge(paths.get(found, path), patch, path), tree.place)
    return found


def _replaced_lists(base: Node, own: MapNode) -> Iterator[str]:
    for key in ("schedule", "changes", "arrangements"):
        old, new = child(base, key), child(own, key)
        if items(old) and isinstance(new, ListNode):
            where = f"{new.place.source.name}:{own.keys[key].line}"
            yield f"{where}: `{key}` replaces the {len(items(old))} that the base gives (a list is not merged)"


def _texts(tree: MapNode, key: str, allowed: str, report: Report) -> list[ScalarNode]:
    """The texts of a key that holds one or a list of them."""
    node = tree.entries.get(key)
    if node is None:
        return []
    found = []
    for part in node.items if isinstance(node, ListNode) else (node,):
        if isinstance(part, ScalarNode) and isinstance(part.value, str):
            found.append(part)
        elif not (isinstance(part, ScalarNode) and part.value is None):
            report.add(part.place, f"`{key}` is {allowed}")
    return found
