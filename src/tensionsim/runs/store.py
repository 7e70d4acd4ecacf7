"""Folders of results: the one module that writes, reads, locks, completes and checks them.

A folder holds runs, a sweep, a backtest, a living forecast, a comparison or an explanation, and says so in its
manifest, which names the others with size and checksum. Files appear whole or not at all, the manifest after what it
names. Whatever is wrong with a folder is one StorageError that names the file, and the field of the manifest.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import platform
import re
import shlex
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from tensionsim import __version__
from tensionsim.errors import StorageError
from tensionsim.runs.plan import Plan
from tensionsim.runs.statistics import outlook_title, plain, settings
from tensionsim.scenario.files import is_within, real, shipped_folder
from tensionsim.scenario.scenario import Scenario
from tensionsim.scenario.schema import Outlook

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]

UNFINISHED = ".unfinished-"
"""How the names of files and folders begin that are in the making; the next command sweeps what an end left of them."""
LOCK = f"{UNFINISHED}lock"
MANIFEST, SCENARIO, PROVENANCE, PARTS = "manifest.json", "scenario.yaml", "provenance.json", "parts"
CRATE = "ro-crate-metadata.json"

AGAIN = "run it again into another folder, or with replace=True"
"""What to do, said where it is not known whether a command or Python is spoken to."""

READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)
"""What the system says where nothing may be written."""

PART_FILE = rf"{PARTS}/(paths|moves)-\d{{6,10}}-\d{{6,10}}\.parquet"
MOST_BYTES = 1 << 28
MOST_NAMED = 3
MOST_RUNS = 2**31


def unfinished(path: Path) -> Path:
    """Where a file or folder stands while it is made; the next command that makes it takes the same place."""
    return path.with_name(UNFINISHED + path.name)


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that it is there with all its content, on the disk too, or not at all (OSError)."""
    fresh = unfinished(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    if os.name == "nt":
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # makes the new name outlast a power cut, where the system can
    except OSError as failure:
        if failure.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(folder)


def write_json(path: Path, content: object) -> None:
    """Writes plain numbers, texts and lists as JSON, whole or not at all."""
    write_whole(path, as_json(content))


def as_json(content: object) -> bytes:
    """Plain values as JSON; letters that no UTF-8 has, of names of files, are escaped."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace")


FORMULA = re.compile(r"[=@\t\r]|[+-](?!\d*\.?\d*(?:e[+-]?\d+)?%?$)", re.IGNORECASE)
"""How a text begins that a spreadsheet would run."""


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """A table for a spreadsheet: texts that it would run begin with an apostrophe, control characters are blanks."""

    def safe(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", f"'{value}" if FORMULA.match(value) else value)

    shown = table.rename(columns=safe)
    for name, column in shown.items():
        if column.dtype.kind == "O":
            shown[name] = column.map(safe)
    return shown


def as_csv(table: pd.DataFrame, *, float_format: str | None = "%.10g", date_format: str | None = None) -> str:
    """A table as CSV, its index left out."""
    how: dict[str, Any] = {"float_format": float_format, "date_format": date_format}
    return str(harmless(table).to_csv(index=False, lineterminator="\n", **how))


@contextmanager
def taking_the_place_of(target: Path) -> Iterator[Path]:
    """A new folder, for this command alone, that takes the place of `target` at the end, or vanishes."""
    place = (target.resolve() if target.is_symlink() else target).absolute()
    with written(target), locked(target) if target.is_dir() else nullcontext():
        place.parent.mkdir(parents=True, exist_ok=True)
        old = place.with_name(f"{UNFINISHED}{place.name}.old")
        if old.is_dir():
            shutil.rmtree(old) if place.exists() else old.rename(place)
        killed = re.compile(rf"{re.escape(UNFINISHED + place.name)}\.[0-9a-f]{{8}}")
        for left in place.parent.glob(f"{UNFINISHED}*"):
            if killed.fullmatch(left.name) and not left.is_symlink():
                with suppress(StorageError), locked(left):
                    shutil.rmtree(left, ignore_errors=True)
        fresh = place.with_name(f"{UNFINISHED}{place.name}.{token_hex(4)}")
        fresh.mkdir()
        try:
            with locked(fresh):
                yield fresh
            if place.exists():
                place.rename(old)
            try:
                fresh.rename(place)
            except OSError:
                if old.exists():
                    old.rename(place)
                raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """A folder for this command alone (else StorageError); the lock goes with the process, however it ends."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK)
    busy = f"another command is writing to {folder}; wait for it, or choose another folder"
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise StorageError(busy) from None
    except OSError as failure:
        if failure.errno not in READ_ONLY:
            raise
        yield  # nothing can be written, by another command neither; of what is finished nothing need be
        return
    if not (folder / LOCK).exists():  # whoever held it took it away meanwhile
        lock.release()
        raise StorageError(busy)
    try:
        yield
    finally:
        if os.name != "nt":
            (folder / LOCK).unlink(missing_ok=True)
        lock.release()


@contextmanager
def written(target: Path, kept: Callable[[], str] = str, resume: str = "") -> Iterator[None]:
    """Turns Ctrl-C and failures to write into words, with what is kept (by default nothing) and how to go on."""
    resume = resume or f"tensionsim resume {target}"
    try:
        yield
    except KeyboardInterrupt:
        said = f"{there}; go on with: {resume}" if (there := kept()) else "nothing of it is kept"
        raise KeyboardInterrupt(f"interrupted; {said}") from None
    except OSError as failure:
        there = kept()
        advice = f"; {there}; when that is mended go on with: {resume}" if there else ""
        raise StorageError(f"cannot write {target}: {failure.strerror or failure}{advice}") from failure


@contextmanager
def filling(target: Path, kept: Callable[[], str], *, replace: bool = False, resume: str = "") -> Iterator[None]:
    """A folder for this command alone, made if there is none and emptied to `replace` what it holds; see `written`."""
    with written(target, kept, resume):
        target.mkdir(parents=True, exist_ok=True)
        with locked(target):
            if replace:
                clear(target)
            yield


OVER = "start over there with replace=True"


def refuse_others(folder: Path, what: str, differences: Sequence[str], advice: str = OVER) -> None:
    """StorageError where a folder holds something else than is to be written there; `what` as a sentence calls it."""
    if differences:
        raise StorageError(
            f"{folder} holds {what}; what differs: {'; '.join(differences)}. Nothing was changed; choose another "
            f"folder, or {advice}"
        )


def opened(path: Path) -> io.BufferedReader:
    """An ordinary file; neither a link nor a device or pipe, which might never end."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as failure:
        why = "it is a link" if failure.errno == errno.ELOOP else failure.strerror or failure
        raise StorageError(f"cannot read {path}: {why}") from failure
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise StorageError(f"cannot read {path}: it is no ordinary file")
    return open(handle, "rb")


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """The content of an ordinary file that is not larger than `most` bytes."""
    with opened(path) as file:
        if (size := os.fstat(file.fileno()).st_size) > most:
            raise StorageError(f"cannot read {path}: {size:,} bytes are more than the {most:,} that it may have")
        return file.read(most + 1)


def read_json(path: Path) -> Any:
    """The value of a JSON file that is not too large."""
    content = read_bytes(path)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as damage:
        raise StorageError(f"{path} is damaged: it is no JSON") from damage


def is_whole_json(path: Path) -> bool:
    """Whether a file is there and JSON to its end."""
    try:
        read_json(path)
    except StorageError:
        return False
    return True


class Strict(BaseModel):
    """Fields of exactly the types that are said, and no others."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Mark(Strict):
    """What a file must be: its size in bytes and its checksum."""

    size: int = Field(ge=0, le=1 << 50)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")

    @classmethod
    def of(cls, content: bytes) -> Mark:
        return cls(size=len(content), sha256=hashlib.sha256(content).hexdigest())

    def fits(self, path: Path) -> bool:
        """Whether the file is there, ordinary and unchanged."""
        try:
            with opened(path) as file:
                if os.fstat(file.fileno()).st_size != self.size:
                    return False
                return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except StorageError as failure:
            if isinstance(failure.__cause__, FileNotFoundError) or "ordinary" in str(failure):
                return False
            raise


FileName = Annotated[str, Field(pattern=r"^[^/\\\x00.][^/\\\x00]*(/[^/\\\x00.][^/\\\x00]*)*$", max_length=1000)]
"""A name of a file in a folder, which cannot lead out of it."""
Text = Annotated[str, Field(max_length=100_000)]


class Described(Strict):
    """What a manifest says of a scenario beside its text. path : by what it is found again, of a sweep."""

    name: Text
    outlook: Text | None
    outlook_title: Text
    set: dict[Text, JsonValue]
    notes: tuple[Text, ...]
    path: Text = ""

    @classmethod
    def of(cls, scenario: Scenario, *, path: str = "") -> Described:
        return cls(
            name=scenario.name,
            outlook=scenario.outlook,
            outlook_title=outlook_title(scenario),
            set=plain(scenario.values),
            notes=tuple(scenario.notes),
            path=path,
        )

    def put_back(self, scenario: Scenario, path: str) -> Scenario:
        """The scenario read from its text, which has neither outlooks nor values by path, as it was described."""
        title = {} if self.outlook is None else {"outlooks": {self.outlook: Outlook(title=self.outlook_title)}}
        file = scenario.file.model_copy(update=title)
        what: dict[str, Any] = {"name": self.name, "outlook": self.outlook, "notes": self.notes}
        return replace(scenario, file=file, path=path, _values=dict(self.set), **what)


SOURCES = ("rng.py", "data", "model", "engine", "events", "scenario")
"""What numbers hang on, below the package; whatever else changes, runs stay the same."""

ESTIMATING = (*SOURCES, "estimation", "forecasts")
"""What fits and forecasts hang on besides."""

PROBED = ("exp", "exp2", "log", "log1p", "tanh")
"""Functions whose last bit NumPy makes dependent on what the processor can do."""

SUFFIXES = (".py", ".c", ".h", ".csv", ".yaml")


@lru_cache(maxsize=2)
def fingerprint(sources: tuple[str, ...] = SOURCES) -> str:
    """A sha256 over the package's sources and data that make numbers, the same on every system."""
    package, found = Path(__file__).parents[1], hashlib.sha256()
    for source in sources:
        path = package / source
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in SUFFIXES:
                content = file.read_bytes().replace(b"\r\n", b"\n")
                found.update(f"{file.relative_to(package).as_posix()} {len(content)}\n".encode())
                found.update(content)
    return found.hexdigest()


@lru_cache(maxsize=1)
def rounding() -> str:
    """A sha256 of what some functions give here, which depends on the kind of processor, and seldom on NumPy."""
    numbers, found = np.linspace(0.01, 9.99, 4001), hashlib.sha256()
    for name in PROBED:
        found.update(getattr(np, name)(numbers).tobytes())
    found.update((numbers ** numbers[::-1]).tobytes())
    return found.hexdigest()


class Provenance(Strict):
    """What numbers come from, by default those that are made here and now; runs of two are never mixed."""

    tensionsim: Text = __version__
    fingerprint: Text = Field(default_factory=fingerprint)
    rounding: Text = Field(default_factory=rounding)
    scenario_sha256: Text
    seed: int = Field(ge=0)
    first_run: int = Field(ge=0, lt=MOST_RUNS)
    code: tuple[Text, ...] = ()
    plan: Plan | None = None

    def differences(self, other: Provenance, of_scenario: Sequence[str]) -> list[str]:
        """What differs, in words: theirs, then `other`'s; of_scenario : what to say where the scenario's text does."""
        hashed = HASHED | {"scenario_sha256": "; ".join(of_scenario)}
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in type(self).model_fields}
        return [hashed.get(name) or differing(name, *pair) for name, pair in pairs.items() if pair[0] != pair[1]]


HASHED = {
    "fingerprint": "the code or data of tensionsim that makes the numbers",
    "rounding": "how the processor rounds (another kind of processor: see docs/clusters.md)",
    "scenario_sha256": "the text of the scenario",
    "plan": "the plan of the points",
}
"""What hashes stand for, which say nothing to a person."""


def differing(name: str, there: object, now: object) -> str:
    """What a refusal says of a field that has one value there and another now."""

    def said(value: object) -> str:
        if isinstance(value, tuple) and len(value) > MOST_NAMED + 1:
            return f"{len(value)} from {value[0]} to {value[-1]}"
        return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else f"{value}"

    return f"{name.replace('_', ' ')} ({said(there)} there, {said(now)} now)"


class Manifest(Strict):
    """What stands in manifest.json: the files that must be as they were written, and those attached by others."""

    format: Literal["tensionsim folder"] = "tensionsim folder"
    version: Literal[3] = 3
    holds: Text
    complete: bool = False
    files: dict[FileName, Mark] = Field(default_factory=dict)
    attached: tuple[FileName, ...] = ()

    def changed(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

    def write(self, folder: Path) -> None:
        content = sealed(self.model_dump(mode="json"))
        if not Mark.of(content).fits(folder / MANIFEST):
            write_whole(folder / MANIFEST, content)


def sealed(content: Mapping[str, Any]) -> bytes:
    """The content of a manifest as JSON, with its checksum at the end."""
    text = json.dumps(content, indent=1, ensure_ascii=False)[:-2].encode("utf-8", "backslashreplace")
    return text + b',\n "checksum": "%s"\n}\n' % hashlib.sha256(text).hexdigest().encode()


Kind = TypeVar("Kind", bound=Manifest)
T = TypeVar("T")
CALLED = {"runs": "results of one scenario", "watch": "a living forecast"}
CALLED |= {"explanation": "an explanation", "advice": "an advice"}
"""How messages call what a folder holds, where it is not "a" with the word of its manifest."""


def held(folder: Path) -> str:
    """What a folder holds by its manifest: "runs", "sweep", "backtest" or another; "" where that cannot be known."""
    try:
        return str(_head(folder).get("holds", ""))
    except StorageError:
        return ""


@contextmanager
def _nameable(path: Path, action: str) -> Iterator[None]:
    """StorageError where the system cannot even look for a path: a name too long, or a character that none has."""
    try:
        yield
    except (OSError, ValueError) as failure:
        raise StorageError(f"cannot {action} {path}: {getattr(failure, 'strerror', None) or failure}") from failure


def _head(folder: Path) -> dict[str, Any]:
    """The content of a manifest of this version, not yet checked any further."""
    with _nameable(folder, "read"):
        if not folder.is_dir():
            why = "it is a file" if folder.exists() else "no such folder"
            raise StorageError(f"{folder} is not a folder of results: {why}")
    path, content = folder / MANIFEST, None
    try:
        content = read_json(path)
    except StorageError as failure:
        if isinstance(failure.__cause__, OSError) and not isinstance(failure.__cause__, FileNotFoundError):
            raise
    if not isinstance(content, dict) or not str(content.get("format")).startswith("tensionsim "):
        damaged = "damaged, or something else's (if tensionsim made the folder, remove it and run again)"
        how = damaged if path.exists() else "missing"
        raise StorageError(f"{folder} holds no tensionsim results: {MANIFEST} is {how}")
    if (content["format"], content.get("version")) != ("tensionsim folder", 3):
        raise StorageError(
            f"{folder} was written by another version of tensionsim, whose folders this one neither reads nor writes "
            "over; run it again into another folder"
        )
    return content


def read_manifest(folder: Path, kind: type[Kind], holds: str) -> Kind:
    """The manifest of a folder that holds such; StorageError where it does not, or where anything in it is wrong."""
    if (there := str(_head(folder).get("holds"))) != holds:
        sweep = "ts.Sweep.open, or one of its points below it"
        how = {"runs": "ts.open", "sweep": sweep, "backtest": "ts.Backtest.open"}.get(there)
        word, what = "results" if holds == "runs" else holds, CALLED.get(there, f"a {there}")
        raise StorageError(f"{folder} holds no {word}: it holds {what}{f'; open it with {how}' if how else ''}")
    path = folder / MANIFEST
    content = read_bytes(path)
    text, seal, end = content.rpartition(b',\n "checksum": "')
    if not seal or end != hashlib.sha256(text).hexdigest().encode() + b'"\n}\n':
        raise StorageError(f"{path} is damaged: checksum: it is not what tensionsim wrote; {AGAIN}")
    return validated(kind, text + b"\n}\n", path, AGAIN)


def validated(kind: type[T], content: bytes, path: Path, advice: str) -> T:
    """What JSON says, of exactly the fields and types of a model or dataclass; StorageError names the field."""
    try:
        return TypeAdapter(kind).validate_json(content, strict=True)
    except ValidationError as damage:
        first = damage.errors()[0]
        where, what = ".".join(map(str, first["loc"])) or "manifest", first["msg"].removeprefix("Value error, ")
        raise StorageError(f"{path} is damaged: {where}: {what}; {advice}") from damage


def files_below(folder: Path) -> Iterator[str]:
    """Names of all files and links below a folder."""
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            yield path.relative_to(folder).as_posix()


def is_unfinished(name: str) -> bool:
    """Whether a file, named from a folder, is one in the making, or the lock."""
    return any(part.startswith(UNFINISHED) for part in name.split("/"))


OWN = re.compile(
    r"(points/\d{3,}/)?((manifest|provenance|summary|ro-crate-metadata)\.json|(scenario|design)\.yaml|outcomes\.npz"
    rf"|[a-z_]+\.csv|overview\.(png|svg)|{PART_FILE}|{PARTS}/[\w -]+\.npy"
    r"|(fits|origins|forecasts|scenarios)/[0-9-]+\.(json|npz|csv|yaml))"
)
"""Names of files that we write into folders that go on."""


def check_target(directory: str | Path, holds: str = "runs") -> Path:
    """The folder, if something of this kind may be written there: it holds nothing, or such, and nothing foreign."""
    target = Path(directory)
    with _nameable(target, "write"):
        if Path.cwd().is_relative_to(target.resolve()):
            where = "it is the folder you are in; name one inside it, such as results"
            raise StorageError(f"cannot write {target}: {where}")
        if target.is_symlink() or target.exists():
            if not target.is_dir():
                raise StorageError(f"cannot write {target}: a file stands there; choose another folder")
            if not is_empty(target):
                _check_holds(target, holds)
        parent = next(one for one in (target.absolute(), *target.absolute().parents) if one.exists())
    if parent != target.absolute():
        try:
            tempfile.TemporaryDirectory(dir=parent, prefix=UNFINISHED).cleanup()
        except OSError as failure:
            raise StorageError(f"cannot write {target}: {parent}: {failure.strerror}") from failure
    return target


def is_empty(folder: Path) -> bool:
    """Whether nothing stands there but what an end may have left."""
    return not folder.exists() or all(map(is_unfinished, files_below(folder)))


def _check_holds(target: Path, holds: str) -> None:
    try:
        content = _head(target)
    except StorageError as lost:
        raise StorageError(f"cannot write {target}: {lost}; choose another folder") from None
    if (there := str(content.get("holds"))) != holds:
        what = CALLED.get(there, f"a {there}")
        raise StorageError(f"cannot write {target}: it holds {what}; choose another folder")
    attached = content.get("attached")
    named = {MANIFEST, *map(str, attached)} if isinstance(attached, list) and attached else ()
    foreign = [
        name
        for name in sorted(files_below(target))
        if (target / name).is_symlink()
        or not (is_unfinished(name) or (name in named if named else OWN.fullmatch(name)))
    ]
    if foreign:
        more = f" and {len(foreign) - MOST_NAMED} more" if len(foreign) > MOST_NAMED else ""
        raise StorageError(
            f"cannot write {target}: {', '.join(foreign[:MOST_NAMED])}{more} there was not written by tensionsim; "
            "move it away or choose another folder"
        )


def clear(folder: Path) -> None:
    """Removes all that stands in a checked folder but the lock, the manifest last."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        elif path not in (folder / MANIFEST, folder / LOCK):
            path.unlink()
    (folder / MANIFEST).unlink(missing_ok=True)


def begin(folder: Path, manifest: Manifest, contents: Mapping[str, bytes]) -> None:
    """Writes a manifest and files beside it, which take their names once it is there: alone they could be anyone's."""
    for name, content in contents.items():
        write_whole(unfinished(folder / name), content)
    manifest.write(folder)
    finish_beginning(folder, contents)


def finish_beginning(folder: Path, names: Iterable[str]) -> None:
    """Gives files their names that were written when a folder was begun, where an end came between."""
    for name in names:
        if (waiting := unfinished(folder / name)).is_file() and not (folder / name).exists():
            with suppress(OSError):  # then what reads it says why it cannot
                waiting.replace(folder / name)


def sweep_unfinished(folder: Path, named_parts: Collection[str] | None = None) -> None:
    """Removes what an end left: files in the making, and those of parts that the manifest does not name."""
    for name in list(files_below(folder)):
        is_lost_part = named_parts is not None and re.fullmatch(PART_FILE, name) and name not in named_parts
        if name != LOCK and (is_unfinished(name) or is_lost_part):
            (folder / name).unlink()


def save_derived(
    directory: str | Path, holds: str, write: Callable[[Path], None], attach: Callable[[Path], None] | None = None
) -> Path:
    """Writes a folder of tables and figures that is made anew as a whole, in the place of one of its kind."""
    target = check_target(directory, holds)
    with taking_the_place_of(target) as folder:
        write(folder)
        if attach is not None:
            attach(folder)
        names = sorted(name for name in files_below(folder) if not is_unfinished(name))
        Manifest(holds=holds, complete=True, attached=tuple(names)).write(folder)
    return target


def check_file(path: str | Path, endings: Collection[str], rule: str) -> Path:
    """The path of a file, if it may be written there; `rule` tells of the `endings` that its name may have."""
    target = Path(path)
    if target.suffix.lower() not in endings:
        raise StorageError(f"cannot write {target}: {rule}; end the name so")
    with _nameable(target, "write"):
        if target.is_dir():
            raise StorageError(f"cannot write {target}: it is a folder; name a file in it")
        if not target.absolute().parent.is_dir():
            raise StorageError(f"cannot write {target}: there is no folder {target.parent}; make it first")
    return target


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    return {"tensionsim": __version__, "numpy": np.__version__}


def provenance(scenario: Scenario, command: str, **what: Any) -> dict[str, Any]:
    """Where numbers come from. No host and no time of day, so that repeated runs give the same bytes."""
    return {
        "command": command,
        "scenario": {**Described.of(scenario).model_dump(mode="json"), "path": scenario.path}
        | {"sha256": scenario.sha256, "text": scenario.text},
        "code": list(scenario.code),
        **what,
        "versions": {"python": platform.python_version(), **versions()},
        "platform": f"{sys.platform}-{platform.machine()}",
    }


def maker_here() -> str:
    """The same of what is run here and now."""
    return f"{__version__} (code {fingerprint()[:8]})"


def reference(scenario: Scenario) -> str:
    """By what the scenario is found again: its path as it was given, or its name if it is shipped; empty if by none."""
    if not scenario.path:
        return ""
    path, shipped = Path(scenario.path), shipped_folder()
    if not is_within(path, shipped):
        return path.as_posix()
    return real(path).relative_to(real(shipped)).with_suffix("").as_posix()


def scenario_differences(folder: Path, there: Described, scenario: Scenario) -> list[str]:
    """What differs between the scenario that a folder's manifest describes and another, whose texts differ."""
    pairs = {
        "outlook": (there.outlook or "none", scenario.outlook or "none"),
        "set": tuple(settings(values).removeprefix("with ") or "nothing" for values in (there.set, scenario.values)),
    }
    if found := [differing(name, *pair) for name, pair in pairs.items() if pair[0] != pair[1]]:
        return found
    words = shlex.join(["tensionsim", "show", reference(scenario), "--diff", str(folder / SCENARIO)])
    advice = f"compare with: {words}" if scenario.path else f"compare its `text` with {folder / SCENARIO}"
    return [f"{HASHED['scenario_sha256']} ({advice})"]
