"""Channels: the lines of the actors' agendas, one row of every array each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensionsim.rng import stream_of

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

TRACKS = ("political", "technical")


@dataclass(frozen=True, slots=True, order=True)
class Channel:
    """Actor -> target, on an issue, on a track."""

    actor: str
    target: str
    issue: str
    track: str

    @property
    def name(self) -> str:
        return f"{self.actor} -> {self.target} | {self.issue} | {self.track}"

    @property
    def mirror(self) -> Channel:
        return Channel(self.target, self.actor, self.issue, self.track)

    @property
    def twin(self) -> Channel:
        return Channel(self.actor, self.target, self.issue, "technical" if self.track == "political" else "political")


@dataclass(frozen=True, slots=True)
class Channels:
    """All channels of a world, with the indices that connect them; each of shape (channel,).

    actor, target, issue : indices of names. pair : index of the directed pair in `pairs`, whose
    opposite is `opposite[pair]`. mirror : the channel of the answer. twin : the other track, or the
    channel itself where it has none (`has_twin` False). others : for linkage, 1 / (number of other
    issues of the pair on that track), 0 where there is none. is_political : as 0/1, shape (channel, 1).
    triangles : every (row of i -> j, index of l, row of j -> l) with l neither i nor j. siblings : every (row of
    i -> l, row of i -> j) with l other than j; rows of `pairs`.
    """

    rows: tuple[Channel, ...]
    pairs: tuple[tuple[str, str], ...]
    actor: Ints
    target: Ints
    issue: Ints
    pair: Ints
    pair_actor: Ints
    pair_target: Ints
    opposite: Ints
    mirror: Ints
    twin: Ints
    has_twin: Floats
    triangles: Ints
    siblings: Ints
    agenda: Ints
    agendas: int
    others: Floats
    is_political: Floats
    is_technical: Floats
    streams: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def index(self, channel: Channel) -> int:
        """Row of a channel; KeyError where the world has none such."""
        try:
            return self.rows.index(channel)
        except ValueError:
            raise KeyError(channel.name) from None


def connect(rows: Sequence[Channel], actors: Sequence[str], issues: Sequence[str]) -> Channels:
    """The channels with their indices. Every channel's mirror must be among `rows`."""
    rows = tuple(rows)
    where = {channel: row for row, channel in enumerate(rows)}
    pairs = tuple(dict.fromkeys((channel.actor, channel.target) for channel in rows))
    agendas = tuple(dict.fromkeys((channel.actor, channel.target, channel.track) for channel in rows))
    agenda = np.array([agendas.index((c.actor, c.target, c.track)) for c in rows], np.int64)
    sizes = np.bincount(agenda, minlength=len(agendas))[agenda]
    political = np.array([[float(c.track == "political")] for c in rows])
    return Channels(
        rows=rows,
        pairs=pairs,
        actor=np.array([actors.index(c.actor) for c in rows], np.int64),
        target=np.array([actors.index(c.target) for c in rows], np.int64),
        issue=np.array([issues.index(c.issue) for c in rows], np.int64),
        pair=np.array([pairs.index((c.actor, c.target)) for c in rows], np.int64),
        pair_actor=np.array([actors.index(a) for a, _ in pairs], np.int64),
        pair_target=np.array([actors.index(b) for _, b in pairs], np.int64),
        opposite=np.array([pairs.index((b, a)) for a, b in pairs], np.int64),
        mirror=np.array([where[c.mirror] for c in rows], np.int64),
        twin=np.array([where.get(c.twin, where[c]) for c in rows], np.int64),
        has_twin=np.array([[float(c.twin in where)] for c in rows]),
        triangles=_triangles(pairs, actors),
        siblings=_siblings(pairs),
        agenda=agenda,
        agendas=len(agendas),
        others=np.array([[1.0 / (size - 1) if size > 1 else 0.0] for size in sizes]),
        is_political=political,
        is_technical=1.0 - political,
        streams=tuple(stream_of(c.name) for c in rows),
    )


def _triangles(pairs: Sequence[tuple[str, str]], actors: Sequence[str]) -> Ints:
    found = [
        (row, actors.index(third), leg)
        for row, (actor, target) in enumerate(pairs)
        for leg, (start, third) in enumerate(pairs)
        if start == target and third != actor
    ]
    return np.array(found, np.int64).reshape(-1, 3)


def _siblings(pairs: Sequence[tuple[str, str]]) -> Ints:
    found = [(p, q) for p, a in enumerate(pairs) for q, b in enumerate(pairs) if a[0] == b[0] and p != q]
    return np.array(found, np.int64).reshape(-1, 2)


def sum_by(values: Floats, group: Ints, groups: int) -> Floats:
    """Sums of rows by group, shape (group, ..., run): added in the order of rows, whatever the number of runs.

    NumPy's own reductions may change their order of addition with the number of runs, and so the last bit.
    """
    if values.shape[1:] == (1,):
        return np.asarray(np.bincount(group, values[:, 0], groups), np.float64)[:, None]
    sums = np.zeros((groups, *values.shape[1:]))
    for row, index in enumerate(group.tolist()):
        sums[index] += values[row]
    return sums
