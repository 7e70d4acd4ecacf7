"""The state of a world: all that a step reads and writes. Every array ends in the axis `run`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensionsim.model.structure import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Drive:
    """What moves an indicator: conduct of `rows`, another's excess, or one of the arrangements `rows` in force."""

    kind: str
    rows: Ints
    is_hostile: bool
    path: str


@dataclass(frozen=True, slots=True)
class Indicators:
    """The indicators of a world; arrays of shape (indicator,) or (indicator, 1).

    blamed : rows of the channels in which others blame for it. is_relative : whether drives act on the logarithm.
    return_keep : share of the distance to its level of rest kept in a step; 1 for none.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    reference: Floats
    is_relative: Bools
    return_keep: Floats
    floor: Floats
    ceiling: Floats
    drives: tuple[tuple[Drive, ...], ...]
    blamed: tuple[Ints, ...] = ()

    def __len__(self) -> int:
        return len(self.names)


FADED = 0.125
"""Freshness below which a matter is closed. Assumption: after three half-lives nobody answers any more."""

HIGHEST = 1e18
"""Ceiling of an indicator that states none: met by a slip only, it keeps a runaway one finite."""

MOST_LOG_CHANGE = 20.0
"""Assumption: no indicator grows or shrinks more than e^20-fold in one step; it keeps extreme drives finite."""


def drive(one: Drive, conduct: Floats, excess: Floats, in_force: Bools) -> Floats:
    """The present strength of a drive, shape (run,)."""
    if one.kind == "indicator":
        beyond: Floats = excess[one.rows[0]]
        return beyond
    if one.kind == "arrangement":
        stands: Floats = np.logical_or.reduce(in_force[one.rows]).astype(np.float64)
        return stands
    total = np.zeros(conduct.shape[-1])
    for row in one.rows.tolist():
        total += np.maximum(0.0, -conduct[row]) if one.is_hostile else conduct[row]
    return total


def advance(table: Indicators, value: Floats, growth: Floats, push: Floats, rest: Floats, dt_months: float) -> Floats:
    """Indicators one step on, shape (indicator, run); growth and push a month, of growth and rest the axis may be 1."""
    factor, relative = np.log1p(growth), np.flatnonzero(table.is_relative)
    moved = value * np.exp(factor * dt_months)
    moved += push * dt_months
    change = (factor[relative] + push[relative]) * dt_months
    moved[relative] = value[relative] * np.exp(change.clip(-MOST_LOG_CHANGE, MOST_LOG_CHANGE))
    moved -= rest
    moved *= table.return_keep
    moved += rest
    return moved.clip(table.floor, table.ceiling)


def kept(half_life_months: Floats, dt_months: float) -> Floats:
    """Share that a memory keeps over one step, in (0, 1)."""
    return np.exp2(-dt_months / half_life_months)


def remember(old: Floats, flow: Floats, keep: Floats) -> Floats:
    """`keep * old + (1 - keep) * flow`: the exponentially weighted mean of a flow."""
    return keep * old + (1.0 - keep) * flow


def tone(net: Floats, acts: Floats, prior: Floats) -> Floats:
    """Mean score of recent acts, shrunk to 0 where there were few; in [-1, 1]."""
    return net / (acts + prior)


@dataclass(slots=True)
class State:
    """What there is at the start of a step.

    net_fast, net_slow : exponentially weighted sum of Goldstein / 10 a month, shape (channel, run).
    acts_fast, acts_slow : likewise of acts a month. verbal, material : the two parts of conduct (their sum is
    conduct y), arrangements in force counting as material; shape (channel, run), about [-1, 1].
    in_force : shape (instance + 2, run); the last two rows are never and always in force. matters : how fresh each open
    matter is, 2^(-age / half-life), 0 for one that is closed, shape (matter + 2, run); see `structure.Matters`.
    stance_shift : what moves did to stances, shape (actor, issue, run). rhetoric : (actor, run), >= 0.
    sympathy : regional sympathy for each actor, (actor, run), >= 0. engagement : with alternatives to each
    pair's target, (pair, run), in [0, 1]. expectations : (pair, run). level : how far all directions have wandered from
    the bias, (run,). indicators : (indicator, run), in their
    units. spells : steps for which each timed condition has held, (timer, run). last_made : step at which each
    watched move was last made, (watch, run). ready : step from which each rule may act again, (rule, run).
    leader : index of each actor's leader, (actor, run), -1 for none.
    """

    net_fast: Floats
    net_slow: Floats
    acts_fast: Floats
    acts_slow: Floats
    verbal: Floats
    material: Floats
    in_force: Bools
    matters: Floats
    stance_shift: Floats
    rhetoric: Floats
    sympathy: Floats
    engagement: Floats
    expectations: Floats
    level: Floats
    indicators: Floats
    spells: Ints
    last_made: Ints
    ready: Ints
    leader: Ints

    @property
    def runs(self) -> int:
        return int(self.net_fast.shape[-1])

    @property
    def conduct(self) -> Floats:
        """Directed behaviour y, shape (channel, run)."""
        return self.verbal + self.material
