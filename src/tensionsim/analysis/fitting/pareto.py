"""Pareto smoothing: importance weights whose tail is made regular, and how heavy that tail is.

Importance sampling stands and falls with its largest weights. Their distribution is close to a generalised Pareto
distribution, whose shape k says whether a mean over them means anything: below 0.5 their variance is finite.

References
----------
Vehtari, A., Simpson, D., Gelman, A., Yao, Y. & Gabry, J. (2024). Pareto smoothed importance sampling. JMLR 25(72).
Zhang, J. & Stephens, M. A. (2009). A new and efficient estimation method for the generalized Pareto distribution.
Technometrics 51(3).
"""

from __future__ import annotations

import math

import numpy as np

from tensionsim.world.channels import Floats

LEAST_TAIL = 5
"""Weights that a tail must have for its shape to be told (Vehtari et al. 2024)."""

TAME_SHARE, TAME_WEIGHTS = 0.5, 10.0
"""A weak prior about the shape: 0.5, worth as much as 10 weights (Vehtari et al. 2024, appendix C)."""


def smoothed(log_weights: Floats) -> tuple[Floats, float]:
    """Log weights whose tail is that of a fitted generalised Pareto distribution, and its shape k.

    The tail is the largest fifth of the weights, or three times the root of their number, whichever is less. k is -inf
    where all weights in it are the same, inf where too few draws are possible to tell.

    Parameters
    ----------
    log_weights
        Shape (draw,); -inf where a draw is impossible. The draws are independent.
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
    shape, scale = fitted(beyond)
    shares = (np.arange(tail) + 0.5) / tail
    found = relative.copy()
    # No weight may exceed the largest that was seen.
    found[largest] = np.minimum(np.log(cut + _quantile(shares, shape, scale)), 0.0)
    return found + log_weights.max(), shape


def fitted(values: Floats) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution from which values, > 0 and in rising order, were drawn.

    The estimate of Zhang & Stephens (2009), a mean over a grid of ratios of shape and scale, drawn a little towards a
    shape of 0.5.
    """
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


def _quantile(shares: Floats, shape: float, scale: float) -> Floats:
    if abs(shape) < 1e-12:
        return np.asarray(-scale * np.log1p(-shares))
    return np.asarray(scale * np.expm1(-shape * np.log1p(-shares)) / shape)
