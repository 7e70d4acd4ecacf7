"""Forecasts that know their limits: mixed with recency climatology, and as wide as past outcomes asked for.

What is learned, for each target and horizon, is learned anew at every origin from those before it whose outcomes had
been seen by then, and from nothing else. Where few have been seen, what is assumed beforehand counts.

References
----------
Gneiting, T. & Ranjan, R. (2013). Combining predictive distributions. Electronic Journal of Statistics 7.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tensionsim.forecasts import scores
from tensionsim.model.record import Floats, Ints
from tensionsim.rng import Purpose, RandomStreams, stream_of

POOLED, RECALIBRATED = "pooled", "recalibrated"

PATIENCE = 12.0
"""Assumption: what is assumed beforehand counts as much as so many forecasts that do not overlap."""

TRUSTED, FAR, HALF = 1.0, 3, 0.5
"""Assumption: the model's share is 1 at first, and a half from so many months ahead on."""


def learned(
    model: Floats, recent: Floats, *, outcomes: Floats, known: Ints, horizons: Sequence[int], every: int, seed: int
) -> tuple[Floats, Floats]:
    """Pooled and recalibrated forecasts, shaped as `model` and `recent`, (origin, target, horizon, run)."""
    how = (outcomes, known, horizons, every)
    luck = RandomStreams(seed, 0, model.shape[-1]).uniforms(stream_of("pooling: whose run"), Purpose.ALTERNATIVE)
    both = np.where(luck < shares(model, recent, *how)[..., None], model, recent)
    return both, recalibrated(both, *how, seed=seed)


def seen(origins: Sequence[int], reaches: Sequence[int]) -> Ints:
    """How many origins had known outcomes at each origin, shape (origin, horizon); all in steps, ascending."""
    at = np.asarray(origins)
    return np.stack([np.searchsorted(at + reach, at, side="right") for reach in reaches], axis=1)


def shares(model: Floats, recent: Floats, outcomes: Floats, known: Ints, horizons: Sequence[int], every: int) -> Floats:
    """The model's share in a mixture, shape (origin, target, horizon), in [0, 1], drawn towards the usual one."""
    alone, other = scores.crps(model, outcomes), scores.crps(recent, outcomes)
    bend = 2.0 * (alone + other) - 4.0 * scores.crps(np.concatenate([model, recent], axis=-1), outcomes)
    gain, bend = (_summed(one, known) for one in (other - alone, bend))
    first = np.where(np.asarray(horizons) < FAR, TRUSTED, HALF)
    best = 0.5 + np.divide(gain, 2.0 * bend, out=first - 0.5 + np.zeros_like(gain), where=bend > 0.0)
    count, before = _counted(outcomes, known, horizons, every)
    return (count * np.clip(best, 0.0, 1.0) + before * first) / (count + before)


def recalibrated(
    made: Floats, outcomes: Floats, known: Ints, horizons: Sequence[int], every: int, *, seed: int
) -> Floats:
    """The forecasts, spread and moved as their PIT asks that was known at each origin, shaped as `made`.

    A beta distribution with the mean and the second moment of the PIT, uniform beforehand, says which of the ranked
    runs stands for a rank (Gneiting & Ranjan 2013), so that counts stay counts and nothing lies beyond the runs.
    """
    from scipy.special import betaincinv

    luck = scores.pit_uniforms(seed, len(made))[:, None, None]
    place = scores.pit(made, outcomes, np.broadcast_to(luck, outcomes.shape))
    count, before = _counted(outcomes, known, horizons, every)
    mean, square = ((_summed(place**power, known) + before / (power + 1)) / (count + before) for power in (1, 2))
    strength = (mean - square) / (square - mean**2)
    runs = made.shape[-1]
    ranks = (np.arange(runs) + 0.5) / runs
    found = betaincinv((mean * strength)[..., None], ((1.0 - mean) * strength)[..., None], ranks)
    rows = np.clip(np.rint(found * runs - 0.5), 0, runs - 1).astype(np.int64)
    order = np.argsort(made, axis=-1, kind="stable")
    ranked = np.take_along_axis(np.take_along_axis(made, order, axis=-1), rows, axis=-1)
    changed = np.empty_like(made)
    np.put_along_axis(changed, order, ranked, axis=-1)
    return changed


def _counted(outcomes: Floats, known: Ints, horizons: Sequence[int], every: int) -> tuple[Floats, Floats]:
    """How many outcomes are known at each origin, and as how many what is assumed beforehand counts, by horizon."""
    before = [PATIENCE * (scores.overlap(horizon, every) + 1) for horizon in horizons]
    return _summed(np.where(np.isnan(outcomes), np.nan, 1.0), known), np.array(before)


def _summed(values: Floats, known: Ints) -> Floats:
    """Sums over the origins that are known at each, 0 for NaN; later ones do not touch a bit of it."""
    total = np.concatenate([np.zeros_like(values[:1]), np.cumsum(np.nan_to_num(values), axis=0)])
    return np.take_along_axis(total, np.broadcast_to(known[:, None], values.shape), axis=0)
