"""`tensionsim discover` and `advise`: what they print, wide and narrow, what they write, and how they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import tensionsim as ts

Call = Callable[..., tuple[int, str, str]]
LOOK = (
    *("discover", "norland-suderia", "--of", "fisheries", "--below", "50", "--runs", "400", "--confirm", "200"),
    *("--over", "actors.norland.stances.fisheries=0:1", "--over", "actors.suderia.attention=0.1:0.7"),
)
STRATEGIES = """
principal: suderia
aims: {keep_out_of: crisis}
strategies:
  agree: {set: {actors.suderia.stances: {fisheries: 0.9, water: 0.8}}}
"""
ADVISE = ("advise", "norland-suderia", "--strategies", "own.yaml", "--futures", "10", "--replicates", "2")


def test_a_box_is_told_and_written_and_drawn(command: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, output, errors = command(*LOOK, "--write", "box.yaml", "--plot", "box.png")
    assert (status, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0] == "Norland and Suderia"
    assert lines[1].startswith("index of fisheries on 2032-01-06 below 50: ")
    assert any(line.startswith("actors.norland.stances.fisheries  at least") for line in lines)
    assert "in 200 new runs within it" in output
    assert max(map(len, lines)) <= 80
    assert ts.load("box.yaml").title == "Norland and Suderia, within a box"
    assert Path("box.png").stat().st_size > 10_000


def test_a_narrow_terminal_has_narrow_lines(command: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    Path("own.yaml").write_text(STRATEGIES, encoding="utf-8")
    for call in (LOOK, ADVISE):
        status, output, _ = command(*call)
        assert status == 0
        assert max(map(len, output.splitlines())) <= 60


def test_json_and_csv_hold_the_box(command: Call) -> None:
    _, output, _ = command(*LOOK, "--json")
    box = json.loads(output)["box"]
    _, table, _ = command(*LOOK, "--csv")
    assert table.splitlines()[0] == "factor,low,high,values,quasi_p"
    assert len(table.splitlines()) == 1 + len(box["limits"])


def test_no_box_is_a_result_whose_reason_is_told_where_no_text_is_shown(command: Call) -> None:
    call = ("discover", "norland-suderia", "--of", "index", "--below", "55", "--runs", "60")
    assert "No box: no limit on any factor" in command(*call)[1]
    status, output, errors = command(*call, "--json")
    assert (status, json.loads(output)["box"]) == (0, None)
    assert errors.startswith("no box: ")
    assert command(*call, "--csv") == (0, "factor,low,high,values,quasi_p\n", errors)
    assert command(*call, "--write", "box.yaml") == (2, "", errors)
    assert not list(Path.cwd().iterdir())


def test_quiet_writes_the_box_and_says_nothing(command: Call) -> None:
    assert command(*LOOK, "--write", "box.yaml", "--quiet") == (0, "", "")
    assert Path("box.yaml").exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--over", "actors.suderia.attention=0:1"), "is given twice"),
        (("--over", "actors.norland.rhetorik=0:1"), "did you mean"),
        (("--of", "fishery"), "did you mean 'fisheries'"),
        (("--write", "box.csv"), "does not end in .yaml"),
        (("--plot", "box.doc"), "figures are written as"),
    ],
)
def test_what_cannot_be_looked_for_is_told_before_anything_is_written(
    command: Call, more: tuple[str, ...], words: str
) -> None:
    status, output, errors = command(*LOOK, *more)
    assert (status, output) == (2, "")
    assert words in errors
    assert not list(Path.cwd().iterdir())


def test_strategies_are_ranked_and_drawn(command: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    Path("own.yaml").write_text(STRATEGIES, encoding="utf-8")
    status, output, errors = command(*ADVISE, "--plot", "advice.svg")
    assert (status, errors) == (0, "")
    assert output.splitlines()[0] == "Norland and Suderia: what Suderia can do"
    assert output.index("agree") < output.index("as it is")
    assert Path("advice.svg").read_text(encoding="utf-8").startswith("<?xml")
    _, table, _ = command(*ADVISE, "--csv")
    assert table.splitlines()[0].startswith("strategy,kept_out,difference,low,high")
    _, text, _ = command(*ADVISE, "--json")
    assert json.loads(text)["best"] == "agree"


def test_an_advice_is_kept_and_resumed_as_it_was(command: Call) -> None:
    Path("own.yaml").write_text(STRATEGIES, encoding="utf-8")
    status, output, errors = command(*ADVISE, "-o", "kept")
    assert (status, errors) == (0, "")
    assert output.endswith("\nadvice.csv and summary.json are in kept\n")
    part = next(Path("kept").glob("parts/agree-*"))
    part.unlink()
    assert command("resume", "kept") == (0, output, "")
    assert part.exists()
    status, _, errors = command(*ADVISE, "--seed", "1", "-o", "kept")
    assert (status, "what differs: seed (0 there, 1 now)" in errors) == (2, True)
    assert command(*ADVISE, "--seed", "1", "-o", "kept", "--replace", "-q")[0] == 0
    assert "--replace goes with -o DIR" in command(*ADVISE, "--replace")[2]


def test_two_futures_that_agree_are_no_interval_and_enough_is_told_by_its_count(command: Call) -> None:
    Path("own.yaml").write_text(STRATEGIES, encoding="utf-8")
    status, output, _ = command(*ADVISE[:-4], "--futures", "2", "--replicates", "1")
    assert (status, " to +" in output) == (0, False)
    assert "Best: agree. Futures in which it is not enough: " in output


def test_a_strategy_that_is_not_its_principals_is_refused_with_its_place(command: Call) -> None:
    Path("own.yaml").write_text(STRATEGIES.replace("actors.suderia", "actors.norland"), encoding="utf-8")
    status, output, errors = command(*ADVISE)
    assert (status, output) == (2, "")
    assert errors.startswith("own.yaml:5:17: 'actors.norland.stances' is none of its own (of actors.suderia: stances, ")


def test_a_folder_of_runs_is_looked_at_as_it_is(command: Call) -> None:
    scenario = ts.load("norland-suderia", set={"actors.norland.stances.fisheries": {"uniform": [0.0, 1.0]}})
    ts.run(scenario, runs=400, store="kept")
    call = ("discover", "kept", "--of", "fisheries", "--below", "50", "--confirm", "0")
    status, output, errors = command(*call)
    assert (status, errors) == (0, "")
    assert "400 runs" in output
    status, _, errors = command(*call, "--runs", "10")
    assert (status, "kept holds runs as they are; leave out" in errors) == (2, True)
