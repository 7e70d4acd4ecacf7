"""What every executor can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, Self, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST_RETRIES = 3
"""How often a task is done again whose worker died."""


class Executor(Protocol):
    """Does tasks by a function, somewhere; a context manager that ends what it has started.

    workers : how many tasks are done at a time, >= 1. is_local : whether the function runs in this very process, so
    that it may call back, as a progress bar wants.
    """

    @property
    def workers(self) -> int: ...

    @property
    def is_local(self) -> bool: ...

    def results(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        """Position of each task and its result, in any order, as they finish.

        At most twice as many tasks as there are workers are on their way or waiting to be taken, so that memory does
        not grow with their number. A task whose worker died is done again, at most `MOST_RETRIES` times. `function`
        is found by its module and name: no lambda, nothing of a script; `functools.partial` of one will do.

        Raises
        ------
        TensionSimError
            If the function raises it, if a task's workers died each time, or if no worker can be had.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *problem: object) -> None: ...


def said(task: object, position: int) -> str:
    """The task in words: the runs that it stands for where it has `first_run` and `runs`, else its place."""
    first, runs = getattr(task, "first_run", None), getattr(task, "runs", None)
    if isinstance(first, int) and isinstance(runs, int):
        return f"runs {first:,} to {first + runs - 1:,}"
    return f"task {position + 1:,}"
