"""`tensionsim replicate`: from the studies asked for to published beside obtained."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from tensionsim.cli.screen import Screen
    from tensionsim.events.history import EventHistory
    from tensionsim.replication.framework import Check, Estimate, Outcome, Replication


UNSAID = {"format": "auto", "scale": "cameo", "dates": "auto"}
"""What the options of how events are read are where they are not given; the others are nothing then."""

OPTIONAL = ("events", "replications", "seed", "jobs")
"""What only some studies make use of."""

FAILED = "! "
"""Before what does not agree: the last columns are the first that a narrow terminal loses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for; `how` holds the options of how events are read."""

    studies: tuple[str, ...]
    events: Path | None
    dyad: tuple[str, str] | None
    how: Mapping[str, Any]
    replications: int | None
    seed: int | None
    jobs: int | Literal["auto"] | None
    as_json: bool
    as_csv: bool
    quiet: bool


def replicate(request: Request) -> None:
    """Computes the studies and prints what came out."""
    from tensionsim.replication.studies import check_taken, replicate

    _check(request)
    # Before a large file is read in vain.
    check_taken(request.studies, [name for name in OPTIONAL if getattr(request, name) is not None])
    found = replicate(
        *request.studies,
        events=_history(request),
        replications=request.replications,
        seed=request.seed,
        jobs=request.jobs,
        progress=not request.quiet,
    )
    _show(found, request)


def _check(request: Request) -> None:
    """UsageError where the options contradict one another."""
    if request.as_json and request.as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    if request.quiet and not (request.as_json or request.as_csv):
        raise click.UsageError("with --quiet nothing would be shown; add --json or --csv")
    if request.events is None:
        _check_nothing_is_read(request)


def _check_nothing_is_read(request: Request) -> None:
    """UsageError where options say how a file is read that is not named."""
    given = [name for name, value in request.how.items() if value and value != UNSAID.get(name)]
    given += ["dyad"] if request.dyad else []
    if given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise click.UsageError(f"{options}: how the events of --events FILE are read; name the file")


def _history(request: Request) -> EventHistory | None:
    if request.events is None:
        return None
    from tensionsim.cli.events import history_of

    return history_of(str(request.events), request.dyad, request.how)


def _show(found: Replication, request: Request) -> None:
    from tensionsim.cli import screen

    if request.as_json:
        click.echo(json.dumps(found.summary(), allow_nan=False))
    elif request.as_csv:
        click.echo(found.table().to_csv(index=False, lineterminator="\n", float_format="%.10g"), nl=False)
    else:
        click.echo("\n".join(lines(found, screen.detect())))


def lines(found: Replication, screen: Screen) -> Iterator[str]:
    """A replication in tables, failures and what was skipped in words, and a count."""
    for outcome in found.outcomes:
        yield from _study(outcome, screen)
        yield ""
    if found.failures:
        yield screen.bold("What does not agree")
        for check in found.failures:
            yield from screen.wrapped(f"{FAILED}{in_words(check)}", hanging="  ")
        yield ""
    yield from screen.wrapped(f"{found.count()}. Seed {found.seed}, tensionsim {found.version}.")


def _study(outcome: Outcome, screen: Screen) -> Iterator[str]:
    from tensionsim.cli.screen import table

    yield from map(screen.bold, screen.wrapped(outcome.study.title))
    for source in outcome.study.sources:
        yield from screen.wrapped(source, hanging="  ")
    rows = [
        (
            f"{'' if check.agrees else FAILED}{check.quantity}",
            shown(check.published),
            shown(check.obtained),
            verdict(check),
        )
        for check in outcome.findings.checks
    ]
    if rows:
        yield ""
        yield from table(screen, ("", "published", "obtained", "agrees"), rows)
    for skipped in outcome.findings.skipped:
        yield from screen.wrapped(f"- skipped: {skipped.quantity}: {skipped.why}; {skipped.remedy}", hanging="  ")
    for note in outcome.findings.notes:
        yield from screen.wrapped(note)


def in_words(check: Check) -> str:
    """A check as a sentence, with its criterion."""
    return (
        f"{check.quantity}: published {shown(check.published)} ({check.source}), obtained {shown(check.obtained)}; "
        f"criterion: {check.criterion}"
    )


def verdict(check: Check) -> str:
    """Whether a check agrees, or that too little was computed to say."""
    return ("yes" if check.agrees else "NO") if check.counts else "(few)"


def shown(value: Estimate | float | str) -> str:
    """A value, with its error where it has one, or a claim."""
    if isinstance(value, str):
        return value
    if isinstance(value, float | int):
        return f"{value:.4g}"
    if math.isnan(value.error) or value.error <= 0.0:
        return f"{value.value:.4g}"
    digits = max(0, 1 - math.floor(math.log10(value.error)))
    return f"{value.value:.{digits}f} ± {value.error:.{digits}f}"
