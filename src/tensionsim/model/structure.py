"""Channels: the lines of the actors' agendas, one row of every array each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import chain

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

    def __post_init__(self) -> None:
        for one in (getattr(self, field.name) for field in fields(self)):
            if isinstance(one, np.ndarray):
                one.flags.writeable = False

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
    political = np.array([[float(c.track == "political")] for c in rows])
    return Channels(
        rows=rows,
        pairs=pairs,
        actor=np.array([number[c.actor] for c in rows], np.int64),
        target=np.array([number[c.target] for c in rows], np.int64),
        issue=np.array([issues.index(c.issue) for c in rows], np.int64),
        pair=pair,
        pair_actor=np.array([number[a] for a, _ in pairs], np.int64),
        pair_target=np.array([number[b] for _, b in pairs], np.int64),
        opposite=opposite,
        mirror=np.array([where[c.mirror] for c in rows], np.int64),
        twin=np.array([where.get(c.twin, where[c]) for c in rows], np.int64),
        has_twin=np.array([[float(c.twin in where)] for c in rows]),
        back=opposite[pair],
        siblings=np.array(siblings, np.int64).reshape(-1, 2),
        linked=_padded([[(row, 0) for row in found] for found in linked]),
        thirds=_padded(thirds),
        patrons=_padded(patrons, opposite),
        dossier=np.array([distinct.index(one) for one in dossiers], np.int64),
        dossiers=np.array([dossiers.index(one) for one in distinct], np.int64),
        others=np.array([[1.0 / len(found) if found else 0.0] for found in linked]),
        is_political=political,
        is_technical=1.0 - political,
        streams=tuple(stream_of(c.name) for c in rows),
    )


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
    """Sums of rows by group, shape (group, ..., run): added in the order of rows, whatever the number of runs.

    NumPy's own reductions may change their order of addition with the number of runs, and so the last bit.
    """
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

    def between(self, kinds: Sequence[str], actor: str, target: str) -> list[int]:
        """Rows of what `actor` may hold towards `target`, or both of them together, on any issue."""
        return [
            row
            for row, one in enumerate(self._rows)
            if one.kind in kinds
            and (
                (one.actor, one.target) == (actor, target)
                or (self._kinds[one.kind].is_mutual and {one.actor, one.target} == {actor, target})
            )
        ]

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


KINDS = FRIENDLY, HARSH_WORD, HARSH_DEED = range(3)
"""Kinds of moves that an actor weighs by different tastes; see `tensionsim.model.choice.tastes`."""

QUADS = ("verbal_conflict", "material_cooperation", "material_conflict")
"""Classes of moves whose odds, against those of verbal cooperation, are attributes of each actor."""

WAYS = tuple(answers())
"""Ways of answering: the rows of `data/answers.csv`."""


@dataclass(frozen=True, slots=True)
class Matters:
    """What may stand open: a kind of matter on a line, which is what one actor raises with another on an issue.

    `State.matters` has a row for each kind and line, `kind * lines + line`, and like `in_force` two more: one that is
    never and one that is always open. lines : their number. line : in each channel that of the other side, and the
    actor's own, shape (2, channel). half_life : of every row, in months, shape (row, 1). raised, presupposed, settled :
    codes of matters by move, shape (nth, move index): `kind` for one of the other side, `kind + kinds` for one of one's
    own; `NEVER` where there are fewer, `ALWAYS` for a move that presupposes none. facing : rows that every way of
    answering answers in each channel, each (channel,). touched : entries of the menus that presuppose each row, shape
    (row, nth), -1 where there are fewer. stirs : whether a move raises or settles anything, shape (move index,).
    """

    names: tuple[str, ...]
    lines: int
    line: Ints
    half_life: Floats
    raised: Ints
    presupposed: Ints
    settled: Ints
    facing: tuple[tuple[Ints, ...], ...]
    touched: Ints
    stirs: Bools

    def __len__(self) -> int:
        return len(self.names) * self.lines

    def rows(self, code: Ints, channel: int | Ints) -> Ints:
        """Rows of `State.matters` that codes mean in channels; both may be rows of as many places."""
        whose, kind = np.divmod(code, len(self.names))
        found: Ints = np.where(code < 0, code, kind * self.lines + self.line[np.clip(whose, 0, 1), channel])
        return found

    def stir(self, fresh: Floats, move: Ints, channel: Ints, run: Ints) -> tuple[Ints, Ints]:
        """Closes what moves answer for good, and then opens what they raise; gives the rows and runs of `fresh`."""
        changed = []
        for codes, value in ((self.settled, 0.0), (self.raised, 1.0)):
            for code in codes[:, move]:
                real = np.flatnonzero(code >= 0)
                changed.append((self.rows(code[real], channel[real]), run[real]))
                fresh[changed[-1]] = value
        row, runs = (np.concatenate(parts) for parts in zip(*changed, strict=True))
        return row, runs


@dataclass(frozen=True, slots=True)
class Menus:
    """What can be made where. Arrays of shape (slot, channel), padded with log frequency -inf.

    names : of all moves, in the order of `move`'s indices. score : Goldstein / 10. hostile_material :
    max(0, -score) of material moves. begins, ends : shape (nth, move index, channel), rows of `in_force`,
    which carries two more rows than there are instances: one that is never and one that is always in force.
    move_score, is_material : shape (move index,). is_open : 1 for channels with anything on the menu, else 0, shape
    (channel, 1). scores : of each channel, the score of every slot in the column of its kind (friendly, harsh word,
    harsh deed) and 0 in the others, shape (slot, 3). quads, ways : likewise 1 in the column of its class (`QUADS`) and
    of the way in which it answers (`WAYS`). log_frequencies : of each channel, shape (slot, 1). bars : rows of
    `in_force` that make a move impossible, like `begins`. touched : of each row of `in_force`, the entries of the menus
    whose moves begin or end it or are barred by it, as `channel * slots + slot`, shape (row, nth), -1 where there are
    fewer. is_lasting : whether a move in a channel begins or ends anything, shape (move index, channel). quad, way :
    row of each entry's class and way, -1 for none.
    slot_of : entry of every move on every menu, -1 where it is not on it, shape (move index, channel).
    """

    names: tuple[str, ...]
    size: Ints
    move: Ints
    score: Floats
    hostile_material: Floats
    log_frequency: Floats
    begins: Ints
    ends: Ints
    move_score: Floats
    is_material: Floats
    is_open: Floats
    scores: tuple[Floats, ...]
    quads: tuple[Floats, ...]
    ways: tuple[Floats, ...]
    log_frequencies: tuple[Floats, ...]
    bars: Ints
    touched: Ints
    is_lasting: Bools
    quad: Ints
    way: Ints
    slot_of: Ints
    matters: Matters

    @property
    def slots(self) -> int:
        """Slots of the longest menu."""
        return int(self.move.shape[0])


def compose(
    channels: Sequence[Channel],
    moves: Mapping[str, Move],
    repertoires: Mapping[str, Sequence[str] | None],
    registry: Registry,
) -> Menus:
    """The menus of all channels, by score, then name, without moves that lack their partner.

    `repertoires` narrows an actor's moves; None leaves all of them.
    """
    entries = tuple(moves.values())

    @cache
    def effects(index: int, column: int) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
        """Rows that a move would begin and end in a channel; None for what cannot exist between the two there."""
        place = channels[column].place
        return (
            tuple(registry.instance(kind, *place) for kind in entries[index].begins),
            tuple(registry.held_between(kind, *place) for kind in entries[index].ends),
        )

    menus = _menus(channels, entries, repertoires, effects)
    begins, ends = _effects(channels, entries, effects)
    between = cache(registry.between)
    barred = {
        (index, column): between(one.barred_by, channel.actor, channel.target)
        for column, channel in enumerate(channels)
        for index, one in enumerate(entries)
        if one.barred_by
    }
    bars = np.full((max([1, *map(len, barred.values())]), len(entries), len(channels)), NEVER)
    for (index, column), rows in barred.items():
        bars[: len(rows), index, column] = rows
    slots = max(1, *map(len, menus))
    on_menu, slot_of = np.full((slots, len(channels)), -1, np.int64), np.full(bars.shape[1:], -1, np.int64)
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
    quad = by_slot([QUADS.index(name) if name in QUADS else -1 for name in names], -1).astype(np.int64)
    way = by_slot([WAYS.index(one.answers) if one.answers else -1 for one in entries], -1).astype(np.int64)
    kinds = [FRIENDLY if one.goldstein > 0 else HARSH_DEED if one.is_material else HARSH_WORD for one in entries]
    kind = by_slot(kinds, -1).astype(np.int64)
    log_frequency = by_slot([math.log(one.frequency) for one in entries], -np.inf)
    return Menus(
        names=tuple(moves),
        size=np.array([len(menu) for menu in menus], np.int64),
        move=np.maximum(on_menu, 0),
        score=by_slot(score, 0.0),
        hostile_material=by_slot([max(0.0, -one.goldstein / 10.0) * one.is_material for one in entries], 0.0),
        log_frequency=log_frequency,
        begins=begins,
        ends=ends,
        move_score=np.array(score),
        is_material=np.array([float(one.is_material) for one in entries]),
        is_open=np.array([[float(bool(menu))] for menu in menus]),
        scores=_marks(kind, menus, len(KINDS), by_slot(score, 0.0)),
        quads=_marks(quad, menus, len(QUADS)),
        ways=_marks(way, menus, len(WAYS)),
        log_frequencies=tuple(log_frequency[: len(menu), [row]] for row, menu in enumerate(menus)),
        bars=bars,
        touched=_columns(touched, -1).T.astype(np.int64),
        is_lasting=np.logical_or.reduce((begins >= 0) | (ends >= 0)),
        quad=quad,
        way=way,
        slot_of=slot_of,
        matters=_matters(channels, entries, menus),
    )


Effects = Callable[[int, int], tuple[tuple[int | None, ...], tuple[int | None, ...]]]


def _effects(channels: Sequence[Channel], entries: Sequence[Move], effects: Effects) -> tuple[Ints, Ints]:
    """Rows that each move begins and ends in each channel; those that are never and always in force stand for none."""
    most = max([1, *(max(len(one.begins), len(one.ends)) for one in entries)])
    tables = [np.full((most, len(entries), len(channels)), filler, np.int64) for filler in (ALWAYS, NEVER)]
    tables[0][0], tables[1][0] = NEVER, ALWAYS
    for column, channel in enumerate(channels):
        for index, one in enumerate(entries):
            if (one.begins or one.ends) and one.can_be_made(*channel.place):
                for table, found in zip(tables, effects(index, column), strict=True):
                    for nth, row in enumerate(found):
                        if row is not None:
                            table[nth, index, column] = row
    return tables[0], tables[1]


def _menus(
    channels: Sequence[Channel],
    entries: Sequence[Move],
    repertoires: Mapping[str, Sequence[str] | None],
    effects: Effects,
) -> list[list[int]]:
    """Rows of the moves on each channel's menu."""
    able = [
        range(len(entries)) if names is None else [row for row, one in enumerate(entries) if one.name in names]
        for names in (repertoires.get(channel.actor) for channel in channels)
    ]
    menus = [
        [
            row
            for row in able[column]
            if entries[row].track == channel.track
            and entries[row].can_be_made(*channel.place)
            and None not in chain(*effects(row, column))
        ]
        for column, channel in enumerate(channels)
    ]
    others: dict[tuple[str, str], list[Move]] = {}
    for channel, menu in zip(channels, menus, strict=True):
        others.setdefault((channel.target, channel.actor), []).extend(entries[row] for row in menu)
    return [
        sorted(
            (row for row in menu if entries[row].has_partner(actors, others.get((one.actor, one.target), ()))),
            key=lambda row: (entries[row].goldstein, entries[row].name),
        )
        for one, menu in zip(channels, menus, strict=True)
        for actors in (len({actor for _, actor in others}),)
    ]


def _marks(
    table: Ints, menus: Sequence[Sequence[int]], columns: int, value: Floats | float = 1.0
) -> tuple[Floats, ...]:
    """Of each channel, a value in the column that an entry belongs to, else 0, shape (slot, column)."""
    wide = np.where(table[..., None] == np.arange(columns), np.asarray(value)[..., None], 0.0)
    return tuple(wide[: len(menu), column].copy() for column, menu in enumerate(menus))


def _matters(channels: Sequence[Channel], moves: Sequence[Move], menus: Sequence[Sequence[int]]) -> Matters:
    kinds = matters()
    names = list(kinds)
    lines = list(dict.fromkeys((one.actor, one.target, one.issue) for one in channels))

    def codes(given: Iterable[tuple[str, bool]]) -> list[int]:
        return [names.index(name) + len(names) * is_own for name, is_own in given]

    def table(found: Iterable[Sequence[int]]) -> Ints:
        return _columns(list(found), NEVER).astype(np.int64)

    presupposed = (
        codes([*((name, False) for name in one.presupposes), *((name, True) for name in one.withdraws)])
        for one in moves
    )
    found = Matters(
        names=tuple(names),
        lines=len(lines),
        line=np.array(
            [
                [lines.index((one.target, one.actor, one.issue)) for one in channels],
                [lines.index((one.actor, one.target, one.issue)) for one in channels],
            ],
            np.int64,
        ),
        half_life=np.repeat([one.half_life for one in kinds.values()], len(lines))[:, None],
        raised=table(codes((name, True) for name in one.raises) for one in moves),
        presupposed=table(each or [ALWAYS] for each in presupposed),
        settled=table(codes(one.settles) for one in moves),
        facing=(),
        touched=np.zeros((0, 0), np.int64),
        stirs=np.array([bool(one.raises or one.settles) for one in moves], bool),
    )
    slots = max(1, *map(len, menus))
    touched: list[list[float]] = [[] for _ in range(len(found))]
    for column, menu in enumerate(menus):
        for slot, index in enumerate(menu):
            code = found.presupposed[:, index]
            for row in found.rows(code[code >= 0], column).tolist():
                touched[row].append(column * slots + slot)
    facing = tuple(
        tuple(
            found.rows(np.array(code), np.arange(len(channels))) for code in codes((n, way.is_own) for n in way.matters)
        )
        for way in answers().values()
    )
    return replace(found, facing=facing, touched=_columns(touched, -1).T.astype(np.int64))
