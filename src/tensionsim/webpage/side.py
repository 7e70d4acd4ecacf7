"""A side: an outlook as a visitor of the page has set it, and the controls that set it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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


class Given(BaseModel):
    """What a request says of a side. moves : of date, actor, target, issue and move."""

    model_config = ConfigDict(strict=True)

    scenario: str
    outlook: str | None = None
    values: dict[str, float] = {}
    mechanisms: dict[str, bool] = {}
    moves: Annotated[list[Annotated[list[str], Field(min_length=5, max_length=5)]], Field(max_length=MOST_MOVES)] = []


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
        try:
            asked = Given.model_validate(given)
        except ValidationError as problem:
            told = (f"{'.'.join(map(str, one['loc']))[:MOST_NAME]}: {one['msg']}" for one in problem.errors())
            raise TensionSimError("\n".join(told)) from None
        bare = based(cls(asked.scenario, asked.outlook), find)
        ranges, names = _ranges(bare), [one.name for one in world_of(bare).mechanisms]
        first, last = bare.file.start.isoformat(), bare.file.end.isoformat()
        wrong = []
        for path, value in asked.values.items():
            if path not in ranges:
                near = nearest(path, ranges)
                hint = f"; did you mean {quoted(near)}?" if near else ""
                wrong.append(f"no control {quoted(path[:MOST_NAME])}{hint}")
            elif not 0.0 <= value <= ranges[path]:
                wrong.append(f"{path} is a number in 0..{ranges[path]:g}; got {value:g}")
        strange = [name[:40] for name in asked.mechanisms if name not in names]
        wrong += [f"mechanisms are {listed(names)}; got {name}" for name in strange]
        late = [one[0][:40] for one in asked.moves if not first <= one[0] <= last]
        wrong += [f"moves are placed from {first} to {last}; got {day}" for day in late]
        if wrong:
            raise TensionSimError("\n".join(wrong))
        return cls(
            asked.scenario,
            asked.outlook,
            tuple(sorted(asked.values.items())),
            tuple(sorted(cast(Move, tuple(one)) for one in asked.moves)),
            tuple(sorted(asked.mechanisms.items())),
        )

    @property
    def also(self) -> tuple[Assignment, ...]:
        """Its numbers, as they are set over those of an assembled world."""
        return tuple(Assignment(path, value, path) for path, value in self.values)


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
