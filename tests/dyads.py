"""Small dyads for the tests of the core: two invented governments, a menu that fits on a page, and how to run them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tensionsim.engine.build import assemble
from tensionsim.engine.run import simulate
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import step
from tensionsim.engine.world import Acts, World
from tensionsim.model.record import Record
from tensionsim.model.structure import Channel
from tensionsim.rng import RandomStreams
from tensionsim.scenario.scenario import Scenario, load
from tensionsim.scenario.yaml_tree import write

AVALON, BRIGADOON, CAMELOT = "avalon", "brigadoon", "camelot"
START = "2031-01-06"


def move(score: float, track: str = "political", kind: str = "verbal", **more: Any) -> dict[str, Any]:
    """A move of the scenario's own."""
    said = {"cameo": "01", "goldstein": score, "kind": kind, "track": track, "description": "For tests."}
    return said | more


MOVES: Mapping[str, Mapping[str, Any]] = {
    "bow": move(4.0),
    "scold": move(-4.0),
    "open_gate": move(6.0, kind="material", begins=["gate"]),
    "shut_gate": move(-6.0, kind="material", ends=["gate"]),
    "raise_toll": move(-8.0, kind="material", begins=["toll"]),
    "drop_toll": move(6.0, kind="material", ends=["toll"]),
    "share_maps": move(5.0, "technical", "material"),
    "hide_maps": move(-5.0, "technical"),
}
KINDS: Mapping[str, Mapping[str, Any]] = {
    "gate": {"track": "political", "score": 2.0, "mutual": True, "description": "The gate is open."},
    "toll": {"track": "political", "score": -3.0, "description": "Whoever passes pays."},
}
FIXED: Mapping[str, float] = {
    "index_scale": 0.15,
    "index_half_life": 3.0,
    "technical_weight": 0.5,
    "intensity": 2.0,
    "verbal_weight": 0.5,
    "rhetoric_half_life": 3.0,
    "heat": 0.25,
}
"""Engine parameters that tests count on, so that tuned defaults may change."""

SILENT: Mapping[str, float] = {"own_fast": 0.0, "own_slow": 0.0, "other_fast": 0.0, "other_slow": 0.0}
"""Engine parameters with which acts breed no acts."""


def mapping(
    *, issues: Sequence[str] = ("road",), actors: Mapping[str, Mapping[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    """A scenario between Avalon and Brigadoon, as a mapping; `actors` adds attributes, and further actors."""
    moves = more.pop("moves", MOVES)
    parameters = dict(FIXED) | dict(more.pop("parameters", {}))
    own = {AVALON: {}, BRIGADOON: {}, **(actors or {})}
    people = {
        name: {"stances": dict.fromkeys(issues, 0.5), "repertoire": list(moves)} | dict(given)
        for name, given in own.items()
    }
    return {
        "tensionsim": 1,
        "title": "Avalon and Brigadoon",
        "start": START,
        "end": "2031-07-07",
        "principals": [AVALON, BRIGADOON],
        "issues": {name: {} for name in issues},
        "actors": people,
        "moves": {name: dict(one) for name, one in moves.items()},
        "arrangement_kinds": {name: dict(one) for name, one in KINDS.items()},
        "parameters": parameters,
        **more,
    }


def scenario(**fields: Any) -> Scenario:
    """The scenario of `mapping(**fields)`."""
    return scenario_of(mapping(**fields))


def scenario_of(values: Mapping[str, Any]) -> Scenario:
    """The scenario of a mapping, loaded from a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "avalon.yaml"
        path.write_text(write(values), encoding="utf-8")
        return load(path)


def quiet(**fields: Any) -> Scenario:
    """Likewise, but nobody does anything unless a schedule or a rule says so."""
    actors = {name: {"attention": 0.0} | dict(given) for name, given in _named(fields.pop("actors", {})).items()}
    return scenario(actors=actors, parameters=dict(SILENT) | dict(fields.pop("parameters", {})), **fields)


def _named(actors: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    return {AVALON: {}, BRIGADOON: {}, **actors}


def record(of: Scenario, *, runs: int = 1, seed: int = 0, first_run: int = 0) -> Record:
    """What some runs of a scenario did."""
    return simulate(assemble(of), RandomStreams(seed, first_run, runs))


def start(of: Scenario | World, *, runs: int = 1, seed: int = 0) -> Simulation:
    """The simulation of a scenario at its start."""
    return begin(of if isinstance(of, World) else assemble(of), RandomStreams(seed, 0, runs))


def go(now: Simulation, steps: int) -> list[Acts]:
    """What is done in the next steps."""
    return [step(now) for _ in range(steps)]


def channel(now: Simulation | World, actor: str, issue: str = "road", track: str = "political") -> int:
    """Row of the channel from one principal to the other."""
    world = now.world if isinstance(now, Simulation) else now
    target = BRIGADOON if actor == AVALON else AVALON
    return world.channels.index(Channel(actor, target, issue, track))


def made(of: Record, world: World) -> list[tuple[int, str, str, int]]:
    """Moves of the first run recorded as (step, actor, name, cause)."""
    first = of.move_run == of.move_run.min() if of.move_run.size else np.zeros(0, bool)
    return [
        (int(at), world.channels.rows[row].actor, world.menus.names[name], int(cause))
        for at, row, name, cause in zip(
            of.move_step[first], of.move_channel[first], of.move_id[first], of.move_cause[first], strict=True
        )
    ]


def on(date: str, actor: str, name: str, issue: str = "road", **more: Any) -> dict[str, Any]:
    """An entry of a schedule."""
    return {"date": date, "actor": actor, "move": name, "issue": issue, **more}
