"""Worlds with some elements and without others, each run once under the same luck, and what each element adds.

A target is a quantity of every run at a date. The share of an element in it is its Shapley value: what it adds on
average over all orders in which the elements could come, exactly or over some orders drawn.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tensionsim.errors import SelectionError, TensionSimError, day_of
from tensionsim.model.measures import REGIME_NAMES, regime_of
from tensionsim.model.record import Floats
from tensionsim.runs.parallel import executor, showing
from tensionsim.runs.parts import maker_of
from tensionsim.runs.results import Results, open_results
from tensionsim.runs.run import Jobs, run
from tensionsim.scenario.scenario import Scenario, load
from tensionsim.scenario.yaml_tree import meant

Coalition = frozenset[int]
Worth = Callable[[Coalition], Floats]
"""What a set of elements makes together, in every run: shape (run,)."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Which runs of every world: how many, under which seed, from which number on."""

    runs: int
    seed: int
    first_run: int

    def of(self, scenario: Scenario) -> Results:
        """These runs of a scenario."""
        return run(scenario, runs=self.runs, seed=self.seed, first_run=self.first_run)


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """A scenario, with the results where they were given, and which version saved them."""

    scenario: Scenario
    results: Results | None = None
    version: str = ""
    folder: str = ""

    def check_repeats(self, draw: Draw) -> None:
        """TensionSimError where the saved runs cannot be made again, so that questions beyond the record are idle."""
        if self.results is None:
            return
        if lost := self.results.lost_code:
            raise TensionSimError(
                f"{self.folder}: made with {', '.join(lost)}, which results do not hold: "
                "of such results only the ledger can be told (--part ledger)"
            )
        runs = min(draw.runs, 50)  # enough to see whether they come out the same
        again = Draw(runs, draw.seed, draw.first_run).of(self.scenario).record.cooperation
        place = draw.first_run - self.results.first_run
        if not np.array_equal(again, self.results.record.cooperation[:, place : place + runs]):
            from tensionsim import __version__

            raise TensionSimError(
                f"{self.folder}: made by tensionsim {self.version or '(unknown)'}, and the runs come out otherwise "
                f"from this one ({__version__}): motives and what-if cannot be told of them. "
                "Run the scenario again, or ask for the ledger alone (--part ledger)"
            )


def origin_of(given: str | Path, outlook: str | None, values: Mapping[str, object]) -> Origin:
    """The scenario that a path or a name means, or the results of a folder."""
    from tensionsim.scenario.files import shipped_names

    folder = Path(given)
    if not folder.is_dir() or str(given) in shipped_names():
        return Origin(load(given, outlook=outlook, set=values))
    if outlook is not None or values:
        what = ", ".join([*(["an outlook"] if outlook is not None else []), *values])
        raise SelectionError(f"{folder} holds results, in which {what} cannot be set any more")
    results = open_results(folder)
    return Origin(results.scenario, results, maker_of(folder), str(folder))


INDEX = "index"
POINTS, PERCENT = "points", "% of runs"

Day = str | dt.date | np.datetime64


@dataclass(frozen=True, slots=True)
class Target:
    """A quantity of a run at a row of the dates: of the kind "index", "issue", "event" (by then) or "regime" (then)."""

    kind: str
    name: str
    row: int
    date: str

    @property
    def unit(self) -> str:
        return POINTS if self.kind in (INDEX, "issue") else PERCENT

    @property
    def quantity(self) -> str:
        """What it is, in words."""
        words = {
            INDEX: f"the mean index on {self.date}",
            "issue": f"the mean index of {self.name} on {self.date}",
            "event": f"the share of runs with {self.name!r} by {self.date}",
            "regime": f"the share of runs in {self.name} on {self.date}",
        }
        return words[self.kind]

    def of(self, results: Results) -> Floats:
        """The quantity in every run, shape (run,): 0..100; of an event or a regime 0 or 100."""
        record = results.record
        if self.kind == INDEX:
            found = record.cooperation[self.row]
        elif self.kind == "issue":
            found = record.issue_cooperation[self.row, results.names.issues.index(self.name)]
        elif self.kind == "event":
            found = 100.0 * record.events[: self.row + 1, results.names.events.index(self.name)].any(axis=0)
        else:
            found = 100.0 * (regime_of(record.cooperation[self.row]) == REGIME_NAMES.index(self.name))
        return np.array(found, np.float64)


def target(results: Results, of: str = INDEX, date: Day | None = None) -> Target:
    """The target that a name ("regime:crisis" where an event is called so too) and a date mean in some results."""
    known = {INDEX: (INDEX,), "event": results.names.events, "regime": REGIME_NAMES, "issue": results.names.issues}
    row = row_of(results, date)
    kind, _, name = of.partition(":")
    if name.strip() in known.get(kind, ()):
        return Target(kind, name.strip(), row, str(results.dates[row]))
    if groups := [group for group, names in known.items() if of in names]:
        return Target(groups[0], of, row, str(results.dates[row]))
    hint = meant(of, [one for names in known.values() for one in names]) or "."
    listed = "; ".join(f"{group}: {', '.join(names)}" for group, names in known.items() if group != INDEX and names)
    raise SelectionError(f"no outcome is called {of!r}{hint} There is the index; {listed}")


def row_of(results: Results, date: Day | None) -> int:
    """The row of a date, or of the last row before it; SelectionError outside the span."""
    if date is None:
        return len(results.dates) - 1
    first, last = results.dates[0], results.dates[-1]
    day = day_asked(date)
    if not first <= day <= last:
        raise SelectionError(f"there is nothing on {date}: rows go from {first} to {last}")
    return int(np.searchsorted(results.dates, day, side="right")) - 1


def day_asked(date: Day) -> np.datetime64:
    """The day that is asked for; SelectionError where it is none."""
    try:
        return np.datetime64(day_of(date), "D")
    except ValueError as error:
        raise SelectionError(str(error)) from None


def shapley(
    build: Callable[[Coalition], Scenario],
    count: int,
    asked: Target,
    draw: Draw,
    *,
    orders: int,
    jobs: Jobs,
    progress: bool,
) -> tuple[ShapleyValues, dict[Coalition, Floats]]:
    """The Shapley values of `count` elements, of more than `MOST_EXACT` over some orders, and what each world has."""
    drawn = [] if count <= MOST_EXACT else drawn_orders(count, orders // 2, draw.seed)
    singles = {frozenset(range(count)) - {place} for place in range(count)}
    wanted = coalitions_of(drawn) | singles if drawn else {*all_coalitions(count)}
    order, worth = sorted(wanted, key=lambda one: (len(one), sorted(one))), dict[Coalition, Floats]()
    tasks = ((build(present), asked, draw) for present in order)
    with (
        executor(jobs, tasks=len(order)) as workers,
        showing(len(order), "auto" if progress and count > 0 else "none", "world") as advance,
    ):
        for position, found in workers.results(_worth, tasks):
            worth[order[position]] = found
            advance(1)
    return (sampled(count, worth.__getitem__, drawn) if drawn else exact(count, worth.__getitem__)), worth


def _worth(task: tuple[Scenario, Target, Draw]) -> Floats:
    """The quantity in every run of a world: a pure function of its text, the seed and the runs' numbers."""
    scenario, target, draw = task
    return target.of(draw.of(scenario))


MOST_EXACT = 10


class ShapleyValues(NamedTuple):
    """What each element makes of the whole, shape (element, run), with the error of orders drawn, (element,)."""

    values: Floats
    sampling_error: Floats

    @property
    def standard_error(self) -> Floats:
        """Standard error of the mean over runs, shape (element,): of the runs and of the orders together."""
        return np.hypot(error_of_mean(self.values), self.sampling_error)


def error_of_mean(values: Floats) -> Floats:
    """Standard error of the mean over the last axis; not a number where that has one entry."""
    count = values.shape[-1]
    if count < 2:
        return np.full(values.shape[:-1], np.nan)
    error: Floats = values.std(axis=-1, ddof=1) / math.sqrt(count)
    return error


def exact(count: int, worth: Worth) -> ShapleyValues:
    """The Shapley values of `count` elements, from the worth of every set of them."""
    found = {coalition: worth(coalition) for coalition in all_coalitions(count)}
    values = np.zeros((count, *found[frozenset()].shape))
    for coalition, before in found.items():
        size = len(coalition)
        # The share of the orders in which one given element comes right after these.
        share = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count) if size < count else 0.0
        for element in range(count):
            if element not in coalition:
                values[element] += share * (found[coalition | {element}] - before)
    return ShapleyValues(values, np.zeros(count))


def all_coalitions(count: int) -> Iterator[Coalition]:
    """Every set of the elements 0 .. count - 1, the smaller first."""
    for size in range(count + 1):
        yield from map(frozenset, combinations(range(count), size))


def sampled(count: int, worth: Worth, orders: Iterable[tuple[int, ...]]) -> ShapleyValues:
    """The Shapley values of `count` elements, estimated from some orders, at least two, and the reverse of each."""
    pairs = []
    for order in orders:
        there, back = _additions(order, worth), _additions(order[::-1], worth)
        pairs.append((there + back) / 2.0)
    if len(pairs) < 2:
        raise ValueError(f"an error cannot be told from {len(pairs)} order; draw 2 or more")
    table = np.array(pairs)
    means = table.mean(axis=-1)
    return ShapleyValues(table.mean(axis=0), means.std(axis=0, ddof=1) / math.sqrt(len(pairs)))


def drawn_orders(count: int, pairs: int, seed: int) -> list[tuple[int, ...]]:
    """Orders of the elements 0 .. count - 1, drawn at random; the same for the same seed."""
    generator = np.random.default_rng([seed, count])
    return [tuple(generator.permutation(count).tolist()) for _ in range(pairs)]


def coalitions_of(orders: Iterable[tuple[int, ...]]) -> set[Coalition]:
    """Every set of elements that `sampled` asks the worth of."""
    ways = (way for order in orders for way in (order, order[::-1]))
    return {frozenset(way[:size]) for way in ways for size in range(len(way) + 1)}


def _additions(order: tuple[int, ...], worth: Worth) -> Floats:
    """What each element adds to those before it in one order, shape (element, run)."""
    before = worth(frozenset())
    added = np.empty((len(order), *before.shape))
    for place, element in enumerate(order):
        after = worth(frozenset(order[: place + 1]))
        added[element] = after - before
        before = after
    return added
