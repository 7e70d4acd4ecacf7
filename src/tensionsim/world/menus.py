"""Menus: the moves open in each channel, ordered by score, as padded arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tensionsim.moves import Move
from tensionsim.world.arrangements import Registry
from tensionsim.world.channels import Channel, Floats, Ints

KINDS = FRIENDLY, HARSH_WORD, HARSH_DEED = range(3)
"""Kinds of moves that an actor weighs by different tastes; see `tensionsim.choice.tastes`."""


@dataclass(frozen=True, slots=True)
class Menus:
    """What can be made where. Arrays of shape (slot, channel), padded with log frequency -inf.

    names : of all moves, in the order of `move`'s indices. score : Goldstein / 10. hostile_material :
    max(0, -score) of material moves. begins, ends : shape (nth, move index, channel), rows of `in_force`,
    which carries two more rows than there are instances: one that is never and one that is always in force.
    move_score, is_material : shape (move index,). is_open : 1 for channels with anything on the menu, else 0, shape
    (channel, 1). scores : of each channel, the score of every slot in the column of its kind (friendly, harsh word,
    harsh deed) and 0 in the others, shape (slot, 3). log_frequencies : of each channel, shape (slot, 1). touched : of
    each row of `in_force`, the entries of the menus whose moves begin or end it, as `channel * slots + slot`.
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
    log_frequencies: tuple[Floats, ...]
    touched: tuple[Ints, ...]
    slot_of: Ints

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
    """The menus of all channels. `repertoires` narrows an actor's moves; None leaves all of them."""
    names = tuple(moves)
    open_moves = [_open(channel, moves, repertoires.get(channel.actor), registry) for channel in channels]
    shape = (max(1, *(len(menu) for menu in open_moves)), len(channels))
    move = np.zeros(shape, np.int64)
    score, hostile = np.zeros(shape), np.zeros(shape)
    log_frequency = np.full(shape, -np.inf)
    for column, menu in enumerate(open_moves):
        for slot, entry in enumerate(menu):
            move[slot, column] = names.index(entry.name)
            score[slot, column] = entry.goldstein / 10.0
            hostile[slot, column] = max(0.0, -entry.goldstein / 10.0) if entry.is_material else 0.0
            log_frequency[slot, column] = math.log(entry.frequency)
    begins, ends = _effects(channels, tuple(moves.values()), registry)
    return Menus(
        names=names,
        size=np.array([len(menu) for menu in open_moves], np.int64),
        move=move,
        score=score,
        hostile_material=hostile,
        log_frequency=log_frequency,
        begins=begins,
        ends=ends,
        move_score=np.array([entry.goldstein / 10.0 for entry in moves.values()]),
        is_material=np.array([float(entry.is_material) for entry in moves.values()]),
        is_open=np.array([[float(bool(menu))] for menu in open_moves]),
        scores=tuple(_by_kind(menu) for menu in open_moves),
        log_frequencies=tuple(log_frequency[: len(menu), [row]] for row, menu in enumerate(open_moves)),
        touched=_touched(open_moves, channels, registry),
        slot_of=_slots(open_moves, names),
    )


def _slots(open_moves: Sequence[Sequence[Move]], names: Sequence[str]) -> Ints:
    table = np.full((len(names), len(open_moves)), -1, np.int64)
    for column, menu in enumerate(open_moves):
        table[[names.index(entry.name) for entry in menu], column] = np.arange(len(menu))
    return table


def _open(
    channel: Channel, moves: Mapping[str, Move], repertoire: Sequence[str] | None, registry: Registry
) -> list[Move]:
    """Moves of a channel by score, then name, so that the order is the file's reader's, not the dictionary's."""
    menu = [
        move
        for move in moves.values()
        if move.track == channel.track
        and move.can_be_made(channel.actor, channel.target, channel.issue)
        and (repertoire is None or move.name in repertoire)
        and _has_effect(move, channel, registry)
    ]
    return sorted(menu, key=lambda move: (move.goldstein, move.name))


def _has_effect(move: Move, channel: Channel, registry: Registry) -> bool:
    """Whether what the move begins or ends can exist between these two on this issue."""
    place = (channel.actor, channel.target, channel.issue)
    begun = [registry.instance(kind, *place) for kind in move.begins]
    ended = [registry.held_between(kind, *place) for kind in move.ends]
    return all(row is not None for row in begun + ended)


def _by_kind(menu: Sequence[Move]) -> Floats:
    table = np.zeros((len(menu), len(KINDS)))
    for slot, entry in enumerate(menu):
        kind = FRIENDLY if entry.goldstein > 0 else HARSH_DEED if entry.is_material else HARSH_WORD
        table[slot, kind] = entry.goldstein / 10.0
    return table


def _touched(open_moves: Sequence[Sequence[Move]], channels: Sequence[Channel], registry: Registry) -> tuple[Ints, ...]:
    slots = max(1, *(len(menu) for menu in open_moves))
    found: dict[int, list[int]] = {}
    for row, (channel, menu) in enumerate(zip(channels, open_moves, strict=True)):
        place = (channel.actor, channel.target, channel.issue)
        for slot, entry in enumerate(menu):
            begun = {registry.instance(kind, *place) for kind in entry.begins}
            ended = {registry.held_between(kind, *place) for kind in entry.ends}
            for instance in sorted(each for each in begun | ended if each is not None):
                found.setdefault(instance, []).append(row * slots + slot)
    return tuple(np.array(found.get(row, ()), np.int64) for row in range(len(registry.rows)))


def _effects(channels: Sequence[Channel], moves: Sequence[Move], registry: Registry) -> tuple[Ints, Ints]:
    """Rows that each move would begin and end in each channel; rows -2 (never) and -1 (always) stand for none."""
    most = max([1, *(max(len(move.begins), len(move.ends)) for move in moves)])
    begins, ends = (np.full((most, len(moves), len(channels)), filler, np.int64) for filler in (-1, -2))
    begins[0], ends[0] = -2, -1
    for column, channel in enumerate(channels):
        place = (channel.actor, channel.target, channel.issue)
        for index, move in enumerate(moves):
            if (move.begins or move.ends) and move.can_be_made(*place):
                _put(begins[:, index, column], [registry.instance(kind, *place) for kind in move.begins])
                _put(ends[:, index, column], [registry.held_between(kind, *place) for kind in move.ends])
    return begins, ends


def _put(places: Ints, rows: Sequence[int | None]) -> None:
    for slot, row in enumerate(rows):
        if row is not None:
            places[slot] = row
