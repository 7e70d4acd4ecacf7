"""The field of reaction: to which conduct two governments are drawn by the conduct they have, at a scenario's start.

Both governments treat all issues and tracks alike: a conduct of x means the same tone in every channel, at the rate at
which the channel acts in the long run, on top of what arrangements in force make. Memories have had time to take it up;
rhetoric, stances, arrangements, indicators and what others do stay as at the start. The conduct that each would then
make is what its menus give it on average. Where that changes faster than the conduct that it answers, hostility feeds
itself: the greatest real part of the eigenvalues of the answer's derivative is above 1. This is Richardson's condition
for two governments, anywhere in the plane; `tensionsim.stability` has it for all channels apart, at the origin, and for
tones that are heard in full, whereas here few acts are heard as little.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tensionsim import choice, measures
from tensionsim.engine import Simulation, assemble, begin
from tensionsim.engine.deciding import look
from tensionsim.engine.perceive import direction, perceive
from tensionsim.mechanisms import Perception
from tensionsim.record import Floats
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario
from tensionsim.stability.spectral import stationary_rates
from tensionsim.world.channels import sum_by


@dataclass(frozen=True, slots=True)
class Field:
    """Where two governments' conduct is drawn, over a grid of it.

    first, second : conduct of the first principal towards the second and back, shape (column,) and (row,),
    Goldstein/10 a month. drawn_first, drawn_second : the conduct each is drawn to, shape (row, column); not a number
    where no tone in [-1, 1] makes such conduct. growth : of a small turn from one answer to the next, shape
    (row, column); the border of stability is where it is 1.
    """

    first: Floats
    second: Floats
    drawn_first: Floats
    drawn_second: Floats
    growth: Floats


@dataclass(frozen=True, slots=True)
class _Side:
    """One government's channels towards the other: their rows, and their weights in the index, which sum to 1."""

    rows: Floats
    weight: Floats


def field(scenario: Scenario, first: Floats, second: Floats, *, seed: int = 0, run: int = 0) -> Field:
    """The field of a scenario at its start over a grid of conduct; `first`, `second` : rising, Goldstein/10 a month."""
    now = begin(assemble(scenario), Luck(seed, run, 1))
    grid = np.stack([axis.ravel() for axis in np.meshgrid(first, second)])
    sides, rates, standing = _sides(now), stationary_rates(now), _standing(now)
    tone = np.zeros((len(rates), grid.shape[-1]))
    for side, conduct in zip(sides, grid, strict=True):
        reach = float(side.weight @ rates[side.rows])
        tone[side.rows] = (conduct - side.weight @ standing[side.rows]) / max(reach, np.finfo(float).tiny)
    drawn = standing[:, None] + rates[:, None] * _mean_score(now, _seen(now, tone, rates, standing))
    shape = (len(second), len(first))
    is_out = (np.abs(tone) > 1.0).any(axis=0)
    aims = [np.where(is_out, np.nan, side.weight @ drawn[side.rows]).reshape(shape) for side in sides]
    return Field(first, second, aims[0], aims[1], _growth(first, second, *aims))


def _sides(now: Simulation) -> tuple[_Side, _Side]:
    """The principals' channels towards each other; they weigh as in the index."""
    channels, theta = now.world.channels, now.numbers.engine["technical_weight"][0]
    sides = []
    for actor in now.world.principals:
        rows = np.array([row for row in now.world.dyad.tolist() if channels.actor[row] == actor])
        track = np.where(channels.is_technical[rows, 0] > 0, theta, 1.0 - theta)
        sides.append(_Side(rows, track * now.numbers.issue_weight[channels.issue[rows], 0]))
    return sides[0], sides[1]


def _standing(now: Simulation) -> Floats:
    """What arrangements in force make of conduct, shape (channel,)."""
    instances = now.world.instances
    stands = now.state.in_force[instances.instance]
    counted: Floats = sum_by(instances.score[:, None] * stands, instances.channel, len(now.world.channels))
    return counted[:, 0]


def _seen(now: Simulation, tone: Floats, rates: Floats, standing: Floats) -> Perception:
    """What is seen where the principals keep a tone towards each other, shape (channel, point)."""
    seen, channels, dyad = perceive(now.world, now.state, now.numbers), now.world.channels, now.world.dyad
    wide = np.zeros_like(tone)
    heard = tone * (rates / (rates + now.numbers.engine["tone_prior"]))[:, None]
    fast, slow, verbal, material = (
        values + wide for values in (seen.tone_fast, seen.tone_slow, now.state.verbal, now.state.material)
    )
    fast[dyad], slow[dyad] = heard[dyad], heard[dyad]
    verbal[dyad], material[dyad] = (tone * rates[:, None])[dyad], (standing[:, None] + wide)[dyad]
    conduct = verbal + material
    return replace(
        seen,
        tone_fast=fast,
        tone_slow=slow,
        conduct=conduct,
        pair_conduct=sum_by(conduct, channels.pair, len(channels.pairs)),
        pressure=measures.pressures(verbal, material, channels, now.numbers.engine["verbal_weight"]),
        agreement=seen.agreement + wide,
        grievance=seen.grievance + wide,
    )


def _mean_score(now: Simulation, seen: Perception) -> Floats:
    """Mean score (Goldstein / 10) that each dyad channel chooses, shape (channel, point); 0 in the others."""
    menus, world = now.world.menus, now.world
    towards, _ = direction(now.numbers, now.state.expectations, seen)
    points = towards.shape[-1]
    channel = np.repeat(world.dyad, points)
    intensity = look(now).intensity[world.channels.actor[channel], 0]
    restraint = now.numbers.engine["cost"][0] * seen.dependence[world.channels.pair[channel], 0]
    taste = choice.tastes(towards[world.dyad].reshape(-1), intensity, restraint)
    weight = choice.weights(menus, channel, taste, now.standing.open_at(channel, np.zeros_like(channel)))
    total = np.maximum(weight.sum(axis=0), np.finfo(float).tiny)
    found = np.zeros_like(towards)
    found[world.dyad] = ((weight * menus.score[:, channel]).sum(axis=0) / total).reshape(-1, points)
    return found


def _growth(first: Floats, second: Floats, drawn_first: Floats, drawn_second: Floats) -> Floats:
    """Greatest real part of the eigenvalues of the derivative of what is drawn by what is, shape (row, column)."""
    (a_second, a_first), (b_second, b_first) = (
        np.gradient(drawn, second, first) for drawn in (drawn_first, drawn_second)
    )
    half, root = 0.5 * (a_first + b_second), 0.25 * (a_first - b_second) ** 2 + a_second * b_first
    growth: Floats = half + np.sqrt(np.maximum(root, 0.0))
    return growth
