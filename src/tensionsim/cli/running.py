"""`tensionsim run` and `tensionsim resume`: from what was asked to what is shown and written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from tensionsim.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensionsim.runs.parallel import Mode
    from tensionsim.runs.results import Results
    from tensionsim.scenario.scenario import Scenario
    from tensionsim.scenario.yaml_tree import Report


INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """How it is to be computed and told; see `Ways`. `typed` is the whole command."""

    typed: str
    jobs: int | Literal["auto"]
    executor: str | None
    scheduler: str | None
    progress: Literal["auto", "json", "none"]
    as_json: bool
    quiet: bool

    def how(self) -> dict[str, Any]:
        """What the ensemble is told of it."""
        shown: Mode = "none" if self.quiet and self.progress == "auto" else self.progress
        return {"jobs": self.jobs, "executor": self.executor, "scheduler": self.scheduler, "progress": shown}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Which runs were asked for."""

    scenario: str
    runs: int
    seed: int
    outlook: str | None
    assignments: tuple[str, ...]
    output: Path | None
    replace: bool


def run(request: Request, means: Means) -> None:
    """Runs the scenario, into a folder if one was named, and prints the summary."""
    from tensionsim.runs.run import run as run_ensemble

    if means.quiet and request.output is None and not means.as_json:
        raise click.UsageError("with --quiet nothing would be shown or kept; add -o DIR or --json")
    if request.replace and request.output is None:
        raise click.UsageError("--replace goes with -o DIR: without a folder there is nothing to replace")
    scenario = loaded(request.scenario, request.outlook, request.assignments)
    if request.output is None:
        results = run_ensemble(scenario, runs=request.runs, seed=request.seed, **means.how())
    else:
        results = _kept(request, scenario, means, request.output)
    _show(results, means, request.output)


def resume(folder: Path, means: Means) -> None:
    """Completes the runs of a folder, or its sweep, and prints the summary."""
    from tensionsim.runs.run import Interrupted
    from tensionsim.runs.sweep import Sweep, resume

    _check_is_no_backtest(folder)
    try:
        found = resume(folder, command=means.typed, attach=_draw, say=_say, over_again="--replace", **means.how())
    except Interrupted as interrupted:
        raise ended(interrupted) from None
    if isinstance(found, Sweep):
        from tensionsim.cli import sweeping

        sweeping.show(found, means, folder)
    else:
        _show(found, means, folder)


def _check_is_no_backtest(folder: Path) -> None:
    """UsageError for the folder of a backtest, with what goes on there."""
    from tensionsim.forecast.backtest import begun_by

    if (command := begun_by(folder)) is not None:
        raise click.UsageError(f"{folder} holds a backtest; the command that began it goes on: {command}")


def _kept(request: Request, scenario: Scenario, means: Means, output: Path) -> Results:
    from tensionsim.runs.run import Interrupted, fill

    try:
        return fill(
            output,
            scenario,
            runs=request.runs,
            seed=request.seed,
            replace=request.replace,
            command=means.typed,
            attach=_draw,
            say=_say,
            over_again="--replace",
            **means.how(),
        )
    except Interrupted as interrupted:
        raise ended(interrupted) from None


def ended(interrupted: BaseException) -> click.exceptions.Exit:
    """The end of a command that was interrupted, after its last words."""
    _say(str(interrupted))
    return click.exceptions.Exit(INTERRUPTED)


def _draw(results: Results, folder: Path) -> None:
    """Writes the figures into the folder."""
    from tensionsim.plots import save_overview

    save_overview(results, folder)


def _say(words: str) -> None:
    click.echo(words, err=True)


def loaded(path: str, outlook: str | None, texts: Sequence[str]) -> Scenario:
    """The scenario with what several `PATH=VALUE` set.

    Raises
    ------
    ScenarioError
        If it cannot be used, or a text is none; it lists all that is wrong.
    """
    from tensionsim.scenario.scenario import load
    from tensionsim.scenario.yaml_tree import Report

    report = Report()
    values = parted(texts, report)
    try:
        scenario = load(path, outlook=outlook, set=values)
    except ScenarioError as failure:
        report.take(failure)
        report.stop()
    report.raise_if_any()
    return scenario


def assignments(texts: Sequence[str]) -> dict[str, object]:
    """Paths and values of several `PATH=VALUE`; values are read as in a scenario file.

    Raises
    ------
    ScenarioError
        If some are none; it lists all of them.
    """
    from tensionsim.scenario.yaml_tree import Report

    report = Report()
    values = parted(texts, report)
    report.raise_if_any()
    return values


def parted(texts: Sequence[str], report: Report) -> dict[str, object]:
    """The values that texts mean; those that mean none are noted in `report`."""
    from tensionsim.scenario.yaml_tree import Place, Source, plain, read_nodes

    found: dict[str, object] = {}
    for text in texts:
        path, equals, value = (part.strip() for part in text.partition("="))
        if not (equals and path and value):
            report.add(Place(Source("--set")), f"{text!r} is not PATH=VALUE, as in actors.bogota.rhetoric=0.4")
            continue
        before = len(report)
        node = read_nodes(value, Source(f"--set {path}"), report)
        if len(report) == before:
            found[path] = None if node is None else plain(node)
    return found


def _show(results: Results, means: Means, output: Path | None) -> None:
    from tensionsim.cli import outcome, screen

    if means.as_json:
        click.echo(json.dumps(results.summary(), allow_nan=False))
    elif not means.quiet:
        click.echo("\n".join(outcome.lines(results.summary(), screen.detect())))
        if output is not None:
            click.echo(f"\nTables, overview.png, overview.svg and provenance.json are in {output}")
