"""Verbs of what was observed: events, fit, backtest, replicate."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import click

import tensionsim as ts
from tensionsim.cli import options
from tensionsim.cli.options import AT_LEAST_1, AT_LEAST_2, DAY, PATH, history_until, reading, refuse
from tensionsim.cli.terminal import Screen, asked, digits, formed, show, table
from tensionsim.errors import StorageError, counted

if TYPE_CHECKING:
    import pandas as pd

    from tensionsim.estimation.fit import Fit
    from tensionsim.events.history import Reading
    from tensionsim.forecasts.backtest import Backtest
    from tensionsim.replication import Check, Estimate, Replication

verbs = options.Verbs()


@verbs.command()
@click.argument("files", nargs=-1, required=True, type=PATH, metavar="FILE...")
@reading
@click.option("--scenario", metavar="SCENARIO", help="Whose scale and issues the index has; default made from FILE.")
@options.until()
@options.output("CSV", "Write the events, one line each.")
@click.option("--index", "index_file", metavar="CSV", type=PATH, help="Write the index by date.")
@options.as_json()
@options.quiet()
def events(files, scenario, until, output, index_file) -> None:
    """Read event data and look at it.

    FILE is a GDELT, ICEWS, POLECAT, Phoenix or KEDS table (CSV, TSV or Parquet, packed as it may be), or a folder or an
    archive of them; several are one table. Told are its format, what became of every row, span, rates, gaps, the most
    frequent codes and the observed index.
    """
    from tensionsim.events.history import table_text
    from tensionsim.events.reading import summary_of
    from tensionsim.runs.statistics import plain
    from tensionsim.runs.store import check_file, write_whole, written

    targets = [path for path in (output, index_file) if path is not None]
    there = [one for file in files if file.exists() for one in ([file, *file.iterdir()] if file.is_dir() else [file])]
    for path in targets:
        if path.exists() and any(map(path.samefile, there)):
            raise StorageError(f"{path} is the file that is read; choose another name")
        check_file(path, {path.suffix.lower()}, "")
    history = options.read(files, until)
    # Of more than two actors there is no index without a scenario.
    has_index = scenario is not None or len(history.actors) == 2
    whose = f"the index is of two actors, not of {', '.join(history.actors)}; name a --scenario that says of which"
    refuse(index_file is not None and not has_index, whose)
    index = ts.observed_index(history, scenario=scenario) if has_index else None
    texts = {output: table_text(history)} if output is not None else {}
    if index_file is not None and index is not None:
        texts[index_file] = index.to_csv(lineterminator="\n", float_format="%.6g")
    for path, text in texts.items():
        with written(path):
            write_whole(path, text.encode())
    found, told = summary_of(history), None
    if index is not None:
        values, told = index["index"], {"left_out": index.attrs["left_out"], "median": float(index["index"].median())}
        for name, day in (("lowest", values.idxmin()), ("highest", values.idxmax()), ("last", values.index[-1])):
            told |= {name: float(values[day]), f"{name}_date": f"{day:%Y-%m-%d}"}
    show(
        lambda screen: _event_lines(history.report, found, told, screen),
        summary=lambda: plain({"reading": asdict(history.report), "look": found, "index": told}),
        written=f"Written: {', '.join(map(str, targets))}" if targets else "",
    )


def _event_lines(
    report: Reading, found: Mapping[str, Any], index: Mapping[str, Any] | None, screen: Screen
) -> Iterator[str]:
    """The account of a reading, a look at the history as tables, and its index."""
    first, *rest = report.lines()
    yield from screen.wrapped(first)
    for line in rest:
        yield from screen.wrapped(line, hanging=" " * (len(line) - len(line.lstrip()) + 2))
    span = f"{counted(found['events'], 'event')} from {found['first']} to {found['last']}, {found['years']:.1f} years"
    yield from ("", *screen.wrapped(f"{span}; a usual month has {found['usual_month']:.3g}"))
    columns = {"": "{actor} -> {target}", "a year": "{events_a_year:,.1f}", "mean score": "{mean_score:+z.2f}"}
    columns |= {"hostile": "{hostile_share:.0%}", "deeds": "{material_share:.0%}"}
    yield from ("", *formed(screen, columns, found["directions"]))
    verb = "is" if found["empty_months"] == 1 else "are"
    gaps = f"{found['empty_months']} of {counted(found['months'], 'month')} {verb} without events"
    first = "".join(f"; the longest time, {one['first']} to {one['last']}" for one in found["gaps"][:1])
    yield from ("", *screen.wrapped(f"{gaps}{first}."))
    columns = {"most frequent codes": "{cameo} {label}", "events": "{events:,}", "share": "{share:.1%}"}
    yield from ("", *formed(screen, columns, found["codes"]))
    if index is None:
        return
    yield ""
    yield from screen.wrapped(
        "Observed index: median {median:.0f}, lowest {lowest:.0f} ({lowest_date}), highest {highest:.0f} "
        "({highest_date}), last {last:.0f}".format(**index)
    )
    for reason, count in index["left_out"].items():
        yield from screen.wrapped(f"not counted in it: {counted(count, 'event')}: {reason}", "  ", "    ")


@verbs.command()
@click.argument("scenario")
@options.events("Events; default the curated history.")
@reading
@click.option("--from", "since", type=DAY, metavar="DATE", help="First day that counts; default the scenario's start.")
@options.until("Last day that is looked at; default the last of the events.")
@click.option("--fix", multiple=True, metavar="NAME", help="Do not fit this: bias, inertia, shapes; repeatable.")
@click.option("--missing", multiple=True, nargs=2, type=DAY, metavar="DAY DAY", help="Not recorded then; repeatable.")
@click.option("--prior-width", metavar="X", default=1.0, type=float, help="Widen all priors by this factor; default 1.")
@click.option("--draws", metavar="N", default=200, type=AT_LEAST_1, help="Draws that FILE gets; default 200; 1: none.")
@click.option("--posterior", type=options.Choice(["laplace", "corrected"]), default="laplace", help="Of the draws.")
@click.option("--check", "checked", is_flag=True, help="Tell how good the posterior's normal approximation is.")
@click.option("--no-support", is_flag=True, help="Do not try the scenario without each mechanism.")
@options.output("FILE", "Write the fitted scenario.")
@options.figure
@options.forms("the estimates")
def fit(scenario, events, missing, draws, posterior, checked, no_support, output, **how) -> None:
    """Fit a scenario to what happened.

    Estimates the rates, the bias and the mechanisms' strengths that make observed events most probable, given what the
    scenario says of them, with standard errors, and says which mechanisms the history supports. FILE, a scenario that
    extends SCENARIO, holds draws of the estimates, so that its runs carry what is uncertain about them.
    """
    from tensionsim.estimation.fit import check_target
    from tensionsim.scenario.scenario import scenario_of

    is_corrected = posterior == "corrected"
    has_no_draws = is_corrected and (output is None or draws == 1)
    refuse(has_no_draws, "--posterior says which draws -o FILE gets; name FILE, and let it have more than one")
    if output is not None:
        check_target(scenario_of(scenario), output)
    history = options.read(events)
    found = ts.fit(scenario, history, missing=missing or None, with_support=not no_support, **how)
    if output is not None:
        found.write(output, draws=draws, posterior=posterior)
    written = output and f"The fitted scenario is {output}; run it: tensionsim run {output}"
    # How far a posterior is to be trusted takes longer to find out than the fit.
    posteriors = [*["laplace"] * checked, *["corrected"] * is_corrected]
    summary, lines = partial(found.summary, checked=checked), partial(_fit_lines, found, posteriors)
    show(lines, found, summary=summary, figure="fit_overview", written=written)


def _fit_lines(found: Fit, posteriors: list[str], screen: Screen) -> Iterator[str]:
    """A fit in words and tables. posteriors : those of which is told how far they are to be trusted."""
    where, told = found.likelihood.states.window, found.diagnosis
    yield screen.bold(found.given.title)
    yield from screen.wrapped(
        f"{told.acts:,} acts of {where.history.name}, {where.since} to {where.until}; {len(found.paths)} coefficients "
        f"fitted in {found.seconds:.1f} s. Log-likelihood {found.log_likelihood:.1f}, log marginal likelihood "
        f"{found.log_evidence:.1f}."
    )
    columns = {"coefficient": "{name}", "estimate": "{estimate:.3g}", "error": "{standard_error:.3g}"}
    columns |= {"prior": "{prior:.3g}", "shift": "{shift:.3g}"}
    columns |= {"data": "{learned:.0%}", "90 % interval": "{low_90:.3g} to {high_90:.3g}"}
    named = found.table().rename(lambda path: path.partition(".")[2]).rename_axis("name").reset_index()
    yield from ("", *formed(screen, columns, named.to_dict("records")))
    yield from screen.wrapped(
        "error: standard error. shift: estimate less prior, in the prior's deviations. data: how much of what is known "
        "comes from the history, not from the prior."
    )
    if found.support:
        said = found.support_table().rename(lambda name: name.replace("_", " ")).reset_index()
        columns = {"what the history says for": "{mechanism}", "log10 BF": "{log10_bayes_factor:+z.1f}"}
        columns |= {"in words": "{verdict}", "LR": "{likelihood_ratio:.1f}", "p": "{p_value:.2g}"}
        yield from ("", *formed(screen, columns, said.to_dict("records")))
        yield from screen.wrapped(
            "BF: Bayes factor of the scenario with it against that without. LR: likelihood ratio statistic, p its tail."
        )
    said = [*told.warnings, *(found.caveat(name) for name in posteriors)]
    said += [f"left out: {counted(count, 'event')} {reason}" for reason, count in where.placement.left_out.items()]
    if where.placement.by_nearness:
        said.append(f"{counted(where.placement.by_nearness, 'event')} came without a move; the nearest stands for each")
    said += [f"taken as missing, not as quiet: {first} to {last}" for first, last in where.gaps]
    said += [f"{count:,} {what}" for what, count in told.account.items() if count and what != "acts counted"]
    said += where.notes
    for why in dict.fromkeys(one.why for one in found.fixed):
        paths = ", ".join(one.path.partition(".")[2] for one in found.fixed if one.why == why)
        said.append(f"not fitted, {why}: {paths}")
    yield from screen.notes("To know", said)


@verbs.command()
@click.argument("scenario", required=False)
@options.events("Events; default the curated history.")
@reading
@options.until()
@click.option("--origins", metavar="FIRST:LAST[:MONTHS]", help="From which days, or a list; default the last third.")
@click.option("--horizons", metavar="MONTHS", default="1,3,6,12", help="How far; default 1,3,6,12.")
@options.runs("Runs of a forecast; default 1000.", default=1000, type=AT_LEAST_2)
@options.seed(default=0)
@click.option("--refit", metavar="MONTHS", type=AT_LEAST_1, help="Fit anew after so many; default at every origin.")
@click.option("--no-refit", is_flag=True, help="Do not fit: the scenario's own numbers throughout.")
@click.option("--unfitted", "with_unfitted", is_flag=True, help="Let the scenario forecast as it stands, too.")
@click.option("--baselines", metavar="NAMES", help="Plain forecasts to beat beside recency: no-change,var; or all.")
@click.option("--baseline-years", metavar="N", type=AT_LEAST_1, help="They learn from the last N years alone, too.")
@click.option("--ahead", is_flag=True, help="Forecast from the day after the last observed, too.")
@options.step("Of scenarios made from events; default week.")
@options.jobs("Origins at a time, or auto; default 1.")
@options.output("DIR", "Keep forecasts, tables and figures.", "store")
@options.figure
@options.progress
@options.forms("the scores")
@options.xlsx
@click.pass_obj
def backtest(typed, /, scenario, events, until, horizons, no_refit, baselines, **how) -> None:
    """Score forecasts against what came.

    From each of many days, SCENARIO is fitted to what happened before it and simulated forward, and its forecasts are
    set beside those of plain methods. Without SCENARIO one is made from the events before each day. With -o, every day
    is kept as it is done, and the same command goes on after an interruption.
    """
    from tensionsim.estimation.window import history_of
    from tensionsim.forecasts.folder import some_horizons
    from tensionsim.scenario.scenario import scenario_of

    refit, output = how.pop("refit"), how["store"]
    refuse(scenario is None and events is None, "name a SCENARIO, or events with --events FILE, or both")
    refuse(no_refit and refit is not None, "--refit says how often to fit, --no-refit not to; leave one of the two out")
    is_alone = no_refit and how["with_unfitted"]
    refuse(is_alone, "with --no-refit nothing is fitted that --unfitted could stand beside; leave one out")
    how |= {"horizons": some_horizons(horizons.split(",")), "baselines": baselines and baselines.split(",")}
    how["refit"] = refit if no_refit or refit is not None else "origin"
    history = options.read(events, until)
    if events is None and until is not None:
        named = history_of(scenario_of(scenario))
        history = history_until(named, until, named.name)
    found = ts.backtest(scenario, history, command=typed, **how)
    figure: Any = "backtest_overview"
    if output is not None:
        from tensionsim.plots import draw
        from tensionsim.plots.style import save_in
        from tensionsim.runs.exchange import write_crate

        figure = draw(figure, found, theme="light")
        save_in(output, {"overview": figure})
        write_crate(output, f"Backtest of {found.about.title}")
    written = output and f"Forecasts, tables, overview.png, overview.svg and provenance.json are in {output}"
    show(partial(_backtest_lines, found), found, table=found.scores, figure=figure, written=written)


MONTHS_IN_WORDS = {"day": "30 days", "week": "four weeks", "month": "that of the calendar"}
BEST = "*"


def _backtest_lines(found: Backtest, screen: Screen) -> Iterator[str]:
    summary, tables = found.summary(), found.tables()
    origins, judged = summary["origins"], summary["judged"]
    yield from screen.heading(summary["title"])
    made = "made anew" if summary["is_anew"] else "the scenario as it stands"
    if summary["refit"] is not None:
        made = f"{'made and ' * summary['is_anew']}fitted {counted(summary['fits'], 'time')}, from the past alone"
    when = origins["first"]
    if origins["count"] > 1:
        when = f"{when} to {origins['last']}, {counted(origins['every'], 'month')} apart"
    yield from screen.wrapped(
        f"{counted(origins['count'], 'origin')}, {when}; {summary['runs']:,} runs each, seed "
        f"{summary['seed']}; {made}. Observed: {summary['history']}, {summary['first']} to {summary['last']}. "
        f"A month is {MONTHS_IN_WORDS[summary['step']]}."
    )
    for target, about in summary["targets"].items():
        yield from ("", *screen.heading(f"{target}: {about['about']}"))
        yield from _ranked(f"CRPS ({about['unit']}), months", tables["scores"].loc[target, "crps"], screen)
        for sentence in (*summary["verdicts"][target]["model"], *summary["verdicts"][target]["recalibrated"]):
            yield from screen.wrapped(f"{sentence}.", "", "  ")
    both = judged[0], judged[-1]
    columns = {"in 50 / 90 %, months": "{about}"}
    columns |= {of: f"{{of[{of}][coverage_50]:%}} / {{of[{of}][coverage_90]:%}}" for of in judged}
    columns["PIT p before / after"] = " / ".join(f"{{of[{of}][pit_p]:.2g}}" for of in both)
    yield from ("", *formed(screen, columns, _by_horizon(summary["calibration"])))
    for sentence in itertools.chain(*(summary["sureness"][of] for of in judged)):
        yield from screen.wrapped(f"{sentence[0].upper()}{sentence[1:]}.", "", "  ")
    if summary["expected"]:
        columns = {f"from {origins['last']} on, months": "{about}"}
        band = "{{of[{0}][median]:.3g}} ({{of[{0}][q05]:.3g}} to {{of[{0}][q95]:.3g}})"
        columns |= {of: band.format(of) for of in both}
        yield from ("", *formed(screen, columns, _by_horizon(summary["expected"])))
    yield from ("", *_ranked("regime, ranked probability", tables["regimes"]["ranked_probability"], screen))
    for event in summary["events"]:
        yield from ("", *_ranked(f"{event}, Brier, months", tables["events"].loc[event, "brier"], screen))
    said = [
        f"{BEST} marks the best. CRPS, ranked probability and Brier: smaller is better. Which plain forecast is best "
        "is known only afterwards, so that beating it is hard. Intervals are of 95 %; p is Diebold and "
        "Mariano's, beside PIT that of a test of calibration. Pooled: the model mixed with recency; recalibrated: that "
        "with intervals as wide as past outcomes asked; both learned at each origin from what had come by then."
    ]
    said += [f"not scored: {name}, for {reason}" for name, reason in summary["not_judged"].items()]
    if summary["fallbacks"]:
        said.append(f"{summary['fallbacks']:,} plain forecasts could not be fitted and were made by a plainer one")
    if summary["warnings"]:
        said.append(f"fits had {counted(len(summary['warnings']), 'kind')} of warning; --json lists them")
    yield from screen.notes("To know", said)


def _ranked(head: str, scores: pd.Series[float], screen: Screen) -> Iterator[str]:
    """Scores, by horizon and forecaster; the best at each horizon is marked."""
    found = scores.unstack("horizon", sort=False)
    rows = [
        (
            str(name),
            *(digits(one) + (BEST if one == least else " ") for one, least in zip(row, found.min(), strict=True)),
        )
        for name, *row in found.itertuples()
    ]
    yield from table(screen, (head, *map(str, found.columns)), rows)


def _by_horizon(found: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What is known of forecasters, a record a target and horizon, which `about` names."""
    for target, by_horizon in found.items():
        for horizon, by_name in by_horizon.items():
            yield {"about": f"{target}, {horizon}", "of": by_name}


@verbs.command()
@click.argument("studies", nargs=-1, metavar="[STUDY]...")
@options.events("Events, for goldstein-freeman.")
@reading
@click.option("--replications", metavar="N", type=AT_LEAST_1, help="Histories of recovery; default 50.")
@options.seed()
@options.jobs("Histories fitted at a time, or auto; default 1.", default=None)
@options.forms("one line a check")
def replicate(studies, events, **how) -> None:
    """Compute published results again.

    STUDY is one of those in docs/replication.md; default all. Each published result is printed beside the one obtained,
    failures included. The exit status is 0 whether they agree or not: a disagreement is a result, not an error.
    """
    from tensionsim.replication import studies_of

    given = {"events": events, **how}
    studies_of(studies, [name for name, value in given.items() if value is not None])  # before a file is read in vain
    history = options.read(events)
    found = ts.replicate(*studies, events=history, progress=not asked("quiet"), **how)
    show(partial(_replication_lines, found), found)


FAILED = "! "
"""Before what does not agree: the last columns are the first that a narrow terminal loses."""


def _replication_lines(found: Replication, screen: Screen) -> Iterator[str]:
    """A replication in tables, failures and what was skipped in words, and a count."""
    for outcome in found.outcomes:
        yield from screen.heading(outcome.study.title)
        for source in outcome.study.sources:
            yield from screen.wrapped(source, hanging="  ")
        rows = [
            (f"{'' if one.agrees else FAILED}{one.quantity}", shown(one.published), shown(one.obtained), verdict(one))
            for one in outcome.checks
        ]
        yield from ("", *table(screen, ("", "published", "obtained", "agrees"), rows)) if rows else ()
        for note in outcome.notes:
            yield from screen.wrapped(note)
        yield ""
    if found.failures:
        yield screen.bold("What does not agree")
        for check in found.failures:
            values = f"published {shown(check.published)} ({check.source}), obtained {shown(check.obtained)}"
            text = f"{check.quantity}: {values}; criterion: {check.criterion}"
            yield from screen.wrapped(f"{FAILED}{text}", hanging="  ")
        yield ""
    yield from screen.wrapped(f"{found.count()}. Seed {found.seed}, tensionsim {found.version}.")


def verdict(check: Check) -> str:
    """Whether a check agrees, or that too little was computed to say."""
    return ("yes" if check.agrees else "NO") if check.counts else "(few)"


def shown(value: Estimate | float | str) -> str:
    """A value, with its error where it has one, or a claim."""
    if isinstance(value, str):
        return value
    if isinstance(value, float | int):
        return f"{value:.4g}"
    if math.isnan(value.error) or value.error <= 0.0:
        return f"{value.value:.4g}"
    digits = max(0, 1 - math.floor(math.log10(value.error)))
    return f"{value.value:.{digits}f} ± {value.error:.{digits}f}"
