"""A forecast from a day on: Results like any other, from the past alone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

import pasts
import tensionsim as ts

ORIGIN = "2003-06-02"


def test_it_is_results_from_the_origin_on_of_which_every_table_works(tmp_path: Path) -> None:
    found = ts.forecast(events=pasts.past(), origin=ORIGIN, months=3, runs=20, fit=False)
    assert str(found.dates[0]) == ORIGIN
    assert len(found.dates) == 13
    assert found.summary()["runs"] == 20
    assert found.scenario.title == "North and South, forecast from 2003-06-02"
    assert ts.open(found.save(tmp_path / "kept")).equals(found)


@pytest.mark.parametrize("row", [0, -1])
def test_its_ledger_adds_up_though_events_have_scores_of_their_own(row: int) -> None:
    found = ts.forecast(events=pasts.past(), origin=ORIGIN, months=2, runs=3, fit=False)
    ledger = found.ledger(run=2, date=found.dates[row])
    assert 50.0 + ledger["points"].sum() == pytest.approx(found.paths[2].iloc[row], abs=1e-8)


def test_a_later_event_changes_nothing_and_an_earlier_one_does() -> None:
    origin = dt.date.fromisoformat(ORIGIN)
    one, after, until = (
        ts.forecast(events=events, origin=origin, months=2, runs=20)
        for events in (
            pasts.past(),
            pasts.with_event(pasts.past(), origin, weight=90.0, cameo="203"),
            pasts.with_event(pasts.past(), origin - dt.timedelta(days=1), weight=90.0),
        )
    )
    assert after.equals(one)
    assert not until.equals(one)


def test_by_default_it_begins_on_the_day_after_the_last_observed() -> None:
    found = ts.forecast(events=pasts.past(), months=1, runs=2, fit=False)
    assert str(found.dates[0]) == str(pasts.past().last + dt.timedelta(days=1))


def test_fitted_numbers_are_drawn_for_each_run() -> None:
    past = pasts.past().until("2003-06-01")
    fitted = ts.fit(ts.scenario_from_events(past), past, fix=["shapes"])
    with_draws = ts.forecast(fitted.given, pasts.past(), origin=ORIGIN, months=2, runs=50, fit=fitted)
    with_mode = ts.forecast(fitted.scenario(1), pasts.past(), origin=ORIGIN, months=2, runs=50, fit=False)
    assert not np.array_equal(with_draws.record.cooperation[-1], with_mode.record.cooperation[-1])


def test_a_fit_that_knows_what_came_is_refused() -> None:
    history = pasts.past()
    fitted = ts.fit(ts.scenario_from_events(history), history, fix=["shapes"], with_support=False)
    with pytest.raises(ts.TensionSimError, match="must not; fit with until='2003-06-01'"):
        ts.forecast(fitted.given, history, origin=ORIGIN, fit=fitted)


def test_an_origin_within_a_step_is_moved_to_its_beginning() -> None:
    found = ts.forecast("us-colombia-2017", origin="2024-07-04", months=1, runs=2, fit=False)
    assert found.dates[0] <= np.datetime64("2024-07-04") < found.dates[1]


def test_changes_and_moves_before_the_origin_are_no_part_of_what_is_shown() -> None:
    found = ts.forecast("us-colombia-2017", origin="2022-08-01", months=6, runs=2, fit=False)
    assert {str(one.date) for one in found.scenario.file.changes} == {"2022-08-07"}


def test_it_needs_something_to_forecast_from() -> None:
    with pytest.raises(TypeError, match="a scenario, events, or both"):
        ts.forecast()
    with pytest.raises(ts.TensionSimError, match="no event before 1999-01-01"):
        ts.forecast(events=pasts.past(), origin="1999-01-01")
    with pytest.raises(ValueError, match="months must be a whole number >= 1; got 0"):
        ts.forecast(events=pasts.past(), months=0)
