"""Tally: the tables and the summary of an ensemble, from counts and sums that are merged part by part."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tensionsim.errors import SelectionError, StorageError
from tensionsim.model.ledger import changes
from tensionsim.model.measures import REGIMES, regime_of
from tensionsim.model.record import CAUSES, Bools, Dates, Floats, Ints, Names, Record
from tensionsim.runs.results import DECIMALS, MEASURES, numbers, origin
from tensionsim.runs.statistics import MONTHS_PER_STEP, QUANTILES, STATISTICS, Occurrence, plain
from tensionsim.runs.store import TALLY, Store, blocks, store_of

if TYPE_CHECKING:
    from tensionsim.runs.results import Results


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


POINTS = Even(100)
"""Of what goes from 0 to 100: a hundredth of a point, where Monte Carlo error is a tenth at 10,000 runs."""
SHARES = Even(10_000)
"""Of what goes from 0 to 1: as many bins as for points."""
UNITS = Relative(11)
"""Of indicators, whose units and sizes the scenario chooses: 2,048 bins to each doubling, an error of 1 in 4,096."""

Scales = Even | Relative
SCALES: Mapping[str, Scales] = MappingProxyType(
    {
        "index": POINTS,
        "issues": POINTS,
        "tension_by_direction": POINTS,
        "room": SHARES,
        "security_pillar": POINTS,
        "indicators": UNITS,
    }
)
"""The series of a tally, with their bins."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values of one or more names at every date; a row is a date and a name, in that order.

    low, high : least and greatest value, shape (row,).
    """

    sums: Sums
    low: Floats
    high: Floats
    histograms: Histograms

    @classmethod
    def of(cls, values: Floats, scale: Scales) -> Series:
        """The series of `values`, shape (date, name, run) or (date, run)."""
        rows = np.ascontiguousarray(values).reshape(int(np.prod(values.shape[:-1])), values.shape[-1])
        low, high = rows.min(axis=-1), rows.max(axis=-1)
        if not (np.isfinite(low).all() and np.isfinite(high).all()):
            raise ValueError("a tally holds finite numbers only")
        exponents = NARROW if isinstance(scale, Even) else WIDE
        return cls(Sums.of(rows, exponents), low, high, Histograms.of(rows, scale))

    def merged(self, other: Series) -> Series:
        """The series of both together."""
        return Series(
            self.sums.merged(other.sums),
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
            self.histograms.merged(other.histograms),
        )

    def means(self, runs: int) -> Floats:
        """Mean of each row, shape (row,); NaN where a value is beyond what sums hold (1e18 for indicators)."""
        most = widest(self.sums.exponents)
        is_held = (self.low >= -most) & (self.high <= most)
        return np.where(is_held, self.sums.means(runs), np.nan)

    def over_runs(self, runs: int) -> Floats:
        """Mean and quantiles, shape (row, statistic), like `statistics.over_runs`."""
        return np.concatenate([self.means(runs)[:, None], self.quantiles(tuple(QUANTILES.values()), runs)], axis=1)

    def quantiles(self, shares: Sequence[float], runs: int) -> Floats:
        """Quantiles of each row, shape (row, quantile)."""
        found: Floats = self.histograms.quantiles(shares, len(self.low), runs)
        return np.clip(found, self.low[:, None], self.high[:, None])

    def standard_errors(self, runs: int) -> Floats:
        """Monte Carlo standard error of each row's mean, shape (row,); NaN for one run."""
        if runs == 1:
            return np.full(len(self.low), np.nan)
        errors: Floats = self.histograms.deviations(len(self.low), runs) / np.sqrt(runs)
        return errors


def all_of(results: Results) -> dict[str, Series]:
    """Every series of some results, by the names of `SCALES`."""
    from tensionsim.runs.results import directed_tension

    record = results.record
    values = {
        "index": record.cooperation,
        "issues": record.issue_cooperation,
        "tension_by_direction": directed_tension(results)[1],
        "room": record.room,
        "security_pillar": record.security_pillar,
        "indicators": record.indicators,
    }
    return {name: Series.of(values[name], scale) for name, scale in SCALES.items()}


def summary(tally: Tally) -> dict[str, Any]:
    """The keys of `summary.summary`, in their order, and `quantile_error`."""
    said = tally.about
    issues = tally.series["issues"].over_runs(tally.runs).reshape(len(tally.dates), len(tally.names.issues), -1)
    found = movers(tally, 10)
    return {
        **{key: said[key] for key in ("title", "scenario", "outlook", "set", "start", "end", "step")},
        "runs": tally.runs,
        "first_run": tally.first_run,
        "seed": tally.seed,
        "dates": [str(date) for date in tally.dates],
        "index": _statistics(tally.series["index"].over_runs(tally.runs)),
        "issues": {name: _statistics(issues[:, row]) for row, name in enumerate(tally.names.issues)},
        "regimes": _regimes(tally),
        "events": _events(tally),
        "movers": found,
        "change": _change(tally, found),
        "notes": list(said["notes"]),
        "provenance": dict(said["provenance"]),
        "quantile_error": POINTS.error,
    }


def movers(tally: Tally, n: int) -> list[dict[str, Any]]:
    """What changed the mean index most, as `summary.movers` has it."""
    ranked = sorted(tally.movers_of.means(tally.runs).items(), key=lambda item: (-abs(item[1]), item[0]))
    found = [(actor, what, round(points, DECIMALS)) for (actor, what), points in ranked[:n]]
    return [{"actor": actor, "what": what, "points": points} for actor, what, points in found if points]


def _statistics(table: Floats) -> dict[str, list[float]]:
    rounded = np.round(table, DECIMALS)
    return {name: rounded[:, column].tolist() for column, name in enumerate(STATISTICS)}


def _regimes(tally: Tally) -> dict[str, dict[str, Any]]:
    shares = (tally.regimes / tally.runs).round(DECIMALS)
    found, above = {}, 0.0
    for row, (name, below) in enumerate(REGIMES):
        occurrence = tally.spells.occurrence(row, tally.runs, tally.dates, tally.step_months)
        bounds = {
            "from": above,
            "to": min(below, 100.0),
            "share": shares[:, row].tolist(),
            "at_end": float(shares[-1, row]),
        }
        found[name] = bounds | numbers(occurrence)
        above = below
    return found


def _events(tally: Tally) -> dict[str, dict[str, Any]]:
    spells, dates, step_months = tally.spells, tally.dates, tally.step_months
    return {
        name: numbers(spells.occurrence(len(REGIMES) + row, tally.runs, dates, step_months))
        for row, name in enumerate(tally.names.events)
    }


def _change(tally: Tally, found: list[dict[str, Any]]) -> dict[str, float]:
    """Points by which the mean index changes from the first date to the last, and what of them no mover listed made."""
    means = tally.series["index"].means(tally.runs)
    points = float(means[-1] - means[0])
    rest = points - sum(mover["points"] for mover in found)
    return {"points": round(points, DECIMALS), "rest": round(rest, DECIMALS)}


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
        found = [_spells_counted(holds) for holds in conditions]
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


def _spells_counted(holds: Bools) -> tuple[Counts, Counts, int]:
    dates = len(holds)
    chosen = holds[:, holds.any(axis=0)]
    first = chosen.argmax(axis=0)
    over = ~chosen & (np.arange(dates)[:, None] > first)
    steps = (over.argmax(axis=0) - first)[over.any(axis=0)]
    counted = np.bincount(first, minlength=dates), np.bincount(steps, minlength=dates)
    return counted[0].astype(np.int64), counted[1].astype(np.int64), int(np.count_nonzero(holds[1:]))


Array = NDArray[Any]

FORMAT = "tensionsim tally"
FORMAT_VERSION = 1
ABOUT = "about.json"
EPOCH = (1980, 1, 1, 0, 0, 0)
DAMAGE = (zipfile.BadZipFile, RuntimeError, struct.error, EOFError, KeyError, TypeError, IndexError, AttributeError)
"""What reading a damaged archive raises, besides ValueError; RuntimeError where a bit says that it is encrypted."""
MOST_BITS = 7
"""Bits of a number that a byte holds; the eighth says whether there are more."""


def to_bytes(tally: Tally) -> bytes:
    """The content of a tally's file."""
    said = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "first_run": tally.first_run,
        "runs": tally.runs,
        "about": dict(tally.about),
        "names": asdict(tally.names),
        "movers": tally.movers_of.names,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        text = json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False)
        archive.writestr(_entry(ABOUT), text.encode())
        for name, array in _arrays(tally).items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            archive.writestr(_entry(f"{name}.npy"), content.getvalue())
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


def _arrays(tally: Tally) -> dict[str, Array]:
    found: dict[str, Array] = {
        "dates": tally.dates,
        "weights": tally.weight_sums.limbs,
        "spells.first": tally.spells.first,
        "spells.ended": tally.spells.ended,
        "spells.held": tally.spells.held,
        "regimes": tally.regimes,
        "in_force": tally.in_force,
        "moves.keys": tally.moves.keys,
        "moves.made": tally.moves.made,
        "moves.runs": tally.moves.runs,
        "movers": tally.movers_of.points.limbs,
    }
    for name, series in tally.series.items():
        word, counts = _packed(series.histograms.counts)
        found |= {
            f"{name}.sums": series.sums.limbs,
            f"{name}.low": series.low,
            f"{name}.high": series.high,
            f"{name}.blocks": series.histograms.blocks,
            f"{name}.words": word,
            f"{name}.counts": counts,
        }
    return {name: np.ascontiguousarray(array, array.dtype.newbyteorder("<")) for name, array in found.items()}


def from_bytes(content: bytes) -> Tally:
    """The tally in a file's content; ValueError where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            said = json.loads(archive.read(ABOUT))
            if said.get("format") != FORMAT or said.get("version") != FORMAT_VERSION:
                raise ValueError(f"it is no tally of format {FORMAT_VERSION}")
            names = [name for name in archive.namelist() if name != ABOUT]
            arrays = {name.removesuffix(".npy"): _array(archive.read(name)) for name in names}
        return _tally(said, arrays)
    except DAMAGE as damage:
        raise ValueError(f"it is damaged ({damage})") from damage


def _array(content: bytes) -> Array:
    array: Array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _tally(said: dict[str, Any], arrays: dict[str, Array]) -> Tally:

    return Tally(
        about=said["about"],
        names=Names(**{name: tuple(values) for name, values in said["names"].items()}),
        dates=arrays["dates"],
        first_run=said["first_run"],
        runs=said["runs"],
        series={name: _series(arrays, name, scale) for name, scale in SCALES.items()},
        weight_sums=Sums(NARROW, arrays["weights"]),
        spells=Spells(arrays["spells.first"], arrays["spells.ended"], arrays["spells.held"]),
        regimes=arrays["regimes"],
        in_force=arrays["in_force"],
        moves=MoveCounts(arrays["moves.keys"], arrays["moves.made"], arrays["moves.runs"]),
        movers_of=Movers(tuple((actor, what) for actor, what in said["movers"]), Sums(WIDE, arrays["movers"])),
    )


def _series(arrays: dict[str, Array], name: str, scale: Scales) -> Series:
    sums, low, high, blocks, words, counts = (
        arrays[f"{name}.{part}"] for part in ("sums", "low", "high", "blocks", "words", "counts")
    )
    exponents = NARROW if sums.shape[-1] == len(NARROW) else WIDE
    return Series(Sums(exponents, sums), low, high, Histograms(scale, blocks, _unpacked(words, counts)))


def _packed(counts: NDArray[np.uint32]) -> tuple[Array, Array]:
    """A word a block that says which of its bins have counted, and their counts in order."""
    has_counted = counts > 0
    words = np.packbits(has_counted, axis=1, bitorder="little").view("<u8").reshape(-1)
    return words, _short(counts[has_counted])


def _unpacked(words: Array, content: Array) -> NDArray[np.uint32]:
    bits = np.unpackbits(words.astype("<u8").view(np.uint8), bitorder="little")
    has_counted = bits.reshape(-1, BLOCK).astype(np.bool_)
    counts = np.zeros(has_counted.shape, np.uint32)
    counts[has_counted] = _long(content, int(has_counted.sum()))
    return counts


def _short(numbers: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Numbers in as few bytes as they need: the low seven bits of all, then the next of those that have more."""
    planes, rest = [np.zeros(0, np.uint8)], numbers
    while len(rest):
        has_more = rest > 0x7F
        planes.append(((rest & 0x7F) | np.where(has_more, 0x80, 0)).astype(np.uint8))
        rest = (rest[has_more] >> MOST_BITS).astype(np.uint32)
    return np.concatenate(planes)


def _long(content: NDArray[np.uint8], count: int) -> NDArray[np.uint32]:
    """The numbers of which `_short` made this; ValueError where it is not of so many."""
    numbers, rows = np.zeros(count, np.uint32), np.arange(count)
    start, shift = 0, 0
    while len(rows):
        plane = content[start : start + len(rows)]
        if len(plane) < len(rows):
            raise ValueError("its counts are cut off")
        numbers[rows] |= (plane & 0x7F).astype(np.uint32) << shift
        start, shift, rows = start + len(rows), shift + MOST_BITS, rows[plane > 0x7F]
    if start != len(content):
        raise ValueError("it has counts of nothing")
    return numbers


def load(path: Path) -> Tally:
    """The tally in a file; see `Tally.load`."""
    try:
        return from_bytes(path.read_bytes())
    except OSError as failure:
        raise StorageError(f"cannot read {path}: {failure.strerror or failure}") from failure
    except ValueError as damage:
        raise StorageError(f"{path} is no tally that this tensionsim can read: {damage}; make it again") from damage


SINGLE_RUNS = ("paths", "moves", "ledger")
MEASURE_ERRORS = {"room": SHARES.error, "security_pillar": POINTS.error}
KINDS = {"issues": "issue", "tension_by_direction": "direction", "indicators": "indicator"}


def table(tally: Tally, name: str) -> pd.DataFrame:
    """A table by its name; see `Tally.table`."""
    if name in SINGLE_RUNS:
        raise SelectionError(f"a tally keeps no single runs, so it has no table {name!r}; open the runs themselves")
    if name not in TABLES:
        raise SelectionError(f"a tally has no table {name!r}; there is {', '.join(TABLES)}")
    return TABLES[name](tally)


def _dates(tally: Tally) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(tally.dates, name="date")


def labels(tally: Tally, name: str) -> tuple[str, ...]:
    """The names along the columns of issues, tension_by_direction or indicators."""
    if name == "tension_by_direction":
        return tuple(dict.fromkeys(channel.split(" | ")[0] for channel in tally.names.dyad_channels))
    return tally.names.along(KINDS[name])


def _index(tally: Tally) -> pd.DataFrame:
    columns = pd.Index(STATISTICS, name="statistic")
    found = pd.DataFrame(tally.series["index"].over_runs(tally.runs), _dates(tally), columns)
    found.attrs["quantile_error"] = POINTS.error
    return found


def _by_name(tally: Tally, values: Floats, names: Sequence[str], kind: str) -> pd.DataFrame:
    """Statistics of rows (date, name) as date by (name, statistic)."""
    columns = pd.MultiIndex.from_product([names, STATISTICS], names=[kind, "statistic"])
    return pd.DataFrame(values.reshape(len(tally.dates), -1), _dates(tally), columns)


def _tables_series(tally: Tally, name: str) -> pd.DataFrame:
    found = _by_name(tally, tally.series[name].over_runs(tally.runs), labels(tally, name), KINDS[name])
    found.attrs["quantile_error"] = POINTS.error
    return found


def _indicators(tally: Tally) -> pd.DataFrame:
    found = _tables_series(tally, "indicators")
    found.attrs["units"] = dict(zip(tally.names.indicators, tally.names.indicator_units, strict=True))
    found.attrs["quantile_error"] = {"relative": UNITS.error}
    return found


def _measures(tally: Tally) -> pd.DataFrame:
    values = np.stack([tally.series[name].over_runs(tally.runs) for name in MEASURES], axis=1)
    found = _by_name(tally, values, tuple(MEASURES), "measure")
    found.attrs["about"] = dict(MEASURES)
    found.attrs["quantile_error"] = dict(MEASURE_ERRORS)
    return found


def _tables_regimes(tally: Tally) -> pd.DataFrame:
    columns = pd.Index([name for name, _ in REGIMES], name="regime")
    return pd.DataFrame(tally.regimes / tally.runs, _dates(tally), columns)


def _arrangements(tally: Tally) -> pd.DataFrame:
    columns = pd.Index(tally.names.arrangements, name="arrangement", dtype="str")
    return pd.DataFrame(tally.in_force / tally.runs, _dates(tally), columns)


def _weights(tally: Tally) -> pd.DataFrame:
    columns = pd.Index(tally.names.issues, name="issue", dtype="str")
    return pd.DataFrame(tally.weight_sums.means(tally.runs).reshape(len(tally.dates), -1), _dates(tally), columns)


def _tables_events(tally: Tally) -> pd.DataFrame:
    found = [
        tally.spells.occurrence(len(REGIMES) + row, tally.runs, tally.dates, tally.step_months)
        for row in range(len(tally.names.events))
    ]
    columns = {
        "probability": np.array([each.probability for each in found], float),
        "standard_error": np.array([each.standard_error for each in found], float),
        "median_first_date": pd.DatetimeIndex([each.first for each in found], dtype="datetime64[s]"),
        "mean_months": np.array([each.months for each in found], float),
        "median_recovery_months": np.array([each.recovery for each in found], float),
    }
    return pd.DataFrame(columns, pd.Index(tally.names.events, name="event", dtype="str"))


def _move_counts(tally: Tally) -> pd.DataFrame:
    """In the order of Results.move_counts: most often first, then as the names along the axes have it."""
    rest, cause = np.divmod(tally.moves.keys, len(CAUSES))
    channel, move = np.divmod(rest, len(tally.names.moves))
    columns: dict[str, Any] = {}
    for kind, of_channel in tally.names.places().items():
        distinct = list(dict.fromkeys(of_channel))
        codes = np.array([distinct.index(name) for name in of_channel], np.int16)
        columns[kind] = pd.Categorical.from_codes(codes[channel], distinct)
    columns["move"] = pd.Categorical.from_codes(move, list(tally.names.moves))
    columns["goldstein"] = np.array(tally.names.move_scores, float)[move]
    columns["cause"] = pd.Categorical.from_codes(cause, list(CAUSES))
    keys = list(columns)
    columns["moves_per_run"] = tally.moves.made / tally.runs
    columns["share_of_runs"] = tally.moves.runs / tally.runs
    found = pd.DataFrame(columns).sort_values(keys, kind="stable")
    return found.sort_values("moves_per_run", ascending=False, kind="stable", ignore_index=True)


TABLES: Mapping[str, Callable[[Tally], pd.DataFrame]] = MappingProxyType(
    {
        "index": _index,
        "issues": lambda tally: _tables_series(tally, "issues"),
        "regimes": _tables_regimes,
        "events": _tables_events,
        "indicators": _indicators,
        "arrangements": _arrangements,
        "tension_by_direction": lambda tally: _tables_series(tally, "tension_by_direction"),
        "measures": _measures,
        "move_counts": _move_counts,
        "weights": _weights,
    }
)
"""The tables of a tally, by name."""


def standard_errors(tally: Tally, name: str) -> pd.DataFrame:
    """Standard errors of means, as date by name; see `Tally.standard_errors`."""
    parts = tuple(MEASURES) if name == "measures" else (name,)
    if any(part not in SCALES for part in parts):
        known = "index, issues, tension_by_direction, measures, indicators"
        raise SelectionError(f"{name!r} has no means with standard errors; there is {known}")
    columns = MEASURES if name == "measures" else ("index",) if name == "index" else labels(tally, name)
    found = [tally.series[part].standard_errors(tally.runs).reshape(len(tally.dates), -1) for part in parts]
    return pd.DataFrame(np.concatenate(found, axis=1), _dates(tally), pd.Index(list(columns), dtype="str"))


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What a summary of any number of runs needs, in memory that does not grow with them.

    Means, shares, counts, dates and probabilities are those of the runs. Quantiles are drawn from histograms, and off
    by at most 0.005 points of the index (`.attrs["quantile_error"]` of each table says by how much). All is kept as
    whole numbers and extremes: parts that are merged, in whatever grouping, give the same bytes as the whole.

    about : where the runs come from, as JSON has it. weight_sums : of the issues, over runs, row (date, issue).
    spells : of each regime from the worst on, then of each event. regimes : runs in each, shape (date, regime).
    in_force : runs with each arrangement, shape (date, arrangement). series : see `series.SCALES`.

    Examples
    --------
    >>> import tensionsim as ts
    >>> from tensionsim.results.tally import Tally
    >>> first, second = (ts.run("norland-suderia", runs=10, first_run=n) for n in (0, 10))
    >>> tally = Tally.of(first).merged(Tally.of(second))
    >>> tally.runs, tally.table("index").attrs["quantile_error"]
    (20, 0.005)
    """

    about: Mapping[str, Any]
    names: Names
    dates: Dates
    first_run: int
    runs: int
    series: Mapping[str, Series]
    weight_sums: Sums
    spells: Spells
    regimes: Counts
    in_force: Counts
    moves: MoveCounts
    movers_of: Movers

    @classmethod
    def of(cls, results: Results) -> Tally:
        """The tally of some results."""
        record, runs = results.record, results.runs
        rows = regime_of(record.cooperation)
        regimes = [rows == row for row in range(len(REGIMES))]
        conditions = [*regimes, *np.moveaxis(record.events, 1, 0)]
        shared = record.weights.shape[-1]
        weights = Sums.of(record.weights.reshape(-1, shared), NARROW)
        return cls(
            about=about(results),
            names=results.names,
            dates=record.dates,
            first_run=results.first_run,
            runs=runs,
            series=all_of(results),
            weight_sums=weights.times(runs // shared),
            spells=Spells.of(conditions, len(record.dates)),
            regimes=np.stack([holds.sum(axis=-1, dtype=np.int64) for holds in regimes], axis=-1),
            in_force=record.in_force.view(np.uint8).sum(axis=-1, dtype=np.uint32).astype(np.int64),
            moves=MoveCounts.of(record, len(results.names.moves), results.first_run),
            movers_of=Movers.of(changes(results.books, len(record.dates) - 1), runs),
        )

    def __repr__(self) -> str:
        runs = f"{self.runs:,} run{'s' if self.runs > 1 else ''} from {self.first_run:,} on"
        return f"<Tally of {self.title!r}, {runs}, seed {self.seed}>"

    @property
    def title(self) -> str:
        """The title of the scenario and its outlook."""
        return str(self.about["title"])

    @property
    def seed(self) -> int:
        """The seed of the runs."""
        seed: int = self.about["seed"]
        return seed

    @property
    def step_months(self) -> float:
        """Length of a step, in months."""
        return MONTHS_PER_STEP[self.about["step"]]

    def merged(self, other: Tally) -> Tally:
        """The tally of these runs and of those of `other`, which follow on them.

        Raises
        ------
        ValueError
            If the other is of another ensemble, or its runs do not follow.
        """
        if (self.about, self.names) != (other.about, other.names) or not np.array_equal(self.dates, other.dates):
            raise ValueError("only tallies of one scenario and seed can be merged")
        if other.first_run != self.first_run + self.runs:
            raise ValueError(f"run {other.first_run} does not follow on run {self.first_run + self.runs - 1}")
        return Tally(
            about=self.about,
            names=self.names,
            dates=self.dates,
            first_run=self.first_run,
            runs=self.runs + other.runs,
            series={name: one.merged(other.series[name]) for name, one in self.series.items()},
            weight_sums=self.weight_sums.merged(other.weight_sums),
            spells=self.spells.merged(other.spells),
            regimes=self.regimes + other.regimes,
            in_force=self.in_force + other.in_force,
            moves=self.moves.merged(other.moves),
            movers_of=self.movers_of.merged(other.movers_of),
        )

    def table(self, name: str) -> pd.DataFrame:
        """A table of `Results` by its name, with the same rows and columns.

        Parameters
        ----------
        name
            index, issues, regimes, events, indicators, arrangements, tension_by_direction, measures, move_counts; or
            weights: the mean weight of each issue in the index, as date by issue. `.attrs["quantile_error"]` is the
            most by which a quantile may be off, in the table's unit; for measures by measure; for indicators
            `{"relative": share of the value}`. Tables without quantiles have none: they are exact.

        Raises
        ------
        SelectionError
            If there is no such table, or it shows single runs.
        """
        return table(self, name)

    def standard_errors(self, name: str) -> pd.DataFrame:
        """Monte Carlo standard error of the means of index, issues, tension_by_direction, measures or indicators.

        As date by name; NaN for a single run. From the histograms, so off by the quantile error / sqrt(runs) at most.
        """
        return standard_errors(self, name)

    def quantiles(self, name: str, shares: Sequence[float]) -> Floats:
        """Quantiles of a series (index, issues, tension_by_direction, room, security_pillar, indicators) at every date.

        Shape (date, name, quantile); `shares` in [0, 1]. Their error is that of the table's `quantile_error`.
        """
        found = self.series[name].quantiles(shares, self.runs)
        return found.reshape(len(self.dates), -1, len(shares))

    def weights(self) -> Floats:
        """Mean weight of each issue in the index at the last date, shape (issue,), in [0, 1]."""
        found: Floats = self.weight_sums.means(self.runs).reshape(len(self.dates), -1)[-1]
        return found

    def move_counts(self) -> pd.DataFrame:
        """How often each move is made: a row for each move of a channel and cause, with its mean number a run."""
        return self.table("move_counts")

    def movers(self, n: int = 10) -> list[dict[str, Any]]:
        """What moved the mean index most from the first date to the last: actor, what, points."""
        return movers(self, n)

    def summary(self) -> dict[str, Any]:
        """What `Results.summary()` says, and the `quantile_error` of the index and the issues, in points."""
        return summary(self)

    def to_bytes(self) -> bytes:
        """The tally as a file's content; the same tally gives the same bytes."""
        return to_bytes(self)

    @classmethod
    def from_bytes(cls, content: bytes) -> Tally:
        """The tally of which `to_bytes` made this.

        Raises
        ------
        ValueError
            If it is something else, or damaged.
        """
        return from_bytes(content)

    def save(self, path: str | Path) -> Path:
        """Writes the tally to a file, which NumPy can read as .npz."""
        path = Path(path)
        path.write_bytes(self.to_bytes())
        return path

    @classmethod
    def load(cls, path: str | Path) -> Tally:
        """The tally that was saved in a file.

        Raises
        ------
        StorageError
            If there is none, or it is damaged.
        """
        return load(Path(path))

    def __reduce__(self) -> tuple[Any, ...]:
        return Tally.from_bytes, (self.to_bytes(),)


def about(results: Results) -> dict[str, Any]:
    """Where some results come from, run by run alike: what a summary says besides the numbers."""
    scenario = results.scenario
    return {
        "title": results.title,
        "scenario": scenario.name,
        "outlook": scenario.outlook,
        "set": plain(scenario.values),
        "start": str(scenario.file.start),
        "end": str(scenario.file.end),
        "step": scenario.file.step,
        "seed": results.seed,
        "notes": list(scenario.notes),
        "provenance": origin(scenario),
    }


def tally(results: Results) -> Tally:
    """The tally of all runs of some results."""
    store = store_of(results.record)
    if store is not None and TALLY in store.manifest.tables:
        return _saved(store)
    return reduce(Tally.merged, map(Tally.of, blocks(results)))


def _saved(store: Store) -> Tally:
    path = store.folder / TALLY
    try:
        if not store.manifest.tables[TALLY].fits(path):
            raise StorageError(f"{path} is missing or damaged; {store.advice()}")
    except OSError as failure:
        raise StorageError(f"cannot read {path}: {failure.strerror or failure}") from failure
    return Tally.load(path)
