"""A scenario as it is given: itself, a path or a name; what was set in it; how it is shown."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import numpy as np
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


FILE = shipped_folder() / f"{NAME}.yaml"


@pytest.mark.parametrize(
    "source", [FILE, str(FILE), FILE.read_text(), io.StringIO(FILE.read_text()), io.BytesIO(FILE.read_bytes())]
)
def test_a_scenario_is_loaded_from_path_text_and_open_file(source: Any) -> None:
    assert ts.load(source).text == ts.load(NAME).text


def test_an_open_file_is_loaded_as_the_file_that_it_is(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(FILE.read_text())
    (tmp_path / "over.yaml").write_text("extends: base\ntitle: Over\n")
    with open(tmp_path / "over.yaml") as file:
        loaded = ts.load(file)
    assert (loaded.name, loaded.title, loaded.path) == ("over", "Over", str(tmp_path / "over.yaml"))


def test_a_mapping_may_hold_what_tables_and_calendars_give() -> None:
    given = {"extends": NAME, "start": dt.date(2030, 2, 1), "actors": {"norland": {"rhetoric": np.float64(0.9)}}}
    loaded = ts.load(given)
    assert (loaded.file.start, loaded.file.actors["norland"].rhetoric) == (dt.date(2030, 2, 1), 0.9)
    assert loaded.path == ""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"extends": NAME, "title": None}, "the mapping: title: a value is missing"),
        ({"extends": NAME, "title": object()}, "the mapping: title: a value of type object cannot stand in a scenario"),
        (
            {"extends": NAME, "actors": {"norland": {"rhetoric": 1.4}}},
            "actors.norland.rhetoric: rhetoric 1.4 is above 1",
        ),
        ({"extends": NAME, "schedule": [{"date": "soon"}]}, "schedule.0.date: 'soon' is not a date"),
        ({"extends": "norland"}, "the mapping: extends: 'norland' is not there"),
        (f"extends: {NAME}\ntitel: x\n", "the text:2:1: unknown key 'titel' in the scenario; did you mean 'title'?"),
        (io.StringIO("- 1"), "the file:1:1: a scenario is a mapping of keys to values"),
        (io.BytesIO(b"title: \xff"), "the file:1:8: byte 0xFF is not UTF-8 text"),
    ],
)
def test_what_is_wrong_in_what_was_given_is_told_with_its_place(source: Any, message: str) -> None:
    with pytest.raises(ts.ScenarioError) as caught:
        ts.load(source)
    assert message in str(caught.value)


def test_what_is_no_scenario_is_refused() -> None:
    with pytest.raises(
        TypeError, match="a scenario is a path, a shipped name, a mapping, YAML text or open file; got 3"
    ):
        ts.run(3)  # type: ignore[arg-type]


def test_scenarios_are_keys_of_a_mapping() -> None:
    assert {ts.load(NAME): 1}[ts.load(NAME)] == 1
    assert len({ts.load(NAME), ts.load(NAME, outlook="calm"), ts.load(NAME).with_outlook("calm")}) == 2


MOVE = {"cameo": "070", "goldstein": 7.4, "kind": "material", "track": "political", "description": "Sends gifts."}
RULE = {"when": {"cooperation": "below 40"}, "move": "open_sluice", "issue": "water"}
PARTS: dict[str, object] = {
    "actors.westeria": {"salience": {"water": 1}},
    "issues.forests": {"low": "felled", "high": "kept"},
    "moves.send_gifts": MOVE,
    "arrangement_kinds.ferry": {"track": "technical", "score": 1, "mutual": True, "description": "A ferry runs."},
    "indicators.salmon": {"value": 9, "unit": "tonnes", "reference": 10, "issue": "fisheries"},
    "actors.suderia.rules.in need": RULE,
    "outlooks.dry": {"set": {"actors.suderia.rhetoric": 0.8}},
}


def placed(path: str, value: object) -> dict[str, Any]:
    for key in reversed(path.split(".")):
        value = {key: value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("path", PARTS)
def test_what_is_added_can_be_taken_away(path: str) -> None:
    given = ts.load(NAME, outlook="calm", set={"actors.norland.rhetoric": 0.1})
    more = given.extended(placed(path, PARTS[path]))
    assert path.rsplit(".", maxsplit=1)[-1] in more.text
    assert (more.outlook, more.values, more.name) == (given.outlook, given.values, NAME)
    assert more.without(path).text == given.text


@pytest.mark.parametrize("path", [path for path in PARTS if path.count(".") == 1])
def test_what_is_wrong_in_what_is_added_is_told_with_its_place(path: str) -> None:
    with pytest.raises(ts.ScenarioError, match=rf"the mapping: {path}\.colour: unknown key 'colour'"):
        ts.load(NAME).extended(placed(path, PARTS[path] | {"colour": "red"}))  # type: ignore[operator]


def test_what_others_need_cannot_be_taken_away() -> None:
    with pytest.raises(ts.ScenarioError) as caught:
        ts.load(NAME).without("issues.water", "moves.send_gift")
    places = {(one.file.rpartition("/")[2], one.line > 0) for one in caught.value.problems}
    assert places == {(f"{NAME}.yaml", True), ("without", False)}
    assert "no issue 'water'; there is fisheries" in str(caught.value)


def test_a_layer_may_extend_others_and_replaces_lists(tmp_path: Path) -> None:
    layer = tmp_path / "layer.yaml"
    (tmp_path / "gift.yaml").write_text(f"moves:\n  send_gifts: {MOVE}\n".replace("'070'", '"070"'))
    layer.write_text("extends: gift\nschedule: []\n")
    found = ts.load(NAME).extended(layer)
    assert "send_gifts" in found.file.moves
    assert found.file.schedule == []
    assert any("`schedule` replaces the 1" in note for note in found.notes)
