"""`tensionsim fit`: from what was asked to what is shown and written."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tensionsim.cli.screen import Screen
    from tensionsim.estimation.fit import Fit
    from tensionsim.events.history import EventHistory


STRONG, MOST_PAIRS = 0.4, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for."""

    scenario: str
    events: Path | None
    dyad: tuple[str, str] | None
    how: Mapping[str, Any]
    since: str | None
    until: str | None
    fixed: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]
    prior_width: float
    draws: int
    posterior: str
    checked: bool
    no_support: bool
    output: Path | None
    figure: Path | None
    as_json: bool
    as_csv: bool
    quiet: bool


def fit(request: Request) -> None:
    """Fits the scenario, writes the fitted one and the figure where files were named, and prints the estimates."""
    from tensionsim.estimation.fit import check_target
    from tensionsim.estimation.fit import fit as fitted
    from tensionsim.scenario.scenario import scenario_of

    _check(request)
    if request.output is not None:
        check_target(scenario_of(request.scenario), request.output)
    if request.figure is not None:
        from tensionsim.plots.style import check_path

        check_path(request.figure)
    history = _history(request)
    spans = [(_day(first), _day(last)) for first, last in request.missing]
    found = fitted(
        request.scenario,
        history,
        since=_day(request.since) if request.since else None,
        until=_day(request.until) if request.until else None,
        fix=request.fixed,
        missing=spans or None,
        prior_width=request.prior_width,
        with_support=not request.no_support,
    )
    if request.output is not None:
        found.write(request.output, draws=request.draws, posterior=request.posterior)
    if request.figure is not None:
        _draw(found, request.figure)
    _show(found, request)


def _check(request: Request) -> None:
    """UsageError where the options contradict one another."""
    if request.as_json and request.as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    is_kept = request.output is not None or request.figure is not None
    if request.quiet and not (is_kept or request.as_json or request.as_csv):
        raise click.UsageError("with --quiet nothing would be shown or kept; add -o FILE, --plot FILE, --json or --csv")
    if request.events is None and request.dyad:
        raise click.UsageError("--dyad says whose events of --events FILE count; name the file")
    if request.posterior == "corrected" and (request.output is None or request.draws == 1):
        raise click.UsageError("--posterior says which draws -o FILE gets; name FILE, and let it have more than one")


def _day(text: str) -> dt.date:
    from tensionsim.scenario.quantities import parse_date

    try:
        return parse_date(text)
    except ValueError:
        raise click.UsageError(f"{text!r} is no date; write it like 2024-12-31") from None


def _history(request: Request) -> EventHistory | None:
    """The events of the file, if one was named."""
    if request.events is None:
        return None
    from tensionsim.cli.events import history_of

    return history_of(str(request.events), request.dyad, request.how)


def _draw(found: Fit, path: Path) -> None:
    """Draws support and estimates into a file, whole or not at all."""
    from tensionsim.plots.fits import fit_overview
    from tensionsim.plots.style import save

    save(fit_overview(found), path)


def _show(found: Fit, request: Request) -> None:
    from tensionsim.cli import screen

    if request.as_json:
        click.echo(json.dumps(found.summary(checked=request.checked), allow_nan=False))
    elif request.as_csv:
        click.echo(found.table().to_csv(lineterminator="\n", float_format="%.10g"), nl=False)
    elif not request.quiet:
        click.echo("\n".join(lines(found, screen.detect(), _asked(request))))
        if request.output is not None:
            click.echo(f"\nThe fitted scenario is {request.output}; run it: tensionsim run {request.output}")
        if request.figure is not None:
            click.echo(f"\nThe figure is {request.figure}")


def _asked(request: Request) -> tuple[str, ...]:
    """The posteriors of which is told how far they are to be trusted: that takes longer than the fit."""
    is_corrected = request.posterior == "corrected"
    return (*["laplace"] * request.checked, *["corrected"] * is_corrected)


def lines(found: Fit, screen: Screen, posteriors: Sequence[str] = ()) -> Iterator[str]:
    """A fit in words and tables. posteriors : those of which is told how far they are to be trusted."""
    from tensionsim.cli.screen import table

    where, told = found.likelihood.states.window, found.diagnosis
    yield screen.bold(found.given.title)
    yield from screen.wrapped(
        f"{told.acts:,} acts of {where.history.name}, {where.since} to {where.until}; {len(found.paths)} coefficients "
        f"fitted in {found.seconds:.1f} s. Log-likelihood {found.log_likelihood:.1f}, log marginal likelihood "
        f"{found.log_evidence:.1f}."
    )
    yield ""
    rows = [
        (
            name.partition(".")[2],
            *(_number(row[key]) for key in ("estimate", "standard_error", "prior", "shift")),
            _share(row["learned"]),
            f"{_number(row['low_90'])} to {_number(row['high_90'])}",
        )
        for name, row in found.table().iterrows()
    ]
    yield from table(screen, ("coefficient", "estimate", "error", "prior", "shift", "data", "90 % interval"), rows)
    yield from screen.wrapped(
        "error: standard error. shift: estimate less prior, in the prior's deviations. data: how much of what is known "
        "comes from the history, not from the prior."
    )
    if told_together := _together(found):
        yield from screen.wrapped(f"Estimates that hang together (correlation): {told_together}.")
    yield from _supported(found, screen)
    yield from _said(found, screen, posteriors)


def _together(found: Fit) -> str:
    """The strongest correlations of the estimates, of 0.4 and more; all are in --json."""
    table = found.correlations()
    names = [path.partition(".")[2] for path in table.index]
    pairs = [
        (float(table.iat[row, column]), f"{names[column]} and {names[row]}")
        for row in range(len(names))
        for column in range(row)
    ]
    strong = sorted((one for one in pairs if abs(one[0]) >= STRONG), key=lambda one: -abs(one[0]))
    return ", ".join(f"{who} {value:+.2f}" for value, who in strong[:MOST_PAIRS])


def _supported(found: Fit, screen: Screen) -> Iterator[str]:
    from tensionsim.cli.screen import table

    if not found.support:
        return
    yield ""
    rows = [
        (
            one.name.replace("_", " "),
            f"{one.log10_bayes_factor:+.1f}",
            one.verdict,
            f"{one.likelihood_ratio:.1f}",
            f"{one.p_value:.2g}",
        )
        for one in found.support
    ]
    yield from table(screen, ("what the history says for", "log10 BF", "in words", "LR", "p"), rows)
    yield from screen.wrapped(
        "BF: Bayes factor of the scenario with it against that without. LR: likelihood ratio statistic, p its tail."
    )


def _said(found: Fit, screen: Screen, posteriors: Sequence[str]) -> Iterator[str]:
    """What a reader must know: warnings, what was left out, what was not fitted."""
    where = found.likelihood.states.window
    said = [*found.diagnosis.warnings, *(found.caveat(name) for name in posteriors)]
    said += [f"left out: {count:,} events {reason}" for reason, count in where.placement.left_out.items()]
    if where.placement.by_nearness:
        said.append(f"{where.placement.by_nearness:,} events came without a move; the nearest stands for each")
    said += [f"taken as missing, not as quiet: {first} to {last}" for first, last in where.gaps]
    said += [f"{count:,} {what}" for what, count in found.diagnosis.account.items() if count and what != "acts counted"]
    said += where.notes
    for why in dict.fromkeys(one.why for one in found.fixed):
        paths = ", ".join(one.path.partition(".")[2] for one in found.fixed if one.why == why)
        said.append(f"not fitted, {why}: {paths}")
    yield ""
    yield screen.bold("To know")
    for sentence in said:
        yield from screen.wrapped(sentence, "- ", "  ")


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def _share(value: float) -> str:
    return "" if math.isnan(value) else f"{100 * value:.0f} %"
