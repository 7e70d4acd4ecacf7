"""What is made of all parts of a store together, when all are there: tally, tables, figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tensionsim.ensemble.executors import executor
from tensionsim.ensemble.progress import Mode, showing
from tensionsim.ensemble.tasks import TallyTask, tally_of
from tensionsim.ensemble.ways import Ways
from tensionsim.results import Results, parts, storage
from tensionsim.results.files import TALLY
from tensionsim.results.manifest import Manifest
from tensionsim.results.tally import Tally
from tensionsim.scenario import Scenario

TALLY_PARTS = 8
"""Parts that a worker tallies at a time, so that few tallies travel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What is kept beside the runs, and how it is told.

    command : what was typed, for the provenance. attach : writes figures into the folder when all runs are there.
    say : is told what was found damaged. replace : start over where results stand already. over_again : what the reader
    says to ask for that.
    """

    command: str = ""
    attach: Callable[[Results, Path], None] | None = None
    say: Callable[[str], None] = lambda words: None
    replace: bool = False
    over_again: str = "replace=True"


def derive(folder: Path, manifest: Manifest, scenario: Scenario, ways: Ways, keeping: Keeping) -> Manifest:
    """The manifest of a finished store, after all that is made of the parts together has been written."""
    results = storage.results_of(folder, manifest, scenario)
    if not results.is_exact:
        tally = _tally(results, ways)
        manifest = replace(manifest, tables={TALLY: storage.write_tally(tally, folder)})
        results = storage.results_of(folder, manifest, scenario)
    tables = {**manifest.tables, **storage.write_tables(results, folder, keeping.command)}
    if keeping.attach is not None:
        keeping.attach(results, folder)
    manifest = replace(manifest, tables=tables, is_complete=True)
    manifest.write(folder)
    return manifest


def _tally(results: Results, ways: Ways) -> Tally:
    """The tally of all runs; distant workers may not see the folder, so only those of this machine are asked."""
    tasks = [TallyTask(block) for block in parts.blocks(results, TALLY_PARTS)]
    shown: Mode = "auto" if ways.progress == "auto" else "none"
    jobs, kind = (1, None) if ways.is_distant else (ways.jobs, ways.executor)
    found: dict[int, Tally] = {}
    whole: Tally | None = None
    with (
        executor(jobs, kind, tasks=len(tasks)) as workers,
        showing(results.runs, shown, "summed run") as advance,
    ):
        following = 0
        for position, tally in workers.results(tally_of, tasks):
            found[position] = tally
            advance(tasks[position].runs)
            while following in found:
                whole = found[following] if whole is None else whole.merged(found[following])
                del found[following]
                following += 1
    if whole is None:
        raise ValueError("there is nothing to tally")
    return whole
