"""Mechanisms weighed: runs that draw which mechanisms are on, by how far a history speaks for each."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from tensionsim.model.mechanisms import MECHANISMS, SCALE
from tensionsim.scenario.judgements import rows_of
from tensionsim.scenario.scenario import Scenario
from tensionsim.scenario.yaml_tree import Report, Source, SourceLocation, quoted

FITTED = "fitted"
"""The weights that come with the package, of Washington and Bogotá (`data/structure_weights.csv`)."""

DYAD = {"washington", "bogota"}


class Weighs(Protocol):
    """What has weights of mechanisms, as a fit has."""

    def weights(self) -> Mapping[str, float]: ...


Structures = Mapping[str, float] | Weighs | str | Path


def with_structures(scenario: Scenario, structures: Structures) -> Scenario:
    """The scenario each of whose runs draws which mechanisms are on, each by its weight and by itself.

    structures : chances in [0, 1], as a mapping, a fit, a CSV file (mechanism, weight) or "fitted". Mechanisms without
    one, and those that are off, stay as they are. ScenarioError lists weights that are none, or of no mechanism.
    """
    report, values, seen = Report(), dict[str, object](), set[str]()
    known = [one.name for one in (*MECHANISMS, *scenario.mechanisms)]
    for name, weight, place in _weights(scenario, structures, report):
        if name not in known:
            report.add(place, f"no mechanism {quoted(name)}{report.near(name, known)}")
        elif name in seen:
            report.add(place, f"mechanism {quoted(name)} stands there twice")
        elif isinstance(weight, bool) or not isinstance(weight, int | float) or not 0.0 <= weight <= 1.0:
            report.add(place, f"{name}: a weight is a chance in 0..1; found {quoted(weight)}")
        elif weight < 1.0 and scenario.file.mechanisms.get(name) != "off":
            values[f"mechanisms.{name}"] = {SCALE: {"bernoulli": [weight]}} if weight else "off"
        seen.add(name)
    report.raise_if_any()
    return scenario.with_values(values) if values else scenario


def _weights(scenario: Scenario, given: Structures, report: Report) -> Iterator[tuple[str, object, SourceLocation]]:
    """Name, weight and place of each that is given; the shipped ones are of the last fit before the scenario's time."""
    place = SourceLocation(Source("structures"))
    if not isinstance(given, str | Path):
        if not isinstance(given, Mapping) and not hasattr(given, "weights"):
            raise TypeError(f"structures are weights by mechanism, a fit, a CSV or '{FITTED}'; got {given!r:.80}")
        weights = given if isinstance(given, Mapping) else given.weights()
        yield from ((str(name), weight, place) for name, weight in weights.items())
    elif given == FITTED:
        text = files("tensionsim.data").joinpath("structure_weights.csv").read_text(encoding="utf-8")
        rows = [row for row in csv.DictReader(text.splitlines()) if row["until"] < str(scenario.file.start)]
        if not rows or {*scenario.file.principals} != DYAD:
            report.add(place, f"'{FITTED}' is of Washington and Bogotá from 2025 on; give weights, or your own fit")
            report.stop()
        last = max(row["until"] for row in rows)
        yield from ((row["mechanism"], float(row["weight"]), place) for row in rows if row["until"] == last)
    else:
        table = rows_of(Path(given).name, SourceLocation(Source(str(given))), report, [FITTED])
        if table and not {"mechanism", "weight"} <= table[0][1].keys():
            where = SourceLocation(table[0][0].source, 1, 1)
            report.add(where, "weights are a table with the columns mechanism and weight")
            report.stop()
        for where, row in table:
            weight: object = row["weight"]
            with suppress(ValueError):
                weight = float(row["weight"])
            yield row["mechanism"], weight, where
