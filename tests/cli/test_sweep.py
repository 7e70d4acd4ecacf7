"""`tensionsim sweep`: what it prints, on wide and narrow terminals, what it writes, and how it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import synthetic
import tensionsim as ts
from tensionsim.cli.commands_run import sweep_lines
from tensionsim.cli.terminal import Screen
from tensionsim.scenario.yaml_tree import write

Call = Callable[..., tuple[int, str, str]]
RHETORIC, INSULATION = "actors.avalon.rhetoric", "actors.brigadoon.insulation"
GRID = ("sweep", "avalon.yaml", "--over", f"{RHETORIC}=0.2,0.8", "--over", f"{INSULATION}=0:1:3", "--runs", "6")


@pytest.fixture
def call(command: Call) -> Call:
    """Runs the command in an empty folder that holds avalon.yaml; gives status, output and errors."""
    outlooks = {"calm": {"set": {RHETORIC: 0.1}}, "loud": {"set": {RHETORIC: 0.9}}}
    scenario = synthetic.scenario_mapping(end="2031-04-01", outlooks=outlooks)
    Path("avalon.yaml").write_text(write(scenario), encoding="utf-8")
    return command


def point(number: int, mean: float, **values: Any) -> dict[str, Any]:
    """A point of a summary."""
    outcomes = {"index_mean": mean, "index_mean_se": 0.5, "index_q05": mean - 9, "index_q95": mean + 9}
    outcomes |= {"difference": mean - 50, "difference_se": 0.3, "event_crisis": 0.25, "event_crisis_se": 0.0433}
    return {"point": number, "values": values, "end": "2026-01-01", **outcomes}


def summary(points: list[dict[str, Any]], method: str = "grid") -> dict[str, Any]:
    """A summary as `Sweep.summary()` makes it."""
    factors = {name: f"actors.avalon.{name}" for name in points[0]["values"]}
    named = {"title": "Avalon", "method": method, "runs": 100, "seed": 3, "set": {}, "baseline": 0}
    return {**named, "factors": factors, "points": points}


def shown(given: dict[str, Any], width: int, *, has_unicode: bool = True) -> list[str]:
    return list(sweep_lines(given, Screen(width, has_unicode, has_colour=False)))


# What is shown


def test_a_table_has_a_row_a_point_in_order(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, output, errors = call(*GRID)
    assert (status, errors) == (0, "")
    lines = output.splitlines()
    assert lines[:2] == [
        "Avalon and Brigadoon",
        "Grid of 6 points; 6 runs at each, seed 0: the same luck at every point",
    ]
    assert f"  rhetoric: {RHETORIC}" in lines
    head = next(place for place, line in enumerate(lines) if line.startswith("point "))
    assert lines[head].split()[:5] == ["point", "index", "difference", "rhetoric", "insulation"]
    rows = [[row[0], *row[3:5]] for row in (re.split(r"  +", line) for line in lines[head + 1 : head + 7])]
    assert rows[:3] == [["0", "0.2", "0"], ["1", "0.2", "0.5"], ["2", "0.2", "1"]]
    assert rows[3:] == [["3", "0.8", "0"], ["4", "0.8", "0.5"], ["5", "0.8", "1"]]
    assert "baseline" in lines[head + 1]
    assert max(map(len, lines)) <= 80


def test_points_of_other_dates_have_no_paired_difference(call: Call) -> None:
    arguments = ("sweep", "avalon.yaml", "--over", "step=week,day", "--over", f"{RHETORIC}=0.2,0.8", "--runs", "6")
    status, output, _ = call(*arguments)
    text = " ".join(output.split())
    assert status == 0
    assert "the same luck at every point" not in text
    assert "- where start or step differ, so that a run is another history" in text
    points = json.loads(call(*arguments, "--json")[1])["points"]
    assert [point["difference"] is None for point in points] == [False, False, True, True]
    assert [point["difference_se"] is None for point in points] == [False, False, True, True]


@pytest.mark.parametrize("width", [40, 50, 60, 80, 100])
def test_lines_fit_the_terminal_and_keep_index_and_difference(width: int) -> None:
    values = {"insulation": 0.2, "avalon_rhetoric": 0.4, "outlook": "calm", "defiance": {"strength": 0.5}}
    points = [point(number, 50.0 + number, **{**values, "insulation": number / 10}) for number in range(4)]
    points[1]["values"]["avalon_rhetoric"], points[2]["values"]["outlook"] = 0.6, "loud"
    lines = shown(summary(points), width)
    assert max(map(len, lines)) <= width
    head = next(line for line in lines if line.startswith("point "))
    assert "index" in head
    assert "difference" in head


def test_narrow_terminals_say_which_columns_are_left_out() -> None:
    lines = shown(summary([point(0, 50.0, rhetoric=0.2), point(1, 56.0, rhetoric=0.5)]), 50)
    assert "(wider terminals show: crisis)" in lines


def test_a_terminal_without_unicode_gets_plain_signs() -> None:
    lines = shown(summary([point(0, 50.0, rhetoric=0.2), point(1, 56.0, rhetoric=0.5)]), 80, has_unicode=False)
    assert "\n".join(lines).isascii()
    assert any("56.0 +-0.5" in line for line in lines)


def test_of_many_points_the_best_and_worst_are_shown() -> None:
    points = [point(number, 40.0 + number / 10, rhetoric=number / 1000) for number in range(150)]
    lines = shown(summary(points, method="lhs"), 80)
    assert "Those that end best, then worst, 50 each; --csv prints all." in lines
    assert "Latin hypercube of 150 points; 100 runs at each, seed 3: the same luck at every point" in " ".join(lines)
    head = next(place for place, line in enumerate(lines) if line.startswith("point "))
    ranked = [line.split()[0] for line in lines[head + 1 : head + 101]]
    assert ranked == [*map(str, range(149, 99, -1)), *map(str, range(49, -1, -1))]


def test_json_is_one_object_with_a_mapping_a_point(call: Call) -> None:
    status, output, errors = call(*GRID, "--json", "--set", "title=Two isles")
    found = json.loads(output)
    assert (status, errors, found["title"], found["set"]) == (0, "", "Two isles", {"title": "Two isles"})
    assert found["factors"] == {"rhetoric": RHETORIC, "insulation": INSULATION}
    assert [each["values"] for each in found["points"]][1] == {"rhetoric": 0.2, "insulation": 0.5}
    assert found["points"][0]["difference"] == 0.0


def test_csv_is_the_table(call: Call) -> None:
    status, output, errors = call(*GRID, "--csv", "--seed", "4")
    over = {RHETORIC: [0.2, 0.8], INSULATION: [0, 0.5, 1]}
    expected = ts.sweep("avalon.yaml", over, runs=6, seed=4).table
    assert (status, errors) == (0, "")
    pd.testing.assert_frame_equal(pd.read_csv(StringIO(output)), expected)


def test_quiet_prints_nothing(call: Call) -> None:
    assert call(*GRID, "-o", "out", "-q") == (0, "", "")
    assert ts.Sweep.open("out").runs == 6


def test_progress_counts_the_runs_of_all_points(call: Call) -> None:
    _, output, errors = call(*GRID, "--progress", "json", "--csv")
    last = json.loads(errors.splitlines()[-1])
    assert (last["done"], last["total"]) == (36, 36)
    assert output.startswith("point,rhetoric,insulation,index_mean,")


# Designs


def test_outlooks_are_varied_in_a_zip(call: Call) -> None:
    arguments = ("--over", "outlook=calm,none,loud", "--over", f"{INSULATION}=0,0.5,1", "--method", "zip")
    status, output, _ = call("sweep", "avalon.yaml", *arguments, "--runs", "3", "--json")
    found = json.loads(output)
    assert (status, found["method"]) == (0, "zip")
    assert [each["values"]["outlook"] for each in found["points"]] == ["calm", "none", "loud"]


def test_samples_are_drawn_from_intervals_and_distributions(call: Call) -> None:
    over = ("--over", f"{RHETORIC}=0.5:0.9", "--over", f"{INSULATION}={{triangular: [0, 0.2, 1]}}")
    drawn = ("--method", "lhs", "--points", "5", "--design-seed", "2")
    status, output, _ = call("sweep", "avalon.yaml", *over, *drawn, "--runs", "2", "--json")
    found = json.loads(output)
    assert (status, found["drawn"]) == (0, {"points": 5, "seed": 2})
    values = [each["values"]["rhetoric"] for each in found["points"]]
    assert len(set(values)) == 5
    assert all(0.5 < value < 0.9 for value in values)


def test_a_design_file_says_all_of_it(call: Call) -> None:
    text = f"over:\n  {RHETORIC}: {{from: 0.2, to: 0.8, points: 2}}\nset:\n  {INSULATION}: 0.5\n"
    Path("design.yaml").write_text(text, encoding="utf-8")
    status, output, _ = call("sweep", "avalon.yaml", "--design", "design.yaml", "--runs", "2", "--json")
    found = json.loads(output)
    assert (status, found["set"], len(found["points"])) == (0, {INSULATION: 0.5}, 2)


def test_problems_of_a_design_file_are_shown_with_their_places(call: Call) -> None:
    Path("design.yaml").write_text(f"methd: zip\nover:\n  {RHETORIC}: 0.2:high:3\n", encoding="utf-8")
    status, output, errors = call("sweep", "avalon.yaml", "--design", "design.yaml")
    assert (status, output) == (2, "")
    assert "design.yaml:1:1: unknown key 'methd' in the design; did you mean 'method'?" in errors
    assert "rhetoric is the text '0.2:high:3'; use a number in 0..1" in errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say what to vary: --over PATH=VALUES (repeatable), or --design FILE"),
        (("--over", "x"), "'x' is not PATH=VALUES, as in"),
        (("--over", "=1"), "'=1' is not PATH=VALUES"),
        (("--over", "title="), "'title=' is not PATH=VALUES"),
        (("--over", "title=a", "--over", "title=b"), "title is given twice; name all its values at once"),
        (("--over", "title=a", "--design", "x.yaml"), "--design holds all of the design; leave out --over"),
        (("--design", "x.yaml", "--points", "3"), "leave out --over, --method, --points"),
        (("--design", "x.yaml"), "x.yaml: there is no such file"),
        (("--over", f"{RHETORIC}=0.2:x:3"), f"--over: {RHETORIC}: rhetoric is the text '0.2:x:3'; use a number"),
        (("--over", f"{RHETORIC}=0.2,1.4"), f"--over: {RHETORIC}: rhetoric 1.4 is above 1; use a number in 0..1"),
        (("--over", "actors.avalon.retoric=1"), "no such path, did you mean 'actors.avalon.rhetoric'?"),
        (("--over", "outlook=clam"), "--over: outlook: no outlook 'clam'; did you mean 'calm'?"),
        (("--over", "outlook=calm", "--outlook", "loud"), "the outlook is varied, and 'loud' is asked for"),
        (("--over", f"{RHETORIC}=0,1", "--set", f"{RHETORIC}=0.5"), "drop one of the two"),
        (("--over", "title=a", "--method", "lhs"), "`points` is missing: how many points a Latin hypercube"),
        (("--over", "title=a", "--method", "random"), "'random' is not one of 'grid', 'zip', 'lhs', 'sobol'"),
        (("--over", "title=a", "--points", "3"), "--points: a grid draws no points, it has as many as its values make"),
        (("--over", "title=a", "--design-seed", "3"), "--design-seed: a grid draws no points"),
        (("--over", f"{RHETORIC}=0:1", "--method", "sobol", "--points", "9"), "not 9, but 8 or 16"),
        (("--over", "title=a,b", "--over", "about=a", "--method", "zip"), "--over: a zip takes values one by one"),
        (("--over", "title=a", "--baseline", "1"), "there is no point 1; there are 0 to 0"),
        (("--over", "title=a", "--json", "--csv"), "--json and --csv exclude each other"),
        (("--over", f"{RHETORIC}=0:1"), "a grid takes single values: a list, or a range with a number of them"),
        (("--over", "x", "--over", "y="), "--over: 'x' is not PATH=VALUES, as in actors.bogota.rhetoric=0.2:1.0:5"),
        (("--over", "x", "--over", "y="), "--over: 'y=' is not PATH=VALUES"),
        (("--over", "x", "--over", f"{RHETORIC}=3", "--set", "y"), "rhetoric 3 is above 1"),
        (("--over", "x", "--over", f"{RHETORIC}=3", "--set", "y"), "--set: 'y' is not PATH=VALUE"),
        (("--over", "x", "--outlook", "clam", "--set", "nothing=1"), "no outlook 'clam'; did you mean 'calm'?"),
        (("--over", "x", "--outlook", "clam", "--set", "nothing=1"), "--set: nothing: no such path"),
        (("--over", "title=a", "--replace"), "--replace goes with -o DIR"),
        (("--over", "title=a", "-o", "avalon.yaml"), "a file stands there"),
        (("--over", "title=a", "-o", "."), "it is the folder you are in"),
        (("--over", "title=a", "--jobs", "none"), "'none' is neither a number of jobs"),
    ],
)
def test_what_cannot_be_done_is_refused_with_status_2(call: Call, arguments: tuple[str, ...], message: str) -> None:
    before = sorted(path.name for path in Path().iterdir())
    status, output, errors = call("sweep", "avalon.yaml", *arguments)
    assert (status, output) == (2, "")
    assert message in " ".join(errors.split())
    assert sorted(path.name for path in Path().iterdir()) == before


# Folders


def test_the_same_command_and_resume_find_the_runs_there(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    first = call(*GRID, "-o", "out", "--jobs", "2")
    assert first[0] == 0
    assert "sweep.csv, index.csv and provenance.json are in out, the runs of each point below it" in first[1]
    monkeypatch.setattr("tensionsim.runs.run.parts_made", lambda *given, **named: pytest.fail("runs were made"))
    assert call(*GRID, "-o", "out") == first
    before = Path("out/provenance.json").read_bytes()
    assert call("resume", "out") == first
    assert Path("out/provenance.json").read_bytes() == before
    assert "-o out" in json.loads(before)["command"]


def test_a_run_does_not_write_into_a_sweep(call: Call) -> None:
    call(*GRID, "-o", "out", "-q")
    status, _, errors = call("run", "avalon.yaml", "--runs", "2", "-o", "out")
    assert status == 2
    assert "holds a sweep" in errors


def test_ctrl_c_says_what_is_kept(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from tensionsim.runs import sweep as ensemble

    done, left = ensemble._done, [2]

    def interrupted(*given: Any) -> Any:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return done(*given)

    monkeypatch.setattr(ensemble, "_done", interrupted)
    status, output, errors = call(*GRID, "-o", "out")
    assert (status, output) == (130, "")
    assert errors.strip() == "interrupted; 2 of 6 points are done; go on with: tensionsim resume out"
    monkeypatch.setattr(ensemble, "_done", done)
    assert call("resume", "out", "-q") == (0, "", "")
    assert len(ts.Sweep.open("out").points) == 6


def test_a_sweep_starts_over_on_request(call: Call) -> None:
    assert call(*GRID, "-o", "out", "-q")[0] == 0
    other = ("sweep", "avalon.yaml", "--over", f"{RHETORIC}=0.1,0.9", "--runs", "3", "-o", "out", "-q")
    status, _, errors = call(*other)
    assert status == 2
    assert "what differs: the design" in errors
    assert "start over there with --replace" in errors
    assert call(*other, "--replace") == (0, "", "")
    assert len(ts.Sweep.open("out").points) == len(list(Path("out/points").iterdir())) == 2
    Path("out/manifest.json").write_text('{"format', encoding="utf-8")
    for verb in (("resume", "out"), (*other, "--replace")):
        status, _, errors = call(*verb)
        assert status == 2
        assert "manifest.json is damaged, or something else's" in errors


def test_a_sweep_does_not_start_over_where_results_stand(call: Call) -> None:
    call("run", "avalon.yaml", "--runs", "2", "-o", "out", "-q")
    status, _, errors = call(*GRID, "-o", "out", "--replace")
    assert status == 2
    assert "cannot write out: it holds results of one scenario" in errors
    assert len(ts.open("out").paths.columns) == 2
