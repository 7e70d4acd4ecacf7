"""Shapley values: their axioms, on functions whose values are known."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tensionsim.analysis.effects import Coalition, Floats, all_coalitions, coalitions_of, drawn_orders, exact, sampled

RUNS = 5
Worth = Callable[[Coalition], Floats]


def table_worth(count: int, seed: int, runs: int = RUNS) -> Worth:
    """A worth of every set of elements, drawn at random."""
    generator = np.random.default_rng(seed)
    found = {coalition: generator.normal(size=runs) for coalition in all_coalitions(count)}
    return found.__getitem__


def brute_force(count: int, worth: Worth) -> Floats:
    """The definition: what each element adds, on average over all orders."""
    total = np.zeros((count, *worth(frozenset()).shape))
    orders = list(permutations(range(count)))
    for order in orders:
        for place, element in enumerate(order):
            total[element] += worth(frozenset(order[: place + 1])) - worth(frozenset(order[:place]))
    return total / len(orders)


@pytest.mark.parametrize("seed", range(5))
def test_values_are_those_of_all_orders(seed: int) -> None:
    worth = table_worth(4, seed)
    np.testing.assert_allclose(exact(4, worth).values, brute_force(4, worth), rtol=0, atol=1e-12)


@given(st.integers(1, 6), st.integers(0, 10_000))
def test_values_sum_to_the_whole_in_every_run(count: int, seed: int) -> None:
    worth = table_worth(count, seed)
    whole = worth(frozenset(range(count))) - worth(frozenset())
    np.testing.assert_allclose(exact(count, worth).values.sum(axis=0), whole, rtol=0, atol=1e-9)


@given(st.integers(2, 12), st.integers(0, 10_000))
def test_sampled_values_sum_to_the_whole_in_every_run(count: int, seed: int) -> None:
    weights = np.random.default_rng(seed).normal(size=(count, RUNS))

    def worth(present: Coalition) -> Floats:
        return np.tanh(weights[sorted(present)].sum(axis=0))

    found = sampled(worth, drawn_orders(count, 3, seed))
    whole = worth(frozenset(range(count))) - worth(frozenset())
    np.testing.assert_allclose(found.values.sum(axis=0), whole, rtol=0, atol=1e-9)


def test_elements_that_do_the_same_get_the_same() -> None:
    values = exact(4, lambda present: np.full(RUNS, float(len(present)) ** 2)).values
    np.testing.assert_allclose(values, 4.0, rtol=0, atol=1e-12)


@given(st.integers(0, 10_000))
def test_an_element_that_adds_nothing_gets_exactly_nothing(seed: int) -> None:
    others = table_worth(3, seed)

    def worth(present: Coalition) -> Floats:
        return others(frozenset(present - {3}))

    assert (exact(4, worth).values[3] == 0.0).all()
    assert (sampled(worth, drawn_orders(4, 4, seed)).values[3] == 0.0).all()


def test_values_of_a_sum_are_the_sums_of_values() -> None:
    one, other = table_worth(4, 1), table_worth(4, 2)
    together = exact(4, lambda present: one(present) + other(present)).values
    np.testing.assert_allclose(together, exact(4, one).values + exact(4, other).values, rtol=0, atol=1e-12)


def test_a_majority_of_unequal_votes_has_its_published_values() -> None:
    """Votes of 4, 3, 2, 1 and a quota of 6: 5/12, 3/12, 3/12, 1/12 (Shapley & Shubik's index)."""
    votes = (4, 3, 2, 1)

    def worth(present: Coalition) -> Floats:
        return np.array([float(sum(votes[one] for one in present) >= 6)])

    np.testing.assert_allclose(exact(4, worth).values[:, 0], np.array([5, 3, 3, 1]) / 12, rtol=0, atol=1e-12)


def test_orders_with_their_reverses_are_exact_where_elements_interact_by_twos() -> None:
    generator = np.random.default_rng(3)
    alone, pairs = generator.normal(size=12), generator.normal(size=(12, 12))

    def worth(present: Coalition) -> Floats:
        rows = sorted(present)
        return np.array([alone[rows].sum() + pairs[np.ix_(rows, rows)].sum()])

    wanted = alone + np.diag(pairs) + 0.5 * (pairs + pairs.T - 2 * np.diag(np.diag(pairs))).sum(axis=1)
    found = sampled(worth, drawn_orders(12, 2, 0))
    np.testing.assert_allclose(found.values[:, 0], wanted, rtol=0, atol=1e-9)
    assert (found.sampling_error < 1e-9).all()


def test_sampled_values_come_near_and_their_error_says_how_near() -> None:
    count, within, errors = 8, 0, {}
    worth = table_worth(count, 7, runs=1)
    wanted = exact(count, worth).values[:, 0]
    for seed in range(40):
        found = sampled(worth, drawn_orders(count, 16, seed))
        within += int((np.abs(found.values[:, 0] - wanted) < 2.13 * found.sampling_error).sum())
    for pairs in (8, 512):
        errors[pairs] = float(np.abs(sampled(worth, drawn_orders(count, pairs, 1)).values[:, 0] - wanted).mean())
    assert 0.90 < within / (40 * count) < 0.99
    assert errors[512] < 0.4 * errors[8]


def test_the_error_of_the_mean_holds_runs_and_orders() -> None:
    found = sampled(table_worth(3, 1, runs=50), drawn_orders(3, 4, 1))
    runs_alone = found.values.std(axis=-1, ddof=1) / np.sqrt(50)
    np.testing.assert_allclose(found.standard_error**2, runs_alone**2 + found.sampling_error**2)
    assert (exact(3, table_worth(3, 1)).sampling_error == 0.0).all()


def test_one_order_tells_no_error() -> None:
    with pytest.raises(ValueError, match="draw 2 or more"):
        sampled(table_worth(3, 1), [(0, 1, 2)])


def test_sampling_asks_for_no_set_that_was_not_announced() -> None:
    orders, worth = drawn_orders(6, 5, 2), table_worth(6, 1)
    asked: set[Coalition] = set()

    def listening(present: Coalition) -> Floats:
        asked.add(present)
        return worth(present)

    sampled(listening, orders)
    assert asked == coalitions_of(orders)
    assert drawn_orders(6, 5, 2) == orders != drawn_orders(6, 5, 3)
