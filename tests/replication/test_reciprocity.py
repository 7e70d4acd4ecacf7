"""Routine and reciprocity, on made-up histories and on the KEDS dyad."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.api import VAR

from tensionsim.forecasts.baselines import CannotFit
from tensionsim.replication.studies import responses

KEDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "events" / "isr_pse_keds_1979_2011.csv.gz"


def made_up(length: int, seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(length, 2)) * [1.0, 5.0]
    path = np.zeros((length, 2))
    for row in range(2, length):
        path[row] = (
            np.array([[0.3, 0.1], [0.2, 0.4]]) @ path[row - 1] + np.array([0.2, 0.1]) * path[row - 2] + noise[row]
        )
    return path


def test_sums_and_their_errors_are_those_of_statsmodels() -> None:
    path = made_up(300)
    fit = VAR(path).fit(2)
    for actor, found in enumerate(responses(path)):
        rows = {True: [1 + actor, 3 + actor], False: [2 - actor, 4 - actor]}
        covariance = np.asarray(fit.cov_params()).reshape(5, 2, 5, 2)[:, actor, :, actor]
        for own, (value, error) in ((True, astuple(found[0])), (False, astuple(found[1]))):
            assert value == pytest.approx(fit.params[rows[own], actor].sum())
            assert error == pytest.approx(np.sqrt(covariance[np.ix_(rows[own], rows[own])].sum()), rel=1e-6)


def test_intervals_hold_the_true_sums_in_19_of_20_histories() -> None:
    held = []
    for seed in range(150):
        first, second = responses(made_up(400, seed))
        for value, error, truth in (
            (first[0].value, first[0].error, 0.5),
            (first[1].value, first[1].error, 0.1),
            (second[0].value, second[0].error, 0.5),
            (second[1].value, second[1].error, 0.2),
        ):
            held.append(abs(value - truth) < 1.96 * error)
    assert 0.91 < np.mean(held) < 0.98


def test_a_short_history_says_so() -> None:
    with pytest.raises(CannotFit, match="cannot give 5 coefficients"):
        responses(made_up(12))


@pytest.fixture(scope="module")
def keds_months() -> np.ndarray:
    """Net Goldstein scores by calendar month, months without events being 0; columns ISR to PSE, PSE to ISR."""
    if not KEDS.is_file():
        pytest.skip("the shared event data are not beside this checkout")
    events = pd.read_csv(KEDS, parse_dates=["date"])
    months = events["date"].dt.to_period("M")
    sums = events.groupby([months, "initiator"])["goldstein"].sum().unstack()
    every = pd.period_range(months.min(), months.max(), freq="M")
    return sums.reindex(every).fillna(0.0)[["ISR", "PSE"]].to_numpy()


def test_the_keds_dyad_repeats_the_pattern_of_goldstein_and_freeman(keds_months: np.ndarray) -> None:
    israel, palestine = responses(keds_months, order=2)
    assert [israel[0].value, palestine[0].value] == pytest.approx([0.62, 0.34], abs=0.03)
    assert [israel[1].value, palestine[1].value] == pytest.approx([0.15, 0.20], abs=0.03)
    assert min(israel[0].value / israel[0].error, palestine[0].value / palestine[0].error) > 3.0
    assert palestine[1].value / palestine[1].error > 3.0
    assert 0.0 < israel[1].value / israel[1].error < 1.96  # positive, but not sure to be
