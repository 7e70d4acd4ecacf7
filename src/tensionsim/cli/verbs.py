"""The verbs: each loads, calls, shows. Packages are imported inside them, so that `--help` is quick."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from tensionsim import __version__
from tensionsim.cli.options import (
    AT_LEAST_0,
    AT_LEAST_1,
    AT_LEAST_2,
    ELEMENTS,
    HEIGHTS,
    KINDS,
    MEANS,
    MONTHS,
    OF_HELP,
    PARTS,
    PROGRESS_HELP,
    READING,
    STEPS,
    WIDTHS,
    OfStudies,
    Study,
    computing,
    figures_with,
    jobs_given,
    kinds_help,
    reading,
    some_jobs,
)

SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
COMPLETION = """Words complete in your shell after this line in ~/.bashrc (for zsh: zsh_source, in ~/.zshrc):

\b
  eval "$(_TENSIONSIM_COMPLETE=bash_source tensionsim)"
"""


@click.group(context_settings=SETTINGS, epilog=COMPLETION)
@click.version_option(__version__, message="%(prog)s %(version)s")
def tensionsim() -> None:
    """Simulate how cooperation between two governments goes on: run a scenario file, read a cooperation index."""


@tensionsim.command()
@click.argument("scenario")
@click.option("--runs", metavar="N", default=1000, type=AT_LEAST_1, help="Number of random histories; default 1000.")
@click.option("--seed", metavar="S", default=0, type=AT_LEAST_0, help="Same seed, same numbers; default 0.")
@click.option("--outlook", metavar="NAME", help="Take a branch of the scenario.")
@click.option("--set", "assignments", multiple=True, metavar="PATH=VALUE", help="Set one value; repeatable.")
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="Keep runs, tables and plots.")
@click.option("--replace", is_flag=True, help="Start over in DIR where other results stand already.")
@computing
@click.pass_obj
def run(typed: str, /, **options: Any) -> None:
    """Run a scenario and summarise it.

    SCENARIO is a file, or the name of a shipped scenario (see `tensionsim scenarios`). With -o, runs stream into a
    folder, and memory does not grow with their number. What is there already is not computed again: the same command
    goes on after an interruption, and with more --runs adds to them.
    """
    from tensionsim.cli import running

    means = {name: options.pop(name) for name in MEANS}
    running.run(running.Request(**options), running.Means(typed=typed, **means))


@tensionsim.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@computing
@click.pass_obj
def resume(typed: str, /, folder: Path, **means: Any) -> None:
    """Complete interrupted or damaged runs.

    DIR is what `tensionsim run -o DIR` or `tensionsim sweep -o DIR` wrote to. Runs that are missing or damaged are
    computed; those that are there are kept. The folder becomes what it would have been without the interruption, to
    the byte.
    """
    from tensionsim.cli import running

    running.resume(folder, running.Means(typed=typed, **means))


@tensionsim.command()
@click.argument("scenario")
@click.option("--over", multiple=True, metavar="PATH=VALUES", help="Vary one value; repeatable.")
@click.option("--design", metavar="FILE", type=click.Path(path_type=Path), help="Take what to vary from a design file.")
@click.option("--method", type=click.Choice(["grid", "zip", "lhs", "sobol"]), help="How points are made; default grid.")
@click.option("--points", metavar="N", type=AT_LEAST_1, help="Number of points of lhs or sobol.")
@click.option("--design-seed", metavar="S", type=AT_LEAST_0, help="Seed of the points of lhs or sobol; default 0.")
@click.option("--baseline", metavar="N", default=0, type=AT_LEAST_0, help="Point to take differences from; default 0.")
@click.option(
    "--runs", metavar="N", default=1000, type=AT_LEAST_1, help="Random histories at each point; default 1000."
)
@click.option("--seed", metavar="S", default=0, type=AT_LEAST_0, help="Same seed, same numbers; default 0.")
@click.option("--outlook", metavar="NAME", help="Take a branch of the scenario.")
@click.option("--set", "assignments", multiple=True, metavar="PATH=VALUE", help="Set one value at all points.")
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="Keep runs and tables.")
@click.option("--replace", is_flag=True, help="Start over in DIR where another sweep stands already.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the whole table as CSV instead of the summary.")
@computing
@click.pass_obj
def sweep(typed: str, /, **options: Any) -> None:
    """Run a scenario at every point of a design.

    VALUES are a list (0.2,0.4 or calm,loud), a range start:stop:number with both ends (0.2:1.0:5), or for lhs and sobol
    an interval (0.2:1.0) or a distribution ({triangular: [0, 0.2, 1]}); PATH is one that --set takes, or outlook. All
    points share their luck, but those of another start or step. With -o, an interrupted sweep goes on where it was by
    the same command.
    """
    from tensionsim.cli import running, sweeping

    means = {name: options.pop(name) for name in MEANS}
    sweeping.sweep(sweeping.Request(**options), running.Means(typed=typed, **means))


@tensionsim.command()
@click.argument("outlooks", nargs=-1, required=True, metavar="OUTLOOK...")
@click.option("--baseline", metavar="NAME", help="Compare with this one; default the first.")
@click.option("--runs", metavar="N", type=AT_LEAST_1, help="Number of runs; default that of saved results, or 1000.")
@click.option("--seed", metavar="S", type=AT_LEAST_0, help="Same seed, same numbers; default as saved, or 0.")
@click.option("--set", "assignments", multiple=True, metavar="PATH=VALUE", help="Set one value in all; repeatable.")
@click.option("--overlap", is_flag=True, help="Compare on the dates and runs that all have.")
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="Write tables and plots.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the text.")
@click.option("--csv", "as_csv", is_flag=True, help="Print one line an outlook as CSV instead of the text.")
@click.option("-q", "--quiet", is_flag=True, help="Print neither text nor progress; with -o, --json or --csv.")
@click.pass_obj
def compare(typed: str, /, **options: Any) -> None:
    """Compare outlooks, run by run.

    Each OUTLOOK is a scenario (a file or a shipped name) or a folder of saved results; NAME=OUTLOOK calls it NAME. A
    single scenario stands for itself and all its outlooks. All have the same luck run by run, so that what differs is
    the effect of what differs in the files. With -o, a folder appears whole or not at all; a former comparison there is
    replaced, anything else left alone.
    """
    from tensionsim.cli import comparing

    comparing.compare(comparing.Request(typed=typed, **options))


@tensionsim.command()
@click.argument("given", nargs=-1, required=True, metavar="SCENARIO_OR_FOLDER...")
@click.option("--baseline", metavar="NAME", help="Of several, set the others beside this one; default the first.")
@click.option("--outlook", metavar="NAME", help="Take a branch of the scenario; of one only.")
@click.option("--outlooks", is_flag=True, help="Set the scenario beside all its outlooks; of one only.")
@click.option("--runs", metavar="N", type=AT_LEAST_1, help="Number of runs; default that of saved results, or 1000.")
@click.option("--seed", metavar="S", type=AT_LEAST_0, help="Same seed, same numbers; default as saved, or 0.")
@click.option("--set", "assignments", multiple=True, metavar="PATH=VALUE", help="Set one value in all; repeatable.")
@click.option("--overlap", is_flag=True, help="Of several, tell of the dates and runs that all have.")
@click.option(
    "--ahead", metavar="MONTHS", default=6.0, type=MONTHS, help="When signs are read, before the end; default 6."
)
@click.option("--no-effects", is_flag=True, help="Do not run the worlds that tell what makes the difference.")
@click.option(
    "--templates",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder with templates of your own.",
)
@click.option(
    "-o", "--output", metavar="FILE", required=True, type=click.Path(path_type=Path), help="HTML or Markdown."
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing.")
@click.pass_obj
def report(typed: str, /, **options: Any) -> None:
    """Write a briefing of one to three pages.

    Of one scenario, or of several beside a baseline: bottom line, context, implications, outlook, assumptions, early
    signs, what moves it, limits, provenance. Scenarios are run, folders of saved results are read; NAME=SCENARIO calls
    it NAME. FILE ends in .html, which holds everything, or in .md, with a folder of figures beside it; it appears whole
    or not at all.
    """
    from tensionsim.cli import reporting

    reporting.report(reporting.Request(typed=typed, **options))


@tensionsim.command()
@click.argument("scenario", metavar="SCENARIO_OR_FOLDER")
@click.option("--against", metavar="OTHER", help="Explain the difference from another scenario or folder.")
@click.option("--outlook", metavar="NAME", help="Take a branch of the scenario.")
@click.option("--against-outlook", metavar="NAME", help="Take a branch of the other; without --against, of the same.")
@click.option("--set", "assignments", multiple=True, metavar="PATH=VALUE", help="Set one value; repeatable.")
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Only this answer.")
@click.option("--runs", metavar="N", type=AT_LEAST_2, help="Number of runs of every world; default 200.")
@click.option("--seed", metavar="S", type=AT_LEAST_0, help="Same seed, same numbers; default 0, or as saved.")
@click.option("--run", metavar="N", type=AT_LEAST_0, help="Explain this run alone.")
@click.option("--chronicle", is_flag=True, help="Tell a run as a chronicle; with --run, default the first.")
@click.option("--all", "everything", is_flag=True, help="Tell everything of a chronicle, not a page of it.")
@click.option("--date", metavar="DATE", help="Date of the ledger and of the effects; default the last.")
@click.option("--of", metavar="NAME", help=OF_HELP)
@click.option("--kind", "kinds", multiple=True, type=click.Choice(ELEMENTS), help="Effects of elements of this kind.")
@click.option("--element", "elements", multiple=True, metavar="NAME", help="Effect of this, by (part of) its name.")
@click.option("--group", type=click.Choice(["actor", "kind"]), help="Leave out together what is of one actor or kind.")
@click.option("--orders", metavar="N", type=click.IntRange(min=4), help="Orders drawn beyond 10 elements; default 12.")
@click.option("--jobs", metavar="N", callback=some_jobs, help="Worlds run at a time, or auto; default 1.")
@click.option("--actor", metavar="NAME", help="Motives of this actor; default the principals'.")
@click.option("--target", metavar="NAME", help="Motives towards this actor.")
@click.option("--issue", metavar="NAME", help="Motives on this issue.")
@click.option("--track", type=click.Choice(["political", "technical"]), help="Motives on this track.")
@click.option("--by-channel", is_flag=True, help="Motives channel by channel, not their mean.")
@click.option("--between", nargs=2, metavar="DATE DATE", help="Change of motives between these dates.")
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="Write tables and plots.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the text.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the table of one part as CSV instead of the text.")
@click.option("--markdown", is_flag=True, help="Print a chronicle as Markdown.")
@click.option("-q", "--quiet", is_flag=True, help="Print neither text nor progress.")
@click.pass_obj
def explain(typed: str, /, **options: Any) -> None:
    """Explain what moves the index, and why.

    Three answers: the ledger (which moves and arrangements make up the index), the motives (which mechanisms moved each
    government), and what if not (the effect of each scheduled move, rule, change, check and mechanism, from the same
    runs without it). With --against, which differences of the files make the difference. With --chronicle, one run as a
    story. With -o, a former explanation there is replaced, anything else left alone.
    """
    from tensionsim.cli import explaining

    explaining.explain(explaining.Request(typed=typed, **options))


@tensionsim.command(epilog=kinds_help())
@click.argument("kind", metavar="KIND", type=click.Choice(KINDS))
@click.argument("given", nargs=-1, required=True, metavar="SCENARIO_OR_FOLDER...")
@click.option("-o", "--output", metavar="FILE", required=True, type=click.Path(path_type=Path), help="PNG, SVG or PDF.")
@click.option("--runs", metavar="N", type=AT_LEAST_1, help="Number of runs; default 1000, of a waterfall 200.")
@click.option("--seed", metavar="S", type=AT_LEAST_0, help="Same seed, same numbers; default 0.")
@click.option("--outlook", metavar="NAME", help="Take a branch of the scenario.")
@click.option("--set", "assignments", multiple=True, metavar="PATH=VALUE", help="Set one value; repeatable.")
@click.option("--run", metavar="N", type=AT_LEAST_0, help=f"Of this run alone: {figures_with('run')}.")
@click.option("--actor", metavar="NAME", help=f"Whose: {figures_with('actor')}.")
@click.option("--issue", metavar="NAME", help=f"Which one: {figures_with('issue')}.")
@click.option("--of", "name", metavar="NAME", help="Which outlook less the baseline, of more than two: difference.")
@click.option(
    "--overlap", is_flag=True, default=None, help="On the dates and runs that all have: outlooks, difference."
)
@click.option("--by", type=click.Choice(["kind", "mover"]), help="How the ledger is stacked; default kind.")
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", help="Of the ground; default light.")
@click.option("--width", metavar="INCHES", type=WIDTHS, help="Default 7.2; of a column 3.5; at least 3.")
@click.option("--height", metavar="INCHES", type=HEIGHTS, help="Default: what it needs.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing.")
def plot(**options: Any) -> None:
    """Draw one figure into a file.

    A scenario is run, a folder of saved results is read. The file appears whole or not at all, and replaces a former
    one.
    """
    from tensionsim.cli import plotting

    plotting.plot(plotting.Request(**options))


@tensionsim.command()
@click.argument("file", metavar="FILE")
@reading
@click.option("--scenario", metavar="SCENARIO", help="Whose scale and issues the index has; default made from FILE.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Look at nothing after this day.")
@click.option("-o", "--output", metavar="CSV", type=click.Path(path_type=Path), help="Write the events, one line each.")
@click.option("--index", "index_file", metavar="CSV", type=click.Path(path_type=Path), help="Write the index by date.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the text.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; with -o or --index.")
def events(**options: Any) -> None:
    """Read event data and look at it.

    FILE is a GDELT, ICEWS, POLECAT, Phoenix or KEDS table (CSV, TSV or Parquet, gzipped or zipped). Told are its
    format, what became of every row, span, rates, gaps, the most frequent codes and the observed index.
    """
    from tensionsim.cli import events as reading_events

    how = {name: options.pop(name) for name in READING}
    reading_events.events(reading_events.Request(how=how, **options))


@tensionsim.command()
@click.argument("scenario")
@click.option("--events", metavar="FILE", type=click.Path(path_type=Path), help="Events; default the curated history.")
@reading
@click.option("--from", "since", metavar="DATE", help="First day that counts; default the scenario's start.")
@click.option("--until", metavar="DATE", help="Last day that is looked at; default the last of the events.")
@click.option(
    "--fix", "fixed", multiple=True, metavar="NAME", help="Do not fit this: bias, inertia, shapes; repeatable."
)
@click.option("--missing", multiple=True, nargs=2, metavar="DATE DATE", help="Nothing was recorded here; repeatable.")
@click.option("--prior-width", metavar="X", default=1.0, type=float, help="Widen all priors by this factor; default 1.")
@click.option("--draws", metavar="N", default=200, type=AT_LEAST_1, help="Draws that FILE gets; default 200; 1: none.")
@click.option(
    "--posterior", type=click.Choice(["laplace", "corrected"]), default="laplace", help="Of the draws; default laplace."
)
@click.option("--check", "checked", is_flag=True, help="Tell how good the posterior's normal approximation is.")
@click.option("--no-support", is_flag=True, help="Do not try the scenario without each mechanism.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write the fitted scenario.")
@click.option("--plot", "figure", metavar="FILE", type=click.Path(path_type=Path), help="Draw it: PNG, SVG or PDF.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the text.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the estimates as CSV instead of the text.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; with -o, --plot, --json or --csv.")
def fit(**options: Any) -> None:
    """Fit a scenario to what happened.

    Estimates the rates, the bias and the mechanisms' strengths that make observed events most probable, given what the
    scenario says of them, with standard errors, and says which mechanisms the history supports. FILE, a scenario that
    extends SCENARIO, holds draws of the estimates, so that its runs carry what is uncertain about them.
    """
    from tensionsim.cli import fitting

    how = {name: options.pop(name) for name in READING}
    fitting.fit(fitting.Request(how=how, **options))


@tensionsim.command(cls=OfStudies)
@click.argument("studies", nargs=-1, type=Study(), metavar="[STUDY]...")
@click.option("--events", metavar="FILE", type=click.Path(path_type=Path), help="Events, for goldstein-freeman.")
@reading
@click.option("--replications", metavar="N", type=AT_LEAST_1, help="Histories of recovery; default 50.")
@click.option("--seed", metavar="S", type=AT_LEAST_0, help="Same seed, same numbers; default 0.")
@click.option("--jobs", metavar="N", callback=some_jobs, help="Histories fitted at a time, or auto; default 1.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the text.")
@click.option("--csv", "as_csv", is_flag=True, help="Print one line a check as CSV instead of the text.")
@click.option("-q", "--quiet", is_flag=True, help="Print neither text nor progress; with --json or --csv.")
def replicate(**options: Any) -> None:
    """Compute published results again.

    STUDY is {studies}; default all. Each published result is printed beside the one obtained, failures included. The
    exit status is 0 whether they agree or not: a disagreement is a result, not an error.
    """
    from tensionsim.cli import replicating

    how = {name: options.pop(name) for name in READING}
    replicating.replicate(replicating.Request(how=how, **options))


@tensionsim.command()
@click.argument("scenario", required=False)
@click.option("--events", metavar="FILE", type=click.Path(path_type=Path), help="Events; default the curated history.")
@reading
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Look at nothing after this day.")
@click.option("--origins", metavar="FIRST:LAST[:MONTHS]", help="From which days, or a list; default the last third.")
@click.option("--horizons", metavar="MONTHS", default="1,3,6,12", help="How far; default 1,3,6,12.")
@click.option("--runs", metavar="N", default=1000, type=AT_LEAST_2, help="Runs of a forecast; default 1000.")
@click.option("--seed", metavar="S", default=0, type=AT_LEAST_0, help="Same seed, same numbers; default 0.")
@click.option("--refit", metavar="MONTHS", type=AT_LEAST_1, help="Fit anew after so many; default at every origin.")
@click.option("--no-refit", is_flag=True, help="Do not fit: the scenario's own numbers throughout.")
@click.option("--unfitted", is_flag=True, help="Let the scenario forecast as it stands, too.")
@click.option("--baselines", metavar="NAMES", help="Plain forecasts to beat, as in no-change,var; default all.")
@click.option("--baseline-years", metavar="N", type=AT_LEAST_1, help="They learn from the last N years alone, too.")
@click.option("--step", type=click.Choice(STEPS), help="Of scenarios made from events; default week.")
@click.option("--jobs", metavar="N", default="1", callback=jobs_given, help="Origins at a time, or auto; default 1.")
@click.option(
    "-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="Keep forecasts, tables and figures."
)
@click.option("--plot", "figure", metavar="FILE", type=click.Path(path_type=Path), help="Draw it: PNG, SVG or PDF.")
@click.option("--progress", type=click.Choice(["auto", "json", "none"]), default="auto", help=PROGRESS_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the text.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the scores as CSV instead of the text.")
@click.option("-q", "--quiet", is_flag=True, help="Print neither text nor progress; with -o, --plot, --json or --csv.")
@click.pass_obj
def backtest(typed: str, /, **options: Any) -> None:
    """Score forecasts against what came.

    From each of many days, SCENARIO is fitted to what happened before it and simulated forward, and its forecasts are
    set beside those of plain methods. Without SCENARIO one is made from the events before each day. With -o, every day
    is kept as it is done, and the same command goes on after an interruption.
    """
    from tensionsim.cli import backtesting

    how = {name: options.pop(name) for name in READING}
    backtesting.backtest(backtesting.Request(typed=typed, how=how, **options))


@tensionsim.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def check(files: tuple[str, ...]) -> int:
    """Find problems in scenario files.

    All problems of all files are shown, each with its line and column, and the exit status is 2 if there is one. Of a
    good file the size is told, and how stable what it describes is.
    """
    from tensionsim.cli import checking

    return checking.check(files)


@tensionsim.command()
@click.argument("file")
@click.option("--diff", "other", metavar="OTHER", help="Show what differs from another scenario instead.")
@click.option("--outlook", metavar="NAME", help="Take a branch of the scenario.")
def show(file: str, other: str | None, outlook: str | None) -> None:
    """Print a resolved scenario as YAML.

    What it extends, its leaders and the outlook are merged in. What is printed is a scenario file that runs by itself.
    """
    from tensionsim.cli import checking

    click.echo(checking.resolved(file, other, outlook), nl=False)


@tensionsim.command()
@click.argument("name")
@click.option("--from", "source", metavar="SCENARIO", help="Copy this one: a file, or the name of a shipped scenario.")
@click.option("--events", metavar="FILE", help="Make it from event data of two actors instead.")
@reading
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Look at no event after this day.")
@click.option("--step", type=click.Choice(STEPS), help="With --events; default week.")
def new(name: str, source: str | None, events: str | None, **options: Any) -> None:
    """Write a scenario to start from.

    It goes to NAME.yaml, with comments. What is there already is never overwritten. With --events, its moves are the
    CAMEO roots that occur in FILE, with rates, shares and scores as observed; the other options say how FILE is read,
    as for `tensionsim events`.
    """
    from tensionsim.cli import starting

    how = {one: options.pop(one) for one in READING}
    path = starting.write(name, source, starting.events_text(events, source, options, how))
    click.echo(f"Wrote {path}. Change it, then: tensionsim check {shlex.quote(str(path))}")


@tensionsim.command()
def scenarios() -> None:
    """List the shipped scenarios."""
    from tensionsim.cli import listings, screen

    click.echo("\n".join(listings.scenarios(screen.detect())))


@tensionsim.command()
@click.option("--actor", metavar="NAME", help="Only what this actor can do.")
@click.option("--target", metavar="NAME", help="Only what can be done towards this actor.")
@click.option("--issue", metavar="NAME", help="Only what can be done on this issue.")
@click.option("--scenario", metavar="FILE", help="Of this scenario: its actors, issues and own moves.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def moves(scenario: str | None, as_json: bool, **asked: str | None) -> None:
    """List the moves that actors can make.

    From the most hostile to the friendliest, each with its Goldstein score, CAMEO code, who can make it, and what it
    begins, ends or shifts.
    """
    from tensionsim.cli import listings, screen

    found = listings.selected(scenario, **asked)
    click.echo(listings.as_json(found) if as_json else "\n".join(listings.moves(found, screen.detect())))


@tensionsim.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def mechanisms(as_json: bool) -> None:
    """List the mechanisms and parameters.

    Each mechanism with its equation and source, each parameter with its default, unit and range.
    """
    from tensionsim.cli import listings, screen

    found = listings.described_mechanisms()
    click.echo(listings.as_json(found) if as_json else "\n".join(listings.mechanisms(found, screen.detect())))


@tensionsim.command()
def schema() -> None:
    """Print the JSON Schema of scenario files.

    With it, editors complete and check while you type. It is docs/scenario.schema.json of the source.
    """
    from tensionsim.cli import listings
    from tensionsim.scenario.json_schema import json_schema

    click.echo(listings.as_json(json_schema()))
