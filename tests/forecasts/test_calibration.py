"""Calibration: exact where forecasts are right, by simulation where they depend on each other or are wrong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal, stats

from tensionsim.forecasts import scores as calibration


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def test_pit_of_right_forecasts_is_uniform_with_few_runs_and_with_ties() -> None:
    luck = np.random.default_rng(1)
    for draw in (luck.normal, lambda size: luck.poisson(1.0, size).astype(float)):
        values = calibration.pit(draw(size=(8000, 7)), draw(size=8000), luck.random(8000))
        assert stats.kstest(values, "uniform").pvalue > 0.01


def test_pit_test_keeps_its_level_for_independent_and_for_overlapping_forecasts() -> None:
    rejected = {1: 0, 4: 0}
    for steps in rejected:
        for seed in range(400):
            noise = normal(seed, 150 + steps - 1)
            smooth = signal.convolve(noise, np.ones(steps) / np.sqrt(steps), mode="valid")
            rejected[steps] += calibration.pit_test(stats.norm.cdf(smooth), lags=steps - 1).p_value < 0.05
    assert 4 <= rejected[1] <= 40
    assert 4 <= rejected[4] <= 60


def test_pit_test_finds_forecasts_that_are_too_wide_narrow_or_biased() -> None:
    came = normal(2, 150)
    for z in (came / 1.6, came / 0.6, came + 0.5):
        assert calibration.pit_test(stats.norm.cdf(z)).p_value < 0.001


def test_pit_test_of_few_or_unknown_values_says_nothing() -> None:
    assert np.isnan(calibration.pit_test(np.full(30, np.nan)).p_value)
    assert calibration.pit_test(np.linspace(0.1, 0.9, 11)).n == 11


def test_pit_histogram_counts_what_is_known_within_binomial_bounds() -> None:
    found = calibration.pit_histogram(np.append(np.linspace(0.001, 0.999, 200), np.nan), bins=10)
    counts, *band = found
    assert counts.tolist() == [20] * 10
    assert tuple(band) == (stats.binom.ppf(0.05, 200, 0.1), stats.binom.ppf(0.95, 200, 0.1))


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_intervals_of_few_runs_cover_what_they_promise(level: float) -> None:
    found = calibration.coverage(normal(3, 20_000, 39), normal(4, 20_000), level)
    assert found.share == pytest.approx(level, abs=0.01)
    assert found.low < level < found.high
    assert found.width == pytest.approx(2 * stats.norm.ppf(0.5 + level / 2), rel=0.06)


def test_interval_of_coverage_is_wilsons() -> None:
    outcome = np.where(np.arange(40) < 30, 50.0, 500.0)
    found = calibration.coverage(np.tile(np.arange(1.0, 100.0), (40, 1)), outcome, 0.9)
    expected = stats.binomtest(30, 40).proportion_ci(method="wilson")
    assert (found.low, found.high) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_coverage_of_forecasts_that_overlap_is_less_sure() -> None:
    walk = signal.convolve(normal(5, 205), np.ones(6) / np.sqrt(6), mode="valid")
    runs = np.tile(stats.norm.ppf(np.arange(1, 400) / 400), (200, 1))
    apart, found = (calibration.coverage(runs, walk, 0.5, lags=lags) for lags in (0, 5))
    assert found.high - found.low > 1.3 * (apart.high - apart.low)


def test_interval_that_allows_for_overlap_holds_the_truth_in_19_of_20_samples() -> None:
    runs, held = stats.norm.ppf(np.arange(1, 200) / 200), 0
    for seed in range(300):
        walk = signal.convolve(normal(seed, 125), np.ones(6) / np.sqrt(6), mode="valid")
        found = calibration.coverage(np.tile(runs, (120, 1)), walk, 0.5, lags=5)
        held += found.low <= 0.5 <= found.high
    assert held > 0.86 * 300


def test_coverage_leaves_out_what_did_not_come() -> None:
    runs = np.tile(np.arange(1.0, 100.0), (3, 1))
    assert calibration.coverage(runs, np.array([50.0, np.nan, np.nan]), 0.5).n == 1
    assert np.isnan(calibration.coverage(runs, np.full(3, np.nan), 0.5).share)
