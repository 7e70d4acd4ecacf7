"""A side: an outlook as a visitor of the page has set it, and the controls that set it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat

from tensionsim.analysis.elements import Speech, capital
from tensionsim.errors import TensionSimError
from tensionsim.listing import moves_of
from tensionsim.model.measures import REGIMES
from tensionsim.model.mechanisms import MECHANISMS
from tensionsim.model.parameters import DEFAULTS, STANCE_AT_REST
from tensionsim.runs.run import world_of
from tensionsim.scenario.names import Cast, ways_of
from tensionsim.scenario.quantities import parse
from tensionsim.scenario.scenario import Scenario
from tensionsim.scenario.schema import Alternative, Change, Distribution
from tensionsim.scenario.yaml_tree import listed, meant, quoted

MOST_MOVES = 60
KEPT = 32
"""Scenarios with outlook and moves that a process keeps."""

Move = tuple[str, str, str, str, str]
Find = Callable[[str], Scenario]
"""The scenario of a name; TensionSimError where the page has none of that name."""


class Side(BaseModel):
    """An outlook as it is set on the page, and as a request says it.

    scenario : its name on the page. outlook : the branch of it, if any. values : numbers by the path of their control.
    mechanisms : whether each is on, where that is otherwise than in the scenario. moves : date, actor, target, issue
    and move of those placed besides those of the scenario.
    """

    model_config = ConfigDict(frozen=True)

    scenario: str
    outlook: str | None = None
    values: dict[str, StrictFloat] = {}
    mechanisms: dict[str, StrictBool] = {}
    moves: Annotated[tuple[Move, ...], Field(max_length=MOST_MOVES)] = ()


def based(side: Side, find: Find) -> Scenario:
    """What a side's world is assembled from: its scenario with outlook and moves, without numbers and switches.

    TensionSimError lists all that is wrong with the side.
    """
    scenario = find(side.scenario)
    if wrong := list(_problems(side, _based(scenario, side.outlook, ()))):
        raise TensionSimError("\n".join(wrong))
    return _based(scenario, side.outlook, side.moves)


def _problems(side: Side, bare: Scenario) -> Iterator[str]:
    ranges, names = _ranges(bare), [one.name for one in world_of(bare).mechanisms]
    first, last = bare.file.start.isoformat(), bare.file.end.isoformat()
    for path, value in side.values.items():
        if path not in ranges:
            yield f"no control {quoted(path[:200])}{meant(path, ranges)}"
        elif not 0.0 <= value <= ranges[path]:
            yield f"{path} is a number in 0..{ranges[path]:g}; got {value:g}"
    for name in side.mechanisms:
        if name not in names:
            yield f"mechanisms are {listed(names)}; got {name[:40]}"
    for day, *_ in side.moves:
        if not first <= day <= last:
            yield f"moves are placed from {first} to {last}; got {day[:40]}"


@lru_cache(KEPT)
def _based(scenario: Scenario, outlook: str | None, moves: tuple[Move, ...]) -> Scenario:
    found = scenario if outlook is None else scenario.with_outlook(outlook)
    if not moves:
        return found
    placed = [dict(zip(("date", "actor", "target", "issue", "move"), one, strict=True)) for one in moves]
    before = [one.model_dump(exclude_unset=True) for one in found.file.schedule]
    return found.with_values({"schedule": [*before, *placed]})


@lru_cache(KEPT)
def _ranges(scenario: Scenario) -> Mapping[str, float]:
    """The highest value of each control, by path."""
    return {one["path"]: one["high"] for one in numbers_of(scenario)}


def whole(side: Side, find: Find) -> Scenario:
    """The scenario of a side with everything that is set, as `--set` would set it."""
    switches = {f"mechanisms.{name}": "on" if is_on else "off" for name, is_on in side.mechanisms.items()}
    found, values = based(side, find), side.values | switches
    return found.with_values(values) if values else found


def described(scenario: Scenario) -> dict[str, Any]:
    """What a page shows of a scenario besides answers: names, dates, controls, mechanisms, moves, events."""
    file, speech = scenario.file, Speech.of(scenario)
    world = world_of(scenario)
    known = {one.name: one for one in (*MECHANISMS, *scenario.mechanisms)}
    return {
        "title": scenario.title,
        "outlooks": [[name, one.title or name] for name, one in file.outlooks.items()],
        "start": str(file.start),
        "end": str(file.end),
        "step": file.step,
        "dates": [str(day) for day in scenario.steps],
        "principals": list(file.principals),
        "actors": dict(speech.actors),
        "issues": {name: capital(speech.words(name)) for name in file.issues},
        "regimes": [[name, min(below, 100.0)] for name, below in REGIMES],
        "controls": list(numbers_of(scenario)),
        "mechanisms": [
            {"name": name, "about": known[name].summary, "on": name not in world.off}
            for name in (one.name for one in world.mechanisms)
        ],
        "moves": {actor: _menu(scenario, actor, speech) for actor in file.actors},
        "schedule": [
            [str(one.date), one.actor, speech.does(one.move), one.about]
            for one in sorted(file.schedule, key=attrgetter("date"))
        ],
        "notes": list(scenario.notes),
    }


def _menu(scenario: Scenario, actor: str, speech: Speech) -> list[dict[str, Any]]:
    """The moves of an actor, most hostile first, with the targets and issues that each can be made towards and on."""
    file = scenario.file
    everyone = Cast(file.principals, tuple(file.actors), tuple(file.issues))
    found = []
    for move in moves_of(scenario, actor=actor, target=None, issue=None):
        ways = [[target, issue] for who, target, issue in ways_of(move, everyone) if who == actor]
        if ways:
            words = capital(speech.phrase(move.name))
            found.append({"name": move.name, "words": words, "score": move.goldstein, "ways": ways})
    return found


KINDS: Mapping[str, str] = {
    "rhetoric": "how far it is politicised in public",
    "insulation": "how far work between agencies is kept apart from politics",
    "dependence": "how much it depends on the other",
    "stances": "0 autonomy and dialogue, 1 pressure and control",
    "salience": "how much the issue weighs, relative to the others",
}
"""What the sliders set, each a share in 0..1, but for salience, of which the relative size counts."""


def numbers_of(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """The controls of a scenario: path, kind, actor, key, value, range and, where it is uncertain, its mean.

    Third parties have controls for what the scenario states of them alone: a new stance would open new channels.
    """
    file = scenario.file
    for name, actor in file.actors.items():
        inside = name in file.principals
        others = [one for one in file.principals if one != name] if inside else []
        keys: dict[str, list[str]] = {
            "dependence": list(dict.fromkeys([*others, *(actor.dependence or {})])),
            "stances": list(file.issues) if inside else list(actor.stances or {}),
            "salience": list(file.issues) if inside else list(actor.salience or {}),
        }
        for kind, about in KINDS.items():
            for key in keys.get(kind, [""]):
                given = getattr(actor, kind)
                value = (given or {}).get(key) if key else given
                rest = DEFAULTS.get(kind, STANCE_AT_REST if kind == "stances" else 0.0)
                is_uncertain = isinstance(value, Distribution)
                number = parse(value).middle if is_uncertain else rest if value is None else value
                path = f"actors.{name}.{kind}{f'.{key}' if key else ''}"
                yield {
                    "path": path,
                    "kind": kind,
                    "about": about,
                    "actor": name,
                    "key": key,
                    "value": number,
                    "low": 0.0,
                    "high": max(1.0, math.ceil(2.0 * number)) if kind == "salience" else 1.0,
                    "uncertain": is_uncertain,
                    "until": min((str(one.date) for one in file.changes if _sets(one, path)), default=""),
                }


def _sets(change: Change, path: str) -> bool:
    """Whether a change in the scenario may set a number anew, so that a control reaches no further."""
    is_theirs = change.actor == path.split(".")[1]
    ways: tuple[Change | Alternative, ...] = (change, *change.one_of)
    return any(path in one.set or (is_theirs and one.leader) for one in ways)
