"""Episodes and the level that drifts: closed forms, their derivatives, and that a fit finds what is there."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.estimation.cells import EPISODES, shapes
from tensionsim.estimation.likelihood import Likelihood
from tensionsim.events.history import EventHistory
from tensionsim.replication import DYAD, simulated_history
from tensionsim.scenario.scenario import Scenario, from_text

OVERDISPERSION, IMITATION = 0.6, 0.3


def dyad(overdispersion: float, imitation: float) -> Scenario:
    values = f"acts_per_step: 60, overdispersion: {overdispersion}, imitation: {imitation},"
    return from_text(DYAD.replace("acts_per_step: 20,", values), "dyad")


@cache
def lively() -> Scenario:
    return dyad(OVERDISPERSION, IMITATION)


@cache
def history() -> EventHistory:
    results = ts.run(lively(), runs=1, seed=3)
    return simulated_history(lively(), results.record, results.names)


@cache
def likelihood() -> Likelihood:
    return ts.Likelihood.of(lively(), history())


@pytest.mark.parametrize("stretch", [0.5, 1.0, 1.7])
def test_derivatives_are_the_limits_of_differences(stretch: float) -> None:
    of, here = likelihood(), likelihood().values * stretch
    _, gradient, hessian = of.evaluate(here)
    for row, step in enumerate(1e-5 * np.diag(np.maximum(1.0, np.abs(here)))):
        ahead, behind = of.evaluate(here + step), of.evaluate(here - step)
        width = 2.0 * step[row]
        assert (ahead[0] - behind[0]) / width == pytest.approx(gradient[row], rel=1e-5, abs=1e-3)
        assert (ahead[1] - behind[1]) / width == pytest.approx(hessian[row], rel=1e-3, abs=0.5)


def test_they_pass_into_poisson_and_logit() -> None:
    plain, nearly = dyad(0.0, 0.0), dyad(1e-7, 1e-7)
    here = likelihood().values
    expected = ts.Likelihood.of(plain, history()).value(here)
    assert ts.Likelihood.of(nearly, history()).value(here) == pytest.approx(expected, abs=1e-2)
    assert likelihood().value(here) > expected + 50.0


def test_what_is_0_is_not_fitted() -> None:
    named = {one.path for one in shapes(ts.Likelihood.of(dyad(0.0, 0.0), history()).states)}
    assert not named & set(EPISODES)
    assert set(EPISODES) <= {one.path for one in shapes(likelihood().states)}


@pytest.mark.slow
def test_a_fit_finds_them() -> None:
    fitted = ts.fit(lively().with_values(dict.fromkeys(EPISODES, 0.1)), history(), missing=(), with_support=False)
    for path, truth in zip(EPISODES, (OVERDISPERSION, IMITATION), strict=True):
        assert abs(fitted.estimates[path] - truth) < 3.0 * fitted.standard_errors[path]
        assert fitted.standard_errors[path] < 0.5 * truth


def drifting(drift: float, *, until: str = "2009-01-01") -> Scenario:
    text = DYAD.replace("end: 2009-01-01", f"end: {until}")
    return from_text(text.replace("acts_per_step: 20,", f"acts_per_step: 20, drift: {drift},"), "dyad")


def shortly(drift: float) -> Scenario:
    return drifting(drift, until="2002-01-01")


@cache
def wandering(drift: float = 0.8) -> Likelihood:
    results = ts.run(drifting(0.8), runs=1, seed=4)
    told = simulated_history(drifting(0.8), results.record, results.names)
    return ts.Likelihood.of(drifting(drift), told)


def contributions(scenario: Scenario, run: int) -> np.ndarray:
    """The bias with its level by step, of one channel."""
    table = ts.reasons(scenario, run=run)["bias"]
    return table.groupby("date").first().to_numpy()


class TestInRuns:
    def test_a_level_wanders_as_far_as_drift_says(self) -> None:
        ends = [contributions(shortly(0.5), run)[[0, -1]] for run in range(80)]
        away = np.array([last - first for first, last in ends])
        years = 1.0
        assert away.std(ddof=1) == pytest.approx(0.5 * np.sqrt(years), rel=0.3)
        assert abs(away.mean()) < 3.0 * away.std(ddof=1) / np.sqrt(len(away))

    def test_without_drift_the_bias_stands_still(self) -> None:
        assert np.ptp(contributions(shortly(0.0), 1)) == 0.0

    def test_contributions_still_sum_to_the_direction(self) -> None:
        table = ts.reasons(shortly(0.5), run=2)
        assert table["sum"].to_numpy() == pytest.approx(table["direction"].to_numpy())

    def test_a_run_alone_is_the_run_in_a_batch(self) -> None:
        scenario = shortly(0.5)
        together, alone = ts.run(scenario, runs=6, seed=1), ts.run(scenario, runs=1, seed=1, first_run=5)
        assert np.array_equal(together.record.cooperation[:, 5], alone.record.cooperation[:, 0])

    def test_a_longer_drift_is_no_other_luck(self) -> None:
        little, much = (contributions(shortly(drift), 3) for drift in (0.2, 0.4))
        assert much - much[0] == pytest.approx(2.0 * (little - little[0]))


class TestInTheLikelihood:
    @pytest.mark.parametrize("stretch", [0.6, 1.0, 1.4])
    def test_the_gradient_is_the_limit_of_differences(self, stretch: float) -> None:
        of, here = wandering(), wandering().values * stretch
        gradient = of.evaluate(here)[1]
        for row, step in enumerate(2e-3 * np.eye(len(here))):
            ahead, behind = of.value(here + step), of.value(here - step)
            assert (ahead - behind) / 4e-3 == pytest.approx(gradient[row], rel=2e-2, abs=0.05)

    def test_its_curvature_by_the_bias_is_less_for_what_the_level_takes(self) -> None:
        where = [one.path for one in wandering().coefficients].index("parameters.bias")
        with_level, without = (wandering(drift).evaluate(wandering().values)[2][where, where] for drift in (0.8, 0.0))
        assert without < 2.0 * with_level < 0.0

    def test_the_walk_is_where_no_step_gains(self) -> None:
        of, here = wandering(), wandering().values
        best = of.value(here)
        walk = of.design.walk.copy()
        assert len(walk) > 10
        for row in range(len(walk)):
            for off in (-0.05, 0.05):
                moved = walk.copy()
                moved[row] += off
                assert of._evaluate(np.concatenate([here, moved]))[0] < best

    def test_where_nothing_drifts_there_is_no_level(self) -> None:
        assert not len(wandering(0.0).design.walk)
        assert wandering().value(wandering().values) > wandering(0.0).value(wandering().values)

    @pytest.mark.slow
    def test_a_fit_is_surer_of_a_level_that_stands_still(self) -> None:
        told = wandering().states.window.history
        errors = [
            ts.fit(drifting(drift), told, fix=["shapes"], missing=(), with_support=False).standard_errors
            for drift in (0.0, 0.8)
        ]
        assert errors[1]["parameters.bias"] > 1.3 * errors[0]["parameters.bias"]
