"""Scenarios of cooperation and tension between governments.

    import tensionsim as ts

    scenario = ts.load("trump2-petro-2025")
    results = ts.run(scenario, runs=1000, seed=7)
    results.index

Names are looked up on first use, so that `import tensionsim` costs next to nothing.
"""
# ruff: noqa: I001  # a line a module, not one a name

from __future__ import annotations

from importlib import import_module
from types import FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensionsim import plots as plots
    from tensionsim.agents import Government as Government, TensionModel as TensionModel, ThirdParty as ThirdParty
    from tensionsim.agents import page as page
    from tensionsim.analysis.chronicle import Chronicle as Chronicle, chronicle as chronicle
    from tensionsim.analysis.compare import Comparison as Comparison, compare as compare
    from tensionsim.analysis.contributions import Contributions as Contributions, contributions as contributions
    from tensionsim.analysis.contributions import decompose as decompose, reasons as reasons
    from tensionsim.analysis.effects import Effects as Effects, effects as effects
    from tensionsim.analysis.signs import EarlySigns as EarlySigns, EarlyWarning as EarlyWarning
    from tensionsim.analysis.signs import early_signs as early_signs, early_warning as early_warning
    from tensionsim.briefings.briefing import Briefing as Briefing, report as report
    from tensionsim.engine.perception import Decision as Decision, Perception as Perception
    from tensionsim.engine.stability import Stability as Stability
    from tensionsim.errors import EventError as EventError, FitError as FitError, ScenarioError as ScenarioError
    from tensionsim.errors import TensionSimError as TensionSimError
    from tensionsim.estimation.fit import Fit as Fit, fit as fit
    from tensionsim.estimation.likelihood import Likelihood as Likelihood
    from tensionsim.events.generic import observed_index as observed_index
    from tensionsim.events.generic import scenario_from_events as scenario_from_events
    from tensionsim.events.history import EventHistory as EventHistory, curated_history as curated_history
    from tensionsim.events.reading import read_events as read_events
    from tensionsim.forecasts.against_history import AgainstHistory as AgainstHistory
    from tensionsim.forecasts.against_history import against_history as against_history
    from tensionsim.forecasts.backtest import Backtest as Backtest, backtest as backtest
    from tensionsim.forecasts.origins import forecast as forecast
    from tensionsim.futures.advice import Advice as Advice, advise as advise
    from tensionsim.futures.discovery import Discovery as Discovery, discover as discover
    from tensionsim.futures.play import Game as Game
    from tensionsim.futures.sensitivity import Sensitivity as Sensitivity, sensitivity as sensitivity
    from tensionsim.futures.settlement import Settlement as Settlement, settle as settle
    from tensionsim.futures.watch import Watch as Watch, watch as watch
    from tensionsim.listing import list_mechanisms as list_mechanisms, list_moves as list_moves
    from tensionsim.listing import list_parameters as list_parameters, list_scenarios as list_scenarios
    from tensionsim.model.mechanisms import Mechanism as Mechanism
    from tensionsim.model.parameters import Parameter as Parameter
    from tensionsim.replication import Replication as Replication, replicate as replicate
    from tensionsim.runs.results import Results as Results, open_results
    from tensionsim.runs.run import run as run
    from tensionsim.runs.sweep import Sweep as Sweep, sweep as sweep
    from tensionsim.scenario.scenario import Scenario as Scenario, load as load

    open = open_results

__version__ = "0.1.0"

_HOMES = {
    "agents": "Government TensionModel ThirdParty page",
    "analysis.chronicle": "Chronicle chronicle",
    "analysis.compare": "Comparison compare",
    "analysis.contributions": "Contributions contributions decompose reasons",
    "analysis.effects": "Effects effects",
    "analysis.signs": "EarlySigns EarlyWarning early_signs early_warning",
    "briefings.briefing": "Briefing report",
    "engine.perception": "Decision Perception",
    "engine.stability": "Stability",
    "errors": "EventError FitError ScenarioError TensionSimError",
    "estimation.fit": "Fit fit",
    "estimation.likelihood": "Likelihood",
    "events.generic": "observed_index scenario_from_events",
    "events.history": "EventHistory curated_history",
    "events.reading": "read_events",
    "forecasts.against_history": "AgainstHistory against_history",
    "forecasts.backtest": "Backtest backtest",
    "forecasts.origins": "forecast",
    "futures.advice": "Advice advise",
    "futures.discovery": "Discovery discover",
    "futures.play": "Game",
    "futures.sensitivity": "Sensitivity sensitivity",
    "futures.settlement": "Settlement settle",
    "futures.watch": "Watch watch",
    "listing": "list_mechanisms list_moves list_parameters list_scenarios",
    "model.mechanisms": "Mechanism",
    "model.parameters": "Parameter",
    "replication": "Replication replicate",
    "runs.results": "Results open",
    "runs.run": "run",
    "runs.sweep": "Sweep sweep",
    "scenario.scenario": "Scenario load",
}
"""Public names by the module that each is from."""

_WHERE = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = ["__version__", "plots", *_WHERE]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    if name == "plots":
        return import_module("tensionsim.plots")
    if name not in _WHERE:
        raise AttributeError(f"module 'tensionsim' has no attribute '{name}'")
    found = getattr(import_module(f"tensionsim.{_WHERE[name]}"), "open_results" if name == "open" else name)
    if isinstance(found, FunctionType):
        from tensionsim.errors import telling_options

        found = telling_options(found, "tensionsim", name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
