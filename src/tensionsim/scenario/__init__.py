"""Scenario files: what a researcher writes, checked and resolved into a `Scenario`."""

from tensionsim.scenario.json_schema import json_schema
from tensionsim.scenario.scenario import Scenario, load

__all__ = ["Scenario", "json_schema", "load"]
