"""Verbs that look at runs: compare, explain, report, plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import tensionsim as ts
from tensionsim.cli import options
from tensionsim.cli.options import AT_LEAST_0, AT_LEAST_2, PATH, named, refuse, values_of
from tensionsim.cli.terminal import STEPS, Screen, asked, formed, measured, percent, plain, show, table
from tensionsim.errors import SelectionError, counted
from tensionsim.plots import FIGURES, draw

if TYPE_CHECKING:
    from tensionsim.analysis.compare import Comparison
    from tensionsim.analysis.contributions import Explanation, Ledger, Motives
    from tensionsim.analysis.effects import Draw, Effects, Origin
    from tensionsim.runs.results import Results
    from tensionsim.runs.run import Jobs
    from tensionsim.scenario.scenario import Scenario

verbs = options.Verbs()

MONTHS = click.FloatRange(min=0.0, min_open=True, max=1200.0)


def comparison_of(
    given: Sequence[str], assignments: Sequence[str], *, baseline: str | None, with_outlooks: bool = True, **how: Any
) -> Comparison:
    """The comparison of outlooks that were named; a single one stands `with_outlooks` for all its own too."""
    from tensionsim.analysis.compare import compared, gathered

    values, alone = values_of(assignments), len(given) == 1 and not with_outlooks
    entries, first = gathered([named(text) for text in given], baseline, values=values, alone=alone)
    return compared(entries, first, progress=not asked("quiet"), **how)


@verbs.command()
@click.argument("outlooks", nargs=-1, required=True, metavar="OUTLOOK...")
@click.option("--baseline", metavar="NAME", help="Compare with this one; default the first.")
@options.runs("Number of runs; default that of saved results, or 1000.")
@options.seed("Same seed, same numbers; default as saved, or 0.")
@options.assignments("Set one value in all; repeatable.")
@click.option("--overlap", is_flag=True, help="Compare on the dates and runs that all have.")
@options.output("DIR", "Write tables and plots.")
@options.forms("one line an outlook")
@options.xlsx
@options.iamc
@click.pass_obj
def compare(typed, /, outlooks, assignments, output, **how) -> None:
    """Compare outlooks, run by run.

    Each OUTLOOK is a scenario (a file or a shipped name) or a folder of saved results; NAME=OUTLOOK calls it NAME. A
    single scenario stands for itself and all its outlooks. All have the same luck run by run, so that what differs is
    the effect of what differs in the files. With -o, a folder appears whole or not at all; a former comparison there is
    replaced, anything else left alone.
    """
    from tensionsim.runs.store import check_target

    if output is not None:
        check_target(output, "comparison")
    found = comparison_of(outlooks, assignments, **how)
    if output is not None:
        found.save(output, command=typed, attach=lambda folder: ts.plots.save_comparison(found, folder))
    written = output and f"Tables, figures and provenance.json are in {output}"
    show(lambda screen: compare_lines(found.summary(), screen), found, written=written)


def compare_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of a comparison (`Comparison.summary()`), laid out for the screen."""
    from tensionsim.runs.statistics import settings

    base, others = summary["baseline"], list(summary["headlines"])
    yield from screen.heading(f"{', '.join(others)} beside {base}")
    dates, step = summary["dates"], STEPS[summary["step"]]
    runs = f"{counted(summary['runs'], 'run')}, seed {summary['seed']}, paired run by run"
    yield from screen.wrapped(f"{dates[0]} to {dates[-1]}, {step}; {runs}")
    for name, origin in summary["outlooks"].items():
        about = f"{name}: {origin['title']}"
        yield from screen.wrapped(f"{about}, {settings(origin['set'])}" if origin["set"] else about, "  ", "    ")
    for sentence in summary["headlines"].values():
        yield from ("", *screen.wrapped(sentence))
    blank = dict.fromkeys(
        ("difference", "difference_low", "difference_high", "ends_above", "ends_equal", "equivalent_runs")
    )
    rows = [{"name": name, **row, **(blank if name == base else {})} for name, row in summary["table"].items()]
    columns = {"At the end, points": "{name}", "mean": "{mean_at_end:.1f}", "difference": "{difference:+z.1f}"}
    columns |= {"95 % interval": "{difference_low:+z.1f} to {difference_high:+z.1f}"}
    columns |= {"above": "{ends_above:.0%}", "equal": "{ends_equal:.0%}", "unpaired": "{equivalent_runs:,.0f}"}
    yield from ("", *formed(screen, columns, rows))
    yield from screen.wrapped("unpaired: so many runs a side under independent seeds would be as exact.")
    for name in others:
        yield from ("", *screen.heading(f"{name} beside {base}"))
        yield from _beside(summary, name, screen)
    yield from screen.notes("Notes", summary["notes"])


def _beside(summary: Mapping[str, Any], name: str, screen: Screen) -> Iterator[str]:
    """Shares of runs in each regime and event, how often events end, and the issues, beside those of the baseline."""
    both, events = (summary["baseline"], name), summary["events"]
    found = [("Regime at the end", dict(reversed(summary["regimes"].items())), "at_end")]
    found += [("Event, ever", events, "ever"), ("Event, at the end", events, "at_end")] if events else []
    for head, conditions, what in found:
        rows = []
        for condition, outlooks in conditions.items():
            shares, here = [outlooks[one][what] for one in both], outlooks[name]
            cells = ["-" if value is None else percent(value, summary["runs"]) for value in shares]
            change = [here[f"{what}_difference{part}"] for part in ("", "_error")]
            rows.append((condition, *cells, measured(screen, *(one and 100 * one for one in change))))
        yield from table(screen, (head, "baseline", "outlook", "difference, % points"), rows)
        yield ""

    issues = [
        {"issue": issue} | {key: values[-1] for key, values in one.items() if isinstance(values, list)}
        for issue, one in summary["issues"][name].items()
    ]
    columns = {"Issue, at the end, points": "{issue}", "difference": "{mean:+z.1f}"}
    columns |= {"95 % interval": "{low:+z.1f} to {high:+z.1f}", "9 runs in 10": "{q05:+z.1f} to {q95:+z.1f}"}
    yield from formed(screen, columns, issues)


@verbs.command()
@click.argument("given", nargs=-1, required=True, metavar="SCENARIO_OR_FOLDER...")
@click.option("--baseline", metavar="NAME", help="Of several, set the others beside this one; default the first.")
@click.option("--outlook", metavar="NAME", help="Take a branch of the scenario; of one only.")
@click.option("--outlooks", is_flag=True, help="Set the scenario beside all its outlooks; of one only.")
@options.runs("Number of runs; default that of saved results, or 1000.")
@options.seed("Same seed, same numbers; default as saved, or 0.")
@options.assignments("Set one value in all; repeatable.")
@click.option("--overlap", is_flag=True, help="Of several, tell of the dates and runs that all have.")
@click.option("--ahead", metavar="MONTHS", default=6.0, type=MONTHS, help="Signs so long before the end; default 6.")
@click.option("--no-effects", is_flag=True, help="Do not run the worlds that tell what makes the difference.")
@click.option("--templates", metavar="DIR", type=PATH, help="A folder with templates of your own.")
@options.output("FILE", "HTML, PDF or Markdown.", required=True)
@options.quiet()
@click.pass_obj
def report(
    typed, /, given, baseline, outlook, outlooks, assignments, overlap, ahead, no_effects, templates, output, **how
) -> None:
    """Write a briefing of one to three pages.

    Of one scenario, or of several beside a baseline: bottom line, context, implications, outlook, assumptions, early
    signs, what moves it, limits, provenance. Scenarios are run, folders of saved results are read; NAME=SCENARIO calls
    it NAME. FILE ends in .html, which holds everything, in .pdf, that printed by a browser on PATH or by WeasyPrint, or
    in .md, with a folder of figures beside it; it appears whole or not at all.
    """
    from tensionsim.briefings.briefing import MARKDOWN, check_target, check_templates, folder_of

    several = len(given) > 1 or baseline is not None
    refuse(outlook is not None and outlooks, "--outlook takes one branch and --outlooks all; give one of them")
    refuse(overlap and not (several or outlooks), "--overlap changes nothing in one scenario; it goes with several")
    refuse(
        several and (outlook is not None or outlooks),
        "--outlook and --outlooks are of one scenario without --baseline; several are each given by name",
    )
    check_target(output)
    check_templates(templates)
    found: Comparison | Results
    if several or outlooks:
        found = comparison_of(given, assignments, baseline=baseline, overlap=overlap, with_outlooks=outlooks, **how)
    else:
        found = results_of(given[0], values_of(assignments), outlook=outlook, **how)
    ts.report(found, output, ahead_months=ahead, effects=not no_effects, templates=templates, command=typed)
    if not asked("quiet"):
        is_apart = output.suffix.lower() in MARKDOWN
        click.echo(f"Wrote {output}" + (f", its figures in {folder_of(output)}" if is_apart else ""))


def results_of(
    text: str, values: Mapping[str, object], *, outlook: str | None, runs: int | None, seed: int | None, jobs: Jobs = 1
) -> Results:
    """One scenario, run now, or one folder, read; SelectionError where results are asked for what they are not."""
    from tensionsim.analysis.effects import origin_of
    from tensionsim.runs.planned import is_planned
    from tensionsim.runs.run import run

    place = named(text)[1]
    refuse(is_planned(Path(place)), f"{place} holds the points of a sensitivity, which are no runs of one scenario")
    origin = origin_of(place, outlook, values)
    if (saved := origin.results) is None:
        return run(origin.scenario, runs=runs or RUNS, seed=seed or 0, jobs=jobs, progress=not asked("quiet"))
    if runs not in (None, saved.runs) or seed not in (None, saved.seed):
        raise SelectionError(f"{place} holds {saved.runs:,} runs under seed {saved.seed}, and no others")
    return saved


RUNS = 1000
KINDS_OF_ELEMENTS = ("schedule", "rule", "change", "check", "mechanism")
LEDGER, WHY, EFFECTS = PARTS = ("ledger", "why", "effects")
USES = {
    "date": (LEDGER, EFFECTS),
    "by": (LEDGER,),
    "against against_outlook of kinds elements orders jobs": (EFFECTS,),
    "actor between": (WHY,),
}
"""Options of `explain` by the parts that have a use for them."""


@verbs.command()
@click.argument("scenario", metavar="SCENARIO_OR_FOLDER")
@click.option("--against", metavar="OTHER", help="Explain the difference from another scenario or folder.")
@options.outlook
@click.option("--against-outlook", metavar="NAME", help="Take a branch of the other; without --against, of the same.")
@options.assignments()
@click.option("--part", "parts", multiple=True, type=options.Choice(PARTS), help="Only this answer.")
@options.runs("Number of runs of every world; default 1000.", type=AT_LEAST_2)
@options.seed("Same seed, same numbers; default 0, or as saved.")
@click.option("--run", metavar="N", type=AT_LEAST_0, help="Explain this run alone.")
@click.option("--chronicle", is_flag=True, help="Tell a run as a chronicle; with --run, default the first.")
@click.option("--all", "everything", is_flag=True, help="Tell everything of a chronicle, not a page of it.")
@click.option("--date", metavar="DATE", help="Date of the ledger and of the effects; default the last.")
@click.option("--by", type=options.Choice(["mover", "matter"]), help="Ledger by what moves are, or what they answer.")
@click.option("--of", metavar="NAME", help="Effects on this issue, event or regime (regime:NAME), not the index.")
@click.option("--kind", "kinds", multiple=True, type=options.Choice(KINDS_OF_ELEMENTS), help="Effects of this kind.")
@click.option("--element", "elements", multiple=True, metavar="NAME", help="Effect of this, by (part of) its name.")
@click.option("--orders", metavar="N", type=options.Whole(min=4), help="Orders drawn beyond 10 elements; default 12.")
@options.jobs("Worlds run at a time, or auto; default 1.", default=None)
@click.option("--actor", metavar="NAME", help="Motives of this actor; default the principals'.")
@click.option("--between", nargs=2, metavar="DATE DATE", help="Change of motives between these dates.")
@options.output("DIR", "Write tables.")
@options.forms("the table of one part")
@click.option("--markdown", is_flag=True, help="Print a chronicle as Markdown.")
@click.pass_obj
def explain(
    typed, /, scenario, against, outlook, against_outlook, assignments, parts, run, chronicle, date, output, **how
) -> None:
    """Explain what moves the index, and why.

    Three answers: the ledger (which moves and arrangements make up the index), the motives (which mechanisms moved each
    government), and what if not (the effect of each scheduled move, rule, change, check and mechanism, from the same
    runs without it). With --against, which differences of the files make the difference. With --chronicle, one run as a
    story. With -o, a former explanation there is replaced, anything else left alone.
    """
    from tensionsim.analysis.contributions import Explanation
    from tensionsim.analysis.effects import origin_of
    from tensionsim.analysis.elements import Speech
    from tensionsim.runs.statistics import title
    from tensionsim.runs.store import check_target

    is_against = against is not None or against_outlook is not None
    if not parts:
        of_scenario = () if chronicle else PARTS if run is None else (LEDGER, WHY)
        parts = (EFFECTS,) if is_against else of_scenario
    _check_explain(parts)
    if output is not None:
        check_target(output, "explanation")
    values = values_of(assignments)
    origin = origin_of(scenario, outlook, values)
    draw = _draw(origin, runs=how.pop("runs"), seed=how.pop("seed"), run=run)
    if WHY in parts or EFFECTS in parts or chronicle:
        origin.check_repeats(draw)
    by, everything, between, actor = (how.pop(name) for name in ("by", "everything", "between", "actor"))
    ledger = _ledger(origin, draw, date, run, by or "mover") if LEDGER in parts else None
    actors = ([actor] if actor else origin.scenario.file.principals) if WHY in parts else ()
    motives = tuple(_motives(origin, draw, one, between) for one in actors)
    other: Scenario | None = None
    if is_against:
        other = origin_of(against or scenario, against_outlook, values if against is None else {}).scenario
    effects = _effects(origin, other, draw, date=date, **how) if EFFECTS in parts else None
    told = ts.chronicle(origin.scenario, run=draw.first_run, seed=draw.seed) if chronicle else None
    provenance, labels = _provenance(typed, origin.scenario, other, draw), Speech.of(origin.scenario).actors
    about = title(origin.scenario), draw.runs, draw.seed, provenance
    found = Explanation(*about, ledger, motives, effects, told, origin.scenario.notes, labels)
    if output is not None:
        found.save(output)
    if asked("markdown") and found.chronicle is not None:
        click.echo(found.chronicle.to_markdown(everything=everything), nl=False)
        return
    written = output and f"Tables and provenance.json are in {output}"
    lines = partial(_explain_lines, found, everything=everything)
    show(lines, found, table=lambda: list(found.tables().values())[-1], written=written)


def _check_explain(wanted: Sequence[str]) -> None:
    """UsageError where options of the running `explain` contradict one another, or have no use for what is wanted."""
    given = click.get_current_context().params
    is_alone, is_against = given["run"] is not None, given["against"] or given["against_outlook"]
    for option, what in (("markdown", "--markdown writes"), ("everything", "--all tells everything of")):
        is_given = asked(option) or given.get(option)
        refuse(is_given and not given["chronicle"], f"{what} a chronicle; add --chronicle")
    one_table = "--csv prints one table; add --part ledger, --part why, --part effects or --chronicle"
    refuse(asked("as_csv") and len(wanted) + given["chronicle"] != 1, one_table)
    means = "effects are means over many runs; leave out --run, or ask for another --part"
    refuse(is_alone and EFFECTS in wanted, means)
    refuse(is_alone and given["by"], "a ledger of one run tells every move with what it answers; leave out --by")
    of_one = given["runs"] is not None and (is_alone or not wanted)
    refuse(of_one, "of one run alone there are no --runs; leave one of both out")
    refuse(is_against and given["kinds"], "differences have no kinds; choose among them with --element")
    for names, parts in USES.items():
        for name in names.split():
            is_useless = given[name] and not {*parts} & {*wanted}
            option = {"kinds": "kind", "elements": "element"}.get(name, name).replace("_", "-")
            refuse(is_useless, f"--{option} has no use without --part {' or --part '.join(parts)}")


def _draw(origin: Origin, *, runs: int | None, seed: int | None, run: int | None) -> Draw:
    """Which runs: those of saved results, else as asked; one run alone where it is named."""
    from tensionsim.analysis.effects import Draw

    saved, first = origin.results, 0
    if saved is not None:
        if seed not in (None, saved.seed) or (runs or 0) > saved.runs:
            raise SelectionError(f"{origin.folder} holds {saved.runs:,} runs under seed {saved.seed}, and no others")
        seed, first, runs = saved.seed, saved.first_run, min(saved.runs, runs or RUNS)
        saved.place_of(run)
    if run is not None:
        first, runs = run, 1
    return Draw(RUNS if runs is None else runs, seed or 0, first)


def _ledger(origin: Origin, draw: Draw, day: str | None, run: int | None, by: str) -> Ledger:
    from tensionsim.analysis.contributions import Ledger, with_answers
    from tensionsim.analysis.effects import row_of

    results = draw.of(origin.scenario) if origin.results is None else origin.results
    row = row_of(results, day)
    date, index = str(results.dates[row]), results.record.cooperation[row]
    if run is None:
        return Ledger(ts.decompose(results, date, by=by), date, float(index.mean()), None, by)
    table = with_answers(results.ledger(run, date), results, run)
    return Ledger(table, date, float(index[run - results.first_run]), run)


def _motives(origin: Origin, draw: Draw, actor: str, between: tuple[str, str] | None) -> Motives:
    from tensionsim.analysis.contributions import Motives

    found = ts.contributions(origin.scenario, actor, runs=draw.runs, seed=draw.seed, first_run=draw.first_run)
    days = between or (str(found.dates[0]), str(found.dates[-1]))
    first, last = (str(found.dates[found.row(day)]) for day in days)
    return Motives(found, first, last, found.between(*days))


def _effects(origin: Origin, other: Scenario | None, draw: Draw, **how: Any) -> Effects:
    """The effects of the elements of a scenario, or of its differences from another."""
    if draw.runs < 2:
        where = origin.folder or origin.scenario.name
        raise SelectionError(f"{where}: one run has no effects with an error; ask for --part ledger or --part why")
    how["elements"] = (*how.pop("kinds"), *how["elements"]) or None
    how |= {"of": how["of"] or "index", "orders": how["orders"] or 12, "jobs": how["jobs"] or 1}
    return ts.effects(origin.scenario, against=other, progress=not asked("quiet"), **asdict(draw), **how)


def _provenance(command: str, scenario: Scenario, other: Scenario | None, draw: Draw) -> dict[str, Any]:
    from tensionsim.runs.statistics import plain
    from tensionsim.runs.store import versions

    def said(one: Scenario) -> dict[str, Any]:
        origin = {"name": one.name, "path": one.path, "outlook": one.outlook}
        return {**origin, "set": plain(one.values), "sha256": one.sha256}

    found = {"command": command, "scenario": said(scenario), **asdict(draw), "versions": versions()}
    return found if other is None else {**found, "against": said(other)}


MOST_ROWS = 15
SMALL = 0.005
"""Leaning below which a contribution is not listed."""


def _explain_lines(found: Explanation, screen: Screen, *, everything: bool) -> Iterator[str]:
    """An explanation, laid out for the screen."""
    from tensionsim.analysis import contributions as answers
    from tensionsim.analysis.elements import LEANING_IS

    yield from screen.heading(found.title)
    if found.effects is not None and found.effects.against:
        yield from screen.heading(f"against: {found.effects.against}")
    if found.ledger is not None:
        yield from ("", *screen.heading(answers.LEDGER_IS))
        yield from _ledger_lines(found.ledger, found.labels, screen)
    if found.motives:
        yield from ("", *screen.heading(answers.MOTIVES_ARE))
        yield from screen.wrapped(LEANING_IS)
        for motives in found.motives:
            yield from _motive_lines(motives, found.labels, screen)
    if found.effects is not None:
        yield from ("", *screen.heading(answers.EFFECTS_ARE))
        yield from _effect_lines(found.effects, found.labels, screen)
    if found.chronicle is not None:
        yield from ("", *screen.heading(answers.CHRONICLE_IS))
        told = found.chronicle
        notes = " ".join(one for one in told.notes if not (found.motives and one == LEANING_IS))
        yield from screen.wrapped(f"Run {told.run}, seed {told.seed}. {notes}")
        listed = list(told.headed(everything=everything))
        for heading, entries in groupby(listed, key=itemgetter(0)):
            yield screen.bold(plain(heading))
            for _, text in entries:
                yield from screen.wrapped(text, "  ", "    ")
        if len(listed) < len(told.table):
            yield from screen.wrapped(f"({len(told.table)} things happened; --all tells each)")
    yield from screen.notes("Notes", found.notes)


def _ledger_lines(ledger: Ledger, labels: Mapping[str, str], screen: Screen) -> Iterator[str]:
    from tensionsim.analysis.elements import Speech

    is_mean, speech = ledger.run is None, Speech(labels)
    who = "mean index" if is_mean else f"index of run {ledger.run}"
    yield from screen.wrapped(
        f"On {ledger.date} the {who} is {ledger.index:.1f}, {ledger.index - 50:+z.1f} from neutral."
    )
    rows = ledger.table.sort_values("points", key=abs, ascending=False, kind="stable")
    shown, rest = rows.iloc[:MOST_ROWS], rows.iloc[MOST_ROWS:]
    head = (ledger.by.capitalize(), "points", *(("share", "in runs") if is_mean else ("since",)))
    cells: list[tuple[str, ...]] = []
    for row in shown.to_dict("records"):
        answers, points = row.get("answers"), row["points"]
        what = speech.does(row["what"], answers) if answers else speech.words(row["what"])
        mover = f"{speech.actors.get(row['actor'], row['actor'])}: {what}"
        mover += "" if is_mean else f" ({speech.words(row['issue'])})"
        ends = [f"{100 * row[name]:.0f} %" for name in ("share", "share_of_runs")] if is_mean else [row["since"]]
        cells.append((mover, f"{points:+z.1f}", *ends))
    if len(rest):
        more = (f"{100 * rest['share'].sum():.0f} %", "") if is_mean else ("",)
        cells.append((f"{len(rest)} others", f"{rest['points'].sum():+z.1f}", *more))
    yield from table(screen, head, cells)
    if is_mean:
        yield from screen.wrapped(
            "share: of all points, hostile and friendly added without their signs. in runs: how many have any of it."
        )
    if ledger.by == "matter":
        yield from screen.wrapped("Matter: what moves answer, or else raise; unprompted are those that do neither.")


def _motive_lines(motives: Motives, labels: Mapping[str, str], screen: Screen) -> Iterator[str]:
    rows, columns = motives.change, ["mean", "before", "after"]
    actor, target = (labels.get(str(name), str(name)) for name in rows[["actor", "target"]].iloc[0])
    yield from ("", *screen.wrapped(f"{actor} towards {target}, all issues, both tracks"))
    is_sum = rows["mechanism"] == "direction"
    is_small = (rows[columns].abs() < SMALL).all(axis=1) & ~is_sum
    order = rows["change"].abs().mask(is_sum, -1.0).sort_values(ascending=False, kind="stable").index
    shown = rows.loc[[row for row in order if not is_small[row]]]
    shown = shown.assign(
        name=shown["mechanism"].replace("direction", "in all: leaning").str.replace("_", " "),
        told=[measured(screen, *one) for one in zip(shown["change"], shown["standard_error"], strict=True)],
    )
    heads = {"Mechanism, leaning": "{name}", "change": "{told}", motives.first: "{before:+z.2f}"}
    yield from formed(screen, heads | {motives.last: "{after:+z.2f}", "mean": "{mean:+z.2f}"}, shown.to_dict("records"))
    if count := int(is_small.sum()):
        yield from screen.wrapped(f"({count} other{' stays' if count == 1 else 's stay'} within {SMALL:g} of 0)")


def _effect_lines(effects: Effects, labels: Mapping[str, str], screen: Screen) -> Iterator[str]:
    from tensionsim.analysis.elements import capital, spoken

    base, whole = f"{effects.base:.1f}", f"{effects.whole:.1f}"
    if not effects.against:
        ends = f"{base} without any of them, {whole} with all"
    elif effects.here is None or effects.here == effects.whole:
        ends = f"{base} there, {whole} here"
    else:
        ends = f"{base} there, {whole} with only these, {effects.here:.1f} here"
    runs = f"({effects.unit}; {effects.runs:,} runs, seed {effects.seed})"
    yield from screen.wrapped(f"{capital(effects.quantity)}: {ends} {runs}.")
    if effects.table.empty:
        yield from screen.wrapped("There is no difference: both say the same, but for what has no effect.")
        return
    cells = [
        (
            row.element if effects.against else spoken(row.element, labels),
            measured(screen, row.effect, row.standard_error),
            measured(screen, row.leave_one_out, row.leave_one_out_error),
        )
        for row in effects.table.itertuples()
    ]
    cells.append(("in all", f"{effects.total:+z.1f}", f"{effects.table['leave_one_out'].sum():+z.1f}"))
    yield from table(screen, ("Difference" if effects.against else "Element", "effect", "alone"), cells)
    sets = f"{effects.worlds:,} sets"
    how = f"all {sets} of them" if effects.method == "exact" else f"drawn orders, {sets}"
    yield from screen.wrapped(
        f"effect: Shapley value, from {how}; they add up to the whole. alone: what is lost without it where all others "
        f"stay; these leave {effects.interaction:+z.1f} to interaction. {screen.error_mark}: standard error."
    )


KINDS = [name for name, figure in FIGURES.items() if figure.takes in ("Results", "Comparison", "Effects")]
"""Of figures that `plot` draws; those of fits and backtests are drawn where these are made."""


def kinds_with(option: str) -> str:
    """The kinds of figures that have an option of their own, for its help and where it is refused."""
    takes = "Comparison" if option == "overlap" else None
    return ", ".join(kind for kind in KINDS if option in FIGURES[kind].options or FIGURES[kind].takes == takes)


@verbs.command(epilog="\b\n" + "\n".join(f"{kind:<12} {FIGURES[kind].words}" for kind in KINDS))
@click.argument("kind", metavar="KIND", type=options.Choice(KINDS))
@click.argument("given", nargs=-1, required=True, metavar="SCENARIO_OR_FOLDER...")
@options.output("FILE", "PNG, SVG or PDF.", required=True)
@options.runs("Number of runs; default 1000.")
@options.seed()
@options.variant
@click.option("--run", metavar="N", type=AT_LEAST_0, help=f"Of this run alone: {kinds_with('run')}.")
@click.option("--actor", metavar="NAME", help=f"Whose: {kinds_with('actor')}.")
@click.option("--issue", metavar="NAME", help=f"Which one: {kinds_with('issue')}.")
@click.option("--of", "name", metavar="NAME", help="Which outlook less the baseline, of more than two: difference.")
@click.option("--overlap", is_flag=True, default=None, help="On dates and runs that all have: outlooks, difference.")
@click.option("--by", type=options.Choice(["kind", "mover"]), help="How the ledger is stacked; default kind.")
@click.option("--theme", type=options.Choice(["light", "dark"]), default="light", help="Of the ground; default light.")
@click.option("--width", metavar="CM", type=options.WIDTH, help="single (a column, 8.9), double (18.3; default) or cm.")
@click.option("--height", metavar="CM", type=options.HEIGHT, help="Default: what it needs.")
@options.quiet()
def plot(kind, given, output, runs, seed, outlook, assignments, overlap, theme, width, height, **own) -> None:
    """Draw one figure into a file.

    A scenario is run, a folder of saved results is read. The file appears whole or not at all, and replaces a former
    one.
    """
    figure = FIGURES[kind]
    for option, value in {**own, "overlap": overlap}.items():
        typed, kinds = "of" if option == "name" else option, kinds_with(option)
        is_useless = value is not None and kind not in kinds.split(", ")
        refuse(is_useless, f"--{typed} changes nothing in {kind}; it goes with {kinds}")
    is_nameless = "issue" in figure.options and own["issue"] is None
    refuse(is_nameless, "which issue? Name it with --issue; all of them are in: tensionsim plot issues")
    is_sized = figure.is_page and (width or height)
    refuse(is_sized, f"the {kind} finds its own size; leave out --width and --height")
    if figure.takes == "Comparison":
        refuse(outlook is not None, f"{kind} takes several outlooks; give each as a scenario or folder")
    else:
        most, what = (2, "one or two scenarios") if figure.takes == "Effects" else (1, "one scenario or folder")
        several = f"Several go with {kinds_with('overlap')}"
        refuse(len(given) > most, f"{kind} is of {what}; {len(given)} were given. {several}")
    from tensionsim.plots.style import check_path, save

    check_path(output)
    how: dict[str, Any] = {"runs": runs, "seed": seed}
    subject: Any
    if figure.takes == "Comparison":
        subject = comparison_of(given, assignments, baseline=None, overlap=bool(overlap), **how)
    elif figure.takes == "Effects":
        subject = _effects_of(given, assignments, outlook=outlook, **how)
    else:
        subject = results_of(given[0], values_of(assignments), outlook=outlook, **how)
    drawn: dict[str, Any] = {name: own[key] for key, name in figure.options.items() if own.get(key) is not None}
    save(draw(kind, subject, width=width, height=height, theme=theme, **drawn), output)
    if not asked("quiet"):
        click.echo(f"Wrote {output}")


def _effects_of(
    given: Sequence[str], assignments: Sequence[str], *, outlook: str | None, runs: int | None, seed: int | None
) -> Effects:
    """What the elements of a scenario do, or what makes the difference of one from another."""
    from tensionsim.scenario.files import shipped_names

    folders = [each for each in given if Path(each).is_dir() and each not in shipped_names()]
    refuse(folders, f"a waterfall runs the scenario again without its elements; give it, not {', '.join(folders[:1])}")
    scenarios = [ts.load(each, outlook=outlook, set=values_of(assignments)) for each in given]
    other = scenarios[1] if len(scenarios) > 1 else None
    return ts.effects(scenarios[0], against=other, runs=runs or RUNS, seed=seed or 0, progress=not asked("quiet"))
