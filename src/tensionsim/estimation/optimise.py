"""Priors, the log posterior density of coefficients, and the search for its maximum.

Newton's steps within the bounds (`climb`) find the coefficients that are linear; half-lives and other shapes are found
by a search over the profile, the best coefficients at each (`ProfileSearch`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from tensionsim.estimation.cells import ANSWER, EPISODES, RATE, Coefficient
from tensionsim.estimation.likelihood import Likelihood, Maximum, climb
from tensionsim.estimation.posterior import Laplace, between
from tensionsim.model.structure import QUADS, Bools, Floats
from tensionsim.scenario.quantities import UncertainNumber

_SHARES = (np.arange(2000) + 0.5) / 2000

LEAST = 1e-4
"""The least that a coefficient fitted by its logarithm can be, where 0 is allowed."""

OF_LOG = ("parameters.fast_half_life", "parameters.slow_half_life", "parameters.tone_prior", *EPISODES)
"""Coefficients that are fitted by their logarithm."""


@dataclass(frozen=True, slots=True)
class Prior:
    """A normal prior, cut at the bounds, of a coefficient or its logarithm; flat where its deviation is infinite."""

    mean: float
    deviation: float
    low: float
    high: float
    is_of_log: bool = False

    @property
    def precision(self) -> float:
        """1 / variance."""
        return 0.0 if math.isinf(self.deviation) else self.deviation**-2

    @property
    def log_whole(self) -> float:
        """Log of what the density must be divided by, so that it sums to 1 between the bounds."""
        if math.isinf(self.deviation):
            return math.log(self.high - self.low)
        from scipy.special import ndtr

        low, high = ((bound - self.mean) / self.deviation for bound in (self.low, self.high))
        inside = float(ndtr(high) - ndtr(low)) if low < 0.0 else float(ndtr(-low) - ndtr(-high))
        return math.log(inside) + math.log(self.deviation) + 0.5 * math.log(2.0 * math.pi)

    def density(self, value: float) -> float:
        """Log density."""
        distance = 0.0 if math.isinf(self.deviation) else (value - self.mean) / self.deviation
        return -0.5 * distance**2 - self.log_whole

    def quantile(self, shares: Floats) -> Floats:
        """Where these shares of it, in [0, 1], lie below, on the axis on which it is fitted."""
        if math.isinf(self.deviation):
            return self.low + shares * (self.high - self.low)
        low, high = (np.array((bound - self.mean) / self.deviation) for bound in (self.low, self.high))
        found = between(low, high, shares if low <= 0.0 else 1.0 - shares)
        return np.asarray(np.clip(self.mean + self.deviation * found, self.low, self.high))

    @property
    def scale(self) -> float:
        """Its deviation; of a flat one that of a uniform distribution between the bounds."""
        return (self.high - self.low) / math.sqrt(12.0) if math.isinf(self.deviation) else self.deviation

    def coordinate(self, value: float) -> float:
        """Where a coefficient stands on the axis on which it is fitted."""
        return math.log(value) if self.is_of_log else value

    def natural(self, coordinate: Any) -> Any:
        """The coefficient at places of that axis."""
        return np.exp(coordinate) if self.is_of_log else coordinate


def prior_of(one: Coefficient, width: float = 1.0) -> Prior:
    """The prior of a coefficient: what the scenario states as a distribution, else weakly informative.

    Assumption: what a scenario says is a first guess, give or take about as much again.

    In numbers, a normal about it, cut at the declared range; docs/fitting.md and the constants below tell deviations.
    """
    is_of_log = one.path in OF_LOG
    low, high = (math.log(max(one.low, LEAST)), math.log(one.high)) if is_of_log else (one.low, one.high)
    if one.stated is not None:
        found = _stated(one.stated, (low, high), is_of_log)
    else:
        found = Prior(math.log(one.value) if is_of_log else one.value, _deviation(one), low, high, is_of_log)
    return replace(found, deviation=width * found.deviation)


DEVIATIONS = {
    **dict.fromkeys(("parameters.fast_half_life", "parameters.slow_half_life"), 0.7),
    **{f"parameters.{name}": 0.5 for name in ("own_fast", "own_slow", "other_fast", "other_slow")},
    **dict.fromkeys(("parameters.heat_intensity", "parameters.matters", "parameters.tone_prior", *EPISODES), 1.0),
    "mechanisms.reciprocity.linkage": 0.25,
    "mechanisms.rupture_avoidance.floor": 0.2,
}


def _deviation(one: Coefficient) -> float:
    if one.path in DEVIATIONS:
        return DEVIATIONS[one.path]
    if one.mechanism:
        return max(one.value, 1.0)
    return {RATE: 10.0, **dict.fromkeys((ANSWER, *QUADS), 1.0)}.get(one.part, 2.0)


def _stated(stated: UncertainNumber, bounds: tuple[float, float], is_of_log: bool) -> Prior:
    """Assumption: what is neither normal, cut or not, nor uniform stands for the normal of its mean and deviation."""
    change: Callable[[Floats], Floats] = np.log if is_of_log else lambda values: values
    low, high = (float(change(np.array([max(end, 1e-12) if is_of_log else end]))[0]) for end in stated.support)
    low, high = max(low, bounds[0]), min(high, bounds[1])
    if stated.family == "uniform" and not is_of_log:
        return Prior(stated.mean, math.inf, low, high)
    if stated.family == "truncated_normal" and not is_of_log:
        centre, deviation = stated.values[:2]
        return Prior(centre, deviation, low, high)
    values = change(stated.quantile(_SHARES))
    return Prior(float(values.mean()), float(values.std()), low, high, is_of_log)


@dataclass(frozen=True)
class LogPosterior:
    """The log posterior density, up to a constant, of the linear coefficients that are free; others keep values."""

    likelihood: Likelihood
    values: Floats
    free: Bools
    priors: tuple[Prior, ...]

    @classmethod
    def of(cls, likelihood: Likelihood, fixed: Collection[str], width: float = 1.0) -> LogPosterior:
        """The target in which all coefficients but those `fixed`, by path, are free, priors `width` times as wide."""
        free = np.array([one.path not in fixed for one in likelihood.coefficients], bool)
        priors = tuple(prior_of(one, width) for one in likelihood.coefficients)
        return cls(likelihood, likelihood.values, free, priors)

    @cached_property
    def low(self) -> Floats:
        """Lower bounds of the free coefficients."""
        return np.array([one.low for one in self.free_priors])

    @cached_property
    def high(self) -> Floats:
        """Upper bounds of the free coefficients."""
        return np.array([one.high for one in self.free_priors])

    @cached_property
    def free_priors(self) -> list[Prior]:
        """Priors of the free coefficients."""
        return list(itertools.compress(self.priors, self.free))

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of the free coefficients."""
        return tuple(one.path for one in itertools.compress(self.likelihood.coefficients, self.free))

    def full(self, point: Floats) -> Floats:
        """All coefficients, where the free ones stand at `point`."""
        vector = self.values.copy()
        vector[self.free] = point
        return vector

    @property
    def start(self) -> Floats:
        """Where a search begins: what the scenario says, off the bounds."""
        margin = 1e-3 * np.minimum(self.high - self.low, 1.0)
        return np.clip(self.values[self.free], self.low + margin, self.high - margin)

    def evaluate(self, point: Floats) -> tuple[float, Floats, Floats]:
        """Log density, gradient and Hessian at a point of the free coefficients."""
        value, gradient, hessian = self.likelihood.evaluate(self.full(point))
        precision = np.array([one.precision for one in self.free_priors])
        distance = point - np.array([one.mean for one in self.free_priors])
        value -= 0.5 * float((precision * distance**2).sum())
        free = self.free
        return value, gradient[free] - precision * distance, hessian[np.ix_(free, free)] - np.diag(precision)

    def density(self, point: Floats) -> float:
        """Log density of the history and of the free coefficients, whose prior sums to 1."""
        prior = float(sum(one.density(value) for one, value in zip(self.free_priors, point.tolist(), strict=True)))
        return self.likelihood.value(self.full(point)) + prior

    def without(self, paths: Collection[str]) -> LogPosterior:
        """The target with some coefficients at 0."""
        out = np.array([one.path in paths for one in self.likelihood.coefficients], bool)
        return replace(self, values=np.where(out, 0.0, self.values), free=self.free & ~out)

    def with_flat_priors(self, paths: Collection[str] | None = None) -> LogPosterior:
        """The target with flat priors, for some coefficients or for all."""
        flat = tuple(
            replace(one, deviation=np.inf) if paths is None or c.path in paths else one
            for one, c in zip(self.priors, self.likelihood.coefficients, strict=True)
        )
        return replace(self, priors=flat)


FAST, SLOW = "parameters.fast_half_life", "parameters.slow_half_life"
GRID = {FAST: (0.4, 1.0, 2.5), SLOW: (0.4, 1.0, 2.5, 6.0)}
"""Factors of the scenario's half-lives that are tried first."""

RANGE = 20.0
"""Assumption: a half-life is within a factor of 20 of the scenario's."""

STEP = 1e-3
STEP_OF_CURVATURE = 2e-2
FLAT = 1e-4


@dataclass
class ProfileSearch:
    """A search over shapes, on their priors' axes, the linear coefficients of a target at their best."""

    target: LogPosterior
    coefficients: Sequence[Coefficient]
    priors: Sequence[Prior]
    warm: Floats
    tried: int = 0
    _last: tuple[Floats, LogPosterior, Maximum] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, target: LogPosterior, coefficients: Sequence[Coefficient], width: float = 1.0) -> ProfileSearch:
        """A search over some shapes, from what the scenario says."""
        priors = [_bounded(prior_of(one, width), one, coefficients) for one in coefficients]
        return cls(target, coefficients, priors, target.start)

    def at(self, point: Floats) -> LogPosterior:
        """The target at some shapes."""
        pairs = zip(self.coefficients, self.priors, point, strict=True)
        shapes = {one.path: float(prior.natural(value)) for one, prior, value in pairs}
        target = self.target
        return replace(target, likelihood=target.likelihood.with_shapes(shapes)) if shapes else target

    def fitted(self, point: Floats) -> tuple[LogPosterior, Maximum]:
        """The best coefficients at some shapes."""
        if self._last is not None and np.array_equal(self._last[0], point):
            return self._last[1:]
        target = self.at(point)
        best = climb(target.evaluate, self.warm, target.low, target.high)
        self.warm, self.tried = np.clip(best.point, target.low, target.high), self.tried + 1
        self._last = point.copy(), target, best
        return target, best

    def value(self, point: Floats) -> float:
        """Log density at some shapes and the best coefficients there."""
        return self.fitted(point)[1].value + self.log_prior(point)

    def at_fixed(self, point: Floats, coefficients: Floats) -> float:
        """Log density at some shapes and some coefficients."""
        return self.at(point).evaluate(coefficients)[0] + self.log_prior(point)

    def density(self, point: Floats) -> float:
        """The exact log density at coefficients and, after them, shapes; its sum is the marginal likelihood."""
        coefficients, shapes = np.split(point, [len(point) - len(self.coefficients)])
        return self.at(shapes).density(coefficients) + self.log_prior(shapes)

    def log_prior(self, shapes: Floats) -> float:
        """Log prior density of the shapes; it sums to 1."""
        return float(sum(one.density(value) for one, value in zip(self.priors, shapes.tolist(), strict=True)))

    def slope(self, point: Floats) -> Floats:
        """Slope by the shapes, at the best coefficients."""
        best = self.fitted(point)[1].point
        differences = [
            self.at_fixed(point + axis, best) - self.at_fixed(point - axis, best) for axis in STEP * np.eye(len(point))
        ]
        return np.array(differences) / (2.0 * STEP)

    def best(self) -> Floats:
        """The shapes at which the density is highest."""
        pairs = zip(self.coefficients, self.priors, strict=True)
        start = np.array([prior.coordinate(one.value) for one, prior in pairs])
        if not len(start):
            return start
        self.fitted(start)
        from scipy.optimize import minimize

        low, high = (np.array([getattr(one, end) for one in self.priors]) for end in ("low", "high"))
        factors = [GRID.get(one.path, (1.0,)) for one in self.coefficients]
        points = [np.clip(start + np.log(factor), low, high) for factor in itertools.product(*factors)]
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

    def laplace(self, point: Floats) -> Laplace:
        """The normal approximation of coefficients and shapes together."""
        target, best = self.fitted(point)
        inner, count = len(best.point), len(point)
        gradient = np.concatenate([best.gradient * best.at_bound, np.zeros(count)])
        precision = np.zeros((inner + count, inner + count))
        precision[:inner, :inner] = -best.hessian
        for row, axis in enumerate(STEP_OF_CURVATURE * np.eye(count), start=inner):
            ahead, behind = (self.at(place).evaluate(best.point)[1] for place in (point + axis, point - axis))
            # What a bound holds does not move with the shapes.
            cross = np.where(best.at_bound, 0.0, -(ahead - behind) / (2.0 * STEP_OF_CURVATURE))
            precision[:inner, row] = precision[row, :inner] = cross
        if count:
            precision[inner:, inner:] = -self._curvature(point, best.point)
        low = np.concatenate([target.low, [one.low for one in self.priors]])
        high = np.concatenate([target.high, [one.high for one in self.priors]])
        height = target.density(best.point) + self.log_prior(point)
        return Laplace(np.concatenate([best.point, point]), height, gradient, positive(precision, count), low, high)

    def _curvature(self, point: Floats, coefficients: Floats) -> Floats:
        """Second differences by the shapes at fixed coefficients, shape (shape, shape)."""
        axes = STEP_OF_CURVATURE * np.eye(len(point))

        def around(shift: Floats) -> float:
            return self.at_fixed(point + shift, coefficients) + self.at_fixed(point - shift, coefficients)

        middle, once = 2.0 * self.at_fixed(point, coefficients), [around(axis) for axis in axes]
        found = np.diag([one - middle for one in once])
        for row, other in zip(*np.tril_indices(len(point), -1), strict=True):
            both = around(axes[row] + axes[other]) - once[row] - once[other] + middle
            found[row, other] = found[other, row] = 0.5 * both
        return found / STEP_OF_CURVATURE**2


def _bounded(prior: Prior, one: Coefficient, among: Sequence[Coefficient]) -> Prior:
    """The prior within a range in which the fast memory stays the faster."""
    values: Mapping[str, float] = {each.path: each.value for each in among}
    if one.path not in GRID:
        return prior
    middle = math.log(one.value)
    low, high = max(prior.low, middle - math.log(RANGE)), min(prior.high, middle + math.log(RANGE))
    if {FAST, SLOW} <= set(values) and values[FAST] < values[SLOW]:
        border = 0.5 * (math.log(values[FAST]) + math.log(values[SLOW]))
        low, high = (low, border) if one.path == FAST else (border, high)
    return replace(prior, low=low, high=high)


def positive(precision: Floats, shapes: int) -> Floats:
    """A precision in which no direction is without curvature.

    Where coefficients and shapes together have no maximum's curvature, what they have to do with one another is left
    out; what is flat even so is given a little.
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
