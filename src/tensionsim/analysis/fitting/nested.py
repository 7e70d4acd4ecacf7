"""Nested: weighed draws in which coefficients follow the shapes, for posteriors that bend with half-lives.

Given the shapes the posterior of the coefficients is nearly normal; it is the shapes that are not. So shapes are drawn
from a distribution that is wider than their own, and coefficients from Laplace's approximation at those very shapes, as
in integrated nested Laplace approximations (Rue, Martino & Chopin 2009). The exact density then weighs every draw. A
first round says where the shapes are, a second one draws there (adaptive importance sampling, Bugallo et al. 2017).

References
----------
Rue, H., Martino, S. & Chopin, N. (2009). Approximate Bayesian inference for latent Gaussian models by using integrated
nested Laplace approximations. JRSS B 71(2).
Bugallo, M. F., Elvira, V., Martino, L., Luengo, D., Miguez, J. & Djuric, P. M. (2017). Adaptive importance sampling:
the past, the present, and the future. IEEE Signal Processing Magazine 34(4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tensionsim.analysis.fitting.importance import Importance
from tensionsim.analysis.fitting.laplace import Laplace
from tensionsim.analysis.fitting.pareto import smoothed
from tensionsim.analysis.fitting.search import climb
from tensionsim.analysis.fitting.shaping import Shaping, positive
from tensionsim.world.channels import Floats

FIRST, SECOND = 300, 500
"""Draws of the two rounds."""

WIDER_FIRST, WIDER = 1.5, 1.3
"""Assumption: variances are as many times those that are known, as weights suffer from tails that are missed."""

FREEDOM = 7.0
"""Degrees of freedom of the shapes' distribution: its tails outweigh a normal one's."""

TRIES = 20_000
"""Points at which the share of it within the bounds is worked out, to a percent."""


@dataclass(frozen=True, slots=True)
class Wide:
    """Student's t distribution cut at bounds, by its centre and the matrix of its spread."""

    centre: Floats
    spread: Floats
    low: Floats
    high: Floats

    def sample(self, size: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draws within the bounds, shape (draw, coordinate), and their log density."""
        root, count = np.linalg.cholesky(self.spread), len(self.centre)
        kept, tried, inside = [np.empty((0, count))], 0, 0
        while inside < size:
            scale = np.sqrt(FREEDOM / rng.chisquare(FREEDOM, TRIES))
            points = self.centre + scale[:, None] * (rng.standard_normal((TRIES, count)) @ root.T)
            kept.append(points[((points >= self.low) & (points <= self.high)).all(axis=1)])
            tried, inside = tried + TRIES, inside + len(kept[-1])
        draws = np.concatenate(kept)[:size]
        return draws, self._log_density(draws) - math.log(inside / tried)

    def _log_density(self, points: Floats) -> Floats:
        """Log density before it is cut."""
        away, count = points - self.centre, len(self.centre)
        square = np.einsum("pi,ij,pj->p", away, np.linalg.inv(self.spread), away)
        peak = math.lgamma(0.5 * (FREEDOM + count)) - math.lgamma(0.5 * FREEDOM)
        peak -= 0.5 * count * math.log(FREEDOM * math.pi) + 0.5 * float(np.linalg.slogdet(self.spread)[1])
        return np.asarray(peak - 0.5 * (FREEDOM + count) * np.log1p(square / FREEDOM))


def nested(shaping: Shaping, laplace: Laplace, seed: int = 0) -> Importance:
    """Draws of coefficients and, after them, shapes, weighed by the exact posterior.

    laplace : the normal approximation of all of them, where the first round begins.
    """
    rng = np.random.default_rng(seed)
    inner = len(laplace.mode) - len(shaping.coefficients)
    low, high, known = laplace.low[inner:], laplace.high[inner:], laplace.covariance[inner:, inner:]
    start = laplace.mode[:inner]
    first = _weighed(shaping, Wide(laplace.mode[inner:], WIDER_FIRST * known, low, high), start, FIRST, rng)
    shapes = first.draws[:, inner:]
    centre = first.weights @ shapes
    away = shapes - centre
    # A little of what was known before keeps a spread that rests on few draws from collapsing.
    spread = WIDER * (away.T * first.weights) @ away + 0.05 * known
    return _weighed(shaping, Wide(centre, spread, low, high), start, SECOND, rng)


def _weighed(shaping: Shaping, wide: Wide, start: Floats, size: int, rng: np.random.Generator) -> Importance:
    shapes, log_density = wide.sample(size, rng)
    uniform = rng.random((size, len(start)))
    draws, log_ratios = np.empty((size, len(start) + shapes.shape[1])), np.empty(size)
    for row, point in enumerate(shapes):
        target = shaping.target.shaped(shaping.named(point))
        best = climb(target.evaluate, start, target.low, target.high)
        near = Laplace(
            best.point, 0.0, best.gradient * best.at_bound, positive(-best.hessian, 0), target.low, target.high
        )
        (coefficients,), (log_inner,) = near.guided(uniform[row, :, None])
        draws[row] = np.concatenate([coefficients, point])
        exact = target.likelihood.value(target.full(coefficients)) + target.log_prior(coefficients)
        log_ratios[row] = exact + shaping.log_prior_density(point) - log_inner - log_density[row]
    return Importance(draws, *smoothed(log_ratios))
