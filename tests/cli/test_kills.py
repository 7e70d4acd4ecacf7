"""Whatever a command was doing when it was killed, the same command then leaves what it would have left undisturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labour import content_of
from tensionsim.cli.main import main
from tensionsim.runs.store import UNFINISHED

SOURCE = Path(__file__).resolve().parents[2] / "src"
CASE = "norland-suderia"
RUNS = ("--runs", "150")
COMMANDS = {
    "run": ("run", CASE, *RUNS, "-o", "out"),
    "sweep": ("sweep", CASE, "--over", "parameters.bias=-0.2,0.2", *RUNS, "-o", "out"),
    "resume": ("resume", "begun"),
    "backtest": (
        *("backtest", "us-colombia-2017", "--origins", "2018-07-01,2018-10-01,2019-01-01"),
        *("--horizons", "1", "--baselines", "mean", "--no-refit", "--runs", "20", "-o", "out"),
    ),
    "compare": ("compare", CASE, *RUNS, "-o", "out"),
    "report": ("report", CASE, *RUNS, "--no-effects", "-o", "brief.html"),
    "plot": ("plot", "fan", CASE, *RUNS, "-o", "fan.svg"),
}
LONG = ("compare", "report")
"""Without `--full`, `run` and `plot` stand for them: they write tables and figures by the same means."""
FULL_KILLS = 60


def started(command: tuple[str, ...], folder: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.Popen([sys.executable, "-m", "tensionsim", *command, "-q"], cwd=folder, env=environment)


def names_in(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def prepared(folder: Path, verb: str) -> Path:
    """A folder to work in; for `resume`, with runs that were killed amid their writing."""
    folder.mkdir()
    if verb == "resume":
        with started(("run", CASE, *RUNS, "-o", "begun"), folder) as child:
            while not (folder / "begun" / "manifest.json").exists():
                assert child.poll() is None
                time.sleep(0.01)
            child.kill()
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("drawn")
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(
    "verb", [pytest.param(verb, marks=[pytest.mark.full] if verb in LONG else []) for verb in COMMANDS]
)
def test_after_a_kill_the_same_command_ends_in_the_same_bytes(
    verb: str, full: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed once, as it begins to write; with `--full` many times, at random moments of the later part."""
    command, chance, killed = COMMANDS[verb], random.Random(len(verb)), 0

    def content_left(folder: Path) -> dict[str, bytes]:
        monkeypatch.chdir(folder)
        assert main([*command, "-q"]) == 0
        return content_of(folder)

    undisturbed, took = content_left(prepared(tmp_path / "whole", verb)), 0.0
    if full:
        begin = time.perf_counter()
        with started(command, prepared(tmp_path / "timed", verb)) as child:
            assert child.wait() == 0
        took = time.perf_counter() - begin
    trials = -(-FULL_KILLS // len(COMMANDS)) if full else 1
    for trial in range(trials):
        folder = prepared(tmp_path / str(trial), verb)
        before = names_in(folder)
        with started(command, folder) as child:
            if full:
                time.sleep(took * (0.4 + 0.6 * (trial + chance.random()) / trials))
            while not full and child.poll() is None and names_in(folder) == before:
                time.sleep(0.01)
            child.kill()
            killed += child.wait() == -signal.SIGKILL
        found = content_left(folder)
        assert not [name for name in found if UNFINISHED in name]
        assert found == undisturbed, trial
    assert killed
