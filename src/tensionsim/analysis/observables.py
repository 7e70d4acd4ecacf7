"""Observables: what of a run could be seen on a date, by somebody who does not know how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.record import CAUSES, Floats

if TYPE_CHECKING:
    from tensionsim.results import Results

PAST_MONTHS = 3.0
"""Over which moves are counted and changes taken."""

GOLDSTEIN = 10.0
STOPPED = CAUSES.index("stopped")


@dataclass(frozen=True, slots=True)
class Observable:
    """A quantity of every run on a date, shape (run,); booleans are 0 and 1."""

    name: str
    kind: str
    unit: str
    values: Floats


def observables(results: Results, row: int) -> Iterator[Observable]:
    """Everything that is watched at a row of the dates, the index first."""
    record, names = results.record, results.names
    past = max(0, row - round(PAST_MONTHS / results.step_months))
    yield Observable("index", "index", "0-100", record.cooperation[row])
    if past < row:
        change = record.cooperation[row] - record.cooperation[past]
        yield Observable("change of the index", "index", "points in three months", change)
    for place, issue in enumerate(names.issues):
        yield Observable(f"cooperation on {_words(issue)}", "issue", "0-100", record.issue_cooperation[row, place])
    yield from _conduct(results, row)
    for place, (indicator, unit) in enumerate(zip(names.indicators, names.indicator_units, strict=True)):
        yield Observable(_words(indicator), "indicator", unit, record.indicators[row, place])
    for place, actor in enumerate(names.actors):
        yield Observable(
            f"rhetoric of {_actor(results, actor)}", "rhetoric", "0 up; 1 is full", record.rhetoric[row, place]
        )
    yield Observable("room for manoeuvre", "room", "0-1", record.room[row])
    yield from _in_force(results, row)
    yield from _moves(results, past, row)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _actor(results: Results, name: str) -> str:
    actor = results.scenario.file.actors.get(name)
    return (actor.label if actor else "") or _words(name).capitalize()


def _conduct(results: Results, row: int) -> Iterator[Observable]:
    """Conduct of each direction and track between the principals, summed over the issues."""
    sums: dict[tuple[str, str], Floats] = {}
    for place, channel in enumerate(results.names.dyad_channels):
        direction, _, track = channel.split(" | ")
        before = sums.get((direction, track), np.zeros(results.runs))
        sums[direction, track] = before + GOLDSTEIN * results.record.conduct[row, place]
    for (direction, track), values in sums.items():
        start, end = (_actor(results, name) for name in direction.split(" -> "))
        yield Observable(f"{track} conduct of {start} to {end}", "conduct", "Goldstein points a month", values)


def _in_force(results: Results, row: int) -> Iterator[Observable]:
    """Whether each kind of arrangement is in force between an actor and a target, on whichever issue."""
    found: dict[tuple[str, str], Floats] = {}
    for place, name in enumerate(results.names.arrangements):
        kind, pair, _ = name.split(" | ")
        holds = results.record.in_force[row, place].astype(np.float64)
        found[kind, pair] = np.maximum(found.get((kind, pair), 0.0), holds)
    for (kind, pair), values in found.items():
        start, end = (_actor(results, name) for name in pair.split(" -> "))
        yield Observable(f"{_words(kind)} ({start}, {end})", "arrangement", "in force", values)


def _moves(results: Results, past: int, row: int) -> Iterator[Observable]:
    """How often each actor made moves over the last months: of each kind, hostile ones, friendly ones."""
    record, names = results.record, results.names
    chosen = (record.move_step >= past) & (record.move_step < row) & (record.move_cause != STOPPED)
    place = record.move_run[chosen] - results.first_run
    of_channel = names.places()["actor"]
    actor = np.array([names.actors.index(name) for name in of_channel], np.int64)[record.move_channel[chosen]]
    move = record.move_id[chosen].astype(np.int64)
    hostile = np.array(names.move_scores)[move] < 0.0
    runs = results.runs
    for number, name in enumerate(names.actors):
        who = _actor(results, name)
        for word, which in (("hostile", hostile), ("friendly", ~hostile)):
            counts = np.bincount(place[(actor == number) & which], minlength=runs).astype(np.float64)
            yield Observable(f"{word} moves by {who}", "moves", "in three months", counts)
        for kind in np.unique(move[actor == number]).tolist():
            counts = np.bincount(place[(actor == number) & (move == kind)], minlength=runs).astype(np.float64)
            yield Observable(f"{_words(names.moves[kind])} by {who}", "moves", "in three months", counts)
