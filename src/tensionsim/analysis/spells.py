"""Spells of arrangements in one run: from when until when each was in force, and what it made of the index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tensionsim.ledger import Entry
from tensionsim.record import Names, Record

Ledger = Callable[[int], Sequence[Entry]]
"""The entries of the run's ledger at a row of the dates."""


@dataclass(frozen=True, slots=True)
class Spell:
    """An arrangement in force without a break.

    place : of the arrangement in the record. kind, actor, target, issue : what its name says. first : row from which it
    is in force, 0 at the start. after : row from which it is so no longer, None where it lasts. points : what it adds
    to the index in the row it begins. peak : the most that it makes in any row of the spell, with its sign. left : of
    the first spell of an arrangement, all that it makes at the end; of later ones 0. is_alone : if there is but one.
    """

    place: int
    kind: str
    actor: str
    target: str
    issue: str
    first: int
    after: int | None
    points: float
    peak: float
    left: float
    is_alone: bool


def spells(record: Record, names: Names, ledger: Ledger) -> Iterator[Spell]:
    """All spells of the only run of a record, arrangement by arrangement."""
    in_force = record.in_force[:, :, 0]
    made = _Made(names, ledger, len(in_force))
    for place in np.flatnonzero(in_force.any(axis=0)).tolist():
        kind, pair, issue = names.arrangements[place].split(" | ")
        actor, target = pair.split(" -> ")
        points = made.of(place)
        left = points[-1]
        found = list(_stretches(in_force[:, place].tolist()))
        for first, after in found:
            begun = points[first] - points[first - 1] if first else 0.0
            peak = max(points[first:after], key=abs)
            yield Spell(place, kind, actor, target, issue, first, after, begun, peak, left, len(found) == 1)
            left = 0.0


def _stretches(stands: Sequence[bool]) -> Iterator[tuple[int, int | None]]:
    """First row of each unbroken stretch, and the row after its last; None where that is the end."""
    first = None
    for row, holds in enumerate(stands):
        if holds and first is None:
            first = row
        if not holds and first is not None:
            yield first, row
            first = None
    if first is not None:
        yield first, None


class _Made:
    """What arrangements make of the index, row by row."""

    def __init__(self, names: Names, ledger: Ledger, rows: int) -> None:
        self.names = names
        self.sums: list[dict[tuple[str, str, str, str], float]] = []
        for row in range(rows):
            sums: dict[tuple[str, str, str, str], float] = {}
            for entry in ledger(row):
                if entry.kind == "arrangement":
                    key = (entry.what, entry.actor, entry.target, entry.issue)
                    sums[key] = sums.get(key, 0.0) + entry.points
            self.sums.append(sums)

    def of(self, place: int) -> list[float]:
        """Points of an arrangement in every row, either direction of a mutual one."""
        kind, pair, issue = self.names.arrangements[place].split(" | ")
        actor, target = pair.split(" -> ")
        ways = {(actor, target), (target, actor)} if self.names.arrangement_is_mutual[place] else {(actor, target)}
        return [sum(sums.get((kind, *way, issue), 0.0) for way in ways) for sums in self.sums]
