"""One step of the world, in the order of the model. All actors act on the state at its start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from tensionsim.engine import calendar
from tensionsim.engine.rules import follow, stop
from tensionsim.engine.simulation import Simulation
from tensionsim.engine.world import (
    OWN,
    SCHEDULE,
    STOPPED,
    Acts,
    Numbers,
    acts_of,
    answering,
    asked,
    change,
    direction,
    engagement_now,
    everywhere,
    excess,
    joined,
    nothing,
    sympathy_now,
    without,
)
from tensionsim.model.choice import Taste, episodes_how_many, how_many, imitated, pick, rates, tastes, weights
from tensionsim.model.mechanisms import Places, Scene
from tensionsim.model.state import FADED, advance, drive, remember
from tensionsim.model.structure import QUADS, Floats, Ints, sum_by
from tensionsim.rng import Purpose, Words, offspring, stream_of


class View:
    """What is decided on: acts a month (channel, run), taste (actor, run or 1), expectations (pair, run)."""

    def __init__(self, now: Simulation) -> None:
        state, engine = now.state, now.numbers.engine
        self.numbers, self.seen, self.expectations = now.numbers, now.look(), state.expectations
        self.rate = rates(now.numbers.base_rate, state.acts_fast, state.acts_slow, engine, now.world.channels)
        if now.numbers.is_asked:
            self.rate += engine["matters"] * asked(now.world, state.matters)
        self.rate *= now.world.menus.is_open
        self.intensity = engine["intensity"] + engine["heat_intensity"] * heat(now)

    @property
    def direction(self) -> Floats:
        """Desired conduct, shape (channel, run)."""
        return self._everywhere[0]

    @property
    def contributions(self) -> Mapping[str, Floats]:
        """Those of every mechanism to the direction, before unpredictability divides it; each (channel, run)."""
        return self._everywhere[1]

    @cached_property
    def _everywhere(self) -> tuple[Floats, dict[str, Floats]]:
        return direction(self.numbers, self.expectations, self.seen)

    def tastes(self, channel: Ints, run: Ints) -> Taste:
        """What moves are worth to whoever acts in these places."""
        seen = replace(self.seen, places=Places(channel, run))
        towards, _ = direction(self.numbers, self.expectations, seen)
        intensity = seen.take(self.intensity, seen.channels.actor)
        restraint = seen.of_run(self.numbers.engine["cost"]) * seen.take(seen.dependence, seen.channels.pair)
        given = self.numbers.attributes
        quads = np.array([seen.take(getattr(given, name), seen.channels.actor) for name in QUADS])
        return tastes(towards, intensity, restraint, quads, answering(self.numbers, seen))


Decide = Callable[[Simulation, View], Acts]


def heat(now: Simulation) -> Floats:
    """How near each actor's next election is, shape (actor, run or 1), in [0, 1]: `2^(-months to it / half-life)`."""
    months = now.world.timetable.months_to_election[:, now.at][:, None]
    return np.exp2(-months / now.numbers.engine["heat_half_life"])


def decide_all(now: Simulation, view: View) -> Acts:
    """Every actor's own choice in every channel."""
    return decide(now, view, np.arange(len(now.world.channels)))


def decide(now: Simulation, view: View, rows: Ints) -> Acts:
    """The own choices in some channels, by their rows."""
    if now.numbers.comes_in_bursts or now.numbers.imitates:
        return _decide_together(now, view, rows)
    of_channel = now.world.channels.streams
    words = now.streams.words([of_channel[row] for row in rows], Purpose.WHETHER, now.at)
    place, run, ordinal = how_many(view.rate[rows] * now.world.dt_months, words, now.numbers.cap)
    return choose(now, view, rows[place], run, ordinal, words[place, run])


def _decide_together(now: Simulation, view: View, rows: Ints) -> Acts:
    """Own choices in some channels, acts of an episode drawn together; runs without episodes draw as alone."""
    channels, numbers = now.world.channels, now.numbers
    words = now.streams.words(channels.streams, Purpose.WHETHER, now.at)
    expected = np.broadcast_to(view.rate, words.shape) * now.world.dt_months
    spread = numbers.engine["overdispersion"]
    if (spread > 0.0).all():
        channel, run, ordinal = episodes_how_many(expected, words, channels, spread, numbers.cap)
    else:
        together = episodes_how_many(expected * (spread > 0.0), words, channels, spread, numbers.cap)
        alone = how_many(expected * (spread <= 0.0), words, numbers.cap)
        channel, run, ordinal = (np.concatenate(found) for found in zip(together, alone, strict=True))
        order = np.lexsort([run, channel, ordinal])
        channel, run, ordinal = channel[order], run[order], ordinal[order]
    acts = choose(now, view, channel, run, ordinal, words[channel, run])
    return acts if len(rows) == len(channels) else acts.where(np.isin(acts.channel, rows))


def choose(now: Simulation, view: View, channel: Ints, run: Ints, ordinal: Ints, word: Words) -> Acts:
    """Which move each act is, shape (act,). Assumption: what begins or ends the same twice in a step is made once.

    channel, run, ordinal : of every act, by ordinal, channel, run, so that the first acts of all places come first.
    """
    if not channel.size:
        return nothing()
    menus, runs, first = now.world.menus, now.state.runs, int(np.searchsorted(ordinal, 1))
    places = channel[:first], run[:first]
    again = np.searchsorted(places[0] * runs + places[1], channel[first:] * runs + run[first:])
    is_open = now.availability.open_at(*places)
    slot = pick(weights(menus, places[0], view.tastes(*places), is_open), offspring(word, ordinal), again)
    if now.numbers.imitates:
        is_open = np.concatenate([is_open, is_open[again]])
        imitation = now.numbers.engine["imitation"]
        slot = imitated((channel, run, ordinal), slot, word, is_open, menus, now.world.channels, imitation)
    made = acts_of(channel, run, menus.move[slot, channel], OWN).where(slot >= 0)
    return once(now, made) if again.size else made


def once(now: Simulation, acts: Acts) -> Acts:
    """The acts without repetitions of a move with lasting effects by one channel of one run."""
    menus = now.world.menus
    rows = np.flatnonzero(menus.is_lasting[acts.move, acts.channel])
    if rows.size < 2:
        return acts
    key = ((acts.move * len(now.world.channels) + acts.channel) * now.state.runs + acts.run)[rows]
    order = np.argsort(key, kind="stable")
    again = np.zeros(len(acts), bool)
    again[rows[order[1:]]] = key[order[1:]] == key[order[:-1]]
    return acts.where(~again)


DRIFT = stream_of("drift")

MOST_RHETORIC = 2.0
"""Assumption: rhetoric can rise to twice its full base level, by an election and by rallying, and no further."""


def step(now: Simulation, decide: Decide = decide_all) -> Acts:
    """Moves a simulation one step on and returns what was done (and what was stopped)."""
    turn_calendar(now)
    try:
        view = View(now)
        acts = overrule(now, decide(now, view))
    except Exception as error:
        first, runs = now.streams.first_run, now.streams.runs
        which = f"run {first}" if runs == 1 else f"runs {first} to {first + runs - 1}"
        error.add_note(f"in the step from {now.world.dates[now.at]} of {which}, seed {now.streams.seed}")
        raise
    act(now, acts.where(acts.cause != STOPPED))
    live(now, view.seen)
    now.at += 1
    now.seen, now.done = None, acts
    return acts


def turn_calendar(now: Simulation) -> None:
    """Scheduled changes: leaders, attributes, parameters."""
    turns = now.world.timetable.turns.get(now.at, ())
    for turn in turns:
        calendar.apply(turn, now.settings, now.state, now.streams, now.world.names)
    if turns:
        now.numbers, now.seen = Numbers(now.world, now.settings), None


def overrule(now: Simulation, chosen: Acts) -> Acts:
    """Scheduled moves and rules replace own choices in their channels; checks may stop what is left."""
    world, state = now.world, now.state
    everyone = np.ones(state.runs, bool)
    scheduled = [
        everywhere(channel, move, everyone, SCHEDULE) for channel, move in world.timetable.moves.get(now.at, ())
    ]
    acts = follow(world.rulebook.rules, now, joined(scheduled))
    acts = joined([acts, without(chosen, acts, state.runs)])
    return stop(acts, world.rulebook.vetoes, now)


def act(now: Simulation, acts: Acts, parts: Sequence[Acts] | None = None) -> None:
    """Moves begin and end arrangements, settle and raise matters, shift quantities, enter memories and conduct.

    parts : of the acts that begin and end things one after the other, as observed days do. Memories and conduct follow
    `keep * old + (1 - keep) * flow`; as little flows in most channels, what fades is worked out everywhere and what
    flows only where it does.
    """
    for part in (acts,) if parts is None else parts:
        _begin_and_end(now, part)
        _settle_and_raise(now, part)
    state, menus, numbers, dt = now.state, now.world.menus, now.numbers, now.world.dt_months
    _shift(now, acts)
    for row, watch in enumerate(now.world.rulebook.watches):
        state.last_made[row, acts.run[watch[acts.move, acts.channel]]] = now.at
    score, is_material = menus.move_score[acts.move] / dt, menus.is_material[acts.move]
    flows = (
        (numbers.keep_fast, ((state.net_fast, score), (state.acts_fast, 1.0 / dt))),
        (numbers.keep_slow, ((state.net_slow, score), (state.acts_slow, 1.0 / dt))),
        (numbers.keep_index, ((state.verbal, score * (1.0 - is_material)), (state.material, score * is_material))),
    )
    place = acts.channel * state.runs + acts.run
    for keep, memories in flows:
        share = 1.0 - keep
        of_act = share if keep.size == 1 else share[acts.run]
        for memory, flow in memories:
            np.multiply(memory, keep, out=memory)
            if memory is state.material:
                np.add(memory, share * now.availability.score, out=memory)
            np.add.at(memory.reshape(-1), place, of_act * flow)


def _begin_and_end(now: Simulation, acts: Acts) -> None:
    """Ends and begins arrangements: beginning wins, but scheduled moves come last, one another by dates."""
    menus, in_force = now.world.menus, now.state.in_force
    effects = ((menus.ends, False), (menus.begins, True))
    free, changed = acts.where(menus.is_lasting[acts.move, acts.channel] & (acts.cause != SCHEDULE)), []
    scheduled = now.world.timetable.moves.get(now.at, ())
    if not len(free) and not scheduled:
        return
    for rows, value in effects:
        for slot in rows:
            row = slot[free.move, free.channel]
            real = np.flatnonzero(row >= 0)
            changed.append((row[real], free.run[real]))
            in_force[changed[-1]] = value
    for channel, move in scheduled:
        for rows, value in effects:
            found = np.array([row for row in rows[:, move, channel] if row >= 0], np.int64)
            in_force[found] = value
            changed.append((np.repeat(found, now.state.runs), np.tile(np.arange(now.state.runs), len(found))))
    instance, run = (np.concatenate(parts) for parts in zip(*changed, strict=True))
    change(now.availability, now.world, now.state, instance, run)


def _settle_and_raise(now: Simulation, acts: Acts) -> None:
    """What acts answer for good is closed, what they raise is open; within a step raising wins."""
    table = now.world.menus.matters
    acts = acts.where(table.stirs[acts.move])
    if len(acts):
        row, run = table.stir(now.state.matters, acts.move, acts.channel, acts.run)
        now.availability.doubt(table.touched[row], run)


def _shift(now: Simulation, acts: Acts) -> None:
    """What moves do to indicators, to the mover's stance and rhetoric, and to the pair's expectations."""
    shifts, state, channels = now.world.shifts, now.state, now.world.channels
    acts = acts.where(shifts.anything[acts.move])
    if not len(acts):
        return
    state.indicators, state.rhetoric = state.indicators.copy(), state.rhetoric.copy()
    for row in range(len(now.world.indicators)):
        by, share = shifts.indicator_by[row, acts.move], shifts.indicator_share[row, acts.move]
        if by.any() or share.any():
            np.multiply.at(state.indicators[row], acts.run, 1.0 + share)
            np.add.at(state.indicators[row], acts.run, by)
            floor, ceiling = now.world.indicators.floor[row], now.world.indicators.ceiling[row]
            np.clip(state.indicators[row], floor, ceiling, out=state.indicators[row])
    actor, pair = channels.actor[acts.channel], channels.pair[acts.channel]
    if (by := shifts.stance[acts.move]).any():
        np.add.at(state.stance_shift, (actor, channels.issue[acts.channel], acts.run), by)
        stances = now.numbers.attributes.stances
        np.clip(state.stance_shift, -stances, 1.0 - stances, out=state.stance_shift)
    if (by := shifts.rhetoric[acts.move]).any():
        np.add.at(state.rhetoric, (actor, acts.run), by)
    if (by := shifts.expectations[acts.move]).any():
        state.expectations = state.expectations.copy()
        np.add.at(state.expectations, (pair, acts.run), by)
        np.add.at(state.expectations, (channels.opposite[pair], acts.run), by)


def live(now: Simulation, seen: Scene) -> None:
    """Indicators and the slow states follow from what was seen at the step's start and what is in force now."""
    world, state, numbers, engine = now.world, now.state, now.numbers, now.numbers.engine
    table, dt_months = world.indicators, world.dt_months
    received = sum_by(seen.pressure, world.channels.pair_target, len(world.names.actors))
    level = numbers.attributes.rhetoric + engine["heat"] * heat(now) + numbers.attributes.rally * received
    state.rhetoric = remember(state.rhetoric, level, numbers.keep_rhetoric).clip(0.0, MOST_RHETORIC)
    engaged = engagement_now(numbers, seen.pair_conduct)
    liked = sympathy_now(world, numbers, seen.pair_conduct, received)
    state.engagement = remember(state.engagement, engaged, numbers.keep_engagement)
    state.sympathy = remember(state.sympathy, liked, numbers.keep_sympathy)
    state.expectations = state.expectations * numbers.keep_expectations
    # What is open grows older; what is too old lapses.
    fresh = state.matters[:-2]
    fresh *= numbers.keep_matters
    lapsed, run = np.divmod(np.flatnonzero((fresh < FADED) & (fresh > 0.0)), state.runs)
    fresh[lapsed, run] = 0.0
    now.availability.doubt(world.menus.matters.touched[lapsed], run)
    now.availability.renew(world, state)
    if numbers.drifts:
        # Assumption: the level of all directions goes by the same length in every step, a normal walk over months.
        uniforms, length = (
            now.streams.uniforms(DRIFT, Purpose.DRIFT, now.at),
            engine["drift"] * np.sqrt(dt_months / 12.0),
        )
        state.level = state.level + np.where(uniforms < 0.5, -length, length)
    if len(table):
        beyond, push = excess(world, state), np.zeros(state.indicators.shape)
        for row, (drives, effects) in enumerate(zip(table.drives, numbers.effects, strict=True)):
            for one, effect in zip(drives, effects, strict=True):
                push[row] += effect * drive(one, seen.conduct, beyond, state.in_force)
        state.indicators = advance(table, state.indicators, numbers.growth, push, numbers.rest, dt_months)
