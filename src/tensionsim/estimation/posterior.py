"""Laplace's approximation of a posterior, and draws from it that are weighed by the exact density.

Near its maximum a posterior is a normal distribution, cut at the bounds. How good that is, and what it misses, weights
tell whose tail is smoothed (`smoothed`).

References
----------
Genz, A. (1992). Numerical computation of multivariate normal probabilities. J. Comp. Graph. Stat. 1(2).
Geweke, J. (1991). Efficient simulation from the multivariate normal and Student-t distributions subject to linear
constraints. In Computing Science and Statistics: Proceedings of the 23rd Symposium on the Interface.
Kitagawa, G. (1996). Monte Carlo filter and smoother for non-Gaussian nonlinear state space models. J. Comp. Graph.
Stat. 5(1).
Tierney, L. & Kadane, J. B. (1986). Accurate approximations for posterior moments and marginal densities. JASA 81.
Vehtari, A., Simpson, D., Gelman, A., Yao, Y. & Gabry, J. (2024). Pareto smoothed importance sampling. JMLR 25.
Zhang, J. & Stephens, M. A. (2009). A new and efficient estimation method for the generalized Pareto distribution.
Technometrics 51(3).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tensionsim.model.structure import Floats

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
        start = self.centre + rng.standard_normal((size, len(self.mode))) @ np.linalg.cholesky(self.covariance).T
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
        found: Floats = self.draws[rng.permutation(taken)]
        return found
