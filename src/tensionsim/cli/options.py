"""Options that several verbs share, and what their values mean.

Nothing heavy is imported here but inside functions, so that `tensionsim --help` is quick.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tensionsim.events.formats import FORMATS

if TYPE_CHECKING:
    import datetime as dt

    from tensionsim.events.history import EventHistory
    from tensionsim.runs.parallel import Mode
    from tensionsim.scenario.yaml_tree import Report

Option = Callable[[Any], Any]
Read = Callable[..., "EventHistory"]

PATH = click.Path(path_type=Path)
AT_LEAST_0 = click.IntRange(min=0)
AT_LEAST_1, AT_LEAST_2 = (click.IntRange(least, 2**31) for least in (1, 2))
"""Of runs: their numbers are kept in 32 bits."""

outlook = click.option("--outlook", metavar="NAME", help="Take a branch of the scenario.")
until = click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Look at nothing after this day."
)
figure = click.option("--plot", "figure", metavar="FILE", type=PATH, help="Draw it: PNG, SVG or PDF.")
keep = click.option(
    "--keep",
    type=click.Choice(["all", "summary", "index"]),
    help="What is kept of each run: all (default), what the summary needs, or the index alone.",
)
progress = click.option(
    "--progress",
    type=click.Choice(["auto", "json", "none"]),
    default="auto",
    help="How progress is shown on standard error: auto is a bar, on a terminal only.",
)


def runs(help: str, *, default: int | None = None, least: click.IntRange = AT_LEAST_1) -> Option:
    """The option --runs."""
    return click.option("--runs", metavar="N", default=default, type=least, help=help)


def seed(help: str = "Same seed, same numbers; default 0.", *, default: int | None = None) -> Option:
    """The option --seed."""
    return click.option("--seed", metavar="S", default=default, type=AT_LEAST_0, help=help)


def assignments(help: str = "Set one value; repeatable.") -> Option:
    """The option --set, of which `values_of` gives the values."""
    return click.option("--set", "assignments", multiple=True, metavar="PATH=VALUE", help=help)


def output(metavar: str, help: str, *, required: bool = False) -> Option:
    """The option -o."""
    return click.option("-o", "--output", metavar=metavar, required=required, type=PATH, help=help)


def step(help: str) -> Option:
    """The option --step."""
    return click.option("--step", type=click.Choice(["day", "week", "month"]), help=help)


def events(help: str) -> Option:
    """The option --events, a file that `reading` says how to read."""
    return click.option("--events", metavar="FILE", type=PATH, help=help)


def as_json(help: str = "Print one JSON object instead of the text.") -> Option:
    """The flag --json."""
    return click.option("--json", "as_json", is_flag=True, help=help)


def as_csv(help: str) -> Option:
    """The flag --csv."""
    return click.option("--csv", "as_csv", is_flag=True, help=help)


def quiet(help: str) -> Option:
    """The flag --quiet."""
    return click.option("-q", "--quiet", is_flag=True, help=help)


def jobs(help: str, *, default: str | None = None) -> Option:
    """The option --jobs: a number, "auto", or None where there is no default."""
    return click.option("--jobs", metavar="N", default=default, callback=_jobs_given, help=help)


def _jobs_given(context: click.Context, option: click.Parameter, value: str | None) -> int | str | None:
    if value is None or value == "auto":
        return value
    if value.isdecimal() and 1 <= float(value) <= 1e6:
        return int(float(value))
    raise click.BadParameter(f"{value!r} is neither a number of jobs, 1 to 1,000,000, nor auto")


def together(*options: Option) -> Option:
    """Several options as one decorator, in their order."""

    def decorated(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorated


computing = together(
    jobs("Parts of 1,000 runs (points of a sweep) computed at a time, or auto; default 1.", default="1"),
    click.option("--executor", type=click.Choice(["serial", "processes", "dask"]), help="Where they are computed."),
    click.option("--scheduler", metavar="ADDRESS", help="Compute them on the workers of this Dask scheduler."),
    progress,
    as_json("Print one JSON object instead of the summary."),
    quiet("Print neither summary nor progress; with -o or --json."),
)
"""How runs are computed and told."""


def progress_shown(progress: Mode, quiet: bool) -> Mode:
    """How progress is shown of a command that may be told to be quiet."""
    return "none" if quiet and progress == "auto" else progress


def reading(command: Callable[..., Any]) -> Any:
    """Adds the options of how a file of events is read; the command gets `read(file, until)`, which does so."""

    @functools.wraps(command)
    def reads(
        *arguments: Any,
        dyad: tuple[str, str] | None,
        format: str,
        scale: str,
        mapping: str | None,
        one_a_day: bool,
        dates: str,
        leave_out_bad: bool,
        **others: Any,
    ) -> Any:
        def read(file: str | Path, until: dt.datetime | None = None) -> EventHistory:
            from tensionsim.events.reading import read_events

            history = read_events(
                str(file),
                dyad=dyad,
                format=format,
                scale=scale,
                mapping=mapping,
                one_a_day=one_a_day,
                dates=dates,
                leave_out_bad=leave_out_bad,
            )
            return history_until(history, until, str(file))

        return command(*arguments, read=read, **others)

    return READING(reads)


READING = together(
    click.option("--dyad", nargs=2, metavar="A B", help="Whose events: codes, or CODE,CODE=name; see the docs."),
    click.option(
        "--format",
        type=click.Choice(["auto", *FORMATS]),
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


def reading_given() -> list[str]:
    """Options of `reading` that the running command was given with another value than their default."""
    given = click.get_current_context().params
    names = ("format", "scale", "mapping", "one_a_day", "dates", "leave_out_bad", "dyad")
    return [f"--{name.replace('_', '-')}" for name in names if given[name] not in (None, False, "", "auto", "cameo")]


def history_until(history: EventHistory, date: dt.datetime | None, name: str) -> EventHistory:
    """The events of a history up to a day; EventError if there are none."""
    if date is None:
        return history
    from tensionsim.errors import EventError, Problem

    day = date.date()
    part = history.until(day)
    if not len(part):
        raise EventError([Problem(name, 0, 0, f"no event up to {day}; the first is of {history.first}")])
    return part


def values_of(assignments: Sequence[str], report: Report | None = None) -> dict[str, object]:
    """Paths and values of several `PATH=VALUE`, read as in a scenario file.

    Those that are none are noted in `report`; without one, a ScenarioError lists all of them.
    """
    from tensionsim.scenario import yaml_tree

    noted = yaml_tree.Report() if report is None else report
    found: dict[str, object] = {}
    for text in assignments:
        path, equals, value = (part.strip() for part in text.partition("="))
        if not (equals and path and value):
            place = yaml_tree.SourceLocation(yaml_tree.Source("--set"))
            noted.add(place, f"{text!r} is not PATH=VALUE, as in actors.bogota.rhetoric=0.4")
            continue
        before = len(noted)
        node = yaml_tree.read_nodes(value, yaml_tree.Source(f"--set {path}"), noted)
        if len(noted) == before:
            found[path] = None if node is None else yaml_tree.plain(node)
    if report is None:
        noted.raise_if_any()
    return found


def named(text: str) -> tuple[str, str]:
    """Name and outlook of `NAME=OUTLOOK`; a file whose own name has a `=` is an outlook without."""
    name, equals, outlook = text.partition("=")
    return (name.strip(), outlook) if equals and name.strip() and outlook and not Path(text).exists() else ("", text)


def refuse_silence(quiet: bool, *kept_or_printed: object, add: str) -> None:
    """UsageError where nothing would come of a command. add : what to add to it."""
    shown = "shown or kept" if "-o" in add else "shown"
    refuse(quiet and not any(kept_or_printed), f"with --quiet nothing would be {shown}; add {add}")


def refuse(is_wrong: object, message: str) -> None:
    """UsageError with the message where options contradict one another."""
    if is_wrong:
        raise click.UsageError(message)
