"""Forecasts from many origins, each made from the past alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tensionsim.analysis.forecasts.baselines import Forecast
from tensionsim.record import Dates, Floats

Forecaster = Callable[[Floats, int, int], Forecast]
"""From a history, a horizon and a seed to a forecast: what `rolling_forecasts` calls at every origin."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A date from which forecasts are made: everything up to `row` is known, nothing after it.

    targets : row that each horizon aims at, None where it lies beyond the data.
    """

    row: int
    date: np.datetime64
    targets: Mapping[int, int | None]

    def past(self, values: Floats) -> Floats:
        """What is known, the first `row + 1` entries of an array by date: a copy, with no way back to the rest."""
        return np.array(values[: self.row + 1])

    def outcome(self, values: Floats, horizon: int) -> Floats:
        """What came, NaN where the data end before."""
        target = self.targets[horizon]
        return np.full_like(values[0], np.nan) if target is None else np.asarray(values[target])


def rolling_origins(
    dates: Dates, first: np.datetime64 | str, every: int, horizons: Sequence[int]
) -> tuple[Origin, ...]:
    """The origins from the last date at or before `first` on, every so many rows, that have an outcome to meet.

    Parameters
    ----------
    dates : ascending, the END of each period: what a row holds must be known on its date. every, horizons : in rows.

    Raises
    ------
    ValueError
        If the dates do not ascend, `first` precedes them, or a number is below 1.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts.rolling import rolling_origins
    >>> months = np.arange("2020-01", "2021-01", dtype="datetime64[M]")
    >>> [str(one.date) for one in rolling_origins(months, "2020-06", 3, [1, 3])]
    ['2020-06', '2020-09']
    """
    if not (dates[1:] > dates[:-1]).all():
        raise ValueError("dates must ascend")
    if every < 1 or not horizons or min(horizons) < 1:
        raise ValueError(f"every and horizons count rows from 1; got {every} and {list(horizons)}")
    begin = int(np.searchsorted(dates, np.datetime64(first), side="right")) - 1
    if begin < 0:
        raise ValueError(f"the first origin, {first}, precedes the first date, {dates[0]}")
    last = len(dates) - min(horizons)
    return tuple(
        Origin(row, dates[row], {step: row + step if row + step < len(dates) else None for step in horizons})
        for row in range(begin, last, every)
    )


def overlap(horizon: int, every: int) -> int:
    """How many later origins are forecast from before a forecast's outcome is known: the lags that errors share.

    Examples
    --------
    >>> from tensionsim.analysis.forecasts.rolling import overlap
    >>> overlap(1, 1), overlap(6, 1), overlap(6, 3)
    (0, 5, 1)
    """
    return -(-horizon // every) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Rolled:
    """Forecasts from rolling origins with what came.

    ensemble : shape (origin, horizon, [series,] run). outcome : shape (origin, horizon, [series]), NaN where the data
    end before. horizons : in rows. fallbacks : how often each was met.
    """

    ensemble: Floats
    outcome: Floats
    horizons: tuple[int, ...]
    fallbacks: Mapping[str, int]


def rolling_forecasts(forecaster: Forecaster, history: Floats, origins: Sequence[Origin], *, seed: int = 0) -> Rolled:
    """What a forecaster says at each origin, of which it gets the past and no more, and what came.

    Parameters
    ----------
    history : shape (date,) or (date, series). seed : every origin gets a seed of its own from it.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.forecasts import baselines, rolling
    >>> days = np.arange("2020-01-01", "2020-03-01", dtype="datetime64[D]")
    >>> origins = rolling.rolling_origins(days, "2020-02-01", 7, [1, 7])
    >>> rolled = rolling.rolling_forecasts(
    ...     lambda past, horizon, seed: baselines.forecast("mean", past, horizon, runs=10, seed=seed),
    ...     np.arange(60.0), origins)
    >>> rolled.ensemble.shape
    (4, 2, 10)
    """
    if not origins:
        raise ValueError("there is no origin to forecast from")
    horizons = tuple(origins[0].targets)
    rows = np.array(horizons) - 1
    found, tally = [], Counter[str]()
    for origin in origins:
        made = forecaster(origin.past(history), max(horizons), _seed_of(seed, origin.row))
        tally.update(made.fallbacks)
        found.append(made.ensemble[rows])
    outcome = np.stack([[origin.outcome(history, horizon) for horizon in horizons] for origin in origins])
    return Rolled(np.stack(found), outcome, horizons, dict(tally))


def _seed_of(seed: int, row: int) -> int:
    return int(np.random.SeedSequence([seed, row]).generate_state(1, np.uint64)[0] >> np.uint64(1))
