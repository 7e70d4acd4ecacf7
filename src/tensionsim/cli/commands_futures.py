"""Verbs that ask about all futures at once: discover, advise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from tensionsim.cli import options
from tensionsim.cli.options import AT_LEAST_0, AT_LEAST_1, PATH, refuse, values_of
from tensionsim.cli.terminal import Screen, asked, counted, percent, show, table

verbs = options.Verbs()

SHARE = click.FloatRange(min=0.0, max=0.5, min_open=True)


def draw_into(figure: Path | None, kind: str, subject: Any) -> list[str]:
    """Draws a figure where one is asked for; what is said of it."""
    if figure is None:
        return []
    from tensionsim.plots import draw
    from tensionsim.plots.style import save

    return [f"Wrote {save(draw(kind, subject, theme='light'), figure)}"]


# Scenario discovery


@verbs.command()
@click.argument("scenario", metavar="SCENARIO_OR_FOLDER")
@click.option("--of", metavar="NAME", default="crisis", help="An event, a regime, an issue or index; default crisis.")
@click.option("--never", is_flag=True, help="Look for where it does not come about.")
@click.option("--below", metavar="INDEX", type=float, help="Of the index or an issue: where it is below this.")
@click.option("--above", metavar="INDEX", type=float, help="Of the index or an issue: where it is above this.")
@click.option("--date", metavar="DATE", help="By or on this day; default the last.")
@click.option("--over", multiple=True, metavar="PATH=VALUES", help="Vary this number besides; repeatable.")
@click.option("--factor", "factors", multiple=True, metavar="NAME", help="Limit this factor only; repeatable.")
@options.runs("Number of runs; default 4000.")
@options.seed()
@options.outlook
@options.assignments()
@click.option("--boxes", metavar="N", default=1, type=AT_LEAST_1, help="Look for so many boxes; default 1.")
@click.option("--box", metavar="N", type=AT_LEAST_0, help="Take this box of the trajectory.")
@click.option("--alpha", metavar="SHARE", default=0.05, type=SHARE, help="What a slice takes of a box; default 0.05.")
@click.option(
    "--least", "least_mass", metavar="SHARE", default=0.05, type=SHARE, help="Runs a box keeps; default 0.05."
)
@click.option("--confirm", metavar="N", default=1000, type=AT_LEAST_0, help="New runs within each box; default 1000.")
@click.option("--write", "written", metavar="FILE", type=PATH, help="Write the first box as a scenario file.")
@options.figure
@options.jobs("Parts of the runs computed at a time, or auto; default 1.", default="1")
@options.as_json()
@options.as_csv("Print the limits as CSV instead of the text.")
@options.quiet("Print neither text nor progress.")
def discover(
    scenario: str,
    over: tuple[str, ...],
    factors: tuple[str, ...],
    runs: int | None,
    seed: int | None,
    outlook: str | None,
    assignments: tuple[str, ...],
    written: Path | None,
    figure: Path | None,
    **how: Any,
) -> None:
    """Find within which limits something comes about.

    The runs of SCENARIO draw its uncertain numbers; a box of limits is sought within which what --of names is more
    frequent than in all of them (PRIM). Others vary too with --over: VALUES as those of sweep. A folder of saved
    results is looked at as it is.
    """
    from tensionsim.analysis.worlds import origin_of
    from tensionsim.estimation.fit import check_target
    from tensionsim.futures.discovery import discover as find

    origin = origin_of(scenario, outlook, values_of(assignments))
    fresh = {"--over": over, "--runs": runs is not None, "--seed": seed is not None}
    given = [name for name, value in fresh.items() if value]
    refuse(origin.results is not None and given, f"{scenario} holds runs as they are; leave out {', '.join(given)}")
    if written is not None:
        check_target(origin.scenario, written)
    subject = origin.scenario if origin.results is None else origin.results
    how |= {"over": _varied(over), "factors": factors or None, "progress": not asked("quiet")}
    found = find(subject, runs=runs or 4000, seed=seed or 0, **how)
    said = [f"Wrote {found.write(written)}: run it, or show --diff it"] if written is not None else []
    said += draw_into(figure, "discovery", found)
    show(
        lambda screen: discovery_lines(found.summary(), screen),
        summary=found.summary,
        table=lambda: found.table,
        written=said,
    )


def _varied(over: tuple[str, ...]) -> dict[str, str]:
    """Paths and values of several `PATH=VALUES`."""
    found = {}
    for text in over:
        path, equals, values = (part.strip() for part in text.partition("="))
        refuse(not (equals and path and values), f"--over: {text!r} is not PATH=VALUES, as in actors.*.rhetoric=0:1")
        refuse(path in found, f"--over: {path} is varied twice; name all its values at once")
        found[path] = values
    return found


def discovery_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of a discovery (`Discovery.summary()`), laid out for the screen."""
    yield from screen.heading(summary["title"])
    runs, factors = counted(summary["runs"], "run"), counted(len(summary["factors"]), "factor")
    yield from screen.wrapped(
        f"{summary['of']}: {percent(summary['share'], summary['runs'])} of {runs}, seed {summary['seed']}; {factors}"
    )
    for place, box in enumerate(summary["boxes"]):
        yield ""
        head = "Box" if len(summary["boxes"]) == 1 else f"Box {place + 1}"
        rows = [
            (name, limit["within"], f"{limit['quasi_p']:.2g}" if limit["quasi_p"] >= 1e-4 else "<0.0001")
            for name, limit in box["limits"].items()
        ]
        yield from table(screen, (head, "within", "quasi-p"), rows)
        shares = [f"{name} {100 * box[name]:.0f} %" for name in ("density", "coverage", "mass")]
        text = ", ".join(shares)
        if box["confirmed"]:
            text += f"; in {counted(box['confirmed']['runs'], 'new run')} within it "
            text += percent(box["confirmed"]["density"], box["confirmed"]["runs"])
        yield from screen.wrapped(text)
        if box["confirmed"] and not box["confirmed"]["is_confirmed"]:
            yield from screen.wrapped("New runs do not show it: this box is luck.")
        yield ""
        yield from table(screen, ("Trajectory (* chosen)", "coverage", "density", "mass", "limits"), _steps(box))


def _steps(box: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Rows of a trajectory: about ten, with the one chosen."""
    path = box["trajectory"]
    shown = sorted({*range(0, len(path), max(1, len(path) // 8)), len(path) - 1, box["number"]})
    return [
        (
            f"box {at}{' *' if at == box['number'] else ''}",
            *(f"{100 * path[at][name]:.0f} %" for name in ("coverage", "density", "mass")),
            str(path[at]["limits"]),
        )
        for at in shown
    ]


# Robust choice


@verbs.command()
@click.argument("scenario")
@click.option(
    "--strategies", metavar="FILE", required=True, help="What a principal may do; strategies/bogota is shipped."
)
@click.option(
    "--futures", metavar="N", default=200, type=options.AT_LEAST_2, help="Draws of what is uncertain; default 200."
)
@click.option("--replicates", metavar="N", default=10, type=AT_LEAST_1, help="Runs of each future; default 10.")
@options.seed(default=0)
@options.outlook
@options.assignments()
@options.figure
@options.jobs("Strategies computed at a time, or auto; default 1.", default="1")
@options.as_json()
@options.as_csv("Print the table as CSV instead of the text.")
@options.quiet("Print neither text nor progress.")
def advise(
    scenario: str,
    strategies: str,
    outlook: str | None,
    assignments: tuple[str, ...],
    figure: Path | None,
    **how: Any,
) -> None:
    """Compare what a principal can do, over many futures.

    All strategies of the file meet the same futures, draws of the uncertain numbers of SCENARIO, with the same luck:
    how often each keeps out of an event, what it regrets, in how many futures it does, what it gives up, and where the
    best one fails.
    """
    from tensionsim.futures.advice import advise as compare
    from tensionsim.scenario.scenario import load

    given = load(scenario, outlook=outlook, set=values_of(assignments))
    found = compare(given, strategies, progress=not asked("quiet"), **how)
    said = draw_into(figure, "advice", found)
    show(
        lambda screen: advice_lines(found.summary(), screen),
        summary=found.summary,
        table=lambda: found.table,
        written=said,
    )


def advice_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of an advice (`Advice.summary()`), laid out for the screen."""
    yield from screen.heading(f"{summary['title']}: what {summary['principal']} can do")
    futures, enough = counted(summary["futures"], "future"), summary["enough"]
    text = f"{futures} of {counted(summary['replicates'], 'run')}, seed {summary['seed']}, the same for all"
    yield from screen.wrapped(f"To keep out of: {summary['keep_out_of']}. {text}")
    yield ""
    found = summary["strategies"]
    rows = []
    for one in found:
        apart = "" if one is found[0] else f"{one['difference']:+z.0f} ({one['low']:+z.0f} to {one['high']:+z.0f})"
        numbers = (one["satisficing"], one["attainment"], one["index"], one["worst_decile"])
        regret = f"{one['regret_mean']:.0f}, {one['regret_p90']:.0f}, {one['regret_max']:.0f}"
        mark = " *" if one["is_pareto"] else ""
        rows.append(
            (one["strategy"] + mark, f"{one['kept_out']:.0f} %", apart, *(f"{each:.0f}" for each in numbers), regret)
        )
    head = ("Strategy", "kept out", "to the best", "enough", "aims", "index", "worst", "regret")
    yield from table(screen, head, rows)
    bound = f", and a mean index of {enough['index']:g}" if enough["index"] is not None else ""
    legend = (
        "* none keeps out more often and attains as much. To the best: points, with 95 % of the paired futures' mean. "
        f"Enough: % of futures with a chance of {enough['chance']:g}{bound}. Aims: % attained. Worst: index, worst "
        "tenth of futures. Regret: mean, 9 in 10 below, greatest, points."
    )
    yield from screen.wrapped(legend)
    yield ""
    share, box = summary["failing_share"], summary["failing"]
    yield from screen.wrapped(
        f"{summary['best']} is not enough in {percent(share, summary['futures'])} of the futures."
    )
    if box is None:
        yield from screen.wrapped("No limit of what is uncertain tells these from the others, beyond luck.")
        return
    yield from table(screen, ("It fails where", "within"), list(box["limits"].items()))
    yield from screen.wrapped(
        f"There it fails in {100 * box['density']:.0f} %; {100 * box['coverage']:.0f} % of all such futures."
    )
