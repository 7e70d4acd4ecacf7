"""`tensionsim report`: what it writes, where, and how it refuses."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import synthetic
from tensionsim.briefings.briefing import Briefing
from tensionsim.scenario.yaml_tree import write

Call = Callable[..., tuple[int, str, str]]
BRANCHES = {
    "calm": {"title": "Quiet knights", "set": {"actors.*.rhetoric": 0.0}},
    "loud": {"set": {"actors.*.rhetoric": 1.0, "actors.*.insulation": 0.0}},
}
QUICK = ("--runs", "12", "--seed", "3", "--no-effects")


@pytest.fixture
def call(command: Call) -> Call:
    """Runs the command in a folder that holds avalon.yaml, which has outlooks; gives status, output and errors."""
    mapping = synthetic.scenario_mapping(end="2031-10-01", outlooks=BRANCHES)
    Path("avalon.yaml").write_text(write(mapping), encoding="utf-8")
    return command


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the figures blank, for what asks nothing of them."""
    monkeypatch.setattr(Briefing, "drawn", lambda *_, **__: b"<svg/>")


def text(path: str = "b.md") -> str:
    return Path(path).read_text(encoding="utf-8")


def test_one_scenario_gives_a_page_that_holds_everything(call: Call) -> None:
    assert call("report", "avalon.yaml", *QUICK, "-o", "b.html") == (0, "Wrote b.html\n", "")
    assert sorted(os.listdir()) == ["avalon.yaml", "b.html"]
    assert "tensionsim report avalon.yaml --runs 12 --seed 3 --no-effects -o b.html" in text("b.html")


def test_markdown_gets_a_folder_of_figures(call: Call) -> None:
    status, output, _ = call("report", "avalon.yaml", *QUICK, "-o", "b.md")
    assert (status, output) == (0, "Wrote b.md, its figures in b-files\n")
    assert text().startswith("# Avalon and Brigadoon: the outlook to 6 October 2031\n")
    assert sorted(os.listdir("b-files")) == ["direction.svg", "fan.svg", "manifest.json", "regimes.svg", "tables.json"]


@pytest.mark.usefixtures("undrawn")
def test_outlooks_are_set_beside_a_baseline(call: Call) -> None:
    assert call("report", "avalon.yaml", "--outlooks", *QUICK, "-o", "b.md", "-q") == (0, "", "")
    assert "*calm* (Quiet knights) and *loud*, beside *avalon* (Avalon and Brigadoon)" in text()
    call("report", "one=avalon.yaml", "two=avalon.yaml", "--baseline", "two", *QUICK, "-o", "b.md")
    assert "*one* is the same as *two* in every run" in text()


@pytest.mark.usefixtures("undrawn")
def test_a_branch_can_be_taken_and_values_set(call: Call) -> None:
    call("report", "avalon.yaml", "--outlook", "calm", "--set", "actors.avalon.attention=0.9", *QUICK, "-o", "b.md")
    assert "Quiet knights, from 6 January 2031" in text()
    assert "avalon, outlook calm with actors.avalon.attention = 0.9" in text()


@pytest.mark.usefixtures("undrawn")
def test_saved_results_are_told_without_running_them(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    call("run", "avalon.yaml", "--runs", "9", "--seed", "2", "-o", "saved", "-q")
    call("run", "avalon.yaml", "--outlook", "loud", "--runs", "9", "--seed", "2", "-o", "louder", "-q")
    monkeypatch.setattr("tensionsim.runs.run.run", lambda *_, **__: pytest.fail("it was run"))
    assert call("report", "saved", "--no-effects", "-o", "b.md")[0] == 0
    assert "9 runs, seed 2" in text()
    assert call("report", "saved", "louder", "--no-effects", "-o", "b.md")[0] == 0
    assert "*louder*" in text()
    status, _, errors = call("report", "saved", "--runs", "10", "-o", "c.md")
    assert (status, errors) == (2, "saved holds 9 runs under seed 2, and no others\n")
    assert call("report", "saved", "--outlook", "calm", "-o", "c.md")[0] == 2


@pytest.mark.usefixtures("undrawn")
def test_signs_can_be_read_at_another_time(call: Call) -> None:
    call("report", "avalon.yaml", *QUICK, "--ahead", "3", "-o", "b.md")
    assert "3 months before 6 October 2031" in text()


@pytest.mark.usefixtures("undrawn")
def test_effects_are_run_unless_they_are_not_wanted(call: Call) -> None:
    call("report", "avalon.yaml", "--outlooks", "--runs", "4", "-o", "b.md")
    assert "The table takes apart the differences of the files" in text()
    call("report", "avalon.yaml", "--outlooks", "--runs", "4", "--no-effects", "-o", "b.md")
    assert "The table takes apart" not in text()


@pytest.mark.usefixtures("undrawn")
def test_sentences_of_ones_own_are_taken_from_a_folder(call: Call) -> None:
    Path("mine").mkdir()
    Path("mine", "limits.md").write_text("## Limits\n\n- Ask {{ quote('Jo') }} first.\n", encoding="utf-8")
    call("report", "avalon.yaml", *QUICK, "--templates", "mine", "-o", "b.md")
    assert "## Limits\n\n- Ask Jo first.\n\n## Provenance" in text()
    Path("mine", "limits.md").write_text("## Limits\n\n- Ask 2 of us.\n", encoding="utf-8")
    status, _, errors = call("report", "avalon.yaml", *QUICK, "--templates", "mine", "-o", "c.md")
    assert (status, errors) == (2, "limits.md: a number stands in 'Ask 2 of us.'; numbers come from tables\n")
    assert not Path("c.md").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["avalon.yaml"], "Missing option '-o'"),
        (["-o", "b.md"], "Missing argument 'SCENARIO_OR_FOLDER...'"),
        (["avalon.yaml", "-o", "b.docx"], "a briefing is written as .html, .md or .pdf"),
        (["avalon.yaml", "-o", "nowhere/b.md"], "there is no folder nowhere"),
        (["avalom.yaml", "-o", "b.md"], "did you mean 'avalon.yaml'"),
        (["avalon.yaml", "--outlook", "clam", "-o", "b.md"], "no outlook 'clam'; did you mean 'calm'?"),
        (["avalon.yaml", "--outlook", "calm", "--outlooks", "-o", "b.md"], "give one of them"),
        (["avalon.yaml", "managed", "--outlooks", "-o", "b.md"], "are of one scenario"),
        (["avalon.yaml", "--overlap", "-o", "b.md"], "--overlap changes nothing in one scenario"),
        (["status-quo", "right-turn", "-o", "b.md"], "compare the common ones"),
        (["avalon.yaml", "norland-suderia", "-o", "b.md"], "principals differ"),
        (["managed", "--outlooks", "-o", "b.md"], "without outlooks of its own"),
        (["avalon.yaml", "--ahead", "0", "-o", "b.md"], "0.0 is not in the range"),
        (["avalon.yaml", "--templates", "mine", "-o", "b.md"], "there is no folder mine with templates"),
        ([".", "-o", "b.md"], "holds no tensionsim results"),
    ],
)
def test_what_cannot_be_told_is_refused_with_status_2(call: Call, arguments: list[str], words: str) -> None:
    status, output, errors = call("report", *arguments)
    assert (status, output) == (2, "")
    assert words in errors
    assert "Traceback" not in errors
    assert os.listdir() == ["avalon.yaml"]
