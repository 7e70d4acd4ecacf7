"""A side: an outlook as a visitor of the page has set it, and the controls that set it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from tensionsim.analysis.elements import Speech, capital
from tensionsim.engine.calendar import Assignment
from tensionsim.errors import TensionSimError
from tensionsim.listing import moves_of
from tensionsim.model.measures import REGIMES
from tensionsim.model.mechanisms import MECHANISMS
from tensionsim.model.parameters import DEFAULTS, STANCE_AT_REST
from tensionsim.runs.run import world_of
from tensionsim.scenario.distributions import parse
from tensionsim.scenario.names import Cast, ways_of
from tensionsim.scenario.scenario import Scenario
from tensionsim.scenario.schema import Change, Distribution
from tensionsim.scenario.yaml_tree import listed, nearest, quoted

MOST_MOVES, MOST_NAME = 60, 200
KEPT = 32
"""Scenarios with outlook and moves that a process keeps."""

Move = tuple[str, str, str, str, str]
Find = Callable[[str], Scenario]
"""The scenario of a name; TensionSimError where the page has none of that name."""


@dataclass(frozen=True, slots=True)
class Side:
    """An outlook as it is set on the page.

    scenario : its name on the page. outlook : the branch of it, if any. values : (path, number), of controls. moves :
    (date, actor, target, issue, move) placed besides those of the scenario. mechanisms : (name, whether it is on),
    where that is otherwise than in the scenario.
    """

    scenario: str
    outlook: str | None = None
    values: tuple[tuple[str, float], ...] = ()
    moves: tuple[Move, ...] = ()
    mechanisms: tuple[tuple[str, bool], ...] = ()

    @classmethod
    def of(cls, given: Any, find: Find) -> Side:
        """The side that a request describes; TensionSimError lists all that is wrong with it."""
        if not isinstance(given, dict) or not isinstance(given.get("scenario"), str):
            raise TensionSimError("a side is an object with scenario, outlook, values, moves and mechanisms")
        outlook, wrong = given.get("outlook"), list[str]()
        if outlook is not None and not isinstance(outlook, str):
            raise TensionSimError("an outlook is a name, or null")
        bare = based(cls(given["scenario"], outlook), find)
        ranges = _ranges(bare)
        values = _mapping(given, "values", wrong)
        for path, value in values.items():
            if path not in ranges:
                near = nearest(path, ranges)
                wrong.append(
                    f"no control {quoted(path[:MOST_NAME])}{f'; did you mean {quoted(near)}?' if near else ''}"
                )
            elif isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= ranges[path]:
                wrong.append(f"{path} is a number in 0..{ranges[path]:g}; got {str(value)[:40]}")
        switches, names = _mapping(given, "mechanisms", wrong), [one.name for one in world_of(bare).mechanisms]
        wrong += [
            f"mechanisms are {listed(names)}, each true or false; got {str(name)[:40]}: {str(is_on)[:40]}"
            for name, is_on in switches.items()
            if name not in names or not isinstance(is_on, bool)
        ]
        moves = given.get("moves", [])
        if not isinstance(moves, list) or len(moves) > MOST_MOVES or not all(map(_is_move, moves)):
            wrong.append(f"moves are at most {MOST_MOVES} lists of date, actor, target, issue and move")
        if wrong:
            raise TensionSimError("\n".join(wrong))
        first, last = bare.file.start.isoformat(), bare.file.end.isoformat()
        if late := [one[0] for one in moves if not first <= one[0] <= last]:
            raise TensionSimError(f"moves are placed from {first} to {last}; got {late[0][:40]}")
        return cls(
            given["scenario"],
            outlook,
            tuple(sorted((path, float(value)) for path, value in values.items())),
            tuple(sorted(cast(Move, tuple(one)) for one in moves)),
            tuple(sorted(switches.items())),
        )

    @property
    def also(self) -> tuple[Assignment, ...]:
        """Its numbers, as they are set over those of an assembled world."""
        return tuple(Assignment(path, value, path) for path, value in self.values)


def _mapping(given: Mapping[str, Any], key: str, wrong: list[str]) -> dict[str, Any]:
    found = given.get(key, {})
    if isinstance(found, dict):
        return found
    wrong.append(f"{key} are an object")
    return {}


def _is_move(given: object) -> bool:
    return isinstance(given, list) and len(given) == 5 and all(isinstance(one, str) for one in given)


def based(side: Side, find: Find) -> Scenario:
    """What a side's world is assembled from: its scenario with outlook and moves, without numbers and switches."""
    return _based(find(side.scenario), side.outlook, side.moves)


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
    values: dict[str, object] = dict(side.values)
    values |= {f"mechanisms.{name}": "on" if is_on else "off" for name, is_on in side.mechanisms}
    found = based(side, find)
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
            [str(one.date), one.actor, speech.does(one.move), one.about] for one in sorted(file.schedule, key=_date_of)
        ],
        "notes": list(scenario.notes),
    }


def _date_of(one: Any) -> dt.date:
    day: dt.date = one.date
    return day


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
                    "value": round(number, 6),
                    "low": 0.0,
                    "high": max(1.0, math.ceil(2.0 * number)) if kind == "salience" else 1.0,
                    "uncertain": is_uncertain,
                    "until": min((str(one.date) for one in file.changes if _sets(one, path)), default=""),
                }


def _sets(change: Change, path: str) -> bool:
    """Whether a change in the scenario may set a number anew, so that a control reaches no further."""
    actor = path.split(".")[1]
    leads = [change.leader, *(one.leader for one in change.one_of)]
    return any(path in one for one in (change.set, *(one.set for one in change.one_of))) or (
        change.actor == actor and any(leads)
    )
