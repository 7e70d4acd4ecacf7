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

from tensionsim import choice, measures
from tensionsim.engine import Simulation, assemble, begin
from tensionsim.engine.deciding import View, look
from tensionsim.engine.perceive import direction, perceive
from tensionsim.mechanisms import Perception
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario, scenario_of
from tensionsim.world.channels import Floats, sum_by

SMALL = 1e-3
"""Step of the numerical derivative, in units of tone. Taken towards hostility, where spirals turn."""

HEAVY = 0.25
"""Share of the heaviest loading from which on a channel is named as part of a direction."""


@dataclass(frozen=True, slots=True)
class Stability:
    """Stability of a scenario at its start.

    branching : acts that an act breeds, >= 0; stable below 1. tone : growth of a small hostility from round to round,
    >= 0; stable below 1. direction : the most unstable direction of tone, in words.
    """

    branching: float
    tone: float
    direction: str

    @property
    def is_stable(self) -> bool:
        """Whether both radii lie below 1."""
        return self.branching < 1.0 and self.tone < 1.0


def of(scenario: Scenario | str | Path) -> Stability:
    """The stability of a scenario at its start.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.stability_of(ts.load("norland-suderia"))
    >>> found.is_stable, round(found.branching, 2)
    (True, 0.63)
    """
    now = begin(assemble(scenario_of(scenario)), Luck(0, 0, 1))
    values, vectors = np.linalg.eig(tone_feedback(now))
    worst = int(np.argmax(np.abs(values)))
    branching = float(np.abs(np.linalg.eigvals(excitation(now))).max())
    return Stability(branching, float(np.abs(values[worst])), _in_words(now, np.abs(vectors[:, worst])))


def excitation(now: Simulation) -> Floats:
    """Acts in each channel (row) that an act in each channel (column) breeds, shape (channel, channel)."""
    channels, how = now.world.channels, now.numbers.excitation
    count = len(channels)
    matrix = np.eye(count) * (how.own_fast + how.own_slow)[0]
    matrix[np.arange(count), channels.mirror] += (how.other_fast + how.other_slow)[0]
    bred: Floats = matrix * now.world.menus.is_open
    return bred


def stationary_rates(now: Simulation) -> Floats:
    """Acts a month in each channel in the long run, shape (channel,): `(1 - excitation)^-1 base`.

    Where events breed events without end there is no long run, and the rates of the first step stand for it.
    """
    if np.abs(np.linalg.eigvals(excitation(now))).max() >= 1.0:
        return look(now).rate[:, 0]
    base = (now.numbers.base_rate * now.world.menus.is_open)[:, 0]
    rates: Floats = np.linalg.solve(np.eye(len(base)) - excitation(now), base).astype(np.float64)
    return rates


def tone_feedback(now: Simulation) -> Floats:
    """Reaction of each channel's mean score (row) to each channel's tone (column), shape (channel, channel).

    A hostile tone of -epsilon in a channel is seen in both memories, and as the conduct that such tone makes at the
    channel's stationary rate of acts; what arrangements in force make of conduct is left as it is.
    """
    count = len(now.world.channels)
    disturbed = np.concatenate([np.zeros((count, 1)), -SMALL * np.eye(count)], axis=1)
    towards, _ = direction(now.numbers, now.state.expectations, _seen_with(now, disturbed))
    slope = (towards[:, :1] - towards[:, 1:]) / SMALL
    reaction: Floats = _menu_variance(now, look(now))[:, None] * slope
    return reaction


def _seen_with(now: Simulation, tone: Floats) -> Perception:
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
        pressure=measures.pressures(verbal, material, channels, now.numbers.engine["verbal_weight"]),
        agreement=seen.agreement + np.zeros_like(tone),
        grievance=seen.grievance + np.zeros_like(tone),
    )


def _menu_variance(now: Simulation, view: View) -> Floats:
    """Variance of the score (Goldstein / 10) chosen in each channel at the start, shape (channel,)."""
    menus, channel = now.world.menus, np.arange(len(now.world.channels))
    taste = view.tastes(channel, np.zeros_like(channel))
    weight = choice.weights(menus, channel, taste, now.standing.is_open[:, 0])
    total = np.maximum(weight.sum(axis=0), np.finfo(float).tiny)
    mean = (weight * menus.score).sum(axis=0) / total
    variance: Floats = (weight * (menus.score - mean) ** 2).sum(axis=0) / total
    return variance


def _in_words(now: Simulation, loading: Floats) -> str:
    """The channels that carry most of a direction, as "a -> b on drugs (political)"."""
    rows = now.world.channels.rows
    heavy = [row for row in np.argsort(-loading)[:3] if loading[row] > HEAVY * loading.max() > 0.0]
    return ", ".join(
        f"{rows[row].actor} -> {rows[row].target} on {rows[row].issue} ({rows[row].track})" for row in heavy
    )
