"""The public names: which they are, and that the example of each one's docstring does what it says."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import tensionsim

FROZEN = [
    "Decision",
    "Government",
    "Results",
    "Scenario",
    "ScenarioError",
    "Sweep",
    "TensionModel",
    "TensionSimError",
    "ThirdParty",
    "__version__",
    "list_mechanisms",
    "list_moves",
    "list_parameters",
    "list_scenarios",
    "load",
    "observed_index",
    "open",
    "reasons",
    "run",
    "stability_of",
    "sweep",
]
"""Taking one away, or giving it another name, breaks the work of users: say so in CHANGELOG.md."""

WITH_EXAMPLES = [name for name in FROZEN if name != "__version__"]


def test_public_names_are_these() -> None:
    assert sorted(tensionsim.__all__) == FROZEN
    assert dir(tensionsim) == FROZEN


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_example_of_a_public_name_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = getattr(tensionsim, name)
    home = importlib.import_module(found.__module__)
    (example, *_) = doctest.DocTestFinder(recurse=False).find(found, name, module=home)
    report: list[str] = []
    doctest.DocTestRunner(verbose=False).run(example, out=report.append)
    assert example.examples, f"tensionsim.{name} has no example in its docstring"
    assert not report, "".join(report)


@pytest.mark.parametrize("name", ["moves", "mechanisms", "stability"])
def test_no_public_name_hides_a_module(name: str) -> None:
    module = importlib.import_module(f"tensionsim.{name}")
    assert getattr(tensionsim, name) is module
    assert name not in tensionsim.__all__
