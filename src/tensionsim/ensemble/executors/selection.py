"""Which executor is meant by what the caller says."""

from __future__ import annotations

import os
from typing import Literal, get_args

from tensionsim.arguments import whole
from tensionsim.ensemble.executors.interface import Executor
from tensionsim.ensemble.executors.serial import Serial
from tensionsim.errors import TensionSimError

Kind = Literal["serial", "processes", "dask"]

FEWEST_TASKS = 6
"""With fewer parts than this one process is done about as soon as two, which have to start first (docs/clusters.md)."""


def executor(
    jobs: int | Literal["auto"] = 1, kind: str | None = None, scheduler: str | None = None, *, tasks: int | None = None
) -> Executor:
    """The executor that is asked for; enter it with `with`.

    Parameters
    ----------
    jobs
        How many tasks at a time, >= 1; "auto": as many as this process has processors, but 1 for fewer than
        `FEWEST_TASKS` tasks.
    kind
        "serial", "processes" or "dask"; None takes what `jobs` and `scheduler` suggest.
    scheduler
        Address of a running Dask scheduler, or its scheduler file; its workers are taken, whatever `jobs` says.
    tasks
        How many tasks there will be, where that is known; no more workers than that are started.

    Raises
    ------
    TensionSimError
        If the words contradict one another, or Dask is missing or does not answer.
    TypeError, ValueError
        If `jobs` is no whole number >= 1.
    """
    if kind not in (None, *get_args(Kind)):
        raise TensionSimError(f"there is no executor {kind!r}; there are {', '.join(get_args(Kind))}")
    if scheduler is not None and kind in ("serial", "processes"):
        raise TensionSimError(f"a scheduler is for the executor dask, not for {kind}; leave one of the two out")
    workers = _workers(jobs, tasks)
    if kind == "dask" or scheduler is not None:
        from tensionsim.ensemble.executors.dask_client import Dask

        return Dask(scheduler, workers)
    if kind == "serial" or (kind is None and workers == 1):
        if kind == "serial" and jobs not in (1, "auto"):
            raise TensionSimError(f"the executor serial has one job, not {jobs}; leave one of the two out")
        return Serial()
    from tensionsim.ensemble.executors.processes import Processes

    return Processes(workers)


def processors() -> int:
    """How many processors this process may use, as a queueing system or `taskset` has left them to it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _workers(jobs: int | Literal["auto"], tasks: int | None) -> int:
    """How many workers are wanted."""
    if jobs != "auto":
        wanted = whole("jobs", jobs, least=1)
    elif tasks is not None and tasks < FEWEST_TASKS:
        return 1
    else:
        wanted = processors()
    return wanted if tasks is None else max(1, min(wanted, tasks))
