"""Files over their bases, leaders, removals, outlooks, single values: what wins over what."""

from __future__ import annotations

from pathlib import Path

import pytest

from tensionsim.errors import ScenarioError
from tensionsim.scenario.scenario import Scenario, from_text, load
from tensionsim.scenario.schema import ActorPatch, Distribution

SAMPLES = Path(__file__).parent / "samples"
MINIMAL = (SAMPLES / "minimal.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "river.yaml").write_text(MINIMAL, encoding="utf-8")
    return tmp_path


def over(folder: Path, text: str, name: str = "over.yaml") -> Path:
    path = folder / name
    path.write_text(f"extends: river.yaml\n{text}", encoding="utf-8")
    return path


def extended(folder: Path, text: str) -> Scenario:
    return load(over(folder, text))


def problems(path: Path, outlook: str | None = None, values: dict[str, object] | None = None) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load(path, outlook=outlook, set=values)
    return [f"{one.line}:{one.column}: {one.message}" if one.line else one.message for one in caught.value.problems]


class TestExtends:
    def test_mappings_merge_and_the_later_wins(self, folder: Path) -> None:
        north = extended(folder, "actors: {north: {stances: {water: 0.1}}}\n").file.actors["north"]
        assert north.stances == {"water": 0.1, "trade": 0.5}
        assert north.rhetoric == 0.7

    def test_a_list_is_replaced_whole_and_said_so(self, folder: Path) -> None:
        scenario = extended(folder, "schedule: []\n")
        assert scenario.file.schedule == []
        assert scenario.notes[0].endswith(
            "over.yaml:2: `schedule` replaces the 1 that the base gives (a list is not merged)"
        )

    def test_a_distribution_replaces_another_whole(self, folder: Path) -> None:
        over(folder, "actors: {north: {rhetoric: {uniform: [0.2, 0.4]}}}\n", "between.yaml")
        (folder / "top.yaml").write_text("extends: between.yaml\nactors: {north: {rhetoric: {beta: [2, 2]}}}\n")
        assert load(folder / "top.yaml").file.actors["north"].rhetoric == Distribution(beta=(2.0, 2.0))

    def test_a_condition_replaces_another_whole(self, folder: Path) -> None:
        rule = "actors: {north: {rules: {close the sluice: {when: {cooperation: below 40}}}}}\n"
        rules = extended(folder, rule + "events: {crisis: {indicator: level, above: 5}}\n")
        when = (rules.file.actors["north"].rules or {})["close the sluice"].when
        assert (when.cooperation, when.conduct, when.above) == ("below 40", None, None)
        assert rules.file.events["crisis"].cooperation is None

    def test_the_last_of_several_bases_wins(self, folder: Path) -> None:
        (folder / "drought.yaml").write_text("indicators: {level: {value: 1}}\ntitle: Drought\n")
        (folder / "both.yaml").write_text("extends: [river.yaml, drought.yaml]\n")
        scenario = load(folder / "both.yaml")
        assert (scenario.title, scenario.file.indicators["level"].value) == ("Drought", 1)
        assert scenario.file.indicators["level"].unit == "m"

    def test_a_base_of_two_bases_counts_where_it_is_last(self, folder: Path) -> None:
        over(folder, "actors: {north: {rhetoric: 0.1, rally: 2}}\n", "left.yaml")
        over(folder, "remove: [events.crisis]\n", "right.yaml")
        (folder / "top.yaml").write_text("extends: [left.yaml, right.yaml]\n")
        file = load(folder / "top.yaml").file
        assert (file.actors["north"].rhetoric, file.actors["north"].rally, file.events) == (0.7, 2, {})

    def test_the_suffix_of_a_base_may_be_left_out(self, folder: Path) -> None:
        (folder / "short.yaml").write_text("extends: river\n")
        assert load(folder / "short.yaml").name == "short"

    def test_a_file_beside_comes_before_a_shipped_one_of_its_name(self, folder: Path) -> None:
        (folder / "base").mkdir()
        (folder / "base" / "us-colombia.yaml").write_text(MINIMAL)
        (folder / "own.yaml").write_text("extends: base/us-colombia.yaml\n")
        assert load(folder / "own.yaml").title == "Two neighbours and a river"

    def test_a_shipped_base_is_found_from_anywhere(self, tmp_path: Path) -> None:
        path = tmp_path / "own.yaml"
        path.write_text("extends: base/us-colombia.yaml\ntitle: Mine\n")
        assert load(path).file.principals == ("washington", "bogota")

    def test_a_missing_base_hides_no_other_problem_and_makes_none(self, folder: Path) -> None:
        (folder / "lost.yaml").write_text("extends: nowhere/at-all.yaml\nactors: {north: {rhetoric: 7}}\n")
        found = problems(folder / "lost.yaml")
        assert len(found) == 2
        assert found[1] == "2:28: rhetoric 7 is above 1; use a number in 0..1 (for 7 % write 0.07)"


class TestRemove:
    def test_what_is_removed_is_gone(self, folder: Path) -> None:
        scenario = extended(folder, "remove: [actors.north.checks, changes, outlooks.calm]\n")
        assert scenario.file.actors["north"].checks is None
        assert scenario.file.changes == []
        assert scenario.outlook_names == ()

    def test_wildcards_and_dotted_keys_remove(self, folder: Path) -> None:
        scenario = extended(folder, "remove: ['actors.*.stances', actors.north.rules.close the sluice]\n")
        assert all(actor.stances is None for actor in scenario.file.actors.values())
        assert scenario.file.actors["north"].rules == {}

    def test_items_of_a_list_are_removed_by_position(self, folder: Path) -> None:
        over(folder, "schedule:\n" + "".join(
            f"  - {{date: 2025-0{month}-03, actor: south, move: share_data, issue: trade}}\n" for month in (2, 3, 4, 5)
        ), "four.yaml")  # fmt: skip
        (folder / "two.yaml").write_text("extends: four.yaml\nremove: [schedule.0, schedule.2]\n")
        assert [move.date.month for move in load(folder / "two.yaml").file.schedule] == [3, 5]

    def test_what_is_removed_may_be_given_anew(self, folder: Path) -> None:
        scenario = extended(folder, "remove: [actors.north.stances]\nactors: {north: {stances: {trade: 0.2}}}\n")
        assert scenario.file.actors["north"].stances == {"trade": 0.2}

    def test_removing_what_is_not_there_is_a_problem(self, folder: Path) -> None:
        path = over(folder, "remove: [actors.north.cheks, events.crises, 12]\n")
        assert problems(path) == [
            "2:10: `remove` names 'actors.north.cheks'; no such path, did you mean 'actors.north.checks'?",
            "2:30: `remove` names 'events.crises'; no such path, did you mean 'events.crisis'?",
            "2:45: `remove` is a list of paths",
        ]

    def test_what_is_removed_twice_is_removed_once(self, folder: Path) -> None:
        moves = "".join(
            f"  - {{date: 2025-0{month}-03, actor: south, move: share_data, issue: trade}}\n" for month in (2, 3)
        )
        over(folder, f"schedule:\n{moves}", "two.yaml")
        (folder / "one.yaml").write_text("extends: two.yaml\nremove: [schedule.0, schedule.0]\n")
        assert [move.date.month for move in load(folder / "one.yaml").file.schedule] == [3]


class TestLeaders:
    def test_a_leader_wins_over_the_base_and_the_file_over_the_leader(self, folder: Path) -> None:
        (folder / "two.yaml").write_text("extends: river.yaml\nactors: {south: {attention: 0.1, rhetoric: 0.2}}\n")
        (folder / "three.yaml").write_text(
            "extends: two.yaml\nleaders: {hawk: {rhetoric: 0.8, attention: 0.9}}\n"
            "actors: {south: {leader: hawk, attention: 0.5}}\n"
        )
        south = load(folder / "three.yaml").file.actors["south"]
        assert (south.rhetoric, south.attention) == (0.8, 0.5)

    def test_a_new_leader_leaves_nothing_of_the_old(self, folder: Path) -> None:
        south = extended(folder, "actors: {south: {leader: firebrand}}\n").file.actors["south"]
        assert (south.rhetoric, south.attention) == (0.9, None)

    def test_a_base_that_names_a_leader_lets_a_later_file_change_attributes(self, folder: Path) -> None:
        south = extended(folder, "actors: {south: {rhetoric: 0.05}}\n").file.actors["south"]
        assert (south.rhetoric, south.attention, south.leader) == (0.05, 0.6, "reformer")

    def test_a_leader_changed_later_is_the_one_who_leads(self, folder: Path) -> None:
        south = extended(folder, "leaders: {reformer: {rhetoric: 0.11}}\n").file.actors["south"]
        assert south.rhetoric == 0.11

    def test_rules_and_checks_stay_with_the_leader(self, folder: Path) -> None:
        rule = "{when: {cooperation: below 20}, move: share_data, issue: trade}"
        scenario = extended(folder, f"leaders: {{reformer: {{rules: {{mend: {rule}}}}}}}\n")
        assert scenario.file.actors["south"].rules is None
        assert "mend" in (scenario.file.leaders["reformer"].rules or {})

    def test_rules_of_a_leader_are_checked_for_whom_it_leads(self, folder: Path) -> None:
        rule = "{when: {cooperation: below 20}, move: divert_river}"
        path = over(folder, f"leaders: {{reformer: {{rules: {{flood: {rule}}}}}}}\n")
        assert problems(path) == ["2:75: 'south' cannot make 'divert_river'; north can"]

    def test_one_may_remove_of_what_a_leader_brings(self, folder: Path) -> None:
        scenario = extended(folder, "remove: [actors.south.attention]\n")
        assert scenario.file.actors["south"].attention is None
        assert scenario.file.leaders["reformer"] == ActorPatch(rhetoric=0.3, attention=0.6)
        again = folder / "again.yaml"
        again.write_text(scenario.text)
        assert load(again).text == from_text(scenario.text, "again").text == scenario.text


class TestOutlooks:
    def test_an_outlook_sets_values_by_wildcard(self) -> None:
        scenario = load(SAMPLES / "minimal.yaml", outlook="calm")
        assert {actor.rhetoric for actor in scenario.file.actors.values()} == {0.1}
        assert scenario.outlook == "calm"

    def test_an_outlook_adds_to_schedule_and_changes(self, folder: Path) -> None:
        move = "{date: 2025-03-03, actor: south, move: share_data, issue: water}"
        change = "{date: 2025-07-07, set: {actors.*.attention: 0.2}}"
        path = over(folder, f"outlooks: {{busy: {{schedule: [{move}], changes: [{change}]}}}}\n")
        scenario = load(path, outlook="busy")
        assert [move.issue for move in scenario.file.schedule] == ["trade", "water"]
        assert scenario.file.changes[1].set == {
            "actors.north.attention": 0.2,
            "actors.south.attention": 0.2,
            "actors.east.attention": 0.2,
        }

    def test_a_mapping_that_is_set_merges(self, folder: Path) -> None:
        path = over(folder, "outlooks: {dry: {set: {actors.north.stances: {water: 1}, indicators.level.value: 1}}}\n")
        assert load(path, outlook="dry").file.actors["north"].stances == {"water": 1, "trade": 0.5}

    def test_an_outlook_may_add_a_rule(self, folder: Path) -> None:
        rule = "{mend: {when: {cooperation: below 20}, move: share_data, issue: trade}}"
        path = over(folder, f"outlooks: {{mended: {{set: {{actors.south.rules: {rule}}}}}}}\n")
        assert list(load(path, outlook="mended").file.actors["south"].rules or {}) == ["mend"]

    def test_an_outlook_may_name_a_leader_and_set_beside_it(self, folder: Path) -> None:
        path = over(folder, "outlooks: {hot: {set: {actors.south.attention: 0.2, actors.south.leader: firebrand}}}\n")
        south = load(path, outlook="hot").file.actors["south"]
        assert (south.rhetoric, south.attention, south.leader) == (0.9, 0.2, "firebrand")

    def test_an_outlook_may_change_a_leader_who_governs(self, folder: Path) -> None:
        path = over(folder, "outlooks: {meek: {set: {leaders.reformer.rhetoric: 0.01}}}\n")
        assert load(path, outlook="meek").file.actors["south"].rhetoric == 0.01

    def test_every_outlook_is_checked_though_none_is_chosen(self, folder: Path) -> None:
        path = over(folder, "outlooks:\n  a: {set: {actors.north.rhetoric: 3}}\n  b: {set: {nothing: 1}}\n")
        assert problems(path) == [
            "3:36: rhetoric 3 is above 1; use a number in 0..1 (for 3 % write 0.03) (in outlook 'a')",
            "4:13: outlook 'b' sets 'nothing'; no such path, a scenario has tensionsim, title, about, start, end, "
            "step, history, start_index, principals, issues, actors, leaders, ...",
        ]

    def test_an_unknown_outlook_is_named_with_the_nearest(self) -> None:
        path = SAMPLES / "minimal.yaml"
        assert problems(path, outlook="clam") == ["no outlook 'clam'; did you mean 'calm'?"]

    def test_of_a_scenario_without_a_file_the_name_is_told(self) -> None:
        mixed = load("norland-suderia").extended({"title": "Mine"})
        with pytest.raises(ScenarioError, match=r"^norland-suderia: no outlook 'clam'"):
            mixed.with_outlook("clam")

    def test_a_scenario_without_outlooks_says_so(self, folder: Path) -> None:
        path = over(folder, "remove: [outlooks]\n")
        assert problems(path, outlook="calm") == ["no outlook 'calm'; it has none"]


class TestValues:
    def test_values_set_win_over_the_outlook(self) -> None:
        scenario = load(SAMPLES / "minimal.yaml", outlook="calm", set={"actors.north.rhetoric": 0.9})
        assert [actor.rhetoric for actor in scenario.file.actors.values()] == [0.9, 0.1, 0.1]

    def test_a_key_with_dots_is_quoted_or_not(self) -> None:
        path = SAMPLES / "trump2.yaml"
        for text in (
            'actors.washington.rules."america first 2.0".chance',
            "actors.washington.rules.america first 2.0.chance",
        ):
            rules = load(path, set={text: 0.1}).file.actors["washington"].rules or {}
            assert rules["america first 2.0"].chance == 0.1

    def test_any_kind_of_plain_value_may_be_set(self) -> None:
        import datetime as dt

        import numpy as np

        scenario = load(
            SAMPLES / "minimal.yaml",
            set={
                "end": dt.date(2025, 12, 1),
                "parameters.bias": np.float64(0.3),
                "actors.*.rhetoric": {"uniform": (0.1, 0.2)},
                "schedule": [],
            },
        )
        assert scenario.file.end == dt.date(2025, 12, 1)
        assert scenario.file.parameters == {"bias": 0.3}
        assert scenario.file.actors["east"].rhetoric == Distribution(uniform=(0.1, 0.2))

    def test_problems_of_values_set_say_so(self) -> None:
        values = {
            "actors.north.rhetoric": 95,
            "actors.north.retoric": 0.5,
            "title": None,
            "about": object(),
            "parameters.bias": float("nan"),
            "": 1,
            "actors..rhetoric": 1,
        }
        with pytest.raises(ScenarioError) as caught:
            load(SAMPLES / "minimal.yaml", set=values)
        assert [str(problem) for problem in caught.value.problems] == [
            "set: title: a value is missing",
            "set: about: a value of type object cannot stand in a scenario",
            "set: parameters.bias: nan is not a number of ordinary size, below 1e+15",
            "set: actors.north.retoric: no such path, did you mean 'actors.north.rhetoric'?",
            "set: no such path, it is empty",
            "set: actors..rhetoric: no such path, a key is missing at character 8",
            "set: actors.north.rhetoric: rhetoric 95 is above 1; use a number in 0..1 (for 95 % write 0.95)",
        ]
        with pytest.raises(ScenarioError, match=r"set: actors.north.rhetoric: rhetoric 95 is above 1; use a number"):
            load(SAMPLES / "minimal.yaml", set={"actors.north.rhetoric": 95})

    def test_an_unknown_outlook_hides_no_value_set(self) -> None:
        with pytest.raises(ScenarioError) as caught:
            load("norland-suderia", outlook="clam", set={"nothing": 1, "actors.norland.rhetoric": 9})
        found = [problem.message for problem in caught.value.problems]
        starts = ("no outlook 'clam'", "nothing: no such path", "actors.norland.rhetoric: rhetoric 9 is above 1")
        assert [message.startswith(start) for message, start in zip(found, starts, strict=True)] == [True] * 3

    def test_a_value_set_may_make_trouble_elsewhere(self) -> None:
        found = problems(SAMPLES / "minimal.yaml", values={"end": "2025-02-01"})
        assert found[0] == "60:12: 2025-02-03 is after the end, 2025-02-01 (set end); this move would never happen"
