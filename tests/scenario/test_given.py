"""A scenario as it is given: itself, a path or a name; what was set in it; how it is shown."""

from __future__ import annotations

import pytest

import tensionsim as ts
from tensionsim.scenario.files import shipped_folder
from tensionsim.scenario.scenario import scenario_of

NAME = "norland-suderia"


def test_a_scenario_may_be_given_as_itself_as_a_path_or_by_name() -> None:
    scenario = ts.load(NAME)
    assert scenario_of(scenario) is scenario
    assert scenario_of(NAME).sha256 == scenario_of(shipped_folder() / f"{NAME}.yaml").sha256 == scenario.sha256


def test_reasons_take_a_name() -> None:
    assert ts.reasons(NAME, run=1).equals(ts.reasons(ts.load(NAME), run=1))


def test_what_was_set_can_be_read_but_not_changed() -> None:
    scenario = ts.load(NAME, set={"actors.norland.rhetoric": 0.1}).with_values({"step": "month"})
    assert scenario.values == {"actors.norland.rhetoric": 0.1, "step": "month"}
    with pytest.raises(TypeError):
        scenario.values["step"] = "day"  # type: ignore[index]


def test_a_scenario_is_shown_on_one_line() -> None:
    scenario = ts.load(NAME, outlook="calm", set={"actors.norland.rhetoric": 0.1})
    span = "2030-01-01 to 2032-01-01, by week"
    assert repr(scenario) == f"<Scenario '{NAME}': 'Norland and Suderia', {span}, outlook calm, 1 set>"
