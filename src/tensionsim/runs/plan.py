"""What differs from run to run: points of a design, points of a plan, and mechanisms that are drawn on or off.

A point of a design is a scenario of its own; everything that is wrong with any is told before the first one is run.

Points of a plan are run in one world, each under the same luck. A run's luck is keyed by seed, run and stream, and so
are the shares by which its uncertain numbers are drawn. A plan hands the engine random numbers whose run `r` has the
luck of replicate `r % replicates` and the shares of point `r // replicates`: thousands of points cost what as many runs
cost, and points differ by their numbers alone.
"""

from __future__ import annotations

import csv
import dataclasses
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from tensionsim.errors import Problem, ScenarioError
from tensionsim.model.mechanisms import MECHANISMS, SCALE
from tensionsim.rng import Floats, Ints, Purpose, RandomStreams, Words, stream_of
from tensionsim.scenario.design import OUTLOOK, Design, value_in_words
from tensionsim.scenario.judgements import rows_of
from tensionsim.scenario.scenario import Scenario, meant_by
from tensionsim.scenario.yaml_tree import Report, Source, SourceLocation, quoted

Method = Literal["lhs", "saltelli", "spread", "trajectories", "one by one", "futures"]
PARAMETERS, STRUCTURE, LUCK = "parameters", "structure", "luck"

LEVELS, STEP = 4, 0.5
"""Of a trajectory's shares, the middles of quarters, as no distribution is asked for its ends; how far a step goes."""


@dataclass(frozen=True, slots=True)
class Column:
    """A factor as a plan knows it; `streams` : the random numbers that it takes the place of, by name."""

    name: str
    streams: tuple[str, ...]


def is_switch(name: str) -> bool:
    """Whether a factor is a mechanism as such, which is on or off."""
    return name.startswith("mechanisms.") and name.count(".") == 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What the points of a design are made of, so that a folder or a worker makes the same ones again.

    method, size : "lhs" of `size` points; "saltelli": A, B and A with each factor of B, of `size` points each;
    "spread": the same with all parameters, all mechanisms, and luck as the factors; "trajectories": `size` of them,
    each a point more than there are factors; "one by one": each factor at `size` shares while the others are drawn;
    "futures": points that differ in what they draw, as the runs of their numbers do, and in all other luck.
    replicates : runs of a point. rows : the points that a world has; None for all.
    """

    method: Method
    size: int
    seed: int
    replicates: int
    columns: tuple[Column, ...]
    rows: tuple[int, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The factors that are told apart, in order; luck is the last of a spread."""
        groups = dict.fromkeys(self.groups)
        return (*groups, LUCK) if self.method == "spread" else (*groups,)

    @property
    def groups(self) -> list[str]:
        """What each column is a part of: itself, or of a spread parameters or structure."""
        if self.method != "spread":
            return [one.name for one in self.columns]
        return [STRUCTURE if is_switch(one.name.removesuffix(f".{SCALE}")) else PARAMETERS for one in self.columns]

    @property
    def shares(self) -> Floats:
        """The share that each factor is drawn by, shape (point, factor), in (0, 1); NaN where runs draw it."""
        return _points(dataclasses.replace(self, rows=None))[0]

    def streams(self, seed: int, first_run: int, runs: int) -> PlannedStreams:
        """The random numbers of some runs."""
        point, replicate = np.divmod(np.arange(first_run, first_run + runs), self.replicates)
        rows = point if self.rows is None else np.array(self.rows)[point]
        shares, luck = _points(dataclasses.replace(self, rows=None))
        given = {stream_of(name): shares[rows, place] for place, one in enumerate(self.columns) for name in one.streams}
        numbers = luck[rows] * self.replicates + replicate
        return PlannedStreams(seed, first_run, numbers, point if self.method == "futures" else numbers, given)


class PlannedStreams(RandomStreams):
    """Random numbers with the luck and the draws of other runs, shape (run,), and shares given by stream."""

    def __init__(self, seed: int, first_run: int, luck: Ints, draws: Ints, shares: dict[int, Floats]) -> None:
        super().__init__(seed, first_run, len(luck))
        self._luck, self._draws, self._shares = _picked(seed, luck), _picked(seed, draws), shares

    def raw(self, stream: int, purpose: int, position: int) -> Words:
        streams, place = self._draws if purpose in (Purpose.PARAMETER, Purpose.ALTERNATIVE) else self._luck
        return streams.raw(stream, purpose, position)[place]

    def uniforms(self, stream: int, purpose: int, position: int = 0) -> Floats:
        found, given = super().uniforms(stream, purpose, position), self._shares.get(stream)
        return found if given is None or purpose != Purpose.PARAMETER else np.where(np.isnan(given), found, given)

    def words(self, streams: Sequence[int], purpose: int, position: int) -> Words:
        luck, place = self._luck
        return luck.words(streams, purpose, position).take(place, axis=1)


def _picked(seed: int, numbers: Ints) -> tuple[RandomStreams, Ints]:
    """Random numbers of all runs between some, and the places of those among them."""
    first = int(numbers.min())
    return RandomStreams(seed, first, int(np.ptp(numbers)) + 1), numbers - first


@lru_cache(maxsize=8)
def _points(plan: Plan) -> tuple[Floats, Ints]:
    """Shares, shape (point, factor), and which luck each point has, (point,)."""
    rng, width = np.random.default_rng(plan.seed), len(plan.columns)
    if plan.method == "futures":
        return np.zeros((plan.size, width)), np.arange(plan.size)
    if plan.method in ("saltelli", "spread"):
        return _saltelli(plan, sampled("sobol", 2 * width, plan.size, rng))
    if plan.method == "trajectories":
        shares = np.concatenate([_trajectory(width, rng) for _ in range(plan.size)])
    elif plan.method == "one by one":
        middles = np.tile((np.arange(plan.size) + 0.5) / plan.size, width)
        shares = np.where(np.repeat(np.eye(width), plan.size, axis=0) > 0.0, middles[:, None], np.nan)
    else:
        shares = sampled(plan.method, width, plan.size, rng)
    return shares, np.zeros(len(shares), np.int64)


def sampled(method: str, width: int, size: int, rng: np.random.Generator) -> Floats:
    """A Latin hypercube ("lhs") or scrambled Sobol' points ("sobol"), shape (point, factor), in (0, 1)."""
    from scipy.stats import qmc

    sampler = (qmc.LatinHypercube if method == "lhs" else qmc.Sobol)(width, rng=rng)
    shares: Floats = np.clip(sampler.random(size), 2.0**-53, 1.0 - 2.0**-53)
    return shares


def _saltelli(plan: Plan, both: Floats) -> tuple[Floats, Ints]:
    """The blocks A, B, and A with what each factor has in B; whose luck each point has."""
    chosen = [np.array([one == name for one in plan.groups]) for name in plan.names]
    first, other = np.split(both, 2, axis=1)
    blocks = [first, other, *(np.where(one, other, first) for one in chosen)]
    luck = np.zeros((len(blocks), plan.size), np.int64)
    if plan.method == "spread":
        luck[:] = np.arange(plan.size)
        luck[[1, -1]] += plan.size
    return np.concatenate(blocks), luck.ravel()


def _trajectory(width: int, rng: np.random.Generator) -> Floats:
    """A way of `width` steps from a random point, each along another factor, shape (width + 1, width)."""
    levels = rng.integers(LEVELS, size=width)
    ways = np.tile((levels + 0.5) / LEVELS, (width + 1, 1))
    for step, place in enumerate(rng.permutation(width)):
        ways[step + 1 :, place] += STEP if levels[place] < LEVELS // 2 else -STEP
    return ways


Point = tuple[Any, ...]
"""A value for every factor, in their order."""

NO_OUTLOOK = "none"
"""The level of the factor `outlook` that takes no branch."""


def points(design: Design) -> list[Point]:
    """Every point of a design, in a fixed order."""
    levels = [one.levels for one in design.factors]
    if design.method == "grid":
        return list(itertools.product(*levels))
    if design.method == "zip":
        return list(zip(*levels, strict=True))
    shares = sampled(design.method, len(design.factors), design.size, np.random.default_rng(design.seed))
    columns: list[list[Any]] = []
    for place, one in enumerate(design.factors):
        if one.family is None:  # each level is equally likely
            columns.append([one.levels[int(share * len(one.levels))] for share in shares[:, place].tolist()])
        else:
            columns.append([float(f"{value:.10g}") for value in one.family.quantile(shares[:, place]).tolist()])
    return list(zip(*columns, strict=True))


def scenario_at(base: Scenario, design: Design, point: Point) -> Scenario:
    """The scenario at a point: what the design sets, then the point's own values; ScenarioError if it cannot be."""
    values = dict(zip((one.path for one in design.factors), point, strict=True))
    if OUTLOOK in values:
        name = values.pop(OUTLOOK)
        base = base.with_outlook(None if name == NO_OUTLOOK and name not in base.outlook_names else str(name))
    return base.with_values({**design.set, **values})


TOGETHER = ("start", "end", "step")
"""Paths whose values are good or bad only beside those of the others."""


def check(base: Scenario, design: Design, report: Report, found: Sequence[Point] | None) -> None:
    """Notes what the scenario cannot have: each value alone, of an interval both ends; then the points."""
    lost = set[str]()
    for path, value in design.set.items():
        place = design.set_locations.get(path, design.location)
        if path not in TOGETHER and (fault := _fault(path, base.with_values, {path: value})):
            report.add(place, _before(path, place) + fault)
            lost.add(path)
    rest = _less(design, lost)
    for one in rest.factors:
        alone, bad = dataclasses.replace(rest, factors=(one,)), dict[SourceLocation, list[str]]()
        places = one.locations if one.family is None else (one.location,) * 2
        for place, value in zip(places, one.family.support if one.family else one.levels, strict=True):
            if one.path not in TOGETHER and (fault := _fault(one.path, scenario_at, base, alone, (value,))):
                reaches = "this reaches from {:.3g} to {:.3g}, and ".format(*one.family.support) if one.family else ""
                is_lost = fault.startswith("no such path")
                said = bad.setdefault(one.location if is_lost else place, [])
                said.append(_before(one.path, one.location) + ("" if is_lost else reaches) + fault)
                lost.add(one.path)
        for place, said in bad.items():
            more = "" if one.family or len(said) == 1 else f" ({len(said) - 1} of the other values too)"
            report.add(place, said[0] + more)
    rest = _less(rest, lost)
    _check_overlaps(base, rest, report)
    kept = [rank for rank, one in enumerate(design.factors) if one in rest.factors]
    faults, seen = dict[tuple[SourceLocation, str], list[int]](), set[str]()
    for number, point in enumerate(found or ()):
        values = tuple(point[rank] for rank in kept)
        if repr(values) in seen:
            continue
        seen.add(repr(values))
        try:
            scenario_at(base, rest, values)
        except ScenarioError as error:
            for problem in error.problems:
                faults.setdefault(_attributed(problem, design), []).append(number)
    for (place, message), numbers in faults.items():
        pairs = zip(design.names, (found or ())[numbers[0]], strict=True)
        which = ", ".join(f"{name} {value_in_words(value)}" for name, value in pairs)
        which = f" (point {numbers[0]}: {which}{f'; and {len(numbers) - 1} more' if numbers[1:] else ''})"
        report.add(place, message + ("" if place in design.set_locations.values() else which))


def _less(design: Design, lost: Collection[str]) -> Design:
    """The design without some of its paths."""
    factors = tuple(one for one in design.factors if one.path not in lost)
    return dataclasses.replace(
        design, factors=factors, set={path: value for path, value in design.set.items() if path not in lost}
    )


def _fault(path: str, make: Callable[..., object], *given: Any) -> str:
    """What the scenario that is to be made says against the value at a path; empty where it says nothing."""
    try:
        make(*given)
    except ScenarioError as error:
        said = (one.message for one in error.problems if not one.line)
        mine = (one for one in said if path == OUTLOOK or one.startswith(f"{path}: "))
        return next(mine, "").removeprefix(f"{path}: ")
    return ""


def _check_overlaps(base: Scenario, design: Design, report: Report) -> None:
    """Whether a place is varied by two factors, or set besides."""
    owners: dict[str, str] = {}
    for one in design.factors:
        if one.path == OUTLOOK and base.outlook is not None:
            fault = f"the outlook is varied, and {quoted(base.outlook)} is asked for; drop one of the two"
            report.add(one.location, fault)
        for place in () if one.path == OUTLOOK else meant_by(base, one.path):
            if (owner := owners.setdefault(place, one.path)) != one.path:
                fault = f"varies {quoted(place)}, as {quoted(owner)} does already; vary it by one of them"
                report.add(one.location, _before(one.path, one.location) + fault)
                break
    for path in dict.fromkeys((*base.values, *design.set)):
        if (places := meant_by(base, path)) and all(each in owners for each in places):
            varied = f"varied by {quoted(owners[places[0]])}"
            location = design.set_locations.get(path, SourceLocation(design.location.source))
            report.add(location, f"{quoted(path)} is set to one value and {varied}; drop one of the two")


def _before(path: str, place: SourceLocation) -> str:
    """How a message about a path begins, which names it where its place does not."""
    return "" if place.source.label == path else f"{quoted(path)}: "


def _attributed(problem: Problem, design: Design) -> tuple[SourceLocation, str]:
    """Where a problem of a point comes from in the design, and what it is."""
    message = problem.message
    if problem.line:
        message = f"{problem.file}:{problem.line}:{problem.column}: {message}"
    else:
        locations = {one.path: one.location for one in design.factors} | dict(design.set_locations)
        for path, place in locations.items():
            if message.startswith(f"{path}: "):
                return place, _before(path, place) + message.removeprefix(f"{path}: ")
    return SourceLocation(design.location.source), message


def points_checked(
    base: Scenario | None, design: Design | None, report: Report, *, baseline: int = 0
) -> tuple[Scenario, Design, list[Point]]:
    """The scenario, the design and its points, checked; ScenarioError tells of all, and of what `report` holds."""
    if base is None or design is None:
        report.stop()
    found = None if len(report) else points(design)
    check(base, design, report, found)
    if found is None or len(report):
        report.stop()
    if baseline >= len(found):
        raise ValueError(f"baseline must be a point in 0..{len(found) - 1}; got {baseline}")
    return base, design, found


def base_of(load: Callable[[], Scenario], report: Report) -> Scenario | None:
    """The scenario that is loaded; None if it cannot be, with the reasons in `report`."""
    try:
        return load()
    except ScenarioError as failure:
        report.take(failure)
        return None


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
