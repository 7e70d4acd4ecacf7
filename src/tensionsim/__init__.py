"""Scenarios of cooperation and tension between governments.

    import tensionsim as ts

    scenario = ts.load("trump2-petro-2025")
    results = ts.run(scenario, runs=1000, seed=7)
    results.index

Names are looked up on first use, so that `import tensionsim` costs next to nothing. The catalogues are listed by
`list_moves` and its like: `tensionsim.moves`, `tensionsim.mechanisms` and `tensionsim.stability` are modules, which
functions of the same names would hide.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensionsim import plots
    from tensionsim.agents import Decision, Government, TensionModel, ThirdParty
    from tensionsim.analysis.backtesting.backtest import Backtest
    from tensionsim.analysis.backtesting.backtesting import backtest
    from tensionsim.analysis.backtesting.forecasting import forecast
    from tensionsim.analysis.chronicle import Chronicle, chronicle
    from tensionsim.analysis.comparing import compare
    from tensionsim.analysis.comparison import Comparison
    from tensionsim.analysis.contributions import Contributions, contributions
    from tensionsim.analysis.effects import Effects, effects, effects_against
    from tensionsim.analysis.fitting.fit import fit
    from tensionsim.analysis.fitting.fitted import Fit
    from tensionsim.analysis.makeup import makeup
    from tensionsim.analysis.replication.replicating import replicate
    from tensionsim.analysis.replication.replication import Replication
    from tensionsim.analysis.signs import EarlySigns, early_signs
    from tensionsim.briefings.briefing import Briefing, report
    from tensionsim.ensemble.runner import run
    from tensionsim.ensemble.sweeping import sweep
    from tensionsim.errors import EventError, FitError, ScenarioError, TensionSimError
    from tensionsim.history.curated import curated_history
    from tensionsim.history.events import EventHistory
    from tensionsim.history.generic import scenario_for
    from tensionsim.history.reading import read_events
    from tensionsim.likelihood import Likelihood, likelihood_of
    from tensionsim.listing import list_mechanisms, list_moves, list_parameters, list_scenarios
    from tensionsim.motives import reasons
    from tensionsim.observed import observed_index
    from tensionsim.results import Results, open
    from tensionsim.results.sweep import Sweep
    from tensionsim.scenario import Scenario, load
    from tensionsim.stability import of as stability_of

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
    "Backtest": "tensionsim.analysis.backtesting.backtest.Backtest",
    "Briefing": "tensionsim.briefings.briefing.Briefing",
    "Chronicle": "tensionsim.analysis.chronicle.Chronicle",
    "Comparison": "tensionsim.analysis.comparison.Comparison",
    "Contributions": "tensionsim.analysis.contributions.Contributions",
    "Decision": "tensionsim.agents.Decision",
    "EarlySigns": "tensionsim.analysis.signs.EarlySigns",
    "Effects": "tensionsim.analysis.effects.Effects",
    "EventError": "tensionsim.errors.EventError",
    "EventHistory": "tensionsim.history.events.EventHistory",
    "Fit": "tensionsim.analysis.fitting.fitted.Fit",
    "FitError": "tensionsim.errors.FitError",
    "Government": "tensionsim.agents.Government",
    "Likelihood": "tensionsim.likelihood.Likelihood",
    "Replication": "tensionsim.analysis.replication.replication.Replication",
    "Results": "tensionsim.results.Results",
    "Scenario": "tensionsim.scenario.Scenario",
    "ScenarioError": "tensionsim.errors.ScenarioError",
    "Sweep": "tensionsim.results.sweep.Sweep",
    "TensionModel": "tensionsim.agents.TensionModel",
    "TensionSimError": "tensionsim.errors.TensionSimError",
    "ThirdParty": "tensionsim.agents.ThirdParty",
    "backtest": "tensionsim.analysis.backtesting.backtesting.backtest",
    "chronicle": "tensionsim.analysis.chronicle.chronicle",
    "compare": "tensionsim.analysis.comparing.compare",
    "contributions": "tensionsim.analysis.contributions.contributions",
    "curated_history": "tensionsim.history.curated.curated_history",
    "early_signs": "tensionsim.analysis.signs.early_signs",
    "effects": "tensionsim.analysis.effects.effects",
    "effects_against": "tensionsim.analysis.effects.effects_against",
    "fit": "tensionsim.analysis.fitting.fit.fit",
    "forecast": "tensionsim.analysis.backtesting.forecasting.forecast",
    "likelihood_of": "tensionsim.likelihood.likelihood_of",
    "list_mechanisms": "tensionsim.listing.list_mechanisms",
    "list_moves": "tensionsim.listing.list_moves",
    "list_parameters": "tensionsim.listing.list_parameters",
    "list_scenarios": "tensionsim.listing.list_scenarios",
    "load": "tensionsim.scenario.load",
    "makeup": "tensionsim.analysis.makeup.makeup",
    "observed_index": "tensionsim.observed.observed_index",
    "open": "tensionsim.results.open",
    "read_events": "tensionsim.history.reading.read_events",
    "reasons": "tensionsim.motives.reasons",
    "replicate": "tensionsim.analysis.replication.replicating.replicate",
    "report": "tensionsim.briefings.briefing.report",
    "run": "tensionsim.ensemble.runner.run",
    "scenario_for": "tensionsim.history.generic.scenario_for",
    "stability_of": "tensionsim.stability.of",
    "sweep": "tensionsim.ensemble.sweeping.sweep",
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
