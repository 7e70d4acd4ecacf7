"""Exponential memory: half-lives, mass, and tone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as some

from tensionsim.model.state import kept, remember, tone

MONTHS = some.floats(0.05, 50.0)


@given(MONTHS, some.integers(1, 60))
def test_half_is_left_after_a_half_life_in_any_number_of_steps(half_life: float, steps: int) -> None:
    keep = kept(np.array([half_life]), half_life / steps)
    assert keep[0] ** steps == pytest.approx(0.5)


@given(MONTHS, some.floats(0.01, 2.0))
def test_an_act_counts_once_in_all_whatever_the_step_and_the_half_life(half_life: float, dt: float) -> None:
    keep, state, total = kept(np.array([half_life]), dt), np.zeros(1), 0.0
    for step in range(5000):
        state = remember(state, np.array([1.0 / dt if step == 0 else 0.0]), keep)
        total += float(state[0]) * dt
    assert total == pytest.approx(1.0 - float(keep[0]) ** 5000)


def test_a_steady_flow_is_remembered_as_itself() -> None:
    assert remember(np.array([0.3]), np.array([0.3]), np.array([0.77]))[0] == pytest.approx(0.3)


@given(some.lists(some.tuples(some.floats(-1.0, 1.0), some.integers(0, 3)), min_size=1, max_size=30))
def test_tone_lies_within_the_scores_of_the_acts(history: list[tuple[float, int]]) -> None:
    keep, net, acts = np.array([0.6]), np.zeros(1), np.zeros(1)
    for score, number in history:
        net, acts = remember(net, np.array([score * number]), keep), remember(acts, np.array([1.0 * number]), keep)
    scores = [score for score, number in history if number] or [0.0]
    found = float(tone(net, acts, np.array([0.5]))[0])
    assert min(*scores, 0.0) - 1e-12 <= found <= max(*scores, 0.0) + 1e-12


def test_few_acts_are_shrunk_by_half_at_the_prior() -> None:
    assert tone(np.array([0.5 * 0.8]), np.array([0.5]), np.array([0.5]))[0] == pytest.approx(0.4)


def test_no_acts_have_no_tone() -> None:
    assert tone(np.zeros(1), np.zeros(1), np.array([0.5]))[0] == 0.0
