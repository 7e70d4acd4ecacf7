"""The plain forecasts of every target, from the months before an origin.

Methods of one series look at the target alone. Vector autoregressions get what belongs together: for the number of acts
and their score the two directions, whose forecasts are summed; for the index of a single issue the index and the
directed scores that drive it; for that of several issues the issues, whose weighted mean the index is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tensionsim.analysis.backtesting.targets import Months, Target
from tensionsim.analysis.forecasts import baselines
from tensionsim.record import Floats

TOGETHER = ("var", "var2")


def plain(
    method: str, past: Months, targets: Sequence[Target], horizons: Sequence[int], runs: int, seed: int
) -> tuple[Floats, tuple[str, ...]]:
    """The ensembles of a method, shape (target, horizon, run), and what went wrong in making them.

    Values that cannot be (an index beyond 0..100, fewer than no acts) are moved to the nearest that can.
    """
    series = _together(past) if method in TOGETHER else _alone(past)
    rows = np.array(horizons) - 1
    found, fallbacks = [], list[str]()
    for history in series:
        made = baselines.forecast(method, history, max(horizons), runs=runs, seed=seed)
        found.append(made.ensemble[rows])
        fallbacks += made.fallbacks
    ensembles = _summed(past, found) if method in TOGETHER else found
    bounded = [np.clip(one, target.low, target.high) for target, one in zip(targets, ensembles, strict=True)]
    return np.array(bounded), tuple(dict.fromkeys(fallbacks))


def _alone(past: Months) -> list[Floats]:
    """One series a target, in their order."""
    issues = list(past.issues.T) if past.issues.shape[1] > 1 else []
    return [past.index, *issues, past.score.sum(axis=1), past.acts.sum(axis=1)]


def _together(past: Months) -> list[Floats]:
    """The series that are forecast together, each of shape (month, series): levels, scores, acts."""
    levels = past.issues if past.issues.shape[1] > 1 else np.column_stack([past.index, past.score])
    return [levels, past.score, past.acts]


def _summed(past: Months, found: Sequence[Floats]) -> list[Floats]:
    """Ensembles by target, from those of the sets, each of shape (horizon, series, run)."""
    levels, score, acts = found
    issues = list(levels.swapaxes(0, 1)) if past.issues.shape[1] > 1 else []
    index = np.einsum("k,hkr->hr", past.weights, levels) if issues else levels[:, 0]
    return [index, *issues, score.sum(axis=1), acts.sum(axis=1)]
