"""Channels: the lines of the actors' agendas, one row of every array each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensionsim.model.catalogue import Arrangement, Move, answers, matters
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
    def place(self) -> tuple[str, str, str]:
        return self.actor, self.target, self.issue

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

    def __init__(self, rows: Sequence[Channel], actors: Sequence[str], issues: Sequence[str]) -> None:
        self.rows = rows = tuple(rows)
        self._row = where = {channel: row for row, channel in enumerate(rows)}
        self.pairs = pairs = tuple(dict.fromkeys((channel.actor, channel.target) for channel in rows))
        self.pair = np.array([pairs.index((c.actor, c.target)) for c in rows], np.int64)
        self.opposite = np.array([pairs.index((b, a)) for a, b in pairs], np.int64)
        number, count = {name: row for row, name in enumerate(actors)}, len(actors)
        linked = [
            [
                where[c.mirror]
                for c in rows
                if (c.actor, c.target, c.track) == (own.actor, own.target, own.track) and c.issue != own.issue
            ]
            for own in rows
        ]
        thirds = [
            [
                (leg, number[c.actor] * count + number[third])
                for leg, (start, third) in enumerate(pairs)
                if start == c.target and third != c.actor
            ]
            for c in rows
        ]
        patrons = [
            [
                (row, (number[c.actor] * count + number[patron]) * count + number[c.target])
                for row, (start, patron) in enumerate(pairs)
                if start == c.actor and patron != c.target
            ]
            for c in rows
        ]
        siblings = [(p, q) for p, a in enumerate(pairs) for q, b in enumerate(pairs) if a[0] == b[0] and p != q]
        dossiers = [(frozenset((c.actor, c.target)), c.issue) for c in rows]
        distinct = list(dict.fromkeys(dossiers))
        self.actor = np.array([number[c.actor] for c in rows], np.int64)
        self.target = np.array([number[c.target] for c in rows], np.int64)
        self.issue = np.array([issues.index(c.issue) for c in rows], np.int64)
        self.pair_actor = np.array([number[a] for a, _ in pairs], np.int64)
        self.pair_target = np.array([number[b] for _, b in pairs], np.int64)
        self.mirror = np.array([where[c.mirror] for c in rows], np.int64)
        self.twin = np.array([where.get(c.twin, where[c]) for c in rows], np.int64)
        self.has_twin = np.array([[float(c.twin in where)] for c in rows])
        self.back = self.opposite[self.pair]
        self.siblings = np.array(siblings, np.int64).reshape(-1, 2)
        self.linked = _padded([[(row, 0) for row in found] for found in linked])
        self.thirds = _padded(thirds)
        self.patrons = _padded(patrons, self.opposite)
        self.dossier = np.array([distinct.index(one) for one in dossiers], np.int64)
        self.dossiers = np.array([dossiers.index(one) for one in distinct], np.int64)
        self.others = np.array([[1.0 / len(found) if found else 0.0] for found in linked])
        self.is_political = np.array([[float(c.track == "political")] for c in rows])
        self.is_technical = 1.0 - self.is_political
        self.streams = tuple(stream_of(c.name) for c in rows)
        for one in vars(self).values():
            if isinstance(one, np.ndarray):
                one.flags.writeable = False

    def __len__(self) -> int:
        return len(self.rows)

    def index(self, channel: Channel) -> int:
        """Row of a channel; KeyError where the world has none such."""
        try:
            return self._row[channel]
        except KeyError:
            raise KeyError(channel.name) from None


def _padded(found: Sequence[Sequence[tuple[int, int]]], opposite: Ints | None = None) -> tuple[Neighbours, ...]:
    """The first neighbour of every channel, the second, and so on."""
    all_of_them = []
    for place in range(max((len(each) for each in found), default=0)):
        here = [each[place] if len(each) > place else (0, 0) for each in found]
        row, tie = (np.array(column, np.int64) for column in zip(*here, strict=True))
        exists = np.array([[float(len(each) > place)] for each in found])
        all_of_them.append(Neighbours(exists, row, tie, row if opposite is None else opposite[row]))
    return tuple(all_of_them)


def sum_by(values: Floats, group: Ints, groups: int) -> Floats:
    """Sums of rows by group, shape (group, ..., run), in the order of rows, to the same bit for any number of runs."""
    if values.shape[1:] == (1,):
        return np.asarray(np.bincount(group, values[:, 0], groups), np.float64)[:, None]
    sums = np.zeros((groups, *values.shape[1:]))
    for row, index in enumerate(group.tolist()):
        sums[index] += values[row]
    return sums


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


class Registry:
    """Finds or makes the instance that a move in a channel begins or ends."""

    def __init__(self, kinds: Mapping[str, Arrangement]) -> None:
        self.kinds = kinds
        self._rows: dict[Instance, int] = {}

    def instance(self, kind: str, actor: str, target: str, issue: str) -> int | None:
        """Row of the instance that `actor` holds towards `target`; None where the kind doesn't admit them."""
        held = self.kinds[kind].held_by(actor, target, issue)
        return None if held is None else self._rows.setdefault(Instance(kind, *held), len(self._rows))

    def held_between(self, kind: str, actor: str, target: str, issue: str) -> int | None:
        """Row of the instance that `actor` may end: its own, or one that binds it."""
        own = self.instance(kind, actor, target, issue)
        return own if own is not None else self.instance(kind, target, actor, issue)

    def between(self, kinds: Sequence[str], actor: str, target: str) -> list[int]:
        """Rows of what `actor` may hold towards `target`, or both of them together, on any issue."""
        return [
            row
            for row, one in enumerate(self._rows)
            if one.kind in kinds
            and (
                (one.actor, one.target) == (actor, target)
                or (self.kinds[one.kind].is_mutual and {one.actor, one.target} == {actor, target})
            )
        ]

    @property
    def rows(self) -> tuple[Instance, ...]:
        return tuple(self._rows)


class Instances:
    """All instances of a world, with the channels in which they count; those of no channel count nowhere.

    `channel[e]`, `instance[e]`, `score[e]` : one entry e for each channel in which an instance counts (two for a
    mutual one); score is in conduct units (Goldstein / 10) while in force. `is_mutual` : one entry an instance.
    `counts_in` : channels in which each instance counts, shape (nth, instance), -1 where there are fewer. `counted`,
    `counted_score` : the entries of each channel in their order, shape (nth, channel): rows of `in_force` and their
    scores, where there are fewer the row that is never in force and 0.
    """

    def __init__(self, registry: Registry, channels: Channels) -> None:
        self.rows = registry.rows
        kinds = [registry.kinds[instance.kind] for instance in self.rows]
        where = {channel: row for row, channel in enumerate(channels.rows)}
        entries: list[tuple[int, int, float]] = []
        for row, (instance, kind) in enumerate(zip(self.rows, kinds, strict=True)):
            places = [Channel(instance.actor, instance.target, instance.issue, kind.track)]
            places += [places[0].mirror] if kind.is_mutual else []
            entries += [(where[place], row, kind.score / 10.0) for place in places if place in where]
        of_channel = [[entry for entry in entries if entry[0] == row] for row in range(len(channels))]
        of_instance = [[entry[0] for entry in entries if entry[1] == row] for row in range(len(self.rows))]
        self.is_mutual = np.array([kind.is_mutual for kind in kinds], bool)
        self.channel = np.array([entry[0] for entry in entries], np.int64)
        self.instance = np.array([entry[1] for entry in entries], np.int64)
        self.score = np.array([entry[2] for entry in entries], np.float64)
        self.counts_in = _columns(of_instance, -1).astype(np.int64)
        self.counted = _columns([[entry[1] for entry in found] for found in of_channel], NEVER).astype(np.int64)
        self.counted_score = _columns([[entry[2] for entry in found] for found in of_channel], 0.0)

    def __len__(self) -> int:
        return len(self.rows)


def _columns(found: Sequence[Sequence[float]], filler: float) -> Floats:
    """Lists of different lengths as the columns of a table."""
    longest = max((len(each) for each in found), default=0)
    table = np.full((longest, len(found)), filler)
    for column, each in enumerate(found):
        table[: len(each), column] = each
    return table


KINDS = FRIENDLY, HARSH_WORD, HARSH_DEED = range(3)
"""Kinds of moves that an actor weighs by different tastes; see `tensionsim.model.choice.tastes`."""

QUADS = ("verbal_conflict", "material_cooperation", "material_conflict")
"""Classes of moves whose odds, against those of verbal cooperation, are attributes of each actor."""

WAYS = tuple(answers())
"""Ways of answering: the rows of `data/answers.csv`."""


class Matters:
    """What may stand open: a kind of matter on a line, which is what one actor raises with another on an issue.

    `State.matters` has a row for each kind and line, `kind * lines + line`, and like `in_force` two more: one that is
    never and one that is always open. lines : their number. line : in each channel that of the other side, and the
    actor's own, shape (2, channel). half_life : of every row, in months, shape (row, 1). raised, presupposed, settled :
    codes of matters by move, shape (nth, move index): `kind` for one of the other side, `kind + kinds` for one of one's
    own; `NEVER` where there are fewer, `ALWAYS` for a move that presupposes none. row : of `State.matters` that a code
    means in a channel, shape (code, channel), the last two for `NEVER` and `ALWAYS`. facing : rows that every way of
    answering answers in each channel, each (channel,). touched : entries of the menus that presuppose each row, shape
    (row, nth), -1 where there are fewer. stirs : whether a move raises or settles anything, shape (move index,).
    """

    def __init__(self, channels: Sequence[Channel], moves: Sequence[Move], menus: Sequence[Sequence[int]]) -> None:
        kinds, lines = matters(), list(dict.fromkeys((one.actor, one.target, one.issue) for one in channels))
        self.names, self.lines = tuple(kinds), len(lines)
        theirs = [lines.index((one.target, one.actor, one.issue)) for one in channels]
        self.line = np.array([theirs, [lines.index(one.place) for one in channels]], np.int64)
        self.half_life = np.repeat([one.half_life for one in kinds.values()], len(lines))[:, None]
        real = np.arange(len(kinds))[:, None] * len(lines) + self.line[:, None]
        self.row = np.concatenate([*real, *np.broadcast_to([[[NEVER]], [[ALWAYS]]], (2, 1, len(channels)))])

        def codes(given: Iterable[tuple[str, bool]]) -> list[int]:
            return [self.names.index(name) + len(self.names) * is_own for name, is_own in given]

        def table(found: Iterable[Sequence[int]]) -> Ints:
            return _columns(list(found), NEVER).astype(np.int64)

        presupposed = (
            codes([*((name, False) for name in one.presupposes), *((name, True) for name in one.withdraws)])
            for one in moves
        )
        self.raised = table(codes((name, True) for name in one.raises) for one in moves)
        self.presupposed = table(each or [ALWAYS] for each in presupposed)
        self.settled = table(codes(one.settles) for one in moves)
        self.stirs = np.array([bool(one.raises or one.settles) for one in moves], bool)
        self.facing = tuple(
            tuple(self.row[code] for code in codes((name, way.is_own) for name in way.matters))
            for way in answers().values()
        )
        slots, touched = max(1, *map(len, menus)), [list[float]() for _ in range(len(self))]
        for column, menu in enumerate(menus):
            for slot, index in enumerate(menu):
                code = self.presupposed[:, index]
                for row in self.row[code[code >= 0], column].tolist():
                    touched[row].append(column * slots + slot)
        self.touched = _columns(touched, -1).T.astype(np.int64)

    def __len__(self) -> int:
        return len(self.names) * self.lines

    def stir(self, fresh: Floats, move: Ints, channel: Ints, run: Ints) -> tuple[Ints, Ints]:
        """Closes what moves answer for good, then opens what they raise; gives rows and runs of what was not so."""
        changed = []
        for codes, value in ((self.settled, 0.0), (self.raised, 1.0)):
            for code in codes[:, move]:
                real = np.flatnonzero(code >= 0)
                row, of = self.row[code[real], channel[real]], run[real]
                is_new = (fresh[row, of] > 0.0) != bool(value)
                fresh[row, of] = value
                changed.append((row[is_new], of[is_new]))
        rows, runs = (np.concatenate(parts) for parts in zip(*changed, strict=True))
        return rows, runs


class Menus:
    """What can be made where. Arrays of shape (slot, channel), padded with log frequency -inf.

    names : of all moves, in the order of `move`'s indices. score : Goldstein / 10. hostile_material :
    max(0, -score) of material moves. begins, ends : shape (nth, move index, channel), rows of `in_force`,
    which carries two more rows than there are instances: one that is never and one that is always in force.
    move_score, is_material : shape (move index,). is_open : 1 for channels with anything on the menu, else 0, shape
    (channel, 1). kind, quad, way : row of each entry's taste (friendly, harsh word, harsh deed), class (`QUADS`) and
    way in which it answers (`WAYS`), -1 for none. bars : rows of `in_force` that make a move impossible, like `begins`.
    touched : of each row of `in_force`, the entries of the menus whose moves begin or end it or are barred by it, as
    `channel * slots + slot`, shape (row, nth), -1 where there are fewer. is_lasting : whether a move in a channel
    begins or ends anything, shape (move index, channel). slot_of : entry of every move on every menu, -1 where it is
    not on it, shape (move index, channel).
    """

    def __init__(
        self,
        channels: Sequence[Channel],
        moves: Mapping[str, Move],
        repertoires: Mapping[str, Sequence[str] | None],
        registry: Registry,
    ) -> None:
        entries, shape = tuple(moves.values()), (len(moves), len(channels))

        @cache
        def effects(index: int, column: int) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
            """Rows that a move would begin and end in a channel; None for what cannot exist between the two there."""
            place = channels[column].place
            return (
                tuple(registry.instance(kind, *place) for kind in entries[index].begins),
                tuple(registry.held_between(kind, *place) for kind in entries[index].ends),
            )

        menus = _menus(channels, entries, repertoires, effects)
        lasting = {  # channel by channel, as rows are numbered in the order in which they are asked for
            (index, column): effects(index, column)
            for column, channel in enumerate(channels)
            for index, one in enumerate(entries)
            if (one.begins or one.ends) and one.can_be_made(*channel.place)
        }
        between = cache(registry.between)
        barred = {
            (index, column): between(one.barred_by, channel.actor, channel.target)
            for index, one in enumerate(entries)
            if one.barred_by
            for column, channel in enumerate(channels)
        }
        self.begins = _by_place({place: rows for place, (rows, _) in lasting.items()}, shape, ALWAYS, NEVER)
        self.ends = _by_place({place: rows for place, (_, rows) in lasting.items()}, shape, NEVER, ALWAYS)
        self.bars = _by_place(barred, shape, NEVER, NEVER)
        slots = max(1, *map(len, menus))
        on_menu, slot_of = np.full((slots, len(channels)), -1, np.int64), np.full(shape, -1, np.int64)
        touched: list[list[int]] = [[] for _ in registry.rows]
        for column, menu in enumerate(menus):
            on_menu[: len(menu), column] = menu
            slot_of[menu, column] = np.arange(len(menu))
            for slot, index in enumerate(menu):
                changed = {row for row in chain(*effects(index, column)) if row is not None}
                for row in changed.union(barred.get((index, column), ())):
                    touched[row].append(column * slots + slot)

        def by_slot(of_move: Sequence[float], filler: float) -> Floats:
            return np.where(on_menu >= 0, np.array(of_move, np.float64)[on_menu], filler)

        score = [one.goldstein / 10.0 for one in entries]
        names = [f"{one.kind}_{'conflict' if one.goldstein < 0 else 'cooperation'}" for one in entries]
        self.quad = by_slot([QUADS.index(name) if name in QUADS else -1 for name in names], -1).astype(np.int64)
        self.way = by_slot([WAYS.index(one.answers) if one.answers else -1 for one in entries], -1).astype(np.int64)
        kinds = [FRIENDLY if one.goldstein > 0 else HARSH_DEED if one.is_material else HARSH_WORD for one in entries]
        self.kind = by_slot(kinds, -1).astype(np.int64)
        self.names = tuple(moves)
        self.size = np.array([len(menu) for menu in menus], np.int64)
        self.move = np.maximum(on_menu, 0)
        self.score = by_slot(score, 0.0)
        self.hostile_material = by_slot([max(0.0, -one.goldstein / 10.0) * one.is_material for one in entries], 0.0)
        self.log_frequency = by_slot([math.log(one.frequency) for one in entries], -np.inf)
        self.move_score = np.array(score)
        self.is_material = np.array([float(one.is_material) for one in entries])
        self.is_open = np.array([[float(bool(menu))] for menu in menus])
        self.touched = _columns(touched, -1).T.astype(np.int64)
        self.is_lasting = np.logical_or.reduce((self.begins >= 0) | (self.ends >= 0))
        self.slot_of = slot_of
        self.matters = Matters(channels, entries, menus)

    @cached_property
    def columns(self) -> list[tuple[NDArray[Any], ...]]:
        """Each channel's kind, score, quad, way and log frequency, without padding; numbers of shape (slot, 1)."""
        tables = (self.kind, self.score[..., None], self.quad, self.way, self.log_frequency[..., None])
        return [tuple(table[:size, row].copy() for table in tables) for row, size in enumerate(self.size.tolist())]

    @property
    def slots(self) -> int:
        """Slots of the longest menu."""
        return int(self.move.shape[0])


def _by_place(
    found: Mapping[tuple[int, int], Sequence[int | None]], shape: tuple[int, int], filler: int, usual: int
) -> Ints:
    """Rows of `in_force` by move and channel, shape (nth, move, channel); `usual` where there are none."""
    rows = np.full((max([1, *map(len, found.values())]), *shape), filler)
    rows[0] = usual
    for place, known in found.items():
        for nth in (nth for nth, row in enumerate(known) if row is not None):
            rows[(nth, *place)] = known[nth]
    return rows


def _menus(
    channels: Sequence[Channel],
    entries: Sequence[Move],
    repertoires: Mapping[str, Sequence[str] | None],
    effects: Callable[[int, int], tuple[tuple[int | None, ...], ...]],
) -> list[list[int]]:
    """Rows of the moves on each channel's menu."""
    menus = [
        [
            row
            for row, one in enumerate(entries)
            if (names is None or one.name in names)
            and one.track == channel.track
            and one.can_be_made(*channel.place)
            and None not in chain(*effects(row, column))
        ]
        for column, channel in enumerate(channels)
        for names in (repertoires.get(channel.actor),)
    ]
    others: dict[tuple[str, str], list[Move]] = {}
    for channel, menu in zip(channels, menus, strict=True):
        others.setdefault((channel.target, channel.actor), []).extend(entries[row] for row in menu)
    actors = len({actor for _, actor in others})
    return [
        sorted(
            (row for row in menu if entries[row].has_partner(actors, others.get((one.actor, one.target), ()))),
            key=lambda row: (entries[row].goldstein, entries[row].name),
        )
        for one, menu in zip(channels, menus, strict=True)
    ]
