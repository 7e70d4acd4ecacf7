"""A sweep in a folder: its tables, what it was made of, and the run store of every point.

    manifest.json      what the folder is: format, origin, points, checksum of each file
    scenario.yaml      the scenario that the points change, resolved
    design.yaml        the design, which reads back as the same
    sweep.csv          one row a point } once all points are there
    index.csv          the index by point and date
    provenance.json    where the numbers come from
    points/000/ ...    the run store of each point, where one was asked for

Numbers in the tables are written so that they read back as the same bits.
"""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from tensionsim.errors import ScenarioError, StorageError
from tensionsim.results import sweep_folders, wording
from tensionsim.results.files import TEMPORARY, write_whole
from tensionsim.results.manifest import (
    MANIFEST,
    OVER_AGAIN,
    SWEEP_FORMAT,
    Origin,
    described,
    reference,
    scenario_differences,
)
from tensionsim.results.parts import Mark
from tensionsim.results.sweep import Plan, Sweep
from tensionsim.results.sweep_folders import DESIGN, FILES, INDEX, POINTS, PROVENANCE, SCENARIO, TABLE

if TYPE_CHECKING:
    from tensionsim.results.outcomes import Outcome
    from tensionsim.scenario import Scenario

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """What a folder's manifest says.

    scenario : name, path, outlook, what was set. points : values of each. files : those written so far. has_stores :
    whether the runs of the points are kept.
    """

    origin: Origin
    scenario: Mapping[str, Any]
    points: tuple[tuple[Any, ...], ...]
    runs: int
    baseline: int
    has_stores: bool
    files: Mapping[str, Mark]
    is_complete: bool


def point_folder(folder: Path, number: int) -> Path:
    """Where the runs of a point are stored."""
    return folder / POINTS / f"{number:03}"


def finished_points(folder: Path) -> int:
    """How many points of a sweep have all their runs."""
    count = 0
    for manifest in folder.glob(f"{POINTS}/*/{MANIFEST}"):
        try:
            count += bool(json.loads(manifest.read_text(encoding="utf-8")).get("complete"))
        except (OSError, ValueError, AttributeError):
            continue  # a damaged point is no finished one; going on mends or refuses it
    return count


def is_sweep(directory: str | Path) -> bool:
    """Whether a folder's manifest says that it is a sweep, or what is there can be nothing else."""
    return sweep_folders.state_of(Path(directory)) in ("sweep", "lost")


def begin(plan: Plan, folder: Path, command: str, *, replace: bool = False, over_again: str = "replace=True") -> None:
    """Makes a folder ready for the runs of a plan; the runs that it holds already stay, unless `replace`.

    command : what was typed, for the provenance. over_again : what the reader says to ask for `replace`.

    Raises
    ------
    StorageError
        If it holds runs of another plan, or cannot be written.
    """
    if replace:
        sweep_folders.clear(folder)
    if not sweep_folders.is_empty(folder):
        check_same(plan, kept(folder), folder, over_again)
    _write(folder, plan, _beginnings(plan, command), has_stores=True)


def finish(sweep: Sweep, folder: Path, command: str) -> None:
    """Writes the tables of a sweep whose runs are stored in the folder."""
    _write(folder, sweep.plan, _contents(sweep, command), has_stores=True)


def save(sweep: Sweep, directory: str | Path, *, command: str = "", replace: bool = False) -> Path:
    """Writes a sweep to a folder, whole or not at all; see `Sweep.save`."""
    target = Path(directory)
    sweep_folders.check(target, replace=replace)
    if not sweep_folders.is_empty(target):
        if (target / POINTS).exists():
            raise StorageError(
                f"cannot replace the sweep in {target}: it holds the runs of its points; choose another folder"
            )
        if not replace:
            _check_loses_nothing(sweep.plan, kept(target), target)
    place = target.absolute()
    fresh, old = (place.with_name(f"{TEMPORARY}{word}-{token_hex(4)}") for word in ("new", "old"))
    try:
        fresh.mkdir(parents=True)
        _write(fresh, sweep.plan, _contents(sweep, command), has_stores=False)
        if place.exists():
            place.rename(old)
        fresh.rename(place)
    except OSError as failure:
        raise StorageError(f"cannot write {target}: {failure.strerror or failure}") from failure
    finally:
        if old.exists() and not place.exists():
            old.rename(place)
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return target


def read(directory: str | Path) -> Sweep:
    """The sweep of a folder; see `Sweep.open`."""
    from tensionsim.scenario.design_file import read_design

    folder = Path(directory)
    found = kept(folder)
    if not found.is_complete:
        advice = f"finish it with: tensionsim resume {folder}" if found.has_stores else "run it again"
        raise StorageError(f"the sweep in {folder} is not finished; {advice}")
    for name, mark in found.files.items():
        if not mark.fits(folder / name):
            raise StorageError(f"{folder / name} is damaged: it is not what tensionsim wrote; run the sweep again")
    try:
        scenario, design = _scenario(folder, found.scenario), read_design(folder / DESIGN)
    except ScenarioError as problems:
        raise StorageError(f"this tensionsim cannot read the sweep in {folder}:\n{problems}") from problems
    plan = Plan(scenario, design, found.points, found.origin.seed, found.runs, found.baseline)
    return Sweep(plan, _outcomes(folder, len(design.factors)))


def kept(folder: Path) -> Kept:
    """What the manifest of a folder says.

    Raises
    ------
    StorageError
        If it is no folder of a sweep, or its manifest cannot be used.
    """
    if not folder.is_dir():
        raise StorageError(f"{folder} is not a folder: {'it is a file' if folder.exists() else 'there is none'}")
    state = sweep_folders.state_of(folder)
    if state == "lost":
        raise StorageError(f"{sweep_folders.lost(folder)}; sweep again into another folder, or with {OVER_AGAIN}")
    if state != "sweep":
        raise StorageError(f"{folder} holds no sweep")
    content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if not isinstance(content.get("version"), int) or content["version"] > FORMAT_VERSION:
        raise StorageError(
            f"{folder} was written by a newer tensionsim ({content.get('tensionsim')}); this one reads sweeps of "
            f"version {FORMAT_VERSION}: pip install --upgrade tensionsim"
        )
    try:
        return _parsed(content)
    except (KeyError, TypeError, ValueError, AttributeError) as damage:
        raise StorageError(f"{folder} is damaged: {MANIFEST} contradicts itself ({damage!r})") from damage


def origin_of(plan: Plan) -> Origin:
    """What the numbers of a plan come from, made here and now."""
    return Origin.here(plan.scenario, plan.seed, 0)


def _parsed(content: Mapping[str, Any]) -> Kept:
    return Kept(
        Origin(**{**content["origin"], "agents": tuple(content["origin"]["agents"])}),
        dict(content["scenario"]),
        tuple(tuple(point) for point in content["points"]),
        int(content["runs"]),
        int(content["baseline"]),
        bool(content["has_stores"]),
        {name: Mark(**mark) for name, mark in content["files"].items()},
        bool(content["complete"]),
    )


def check_same(plan: Plan, found: Kept, folder: Path, over_again: str) -> None:
    """StorageError where a folder holds something that the plan cannot go on with."""
    of_scenario = scenario_differences(folder, found.scenario, plan.scenario)
    differences = [*found.origin.differences(origin_of(plan), of_scenario), *_differences(plan, found)]
    if not found.has_stores:
        differences.append("that it keeps no runs of its points")
    if plan.runs < found.runs:
        differences.append(f"runs ({found.runs:,} there, {plan.runs:,} now; one can only add)")
    if differences:
        raise StorageError(
            f"{folder} holds another sweep, which differs in {'; '.join(differences)}. Nothing was changed; name "
            f"another folder, or start over there with {over_again}"
        )


def _differences(plan: Plan, found: Kept) -> list[str]:
    """What differs in the points."""
    design = found.files.get(DESIGN)
    if design is None or design.sha256 != Mark.of(plan.design.text.encode()).sha256:
        return ["the design"]
    if found.points != tuple(_as_kept(point) for point in plan.points):
        return ["the points, which another version of SciPy drew from the same design"]
    return []


def _check_loses_nothing(plan: Plan, found: Kept, folder: Path) -> None:
    """StorageError where another sweep would be lost, which may have taken hours."""
    differences = _differences(plan, found)
    if found.origin.scenario_sha256 != plan.scenario.sha256:
        differences += scenario_differences(folder, found.scenario, plan.scenario)
    if found.origin.seed != plan.seed:
        differences.append(f"seed ({found.origin.seed} there, {plan.seed} here)")
    if found.runs > plan.runs:
        differences.append(f"runs ({found.runs:,} there, {plan.runs:,} here)")
    if differences:
        raise StorageError(
            f"cannot write {folder}: it holds another sweep, and it would be lost; what differs: "
            f"{'; '.join(differences)}. Choose another folder, or replace it with replace=True"
        )


def _contents(sweep: Sweep, command: str) -> dict[str, str]:
    """Texts of all files by name."""
    index = sweep.index.reset_index()
    return _beginnings(sweep.plan, command) | {
        TABLE: sweep.table.to_csv(index=False, lineterminator="\n"),
        INDEX: index.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d"),
    }


def _beginnings(plan: Plan, command: str) -> dict[str, str]:
    """Texts of the files that are there before anything is run."""
    return {
        SCENARIO: plan.scenario.text,
        DESIGN: plan.design.text,
        PROVENANCE: json.dumps(_provenance(plan, command), indent=1, ensure_ascii=False) + "\n",
    }


def _write(folder: Path, plan: Plan, contents: Mapping[str, str], *, has_stores: bool) -> None:
    """Writes files and the manifest that names them: last, but at the beginning first, so that all is known as ours."""
    # The provenance says what was typed and on what, and so differs where the numbers do not.
    files = {name: asdict(Mark.of(text.encode())) for name, text in contents.items() if name != PROVENANCE}
    is_complete = set(FILES) <= set(contents)
    try:
        head = {
            "format": SWEEP_FORMAT,
            "version": FORMAT_VERSION,
            "complete": is_complete,
            "origin": asdict(origin_of(plan)),
            "scenario": described(plan.scenario) | {"path": reference(plan.scenario)},
            "seed": plan.seed,
            "runs": plan.runs,
            "baseline": plan.baseline,
            "has_stores": has_stores,
            "factors": dict(zip(plan.design.names, (one.path for one in plan.design.factors), strict=True)),
            "files": files,
        }
        points = ",\n".join(f"  {json.dumps(_as_kept(point), ensure_ascii=False)}" for point in plan.points)
        shown = json.dumps(head, indent=1, ensure_ascii=False, allow_nan=False)
        manifest = {MANIFEST: f'{shown[:-2]},\n "points": [\n{points}\n ]\n}}\n'}
        ordered = {**contents, **manifest} if is_complete else {**manifest, **contents}
        for name, text in ordered.items():
            write_whole(folder / name, text.encode())
    except OSError as failure:
        raise StorageError(f"cannot write {folder}: {failure.strerror or failure}") from failure


def _as_kept(point: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values of a point as JSON gives them back."""
    return tuple(wording.plain(value) for value in point)


def command_of(folder: Path) -> str:
    """What was typed to begin a sweep; empty where that is not known."""
    try:
        return str(json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))["command"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _provenance(plan: Plan, command: str) -> dict[str, Any]:
    """Where the numbers come from. No host and no time of day, so that repeated sweeps give the same bytes."""
    import numpy
    import scipy

    from tensionsim import __version__

    scenario = plan.scenario
    return {
        "command": command,
        "scenario": described(scenario) | {"path": reference(scenario), "sha256": scenario.sha256},
        "seed": plan.seed,
        "runs": plan.runs,
        "points": len(plan.points),
        "baseline": plan.baseline,
        "versions": {
            "tensionsim": __version__,
            "numpy": numpy.__version__,
            "scipy": scipy.__version__,
            "python": platform.python_version(),
        },
    }


def _scenario(folder: Path, said: Mapping[str, Any]) -> Scenario:
    """The scenario as it was given; its text names no outlooks any more where one was chosen."""
    from tensionsim.scenario import load

    origin = {key: said[key] for key in ("name", "path", "outlook")}
    return replace(load(folder / SCENARIO), **origin, notes=tuple(said["notes"]), _values=said["set"])


def _outcomes(folder: Path, factors: int) -> list[Outcome]:
    """The outcomes that the tables of a folder hold."""
    import numpy as np
    import pandas as pd

    from tensionsim.results.outcomes import Outcome
    from tensionsim.results.statistics import STATISTICS

    # Read as texts, for pandas before 3 may miss the last bit of a number.
    table, index = (pd.read_csv(folder / name, dtype=str) for name in (TABLE, INDEX))
    columns = list(table.columns[1 + factors :])
    rows = dict(list(index.groupby("point", sort=False)))
    return [
        Outcome(
            dict(zip(columns, (float(value) for value in values), strict=True)),
            np.array(rows[number]["date"].tolist(), "datetime64[D]"),
            rows[number][list(STATISTICS)].to_numpy(np.float64),
        )
        for number, values in zip(table["point"].tolist(), table[columns].to_numpy().tolist(), strict=True)
    ]
