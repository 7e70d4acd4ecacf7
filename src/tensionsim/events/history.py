"""One observed history, whatever it comes from: directed events between actors, by date, as arrays.

Below it are the codes of events and their scores, and the curated histories that come with the package.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensionsim.errors import CatalogueError, counted, day_of, nearest, one_of, shown
from tensionsim.model.catalogue import KINDS, Move, goldstein, rows, shipped
from tensionsim.model.structure import TRACKS, Bools, Floats, Ints
from tensionsim.notebook import as_html

if TYPE_CHECKING:
    import pandas as pd


Dates = NDArray[np.datetime64]
Codes = NDArray[Any]
"""Texts; NumPy's own name for their type is a link to nowhere in the documentation."""

NO_ROW = -1
"""Row of an issue or a move that is not known."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows left out for one reason: how many, the first (0: without a number), and its file if there are several."""

    reason: str
    count: int
    first_line: int = 0
    file: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A code that was taken for an actor, and how often it stands on either side of an event."""

    actor: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a file's rows: `events + folded + left out = rows`; notes : rules applied, with counts."""

    source: str
    form: str
    rows: int
    events: int
    folded: int = 0
    folded_by: str = ""
    left_out: tuple[LeftOut, ...] = ()
    taken: tuple[Taken, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rows_left_out(self) -> int:
        """Number of rows left out, for whatever reason."""
        return sum(one.count for one in self.left_out)

    def lines(self) -> list[str]:
        """The account in words, a line each."""
        width = len(f"{self.rows:,}")
        told = [f"{self.source}: {self.form}", f"  {self.rows:{width},} row{'s' * (self.rows != 1)}"]
        told.append(f"  {self.events:{width},} used, an event each")
        if self.folded_by:
            told.append(f"  {self.folded:{width},} folded into an event of the same day, {self.folded_by} and code")
        unit = "line" if "-separated" in self.form else "row"
        for one in self.left_out:
            file = f"{one.file}, " if one.file else ""
            place = f" (first: {file}{unit} {one.first_line})" if one.first_line else ""
            told.append(f"  {one.count:{width},} left out: {one.reason}{place}")
        told += [f"  {note}" for note in self.notes]
        return told


ARRAYS = (
    *("dates", "actor", "target", "issue", "track", "cameo"),
    *("score", "is_material", "weight", "move", "description"),
)
"""What a history holds of every event."""

OTHERS = "most frequent other actors"
"""How the note begins that names them."""

DEFAULT_ISSUE = "relations"
"""The issue of events that do not say theirs."""


class Held(NamedTuple):
    """An arrangement that was in force on the day from which a history is observed."""

    name: str
    actor: str
    target: str
    issue: str


@dataclass(frozen=True, slots=True, eq=False)
class EventHistory:
    """Directed events between two or more actors, by date; every array has the axis `event`.

    name : what it is called. actors, issues, moves : names, as a scenario calls them, of which `actor`, `target`,
    `issue` and `move` are rows, -1 where an issue is unknown or no move stands for the event. dates : days, ascending.
    track : 0 political, 1 technical. cameo : CAMEO codes. score : on Goldstein's scale, -10 (conflict) to 10
    (cooperation). is_material : deeds as against words. weight : how many events a row stands for, > 0; 1 is usual.
    description : what happened, in words; empty where the source does not say. report : what became of every row of the
    source. observed : first and last day that the source covers, where it is known to reach beyond its first or last
    event. held : arrangements in force on the first day, begun and ended by moves; None where the source tells of none,
    and no move of it begins or ends one.

    Examples
    --------
    >>> import tensionsim as ts
    >>> history = ts.curated_history()
    >>> history.actors[:2], history.issues
    (('bogota', 'washington'), ('drugs', 'china', 'venezuela', 'migration'))
    >>> early = history.until("2020-12-31")
    >>> str(early.dates[-1]) <= "2020-12-31", len(early) < len(history)
    (True, True)
    """

    name: str
    actors: tuple[str, ...]
    dates: Dates
    actor: Ints
    target: Ints
    issues: tuple[str, ...]
    issue: Ints
    track: Ints
    cameo: Codes
    score: Floats
    is_material: Bools
    weight: Floats
    moves: tuple[str, ...]
    move: Ints
    report: Reading
    observed: tuple[dt.date | None, dt.date | None] = (None, None)
    held: tuple[Held, ...] | None = None
    description: Codes = dataclasses.field(default_factory=lambda: np.zeros(0, "U1"))

    def __post_init__(self) -> None:
        if len(self.description) != len(self.dates) and not any(self.description.tolist()):
            object.__setattr__(self, "description", np.full(len(self.dates), "", "U1"))
        sizes = {name: getattr(self, name).shape for name in ARRAYS}
        if set(sizes.values()) != {(len(self.dates),)}:
            raise ValueError(f"arrays of an event history differ in shape: {sizes}")
        if np.any(self.dates[1:] < self.dates[:-1]):
            raise ValueError("events of a history stand by date, ascending")

    def __len__(self) -> int:
        return len(self.dates)

    def __repr__(self) -> str:
        between = ", ".join(self.actors)
        many = counted(len(self), "event")
        return f"<EventHistory {self.name!r}: {many} between {between}, {self.first} to {self.last}>"

    def _repr_html_(self) -> str:
        return as_html(self, self.report.notes, self.table())

    @property
    def first(self) -> dt.date:
        """First day observed."""
        return self.observed[0] or self.dates[0].astype("datetime64[D]").item()

    @property
    def last(self) -> dt.date:
        """Last day observed."""
        return self.observed[1] or self.dates[-1].astype("datetime64[D]").item()

    def between(self, since: dt.date | str | None = None, until: dt.date | str | None = None) -> EventHistory:
        """The events from one day to another, both included; `report` stays that of the whole.

        The days observed are narrowed likewise. What is in force on the first day is not worked out anew, so a
        history with arrangements can be cut at its end only.

        Raises
        ------
        ValueError
            If a history with arrangements is cut at its beginning.
        """
        start, end = (None if day is None else day_of(day) for day in (since, until))
        if self.held is not None and start is not None and start > self.first:
            raise ValueError(f"{self.name} tells what was in force on {self.first}; it cannot begin later")
        from_row = 0 if start is None else int(np.searchsorted(self.dates, np.datetime64(start), side="left"))
        to_row = len(self) if end is None else int(np.searchsorted(self.dates, np.datetime64(end), side="right"))
        part = {name: getattr(self, name)[from_row : max(from_row, to_row)] for name in ARRAYS}
        span = (max(start or self.first, self.first), min(end or self.last, self.last))
        return dataclasses.replace(self, **part, observed=span)

    def usual_volume(self) -> float:
        """Events in a usual month: the median over calendar months, weights counted; the mean where that is 0.

        The median, because a war of some months must not set the yardstick that it is measured with.
        """
        months = self.dates.astype("datetime64[M]").astype(np.int64)
        first = np.datetime64(self.first, "M").astype(np.int64)
        count = np.datetime64(self.last, "M").astype(np.int64) - first + 1
        volume = np.bincount(months - first, self.weight, minlength=int(count))
        return float(np.median(volume)) or float(volume.mean())

    def until(self, date: dt.date | str) -> EventHistory:
        """The events up to a day, that day included."""
        return self.between(until=date)

    def table(self) -> pd.DataFrame:
        """The events as a table with names instead of rows: one line an event."""
        import pandas as pd

        named = {**self._columns(), "date": self.dates.astype("datetime64[s]")}
        columns = ["date", "actor", "target", "cameo", "score", "kind", "issue", "track", "move", "weight"]
        return pd.DataFrame({column: named[column] for column in columns})

    def _columns(self) -> dict[str, NDArray[Any]]:
        """Every column of `COLUMNS` with names instead of rows, shape (event,)."""
        return {
            "date": self.dates,
            "actor": _named(self.actors, self.actor),
            "target": _named(self.actors, self.target),
            "issue": _named(self.issues, self.issue),
            "track": _named(TRACKS, self.track),
            "cameo": self.cameo,
            "score": self.score,
            "kind": np.where(self.is_material, *KINDS[::-1]),
            "weight": self.weight,
            "move": _named(self.moves, self.move),
            "description": self.description,
        }


def expect_history(given: object) -> EventHistory:
    """The history that was given; TypeError for what is none, a table or a path."""
    if isinstance(given, EventHistory):
        return given
    raise TypeError(f"events are an EventHistory, which read_events() makes of files and tables; got {shown(given)}")


def _named(names: tuple[str, ...], rows: Ints) -> NDArray[np.object_]:
    """Names of rows; empty for -1."""
    return np.array([*names, ""], dtype=object)[rows]


SCALES: Mapping[str, str] = {
    "cameo": "Goldstein's scores by CAMEO code, the project's own table",
    "keds": "the same with the twelve codes that KEDS data score otherwise",
    "file": "the scores that stand in the file",
}

ROOTS_OF_DEEDS = frozenset(("06", "07", "08", *(str(root) for root in range(14, 21))))
"""Roots of material acts: cooperation 06 to 08, conflict 14 to 20; words are 01 to 05 and 09 to 13."""

PLOVER: Mapping[str, str] = {
    **{"AGREE": "03", "CONSULT": "04", "SUPPORT": "05", "COOPERATE": "06", "AID": "07", "CONCEDE": "08"},
    **{"RETREAT": "08", "REQUEST": "10", "DEMAND": "10", "ACCUSE": "11", "REJECT": "12", "THREATEN": "13"},
    **{"PROTEST": "14", "MOBILIZE": "15", "SANCTION": "16", "COERCE": "17", "ASSAULT": "18"},
}
"""CAMEO root of each PLOVER type, by the table of 2021.

Several roots become one type there; the one with the most codes is taken back: ACCUSE holds 09 and 11, ASSAULT 18 to
20. Assumption: REQUEST, as published POLECAT data say, is that table's DEMAND, because it stands in its place.
"""

WEIS = frozenset(
    f"{root:02}{leaf}"
    for root, leaves in enumerate((3, 5, 3, 2, 4, 6, 3, 2, 5, 2, 2, 2, 2, 2, 1, 1, 4, 2, 5, 2, 3, 5), start=1)
    for leaf in range(leaves + 1)
)
"""Codes of WEIS, in KEDS's numbers of three digits; they mean other things than in CAMEO, so that a file is refused."""

KEDS: Mapping[str, float] = {
    **{"016": 3.4, "019": 0.0, "022": 3.4, "124": -5.0, "1241": -5.0, "1243": -5.0, "1246": -5.0, "129": -4.0},
    **{"163": -6.5, "165": -7.0, "166": -8.0, "1213": -4.0},
}
"""Scores of KEDS data, which number some codes otherwise, where they differ from the table (`data/README.md`)."""


def is_deed(cameo: str) -> bool:
    """Whether a code is of a material act."""
    return cameo[:2] in ROOTS_OF_DEEDS


def zeros_lost(seen: Mapping[tuple[str, float], int], *, is_typed: bool) -> Literal["none", "roots", "all"]:
    """Which codes of a file lost their zeros by being written as numbers: none, roots alone (4 for 04) or all."""
    known = {(code, score): count for (text, score), count in seen.items() if (code := _digits(text))}
    table, codes = goldstein(), {code for code, _ in known}
    if any(code.startswith("0") for code in codes):
        return "none"
    if any(len(code) > 1 and code not in table and _mended(code) in table for code in codes):
        return "all"
    votes = sum(  # of the file's own scores, for 020 rather than 20
        count * ((score == table[f"0{code}"]) - (score == table[code]))
        for (code, score), count in known.items()
        if len(code) == 2 and code in table
    )
    if votes or any(len(code) == 1 for code in codes):
        return "all" if votes > 0 else "roots"
    return "all" if is_typed or any("." in text for text, _ in seen if _digits(text)) else "none"


def is_weis(codes: Collection[str]) -> bool:
    """Whether codes are of WEIS: some begin with 21 or 22 as none of CAMEO does, and most others are in WEIS too."""
    known = {code for text in codes if (code := _digits(text))}
    has_zeros = any(code.startswith("0") for code in known)
    telling = {code for code in known if code[:2] in ("21", "22") and (has_zeros or f"0{code}" not in goldstein())}
    shared = sum(code.zfill(3) in WEIS for code in known - telling)
    return bool(telling & WEIS) and 5 * shared >= 4 * len(known - telling)


def cameo_of(text: str, coding: str, *, zeros: str) -> str | None:
    """The CAMEO code that a text means, its root known; None if it means none. zeros : as `zeros_lost` tells."""
    if coding == "plover":
        return PLOVER.get(text.strip().upper())
    code = _digits(text) or ""
    if zeros == "all" and (mended := _mended(code)) != code:
        return mended if mended in goldstein() else None
    code = f"0{code}" if zeros == "roots" and len(code) == 1 else code
    return code if len(code) > 1 and code[:2] in goldstein() else None


def root_scored(score: float) -> str:
    """The CAMEO root whose score is nearest, words before deeds."""
    roots = [code for code in goldstein() if len(code) == 2]
    return min(roots, key=lambda root: (abs(goldstein()[root] - score), is_deed(root), root))


def scored_as(cameo: str, table: Container[str]) -> str:
    """The code whose score a code has: itself, or the nearest above it that the table knows."""
    while cameo not in table:
        cameo = cameo[:-1]
    return cameo


def describe_coding(coding: str) -> str:
    """What a code can be, for messages."""
    return f"a PLOVER type: {', '.join(PLOVER)}" if coding == "plover" else "a CAMEO code: 2 to 4 digits, 01 to 2042"


def _digits(text: str) -> str | None:
    found = re.fullmatch(r"(\d{1,4})(?:[.,]0*)?", text.strip(" \t\"'"), re.ASCII)
    return found[1] if found else None


def _mended(code: str) -> str:
    """A code with the zero that it lost: 43 is 043, 211 is 0211, 3 is 03. Assumption: files seldom hold bare roots."""
    return f"0{code}" if len(code) < 3 or (len(code) == 3 and code[:2] > "20") else code


ORIGINS: Mapping[str, dt.date] = {"us_colombia": dt.date(2017, 1, 1)}
"""The known histories, each with the day from which it is observed."""

MIDDLE_OF_MONTH = 15


class ObservedMove(NamedTuple):
    """A move, by its name in the catalogue, that an actor really made towards a target, on an issue.

    confidence : `seen` (a source states it), `derived` (its day or month is derived from what a source states), `seed`
    (one of two analyst articles states it) or `memory`.
    """

    date: dt.date
    actor: str
    target: str
    issue: str
    move: str
    description: str
    confidence: str
    source: str


def names() -> tuple[str, ...]:
    """The known histories."""
    return tuple(ORIGINS)


@cache
def observed(name: str = "us_colombia") -> tuple[ObservedMove, ...]:
    """The observed moves by date. Assumption: what is dated to a month was on its 15th, as the middle errs least."""
    columns = ["actor", "target_actor", "model_issue", "move", "description", "confidence", "source"]
    found = [row for row in _rows(name, "events") if row["move"]]
    moves = [ObservedMove(_date(row["date"]), *map(row.__getitem__, columns)) for row in found]
    return tuple(sorted(moves, key=lambda one: one.date))


@cache
def curated_history(name: str = "us_colombia") -> EventHistory:
    """A curated history as events: its observed moves with their scores, and what was in force before them.

    Raises
    ------
    CatalogueError
        There is no such history.

    Examples
    --------
    >>> import tensionsim as ts
    >>> history = ts.curated_history()
    >>> history.first.isoformat(), history.moves[history.move[0]]
    ('2017-01-01', 'pledge_eradication')
    """
    all_rows, found = _rows(name, "events"), observed(name)
    left_out = Counter(row["note"] for row in all_rows if not row["move"])
    return history_of_moves(
        name,
        [(one.date, one.actor, one.target, one.issue, shipped().moves[one.move]) for one in found],
        Reading(
            source=name,
            form="curated history, mapped to moves by hand",
            rows=len(all_rows),
            events=len(found),
            left_out=tuple(LeftOut(*one) for one in left_out.items()),
        ),
        observed=(ORIGINS[name], None),
        held=tuple(Held(*map(row.__getitem__, Held._fields)) for row in _rows(name, "arrangements")),
        description=[one.description for one in found],
    )


def history_of_moves(
    name: str,
    made: Sequence[tuple[dt.date, str, str, str, Move]],
    report: Reading,
    *,
    observed: tuple[dt.date | None, dt.date | None],
    held: tuple[Held, ...] | None,
    description: Sequence[str] = (),
) -> EventHistory:
    """A history of moves: of each, by date, its day, actor, target, issue and move, whose code and score it has."""
    rows = [
        (*who, TRACKS.index(move.track), move.cameo, move.goldstein, move.is_material, 1.0, move.name, told)
        for (*who, move), told in zip(made, description or [""] * len(made), strict=True)
    ]
    return _of_rows(name, rows, report, observed=observed, held=held)


def _of_rows(name: str, rows: Sequence[tuple[Any, ...]], report: Reading, **more: Any) -> EventHistory:
    """The history of events by date: of each its cells, in the order of `COLUMNS`."""
    columns = dict(zip(COLUMNS, [*zip(*rows, strict=True)] or [()] * len(COLUMNS), strict=True))
    columns["dates"], columns["is_material"] = columns["date"], columns["kind"]
    kinds = {"dates": "datetime64[D]", "track": "i8", "cameo": "U4", "score": "f8", "is_material": "?", "weight": "f8"}
    more |= {name: np.array(columns[name], kind) for name, kind in (kinds | {"description": "U"}).items()}
    more["issues"], more["issue"] = rows_of(columns["issue"])
    more["moves"], more["move"] = rows_of(columns["move"])
    actors, who = rows_of([one for pair in zip(columns["actor"], columns["target"], strict=True) for one in pair])
    return EventHistory(name=name, actors=actors, actor=who[::2], target=who[1::2], report=report, **more)


def rows_of(texts: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    """Distinct texts in order of their first row, and the row of each in them; -1 where empty."""
    names = tuple(dict.fromkeys(text for text in texts if text))
    where = {name: row for row, name in enumerate(names)} | {"": NO_ROW}
    return names, np.array([where[text] for text in texts], np.int64)


def says_no_issue(history: EventHistory, issues: Collection[str]) -> Bools:
    """Which events do not say on which of a scenario's issues they are, shape (event,)."""
    silent = {"", DEFAULT_ISSUE} - {*issues}
    return np.array([name in silent for name in (*history.issues, "")])[history.issue]


def dealt(history: EventHistory, among: Sequence[str], issues: Collection[str]) -> EventHistory:
    """Events without an issue put on those given. Assumption: in turn by day, so that none counts twice."""
    is_silent = says_no_issue(history, issues)
    if not among or not is_silent.any():
        return history
    turn = history.dates.astype("datetime64[D]").astype(np.int64) % len(among)
    named = np.where(is_silent, np.array(among, object)[turn], _named(history.issues, history.issue))
    issues, issue = rows_of(named.tolist())
    return dataclasses.replace(history, issues=issues, issue=issue)


COLUMNS = ("date", "actor", "target", "issue", "track", "cameo", "score", "kind", "weight", "move", "description")
"""Of a table of events in the package's own form; `read_table` says which are needed."""


def table_text(history: EventHistory) -> str:
    """A history as CSV text in the package's own form, one line an event, which `read_table` reads back."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    columns = history._columns()
    for name in ("score", "weight"):
        columns[name] = np.array([repr(value).removesuffix(".0") for value in columns[name].tolist()])
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()


def read_table(text: str, name: str, moves: Mapping[str, Move] = MappingProxyType({})) -> EventHistory:
    """The history that CSV text in the package's own form holds, whose columns may stand in any order.

    Each row has `date` (of a month alone: its 15th), `actor`, `target`, and either `move`, one of `moves`, or `cameo`
    and, where it is not that of the code, `score`. Where not given, `issue` is unknown, `track` political, `kind`
    (verbal or material) that of the code, `weight` 1. EventError tells of every row that cannot be used.
    """
    from tensionsim.events.files import ImportErrors

    faults, found = ImportErrors(name), list[tuple[Any, ...]]()
    reader, lines = csv.reader(io.StringIO(text), strict=True), list[tuple[int, list[str]]]()
    try:
        lines += ((reader.line_num, row) for row in reader if row)
    except csv.Error as slip:
        faults.add("this is not CSV", reader.line_num, 1, str(slip))
        faults.stop("close a quote that is open, and double one that stands within quotes")
    header = [one.strip().casefold() for one in lines[0][1]] if lines else []
    if lacking := [one for one in ("date", "actor", "target") if one not in header]:
        faults.add(f"a table of events has the columns {', '.join(COLUMNS)}", 1, 1, f"no column {lacking[0]}")
        faults.stop("write them into its first line")
    for line, row in lines[1:]:
        if beyond := next(filter(str.strip, row[len(header) :]), ""):
            faults.add(f"the first line names {len(header)} columns", line, len(header) + 1, repr(beyond))
        cells = {key: cell.strip() for key, cell in zip(header, row, strict=False) if key in COLUMNS and cell}

        def note(column: str, kind: str, line: int = line, told: Mapping[str, str] = cells) -> None:
            at = 1 + header.index(column) if column in header else 1
            faults.add(kind, line, at, f"{column} {told.get(column, '')!r}")

        named = cells.get("move", "")
        move, code = moves.get(named), cells.get("cameo") or (moves[named].cameo if named in moves else "")
        if named and not move and not code:
            near = nearest(named, moves)
            note("move", f"no such move{f'; did you mean {near!r}?' if near else ' in the scenario'}")
            code = "01"
        score = str(goldstein()[scored_as(code, goldstein())]) if code[:2] in goldstein() else "0"
        usual = {"cameo": code, "kind": KINDS[is_deed(code)], "track": TRACKS[0], "score": score, "weight": "1"}
        usual |= {"kind": move.kind, "track": move.track, "score": str(move.goldstein)} if move else {}
        told, event = {**dict.fromkeys(COLUMNS, ""), **usual, **cells}, list[Any]()
        for column in COLUMNS:
            read, allowed = _CELLS.get(column, (str, ""))
            try:
                event.append(read(told[column]))
            except ValueError:
                note(column, allowed)
        if not told["actor"] or told["target"] in ("", told["actor"]):
            note("target" if told["actor"] else "actor", "an event is of one actor towards another")
        found.append(tuple(event))
    if faults:
        faults.stop("mend these rows")
    if not found:
        faults.add("there are no rows below it", 1, 1, "the header")
        faults.stop("write an event a line")
    found.sort(key=lambda one: one[0])
    report = Reading(name, "table of events in the package's own form", len(found), len(found))
    return _of_rows(Path(name).name.partition(".")[0], found, report)


def read_own(path: Path, moves: Mapping[str, Move]) -> EventHistory | None:
    """The history of a file in the package's own form, one with a column of moves; None where it is another table."""
    from tensionsim.events.files import legible

    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape") as stream:
            header = stream.readline(10_000)
            if not {"date", "actor", "target", "move"} <= {one.strip(' \n"').casefold() for one in header.split(",")}:
                return None
            return read_table(legible(header + stream.read()), str(path), moves)
    except OSError:
        return None


@cache
def _date(text: str) -> dt.date:
    return day_of(text if text.count("-") > 1 else f"{text}-{MIDDLE_OF_MONTH}")


def _code(text: str) -> str:
    if (code := cameo_of(text, "cameo", zeros="none")) is None:
        raise ValueError
    return code


def _within(low: float, high: float) -> tuple[Callable[[str], float], str]:
    def read(text: str) -> float:
        if not low <= (value := float(text)) <= high:
            raise ValueError
        return value

    return read, f"a number in {low:g}..{high:g}"


_CELLS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "date": (_date, "a day like 2025-01-20, or a month like 2025-01"),
    "track": (TRACKS.index, " or ".join(TRACKS)),
    "cameo": (_code, describe_coding("cameo")),
    "score": _within(-10.0, 10.0),
    "kind": (KINDS.index, " or ".join(KINDS)),
    "weight": _within(1e-6, 1e6),
}
"""How cells of a table of events are read, which are not taken as they are, and what is allowed there."""


def _rows(name: str, table: str) -> Sequence[Mapping[str, str]]:
    one_of("the history", name, ORIGINS, CatalogueError)
    return rows(f"{name}_{table}.csv")
