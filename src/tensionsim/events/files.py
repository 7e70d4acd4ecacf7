"""Files of events: delimited text and Parquet files as chunks of columns, with the line of every row.

Text may be gzipped or zipped. Memory holds one chunk, however long the file.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import numpy as np

from tensionsim.errors import EventError, Problem
from tensionsim.events.formats import FORMATS, NEEDED, OPTIONAL

if TYPE_CHECKING:
    from numpy.typing import NDArray


ORDERS = ("auto", "day-first", "month-first")
CENTURY_TURN = 45
"""Two-digit years from this one on are of the 1900s. Assumption: no event data reach further back."""

DATES = (
    ("plain", re.compile(r"(?P<year>\d{4})([-/.])(?P<first>\d{1,2})\2(?P<second>\d{1,2})(?:[T ].*)?")),
    ("plain", re.compile(r"(?P<year>\d{4})(?P<first>\d{2})(?P<second>\d{2})(?:\d{6})?(?:\.0)?")),
    ("short", re.compile(r"(?P<year>\d{2})(?P<first>\d{2})(?P<second>\d{2})")),
    ("year last", re.compile(r"(?P<first>\d{1,2})([-/.])(?P<second>\d{1,2})\2(?P<year>\d{4})(?:[T ].*)?")),
)
"""How dates are written, by shape; `first` is the month but where the year comes last."""

NO_DATE = "this is no date; write 2004-02-06 or 20040206"
NO_DAY = "there is no such day"
MIXED = "most dates of the file are written the other way; write them all as 2004-02-06"
UNCLEAR = "day and month cannot be told apart in this file; say --dates day-first or month-first, or write 2004-02-06"


def read_days(texts: Sequence[str], counts: Sequence[int], order: str) -> tuple[list[dt.date | None], list[str]]:
    """The day of each text, and what is wrong with each; None and a fault, or a day and "".

    counts : how many rows have each text. order : of 06/02/2004, "day-first", "month-first" or "auto": as the file's
    other dates tell.
    """
    parts = [_taken_apart(text.strip()) for text in texts]
    weights: Counter[str] = Counter()
    for (shape, *_), count in zip(parts, counts, strict=True):
        weights[shape] += count
    weights.pop("", None)
    usual = weights.most_common(1)[0][0] if weights else ""
    if order == "auto":
        order = _order([(first, second) for shape, _, first, second in parts if shape == "year last"])
    pairs = [_read_day(*one, usual=usual, order=order) for one in parts]
    return [day for day, _ in pairs], [fault for _, fault in pairs]


def _taken_apart(text: str) -> tuple[str, int, int, int]:
    """The shape of a date, its year, and the other two numbers as they stand; "" if it has none."""
    for shape, pattern in DATES:
        if found := pattern.fullmatch(text):
            year, first, second = (int(found[name]) for name in ("year", "first", "second"))
            if shape == "short":
                year += 1900 if year >= CENTURY_TURN else 2000
            return shape, year, first, second
    return "", 0, 0, 0


def _order(pairs: Sequence[tuple[int, int]]) -> str:
    """Which comes first, day or month; "" where nothing tells, or where dates disagree."""
    is_day, is_month = any(first > 12 for first, _ in pairs), any(second > 12 for _, second in pairs)
    return {(True, False): "day-first", (False, True): "month-first"}.get((is_day, is_month), "")


def _read_day(shape: str, year: int, first: int, second: int, *, usual: str, order: str) -> tuple[dt.date | None, str]:
    if not shape:
        return None, NO_DATE
    if shape != usual:
        return None, MIXED
    if shape == "year last" and not order:
        return None, UNCLEAR
    month, day = (second, first) if shape == "year last" and order == "day-first" else (first, second)
    try:
        return dt.date(year, month, day), ""
    except ValueError:
        return None, NO_DAY


MOST_PLACES = 5
"""Places of one kind of fault that are shown; the others are counted."""

MOST_KINDS = 40
WIDEST = 60


def format_value(value: object) -> str:
    """A value as messages show it: in quotes, on one line, not too long."""
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in str(value)[: WIDEST + 1])
    return f"'{text[:WIDEST]}...'" if len(text) > WIDEST else f"'{text}'"


@dataclass(slots=True)
class ImportErrors:
    """The faults of one file found so far, by kind.

    A kind is what a reader would count together ("this is no CAMEO code"); a place is a line and the number of a
    column, with what stands there.
    """

    file: str
    _places: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, line: int, column: int, found: str, count: int = 1) -> None:
        """Notes `count` faults of a kind, the first of which stands at a place."""
        self._counts[kind] = self._counts.get(kind, 0) + count
        places = self._places.setdefault(kind, [])
        if len(places) < MOST_PLACES:
            places.append((line, column, found))

    def __bool__(self) -> bool:
        return bool(self._counts)

    def kinds(self) -> Iterable[tuple[str, int, int]]:
        """Kind, count and line of the first, in order of the first line."""
        return sorted(
            ((kind, count, min(line for line, _, _ in self._places[kind])) for kind, count in self._counts.items()),
            key=lambda one: one[2],
        )

    def problems(self) -> list[Problem]:
        """The faults as problems: the first places of each kind, then how many more there are."""
        told: list[Problem] = []
        for kind, count, _ in list(self.kinds())[:MOST_KINDS]:
            places = sorted(self._places[kind])
            told += [Problem(self.file, line, column, f"{found}: {kind}") for line, column, found in places]
            if count > len(places):
                more = count - len(places)
                told.append(Problem(self.file, 0, 0, f"{more:,} row{'s' * (more != 1)} more: {kind}"))
        if len(self._counts) > MOST_KINDS:
            told.append(Problem(self.file, 0, 0, f"{len(self._counts) - MOST_KINDS:,} more kinds of faults"))
        return told

    def stop(self, advice: str) -> NoReturn:
        """Raises EventError with all faults, and what to do."""
        raise EventError([*self.problems(), Problem(self.file, 0, 0, advice)])


def refuse(file: str, message: str, line: int = 0, column: int = 1) -> NoReturn:
    """Raises EventError with one problem of a file."""
    raise EventError([Problem(file, line, column, message)])


CHUNK_ROWS = 50_000
SAMPLE_ROWS = 200
SEPARATORS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a file: the line of each (of Parquet its number), and the columns that were asked for."""

    lines: NDArray[np.int64]
    columns: Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class TableFile:
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
    chunks: Callable[[bool, Sequence[int], ImportErrors], Iterator[Chunk]]


def table_file(path: str | Path) -> TableFile:
    """The rows of a file of delimited text or Parquet; EventError if it is none, or is empty, cut off or damaged."""
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
def _located(name: str, line: Callable[[], int]) -> Iterator[None]:
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


def _text(path: Path, name: str) -> TableFile:
    form = _packing(path)
    at_line = [0]
    with _located(name, lambda: at_line[0]), _opened(path, name) as stream:
        sample = [*islice(_counted(_lines(stream), at_line), SAMPLE_ROWS)]
    lines = [line for line in sample if line.strip()]
    if not lines:
        refuse(name, "the file holds no rows")
    if "\0" in lines[0] or lines[0].startswith(("\xff\xfe", "\xfe\xff")):
        refuse(name, "this is no plain text: it holds zero bytes; save it as UTF-8, or name a Parquet file")
    separator = _separator(lines)
    if separator is None:
        refuse(
            name, f"no tab, comma, semicolon or bar in {format_value(lines[0].strip())}: no columns to tell apart", 1
        )
    dialect = _dialect(separator, lines)
    with _located(name, lambda: 1):
        first = tuple(tuple(row) for row in csv.reader(lines, **dialect) if row)

    def chunks(has_header: bool, wanted: Sequence[int], faults: ImportErrors) -> Iterator[Chunk]:
        at_line = [0]
        with _opened(path, name) as stream, _located(name, lambda: at_line[0]):
            rows = _plain_rows if dialect["quoting"] == csv.QUOTE_NONE else _quoted_rows
            picked = rows(_lines(stream), separator, len(first[0]), wanted, faults, at_line)
            if has_header:
                next(picked, None)
            while found := list(islice(picked, CHUNK_ROWS)):
                lines, *columns = zip(*found, strict=True)
                yield Chunk(np.array(lines, np.int64), dict(zip(wanted, columns, strict=True)))

    return TableFile(name, f"{SEPARATORS[separator]}-separated{form}", first, frozenset(), chunks)


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


def _plain_rows(
    lines: Iterable[str],
    separator: str,
    width: int,
    wanted: Sequence[int],
    faults: ImportErrors,
    at_line: list[int],
) -> Iterator[tuple[int | str, ...]]:
    """Line and wanted fields of every row without quotes; nothing right of the last wanted column is taken apart."""
    ends, splits = width - 1, max(wanted) + 1
    for number, line in enumerate(lines, start=1):
        if line.count(separator) == ends:
            fields = line.rstrip("\r\n").split(separator, splits)
            yield (number, *[fields[column] for column in wanted])
        elif line.strip():
            _add_other_width(faults, width, number, line.count(separator) + 1)
        at_line[0] = number


def _quoted_rows(
    lines: Iterable[str],
    separator: str,
    width: int,
    wanted: Sequence[int],
    faults: ImportErrors,
    at_line: list[int],
) -> Iterator[tuple[int | str, ...]]:
    """Line and wanted fields of every row, fields in quotes as they may be."""
    reader = csv.reader(lines, delimiter=separator)
    for row in reader:
        if len(row) == width:
            yield (reader.line_num, *[row[column] for column in wanted])
        elif row:
            _add_other_width(faults, width, reader.line_num, len(row))
        at_line[0] = reader.line_num


def _add_other_width(faults: ImportErrors, width: int, line: int, fields: int) -> None:
    faults.add(f"a row of this file has {width} fields", line, 1, f"{fields} field{'s' * (fields != 1)}")


def _parquet(path: Path, name: str) -> TableFile:
    import pyarrow
    from pyarrow import parquet

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

    def chunks(_: bool, wanted: Sequence[int], faults: ImportErrors) -> Iterator[Chunk]:
        with parquet.ParquetFile(path) as file, _located(name, lambda: 0):
            row = 0
            for batch in file.iter_batches(batch_size=CHUNK_ROWS, columns=[names[one] for one in wanted]):
                lines = np.arange(row + 1, row + 1 + batch.num_rows)
                row += batch.num_rows
                yield Chunk(lines, {one: _words(batch.column(names[one])) for one in wanted})

    return TableFile(name, "Parquet", (names, *rows), numeric, chunks)


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


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in a file: numbers of columns, from 0.

    form : the format in words. names : of the columns, as messages call them. source, target : columns of a side, in
    the order in which they are looked at. coding : of what `code` holds, "cameo" or "plover".
    """

    format: str
    form: str
    has_header: bool
    names: tuple[str, ...]
    date: int
    code: int
    source: tuple[int, ...]
    target: tuple[int, ...]
    optional: Mapping[str, int]
    coding: str

    @property
    def wanted(self) -> tuple[int, ...]:
        """All columns that are read."""
        return tuple(dict.fromkeys((self.date, self.code, *self.source, *self.target, *self.optional.values())))


def layout_of(file: TableFile, format: str = "auto", columns: Mapping[str, str] | None = None) -> Layout:
    """The layout of a file: the format that its header or the number of its columns tells, or the one given.

    columns : names of columns by role that the file calls otherwise. EventError where no format fits.
    """
    if format != "auto" and format not in FORMATS:
        refuse(file.file, f"no format {format_value(format)}; there is auto, {', '.join(FORMATS)}", 0, 0)
    given = {role: plain_name(name) for role, name in (columns or {}).items()}
    names = tuple(plain_name(one) for one in file.first[0])
    for name in FORMATS if format == "auto" else (format,):
        if found := _by_header(name, names, file, given):
            return found
    if not given and (found := _without_header(file, format)):
        return found
    _refuse(file, format, names, given)


def plain_name(text: str) -> str:
    """A column's name in lower case, letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def _by_header(name: str, names: tuple[str, ...], file: TableFile, given: Mapping[str, str]) -> Layout | None:
    roles = {**FORMATS[name].columns, **{role: (column,) for role, column in given.items()}}
    found = {role: [names.index(one) for one in known if one in names] for role, known in roles.items()}
    if not all(found[role] for role in NEEDED):
        return None
    version = ("GDELT 2.0 " if "actor1geoadm2code" in names else "GDELT ") if name == "gdelt" else ""
    words = f"{version}event table" if version else FORMATS[name].title
    return _layout(name, f"{words}, known by its header", file, file.first[0], found)


def _layout(
    name: str,
    form: str,
    file: TableFile,
    names: Sequence[str],
    found: Mapping[str, Sequence[int]],
    has_header: bool = True,
) -> Layout:
    return Layout(
        format=name,
        form=f"{form}; {file.form}",
        has_header=has_header,
        names=tuple(names),
        date=found["date"][0],
        code=found["code"][0],
        source=tuple(found["source"]),
        target=tuple(found["target"]),
        optional={role: found[role][0] for role in OPTIONAL if found.get(role)},
        coding=FORMATS[name].coding,
    )


def _without_header(file: TableFile, format: str) -> Layout | None:
    """The layout that the number of columns and what stands in them tell."""
    rows = [row for row in file.first if len(row) == len(file.first[0])]
    width = len(rows[0])
    for name in FORMATS if format == "auto" else (format,):
        if width not in FORMATS[name].headless:
            continue
        title, columns = FORMATS[name].headless[width]
        names = tuple(
            ("score" if all(_is_score(row[at]) for row in rows) else "label") if column == "score?" else column
            for at, column in enumerate(columns)
        )
        found = {
            role: [names.index(one) for one in known if one in names] for role, known in FORMATS[name].columns.items()
        }
        layout = _layout(name, f"{title}, known by its {width} columns", file, names, found, has_header=False)
        fits = [
            re.fullmatch(r"\s*\d{1,4}\s*", row[layout.code]) is not None and _is_datelike(row[layout.date])
            for row in rows
        ]
        is_usual = format != "auto" or 2 * sum(fits) >= len(fits)
        return layout if is_usual and _is_datelike(rows[0][layout.date]) else None
    return None


def _is_score(text: str) -> bool:
    return re.fullmatch(r"\s*-?\d{1,2}(\.\d*)?\s*", text) is not None


def _is_datelike(text: str) -> bool:
    return re.match(r"\s*\d{1,4}[-/.]?\d", text) is not None


def _refuse(file: TableFile, format: str, names: tuple[str, ...], given: Mapping[str, str]) -> NoReturn:
    """Says which columns there are, and which would be needed."""
    there = ", ".join(format_value(one) for one in file.first[0][:12]) + (", ..." if len(file.first[0]) > 12 else "")
    missing = [f"no column {format_value(name)} for the {role}" for role, name in given.items() if name not in names]
    wanted = format if format != "auto" else "keds"
    lacking = [role for role in NEEDED if role not in given and not set(FORMATS[wanted].columns[role]) & set(names)]
    needs = "; ".join(f"{role}: {' or '.join(FORMATS[wanted].columns[role])}" for role in lacking)
    which = "this is no known format" if format == "auto" else f"this is no {FORMATS[format].title}"
    told = "; ".join([*missing, *([f"missing are columns for {needs}"] if needs else [])])
    advice = "give --format, or name the columns in a mapping file (columns: {date: ..., source: ...})"
    refuse(file.file, f"{which}: {len(names)} columns, {there}; {told}; {advice}", 1)
