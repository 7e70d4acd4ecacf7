"""Checks the numbers of mechanisms and of the engine against the ranges that their equations state."""

from __future__ import annotations

from collections.abc import Mapping

from tensionsim.scenario.distributions import FAMILIES, complaint
from tensionsim.scenario.names import Names, check_key
from tensionsim.scenario.nodes import MapNode, Node, child, entries, items, number_of
from tensionsim.scenario.problems import Report
from tensionsim.world.parameters import Parameter


def check_parameters(tree: Node, names: Names, report: Report) -> None:
    """Checks names and ranges of everything under `mechanisms` and `parameters`."""
    for name, place, mechanism in entries(child(tree, "mechanisms")):
        if check_key(name, place, "mechanism", names.mechanisms, report):
            _check_ranges(mechanism, names.mechanisms[name], f"mechanism '{name}' has no parameter", report)
    _check_ranges(child(tree, "parameters"), names.parameters, "no parameter", report)


def _check_ranges(node: Node | None, known: Mapping[str, Parameter], lacking: str, report: Report) -> None:
    for name, place, value in entries(node):
        if name not in known:
            report.add(place, f"{lacking} '{name[:60]}'{report.near(name, known)}")
            continue
        if fault := _fault(value, known[name]):
            unit = "" if known[name].unit == "1" else f" ({known[name].unit})"
            report.add(value.place, f"{name}{fault}{unit}")


def _fault(value: Node, parameter: Parameter) -> str:
    low, high = parameter.low, parameter.high
    number = number_of(value)
    if number is not None:
        if parameter.unit == "acts" and number % 1:
            return f" {number:g} is not a whole number"
        if low <= number <= high:
            return ""
        side, limit = ("below", low) if number < low else ("above", high)
        return f" {number:g} is {side} {limit:g}; use a number in {low:g}..{high:g}"
    given = _distribution(value)
    if given and parameter.unit == "acts" and (uneven := _not_whole(given)):
        return uneven
    words = complaint(given, {"ge": low, "le": high}) if given and not complaint(given, {}) else ""
    return f": {words}" if words else ""


def _not_whole(given: Mapping[str, list[float]]) -> str:
    """Why a distribution does not give whole numbers; empty if it does."""
    ((family, values),) = given.items()
    if family != "choice":
        return f" is a whole number, which a {family} does not give; use a `choice` of whole numbers, like [3, 4, 5]"
    uneven = [value for value in values if value % 1]
    return f": {uneven[0]:g} is not a whole number" if uneven else ""


def _distribution(value: Node) -> dict[str, list[float]]:
    """A distribution of the right shape; empty for anything else."""
    if not isinstance(value, MapNode) or len(value.entries) != 1:
        return {}
    ((family, values),) = value.entries.items()
    numbers = [number for item in items(values) if (number := number_of(item)) is not None]
    length = {"triangular": 3, "truncated_normal": 4, "choice": len(numbers), "joint": len(numbers)}.get(family, 2)
    is_right = family in FAMILIES and numbers and len(numbers) == len(items(values)) == length
    return {family: numbers} if is_right else {}
