"""watch and play: a monthly routine, and a side played by a person or a program at the terminal."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import pasts
import tensionsim as ts
from tensionsim.events.history import table_text

Call = Callable[..., tuple[int, str, str]]
FEW = ("--no-fit", "--runs", "20", "--horizons", "1,2", "-o", "living")
LATER = ("go 2003-03-01", "back 2003-01-10", "go 2003", "end")
PLAY = ("play", "north.yaml", "--as", "south", "--runs", "5")


@pytest.fixture
def call(command: Call) -> Call:
    """Runs the command in a folder with a scenario made from events, and these in the package's own form."""
    made = ts.scenario_from_events(pasts.past().until("2002-12-31"), with_past=False)
    Path("north.yaml").write_text(made.text, encoding="utf-8")
    for month in ("2003-01-31", "2003-02-28"):
        Path(f"{month[5:7]}.csv").write_text(table_text(pasts.past().until(month)), encoding="utf-8")
    return command


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_watch_tells_forecast_what_came_scores_and_corrections(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    status, output, _ = call("watch", "north.yaml", "--events", "01.csv", "--until", "2003-01-31", *FEW)
    assert status == 0
    assert "Forecast from 2003-01-29, made now." in output
    assert "months ahead" in output
    assert "Scores so far" not in output
    lines = Path("02.csv").read_text(encoding="utf-8").splitlines()
    Path("02.csv").write_text("\n".join([*lines[:-30], *lines[-29:], ""]), encoding="utf-8")
    _, output, _ = call("watch", "north.yaml", "--events", "02.csv", "--until", "2003-02-28", *FEW)
    assert "1 corrected. Forecast from 2003-02-26" in output
    assert "Corrections, the last of 1" in output
    assert f"- {lines[-30].split(',')[0]} " in output
    assert "Came since: 4 values forecast" in output
    assert "Scores so far, model / no change" in output
    _, again, _ = call("watch", "north.yaml", "--events", "02.csv", "--until", "2003-02-28", *FEW)
    assert "0 new, 0 corrected. Forecast from 2003-02-26, made before" in again
    assert again.partition("Median, and")[2] == output.partition("Median, and")[2]


def test_watch_prints_json_and_csv_and_fits_a_narrow_terminal(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    told = ("watch", "north.yaml", "--events", "01.csv", *FEW)
    _, output, _ = call(*told)
    assert max(map(len, output.splitlines())) <= 60
    found = json.loads(call(*told, "--json")[1])
    assert (found["is_new"], found["origin"], found["folder"]) == (False, "2003-01-29", "living")
    header, *rows = call(*told, "--csv")[1].splitlines()
    assert header.startswith("origin,target,unit,months,date,forecaster,q05")
    assert len(rows) == len(found["forecast"])
    assert call(*told, "-q") == (0, "", "")


def test_watch_reads_moves_of_the_own_form_and_the_history_of_the_scenario(command: Call) -> None:
    few = ("watch", "us-colombia-2017", *FEW)
    assert command(*few, "--until", "2018-03-31", "-q")[0] == 0
    rows = table_text(ts.curated_history().between(until="2018-04-30")).splitlines()
    Path("april.csv").write_text("\n".join([rows[0], *rows[-5:], ""]), encoding="utf-8")
    status, output, errors = command(*few, "--events", "april.csv", "--json")
    assert (status, errors) == (0, "")
    assert json.loads(output)["corrections"] == []
    assert ",praise," in Path("living/events.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--dyad", "A", "B"), "--dyad: how the events of --events FILE are read; name the file"),
        (("--events", "none.csv"), "none.csv"),
        (("--horizons", "soon"), "horizons are whole months from 1 to 120"),
        (("--runs", "1"), "--runs"),
        (("--until", "1999-01-01", "--events", "01.csv"), "no event up to 1999-01-01"),
        ((), "names no history"),
    ],
)
def test_watch_refuses_in_words_and_makes_no_folder(call: Call, arguments: tuple[str, ...], words: str) -> None:
    status, _, errors = call("watch", "north.yaml", "--no-fit", "-o", "living", *arguments)
    assert status == 2
    assert words in errors
    assert not Path("living").exists()


def test_play_takes_words_refuses_wrong_ones_and_compares(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "fight", "figth", "menu", "menu bordr", "go 2030-01-01", "help", "", "nothing", *LATER)
    status, output, errors = call(*PLAY, "-o", "played")
    assert (status, errors) == (0, "")
    for words in (
        *("you decide for south", "> fight", "south to north on border: fight (-", "did you mean 'fight'?"),
        *("to north on border, political: ", "in force: nothing", "go DATE ", "> back 2003-01-10", "2003-01-15  index"),
        *("no issue 'bordr'; there is border", "one can leave it to a day after 2003-01-"),
        *("'2003' is not a date", "beside 5 runs that went on by themselves", "The played run is in played"),
    ):
        assert words in output, words
    kept = ts.open("played")
    assert kept.runs == 1
    assert (kept.moves.query("actor == 'south'")["move"] == "fight").iloc[0]


def test_play_speaks_lines_of_json_with_a_program(call: Call) -> None:
    """In a process of its own, which must answer each line before the next is written."""
    arguments = [sys.executable, "-m", "tensionsim", *PLAY, "--set", "end=2003-02-12", "--protocol"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdin
        assert process.stdout
        heard = []
        for line in process.stdout:
            heard.append(json.loads(line))
            if heard[-1]["say"] == "turn":
                process.stdin.write("fight\n")
    assert process.returncode == 0
    assert [one["say"] for one in heard] == ["begin", *["turn"] * 6, "end"]
    assert len(heard[-1]["decisions"]) == 6


@pytest.mark.parametrize(("arguments", "words"), [(("--as", "soth"), "did you mean 'south'?"), ((), "--as")])
def test_play_refuses_in_words(call: Call, arguments: tuple[str, ...], words: str) -> None:
    status, output, errors = call("play", "north.yaml", *arguments)
    assert (status, output) == (2, "")
    assert words in errors
