"""A part of a record as the bytes of its files, and back: Parquet where pyarrow is installed, else .npy.

Parquet has two tables a part. In `paths` a row is a date and run, by date, then run; in `moves` a row is a move, by
run, then date. Row groups hold whole dates (paths) or runs near to each other (moves), with the least and largest date
and run of each, so that a query for one date or run passes over the others.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensionsim.errors import StorageError
from tensionsim.record import CAUSES, LAYERS, MOVE_COLUMNS, Names, Record, collapsed

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
