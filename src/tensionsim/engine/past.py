"""The past of a world: observed events placed among its channels and moves, and what they leave in force."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from tensionsim.engine.world import Foundation
from tensionsim.events.history import NO_ROW, EventHistory, Held
from tensionsim.model.catalogue import Move
from tensionsim.model.measures import NEUTRAL
from tensionsim.model.parameters import ENGINE
from tensionsim.model.structure import TRACKS, Channel
from tensionsim.scenario.names import catalogue_of
from tensionsim.scenario.quantities import pair, parse
from tensionsim.scenario.schema import Distribution, ScenarioFile

DAYS_PER_STEP = {"day": 1.0, "week": 7.0, "month": 365.0 / 12.0}

FARTHEST_SCORE = 2.5
"""Assumption: a move of another CAMEO root may stand for an event if their scores lie at most 2.5 points apart."""
UNKNOWN_ACTOR = "between actors that the scenario lacks"
UNKNOWN_ISSUE = "on no issue of the scenario"
NO_MOVE = "no move of the scenario comes near"
NEARNESS = "by nearness"

_COLUMNS = ("actor", "target", "issue", "track", "cameo", "score", "is_material", "move")
"""What kind of event it is, of which the same move comes."""


class Occurrence(NamedTuple):
    """A move that was made on a day in a channel."""

    date: dt.date
    channel: Channel
    move: str


class Excess(NamedTuple):
    """What an event of the principals counts more than the moves that stand for it: Goldstein / 10."""

    date: dt.date
    channel: Channel
    flow: float


@dataclass(frozen=True, slots=True)
class Placement:
    """What is known of some days: moves by date, and what was in force before the first of them (`held`).

    left_out : events without a place, by reason. by_nearness : how many were put by nearness. excess : what events
    score more than the moves that stand for them; the index counts events, so that a run begins where data end.
    """

    occurrences: tuple[Occurrence, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    by_nearness: int = 0
    excess: tuple[Excess, ...] = ()
    held: tuple[Held, ...] = ()

    def known(self, history: EventHistory, before: dt.date, *, as_coded: bool) -> Placement:
        """What is known of the days before one; as_coded : whether events are to count as they were coded."""
        moves = tuple(one for one in self.occurrences if one.date < before)
        excess = tuple(one for one in self.excess if one.date < before and as_coded)
        return replace(self, occurrences=moves, excess=excess, held=history.held or ())


def place(history: EventHistory, file: ScenarioFile) -> Placement:
    """The events of a history as moves of a scenario.

    Assumption: an event that comes without a move is the one on its channel's menu that shares its CAMEO code, else its
    CAMEO root, else is nearest in score, and leaves nothing in force; one of another root that is far in score does not
    stand for it. An event of weight 3 is three acts.
    """
    moves = catalogue_of(file.moves, file.arrangement_kinds).moves
    found: list[Occurrence] = []
    excess: list[Excess] = []
    left_out: Counter[str] = Counter()
    near = 0
    times = np.maximum(1, np.rint(history.weight)).astype(np.int64).tolist()
    kinds = zip(*(getattr(history, name).tolist() for name in _COLUMNS), strict=True)
    own = (history.score / 10.0 * history.weight).tolist()
    placed = cache(partial(_placed, history, file, moves))
    for date, kind, count, coded in zip(history.dates.tolist(), kinds, times, own, strict=True):
        channel, move, how = placed(kind)
        flow = coded if move is None else coded - count * (move.goldstein / 10.0)
        if move is None:
            left_out[how] += count
        else:
            near += count * (how == NEARNESS)
            found += [Occurrence(date, channel, move.name)] * count
        if flow and {channel.actor, channel.target} == set(file.principals) and how != UNKNOWN_ISSUE:
            excess.append(Excess(date, channel, flow))
    return Placement(tuple(found), dict(left_out), near, tuple(excess))


def _placed(
    history: EventHistory, file: ScenarioFile, moves: Mapping[str, Move], kind: tuple[Any, ...]
) -> tuple[Channel, Move | None, str]:
    """Channel and move of an event of a kind, and how it was put there; no move, and why not, where it has no place."""
    actor_row, target_row, issue_row, track_row, cameo, score, is_material, move_row = kind
    only = next(iter(file.issues)) if len(file.issues) == 1 else ""
    actor, target = history.actors[actor_row], history.actors[target_row]
    channel = Channel(actor, target, only if issue_row == NO_ROW else history.issues[issue_row], TRACKS[track_row])
    if actor == target or not {actor, target} <= set(file.actors):
        return channel, None, UNKNOWN_ACTOR
    if channel.issue not in file.issues:
        return channel, None, UNKNOWN_ISSUE
    named = moves.get(history.moves[move_row]) if move_row != NO_ROW else None
    if named is not None:
        return replace(channel, track=named.track), named, "by name"
    repertoire = file.actors[actor].repertoire
    menu = [
        move
        for name, move in moves.items()
        if move.track == channel.track
        and move.can_be_made(*channel.place)
        and not (move.begins or move.ends)
        and (repertoire is None or name in repertoire)
        and (move.cameo[:2] == cameo[:2] or abs(move.goldstein - score) <= FARTHEST_SCORE)
    ]

    def distance(move: Move) -> tuple[bool, bool, bool, float, str]:
        is_root = move.cameo[:2] == cameo[:2]
        away = abs(move.goldstein - score)
        return move.cameo != cameo, not is_root, move.is_material != is_material, away, move.name

    return (channel, min(menu, key=distance), NEARNESS) if menu else (channel, None, NO_MOVE)


class PastMove(NamedTuple):
    """An observed move before the start: its date, its step (< 0) and its rows."""

    date: dt.date
    step: int
    channel: int
    move: int


class Past:
    """What was observed before the start, as rows, at steps that count back from it.

    moves : those of the scenario's own channels, as `place` gives them. arrangements : (instance, first step, step
    after the last) in force; first is None for what was in force from the beginning, and the last of what is in force
    at the start is followed by step 0. origin : step of the first move. excess : (channel, step, Goldstein / 10) that
    events of the step count more in conduct than the moves that stand for them. levels : (channel, conduct) that is
    taken to have been so for long.
    """

    def __init__(self, before: Placement, base: Foundation) -> None:
        registry, file, index = base.registry, base.file, base.channels.index
        since, over, moves = dict[int, int | None](), list[tuple[int, int | None, int]](), list[PastMove]()

        def step_of(date: dt.date) -> int:
            return math.floor((date - file.start).days / DAYS_PER_STEP[file.step])

        for held in before.held:
            if {held.actor, held.target} <= set(base.names.actors) and held.issue in base.names.issues:
                row = registry.instance(held.name, held.actor, held.target, held.issue)
                since.update({} if row is None else {row: None})
        for one in before.occurrences:
            step, move = step_of(one.date), base.catalogue.moves[one.move]
            moves.append(PastMove(one.date, step, index(one.channel), base.menus.names.index(one.move)))
            for kind in move.ends:
                row = registry.held_between(kind, *one.channel.place)
                if row is not None and row in since:
                    over.append((row, since.pop(row), step))
            for kind in move.begins:
                row = registry.instance(kind, *one.channel.place)
                if row is not None:
                    since.setdefault(row, step)
        self.moves = tuple(moves)
        self.arrangements = (*over, *((row, first, 0) for row, first in since.items()))
        self.excess = tuple((index(one.channel), step_of(one.date), one.flow) for one in before.excess)
        self.origin = min((*(one.step for one in moves), *(step for _, step, _ in self.excess)), default=0)
        self.levels = tuple(_levels(base).items())


def _levels(base: Foundation) -> dict[int, float]:
    """The conduct in each channel at which the index, or what would be it between two others, is as the file says."""
    file = base.file
    scale = file.parameters.get("index_scale", ENGINE["index_scale"].default)
    scale = parse(scale).middle if isinstance(scale, Distribution) else scale
    given = file.start_index if isinstance(file.start_index, dict) else {"": file.start_index}
    found: dict[int, float] = {}
    # What is said of a direction wins over what is said of an issue.
    for key, level in sorted(given.items(), key=lambda one: "->" in one[0]):
        sides = [pair(key)] if "->" in key else [file.principals, file.principals[::-1]]
        for row, one in enumerate(base.channels.rows):
            if level is not None and (one.actor, one.target) in sides and ("->" in key or key in ("", one.issue)):
                found[row] = scale * math.atanh(level / NEUTRAL - 1.0)
    return found
