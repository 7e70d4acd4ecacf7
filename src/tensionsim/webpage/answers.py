"""Answers: what a page shows of a side, from its first runs at once, from more of them a moment later.

A world is assembled once and kept; a slider sets its number over those of the world, a switch its mechanisms. Run n
has the luck of n whatever is set, so that more runs are added to those that are there, and two sides are paired.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from tensionsim.analysis.chronicle import chronicle
from tensionsim.analysis.elements import Speech
from tensionsim.engine.calendar import Assignment
from tensionsim.engine.run import names_of
from tensionsim.engine.world import World
from tensionsim.errors import TensionSimError
from tensionsim.model.ledger import changes
from tensionsim.model.measures import REGIME_NAMES, regime_of
from tensionsim.model.record import KEPT, Keep, Record, join
from tensionsim.runs.results import Results
from tensionsim.runs.run import simulated, world_of
from tensionsim.runs.statistics import STATISTICS, band, occurrence, over_runs, shares, shares_of
from tensionsim.scenario.scenario import Scenario, from_text
from tensionsim.webpage.side import Side

FIRST, FULL = 100, 1000
"""Runs of the first answer, which are kept whole, so that their ledger can be asked; and of the refined one."""

SEED = 0
MOST_SECONDS = 30.0
"""What a piece of work may take, a hundred times what a shipped scenario takes."""

MOVERS = 6
WORLDS = 8
DECIMALS = 4

Go = Callable[[], bool]
"""Whether somebody still waits for what is computed."""


class Dropped(TensionSimError):
    """Nobody waits for it any more."""


class Piece(NamedTuple):
    """Consecutive runs of a side to simulate: all that a worker needs to know. text, name : of the side's scenario."""

    text: str
    name: str
    side: Side
    first_run: int
    runs: int
    keep: Keep


def record_of(piece: Piece, go: Go = lambda: True, most_seconds: float = MOST_SECONDS) -> Record:
    """The record of a piece; Dropped if nobody waits for it any more, TensionSimError if it takes too long."""
    until = time.monotonic() + most_seconds

    def advance(_: int) -> None:
        if not go():
            raise Dropped
        if time.monotonic() > until:
            words = f"{piece.name} takes more than {most_seconds:g} seconds for {piece.runs} runs; shorten the scenario"
            raise TensionSimError(words)

    world = _world(piece.text, piece.name, tuple(piece.side.mechanisms.items()))
    also = tuple(Assignment(path, value, path) for path, value in piece.side.values.items())
    return simulated(world, SEED, piece.first_run, piece.runs, advance, piece.keep, also=also)


@lru_cache(WORLDS)
def _world(text: str, name: str, switched: tuple[tuple[str, bool], ...]) -> World:
    """A world with mechanisms switched; what is assembled for it is shared by all that differ in these alone."""
    world = world_of(from_text(text, name))
    on = {name for name, is_on in switched if is_on}
    off = {name for name, is_on in switched if not is_on}
    return dataclasses.replace(world, off=(world.off - on) | off) if switched else world


def pieces(side: Side, scenario: Scenario, first: int, end: int, at_once: int) -> list[Piece]:
    """What must be simulated so that a side has its runs from one to another, in pieces of as many at once."""
    keep: Keep = "all" if first < FIRST else "summary"
    bounds = np.linspace(first, end, at_once + 1).astype(int).tolist()
    return [Piece(scenario.text, scenario.name, side, low, high - low, keep) for low, high in pairwise(bounds)]


def results_of(scenario: Scenario, records: Sequence[Record]) -> Results:
    """The results of consecutive records of a scenario from run 0 on; the first may hold more than the others."""
    record = records[0]
    if len(records) > 1:
        lean = Record(record.dates, {name: getattr(record, name) for name in KEPT["summary"]})
        record = join([lean, *records[1:]])
    return Results(scenario, SEED, record.runs, 0, names_of(world_of(scenario)), record)


def answer(results: Results) -> dict[str, Any]:
    """What is drawn of a side: index, issues, regimes, each by date, and events."""
    record, names = results.record, results.names
    index, issues = (over_runs(values).T for values in (record.cooperation, record.issue_cooperation))
    events = (occurrence(record.events[:, row], results.dates, results.step_months) for row in range(len(names.events)))
    return {
        "runs": results.runs,
        "index": dict(zip(STATISTICS, index, strict=True)),
        "issues": {name: dict(zip(STATISTICS, issues[:, row], strict=True)) for row, name in enumerate(names.issues)},
        "regimes": dict(zip(REGIME_NAMES, shares_of(regime_of(record.cooperation)).T, strict=True)),
        "events": dict(zip(names.events, map(dataclasses.asdict, events), strict=True)),
    }


def difference(here: Results, there: Results) -> dict[str, Any]:
    """The paired difference of two sides, here less there, run by run; TensionSimError where their dates differ."""
    if not np.array_equal(here.dates, there.dates):
        spans = " and ".join(f"{one.dates[0]} to {one.dates[-1]} by {one.scenario.file.step}" for one in (here, there))
        raise TensionSimError(f"only outlooks of the same dates can be compared; these are {spans}")
    runs = min(here.runs, there.runs)
    apart = here.record.cooperation[:, :runs] - there.record.cooperation[:, :runs]
    found = band(apart, seed=SEED)
    ours, theirs = (
        {name: one.record.events[:, row, :runs].any(axis=0) for row, name in enumerate(one.names.events)}
        for one in (here, there)
    )
    return {
        "runs": runs,
        "mean": found.mean,
        "low": found.low,
        "high": found.high,
        "end": [found.mean[-1], found.point_low[-1], found.point_high[-1]],
        "above": (apart[-1] > 0.0).mean(),
        "events": {name: shares(ours[name], theirs[name])._asdict() for name in ours if name in theirs},
    }


def why(results: Results, row: int) -> dict[str, Any]:
    """What moved the mean index from the first date to another, most first, with what all others moved together."""
    speech, index = Speech.of(results.scenario), results.record.cooperation.mean(axis=-1)
    moved = {mover: float(points.mean()) for mover, points in changes(results.books, row).items()}
    ranked = sorted(moved.items(), key=lambda one: (-abs(one[1]), one[0]))[:MOVERS]
    told = [
        {"who": speech.actors.get(actor, actor), "what": speech.words(what), "points": points}
        for (actor, what), points in ranked
        if abs(points) >= 0.05
    ]
    change = float(index[row] - index[0])
    rest = change - sum(points for _, points in ranked)
    found = {"date": str(results.dates[row]), "runs": results.runs, "index": index[row], "change": change}
    return found | {"movers": told, "rest": rest}


def told(scenario: Scenario, run: int, seed: int = SEED) -> dict[str, Any]:
    """One run of a scenario, picked and read: its index by date, and its chronicle as pairs of day and sentence."""
    story = chronicle(scenario, run=run, seed=seed)
    record = simulated(world_of(scenario), seed, run, 1, None, "index")
    return {"run": run, "index": record.cooperation[:, 0], "lead": story.lead, "told": list(story.headed())[1:]}
