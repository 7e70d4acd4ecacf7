"""Instances of arrangements: which may be in force between whom, and in which channels each counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tensionsim.moves import Arrangement
from tensionsim.world.channels import Bools, Channel, Channels, Floats, Ints

NEVER, ALWAYS = -2, -1
"""Rows that `in_force` has after those of the instances: one that is never in force, and one that always is."""


@dataclass(frozen=True, slots=True, order=True)
class Instance:
    """One arrangement between two actors on an issue. Mutual ones are held by the pair in either order."""

    kind: str
    actor: str
    target: str
    issue: str

    @property
    def name(self) -> str:
        return f"{self.kind} | {self.actor} -> {self.target} | {self.issue}"


@dataclass(frozen=True, slots=True)
class Instances:
    """All instances of a world.

    `channel[e]`, `instance[e]`, `score[e]` : one entry e for each channel in which an instance counts (two for a
    mutual one); score is in conduct units (Goldstein / 10) while in force. `is_mutual` : one entry an instance.
    `counts_in` : channels in which each instance counts, shape (nth, instance), -1 where there are fewer. `counted`,
    `counted_score` : the entries of each channel in their order, shape (nth, channel): rows of `in_force` and their
    scores, where there are fewer the row that is never in force and 0.
    """

    rows: tuple[Instance, ...]
    is_mutual: Bools
    channel: Ints
    instance: Ints
    score: Floats
    counts_in: Ints
    counted: Ints
    counted_score: Floats

    def __len__(self) -> int:
        return len(self.rows)


class Registry:
    """Finds or makes the instance that a move in a channel begins or ends."""

    def __init__(self, kinds: Mapping[str, Arrangement]) -> None:
        self._kinds = kinds
        self._rows: dict[Instance, int] = {}

    def instance(self, kind: str, actor: str, target: str, issue: str) -> int | None:
        """Row of the instance that `actor` holds towards `target`; None where the kind doesn't admit them.

        A kind with one issue is always on that issue, whatever the channel of the move that begins it.
        """
        arrangement = self._kinds[kind]
        if len(arrangement.issues) == 1 and arrangement.issues != ("*",):
            issue = arrangement.issues[0]
        admits = arrangement.can_hold(actor, target, issue)
        if arrangement.is_mutual and (admits or arrangement.can_hold(target, actor, issue)):
            actor, target = sorted((actor, target))
        elif not admits:
            return None
        return self._rows.setdefault(Instance(kind, actor, target, issue), len(self._rows))

    def held_between(self, kind: str, actor: str, target: str, issue: str) -> int | None:
        """Row of the instance that `actor` may end: its own, or one that binds it."""
        own = self.instance(kind, actor, target, issue)
        return own if own is not None else self.instance(kind, target, actor, issue)

    @property
    def rows(self) -> tuple[Instance, ...]:
        return tuple(self._rows)

    def table(self, channels: Channels) -> Instances:
        """The instances with the channels in which they count; those of no channel count nowhere."""
        where = {channel: row for row, channel in enumerate(channels.rows)}
        entries: list[tuple[int, int, float]] = []
        for row, instance in enumerate(self.rows):
            kind = self._kinds[instance.kind]
            places = [Channel(instance.actor, instance.target, instance.issue, kind.track)]
            places += [places[0].mirror] if kind.is_mutual else []
            entries += [(where[place], row, kind.score / 10.0) for place in places if place in where]
        of_channel = [[entry for entry in entries if entry[0] == row] for row in range(len(channels))]
        of_instance = [[entry[0] for entry in entries if entry[1] == row] for row in range(len(self.rows))]
        return Instances(
            self.rows,
            np.array([self._kinds[instance.kind].is_mutual for instance in self.rows], bool),
            np.array([entry[0] for entry in entries], np.int64),
            np.array([entry[1] for entry in entries], np.int64),
            np.array([entry[2] for entry in entries], np.float64),
            counts_in=_columns(of_instance, -1).astype(np.int64),
            counted=_columns([[entry[1] for entry in found] for found in of_channel], NEVER).astype(np.int64),
            counted_score=_columns([[entry[2] for entry in found] for found in of_channel], 0.0),
        )


def _columns(found: Sequence[Sequence[float]], filler: float) -> Floats:
    """Lists of different lengths as the columns of a table."""
    longest = max((len(each) for each in found), default=0)
    table = np.full((longest, len(found)), filler)
    for column, each in enumerate(found):
        table[: len(each), column] = each
    return table
