"""Sweeps: an ensemble at every point of a design, all under the same luck."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd
from pydantic import Field, JsonValue

from tensionsim.errors import ScenarioError, StorageError, one_of, shown, whole
from tensionsim.model.mechanisms import Mechanism
from tensionsim.model.record import Floats, Keep
from tensionsim.notebook import Tabled
from tensionsim.runs import parallel, store as folders
from tensionsim.runs.exchange import write_crate, write_xlsx
from tensionsim.runs.parallel import Mode
from tensionsim.runs.parts import RunsManifest, read_scenario
from tensionsim.runs.plan import Point, base_of, points_checked, scenario_at
from tensionsim.runs.results import DECIMALS, Results, labelled
from tensionsim.runs.run import Attach, Jobs, Workers, check_agents, check_needs_no_code, fill, mode_of, run
from tensionsim.runs.statistics import STATISTICS, error_of_mean, plain, settings, title
from tensionsim.scenario.design import Design, draft, draft_of, read_design, value_in_words
from tensionsim.scenario.scenario import Scenario, absent, load, scenario_of
from tensionsim.scenario.yaml_tree import Report

if TYPE_CHECKING:
    import xarray as xr


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is kept of a point: numbers by column; the table of the index; the index of each run at the last date."""

    values: dict[str, float]
    index: pd.DataFrame
    last: Floats


def outcome_of(results: Results) -> Outcome:
    """The outcome of an ensemble, its difference from another left open."""
    last = np.concatenate([block.record.cooperation[-1] for block in results.blocks(["cooperation"])])
    quantiles = np.quantile(last, [0.05, 0.5, 0.95]).tolist()
    values = {"index_mean": float(last.mean()), "index_mean_se": float(error_of_mean(last))}
    values |= dict(zip(("index_q05", "index_median", "index_q95"), quantiles, strict=True))
    values |= {"difference": np.nan, "difference_se": np.nan}
    shares = results.regimes
    values |= {f"regime_{name}": float(shares[name].iloc[-1]) for name in shares}
    values |= {f"months_{name}": float(shares[name].iloc[1:].sum()) * results.step_months for name in shares}
    events = results.events if "events" in results.record.kept else pd.DataFrame()
    for name, column in zip(events.index, event_columns(list(events.index)), strict=True):
        values[column] = float(events.loc[name, "probability"])
        values[f"{column}_se"] = float(events.loc[name, "standard_error"])
    return Outcome(values, results.index, last)


def event_columns(names: list[str]) -> list[str]:
    """Columns of events, as names that Python takes."""
    found: list[str] = []
    for name in names:
        column = f"event_{re.sub(r'[^0-9A-Za-z_]+', '_', name).strip('_')}"
        while column in found:
            column += "_"
        found.append(column)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Sweep(Tabled):
    """Outcomes of the ensembles at all points of a design, each of as many runs under the same seed.

    What `difference` is, and where it is NaN, is told at `tensionsim.sweep`; its standard error is that of paired runs.

    scenario : what the points change. design : what is varied and how. points : the values of each point, in the order
    of the design's factors. seed, runs : of the ensemble at every point. baseline : number of the point that
    differences are taken from. table : one row a point: its number, its values (lists and mappings as texts), and what
    came out; `.attrs["about"]` explains the columns, `.attrs["paths"]` has the paths of the factors. index : the
    cooperation index at every point, 0..100, as (point, date) by mean, q05, q25, median, q75, q95.

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
    table: pd.DataFrame
    index: pd.DataFrame

    def __repr__(self) -> str:
        names, count = ", ".join(self.design.names), len(self.points)
        over = f"{self.design.method} of {count} point{'' if count == 1 else 's'} over {names}"
        return f"<Sweep of {self.scenario.name!r}, {over}; {self.runs:,} runs each, seed {self.seed}>"

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
        by_date = self.index.unstack("date")
        series = by_date.to_numpy().reshape(count, len(STATISTICS), -1).swapaxes(1, 2)
        about_index = {"units": "index, 0-100", "long_name": "cooperation index: 0 rupture, 50 neutral, 100 alliance"}
        variables["index"] = ((*dims, "date", "statistic"), series.reshape(*shape, *series.shape[1:]), about_index)
        coordinates["date"] = ("date", by_date["mean"].columns.to_numpy("datetime64[ns]"))
        coordinates["statistic"] = ("statistic", np.array(STATISTICS, dtype=object))
        attributes = {name: said for name, said in self.summary().items() if isinstance(said, str | int)}
        attributes["set"] = settings({**self.scenario.values, **design.set})
        attributes["scenario_sha256"] = self.scenario.sha256
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
        outcomes = self.table[list(self.table.attrs["about"])].to_dict("records")
        for number, (point, outcome) in enumerate(zip(self.points, outcomes, strict=True)):
            values = {name: plain(value) for name, value in zip(design.names, point, strict=True)}
            end = plain(self.index.loc[number].index[-1])
            points.append({"point": number, "values": values, "end": end, **plain(outcome, DECIMALS)})
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
        """Writes the sweep to a folder, without the runs of its points; `Sweep.open` reads it back.

        Parameters
        ----------
        directory
            One that is new, or holds this sweep already, of no more runs at each point.
        command
            What was typed, for the provenance.
        replace
            Whether to replace another sweep that stands there, which is lost.

        Raises
        ------
        StorageError
            If the folder holds something else, or cannot be written.
        """
        wanted = _manifest(self, "summary")
        with _filling(Path(directory), wanted, self, command, replace=replace) as folder:
            _write(folder, wanted, self, command, complete=True)
        return folder

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
            raise StorageError(f"the sweep in {folder} is not finished; finish it with: tensionsim resume {folder}")
        for name in (folders.SCENARIO, DESIGN, TABLE, INDEX):
            if name not in found.files or not found.files[name].fits(folder / name):
                raise StorageError(f"{folder / name} is damaged: it is not what tensionsim wrote; run the sweep again")
        try:
            read = load(folder / folders.SCENARIO, mechanisms=absent(found.origin.code))
            scenario = found.scenario.put_back(read, found.scenario.path)
            design = read_design(folder / DESIGN)
        except ScenarioError as problems:
            raise StorageError(f"this tensionsim cannot read the sweep in {folder}:\n{problems}") from problems
        try:  # read as texts, for pandas before 3 may miss the last bit of a number
            if tuple(found.factors) != design.names:
                raise ValueError(f"its factors are not those of {DESIGN} beside it")
            table, index = (
                pd.read_csv(io.BytesIO(folders.read_bytes(folder / name)), dtype=str) for name in (TABLE, INDEX)
            )
            keys = [index["point"].astype(int), pd.DatetimeIndex(index["date"]).as_unit("s")]
            index = index.set_index(keys)[list(STATISTICS)].astype(np.float64).rename_axis(columns="statistic")
            outcomes = table.iloc[:, 1 + len(design.factors) :].astype(np.float64)
            table = _table(design, found.points, outcomes)
        except (KeyError, TypeError, ValueError) as damage:
            raise StorageError(f"{folder / TABLE} is damaged: {damage}; run the sweep again") from damage
        return cls(scenario, design, found.points, found.origin.seed, found.runs, found.baseline, table, index)


def _table(design: Design, points: Sequence[Point], outcomes: pd.DataFrame) -> pd.DataFrame:
    """The table of a sweep, from its outcomes; ValueError where these are not of its points."""
    columns: dict[str, Any] = {"point": np.arange(len(points))}
    for name, values in zip(design.names, zip(*points, strict=True), strict=True):
        columns[name] = _labels(values)
    if len(outcomes) != len(points):
        raise ValueError(f"it has {len(outcomes):,} points of {len(points):,}")
    found = pd.DataFrame(columns).join(outcomes)
    kinds = {name: re.sub(r"^(regime|months|event)_.*?(_se)?$", r"\1_*\2", name) for name in outcomes}
    found.attrs["about"] = {name: BY_COLUMN[kind] for name, kind in kinds.items()}
    found.attrs["paths"] = {name: one.path for name, one in zip(design.names, design.factors, strict=True)}
    return found


DESIGN, TABLE, INDEX, POINTS = "design.yaml", "sweep.csv", "index.csv", "points"


class SweepManifest(folders.Manifest):
    """The manifest of a sweep. points : values of each. keep : of the runs of the points that stand below it."""

    holds: Literal["sweep"] = "sweep"
    origin: folders.Provenance
    scenario: folders.Described
    runs: int = Field(ge=1, le=folders.MOST_RUNS)
    keep: Keep
    baseline: int = Field(ge=0)
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


def _manifest(of: Sweep, keep: Keep) -> SweepManifest:
    scenario, design = of.scenario, of.design
    return SweepManifest(
        origin=folders.Provenance(scenario_sha256=scenario.sha256, seed=of.seed, first_run=0, code=scenario.code),
        scenario=folders.Described.of(scenario, path=folders.reference(scenario)),
        runs=of.runs,
        keep=keep,
        baseline=of.baseline,
        factors={name: one.path for name, one in zip(design.names, design.factors, strict=True)},
        points=tuple(tuple(plain(point)) for point in of.points),
    )


@contextmanager
def _filling(folder: Path, wanted: SweepManifest, of: Sweep, command: str, *, replace: bool) -> Iterator[Path]:
    """A folder for a sweep and this command alone, new or begun; StorageError where it holds anything else."""
    folders.check_target(folder, "sweep")
    count = len(wanted.points)
    with folders.filling(folder, lambda: f"{finished_points(folder):,} of {count:,} points are done", replace=replace):
        is_finished = not folders.is_empty(folder) and _is_same(wanted, folder, of)
        folders.sweep_unfinished(folder)
        if not is_finished:
            _write(folder, wanted, of, command, complete=False)
        yield folder


def _is_same(wanted: SweepManifest, folder: Path, of: Sweep) -> bool:
    """Whether a folder holds all of a sweep; StorageError where it is of another, with which this cannot go on."""
    found = folders.read_manifest(folder, SweepManifest, "sweep")
    of_scenario = folders.scenario_differences(folder, found.scenario, of.scenario)
    differences = found.origin.differences(wanted.origin, of_scenario)
    if found.files.get(DESIGN) != folders.Mark.of(of.design.text.encode()):
        differences.append("the design")
    elif found.points != wanted.points:
        differences.append("the points, which another version of SciPy drew from the same design")
    if found.keep != wanted.keep:
        differences.append(folders.differing("what is kept of each run", found.keep, wanted.keep))
    if wanted.runs < found.runs:
        differences.append(f"runs ({found.runs:,} there, {wanted.runs:,} now; one can only add)")
    folders.refuse_others(folder, "another sweep", differences)
    return found.complete and (found.runs, found.baseline) == (wanted.runs, wanted.baseline)


def _write(folder: Path, manifest: SweepManifest, of: Sweep, command: str, *, complete: bool) -> None:
    """Writes what is not there yet and the manifest that names it: last, but of a sweep that begins first."""
    import scipy

    contents = {folders.SCENARIO: of.scenario.text.encode(), DESIGN: of.design.text.encode()}
    if complete:
        contents[TABLE] = folders.as_csv(of.table, float_format=None).encode()
        index = of.index.reset_index()
        contents[INDEX] = folders.as_csv(index, float_format=None, date_format="%Y-%m-%d").encode()
    marks = {name: folders.Mark.of(content) for name, content in contents.items()}
    manifest = manifest.changed(files=marks, complete=complete)
    if not complete and not (folder / folders.MANIFEST).exists():
        folders.begin(folder, manifest, contents)
    lacking = [name for name, mark in marks.items() if not mark.fits(folder / name)]
    if lacking or not folders.is_whole_json(folder / folders.CRATE):
        what: dict[str, Any] = {"seed": of.seed, "runs": of.runs, "points": len(of.points)}
        what |= {"baseline": of.baseline, "scipy": scipy.__version__}
        folders.write_json(folder / folders.PROVENANCE, folders.provenance(of.scenario, command, **what))
        for name in lacking:
            folders.write_whole(folder / name, contents[name])
        if complete:
            write_crate(folder, f"Sweep of {of.scenario.title}")
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
    one_of("keep", keep, get_args(Keep))
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
        if design.empty:
            raise ValueError("the design has no point; a table has a row for each, and columns named by path")
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
    which: dict[str, Any] = {"runs": runs, "seed": seed, "baseline": baseline, "keep": keep}
    workers = partial(parallel.executor, jobs, executor, scheduler)
    return carry_out(base, design, found, workers=workers, store=store, replace=replace, progress=progress, **which)


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
    """Runs every point that `points_checked` has found and no folder holds; the keywords are those of `sweep`."""
    found = Sweep(scenario, design, points, seed, runs, baseline, table=pd.DataFrame(), index=pd.DataFrame())
    wanted, folder, made = _manifest(found, keep), None if store is None else Path(store), dict[int, Outcome]()
    with nullcontext() if folder is None else _filling(folder, wanted, found, command, replace=replace):
        # The baseline comes first.
        order = [baseline, *(number for number in range(len(points)) if number != baseline)]
        across, inside = workers(tasks=len(order)), partial(parallel.executor)
        if folder is not None and across.is_distant:  # may not see the folder: parts go to them, and are written here
            across, inside = inside(), partial(workers)
        do = partial(_done, dataclasses.replace(found, points=()), folder, keep, inside, command)
        try:
            with parallel.showing(runs * len(order), mode_of(progress)) as advance, across as staff:
                for place, done in staff.results(do, [(number, points[number]) for number in order]):
                    made[order[place]] = done
                    advance(runs)
        except StorageError as failure:
            raise StorageError(f"{failure}\nThe whole sweep goes on with: tensionsim resume {folder}") from failure
        base = made[baseline]
        for one in made.values():
            # Luck is drawn by the number of the step, so that with another start or step it falls on other dates, and
            # runs of one number are no pairs; another end only cuts the same histories elsewhere.
            shared = min(len(one.index), len(base.index))
            if one.index.index[:shared].equals(base.index.index[:shared]):
                gaps = one.last - base.last
                one.values.update(difference=float(gaps.mean()), difference_se=float(error_of_mean(gaps)))
        outcomes = [made[number] for number in range(len(points))]
        table = _table(design, points, pd.DataFrame([one.values for one in outcomes]))
        index = pd.concat({number: one.index for number, one in enumerate(outcomes)}, names=["point"])
        found = dataclasses.replace(found, table=table, index=index)
        if folder is not None:
            _write(folder, wanted, found, command, complete=True)
    return found


def resume(
    folder: str | Path,
    *,
    workers: Workers = parallel.executor,
    progress: bool | Mode = False,
    command: str = "",
    attach: Attach | None = None,
) -> Results | Sweep:
    """Goes on with the runs or the sweep of a folder; of a sweep the scenario is read again, and must be the same."""
    place = Path(folder)
    how: dict[str, Any] = {"workers": workers, "progress": progress, "command": command}
    if folders.held(place) != "sweep":
        kept = folders.read_manifest(place, RunsManifest, "runs")
        scenario = read_scenario(place, kept)
        check_needs_no_code(place, kept.origin, "ts.run")
        which: dict[str, Any] = {"runs": kept.runs, "seed": kept.origin.seed, "first_run": kept.origin.first_run}
        which |= {"keep": kept.keep, "plan": kept.origin.plan}
        return fill(place, scenario, is_begun=True, attach=attach, **which, **how)
    there = folders.read_manifest(place, SweepManifest, "sweep")
    folders.finish_beginning(place, (folders.SCENARIO, DESIGN))
    if not there.scenario.path:
        raise StorageError(f"the sweep in {place} is of a scenario that no file holds; call ts.sweep again with it")
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
    of: Sweep, folder: Path | None, keep: Keep, workers: Workers, command: str, task: tuple[int, Point]
) -> Outcome:
    """The outcome at a point: a pure function of the scenario's text, the seed and the number of runs."""
    number, point = task
    scenario = scenario_at(of.scenario, of.design, point)
    which: dict[str, Any] = {"runs": of.runs, "seed": of.seed}
    if folder is None:
        return outcome_of(run(scenario, keep="index" if keep == "index" else "summary", **which))
    place = folder / POINTS / f"{number:03}"
    return outcome_of(fill(place, scenario, keep=keep, workers=workers, command=command, **which))
