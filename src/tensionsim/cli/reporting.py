"""`tensionsim report`: from what was asked to a briefing in a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tensionsim.cli.comparing import parted
from tensionsim.cli.running import assignments
from tensionsim.errors import SelectionError

if TYPE_CHECKING:
    from tensionsim.analysis.compare import Comparison, Entry
    from tensionsim.runs.results import Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for; `typed` is the whole command."""

    typed: str
    given: tuple[str, ...]
    baseline: str | None
    outlook: str | None
    outlooks: bool
    runs: int | None
    seed: int | None
    assignments: tuple[str, ...]
    overlap: bool
    ahead: float
    no_effects: bool
    templates: Path | None
    output: Path
    quiet: bool


def report(request: Request) -> None:
    """Runs what has not been run, makes the briefing and writes it, whole or not at all."""
    from tensionsim.briefings.briefing import MARKDOWN, check_target, check_templates, folder_of
    from tensionsim.briefings.briefing import report as make

    _check(request)
    check_target(request.output)
    check_templates(request.templates)
    make(
        _found(request),
        request.output,
        ahead_months=request.ahead,
        effects=not request.no_effects,
        templates=request.templates,
        command=request.typed,
    )
    if not request.quiet:
        is_apart = request.output.suffix.lower() in MARKDOWN
        click.echo(f"Wrote {request.output}" + (f", its figures in {folder_of(request.output)}" if is_apart else ""))


def _check(request: Request) -> None:
    """UsageError where options contradict one another."""
    if request.outlook is not None and request.outlooks:
        raise click.UsageError("--outlook takes one branch and --outlooks all; give one of them")
    several = len(request.given) > 1 or request.baseline is not None
    if request.overlap and not (several or request.outlooks):
        raise click.UsageError("--overlap changes nothing in one scenario; it goes with several")
    if several and (request.outlook is not None or request.outlooks):
        raise click.UsageError(
            "--outlook and --outlooks are of one scenario without --baseline; several are each given by name"
        )


def _found(request: Request) -> Comparison | Results:
    """The comparison or the ensemble that the briefing is of."""
    from tensionsim.analysis.compare import compared, gathered, with_baseline

    values = assignments(request.assignments)
    several = len(request.given) > 1 or request.baseline is not None
    if not several and not request.outlooks:
        return _alone(request, values)
    entries = gathered([parted(text) for text in request.given], values)
    if several and len(request.given) == 1:
        entries = entries[:1]
    entries, baseline = with_baseline(entries, request.baseline, values)
    return compared(
        entries,
        baseline,
        runs=request.runs,
        seed=request.seed,
        overlap=request.overlap,
        progress=not request.quiet,
    )


def _alone(request: Request, values: dict[str, Any]) -> Results:
    """One scenario, run now, or one folder, read."""
    from tensionsim.analysis.compare import RUNS, SEED, gathered
    from tensionsim.runs.results import Results
    from tensionsim.runs.run import run

    entry: Entry = gathered([parted(request.given[0])], values)[0]
    if isinstance(entry.given, Results):
        _check_saved(request, entry.given)
        return entry.given
    scenario = entry.given if request.outlook is None else entry.given.with_outlook(request.outlook)
    runs = RUNS if request.runs is None else request.runs
    return run(scenario, runs=runs, seed=request.seed or SEED, progress=not request.quiet)


def _check_saved(request: Request, results: Results) -> None:
    """SelectionError where saved results are asked for what they are not."""
    there = request.given[0]
    if request.outlook is not None:
        raise SelectionError(f"{there} holds results, of which no outlook can be taken any more; leave out --outlook")
    for name, asked, held in (("runs", request.runs, results.runs), ("seed", request.seed, results.seed)):
        if asked is not None and asked != held:
            raise SelectionError(f"{there} holds results with {name} {held:,}, not {asked:,}; leave out --{name}")
