"""`tensionsim run`: from what was asked to what is shown and written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tensionsim.results import Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for; `typed` is the whole command."""

    typed: str
    scenario: str
    runs: int
    seed: int
    outlook: str | None
    assignments: tuple[str, ...]
    output: Path | None
    as_json: bool
    quiet: bool


def run(request: Request) -> None:
    """Runs the scenario, writes the results if a folder was named, and prints the summary."""
    from tensionsim.ensemble.runner import run as run_ensemble
    from tensionsim.results import storage
    from tensionsim.scenario import load

    if request.quiet and request.output is None and not request.as_json:
        raise click.UsageError("with --quiet nothing would be shown or kept; add -o DIR or --json")
    values = dict(assignment(text) for text in request.assignments)
    if request.output is not None:
        storage.check_target(request.output)
    scenario = load(request.scenario, outlook=request.outlook, set=values)
    results = run_ensemble(scenario, runs=request.runs, seed=request.seed, progress=not request.quiet)
    if request.output is not None:
        from tensionsim.plots import save_overview

        results.save(request.output, command=request.typed, attach=lambda folder: save_overview(results, folder))
    _show(results, request)


def assignment(text: str) -> tuple[str, object]:
    """Path and value of `PATH=VALUE`; the value is read as in a scenario file."""
    path, equals, value = text.partition("=")
    if not (equals and path.strip() and value.strip()):
        raise click.BadParameter(f"{text!r} is not PATH=VALUE, as in actors.bogota.rhetoric=0.4", param_hint="--set")
    return path.strip(), _read(value, path.strip())


def _read(value: str, path: str) -> object:
    from tensionsim.scenario.nodes import plain
    from tensionsim.scenario.places import Source
    from tensionsim.scenario.problems import Report
    from tensionsim.scenario.yaml_nodes import read_nodes

    report = Report()
    node = read_nodes(value, Source(f"--set {path}"), report)
    report.raise_if_any()
    return None if node is None else plain(node)


def _show(results: Results, request: Request) -> None:
    from tensionsim.cli import outcome, screen

    if request.as_json:
        click.echo(json.dumps(results.summary(), allow_nan=False))
    elif not request.quiet:
        click.echo("\n".join(outcome.lines(results.summary(), screen.detect())))
        if request.output is not None:
            click.echo(f"\nTables, overview.png, overview.svg and provenance.json are in {request.output}")
