"""Names of events, issues, actors and outlooks as sentences have them."""

from __future__ import annotations

from tensionsim.briefings import forms
from tensionsim.briefings import subject as subjects
from tensionsim.briefings.facts import Fact, Line, Sheets, say
from tensionsim.briefings.subject import Subject


def outlook(sheets: Sheets, name: str) -> Fact:
    """The name of an outlook, set apart."""
    return sheets.quote(name, forms.emphasis)


def event(sheets: Sheets, subject: Subject, name: str, *, is_first: bool = False) -> Line:
    """An event with its meaning, where it is a bound of the index; with a capital where it begins a sentence."""
    spec = subject.file.events.get(name)
    if name == subjects.DEEP and spec is None:
        bound = sheets.fact("setting", "deep bound", "value", forms.whole)
        shown = name.capitalize() if is_first else name
        return say("{name} (the index below {bound})", name=shown, bound=bound)
    named = sheets.name(name, is_first=is_first)
    if spec is None or not spec.cooperation:
        return say("{name}", name=named)
    bounds = "".join(
        f" {side} {getattr(spec, side):g}" for side in ("above", "below") if getattr(spec, side) is not None
    )
    bound = sheets.quote(spec.cooperation.removeprefix("index").strip() + bounds)
    issue = say(" on {issue}", issue=sheets.name(spec.issue)) if spec.issue else ()
    time = say(" for {time} or longer", time=sheets.quote(spec.for_)) if spec.for_ else ()
    return say("{name} (the index{issue} {bound}{time})", name=named, issue=issue, bound=bound, time=time)


def issue(sheets: Sheets, name: str) -> Fact:
    """An issue."""
    return sheets.name(name)


def actor(sheets: Sheets, subject: Subject, name: str) -> Fact:
    """An actor by its label."""
    return sheets.quote(subject.actor(name))


def actor_within(sheets: Sheets, subject: Subject, name: str) -> Fact:
    """The same within a sentence: an article is small there."""
    shown = subject.actor(name)
    return sheets.quote(f"the {shown.removeprefix('The ')}" if shown.startswith("The ") else shown)


def dated(sheets: Sheets, table: str, row: str, column: str = "value") -> Fact:
    """A date of a sheet."""
    return sheets.fact(table, row, column, forms.date)


def runs(sheets: Sheets) -> Fact:
    """The number of runs."""
    return sheets.fact("setting", "runs", "value", forms.runs)
