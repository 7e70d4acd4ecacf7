"""Shaping: half-lives and what else is not linear, found on a small grid and then by their own slopes.

Given the shapes the rest is one concave fit, which is quick from a near start; so shapes are searched for outside, the
coefficients inside. At the coefficients' maximum the slope by a shape is that at fixed coefficients (the envelope
theorem), so no fit is repeated for it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tensionsim.analysis.fitting.laplace import Laplace
from tensionsim.analysis.fitting.priors import Prior, prior_of
from tensionsim.analysis.fitting.search import Maximum, climb, maximise
from tensionsim.analysis.fitting.target import Target
from tensionsim.likelihood import Coefficient
from tensionsim.world.channels import Floats

FAST, SLOW = "parameters.fast_half_life", "parameters.slow_half_life"
GRID = {FAST: (0.4, 1.0, 2.5), SLOW: (0.4, 1.0, 2.5, 6.0)}
"""Factors of the scenario's half-lives that are tried first."""

RANGE = 20.0
"""Assumption: a half-life is within a factor of 20 of the scenario's."""

STEP = 1e-3
STEP_OF_CURVATURE = 2e-2
FLAT = 1e-4


@dataclass
class Shaping:
    """A search for shapes. Coordinates are those of their priors: the logarithm of half-lives.

    target : at the scenario's shapes. coefficients, priors : of the shapes.
    """

    target: Target
    coefficients: Sequence[Coefficient]
    priors: Sequence[Prior]
    warm: Floats
    tried: int = 0
    _last: tuple[Floats, Target, Maximum] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, target: Target, coefficients: Sequence[Coefficient], width: float = 1.0) -> Shaping:
        """A search over some shapes, from what the scenario says."""
        priors = [_bounded(prior_of(one).widened(width), one, coefficients) for one in coefficients]
        return cls(target, coefficients, priors, target.start)

    def named(self, point: Floats) -> dict[str, float]:
        """Shapes by path."""
        return {
            one.path: float(prior.natural(np.array([value]))[0])
            for one, prior, value in zip(self.coefficients, self.priors, point.tolist(), strict=True)
        }

    def fitted(self, point: Floats, *, is_far: bool = False) -> tuple[Target, Maximum]:
        """The best coefficients at some shapes."""
        if self._last is not None and np.array_equal(self._last[0], point):
            return self._last[1:]
        target = self.target.shaped(self.named(point)) if len(point) else self.target
        find = maximise if is_far else climb
        best = find(target.evaluate, self.warm, target.low, target.high)
        self.warm, self.tried = np.clip(best.point, target.start * 0.0 + target.low, target.high), self.tried + 1
        self._last = point.copy(), target, best
        return target, best

    def value(self, point: Floats) -> float:
        """Log density at some shapes and the best coefficients there."""
        return self.fitted(point)[1].value + self._log_prior(point)

    def _log_prior(self, point: Floats) -> float:
        return float(
            sum(-0.5 * one.precision * (value - one.mean) ** 2 for one, value in zip(self.priors, point, strict=True))
        )

    def at_fixed(self, point: Floats, coefficients: Floats) -> float:
        """Log density at some shapes and some coefficients."""
        target = self.target.shaped(self.named(point))
        return target.evaluate(coefficients)[0] + self._log_prior(point)

    def density(self, point: Floats) -> float:
        """The exact log density at coefficients and, after them, shapes; its sum is the marginal likelihood."""
        count = len(point) - len(self.coefficients)
        coefficients, shapes = point[:count], point[count:]
        target = self.target.shaped(self.named(shapes)) if len(shapes) else self.target
        exact = target.likelihood.value(target.full(coefficients)) + target.log_prior(coefficients)
        return exact + self.log_prior_density(shapes)

    def log_prior_density(self, shapes: Floats) -> float:
        """Log prior density of the shapes; it sums to 1."""
        return float(sum(one.density(value) for one, value in zip(self.priors, shapes.tolist(), strict=True)))

    def slope(self, point: Floats) -> Floats:
        """Slope by the shapes, at the best coefficients."""
        best = self.fitted(point)[1].point
        return np.array([self._difference(point, axis, best) for axis in np.eye(len(point))])

    def _difference(self, point: Floats, axis: Floats, coefficients: Floats) -> float:
        ahead, behind = (self.at_fixed(point + sign * STEP * axis, coefficients) for sign in (1.0, -1.0))
        return (ahead - behind) / (2.0 * STEP)

    def search(self) -> Floats:
        """The shapes at which the density is highest."""
        start = np.array(
            [prior.coordinate(one.value) for one, prior in zip(self.coefficients, self.priors, strict=True)]
        )
        self.fitted(start, is_far=True)
        if not len(start):
            return start
        from scipy.optimize import minimize

        low, high = (np.array([getattr(one, end) for one in self.priors]) for end in ("low", "high"))
        points = [np.clip(start + np.array(move), low, high) for move in self._moves()]
        best = max(points, key=self.value)
        margin = 2.0 * STEP
        found = minimize(
            lambda point: (-self.value(point), -self.slope(point)),
            np.clip(best, low + margin, high - margin),
            jac=True,
            method="L-BFGS-B",
            bounds=list(zip(low + margin, high - margin, strict=True)),
            options={"maxiter": 40, "ftol": 1e-9, "gtol": 1e-4},
        )
        return np.asarray(found.x)

    def _moves(self) -> list[tuple[float, ...]]:
        factors = [GRID.get(one.path, (1.0,)) for one in self.coefficients]
        return [tuple(math.log(each) for each in factor) for factor in itertools.product(*factors)]

    def laplace(self, point: Floats) -> Laplace:
        """The normal approximation of coefficients and shapes together."""
        target, best = self.fitted(point)
        count = len(point)
        size = len(best.point) + count
        precision, gradient = np.zeros((size, size)), np.zeros(size)
        inner = slice(0, size - count)
        precision[inner, inner], gradient[inner] = -best.hessian, best.gradient * best.at_bound
        for row, axis in enumerate(np.eye(count)):
            ahead, behind = (
                self.target.shaped(self.named(point + sign * STEP_OF_CURVATURE * axis)).evaluate(best.point)[1]
                for sign in (1.0, -1.0)
            )
            # What a bound holds does not move with the shapes.
            cross = np.where(best.at_bound, 0.0, -(ahead - behind) / (2.0 * STEP_OF_CURVATURE))
            precision[inner, size - count + row] = precision[size - count + row, inner] = cross
        if count:
            precision[size - count :, size - count :] = -self._curvature(point, best.point)
        low = np.concatenate([target.low, [one.low for one in self.priors]])
        high = np.concatenate([target.high, [one.high for one in self.priors]])
        height = target.likelihood.value(target.full(best.point)) + target.log_prior(best.point)
        height += self.log_prior_density(point)
        return Laplace(np.concatenate([best.point, point]), height, gradient, positive(precision, count), low, high)

    def _curvature(self, point: Floats, coefficients: Floats) -> Floats:
        """Second differences by the shapes at fixed coefficients, shape (shape, shape)."""
        axes = STEP_OF_CURVATURE * np.eye(len(point))
        middle = self.at_fixed(point, coefficients)
        once = {
            (row, sign): self.at_fixed(point + sign * axis, coefficients)
            for row, axis in enumerate(axes)
            for sign in (1, -1)
        }
        found = np.zeros((len(point), len(point)))
        for row, axis in enumerate(axes):
            found[row, row] = once[row, 1] + once[row, -1] - 2.0 * middle
            for other in range(row):
                both = [self.at_fixed(point + sign * (axis + axes[other]), coefficients) for sign in (1, -1)]
                single = once[row, 1] + once[row, -1] + once[other, 1] + once[other, -1]
                found[row, other] = found[other, row] = 0.5 * (sum(both) - single + 2.0 * middle)
        return found / STEP_OF_CURVATURE**2


def _bounded(prior: Prior, one: Coefficient, among: Sequence[Coefficient]) -> Prior:
    """The prior within a range in which the fast memory stays the faster."""
    values: Mapping[str, float] = {each.path: each.value for each in among}
    if one.path not in GRID:
        return prior
    middle = math.log(one.value)
    low, high = max(prior.low, middle - math.log(RANGE)), min(prior.high, middle + math.log(RANGE))
    if {FAST, SLOW} <= set(values) and values[FAST] < values[SLOW]:
        between = 0.5 * (math.log(values[FAST]) + math.log(values[SLOW]))
        low, high = (low, between) if one.path == FAST else (between, high)
    return Prior(prior.mean, prior.deviation, low, high, prior.is_of_log)


def positive(precision: Floats, shapes: int) -> Floats:
    """A precision in which no direction is without curvature.

    Where bounds and bends leave coefficients and shapes together without a maximum's curvature, what they have to do
    with one another is left out; what is flat even so is given a little.
    """
    inner = len(precision) - shapes
    if shapes and np.linalg.eigvalsh(_scaled(precision)[0])[0] < FLAT:
        precision = precision.copy()
        precision[:inner, inner:] = precision[inner:, :inner] = 0.0
    scaled, scale = _scaled(precision)
    values, axes = np.linalg.eigh(scaled)
    found: Floats = (axes * np.maximum(values, 1e-6)) @ axes.T * np.outer(scale, scale)
    return found


def _scaled(precision: Floats) -> tuple[Floats, Floats]:
    scale = np.sqrt(np.maximum(np.abs(np.diag(precision)), 1e-12))
    return precision / np.outer(scale, scale), scale
