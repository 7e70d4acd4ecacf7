"""Scenarios of cooperation and tension between governments.

    import tensionsim as ts

    scenario = ts.load("trump2-petro-2025")
    results = ts.run(scenario, runs=1000, seed=7)
    results.index

Names are looked up on first use, so that `import tensionsim` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensionsim import mechanisms, moves, stability
    from tensionsim.agents import Government, TensionModel, ThirdParty
    from tensionsim.ensemble.runner import run
    from tensionsim.errors import ScenarioError, TensionSimError
    from tensionsim.observed import observed_index
    from tensionsim.results import Results, open
    from tensionsim.scenario import Scenario, load

__version__ = "0.1.0"

__all__ = [
    "Government",
    "Results",
    "Scenario",
    "ScenarioError",
    "TensionModel",
    "TensionSimError",
    "ThirdParty",
    "__version__",
    "load",
    "mechanisms",
    "moves",
    "observed_index",
    "open",
    "run",
    "stability",
]

_HOMES = {
    "Government": "tensionsim.agents",
    "Results": "tensionsim.results",
    "Scenario": "tensionsim.scenario",
    "ScenarioError": "tensionsim.errors",
    "TensionModel": "tensionsim.agents",
    "TensionSimError": "tensionsim.errors",
    "ThirdParty": "tensionsim.agents",
    "load": "tensionsim.scenario",
    "mechanisms": "tensionsim.mechanisms",
    "moves": "tensionsim.moves",
    "observed_index": "tensionsim.observed",
    "open": "tensionsim.results",
    "run": "tensionsim.ensemble.runner",
    "stability": "tensionsim.stability",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'tensionsim' has no attribute '{name}'")
    home = import_module(_HOMES[name])
    found = home if home.__name__ == f"{__name__}.{name}" else getattr(home, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
