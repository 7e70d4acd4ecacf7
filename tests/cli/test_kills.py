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

from tensionsim.runs.store import UNFINISHED

SOURCE = Path(__file__).resolve().parents[2] / "src"
CASE = "norland-suderia"
RUNS = ("--runs", "150")
COMMANDS = {
    "run": ("run", CASE, *RUNS, "-o", "out"),
    "sweep": ("sweep", CASE, "--over", "parameters.bias=-0.2,0.2", *RUNS, "-o", "out"),
    "resume": ("resume", "begun"),
    "backtest": (
        *("backtest", "us-colombia-2017", "--origins", "2023-01-01,2023-07-01,2024-01-01"),
        *("--no-refit", "--runs", "20", "-o", "out"),
    ),
    "compare": ("compare", CASE, *RUNS, "-o", "out"),
    "report": ("report", CASE, *RUNS, "-o", "brief.html"),
    "plot": ("plot", "fan", CASE, *RUNS, "-o", "fan.svg"),
}
FULL_KILLS = 60


def started(command: tuple[str, ...], folder: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.Popen([sys.executable, "-m", "tensionsim", *command, "-q"], cwd=folder, env=environment)


def prepared(folder: Path, verb: str) -> Path:
    """A folder to work in; for `resume`, with runs that were killed amid their writing."""
    folder.mkdir()
    if verb == "resume":
        with started(("run", CASE, *RUNS, "-o", "begun"), folder) as child:
            while not (folder / "begun" / "manifest.json").exists():
                assert child.poll() is None
            child.kill()
    return folder


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("verb", COMMANDS)
def test_after_a_kill_the_same_command_ends_in_the_same_bytes(verb: str, full: bool, tmp_path: Path) -> None:
    command, chance, killed = COMMANDS[verb], random.Random(len(verb)), 0
    whole = prepared(tmp_path / "whole", verb)
    begin = time.perf_counter()
    with started(command, whole) as child:
        assert child.wait() == 0
    took, undisturbed = time.perf_counter() - begin, content_of(whole)
    trials = -(-FULL_KILLS // len(COMMANDS)) if full else 1
    for trial in range(trials):
        folder = prepared(tmp_path / str(trial), verb)
        with started(command, folder) as child:
            time.sleep(took * (0.4 + 0.6 * (trial + chance.random()) / trials))
            child.kill()
            killed += child.wait() == -signal.SIGKILL
        with started(command, folder) as child:
            assert child.wait() == 0, trial
        found = content_of(folder)
        assert not [name for name in found if UNFINISHED in name]
        assert found == undisturbed, trial
    assert killed or not full
