"""Conditions: what a file asks of the state, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dyads
from dyads import AVALON, BRIGADOON, CAMELOT, on
from tensionsim.engine.build import assemble

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
