"""Limits and provenance: what the numbers do not say, and how to get them again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tensionsim.briefings import forms, names
from tensionsim.briefings.facts import Line, Sheets, say
from tensionsim.briefings.pages import Block, Paragraph, Points, Section, Table
from tensionsim.briefings.subject import Subject
from tensionsim.runs.statistics import settings
from tensionsim.runs.store import versions

MOST_NOTES = 5
FOLDERS = re.compile(r"\S*[/\\](?=[\w.-]+\.ya?ml)")
"""Where a file lies, which readers elsewhere need not know."""


def limits(sheets: Sheets, subject: Subject) -> Section:
    """What a reader must not take the numbers for."""
    fixed = [
        say(
            "This is a simulation under stated assumptions, not a forecast of events: use it to compare outlooks, and "
            "less for the level "
            "of any number."
        ),
        say(
            "Stances, scores and chances are judgements or start values set by hand, not estimates. Shares of runs "
            "and intervals carry "
            "the luck of the runs, not how wrong an assumption may be."
        ),
        say("A government is one actor; parties, courts and congresses appear only as checks and changes."),
    ]
    return Section("Limits", (Points((*fixed, *_notes(sheets, subject))),))


def _notes(sheets: Sheets, subject: Subject) -> Iterator[Line]:
    """What the comparison and the scenarios note of themselves, each once."""
    notes = list(subject.comparison.notes) if subject.comparison else []
    notes += [note for name in subject.order for note in subject.results[name].scenario.notes]
    told = list(dict.fromkeys(FOLDERS.sub("", note).rstrip(".").replace("_", " ") for note in notes))
    for note in told[:MOST_NOTES]:
        yield say("Note: {note}.", note=sheets.quote(note))
    if more := len(told[MOST_NOTES:]):
        sheets.put("setting", "more notes", value=more)
        count = sheets.fact("setting", "more notes", "value", forms.count)
        yield say("{count} more notes of the files are told by {command}.", count=count, command="tensionsim check")


def provenance(sheets: Sheets, subject: Subject) -> Section:
    """Scenario, hash, seed, runs, versions and command."""
    for name in subject.order:
        scenario = subject.results[name].scenario
        sheets.put("provenance", name, sha256=scenario.sha256)
    blocks: list[Block] = [_table(sheets, subject), Paragraph(_how(sheets, subject))]
    return Section("Provenance", tuple(blocks))


def _table(sheets: Sheets, subject: Subject) -> Table:
    rows = []
    for name in subject.order:
        results = subject.results[name]
        scenario, changed = results.scenario, settings(results.scenario.values)
        branch = f"{scenario.name}, outlook {scenario.outlook}" if scenario.outlook else scenario.name
        rows.append(
            (
                (names.outlook(sheets, name),),
                (sheets.quote(f"{branch} {changed}".strip()),),
                (sheets.fact("provenance", name, "sha256", forms.short_hash),),
            )
        )
    head = (say("Outlook"), say("scenario"), say("hash (SHA, first letters)"))
    return Table(say("The resolved scenarios."), head, tuple(rows), is_wordy=True)


def _how(sheets: Sheets, subject: Subject) -> Line:
    found = versions()
    for what, version in found.items():
        sheets.put("provenance", what, version=version)
    first = sheets.number("setting", "first run", "value")
    numbered = (
        say(" from number {first} on", first=sheets.fact("setting", "first run", "value", forms.count)) if first else ()
    )
    command = say(" Command: {command}", command=sheets.quote(subject.command)) if subject.command else ()
    return say(
        "{runs}{numbered}, seed {seed}; made by {versions}.{command}",
        runs=names.runs(sheets),
        numbered=numbered,
        seed=sheets.fact("setting", "seed", "value", forms.count),
        versions=sheets.quote(", ".join(f"{what} {version}" for what, version in found.items())),
        command=command,
    )
