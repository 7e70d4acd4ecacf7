"""`tensionsim plot`: figures as files, and what is said where one cannot be drawn."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import tensionsim as ts
from tensionsim.cli.commands_analysis import KINDS, plot
from tensionsim.cli.main import main
from tensionsim.plots import FIGURES

FEW = ["--runs", "20", "--width", "single", "-q"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_command_draws_every_kind_there_is() -> None:
    assert set(KINDS) == {name for name, one in FIGURES.items() if one.takes in ("Results", "Comparison", "Effects")}
    own = {option for kind in KINDS for option in FIGURES[kind].options}
    assert own == {"run", "actor", "issue", "name", "by"}
    assert all(re.search(rf"\b{kind}\b", str(plot.epilog)) for kind in KINDS)


NEW_FIGURE = """
import sys
from tensionsim import plots
from tensionsim.plots import outcomes, style

@style.figure(outcomes.Results)
def median(results, ax=None):
    ax = style.opened(ax, dates=results.dates, axis="index, 0-100")
    spread = outcomes.partial(results.quantiles, "index")
    labels = outcomes.draw_bands(ax, results.dates, spread, results.runs, "#000000", shares=())
    return outcomes.over_time(ax, labels, results.title)

outcomes.median = median
plots.FIGURES = {**plots.FIGURES, "median": plots.Figure("outcomes", "Results", "the median alone")}

from tensionsim.cli.main import main

assert plots.median.__wrapped__ is median
assert main(["plot", "median", "norland-suderia", "--runs", "3", "--width", "single", "-o", "median.svg"]) == 0
sys.exit(main(["plot", "--help"]))
"""


def test_a_new_figure_is_its_function_and_a_row() -> None:
    done = subprocess.run([sys.executable, "-c", NEW_FIGURE], check=True, capture_output=True, encoding="utf-8")
    assert "Wrote median.svg" in done.stdout
    assert re.search(r"^ *median +the median alone$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("kind", ["fan", "issues", "regimes", "direction", "ledger", "mechanisms", "phase", "timeline"])
def test_a_figure_of_a_scenario_is_written(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", kind, "norland-suderia", "-o", "figure.svg", *FEW]) == 0
    assert Path("figure.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("kind", ["outlooks", "difference"])
def test_a_figure_of_two_outlooks_is_written(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["plot", kind, "managed", "rhetoric", "--runs", "20", "--theme", "dark", "-o", "figure.png"]
    assert main(command) == 0
    assert Path("figure.png").read_bytes().startswith(b"\x89PNG")
    assert "Wrote figure.png" in capsys.readouterr().out


def test_outlooks_of_other_dates_are_drawn_where_they_overlap_under_names_of_ones_own() -> None:
    given = ["now=status-quo", "then=left-stays", "--overlap", "--runs", "20", "-q", "-o", "figure.svg"]
    assert main(["plot", "outlooks", *given]) == 0
    wanted = ts.compare("status-quo", "left-stays", runs=20, overlap=True, names=["now", "then"])
    ts.plots.save(ts.plots.outlooks(wanted, ts.plots.blank()), "wanted.svg")
    assert Path("figure.svg").read_bytes() == Path("wanted.svg").read_bytes()


def test_saved_results_are_drawn_and_give_the_same_bytes() -> None:
    ts.run("norland-suderia", runs=20, seed=3).save("saved")
    assert main(["plot", "fan", "saved", "-o", "saved.png", "-q"]) == 0
    assert main(["plot", "fan", "norland-suderia", "--runs", "20", "--seed", "3", "-o", "run.png", "-q"]) == 0
    assert Path("saved.png").read_bytes() == Path("run.png").read_bytes()


@pytest.mark.parametrize(("width", "inches"), [("single", 8.9 / 2.54), ("double", 18.3 / 2.54), ("12", 12 / 2.54)])
def test_a_width_is_that_of_a_journal_or_in_centimetres(width: str, inches: float) -> None:
    command = [
        "plot",
        "regimes",
        "norland-suderia",
        "--runs",
        "3",
        "--width",
        width,
        "--height",
        "6",
        "-o",
        "r.svg",
        "-q",
    ]
    assert main(command) == 0
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', Path("r.svg").read_text(encoding="utf-8"))
    assert size is not None
    assert [float(size[1]), float(size[2])] == pytest.approx([72 * inches, 72 * 6 / 2.54], abs=0.01)


def test_one_run_and_one_issue_can_be_asked_for() -> None:
    assert main(["plot", "timeline", "norland-suderia", "--run", "7", "-o", "one.svg", *FEW]) == 0
    assert main(["plot", "issue", "norland-suderia", "--issue", "water", "-o", "issue.pdf", *FEW]) == 0
    assert Path("issue.pdf").read_bytes().startswith(b"%PDF")


def test_the_overview_and_what_was_observed_are_drawn() -> None:
    assert main(["plot", "overview", "trump2-petro-2025", "--runs", "5", "-o", "overview.png", "-q"]) == 0
    assert main(["plot", "observed", "trump2-petro-2025", "-o", "observed.png", *FEW]) == 0
    assert {path.name for path in Path().iterdir()} == {"overview.png", "observed.png"}


def test_a_waterfall_of_two_scenarios_is_drawn() -> None:
    said = "tensionsim: 1\ntitle: Quiet\nextends: norland-suderia\nactors: {norland: {rhetoric: 0.1, attention: 0.2}}\n"
    Path("quiet.yaml").write_text(said, encoding="utf-8")
    assert main(["plot", "waterfall", "norland-suderia", "quiet.yaml", "--runs", "5", "-q", "-o", "why.png"]) == 0
    assert Path("why.png").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fan", "managed", "--run", "3"], "--run changes nothing in fan; it goes with ledger"),
        (["fan", "managed", "--of", "rhetoric"], "--of changes nothing in fan; it goes with difference"),
        (["fan", "managed", "rhetoric"], "fan is of one scenario or folder; 2 were given"),
        (["fan", "managed", "--overlap"], "--overlap changes nothing in fan; it goes with outlooks, difference"),
        (["outlooks", "status-quo", "left-stays", *FEW], "with --overlap"),
        (["fan", "managed", "--width", "3.5"], "'3.5' is no length in cm from 7.5 to 100"),
        (["fan", "managed", "--width", "wide"], "'wide' is no length in cm from 7.5 to 100, nor single or double"),
        (["fan", "managed", "--height", "4"], "'4' is no length in cm from 5 to 100"),
        (["fan", "managed", "--width", "nan"], "'nan' is no length in cm"),
        (["issue", "managed"], "which issue? Name it with --issue"),
        (["issue", "norland-suderia", "--issue", "gold", *FEW], "got 'gold'"),
        (["overview", "managed", "--width", "9"], "the overview finds its own size"),
        (["difference", "managed", "--outlook", "x"], "takes several outlooks"),
        (["difference", "norland-suderia", "--runs", "20", "-q"], "which outlook less norland-suderia?"),
        (["observed", "norland-suderia", *FEW], "observed"),
        (["ledger", "norland-suderia", "--run", "99", *FEW], "there is no run 99"),
        (["fan", "nowhere"], "nowhere"),
        (["pie", "managed"], "'pie' is not one of"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_leaves_no_file(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plot", *words, "-o", "figure.png"]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not list(Path().iterdir())


def test_a_wrong_ending_is_said_before_anything_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "fan", "managed", "--runs", "100000000", "-o", "fan.jpg"]) == 2
    assert "figures are written as .png, .svg, .pdf" in capsys.readouterr().err


def test_saved_results_are_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    ts.run("norland-suderia", runs=3).save("saved")
    assert main(["plot", "fan", "saved", "--runs", "5", "--seed", "1", "-o", "fan.png"]) == 2
    assert "saved holds 3 runs under seed 0, and no others" in " ".join(capsys.readouterr().err.split())
