"""What is read off the state: the index, regimes, pressure, room for manoeuvre, the pillar."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as some
from hypothesis.extra.numpy import arrays

import dyads
from tensionsim.model import measures
from tensionsim.model.structure import Floats

CHANNELS = dyads.start(dyads.scenario(issues=("road", "well"))).world.channels
ALL = np.arange(8)
ONE = np.array([1.0])

conducts = arrays(np.float64, (8, 3), elements=some.floats(-5.0, 5.0))
shares = some.floats(0.0, 1.0)


@given(conducts, shares)
def test_mean_conduct_weighs_both_directions_alike_and_tracks_by_theta(conduct: Floats, theta: float) -> None:
    found = measures.issue_conduct(conduct, CHANNELS, ALL, 2, np.array([theta]))
    for issue, name in enumerate(("road", "well")):
        parts = {(row.actor, row.track): conduct[place] for place, row in enumerate(CHANNELS.rows) if row.issue == name}
        by_hand = sum(
            0.5 * (theta if track == "technical" else 1.0 - theta) * value for (_, track), value in parts.items()
        )
        assert found[issue] == pytest.approx(by_hand)


@given(arrays(np.float64, (2, 3), elements=some.floats(-50.0, 50.0)), shares, some.floats(0.01, 2.0))
def test_the_index_is_fifty_plus_the_weighted_tanh(mean: Floats, weight: float, scale: float) -> None:
    weights = np.array([[weight], [1.0 - weight]])
    index, issues = measures.cooperation(mean, weights, np.array([scale]))
    by_hand = [50.0 * (1.0 + sum(weights[k, 0] * math.tanh(mean[k, run] / scale) for k in (0, 1))) for run in range(3)]
    assert index == pytest.approx(by_hand, abs=1e-12)
    assert issues == pytest.approx(50.0 * (1.0 + np.tanh(mean / scale)))
    assert ((index >= 0.0) & (index <= 100.0 + 1e-12)).all()


def test_nothing_done_is_the_middle_of_the_index() -> None:
    index, issues = measures.cooperation(np.zeros((2, 1)), np.full((2, 1), 0.5), ONE)
    assert (index[0], issues[0, 0], issues[1, 0]) == (50.0, 50.0, 50.0)


def test_a_lone_arrangement_of_score_two_makes_a_third_of_an_issue() -> None:
    conduct = np.zeros((8, 1))
    conduct[0] = 0.2
    mean = measures.issue_conduct(conduct, CHANNELS, ALL, 2, np.array([0.5]))
    assert mean[0, 0] == pytest.approx(0.05)
    level = measures.cooperation(mean, np.array([[1.0], [0.0]]), np.array([0.15]))[1][0, 0]
    assert level == pytest.approx(50.0 * (1.0 + 0.3215), abs=0.01)


@pytest.mark.parametrize(
    ("index", "regime"),
    [(0.0, "rupture"), (19.99, "rupture"), (20.0, "crisis"), (34.99, "crisis"), (35.0, "strained"), (50.0, "pragmatic"),
     (69.99, "pragmatic"), (70.0, "alliance"), (100.0, "alliance")],
)  # fmt: skip
def test_regimes_begin_at_their_bounds(index: float, regime: str) -> None:
    assert measures.REGIMES[int(measures.regime_of(np.array([index]))[0])][0] == regime


@given(conducts, conducts, shares)
def test_pressure_is_the_hostile_part_with_words_at_their_own_weight(
    verbal: Floats, material: Floats, weight: float
) -> None:
    found = measures.pressures(verbal, material, CHANNELS, np.array([weight]))
    for row, pair in enumerate(CHANNELS.pairs):
        mine = [place for place, one in enumerate(CHANNELS.rows) if (one.actor, one.target) == pair]
        by_hand = sum(np.maximum(0.0, -(material[place] + weight * verbal[place])) for place in mine)
        assert found[row] == pytest.approx(by_hand)
    assert (found >= 0.0).all()


def test_a_standing_tariff_presses_and_kind_words_elsewhere_do_not_lift_it() -> None:
    material, verbal = np.zeros((8, 1)), np.zeros((8, 1))
    material[0] = -0.3
    verbal[1] = 5.0
    assert measures.pressures(verbal, material, CHANNELS, ONE)[CHANNELS.pair[0], 0] == pytest.approx(0.3)


@given(shares, some.floats(0.0, 5.0), some.floats(0.0, 5.0))
def test_room_shrinks_with_dependence_and_the_share_of_hostility(
    dependence: float, pressure: float, friendly: float
) -> None:
    d, hostile, kind = (np.array([value]) for value in (dependence, pressure, friendly))
    room = measures.room(d, hostile, kind)
    assert 0.0 <= room[0] <= 1.0
    assert room[0] >= measures.room(d, hostile + 1.0, kind)[0] - 1e-12
    assert room[0] >= measures.room(np.minimum(1.0, d + 0.1), hostile, kind)[0] - 1e-12


def test_who_is_left_alone_has_all_the_room() -> None:
    assert measures.room(ONE, np.zeros(1), np.zeros(1))[0] == 1.0
    assert measures.room(ONE, ONE, np.zeros(1))[0] == 0.0


@given(arrays(np.float64, (6, 2), elements=some.floats(-5, 5)), shares)
def test_smoothing_starts_at_the_first_value_and_keeps_within_the_range(series: Floats, keep: float) -> None:
    smooth = measures.smoothed(series, keep)
    assert np.array_equal(smooth[0], series[0])
    assert (smooth <= series.max(axis=0) + 1e-12).all()
    assert (smooth >= series.min(axis=0) - 1e-12).all()
    assert smooth[3] == pytest.approx(keep * smooth[2] + (1.0 - keep) * series[3])
