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


@pytest.mark.parametrize("series", [rising(), wandering()])
def test_paths_without_shocks_are_the_forecast_of_statsmodels(series: np.ndarray) -> None:
    tried = [
        ETSModel(series, error="add", **trend).fit(disp=False) for trend in ({}, {"trend": "add", "damped_trend": True})
    ]
    expected = min(tried, key=lambda one: one.aicc).forecast(6)
    made = smoothing.smoothing_of(series[:, None])[1](np.zeros((6, 1, 2)))
    np.testing.assert_allclose(made[:, 0, 1], expected, rtol=2e-3)


def test_after_a_gap_at_the_end_paths_begin_where_the_history_ends() -> None:
    series = rising()[:, None]
    gappy = np.append(series, np.full((3, 1), np.nan), axis=0)
    whole, short = (smoothing.smoothing_of(one)[1](np.zeros((6, 1, 1))) for one in (series, gappy))
    np.testing.assert_allclose(short[:3], whole[3:])


def test_a_short_or_constant_series_says_why_it_cannot_be_fitted() -> None:
    with pytest.raises(CannotFit, match="15 known dates are fewer than 16"):
        smoothing.smoothing_of(np.append(np.arange(15.0), np.nan)[:, None])
    with pytest.raises(CannotFit, match="does not vary"):
        smoothing.smoothing_of(np.full((60, 1), 2.0))


def test_without_statsmodels_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.exponential_smoothing.ets", None)
    with pytest.raises(TensionSimError, match=r"pip install 'tensionsim\[fit\]'"):
        smoothing.smoothing_of(wandering()[:, None])
