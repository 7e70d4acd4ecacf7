"""Perceive: from the state at a step's start to what mechanisms read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tensionsim import measures
from tensionsim.engine.numbers import Numbers
from tensionsim.engine.world import World
from tensionsim.mechanisms import Perception
from tensionsim.world.channels import Floats, sum_by
from tensionsim.world.memory import tone
from tensionsim.world.state import State

AT_REST = np.zeros(1)
"""The level of directions that do not drift."""


def perceive(world: World, state: State, numbers: Numbers) -> Perception:
    """What all actors see now."""
    channels, engine, conduct = world.channels, numbers.engine, state.conduct
    return Perception(
        channels=channels,
        attributes=numbers.attributes,
        tone_fast=tone(state.net_fast, state.acts_fast, engine["tone_prior"]),
        tone_slow=tone(state.net_slow, state.acts_slow, engine["tone_prior"]),
        conduct=conduct,
        pair_conduct=sum_by(conduct, channels.pair, len(channels.pairs)),
        pressure=measures.pressures(state.verbal, state.material, channels, engine["verbal_weight"]),
        weight=numbers.weight,
        agreement=_agreement(world, state, numbers),
        rhetoric=state.rhetoric,
        sympathy=state.sympathy,
        level=state.level if (engine["drift"] > 0.0).any() else AT_REST,
        dependence=dependence(state, numbers),
        alternative=numbers.alternative,
        grievance=_grievance(world, state, numbers),
    )


def stances(state: State, numbers: Numbers) -> Floats:
    """Where each actor stands now, shape (actor, issue, run), in [0, 1]."""
    return np.clip(numbers.attributes.stances + state.stance_shift, 0.0, 1.0)


def _agreement(world: World, state: State, numbers: Numbers) -> Floats:
    """`1 - 2 |x_i - x_j|`, shape (channel, run); worked out once for the channels that share actors and issue."""
    channels, stance = world.channels, stances(state, numbers)
    rows = channels.dossiers
    one, other = channels.actor[rows], channels.target[rows]
    distance = np.abs(stance[one, channels.issue[rows]] - stance[other, channels.issue[rows]])
    agreement: Floats = (1.0 - 2.0 * distance)[channels.dossier]
    return agreement


def dependence(state: State, numbers: Numbers) -> Floats:
    """Dependence of each pair's actor on its target: `d0 (1 - psi * engagement)`, shape (pair, run), in [0, 1]."""
    return numbers.dependence * (1.0 - numbers.engine["substitution"] * state.engagement)


def excess(world: World, state: State) -> Floats:
    """How far each indicator lies above its reference, `value / reference - 1`, shape (indicator, run)."""
    return state.indicators / world.indicators.reference - 1.0


def _grievance(world: World, state: State, numbers: Numbers) -> Floats:
    """Sum over indicators of yardstick * excess in the channels of their issue towards who is responsible."""
    total, beyond = np.zeros_like(state.net_fast), excess(world, state)
    for row, blamed in enumerate(world.indicators.blamed):
        for channel, actor in zip(blamed.tolist(), world.channels.actor[blamed].tolist(), strict=True):
            yardstick = numbers.attributes.yardstick[actor, row]
            if yardstick.any():
                total[channel] += yardstick * beyond[row]
    return total


def direction(numbers: Numbers, expectations: Floats, seen: Perception) -> tuple[Floats, dict[str, Floats]]:
    """Desired conduct, and the contributions that make it, before unpredictability divides it.

    Each has shape (channel, run), or (place,) where `seen` is asked for some places only. `expectations` : of each
    pair, shape (pair, run).
    """
    contributions = dict(_contributions(numbers, expectations, seen))
    total = np.zeros_like(contributions["expectations"])
    for contribution in contributions.values():
        total = total + contribution
    return total / seen.take(numbers.attributes.unpredictability, seen.channels.actor), contributions


def _contributions(numbers: Numbers, expectations: Floats, seen: Perception) -> Iterator[tuple[str, Floats]]:
    expected = seen.take(expectations, seen.channels.pair)
    yield "bias", np.broadcast_to(seen.of_run(numbers.engine["bias"] + seen.level), expected.shape)
    yield "expectations", expected
    for mechanism, values in numbers.active:
        yield mechanism.name, mechanism.contribution(seen, {name: seen.of_run(one) for name, one in values.items()})


def engagement_now(numbers: Numbers, pair_conduct: Floats) -> Floats:
    """How far each pair's actor is engaged with alternatives to its target, shape (pair, run), in [0, 1]."""
    engaged = np.zeros_like(pair_conduct)
    friendly = np.maximum(0.0, pair_conduct)
    for row, other, share in numbers.rivals:
        engaged[row] += share * friendly[other]
    return np.minimum(engaged, 1.0)


def sympathy_now(world: World, numbers: Numbers, pair_conduct: Floats, pressure: Floats) -> Floats:
    """Sympathy that the region has for each actor, shape (actor, run), >= 0.

    Assumption: what regional actors do for it, and what their affinity makes of the pressure it is under.
    """
    channels, total = world.channels, np.zeros((len(world.names.actors), pair_conduct.shape[-1]))
    received = sum_by(pressure, channels.pair_target, len(world.names.actors))
    for row, (actor, target) in enumerate(
        zip(channels.pair_actor.tolist(), channels.pair_target.tolist(), strict=True)
    ):
        if actor in world.regional:
            liking = np.maximum(0.0, numbers.attributes.affinity[actor, target])
            total[target] += (
                np.maximum(0.0, pair_conduct[row]) + numbers.engine["sympathy_gain"] * liking * received[target]
            )
    return total
