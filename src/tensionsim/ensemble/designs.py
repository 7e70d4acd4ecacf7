"""Designs: the points of a sweep, and the scenario at each of them.

Points are made the same on every machine: a grid in the order in which its factors are given, the last one changing
fastest; a Latin hypercube and Sobol' points from the design's own seed, in SciPy's order, their values rounded to ten
significant digits so that tables show what was run.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensionsim.errors import Problem, ScenarioError
from tensionsim.scenario import Scenario
from tensionsim.scenario.design_file import Design
from tensionsim.scenario.factors import OUTLOOK, Factor, value_in_words
from tensionsim.scenario.paths import NoPath
from tensionsim.scenario.places import Place
from tensionsim.scenario.problems import Report, quoted
from tensionsim.scenario.scenario import meant_by

Floats = NDArray[np.float64]
Point = tuple[Any, ...]
"""A value for every factor, in their order."""

NO_OUTLOOK = "none"
"""The level of the factor `outlook` that takes no branch."""

MOST_LISTED = 6
"""Points that a message lists by number."""


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


def check(base: Scenario, design: Design, found: Sequence[Point]) -> None:
    """Checks that there is a scenario at every point.

    Raises
    ------
    ScenarioError
        If not; it lists every path, level and point that is wrong, in the order of the design.
    """
    report = Report()
    _check_paths(base, design, report)
    report.raise_if_any()
    faults: dict[tuple[int, Place, str], list[int]] = {}
    for number, point in enumerate(found):
        try:
            scenario_at(base, design, point)
        except ScenarioError as error:
            for problem in error.problems:
                faults.setdefault(_attributed(problem, design, point), []).append(number)
    for (_, place, message), numbers in sorted(faults.items(), key=lambda fault: fault[0][0]):
        report.add(place, f"{message} ({_numbered(numbers)}: {in_words(design, found[numbers[0]])})")
    report.raise_if_any()


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


@dataclass(slots=True)
class _Owners:
    """Which factor varies which place of the scenario."""

    by_place: dict[str, str] = field(default_factory=dict)

    def taken(self, factor: Factor, places: Iterable[str]) -> str | None:
        """What to say of a place that another factor varies; else the factor has them all."""
        for place in places:
            if (owner := self.by_place.setdefault(place, factor.path)) != factor.path:
                return f"varies {quoted(place)}, as {quoted(owner)} does already; vary it by one of them"
        return None


def _check_paths(base: Scenario, design: Design, report: Report) -> None:
    """Whether every factor varies something, and something that nothing else sets."""
    owners = _Owners()
    for one in design.factors:
        if one.path == OUTLOOK:
            _check_outlooks(base, one, report)
            continue
        places = _meant(base, one.path, one.place, report)
        if fault := owners.taken(one, places):
            report.add(one.place, _located(one.path, one.place, fault))
    given: Mapping[str, Place] = {**{path: Place(design.place.source) for path in base.values}, **design.set_places}
    for path, place in given.items():
        places = _meant(base, path, place, report)
        if places and all(each in owners.by_place for each in places):
            owner = owners.by_place[places[0]]
            report.add(place, f"{quoted(path)} is set to one value and varied by {quoted(owner)}; drop one of the two")


def _meant(base: Scenario, path: str, place: Place, report: Report) -> tuple[str, ...]:
    try:
        return meant_by(base, path)
    except NoPath as lost:
        report.add(place, _located(path, place, f"no such path, {lost}"))
        return ()


def _located(path: str, place: Place, message: str) -> str:
    """The message, which names the path where its place does not."""
    return message if place.source.label == path else f"{quoted(path)}: {message}"


def _check_outlooks(base: Scenario, factor: Factor, report: Report) -> None:
    """Whether a scenario has the outlooks that are varied."""
    known = base.outlook_names
    if not known:
        report.add(factor.place, f"{base.name} has no outlooks to vary")
        return
    if base.outlook is not None:
        report.add(factor.place, f"the outlook is varied, and {quoted(base.outlook)} is asked for; drop one of the two")
    if factor.family is not None:
        report.add(factor.place, f"outlooks are a list of names, {', '.join((*known, NO_OUTLOOK))}")
    for level, place in zip(factor.levels, factor.places, strict=True):
        if level not in (*known, NO_OUTLOOK):
            near = report.near(str(level), (*known, NO_OUTLOOK))
            report.add(place, f"no outlook {quoted(level)}{near}")


def _attributed(problem: Problem, design: Design, point: Point) -> tuple[int, Place, str]:
    """Where a problem of a point comes from in the design: its rank there, its place, and what it is."""
    for rank, (one, value) in enumerate(zip(design.factors, point, strict=True)):
        if not problem.line and problem.message.startswith(f"{one.path}: "):
            place = one.places[one.levels.index(value)] if one.levels else one.place
            return rank, place, _located(one.path, one.place, problem.message.removeprefix(f"{one.path}: "))
    last = len(design.factors)
    for path, place in design.set_places.items():
        if not problem.line and problem.message.startswith(f"{path}: "):
            return last, place, _located(path, place, problem.message.removeprefix(f"{path}: "))
    where = f"{problem.file}:{problem.line}:{problem.column}: " if problem.line else ""
    return last, Place(design.place.source), where + problem.message


def _numbered(numbers: Sequence[int]) -> str:
    """Points by number, as a message lists them."""
    if len(numbers) == 1:
        return f"point {numbers[0]}"
    shown = ", ".join(map(str, numbers[:MOST_LISTED]))
    return f"points {shown}{f' and {len(numbers) - MOST_LISTED} more' if len(numbers) > MOST_LISTED else ''}; the first"
