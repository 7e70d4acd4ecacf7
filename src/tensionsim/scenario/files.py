"""Reads a scenario file and everything that it extends, each file laid over its bases."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from tensionsim.scenario import paths
from tensionsim.scenario.overrides import Merged, merge
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
    items,
    nearest,
    quoted,
    read_nodes,
    source_of,
)

MOST_BYTES = 2_000_000
SUFFIXES = (".yaml", ".yml")

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_MARK = b"\xef\xbb\xbf"
_REASONS = {
    errno.EACCES: "you may not read it; check the file's permissions",
    errno.EPERM: "you may not read it; check the file's permissions",
    errno.ELOOP: "it is a link that leads back to itself",
    errno.ENAMETOOLONG: "the name is too long for a file",
}


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A scenario file: where it lies and the name that messages show."""

    path: Path
    shown: str


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


def find(name: str, report: Report) -> NamedFile | None:
    """The file that `name` means: a path, or the bare name of a shipped scenario."""
    nowhere = SourceLocation(Source(name))
    if not name or "\0" in name or re.search("[\ud800-\udfff]", name):
        report.add(nowhere, "this is not the name of a file")
        return None
    path = Path(name)
    is_there = os.path.lexists(path)
    if (not is_there or os.path.isdir(path)) and (shipped := _shipped(name)):
        return shipped
    if is_there:
        return NamedFile(path, name)
    beside = [entry.name for entry in _listing(path.parent) if entry.suffix in SUFFIXES]
    best = nearest(path.name, [*beside, *shipped_names()])
    hint = f"did you mean '{path.parent / best if best in beside else best}'? " if best else ""
    report.add(nowhere, f"there is no such file; {hint}shipped scenarios: {', '.join(shipped_names())}")
    return None


def find_base(name: str, location: SourceLocation, extending: Path, root: Path, report: Report) -> NamedFile | None:
    """The base file that `name`, found at `location` in the file `extending`, means.

    root : the folder of the scenario that was asked for.
    """
    if not name or "\0" in name or re.search("[\ud800-\udfff]", name) or len(name) > 1000:
        report.add(location, f"{quoted(name)} is not the name of a file")
        return None
    if os.path.isabs(name) or "\\" in name or ":" in name:
        report.add(
            location,
            f"{quoted(name)} is not a relative path with '/'; a base lies beside this file or is a shipped scenario",
        )
        return None
    for candidate in _spelled(extending.parent / name):
        if not os.path.lexists(candidate):
            continue
        if any(is_within(candidate, folder) for folder in (root, shipped_folder())):
            return NamedFile(candidate, _shown(candidate))
        report.add(
            location,
            f"{quoted(name)} lies outside {quoted(root.name or root)}, the folder of the scenario; "
            "a base lies in it, below it, or is a shipped scenario",
        )
        return None
    if shipped := _shipped(name):
        return shipped
    report.add(
        location,
        f"there is no file {quoted(name)} beside this one or among the shipped scenarios{_near_base(name, extending)}",
    )
    return None


def read(found: NamedFile, location: SourceLocation | None, order: int, report: Report) -> tuple[str, Source] | None:
    """The text of a file and its source; None if it cannot be used, with the reason in `report`.

    location : where the file was named; None if on the command line.
    """
    where = location or SourceLocation(Source(found.shown))
    subject = f"{quoted(found.shown)}: " if location else ""
    try:
        state = os.stat(found.path)
        if fault := _fault(state):
            report.add(where, subject + fault + _hint(found))
            return None
        with open(found.path, "rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        report.add(where, f"{subject}{_REASONS.get(error.errno or 0, error.strerror or 'it cannot be read')}")
        return None
    return _decode(content.removeprefix(_UTF_8_MARK), found, order, report)


def _fault(state: os.stat_result) -> str:
    if stat.S_ISDIR(state.st_mode):
        return "this is a folder, not a scenario file"
    if not stat.S_ISREG(state.st_mode):
        return "this is not an ordinary file"
    if state.st_size > MOST_BYTES:
        return f"{state.st_size / 1e6:.1f} MB is too large; a scenario is below {MOST_BYTES / 1e6:g} MB"
    return ""


def _hint(found: NamedFile) -> str:
    """What can be done with a folder that tensionsim wrote; empty of all else."""
    manifest = found.path / "manifest.json"
    try:
        state = manifest.lstat()
        is_readable = stat.S_ISREG(state.st_mode) and state.st_size <= MOST_BYTES
        holds = str(json.loads(manifest.read_text(encoding="utf-8"))["holds"]) if is_readable else ""
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    uses = {"runs": "results: give it to compare, explain or plot", "sweep": "a sweep: read its sweep.csv"}
    return f"; it holds {uses[holds]}, or complete it with: tensionsim resume {found.shown}" if holds in uses else ""


def _decode(content: bytes, found: NamedFile, order: int, report: Report) -> tuple[str, Source] | None:
    source = Source(found.shown, (), order)
    if content.startswith(_UTF_16) or (len(content) > 3 and 0 in content[:2]):
        report.add(SourceLocation(source, 1, 1), "this is UTF-16 or UTF-32 text; save the file as UTF-8")
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source_of(content[: error.start].decode("utf-8"), found.shown).lines
        location = SourceLocation(
            source_of(content.decode("utf-8", "replace"), found.shown, order), len(before), len(before[-1]) + 1
        )
        report.add(location, f"byte 0x{content[error.start]:02X} is not UTF-8 text; save the file as UTF-8")
        return None
    if not text.strip():
        report.add(SourceLocation(source), "the file is empty; `tensionsim new NAME` writes one to start from")
        return None
    return text, source_of(text, found.shown, order)


def _spelled(path: Path) -> Iterator[Path]:
    yield path
    if path.name and path.suffix not in SUFFIXES:
        yield path.with_name(f"{path.name}.yaml")


def _shipped(name: str) -> NamedFile | None:
    if os.path.isabs(name) or ".." in Path(name).parts or len(name) > 200:
        return None
    for candidate in _spelled(shipped_folder() / name):
        if candidate.is_file() and is_within(candidate, shipped_folder()):
            return NamedFile(candidate, _shown(candidate))
    return None


def is_within(path: Path, folder: Path) -> bool:
    """Whether a path leads into a folder, links followed."""
    return real(path).is_relative_to(real(folder))


def _shown(path: Path) -> str:
    try:
        short = os.path.relpath(path)
    except OSError:
        return str(path)
    return str(path) if short.startswith(os.pardir) else short


def _listing(folder: Path) -> list[Path]:
    try:
        return [folder / entry for entry in sorted(os.listdir(folder))[:500]]
    except OSError:
        return []


def _near_base(name: str, extending: Path) -> str:
    inside = Path(name).parent
    known = [str(inside / entry.name) for entry in _listing(extending.parent / inside) if entry.suffix in SUFFIXES]
    folder = shipped_folder()
    known += [str(path.relative_to(folder)) for path in folder.rglob("*.yaml")]
    best = nearest(name, known)
    return f"; did you mean {quoted(best)}?" if best else ""


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

    def merged(
        self, found: NamedFile, location: SourceLocation | None = None, chain: tuple[NamedFile, ...] = ()
    ) -> Merged | None:
        """The file laid over its bases; None if nothing of it can be used.

        location : where it was named. chain : the files that are being read, which extend one another.
        """
        key = real(found.path)
        if key not in self._merged:
            self._merged[key] = None
            self._merged[key] = self._read(found, location, (*chain, found))
        return self._merged[key]

    def _read(self, found: NamedFile, location: SourceLocation | None, chain: tuple[NamedFile, ...]) -> Merged | None:
        if len(self._merged) > MOST_FILES:
            self.report.add(
                location or SourceLocation(Source(found.shown)), f"more than {MOST_FILES} files extend one another"
            )
            return None
        text = read(found, location, len(self._merged), self.report)
        if text is None:
            return None
        tree = read_nodes(*text, self.report)
        if tree is None:
            return None
        if not isinstance(tree, MapNode):
            self.report.add(tree.location, "a scenario is a mapping of keys to values, like 'title: ...'")
            return None
        base = self._bases(tree, chain)
        return layer(base, tree, self.report, self.notes)

    def _bases(self, tree: MapNode, chain: tuple[NamedFile, ...]) -> Merged | None:
        base: Merged | None = None
        for node in _texts(tree, "extends", "a file, or a list of files", self.report):
            if (found := find_base(str(node.value), node.location, chain[-1].path, self.root, self.report)) is None:
                self.is_whole = False
                continue
            shown = [link.shown for link in chain if real(link.path) == real(found.path)]
            if shown:
                names = [link.shown for link in chain]
                circle = " -> ".join([*names[names.index(shown[0]) :], shown[0]])
                self.report.add(node.location, f"base files extend each other: {circle}")
                self.is_whole = False
                continue
            if (merged := self.merged(found, node.location, chain)) is not None:
                base = base.beneath(merged) if base else merged
            else:
                self.is_whole = False
        return base


def layer(base: Merged | None, tree: MapNode, report: Report, notes: list[str]) -> Merged:
    """One file over what its bases gave: first what it removes, then its own keys."""
    own = MapNode({key: node for key, node in tree.entries.items() if key not in OWN_KEYS}, tree.location, tree.keys)
    given = base or Merged(MapNode({}, tree.location))
    preview = given.over(own)
    dropped: list[Keys] = []
    for node in _texts(tree, "remove", "a list of paths", report):
        try:
            dropped += paths.existing(_with_patches(given.tree, preview), str(node.value))
        except NoPath as lost:
            report.add(node.location, f"`remove` names {quoted(node.value)}; no such path, {lost}")
    notes += _replaced_lists(given.tree, own)
    return given.less(set(dropped)).over(own, set(dropped))


def _with_patches(tree: MapNode, merged: Merged) -> Node:
    """A base's tree with the patches of the leaders that its actors will have, so that one may remove of them too."""
    found: Node = tree
    for actor in merged.since:
        path = ("actors", actor)
        if patch := merged.patch(actor):
            found = paths.put(found, path, merge(paths.get(found, path), patch, path), tree.location)
    return found


def _replaced_lists(base: Node, own: MapNode) -> Iterator[str]:
    for key in ("schedule", "changes", "arrangements"):
        old, new = child(base, key), child(own, key)
        if items(old) and isinstance(new, ListNode):
            where = f"{new.location.source.name}:{own.keys[key].line}"
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
            report.add(part.location, f"`{key}` is {allowed}")
    return found
