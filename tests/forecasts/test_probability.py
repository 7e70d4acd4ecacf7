"""Parts of the Brier score, and bars of the reliability curve that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from tensionsim.forecasts import scores as probability

cases = st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), min_size=1, max_size=60)


@given(cases, st.integers(1, 20))
def test_the_parts_sum_to_the_brier_score(pairs: list[tuple[float, bool]], bins: int) -> None:
    said, came = np.array([one for one, _ in pairs]), np.array([other for _, other in pairs])
    parts = probability.murphy(said, came, bins=bins)
    summed = parts["reliability"] - parts["resolution"] + parts["uncertainty"] + parts["within"]
    assert summed == pytest.approx(np.mean((said - came) ** 2))
    assert min(parts["reliability"], parts["resolution"], parts["uncertainty"]) >= 0.0
    assert parts["resolution"] <= parts["uncertainty"] + 1e-12


def test_within_vanishes_where_each_bin_holds_one_probability() -> None:
    luck = np.random.default_rng(1)
    said = luck.choice([0.05, 0.35, 0.95], 400)
    assert probability.murphy(said, luck.random(400) < said)["within"] == pytest.approx(0.0, abs=1e-12)


def test_right_probabilities_are_reliable_and_constant_ones_resolve_nothing() -> None:
    luck = np.random.default_rng(2)
    said = luck.random(50_000)
    right = probability.murphy(said, luck.random(said.size) < said)
    assert right["reliability"] < 0.001
    assert right["resolution"] == pytest.approx(1 / 12, abs=0.005)
    assert probability.murphy(np.full(99, 0.4), luck.random(99) < 0.4)["resolution"] == pytest.approx(0.0)


def test_bars_of_equal_probabilities_are_binomial() -> None:
    curve = probability.reliability(np.full(40, 0.25), np.arange(40) < 10)
    assert curve.low.tolist() == [stats.binom.ppf(0.05, 40, 0.25) / 40]
    assert curve.high.tolist() == [stats.binom.ppf(0.95, 40, 0.25) / 40]


def test_bars_hold_nine_of_ten_right_curves_and_few_wrong_ones() -> None:
    luck = np.random.default_rng(3)
    held, wrong = [], []
    for _ in range(150):
        said = luck.random(200)
        for chance, inside in ((said, held), (said**2, wrong)):
            curve = probability.reliability(said, luck.random(200) < chance)
            inside.extend((curve.low <= curve.happened) & (curve.happened <= curve.high))
    assert 0.88 < np.mean(held) < 0.97  # counts are whole, so that bars hold a little more than they must
    assert np.mean(wrong) < 0.6


def test_certain_forecasts_have_bars_of_no_length() -> None:
    curve = probability.reliability(np.array([0.0, 0.0, 1.0]), np.array([False, False, True]))
    assert curve.low.tolist() == curve.high.tolist() == [0.0, 1.0]
