"""Files of strategies: a strategy changes only what its principal decides, and every problem has its place."""

from __future__ import annotations

from pathlib import Path

import pytest

import tensionsim as ts
from tensionsim.errors import ScenarioError
from tensionsim.futures.advice import AS_IT_IS, read_strategies

SCENARIO = "norland-suderia"
GOOD = """
principal: suderia
aims: {keep_out_of: crisis, stances: {water: 0.3}, weights: {water: 2}}
enough: {chance: 0.8, index: 50}
strategies:
  quiet: {title: Quiet, set: {actors.suderia.rhetoric: 0.1, actors.suderia.insulation: 0.9}}
  firm:
    set: {actors.suderia.stances: {water: 0.0, fisheries: 0.1}}
    schedule: [{date: 2030-09-02, actor: suderia, move: close_sluice}]
    changes: [{date: 2031-06-02, actor: suderia, set: {actors.suderia.stances.water: 0.5}}]
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as failure:
        read_strategies(text, ts.load(SCENARIO))
    return [str(one).split("\n")[0] for one in failure.value.problems]


def test_each_strategy_is_the_scenario_with_what_it_changes() -> None:
    _, found = read_strategies(GOOD, ts.load(SCENARIO, set={"actors.norland.rhetoric": 0.7}))
    assert list(found) == [AS_IT_IS, "quiet", "firm"]
    quiet, firm = found["quiet"].file, found["firm"].file
    assert (quiet.actors["suderia"].rhetoric, quiet.actors["suderia"].insulation) == (0.1, 0.9)
    assert quiet.actors["norland"].rhetoric == firm.actors["norland"].rhetoric == 0.7
    assert firm.schedule[-1].move == "close_sluice"
    assert firm.changes[-1].set == {"actors.suderia.stances.water": 0.5}
    assert found[AS_IT_IS].file.actors["suderia"].rhetoric == 0.5


def test_strategies_are_laid_over_an_outlook() -> None:
    _, found = read_strategies(GOOD, ts.load(SCENARIO, outlook="loud"))
    assert found[AS_IT_IS].file.actors["norland"].rhetoric == 1.0
    quiet = found["quiet"].file
    assert (quiet.actors["norland"].rhetoric, quiet.actors["suderia"].rhetoric) == (1.0, 0.1)


@pytest.mark.parametrize(
    "given",
    [
        "set: {actors.norland.rhetoric: 0.1}",
        "set: {actors.*.rhetoric: 0.1}",
        "set: {actors.suderia: {rhetoric: 0.1}}",
        "set: {actors.suderia.dependence.norland: 0.1}",
        "set: {actors.suderia.affinity: {easteria: 1}}",
        "set: {mechanisms.disagreement.strength: 0}",
        "set: {end: 2031-01-01}",
        "schedule: [{date: 2030-09-02, actor: norland, move: seize_trawler}]",
        "changes: [{date: 2030-09-02, set: {actors.suderia.rhetoric: 0.2}}]",
        "changes: [{date: 2030-09-02, actor: suderia, set: {actors.norland.rhetoric: 0.2}}]",
        "changes: [{date: 2030-09-02, actor: suderia, one_of: [{chance: 1, set: {actors.suderia.rhetoric: 0.2}}]}]",
    ],
)
def test_a_strategy_that_touches_what_its_principal_does_not_decide_is_refused(given: str) -> None:
    text = f"principal: suderia\naims: {{keep_out_of: crisis}}\nstrategies:\n  greedy:\n    {given}\n"
    (problem,) = problems(text)
    assert problem.startswith("the text:5:")
    assert problem.endswith("a strategy changes only what suderia decides")


def test_all_problems_come_at_once_each_with_its_place() -> None:
    found = problems(
        """
principal: easteria
aims: {keep_out_of: crises, stances: {waters: 0.3}, weights: {water: 0}}
strategies:
  bad: {set: {actors.norland.rhetoric: 0.1}}
"""
    )
    told = "\n".join(found)
    for words in (
        ":2:12: no principal 'easteria'",
        ":3:21: no event 'crises'; did you mean 'crisis'?",
        "no issue 'waters'; did you mean 'water'?",
        "no issue has a weight above 0",
        ":5:15:",
    ):
        assert words in told


@pytest.mark.parametrize("key", ["actr", "move:", "&a move: praise"])
def test_what_cannot_be_read_in_a_strategy_is_told_with_its_place(key: str) -> None:
    assert {one.split(":")[1] for one in problems(GOOD.replace("move: close_sluice", key))} == {"9"}


def test_problems_of_shape_of_names_and_of_strategies_come_together_once() -> None:
    bad = GOOD.replace("keep_out_of: crisis", "keep_out_of: crises").replace("chance: 0.8", "chance: 8")
    bad = bad.replace("rhetoric: 0.1", "rhetoric: 7").replace("close_sluice}", "close_the_sluice, on: water}")
    assert [one.split(":")[1] for one in problems(bad)] == ["3", "4", "6", "9", "9"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("principal: suderia\naims: {}\nstrategies: {a: {}}\n", "keep_out_of"),
        ("principal: suderia\naims: {keep_out_of: crisis}\nstrategies: {}\n", "strategies"),
        ("principal: suderia\naims: {keep_out_of: crisis}\nenough: {chance: 2}\nstrategies: {a: {}}\n", "chance"),
        ("principal: suderia\naims: {keep_out_of: crisis}\nstrategys: {a: {}}\nx: 1\n", "strategys"),
        ("- a\n- b\n", "mapping"),
        (GOOD.replace("rhetoric: 0.1", "rhetorik: 0.1"), "no such path"),
        (GOOD.replace("rhetoric: 0.1", "rhetoric: 7"), "rhetoric 7"),
        (GOOD.replace("close_sluice", "close_the_sluice"), "close_the_sluice"),
        (GOOD.replace("2030-09-02", "2040-09-02"), "2040-09-02"),
    ],
)
def test_a_wrong_file_is_refused_where_it_is_wrong(text: str, words: str) -> None:
    assert any(words in problem for problem in problems(text))


def test_strategies_are_told_as_such_and_not_as_scenarios(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("")
    given = [tmp_path / "empty.yaml", tmp_path, 3, {"principal": "suderia", "x": 1}]
    given += [GOOD.replace("rhetoric: 0.1", "rhetoric: 7"), GOOD.replace("title: Quiet", "titel: Quiet")]
    given += [GOOD.replace("close_sluice", "close_the_sluice")]
    told = []
    for one in given:
        with pytest.raises((ScenarioError, TypeError)) as failure:
            read_strategies(one, ts.load(SCENARIO))  # type: ignore[arg-type]
        told.append(str(failure.value).split("\n")[0].removeprefix(str(tmp_path)))
    assert told[:4] == [
        "/empty.yaml: the file is empty; this should be a file of strategies",
        ": this is a folder, not a file of strategies",
        "a file of strategies is a path, a shipped name, a mapping, YAML text or open file; got 3",
        "the mapping: the strategies lacks 'aims'",
    ]
    assert not [one for one in told if "outlook" in one or "scenario" in one]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="there is no such file; shipped: strategies/bogota"):
        read_strategies(tmp_path / "none.yaml", ts.load(SCENARIO))
    with pytest.raises(ScenarioError, match="did you mean 'strategies/bogota'"):
        read_strategies("strategies/bogot", ts.load(SCENARIO))


def test_the_shipped_strategies_suit_the_scenario_that_they_name() -> None:
    file, found = read_strategies("strategies/bogota", ts.load("status-quo"))
    assert file.principal == "bogota"
    assert len(found) > 5
