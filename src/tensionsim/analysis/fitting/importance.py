"""Importance: how far an approximate posterior is from the exact one, and draws that are corrected for it.

Every draw from the approximation gets the ratio of the exact density to the approximate one as its weight. Were the
approximation exact, all weights would be the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tensionsim.analysis.fitting.laplace import Laplace
from tensionsim.analysis.fitting.pareto import smoothed
from tensionsim.world.channels import Floats

DRAWS = 1000

GOOD, USABLE = 0.5, 0.7
"""Shapes of the weights' tail up to which they can be relied on (Vehtari et al. 2024)."""


@dataclass(frozen=True)
class Importance:
    """Draws from an approximation of a density, and their weights.

    draws : shape (draw, coordinate). log_weights : of the exact density, unnormalised, less that of the approximation,
    which sums to 1; smoothed (`pareto`), shape (draw,). k : shape of the weights' tail.
    """

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

    def told(self, what: str) -> str:
        """How good an approximation is, for a reader of the fit. what : its name."""
        count = len(self.weights)
        return (
            f"{what} is {self.verdict} (k {self.k:.2f}): weighed by the exact posterior, {count:,} of its draws are "
            f"worth {count * self.effective_share:,.0f}, and give a log marginal likelihood of {self.log_whole:.1f} ± "
            f"{self.log_whole_error:.1g}"
        )

    def resampled(self, size: int, seed: int) -> Floats:
        """Draws in proportion to their weights, shape (size, coordinate), in random order.

        Systematic resampling (Kitagawa 1996): each is taken as often as its weight asks, give or take one; so a draw
        comes again where there are few of weight.

        References
        ----------
        Kitagawa, G. (1996). Monte Carlo filter and smoother for non-Gaussian nonlinear state space models. J. Comp.
        Graph. Stat. 5(1).
        """
        rng = np.random.default_rng(seed)
        places = (np.arange(size) + rng.random()) / size
        taken = np.minimum(np.searchsorted(np.cumsum(self.weights), places), len(self.weights) - 1)
        found: Floats = self.draws[rng.permutation(taken)]
        return found
