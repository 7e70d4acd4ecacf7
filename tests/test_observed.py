"""The observed index: the curated history on the scale of simulated runs."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import dyads
from tensionsim.observed import observed_index
from tensionsim.scenario import load


def test_the_observed_index_goes_on_where_a_run_begins() -> None:
    of = load("trump2-petro-2025")
    table = observed_index(of, until=of.file.start - dt.timedelta(days=1))
    assert table.index[-1].date() == of.file.start
    assert table["index"].iloc[-1] == pytest.approx(dyads.record(of).cooperation[0, 0])


def test_the_observed_index_of_two_grids_agrees_within_what_a_step_can_shift() -> None:
    weekly = observed_index(load("trump2-petro-2025"))["index"]
    daily = observed_index(load("trump2-petro-2025", set={"step": "day"}))["index"]
    both = daily.reindex(weekly.index).dropna()
    assert len(both) > 300
    assert np.abs(both - weekly.loc[both.index]).max() < 1.5


def test_a_scenario_may_be_named() -> None:
    until = dt.date(2025, 1, 20)
    assert observed_index("trump2-petro-2025", until=until).equals(
        observed_index(load("trump2-petro-2025"), until=until)
    )


def test_an_observed_index_needs_a_history() -> None:
    with pytest.raises(ValueError, match="no history"):
        observed_index(dyads.scenario())


def test_the_observed_index_stands_where_analysts_see_it() -> None:
    """Near 70 in the quiet years of alliance, near 25 to 30 at the end of October 2025 (the scale was set for that)."""
    index = observed_index(load("trump2-petro-2025"), until=dt.date(2025, 10, 28))["index"]
    assert 65.0 < index.loc["2018-08":"2020-12"].median() < 80.0
    assert 22.0 < index.iloc[-1] < 33.0


def test_the_observed_index_of_an_issue_is_weighted_into_the_whole() -> None:
    of = load("trump2-petro-2025")
    table = observed_index(of)
    weights = dyads.start(of).numbers.issue_weight[:, 0]
    whole = table[list(of.file.issues)].to_numpy() @ weights
    assert np.allclose(whole, table["index"].to_numpy())
