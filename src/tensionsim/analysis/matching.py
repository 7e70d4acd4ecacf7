"""Whether outlooks can be compared run by run, and on which dates and runs; asked before anything is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.errors import SelectionError
from tensionsim.record import Dates, Ints
from tensionsim.results.manifest import maker_here

if TYPE_CHECKING:
    from tensionsim.results import Results
    from tensionsim.scenario import Scenario

MUST_AGREE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "step": ("steps differ", "compare outlooks of one step"),
        "principals": ("principals differ", "compare outlooks of one dyad"),
        "issues": ("issues differ", "compare outlooks with the same issues"),
        "seed": ("seeds differ", "run them with one seed, so that they share their luck"),
        "version": ("they were made by different versions", "run them again with one, so that they share their luck"),
    }
)
"""What outlooks must have in common: how it is said that they have not, and what to do."""


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

OVERLAP = "overlap=True, or --overlap"


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides whether an outlook can be compared with another; `version` is empty where it is not known."""

    dates: Dates
    step: str
    principals: tuple[str, ...]
    issues: tuple[str, ...]
    seed: int
    runs: range
    version: str = ""


@dataclass(frozen=True, slots=True)
class Common:
    """The dates and runs that all outlooks have; `rows` and `columns` are their places in each outlook's arrays."""

    dates: Dates
    runs: range
    rows: Mapping[str, Ints]
    columns: Mapping[str, slice]


def facts_of(results: Results, version: str = "") -> Facts:
    """The facts of an ensemble that has been run."""
    runs = range(results.first_run, results.first_run + results.runs)
    return _facts(results.scenario, results.dates, results.seed, runs, version)


def facts_of_scenario(scenario: Scenario, *, seed: int, runs: range) -> Facts:
    """The facts of an ensemble that would be run now."""
    return _facts(scenario, np.array(scenario.steps, "datetime64[D]"), seed, runs, maker_here())


def _facts(scenario: Scenario, dates: Dates, seed: int, runs: range, version: str) -> Facts:
    file = scenario.file
    return Facts(dates, file.step, tuple(file.principals), tuple(file.issues), seed, runs, version)


def common(facts: Mapping[str, Facts], *, overlap: bool, further: Sequence[str] = ()) -> Common:
    """What all outlooks have in common; unless `overlap`, all must have the same dates and runs.

    further : what else stands against it.

    Raises
    ------
    SelectionError
        If they cannot be compared; it names everything that stands against it.
    """
    problems = [*further, *_disagreements(facts)]
    dates = reduce(np.intersect1d, [each.dates for each in facts.values()])
    runs = range(max(each.runs.start for each in facts.values()), min(each.runs.stop for each in facts.values()))
    problems += _span_problems(facts, dates, overlap=overlap)
    problems += _run_problems(facts, runs, overlap=overlap)
    if problems:
        raise SelectionError(told("these outlooks cannot be compared", problems))
    rows = {name: np.searchsorted(each.dates, dates) for name, each in facts.items()}
    columns = {name: slice(runs.start - each.runs.start, runs.stop - each.runs.start) for name, each in facts.items()}
    return Common(dates, runs, rows, columns)


def told(what: str, problems: Sequence[str]) -> str:
    """One problem in a line, several as a list."""
    return (
        f"{what}: {problems[0]}" if len(problems) == 1 else "\n".join([f"{what}:", *(f"- {one}" for one in problems)])
    )


def _disagreements(facts: Mapping[str, Facts]) -> Iterator[str]:
    for what, (told_so, advice) in MUST_AGREE.items():
        found = {name: getattr(each, what) for name, each in facts.items()}
        if len({_without_order(value) for value in found.values() if value != ""}) > 1:
            yield f"{told_so}: {_each(found)}; {advice}"


def _without_order(value: object) -> object:
    return frozenset(value) if isinstance(value, tuple) else value


def _each(found: Mapping[str, object]) -> str:
    """What each outlook has, those that have the same together."""
    by_value: dict[str, list[str]] = {}
    for name, value in found.items():
        words = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        by_value.setdefault(words or "not known", []).append(name)
    return "; ".join(f"{words} in {' and '.join(names)}" for words, names in by_value.items())


def _span_problems(facts: Mapping[str, Facts], dates: Dates, *, overlap: bool) -> Iterator[str]:
    if len({each.step for each in facts.values()}) > 1:
        return  # which is told, and leaves nothing to say of dates
    found = {name: f"{each.dates[0]} to {each.dates[-1]}" for name, each in facts.items()}
    days = {name: _day(each) for name, each in facts.items()}
    latest = max(each.dates[0] for each in facts.values())
    if len(dates) < 2 and len(set(days.values())) > 1 and all(latest < each.dates[-1] for each in facts.values()):
        yield (
            f"their rows fall on other days: {_each(days)}; let all start on one day, as with --set start={latest} "
            "(in Python load(..., set={'start': ...})), saved results run again so"
        )
    elif len(dates) < 2:
        yield f"they have fewer than two dates in common: {_each(found)}; compare outlooks of one time"
    elif not overlap and any(not np.array_equal(each.dates, dates) for each in facts.values()):
        yield f"dates differ: {_each(found)}; compare the common ones, {dates[0]} to {dates[-1]}, with {OVERLAP}"


def _day(facts: Facts) -> str:
    """On which day of a week or month the rows fall."""
    first = facts.dates[0].astype(object)
    if facts.step == "week":
        return f"{WEEKDAYS[first.weekday()]}s"
    return f"day {first.day} of a month" if facts.step == "month" else "every day"


def _run_problems(facts: Mapping[str, Facts], runs: range, *, overlap: bool) -> Iterator[str]:
    found = {name: _numbers(each.runs) for name, each in facts.items()}
    if not runs:
        yield f"they have no run in common: {_each(found)}; run them with the same numbers"
    elif not overlap and len(set(found.values())) > 1:
        yield f"runs differ: {_each(found)}; compare the common ones, {_numbers(runs)}, with {OVERLAP}"


def _numbers(runs: range) -> str:
    return f"{runs[0]} to {runs[-1]}"
