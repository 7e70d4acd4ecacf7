"""One observed history, whatever it comes from: directed events between actors, by date, as arrays."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tensionsim.history.account import Reading

if TYPE_CHECKING:
    import pandas as pd

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Dates = NDArray[np.datetime64]
Codes = NDArray[Any]
"""Texts; NumPy's own name for their type is a link to nowhere in the documentation."""

TRACKS = ("political", "technical")
NO_ROW = -1
"""Row of an issue or a move that is not known."""

_ARRAYS = ("dates", "actor", "target", "issue", "track", "cameo", "score", "is_material", "weight", "move")


@dataclass(frozen=True, slots=True)
class Held:
    """An arrangement that was in force on the day from which a history is observed."""

    name: str
    actor: str
    target: str
    issue: str


@dataclass(frozen=True, slots=True, eq=False)
class EventHistory:
    """Directed events between two or more actors, by date; every array has the axis `event`.

    Parameters
    ----------
    name
        What it is called.
    actors, issues, moves
        Names, as a scenario calls them; `actor`, `target`, `issue` and `move` are rows of these.
    dates
        Shape (event,), days, ascending.
    actor, target
        Shape (event,), rows of `actors`.
    issue
        Shape (event,), rows of `issues`, or -1 where unknown.
    track
        Shape (event,), 0 political, 1 technical.
    cameo
        Shape (event,), CAMEO codes.
    score
        Shape (event,), on Goldstein's scale, -10 (conflict) to 10 (cooperation).
    is_material
        Shape (event,), deeds as against words.
    weight
        Shape (event,), how many events a row stands for, > 0; 1 is usual.
    move
        Shape (event,), rows of `moves`, or -1 where none stands for the event.
    report
        What became of every row of the source.
    observed
        First and last day that the source covers, where it is known to reach beyond its first or last event.
    held
        Arrangements in force on the first day, begun and ended by moves; None where the source tells of no
        arrangements, and no move of it begins or ends one.

    Examples
    --------
    >>> import tensionsim as ts
    >>> history = ts.curated_history()
    >>> history.actors[:2], history.issues
    (('washington', 'bogota'), ('drugs', 'venezuela', 'china', 'migration'))
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
    held: tuple[Held, ...] | None = field(default=None)

    def __post_init__(self) -> None:
        sizes = {name: getattr(self, name).shape for name in _ARRAYS}
        if set(sizes.values()) != {(len(self.dates),)}:
            raise ValueError(f"arrays of an event history differ in shape: {sizes}")
        if np.any(self.dates[1:] < self.dates[:-1]):
            raise ValueError("events of a history stand by date, ascending")

    def __len__(self) -> int:
        return len(self.dates)

    def __repr__(self) -> str:
        between = ", ".join(self.actors)
        return f"<EventHistory {self.name!r}: {len(self):,} events between {between}, {self.first} to {self.last}>"

    @property
    def first(self) -> dt.date:
        """First day observed."""
        return self.observed[0] or _day(self.dates[0])

    @property
    def last(self) -> dt.date:
        """Last day observed."""
        return self.observed[1] or _day(self.dates[-1])

    def between(self, since: dt.date | str | None = None, until: dt.date | str | None = None) -> EventHistory:
        """The events from one day to another, both included; `report` stays that of the whole.

        The days observed are narrowed likewise. What is in force on the first day is not worked out anew, so a
        history with arrangements can be cut at its end only.

        Raises
        ------
        ValueError
            If a history with arrangements is cut at its beginning.
        """
        start = None if since is None else _date(since)
        end = None if until is None else _date(until)
        if self.held is not None and start is not None and start > self.first:
            raise ValueError(f"{self.name} tells what was in force on {self.first}; it cannot begin later")
        from_row = 0 if start is None else int(np.searchsorted(self.dates, np.datetime64(start), side="left"))
        to_row = len(self) if end is None else int(np.searchsorted(self.dates, np.datetime64(end), side="right"))
        part = {name: getattr(self, name)[from_row : max(from_row, to_row)] for name in _ARRAYS}
        span = (max(start or self.first, self.first), min(end or self.last, self.last))
        return dataclasses.replace(self, **part, observed=span)

    def until(self, date: dt.date | str) -> EventHistory:
        """The events up to a day, that day included."""
        return self.between(until=date)

    def table(self) -> pd.DataFrame:
        """The events as a table with names instead of rows: one line an event."""
        import pandas as pd

        named = {
            "date": self.dates.astype("datetime64[s]"),
            "actor": _named(self.actors, self.actor),
            "target": _named(self.actors, self.target),
            "cameo": self.cameo,
            "score": self.score,
            "kind": np.where(self.is_material, "material", "verbal"),
            "issue": _named(self.issues, self.issue),
            "track": _named(TRACKS, self.track),
            "move": _named(self.moves, self.move),
            "weight": self.weight,
        }
        return pd.DataFrame(named)


def _named(names: tuple[str, ...], rows: Ints) -> NDArray[np.object_]:
    """Names of rows; empty for -1."""
    return np.array([*names, ""], dtype=object)[rows]


def _day(date: np.datetime64) -> dt.date:
    found = date.astype("datetime64[D]").item()
    assert isinstance(found, dt.date)
    return found


def _date(given: dt.date | str) -> dt.date:
    return dt.date.fromisoformat(given) if isinstance(given, str) else given
