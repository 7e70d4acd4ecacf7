"""What actors see, and the numbers in force, against the model's definitions written out actor by actor."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import dyads
from tensionsim.engine.simulation import Simulation
from tensionsim.engine.step import View
from tensionsim.engine.world import perceive
from tensionsim.model.mechanisms import Scene
from tensionsim.model.structure import Channel, Floats
from tensionsim.scenario.scenario import load

RUNS = 8
SOME = {
    "actors.washington.salience.drugs": {"uniform": [0.1, 0.9]},
    "actors.region.affinity.bogota": {"uniform": [0.1, 0.9]},
    "parameters.tone_prior": {"uniform": [0.2, 0.9]},
    "elections": {"washington": "2025-09-01"},
}


@cache
def world() -> tuple[Simulation, Scene]:
    now = dyads.start(load("trump2-petro-2025", set=SOME), runs=RUNS, seed=6)
    dyads.go(now, 30)
    return now, perceive(now.world, now.state, now.numbers)


def setting(path: str) -> Floats:
    return np.broadcast_to(world()[0].settings.get(path), RUNS)


def rows(actor: str, target: str) -> list[int]:
    return [row for row, one in enumerate(world()[0].world.channels.rows) if (one.actor, one.target) == (actor, target)]


def pair(actor: str, target: str) -> int:
    return world()[0].world.channels.pairs.index((actor, target))


def actors() -> tuple[str, ...]:
    return world()[0].world.names.actors


def near(values: Floats) -> object:
    return pytest.approx(np.broadcast_to(values, RUNS), abs=1e-12)


def salience(actor: str, issue: str) -> Floats:
    issues = world()[0].world.names.issues
    return setting(f"actors.{actor}.salience.{issue}") / sum(
        setting(f"actors.{actor}.salience.{one}") for one in issues
    )


def alternative(actor: str, patron: str, partner: str) -> Floats:
    rivalry = np.maximum(0.0, -setting(f"actors.{patron}.affinity.{partner}"))
    return rivalry * (1.0 + setting(f"actors.{actor}.affinity.{partner}")) / 2.0


def each_channel() -> list[tuple[int, Channel]]:
    return list(enumerate(world()[0].world.channels.rows))


def test_weight_and_base_rate_are_those_of_the_actor_on_the_issue() -> None:
    now, seen = world()
    for row, one in each_channel():
        weight = salience(one.actor, one.issue) * 4
        assert np.broadcast_to(seen.weight[row], RUNS) == near(weight)
        base = setting(f"actors.{one.actor}.attention") * weight * setting(f"parameters.base_{one.track}")
        assert np.broadcast_to(now.numbers.base_rate[row], RUNS) == near(base)


def test_the_index_weighs_issues_by_the_principals_mean_salience() -> None:
    now, _ = world()
    for row, issue in enumerate(now.world.names.issues):
        mean = (salience("washington", issue) + salience("bogota", issue)) / 2.0
        assert np.broadcast_to(now.numbers.issue_weight[row], RUNS) == near(mean)


def test_agreement_falls_with_the_distance_of_stances_as_moves_have_shifted_them() -> None:
    now, seen = world()
    for row, one in each_channel():
        where = []
        for actor in (one.actor, one.target):
            shift = now.state.stance_shift[actors().index(actor), now.world.names.issues.index(one.issue)]
            where.append(np.clip(setting(f"actors.{actor}.stances.{one.issue}") + shift, 0.0, 1.0))
        assert seen.agreement[row] == near(1.0 - 2.0 * np.abs(where[0] - where[1]))


def test_tone_is_net_over_activity_and_prior() -> None:
    now, seen = world()
    prior = setting("parameters.tone_prior")
    assert seen.tone_fast == pytest.approx(now.state.net_fast / (now.state.acts_fast + prior))
    assert seen.tone_slow == pytest.approx(now.state.net_slow / (now.state.acts_slow + prior))
    assert (np.abs(seen.tone_fast) <= 1.0).all()


def test_pressure_and_conduct_of_a_pair_are_sums_over_its_channels() -> None:
    now, seen = world()
    words = setting("parameters.verbal_weight")
    for number, (actor, target) in enumerate(now.world.channels.pairs):
        mine = rows(actor, target)
        assert seen.pair_conduct[number] == near(sum(now.state.verbal[row] + now.state.material[row] for row in mine))
        felt = sum(np.maximum(0.0, -now.state.material[row] - words * now.state.verbal[row]) for row in mine)
        assert seen.pressure[number] == near(felt)


def test_dependence_falls_with_engagement_elsewhere() -> None:
    now, seen = world()
    for number, (actor, target) in enumerate(now.world.channels.pairs):
        stated = setting(f"actors.{actor}.dependence.{target}")
        left = 1.0 - setting("parameters.substitution") * now.state.engagement[number]
        assert seen.dependence[number] == near(stated * left)
    assert (now.state.engagement[pair("bogota", "washington")] > 0.0).all()


def test_an_alternative_is_the_patrons_rival_so_far_as_one_can_bear_it() -> None:
    _, seen = world()
    for i, one in enumerate(actors()):
        for j, patron in enumerate(actors()):
            for k, partner in enumerate(actors()):
                assert np.broadcast_to(seen.alternative[i, j, k], RUNS) == near(alternative(one, patron, partner))


def test_grievances_sum_over_indicators_of_the_issue_against_who_is_responsible() -> None:
    now, seen = world()
    file = now.world.scenario.file
    assert any(one.responsible for one in file.indicators.values())
    for row, channel in each_channel():
        total = np.zeros(RUNS)
        for place, (name, one) in enumerate(file.indicators.items()):
            is_blamed = one.responsible in (None, channel.target) and one.responsible != channel.actor
            if is_blamed and one.issue == channel.issue:
                beyond = now.state.indicators[place] / one.reference - 1.0
                total += setting(f"actors.{channel.actor}.yardstick.{name}") * beyond
        assert seen.grievance[row] == near(total)


def test_engagement_and_sympathy_remember_what_alternatives_and_the_region_do() -> None:
    now, seen = world()
    before = {name: getattr(now.state, name).copy() for name in ("engagement", "sympathy")}
    again = dyads.start(now.world, runs=RUNS, seed=6)
    dyads.go(again, 31)
    keep = {name: 2.0 ** (-now.world.dt_months / setting(f"parameters.{name}_half_life")) for name in before}
    for number, (actor, patron) in enumerate(now.world.channels.pairs):
        engaged = sum(
            alternative(actor, patron, partner) * np.maximum(0.0, seen.pair_conduct[pair(actor, partner)])
            for partner in actors()
            if partner not in (actor, patron) and (actor, partner) in now.world.channels.pairs
        )
        expected = keep["engagement"] * before["engagement"][number]
        expected = expected + (1.0 - keep["engagement"]) * np.minimum(1.0, engaged)
        assert again.state.engagement[number] == near(expected)
    for number, name in enumerate(actors()):
        pressed = sum(seen.pressure[row] for row, (_, to) in enumerate(now.world.channels.pairs) if to == name)
        liked = np.zeros(RUNS)
        if ("region", name) in now.world.channels.pairs:
            liking = np.maximum(0.0, setting(f"actors.region.affinity.{name}"))
            kind = np.maximum(0.0, seen.pair_conduct[pair("region", name)])
            liked = kind + setting("parameters.sympathy_gain") * liking * pressed
        expected = keep["sympathy"] * before["sympathy"][number] + (1.0 - keep["sympathy"]) * liked
        assert again.state.sympathy[number] == near(expected)


def test_what_is_seen_is_what_actors_decide_on() -> None:
    now, seen = world()
    view = View(now)
    assert np.array_equal(view.seen.agreement, seen.agreement)
    assert np.isfinite(view.direction).all()
    assert (view.rate >= 0.0).all()
