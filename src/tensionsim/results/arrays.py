"""A Record as files: two Parquet tables where pyarrow is installed, else one .npy an array."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tensionsim.errors import StorageError
from tensionsim.record import CAUSES, LAYERS, MOVE_COLUMNS, Names

if TYPE_CHECKING:
    from tensionsim.results.model import Results

Array = NDArray[Any]
Described = Mapping[str, Sequence[Any]]
"""Type and shape of each array, by name."""

PATHS, MOVES, FOLDER = "paths.parquet", "moves.parquet", "arrays"


def write(results: Results, folder: Path) -> None:
    """Writes all arrays: Parquet where pyarrow is installed, else .npy."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        _write_npy(results, folder)
    else:
        _write_paths(results, folder / PATHS)
        _write_moves(results, folder / MOVES)


def files(folder: Path) -> list[str]:
    """The data files that stand in a folder."""
    found = [folder / PATHS, folder / MOVES, *sorted((folder / FOLDER).glob("*.npy"))]
    return [str(path.relative_to(folder)) for path in found if path.is_file()]


def read(folder: Path, described: Described, names: Names) -> dict[str, Array]:
    """All arrays by name, in the types and shapes described."""
    found = _read_npy(folder, described) if (folder / FOLDER).is_dir() else _read_parquet(folder, described, names)
    for name, (dtype, shape) in described.items():
        if found[name].dtype.str != dtype or list(found[name].shape) != list(shape):
            raise StorageError(f"{folder} is damaged: array {name} is not what was saved; run the scenario again")
    return found


def _write_npy(results: Results, folder: Path) -> None:
    (folder / FOLDER).mkdir()
    for name, array in results.record.arrays().items():
        np.save(folder / FOLDER / f"{name}.npy", array, allow_pickle=False)


def _read_npy(folder: Path, described: Described) -> dict[str, Array]:
    return {name: np.load(folder / FOLDER / f"{name}.npy", allow_pickle=False) for name in described}


def _columns(names: Names) -> Iterator[tuple[str, str, int | None]]:
    """Column, array and row along its middle axis, of each column of the table of paths."""
    for name, layer in LAYERS.items():
        if len(layer.dims) == 2:
            yield name, name, None
        else:
            for row, label in enumerate(names.along(layer.dims[1])):
                yield f"{name}: {label}", name, row


def _write_paths(results: Results, path: Path) -> None:
    """One row a date and run, in that order."""
    import pyarrow as pa

    shape = (len(results.dates), results.runs)
    runs = np.arange(results.first_run, results.first_run + results.runs, dtype=np.int32)
    columns: dict[str, Any] = {"date": np.repeat(results.dates, results.runs), "run": np.tile(runs, len(results.dates))}
    for column, name, row in _columns(results.names):
        array = getattr(results.record, name)
        values = array if row is None else array[:, row]
        columns[column] = np.ascontiguousarray(np.broadcast_to(values, shape)).reshape(-1)
    _write_table(pa.table(columns), path)


def _write_table(table: Any, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    plain = [field.name for field in table.schema if field.name not in floats]
    pq.write_table(table, path, compression="zstd", use_dictionary=plain, use_byte_stream_split=floats)


def _write_moves(results: Results, path: Path) -> None:
    """One row a move, in the order recorded; names are dictionaries."""
    import pyarrow as pa

    record, names = results.record, results.names
    columns: dict[str, Any] = {"run": record.move_run, "step": record.move_step}
    columns["date"] = results.dates[record.move_step]
    for kind, of_channel in names.places().items():
        distinct = list(dict.fromkeys(of_channel))
        codes = np.array([distinct.index(name) for name in of_channel], np.int16)
        columns[kind] = pa.DictionaryArray.from_arrays(codes[record.move_channel], distinct)
    columns["move"] = pa.DictionaryArray.from_arrays(record.move_id, list(names.moves))
    columns["goldstein"] = np.array(names.move_scores, np.float64)[record.move_id]
    columns["cause"] = pa.DictionaryArray.from_arrays(record.move_cause, list(CAUSES))
    columns["channel"] = pa.DictionaryArray.from_arrays(record.move_channel, list(names.channels))
    _write_table(pa.table(columns), path)


def _read_parquet(folder: Path, described: Described, names: Names) -> dict[str, Array]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as missing:
        advice = "install it with: pip install 'tensionsim[parquet]'"
        raise StorageError(f"reading {folder} needs pyarrow, which wrote it; {advice}") from missing
    try:
        paths, moves = pq.read_table(folder / PATHS), pq.read_table(folder / MOVES)
    except pa.ArrowInvalid as damage:
        raise StorageError(f"{folder} is damaged: {damage}; run the scenario again") from damage
    return _read_paths(paths, described, names) | _read_moves(moves, names)


def _read_paths(table: Any, described: Described, names: Names) -> dict[str, Array]:
    shapes = {name: tuple(shape) for name, (_, shape) in described.items()}
    dates, runs = shapes["cooperation"]
    found = {name: np.empty(shapes[name], described[name][0]) for name in LAYERS}
    for column, name, row in _columns(names):
        values = table.column(column).to_numpy().reshape(dates, runs)
        if row is None:
            found[name][:] = values
        else:
            found[name][:, row] = values[:, : shapes[name][-1]]
    found["dates"] = table.column("date").to_numpy().astype("datetime64[D]").reshape(dates, runs)[:, 0].copy()
    return found


def _read_moves(table: Any, names: Names) -> dict[str, Array]:
    words = {"channel": names.channels, "move": names.moves, "cause": CAUSES}
    codes = {column: _codes(table.column(column), words[column]) for column in words}
    return {
        "move_run": table.column("run").to_numpy(),
        "move_step": table.column("step").to_numpy(),
        "move_channel": codes["channel"].astype(MOVE_COLUMNS["move_channel"]),
        "move_id": codes["move"].astype(MOVE_COLUMNS["move_id"]),
        "move_cause": codes["cause"].astype(MOVE_COLUMNS["move_cause"]),
    }


def _codes(column: Any, words: Sequence[str]) -> Array:
    """Row in `words` of each value of a dictionary column, whatever order the file keeps its words in."""
    array = column.unify_dictionaries().combine_chunks()
    array = array.chunk(0) if hasattr(array, "chunks") and array.num_chunks else array
    if len(array) == 0:
        return np.zeros(0, np.int64)
    rows = np.array([words.index(word) for word in array.dictionary.to_pylist()], np.int64)
    found: Array = rows[array.indices.to_numpy()]
    return found
