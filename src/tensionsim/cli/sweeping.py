"""`tensionsim sweep`: from what was asked to what is shown and written."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tensionsim.cli.outcome import percent
from tensionsim.cli.running import Means, ended, parted
from tensionsim.cli.screen import Screen, detect, table

if TYPE_CHECKING:
    from tensionsim.runs.sweep import Sweep
    from tensionsim.scenario.design import Design
    from tensionsim.scenario.scenario import Scenario
    from tensionsim.scenario.yaml_tree import Report


UNPAIRED = "not paired"
"""Where a difference would stand if runs of one number shared their luck."""

MOST_ROWS = 100
"""Points that a terminal is shown all of; of more, the best and the worst."""

SOME_ROWS = 10
MOST_BESIDE = 2
"""Outcomes that every terminal is shown; where there is no room for the values beside them, these share a column."""

NAMES = {"grid": "Grid", "zip": "Zip", "lhs": "Latin hypercube", "sobol": "Sobol' sample"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for."""

    scenario: str
    over: tuple[str, ...]
    design: Path | None
    method: str | None
    points: int | None
    design_seed: int | None
    baseline: int
    runs: int
    seed: int
    outlook: str | None
    assignments: tuple[str, ...]
    output: Path | None
    replace: bool
    as_csv: bool


def sweep(request: Request, means: Means) -> None:
    """Runs the scenario at every point of the design, and shows the table."""
    from tensionsim.runs.run import Interrupted
    from tensionsim.runs.sweep import carry_out, points_checked
    from tensionsim.scenario.yaml_tree import Place, Report, Source

    _check(request, means)
    report = Report()
    design = _draft(request, report)
    if design is not None and not len(report) and request.baseline >= design.size:
        last = design.size - 1
        report.add(Place(Source("--baseline")), f"there is no point {request.baseline}; there are 0 to {last}")

    base = _base(request, report)
    points = points_checked(base, design, report, baseline=request.baseline)
    if base is None or design is None:
        raise AssertionError("what could not be read was told")
    try:
        found = carry_out(
            base,
            design,
            points,
            runs=request.runs,
            seed=request.seed,
            baseline=request.baseline,
            store=request.output,
            replace=request.replace,
            command=means.typed,
            say=_say,
            over_again="--replace",
            **means.how(),
        )
    except Interrupted as interrupted:
        raise ended(interrupted) from None
    show(found, means, request.output, as_csv=request.as_csv)


def _say(words: str) -> None:
    click.echo(words, err=True)


def _check(request: Request, means: Means) -> None:
    """Whether what was asked for goes together."""
    if means.quiet and request.output is None and not (means.as_json or request.as_csv):
        raise click.UsageError("with --quiet nothing would be shown or kept; add -o DIR, --csv or --json")
    if means.as_json and request.as_csv:
        raise click.UsageError("--json and --csv both print; take one of them")
    if request.replace and request.output is None:
        raise click.UsageError("--replace goes with -o DIR: without a folder there is nothing to replace")
    if not request.over and request.design is None:
        raise click.UsageError("say what to vary: --over PATH=VALUES (repeatable), or --design FILE")
    given: dict[str, object] = {"--over": request.over, "--method": request.method}
    given |= {"--points": request.points, "--design-seed": request.design_seed}
    if request.design is not None and (both := [name for name, value in given.items() if value not in (None, ())]):
        raise click.UsageError(f"--design holds all of the design; leave out {', '.join(both)}, or write it there")


def _base(request: Request, report: Report) -> Scenario | None:
    """The scenario that was asked for; where it cannot be made so, as it is in its file, to check the design with."""
    from tensionsim.runs.sweep import base_of
    from tensionsim.scenario.scenario import load
    from tensionsim.scenario.yaml_tree import Report

    values, before = parted(request.assignments, report), len(report)
    base = base_of(lambda: load(request.scenario, outlook=request.outlook, set=values), report)
    return base_of(lambda: load(request.scenario), Report()) if len(report) > before else base


def _draft(request: Request, report: Report) -> Design | None:
    """The design that was asked for, as far as it can be read; the rest is noted."""
    from tensionsim.scenario.design import draft, draft_of
    from tensionsim.scenario.yaml_tree import Place, Source

    if request.design is not None:
        return draft(request.design, report)
    place, over = Place(Source("--over")), dict[str, str]()
    for text in request.over:
        path, equals, values = (part.strip() for part in text.partition("="))
        if not (equals and path and values):
            report.add(place, f"{text!r} is not PATH=VALUES, as in actors.bogota.rhetoric=0.2:1.0:5")
        elif path in over:
            report.add(place, f"{path} is given twice; name all its values at once")
        else:
            over[path] = values
    named = {"method": request.method, "points": request.points, "seed": request.design_seed}
    given: dict[str, Any] = {key: value for key, value in named.items() if value is not None}
    words = {"method": "--method", "points": "--points", "seed": "--design-seed", "over": "--over"}
    return draft_of(given | {"over": over}, report, word="the command", words=words) if over else None


def show(sweep: Sweep, means: Means, output: Path | None, *, as_csv: bool = False) -> None:
    """Prints a sweep as it was asked for."""
    if means.as_json:
        click.echo(json.dumps(sweep.summary(), allow_nan=False))
    elif as_csv:
        click.echo(sweep.table.to_csv(index=False, lineterminator="\n"), nl=False)
    elif not means.quiet:
        click.echo("\n".join(lines(sweep.summary(), detect())))
        if output is not None:
            click.echo(f"\nsweep.csv, index.csv and provenance.json are in {output}, the runs of each point below it")


def lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of a sweep (`Sweep.summary()`), laid out for the screen."""
    from tensionsim.runs.statistics import settings

    points, runs = summary["points"], summary["runs"]
    yield from map(screen.bold, screen.wrapped(summary["title"]))
    count = f"{len(points):,} point{'' if len(points) == 1 else 's'}"
    each = f"{runs:,} run{'' if runs == 1 else 's'} at each, seed {summary['seed']}"
    luck = "" if any(map(_is_unpaired, points)) else ": the same luck at every point"
    yield from screen.wrapped(f"{NAMES[summary['method']]} of {count}; {each}{luck}")
    for name, path in summary["factors"].items():
        alone = [] if name in _varied(points, summary) else [f"{_value(points[0]['values'][name])} at every point"]
        said = [*([path] if path != name else []), *alone]
        if said:
            yield from screen.wrapped(f"{name}: {', '.join(said)}", "  ", "    ")
    if summary["set"]:
        yield from screen.wrapped(settings(summary["set"]), "", "  ")
    yield ""
    ranked = sorted(points, key=lambda point: -point["index_mean"])
    if len(points) <= MOST_ROWS:
        yield from _table(points, summary, screen)
    else:
        yield screen.bold(f"The {SOME_ROWS} points that end best")
        yield from _table(ranked[:SOME_ROWS], summary, screen)
        yield ""
        yield screen.bold(f"The {SOME_ROWS} that end worst")
        yield from _table(ranked[-SOME_ROWS:], summary, screen)
    yield ""
    yield from _extremes(ranked, summary, screen)
    yield ""
    yield from screen.wrapped(_legend(summary, screen))


def _table(points: Sequence[Mapping[str, Any]], summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The points, a row each; their values in one column where the screen has no room for a column each."""
    names = _varied(summary["points"], summary)
    outcomes = [_outcomes(point, summary, screen) for point in points]
    heads, cells = list(outcomes[0]), [list(row.values()) for row in outcomes]
    numbers = [str(point["point"]) for point in points]
    values = [[_value(point["values"][name]) for name in names] for point in points]
    columns = [["point", *numbers], *([name, *(row[at] for row in values)] for at, name in enumerate(names))]
    least = [[heads[at], *(row[at] for row in cells)] for at in range(min(MOST_BESIDE, len(heads)))]
    width = sum(max(map(len, column)) + 2 for column in [*columns, *least]) - 2
    if width <= screen.width:
        rows = [[number, *row, *cell] for number, row, cell in zip(numbers, values, cells, strict=True)]
        yield from table(screen, ["point", *names, *heads], rows)
        return
    texts = [f"{point['point']}: {_in_words(point, names)}" for point in points]
    rows = [[text, *cell[:MOST_BESIDE]] for text, cell in zip(texts, cells, strict=True)]
    yield from table(screen, ["point", *heads[:MOST_BESIDE]], rows)


def _varied(points: Sequence[Mapping[str, Any]], summary: Mapping[str, Any]) -> list[str]:
    """Factors that differ between points; all of them where none does."""
    first = points[0]["values"]
    names = list(summary["factors"])
    return [name for name in names if any(point["values"][name] != first[name] for point in points)] or names


def _outcomes(point: Mapping[str, Any], summary: Mapping[str, Any], screen: Screen) -> dict[str, str]:
    """What came out at a point, by the heads of columns, the most important first."""
    found = {"index": _with_error(point, "index_mean", screen)}
    if len(summary["points"]) > 1:
        is_baseline = point["point"] == summary["baseline"]
        paired = UNPAIRED if _is_unpaired(point) else _with_error(point, "difference", screen)
        found["difference"] = "baseline" if is_baseline else paired
    if summary["runs"] > 1:
        found["9 in 10"] = f"{point['index_q05']:.0f}-{point['index_q95']:.0f}"
    for name, value in point.items():
        if name.startswith("event_") and f"{name}_se" in point:
            found[name.removeprefix("event_").replace("_", " ")] = percent(value, summary["runs"])
    return found


def _is_unpaired(point: Mapping[str, Any]) -> bool:
    """Whether runs of the point share no luck with those of the baseline, so that there is no paired difference."""
    return point["difference"] is None


def _with_error(point: Mapping[str, Any], name: str, screen: Screen) -> str:
    """A number with its standard error, shown to the digits that the error leaves sure."""
    value, error = point[name], point[f"{name}_se"]
    sign = "+" if name == "difference" and value > 0 else ""
    if not error:
        return f"{sign}{value:.1f}"
    decimals = max(1, min(3, math.ceil(-math.log10(error))))
    return f"{sign}{value:.{decimals}f} {screen.glyph('±', '+-')}{error:.{decimals}f}"


def _extremes(ranked: Sequence[Mapping[str, Any]], summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The best and the worst point in words."""
    best, worst = ranked[0], ranked[-1]
    if best["index_mean"] == worst["index_mean"]:
        text = "All points end" if len(ranked) > 1 else "It ends"
        yield from screen.wrapped(f"{text} at an index of {_with_error(best, 'index_mean', screen)}.")
        return
    names = _varied(ranked, summary)
    for word, point in (("Best", best), ("Worst", worst)):
        alike = sum(other["index_mean"] == point["index_mean"] for other in ranked) - 1
        end = _with_error(point, "index_mean", screen)
        text = f"{word}: point {point['point']} ({_in_words(point, names)}) ends at {end}"
        if point["point"] == summary["baseline"]:
            text += ", the baseline"
        elif not _is_unpaired(point):
            text += f", {_with_error(point, 'difference', screen)} from point {summary['baseline']}"
        if alike:
            text += f"; {alike:,} other{' ends' if alike == 1 else 's end'} there too"
        yield from screen.wrapped(f"{text}.", "", "  ")


def _legend(summary: Mapping[str, Any], screen: Screen) -> str:
    mark = screen.glyph("±", "+-")
    parts = [f"index: mean at the end{f', {mark} its standard error' if summary['runs'] > 1 else ''}"]
    if len(summary["points"]) > 1:
        parts.append(f"difference: from point {summary['baseline']}, run by run")
        if any(map(_is_unpaired, summary["points"])):
            parts.append(
                f"{UNPAIRED}: luck is drawn step by step, so that with another start or step a run is another history"
            )
    if summary["runs"] > 1:
        parts.append("9 in 10: where nine runs in ten end")
    if any(name.startswith("event_") for name in summary["points"][0]):
        parts.append("the others: share of runs in which the event comes true")
    return f"{'; '.join(parts)}. More columns: --csv, --json or -o DIR."


def _in_words(point: Mapping[str, Any], names: Sequence[str]) -> str:
    return ", ".join(f"{name} {_value(point['values'][name])}" for name in names)


def _value(value: object) -> str:
    from tensionsim.scenario.design import value_in_words

    return f"{value:.4g}" if isinstance(value, float) else value_in_words(value)
