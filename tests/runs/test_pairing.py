"""Paired statistics against formulas of another kind, and how often bands and partings err."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from tensionsim.rng import RandomStreams
from tensionsim.runs import statistics as paired

points = st.floats(-50.0, 50.0, allow_nan=False).map(lambda value: round(value, 3))
paths = hnp.arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(6, 25)), elements=points)
flags = st.integers(1, 60).flatmap(lambda n: st.tuples(*[hnp.arrays(np.bool_, n)] * 2))


def walks(seed: int, runs: int, dates: int = 20) -> np.ndarray:
    """Differences that are luck alone, shape (date, run)."""
    return np.random.default_rng(seed).normal(size=(dates, runs)).cumsum(axis=0)


# The interval of the mean


def test_interval_at_one_date_is_that_of_the_paired_t_test() -> None:
    one, other = walks(1, 40), walks(2, 40)
    found = paired.band(one - other)
    expected = stats.ttest_rel(one[-1], other[-1]).confidence_interval(0.95)
    assert found.point_low[-1] == pytest.approx(expected.low)
    assert found.point_high[-1] == pytest.approx(expected.high)
    assert found.standard_error[-1] == pytest.approx(stats.sem((one - other)[-1]))


@given(paths)
def test_a_band_holds_the_mean_and_the_interval_of_one_date(differences: np.ndarray) -> None:
    found = paired.band(differences)
    assert (found.low <= found.mean).all()
    assert (found.mean <= found.high).all()
    assert (found.low <= found.point_low + 1e-9).all()
    assert (found.high >= found.point_high - 1e-9).all()


@given(paths, points)
def test_a_band_moves_with_the_differences(differences: np.ndarray, shift: float) -> None:
    before, after = paired.band(differences), paired.band(differences + shift)
    finite = np.isfinite(before.low) & np.isfinite(after.low)
    np.testing.assert_allclose(after.low[finite], before.low[finite] + shift, atol=1e-6)


@given(paths)
def test_swapping_the_outlooks_turns_the_band_round(differences: np.ndarray) -> None:
    one, other = paired.band(differences), paired.band(-differences)
    np.testing.assert_allclose(one.low, -other.high)
    assert (one.is_apart == other.is_apart).all()


def test_the_interval_of_one_date_holds_the_true_mean_in_19_of_20_samples() -> None:
    hits = [abs(band.mean[-1]) <= band.point_high[-1] - band.mean[-1] for band in _bands(400, runs=30)]
    assert 0.92 <= np.mean(hits) <= 0.98


def _bands(samples: int, runs: int) -> list[paired.Band]:
    return [paired.band(walks(seed, runs), seed=seed) for seed in range(samples)]


@pytest.mark.parametrize("runs", [8, 30, 120])
def test_luck_alone_parts_outlooks_in_no_more_than_1_of_20_samples(runs: int) -> None:
    """0.095 is three standard errors of 400 samples above 0.05, and a little for the skewness of few runs."""
    found = [paired.divergence(walks(seed, runs), band) for seed, band in enumerate(_bands(400, runs))]
    apart = np.mean([each.first_apart is not None for each in found])
    to_the_end = np.mean([each.apart_to_end is not None for each in found])
    assert apart <= 0.09
    assert to_the_end <= apart
    assert runs == 8 or apart >= 0.02, "a band that never errs is too wide"


@pytest.mark.parametrize(("share", "runs"), [(0.005, 200), (0.02, 200), (0.05, 200), (0.005, 1000)])
def test_rare_differences_do_not_part_outlooks_whose_means_agree(share: float, runs: int) -> None:
    """Differences in a few runs, either way alike: by a rule that seldom holds, or right after outlooks open."""
    apart = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        found = walks(seed, runs) * (rng.random(runs) < share)
        apart += paired.divergence(found, paired.band(found, seed=seed)).first_apart is not None
    assert apart / 150 <= 0.09


def test_too_few_runs_that_differ_tell_nothing_of_the_mean() -> None:
    differences = np.zeros((3, 200))
    differences[1, :5] = [1.0, 2.0, 1.5, 1.2, 0.8]
    differences[2, :6] = [1.0, 2.0, 1.5, 1.2, 0.8, 1.1]
    found = paired.band(differences)
    assert (found.low[0], found.high[0]) == (0.0, 0.0)
    assert (found.low[1], found.high[1]) == (-np.inf, np.inf)
    assert np.isfinite(found.low[2])


def test_signs_of_blocks_of_runs_are_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = paired.band(walks(3, 50))
    monkeypatch.setattr(paired, "BLOCK", 7)
    assert paired.band(walks(3, 50)).critical == pytest.approx(whole.critical)


def test_intervals_of_one_date_would_part_them_far_too_often() -> None:
    """Why the rule needs a band over all dates: 20 dates give luck 20 chances."""
    found = [(band.point_low > 0) | (band.point_high < 0) for band in _bands(200, runs=30)]
    assert np.mean([each.any() for each in found]) > 0.15


# When outlooks part


def test_a_real_difference_parts_them_when_it_begins_and_not_before() -> None:
    differences = np.random.default_rng(3).normal(size=(30, 200))
    differences[:10] = 0.0
    differences[15:] += 5.0
    found = paired.divergence(differences, paired.band(differences))
    assert found == paired.Divergence(first_difference=10, first_apart=15, apart_to_end=15)


def test_a_difference_that_closes_again_does_not_last_to_the_end() -> None:
    differences = np.random.default_rng(3).normal(size=(30, 200))
    differences[5:10] += 5.0
    found = paired.divergence(differences, paired.band(differences))
    assert (found.first_apart, found.apart_to_end) == (5, None)


def test_a_difference_that_changes_its_sign_lasts_from_the_change_on() -> None:
    differences = np.random.default_rng(3).normal(size=(30, 200))
    differences[:20] += 5.0
    differences[20:] -= 5.0
    found = paired.divergence(differences, paired.band(differences))
    assert (found.first_apart, found.apart_to_end) == (0, 20)


def test_equal_outlooks_never_part_and_their_band_has_no_width() -> None:
    band = paired.band(np.zeros((5, 40)))
    assert paired.divergence(np.zeros((5, 40)), band) == paired.Divergence(None, None, None)
    assert (band.low == 0.0).all()
    assert (band.high == 0.0).all()


@pytest.mark.parametrize("value", [0.1, 1 / 3, -7.7])
def test_a_difference_that_is_the_same_in_every_run_is_sure_in_spite_of_rounding(value: float) -> None:
    band = paired.band(np.full((3, 31), value))
    assert (band.standard_error == 0.0).all()
    assert band.is_apart.all()


@pytest.mark.parametrize("runs", [1, 2, 5])
def test_five_runs_or_fewer_part_nothing(runs: int) -> None:
    differences = np.random.default_rng(3).normal(size=(6, runs)) + 50.0
    found = paired.divergence(differences, paired.band(differences))
    assert (found.first_apart, found.apart_to_end) == (None, None)
    assert found.first_difference == 0


def test_signs_are_fair_and_depend_on_the_seed_and_the_number_of_the_run_alone() -> None:
    whole, part = paired.signs(RandomStreams(4, 0, 600), 3), paired.signs(RandomStreams(4, 500, 100), 3)
    assert (whole[500:] == part).all()
    assert set(np.unique(whole)) == {-1.0, 1.0}
    assert abs(whole.mean()) < 4 / np.sqrt(whole.size)
    assert not (whole == paired.signs(RandomStreams(5, 0, 600), 3)).all()


# Shares


@given(flags)
def test_error_of_a_difference_of_shares_is_that_of_the_mean_of_its_runs(pair: tuple[np.ndarray, np.ndarray]) -> None:
    here, there = pair
    found, each = paired.shares(here, there), here.astype(float) - there.astype(float)
    assert found.difference == pytest.approx(each.mean())
    assert found.difference == pytest.approx(found.here - found.there)
    assert found.standard_error == pytest.approx(each.std() / np.sqrt(each.size), abs=1e-9)
    assert found.only_here + found.only_there == (here != there).sum()


def test_error_of_a_difference_of_independent_shares_is_the_usual_one() -> None:
    here, there = np.random.default_rng(2).random((2, 20_000)) < [[0.3], [0.5]]
    usual = np.sqrt(0.3 * 0.7 / 20_000 + 0.5 * 0.5 / 20_000)
    assert paired.shares(here, there).standard_error == pytest.approx(usual, rel=0.03)


# What pairing saves


def test_independent_runs_save_nothing() -> None:
    here, there = np.random.default_rng(2).normal(size=(2, 20_000))
    assert paired.saving(here, there).variance_ratio == pytest.approx(1.0, abs=0.05)


def test_shared_luck_saves_by_the_formula_of_the_correlation() -> None:
    """With equal spreads the ratio is 1 / (1 - correlation)."""
    rng = np.random.default_rng(2)
    luck = rng.normal(size=20_000)
    here, there = luck + 0.3 * rng.normal(size=20_000), luck + 0.3 * rng.normal(size=20_000)
    found = paired.saving(here, there)
    assert found.variance_ratio == pytest.approx(1 / (1 - found.correlation), rel=0.02)


def test_the_ratio_is_what_independent_seeds_cost_in_a_simulation() -> None:
    rng = np.random.default_rng(8)
    luck, own, other = rng.normal(size=(3, 2000, 50))
    here, there = luck + 0.5 * own, luck + 0.5 * other
    of_pairs = (here - there).mean(axis=1).var()
    independent = (here - there[::-1]).mean(axis=1).var()
    found = paired.saving(here.ravel(), there.ravel()).variance_ratio
    assert found == pytest.approx(independent / of_pairs, rel=0.1)


@pytest.mark.parametrize("there", [[1.0, 2.0, 4.0], [0.0, 1.0, 3.0]])
def test_differences_that_are_the_same_in_every_run_have_no_ratio(there: list[float]) -> None:
    assert np.isnan(paired.saving(np.array([1.0, 2.0, 4.0]), np.array(there)).variance_ratio)


def test_a_quantity_without_spread_has_no_correlation() -> None:
    found = paired.saving(np.ones(4), np.array([1.0, 2.0, 3.0, 4.0]))
    assert np.isnan(found.correlation)
    assert found.variance_ratio == pytest.approx(1.0)


def test_one_run_saves_nothing_that_one_could_see() -> None:
    assert np.isnan(paired.saving(np.ones(1), np.zeros(1)).variance_ratio)
