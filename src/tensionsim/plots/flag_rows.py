"""Rows of flags: where each name stands, so that none covers another and few poles pass behind a name."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

Span = tuple[float, float]
Order = tuple[int, int]

POLE = 1.0
"""Points around a pole that a name should not cover."""


def arrange(at: Sequence[float], lengths: Sequence[float], width: float) -> tuple[list[bool], list[int]]:
    """Which names run to the left of their poles, and the row of each from below.

    Of all ways to turn the first to the right and the others to the left, that with the fewest poles behind names, then
    the fewest rows, then the most to the right; a name runs to where it has room in any case.

    Parameters
    ----------
    at : distance of each pole from the left end, in points, in rising order. lengths : of the names. width : of the
    axes.
    """
    found = []
    for turn in range(len(at), -1, -1):
        is_left = [
            _is_left(x, length, width, place >= turn) for place, (x, length) in enumerate(zip(at, lengths, strict=True))
        ]
        spans = [(x - n, x) if left else (x, x + n) for x, n, left in zip(at, lengths, is_left, strict=True)]
        behind, rows = _rows(at, spans)
        found.append((behind, max(rows, default=-1), len(at) - turn, is_left, rows))
    best = min(found, key=lambda each: each[:3])
    return best[3], best[4]


def _is_left(x: float, length: float, width: float, wish: bool) -> bool:
    """To the left where it is wished and there is room, or where only there is room."""
    fits_left, fits_right = length <= x, x + length <= width
    if fits_left != fits_right:
        return fits_left
    return wish if fits_left else x > width / 2


def _rows(at: Sequence[float], spans: Sequence[Span]) -> tuple[int, list[int]]:
    """How many poles pass behind a name, and the row of each name."""
    below: list[set[int]] = [set() for _ in at]
    behind = 0
    for low, high in _poles(at, spans):
        if _leads(below, low, high):
            behind += 1
        else:
            below[high].add(low)
    for one, two in itertools.combinations(range(len(at)), 2):
        is_met = spans[one][0] < spans[two][1] and spans[two][0] < spans[one][1]
        if is_met and not _leads(below, one, two) and not _leads(below, two, one):
            below[one].add(two)
    return behind, _heights(below)


def _poles(at: Sequence[float], spans: Sequence[Span]) -> Iterator[Order]:
    """Which flag should be below which other, for its pole would pass behind the other's name."""
    for one, other in itertools.permutations(range(len(at)), 2):
        start, end = spans[other]
        if start - POLE < at[one] < end + POLE and at[one] != at[other]:
            yield one, other


def _leads(below: Sequence[set[int]], high: int, low: int) -> bool:
    """Whether `low` is below `high` already, at once or through others."""
    return low in below[high] or any(_leads(below, each, low) for each in below[high])


def _heights(below: Sequence[set[int]]) -> list[int]:
    """The lowest row of each that is above all that are below it."""
    rows: dict[int, int] = {}

    def row(place: int) -> int:
        if place not in rows:
            rows[place] = max((row(each) + 1 for each in below[place]), default=0)
        return rows[place]

    return [row(place) for place in range(len(below))]
