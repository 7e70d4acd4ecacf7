"""Results: one ensemble with all that was recorded, asked as tables, numbers, plots and files.

Tables are made anew each time they are asked for; keep one in a variable to use it often. Up to `EXACT_RUNS` runs they
are made from the arrays, exactly; beyond, from a `Tally`: all but quantiles are exact then too, and those say their
error in `.attrs["quantile_error"]`.
"""

from __future__ import annotations

import builtins
import dataclasses
import datetime as dt
import hashlib
import json
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tensionsim.errors import ScenarioError, SelectionError, StorageError, TensionSimError, whole
from tensionsim.model.ledger import Entry, entries
from tensionsim.model.ledger import changes as ledger_changes
from tensionsim.model.measures import REGIMES, cooperation, regime_of
from tensionsim.model.record import CAUSES, LAYERS, Dates, Floats, Ints, Names, Record
from tensionsim.runs.statistics import STATISTICS, Occurrence, occurrence, over_runs, plain, regime_shares, settings
from tensionsim.runs.store import FORMAT_VERSION as STORE_FORMAT
from tensionsim.runs.store import (
    MANIFEST,
    NPY,
    OWN,
    PARQUET,
    PART_FILE,
    PART_RUNS,
    PATHS,
    PROVENANCE,
    SCENARIO,
    TABLES,
    TALLY,
    Manifest,
    Mark,
    Origin,
    Part,
    Store,
    StoredRecord,
    block_of,
    blocks,
    check_loses_nothing,
    check_readable,
    check_target,
    described,
    encode,
    file_name,
    files_below,
    kind_here,
    locked,
    named,
    parse,
    read,
    read_json,
    temporary_of,
    write_beside,
    write_whole,
)

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from tensionsim.model.ledger import Books
    from tensionsim.runs.tally import Tally
    from tensionsim.scenario.scenario import Scenario


def directed_tension(results: Results) -> tuple[tuple[str, ...], Floats]:
    """The two directions, and tension in each, 0..100, shape (date, direction, run).

    Like 100 minus the index, but of one direction's conduct alone.
    """
    record, names = results.record, results.names
    terms = {name: record.terms[:, row] for row, name in enumerate(names.terms)}
    shape = (len(record.dates), len(names.issues), results.runs)
    means: dict[str, Floats] = {}
    for row, channel in enumerate(names.dyad_channels):
        direction, issue, track = channel.split(" | ")
        theta = terms["technical_weight"]
        mean = means.setdefault(direction, np.zeros(shape))
        mean[:, names.issues.index(issue)] += (theta if track == "technical" else 1.0 - theta) * record.conduct[:, row]
    scale = terms["index_scale"][:, None]
    indices = [cooperation(mean, record.weights, scale)[0] for mean in means.values()]
    return tuple(means), 100.0 - np.stack(indices, axis=1)


AXES = ("issue", "term", "actor", "dyad_channel", "indicator", "arrangement", "event")


def dataset(results: Results) -> xr.Dataset:
    """A Dataset with dims date, run, issue, actor, dyad_channel, indicator, arrangement, event."""
    try:
        import xarray as xr
    except ImportError as missing:
        raise TensionSimError("to_xarray needs xarray; install it with: pip install 'tensionsim[xarray]'") from missing
    variables: dict[str, Any] = {}
    for name, layer in LAYERS.items():
        values, dims = getattr(results.record, name), layer.dims
        if dims[-1] == "run" and values.shape[-1] != results.runs:
            values, dims = values[..., 0], dims[:-1]
        variables[name] = (dims, values.copy(), {"units": layer.unit, "long_name": layer.about})
    return xr.Dataset(variables, coordinates(results), attributes(results))


def coordinates(results: Results) -> dict[str, Any]:
    """Coordinates of every axis; `unit` runs along the indicators."""
    labels = {dim: (dim, np.array(results.names.along(dim), dtype=object)) for dim in AXES}
    return {
        "date": ("date", results.dates.astype("datetime64[ns]")),
        "run": ("run", np.arange(results.first_run, results.first_run + results.runs)),
        **labels,
        "unit": ("indicator", np.array(results.names.indicator_units, dtype=object)),
    }


def attributes(results: Results) -> dict[str, Any]:
    """Where the numbers come from."""
    return {
        "title": results.title,
        "scenario": results.scenario.name,
        "set": settings(results.scenario.values),
        "scenario_sha256": results.scenario.sha256,
        "seed": results.seed,
        "runs": results.runs,
        "first_run": results.first_run,
    }


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
    """What is kept of an ensemble.

    last : the index of each run at the last date, shape (run,), 0..100.
    """
    quantiles = np.quantile(last, [0.05, 0.5, 0.95]).tolist()
    values = {"index_mean": float(last.mean()), "index_mean_se": _standard_error(last)}
    values |= dict(zip(("index_q05", "index_median", "index_q95"), quantiles, strict=True))
    index, shares, events = results.index, results.regimes, results.events
    values |= {f"regime_{name}": float(shares[name].iloc[-1]) for name in shares}
    values |= {f"months_{name}": float(shares[name].iloc[1:].sum()) * results.step_months for name in shares}
    for name, column in zip(events.index, event_columns(list(events.index)), strict=True):
        values[column] = float(events.loc[name, "probability"])
        values[f"{column}_se"] = float(events.loc[name, "standard_error"])
    table = np.array(index[list(STATISTICS)], np.float64)
    return Outcome(values, np.asarray(results.dates, "datetime64[D]"), table)


def are_paired(dates: Dates, others: Dates) -> bool:
    """Whether runs of one number meet the same luck on the same dates, as far as both go.

    Luck is drawn by the number of the step, so that with another start or step it falls on other dates; another end
    only cuts the same histories elsewhere.
    """
    shared = min(len(dates), len(others))
    return np.array_equal(dates[:shared], others[:shared])


def difference(last: Floats, baseline: Floats, *, is_paired: bool = True) -> dict[str, float]:
    """How far the index at the end lies above the baseline's in the same runs, with its standard error.

    NaN both where runs of one number do not share their luck.
    """
    if not is_paired:
        return {"difference": float("nan"), "difference_se": float("nan")}
    gaps = last - baseline
    return {"difference": float(gaps.mean()), "difference_se": _standard_error(gaps)}


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


DECIMALS = 6
"""What JSON keeps of a number: far below Monte Carlo error, and readable."""


def title(scenario: Scenario) -> str:
    """The scenario's title, followed by its outlook's where one was chosen."""
    return f"{scenario.title} - {outlook_title(scenario)}" if scenario.outlook else scenario.title


def outlook_title(scenario: Scenario) -> str:
    """The title of the chosen outlook, or its name where it has no title; empty where none was chosen."""
    outlook = scenario.file.outlooks.get(scenario.outlook or "")
    return (outlook.title if outlook else "") or scenario.outlook or ""


def summary(results: Results) -> dict[str, Any]:
    """Everything that a reader of one ensemble asks first; dates are ISO texts, absent things None."""
    if not results.is_exact:
        return results.tally().summary()
    record, names, scenario = results.record, results.names, results.scenario
    found = results.movers()
    series = {name: record.issue_cooperation[:, row] for row, name in enumerate(names.issues)}
    return {
        "title": title(scenario),
        "scenario": scenario.name,
        "outlook": scenario.outlook,
        "set": plain(scenario.values),
        "start": str(scenario.file.start),
        "end": str(scenario.file.end),
        "step": scenario.file.step,
        "runs": results.runs,
        "first_run": results.first_run,
        "seed": results.seed,
        "dates": [str(date) for date in results.dates],
        "index": _statistics(record.cooperation),
        "issues": {name: _statistics(values) for name, values in series.items()},
        "regimes": regimes(results),
        "events": events(results),
        "movers": found,
        "change": _change(record.cooperation, found),
        "notes": list(scenario.notes),
        "provenance": origin(scenario),
    }


def origin(scenario: Scenario) -> dict[str, str]:
    """Which text and which tensionsim made the numbers."""
    return {"scenario_sha256": scenario.sha256, "tensionsim": versions()["tensionsim"]}


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    import numpy as np

    from tensionsim import __version__

    return {"tensionsim": __version__, "numpy": np.__version__}


def _statistics(values: Floats) -> dict[str, list[float]]:
    table = over_runs(values).round(DECIMALS)
    return {name: table[:, column].tolist() for column, name in enumerate(STATISTICS)}


def _change(cooperation: Floats, found: list[dict[str, Any]]) -> dict[str, float]:
    """Points by which the mean index changes from the first date to the last, and what of them no mover listed made."""
    points = float(cooperation[-1].mean() - cooperation[0].mean())
    rest = points - sum(mover["points"] for mover in found)
    return {"points": round(points, DECIMALS), "rest": round(rest, DECIMALS)}


def numbers(found: Occurrence) -> dict[str, Any]:
    """How often something happens, as JSON has it."""
    return {
        "probability": round(found.probability, DECIMALS),
        "standard_error": round(found.standard_error, DECIMALS),
        "median_first_date": None if found.first is None else str(found.first),
        "mean_months": round(found.months, DECIMALS),
        "median_recovery_months": None if found.recovery is None else round(found.recovery, DECIMALS),
    }


def regimes(results: Results) -> dict[str, dict[str, Any]]:
    """Each regime from the worst on: its bounds, share of runs by date and at the end, and how often it ever occurs."""
    rows = regime_of(results.record.cooperation)
    shares = regime_shares(results.record.cooperation).round(DECIMALS)
    table, above = {}, 0.0
    for row, (name, below) in enumerate(REGIMES):
        found = occurrence(rows == row, results.dates, results.step_months)
        bounds = {
            "from": above,
            "to": min(below, 100.0),
            "share": shares[:, row].tolist(),
            "at_end": float(shares[-1, row]),
        }
        table[name] = bounds | numbers(found)
        above = below
    return table


def events(results: Results) -> dict[str, dict[str, Any]]:
    """Each event that the scenario counts: probability, standard error, median first date, mean months in it."""
    holds = results.record.events
    return {
        name: numbers(occurrence(holds[:, row], results.dates, results.step_months))
        for row, name in enumerate(results.names.events)
    }


def movers(results: Results, n: int) -> list[dict[str, Any]]:
    """What changed the mean index most between the first date and the last: actor, what, points; largest first."""
    if not results.is_exact:
        return results.tally().movers(n)
    changes = ledger_changes(results.books, len(results.dates) - 1)
    means = {mover: float(points.mean()) for mover, points in changes.items()}
    ranked = sorted(means.items(), key=lambda item: (-abs(item[1]), item[0]))
    found = [(actor, what, round(points, DECIMALS)) for (actor, what), points in ranked[:n]]
    return [{"actor": actor, "what": what, "points": points} for actor, what, points in found if points]


def save(
    results: Results,
    directory: str | Path,
    *,
    command: str = "",
    attach: Callable[[Path], None] | None = None,
    replace: bool = False,
) -> Path:
    """Writes results to a folder, whole or not at all; see `Results.save`."""
    target = check_target(directory, replace=replace)
    try:
        with _alone(target), taking_the_place_of(target) as folder:
            if not replace:
                check_loses_nothing(results, target)
            manifest = _write_parts(results, folder)
            tables = {} if results.is_exact else {TALLY: write_tally(results.tally(), folder)}
            tables |= write_tables(results, folder, command)
            if attach is not None:
                attach(folder)
            attached = sorted(name for name in files_below(folder) if name not in OWN and not PART_FILE.fullmatch(name))
            manifest = dataclasses.replace(manifest, tables=tables, attached=tuple(attached), is_complete=True)
            manifest.write(folder)
    except OSError as failure:
        raise StorageError(f"cannot write {target}: {failure.strerror or failure}") from failure
    return target


def _alone(target: Path) -> AbstractContextManager[None]:
    """The folder for this command alone, where it is there: another may be writing runs to it."""
    return locked(target) if target.is_dir() else nullcontext()


@contextmanager
def taking_the_place_of(target: Path) -> Iterator[Path]:
    """A new folder beside `target` that takes its place at the end, or vanishes if anything fails."""
    target = target.absolute()
    target = target.resolve() if target.is_symlink() else target
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (target.with_name(f".{target.name}.{word}-{token_hex(4)}") for word in ("new", "old"))
    fresh.mkdir()
    try:
        yield fresh
        if target.exists():
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _write_parts(results: Results, folder: Path) -> Manifest:
    """Writes all parts of results, and says what the manifest must say."""
    write_whole(folder / SCENARIO, results.scenario.text.encode())
    manifest = Manifest(
        Origin.here(results.scenario, results.seed, results.first_run, results.agents),
        described(results.scenario),
        results.runs,
        kind_here(),
        tuple(str(date) for date in results.dates),
        results.names,
        PART_RUNS,
    )
    for number, block in enumerate(blocks(results)):
        files = encode(block.record, block.names, block.first_run, manifest.kind)
        manifest = manifest.with_part(write_part(folder, number, block.first_run, block.runs, files))
    return manifest


def write_part(folder: Path, number: int, first_run: int, runs: int, files: Mapping[str, bytes]) -> Part:
    """Writes the files of part `number`; a manifest that names the part makes it part of the store.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    contents = _named(number, files)
    for name, content in contents.items():
        write_whole(folder / name, content)
    return Part(first_run, runs, {name: Mark.of(content) for name, content in contents.items()})


def write_longer_part(folder: Path, number: int, first_run: int, runs: int, files: Mapping[str, bytes]) -> Part:
    """Writes the files of part `number` beside those of a shorter one, whose place they take by `take_places`.

    So the shorter part is there until a manifest names the longer one.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    contents = _named(number, files)
    for name, content in contents.items():
        write_beside(folder / name, content)
    return Part(first_run, runs, {name: Mark.of(content) for name, content in contents.items()})


def take_places(folder: Path, part: Part) -> None:
    """Puts files of a part that were written beside others in their place, where that has not been done."""
    for name, mark in part.files.items():
        beside = temporary_of(folder / name)
        if beside.is_file() and mark.fits(beside):
            beside.replace(folder / name)


def _named(number: int, files: Mapping[str, bytes]) -> dict[str, bytes]:
    suffix = PARQUET if PATHS in files else NPY
    return {file_name(holds, number, suffix): content for holds, content in files.items()}


def write_tally(tally: Tally, folder: Path) -> Mark:
    """Writes the tally of all runs, and says what the file must be."""
    content = tally.to_bytes()
    write_whole(folder / TALLY, content)
    return Mark.of(content)


def write_tables(results: Results, folder: Path, command: str) -> dict[str, Mark]:
    """Writes summary, tables and provenance, each whole or not at all, and says what all but the last must be."""
    contents = {"summary.json": _json(summary(results))}
    for name in TABLES:
        table = tidy(results, name)
        text: str = table.to_csv(index=False, lineterminator="\n", float_format="%.10g")
        contents[f"{name}.csv"] = text.encode()
    for name, content in contents.items():
        write_whole(folder / name, content)
    write_json(folder / PROVENANCE, provenance(results, command))
    return {name: Mark.of(content) for name, content in contents.items()}


def provenance(results: Results, command: str) -> dict[str, Any]:
    """Where the numbers come from. No host and no time of day, so that repeated runs give the same bytes."""
    scenario = results.scenario
    return {
        "command": command,
        "scenario": {
            "name": scenario.name,
            "path": scenario.path,
            "outlook": scenario.outlook,
            "set": plain(scenario.values),
            "sha256": scenario.sha256,
            "notes": list(scenario.notes),
            "text": scenario.text,
        },
        "seed": results.seed,
        "runs": results.runs,
        "first_run": results.first_run,
        "agents": list(results.agents),
        "versions": {"python": platform.python_version(), **versions()},
        "platform": f"{sys.platform}-{platform.machine()}",
    }


def write_json(path: Path, content: object) -> None:
    """Writes plain numbers, texts and lists as JSON, whole or not at all."""
    write_whole(path, _json(content))


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def open_results(directory: str | Path, *, partial: bool = False) -> Results:
    """The results that were saved in a folder; their arrays are read when they are first asked for.

    Parameters
    ----------
    partial
        Open what there is of an unfinished store: the runs from the first one on, up to the first that is missing.

    Raises
    ------
    StorageError
        If the folder holds no results, is not finished, was damaged, or was written by a newer tensionsim. Damaged
        arrays are found when they are read.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=5)
    >>> ts.open(r.save("results/first")).equals(r)
    True
    """
    folder = Path(directory)
    content = read_json(folder)
    if content["version"] < STORE_FORMAT:
        return _open_older(folder, content)
    manifest = parse(content, folder)
    if partial:
        manifest = manifest.beginning()
    advice = f"complete it with: tensionsim resume {folder}"
    if not manifest.parts:
        raise StorageError(f"{folder} is not finished: not one part of its runs is there; {advice}")
    if not manifest.has_all_parts:
        raise StorageError(
            f"{folder} is not finished: {manifest.kept:,} of {manifest.runs:,} runs are there; {advice}, "
            "or open those with partial=True"
        )
    check_readable(manifest.kind, folder)
    return results_of(folder, manifest, read_scenario(folder, manifest))


def results_of(folder: Path, manifest: Manifest, scenario: Scenario) -> Results:
    """The results of a store all of whose parts are there."""
    record = StoredRecord.of(Store(folder, manifest, manifest.parts))
    return _results(scenario, manifest.origin.seed, manifest.runs, manifest.origin.first_run, manifest, record)


def _results(*fields: Any) -> Results:

    scenario, seed, runs, first_run, manifest, record = fields
    return Results(scenario, seed, runs, first_run, manifest.names, record, manifest.origin.agents)


def _open_older(folder: Path, content: Mapping[str, Any]) -> Results:

    names, record = read(folder, content)
    try:
        scenario = _scenario(folder, content["scenario"])
        numbers = (content["seed"], content["runs"], content["first_run"])
        return Results(scenario, *numbers, names, record, tuple(content["agents"]))
    except (KeyError, TypeError, ValueError) as damage:
        raise StorageError(f"{folder} is damaged: {MANIFEST} contradicts the data ({damage})") from damage


def read_scenario(folder: Path, manifest: Manifest) -> Scenario:
    """The scenario of a store.

    Raises
    ------
    StorageError
        If scenario.yaml is missing or not what was run.
    """
    path, again = folder / SCENARIO, "run the same scenario into the folder again, which writes it anew"
    if not path.is_file():
        raise StorageError(f"{folder} is damaged: {SCENARIO} is missing; {again}")
    with builtins.open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != manifest.origin.scenario_sha256:
        raise StorageError(f"{path} is damaged: it is not what tensionsim saved; {again}")
    return _scenario(folder, manifest.scenario)


def _scenario(folder: Path, described: Mapping[str, Any]) -> Scenario:
    """The scenario as it was run; its text names no outlooks any more, so the chosen one's title is put back."""
    from tensionsim.scenario.scenario import load
    from tensionsim.scenario.schema import Outlook

    try:
        scenario = load(folder / SCENARIO)
    except ScenarioError as problems:
        raise StorageError(f"this tensionsim cannot read the scenario saved in {folder}:\n{problems}") from problems
    name, file = described["outlook"], scenario.file
    if name is not None:
        file = file.model_copy(update={"outlooks": {name: Outlook(title=described["outlook_title"])}})
    origin = {"name": described["name"], "outlook": name, "path": described.get("path", scenario.path)}
    return dataclasses.replace(
        scenario, file=file, **origin, notes=tuple(described["notes"]), _values=described.get("set", {})
    )


FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Derived:
    """A kind of folder, by the `word` for what it holds."""

    word: str

    @property
    def format(self) -> str:
        """What the manifest of such a folder calls it."""
        return f"tensionsim {self.word}"

    def check_target(self, directory: str | Path) -> Path:
        """The folder, if one of this kind may be written there: it is absent, empty, or holds one and nothing else.

        Raises
        ------
        StorageError
            If it is a file, holds something else, or cannot be written; the message says what.
        """
        target = Path(directory)
        found = set(files_below(target)) if target.is_dir() else set()
        if not found:
            return check_target(target)
        manifest = _manifest(target)
        if manifest.get("format") != self.format:
            raise StorageError(
                f"cannot write {target}: what it holds is no {self.format}: {named(found)}; choose another folder"
            )
        if foreign := sorted(found - {*manifest.get("written", ()), MANIFEST}):
            raise StorageError(
                f"cannot replace the {self.word} in {target}: {foreign[0]} there was not written by tensionsim; "
                "move it away or choose another folder"
            )
        return target

    def save(
        self, directory: str | Path, write: Callable[[Path], None], attach: Callable[[Path], None] | None = None
    ) -> Path:
        """Writes such a folder, whole or not at all; one of the kind that stands there is replaced.

        write, attach : called with a new folder before it takes its place, to write into it.

        Raises
        ------
        StorageError
            If the folder holds something else, or cannot be written.
        """
        target = self.check_target(directory)
        try:
            with taking_the_place_of(target) as folder:
                write(folder)
                if attach is not None:
                    attach(folder)
                written = sorted(files_below(folder))
                about = {"format": self.format, "version": FORMAT_VERSION, **versions(), "written": written}
                write_json(folder / MANIFEST, about)
        except OSError as failure:
            raise StorageError(f"cannot write {target}: {failure.strerror or failure}") from failure
        return target


def _manifest(target: Path) -> dict[str, Any]:
    try:
        found = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "room": "share, 0-1: room for manoeuvre of the principal that depends more on the other, then and in that run",
        "security_pillar": "index, 0-100: technical conduct on security issues, remembered by half for 24 months",
    }
)
REST = "rest"


def table(results: Results, name: str) -> pd.DataFrame:
    """One of the tables of statistics by name: from the arrays, or beyond `EXACT_RUNS` runs from the tally."""
    return _MAKERS[name](results) if results.is_exact else results.tally().table(name)


def _dates(results: Results) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(results.dates, name="date")


def _by_name(results: Results, values: Floats, names: Sequence[str], kind: str) -> pd.DataFrame:
    """Statistics of `values`, shape (date, name, run), as date by (name, statistic)."""
    columns = pd.MultiIndex.from_product([names, STATISTICS], names=[kind, "statistic"])
    table = over_runs(values).reshape(len(results.dates), -1)
    return pd.DataFrame(table, _dates(results), columns)


def index(results: Results) -> pd.DataFrame:
    """The cooperation index: date by statistic."""
    columns = pd.Index(STATISTICS, name="statistic")
    return pd.DataFrame(over_runs(results.record.cooperation), _dates(results), columns)


def paths(results: Results) -> pd.DataFrame:
    """The cooperation index: date by run."""
    runs = pd.RangeIndex(results.first_run, results.first_run + results.runs, name="run")
    return pd.DataFrame(results.record.cooperation, _dates(results), runs, copy=True)


def issues(results: Results) -> pd.DataFrame:
    """Cooperation on each issue: date by (issue, statistic)."""
    return _by_name(results, results.record.issue_cooperation, results.names.issues, "issue")


def indicators(results: Results) -> pd.DataFrame:
    """Each indicator: date by (indicator, statistic); the units are in `attrs`."""
    table = _by_name(results, results.record.indicators, results.names.indicators, "indicator")
    table.attrs["units"] = dict(zip(results.names.indicators, results.names.indicator_units, strict=True))
    return table


def tension_by_direction(results: Results) -> pd.DataFrame:
    """Tension of each principal's own conduct: date by (direction, statistic)."""
    directions, tension = directed_tension(results)
    return _by_name(results, tension, directions, "direction")


def measures(results: Results) -> pd.DataFrame:
    """Room for manoeuvre of the principal that depends more, and the security pillar: date by (measure, statistic)."""
    record = results.record
    table = _by_name(results, np.stack([record.room, record.security_pillar], axis=1), tuple(MEASURES), "measure")
    table.attrs["about"] = dict(MEASURES)
    return table


def tables_regimes(results: Results) -> pd.DataFrame:
    """Share of the runs in each regime: date by regime."""
    columns = pd.Index([name for name, _ in REGIMES], name="regime")
    return pd.DataFrame(regime_shares(results.record.cooperation), _dates(results), columns)


def arrangements(results: Results) -> pd.DataFrame:
    """Share of the runs in which each arrangement is in force: date by arrangement."""
    columns = pd.Index(results.names.arrangements, name="arrangement", dtype="str")
    return pd.DataFrame(results.record.in_force.mean(axis=-1), _dates(results), columns)


def tables_events(results: Results) -> pd.DataFrame:
    """Each event: probability, standard_error, median_first_date, mean_months, median_recovery_months."""
    record = results.record
    found = [
        occurrence(record.events[:, row], results.dates, results.step_months)
        for row in range(len(results.names.events))
    ]
    columns = {
        "probability": np.array([each.probability for each in found], float),
        "standard_error": np.array([each.standard_error for each in found], float),
        "median_first_date": pd.DatetimeIndex([each.first for each in found], dtype="datetime64[s]"),
        "mean_months": np.array([each.months for each in found], float),
        "median_recovery_months": np.array([each.recovery for each in found], float),
    }
    return pd.DataFrame(columns, pd.Index(results.names.events, name="event", dtype="str"))


def moves(results: Results) -> pd.DataFrame:
    """Every move made, one a row, by run and date; names are categories."""
    record, names = results.record, results.names
    order = np.lexsort((record.move_channel, record.move_step, record.move_run))
    channel, move = record.move_channel[order], record.move_id[order]
    columns: dict[str, object] = {"run": record.move_run[order], "date": results.dates[record.move_step[order]]}
    for kind, of_channel in names.places().items():
        columns[kind] = _category(of_channel, channel)
    columns["move"] = pd.Categorical.from_codes(move, list(names.moves))
    columns["goldstein"] = np.array(names.move_scores, float)[move]
    columns["cause"] = pd.Categorical.from_codes(record.move_cause[order], list(CAUSES))
    return pd.DataFrame(columns)


def _category(of_channel: Sequence[str], channel: Ints) -> pd.Categorical:
    """The name of each row's channel, as a category."""
    distinct = list(dict.fromkeys(of_channel))
    codes = np.array([distinct.index(name) for name in of_channel], np.int16)
    return pd.Categorical.from_codes(codes[channel], distinct)


def move_counts(results: Results) -> pd.DataFrame:
    """How often each move is made: a row for each move of a channel and cause, with its mean number a run."""
    if not results.is_exact:
        return results.tally().move_counts()
    keys = ["actor", "target", "issue", "track", "move", "goldstein", "cause"]
    grouped = moves(results).groupby(keys, observed=True, sort=True)["run"]
    counts = {"moves_per_run": grouped.size() / results.runs, "share_of_runs": grouped.nunique() / results.runs}
    table = pd.DataFrame(counts).reset_index()
    return table.sort_values("moves_per_run", ascending=False, kind="stable", ignore_index=True)


def tidy(results: Results, name: str) -> pd.DataFrame:
    """A table as it is written to CSV: one observation a row, all keys as columns."""
    if name == "move_counts":
        return move_counts(results)
    table: pd.DataFrame = getattr(results, name)
    if name == "arrangements":
        table = table.loc[:, (table > 0).any()].melt(ignore_index=False, value_name="share_of_runs")
    elif table.columns.nlevels > 1:
        table = _stacked(table)
    if name == "indicators":
        units = dict(zip(results.names.indicators, results.names.indicator_units, strict=True))
        table.insert(0, "unit", table.index.get_level_values("indicator").map(units))
    return table.reset_index()


def _stacked(table: pd.DataFrame) -> pd.DataFrame:
    """A table of date by (name, statistic) as (date, name) by statistic."""
    kind, columns = table.columns.names[0], list(STATISTICS)
    if table.empty:
        return pd.DataFrame(columns=columns, index=pd.MultiIndex.from_arrays([[], []], names=["date", kind]))
    return table.stack(kind, future_stack=True)[columns]


def ledger(results: Results, run: int | None, date: str | dt.date | np.datetime64 | None) -> pd.DataFrame:
    """The ledger of a run at a date."""
    number = results.first_run if run is None else whole("run", run, least=None)
    place, last = number - results.first_run, results.first_run + results.runs - 1
    if not 0 <= place < results.runs:
        raise SelectionError(f"there is no run {number}; these are runs {results.first_run} to {last}")
    row = len(results.dates) - 1 if date is None else _row(results, date)
    held = block_of(results, number)
    rows = [dataclasses.astuple(entry) for entry in entries(held.books, number - held.first_run, row)]
    return pd.DataFrame(rows, columns=[field.name for field in dataclasses.fields(Entry)])


def _row(results: Results, date: str | dt.date | np.datetime64) -> int:
    """The row of a date, whichever type it has."""
    days = results.dates
    try:
        wanted = np.datetime64(pd.Timestamp(date).date(), "D")
    except (TypeError, ValueError):
        raise SelectionError(f"{str(date)!r} is no date; write one like {days[-1]}") from None
    row = int(np.searchsorted(days, wanted))
    if row < len(days) and days[row] == wanted:
        return row
    near = " and ".join(str(day) for day in days[max(row - 1, 0) : row + 1])
    span = f"rows go from {days[0]} to {days[-1]}, one a {results.scenario.file.step}"
    raise SelectionError(
        f"no row is dated {wanted}; the nearest {'is' if row in (0, len(days)) else 'are'} {near}; {span}"
    )


def largest(ledger: pd.DataFrame, top: int) -> pd.DataFrame:
    """The entries of the most points either way, and a row of kind `rest` with the points of the others."""
    order = ledger["points"].abs().sort_values(ascending=False, kind="stable").index
    shown, others = ledger.loc[order[: whole("top", top)]], ledger.loc[order[top:]]
    if others.empty:
        return shown.reset_index(drop=True)
    rest = dict.fromkeys(ledger.columns, "") | {"kind": REST, "what": f"{len(others)} others"}
    row = pd.DataFrame([rest | {"points": others["points"].sum()}], columns=ledger.columns)
    return pd.concat([shown, row], ignore_index=True)


_MAKERS: Mapping[str, Callable[[Results], pd.DataFrame]] = MappingProxyType(
    {
        "index": index,
        "issues": issues,
        "regimes": tables_regimes,
        "events": tables_events,
        "indicators": indicators,
        "arrangements": arrangements,
        "tension_by_direction": tension_by_direction,
        "measures": measures,
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """An ensemble of `runs` random histories of one scenario, numbered from `first_run` on.

    `record` holds the arrays, `names` the names along their axes; of results that were opened from a folder each array
    is read when it is first asked for. The properties give them as tables. `agents` names the subclasses of Government
    that decided, "actor: class", if any.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> bool(r.index["median"].between(0, 100).all())
    True
    >>> r.moves.columns.tolist()
    ['run', 'date', 'actor', 'target', 'issue', 'track', 'move', 'goldstein', 'cause']
    >>> points = r.ledger(run=3)["points"].sum()
    >>> bool(abs(50 + points - r.paths[3].iloc[-1]) < 1e-9)
    True
    """

    scenario: Scenario
    seed: int
    runs: int
    first_run: int
    names: Names
    record: Record
    agents: tuple[str, ...] = ()
    _kept: dict[str, Tally] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.record.check_against(self.names, self.runs)

    def __repr__(self) -> str:
        from tensionsim.runs.statistics import span as statistics_span

        changed = settings(self.scenario.values)
        span = statistics_span(self.dates[0], self.scenario.file.end, self.dates[-1])
        parts = [f"{self.title!r}", span, f"{self.runs:,} run{'s' if self.runs > 1 else ''}", f"seed {self.seed}"]
        return f"<Results of {', '.join([*parts, changed] if changed else parts)}>"

    def equals(self, other: Results) -> bool:
        """Whether both come from the same scenario text and seed, and hold the same bits."""
        mine = (self.scenario.text, self.seed, self.runs, self.first_run, self.names)
        theirs = (other.scenario.text, other.seed, other.runs, other.first_run, other.names)
        return mine == theirs and self.record.equals(other.record)

    @property
    def title(self) -> str:
        """The scenario's title, and the outlook's where there is one."""
        return title(self.scenario)

    @property
    def dates(self) -> Dates:
        """Dates of the rows, shape (date,), datetime64[D]."""
        return self.record.dates

    @property
    def step_months(self) -> float:
        """Length of a step, in months."""
        from tensionsim.runs.statistics import MONTHS_PER_STEP

        return MONTHS_PER_STEP[self.scenario.file.step]

    @property
    def index(self) -> pd.DataFrame:
        """The cooperation index, 0..100, as date by mean, q05, q25, median, q75, q95."""
        return self._table("index")

    @property
    def paths(self) -> pd.DataFrame:
        """The cooperation index of every run, 0..100, as date by run."""
        return paths(self)

    @property
    def issues(self) -> pd.DataFrame:
        """Cooperation on each issue, 0..100, as date by (issue, statistic)."""
        return self._table("issues")

    @property
    def moves(self) -> pd.DataFrame:
        """Every move made, with run, date, actor, target, issue, track, move, goldstein and cause."""
        return moves(self)

    @property
    def regimes(self) -> pd.DataFrame:
        """Share of the runs in each regime, as date by rupture, crisis, strained, pragmatic, alliance."""
        return self._table("regimes")

    @property
    def events(self) -> pd.DataFrame:
        """How often each event comes true, when, and for how long.

        One row an event: `probability` that it ever does in a run, with its Monte Carlo `standard_error`;
        `median_first_date`, over the runs in which it does; `mean_months` in it, over all runs, in all its spells;
        `median_recovery_months`, from its first date until it first ends, over the runs in which it comes true. One
        that has not ended by the last date counts as longer than any: where half of them or more have not, the median
        is not known yet (NaN).
        """
        return self._table("events")

    @property
    def arrangements(self) -> pd.DataFrame:
        """Share of the runs in which each arrangement is in force, as date by arrangement."""
        return self._table("arrangements")

    @property
    def indicators(self) -> pd.DataFrame:
        """Each indicator in its unit (`.attrs["units"]`), as date by (indicator, statistic)."""
        return self._table("indicators")

    @property
    def tension_by_direction(self) -> pd.DataFrame:
        """Tension of each principal's own conduct, 0..100 (higher is harsher), as date by (direction, statistic)."""
        return self._table("tension_by_direction")

    @property
    def measures(self) -> pd.DataFrame:
        """What else is read off conduct, as date by (measure, statistic); what each is stands in `.attrs["about"]`.

        `room` is the room for manoeuvre, in [0, 1], of one principal only, the one that depends more on the other in
        that run on that date. `security_pillar` is the dyad as a pillar of regional security, 0..100 like the index,
        from its technical conduct on security issues remembered with a half-life of 24 months.
        """
        return self._table("measures")

    def _table(self, name: str) -> pd.DataFrame:

        return table(self, name)

    @property
    def is_exact(self) -> bool:
        """Whether tables are made from the arrays; beyond 5,000 runs they are made from the tally."""
        from tensionsim.runs.store import EXACT_RUNS

        return self.runs <= EXACT_RUNS

    def tally(self) -> Tally:
        """What summaries of any number of runs are made from; made once, or read from the folder where it is saved."""
        if "tally" not in self._kept:
            from tensionsim.runs.tally import tally

            self._kept["tally"] = tally(self)
        return self._kept["tally"]

    @property
    def books(self) -> Books:
        """What the ledger of this ensemble is drawn from; see `tensionsim.ledger`."""
        from tensionsim.model.ledger import Books

        return Books(self.record, self.names, self.step_months, self.first_run)

    def ledger(
        self,
        run: int | None = None,
        date: str | dt.date | np.datetime64 | None = None,
        *,
        top: int | None = None,
    ) -> pd.DataFrame:
        """What makes the index of a run at a date: one row a move or arrangement; `points` sum to the index less 50.

        In the order in which things came: history, arrangements, then moves by date.

        Parameters
        ----------
        run
            Number of the run; default: the first.
        date
            A date of the rows, like "2025-10-27", a date, a Timestamp or a datetime64; default: the last.
        top
            Show only so many, those of the most points either way first, and after them a row `rest` with the points
            of all others.

        Raises
        ------
        SelectionError
            If there is no such run or date.
        """
        whole = ledger(self, run, date)
        return whole if top is None else largest(whole, top)

    def movers(self, n: int = 10) -> list[dict[str, Any]]:
        """What moved the mean index most from the first date to the last: actor, what, points."""
        return movers(self, n)

    def summary(self) -> dict[str, Any]:
        """What `tensionsim run --json` prints: plain numbers, texts and lists."""
        return summary(self)

    def to_xarray(self) -> xr.Dataset:
        """All arrays with named axes and units, as an xarray Dataset (needs the extra `xarray`)."""
        return dataset(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws the fan of the index over time on `ax`, or on a new figure."""
        from tensionsim.plots import fan

        return fan(self, ax)

    def save(
        self,
        directory: str | Path,
        *,
        command: str = "",
        attach: Callable[[Path], None] | None = None,
        replace: bool = False,
    ) -> Path:
        """Writes the results to a folder, whole or not at all; `tensionsim.open` reads it back.

        Parameters
        ----------
        directory
            Made anew. Results of the same scenario text, seed, first run and agents, and of no more runs, are written
            over; anything else that stands there is left alone.
        command
            What was typed, for the provenance.
        attach
            Called with the folder before it takes its place, to write more files (plots) into it.
        replace
            Whether to replace other results that stand there, which are lost.

        Raises
        ------
        StorageError
            If the folder holds other results, or something that is no tensionsim result.
        """
        return save(self, directory, command=command, attach=attach, replace=replace)
