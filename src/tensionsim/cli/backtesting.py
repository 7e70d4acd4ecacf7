"""`tensionsim backtest`: from what was asked to what is shown and kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from tensionsim.cli.screen import Screen
    from tensionsim.events.history import EventHistory
    from tensionsim.forecasts.backtest import Backtest


MONTHS_IN_WORDS = {"day": "30 days", "week": "four weeks", "month": "the calendar"}
BEST = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for; `typed` is the whole command."""

    typed: str
    scenario: str | None
    events: Path | None
    dyad: tuple[str, str] | None
    how: Mapping[str, Any]
    until: Any
    origins: str | None
    horizons: str
    runs: int
    seed: int
    refit: int | None
    no_refit: bool
    unfitted: bool
    baselines: str | None
    baseline_years: int | None
    step: str | None
    jobs: int | Literal["auto"]
    output: Path | None
    figure: Path | None
    progress: Literal["auto", "json", "none"]
    as_json: bool
    as_csv: bool
    quiet: bool


def backtest(request: Request) -> None:
    """Makes the backtest, in a folder if one was named, and prints how good the forecasts were."""
    from tensionsim.forecasts.backtest import backtest as made

    _check(request)
    if request.figure is not None:
        from tensionsim.plots.style import check_path

        check_path(request.figure)
    refit: int | Literal["origin"] | None = request.refit if request.no_refit or request.refit is not None else "origin"
    try:
        found = made(
            request.scenario,
            _history(request),
            origins=request.origins,
            horizons=_horizons(request.horizons),
            runs=request.runs,
            seed=request.seed,
            refit=refit,
            with_unfitted=request.unfitted,
            baselines=None if request.baselines is None else request.baselines.split(","),
            baseline_years=request.baseline_years,
            step=request.step,
            jobs=request.jobs,
            progress="none" if request.quiet and request.progress == "auto" else request.progress,
            store=request.output,
            command=request.typed,
        )
    except KeyboardInterrupt:
        if request.output is None:
            raise
        click.echo(f"interrupted; what is done is kept in {request.output}, and the same command goes on", err=True)
        raise click.exceptions.Exit(130) from None
    _draw(found, request)
    _show(found, request)


def _check(request: Request) -> None:
    """UsageError where the options contradict one another."""
    if request.as_json and request.as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    is_kept = request.output is not None or request.figure is not None
    if request.quiet and not (is_kept or request.as_json or request.as_csv):
        raise click.UsageError("with --quiet nothing would be shown or kept; add -o DIR, --plot FILE, --json or --csv")
    if request.events is None and request.dyad:
        raise click.UsageError("--dyad says whose events of --events FILE count; name the file")
    if request.scenario is None and request.events is None:
        raise click.UsageError("name a SCENARIO, or events with --events FILE, or both")
    if request.no_refit and request.refit is not None:
        raise click.UsageError("--refit says how often to fit, --no-refit not to; leave one of the two out")
    if request.no_refit and request.unfitted:
        raise click.UsageError("with --no-refit nothing is fitted that --unfitted could stand beside; leave one out")


def _horizons(text: str) -> list[int]:
    from tensionsim.forecasts.backtest import some_horizons

    return list(some_horizons(text.split(",")))


def _history(request: Request) -> EventHistory | None:
    """The events up to the last day that may be looked at; None for those that the scenario names."""
    from tensionsim.cli.events import history_of, until

    if request.events is not None:
        file = str(request.events)
        return until(history_of(file, request.dyad, request.how), request.until, file)
    if request.until is None:
        return None
    from tensionsim.estimation.window import history_of as named
    from tensionsim.scenario.scenario import scenario_of

    history = named(scenario_of(str(request.scenario)))
    return until(history, request.until, history.name)


def _draw(found: Backtest, request: Request) -> None:
    """Draws the overview where a file or a folder was named, each figure whole or not at all."""
    if request.figure is None and request.output is None:
        return
    from tensionsim.plots.backtests import backtest_overview
    from tensionsim.plots.style import save, save_in

    page = backtest_overview(found)
    if request.output is not None:
        save_in(request.output, {"overview": page})
    if request.figure is not None:
        save(page, request.figure)


def _show(found: Backtest, request: Request) -> None:
    from tensionsim.cli import screen

    if request.as_json:
        click.echo(json.dumps(found.summary(), allow_nan=False))
    elif request.as_csv:
        click.echo(found.scores().to_csv(lineterminator="\n", float_format="%.10g"), nl=False)
    elif not request.quiet:
        click.echo("\n".join(lines(found.summary(), screen.detect())))
        if request.output is not None:
            click.echo(f"\nForecasts, tables, overview.png, overview.svg and provenance.json are in {request.output}")
        if request.figure is not None:
            click.echo(f"\nThe figure is {request.figure}")


def lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of a backtest (`Backtest.summary()`), laid out for the screen."""
    yield from map(screen.bold, screen.wrapped(summary["title"]))
    yield from screen.wrapped(_what(summary))
    for target in summary["targets"]:
        yield ""
        yield from _scores(target, summary, screen)
        for sentence in summary["verdicts"][target]:
            yield from screen.wrapped(f"{sentence}.", "", "  ")
    yield ""
    yield from _calibration(summary, screen)
    yield ""
    yield from _regimes(summary, screen)
    if summary["events"]:
        yield ""
        yield from _events(summary, screen)
    yield from _said(summary, screen)


def _what(summary: Mapping[str, Any]) -> str:
    origins, runs = summary["origins"], summary["runs"]
    count, every = origins["count"], origins["every"]
    if summary["refit"] is None:
        model = "the scenario's own numbers throughout"
        model = f"made anew, {model}" if summary["is_anew"] else model
    else:
        made = "made and fitted" if summary["is_anew"] else "fitted"
        model = f"scenario {made} {summary['fits']} time{'' if summary['fits'] == 1 else 's'}, from the past alone"
    when = (
        f"{origins['first']} to {origins['last']}, {every} month{'' if every == 1 else 's'} apart" if count > 1 else ""
    )
    month = f"{'that of ' if summary['step'] == 'month' else ''}{MONTHS_IN_WORDS[summary['step']]}"
    return (
        f"{count} origin{'' if count == 1 else 's'}, {when or origins['first']}; {runs:,} runs each, seed "
        f"{summary['seed']}; {model}. Observed: {summary['history']}, {summary['first']} to {summary['last']}. "
        f"A month is {month}."
    )


def _scores(target: str, summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """Mean CRPS of a target by forecaster and horizon; the best at each horizon is marked."""
    from tensionsim.cli.screen import table

    scores, horizons = summary["scores"][target], [str(one) for one in summary["horizons"]]
    best = {
        horizon: min((row["crps"] for row in scores[horizon].values() if row["crps"] is not None), default=None)
        for horizon in horizons
    }
    rows = [
        (name, *(_marked(scores[horizon][name]["crps"], best[horizon]) for horizon in horizons))
        for name in summary["forecasters"]
    ]
    about = summary["targets"][target]
    yield from map(screen.bold, screen.wrapped(f"{target}: {about['about']}"))
    yield from table(screen, (f"CRPS ({about['unit']}), months", *horizons), rows)


def _marked(value: float | None, best: float | None) -> str:
    return _number(value) + (BEST if value is not None and value == best else " ")


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _calibration(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    from tensionsim.cli.screen import table

    rows = []
    for target, by_horizon in summary["calibration"].items():
        for horizon, by_name in by_horizon.items():
            one = by_name["model"]
            held = [_percent(one["coverage_50"]), _percent(one["coverage_90"])]
            ends = (one["coverage_90_low"], one["coverage_90_high"])
            sure = f"{_percent(ends[0])}-{_percent(ends[1])}" if None not in ends else "-"
            rows.append((f"{target}, {horizon}", *held, _number(one["pit_p"]), _number(one["width_90"]), sure))
    head = ("model's intervals, months", "in 50 %", "in 90 %", "PIT p", "width 90", "95 % range of it")
    yield from table(screen, head, rows)
    for sentence in summary["sureness"]:
        yield from screen.wrapped(f"{sentence[0].upper()}{sentence[1:]}.", "", "  ")


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100.0 * value:.0f}"


def _regimes(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    from tensionsim.cli.screen import table

    scores, horizons = summary["regimes"], [str(one) for one in summary["horizons"]]
    found = {
        name: [scores[horizon][name]["ranked_probability"] for horizon in horizons] for name in summary["forecasters"]
    }
    best = [
        min((value for value in column if value is not None), default=None)
        for column in zip(*found.values(), strict=True)
    ]
    rows = [(name, *map(_marked, values, best)) for name, values in found.items()]
    yield from table(screen, ("regime, ranked probability", *horizons), rows)


def _events(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    from tensionsim.cli.screen import table

    names = _event_forecasters(summary)
    rows = [
        (f"{event}, {horizon}", *(_number(by_name[name]["brier"]) for name in names), _share(by_name))
        for event, by_horizon in summary["events"].items()
        for horizon, by_name in by_horizon.items()
    ]
    yield from table(screen, ("event within months, Brier", *names, "came, %"), rows)


def _event_forecasters(summary: Mapping[str, Any]) -> Sequence[str]:
    first = next(iter(summary["events"].values()))
    return list(next(iter(first.values())))


def _share(by_name: Mapping[str, Any]) -> str:
    return _percent(next(iter(by_name.values()))["happened"])


def _said(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """What a reader must know."""
    said = [
        f"{BEST} marks the best. CRPS, ranked probability and Brier: smaller is better. Which plain forecast is best "
        "is known only afterwards, so that beating it is hard. Intervals are of 95 %; p is Diebold and "
        "Mariano's, beside PIT that of a test of calibration."
    ]
    said += [f"not scored: {name}, for {reason}" for name, reason in summary["not_judged"].items()]
    if summary["fallbacks"]:
        said.append(f"{summary['fallbacks']:,} plain forecasts could not be fitted and were made by a plainer one")
    if summary["warnings"]:
        count = len(summary["warnings"])
        said.append(f"fits had {count} kind{'' if count == 1 else 's'} of warning; --json lists them")
    yield ""
    yield screen.bold("To know")
    for sentence in said:
        yield from screen.wrapped(sentence, "- ", "  ")
