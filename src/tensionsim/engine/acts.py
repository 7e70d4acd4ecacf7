"""Acts: the moves of one step, in all runs, as parallel arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tensionsim.world.channels import Bools, Ints

OWN, RULE, SCHEDULE, STOPPED = 0, 1, 2, 3
"""Why a move was made: rows of `tensionsim.record.CAUSES`; a stopped one was chosen but not made."""


@dataclass(frozen=True, slots=True)
class Acts:
    """Moves of one step; arrays of shape (act,): rows of channel, run, move, and the cause."""

    channel: Ints
    run: Ints
    move: Ints
    cause: Ints

    def __len__(self) -> int:
        return int(self.channel.size)

    def where(self, kept: Bools) -> Acts:
        """The acts that `kept` marks."""
        return Acts(self.channel[kept], self.run[kept], self.move[kept], self.cause[kept])


def acts_of(channel: Ints, run: Ints, move: Ints, cause: int) -> Acts:
    """Acts that share a cause."""
    return Acts(channel, run, move, np.full(channel.shape, cause, np.int64))


def nothing() -> Acts:
    """No acts at all."""
    empty = np.zeros(0, np.int64)
    return Acts(empty, empty, empty, empty)


def joined(parts: Sequence[Acts]) -> Acts:
    """Acts one after the other."""
    if len(parts) == 1:
        return parts[0]
    return Acts(
        np.concatenate([part.channel for part in parts]),
        np.concatenate([part.run for part in parts]),
        np.concatenate([part.move for part in parts]),
        np.concatenate([part.cause for part in parts]),
    )


def everywhere(channel: int, move: int, where: Bools, cause: int) -> Acts:
    """One move in one channel, in the runs `where`."""
    runs = np.flatnonzero(where)
    return acts_of(np.full(runs.shape, channel, np.int64), runs, np.full(runs.shape, move, np.int64), cause)


def without(acts: Acts, taken: Acts, runs: int) -> Acts:
    """The acts whose channel and run are not among those `taken`."""
    if not len(taken) or not len(acts):
        return acts
    free = np.ones((1 + max(acts.channel.max(), taken.channel.max())) * runs, bool)
    free[taken.channel * runs + taken.run] = False
    return acts.where(free[acts.channel * runs + acts.run])
