"""Scores against closed forms, a library of scores, and what makes a score proper."""

from __future__ import annotations

import numpy as np
import pytest
import scoringrules
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from tensionsim.forecasts import scores

points = st.floats(-100.0, 100.0).map(lambda value: round(value, 3))
ensembles = hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 30)), elements=points)


def ranked(count: int) -> np.ndarray:
    """Quantiles of the standard normal at even distances: a large sample with little noise."""
    return stats.norm.ppf((np.arange(count) + 0.5) / count)


# The continuous ranked probability score


@pytest.mark.parametrize("outcome", [-2.0, 0.0, 0.3, 5.0])
def test_crps_of_a_normal_is_that_of_its_formula(outcome: float) -> None:
    expected = outcome * (2 * stats.norm.cdf(outcome) - 1) + 2 * stats.norm.pdf(outcome) - 1 / np.sqrt(np.pi)
    assert scores.crps(ranked(20_000), np.array(outcome)) == pytest.approx(expected, abs=1e-4)


@given(ensembles, points)
def test_crps_is_that_of_all_pairs_of_runs(ensemble: np.ndarray, outcome: float) -> None:
    came = np.full(len(ensemble), outcome)
    pairs = np.abs(ensemble[:, :, None] - ensemble[:, None, :]).sum(axis=(1, 2))
    runs = ensemble.shape[1]
    error = np.abs(ensemble - outcome).mean(axis=1)
    np.testing.assert_allclose(scores.crps(ensemble, came), error - pairs / (2 * runs**2), atol=1e-9)
    np.testing.assert_allclose(scores.fair_crps(ensemble, came), error - pairs / (2 * runs * (runs - 1)), atol=1e-9)


def test_crps_agrees_with_a_library_of_scores() -> None:
    luck = np.random.default_rng(1)
    ensemble, came = luck.normal(size=(50, 3, 101)), luck.normal(size=(50, 3))
    for ours, theirs in ((scores.crps, "nrg"), (scores.fair_crps, "fair")):
        expected = scoringrules.crps_ensemble(came, ensemble, estimator=theirs, backend="numpy")
        np.testing.assert_allclose(ours(ensemble, came), expected, atol=1e-12)


@given(ensembles, points, points)
def test_crps_is_never_negative_and_moves_with_the_origin(ensemble: np.ndarray, outcome: float, shift: float) -> None:
    came = np.full(len(ensemble), outcome)
    found = scores.crps(ensemble, came)
    assert (found >= 0.0).all()
    np.testing.assert_allclose(scores.crps(ensemble + shift, came + shift), found, atol=1e-9)


@given(ensembles)
def test_crps_is_zero_where_every_run_hits(ensemble: np.ndarray) -> None:
    sure = np.repeat(ensemble[:, :1], 5, axis=1)
    assert (scores.crps(sure, sure[:, 0]) == 0.0).all()


def test_fair_crps_does_not_depend_on_the_number_of_runs_and_the_plain_one_does() -> None:
    luck = np.random.default_rng(2)
    came = luck.normal(size=40_000)
    few, many = (luck.normal(size=(came.size, runs)) for runs in (4, 40))
    expected = 1.0 / np.sqrt(np.pi)
    for ensemble in (few, many):
        assert scores.fair_crps(ensemble, came).mean() == pytest.approx(expected, abs=0.01)
    assert scores.crps(few, came).mean() == pytest.approx(expected * 1.25, abs=0.01)


@pytest.mark.parametrize("score", [scores.fair_crps, scores.gaussian_log_score, scores.kernel_log_score])
def test_the_forecaster_who_tells_the_truth_scores_best(score: object) -> None:
    luck = np.random.default_rng(3)
    came, runs = luck.normal(size=6000), luck.normal(size=(6000, 60))
    honest = score(runs, came).mean()  # type: ignore[operator]
    for liar in (runs + 0.5, runs - 0.5, runs * 1.5, runs * 0.6):
        assert score(liar, came).mean() > honest + 0.01  # type: ignore[operator]


def test_an_unknown_outcome_has_no_score() -> None:
    runs, came = np.array([[1.0, 2.0, 4.0]]), np.array([np.nan])
    every = (scores.crps, scores.fair_crps, scores.gaussian_log_score, scores.kernel_log_score, scores.regime_score)
    assert all(np.isnan(score(runs, came)).all() for score in every)


# The log score


def test_gaussian_log_score_is_minus_the_log_density() -> None:
    runs = ranked(5000) * 3.0 + 1.0
    assert scores.gaussian_log_score(runs, np.array(4.0)) == pytest.approx(-stats.norm.logpdf(4.0, 1.0, 3.0), abs=1e-3)


def test_kernel_log_score_is_that_of_a_density_of_kernels() -> None:
    luck = np.random.default_rng(4)
    runs, came = luck.gamma(2.0, size=(20, 80)), luck.gamma(2.0, size=20)
    for row, outcome, found in zip(runs, came, scores.kernel_log_score(runs, came), strict=True):
        spread = min(row.std(ddof=1), np.subtract(*np.quantile(row, [0.75, 0.25])) / 1.34)
        density = stats.norm.pdf(outcome, row, 1.06 * spread * 80**-0.2).mean()
        assert found == pytest.approx(-np.log(density))


def test_log_scores_of_the_sure_are_endless_and_a_least_bandwidth_ends_them() -> None:
    sure = np.full((2, 5), 3.0)
    for score in (scores.gaussian_log_score, scores.kernel_log_score):
        assert score(sure, np.array([3.0, 3.5])).tolist() == [-np.inf, np.inf]
    found = scores.kernel_log_score(sure, np.array([3.0, 3.5]), least_bandwidth=0.5)
    np.testing.assert_allclose(found, -stats.norm.logpdf([3.0, 3.5], 3.0, 0.5))


def test_log_score_far_beyond_the_runs_is_large_but_finite() -> None:
    assert 1e6 < scores.kernel_log_score(ranked(100), np.array(1e4)) < np.inf


# Events and classes


def test_fair_brier_is_unbiased_and_the_plain_one_is_not() -> None:
    luck = np.random.default_rng(5)
    happens, happened = luck.random((60_000, 5)) < 0.3, luck.random(60_000) < 0.3
    assert scores.fair_brier(happens, happened).mean() == pytest.approx(0.21, abs=0.005)
    assert scores.brier(happens.mean(axis=1), happened).mean() == pytest.approx(0.21 * 1.2, abs=0.005)


def ranked_probability(shares: np.ndarray, came: int) -> float:
    """The sum over the bounds between classes of the Brier score of being below the bound."""
    below = np.cumsum(shares)[:-1]
    return float(((below - (came <= np.arange(len(below)))) ** 2).sum())


@given(hnp.arrays(np.float64, (5,), elements=st.floats(0.01, 1.0)), st.integers(0, 4))
def test_the_crps_of_ranks_is_their_ranked_probability_score(weights: np.ndarray, came: int) -> None:
    counts = np.round(weights * 40).astype(int) + 1
    ranks = np.repeat(np.arange(5.0), counts)
    expected = ranked_probability(counts / counts.sum(), came)
    assert scores.crps(ranks, np.array(float(came))) == pytest.approx(expected)


def test_a_near_miss_of_the_regime_costs_less_than_a_far_one() -> None:
    crisis = np.full((3, 20), 30.0)
    assert scores.regime_score(crisis, np.array([30.0, 40.0, 90.0])).tolist() == [0.0, 1.0, 3.0]


def test_a_least_spread_keeps_the_normal_log_score_of_runs_that_agree_finite() -> None:
    ensemble, outcomes = np.full((2, 20), 3.0), np.array([3.0, 4.0])
    assert np.isinf(scores.gaussian_log_score(ensemble, outcomes)).all()
    hit, missed = scores.gaussian_log_score(ensemble, outcomes, least_spread=0.5)
    assert missed - hit == pytest.approx(0.5 * (1.0 / 0.5) ** 2)
    wide = np.random.default_rng(0).normal(size=(1, 50))
    at_0 = np.zeros(1)
    assert scores.gaussian_log_score(wide, at_0, least_spread=0.5) == scores.gaussian_log_score(wide, at_0)
