"""Perceive: from the state at a step's start to what mechanisms read."""

from __future__ import annotations

import numpy as np

from tensionsim import measures
from tensionsim.engine.numbers import Numbers
from tensionsim.engine.world import World
from tensionsim.mechanisms import Perception
from tensionsim.world.channels import Floats, sum_by
from tensionsim.world.memory import tone
from tensionsim.world.state import State


def perceive(world: World, state: State, numbers: Numbers) -> Perception:
    """What all actors see now."""
    channels, attributes, engine = world.channels, numbers.attributes, numbers.engine
    stance = stances(state, numbers)
    distance = np.abs(stance[channels.actor, channels.issue] - stance[channels.target, channels.issue])
    conduct = state.conduct
    return Perception(
        channels=channels,
        attributes=attributes,
        tone_fast=tone(state.net_fast, state.acts_fast, engine["tone_prior"]),
        tone_slow=tone(state.net_slow, state.acts_slow, engine["tone_prior"]),
        conduct=conduct,
        pair_conduct=sum_by(conduct, channels.pair, len(channels.pairs)),
        pressure=measures.pressures(state.verbal, state.material, channels, engine["verbal_weight"]),
        weight=numbers.weight,
        agreement=1.0 - 2.0 * distance,
        rhetoric=state.rhetoric,
        sympathy=state.sympathy,
        dependence=dependence(world, state, numbers),
        alternative=numbers.alternative,
        grievance=_grievance(world, state, numbers),
    )


def stances(state: State, numbers: Numbers) -> Floats:
    """Where each actor stands now, shape (actor, issue, run), in [0, 1]."""
    return np.clip(numbers.attributes.stances + state.stance_shift, 0.0, 1.0)


def dependence(world: World, state: State, numbers: Numbers) -> Floats:
    """Dependence of each pair's actor on its target: `d0 (1 - psi * engagement)`, shape (pair, run), in [0, 1]."""
    stated = numbers.attributes.dependence[world.channels.pair_actor, world.channels.pair_target]
    return stated * (1.0 - numbers.engine["substitution"] * state.engagement)


def excess(world: World, state: State) -> Floats:
    """How far each indicator lies above its reference, `value / reference - 1`, shape (indicator, run)."""
    return state.indicators / world.indicators.reference - 1.0


def _grievance(world: World, state: State, numbers: Numbers) -> Floats:
    """Sum over indicators of yardstick * excess in the channels of their issue towards who is responsible."""
    total, beyond = np.zeros_like(state.net_fast), excess(world, state)
    for row, blamed in enumerate(world.indicators.blamed):
        weight = numbers.attributes.yardstick[world.channels.actor[blamed], row]
        total[blamed] += weight * beyond[row]
    return total


def direction(world: World, state: State, numbers: Numbers, seen: Perception) -> tuple[Floats, dict[str, Floats]]:
    """Desired conduct, shape (channel, run), and the contributions that make it, before unpredictability divides it."""
    contributions = {
        "bias": np.broadcast_to(numbers.engine["bias"], seen.conduct.shape),
        "expectations": state.expectations[world.channels.pair],
    }
    for mechanism, values in numbers.active:
        contributions[mechanism.name] = mechanism.contribution(seen, values)
    total = np.zeros_like(seen.conduct)
    for contribution in contributions.values():
        total = total + contribution
    return total / numbers.attributes.unpredictability[world.channels.actor], contributions


def engagement_now(world: World, numbers: Numbers, pair_conduct: Floats) -> Floats:
    """How far each pair's actor is engaged with alternatives to its target, shape (pair, run), in [0, 1]."""
    channels = world.channels
    patron_row, other_row = channels.siblings.T
    actor, patron = channels.pair_actor[patron_row], channels.pair_target[patron_row]
    share = numbers.alternative[actor, patron, channels.pair_target[other_row]]
    engaged = share * np.maximum(0.0, pair_conduct)[other_row]
    return np.minimum(sum_by(engaged, patron_row, len(channels.pairs)), 1.0)


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
