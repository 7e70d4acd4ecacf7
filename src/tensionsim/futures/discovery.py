"""Scenario discovery: within which limits of the uncertain numbers something comes about, and that as a scenario.

Every run draws the uncertain numbers anew, so an ensemble is a sample of all futures: nothing is run twice. Boxes are
found by the patient rule induction method (PRIM). A box limits some factors to a part of their range: numbers by two
bounds, anything else to a set of its values. Peeling takes thin slices off a box, always the one that raises the
density most for what it costs; pasting gives back what was taken too much.

References
----------
Bryant, B. P. & Lempert, R. J. (2010). Thinking inside the box: a participatory, computer-assisted approach to scenario
discovery. Technological Forecasting and Social Change 77(1).
Friedman, J. H. & Fisher, N. I. (1999). Bump hunting in high-dimensional data. Statistics and Computing 9(2).
Lavrač, N., Flach, P. & Zupan, B. (1999). Rule evaluation measures: a unifying view. ILP-99.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tensionsim.analysis.effects import Day, target
from tensionsim.engine.calendar import alternative
from tensionsim.engine.simulation import first_numbers
from tensionsim.errors import SelectionError, whole
from tensionsim.estimation.fit import check_target
from tensionsim.model.record import Bools
from tensionsim.notebook import Tabled
from tensionsim.rng import RandomStreams
from tensionsim.runs.planned import Over, with_factors
from tensionsim.runs.results import Results
from tensionsim.runs.run import Jobs, run, world_of
from tensionsim.runs.statistics import plain, title
from tensionsim.runs.store import write_whole
from tensionsim.scenario.quantities import ESTIMATE, UncertainNumber, parse
from tensionsim.scenario.scenario import Scenario, by_itself, scenario_of, streams_of
from tensionsim.scenario.schema import Distribution
from tensionsim.scenario.yaml_tree import listed

ALPHA = 0.05
"""Share of a box that a slice takes, as in most uses of PRIM."""

SIGNIFICANT = 0.05
"""A limit with a greater quasi-p-value is dropped (Bryant & Lempert 2010)."""

Limit = tuple[float, float] | frozenset[Any]
"""The least and the greatest value of a number, endless where it has no bound; or the values that are left."""

Limits = Mapping[str, Limit]
ENDLESS = (-np.inf, np.inf)
NUMBERS = "fiu"
"""Kinds of columns that are limited by two bounds."""


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A part of all points, and how well it holds those of interest.

    limits : by factor, of those that are limited. inside : shape (point,). coverage : share of all points of interest
    that are inside. density : share of the points inside that are of interest. mass : share of all points inside.
    """

    limits: Limits
    inside: Bools
    coverage: float
    density: float
    mass: float


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points and which of them are of interest: columns by factor and `interest`, each of shape (point,)."""

    columns: Mapping[str, Any]
    interest: Bools

    @classmethod
    def of(cls, table: pd.DataFrame, interest: Bools) -> Points:
        """Those of a table, a column a factor that varies; SelectionError where none does."""
        columns = {str(name): table[name].to_numpy() for name in table}
        varying = {name: values for name, values in columns.items() if len(set(values.tolist())) > 1}
        if not varying:
            raise SelectionError(f"no factor varies over the points (of {listed(columns) or 'none'}); let some vary")
        return cls(varying, interest)

    def alone(self) -> dict[str, float]:
        """p-values of values as unlike in the points of interest and the others: KS test; of no numbers chi-square."""
        from scipy.stats import chi2_contingency, ks_2samp

        found = {}
        for name, column in self.columns.items():
            parts = column[self.interest], column[~self.interest]
            if column.dtype.kind in NUMBERS:
                found[name] = float(ks_2samp(*parts, method="asymp")[1])
            else:
                counts = [[np.sum(part == one) for one in set(column)] for part in parts]
                found[name] = float(chi2_contingency(counts, correction=False)[1])
        return found

    def telling(self) -> Points:
        """These with the factors that tell something `alone`, at a significance that all share."""
        limit = SIGNIFICANT / max(len(self.columns), 1)
        return Points({name: self.columns[name] for name, p in self.alone().items() if p <= limit}, self.interest)

    def box(self, limits: Limits) -> Box:
        """The box of some limits; a number on a bound is inside."""
        limits = {name: limit for name, limit in limits.items() if limit != ENDLESS}
        inside = np.ones(len(self.interest), bool)
        for name, limit in limits.items():
            column = self.columns[name]
            if isinstance(limit, tuple):
                inside &= (column >= limit[0]) & (column <= limit[1])
            else:
                inside &= np.isin(column, [*limit])
        held, count = int((inside & self.interest).sum()), int(inside.sum())
        return Box(limits, inside, held / int(self.interest.sum()), held / max(count, 1), count / len(inside))

    def peel(self, *, alpha: float = ALPHA, least_mass: float = ALPHA) -> list[Box]:
        """Boxes from the whole to the densest, each a slice less than the one before.

        A slice is a share `alpha` of the box from one end of a number, or one value of another factor; the next box
        that of the greatest gain of density a point lost (the lenient objective). In the end limits are moved outwards.
        """
        found = [self.box({})]
        for moves in (self._peels, self._pastes):
            while better := self._best(found[-1], moves(found[-1], alpha), least_mass):
                found.append(better)
        return found

    def _best(self, now: Box, moves: Iterator[Limits], least_mass: float) -> Box | None:
        """The box that raises the density most for each point that comes or goes; None if none does."""

        def worth(one: Box) -> tuple[float, int]:
            return (one.density - now.density) / abs(one.mass - now.mass), -len(one.limits)

        others = [one for limits in moves if (one := self.box(limits)).mass >= least_mass]
        return max((one for one in others if one.density > now.density), key=worth, default=None)

    def _peels(self, box: Box, alpha: float) -> Iterator[Limits]:
        for name, column in self.columns.items():
            values = np.sort(column[box.inside])
            if column.dtype.kind not in NUMBERS:
                left = frozenset(values.tolist())
                yield from ({**box.limits, name: left - {one}} for one in sorted(left) if len(left) > 1)
                continue
            (low, high), taken = box.limits.get(name, ENDLESS), math.ceil(alpha * len(values))
            above = int(np.searchsorted(values, values[taken - 1], side="right"))
            below = int(np.searchsorted(values, values[-taken]))
            if above < len(values):
                yield {**box.limits, name: (float(values[above - 1 : above + 1].mean()), high)}
            if below > 0:
                yield {**box.limits, name: (low, float(values[below - 1 : below + 1].mean()))}

    def _pastes(self, box: Box, alpha: float) -> Iterator[Limits]:
        size = max(1, round(alpha * int(box.inside.sum())))
        for name, limit in box.limits.items():
            free = self.columns[name][self.box(_less(box.limits, name)).inside]
            if isinstance(limit, frozenset):
                yield from ({**box.limits, name: limit | {one}} for one in sorted(frozenset(free.tolist()) - limit))
                continue
            below, above = np.sort(free[free < limit[0]]), np.sort(free[free > limit[1]])
            if below.size:
                yield {**box.limits, name: (float(below[-size]) if below.size > size else -np.inf, limit[1])}
            if above.size:
                yield {**box.limits, name: (limit[0], float(above[size - 1]) if above.size > size else np.inf)}

    def quasi_p(self, box: Box) -> dict[str, float]:
        """Chance that as many or more of as many points from the box without the limit are of interest, by factor."""
        from scipy.stats import binom

        held, count = int((box.inside & self.interest).sum()), int(box.inside.sum())
        rest = {name: self.box(_less(box.limits, name)).density for name in box.limits}
        return {name: float(binom.sf(held - 1, count, density)) for name, density in rest.items()}

    def simplified(self, box: Box, significance: float = SIGNIFICANT) -> Box:
        """The box without limits whose quasi-p-value is above `significance`, dropped one by one, the worst first."""
        while box.limits:
            found = self.quasi_p(box)
            worst = max(found, key=lambda name: found[name])
            if found[worst] <= significance:
                break
            box = self.box(_less(box.limits, worst))
        return box


def search(points: Points) -> tuple[list[Box], int]:
    """The trajectory of the factors that tell, and the number of its best box.

    Where a limit of the best box may be luck the box is sought anew without its factor, whose slices go to others.
    """
    while True:
        trajectory = points.peel()
        number = best_of(trajectory)
        limits = points.simplified(trajectory[number]).limits
        if limits.keys() == trajectory[number].limits.keys():
            return trajectory, number
        points = Points({name: points.columns[name] for name in limits}, points.interest)


def _less(limits: Limits, name: str) -> Limits:
    return {key: limit for key, limit in limits.items() if key != name}


def best_of(trajectory: Sequence[Box]) -> int:
    """Number of the box of a trajectory with the greatest coverage less mass.

    Assumption: a default needs one measure. This one is the weighted relative accuracy of a rule (Lavrač et al. 1999),
    over the share of all points that are of interest; it is 0 for all points and for a box drawn by lot.
    """
    return int(np.argmax([box.coverage - box.mass for box in trajectory]))


def uncertain(scenario: Scenario) -> dict[str, Distribution]:
    """The uncertain numbers of a scenario at its start, by path. What a later change draws counts as luck."""
    sources = {one.path: one.value for one in world_of(scenario).sources}
    return {path: value for path, value in sources.items() if isinstance(value, Distribution)}


def changes(scenario: Scenario) -> dict[str, tuple[int, list[str]]]:
    """Place and the ways' labels of each change that may turn out in several ways, by its label or `changes.0`."""
    every, called, found = scenario.file.changes, scenario.file.called, {}
    labels = [one.label for one in every]
    for place, one in enumerate(every):
        name = one.label if one.label and labels.count(one.label) == 1 else f"changes.{place}"
        ways = [way.label or called(way.leader or "") or f"alternative {row + 1}" for row, way in enumerate(one.one_of)]
        found[name] = place, ways
    return {name: each for name, each in found.items() if len(each[1]) > 1}


def drawn(scenario: Scenario, streams: RandomStreams) -> pd.DataFrame:
    """What the runs of these streams draw: the uncertain numbers by path, and how changes turn out, by label."""
    (settings, _), luck = first_numbers(world_of(scenario), streams), streams_of(scenario.file.changes)
    columns: dict[str, Any] = {path: settings.get(path) for path in uncertain(scenario)}
    for name, (place, ways) in changes(scenario).items():
        chances = [one.chance for one in scenario.file.changes[place].one_of]
        columns[name] = np.array(ways, object)[alternative(luck[place], chances, streams)]
    return pd.DataFrame(columns, pd.RangeIndex(streams.first_run, streams.first_run + streams.runs, name="run"))


def confined(scenario: Scenario, limits: Limits) -> Scenario:
    """The scenario confined to limits of what it draws.

    A number keeps its distribution, cut at the limits. Of `joint` lists all keep the places at which every limited one
    lies within its limits, so that what belongs together stays so. A change keeps the ways that are left, with chances
    in the same proportion.
    """
    numbers = {path: parse(one) for path, one in uncertain(scenario).items()}
    joint = {path: one for path, one in numbers.items() if one.family == "joint"}
    ranges = {path: limit for path, limit in limits.items() if isinstance(limit, tuple)}
    found: dict[str, Any] = {path: numbers[path].confined(*ranges[path]) for path in ranges if path not in joint}
    if tied := ranges.keys() & joint.keys():
        if len({len(one.values) for one in joint.values()}) > 1:
            raise SelectionError("the joint lists of this scenario are of unlike length: no place is the same in all")
        bounds = [(np.array(joint[path].values), *ranges[path]) for path in tied]
        kept = np.flatnonzero(np.all([(low <= values) & (values <= high) for values, low, high in bounds], axis=0))
        for path, one in joint.items():
            left = [one.values[at] for at in kept]
            has_estimate = one.estimate is not None and min(left) <= one.estimate <= max(left)
            found[path] = {"joint": left} | ({ESTIMATE: one.estimate} if has_estimate else {})
    every = [one.model_dump(mode="json", by_alias=True, exclude_unset=True) for one in scenario.file.changes]
    for name, (place, labels) in changes(scenario).items():
        if name in limits:
            rest = [way for way, label in zip(every[place]["one_of"], labels, strict=True) if label in limits[name]]
            total = sum(way["chance"] for way in rest)
            every[place]["one_of"] = [{**way, "chance": way["chance"] / total} for way in rest]
            found["changes"] = every
    return by_itself(scenario).with_values(found)  # where an outlook's changes would else come again


@dataclass(frozen=True, slots=True, eq=False)
class Discovery(Tabled):
    """A box of the uncertain numbers within which what is of interest is more frequent; `ts.discover` makes one.

    given : the scenario. results : the runs looked at, in which others may vary too. points : what each run drew, run
    by factor. interest : which runs are of interest, shape (run,). what : that in words. boxes : the trajectory.
    number : of the box on it, which has no limit where none was found. quasi_p : of its limits, by factor. confirmed :
    share of interest among so many new runs within the box, or None where none were made.

    Examples
    --------
    >>> import tensionsim as ts
    >>> over = {"actors.norland.stances.fisheries": "0:1"}
    >>> d = ts.discover("norland-suderia", of="fisheries", below=50, over=over, runs=400, confirm=0)
    >>> d.points.columns.tolist()
    ['actors.norland.stances.fisheries', 'actors.suderia.stances.water']
    >>> d.table.columns.tolist()
    ['factor', 'low', 'high', 'values', 'quasi_p']
    """

    given: Scenario
    results: Results
    points: pd.DataFrame
    interest: Bools
    what: str
    boxes: tuple[Box, ...]
    number: int
    quasi_p: Mapping[str, float]
    confirmed: tuple[float, int] | None = None

    def __repr__(self) -> str:
        runs = f"{len(self.interest):,} runs of {self.given.name!r}"
        return f"<Discovery of {self.what} in {runs}: {self.note or self.said()}>"

    @property
    def box(self) -> Box:
        """The box."""
        return self.boxes[self.number]

    @property
    def table(self) -> pd.DataFrame:
        """The limits: one row a limit, `low` and `high` or the `values` left, and its quasi-p-value."""
        rows = []
        for name, limit in self.box.limits.items():
            ends = (*limit, "") if isinstance(limit, tuple) else (np.nan, np.nan, ", ".join(sorted(limit)))
            rows.append((name, *ends, self.quasi_p[name]))
        return pd.DataFrame(rows, columns=["factor", "low", "high", "values", "quasi_p"])

    def trajectory(self) -> pd.DataFrame:
        """The boxes from the whole on: coverage, density, mass (shares) and the number of limits."""
        rows = [(one.coverage, one.density, one.mass, len(one.limits)) for one in self.boxes]
        return pd.DataFrame(rows, columns=["coverage", "density", "mass", "limits"]).rename_axis("box")

    def scenario(self) -> Scenario:
        """The scenario confined to the box; its runs draw the uncertain numbers from within."""
        return confined(self.results.scenario, self.box.limits)

    def write(self, path: str | Path) -> Path:
        """Writes the box as a scenario file that runs by itself; TensionSimError if one is there, or no box is."""
        path = Path(path)
        check_target(None, path)
        if self.note:
            raise SelectionError(self.note)
        about = f"{self.given.name} within a box: {self.said()}"
        if self.confirmed is not None:
            about += f"; in {100 * self.confirmed[0]:.0f} % of {self.confirmed[1]:,} new runs within it"
            about += "" if self.is_confirmed() else ", which is no sure sign"
        head = textwrap.fill(about, 120, initial_indent="# ", subsequent_indent="# ")
        text = self.scenario().with_values({"title": f"{self.given.title}, within a box"[:200]}).text
        write_whole(path, f"{head}\n{text}".encode())
        return path

    @property
    def note(self) -> str:
        """What is said where no box was found; else empty."""
        if self.box.limits:
            return ""
        words = "no limit on any factor holds more of interest than all runs do, beyond luck"
        return f"no box: {words}; ask for more runs, or let other numbers vary"

    def said(self) -> str:
        """What the box holds, in a sentence."""
        return (
            f"{self.what} in {100 * self.box.density:.0f} % of its runs ({100 * self.interest.mean():.0f} % of all), "
            f"with {100 * self.box.coverage:.0f} % of all such runs in {100 * self.box.mass:.0f} % of the runs"
        )

    def is_confirmed(self) -> bool | None:
        """Whether new runs within it have more of interest than all runs, by two standard errors; None: not made."""
        if self.confirmed is None:
            return None
        share, (density, runs) = float(self.interest.mean()), self.confirmed
        middle = (density * runs + 2.0) / (runs + 4.0)  # so that none or all of a few is not certain (Agresti & Coull)
        spread = middle * (1.0 - middle) / (runs + 4.0) + share * (1.0 - share) / len(self.interest)
        return middle - share > 2.0 * math.sqrt(spread)

    def summary(self) -> dict[str, Any]:
        """What `tensionsim discover --json` prints: plain numbers, texts and lists."""
        limits = {row["factor"]: row for row in self.table.to_dict("records")}
        for name, limit in self.box.limits.items():
            limits[name]["within"] = in_words(limit)
        words = ("density", "runs", "is_confirmed")
        new = self.confirmed and dict(zip(words, (*self.confirmed, self.is_confirmed()), strict=True))
        path = self.trajectory().to_dict("records")
        box = {"number": self.number, **path[self.number]}
        return {
            "title": title(self.results.scenario),
            "of": self.what,
            "runs": len(self.interest),
            "seed": self.results.seed,
            "share": float(self.interest.mean()),
            "factors": list(self.points.columns),
            "box": None if self.note else plain({**box, "confirmed": new, "limits": limits}),
            "note": self.note,
            "trajectory": plain(path),
            "provenance": {"scenario_sha256": self.results.scenario.sha256},
        }


def in_words(limit: Limit) -> str:
    """A limit as tables show it."""
    if isinstance(limit, frozenset):
        return " or ".join(sorted(map(str, limit)))
    low, high = limit
    if np.isinf(low):
        return f"at most {high:.3g}"
    return f"at least {low:.3g}" if np.isinf(high) else f"{low:.3g} to {high:.3g}"


def interest_of(
    results: Results, of: str, never: bool, below: float | None, above: float | None, date: Day | None
) -> tuple[Bools, str]:
    """Which runs are of interest, shape (run,), and that in words; SelectionError where nothing is called so."""
    asked = target(results, of, date)
    values, name = asked.of(results), asked.quantity.removeprefix("the mean ")
    if (asked.unit == "points") != ((below is None) != (above is None)):
        raise SelectionError("one bound, below or above, goes with the index or an issue, and with nothing else")
    if below is not None:
        holds, what = values < below, f"{name} below {below:g}"
    elif above is not None:
        holds, what = values > above, f"{name} above {above:g}"
    else:
        holds, what = values > 0.0, name.replace("'", "").removeprefix("the share of runs ").removeprefix("with ")
    return (~holds, f"no {what}") if never else (holds, what)


def discover(
    scenario: Scenario | Results | str | Path,
    *,
    of: str | None = None,
    never: bool = False,
    below: float | None = None,
    above: float | None = None,
    date: Day | None = None,
    over: Over = None,
    runs: int = 4000,
    seed: int = 0,
    box: int | None = None,
    confirm: int = 1000,
    jobs: Jobs = 1,
    progress: bool = False,
) -> Discovery:
    """Within which limits of the uncertain numbers an event, a regime or a low index comes about (PRIM).

    Assumption: of factors that tell nothing by themselves luck would cut slices. They are left out: those whose values
    are no more unlike in the runs of interest and in the others than luck makes them, at 5 % for all together.

    Parameters
    ----------
    scenario
        A Scenario, a path, the name of a shipped one, or Results with what a summary needs.
    of, date
        What is of interest, as `effects` takes it: an event (by the date), a regime (on it), "index" or an issue.
        Default: the scenario's first event that comes about in 5 to 95 % of the runs; with a bound the index.
    never
        Whether the other runs are of interest: those in which it is not so.
    below, above
        Of the index or an issue: the bound, 0..100.
    over
        What varies besides the scenario's own uncertain numbers, as `sensitivity` takes it.
    runs, seed
        Of the ensemble; of given Results their own.
    box
        Number of the box on the trajectory; default that of the greatest coverage less mass.
    confirm
        New runs within the box, which show its density without having been looked at; 0 for none.
    jobs, progress
        As of `run`.

    Raises
    ------
    ScenarioError
        If the scenario, or what varies, cannot be used.
    SelectionError
        If there is no such event, nothing varies, or all runs or none are of interest.

    Examples
    --------
    >>> import tensionsim as ts
    >>> over = {"actors.norland.stances.fisheries": "0:1"}
    >>> d = ts.discover("norland-suderia", of="fisheries", below=50, over=over, runs=400, confirm=200)
    >>> d.is_confirmed(), d.table["factor"][0]
    (True, 'actors.norland.stances.fisheries')
    """
    whole("confirm", confirm)
    if isinstance(scenario, Results):
        if over:
            raise SelectionError("nothing varies in Results any more but what they drew; give a scenario with `over`")
        given, results = scenario.scenario, scenario
    else:
        varied = given = scenario_of(scenario)
        if over:
            varied, factors = with_factors(given, over)
            if lost := [one.name for one, of in factors.items() if not isinstance(of, UncertainNumber)]:
                raise SelectionError(f"{listed(lost)}: only numbers vary here, and these are none; run a scenario each")
        results = run(varied, runs=runs, seed=seed, keep="summary", jobs=jobs, progress=progress)
    shares = {} if results.keep == "index" else results.events["probability"]
    some = {name: share for name, share in shares.items() if 0.05 <= share <= 0.95}
    if of is None:
        of = next(iter(some), "crisis") if below is None and above is None else "index"
    interest, what = interest_of(results, of, never, below, above, date)
    if interest.all() or not interest.any():
        asked = [f"{name} ({100.0 * share:.0f} %)" for name, share in some.items()]
        others = [*asked, f"the index below {results.paths.iloc[-1].median():.0f} (half of the runs at the end)"]
        words = f"{'all' if interest.any() else 'none'} of {len(interest):,} runs, so there is nothing to tell apart"
        raise SelectionError(f"{what}: in {words}; ask for {' or '.join(others)}")
    table = drawn(results.scenario, RandomStreams(results.seed, results.first_run, results.runs))
    points = Points.of(table, interest)
    boxes, best = search(points.telling())
    number = best if box is None else box
    if number >= len(boxes):
        raise SelectionError(f"there is no box {number} on the trajectory; there are 0 to {len(boxes) - 1}")
    chosen, new = boxes[number], None
    if confirm and chosen.limits:
        first, fresh = results.first_run + results.runs, confined(results.scenario, chosen.limits)
        kept = run(fresh, runs=confirm, seed=results.seed, first_run=first, keep="summary", jobs=jobs)
        new = (float(interest_of(kept, of, never, below, above, date)[0].mean()), confirm)
    return Discovery(given, results, table, interest, what, tuple(boxes), number, points.quasi_p(chosen), new)
