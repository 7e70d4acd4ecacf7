"""Crossings: an index or an event that goes to and fro, told in one row that says how often and how it ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from tensionsim.analysis.chronicle_wording import level
from tensionsim.analysis.happenings import AGAIN, NOT_TRUE, TRUE
from tensionsim.measures import REGIMES

Row = Mapping[str, Any]

GAPS_DAYS = (28, 91, 366, 10**6)
"""Crossings that follow one another within so many days are one flicker; the wider, the more of them there are."""

TIMES = ("", "once", "twice", "three times", "four times", "five times", "six times", "seven times", "eight times")


def told(rows: Sequence[Row], most: int) -> list[Row]:
    """The crossings, those that flicker folded, so that there are at most `most` rows if that can be.

    rows : of regimes and events, in order. Each row that comes back stands on the day of its first crossing.
    """
    found: list[Row] = list(rows)
    for days in GAPS_DAYS:
        found = [one for same in _alike(rows) for one in _folded(same, days)]
        if len(found) <= most:
            break
    return found


def _alike(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The crossings of the index, and those of each event."""
    keys = dict.fromkeys((row["kind"], row["what"] if row["kind"] == "event" else "") for row in rows)
    for kind, what in keys:
        yield [row for row in rows if row["kind"] == kind and what in ("", row["what"])]


def _folded(rows: Sequence[Row], days: int) -> Iterator[Row]:
    flicker: list[Row] = []
    for row in rows:
        if flicker and (row["date"] - flicker[-1]["date"]).days >= days:
            yield _one(flicker)
            flicker = []
        flicker.append(row)
    if flicker:
        yield _one(flicker)


def _one(rows: Sequence[Row]) -> Row:
    """Crossings as one row."""
    first, *more = rows
    if not more:
        return first
    tail = _events(more) if first["kind"] == "event" else _regimes(rows)
    return {**first, "text": f"{first['text'].rstrip('.')}; {tail}."}


def _regimes(rows: Sequence[Row]) -> str:
    last, count = rows[-1], len(rows) - 1
    bounds = _bounds(rows)
    return f"it crosses {bounds} {_more(count)} {_until(count, last)}, ending {last['what']} ({level(last['index'])})"


def _bounds(rows: Sequence[Row]) -> str:
    """The bounds of regimes that lie between the regimes of rows that follow one another, in words."""
    places = {name: place for place, (name, _) in enumerate(REGIMES)}
    crossed: set[float] = set()
    for before, after in pairwise(rows):
        low, high = sorted((places[before["what"]], places[after["what"]]))
        crossed |= {REGIMES[place][1] for place in range(low, high)}
    words = [f"{bound:g}" for bound in sorted(crossed)]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _events(more: Sequence[Row]) -> str:
    last, count = more[-1], len(more)
    if count == 1:
        verb = NOT_TRUE if last["why"] == NOT_TRUE else AGAIN if last["why"] == AGAIN else TRUE
        return f"it {verb} on {last['date']:%Y-%m-%d}"
    end = "is over then" if last["why"] == NOT_TRUE else "holds then"
    return f"it changes {_more(count)} {_until(count, last)}, and {end}"


def _more(count: int) -> str:
    """How many more times."""
    if count < 3:
        return f"{TIMES[count]} more"
    words = TIMES[count] if count < len(TIMES) else f"{count} times"
    return f"{words.removesuffix(' times')} more times"


def _until(count: int, last: Row) -> str:
    return f"{'on' if count == 1 else 'until'} {last['date']:%Y-%m-%d}"
