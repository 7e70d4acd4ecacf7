"""Scenario files: what a researcher writes, checked and resolved into a `Scenario`."""

from tensionsim.scenario.json_schema import json_schema
from tensionsim.scenario.scenario import Scenario, load, scenario_of

__all__ = ["Scenario", "json_schema", "load", "scenario_of"]
