"""`tensionsim events` and `tensionsim new --events`: what they print and write, and how they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tensionsim.events.generic import observed_index
from tensionsim.events.reading import read_events
from tensionsim.runs.run import run
from tensionsim.scenario.scenario import load

Call = Callable[..., tuple[int, str, str]]
SAMPLES = Path(__file__).parents[1] / "events" / "samples"
DYAD = ("--dyad", "NOR=norland", "SUD=suderia")


@pytest.fixture
def call(command: Call) -> Call:
    """Runs the command in a folder that holds the samples; gives status, output and errors."""
    for one in SAMPLES.iterdir():
        Path(one.name).write_bytes(one.read_bytes())
    return command


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
        "2 of 6 months are without events; the longest time, 2001-05 to 2001-06.",
        "042 Make a visit",
        "Observed index: median",
    ):
        assert words in output


@pytest.mark.parametrize(("day", "words"), [("2004-04-09", "1 of 3 months is"), ("2004-03-09", "0 of 2 months are")])
def test_one_month_is_and_several_are_without_events(call: Call, tmp_path: Path, day: str, words: str) -> None:
    (tmp_path / "two.csv").write_text(f"date,source,target,cameo\n2004-02-06,NOR,SUD,020\n{day},SUD,NOR,190\n")
    assert f"{words} without events" in call("events", str(tmp_path / "two.csv"), *DYAD)[1]


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
        (("keds.csv", *DYAD, "-o", "keds.csv"), "is the file that is read"),
        (("keds.csv", *DYAD, "-o", "."), "is a folder"),
        (("keds.csv", *DYAD, "-o", "no/such/folder.csv"), "there is no folder no/such"),
        (("keds.csv",), "whose events? say --dyad A B"),
        (
            ("three.csv", "--mapping", "three.yaml", "--index", "index.csv"),
            "the index is of two actors, not of nor, sud, est; name a --sc",
        ),
        (("keds.csv", *DYAD, "--until", "1999-01-01"), "no event up to 1999-01-01"),
    ],
)
def test_what_cannot_be_done_is_refused(call: Call, arguments: tuple[str, ...], words: str) -> None:
    rows = ["date,source,target,cameo", "2001-02-03,NOR,SUD,042", "2001-02-04,EST,SUD,042"]
    Path("three.csv").write_text("\n".join(rows), encoding="utf-8")
    Path("three.yaml").write_text("actors: {NOR: nor, SUD: sud, EST: est}", encoding="utf-8")
    before = Path("keds.csv").read_bytes()
    status, output, errors = call("events", *arguments)
    assert (status, output) == (2, "")
    assert words in errors
    assert Path("keds.csv").read_bytes() == before


def test_quiet_with_json_prints_json_alone(call: Call) -> None:
    status, output, _ = call("events", "keds.csv", *DYAD, "-q", "--json", "-o", "x.csv")
    assert (status, sorted(json.loads(output)), Path("x.csv").exists()) == (0, ["index", "look", "reading"], True)


def test_a_scenario_is_made_from_events(call: Call) -> None:
    status, output, errors = call("new", "mine", "--events", "keds.csv", *DYAD)
    assert (status, output.startswith("Wrote mine.yaml"), errors) == (0, True, "")
    assert Path("mine.yaml").read_text(encoding="utf-8").startswith("# Made from 6 events of keds")
    assert set(load("mine.yaml").file.moves) == {
        *("express_intent_to_cooperate", "hold_consultations", "engage_in_diplomatic_cooperation"),
        *("make_threat", "fight"),
    }
    assert call("run", "mine.yaml", "--runs", "3")[0] == 0


def test_issues_that_no_event_says_are_as_salient_as_each_other_in_the_order_asked(call: Call) -> None:
    _, _, errors = call("new", "mine", "--events", "keds.csv", *DYAD, "--issues", "water,borders")
    assert "do not say their issue: water, borders had the days in turn" in errors
    assert "# No event says its issue: water, borders had the days in turn" in Path("mine.yaml").read_text("utf-8")
    file = load("mine.yaml").file
    assert list(file.issues) == ["water", "borders"]
    assert [list((one.salience or {}).items()) for one in file.actors.values()] == [
        [("water", 1.0), ("borders", 1.0)]
    ] * 2


def test_options_of_events_need_events(call: Call) -> None:
    for arguments in (("--one-a-day", "agents"), ("--scale", "file")):
        status, _, errors = call("new", "mine", *arguments)
        assert (status, "give --events FILE too" in errors) == (2, True)
    status, _, errors = call("new", "mine", "--events", "keds.csv", "--from", "managed")
    assert (status, "leave out --events and --dyad" in errors) == (2, True)
    assert not Path("mine.yaml").exists()


def past_of_a_third_pair(folder: Path) -> float:
    """Three years of events of two invented governments, mostly friendly; gives the last observed index."""
    luck = np.random.default_rng(3)
    codes = luck.choice(["036", "046", "057", "111", "1312", "190"], 90, p=[0.3, 0.2, 0.1, 0.25, 0.1, 0.05])
    days = np.datetime64("1991-02-03") + np.sort(luck.integers(0, 1100, 90))
    sides = [("LIL", "BLE")[:: 1 if one else -1] for one in luck.integers(0, 2, 90)]
    rows = [f"{day},{a},{b},{code}" for day, (a, b), code in zip(days, sides, codes, strict=True)]
    (folder / "past.csv").write_text("\n".join(["date,source,target,cameo", *rows, ""]), encoding="utf-8")
    found = observed_index(read_events(folder / "past.csv"))["index"]
    assert abs(found.iloc[-1] - 50.0) > 5.0
    return float(found.iloc[-1])


def test_another_pair_starts_where_its_events_end_in_every_verb(call: Call, tmp_path: Path) -> None:
    last = past_of_a_third_pair(tmp_path)
    Path("below").mkdir()
    assert call("new", "below/mine", "--events", "past.csv", "--dyad", "LIL=lilliput", "BLE=blefuscu")[0] == 0
    assert 'file: "../past.csv"' in Path("below/mine.yaml").read_text(encoding="utf-8")
    record = run(load("below/mine.yaml"), runs=3).record
    assert record.cooperation[0] == pytest.approx(last)
    assert f"median {last:.0f} at the start" in call("run", "below/mine.yaml", "--runs", "20", "-o", "kept")[1]
    assert call("plot", "fan", "kept", "-o", "fan.svg")[0] == 0
    assert call("compare", "below/mine.yaml", "kept", "--runs", "20")[0] == 0
    assert call("report", "below/mine.yaml", "--runs", "20", "-o", "told.md")[0] == 0
    briefing = Path("told.md").read_text(encoding="utf-8")
    assert "Lilliput: " in briefing or "Blefuscu: " in briefing
    assert "90 observed events before the start, from past" in briefing
    assert call("explain", "below/mine.yaml", "--runs", "10")[0] == 0
    Path("past.csv").rename("moved.csv")
    assert call("resume", "kept")[0] == 0
    status, _, errors = call("run", "below/mine.yaml")
    assert (status, "past.csv: there is no such file" in errors) == (2, True)


def test_new_deals_events_to_the_issues_that_are_asked_for(call: Call, tmp_path: Path) -> None:
    past_of_a_third_pair(tmp_path)
    arguments = ("--events", "past.csv", "--dyad", "LIL=lilliput", "BLE=blefuscu", "--issues", "eggs,sea")
    assert call("new", "mine", *arguments)[0] == 0
    made = load("mine.yaml")
    assert list(made.file.issues) == ["eggs", "sea"]
    observed = observed_index(scenario=made)
    assert run(made, runs=2).record.cooperation[0] == pytest.approx(observed["index"].iloc[-1])


def test_new_writes_a_pair_of_whom_nothing_was_observed(call: Call) -> None:
    assert call("new", "mine", "--dyad", "LIL=lilliput", "BLE=blefuscu", "--issues", "eggs,sea")[0] == 0
    text = Path("mine.yaml").read_text(encoding="utf-8")
    for words in ("# stances", ".3:", ".7:", "# dependence"):
        assert words in text
    made = load("mine.yaml")
    assert (made.file.principals, list(made.file.issues)) == (("lilliput", "blefuscu"), ["eggs", "sea"])
    assert "little to disagree" not in " ".join(made.notes)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([""], "'' names no file"),
        (["folder/"], "'folder/' names no file"),
        ([".yaml"], "'.yaml' names no file"),
        (["mine", "--issues", "a"], "give --dyad A B too"),
        (["mine", "--dyad", "A", "B", "--issues", "a,,b"], "'' is no name of an issue"),
        (["mine", "--dyad", "A", "A"], "at least two actors are needed"),
        (["mine", "--dyad", "A", "B", "--from", "managed"], "leave out --events and --dyad"),
        (["mine", "--dyad", "A", "B", "--format", "gdelt"], "give --events FILE too"),
    ],
)
def test_new_refuses_what_makes_no_scenario(call: Call, arguments: list[str], said: str) -> None:
    before = sorted(Path().iterdir())
    status, _, errors = call("new", *arguments)
    assert status == 2
    assert said in errors
    assert sorted(Path().iterdir()) == before
