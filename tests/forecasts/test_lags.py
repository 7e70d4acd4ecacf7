"""Least squares of lags against statsmodels, and what a fit says of itself."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.api import VAR
from statsmodels.tsa.ar_model import AutoReg

from tensionsim.forecasts import baselines as lags


def history(length: int = 300, seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(length, 2)) * [1.0, 40.0]
    path = np.zeros((length, 2))
    for row in range(2, length):
        path[row] = np.array([[0.5, 0.004], [4.0, 0.2]]) @ path[row - 1] - 0.3 * path[row - 2] + noise[row]
    return path + np.array([100.0, -7.0])


@pytest.mark.parametrize("order", [0, 1, 2, 5])
def test_coefficients_are_those_of_statsmodels(order: int) -> None:
    ours, theirs = lags.least_squares(history(), order), VAR(history()).fit(order)
    np.testing.assert_allclose(ours.lags, theirs.coefs.reshape(order, 2, 2), atol=1e-8)
    np.testing.assert_allclose(ours.intercept, theirs.params[0], rtol=1e-6)
    np.testing.assert_allclose(ours.residuals, theirs.resid, atol=1e-6)


def test_one_series_is_an_autoregression() -> None:
    one = history()[:, :1]
    found = lags.least_squares(one, 3)
    np.testing.assert_allclose([*found.intercept, *found.lags.ravel()], AutoReg(one, 3).fit().params, rtol=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_the_order_is_that_which_statsmodels_selects(seed: int) -> None:
    path = history(120, seed)
    assert lags.best_order(path, 5) == VAR(path).select_order(5, trend="c").bic


def test_dates_with_a_gap_in_their_past_are_left_out() -> None:
    path = history()
    path[100, 1] = np.nan
    assert len(lags.least_squares(path, 2).residuals) == 298 - 3


def test_the_spectral_radius_is_that_of_the_roots() -> None:
    def radius(of: np.ndarray) -> float:
        return lags.Autoregression(np.zeros(of.shape[1]), of, np.zeros((1, of.shape[1])), np.eye(1)).radius

    assert radius(np.array([[[0.5]], [[0.3]]])) == pytest.approx(np.abs(np.roots([1, -0.5, -0.3])).max())
    assert radius(np.empty((0, 2, 2))) == 0.0


def test_a_steadied_fit_fades_and_keeps_its_errors_around_zero() -> None:
    path = (1.15 ** np.arange(50.0))[:, None] + history(50)[:, :1]
    wild = lags.least_squares(path, 2)
    calm = wild.steadied(path)
    assert wild.radius > 1.0
    assert calm.radius == pytest.approx(lags.STEADIEST)
    assert np.nanmean(calm.errors(path)) == pytest.approx(0.0, abs=1e-9)
    fading = lags.least_squares(history(), 2)
    assert fading.steadied(history()) is fading


def test_paths_without_shocks_end_in_the_mean_of_the_model() -> None:
    model = lags.least_squares(history(), 2)
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
    with pytest.raises(lags.CannotFit, match=says):
        lags.least_squares(path, 2)
