"""The past: observed moves before the start, placed on the scenario's grid of steps."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tensionsim.engine.world import Foundation, Past, PastMove
from tensionsim.history import curated
from tensionsim.history.curated import ObservedMove
from tensionsim.history.events import Held
from tensionsim.moves import Catalogue, Move
from tensionsim.scenario.schema import ScenarioFile
from tensionsim.world.channels import Channel
from tensionsim.world.settings import Names

DAYS_PER_STEP = {"day": 1.0, "week": 7.0, "month": 365.0 / 12.0}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the days before the start: moves, by date, and what was in force before the first of them."""

    moves: tuple[ObservedMove, ...]
    held: tuple[Held, ...]


def known(file: ScenarioFile) -> Known:
    """What the history that a file names tells of the days before its start."""
    held = curated.arrangements_at_origin(str(file.history)) if has_history(file) else ()
    return Known(observed_moves(file), held)


def has_history(file: ScenarioFile) -> bool:
    """Whether a file names a history of observed moves."""
    return file.history not in (None, "none")


def observed_moves(file: ScenarioFile, until: dt.date | None = None) -> tuple[ObservedMove, ...]:
    """The observed moves before the start (or before `until`); none where the file names no history."""
    if not has_history(file):
        return ()
    return tuple(one for one in curated.observed(str(file.history)) if one.date < (until or file.start))


def channels_of(observed: Iterable[ObservedMove], catalogue: Catalogue, names: Names) -> list[Channel]:
    """The channels in which observed moves were made, so far as the scenario knows their actors and issues."""
    return sorted({channel for one in observed if (channel := _channel(one, catalogue, names)) is not None})


def _channel(one: ObservedMove, catalogue: Catalogue, names: Names) -> Channel | None:
    known = {one.actor, one.target} <= set(names.actors) and one.issue in names.issues
    return Channel(one.actor, one.target, one.issue, catalogue.moves[one.move].track) if known else None


def place(before: Known, base: Foundation) -> Past:
    """The observed moves as rows, at steps that count back from the start, and what was in force when."""
    spells = _Spells(base, before.held)
    past: list[PastMove] = []
    for one in before.moves:
        channel = _channel(one, base.catalogue, base.names)
        if channel is None:
            continue
        step = math.floor((one.date - base.file.start).days / DAYS_PER_STEP[base.file.step])
        move = base.menus.names.index(one.move)
        past.append(PastMove(one.date, step, base.channels.index(channel), move, one.description))
        spells.note(step, channel, base.catalogue.moves[one.move])
    return Past(tuple(past), spells.table(), min((one.step for one in past), default=0))


class _Spells:
    """Which arrangements were in force when, as observed moves begin and end them."""

    def __init__(self, base: Foundation, before: Sequence[Held]) -> None:
        self._registry = base.registry
        self._since: dict[int, int | None] = {}
        self._over: list[tuple[int, int | None, int]] = []
        for held in before:
            if {held.actor, held.target} <= set(base.names.actors) and held.issue in base.names.issues:
                row = self._registry.instance(held.name, held.actor, held.target, held.issue)
                self._since.update({} if row is None else {row: None})

    def note(self, step: int, channel: Channel, move: Move) -> None:
        """Notes what a move begins and ends."""
        between = (channel.actor, channel.target, channel.issue)
        for kind in move.ends:
            row = self._registry.held_between(kind, *between)
            if row is not None and row in self._since:
                self._over.append((row, self._since.pop(row), step))
        for kind in move.begins:
            row = self._registry.instance(kind, *between)
            if row is not None:
                self._since.setdefault(row, step)

    def table(self) -> tuple[tuple[int, int | None, int], ...]:
        """Spells as (instance, first step, step after the last); what still stands is followed by step 0."""
        return (*self._over, *((row, first, 0) for row, first in self._since.items()))
