"""Histograms of many rows at a fine resolution, kept where there is something to count.

Bins are numbered by a scale: evenly spaced, or each a fixed share of its value. A bin's middle stands for its values,
so a quantile drawn from the bins is off by half a bin at most, whatever the number of runs and however they are tied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tensionsim.record import Floats, Ints

BLOCK_BITS = 6
BLOCK = 1 << BLOCK_BITS
"""Bins that are kept together: a block is there as soon as one of its bins has counted something. Measured for the US
and Colombia at 1,000 runs: half of that saves a twelfth of the memory, and merging takes half as long again."""
ROW = 1 << 32
MIDDLE = ROW >> 1
"""A block's number is its row times `ROW`, plus its place in the row counted from `MIDDLE`."""
SLAB, MOST_ROWS = 1 << 17, 1 << 10
"""Values that are counted at a time, so that they stay in the processor's cache, and the rows that they may fill."""


class Scale(Protocol):
    """How values are numbered by bins, in order."""

    def bins(self, values: Floats) -> NDArray[np.int64]:
        """The bin of each value."""
        ...

    def middles(self, bins: Ints) -> Floats:
        """The value that stands for each bin."""
        ...


@dataclass(frozen=True, slots=True)
class Even:
    """Bins of equal width, `per_unit` to one; each value is at most half a width from its bin's middle."""

    per_unit: int

    @property
    def error(self) -> float:
        """The most by which a value differs from its bin's middle."""
        return 0.5 / self.per_unit

    def bins(self, values: Floats) -> NDArray[np.int64]:
        return np.rint(values * float(self.per_unit)).astype(np.int64)

    def middles(self, bins: Ints) -> Floats:
        return bins / float(self.per_unit)


MANTISSA_BITS = 52
TINY_EXPONENT = -40


@dataclass(frozen=True, slots=True)
class Relative:
    """Bins of equal relative width: 2^`digits` between a power of two and the next, on either side of zero.

    They are read off the bits of the floats, without logarithms, so that every machine finds the same. Values nearer
    to zero than 2^-40 (1e-12) share its bin.
    """

    digits: int

    @property
    def error(self) -> float:
        """The most by which a value differs from its bin's middle, as a share of the value."""
        return 2.0 ** -(self.digits + 1)

    @property
    def _shift(self) -> int:
        return MANTISSA_BITS - self.digits

    @property
    def _tiny(self) -> int:
        return int(np.float64(2.0**TINY_EXPONENT).view(np.int64)) >> self._shift

    def bins(self, values: Floats) -> NDArray[np.int64]:
        size = np.abs(values).view(np.int64)
        size += 1 << (self._shift - 1)
        size >>= self._shift
        size -= self._tiny - 1
        np.maximum(size, 0, out=size)
        return np.negative(size, out=size, where=values < 0.0)

    def middles(self, bins: Ints) -> Floats:
        size = ((np.abs(bins) + (self._tiny - 1)) << self._shift).view(np.float64)
        return np.where(bins == 0, 0.0, np.copysign(size, bins))


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """Counts of values by row and bin.

    blocks : numbers of the blocks in which anything was counted, ascending. counts : shape (block, bin of the block).
    Two of the same values are the same bytes, however the values were parted.
    """

    scale: Scale
    blocks: NDArray[np.int64]
    counts: NDArray[np.uint32]

    @classmethod
    def of(cls, values: Floats, scale: Scale) -> Histograms:
        """The histogram of each row of `values`, shape (row, run)."""
        rows = min(MOST_ROWS, max(1, SLAB // values.shape[-1]))
        slabs = [_counted(values[first : first + rows], scale, first) for first in range(0, len(values), rows)]
        blocks = np.concatenate([np.zeros(0, np.int64), *(slab[0] for slab in slabs)])
        counts = np.concatenate([np.zeros((0, BLOCK), np.uint32), *(slab[1] for slab in slabs)])
        return cls(scale, blocks, counts)

    def merged(self, other: Histograms) -> Histograms:
        """The histograms of both together."""
        blocks = _union(self.blocks, other.blocks)
        if len(blocks) == len(self.blocks):
            counts = self.counts.copy()
        else:
            counts = np.zeros((len(blocks), BLOCK), np.uint32)
            counts[np.searchsorted(blocks, self.blocks)] = self.counts
        counts[np.searchsorted(blocks, other.blocks)] += other.counts
        return Histograms(self.scale, blocks, counts)

    def quantiles(self, shares: Sequence[float], rows: int, runs: int) -> Floats:
        """Quantiles of each row, which has counted `runs` values, shape (row, quantile).

        Like np.quantile, they lie linearly between the two order statistics around place `share * (runs - 1)`. Each of
        the two is off by half a bin at most, and so is what lies between.
        """
        place = np.array(shares) * (runs - 1)
        before = np.floor(place).astype(np.int64)
        after = np.minimum(before + 1, runs - 1)
        first = np.arange(rows, dtype=np.int64)[:, None] * runs
        low, high = self._at((first + before).reshape(-1)), self._at((first + after).reshape(-1))
        shape = (rows, len(place))
        found: Floats = low.reshape(shape) + (high - low).reshape(shape) * (place - before)
        return found

    def deviations(self, rows: int, runs: int) -> Floats:
        """Standard deviation of each row (of a sample, so over runs - 1), shape (row,); 0 for one run.

        Off by half a bin at most: no more than the root mean square of what rounding to the bins moves.
        """
        if runs == 1 or rows == 0:
            return np.zeros(rows)
        block, place = np.nonzero(self.counts)
        row, middles = self._row(block), self.scale.middles(self._bin(block, place))
        weight = self.counts[block, place].astype(np.float64)
        mean = np.bincount(row, weight * middles, rows) / runs
        squares = np.bincount(row, weight * (middles - mean[row]) ** 2, rows)
        deviations: Floats = np.sqrt(squares / (runs - 1))
        return deviations

    def _at(self, order: NDArray[np.int64]) -> Floats:
        """The values at places in the order of all values of all rows, row after row."""
        sizes = self.counts.sum(axis=1, dtype=np.int64)
        ends = sizes.cumsum()
        block = np.searchsorted(ends, order, side="right")
        inside = order - (ends - sizes)[block]
        place = (self.counts[block].cumsum(axis=1, dtype=np.int64) <= inside[:, None]).sum(axis=1)
        found: Floats = self.scale.middles(self._bin(block, place))
        return found

    def _row(self, block: Ints) -> NDArray[np.int64]:
        return self.blocks[block] // ROW

    def _bin(self, block: Ints, place: Ints) -> NDArray[np.int64]:
        return ((self.blocks[block] % ROW - MIDDLE) << BLOCK_BITS) + place


def _counted(values: Floats, scale: Scale, first_row: int) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Blocks and counts of some rows of values, shape (row, run)."""
    bins = scale.bins(values)
    block = bins >> BLOCK_BITS
    least, most = int(block.min()), int(block.max())
    if not -MIDDLE < least <= most < MIDDLE:
        raise ValueError(f"values from {values.min()} to {values.max()} are no numbers that a histogram can hold")
    span = most - least + 1
    block += (np.arange(len(values), dtype=np.int64) * span - least)[:, None]
    is_there = np.zeros(len(values) * span, np.bool_)
    is_there[block] = True
    found = np.flatnonzero(is_there)
    start = np.zeros(len(is_there), np.int64)
    start[found] = np.arange(len(found)) << BLOCK_BITS
    bins &= BLOCK - 1
    bins += start[block]
    counts = np.bincount(bins.reshape(-1), minlength=len(found) << BLOCK_BITS).astype(np.uint32)
    row, place = np.divmod(found, span)
    return (row + first_row) * ROW + (place + least + MIDDLE), counts.reshape(-1, BLOCK)


def _union(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """What is in either of two ascending arrays, ascending."""
    both = np.concatenate([one, other])
    both.sort(kind="stable")
    is_first = np.ones(len(both), np.bool_)
    is_first[1:] = both[1:] != both[:-1]
    found: NDArray[np.int64] = both[is_first]
    return found
