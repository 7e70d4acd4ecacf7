"""The level: how the direction of all wandered while it was watched, where a scenario has it drift.

`bias` is the level in the last half-year of the window. In each half-year before, the level stood off it by something
that is nobody's parameter: a random walk backwards, whose steps are normal about 0 with the deviation that `drift`
says. For every value of the coefficients the likelihood takes the walk that makes the history most probable, its prior
density included. So what is left is a function of the coefficients, and its curvature counts what is uncertain about
the level (Schur's complement).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from tensionsim.likelihood.ground import Ground
from tensionsim.likelihood.trail import Seen, Trail
from tensionsim.world.channels import Floats, Ints

MONTHS_APART = 6.0
"""Length of a stretch of one level. Assumption: within half a year the level moves little beside its uncertainty."""

MOST_STEPS, MOST_HALVINGS = 30, 12
ENOUGH = 1e-8
"""What a step may still gain in log density."""


@dataclass(frozen=True, slots=True)
class Level:
    """A walk over the half-years before the last, the earliest first.

    stretch : half-year of each choice cell, -1 for the last, shape (choice cell,). share : what the level makes of its
    direction, 1 / unpredictability. precision : of the walk's prior, shape (half-year, half-year). latest : where the
    search ended last, from which the next begins.
    """

    stretch: Ints
    share: Floats
    precision: Floats
    latest: list[Floats] = field(default_factory=list)

    @property
    def start(self) -> Floats:
        """Where to begin."""
        return self.latest[-1] if self.latest else np.zeros(len(self.precision))

    def remember(self, walk: Floats) -> None:
        """Keeps where a search ended."""
        self.latest[:] = [walk]

    def in_cells(self, walk: Floats) -> Floats:
        """What a walk adds to the direction in choice cells, shape (choice cell,)."""
        return np.append(walk, 0.0)[self.stretch] * self.share

    def summed(self, values: Floats) -> Floats:
        """Sums of values of choice cells by half-year, by how much the level counts there, shape (half-year,)."""
        count = len(self.precision) + 1
        return np.asarray(np.bincount(self.stretch % count, values * self.share, count)[:-1], np.float64)

    def log_prior(self, walk: Floats) -> float:
        """Log density of a walk, but for a constant."""
        return -0.5 * float(walk @ self.precision @ walk)


def level_of(trail: Trail, ground: Ground, seen: Seen, unpredictability: Floats) -> Level | None:
    """The level of a ground; None where the scenario has no drift, or the window is shorter than a year."""
    drift = float(seen.numbers.engine["drift"].max())
    apart = max(1, round(MONTHS_APART / trail.window.world.dt_months))
    back = (trail.steps - 1 - ground.step[ground.choices.cell]) // apart
    count = (trail.steps - 1) // apart
    if drift <= 0.0 or count < 1:
        return None
    steps = np.eye(count, k=0) - np.eye(count, k=1)
    precision = steps.T @ steps / (drift**2 * MONTHS_APART / 12.0)
    return Level(np.where(back == 0, -1, count - back), 1.0 / unpredictability, precision)


def newton(gradient: Floats, hessian: Floats) -> tuple[Floats, float]:
    """Newton's step in a walk, and what it could gain: the density is concave in it, or nearly so."""
    step: Floats = np.linalg.solve(-hessian, gradient).astype(np.float64)
    gain = 0.5 * float(gradient @ step)
    if gain < 0.0:
        curvature, axes = np.linalg.eigh(-hessian)
        step = axes @ ((axes.T @ gradient) / np.maximum(np.abs(curvature), math.sqrt(ENOUGH)))
        gain = 0.5 * float(gradient @ step)
    return step, gain


def without_level(gradient: Floats, hessian: Floats, size: int) -> tuple[Floats, Floats]:
    """Gradient and Hessian of the coefficients alone, the walk following them."""
    across, inner = hessian[:size, size:], hessian[size:, size:]
    found = hessian[:size, :size] - across @ np.linalg.solve(inner, across.T)
    return gradient[:size], 0.5 * (found + found.T)
