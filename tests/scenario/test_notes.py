"""Notes: what a scenario does less than its author may think."""

from __future__ import annotations

from pathlib import Path

import pytest

from tensionsim.scenario.scenario import load

MINIMAL = Path(__file__).parent / "samples" / "minimal.yaml"


def notes_of_change(**change: object) -> list[str]:
    """What is noted where a change of 2025-06-02 does so, but for dates between steps."""
    scenario = load(MINIMAL, set={"changes": [{"date": "2025-06-02", **change}], "schedule": []})
    return [note for note in scenario.notes if "happens in" not in note]


def test_a_late_stance_of_a_third_party_opens_no_channel() -> None:
    (note,) = notes_of_change(set={"actors.*.stances.water": 0.5})
    assert note.startswith("the change of 2025-06-02 gives 'east' a stance on 'water' but no channel: a third party")


def test_a_late_relation_between_strangers_opens_no_channel(tmp_path: Path) -> None:
    path = tmp_path / "west.yaml"
    path.write_text(MINIMAL.read_text().replace("leaders:", "  west: {}\nleaders:"))
    change = {"date": "2025-06-02", "set": {"actors.east.affinity.west": 0.5, "actors.west.dependence.north": 0.5}}
    assert [note.split(" but ")[0] for note in load(path, set={"changes": [change]}).notes] == [
        "the change of 2025-06-02 sets the affinity of 'east' to 'west'",
        "the change of 2025-06-02 sets the dependence of 'west' to 'north'",
    ]


def test_a_leader_who_may_come_is_noted_once() -> None:
    values = {"leaders.firebrand.stances": {"trade": 0.9}, "schedule": []}
    alternatives = [{"chance": 0.5, "leader": "firebrand"}, {"chance": 0.5, "set": {"actors.east.stances.trade": 1}}]
    change = {"date": "2025-06-02", "actor": "east", "one_of": alternatives}
    (note,) = load(MINIMAL, set={**values, "changes": [change]}).notes
    assert "gives 'east' a stance on 'trade'" in note


@pytest.mark.parametrize("path", ["actors.south.stances.water", "actors.south.affinity.east", "actors.east.rhetoric"])
def test_a_change_that_has_an_effect_is_not_noted(path: str) -> None:
    assert notes_of_change(set={path: 0.5}) == []


@pytest.mark.parametrize(("start", "is_noted"), [("2017-05-01", False), ("2027-10-20", False), ("2027-11-01", True)])
def test_a_start_long_after_the_last_observed_move_is_noted(start: str, is_noted: bool) -> None:
    scenario = load("base/us-colombia", set={"start": start, "end": "2028-01-01"})
    assert any("conduct and memories of it have faded" in note for note in scenario.notes) == is_noted
