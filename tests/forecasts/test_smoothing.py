"""Exponential smoothing: statsmodels' fit, carried on by ours."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from tensionsim.errors import TensionSimError
from tensionsim.forecasts import baselines as smoothing
from tensionsim.forecasts.baselines import CannotFit


def rising(length: int = 150) -> np.ndarray:
    """A series with a slope that statsmodels' criterion finds."""
    noise = np.random.default_rng(1).normal(size=length)
    return 40.0 + np.cumsum(3.0 * 0.98 ** np.arange(length)) + noise


def wandering(length: int = 150) -> np.ndarray:
    noise = np.random.default_rng(2).normal(size=(2, length))
    return np.cumsum(noise[0]) + noise[1]


@pytest.mark.parametrize(("series", "is_trending"), [(rising(), True), (wandering(), False)])
def test_paths_without_shocks_are_the_forecast_of_statsmodels(series: np.ndarray, is_trending: bool) -> None:
    model = smoothing.smoothing_of(series)
    assert (model.damping > 0.0) is is_trending
    trend = {"trend": "add", "damped_trend": True} if is_trending else {}
    expected = ETSModel(series, error="add", **trend).fit(disp=False).forecast(6)
    np.testing.assert_allclose(model.paths(np.zeros((6, 1)))[:, 0], expected, rtol=2e-3)


def test_paths_spread_as_the_equations_say() -> None:
    model = smoothing.Smoothing(0.0, 0.0, 0.4, 0.0, 0.0, np.zeros(3), 2)
    shocks = np.random.default_rng(3).normal(size=(5, 40_000))
    expected = 1 + 0.4**2 * np.arange(5)
    np.testing.assert_allclose(model.paths(shocks).var(axis=1), expected, rtol=0.03)


def test_a_short_or_constant_series_says_why_it_cannot_be_fitted() -> None:
    with pytest.raises(CannotFit, match="15 known dates are fewer than 16"):
        smoothing.smoothing_of(np.append(np.arange(15.0), np.nan))
    with pytest.raises(CannotFit, match="does not vary"):
        smoothing.smoothing_of(np.full(60, 2.0))


def test_without_statsmodels_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.exponential_smoothing.ets", None)
    with pytest.raises(TensionSimError, match=r"pip install 'tensionsim\[fit\]'"):
        smoothing.smoothing_of(wandering())
