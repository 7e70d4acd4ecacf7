"""Every wrong scenario is refused with its problems, each in its place, and all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenario.wrong_scenarios import WRONG, Wrong
from tensionsim.errors import ScenarioError
from tensionsim.scenario.scenario import load

SAMPLES = Path(__file__).parent / "samples"
MINIMAL = (SAMPLES / "minimal.yaml").read_text(encoding="utf-8")


def problems_of(path: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return [f"{problem.line}:{problem.column}: {problem.message}" for problem in caught.value.problems]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name.replace(" ", "_"))
def test_a_wrong_scenario_is_refused_with_its_place_and_reason(wrong: Wrong, tmp_path: Path) -> None:
    assert MINIMAL.count(wrong.old) == 1
    path = tmp_path / "wrong.yaml"
    path.write_text(MINIMAL.replace(wrong.old, wrong.new), encoding="utf-8")
    assert problems_of(path) == list(wrong.problems)


def test_the_sample_itself_is_good() -> None:
    assert load(SAMPLES / "minimal.yaml").title == "Two neighbours and a river"


def test_every_problem_of_a_file_is_reported_at_once(tmp_path: Path) -> None:
    alone = [
        wrong
        for wrong in WRONG
        if len(wrong.problems) == 1
        and wrong.name
        in {"unknown key in rule", "rhetoric 1.4", "move begins", "schedule move", "event bound", "mechanism unknown"}
    ]
    text = MINIMAL
    for wrong in alone:
        text = text.replace(wrong.old, wrong.new)
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    assert sorted(problems_of(path)) == sorted(problem for wrong in alone for problem in wrong.problems)
    assert len(alone) == 6


def test_an_error_shows_the_line_with_a_caret(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(MINIMAL.replace("rhetoric: 0.7", "rhetoric: 95"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path}:13:15: rhetoric 95 is above 1; use a number in 0..1 (for 95 % write 0.95)\n"
        "        rhetoric: 95\n"
        "                  ^"
    )


def test_problems_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(MINIMAL.replace("0.5", "50").replace("share_data", "share"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    places = [(problem.line, problem.column) for problem in caught.value.problems]
    assert len(places) > 2
    assert places == sorted(places)


def test_more_problems_than_one_reads_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(MINIMAL + "".join(f"unknown_{number}: 1\n" for number in range(500)), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert len(caught.value.problems) == 201
    assert caught.value.problems[-1].message == "300 more problems are not shown"
