"""The verbs: each loads, calls, shows. Packages are imported inside them, so that `--help` is quick."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from tensionsim import __version__

SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
COMPLETION = """Words complete in your shell after this line in ~/.bashrc (for zsh: zsh_source, in ~/.zshrc):

\b
  eval "$(_TENSIONSIM_COMPLETE=bash_source tensionsim)"
"""

AT_LEAST_0, AT_LEAST_1 = click.IntRange(min=0), click.IntRange(min=1)


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
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="Write tables and plots.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the summary.")
@click.option("-q", "--quiet", is_flag=True, help="Print neither summary nor progress; with -o or --json.")
@click.pass_obj
def run(typed: str, /, **options: Any) -> None:
    """Run a scenario and summarise it.

    SCENARIO is a file, or the name of a shipped scenario (see `tensionsim scenarios`). With -o, results go to a folder,
    which appears whole or not at all; results that stand there are replaced, anything else is left alone.
    """
    from tensionsim.cli import running

    running.run(running.Request(typed=typed, **options))


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
def new(name: str, source: str | None) -> None:
    """Write a scenario to start from.

    It goes to NAME.yaml, with comments. What is there already is never overwritten.
    """
    from tensionsim.cli import starting

    path = starting.write(name, source)
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
    from tensionsim.scenario import json_schema

    click.echo(listings.as_json(json_schema()))
