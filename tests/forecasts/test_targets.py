"""Targets and the plain forecasts: observed and simulated months are one quantity."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

import pasts
import tensionsim as ts
from tensionsim.forecasts import baselines, origins as judging
from tensionsim.forecasts.baselines import BASELINES
from tensionsim.forecasts.origins import Ahead, Grid, Series, ahead, before, series_of, targets_of
from tensionsim.model.record import Record
from tensionsim.rng import RandomStreams

ORIGIN = dt.date(2003, 6, 2)
GRID = Grid(ORIGIN, "week")
HISTORY = pasts.past()


@pytest.fixture(scope="module")
def scenario() -> ts.Scenario:
    return ts.scenario_from_events(before(HISTORY, ORIGIN), start=ORIGIN)


@pytest.fixture(scope="module")
def series(scenario: ts.Scenario) -> Series:
    return series_of(scenario, HISTORY, GRID, dt.date(2004, 4, 5))


def test_a_month_sums_the_events_of_its_days(series: Series) -> None:
    found = series.observed(series.row(ORIGIN), (1, 3, 24))
    days = HISTORY.dates.astype("datetime64[D]")
    for column, horizon in enumerate((1, 3)):
        first = np.datetime64(ORIGIN) + np.timedelta64(28 * (horizon - 1), "D")
        inside = (days >= first) & (days < first + np.timedelta64(28, "D"))
        assert found[2, column] == inside.sum()
        assert found[1, column] == pytest.approx(HISTORY.score[inside].sum() / 10.0)
    assert np.isnan(found[:, 2]).all()


def test_the_past_of_the_baselines_ends_at_the_origin_in_whole_months(series: Series) -> None:
    row = series.row(ORIGIN)
    past = series.months_to(row)
    assert len(past.index) == row // 4
    assert past.index[-1] == series.index[row]
    assert past.acts[-1].sum() == series.acts[row - 3 : row + 1].sum()
    assert past.acts.sum() == series.acts[row % 4 + 1 : row + 1].sum()
    assert len(series.months_to(row, 1).index) == 13


def test_simulated_months_sum_the_acts_between_the_principals(scenario: ts.Scenario) -> None:
    found = ahead(scenario, before(HISTORY, ORIGIN), ORIGIN, 12, RandomStreams(0, 0, 5))
    values = found.values((1, 3))
    record = found.record
    for column, horizon in enumerate((1, 3)):
        assert values[0, column].tolist() == record.cooperation[4 * horizon].tolist()
        for run in range(5):
            inside = (record.move_run == run) & (record.move_step // 4 == horizon - 1)
            scores = found.world.menus.move_score[record.move_id[inside]]
            assert values[1, column, run] == pytest.approx(scores.sum())
            assert values[2, column, run] == inside.sum()


def test_with_weights_of_its_own_the_index_is_the_mean_of_the_issues(scenario: ts.Scenario) -> None:
    history = pasts.past(issues=("border", "water"))
    two = ts.scenario_from_events(before(history, ORIGIN), start=ORIGIN)
    found = ahead(two, before(history, ORIGIN), ORIGIN, 4, RandomStreams(0, 0, 5))
    assert [one.name for one in targets_of(two)] == ["index", "issue: border", "issue: water", "score", "acts"]
    assert [one.name for one in targets_of(scenario)] == ["index", "score", "acts"]
    weights = found.record.weights[0, :, 0]
    np.testing.assert_allclose(found.values((1,), weights)[0], found.values((1,))[0])
    values = found.values((1,), np.array([1.0, 0.0]))
    np.testing.assert_allclose(values[0], values[1])


@pytest.mark.parametrize("method", list(BASELINES))
def test_every_plain_forecast_has_all_targets_within_their_bounds(
    method: str, series: Series, scenario: ts.Scenario
) -> None:
    pytest.importorskip("statsmodels")
    targets = targets_of(scenario)
    past = series.months_to(series.row(ORIGIN))
    values, fallbacks = baselines.ensembles(method, past, targets, (1, 6), 40, 0)
    assert values.shape == (3, 2, 40)
    assert np.isfinite(values).all()
    assert (values[0] >= 0.0).all()
    assert (values[0] <= 100.0).all()
    assert (values[2] >= 0.0).all()
    assert fallbacks == ()


def test_vector_autoregressions_of_several_issues_weigh_them_to_the_index() -> None:
    history = pasts.past(issues=("border", "water"))
    two = ts.scenario_from_events(history, start=ORIGIN)
    series = series_of(two, history, GRID, ORIGIN)
    past = series.months_to(series.row(ORIGIN))
    values, _ = baselines.ensembles("var", past, targets_of(two), (1,), 40, 0)
    np.testing.assert_allclose(values[0], np.einsum("k,khr->hr", past.weights, values[1:3]))


class TestEvents:
    def test_an_event_happens_if_its_condition_holds_at_any_time_within_the_horizon(self, series: Series) -> None:
        flags = np.zeros((20, 1), bool)
        flags[7] = True
        found = replace(series, events=flags)
        assert found.happened(0, (1, 2, 4, 5)).tolist()[0][:3] == [0.0, 1.0, 1.0]
        assert np.isnan(found.happened(0, (1, 2, 4, 5))[0, 3])
        assert found.happened(7, (1,)).tolist() == [[0.0]]

    def test_shares_are_those_of_the_runs(self) -> None:
        past, low = before(HISTORY, ORIGIN), {"low": {"cooperation": "below 40"}}
        scenario = ts.scenario_from_events(past, start=ORIGIN).with_values({"events": low})
        found = ahead(scenario, past, ORIGIN, 9, RandomStreams(0, 0, 4))
        flags = np.zeros((9, len(found.world.rulebook.events), 4), bool)
        row = list(found.world.rulebook.events).index("low")
        flags[0, row], flags[7, row, 1], flags[1, row, 2] = True, True, True
        counted = Ahead(found.world, Record(found.record.dates, {"events": flags}, 4))
        assert counted.chances(["low"], (1, 2)).tolist() == [[0.25, 0.5]]

    def test_the_past_says_how_often_and_the_present_whether(self) -> None:
        flags = np.array([[False], [False], [True], [True], [False]])
        said = baselines.from_past(flags, 1, (1, 2, 9))
        assert said[baselines.CLIMATOLOGY].tolist() == [[0.5, 1.0, 0.5]]
        assert said[baselines.NO_CHANGE].tolist() == [[0.0, 0.0, 0.0]]

    @pytest.mark.parametrize(
        ("condition", "reason"),
        [
            ({"cooperation": "below 35"}, ""),
            ({"cooperation": "below 20", "issue": "drugs"}, ""),
            ({"arrangement": "tariffs"}, ""),
            ({"indicator": "coca", "above": 100}, "the events do not tell the indicator coca"),
            ({"all": [{"cooperation": "below 35"}, {"indicator": "coca", "above": 1}]}, "the indicator coca"),
            ({"conduct": "caracas -> bogota", "below": 0}, "which the events may not cover"),
        ],
    )
    def test_what_the_events_do_not_tell_is_not_judged(self, condition: dict[str, object], reason: str) -> None:
        of = ts.load("us-colombia-2017", set={"events": {"this": condition}})
        known, unknown = judging.judged(of, ts.curated_history())
        assert ("this" in known) == (not reason)
        assert reason in unknown.get("this", "")
