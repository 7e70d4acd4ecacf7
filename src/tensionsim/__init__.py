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
    from tensionsim import plots
    from tensionsim.agents import Government, TensionModel, ThirdParty, page
    from tensionsim.analysis.chronicle import Chronicle, chronicle
    from tensionsim.analysis.compare import Comparison, compare
    from tensionsim.analysis.contributions import Contributions, contributions, makeup, reasons
    from tensionsim.analysis.effects import Effects, effects, effects_against
    from tensionsim.analysis.signs import EarlySigns, early_signs
    from tensionsim.briefings.briefing import Briefing, report
    from tensionsim.engine.perception import Decision, Perception
    from tensionsim.engine.stability import stability_of
    from tensionsim.errors import EventError, FitError, ScenarioError, TensionSimError
    from tensionsim.estimation.fit import Fit, fit
    from tensionsim.estimation.likelihood import Likelihood, likelihood_of
    from tensionsim.events.generic import scenario_for
    from tensionsim.events.history import EventHistory, curated_history
    from tensionsim.events.observed import observed_index
    from tensionsim.events.reading import read_events
    from tensionsim.forecasts.backtest import Backtest, backtest
    from tensionsim.forecasts.origins import forecast
    from tensionsim.listing import list_mechanisms, list_moves, list_parameters, list_scenarios
    from tensionsim.model.mechanisms import Mechanism
    from tensionsim.model.parameters import Parameter
    from tensionsim.replication.framework import Replication
    from tensionsim.replication.studies import replicate
    from tensionsim.runs.results import Results
    from tensionsim.runs.results import open_results as open
    from tensionsim.runs.run import run
    from tensionsim.runs.sweep import Sweep, sweep
    from tensionsim.scenario.scenario import Scenario, load

__version__ = "0.1.0"

__all__ = [
    "Backtest",
    "Briefing",
    "Chronicle",
    "Comparison",
    "Contributions",
    "Decision",
    "EarlySigns",
    "Effects",
    "EventError",
    "EventHistory",
    "Fit",
    "FitError",
    "Government",
    "Likelihood",
    "Mechanism",
    "Parameter",
    "Perception",
    "Replication",
    "Results",
    "Scenario",
    "ScenarioError",
    "Sweep",
    "TensionModel",
    "TensionSimError",
    "ThirdParty",
    "__version__",
    "backtest",
    "chronicle",
    "compare",
    "contributions",
    "curated_history",
    "early_signs",
    "effects",
    "effects_against",
    "fit",
    "forecast",
    "likelihood_of",
    "list_mechanisms",
    "list_moves",
    "list_parameters",
    "list_scenarios",
    "load",
    "makeup",
    "observed_index",
    "open",
    "page",
    "plots",
    "read_events",
    "reasons",
    "replicate",
    "report",
    "run",
    "scenario_for",
    "stability_of",
    "sweep",
]

_HOMES = {
    "Backtest": "tensionsim.forecasts.backtest.Backtest",
    "Briefing": "tensionsim.briefings.briefing.Briefing",
    "Chronicle": "tensionsim.analysis.chronicle.Chronicle",
    "Comparison": "tensionsim.analysis.compare.Comparison",
    "Contributions": "tensionsim.analysis.contributions.Contributions",
    "Decision": "tensionsim.engine.perception.Decision",
    "EarlySigns": "tensionsim.analysis.signs.EarlySigns",
    "Effects": "tensionsim.analysis.effects.Effects",
    "EventError": "tensionsim.errors.EventError",
    "EventHistory": "tensionsim.events.history.EventHistory",
    "Fit": "tensionsim.estimation.fit.Fit",
    "FitError": "tensionsim.errors.FitError",
    "Government": "tensionsim.agents.Government",
    "Likelihood": "tensionsim.estimation.likelihood.Likelihood",
    "Mechanism": "tensionsim.model.mechanisms.Mechanism",
    "Parameter": "tensionsim.model.parameters.Parameter",
    "Perception": "tensionsim.engine.perception.Perception",
    "Replication": "tensionsim.replication.framework.Replication",
    "Results": "tensionsim.runs.results.Results",
    "Scenario": "tensionsim.scenario.scenario.Scenario",
    "ScenarioError": "tensionsim.errors.ScenarioError",
    "Sweep": "tensionsim.runs.sweep.Sweep",
    "TensionModel": "tensionsim.agents.TensionModel",
    "TensionSimError": "tensionsim.errors.TensionSimError",
    "ThirdParty": "tensionsim.agents.ThirdParty",
    "backtest": "tensionsim.forecasts.backtest.backtest",
    "chronicle": "tensionsim.analysis.chronicle.chronicle",
    "compare": "tensionsim.analysis.compare.compare",
    "contributions": "tensionsim.analysis.contributions.contributions",
    "curated_history": "tensionsim.events.history.curated_history",
    "early_signs": "tensionsim.analysis.signs.early_signs",
    "effects": "tensionsim.analysis.effects.effects",
    "effects_against": "tensionsim.analysis.effects.effects_against",
    "fit": "tensionsim.estimation.fit.fit",
    "forecast": "tensionsim.forecasts.origins.forecast",
    "likelihood_of": "tensionsim.estimation.likelihood.likelihood_of",
    "list_mechanisms": "tensionsim.listing.list_mechanisms",
    "list_moves": "tensionsim.listing.list_moves",
    "list_parameters": "tensionsim.listing.list_parameters",
    "list_scenarios": "tensionsim.listing.list_scenarios",
    "load": "tensionsim.scenario.scenario.load",
    "makeup": "tensionsim.analysis.contributions.makeup",
    "observed_index": "tensionsim.events.observed.observed_index",
    "open": "tensionsim.runs.results.open_results",
    "page": "tensionsim.agents.page",
    "read_events": "tensionsim.events.reading.read_events",
    "reasons": "tensionsim.analysis.contributions.reasons",
    "replicate": "tensionsim.replication.studies.replicate",
    "report": "tensionsim.briefings.briefing.report",
    "run": "tensionsim.runs.run.run",
    "scenario_for": "tensionsim.events.generic.scenario_for",
    "stability_of": "tensionsim.engine.stability.stability_of",
    "sweep": "tensionsim.runs.sweep.sweep",
}


_ROOMS = ("plots",)
"""Modules that are public as a whole."""


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return import_module(f"tensionsim.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'tensionsim' has no attribute '{name}'")
    home, _, attribute = _HOMES[name].rpartition(".")
    found = getattr(import_module(home), attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
