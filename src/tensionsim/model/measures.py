"""What is read off the state: cooperation, regimes, room for manoeuvre, the security pillar. Pure functions."""

from __future__ import annotations

import numpy as np

from tensionsim.model.structure import Bools, Channels, Floats, Ints, sum_by

REGIMES: tuple[tuple[str, float], ...] = (
    ("rupture", 20.0),
    ("crisis", 35.0),
    ("strained", 50.0),
    ("pragmatic", 70.0),
    ("alliance", float("inf")),
)
"""Regimes of the index with the bound below which each holds. Assumption: the bounds are a judgement."""

REGIME_NAMES = tuple(name for name, _ in REGIMES)
DEEP = "crisis or rupture"
"""The two lowest regimes together."""

_BOUNDS = np.array([bound for _, bound in REGIMES[:-1]])

PILLAR_HALF_LIFE_MONTHS = 24.0
NEUTRAL = 50.0


def issue_conduct(conduct: Floats, channels: Channels, dyad: Ints, issues: int, technical_weight: Floats) -> Floats:
    """Mean conduct m of each issue over both directions and both tracks, shape (..., issue, run).

    conduct : y of the dyad's channels, shape (..., channel of `dyad`, run). dyad : their rows in `channels`.
    technical_weight : theta in [0, 1]; the political track weighs 1 - theta.
    """
    share = np.where(channels.is_technical[dyad], technical_weight, 1.0 - technical_weight)
    parts = 0.5 * share * conduct
    return sum_by(parts.swapaxes(0, -2), channels.issue[dyad], issues).swapaxes(0, -2)


def cooperation(mean_conduct: Floats, weights: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """Cooperation index and that of each issue, 0 (rupture) .. 50 (neutral) .. 100 (alliance).

    `c[k] = tanh(m[k] / scale)`, `C = 50 (1 + sum W[k] c[k])`.

    mean_conduct : m, shape (..., issue, run). weights : W, same shape or broadcast, sums to 1 over issues.
    """
    level = np.tanh(mean_conduct / scale)
    weighted = weights * level
    total = np.zeros_like(weighted[..., 0, :])
    for issue in range(level.shape[-2]):
        total = total + weighted[..., issue, :]
    return NEUTRAL * (1.0 + total), NEUTRAL * (1.0 + level)


def regime_of(index: Floats) -> Ints:
    """Row in `REGIMES` of each value of the index."""
    return _BOUNDS.searchsorted(index, side="right")


def is_deep(index: Floats) -> Bools:
    """Whether each value of the index is in the two lowest regimes, below 35."""
    deep: Bools = regime_of(index) <= REGIME_NAMES.index("crisis")
    return deep


def pressures(verbal: Floats, material: Floats, channels: Channels, verbal_weight: Floats) -> Floats:
    """Hostile pressure of each pair's actor, shape (pair, run), >= 0: material conduct in full, verbal weighed."""
    friendly = verbal_weight * verbal
    friendly += material
    hostile = np.negative(friendly, out=friendly)
    return sum_by(np.maximum(0.0, hostile, out=hostile), channels.pair, len(channels.pairs))


def room(dependence: Floats, pressure: Floats, friendly: Floats) -> Floats:
    """Room for manoeuvre of a dependent side, in [0, 1]: `1 - dependence * share of hostile conduct received`."""
    total = pressure + friendly
    share = np.where(total > 0.0, pressure / np.where(total > 0.0, total, 1.0), 0.0)
    return 1.0 - dependence * share


def smoothed(series: Floats, keep: float) -> Floats:
    """Exponential mean along the first axis, which starts at the series' own first value."""
    result = np.empty_like(series)
    result[0] = series[0]
    for row in range(1, series.shape[0]):
        result[row] = keep * result[row - 1] + (1.0 - keep) * series[row]
    return result
