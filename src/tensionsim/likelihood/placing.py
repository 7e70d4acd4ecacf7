"""Placing: the events of a history as moves in the channels of a scenario, with what found no place and why."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tensionsim.engine.past import Known
from tensionsim.history.curated import ObservedMove
from tensionsim.history.events import NO_ROW, TRACKS, EventHistory
from tensionsim.moves import Move
from tensionsim.scenario.catalogue import catalogue_of
from tensionsim.scenario.schema import ScenarioFile
from tensionsim.world.channels import Channel

FARTHEST_SCORE = 2.5
"""Assumption: a move of another CAMEO root may stand for an event if their scores lie at most 2.5 points apart."""

UNKNOWN_ACTOR = "between actors that the scenario lacks"
UNKNOWN_ISSUE = "on no issue of the scenario"
NO_MOVE = "no move of the scenario comes near"

_Kind = tuple[int, int, int, int, str, float, bool, int]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A move that was made on a day in a channel."""

    date: dt.date
    channel: Channel
    move: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Occurrences by date; how many events found no place, by reason; how many were put by nearness to a move."""

    occurrences: tuple[Occurrence, ...]
    left_out: Mapping[str, int]
    by_nearness: int

    def known(self, history: EventHistory, before: dt.date) -> Known:
        """What is known of the days before one, as an assembly takes it."""
        moves = [
            ObservedMove(one.date, one.channel.actor, one.channel.target, one.channel.issue, one.move, "", "", "")
            for one in self.occurrences
            if one.date < before
        ]
        return Known(tuple(moves), history.held or ())


def place(history: EventHistory, file: ScenarioFile) -> Placement:
    """The events of a history as moves of a scenario.

    Assumption: an event that comes without a move is the one on its channel's menu that shares its CAMEO code, else its
    CAMEO root, else is nearest in score, and leaves nothing in force; one of another root that is far in score does not
    stand for it. An event of weight 3 is three acts.
    """
    desk = _Desk(history, file)
    found: list[Occurrence] = []
    left_out: Counter[str] = Counter()
    near = 0
    answers: dict[_Kind, tuple[Channel, str, bool] | str] = {}
    times = np.maximum(1, np.rint(history.weight)).astype(np.int64).tolist()
    for date, kind, count in zip(history.dates.tolist(), _kinds(history), times, strict=True):
        if kind not in answers:
            answers[kind] = desk.answer(kind)
        answer = answers[kind]
        if isinstance(answer, str):
            left_out[answer] += count
            continue
        channel, move, is_near = answer
        near += count * is_near
        found += [Occurrence(date, channel, move)] * count
    return Placement(tuple(found), dict(left_out), near)


def _kinds(history: EventHistory) -> Iterator[_Kind]:
    return zip(
        history.actor.tolist(),
        history.target.tolist(),
        history.issue.tolist(),
        history.track.tolist(),
        history.cameo.tolist(),
        history.score.tolist(),
        history.is_material.tolist(),
        history.move.tolist(),
        strict=True,
    )


class _Desk:
    """Answers what an event of a kind is in a scenario."""

    def __init__(self, history: EventHistory, file: ScenarioFile) -> None:
        self._history, self._file = history, file
        self._moves = catalogue_of(file.moves, file.arrangement_kinds).moves

    def answer(self, kind: _Kind) -> tuple[Channel, str, bool] | str:
        """Channel, move and whether it was put by nearness; or why there is none."""
        actor_row, target_row, issue_row, track_row, cameo, score, is_material, move_row = kind
        actor, target = self._history.actors[actor_row], self._history.actors[target_row]
        if actor == target or not {actor, target} <= set(self._file.actors):
            return UNKNOWN_ACTOR
        issue = self._issue(issue_row)
        if issue is None:
            return UNKNOWN_ISSUE
        name = self._history.moves[move_row] if move_row != NO_ROW else ""
        if name in self._moves:
            return Channel(actor, target, issue, self._moves[name].track), name, False
        channel = Channel(actor, target, issue, TRACKS[track_row])
        nearest = self._nearest(channel, cameo, score, is_material)
        return NO_MOVE if nearest is None else (channel, nearest, True)

    def _issue(self, row: int) -> str | None:
        if row == NO_ROW:
            return next(iter(self._file.issues)) if len(self._file.issues) == 1 else None
        name = self._history.issues[row]
        return name if name in self._file.issues else None

    def _nearest(self, channel: Channel, cameo: str, score: float, is_material: bool) -> str | None:
        repertoire = self._file.actors[channel.actor].repertoire
        menu = [
            move
            for name, move in self._moves.items()
            if move.track == channel.track
            and move.can_be_made(channel.actor, channel.target, channel.issue)
            and not (move.begins or move.ends)
            and (repertoire is None or name in repertoire)
            and (move.cameo[:2] == cameo[:2] or abs(move.goldstein - score) <= FARTHEST_SCORE)
        ]

        def distance(move: Move) -> tuple[bool, bool, bool, float, str]:
            is_root = move.cameo[:2] == cameo[:2]
            return (
                move.cameo != cameo,
                not is_root,
                move.is_material != is_material,
                abs(move.goldstein - score),
                move.name,
            )

        return min(menu, key=distance).name if menu else None
