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


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A part of all points, and how well it holds those of interest.

    limits : by factor, of those that are limited. inside : shape (point,). coverage : share of all points of interest
    that are inside. density : share of the points inside that are of interest. mass : share of all points inside.
    """

    limits: Mapping[str, Limit]
    inside: Bools
    coverage: float
    density: float
    mass: float

    @property
    def gain(self) -> float:
        """Coverage less mass: how much more of what is of interest it holds than a box drawn by lot."""
        return self.coverage - self.mass


def within(column: Any, limit: Limit) -> Bools:
    """Which values of a column, shape (point,), a limit leaves; a number on a bound is inside."""
    if isinstance(limit, tuple):
        return np.asarray((column >= limit[0]) & (column <= limit[1]))
    return np.array([one in limit for one in column], bool)


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points and which of them are of interest: columns by factor and `interest`, each of shape (point,)."""

    columns: Mapping[str, Any]
    interest: Bools

    @classmethod
    def of(cls, table: pd.DataFrame, interest: Any) -> Points:
        """Those of a table, a column a factor, and an array of booleans.

        Raises
        ------
        SelectionError
            If nothing can be found in them: it says what is wrong with which factor.
        """
        found = np.asarray(interest)
        if found.dtype != bool or found.shape != (len(table),):
            form = f"{found.dtype} of shape {found.shape}"
            raise SelectionError(f"what is of interest is True or False for each of {len(table):,} points; got {form}")
        columns = {str(name): table[name].to_numpy() for name in table}
        faults = []
        for name, values in columns.items():
            if values.dtype.kind in "fiu" and (missing := int((~np.isfinite(values.astype(float))).sum())):
                faults.append(f"{name} is no finite number at {missing:,} of {len(table):,} points")
        varying = {name: values for name, values in columns.items() if len(set(values.tolist())) > 1}
        if not varying and not faults:
            faults.append(f"no factor varies over the points (of {listed(columns) or 'none'}); vary one")
        if found.all() or not found.any():
            share = "all" if found.any() else "none"
            faults.append(f"{share} of the {len(table):,} points are of interest, and a box needs both kinds")
        if faults:
            raise SelectionError("; ".join(faults))
        return cls(varying, found)

    def alone(self) -> dict[str, float]:
        """How likely luck makes a factor's values as unlike, by factor, in the points of interest and in the others.

        p-values of the two-sample test of Kolmogorov and Smirnov, of what is no number the chi-square test.
        """
        from scipy.special import chdtrc, kolmogorov

        found = {}
        for name, column in self.columns.items():
            _, place = np.unique(column if column.dtype.kind in "fiu" else column.astype(str), return_inverse=True)
            counts = np.stack(
                [np.bincount(place[where], minlength=place.max() + 1) for where in (self.interest, ~self.interest)]
            )
            sizes = counts.sum(axis=1, keepdims=True)
            if column.dtype.kind in "fiu":
                gap = float(np.abs(np.diff(np.cumsum(counts / sizes, axis=1), axis=0)).max())
                found[name] = float(kolmogorov(gap * np.sqrt(sizes.prod() / sizes.sum())))
            else:
                expected = sizes * counts.sum(axis=0) / sizes.sum()
                found[name] = float(chdtrc(counts.shape[1] - 1, ((counts - expected) ** 2 / expected).sum()))
        return found

    def telling(self, significance: float = SIGNIFICANT) -> Points:
        """These with the factors that tell something `alone`, at a significance that all share; 1 keeps all."""
        limit = significance if significance >= 1.0 else significance / max(len(self.columns), 1)
        return Points({name: self.columns[name] for name, p in self.alone().items() if p <= limit}, self.interest)

    def box(self, limits: Mapping[str, Limit], among: Bools) -> Box:
        """The box of some limits, among some of the points; coverage and mass are of all of them."""
        limits = {name: limit for name, limit in limits.items() if limit != (-np.inf, np.inf)}
        inside = among.copy()
        for name, limit in limits.items():
            inside &= within(self.columns[name], limit)
        held, count = int((inside & self.interest).sum()), int(inside.sum())
        return Box(limits, inside, held / int(self.interest.sum()), held / max(count, 1), count / len(inside))

    def peel(self, among: Bools, *, alpha: float = ALPHA, least_mass: float = ALPHA) -> list[Box]:
        """Boxes from the whole of the points `among` to the densest, each a slice less than the one before.

        A slice is a share `alpha` of the box from one end of a number, or one value of another factor. The next box is
        that of the greatest gain of density a point lost (the lenient objective, which is fair to slices of unlike
        size). It ends where no slice raises the density, or all leave less than `least_mass` of the points; after
        that, limits are moved outwards as long as that raises the density.
        """
        found = [self.box({}, among)]
        least = max(least_mass * len(among), 1.0)
        for move in (self._peels, self._pastes):
            while (best := self._best(found[-1], move(found[-1], among, alpha), least)) is not None:
                found.append(self.box(best, among))
        return found

    def _best(self, box: Box, moves: Iterator[tuple[dict[str, Limit], Bools]], least: float) -> dict[str, Limit] | None:
        """The limits of the move that raises the density most for each point that comes or goes; None if none does."""
        best, most, count = None, (0.0, 0), int(box.inside.sum())
        for limits, inside in moves:
            size = int(inside.sum())
            if size < least or size == count:
                continue
            worth = (float(self.interest[inside].mean()) - box.density) / abs(count - size), -len(limits)
            if worth[0] > 0.0 and (best is None or worth > most):
                best, most = limits, worth
        return best

    def _peels(self, box: Box, among: Bools, alpha: float) -> Iterator[tuple[dict[str, Limit], Bools]]:
        for name, column in self.columns.items():
            values = column[box.inside]
            if column.dtype.kind not in "fiu":
                left = frozenset(values.tolist())
                for one in sorted(left, key=str) if len(left) > 1 else ():
                    yield {**box.limits, name: left - {one}}, box.inside & (column != one)
                continue
            low, high = box.limits.get(name, (-np.inf, np.inf))
            distinct, counts = np.unique(values, return_counts=True)
            reach, wanted = np.cumsum(counts), alpha * len(values)
            first = int(np.searchsorted(reach, wanted)) + 1  # of the distinct values, the least that stays
            last = len(distinct) - 2 - int(np.searchsorted(np.cumsum(counts[::-1]), wanted))
            if first < len(distinct):
                bound = (distinct[first - 1] + distinct[first]) / 2
                yield {**box.limits, name: (float(bound), high)}, box.inside & (column >= bound)
            if last >= 0:
                bound = (distinct[last] + distinct[last + 1]) / 2
                yield {**box.limits, name: (low, float(bound))}, box.inside & (column <= bound)

    def _pastes(self, box: Box, among: Bools, alpha: float) -> Iterator[tuple[dict[str, Limit], Bools]]:
        size = max(1, round(alpha * int(box.inside.sum())))
        for name, limit in box.limits.items():
            column, free = self.columns[name], self.box(_less(box.limits, name), among).inside
            if isinstance(limit, frozenset):
                for one in sorted(frozenset(column[free].tolist()) - limit, key=str):
                    yield {**box.limits, name: limit | {one}}, free & within(column, limit | {one})
                continue
            low, high = limit
            below, above = np.sort(column[free & (column < low)])[::-1], np.sort(column[free & (column > high)])
            if below.size:
                wider = (-np.inf if below.size <= size else float(below[size - 1]), high)
                yield {**box.limits, name: wider}, free & within(column, wider)
            if above.size:
                wider = (low, np.inf if above.size <= size else float(above[size - 1]))
                yield {**box.limits, name: wider}, free & within(column, wider)

    def quasi_p(self, box: Box, among: Bools) -> dict[str, float]:
        """How likely each limit would raise the density as much by luck alone, by factor (Bryant & Lempert 2010).

        The chance that of as many points as are in the box as many or more are of interest, if they were drawn from
        the box without the limit: "quasi", as the limit was sought to make it small.
        """
        from scipy.special import bdtrc

        count = int(box.inside.sum())
        held = int((box.inside & self.interest).sum())
        found = {}
        for name in box.limits:
            density = self.box(_less(box.limits, name), among).density
            found[name] = 1.0 if held == 0 else float(bdtrc(held - 1, count, density))
        return found

    def simplified(self, box: Box, among: Bools, significance: float = SIGNIFICANT) -> Box:
        """The box without limits whose quasi-p-value is above `significance`, dropped one by one, the worst first."""
        while box.limits:
            found = self.quasi_p(box, among)
            worst = max(found, key=lambda name: found[name])
            if found[worst] <= significance:
                break
            box = self.box(_less(box.limits, worst), among)
        return box


def search(points: Points, among: Bools, significance: float, **how: float) -> tuple[Points, list[Box], int]:
    """The points with the factors that tell, the trajectory of these, and the number of its best box.

    Where a limit of the best box may be luck it is dropped, and the box sought anew without that factor: slices that
    went to it go to those that are left. how : of `peel`.
    """
    kept = points
    while True:
        trajectory = kept.peel(among, **how)
        number = best_of(trajectory)
        box = kept.simplified(trajectory[number], among, significance)
        kept = Points({name: points.columns[name] for name in box.limits}, points.interest)
        if box.limits.keys() == trajectory[number].limits.keys():
            return kept, trajectory, number


def _less(limits: Mapping[str, Limit], name: str) -> dict[str, Limit]:
    return {key: limit for key, limit in limits.items() if key != name}


def best_of(trajectory: Sequence[Box]) -> int:
    """Number of the box of a trajectory with the greatest coverage less mass.

    Assumption: a default needs one measure. This one is the weighted relative accuracy of a rule (Lavrač et al. 1999),
    over the share of all points that are of interest; it is 0 for all points and for a box drawn by lot.
    """
    return int(np.argmax([box.gain for box in trajectory]))
