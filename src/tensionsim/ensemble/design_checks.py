"""Checks of a design against its scenario: paths, outlooks and values of every point, all told at once.

What is wrong with one factor does not hide what is wrong with another: whatever cannot be used is left out, and the
rest is looked at without it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tensionsim.ensemble.designs import NO_OUTLOOK, Point, in_words, scenario_at
from tensionsim.errors import Problem, ScenarioError
from tensionsim.scenario import Scenario
from tensionsim.scenario.design_file import SAMPLING, Design
from tensionsim.scenario.factors import OUTLOOK, Factor
from tensionsim.scenario.places import Place
from tensionsim.scenario.problems import Report, quoted
from tensionsim.scenario.quantities import NoPath
from tensionsim.scenario.scenario import meant_by

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
    place: Place
    before: str
    message: str


def check(base: Scenario, design: Design, report: Report, found: Sequence[Point] | None) -> None:
    """Notes every path, level, interval and point of a design that the scenario cannot have.

    found : the points; None where the design has faults of its own, so that values are looked at one by one.
    """
    lost = _check_paths(base, design, report)
    lost |= _check_set(base, _less(design, lost), report)
    lost |= {one.path for one in _less(design, lost).factors if _is_too_wide(base, _less(design, lost), one, report)}
    lost |= _check_levels(base, design, _less(design, lost), report)
    rest = _less(design, lost)
    faults: dict[_Fault, list[int]] = {}
    for number, alone, point in _single(rest) if found is None else _reduced(design, rest, found):
        try:
            scenario_at(base, alone, point)
        except ScenarioError as error:
            for problem in error.problems:
                faults.setdefault(_attributed(problem, design, alone, point), []).append(number)
    for fault, words in _told(design, faults, found):
        report.add(fault.place, fault.before + words)


def _less(design: Design, lost: Collection[str]) -> Design:
    """The design without some of its paths."""
    factors = tuple(one for one in design.factors if one.path not in lost)
    return replace(design, factors=factors, set={path: value for path, value in design.set.items() if path not in lost})


def _single(design: Design) -> Iterator[tuple[int, Design, Point]]:
    """Every level of a design without the others."""
    for one in design.factors:
        if one.path not in TOGETHER:
            for level in one.levels:
                yield 0, replace(design, factors=(one,)), (level,)


def _reduced(design: Design, rest: Design, found: Sequence[Point]) -> Iterator[tuple[int, Design, Point]]:
    """The points of a design with the values of some factors alone, each but once."""
    places = [place for place, one in enumerate(design.factors) if one in rest.factors]
    seen = set()
    for number, point in enumerate(found):
        values = tuple(point[place] for place in places)
        if len(places) == len(design.factors):
            yield number, rest, values
        elif repr(values) not in seen:
            seen.add(repr(values))
            yield number, rest, values


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


def _check_paths(base: Scenario, design: Design, report: Report) -> set[str]:
    """The paths that lead nowhere, and what else no point can be made with, all noted."""
    owners, lost = _Owners(), set()
    for one in design.factors:
        if one.path == OUTLOOK:
            before = len(report)
            _check_outlooks(base, one, report)
            lost |= {OUTLOOK} if len(report) > before else set()
            continue
        places = _meant(base, one.path, one.place, report)
        lost |= set() if places else {one.path}
        if fault := owners.taken(one, places):
            report.add(one.place, _before(one.path, one.place) + fault)
    given: Mapping[str, Place] = {**{path: Place(design.place.source) for path in base.values}, **design.set_places}
    for path, place in given.items():
        places = _meant(base, path, place, report)
        lost |= set() if places or path in base.values else {path}
        if places and all(each in owners.by_place for each in places):
            owner = owners.by_place[places[0]]
            report.add(place, f"{quoted(path)} is set to one value and varied by {quoted(owner)}; drop one of the two")
    return lost


def _meant(base: Scenario, path: str, place: Place, report: Report) -> tuple[str, ...]:
    try:
        return meant_by(base, path)
    except NoPath as lost:
        report.add(place, f"{_before(path, place)}no such path, {lost}")
        return ()


def _before(path: str, place: Place) -> str:
    """How a message about a path begins, which names it where its place does not."""
    return "" if place.source.label == path else f"{quoted(path)}: "


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
        if level is None:
            report.add(place, f"no outlook is written {NO_OUTLOOK!r}, as a text")
        elif level not in (*known, NO_OUTLOOK):
            near = report.near(str(level), (*known, NO_OUTLOOK))
            report.add(place, f"no outlook {quoted(level)}{near}")


def _check_set(base: Scenario, design: Design, report: Report) -> set[str]:
    """The paths whose values, the same at all points, the scenario cannot have; each is noted."""
    lost = set()
    for path, value in design.set.items():
        try:
            base.with_values({path: value})
        except ScenarioError as error:
            for problem in error.problems:
                if path not in TOGETHER and not problem.line and problem.message.startswith(f"{path}: "):
                    place = design.set_places.get(path, design.place)
                    report.add(place, _before(path, place) + problem.message.removeprefix(f"{path}: "))
                    lost.add(path)
    return lost


def _is_too_wide(base: Scenario, design: Design, factor: Factor, report: Report) -> bool:
    """Whether an interval or a distribution reaches where the scenario's own could not, which is noted."""
    if factor.family is None:
        return False
    low, high = factor.family.support
    for end in (low, high):
        try:
            base.with_values({**design.set, factor.path: end})
        except ScenarioError as error:
            for problem in error.problems:
                message = problem.message.removeprefix(f"{factor.path}: ")
                if message != problem.message and _NUMBER.fullmatch(message):
                    kind = "interval" if "from" in _keys(factor) else next(iter(_keys(factor)))
                    reach = f"this {kind} reaches from {low:.3g} to {high:.3g}, and {message}"
                    report.add(factor.place, _before(factor.path, factor.place) + reach)
                    return True
    return False


def _check_levels(base: Scenario, design: Design, rest: Design, report: Report) -> set[str]:
    """The factors of a sample with levels out of range, all noted, whether they are drawn or not."""
    faults: dict[_Fault, list[int]] = {}
    for number, alone, point in _single(rest) if design.method in SAMPLING else ():
        try:
            scenario_at(base, alone, point)
        except ScenarioError as error:
            for problem in error.problems:
                fault = _attributed(problem, design, alone, point)
                if fault.rank < len(design.factors) and _NUMBER.fullmatch(fault.message):
                    faults.setdefault(fault, []).append(number)
    for fault, words in _told(design, faults, None):
        report.add(fault.place, fault.before + words)
    return {design.factors[fault.rank].path for fault in faults}


def _keys(factor: Factor) -> list[str]:
    return list(factor.given) if isinstance(factor.given, dict) else [""]


def _attributed(problem: Problem, design: Design, alone: Design, point: Point) -> _Fault:
    """Where a problem of a point comes from in the design, and what it is."""
    if not problem.line:
        for one, value in zip(alone.factors, point, strict=True):
            if problem.message.startswith(f"{one.path}: "):
                place = one.places[one.levels.index(value)] if one.levels else one.place
                message = problem.message.removeprefix(f"{one.path}: ")
                return _Fault(design.factors.index(one), place, _before(one.path, one.place), message)
    last = len(design.factors)
    for path, place in design.set_places.items():
        if not problem.line and problem.message.startswith(f"{path}: "):
            return _Fault(last, place, _before(path, place), problem.message.removeprefix(f"{path}: "))
    where = f"{problem.file}:{problem.line}:{problem.column}: " if problem.line else ""
    return _Fault(last, Place(design.place.source), where, problem.message)


def _told(
    design: Design, faults: Mapping[_Fault, Sequence[int]], found: Sequence[Point] | None
) -> Iterator[tuple[_Fault, str]]:
    """What is said of the faults, in the order of the design: many values with the same one in one line."""
    alike: dict[tuple[object, ...], list[_Fault]] = {}
    for fault in sorted(faults, key=lambda fault: fault.rank):
        match = _NUMBER.fullmatch(fault.message) if fault.rank < len(design.factors) else None
        kind = (fault.message, fault.place) if match is None else (match["name"], match["fault"], match["advice"])
        alike.setdefault((fault.rank, *kind), []).append(fault)
    for same in alike.values():
        if len(same) > MOST_APART:
            yield same[0], _together(design, same, 0 if found is None else len(found))
            continue
        for fault in same:
            numbers = faults[fault]
            where = ""
            if found is not None and fault.place not in design.set_places.values():
                where = f" ({_numbered(numbers)}: {in_words(design, found[numbers[0]])})"
            yield fault, fault.message + where


def _together(design: Design, same: Sequence[_Fault], points: int) -> str:
    """One line for values of a factor with the same fault."""
    read = [match for fault in same if (match := _NUMBER.fullmatch(fault.message))]
    values, count = (
        [f"{float(match['value']):.6g}" for match in read],
        len(design.factors[same[0].rank].levels) or points,
    )
    shown = ", ".join(values) if len(values) <= MOST_SHOWN else f"{values[0]} … {values[-1]}"
    return f"{len(values)} of {count} values are {read[0]['fault']}: {shown}{read[0]['advice'] or ''}"


def _numbered(numbers: Sequence[int]) -> str:
    """Points by number, as a message lists them."""
    if len(numbers) == 1:
        return f"point {numbers[0]}"
    shown = ", ".join(map(str, numbers[:MOST_LISTED]))
    return f"points {shown}{f' and {len(numbers) - MOST_LISTED} more' if len(numbers) > MOST_LISTED else ''}; the first"
