"""Plain methods: what each forecasts where the answer is known, and that none gives in to odd histories."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from statsmodels.tsa.api import VAR
from statsmodels.tsa.ar_model import AutoReg
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from tensionsim.errors import TensionSimError
from tensionsim.forecasts import baselines, scores
from tensionsim.forecasts.baselines import BASELINES, CannotFit

histories = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 45), st.integers(1, 3)),
    elements=st.one_of(st.just(np.nan), st.sampled_from([-1e6, -5.0, 0.0, 0.0, 1.0, 7.5]), st.floats(-9.0, 9.0)),
)


def fading(length: int, coefficient: float, seed: int = 1, level: float = 0.0) -> np.ndarray:
    """An autoregression of one lag around a level, with errors of variance 1."""
    noise = np.random.default_rng(seed).normal(size=length)
    path = np.empty(length)
    value = 0.0
    for row, shock in enumerate(noise):
        value = coefficient * value + shock
        path[row] = value
    return path + level


def crossing(length: int, seed: int = 2) -> np.ndarray:
    """Two series of which the second follows the first."""
    noise = np.random.default_rng(seed).normal(size=(length, 2))
    path = np.zeros((length, 2))
    for row in range(1, length):
        path[row] = np.array([[0.7, 0.0], [0.8, 0.0]]) @ path[row - 1] + noise[row]
    return path


@pytest.mark.parametrize("name", BASELINES)
@settings(max_examples=15)
@given(histories, st.integers(1, 14))
def test_no_method_gives_in_to_odd_histories(name: str, history: np.ndarray, horizon: int) -> None:
    found = baselines.forecast(name, history, horizon, runs=7)
    assert found.ensemble.shape == (horizon, history.shape[1], 7)
    known = np.isfinite(history).any(axis=0)
    assert np.isfinite(found.ensemble[:, known]).all()
    assert np.isnan(found.ensemble[:, ~known]).all()
    assert all(line.startswith(f"{name}: ") and line.endswith("instead") for line in found.fallbacks)


@pytest.mark.parametrize("name", BASELINES)
def test_a_run_is_the_same_among_few_and_among_many(name: str) -> None:
    history = crossing(80)
    few, many = (baselines.forecast(name, history, 3, runs=runs, seed=5).ensemble for runs in (4, 9))
    np.testing.assert_allclose(few, many[..., :4], rtol=1e-12)
    assert not np.allclose(few, baselines.forecast(name, history, 3, runs=4, seed=6).ensemble)


@pytest.mark.parametrize("name", BASELINES)
def test_methods_move_and_stretch_with_the_history(name: str) -> None:
    history = fading(120, 0.5)
    plain, moved = (baselines.forecast(name, one, 4, runs=50).ensemble for one in (history, 10 + 3 * history))
    np.testing.assert_allclose(moved, 10 + 3 * plain, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("name", BASELINES)
def test_a_constant_history_goes_on(name: str) -> None:
    assert (baselines.forecast(name, np.full(50, 4.0), 5, runs=20).ensemble == 4.0).all()


@pytest.mark.parametrize("name", BASELINES)
def test_the_forecast_of_a_sum_knows_that_series_move_together(name: str) -> None:
    one = fading(200, 0.5)
    opposite = np.column_stack([one, 5.0 - one + 0.01 * fading(200, 0.0, seed=4)])
    ensemble = baselines.forecast(name, opposite, 2, runs=400).ensemble
    assert ensemble.sum(axis=1).std() < 0.1 * ensemble.std()


def test_no_change_spreads_as_the_changes_of_that_horizon_did() -> None:
    history = np.cumsum(np.random.default_rng(3).normal(size=4000))
    found = baselines.forecast("no-change", history, 9, runs=4000).ensemble
    assert found[8].mean() == pytest.approx(history[-1] + (history[9:] - history[:-9]).mean(), abs=0.2)
    assert found[[0, 3, 8]].std(axis=1) == pytest.approx([1.0, 2.0, 3.0], rel=0.1)


def test_no_change_says_where_changes_over_so_many_steps_are_not_known() -> None:
    found = baselines.forecast("no-change", np.array([1.0, 2.0, 4.0]), 4, runs=30)
    assert found.fallbacks == ("no-change: no change over 3 steps is known: those over 2 instead",)
    assert set(found.ensemble[3]) == {7.0}
    alone = baselines.forecast("no-change", np.array([3.0]), 2, runs=5)
    assert alone.fallbacks == ("no-change: no change over 1 steps is known: the last value alone instead",)
    assert (alone.ensemble == 3.0).all()


def test_the_historical_mean_draws_dates_of_the_past() -> None:
    history = np.column_stack([np.arange(30.0), -np.arange(30.0)])
    found = baselines.forecast("mean", history, 2, runs=3000).ensemble
    assert set(found[:, 0].ravel()) == set(history[:, 0])
    assert (found[:, 0] == -found[:, 1]).all()
    assert found[1, 0].mean() == pytest.approx(14.5, abs=0.5)


def test_recency_draws_a_date_half_as_often_for_every_twelve_that_it_lies_farther_back() -> None:
    found = baselines.forecast("recency", np.arange(48.0), 1, runs=20_000).ensemble
    years = np.bincount((found[0] // 12).astype(int))
    assert years / years[-1] == pytest.approx([0.125, 0.25, 0.5, 1.0], rel=0.1)
    gappy = np.where(np.arange(48) % 2, np.nan, np.arange(48.0))
    assert set(baselines.forecast("recency", gappy, 2, runs=500).ensemble.ravel()) <= set(np.arange(0.0, 48.0, 2.0))


def test_autoregression_goes_back_to_its_level_and_spreads_to_its_variance() -> None:
    history = np.append(fading(3000, 0.8, level=20.0), [26.0])
    found = baselines.forecast("ar", history, 12, runs=6000).ensemble
    steps = np.arange(1, 13)
    np.testing.assert_allclose(found.mean(axis=1), 20 + 6 * 0.8**steps, atol=0.35)
    np.testing.assert_allclose(found.var(axis=1), (1 - 0.64**steps) / 0.36, rtol=0.12)


@pytest.mark.parametrize("name", ["var", "var2"])
def test_vector_autoregression_sees_who_leads(name: str) -> None:
    history = crossing(1500)
    history[-1, 0] = 8.0
    found = baselines.forecast(name, history, 2, runs=2000).ensemble.mean(axis=-1)
    assert found[0] == pytest.approx([5.6, 6.4], abs=0.6)
    alone = baselines.forecast("ar", history, 1, runs=2000).ensemble.mean(axis=-1)
    assert abs(alone[0, 1]) < 3.0


def test_vector_autoregression_of_one_series_is_an_autoregression() -> None:
    history = fading(150, 0.6)
    assert baselines.forecast("var2", history, 3, runs=9).ensemble.shape == (3, 9)


def test_vector_autoregression_falls_back_on_each_series_and_then_on_no_change() -> None:
    one = fading(100, 0.5)
    found = baselines.forecast("var2", np.column_stack([one, 2 * one]), 2, runs=5)
    assert found.fallbacks == (
        "var2: the series and their past are multiples of each other: each series by itself instead",
    )
    flat = baselines.forecast("var2", np.column_stack([one, np.zeros(100)]), 2, runs=5)
    assert flat.fallbacks == (
        "var2: a series does not vary: each series by itself instead",
        "var2: a series does not vary: no change instead",
    )
    assert (flat.ensemble[:, 1] == 0.0).all()


def test_smoothing_of_a_noisy_walk_follows_and_spreads() -> None:
    luck = np.random.default_rng(4)
    history = np.cumsum(luck.normal(size=600)) + luck.normal(size=600)
    gain = (np.sqrt(5) - 1) / 2  # the best one, where the walk's steps vary as much as the noise
    expected = gain * (1 - gain) ** np.arange(60) @ history[:-61:-1]
    found = baselines.forecast("smoothing", history, 10, runs=3000).ensemble
    assert found[0].mean() == pytest.approx(expected, abs=0.4)
    assert found[9].var() / found[0].var() == pytest.approx(1 + 9 * gain**2, rel=0.2)


def test_gaps_cost_little() -> None:
    whole = fading(600, 0.7, level=3.0)
    gappy = whole.copy()
    gappy[np.random.default_rng(6).random(600) < 0.2] = np.nan
    gappy[-1] = whole[-1]
    for name in BASELINES:
        with_gaps, without = (baselines.forecast(name, one, 1, runs=2000) for one in (gappy, whole))
        assert with_gaps.fallbacks == ()
        assert with_gaps.ensemble.mean() == pytest.approx(without.ensemble.mean(), abs=0.9)


def test_an_explosive_history_is_not_forecast_to_explode() -> None:
    history = 1.1 ** np.arange(60.0) + fading(60, 0.0)
    for name in ("ar", "var2", "var"):
        assert np.abs(baselines.forecast(name, history, 12, runs=50).ensemble).max() < 3 * history.max()


def test_the_right_method_scores_best_on_its_own_kind_of_history() -> None:
    mean: dict[str, list[float]] = {name: [] for name in ("no-change", "mean", "ar")}
    history = fading(700, 0.6)
    for row in range(200, 690, 7):
        for name, found in mean.items():
            ensemble = baselines.forecast(name, history[:row], 1, runs=300, seed=row).ensemble
            found.append(scores.fair_crps(ensemble, history[row : row + 1]).item())
    assert np.mean(mean["ar"]) < min(np.mean(mean["mean"]), np.mean(mean["no-change"]))


def history(length: int = 300, seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(length, 2)) * [1.0, 40.0]
    path = np.zeros((length, 2))
    for row in range(2, length):
        path[row] = np.array([[0.5, 0.004], [4.0, 0.2]]) @ path[row - 1] - 0.3 * path[row - 2] + noise[row]
    return path + np.array([100.0, -7.0])


@pytest.mark.parametrize("order", [0, 1, 2, 5])
def test_coefficients_are_those_of_statsmodels(order: int) -> None:
    ours, theirs = baselines.least_squares(history(), order), VAR(history()).fit(order)
    np.testing.assert_allclose(ours.lags, theirs.coefs.reshape(order, 2, 2), atol=1e-8)
    np.testing.assert_allclose(ours.intercept, theirs.params[0], rtol=1e-6)
    np.testing.assert_allclose(ours.residuals, theirs.resid, atol=1e-6)


def test_one_series_is_an_autoregression() -> None:
    one = history()[:, :1]
    found = baselines.least_squares(one, 3)
    np.testing.assert_allclose([*found.intercept, *found.lags.ravel()], AutoReg(one, 3).fit().params, rtol=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_the_order_is_that_which_statsmodels_selects(seed: int) -> None:
    path = history(120, seed)
    assert baselines.best_order(path, 5) == VAR(path).select_order(5, trend="c").bic


def test_dates_with_a_gap_in_their_past_are_left_out() -> None:
    path = history()
    path[100, 1] = np.nan
    assert len(baselines.least_squares(path, 2).residuals) == 298 - 3


def test_the_spectral_radius_is_that_of_the_roots() -> None:
    def radius(of: np.ndarray) -> float:
        return baselines.Autoregression(np.zeros(of.shape[1]), of, np.zeros((1, of.shape[1])), np.eye(1)).radius

    assert radius(np.array([[[0.5]], [[0.3]]])) == pytest.approx(np.abs(np.roots([1, -0.5, -0.3])).max())
    assert radius(np.empty((0, 2, 2))) == 0.0


def test_a_steadied_fit_fades_and_keeps_its_errors_around_zero() -> None:
    path = (1.15 ** np.arange(50.0))[:, None] + history(50)[:, :1]
    wild = baselines.least_squares(path, 2)
    calm = wild.steadied(path)
    assert wild.radius > 1.0
    assert calm.radius == pytest.approx(baselines.STEADIEST)
    assert np.nanmean(calm.errors(path)) == pytest.approx(0.0, abs=1e-9)
    fading = baselines.least_squares(history(), 2)
    assert fading.steadied(history()) is fading


def test_paths_without_shocks_end_in_the_mean_of_the_model() -> None:
    model = baselines.least_squares(history(), 2)
    end = model.paths(np.zeros((2, 2)), np.zeros((400, 2, 3)))[-1]
    rest = np.linalg.solve(np.eye(2) - model.lags.sum(axis=0), model.intercept)
    np.testing.assert_allclose(end, np.repeat(rest[:, None], 3, axis=1), rtol=1e-6)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (history(14), "12 usable dates cannot give 5 coefficients with 10 to spare"),
        (np.zeros((50, 1)), "does not vary"),
        (np.tile([[1.0], [-1.0]], (30, 1)), "multiples of each other"),
    ],
)
def test_what_cannot_be_fitted_says_why(path: np.ndarray, says: str) -> None:
    with pytest.raises(baselines.CannotFit, match=says):
        baselines.least_squares(path, 2)


def rising(length: int = 150) -> np.ndarray:
    """A series with a slope that statsmodels' criterion finds."""
    noise = np.random.default_rng(1).normal(size=length)
    return 40.0 + np.cumsum(3.0 * 0.98 ** np.arange(length)) + noise


def wandering(length: int = 150) -> np.ndarray:
    noise = np.random.default_rng(2).normal(size=(2, length))
    return np.cumsum(noise[0]) + noise[1]


@pytest.mark.parametrize("series", [rising(), wandering()])
def test_paths_without_shocks_are_the_forecast_of_statsmodels(series: np.ndarray) -> None:
    tried = [
        ETSModel(series, error="add", **trend).fit(disp=False) for trend in ({}, {"trend": "add", "damped_trend": True})
    ]
    expected = min(tried, key=lambda one: one.aicc).forecast(6)
    made = baselines.smoothing_of(series[:, None])[1](np.zeros((6, 1, 2)))
    np.testing.assert_allclose(made[:, 0, 1], expected, rtol=2e-3)


def test_after_a_gap_at_the_end_paths_begin_where_the_history_ends() -> None:
    series = rising()[:, None]
    gappy = np.append(series, np.full((3, 1), np.nan), axis=0)
    whole, short = (baselines.smoothing_of(one)[1](np.zeros((6, 1, 1))) for one in (series, gappy))
    np.testing.assert_allclose(short[:3], whole[3:])


def test_a_short_or_constant_series_says_why_it_cannot_be_fitted() -> None:
    with pytest.raises(CannotFit, match="15 known dates are fewer than 16"):
        baselines.smoothing_of(np.append(np.arange(15.0), np.nan)[:, None])
    with pytest.raises(CannotFit, match="does not vary"):
        baselines.smoothing_of(np.full((60, 1), 2.0))


def test_without_statsmodels_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.exponential_smoothing.ets", None)
    with pytest.raises(TensionSimError, match=r"pip install 'tensionsim\[fit\]'"):
        baselines.smoothing_of(wandering()[:, None])
