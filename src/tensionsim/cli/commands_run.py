"""Verbs of runs and of scenario files: run, resume, sweep; new, check, show; and lists of what there is."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import tensionsim as ts
from tensionsim.cli import options, terminal
from tensionsim.cli.options import AT_LEAST_0, AT_LEAST_1, PATH, loaded, reading, reading_given, refuse, values_of
from tensionsim.cli.terminal import STEPS, Screen, asked, chart, detect, formed, measured, percent, show, table
from tensionsim.errors import ScenarioError, StorageError, TensionSimError, counted

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from tensionsim.events.history import EventHistory
    from tensionsim.forecasts.against_history import AgainstHistory
    from tensionsim.runs.results import Results
    from tensionsim.runs.sweep import Sweep
    from tensionsim.scenario.design import Design
    from tensionsim.scenario.scenario import Scenario
    from tensionsim.scenario.yaml_tree import Report

verbs = options.Verbs()

METHODS = {"grid": "Grid", "zip": "Zip", "lhs": "Latin hypercube", "sobol": "Sobol' sample"}


def told(typed: str, how: dict[str, Any]) -> dict[str, Any]:
    """What a folder is told: what was typed, and how runs are computed."""
    from tensionsim.runs.parallel import executor

    workers = partial(executor, *(how.pop(name) for name in ("jobs", "executor", "scheduler")))
    return {"command": typed, "workers": workers, **how}


@verbs.command()
@click.argument("scenario")
@options.runs("Number of random histories; default 1000.", default=1000)
@options.seed(default=0)
@options.variant
@options.output("DIR", "Keep runs, tables and plots.")
@options.replace
@click.option("--no-draws", is_flag=True, help="Leave uncertain numbers at their estimates or means.")
@options.structures
@options.keep
@options.xlsx
@options.iamc
@options.computing
@click.pass_obj
def run(typed, /, scenario, outlook, assignments, output, replace, no_draws, structures, keep, **how) -> None:
    """Run a scenario and summarise it.

    SCENARIO is a file, or the name of a shipped scenario (see `tensionsim scenarios`). With -o, runs stream into a
    folder, and memory does not grow with their number. What is there already is not computed again: the same command
    goes on after an interruption, and with more --runs adds to them.
    """
    from tensionsim.runs.plan import with_structures
    from tensionsim.runs.run import fill, run as run_in_memory

    chosen = loaded(scenario, outlook, assignments)
    chosen = with_structures(chosen, structures) if structures else chosen
    chosen = chosen.without_draws() if no_draws else chosen
    if output is None:
        keep = keep or ("all" if asked("xlsx") or asked("iamc") else "summary")
        found = run_in_memory(chosen, keep=keep, **how)
    else:
        how = told(typed, how)
        found = fill(output, chosen, keep=keep or "all", replace=replace, attach=ts.plots.save_overview, **how)
    show_runs(found, output)


@verbs.command()
@click.argument("folder", metavar="DIR", type=PATH)
@options.computing
@click.pass_obj
def resume(typed, /, folder, **how) -> None:
    """Complete interrupted or damaged runs.

    DIR is what `run`, `sweep` or `advise` with `-o DIR` wrote to. Runs that are missing or damaged are
    computed; those that are there are kept. The folder becomes what it would have been without the interruption, to
    the byte.
    """
    from tensionsim.runs import sweep
    from tensionsim.runs.planned import is_planned
    from tensionsim.runs.store import held

    others = {"a sensitivity": is_planned(folder), "a backtest": held(folder) == "backtest"}
    for what, is_held in others.items():
        refuse(is_held, f"{folder} holds {what}; the command that began it goes on")
    if held(folder) == "advice":
        from tensionsim.cli.commands_futures import show_advice
        from tensionsim.futures.advice import resume as go_on

        refuse(how["executor"] or how["scheduler"], "an advice takes --jobs; leave out --executor and --scheduler")
        show_advice(go_on(folder, jobs=how["jobs"], progress=how["progress"]), folder)
        return
    found = sweep.resume(folder, attach=ts.plots.save_overview, **told(typed, how))
    if isinstance(found, sweep.Sweep):
        show_sweep(found, folder)
    else:
        show_runs(found, folder)


def show_runs(found: Results, output: Path | None) -> None:
    """Prints results as they were asked for."""
    written = output and f"Tables, overview.png, overview.svg and provenance.json are in {output}"
    show(lambda screen: run_lines(found.summary(), screen), found, written=written)


def run_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of results (`Results.summary()`), laid out for the screen."""
    from tensionsim.runs.statistics import settings, span

    runs, index = summary["runs"], summary["index"]
    yield from screen.heading(summary["title"])
    when = f"{span(summary['start'], summary['end'], summary['dates'][-1])}, {STEPS[summary['step']]}"
    yield from screen.wrapped(f"{when}; {counted(runs, 'run')}, seed {summary['seed']}")
    if summary["set"]:
        yield from screen.wrapped(settings(summary["set"]), "", "  ")
    which = "median" if runs > 1 else "one run:"
    range_ = f" (9 runs in 10: {index['q05'][-1]:.0f} to {index['q95'][-1]:.0f})" if runs > 1 else ""
    ends = f"{which} {index['median'][0]:.0f} at the start, {index['median'][-1]:.0f} at the end"
    yield from ("", *screen.wrapped(f"Cooperation index: {ends}{range_}"))
    yield from ("", *chart(screen, index, summary["dates"], runs=runs))
    regimes = [
        {"name": name, **one, "end": percent(one["at_end"], runs), "share": share_with_error(one, runs, screen)}
        for name, one in reversed(summary["regimes"].items())
    ]
    columns = {"Regime": "{name}", "index": "{from:.0f}-{to:.0f}", "at end": "{end}", "ever": "{share}"}
    yield from ("", *formed(screen, columns | {"months in it": "{mean_months:.1f}"}, regimes))
    if summary["events"]:
        events = [
            {**one, "name": name, "share": share_with_error(one, runs, screen), "ends": _recovery(one)}
            | {"first": one["median_first_date"] or "never"}
            for name, one in summary["events"].items()
        ]
        columns = {"Event": "{name}", "ever": "{share}", "first, median": "{first}"}
        columns |= {"months in it": "{mean_months:.1f}", "until it ends": "{ends}"}
        yield from ("", *formed(screen, columns, events))
    if summary["movers"]:
        yield from ("", *screen.heading("What moved the index most, from start to end, in points of its mean"))
        first, last = (index["mean"][place] for place in (0, -1))
        moved = [(one["points"], f"{one['actor']}: {one['what'].replace('_', ' ')}") for one in summary["movers"]]
        whole = f"in all: the {'mean' if runs > 1 else 'index'} goes from {first:.1f} to {last:.1f}"
        moved += [(summary["change"]["rest"], "everything else"), (summary["change"]["points"], whole)]
        for points, text in moved:
            yield from screen.wrapped(f"{points:+z6.1f}  {text}", "", " " * 8)
    yield from screen.notes("Notes", summary["notes"])


def _recovery(event: Mapping[str, Any]) -> str:
    """Months until it ends; "not yet" where it is still on at the end in half or more of the runs that have it."""
    if event["median_recovery_months"] is not None:
        return f"{event['median_recovery_months']:.1f}"
    return "not yet" if event["probability"] else "-"


def share_with_error(found: Mapping[str, Any], runs: int, screen: Screen) -> str:
    """A share of the runs with its standard error, where it has one."""
    value, error = found["probability"], found["standard_error"]
    text = percent(value, runs)
    return f"{text} {screen.error_mark}{100 * error:.{terminal.share_decimals(value, runs)}f}" if error else text


@verbs.command()
@click.argument("scenario")
@click.option("--over", multiple=True, metavar="PATH=VALUES", help="Vary one value; repeatable.")
@click.option("--design", metavar="FILE", type=PATH, help="Take what to vary from a design file, or CSV table.")
@click.option("--method", type=options.Choice(list(METHODS)), help="How points are made; default grid.")
@click.option("--points", metavar="N", type=AT_LEAST_1, help="Number of points of lhs or sobol.")
@click.option("--design-seed", metavar="S", type=AT_LEAST_0, help="Seed of the points of lhs or sobol; default 0.")
@click.option("--baseline", metavar="N", default=0, type=AT_LEAST_0, help="Point to take differences from; default 0.")
@options.runs("Random histories at each point; default 1000.", default=1000)
@options.seed(default=0)
@options.variant
@options.output("DIR", "Keep runs and tables.")
@options.replace
@options.keep
@options.as_csv("Print the whole table as CSV instead of the summary.")
@options.xlsx
@options.computing
@click.pass_obj
def sweep(typed, /, scenario, over, design, baseline, outlook, assignments, output, replace, keep, **how) -> None:
    """Run a scenario at every point of a design.

    VALUES are a list (0.2,0.4 or calm,loud), a range start:stop:number with both ends (0.2:1.0:5), or for lhs and sobol
    an interval (0.2:1.0) or a distribution ({triangular: [0, 0.2, 1]}); PATH is one that --set takes, or outlook. All
    points share their luck, but those of another start or step. With -o, an interrupted sweep goes on where it was by
    the same command.
    """
    from tensionsim.runs.plan import base_of, points_checked
    from tensionsim.runs.sweep import carry_out
    from tensionsim.scenario.design import draft
    from tensionsim.scenario.yaml_tree import Report, Source, SourceLocation

    refuse(not over and design is None, "say what to vary: --over PATH=VALUES (repeatable), or --design FILE")
    words = {key: value for key in ("method", "points", "design_seed") if (value := how.pop(key)) is not None}
    own = "--over, --method, --points and --design-seed"
    refuse(design and (over or words), f"--design holds all of the design; leave out {own}, or write them there")

    report = Report()
    drafted = draft(design, report) if design is not None else _drafted(over, report, words)
    if drafted is not None and not len(report) and baseline >= drafted.size:
        message = f"there is no point {baseline}; there are 0 to {drafted.size - 1}"
        report.add(SourceLocation(Source("--baseline")), message)
    values, before = values_of(assignments, report), len(report)
    base = base_of(lambda: ts.load(scenario, outlook=outlook, set=values), report)
    if len(report) > before:  # the design is checked with the scenario as it is in its file
        base = base_of(lambda: ts.load(scenario), Report())
    base, drafted, checked = points_checked(base, drafted, report, baseline=baseline)

    where: dict[str, Any] = {"baseline": baseline, "keep": keep or "all", "store": output, "replace": replace}
    show_sweep(carry_out(base, drafted, checked, **where, **told(typed, how)), output)


def _drafted(over: Sequence[str], report: Report, words: Mapping[str, Any]) -> Design | None:
    """The design that the options mean, as far as it can be read; the rest is noted."""
    from tensionsim.scenario.design import draft_of
    from tensionsim.scenario.yaml_tree import Source, SourceLocation

    found = dict[str, str]()
    for path, values in options.pairs(over, report, "--over", "PATH=VALUES, as in actors.bogota.rhetoric=0.2:1.0:5"):
        if path in found:
            report.add(SourceLocation(Source("--over")), f"{path} is given twice; name all its values at once")
        found[path] = values
    if not found:
        return None
    given = {key.removeprefix("design_"): value for key, value in words.items()} | {"over": found}
    called = {"method": "--method", "points": "--points", "seed": "--design-seed", "over": "--over"}
    return draft_of(given, report, word="the command", words=called)


def show_sweep(found: Sweep, output: Path | None) -> None:
    """Prints a sweep as it was asked for."""
    written = output and f"sweep.csv, index.csv and provenance.json are in {output}, the runs of each point below it"
    show(lambda screen: sweep_lines(found.summary(), screen), found, written=written, float_format=None)


MOST_ROWS = 100
"""Points that a terminal is shown; of more, as many of those that end best and worst."""


def sweep_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of a sweep (`Sweep.summary()`), laid out for the screen."""
    from tensionsim.runs.statistics import settings
    from tensionsim.scenario.design import value_in_words

    points, factors, runs = summary["points"], summary["factors"], summary["runs"]
    yield from screen.heading(summary["title"])
    is_paired = all(point["difference"] is not None for point in points)
    each = f"{counted(runs, 'run')} at each, seed {summary['seed']}{': the same luck at every point' * is_paired}"
    yield from screen.wrapped(f"{METHODS[summary['method']]} of {counted(len(points), 'point')}; {each}")
    for name, path in factors.items():
        yield from screen.wrapped(f"{name}: {path}", "  ", "    ") if path != name else ()
    yield from screen.wrapped(settings(summary["set"]), "", "  ") if summary["set"] else ()
    yield ""
    if len(points) > MOST_ROWS:
        points = sorted(points, key=lambda one: -one["index_mean"])
        points = [*points[: MOST_ROWS // 2], *points[-MOST_ROWS // 2 :]]
        yield from screen.wrapped(f"Those that end best, then worst, {MOST_ROWS // 2} each; --csv prints all.")
    events = [name for name in points[0] if name.startswith("event_") and f"{name}_se" in points[0]]
    rows = []
    for one in points:
        values = [one["values"][name] for name in factors]
        values = [f"{value:.4g}" if isinstance(value, float) else value_in_words(value) for value in values]
        index = measured(screen, one["index_mean"], one["index_mean_se"], "z")
        apart = "baseline" if one["point"] == summary["baseline"] else "-"
        if one["difference"] is not None and apart == "-":
            apart = measured(screen, one["difference"], one["difference_se"])
        shares = [percent(one[name], runs) for name in events]
        rows.append(
            [str(one["point"]), index, apart, *values, f"{one['index_q05']:.0f}-{one['index_q95']:.0f}", *shares]
        )
    named = [name.removeprefix("event_").replace("_", " ") for name in events]
    yield from table(screen, ["point", "index", "difference", *factors, "9 in 10", *named], rows)
    yield ""
    unpaired = "" if is_paired else " (- where start or step differ, so that a run is another history)"
    yield from screen.wrapped(
        f"index: mean at the end, {screen.error_mark} its standard error; difference: run by run, from point "
        f"{summary['baseline']}{unpaired}; 9 in 10: where nine runs in ten end; events: share of runs that have them."
    )


@verbs.command()
@click.argument("name")
@click.option("--from", "source", metavar="SCENARIO", help="Copy this one: a file, or the name of a shipped scenario.")
@click.option("--events", metavar="FILE", help="Make it from event data of two actors, from whose past it goes on.")
@click.option("--issues", metavar="A,B", help="With --dyad or --events: what they deal with; default relations.")
@reading
@options.until()
@options.step("With --events; default week.")
@click.option("--matters", is_flag=True, help="With --events: let moves raise matters and answer them, by their roots.")
def new(name, source, events, issues, until, step, matters) -> None:
    """Write a scenario to start from.

    It goes to NAME.yaml, with comments. What is there already is never overwritten. With --dyad alone it has two actors
    of whom nothing is known. With --events, its moves are the CAMEO roots that occur in FILE, with rates, shares and
    scores as observed, and its runs start from what was observed; the other options say how FILE is read, as for
    `tensionsim events`.
    """
    from tensionsim.events.history import says_no_issue
    from tensionsim.scenario.schema import NAME

    dyad = asked("dyad")
    is_about_events = bool(until or step or matters or {*reading_given()} - {"--dyad"})
    refuse(events is None and is_about_events, "these options say how event data are read: give --events FILE too")
    refuse(source is not None and (events or dyad), "--from copies a scenario as it is: leave out --events and --dyad")
    refuse(issues is not None and not (events or dyad), "--issues are those of two actors: give --dyad A B too")
    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    refuse(path.name.strip().startswith("."), f"{name!r} names no file; write `tensionsim new my-scenario`")
    among = list(dict.fromkeys(one.strip() for one in issues.split(","))) if issues is not None else []
    for one in among:
        refuse(not re.fullmatch(NAME, one), f"{one!r} is no name of an issue: a letter, then letters, digits, _ and -")
    if events is not None:
        history = options.read(events, until)
        text = _text_from(history, events, path, among, until=until, step=step or "week", matters=matters)
    elif dyad:
        from tensionsim.events.generic import dyad_text
        from tensionsim.events.reading import actors_asked

        text = dyad_text(list(dict.fromkeys(actors_asked(dyad).values())), among or ["relations"])
    else:
        text = starter(path.stem, source)
    write_new(path, text)
    if events is not None and len(among) > 1 and says_no_issue(history, among).any():
        click.echo(f"note: events do not say their issue: {', '.join(among)} had the days in turn", err=True)
    click.echo(f"Wrote {path}. Change it, then: tensionsim check {shlex.quote(str(path))}")


def _text_from(
    history: EventHistory, file: str, path: Path, issues: Sequence[str], *, until: dt.date | None, **how: Any
) -> str:
    """The scenario of event data, whose key `history` reads them again as they were read."""
    from tensionsim.events.generic import scenario_text
    from tensionsim.events.history import dealt, says_no_issue
    from tensionsim.events.reading import actors_asked

    dyad, mapping = asked("dyad"), asked("mapping")
    called = actors_asked(dyad) if dyad else {one.code: one.actor for one in history.report.taken}

    def beside(name: str) -> str:
        """How a file is called from the folder of the scenario."""
        return name if Path(name).is_absolute() else Path(os.path.relpath(name, path.parent)).as_posix()

    past: dict[str, Any] = {"file": beside(file)}
    past |= {"actors": called} if dyad or not mapping else {}
    past |= {"issue": list(issues)} if issues else {}
    past |= {"mapping": beside(mapping)} if mapping else {}
    given = {key: asked(key) for key in ("format", "dates", "scale", "one_a_day", "leave_out_bad")} | {"until": until}
    past |= {key: value for key, value in given.items() if value not in ("auto", "cameo", False, None)}
    in_turn = issues if says_no_issue(history, issues).all() else ()
    return scenario_text(dealt(history, issues, issues), past=past, dealt=in_turn, **how)


def write_new(path: Path, text: str) -> None:
    """Writes a new scenario file, where there is none yet and it loads from."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise StorageError(f"{path} is there already; choose another name") from None
    try:
        ts.load(path)
    except ScenarioError as problems:
        path.unlink()
        raise TensionSimError(f"{path} was not kept, for it would not load from there:\n{problems}") from problems


def starter(name: str, source: str | None) -> str:
    """A commented scenario whose title is made of its name, or a copy, with its comments, of a good one."""
    from importlib.resources import files

    from tensionsim.scenario.files import find
    from tensionsim.scenario.yaml_tree import Report

    if source is not None:
        scenario, found = ts.load(source), find(source, Report())
        text = found.path.read_text(encoding="utf-8-sig") if found else scenario.text
        return f"# Started from {scenario.name}. After a change: tensionsim check FILE\n\n{text}"
    title = re.sub(r"[^\w ]+|_", " ", name).strip().capitalize() or "A scenario"
    text = files("tensionsim.cli").joinpath("starter.yaml").read_text(encoding="utf-8")
    return text.replace("TITLE", json.dumps(title, ensure_ascii=False))


@verbs.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--against-history", is_flag=True, help="Hold runs against what was observed in the scenario's days.")
@options.runs("With --against-history: number of runs; default 1000.")
@options.seed("With --against-history: same seed, same numbers; default 0.")
@options.as_json("With --against-history: print one JSON object, by file, instead of the text.")
def check(files, against_history, runs, seed) -> int:
    """Find problems in scenario files.

    All problems of all files are shown, each with its line and column, and the exit status is 2 if there is one. Of a
    good file the size is told, how stable what it describes is, and how often its draws hold what its consistency table
    rules out. With --against-history statistics of runs stand beside those of what was observed instead.
    """
    is_stray = (runs is not None or seed is not None or asked("as_json")) and not against_history
    refuse(is_stray, "--runs, --seed and --json belong to --against-history; add it")
    screen, bad = detect(), 0
    tables: dict[str, AgainstHistory] = {}
    for file in files:
        try:
            scenario = ts.load(file)
            if against_history:
                tables[file] = ts.against_history(scenario, runs=1000 if runs is None else runs, seed=seed or 0)
        except TensionSimError as error:
            bad += 1
            count = len(error.problems) if isinstance(error, ScenarioError) else 0
            click.echo(f"{error}\n{file}: {counted(count, 'problem')}" if count else str(error), err=True)
        else:
            if not asked("as_json"):
                lines = _beside_history(file, tables[file], screen) if tables else _facts(file, scenario, screen)
                click.echo("\n".join(lines))
    if tables and asked("as_json"):
        show(lambda _: (), summary=lambda: {file: found.to_dict() for file, found in tables.items()})
    return 2 if bad else 0


def _beside_history(file: str, found: AgainstHistory, screen: Screen) -> Iterator[str]:
    from tensionsim.forecasts.against_history import ODD

    yield from screen.heading(f"{file}: runs against the history")
    span = f"{found.first} to {found.last}: {counted(found.units, found.unit)}"
    yield from screen.wrapped(f"{found.title}, {span}; {counted(found.runs, 'run')}, seed {found.seed}")
    left_out = [f"{count:,} {reason}" for reason, count in found.left_out.items()]
    yield from screen.wrapped(f"Left out of what was observed: {'; '.join(left_out)}.") if left_out else ()
    columns = {"": "{statistic}{actor}", "observed": "{observed:.2f}", "runs": "{mean:.2f}"}
    columns |= {"5 %": "{q05:.2f}", "95 %": "{q95:.2f}", "p ": "{p:.3f}{mark}"}
    rows = found.table.assign(mark=found.table["is_odd"].map({True: "*", False: " "}))
    rows["actor"] = rows["actor"].map(lambda name: f", {name}" if name else "")
    yield from ("", *formed(screen, columns, rows.to_dict("records")))
    yield from screen.wrapped(
        f"p: share of the runs below what was observed, of equal ones half; * below {ODD} or above {1 - ODD}."
    )


def _facts(file: str, scenario: Scenario, screen: Screen) -> Iterator[str]:
    from tensionsim.engine.stability import Stability

    content, found = scenario.file, Stability.of(scenario)
    sizes = [
        counted(len(things), word) + (f" ({', '.join(map(str, things))})" if things else "")
        for things, word in ((content.actors, "actor"), (content.issues, "issue"), (content.outlooks, "outlook"))
    ]
    good, bad = "stable, below 1", "UNSTABLE, not below 1"
    yield from screen.heading(f"{file}: good")
    for fact in (
        scenario.title,
        f"{content.start} to {content.end}, by {content.step}: {len(scenario.steps) - 1} steps",
        ", ".join(sizes),
        f"branching ratio {found.branching:.2f}: {good if found.branching < 1.0 else f'{bad}: events breed events'}",
        f"tone feedback {found.tone:.2f}: {good if found.tone < 1.0 else f'{bad}: reaction beats fatigue'}",
        f"most unstable direction: {found.direction}",
        *_clashes(scenario),
        *(f"note: {note}" for note in scenario.notes),
    ):
        yield from screen.wrapped(fact, "  ", "    ")


def _clashes(scenario: Scenario) -> Iterator[str]:
    """What is drawn against the scenario's consistency table, under each outlook."""
    from tensionsim.engine.stability import DRAWS, clashes

    for found in clashes(scenario):
        where = f"outlook {found.outlook}" if found.outlook else "consistency"
        if not found.pairs:
            yield f"{where}: none of {DRAWS:,} draws holds states that its table marks below -1"
            continue
        pairs = "; ".join(f"{one} with {other} ({how}) {share:.1%}" for one, other, how, share in found.pairs[:4])
        yield (
            f"{where}: WARNING, of {DRAWS:,} draws {found.ruled_out:.1%} hold states that its table rules out (-3), "
            f"{found.unlikely:.1%} such as it marks below -1: {pairs}"
        )


@verbs.command("show")
@click.argument("file")
@click.option("--diff", "other", metavar="OTHER", help="Show what differs from another scenario instead.")
@options.outlook
def show_scenario(file, other, outlook) -> None:
    """Print a resolved scenario as YAML.

    What it extends, its leaders and the outlook are merged in. What is printed is a scenario file that runs by itself.
    """
    from difflib import unified_diff

    text = ts.load(file, outlook=outlook).text
    if other is not None:
        before, after = (each.splitlines(keepends=True) for each in (ts.load(other).text, text))
        text = "".join(unified_diff(before, after, fromfile=other, tofile=file))
    click.echo(text or f"{file} says what {other} says", nl=not text, err=not text)


def entries(found: pd.DataFrame, screen: Screen) -> Iterator[str]:
    """The rows of a table: the name of each, and below it what its columns say."""
    speaking = ("title", "summary", "description")
    for name, row in found.astype(str).iterrows():
        yield screen.bold(str(name))
        said = (value if key in speaking else f"{key.replace('_', ' ')} {value}" for key, value in row.items() if value)
        yield from screen.wrapped("; ".join(said), "    ")


@verbs.command()
def scenarios() -> None:
    """List the shipped scenarios."""
    show(partial(entries, ts.list_scenarios()))


@verbs.command()
@click.option("--actor", metavar="NAME", help="Only what this actor can do.")
@click.option("--target", metavar="NAME", help="Only what can be done towards this actor.")
@click.option("--issue", metavar="NAME", help="Only what can be done on this issue.")
@click.option("--scenario", metavar="FILE", help="Of this scenario: its actors, issues and own moves.")
@options.as_json("Print a JSON list.")
def moves(scenario, **chosen) -> None:
    """List the moves that actors can make.

    From the most hostile to the friendliest, each with its Goldstein score, -10 (conflict) to +10 (cooperation), its
    CAMEO code, who can make it, what it raises and how it answers, and what it begins, ends or shifts.
    """
    from tensionsim.listing import moves_of

    lines = partial(entries, ts.list_moves(scenario=scenario, **chosen))
    show(lines, summary=lambda: [asdict(move) for move in moves_of(scenario, **chosen)])


@verbs.command()
@options.as_json("Print a JSON object.")
def mechanisms() -> None:
    """List the mechanisms and parameters.

    Each mechanism with its equation and source, each parameter with its default, unit and range.
    """
    tables = {"mechanisms": ts.list_mechanisms(), "parameters": ts.list_parameters()}
    show(
        lambda screen: (line for one in tables.values() for line in entries(one, screen)),
        summary=lambda: {name: one.to_dict("index") for name, one in tables.items()},
    )


@verbs.command()
def schema() -> None:
    """Print the JSON Schema of scenario files.

    With it, editors complete and check while you type. It is docs/scenario.schema.json of the source.
    """
    from tensionsim.scenario.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2, allow_nan=False))


@verbs.command()
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@options.variant
@click.option("--host", default="127.0.0.1", help="Address to listen on; any but this machine's own wants a token.")
@click.option("--port", default=8765, type=options.Whole(0, 65535), help="Port; default 8765; 0: any that is free.")
@options.jobs("Worker processes, or auto (default): two where there are two processors.", default="auto")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@click.option("--static", "output", metavar="FILE", type=PATH, help="Write one HTML file of precomputed outlooks.")
@options.runs("Runs of each outlook of --static; default 1,000.")
@options.seed("Of --static; default 0.")
@options.as_json("Print a JSON object: the address, or what was written.")
@options.quiet()
def page(scenarios, outlook, assignments, host, port, jobs, opens, output, runs, seed) -> None:
    """Open a scenario as a page in the browser.

    Sliders, switches and moves on a timeline change what is drawn at once; nothing leaves this machine. With several
    SCENARIOs the first is opened, the others can be compared with it. Ctrl-C ends it. With --static all of them and
    their outlooks are computed beforehand, into one file that opens without Python.
    """
    refuse(output is None and (runs is not None or seed is not None), "--runs and --seed go with --static FILE")
    refuse(output is not None and opens, "--open and --static exclude each other")
    refuse(output is not None and not output.parent.is_dir(), f"{output} cannot be written: its folder is not there")
    values = values_of(assignments)
    chosen = [ts.load(name, outlook=outlook, set=values) for name in scenarios or ("trump2-petro-2025",)]
    if output is not None:
        from tensionsim.webpage.answers import document

        made = document(chosen, runs=runs or 1000, seed=seed or 0)
        written = made.save(output)
        counts = f"{counted(len(made.outlooks), 'outlook')}, {counted(made.runs, 'run')} each"
        found = {"written": str(written), "outlooks": list(made.outlooks), "runs": made.runs}
        show(lambda screen: screen.wrapped(f"Written: {written} ({counts})"), summary=lambda: found)
        return
    from tensionsim.webpage.server import serve

    def began(address: str) -> None:
        show(lambda screen: [f"The page is at {address}", "Ctrl-C ends it."], summary=lambda: {"address": address})
        if opens:
            import webbrowser

            webbrowser.open(address)

    workers = min(2, os.cpu_count() or 1) if jobs == "auto" else int(jobs)
    serve(chosen, host=host, port=port, jobs=workers, began=began)
