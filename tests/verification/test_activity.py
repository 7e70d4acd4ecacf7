"""Activity is a Hawkes process: its mean is the stationary rate, on both tracks, in any step.

The governments and what they must agree with are those of `tensionsim replicate hawkes`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tensionsim import replication as hawkes
from tensionsim.engine import stability
from tensionsim.engine.build import assemble
from tensionsim.engine.run import simulate
from tensionsim.engine.simulation import begin
from tensionsim.engine.stability import Stability
from tensionsim.model.structure import Floats
from tensionsim.rng import RandomStreams
from tensionsim.scenario.scenario import Scenario

RUNS = 400
END = "2036-01-06"
EQUAL, UNEQUAL = (1.0, 1.0), (1.0, 0.2)


@cache
def pair(step: str = "week", attention: tuple[float, float] = EQUAL) -> Scenario:
    return hawkes.exciting(step, attention, END)


def rates(step: str = "week", attention: tuple[float, float] = EQUAL) -> tuple[Floats, Floats]:
    """Mean acts a month of each channel after the warm-up, and its standard error over runs."""
    of = pair(step, attention)
    found = hawkes.rates(of, hawkes.counts(of, runs=RUNS, seed=4))
    return np.array([one.value for one in found]), np.array([one.error for one in found])


@pytest.mark.parametrize("step", ["week", "month"])
def test_mean_activity_is_the_base_over_one_minus_the_branching_ratio(step: str) -> None:
    found, error = rates(step)
    bases = [hawkes.BASES[channel.track] for channel in assemble(pair()).channels.rows]
    assert (np.abs(found - np.array(bases) / (1.0 - hawkes.BRANCHING)) < 4.5 * error).all()


def test_mean_activity_solves_the_linear_equations_where_the_sides_differ() -> None:
    found, error = rates(attention=UNEQUAL)
    expected = hawkes.expected_rates(pair(attention=UNEQUAL), UNEQUAL)
    assert (np.abs(found - expected) < 4.5 * error).all()
    now = begin(assemble(pair(attention=UNEQUAL)), RandomStreams(0, 0, 1))
    assert stability.stationary_rates(now) == pytest.approx(expected)


def test_the_branching_ratio_reported_is_the_sum_of_what_an_act_breeds() -> None:
    assert Stability.of(pair()).branching == pytest.approx(hawkes.BRANCHING)


def test_acts_come_in_bursts() -> None:
    """Over-dispersion of the counts in a month: a Poisson process has a variance to mean of 1."""
    world = assemble(pair())
    of = simulate(world, RandomStreams(4, 0, RUNS))
    step = of.move_step - 104
    counts = np.zeros((RUNS, (world.steps - 104) // 4 + 1))
    late = (step >= 0) & (of.move_channel == 0)
    np.add.at(counts, (of.move_run[late], step[late] // 4), 1.0)
    assert counts[:, :-1].var() / counts[:, :-1].mean() > 1.3
