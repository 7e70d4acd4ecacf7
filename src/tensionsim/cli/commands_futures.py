"""Verbs that ask about all futures at once: sensitivity, warn, settle, discover, advise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

import tensionsim as ts
from tensionsim.cli import options
from tensionsim.cli.options import AT_LEAST_0, AT_LEAST_1, AT_LEAST_2, PATH, loaded, refuse, values_of
from tensionsim.cli.terminal import Screen, asked, counted, formed, percent, show, table
from tensionsim.errors import TensionSimError

if TYPE_CHECKING:
    from pathlib import Path

    from tensionsim.analysis.signs import EarlyWarning
    from tensionsim.futures.advice import Advice
    from tensionsim.futures.sensitivity import Sensitivity
    from tensionsim.futures.settlement import Settlement

verbs = options.Verbs()

MONTHS = options.Read("months", lambda text: [float(one) for one in text.split(",")])


@verbs.command()
@click.argument("given", metavar="SCENARIO_OR_FOLDER")
@click.option("--of", "event", metavar="NAME", help="A fall into this event or regime; default the index below 35.")
@click.option("--months", type=MONTHS, metavar="LIST", default="1,2,3,4,5,6", help="How far; default 1,2,3,4,5,6.")
@click.option("--window", metavar="MONTHS", default=6.0, type=float, help="Of variance and autocorrelation; default 6.")
@options.runs("Number of runs; default that of saved results, or 1000.")
@options.seed("Same seed, same numbers; default as saved, or 0.")
@options.variant
@options.jobs("Parts of the runs computed at a time, or auto; default 1.")
@options.figure
@options.forms("the table")
def warn(given, event, months, window, assignments, **how) -> None:
    """Tell how well indicators warn of a crisis.

    Variance and autocorrelation of the index, hostile moves, asymmetry and open matters, all along the runs, beside the
    index itself: even runs choose, odd ones judge. A scenario is run, a folder of saved results is read.
    """
    from tensionsim.analysis.signs import CRISIS_AT_THE_END
    from tensionsim.cli.commands_analysis import results_of

    results = results_of(given, values_of(assignments), **how)
    found = ts.early_warning(results, event or CRISIS_AT_THE_END, months=months, window_months=window)
    if found.table["auc"].isna().all():
        raise TensionSimError(f"{found.note}; ask for more --runs")
    show(partial(warning_lines, found), found, figure="warning")


def warning_lines(found: EarlyWarning, screen: Screen) -> Iterator[str]:
    """Early warnings in words and tables: auc by horizon, with its error."""
    yield from screen.heading(f"Early warning: {found.title}")
    count, span = counted(len(found.readings), "reading"), dict.fromkeys((found.readings[0], found.readings[-1]))
    yield from screen.wrapped(f"{counted(found.runs, 'run')}, {count}, {' to '.join(span)}; {found.meaning}")
    rows: dict[str, list[str]] = {}
    for one in found.table.itertuples():
        cell = f"{one.auc:.2f} {screen.error_mark}{100.0 * one.standard_error:.0f}" if one.auc >= 0.0 else "-"
        rows.setdefault(str(one.indicator), []).append(cell)
    first = found.table.drop_duplicates("months")
    rows["runs that fall"] = [f"{100.0 * share:.1f} %" for share in first["base_rate"]]
    head = ("AUC, months ahead", *(f"{one:g}" for one in first["months"]))
    yield from ("", *table(screen, head, [(name, *cells) for name, cells in rows.items()]))
    how = f"0.5 is a coin; {screen.error_mark}: standard error, in hundredths; of the odd runs alone"
    yield from ("", *screen.wrapped(f"{found.note[:1].upper()}{found.note[1:]}. {how}."))


@verbs.command()
@click.argument("file", type=PATH, metavar="FILE")
@click.option("--scenario", metavar="SCENARIO", help="Set the simulated path of its issue beside it.")
@click.option("--issue", metavar="NAME", help="Which issue of the scenario.")
@click.option("--rounds", metavar="N", default=20, type=AT_LEAST_0, help="Of bargaining, at most; default 20.")
@options.runs("Number of runs of the scenario; default 500.")
@options.seed()
@options.jobs("Parts of the runs computed at a time, or auto; default 1.")
@options.figure
@options.forms("the rounds")
def settle(file, scenario, issue, runs, seed, **how) -> None:
    """Tell where an issue would settle.

    Its stakeholders bargain today: FILE is a CSV with the columns stakeholder, position (0-100), salience (0-100 or
    0-1) and capability (0-100). Told are the weighted mean and median, a probabilistic Condorcet election, and
    challenges round by round.
    """
    refuse((scenario is None) != (issue is None), "--scenario and --issue go together: whose path of which issue")
    refuse(scenario is None and (runs or seed is not None), "--runs and --seed are of a --scenario; name it")
    refuse(scenario is not None and asked("as_csv"), "--csv prints the rounds alone; with --scenario take --json")
    how |= {"runs": runs or 500, "seed": seed or 0, "progress": not asked("quiet")}
    found = ts.settle(file, scenario=scenario, issue=issue, **how)
    show(partial(settlement_lines, found), found, table=lambda: found.rounds, figure="settlement")


def settlement_lines(found: Settlement, screen: Screen) -> Iterator[str]:
    """A settlement in words and tables."""
    stakes = found.stakeholders
    yield from screen.heading(f"Settlement of {counted(len(stakes), 'stakeholder')}: {found.outcome:.1f}")
    ending = f"{found.ending[:1].upper()}{found.ending[1:]}"
    yield from screen.wrapped(f"{ending}. The weighted median is then the forecast.")
    columns = {"Round": "{index}", "mean": "{mean:.1f}", "median": "{median:.1f}", "Condorcet": "{condorcet:.1f}"}
    rounds = found.rounds.rename_axis("index").reset_index()
    yield from ("", *formed(screen, columns | {"moved": "{moved}"}, rounds.to_dict("records")))
    likely = found.election.sort_values(ascending=False).head(3)
    told = ", ".join(f"{place:g} ({100 * chance:.0f} %)" for place, chance in likely.items())
    yield from ("", *screen.wrapped(f"Condorcet election at the start: {told}"))
    share = 100.0 * stakes["weight"] / stakes["weight"].sum()
    heaviest = stakes.assign(share=share).sort_values("weight", ascending=False, kind="stable").head(15)
    columns = {"Stakeholder, heaviest first": "{name}", "position": "{position:.1f}", "settled": "{settled:.1f}"}
    columns |= {"weight": "{share:.0f} %", "risk": "{risk:.2f}"}
    yield from ("", *formed(screen, columns, heaviest.rename_axis("name").reset_index().to_dict("records")))
    if found.path is None:
        return
    ends = found.path.iloc[[0, -1]]
    paths = [
        (name, *("{:.0f} ({:.0f}-{:.0f})".format(*day) for day in ends.filter(like=f"{name}, ").to_numpy()))
        for name in ("as it is", "settled")
    ]
    yield from ("", *table(screen, ("Cooperation on it", *(f"{day:%Y-%m-%d}" for day in ends.index)), paths))
    both = f"settled: both principals hold a stance of {found.outcome / 100.0:.2f} throughout"
    yield from screen.wrapped(f"Median and 9 runs in 10; {both}.")


def _factors(context: click.Context, option: click.Parameter, given: Sequence[str]) -> Any:
    """What several `--over` mean: None, "all", or values by path, None where none are given."""
    refuse("all" in given and len(given) > 1, "--over all takes every parameter; leave out the others")
    found: dict[str, str | None] = {}
    for path, equals, values in (text.partition("=") for text in given):
        refuse(path.strip() in found, f"{path.strip()} is given twice; name all its values at once")
        found[path.strip()] = values.strip() if equals else None
    return "all" if "all" in found else found or None


over = options.option("--over", multiple=True, metavar="PATH[=VALUES]", callback=_factors)


@verbs.command()
@click.argument("scenario")
@over("Vary this; repeatable; `joint`: what was fitted together; `all`: every parameter. Default: all uncertain.")
@click.option("--of", default="index", metavar="NAME", help="Outcome: index, an event, `ends in REGIME` ...")
@click.option("--method", metavar="METHOD", help="sobol (default; of many morris), morris, pawn, delta, oat or spread.")
@click.option("--outlooks", nargs=2, metavar="A B", help="What drives A less B, and what turns their ranking.")
@click.option("--size", type=AT_LEAST_1, metavar="N", help="Of the plan: points, trajectories or values.")
@click.option("--replicates", type=AT_LEAST_1, metavar="R", help="Runs of each point.")
@options.structures
@options.variant
@options.seed(default=0)
@options.jobs("Parts computed at a time, or auto; default 1.")
@options.output("DIR", "Keep the runs there; the same command goes on after an interruption.", "store")
@options.replace
@options.figure
@options.progress
@options.forms("one line a factor")
def sensitivity(scenario, outlook, assignments, **how) -> None:
    """Tell which assumptions drive an outcome.

    VALUES are a range low:high, a list, or a distribution, as `sweep` takes them; a PATH alone has the distribution
    that the scenario gives it, else its documented range; mechanisms.NAME is on or off. All points have the same luck,
    and how much of the spread is luck is told.
    """
    output, how["outlooks"] = how["store"], how["outlooks"] or ()
    found = ts.sensitivity(loaded(scenario, outlook, assignments), **how)
    show(partial(sensitivity_lines, found), found, figure="sensitivity", written=output and f"The runs are in {output}")


HEADS = {
    **{"turns_at": "turns at", "turns_low turns_high": "95 %", "total": "total", "total_low total_high": "95 %"},
    **{"delta": "delta", "delta_error": "+-", "first": "first", "first_low first_high": "95 %"},
    **{"mu_star": "mu*", "mu_star_se": "+-", "mu": "mu", "sigma": "sigma", "median": "median"},
    **{"minimum maximum": "range", "swing": "swing", "swing_se": "+-"},
    **{"lowest highest": "from, to", "at_lowest at_highest": "outcome"},
}
"""What stands on the screen above columns of a sensitivity's table, two of which are a range."""

MOST_ROWS = 20


def sensitivity_lines(found: Sensitivity, screen: Screen) -> Iterator[str]:
    """A sensitivity in words and a table."""
    from tensionsim.futures.sensitivity import METHODS, called, told
    from tensionsim.runs.statistics import title

    of = told(found.of) + (f", {' less '.join(found.outlooks)}" if found.outlooks else "")
    plan = found.runs[0].plan
    yield from screen.heading(f"What drives {of}: {title(found.runs[0].scenario)}")
    points = f"{counted(len(plan.shares), 'point')} of {counted(plan.replicates, 'run')}, seed {plan.seed}"
    luck = "" if found.method == "spread" else ", the same luck at every point"
    yield from screen.wrapped(f"{METHODS[found.method][3]}. {points}{luck}")
    heads = {columns: head for columns, head in HEADS.items() if {*columns.split()} <= {*found.table}}
    top = found.table.head(MOST_ROWS)
    rows = [(called(str(name)), *(_cell(row, columns) for columns in heads)) for name, row in top.iterrows()]
    yield from ("", *table(screen, ("Factor", *heads.values()), rows))
    if len(found.table) > MOST_ROWS:
        yield from screen.wrapped(f"(and {len(found.table) - MOST_ROWS} lesser ones: --csv)")
    if found.luck is not None:
        left = found.luck.loc[["luck", "both"]]
        share = f"{100 * left['share'].sum():.0f} % {screen.error_mark}{100 * math.hypot(*left['standard_error']):.0f}"
        yield ""
        yield from screen.wrapped(
            f"Of the variance of single runs {share} is luck, which would be left if all factors were known; "
            f"{100 * left['share']['both']:.0f} % is luck that works through them."
        )
    yield from screen.notes("Notes", found.notes)


def _cell(row: Mapping[Any, Any], columns: str) -> str:
    values = [row[name] for name in columns.split()]
    if math.isnan(values[0]):
        return "never" if columns == "turns_at" else ""
    return " to ".join(f"{value:.3g}" if abs(value) >= 100.0 else f"{value:.2f}" for value in values)


@verbs.command()
@click.argument("scenario", metavar="SCENARIO_OR_FOLDER")
@click.option("--of", metavar="NAME", help="An event, a regime, an issue or index; default an event some runs see.")
@click.option("--never", is_flag=True, help="Look for where it does not come about.")
@click.option("--below", metavar="INDEX", type=float, help="Of the index or an issue: where it is below this.")
@click.option("--above", metavar="INDEX", type=float, help="Of the index or an issue: where it is above this.")
@click.option("--date", metavar="DATE", help="By or on this day; default the last.")
@over("Vary this too, as in sensitivity; repeatable.")
@options.runs("Number of runs; default 4000.")
@options.seed()
@options.variant
@click.option("--box", metavar="N", type=AT_LEAST_0, help="Take this box of the trajectory.")
@click.option("--confirm", metavar="N", default=1000, type=AT_LEAST_0, help="New runs within the box; default 1000.")
@click.option("--write", "written", metavar="FILE", type=PATH, help="Write the box as a scenario file.")
@options.figure
@options.jobs("Parts of the runs computed at a time, or auto; default 1.")
@options.forms("the limits")
def discover(scenario, outlook, assignments, written, **how) -> None:
    """Find within which limits something comes about.

    The runs of SCENARIO draw its uncertain numbers; a box of limits is sought within which what --of names is more
    frequent than in all (PRIM). Others vary too with --over, as in sensitivity; a folder of runs is looked at as it is.
    """
    from tensionsim.analysis.effects import origin_of
    from tensionsim.estimation.fit import check_target

    origin = origin_of(scenario, outlook, values_of(assignments))
    is_fresh = how["over"] or how["runs"] or how["seed"] is not None
    refuse(origin.results and is_fresh, f"{scenario} holds runs as they are; leave out --over, --runs and --seed")
    how |= {"runs": how["runs"] or 4000, "seed": how["seed"] or 0}
    if written is not None:
        check_target(origin.scenario, written)
    found = ts.discover(origin.results or origin.scenario, progress=not asked("quiet"), **how)
    said = written and f"Wrote {found.write(written)}: run it, or show --diff it"
    summary = found.summary()
    if found.note and (asked("as_json") or asked("as_csv") or asked("quiet")):
        click.echo(found.note, err=True)
    show(partial(discovery_lines, summary), found, summary=lambda: summary, figure="discovery", written=said)


def discovery_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of a discovery (`Discovery.summary()`), laid out for the screen."""
    box, path = summary["box"], summary["trajectory"]
    yield from screen.heading(summary["title"])
    runs, factors = counted(summary["runs"], "run"), counted(len(summary["factors"]), "factor")
    yield from screen.wrapped(
        f"{summary['of']}: {percent(summary['share'], summary['runs'])} of {runs}, seed {summary['seed']}; {factors}"
    )
    yield ""
    if not box:
        yield from screen.wrapped(summary["note"].capitalize() + ".")
    else:
        limits = [(name, one["within"], one["quasi_p"]) for name, one in box["limits"].items()]
        told = [(name, within, f"{p:.2g}" if p >= 1e-4 else "<0.0001") for name, within, p in limits]
        yield from table(screen, ("Box", "within", "quasi-p"), told)
        text = ", ".join(f"{name} {100 * box[name]:.0f} %" for name in ("density", "coverage", "mass"))
        if new := box["confirmed"]:
            text += f"; in {counted(new['runs'], 'new run')} within it {percent(new['density'], new['runs'])}"
            text += "" if new["is_confirmed"] else ". New runs do not confirm it: it may be luck, or they are too few."
        yield from screen.wrapped(text)
    every, chosen = max(1, len(path) // 8), box and box["number"]
    shown = [at for at in range(len(path)) if at % every == 0 or at in (len(path) - 1, chosen)]
    shares = [[f"{100 * path[at][name]:.0f} %" for name in ("coverage", "density", "mass")] for at in shown]
    names = [f"box {at}{' *' if at == chosen else ''}" for at in shown]
    rows = [(name, *cells, str(path[at]["limits"])) for name, cells, at in zip(names, shares, shown, strict=True)]
    yield from ("", *table(screen, ("Trajectory (* chosen)", *path[0]), rows))


@verbs.command()
@click.argument("scenario")
@click.option("--strategies", metavar="FILE", required=True, help="What a principal may do, as in strategies/bogota.")
@click.option("--futures", metavar="N", default=200, type=AT_LEAST_2, help="Draws of what is uncertain; default 200.")
@click.option("--replicates", metavar="N", default=10, type=AT_LEAST_1, help="Runs of each future; default 10.")
@options.seed(default=0)
@options.variant
@options.output("DIR", "Keep what they come to there; `resume DIR` goes on after an interruption.", "store")
@options.replace
@options.figure
@options.jobs("Strategies computed at a time, or auto; default 1.")
@options.progress
@options.forms("the table")
def advise(scenario, strategies, outlook, assignments, **how) -> None:
    """Compare what a principal can do, over many futures.

    All strategies of the file meet the same futures, draws of the uncertain numbers of SCENARIO, with the same luck:
    how often each keeps out of an event, what it regrets, in how many futures it does, what it gives up, and where the
    best one fails.
    """
    show_advice(ts.advise(loaded(scenario, outlook, assignments), strategies, **how), how["store"])


def show_advice(found: Advice, folder: Path | None) -> None:
    """Prints an advice as it was asked for."""
    summary, written = found.summary(), folder and f"advice.csv and summary.json are in {folder}"
    show(partial(advice_lines, summary), found, summary=lambda: summary, figure="advice", written=written)


def advice_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of an advice (`Advice.summary()`), laid out for the screen."""
    futures, enough = counted(summary["futures"], "future"), summary["enough"]
    text = f"{futures} of {counted(summary['replicates'], 'run')}, seed {summary['seed']}, the same for all"
    yield from screen.heading(f"{summary['title']}: what {summary['called']} can do")
    yield from screen.wrapped(f"To keep out of: {summary['keep_out_of']}. {text}")
    rows, (best, *_) = [], summary["strategies"]
    for one in summary["strategies"]:
        apart = "" if one is best else f"{one['difference']:+z.0f}"
        if apart and one["low"] is not None:
            apart += f" ({one['low']:+z.0f} to {one['high']:+z.0f})"
        numbers = [f"{one[name]:.0f}" for name in ("satisficing", "attainment", "index", "worst_decile")]
        regret = ", ".join(f"{one[f'regret_{name}']:.0f}" for name in ("mean", "p90", "max"))
        name = one["strategy"] + (" *" if one["is_pareto"] else "")
        rows.append((name, f"{one['kept_out']:.0f} %", apart, *numbers, regret))
    head = ("Strategy", "kept out", "to the best", "enough", "aims", "index", "worst", "regret")
    yield from ("", *table(screen, head, rows))
    bound = f", and a mean index of {enough['index']:g}" if enough["index"] is not None else ""
    yield from screen.wrapped(
        "* none keeps out more often and attains as much. To the best: points, with 95 % of the paired futures' mean. "
        f"Enough: % of futures with a chance of {enough['chance']:g}{bound}. Aims: % attained. Worst: index, worst "
        "tenth of futures. Regret: mean, 9 in 10 below, greatest, points."
    )
    share, box = percent(summary["failing_share"], summary["futures"]), summary["failing"]
    yield from ("", *screen.wrapped(f"Best: {summary['best']}. Futures in which it is not enough: {share}."))
    if box is None:
        if 0.0 < summary["failing_share"] < 1.0:
            yield from screen.wrapped("No limit of what is uncertain tells these from the others, beyond luck.")
        return
    yield from table(screen, ("It fails where", "within"), list(box["limits"].items()))
    held, coverage = round(box["density"] * box["futures"]), 100 * box["coverage"]
    yield from screen.wrapped(f"There it fails in {held} of {box['futures']} futures; {coverage:.0f} % of all such.")
