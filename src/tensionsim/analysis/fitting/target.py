"""The target: likelihood times prior as a function of the coefficients that are free."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tensionsim.analysis.fitting.priors import Prior, prior_of
from tensionsim.likelihood import Likelihood
from tensionsim.world.channels import Bools, Floats


@dataclass(frozen=True)
class Target:
    """The log posterior density, up to a constant, of the linear coefficients that are free.

    values : of all coefficients, those that are not free standing at theirs. free : which are. priors : of all.
    """

    likelihood: Likelihood
    values: Floats
    free: Bools
    priors: tuple[Prior, ...]

    @classmethod
    def of(cls, likelihood: Likelihood, fixed: Collection[str], width: float = 1.0) -> Target:
        """The target in which all coefficients but those `fixed`, by path, are free. width : of priors, relative."""
        free = np.array([one.path not in fixed for one in likelihood.coefficients], bool)
        priors = tuple(prior_of(one).widened(width) for one in likelihood.coefficients)
        return cls(likelihood, likelihood.values, free, priors)

    @cached_property
    def low(self) -> Floats:
        """Lower bounds of the free coefficients."""
        return np.array([one.low for one in self._of_free])

    @cached_property
    def high(self) -> Floats:
        """Upper bounds of the free coefficients."""
        return np.array([one.high for one in self._of_free])

    @cached_property
    def _of_free(self) -> list[Prior]:
        return [one for one, is_free in zip(self.priors, self.free, strict=True) if is_free]

    @cached_property
    def _bell(self) -> tuple[Floats, Floats]:
        return np.array([one.mean for one in self._of_free]), np.array([one.precision for one in self._of_free])

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of the free coefficients."""
        coefficients = self.likelihood.coefficients
        return tuple(one.path for one, is_free in zip(coefficients, self.free, strict=True) if is_free)

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
        mean, precision = self._bell
        distance = point - mean
        value -= 0.5 * float((precision * distance**2).sum())
        free = self.free
        return value, gradient[free] - precision * distance, hessian[np.ix_(free, free)] - np.diag(precision)

    def log_prior(self, point: Floats) -> float:
        """Log prior density of the free coefficients."""
        return float(sum(one.density(value) for one, value in zip(self._of_free, point.tolist(), strict=True)))

    def shaped(self, shapes: Mapping[str, float]) -> Target:
        """The target under other half-lives."""
        return replace(self, likelihood=self.likelihood.shaped(shapes))

    def without(self, paths: Collection[str]) -> Target:
        """The target with some coefficients at 0."""
        out = np.array([one.path in paths for one in self.likelihood.coefficients], bool)
        return replace(self, values=np.where(out, 0.0, self.values), free=self.free & ~out)

    def unpressed(self, paths: Collection[str] | None = None) -> Target:
        """The target with flat priors, for some coefficients or for all."""
        flat = tuple(
            Prior(one.mean, np.inf, one.low, one.high, one.is_of_log) if paths is None or c.path in paths else one
            for one, c in zip(self.priors, self.likelihood.coefficients, strict=True)
        )
        return replace(self, priors=flat)
