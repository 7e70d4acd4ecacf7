"""A simulated run as a history, so that it can be fitted like an observed one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.engine.past import has_history
from tensionsim.history import curated
from tensionsim.history.account import Reading
from tensionsim.history.events import NO_ROW, TRACKS, EventHistory, Held
from tensionsim.record import CAUSES, Record
from tensionsim.record import Names as RecordNames
from tensionsim.scenario import Scenario
from tensionsim.scenario.catalogue import catalogue_of

if TYPE_CHECKING:
    from tensionsim.history.events import Dates

STOPPED = CAUSES.index("stopped")


def simulated_history(scenario: Scenario, record: Record, names: RecordNames, run: int = 0) -> EventHistory:
    """The moves that one run of a scenario made, as a history that ends when the run does.

    What the scenario's own history tells of the days before the start comes first, so that memories are those of the
    run.

    Parameters
    ----------
    record, names
        What the runs did (`Results.record`, `Results.names`), of this scenario.
    run
        The run's number.
    """
    rows = np.flatnonzero((record.move_run == run) & (record.move_cause != STOPPED))
    rows = rows[np.argsort(record.move_step[rows], kind="stable")]
    channels = [name.replace(" -> ", " | ").split(" | ") for name in names.channels]
    known = catalogue_of(scenario.file.moves, scenario.file.arrangement_kinds).moves
    before = _before(scenario)
    past = [] if before is None else _told(before)
    here = [
        (record.dates[step], *channels[channel][:3], names.moves[move])
        for step, channel, move in zip(
            record.move_step[rows].tolist(),
            record.move_channel[rows].tolist(),
            record.move_id[rows].tolist(),
            strict=True,
        )
    ]
    events = [*past, *here]
    actors, issues, moves = (_distinct([event[place] for event in events]) for place in (slice(1, 3), 3, 4))
    made = [known[event[4]] for event in events]
    last = record.dates[-1].astype("datetime64[D]").item() - dt.timedelta(days=1)
    return EventHistory(
        name=f"{scenario.name}, run {run}",
        actors=actors,
        dates=_days(events),
        actor=np.array([actors.index(event[1]) for event in events], np.int64),
        target=np.array([actors.index(event[2]) for event in events], np.int64),
        issues=issues,
        issue=np.array([issues.index(event[3]) for event in events], np.int64),
        track=np.array([TRACKS.index(one.track) for one in made], np.int64),
        cameo=np.array([one.cameo for one in made], "U4"),
        score=np.array([one.goldstein for one in made]),
        is_material=np.array([one.is_material for one in made], bool),
        weight=np.ones(len(events)),
        moves=moves,
        move=np.array([moves.index(event[4]) for event in events], np.int64),
        report=Reading(f"run {run} of {scenario.name}", "simulated", len(events), len(events)),
        observed=(scenario.file.start if before is None else before.first, last),
        held=_held(before),
    )


def _before(scenario: Scenario) -> EventHistory | None:
    """The scenario's own history until the day before its start."""
    if not has_history(scenario.file):
        return None
    return curated.curated_history(str(scenario.file.history)).until(scenario.file.start - dt.timedelta(days=1))


def _held(before: EventHistory | None) -> tuple[Held, ...] | None:
    return None if before is None else before.held


def _told(history: EventHistory) -> list[tuple[np.datetime64, str, str, str, str]]:
    rows = zip(history.dates, history.actor, history.target, history.issue, history.move, strict=True)
    return [
        (date, history.actors[actor], history.actors[target], history.issues[issue], history.moves[move])
        for date, actor, target, issue, move in rows
        if NO_ROW not in (issue, move)
    ]


def _distinct(found: list[object]) -> tuple[str, ...]:
    flat = [name for each in found for name in (each if isinstance(each, tuple) else (each,))]
    return tuple(dict.fromkeys(str(name) for name in flat))


def _days(events: list[tuple[np.datetime64, str, str, str, str]]) -> Dates:
    return np.array([event[0] for event in events], "datetime64[D]")
