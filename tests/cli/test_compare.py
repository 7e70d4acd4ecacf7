"""`tensionsim compare`: what it prints, where it goes, and how it refuses."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

import synthetic
import tensionsim as ts
from tensionsim.cli.commands_analysis import compare_lines
from tensionsim.cli.terminal import Screen
from tensionsim.scenario.yaml_tree import write

Call = Callable[..., tuple[int, str, str]]
BRANCHES = {
    "calm": {"title": "Quiet knights", "set": {"actors.*.rhetoric": 0.0}},
    "loud": {"set": {"actors.*.rhetoric": 1.0, "actors.*.insulation": 0.0}},
}


@pytest.fixture
def call(command: Call) -> Call:
    """Runs the command in a folder that holds avalon.yaml, which has outlooks; gives status, output and errors."""
    mapping = synthetic.scenario_mapping(end="2031-04-01", outlooks=BRANCHES)
    Path("avalon.yaml").write_text(write(mapping), encoding="utf-8")
    return command


def test_a_file_is_compared_with_all_its_outlooks(call: Call) -> None:
    status, output, errors = call("compare", "avalon.yaml", "--runs", "20", "--seed", "3")
    assert (status, errors) == (0, "")
    assert output.startswith(
        "calm, loud beside avalon\n2031-01-06 to 2031-04-07, weekly; 20 runs, seed 3, paired run by run\n"
    )
    for word in ("calm: Avalon and Brigadoon - Quiet knights", "Regime at the end", "Event, ever", "golden age"):
        assert word in output
    for word in ("Event, ever", "Issue, at the end", "dragons", "unpaired", "calm beside avalon"):
        assert word in output
    assert "\x1b" not in output


def test_another_outlook_can_be_the_baseline(call: Call) -> None:
    output = call("compare", "avalon.yaml", "--baseline", "loud", "--runs", "8")[1]
    assert output.startswith("avalon, calm beside loud\n")


def test_json_is_the_summary_of_the_comparison(call: Call) -> None:
    status, output, errors = call("compare", "avalon.yaml", "--runs", "8", "--json")
    assert (status, errors) == (0, "")
    assert json.loads(output) == json.loads(json.dumps(ts.compare("avalon.yaml", runs=8).summary()))


def test_csv_is_a_line_for_each_outlook(call: Call) -> None:
    output = call("compare", "avalon.yaml", "--runs", "8", "--csv")[1]
    rows = list(csv.DictReader(StringIO(output)))
    assert [row["outlook"] for row in rows] == ["avalon", "calm", "loud"]
    expected = ts.compare("avalon.yaml", runs=8).table()
    assert float(rows[1]["difference"]) == pytest.approx(expected.loc["calm", "difference"])


def test_names_are_given_before_an_equals_sign(call: Call) -> None:
    output = call("compare", "one=avalon.yaml", "two=avalon.yaml", "--runs", "8")[1]
    assert output.startswith("two beside one\n")
    assert "two is the same as one in every run, on every date." in output


def test_a_file_with_an_equals_sign_in_its_name_is_a_file(call: Call) -> None:
    Path("a=b.yaml").write_text(Path("avalon.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    assert call("compare", "avalon.yaml", "a=b.yaml", "--runs", "8")[1].startswith("a=b beside avalon\n")


def test_values_are_set_in_every_outlook(call: Call) -> None:
    setting = ("--set", "actors.avalon.attention=0.9", "--runs", "8")
    origins = json.loads(call("compare", "avalon.yaml", *setting, "--json")[1])["outlooks"]
    assert [origin["set"] for origin in origins.values()] == [{"actors.avalon.attention": 0.9}] * 3
    assert "with actors.avalon.attention = 0.9" in " ".join(call("compare", "avalon.yaml", *setting)[1].split())


def test_saved_results_are_compared_without_running_them(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    call("run", "avalon.yaml", "--outlook", "calm", "--runs", "9", "--seed", "2", "-o", "saved/calm", "-q")
    call("run", "avalon.yaml", "--runs", "9", "--seed", "2", "-o", "saved/as-it-is", "-q")
    monkeypatch.setattr("tensionsim.runs.run.run", lambda *_, **__: pytest.fail("it was run"))
    status, output, errors = call("compare", "saved/as-it-is", "saved/calm")
    assert (status, errors) == (0, "")
    assert "calm beside as-it-is" in output
    assert "9 runs, seed 2" in output


def test_a_folder_takes_tables_figures_and_provenance(call: Call) -> None:
    status, output, _ = call("compare", "avalon.yaml", "--runs", "8", "-o", "out")
    assert status == 0
    assert output.endswith("Tables, figures and provenance.json are in out\n")
    names = {path.name for path in Path("out").iterdir()}
    assert {"outlooks.csv", "difference.csv", "outlooks.png", "difference-calm.svg", "provenance.json"} <= names
    provenance = json.loads(Path("out/provenance.json").read_text(encoding="utf-8"))
    assert provenance["command"] == "tensionsim compare avalon.yaml --runs 8 -o out"
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    assert call("compare", "avalon.yaml", "--runs", "8", "-o", "out", "-q") == (0, "", "")
    changed = {name for name, content in before.items() if Path("out", name).read_bytes() != content}
    assert changed == {"provenance.json"}, "only the command typed is another"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Missing argument 'OUTLOOK...'"),
        (["avalon.yaml", "--runs", "0"], "0 is not in the range 1<=x"),
        (["avalon.yaml", "--baseline", "clam"], "clam: there is no such file"),
        (["avalon.yaml", "avalon.yaml"], "'avalon' is the name of more than one outlook"),
        (["avalom.yaml", "camelt.yaml"], "camelt.yaml: there is no such file"),
        (["avalon.yaml", "calm"], "calm: there is no such file"),
        (["avalon.yaml", "norland-suderia"], "principals differ"),
        (["managed"], "there is only managed, without outlooks of its own"),
        (["avalon.yaml", "nowhere/"], "nowhere/: there is no such file"),
        (["avalon.yaml", "."], "holds no tensionsim results"),
        (["avalon.yaml", "--set", "actors.avalom.rhetoric=1"], "did you mean 'actors.avalon"),
        (["avalon.yaml", "--set", "x", "--set", "y="], "--set: 'x' is not PATH=VALUE"),
        (["avalon.yaml", "--set", "x", "--set", "y="], "--set: 'y=' is not PATH=VALUE"),
        (["avalon.yaml", "--set", "a=1", "--set", "actors.avalon.rhetoric=2"], "--set: a: no such path"),
        (["avalon.yaml", "--set", "a=1", "--set", "actors.avalon.rhetoric=2"], "rhetoric 2 is above 1"),
        (["avalon.yaml", "--json", "--csv"], "--json and --csv exclude each other"),
        (["avalon.yaml", "-o", "avalon.yaml"], "a file stands there"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_status_2(call: Call, arguments: list[str], words: str) -> None:
    status, output, errors = call("compare", *arguments)
    assert (status, output) == (2, "")
    assert words in errors
    assert "Traceback" not in errors
    assert os.listdir() == ["avalon.yaml"]


def test_nothing_can_be_set_in_saved_results(call: Call) -> None:
    call("run", "avalon.yaml", "--runs", "3", "-o", "saved", "-q")
    status, _, errors = call("compare", "saved", "avalon.yaml", "--set", "actors.avalon.rhetoric=1")
    assert status == 2
    assert "saved holds results, in which actors.avalon.rhetoric cannot be set any more" in errors


def test_results_are_never_replaced_by_a_comparison(call: Call) -> None:
    call("run", "avalon.yaml", "--runs", "3", "-o", "saved", "-q")
    assert call("compare", "avalon.yaml", "--runs", "3", "-o", "saved")[0] == 2
    assert ts.open("saved").runs == 3


@pytest.mark.parametrize("width", [40, 50, 80, 100])
@pytest.mark.parametrize("has_unicode", [True, False])
def test_every_line_fits_the_screen(call: Call, width: int, has_unicode: bool) -> None:
    summary = ts.compare("avalon.yaml", runs=30).summary()
    lines = list(compare_lines(summary, Screen(width, has_unicode=has_unicode, has_colour=False)))
    assert [line for line in lines if len(line) > width] == []
    assert has_unicode or all(line.isascii() for line in lines)


def test_a_single_run_is_shown_without_intervals(call: Call) -> None:
    status, output, errors = call("compare", "avalon.yaml", "--runs", "1")
    assert (status, errors) == (0, "")
    assert "in the one run" in output
    assert "nan" not in output.lower()
    assert "inf" not in output.lower()


def test_figures_of_outlooks_with_odd_names_do_not_overwrite_one_another(call: Call) -> None:
    call("compare", "base=avalon.yaml", "x y=avalon.yaml", "x/y=avalon.yaml", "--runs", "6", "-o", "out", "-q")
    figures = {path.name for path in Path("out").glob("difference*.svg")}
    assert figures == {"difference-x-y-1.svg", "difference-x-y-2.svg"}
