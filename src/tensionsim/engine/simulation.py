"""A simulation under way, and how it begins."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import chain

import numpy as np

from tensionsim.engine import calendar
from tensionsim.engine.world import (
    NEVER,
    Acts,
    Availability,
    Numbers,
    Observation,
    Past,
    World,
    availability_of,
    engagement_now,
    numbers_now,
    perceive,
    sympathy_now,
)
from tensionsim.model.measures import cooperation, issue_conduct, pressures
from tensionsim.model.mechanisms import Scene
from tensionsim.model.parameters import Settings
from tensionsim.model.state import FADED, State, kept, remember
from tensionsim.model.structure import Bools, Floats, Ints, sum_by
from tensionsim.rng import RandomStreams


@dataclass(slots=True)
class Replayed:
    """Memories and conduct that observed moves leave; arrays of shape (channel, run or 1)."""

    net_fast: Floats
    net_slow: Floats
    acts_fast: Floats
    acts_slow: Floats
    verbal: Floats
    material: Floats


@dataclass(frozen=True, slots=True)
class Memory:
    """Shares that the fast, the slow and the index's memory keep in a step; one value, or one a run."""

    fast: tuple[float, ...]
    slow: tuple[float, ...]
    index: tuple[float, ...]

    @classmethod
    def of(cls, numbers: Numbers) -> Memory:
        """The memory of the numbers in force."""
        return cls(*(tuple(keep.tolist()) for keep in (numbers.keep_fast, numbers.keep_slow, numbers.keep_index)))


def at_start(world: World, numbers: Numbers) -> Replayed:
    """What the past leaves at step 0. Without a past, what is in force counts as having been so for long.

    Chunks and runs of a world whose memories have the same half-lives share the answer.
    """
    keeps = np.array(np.broadcast_arrays(numbers.keep_fast, numbers.keep_slow, numbers.keep_index))
    apart, which = np.unique(keeps, axis=1, return_inverse=True)
    found = _at_start(world, Memory(*map(tuple, apart.tolist())))
    if keeps.shape[1] == 1:
        return found
    return Replayed(*(getattr(found, one.name).take(which.reshape(-1), axis=1) for one in fields(found)))


@lru_cache(maxsize=8)
def _at_start(world: World, memory: Memory) -> Replayed:
    beginning = (world.past.origin, _beginning(world, memory, world.past))
    return deque(chain([beginning], replay(world, memory, world.past)), maxlen=1)[0][1]


def replay(world: World, memory: Memory, past: Past, until: int = 0) -> Iterator[tuple[int, Replayed]]:
    """The state at the end of every step from the past's origin to `until`, with the step's number."""
    beginning = _beginning(world, memory, past)
    here = np.array(np.broadcast_arrays(*(getattr(beginning, one.name) for one in fields(beginning))))
    keeps = (memory.fast, memory.slow, memory.fast, memory.slow, memory.index, memory.index)
    keep = np.array(np.broadcast_arrays(*keeps))[:, None]
    moves: dict[int, list[tuple[int, int]]] = {}
    for one in past.moves:
        moves.setdefault(one.step, []).append((one.channel, one.move))
    excess: dict[int, list[tuple[int, float]]] = {}
    for channel, step, flow in past.excess:
        excess.setdefault(step, []).append((channel, flow))
    score, is_material = world.menus.move_score, world.menus.is_material
    for step, arranged in zip(range(past.origin, until), _arranged(world, past, until), strict=True):
        flows = np.zeros((len(here), len(world.channels), 1))
        for channel, move in moves.get(step, ()):
            flows[[0, 1, 5 if is_material[move] else 4], channel] += score[move]
            flows[2:4, channel] += 1.0
        for channel, flow in excess.get(step, ()):
            flows[4, channel] += flow
        flows /= world.dt_months
        flows[5] += arranged
        here = remember(here, flows, keep)
        yield step, Replayed(*here)


def _beginning(world: World, memory: Memory, past: Past) -> Replayed:
    """Before the first observed move: no memories, and what is in force has been so for long."""
    rows = [row for row, first, _ in past.arrangements if first is None] if past.moves else list(world.in_force)
    nothing = np.zeros((len(world.channels), len(memory.index)))
    material = nothing + _scores(world, rows)
    return Replayed(nothing, nothing, nothing, nothing, nothing + _levelled(world, material), material)


def _levelled(world: World, material: Floats) -> Floats:
    """What words add to what is in force where conduct is taken to have been at a level, shape (channel, 1)."""
    added = np.zeros((len(world.channels), 1))
    for channel, level in world.past.levels:
        added[channel] = level - material[channel, 0]
    return added


def _arranged(world: World, past: Past, until: int) -> Iterator[Floats]:
    """What arrangements in force count in every step from the past's origin to `until`, shape (channel, 1)."""
    known: dict[tuple[int, ...], Floats] = {}
    for step in range(past.origin, until):
        rows = tuple(
            row for row, first, after in past.arrangements if (first is None or first <= step) and step < after
        )
        if rows not in known:
            known[rows] = _scores(world, list(rows))
        yield known[rows]


def _scores(world: World, rows: list[int]) -> Floats:
    """What arrangements count in each channel, shape (channel, 1)."""
    stands = np.zeros(len(world.instances), bool)
    stands[rows] = True
    scores = np.where(stands[world.instances.instance], world.instances.score, 0.0)
    return sum_by(scores[:, None], world.instances.channel, len(world.channels))


@dataclass(frozen=True, slots=True)
class Origin:
    """One thing that made the conduct at the start: a flow of conduct in a channel (row).

    label : "since when | actor | what". score : the flow, a month. first, after : the step from which and the step
    before which it flowed, <= 0; first is None for what had flowed for long.
    """

    label: str
    channel: int
    score: float
    first: int | None
    after: int


AS_CODED = "scores as coded"
"""In a ledger: what events count more, or less, than the moves that stand for them."""

AS_GIVEN = "level at the start"
"""In a ledger: what the scenario's `start_index` adds to what is in force."""


def origins(world: World) -> list[Origin]:
    """What made the conduct at the start. A move is a flow of `score / dt` over its own step."""
    return [*_of_moves(world), *_of_arrangements(world), *_of_excess(world), *_of_levels(world)]


def _of_moves(world: World) -> Iterator[Origin]:
    for one in world.past.moves:
        label = f"{one.date} | {world.channels.rows[one.channel].actor} | {world.menus.names[one.move]}"
        flow = float(world.menus.move_score[one.move]) / world.dt_months
        yield Origin(label, one.channel, flow, one.step, one.step + 1)


def _of_arrangements(world: World) -> Iterator[Origin]:
    spells = world.past.arrangements if world.past.moves else [(row, None, 0) for row in world.in_force]
    table = world.instances
    for row, first, after in spells:
        since = "before" if first is None else _date(world, first)
        for entry in np.flatnonzero(table.instance == row):
            channel = int(table.channel[entry])
            label = f"{since} | {world.channels.rows[channel].actor} | {table.rows[row].kind}"
            yield Origin(label, channel, float(table.score[entry]), first, after)


def _of_excess(world: World) -> Iterator[Origin]:
    together: dict[tuple[int, int], float] = {}
    for channel, step, flow in world.past.excess:
        together[step, channel] = together.get((step, channel), 0.0) + flow
    for (step, channel), flow in sorted(together.items()):
        label = f"{_date(world, step)} | {world.channels.rows[channel].actor} | {AS_CODED}"
        yield Origin(label, channel, flow / world.dt_months, step, step + 1)


def _of_levels(world: World) -> Iterator[Origin]:
    added = _levelled(world, _scores(world, list(world.in_force)))
    for channel, _ in world.past.levels:
        label = f"before | {world.channels.rows[channel].actor} | {AS_GIVEN}"
        yield Origin(label, channel, float(added[channel, 0]), None, 0)


def _date(world: World, step: int) -> str:
    days = {1.0: 365.0 / 12.0}.get(world.dt_months, (world.dates[1] - world.dates[0]).days)
    return str(world.dates[0] + dt.timedelta(days=round(step * days)))


@dataclass(slots=True)
class Simulation:
    """A world under way in some runs: its state, the numbers in force, and the step that comes next.

    availability : what follows from the arrangements in force. seen : what was seen at the present step, once it has
    been looked at. done : what was done in the step before.
    """

    world: World
    streams: RandomStreams
    settings: Settings
    numbers: Numbers
    state: State
    availability: Availability
    at: int = 0
    seen: Scene | None = None
    done: Acts | None = None
    _cooperation: tuple[Scene, tuple[Floats, Floats]] | None = None

    def look(self) -> Scene:
        """What all actors see now; worked out once a step."""
        if self.seen is None:
            self.seen = perceive(self.world, self.state, self.numbers)
        return self.seen

    def observe(self) -> Observation:
        """What conditions may ask about now."""
        seen = self.look()
        return Observation(self.state, self.at, seen.conduct, seen.pressure, self.cooperation)

    def cooperation(self) -> tuple[Floats, Floats]:
        """The index, shape (run,), and that of each issue, (issue, run), 0..100."""
        world, engine, seen = self.world, self.numbers.engine, self.look()
        if self._cooperation is None or self._cooperation[0] is not seen:
            mean = issue_conduct(
                seen.conduct[world.dyad],
                world.channels,
                world.dyad,
                len(world.names.issues),
                engine["technical_weight"],
            )
            self._cooperation = seen, cooperation(mean, self.numbers.issue_weight, engine["index_scale"])
        return self._cooperation[1]


def begin(world: World, streams: RandomStreams, also: Sequence[calendar.Assignment] = ()) -> Simulation:
    """The simulation at its start, as the scenario and its history leave it, and with numbers set over the file's."""
    settings, numbers = first_numbers(world, streams, also)
    state = _first_state(world, settings, numbers, streams.runs)
    return Simulation(world, streams, settings, numbers, state, availability_of(world, state.in_force, state.matters))


def first_numbers(
    world: World, streams: RandomStreams, also: Sequence[calendar.Assignment] = ()
) -> tuple[Settings, Numbers]:
    """The settings of every run at the start, with uncertain numbers drawn, and what they mean; `also` wins."""
    settings, correlated = Settings(streams.runs), calendar.correlated(world.scenario.file.correlations, streams)
    for source in (*world.sources, *also):
        settings.set(source.path, calendar.draw(source, streams, correlated.get(source.stream)))
    return settings, numbers_now(world, settings)


def _first_state(world: World, settings: Settings, numbers: Numbers, runs: int) -> State:
    actors, issues, pairs = len(world.names.actors), len(world.names.issues), len(world.channels.pairs)
    past = at_start(world, numbers)
    net, acts = _usual(world, numbers, past.verbal)
    state = State(
        net_fast=_wide(past.net_fast + net, runs),
        net_slow=_wide(past.net_slow + net, runs),
        acts_fast=_wide(past.acts_fast + acts, runs),
        acts_slow=_wide(past.acts_slow + acts, runs),
        verbal=_wide(past.verbal, runs),
        material=_wide(past.material, runs),
        in_force=_in_force(world, runs),
        matters=_wide(_left_open(world), runs),
        stance_shift=np.zeros((actors, issues, runs)),
        rhetoric=_wide(numbers.attributes.rhetoric, runs),
        sympathy=np.zeros((actors, runs)),
        engagement=np.zeros((pairs, runs)),
        expectations=np.zeros((pairs, runs)),
        level=np.zeros(runs),
        indicators=_first_indicators(world, settings, runs),
        spells=np.zeros((world.rulebook.timers, runs), np.int64),
        last_made=_last_made(world, runs),
        ready=np.zeros((len(world.rulebook.rules), runs), np.int64),
        leader=np.repeat(np.array(world.leaders, np.int64)[:, None], runs, axis=1),
    )
    return _settled(world, numbers, state)


def _usual(world: World, numbers: Numbers, conduct: Floats) -> tuple[Floats, Floats]:
    """Memories of acts that made the level of conduct, where one is given: sums of scores and numbers a month.

    Assumption: they came at the rate that actors keep up by themselves, and were as good, or as bad, as that took.
    """
    has_level = np.zeros((len(world.channels), 1))
    has_level[[channel for channel, _ in world.past.levels]] = 1.0
    engine = numbers.engine
    branching = sum(engine[name] for name in ("own_fast", "own_slow", "other_fast", "other_slow"))
    acts = has_level * numbers.base_rate * world.menus.is_open / np.maximum(1.0 - branching, 0.1)
    return np.clip(has_level * conduct, -acts, acts), acts


def _settled(world: World, numbers: Numbers, state: State) -> State:
    """The slow states at the levels that the conduct at the start sustains."""
    pair_conduct = sum_by(state.conduct, world.channels.pair, len(world.channels.pairs))
    pressure = pressures(state.verbal, state.material, world.channels, numbers.engine["verbal_weight"])
    state.engagement = engagement_now(numbers, pair_conduct)
    received = sum_by(pressure, world.channels.pair_target, len(world.names.actors))
    state.sympathy = sympathy_now(world, numbers, pair_conduct, received)
    return state


def _wide(values: Floats, runs: int) -> Floats:
    return np.array(np.broadcast_to(values, (*values.shape[:-1], runs)), order="C")


def _in_force(world: World, runs: int) -> Bools:
    table = np.zeros((len(world.instances) + 2, runs), bool)
    table[list(world.in_force)] = True
    table[-1] = True
    return table


@lru_cache(maxsize=8)
def _left_open(world: World) -> Floats:
    """How fresh what observed moves have left open is at the start, shape (matter + 2, 1)."""
    table, since = world.menus.matters, dict[int, int]()
    for one in world.past.moves:
        for row in table.rows(table.settled[:, one.move], one.channel).tolist():
            since.pop(row, None)
        since |= dict.fromkeys(table.rows(table.raised[:, one.move], one.channel).tolist(), one.step)
    steps = np.full((len(table) + 2, 1), np.inf)
    steps[list(since), 0] = [-step for step in since.values()]
    steps[[-2, -1], 0] = np.inf, 0.0
    keep = np.append(kept(table.half_life, world.dt_months), [[0.5], [1.0]], axis=0)
    fresh: Floats = keep**steps
    return np.where(fresh >= FADED, fresh, 0.0)


def _last_made(world: World, runs: int) -> Ints:
    """Step at which each watched move was last made before the start, as observed; shape (watch, run)."""
    table = np.full((len(world.rulebook.watches), runs), NEVER, np.int64)
    for one in world.past.moves:
        channel, name = world.channels.rows[one.channel], world.menus.names[one.move]
        for row, watch in enumerate(world.rulebook.watches):
            if watch.is_met(name, channel.actor, channel.issue):
                table[row] = one.step
    return table


def _first_indicators(world: World, settings: Settings, runs: int) -> Floats:
    values = np.zeros((len(world.indicators), runs))
    for row, name in enumerate(world.indicators.names):
        values[row] = settings.get(f"indicators.{name}.value")
    return values
