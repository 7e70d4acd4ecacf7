"""`tensionsim fit`: what it prints, what it writes, and how it refuses."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import tensionsim as ts
from tensionsim.cli.main import main

Call = Callable[..., tuple[int, str, str]]
QUICK = ("trump2-petro-2025", "--until", "2025-04-30", "--fix", "shapes")


MADE: dict[str, ts.Fit] = {}


@pytest.fixture
def call(command: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs the command in an empty folder; gives status, output and errors. What is asked again is fitted once."""
    whole = ts.fit

    def fit(scenario: Any, history: ts.EventHistory | None = None, **how: Any) -> ts.Fit:
        asked = f"{scenario} {history and len(history)} {how}"
        if asked not in MADE:
            MADE[asked] = whole(scenario, history, **how)
        return MADE[asked]

    monkeypatch.setattr(ts, "fit", fit)
    return partial(command, "fit")


def test_it_tells_estimates_support_and_what_to_know(call: Call) -> None:
    status, output, errors = call(*QUICK)
    assert (status, errors) == (0, "")
    assert output.startswith("Trump's second term and Petro\n")
    for word in ("estimate", "base_political", "90 % interval", "log10 BF", "politicisation", "To know", "as asked"):
        assert word in output
    assert "\x1b" not in output


@pytest.mark.parametrize("columns", ["40", "50", "100"])
def test_it_fits_the_terminal(call: Call, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    output = call(*QUICK)[1]
    assert max(len(line) for line in output.splitlines()) <= int(columns)


def test_the_fitted_scenario_runs(call: Call) -> None:
    output = call(*QUICK, "-o", "fitted.yaml", "--draws", "10", "--no-support")[1]
    assert "tensionsim run fitted.yaml" in output
    assert "log10 BF" not in output
    fitted = ts.load("fitted.yaml")
    assert fitted.file.start == ts.load("trump2-petro-2025").file.start
    assert ts.run(fitted, runs=5, seed=1).runs == 5
    assert os.listdir() == ["fitted.yaml"]


def test_json_and_csv_hold_the_same_estimates(call: Call) -> None:
    told = json.loads(call(*QUICK, "--no-support", "--json")[1])
    rows = list(csv.DictReader(StringIO(call(*QUICK, "--no-support", "--csv")[1])))
    assert {row["path"]: float(row["estimate"]) for row in rows} == pytest.approx(
        {path: one["estimate"] for path, one in told["estimates"].items()}
    )


def test_events_of_a_file_are_fitted(call: Call) -> None:
    made = ["020", "190", "042", "112", "036", "193"]
    rows = [
        f"2004-{1 + n // 28:02d}-{1 + n % 28:02d},{'ISR,PSE' if n % 3 else 'PSE,ISR'},{made[n % 6]}" for n in range(90)
    ]
    Path("events.csv").write_text("\n".join(["date,source,target,cameo", *rows]), encoding="utf-8")
    assert main(["new", "pair", "--events", "events.csv"]) == 0
    status, output, errors = call("pair.yaml", "--events", "events.csv", "--dyad", "ISR", "PSE", "--fix", "shapes")
    assert (status, errors) == (0, "")
    assert "84 acts of events" in output
    assert "not counted: 6 acts from 2004-04-01 on" in output
    assert "the nearest stands for each" in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("norland-suderia",), "names no history"),
        ((*QUICK, "--fix", "inertya"), "did you mean 'inertia'"),
        ((*QUICK[:2], "2015-01-01"), "no whole step"),
        ((*QUICK[:2], "soon"), "is not a date"),
        ((*QUICK[:2], "9999-12-31"), "is not a date in 1800..2200"),
        ((*QUICK, "--missing", "2025-03-02", "2025-03-01"), "2025-03-02 to 2025-03-01 ends before it begins"),
        ((*QUICK, "--dyad", "USA", "COL"), "name the file"),
        ((*QUICK, "--scale", "keds", "--leave-out-bad"), "--scale, --leave-out-bad: how the events of --events FILE"),
        ((*QUICK, "--json", "--csv"), "exclude each other"),
        ((*QUICK, "--prior-width", "0"), "a factor from 0.001"),
        ((*QUICK, "--events", "nowhere.csv"), "nowhere.csv"),
        ((*QUICK, "-o", "fitted.txt"), "does not end in .yaml"),
        ((*QUICK, "-o", "nowhere/fitted.yaml"), "is no folder"),
        ((*QUICK, "--plot", "fit.gif"), "end the name so"),
        ((*QUICK, "--plot", "nowhere/fit.png"), "there is no folder"),
        ((*QUICK, "--posterior", "corrected"), "name FILE"),
        ((*QUICK, "--posterior", "corrected", "-o", "fitted.yaml", "--draws", "1"), "more than one"),
        (("nobody",), "no such file"),
    ],
)
def test_faults_are_said_and_nothing_is_written(call: Call, arguments: tuple[str, ...], said: str) -> None:
    status, output, errors = call(*arguments)
    assert (status, output) == (2, "")
    assert said in errors
    assert "Traceback" not in errors
    assert os.listdir() == []


def test_what_is_there_is_not_overwritten(call: Call) -> None:
    Path("fitted.yaml").write_text("mine", encoding="utf-8")
    status, _, errors = call(*QUICK, "-o", "fitted.yaml")
    assert (status, Path("fitted.yaml").read_text(encoding="utf-8")) == (2, "mine")
    assert "there already" in errors


@pytest.mark.slow
def test_the_figure_of_support_and_estimates_is_written(call: Call) -> None:
    status, output, _ = call(*QUICK, "--plot", "fit.svg")
    assert status == 0
    assert "Wrote fit.svg" in output
    assert Path("fit.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert os.listdir() == ["fit.svg"]


@pytest.mark.slow
def test_a_fit_tells_how_good_its_approximation_is(call: Call) -> None:
    asked = (*QUICK, "--no-support", "--check")
    output = " ".join(call(*asked)[1].split())
    assert re.search(r"the normal approximation of the posterior is (good|usable|not to be trusted) \(k -?\d", output)
    told = json.loads(call(*asked, "--json")[1])["approximation"]
    assert 0.0 < told["effective_share"] <= 1.0
    assert told["draws"] == 1000


@pytest.mark.slow
def test_a_scenario_can_carry_the_corrected_posterior(call: Call) -> None:
    arguments = (*QUICK, "--no-support", "--draws", "20", "-q")
    for posterior in ("laplace", "corrected"):
        assert call(*arguments, "--posterior", posterior, "-o", f"{posterior}.yaml")[0] == 0
    drawn = {name: ts.load(f"{name}.yaml").file.parameters["bias"] for name in ("laplace", "corrected")}
    assert drawn["laplace"] != drawn["corrected"]
    head = Path("corrected.yaml").read_text(encoding="utf-8").replace("\n# ", " ")
    assert "draws from the corrected posterior" in head
    assert "the corrected posterior is" in head
    assert ts.run("corrected.yaml", runs=5, seed=1).runs == 5
