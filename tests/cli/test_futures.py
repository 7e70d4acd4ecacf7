"""`tensionsim sensitivity`: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tensionsim.cli.main import main

NAME = "norland-suderia"
OVER = ["--over", "actors.norland.rhetoric", "--over", "mechanisms.reciprocity"]
FEW = [*OVER, "--size", "8", "--replicates", "2"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("width", [60, 100])
def test_the_text_fits_and_tells_luck(width: int, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["sensitivity", NAME, *FEW]) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= width
    assert "Sobol' indices" in told
    assert "is luck" in " ".join(told.split())
    assert told.index("norland rhetoric") > 0


def test_json_and_csv_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sensitivity", NAME, *FEW, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["method"] == "sobol"
    assert told["points"] == 32
    assert main(["sensitivity", NAME, *FEW, "--csv"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("factor,total,")
    assert {row.partition(",")[0] for row in rows} == set(told["factors"])
    assert "Intervals are up to" in told["notes"][0]


def test_outlooks_tell_where_the_ranking_turns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sensitivity", NAME, *OVER, "--outlooks", "calm", "loud", "--size", "2", "--replicates", "5"]) == 0
    assert "turns at" in capsys.readouterr().out


def test_runs_are_kept_and_a_figure_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sensitivity", NAME, *FEW, "-o", "kept", "--plot", "drivers.svg"]) == 0
    first = capsys.readouterr().out
    assert "The runs are in kept" in first
    assert Path("drivers.svg").stat().st_size > 1000
    assert main(["resume", "kept"]) == 2
    assert "the command that began it goes on" in " ".join(capsys.readouterr().err.split())
    assert main(["warn", "kept"]) == 2
    assert "points of a sensitivity" in " ".join(capsys.readouterr().err.split())
    assert main(["sensitivity", NAME, *FEW, "-o", "kept", "--plot", "drivers.svg"]) == 0
    assert capsys.readouterr().out == first
    assert main(["sensitivity", NAME, *FEW, "--seed", "1", "-o", "kept"]) == 2
    assert "start over there with --replace" in " ".join(capsys.readouterr().err.split())
    assert main(["sensitivity", NAME, *FEW, "--seed", "1", "-o", "kept", "--replace", "--json"]) == 0


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
def test_what_cannot_be_is_told(options: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sensitivity", NAME, *options]) == 2
    assert words in " ".join(capsys.readouterr().err.split())
    assert not list(Path().iterdir())


def test_a_run_draws_its_structure(capsys: pytest.CaptureFixture[str]) -> None:
    Path("weights.csv").write_text("mechanism,weight\nreciprocity,0.4\n", encoding="utf-8")
    assert main(["run", NAME, "--runs", "4", "--structures", "weights.csv", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["set"] == {"mechanisms.reciprocity": {"scale": {"bernoulli": [0.4]}}}
    assert main(["run", NAME, "--runs", "4", "--structures", "wieghts.csv"]) == 2
    assert "wieghts.csv" in capsys.readouterr().err
