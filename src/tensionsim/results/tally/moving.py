"""Which moves were made, by channel and cause, and what moved the index, as sums over runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensionsim.record import CAUSES, Record
from tensionsim.results.tally.sums import WIDE, Counts, Sums

Mover = tuple[str, str]
"""Actor, and a move or arrangement."""


@dataclass(frozen=True, slots=True, eq=False)
class MoveCounts:
    """How often each move was made in each channel and for each cause.

    keys : (channel * moves + move) * causes + cause, ascending. made : how often. runs : in how many runs.
    """

    keys: NDArray[np.int64]
    made: Counts
    runs: Counts

    @classmethod
    def of(cls, record: Record, moves: int, first_run: int) -> MoveCounts:
        """The counts of a record's moves."""
        every = (record.move_channel.astype(np.int64) * moves + record.move_id) * len(CAUSES) + record.move_cause
        made = np.bincount(every)
        keys = np.flatnonzero(made)
        row = np.zeros(len(made), np.int64)
        row[keys] = np.arange(len(keys))
        runs = record.cooperation.shape[-1]
        is_made = np.zeros(len(keys) * runs, np.bool_)
        is_made[row[every] * runs + (record.move_run - first_run)] = True
        return cls(keys, made[keys].astype(np.int64), np.count_nonzero(is_made.reshape(len(keys), runs), axis=1))

    def merged(self, other: MoveCounts) -> MoveCounts:
        """The counts of both together; they share no run."""
        keys = np.union1d(self.keys, other.keys)
        made, runs = np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
        for one in (self, other):
            rows = np.searchsorted(keys, one.keys)
            made[rows] += one.made
            runs[rows] += one.runs
        return MoveCounts(keys, made, runs)


@dataclass(frozen=True, slots=True, eq=False)
class Movers:
    """Points by which each mover's part of the index changed from the first date to the last, summed over runs.

    names : ascending. points : one row a mover.
    """

    names: tuple[Mover, ...]
    points: Sums

    @classmethod
    def of(cls, changes: Mapping[Mover, NDArray[np.float64]], runs: int) -> Movers:
        """The sums of `ledger.changes`."""
        names = tuple(sorted(changes))
        points = np.array([changes[name] for name in names], np.float64).reshape(len(names), runs)
        return cls(names, Sums.of(points, WIDE))

    def merged(self, other: Movers) -> Movers:
        """The sums of both together; a mover that one of them does not know made no points there."""
        names = tuple(sorted({*self.names, *other.names}))
        rows = {name: row for row, name in enumerate(names)}
        limbs = np.zeros((len(names), len(WIDE)), np.int64)
        for one in (self, other):
            limbs[[rows[name] for name in one.names]] += one.points.limbs
        return Movers(names, Sums(WIDE, limbs))

    def means(self, runs: int) -> dict[Mover, float]:
        """Mean points of each mover."""
        return dict(zip(self.names, self.points.means(runs).tolist(), strict=True))
