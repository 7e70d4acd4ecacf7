"""Sources: every number of a scenario by its path, with the defaults of those it is silent about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tensionsim import mechanisms
from tensionsim.engine import calendar
from tensionsim.engine.calendar import Assignment, Value
from tensionsim.scenario.quantities import growth_per_month
from tensionsim.scenario.schema import ActorPatch, Indicator, ScenarioFile
from tensionsim.world import parameters, settings


def numbers(file: ScenarioFile) -> Iterator[Assignment]:
    """Every number of the file by its path, after the defaults."""
    for name, parameter in parameters.ENGINE.items():
        yield Assignment(f"parameters.{name}", parameter.default, "")
    for mechanism in mechanisms.ALL:
        for name, parameter in mechanism.parameters.items():
            yield Assignment(f"mechanisms.{mechanism.name}.{name}", parameter.default, "")
    for actor in file.actors:
        yield from (Assignment(f"actors.{actor}.{name}", value, "") for name, value in settings.DEFAULTS.items())
        if actor not in file.principals:
            yield Assignment(f"actors.{actor}.attention", settings.OUTSIDER_ATTENTION, "")
        yield from (Assignment(f"actors.{actor}.stances.{issue}", settings.STANCE_AT_REST, "") for issue in file.issues)
    for path, value in _written(file):
        yield Assignment(path, value, path)


def _written(file: ScenarioFile) -> Iterator[tuple[str, Value]]:
    for name, value in file.parameters.items():
        yield f"parameters.{name}", value
    for name, values in file.mechanisms.items():
        for parameter, value in values.items() if isinstance(values, Mapping) else ():
            yield f"mechanisms.{name}.{parameter}", value
    for name, actor in file.actors.items():
        for assignment in calendar.numbers_of(actor, f"actors.{name}", f"actors.{name}"):
            yield assignment.path, assignment.value
    for name, indicator in file.indicators.items():
        yield from _indicator_numbers(name, indicator)
    yield from _chances(file)


def _indicator_numbers(name: str, indicator: Indicator) -> Iterator[tuple[str, Value]]:
    yield f"indicators.{name}.value", indicator.value
    growth = indicator.growth
    yield f"indicators.{name}.growth", growth_per_month(growth) if isinstance(growth, str) else growth
    for row, driver in enumerate(indicator.driven_by):
        yield f"indicators.{name}.driven_by.{row}.effect", driver.effect
    yield f"indicators.{name}.rest", indicator.reference if indicator.rest is None else indicator.rest


def owners(file: ScenarioFile) -> Iterator[tuple[str, str, str | None, ActorPatch]]:
    """Who has rules and checks: (path, actor, leader or None, patch); leaders' own hold while they govern."""
    for name, actor in file.actors.items():
        yield f"actors.{name}", name, None, actor
    for leader, patch in file.leaders.items():
        for name in file.actors if patch.rules or patch.checks else ():
            yield f"leaders.{leader}", name, leader, patch


def _chances(file: ScenarioFile) -> Iterator[tuple[str, Value]]:
    """Chances of rules and checks that may be uncertain."""
    for path, _, _, patch in owners(file):
        for name, check in (patch.checks or {}).items():
            yield f"{path}.checks.{name}.chance", check.chance
        for name, rule in (patch.rules or {}).items():
            if not isinstance(rule.chance, str) and not hasattr(rule.chance, "start"):
                yield f"{path}.rules.{name}.chance", rule.chance
