"""Options that several verbs share, and what options may say."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable

import click

from tensionsim.plots import FIGURES

AT_LEAST_0 = click.IntRange(min=0)
AT_LEAST_1, AT_LEAST_2 = (click.IntRange(least, 2**31) for least in (1, 2))
"""Of runs: their numbers are kept in 32 bits."""
PROGRESS_HELP = "How progress is shown on standard error: auto is a bar, on a terminal only."

OF_HELP = "Effects on this issue, event or regime, not the index; regime:crisis where an event has the name too."
PARTS = ["ledger", "why", "effects"]
STEPS = ["day", "week", "month"]
WIDTHS, HEIGHTS = click.FloatRange(min=3.0, max=40.0), click.FloatRange(min=2.0, max=40.0)
MONTHS = click.FloatRange(min=0.0, min_open=True, max=1200.0)
ELEMENTS = ["schedule", "rule", "change", "check", "mechanism"]


KINDS = [name for name, figure in FIGURES.items() if figure.takes in ("Results", "Comparison", "Effects")]
"""Of figures that the command draws; those of fits and backtests it draws where it makes these."""


def kinds_help() -> str:
    """The kinds of figures, those that show the same on one line, and what they show."""
    lines = []
    for words, kinds in itertools.groupby(KINDS, key=lambda kind: FIGURES[kind].words):
        first, *others = textwrap.wrap(words, 40)
        lines += [f"  {', '.join(kinds):<22} {first}", *(f"{'':<25}{line}" for line in others)]
    return "Kinds of figures:\n\n\b\n" + "\n".join(lines)


def figures_with(option: str) -> str:
    """The names of the figures that have an option, for its help."""
    return ", ".join(name for name, figure in FIGURES.items() if option in figure.options)


def jobs_given(context: click.Context, option: click.Parameter, value: str) -> int | str:
    """The number of jobs that was given, or "auto"."""
    if value == "auto" or (value.isdecimal() and int(value) >= 1):
        return value if value == "auto" else int(value)
    raise click.BadParameter(f"{value!r} is neither a number of jobs, 1 or more, nor auto")


def some_jobs(context: click.Context, option: click.Parameter, value: str | None) -> int | str | None:
    """See `jobs_given`; None where nothing was."""
    return None if value is None else jobs_given(context, option, value)


MEANS = ("jobs", "executor", "scheduler", "progress", "as_json", "quiet")


def computing(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options of how runs are computed and told."""
    options = (
        click.option(
            "--jobs",
            metavar="N",
            default="1",
            callback=jobs_given,
            help="Parts of 1,000 runs (points of a sweep) computed at a time, or auto; default 1.",
        ),
        click.option("--executor", type=click.Choice(["serial", "processes", "dask"]), help="Where they are computed."),
        click.option("--scheduler", metavar="ADDRESS", help="Compute them on the workers of this Dask scheduler."),
        click.option("--progress", type=click.Choice(["auto", "json", "none"]), default="auto", help=PROGRESS_HELP),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the summary."),
        click.option("-q", "--quiet", is_flag=True, help="Print neither summary nor progress; with -o or --json."),
    )
    for option in reversed(options):
        command = option(command)
    return command


READING = ("format", "scale", "mapping", "one_a_day", "dates", "leave_out_bad")


def reading(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options of how a file of events is read, the names in READING; and whose events."""
    options = (
        click.option("--dyad", nargs=2, metavar="A B", help="Whose events: codes, or CODE,CODE=name; see the docs."),
        click.option(
            "--format",
            type=click.Choice(["auto", "gdelt", "icews", "polecat", "phoenix", "keds"]),
            default="auto",
            help="Of the event file; default auto.",
        ),
        click.option(
            "--scale", type=click.Choice(["cameo", "keds", "file"]), default="cameo", help="Scores; default cameo."
        ),
        click.option("--mapping", metavar="FILE", help="YAML or CSV: issue, track and move by CAMEO code."),
        click.option("--one-a-day", is_flag=True, help="Count a day's events of one source, target and code once."),
        click.option(
            "--dates", type=click.Choice(["auto", "day-first", "month-first"]), default="auto", help="Of 06/02/2004."
        ),
        click.option("--leave-out-bad", is_flag=True, help="Leave out rows with a fault, and count them."),
    )
    for option in reversed(options):
        command = option(command)
    return command


class Study(click.ParamType[str]):
    """The name of a study to replicate; their list is loaded when one is named."""

    name = "study"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from tensionsim.replication.studies import STUDIES

        return str(click.Choice([one.name for one in STUDIES]).convert(value, param, ctx))


class OfStudies(click.Command):
    """A command whose help names the studies there are."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from tensionsim.replication.studies import STUDIES

        *names, last = (f"{one.name} (which {one.about})" if one.about else one.name for one in STUDIES)
        self.help = (self.help or "").replace("{studies}", f"{', '.join(names)} or {last}")
        super().format_help_text(ctx, formatter)
