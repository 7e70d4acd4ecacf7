"""Rolling origins: what is known at each, and that nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from tensionsim.forecast import baselines
from tensionsim.forecast import baselines as rolling
from tensionsim.forecast.baselines import BASELINES, Forecast, Origin, rolling_forecasts, rolling_origins

MONTHS = np.arange("2010-01", "2020-01", dtype="datetime64[M]")


def by(name: str) -> rolling.Forecaster:
    def make(past: np.ndarray, horizon: int, seed: int) -> Forecast:
        return baselines.forecast(name, past, horizon, runs=40, seed=seed)

    return make


def history() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(len(MONTHS), 2)).cumsum(axis=0)


def test_origins_go_from_the_last_known_date_to_the_last_that_has_an_outcome() -> None:
    origins = rolling_origins(MONTHS, "2019-02", 4, [2, 6])
    assert [str(one.date) for one in origins] == ["2019-02", "2019-06", "2019-10"]
    assert [one.targets[6] for one in origins] == [115, 119, None]
    assert (
        str(rolling_origins(np.array(["2020-01-31", "2020-02-29"], "M8[D]"), "2020-02-15", 1, [1])[0].date)
        == "2020-01-31"
    )


def test_the_outcome_lies_as_many_rows_ahead_as_the_horizon_says() -> None:
    rolled = rolling_forecasts(by("mean"), history(), rolling_origins(MONTHS, "2015-01", 1, [1, 12]))
    assert (rolled.outcome[0] == history()[[61, 72]]).all()
    assert np.isnan(rolled.outcome[-1, 1]).all()
    assert rolled.ensemble.shape == (59, 2, 2, 40)


@pytest.mark.parametrize("name", BASELINES)
def test_a_planted_future_event_changes_no_forecast_made_before_it(name: str) -> None:
    planted = history()
    planted[90:] += 1e6
    origins = rolling_origins(MONTHS, "2016-09", 4, [1, 3])
    plain, spiked = (rolling_forecasts(by(name), one, origins) for one in (history(), planted))
    before = np.array([one.row < 90 for one in origins])
    assert before.any()
    assert not before.all()
    assert (plain.ensemble[before] == spiked.ensemble[before]).all()
    assert (plain.ensemble[~before] != spiked.ensemble[~before]).any()
    assert (plain.outcome[before] != spiked.outcome[before]).any()


def test_a_forecaster_cannot_reach_the_future_nor_change_the_past() -> None:
    reach = []

    def cheat(past: np.ndarray, horizon: int, seed: int) -> Forecast:
        reach.append((len(past), past.base))
        past[:] = 1e6
        return Forecast(np.zeros((horizon, 2, 3)))

    values = history()
    rolling_forecasts(cheat, values, rolling_origins(MONTHS, "2019-01", 6, [1]))
    assert reach == [(109, None), (115, None)]
    assert (values == history()).all()


def test_origins_get_luck_of_their_own_that_only_the_seed_changes() -> None:
    values = np.tile(np.arange(10.0), 12)
    origins = rolling_origins(MONTHS, "2018-10", 10, [1])
    one, again = (rolling_forecasts(by("mean"), values, origins, seed=3).ensemble for _ in range(2))
    assert (one == again).all()
    assert (one[0] != one[1]).any()
    assert (one != rolling_forecasts(by("mean"), values, origins, seed=4).ensemble).any()


def test_fallbacks_are_counted() -> None:
    flat = np.zeros(len(MONTHS))
    rolled = rolling_forecasts(by("ar"), flat, rolling_origins(MONTHS, "2019-01", 2, [1]))
    assert rolled.fallbacks == {"ar: a series does not vary: no change instead": 6}


@pytest.mark.parametrize(
    ("first", "every", "horizons", "says"),
    [
        ("2009-12", 1, [1], "precedes the first date, 2010-01"),
        ("2012-01", 0, [1], "count rows from 1; got 0"),
        ("2012-01", 1, [0, 3], r"got 1 and \[0, 3\]"),
        ("2012-01", 1, [], r"got 1 and \[\]"),
    ],
)
def test_origins_that_make_no_sense_are_refused(first: str, every: int, horizons: list[int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        rolling_origins(MONTHS, first, every, horizons)


def test_dates_that_do_not_ascend_and_no_origins_are_refused() -> None:
    with pytest.raises(ValueError, match="ascend"):
        rolling_origins(MONTHS[::-1], "2012-01", 1, [1])
    with pytest.raises(ValueError, match="no origin"):
        rolling_forecasts(by("mean"), history(), ())


def test_an_origin_cuts_any_array_by_date() -> None:
    origin = Origin(2, np.datetime64("2020-01"), {1: 3})
    assert origin.past(np.arange(9)).tolist() == [0, 1, 2]
