"""Standing: what is kept in step with arrangements is what would be worked out anew."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, strategies as some

import dyads
from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import Simulation
from tensionsim.engine.world import Availability, World, change
from tensionsim.model.choice import can_be_made
from tensionsim.model.structure import sum_by
from tensionsim.scenario.scenario import load

SCENARIOS = ("trump2-petro-2025", "venezuela-crisis", "norland-suderia")


def assert_in_step(now: Simulation) -> None:
    anew = Availability(now.world, now.state.in_force, now.state.matters)
    assert np.array_equal(now.availability.score, anew.score)
    assert np.array_equal(now.availability.is_open, anew.is_open)


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_keeps_in_step_through_a_simulation(name: str) -> None:
    now = dyads.start(load(name, set={"parameters.base_political": 1.0}), runs=40, seed=2)
    before = now.availability.is_open.copy()
    for _ in range(12):
        dyads.go(now, 2)
        assert_in_step(now)
    assert not np.array_equal(before, now.availability.is_open)


@cache
def world() -> World:
    return assemble(load("trump2-petro-2025"))


@given(some.integers(0, 2**32 - 1))
def test_it_follows_any_change_of_what_is_in_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    now = dyads.start(world(), runs=6)
    for _ in range(3):
        instance, run = rng.integers(0, len(now.world.instances), 20), rng.integers(0, 6, 20)
        now.state.in_force[instance, run] = rng.random(20) < 0.5
        change(now.availability, now.world, now.state, instance, run)
        now.availability.renew(now.world, now.state)
        assert_in_step(now)


def test_scores_and_openings_are_those_of_their_definitions() -> None:
    now = dyads.start(world(), runs=5)
    dyads.go(now, 10)
    of, in_force = now.world, now.state.in_force
    counted = of.instances.score[:, None] * in_force[of.instances.instance]
    assert np.array_equal(now.availability.score, sum_by(counted, of.instances.channel, len(of.channels)))
    for channel in range(len(of.channels)):
        for slot, move in enumerate(of.menus.move[: of.menus.size[channel], channel]):
            possible = can_be_made(of.menus, int(move), channel, in_force, now.state.matters)
            assert np.array_equal(now.availability.is_open[channel, :, slot], possible)
        assert not now.availability.is_open[channel, :, of.menus.size[channel] :].any()
