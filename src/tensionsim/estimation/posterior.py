"""The posterior: priors, its log density, the search for its maximum, Laplace's approximation there, and draws.

Newton's steps within the bounds (`climb`) find the coefficients that are linear; half-lives and other shapes are found
by a search over the profile, the best coefficients at each (`ProfileSearch`). Near its maximum a posterior is a normal
distribution, cut at the bounds (`Laplace`). How good that is, and what it misses, weights tell whose tail is smoothed
(`Importance`); `nested` corrects it.

References
----------
Bugallo, M. F., Elvira, V., Martino, L., Luengo, D., Miguez, J. & Djuric, P. M. (2017). Adaptive importance sampling:
the past, the present, and the future. IEEE Signal Processing Magazine 34(4).
Genz, A. (1992). Numerical computation of multivariate normal probabilities. J. Comp. Graph. Stat. 1(2).
Geweke, J. (1991). Efficient simulation from the multivariate normal and Student-t distributions subject to linear
constraints. In Computing Science and Statistics: Proceedings of the 23rd Symposium on the Interface.
Kitagawa, G. (1996). Monte Carlo filter and smoother for non-Gaussian nonlinear state space models. J. Comp. Graph.
Stat. 5(1).
Rue, H., Martino, S. & Chopin, N. (2009). Approximate Bayesian inference for latent Gaussian models by using integrated
nested Laplace approximations. JRSS B 71(2).
Tierney, L. & Kadane, J. B. (1986). Accurate approximations for posterior moments and marginal densities. JASA 81.
Vehtari, A., Simpson, D., Gelman, A., Yao, Y. & Gabry, J. (2024). Pareto smoothed importance sampling. JMLR 25.
Zhang, J. & Stephens, M. A. (2009). A new and efficient estimation method for the generalized Pareto distribution.
Technometrics 51(3).
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
        return self.deviation**-2

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
        return -0.5 * ((value - self.mean) / self.deviation) ** 2 - self.log_whole

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
        usual = {RATE: 10.0, **dict.fromkeys((ANSWER, *QUADS), 1.0)}.get(one.part, 2.0)
        deviation = DEVIATIONS.get(one.path, max(one.value, 1.0) if one.mechanism else usual)
        found = Prior(math.log(one.value) if is_of_log else one.value, deviation, low, high, is_of_log)
    return replace(found, deviation=width * found.deviation)


DEVIATIONS = {
    **dict.fromkeys(("parameters.fast_half_life", "parameters.slow_half_life"), 0.7),
    **{f"parameters.{name}": 0.5 for name in ("own_fast", "own_slow", "other_fast", "other_slow")},
    **dict.fromkeys(("parameters.heat_intensity", "parameters.matters", "parameters.tone_prior", *EPISODES), 1.0),
    "mechanisms.reciprocity.linkage": 0.25,
    "mechanisms.rupture_avoidance.floor": 0.2,
}


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

    def laplace(self, best: Maximum, height: float) -> Laplace:
        """Laplace's approximation about a maximum, the shapes as they are; height : its log density there."""
        gradient, precision = best.gradient * best.at_bound, positive(-best.hessian, 0)
        return Laplace(best.point, height, gradient, precision, self.low, self.high)

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


LEAST_TAIL = 5
"""Weights that a tail must have for its shape to be told (Vehtari et al. 2024)."""

TAME_SHARE, TAME_WEIGHTS = 0.5, 10.0
"""A weak prior about the shape: 0.5, worth as much as 10 weights (Vehtari et al. 2024, appendix C)."""


def smoothed(log_weights: Floats) -> tuple[Floats, float]:
    """Log weights, shape (draw,), whose tail is that of a fitted generalised Pareto distribution, and its shape k.

    The tail is the largest fifth, or three times the root of their number, whichever is less. k is -inf where all
    weights in it are the same, inf where too few draws are possible to tell.
    """
    size = len(log_weights)
    tail = min(math.ceil(0.2 * size), math.ceil(3.0 * math.sqrt(size)))
    if tail < LEAST_TAIL or np.isfinite(log_weights).sum() <= tail:
        return log_weights, math.inf
    relative = log_weights - log_weights.max()
    order = np.argsort(relative, kind="stable")
    largest = order[-tail:]
    cut = math.exp(float(relative[order[-tail - 1]]))
    beyond = np.exp(relative[largest]) - cut
    if beyond[-1] - beyond[0] <= 1e-12:
        return log_weights, -math.inf
    shape, scale = fitted_pareto(beyond)
    shares = (np.arange(tail) + 0.5) / tail
    found = relative.copy()
    # No weight may exceed the largest that was seen.
    found[largest] = np.minimum(np.log(cut + scale * np.expm1(-shape * np.log1p(-shares)) / shape), 0.0)
    return found + log_weights.max(), shape


def fitted_pareto(values: Floats) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution, of rising values > 0, by Zhang & Stephens (2009)."""
    count = len(values)
    values = np.maximum(values, np.finfo(float).tiny)
    points = 30 + int(math.sqrt(count))
    quartile = values[int(count / 4 + 0.5) - 1]
    ratio = 1.0 - np.sqrt(points / (np.arange(1, points + 1) - 0.5))
    ratio = ratio / (3.0 * quartile) + 1.0 / values[-1]
    shape = np.log1p(-ratio[:, None] * values).mean(axis=1)
    profile = count * (np.log(-ratio / shape) - shape - 1.0)
    weight = np.exp(profile - profile.max())
    middle = float((weight * ratio).sum() / weight.sum())
    found = float(np.log1p(-middle * values).mean())
    tame = (count * found + TAME_WEIGHTS * TAME_SHARE) / (count + TAME_WEIGHTS)
    return tame, -found / middle


POINTS = 2048
"""Points at which the share of a normal distribution within the bounds is worked out."""

SWEEPS = 150
ENOUGH_INSIDE = 0.02


@dataclass(frozen=True)
class Laplace:
    """A normal distribution cut at bounds, by mode, log height, gradient and precision of its log density there."""

    mode: Floats
    height: float
    gradient: Floats
    precision: Floats
    low: Floats
    high: Floats

    @cached_property
    def covariance(self) -> Floats:
        """Of the distribution before it is cut."""
        found = np.linalg.inv(self.precision)
        return 0.5 * (found + found.T)

    @cached_property
    def centre(self) -> Floats:
        """Mean of the distribution before it is cut: beyond a bound that holds the mode."""
        return self.mode + self.covariance @ self.gradient

    @property
    def log_whole(self) -> float:
        """Log of what the density sums to within the bounds."""
        size = len(self.mode)
        if not size:
            return self.height
        peak = self.height + 0.5 * float(self.gradient @ self.covariance @ self.gradient)
        spread = 0.5 * size * math.log(2.0 * math.pi) - 0.5 * float(np.linalg.slogdet(self.precision)[1])
        # The share within the bounds, by separation of variables (Genz 1992).
        # Points that fill a cube evenly: multiples of the roots of primes (Richtmyer 1951).
        primes = [one for one in range(2, 1000) if all(one % each for each in range(2, math.isqrt(one) + 1))]
        roots = np.sqrt(np.array(primes[: len(self.mode)], np.float64))
        lattice = np.modf(np.arange(1, POINTS + 1) * roots[:, None])[0]
        total = self._separated(np.abs(2.0 * lattice - 1.0))[1]
        highest = float(total.max())
        return peak + spread + (highest + math.log(float(np.exp(total - highest).mean())))

    def log_density(self, points: Floats) -> Floats:
        """Log density at points within the bounds, shape (point, coordinate); over all of them it sums to 1."""
        away = points - self.mode
        curved = np.einsum("pi,ij,pj->p", away, self.precision, away)
        return np.asarray(self.height + away @ self.gradient - 0.5 * curved - self.log_whole)

    def guided(self, uniform: Floats) -> tuple[Floats, Floats]:
        """Points drawn coordinate by coordinate within bounds (Geweke 1991), (point, coordinate), and log density."""
        points, open_share = self._separated(uniform)
        away = points - self.centre
        spread = 0.5 * len(self.mode) * math.log(2.0 * math.pi) - 0.5 * float(np.linalg.slogdet(self.precision)[1])
        return points, -0.5 * np.einsum("pi,ij,pj->p", away, self.precision, away) - spread - open_share

    def _separated(self, uniform: Floats) -> tuple[Floats, Floats]:
        """Points within the bounds, drawn coordinate by coordinate, and the log share that was open to each."""
        from scipy.special import log_ndtr

        deviation = np.sqrt(np.diag(self.covariance))
        low, high = (self.low - self.centre) / deviation, (self.high - self.centre) / deviation
        order = np.argsort(np.minimum(high, -low))
        correlation = (self.covariance / np.outer(deviation, deviation))[np.ix_(order, order)]
        factor = np.linalg.cholesky(correlation + 1e-12 * np.eye(len(order)))
        drawn = np.zeros(uniform.shape)
        total = np.zeros(uniform.shape[1])
        for row, place in enumerate(order.tolist()):
            shift = factor[row, :row] @ drawn[:row]
            start, end = (low[place] - shift) / factor[row, row], (high[place] - shift) / factor[row, row]
            first, last = np.where(start > 0.0, -end, start), np.where(start > 0.0, -start, end)
            top = log_ndtr(last)
            share = -np.expm1(np.minimum(log_ndtr(first) - top, -1e-300))
            total += top + np.log(np.maximum(share, 1e-300))
            drawn[row] = between(start, end, uniform[row])
        points = np.empty(uniform.shape[::-1])
        points[:, order] = (factor @ drawn).T
        return np.clip(self.centre + points * deviation, self.low, self.high), total

    def sample(self, size: int, seed: int) -> Floats:
        """Draws, shape (size, coordinate): all inside the bounds."""
        rng = np.random.default_rng(seed)
        if not len(self.mode):
            return np.zeros((size, 0))
        root = np.linalg.cholesky(self.covariance)
        tried = self.centre + rng.standard_normal((20 * size, len(self.mode))) @ root.T
        inside = tried[((tried >= self.low) & (tried <= self.high)).all(axis=1)]
        if len(inside) >= max(size, ENOUGH_INSIDE * len(tried)):
            return inside[:size]
        # Gibbs sampling, many chains side by side, one coordinate after the other.
        start = self.centre + rng.standard_normal((size, len(self.mode))) @ root.T
        here = np.clip(start, self.low, self.high)
        variance = 1.0 / np.diag(self.precision)
        deviation = np.sqrt(variance)
        for _ in range(SWEEPS):
            for row in range(len(self.mode)):
                pull = (here - self.centre) @ self.precision[row] - (here[:, row] - self.centre[row]) / variance[row]
                mean = self.centre[row] - variance[row] * pull
                start, end = (self.low[row] - mean) / deviation[row], (self.high[row] - mean) / deviation[row]
                moved = mean + deviation[row] * between(start, end, rng.random(size))
                here[:, row] = np.clip(moved, self.low[row], self.high[row])
        return here


def between(start: Floats, end: Floats, uniform: Floats) -> Floats:
    """Draws of a standard normal between ends, from the tail that is nearer, where shares keep their digits."""
    from scipy.special import ndtr, ndtri

    mirrored = start > 0.0
    first, last = np.where(mirrored, -end, start), np.where(mirrored, -start, end)
    below = ndtr(first)
    draw = ndtri(np.clip(below + uniform * (ndtr(last) - below), 1e-300, 1.0 - 1e-16))
    return np.asarray(np.where(mirrored, -draw, draw))


DRAWS = 1000

GOOD, USABLE = 0.5, 0.7
"""Shapes of the weights' tail up to which they can be relied on (Vehtari et al. 2024)."""


@dataclass(frozen=True)
class Importance:
    """Draws from an approximation of a density, log weights that make them the exact one's, and k of their tail."""

    draws: Floats
    log_weights: Floats
    k: float

    @classmethod
    def of(cls, laplace: Laplace, density: Callable[[Floats], float], size: int = DRAWS, seed: int = 0) -> Importance:
        """Draws of an approximation, weighed by the exact log density, which takes one point."""
        draws = laplace.sample(size, seed)
        exact = np.array([density(point) for point in draws])
        return cls(draws, *smoothed(exact - laplace.log_density(draws)))

    @cached_property
    def weights(self) -> Floats:
        """Weights that sum to 1."""
        found = np.exp(self.log_weights - self.log_weights.max())
        return np.asarray(found / found.sum())

    @property
    def effective_share(self) -> float:
        """What the draws are worth, as a share of as many from the exact density: 1 / sum of squares / number."""
        return float(1.0 / np.square(self.weights).sum() / len(self.weights))

    @property
    def log_whole(self) -> float:
        """Log of what the exact density sums to."""
        highest = float(self.log_weights.max())
        return highest + math.log(float(np.exp(self.log_weights - highest).mean()))

    @property
    def log_whole_error(self) -> float:
        """Standard error of `log_whole` by the luck of the draws; it can be believed as far as k is below 0.5."""
        count = len(self.weights)
        return float((count * self.weights).std() / math.sqrt(count))

    @property
    def verdict(self) -> str:
        """Whether the approximation can be relied on: good, usable, or not to be trusted."""
        return "good" if self.k < GOOD else "usable" if self.k < USABLE else "not to be trusted"

    def describe(self, what: str) -> str:
        """How good an approximation, called `what`, is, for a reader of the fit."""
        count = len(self.weights)
        return (
            f"{what} is {self.verdict} (k {self.k:.2f}): weighed by the exact posterior, {count:,} of its draws are "
            f"worth {count * self.effective_share:,.0f}, and give a log marginal likelihood of {self.log_whole:.1f} ± "
            f"{self.log_whole_error:.1g}"
        )

    def resampled(self, size: int, seed: int) -> Floats:
        """Draws in proportion to their weights, in random order: systematic resampling (Kitagawa 1996)."""
        rng = np.random.default_rng(seed)
        places = (np.arange(size) + rng.random()) / size
        taken = np.minimum(np.searchsorted(np.cumsum(self.weights), places), len(self.weights) - 1)
        return np.asarray(self.draws[rng.permutation(taken)])


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
    return np.asarray((axes * np.maximum(values, 1e-6)) @ axes.T * np.outer(scale, scale))


def _scaled(precision: Floats) -> tuple[Floats, Floats]:
    scale = np.sqrt(np.maximum(np.abs(np.diag(precision)), 1e-12))
    return precision / np.outer(scale, scale), scale


FIRST, SECOND = 300, 500
"""Draws of the two rounds."""

WIDER_FIRST, WIDER = 1.5, 1.3
"""Assumption: variances are as many times those that are known, as weights suffer from tails that are missed."""

FREEDOM = 7.0
"""Degrees of freedom of the shapes' distribution: its tails outweigh a normal one's."""

TRIES = 20_000
"""Points at which the share of it within the bounds is worked out, to a percent."""


def wide(
    centre: Floats, spread: Floats, low: Floats, high: Floats, *, size: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draws of Student's t distribution cut at bounds, shape (draw, coordinate), and their log density."""
    root, count = np.linalg.cholesky(spread), len(centre)
    kept, tried, inside = [np.empty((0, count))], 0, 0
    while inside < size:
        scale = np.sqrt(FREEDOM / rng.chisquare(FREEDOM, TRIES))
        points = centre + scale[:, None] * (rng.standard_normal((TRIES, count)) @ root.T)
        kept.append(points[((points >= low) & (points <= high)).all(axis=1)])
        tried, inside = tried + TRIES, inside + len(kept[-1])
    from scipy.stats import multivariate_t

    draws = np.concatenate(kept)[:size]
    log_density = np.atleast_1d(multivariate_t.logpdf(draws, centre, spread, FREEDOM))
    return draws, log_density - math.log(inside / tried)


def nested(search: ProfileSearch, laplace: Laplace, seed: int = 0) -> Importance:
    """Draws of coefficients and, after them, shapes, weighed by the exact posterior, in two rounds.

    Shapes are drawn from a distribution wider than their own, and coefficients from Laplace's approximation at those
    very shapes, given which they are nearly normal (Rue, Martino & Chopin 2009).
    """
    rng = np.random.default_rng(seed)
    inner = len(laplace.mode) - len(search.coefficients)
    low, high, known = laplace.low[inner:], laplace.high[inner:], laplace.covariance[inner:, inner:]

    def weighed(centre: Floats, spread: Floats, size: int) -> Importance:
        shapes, log_density = wide(centre, spread, low, high, size=size, rng=rng)
        uniform = rng.random((size, inner))
        draws, log_ratios = np.empty((size, len(laplace.mode))), np.empty(size)
        for row, point in enumerate(shapes):
            target = search.at(point)
            best = climb(target.evaluate, laplace.mode[:inner], target.low, target.high)
            (coefficients,), (log_inner,) = target.laplace(best, 0.0).guided(uniform[row, :, None])
            draws[row] = np.concatenate([coefficients, point])
            log_exact = target.density(coefficients) + search.log_prior(point)
            log_ratios[row] = log_exact - log_inner - log_density[row]
        return Importance(draws, *smoothed(log_ratios))

    first = weighed(laplace.mode[inner:], WIDER_FIRST * known, FIRST)
    shapes = first.draws[:, inner:]
    centre = first.weights @ shapes
    away = shapes - centre
    # A little of what was known before keeps a spread that rests on few draws from collapsing.
    return weighed(centre, WIDER * (away.T * first.weights) @ away + 0.05 * known, SECOND)
