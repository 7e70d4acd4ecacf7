"""How well a quantity of each run tells two sorts of runs apart. Pure functions, NumPy alone.

`values` : shape (run,). `is_so` : whether each run is of the sort looked for, shape (run,).

References
----------
DeLong, E. R., DeLong, D. M. & Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated receiver
operating characteristic curves: a nonparametric approach. Biometrics 44(3).
Youden, W. J. (1950). Index for rating diagnostic tests. Cancer 3(1).
Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review 78(1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensionsim.record import Bools, Floats

ABOVE, BELOW = "above", "below"
DIGITS = 3
"""Of a bound: one that people can keep in mind, and judged as it is told."""

PENALTY = 1e-3
"""Of a logistic fit, for each run and squared coefficient of a standardised quantity: keeps it finite where a bound
divides the runs without error."""

STEPS = 50


@dataclass(frozen=True, slots=True)
class Chosen:
    """How a quantity warns: on which side of which bound; the fit of chances; its auc among the runs that chose."""

    side: str
    threshold: float
    auc: float
    fit: Logistic
    base_rate: float


@dataclass(frozen=True, slots=True)
class Score:
    """How well a warning did among runs that had no part in choosing it."""

    auc: float
    standard_error: float
    hit_rate: float
    false_alarm_rate: float
    brier_skill: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with its standard error."""

    value: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Logistic:
    """Chances that follow a logistic curve in standardised quantities."""

    centre: Floats
    scale: Floats
    coefficients: Floats

    def chances(self, quantities: Floats) -> Floats:
        """The chance of each run, in (0, 1); `quantities` : shape (run, quantity)."""
        return _sigmoid(_design((quantities - self.centre) / self.scale) @ self.coefficients)


def placements(values: Floats, is_so: Bools) -> tuple[Floats, Floats]:
    """Of each run of the sort, the share of the others that it lies above (ties count half); and the reverse."""
    these, those = values[is_so], values[~is_so]
    within_these, within_those, among_all = _midranks(these), _midranks(those), _midranks(values)
    above = (among_all[is_so] - within_these) / those.size
    below = 1.0 - (among_all[~is_so] - within_those) / these.size
    return above, below


def _midranks(values: Floats) -> Floats:
    """Ranks from 1 on; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - (counts - 1) / 2.0)[place]
    return ranks


def auc(values: Floats, is_so: Bools) -> Measured:
    """The chance that a run of the sort has the higher value than another, ties half, with DeLong's standard error."""
    above, below = placements(values, is_so)
    return Measured(float(above.mean()), float(np.sqrt(_variance(above) + _variance(below))))


def _variance(parts: Floats) -> float:
    """Of their mean; no number for a single one."""
    return float(parts.var(ddof=1) / parts.size) if parts.size > 1 else float("nan")


def gain(values: Floats, base: Floats, is_so: Bools) -> Measured:
    """By how much one quantity has the higher auc than another in the same runs, with DeLong's standard error."""
    pairs = zip(placements(values, is_so), placements(base, is_so), strict=True)
    above, below = (one - other for one, other in pairs)
    return Measured(float(above.mean()), float(np.sqrt(_variance(above) + _variance(below))))


def choose(values: Floats, is_so: Bools) -> Chosen:
    """On which side and from which bound on a quantity warns best (Youden's index), and the fit of chances."""
    found = auc(values, is_so).value
    side = ABOVE if found >= 0.5 else BELOW
    bound = _bound(values if side == ABOVE else -values, is_so)
    fit = logistic(values[:, None], is_so)
    threshold = _readable(bound if side == ABOVE else -bound, values)
    return Chosen(side, threshold, max(found, 1.0 - found), fit, float(is_so.mean()))


def _bound(values: Floats, is_so: Bools) -> float:
    """The bound above which most more of the runs of the sort lie than of the others."""
    distinct, place = np.unique(values, return_inverse=True)
    these = np.bincount(place[is_so], minlength=distinct.size)[::-1].cumsum()[::-1] / is_so.sum()
    those = np.bincount(place[~is_so], minlength=distinct.size)[::-1].cumsum()[::-1] / (~is_so).sum()
    best = 1 + int(np.argmax((these - those)[1:])) if distinct.size > 1 else 0
    return float((distinct[best - 1] + distinct[best]) / 2.0) if best else float(distinct[0])


def _readable(bound: float, values: Floats) -> float:
    """The bound to three digits of the spread of the values; whole numbers keep what lies between two of them."""
    if (values == np.rint(values)).all() and np.abs(values).max() < 1000:
        return bound
    spread = float(np.ptp(values))
    return round(bound, int(DIGITS - 1 - np.floor(np.log10(spread)))) if spread > 0.0 else bound


def judge(values: Floats, is_so: Bools, chosen: Chosen) -> Score:
    """How well what others chose does in these runs."""
    measured = auc(values, is_so)
    warns = values > chosen.threshold if chosen.side == ABOVE else values < chosen.threshold
    chances = chosen.fit.chances(values[:, None])
    return Score(
        auc=measured.value if chosen.side == ABOVE else 1.0 - measured.value,
        standard_error=measured.standard_error,
        hit_rate=float(warns[is_so].mean()),
        false_alarm_rate=float(warns[~is_so].mean()),
        brier_skill=1.0 - _brier(chances, is_so) / _brier(np.full(is_so.shape, chosen.base_rate), is_so),
    )


def _brier(chances: Floats, is_so: Bools) -> float:
    return float(((chances - is_so) ** 2).mean())


def logistic(quantities: Floats, is_so: Bools) -> Logistic:
    """The logistic fit by penalised likelihood; `quantities` : shape (run, quantity)."""
    centre, spread = quantities.mean(axis=0), quantities.std(axis=0)
    scale = np.where(spread > 0.0, spread, 1.0)
    design, found = _design((quantities - centre) / scale), np.zeros(quantities.shape[1] + 1)
    penalty = PENALTY * is_so.size * np.eye(found.size)
    penalty[0, 0] = 0.0
    for _ in range(STEPS):
        chances = _sigmoid(design @ found)
        slope = design.T @ (is_so - chances) - penalty @ found
        curvature = (design.T * np.maximum(chances * (1.0 - chances), 1e-9)) @ design + penalty
        step = np.linalg.solve(curvature, slope)
        found = found + np.clip(step, -5.0, 5.0)
        if np.abs(step).max() < 1e-10:
            break
    return Logistic(centre, scale, found)


def _design(quantities: Floats) -> Floats:
    return np.concatenate([np.ones((quantities.shape[0], 1)), quantities], axis=1)


def _sigmoid(values: Floats) -> Floats:
    chances: Floats = 1.0 / (1.0 + np.exp(-np.clip(values, -30.0, 30.0)))
    return chances
