"""Runs in parts of 1,000: a Parquet file of paths (a row a date and run) and one of moves; read when asked for."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tensionsim.errors import ScenarioError, StorageError
from tensionsim.model.record import CAUSES, KEPT, LAYERS, MOVE_COLUMNS, TERMS, Bits, Keep, Names, Record, join
from tensionsim.runs import store as folders
from tensionsim.scenario.scenario import Scenario, absent, from_text

Array = NDArray[Any]


def maker_of(folder: Path) -> str:
    """Which tensionsim made the runs of a folder: its version, and the beginning of the code's fingerprint."""
    origin = folders.read_manifest(folder, RunsManifest, "runs").origin
    return f"{origin.tensionsim} (code {origin.fingerprint[:8]})"


PART_RUNS = 1000
"""Runs of a part, counted from the first run of the folder; the last part may have fewer."""
GROUP_ROWS = 16_384
"""Rows of a row group, about: small enough to pass over what is not asked for, large enough to compress."""


def cut(first_run: int, runs: int, size: int | None = None) -> Iterator[range]:
    """The numbers of the runs of each part of an ensemble, `PART_RUNS` of them by default."""
    size = size or PART_RUNS
    for start in range(first_run, first_run + runs, size):
        yield range(start, min(start + size, first_run + runs))


def part_names(runs: range, keep: Keep) -> list[str]:
    """Names of the files of a part, from the folder on."""
    holds = ["paths"] if keep == "index" else ["paths", "moves"]
    return [f"{folders.PARTS}/{each}-{runs.start:06}-{runs.stop - 1:06}.parquet" for each in holds]


class Part(folders.Strict):
    """Consecutive runs and the files that hold them."""

    first_run: int = Field(ge=0, lt=folders.MOST_RUNS)
    runs: int = Field(ge=1, le=folders.MOST_RUNS)
    files: dict[folders.FileName, folders.Mark]

    @property
    def after(self) -> int:
        """Number of the first run after this part."""
        return self.first_run + self.runs

    @property
    def numbers(self) -> range:
        return range(self.first_run, self.after)


class RunsManifest(folders.Manifest):
    """The manifest of runs. runs : how many there shall be. parts : those that are there, by number of run."""

    holds: Literal["runs"] = "runs"
    origin: folders.Provenance
    scenario: folders.Described
    runs: int = Field(ge=1, le=folders.MOST_RUNS)
    keep: Keep
    part_runs: int = Field(ge=1, le=1_000_000)
    dates: tuple[Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")], ...] = Field(min_length=1)
    names: Names
    parts: tuple[Part, ...] = ()

    def model_post_init(self, context: Any) -> None:
        """ValueError where a part lies outside of what the folder may hold, or its files are called otherwise."""
        first, after = self.origin.first_run, self.origin.first_run + self.runs
        if after > folders.MOST_RUNS:
            raise ValueError(f"runs: runs are numbered below {folders.MOST_RUNS:,}")
        before = -1
        for part in self.parts:
            number, rest = divmod(part.first_run - first, self.part_runs)
            if rest or number <= before or part.runs > self.part_runs or part.after > after:
                raise ValueError(f"parts: {part.runs:,} runs from {part.first_run:,} on are no part of these")
            if list(part.files) != part_names(part.numbers, self.keep):
                raise ValueError(f"parts: {', '.join(part.files) or 'nothing'} is no file of that part")
            before = number
        _check_names(self.names)

    @property
    def kept(self) -> int:
        """How many runs are there."""
        return sum(part.runs for part in self.parts)

    @property
    def is_whole(self) -> bool:
        return self.kept == self.runs

    def beginning(self) -> Self:
        """The same with only those parts that follow each other without a gap from the first run on."""
        expected, found = self.origin.first_run, list[Part]()
        for part in self.parts:
            if part.first_run != expected:
                break
            found.append(part)
            expected = part.after
        return self.changed(parts=tuple(found), runs=sum(part.runs for part in found), files={})

    def with_part(self, part: Part) -> Self:
        """The same with one part more, or another in its place."""
        others = [other for other in self.parts if other.first_run != part.first_run]
        return self.changed(parts=tuple(sorted([*others, part], key=lambda one: one.first_run)))

    def missing(self) -> Iterator[range]:
        """The runs of each part that is not all there."""
        have = {part.first_run: part.runs for part in self.parts}
        parts = cut(self.origin.first_run, self.runs, self.part_runs)
        return (runs for runs in parts if have.get(runs.start, 0) < len(runs))


def _check_names(names: Names) -> None:
    """ValueError where names along the axes contradict each other."""
    channels = {*names.channels}

    def is_uneven(kind: str) -> bool:
        fields = [field.name for field in dataclasses.fields(names) if field.name.startswith(kind)]
        return len({len(getattr(names, name)) for name in fields}) > 1

    problems = {
        "channels": any(len(re.split(r" -> | \| ", channel)) != 4 for channel in channels),
        "dyad_channels": not channels.issuperset(names.dyad_channels),
        "indicator_units": len(names.indicator_units) != len(names.indicators),
        "move_scores": len(names.move_scores) != len(names.moves),
        "arrangements": any(len(re.split(r" \| | -> ", each)) != 4 for each in names.arrangements)
        or is_uneven("arrangement"),
        "origins": any(len(each.split(" | ")) != 3 for each in names.origins) or is_uneven("origin"),
        "origin_channels": not all(0 <= each < len(names.dyad_channels) for each in names.origin_channels),
        "terms": names.terms != TERMS,
    }
    if wrong := [name for name, is_wrong in problems.items() if is_wrong]:
        raise ValueError(f"names.{wrong[0]}: they contradict the other names")


def write_part(folder: Path, runs: range, files: Mapping[str, bytes]) -> Part:
    """Writes the files of a part; a manifest that names the part makes it part of the folder."""
    for name, content in files.items():
        folders.write_whole(folder / name, content)
    return Part(first_run=runs.start, runs=len(runs), files={name: folders.Mark.of(one) for name, one in files.items()})


def encode(record: Record, names: Names, runs: range, keep: Keep) -> dict[str, bytes]:
    """The bytes of a part's files by name: the same of the same record, whatever Python or NumPy made it."""
    contents = [_paths(record, names, runs, keep), *([] if keep == "index" else [_moves(record, names)])]
    return dict(zip(part_names(runs, keep), contents, strict=True))


def columns(name: str, names: Names) -> list[tuple[str, int | None]]:
    """Column of the table of paths and place along its middle axis, of each row of a layer."""
    if len(LAYERS[name].dims) == 2:
        return [(name, None)]
    return [(f"{name}: {label}", place) for place, label in enumerate(names.along(LAYERS[name].dims[1]))]


def _paths(record: Record, names: Names, runs: range, keep: Keep) -> bytes:
    import pyarrow as pa

    dates, count = len(record.dates), len(runs)
    numbers = np.arange(runs.start, runs.stop, dtype=np.int32)
    table: dict[str, Any] = {"date": np.repeat(record.dates, count), "run": np.tile(numbers, dates)}
    for name in (name for name in KEPT[keep] if name in LAYERS):
        layer = getattr(record, name)
        for column, place in columns(name, names):
            if isinstance(layer, Bits) and count % 8 == 0:
                kind, values = pa.bool_(), np.ascontiguousarray(layer.bits[:, place])
            else:
                values = layer if place is None else layer[:, place]
                if LAYERS[name].dims[0] == "end":  # there are none on the dates between
                    whole, is_none = np.zeros((dates, count)), np.ones((dates, count), np.bool_)
                    whole[0], whole[-1], is_none[[0, -1]] = values[0], values[1], False
                    table[column] = pa.array(whole.reshape(-1), mask=is_none.reshape(-1))
                    continue
                values = np.ascontiguousarray(np.broadcast_to(values, (dates, count))).reshape(-1)
                kind = pa.from_numpy_dtype(values.dtype)
                values = np.packbits(values, bitorder="little") if values.dtype == np.bool_ else values
            table[column] = pa.Array.from_buffers(kind, dates * count, [None, pa.py_buffer(values)])
    return _parquet(pa.table(table), max(1, GROUP_ROWS // count) * count)


def _parquet(table: Any, group_rows: int) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = (pa.types.is_floating, pa.types.is_boolean)
    words = [field.name for field in table.schema if not any(of(field.type) for of in kinds)]
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        row_group_size=group_rows,
        compression="zstd",
        use_dictionary=words,
        write_statistics=["run", "date"],
        write_page_checksum=True,
    )
    found: bytes = sink.getvalue().to_pybytes()
    return found


def coded(names: Names) -> dict[str, tuple[Array, list[str]]]:
    """Of each kind of place of a channel, the code by channel, and the names coded."""
    kinds = {kind: (of_channel, list(dict.fromkeys(of_channel))) for kind, of_channel in names.places().items()}
    return {kind: (np.array([*map(words.index, of)], np.int16), words) for kind, (of, words) in kinds.items()}


def _moves(record: Record, names: Names) -> bytes:
    """One row a move, in the order recorded; names are dictionaries."""
    import pyarrow as pa

    table: dict[str, Any] = {"run": record.move_run, "step": record.move_step, "date": record.dates[record.move_step]}
    for kind, (codes, distinct) in coded(names).items():
        table[kind] = pa.DictionaryArray.from_arrays(codes[record.move_channel], distinct)
    table["move"] = pa.DictionaryArray.from_arrays(record.move_id, list(names.moves))
    table["goldstein"] = np.array(names.move_scores, np.float64)[record.move_id]
    table["cause"] = pa.DictionaryArray.from_arrays(record.move_cause, list(CAUSES))
    table["channel"] = pa.DictionaryArray.from_arrays(record.move_channel, list(names.channels))
    return _parquet(pa.table(table), GROUP_ROWS)


@dataclass(frozen=True, slots=True, eq=False)
class Store(Mapping[str, Any]):
    """The arrays of a folder of runs, each read when first asked for; every file is checked once."""

    folder: Path
    manifest: RunsManifest
    parts: tuple[Part, ...]
    checked: set[str] = field(default_factory=set)
    held: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[str]:
        return iter(KEPT[self.manifest.keep])

    def __len__(self) -> int:
        return len(KEPT[self.manifest.keep])

    def __contains__(self, name: object) -> bool:
        return name in KEPT[self.manifest.keep]

    def __getitem__(self, name: str) -> Any:
        if name not in self.held:
            self.held.update(join((self._part(part, name) for part in self.parts), self.runs).arrays)
        return self.held[name]

    def __reduce__(self) -> tuple[Any, ...]:
        return Store, (self.folder, self.manifest, self.parts)

    def record(self) -> Record:
        """The record of these parts, of which nothing is read yet."""
        return Record(np.array(self.manifest.dates, "datetime64[D]"), self, self.runs)

    def only(self, runs: range) -> Store:
        """The store of those parts alone that have some of these runs."""
        parts = tuple(part for part in self.parts if part.first_run < runs.stop and part.after > runs.start)
        return Store(self.folder, self.manifest, parts, self.checked)

    @property
    def runs(self) -> int:
        return sum(part.runs for part in self.parts)

    def _part(self, part: Part, name: str) -> Record:
        """The record of a part, of one layer alone or of the moves."""
        names = self.manifest.names
        if name in LAYERS:
            dims, wanted = LAYERS[name].dims, columns(name, names)
            tables = self._columns(part, 0, [column for column, _ in wanted])
            shape = (len(self.manifest.dates), part.runs)
            if any(len(table) != shape[0] * shape[1] for table in tables):
                raise StorageError(f"{self.folder / next(iter(part.files))} is damaged: not of {part.runs:,} runs")
            layers = [table.to_numpy().reshape(shape) for table in tables]
            if dims[0] == "end":
                layers, shape = [layer[[0, -1]] for layer in layers], (2, part.runs)
            empty = np.empty((shape[0], 0, shape[1]), LAYERS[name].dtype)
            arrays = {name: layers[0] if len(dims) == 2 else np.stack(layers, axis=1) if layers else empty}
        else:
            words = {"move_channel": names.channels, "move_id": names.moves, "move_cause": CAUSES}
            read = self._columns(part, 1, [one.removeprefix("move_").replace("id", "move") for one in MOVE_COLUMNS])
            arrays = {}
            for (one, kind), column in zip(MOVE_COLUMNS.items(), read, strict=True):
                arrays[one] = (_codes(column, words[one]) if one in words else column.to_numpy()).astype(kind)
        return Record(np.array(self.manifest.dates, "datetime64[D]"), arrays, part.runs)

    def _columns(self, part: Part, which: int, wanted: Sequence[str]) -> list[Any]:
        import pyarrow.parquet as pq

        name = list(part.files)[which]
        path = self.folder / name
        code = self.manifest.origin.code
        mend = "run the scenario again" if code else f"mend it with: tensionsim resume {self.folder}"
        advice = f"open it again, if it has been given more runs since; else {mend}"
        if name not in self.checked:
            is_there = path.exists()
            if not (is_there and part.files[name].fits(path)):
                what = "it is not what tensionsim saved" if is_there else f"{name} is missing"
                raise StorageError(f"{path if is_there else self.folder} is damaged: {what}; {advice}")
            self.checked.add(name)
        try:
            with folders.opened(path) as source, pq.ParquetFile(source) as file:
                table = file.read(columns=list(wanted), use_threads=False)
            return [table.column(column) for column in wanted]
        except OSError as failure:
            raise StorageError(f"cannot read {path}: {failure.strerror or failure}") from failure
        except (KeyError, ValueError) as damage:
            raise StorageError(f"{path} is damaged: {damage}; {advice}") from damage


def _codes(column: Any, words: Sequence[str]) -> Array:
    """Row in `words` of each value of a dictionary column, whatever order the file keeps its words in."""
    array = column.unify_dictionaries().combine_chunks()
    array = array.chunk(0) if hasattr(array, "chunks") and array.num_chunks else array
    if len(array) == 0:
        return np.zeros(0, np.int64)
    rows = np.array([words.index(word) for word in array.dictionary.to_pylist()], np.int64)
    found: Array = rows[array.indices.to_numpy()]
    return found


def store_of(record: Record) -> Store | None:
    """Where a record's arrays are read from; None where they are in memory."""
    return record.arrays if isinstance(record.arrays, Store) else None


def read_scenario(folder: Path, manifest: RunsManifest) -> Scenario:
    """The scenario as it was run; its text names no outlooks any more, so the chosen one's title is put back."""
    origin, names = manifest.origin, manifest.names
    folders.finish_beginning(folder, (folders.SCENARIO,))
    path, again = folder / folders.SCENARIO, "run the same scenario into the folder again, which writes it anew"
    if not path.exists():
        raise StorageError(f"{folder} is damaged: {folders.SCENARIO} is missing; {again}")
    content = folders.read_bytes(path)
    if hashlib.sha256(content).hexdigest() != origin.scenario_sha256:
        raise StorageError(f"{path} is damaged: it is not what tensionsim saved; {again}")
    try:
        scenario = from_text(content.decode(), "scenario", absent(origin.code))
    except ScenarioError as problems:
        raise StorageError(f"this tensionsim cannot read the scenario saved in {folder}:\n{problems}") from problems
    file = scenario.file
    pairs: dict[str, tuple[object, object]] = {
        "dates": (manifest.dates, tuple(map(str, scenario.steps))[: len(manifest.dates)]),
        "names.issues": (names.issues, tuple(file.issues)),
        "names.actors": (set(names.actors), set(file.actors)),
        "names.events": (names.events, tuple(file.events)),
    }
    for field_name, (there, wanted) in pairs.items():
        if there != wanted:
            what = f"{field_name}: it is not what {folders.SCENARIO} beside it says; run it again into another folder"
            raise StorageError(f"{folder / folders.MANIFEST} is damaged: {what}")
    return manifest.scenario.put_back(scenario, str(path))


def new_manifest(
    scenario: Scenario, names: Names, *, runs: int, keep: Keep, dates: Iterable[object] = (), **origin: Any
) -> RunsManifest:
    """The manifest of a folder that is to hold so many runs, none yet there; origin : what `Provenance` has besides."""
    return RunsManifest(
        origin=folders.Provenance(scenario_sha256=scenario.sha256, **origin),
        scenario=folders.Described.of(scenario),
        runs=runs,
        keep=keep,
        part_runs=PART_RUNS,
        dates=tuple(map(str, dates or scenario.steps)),
        names=names,
    )


def refuse_others(folder: Path, there: RunsManifest, wanted: RunsManifest, scenario: Scenario) -> None:
    """StorageError where a folder holds other runs than are wanted, or more of them."""
    of_scenario = folders.scenario_differences(folder, there.scenario, scenario)
    differences = there.origin.differences(wanted.origin, of_scenario)
    if there.keep != wanted.keep:
        differences.append(folders.differing("what is kept of each run", there.keep, wanted.keep))
    if any(part.after > wanted.origin.first_run + wanted.runs for part in there.parts):
        differences.append(f"runs ({there.runs:,} there, {wanted.runs:,} now; one can only add)")
    if not differences and (there.names, there.dates) != (wanted.names, wanted.dates):
        differences.append("names or dates, which are not those of the scenario")
    folders.refuse_others(folder, "other runs, and runs of two are never mixed", differences)
