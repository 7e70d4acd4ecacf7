"""Verbs that go on while the world does: watch, play."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tensionsim.cli import options
from tensionsim.cli.options import AT_LEAST_2, DAY, check_reading, loaded, read, reading, reading_given
from tensionsim.cli.terminal import Screen, counted, detect, show, table

if TYPE_CHECKING:
    from tensionsim.live.play import Game

verbs = options.Verbs()


@verbs.command()
@click.argument("scenario")
@options.events("What happened: all of it or what is new; default the history that the scenario names.")
@reading
@click.option("--until", type=DAY, metavar="DATE", help="Last day that FILE covers; default that of its last event.")
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
    from tensionsim.live.watch import watch as take_in
    from tensionsim.scenario.names import catalogue_of

    check_reading(events)
    given, history = loaded(scenario, outlook, assignments), None
    if events is not None and not reading_given():
        history = read_own(events, catalogue_of(given.file.moves, given.file.arrangement_kinds).moves)
    if events is not None and history is None:
        history = read(events)
    how |= {"horizons": how["horizons"].split(","), "store": how.pop("output")}
    found = take_in(given, history, **how)
    show(lambda screen: watch_lines(found.summary(), screen), found)


def watch_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of a living forecast (`Watch.summary()`), laid out for the screen."""
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
    from tensionsim.live.play import Game, serve
    from tensionsim.runs.store import check_target

    output: Path | None = how.pop("output")
    game = Game(loaded(scenario, outlook, assignments), **how)
    if output is not None:
        check_target(output)

    def say(said: dict[str, Any]) -> None:
        lines = play_lines if said["say"] == "end" else turn_lines
        click.echo(json.dumps(said, allow_nan=False) if protocol else "\n".join(lines(said, detect())))

    serve(game, sys.stdin if protocol else typed_lines(game), say, runs)
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


def typed_lines(game: Game) -> Iterator[str]:
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
            click.echo(HELP if words[0] == "help" else "\n".join(menu_lines(game.turn(), words[1:], detect())))
        else:
            yield line


def turn_lines(said: Mapping[str, Any], screen: Screen) -> Iterator[str]:
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


def menu_lines(turn: Mapping[str, Any], issues: list[str], screen: Screen) -> Iterator[str]:
    """What can be done now, the friendliest first, and what is in force."""
    if strange := [name for name in issues if name not in turn["issues"]]:
        yield from screen.wrapped(f"no issue {strange[0]!r}; there is {', '.join(turn['issues'])}")
    for one in turn["channels"]:
        if not issues or one["issue"] in issues:
            moves = ", ".join(f"{name} {score:+g}" for name, score in reversed(one["menu"].items()))
            where = f"to {one['target']} on {one['issue']}, {one['track']}"
            yield from screen.wrapped(f"{where}: {moves or 'nothing'}", hanging="  ")
    yield from screen.wrapped(f"in force: {'; '.join(turn['in_force']) or 'nothing'}", hanging="  ")


def play_lines(summary: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The summary of a game (`Game.summary()`), laid out for the screen."""
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
