"""Reads event files: what was found becomes an EventHistory, and nothing is dropped without being counted.

The rows between the actors asked for are filtered out of the file; their cells are read column by column; codes get
their issue, track and move from a mapping. `summary_of` says in figures what a history holds.
"""

from __future__ import annotations

import csv
import itertools
import math
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from itertools import pairwise, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn

import numpy as np

from tensionsim.errors import EventError, shown
from tensionsim.events.files import (
    NOTE,
    Chunk,
    ImportErrors,
    Layout,
    TableFile,
    check_dates,
    format_path,
    format_value,
    layout_of,
    legible,
    mistakable,
    plain_name,
    read_days,
    refuse,
    table_file,
)
from tensionsim.events.formats import NEEDED, OPTIONAL
from tensionsim.events.history import (
    DEFAULT_ISSUE,
    KEDS,
    OTHERS,
    SCALES,
    TRACKS,
    Bools,
    Codes,
    Dates,
    EventHistory,
    Floats,
    Ints,
    LeftOut,
    Reading,
    Taken,
    cameo_of,
    describe_coding,
    is_deed,
    is_weis,
    root_scored,
    rows_of,
    scored_as,
    zeros_lost,
)
from tensionsim.model.catalogue import goldstein, labels as catalogue_labels

if TYPE_CHECKING:
    import pandas as pd


OTHER, BOTH, NOBODY, NOTED, UNREADABLE, FAULTY = -1, -2, -3, -4, -5, -6
"""Instead of an actor's row: another actor; several of those asked for; nobody named; a coder's note;
bytes that are not read; in a row with a fault."""

ASKED = "the actors asked for"
_MISSING = frozenset(("", "none", "nan", "null", "---", "na", "n/a"))
_NAMED_ROLES = (
    "(?i:{0}(?:[/:_][a-z0-9]{{3}}|gov|mil|reb|opp|pty|cop|jud|spy|uaf|ins|sep|rad|mod|cvl|bus|med|edu|eli|env|hlh|hri|"
    "lab|leg|ref|agr|crm|dev|stu)+)"
)
"""A country and CAMEO's roles, which are named in small letters and after a name: "police" is no Pole, "IRANIAN" no
role of IRAN."""

_ROLES = "{0}(?:[/:_]?[A-Z0-9]{{3}})+|" + _NAMED_ROLES
"""A country's code and roles of three capitals."""

_NAME = re.compile(r"[^\W\d_][\w-]{0,59}")

REASONS: Mapping[str, str] = {
    "note": f"a coder's note ({NOTE})",
    "nobody": "no source or no target is named",
    "both": "a side names several of the actors",
    "self": "an actor with itself",
    "third": "only one side is of the actors",
    "others": "between others",
}
"""Why a row is not between the actors, in the order in which it is asked."""


MOST_OTHERS = 100_000
"""Distinct codes of other actors that are counted; enough to name the most frequent."""

MOST_NEAR = 1_000
"""Codes of other actors, the most frequent, among which the one that was meant is looked for."""

MOST_NOTED = 6
"""Codes that one note names, or that stand for an actor; the others are counted."""

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_DECIMAL_COMMA = re.compile(r"([-+]?\d*),(?!\d{3}$)(\d+)")

KEYS = ("actors", "issue", "codes", "columns")

_CODE = re.compile(r"(0[1-9]|1[0-9]|20)\d{0,2}")


def read_events(
    source: str | Path | Sequence[str | Path] | pd.DataFrame,
    *,
    dyad: Sequence[str] | Mapping[str, str] | None = None,
    format: str = "auto",
    scale: str = "cameo",
    mapping: str | Path | Mapping[str, object] | None = None,
    one_a_day: Literal["agents", "countries"] | None = None,
    dates: str = "auto",
    leave_out_bad: bool = False,
) -> EventHistory:
    r"""The events between two or more actors that event data hold.

    Rows between others, with one side unnamed or of an actor with itself are left out and counted in `report`.

    Parameters
    ----------
    source
        A CSV, TSV or Parquet file, packed as it may be, in a format of docs/events.md; a folder, an archive or
        a list of such files, which are one table; or a DataFrame.
    dyad
        The actors: texts like "ISR" or "PSE,PAL=palestine" (codes, and what to call the actor; by default the first
        code in lower case), or a mapping of code to actor. Default: those of the mapping, or the only two of the file.
    format
        "gdelt", "icews", "polecat", "phoenix" or "keds"; default "auto", as header and columns tell.
    scale
        Scores: "cameo", the project's table of Goldstein's scores (default); "keds", that of KEDS data; "file", those
        of the file.
    mapping
        A file (YAML or CSV) or dictionary that gives issue, track and move by CAMEO code.
    one_a_day
        Whether events of one day and code become one: where they are of the same "agents" (ISRMIL and ISRGOV are two)
        or of the same "countries", the actors asked for.
    dates
        Of dates like 06/02/2004, "day-first" or "month-first"; default "auto", as the file's other dates tell; or a
        format of `datetime.strptime`, like "%d-%b-%Y".
    leave_out_bad
        Whether rows with a fault are left out and counted instead of refused.

    Returns
    -------
    EventHistory
        By date; `report` says what became of every row of the file.

    Raises
    ------
    EventError
        If the file cannot be used; it lists every kind of fault, with counts and places.

    Examples
    --------
    >>> import tensionsim as ts
    >>> rows = ["2004-02-06,ISR,PSE,020", "2004-02-07,PSEINS,ISR,190", "2004-02-07,USA,ISR,042"]
    >>> with open("events.csv", "w") as file:
    ...     _ = file.write("\n".join(["date,source,target,cameo", *rows]))
    >>> history = ts.read_events("events.csv", dyad=("ISR=israel", "PSE=palestine"))
    >>> len(history), history.score.tolist()
    (2, [3.0, -10.0])
    >>> [(one.reason, one.count) for one in history.report.left_out]
    [('only one side is of the actors', 1)]
    """
    for word, value, choices in (("scale", scale, SCALES), ("one a day", one_a_day, (None, "agents", "countries"))):
        if value not in choices:
            refuse("events", f"no {word} {format_value(value)}; there is {', '.join(map(str, choices))}")
    check_dates(dates, "events")
    mapped = mapping_of(mapping)
    file = table_file(source)
    layout = layout_of(file, format, mapped.columns)
    lookup = Lookup(actors_asked(dyad or mapped.actors or _only_two(file, layout)))
    cells = Cells(file, layout, lookup)
    faults, arrays = cells.faults, cells.arrays
    if not len(arrays["line"]):
        _refuse_nothing(cells)
    codes = {cleaned(code) for code, _ in cells.seen}
    if format == "auto" and layout.coding == "cameo" and is_weis(codes):
        telling = ", ".join(sorted(code for code in codes if code[:2] in ("21", "22"))[:MOST_NOTED])
        what = f"these are codes of WEIS ({telling}), whose numbers mean other things in CAMEO"
        advice = "name a file or a column coded in CAMEO, or say --format keds if these are CAMEO's with slips"
        refuse(file.file, f"{what}; {advice}")
    date, is_scored = cells.dates(dates), scale == "file" or layout.code is None
    if is_scored and "score" not in layout.optional:
        refuse(file.file, "this file has no scores; take --scale cameo")
    kind = "a score is a number in -10..10" if is_scored else ""  # only where they count are they judged
    given = cells.numbers("score", math.nan, -10.0, 10.0, kind)
    cameo = cells.cameo(given)
    score = cells.scores(cameo, given, scale)
    weight = cells.numbers("weight", 1.0, math.ulp(0.0), 1e6, "a weight is a number above 0, up to 1,000,000")
    kind = "an issue is called by a letter, then letters, digits, _ and -"
    issues, issue = rows_of(cells.meant("issue", cameo, mapped, kind, _NAME.fullmatch))
    track = cells.meant("track", cameo, mapped, f"a track is {' or '.join(TRACKS)}", TRACKS.__contains__)
    moves, move = rows_of(cells.meant("move", cameo, mapped))
    if faults and not leave_out_bad:
        faults.stop("mend these rows, or say --leave-out-bad (leave_out_bad=True) to leave out and count them")
    good = np.flatnonzero(~cells.bad)
    if not len(good):
        faults.stop("no row is left without a fault")
    rows = good[np.argsort(date[good], kind="stable")]
    if one_a_day:  # of rows that share day, source, target and code, the first
        sides = ("by", "towards") if one_a_day == "agents" else ("actor", "target")
        code = np.unique(cameo[rows], return_inverse=True)[1]
        keys = np.stack([date[rows].astype(np.int64), *(arrays[side][rows] for side in sides), code])
        rows = rows[np.sort(np.unique(keys, axis=1, return_index=True)[1])]
    of_row: dict[str, Any] = {"dates": date, "actor": arrays["actor"], "target": arrays["target"], "issue": issue}
    of_row |= {"track": np.array([TRACKS.index(one or TRACKS[0]) for one in track], np.int64), "cameo": cameo}
    of_row |= {"score": score, "weight": weight, "move": move}
    return EventHistory(
        name=Path(file.file).name.partition(".")[0],
        actors=lookup.actors,
        issues=issues,
        moves=moves,
        is_material=np.isin(cameo[rows], [code for code in set(cameo.tolist()) if is_deed(code)]),
        report=_report(cells, scale, events=len(rows), good=len(good), by=one_a_day),
        **{name: one[rows] for name, one in of_row.items()},
    )


def _only_two(file: TableFile, layout: Layout) -> list[str]:
    pairs: Counter[tuple[str, str]] = Counter()
    for chunk in file.chunks(layout.has_header, (layout.source[0], layout.target[0]), ImportErrors(file.file)):
        pairs.update(zip(chunk.columns[layout.source[0]], chunk.columns[layout.target[0]], strict=True))
    names = {cleaned(name) for pair in pairs for name in pair} - {NOTE, *_MISSING}
    if len(names) == 2:
        return sorted(names)
    usual = Counter({f"{a} {b}": n for (a, b), n in pairs.items() if a and b and a != b})
    refuse(file.file, f"whose events? say --dyad A B; the most frequent pairs are: {most_frequent(usual)}")


def _refuse_nothing(cells: Cells) -> NoReturn:
    """Says that no event is between the actors, and who is there instead."""
    lookup, others, file = cells.lookup, cells.others, cells.faults.file
    if cells.faults:
        cells.faults.stop("so no row could be used; is this the right format and separator?")
    if not cells.rows:
        refuse(file, "the file holds a header and no rows")
    which = "; ".join(lookup.lacking(others).values()) or "they never meet"
    near = f"; most frequent others: {most_frequent(others)}" if others else ""
    refuse(file, f"none of {cells.rows:,} rows is between {' and '.join(lookup.actors)}: {which}{near}")


def _report(cells: Cells, scale: str, *, events: int, good: int, by: str | None) -> Reading:
    """What became of the rows. good : those without a fault, of which `events` are left when folded `by` something."""
    faults, lookup, others = cells.faults, cells.lookup, cells.others
    reasons = [(words, *cells.left_out[reason]) for reason, words in REASONS.items() if reason in cells.left_out]
    reasons += [(f"a fault: {kind}", count, line) for kind, count, line in faults.kinds()]
    left_out = []
    for words, count, first in reasons:
        name, line = faults.place(first)
        left_out.append(LeftOut(words, count, line, name if faults.files else ""))
    taken = [Taken(lookup.actors[row], text, count) for (row, text), count in cells.taken.most_common()]
    notes, lacking = [], lookup.lacking(others)
    for actor in lookup.actors:
        codes = Counter({one.code: one.count for one in taken if one.actor == actor})
        more = f" and {len(codes) - MOST_NOTED} more codes" if len(codes) > MOST_NOTED else ""
        is_there = f"{actor} is: {most_frequent(codes, MOST_NOTED)}{more}" if codes else f"{actor} is in no event"
        notes.append(lacking.get(actor, is_there))
    notes += [f"scores: {SCALES['file' if cells.layout.code is None else scale]}", *cells.notes]
    if others:
        notes.append(f"{OTHERS}: {most_frequent(others)}")
    return Reading(
        source=faults.file,
        form=cells.layout.form,
        rows=cells.rows,
        events=events,
        folded=good - events,
        folded_by=by or "",
        left_out=tuple(left_out),
        taken=tuple(taken),
        notes=tuple(notes),
    )


@cache
def countries() -> Mapping[str, tuple[str, ...]]:
    """Names of each country by its code, ISO 3166-1 alpha-3, which CAMEO shares for nearly all."""
    text = files("tensionsim").joinpath("data", "countries.csv").read_text(encoding="utf-8")
    return {row["code"]: tuple(row["names"].split("; ")) for row in csv.DictReader(text.splitlines())}


def actors_asked(given: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """Actor by code, from texts like "ISR", "PSE,PAL=palestine", or from a mapping of code to actor.

    An actor without a name of its own is called by its first code in lower case.
    """
    listed: object = [*given.keys(), *given.values()] if isinstance(given, Mapping) else given
    texts: list[Any] = list(listed) if isinstance(listed, Iterable) and not isinstance(listed, str) else [None]
    if not all(isinstance(text, str) for text in texts):
        wanted = 'two texts, ("ISR", "PSE=palestine"), or a mapping of code to actor'
        raise TypeError(f"dyad is {wanted}; got {shown(given)}")
    pairs = list(given.items()) if isinstance(given, Mapping) else []
    for text in texts if not isinstance(given, Mapping) else ():
        codes, _, name = text.partition("=")
        parts = [one.strip() for one in codes.split(",")]
        pairs += [(one, name.strip() or re.sub(r"\W+", "_", parts[0].casefold())) for one in parts]
    found: dict[str, str] = {}
    whose: dict[str, str] = {}
    for code, actor in pairs:
        known = whose.setdefault(_folded(code.strip()), actor)
        found[code.strip()] = actor
        if known != actor:
            refuse(ASKED, f"{format_value(code)} is asked for as {known} and as {actor}; a code is one actor's", 0, 0)
        if not code.strip() or not _NAME.fullmatch(actor):
            rule = "a letter, then letters, digits, _ and -; write CODE=name"
            refuse(ASKED, f"{format_value(actor)} is no name for an actor: {rule}", 0, 0)
    if len(set(found.values())) < 2:
        told = "at least two actors are needed, like --dyad ISR PSE; events of one with itself are left out"
        refuse(ASKED, told, 0, 0)
    return found


class Lookup(dict[str, int]):
    """The actor (row of `actors`) of every value that a file has; each distinct value is worked out once."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        super().__init__()
        self.asked, self.actors = asked, tuple(dict.fromkeys(asked.values()))
        rows = {code: self.actors.index(actor) for code, actor in asked.items()}
        self._names: dict[str, int] = {}
        for code, row in rows.items():
            named = (known for known, names in countries().items() if _folded(code) in map(_folded, names))
            country = code if code in countries() else next(named, None)
            for alias in (code, *((country, *countries()[country]) if country else ())):
                self._names.setdefault(_folded(alias), row)
        codes = sorted((code for code in rows if len(code) >= 3 and code.upper().isupper()), key=len, reverse=True)
        self._roles = [
            (re.compile((_NAMED_ROLES if is_name else _ROLES).format(re.escape(code.upper()))), rows[code])
            for code in codes
            for is_name in (len(code) % 3 > 0 or _folded(code) in _country_names(),)
        ]

    def __missing__(self, value: str) -> int:
        self[value] = self._actor(value)
        return self[value]

    def lacking(self, others: Counter[str]) -> dict[str, str]:
        """What to say of each actor whose codes never occur: so, and which of the others may be meant."""
        told = {}
        for actor in (one for row, one in enumerate(self.actors) if row not in self.values()):
            codes = [code for code, called in self.asked.items() if called == actor]
            by_name = {_folded(cleaned(other)): cleaned(other) for other, _ in others.most_common(MOST_NEAR)}
            near = [by_name[one] for code in codes for one in get_close_matches(_folded(code), by_name, 1)]
            code = " and ".join(map(format_value, codes))
            named = actor if codes == [actor] else f"code{'s' * (len(codes) > 1)} {code} ({actor})"
            hint = f"; did you mean {format_value(near[0])}?" if near else ""
            told[actor] = f"{named} never occur{'s' * (len(codes) == 1)}{hint}"
        return told

    def _actor(self, value: str) -> int:
        text = cleaned(value)
        if text == NOTE or text.casefold() in _MISSING:
            return NOTED if text == NOTE else NOBODY
        row = self._one(text)
        if row == OTHER and (";" in text or "|" in text):
            rows = {self._one(part.strip()) for part in re.split(r"[;|]", text)} - {OTHER}
            return rows.pop() if len(rows) == 1 else BOTH if rows else OTHER
        return UNREADABLE if row == OTHER and mistakable(value.strip(" \t\"'"), self._names) else row

    def _one(self, text: str) -> int:
        if (row := self._names.get(_folded(text))) is not None:
            return row
        if _folded(text) in _country_names():
            return OTHER
        return next((row for pattern, row in self._roles if pattern.fullmatch(text)), OTHER)


def cleaned(text: str) -> str:
    """A cell without quotes and blanks around it, its bytes read."""
    return legible(text).strip(" \t\"'")


def _folded(name: str) -> str:
    """A name as it is looked up: without case, accents and curls of apostrophes."""
    if not name.isascii():
        parts = unicodedata.normalize("NFKD", name.replace("\u2019", "'"))
        name = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return name.casefold()


@cache
def _country_names() -> frozenset[str]:
    return frozenset(_folded(name) for names in countries().values() for name in names)


def most_frequent(values: Counter[str], count: int = 8) -> str:
    """The most frequent values, for messages: "ISR 120, PSE 98"."""
    return ", ".join(f"{legible(value)[:40]} {number:,}" for value, number in values.most_common(count))


class Cells:
    """The rows of a file that are between the actors, and what became of the others.

    arrays : of shape (row,): `actor`, `target`, `by` and `towards` (all that a side is called, numbered), `line`, and
    by role the number of each row's text among the distinct `texts`. left_out : by reason how many, and the line of the
    first. taken, others, seen : codes of the actors and of others, and those of all rows with their scores.
    """

    def __init__(self, file: TableFile, layout: Layout, lookup: Lookup) -> None:
        self.layout, self.lookup, self.faults = layout, lookup, ImportErrors(file.file)
        self.is_typed, self.rows = layout.code in file.numeric, 0
        self.left_out: dict[str, tuple[int, int]] = {}
        self.taken: Counter[tuple[int, str]] = Counter()
        self.others: Counter[str] = Counter()
        self.seen: Counter[tuple[str, str]] = Counter()
        self.notes: list[str] = []
        roles = layout.roles
        wanted = tuple(dict.fromkeys((*layout.source, *layout.target, *roles.values())))
        # Numbers of distinct texts, in the order in which they were met.
        numbers = {role: defaultdict[str, int](itertools.count().__next__) for role in (*roles, "agents")}
        parts: dict[str, list[Ints]] = defaultdict(list)
        for chunk in file.chunks(layout.has_header, wanted, self.faults):
            sides = [self._actors(chunk, columns) for columns in (layout.source, layout.target)]
            self._note_unreadable(chunk, sides)
            self.rows += int(np.sum(sides[0] != FAULTY))
            kept = self._sort_out(chunk, sides)
            for name, found in (("actor", sides[0]), ("target", sides[1]), ("line", chunk.lines)):
                parts[name].append(found[kept])
            for side, columns in (("by", layout.source), ("towards", layout.target)):
                called = [tuple(chunk.columns[column][row] for column in columns) for row in kept.tolist()]
                known = (next(text for text in names if lookup[text] >= 0) for names in called)
                self.taken.update((lookup[text], cleaned(text)) for text in known)
                parts[side].append(np.array([numbers["agents"]["\t".join(names)] for names in called], np.int64))
                if len(self.others) < MOST_OTHERS:
                    counted = Counter(chunk.columns[columns[0]])
                    self.others.update({text: count for text, count in counted.items() if lookup[text] == OTHER})
            if layout.code is not None and len(self.seen) < MOST_OTHERS:
                given = chunk.columns[layout.optional["score"]] if "score" in layout.optional else repeat("")
                self.seen.update(zip(chunk.columns[layout.code], given, strict=False))
            for role, column in roles.items():
                values, number = chunk.columns[column], numbers[role]
                parts[role].append(np.array([number[values[row]] for row in kept.tolist()], np.int64))
        self.rows += sum(count for _, count, _ in self.faults.kinds())
        names = ("actor", "target", "by", "towards", "line", *roles)
        self.arrays: dict[str, Ints] = {name: np.concatenate([np.zeros(0, np.int64), *parts[name]]) for name in names}
        self.texts = {role: [cleaned(text) for text in numbers[role]] for role in roles}
        self.bad: Bools = np.zeros(len(self.arrays["line"]), bool)

    def _actors(self, chunk: Chunk, columns: Sequence[int]) -> Ints:
        """The actor of each row's side: what the first column that knows one says, shape (row,)."""
        found = np.full(len(chunk.lines), NOBODY, np.int64)
        for column in columns:
            here = np.fromiter(map(self.lookup.__getitem__, chunk.columns[column]), np.int64, len(found))
            better = (found == NOBODY) | ((found == OTHER) & (here != NOBODY)) | ((found == UNREADABLE) & (here >= 0))
            found = np.where(better, here, found)
        return found

    def _note_unreadable(self, chunk: Chunk, sides: Sequence[Ints]) -> None:
        """Notes rows in which a name may be one of the actors, in another encoding."""
        for here, there, columns in zip(sides, reversed(sides), (self.layout.source, self.layout.target), strict=True):
            for row in np.flatnonzero((here == UNREADABLE) & ((there >= 0) | (there == UNREADABLE))).tolist():
                column = next(one for one in columns if self.lookup[chunk.columns[one][row]] == UNREADABLE)
                found = repr(chunk.columns[column][row].strip().encode("utf-8", "surrogateescape"))
                kind = "letters of this name are lost, and it may be an actor's; save it as UTF-8, or add it to --dyad"
                self.faults.add(kind, int(chunk.lines[row]), column + 1, found)
                here[row] = there[row] = FAULTY

    def _sort_out(self, chunk: Chunk, sides: Sequence[Ints]) -> Ints:
        """Rows of the chunk that are between the actors; the others are counted by reason, with the first's line."""
        source, target = sides
        is_one = (source >= 0) | (target >= 0)
        asked = {
            "note": (source == NOTED) & (target == NOTED),
            "nobody": (source == NOBODY) | (target == NOBODY),
            "both": (source == BOTH) | (target == BOTH),
            "self": (source >= 0) & (source == target),
            "third": is_one & ((source < 0) | (target < 0)),
            "others": ~is_one,
        }
        is_left = source != FAULTY
        for reason, holds in asked.items():
            rows = np.flatnonzero(holds & is_left)
            is_left[rows] = False
            if len(rows):
                count, first = self.left_out.get(reason, (0, int(chunk.lines[rows[0]])))
                self.left_out[reason] = (count + len(rows), first)
        return np.flatnonzero(is_left)

    def dates(self, order: str) -> Dates:
        """The day of every row."""
        texts = self.texts["date"]
        read = read_days(texts, np.bincount(self.arrays["date"], minlength=len(texts)).tolist(), order)
        self._mark("date", {at: fault for at, fault in enumerate(read) if isinstance(fault, str)})
        days = ["NaT" if isinstance(day, str) else day for day in read]
        found: Dates = np.array(days, "datetime64[D]")[self.arrays["date"]]
        return found

    def cameo(self, given: Floats) -> Codes:
        """The CAMEO code of every row; given : the file's own scores."""
        if self.layout.code is None:
            self.notes.append("the file has scores and no codes: each event takes the CAMEO root of the nearest score")
            return np.array(["" if np.isnan(score) else root_scored(score) for score in given.tolist()], "U4")
        texts, coding = self.texts["code"], self.layout.coding
        seen = {(cleaned(code), _number(score)): count for (code, score), count in self.seen.items()}
        zeros = zeros_lost(seen, is_typed=self.is_typed) if coding == "cameo" else "none"
        found = [cameo_of(text, coding, zeros=zeros) for text in texts]
        kind = f"this is not {describe_coding(coding)}"
        self._mark("code", {number: kind for number, code in enumerate(found) if code is None})
        mended = [f"{text} for {code}" for text, code in zip(texts, found, strict=True) if code and code[0] == "0"]
        if zeros != "none" and mended:
            more = f", and {len(mended) - 3:,} more" if len(mended) > 3 else ""
            words = f"codes were written as numbers, and taken with their zeros: {', '.join(mended[:3])}{more}"
            self.notes.append(words)
        if coding == "plover":
            self.notes.append("PLOVER types were taken for CAMEO roots (AGREE 03, ..., ASSAULT 18)")
        codes: Codes = np.array([code or "" for code in found], "U4")[self.arrays["code"]]
        if self.layout.format == "gdelt":
            return self._settled(codes, given)
        # Rows of 20 in a file that has 020 too, whose own scores do not say that it is 20.
        both = {cleaned(code)[1:] for code, _ in self.seen if cleaned(code).startswith("0")}
        unsettled = {}
        for code in sorted(one for one in {*codes.tolist()} & both if len(one) == 2):
            unsettled[code] = (codes == code) & ~(np.abs(given - goldstein()[code]) < 1e-9) & ~self.bad
        if told := [code for code, rows in unsettled.items() if rows.any()]:
            count, zeroed = sum(int(rows.sum()) for rows in unsettled.values()), [f"0{code}" for code in told]
            which = f"{' or '.join(told)} may be {' or '.join(zeroed)}"
            self.notes.append(f"{count:,} row{'s' * (count != 1)} of {which}, as others are")
        return codes

    def _settled(self, cameo: Codes, given: Floats) -> Codes:
        """Codes of GDELT, whose scores belong to codes: 20 with the score of 020 is 020, with another one a fault."""
        table, kind = goldstein(), "the file's own score is neither this root's nor that of the code with a zero before"
        for root in sorted({code for code in cameo.tolist() if len(code) == 2}):
            differs = np.isfinite(given) & (np.abs(given - table[root]) > 1e-9)
            rows = np.flatnonzero((cameo == root) & differs & ~self.bad)
            fits = np.abs(given[rows] - table.get(f"0{root}", np.inf)) < 1e-9
            cameo[rows[fits]] = f"0{root}"
            if fits.any():
                self.notes.append(f"{root} was taken for 0{root} in {fits.sum():,} rows, as the file scores it")
            self.bad[rows[~fits]] = True
            for row in rows[~fits].tolist():
                told = f"{root} with {given[row]:g}"
                self.faults.add(kind, int(self.arrays["line"][row]), (self.layout.code or 0) + 1, told)
        return cameo

    def scores(self, cameo: Codes, given: Floats, scale: str) -> Floats:
        """The score of every row, in [-10, 10]; given : the file's own."""
        if scale == "file" or self.layout.code is None:
            return given
        table = {**goldstein(), **(KEDS if scale == "keds" else {})}
        distinct, row = np.unique(cameo, return_inverse=True)
        known = {code: scored_as(code, table) for code in distinct.tolist() if code}
        score = np.array([table[known[code]] if code else 0.0 for code in distinct.tolist()])[row]
        odd = {code: int((cameo == code).sum()) for code, taken in known.items() if taken != code}
        if odd:
            told = _some([f"{code} (as {known[code]})" for code in odd])
            lacking = f"codes that the table of scores lacks ({sum(odd.values()):,} rows)"
            self.notes.append(f"{lacking} score as those above: {told}")
        differs = np.isfinite(given) & (np.abs(given - score) > 1e-9) & ~self.bad
        if differs.any():
            codes, first = np.unique(cameo[differs], return_index=True)
            pairs = zip(codes, given[differs][first], score[differs][first], strict=True)
            told = _some([f"{code} {own:g} instead of {taken:g}" for code, own, taken in pairs if code])
            rows = f"{int(differs.sum()):,} rows (--scale file takes them)"
            self.notes.append(f"the file's own scores differ in {rows}: {told}")
        return score

    def numbers(self, role: str, missing: float, low: float, high: float, kind: str) -> Floats:
        """What the file says of a role, `missing` where it says nothing; a number out of range is a fault of a kind."""
        if role not in self.layout.optional:
            return np.full(len(self.bad), missing)
        values = [_number(text) if text else missing for text in self.texts[role]]
        wrong = [number for number, value in enumerate(values) if kind and not low <= value <= high]
        self._mark(role, dict.fromkeys(wrong, kind))
        found: Floats = np.array([*values, missing])[self.arrays[role]]
        return found

    def meant(
        self, role: str, cameo: Codes, mapped: CodeMapping, kind: str = "", is_right: Callable[[str], object] = bool
    ) -> list[str]:
        """The issue, track or move of every row: the file's, faults in which are marked, else the mapping's."""
        known = {code: getattr(mapped.meaning(code), role) if code else "" for code in set(cameo.tolist())}
        by_code = [known[code] for code in cameo.tolist()]
        if role not in self.layout.optional:
            return by_code
        texts = self.texts[role]
        wrong = {number: kind for number, text in enumerate(texts) if text and not is_right(text)}
        self._mark(role, wrong)
        own = ["" if number in wrong else texts[number] for number in self.arrays[role].tolist()]
        return [one or other for one, other in zip(own, by_code, strict=True)]

    def _mark(self, role: str, wrong: Mapping[int, str]) -> None:
        """Marks the rows whose text of a role is wrong; a row counts once, for its first fault."""
        number, column = self.arrays[role], self.layout.roles[role]
        rows = np.flatnonzero(np.isin(number, list(wrong)) & ~self.bad)
        self.bad[rows] = True
        name = self.layout.names[column].strip() or role
        for row in rows.tolist():
            text = format_value(self.texts[role][number[row]])
            self.faults.add(wrong[number[row]], int(self.arrays["line"][row]), column + 1, f"{name} {text}")


def _number(text: str) -> float:
    """The number that a text is, with a point or a comma; NaN if it is none, or 1,000, which may be two numbers."""
    plain = _DECIMAL_COMMA.sub(r"\1.\2", text.strip().replace("\u2212", "-"))
    return float(plain) if _NUMBER.fullmatch(plain) else float("nan")


def _some(told: list[str]) -> str:
    more = f" and {len(told) - MOST_NOTED} more" if len(told) > MOST_NOTED else ""
    return ", ".join(told[:MOST_NOTED]) + more


class Meaning(NamedTuple):
    """What a code stands for; empty where the mapping does not say."""

    issue: str = ""
    track: str = ""
    move: str = ""


@dataclass(frozen=True, slots=True)
class CodeMapping:
    """A mapping that has been read: meanings by the beginning of a code, actors by code, columns by role."""

    codes: Mapping[str, Meaning] = field(default_factory=dict)
    issue: str = DEFAULT_ISSUE
    actors: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    def meaning(self, cameo: str) -> Meaning:
        """What a code stands for: of each field, what the longest beginning of the code that has it says."""
        found = [self.codes[cameo[:size]] for size in range(len(cameo), 1, -1) if cameo[:size] in self.codes]
        issue, track, move = (next(filter(None, given), "") for given in zip(*found, Meaning(), strict=True))
        return Meaning(issue or self.issue, track or TRACKS[0], move)


def mapping_of(given: str | Path | Mapping[str, object] | None) -> CodeMapping:
    """The mapping of a file or of a dictionary of the same keys; EventError lists every problem, each with its line."""
    if given is None:
        return CodeMapping()
    if isinstance(given, Mapping):
        return _checked(given, {}, ImportErrors("the mapping"))
    if not isinstance(given, str | Path):
        raise TypeError(f"a mapping is a file or a dictionary; got {shown(given)}")
    path, name = Path(given), str(given)
    faults = ImportErrors(name)
    if not os.path.isfile(path):
        refuse(format_path(name), "there is no such mapping file")
    if path.suffix.lower() != ".csv":
        from tensionsim.scenario.files import NamedFile, read
        from tensionsim.scenario.yaml_tree import NOTHING, Report, read_nodes

        report = Report()
        text = read(NamedFile(path, name, "mapping file"), None, 0, report)
        tree = read_nodes(*text, report) if text else NOTHING
        report.raise_if_any()
        if not tree.is_mapping:
            refuse(name, f"a mapping file has the keys {', '.join(KEYS)}", 1)
        values: Any = tree.plain
        keys = (*tree.entries, *tree.child("codes").entries)
        return _checked(values, {key: place.line for key, place, _ in keys}, faults)
    file = table_file(path)
    names = [plain_name(one) for one in file.first[0]]
    if "code" not in names or not set(names) <= {"code", *Meaning._fields}:
        there = ", ".join(map(cleaned, file.first[0]))
        refuse(name, f"its columns are {there}; allowed are code, {', '.join(Meaning._fields)}; code is needed", 1)
    codes: dict[str, object] = {}
    lines: dict[str, int] = {}
    for chunk in file.chunks(True, range(len(names)), faults):
        for line, *cells in zip(chunk.lines.tolist(), *chunk.columns.values(), strict=True):
            row = dict(zip(names, map(cleaned, cells), strict=True))
            code = row.pop("code")
            if code in codes:
                faults.add("this code stands above already", line, 1, format_value(code))
            codes[code], lines[code] = row, line
    return _checked({"codes": codes}, lines, faults)


def _checked(values: Mapping[str, object], lines: Mapping[str, int], faults: ImportErrors) -> CodeMapping:
    """The mapping of plain values; EventError with the faults. lines : where keys and codes stand."""

    def note(kind: str, key: object, found: object) -> None:
        faults.add(kind, lines.get(str(key), 1), 1, format_value(found))

    for key in set(values) - set(KEYS):
        note(f"a mapping has the keys {', '.join(KEYS)}", key, key)
    parts: dict[str, Mapping[str, object]] = {}
    for key in ("actors", "codes", "columns"):
        found = values.get(key) or {}
        parts[key] = found if isinstance(found, Mapping) else {}
        if not isinstance(found, Mapping):
            note(f"`{key}` is a mapping of names to values", key, found)
    for role in set(parts["columns"]) - {*NEEDED, *OPTIONAL}:
        note(f"columns are named for {', '.join((*NEEDED, *OPTIONAL))}", "columns", role)
    codes = {str(code): _meaning(str(code), value, note) for code, value in parts["codes"].items()}
    issue = str(values.get("issue") or DEFAULT_ISSUE)
    if not _NAME.fullmatch(issue):
        note("an issue is called by a letter, then letters, digits, _ and -", "issue", issue)
    if faults:
        raise EventError(faults.problems())
    actors, columns = ({str(k): str(v) for k, v in parts[key].items()} for key in ("actors", "columns"))
    return CodeMapping(codes, issue, actors, columns)


def _meaning(code: str, value: object, note: Callable[[str, object, object], None]) -> Meaning:
    """What a code is said to stand for; a bare text is its issue."""
    fields = value if isinstance(value, Mapping) else {"issue": value}
    found = Meaning(*(str(fields.get(name) or "") for name in Meaning._fields))
    if not _CODE.fullmatch(code):
        note("a code is the beginning of a CAMEO code, in quotes: 2 to 4 digits, 01 to 20..", code, code)
    if unknown := sorted(set(fields) - set(Meaning._fields)):
        note(f"of a code there is {', '.join(Meaning._fields)}", code, unknown[0])
    if found.track not in ("", *TRACKS):
        note(f"a track is {' or '.join(TRACKS)}", code, found.track)
    for name in (found.issue, found.move):
        if name and not _NAME.fullmatch(name):
            note("names are a letter, then letters, digits, _ and -", code, name)
    return found


DAYS_PER_YEAR = 365.25
MOST_CODES = 8


def summary_of(history: EventHistory) -> dict[str, Any]:
    """What a history holds, in figures: directions, months in a row without an event, the most frequent codes."""
    labels, total = catalogue_labels(), len(history)
    years = ((history.last - history.first).days + 1) / DAYS_PER_YEAR
    first, last = (np.datetime64(day, "M").astype(np.int64) for day in (history.first, history.last))
    seen = np.unique(np.concatenate([[first - 1], history.dates.astype("datetime64[M]").astype(np.int64), [last + 1]]))
    gaps = [
        {"first": str(np.datetime64(before + 1, "M")), "last": str(np.datetime64(after - 1, "M")), "months": months}
        for before, after in pairwise(seen.tolist())
        if (months := after - before - 1)
    ]
    directions: list[dict[str, Any]] = []
    for actor, target in sorted(set(zip(history.actor.tolist(), history.target.tolist(), strict=True))):
        here = (history.actor == actor) & (history.target == target)
        score, count = history.score[here], int(here.sum())
        found = {"actor": history.actors[actor], "target": history.actors[target], "events": count}
        means = {"mean_score": score, "hostile_share": score < 0.0, "material_share": history.is_material[here]}
        found |= {"events_a_year": count / years, **{name: float(one.mean()) for name, one in means.items()}}
        directions.append(found)
    return {
        "name": history.name,
        "events": len(history),
        "first": str(history.first),
        "last": str(history.last),
        "years": years,
        "usual_month": history.usual_volume(),
        "directions": directions,
        "months": int(last - first + 1),
        "empty_months": sum(one["months"] for one in gaps),
        "gaps": sorted(gaps, key=lambda one: -one["months"]),
        "codes": [
            {"cameo": code, "label": labels[scored_as(code, goldstein())], "events": count, "share": count / total}
            for code, count in sorted(Counter(history.cameo.tolist()).items(), key=lambda one: (-one[1], one[0]))
        ][:MOST_CODES],
    }
