"""One step of the world, in the order of the model. All actors act on the state at its start."""

from __future__ import annotations

import functools

import numpy as np

from tensionsim import measures
from tensionsim.engine import calendar, doctrine
from tensionsim.engine.acts import SCHEDULE, STOPPED, Acts, everywhere, joined, nothing, without
from tensionsim.engine.conditions import Observation
from tensionsim.engine.deciding import Decide, View, decide_all, heat, look
from tensionsim.engine.perceive import engagement_now, excess, sympathy_now
from tensionsim.engine.simulation import Simulation, numbers_now
from tensionsim.mechanisms import Perception
from tensionsim.world import indicators
from tensionsim.world.channels import Bools, Floats, sum_by
from tensionsim.world.memory import kept, remember

MOST_RHETORIC = 2.0
"""Assumption: rhetoric can rise to twice its full base level, by an election and by rallying, and no further."""


def step(now: Simulation, decide: Decide = decide_all) -> Acts:
    """Moves a simulation one step on and returns what was done (and what was stopped)."""
    turn_calendar(now)
    view = look(now)
    acts = overrule(now, view, decide(now, view))
    act(now, acts.where(acts.cause != STOPPED))
    live(now, view.seen)
    now.at += 1
    return acts


def turn_calendar(now: Simulation) -> None:
    """Scheduled changes: leaders, attributes, parameters."""
    turns = now.world.timetable.turns.get(now.at, ())
    for turn in turns:
        calendar.apply(turn, now.settings, now.state, now.luck, now.world.names)
    if turns:
        now.numbers = numbers_now(now.world, now.settings)


def overrule(now: Simulation, view: View, chosen: Acts) -> Acts:
    """Scheduled moves and rules replace own choices in their channels; checks may stop what is left."""
    world, state = now.world, now.state
    everyone = np.ones(state.runs, bool)
    scheduled = [
        everywhere(channel, move, everyone, SCHEDULE) for channel, move in world.timetable.moves.get(now.at, ())
    ]
    seen = observe(now, view.seen.conduct, view.seen.pressure)
    acts = doctrine.follow(world.rulebook.doctrines, seen, now, joined([nothing(), *scheduled]))
    acts = joined([acts, without(chosen, acts, state.runs)])
    return doctrine.stop(acts, world.rulebook.vetoes, now)


def observe(now: Simulation, conduct: Floats, pressure: Floats) -> Observation:
    """What conditions may ask about at this step."""
    return Observation(now.state, now.at, conduct, pressure, functools.cache(lambda: cooperation(now, conduct)))


def cooperation(now: Simulation, conduct: Floats) -> tuple[Floats, Floats]:
    """The index, shape (run,), and that of each issue, (issue, run), 0..100."""
    world, engine = now.world, now.numbers.engine
    mean = measures.issue_conduct(
        conduct[world.dyad], world.channels, world.dyad, len(world.names.issues), engine["technical_weight"]
    )
    return measures.cooperation(mean, now.numbers.issue_weight, engine["index_scale"])


def act(now: Simulation, acts: Acts) -> None:
    """Moves begin and end arrangements, shift quantities, and enter memories and conduct."""
    state, menus, numbers, dt = now.state, now.world.menus, now.numbers, now.world.dt_months
    score, is_material = menus.move_score[acts.move], menus.is_material[acts.move]
    verbal, material, count = (np.zeros_like(state.net_fast) for _ in range(3))
    np.add.at(material, (acts.channel, acts.run), score * is_material)
    np.add.at(verbal, (acts.channel, acts.run), score * (1.0 - is_material))
    np.add.at(count, (acts.channel, acts.run), 1.0)
    _begin_and_end(now, acts)
    _shift(now, acts)
    _note(now, acts)
    net, count, standing = (verbal + material) / dt, count / dt, _standing(now)
    state.net_fast = remember(state.net_fast, net, numbers.keep_fast)
    state.net_slow = remember(state.net_slow, net, numbers.keep_slow)
    state.acts_fast = remember(state.acts_fast, count, numbers.keep_fast)
    state.acts_slow = remember(state.acts_slow, count, numbers.keep_slow)
    state.verbal = remember(state.verbal, verbal / dt, numbers.keep_index)
    state.material = remember(state.material, material / dt + standing, numbers.keep_index)


def _begin_and_end(now: Simulation, acts: Acts) -> None:
    """What acts end is over, what they begin is in force.

    Within a step beginning wins, but scheduled moves come last and follow one another by their dates.
    """
    menus, in_force = now.world.menus, now.state.in_force
    effects = ((menus.ends, False), (menus.begins, True))
    free = acts.where(acts.cause != SCHEDULE)
    for rows, value in effects:
        for slot in rows:
            row = slot[free.move, free.channel]
            real = row >= 0
            in_force[row[real], free.run[real]] = value
    for channel, move in now.world.timetable.moves.get(now.at, ()):
        for rows, value in effects:
            in_force[[row for row in rows[:, move, channel] if row >= 0]] = value


def _standing(now: Simulation) -> Floats:
    """What arrangements in force count, shape (channel, run)."""
    instances = now.world.instances
    stands = now.state.in_force[instances.instance]
    some = stands.any(axis=1)
    counted = instances.score[some, None] * stands[some]
    return sum_by(counted, instances.channel[some], len(now.world.channels))


def _shift(now: Simulation, acts: Acts) -> None:
    """What moves do to indicators, to the mover's stance and rhetoric, and to the pair's expectations."""
    shifts, state, channels = now.world.shifts, now.state, now.world.channels
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
        state.stance_shift = np.clip(state.stance_shift, -stances, 1.0 - stances)
    if (by := shifts.rhetoric[acts.move]).any():
        np.add.at(state.rhetoric, (actor, acts.run), by)
    if (by := shifts.expectations[acts.move]).any():
        np.add.at(state.expectations, (pair, acts.run), by)
        np.add.at(state.expectations, (channels.opposite[pair], acts.run), by)


def _note(now: Simulation, acts: Acts) -> None:
    """Remembers when watched moves were made."""
    world = now.world
    for row, watch in enumerate(world.rulebook.watches):
        match: Bools = acts.move == world.menus.names.index(watch.move)
        if watch.actor is not None:
            match = match & (world.channels.actor[acts.channel] == world.names.actors.index(watch.actor))
        if watch.issue is not None:
            match = match & (world.channels.issue[acts.channel] == world.names.issues.index(watch.issue))
        now.state.last_made[row, acts.run[match]] = now.at


def live(now: Simulation, seen: Perception) -> None:
    """Indicators and the slow states follow from what was seen at the step's start and what is in force now."""
    world, state, numbers, dt = now.world, now.state, now.numbers, now.world.dt_months
    engine = numbers.engine
    keep_rhetoric = kept(engine["rhetoric_half_life"], dt)
    received = sum_by(seen.pressure, world.channels.pair_target, len(world.names.actors))
    level = numbers.attributes.rhetoric + engine["heat"] * heat(now) + numbers.attributes.rally * received
    state.rhetoric = np.clip(remember(state.rhetoric, level, keep_rhetoric), 0.0, MOST_RHETORIC)
    engaged, liked = (
        engagement_now(world, numbers, seen.pair_conduct),
        sympathy_now(world, numbers, seen.pair_conduct, seen.pressure),
    )
    state.engagement = remember(state.engagement, engaged, kept(engine["engagement_half_life"], dt))
    state.sympathy = remember(state.sympathy, liked, kept(engine["sympathy_half_life"], dt))
    state.expectations = state.expectations * kept(engine["expectations_half_life"], dt)
    if len(world.indicators):
        state.indicators = _advance_indicators(now, seen)


def _advance_indicators(now: Simulation, seen: Perception) -> Floats:
    table, state, settings = now.world.indicators, now.state, now.settings
    beyond = excess(now.world, state)
    push = np.zeros_like(state.indicators)
    growth, rest = np.zeros_like(push), np.zeros_like(push)
    for row, (name, drives) in enumerate(zip(table.names, table.drives, strict=True)):
        growth[row], rest[row] = settings.get(f"indicators.{name}.growth"), settings.get(f"indicators.{name}.rest")
        for one in drives:
            push[row] += settings.get(one.path) * indicators.drive(one, seen.conduct, beyond, state.in_force)
    return indicators.advance(table, state.indicators, growth, push, rest, now.world.dt_months)
