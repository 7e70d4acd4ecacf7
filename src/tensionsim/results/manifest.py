"""The manifest: what a folder of results is, which parts it has, and what each of its files must be.

It is the truth about the folder: a part that it does not name is not there. It holds nothing that differs between
machines, versions of Python or ways to run: the same runs give the same manifest.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.errors import StorageError
from tensionsim.record import LAYERS, Dates, Names
from tensionsim.results import wording
from tensionsim.results.files import write_whole
from tensionsim.results.fingerprint import fingerprint, rounding
from tensionsim.results.parts import FOLDER, Mark, Part, cut

if TYPE_CHECKING:
    from tensionsim.scenario import Scenario

FORMAT = "tensionsim results"
SWEEP_FORMAT = "tensionsim sweep"
"""What a folder is called that holds the results of many points; see `sweep_storage`."""

FORMAT_VERSION = 2
MANIFEST = "manifest.json"
ORIGIN = ("tensionsim", "fingerprint", "rounding", "scenario_sha256", "seed", "first_run", "agents")
HASHED = {
    "fingerprint": "the code or data of tensionsim that makes the numbers",
    "rounding": "how the processor rounds (another kind of processor: see docs/clusters.md)",
    "scenario_sha256": "the text of the scenario",
}
"""What hashes stand for, which say nothing to a person."""

OVER_AGAIN = "--replace (in Python replace=True)"
"""How one starts over where results stand, said where it is not known whether a command or Python is spoken to."""


class NoManifest(StorageError):
    """A folder has no manifest that can be read. `what` says why, without what to do."""

    def __init__(self, message: str, what: str) -> None:
        super().__init__(message)
        self.what = what

    def __reduce__(self) -> tuple[type[NoManifest], tuple[str, str]]:
        return type(self), (str(self), self.what)


@dataclass(frozen=True, slots=True)
class Origin:
    """What numbers come from; runs of two origins are never mixed.

    tensionsim : version. fingerprint, rounding : see `tensionsim.results.fingerprint`. agents : subclasses of
    Government that decided.
    """

    tensionsim: str
    fingerprint: str
    rounding: str
    scenario_sha256: str
    seed: int
    first_run: int
    agents: tuple[str, ...] = ()

    @classmethod
    def here(cls, scenario: Scenario, seed: int, first_run: int, agents: tuple[str, ...] = ()) -> Origin:
        """The origin of what is run here and now."""
        from tensionsim import __version__

        return cls(__version__, fingerprint(), rounding(), scenario.sha256, seed, first_run, agents)

    def differences(self, other: Origin, of_scenario: Sequence[str] = ()) -> list[str]:
        """What differs, in words: theirs, then `other`'s. of_scenario : what to say where the scenario's text does."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in ORIGIN}
        hashed = HASHED | ({"scenario_sha256": "; ".join(of_scenario)} if of_scenario else {})
        return [
            hashed.get(name) or f"{name.replace('_', ' ')} ({_said(mine)} there, {_said(theirs)} now)"
            for name, (mine, theirs) in pairs.items()
            if mine != theirs
        ]


def reference(scenario: Scenario) -> str:
    """By what the scenario is found again: its path as it was given, or its name if it is shipped."""
    from tensionsim.scenario import files

    path, shipped = Path(scenario.path), files.shipped_folder()
    if not files.is_within(path, shipped):
        return path.as_posix()
    return files.real(path).relative_to(files.real(shipped)).with_suffix("").as_posix()


def scenario_differences(folder: Path, there: Mapping[str, Any], scenario: Scenario) -> list[str]:
    """What differs between the scenario that a folder's manifest describes and another, whose texts differ."""
    pairs = {
        "outlook": (there.get("outlook") or "none", scenario.outlook or "none"),
        "set": tuple(wording.settings(values).removeprefix("with ") or "nothing"
                     for values in (there.get("set") or {}, scenario.values)),
    }  # fmt: skip
    found = [f"{name} ({mine} there, {theirs} now)" for name, (mine, theirs) in pairs.items() if mine != theirs]
    if found:
        return found
    names = [str(there.get("name")), scenario.name]
    called = "" if names[0] == names[1] else f"{names[0]} there, {names[1]} now; "
    outlook = ["--outlook", scenario.outlook] if scenario.outlook else []
    words = ["tensionsim", "show", reference(scenario), *outlook, "--diff", str(folder / "scenario.yaml")]
    return [f"{HASHED['scenario_sha256']} ({called}compare with: {shlex.join(words)})"]


def _said(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands in manifest.json.

    scenario : name, outlook, its title, what was set, notes. runs : how many there shall be. kind : of the parts,
    "parquet" or "npy". part_runs : runs of each part but the last. parts : those that are there, by number of run.
    tables : data files made of all parts, which are made last. attached : files that others wrote into the folder.
    is_complete : all parts and tables are there.
    """

    origin: Origin
    scenario: Mapping[str, Any]
    runs: int
    kind: str
    dates: tuple[str, ...]
    names: Names
    part_runs: int
    parts: tuple[Part, ...] = ()
    tables: Mapping[str, Mark] = field(default_factory=dict)
    attached: tuple[str, ...] = ()
    is_complete: bool = False

    @property
    def kept(self) -> int:
        """How many runs are there."""
        return sum(part.runs for part in self.parts)

    @property
    def has_all_parts(self) -> bool:
        return self.kept == self.runs

    def dates_array(self) -> Dates:
        """Dates of the rows, shape (date,)."""
        return np.array(self.dates, "datetime64[D]")

    def part_of(self, run: int) -> Part | None:
        """The part that holds a run, if it is there."""
        return next((part for part in self.parts if part.first_run <= run < part.after), None)

    def beginning(self) -> Manifest:
        """The same with only those parts that follow each other without a gap from the first run on."""
        expected, found = self.origin.first_run, []
        for part in self.parts:
            if part.first_run != expected:
                break
            found.append(part)
            expected = part.after
        return replace(self, parts=tuple(found), runs=sum(part.runs for part in found), tables={})

    def with_part(self, part: Part) -> Manifest:
        """The same with one part more, or another in its place."""
        others = [other for other in self.parts if other.first_run != part.first_run]
        return replace(self, parts=tuple(sorted([*others, part], key=lambda one: one.first_run)))

    def without(self, part: Part) -> Manifest:
        return replace(self, parts=tuple(other for other in self.parts if other is not part))

    def missing(self) -> list[range]:
        """Numbers of the runs that are not there, those of each part apart."""
        have = {part.first_run: part.after for part in self.parts}
        wanted = cut(self.origin.first_run, self.runs, self.part_runs)
        return [range(have.get(runs.start, runs.start), runs.stop) for runs in wanted if not _has(have, runs)]

    def write(self, folder: Path) -> None:
        """Writes manifest.json, whole or not at all."""
        write_whole(folder / MANIFEST, self.text().encode())

    def text(self) -> str:
        """The manifest as JSON, one line a part."""
        head = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            **asdict(self.origin),
            "runs": self.runs,
            "complete": self.is_complete,
            "parts_are": self.kind,
            "part_runs": self.part_runs,
            "scenario": self.scenario,
            "dates": self.dates,
            "names": asdict(self.names),
            "layers": {name: {"dims": layer.dims, "unit": layer.unit} for name, layer in LAYERS.items()},
            "tables": {name: asdict(mark) for name, mark in self.tables.items()},
            "attached": self.attached,
        }
        parts = ",\n".join(f"  {_line(part)}" for part in self.parts)
        shown = json.dumps(head, indent=1, ensure_ascii=False, allow_nan=False)
        return f'{shown[:-2]},\n "parts": [\n{parts}\n ]\n}}\n'


def _has(have: Mapping[int, int], runs: range) -> bool:
    return have.get(runs.start, runs.start) >= runs.stop


def _line(part: Part) -> str:
    files = {name: [mark.size, mark.sha256] for name, mark in part.files.items()}
    return json.dumps({"first_run": part.first_run, "runs": part.runs, "files": files})


def described(scenario: Scenario) -> dict[str, Any]:
    """What a manifest says of the scenario beside its text."""
    from tensionsim.results.summary import outlook_title

    return {
        "name": scenario.name,
        "outlook": scenario.outlook,
        "outlook_title": outlook_title(scenario),
        "set": wording.plain(scenario.values),
        "notes": list(scenario.notes),
    }


def parse(content: Mapping[str, Any], folder: Path) -> Manifest:
    """The manifest that JSON says.

    Raises
    ------
    StorageError
        If it contradicts itself.
    """
    try:
        origin = {name: content[name] for name in ORIGIN} | {"agents": tuple(content["agents"])}
        manifest = Manifest(
            Origin(**origin),
            dict(content["scenario"]),
            int(content["runs"]),
            str(content["parts_are"]),
            tuple(content["dates"]),
            Names(**{name: tuple(values) for name, values in content["names"].items()}),
            int(content["part_runs"]),
            tuple(_part(each) for each in content["parts"]),
            {name: Mark(**mark) for name, mark in content["tables"].items()},
            tuple(content["attached"]),
            bool(content["complete"]),
        )
        _check(manifest)
    except (KeyError, TypeError, ValueError, AttributeError) as damage:
        raise StorageError(
            f"{folder} is damaged: {MANIFEST} contradicts itself ({damage!r}); run the scenario again into another "
            f"folder, or with {OVER_AGAIN}"
        ) from damage
    return manifest


def _part(content: Mapping[str, Any]) -> Part:
    files = {name: Mark(int(size), str(sha256)) for name, (size, sha256) in content["files"].items()}
    return Part(int(content["first_run"]), int(content["runs"]), files)


def _check(manifest: Manifest) -> None:
    """ValueError where parts lie outside of what the store may hold."""
    wanted = {runs.start: runs for runs in cut(manifest.origin.first_run, manifest.runs, manifest.part_runs)}
    for part in manifest.parts:
        if part.first_run not in wanted or not 0 < part.runs <= len(wanted[part.first_run]):
            raise ValueError(f"part of {part.runs} runs from {part.first_run}")


def read_json(folder: Path) -> dict[str, Any]:
    """The content of a folder's manifest, of any format that this tensionsim knows.

    Raises
    ------
    NoManifest
        If there is none, or it is damaged.
    StorageError
        If it is of something else, or of a newer tensionsim.
    """
    if not folder.is_dir():
        why = "it is a file" if folder.exists() else "no such folder"
        raise StorageError(f"{folder} is not a folder of results: {why}")
    content = _read(folder)
    if content.get("format") == SWEEP_FORMAT:
        raise StorageError(f"{folder} holds a sweep; open it with ts.Sweep.open, or one of its points below it")
    if content.get("format") != FORMAT:
        raise StorageError(f"{folder} holds no tensionsim results: its {MANIFEST} is something else's")
    if not isinstance(content.get("version"), int) or content["version"] > FORMAT_VERSION:
        raise StorageError(
            f"{folder} was written by a newer tensionsim ({content.get('tensionsim')}, "
            f"format {content.get('version')}); "
            f"this one reads formats up to {FORMAT_VERSION}: pip install --upgrade tensionsim"
        )
    return content


def _read(folder: Path) -> dict[str, Any]:
    """The JSON mapping that a folder's manifest is."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _lost(folder, "missing", is_ours=(folder / FOLDER).is_dir()) from None
    except OSError as failure:
        raise StorageError(f"cannot read {folder / MANIFEST}: {failure.strerror or failure}") from failure
    except ValueError:
        content = None
    if not isinstance(content, dict) or "format" not in content:
        is_ours = (folder / FOLDER).is_dir() or (folder / "scenario.yaml").is_file()
        raise _lost(folder, "damaged" if is_ours else "something else's", is_ours=is_ours)
    return content


def _lost(folder: Path, how: str, *, is_ours: bool) -> NoManifest:
    if not is_ours:
        words = f"{folder} holds no tensionsim results: {MANIFEST} is {how}"
        return NoManifest(words, words)
    what = f"{folder / MANIFEST} is {how}; parts cannot be trusted without it"
    return NoManifest(f"{what}; run it again into another folder, or with {OVER_AGAIN}", what)


def maker_of(folder: Path) -> str:
    """Which tensionsim made the runs of a folder: its version, and the beginning of the code's fingerprint if known.

    Raises
    ------
    StorageError
        If the folder holds no results.
    """
    content = read_json(folder)
    return _maker(str(content.get("tensionsim", "")), str(content.get("fingerprint", "")))


def maker_here() -> str:
    """The same of what is run here and now."""
    from tensionsim import __version__

    return _maker(__version__, fingerprint())


def _maker(version: str, code: str) -> str:
    return f"{version} (code {code[:8]})" if code else version
