"""Sweeps: an ensemble at every point of a design, all under the same luck."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, JsonValue

from tensionsim.errors import ScenarioError, StorageError, shown, whole
from tensionsim.model.mechanisms import Mechanism
from tensionsim.model.record import Dates, Keep
from tensionsim.notebook import as_html
from tensionsim.runs import parallel, store as folders
from tensionsim.runs.exchange import write_crate, write_xlsx
from tensionsim.runs.parallel import Mode
from tensionsim.runs.parts import RunsManifest
from tensionsim.runs.points import Point, base_of, points_checked, scenario_at
from tensionsim.runs.results import DECIMALS, labelled
from tensionsim.runs.run import Attach, Jobs, Workers, begun, check_agents, check_needs_no_code, fill, mode_of, run
from tensionsim.runs.statistics import STATISTICS, plain, settings, title
from tensionsim.scenario.code import absent
from tensionsim.scenario.design import Design, draft, draft_of, read_design, value_in_words
from tensionsim.scenario.scenario import Scenario, load, scenario_of
from tensionsim.scenario.yaml_tree import Report

if TYPE_CHECKING:
    import xarray as xr

    from tensionsim.runs.results import Results


Floats = NDArray[np.float64]

BY_COLUMN: Mapping[str, str] = {
    "index_mean": "mean index at the end, 0-100",
    "index_mean_se": "its Monte Carlo standard error, points",
    "index_q05": "index that 1 run in 20 ends below, 0-100",
    "index_median": "median index at the end, 0-100",
    "index_q95": "index that 1 run in 20 ends above, 0-100",
    "difference": "mean index at the end less that of the baseline point, run by run, points; none of other dates",
    "difference_se": "its standard error from the paired runs, points; none of other dates",
    "regime_*": "share of the runs that end in the regime, 0-1",
    "months_*": "mean months in the regime, of all rows after the start",
    "event_*": "share of the runs in which the event ever comes true, 0-1",
    "event_*_se": "its Monte Carlo standard error",
}
"""Columns of outcomes, a `*` standing for names."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What is kept of the ensemble at one point.

    values : numbers by column (see BY_COLUMN). dates : shape (date,). index : shape (date, statistic), 0..100.
    """

    values: Mapping[str, float]
    dates: Dates
    index: Floats


def outcome_of(results: Results, last: Floats) -> Outcome:
    """What is kept of an ensemble. last : the index of each run at the last date, shape (run,), 0..100."""
    quantiles = np.quantile(last, [0.05, 0.5, 0.95]).tolist()
    values = {"index_mean": float(last.mean()), "index_mean_se": _standard_error(last)}
    values |= dict(zip(("index_q05", "index_median", "index_q95"), quantiles, strict=True))
    index, shares = results.index, results.regimes
    values |= {f"regime_{name}": float(shares[name].iloc[-1]) for name in shares}
    values |= {f"months_{name}": float(shares[name].iloc[1:].sum()) * results.step_months for name in shares}
    events = results.events if "events" in results.record.kept else pd.DataFrame()
    for name, column in zip(events.index, event_columns(list(events.index)), strict=True):
        values[column] = float(events.loc[name, "probability"])
        values[f"{column}_se"] = float(events.loc[name, "standard_error"])
    table = np.array(index[list(STATISTICS)], np.float64)
    return Outcome(values, np.asarray(results.dates, "datetime64[D]"), table)


def event_columns(names: list[str]) -> list[str]:
    """Columns of events, as names that Python takes."""
    found: list[str] = []
    for name in names:
        column = f"event_{re.sub(r'[^0-9A-Za-z_]+', '_', name).strip('_')}"
        while column in found:
            column += "_"
        found.append(column)
    return found


def _standard_error(values: Floats) -> float:
    """Of the mean of independent runs; NaN of a single one."""
    return float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """Outcomes of the ensembles at all points of a design, each of as many runs under the same seed.

    What `difference` is, and where it is NaN, is told at `tensionsim.sweep`; its standard error is that of paired runs.

    scenario : what the points change. design : what is varied and how. points : the values of each point, in the order
    of the design's factors. seed, runs : of the ensemble at every point. baseline : number of the point that
    differences are taken from.

    Examples
    --------
    >>> import tensionsim as ts
    >>> over = {"actors.norland.rhetoric": [0.1, 0.9], "outlook": ["calm", "loud"]}
    >>> s = ts.sweep("norland-suderia", over=over, runs=5)
    >>> isinstance(s, ts.Sweep)
    True
    >>> s.table[["rhetoric", "outlook"]].values.tolist()
    [[0.1, 'calm'], [0.1, 'loud'], [0.9, 'calm'], [0.9, 'loud']]
    >>> float(s.table["difference"][0])
    0.0
    >>> again = ts.Sweep.open(s.save("sweeps/first"))
    >>> again.table.equals(s.table)
    True
    """

    scenario: Scenario
    design: Design
    points: Sequence[Point]
    seed: int
    runs: int
    baseline: int
    outcomes: Sequence[Outcome]

    def __repr__(self) -> str:
        names, count = ", ".join(self.design.names), len(self.points)
        over = f"{self.design.method} of {count} point{'' if count == 1 else 's'} over {names}"
        return f"<Sweep of {self.scenario.name!r}, {over}; {self.runs:,} runs each, seed {self.seed}>"

    def _repr_html_(self) -> str:
        return as_html(self, table=self.table)

    @property
    def table(self) -> pd.DataFrame:
        """One row a point: its number, its values, and what came out.

        Values that are lists or mappings are shown as texts. The columns of outcomes are explained in
        `.attrs["about"]`, the paths of the factors stand in `.attrs["paths"]`.
        """
        names = self.design.names
        columns: dict[str, Any] = {"point": np.arange(len(self.points))}
        for place, name in enumerate(names):
            columns[name] = _labels([point[place] for point in self.points])
        outcomes = list(dict.fromkeys(name for outcome in self.outcomes for name in outcome.values))
        for name in outcomes:
            columns[name] = np.array([outcome.values.get(name, np.nan) for outcome in self.outcomes], np.float64)
        found = pd.DataFrame(columns)
        kinds = {name: re.sub(r"^(regime|months|event)_.*?(_se)?$", r"\1_*\2", name) for name in outcomes}
        found.attrs["about"] = {name: BY_COLUMN[kind] for name, kind in kinds.items()}
        found.attrs["paths"] = {name: one.path for name, one in zip(names, self.design.factors, strict=True)}
        return found

    @property
    def index(self) -> pd.DataFrame:
        """The cooperation index by date at every point, 0..100: (point, date) by mean, q05, q25, median, q75, q95."""
        numbers = np.concatenate([np.full(len(one.dates), place) for place, one in enumerate(self.outcomes)])
        dates = np.concatenate([one.dates for one in self.outcomes])
        rows = pd.MultiIndex.from_arrays([numbers, pd.DatetimeIndex(dates)], names=["point", "date"])
        values = np.concatenate([one.index for one in self.outcomes])
        return pd.DataFrame(values, rows, pd.Index(STATISTICS, name="statistic"))

    def to_xarray(self) -> xr.Dataset:
        """Outcomes with the factors as labelled coordinates, as an xarray Dataset (needs the extra `xarray`).

        A grid has one dimension a factor; other methods have the dimension `point`, along which the factors run. The
        variable `index` has besides the dimensions `date` and `statistic`. The full path of a factor is the attribute
        `path` of its coordinate.
        """
        design, count, whole = self.design, len(self.points), self.table
        is_grid = design.method == "grid"
        dims = design.names if is_grid else ("point",)
        shape = tuple(len(one.levels) for one in design.factors) if is_grid else (count,)
        coordinates: dict[str, Any] = {} if is_grid else {"point": ("point", np.arange(count))}
        for place, (name, one) in enumerate(zip(design.names, design.factors, strict=True)):
            values = one.levels if is_grid else [point[place] for point in self.points]
            coordinates[name] = (name if is_grid else "point", _labels(values), {"path": one.path})
        if is_grid:
            coordinates["point"] = (dims, np.arange(count).reshape(shape), {"long_name": "number of the point"})
        variables: dict[str, Any] = {
            name: (dims, whole[name].to_numpy().reshape(shape), {"long_name": text})
            for name, text in whole.attrs["about"].items()
        }
        dates = np.unique(np.concatenate([one.dates for one in self.outcomes]))
        series = np.full((count, len(dates), len(STATISTICS)), np.nan)
        for place, outcome in enumerate(self.outcomes):
            series[place, np.searchsorted(dates, outcome.dates)] = outcome.index
        about_index = {"units": "index, 0-100", "long_name": "cooperation index: 0 rupture, 50 neutral, 100 alliance"}
        variables["index"] = ((*dims, "date", "statistic"), series.reshape(*shape, *series.shape[1:]), about_index)
        coordinates["date"] = ("date", dates.astype("datetime64[ns]"))
        coordinates["statistic"] = ("statistic", np.array(STATISTICS, dtype=object))
        attributes = {
            "title": self.scenario.title,
            "scenario": self.scenario.name,
            "outlook": self.scenario.outlook or "",
            "set": settings({**self.scenario.values, **design.set}),
            "scenario_sha256": self.scenario.sha256,
            "method": design.method,
            "seed": self.seed,
            "runs": self.runs,
            "baseline": self.baseline,
        }
        return labelled(variables, coordinates, attributes)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables `sweep`, a row a point, and `index`, by point and date."""
        return {"sweep": self.table, "index": self.index.reset_index()}

    def to_xlsx(self, path: str | Path) -> Path:
        """Writes both tables as a workbook, one a sheet with units in the heads (needs the extra `xlsx`)."""
        return write_xlsx(self, path)

    def summary(self) -> dict[str, Any]:
        """What `tensionsim sweep --json` prints: plain numbers, texts and lists, a mapping a point."""
        design, scenario = self.design, self.scenario
        points = []
        for number, (point, outcome) in enumerate(zip(self.points, self.outcomes, strict=True)):
            values = {name: plain(value) for name, value in zip(design.names, point, strict=True)}
            came = {name: None if np.isnan(one) else round(one, DECIMALS) for name, one in outcome.values.items()}
            points.append({"point": number, "values": values, "end": str(outcome.dates[-1]), **came})
        drawn = {"points": design.points, "seed": design.seed} if design.points is not None else None
        return {
            "title": title(scenario),
            "scenario": scenario.name,
            "outlook": scenario.outlook,
            "set": plain({**scenario.values, **design.set}),
            "runs": self.runs,
            "seed": self.seed,
            "method": design.method,
            "drawn": drawn,
            "factors": {name: one.path for name, one in zip(design.names, design.factors, strict=True)},
            "baseline": self.baseline,
            "points": points,
            "provenance": {"scenario_sha256": scenario.sha256, "tensionsim": folders.versions()["tensionsim"]},
        }

    def save(self, directory: str | Path, *, command: str = "", replace: bool = False) -> Path:
        """Writes the sweep to a folder, whole or not at all; `Sweep.open` reads it back.

        Parameters
        ----------
        directory
            Made anew. The same sweep, of no more runs at each point, is written over, unless it holds the runs of its
            points; anything else that stands there is left alone.
        command
            What was typed, for the provenance.
        replace
            Whether to replace another sweep that stands there, which is lost.

        Raises
        ------
        StorageError
            If the folder holds something else, or cannot be written.
        """
        target = folders.check_target(directory, "sweep", replace=replace)
        if (target / POINTS).exists():
            raise StorageError(
                f"cannot replace the sweep in {target}: it holds the runs of its points; choose another folder"
            )
        if not folders.is_empty(target) and not replace:  # another sweep would be lost, which may have taken hours
            found = folders.read_manifest(target, SweepManifest, "sweep")
            differences = _differences(self, found, target, folders.ASKED_FOR)
            if found.runs > self.runs:
                differences.append(f"runs ({found.runs:,} there, {self.runs:,} now)")
            folders.refuse_to_lose(target, "another sweep", differences)
        with folders.taking_the_place_of(target) as folder:
            _write(folder, self, "summary", command, stored=False)
        return target

    @classmethod
    def open(cls, directory: str | Path) -> Sweep:
        """The sweep that was saved in a folder, or that `sweep` has stored there.

        Raises
        ------
        StorageError
            If the folder holds no sweep, one that is not finished, or a damaged one.
        """
        folder = Path(directory)
        found = folders.read_manifest(folder, SweepManifest, "sweep")
        if not found.complete:
            advice = f"finish it with: tensionsim resume {folder}" if found.stored else "run it again"
            raise StorageError(f"the sweep in {folder} is not finished; {advice}")
        for name in FILES:
            if name not in found.files or not found.files[name].fits(folder / name):
                raise StorageError(f"{folder / name} is damaged: it is not what tensionsim wrote; run the sweep again")
        said = found.scenario
        try:
            scenario = load(folder / folders.SCENARIO, mechanisms=absent(found.origin.code))
            design = read_design(folder / DESIGN)
        except ScenarioError as problems:
            raise StorageError(f"this tensionsim cannot read the sweep in {folder}:\n{problems}") from problems
        if tuple(found.factors) != design.names:
            raise StorageError(
                f"{folder / folders.MANIFEST} is damaged: factors: they are not those of {DESIGN} beside it"
            )
        scenario = dataclasses.replace(
            scenario, name=said.name, path=said.path, outlook=said.outlook, notes=said.notes, _values=dict(said.set)
        )
        # Read as texts, for pandas before 3 may miss the last bit of a number.
        try:
            table, index = (
                pd.read_csv(io.BytesIO(folders.read_bytes(folder / name)), dtype=str) for name in (TABLE, INDEX)
            )
            values = table.iloc[:, 1 + len(design.factors) :].astype(np.float64).to_dict("records")
            outcomes = [
                Outcome(
                    row, np.array(rows["date"].tolist(), "datetime64[D]"), rows[list(STATISTICS)].to_numpy(np.float64)
                )
                for row, (_, rows) in zip(values, index.groupby("point", sort=False), strict=True)
            ]
        except (KeyError, TypeError, ValueError) as damage:
            raise StorageError(f"{folder / TABLE} is damaged: {damage}; run the sweep again") from damage
        if len(outcomes) != (count := len(found.points)):
            there = f"{len(outcomes):,} points of {count:,}"
            raise StorageError(f"{folder / TABLE} is damaged: it has {there}; run it again")
        return cls(scenario, design, found.points, found.origin.seed, found.runs, found.baseline, outcomes)


DESIGN, TABLE, INDEX, POINTS = "design.yaml", "sweep.csv", "index.csv", "points"
FILES = (folders.SCENARIO, DESIGN, TABLE, INDEX)


class SweepManifest(folders.Manifest):
    """The manifest of a sweep. points : values of each. stored : whether the runs of the points are kept below it."""

    holds: Literal["sweep"] = "sweep"
    origin: folders.Provenance
    scenario: folders.Described
    runs: int = Field(ge=1, le=folders.MOST_RUNS)
    keep: Keep
    baseline: int = Field(ge=0)
    stored: bool
    factors: dict[str, str]
    points: tuple[tuple[JsonValue, ...], ...] = Field(min_length=1)

    def model_post_init(self, context: Any) -> None:
        """ValueError where the points are not of the factors."""
        if any(len(point) != len(self.factors) for point in self.points):
            raise ValueError("points: they have not a value for each factor")
        if self.baseline >= len(self.points):
            raise ValueError("baseline: there is no such point")


def finished_points(folder: Path) -> int:
    """How many points of a sweep have all their runs."""
    count = 0
    for manifest in folder.glob(f"{POINTS}/*/{folders.MANIFEST}"):
        with suppress(StorageError):  # a damaged point is no finished one; going on mends or refuses it
            count += folders.read_manifest(manifest.parent, RunsManifest, "runs").complete
    return count


def _is_same(plan: Sweep, folder: Path, keep: Keep) -> bool:
    """Whether a folder holds all of a sweep; StorageError where it is of another, with which this cannot go on."""
    found = folders.read_manifest(folder, SweepManifest, "sweep")
    differences = _differences(plan, found, folder)
    if not found.stored:
        differences.append("that it keeps no runs of its points")
    if found.keep != keep:
        differences.append(f"what is kept of each run ({found.keep} there, {keep} now)")
    if plan.runs < found.runs:
        differences.append(f"runs ({found.runs:,} there, {plan.runs:,} now; one can only add)")
    if differences:
        raise StorageError(
            f"{folder} holds another sweep, which differs in {'; '.join(differences)}. Nothing was changed; name "
            "another folder, or start over there with replace=True"
        )
    return found.complete and (found.runs, found.baseline) == (plan.runs, plan.baseline)


def _differences(plan: Sweep, found: SweepManifest, folder: Path, of: Collection[str] = ()) -> list[str]:
    """What differs in the origin (see `Provenance.differences`) and in the points."""
    origin = folders.Provenance.here(plan.scenario, plan.seed, 0, plan.scenario.code)
    of_scenario = folders.scenario_differences(folder, found.scenario, plan.scenario)
    differences, design = found.origin.differences(origin, of_scenario, of), found.files.get(DESIGN)
    if design is None or design.sha256 != folders.Mark.of(plan.design.text.encode()).sha256:
        differences.append("the design")
    elif found.points != tuple(tuple(plain(point)) for point in plan.points):
        differences.append("the points, which another version of SciPy drew from the same design")
    return differences


def _write(folder: Path, plan: Sweep, keep: Keep, command: str, *, stored: bool) -> None:
    """Writes files and the manifest that names them: last, but at the beginning first, so that all is known as ours.

    What is there already is not written again.
    """
    import scipy

    scenario = plan.scenario
    contents = {folders.SCENARIO: scenario.text.encode(), DESIGN: plan.design.text.encode()}
    if plan.outcomes:
        index = plan.index.reset_index()
        contents[TABLE] = folders.as_csv(plan.table, float_format=None).encode()
        contents[INDEX] = folders.as_csv(index, float_format=None, date_format="%Y-%m-%d").encode()
    manifest = SweepManifest(
        complete=bool(plan.outcomes),
        files={name: folders.Mark.of(content) for name, content in contents.items()},
        origin=folders.Provenance.here(scenario, plan.seed, 0, scenario.code),
        scenario=folders.Described.of(scenario, path=folders.reference(scenario)),
        runs=plan.runs,
        keep=keep,
        baseline=plan.baseline,
        stored=stored,
        factors={name: one.path for name, one in zip(plan.design.names, plan.design.factors, strict=True)},
        points=tuple(tuple(plain(point)) for point in plan.points),
    )
    if not manifest.complete:
        manifest.write(folder)
    lacking = [name for name, mark in manifest.files.items() if not mark.fits(folder / name)]
    if lacking or not folders.is_whole_json(folder / folders.PROVENANCE):
        what: dict[str, Any] = {"seed": plan.seed, "runs": plan.runs, "points": len(plan.points)}
        what |= {"baseline": plan.baseline, "scipy": scipy.__version__}
        folders.write_json(folder / folders.PROVENANCE, folders.provenance(scenario, command, **what))
    for name in lacking:
        folders.write_whole(folder / name, contents[name])
    if manifest.complete:
        if lacking or not folders.is_whole_json(folder / folders.CRATE):
            write_crate(folder, f"Sweep of {scenario.title}")
        manifest.write(folder)


def _labels(values: Sequence[Any]) -> Any:
    """Values as an array: of numbers where all are numbers, else of objects, lists and mappings shown as texts."""
    shown = [value if isinstance(value, (str, int, float, bool)) else value_in_words(value) for value in values]
    kinds = {type(value) for value in shown}
    return np.array(shown, None if kinds <= {int, float} or kinds == {bool} else object)


def sweep(
    scenario: Scenario | str | Path,
    over: Mapping[str, Any] | None = None,
    *,
    method: str | None = None,
    points: int | None = None,
    design: Design | Mapping[str, Any] | pd.DataFrame | str | Path | None = None,
    runs: int = 1000,
    seed: int = 0,
    baseline: int = 0,
    keep: Keep = "all",
    jobs: Jobs = 1,
    executor: str | None = None,
    scheduler: str | None = None,
    store: str | Path | None = None,
    replace: bool = False,
    progress: bool | Mode = False,
    agents: Mapping[str, Callable[..., Any]] | None = None,
    mechanisms: Sequence[Mechanism] | None = None,
) -> Sweep:
    """Simulates an ensemble at every point of a design.

    All points share one seed, so that runs of one number share their luck: what differs between points is the effect
    of their values. Luck is drawn step by step, so that points of another start or step than the baseline do not share
    it; their `difference` is NaN. Every point is checked before the first one is run.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario.
    over
        Values by path: a list of values, a range
        {"from": 0.2, "to": 1.0, "points": 5}, or a text as on the command line, "0.2:1.0:5" or "calm,loud". A path is
        one that `set` takes, with wildcards if you like, or `outlook`.
    method, points
        How points are made of the values: "grid" (default), every combination; "zip", first values together, second
        values together; "lhs" or "sobol", so many `points`.
    design
        Instead of these: a design file, a mapping of the same keys, {"method": "lhs", "points": 64, "over": ...}, or
        points as they are: a table, or a CSV file, with a path a column and a point a row.
    runs
        How many random histories at each point, >= 1.
    seed
        Of the random numbers, >= 0.
    baseline
        Number of the point that differences are taken from, from 0.
    keep
        What is kept of each run of a stored point, as of `run`; of "index" no events are counted.
    jobs
        How many points are computed at a time (default 1), each in a process of its own; "auto": one a processor,
        where there are points enough.
    executor, scheduler
        As of `run`. Where a scheduler's workers compute what is stored, points come one after another, each in parts.
    store
        A folder that keeps the runs of every point, each as a run store of its own below `points`. The same call goes
        on after an interruption, and with more `runs` adds to them.
    replace
        With `store`: start over where another sweep stands already.
    progress
        Whether to show a bar on a terminal's standard error; "json": a line of JSON a second there.
    agents, mechanisms
        Of your own, as of `run`.

    Raises
    ------
    ScenarioError
        If the scenario, the design or the scenario at a point cannot be used; it lists every problem.
    StorageError
        If the folder holds something else than this sweep, or cannot be written.
    TypeError, ValueError
        If a number is not whole or out of its range, or both `over` and `design` are given, or none.

    Examples
    --------
    >>> import tensionsim as ts
    >>> s = ts.sweep("norland-suderia", {"actors.norland.rhetoric": "0.1:0.9:3"}, runs=10, seed=7)
    >>> s.table["rhetoric"].tolist()
    [0.1, 0.5, 0.9]
    >>> over = {"actors.norland.rhetoric": [0.1, 0.9], "actors.suderia.rhetoric": [0.2, 0.3]}
    >>> len(ts.sweep("norland-suderia", over, method="zip", runs=10).points)
    2
    """
    runs, seed, baseline = whole("runs", runs, least=1), whole("seed", seed), whole("baseline", baseline)
    if replace and store is None:
        raise ValueError("replace goes with store: without a folder there is nothing to replace")
    if (over is None) == (design is None):
        raise ValueError("say what to vary by `over` or by `design`, one of the two")
    how = {name: given for name, given in (("method", method), ("points", points)) if given is not None}
    if design is not None and how:
        raise ValueError(f"a design holds all of it; leave out {' and '.join(how)}, or write it there")
    report = Report()
    if isinstance(design, pd.DataFrame):
        if not design.columns.is_unique:
            raise ValueError("a path is the name of more than one column of the design; a point has one value of each")
        over, how, design = design.to_dict("list"), {"method": "zip"}, None
    if isinstance(design, (str, Path)):
        design = draft(design, report)
    elif not isinstance(design, Design | Mapping | None):
        hint = "; pandas.DataFrame(rows) makes one of rows" if isinstance(design, Sequence) else ""
        raise TypeError(f"a design is a file, a mapping of its keys or a DataFrame; got {shown(design)}{hint}")
    elif not isinstance(design, Design):
        design = draft_of({"over": over, **how} if design is None else design, report)
    loaded = base_of(lambda: scenario_of(scenario, agents=agents, mechanisms=mechanisms), report)
    base, design, found = points_checked(loaded, design, report, baseline=baseline)
    check_agents(base)
    return carry_out(
        base,
        design,
        found,
        runs=runs,
        seed=seed,
        baseline=baseline,
        keep=keep,
        workers=partial(parallel.executor, jobs, executor, scheduler),
        store=store,
        replace=replace,
        progress=progress,
    )


def carry_out(
    scenario: Scenario,
    design: Design,
    points: Sequence[Point],
    *,
    runs: int,
    seed: int,
    baseline: int = 0,
    keep: Keep = "all",
    workers: Workers = parallel.executor,
    store: str | Path | None = None,
    replace: bool = False,
    progress: bool | Mode = False,
    command: str = "",
) -> Sweep:
    """Runs every point of a design that `points_checked` has found; what is stored already is not run again.

    The keywords are those of `sweep`; command : what was typed.
    """
    planned = Sweep(scenario, design, points, seed, runs, baseline, ())
    folder, made = None if store is None else Path(store), dict[int, tuple[Outcome, Floats]]()
    with ExitStack() as stack:
        if folder is not None:
            folders.check_target(folder, "sweep", replace=replace)
            kept = partial("{1:,} of {0:,} points are finished".format, len(points))
            stack.enter_context(folders.writing(folder, lambda: kept(finished_points(folder))))
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(folders.locked(folder))
            if replace:
                folders.clear(folder)
            is_finished = not folders.is_empty(folder) and _is_same(planned, folder, keep)
            folders.sweep_unfinished(folder)
            if not is_finished:
                _write(folder, planned, keep, command, stored=True)
        # The baseline comes first.
        order = [baseline, *(number for number in range(len(points)) if number != baseline)]
        across, inside = workers(tasks=len(order)), partial(parallel.executor)
        if folder is not None and across.is_distant:  # may not see the folder: parts go to them, and are written here
            across, inside = inside(), partial(workers)
        do = partial(_done, dataclasses.replace(planned, points=()), folder, keep, inside, command)
        try:
            with parallel.showing(runs * len(order), mode_of(progress)) as advance, across as staff:
                for place, done in staff.results(do, [(number, points[number]) for number in order]):
                    made[order[place]] = done
                    advance(runs)
        except StorageError as failure:
            raise StorageError(f"{failure}\nThe whole sweep goes on with: tensionsim resume {folder}") from failure
        outcomes = [_beside(*made[number], *made[baseline]) for number in range(len(points))]
        found = dataclasses.replace(planned, outcomes=outcomes)
        if folder is not None:
            _write(folder, found, keep, command, stored=True)
    return found


def resume(
    folder: str | Path,
    *,
    workers: Workers = parallel.executor,
    progress: bool | Mode = False,
    command: str = "",
    attach: Attach | None = None,
) -> Results | Sweep:
    """Goes on with the runs or the sweep of a folder where it was interrupted; the keywords are those of `run.fill`.

    The scenario of a sweep is read again from where it was, and must still say the same.
    """
    place = Path(folder)
    how: dict[str, Any] = {"workers": workers, "progress": progress, "command": command}
    if folders.held(place) != "sweep":
        scenario, kept = begun(place)
        which: dict[str, Any] = {"runs": kept.runs, "seed": kept.origin.seed, "first_run": kept.origin.first_run}
        which |= {"keep": kept.keep, "plan": kept.origin.plan}
        return fill(place, scenario, is_begun=True, attach=attach, **which, **how)
    there = folders.read_manifest(place, SweepManifest, "sweep")
    if not there.stored:
        raise StorageError(f"the sweep in {place} keeps no runs of its points; there is nothing to go on with")
    if not there.scenario.path:
        raise StorageError(
            f"the sweep in {place} is of a scenario that no file holds; call tensionsim.sweep again with it"
        )
    check_needs_no_code(place, there.origin, "ts.sweep")
    with suppress(StorageError, KeyError, TypeError):  # what was typed to begin it, where that is known
        how["command"] = str(folders.read_json(place / folders.PROVENANCE)["command"]) or command
    said, report = there.scenario, Report()
    try:
        base = base_of(lambda: load(said.path, outlook=said.outlook, set=said.set), report)
        design = draft(place / DESIGN, report)
        base, design, found = points_checked(base, design, report, baseline=there.baseline)
    except ScenarioError as problems:
        raise StorageError(
            f"the sweep in {place} cannot go on; put this right, or type its command again in the folder in which it "
            f"was begun:\n{problems}"
        ) from problems
    which = {"runs": there.runs, "seed": there.origin.seed, "baseline": there.baseline, "keep": there.keep}
    return carry_out(base, design, found, store=place, **which, **how)


def _done(
    plan: Sweep, folder: Path | None, keep: Keep, workers: Workers, command: str, task: tuple[int, Point]
) -> tuple[Outcome, Floats]:
    """The outcome at a point, and the index of each run at the last date.

    Pure functions of the scenario's text, the seed and the number of runs.
    """
    number, point = task
    scenario = scenario_at(plan.scenario, plan.design, point)
    which: dict[str, Any] = {"runs": plan.runs, "seed": plan.seed}
    if folder is None:
        results = run(scenario, keep="index" if keep == "index" else "summary", **which)
    else:
        place = folder / POINTS / f"{number:03}"
        results = fill(place, scenario, keep=keep, workers=workers, command=command, **which)
    last = np.concatenate([block.record.cooperation[-1] for block in results.blocks(["cooperation"])])
    return outcome_of(results, last), last


def _beside(outcome: Outcome, last: Floats, baseline: Outcome, others_last: Floats) -> Outcome:
    """The outcome with its difference from the baseline put after the index at the end."""
    values, dates, others = dict(outcome.values), outcome.dates, baseline.dates
    ends = {name: values.pop(name) for name in list(values) if name.startswith("index_")}
    # Luck is drawn by the number of the step, so that with another start or step it falls on other dates, and runs of
    # one number are no pairs; another end only cuts the same histories elsewhere.
    shared = min(len(dates), len(others))
    gaps = last - others_last if np.array_equal(dates[:shared], others[:shared]) else np.array([np.nan])
    apart = {"difference": float(gaps.mean()), "difference_se": _standard_error(gaps)}
    return dataclasses.replace(outcome, values={**ends, **apart, **values})
