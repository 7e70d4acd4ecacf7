"""The patient rule induction method (PRIM): boxes within which what is of interest is more frequent.

A box limits some factors to a part of their range. Peeling takes thin slices off a box, always the one that raises the
density most for what it costs; pasting gives back what was taken too much. Columns of numbers are limited by two
bounds, columns of anything else to a set of their values.

References
----------
Bryant, B. P. & Lempert, R. J. (2010). Thinking inside the box: a participatory, computer-assisted approach to scenario
discovery. Technological Forecasting and Social Change 77(1).
Friedman, J. H. & Fisher, N. I. (1999). Bump hunting in high-dimensional data. Statistics and Computing 9(2).
Lavrač, N., Flach, P. & Zupan, B. (1999). Rule evaluation measures: a unifying view. ILP-99.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.errors import SelectionError
from tensionsim.model.record import Bools
from tensionsim.scenario.yaml_tree import listed

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.05
"""Share of a box that a slice takes, as in most uses of PRIM."""

SIGNIFICANT = 0.05
"""A limit with a greater quasi-p-value is dropped (Bryant & Lempert 2010)."""

Limit = tuple[float, float] | frozenset[Any]
"""The least and the greatest value of a number, endless where it has no bound; or the values that are left."""

Limits = Mapping[str, Limit]
ENDLESS = (-np.inf, np.inf)
NUMBERS = "fiu"
"""Kinds of columns that are limited by two bounds."""


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A part of all points, and how well it holds those of interest.

    limits : by factor, of those that are limited. inside : shape (point,). coverage : share of all points of interest
    that are inside. density : share of the points inside that are of interest. mass : share of all points inside.
    """

    limits: Limits
    inside: Bools
    coverage: float
    density: float
    mass: float


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points and which of them are of interest: columns by factor and `interest`, each of shape (point,)."""

    columns: Mapping[str, Any]
    interest: Bools

    @classmethod
    def of(cls, table: pd.DataFrame, interest: Bools) -> Points:
        """Those of a table, a column a factor that varies; SelectionError where none does."""
        columns = {str(name): table[name].to_numpy() for name in table}
        varying = {name: values for name, values in columns.items() if len(set(values.tolist())) > 1}
        if not varying:
            raise SelectionError(f"no factor varies over the points (of {listed(columns) or 'none'}); let some vary")
        return cls(varying, interest)

    def alone(self) -> dict[str, float]:
        """p-values of values as unlike in the points of interest and the others: KS test; of no numbers chi-square."""
        from scipy.stats import chi2_contingency, ks_2samp

        found = {}
        for name, column in self.columns.items():
            parts = column[self.interest], column[~self.interest]
            if column.dtype.kind in NUMBERS:
                found[name] = float(ks_2samp(*parts, method="asymp")[1])
            else:
                counts = [[np.sum(part == one) for one in set(column)] for part in parts]
                found[name] = float(chi2_contingency(counts, correction=False)[1])
        return found

    def telling(self) -> Points:
        """These with the factors that tell something `alone`, at a significance that all share."""
        limit = SIGNIFICANT / max(len(self.columns), 1)
        return Points({name: self.columns[name] for name, p in self.alone().items() if p <= limit}, self.interest)

    def box(self, limits: Limits) -> Box:
        """The box of some limits; a number on a bound is inside."""
        limits = {name: limit for name, limit in limits.items() if limit != ENDLESS}
        inside = np.ones(len(self.interest), bool)
        for name, limit in limits.items():
            column = self.columns[name]
            if isinstance(limit, tuple):
                inside &= (column >= limit[0]) & (column <= limit[1])
            else:
                inside &= np.isin(column, [*limit])
        held, count = int((inside & self.interest).sum()), int(inside.sum())
        return Box(limits, inside, held / int(self.interest.sum()), held / max(count, 1), count / len(inside))

    def peel(self, *, alpha: float = ALPHA, least_mass: float = ALPHA) -> list[Box]:
        """Boxes from the whole to the densest, each a slice less than the one before.

        A slice is a share `alpha` of the box from one end of a number, or one value of another factor; the next box
        that of the greatest gain of density a point lost (the lenient objective). In the end limits are moved outwards.
        """
        found = [self.box({})]
        for moves in (self._peels, self._pastes):
            while better := self._best(found[-1], moves(found[-1], alpha), least_mass):
                found.append(better)
        return found

    def _best(self, now: Box, moves: Iterator[Limits], least_mass: float) -> Box | None:
        """The box that raises the density most for each point that comes or goes; None if none does."""

        def worth(one: Box) -> tuple[float, int]:
            return (one.density - now.density) / abs(one.mass - now.mass), -len(one.limits)

        others = [one for limits in moves if (one := self.box(limits)).mass >= least_mass]
        return max((one for one in others if one.density > now.density), key=worth, default=None)

    def _peels(self, box: Box, alpha: float) -> Iterator[Limits]:
        for name, column in self.columns.items():
            values = np.sort(column[box.inside])
            if column.dtype.kind not in NUMBERS:
                left = frozenset(values.tolist())
                yield from ({**box.limits, name: left - {one}} for one in sorted(left) if len(left) > 1)
                continue
            (low, high), taken = box.limits.get(name, ENDLESS), math.ceil(alpha * len(values))
            above = int(np.searchsorted(values, values[taken - 1], side="right"))
            below = int(np.searchsorted(values, values[-taken]))
            if above < len(values):
                yield {**box.limits, name: (float(values[above - 1 : above + 1].mean()), high)}
            if below > 0:
                yield {**box.limits, name: (low, float(values[below - 1 : below + 1].mean()))}

    def _pastes(self, box: Box, alpha: float) -> Iterator[Limits]:
        size = max(1, round(alpha * int(box.inside.sum())))
        for name, limit in box.limits.items():
            free = self.columns[name][self.box(_less(box.limits, name)).inside]
            if isinstance(limit, frozenset):
                yield from ({**box.limits, name: limit | {one}} for one in sorted(frozenset(free.tolist()) - limit))
                continue
            below, above = np.sort(free[free < limit[0]]), np.sort(free[free > limit[1]])
            if below.size:
                yield {**box.limits, name: (float(below[-size]) if below.size > size else -np.inf, limit[1])}
            if above.size:
                yield {**box.limits, name: (limit[0], float(above[size - 1]) if above.size > size else np.inf)}

    def quasi_p(self, box: Box) -> dict[str, float]:
        """Chance that as many or more of as many points from the box without the limit are of interest, by factor."""
        from scipy.stats import binom

        held, count = int((box.inside & self.interest).sum()), int(box.inside.sum())
        rest = {name: self.box(_less(box.limits, name)).density for name in box.limits}
        return {name: float(binom.sf(held - 1, count, density)) for name, density in rest.items()}

    def simplified(self, box: Box, significance: float = SIGNIFICANT) -> Box:
        """The box without limits whose quasi-p-value is above `significance`, dropped one by one, the worst first."""
        while box.limits:
            found = self.quasi_p(box)
            worst = max(found, key=lambda name: found[name])
            if found[worst] <= significance:
                break
            box = self.box(_less(box.limits, worst))
        return box


def search(points: Points) -> tuple[list[Box], int]:
    """The trajectory of the factors that tell, and the number of its best box.

    Where a limit of the best box may be luck the box is sought anew without its factor, whose slices go to others.
    """
    while True:
        trajectory = points.peel()
        number = best_of(trajectory)
        limits = points.simplified(trajectory[number]).limits
        if limits.keys() == trajectory[number].limits.keys():
            return trajectory, number
        points = Points({name: points.columns[name] for name in limits}, points.interest)


def _less(limits: Limits, name: str) -> Limits:
    return {key: limit for key, limit in limits.items() if key != name}


def best_of(trajectory: Sequence[Box]) -> int:
    """Number of the box of a trajectory with the greatest coverage less mass.

    Assumption: a default needs one measure. This one is the weighted relative accuracy of a rule (Lavrač et al. 1999),
    over the share of all points that are of interest; it is 0 for all points and for a box drawn by lot.
    """
    return int(np.argmax([box.coverage - box.mass for box in trajectory]))
