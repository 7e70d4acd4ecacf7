"""Designs: the points of a sweep, and the scenario at each of them.

Points are made the same on every machine: a grid in the order in which its factors are given, the last one changing
fastest; a Latin hypercube and Sobol' points from the design's own seed, in SciPy's order, their values rounded to ten
significant digits so that tables show what was run.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensionsim.scenario import Scenario
from tensionsim.scenario.design_file import Design
from tensionsim.scenario.factors import OUTLOOK, Factor, value_in_words

Floats = NDArray[np.float64]
Point = tuple[Any, ...]
"""A value for every factor, in their order."""

NO_OUTLOOK = "none"
"""The level of the factor `outlook` that takes no branch."""


def points(design: Design) -> list[Point]:
    """Every point of a design, in a fixed order."""
    levels = [one.levels for one in design.factors]
    if design.method == "grid":
        return list(itertools.product(*levels))
    if design.method == "zip":
        return list(zip(*levels, strict=True))
    shares = _shares(design)
    columns = [_values(one, shares[:, place]) for place, one in enumerate(design.factors)]
    return list(zip(*columns, strict=True))


def scenario_at(base: Scenario, design: Design, point: Point) -> Scenario:
    """The scenario at a point: what the design sets, then the point's own values.

    Raises
    ------
    ScenarioError
        If these values do not make a scenario.
    """
    values = dict(zip((one.path for one in design.factors), point, strict=True))
    if OUTLOOK in values:
        name = values.pop(OUTLOOK)
        base = base.with_outlook(None if name == NO_OUTLOOK and name not in base.outlook_names else str(name))
    return base.with_values({**design.set, **values})


def in_words(design: Design, point: Point) -> str:
    """The values of a point by the short names of their factors."""
    pairs = zip(design.names, point, strict=True)
    return ", ".join(f"{name} {value_in_words(value)}" for name, value in pairs)


def _shares(design: Design) -> Floats:
    """The points of a sample on the unit cube, shape (point, factor), inside (0, 1)."""
    from scipy.stats import qmc

    sampler = qmc.LatinHypercube if design.method == "lhs" else qmc.Sobol
    made = _seeded(sampler, len(design.factors), np.random.default_rng(design.seed))
    shares: Floats = made.random(design.size)
    return np.clip(shares, 2.0**-53, 1.0 - 2.0**-53)


def _seeded(sampler: Callable[..., Any], dimensions: int, generator: np.random.Generator) -> Any:
    """The sampler with its generator, which SciPy calls `seed` up to 1.14 and `rng` from 1.15 on."""
    try:
        return sampler(dimensions, rng=generator)
    except TypeError:
        return sampler(dimensions, seed=generator)


def _values(factor: Factor, shares: Floats) -> list[Any]:
    """A factor's values at shares of its distribution; of levels, each is equally likely."""
    if factor.family is None:
        return [factor.levels[int(share * len(factor.levels))] for share in shares.tolist()]
    return [float(f"{value:.10g}") for value in factor.family.quantile(shares).tolist()]
