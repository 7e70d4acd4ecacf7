"""Verbs that look ahead: what they print, wide and narrow, what they write, and what they refuse."""

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
NAME = "norland-suderia"
OVER = ["--over", "actors.norland.rhetoric", "--over", "mechanisms.reciprocity"]
FEW = [*OVER, "--size", "8", "--replicates", "2"]


@pytest.mark.parametrize("width", [60, 100])
def test_the_text_fits_and_tells_luck(width: int, command: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    status, told, _ = command("sensitivity", NAME, *FEW)
    assert status == 0
    assert max(map(len, told.splitlines())) <= width
    assert "Sobol' indices" in told
    assert "is luck" in " ".join(told.split())
    assert told.index("norland rhetoric") > 0


def test_json_and_csv_say_the_same(command: Call) -> None:
    status, text, _ = command("sensitivity", NAME, *FEW, "--json")
    told = json.loads(text)
    assert (status, told["method"], told["points"]) == (0, "sobol", 32)
    status, text, _ = command("sensitivity", NAME, *FEW, "--csv")
    head, *rows = text.splitlines()
    assert status == 0
    assert head.startswith("factor,total,")
    assert {row.partition(",")[0] for row in rows} == set(told["factors"])
    assert "Intervals are up to" in told["notes"][0]


def test_outlooks_tell_where_the_ranking_turns(command: Call) -> None:
    few = ("--outlooks", "calm", "loud", "--size", "2", "--replicates", "5")
    status, told, _ = command("sensitivity", NAME, *OVER, *few)
    assert (status, "turns at" in told) == (0, True)


def test_runs_are_kept_and_a_figure_is_drawn(command: Call) -> None:
    drawn = ("sensitivity", NAME, *FEW, "-o", "kept", "--plot", "drivers.svg")
    first = command(*drawn)
    assert (first[0], "The runs are in kept" in first[1]) == (0, True)
    assert Path("drivers.svg").stat().st_size > 1000
    other = ("sensitivity", NAME, *FEW, "--seed", "1", "-o", "kept")
    for refused, words in (
        (("resume", "kept"), "the command that began it goes on"),
        (("warn", "kept"), "points of a sensitivity"),
        (other, "start over there with --replace"),
    ):
        status, _, errors = command(*refused)
        assert (status, words in " ".join(errors.split())) == (2, True)
    assert command(*drawn) == first
    assert command(*other, "--replace", "--json")[0] == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--over", "actors.norland.retoric", *OVER[2:]], "did you mean 'actors.norland.rhetoric'"),
        (["--over", "actors.norland.rhetoric"], "one factor, actors.norland.rhetoric, explains"),
        (["--over", "actors.norland.rhetoric=0.2:1.5", *OVER[2:]], "reaches from 0.2 to 1.5"),
        ([*OVER, "--of", "crises"], "did you mean 'crisis'"),
        ([*OVER, "--method", "soble"], "did you mean 'sobol'"),
        ([*OVER, "--size", "3"], "power of 2"),
        ([*OVER, "--over", "mechanisms.reciprocity"], "given twice"),
        (["--over", "all", *OVER], "leave out the others"),
        ([*OVER, "--outlooks", "calm", "calm"], "two different outlooks"),
        ([*OVER, "--outlooks", "calm", "laud"], "laud"),
        ([*OVER, "--of", "ends in rupture", "--size", "2", "--replicates", "1"], "nothing moves it"),
        ([*OVER, "--structures", "fitted"], "Washington"),
        ([*OVER, "--replace"], "-o DIR"),
    ],
)
def test_what_cannot_be_is_told(options: list[str], words: str, command: Call) -> None:
    status, _, errors = command("sensitivity", NAME, *options)
    assert status == 2
    assert words in " ".join(errors.split())
    assert not list(Path().iterdir())


def test_a_run_draws_its_structure(command: Call) -> None:
    Path("weights.csv").write_text("mechanism,weight\nreciprocity,0.4\n", encoding="utf-8")
    _, told, _ = command("run", NAME, "--runs", "4", "--structures", "weights.csv", "--json")
    assert json.loads(told)["set"] == {"mechanisms.reciprocity": {"scale": {"bernoulli": [0.4]}}}
    status, _, errors = command("run", NAME, "--runs", "4", "--structures", "wieghts.csv")
    assert (status, "wieghts.csv" in errors) == (2, True)


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


def test_warn_tells_writes_and_refuses(command: Call, tmp_path: Path) -> None:
    short = ("norland-suderia", "--runs", "300", "--of", "strained", "--months", "3,6")
    status, out, _ = command("warn", *short, "--plot", "a.png")
    assert status == 0
    assert command("warn", *short, "--jobs", "2")[1] == out.partition("\nWrote ")[0]
    assert "AUC, months ahead" in out
    assert (tmp_path / "a.png").stat().st_size > 10_000
    assert command("warn", *short, "--csv")[1].startswith("indicator,months,at_risk,falling,base_rate,side,auc,")
    for few in ([], ["--plot", "b.png"], ["--json"]):
        status, out, err = command("warn", "norland-suderia", "--runs", "10", *few)
        assert (status, out) == (2, "")
        assert "too few runs fall" in err
    for wrong in (["--months", "a"], ["--months", "nan"], ["--of", "strain"], ["--window", "99"]):
        status, out, err = command("warn", "norland-suderia", "--runs", "20", *wrong)
        assert (status, out) == (2, "")
        assert err


STAKES = """stakeholder,capability,position,salience
Netherlands,8,4,80
Belgium,8,7,40
Germany,16,4,80
France,16,10,60
UK,16,10,90
"""


def test_settle_tells_writes_and_refuses(command: Call, tmp_path: Path) -> None:
    Path("emission.csv").write_text(STAKES)
    status, out, _ = command("settle", "emission.csv", "--plot", "a.png")
    assert status == 0
    assert "Settlement of 5 stakeholders: 10.0" in out
    assert (tmp_path / "a.png").stat().st_size > 10_000
    assert command("settle", "emission.csv", "--csv")[1].startswith(
        "round,mean,median,condorcet,moved\n0,7.310344828,10,"
    )
    assert '"outcome": 10.0' in command("settle", "emission.csv", "--json")[1]
    Path("names.csv").write_text("stakeholder,capability,position,salience\nae+b,8,4,80\notto,8,7,40\n")
    told = command("settle", "names.csv")[1]
    assert "ae+b" in told
    assert "otto" in told
    path = ["emission.csv", "--scenario", "norland-suderia", "--issue", "water", "--csv"]
    for wrong in (path, ["emission.csv", "--issue", "water"], ["emission.csv", "--runs", "5"], ["emision.csv"]):
        assert command("settle", *wrong)[0] == 2


BRIEF = ("--no-fit", "--runs", "20", "--horizons", "1,2", "-o", "living")
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
    status, output, _ = call("watch", "north.yaml", "--events", "01.csv", "--until", "2003-01-31", *BRIEF)
    assert status == 0
    assert "Forecast from 2003-01-29, made now." in output
    assert "months ahead" in output
    assert "Scores so far" not in output
    lines = Path("02.csv").read_text(encoding="utf-8").splitlines()
    Path("02.csv").write_text("\n".join([*lines[:-30], *lines[-29:], ""]), encoding="utf-8")
    _, output, _ = call("watch", "north.yaml", "--events", "02.csv", "--until", "2003-02-28", *BRIEF)
    assert "1 corrected. Forecast from 2003-02-26" in output
    assert "Corrections, the last of 1" in output
    assert f"- {lines[-30].split(',')[0]} " in output
    assert "Came since: 4 values forecast" in output
    assert "Scores so far, model / no change" in output
    _, again, _ = call("watch", "north.yaml", "--events", "02.csv", "--until", "2003-02-28", *BRIEF)
    assert "0 new, 0 corrected. Forecast from 2003-02-26, made before" in again
    assert again.partition("Median, and")[2] == output.partition("Median, and")[2]


def test_watch_prints_json_and_csv_and_fits_a_narrow_terminal(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    told = ("watch", "north.yaml", "--events", "01.csv", *BRIEF)
    _, output, _ = call(*told)
    assert max(map(len, output.splitlines())) <= 60
    found = json.loads(call(*told, "--json")[1])
    assert (found["is_new"], found["origin"], found["folder"]) == (False, "2003-01-29", "living")
    header, *rows = call(*told, "--csv")[1].splitlines()
    assert header.startswith("origin,target,unit,months,date,forecaster,q05")
    assert len(rows) == len(found["forecast"])
    assert call(*told, "-q") == (0, "", "")


def test_watch_reads_moves_of_the_own_form_and_the_history_of_the_scenario(command: Call) -> None:
    few = ("watch", "us-colombia-2017", *BRIEF)
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
