"""Cells: what the coefficients are multiplied by, in every active cell and in all quiet ones together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tensionsim.engine.numbers import Numbers
from tensionsim.likelihood.coefficients import DIRECTION, INTENSITIES, INTENSITY, RATE, RATES, RESTRAINT, Coefficient
from tensionsim.likelihood.episodes import Bursts, bursts
from tensionsim.likelihood.ground import Ground
from tensionsim.likelihood.level import Level, level_of
from tensionsim.likelihood.trail import Seen, Trail, perceived
from tensionsim.mechanisms import Mechanism, Perception, Places
from tensionsim.world.channels import Floats, Ints

_TINY = 1e-30
"""A step into the imaginary: the slope that it gives is exact, as nothing is subtracted."""


@dataclass(frozen=True, slots=True)
class Bend:
    """A mechanism that is not linear in its strengths, though it grows in proportion to them.

    Reciprocity answers to a friendly tone otherwise than to a hostile one, and which of the two a tone is depends on
    its strengths. columns : of its strengths among those of the direction.
    """

    mechanism: Mechanism
    values: Mapping[str, Floats]
    names: tuple[str, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """The design of a likelihood.

    rates : acts a month per unit of each rate coefficient in active cells, shape (active cell, coefficient), and
    `rates_fixed` what no coefficient makes. quiet : sums over all quiet cells, shape (coefficient,); quiet_fixed
    likewise. direction, intensity, restraint : per unit of their coefficients in choice cells, shape (choice cell,
    coefficient), with what no coefficient makes, shape (choice cell,). bends : mechanisms whose columns depend on the
    coefficients. unpredictability, imitation : of each choice cell. bursts : episodes, where acts come in bursts.
    level : how the direction of all wandered, where it drifts.
    """

    rates: Floats
    rates_fixed: Floats
    quiet: Floats
    quiet_fixed: float
    direction: Floats
    direction_fixed: Floats
    intensity: Floats
    intensity_fixed: Floats
    restraint: Floats
    restraint_fixed: Floats
    bends: tuple[Bend, ...]
    perception: Perception
    unpredictability: Floats
    bursts: Bursts | None
    imitation: Floats
    level: Level | None

    def bent(self, direction: Floats) -> Floats:
        """The columns of the direction at given coefficients, shape (choice cell, coefficient)."""
        if not self.bends:
            return self.direction
        columns = self.direction.copy()
        for bend in self.bends:
            values = {**bend.values, **{n: direction[c : c + 1] for n, c in zip(bend.names, bend.columns, strict=True)}}
            found = slopes(bend.mechanism, self.perception, values, bend.names)
            columns[:, list(bend.columns)] = found / self.unpredictability[:, None]
        return columns


def slopes(mechanism: Mechanism, seen: Perception, values: Mapping[str, Floats], names: Sequence[str]) -> Floats:
    """Derivatives of a mechanism's contribution by some of its parameters, shape (place, parameter).

    By a step into the imaginary (Squire & Trapp 1998), which is exact: comparisons look at the real part first.

    References
    ----------
    Squire, W. & Trapp, G. (1998). Using complex variables to estimate derivatives of real functions. SIAM Review 40(1).
    """
    columns = []
    for name in names:
        moved: dict[str, Any] = {**values, name: values[name] + 1j * _TINY}
        columns.append(np.imag(mechanism.contribution(seen, moved)) / _TINY)
    return np.stack(columns, axis=-1)


def cells(
    trail: Trail, ground: Ground, coefficients: Sequence[Coefficient], shapes: Mapping[str, float] | None = None
) -> Cells:
    """The design of a likelihood where the shapes (half-lives and their like) are as given, or as in the scenario."""
    seen = perceived(trail, shapes or {})
    world = trail.window.world
    choices = ground.choices
    channel, step = ground.channel[choices.cell], ground.step[choices.cell]
    view = replace(seen.perception, places=Places(channel, step))
    fitted = {one.path for one in coefficients}
    by_name = rate_columns(trail, seen)
    rates = _rates(ground, seen, by_name, fitted)
    unpredictability = view.take(seen.numbers.attributes.unpredictability, world.channels.actor)
    direction, fixed, bends = _direction(seen, view, [one for one in coefficients if one.part == DIRECTION])
    heat = np.exp2(-world.timetable.months_to_election[:, : trail.steps] / seen.numbers.engine["heat_half_life"])
    actor = world.channels.actor[channel]
    strong = {"intensity": np.ones(len(step)), "heat_intensity": heat[actor, step]}
    intensity, intensity_fixed = _parted(strong, fitted, seen.numbers, step, INTENSITIES)
    dependence = {"cost": view.take(view.dependence, world.channels.pair)}
    restraint, restraint_fixed = _parted(dependence, fitted, seen.numbers, step, ("cost",))
    return Cells(
        *rates,
        direction=direction / unpredictability[:, None],
        direction_fixed=fixed / unpredictability,
        intensity=intensity,
        intensity_fixed=intensity_fixed,
        restraint=restraint,
        restraint_fixed=restraint_fixed,
        bends=bends,
        perception=view,
        unpredictability=unpredictability,
        bursts=bursts(trail, ground, seen, (by_name, fitted)),
        imitation=np.broadcast_to(view.of_run(seen.numbers.engine["imitation"]), len(step)),
        level=level_of(trail, ground, seen, unpredictability),
    )


def rate_columns(trail: Trail, seen: Seen) -> dict[str, Floats]:
    """Acts a month per unit of each rate coefficient, shape (channel, step or 1)."""
    channels, numbers, state = trail.window.world.channels, seen.numbers, seen.state
    attention = numbers.attributes.attention[channels.actor] * numbers.weight
    found = {
        "base_political": attention * channels.is_political,
        "base_technical": attention * channels.is_technical,
        "own_fast": state.acts_fast,
        "own_slow": state.acts_slow,
        "other_fast": state.acts_fast[channels.mirror],
        "other_slow": state.acts_slow[channels.mirror],
    }
    return {name: values * trail.window.world.menus.is_open for name, values in found.items()}


def _rates(
    ground: Ground, seen: Seen, by_name: Mapping[str, Floats], fitted: set[str]
) -> tuple[Floats, Floats, Floats, float]:
    shape = ground.quiet.shape
    active, quiet = [], []
    active_fixed, quiet_fixed = np.zeros(len(ground.step)), 0.0
    for name, column in by_name.items():
        wide = np.broadcast_to(column, shape)
        if f"parameters.{name}" in fitted:
            active.append(wide[ground.channel, ground.step])
            quiet.append(float(wide[ground.quiet].sum()))
            continue
        wide = wide * seen.numbers.engine[name]
        active_fixed = active_fixed + wide[ground.channel, ground.step]
        quiet_fixed += float(wide[ground.quiet].sum())
    width = len(active)
    return np.array(active).reshape(width, -1).T, active_fixed, np.array(quiet), quiet_fixed


def _parted(
    columns: Mapping[str, Floats], fitted: set[str], numbers: Numbers, step: Ints, names: Sequence[str]
) -> tuple[Floats, Floats]:
    """Columns of the coefficients that are fitted, and the sum of what the others make."""
    kept = [columns[name] for name in names if f"parameters.{name}" in fitted]
    fixed = np.zeros(len(step))
    for name in names:
        if f"parameters.{name}" not in fitted:
            value = numbers.engine[name]
            fixed = fixed + (value if value.size == 1 else value[step]) * columns[name]
    return np.array(kept).reshape(len(kept), len(step)).T, fixed


def _direction(seen: Seen, view: Perception, fitted: Sequence[Coefficient]) -> tuple[Floats, Floats, tuple[Bend, ...]]:
    """Columns of the direction before unpredictability divides it, what no coefficient makes, and the bends."""
    numbers = seen.numbers
    where = {one.path: column for column, one in enumerate(fitted)}
    fixed = view.take(seen.state.expectations, view.channels.pair).copy()
    columns = np.zeros((len(fixed), len(fitted)))
    if "parameters.bias" in where:
        columns[:, where["parameters.bias"]] = 1.0
    else:
        fixed += view.of_run(numbers.engine["bias"])
    bends = []
    for mechanism, given in numbers.active:
        values = {name: view.of_run(value) for name, value in given.items()}
        names = tuple(name for name in given if f"mechanisms.{mechanism.name}.{name}" in where)
        if not names:
            fixed = fixed + mechanism.contribution(view, values)
            continue
        places = tuple(where[f"mechanisms.{mechanism.name}.{name}"] for name in names)
        columns[:, list(places)] = slopes(mechanism, view, values, names)
        if _is_bent(mechanism, view, values, names):
            bends.append(Bend(mechanism, values, names, places))
    return columns, fixed, tuple(bends)


def _is_bent(mechanism: Mechanism, view: Perception, values: Mapping[str, Floats], names: Sequence[str]) -> bool:
    """Whether the slopes depend on the strengths themselves."""
    if len(names) < 2:
        return False
    tried = [{**values, **{name: np.array([1.0 + 9.0 * (name == one)]) for name in names}} for one in names]
    first, *others = (slopes(mechanism, view, each, names) for each in tried)
    return not all(np.array_equal(first, each) for each in others)


__all__ = ["DIRECTION", "INTENSITY", "RATE", "RATES", "RESTRAINT", "Bend", "Cells", "cells", "rate_columns", "slopes"]
