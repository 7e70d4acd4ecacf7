"""Results of no engine: plausible arrays for the tests of tables, plots, storage and the command line."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tensionsim.model.measures import cooperation
from tensionsim.model.record import MOVE_COLUMNS, Names, Record
from tensionsim.runs.results import Results
from tensionsim.scenario.scenario import Scenario, load
from tensionsim.scenario.schema import ScenarioFile
from tensionsim.scenario.yaml_tree import write

ACTORS = ("avalon", "brigadoon", "camelot")
DYAD = ("avalon", "brigadoon")
MOVES = {"praise": 3.4, "accuse": -2.0, "sign_accord": 6.5, "cut_aid": -5.6, "threaten_war": -7.0, "mediate": 7.0}
ISSUES = ("fishing", "dragons", "water", "trade", "grail", "roads")
TRACKS = ("political", "technical")
INDICATORS = {"dragon_eggs": "eggs", "crossings": "persons/month"}
SCALE, THETA = 0.15, 0.5
DAYS = {"day": 1, "week": 7}


def scenario_mapping(*, issues: int = 2, end: str = "2032-07-01", step: str = "week", **more: Any) -> dict[str, Any]:
    """A small scenario between invented governments, as a mapping."""
    names = ISSUES[:issues]
    moves = {
        name: {"cameo": "01", "goldstein": score, "kind": "verbal", "track": "political", "description": f"{name}."}
        for name, score in MOVES.items()
    }
    events = {"crisis": {"cooperation": "below 35"}, "golden age": {"cooperation": "above 95"}}
    return {
        "tensionsim": 1,
        "title": "Avalon and Brigadoon",
        "start": "2031-01-06",
        "end": end,
        "step": step,
        "principals": list(DYAD),
        "issues": {name: {} for name in names},
        "actors": {name: {"stances": dict.fromkeys(names, 0.3), "repertoire": list(MOVES)} for name in ACTORS},
        "moves": moves,
        "events": events,
        **more,
    }


def scenario(*, outlook: str | None = None, notes: tuple[str, ...] | None = None, **fields: Any) -> Scenario:
    """The scenario of `scenario_mapping(**fields)`, loaded from a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "avalon.yaml"
        path.write_text(write(scenario_mapping(**fields)), encoding="utf-8")
        loaded = replace(load(path, outlook=outlook), path="avalon.yaml")
    return loaded if notes is None else replace(loaded, notes=notes)


def dates(file: ScenarioFile) -> np.ndarray:
    """Rows of the index, from the start until the first one at or after the end."""
    if file.step == "month":
        month, days = np.timedelta64(1, "M"), np.timedelta64(file.start.day - 1, "D")
        months = np.arange(np.datetime64(file.start, "M"), np.datetime64(file.end, "M") + month)
        return months.astype("datetime64[D]") + days
    return np.arange(np.datetime64(file.start), np.datetime64(file.end), np.timedelta64(DAYS[file.step], "D"))


def names(file: ScenarioFile) -> Names:
    """Names along the axes, for a scenario of `scenario_mapping`."""
    every = [
        f"{actor} -> {target} | {issue} | {track}"
        for (actor, target), issue, track in itertools.product(itertools.permutations(ACTORS, 2), file.issues, TRACKS)
    ]
    return Names(
        issues=tuple(file.issues),
        actors=ACTORS,
        channels=tuple(every),
        dyad_channels=tuple(name for name in every if set(name.split(" | ")[0].split(" -> ")) == set(DYAD)),
        indicators=tuple(INDICATORS),
        indicator_units=tuple(INDICATORS.values()),
        arrangements=("fishing_accord | avalon -> brigadoon | fishing", "tariff | brigadoon -> avalon | fishing"),
        events=tuple(file.events),
        moves=tuple(MOVES),
        move_scores=tuple(MOVES.values()),
        arrangement_tracks=("technical", "political"),
        arrangement_scores=(2.0, -3.0),
        arrangement_is_mutual=(True, False),
    )


def results(
    case: Scenario | None = None, *, runs: int = 120, first_run: int = 0, shared_weights: bool = True
) -> Results:
    """An ensemble whose index wanders from 45 on, as of seed 5."""
    case = case or scenario()
    axes, when = names(case.file), dates(case.file)
    return Results(case, 5, runs, first_run, axes, record(axes, when, runs, first_run, shared_weights))


def record(axes: Names, when: np.ndarray, runs: int, first_run: int, shared_weights: bool) -> Record:
    rows, rng = len(when), np.random.default_rng(len(when) + 1000 * runs + first_run)

    def walk(count: int, size: float) -> np.ndarray:
        return rng.normal(0.0, size, (rows, count, runs)).cumsum(axis=0)

    conduct = -0.02 + walk(len(axes.dyad_channels), 0.03)
    share = len(axes.dyad_channels) // len(axes.issues)
    issue_of = [name.split(" | ")[1] for name in axes.dyad_channels]
    mean = np.stack(
        [conduct[:, [place == issue for place in issue_of]].sum(axis=1) / share for issue in axes.issues], axis=1
    )
    weights = np.full((rows, len(axes.issues), 1 if shared_weights else runs), 1.0 / len(axes.issues))
    index, by_issue = cooperation(mean, weights, np.array([SCALE]))
    moves = int(rows * runs * 0.8)
    arrays = dict(
        cooperation=index,
        issue_cooperation=by_issue,
        weights=weights,
        terms=np.tile(np.array([0.95, SCALE, THETA])[:, None], (rows, 1, 1 if shared_weights else runs)),
        conduct=conduct,
        indicators=np.array([120.0, 33_000.0])[:, None] * np.exp(walk(2, 0.02)),
        in_force=walk(len(axes.arrangements), 0.2) > 0.3,
        events=np.stack([index < 35.0, index > 200.0], axis=1)[:, : len(axes.events)],
        rhetoric=np.abs(0.5 + walk(len(axes.actors), 0.02)),
        room=np.clip(0.8 + walk(1, 0.01)[:, 0], 0.0, 1.0),
        security_pillar=walk(1, 0.01)[:, 0],
        move_run=rng.integers(first_run, first_run + runs, moves).astype(np.int32),
        move_step=rng.integers(0, rows - 1, moves).astype(np.int32),
        move_channel=rng.integers(0, len(axes.channels), moves).astype(MOVE_COLUMNS["move_channel"]),
        move_id=rng.integers(0, len(axes.moves), moves).astype(MOVE_COLUMNS["move_id"]),
        move_cause=rng.choice(4, moves, p=[0.8, 0.1, 0.05, 0.05]).astype(np.int8),
    )
    return Record(when, arrays)


def changed(record: Record, **arrays: Any) -> Record:
    """The record with other arrays in the place of some."""
    return Record(arrays.pop("dates", record.dates), dict(record.arrays) | arrays)
