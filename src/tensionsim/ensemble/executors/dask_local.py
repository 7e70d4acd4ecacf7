"""A Dask cluster on this machine, in a process of its own.

Dask starts its workers by `multiprocessing`, which imports the caller's script again in each of them; a process between
the two has no script. It ends with the process that started it, and takes the workers along.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from tensionsim.ensemble.executors import children, messages
from tensionsim.errors import TensionSimError

SECONDS_TO_END = 10

SECONDS_TO_ANSWER = 3
"""A worker on the same machine that has not answered by then is dead; Dask would wait for half a minute."""


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """Address of a scheduler with so many worker processes of one thread, reached from this machine alone."""
    process = children.started(f"from tensionsim.ensemble.executors import dask_local; dask_local.serve({workers})")
    try:
        try:
            said = messages.read(cast(BinaryIO, process.stdout)).decode()
        except EOFError:
            said = "it ended before it had begun"
        if not said.startswith("tcp://"):
            raise TensionSimError(f"a Dask cluster cannot be started on this machine: {said}; use --executor processes")
        yield said
    finally:
        _end(process)


def serve(workers: int) -> None:
    """Runs the cluster until standard input closes; its address, or what is wrong, goes to standard output."""
    children.ignore_interrupts()
    asked, answers = children.own_streams()
    import dask
    from distributed import LocalCluster

    dask.config.set({"distributed.comm.timeouts.connect": SECONDS_TO_ANSWER})
    try:
        local = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs="CRITICAL",
        )
    except Exception as problem:  # said by the one who asked
        messages.write(answers, f"{type(problem).__name__}: {problem}".encode())
        return
    with local:
        messages.write(answers, local.scheduler_address.encode())
        asked.read()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Lets the cluster close; kills it where it does not."""
    cast(BinaryIO, process.stdin).close()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
    children.buried(process)
