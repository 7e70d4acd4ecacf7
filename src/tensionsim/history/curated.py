"""Curated histories: the dated moves of `data/NAME_events.csv`, mapped to the catalogue by hand.

A row of the events table that no move of the model stands for is listed, with the reason, by `unmapped`.
What was in force before the first event is in `data/NAME_arrangements.csv`; moves begin and end the rest.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np

from tensionsim import moves
from tensionsim.errors import CatalogueError
from tensionsim.history.account import LeftOut, Reading
from tensionsim.history.events import TRACKS, EventHistory, Held

ORIGINS: Mapping[str, dt.date] = MappingProxyType({"us_colombia": dt.date(2017, 5, 1)})
"""The known histories, each with the day from which it is observed."""

MIDDLE_OF_MONTH = 15


@dataclass(frozen=True, slots=True)
class ObservedMove:
    """A move that an actor really made towards a target, on an issue.

    move : its name in the catalogue. verified : `yes` (a source was seen to state it), `seed` (one of two
    analyst articles does) or `memory`. Several moves of one day stand in the order of the table, which is no
    evidence of their order within the day.
    """

    date: dt.date
    actor: str
    target: str
    issue: str
    move: str
    description: str
    verified: str
    source: str


def names() -> tuple[str, ...]:
    """The known histories."""
    return tuple(ORIGINS)


def origin(name: str = "us_colombia") -> dt.date:
    """The day from which a history is observed.

    Raises
    ------
    CatalogueError
        There is no such history.
    """
    if name not in ORIGINS:
        raise CatalogueError(f"no history {name!r}; the known ones are: {', '.join(ORIGINS)}")
    return ORIGINS[name]


@cache
def observed(name: str = "us_colombia") -> tuple[ObservedMove, ...]:
    """The observed moves of a history, by date.

    Assumption: what a source dates to a month happened on its 15th, because the middle errs least.

    Raises
    ------
    CatalogueError
        There is no such history.
    """
    moves = [_observed_move(row) for row in _rows(name, "events") if row["move"]]
    return tuple(sorted(moves, key=lambda one: one.date))


@cache
def unmapped(name: str = "us_colombia") -> tuple[tuple[str, str, str], ...]:
    """The rows that no move stands for: date as written, description, reason.

    Raises
    ------
    CatalogueError
        There is no such history.
    """
    return tuple((row["date"], row["description"], row["note"]) for row in _rows(name, "events") if not row["move"])


@cache
def arrangements_at_origin(name: str = "us_colombia") -> tuple[Held, ...]:
    """The arrangements in force on the day from which a history is observed.

    Raises
    ------
    CatalogueError
        There is no such history.
    """
    rows = _rows(name, "arrangements")
    return tuple(Held(row["name"], row["actor"], row["target"], row["issue"]) for row in rows)


def curated_history(name: str = "us_colombia") -> EventHistory:
    """A curated history as events: its observed moves with their scores, and what was in force before them.

    Raises
    ------
    CatalogueError
        There is no such history.

    Examples
    --------
    >>> import tensionsim as ts
    >>> history = ts.curated_history()
    >>> history.first.isoformat(), history.moves[history.move[0]]
    ('2017-05-01', 'host_visit')
    """
    found, held = observed(name), arrangements_at_origin(name)
    known = moves.shipped().moves
    actors = tuple(dict.fromkeys(who for one in found for who in (one.actor, one.target)))
    issues = tuple(dict.fromkeys(one.issue for one in found))
    made = [known[one.move] for one in found]
    names = tuple(dict.fromkeys(one.name for one in made))
    return EventHistory(
        name=name,
        actors=actors,
        dates=np.array([one.date for one in found], "datetime64[D]"),
        actor=np.array([actors.index(one.actor) for one in found], np.int64),
        target=np.array([actors.index(one.target) for one in found], np.int64),
        issues=issues,
        issue=np.array([issues.index(one.issue) for one in found], np.int64),
        track=np.array([TRACKS.index(one.track) for one in made], np.int64),
        cameo=np.array([one.cameo for one in made], "U4"),
        score=np.array([one.goldstein for one in made]),
        is_material=np.array([one.is_material for one in made]),
        weight=np.ones(len(found)),
        moves=names,
        move=np.array([names.index(one.name) for one in made], np.int64),
        report=_account(name, len(found)),
        observed=(origin(name), None),
        held=held,
    )


def _account(name: str, events: int) -> Reading:
    """What became of the rows of a curated table."""
    reasons = [reason for _, _, reason in unmapped(name)]
    left_out = tuple(LeftOut(reason, reasons.count(reason)) for reason in dict.fromkeys(reasons))
    return Reading(name, "curated history, mapped to moves by hand", events + len(reasons), events, left_out=left_out)


def _rows(name: str, table: str) -> list[dict[str, str]]:
    origin(name)
    text = files("tensionsim").joinpath("data", f"{name}_{table}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _observed_move(row: Mapping[str, str]) -> ObservedMove:
    return ObservedMove(
        date=_day(row["date"]),
        actor=row["actor"],
        target=row["target_actor"],
        issue=row["model_issue"],
        move=row["move"],
        description=row["description"],
        verified=row["verified"],
        source=row["source"],
    )


def _day(text: str) -> dt.date:
    """The day that `2025-01-26` or `2025-01` stands for."""
    is_month = text.count("-") == 1
    return dt.date.fromisoformat(f"{text}-{MIDDLE_OF_MONTH}" if is_month else text)
