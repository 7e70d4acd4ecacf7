"""The observed index: the curated history on the scale of simulated runs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

import dyads
from tensionsim.errors import EventError
from tensionsim.events.generic import scenario_from_events
from tensionsim.events.history import curated_history
from tensionsim.events.observed import observed_index
from tensionsim.events.reading import read_events
from tensionsim.scenario.scenario import load

SAMPLES = Path(__file__).parent / "samples"


def test_the_observed_index_goes_on_where_a_run_begins() -> None:
    of = load("trump2-petro-2025")
    table = observed_index(scenario=of, until=of.file.start - dt.timedelta(days=1))
    assert table.index[-1].date() == of.file.start
    assert table["index"].iloc[-1] == pytest.approx(dyads.record(of).cooperation[0, 0])


def test_the_observed_index_of_two_grids_agrees_within_what_a_step_can_shift() -> None:
    weekly = observed_index(scenario=load("trump2-petro-2025"))["index"]
    daily = observed_index(scenario=load("trump2-petro-2025", set={"step": "day"}))["index"]
    both = daily.reindex(weekly.index).dropna()
    assert len(both) > 300
    assert np.abs(both - weekly.loc[both.index]).max() < 1.5


def test_a_scenario_may_be_named() -> None:
    until = dt.date(2025, 1, 20)
    assert observed_index(scenario="trump2-petro-2025", until=until).equals(
        observed_index(scenario=load("trump2-petro-2025"), until=until)
    )


def test_an_observed_index_needs_a_history() -> None:
    with pytest.raises(ValueError, match="no history"):
        observed_index(scenario=dyads.scenario())
    with pytest.raises(ValueError, match=r"5 actors, .* say whose"):
        observed_index(curated_history())


def test_the_observed_index_stands_where_analysts_see_it() -> None:
    """Near 70 in the quiet years of alliance, near 25 to 30 at the end of October 2025 (the scale was set for that)."""
    index = observed_index(scenario=load("trump2-petro-2025"), until=dt.date(2025, 10, 28))["index"]
    assert 68.0 < index.loc["2018":"2021"].median() < 73.0
    assert 25.0 < index.iloc[-1] < 30.0


def test_the_observed_index_of_an_issue_is_weighted_into_the_whole() -> None:
    of = load("trump2-petro-2025")
    table = observed_index(scenario=of)
    weights = dyads.start(of).numbers.issue_weight[:, 0]
    whole = table[list(of.file.issues)].to_numpy() @ weights
    assert np.allclose(whole, table["index"].to_numpy())


def test_the_curated_history_as_events_has_the_index_that_the_scenario_has() -> None:
    of = load("trump2-petro-2025")
    given = observed_index(curated_history(), scenario=of)
    assert given.equals(observed_index(scenario=of))
    assert given.attrs["left_out"] == {"not between the principals": 187}


def test_nothing_after_the_last_date_counts_even_within_its_step() -> None:
    of, until = load("trump2-petro-2025"), dt.date(2025, 1, 25)
    table = observed_index(scenario=of, until=until)
    later = curated_history().until(until)
    assert table.equals(observed_index(later, scenario=of))
    assert not table.equals(observed_index(scenario=of, until=dt.date(2025, 1, 26)))


def test_an_event_moves_conduct_by_its_score_and_fades_with_the_half_life() -> None:
    of = load("norland-suderia", set={"step": "month", "parameters.index_scale": 1000.0})
    events = read_events(SAMPLES / "keds.csv", dyad=("NOR=norland", "SUD=suderia"), mapping={"issue": "water"})
    table = observed_index(events.until("2001-03-05"), scenario=of, until=dt.date(2001, 9, 1))
    above = table["water"].to_numpy() - 50.0
    keep = 2.0 ** (-1.0 / 3.0)
    assert above[0] == pytest.approx(50.0 * 0.5 * 0.5 * (1.0 - keep) * 2 * 0.19 / 1000.0, rel=1e-6)
    assert above[1:] / above[:-1] == pytest.approx(keep)
    assert (table["fisheries"] == 50.0).all()


def test_events_without_a_place_are_counted_or_refused() -> None:
    events = read_events(SAMPLES / "keds.csv", dyad=("NOR=norland", "SUD=suderia"), mapping=SAMPLES / "mapping.yaml")
    assert observed_index(events, scenario="norland-suderia").attrs["left_out"] == {}
    elsewhere = read_events(SAMPLES / "keds.csv", dyad=("NOR=norland", "SUD=suderia"))
    with pytest.raises(EventError, match="6 on an issue that the scenario lacks: relations"):
        observed_index(elsewhere, scenario="norland-suderia")
    with pytest.raises(EventError, match="6 not between the principals"):
        observed_index(elsewhere, scenario="trump2-petro-2025")


def test_events_alone_make_their_own_scale() -> None:
    events = read_events(SAMPLES / "keds.csv", dyad=("NOR=norland", "SUD=suderia"))
    assert observed_index(events).equals(observed_index(events, scenario=scenario_from_events(events)))
    with pytest.raises(ValueError, match="give a history"):
        observed_index()
    with pytest.raises(TypeError, match="got str; say scenario="):
        observed_index("norland-suderia")  # type: ignore[arg-type]
