"""Points of a design: the scenario at each, and everything that is wrong with any, told before the first one is run."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from tensionsim.errors import Problem, ScenarioError
from tensionsim.runs.plan import sampled
from tensionsim.scenario.design import OUTLOOK, Design, value_in_words
from tensionsim.scenario.scenario import Scenario, meant_by
from tensionsim.scenario.yaml_tree import Report, SourceLocation, quoted

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
    shares = sampled(design.method, len(design.factors), design.size, np.random.default_rng(design.seed))
    columns: list[list[Any]] = []
    for place, one in enumerate(design.factors):
        if one.family is None:  # each level is equally likely
            columns.append([one.levels[int(share * len(one.levels))] for share in shares[:, place].tolist()])
        else:
            columns.append([float(f"{value:.10g}") for value in one.family.quantile(shares[:, place]).tolist()])
    return list(zip(*columns, strict=True))


def scenario_at(base: Scenario, design: Design, point: Point) -> Scenario:
    """The scenario at a point: what the design sets, then the point's own values; ScenarioError if it cannot be."""
    values = dict(zip((one.path for one in design.factors), point, strict=True))
    if OUTLOOK in values:
        name = values.pop(OUTLOOK)
        base = base.with_outlook(None if name == NO_OUTLOOK and name not in base.outlook_names else str(name))
    return base.with_values({**design.set, **values})


TOGETHER = ("start", "end", "step")
"""Paths whose values are good or bad only beside those of the others."""


def check(base: Scenario, design: Design, report: Report, found: Sequence[Point] | None) -> None:
    """Notes what the scenario cannot have: each value alone, of an interval both ends; then the points."""
    lost = set[str]()
    for path, value in design.set.items():
        place = design.set_locations.get(path, design.location)
        if path not in TOGETHER and (fault := _fault(path, base.with_values, {path: value})):
            report.add(place, _before(path, place) + fault)
            lost.add(path)
    rest = _less(design, lost)
    for one in rest.factors:
        alone, bad = dataclasses.replace(rest, factors=(one,)), dict[SourceLocation, list[str]]()
        places = one.locations if one.family is None else (one.location,) * 2
        for place, value in zip(places, one.family.support if one.family else one.levels, strict=True):
            if one.path not in TOGETHER and (fault := _fault(one.path, scenario_at, base, alone, (value,))):
                reaches = "this reaches from {:.3g} to {:.3g}, and ".format(*one.family.support) if one.family else ""
                is_lost = fault.startswith("no such path")
                said = bad.setdefault(one.location if is_lost else place, [])
                said.append(_before(one.path, one.location) + ("" if is_lost else reaches) + fault)
                lost.add(one.path)
        for place, said in bad.items():
            more = "" if one.family or len(said) == 1 else f" ({len(said) - 1} of the other values too)"
            report.add(place, said[0] + more)
    rest = _less(rest, lost)
    _check_overlaps(base, rest, report)
    kept = [rank for rank, one in enumerate(design.factors) if one in rest.factors]
    faults, seen = dict[tuple[SourceLocation, str], list[int]](), set[str]()
    for number, point in enumerate(found or ()):
        values = tuple(point[rank] for rank in kept)
        if repr(values) in seen:
            continue
        seen.add(repr(values))
        try:
            scenario_at(base, rest, values)
        except ScenarioError as error:
            for problem in error.problems:
                faults.setdefault(_attributed(problem, design), []).append(number)
    for (place, message), numbers in faults.items():
        pairs = zip(design.names, (found or ())[numbers[0]], strict=True)
        which = ", ".join(f"{name} {value_in_words(value)}" for name, value in pairs)
        which = f" (point {numbers[0]}: {which}{f'; and {len(numbers) - 1} more' if numbers[1:] else ''})"
        report.add(place, message + ("" if place in design.set_locations.values() else which))


def _less(design: Design, lost: Collection[str]) -> Design:
    """The design without some of its paths."""
    factors = tuple(one for one in design.factors if one.path not in lost)
    return dataclasses.replace(
        design, factors=factors, set={path: value for path, value in design.set.items() if path not in lost}
    )


def _fault(path: str, make: Callable[..., object], *given: Any) -> str:
    """What the scenario that is to be made says against the value at a path; empty where it says nothing."""
    try:
        make(*given)
    except ScenarioError as error:
        said = (one.message for one in error.problems if not one.line)
        mine = (one for one in said if path == OUTLOOK or one.startswith(f"{path}: "))
        return next(mine, "").removeprefix(f"{path}: ")
    return ""


def _check_overlaps(base: Scenario, design: Design, report: Report) -> None:
    """Whether a place is varied by two factors, or set besides."""
    owners: dict[str, str] = {}
    for one in design.factors:
        if one.path == OUTLOOK and base.outlook is not None:
            fault = f"the outlook is varied, and {quoted(base.outlook)} is asked for; drop one of the two"
            report.add(one.location, fault)
        for place in () if one.path == OUTLOOK else meant_by(base, one.path):
            if (owner := owners.setdefault(place, one.path)) != one.path:
                fault = f"varies {quoted(place)}, as {quoted(owner)} does already; vary it by one of them"
                report.add(one.location, _before(one.path, one.location) + fault)
                break
    for path in dict.fromkeys((*base.values, *design.set)):
        if (places := meant_by(base, path)) and all(each in owners for each in places):
            varied = f"varied by {quoted(owners[places[0]])}"
            location = design.set_locations.get(path, SourceLocation(design.location.source))
            report.add(location, f"{quoted(path)} is set to one value and {varied}; drop one of the two")


def _before(path: str, place: SourceLocation) -> str:
    """How a message about a path begins, which names it where its place does not."""
    return "" if place.source.label == path else f"{quoted(path)}: "


def _attributed(problem: Problem, design: Design) -> tuple[SourceLocation, str]:
    """Where a problem of a point comes from in the design, and what it is."""
    message = problem.message
    if problem.line:
        message = f"{problem.file}:{problem.line}:{problem.column}: {message}"
    else:
        locations = {one.path: one.location for one in design.factors} | dict(design.set_locations)
        for path, place in locations.items():
            if message.startswith(f"{path}: "):
                return place, _before(path, place) + message.removeprefix(f"{path}: ")
    return SourceLocation(design.location.source), message


def points_checked(
    base: Scenario | None, design: Design | None, report: Report, *, baseline: int = 0
) -> tuple[Scenario, Design, list[Point]]:
    """The scenario, the design and its points, checked; ScenarioError tells of all, and of what `report` holds."""
    if base is None or design is None:
        report.stop()
    found = None if len(report) else points(design)
    check(base, design, report, found)
    if found is None or len(report):
        report.stop()
    if baseline >= len(found):
        raise ValueError(f"baseline must be a point in 0..{len(found) - 1}; got {baseline}")
    return base, design, found


def base_of(load: Callable[[], Scenario], report: Report) -> Scenario | None:
    """The scenario that is loaded; None if it cannot be, with the reasons in `report`."""
    try:
        return load()
    except ScenarioError as failure:
        report.take(failure)
        return None
