"""Cells: the texts of gathered rows judged and turned into dates, codes, scores, weights, issues and tracks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from tensionsim.history import codes, days
from tensionsim.history.events import NO_ROW, TRACKS, Bools, Codes, Dates, Floats, Ints
from tensionsim.history.faults import Faults, shown
from tensionsim.history.formats import Layout
from tensionsim.history.gathering import Gathered
from tensionsim.history.mapping import Mapped

MOST_NOTED = 6
"""Codes that one note names; the others are counted."""

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_NAME = re.compile(r"[^\W\d_][\w-]{0,59}")


@dataclass(slots=True)
class Cells:
    """The cells of gathered rows; `bad` marks rows with a fault, `notes` says how codes and scores were taken."""

    found: Gathered
    layout: Layout
    faults: Faults
    is_typed: bool
    bad: Bools
    notes: list[str] = field(default_factory=list)

    def dates(self, order: str) -> Dates:
        """The day of every row."""
        texts, counts = self.found.texts["date"], self._counts("date")
        read, faults = days.read_days(texts, counts, order)
        self._mark("date", self.layout.date, {number: fault for number, fault in enumerate(faults) if fault})
        return np.array(["NaT" if day is None else day for day in read], "datetime64[D]")[self.found.fields["date"]]

    def cameo(self) -> Codes:
        """The CAMEO code of every row."""
        texts, coding = self.found.texts["code"], self.layout.coding
        lost = coding == "cameo" and codes.have_lost_zeros(texts, is_typed=self.is_typed)
        found = [codes.cameo_of(text, coding, lost_zeros=lost) for text in texts]
        kind = f"this is not {codes.allowed(coding)}"
        self._mark("code", self.layout.code, {number: kind for number, code in enumerate(found) if code is None})
        if lost:
            self.notes.append("codes were written as numbers: 43 was taken for 043, 10 for 010, 211 for 0211")
        if coding == "plover":
            self.notes.append("PLOVER types were taken for CAMEO roots (AGREE 03, ..., ASSAULT 18)")
        return np.array([code or "" for code in found], "U4")[self.found.fields["code"]]

    def scores(self, cameo: Codes, scale: str) -> Floats:
        """The score of every row, in [-10, 10]."""
        given = self._given_scores(scale)
        if scale == "file":
            return given
        table = codes.scores(scale)
        distinct, row = np.unique(cameo, return_inverse=True)
        known = {code: codes.scored_as(code, table) for code in distinct.tolist() if code}
        score = np.array([table[known[code]] if code else 0.0 for code in distinct.tolist()])[row]
        self._note_parents(known, cameo)
        if "score" in self.layout.optional:
            self._note_differences(cameo, score, given, scale)
        return score

    def _given_scores(self, scale: str) -> Floats:
        """The file's own scores; NaN where there is none. Only with the scale "file" are they judged."""
        if "score" not in self.layout.optional:
            if scale == "file":
                self.faults.add("this file has no scores; take --scale cameo", 1, 1, "no column of scores")
            return np.full(len(self.bad), np.nan)
        values = [_number(text) for text in self.found.texts["score"]]
        kind = "a score is a number in -10..10"
        if scale == "file":
            wrong = {number: kind for number, value in enumerate(values) if not abs(value) <= 10.0}
            self._mark("score", self.layout.optional["score"], wrong)
        return np.array([*values, np.nan])[self.found.fields["score"]]

    def _note_parents(self, known: Mapping[str, str], cameo: Codes) -> None:
        odd = {code: int((cameo == code).sum()) for code, taken in known.items() if taken != code}
        if odd:
            told = _some([f"{code} (as {known[code]})" for code in odd])
            self.notes.append(
                f"codes that the table of scores lacks ({sum(odd.values()):,} rows) score as those above: {told}"
            )

    def _note_differences(self, cameo: Codes, score: Floats, given: Floats, scale: str) -> None:
        differs = np.isfinite(given) & (np.abs(given - score) > 1e-9) & ~self.bad
        if differs.any():
            pairs = {
                code: (given[row], score[row]) for row in np.flatnonzero(differs)[::-1] if (code := str(cameo[row]))
            }
            told = _some([f"{code} {own:g} instead of {taken:g}" for code, (own, taken) in sorted(pairs.items())])
            self.notes.append(
                f"the file's own scores differ in {int(differs.sum()):,} rows (--scale file takes them): {told}"
            )

    def weights(self) -> Floats:
        """How many events every row stands for; 1 where the file does not say."""
        if "weight" not in self.layout.optional:
            return np.ones(len(self.bad))
        values = [_number(text) if text.strip() else 1.0 for text in self.found.texts["weight"]]
        kind = "a weight is a number above 0, up to 1,000,000"
        wrong = {number: kind for number, value in enumerate(values) if not 0.0 < value <= 1e6}
        self._mark("weight", self.layout.optional["weight"], wrong)
        return np.array([*values, 1.0])[self.found.fields["weight"]]

    def issues(self, cameo: Codes, mapped: Mapped) -> tuple[tuple[str, ...], Ints]:
        """Names of the issues, and the issue of every row: the file's, else the mapping's."""
        own = self._own("issue", "an issue is called by a letter, then letters, digits, _ and -", _NAME.fullmatch)
        meant = _by_code(cameo, lambda code: mapped.meaning(code).issue)
        return _rows_of([a or b for a, b in zip(own, meant, strict=True)])

    def tracks(self, cameo: Codes, mapped: Mapped) -> Ints:
        """The track of every row: the file's, else the mapping's."""
        own = self._own("track", f"a track is {' or '.join(TRACKS)}", TRACKS.__contains__)
        meant = _by_code(cameo, lambda code: mapped.meaning(code).track)
        return np.array([TRACKS.index(a or b or TRACKS[0]) for a, b in zip(own, meant, strict=True)], np.int64)

    def moves(self, cameo: Codes, mapped: Mapped) -> tuple[tuple[str, ...], Ints]:
        """Names of the moves, and the move of every row, where the mapping names one."""
        return _rows_of(_by_code(cameo, lambda code: mapped.meaning(code).move))

    def _own(self, role: str, kind: str, is_right: Callable[[str], object]) -> list[str]:
        """What the file itself says of a role; faulty texts are marked and empty."""
        if role not in self.layout.optional:
            return [""] * len(self.bad)
        texts = [text.strip() for text in self.found.texts[role]]
        wrong = {number: kind for number, text in enumerate(texts) if text and not is_right(text)}
        self._mark(role, self.layout.optional[role], wrong)
        return ["" if number in wrong else texts[number] for number in self.found.fields[role].tolist()]

    def _counts(self, role: str) -> list[int]:
        counted = np.bincount(self.found.fields[role], minlength=len(self.found.texts[role]))
        return [int(count) for count in counted]

    def _mark(self, role: str, column: int, wrong: Mapping[int, str]) -> None:
        """Marks the rows whose text of a role is wrong; a row counts once, for its first fault."""
        number = self.found.fields[role]
        rows = np.flatnonzero(np.isin(number, list(wrong)) & ~self.bad)
        self.bad[rows] = True
        name = self.layout.names[column].strip() or role
        for row in rows.tolist():
            text = shown(self.found.texts[role][number[row]])
            self.faults.add(wrong[number[row]], int(self.found.lines[row]), column + 1, f"{name} {text}")


def _number(text: str) -> float:
    return float(text) if _NUMBER.fullmatch(text) else float("nan")


def _some(told: list[str]) -> str:
    more = f" and {len(told) - MOST_NOTED} more" if len(told) > MOST_NOTED else ""
    return ", ".join(told[:MOST_NOTED]) + more


def _by_code(cameo: Codes, of: Callable[[str], str]) -> list[str]:
    known: dict[str, str] = {"": ""} | {code: of(code) for code in set(cameo.tolist()) if code}
    return [known[code] for code in cameo.tolist()]


def _rows_of(texts: list[str]) -> tuple[tuple[str, ...], Ints]:
    """Distinct texts in order of their first row, and the row of each in them; -1 where empty."""
    names = tuple(dict.fromkeys(text for text in texts if text))
    where = {name: row for row, name in enumerate(names)} | {"": NO_ROW}
    return names, np.array([where[text] for text in texts], np.int64)
