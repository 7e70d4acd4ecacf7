"""Series: one quantity at every date, as sums, extremes and histograms over runs."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.record import Floats
from tensionsim.results.statistics import QUANTILES
from tensionsim.results.tally.histograms import Even, Histograms, Relative
from tensionsim.results.tally.sums import NARROW, WIDE, Sums, widest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tensionsim.results.model import Results

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
    from tensionsim.results.direction import directed_tension

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
