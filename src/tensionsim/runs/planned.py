"""Planned runs: the factors of a scenario, a plan over them, and what came out at each of its points."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tensionsim.engine.build import may_lead, numbers
from tensionsim.engine.calendar import JOINT_STREAM, turns
from tensionsim.errors import ScenarioError, SelectionError, StorageError
from tensionsim.model.measures import REGIME_NAMES, regime_of
from tensionsim.model.mechanisms import MECHANISMS, SCALE, mechanism_parameters
from tensionsim.model.parameters import ENGINE
from tensionsim.model.record import Floats, Ints, Keep, Record
from tensionsim.runs import parallel
from tensionsim.runs.parallel import Mode
from tensionsim.runs.parts import RunsManifest
from tensionsim.runs.plan import Column, Method, Plan, is_switch, points_checked, scenario_at
from tensionsim.runs.run import Chunk, Jobs, Progress, fill, made_in_memory, mode_of, record_of
from tensionsim.runs.statistics import MONTHS_PER_STEP
from tensionsim.runs.store import held, read_manifest
from tensionsim.scenario.design import OUTLOOK, Design, Factor, draft_of
from tensionsim.scenario.judgements import copula
from tensionsim.scenario.paths import ROOT, NoPath, Shape, below, parse_path
from tensionsim.scenario.quantities import UncertainNumber, parse
from tensionsim.scenario.scenario import Scenario, meant_by, scenario_of
from tensionsim.scenario.schema import Distribution
from tensionsim.scenario.yaml_tree import NOTHING, Report, Source, SourceLocation, quoted

JOINT = "joint"
"""The factor that is the place of all `joint` lists: which draw of a fit a run takes."""

ALL = "all"
"""Every parameter of the engine and of mechanisms over `full_range`, and every mechanism on or off."""

WIDEST = 2.0
"""Of a documented range that is taken as it is: shares lie in 0..1, affinities in -1..1."""

Family = UncertainNumber | Factor
"""The distribution that a factor's shares are quantiles of, or the factor whose levels make other worlds."""
Over = Mapping[str, object] | Sequence[str] | str | None

LACKING = "it has no range to take; say one, as in {0}=0.2:0.8, or name its values, as in {0}=A,B"

OF_INDEX = ("index", "mean index", "lowest index")
"""Outcomes that every scenario has; beside them "ends in REGIME", "months in REGIME", and the events."""


@dataclass(frozen=True, slots=True, eq=False)
class PlannedRuns:
    """Values of a plan's factors by point, NaN where runs drew them; outcomes by name, shape (point, replicate)."""

    scenario: Scenario
    plan: Plan
    points: pd.DataFrame
    outcomes: Mapping[str, Floats]


def _values(family: Family, shares: Floats) -> Any:
    """The values below which some shares of a factor's lie; NaN for NaN. Of `joint` the place, as numbers differ."""
    if isinstance(family, Factor):
        return [family.levels[level] for level in _level(family.levels, shares)]
    kept = np.where(np.isnan(shares), 0.5, shares)
    found = _level(family.values, kept) if family.family == JOINT else family.quantile(kept)
    return np.where(np.isnan(shares), np.nan, found)


def _level(levels: Sequence[Any], shares: Floats) -> Ints:
    """Places in a list whose items are equally likely."""
    return np.minimum((shares * len(levels)).astype(np.int64), len(levels) - 1)


def outcome_names(scenario: Scenario) -> tuple[str, ...]:
    """The outcomes that runs of a scenario have."""
    of_regimes = [f"{what} {name}" for name in REGIME_NAMES for what in ("ends in", "months in")]
    return (*OF_INDEX, *of_regimes, *(name for name in scenario.file.events if name not in OF_INDEX))


def outcomes_of(record: Record, scenario: Scenario) -> dict[str, Floats]:
    """Outcomes by name, shape (run,): index in 0..100, months, else 1 where true; means leave out the start."""
    index = record.cooperation
    found = {"index": index[-1], "mean index": index[1:].mean(axis=0), "lowest index": index.min(axis=0)}
    regimes = regime_of(index)
    for row, name in enumerate(REGIME_NAMES):
        found[f"ends in {name}"] = (regimes[-1] == row) * 1.0
        found[f"months in {name}"] = (regimes[1:] == row).sum(axis=0) * MONTHS_PER_STEP[scenario.file.step]
    if "events" in record.kept:
        ever = np.any(np.asarray(record.events), axis=0)
        found = {name: ever[row] * 1.0 for row, name in enumerate(scenario.file.events)} | found
    return {name: np.array(values, np.float64) for name, values in found.items()}


def planned(
    scenario: Scenario | str | Path,
    over: Over = None,
    *,
    method: Method = "lhs",
    size: int = 256,
    replicates: int = 1,
    seed: int = 0,
    unused: bool = False,
    events: bool = True,
    jobs: Jobs = 1,
    store: str | Path | None = None,
    replace: bool = False,
    progress: bool | Mode = False,
) -> PlannedRuns:
    """Runs every point of a plan over a scenario's factors, all points under the same luck.

    over : None, every uncertain number, those drawn jointly as one factor "joint"; `ALL`; else names, or values by path
    as `sweep` takes them. A name alone has the distribution that the scenario gives it, else `full_range`;
    "mechanisms.NAME" is on or off. unused : whether factors that no run draws are let be. events : whether it is told
    if they came true. store : a folder for each world. ScenarioError lists every problem; SelectionError tells of a
    factor that makes another world, and that the plan leaves to be drawn.
    """
    varied, factors = with_factors(scenario_of(scenario), over, unused=unused)
    plan = Plan(method, size, seed, replicates, tuple(factors))
    keep: Keep = "summary" if events and varied.file.events else "index"
    how: dict[str, Any] = {"replace": replace, "workers": partial(parallel.executor, jobs)}
    found: dict[str, Floats] = {}
    for folder, world, each in _worlds(varied, plan, [*factors.values()]):
        rows = range(len(plan.shares)) if each.rows is None else each.rows
        runs = len(rows) * replicates
        if store is None:
            whole_plan = Chunk(world, seed, 0, runs, keep, each)
            parts = made_in_memory(_outcomes, whole_plan, jobs, how["workers"], mode_of(progress))
            made = [part for _, part in sorted(parts, key=lambda one: one[0].first_run)]
        else:
            where = Path(store) / folder
            kept = fill(where, world, runs=runs, seed=seed, keep=keep, plan=each, progress=progress, **how)
            made = [outcomes_of(block.record, world) for block in kept.blocks(("cooperation", "events"))]
        for name in made[0]:
            table = found.setdefault(name, np.full((len(plan.shares), replicates), np.nan))
            table[list(rows)] = np.concatenate([part[name] for part in made]).reshape(-1, replicates)
    shares = zip(factors.items(), plan.shares.T, strict=True)
    points = pd.DataFrame({one.name: _values(family, of) for (one, family), of in shares})
    return PlannedRuns(varied, plan, points, found)


def _outcomes(chunk: Chunk, advance: Progress | None = None) -> dict[str, Floats]:
    return outcomes_of(record_of(chunk, advance), chunk.scenario)


def _worlds(varied: Scenario, plan: Plan, families: Sequence[Family]) -> Iterator[tuple[str, Scenario, Plan]]:
    """Each world that factors make, with the name of its folder and the plan of its points."""
    made = {place: one for place, one in enumerate(families) if isinstance(one, Factor)}
    if not made:
        yield "", varied, plan
        return
    design = Design("zip", tuple(made.values()))
    for one, of in zip(design.factors, plan.shares.T[list(made)], strict=True):
        if np.isnan(of).any():
            raise SelectionError(f"{one.path} makes a world that no run can draw; leave it out, or take another method")
    levels = np.array([_level(one.levels, plan.shares[:, place]) for place, one in made.items()]).T
    for cell in np.unique(levels, axis=0):
        point = tuple(one.levels[level] for one, level in zip(design.factors, cell, strict=True))
        words = (f"{one.path}-{value}" for one, value in zip(design.factors, point, strict=True))
        rows = np.flatnonzero((levels == cell).all(axis=1)).tolist()
        folder = re.sub(r"[^\w.-]+", "_", "_".join(words))
        yield folder, scenario_at(varied, design, point), dataclasses.replace(plan, rows=tuple(rows))


def drawn(scenario: Scenario) -> dict[str, Distribution]:
    """The uncertain numbers of a scenario by the stream that they are drawn from, which is mostly their path."""
    sources = {one.path: one for one in numbers(scenario.file, (*MECHANISMS, *scenario.mechanisms))}
    found = list(sources.values())
    for changes in turns(scenario.file, scenario.steps).values():
        found += [one for turn in changes for branch in (turn.always, *turn.alternatives) for one in branch.assignments]
    return {one.stream: one.value for one in found if isinstance(one.value, Distribution)}


def with_factors(base: Scenario, over: Over, *, unused: bool = False) -> tuple[Scenario, dict[Column, Family]]:
    """The scenario with its factors uncertain, and their families by column; ScenarioError lists every problem."""
    report, there = Report(), drawn(base)
    given = _named(base, there, over, report)
    written = {name: values for name, values in given.items() if values is not None}
    design = draft_of({"method": "lhs", "points": 1, "over": written}, report) if written else None
    read = {one.path: one for one in points_checked(base, design, report)[1].factors} if written else {}
    for name, one in read.items():
        values = one.levels or (one.family.support if one.family else ())
        is_one = len({*map(repr, values)}) == 1
        fault = "this is one value; a factor takes two or more, or a range" if is_one else ""
        if one.family and (shape := _shape(name)) and not shape.is_uncertain:
            fault = f"it is no number with a range; name its values, as in {name}=A,B"
        _note(name, fault, report)
    for name in given:
        is_idle = name.partition(".")[0] in ("title", "about", "consistency")
        _note(name, "it has no effect on runs; vary something that has" if is_idle else "", report)
    report.raise_if_any()
    settings: dict[str, object] = {}
    made = dict(_factor(name, base, there, read.get(name), settings) for name in given)
    varied = base.with_values(settings) if settings else base
    correlated = {*(copula(varied.file.correlations)[0] if varied.file.correlations else ())}
    now, owners = drawn(varied).keys() | {JOINT_STREAM}, dict[str, str]()
    for column, family in made.items():
        fault, streams = "", {*column.streams}
        if isinstance(family, UncertainNumber) and not unused and not now & streams:
            fault = "no run draws this number; it is not used, or the number that it becomes is what to vary"
        for stream in now & streams:
            if (owner := owners.setdefault(stream, column.name)) != column.name:
                fault = f"runs draw it by the same luck as {owner}, {quoted(stream)}; vary one of the two"
        if correlated & streams:
            fault = "it is drawn together with others; set `correlations` to [] to vary it by itself"
        _note(column.name, fault, report)
    report.raise_if_any()
    return varied, made


def _note(name: str, fault: str, report: Report) -> None:
    if fault:
        report.add(SourceLocation(Source("over", label=name)), fault)


def _factor(
    name: str, base: Scenario, there: Mapping[str, Distribution], read: Factor | None, settings: dict[str, object]
) -> tuple[Column, Family]:
    """The column and the family of a factor; what makes it an uncertain number is put into `settings`."""
    if is_switch(name) and (read is None or {*read.levels} == {"on", "off"}):
        settings[name] = {SCALE: {"choice": [0, 1]}}
        return Column(name, (f"{name}.{SCALE}",)), UncertainNumber("choice", (0.0, 1.0))
    if name == JOINT:
        return Column(name, (JOINT_STREAM,)), parse(next(one for one in there.values() if one.joint is not None))
    column = Column(name, (name,) if name in there else _streams(base, name))
    if read is None:
        of = {stream: there[stream] for stream in column.streams}
        settings.update({stream: {"choice": one.joint} for stream, one in of.items() if one.joint is not None})
        own = parse(of[column.streams[0]])
        return column, dataclasses.replace(own, family="choice") if own.family == JOINT else own
    if read.family is not None:
        is_written = isinstance(read.given, Mapping) and "from" not in read.given
        settings[name] = read.given if is_written else {"uniform": list(read.family.values)}
        return column, read.family
    if all(isinstance(each, int | float) and not isinstance(each, bool) for each in read.levels):
        values = {"choice": sorted(map(float, read.levels))}
        try:
            base.with_values({name: values})
        except ScenarioError:
            return Column(name, ()), read
        settings[name] = values
        return column, UncertainNumber("choice", tuple(values["choice"]))
    return Column(name, ()), read


def _streams(base: Scenario, path: str) -> tuple[str, ...]:
    """Random numbers that the places of a path are drawn from, a leader's of who is led; none of one word."""
    found: list[str] = []
    for keys in () if path == OUTLOOK else map(parse_path, meant_by(base, path)):
        if len(keys) < 2:
            continue
        led = [("actors", actor) for actor in base.file.actors if may_lead(base.file, actor, keys[1])]
        rooms = led if keys[0] == "leaders" else [keys[:2]]
        found += [".".join((*room, *keys[2:])) for room in rooms]
    return tuple(found)


def _named(base: Scenario, there: Mapping[str, Distribution], over: Over, report: Report) -> dict[str, object]:
    """What is varied by name, with its values where these are given or documented; problems are noted."""
    if over == ALL:
        mechanisms = mechanism_parameters(base.mechanisms).items()
        on = {name: each for name, each in mechanisms if base.file.mechanisms.get(name) != "off"}
        paths = [f"parameters.{name}" for name in ENGINE]
        paths += [f"mechanisms.{name}.{parameter}" for name, each in on.items() for parameter in each]
        varied = {path: one for path in paths if (one := full_range(base, path)) is not None}
        return {**varied, **dict.fromkeys(f"mechanisms.{name}" for name in on)}
    joint = [name for name, one in there.items() if one.joint is not None]
    if over is None:
        over = [*([JOINT] if joint else []), *(name for name in there if name not in joint)]
        if not over:
            report.add(SourceLocation(Source(base.name)), f"it leaves no number uncertain; name some, or {ALL!r}")
    found = dict(over) if isinstance(over, Mapping) else dict.fromkeys([over] if isinstance(over, str) else over)
    if not found and not len(report):
        report.add(SourceLocation(Source("over")), f"it is empty; name what to vary, or {ALL!r}")
    for name in (name for name, values in found.items() if values is None):
        fault = ""
        if name == JOINT:
            fault = "" if joint else "no number of this scenario is drawn jointly"
        elif is_switch(name):
            known, wanted = [one.name for one in (*MECHANISMS, *base.mechanisms)], name.partition(".")[2]
            fault = "" if wanted in known else f"no mechanism {quoted(wanted)}{report.near(wanted, known)}"
        elif name not in there:
            try:
                if not (streams := _streams(base, name)) or not there.keys() >= {*streams}:
                    found[name] = full_range(base, name)
                    fault = "" if found[name] else LACKING.format(name)
            except NoPath as lost:
                fault = f"no such path, {lost}"
        _note(name, fault, report)
    return found


def full_range(scenario: Scenario, path: str) -> dict[str, float] | None:
    """The range over which a number is varied where none is given; None where it has none.

    It is what is documented, if no wider than 2. Assumption: else from half to twice the present number (a 0 has no
    half) within what is documented, as few parameters are known any better.
    """
    room, *names = path.split(".")
    if not names:
        return None
    known = ENGINE if room == "parameters" else mechanism_parameters(scenario.mechanisms).get(names[0], {})
    one = known.get(names[-1]) if room in ("parameters", "mechanisms") else None
    shape = _shape(path)
    limits = shape.limits if shape else {}
    low, high = (one.low, one.high) if one else (limits.get("ge", -math.inf), limits.get("le", math.inf))
    if high - low <= WIDEST:
        return {"from": low, "to": high}
    if one is None or one.unit == "acts":
        return None
    values = {each.path: each.value for each in numbers(scenario.file, (*MECHANISMS, *scenario.mechanisms))}
    now = parse(values[path]).middle
    low, high = sorted(max(low, min(high, now * share)) for share in (0.5, 2.0))
    return {"from": float(f"{low:.6g}"), "to": float(f"{high:.6g}")} if low < high else None


def _shape(path: str) -> Shape | None:
    """What a scenario file may have at a path; None where that is not known."""
    shape: Shape | None = ROOT
    for key in parse_path(path):
        shape = shape and (shape.own or below(shape, NOTHING).get(key))
    return shape


def is_planned(folder: Path) -> bool:
    """Whether a folder, or one right within it, holds runs of a plan."""
    for one in (folder, *folder.glob("*/")):
        with suppress(StorageError):
            if held(one) == "runs" and read_manifest(one, RunsManifest, "runs").origin.plan is not None:
                return True
    return False
