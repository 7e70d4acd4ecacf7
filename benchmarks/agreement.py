"""Whether two ensembles come from one distribution: z-scores of what a Record holds, at some dates."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy import stats

from tensionsim.model.record import CAUSES, Record

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
LAYERS = (
    *("cooperation", "issue_cooperation", "conduct", "indicators", "in_force", "events", "rhetoric", "room"),
    "security_pillar",
)
DATES_COMPARED = 5
CHANCE = 0.001
"""How often the largest z-score of two like ensembles would exceed `bound`."""


def by_run(record: Record) -> dict[str, np.ndarray]:
    """The arrays of a Record, the axis `run` first."""
    return {
        name: values if name.startswith("move_") else np.moveaxis(values, -1, 0)
        for name, values in record.arrays.items()
    }


def z_scores(ours: Mapping[str, np.ndarray], theirs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Differences of two independent ensembles in standard errors, by what is compared.

    Means of every layer and shares of runs below quantiles of the index, at some dates; moves a run by channel, by
    move and by cause.
    """
    dates = np.linspace(0, ours["cooperation"].shape[1] - 1, DATES_COMPARED + 1).astype(int)[1:]
    found = {name: _of_means(ours[name][:, dates], theirs[name][:, dates]) for name in LAYERS}
    found["quantiles"] = np.concatenate(
        [_of_quantiles(ours["cooperation"][:, date], theirs["cooperation"][:, date]) for date in dates]
    )
    channels, moves = (1 + int(max(ours[name].max(), theirs[name].max())) for name in ("move_channel", "move_id"))
    for name, kinds in (("move_channel", channels), ("move_id", moves), ("move_cause", len(CAUSES))):
        found[name] = _of_means(_counts(ours, name, kinds), _counts(theirs, name, kinds))
    return found


def bound(scores: Mapping[str, np.ndarray]) -> float:
    """What the largest |z| of like ensembles exceeds with a probability of `CHANCE` at most."""
    count = sum(one.size for one in scores.values())
    return float(stats.norm.isf(CHANCE / 2.0 / count))


def largest(scores: Mapping[str, np.ndarray]) -> float:
    """The largest |z|."""
    return max(float(np.abs(one).max()) for one in scores.values())


def alike(ours: Mapping[str, np.ndarray], theirs: Mapping[str, np.ndarray]) -> int:
    """How many runs have the same index on all dates, to 1e-9."""
    return int((np.abs(ours["cooperation"] - theirs["cooperation"]).max(axis=1) < 1e-9).sum())


def _counts(arrays: Mapping[str, np.ndarray], name: str, kinds: int) -> np.ndarray:
    """Moves of each run by kind, shape (run, kind)."""
    runs = len(arrays["cooperation"])
    place = (arrays["move_run"].astype(np.int64) % runs) * kinds + arrays[name]
    return np.bincount(place, minlength=runs * kinds).reshape(runs, kinds)


def _of_means(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    first, second = (values.reshape(len(values), -1).astype(np.float64) for values in (ours, theirs))
    apart = first.mean(axis=0) - second.mean(axis=0)
    error = np.sqrt(first.var(axis=0) / len(first) + second.var(axis=0) / len(second))
    is_rounding = np.abs(apart) <= 1e-9 * np.maximum(1.0, np.abs(first).max(axis=0))
    return np.where(is_rounding, 0.0, apart / np.where(error > 0.0, error, np.finfo(float).tiny))


def _of_quantiles(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Of the shares of runs below quantiles of both together."""
    pooled, scores = np.concatenate([ours, theirs]), []
    for level in LEVELS:
        bar = np.quantile(pooled, level)
        apart = (ours <= bar).mean() - (theirs <= bar).mean()
        scores.append(apart / math.sqrt(level * (1.0 - level) * (1.0 / len(ours) + 1.0 / len(theirs))))
    return np.array(scores)
