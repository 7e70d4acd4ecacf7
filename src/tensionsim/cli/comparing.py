"""`tensionsim compare`: from what was asked to what is shown and written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tensionsim.cli.running import assignments

if TYPE_CHECKING:
    from tensionsim.analysis.compare import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for; `typed` is the whole command."""

    typed: str
    outlooks: tuple[str, ...]
    baseline: str | None
    runs: int | None
    seed: int | None
    assignments: tuple[str, ...]
    overlap: bool
    output: Path | None
    as_json: bool
    as_csv: bool
    quiet: bool


def compare(request: Request) -> None:
    """Compares the outlooks, writes the comparison if a folder was named, and prints it."""
    from tensionsim.analysis.compare import FOLDER, compared, gathered, with_baseline

    _check(request)
    if request.output is not None:
        FOLDER.check_target(request.output)
    values = assignments(request.assignments)
    entries = gathered([parted(text) for text in request.outlooks], values)
    entries, baseline = with_baseline(entries, request.baseline, values)
    found = compared(
        entries,
        baseline,
        runs=request.runs,
        seed=request.seed,
        overlap=request.overlap,
        progress=not request.quiet,
    )
    if request.output is not None:
        from tensionsim.plots import save_comparison

        found.save(request.output, command=request.typed, attach=lambda folder: save_comparison(found, folder))
    _show(found, request)


def _check(request: Request) -> None:
    """UsageError where the options contradict one another."""
    if request.quiet and request.output is None and not (request.as_json or request.as_csv):
        raise click.UsageError("with --quiet nothing would be shown or kept; add -o DIR, --json or --csv")
    if request.as_json and request.as_csv:
        raise click.UsageError("--json and --csv exclude each other")


def parted(text: str) -> tuple[str, str]:
    """Name and outlook of `NAME=OUTLOOK`; a file whose own name has a `=` is an outlook without."""
    name, equals, outlook = text.partition("=")
    return (name.strip(), outlook) if equals and name.strip() and outlook and not Path(text).exists() else ("", text)


def _show(found: Comparison, request: Request) -> None:
    from tensionsim.cli import outlooks, screen

    if request.as_json:
        click.echo(json.dumps(found.summary(), allow_nan=False))
    elif request.as_csv:
        click.echo(found.table().to_csv(lineterminator="\n", float_format="%.10g"), nl=False)
    elif not request.quiet:
        click.echo("\n".join(outlooks.lines(found.summary(), screen.detect())))
        if request.output is not None:
            click.echo(f"\nTables, figures and provenance.json are in {request.output}")
