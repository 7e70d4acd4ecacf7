"""Scenario: its steps, its text that runs by itself, its variants."""

from __future__ import annotations

import datetime as dt
import pickle
import time
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from tensionsim.errors import ScenarioError
from tensionsim.scenario.files import shipped_folder, shipped_names
from tensionsim.scenario.scenario import Scenario, load

SAMPLES = Path(__file__).parent / "samples"
ALL = [
    *sorted(SAMPLES.glob("*.yaml")),
    *sorted(set(shipped_folder().rglob("*.yaml")) - {*shipped_folder().glob("strategies/*")}),
]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def minimal(**values: object) -> Scenario:
    return load(SAMPLES / "minimal.yaml", set={"changes": [], "schedule": [], **values})


class TestSteps:
    def test_weeks_are_counted_from_the_start(self) -> None:
        scenario = minimal(start="2025-01-06", end="2025-02-03")
        assert (scenario.n_steps, scenario.dt_months) == (4, 12 / 52)
        assert scenario.steps == tuple(day("2025-01-06") + dt.timedelta(weeks=week) for week in range(5))

    def test_a_step_that_begins_before_the_end_is_whole(self) -> None:
        assert minimal(start="2025-01-06", end="2025-02-04").steps[-1] == day("2025-02-10")

    def test_months_keep_the_day_of_the_start_where_there_is_one(self) -> None:
        scenario = minimal(start="2024-01-31", end="2024-05-01", step="month")
        assert [str(date) for date in scenario.steps] == [
            "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31",
        ]  # fmt: skip
        assert scenario.dt_months == 1

    def test_days_are_days(self) -> None:
        scenario = minimal(start="2024-02-28", end="2024-03-02", step="day")
        assert (scenario.n_steps, scenario.dt_months) == (3, 12 / 365)

    def test_a_date_between_steps_snaps_and_says_so(self) -> None:
        notes = load(SAMPLES / "trump2.yaml").notes
        assert notes[0] == "the move 'turn_back_deportation_flights' of 2025-01-26 happens in the week from 2025-01-20"
        assert notes[-1] == "the change of 2026-08-07 happens in the week from 2026-08-03"


class TestText:
    @pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
    def test_the_text_runs_by_itself_and_means_the_same(self, path: Path, tmp_path: Path) -> None:
        whole = load(path)
        for name in (None, *whole.outlook_names):
            scenario = whole.with_outlook(name)
            copy = tmp_path / "copy.yaml"
            copy.write_text(scenario.text, encoding="utf-8")
            again = load(copy)
            assert again.text == scenario.text
            assert again.sha256 == scenario.sha256
            expected = scenario.file if name is None else scenario.file.model_copy(update={"outlooks": {}})
            assert again.file == expected

    def test_comments_and_layout_do_not_change_the_hash(self, tmp_path: Path) -> None:
        text = (SAMPLES / "minimal.yaml").read_text(encoding="utf-8")
        copy = tmp_path / "copy.yaml"
        copy.write_text("# A comment.\n" + text.replace("0.7", "7e-1").replace("{east: -0.5}", "\n      east: -0.5"))
        assert load(copy).sha256 == load(SAMPLES / "minimal.yaml").sha256

    def test_another_value_changes_the_hash(self) -> None:
        scenario = load(SAMPLES / "minimal.yaml")
        assert scenario.with_values({"actors.north.rhetoric": 0.71}).sha256 != scenario.sha256

    def test_a_change_may_set_an_actor_by_mapping(self) -> None:
        change = [{"date": "2025-06-02", "set": {"actors.*": {"rally": 1, "stances": {"water": {"uniform": [0, 1]}}}}}]
        scenario = load(SAMPLES / "minimal.yaml", set={"changes": change})
        assert scenario.file.changes[0].set["actors.east.rally"] == 1
        assert scenario.file.changes[0].set["actors.north.stances.water"] == {"uniform": [0, 1]}

    def test_changes_are_spelled_out(self) -> None:
        change = [{"date": "2025-06-02", "set": {"actors.*.stances": {"water": 0.5}}}]
        scenario = load(SAMPLES / "minimal.yaml", set={"changes": change})
        assert scenario.file.changes[0].set == {
            f"actors.{name}.stances.water": 0.5 for name in ("north", "south", "east")
        }


class TestVariants:
    def test_an_outlook_can_be_changed_for_another_and_for_none(self) -> None:
        scenario = load(SAMPLES / "trump2.yaml", outlook="managed", set={"actors.caracas.rhetoric": 0.9})
        other = scenario.with_outlook("rhetoric")
        assert (other.outlook, other.file.actors["washington"].insulation) == ("rhetoric", 0.1)
        assert other.file.actors["caracas"].rhetoric == 0.9
        assert scenario.with_outlook(None).file.actors["bogota"].insulation is None

    def test_values_add_up(self) -> None:
        scenario = load(SAMPLES / "minimal.yaml").with_values({"actors.north.rhetoric": 0.1})
        scenario = scenario.with_values({"actors.south.rhetoric": 0.2})
        assert [scenario.file.actors[name].rhetoric for name in ("north", "south")] == [0.1, 0.2]

    def test_a_variant_equals_the_one_loaded_so(self) -> None:
        path = SAMPLES / "minimal.yaml"
        assert load(path).with_outlook("calm") == load(path, outlook="calm")
        assert load(path).with_values({"title": "x"}) == load(path, set={"title": "x"})

    def test_wrong_variants_are_refused(self) -> None:
        scenario = load(SAMPLES / "minimal.yaml")
        with pytest.raises(ScenarioError, match="no outlook 'storm'"):
            scenario.with_outlook("storm")
        with pytest.raises(ScenarioError, match="above 1"):
            scenario.with_values({"actors.north.rhetoric": 2})

    def test_it_can_be_sent_to_another_process(self) -> None:
        scenario = load(SAMPLES / "trump2.yaml", outlook="managed")
        copy, other = (pickle.loads(pickle.dumps(scenario.with_values({"title": title}))) for title in "ab")
        assert copy._merged is not scenario._merged
        assert copy._merged is other._merged, "what thousands of tasks have in common is read once"
        copy = copy.with_values({"title": scenario.title})
        assert copy == scenario
        assert copy.with_outlook("rhetoric") == scenario.with_outlook("rhetoric")

    def test_it_cannot_be_changed(self) -> None:
        scenario = load(SAMPLES / "minimal.yaml")
        with pytest.raises(FrozenInstanceError):
            scenario.name = "other"  # type: ignore[misc]


class TestShipped:
    @pytest.mark.parametrize("name", shipped_names())
    def test_a_shipped_scenario_is_found_by_its_name(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / name).mkdir()
        assert load(name).name == name

    def test_a_misspelt_one_is_named_with_the_nearest(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ScenarioError, match="did you mean 'trump2-petro-2025'"):
            load("trump2-petro-2052")

    @pytest.mark.timing
    def test_a_scenario_with_its_base_loads_in_60_ms(self) -> None:
        load("trump2-petro-2025")
        start = time.process_time()
        load("trump2-petro-2025")
        assert time.process_time() - start < 0.06
