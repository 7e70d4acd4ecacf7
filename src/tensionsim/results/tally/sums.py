"""Sums over runs as whole numbers: whoever adds them up, and in whatever order, gets the same bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensionsim.record import Floats

Counts = NDArray[np.int64]

LIMB_BITS = 32
NARROW = (-20, -52)
"""Exponents of the limbs for values up to 2^12, which are rounded to multiples of 2^-52 (2e-16)."""
WIDE = (28, -4, -36, -68)
"""Exponents of the limbs for values up to 2^60 (1e18), which are rounded to multiples of 2^-68 (3e-21)."""


def widest(exponents: tuple[int, ...]) -> float:
    """The greatest value, either side of 0, that sums with these exponents hold."""
    return 2.0 ** (exponents[0] + LIMB_BITS)


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums over runs of some rows of values, split into limbs.

    A value is written as whole multiples of 2^e for each e of `exponents`, from the coarsest on, the last one rounded.
    Each multiple fits 32 bits, so that 2^31 runs cannot overflow the 64 bits of a sum. Whole numbers add up
    the same in any order and grouping, which floats do not.

    limbs : shape (row, limb).
    """

    exponents: tuple[int, ...]
    limbs: Counts

    @classmethod
    def of(cls, values: Floats, exponents: tuple[int, ...]) -> Sums:
        """Sums over the last axis of `values`, shape (row, run); what is beyond `widest` counts as that."""
        limbs = np.empty((len(values), len(exponents)), np.int64)
        rest = np.clip(values, -widest(exponents), widest(exponents))
        for place, exponent in enumerate(exponents):
            whole = np.rint(rest * 2.0**-exponent)
            limbs[:, place] = whole.astype(np.int64).sum(axis=-1)
            rest = rest - whole * 2.0**exponent
        return cls(exponents, limbs)

    def merged(self, other: Sums) -> Sums:
        """The sums of both together."""
        return Sums(self.exponents, self.limbs + other.limbs)

    def times(self, count: int) -> Sums:
        """The sums where each of these runs stands for `count` alike."""
        return Sums(self.exponents, self.limbs * count)

    def means(self, runs: int) -> Floats:
        """Means over so many runs, shape (row,), each rounded once."""
        finest = self.exponents[-1]
        shifts = [exponent - finest for exponent in self.exponents]
        scale = runs << -finest
        totals = (sum(limb << shift for limb, shift in zip(row, shifts, strict=True)) for row in self.limbs.tolist())
        return np.array([total / scale for total in totals], np.float64)
