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
class Neighbours:
    """The nth neighbour of every channel, where it has so many: a row of some table, shape (channel,).

    exists : 1 where there is one, else 0, and `row` and `tie` hold a row that does no harm; shape (channel, 1).
    tie : row of the numbers that stand between the channel's actor and the neighbour. back : of a neighbour that is a
    pair, the opposite one.
    """

    exists: Floats
    row: Ints
    tie: Ints
    back: Ints


@dataclass(frozen=True, slots=True)
class Channels:
    """All channels of a world, with the indices that connect them; each of shape (channel,).

    actor, target, issue : indices of names. pair : index of the directed pair in `pairs`, whose opposite is
    `opposite[pair]`; `back` is that of each channel's pair. mirror : the channel of the answer. twin : the other track,
    or the channel itself where it has none (`has_twin` False). others : for linkage, 1 / (number of other issues of the
    pair on that track), 0 where there is none. is_political : as 0/1, shape (channel, 1).
    siblings : every (row of i -> l, row of i -> j) with l other than j; rows of `pairs`. linked : the mirror
    channels of the pair's other issues on the track (row of channels). thirds : of i -> j, every j -> l with l neither
    i nor j (row of `pairs`; tie (i, l) counts `i * actors + l`). patrons : of i -> l, every i -> j with j other than l
    (row of `pairs`; tie (i, j, l) counts likewise). dossier : row of each channel's two actors, in either order, and
    issue; `dossiers` holds one channel of each.
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
    back: Ints
    siblings: Ints
    linked: tuple[Neighbours, ...]
    thirds: tuple[Neighbours, ...]
    patrons: tuple[Neighbours, ...]
    dossier: Ints
    dossiers: Ints
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
    pair = np.array([pairs.index((c.actor, c.target)) for c in rows], np.int64)
    opposite = np.array([pairs.index((b, a)) for a, b in pairs], np.int64)
    linked = [[where[c.mirror] for c in rows if _is_linked(c, own)] for own in rows]
    dossiers = [(frozenset((c.actor, c.target)), c.issue) for c in rows]
    distinct = list(dict.fromkeys(dossiers))
    political = np.array([[float(c.track == "political")] for c in rows])
    return Channels(
        rows=rows,
        pairs=pairs,
        actor=np.array([actors.index(c.actor) for c in rows], np.int64),
        target=np.array([actors.index(c.target) for c in rows], np.int64),
        issue=np.array([issues.index(c.issue) for c in rows], np.int64),
        pair=pair,
        pair_actor=np.array([actors.index(a) for a, _ in pairs], np.int64),
        pair_target=np.array([actors.index(b) for _, b in pairs], np.int64),
        opposite=opposite,
        mirror=np.array([where[c.mirror] for c in rows], np.int64),
        twin=np.array([where.get(c.twin, where[c]) for c in rows], np.int64),
        has_twin=np.array([[float(c.twin in where)] for c in rows]),
        back=opposite[pair],
        siblings=_siblings(pairs),
        linked=_padded([[(row, 0) for row in found] for found in linked]),
        thirds=_padded([_thirds(c, pairs, actors) for c in rows]),
        patrons=_padded([_patrons(c, pairs, actors) for c in rows], opposite),
        dossier=np.array([distinct.index(one) for one in dossiers], np.int64),
        dossiers=np.array([dossiers.index(one) for one in distinct], np.int64),
        others=np.array([[1.0 / len(found) if found else 0.0] for found in linked]),
        is_political=political,
        is_technical=1.0 - political,
        streams=tuple(stream_of(c.name) for c in rows),
    )


def _is_linked(one: Channel, own: Channel) -> bool:
    """Whether a channel is of the same pair and track, on another issue."""
    return (one.actor, one.target, one.track) == (own.actor, own.target, own.track) and one.issue != own.issue


def _thirds(own: Channel, pairs: Sequence[tuple[str, str]], actors: Sequence[str]) -> list[tuple[int, int]]:
    tie = actors.index(own.actor) * len(actors)
    return [
        (leg, tie + actors.index(third))
        for leg, (start, third) in enumerate(pairs)
        if start == own.target and third != own.actor
    ]


def _patrons(own: Channel, pairs: Sequence[tuple[str, str]], actors: Sequence[str]) -> list[tuple[int, int]]:
    actor, partner, count = actors.index(own.actor), actors.index(own.target), len(actors)
    return [
        (row, (actor * count + actors.index(patron)) * count + partner)
        for row, (start, patron) in enumerate(pairs)
        if start == own.actor and patron != own.target
    ]


def _padded(found: Sequence[Sequence[tuple[int, int]]], opposite: Ints | None = None) -> tuple[Neighbours, ...]:
    """The first neighbour of every channel, the second, and so on."""

    def nth(place: int) -> Neighbours:
        here = [each[place] if len(each) > place else (0, 0) for each in found]
        row, tie = (np.array(column, np.int64) for column in zip(*here, strict=True))
        exists = np.array([[float(len(each) > place)] for each in found])
        return Neighbours(exists, row, tie, row if opposite is None else opposite[row])

    return tuple(nth(place) for place in range(max((len(each) for each in found), default=0)))


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
