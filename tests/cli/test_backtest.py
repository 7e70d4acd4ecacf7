"""`tensionsim backtest`: what it prints, what it keeps, and how it refuses."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

import pasts
import tensionsim as ts
from tensionsim.cli.main import main
from tensionsim.events.history import table_text

Call = Callable[..., tuple[int, str, str]]
EVENTS = ("--events", "events.csv", "--dyad", "north", "south", "--scale", "file")
QUICK = ("--origins", "2003-01-06:2003-06-30:3", "--horizons", "1,2", "--runs", "10", "--baselines", "no-change,mean")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds a finished backtest, which the command finds done."""
    folder = tmp_path_factory.mktemp("done")
    (folder / "events.csv").write_text(table_text(pasts.past()))
    events = ts.read_events(folder / "events.csv", dyad=("north", "south"), scale="file")
    how = {"origins": "2003-01-06:2003-06-30:3", "horizons": [1, 2], "baselines": ["no-change", "mean"]}
    ts.backtest(events=events, runs=10, refit=None, store=folder / "kept", **how)
    return folder / "kept"


@pytest.fixture(scope="module")
def curated() -> ts.Backtest:
    how = {"origins": ["2022-01-01", "2022-06-01"], "horizons": [1, 2], "baselines": ["no-change", "mean"]}
    return ts.backtest("us-colombia-2017", runs=10, refit=None, **how)


@pytest.fixture
def call(command: Call) -> Call:
    """Runs the command in a folder that holds some events; gives status, output and errors."""
    Path("events.csv").write_text(table_text(pasts.past()))
    return partial(command, "backtest")


def test_it_tells_scores_verdicts_and_what_to_know(call: Call, done: Path) -> None:
    shutil.copytree(done, "kept")
    status, output, errors = call(*EVENTS, *QUICK, "--no-refit", "-o", "kept")
    assert (status, errors) == (0, "")
    for words in (
        "3 origins, 2003-01-06 to 2003-06-23, 3 months apart; 10 runs each",
        "index: cooperation index at the month's end",
        "CRPS (0-100), months",
        "the best plain forecast",
        "in 50 / 90 %, months",
        "regime, ranked probability",
        "* marks the best",
    ):
        assert words in " ".join(output.split())
    assert "\x1b" not in output


@pytest.mark.parametrize("columns", ["40", "60", "100"])
def test_it_fits_the_terminal(call: Call, curated: ts.Backtest, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(ts, "backtest", lambda *_, **__: curated)
    output = call("us-colombia-2017")[1]
    assert max(len(line) for line in output.splitlines()) <= int(columns)
    assert "tariffs in force" in output


def test_json_and_csv_are_for_programs(call: Call, done: Path) -> None:
    shutil.copytree(done, "kept")
    found = json.loads(call(*EVENTS, *QUICK, "--refit", "12", "--unfitted", "--json")[1])
    assert found["fits"] == 1
    models = ["model", "pooled", "recalibrated", "model, not fitted"]
    assert found["forecasters"] == [*models, "no-change", "mean", "recency"]
    assert set(found["skill"]["index"]) == set(found["verdicts"]["index"]) == set(models[:3])
    assert set(found["verdicts"]) == {"index", "score", "acts"}
    rows = list(csv.DictReader(StringIO(call(*EVENTS, *QUICK, "--no-refit", "-o", "kept", "--csv")[1])))
    assert {row["target"] for row in rows} == {"index", "score", "acts"}
    assert all(float(row["crps"]) >= -0.5 for row in rows)


def test_a_folder_keeps_it_and_the_same_command_finds_it_done(call: Call) -> None:
    first = call(*EVENTS, *QUICK, "--no-refit", "-o", "kept", "--json")
    there = {path: path.stat().st_mtime_ns for path in Path("kept", "origins").iterdir()}
    again = call(*EVENTS, *QUICK, "--no-refit", "-o", "kept", "--json")
    assert first == again
    assert {path: path.stat().st_mtime_ns for path in Path("kept", "origins").iterdir()} == there
    opened = ts.Backtest.open("kept")
    assert json.loads(first[1]) == json.loads(json.dumps(opened.summary()))
    said = json.loads(Path("kept", "provenance.json").read_text())["command"]
    assert said.startswith("tensionsim backtest --events events.csv")
    status, _, errors = call(*EVENTS, *QUICK, "--no-refit", "--seed", "4", "-o", "kept")
    assert status == 2
    assert "what differs: seed (0 there, 4 now)" in errors


@pytest.mark.usefixtures("drawn")
def test_a_page_of_figures_goes_to_a_file_and_to_the_folder(call: Call) -> None:
    status, output, errors = call(*EVENTS, *QUICK, "--no-refit", "-o", "kept", "--plot", "page.svg")
    assert (status, errors) == (0, "")
    assert "Wrote page.svg" in output
    assert "overview.png, overview.svg" in " ".join(output.split())
    assert Path("page.svg").read_bytes() == Path("kept", "overview.svg").read_bytes()
    assert Path("kept", "overview.png").read_bytes().startswith(b"\x89PNG")
    assert ts.Backtest.open("kept").plan.runs == 10


def test_a_figure_that_cannot_be_written_is_refused_before_the_work(call: Call) -> None:
    status, output, errors = call(*EVENTS, *QUICK, "--no-refit", "-o", "kept", "--plot", "page.jpg")
    assert (status, output) == (2, "")
    assert "figures are written as .png, .svg, .pdf" in errors
    assert not Path("kept").exists()


@pytest.mark.usefixtures("call")
def test_resume_says_which_command_goes_on(done: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(done, "kept")
    assert main(["resume", "kept"]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "kept holds a backtest; the command that began it goes on" in told


def test_nothing_after_until_is_looked_at(call: Call) -> None:
    cut = call(*EVENTS, *QUICK, "--no-refit", "--until", "2003-05-31", "--json")[1]
    assert json.loads(cut)["last"] <= "2003-05-31"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name a SCENARIO, or events with --events FILE"),
        (("us-colombia-2017", "--dyad", "USA", "COL"), "name the file"),
        (("us-colombia-2017", "--scale", "keds"), "--scale: how the events of --events FILE are read; name the file"),
        ((*EVENTS, "--refit", "3", "--no-refit"), "leave one of the two out"),
        ((*EVENTS, "--no-refit", "--unfitted"), "leave one out"),
        ((*EVENTS, "--json", "--csv"), "exclude each other"),
        ((*EVENTS, "--origins", "soon"), "origins: 'soon' is not a date"),
        ((*EVENTS, "--origins", "2050-01-01:"), "no origin is left"),
        ((*EVENTS, "--origins", "1950-01-01:"), "no event before 1950-01-01; its first is of 2001-01-0"),
        ((*EVENTS, "--horizons", "1,x"), "horizons are whole months from 1 to 120, as in 1,3,6,12; got 'x'"),
        ((*EVENTS, "--baselines", "oracle"), "oracle; there are no-change"),
        ((*EVENTS, "--until", "1999-01-01"), "no event up to 1999-01-01"),
        (("nowhere",), "nowhere"),
        (("--events", "nowhere.csv", "--dyad", "A", "B"), "nowhere.csv: there is no such file"),
        (("norland-suderia",), "names no history of observed moves"),
    ],
)
def test_what_makes_no_sense_ends_with_status_2_and_says_what_to_do(
    call: Call, arguments: tuple[str, ...], words: str
) -> None:
    status, output, errors = call(*arguments)
    assert (status, output) == (2, "")
    assert words in " ".join(errors.split())
    assert "Traceback" not in errors


def test_an_interrupted_command_says_what_is_kept(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from tensionsim.forecasts import backtest as backtesting

    def interrupted(task: object, **_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(backtesting, "forecasts", interrupted)
    status, _, errors = call(*EVENTS, *QUICK, "--no-refit", "-o", "kept")
    assert status == 130
    assert errors == "interrupted; what is done is kept in kept; go on with: the same command\n"


def test_new_looks_at_no_event_after_a_day(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "early", *EVENTS, "--until", "2002-12-31"]) == 0
    assert ts.load("early.yaml").file.start.isoformat() == "2003-01-01"
    assert main(["new", "other", "--until", "2002-12-31"]) == 2
    assert "give --events FILE too" in capsys.readouterr().err
    assert main(["new", "none", *EVENTS, "--until", "1999-12-31"]) == 2
    assert "no event up to 1999-12-31" in capsys.readouterr().err
