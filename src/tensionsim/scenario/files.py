"""Finds and reads scenario files: the one that was asked for, the bases it extends, the shipped ones.

A base lies in the folder of the scenario that was asked for or below it, or is shipped with the package;
neither `..` nor a link leads out of there. What is no ordinary UTF-8 text of sensible size is refused.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from tensionsim.scenario.places import Place, Source
from tensionsim.scenario.problems import Report, nearest, quoted
from tensionsim.scenario.yaml_nodes import source_of

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
class Found:
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


def find(name: str, report: Report) -> Found | None:
    """The file that `name` means: a path, or the bare name of a shipped scenario."""
    nowhere = Place(Source(name))
    if not name or "\0" in name or re.search("[\ud800-\udfff]", name):
        report.add(nowhere, "this is not the name of a file")
        return None
    path = Path(name)
    is_there = os.path.lexists(path)
    if (not is_there or os.path.isdir(path)) and (shipped := _shipped(name)):
        return shipped
    if is_there:
        return Found(path, name)
    beside = [entry.name for entry in _listing(path.parent) if entry.suffix in SUFFIXES]
    best = nearest(path.name, [*beside, *shipped_names()])
    hint = f"did you mean '{path.parent / best if best in beside else best}'? " if best else ""
    report.add(nowhere, f"there is no such file; {hint}shipped scenarios: {', '.join(shipped_names())}")
    return None


def find_base(name: str, place: Place, extending: Path, root: Path, report: Report) -> Found | None:
    """The base file that `name`, found at `place` in the file `extending`, means.

    root : the folder of the scenario that was asked for.
    """
    if not name or "\0" in name or re.search("[\ud800-\udfff]", name) or len(name) > 1000:
        report.add(place, f"{quoted(name)} is not the name of a file")
        return None
    if os.path.isabs(name) or "\\" in name or ":" in name:
        report.add(
            place,
            f"{quoted(name)} is not a relative path with '/'; a base lies beside this file or is a shipped scenario",
        )
        return None
    for candidate in _spelled(extending.parent / name):
        if not os.path.lexists(candidate):
            continue
        if any(is_within(candidate, folder) for folder in (root, shipped_folder())):
            return Found(candidate, _shown(candidate))
        report.add(
            place,
            f"{quoted(name)} lies outside {quoted(root.name or root)}, the folder of the scenario; "
            "a base lies in it, below it, or is a shipped scenario",
        )
        return None
    if shipped := _shipped(name):
        return shipped
    report.add(
        place,
        f"there is no file {quoted(name)} beside this one or among the shipped scenarios{_near_base(name, extending)}",
    )
    return None


def read(found: Found, place: Place | None, order: int, report: Report) -> tuple[str, Source] | None:
    """The text of a file and its source; None if it cannot be used, with the reason in `report`.

    place : where the file was named; None if on the command line.
    """
    where = place or Place(Source(found.shown))
    subject = f"{quoted(found.shown)}: " if place else ""
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


def _hint(found: Found) -> str:
    """What can be done with a folder that tensionsim wrote; empty of all else."""
    try:
        said = json.loads((found.path / "manifest.json").read_text(encoding="utf-8"))["format"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    uses = {
        "tensionsim results": "results: give it to compare, explain or plot",
        "tensionsim sweep": "a sweep: read its sweep.csv",
    }
    return f"; it holds {uses[said]}, or complete it with: tensionsim resume {found.shown}" if said in uses else ""


def _decode(content: bytes, found: Found, order: int, report: Report) -> tuple[str, Source] | None:
    source = Source(found.shown, (), order)
    if content.startswith(_UTF_16) or (len(content) > 3 and 0 in content[:2]):
        report.add(Place(source, 1, 1), "this is UTF-16 or UTF-32 text; save the file as UTF-8")
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source_of(content[: error.start].decode("utf-8"), found.shown).lines
        place = Place(
            source_of(content.decode("utf-8", "replace"), found.shown, order), len(before), len(before[-1]) + 1
        )
        report.add(place, f"byte 0x{content[error.start]:02X} is not UTF-8 text; save the file as UTF-8")
        return None
    if not text.strip():
        report.add(Place(source), "the file is empty; `tensionsim new NAME` writes one to start from")
        return None
    return text, source_of(text, found.shown, order)


def _spelled(path: Path) -> Iterator[Path]:
    yield path
    if path.name and path.suffix not in SUFFIXES:
        yield path.with_name(f"{path.name}.yaml")


def _shipped(name: str) -> Found | None:
    if os.path.isabs(name) or ".." in Path(name).parts or len(name) > 200:
        return None
    for candidate in _spelled(shipped_folder() / name):
        if candidate.is_file() and is_within(candidate, shipped_folder()):
            return Found(candidate, _shown(candidate))
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
