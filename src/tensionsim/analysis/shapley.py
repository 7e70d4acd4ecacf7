"""Shapley values: a whole that several elements make together, split fairly among them.

An element's value is what it adds when it joins those that came before it, on average over all orders in which all of
them could come. The values sum to the whole; elements that do the same get the same; one that adds nothing gets
nothing. Up to `MOST_EXACT` elements every set of them is tried; beyond, some orders are drawn, each with its reverse
beside it, which makes the average exact wherever elements interact by twos only.

References
----------
Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II.
Lomeli, M., Rowland, M., Gretton, A. & Ghahramani, Z. (2019). Antithetic and Monte Carlo kernel estimators for partial
rankings. Statistics and Computing 29.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Coalition = frozenset[int]
Worth = Callable[[Coalition], Floats]
"""What a set of elements makes together, in every run: shape (run,)."""

MOST_EXACT = 10


@dataclass(frozen=True, slots=True)
class Shares:
    """What each element makes of the whole.

    values : in every run, shape (element, run); their sum over elements is the whole of that run. sampling_error :
    standard error of each one's mean that comes from the orders drawn alone, shape (element,); 0 where all were tried.
    """

    values: Floats
    sampling_error: Floats

    @property
    def standard_error(self) -> Floats:
        """Standard error of the mean over runs, shape (element,): of the runs and of the orders together."""
        return np.hypot(error_of_mean(self.values), self.sampling_error)


def error_of_mean(values: Floats) -> Floats:
    """Standard error of the mean over the last axis; not a number where that has one entry."""
    count = values.shape[-1]
    if count < 2:
        return np.full(values.shape[:-1], np.nan)
    error: Floats = values.std(axis=-1, ddof=1) / math.sqrt(count)
    return error


def exact(count: int, worth: Worth) -> Shares:
    """The Shapley values of `count` elements, from the worth of every set of them."""
    elements = range(count)
    found = {coalition: worth(coalition) for coalition in all_coalitions(count)}
    values = np.zeros((count, *found[frozenset()].shape))
    for coalition, before in found.items():
        for element in elements:
            if element not in coalition:
                values[element] += _weight(len(coalition), count) * (found[coalition | {element}] - before)
    return Shares(values, np.zeros(count))


def all_coalitions(count: int) -> Iterator[Coalition]:
    """Every set of the elements 0 .. count - 1, the smaller first."""
    for size in range(count + 1):
        yield from map(frozenset, combinations(range(count), size))


def _weight(before: int, count: int) -> float:
    """Share of the orders in which one given element comes right after `before` given ones."""
    return math.factorial(before) * math.factorial(count - before - 1) / math.factorial(count)


def sampled(count: int, worth: Worth, orders: Iterable[tuple[int, ...]]) -> Shares:
    """The Shapley values of `count` elements, estimated from some orders and the reverse of each.

    orders : at least two, drawn at random; see `drawn_orders`.
    """
    pairs = []
    for order in orders:
        there, back = _additions(order, worth), _additions(order[::-1], worth)
        pairs.append((there + back) / 2.0)
    if len(pairs) < 2:
        raise ValueError(f"an error cannot be told from {len(pairs)} order; draw 2 or more")
    table = np.array(pairs)
    means = table.mean(axis=-1)
    return Shares(table.mean(axis=0), means.std(axis=0, ddof=1) / math.sqrt(len(pairs)))


def drawn_orders(count: int, pairs: int, seed: int) -> list[tuple[int, ...]]:
    """Orders of the elements 0 .. count - 1, drawn at random; the same for the same seed."""
    generator = np.random.default_rng([seed, count])
    return [tuple(generator.permutation(count).tolist()) for _ in range(pairs)]


def coalitions_of(orders: Iterable[tuple[int, ...]]) -> set[Coalition]:
    """Every set of elements that `sampled` asks the worth of."""
    return {
        frozenset(way[:size])
        for order in orders
        for way in (order, order[::-1])
        for size in range(len(order) + 1)
    }  # fmt: skip


def _additions(order: tuple[int, ...], worth: Worth) -> Floats:
    """What each element adds to those before it in one order, shape (element, run)."""
    before = worth(frozenset())
    added = np.empty((len(order), *before.shape))
    for place, element in enumerate(order):
        after = worth(frozenset(order[: place + 1]))
        added[element] = after - before
        before = after
    return added
