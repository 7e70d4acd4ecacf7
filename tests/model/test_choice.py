"""Whether to act and which move: both draws against their closed forms."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, strategies as some
from hypothesis.extra.numpy import arrays
from scipy import stats

import dyads
from tensionsim.engine.world import Availability
from tensionsim.model import choice
from tensionsim.model.structure import Floats, Menus

GRID = (np.arange(20_000) + 0.5) / 20_000
"""Evenly spaced uniforms: shares over them are probabilities but for 1/20,000 an answer."""

DIRECTIONS = some.floats(-6.0, 6.0)


def words_of(uniform: Floats) -> np.ndarray:
    """Words that stand for uniforms."""
    return (uniform * 2.0**52).astype(np.uint64) << np.uint64(12)


def counts(expected: Floats, uniform: Floats, cap: int | list[int]) -> np.ndarray:
    """Numbers of acts, shape (channel, run), of the acts that `how_many` lists."""
    channel, run, ordinal = choice.how_many(expected, words_of(uniform), np.atleast_1d(np.array(cap)))
    number = np.zeros(expected.shape, np.int64)
    np.add.at(number, (channel, run), 1)
    assert (np.sort(ordinal) == ordinal).all()
    return number


@cache
def menus() -> Menus:
    return dyads.start(dyads.scenario()).world.menus


def shares(direction: float, intensity: float, restraint: float, column: int = 0) -> Floats:
    """Share of each slot over the grid of uniforms."""
    menu = menus()
    channel = np.full(GRID.shape, column)
    ones = np.ones_like(GRID)
    taste = choice.tastes(direction * ones, intensity * ones, restraint * ones)
    odds = choice.weights(menu, channel, taste, everything_open(menu, GRID.size))
    return np.bincount(choice.pick(odds, GRID), minlength=menu.slots)[: menu.size[column]] / GRID.size


def everything_open(menu: Menus, acts: int) -> np.ndarray:
    return np.broadcast_to((np.isfinite(menu.log_frequency[:, 0])).astype(np.uint8), (acts, menu.slots))


@given(some.floats(0.0, 30.0), some.floats(1e-9, 1.0 - 1e-9), some.integers(1, 12))
def test_acts_are_the_poisson_quantile_of_the_uniform_capped(mean: float, uniform: float, cap: int) -> None:
    found = counts(np.array([[mean]]), np.array([[uniform]]), cap)[0, 0]
    near = {int(stats.poisson.ppf(u, mean)) for u in (uniform * (1 - 1e-12), uniform, min(uniform * (1 + 1e-12), 1.0))}
    assert found in {min(number, cap) for number in near}


@pytest.mark.parametrize("mean", [0.05, 0.7, 3.0])
def test_shares_of_numbers_of_acts_are_the_poisson_probabilities(mean: float) -> None:
    cap = 6
    found = counts(np.full((1, GRID.size), mean), GRID[None], cap)[0]
    expected = stats.poisson.pmf(np.arange(cap + 1), mean)
    expected[cap] = stats.poisson.sf(cap - 1, mean)
    assert np.bincount(found, minlength=cap + 1) / GRID.size == pytest.approx(expected, abs=2e-4)


@given(some.floats(0.0, 20.0), some.floats(0.0, 20.0), some.floats(1e-6, 1 - 1e-6))
def test_a_higher_rate_never_makes_fewer_acts_with_the_same_luck(low: float, more: float, uniform: float) -> None:
    fewer, at_least = counts(np.array([[low], [low + more]]), np.full((2, 1), uniform), 60)[:, 0]
    assert fewer <= at_least


def test_nobody_acts_at_rate_zero_and_everybody_does_at_a_huge_one() -> None:
    expected = np.array([[0.0], [1e4]])
    assert counts(expected, np.full((2, 1), 1.0 - 2.0**-53), 5)[:, 0].tolist() == [0, 5]


def test_each_run_has_its_own_cap() -> None:
    assert counts(np.full((2, 3), 50.0), np.full((2, 3), 0.5), [1, 4, 9]).tolist() == [[1, 4, 9], [1, 4, 9]]


def test_acts_come_by_ordinal_then_channel_then_run() -> None:
    rng = np.random.default_rng(3)
    channel, run, ordinal = choice.how_many(np.full((5, 7), 1.5), words_of(rng.random((5, 7))), np.array([8]))
    assert (np.lexsort((run, channel, ordinal)) == np.arange(channel.size)).all()


def test_rates_add_own_and_mirrored_activity_to_the_base() -> None:
    world = dyads.start(dyads.scenario()).world
    names = ("own_fast", "own_slow", "other_fast", "other_slow")
    excitation = {name: np.array([value]) for name, value in zip(names, (0.1, 0.2, 0.3, 0.4), strict=True)}
    fast, slow = np.array([[1.0], [0.0], [10.0], [0.0]]), np.array([[2.0], [0.0], [20.0], [0.0]])
    rates = choice.rates(np.full((4, 1), 0.5), fast, slow, excitation, world.channels)
    expected = [0.5 + 0.1 + 0.4 + 3.0 + 8.0, 0.5, 0.5 + 1.0 + 4.0 + 0.3 + 0.8, 0.5]
    assert rates[:, 0] == pytest.approx(expected)


@given(DIRECTIONS, some.floats(-3.0, 3.0), some.floats(0.0, 3.0))
def test_shares_of_moves_are_the_multinomial_logit(direction: float, intensity: float, restraint: float) -> None:
    menu = menus()
    score, material = menu.score[:, 0], menu.hostile_material[:, 0]
    weight = np.exp(score * direction + np.abs(score) * intensity - restraint * material + menu.log_frequency[:, 0])
    weight = weight[: menu.size[0]]
    assert shares(direction, intensity, restraint) == pytest.approx(weight / weight.sum(), abs=2e-4)


def test_only_hostile_material_moves_cost() -> None:
    menu = menus()
    names = np.array(menu.names)[menu.move[: menu.size[0], 0]]
    costs = dict(zip(names.tolist(), menu.hostile_material[: menu.size[0], 0].tolist(), strict=True))
    assert costs == {"raise_toll": 0.8, "shut_gate": 0.6, "scold": 0.0, "bow": 0.0, "drop_toll": 0.0, "open_gate": 0.0}


@given(
    arrays(np.float64, 6, elements=some.floats(-1.0, 1.0)),
    arrays(np.float64, 6, elements=some.floats(-3.0, 3.0)),
    DIRECTIONS,
    some.floats(0.0, 3.0),
)
def test_a_friendlier_direction_moves_every_choice_the_same_way(
    score: Floats, taste: Floats, direction: float, more: float
) -> None:
    score = np.sort(score)[:, None]
    before, after = (
        choice.pick(np.exp(np.repeat(score * towards + taste[:, None], GRID.size, axis=1)), GRID)
        for towards in (direction, direction + more)
    )
    # Where two weights meet in the last bit, a uniform may fall on the other side of their border.
    assert (after >= before).mean() >= 1.0 - 2.0 / GRID.size


@given(DIRECTIONS, some.floats(0.0, 0.05))
def test_a_small_change_of_direction_moves_few_runs(direction: float, small: float) -> None:
    menu, channel = menus(), np.zeros(GRID.size, np.int64)
    nothing = np.zeros(GRID.size)
    is_open = everything_open(menu, GRID.size)
    picked = [
        choice.pick(choice.weights(menu, channel, choice.tastes(nothing + towards, nothing, nothing), is_open), GRID)
        for towards in (direction, direction + small)
    ]
    # Each border between slots moves by at most a quarter of the range of scores for a unit of direction.
    borders = menu.size[0] - 1
    assert (picked[0] != picked[1]).mean() <= borders * small * np.ptp(
        menu.score[:, 0]
    ) / 4.0 + 2.0 * borders / GRID.size


def test_nothing_is_chosen_where_nothing_is_open() -> None:
    odds = np.zeros((3, 2))
    odds[1, 1] = 1.0
    assert choice.pick(odds.copy(), np.array([0.5, 0.5])).tolist() == [-1, 1]
    several = choice.pick(odds, np.array([0.5, 0.5, 0.5, 0.1]), again=np.array([1, 0]))
    assert several.tolist() == [-1, 1, 1, -1], "further acts, at the second place and at the first"


@pytest.mark.parametrize("uniform", [2.0**-53, 0.5, 1.0 - 2.0**-53])
def test_what_is_closed_is_never_chosen_even_at_the_ends(uniform: float) -> None:
    odds = np.array([0.0, 1e300, 0.0, 1e-300, 0.0])[:, None]
    assert choice.pick(odds, np.array([uniform]))[0] in (1, 3)


@given(some.sampled_from([-1e300, -1e4, 1e4, 1e300]), some.floats(0.01, 0.99))
def test_huge_tastes_neither_overflow_nor_lose_the_choice(direction: float, uniform: float) -> None:
    menu = menus()
    odds = choice.weights(
        menu, np.array([0]), choice.tastes(*np.array([[direction], [0.0], [0.0]])), everything_open(menu, 1)
    )
    assert np.isfinite(odds).all()
    chosen = int(choice.pick(odds, np.array([uniform]))[0])
    assert menu.score[chosen, 0] == (menu.score[: menu.size[0], 0].max if direction > 0 else menu.score[:, 0].min)()


def _open_names(in_force: dict[str, bool]) -> set[str]:
    """Names of the moves open to Avalon while some arrangements are in force."""
    now = dyads.start(dyads.scenario())
    menu, instances = now.world.menus, now.world.instances
    for row, instance in enumerate(instances.rows):
        now.state.in_force[row] = in_force.get(instance.kind, False) and instance.actor == dyads.AVALON
    is_open = Availability(now.world, now.state.in_force, now.state.matters).open_at(np.array([0]), np.array([0]))[0]
    names = {menu.names[menu.move[slot, 0]]: slot for slot in range(menu.size[0])}
    one_by_one = {
        name
        for name in names
        if choice.can_be_made(menu, menu.names.index(name), 0, now.state.in_force, now.state.matters)[0]
    }
    assert one_by_one == {name for name, slot in names.items() if is_open[slot]}
    assert not is_open[menu.size[0] :].any()
    return one_by_one


def test_what_is_in_force_cannot_be_begun_and_what_is_not_cannot_be_ended() -> None:
    assert _open_names({}) == {"bow", "scold", "open_gate", "raise_toll"}
    assert _open_names({"gate": True}) == {"bow", "scold", "shut_gate", "raise_toll"}
    assert _open_names({"toll": True}) == {"bow", "scold", "open_gate", "drop_toll"}


def test_a_move_with_two_arrangements_is_open_while_it_can_do_either() -> None:
    moves = {
        **dyads.MOVES,
        "treaty": dyads.move(8.0, begins=["gate", "toll"]),
        "break": dyads.move(-8.0, ends=["gate", "toll"]),
    }
    now = dyads.start(dyads.scenario(moves=moves))
    menu = now.world.menus
    kinds = [instance.kind for instance in now.world.instances.rows]
    treaty, ending = menu.names.index("treaty"), menu.names.index("break")
    found = []
    for held in ((), ("gate",), ("gate", "toll")):
        for row, kind in enumerate(kinds):
            now.state.in_force[row] = kind in held
        found.append(
            [
                bool(choice.can_be_made(menu, one, 0, now.state.in_force, now.state.matters)[0])
                for one in (treaty, ending)
            ]
        )
    assert found == [[True, False], [True, True], [False, True]]
