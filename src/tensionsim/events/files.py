"""Files of events: delimited text, Parquet files and tables in memory as chunks of columns, with the line of every row.

Text may be packed; a folder, an archive or several files are one table. Memory holds one chunk, however long it is.
"""

from __future__ import annotations

import bz2
import csv
import datetime as dt
import gzip
import io
import lzma
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice, product
from operator import itemgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np

from tensionsim.errors import FIRST_YEAR, EventError, Problem, shown
from tensionsim.events.formats import FORMATS, NEEDED, OPTIONAL, SCORED
from tensionsim.scenario.files import UNCLOSED
from tensionsim.scenario.yaml_tree import quoted

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


ORDERS = ("auto", "day-first", "month-first")
CENTURY_TURN = 45
"""Two-digit years from this one on are of the 1900s. Assumption: no event data reach further back."""

DATES = (
    re.compile(r"(?P<year>\d{4})([-/.])(?P<first>\d{1,2})\2(?P<second>\d{1,2})(?:[T ].*)?"),
    re.compile(r"(?P<year>\d{4}|\d{2}(?=\d{4}$))(?P<first>\d{2})(?P<second>\d{2})(?:\d{6})?(?:\.0)?"),
    re.compile(r"(?P<first>\d{1,2})([-/.])(?P<second>\d{1,2})\2(?P<year>\d{4})(?:[T ].*)?"),
)
"""How dates are written; `first` is the month but in the last, where the file tells whether it is."""

LAST_YEAR = 2100
"""Assumption: later dates are slips, and forecasts need years beyond the events."""


def check_dates(order: str, file: str) -> None:
    """EventError where `order` is neither an order nor a format of strptime that tells year, month and day."""
    tried = () if order in ORDERS else (dt.date(2001, 2, 3), dt.date(2013, 11, 28))
    try:
        is_told = all(dt.datetime.strptime(day.strftime(order), order).date() == day for day in tried)
    except (TypeError, ValueError):
        is_told = False
    if not is_told:
        allowed = f"{', '.join(ORDERS)}, or a format of year, month and day, like %m/%d/%y or %d-%b-%Y"
        refuse(file, f"no order of dates {format_value(order)}; there is {allowed}")


def read_days(texts: Sequence[str], order: str) -> list[dt.date | str]:
    """The day of each text, or what is wrong with it."""
    written = [next((one for form in DATES if (one := form.fullmatch(text.strip()))), None) for text in texts]
    if order == "auto":  # which comes first, day or month; "" where nothing tells, or where dates disagree
        last = [one for one in written if one and one.re is DATES[-1]]
        is_day, is_month = (any(int(one[part]) > 12 for one in last) for part in ("first", "second"))
        order = "" if is_day == is_month else "day-first" if is_day else "month-first"
    return [_read_day(text.strip(), one, order) for text, one in zip(texts, written, strict=True)]


def _read_day(text: str, written: re.Match[str] | None, order: str) -> dt.date | str:
    try:
        if order not in ("", *ORDERS):
            day = dt.datetime.strptime(text, order).date()
        elif written is None:
            return "this is no date; write 2004-02-06 or 20040206, or say how dates are written, as in --dates %m/%d/%y"
        elif written.re is DATES[-1] and not order:
            tell = "say --dates day-first or month-first, or write 2004-02-06"
            return f"day and month cannot be told apart in this file; {tell}"
        else:
            year, first, second = (int(written[part]) for part in ("year", "first", "second"))
            if len(written["year"]) == 2:
                year += 1900 if year >= CENTURY_TURN else 2000
            is_day_first = written.re is DATES[-1] and order == "day-first"
            day = dt.date(year, *((second, first) if is_day_first else (first, second)))
    except ValueError:
        return "there is no such day" if order in ("", *ORDERS) else f"this is no date written {order}"
    is_near = FIRST_YEAR <= day.year <= LAST_YEAR
    return day if is_near else f"events lie in the years {FIRST_YEAR} to {LAST_YEAR}"


MOST_PLACES = 5
"""Places of one kind of fault that are shown; the others are counted."""

PER_FILE = 1 << 40

_NO_UTF8, _LOST = re.compile("[\udc80-\udcff]+"), re.compile("([\udc80-\udcff\ufffd?]+)")
"""Bytes that are no UTF-8, as they stand in a text; and what else stands for letters that are lost."""


def legible(text: str) -> str:
    """A text whose bytes that are no UTF-8 are read as Windows-1252, which Latin-1 is part of."""
    return _NO_UTF8.sub(lambda found: found[0].encode("ascii", "surrogateescape").decode("cp1252", "replace"), text)


def mistakable(text: str, names: Iterable[str]) -> bool:
    """Whether a text with lost letters (bytes of some other encoding, U+FFFD or ? in their place) may be a name."""
    kept = _LOST.split(text)
    if len(kept) == 1 or sum(letter.isalpha() for letter in "".join(kept)) < 3:
        return False
    pattern = "".join(f".{{1,{len(part)}}}" if at % 2 else re.escape(part) for at, part in enumerate(kept))
    return any(re.fullmatch(pattern, name, re.IGNORECASE) for name in names)


def format_value(value: object) -> str:
    """A value as messages show it: in quotes, on one line, not too long."""
    return quoted(legible(str(value)[:81]))


@dataclass(slots=True)
class ImportErrors:
    """The faults of a table: by kind how many, and the first places; each file's lines begin `PER_FILE` further."""

    file: str
    files: list[str] = field(default_factory=list)
    before: int = 0
    _found: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def place(self, line: int) -> tuple[str, int]:
        """The file of a line, and its number there."""
        return (self.files[line // PER_FILE] if self.files else self.file), line % PER_FILE

    def add(self, kind: str, line: int, column: int, found: str) -> None:
        """Notes a fault of a kind, which stands at a place."""
        self._counts[kind] += 1
        places = self._found.setdefault(kind, [])
        if len(places) < MOST_PLACES:
            places.append((line, column, found))

    def __bool__(self) -> bool:
        return bool(self._counts)

    def kinds(self) -> list[tuple[str, int, int]]:
        """Kind, count and line of the first, in order of the first line."""
        kinds = ((kind, count, min(self._found[kind])[0]) for kind, count in self._counts.items())
        return sorted(kinds, key=lambda one: one[2])

    def problems(self) -> list[Problem]:
        """The faults as problems: the first places of each kind, then how many more there are."""
        told: list[Problem] = []
        for kind, count, _ in self.kinds():
            places = sorted(self._found[kind])
            told += [Problem(*self.place(line), column, f"{found}: {kind}") for line, column, found in places]
            if more := count - len(places):
                told.append(Problem(self.file, 0, 0, f"{more:,} row{'s' * (more != 1)} more: {kind}"))
        return told

    def stop(self, advice: str) -> NoReturn:
        """Raises EventError with all faults, and what to do."""
        raise EventError([*self.problems(), Problem(self.file, 0, 0, advice)])


def refuse(file: str, message: str, line: int = 0, column: int = 1) -> NoReturn:
    """Raises EventError with one problem of a file."""
    raise EventError([Problem(file, line, column, message)])


CHUNK_ROWS = 50_000
SAMPLE_ROWS = 200
LONGEST_LINE = 1_000_000
LONGEST_NAME = 255
"""Of a path that is not there; what is longer is no path."""

SEPARATORS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
PACKINGS: Mapping[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
"""How packed files begin, and what unpacks them."""

_UNREADABLE = (OSError, RuntimeError, NotImplementedError, AttributeError, TypeError, ValueError)
"""What packed files, archives and Arrow raise besides errors of their own."""

END = "\0 end of the file"
"""Read as a line after the last one: it is part of a row where a quote is never closed."""

COMMENTS = ("#", "sep=", END)
"""How lines begin that are no rows; `sep=` is Excel's."""

NOTE = "DOC"
"""Source and target of rows in which TABARI notes how it was called; they may be of any width."""


class Chunk(NamedTuple):
    """Some rows of a table: the line of each (of Parquet its number), and columns by number."""

    lines: NDArray[np.int64]
    columns: Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table: its first rows, its columns of numbers, and `chunks`, all rows or those below the header."""

    file: str
    form: str
    first: tuple[tuple[str, ...], ...]
    numeric: frozenset[int]
    chunks: Callable[[bool, Sequence[int], ImportErrors], Iterator[Chunk]]


def table_file(source: str | Path | Sequence[str | Path] | pd.DataFrame) -> TableFile:
    """The rows of a file, a folder, an archive, several of these or a table in memory."""
    if hasattr(source, "__arrow_c_stream__"):
        return _arrow(source, "the table", "table in memory")
    paths = [source] if isinstance(source, str | Path) else source
    if not isinstance(paths, Sequence) or not all(isinstance(path, str | Path) for path in paths):
        hint = "; join tables first, as pandas.concat does" if isinstance(paths, list | tuple) else ""
        raise TypeError(f"events are a path, a list of paths, or a DataFrame; got {shown(source)}{hint}")
    if text := next((path for path in paths if isinstance(path, str) and "\n" in path), None):
        refuse("events", f"{format_value(text)} is text, not a path; give the path of its file, or a DataFrame")
    parts = [part for path in paths for part in _parts(Path(path), str(path))]
    if not parts:
        refuse("events", "no file is named; name a file, a folder or an archive")
    places = [(os.path.realpath(path), member) for path, member in parts]
    if twice := next((part for at, part in enumerate(parts) if places[at] in places[:at]), None):
        refuse(_called(*twice), "this file is named twice, and its events would count twice; name it once")
    first = _part(*parts[0])
    if len(parts) == 1:
        return first
    name = str(paths[0]) if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"

    def chunks(has_header: bool, wanted: Sequence[int], faults: ImportErrors) -> Iterator[Chunk]:
        faults.files = [_called(*part) for part in parts]
        for number, part in enumerate(parts):
            found, faults.before = _part(*part), number * PER_FILE
            where = _where(found, first, has_header, wanted)
            for chunk in found.chunks(has_header, where, faults):
                yield Chunk(chunk.lines, dict(zip(wanted, map(chunk.columns.__getitem__, where), strict=True)))

    return TableFile(name, f"{first.form}, {len(parts)} files", first.first, first.numeric, chunks)


def _where(part: TableFile, first: TableFile, has_header: bool, wanted: Sequence[int]) -> Sequence[int]:
    """Where the columns of the first of several files stand in another."""
    head, there = first.first[0], part.first[0]
    if not has_header:
        if len(there) != len(head):
            refuse(part.file, f"{len(there)} columns; {first.file} has {len(head)}: read it alone", 1)
        return wanted
    names = [plain_name(name) for name in there]
    if lacking := [head[column] for column in wanted if plain_name(head[column]) not in names]:
        refuse(part.file, f"no column {', '.join(map(format_value, lacking))}, as {first.file} has: read it alone", 1)
    return [names.index(plain_name(head[column])) for column in wanted]


def _parts(path: Path, name: str) -> list[tuple[Path, str]]:
    """The files that a path stands for: itself, those of a folder, or the members of an archive."""
    if not os.path.lexists(path):
        is_path = len(name) <= LONGEST_NAME and name.isprintable()
        refuse(name if is_path else format_value(name), "there is no such file")
    with _located(name):
        if path.is_dir():
            held = [one for one in sorted(path.iterdir()) if one.is_file() and not one.name.startswith(".")]
            return [part for one in held for part in _parts(one, str(one))] or refuse(name, "the folder holds no files")
        with path.open("rb") as stream:
            start = stream.read(4)
            if not start:
                refuse(name, "the file is empty")
            if start != b"PK\x03\x04":
                return [(path, "")]
            members = [one.filename for one in zipfile.ZipFile(stream).infolist() if not one.is_dir()]
    if "[Content_Types].xml" in members:
        refuse(name, "this is a workbook; save its sheet as CSV")
    held_too = [one for one in members if not one.startswith("__MACOSX") and not Path(one).name.startswith(".")]
    return [(path, one) for one in held_too] or refuse(name, "the archive holds no files")


def _called(path: Path, member: str) -> str:
    return f"{path}/{member}" if member else str(path)


def _part(path: Path, member: str) -> TableFile:
    with path.open("rb") as stream:
        is_parquet = stream.read(4) == b"PAR1"
    return _arrow(path, str(path), "Parquet") if is_parquet else _text(path, member)


@contextmanager
def _located(name: str, line: Callable[[], int] = lambda: 0) -> Iterator[None]:
    """Turns what goes wrong while a file is read into a located error."""
    try:
        yield
    except EOFError:
        refuse(name, "the compressed file is cut off here; what follows is missing: fetch it again", line())
    except (*_UNREADABLE, zlib.error, lzma.LZMAError, zipfile.BadZipFile, csv.Error) as problem:
        words = (str(problem).splitlines() or [type(problem).__name__])[0]
        refuse(name, f"it cannot be read here ({words}); is it whole, and a table?", line())


@contextmanager
def _opened(path: Path, member: str) -> Iterator[IO[str]]:
    """The text of a file or a member of an archive, unpacked where it is packed."""
    with ExitStack() as stack:
        archive = stack.enter_context(zipfile.ZipFile(path)) if member else None
        stream: Any = stack.enter_context(archive.open(member) if archive else path.open("rb"))
        start = stream.peek(6)
        for unpacker in (one for mark, one in PACKINGS.items() if start.startswith(mark)):
            stream = stack.enter_context(unpacker(stream))
        # Bytes that are no UTF-8 are kept as they are: names may be of other encodings.
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        yield stack.enter_context(text)


def _text(path: Path, member: str) -> TableFile:
    name, at_line = _called(path, member), [0]
    with _located(name, lambda: at_line[0]), _opened(path, member) as text:
        told = (line for line in _lines(text, at_line) if line.strip() and not line.startswith(COMMENTS))
        lines = list(islice(told, SAMPLE_ROWS))
    if not lines:
        refuse(name, "the file holds no rows")
    if "\0" in lines[0]:
        refuse(name, "this is no plain text: save UTF-16 as UTF-8; an archive, unpack it and name the folder")
    # The separator that most rows have as often as the first, and oftenest.
    counts = {one: [line.count(one) for line in lines[:50]] for one in SEPARATORS if one in lines[0]}
    separator = max(counts, key=lambda one: (counts[one].count(counts[one][0]), counts[one][0]), default="")
    if not separator:
        found = format_value(lines[0].strip())
        refuse(name, f"no tab, comma, semicolon or bar in {found}: no columns to tell apart", 1)
    # With tabs a quote is a letter, unless whole fields stand in quotes.
    is_quoted = separator != "\t" or any(
        len(field) > 1 and field.startswith('"') and field.endswith('"')
        for field in lines[0].rstrip("\r\n").split(separator)
    )
    dialect: dict[str, Any] = {"delimiter": separator, "quoting": csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE}
    with _located(name, lambda: 1):
        rows = [tuple(row) for row in csv.reader(lines, **dialect) if row]
    first = tuple(row for row in rows if row[1:3] != (NOTE, NOTE)) or tuple(rows)

    def chunks(has_header: bool, wanted: Sequence[int], faults: ImportErrors) -> Iterator[Chunk]:
        at_line = [0]
        with _opened(path, member) as text, _located(name, lambda: at_line[0]):
            reader = csv.reader(chain(_lines(text, at_line), [END]), **dialect)
            picked = _rows(reader, len(first[0]), wanted, faults)
            if has_header:
                next(picked, None)
            while found := list(islice(picked, CHUNK_ROWS)):
                lines, *columns = zip(*found, strict=True)
                yield Chunk(np.array(lines, np.int64), dict(zip(wanted, columns, strict=True)))

    return TableFile(name, f"{SEPARATORS[separator]}-separated text", first, frozenset(), chunks)


def _lines(text: IO[str], at_line: list[int]) -> Iterator[str]:
    while line := text.readline(LONGEST_LINE):
        at_line[0] += 1
        if len(line) == LONGEST_LINE:
            raise csv.Error(f"it is longer than {LONGEST_LINE:,} letters: no table")
        yield line


def _rows(reader: Any, width: int, wanted: Sequence[int], faults: ImportErrors) -> Iterator[tuple[int | str, ...]]:
    """Line and wanted fields of every row; comments are no rows, and a coder's notes have any width."""
    pick, last = itemgetter(*wanted, 0), 0
    for row in reader:
        line, last = last + 1, reader.line_num
        if not row or row[0].startswith(COMMENTS):
            continue
        if row[-1].endswith(END):
            name, line = faults.place(faults.before + line)
            refuse(name, f"{UNCLOSED}: no row after it can be told, so bad rows cannot be left out", line)
        if len(row) != width and row[1:3] == [NOTE, NOTE]:
            row.extend([""] * width)
        elif len(row) != width:
            if "".join(row).strip():
                kind, found = f"a row of this file has {width} fields", f"{len(row)} field{'s' * (len(row) != 1)}"
                faults.add(kind, faults.before + reader.line_num, 1, found)
            continue
        yield (faults.before + reader.line_num, *pick(row)[:-1])


def _arrow(given: Any, name: str, form: str) -> TableFile:
    """A Parquet file or a table of some library; in pandas, what is neither number nor date is taken as text."""
    from pyarrow import dataset, table, types

    with _located(name):
        if not isinstance(given, Path):
            if hasattr(given, "select_dtypes"):
                mixed = given.select_dtypes(exclude=["number", "datetime"])
                given = given.assign(**{key: mixed[key].map(str, na_action="ignore") for key in mixed})
            given = table(given)
            names = ["date" if one == "__index_level_0__" else one for one in given.column_names]
            given = given if "date" in given.column_names else given.rename_columns(names)
        data = dataset.dataset(given)
        sample = data.head(SAMPLE_ROWS)
    if not sample.num_rows:
        refuse(name, f"{form} holds no rows")
    kinds = [getattr(kind, "value_type", kind) for kind in sample.schema.types]
    numeric = frozenset(at for at, kind in enumerate(kinds) if types.is_integer(kind) or types.is_floating(kind))
    first = (tuple(data.schema.names), *zip(*map(_words, sample.columns), strict=True))

    def chunks(_: bool, wanted: Sequence[int], faults: ImportErrors) -> Iterator[Chunk]:
        row = faults.before + 1
        with _located(name):
            columns = [data.schema.names[one] for one in wanted]
            for batch in data.to_batches(columns=columns, batch_size=CHUNK_ROWS, batch_readahead=1):
                lines = np.arange(row, row := row + batch.num_rows)
                yield Chunk(lines, {one: _words(column) for one, column in zip(wanted, batch.columns, strict=True)})

    return TableFile(name, form, first, numeric, chunks)


def _words(column: Any) -> list[str]:
    """A column as text; empty where missing; timestamps as days, what is no single value as "?"."""
    import pyarrow

    if isinstance(column.type, pyarrow.BaseExtensionType):
        return ["?"] * len(column)
    try:
        if pyarrow.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if pyarrow.types.is_timestamp(column.type):
            column = column.cast(pyarrow.date32(), safe=False)
        return ["" if one is None else one for one in column.cast(pyarrow.string()).to_pylist()]
    except pyarrow.ArrowException:
        return ["?"] * len(column)


class Layout:
    """Where things stand in a file: numbers of columns by role, of a side all that are looked at, in order."""

    def __init__(
        self, format: str, form: str, names: Sequence[str], known: Mapping[str, Sequence[str]], *, has_header: bool
    ) -> None:
        self.format, self.form, self.names, self.has_header = format, form, names, has_header
        plain = [plain_name(one) for one in names]
        found = {role: tuple(plain.index(one) for one in columns if one in plain) for role, columns in known.items()}
        self.source, self.target = found["source"], found["target"]
        self.roles = {role: found[role][0] for role in ("date", "code", *OPTIONAL) if found.get(role)}


def layout_of(file: TableFile, format: str, columns: Mapping[Any, str]) -> Layout:
    """The layout of a file by the format given or told by its header or width; `columns` : other names by role."""
    if format != "auto" and format not in FORMATS:
        refuse(file.file, f"no format {format_value(format)}; there is auto, {', '.join(FORMATS)}", 0, 0)
    given = {role: plain_name(name) for role, name in columns.items()}
    names = tuple(plain_name(one) for one in file.first[0])
    tried = FORMATS if format == "auto" else (format,)
    for needed, name in product((NEEDED, SCORED), tried):
        known = {**FORMATS[name].columns, **{role: (column,) for role, column in given.items()}}
        if all(set(known.get(role, ())) & set(names) for role in needed):
            form = f"{FORMATS[name].title}, known by its header; {file.form}"
            return Layout(name, form, file.first[0], known, has_header=True)
    if not given and (found := _without_header(file, tried)):
        return found
    # Which columns there are, and which would be needed.
    there = ", ".join(format_value(one) for one in file.first[0][:12]) + (", ..." if len(file.first[0]) > 12 else "")
    missing = [f"no column {format_value(name)} for the {role}" for role, name in given.items() if name not in names]
    wanted = FORMATS["keds" if format == "auto" else format]
    lacking = [role for role in NEEDED if role not in given and not set(wanted.columns[role]) & set(names)]
    if lacking:
        needs = (f"{role}: {' or '.join(wanted.columns[role])}" for role in lacking)
        missing.append(f"missing are columns for {'; '.join(needs)}")
    which = "this is no known format" if format == "auto" else f"this is no {wanted.title}"
    advice = (
        "give --format, or name the columns: `columns: {date: ..., source: ...}` in the file of --mapping, in Python "
        'mapping={"columns": {...}}'
    )
    refuse(file.file, f"{which}: {len(names)} columns, {there}; {'; '.join(missing)}; {advice}", 1)


def plain_name(text: str) -> str:
    """A column's name in lower case, letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def _without_header(file: TableFile, tried: Iterable[str]) -> Layout | None:
    """The layout that the number of columns and what stands in most rows tell."""
    rows = [row for row in file.first if len(row) == len(file.first[0])]
    width = len(rows[0])
    name = next((one for one in tried if width in FORMATS[one].headless), None)
    if name is None:
        return None
    title, columns = FORMATS[name].headless[width]
    names = [columns.get(place, "") for place in range(width)]
    if name == "keds":  # scores may stand beside the codes, or in their place
        code, *beside = (list(column) for column in zip(*(row[3:5] for row in rows), strict=True))
        names[4:5] = ["score" if all(map(_is_score, column)) else "" for column in beside]
        if all(map(_is_score, code)) and not all(map(_is_code, code)):
            names[3:5] = ["score", *[""] * len(beside)]
    form = f"{title}, known by its {width} columns; {file.form}"
    layout = Layout(name, form, names, FORMATS[name].columns, has_header=False)
    tells, is_told = ("code", _is_code) if "code" in layout.roles else ("score", _is_score)
    fits = [bool(is_told(row[layout.roles[tells]]) and _is_datelike(row[layout.roles["date"]])) for row in rows]
    return layout if 2 * sum(fits) >= len(fits) and _is_datelike(rows[0][layout.roles["date"]]) else None


_is_code = re.compile(r"""["'\s]*\d{1,4}(\.0*)?["'\s]*""").fullmatch
_is_score = re.compile(r"\s*[-+]?\d{1,2}([.,]\d*)?\s*").fullmatch
_is_datelike = re.compile(r"\W*\d{1,4}[-/. ]?\w").match
