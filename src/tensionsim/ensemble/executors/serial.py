"""The serial executor: one task after the other, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Self

from tensionsim.ensemble.executors.interface import R, T


class Serial:
    """Does tasks here, in their order."""

    workers = 1
    is_local = True

    def results(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        return ((position, function(task)) for position, task in enumerate(tasks))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        """Nothing was started."""
