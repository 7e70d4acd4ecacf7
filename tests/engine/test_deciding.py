"""Deciding: what is drawn for all channels is what is drawn for each."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import dyads
from tensionsim.engine.simulation import Simulation
from tensionsim.engine.step import View, decide, decide_all
from tensionsim.engine.world import Acts
from tensionsim.model.structure import Ints
from tensionsim.scenario.scenario import load

RUNS = 200


@cache
def under_way() -> tuple[Simulation, View]:
    now = dyads.start(load("trump2-petro-2025", set={"parameters.base_political": 2.0}), runs=RUNS, seed=4)
    dyads.go(now, 10)
    return now, View(now)


def listed(acts: Acts) -> set[tuple[int, ...]]:
    return set(zip(acts.channel.tolist(), acts.run.tolist(), acts.move.tolist(), strict=True))


def test_each_channels_choice_is_the_same_alone() -> None:
    now, view = under_way()
    together = listed(decide_all(now, view))
    parts: list[Ints] = [np.array([row]) for row in range(len(now.world.channels))]
    assert set().union(*(listed(decide(now, view, rows)) for rows in parts)) == together
    assert len(together) > RUNS


def test_choices_are_on_the_menu_and_can_be_made() -> None:
    now, view = under_way()
    acts, menu = decide_all(now, view), now.world.menus
    for channel, run, move in zip(acts.channel, acts.run, acts.move, strict=True):
        assert move in menu.move[: menu.size[channel], channel]
        begun = [row for row in menu.begins[:, move, channel] if row >= 0]
        ended = [row for row in menu.ends[:, move, channel] if row >= 0]
        assert not begun or not now.state.in_force[begun, run].all()
        assert not ended or now.state.in_force[ended, run].any()
        assert not now.state.in_force[[row for row in menu.bars[:, move, channel] if row >= 0], run].any()
        asked = menu.matters.row[menu.matters.presupposed[:, move], channel]
        assert now.state.matters[asked, run].any()


def test_unpredictability_divides_the_direction() -> None:
    calm, wild = (
        View(dyads.start(load("trump2-petro-2025", set={"actors.*.unpredictability": how}))).direction for how in (1, 4)
    )
    assert wild == pytest.approx(calm / 4.0)


def test_a_dependent_actor_shies_from_hostile_deeds() -> None:
    def deeds(dependence: float) -> float:
        """Share of hostile material moves among a side's moves, with mechanisms that read dependence off."""
        off = {name: "off" for name in ("concession", "rupture_avoidance", "diversification", "contagion")}
        busy = {"attention": 1.0}
        of = dyads.scenario(
            actors={dyads.AVALON: busy | {"dependence": {dyads.BRIGADOON: dependence}}, dyads.BRIGADOON: busy},
            mechanisms=off,
            parameters={"cost": 3.0, "base_political": 3.0},
        )
        world, record = dyads.start(of).world, dyads.record(of, runs=200)
        mine = record.move_channel == dyads.channel(world, dyads.AVALON)
        hostile = np.isin(record.move_id, [world.menus.names.index(name) for name in ("raise_toll", "shut_gate")])
        return float((mine & hostile).sum() / mine.sum())

    assert deeds(0.9) < 0.7 * deeds(0.0)


def test_nobody_acts_where_the_menu_is_empty() -> None:
    of = dyads.scenario(
        actors={dyads.AVALON: {"repertoire": ["bow"], "attention": 1.0}, dyads.BRIGADOON: {"attention": 1.0}},
        parameters={"base_technical": 5.0},
    )
    now = dyads.start(of)
    empty = dyads.channel(now, dyads.AVALON, track="technical")
    assert View(now).rate[empty, 0] == 0.0
    assert empty not in dyads.record(of, runs=20).move_channel


def test_the_acts_of_one_channel_in_one_step_have_luck_of_their_own() -> None:
    of = dyads.scenario(
        actors={dyads.AVALON: {"attention": 1.0, "repertoire": ["bow", "scold"]}, dyads.BRIGADOON: {"attention": 0.0}},
        parameters=dict(dyads.SILENT) | {"base_political": 100.0, "acts_per_step": 8},
    )
    record = dyads.record(of, runs=50)
    counts = np.zeros((50, 26, 2))
    np.add.at(counts, (record.move_run, record.move_step, (record.move_id == record.move_id.min()).astype(int)), 1.0)
    assert (counts.sum(axis=2) == 8).all()
    assert ((counts > 0).all(axis=2)).mean() > 0.5
