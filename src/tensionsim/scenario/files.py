"""Finds and reads a scenario file and everything that it extends, each file laid over its bases.

Between what came before them and since lie the leaders of actors. Mappings merge key by key and the later wins; a list,
a distribution, a condition or an act is one thing and is replaced whole. Every node keeps the location where it was
written, so a problem is shown in the file that has it.
"""

from __future__ import annotations

import csv
import os
import pickle
import re
import shlex
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from tensionsim.scenario import paths, yaml_tree
from tensionsim.scenario.paths import ByKind, Keys
from tensionsim.scenario.quantities import BESIDE, FAMILIES, is_distribution, settled
from tensionsim.scenario.yaml_tree import Node, Report, Source, SourceLocation, from_plain, meant, quoted, read_nodes

MOST_BYTES = 20_000_000
MOST_FILES = 50
SUFFIXES = (".yaml", ".yml")

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_MARK = b"\xef\xbb\xbf"

SCENARIO = "scenario"
"""What a file is that may extend others."""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file: where it lies, what messages call it, and what it is."""

    path: Path
    label: str
    kind: str = SCENARIO


@cache
def shipped_folder() -> Path:
    """The folder of the scenarios that the package ships (in a checkout, the repository's)."""
    packaged = Path(str(files("tensionsim") / "scenarios"))
    return packaged if packaged.is_dir() else Path(str(files("tensionsim"))).parents[1] / "scenarios"


def shipped_names() -> list[str]:
    """Names of the shipped scenarios that one runs, without their suffix; bases are left out."""
    return sorted(path.stem for path in shipped_folder().glob("*.yaml"))


def real(path: Path) -> Path:
    """The absolute path without links; of a link to itself, the path as it is."""
    return Path(os.path.realpath(path))


def is_within(path: Path, folder: Path) -> bool:
    """Whether a path leads into a folder, links followed."""
    return real(path).is_relative_to(real(folder))


TABLES = (".csv", ".tsv", ".tab", ".parquet", ".gz", ".bz2", ".xz", ".zip")


def find(name: str, report: Report, kind: str = SCENARIO) -> NamedFile | None:
    """The file of a kind that `name` means: a path, or the name of a shipped one."""
    if not _is_name(name):
        report.add(SourceLocation(Source(name)), "this is not the name of a file")
        return None
    path = Path(name)
    is_there = os.path.lexists(path)
    if (not is_there or os.path.isdir(path)) and (shipped := _shipped(name)):
        return replace(shipped, kind=kind)
    if is_there and kind == SCENARIO and path.suffix.lower() in TABLES and path.is_file():
        made = f"tensionsim new NAME --events {shlex.quote(name)} --dyad A B"
        report.add(SourceLocation(Source(name)), f"a table is no scenario; of event data one is made by: {made}")
        return None
    if is_there:
        return NamedFile(path, name, kind)
    shipped_ones = shipped_names() if kind == SCENARIO else []
    told = meant(path.name, [*_names_in(path.parent), *shipped_ones])
    told += f"{'' if told else ';'} shipped scenarios: {', '.join(shipped_ones)}" if shipped_ones else ""
    report.add(SourceLocation(Source(name)), f"there is no such file{told}")
    return None


def find_base(name: str, location: SourceLocation, extending: Path, root: Path, report: Report) -> NamedFile | None:
    """The base file that `name` means in the file `extending`. root : the folder of the scenario asked for."""
    fault, hint = "is not a relative path with '/'", ""
    if _is_name(name) and len(name) <= 1000 and not (os.path.isabs(name) or "\\" in name or ":" in name):
        there = next(filter(os.path.lexists, _with_suffixes(extending.parent / name)), None)
        if there and any(is_within(there, folder) for folder in (root, shipped_folder())):
            return NamedFile(there, _short(there))
        if not there and (shipped := _shipped(name)):
            return shipped
        inside = Path(name).parent
        known = [str(inside / entry) for entry in _names_in(extending.parent / inside)]
        known += [str(path.relative_to(shipped_folder())) for path in shipped_folder().rglob("*.yaml")]
        fault = f"lies outside {quoted(root.name or root)}, the folder of the scenario" if there else "is not there"
        hint = "" if there else meant(name, known)
    words = f"{fault}; a base lies beside this file, below it, or is a shipped scenario{hint}"
    report.add(location, f"{quoted(name)} {words}")
    return None


def _is_name(name: str) -> bool:
    return bool(name) and "\0" not in name and not re.search("[\ud800-\udfff]", name)


def _with_suffixes(path: Path) -> Iterator[Path]:
    yield path
    if path.name and path.suffix not in SUFFIXES:
        yield path.with_name(f"{path.name}.yaml")


def _shipped(name: str) -> NamedFile | None:
    if os.path.isabs(name) or ".." in Path(name).parts or len(name) > 200:
        return None
    for candidate in _with_suffixes(shipped_folder() / name):
        if candidate.is_file() and is_within(candidate, shipped_folder()):
            return NamedFile(candidate, _short(candidate))
    return None


def _short(path: Path) -> str:
    """The path from here, if it does not lead upwards."""
    short = os.path.relpath(path)
    return str(path) if short.startswith(os.pardir) else short


def _names_in(folder: Path) -> list[str]:
    try:
        return [entry for entry in sorted(os.listdir(folder))[:500] if Path(entry).suffix in SUFFIXES]
    except OSError:
        return []


def read(file: NamedFile, location: SourceLocation | None, order: int, report: Report) -> tuple[str, Source] | None:
    """The text of a file and its source; None if it cannot be used. location : where it was named, if in a file."""
    where = location or SourceLocation(Source(file.label))
    subject = f"{quoted(file.label)}: " if location else ""
    try:
        if fault := _fault(os.stat(file.path), file):
            report.add(where, subject + fault)
            return None
        with open(file.path, "rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        report.add(where, f"{subject}{error.strerror or 'it cannot be read'}")
        return None
    return decoded(content, file.label, order, report, file.kind)


def decoded(content: bytes, label: str, order: int, report: Report, kind: str = SCENARIO) -> tuple[str, Source] | None:
    """The text of a file's bytes and its source; None if it cannot be used, with the reason in `report`."""
    content, source = content.removeprefix(_UTF_8_MARK), Source(label, (), order)
    if content.startswith(_UTF_16) or (len(content) > 3 and 0 in content[:2]):
        report.add(SourceLocation(source, 1, 1), "this is UTF-16 or UTF-32 text; save the file as UTF-8")
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = yaml_tree.source_of(content[: error.start].decode("utf-8"), label).lines
        source = yaml_tree.source_of(content.decode("utf-8", "replace"), label, order)
        words = f"byte 0x{content[error.start]:02X} is not UTF-8 text; save the file as UTF-8"
        report.add(SourceLocation(source, len(before), len(before[-1]) + 1), words)
        return None
    if not text.strip():
        hint = "`tensionsim new NAME` writes one to start from" if kind == SCENARIO else f"this should be a {kind}"
        report.add(SourceLocation(source), f"the file is empty; {hint}")
        return None
    return text, yaml_tree.source_of(text, label, order)


Row = tuple[SourceLocation, dict[str, str]]

UNCLOSED = "a quote opens in this row and is never closed; close it, or drop it"


def rows_of_text(text: str, source: Source, report: Report) -> list[Row]:
    """The rows of a CSV text by the columns of its header; faults are noted, and rows of another length left out."""
    rows, found, ended = csv.reader(text.splitlines(), strict=True), list[Row](), 0
    try:
        head = [cell.strip() for cell in next(rows)]
        first = SourceLocation(source, 1, 1)
        if len(head) == 1 and {";", "\t"} & {*head[0]}:
            report.add(first, f"one column, {quoted(head[0])}: part cells by commas; write 0.5, not 0,5")
            return []
        for twice in dict.fromkeys(one for one in head if one and head.count(one) > 1):
            report.add(first, f"the column {quoted(twice)} stands there twice")
        ended = rows.line_num
        for row in rows:
            place, ended = SourceLocation(source, rows.line_num, 1), rows.line_num
            if not any(row):
                continue
            if len(row) != len(head):
                report.add(place, f"{len(row)} cells, where the header has {len(head)}")
            else:
                found.append((place, dict(zip(head, map(str.strip, row), strict=True))))
    except csv.Error as fault:
        is_open = "end of data" in str(fault)
        line, told = (ended + 1, UNCLOSED) if is_open else (rows.line_num, f"not CSV: {fault}")
        report.add(SourceLocation(source, line, 1), told)
    return found


def _fault(state: os.stat_result, file: NamedFile) -> str:
    """Why a file cannot be read as what it should be; of a folder that tensionsim wrote, what can be done with it."""
    if stat.S_ISDIR(state.st_mode):
        hint = f"results are for compare, explain and plot, or completed with: tensionsim resume {file.label}"
        is_kept = (file.path / "manifest.json").is_file()
        what = f"{SCENARIO} file" if file.kind == SCENARIO else file.kind
        return f"this is a folder, not a {what}{f'; {hint}' if is_kept else ''}"
    if not stat.S_ISREG(state.st_mode):
        return "this is not an ordinary file"
    if state.st_size > MOST_BYTES:
        return f"{state.st_size / 1e6:.1f} MB is too large; a {file.kind} is below {MOST_BYTES / 1e6:g} MB"
    return ""


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
    return not node.by_key.keys().isdisjoint(FAMILIES) and is_distribution(node.plain)


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


def spelled_out(part: Node, tree: Node, known: ByKind) -> Node:
    """A part of the tree with what every change in it sets as single numbers by full path: no wildcard, no mapping."""
    for key in ("changes", "one_of"):
        if (several := part.child(key)).is_list:
            written = tuple(spelled_out(one, tree, known) for one in several.items)
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


@dataclass(slots=True)
class Reader:
    """Reads files, each once. root : the folder that bases may not lie outside of. is_whole : every base was read.

    tables : puts what named CSVs hold into a node.
    """

    report: Report
    root: Path
    tables: Callable[[Node, Report], Node]
    is_whole: bool = True
    _merged: dict[Path, Merged] = field(default_factory=dict)

    def merged(self, file: NamedFile, location: SourceLocation, chain: tuple[NamedFile, ...]) -> Merged:
        """The file laid over its bases; without layers if nothing of it can be used. chain : what extends it."""
        key = real(file.path)
        if key not in self._merged:
            self._merged[key] = Merged()
            if len(self._merged) >= MOST_FILES:
                self.report.add(location, f"more than {MOST_FILES} files extend one another")
                return Merged()
            text = read(file, location, len(self._merged), self.report)
            if text and (tree := read_nodes(*text, self.report)):
                self._merged[key] = self.laid(tree, (*chain, file), Merged())
        return self._merged[key]

    def laid(self, tree: Node, chain: tuple[NamedFile, ...], base: Merged) -> Merged:
        """A tree laid over what it extends, the later over the earlier, and these over `base`."""
        if not tree.is_mapping:
            self.report.add(tree.location, "a scenario is a mapping of keys to values, like 'title: ...'")
            return Merged()
        for node in self._texts(tree, "extends", "a file, or a list of files"):
            merged = Merged()
            if file := find_base(node.text or "", node.location, chain[-1].path, self.root, self.report):
                names, ways = [link.label for link in chain], [real(link.path) for link in chain]
                if real(file.path) in ways:
                    circle = names[ways.index(real(file.path)) :]
                    self.report.add(node.location, f"base files extend each other: {' -> '.join([*circle, circle[0]])}")
                else:
                    merged = self.merged(file, node.location, chain)
            self.is_whole = self.is_whole and bool(merged.layers)
            base = base.beneath(merged)
        kept = {key: node for key, node in tree.by_key.items() if key not in ("extends", "remove")}
        own = self.tables(Node(kept, tree.location, keys=tree.keys), self.report)
        for key in ("schedule", "changes", "arrangements", "correlations"):
            old, new = base.tree.child(key).items, own.child(key)
            if old and new.is_list:
                words = f"`{key}` replaces the {len(old)} that the base gives (a list is not merged)"
                self.report.notes.append(f"{own.keys[key]}: {words}")
        return base.over(own, self._removed(tree, own, base))

    def _removed(self, tree: Node, own: Node, base: Merged) -> set[Keys]:
        """The paths that a file removes of what its bases gave, or leaders bring whom it names."""
        texts, removed, brought = self._texts(tree, "remove", "a list of paths"), set[Keys](), EMPTY
        for path in [("leaders",), *(("actors", actor, "leader") for actor in own.child("actors").by_key)]:
            if texts and (node := own.child(*path)):
                brought = paths.put(brought, path, node, tree.location)
        for node in texts:
            whole, before = base.over(brought).tree, f"`remove` names {quoted(node.text)}; "
            removed |= {*paths.found(whole, node.text or "", None, node.location, self.report, before)}
        return removed

    def _texts(self, tree: Node, key: str, allowed: str) -> list[Node]:
        """The texts of a key that holds one or a list of them."""
        node = tree.child(key)
        parts = node.items if node.is_list else (node,) if node else ()
        for part in parts:
            if part.text is None and part.value is not None:
                self.report.add(part.location, f"`{key}` is {allowed}")
        return [part for part in parts if part.text is not None]
