"""What tests of workers and folders share: tasks that a fresh Python can import, and what a folder holds."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tensionsim.errors import Problem, ScenarioError, TensionSimError
from tensionsim.runs.parallel import Executor


def content_of(folder: Path | str, *but: str) -> dict[str, bytes]:
    """The bytes of every file of a folder by name, but those that are called so."""
    files = [path for path in sorted(Path(folder).rglob("*")) if path.is_file() and path.name not in but]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


class Backwards(Executor):
    """Does tasks here, the last one first."""

    def results(self, function: Any, tasks: Any) -> Iterator[tuple[int, Any]]:
        return ((place, function(tasks[place])) for place in reversed(range(len(tasks))))


@dataclass(frozen=True)
class Runs:
    """A task that stands for runs."""

    first_run: int
    runs: int


def doubled(number: int) -> int:
    return 2 * number


def own_process(task: object) -> int:
    return os.getpid()


def settings_of_threads(task: object) -> str | None:
    return os.environ.get("OPENBLAS_NUM_THREADS")


def files_of_main(task: object) -> list[str]:
    import sys

    files = (getattr(sys.modules.get(name), "__file__", None) for name in ("__main__", "__mp_main__"))
    return [file for file in files if file]


def chatter(number: int) -> int:
    print("a task that prints")
    return number


def deadly_once(mark: Path) -> str:
    """Kills its worker the first time."""
    if not mark.exists():
        mark.write_text("was here")
        os.kill(os.getpid(), signal.SIGKILL)
    return mark.name


def deadly(task: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class OddError(Exception):
    """An error that is pickled, but not read back: it is made of two things and holds one."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"{left} and {right}")


def odd_error(task: object) -> None:
    raise OddError("this", "that")


def bad_input(task: object) -> None:
    raise TensionSimError("this cannot be used")


def bad_scenario(task: object) -> None:
    raise ScenarioError([Problem("a.yaml", 3, 1, "no such actor")])


def slip(task: object) -> None:
    raise ZeroDivisionError("a slip")


def slow_or_first(task: int) -> int:
    """The first task is done at once, the others take a minute."""
    return slow(task) if task else task


def slow(task: object) -> int:
    time.sleep(60)
    return os.getpid()
