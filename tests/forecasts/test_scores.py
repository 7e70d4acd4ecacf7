"""Scores against closed forms, calibration and skill of forecasters known to be right or wrong, and what is learned."""

from __future__ import annotations

import numpy as np
import pytest
import scoringrules
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp
from scipy import signal, stats

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


cases = st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), min_size=1, max_size=60)


@given(cases, st.integers(1, 20))
def test_the_parts_sum_to_the_brier_score(pairs: list[tuple[float, bool]], bins: int) -> None:
    said, came = np.array([one for one, _ in pairs]), np.array([other for _, other in pairs])
    parts = scores.murphy(said, came, bins=bins)
    summed = parts["reliability"] - parts["resolution"] + parts["uncertainty"] + parts["within"]
    assert summed == pytest.approx(np.mean((said - came) ** 2))
    assert min(parts["reliability"], parts["resolution"], parts["uncertainty"]) >= 0.0
    assert parts["resolution"] <= parts["uncertainty"] + 1e-12


def test_within_vanishes_where_each_bin_holds_one_probability() -> None:
    luck = np.random.default_rng(1)
    said = luck.choice([0.05, 0.35, 0.95], 400)
    assert scores.murphy(said, luck.random(400) < said)["within"] == pytest.approx(0.0, abs=1e-12)


def test_right_probabilities_are_reliable_and_constant_ones_resolve_nothing() -> None:
    luck = np.random.default_rng(2)
    said = luck.random(50_000)
    right = scores.murphy(said, luck.random(said.size) < said)
    assert right["reliability"] < 0.001
    assert right["resolution"] == pytest.approx(1 / 12, abs=0.005)
    assert scores.murphy(np.full(99, 0.4), luck.random(99) < 0.4)["resolution"] == pytest.approx(0.0)


def test_bars_of_equal_probabilities_are_binomial() -> None:
    curve = scores.reliability(np.full(40, 0.25), np.arange(40) < 10)
    assert curve.low.tolist() == [stats.binom.ppf(0.05, 40, 0.25) / 40]
    assert curve.high.tolist() == [stats.binom.ppf(0.95, 40, 0.25) / 40]


def test_bars_hold_nine_of_ten_right_curves_and_few_wrong_ones() -> None:
    luck = np.random.default_rng(3)
    held, wrong = [], []
    for _ in range(150):
        said = luck.random(200)
        for chance, inside in ((said, held), (said**2, wrong)):
            curve = scores.reliability(said, luck.random(200) < chance)
            inside.extend((curve.low <= curve.happened) & (curve.happened <= curve.high))
    assert 0.88 < np.mean(held) < 0.97  # counts are whole, so that bars hold a little more than they must
    assert np.mean(wrong) < 0.6


def test_certain_forecasts_have_bars_of_no_length() -> None:
    curve = scores.reliability(np.array([0.0, 0.0, 1.0]), np.array([False, False, True]))
    assert curve.low.tolist() == curve.high.tolist() == [0.0, 1.0]


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def test_pit_of_right_forecasts_is_uniform_with_few_runs_and_with_ties() -> None:
    luck = np.random.default_rng(1)
    for draw in (luck.normal, lambda size: luck.poisson(1.0, size).astype(float)):
        values = scores.pit(draw(size=(8000, 7)), draw(size=8000), luck.random(8000))
        assert stats.kstest(values, "uniform").pvalue > 0.01


def test_pit_test_keeps_its_level_for_independent_and_for_overlapping_forecasts() -> None:
    rejected = {1: 0, 4: 0}
    for steps in rejected:
        for seed in range(400):
            noise = normal(seed, 150 + steps - 1)
            smooth = signal.convolve(noise, np.ones(steps) / np.sqrt(steps), mode="valid")
            rejected[steps] += scores.pit_test(stats.norm.cdf(smooth), lags=steps - 1).p_value < 0.05
    assert 4 <= rejected[1] <= 40
    assert 4 <= rejected[4] <= 60


def test_pit_test_finds_forecasts_that_are_too_wide_narrow_or_biased() -> None:
    came = normal(2, 150)
    for z in (came / 1.6, came / 0.6, came + 0.5):
        assert scores.pit_test(stats.norm.cdf(z)).p_value < 0.001


def test_pit_test_of_few_or_unknown_values_says_nothing() -> None:
    assert np.isnan(scores.pit_test(np.full(30, np.nan)).p_value)
    assert scores.pit_test(np.linspace(0.1, 0.9, 11)).n == 11


def test_pit_histogram_counts_what_is_known_within_binomial_bounds() -> None:
    found = scores.pit_histogram(np.append(np.linspace(0.001, 0.999, 200), np.nan), bins=10)
    counts, *band = found
    assert counts.tolist() == [20] * 10
    assert tuple(band) == (stats.binom.ppf(0.05, 200, 0.1), stats.binom.ppf(0.95, 200, 0.1))


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_intervals_of_few_runs_cover_what_they_promise(level: float) -> None:
    found = scores.coverage(normal(3, 20_000, 39), normal(4, 20_000), level)
    assert found.share == pytest.approx(level, abs=0.01)
    assert found.low < level < found.high
    assert found.width == pytest.approx(2 * stats.norm.ppf(0.5 + level / 2), rel=0.06)


def test_interval_of_coverage_is_wilsons() -> None:
    outcome = np.where(np.arange(40) < 30, 50.0, 500.0)
    found = scores.coverage(np.tile(np.arange(1.0, 100.0), (40, 1)), outcome, 0.9)
    expected = stats.binomtest(30, 40).proportion_ci(method="wilson")
    assert (found.low, found.high) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_coverage_of_forecasts_that_overlap_is_less_sure() -> None:
    walk = signal.convolve(normal(5, 205), np.ones(6) / np.sqrt(6), mode="valid")
    runs = np.tile(stats.norm.ppf(np.arange(1, 400) / 400), (200, 1))
    apart, found = (scores.coverage(runs, walk, 0.5, lags=lags) for lags in (0, 5))
    assert found.high - found.low > 1.3 * (apart.high - apart.low)


def test_interval_that_allows_for_overlap_holds_the_truth_in_19_of_20_samples() -> None:
    runs, held = stats.norm.ppf(np.arange(1, 200) / 200), 0
    for seed in range(300):
        walk = signal.convolve(normal(seed, 125), np.ones(6) / np.sqrt(6), mode="valid")
        found = scores.coverage(np.tile(runs, (120, 1)), walk, 0.5, lags=5)
        held += found.low <= 0.5 <= found.high
    assert held > 0.86 * 300


def test_coverage_leaves_out_what_did_not_come() -> None:
    runs = np.tile(np.arange(1.0, 100.0), (3, 1))
    assert scores.coverage(runs, np.array([50.0, np.nan, np.nan]), 0.5).n == 1
    assert np.isnan(scores.coverage(runs, np.full(3, np.nan), 0.5).share)


def losses(seed: int, count: int, steps: int = 1) -> np.ndarray:
    """Scores, above 0, of which each overlaps with `steps - 1` others."""
    return signal.convolve(np.random.default_rng(seed).gamma(2.0, size=count + steps - 1), np.ones(steps), mode="valid")


# Diebold and Mariano's test


def test_one_step_ahead_it_is_the_paired_t_test() -> None:
    one, other = losses(1, 60), losses(2, 60)
    found, expected = scores.diebold_mariano(one, other), stats.ttest_rel(one, other)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)


def test_further_ahead_it_is_the_corrected_statistic() -> None:
    one, other, n, h = losses(1, 80, 3), losses(2, 80, 3) + 0.4, 80, 3
    off = one - other
    acov = [np.sum((off[lag:] - off.mean()) * (off[: n - lag] - off.mean())) / n for lag in range(h)]
    plain = off.mean() / np.sqrt((acov[0] + 2 * sum(acov[1:])) / n)
    expected = plain * np.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    assert scores.diebold_mariano(one, other, lags=2).statistic == pytest.approx(expected)


@pytest.mark.parametrize(("steps", "most"), [(1, 0.075), (3, 0.11)])
def test_forecasters_that_are_as_good_are_seldom_told_apart(steps: int, most: float) -> None:
    found = [
        scores.diebold_mariano(losses(seed, 60, steps), losses(seed + 9999, 60, steps), lags=steps - 1).p_value < 0.05
        for seed in range(600)
    ]
    assert 0.02 < np.mean(found) < most


def test_a_better_forecaster_is_found() -> None:
    one = losses(1, 60)
    found = scores.diebold_mariano(one, one + 0.5 + 0.2 * losses(2, 60))
    assert found.statistic < 0.0
    assert found.p_value < 0.001


@given(st.integers(0, 50), st.integers(0, 5))
def test_changing_places_changes_the_sign(seed: int, lags: int) -> None:
    one, other = losses(seed, 30), losses(seed + 1, 30)
    there, back = (scores.diebold_mariano(*pair, lags=lags) for pair in ((one, other), (other, one)))
    assert there.statistic == pytest.approx(-back.statistic)
    assert there.p_value == pytest.approx(back.p_value)


def test_equal_and_always_better_scores_are_extremes() -> None:
    one = losses(1, 20)
    assert scores.diebold_mariano(one, one) == scores.Tested(0.0, 1.0, 20)
    assert scores.diebold_mariano(np.ones(20), np.full(20, 2.0)) == scores.Tested(-np.inf, 0.0, 20)


def test_few_origins_give_no_test() -> None:
    assert np.isnan(scores.diebold_mariano(losses(1, 7), losses(2, 7)).p_value)
    assert np.isnan(scores.diebold_mariano(losses(1, 10), losses(2, 10), lags=9).p_value)


def test_origins_that_one_does_not_know_are_left_out_of_both() -> None:
    one, other = losses(1, 40), losses(2, 40)
    one[3], other[7] = np.nan, np.nan
    kept = np.delete(np.arange(40), [3, 7])
    assert scores.diebold_mariano(one, other) == scores.diebold_mariano(one[kept], other[kept])
    assert scores.skill(one, other).n == 38


def test_the_long_run_variance_is_the_larger_of_two_and_never_negative() -> None:
    path = losses(1, 50, 3)
    off = path - path.mean()
    expected = (off @ off + 2 * off[1:] @ off[:-1] + 2 * off[2:] @ off[:-2]) / 50
    assert scores.overlapping_variance(path, 2) == pytest.approx(expected)
    zigzag = np.tile([1.0, -1.0], 25)
    assert scores.overlapping_variance(zigzag, 1) == pytest.approx(1 - 49 / 50)
    assert all(scores.overlapping_variance(zigzag, lags) >= 0.0 for lags in range(60))


# Skill


@given(st.floats(0.1, 10.0), st.integers(0, 20))
def test_skill_is_the_share_saved_in_any_unit(unit: float, seed: int) -> None:
    one, other = losses(seed, 30), losses(seed + 1, 30)
    here, there = scores.skill(one, other), scores.skill(one * unit, other * unit)
    assert here.skill == pytest.approx(1 - one.mean() / other.mean())
    assert (there.skill, there.low, there.high) == pytest.approx((here.skill, here.low, here.high))
    assert here.low <= here.high


def test_the_interval_of_skill_holds_the_truth_in_about_19_of_20_samples() -> None:
    held = 0
    for seed in range(150):
        both = losses(seed + 500, 100, 3)
        found = scores.skill(0.8 * (both + losses(seed, 100, 3)), both + losses(seed + 9999, 100, 3), lags=2)
        held += found.low <= 0.2 <= found.high
    assert 0.85 < held / 150 <= 1.0


def test_blocks_are_whole_stretches_as_long_as_the_overlap() -> None:
    found = scores.skill(losses(1, 60), losses(2, 60), lags=11)
    assert found.block == 12
    rows = scores._blocks(60, 12, 0)
    assert rows.shape == (60, scores.RESAMPLES)
    assert (np.diff(rows[:12], axis=0) == 1).all()
    assert rows.min() == 0
    assert rows.max() == 59


def test_no_origin_or_a_perfect_other_is_no_failure() -> None:
    assert np.isnan(scores.skill(np.full(3, np.nan), np.ones(3)).skill)
    assert scores.skill(np.ones(3), np.zeros(3)).skill == -np.inf
    assert scores.skill(np.zeros(3), np.zeros(3)).skill == 0.0


def test_errors_overlap_with_those_of_the_origins_before_the_outcome_is_known() -> None:
    assert [scores.overlap(1, 1), scores.overlap(6, 1), scores.overlap(6, 3)] == [0, 5, 1]


HORIZONS = (1, 3)


def rolled(seed: int, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Forecasts of a series and what came, of 60 origins at two horizons."""
    outcome = np.random.default_rng(99).normal(size=(60, 2))
    outcome[-3:, 1] = np.nan
    return spread * np.random.default_rng(seed).normal(size=(60, 2, 80)), outcome


def crps(seed: int, spread: float = 1.0) -> np.ndarray:
    return scores.fair_crps(*rolled(seed, spread))


def test_skill_of_each_horizon_is_that_of_its_scores() -> None:
    found = {name: crps(row, 1.0 + row) for row, name in enumerate(("model", "mean", "ar"))}
    table = scores.skill_table(found, "model", HORIZONS)
    assert table.index.tolist() == [(1, "mean"), (1, "ar"), (3, "mean"), (3, "ar")]
    expected = scores.skill(found["model"][:, 1], found["ar"][:, 1], lags=2)
    assert table.loc[(3, "ar"), ["score", "other", "skill", "low", "high"]].tolist() == [
        expected.score, expected.other, expected.skill, expected.low, expected.high
    ]  # fmt: skip
    assert table.loc[(3, "ar"), "n"] == 57
    test = scores.diebold_mariano(found["model"][:, 1], found["ar"][:, 1], lags=2)
    assert table.loc[(3, "ar"), "p_value"] == test.p_value
    assert table["is_best"].tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("rivals", "best"),
    [(None, [True, False]), (["ar"], [False, True]), (["mean", "ar"], [True, False]), ([], [False] * 2)],
)
def test_the_best_is_looked_for_among_the_rivals_alone(rivals: list[str] | None, best: list[bool]) -> None:
    found = {name: crps(row, 1.0 + row) for row, name in enumerate(("model", "mean", "ar"))}
    table = scores.skill_table(found, "model", HORIZONS[:1], rivals=rivals)
    assert table["is_best"].tolist() == best


def test_a_model_that_loses_is_shown_to_lose() -> None:
    found = {"model": crps(0, 4.0), "mean": crps(1)}
    table = scores.skill_table(found, "model", HORIZONS)
    assert (table["skill"] < -0.5).all()
    assert (table["high"] < 0.0).all()


def test_origins_further_apart_overlap_less() -> None:
    found = {"model": crps(0), "mean": crps(1)}
    near, far = (scores.skill_table(found, "model", HORIZONS, every=every) for every in (1, 3))
    assert near.loc[(3, "mean"), "p_value"] != far.loc[(3, "mean"), "p_value"]
    assert near.loc[(1, "mean"), "p_value"] == far.loc[(1, "mean"), "p_value"]


def test_calibration_of_each_horizon_is_that_of_its_forecasts() -> None:
    ensemble, outcome = rolled(1)
    table = scores.calibration_table(ensemble, outcome, HORIZONS)
    assert table.index.tolist() == [1, 3]
    held = scores.coverage(ensemble[:, 1], outcome[:, 1], 0.9, lags=2)
    row = table.loc[3]
    assert (row["coverage_90"], row["coverage_90_low"], row["n"]) == (held.share, held.low, 57)
    wide = scores.calibration_table(*rolled(2, 3.0), HORIZONS)
    assert table.loc[1, "pit_p"] > 0.01 > wide.loc[1, "pit_p"]


AHEAD = (1, 3, 12)
ORIGINS = 90
REST = {"horizons": AHEAD, "every": 1}
KNOWN = scores.seen(range(ORIGINS), AHEAD)


def made(spread: float, shift: float = 0.0, seed: int = 1, runs: int = 300) -> np.ndarray:
    """Forecasts of one target by a normal, shape (origin, target, horizon, run)."""
    return shift + spread * np.random.default_rng(seed).normal(size=(ORIGINS, 1, len(AHEAD), runs))


@pytest.fixture
def came() -> np.ndarray:
    """Outcomes of a standard normal; the last are not known."""
    found = np.random.default_rng(9).normal(size=(ORIGINS, 1, len(AHEAD)))
    for column, horizon in enumerate(AHEAD):
        found[ORIGINS - horizon :, :, column] = np.nan
    return found


def test_an_outcome_counts_from_the_day_on_which_it_is_known() -> None:
    assert scores.seen([0, 4, 8, 20, 28], [4, 12]).tolist() == [[0, 0], [1, 0], [2, 0], [3, 3], [4, 3]]


@pytest.mark.parametrize("origin", [0, 1, 13, 40, ORIGINS - 1])
def test_what_came_later_changes_not_a_bit(came: np.ndarray, origin: int) -> None:
    other = came.copy()
    for column, horizon in enumerate(AHEAD):
        other[max(0, origin - horizon + 1) :, :, column] = 1e3
    model, recent = made(0.5), made(1.2, 0.3, seed=2)
    one, two = (scores.learned(model, recent, outcomes=what, known=KNOWN, seed=3, **REST) for what in (came, other))
    for there, here in zip(one, two, strict=True):
        assert there[: origin + 1].tobytes() == here[: origin + 1].tobytes()
    fewer = slice(origin + 1)
    again = scores.learned(model[fewer], recent[fewer], outcomes=came[fewer], known=KNOWN[fewer], seed=3, **REST)
    assert all(there[fewer].tobytes() == here.tobytes() for there, here in zip(one, again, strict=True))
    later = max(origin, 13) + 13
    if later < ORIGINS:
        assert all((there[later:] != here[later:]).any() for there, here in zip(one, two, strict=True))


def test_before_anything_came_the_model_is_alone_at_first_and_half_from_three_months_on() -> None:
    nothing = np.full((ORIGINS, 1, len(AHEAD)), np.nan)
    model, recent = made(0.5, 50.0), made(1.0)
    assert scores.shares(model, recent, nothing, KNOWN, **REST)[-1, 0].tolist() == [1.0, 0.5, 0.5]
    both, stretched = scores.learned(model, recent, outcomes=nothing, known=KNOWN, seed=3, **REST)
    assert (both == stretched).all()
    assert (both[:, :, 0] == model[:, :, 0]).all()
    assert (both[:, :, 1:] > 25.0).mean() == pytest.approx(0.5, abs=0.07)


@pytest.mark.parametrize("first", [True, False])
def test_the_better_forecaster_gets_the_larger_share(came: np.ndarray, first: bool) -> None:
    right, wrong = made(1.0), made(1.0, 4.0, seed=2)
    share = scores.shares(*((right, wrong) if first else (wrong, right)), came, KNOWN, **REST)
    wanted = 1.0 if first else 0.0
    assert (np.abs(share[-1] - wanted) <= np.abs(share[0] - wanted)).all()
    assert np.abs(share[-1, 0, :2] - wanted).max() < 0.25


def test_the_share_is_that_of_the_least_crps_drawn_towards_what_is_assumed(came: np.ndarray) -> None:
    model, recent = made(1.0, 0.7, runs=40), made(1.0, -1.0, seed=2, runs=40)
    at, column = 60, 1
    known = slice(at - AHEAD[column] + 1)
    grid = np.linspace(0.0, 1.0, 41)
    tried = [
        np.concatenate([np.repeat(one[known, 0, column], count, axis=-1) for one, count in parts if count], axis=-1)
        for parts in ([(model, step), (recent, 40 - step)] for step in range(41))
    ]
    best = grid[np.argmin([scores.crps(one, came[known, 0, column]).mean() for one in tried])]
    count, before = known.stop, 3 * scores.PATIENCE
    share = scores.shares(model, recent, came, KNOWN, **REST)[at, 0, column]
    assert share == pytest.approx((count * best + before * 0.5) / (count + before), abs=0.01)
    assert 0.1 < best < 0.9


@pytest.mark.parametrize(("spread", "shift", "level"), [(0.5, 0.0, 0.9), (2.5, 0.0, 0.5), (1.0, 1.5, 0.9)])
def test_what_was_too_sure_not_sure_enough_or_biased_comes_nearer_to_what_it_promises(
    came: np.ndarray, spread: float, shift: float, level: float
) -> None:
    raw = made(spread, shift, runs=1000)
    mended = scores.recalibrated(raw, came, KNOWN, seed=3, **REST)
    off = [abs(scores.coverage(one[40:, 0, 0], came[40:, 0, 0], level).share - level) for one in (raw, mended)]
    assert off[1] < 0.6 * off[0]
    assert np.isin(mended, raw).all()


def test_right_forecasts_are_left_about_as_they_are(came: np.ndarray) -> None:
    raw = made(1.0, runs=1000)
    mended = scores.recalibrated(raw, came, KNOWN, seed=3, **REST)
    assert (mended.std(axis=-1) / raw.std(axis=-1))[-1] == pytest.approx(1.0, abs=0.15)
    order = np.argsort(raw, axis=-1)
    assert (np.diff(np.take_along_axis(mended, order, axis=-1), axis=-1) >= 0.0).all()
