"""Activity is a Hawkes process: its mean is the stationary rate, on both tracks, in any step.

Of moves without lasting effects: what begins or ends an arrangement is made once in a step, which thins them a little.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import dyads
from dyads import AVALON, BRIGADOON
from tensionsim import stability
from tensionsim.engine import assemble, begin
from tensionsim.record import Record
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario
from tensionsim.world.channels import Floats

EXCITATION = {"own_fast": 0.15, "own_slow": 0.10, "other_fast": 0.25, "other_slow": 0.10}
BRANCHING = sum(EXCITATION.values())
BASES = {"base_political": 0.8, "base_technical": 0.5}
WARM_UP_MONTHS, MONTHS, RUNS = 24.0, 60.0, 400


@cache
def hawkes(step: str = "week", attention: tuple[float, float] = (1.0, 1.0)) -> Scenario:
    talk = ["bow", "scold", "share_maps", "hide_maps"]
    actors = {
        actor: {"attention": one, "repertoire": talk} for actor, one in zip((AVALON, BRIGADOON), attention, strict=True)
    }
    months = {"day": 12 / 365, "week": 12 / 52, "month": 1.0}[step]
    return dyads.scenario(
        actors=actors,
        step=step,
        end="2036-01-06",
        parameters=EXCITATION | BASES | {"acts_per_step": min(100, int(80 * months + 10))},
    )


@cache
def record(step: str = "week", attention: tuple[float, float] = (1.0, 1.0)) -> Record:
    return dyads.record(hawkes(step, attention), runs=RUNS, seed=4)


def rates(step: str = "week", attention: tuple[float, float] = (1.0, 1.0)) -> tuple[Floats, Floats]:
    """Mean acts a month of each channel after the warm-up, and its standard error over runs."""
    of, world = record(step, attention), assemble(hawkes(step, attention))
    first = int(np.ceil(WARM_UP_MONTHS / world.dt_months))
    late = of.move_step >= first
    counts = np.zeros((len(world.channels), RUNS))
    np.add.at(counts, (of.move_channel[late], of.move_run[late]), 1.0)
    counts /= (world.steps - first) * world.dt_months
    return counts.mean(axis=1), counts.std(axis=1) / np.sqrt(RUNS)


@pytest.mark.parametrize("step", ["week", "month"])
def test_mean_activity_is_the_base_over_one_minus_the_branching_ratio(step: str) -> None:
    found, error = rates(step)
    bases = [BASES[f"base_{channel.track}"] for channel in assemble(hawkes()).channels.rows]
    assert (np.abs(found - np.array(bases) / (1.0 - BRANCHING)) < 4.5 * error).all()


def test_mean_activity_solves_the_linear_equations_where_the_sides_differ() -> None:
    found, error = rates(attention=(1.0, 0.2))
    channels = assemble(hawkes()).channels
    own, other = EXCITATION["own_fast"] + EXCITATION["own_slow"], EXCITATION["other_fast"] + EXCITATION["other_slow"]
    matrix = own * np.eye(4)
    matrix[np.arange(4), channels.mirror] = other
    base = [BASES[f"base_{one.track}"] * (1.0 if one.actor == AVALON else 0.2) for one in channels.rows]
    expected = np.linalg.solve(np.eye(4) - matrix, base)
    assert (np.abs(found - expected) < 4.5 * error).all()
    now = begin(assemble(hawkes(attention=(1.0, 0.2))), Luck(0, 0, 1))
    assert stability.stationary_rates(now) == pytest.approx(expected)


def test_the_branching_ratio_reported_is_the_sum_of_what_an_act_breeds() -> None:
    assert stability.of(hawkes()).branching == pytest.approx(BRANCHING)


def test_acts_come_in_bursts() -> None:
    """Over-dispersion of the counts in a month: a Poisson process has a variance to mean of 1."""
    of, world = record(), assemble(hawkes())
    step = of.move_step - 104
    counts = np.zeros((RUNS, (world.steps - 104) // 4 + 1))
    late = (step >= 0) & (of.move_channel == 0)
    np.add.at(counts, (of.move_run[late], step[late] // 4), 1.0)
    assert counts[:, :-1].var() / counts[:, :-1].mean() > 1.3
