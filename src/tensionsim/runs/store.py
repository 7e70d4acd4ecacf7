"""A record that lies in a folder: each array is read when it is first asked for, and checked as it is read."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import shlex
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from tensionsim.errors import StorageError
from tensionsim.model.record import CAUSES, LAYERS, MOVE_COLUMNS, Dates, Names, Record, collapsed, join_shared
from tensionsim.runs.statistics import plain as statistics_plain
from tensionsim.runs.statistics import settings

if TYPE_CHECKING:
    from tensionsim.runs.results import Results
    from tensionsim.scenario.scenario import Scenario


Array = NDArray[Any]

PARQUET, NPY = "parquet", "npy"
PATHS, MOVES = "paths", "moves"

GROUP_ROWS = 16_384
"""Rows of a row group, about: small enough to pass over what is not asked for, large enough to compress."""


def kind_here() -> str:
    """How parts are written on this machine: "parquet" with pyarrow, "npy" without."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return NPY
    return PARQUET


def check_readable(kind: str, where: object) -> None:
    """StorageError where parts of a kind need something that is not installed, with what to install."""
    if kind == PARQUET and kind_here() != PARQUET:
        advice = "install it with: pip install 'tensionsim[parquet]'"
        raise StorageError(f"reading {where} needs pyarrow, which wrote it; {advice}")


def encode(record: Record, names: Names, first_run: int, kind: str) -> dict[str, bytes]:
    """The bytes of a part's files by what they hold: "paths" and "moves", or one array each.

    The same record gives the same bytes, however its runs were cut and whatever Python or NumPy made it.
    """
    if kind == NPY:
        return _npy(record)
    return {PATHS: _paths(record, names, first_run), MOVES: _moves(record, names)}


def holders(kind: str, arrays: Collection[str]) -> dict[str, list[str]]:
    """Which file of a part holds which of the arrays asked for."""
    if kind == NPY:
        return {name: [name] for name in arrays}
    layers, moves = [name for name in arrays if name in LAYERS], [name for name in arrays if name in MOVE_COLUMNS]
    return {file: found for file, found in ((PATHS, layers), (MOVES, moves)) if found}


def decode(path: Path, holds: str, arrays: Sequence[str], shape: tuple[int, int], names: Names) -> dict[str, Array]:
    """Arrays of one file of a part, by name.

    Parameters
    ----------
    path : of the file. holds : which file of its part it is. arrays : those wanted. shape : dates and runs of the part.

    Raises
    ------
    ValueError
        If the file does not hold what it should (pyarrow's errors of broken files are ValueErrors too).
    """
    if path.suffix == ".npy":
        return {name: np.load(path, allow_pickle=False) for name in arrays}
    if holds == MOVES:
        return read_moves(path, arrays, names)
    return read_paths(path, arrays, shape, names)


def _npy(record: Record) -> dict[str, bytes]:
    found = {}
    for name, recorded in record.arrays().items():
        if name == "dates":
            continue
        array = recorded
        if name in LAYERS:
            typed = recorded.astype(LAYERS[name].dtype, copy=False)
            array = collapsed(typed) if LAYERS[name].may_be_shared else typed
        file = io.BytesIO()
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        found[name] = file.getvalue()
    return found


def columns(names: Names, layers: Collection[str] = tuple(LAYERS)) -> Iterator[tuple[str, str, int | None]]:
    """Column, array and row along its middle axis, of each column of the table of paths."""
    for name in layers:
        if len(LAYERS[name].dims) == 2:
            yield name, name, None
        else:
            for row, label in enumerate(names.along(LAYERS[name].dims[1])):
                yield f"{name}: {label}", name, row


def _paths(record: Record, names: Names, first_run: int) -> bytes:
    import pyarrow as pa

    dates, runs = record.cooperation.shape
    numbers = np.arange(first_run, first_run + runs, dtype=np.int32)
    table: dict[str, Any] = {"date": np.repeat(record.dates, runs), "run": np.tile(numbers, dates)}
    for column, name, row in columns(names):
        array = getattr(record, name)
        values = np.broadcast_to(array if row is None else array[:, row], (dates, runs))
        table[column] = _column(np.ascontiguousarray(values).reshape(-1))
    return _table(pa.table(table), max(1, GROUP_ROWS // runs) * runs)


def _column(values: Array) -> Any:
    """An Arrow array of the values, without a look at each."""
    import pyarrow as pa

    if values.dtype == np.bool_:
        bits = np.packbits(values, bitorder="little")
        return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(bits)])
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


def _table(table: Any, group_rows: int) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    plain = [field.name for field in table.schema if field.name not in floats]
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        row_group_size=group_rows,
        compression="zstd",
        use_dictionary=plain,
        use_byte_stream_split=floats,
        write_statistics=["run", "date"],
    )
    found: bytes = sink.getvalue().to_pybytes()
    return found


def _moves(record: Record, names: Names) -> bytes:
    """One row a move, in the order recorded; names are dictionaries."""
    import pyarrow as pa

    table: dict[str, Any] = {"run": record.move_run, "step": record.move_step, "date": record.dates[record.move_step]}
    for kind, of_channel in names.places().items():
        distinct = list(dict.fromkeys(of_channel))
        codes = np.array([distinct.index(name) for name in of_channel], np.int16)
        table[kind] = pa.DictionaryArray.from_arrays(codes[record.move_channel], distinct)
    table["move"] = pa.DictionaryArray.from_arrays(record.move_id, list(names.moves))
    table["goldstein"] = np.array(names.move_scores, np.float64)[record.move_id]
    table["cause"] = pa.DictionaryArray.from_arrays(record.move_cause, list(CAUSES))
    table["channel"] = pa.DictionaryArray.from_arrays(record.move_channel, list(names.channels))
    return _table(pa.table(table), GROUP_ROWS)


def read_paths(path: Path, layers: Sequence[str], shape: tuple[int, int], names: Names) -> dict[str, Array]:
    """Layers of a table of paths, each with a run axis as long as there are runs."""
    import pyarrow.parquet as pq

    wanted = list(columns(names, layers))
    with pq.ParquetFile(path) as file:
        table = file.read(columns=[column for column, _, _ in wanted])
    found: dict[str, Array] = {}
    for column, name, row in wanted:
        values = table.column(column).to_numpy().reshape(shape)
        if row is None:
            found[name] = values
        else:
            count = len(names.along(LAYERS[name].dims[1]))
            if name not in found:
                found[name] = np.empty((shape[0], count, shape[1]), values.dtype)
            found[name][:, row] = values
    for name in layers:  # those of an axis without names have no column
        found.setdefault(name, np.empty((shape[0], 0, shape[1]), LAYERS[name].dtype))
    return found


def read_moves(path: Path, wanted: Sequence[str], names: Names) -> dict[str, Array]:
    """Columns of a table of moves, as a record has them."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        table = file.read(columns=[_MOVES[name][0] for name in wanted])
    return {name: _MOVES[name][1](table.column(_MOVES[name][0]), names).astype(MOVE_COLUMNS[name]) for name in wanted}


def _numbers(column: Any, names: Names) -> Array:
    found: Array = column.to_numpy()
    return found


def _codes(column: Any, words: Sequence[str]) -> Array:
    """Row in `words` of each value of a dictionary column, whatever order the file keeps its words in."""
    array = column.unify_dictionaries().combine_chunks()
    array = array.chunk(0) if hasattr(array, "chunks") and array.num_chunks else array
    if len(array) == 0:
        return np.zeros(0, np.int64)
    rows = np.array([words.index(word) for word in array.dictionary.to_pylist()], np.int64)
    found: Array = rows[array.indices.to_numpy()]
    return found


_MOVES: Mapping[str, tuple[str, Callable[[Any, Names], Array]]] = MappingProxyType(
    {
        "move_run": ("run", _numbers),
        "move_step": ("step", _numbers),
        "move_channel": ("channel", lambda column, names: _codes(column, names.channels)),
        "move_id": ("move", lambda column, names: _codes(column, names.moves)),
        "move_cause": ("cause", lambda column, names: _codes(column, CAUSES)),
    }
)


TEMPORARY = ".tensionsim-"
"""How the names of files begin that are in the making, or a lock; what an interruption leaves of them is litter."""
TALLY = "tally.npz"
LOCK = f"{TEMPORARY}lock"

FIGURE_ENDS = {".png": b"\0\0\0\0IEND\xaeB`\x82", ".svg": b"</svg>"}
"""What the last bytes of a figure are, a line break aside."""


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that it is there with all its content, on the disk too, or not at all.

    Raises
    ------
    OSError
        If it cannot be written; what stood there before still stands.
    """
    temporary = write_beside(path, content)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_beside(path: Path, content: bytes) -> Path:
    """Writes what is to take a file's place beside it, on the disk too, and says where.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    temporary = temporary_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def temporary_of(path: Path) -> Path:
    """Where a file stands while it is written."""
    return path.with_name(TEMPORARY + path.name)


def _sync_folder(folder: Path) -> None:
    """Makes a new name in a folder outlast a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as failure:
        if failure.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def is_litter(name: str) -> bool:
    """Whether a file, named from the store's folder, is one in the making, or the lock."""
    return re.fullmatch(rf"(parts/)?{re.escape(TEMPORARY)}[^/]*", name) is not None


def is_whole_json(path: Path) -> bool:
    """Whether a file is there and JSON to its end."""
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def is_whole_figure(path: Path) -> bool:
    """Whether a PNG or SVG is there, to its end; what it shows is not looked at, for its bytes are not promised."""
    end = FIGURE_ENDS[path.suffix]
    try:
        with path.open("rb") as file:
            file.seek(-min(len(end) + 1, file.seek(0, os.SEEK_END)), os.SEEK_END)
            return file.read().rstrip(b"\n").endswith(end)
    except OSError:
        return False


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """A folder for this command alone; the lock goes with the process, however it ends.

    Raises
    ------
    StorageError
        If another command is writing there.
    """
    file = _taken(folder / LOCK)
    try:
        if file is None:
            raise StorageError(f"another command is writing to {folder}; wait for it, or choose another folder")
        yield
    finally:
        if file is not None:
            if os.name != "nt":
                (folder / LOCK).unlink(missing_ok=True)
            file.close()


def _taken(path: Path) -> IO[bytes] | None:
    """The lock file, locked; None where another process holds it."""
    while True:
        file = path.open("ab")
        if not _lock(file):
            file.close()
            return None
        if _is_still(path, file):
            return file
        file.close()  # whoever held it took it away meanwhile


def _lock(file: IO[bytes]) -> bool:
    if os.name == "nt":
        import msvcrt

        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as failure:
        if failure.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _is_still(path: Path, file: IO[bytes]) -> bool:
    """Whether the open file is the one that stands there now."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


SOURCES = (
    "rng.py",
    "data",
    "model",
    "engine",
    "events",
    "scenario",
)
"""What numbers hang on, below the package; whatever else changes, runs stay the same."""

ESTIMATING = (*SOURCES, "estimation", "forecasts")
"""What fits and forecasts hang on besides."""

PROBED = ("exp", "exp2", "log", "log1p", "tanh")
"""Functions whose last bit NumPy makes dependent on what the processor can do."""

SUFFIXES = (".py", ".c", ".h", ".csv", ".yaml")


@lru_cache(maxsize=2)
def fingerprint(sources: tuple[str, ...] = SOURCES) -> str:
    """A sha256 over the package's sources and data that make numbers, the same on every system.

    Examples
    --------
    >>> len(fingerprint())
    64
    """
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
    """A sha256 of what some functions give here for fixed numbers.

    It depends on the kind of processor (with AVX-512 or without), and seldom on the version of NumPy.

    Examples
    --------
    >>> len(rounding())
    64
    """
    numbers, found = np.linspace(0.01, 9.99, 4001), hashlib.sha256()
    for name in PROBED:
        found.update(getattr(np, name)(numbers).tobytes())
    found.update((numbers ** numbers[::-1]).tobytes())
    return found.hexdigest()


AGAIN = "run the scenario again"


def read(folder: Path, manifest: Mapping[str, Any]) -> tuple[Names, Record]:
    """Names and record of a folder of format 1.

    Raises
    ------
    StorageError
        If a file is missing or damaged.
    """
    try:
        for name, sha256 in manifest["sha256"].items():
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    raise StorageError(f"{folder / name} is damaged: it is not what tensionsim saved; {AGAIN}")
        names = Names(**{name: tuple(values) for name, values in manifest["names"].items()})
        return names, Record(**_arrays(folder, manifest["arrays"], names))
    except FileNotFoundError as missing:
        raise StorageError(f"{folder} is damaged: {Path(missing.filename).name} is missing; {AGAIN}") from missing
    except OSError as failure:
        raise StorageError(f"cannot read {folder}: {failure.strerror or failure}") from failure
    except (KeyError, TypeError, ValueError) as damage:
        raise StorageError(f"{folder} is damaged: its manifest contradicts the data ({damage}); {AGAIN}") from damage


def _arrays(folder: Path, described: Mapping[str, Any], names: Names) -> dict[str, Array]:
    if (folder / "arrays").is_dir():
        return {name: np.load(folder / "arrays" / f"{name}.npy", allow_pickle=False) for name in described}
    check_readable(PARQUET, folder)
    shapes = {name: tuple(shape) for name, (_, shape) in described.items()}
    dates, runs = shapes["cooperation"]
    found = read_paths(folder / "paths.parquet", tuple(LAYERS), (dates, runs), names)
    found = {name: array[..., : shapes[name][-1]].copy() for name, array in found.items()}
    found["dates"] = _dates(folder / "paths.parquet", runs)
    return found | read_moves(folder / "moves.parquet", tuple(MOVE_COLUMNS), names)


def _dates(path: Path, runs: int) -> Array:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        found: Array = file.read(columns=["date"]).column("date").to_numpy()[::runs].astype("datetime64[D]")
    return found


PART_RUNS = 1000
"""Runs of a part, counted from the first run of the store; the last part may have fewer."""

EXACT_RUNS = 5000
"""Up to so many runs every table is made from the arrays, exactly; beyond, from a `Tally`, which says its error."""

FOLDER = "parts"
PART_FILE = re.compile(rf"{FOLDER}/[a-z_]+-\d{{6,}}\.(parquet|npy)")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file must be: its size in bytes and its checksum."""

    size: int
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> Mark:
        return cls(len(content), hashlib.sha256(content).hexdigest())

    def fits(self, path: Path) -> bool:
        """Whether the file is there, unchanged."""
        try:
            if path.stat().st_size != self.size:
                return False
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except FileNotFoundError:
            return False


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive runs of a store and the files that hold them; `files` are named from the store's folder."""

    first_run: int
    runs: int
    files: Mapping[str, Mark]

    @property
    def after(self) -> int:
        """Number of the first run after this part."""
        return self.first_run + self.runs


def cut(first_run: int, runs: int, part_runs: int | None = None) -> Iterator[range]:
    """The numbers of the runs of each part of an ensemble, `PART_RUNS` of them by default.

    Examples
    --------
    >>> list(cut(20, 2001))
    [range(20, 1020), range(1020, 2020), range(2020, 2021)]
    """
    size = part_runs or PART_RUNS
    for start in range(first_run, first_run + runs, size):
        yield range(start, min(start + size, first_run + runs))


def file_name(kind: str, number: int, suffix: str) -> str:
    """Name of a file of part `number`, from the store's folder."""
    return f"{FOLDER}/{kind}-{number:06}.{suffix}"


def blocks(results: Results, count: int = 1) -> Iterator[Results]:
    """The results `count` parts at a time; of results that are stored, nothing is read before it is asked for."""
    store = store_of(results.record)
    size = PART_RUNS if store is None else store.manifest.part_runs
    for runs in cut(results.first_run, results.runs, size * count):
        yield replace(results, record=_some(results, runs), first_run=runs.start, runs=len(runs))


def block_of(results: Results, run: int) -> Results:
    """Results that hold a run, and as little else as can be had without copying."""
    store = store_of(results.record)
    if store is None:
        return results
    alone = store.only(range(run, run + 1))
    part = alone.parts[0]
    return replace(results, record=StoredRecord.of(alone), first_run=part.first_run, runs=part.runs)


def _some(results: Results, runs: range) -> Record:

    store = store_of(results.record)
    return _slice(results.record, runs, results.first_run) if store is None else StoredRecord.of(store.only(runs))


def _slice(record: Record, runs: range, first_run: int) -> Record:
    """The record of some of its runs."""
    places = slice(runs.start - first_run, runs.stop - first_run)
    arrays = record.arrays()
    layers: dict[str, Any] = {
        name: arrays[name]
        if layer.may_be_shared and arrays[name].shape[-1] == 1
        else np.ascontiguousarray(arrays[name][..., places])
        for name, layer in LAYERS.items()
    }
    chosen = (record.move_run >= runs.start) & (record.move_run < runs.stop)
    moves: dict[str, Any] = {name: arrays[name][chosen] for name in MOVE_COLUMNS}
    return Record(dates=record.dates, **layers, **moves)


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
    from tensionsim.scenario.files import is_within, real, shipped_folder

    path, shipped = Path(scenario.path), shipped_folder()
    if not is_within(path, shipped):
        return path.as_posix()
    return real(path).relative_to(real(shipped)).with_suffix("").as_posix()


def scenario_differences(folder: Path, there: Mapping[str, Any], scenario: Scenario) -> list[str]:
    """What differs between the scenario that a folder's manifest describes and another, whose texts differ."""
    pairs = {
        "outlook": (there.get("outlook") or "none", scenario.outlook or "none"),
        "set": tuple(settings(values).removeprefix("with ") or "nothing"
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
    from tensionsim.runs.results import outlook_title

    return {
        "name": scenario.name,
        "outlook": scenario.outlook,
        "outlook_title": outlook_title(scenario),
        "set": statistics_plain(scenario.values),
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


SCENARIO = "scenario.yaml"
TABLES = (
    "index",
    "issues",
    "regimes",
    "events",
    "indicators",
    "arrangements",
    "tension_by_direction",
    "measures",
    "move_counts",
)
PROVENANCE = "provenance.json"
PROMISED = ("summary.json", *(f"{name}.csv" for name in TABLES))
"""Files made of the parts when all are there, the same to the byte for the same parts."""

DERIVED = (*PROMISED, PROVENANCE)
FIGURES = ("overview.png", "overview.svg")
OWN = frozenset({MANIFEST, SCENARIO, TALLY, *DERIVED, *FIGURES})

MOST_NAMED = 3
"""Foreign files that a refusal names."""


def check_target(directory: str | Path, *, replace: bool = False, over_again: str = "replace=True") -> Path:
    """The folder, if results may be written there.

    replace : whether what stands there may be lost, so that a damaged manifest is no hindrance. over_again : what the
    reader says to ask for that.

    Raises
    ------
    StorageError
        If it is a file, holds something else, or cannot be written; the message says what.
    """
    target = Path(directory)
    if Path.cwd().is_relative_to(target.resolve()):
        raise StorageError(f"cannot write {target}: it is the folder you are in; name one inside it, such as results")
    if target.is_symlink() or target.exists():
        _check_replaceable(target, replace=replace, over_again=over_again)
    parent = _nearest_folder(target.absolute().parent)
    if not parent.is_dir():
        raise StorageError(f"cannot write {target}: {parent} is a file; choose another folder")
    try:
        tempfile.TemporaryDirectory(dir=parent, prefix=TEMPORARY).cleanup()
    except OSError as failure:
        raise StorageError(f"cannot write {target}: {parent}: {failure.strerror}") from failure
    return target


def check_loses_nothing(results: Results, target: Path) -> None:
    """StorageError where a folder holds results that would be lost by writing others there.

    The same scenario text, seed, first run and agents give the same runs, so that as many of them may be written anew.
    """
    if not (target / MANIFEST).exists():
        return
    there = read_json(target)
    differences = []
    if _sha256_of(there) != results.scenario.sha256:
        differences += scenario_differences(target, _mapping(there.get("scenario")), results.scenario)
    for name, here in (("seed", results.seed), ("first_run", results.first_run), ("agents", list(results.agents))):
        if there.get(name) != here:
            differences.append(
                f"{name.replace('_', ' ')} ({_folders_said(there.get(name))} there, {_folders_said(here)} here)"
            )
    if not differences and there.get("runs", 0) > results.runs:
        differences.append(f"runs ({there['runs']:,} there, {results.runs:,} here)")
    if differences:
        raise StorageError(
            f"cannot write {target}: it holds other results, and they would be lost; what differs: "
            f"{'; '.join(differences)}. Choose another folder, or replace them with replace=True"
        )


def files_below(folder: Path) -> Iterator[str]:
    """Names of all files and links below a folder."""
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            yield path.relative_to(folder).as_posix()


def named(foreign: Collection[str]) -> str:
    """The first files of some, as a refusal names them."""
    shown = ", ".join(sorted(foreign)[:MOST_NAMED])
    return shown if len(foreign) <= MOST_NAMED else f"{shown} and {len(foreign) - MOST_NAMED} more"


def _nearest_folder(path: Path) -> Path:
    return path if path.exists() or path == path.parent else _nearest_folder(path.parent)


def _check_replaceable(target: Path, *, replace: bool, over_again: str) -> None:
    if not target.is_dir():
        raise StorageError(f"cannot write {target}: a file stands there; choose another folder")
    found = set(files_below(target))
    if all(map(is_litter, found)):
        return
    try:
        content = read_json(target)
    except NoManifest as lost:
        _check_lost(target, found, lost, replace=replace, over_again=over_again)
        return
    own = {*_texts(content.get("attached")), *_texts(content.get("written"))}
    if foreign := _foreign(target, found, own):
        raise StorageError(
            f"cannot replace the results in {target}: {named(foreign)} there was not written by tensionsim; "
            "move it away or choose another folder"
        )


def _check_lost(target: Path, found: set[str], lost: NoManifest, *, replace: bool, over_again: str) -> None:
    """StorageError for a folder without a manifest that can be read, unless all in it is ours and may be lost."""
    foreign = _foreign(target, found, ()) or ([] if _is_ours(found) else found)
    if foreign:
        raise StorageError(
            f"cannot write {target}: what it holds is no tensionsim results: {named(foreign)}; choose another folder"
        )
    if not replace:
        raise StorageError(f"{lost.what}; choose another folder, or start over with {over_again}")


def _foreign(target: Path, found: Collection[str], attached: Collection[str]) -> list[str]:
    """Files that tensionsim did not write, and links."""
    own = {*OWN, *attached}
    names = {name for name in found if name not in own and not (PART_FILE.fullmatch(name) or is_litter(name))}
    return sorted(names | {name for name in found if (target / name).is_symlink()})


def _is_ours(found: Collection[str]) -> bool:
    """Whether files of ours are there that nobody else would call so."""
    return any(map(PART_FILE.fullmatch, found)) or {MANIFEST, SCENARIO} <= {*found}


def _sha256_of(content: Mapping[str, Any]) -> object:
    """Of the scenario's text, as a manifest of any format says it."""
    return content.get("scenario_sha256") or _mapping(content.get("sha256")).get(SCENARIO)


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _texts(found: object) -> list[str]:
    return [str(each) for each in found] if isinstance(found, list) else []


def _folders_said(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of parts: where its arrays are read from. Every file is checked against the manifest once."""

    folder: Path
    manifest: Manifest
    parts: tuple[Part, ...]
    checked: set[str] = field(default_factory=set)

    def layer(self, name: str) -> Array:
        """An array of all runs of these parts."""
        found = [self.read(part, [name])[name] for part in self.parts]
        if LAYERS[name].may_be_shared:
            return join_shared(found, [part.runs for part in self.parts])
        return found[0] if len(found) == 1 else np.concatenate(found, axis=-1)

    def moves(self) -> dict[str, Array]:
        """All columns of the moves."""
        found = [self.read(part, list(MOVE_COLUMNS)) for part in self.parts]
        return {name: np.concatenate([each[name] for each in found]) for name in MOVE_COLUMNS}

    def only(self, runs: range) -> Store:
        """The store of those parts alone that have some of these runs."""
        parts = tuple(part for part in self.parts if part.first_run < runs.stop and part.after > runs.start)
        return replace(self, parts=parts)

    def read(self, part: Part, wanted: Sequence[str]) -> dict[str, Array]:
        """Arrays of a part, by name.

        Raises
        ------
        StorageError
            If a file is missing, damaged or cannot be read.
        """
        found: dict[str, Array] = {}
        shape = (len(self.manifest.dates), part.runs)
        files = {Path(name).name.rpartition("-")[0]: name for name in part.files}
        for holds, names in holders(self.manifest.kind, wanted).items():
            path = self.folder / files[holds]
            self._check(part, files[holds])
            try:
                found |= decode(path, holds, names, shape, self.manifest.names)
            except OSError as failure:
                raise StorageError(f"cannot read {path}: {failure.strerror or failure}") from failure
            except (KeyError, ValueError) as damage:
                raise StorageError(f"{path} is damaged: {damage}; {self.advice()}") from damage
        self._check_shapes(part, found)
        return found

    def advice(self) -> str:
        """How a damage is mended."""
        if self.manifest.origin.agents:
            return "run the scenario again"
        return f"mend it with: tensionsim resume {self.folder}"

    def _check(self, part: Part, name: str) -> None:
        if name in self.checked:
            return
        path = self.folder / name
        try:
            if not path.exists():
                raise StorageError(f"{self.folder} is damaged: {name} is missing; {self.advice()}")
            if not part.files[name].fits(path):
                raise StorageError(f"{path} is damaged: it is not what tensionsim saved; {self.advice()}")
        except OSError as failure:
            raise StorageError(f"cannot read {path}: {failure.strerror or failure}") from failure
        self.checked.add(name)

    def _check_shapes(self, part: Part, found: dict[str, Array]) -> None:
        for name in LAYERS.keys() & found.keys():
            layer, sizes = LAYERS[name], {"date": len(self.manifest.dates), "run": part.runs}
            names = self.manifest.names
            shape = tuple(sizes[dim] if dim in sizes else len(names.along(dim)) for dim in layer.dims)
            narrow = (*shape[:-1], 1) if layer.may_be_shared else shape
            if found[name].shape not in (shape, narrow) or found[name].dtype != layer.dtype:
                raise StorageError(f"{self.folder} is damaged: {name} is not what was saved; {self.advice()}")


class StoredRecord(Record):
    """A record whose arrays are read when they are first asked for, each layer by itself, the moves together.

    An array that has been read stands in the slot that it has in any Record; asking for one that does not, Python
    asks `__getattr__`.
    """

    __slots__ = ("_store",)
    _store: Store

    @classmethod
    def of(cls, store: Store) -> Self:
        """The record of a store, of which nothing is read yet."""
        record = object.__new__(cls)
        object.__setattr__(record, "_store", store)
        object.__setattr__(record, "dates", store.manifest.dates_array())
        return record

    def check_against(self, names: Names, runs: int) -> None:
        """ValueError where the store is of other names or runs; each array is checked when it is read."""
        if store_of(self) is None:
            Record.check_against(self, names, runs)
            return
        held = sum(part.runs for part in self._store.parts)
        if names != self._store.manifest.names or runs != held:
            raise ValueError(f"the store holds {held} runs, or other names")

    def __reduce__(self) -> str | tuple[Any, ...]:
        """As a place to read from, not with what has been read."""
        store = store_of(self)
        return super().__reduce__() if store is None else (StoredRecord.of, (store,))

    def __getattr__(self, name: str) -> Any:
        if name in LAYERS:
            object.__setattr__(self, name, self._store.layer(name))
        elif name in MOVE_COLUMNS:
            for column, values in self._store.moves().items():
                object.__setattr__(self, column, values)
        else:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return object.__getattribute__(self, name)


def store_of(record: Record) -> Store | None:
    """Where a record's arrays are read from; None where they are in memory."""
    return getattr(record, "_store", None) if isinstance(record, StoredRecord) else None


def plain(record: Record) -> Record:
    """The record with all its arrays in memory."""
    return Record(**record.arrays())
