"""Reads event files: what was found becomes an EventHistory, and nothing is dropped without being counted.

The rows between the actors asked for are filtered out of the file; their cells are read column by column; codes get
their issue, track and move from a mapping. `summary_of` says in figures what a history holds.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import numpy as np
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from tensionsim.errors import EventError, ScenarioError, nearest, shown
from tensionsim.events import files, history as past
from tensionsim.events.files import NOTE, Chunk, ImportErrors, Layout, TableFile, format_value, legible, refuse
from tensionsim.events.formats import FORMATS
from tensionsim.events.history import DEFAULT_ISSUE, KEDS, OTHERS, SCALES, Codes, Dates, EventHistory, Reading
from tensionsim.model.catalogue import goldstein, labels as catalogue_labels, rows
from tensionsim.model.structure import TRACKS, Bools, Floats, Ints
from tensionsim.scenario.schema import CAMEO, NAME, Name, Strict, Track
from tensionsim.scenario.validation import check
from tensionsim.scenario.yaml_tree import Report

if TYPE_CHECKING:
    import pandas as pd


OTHER, BOTH, NOBODY, NOTED = -1, -2, -3, -4
"""Instead of an actor's row: another actor; several of those asked for; nobody named; a coder's note."""

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

_NAME = re.compile(NAME)

MOST_OTHERS = 100_000
"""Distinct codes of other actors that are counted; enough to name the most frequent."""

MOST_NEAR = 1_000
"""Codes of other actors, the most frequent, among which the one that was meant is looked for."""

MOST_NOTED = 6
"""Codes that one note names, or that stand for an actor; the others are counted."""

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_DECIMAL_COMMA = re.compile(r"([-+]?\d*),(?!\d{3}$)(\d+)")


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
        A YAML file or dictionary that gives issue, track and move by CAMEO code.
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
    files.check_dates(dates, "events")
    mapped = mapping_of(mapping)
    file = files.table_file(source)
    layout = files.layout_of(file, format, mapped.columns)
    lookup = Lookup(actors_asked(dyad or mapped.actors or _only_two(file, layout)))
    cells = Cells(file, layout, lookup)
    faults, arrays = cells.faults, cells.arrays
    if not len(arrays["line"]):
        _refuse_nothing(cells)
    codes = {cleaned(code) for code, _ in cells.seen}
    if format == "auto" and FORMATS[layout.format].coding == "cameo" and past.is_weis(codes):
        telling = ", ".join(sorted(code for code in codes if code[:2] in ("21", "22"))[:MOST_NOTED])
        what = f"these are codes of WEIS ({telling}), whose numbers mean other things in CAMEO"
        advice = "name a file or a column coded in CAMEO, or say --format keds if these are CAMEO's with slips"
        refuse(file.file, f"{what}; {advice}")
    date, is_scored = cells.dates(dates), scale == "file" or "code" not in layout.roles
    if is_scored and "score" not in layout.roles:
        refuse(file.file, "this file has no scores; take --scale cameo")
    kind = "a score is a number in -10..10" if is_scored else ""  # only where they count are they judged
    given = cells.numbers("score", math.nan, -10.0, 10.0, kind)
    cameo = cells.cameo(given)
    score = cells.scores(cameo, given, scale)
    weight = cells.numbers("weight", 1.0, math.ulp(0.0), 1e6, "a weight is a number above 0, up to 1,000,000")
    kind = "an issue is called by a letter, then letters, digits, _ and -"
    issues, issue = past.rows_of(cells.meant("issue", cameo, mapped, kind, _NAME.fullmatch))
    track = cells.meant("track", cameo, mapped, f"a track is {' or '.join(TRACKS)}", TRACKS.__contains__)
    moves, move = past.rows_of(cells.meant("move", cameo, mapped))
    if faults and not leave_out_bad:
        faults.stop("mend these rows, or say leave_out_bad=True to leave out and count them")
    good = np.flatnonzero(~cells.bad)
    if not len(good):
        faults.stop("no row is left without a fault")
    kept = good[np.argsort(date[good], kind="stable")]
    if one_a_day:  # of rows that share day, source, target and code, the first
        sides = ("by", "towards") if one_a_day == "agents" else ("actor", "target")
        code = np.unique(cameo[kept], return_inverse=True)[1]
        keys = np.stack([date[kept].astype(np.int64), *(arrays[side][kept] for side in sides), code])
        kept = kept[np.sort(np.unique(keys, axis=1, return_index=True)[1])]
    of_row: dict[str, Any] = {"dates": date, "actor": arrays["actor"], "target": arrays["target"], "issue": issue}
    of_row |= {"track": np.array([one == TRACKS[1] for one in track], np.int64), "cameo": cameo}
    of_row |= {"score": score, "weight": weight, "move": move}
    return EventHistory(
        name=Path(file.file).name.partition(".")[0],
        actors=lookup.actors,
        issues=issues,
        moves=moves,
        is_material=np.isin(cameo[kept], [code for code in set(cameo.tolist()) if past.is_deed(code)]),
        report=_report(cells, scale, events=len(kept), good=len(good), by=one_a_day),
        **{name: one[kept] for name, one in of_row.items()},
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
    reasons = [(words, *found) for words, found in cells.left_out.items()]
    reasons += [(f"a fault: {kind}", count, line) for kind, count, line in faults.kinds()]
    left_out = []
    for words, count, first in reasons:
        name, line = faults.place(first)
        left_out.append(past.LeftOut(words, count, line, name if faults.files else ""))
    taken = [past.Taken(lookup.actors[row], text, count) for (row, text), count in cells.taken.most_common()]
    notes, lacking = [], lookup.lacking(others)
    for actor in lookup.actors:
        codes = Counter({one.code: one.count for one in taken if one.actor == actor})
        more = f" and {len(codes) - MOST_NOTED} more codes" if len(codes) > MOST_NOTED else ""
        is_there = f"{actor} is: {most_frequent(codes, MOST_NOTED)}{more}" if codes else f"{actor} is in no event"
        notes.append(lacking.get(actor, is_there))
    notes += [f"scores: {SCALES['file' if 'code' not in cells.layout.roles else scale]}", *cells.notes]
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
    return {row["code"]: tuple(row["names"].split("; ")) for row in rows("countries.csv")}


def actors_asked(given: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """Actor by code, of texts like "ISR" or "PSE,PAL=palestine" or a mapping; else named by the first code."""
    texts: object = [*given, *given.values()] if isinstance(given, Mapping) else given
    if not isinstance(texts, list | tuple) or not all(isinstance(one, str) for one in texts):
        wanted = 'two texts, ("ISR", "PSE=palestine"), or a mapping of code to actor'
        raise TypeError(f"dyad is {wanted}; got {shown(given)}")
    pairs = list(given.items()) if isinstance(given, Mapping) else []
    for text in texts if not pairs else ():
        codes, _, name = text.partition("=")
        first = codes.split(",")[0].strip()
        pairs += [(code, name.strip() or re.sub(r"\W+", "_", first.casefold())) for code in codes.split(",")]
    found, whose = dict[str, str](), dict[str, str]()
    for code, actor in ((code.strip(), actor) for code, actor in pairs):
        if whose.setdefault(_folded(code), actor) != actor:
            told = f"{format_value(code)} is asked for as {whose[_folded(code)]} and as {actor}; a code is one actor's"
            refuse(ASKED, told)
        if not code or not _NAME.fullmatch(actor):
            rule = "a letter, then letters, digits, _ and -; write CODE=name"
            refuse(ASKED, f"{format_value(actor)} is no name for an actor: {rule}")
        found[code] = actor
    if len(set(found.values())) < 2:
        told = "at least two actors are needed, like --dyad ISR PSE; events of one with itself are left out"
        refuse(ASKED, told)
    return found


class Lookup(dict[str, int]):
    """The actor (row of `actors`) of each distinct value of a file; lost : one with lost letters that may be one."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        super().__init__()
        self.lost = ""
        self.asked, self.actors = asked, tuple(dict.fromkeys(asked.values()))
        of_code = {code: self.actors.index(actor) for code, actor in asked.items()}
        self._names: dict[str, int] = {}
        for code, row in of_code.items():
            country = code if code in countries() else _country_codes().get(_folded(code))
            for alias in (code, *((country, *countries()[country]) if country else ())):
                self._names.setdefault(_folded(alias), row)
        codes = sorted((code for code in of_code if len(code) >= 3 and code.upper().isupper()), key=len, reverse=True)
        self._roles = [
            (re.compile((_NAMED_ROLES if is_name else _ROLES).format(re.escape(code.upper()))), of_code[code])
            for code in codes
            for is_name in (len(code) % 3 > 0 or _folded(code) in _country_codes(),)
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
            near = [by_name[one] for code in codes if (one := nearest(_folded(code), by_name))]
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
        if row == OTHER and files.mistakable(value.strip(" \t\"'"), self._names):
            self.lost = value
        return row

    def _one(self, text: str) -> int:
        if (row := self._names.get(_folded(text))) is not None:
            return row
        if _folded(text) in _country_codes():
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
def _country_codes() -> Mapping[str, str]:
    return {_folded(name): code for code, names in countries().items() for name in names}


def most_frequent(values: Counter[str], count: int = 8) -> str:
    """The most frequent values, for messages: "ISR 120, PSE 98"."""
    return ", ".join(f"{legible(value)[:40]} {number:,}" for value, number in values.most_common(count))


class Cells:
    """The rows of a file that are between the actors; by reason how many were left out, and the line of the first.

    arrays : of shape (row,), of a text its number among the distinct `texts`. taken, others, seen : codes that occur.
    """

    def __init__(self, file: TableFile, layout: Layout, lookup: Lookup) -> None:
        self.layout, self.lookup, self.faults = layout, lookup, ImportErrors(file.file)
        self.is_typed, self.rows = layout.roles.get("code") in file.numeric, 0
        self.left_out, self.notes = dict[str, tuple[int, int]](), list[str]()
        self.taken, self.others = Counter[tuple[int, str]](), Counter[str]()
        self.seen = Counter[tuple[str, str]]()
        roles, sides = layout.roles, {"by": layout.source, "towards": layout.target}
        wanted = tuple(dict.fromkeys((*layout.source, *layout.target, *roles.values())))
        # Numbers of distinct texts, in the order in which they were met.
        numbers = {role: defaultdict[str, int](itertools.count().__next__) for role in (*roles, "agents")}
        parts: dict[str, list[Ints]] = defaultdict(list)
        for chunk in file.chunks(layout.has_header, wanted, self.faults):
            source, target = (self._actors(chunk, columns) for columns in sides.values())
            self.rows += len(chunk.lines)
            kept = self._sort_out(chunk, source, target)
            for name, found in (("actor", source), ("target", target), ("line", chunk.lines)):
                parts[name].append(found[kept])
            for side, columns in sides.items():
                called = [tuple(chunk.columns[column][row] for column in columns) for row in kept.tolist()]
                known = (next(text for text in names if lookup[text] >= 0) for names in called)
                self.taken.update((lookup[text], cleaned(text)) for text in known)
                parts[side].append(np.array([numbers["agents"]["\t".join(names)] for names in called], np.int64))
                if len(self.others) < MOST_OTHERS:
                    self.others.update(text for text in chunk.columns[columns[0]] if lookup[text] == OTHER)
            if "code" in layout.roles and len(self.seen) < MOST_OTHERS:
                given = chunk.columns[layout.roles["score"]] if "score" in layout.roles else repeat("")
                self.seen.update(zip(chunk.columns[layout.roles["code"]], given, strict=False))
            for role, column in roles.items():
                texts = map(chunk.columns[column].__getitem__, kept.tolist())
                parts[role].append(np.array([*map(numbers[role].__getitem__, texts)], np.int64))
        self.rows += sum(count for _, count, _ in self.faults.kinds())
        names = ("actor", "target", *sides, "line", *roles)
        self.arrays: dict[str, Ints] = {name: np.concatenate([np.zeros(0, np.int64), *parts[name]]) for name in names}
        self.texts = {role: [cleaned(text) for text in numbers[role]] for role in roles}
        self.bad: Bools = np.zeros(len(self.arrays["line"]), bool)

    def _actors(self, chunk: Chunk, columns: Sequence[int]) -> Ints:
        """The actor of each row's side: what the first column that knows one says, shape (row,)."""
        found = np.full(len(chunk.lines), NOBODY, np.int64)
        for column in columns:
            here = np.fromiter(map(self.lookup.__getitem__, chunk.columns[column]), np.int64, len(found))
            found = np.where((found == NOBODY) | ((found == OTHER) & (here != NOBODY)), here, found)
            if lost := self.lookup.lost:
                name, line = self.faults.place(int(chunk.lines[chunk.columns[column].index(lost)]))
                what = f"{lost.strip().encode('utf-8', 'surrogateescape')!r}: letters of this name are lost"
                refuse(name, f"{what}, and it may be an actor's; save the file as UTF-8, or add it to --dyad", line)
        return found

    def _sort_out(self, chunk: Chunk, source: Ints, target: Ints) -> Ints:
        """Rows of the chunk that are between the actors; the others are counted by reason, with the first's line."""
        asked = {
            f"a coder's note ({NOTE})": (source == NOTED) & (target == NOTED),
            "no source or no target is named": (source == NOBODY) | (target == NOBODY),
            "a side names several of the actors": (source == BOTH) | (target == BOTH),
            "an actor with itself": (source >= 0) & (source == target),
            "only one side is of the actors": (source >= 0) != (target >= 0),
            "between others": (source < 0) & (target < 0),
        }
        is_left = np.ones(len(source), bool)
        for reason, holds in asked.items():
            rows = np.flatnonzero(holds & is_left)
            is_left[rows] = False
            if len(rows):
                count, first = self.left_out.get(reason, (0, int(chunk.lines[rows[0]])))
                self.left_out[reason] = (count + len(rows), first)
        return np.flatnonzero(is_left)

    def of_rows(self, role: str, of_text: Sequence[Any], kind: Any = None) -> Any:
        """What the text of every row is worth, shape (row,)."""
        return np.array(of_text, kind)[self.arrays[role]]

    def dates(self, order: str) -> Dates:
        """The day of every row."""
        read = files.read_days(self.texts["date"], order)
        for fault in dict.fromkeys(one for one in read if isinstance(one, str)):
            self._fault("date", self.of_rows("date", [one == fault for one in read]), fault)
        days: Dates = self.of_rows("date", ["NaT" if isinstance(one, str) else one for one in read], "datetime64[D]")
        return days

    def cameo(self, given: Floats) -> Codes:
        """The CAMEO code of every row; given : the file's own scores."""
        if "code" not in self.layout.roles:
            self.notes.append("the file has scores and no codes: each event takes the CAMEO root of the nearest score")
            return np.array(["" if np.isnan(score) else past.root_scored(score) for score in given.tolist()], "U4")
        texts, coding = self.texts["code"], FORMATS[self.layout.format].coding
        seen = {(cleaned(code), _number(score)): count for (code, score), count in self.seen.items()}
        zeros = past.zeros_lost(seen, is_typed=self.is_typed) if coding == "cameo" else "none"
        found = [past.cameo_of(text, coding, zeros=zeros) or "" for text in texts]
        codes: Codes = self.of_rows("code", found, "U4")
        self._fault("code", codes == "", f"this is not {past.describe_coding(coding)}")
        mended = [f"{text} for {code}" for text, code in zip(texts, found, strict=True) if code[:1] == "0"]
        if zeros != "none" and mended:
            self.notes.append(f"codes were written as numbers, and taken with their zeros: {_some(mended)}")
        if coding == "plover":
            self.notes.append("PLOVER types were taken for CAMEO roots (AGREE 03, ..., ASSAULT 18)")
        if self.layout.format == "gdelt":
            self._settle(codes, given)
        return codes

    def _settle(self, cameo: Codes, given: Floats) -> None:
        """In GDELT, whose scores belong to codes, 20 with the score of 020 is 020, with another one a fault."""
        table, kind = goldstein(), "the file's own score is neither this root's nor that of the code with a zero before"
        for root in sorted({code for code in cameo.tolist() if len(code) == 2}):
            differs = (cameo == root) & (np.abs(given - table[root]) > 1e-9)
            fits = differs & (np.abs(given - table.get(f"0{root}", np.inf)) < 1e-9)
            cameo[fits] = f"0{root}"
            if fits.any():
                self.notes.append(f"{root} was taken for 0{root} in {fits.sum():,} rows, as the file scores it")
            self._fault("code", differs & ~fits, kind)

    def scores(self, cameo: Codes, given: Floats, scale: str) -> Floats:
        """The score of every row, in [-10, 10]; given : the file's own."""
        if scale == "file" or "code" not in self.layout.roles:
            return given
        table = {**goldstein(), **(KEDS if scale == "keds" else {})}
        distinct, row = np.unique(cameo, return_inverse=True)
        known = {code: past.scored_as(code, table) for code in distinct.tolist() if code}
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
        if role not in self.layout.roles:
            return np.full(len(self.bad), missing)
        found: Floats = self.of_rows(role, [_number(text) if text else missing for text in self.texts[role]])
        if kind:
            self._fault(role, ~((found >= low) & (found <= high)), kind)
        return found

    def meant(
        self, role: str, cameo: Codes, mapped: CodeMapping, kind: str = "", is_right: Callable[[str], object] = bool
    ) -> list[str]:
        """The issue, track or move of every row: the file's, faults in which are marked, else the mapping's."""
        known = {code: mapped.meaning(code, role) if code else "" for code in set(cameo.tolist())}
        by_code = [known[code] for code in cameo.tolist()]
        if role not in self.layout.roles:
            return by_code
        texts = self.texts[role]
        self._fault(role, self.of_rows(role, [bool(text) and not is_right(text) for text in texts]), kind)
        own = zip(self.bad.tolist(), self.arrays[role].tolist(), by_code, strict=True)
        return [other if bad else texts[number] or other for bad, number, other in own]

    def _fault(self, role: str, rows: Bools, kind: str) -> None:
        """Marks rows that have a fault of a kind; a row counts once, for its first fault."""
        column = self.layout.roles[role]
        name = self.layout.names[column].strip() or role
        for row in np.flatnonzero(rows & ~self.bad).tolist():
            text = format_value(self.texts[role][self.arrays[role][row]])
            self.faults.add(kind, int(self.arrays["line"][row]), column + 1, f"{name} {text}")
        self.bad |= rows


def _number(text: str) -> float:
    """The number that a text is, with a point or a comma; NaN if it is none, or 1,000, which may be two numbers."""
    plain = _DECIMAL_COMMA.sub(r"\1.\2", text.strip().replace("\u2212", "-"))
    return float(plain) if _NUMBER.fullmatch(plain) else float("nan")


def _some(told: list[str]) -> str:
    more = f" and {len(told) - MOST_NOTED} more" if len(told) > MOST_NOTED else ""
    return ", ".join(told[:MOST_NOTED]) + more


Role = Literal["date", "source", "target", "code", "score", "weight", "issue", "track"]


def _beginning(code: str) -> str:
    if not re.fullmatch(CAMEO, code):
        wanted = "is not the beginning of a CAMEO code: 2 to 4 digits in quotes, 01 to 20.."
        raise ValueError(f"{format_value(code)} {wanted}")
    return code


class Meaning(Strict):
    """What a code stands for; None where the mapping does not say."""

    issue: Name | None = None
    track: Track | None = None
    move: Name | None = None


MeaningOrIssue = Annotated[Meaning, BeforeValidator(lambda one: {"issue": one} if isinstance(one, str) else one)]


class CodeMapping(Strict):
    """A mapping: meanings by the beginning of a code, of others the issue; actors by code, columns by role."""

    model_config = ConfigDict(title="the mapping")

    codes: dict[Annotated[str, AfterValidator(_beginning)], MeaningOrIssue] = Field({})
    issue: Name = DEFAULT_ISSUE
    actors: dict[str, str] = Field({})
    columns: dict[Role, str] = Field({})

    def meaning(self, cameo: str, role: str) -> str:
        """The issue, track or move that a code stands for, by the longest beginning of it that says one."""
        found = (self.codes.get(cameo[:size]) for size in range(len(cameo), 1, -1))
        usual = {"issue": self.issue, "track": TRACKS[0], "move": ""}
        return next(filter(None, (getattr(one, role, None) for one in found)), usual[role])


def mapping_of(given: str | Path | Mapping[str, object] | None) -> CodeMapping:
    """The mapping of a YAML file or of a dictionary of the same keys; EventError lists every problem with its place."""
    from tensionsim.scenario.scenario import read_given

    if given is None:
        return CodeMapping()
    report = Report()
    try:
        found = check(read_given(given, report, kind="mapping file")[0], CodeMapping, report)
        return found or report.stop()
    except ScenarioError as error:
        raise EventError(error.problems) from None


DAYS_PER_YEAR = 365.25
MOST_CODES = 8


def summary_of(history: EventHistory) -> dict[str, Any]:
    """What a history holds, in figures: directions, months in a row without an event, the most frequent codes."""
    labels, total = catalogue_labels(), len(history)
    years = ((history.last - history.first).days + 1) / DAYS_PER_YEAR
    months = np.arange(np.datetime64(history.first, "M"), np.datetime64(history.last, "M") + np.timedelta64(1, "M"))
    is_empty = ~np.isin(months, history.dates.astype("datetime64[M]"))
    stretches = np.split(months, np.flatnonzero(is_empty[1:] != is_empty[:-1]) + 1)
    gaps = [
        {"first": str(one[0]), "last": str(one[-1]), "months": len(one)}
        for one in stretches[0 if is_empty[0] else 1 :: 2]
    ]
    table = history.table().assign(hostile=history.score < 0.0, material=history.is_material)
    sides = table.groupby(["actor", "target"], observed=True).agg(
        events=("score", "size"),
        mean_score=("score", "mean"),
        hostile_share=("hostile", "mean"),
        material_share=("material", "mean"),
    )
    sides["events_a_year"] = sides["events"] / years
    codes = table["cameo"].value_counts().sort_index().sort_values(ascending=False, kind="stable")[:MOST_CODES]
    return {
        "name": history.name,
        "events": len(history),
        "first": str(history.first),
        "last": str(history.last),
        "years": years,
        "usual_month": history.usual_volume(),
        "directions": sides.reset_index().to_dict("records"),
        "months": len(months),
        "empty_months": int(is_empty.sum()),
        "gaps": sorted(gaps, key=lambda one: -int(one["months"])),
        "codes": [
            {"cameo": code, "label": labels[past.scored_as(code, goldstein())], "events": count, "share": count / total}
            for code, count in codes.items()
        ],
    }
