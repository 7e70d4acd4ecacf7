"""Day, week and month steps agree: the ensemble's quantiles at the same dates, run with other luck.

A move is answered from the next step on, so a longer step answers later, and bursts are those of a week. What is left
beyond sampling, in index points, is bounded here by what 8,000 daily, 20,000 weekly and 20,000 monthly runs showed: a
week is within 1.2 of a day in the lowest twentieth and .7 in the median. A month keeps what is put to a government
unanswered for longer: in a heated year it has a sixth fewer moves, and 5 points more in the lowest twentieth and 3 in
the median; in a quiet one a tenth fewer, and is within .7.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import pytest

from tensionsim.model.record import Record
from tensionsim.model.structure import Floats
from tensionsim.runs.run import run
from tensionsim.scenario.scenario import load

pytestmark = pytest.mark.slow

SEEDS = {"day": 31, "week": 32, "month": 33}
QUANTILES = (0.05, 0.5, 0.95)
ENDS = {"trump2-petro-2025": "2026-01-20", "biden-petro-2022": "2023-08-07"}
"""A year of each era."""

HARSH = next(iter(ENDS))
SAMPLING = 4.0
"""Standard errors; over about 60 comparisons one falls outside by chance once in 250 times."""

HALF_A_YEAR = dt.timedelta(days=183)
BEYOND_SAMPLING = {
    ("week", True): (1.3, 0.4, 0.5),
    ("week", False): (1.3, 0.8, 0.5),
    ("month", True): (4.75, 1.0, 1.6),
    ("month", False): (6.0, 3.2, 0.8),
}
"""By how many index points each quantile of a step may differ from the daily one, in the first half year or later."""


@pytest.fixture(scope="module")
def runs(full: bool) -> int:
    return 2000 if full else 600


@cache
def record(era: str, step: str, runs: int) -> Record:
    return run(load(era, set={"step": step, "end": ENDS[era]}), runs=runs, seed=SEEDS[step]).record


def quantiles(values: Floats) -> tuple[Floats, Floats]:
    """Quantiles of a sample and their standard errors, from the ranks a binomial deviation to either side."""
    ordered, size = np.sort(values), values.size
    ranks = np.array(QUANTILES) * (size - 1)
    spread = np.sqrt(size * np.array(QUANTILES) * (1.0 - np.array(QUANTILES)))
    below, above = (np.interp(ranks + side * spread, np.arange(size), ordered) for side in (-1.0, 1.0))
    return np.interp(ranks, np.arange(size), ordered), (above - below) / 2.0


def compared(era: str, step: str, runs: int) -> list[tuple[np.datetime64, Floats, Floats]]:
    """Six dates of the longer step, its quantiles less the daily ones, and the standard errors of that."""
    daily, longer = record(era, "day", runs), record(era, step, runs)
    rows = np.unique(np.linspace(0, len(longer.dates) - 2, 7).astype(int)[1:])
    found = []
    for row in rows:
        same_day = int(np.searchsorted(daily.dates, longer.dates[row]))
        assert daily.dates[same_day] == longer.dates[row]
        (one, error), (other, its_error) = quantiles(longer.cooperation[row]), quantiles(daily.cooperation[same_day])
        found.append((longer.dates[row], one - other, np.hypot(error, its_error)))
    return found


@pytest.mark.parametrize("step", ["week", "month"])
@pytest.mark.parametrize("era", ENDS)
def test_quantiles_at_the_same_dates_agree_with_daily_steps(era: str, step: str, runs: int) -> None:
    start = record(era, step, runs).dates[0]
    for date, difference, error in compared(era, step, runs):
        bound = np.array(BEYOND_SAMPLING[step, bool(date - start < np.timedelta64(HALF_A_YEAR, "D"))])
        assert (np.abs(difference) < SAMPLING * error + bound).all(), f"{date}: {difference} ± {error}"


@pytest.mark.parametrize("era", ENDS)
def test_a_week_and_a_day_end_the_same_within_sampling(era: str, runs: int) -> None:
    _, difference, error = compared(era, "week", runs)[-1]
    assert (np.abs(difference) < SAMPLING * error).all()


@pytest.mark.parametrize(("step", "share"), [("week", 0.02), ("month", 0.18)])
@pytest.mark.parametrize("era", ENDS)
def test_as_many_moves_are_made_in_any_step(era: str, step: str, share: float, runs: int) -> None:
    daily, longer = (np.bincount(record(era, one, runs).move_run, minlength=runs) for one in ("day", step))
    # Of some 80 moves, a quiet era's, 600 runs know the mean to one in a hundred.
    error = np.hypot(daily.std(), longer.std()) / np.sqrt(runs)
    assert abs(longer.mean() - daily.mean()) < share * daily.mean() + 2.0 * error


@pytest.mark.parametrize("event", ["crisis", "tariffs in force", "aid ended"])
def test_events_are_as_likely_by_the_day_as_by_the_week(event: str, runs: int) -> None:
    of = load(HARSH)
    place = list(of.file.events).index(event)
    one, other = (record(HARSH, step, runs).events[-1, place].mean() for step in ("day", "week"))
    spread = np.sqrt(max(one * (1 - one), 0.01) * 2.0 / runs)
    assert abs(one - other) < SAMPLING * spread + 0.03
