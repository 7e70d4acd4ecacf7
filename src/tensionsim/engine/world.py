"""What a world is, its state in some runs, and what follows from it: availability, perception, direction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.engine.calendar import Assignment, Turn
from tensionsim.errors import TensionSimError
from tensionsim.model.catalogue import OWN_QUANTITIES, Arrangement, Catalogue, Move
from tensionsim.model.choice import Chances, can_be_made
from tensionsim.model.measures import pressures
from tensionsim.model.mechanisms import SCALE, Mechanism, Scene
from tensionsim.model.parameters import ENGINE, Names, Settings, attributes as attributes_of, stack
from tensionsim.model.state import Indicators, State, kept, tone
from tensionsim.model.structure import WAYS, Bools, Channels, Floats, Instances, Ints, Menus, Registry, sum_by
from tensionsim.scenario.scenario import Scenario
from tensionsim.scenario.schema import ScenarioFile

if TYPE_CHECKING:
    from tensionsim.engine.past import Past
    from tensionsim.engine.rules import Question, Rule, Veto


OWN, RULE, SCHEDULE, STOPPED = 0, 1, 2, 3
"""Why a move was made: rows of `tensionsim.model.record.CAUSES`; a stopped one was chosen but not made."""


@dataclass(frozen=True, slots=True)
class Acts:
    """Moves of one step; arrays of shape (act,): rows of channel, run, move, and the cause."""

    channel: Ints
    run: Ints
    move: Ints
    cause: Ints

    def __len__(self) -> int:
        return int(self.channel.size)

    def where(self, kept: Bools) -> Acts:
        """The acts that `kept` marks."""
        return Acts(self.channel[kept], self.run[kept], self.move[kept], self.cause[kept])


def acts_of(channel: Ints, run: Ints, move: Ints, cause: int) -> Acts:
    """Acts that share a cause."""
    return Acts(channel, run, move, np.full(channel.shape, cause, np.int64))


def nothing() -> Acts:
    """No acts at all."""
    empty = np.zeros(0, np.int64)
    return Acts(empty, empty, empty, empty)


def joined(parts: Sequence[Acts]) -> Acts:
    """Acts one after the other."""
    found = [part for part in parts if len(part)]
    if len(found) < 2:
        return found[0] if found else nothing()
    columns = ("channel", "run", "move", "cause")
    return Acts(*(np.concatenate([getattr(part, name) for part in found]) for name in columns))


def everywhere(channel: int, move: int, where: Bools, cause: int) -> Acts:
    """One move in one channel, in the runs `where`."""
    runs = np.flatnonzero(where)
    return acts_of(np.full(runs.shape, channel, np.int64), runs, np.full(runs.shape, move, np.int64), cause)


def without(acts: Acts, taken: Acts, runs: int) -> Acts:
    """The acts whose channel and run are not among those `taken`."""
    if not len(taken) or not len(acts):
        return acts
    free = np.ones((1 + max(acts.channel.max(), taken.channel.max())) * runs, bool)
    free[taken.channel * runs + taken.run] = False
    return acts.where(free[acts.channel * runs + acts.run])


MEMORIES = ("fast", "slow", "index", "rhetoric", "engagement", "sympathy", "expectations")


class Numbers:
    """Everything numeric that a step reads besides the state; the last axis is 1 where all runs agree.

    base_rate : acts a month at rest, (channel, run). weight : w[i,k] K, (channel, run). issue_weight : W, the
    principals' mean salience, (issue, run). active : the mechanisms that are on, with their values. scales : what some
    of them are multiplied by, (1,) or (run,). rivals : rows of each pair and of its actor's pair with an alternative to
    its target, and how far it is one, (run,). regional : rows of each regional actor's pairs and of their targets, and
    the sympathy that these win by pressure, (run,). dependence : as stated, of each pair's actor on its target, (pair,
    run). keep_fast and so on : shares that memories keep over a step, (1,) or (run,). keep_matters : of the freshness
    of matters, (matter, 1). is_asked : whether what is open asks for acts, in any run. cap : most acts of a channel in
    a step, (1,) or (run,). comes_in_bursts, imitates, drifts : whether acts of an episode come together or repeat one
    another, and directions wander, in any run. grievances : rows of channels and indicators with the yardstick, (run,),
    that their actors blame by. growth, rest : of the indicators, (indicator, run). effects : of every indicator's
    drives, each (run,).

    Assumption: the patron's rival is the alternative, as i bears it: max(0, -affinity[j, l]) (1 + affinity[i, l]) / 2
    """

    def __init__(self, world: World, values: Settings) -> None:
        channels, names, indicators = world.channels, world.names, world.indicators
        self.attributes = attributes = attributes_of(values, names)
        self.engine = engine = values.group("parameters", {name: one.default for name, one in ENGINE.items()})
        active = [one for one in world.mechanisms if one.name not in world.off]
        defaults = {one.name: {name: each.default for name, each in one.parameters.items()} for one in active}
        self.active = [(one, values.group(f"mechanisms.{one.name}", defaults[one.name])) for one in active]
        scales = {one.name: values.get(f"mechanisms.{one.name}.{SCALE}", 1.0) for one in world.mechanisms}
        self.scales = {name: scale for name, scale in scales.items() if (scale != 1.0).any()}
        self.weight = attributes.salience[channels.actor, channels.issue] * len(names.issues)
        base = engine["base_political"] * channels.is_political + engine["base_technical"] * channels.is_technical
        self.base_rate = attributes.attention[channels.actor] * self.weight * base
        first, second = world.principals
        self.issue_weight = 0.5 * (attributes.salience[first] + attributes.salience[second])
        affinity = attributes.affinity
        self.alternative = np.maximum(0.0, -affinity)[None, :, :] * ((1.0 + affinity)[:, None, :] * 0.5)
        pairs = list(zip(channels.pair_actor.tolist(), channels.pair_target.tolist(), strict=True))
        rivals = [(row, other, (*pairs[row], pairs[other][1])) for row, other in channels.siblings.tolist()]
        shares = [(row, other, self.alternative[place]) for row, other, place in rivals]
        self.rivals = [each for each in shares if each[2].any()]
        self.regional = [
            (row, target, engine["sympathy_gain"] * np.maximum(0.0, affinity[actor, target]))
            for row, (actor, target) in enumerate(pairs)
            if actor in world.regional
        ]
        self.dependence = attributes.dependence[channels.pair_actor, channels.pair_target]
        keeps = {name: kept(engine[f"{name}_half_life"], world.dt_months) for name in MEMORIES}
        self.keep_fast, self.keep_slow, self.keep_index = keeps["fast"], keeps["slow"], keeps["index"]
        self.keep_rhetoric, self.keep_engagement = keeps["rhetoric"], keeps["engagement"]
        self.keep_sympathy, self.keep_expectations = keeps["sympathy"], keeps["expectations"]
        self.keep_matters = kept(world.menus.matters.half_life, world.dt_months)
        self.cap = engine["acts_per_step"].astype(np.int64)
        self.comes_in_bursts = bool((engine["overdispersion"] > 0.0).any())
        self.imitates = bool((engine["imitation"] > 0.0).any())
        self.drifts = bool((engine["drift"] > 0.0).any())
        self.is_asked = bool((engine["matters"] > 0.0).any())
        grievances = [
            (channel, row, attributes.yardstick[channels.actor[channel], row])
            for row, blamed in enumerate(indicators.blamed)
            for channel in blamed.tolist()
        ]
        self.grievances = [each for each in grievances if each[2].any()]
        self.growth, self.rest = (
            stack((values.get(f"indicators.{name}.{what}") for name in indicators.names), (len(indicators),))
            for what in ("growth", "rest")
        )
        self.effects = [[values.get(one.path) for one in drives] for drives in indicators.drives]


NEVER = -(10**9)
"""The step at which a watched move was last made, where it never was."""


class Shifts:
    """What moves shift; arrays over moves. indicator_by, indicator_share : (indicator, move). anything : if they do."""

    def __init__(self, moves: Sequence[Move], indicators: Sequence[str]) -> None:
        self.indicator_by, self.indicator_share = np.zeros((2, len(indicators), len(moves)))
        self.stance, self.rhetoric, self.expectations = np.zeros((3, len(moves)))
        self.anything = np.array([bool(move.shifts) for move in moves], bool)
        for column, move in enumerate(moves):
            for shift in move.shifts:
                if shift.quantity in OWN_QUANTITIES:
                    getattr(self, shift.quantity)[column] += shift.amount
                elif shift.quantity in indicators:
                    table = self.indicator_share if shift.is_relative else self.indicator_by
                    table[indicators.index(shift.quantity), column] += shift.amount


@dataclass(frozen=True, slots=True)
class Timetable:
    """What the calendar holds, by step; months to each actor's next election, shape (actor, date)."""

    moves: Mapping[int, tuple[tuple[int, int], ...]]
    turns: Mapping[int, Sequence[Turn]]
    months_to_election: Floats


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules, checks, and the events that a report counts; with how many timers and watched moves they need."""

    rules: tuple[Rule, ...]
    vetoes: tuple[Veto, ...]
    events: Mapping[str, Question]
    timers: int
    watches: tuple[Bools, ...]


@dataclass(frozen=True, slots=True)
class Foundation:
    """What the parts of a world are built on."""

    file: ScenarioFile
    catalogue: Catalogue
    names: Names
    channels: Channels
    menus: Menus
    registry: Registry


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class World:
    """A scenario assembled: names, connections, menus, calendar, rules, past. Steps go from 0 to `steps` - 1.

    sources : every number of the file, with the defaults of those it is silent about. mechanisms : ours, then those of
    the scenario's own; off : names of those that are not used. in_force : rows of the instances
    in force at the start. dyad : rows of the channels between the principals. regional : rows of regional actors.
    """

    scenario: Scenario
    names: Names
    principals: tuple[int, int]
    dates: tuple[dt.date, ...]
    dt_months: float
    channels: Channels
    menus: Menus
    moves: tuple[Move, ...]
    kinds: Mapping[str, Arrangement]
    instances: Instances
    indicators: Indicators
    shifts: Shifts
    sources: tuple[Assignment, ...]
    mechanisms: tuple[Mechanism, ...]
    off: frozenset[str]
    timetable: Timetable
    rulebook: Rulebook
    past: Past
    in_force: tuple[int, ...]
    dyad: Ints
    regional: tuple[int, ...]
    leaders: tuple[int, ...]

    @property
    def steps(self) -> int:
        return len(self.dates) - 1


AT_REST = np.zeros(1)
"""The level of directions that do not drift."""


def perceive(world: World, state: State, numbers: Numbers) -> Scene:
    """What all actors see now."""
    channels, engine, conduct = world.channels, numbers.engine, state.conduct
    stance, rows = stances(numbers.attributes.stances, state.stance_shift), channels.dossiers
    # `1 - 2 |x_i - x_j|`, worked out once for the channels that share actors and issue.
    agreement = stance[channels.actor[rows], channels.issue[rows]] - stance[channels.target[rows], channels.issue[rows]]
    np.abs(agreement, out=agreement)
    agreement *= 2.0
    np.subtract(1.0, agreement, out=agreement)
    grievance, beyond = np.zeros(state.net_fast.shape), excess(world, state)
    for channel, row, yardstick in numbers.grievances:
        grievance[channel] += yardstick * beyond[row]
    return Scene(
        channels=channels,
        attributes=numbers.attributes,
        tone_fast=tone(state.net_fast, state.acts_fast, engine["tone_prior"]),
        tone_slow=tone(state.net_slow, state.acts_slow, engine["tone_prior"]),
        conduct=conduct,
        pair_conduct=sum_by(conduct, channels.pair, len(channels.pairs)),
        pressure=pressures(state.verbal, state.material, channels, engine["verbal_weight"]),
        weight=numbers.weight,
        agreement=agreement.take(channels.dossier, axis=0),
        rhetoric=state.rhetoric,
        sympathy=state.sympathy,
        level=state.level if numbers.drifts else AT_REST,
        dependence=dependence(state, numbers),
        alternative=numbers.alternative,
        grievance=grievance,
        matters=state.matters,
        facing=world.menus.matters.facing,
    )


def stances(stated: Floats, shift: Floats) -> Floats:
    """Where actors stand now, in [0, 1], from what is stated and what moves have shifted; all of one shape."""
    return (stated + shift).clip(0.0, 1.0)


def dependence(state: State, numbers: Numbers) -> Floats:
    """Dependence of each pair's actor on its target: `d0 (1 - psi * engagement)`, shape (pair, run), in [0, 1]."""
    return numbers.dependence * (1.0 - numbers.engine["substitution"] * state.engagement)


def excess(world: World, state: State) -> Floats:
    """How far each indicator lies above its reference, `value / reference - 1`, shape (indicator, run)."""
    return state.indicators / world.indicators.reference - 1.0


def direction(numbers: Numbers, expectations: Floats, seen: Scene) -> tuple[Floats, dict[str, Floats]]:
    """Desired conduct, and what adds to it before unpredictability divides it, shape (channel, run) or (place,)."""
    expected = seen.take(expectations, seen.channels.pair)
    contributions = {
        "bias": np.broadcast_to(seen.of_run(numbers.engine["bias"] + seen.level), expected.shape),
        "expectations": expected,
    }
    for mechanism, values in numbers.active:
        found = mechanism.adds(seen, {name: seen.of_run(one) for name, one in values.items()})
        if mechanism.name in numbers.scales:
            found = found * seen.of_run(numbers.scales[mechanism.name])
        if np.shape(found) != expected.shape:
            found = _fitting(mechanism, found, expected.shape)
        contributions[mechanism.name] = found
    total = np.zeros_like(expected)
    for contribution in contributions.values():
        total = total + contribution
    return total / seen.take(numbers.attributes.unpredictability, seen.channels.actor), contributions


def answering(numbers: Numbers, seen: Scene) -> Floats:
    """What answering is worth in each way, in log odds, shape (way, channel, run) or (way, place)."""
    worth = {name: seen.of_run(numbers.engine[name]) for name in WAYS}
    for mechanism, values in numbers.active:
        for name, one in mechanism.weighs.items():
            if values[name].any():
                felt = seen.of_run(values[name] * numbers.scales.get(mechanism.name, 1.0)) * one.felt(seen)
                worth |= {way: worth[way] + felt for way in one.ways}
    return np.array([worth[way] * seen.freshness(way) for way in WAYS])


def asked(world: World, matters: Floats) -> Floats:
    """Sum of the freshness of all that is open towards each channel's actor, on either track, shape (channel, run)."""
    table = world.menus.matters
    total: Floats = np.add.reduce(matters[:-2].reshape(len(table.names), table.lines, -1))[table.line[0]]
    return total


def _fitting(mechanism: Mechanism, found: Floats, shape: tuple[int, ...]) -> Floats:
    """A contribution, its run axis 1 or wider than what was asked for; TensionSimError where it has other axes."""
    try:
        whole = np.broadcast_shapes(np.shape(found), shape)
    except ValueError:
        whole = ()
    if len(whole) != len(shape):
        raise TensionSimError(
            f"the mechanism {mechanism.name} gives an array of shape {np.shape(found)} where {shape} is asked for: "
            "take what belongs to each channel by seen.take(table) or seen.take(table, rows), as in "
            "seen.take(seen.rhetoric, seen.channels.actor)"
        )
    return np.broadcast_to(found, whole)


def engagement_now(numbers: Numbers, pair_conduct: Floats) -> Floats:
    """How far each pair's actor is engaged with alternatives to its target, shape (pair, run), in [0, 1]."""
    engaged = np.zeros_like(pair_conduct)
    friendly = np.maximum(0.0, pair_conduct)
    for row, other, share in numbers.rivals:
        engaged[row] += share * friendly[other]
    return np.minimum(engaged, 1.0)


def sympathy_now(world: World, numbers: Numbers, pair_conduct: Floats, received: Floats) -> Floats:
    """Sympathy by actor, shape (actor, run), >= 0. Assumption: by regional conduct, and liking for who is pressed."""
    total = np.zeros((len(world.names.actors), pair_conduct.shape[-1]))
    for row, target, liking in numbers.regional:
        total[target] += np.maximum(0.0, pair_conduct[row]) + liking * received[target]
    return total


class Availability:
    """What arrangements count, Goldstein / 10 a month, (channel, run), and 1 for what is open, (channel, run, slot).

    What is open is brought in step by `renew`, once at the end of each step: within one, nobody asks after a change.
    """

    def __init__(self, world: World, in_force: Bools, matters: Floats) -> None:
        channels, menus, runs = len(world.channels), world.menus, in_force.shape[-1]
        self.is_open: Chances = np.zeros((channels, runs, menus.slots), np.uint8)
        for row, size in enumerate(menus.size.tolist()):
            can = can_be_made(menus, menus.move[:size, row], row, in_force, matters)
            self.is_open[row, :, :size] = can.T
        every = np.broadcast_to(np.arange(channels)[:, None], (channels, runs))
        self.score = _scores(world.instances, in_force, every, np.arange(runs))
        self._stale: list[tuple[Ints, Ints]] = []

    def open_at(self, channel: Ints, run: Ints) -> Chances:
        """Which entries of the menu can be made in some places, shape (place, slot)."""
        _, runs, slots = self.is_open.shape
        found: Chances = self.is_open.reshape(-1, slots).take(channel * runs + run, axis=0)
        return found

    def doubt(self, entry: Ints, run: Ints) -> None:
        """Notes entries of the menus, shape (place, nth), -1 for none, that may have opened or closed in each's run."""
        exists = entry >= 0
        self._stale.append((entry[exists], np.repeat(run, exists.sum(axis=1))))

    def renew(self, world: World, state: State) -> None:
        """Finds anew which of the doubted entries can be made; doubts none any more."""
        if not self._stale:
            return
        entry, run = (np.concatenate(parts) for parts in zip(*self._stale, strict=True))
        channel, slot = np.divmod(entry, world.menus.slots)
        move = world.menus.move[slot, channel]
        self.is_open[channel, run, slot] = can_be_made(world.menus, move, channel, state.in_force, state.matters, run)
        self._stale.clear()


def change(availability: Availability, world: World, state: State, instance: Ints, run: Ints) -> None:
    """Brings what arrangements count in step with what is in force, in these instances and runs, and doubts menus."""
    if not instance.size:
        return
    for channel in world.instances.counts_in[:, instance]:
        counts = channel >= 0
        cells = (channel[counts], run[counts])
        availability.score[cells] = _scores(world.instances, state.in_force, *cells)
    availability.doubt(world.menus.touched[instance], run)


def _scores(instances: Instances, in_force: Bools, channel: Ints, run: Ints) -> Floats:
    """What arrangements in force count in some channels of some runs, added in the order of their rows."""
    total = np.zeros(np.broadcast_shapes(channel.shape, run.shape))
    for row, score in zip(instances.counted, instances.counted_score, strict=True):
        total += score[channel] * in_force[row[channel], run]
    return total
