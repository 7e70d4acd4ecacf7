"""Child processes that end with this one: each a fresh Python that is told by its standard input what to do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any, BinaryIO, cast

from tensionsim.errors import TensionSimError

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Settings of linear algebra libraries: children share the processors among themselves already."""


def started(program: str) -> subprocess.Popen[bytes]:
    """A new Python at a program; both ends of its standard input and output that are ours are pipes.

    It finds modules where this process does, and is in a process group of its own, so that Ctrl-C reaches this process
    alone.

    Raises
    ------
    TensionSimError
        If the system refuses.
    """
    if not sys.executable:
        raise TensionSimError("this Python does not know its own program, so that it cannot start others; use one job")
    apart: dict[str, Any] = {"process_group": 0}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    try:
        return subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {program}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict.fromkeys(ONE_THREAD, "1") | dict(os.environ),
            **apart,
        )
    except OSError as problem:
        raise TensionSimError(f"a worker process cannot be started: {problem}; use one job") from problem


def buried(process: subprocess.Popen[bytes]) -> int:
    """Status of a process that is not needed any more, killed if it has not ended."""
    process.kill()
    status = process.wait()
    for stream in (process.stdin, process.stdout):
        try:
            cast(BinaryIO, stream).close()
        except OSError:
            continue  # what was not sent is of no use to the dead
    return status


def end_in_words(status: int) -> str:
    """How a process with that status ended."""
    if status >= 0:
        return f"with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    why = ", as the system does when memory runs out" if name == "SIGKILL" else ""
    return f"by {name}{why}"


def ignore_interrupts() -> None:
    """Leaves Ctrl-C to the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for messages alone; others find nothing to read there and print to standard error."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return asked, answers
