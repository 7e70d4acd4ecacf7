"""Support: for each mechanism, how much better the history is explained with it than without."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tensionsim.analysis.fitting.laplace import Laplace
from tensionsim.analysis.fitting.search import Maximum, climb
from tensionsim.analysis.fitting.shaping import positive
from tensionsim.analysis.fitting.target import Target

EXCITATION = {
    "own acts breed acts": ("parameters.own_fast", "parameters.own_slow"),
    "the other's acts breed acts": ("parameters.other_fast", "parameters.other_slow"),
}
"""What is asked besides the mechanisms: whether acts breed acts."""

WORDS = ((2.0, "decisive"), (1.0, "strong"), (0.5, "substantial"))


@dataclass(frozen=True, slots=True)
class Support:
    """What a history says for a mechanism.

    paths : of its strengths. likelihood_ratio : twice the log ratio of the best fits with and without it, its own
    strengths free of their prior; >= 0. p_value : of so high a ratio if all its strengths were 0. log10_bayes_factor :
    of the scenario with it (and its prior) against that without, above 0 in its favour.
    """

    name: str
    paths: tuple[str, ...]
    likelihood_ratio: float
    p_value: float
    log10_bayes_factor: float

    @property
    def verdict(self) -> str:
        """The Bayes factor in words (Jeffreys 1961)."""
        size = abs(self.log10_bayes_factor)
        word = next((word for least, word in WORDS if size >= least), None)
        if word is None:
            return "undecided"
        return f"{word} {'for' if self.log10_bayes_factor > 0.0 else 'against'}"


def supports(target: Target, best: Maximum) -> tuple[Support, ...]:
    """What the history says for each mechanism that is fitted, the shapes held as they are.

    Assumption: strengths cannot be negative, so under none of them the ratio follows a mixture of chi-squared
    distributions with binomial weights (Self & Liang 1987, for estimates that have nothing to do with one another).
    """
    return tuple(_support(name, paths, target, best) for name, paths in _groups(target))


def _groups(target: Target) -> Iterator[tuple[str, tuple[str, ...]]]:
    free = set(target.paths)
    for name, paths in EXCITATION.items():
        if here := tuple(path for path in paths if path in free):
            yield name, here
    found: dict[str, list[str]] = {}
    for one in target.likelihood.coefficients:
        if one.mechanism is not None and one.path in free:
            found.setdefault(one.mechanism, []).append(one.path)
    yield from ((name, tuple(paths)) for name, paths in found.items())


def _support(name: str, paths: tuple[str, ...], target: Target, best: Maximum) -> Support:
    without = target.without(paths)
    kept = [path not in paths for path in target.paths]
    reduced = climb(without.evaluate, best.point[kept], without.low, without.high)
    freed = target.unpressed(paths)
    full = climb(freed.evaluate, best.point, freed.low, freed.high)
    # The reduced fit is among those of the freed one, so less than it is the search's own rounding.
    ratio = max(0.0, 2.0 * (full.value - reduced.value))
    factor = (evidence(target, best) - evidence(without, reduced)) / math.log(10.0)
    return Support(name, paths, ratio, _tail(ratio, len(paths)), factor)


def evidence(target: Target, best: Maximum) -> float:
    """Log marginal likelihood at the shapes as they are, by Laplace's approximation."""
    height = target.likelihood.value(target.full(best.point)) + target.log_prior(best.point)
    gradient = best.gradient * best.at_bound
    return Laplace(best.point, height, gradient, positive(-best.hessian, 0), target.low, target.high).log_whole


def _tail(ratio: float, count: int) -> float:
    from scipy.special import chdtrc

    if ratio <= 0.0:
        return 1.0
    return float(sum(math.comb(count, k) * 0.5**count * chdtrc(k, ratio) for k in range(1, count + 1)))


def by_strength(found: Sequence[Support]) -> list[Support]:
    """The most supported first."""
    return sorted(found, key=lambda one: -one.log10_bayes_factor)
