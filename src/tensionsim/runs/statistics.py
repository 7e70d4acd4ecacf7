"""Statistics over runs, with NumPy alone: quantiles, regimes, events, and paired differences of two ensembles.

Those of two ensembles that share their luck are taken in each run first, `A - B` of one run number, and summed up
after. `n` is the number of runs.

References
----------
Chernozhukov, V., Chetverikov, D. & Kato, K. (2013). Gaussian approximations and multiplier bootstrap for maxima of
sums of high-dimensional random vectors. Annals of Statistics 41(6).
McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions or percentages.
Psychometrika 12(2).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensionsim.model.measures import REGIMES
from tensionsim.model.record import Bools, Dates, Floats, Ints
from tensionsim.rng import Purpose, RandomStreams, stream_of
from tensionsim.scenario.design import value_in_words
from tensionsim.scenario.quantities import is_distribution, parse
from tensionsim.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


def span(start: object, end: object, last: object) -> str:
    """From start to end, with the last row where it is another day: the last step begins before the end."""
    text = f"{start} to {end}"
    return text if str(last) == str(end) else f"{text} (last row {last})"


def title(scenario: Scenario) -> str:
    """The scenario's title, followed by its outlook's where one was chosen."""
    return f"{scenario.title} - {outlook_title(scenario)}" if scenario.outlook else scenario.title


def outlook_title(scenario: Scenario) -> str:
    """The title of the chosen outlook, or its name where it has no title; empty where none was chosen."""
    outlook = scenario.file.outlooks.get(scenario.outlook or "")
    return (outlook.title if outlook else "") or scenario.outlook or ""


def plain(value: Any, decimals: int | None = None) -> Any:
    """A value as JSON has it; dates become ISO texts, what is missing or endless None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item, decimals) for key, item in value.items()}
    if isinstance(value, (np.generic, np.ndarray)):
        return plain(value.tolist(), decimals)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item, decimals) for item in value]
    if isinstance(value, dt.date):
        text = value.isoformat()[:10]
        return None if text == "NaT" else text
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return value if decimals is None else round(value, decimals)
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def by_keys(table: pd.DataFrame, decimals: int | None = None) -> dict[str, Any]:
    """A table as mappings in one another, by the keys of its rows and then of its columns."""
    rows, columns = ([key if isinstance(key, tuple) else (key,) for key in axis] for axis in table.axes)
    lines = zip(rows, table.itertuples(index=False, name=None), strict=True)
    return tree_of(
        ((*row, *column), plain(value, decimals))
        for row, line in lines
        for column, value in zip(columns, line, strict=True)
    )


def tree_of(cells: Iterable[tuple[Iterable[object], object]]) -> dict[str, Any]:
    """Mappings in one another, from values and the keys that lead to each."""
    tree: dict[str, Any] = {}
    for way, value in cells:
        *keys, last = map(str, way)
        here = tree
        for key in keys:
            here = here.setdefault(key, {})
        here[last] = value
    return tree


def settings(values: Mapping[str, object]) -> str:
    """The values that were set, by path, as in "with actors.washington.rhetoric = 0.4"; empty where none was."""

    def said(value: Any) -> str:
        is_long = isinstance(value, dict) and is_distribution(value) and "quantiles" in value
        return str(parse(value)) if is_long else value_in_words(value)

    found = [f"{path} = {said(plain(value))}" for path, value in values.items()]
    return f"with {', '.join(found)}" if found else ""


MONTHS_PER_STEP: Mapping[str, float] = {"day": 12 / 365, "week": 12 / 52, "month": 1.0}

QUANTILES: Mapping[str, float] = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}

STATISTICS = ("mean", *QUANTILES)


def over_runs(values: Floats) -> Floats:
    """Mean and quantiles over the last axis, the statistic being the new last axis (see STATISTICS)."""
    quantiles = np.quantile(values, list(QUANTILES.values()), axis=-1)
    return np.stack([values.mean(axis=-1), *quantiles], axis=-1)


def error_of_mean(values: Floats) -> Floats:
    """Standard error of the mean over the last axis; not a number where that has one entry."""
    count = values.shape[-1]
    if count < 2:
        return np.full(values.shape[:-1], np.nan)
    return np.asarray(values.std(axis=-1, ddof=1) / math.sqrt(count))


@dataclass(frozen=True, slots=True)
class Occurrence:
    """How often something happens in the runs, and for how long.

    median_first_date : None where it never happens. mean_months : over all runs, the start counting nothing.
    median_recovery_months : until it first ceases; None where half of the runs or more have not by the last date.
    runs : number of those in which it happens.
    """

    probability: float
    standard_error: float
    median_first_date: np.datetime64 | None
    mean_months: float
    median_recovery_months: float | None
    runs: int


def occurrence(holds: Bools, dates: Dates, step_months: float) -> Occurrence:
    """How often a condition, shape (date, run), comes true."""
    ever = holds.any(axis=0)
    count, runs = int(ever.sum()), holds.shape[-1]
    share = count / runs
    error, months = float(np.sqrt(share * (1 - share) / runs)), float(holds[1:].sum()) * step_months / runs
    first = dates[np.sort(holds[:, ever].argmax(axis=0))[(count - 1) // 2]] if count else None
    return Occurrence(share, error, first, months, _recovery(holds[:, ever], step_months), count)


def _recovery(holds: Bools, step_months: float) -> float | None:
    """Median months of the first spell, in each run without end where the last row is still in it."""
    if holds.shape[-1] == 0:
        return None
    rows = np.arange(holds.shape[0])[:, None]
    first = holds.argmax(axis=0)
    over = ~holds & (rows > first)
    steps = np.where(over.any(axis=0), over.argmax(axis=0) - first, np.inf)
    median = float(np.median(steps)) * step_months
    return median if np.isfinite(median) else None


def shares_of(rows: Ints) -> Floats:
    """Share of the runs in each regime, shape (date, regime), from the regime's row by date and run."""
    return np.stack([(rows == row).mean(axis=-1) for row in range(len(REGIMES))], axis=-1)


CONFIDENCE = 0.95

WORDS = 32
"""Random words of 64 signs each: a band rests on 2,048 patterns, so that its 95 % is good to half a percent."""

PAIRED = ("mean", "low", "high", "band_low", "band_high", *QUANTILES)
"""Of a paired difference: its mean, 95 % intervals at one date and at all dates at once, quantiles over the runs."""

LEAST_RUNS = 6
"""Of five runs or fewer no pattern of signs is rarer than one in twenty: they cannot tell a difference from luck."""

BLOCK = 2**15
"""Runs whose signs are in memory at a time."""

TINY = 1e-9
"""Of n: what rounding may take from a |t| that is as large as n runs let it be."""


@dataclass(frozen=True, slots=True)
class Band:
    """A mean difference by date, shape (date,), with 95 % intervals in points of the index.

    low, high : hold the true mean at all dates at once, `point_low`, `point_high` at one chosen beforehand. critical :
    the factor of the standard error that makes the simultaneous band, which is endless with fewer than 6 runs.
    """

    mean: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    point_low: Floats
    point_high: Floats
    critical: float

    @property
    def is_apart(self) -> Bools:
        """Where the simultaneous band leaves out 0, shape (date,)."""
        return np.asarray((self.low > 0.0) | (self.high < 0.0))


class Divergence(NamedTuple):
    """Rows at which outlooks first differ in any run, are first told apart by the band, and stay so to the end."""

    first_difference: int | None
    first_apart: int | None
    apart_to_end: int | None


class Shares(NamedTuple):
    """Two shares of the same runs, their difference with its error after McNemar, and runs of one alone."""

    here: float
    there: float
    difference: float
    standard_error: float
    only_here: int
    only_there: int


class Saving(NamedTuple):
    """How much pairing saves: `(var A + var B) / var(A - B)`; NaN where there is no such number."""

    spread: float
    spread_baseline: float
    spread_difference: float
    correlation: float
    variance_ratio: float


def band(differences: Floats, *, seed: int = 0, first_run: int = 0) -> Band:
    """The mean of paired differences, shape (date, run), with its pointwise and simultaneous 95 % intervals.

    The simultaneous one is a sup-t band: the factor is the 95 % point of the greatest |t| over all dates when each
    run's deviation from the mean gets a random sign (a multiplier bootstrap), by seed and runs' numbers alone. t is
    studentised anew under each pattern of signs, so that few runs give a wide band. On a date on which fewer than
    `LEAST_RUNS` runs differ from the most common difference the band is endless; where none does it is that difference.
    """
    n = differences.shape[-1]
    mean = differences.mean(axis=-1)
    if n < 2:
        endless = np.full_like(mean, np.inf)
        return Band(mean, np.full_like(mean, np.nan), -endless, endless, -endless, endless, float("inf"))
    deviations = _deviations(differences, mean)
    error = np.sqrt((deviations**2).sum(axis=-1) / (n - 1) / n)
    common = np.median(differences, axis=-1, keepdims=True)
    told = (differences != common).sum(axis=-1) >= LEAST_RUNS
    critical = max(_critical(deviations[told], RandomStreams(seed, first_run, n)), student(n))
    point, endless = student(n) * error, np.where(error > 0.0, np.inf, 0.0)
    half = np.where(told, critical * error, endless) if np.isfinite(critical) else endless
    return Band(mean, error, mean - half, mean + half, mean - point, mean + point, critical)


def _deviations(values: Floats, mean: Floats) -> Floats:
    """What each run has more than the mean: 0 to the last bit where all runs agree, which a mean may miss by a bit."""
    same = (values == values[..., :1]).all(axis=-1, keepdims=True)
    return np.asarray(np.where(same, 0.0, values - mean[..., None]))


def _critical(deviations: Floats, streams: RandomStreams) -> float:
    n = deviations.shape[-1]
    size = np.sqrt((deviations**2).sum(axis=-1, keepdims=True))
    moving = size[:, 0] > 0.0
    if n < LEAST_RUNS:
        return float("inf")
    if not moving.any():
        return student(n)
    unit = deviations[moving] / size[moving]
    # Sums over the runs under 64 patterns of signs, by blocks, which need little memory.
    blocks = [slice(first, first + BLOCK) for first in range(0, n, BLOCK)]
    sums = (sum(unit[:, block] @ signs(streams, word, block) for block in blocks) for word in range(WORDS))
    greatest = np.concatenate([np.abs(each).max(axis=0) for each in sums])
    level = float(np.sort(greatest)[int(np.ceil(CONFIDENCE * (greatest.size + 1))) - 1])
    return float("inf") if level**2 >= n - TINY else level * float(np.sqrt((n - 1) / (n - level**2)))


def signs(streams: RandomStreams, word: int, block: slice = slice(None)) -> Floats:
    """Random signs, -1.0 or 1.0, of the runs of the streams, shape (run, 64); each word gives others."""
    words = streams.raw(stream_of("comparison: signs"), Purpose.ALTERNATIVE, word)[block]
    bits = np.unpackbits(words.astype("<u8")[:, None].view(np.uint8), axis=-1)
    return np.asarray(2.0 * bits.astype(np.float64) - 1.0)


def student(runs: int) -> float:
    """The 97.5 % point of Student's t with `runs - 1` degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(runs - 1, 0.5 + CONFIDENCE / 2.0))


def divergence(differences: Floats, found: Band) -> Divergence:
    """When two outlooks diverge, from their paired differences, shape (date, run), and the band of these."""
    apart, sign = found.is_apart, np.sign(found.mean)
    lasting = np.logical_and.accumulate((apart & (sign == sign[-1]))[::-1])[::-1]
    holds = ((differences != 0.0).any(axis=-1), apart, lasting)
    return Divergence(*(int(each.argmax()) if each.any() else None for each in holds))


def shares(here: Bools | np.bool, there: Bools | np.bool) -> Shares:
    """Shares of the runs in which something is so, both of shape (run,), and their difference."""
    n = here.shape[-1]
    b, c = int((here & ~there).sum()), int((there & ~here).sum())
    error = float(np.sqrt(max(b + c - (b - c) ** 2 / n, 0.0))) / n
    return Shares(float(here.mean()), float(there.mean()), (b - c) / n, error, b, c)


def saving(here: Floats, there: Floats) -> Saving:
    """What pairing saves in the mean difference of a quantity of each run, both of shape (run,)."""
    n = here.shape[-1]
    if n < 2:
        return Saving(0.0, 0.0, 0.0, np.nan, np.nan)
    values = np.stack([here, there, here - there])
    spread = np.sqrt((_deviations(values, values.mean(axis=-1)) ** 2).sum(axis=-1) / (n - 1))
    one, other, both = (float(value) for value in spread)
    correlation = float(np.corrcoef(here, there)[0, 1]) if one > 0.0 and other > 0.0 else np.nan
    return Saving(one, other, both, correlation, (one**2 + other**2) / both**2 if both > 0.0 else np.nan)


def paired_over_runs(differences: Floats, found: Band) -> Floats:
    """What tables show of paired differences, shape (date, statistic) (see PAIRED)."""
    spread = over_runs(differences)[..., 1:]
    bounds = (found.mean, found.point_low, found.point_high, found.low, found.high)
    return np.concatenate([np.stack([np.where(np.isfinite(one), one, np.nan) for one in bounds], axis=-1), spread], -1)
