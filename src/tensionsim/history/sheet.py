"""Sheets: delimited text and Parquet files as chunks of columns, with the line of every row.

Text may be gzipped or zipped. Memory holds one chunk, however long the file.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from tensionsim.history.faults import Faults, refuse, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK_ROWS = 50_000
SAMPLE_ROWS = 200
SEPARATORS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a file: the line of each (of Parquet its number), and the columns that were asked for."""

    lines: NDArray[np.int64]
    columns: Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of rows: its first rows, and a way to go through all of them.

    form : what it is, in words. first : the first rows as written, a header included if there is one; of Parquet the
    names of its columns and some rows. numeric : columns that hold whole numbers, of Parquet alone. chunks : gives the
    rows below the header (True) or all (False), with the columns of these numbers; rows of another width go into the
    faults.
    """

    file: str
    form: str
    first: tuple[tuple[str, ...], ...]
    numeric: frozenset[int]
    chunks: Callable[[bool, Sequence[int], Faults], Iterator[Chunk]]


def sheet_of(path: str | Path) -> Sheet:
    """The sheet of a file.

    Raises
    ------
    EventError
        If there is no such file, or it is none of delimited text and Parquet, or is empty, cut off or damaged.
    """
    at, name = Path(path), str(path)
    if not os.path.lexists(at):
        refuse(name, "there is no such file")
    if at.is_dir():
        refuse(name, "this is a folder; name a file")
    with at.open("rb") as stream:
        start = stream.read(4)
    if not start:
        refuse(name, "the file is empty")
    return _parquet(at, name) if start == b"PAR1" else _text(at, name)


@contextmanager
def _told(name: str, line: Callable[[], int]) -> Iterator[None]:
    """Turns what goes wrong while a file is read into a located error."""
    try:
        yield
    except EOFError:
        refuse(name, "the compressed file is cut off here; what follows is missing: fetch it again", line())
    except (zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as problem:
        refuse(name, f"the compressed file is damaged here ({problem}); fetch it again", line())
    except RuntimeError as problem:
        refuse(name, f"the compressed file cannot be opened ({problem}); unpack it", line())
    except csv.Error as problem:
        refuse(name, f"this row cannot be taken apart ({problem}); a quote may not be closed", line())


@contextmanager
def _opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked where it is packed."""
    with path.open("rb") as stream:
        mark = stream.read(4)
        stream.seek(0)
        if mark[:2] == b"\x1f\x8b":
            with gzip.open(stream, "rb") as unpacked:
                yield unpacked  # type: ignore[misc]
        elif mark == b"PK\x03\x04":
            with zipfile.ZipFile(stream) as archive, archive.open(_member(archive, name)) as unpacked:
                yield unpacked
        else:
            yield stream


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    held = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX")]
    if len(held) != 1:
        names = ", ".join(one.filename for one in held[:5])
        refuse(name, f"the zip file holds {len(held)} files ({names}); it must hold one: unpack it")
    return held[0]


def _text(path: Path, name: str) -> Sheet:
    form = _packing(path)
    at_line = [0]
    with _told(name, lambda: at_line[0]), _opened(path, name) as stream:
        sample = [*islice(_counted(_lines(stream), at_line), SAMPLE_ROWS)]
    lines = [line for line in sample if line.strip()]
    if not lines:
        refuse(name, "the file holds no rows")
    if "\0" in lines[0] or lines[0].startswith(("\xff\xfe", "\xfe\xff")):
        refuse(name, "this is no plain text: it holds zero bytes; save it as UTF-8, or name a Parquet file")
    separator = _separator(lines)
    if separator is None:
        refuse(name, f"no tab, comma, semicolon or bar in {shown(lines[0].strip())}: no columns to tell apart", 1)
    dialect = _dialect(separator, lines)
    with _told(name, lambda: 1):
        first = tuple(tuple(row) for row in csv.reader(lines, **dialect) if row)

    def chunks(has_header: bool, wanted: Sequence[int], faults: Faults) -> Iterator[Chunk]:
        at_line = [0]
        with _opened(path, name) as stream, _told(name, lambda: at_line[0]):
            rows = _plain_rows if dialect["quoting"] == csv.QUOTE_NONE else _quoted_rows
            picked = rows(_lines(stream), separator, Picked(len(first[0]), tuple(wanted), faults), at_line)
            if has_header:
                next(picked, None)
            while found := list(islice(picked, CHUNK_ROWS)):
                lines, *columns = zip(*found, strict=True)
                yield Chunk(np.array(lines, np.int64), dict(zip(wanted, columns, strict=True)))

    return Sheet(name, f"{SEPARATORS[separator]}-separated{form}", first, frozenset(), chunks)


def _lines(stream: IO[bytes]) -> io.TextIOWrapper:
    # Names of people and places may hold bytes of other encodings; codes, dates and scores are ASCII in every format.
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")


def _counted(lines: Iterator[str], at_line: list[int]) -> Iterator[str]:
    for line in lines:
        at_line[0] += 1
        yield line


def _packing(path: Path) -> str:
    with path.open("rb") as stream:
        mark = stream.read(4)
    if mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
        refuse(str(path), "the text is UTF-16; save it as UTF-8")
    return {b"\x1f\x8b": " text, gzipped", b"PK": " text, zipped"}.get(mark[:2], " text")


def _separator(lines: Sequence[str]) -> str | None:
    """The separator that most rows have as often as the first, and oftenest."""
    counts = {one: [line.count(one) for line in lines[:50]] for one in SEPARATORS}
    usable = {one: found for one, found in counts.items() if found[0] > 0}
    if not usable:
        return None
    return max(usable, key=lambda one: (sum(each == usable[one][0] for each in usable[one]), usable[one][0]))


def _dialect(separator: str, lines: Sequence[str]) -> dict[str, Any]:
    """How fields are written: with tabs a quote is a letter, unless whole fields stand in quotes."""
    is_quoted = separator != "\t" or any(
        len(field) > 1 and field.startswith('"') and field.endswith('"')
        for field in lines[0].rstrip("\r\n").split(separator)
    )
    return {"delimiter": separator, "quoting": csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE}


@dataclass(frozen=True, slots=True)
class Picked:
    """What is taken of every row: these columns of rows of this width; others go into the faults."""

    width: int
    wanted: tuple[int, ...]
    faults: Faults

    def refuse(self, line: int, fields: int) -> None:
        """Notes a row of another width."""
        found = f"{fields} field{'s' * (fields != 1)}"
        self.faults.add(f"a row of this file has {self.width} fields", line, 1, found)


def _plain_rows(
    lines: Iterable[str], separator: str, picked: Picked, at_line: list[int]
) -> Iterator[tuple[int | str, ...]]:
    """Line and wanted fields of every row without quotes; nothing right of the last wanted column is taken apart."""
    ends, splits, wanted = picked.width - 1, max(picked.wanted) + 1, picked.wanted
    for number, line in enumerate(lines, start=1):
        if line.count(separator) == ends:
            fields = line.rstrip("\r\n").split(separator, splits)
            yield (number, *[fields[column] for column in wanted])
        elif line.strip():
            picked.refuse(number, line.count(separator) + 1)
        at_line[0] = number


def _quoted_rows(
    lines: Iterable[str], separator: str, picked: Picked, at_line: list[int]
) -> Iterator[tuple[int | str, ...]]:
    """Line and wanted fields of every row, fields in quotes as they may be."""
    reader = csv.reader(lines, delimiter=separator)
    width, wanted = picked.width, picked.wanted
    for row in reader:
        if len(row) == width:
            yield (reader.line_num, *[row[column] for column in wanted])
        elif row:
            picked.refuse(reader.line_num, len(row))
        at_line[0] = reader.line_num


def _parquet(path: Path, name: str) -> Sheet:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        refuse(name, "reading Parquet needs pyarrow: pip install 'tensionsim[parquet]'")
    try:
        with parquet.ParquetFile(path) as file:
            names = tuple(file.schema_arrow.names)
            fields = enumerate(file.schema_arrow)
            numeric = frozenset(number for number, one in fields if pyarrow.types.is_integer(one.type))
            sample = next(file.iter_batches(batch_size=SAMPLE_ROWS), None)
    except (pyarrow.ArrowException, OSError) as problem:
        refuse(name, f"the Parquet file cannot be read ({str(problem).splitlines()[0]}); fetch it again")
    if sample is None or not sample.num_rows:
        refuse(name, "the file holds no rows")
    rows = zip(*(_words(column) for column in sample.columns), strict=True)

    def chunks(_: bool, wanted: Sequence[int], faults: Faults) -> Iterator[Chunk]:
        with parquet.ParquetFile(path) as file, _told(name, lambda: 0):
            row = 0
            for batch in file.iter_batches(batch_size=CHUNK_ROWS, columns=[names[one] for one in wanted]):
                lines = np.arange(row + 1, row + 1 + batch.num_rows)
                row += batch.num_rows
                yield Chunk(lines, {one: _words(batch.column(names[one])) for one in wanted})

    return Sheet(name, "Parquet", (names, *rows), numeric, chunks)


def _words(column: Any) -> list[str]:
    """A column as text; empty where missing; timestamps as days, what is no single value as "?"."""
    import pyarrow

    kind = column.type
    if pyarrow.types.is_timestamp(kind):
        column = column.cast(pyarrow.date32(), safe=False)
    elif pyarrow.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    if pyarrow.types.is_nested(kind) or pyarrow.types.is_binary(kind):
        return ["?"] * len(column)
    found = column.cast(pyarrow.string()).to_pylist()
    return ["" if one is None else one for one in found]
