"""Targets: the quantity of a run that is explained, such as the index at the end or whether there was a crisis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.errors import SelectionError
from tensionsim.measures import REGIMES, regime_of
from tensionsim.record import Floats

if TYPE_CHECKING:
    from tensionsim.results import Results

INDEX = "index"
POINTS, PERCENT = "points", "% of runs"
REGIME_NAMES = tuple(name for name, _ in REGIMES)

Day = str | dt.date | np.datetime64


@dataclass(frozen=True, slots=True)
class Target:
    """A quantity of a run at a row of the dates.

    kind : "index", "issue", "event" or "regime". name : which of them. date : of the row, ISO. notes : what was taken
    for what, where a name or a date means more than one thing.
    """

    kind: str
    name: str
    row: int
    date: str
    notes: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        return POINTS if self.kind in (INDEX, "issue") else PERCENT

    @property
    def quantity(self) -> str:
        """What it is, in words."""
        words = {
            INDEX: f"the mean index on {self.date}",
            "issue": f"the mean index of {self.name} on {self.date}",
            "event": f"the share of runs with {self.name!r} by {self.date}",
            "regime": f"the share of runs in {self.name} on {self.date}",
        }
        return words[self.kind]

    def of(self, results: Results) -> Floats:
        """The quantity in every run, shape (run,): 0..100; of an event or a regime 0 or 100."""
        record = results.record
        if self.kind == INDEX:
            found = record.cooperation[self.row]
        elif self.kind == "issue":
            found = record.issue_cooperation[self.row, results.names.issues.index(self.name)]
        elif self.kind == "event":
            found = 100.0 * record.events[: self.row + 1, results.names.events.index(self.name)].any(axis=0)
        else:
            found = 100.0 * (regime_of(record.cooperation[self.row]) == REGIME_NAMES.index(self.name))
        return np.array(found, np.float64)


def target(results: Results, of: str = INDEX, date: Day | None = None) -> Target:
    """The target that a name and a date mean in some results.

    of : "index", an issue, an event (has it come true by the date?) or a regime (is the run in it on the date?); where
    two share a name, "regime:crisis" says which. date : default the last; between rows, the row before it.

    Raises
    ------
    SelectionError
        If there is no such name or date; it says what there is.
    TypeError
        If the name is no text.
    """
    known = {
        INDEX: (INDEX,),
        "event": results.names.events,
        "regime": REGIME_NAMES,
        "issue": results.names.issues,
    }
    if not isinstance(of, str):
        raise TypeError(f'of is one name, as in "index" or "regime:crisis"; got {of!r}')
    row = row_of(results, date)
    day, moved = str(results.dates[row]), moved_to_row(results, date)
    kind, _, name = of.partition(":")
    if name and name.strip() in known.get(kind, ()):
        return Target(kind, name.strip(), row, day, moved)
    if groups := [group for group, names in known.items() if of in names]:
        return Target(groups[0], of, row, day, (*moved, *_twofold(of, groups)))
    near = get_close_matches(of, [one for names in known.values() for one in names], 1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    listed = "; ".join(f"{group}: {', '.join(names)}" for group, names in known.items() if group != INDEX and names)
    raise SelectionError(f"nothing to explain is called {of!r}{hint} There is the index; {listed}")


def _twofold(name: str, groups: Sequence[str]) -> tuple[str, ...]:
    """Says what was taken where a name means more than one thing."""
    first, *others = groups
    ways = " or ".join(f"the {group} with {group}:{name}" for group in others)
    return (f"{name!r} is taken for the {first} (that is {first}:{name}); name {ways}.",) if others else ()


def moved_to_row(results: Results, date: Day | None) -> tuple[str, ...]:
    """Says which row was taken for a date that lies between rows."""
    if date is None:
        return ()
    row = results.dates[row_of(results, date)]
    day = day_of(date, like=row)
    return () if day == row else (f"There is no row on {day}; the one before it is taken, {row}.",)


def row_of(results: Results, date: Day | None) -> int:
    """The row of a date, or of the last row before it.

    Raises
    ------
    SelectionError
        If it is no date, or lies outside the span.
    """
    if date is None:
        return len(results.dates) - 1
    first, last = results.dates[0], results.dates[-1]
    day = day_of(date, like=last)
    if not first <= day <= last:
        raise SelectionError(f"there is nothing on {date}: rows go from {first} to {last}")
    return int(np.searchsorted(results.dates, day, side="right")) - 1


def day_of(date: Day, like: np.datetime64) -> np.datetime64:
    """The day that a text, a date, a Timestamp or a datetime64 means; like : one to show where it means none."""
    try:
        return np.datetime64(dt.date.fromisoformat(str(date)[:10]), "D")
    except ValueError:
        raise SelectionError(f"{str(date)!r} is no date; write one like {like}") from None
