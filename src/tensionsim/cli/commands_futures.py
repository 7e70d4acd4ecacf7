"""Verbs that ask about all futures at once: warn, settle."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tensionsim.cli import options
from tensionsim.cli.options import AT_LEAST_0, PATH, refuse, values_of
from tensionsim.cli.terminal import Screen, asked, counted, show, table

if TYPE_CHECKING:
    from tensionsim.analysis.signs import EarlyWarning
    from tensionsim.futures.settlement import Settlement

verbs = options.Verbs()


def draw_into(figure: Path | None, kind: str, subject: Any) -> list[str]:
    """Draws a figure where one is asked for; what is said of it."""
    if figure is None:
        return []
    from tensionsim.plots import draw
    from tensionsim.plots.style import save

    return [f"Wrote {save(draw(kind, subject, theme='light'), figure)}"]


# Early warning


@verbs.command()
@click.argument("given", metavar="SCENARIO_OR_FOLDER")
@click.option("--of", "event", metavar="NAME", help="A fall into this event or regime; default the index below 35.")
@click.option("--months", metavar="LIST", default="1,2,3,4,5,6", help="How far ahead; default 1,2,3,4,5,6.")
@click.option("--window", metavar="MONTHS", default=6.0, type=float, help="Of variance and autocorrelation; default 6.")
@options.runs("Number of runs; default that of saved results, or 1000.")
@options.seed("Same seed, same numbers; default as saved, or 0.")
@options.outlook
@options.assignments()
@options.figure
@options.as_json()
@options.as_csv("Print the table as CSV instead of the text.")
@options.quiet("Print nothing; with --plot, --json or --csv.")
def warn(
    given: str,
    event: str | None,
    months: str,
    window: float,
    assignments: tuple[str, ...],
    figure: Path | None,
    **how: Any,
) -> None:
    """Tell how well indicators warn of a crisis.

    Variance and autocorrelation of the index, hostile moves and asymmetry, all along the runs, beside the index itself:
    even runs choose, odd ones judge. A scenario is run, a folder of saved results is read.
    """
    from tensionsim.analysis.signs import CRISIS_AT_THE_END, early_warning
    from tensionsim.cli.commands_analysis import results_of

    try:
        ahead = [float(one) for one in months.split(",")]
    except ValueError:
        raise click.BadParameter(f"{months[:40]!r} is no list of months, like 1,2,3", param_hint="--months") from None
    results = results_of(given, values_of(assignments), **how)
    found = early_warning(results, event or CRISIS_AT_THE_END, months=ahead, window_months=window)
    written = draw_into(figure, "warning", found)
    show(lambda screen: warning_lines(found, screen), summary=found.to_dict, table=lambda: found.table, written=written)


def warning_lines(found: EarlyWarning, screen: Screen) -> Iterator[str]:
    """Early warnings in words and tables: auc by horizon, with its error."""
    yield from screen.heading(f"Early warning: {found.title}")
    span = f"{found.readings[0]} to {found.readings[-1]}" if len(found.readings) > 1 else found.readings[0]
    yield from screen.wrapped(
        f"{counted(found.runs, 'run')}, {counted(len(found.readings), 'reading')}, {span}; {found.meaning}"
    )
    yield ""
    table_of = found.table.pivot(index="indicator", columns="months", values=["auc", "standard_error", "gain"])
    rows = []
    for name in found.table["indicator"].unique():
        aucs, errors = (table_of.loc[name, what] for what in ("auc", "standard_error"))
        told = zip(aucs, errors, strict=True)
        cells = (f"{a:.2f} {screen.error_mark}{100.0 * e:.0f}" if math.isfinite(a) else "-" for a, e in told)
        rows.append((str(name), *cells))
    first = found.table.drop_duplicates("months")
    rows.append(("runs that fall", *(f"{100.0 * share:.1f} %" for share in first["base_rate"])))
    yield from table(screen, ("AUC, months ahead", *(f"{one:g}" for one in first["months"])), rows)
    yield ""
    how = f"0.5 is a coin; {screen.error_mark}: standard error, in hundredths; of the odd runs alone"
    yield from screen.wrapped(f"{found.note[:1].upper()}{found.note[1:]}. {how}.")


# Settlement


@verbs.command()
@click.argument("file", type=PATH, metavar="FILE")
@click.option("--scenario", metavar="SCENARIO", help="Set the simulated path of its issue beside it.")
@click.option("--issue", metavar="NAME", help="Which issue of the scenario.")
@click.option("--rounds", metavar="N", default=20, type=AT_LEAST_0, help="Of bargaining, at most; default 20.")
@options.runs("Number of runs of the scenario; default 500.")
@options.seed()
@options.jobs("Parts of the runs computed at a time, or auto; default 1.", default="1")
@options.figure
@options.as_json()
@options.as_csv("Print the rounds as CSV instead of the text.")
@options.quiet("Print nothing; with --plot, --json or --csv.")
def settle(file: Path, scenario: str | None, issue: str | None, runs: int | None, seed: int | None, **how: Any) -> None:
    """Tell where an issue would settle.

    Its stakeholders bargain today: FILE is a CSV with the columns stakeholder, position (0-100), salience (0-100 or
    0-1) and capability (0-100). Told are the weighted mean and median, a probabilistic Condorcet election, and
    challenges round by round.
    """
    from tensionsim.futures.settlement import settle as found_of

    refuse((scenario is None) != (issue is None), "--scenario and --issue go together: whose path of which issue")
    refuse(scenario is None and (runs or seed is not None), "--runs and --seed are of a --scenario; name it")
    figure, is_loud = how.pop("figure"), not asked("quiet")
    found = found_of(file, scenario=scenario, issue=issue, runs=runs or 500, seed=seed or 0, progress=is_loud, **how)
    written = draw_into(figure, "settlement", found)
    told, rounds = found.to_dict, found.rounds
    show(lambda screen: settlement_lines(found, screen), summary=told, table=lambda: rounds, written=written)


def settlement_lines(found: Settlement, screen: Screen) -> Iterator[str]:
    """A settlement in words and tables."""
    yield from screen.heading(f"Settlement of {counted(len(found.stakeholders), 'stakeholder')}: {found.outcome:.1f}")
    yield from screen.wrapped(
        f"{found.ending[:1].upper()}{found.ending[1:]}. The weighted median is then the forecast."
    )
    yield ""
    rows = [
        (str(number), f"{row.mean:.1f}", f"{row.median:.1f}", f"{row.condorcet:.1f}", f"{row.moved:.0f}")
        for number, row in zip(found.rounds.index, found.rounds.itertuples(index=False), strict=True)
    ]
    yield from table(screen, ("Round", "mean", "median", "Condorcet", "moved"), rows)
    yield ""
    likely = found.election.sort_values(ascending=False).head(3)
    told = ", ".join(f"{place:g} ({100 * chance:.0f} %)" for place, chance in likely.items())
    yield from screen.wrapped(f"Condorcet election at the start: {told}")
    yield ""
    heaviest = found.stakeholders.sort_values("weight", ascending=False, kind="stable").head(MOST_SHOWN)
    share = 100.0 * heaviest["weight"] / found.stakeholders["weight"].sum()
    named = [
        (str(name), f"{row.position:.1f}", f"{row.settled:.1f}", f"{share[name]:.0f} %", f"{row.risk:.2f}")
        for name, row in zip(heaviest.index, heaviest.itertuples(index=False), strict=True)
    ]
    yield from table(screen, ("Stakeholder, heaviest first", "position", "settled", "weight", "risk"), named)
    if found.path is not None:
        yield ""
        ends, paths = found.path.iloc[[0, -1]], list[tuple[str, ...]]()
        for name in ("as it is", "settled"):
            middle, low, high = (ends[f"{name}, {what}"].tolist() for what in ("median", "5 %", "95 %"))
            cells = (f"{a:.0f} ({b:.0f}-{c:.0f})" for a, b, c in zip(middle, low, high, strict=True))
            paths.append((name, *cells))
        yield from table(screen, ("Cooperation on it", *(f"{day:%Y-%m-%d}" for day in ends.index)), paths)
        both = f"settled: both principals hold a stance of {found.outcome / 100.0:.2f} throughout"
        yield from screen.wrapped(f"Median and 9 runs in 10; {both}.")


MOST_SHOWN = 15
"""Stakeholders that are told on the screen; all are in --json."""
