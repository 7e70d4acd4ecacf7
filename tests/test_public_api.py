"""The public names: which they are."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import tensionsim

FROZEN = [
    "Advice",
    "AgainstHistory",
    "Backtest",
    "Briefing",
    "Chronicle",
    "Comparison",
    "Contributions",
    "Decision",
    "Discovery",
    "EarlySigns",
    "EarlyWarning",
    "Effects",
    "EventError",
    "EventHistory",
    "Fit",
    "FitError",
    "Game",
    "Government",
    "Likelihood",
    "Mechanism",
    "Parameter",
    "Perception",
    "Replication",
    "Results",
    "Scenario",
    "ScenarioError",
    "Sensitivity",
    "Settlement",
    "Stability",
    "Sweep",
    "TensionModel",
    "TensionSimError",
    "ThirdParty",
    "Watch",
    "__version__",
    "advise",
    "against_history",
    "backtest",
    "chronicle",
    "compare",
    "contributions",
    "curated_history",
    "decompose",
    "discover",
    "early_signs",
    "early_warning",
    "effects",
    "fit",
    "forecast",
    "list_mechanisms",
    "list_moves",
    "list_parameters",
    "list_scenarios",
    "load",
    "observed_index",
    "open",
    "page",
    "plots",
    "read_events",
    "reasons",
    "replicate",
    "report",
    "run",
    "scenario_from_events",
    "sensitivity",
    "settle",
    "sweep",
    "watch",
]
"""Taking one away, or giving it another name, breaks the work of users: say so in CHANGELOG.md."""


def test_public_names_are_these() -> None:
    assert sorted(tensionsim.__all__) == FROZEN
    assert dir(tensionsim) == FROZEN


ROOMS = sorted(
    path.stem
    for path in Path(tensionsim.__path__[0]).iterdir()
    if (path.suffix == ".py" or (path / "__init__.py").exists()) and not path.stem.startswith("__")
)
"""Modules at the top; `plots` alone is public as a whole."""


@pytest.mark.parametrize("name", [name for name in ROOMS if name != "plots"])
def test_no_public_name_hides_a_module(name: str) -> None:
    module = importlib.import_module(f"tensionsim.{name}")
    assert getattr(tensionsim, name) is module
    assert name not in tensionsim.__all__
