"""`tensionsim check` and `tensionsim show`: what a scenario file holds."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from tensionsim.cli.screen import Screen, detect
from tensionsim.errors import ScenarioError

if TYPE_CHECKING:
    from tensionsim.scenario.scenario import Scenario


def check(files: Sequence[str]) -> int:
    """Reports on every file; the exit status is 2 where one cannot be used."""
    from tensionsim.scenario.scenario import load

    screen, bad = detect(), 0
    for file in files:
        try:
            scenario = load(file)
        except ScenarioError as problems:
            bad += 1
            count = len(problems.problems)
            click.echo(f"{problems}\n{file}: {count} problem{'s' if count > 1 else ''}", err=True)
        else:
            click.echo("\n".join(_report(file, scenario, screen)))
    return 2 if bad else 0


def _report(file: str, scenario: Scenario, screen: Screen) -> Iterator[str]:
    content = scenario.file
    counted: list[tuple[Mapping[str, object], str]] = [
        (content.actors, "actor"),
        (content.issues, "issue"),
        (content.outlooks, "outlook"),
    ]
    yield from map(screen.bold, screen.wrapped(f"{file}: good"))
    facts = [
        scenario.title,
        f"{content.start} to {content.end}, by {content.step}: {len(scenario.steps) - 1} steps",
        ", ".join(_counted(things, word) for things, word in counted),
        *_stability(scenario),
        *(f"note: {note}" for note in scenario.notes),
    ]
    for fact in facts:
        yield from screen.wrapped(fact, "  ", "    ")


def _counted(things: Mapping[str, object], word: str) -> str:
    names = f" ({', '.join(map(str, things))})" if things else ""
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}{names}"


def _stability(scenario: Scenario) -> Iterator[str]:
    from tensionsim.engine.stability import stability_of

    found = stability_of(scenario)
    yield f"branching ratio {found.branching:.2f}: {_verdict(found.branching, 'events breed events without end')}"
    yield f"tone feedback {found.tone:.2f}: {_verdict(found.tone, 'reaction beats fatigue')}"
    yield f"most unstable direction: {found.direction}"


def _verdict(radius: float, danger: str) -> str:
    return "stable, below 1" if radius < 1.0 else f"UNSTABLE, not below 1: {danger}"


def resolved(file: str, other: str | None, outlook: str | None) -> str:
    """The resolved text of a scenario, or its difference from another's."""
    from tensionsim.scenario.scenario import load

    scenario = load(file, outlook=outlook)
    if other is None:
        return scenario.text
    before, after = (text.splitlines(keepends=True) for text in (load(other).text, scenario.text))
    return "".join(difflib.unified_diff(before, after, fromfile=other, tofile=file))
