"""The state: what is remembered fades and adds up, and indicators move by what drives them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as some

from tensionsim.model.state import Drive, Indicators, advance, drive, kept, remember, tone

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


NONE = np.zeros((1, 1))
CONDUCT = np.array([[0.4], [-0.7], [-0.1]])


def table(*, relative: bool = True, half_life: float = np.inf, dt: float = 1.0, **more: float) -> Indicators:
    return Indicators(
        names=("coca",),
        units=("ha",),
        reference=np.array([[100.0]]),
        is_relative=np.array([relative]),
        return_keep=kept(np.array([[half_life]]), dt),
        floor=np.array([[more.get("floor", 0.0)]]),
        ceiling=np.array([[more.get("ceiling", np.inf)]]),
        drives=((),),
    )


def after(
    months: float, steps: int, *, value: float = 200.0, growth: float = 0.0, push: float = 0.0, rest: float = 100.0,
    relative: bool = True, half_life: float = np.inf,
) -> float:  # fmt: skip
    dt = months / steps
    one = table(relative=relative, half_life=half_life, dt=dt)
    now = np.array([[value]])
    for _ in range(steps):
        now = advance(one, now, NONE + growth, NONE + push, NONE + rest, dt)
    return float(now[0, 0])


@pytest.mark.parametrize("steps", [1, 12, 52, 365])
def test_growth_compounds_to_what_is_said_in_any_step(steps: int) -> None:
    assert after(12.0, steps, growth=1.05 ** (1 / 12) - 1) == pytest.approx(200.0 * 1.05)


@pytest.mark.parametrize("steps", [1, 12, 52])
def test_half_of_the_distance_to_rest_is_left_after_a_half_life(steps: int) -> None:
    assert after(6.0, steps, half_life=6.0) == pytest.approx(150.0)


@pytest.mark.parametrize("steps", [1, 12, 52])
def test_relative_drives_act_on_the_logarithm(steps: int) -> None:
    assert after(12.0, steps, push=-0.02) == pytest.approx(200.0 * np.exp(-0.24))


@pytest.mark.parametrize("steps", [1, 12, 52])
def test_absolute_drives_add_a_month(steps: int) -> None:
    assert after(12.0, steps, push=3.0, relative=False) == pytest.approx(236.0)


def test_weekly_and_monthly_steps_agree_where_drive_and_rest_meet() -> None:
    level = [after(24.0, steps, push=0.05, half_life=6.0) for steps in (24, 104, 730)]
    assert level[0] == pytest.approx(level[2], rel=0.03)
    assert level[1] == pytest.approx(level[2], rel=0.01)


def test_floor_and_ceiling_hold() -> None:
    bounded = table(floor=50.0, ceiling=210.0)
    assert advance(bounded, NONE + 200.0, NONE, NONE + 9.0, NONE, 1.0)[0, 0] == 210.0
    assert advance(bounded, NONE + 200.0, NONE, NONE - 9.0, NONE, 1.0)[0, 0] == 50.0


def test_conduct_drives_by_its_sum_or_by_its_hostile_part() -> None:
    one = Drive("conduct", np.array([0, 1, 2]), False, "")
    hostile = replace(one, is_hostile=True)
    assert drive(one, CONDUCT, NONE, NONE)[0] == pytest.approx(-0.4)
    assert drive(hostile, CONDUCT, NONE, NONE)[0] == pytest.approx(0.8)


def test_an_arrangement_drives_while_any_instance_is_in_force() -> None:
    one = Drive("arrangement", np.array([0, 2]), False, "")
    in_force = np.array([[False, True, True], [True, True, True], [False, False, True]])
    assert drive(one, np.zeros((1, 3)), NONE, in_force).tolist() == [0.0, 1.0, 1.0]


def test_an_indicator_drives_by_its_excess() -> None:
    one = Drive("indicator", np.array([0]), False, "")
    assert drive(one, CONDUCT, np.array([[0.25]]), NONE)[0] == 0.25
