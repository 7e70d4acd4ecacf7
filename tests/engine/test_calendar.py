"""The calendar: what a file dates happens in the step that holds the date, with luck of its own."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

import dyads
from dyads import AVALON, BRIGADOON, on
from tensionsim.engine import calendar
from tensionsim.engine.build import assemble
from tensionsim.engine.step import View, heat
from tensionsim.scenario.scenario import Scenario

WEEKS = [dt.date(2031, 1, 6) + dt.timedelta(weeks=week) for week in range(5)]
LEADERS = {
    "stern": {"rhetoric": 0.9, "stances": {"road": 1.0}, "affinity": {AVALON: -0.5}},
    "mild": {"rhetoric": 0.1, "checks": {"elders": {"stops": ["scold"], "chance": 1.0}}},
}
MANY = 4000
DT = 12.0 / 52.0


def rhetoric_base(of: Scenario, steps: int, runs: int = 1, actor: str = BRIGADOON) -> np.ndarray:
    """The rhetoric that an actor tends to, in every run, in the step number `steps`."""
    now = dyads.start(of, runs=runs)
    dyads.go(now, steps + 1)
    return np.broadcast_to(now.settings.get(f"actors.{actor}.rhetoric"), runs)


def coins(*changes: dict[str, Any]) -> Scenario:
    return dyads.quiet(changes=list(changes))


def coin(chance: float, actor: str = BRIGADOON, **more: Any) -> dict[str, Any]:
    """A change on a date: an actor's rhetoric becomes 0.9 with a chance, else 0.1."""
    path = f"actors.{actor}.rhetoric"
    sides = [{"chance": chance, "set": {path: 0.9}}, {"chance": 1.0 - chance, "set": {path: 0.1}}]
    return {"date": "2031-01-20", "one_of": sides, **more}


@pytest.mark.parametrize(
    ("day", "step"), [("2031-01-05", -1), ("2031-01-06", 0), ("2031-01-12", 0), ("2031-01-13", 1), ("2031-02-03", 4)]
)
def test_a_date_belongs_to_the_step_that_begins_on_it_or_last_before_it(day: str, step: int) -> None:
    assert calendar.step_of(dt.date.fromisoformat(day), WEEKS) == step


@pytest.mark.parametrize(("length", "step"), [("day", 17), ("week", 2), ("month", 0)])
def test_a_scheduled_move_is_made_in_the_step_of_its_date_and_shows_in_the_row_after(length: str, step: int) -> None:
    of = dyads.quiet(step=length, schedule=[on("2031-01-23", AVALON, "open_gate")])
    found = dyads.record(of)
    assert dyads.made(found, assemble(of)) == [(step, AVALON, "open_gate", 2)]
    assert (found.conduct[: step + 1] == 0.0).all()
    assert found.conduct[step + 1].any()
    gate = next(row for row, one in enumerate(assemble(of).instances.rows) if one.kind == "gate")
    assert np.array_equal(found.in_force[:, gate, 0], np.arange(len(found.dates)) > step)


@pytest.mark.parametrize("turned", [False, True])
def test_scheduled_moves_of_one_step_follow_one_another_by_date_not_by_their_order_in_the_file(turned: bool) -> None:
    moves = [on("2031-01-07", AVALON, "raise_toll"), on("2031-01-08", AVALON, "drop_toll")]
    of = dyads.quiet(schedule=moves[::-1] if turned else moves)
    assert not dyads.record(of).in_force[1].any()
    again = dyads.quiet(schedule=[*moves, on("2031-01-09", AVALON, "raise_toll")])
    assert dyads.record(again).in_force[1].sum() == 1


def test_a_scheduled_move_replaces_the_own_choice_in_its_channel_only() -> None:
    busy = {"attention": 1.0}
    of = dyads.scenario(
        actors={AVALON: busy, BRIGADOON: busy},
        parameters={"base_political": 50.0},
        schedule=[on("2031-01-06", AVALON, "scold")],
    )
    first = [entry for entry in dyads.made(dyads.record(of), assemble(of)) if entry[0] == 0]
    political = {name for name, one in dyads.MOVES.items() if one["track"] == "political"}
    assert [entry[2:] for entry in first if entry[1] == AVALON and entry[2] in political] == [("scold", 2)]
    assert [entry for entry in first if entry[1] == BRIGADOON]


def test_what_is_scheduled_happens_though_its_arrangement_stands_already() -> None:
    of = dyads.quiet(schedule=[on("2031-01-06", AVALON, "open_gate"), on("2031-01-20", BRIGADOON, "open_gate")])
    assert [entry[0] for entry in dyads.made(dyads.record(of), assemble(of))] == [0, 2]


def test_a_change_holds_from_the_step_of_its_date_on() -> None:
    of = dyads.quiet(changes=[{"date": "2031-01-22", "set": {f"actors.{BRIGADOON}.rhetoric": 0.8}}])
    assert [rhetoric_base(of, step)[0] for step in (0, 1, 2, 3)] == [0.3, 0.3, 0.8, 0.8]


def test_of_two_changes_in_one_step_the_later_date_wins_whatever_the_order_in_the_file() -> None:
    path = f"actors.{BRIGADOON}.rhetoric"
    changes = [{"date": "2031-01-23", "set": {path: 0.8}}, {"date": "2031-01-21", "set": {path: 0.2}}]
    assert rhetoric_base(dyads.quiet(changes=changes), 2)[0] == 0.8


def test_alternatives_happen_as_often_as_they_say() -> None:
    share = (rhetoric_base(coins(coin(0.3)), 2, MANY) == 0.9).mean()
    assert share == pytest.approx(0.3, abs=4.0 * np.sqrt(0.3 * 0.7 / MANY))


def test_a_likelier_alternative_keeps_the_runs_that_it_had() -> None:
    rarely, often = (rhetoric_base(coins(coin(chance)), 2, MANY) == 0.9 for chance in (0.3, 0.6))
    assert (often | ~rarely).all()


def test_the_luck_of_an_alternative_does_not_depend_on_the_rest_of_the_file() -> None:
    alone = rhetoric_base(coins(coin(0.5)), 2, 200)
    beside = rhetoric_base(coins(coin(0.5), coin(0.5, AVALON, date="2031-01-13")), 2, 200)
    assert np.array_equal(alone, beside)


def test_two_coins_of_one_day_are_two() -> None:
    of = coins(coin(0.5), coin(0.5, AVALON))
    one, other = (rhetoric_base(of, 2, MANY, actor) == 0.9 for actor in (AVALON, BRIGADOON))
    assert (one & other).mean() == pytest.approx(0.25, abs=0.04)


def test_an_uncertain_value_of_an_alternative_is_drawn_in_its_runs_only() -> None:
    path = f"actors.{BRIGADOON}.rhetoric"
    sides = [{"chance": 0.5, "set": {path: {"uniform": [0.8, 0.9]}}}, {"chance": 0.5, "set": {path: 0.1}}]
    found = rhetoric_base(dyads.quiet(changes=[{"date": "2031-01-20", "one_of": sides}]), 2, 400)
    drawn = found[found != 0.1]
    assert 120 < drawn.size < 280
    assert ((drawn >= 0.8) & (drawn <= 0.9)).all()
    assert np.unique(drawn).size == drawn.size


def test_a_new_leader_brings_attributes_and_checks() -> None:
    of = dyads.quiet(
        leaders=LEADERS,
        actors={BRIGADOON: {"leader": "stern"}},
        changes=[{"date": "2031-01-20", "actor": BRIGADOON, "leader": "mild"}],
        schedule=[],
    )
    assert [rhetoric_base(of, step)[0] for step in (1, 2)] == [0.9, 0.1]
    now = dyads.start(of)
    dyads.go(now, 3)
    assert [list(LEADERS)[row] for row in now.state.leader[1]] == ["mild"]
    assert now.world.rulebook.vetoes[0].leader == list(LEADERS).index("mild")


def test_what_is_set_beside_a_new_leader_wins_over_the_leaders_own() -> None:
    change = {"date": "2031-01-20", "actor": BRIGADOON, "leader": "stern", "set": {f"actors.{BRIGADOON}.rhetoric": 0.5}}
    assert rhetoric_base(dyads.quiet(leaders=LEADERS, changes=[change]), 2)[0] == 0.5


def test_a_stated_stance_takes_the_place_of_what_moves_made_of_the_old_one() -> None:
    moves = {**dyads.MOVES, "preach": dyads.move(1.0, shifts={"stance": 0.2})}
    of = dyads.quiet(
        moves=moves,
        schedule=[on("2031-01-06", BRIGADOON, "preach")],
        changes=[{"date": "2031-01-20", "set": {f"actors.{BRIGADOON}.stances.road": 0.9}}],
    )
    now = dyads.start(of)
    dyads.go(now, 1)
    assert now.state.stance_shift[1, 0, 0] == pytest.approx(0.2)
    dyads.go(now, 2)
    assert now.state.stance_shift[1, 0, 0] == 0.0


def test_a_wildcard_sets_every_actor() -> None:
    of = dyads.quiet(changes=[{"date": "2031-01-20", "set": {"actors.*.rhetoric": 0.7}}])
    assert [rhetoric_base(of, 2, actor=actor)[0] for actor in (AVALON, BRIGADOON)] == [0.7, 0.7]


def test_months_to_elections_count_down_and_end() -> None:
    days = (dt.date(2031, 1, 20), dt.date(2031, 7, 6))
    table = calendar.months_to_elections({"b": days}, ("a", "b"), [*WEEKS, dt.date(2031, 8, 1)])
    assert np.isinf(table[0]).all()
    assert table[1, :3] == pytest.approx(np.array([14.0, 7.0, 0.0]) * 12.0 / 365.0)
    assert table[1, 3] == pytest.approx((days[1] - WEEKS[3]).days * 12.0 / 365.0)
    assert np.isinf(table[1, -1])


def test_an_election_heats_words_and_taste_and_then_is_over() -> None:
    of = dyads.quiet(elections={BRIGADOON: "2031-03-31"}, parameters={"heat_half_life": 1.0, "heat_intensity": 0.5})
    now = dyads.start(of)
    warmth, taste, words = [], [], []
    for _ in range(20):
        warmth.append(float(heat(now)[1, 0]))
        taste.append(float(View(now).intensity[1, 0]))
        words.append(float(now.state.rhetoric[1, 0]))
        assert heat(now)[0, 0] == 0.0
        dyads.go(now, 1)
    at_hand = 12
    assert warmth[at_hand] == 1.0
    assert warmth[:at_hand] == sorted(warmth[:at_hand])
    assert warmth[at_hand + 1 :] == [0.0] * 7
    assert warmth[0] == pytest.approx(2.0 ** -(84 * 12 / 365))
    assert np.array(taste) == pytest.approx(2.0 + 0.5 * np.array(warmth))
    keep = 2.0 ** (-DT / 3.0)
    for at in range(19):
        assert words[at + 1] == pytest.approx(keep * words[at] + (1.0 - keep) * (0.3 + 0.25 * warmth[at]))
    assert words[at_hand + 1] == max(words) > words[0] == 0.3
    assert words[-1] < words[at_hand + 1]


def test_what_only_the_old_leader_said_stays() -> None:
    of = dyads.quiet(
        leaders=LEADERS,
        actors={BRIGADOON: {"affinity": {AVALON: 0.2}}},
        changes=[
            {"date": "2031-01-13", "actor": BRIGADOON, "leader": "stern"},
            {"date": "2031-01-20", "actor": BRIGADOON, "leader": "mild"},
        ],
    )
    now = dyads.start(of)
    dyads.go(now, 3)
    assert now.settings.get(f"actors.{BRIGADOON}.affinity.{AVALON}").tolist() != [0.2]
