"""Listings: everything there is, once, and in the words that other functions take."""

from __future__ import annotations

import pytest

import tensionsim as ts
from tensionsim.model import catalogue as moves, mechanisms, parameters
from tensionsim.scenario.files import shipped_names


def test_every_shipped_scenario_is_listed_with_its_span() -> None:
    table = ts.list_scenarios()
    assert table.index.tolist() == shipped_names()
    assert (table["start"] < table["end"]).all()
    assert table.loc["norland-suderia", "outlooks"] == "calm, loud"


def test_every_move_is_listed_most_hostile_first() -> None:
    table = ts.list_moves()
    assert set(table.index) == set(moves.shipped().moves)
    assert table["goldstein"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("asked", "column"),
    [({"actor": "bogota"}, "actors"), ({"target": "beijing"}, "targets"), ({"issue": "china"}, "issues")],
)
def test_moves_are_listed_for_who_can_make_them(asked: dict[str, str], column: str) -> None:
    (name,) = asked.values()
    table = ts.list_moves(**asked)
    assert 0 < len(table) < len(ts.list_moves())
    assert all(text == "any" or name in text.split(", ") for text in table[column])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"actor": "washingtn"}, "no actor 'washingtn'; did you mean 'washington'"),
        ({"target": "nowhere"}, "no actor|no target 'nowhere'; there is .*; name the scenario"),
        ({"issue": "fisheries"}, "no issue 'fisheries'; there is"),
        ({"issue": "drugs", "scenario": "norland-suderia"}, "there is fisheries, water$"),
    ],
)
def test_an_unknown_name_is_an_error_that_says_what_there_is(asked: dict[str, str], message: str) -> None:
    with pytest.raises(ts.TensionSimError, match=message):
        ts.list_moves(**asked)


def test_moves_of_a_scenario_are_those_on_its_actors_menus() -> None:
    scenario = ts.load("norland-suderia")
    table = ts.list_moves(scenario=scenario, actor="norland", issue="fisheries")
    assert "seize_trawler" in table.index
    assert table.equals(ts.list_moves(scenario="norland-suderia", actor="norland", issue="fisheries"))
    narrow = scenario.with_values({"actors.norland.repertoire": ["praise", "demand", "seize_trawler"]})
    assert set(ts.list_moves(scenario=narrow, actor="norland").index) == {"praise", "demand", "seize_trawler"}


def test_shifts_are_listed_with_sign_and_unit() -> None:
    listed = ts.list_moves()["shifts"]
    relative = [move.name for move in moves.shipped().moves.values() if any(shift.is_relative for shift in move.shifts)]
    assert relative
    assert listed[relative].str.contains(r"[+-][\d.]+%").all()


def test_every_mechanism_is_listed_in_its_order() -> None:
    assert ts.list_mechanisms().index.tolist() == [mechanism.name for mechanism in mechanisms.MECHANISMS]


def test_every_parameter_is_listed_by_a_path_that_a_scenario_takes() -> None:
    table = ts.list_parameters()
    assert len(table) == len(parameters.ENGINE) + sum(map(len, mechanisms.mechanism_parameters().values()))
    changed = ts.load("norland-suderia").with_values({path: float(row.default) for path, row in table.iterrows()})
    before, after = (ts.run(scenario, runs=3) for scenario in (ts.load("norland-suderia"), changed))
    assert before.paths.equals(after.paths)
