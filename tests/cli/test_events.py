"""`tensionsim events` and `tensionsim new --events`: what they print and write, and how they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tensionsim.cli.main import main
from tensionsim.events.reading import read_events
from tensionsim.scenario.scenario import load

Call = Callable[..., tuple[int, str, str]]
SAMPLES = Path(__file__).parents[1] / "events" / "samples"
DYAD = ("--dyad", "NOR=norland", "SUD=suderia")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs the command in a folder that holds the samples; gives status, output and errors."""
    monkeypatch.chdir(tmp_path)
    for one in SAMPLES.iterdir():
        Path(one.name).write_bytes(one.read_bytes())

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        written = capsys.readouterr()
        return status, written.out, written.err

    return run


def test_events_tells_what_became_of_the_rows_and_what_there_is(call: Call) -> None:
    status, output, errors = call("events", "keds.csv", *DYAD)
    assert (status, errors) == (0, "")
    for words in (
        "keds.csv: table of events, known by its header",
        "  10 rows",
        "   6 used, an event each",
        "   1 left out: an actor with itself (first: line 8)",
        "norland is: NOR 3, NORGOV 2, NORBUS 1",
        "6 events from 2001-03-05 to 2001-08-01",
        "2 of 6 months are without events: 2001-05 to 2001-06 (2).",
        "042 Make a visit",
        "Observed index: median",
    ):
        assert words in output


@pytest.mark.parametrize("columns", ["40", "50", "80"])
def test_events_fits_the_terminal(call: Call, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    _, output, _ = call("events", "icews.tab", "--dyad", "Norland", "Suderia", "--one-a-day", "agents")
    assert max(len(line) for line in output.splitlines()) <= int(columns)


def test_events_as_json_hold_reading_look_and_index(call: Call) -> None:
    _, output, _ = call("events", "gdelt2.export.CSV", *DYAD, "--json")
    found = json.loads(output)
    assert found["reading"]["rows"] == 10
    assert found["reading"]["events"] + sum(one["count"] for one in found["reading"]["left_out"]) == 10
    assert found["look"]["directions"][0]["actor"] == "norland"
    assert 0.0 <= found["index"]["lowest"] <= found["index"]["median"] <= 100.0


def test_what_is_written_is_read_back_as_the_same_events(call: Call) -> None:
    status, output, _ = call("events", "keds.csv", *DYAD, "--mapping", "mapping.yaml", "-o", "tidy.csv")
    assert (status, "Written: tidy.csv" in output) == (0, True)
    given = read_events("keds.csv", dyad=DYAD[1:], mapping="mapping.yaml")
    again = read_events("tidy.csv", dyad=("norland", "suderia"))
    columns = ["date", "actor", "target", "cameo", "score", "kind", "issue", "track", "weight"]
    assert again.table()[columns].equals(given.table()[columns])
    assert again.report.rows_left_out == 0


def test_the_index_is_written_by_date_and_nothing_after_a_day_counts(call: Call) -> None:
    status, output, _ = call("events", "keds.csv", *DYAD, "--until", "2001-05-01", "--index", "index.csv", "-q")
    assert (status, output) == (0, "")
    table = pd.read_csv("index.csv", index_col="date", parse_dates=True)
    assert table.columns.tolist() == ["index", "relations"]
    assert table.index[-1] < pd.Timestamp("2001-05-10")
    assert table["index"].between(0, 100).all()


def test_the_index_may_be_that_of_a_scenario(call: Call) -> None:
    _, output, _ = call("events", "keds.csv", *DYAD, "--mapping", "mapping.yaml", "--scenario", "norland-suderia")
    assert "Observed index" in output
    status, _, errors = call("events", "keds.csv", *DYAD, "--scenario", "norland-suderia")
    assert status == 2
    assert "6 on an issue that the scenario lacks: relations" in errors


def test_faults_are_told_with_status_2_and_nothing_is_written(call: Call) -> None:
    Path("bad.csv").write_text("date,source,target,cameo\nnever,NOR,SUD,042\n", encoding="utf-8")
    status, output, errors = call("events", "bad.csv", *DYAD, "-o", "tidy.csv")
    assert (status, output) == (2, "")
    assert errors.startswith("bad.csv:2:1: date 'never': this is no date")
    assert not Path("tidy.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("keds.csv", *DYAD, "-q"), "--quiet prints nothing"),
        (("keds.csv", *DYAD, "-q", "--json", "-o", "x.csv"), "cannot both be given"),
        (("keds.csv", *DYAD, "-o", "keds.csv"), "is the file that is read"),
        (("keds.csv", *DYAD, "-o", "."), "is a folder"),
        (("keds.csv", *DYAD, "-o", "no/such/folder.csv"), "cannot be written"),
        (("keds.csv",), "whose events? say --dyad A B"),
        (("keds.csv", *DYAD, "--until", "1999-01-01"), "no event up to 1999-01-01"),
    ],
)
def test_what_cannot_be_done_is_refused(call: Call, arguments: tuple[str, ...], words: str) -> None:
    before = Path("keds.csv").read_bytes()
    status, output, errors = call("events", *arguments)
    assert (status, output) == (2, "")
    assert words in errors
    assert Path("keds.csv").read_bytes() == before


def test_a_scenario_is_made_from_events(call: Call) -> None:
    status, output, _ = call("new", "mine", "--events", "keds.csv", *DYAD)
    assert (status, output.startswith("Wrote mine.yaml")) == (0, True)
    assert Path("mine.yaml").read_text(encoding="utf-8").startswith("# Made from 6 events of keds")
    assert set(load("mine.yaml").file.moves) == {"cameo_03", "cameo_04", "cameo_05", "cameo_13", "cameo_19"}
    assert call("run", "mine.yaml", "--runs", "3")[0] == 0


def test_options_of_events_need_events(call: Call) -> None:
    for arguments in (("--one-a-day", "agents"), ("--dyad", "NOR", "SUD"), ("--scale", "file")):
        status, _, errors = call("new", "mine", *arguments)
        assert (status, "give --events FILE too" in errors) == (2, True)
    status, _, errors = call("new", "mine", "--events", "keds.csv", "--from", "managed")
    assert (status, "--events and --from cannot both be given" in errors) == (2, True)
    assert not Path("mine.yaml").exists()
