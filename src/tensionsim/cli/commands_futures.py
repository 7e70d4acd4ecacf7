"""Verbs that ask questions of all futures at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from tensionsim.cli import options
from tensionsim.cli.commands_run import loaded, told_what_is_kept
from tensionsim.cli.options import AT_LEAST_1, refuse
from tensionsim.cli.terminal import Screen, counted, show, table

verbs = options.Verbs()

SENSITIVITY_METHODS = ["sobol", "morris", "pawn", "delta", "oat", "spread"]


def factors_of(over: Sequence[str]) -> Any:
    """What several `--over` mean: None, "all", or values by path, None where none are given."""
    from tensionsim.runs.planned import ALL

    refuse(ALL in over and len(over) > 1, "--over all takes every parameter; leave out the others")
    pairs = [text.partition("=") for text in over]
    names = [path.strip() for path, _, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    refuse(twice, f"{', '.join(twice)} is given twice; name all its values at once")
    given = {name: values.strip() if equals else None for name, (_, equals, values) in zip(names, pairs, strict=True)}
    return ALL if ALL in over else given or None


@verbs.command()
@click.argument("scenario")
@click.option(
    "--over",
    multiple=True,
    metavar="PATH[=VALUES]",
    help="Vary this; repeatable; `joint`: what was fitted together; `all`: every parameter. Default: all uncertain.",
)
@click.option("--of", default="index", metavar="NAME", help="Outcome: index, an event, `ends in REGIME` ...")
@click.option("--method", type=options.Choice(SENSITIVITY_METHODS), help="Default: sobol, or morris of many.")
@click.option("--outlooks", nargs=2, metavar="A B", help="What drives A less B, and what turns their ranking.")
@click.option("--size", type=AT_LEAST_1, metavar="N", help="Of the plan: points, trajectories or values.")
@click.option("--replicates", type=AT_LEAST_1, metavar="R", help="Runs of each point.")
@click.option("--held", is_flag=True, help="Hold other uncertain numbers at their estimates.")
@options.structures
@options.outlook
@options.assignments()
@options.seed(default=0)
@options.jobs("Parts computed at a time, or auto; default 1.", default="1")
@options.output("DIR", "Keep the runs there; the same command goes on after an interruption.")
@click.option("--replace", is_flag=True, help="Start over in DIR where other runs stand already.")
@options.figure
@options.progress
@options.as_json()
@options.as_csv("Print one line a factor as CSV instead of the text.")
@options.quiet("Print neither text nor progress; with --plot, --json or --csv.")
@click.pass_obj
def sensitivity(
    typed: str,
    /,
    scenario: str,
    over: tuple[str, ...],
    outlook: str | None,
    assignments: tuple[str, ...],
    output: Path | None,
    replace: bool,
    figure: Path | None,
    outlooks: tuple[str, ...] | None,
    jobs: Any,
    **how: Any,
) -> None:
    """Tell which assumptions drive an outcome.

    VALUES are a range low:high, a list, or a distribution, as `sweep` takes them; a PATH alone has the distribution
    that the scenario gives it, else its documented range; mechanisms.NAME is on or off. All points have the same luck,
    and how much of the spread is luck is told.
    """
    from tensionsim.futures.sensitivity import sensitivity as sensed

    refuse(replace and output is None, "--replace goes with -o DIR: without a folder there is nothing to replace")
    base = loaded(scenario, outlook, assignments)
    with told_what_is_kept(typed, {"jobs": jobs, "executor": None, "scheduler": None}):
        where: dict[str, Any] = {"store": output, "replace": replace, "over_again": "--replace", "jobs": jobs}
        found = sensed(base, factors_of(over), outlooks=outlooks or (), **where, **how)
    if figure is not None:
        from tensionsim.plots import draw, save

        save(draw("sensitivity", found, theme="light"), figure)
    written = [f"Wrote {figure}"] if figure else []
    show(
        lambda screen: sensitivity_lines(found.summary(), screen),
        summary=found.summary,
        table=lambda: found.table,
        written=written + ([f"The runs are in {output}"] if output else []),
    )


INDICES = (("total", "total"), ("95 %", "total_low total_high"), ("first", "first"), ("95 %", "first_low first_high"))
SHOWN: Mapping[str, Sequence[tuple[str, str]]] = {
    "sobol": INDICES,
    "spread": INDICES,
    "morris": (("mu*", "mu_star"), ("+-", "mu_star_se"), ("mu", "mu"), ("sigma", "sigma")),
    "pawn": (("median", "median"), ("range", "minimum maximum")),
    "delta": (("delta", "delta"), ("+-", "delta_error"), ("first", "first")),
    "oat": (
        ("swing", "swing"),
        ("+-", "swing_se"),
        ("from, to", "lowest highest"),
        ("outcome", "at_lowest at_highest"),
    ),
}
"""Columns of the screen: head, and the columns of the table that it shows, two as a range."""

TURNS = (("turns at", "turns_at"), ("95 %", "turns_low turns_high"))
MOST_ROWS, UNSURE = 20, 0.2


def sensitivity_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of a sensitivity (`Sensitivity.summary()`), laid out for the screen."""
    from tensionsim.futures.sensitivity import METHODS, called, told

    names, method = summary["outlooks"], summary["method"]
    of = told(summary["of"]) + (f", {names[0]} less {names[1]}" if names else "")
    yield from screen.heading(f"What drives {of}: {summary['title']}")
    points = f"{counted(summary['points'], 'point')} of {counted(summary['replicates'], 'run')}"
    luck = "" if method == "spread" else ", the same luck at every point"
    yield from screen.wrapped(f"{METHODS[method][3]}. {points}, seed {summary['seed']}{luck}")
    yield ""
    heads = [*(TURNS if names and method == "oat" else ()), *SHOWN[method]]
    rows = [(called(name), *(_cell(row, columns) for _, columns in heads)) for name, row in summary["factors"].items()]
    yield from table(screen, ("Factor", *(head for head, _ in heads)), rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        yield from screen.wrapped(f"(and {len(rows) - MOST_ROWS} lesser ones: --csv)")
    if summary["luck"]:
        yield ""
        yield from screen.wrapped(_luck(summary["luck"], screen))
    yield from screen.notes("Notes", [*summary["notes"], *_unsure(summary)])


def _luck(luck: Mapping[str, Any], screen: Screen) -> str:
    left, both = luck["luck"]["share"] + luck["both"]["share"], luck["both"]["share"]
    error = math.hypot(luck["luck"]["standard_error"], luck["both"]["standard_error"])
    share = f"{100 * left:.0f} % {screen.error_mark}{100 * error:.0f}"
    return (
        f"Of the variance of single runs {share} is luck, which would be left if all factors were known; "
        f"{100 * both:.0f} % is luck that works through them."
    )


def _cell(row: Mapping[str, Any], columns: str) -> str:
    values = [row[name] for name in columns.split()]
    if values[0] is None:
        return "never" if columns == "turns_at" else ""
    return " to ".join(f"{value:.3g}" if abs(value) >= 100.0 else f"{value:.2f}" for value in values)


def _unsure(summary: Mapping[str, Any]) -> Iterator[str]:
    """What is said where the plan was too small to tell."""
    if summary["method"] in ("sobol", "spread"):
        widest = max(row["total_high"] - row["total_low"] for row in summary["factors"].values())
        if widest > UNSURE:
            yield f"Intervals are up to {widest:.2f} wide; a larger --size, and more --replicates, make them surer."
