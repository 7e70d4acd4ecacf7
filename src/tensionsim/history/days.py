"""Dates as files write them, read as days: each distinct text once, and ambiguous ones by all of the file."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence

ORDERS = ("auto", "day-first", "month-first")
CENTURY_TURN = 45
"""Two-digit years from this one on are of the 1900s. Assumption: no event data reach further back."""

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?(?:\.0)?")
_SHORT = re.compile(r"(\d{2})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ].*)?")

NO_DATE = "this is no date; write 2004-02-06 or 20040206"
NO_DAY = "there is no such day"
MIXED = "most dates of the file are written the other way; write them all as 2004-02-06"
UNCLEAR = "day and month cannot be told apart in this file; say --dates day-first or month-first, or write 2004-02-06"


def read_days(texts: Sequence[str], counts: Sequence[int], order: str) -> tuple[list[dt.date | None], list[str]]:
    """The day of each text, and what is wrong with each; None and a fault, or a day and "".

    Parameters
    ----------
    counts : how many rows have each text. order : of 06/02/2004, "day-first", "month-first" or "auto": as the file's
    other dates tell.
    """
    shapes = [_shape(text.strip()) for text in texts]
    weights: Counter[str] = Counter()
    for shape, count in zip(shapes, counts, strict=True):
        weights[shape] += count
    weights.pop("", None)
    usual = weights.most_common(1)[0][0] if weights else ""
    told = _order([text.strip() for text, shape in zip(texts, shapes, strict=True) if shape == "last"], order)
    pairs = [_day(text.strip(), shape, usual, told) for text, shape in zip(texts, shapes, strict=True)]
    return [day for day, _ in pairs], [fault for _, fault in pairs]


def _shape(text: str) -> str:
    for name, pattern in (("plain", _YEAR_FIRST), ("plain", _COMPACT), ("short", _SHORT), ("last", _YEAR_LAST)):
        if pattern.fullmatch(text):
            return name
    return ""


def _order(texts: Sequence[str], order: str) -> str:
    """Which of the two comes first where the year comes last; "" where nothing tells, "both" where they disagree."""
    if order != "auto":
        return order
    parts = [(int(found[1]), int(found[3])) for text in texts if (found := _YEAR_LAST.fullmatch(text))]
    is_day, is_month = any(first > 12 for first, _ in parts), any(second > 12 for _, second in parts)
    return {(True, False): "day-first", (False, True): "month-first", (True, True): "both"}.get((is_day, is_month), "")


def _day(text: str, shape: str, usual: str, order: str) -> tuple[dt.date | None, str]:
    if not shape:
        return None, NO_DATE
    if shape != usual:
        return None, MIXED
    year, month, day = _parts(text, shape)
    if shape == "last":
        if order in ("", "both"):
            return None, UNCLEAR
        month, day = (day, month) if order == "day-first" else (month, day)
    try:
        return dt.date(year, month, day), ""
    except ValueError:
        return None, NO_DAY


def _parts(text: str, shape: str) -> tuple[int, int, int]:
    """Year, and the other two as they stand."""
    if shape == "last":
        found = _must(_YEAR_LAST, text)
        return int(found[4]), int(found[1]), int(found[3])
    if shape == "short":
        found = _must(_SHORT, text)
        return int(found[1]) + (1900 if int(found[1]) >= CENTURY_TURN else 2000), int(found[2]), int(found[3])
    if long := _YEAR_FIRST.fullmatch(text):
        return int(long[1]), int(long[3]), int(long[4])
    found = _must(_COMPACT, text)
    return int(found[1]), int(found[2]), int(found[3])


def _must(pattern: re.Pattern[str], text: str) -> Mapping[int, str]:
    found = pattern.fullmatch(text)
    assert found is not None
    return {number: found[number] for number in range(1, pattern.groups + 1)}
