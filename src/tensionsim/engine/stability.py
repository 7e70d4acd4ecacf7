"""What a scenario is like before it is played: its stability, its field, and what its draws hold together.

Stability is told by two spectral radii, of the first run at the start. The *branching ratio* is that of the excitation
matrix: below 1 each act breeds less than one other. The *tone feedback* is that of the reaction of tone to tone: the
derivative of every channel's direction by every channel's tone, times the variance of the channel's menu, which is the
derivative of the mean score chosen by the direction. Below 1 is Richardson's condition: fatigue beats reaction.

References
----------
Richardson, L. F. (1960). Arms and Insecurity. Boxwood Press.
Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes. Biometrika 58(1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import Simulation, begin, first_numbers
from tensionsim.engine.step import View
from tensionsim.engine.world import direction, perceive
from tensionsim.model.choice import Taste, tastes, weights
from tensionsim.model.measures import pressures
from tensionsim.model.mechanisms import Scene
from tensionsim.model.parameters import Settings
from tensionsim.model.structure import Bools, Floats, Ints, sum_by
from tensionsim.rng import RandomStreams
from tensionsim.scenario.paths import parse_path
from tensionsim.scenario.quantities import bound
from tensionsim.scenario.scenario import Scenario, scenario_of

SMALL = 1e-3
"""Step of the numerical derivative, in units of tone. Taken towards hostility, where spirals turn."""

TINY = np.finfo(float).tiny

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


def excitation(now: Simulation) -> Floats:
    """Acts in each channel (row) that an act in each channel (column) breeds, shape (channel, channel)."""
    channels, engine = now.world.channels, now.numbers.engine
    count = len(channels)
    matrix = np.eye(count) * (engine["own_fast"] + engine["own_slow"])[0]
    matrix[np.arange(count), channels.mirror] += (engine["other_fast"] + engine["other_slow"])[0]
    return np.asarray(matrix * now.world.menus.is_open)


def stationary_rates(now: Simulation) -> Floats:
    """Acts a month in the long run, shape (channel,), `(1 - excitation)^-1 base`; else those of the first step."""
    bred = excitation(now)
    if np.abs(np.linalg.eigvals(bred)).max() >= 1.0:
        return View(now).rate[:, 0]
    base = (now.numbers.base_rate * now.world.menus.is_open)[:, 0]
    return np.linalg.solve(np.eye(len(base)) - bred, base).astype(np.float64)


def tone_feedback(now: Simulation) -> Floats:
    """Reaction of each channel's mean score (row) to each one's tone (column), arrangements left as they are."""
    channel = np.arange(len(now.world.channels))
    tone = np.concatenate([np.zeros((len(channel), 1)), -SMALL * np.eye(len(channel))], axis=1)
    verbal = now.state.verbal + tone * stationary_rates(now)[:, None]
    seen = _seen(now, tone, tone, verbal, now.state.material + np.zeros_like(tone))
    towards, _ = direction(now.numbers, now.state.expectations, seen)
    slope = (towards[:, :1] - towards[:, 1:]) / SMALL
    mean, weight = _mean_score(now, channel, View(now).tastes(channel, np.zeros_like(channel)))
    variance = (weight * (now.world.menus.score - mean) ** 2).sum(axis=0)
    return np.asarray((variance / np.maximum(weight.sum(axis=0), TINY))[:, None] * slope)


def _seen(now: Simulation, fast: Floats, slow: Floats, verbal: Floats, material: Floats) -> Scene:
    """What is seen now with other memories and conduct, all of shape (channel, run)."""
    seen, channels, wide = perceive(now.world, now.state, now.numbers), now.world.channels, np.zeros_like(fast)
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


def _mean_score(now: Simulation, channel: Ints, taste: Taste) -> tuple[Floats, Floats]:
    """Mean score (Goldstein / 10) chosen in some channels at the start, and the weights of their menus' entries."""
    menus = now.world.menus
    weight = weights(menus, channel, taste, now.availability.open_at(channel, np.zeros_like(channel)))
    return (weight * menus.score[:, channel]).sum(axis=0) / np.maximum(weight.sum(axis=0), TINY), weight


def _in_words(now: Simulation, loading: Floats) -> str:
    """The channels that carry most of a direction, as "a -> b on drugs (political)"."""
    rows = now.world.channels.rows
    heavy = [rows[row] for row in np.argsort(-loading)[:3] if loading[row] > HEAVY * loading.max() > 0.0]
    return ", ".join(f"{one.actor} -> {one.target} on {one.issue} ({one.track})" for one in heavy)


class Field(NamedTuple):
    """Where two governments' conduct is drawn, Goldstein/10 a month, over a grid of it: (the second's, the first's).

    drawn_first, drawn_second : to what each is drawn, NaN where no tone in [-1, 1] makes such conduct. growth : of a
    small turn from one answer to the next; the border of stability is where it is 1.
    """

    drawn_first: Floats
    drawn_second: Floats
    growth: Floats


def field(scenario: Scenario, first: Floats, second: Floats, *, seed: int = 0, run: int = 0) -> Field:
    """The field of a scenario at its start over a grid of conduct; `first`, `second` : rising, Goldstein/10 a month."""
    now = begin(assemble(scenario_of(scenario)), RandomStreams(seed, run, 1))
    world, rates = now.world, stationary_rates(now)[:, None]
    grid = np.stack([axis.ravel() for axis in np.meshgrid(first, second)])
    arranged, theta = now.availability.score, now.numbers.engine["technical_weight"][0]
    tone, sides = np.zeros((len(rates), grid.shape[-1])), []
    for actor, conduct in zip(world.principals, grid, strict=True):
        rows = np.array([row for row in world.dyad.tolist() if world.channels.actor[row] == actor])
        track = np.where(world.channels.is_technical[rows, 0] > 0, theta, 1.0 - theta)
        weight = track * now.numbers.issue_weight[world.channels.issue[rows], 0]  # as in the index: they sum to 1
        reach = float(weight @ rates[rows, 0])
        tone[rows] = (conduct - weight @ arranged[rows, 0]) / max(reach, TINY)
        sides.append((rows, weight))
    drawn = arranged + rates * _drawn(now, tone, rates, arranged)
    is_out = (np.abs(tone) > 1.0).any(axis=0)
    shape = (len(second), len(first))
    a, b = (np.where(is_out, np.nan, weight @ drawn[rows]).reshape(shape) for rows, weight in sides)
    (a_second, a_first), (b_second, b_first) = (np.gradient(one, second, first) for one in (a, b))
    half, root = 0.5 * (a_first + b_second), 0.25 * (a_first - b_second) ** 2 + a_second * b_first
    return Field(a, b, half + np.sqrt(np.maximum(root, 0.0)))


def _drawn(now: Simulation, tone: Floats, rates: Floats, arranged: Floats) -> Floats:
    """Mean score that each dyad channel chooses where the principals keep a tone, shape (channel, point); else 0."""
    world, dyad, now_seen = now.world, now.world.dyad, perceive(now.world, now.state, now.numbers)
    fast, slow, verbal, material = (
        values + np.zeros_like(tone)
        for values in (now_seen.tone_fast, now_seen.tone_slow, now.state.verbal, now.state.material)
    )
    fast[dyad] = slow[dyad] = (tone * (rates / (rates + now.numbers.engine["tone_prior"])))[dyad]
    verbal[dyad], material[dyad] = (tone * rates)[dyad], (arranged + np.zeros_like(tone))[dyad]
    seen = _seen(now, fast, slow, verbal, material)
    towards, _ = direction(now.numbers, now.state.expectations, seen)
    view, channel = View(now), np.repeat(dyad, towards.shape[-1])
    restraint = now.numbers.engine["cost"][0] * seen.dependence[world.channels.pair[channel], 0]
    usual = view.tastes(channel, np.zeros_like(channel))
    intensity = view.intensity[world.channels.actor[channel], 0]
    taste = tastes(towards[dyad].reshape(-1), intensity, restraint, usual.quad, usual.way)
    found = np.zeros_like(towards)
    found[dyad] = _mean_score(now, channel, taste)[0].reshape(len(dyad), -1)
    return found


DRAWS = 10_000
"""Of a scenario's uncertain numbers, held against its author's consistency table."""


class Clashes(NamedTuple):
    """Shares of draws with a pair of states of -3, and below -1; of each pair its share, the most frequent first."""

    outlook: str | None
    ruled_out: float
    unlikely: float
    pairs: tuple[tuple[str, str, int, float], ...]


def clashes(scenario: Scenario, draws: int = DRAWS) -> Iterator[Clashes]:
    """What the draws of a scenario and of its outlooks hold together, from the start, against its table."""
    table = scenario.file.consistency
    if table is None or not table.table:
        return
    cells = {(row, column): impact for row, one in table.table.items() for column, impact in one.items()}
    judged = [(*pair, min(cells.get(pair, 0), cells.get(pair[::-1], 0))) for pair in combinations(table.states, 2)]
    for outlook in dict.fromkeys((scenario.outlook, *scenario.outlook_names)):
        settings, _ = first_numbers(assemble(scenario.with_outlook(outlook)), RandomStreams(0, 0, draws))
        holds = {name: _holds(state, settings, outlook) for name, state in table.states.items()}
        worst, told = np.zeros(draws), []
        for one, other, impact in judged:
            both = holds[one] & holds[other]
            worst = np.minimum(worst, impact * both)
            if impact < -1 and both.any():
                told.append((one, other, impact, float(both.mean())))
        told.sort(key=lambda one: -one[3])
        yield Clashes(outlook, float((worst == -3).mean()), float((worst < -1).mean()), tuple(told))


def _holds(state: dict[str, str], settings: Settings, outlook: str | None) -> Bools:
    """Whether a state holds in each draw, shape (run,)."""
    holds = np.ones(settings.runs, bool)
    for text, words in state.items():
        if text == "outlook":
            holds &= words == outlook
            continue
        limit, value = bound(words), settings.get(".".join(parse_path(text)))
        holds &= (value > limit.above) if limit.above is not None else (value < np.array(limit.below))
    return holds
