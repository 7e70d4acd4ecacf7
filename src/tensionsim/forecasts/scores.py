"""Scores, calibration and skill of forecasts against what came; smaller scores are better. Pure functions.

The last axis of an ensemble is `run`; outcomes have its shape without that axis. An outcome that is NaN (not known)
scores NaN. A plain score treats the runs as the whole forecast and so favours large ensembles and narrow small ones; a
fair one estimates without bias what an endless ensemble from the same forecaster would score.

Last comes what forecasts learn from their scores (`learned`): for each target and horizon a share in a mixture with
recency climatology, and how wide to be, anew at every origin from those before it whose outcomes had been seen by then,
and from nothing else. Where few have been seen, what is assumed beforehand counts. Whoever is cited by name and year is
listed at the end of docs/scoring.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
import pandas as pd

from tensionsim.model.measures import regime_of
from tensionsim.model.record import Bools, Floats, Ints
from tensionsim.rng import Purpose, RandomStreams, stream_of

_LOG_ROOT_TAU = 0.5 * float(np.log(2.0 * np.pi))


def crps(ensemble: Floats, outcome: Floats) -> Floats:
    """The continuous ranked probability score of the ensemble's own distribution, shape (...), exact by sorting."""
    runs: int = ensemble.shape[-1]
    return np.maximum(_absolute_error(ensemble, outcome) - _sorted_sum(ensemble) / runs**2, 0.0)


def fair_crps(ensemble: Floats, outcome: Floats) -> Floats:
    """The CRPS that an endless ensemble would get, without bias from two runs or more (Ferro 2014), shape (...)."""
    runs: int = ensemble.shape[-1]
    return _absolute_error(ensemble, outcome) - _sorted_sum(ensemble) / (runs * (runs - 1))


def _absolute_error(ensemble: Floats, outcome: Floats) -> Floats:
    return np.asarray(np.abs(ensemble - np.asarray(outcome)[..., None]).mean(axis=-1))


def _sorted_sum(ensemble: Floats) -> Floats:
    """Half the sum of |X - X'| over all pairs of runs, by sorting: O(m log m) where pairs would take O(m^2)."""
    ordered, runs = np.sort(ensemble, axis=-1), ensemble.shape[-1]
    return np.asarray((ordered - ordered[..., runs // 2, None]) @ (2.0 * np.arange(1, runs + 1) - runs - 1))


def gaussian_log_score(ensemble: Floats, outcome: Floats, *, least_spread: float = 0.0) -> Floats:
    """Minus the log density, in nats, of a normal with the runs' mean and deviation, `least_spread` at least."""
    spread = np.maximum(_spread(ensemble), least_spread)
    safe = np.where(spread > 0.0, spread, 1.0)
    score = 0.5 * ((np.asarray(outcome) - ensemble.mean(axis=-1)) / safe) ** 2 + np.log(safe) + _LOG_ROOT_TAU
    return np.where(spread > 0.0, score, _of_the_sure(ensemble, outcome))


def kernel_log_score(ensemble: Floats, outcome: Floats, *, least_bandwidth: float = 0.0) -> Floats:
    """Minus the log of a Gaussian kernel density of the runs at the outcome, shape (...), in nats.

    The bandwidth is Silverman's, `1.06 min(sd, interquartile range / 1.34) m^(-1/5)`, from the standard deviation alone
    where half the runs agree. A `least_bandwidth`, for values that are rounded or bounded, keeps what is sure and wrong
    from an endless loss.
    """
    runs = ensemble.shape[-1]
    low, high = np.quantile(ensemble, [0.25, 0.75], axis=-1)
    spread, quartiles = _spread(ensemble), (high - low) / 1.34
    width = 1.06 * np.where(quartiles > 0.0, np.minimum(spread, quartiles), spread) * runs**-0.2
    width = np.maximum(width, least_bandwidth)
    safe = np.where(width > 0.0, width, 1.0)
    exponent = -0.5 * ((np.asarray(outcome)[..., None] - ensemble) / safe[..., None]) ** 2
    top = exponent.max(axis=-1)
    score = np.log(runs) + np.log(safe) + _LOG_ROOT_TAU - top - np.log(np.exp(exponent - top[..., None]).sum(axis=-1))
    return np.where(width > 0.0, score, _of_the_sure(ensemble, outcome))


def _of_the_sure(ensemble: Floats, outcome: Floats) -> Floats:
    """The log score where all runs agree."""
    return np.where(np.isnan(outcome), np.nan, np.where(ensemble[..., 0] == outcome, -np.inf, np.inf))


def _spread(ensemble: Floats) -> Floats:
    """Standard deviation over the runs: 0 to the last bit where all agree."""
    same = (ensemble == ensemble[..., :1]).all(axis=-1)
    return np.where(same, 0.0, ensemble.std(axis=-1, ddof=1))


def brier(probability: Floats, happened: Bools) -> Floats:
    """The squared error of a probability, in [0, 1], shape as given."""
    return (np.asarray(probability) - np.asarray(happened)) ** 2


def fair_brier(happens: Bools, happened: Bools) -> Floats:
    """The Brier score of an endless ensemble, without bias from its runs, shape (...): their CRPS."""
    return fair_crps(np.asarray(happens, np.float64), np.asarray(happened, np.float64))


def regime_score(ensemble: Floats, outcome: Floats) -> Floats:
    """The fair ranked probability score of the five regimes (Epstein 1969): the CRPS of their numbers, shape (...)."""
    came = np.where(np.isnan(outcome), np.nan, regime_of(np.asarray(outcome)))
    return fair_crps(regime_of(ensemble).astype(np.float64), came)


def murphy(probability: Floats, happened: Bools, *, bins: int = 10) -> dict[str, float]:
    """The mean Brier score in parts: `reliability - resolution + uncertainty + within` (Murphy 1973).

    probability, happened : shape (forecast,). `within`, what is lost by treating unlike probabilities of one of the
    bins, all of one width, as their mean, is that of Stephenson, Coelho & Jolliffe (2008), so that parts sum.
    """
    said, came, _, counts, mean_said, mean_came = _binned(probability, happened, bins)
    share, base = counts / counts.sum(), float(came.mean())
    reliability = float(share @ (mean_said - mean_came) ** 2)
    resolution = float(share @ (mean_came - base) ** 2)
    uncertainty = base * (1.0 - base)
    within = float(((said - came) ** 2).mean()) - (reliability - resolution + uncertainty)
    return {"reliability": reliability, "resolution": resolution, "uncertainty": uncertainty, "within": within}


def reliability(probability: Floats, happened: Bools, *, bins: int = 10, level: float = 0.90) -> pd.DataFrame:
    """How often events happened by how likely they were called: mean `said`, share that `happened`, bar, `n`, by bin.

    The bars, `low` to `high`, are exact quantiles of the number of events given the probabilities in the bin (a
    Poisson-binomial), where Bröcker & Smith (2007) resample; too short where forecasts depend on each other.
    """
    said, _, rows, counts, mean_said, mean_came = _binned(probability, happened, bins)
    low, high = np.array([_bar(said[rows == row], level) for row in range(len(counts))]).T
    return pd.DataFrame({"said": mean_said, "happened": mean_came, "low": low, "high": high, "n": counts})


def _bar(said: Floats, level: float) -> tuple[float, float]:
    """Quantiles of the share that happens if each does so with its own probability."""
    chances = np.cumsum(reduce(np.convolve, np.stack([1.0 - said, said], axis=-1), np.ones(1)))
    tail = (1.0 - level) / 2.0
    low, high = np.searchsorted(chances, [tail, 1.0 - tail - 1e-12])
    return float(low / said.size), float(min(high, said.size) / said.size)


def _binned(probability: Floats, happened: Bools, bins: int) -> tuple[Floats, Floats, Ints, Ints, Floats, Floats]:
    """Probabilities, outcomes, the row of each among the bins that hold one, and counts and means of these."""
    said, came = np.asarray(probability, np.float64), np.asarray(happened).astype(np.float64)
    place = np.minimum((said * bins).astype(np.int64), bins - 1)
    _, rows, counts = np.unique(place, return_inverse=True, return_counts=True)
    return said, came, rows, counts, np.bincount(rows, said) / counts, np.bincount(rows, came) / counts


def overlapping_variance(series: Floats, lags: int) -> float:
    """The long-run variance, of shape (date,) the larger of summed autocovariances and Newey and West's."""
    length, off = series.size, series - series.mean()
    found = np.array([off[lag:] @ off[: length - lag] / length for lag in range(min(lags, length - 1) + 1)])
    weights = 1.0 - np.arange(found.size) / found.size
    return float(max(2.0 * found.sum() - found[0], 2.0 * weights @ found - found[0]))


POWERS = (1, 2, 3, 4)
"""Of the PIT, stretched to mean 0 and variance 1, whose means the test of calibration looks at."""

LEAST_SHARE = 0.05
"""Of the smallest variance that independent values would have: what overlap may reduce it to."""


def pit(ensemble: Floats, outcome: Floats, uniforms: Floats) -> Floats:
    """Rank of the outcome, `(runs below + u (runs equal + 1)) / (runs + 1)`, shape (...); NaN where unknown."""
    came = np.asarray(outcome)[..., None]
    below, equal = (ensemble < came).sum(axis=-1), (ensemble == came).sum(axis=-1)
    place = (below + uniforms * (equal + 1)) / (ensemble.shape[-1] + 1)
    return np.where(np.isnan(outcome), np.nan, place)


def pit_histogram(values: Floats, *, bins: int = 10) -> tuple[Ints, float, float]:
    """Counts of PIT values by bin, with the 90 % range of a count if the forecasts are calibrated and independent."""
    from scipy.special import bdtr

    known = values[~np.isnan(values)]
    counts = np.histogram(known, bins=bins, range=(0.0, 1.0))[0]
    low, high = np.searchsorted(bdtr(np.arange(known.size + 1), known.size, 1.0 / bins), [0.05, 0.95])
    return counts, float(low), float(high)


class Tested(NamedTuple):
    """A statistic, the p-value of what is tested, and of how many forecasts."""

    statistic: float
    p_value: float
    n: int


def pit_test(values: Floats, *, lags: int = 0) -> Tested:
    """Whether PIT values, in order of origin, shape (forecast,), are uniform, though they may depend on each other.

    Their first four raw moments beside those of a uniform (after Knüppel 2015), with a covariance that allows for
    dependence over `lags` origins. Simulated at 5 %, it rejects 4 to 5 % of calibrated forecasts one step ahead, 2 to 9
    % three and six steps ahead (50 and 150 origins). NaN with fewer than 12 values.
    """
    from scipy.special import chdtrc

    known = values[~np.isnan(values)]
    if known.size < 12:
        return Tested(float("nan"), float("nan"), known.size)
    stretched = np.sqrt(12.0) * (known - 0.5)
    off = np.stack([stretched**power - _moment(power) for power in POWERS])
    mean = off.mean(axis=-1)
    statistic = float(known.size * mean @ np.linalg.solve(_moment_covariance(off, lags), mean))
    return Tested(statistic, float(chdtrc(len(POWERS), statistic)), known.size)


def _moment(power: int) -> float:
    """The mean of a power of a uniform of mean 0 and variance 1."""
    return 0.0 if power % 2 else float(3.0 ** (power / 2) / (power + 1))


def _moment_covariance(off: Floats, lags: int) -> Floats:
    """The long-run covariance of powers of calibrated PIT values, from their deviations, shape (power, date).

    What a uniform gives (variances at one date, means, no covariance of odd and even powers) is not estimated: that
    would reject 20 to 60 % of calibrated forecasts at 5 % where 50 of them overlap six-fold.
    """
    at_once = np.array([[_moment(i + j) - _moment(i) * _moment(j) for j in POWERS] for i in POWERS])
    total, length = at_once.copy(), off.shape[-1]
    for lag in range(1, min(lags, length - 1) + 1):
        later = off[:, lag:] @ off[:, : length - lag].T / length
        total += (1.0 - lag / (lags + 1)) * (later + later.T)
    is_alike = (np.add.outer(POWERS, POWERS) % 2) == 0
    values, vectors = np.linalg.eigh(np.where(is_alike, total, 0.0))
    least = LEAST_SHARE * np.linalg.eigvalsh(at_once)[0]
    return np.asarray((vectors * np.maximum(values, least)) @ vectors.T)


class Coverage(NamedTuple):
    """How often intervals held what came: the share and its 95 % interval, low and high, the mean width, n."""

    share: float
    low: float
    high: float
    width: float
    n: int


def coverage(ensemble: Floats, outcome: Floats, level: float, *, lags: int = 0) -> Coverage:
    """The share of outcomes in central intervals, by Weibull's rule; Wilson's interval by `lags`; (forecast[, run])."""
    from scipy.special import ndtri

    known = ~np.isnan(outcome)
    count = int(known.sum())
    if not count:
        return Coverage(np.nan, np.nan, np.nan, np.nan, 0)
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    bottom, top = np.quantile(ensemble[known], tails, axis=-1, method="weibull")
    inside = ((bottom <= outcome[known]) & (outcome[known] <= top)).astype(np.float64)
    share = float(inside.mean())
    spread = share * (1.0 - share)
    excess = overlapping_variance(inside, lags) / spread if spread > 0.0 else 1.0
    n = count / max(excess, 1.0)
    # Wilson's interval.
    z = float(ndtri(0.975))
    centre = (share + z**2 / (2.0 * n)) / (1.0 + z**2 / n)
    half = z / (1.0 + z**2 / n) * float(np.sqrt(share * (1.0 - share) / n + z**2 / (4.0 * n**2)))
    return Coverage(share, max(centre - half, 0.0), min(centre + half, 1.0), float((top - bottom).mean()), count)


RESAMPLES = 2000

LEAST_ORIGINS = 8
"""With fewer, there is a skill but neither a test nor an interval; with fewer blocks of them no sentence tells one."""


def diebold_mariano(scores: Floats, others: Floats, *, lags: int = 0) -> Tested:
    """Whether two forecasters score alike on average, from scores at the same origins in order, shape (origin,).

    The statistic is below 0 where the first is better. The variance is the larger of Diebold and Mariano's over `lags`
    and Newey and West's (in simulations closest to its level: 8 % at 5 % nominal), the factor that of Harvey, Leybourne
    & Newbold (1997), the distribution Student's t. NaN with fewer than 8 origins known to both, or no more than `lags +
    1`; p 1 where all scores are equal.
    """
    from scipy.special import stdtr

    one, other = _both(scores, others)
    difference = one - other
    count = difference.size
    if count < max(LEAST_ORIGINS, lags + 2):
        return Tested(float("nan"), float("nan"), count)
    mean = float(difference.mean())
    variance = overlapping_variance(difference, lags)
    if variance <= (1e-14 * float(np.abs(difference).max())) ** 2:
        return Tested(float(np.sign(mean)) * float("inf") if mean else 0.0, 0.0 if mean else 1.0, count)
    steps = lags + 1
    factor = np.sqrt((count + 1 - 2 * steps + steps * (steps - 1) / count) / count)
    statistic = float(factor * mean / np.sqrt(variance / count))
    return Tested(statistic, float(2.0 * stdtr(count - 1, -abs(statistic))), count)


class Skill(NamedTuple):
    """Mean scores, the part saved, `1 - score / other`, and its 95 % interval by blocks of `block` origins."""

    score: float
    other: float
    skill: float
    low: float
    high: float
    n: int
    block: int


def skill(scores: Floats, others: Floats, *, lags: int = 0, seed: int = 0) -> Skill:
    """Skill at the same origins in order, shape (origin,); blocks (Künsch 1989) of `max(lags + 1, n^(1/3))`."""
    one, other = _both(scores, others)
    count = one.size
    if not count:
        return Skill(np.nan, np.nan, np.nan, np.nan, np.nan, 0, 0)
    block = min(max(lags + 1, int(np.ceil(count ** (1 / 3)))), count)
    low, high = float("nan"), float("nan")
    if count >= LEAST_ORIGINS:
        drawn = _blocks(count, block, seed)
        resampled = _ratio(one[drawn].mean(axis=0), other[drawn].mean(axis=0))
        with np.errstate(invalid="ignore"):  # of skills that are minus endless
            low, high = (float(end) for end in np.quantile(resampled, [0.025, 0.975]))
    score, reference = float(one.mean()), float(other.mean())
    return Skill(score, reference, float(_ratio(score, reference)), low, high, count, block)


def _ratio(score: Floats | float, other: Floats | float) -> Floats:
    """Skill of mean scores; minus endless where the other is perfect and this one is not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(np.equal(score, other), 0.0, 1.0 - np.divide(score, other))
    return found


def _blocks(count: int, block: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Rows of the resamples, shape (row, resample)."""
    streams = RandomStreams(seed, 0, RESAMPLES)
    pieces = -(-count // block)
    stream = stream_of("skill: blocks")
    starts = [streams.uniforms(stream, Purpose.ALTERNATIVE, piece) * (count - block + 1) for piece in range(pieces)]
    rows = np.array(starts).astype(np.int64)[:, None] + np.arange(block)[None, :, None]
    return rows.reshape(pieces * block, RESAMPLES)[:count]


def _both(scores: Floats, others: Floats) -> tuple[Floats, Floats]:
    one, other = np.asarray(scores, np.float64), np.asarray(others, np.float64)
    known = ~(np.isnan(one) | np.isnan(other))
    return one[known], other[known]


def overlap(horizon: int, every: int) -> int:
    """How many later origins are forecast from before a forecast's outcome is known: the lags that errors share."""
    return -(-horizon // every) - 1


LEVELS = (0.5, 0.9)


def calibration_table(
    ensemble: Floats, outcome: Floats, horizons: Sequence[int], *, every: int = 1, seed: int = 0
) -> pd.DataFrame:
    """By horizon coverage and width of 50 and 90 % intervals, p of the PIT; shapes (origin, horizon[, run])."""
    rows = []
    for column, horizon in enumerate(horizons):
        made, came, lags = ensemble[:, column], outcome[:, column], overlap(horizon, every)
        row: dict[str, float] = {"horizon": horizon}
        for level in LEVELS:
            found = coverage(made, came, level, lags=lags)
            named = zip(("coverage_{}", "coverage_{}_low", "coverage_{}_high", "width_{}"), found, strict=False)
            row |= {name.format(f"{level * 100:.0f}"): value for name, value in named}
        test = pit_test(pit(made, came, pit_uniforms(seed, len(came))), lags=lags)
        rows.append(row | {"pit_p": test.p_value, "n": test.n})
    return pd.DataFrame(rows).set_index("horizon")


def pit_uniforms(seed: int, count: int) -> Floats:
    """What parts equals in the PIT of so many forecasts."""
    return RandomStreams(seed, 0, count).uniforms(stream_of("tables: pit"), Purpose.ALTERNATIVE)


def known_mean(values: Floats) -> Floats:
    """The mean over the first axis of what is known, NaN where nothing is."""
    known = ~np.isnan(values)
    mean: Floats = np.full(values.shape[1:], np.nan)
    np.divide(np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0), out=mean, where=known.any(axis=0))
    return mean


def skill_table(
    scores: Mapping[str, Floats],
    name: str,
    horizons: Sequence[int],
    *,
    every: int = 1,
    seed: int = 0,
    rivals: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The skill against each other by horizon, of scores of shape (origin, horizon); best of `rivals` is_best."""
    others = [one for one in scores if one != name]
    wanted, rows = others if rivals is None else rivals, []
    for column, horizon in enumerate(horizons):
        at = {one: values[:, column] for one, values in scores.items()}
        lags, table = overlap(horizon, every), pd.DataFrame({one: at[one] for one in wanted}).dropna()
        best = None if table.empty else table.mean().idxmin()
        for other in others:
            test = diebold_mariano(at[name], at[other], lags=lags)
            found = skill(at[name], at[other], lags=lags, seed=seed)._asdict()
            more = {"dm": test.statistic, "p_value": test.p_value, "is_best": other == best}
            rows.append({"horizon": horizon, "against": other} | found | more)
    return pd.DataFrame(rows).set_index(["horizon", "against"])


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
    alone, other = crps(model, outcomes), crps(recent, outcomes)
    bend = 2.0 * (alone + other) - 4.0 * crps(np.concatenate([model, recent], axis=-1), outcomes)
    gain, bend = (_summed(one, known) for one in (other - alone, bend))
    first = np.where(np.asarray(horizons) < FAR, TRUSTED, HALF)
    best = 0.5 + np.divide(gain, 2.0 * bend, out=first - 0.5 + np.zeros_like(gain), where=bend > 0.0)
    count, before = _counted(outcomes, known, horizons, every)
    return (count * np.clip(best, 0.0, 1.0) + before * first) / (count + before)


def recalibrated(made: Floats, outcomes: Floats, known: Ints, horizons: Sequence[int], every: int, seed: int) -> Floats:
    """The forecasts, spread and moved as their PIT asks that was known at each origin, shaped as `made`.

    A beta distribution with the mean and the second moment of the PIT, uniform beforehand, says which of the ranked
    runs stands for a rank (Gneiting & Ranjan 2013), so that counts stay counts and nothing lies beyond the runs.
    """
    from scipy.special import betaincinv

    luck = pit_uniforms(seed, len(made))[:, None, None]
    place = pit(made, outcomes, np.broadcast_to(luck, outcomes.shape))
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
    before = [PATIENCE * (overlap(horizon, every) + 1) for horizon in horizons]
    return _summed(np.where(np.isnan(outcomes), np.nan, 1.0), known), np.array(before)


def _summed(values: Floats, known: Ints) -> Floats:
    """Sums over the origins that are known at each, 0 for NaN; later ones do not touch a bit of it."""
    total = np.concatenate([np.zeros_like(values[:1]), np.cumsum(np.nan_to_num(values), axis=0)])
    return np.take_along_axis(total, np.broadcast_to(known[:, None], values.shape), axis=0)
