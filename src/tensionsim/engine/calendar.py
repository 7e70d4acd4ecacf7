"""The calendar: scheduled moves, changes with their alternatives, and elections drawing near."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tensionsim.model.parameters import BY_ACTOR, BY_INDICATOR, BY_ISSUE, DEFAULTS, Names, Settings
from tensionsim.model.state import State
from tensionsim.model.structure import Floats, Ints
from tensionsim.rng import Purpose, RandomStreams, stream_of
from tensionsim.scenario.judgements import copula, coupled
from tensionsim.scenario.quantities import parse
from tensionsim.scenario.scenario import streams_of
from tensionsim.scenario.schema import ActorPatch, Change, Correlation, Distribution, ScenarioFile

DAYS_PER_MONTH = 365.0 / 12.0

JOINT_STREAM = "joint"
"""By this name the one place is drawn that a run takes in all `joint` lists of a scenario."""

Value = float | Distribution


@dataclass(frozen=True, slots=True)
class Assignment:
    """A number that a path gets, drawn by the name `stream` where it is uncertain."""

    path: str
    value: Value
    stream: str


@dataclass(frozen=True, slots=True)
class Branch:
    """What happens in some of the runs: assignments, and a new leader (row of `leaders`) for an actor's row."""

    chance: float
    assignments: tuple[Assignment, ...]
    actor: int
    leader: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A change on a date: what happens in all runs, then one of the alternatives in each."""

    name: str
    always: Branch
    alternatives: tuple[Branch, ...]


def step_of(date: dt.date, dates: Sequence[dt.date]) -> int:
    """The step that contains a date, whose doings show in the row after; -1 before the start."""
    return bisect.bisect_right(dates, date) - 1


def draw(assignment: Assignment, streams: RandomStreams, uniforms: Floats | None = None) -> Floats:
    """The value in every run, shape (1,) where certain, else (run,), by its own stream or by `uniforms`."""
    if not isinstance(assignment.value, Distribution):
        return np.array([float(assignment.value)])
    drawn = parse(assignment.value)
    stream = JOINT_STREAM if drawn.family == "joint" else assignment.stream
    return drawn.quantile(streams.uniforms(stream_of(stream), Purpose.PARAMETER) if uniforms is None else uniforms)


def correlated(correlations: Sequence[Correlation], streams: RandomStreams) -> dict[str, Floats]:
    """The uniforms of correlated numbers by their paths, shape (run,), made of those of their own streams."""
    if not correlations:
        return {}
    paths, root = copula(correlations)
    own = np.array([streams.uniforms(stream_of(path), Purpose.PARAMETER) for path in paths])
    return dict(zip(paths, coupled(own, root), strict=True))


def numbers_of(patch: ActorPatch, prefix: str) -> dict[str, Value]:
    """The numbers of an actor or a leader's patch, by their paths below `prefix`."""
    found: dict[str, Value] = {}
    for name in (*BY_ISSUE, *BY_ACTOR, *BY_INDICATOR):
        found |= {f"{prefix}.{name}.{key}": value for key, value in (getattr(patch, name) or {}).items()}
    return found | {f"{prefix}.{name}": value for name in DEFAULTS if (value := getattr(patch, name)) is not None}


def turns(file: ScenarioFile, dates: Sequence[dt.date]) -> dict[int, list[Turn]]:
    """The file's changes by the step in which they happen."""
    found: dict[int, list[Turn]] = {}
    drawn_by = zip(file.changes, streams_of(file.changes), strict=True)
    for change, name in sorted(drawn_by, key=lambda one: one[0].date):
        found.setdefault(step_of(change.date, dates), []).append(_turn(change, file, name))
    return found


def _turn(change: Change, file: ScenarioFile, name: str) -> Turn:
    leaders = {None: -1} | {leader: row for row, leader in enumerate(file.leaders)}
    row = -1 if change.actor is None else list(file.actors).index(change.actor)

    def branch(chance: float, sets: Mapping[str, object], leader: str | None) -> Branch:
        given = {} if leader is None else numbers_of(file.leaders[leader], f"actors.{change.actor}")
        found = [Assignment(path, value, path) for path, value in given.items()]
        for path, to in sets.items():
            value = Distribution.model_validate(to) if isinstance(to, dict) else float(str(to))
            found.append(Assignment(path, value, f"{name}.{path}"))
        return Branch(chance, tuple(found), row, leaders[leader])

    alternatives = tuple(branch(one.chance, one.set, one.leader) for one in change.one_of)
    return Turn(name, branch(1.0, change.set, change.leader), alternatives)


def apply(turn: Turn, settings: Settings, state: State, streams: RandomStreams, names: Names) -> None:
    """Makes a change in the settings and the state of every run."""
    happens = [(turn.always, np.ones(streams.runs, bool))]
    if turn.alternatives:
        drawn = alternative(turn.name, [branch.chance for branch in turn.alternatives], streams)
        happens += [(branch, drawn == row) for row, branch in enumerate(turn.alternatives)]
    for branch, where in happens:
        for one in branch.assignments:
            parts = one.path.split(".")
            settings.set(one.path, draw(one, streams), where)
            if len(parts) == 4 and parts[2] == "stances":
                state.stance_shift[names.actors.index(parts[1]), names.issues.index(parts[3]), where] = 0.0
        if branch.leader >= 0:
            state.leader[branch.actor, where] = branch.leader


def alternative(name: str, chances: Sequence[float], streams: RandomStreams) -> Ints:
    """Row of the alternative that each run takes where a change of that luck may turn out so, shape (run,)."""
    uniform = streams.uniforms(stream_of(name), Purpose.ALTERNATIVE)
    return np.minimum(np.searchsorted(np.cumsum(chances), uniform, side="right"), len(chances) - 1)


def months_to_elections(
    elections: Mapping[str, Sequence[dt.date]], actors: Sequence[str], dates: Sequence[dt.date]
) -> Floats:
    """Months to each actor's next election, shape (actor, date); infinite after the last."""

    def to_next(days: Sequence[dt.date], date: dt.date) -> float:
        return min(((day - date).days / DAYS_PER_MONTH for day in days if day >= date), default=np.inf)

    return np.array([[to_next(elections.get(actor, ()), date) for date in dates] for actor in actors])
