"""Options that several verbs share, and what their values mean.

Nothing heavy is imported here but inside functions, so that `tensionsim --help` is quick.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tensionsim.cli.terminal import FORMS, asked
from tensionsim.errors import EventError, Problem, day_of, nearest
from tensionsim.events.formats import FORMATS

if TYPE_CHECKING:
    import datetime as dt

    from tensionsim.events.history import EventHistory
    from tensionsim.scenario.scenario import Scenario
    from tensionsim.scenario.yaml_tree import Report

Option = Callable[[Any], Any]


class Choice(click.Choice):  # type: ignore[type-arg]  # generic from click 8.2 on
    """One of several words; of any other the nearest is told."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value not in self.choices and (near := nearest(str(value), self.choices)):
            self.fail(f"{value!r} is not one of {', '.join(self.choices)}; did you mean {near!r}?", param, ctx)
        return super().convert(value, param, ctx)


class Whole(click.IntRange):
    """A whole number, which may be typed as numbers are printed: 1,000."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        is_grouped = isinstance(value, str) and re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", value.strip())
        return super().convert(value.replace(",", "") if is_grouped else value, param, ctx)


def option(*names: str, help: str | None = None, **usual: Any) -> Callable[..., Option]:
    """A maker of an option that several verbs have, each with a help, a default, a type of its own."""
    usual["help"] = help

    def made(help: str = "", **own: Any) -> Option:
        return click.option(*names, **usual | own | ({"help": help} if help else {}))

    return made


class Read(click.ParamType[Any]):
    """What a function makes of a word; its ValueError says why it is none."""

    def __init__(self, name: str, read: Callable[[Any], Any]) -> None:
        self.name, self.read = name, read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self.read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _inches(value: Any, least: float = 5.0, **words: float) -> float:
    """A length in cm, or by a word, in inches, as matplotlib has them."""
    try:
        length = float(words.get(value, value))
    except ValueError:
        length = 0.0
    if not least <= length <= 100.0:
        also = f", nor {' or '.join(words)}" if words else ""
        raise ValueError(f"{value!r} is no length in cm from {least:g} to 100{also}")
    return length / 2.54


WIDTH = Read("length in cm", functools.partial(_inches, least=7.5, single=8.9, double=18.3))
HEIGHT = Read("length in cm", _inches)
"""Of figures; the words are widths of a column and of a page, which many journals share."""


def _checked(context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    """The file of a figure or of tables; StorageError, before anything is computed, where none may go there."""
    if path is not None:
        from tensionsim.plots.style import check_path
        from tensionsim.runs.exchange import check_iamc, check_xlsx

        {"figure": check_path, "xlsx": check_xlsx, "iamc": check_iamc}[str(option.name)](path)
    return path


def _jobs(value: str) -> int | str:
    try:
        return value if value == "auto" else AT_LEAST_1.convert(value, None, None)
    except click.BadParameter:
        raise ValueError(f"{value[:40]!r} is neither a number of jobs, 1 or more, nor auto") from None


PATH, DAY = click.Path(path_type=Path), Read("date", day_of)
AT_LEAST_0 = Whole(min=0)
AT_LEAST_1, AT_LEAST_2 = (Whole(least, 2**31) for least in (1, 2))
"""Of runs: their numbers are kept in 32 bits."""

outlook = click.option("--outlook", metavar="NAME", help="Take a branch of the scenario.")
replace = click.option("--replace", is_flag=True, help="Start over in DIR where other results stand already.")
file: dict[str, Any] = {"metavar": "FILE", "type": PATH, "callback": _checked}
xlsx = click.option("--xlsx", help="Write all tables, a sheet each (extra xlsx).", **file)
iamc = click.option("--iamc", help="Write a CSV table as the IAMC has them.", **file)
figure = click.option("--plot", "figure", help="Draw it: PNG, SVG, PDF.", **file)
structures = click.option(
    "--structures",
    metavar="WEIGHTS",
    help="Draw which mechanisms are on, by run: `fitted`, or a CSV of mechanism and weight.",
)
keep = click.option(
    "--keep",
    type=Choice(["all", "summary", "index"]),
    help="What is kept of each run: all (default), what the summary needs, or the index alone.",
)
progress = click.option(
    "--progress",
    type=Choice(["auto", "json", "none"]),
    default="auto",
    help="How progress is shown on standard error: auto is a bar, on a terminal only.",
)

runs = option("--runs", metavar="N", type=AT_LEAST_1)
seed = option("--seed", metavar="S", type=AT_LEAST_0, help="Same seed, same numbers; default 0.")
assignments = option("--set", "assignments", multiple=True, metavar="PATH=VALUE", help="Set one value; repeatable.")
until = option("--until", type=DAY, metavar="DATE", help="Look at nothing after this day.")
step = option("--step", type=Choice(["day", "week", "month"]))
events = option("--events", metavar="FILE", type=PATH)
jobs = option("--jobs", metavar="N", default="1", type=Read("jobs", _jobs))
as_json = option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the text.")
as_csv = option("--csv", "as_csv", is_flag=True)
quiet = option("-q", "--quiet", is_flag=True, help="Print neither text nor progress.")


def output(metavar: str, help: str, *names: str, required: bool = False) -> Option:
    """The option -o."""
    return click.option("-o", "--output", *names, metavar=metavar, required=required, type=PATH, help=help)


def forms(table: str) -> Option:
    """The flags of the forms in which an outcome is shown, --csv for its table."""
    return together(as_json(), as_csv(f"Print {table} as CSV instead of the text."), quiet())


def together(*options: Option) -> Option:
    """Several options as one decorator, in their order."""
    return lambda command: functools.reduce(lambda made, option: option(made), reversed(options), command)


variant = together(outlook, assignments())
"""Which of its outlooks a scenario is, and what is set in it."""

computing = together(
    jobs("Parts of 1,000 runs (points of a sweep) computed at a time, or auto; default 1."),
    click.option("--executor", type=Choice(["serial", "processes", "dask"]), help="Where they are computed."),
    click.option("--scheduler", metavar="ADDRESS", help="Compute them on the workers of this Dask scheduler."),
    progress,
    as_json("Print one JSON object instead of the summary."),
    quiet(),
)
"""How runs are computed and told."""


reading = together(
    click.option("--dyad", nargs=2, metavar="A B", help="Whose events: codes, or CODE,CODE=name; see the docs."),
    click.option("--format", type=Choice(["auto", *FORMATS]), default="auto", help="Of the event file; default auto."),
    click.option("--scale", type=Choice(["cameo", "keds", "file"]), default="cameo", help="Scores; default cameo."),
    click.option("--mapping", metavar="FILE", help="YAML: issue, track and move by CAMEO code."),
    click.option(
        "--one-a-day",
        type=Choice(["agents", "countries"]),
        help="Count a day's events of one code between the same agents or countries once.",
    ),
    click.option(
        "--dates",
        metavar="ORDER",
        default="auto",
        help="Of 06/02/2004: day-first or month-first, or a format like %d-%b-%Y; default auto.",
    ),
    click.option("--leave-out-bad", is_flag=True, help="Leave out rows with a fault, and count them."),
)
"""How a file of events is read, for `read`."""

READ_BY = ("format", "scale", "mapping", "one_a_day", "dates", "leave_out_bad", "dyad")


def read(source: Path | Sequence[Path] | None, until: dt.date | None = None) -> Any:
    """The EventHistory of files, as the options of `reading` of the running command say; None where none is named.

    UsageError where the command is told how events are read, and of none.
    """
    from tensionsim.events.reading import read_events

    if source is None:
        told = ", ".join(reading_given())
        refuse(told, f"{told}: how the events of --events FILE are read; name the file")
        return None
    history = read_events(source, **{name: asked(name) for name in READ_BY})
    return history_until(history, until, history.report.source)


def reading_given() -> list[str]:
    """Options of `reading` that the running command was given with another value than their default."""
    usual = (None, False, "", "auto", "cameo")
    return [f"--{name.replace('_', '-')}" for name in READ_BY if asked(name) not in usual]


def history_until(history: EventHistory, day: dt.date | None, name: str) -> EventHistory:
    """The events of a history up to a day; EventError if there are none."""
    if day is None:
        return history
    part = history.until(day)
    if not len(part):
        raise EventError([Problem(name, 0, 0, f"no event up to {day}; the first is of {history.first}")])
    return part


def values_of(assignments: Sequence[str], report: Report | None = None) -> dict[str, object]:
    """Paths and values of several `PATH=VALUE`; of those that are none a ScenarioError, or notes in `report`."""
    from tensionsim.scenario import yaml_tree

    noted = yaml_tree.Report() if report is None else report
    found: dict[str, object] = {}
    for path, value in pairs(assignments, noted, "--set", "PATH=VALUE, as in actors.bogota.rhetoric=0.4"):
        before = len(noted)
        node = yaml_tree.read_nodes(value, yaml_tree.Source(f"--set {path}"), noted)
        if len(noted) == before:
            found[path] = node.plain
    if report is None:
        noted.raise_if_any()
    return found


def pairs(texts: Sequence[str], report: Report, option: str, form: str) -> Iterator[tuple[str, str]]:
    """Paths and values of what an option was given; what has not its form is noted."""
    from tensionsim.scenario.yaml_tree import Source, SourceLocation

    for text in texts:
        path, equals, value = (part.strip() for part in text.partition("="))
        if equals and path and value:
            yield path, value
        else:
            report.add(SourceLocation(Source(option)), f"{text!r} is not {form}")


def loaded(path: str, outlook: str | None, assignments: Sequence[str]) -> Scenario:
    """The scenario with what several `PATH=VALUE` set; ScenarioError with all that is wrong."""
    import tensionsim as ts
    from tensionsim.runs.plan import base_of
    from tensionsim.scenario.yaml_tree import Report

    report = Report()
    values = values_of(assignments, report)
    scenario = base_of(lambda: ts.load(path, outlook=outlook, set=values), report)
    if scenario is None or len(report):
        report.stop()
    return scenario


def named(text: str) -> tuple[str, str]:
    """Name and outlook of `NAME=OUTLOOK`; a file whose own name has a `=` is an outlook without."""
    name, equals, outlook = text.partition("=")
    return (name.strip(), outlook) if equals and name.strip() and outlook and not Path(text).exists() else ("", text)


def refuse(is_wrong: object, message: str) -> None:
    """UsageError with the message where options contradict one another."""
    if is_wrong:
        raise click.UsageError(message, click.get_current_context(silent=True))


class Verb(click.Command):
    """A command; how its outcome is shown (`FORMS`) is left to `show`, and refused where it contradicts itself."""

    def invoke(self, ctx: click.Context) -> Any:
        given = ctx.params
        forms = [f"--{name.removeprefix('as_')}" for name in FORMS[:3] if given.get(name)]
        refuse(len(forms) > 1, f"{' and '.join(forms)} exclude each other")
        is_kept = given.get("output", given.get("store")) is not None
        refuse(given.get("replace") and not is_kept, "--replace goes with -o DIR: name the folder to start over in")
        if given.get("quiet") and given.get("progress") == "auto":
            given["progress"] = "none"
        ctx.meta.update({name: given.pop(name, None) for name in (*FORMS, *READ_BY)})
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stopped:
            click.echo(str(stopped) or "interrupted; nothing of it is kept", err=True)
            raise click.exceptions.Exit(130) from None


class Verbs(click.Group):
    """Verbs of a module, which `main` puts together."""

    command_class = Verb
