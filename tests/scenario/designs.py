"""Designs of sweeps for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensionsim.scenario.design import Design, draft_of
from tensionsim.scenario.yaml_tree import Report


def design_of(given: Mapping[str, Any]) -> Design:
    """The design that a mapping means; ScenarioError if it means none."""
    report = Report()
    design = draft_of(given, report)
    report.raise_if_any()
    assert design is not None
    return design
