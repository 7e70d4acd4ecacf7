"""What is learned from past forecasts: the right share and width where they are known, and nothing from the future."""

from __future__ import annotations

import numpy as np
import pytest

from tensionsim.forecasts import scores

HORIZONS = (1, 3, 12)
ORIGINS = 90
REST = {"horizons": HORIZONS, "every": 1}
KNOWN = scores.seen(range(ORIGINS), HORIZONS)


def made(spread: float, shift: float = 0.0, seed: int = 1, runs: int = 300) -> np.ndarray:
    """Forecasts of one target by a normal, shape (origin, target, horizon, run)."""
    return shift + spread * np.random.default_rng(seed).normal(size=(ORIGINS, 1, len(HORIZONS), runs))


@pytest.fixture
def came() -> np.ndarray:
    """Outcomes of a standard normal; the last are not known."""
    found = np.random.default_rng(9).normal(size=(ORIGINS, 1, len(HORIZONS)))
    for column, horizon in enumerate(HORIZONS):
        found[ORIGINS - horizon :, :, column] = np.nan
    return found


def test_an_outcome_counts_from_the_day_on_which_it_is_known() -> None:
    assert scores.seen([0, 4, 8, 20, 28], [4, 12]).tolist() == [[0, 0], [1, 0], [2, 0], [3, 3], [4, 3]]


@pytest.mark.parametrize("origin", [0, 1, 13, 40, ORIGINS - 1])
def test_what_came_later_changes_not_a_bit(came: np.ndarray, origin: int) -> None:
    other = came.copy()
    for column, horizon in enumerate(HORIZONS):
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
    nothing = np.full((ORIGINS, 1, len(HORIZONS)), np.nan)
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
    known = slice(at - HORIZONS[column] + 1)
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
