"""Points of a design: the scenario at each, and everything that is wrong with any, told before the first one is run."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from tensionsim.errors import Problem, ScenarioError
from tensionsim.runs.plan import sampled
from tensionsim.scenario.design import OUTLOOK, Design, Factor, value_in_words
from tensionsim.scenario.paths import NoPath
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


MOST_LISTED = 6
"""Points that a message lists by number."""

TOGETHER = ("start", "end", "step")
"""Paths whose values are good or bad only beside those of the others."""

_NUMBER = re.compile(r"(.+?) [-+.0-9e]+ is [^;]+(; .+?)?( \(for [^)]+\))?")
"""What is said of a number that is out of its range."""


def check(base: Scenario, design: Design, report: Report, found: Sequence[Point] | None) -> None:
    """Notes every path, level, interval and point of a design that the scenario cannot have.

    Each value is tried by itself, then the points that have no bad one. found : the points; None where the design has
    faults of its own.
    """
    lost = _check_paths(base, design, report)
    lost |= _check_set(base, _less(design, lost), report)
    rest, bad = _less(design, lost), set[tuple[int, str]]()
    for rank, one in enumerate(design.factors):
        if one in rest.factors and one.path not in TOGETHER:
            bad |= {(rank, repr(value)) for value in _check_values(base, design, rest, rank, report, found or ())}
    rest = _less(rest, {one.path for rank, one in enumerate(design.factors) if one.family and rank in dict(bad)})
    faults, seen = dict[tuple[SourceLocation, str], list[int]](), set[str]()
    places = [rank for rank, one in enumerate(design.factors) if one in rest.factors]
    for number, point in enumerate(found or ()):
        values = tuple(point[rank] for rank in places)
        if repr(values) in seen or any((rank, repr(point[rank])) in bad for rank in places):
            continue
        seen.add(repr(values))
        for problem in _problems(scenario_at, base, rest, values):
            faults.setdefault(_attributed(problem, design), []).append(number)
    for (place, message), numbers in faults.items():
        is_set = place in design.set_locations.values()
        report.add(place, message + ("" if is_set else _numbered(design, found or (), numbers)))


def _less(design: Design, lost: Collection[str]) -> Design:
    """The design without some of its paths."""
    factors = tuple(one for one in design.factors if one.path not in lost)
    return dataclasses.replace(
        design, factors=factors, set={path: value for path, value in design.set.items() if path not in lost}
    )


def _check_values(
    base: Scenario, design: Design, rest: Design, rank: int, report: Report, found: Sequence[Point]
) -> list[object]:
    """The values of a factor that the scenario cannot have, by themselves; of those alike the first is noted.

    Of the end of an interval only that it is out of range says something of the interval.
    """
    one, bad, alike = design.factors[rank], list[object](), dict[object, list[tuple[SourceLocation, str, object]]]()
    alone = dataclasses.replace(rest, factors=(one,))
    for value in one.family.support if one.family else one.levels:
        for problem in _problems(scenario_at, base, alone, (value,)):
            words = problem.message.removeprefix(f"{one.path}: ")
            match = _NUMBER.fullmatch(words)
            if problem.line or words == problem.message or (one.family and not match):
                continue
            place = one.locations[one.levels.index(value)] if one.levels else one.location
            if one.family:
                kind = next(iter(one.given)) if isinstance(one.given, dict) else ""
                low, high = one.family.support
                kind = "interval" if kind == "from" else kind
                words = f"this {kind} reaches from {low:.3g} to {high:.3g}, and {words}"
            kinds = (match[1], re.sub(r".* is ", "", words.removesuffix(match[3] or ""))) if match else (words, place)
            alike.setdefault(kinds, []).append((place, _before(one.path, one.location) + words, value))
            bad.append(value)
    for (place, message, value), *others in alike.values():
        said = f" (so are {len(others)} others of {len(one.levels) or len(found)} values)" if others else ""
        numbers = [number for number, point in enumerate(found) if repr(point[rank]) == repr(value)]
        report.add(place, message + (said or (_numbered(design, found, numbers) if numbers else "")))
    return bad


def _problems(make: Callable[..., object], *given: Any) -> Sequence[Problem]:
    """What is wrong with the scenario that is to be made."""
    try:
        make(*given)
    except ScenarioError as error:
        return error.problems
    return ()


def _check_paths(base: Scenario, design: Design, report: Report) -> set[str]:
    """The paths that lead nowhere, and what else no point can be made with, all noted."""
    owners: dict[str, str] = {}
    lost = set()
    for one in design.factors:
        if one.path == OUTLOOK:
            before = len(report)
            _check_outlooks(base, one, report)
            lost |= {OUTLOOK} if len(report) > before else set()
            continue
        places = _meant(base, one.path, one.location, report)
        lost |= set() if places else {one.path}
        for place in places:
            if (owner := owners.setdefault(place, one.path)) != one.path:
                fault = f"varies {quoted(place)}, as {quoted(owner)} does already; vary it by one of them"
                report.add(one.location, _before(one.path, one.location) + fault)
                break
    given: Mapping[str, SourceLocation] = {
        **{path: SourceLocation(design.location.source) for path in base.values},
        **design.set_locations,
    }
    for path, location in given.items():
        places = _meant(base, path, location, report)
        lost |= set() if places or path in base.values else {path}
        if places and all(each in owners for each in places):
            varied = f"varied by {quoted(owners[places[0]])}"
            report.add(location, f"{quoted(path)} is set to one value and {varied}; drop one of the two")
    return lost


def _meant(base: Scenario, path: str, place: SourceLocation, report: Report) -> tuple[str, ...]:
    try:
        return meant_by(base, path)
    except NoPath as lost:
        report.add(place, f"{_before(path, place)}no such path, {lost}")
        return ()


def _before(path: str, place: SourceLocation) -> str:
    """How a message about a path begins, which names it where its place does not."""
    return "" if place.source.label == path else f"{quoted(path)}: "


def _check_outlooks(base: Scenario, factor: Factor, report: Report) -> None:
    """Whether a scenario has the outlooks that are varied."""
    known = base.outlook_names
    if not known:
        report.add(factor.location, f"{base.name} has no outlooks to vary")
        return
    if base.outlook is not None:
        report.add(
            factor.location, f"the outlook is varied, and {quoted(base.outlook)} is asked for; drop one of the two"
        )
    if factor.family is not None:
        report.add(factor.location, f"outlooks are a list of names, {', '.join((*known, NO_OUTLOOK))}")
    for level, place in zip(factor.levels, factor.locations, strict=True):
        if level not in (*known, NO_OUTLOOK):
            report.add(place, f"no outlook {quoted(level)}{report.near(str(level), (*known, NO_OUTLOOK))}")


def _check_set(base: Scenario, design: Design, report: Report) -> set[str]:
    """The paths whose values, the same at all points, the scenario cannot have; each is noted."""
    lost = set()
    for path, value in design.set.items():
        for problem in _problems(base.with_values, {path: value}):
            if path not in TOGETHER and not problem.line and problem.message.startswith(f"{path}: "):
                place = design.set_locations.get(path, design.location)
                report.add(place, _before(path, place) + problem.message.removeprefix(f"{path}: "))
                lost.add(path)
    return lost


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


def _numbered(design: Design, found: Sequence[Point], numbers: Sequence[int]) -> str:
    """Points by number, as a message lists them, with the values of the first."""
    shown = ", ".join(map(str, numbers[:MOST_LISTED]))
    more = f" and {len(numbers) - MOST_LISTED} more" if len(numbers) > MOST_LISTED else ""
    which = f"point {shown}" if len(numbers) == 1 else f"points {shown}{more}; the first"
    pairs = zip(design.names, found[numbers[0]], strict=True)
    return f" ({which}: {', '.join(f'{name} {value_in_words(value)}' for name, value in pairs)})"


def points_checked(
    base: Scenario | None, design: Design | None, report: Report, *, baseline: int = 0
) -> tuple[Scenario, Design, list[Point]]:
    """The scenario, the design and its points, every one checked.

    base, design : as far as they could be read. report : what could not, which the ScenarioError tells with all else.
    """
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
