"""Skill, its interval and its test: closed forms, and how often they err by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import signal, stats

from tensionsim.forecasts import scores as skill


def losses(seed: int, count: int, steps: int = 1) -> np.ndarray:
    """Scores, above 0, of which each overlaps with `steps - 1` others."""
    return signal.convolve(np.random.default_rng(seed).gamma(2.0, size=count + steps - 1), np.ones(steps), mode="valid")


# Diebold and Mariano's test


def test_one_step_ahead_it_is_the_paired_t_test() -> None:
    one, other = losses(1, 60), losses(2, 60)
    found, expected = skill.diebold_mariano(one, other), stats.ttest_rel(one, other)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)


def test_further_ahead_it_is_the_corrected_statistic() -> None:
    one, other, n, h = losses(1, 80, 3), losses(2, 80, 3) + 0.4, 80, 3
    off = one - other
    acov = [np.sum((off[lag:] - off.mean()) * (off[: n - lag] - off.mean())) / n for lag in range(h)]
    plain = off.mean() / np.sqrt((acov[0] + 2 * sum(acov[1:])) / n)
    expected = plain * np.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    assert skill.diebold_mariano(one, other, lags=2).statistic == pytest.approx(expected)


@pytest.mark.parametrize(("steps", "most"), [(1, 0.075), (3, 0.11)])
def test_forecasters_that_are_as_good_are_seldom_told_apart(steps: int, most: float) -> None:
    found = [
        skill.diebold_mariano(losses(seed, 60, steps), losses(seed + 9999, 60, steps), lags=steps - 1).p_value < 0.05
        for seed in range(600)
    ]
    assert 0.02 < np.mean(found) < most


def test_a_better_forecaster_is_found() -> None:
    one = losses(1, 60)
    found = skill.diebold_mariano(one, one + 0.5 + 0.2 * losses(2, 60))
    assert found.statistic < 0.0
    assert found.p_value < 0.001


@given(st.integers(0, 50), st.integers(0, 5))
def test_changing_places_changes_the_sign(seed: int, lags: int) -> None:
    one, other = losses(seed, 30), losses(seed + 1, 30)
    there, back = (skill.diebold_mariano(*pair, lags=lags) for pair in ((one, other), (other, one)))
    assert there.statistic == pytest.approx(-back.statistic)
    assert there.p_value == pytest.approx(back.p_value)


def test_equal_and_always_better_scores_are_extremes() -> None:
    one = losses(1, 20)
    assert skill.diebold_mariano(one, one) == skill.Tested(0.0, 1.0, 20)
    assert skill.diebold_mariano(np.ones(20), np.full(20, 2.0)) == skill.Tested(-np.inf, 0.0, 20)


def test_few_origins_give_no_test() -> None:
    assert np.isnan(skill.diebold_mariano(losses(1, 7), losses(2, 7)).p_value)
    assert np.isnan(skill.diebold_mariano(losses(1, 10), losses(2, 10), lags=9).p_value)


def test_origins_that_one_does_not_know_are_left_out_of_both() -> None:
    one, other = losses(1, 40), losses(2, 40)
    one[3], other[7] = np.nan, np.nan
    kept = np.delete(np.arange(40), [3, 7])
    assert skill.diebold_mariano(one, other) == skill.diebold_mariano(one[kept], other[kept])
    assert skill.skill(one, other).n == 38


def test_the_long_run_variance_is_the_larger_of_two_and_never_negative() -> None:
    path = losses(1, 50, 3)
    off = path - path.mean()
    expected = (off @ off + 2 * off[1:] @ off[:-1] + 2 * off[2:] @ off[:-2]) / 50
    assert skill.overlapping_variance(path, 2) == pytest.approx(expected)
    zigzag = np.tile([1.0, -1.0], 25)
    assert skill.overlapping_variance(zigzag, 1) == pytest.approx(1 - 49 / 50)
    assert all(skill.overlapping_variance(zigzag, lags) >= 0.0 for lags in range(60))


# Skill


@given(st.floats(0.1, 10.0), st.integers(0, 20))
def test_skill_is_the_share_saved_in_any_unit(unit: float, seed: int) -> None:
    one, other = losses(seed, 30), losses(seed + 1, 30)
    here, there = skill.skill(one, other), skill.skill(one * unit, other * unit)
    assert here.skill == pytest.approx(1 - one.mean() / other.mean())
    assert (there.skill, there.low, there.high) == pytest.approx((here.skill, here.low, here.high))
    assert here.low <= here.high


def test_the_interval_of_skill_holds_the_truth_in_about_19_of_20_samples() -> None:
    held = 0
    for seed in range(150):
        both = losses(seed + 500, 100, 3)
        found = skill.skill(0.8 * (both + losses(seed, 100, 3)), both + losses(seed + 9999, 100, 3), lags=2)
        held += found.low <= 0.2 <= found.high
    assert 0.85 < held / 150 <= 1.0


def test_blocks_are_whole_stretches_as_long_as_the_overlap() -> None:
    found = skill.skill(losses(1, 60), losses(2, 60), lags=11)
    assert found.block == 12
    rows = skill._blocks(60, 12, 0)
    assert rows.shape == (60, skill.RESAMPLES)
    assert (np.diff(rows[:12], axis=0) == 1).all()
    assert rows.min() == 0
    assert rows.max() == 59


def test_no_origin_or_a_perfect_other_is_no_failure() -> None:
    assert np.isnan(skill.skill(np.full(3, np.nan), np.ones(3)).skill)
    assert skill.skill(np.ones(3), np.zeros(3)).skill == -np.inf
    assert skill.skill(np.zeros(3), np.zeros(3)).skill == 0.0


def test_errors_overlap_with_those_of_the_origins_before_the_outcome_is_known() -> None:
    assert [skill.overlap(1, 1), skill.overlap(6, 1), skill.overlap(6, 3)] == [0, 5, 1]
