"""The plan of a sweep: scenario, design and points, with all that is wrong with them told at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tensionsim.arguments import whole
from tensionsim.ensemble.design_checks import check
from tensionsim.ensemble.designs import points
from tensionsim.errors import ScenarioError
from tensionsim.results.sweep import Plan
from tensionsim.scenario import Scenario
from tensionsim.scenario.design_file import Design, draft, draft_of
from tensionsim.scenario.problems import Report


def plan(
    base: Scenario | None, design: Design | None, report: Report, *, runs: int, seed: int, baseline: int = 0
) -> Plan:
    """The plan of a sweep, every point checked.

    base, design : as far as they could be read. report : what could not, which is told with all else.

    Raises
    ------
    ScenarioError
        If the scenario, the design or a point cannot be used; it lists every problem.
    TypeError, ValueError
        If a number is not whole or out of its range.
    """
    runs, seed, baseline = whole("runs", runs, least=1), whole("seed", seed), whole("baseline", baseline)
    if base is None or design is None:
        report.stop()
    found = None if len(report) else points(design)
    check(base, design, report, found)
    if found is None or len(report):
        report.stop()
    if baseline >= len(found):
        raise ValueError(f"baseline must be a point in 0..{len(found) - 1}; got {baseline}")
    return Plan(base, design, found, seed, runs, baseline)


def base_of(load: Callable[[], Scenario], report: Report) -> Scenario | None:
    """The scenario that is loaded; None if it cannot be, with the reasons in `report`."""
    try:
        return load()
    except ScenarioError as failure:
        report.take(failure)
        return None


def draft_given(
    over: Mapping[str, Any] | None, design: Design | Mapping[str, Any] | str | Path | None, report: Report
) -> Design | None:
    """The design that is meant, as far as it can be read."""
    if (over is None) == (design is None):
        raise ValueError("say what to vary by `over` or by `design`, one of the two")
    if isinstance(design, Design):
        return design
    if isinstance(design, (str, Path)):
        return draft(design, report)
    return draft_of({"over": over} if design is None else design, report)
