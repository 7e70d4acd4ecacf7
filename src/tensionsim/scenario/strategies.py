"""Files of strategies: what one principal may do otherwise, what it aims at, and what it would call enough.

    principal: bogota
    aims: {keep_out_of: lasting crisis, stances: {drugs: 0.15}, weights: {drugs: 2}}
    enough: {chance: 0.5, index: 40}
    strategies:
      quiet: {set: {actors.bogota.rhetoric: 0.2}}

A strategy is written as an outlook is. It may change only what its principal decides.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from tensionsim.errors import ScenarioError
from tensionsim.scenario.files import shipped_folder
from tensionsim.scenario.paths import NoPath, parse_path
from tensionsim.scenario.scenario import Scenario, by_itself, meant_by, read_given
from tensionsim.scenario.schema import ActorName, IssueName, Label, Outlook, Strict, Title
from tensionsim.scenario.validation import check
from tensionsim.scenario.yaml_tree import Node, Report, Source, SourceLocation, listed, meant, quoted

DECIDES = (
    *("stances", "salience", "rhetoric", "confrontation", "reciprocity", "attention", "unpredictability"),
    *("insulation", "rules"),
)
"""Attributes that a government decides on. Assumption: what others, voters or the years make of it (dependence,
affinity, yardstick, rally, checks, leaders, the odds of its deeds) it does not."""

AS_IT_IS = "as it is"
"""The strategy that changes nothing; no name of another may have spaces."""

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1e6)]


class Aims(Strict):
    """What the principal wants: not to come into an event, and outcomes near its stances."""

    keep_out_of: Title = Field(description="an event of the scenario")
    stances: dict[IssueName, Share] | None = Field(None, description="default: those of the scenario at its start")
    weights: dict[IssueName, Weight] | None = Field(None, description="of the issues; default: its salience")


class Enough(Strict):
    """What a future must come to for a strategy to do in it; the chance is that of keeping out of the event."""

    chance: Share = 0.9
    index: Annotated[float, Field(ge=0, le=100)] | None = Field(None, description="mean at the end, at least")


class StrategiesFile(Strict):
    """Strategies of one principal."""

    model_config = ConfigDict(title="the strategies")

    principal: ActorName
    aims: Aims
    enough: Enough = Enough()
    strategies: dict[Label, Outlook] = Field(min_length=1)


def read_strategies(
    strategies: str | Path | Mapping[str, object], scenario: Scenario
) -> tuple[StrategiesFile, dict[str, Scenario]]:
    """A file of strategies, a text of more than a line or a mapping, and the scenario under each, as it is first.

    ScenarioError lists every problem; one is a strategy that changes what its principal does not decide.
    """
    report, base = Report(), by_itself(scenario)
    shipped = [f"strategies/{one.stem}" for one in sorted(shipped_folder().glob("strategies/*.yaml"))]
    is_named = isinstance(strategies, str | Path) and "\n" not in str(strategies)
    if is_named and str(strategies) not in shipped and not os.path.exists(str(strategies)):
        fault = f"there is no such file{meant(str(strategies), shipped)}; shipped: {', '.join(shipped)}"
        report.add(SourceLocation(Source(str(strategies))), fault)
        report.stop()
    tree = read_given(strategies, report, kind="file of strategies")[0]
    is_read, file, given = not len(report), check(tree, StrategiesFile, report), tree.child("strategies")
    principal = tree.child("principal").text or ""
    _check_names(tree, base, report)
    for _, _, strategy in given.entries if principal in base.file.actors else ():
        for place, fault in _not_its_own(principal, strategy, base):
            report.add(place, f"{fault}; a strategy changes only what {principal} decides")
    found, wide = report.problems(), base
    try:
        wide = base.extended(Node({"outlooks": given}, given.location)) if given.by_key and is_read else base
    except ScenarioError as error:
        found += [replace(one, message=one.message.replace("outlook ", "strategy ")) for one in error.problems]
    if file is None or found:
        raise ScenarioError(sorted(dict.fromkeys(found), key=lambda one: (one.line, one.column)))
    return file, {AS_IT_IS: base} | {name: wide.with_outlook(name) for name in file.strategies}


def _check_names(tree: Node, base: Scenario, report: Report) -> None:
    """Notes names that the scenario does not have."""
    aims, who = tree.child("aims"), tree.child("principal")
    event, issues = aims.child("keep_out_of"), (*aims.child("stances").entries, *aims.child("weights").entries)
    named: list[tuple[str, Iterable[str], str | None, SourceLocation]] = [
        ("principal", base.file.principals, who.text, who.location),
        ("event", base.file.events, event.text, event.location),
        *(("issue", base.file.issues, name, place) for name, place, _ in issues),
    ]
    for kind, known, name, place in named:
        if name is not None and name not in known:
            report.add(place, f"no {kind} {quoted(name)}{report.near(name, known)}")
    if (weights := aims.child("weights")) and all(one.number == 0.0 for one in weights.by_key.values()):
        report.add(weights.location, "no issue has a weight above 0")


def _not_its_own(principal: str, strategy: Node, base: Scenario) -> Iterator[tuple[SourceLocation, str]]:
    """Places of a strategy, or of a change in it, that touch what its principal does not decide, and why."""
    for text, key, _ in strategy.child("set").entries:
        try:
            found = [parse_path(path) for path in meant_by(base, text)]
        except NoPath:
            continue  # told with the strategy as an outlook
        if not all(path[:2] == ("actors", principal) and path[2:3] and path[2] in DECIDES for path in found):
            yield key, f"{quoted(text)} is none of its own (of actors.{principal}: {listed(DECIDES)})"
    for what in ("schedule", "changes"):
        for item in strategy.child(what).items:
            if item.child("actor").text != principal:
                yield item.location, f"this is not of {principal}"
            if leader := item.child("leader"):
                yield leader.location, "a leader is not chosen by a strategy"
            yield from _not_its_own(principal, item, base)
            if ways := item.child("one_of"):
                yield ways.location, "how things turn out by chance is not decided"
