"""How often conditions come true, when, and for how long, as counts of runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tensionsim.record import Bools, Dates
from tensionsim.results.statistics import Occurrence
from tensionsim.results.tally.sums import Counts


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """Counts of runs from which `statistics.Occurrence` follows exactly.

    first : runs in which the condition first holds at a row, shape (condition, date). ended : runs whose first spell
    ends after so many steps, shape (condition, step); one that does not end is in `first` alone. held : rows after
    the start at which it holds, over all runs, shape (condition,).
    """

    first: Counts
    ended: Counts
    held: Counts

    @classmethod
    def of(cls, conditions: Iterable[Bools], dates: int) -> Spells:
        """The spells of conditions, each of shape (date, run)."""
        found = [_counted(holds) for holds in conditions]
        nothing = np.zeros((0, dates), np.int64)
        first = np.stack([each[0] for each in found]) if found else nothing
        ended = np.stack([each[1] for each in found]) if found else nothing
        return cls(first, ended, np.array([each[2] for each in found], np.int64))

    def merged(self, other: Spells) -> Spells:
        """The spells of both together."""
        return Spells(self.first + other.first, self.ended + other.ended, self.held + other.held)

    def occurrence(self, row: int, runs: int, dates: Dates, step_months: float) -> Occurrence:
        """How often a condition comes true, as `statistics.occurrence` has it."""
        first, count = self.first[row], int(self.first[row].sum())
        share = count / runs
        return Occurrence(
            probability=share,
            standard_error=float(np.sqrt(share * (1 - share) / runs)),
            runs=count,
            first=dates[_at(first, (count - 1) // 2)] if count else None,
            months=float(self.held[row]) * step_months / runs,
            recovery=_recovery(self.ended[row], count, step_months),
        )


def _recovery(ended: Counts, count: int, step_months: float) -> float | None:
    """Median of the steps until the first spell ends, in months; None where the upper middle one has not ended."""
    upper = count // 2
    if count == 0 or upper >= int(ended.sum()):
        return None
    return (_at(ended, (count - 1) // 2) + _at(ended, upper)) / 2 * step_months


def _at(counts: Counts, order: int) -> int:
    """The value at a place in the order of values that were counted."""
    return int(np.searchsorted(counts.cumsum(), order, side="right"))


def _counted(holds: Bools) -> tuple[Counts, Counts, int]:
    dates = len(holds)
    chosen = holds[:, holds.any(axis=0)]
    first = chosen.argmax(axis=0)
    over = ~chosen & (np.arange(dates)[:, None] > first)
    steps = (over.argmax(axis=0) - first)[over.any(axis=0)]
    counted = np.bincount(first, minlength=dates), np.bincount(steps, minlength=dates)
    return counted[0].astype(np.int64), counted[1].astype(np.int64), int(np.count_nonzero(holds[1:]))
