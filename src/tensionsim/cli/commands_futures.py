"""Verbs that look ahead: sensitivity, warn, settle, discover, advise; and, while the world goes on, watch, play."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import tensionsim as ts
from tensionsim.cli import options
from tensionsim.cli.options import AT_LEAST_0, AT_LEAST_1, AT_LEAST_2, PATH, loaded, refuse, values_of
from tensionsim.cli.terminal import Screen, asked, detect, formed, percent, show, table
from tensionsim.errors import TensionSimError, counted

if TYPE_CHECKING:
    from tensionsim.analysis.signs import EarlyWarning
    from tensionsim.futures.advice import Advice
    from tensionsim.futures.play import Game
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
    show(partial(_warning_lines, found), found, figure="warning")


def _warning_lines(found: EarlyWarning, screen: Screen) -> Iterator[str]:
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
    show(partial(_settlement_lines, found), found, table=lambda: found.rounds, figure="settlement")


def _settlement_lines(found: Settlement, screen: Screen) -> Iterator[str]:
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
    how["outlooks"], written = how["outlooks"] or (), how["store"] and f"The runs are in {how['store']}"
    found = ts.sensitivity(loaded(scenario, outlook, assignments), **how)
    show(partial(_sensitivity_lines, found), found, figure="sensitivity", written=written)


HEADS = {
    **{"turns_at": "turns at", "turns_low turns_high": "95 %", "total": "total", "total_low total_high": "95 %"},
    **{"delta": "delta", "delta_error": "+-", "first": "first", "first_low first_high": "95 %"},
    **{"mu_star": "mu*", "mu_star_se": "+-", "mu": "mu", "sigma": "sigma", "median": "median"},
    **{"minimum maximum": "range", "swing": "swing", "swing_se": "+-"},
    **{"lowest highest": "from, to", "at_lowest at_highest": "outcome"},
}
"""What stands on the screen above columns of a sensitivity's table, two of which are a range."""

MOST_ROWS = 20


def _sensitivity_lines(found: Sensitivity, screen: Screen) -> Iterator[str]:
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
    show(partial(_discovery_lines, summary), found, summary=lambda: summary, figure="discovery", written=said)


def _discovery_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
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
    show(partial(_advice_lines, summary), found, summary=lambda: summary, figure="advice", written=written)


def _advice_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
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


@verbs.command()
@click.argument("scenario")
@options.events("What happened: all of it or what is new; default the history that the scenario names.")
@options.reading
@options.until("Last day that FILE covers; default that of its last event.")
@click.option("--horizons", metavar="MONTHS", default="1,2,3,6,12", help="How far; default 1,2,3,6,12.")
@click.option("--no-fit", "fit", flag_value=False, default=True, help="Do not fit: the scenario's own numbers.")
@options.runs("Runs of a forecast; default 1000.", default=1000, type=AT_LEAST_2)
@options.seed(default=0)
@options.variant
@options.output("DIR", "Its folder, every time the same.", required=True)
@options.forms("all forecasts, with what came and the score of each,")
def watch(scenario, events, outlook, assignments, **how) -> None:
    """Keep a living forecast, told of new events.

    For a monthly routine: fits the scenario, forecasts, scores the forecasts made before and says what left their
    bands. FILE holds all that is known or what is new; what it says otherwise of days known before is told as a
    correction. A forecast is kept with its day and never changed. The same FILE twice changes nothing.
    """
    from tensionsim.events.history import read_own
    from tensionsim.futures.watch import watch as take_in
    from tensionsim.scenario.names import catalogue_of

    given, history = loaded(scenario, outlook, assignments), None
    if events is not None and not options.reading_given():
        history = read_own(events, catalogue_of(given.file.moves, given.file.arrangement_kinds).moves)
    history = options.read(events) if history is None else history
    how |= {"horizons": how["horizons"].split(","), "store": how.pop("output")}
    found = take_in(given, history, **how)
    show(lambda screen: _watch_lines(found.summary(), screen), found)


def _watch_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    yield from screen.heading(f"Living forecast: {summary['title']}")
    made = "made now" if summary["is_new"] else "made before: no whole step has passed since"
    known, told = f"{counted(summary['events'], 'event')} until {summary['until']}", summary["corrections"]
    known += f", {summary['new']:,} new, {len(told):,} corrected. Forecast from {summary['origin']}, {made}."
    yield from screen.wrapped(known)
    which = "{date} {actor} to {target}: {what}, {told}"
    lines = (which.format(**one, what=one["move"] or one["cameo"]) for one in told[-10:])
    yield from screen.notes(f"Corrections, the last of {len(told)}", lines)
    ahead = {(one["target"], one["months"]): _said(one) for one in summary["forecast"] if one["forecaster"] == "model"}
    yield from ["", *_by_months(ahead, screen)]
    yield from screen.wrapped("Median, and where 9 runs in 10 lie; of an event the chance within so many months.")
    if came := summary["came"]:
        out = [one for one in came if one["is_out"]]
        yield from ["", screen.bold(f"Came since: {len(came)} values forecast, {len(out)} of them outside the bands")]
        rows = [(f"{one['target']}, {one['date']}", _digits(one["observed"]), _said(one), one["origin"]) for one in out]
        yield from table(screen, ("", "came", "forecast", "of"), rows) if rows else ()
    by_who = {(one["target"], one["months"], one["forecaster"]): one for one in summary["scores"]}
    mine = {(name, months): one for (name, months, who), one in by_who.items() if who == "model"}
    if mine:
        values = [one for one in mine.values() if one["in_90"] is not None]
        n = sum(one["n"] for one in values)
        in_50, in_90 = (f"{sum(100 * one['n'] * one[name] for one in values) / n:.0f}" for name in ("in_50", "in_90"))
        scores = ((cell, one["score"]) for cell, one in by_who.items())
        scored = {cell: f"{score:.2f}" if score < 1.0 else _digits(score) for cell, score in scores}
        text = {cell: f"{scored[*cell, 'model']} / {scored[*cell, 'no-change']}" for cell in mine}
        yield from ["", screen.bold("Scores so far, model / no change"), *_by_months(text, screen)]
        said = f"Of {n:,} values {in_50} % were in the bands of 1 run in 2, {in_90} % in those of 9 in 10"
        yield from screen.wrapped(f"Weighted interval score, of events Brier's; smaller is better. {said}.")
    yield from screen.notes("To know", summary["notes"])


def _by_months(cells: Mapping[tuple[str, int], str], screen: Screen) -> Iterator[str]:
    """Texts by target and months ahead."""
    names, months = dict.fromkeys(name for name, _ in cells), sorted({one for _, one in cells})
    rows = [(name, *(cells.get((name, one), "") for one in months)) for name in names]
    yield from table(screen, ("months ahead", *map(str, months)), rows)


def _said(one: Mapping[str, Any]) -> str:
    """What was forecast: a chance, or a median and a band."""
    if one["chance"] is not None:
        return f"{100 * one['chance']:.0f} %"
    return "{} ({} to {})".format(*(_digits(one[name]) for name in ("median", "q05", "q95")))


def _digits(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10.0 else f"{value:z.1f}"


@verbs.command()
@click.argument("scenario")
@click.option("--as", "side", metavar="ACTOR", required=True, help="Who is played.")
@options.seed(default=0)
@options.runs("Runs that go on by themselves; default 200.", default=200)
@options.variant
@click.option("--protocol", is_flag=True, help="Say JSON, a line a turn, to a program; see docs/play.md.")
@options.output("DIR", "Keep the played run there.")
@click.pass_obj
def play(typed, /, scenario, outlook, assignments, protocol, runs, **how) -> None:
    """Play a side: decide for one government, step by step.

    The rest of the world is simulated. At the end, or where the input ends, the rest goes on by itself, and the played
    run is compared with others that went on by themselves.
    """
    from tensionsim.futures.play import Game, serve
    from tensionsim.runs.store import check_target

    output: Path | None = how.pop("output")
    game = Game(loaded(scenario, outlook, assignments), **how)
    if output is not None:
        check_target(output)

    def say(said: dict[str, Any]) -> None:
        lines = _play_lines if said["say"] == "end" else _turn_lines
        click.echo(json.dumps(said, allow_nan=False) if protocol else "\n".join(lines(said, detect())))

    serve(game, sys.stdin if protocol else _typed_lines(game), say, runs)
    if output is not None:
        game.model.results().save(output, command=typed)
        click.echo(f"\nThe played run is in {output}", err=protocol)


HELP = """\
MOVE [to TARGET] [on ISSUE], ...  make these moves
own, or an empty line             do what the model would
nothing                           do nothing
menu [ISSUE]                      what you can do now
go DATE                           leave it to the model until
back DATE                         go back, and branch there
end                               leave the rest, and compare"""


def _typed_lines(game: Game) -> Iterator[str]:
    """The lines of standard input, asked for; those that nobody types are shown as if they had been typed."""
    is_typed = sys.stdin.isatty()
    while True:
        if is_typed:
            click.echo("> ", nl=False)
        if not (line := sys.stdin.readline()):
            return
        if not is_typed:
            click.echo(f"> {line.rstrip()}")
        if (words := line.split())[:1] in (["menu"], ["help"]):
            click.echo(HELP if words[0] == "help" else "\n".join(_menu_lines(game.turn(), words[1:], detect())))
        else:
            yield line


def _turn_lines(said: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """What the protocol says, in words."""
    if "protocol" in said:
        yield from screen.heading(f"{said['title']}: you decide for {said['side']}, {said['start']} to {said['end']}")
        yield from ["", HELP, ""]
    for one in said.get("last", ()):
        what = f"{one['move']} ({one['goldstein']:+g})" + (f", {one['cause']}" if one["cause"] != "own" else "")
        yield from screen.wrapped(f"{one['actor']} to {one['target']} on {one['issue']}: {what}", "  ", "    ")
    if "index" in said:
        issues = ", ".join(f"{name} {value:.0f}" for name, value in said["issues"].items())
        yield from screen.heading(f"{said['date']}  index {said['index']:.0f}, {said['regime']}; {issues}")
        yield from screen.wrapped(f"own: {', '.join(said['own']) or 'nothing'}", "  ", "    ")
    yield from screen.wrapped(said["why"], hanging="  ") if "why" in said else ()


def _menu_lines(turn: Mapping[str, Any], issues: list[str], screen: Screen) -> Iterator[str]:
    """What can be done now, the friendliest first, and what is in force."""
    if strange := [name for name in issues if name not in turn["issues"]]:
        yield from screen.wrapped(f"no issue {strange[0]!r}; there is {', '.join(turn['issues'])}")
    for one in turn["channels"]:
        if not issues or one["issue"] in issues:
            moves = ", ".join(f"{name} {score:+g}" for name, score in reversed(one["menu"].items()))
            where = f"to {one['target']} on {one['issue']}, {one['track']}"
            yield from screen.wrapped(f"{where}: {moves or 'nothing'}", hanging="  ")
    yield from screen.wrapped(f"in force: {'; '.join(turn['in_force']) or 'nothing'}", hanging="  ")


def _play_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    yield from screen.heading(f"{summary['title']}: {summary['side']}, {summary['start']} to {summary['date']}")
    alone, rows = f"{counted(summary['runs'], 'run')} that went on by themselves", list[tuple[str, ...]]()
    yield from [*screen.wrapped(f"Seed {summary['seed']}, beside {alone}"), ""]
    for one in summary["table"]:
        words, band, above = ("no", "yes"), f"{100 * one['median']:.0f} %", ""
        cells = (words[round(one[name])] for name in ("played", "twin"))
        if one["above"] is not None:
            cells = (_digits(one[name]) for name in ("played", "twin"))
            band, above = _said({"chance": None, **one}), f"{100 * one['above']:.0f} %"
        rows.append((one["quantity"], *cells, band, above))
    yield from table(screen, ("", "played", "twin", "by themselves", "above"), rows)
    yield from screen.wrapped(
        "Twin: the run of the same luck without you. By themselves: median, and where 9 runs in 10 lie; of an event, "
        "the share that had it. Above: share of them that the played run is above."
    )
