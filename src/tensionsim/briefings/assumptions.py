"""Assumptions: what the outlooks take for granted, where they differ, and what the files name as sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tensionsim.analysis.elements import Element, Mixture, at
from tensionsim.briefings import causes, forms, names
from tensionsim.briefings.facts import Line, Sheets, joined, say
from tensionsim.briefings.pages import Block, Paragraph, Points, Section, Table
from tensionsim.briefings.subject import Subject, words
from tensionsim.errors import SelectionError
from tensionsim.runs.statistics import plain
from tensionsim.scenario.distributions import FAMILIES, parse
from tensionsim.scenario.schema import Check, Rule

MOST_ROWS = 14
LISTED = ("schedule", "changes")
UNSAID = "–"
PLAIN_UNIT = re.compile(r"[^\W\d_][^\d,;=()]*$")


def assumptions(sheets: Sheets, subject: Subject) -> Section:
    """Which assumptions part the outlooks, and what all rest on."""
    blocks: list[Block] = []
    if subject.others:
        blocks += [Paragraph(_which(sheets, subject)), *_differing(sheets, subject)]
    heading = "Which outlook under which assumptions" if subject.others else "Assumptions and sources"
    return Section(heading, (*blocks, *_resting_on(sheets, subject)))


def _which(sheets: Sheets, subject: Subject) -> Line:
    """What can and what cannot be said of the outlooks' own likelihood."""
    key = subject.key
    counted = [name for name in subject.order if subject.event_of(name, key) is not None]
    shares = {name: sheets.number("events", key, f"{name}: ever") for name in counted}
    opening = say(
        "The model gives no probability to an outlook: that depends on which of the assumptions below come to hold, "
        "and these are "
        "its input."
    )
    if len(counted) < 2 or max(shares.values()) == min(shares.values()):
        return opening
    most, least = max(counted, key=lambda name: shares[name]), min(counted, key=lambda name: shares[name])
    return say(
        "{opening} Of those told of here, {event} is likeliest under the assumptions of {most} ({high}) and least "
        "likely under "
        "those of {least} ({low}).",
        opening=opening,
        event=sheets.quote(key),
        most=names.outlook(sheets, most),
        high=sheets.fact("events", key, f"{most}: ever", forms.percent),
        least=names.outlook(sheets, least),
        low=sheets.fact("events", key, f"{least}: ever", forms.percent),
    )


def _differing(sheets: Sheets, subject: Subject) -> Iterator[Block]:
    """The table of what the files say otherwise than the baseline's."""
    rows: dict[str, dict[str, str]] = {}
    for name in subject.others:
        for label, before, after in _differences(subject, name):
            rows.setdefault(label, {})[name] = after
            rows[label].setdefault(subject.baseline, before)
    if not rows:
        yield Paragraph(say("The files do not differ in anything that has an effect."))
        return
    shown = list(rows.items())[:MOST_ROWS]
    table = [
        ((sheets.name(label),), *(_given(sheets, cells, name, subject.baseline) for name in subject.order))
        for label, cells in shown
    ]
    head = (say("Assumption"), *((names.outlook(sheets, name),) for name in subject.order))
    more = len(rows) - len(shown)
    sheets.put("setting", "differences not shown", value=more)
    rest = say(
        "; {count} more are not shown", count=sheets.fact("setting", "differences not shown", "value", forms.count)
    )
    caption = say("Assumptions that differ between the outlooks{rest}.", rest=rest if more else ())
    yield Table(caption, head, tuple(table), is_wordy=True)


def _given(sheets: Sheets, cells: Mapping[str, str], name: str, baseline: str) -> Line:
    """What an outlook says; where it says what the baseline does, that."""
    return (sheets.quote(cells.get(name, cells.get(baseline, UNSAID)) or UNSAID),)


def _differences(subject: Subject, name: str) -> Iterator[tuple[str, str, str]]:
    """What is assumed, the baseline's value and the outlook's, of each difference of two files."""
    base, other = (subject.results[one].scenario for one in (subject.baseline, name))
    try:
        mixed = Mixture.of(base, other)
    except SelectionError:
        return
    for one in mixed.everything:
        yield from _told(subject, mixed, one)


def _told(subject: Subject, mixed: Mixture, one: Element) -> Iterator[tuple[str, str, str]]:
    keys = one.places[0]
    if len(one.places) > 1 or keys[0] in LISTED:
        yield causes.element_words(subject, one.label), "no", "yes"
        return
    before, after = (at(said, keys) for said in mixed.said)
    label = causes.element_words(subject, f"{'.'.join(map(str, keys))}: ").removesuffix(": ")
    yield label, _value(before), _value(after)


def _value(value: Any) -> str:
    """A value of a file in a few words."""
    if value is None:
        return UNSAID
    if isinstance(value, Mapping) and len(value) == 1 and set(value) <= set(FAMILIES):
        ((family, numbers),) = value.items()
        return f"{family} {', '.join(f'{number:g}' for number in numbers)}"
    if isinstance(value, Mapping) and not all(isinstance(item, (int, float, list)) for item in value.values()):
        return "as in its file"
    shown = plain(value)
    if isinstance(shown, dict):
        return ", ".join(f"{words(str(key))} {item}" for key, item in shown.items())
    return str(shown)


def _resting_on(sheets: Sheets, subject: Subject) -> Iterator[Block]:
    """What all outlooks rest on, with the sources that the file of the baseline names."""
    told = [
        *_chances(sheets, subject),
        *_uncertain(sheets, subject),
        *_indicators(sheets, subject),
        *_abouts(sheets, subject),
    ]
    history = _history(sheets, subject)
    lines = [history, *told] if history else told
    if lines:
        where = say("All outlooks rest on") if subject.others else say("The runs rest on")
        yield Paragraph(say("{where} what the file takes for granted, with the source that it names:", where=where))
        yield Points(tuple(lines))


def _history(sheets: Sheets, subject: Subject) -> Line:
    from tensionsim.events.history import names, observed

    file = subject.file
    if file.history not in names():
        return ()
    past = [one for one in observed(str(file.history)) if one.date < file.start]
    if not past:
        return ()
    checked = sum(one.verified == "yes" for one in past)
    sheets.put("setting", "observed moves", value=len(past))
    sheets.put("setting", "observed moves with a source", value=checked)
    return say(
        "The past: {count} observed moves before the start, curated by hand, of which a source was seen to state "
        "{checked}.",
        count=sheets.fact("setting", "observed moves", "value", forms.count),
        checked=sheets.fact("setting", "observed moves with a source", "value", forms.count),
    )


def _chances(sheets: Sheets, subject: Subject) -> Iterator[Line]:
    """What is drawn in each run on a date."""
    for number, change in enumerate(subject.file.changes):
        if not change.one_of:
            continue
        ways = []
        for place, one in enumerate(change.one_of):
            row = f"{number}, {place}"
            sheets.put("chances", row, chance=one.chance)
            label = sheets.quote(one.label or one.leader or "another way")
            ways.append(
                say("{label} {chance}", label=label, chance=sheets.fact("chances", row, "chance", forms.percent))
            )
        sheets.put("chances", f"{number}", date=change.date.isoformat())
        yield say(
            "On {date}, {what}: {ways} (drawn in each run).",
            date=sheets.fact("chances", f"{number}", "date", forms.date),
            what=sheets.quote(change.label or "a change"),
            ways=joined(ways, last=", "),
        )


def _uncertain(sheets: Sheets, subject: Subject) -> Iterator[Line]:
    """Numbers that the file leaves open within a range."""
    found = []
    for actor, spec in subject.file.actors.items():
        for path, value in _distributions(spec.model_dump(exclude_none=True, by_alias=True), ()):
            found.append(f"{subject.actor(actor)}'s {' '.join(map(words, path))} ({_value(value)})")
    if found:
        yield say("Left open, drawn in each run: {what}.", what=joined([sheets.quote(one) for one in found]))


def _distributions(tree: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(tree, Mapping):
        if len(tree) == 1 and set(tree) <= set(FAMILIES):
            yield path, tree
            return
        for key, value in tree.items():
            yield from _distributions(value, (*path, str(key)))


def _indicators(sheets: Sheets, subject: Subject) -> Iterator[Line]:
    for name, spec in subject.file.indicators.items():
        sheets.put("indicators", name, value=float(parse(spec.value).mean))
        about = say(" {about}", about=sheets.quote(_stopped(spec.about))) if spec.about else ()
        yield say(
            "{name} at the start: {value} {unit}.{about}"
            if PLAIN_UNIT.match(spec.unit)
            else "{name} at the start: {value} ({unit}).{about}",
            name=sheets.name(name, is_first=True),
            value=sheets.fact("indicators", name, "value", forms.figure),
            unit=sheets.quote(spec.unit),
            about=about,
        )


def _stopped(text: str) -> str:
    return text if text.rstrip().endswith((".", "!", "?")) else f"{text.rstrip()}."


def _abouts(sheets: Sheets, subject: Subject) -> Iterator[Line]:
    """Doctrines and checks in force from the start, in the words of the file."""
    for actor, spec in subject.file.actors.items():
        named: list[tuple[str, Rule | Check]] = [*(spec.rules or {}).items(), *(spec.checks or {}).items()]
        for label, one in named:
            if one.about:
                yield say(
                    "{who}, {label}: {about}",
                    who=names.actor(sheets, subject, actor),
                    label=sheets.quote(label),
                    about=sheets.quote(_stopped(one.about)),
                )  # fmt: skip
