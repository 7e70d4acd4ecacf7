"""A simulation under way, and how it begins."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial

import numpy as np

from tensionsim.engine import calendar
from tensionsim.engine.world import NEVER, Acts, Availability, Numbers, World, engagement_now, perceive, sympathy_now
from tensionsim.model.measures import cooperation, issue_conduct, pressures
from tensionsim.model.mechanisms import Scene
from tensionsim.model.parameters import Settings, stack
from tensionsim.model.state import FADED, State, kept, remember
from tensionsim.model.structure import Floats, sum_by
from tensionsim.rng import RandomStreams

MEMORIES = ("net_fast", "net_slow", "acts_fast", "acts_slow", "verbal", "material")
"""What observed moves leave, by its name in the state, each of shape (channel, run or 1)."""


def at_start(world: World, fast: Floats, slow: Floats, index: Floats) -> dict[str, Floats]:
    """What the past leaves at step 0, by `MEMORIES`; chunks and runs of the same half-lives share the answer."""
    keeps = np.array(np.broadcast_arrays(fast, slow, index))
    apart, which = np.unique(keeps, axis=1, return_inverse=True)
    found = _at_start(world, tuple(map(tuple, apart.tolist())))
    return dict(zip(MEMORIES, found if keeps.shape[1] == 1 else found.take(which.reshape(-1), axis=-1), strict=True))


@lru_cache(maxsize=8)
def _at_start(world: World, keeps: tuple[tuple[float, ...], ...]) -> Floats:
    """What the past leaves, shape (memory, channel, nth), by shares kept in a step, (fast, slow, index) by nth."""
    past, menus, scores = world.past, world.menus, cache(partial(_scores, world))
    first_rows = tuple(row for row, first, _ in past.arrangements if first is None) if past.moves else world.in_force
    here = np.zeros((len(MEMORIES), len(world.channels), len(keeps[0])))
    here[5] += scores(first_rows)
    here[4] += _levelled(world, scores(first_rows))
    keep = np.array([keeps[of] for of in (0, 1, 0, 1, 2, 2)])[:, None]
    flows = np.zeros((-past.origin, len(MEMORIES), len(world.channels), 1))
    for one in past.moves:
        flow = flows[one.step - past.origin, :, one.channel]
        flow[[0, 1, 5 if menus.is_material[one.move] else 4]] += menus.move_score[one.move]
        flow[2:4] += 1.0
    for channel, step, more in past.excess:
        flows[step - past.origin, 4, channel] += more
    flows /= world.dt_months
    for step, flow in enumerate(flows, start=past.origin):
        flow[5] += scores(
            tuple(row for row, first, after in past.arrangements if (first is None or first <= step) and step < after)
        )
        here = remember(here, flow, keep)
    return here


def _levelled(world: World, material: Floats) -> Floats:
    """What words add to what is in force where conduct is taken to have been at a level, shape (channel, 1)."""
    added = np.zeros((len(world.channels), 1))
    for channel, level in world.past.levels:
        added[channel] = level - material[channel, 0]
    return added


def _scores(world: World, rows: Sequence[int]) -> Floats:
    """What arrangements count in each channel, shape (channel, 1)."""
    stands = np.zeros(len(world.instances), bool)
    stands[list(rows)] = True
    scores = np.where(stands[world.instances.instance], world.instances.score, 0.0)
    return sum_by(scores[:, None], world.instances.channel, len(world.channels))


@dataclass(frozen=True, slots=True)
class Origin:
    """A monthly flow of conduct in a channel, from step `first` (None: of old) until before `after`, <= 0."""

    label: str
    channel: int
    score: float
    first: int | None
    after: int


AS_CODED = "scores as coded"
"""In a ledger: what events count more, or less, than the moves that stand for them."""

AS_GIVEN = "level at the start"
"""In a ledger: what the scenario's `start_index` adds to what is in force."""


def origins(world: World) -> Iterator[Origin]:
    """What made the conduct at the start. A move is a flow of `score / dt` over its own step."""
    past, table, dt_months = world.past, world.instances, world.dt_months

    def origin(since: object, channel: int, what: str, score: float, first: int | None, after: int) -> Origin:
        return Origin(f"{since} | {world.channels.rows[channel].actor} | {what}", channel, float(score), first, after)

    def date(step: int) -> dt.date:
        days = {1.0: 365.0 / 12.0}.get(dt_months, (world.dates[1] - world.dates[0]).days)
        return world.dates[0] + dt.timedelta(days=round(step * days))

    for one in past.moves:
        flow = float(world.menus.move_score[one.move]) / dt_months
        yield origin(one.date, one.channel, world.menus.names[one.move], flow, one.step, one.step + 1)
    for row, first, after in past.arrangements if past.moves else [(row, None, 0) for row in world.in_force]:
        since = "before" if first is None else date(first)
        for entry in np.flatnonzero(table.instance == row):
            yield origin(since, int(table.channel[entry]), table.rows[row].kind, table.score[entry], first, after)
    together = defaultdict[tuple[int, int], float](float)
    for channel, step, flow in past.excess:
        together[step, channel] += flow
    for (step, channel), flow in sorted(together.items()):
        yield origin(date(step), channel, AS_CODED, flow / dt_months, step, step + 1)
    added = _levelled(world, _scores(world, world.in_force))
    for channel, _ in past.levels:
        yield origin("before", channel, AS_GIVEN, added[channel, 0], None, 0)


@dataclass(slots=True)
class Simulation:
    """A world under way in some runs: state, numbers, what is seen now and was done before, the step to come."""

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

    def cooperation(self) -> tuple[Floats, Floats]:
        """The index, shape (run,), and that of each issue, (issue, run), 0..100."""
        world, dyad, engine, seen = self.world, self.world.dyad, self.numbers.engine, self.look()
        if self._cooperation is None or self._cooperation[0] is not seen:
            mean = issue_conduct(
                seen.conduct[dyad], world.channels, dyad, len(world.names.issues), engine["technical_weight"]
            )
            self._cooperation = seen, cooperation(mean, self.numbers.issue_weight, engine["index_scale"])
        return self._cooperation[1]


def begin(world: World, streams: RandomStreams, also: Sequence[calendar.Assignment] = ()) -> Simulation:
    """The simulation at its start, as the scenario and its history leave it, and with numbers set over the file's."""
    settings, numbers = first_numbers(world, streams, also)
    state = _first_state(world, settings, numbers, streams.runs)
    return Simulation(world, streams, settings, numbers, state, Availability(world, state.in_force, state.matters))


def first_numbers(
    world: World, streams: RandomStreams, also: Sequence[calendar.Assignment] = ()
) -> tuple[Settings, Numbers]:
    """The settings of every run at the start, with uncertain numbers drawn, and what they mean; `also` wins."""
    settings, correlated = Settings(streams.runs), calendar.correlated(world.scenario.file.correlations, streams)
    for source in (*world.sources, *also):
        settings.set(source.path, calendar.draw(source, streams, correlated.get(source.stream)))
    return settings, Numbers(world, settings)


def _first_state(world: World, settings: Settings, numbers: Numbers, runs: int) -> State:
    channels, names = world.channels, world.indicators.names
    actors, issues, pairs = len(world.names.actors), len(world.names.issues), len(channels.pairs)
    past = at_start(world, numbers.keep_fast, numbers.keep_slow, numbers.keep_index)
    # Assumption: acts that made a level came at the rate that actors keep up by themselves, as good as that took.
    has_level = np.zeros((len(channels), 1))
    has_level[[channel for channel, _ in world.past.levels]] = 1.0
    bred = sum(numbers.engine[name] for name in ("own_fast", "own_slow", "other_fast", "other_slow"))
    most = np.maximum(1.0 - bred, 0.1)
    acts = has_level * numbers.base_rate * world.menus.is_open / most
    net = np.clip(has_level * past["verbal"], -acts, acts)
    past |= {name: past[name] + net for name in ("net_fast", "net_slow")}
    past |= {name: past[name] + acts for name in ("acts_fast", "acts_slow")}
    in_force = np.zeros((len(world.instances) + 2, runs), bool)
    in_force[[*world.in_force, -1]] = True
    state = State(
        **{name: _wide(memory, runs) for name, memory in past.items()},
        in_force=in_force,
        matters=_wide(left_open(world), runs),
        stance_shift=np.zeros((actors, issues, runs)),
        rhetoric=_wide(numbers.attributes.rhetoric, runs),
        sympathy=np.zeros((actors, runs)),
        engagement=np.zeros((pairs, runs)),
        expectations=np.zeros((pairs, runs)),
        level=np.zeros(runs),
        indicators=_wide(stack((settings.get(f"indicators.{one}.value") for one in names), (len(names),)), runs),
        spells=np.zeros((world.rulebook.timers, runs), np.int64),
        last_made=np.zeros((len(world.rulebook.watches), runs), np.int64),
        ready=np.zeros((len(world.rulebook.rules), runs), np.int64),
        leader=np.repeat(np.array(world.leaders, np.int64)[:, None], runs, axis=1),
    )
    for row, watch in enumerate(world.rulebook.watches):
        steps = [one.step for one in world.past.moves if watch[one.move, one.channel]]
        state.last_made[row] = steps[-1] if steps else NEVER
    # The slow states are at the levels that the conduct at the start sustains.
    pair_conduct = sum_by(state.conduct, channels.pair, pairs)
    pressure = pressures(state.verbal, state.material, channels, numbers.engine["verbal_weight"])
    state.engagement = engagement_now(numbers, pair_conduct)
    state.sympathy = sympathy_now(world, numbers, pair_conduct, sum_by(pressure, channels.pair_target, actors))
    return state


def _wide(values: Floats, runs: int) -> Floats:
    return np.array(np.broadcast_to(values, (*values.shape[:-1], runs)), order="C")


@lru_cache(maxsize=8)
def left_open(world: World) -> Floats:
    """How fresh what observed moves have left open is at the start, shape (matter + 2, 1)."""
    table, since = world.menus.matters, dict[int, int]()
    for one in world.past.moves:
        for row in table.row[table.settled[:, one.move], one.channel].tolist():
            since.pop(row, None)
        since |= dict.fromkeys(table.row[table.raised[:, one.move], one.channel].tolist(), one.step)
    steps = np.full((len(table) + 2, 1), np.inf)
    steps[list(since), 0] = [-step for step in since.values()]
    steps[[-2, -1], 0] = np.inf, 0.0
    keep = np.append(kept(table.half_life, world.dt_months), [[0.5], [1.0]], axis=0)
    fresh: Floats = keep**steps
    return np.where(fresh >= FADED, fresh, 0.0)
