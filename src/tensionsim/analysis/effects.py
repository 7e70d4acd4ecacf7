"""Effects: what each element of a scenario does to a quantity, found by running the world without it.

Every world is run under the same luck, so a difference between two of them in a run is due to the elements alone. The
leave-one-out effect of an element is what is lost without it where all others stay; its Shapley value is what it adds
on average over all orders in which the elements could come, exactly or over some orders drawn, so that the values sum
to the whole. A target is the quantity asked about: one of every run at a date.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tensionsim import __version__
from tensionsim.analysis.elements import Element, Mixture, elements_of, selected, without
from tensionsim.errors import SelectionError, TensionSimError, whole
from tensionsim.model.measures import REGIME_NAMES, regime_of
from tensionsim.model.mechanisms import Mechanism
from tensionsim.model.record import Floats
from tensionsim.notebook import Tabled
from tensionsim.runs.parallel import executor, showing
from tensionsim.runs.parts import maker_of
from tensionsim.runs.results import Results, day_asked, open_results
from tensionsim.runs.run import Jobs, run
from tensionsim.runs.statistics import error_of_mean, plain, title
from tensionsim.scenario.files import shipped_names
from tensionsim.scenario.scenario import Scenario, load, scenario_of
from tensionsim.scenario.yaml_tree import meant

Coalition = frozenset[int]
Build = Callable[[Coalition], Scenario]
Worth = Callable[[Coalition], Floats]
"""The world with a set of elements, and what these make together, in every run: shape (run,)."""


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
            raise TensionSimError(
                f"{self.folder}: made by tensionsim {self.version or '(unknown)'}, and the runs come out otherwise "
                f"from this one ({__version__}): motives and what-if cannot be told of them. "
                "Run the scenario again, or ask for the ledger alone (--part ledger)"
            )


def origin_of(given: str | Path, outlook: str | None, values: Mapping[str, object]) -> Origin:
    """The scenario that a path or a name means, or the results of a folder."""
    folder = Path(given)
    if not folder.is_dir() or str(given) in shipped_names():
        return Origin(load(given, outlook=outlook, set=values))
    if outlook is not None or values:
        what = ", ".join([*(["an outlook"] if outlook is not None else []), *values])
        raise SelectionError(f"{folder} holds results, in which {what} cannot be set any more")
    results = open_results(folder)
    return Origin(results.scenario, results, maker_of(folder), str(folder))


INDEX = "index"
TARGETS: Mapping[str, tuple[str, str]] = {
    INDEX: ("points", "the mean index on {date}"),
    "issue": ("points", "the mean index of {name} on {date}"),
    "event": ("% of runs", "the share of runs with {name!r} by {date}"),
    "regime": ("% of runs", "the share of runs in {name} on {date}"),
}
"""Units of the kinds of targets, and what they are in words."""

Day = str | dt.date | np.datetime64


@dataclass(frozen=True, slots=True)
class Target:
    """A quantity of a run at a row of the dates: of the kind "index", "issue", "event" (by then) or "regime" (then).

    quantity : it in words.
    """

    kind: str
    name: str
    row: int
    date: str
    unit: str
    quantity: str

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
    day, (kind, _, name) = str(results.dates[row]), of.partition(":")
    if (name := name.strip()) not in known.get(kind, ()):
        kind, name = next((group for group, names in known.items() if of in names), ""), of
    if not kind:
        hint = meant(of, [one for names in known.values() for one in names]) or "."
        listed = "; ".join(f"{group}: {', '.join(names)}" for group, names in known.items() if group != INDEX and names)
        raise SelectionError(f"no outcome is called {of!r}{hint} There is the index; {listed}")
    unit, quantity = TARGETS[kind]
    return Target(kind, name, row, day, unit, quantity.format(name=name, date=day))


def row_of(results: Results, date: Day | None) -> int:
    """The row of a date, or of the last row before it; SelectionError outside the span."""
    if date is None:
        return len(results.dates) - 1
    first, last = results.dates[0], results.dates[-1]
    day = day_asked(date)
    if not first <= day <= last:
        raise SelectionError(f"there is nothing on {date}: rows go from {first} to {last}")
    return int(np.searchsorted(results.dates, day, side="right")) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Effects(Tabled):
    """What each element does to a quantity, as differences of the same runs in worlds with and without it.

    table : one row an element, the largest effect first; columns `element` (its label), `kind` ("schedule", "rule",
    "change", "check", "mechanism" or "difference"), `effect` (its Shapley value), `standard_error` (of the
    runs and of the orders drawn), `sampling_error` (of the orders drawn alone; 0 where all sets were tried),
    `leave_one_out` (what is lost without it alone) and `leave_one_out_error`. of : what was asked ("index", an issue,
    an event, a regime). quantity : that in words. unit : "points" or "% of runs". date : the row it was read at, ISO.
    base : its mean with none of the elements (or in the scenario compared with). whole : its mean with all of them.
    here : its mean in the scenario itself, which is not `whole` where only some of the differences were asked about.
    method : "exact" (all sets of elements) or "sampled" (some orders). worlds : how many were run. title, against : the
    scenario's title, and that of the one it is compared with, or "". runs, seed : of every world.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.effects("norland-suderia", elements=["schedule", "rule"], runs=20)
    >>> sorted(found.table["element"])
    ['2030-06-03 norland: seize_trawler', 'suderia: the river is ours']
    >>> bool(abs(found.table["effect"].sum() - found.total) < 1e-9)
    True
    """

    table: pd.DataFrame
    of: str
    quantity: str
    unit: str
    date: str
    base: float
    whole: float
    method: str
    worlds: int
    title: str
    against: str
    runs: int
    seed: int
    here: float | None = None

    def __repr__(self) -> str:
        change = f"{self.quantity} from {self.base:.1f} to {self.whole:.1f} {self.unit}"
        what = f"{len(self.table):,} element{'' if len(self.table) == 1 else 's'} of {self.title!r}"
        return f"<Effects of {what}: {change}, {self.runs:,} runs, seed {self.seed}>"

    @property
    def total(self) -> float:
        """What all elements make together, to which the effects sum."""
        return self.whole - self.base

    @property
    def interaction(self) -> float:
        """What of the total no element makes alone: the total less the sum of the leave-one-out effects."""
        return float(self.total - self.table["leave_one_out"].sum())

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain numbers, texts and lists; what has no value is None."""
        names = [name for name in self.__dataclass_fields__ if name != "table"] + ["total", "interaction"]
        return {**{name: getattr(self, name) for name in names}, "effects": plain(self.table.to_dict("records"))}


def effects(
    scenario: Scenario | str | Path,
    *,
    against: Scenario | str | Path | None = None,
    elements: Collection[str] | None = None,
    of: str = INDEX,
    date: Day | None = None,
    runs: int = 1000,
    seed: int = 0,
    first_run: int = 0,
    orders: int = 12,
    jobs: Jobs = 1,
    progress: bool = False,
    agents: Mapping[str, Callable[..., Any]] | None = None,
    mechanisms: Sequence[Mechanism] | None = None,
) -> Effects:
    """The effect of each element of a scenario on a quantity, from worlds without it under the same luck.

    With `against` the elements are what one file says otherwise than the other: numbers by path, rules, scheduled
    moves, changes. Each world is the scenario compared with, with some of them taken over. Where the ends differ,
    worlds run to the later, and the earlier is the default date. Of a selection, the effects sum to the difference that
    the world with only these makes, `whole` less `base`, and not to that of the two scenarios, `here` less `base`.

    Parameters
    ----------
    scenario, against
        Each a Scenario, a path, or the name of a shipped scenario.
    elements
        Which to leave out in turn: kinds ("schedule", "rule", "change", "check", "mechanism"), labels or parts of them,
        in any case, with or without underscores and accents; None: all. What is not asked about stays as it is, or as
        in `against`.
    of
        The quantity: "index", an issue, an event (by the date) or a regime (on the date).
    date
        The day on which it is read; default: the last row.
    runs, seed, first_run
        Of every world; `runs` >= 2.
    orders
        How many orders of the elements are drawn where there are more than ten, half of them reverses of the others.
    jobs
        Worlds that are run at a time, each in a process of its own; "auto": one a processor.
    progress
        Whether to show a bar on a terminal's standard error.
    agents, mechanisms
        Of your own, as of `run`.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    SelectionError
        If an element, a quantity or a date does not exist, or no element is named; if the two scenarios differ in
        something that a mixture cannot have: start, step, principals, issues, history.
    TypeError
        If `elements` is one text.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.effects("tariff-war", elements=["schedule"], runs=20, seed=7)
    >>> found.method, len(found.table)
    ('exact', 3)
    >>> calm = ts.load("norland-suderia", outlook="calm")
    >>> found = ts.effects(calm, against="norland-suderia", elements=["suderia"], runs=20, seed=7)
    >>> sorted(found.table["element"])
    ['actors.suderia.insulation: unset -> 0.95', 'actors.suderia.rhetoric: 0.5 -> 0.2']
    """
    whole("orders", orders, least=4)
    draw = Draw(whole("runs", runs, least=2), whole("seed", seed), whole("first_run", first_run))
    chosen = scenario_of(scenario, agents=agents, mechanisms=mechanisms)
    everything, found, titles = chosen, list[Element](), (title(chosen), "")
    if against is None:
        found = selected(elements_of(chosen), elements)
    else:
        base = scenario_of(against, agents=agents, mechanisms=mechanisms)
        titles = (titles[0], title(base))
        mixed = Mixture(base, chosen)
        if elements is not None and not mixed.everything:
            raise SelectionError(f"{titles[0]!r} and {titles[1]!r} do not differ in anything that has an effect")
        if mixed.everything:
            found, everything = selected(mixed.everything, elements), mixed.scenario(mixed.everything)
            date = mixed.end if date is None else date

    def build(present: Coalition) -> Scenario:
        if against is None:
            return without(chosen, [one for place, one in enumerate(found) if place not in present])
        return mixed.scenario([found[place] for place in present]) if found else chosen

    results = draw.of(everything)
    asked = target(results, of, date)
    shares, worth = shapley(build, len(found), asked, draw, orders=orders, jobs=jobs, progress=progress)
    full = frozenset(range(len(found)))
    ends = worth[frozenset()], worth[full]
    alone = np.array([ends[1] - worth[full - {place}] for place in range(len(found))]).reshape(len(found), draw.runs)
    table = pd.DataFrame(
        {
            "element": [one.label for one in found],
            "kind": [one.kind for one in found],
            "effect": shares.values.mean(axis=-1),
            "standard_error": shares.standard_error,
            "sampling_error": shares.sampling_error,
            "leave_one_out": alone.mean(axis=-1),
            "leave_one_out_error": error_of_mean(alone),
        }
    )
    return Effects(
        table=table.sort_values("effect", key=abs, ascending=False, kind="stable", ignore_index=True),
        of=asked.name,
        quantity=asked.quantity,
        unit=asked.unit,
        date=asked.date,
        base=float(ends[0].mean()),
        whole=float(ends[1].mean()),
        method="exact" if len(found) <= MOST_EXACT else "sampled",
        worlds=len(worth),
        title=titles[0],
        against=titles[1],
        runs=draw.runs,
        seed=draw.seed,
        here=float(asked.of(results).mean()),
    )


def shapley(
    build: Build, count: int, asked: Target, draw: Draw, *, orders: int, jobs: Jobs, progress: bool
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
    return (sampled(worth.__getitem__, drawn) if drawn else exact(count, worth.__getitem__)), worth


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
        """Of the mean over runs, shape (element,): of the runs and of the orders together."""
        return np.hypot(error_of_mean(self.values), self.sampling_error)


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


def sampled(worth: Worth, orders: Iterable[tuple[int, ...]]) -> ShapleyValues:
    """The Shapley values estimated from some orders of the elements, at least two, and the reverse of each."""
    pairs = [(_additions(order, worth) + _additions(order[::-1], worth)) / 2.0 for order in orders]
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
    worths = np.array([worth(frozenset(order[:size])) for size in range(len(order) + 1)])
    return np.asarray(np.diff(worths, axis=0)[np.argsort(order)])
