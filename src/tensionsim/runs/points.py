"""Points of a design: the scenario at each, and everything that is wrong with any, told before the first one is run."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensionsim.errors import Problem, ScenarioError
from tensionsim.runs.plan import sampled
from tensionsim.scenario.design import OUTLOOK, SAMPLING, Design, Factor, value_in_words
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

MOST_APART = 2
"""Values of a factor with the same fault that are told one by one; more are told together."""

MOST_SHOWN = 3
"""Values that are told together and all shown; of more, the first and the last."""

TOGETHER = ("start", "end", "step")
"""Paths whose values are good or bad only beside those of the others."""

_NUMBER = re.compile(r"(?P<name>.+?) (?P<value>[-+.0-9e]+) is (?P<fault>[^;]+)(?P<advice>; .+?)?(?: \(for [^)]+\))?")


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong at some points. rank : of the factor; of all else, that after the last factor's."""

    rank: int
    place: SourceLocation
    before: str
    message: str


def check(base: Scenario, design: Design, report: Report, found: Sequence[Point] | None) -> None:
    """Notes every path, level, interval and point of a design that the scenario cannot have.

    found : the points; None where the design has faults of its own, so that values are looked at one by one.
    """
    lost = _check_paths(base, design, report)
    lost |= _check_set(base, _less(design, lost), report)
    rest = _less(design, lost)
    rest = _less(rest, {one.path for one in rest.factors if _is_too_wide(base, rest, one, report)})
    if design.method in SAMPLING:  # levels out of range are noted whether they are drawn or not
        faults = _faults(base, design, rest, None)
        last = len(design.factors)
        faults = {one: at for one, at in faults.items() if one.rank < last and _NUMBER.fullmatch(one.message)}
        _tell(design, faults, None, report)
        rest = _less(rest, {design.factors[fault.rank].path for fault in faults})
    _tell(design, _faults(base, design, rest, found), found, report)


def _less(design: Design, lost: Collection[str]) -> Design:
    """The design without some of its paths."""
    factors = tuple(one for one in design.factors if one.path not in lost)
    return dataclasses.replace(
        design, factors=factors, set={path: value for path, value in design.set.items() if path not in lost}
    )


def _faults(base: Scenario, design: Design, rest: Design, found: Sequence[Point] | None) -> dict[_Fault, list[int]]:
    """Faults of the factors in `rest`, with the numbers of the points that have them."""
    faults: dict[_Fault, list[int]] = {}
    for number, alone, point in _tried(design, rest, found):
        for problem in _problems(scenario_at, base, alone, point):
            faults.setdefault(_attributed(problem, design, alone, point), []).append(number)
    return faults


def _tried(design: Design, rest: Design, found: Sequence[Point] | None) -> Iterator[tuple[int, Design, Point]]:
    """The points with the values of the factors in `rest` alone, each but once; without points, level by level."""
    if found is None:
        for one in rest.factors:
            for level in () if one.path in TOGETHER else one.levels:
                yield 0, dataclasses.replace(rest, factors=(one,)), (level,)
        return
    places = [place for place, one in enumerate(design.factors) if one in rest.factors]
    seen = set()
    for number, point in enumerate(found):
        values = tuple(point[place] for place in places)
        if len(places) == len(design.factors) or repr(values) not in seen:
            seen.add(repr(values))
            yield number, rest, values


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
        if level is None:
            report.add(place, f"no outlook is written {NO_OUTLOOK!r}, as a text")
        elif level not in (*known, NO_OUTLOOK):
            near = report.near(str(level), (*known, NO_OUTLOOK))
            report.add(place, f"no outlook {quoted(level)}{near}")


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


def _is_too_wide(base: Scenario, design: Design, factor: Factor, report: Report) -> bool:
    """Whether an interval or a distribution reaches where the scenario's own could not, which is noted."""
    if factor.family is None:
        return False
    low, high = factor.family.support
    for end in (low, high):
        for problem in _problems(base.with_values, {**design.set, factor.path: end}):
            message = problem.message.removeprefix(f"{factor.path}: ")
            if message != problem.message and _NUMBER.fullmatch(message):
                keys = list(factor.given) if isinstance(factor.given, dict) else [""]
                kind = "interval" if "from" in keys else keys[0]
                reach = f"this {kind} reaches from {low:.3g} to {high:.3g}, and {message}"
                report.add(factor.location, _before(factor.path, factor.location) + reach)
                return True
    return False


def _attributed(problem: Problem, design: Design, alone: Design, point: Point) -> _Fault:
    """Where a problem of a point comes from in the design, and what it is."""
    message, last = problem.message, len(design.factors)
    if problem.line:
        where = f"{problem.file}:{problem.line}:{problem.column}: "
        return _Fault(last, SourceLocation(design.location.source), where, message)
    for one, value in zip(alone.factors, point, strict=True):
        if message.startswith(f"{one.path}: "):
            place = one.locations[one.levels.index(value)] if one.levels else one.location
            before = _before(one.path, one.location)
            return _Fault(design.factors.index(one), place, before, message.removeprefix(f"{one.path}: "))
    for path, place in design.set_locations.items():
        if message.startswith(f"{path}: "):
            return _Fault(last, place, _before(path, place), message.removeprefix(f"{path}: "))
    return _Fault(last, SourceLocation(design.location.source), "", message)


def _tell(
    design: Design, faults: Mapping[_Fault, Sequence[int]], found: Sequence[Point] | None, report: Report
) -> None:
    """Notes the faults, in the order of the design: many values with the same one in one line."""
    alike: dict[tuple[object, ...], list[_Fault]] = {}
    for fault in sorted(faults, key=lambda fault: fault.rank):
        match = _NUMBER.fullmatch(fault.message) if fault.rank < len(design.factors) else None
        kind = (fault.message, fault.place) if match is None else (match["name"], match["fault"], match["advice"])
        alike.setdefault((fault.rank, *kind), []).append(fault)
    for same in alike.values():
        if len(same) > MOST_APART:
            read = [match for fault in same if (match := _NUMBER.fullmatch(fault.message))]
            values = [f"{float(match['value']):.6g}" for match in read]
            count = len(design.factors[same[0].rank].levels) or len(found or ())
            shown = ", ".join(values) if len(values) <= MOST_SHOWN else f"{values[0]} … {values[-1]}"
            words = f"{len(values)} of {count} values are {read[0]['fault']}: {shown}{read[0]['advice'] or ''}"
            report.add(same[0].place, same[0].before + words)
            continue
        for fault in same:
            words, numbers = fault.message, faults[fault]
            if found is not None and fault.place not in design.set_locations.values():
                pairs = zip(design.names, found[numbers[0]], strict=True)
                shown = ", ".join(f"{name} {value_in_words(value)}" for name, value in pairs)
                words += f" ({_numbered(numbers)}: {shown})"
            report.add(fault.place, fault.before + words)


def _numbered(numbers: Sequence[int]) -> str:
    """Points by number, as a message lists them."""
    if len(numbers) == 1:
        return f"point {numbers[0]}"
    shown = ", ".join(map(str, numbers[:MOST_LISTED]))
    return f"points {shown}{f' and {len(numbers) - MOST_LISTED} more' if len(numbers) > MOST_LISTED else ''}; the first"


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
