"""Checks: what was published, what was obtained here, and whether the two agree by a stated criterion."""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST_DEVIATIONS = 4.0
"""Standard errors by which a simulated mean may miss.

Assumption: 4, because seeds are free: of the sixty or so means of a right model that are looked at one then fails with
one seed in 250, while a mean that is wrong by a few percent fails with every seed.
"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its standard (or Monte Carlo) error, > 0; nan where there is none."""

    value: float
    error: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One published result beside what was obtained.

    quantity : what it is of. source : who published it. published : a value, or a claim in words. obtained : likewise,
    a value with its error where it has one. tolerance : how far the value may be from the published one, nan where the
    criterion is another. criterion : in words, when the two agree. agrees : whether they do. counts : False where too
    little was computed for the check to count.
    """

    quantity: str
    source: str
    published: float | str
    obtained: Estimate | str
    tolerance: float = math.nan
    criterion: str
    agrees: bool
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Skipped:
    """A result that was not computed again: which, why not, and how to get it done."""

    quantity: str
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What a study found: its checks, what it had to skip, and what a reader must know."""

    checks: tuple[Check, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()


def simulated(quantity: str, source: str, published: float, found: Estimate, allowed: float = 0.0) -> Check:
    """A mean over simulated runs: agrees within `MOST_DEVIATIONS` of its Monte Carlo error, and what else is allowed.

    Parameters
    ----------
    allowed
        What the published result itself neglects, >= 0, in its unit.

    Examples
    --------
    >>> from tensionsim.analysis.replication.check import Estimate, simulated
    >>> simulated("acts a month", "Hawkes (1971)", 2.0, Estimate(2.1, 0.05)).agrees
    True
    >>> simulated("acts a month", "Hawkes (1971)", 2.0, Estimate(2.5, 0.05)).agrees
    False
    """
    more = f" and {allowed:.2g} that the published result neglects" if allowed else ""
    tolerance = MOST_DEVIATIONS * found.error + allowed
    criterion = f"within {MOST_DEVIATIONS:g} Monte Carlo errors{more}"
    return near(quantity, source, published, found, tolerance, criterion)


def near(
    quantity: str, source: str, published: float, found: Estimate, tolerance: float, criterion: str
) -> Check:  # fmt: skip
    """A value that agrees where it is no farther than a tolerance from the published one; nan never agrees."""
    return Check(
        quantity=quantity,
        source=source,
        published=published,
        obtained=found,
        tolerance=tolerance,
        criterion=criterion,
        agrees=bool(abs(found.value - published) <= tolerance),
    )
