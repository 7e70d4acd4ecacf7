"""Stability of a scenario: whether events breed events without end, and whether hostility feeds itself.

Two spectral radii, both of the first run at the start. The *branching ratio* is that of the excitation matrix: below 1
each act breeds less than one other. The *tone feedback* is that of the reaction of tone to tone: the derivative of
every channel's direction by every channel's tone, times the variance of the channel's menu, which is the derivative
of the mean score chosen by the direction. Below 1 is Richardson's condition: fatigue beats reaction.

References
----------
Richardson, L. F. (1960). Arms and Insecurity. Boxwood Press.
Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes. Biometrika 58(1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import Simulation, begin
from tensionsim.engine.step import View, look
from tensionsim.engine.world import direction, perceive
from tensionsim.model.choice import tastes, weights
from tensionsim.model.measures import pressures
from tensionsim.model.mechanisms import Scene
from tensionsim.model.record import Floats
from tensionsim.model.structure import Floats as structure_Floats
from tensionsim.model.structure import sum_by
from tensionsim.rng import RandomStreams
from tensionsim.scenario.scenario import Scenario, scenario_of

SMALL = 1e-3
"""Step of the numerical derivative, in units of tone. Taken towards hostility, where spirals turn."""

HEAVY = 0.25
"""Share of the heaviest loading from which on a channel is named as part of a direction."""


@dataclass(frozen=True, slots=True)
class Stability:
    """Stability of a scenario at its start.

    branching : acts that an act breeds, >= 0; stable below 1. tone : growth of a small hostility from round to round,
    >= 0; stable below 1. direction : the most unstable direction of tone, in words.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.Stability.of("norland-suderia")
    >>> found.is_stable, round(found.branching, 2)
    (True, 0.63)
    """

    branching: float
    tone: float
    direction: str

    @classmethod
    def of(cls, scenario: Scenario | str | Path) -> Stability:
        """The stability of a scenario at its start."""
        now = begin(assemble(scenario_of(scenario)), RandomStreams(0, 0, 1))
        values, vectors = np.linalg.eig(tone_feedback(now))
        worst = int(np.argmax(np.abs(values)))
        branching = float(np.abs(np.linalg.eigvals(excitation(now))).max())
        return cls(branching, float(np.abs(values[worst])), _in_words(now, np.abs(vectors[:, worst])))

    @property
    def is_stable(self) -> bool:
        """Whether both radii lie below 1."""
        return self.branching < 1.0 and self.tone < 1.0


def excitation(now: Simulation) -> structure_Floats:
    """Acts in each channel (row) that an act in each channel (column) breeds, shape (channel, channel)."""
    channels, how = now.world.channels, now.numbers.excitation
    count = len(channels)
    matrix = np.eye(count) * (how.own_fast + how.own_slow)[0]
    matrix[np.arange(count), channels.mirror] += (how.other_fast + how.other_slow)[0]
    bred: structure_Floats = matrix * now.world.menus.is_open
    return bred


def stationary_rates(now: Simulation) -> structure_Floats:
    """Acts a month in each channel in the long run, shape (channel,): `(1 - excitation)^-1 base`.

    Where events breed events without end there is no long run, and the rates of the first step stand for it.
    """
    if np.abs(np.linalg.eigvals(excitation(now))).max() >= 1.0:
        return look(now).rate[:, 0]
    base = (now.numbers.base_rate * now.world.menus.is_open)[:, 0]
    rates: structure_Floats = np.linalg.solve(np.eye(len(base)) - excitation(now), base).astype(np.float64)
    return rates


def tone_feedback(now: Simulation) -> structure_Floats:
    """Reaction of each channel's mean score (row) to each channel's tone (column), shape (channel, channel).

    A hostile tone of -epsilon in a channel is seen in both memories, and as the conduct that such tone makes at the
    channel's stationary rate of acts; what arrangements in force make of conduct is left as it is.
    """
    count = len(now.world.channels)
    disturbed = np.concatenate([np.zeros((count, 1)), -SMALL * np.eye(count)], axis=1)
    towards, _ = direction(now.numbers, now.state.expectations, _seen_with(now, disturbed))
    slope = (towards[:, :1] - towards[:, 1:]) / SMALL
    reaction: structure_Floats = _menu_variance(now, look(now))[:, None] * slope
    return reaction


def _seen_with(now: Simulation, tone: structure_Floats) -> Scene:
    """What is seen where all memories are empty but for a tone, one disturbance a run; `tone` : (channel, run)."""
    channels = now.world.channels
    seen = perceive(now.world, now.state, now.numbers)
    verbal = now.state.verbal + tone * stationary_rates(now)[:, None]
    material = now.state.material + np.zeros_like(tone)
    conduct = verbal + material
    return replace(
        seen,
        tone_fast=tone,
        tone_slow=tone,
        conduct=conduct,
        pair_conduct=sum_by(conduct, channels.pair, len(channels.pairs)),
        pressure=pressures(verbal, material, channels, now.numbers.engine["verbal_weight"]),
        agreement=seen.agreement + np.zeros_like(tone),
        grievance=seen.grievance + np.zeros_like(tone),
    )


def _menu_variance(now: Simulation, view: View) -> structure_Floats:
    """Variance of the score (Goldstein / 10) chosen in each channel at the start, shape (channel,)."""
    menus, channel = now.world.menus, np.arange(len(now.world.channels))
    taste = view.tastes(channel, np.zeros_like(channel))
    weight = weights(menus, channel, taste, now.availability.is_open[:, 0])
    total = np.maximum(weight.sum(axis=0), np.finfo(float).tiny)
    mean = (weight * menus.score).sum(axis=0) / total
    variance: structure_Floats = (weight * (menus.score - mean) ** 2).sum(axis=0) / total
    return variance


def _in_words(now: Simulation, loading: structure_Floats) -> str:
    """The channels that carry most of a direction, as "a -> b on drugs (political)"."""
    rows = now.world.channels.rows
    heavy = [row for row in np.argsort(-loading)[:3] if loading[row] > HEAVY * loading.max() > 0.0]
    return ", ".join(
        f"{rows[row].actor} -> {rows[row].target} on {rows[row].issue} ({rows[row].track})" for row in heavy
    )


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
    now = begin(assemble(scenario_of(scenario)), RandomStreams(seed, run, 1))
    grid = np.stack([axis.ravel() for axis in np.meshgrid(first, second)])
    sides, rates, arranged = _sides(now), stationary_rates(now), _arranged(now)
    tone = np.zeros((len(rates), grid.shape[-1]))
    for side, conduct in zip(sides, grid, strict=True):
        reach = float(side.weight @ rates[side.rows])
        tone[side.rows] = (conduct - side.weight @ arranged[side.rows]) / max(reach, np.finfo(float).tiny)
    drawn = arranged[:, None] + rates[:, None] * _mean_score(now, _seen(now, tone, rates, arranged))
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


def _arranged(now: Simulation) -> Floats:
    """What arrangements in force make of conduct, shape (channel,)."""
    instances = now.world.instances
    stands = now.state.in_force[instances.instance]
    counted: Floats = sum_by(instances.score[:, None] * stands, instances.channel, len(now.world.channels))
    return counted[:, 0]


def _seen(now: Simulation, tone: Floats, rates: Floats, arranged: Floats) -> Scene:
    """What is seen where the principals keep a tone towards each other, shape (channel, point)."""
    seen, channels, dyad = perceive(now.world, now.state, now.numbers), now.world.channels, now.world.dyad
    wide = np.zeros_like(tone)
    heard = tone * (rates / (rates + now.numbers.engine["tone_prior"]))[:, None]
    fast, slow, verbal, material = (
        values + wide for values in (seen.tone_fast, seen.tone_slow, now.state.verbal, now.state.material)
    )
    fast[dyad], slow[dyad] = heard[dyad], heard[dyad]
    verbal[dyad], material[dyad] = (tone * rates[:, None])[dyad], (arranged[:, None] + wide)[dyad]
    conduct = verbal + material
    return replace(
        seen,
        tone_fast=fast,
        tone_slow=slow,
        conduct=conduct,
        pair_conduct=sum_by(conduct, channels.pair, len(channels.pairs)),
        pressure=pressures(verbal, material, channels, now.numbers.engine["verbal_weight"]),
        agreement=seen.agreement + wide,
        grievance=seen.grievance + wide,
    )


def _mean_score(now: Simulation, seen: Scene) -> Floats:
    """Mean score (Goldstein / 10) that each dyad channel chooses, shape (channel, point); 0 in the others."""
    menus, world = now.world.menus, now.world
    towards, _ = direction(now.numbers, now.state.expectations, seen)
    points = towards.shape[-1]
    channel = np.repeat(world.dyad, points)
    intensity = look(now).intensity[world.channels.actor[channel], 0]
    restraint = now.numbers.engine["cost"][0] * seen.dependence[world.channels.pair[channel], 0]
    taste = tastes(towards[world.dyad].reshape(-1), intensity, restraint)
    weight = weights(menus, channel, taste, now.availability.open_at(channel, np.zeros_like(channel)))
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
