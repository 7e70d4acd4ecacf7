"""Scenario discovery: within which limits of the uncertain numbers something comes about, and that as a scenario.

Every run draws the uncertain numbers anew, so an ensemble is a sample of all futures: nothing is run twice.
"""

from __future__ import annotations

import dataclasses
import math
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.analysis.worlds import Day, Target, target
from tensionsim.engine.calendar import alternative
from tensionsim.engine.simulation import first_numbers
from tensionsim.errors import SelectionError, whole
from tensionsim.estimation.fit import check_target, extended_by
from tensionsim.futures.boxes import ALPHA, SIGNIFICANT, Box, Limit, Points, search
from tensionsim.model.record import Bools
from tensionsim.rng import RandomStreams
from tensionsim.runs.results import Results
from tensionsim.runs.run import Jobs, run, world_of
from tensionsim.runs.statistics import plain, title, tree_of
from tensionsim.runs.store import write_whole
from tensionsim.scenario.design import draft_of
from tensionsim.scenario.distributions import ESTIMATE, UncertainNumber, parse
from tensionsim.scenario.paths import parse_path
from tensionsim.scenario.scenario import Scenario, from_text, load, scenario_of, streams_of
from tensionsim.scenario.schema import Distribution
from tensionsim.scenario.yaml_tree import Report, listed, meant, write

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 118
LONG_LIST = re.compile(r"^( *)joint:((?:\n *- [-+.e0-9]+)+)$", re.MULTILINE)
"""A list of draws as it is written otherwise: a line a number."""


def uncertain(scenario: Scenario) -> dict[str, UncertainNumber]:
    """The uncertain numbers of a scenario at its start, by path. What a later change draws counts as luck."""
    sources = {one.path: one.value for one in world_of(scenario).sources}
    return {path: parse(value) for path, value in sources.items() if isinstance(value, Distribution)}


def changes(scenario: Scenario) -> dict[str, int]:
    """Place in the file of each change that may turn out in several ways, by its label, or `changes.0`."""
    labels = [one.label for one in scenario.file.changes]
    names = [one if one and labels.count(one) == 1 else f"changes.{place}" for place, one in enumerate(labels)]
    return {name: place for place, name in enumerate(names) if len(scenario.file.changes[place].one_of) > 1}


def drawn(scenario: Scenario, streams: RandomStreams) -> pd.DataFrame:
    """What the runs of these streams draw: the uncertain numbers by path, and how changes turn out, by label."""
    import pandas as pd

    settings, _ = first_numbers(world_of(scenario), streams)
    columns: dict[str, Any] = {path: settings.get(path) for path in uncertain(scenario)}
    luck = streams_of(scenario.file.changes)
    for name, place in changes(scenario).items():
        ways = scenario.file.changes[place].one_of
        words = np.array(_labels(scenario, place), object)
        columns[name] = words[alternative(luck[place], [one.chance for one in ways], streams)]
    return pd.DataFrame(columns, pd.RangeIndex(streams.first_run, streams.first_run + streams.runs, name="run"))


def _labels(scenario: Scenario, place: int) -> list[str]:
    ways = scenario.file.changes[place].one_of
    return [one.label or one.leader or f"alternative {row + 1}" for row, one in enumerate(ways)]


def confined(scenario: Scenario, limits: Mapping[str, Limit]) -> dict[str, Any]:
    """Values by path that confine a scenario to limits of what it draws.

    A number keeps its distribution, cut at the limits. Of `joint` lists all keep the places at which every limited one
    lies within its limits, so that what belongs together stays so. A change keeps the ways that are left, with chances
    in the same proportion.
    """
    numbers, places = uncertain(scenario), changes(scenario)
    joint = {path: one for path, one in numbers.items() if one.family == "joint"}
    limited = {path: limit for path, limit in limits.items() if isinstance(limit, tuple)}
    found: dict[str, Any] = {}
    for path, (low, high) in limited.items():
        if path not in joint:
            found[path] = numbers[path].confined(low, high)
    if limited.keys() & joint.keys():
        if len({len(one.values) for one in joint.values()}) > 1:
            raise SelectionError("the joint lists of this scenario are of unlike length: no place is the same in all")
        length = len(next(iter(joint.values())).values)
        bounds = [(joint[path].values, *limit) for path, limit in limited.items() if path in joint]
        kept = [at for at in range(length) if all(low <= values[at] <= high for values, low, high in bounds)]
        for path, one in joint.items():
            found[path] = {"joint": [one.values[at] for at in kept]}
            if one.estimate is not None and min(found[path]["joint"]) <= one.estimate <= max(found[path]["joint"]):
                found[path][ESTIMATE] = one.estimate
    whole_list = [one.model_dump(mode="json", by_alias=True, exclude_unset=True) for one in scenario.file.changes]
    for name, limit in limits.items():
        if isinstance(limit, frozenset):
            ways = whole_list[places[name]]["one_of"]
            left = [way for way, label in zip(ways, _labels(scenario, places[name]), strict=True) if label in limit]
            total = sum(way["chance"] for way in left)
            whole_list[places[name]]["one_of"] = [{**way, "chance": way["chance"] / total} for way in left]
            found["changes"] = whole_list
    return found


def inside(scenario: Scenario, limits: Mapping[str, Limit]) -> Scenario:
    """The scenario confined to limits of what it draws."""
    if scenario.outlook is not None:  # whose changes would else come again after those that are set
        whole_one = from_text(scenario.text, scenario.name, scenario.mechanisms)
        scenario = whole_one.with_code(agents=scenario.agents)
    return scenario.with_values(confined(scenario, limits))


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A box, the trajectory that it was chosen on, and what runs within it show.

    number : of the box chosen on the trajectory. quasi_p : of each limit. confirmed : share of interest among so many
    new runs within the box, or None where none were made.
    """

    trajectory: tuple[Box, ...]
    number: int
    box: Box
    quasi_p: Mapping[str, float]
    confirmed: tuple[float, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Discovery:
    """Boxes of the uncertain numbers within which what is of interest is more frequent; `ts.discover` makes one.

    given : the scenario, and `values` what varied besides, by path. results : the runs looked at. points : what each
    run drew, run by factor. interest : which runs are of interest, shape (run,). what : that in words. found : a box
    each, every one sought where those before it left off.

    Examples
    --------
    >>> import tensionsim as ts
    >>> over = {"actors.norland.stances.fisheries": "0:1"}
    >>> d = ts.discover("norland-suderia", of="fisheries", below=50, over=over, runs=400, confirm=0)
    >>> d.points.columns.tolist()
    ['actors.norland.stances.fisheries', 'actors.suderia.stances.water']
    >>> d.table.columns.tolist()
    ['box', 'factor', 'low', 'high', 'values', 'quasi_p']
    """

    given: Scenario
    values: Mapping[str, object]
    results: Results
    points: pd.DataFrame
    interest: Bools
    what: str
    found: tuple[Found, ...]

    def __repr__(self) -> str:
        return (
            f"<Discovery of {self.what} in {len(self.interest):,} runs of {self.given.name!r}, {len(self.found)} found>"
        )

    @property
    def table(self) -> pd.DataFrame:
        """The limits of each box: one row a limit, `low` and `high` or the `values` left, and its quasi-p-value."""
        import pandas as pd

        rows = []
        for number, one in enumerate(self.found):
            for name, limit in one.box.limits.items():
                ends = limit if isinstance(limit, tuple) else (np.nan, np.nan)
                left = "" if isinstance(limit, tuple) else ", ".join(sorted(map(str, limit)))
                rows.append((number, name, *ends, left, one.quasi_p[name]))
        return pd.DataFrame(rows, columns=["box", "factor", "low", "high", "values", "quasi_p"])

    def trajectory(self, number: int = 0) -> pd.DataFrame:
        """The boxes of a trajectory, from the whole on: coverage, density, mass (shares) and the number of limits."""
        import pandas as pd

        rows = [(one.coverage, one.density, one.mass, len(one.limits)) for one in self.found[number].trajectory]
        return pd.DataFrame(rows, columns=["coverage", "density", "mass", "limits"]).rename_axis("box")

    def scenario(self, number: int = 0) -> Scenario:
        """The scenario confined to a box; its runs draw the uncertain numbers from within."""
        return inside(self.results.scenario, self.found[number].box.limits)

    def write(self, path: str | Path, number: int = 0) -> Path:
        """Writes a box as a scenario file that runs, whole or not at all; returns its path.

        It extends the given scenario, which must be a shipped one or lie in the file's folder or below; one that is no
        file as it stands (with values set, an outlook, from a folder of other files) is written whole.

        Raises
        ------
        TensionSimError
            If there is something already, or the scenario cannot be extended from there.
        """
        path = Path(path)
        check_target(self.given, path)
        base, values = extended_by(self.given, path), confined(self.results.scenario, self.found[number].box.limits)
        if base is not None and load(self.given.path).sha256 != self.given.sha256:
            base = None
        name = f"{self.given.title}, within a box"[:200]
        text = self.scenario(number).text
        if base is not None:
            cells = {parse_path(key): value for key, value in (dict(self.values) | values).items()}
            text = write({"tensionsim": 1, "extends": base, "title": name, **tree_of(cells.items())})
        text = LONG_LIST.sub(_on_few_lines, text)
        about = textwrap.wrap(f"{self.given.name} within a box: {self.said(number)}", WIDTH)
        write_whole(path, "".join(f"# {line}\n" for line in about).encode() + text.encode())
        return path

    def said(self, number: int = 0) -> str:
        """What a box holds, in a sentence."""
        box = self.found[number].box
        return (
            f"{self.what} in {100 * box.density:.0f} % of its runs ({100 * self.interest.mean():.0f} % of all), "
            f"with {100 * box.coverage:.0f} % of all such runs in {100 * box.mass:.0f} % of the runs"
        )

    def is_confirmed(self, number: int = 0) -> bool | None:
        """Whether new runs within a box have more of interest than all runs, by two standard errors; None: not made."""
        if (new := self.found[number].confirmed) is None:
            return None
        share, (density, runs) = float(self.interest.mean()), new
        error = math.sqrt(density * (1.0 - density) / runs + share * (1.0 - share) / len(self.interest))
        return density - share > 2.0 * error

    def summary(self) -> dict[str, Any]:
        """What `tensionsim discover --json` prints: plain numbers, texts and lists."""
        boxes = []
        for number, one in enumerate(self.found):
            limits = {}
            for name, limit in one.box.limits.items():
                low, high = limit if isinstance(limit, tuple) else (None, None)
                left = None if isinstance(limit, tuple) else sorted(limit)
                told = {"within": in_words(limit), "low": low, "high": high, "values": left}
                limits[name] = told | {"quasi_p": one.quasi_p[name]}
            words = ("density", "runs", "is_confirmed")
            new = one.confirmed and dict(zip(words, (*one.confirmed, self.is_confirmed(number)), strict=True))
            shares = {name: getattr(one.box, name) for name in ("coverage", "density", "mass")}
            path = self.trajectory(number).reset_index().to_dict("records")
            boxes.append({"number": one.number, **shares, "confirmed": new, "limits": limits, "trajectory": path})
        return {
            "title": title(self.results.scenario),
            "of": self.what,
            "runs": len(self.interest),
            "seed": self.results.seed,
            "share": float(self.interest.mean()),
            "factors": list(self.points.columns),
            "boxes": plain(boxes),
            "provenance": {"scenario_sha256": self.results.scenario.sha256},
        }


def _on_few_lines(found: re.Match[str]) -> str:
    pad, numbers = found[1], ", ".join(re.findall(r"[-+.e0-9]+", re.sub(r"\n *- ", "\n", found[2])))
    lines = textwrap.wrap(numbers, WIDTH - len(pad))
    return "\n".join([f"{pad}joint: [", *(f"{pad}  {line}" for line in lines), f"{pad}]"])


def in_words(limit: Limit) -> str:
    """A limit as tables show it."""
    if isinstance(limit, frozenset):
        return " or ".join(sorted(map(str, limit)))
    low, high = limit
    if np.isinf(low):
        return f"at most {high:.3g}"
    return f"at least {low:.3g}" if np.isinf(high) else f"{low:.3g} to {high:.3g}"


def varied(scenario: Scenario, over: Mapping[str, Any] | None) -> dict[str, object]:
    """What a scenario states where some of its numbers vary besides: distributions by path.

    over : values by path as a design has them: "0.2:1.0", a distribution, or a list of numbers. ScenarioError, with
    every problem, where they are none.
    """
    report = Report()
    design = draft_of({"method": "lhs", "points": 2, "over": over}, report) if over else None
    found: dict[str, object] = {}
    for one in design.factors if design else ():
        if one.family is not None:
            found[one.path] = {one.family.family: list(one.family.values)}
        elif all(type(level) in (int, float) for level in one.levels):
            found[one.path] = {"choice": list(one.levels)}
        else:
            report.add(one.location, "only numbers vary here, and these are none; run a scenario of each")
    if over and (design is None or len(report)):
        report.stop()
    scenario.with_values(found)
    return found


def interest_of(
    results: Results, of: str, never: bool, below: float | None, above: float | None, date: Day | None
) -> tuple[Bools, str]:
    """Which runs are of interest, shape (run,), and that in words; SelectionError where nothing is called so."""
    asked: Target = target(results, of, date)
    values = asked.of(results)
    if (asked.unit == "points") != ((below is None) != (above is None)):
        raise SelectionError("one bound, below or above, goes with the index or an issue, and with nothing else")
    if below is not None:
        holds, what = values < below, f"{asked.quantity.removeprefix('the mean ')} below {below:g}"
    elif above is not None:
        holds, what = values > above, f"{asked.quantity.removeprefix('the mean ')} above {above:g}"
    else:
        holds = values > 0.0
        what = asked.quantity.replace("'", "").removeprefix("the share of runs ").removeprefix("with ")
    return (~holds, f"no {what}") if never else (holds, what)


def discover(
    scenario: Scenario | Results | str | Path,
    *,
    of: str = "crisis",
    never: bool = False,
    below: float | None = None,
    above: float | None = None,
    date: Day | None = None,
    over: Mapping[str, Any] | None = None,
    factors: Iterable[str] | None = None,
    runs: int = 4000,
    seed: int = 0,
    boxes: int = 1,
    box: int | None = None,
    alpha: float = ALPHA,
    least_mass: float = ALPHA,
    significance: float = SIGNIFICANT,
    confirm: int = 1000,
    jobs: Jobs = 1,
    progress: bool = False,
) -> Discovery:
    """Within which limits of the uncertain numbers an event, a regime or a low index comes about (PRIM).

    Assumption: of factors that tell nothing by themselves luck would cut slices; they are left out where none is named.

    Parameters
    ----------
    scenario
        A Scenario, a path, the name of a shipped one, or Results with what a summary needs.
    of, date
        What is of interest, as `effects` takes it: an event (by the date), a regime (on it), "index" or an issue.
    never
        Whether the other runs are of interest: those in which it is not so.
    below, above
        Of the index or an issue: the bound, 0..100.
    over
        What varies besides the scenario's own uncertain numbers, by path: "0.2:1.0", a distribution, a list of numbers.
    factors
        Names of the factors that a box may limit; default those whose values are unlike in the runs of interest and in
        the others, at the `significance`, which all share.
    runs, seed
        Of the ensemble; of given Results their own.
    boxes
        How many are sought at most: the next among the runs that those before it leave over.
    box
        Number of the box on the first trajectory; default that of the greatest coverage less mass.
    alpha, least_mass
        Share of a box that a slice takes, and of the runs that a box keeps at least; both in (0, 0.5].
    significance
        Limits with a greater quasi-p-value are dropped, and the box sought anew without their factors; 1 keeps all.
    confirm
        New runs within each box, which show its density without having been looked at; 0 for none.
    jobs, progress
        As of `run`.

    Raises
    ------
    ScenarioError
        If the scenario, or what varies, cannot be used.
    SelectionError
        If there is no such event or factor, nothing varies, all runs or none are of interest, or no box is found.

    Examples
    --------
    >>> import tensionsim as ts
    >>> over = {"actors.norland.stances.fisheries": "0:1"}
    >>> d = ts.discover("norland-suderia", of="fisheries", below=50, over=over, runs=400, confirm=200)
    >>> d.is_confirmed(), d.table["factor"][0]
    (True, 'actors.norland.stances.fisheries')
    """
    whole("boxes", boxes, least=1)
    whole("confirm", confirm)
    for name, share in (("alpha", alpha), ("least_mass", least_mass)):
        if not 0.0 < share <= 0.5:
            raise ValueError(f"{name} must be above 0 and at most 0.5; got {share}")
    if isinstance(scenario, Results):
        if over:
            raise SelectionError("nothing varies in Results any more but what they drew; give a scenario with `over`")
        given, values, results = scenario.scenario, {}, scenario
    else:
        given = scenario_of(scenario)
        values = varied(given, over)
        results = run(given.with_values(values), runs=runs, seed=seed, keep="summary", jobs=jobs, progress=progress)
    interest, what = interest_of(results, of, never, below, above, date)
    if interest.all() or not interest.any():
        count = "all" if interest.any() else "none"
        raise SelectionError(f"{what}: in {count} of {results.runs:,} runs, so there is nothing to tell apart")
    table = drawn(results.scenario, RandomStreams(results.seed, results.first_run, results.runs))
    points = Points.of(table[_chosen(table, factors)], interest)
    found = []
    sought = points if factors is not None else points.telling(significance)
    for one in _covering(sought, boxes, box, {"alpha": alpha, "least_mass": least_mass}, significance):
        new = None
        if confirm:
            first, fresh = results.first_run + results.runs, inside(results.scenario, one.box.limits)
            kept = run(fresh, runs=confirm, seed=results.seed, first_run=first, keep="summary", jobs=jobs)
            new = (float(interest_of(kept, of, never, below, above, date)[0].mean()), confirm)
        found.append(dataclasses.replace(one, confirmed=new))
    return Discovery(given, values, results, table, interest, what, tuple(found))


def _chosen(table: pd.DataFrame, factors: Iterable[str] | None) -> list[str]:
    """Names of the columns that a box may limit."""
    known = [str(name) for name in table]
    if not known:
        raise SelectionError("this scenario has no uncertain number; let some vary, as in over={path: '0.2:0.8'}")
    if factors is None:
        return known
    wanted = list(dict.fromkeys(factors))
    lost = [name for name in wanted if name not in known]
    if lost or not wanted:
        hints = [f"no factor {name!r}{meant(name, known) or '.'}" for name in lost]
        raise SelectionError("\n".join([*hints, f"There is {listed(known)}"]))
    return wanted


def _covering(
    points: Points, boxes: int, number: int | None, how: Mapping[str, float], significance: float
) -> list[Found]:
    """Boxes, each among the points that those before it leave over; SelectionError where there is not even one."""
    found: list[Found] = []
    among = np.ones(len(points.interest), bool)
    while len(found) < boxes and points.interest[among].any():
        kept, trajectory, chosen = search(points, among, significance, **how)
        if number is not None and not found:
            if number >= len(trajectory):
                raise SelectionError(
                    f"there is no box {number} on the trajectory; there are 0 to {len(trajectory) - 1}"
                )
            chosen = number
        if not (box := trajectory[chosen]).limits:
            break
        found.append(Found(tuple(trajectory), chosen, box, kept.quasi_p(box, among)))
        among = among & ~box.inside
    if not found:
        share = 100 * points.interest.mean()
        raise SelectionError(
            f"no box: no limit on any factor holds more of interest, beyond luck, than the {share:.0f} % of all runs; "
            "ask for more runs, or let other numbers vary"
        )
    return found
