"""Priors: what is held of a coefficient before the history is looked at."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tensionsim.likelihood.coefficients import EPISODES, RATE, Coefficient
from tensionsim.scenario.distributions import Family, TruncatedNormal, Uniform
from tensionsim.world.channels import Floats

_SHARES = (np.arange(2000) + 0.5) / 2000
_EXCITATION = ["parameters.own_fast", "parameters.own_slow", "parameters.other_fast", "parameters.other_slow"]

LEAST = 1e-4
"""The least that a coefficient fitted by its logarithm can be, where 0 is allowed."""

OF_LOG = ("parameters.fast_half_life", "parameters.slow_half_life", "parameters.tone_prior", *EPISODES)
"""Coefficients that are fitted by their logarithm."""


@dataclass(frozen=True, slots=True)
class Prior:
    """A normal prior, cut at the bounds, of a coefficient (or of its logarithm, where `is_of_log`).

    mean, deviation : of the normal before it is cut; an infinite deviation is a flat prior between the bounds.
    """

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
        from scipy.special import ndtr, ndtri

        low, high = ((bound - self.mean) / self.deviation for bound in (self.low, self.high))
        # From the tail that is nearer, where shares keep their digits.
        first, last, share = (low, high, shares) if low <= 0.0 else (-high, -low, 1.0 - shares)
        found = ndtri(ndtr(first) + share * (ndtr(last) - ndtr(first))) * (1.0 if low <= 0.0 else -1.0)
        return np.asarray(np.clip(self.mean + self.deviation * found, self.low, self.high))

    @property
    def scale(self) -> float:
        """Its deviation; of a flat one that of a uniform distribution between the bounds."""
        return (self.high - self.low) / math.sqrt(12.0) if math.isinf(self.deviation) else self.deviation

    def coordinate(self, value: float) -> float:
        """Where a coefficient stands on the axis on which it is fitted."""
        return math.log(value) if self.is_of_log else value

    def natural(self, coordinate: Floats) -> Floats:
        """The coefficient at places of that axis."""
        return np.exp(coordinate) if self.is_of_log else coordinate

    def widened(self, factor: float) -> Prior:
        """The prior with its deviation multiplied."""
        return Prior(self.mean, self.deviation * factor, self.low, self.high, self.is_of_log)


def prior_of(one: Coefficient) -> Prior:
    """The prior of a coefficient: what the scenario states as a distribution, else weakly informative.

    Assumption: what a scenario says is a first guess, give or take about as much again.

    In numbers, a normal about the scenario's value, cut at the declared range, with the deviation

    - 10 acts a month for base rates (it rules out little) and 0.5 for excitation (an act breeds few),
    - the larger of the value and 1 for strengths of mechanisms, so that nothing (0) and twice the guess lie within 1,
    - 2 for bias, intensity and cost, 1 for what an election adds,
    - 0.7 of the logarithm for half-lives (a factor of 2), 1 for the tone's prior, overdispersion and imitation; 0.25
      for linkage and 0.2 for the floor of rupture avoidance.
    """
    is_of_log = one.path in OF_LOG
    low, high = (math.log(max(one.low, LEAST)), math.log(one.high)) if is_of_log else (one.low, one.high)
    if one.stated is not None:
        return _stated(one.stated, (low, high), is_of_log)
    mean = math.log(one.value) if is_of_log else one.value
    return Prior(mean, _deviation(one), low, high, is_of_log)


def _deviation(one: Coefficient) -> float:
    special = {
        "parameters.heat_intensity": 1.0,
        "parameters.fast_half_life": 0.7,
        "parameters.slow_half_life": 0.7,
        "mechanisms.reciprocity.linkage": 0.25,
        "mechanisms.rupture_avoidance.floor": 0.2,
        "parameters.tone_prior": 1.0,
        **dict.fromkeys(EPISODES, 1.0),
    }
    if one.path in special:
        return special[one.path]
    if one.part == RATE:
        return 0.5 if one.path in _EXCITATION else 10.0
    return max(one.value, 1.0) if one.mechanism else 2.0


def _stated(family: Family, bounds: tuple[float, float], is_of_log: bool) -> Prior:
    """Assumption: what is neither normal, cut or not, nor uniform stands for the normal of its mean and deviation."""
    change: Callable[[Floats], Floats] = np.log if is_of_log else lambda values: values
    low, high = (float(change(np.array([max(end, 1e-12) if is_of_log else end]))[0]) for end in family.support)
    low, high = max(low, bounds[0]), min(high, bounds[1])
    if isinstance(family, Uniform) and not is_of_log:
        return Prior(family.mean, math.inf, low, high)
    if isinstance(family, TruncatedNormal) and not is_of_log:
        return Prior(family.centre, family.deviation, low, high)
    values = change(family.quantile(_SHARES))
    return Prior(float(values.mean()), float(values.std()), low, high, is_of_log)
