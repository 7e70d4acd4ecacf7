"""Notes: what a scenario does less than its author may think."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tensionsim.engine.build import assemble
from tensionsim.scenario.scenario import load
from tensionsim.scenario.yaml_tree import write

MINIMAL = Path(__file__).parent / "samples" / "minimal.yaml"


def notes_of_change(**change: object) -> list[str]:
    """What is noted where a change of 2025-06-02 does so, but for dates between steps."""
    scenario = load(MINIMAL, set={"changes": [{"date": "2025-06-02", **change}], "schedule": []})
    return told(scenario.notes)


def told(notes: Iterable[str]) -> list[str]:
    """Notes but for what is always said of the sample: dates between steps, and a third party without stances."""
    return [note for note in notes if "happens in" not in note and "holds no stances" not in note]


def test_a_late_stance_of_a_third_party_opens_no_channel() -> None:
    (note,) = notes_of_change(set={"actors.*.stances.water": 0.5})
    assert note.startswith("the change of 2025-06-02 sets stances of 'east' on 'water' but opens no channel")


def test_a_late_relation_between_strangers_opens_no_channel(tmp_path: Path) -> None:
    path = tmp_path / "west.yaml"
    path.write_text(MINIMAL.read_text().replace("leaders:", "  west: {}\nleaders:"))
    change = {"date": "2025-06-02", "set": {"actors.east.affinity.west": 0.5, "actors.west.dependence.north": 0.5}}
    assert [note.split(" but ")[0] for note in told(load(path, set={"changes": [change]}).notes)] == [
        "the change of 2025-06-02 sets affinity of 'east' on 'west'",
        "the change of 2025-06-02 sets dependence of 'west' on 'north'",
    ]


def test_a_leader_who_may_come_is_noted_once() -> None:
    values = {"leaders.firebrand.stances": {"trade": 0.9}, "schedule": []}
    alternatives = [{"chance": 0.5, "leader": "firebrand"}, {"chance": 0.5, "set": {"actors.east.stances.trade": 1}}]
    change = {"date": "2025-06-02", "actor": "east", "one_of": alternatives}
    (note,) = told(load(MINIMAL, set={**values, "changes": [change]}).notes)
    assert "sets stances of 'east' on 'trade'" in note


@pytest.mark.parametrize("path", ["actors.south.stances.water", "actors.south.affinity.east", "actors.east.rhetoric"])
def test_a_change_that_has_an_effect_is_not_noted(path: str) -> None:
    assert notes_of_change(set={path: 0.5}) == []


@pytest.mark.parametrize(("start", "is_noted"), [("2017-05-01", False), ("2027-10-20", False), ("2027-11-01", True)])
def test_a_start_long_after_the_last_observed_move_is_noted(start: str, is_noted: bool) -> None:
    scenario = load("base/us-colombia", set={"start": start, "end": "2028-01-01"})
    assert any("conduct and memories of it have faded" in note for note in scenario.notes) == is_noted


PAIR = {
    "tensionsim": 1,
    "title": "Avalon and Brigadoon",
    "start": "2031-01-06",
    "end": "2032-01-05",
    "principals": ["avalon", "brigadoon"],
    "issues": {"wool": {}},
    "actors": {"avalon": {"stances": {"wool": 0.2}}, "brigadoon": {"stances": {"wool": 0.8}}},
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ["'offer_mediation' is on no menu: it needs a third party, and there is none"]),
        ({"actors.brigadoon.stances.wool": 0.4}, ["stances are 0.20 apart", "mediation"]),
        ({"actors.brigadoon.stances.wool": 0.4, "mechanisms.disagreement": "off"}, ["mediation"]),
        ({"actors.avalon.repertoire": ["praise", "reject_demand"], "actors.brigadoon.repertoire": ["criticise"]},
         ["'reject_demand' is on no menu of 'avalon': it answers demand or threat or proposal, and nobody"]),
        ({"actors.avalon.repertoire": ["praise", "reject_demand"], "actors.brigadoon.repertoire": ["demand"]}, []),
        ({"actors": {"camelot": {"stances": {"wool": 0.5}, "affinity": {"avalon": 0.5}}}}, []),
        ({"actors": {"camelot": {"stances": {"wool": 0.5}}}},
         ["'camelot' deals with nobody: neither it nor another states an affinity or a dependence"]),
        ({"actors": {"camelot": {"stances": {"wool": 0.5}}}, "actors.avalon.dependence": {"camelot": 0.5}}, []),
        ({"actors": {"camelot": {}}}, ["'camelot' holds no stances, and a third party takes part only in issues"]),
    ],
)  # fmt: skip
def test_what_a_pair_lacks_is_noted(changed: dict[str, object], said: list[str], tmp_path: Path) -> None:
    path = tmp_path / "pair.yaml"
    path.write_text(write(PAIR), encoding="utf-8")
    notes = load(path, set=changed).notes
    assert len(notes) == len(said)
    for note, words in zip(notes, said, strict=True):
        assert words in note


def test_actors_without_stances_are_noted_and_that_nothing_parts_them(tmp_path: Path) -> None:
    path = tmp_path / "pair.yaml"
    path.write_text(write(PAIR | {"actors": {"avalon": {}, "brigadoon": {}}}), encoding="utf-8")
    one, other, agreed, _ = load(path).notes
    assert one == "'avalon' holds no stances, so it stands at 0.5 on every issue; write `stances`, 0..1 an issue"
    assert other.startswith("'brigadoon' holds no stances")
    assert "stances are 0.00 apart" in agreed


def test_menus_leave_out_moves_without_a_partner(tmp_path: Path) -> None:
    path = tmp_path / "pair.yaml"
    path.write_text(write(PAIR), encoding="utf-8")

    def menu(**changed: object) -> set[str]:
        menus = assemble(load(path, set=changed)).menus
        return {menus.names[row] for row in menus.move[: menus.size[0], 0]}

    alone = menu()
    between = menu(**{"actors": {"camelot": {"stances": {"wool": 0.5}, "affinity": {"avalon": 0.5}}}})
    meek = menu(**{"actors.brigadoon.repertoire": ["praise", "criticise"]})
    assert between - alone == {"offer_mediation"}
    assert alone - meek == {"reject_demand", "yield_to_demand"}


DEMAND, THREAT = "demand or threat or measure of 'avalon' on 'wool'", "threat of 'brigadoon' on 'wool'"


@pytest.mark.parametrize(
    ("act", "needed"),
    [
        ("move: yield_to_demand", [DEMAND]),
        ("move: withdraw_threat", [THREAT]),
        ("move: praise", []),
        ("move: praise, chance: 0.5, otherwise: {move: withdraw_threat}", [THREAT]),
        ("move: yield_to_demand, chance: 0.5, otherwise: {move: withdraw_threat}", [DEMAND, THREAT]),
        ("move: counter, chance: 0.5", ["tariffs of 'avalon' on 'wool'"]),
    ],
)
@pytest.mark.parametrize("who", ["", "leader: mild}\nleaders:\n  mild: {"])
def test_a_rule_that_waits_for_something_open_is_noted(who: str, act: str, needed: list[str], tmp_path: Path) -> None:
    counter = {"cameo": "163", "goldstein": -8, "kind": "material", "track": "political", "description": "Counters."}
    own = {"counter": counter | {"answers": "counters"}, "tax": counter | {"raises": ["tariffs"]}}
    (tmp_path / "pair.yaml").write_text(write(PAIR | {"moves": own}), encoding="utf-8")
    path = tmp_path / "more.yaml"
    frame = f"extends: pair.yaml\nactors:\n  brigadoon: {{{who}"
    path.write_text(f"{frame}rules: {{bend: {{when: {{cooperation: below 40}}, {act}}}}}}}\n", encoding="utf-8")
    line = frame.count("\n") + 1
    expected = [f"{path}:{line}: rule 'bend' needs {each} to be open" for each in needed]
    assert [note for note in load(path).notes if "mediation" not in note] == expected
