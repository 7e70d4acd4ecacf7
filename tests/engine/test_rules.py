"""Rules and checks: what a file asks of the state, when a doctrine acts, how often, and what a congress stops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dyads
from dyads import AVALON, BRIGADOON, CAMELOT, on
from tensionsim.engine.build import assemble
from tensionsim.scenario.scenario import Scenario

TOLL = (on("2031-01-20", AVALON, "raise_toll"), on("2031-03-03", AVALON, "drop_toll"))
RAISED, DROPPED = 3, 9
"""Rows from which on the toll stands, and from which on it does not."""


def held(condition: dict[str, Any], **fields: Any) -> list[int]:
    """Rows of the record in which a condition holds, while a toll is raised and dropped."""
    of = dyads.quiet(**({"schedule": list(TOLL)} | fields), events={"it": condition})
    return np.flatnonzero(dyads.record(of).events[:, 0, 0]).tolist()


def rows(first: int, last: int) -> list[int]:
    return list(range(first, last))


def conduct(actor: str = AVALON) -> np.ndarray:
    """Conduct of an actor on the political track by row, while a toll is raised and dropped."""
    of = dyads.quiet(schedule=list(TOLL))
    places = [name for name, row in enumerate(assemble(of).dyad) if row == dyads.channel(assemble(of), actor)]
    return dyads.record(of).conduct[:, places[0], 0]


LAST = 27


def test_an_arrangement_is_in_force_or_not() -> None:
    assert held({"arrangement": "toll"}) == rows(RAISED, DROPPED)
    assert held({"arrangement": "toll", "in_force": True}) == rows(RAISED, DROPPED)
    assert held({"arrangement": "toll", "in_force": False}) == [*rows(0, RAISED), *rows(DROPPED, LAST)]


def test_an_arrangement_is_its_holders_alone() -> None:
    assert held({"arrangement": "toll", "actor": AVALON}) == rows(RAISED, DROPPED)
    assert held({"arrangement": "toll", "actor": BRIGADOON}) == []


def test_a_mutual_arrangement_is_both_sides() -> None:
    gate = [on("2031-01-20", BRIGADOON, "open_gate")]
    for actor in (AVALON, BRIGADOON):
        assert held({"arrangement": "gate", "actor": actor}, schedule=gate) == rows(3, LAST)


def test_an_arrangement_may_be_asked_for_on_one_issue() -> None:
    two = {"issues": ("road", "well"), "schedule": [on("2031-01-20", AVALON, "raise_toll", "well")]}
    assert held({"arrangement": "toll", "issue": "well"}, **two) == rows(3, LAST)
    assert held({"arrangement": "toll", "issue": "road"}, **two) == []


def test_conduct_is_compared_with_its_bounds() -> None:
    path = conduct()
    assert held({"conduct": f"{AVALON} -> {BRIGADOON}", "below": -0.1}) == np.flatnonzero(path < -0.1).tolist()
    between = {"conduct": f"{AVALON} -> {BRIGADOON}", "below": -0.02, "above": -0.2}
    assert held(between) == np.flatnonzero((path < -0.02) & (path > -0.2)).tolist() != []
    assert held({"conduct": f"{BRIGADOON} -> {AVALON}", "below": -0.001}) == []


def test_conduct_may_be_narrowed_to_a_track_and_an_issue_or_widened_to_anyone() -> None:
    arrow = f"{AVALON} -> {BRIGADOON}"
    assert held({"conduct": arrow, "track": "technical", "below": -0.001}) == []
    assert held({"conduct": arrow, "track": "political", "issue": "road", "below": -0.001}) == rows(3, LAST)


def test_pressure_is_what_the_target_receives() -> None:
    assert held({"pressure": f"{AVALON} -> {BRIGADOON}", "above": 0.1}) == np.flatnonzero(conduct() < -0.1).tolist()
    assert held({"pressure": f"{BRIGADOON} -> {AVALON}", "above": 0.0}) == []


def test_who_has_nothing_to_do_with_each_other_exerts_no_pressure() -> None:
    actors = {CAMELOT: {"attention": 0.0}}
    assert held({"pressure": f"{CAMELOT} -> {AVALON}", "above": -1.0}, actors=actors) == rows(0, LAST)
    assert held({"pressure": f"{CAMELOT} -> {AVALON}", "above": 0.0}, actors=actors) == []


def test_cooperation_is_the_index_or_that_of_an_issue() -> None:
    of = dyads.quiet(issues=("road", "well"), schedule=list(TOLL))
    record = dyads.record(of)
    two = {"issues": ("road", "well")}
    low = np.flatnonzero(record.cooperation[:, 0] < 45.0).tolist()
    assert held({"cooperation": "below 45"}, **two) == held({"cooperation": "index", "below": 45}, **two) == low != []
    on_road = np.flatnonzero(record.issue_cooperation[:, 0, 0] < 35.0).tolist()
    assert held({"cooperation": "below 35", "issue": "road"}, **two) == on_road != []
    assert held({"cooperation": "below 49", "issue": "well"}, **two) == []


def test_indicators_are_compared_in_their_unit() -> None:
    wolves = {"wolves": {"value": 100, "unit": "wolves", "reference": 100, "issue": "road", "growth": 0.1}}
    assert held({"indicator": "wolves", "above": 150}, indicators=wolves) == rows(19, LAST)


def test_a_move_made_is_remembered_for_as_long_as_asked() -> None:
    assert held({"made": "raise_toll", "within": "3 weeks"}) == rows(RAISED, RAISED + 3)
    assert held({"made": "raise_toll"}) == rows(RAISED, LAST)
    assert held({"made": "open_gate"}) == []


@pytest.mark.parametrize("weeks", [1, 3, 6, 12, 24])
def test_so_many_weeks_are_so_many_weekly_rows(weeks: int) -> None:
    assert held({"made": "raise_toll", "within": f"{weeks} weeks"}) == rows(RAISED, min(RAISED + weeks, LAST))


def test_a_move_made_may_be_asked_of_someone_and_on_something() -> None:
    two = {"issues": ("road", "well"), "schedule": [on("2031-01-20", AVALON, "scold", "well")]}
    asked = {"made": "scold", "within": "1 week"}
    assert held(asked | {"actor": AVALON, "issue": "well"}, **two) == [3]
    assert held(asked | {"actor": BRIGADOON}, **two) == []
    assert held(asked | {"issue": "road"}, **two) == []


def test_dates_hold_from_the_first_to_before_the_last() -> None:
    assert held({"after": "2031-01-13", "before": "2031-02-03"}) == [1, 2, 3]
    assert held({"before": "2031-01-13"}) == [0]
    assert held({"after": "2031-06-30"}) == rows(25, LAST)


def test_all_any_and_none_combine() -> None:
    toll, early = {"arrangement": "toll"}, {"before": "2031-02-10"}
    assert held({"all": [toll, early]}) == rows(3, 5)
    assert held({"any": [toll, early]}) == rows(0, 9)
    assert held({"none": [toll, early]}) == rows(9, LAST)
    assert held({"all": [{"none": [toll]}, {"any": [early, {"after": "2031-06-30"}]}]}) == [0, 1, 2, 25, 26]


def test_a_condition_with_for_holds_only_once_it_has_lasted() -> None:
    assert held({"arrangement": "toll", "for": "4 weeks"}) == rows(RAISED + 4, DROPPED)
    assert held({"arrangement": "toll", "for": "6 weeks"}) == []
    assert held({"all": [{"arrangement": "toll", "for": "2 weeks"}], "for": "2 weeks"}) == rows(RAISED + 4, DROPPED)


def test_a_lapse_starts_the_count_anew() -> None:
    schedule = [*TOLL, on("2031-03-17", AVALON, "raise_toll")]
    assert held({"arrangement": "toll", "for": "5 weeks"}, schedule=schedule) == [8, *rows(16, LAST)]


def test_a_part_of_a_combination_is_timed_though_another_part_decides() -> None:
    part = {"arrangement": "toll", "for": "4 weeks"}
    assert held({"any": [{"before": "2032-01-01"}, part]}) == rows(0, LAST)
    assert held({"all": [{"after": "2031-02-24"}, part]}) == rows(7, DROPPED)


@pytest.mark.parametrize(("step", "first"), [("day", 14 + 61 + 1), ("week", 2 + 9 + 1), ("month", 0 + 2 + 1)])
def test_a_duration_is_as_long_in_any_step(step: str, first: int) -> None:
    found = held({"arrangement": "toll", "for": "2 months"}, schedule=[TOLL[0]], step=step)
    assert found[0] == first


def test_every_run_has_its_own_answer() -> None:
    of = dyads.scenario(
        actors={AVALON: {"attention": 1.0}, BRIGADOON: {"attention": 1.0}},
        events={"low": {"cooperation": "below 50"}, "long low": {"cooperation": "below 50", "for": "1 month"}},
    )
    record = dyads.record(of, runs=50)
    low = record.cooperation < 50.0
    assert np.array_equal(record.events[:, 0], low)
    spell = np.zeros(50, int)
    for row in range(len(low)):
        spell = np.where(low[row], spell + 1, 0)
        assert np.array_equal(record.events[row, 1], spell >= 6)


OWN, RULE, SCHEDULE, STOPPED = range(4)
ALWAYS = {"after": "2000-01-01"}
STANDS = {"arrangement": "toll"}
MANY = 4000
STEPS = 26


def ruled(*, checks: Any = None, **rule: Any) -> Scenario:
    """A quiet dyad in which Brigadoon has one rule, while Avalon raises and drops a toll."""
    own = {"when": ALWAYS, "move": "scold", "issue": "road"} | rule
    actor = {"rules": {"doctrine": own}} | ({"checks": checks} if checks else {})
    return dyads.quiet(actors={BRIGADOON: actor}, schedule=list(TOLL))


def when_made(of: Scenario, name: str = "scold", cause: int = RULE) -> list[int]:
    """Steps in which Brigadoon makes a move for some cause, in run 0."""
    world = assemble(of)
    return [
        at
        for at, actor, move, why in dyads.made(dyads.record(of), world)
        if (actor, move, why) == (BRIGADOON, name, cause)
    ]


def count(of: Scenario, name: str = "scold", cause: int = RULE, runs: int = MANY) -> np.ndarray:
    """How often the move is made in each run."""
    world, record = assemble(of), dyads.record(of, runs=runs)
    chosen = (record.move_id == world.menus.names.index(name)) & (record.move_cause == cause)
    return np.bincount(record.move_run[chosen], minlength=runs)


def near(share: float, runs: int = MANY) -> Any:
    return pytest.approx(share, abs=4.0 * np.sqrt(share * (1.0 - share) / runs) + 1e-9)


def test_a_rule_acts_in_every_step_in_which_its_condition_holds() -> None:
    assert when_made(ruled(when=STANDS)) == list(range(3, 9))


def test_a_rule_waits_for_its_condition_to_last() -> None:
    assert when_made(ruled(when=STANDS | {"for": "1 month"})) == [8]


def test_a_rule_makes_no_move_that_cannot_be_made() -> None:
    assert when_made(ruled(move="open_gate"), "open_gate") == [0]
    assert when_made(ruled(move="shut_gate"), "shut_gate") == []


def test_a_rule_replaces_the_own_choice_in_its_channel() -> None:
    busy = {"attention": 1.0}
    rule = {"when": ALWAYS, "move": "scold", "issue": "road"}
    of = dyads.scenario(
        actors={AVALON: busy, BRIGADOON: busy | {"rules": {"doctrine": rule}}}, parameters={"base_political": 60.0}
    )
    political = {name for name, one in dyads.MOVES.items() if one["track"] == "political"}
    moves = [one for one in dyads.made(dyads.record(of), assemble(of)) if one[1] == BRIGADOON and one[2] in political]
    assert {one[2:] for one in moves} == {("scold", RULE)}
    assert len(moves) == STEPS


def test_what_is_scheduled_goes_before_a_rule() -> None:
    own = {"when": ALWAYS, "move": "scold", "issue": "road"}
    of = dyads.quiet(actors={BRIGADOON: {"rules": {"doctrine": own}}}, schedule=[on("2031-01-20", BRIGADOON, "bow")])
    first = [one[2:] for one in dyads.made(dyads.record(of), assemble(of)) if one[0] <= 3]
    assert first == [("scold", RULE), ("scold", RULE), ("bow", SCHEDULE), ("scold", RULE)]


def test_a_chance_is_that_of_each_step() -> None:
    assert count(ruled(chance=0.3), runs=400).mean() / STEPS == near(0.3, 400 * STEPS)


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_a_chance_per_month_comes_to_the_same_in_any_step(step: str) -> None:
    own = {"when": ALWAYS, "move": "scold", "issue": "road", "chance": "0.3 per month", "cooldown": "10 years"}
    of = dyads.quiet(actors={BRIGADOON: {"rules": {"doctrine": own}}}, step=step, end="2031-04-06")
    months = {"day": 90 * 12 / 365, "week": 13 * 12 / 52, "month": 3.0}[step]
    assert (count(of) > 0).mean() == near(1.0 - 0.7**months)


def test_a_cooldown_keeps_a_rule_from_acting_again_so_soon() -> None:
    assert when_made(ruled(cooldown="5 weeks")) == [0, 5, 10, 15, 20, 25]
    assert when_made(ruled(cooldown="1 month")) == [0, 5, 10, 15, 20, 25]
    assert when_made(ruled(cooldown="1 day")) == list(range(STEPS))


def test_a_cooldown_starts_with_the_act_and_not_with_a_question_that_chance_refused() -> None:
    found = count(ruled(chance=0.5, cooldown="20 weeks"))
    twice = sum(0.5 ** (first + 1) * (1.0 - 0.5 ** (STEPS - 20 - first)) for first in range(STEPS - 20))
    assert [(found >= 1).mean(), (found == 2).mean()] == [near(1.0 - 0.5**STEPS), near(twice)]


def test_a_rule_once_is_asked_once_a_spell() -> None:
    schedule = [*TOLL, on("2031-05-05", AVALON, "raise_toll")]
    own = {"when": STANDS, "move": "scold", "issue": "road", "once": True}
    of = dyads.quiet(actors={BRIGADOON: {"rules": {"doctrine": own}}}, schedule=schedule)
    assert when_made(of) == [3, 18]
    likely = dyads.quiet(actors={BRIGADOON: {"rules": {"doctrine": own | {"chance": 0.3}}}}, schedule=schedule)
    found = count(likely)
    assert [(found == times).mean() for times in (0, 1, 2)] == [near(0.49), near(0.42), near(0.09)]


def test_where_chance_says_no_the_other_move_is_made() -> None:
    of = ruled(when=STANDS, chance=0.4, once=True, otherwise={"move": "bow", "issue": "road"})
    yes, no = count(of), count(of, "bow")
    assert (yes + no == 1).all()
    assert yes.mean() == near(0.4)


def test_odds_follow_the_state_between_their_two_points() -> None:
    def share(start: list[float], end: list[float]) -> float:
        odds = {"of": "indicator", "name": "wolves", "start": start, "end": end}
        own = {"when": ALWAYS, "move": "scold", "issue": "road", "once": True, "chance": odds}
        wolves = {"wolves": {"value": 100, "unit": "wolves", "reference": 100, "issue": "road"}}
        return float(count(dyads.quiet(actors={BRIGADOON: {"rules": {"doctrine": own}}}, indicators=wolves)).mean())

    assert share([50, 0.1], [150, 0.5]) == near(0.3)
    assert share([150, 0.5], [50, 0.1]) == near(0.3)
    assert share([200, 0.2], [300, 0.9]) == near(0.2)
    assert share([10, 0.2], [50, 0.9]) == near(0.9)


def test_a_likelier_rule_acts_wherever_it_acted_before() -> None:
    rarely, often = (count(ruled(when=STANDS, once=True, chance=chance)) for chance in (0.2, 0.5))
    assert (often >= rarely).all()


def test_an_uncertain_chance_is_drawn_once_a_run() -> None:
    found = count(ruled(chance={"choice": [0.0, 1.0]}), runs=600)
    assert set(found.tolist()) == {0, STEPS}
    assert (found > 0).mean() == near(0.5, 600)


def test_a_leaders_rule_holds_while_that_leader_governs() -> None:
    leaders = {"stern": {"rules": {"doctrine": {"when": ALWAYS, "move": "scold", "issue": "road"}}}, "mild": {}}
    changes = [
        {"date": "2031-01-20", "actor": BRIGADOON, "leader": "mild"},
        {"date": "2031-02-03", "actor": BRIGADOON, "leader": "stern"},
    ]
    of = dyads.quiet(leaders=leaders, actors={BRIGADOON: {"leader": "stern"}}, changes=changes)
    assert when_made(of) == [0, 1, *range(4, STEPS)]


def test_two_actors_under_one_leader_have_luck_of_their_own() -> None:
    rule = {"when": ALWAYS, "move": "scold", "issue": "road", "chance": 0.5, "once": True}
    of = dyads.quiet(
        leaders={"stern": {"rules": {"doctrine": rule}}},
        actors={AVALON: {"leader": "stern"}, BRIGADOON: {"leader": "stern"}},
    )
    world, record = assemble(of), dyads.record(of, runs=MANY)
    by = [np.isin(np.arange(MANY), record.move_run[world.channels.actor[record.move_channel] == row]) for row in (0, 1)]
    assert (by[0] & by[1]).mean() == near(0.25)


def test_a_check_stops_its_moves_as_often_as_it_says_and_they_are_not_made() -> None:
    of = ruled(move="open_gate", checks={"elders": {"stops": ["open_gate"], "chance": 0.6}}, cooldown="10 years")
    world, record = assemble(of), dyads.record(of, runs=MANY)
    stopped = record.move_cause == STOPPED
    assert stopped.sum() / MANY == near(0.6)
    gate = next(row for row, one in enumerate(world.instances.rows) if one.kind == "gate")
    assert np.array_equal(~record.in_force[1, gate], np.isin(np.arange(MANY), record.move_run[stopped]))


def test_a_check_stops_own_choices_too_but_nothing_scheduled_and_nobody_elses() -> None:
    busy = {"attention": 1.0, "repertoire": ["scold"]}
    of = dyads.scenario(
        actors={AVALON: busy, BRIGADOON: busy | {"checks": {"elders": {"stops": ["scold"], "chance": 1.0}}}},
        schedule=[on("2031-01-20", BRIGADOON, "scold")],
    )
    found = {one[1:] for one in dyads.made(dyads.record(of, runs=1), assemble(of))}
    assert found == {(AVALON, "scold", OWN), (BRIGADOON, "scold", STOPPED), (BRIGADOON, "scold", SCHEDULE)}


def test_two_checks_are_two_hurdles() -> None:
    checks = {name: {"stops": ["scold"], "chance": 0.5} for name in ("elders", "court")}
    of = ruled(checks=checks, cooldown="10 years")
    assert count(of).mean() == near(0.25)
    assert count(of, cause=STOPPED).mean() == near(0.75)


def test_a_leaders_check_holds_while_that_leader_governs() -> None:
    leaders = {"stern": {"checks": {"elders": {"stops": ["scold"], "chance": 1.0}}}, "mild": {}}
    rule = {"when": ALWAYS, "move": "scold", "issue": "road"}
    of = dyads.quiet(
        leaders=leaders,
        actors={BRIGADOON: {"leader": "stern", "rules": {"doctrine": rule}}},
        changes=[{"date": "2031-01-20", "actor": BRIGADOON, "leader": "mild"}],
    )
    assert when_made(of, cause=STOPPED) == [0, 1]
    assert when_made(of) == list(range(2, STEPS))
