"""`tensionsim explain`: what it prints, where it goes, and how it refuses."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import synthetic
import tensionsim as ts
from tensionsim.analysis.effects import Draw, Origin
from tensionsim.cli.main import main
from tensionsim.errors import TensionSimError
from tensionsim.scenario.yaml_tree import write

Call = Callable[..., tuple[int, str, str]]
FEW = ("--runs", "6", "--seed", "3")
QUICK = ("avalon.yaml", *FEW, "--part")


def mapping(**more: Any) -> dict[str, Any]:
    """A quarter of a year between two governments, with two scheduled moves."""
    schedule = [
        {"date": "2031-01-20", "actor": "avalon", "move": "accuse", "issue": "fishing"},
        {"date": "2031-02-10", "actor": "brigadoon", "move": "praise", "issue": "fishing"},
    ]
    loud = {"title": "Loud", "set": {"actors.avalon.attention": 0.9, "actors.avalon.rhetoric": 0.9}}
    return synthetic.scenario_mapping(end="2031-04-01", schedule=schedule, outlooks={"loud": loud}, **more)


@pytest.fixture
def call(command: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs the command in an empty folder that holds avalon.yaml; gives status, output and errors."""
    monkeypatch.setenv("COLUMNS", "80")
    Path("avalon.yaml").write_text(write(mapping()), encoding="utf-8")
    return partial(command, "explain")


def loaded(text: str) -> Any:
    return json.loads(text, parse_constant=lambda found: pytest.fail(f"{found} is no JSON"))


def test_all_three_answers_are_labelled(call: Call) -> None:
    status, output, errors = call("avalon.yaml", *FEW, "--kind", "schedule")
    assert (status, errors) == (0, "")
    text = " ".join(output.split())
    places = [text.index(label) for label in ("Ledger: the moves", "Motives: what moved", "What if not: the same runs")]
    assert places == sorted(places)
    assert "Avalon towards Brigadoon, all issues, both tracks" in text
    assert "2031-01-20 Avalon: accuse (fishing)" in text
    assert "share: of all points" in text
    assert "Leaning: desired conduct" in text
    assert "in all: leaning" in text
    for note in ts.load("avalon.yaml").notes:
        assert note in text


@pytest.mark.parametrize("width", ["80", "50"])
@pytest.mark.parametrize(
    "asked",
    [
        (*FEW, "--part", "ledger"),
        (*FEW, "--part", "why"),
        (*FEW, "--part", "effects", "--kind", "schedule"),
        ("--run", "2", "--part", "ledger"),
        ("--chronicle", "--all"),
    ],
)
def test_text_fits_the_screen(call: Call, monkeypatch: pytest.MonkeyPatch, width: str, asked: tuple[str, ...]) -> None:
    monkeypatch.setenv("COLUMNS", width)
    status, output, _ = call("avalon.yaml", *asked)
    assert status == 0
    assert max(map(len, output.splitlines())) <= int(width)


def test_json_holds_the_ledger_to_the_last_digit(call: Call) -> None:
    found = loaded(call(*QUICK, "ledger", "--date", "2031-02-10", "--json")[1])
    points = sum(row["points"] for row in found["ledger"]["rows"])
    assert found["ledger"]["date"] == "2031-02-10"
    assert 50 + points == pytest.approx(found["ledger"]["index"], abs=1e-9)
    assert found["provenance"]["scenario"]["sha256"]
    single = loaded(call("avalon.yaml", "--seed", "3", "--run", "4", "--json")[1])
    assert single.keys() == {"title", "runs", "seed", "notes", "ledger", "motives", "provenance"}
    assert single["ledger"]["run"] == 4
    assert single["motives"][0]["rows"][0]["standard_error"] is None


def test_json_effects_are_those_of_python(call: Call) -> None:
    found = loaded(call(*QUICK, "effects", "--kind", "schedule", "--json")[1])["effects"]
    wanted = ts.effects("avalon.yaml", elements=["schedule"], runs=6, seed=3).to_dict()
    assert {key: found[key] for key in wanted} == wanted
    assert found["about"].startswith("What if not")


@pytest.mark.parametrize(
    ("part", "columns"),
    [
        (("--part", "ledger"), ["actor", "what", "points"]),
        (("--part", "why"), ["actor", "target", "issue", "track", "mechanism", "mean"]),
        (("--part", "effects", "--element", "praise"), ["element", "kind", "effect", "standard_error"]),
        (("--chronicle", "--run", "2"), ["date", "kind", "actor"]),
    ],
)
def test_csv_prints_the_table_of_a_part(call: Call, part: tuple[str, ...], columns: list[str]) -> None:
    status, output, _ = call("avalon.yaml", "--seed", "3", *part, "--csv")
    table = pd.read_csv(io.StringIO(output))
    assert (status, table.columns.tolist()[: len(columns)]) == (0, columns)
    assert len(table)


def test_a_branch_is_explained_by_what_it_sets(call: Call) -> None:
    status, output, _ = call("avalon.yaml", "--outlook", "loud", "--against", "avalon.yaml", *FEW, "--json")
    found = loaded(output)
    assert status == 0
    names = {row["element"] for row in found["effects"]["effects"]}
    assert names == {"actors.avalon.attention: unset -> 0.9", "actors.avalon.rhetoric: unset -> 0.9"}
    assert found["provenance"]["against"]["outlook"] is None
    turned = loaded(call("avalon.yaml", "--against-outlook", "loud", *FEW, "--json")[1])
    assert turned["effects"]["total"] == pytest.approx(-found["effects"]["total"], abs=1e-9)


def test_some_differences_are_told_apart_from_the_whole_of_them(call: Call) -> None:
    asked = ("avalon.yaml", "--outlook", "loud", "--against", "avalon.yaml", *FEW, "--element", "rhetoric")
    found = loaded(call(*asked, "--json")[1])["effects"]
    text = " ".join(call(*asked)[1].split())
    assert f"{found['base']:.1f} there, {found['whole']:.1f} with only these, {found['here']:.1f} here" in text


def test_no_difference_is_an_answer(call: Call) -> None:
    status, output, errors = call("avalon.yaml", "--against", "avalon.yaml", *FEW, "-o", "same")
    assert (status, errors) == (0, "")
    assert "There is no difference" in output
    assert (Path("same") / "effects.csv").exists()
    found = loaded(call("avalon.yaml", "--against", "avalon.yaml", *FEW, "--json")[1])["effects"]
    assert (found["total"], found["interaction"], found["effects"]) == (0.0, 0.0, [])
    assert found["base"] == found["whole"] == found["here"]


def test_the_row_and_the_quantity_that_are_taken_are_named(call: Call) -> None:
    text = " ".join(call(*QUICK, "effects", "--kind", "schedule", "--of", "crisis", "--date", "2031-02-12")[1].split())
    assert "The share of runs with 'crisis' by 2031-02-10: " in text
    assert "On 2031-02-10 the mean index is" in call(*QUICK, "ledger", "--date", "2031-02-12")[1]


def test_a_terminal_is_told_how_many_worlds_there_will_be(
    call: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(io.TextIOBase, "isatty", lambda self: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    errors = call(*QUICK, "effects", "--kind", "schedule", "--json")[2]
    assert "/4 worlds" in errors


def test_worlds_may_be_run_by_several_jobs(call: Call) -> None:
    asked = (*QUICK, "effects", "--kind", "schedule", "--json")
    one, two = (loaded(call(*asked, "--jobs", jobs)[1])["effects"] for jobs in ("1", "2"))
    assert one == two


def test_a_chronicle_is_told_as_text_and_markdown(call: Call) -> None:
    text = call("avalon.yaml", "--chronicle", "--run", "2", "--seed", "3")[1]
    assert "Run 2, seed 3" in text
    markdown = call("avalon.yaml", "--chronicle", "--run", "2", "--seed", "3", "--markdown")[1]
    assert markdown == ts.chronicle("avalon.yaml", run=2, seed=3).to_markdown()
    everything = call("avalon.yaml", "--chronicle", "--run", "2", "--seed", "3", "--markdown", "--all")[1]
    assert everything == ts.chronicle("avalon.yaml", run=2, seed=3).to_markdown(everything=True)


def test_a_folder_holds_every_table_whole_or_nothing(call: Call) -> None:
    status, output, errors = call("avalon.yaml", *FEW, "--kind", "schedule", "-o", "why", "-q")
    assert (status, output, errors) == (0, "", "")
    tables = {path.name for path in Path("why").glob("*.csv")}
    assert tables == {"ledger.csv", "contributions.csv", "motives.csv", "effects.csv"}
    first = {path.name: path.read_bytes() for path in Path("why").iterdir()}
    assert call("avalon.yaml", *FEW, "--kind", "schedule", "-o", "why", "-q")[0] == 0
    assert {path.name: path.read_bytes() for path in Path("why").iterdir()} == first
    (Path("why") / "mine.txt").write_text("mine", encoding="utf-8")
    status, _, errors = call("avalon.yaml", *FEW, "--part", "ledger", "-o", "why")
    assert status == 2
    assert "mine.txt there was not written by tensionsim" in errors
    assert (Path("why") / "effects.csv").exists()
    assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []


def test_saved_results_are_explained_as_they_are(call: Call) -> None:
    saved = ts.run("avalon.yaml", runs=8, seed=5, first_run=2)
    saved.save("saved")
    ledger = loaded(call("saved", "--part", "ledger", "--run", "4", "--json")[1])["ledger"]
    assert ledger["index"] == saved.paths[4].iloc[-1]
    effects = loaded(call("saved", "--part", "effects", "--kind", "schedule", "--json")[1])["effects"]
    assert (effects["runs"], effects["seed"]) == (8, 5)
    assert effects["whole"] == pytest.approx(saved.paths.iloc[-1].mean(), abs=1e-9)
    story = loaded(call("saved", "--chronicle", "--run", "3", "--json")[1])["chronicle"]
    assert story["happenings"][-1]["index"] == saved.paths[3].iloc[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("saved", "--seed", "9"), "saved holds 8 runs under seed 5, and no others"),
        (("saved", "--runs", "9"), "saved holds 8 runs"),
        (("saved", "--run", "1", "--part", "ledger"), "there is no run 1; these are runs 2 to 9"),
        (("saved", "--outlook", "loud"), "cannot be set any more"),
        (("saved", "--set", "parameters.heat=0"), "cannot be set any more"),
    ],
)
def test_saved_results_are_no_others(call: Call, arguments: tuple[str, ...], message: str) -> None:
    ts.run("avalon.yaml", runs=8, seed=5, first_run=2).save("saved")
    status, _, errors = call(*arguments)
    assert status == 2
    assert message in errors


def test_results_that_come_out_otherwise_have_no_motives() -> None:
    saved = ts.run("norland-suderia", runs=4, seed=5)
    moved = replace(saved, record=synthetic.changed(saved.record, cooperation=saved.record.cooperation + 1e-9))
    origin = Origin(saved.scenario, moved, "0.0.9", "saved")
    with pytest.raises(TensionSimError, match=r"saved: made by tensionsim 0\.0\.9, and the runs come out otherwise"):
        origin.check_repeats(Draw(4, 5, 0))
    with pytest.raises(TensionSimError, match="only the ledger can be told"):
        Origin(saved.scenario, replace(saved, code=("agent norland: mine",)), "", "saved").check_repeats(Draw(4, 5, 0))
    Origin(saved.scenario, saved, "", "saved").check_repeats(Draw(4, 5, 0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--element", "reciprocty", "--part", "effects"), "did you mean 'reciprocity'?"),
        (("--element", "xyz", "--part", "effects"), "- schedule: 2031-01-20 avalon: accuse (fishing)"),
        (("--kind", "rule", "--part", "effects"), "there is no rule among the elements"),
        (("--kind", "change", "--part", "effects"), "there is no change among the elements"),
        (("--date", "2040-01-01", "--part", "ledger"), "rows go from 2031-01-06 to 2031-04-07"),
        (("--date", "today", "--part", "ledger"), "is not a date"),
        (("--of", "krisis", "--part", "effects"), "did you mean 'crisis'?"),
        (("--actor", "avallon", "--part", "why"), "did you mean 'avalon'?"),
        (("--between", "2030-01-01", "2031-02-02", "--part", "why"), "nobody decides on 2030-01-01"),
        (("--against", "avalon.yaml", "--element", "x"), "do not differ in anything that has an effect"),
        (("--between", "2031-03-03", "2031-02-02", "--part", "why"), "2031-03-03 comes after 2031-02-02"),
        (("--part", "ledger", "--jobs", "2"), "--jobs has no use without --part effects"),
        (("--part", "effects", "--jobs", "many"), "neither a number of jobs"),
        (("--against", "norland-suderia"), "have different start"),
        (("--csv",), "--csv prints one table"),
        (("--json", "--csv"), "exclude each other"),
        (("--markdown",), "add --chronicle"),
        (("--all",), "add --chronicle"),
        (("--run", "1", "--part", "effects"), "effects are means over many runs"),
        (("--against", "avalon.yaml", "--kind", "rule"), "differences have no kinds"),
        (("--run", "1"), "there are no --runs"),
        (("--chronicle",), "there are no --runs"),
        (("--part", "why", "--of", "crisis"), "--of has no use without --part effects"),
        (("--part", "ledger", "--actor", "avalon"), "--actor has no use without --part why"),
        (("--part", "why", "--date", "2031-02-02"), "--date has no use without --part ledger or --part effects"),
        (("--part", "ledger", "--against", "avalon.yaml"), "--against has no use without --part effects"),
    ],
)
def test_what_cannot_be_is_refused_in_words(call: Call, arguments: tuple[str, ...], message: str) -> None:
    status, output, errors = call("avalon.yaml", "--runs", "2", *arguments)
    assert (status, output) == (2, "")
    assert message in errors
    assert "Traceback" not in errors


def test_a_folder_of_one_run_has_no_effects(call: Call) -> None:
    ts.run(ts.load("avalon.yaml"), runs=1, seed=3).save("one")
    status, _, said = call("one", "--quiet", "-o", "told")
    assert (status, Path("told").exists()) == (2, False)
    assert "one run has no effects with an error; ask for --part ledger or --part why" in said
    assert call("one", "--part", "ledger")[0] == 0


def test_run_and_explain_tell_the_same_index_by_default(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    told = loaded(call("avalon.yaml", "--part", "ledger", "--json")[1])
    assert main(["run", "avalon.yaml", "--json"]) == 0
    ran = loaded(capsys.readouterr().out)
    assert told["runs"] == ran["runs"] == 1000
    assert told["ledger"]["index"] == pytest.approx(ran["index"]["mean"][-1])
