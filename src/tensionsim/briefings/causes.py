"""Causes: what moved the index, and which differences of the files make an outlook's."""

from __future__ import annotations

import re

from tensionsim.briefings import forms, names
from tensionsim.briefings.facts import Line, Sheets, joined, say
from tensionsim.briefings.measuring import SURE
from tensionsim.briefings.pages import Block, Paragraph, Section, Table
from tensionsim.briefings.subject import Subject, words

MOST_ROWS = 8
DATED = re.compile(r"(?P<date>\d{4}-\d\d-\d\d) (?P<who>[\w-]+)(?: -> (?P<target>[\w-]+))?: (?P<what>.*)")


def causes(sheets: Sheets, subject: Subject) -> Section:
    """The ledger's movers, and the effects of what differs or is dated."""
    blocks: list[Block] = [Paragraph(_movers(sheets, subject))]
    if subject.effects:
        blocks += [
            Paragraph(_method(sheets, subject)),
            _side_by_side(sheets, subject) if subject.others else _one(sheets, subject),
        ]
    return Section("What moves it", tuple(blocks))


def _movers(sheets: Sheets, subject: Subject) -> Line:
    """What moved the mean index of the baseline most, from its start to its end."""
    rows = sheets.cells.get("movers", {})
    if not rows:
        return say("Nothing moves the mean index between start and end.")
    parts = [
        say(
            "{who}: {what} {points}",
            who=names.actor(sheets, subject, str(cells["actor"])),
            what=sheets.name(_what(str(cells["what"]))),
            points=sheets.fact("movers", row, "points", forms.signed),
        )
        for row, cells in rows.items()
    ]
    change = sheets.number("setting", "change", "value")
    size = sheets.fact("setting", "change", "value", forms.points)
    moved = say("by {size}", size=size) if size.text.split(forms.FIXED)[0] != "0.0" else say("hardly at all")
    where = say(" with {name}", name=names.outlook(sheets, subject.baseline)) if subject.others else ()
    verb = "rises" if change > 0 else "falls"
    return say(
        "From start to end the mean index{where} {verb} {moved}. The ledger, which splits it exactly among moves and "
        "arrangements, "
        "names as the largest parts of that change, in points: {parts}.",
        where=where, verb="moves" if moved == ("hardly at all",) else verb, moved=moved, parts=_semicolons(parts),
    )  # fmt: skip


def foremost(sheets: Sheets, subject: Subject) -> Line:
    """For the bottom line: the mover of the most points."""
    if subject.others or "movers" not in sheets.cells:
        return ()
    row, cells = next(iter(sheets.cells["movers"].items()))
    return say(
        "What moves the mean index most from start to end is {who}: {what}, by {points}.",
        who=names.actor_within(sheets, subject, str(cells["actor"])),
        what=sheets.name(_what(str(cells["what"]))),
        points=say("{size} points", size=sheets.fact("movers", row, "points", forms.signed)),
    )


def _what(name: str) -> str:
    return "the fading of moves before the start" if name == "moves before the start" else name


def _semicolons(parts: list[Line]) -> Line:
    found: list[Line] = [part if place == 0 else ("; ", *part) for place, part in enumerate(parts)]
    return tuple(piece for part in found for piece in part)


def _method(sheets: Sheets, subject: Subject) -> Line:
    """What was taken apart, and how."""
    what = "the differences of the files" if subject.others else "what the file dates or rules"
    worlds = sum(int(sheets.number("effects of", name, "worlds")) for name in subject.effects)
    sheets.put("setting", "worlds", value=worlds)
    few, many = (
        pick(subject.effects, key=lambda name: sheets.number("effects of", name, "runs")) for pick in (min, max)
    )
    most = sheets.fact("effects of", many, "runs", forms.runs)
    runs = (
        most
        if few == many
        else say("{few} to {many}", few=sheets.fact("effects of", few, "runs", forms.count), many=most)
    )
    return say(
        "The table takes apart {what}, in {worlds} worlds of {runs} under the same luck, with and without each. A "
        "part is the mean "
        "effect over all orders in which they could come; the parts add up{totals}.",
        what=what,
        worlds=sheets.fact("setting", "worlds", "value", forms.count),
        runs=runs,
        totals=_totals(sheets, subject),
    )


def _totals(sheets: Sheets, subject: Subject) -> Line:
    parts = [
        say(
            "{total}{where}",
            total=sheets.fact("effects of", name, "total", forms.signed),
            where=say(" with {name}", name=names.outlook(sheets, name)) if subject.others else (),
        )
        for name in subject.effects
    ]
    return say(" to {parts}", parts=joined(parts))


def _caption(sheets: Sheets, subject: Subject) -> Line:
    first = next(iter(subject.effects))
    of = str(sheets.value("effects of", first, "of"))
    quantity = (
        say("the mean index at the end")
        if of == "index"
        else say("the share of runs with {event}", event=sheets.name(of))
    )
    return say("Effects on {quantity}, in {unit}; ± is a standard error.", quantity=quantity, unit=_unit(sheets, first))


def _unit(sheets: Sheets, name: str) -> str:
    return "points" if sheets.value("effects of", name, "unit") == "points" else "percentage points"


def _effect(sheets: Sheets, table: str, row: str) -> Line:
    return say(
        "{effect} (±{error})",
        effect=sheets.fact(table, row, "effect", forms.signed),
        error=sheets.fact(table, row, "error", forms.size),
    )


def _one(sheets: Sheets, subject: Subject) -> Table:
    """The elements of one scenario, with what each does."""
    (name,) = subject.effects
    table = f"effects: {name}"
    rows = [
        (
            (sheets.name(element_words(subject, str(cells["element"]))),),
            _effect(sheets, table, row),
            (sheets.fact(table, row, "alone", forms.signed),),
        )
        for row, cells in sheets.cells[table].items()
    ]
    head = (say("Element"), say("effect"), say("lost without it alone"))
    return Table(_caption(sheets, subject), head, tuple(rows))


def _side_by_side(sheets: Sheets, subject: Subject) -> Table:
    """What the files say otherwise, with what it does in each outlook."""
    rows: dict[str, dict[str, Line]] = {}
    for name in subject.effects:
        for row, cells in sheets.cells[f"effects: {name}"].items():
            what, value = _parted(subject, str(cells["element"]))
            shown = say("{to}: ", to=sheets.quote(value)) if value else ()
            rows.setdefault(what, {})[name] = (*shown, *_effect(sheets, f"effects: {name}", row))
    table = [
        ((sheets.name(what),), *(cells.get(name, say("–")) for name in subject.effects))
        for what, cells in list(rows.items())[:MOST_ROWS]
    ]
    head = (say("What differs, and becomes"), *((names.outlook(sheets, name),) for name in subject.effects))
    return Table(_caption(sheets, subject), head, tuple(table))


def _parted(subject: Subject, element: str) -> tuple[str, str]:
    """What differs, and what it becomes: "Washington's rhetoric", "0.45"; nothing where there is no such value."""
    label = element_words(subject, element)
    what, colon, change = label.partition(": ")
    _, arrow, after = change.partition(" → ")
    return (what, after) if colon and arrow and "(" not in after else (label, "")


def element_words(subject: Subject, element: str) -> str:
    """The label of an element in words: "Washington's rhetoric: 0.9 → 0.45", "Norland: seize trawler (3 June 2030)"."""
    if dated := DATED.fullmatch(element):
        target = f" to {subject.actor(dated['target'])}" if dated["target"] else ""
        return f"{subject.actor(dated['who'])}{target}: {words(dated['what'])} ({forms.date(dated['date'])})"
    path, colon, what = element.partition(": ")
    keys = path.split(".")
    if keys[0] == "actors" and len(keys) > 2:
        path = f"{subject.actor(keys[1])}'s {' '.join(map(words, keys[2:]))}"
    return f"{path}{colon}{words(what).replace('->', '→')}"


def attribute_of(element: str) -> str:
    """The attribute that an element changes, whoever's it is; the whole label of one that changes none."""
    keys = element.partition(": ")[0].split(".")
    return keys[2] if keys[0] == "actors" and len(keys) > 2 else element


def in_short(sheets: Sheets, subject: Subject, name: str) -> Line:
    """Which attributes of the actors make an outlook's effect, and which do nothing that could be told."""
    if name not in subject.effects or len(sheets.cells[f"effects: {name}"]) < 2:
        return ()
    _group(sheets, name)
    table = f"attributes: {name}"
    rows = sorted(sheets.cells[table], key=lambda row: -abs(sheets.number(table, row, "effect")))
    sure = [
        row
        for row in rows
        if abs(sheets.number(table, row, "effect")) > SURE * sheets.number(table, row, "error") > 0.0
    ]
    if not sure or len(rows) < 2:
        return ()
    told = [
        say(
            "{what}{makes} {size}",
            what=_attribute(sheets, row),
            makes="" if place else " makes",
            size=sheets.fact(table, row, "effect", forms.signed),
        )
        for place, row in enumerate(sure[:3])
    ]  # fmt: skip
    unsure = [_attribute(sheets, row) for row in rows if row not in sure]
    runs = sheets.fact("effects of", name, "runs", forms.runs)
    nothing = say("; {what} make nothing that {runs} could tell", what=joined(unsure), runs=runs)
    if len(unsure) == 1:
        nothing = say("; {what} makes nothing that {runs} could tell", what=unsure[0], runs=runs)
    return say(
        "Taken apart{part}, of the {total} {unit}{event}, {told}{nothing}.",
        total=sheets.fact("effects of", name, "total", forms.signed),
        unit=_unit(sheets, name),
        event=_of_event(sheets, name),
        part=""
        if runs.text == sheets.fact("setting", "runs", "value", forms.runs).text
        else say(" over the first {runs}", runs=runs),
        told=joined(told),
        nothing=nothing if unsure else (),
    )


def _of_event(sheets: Sheets, name: str) -> Line:
    of = str(sheets.value("effects of", name, "of"))
    return () if of == "index" else say(" of {event}", event=sheets.name(of))


def _group(sheets: Sheets, name: str) -> None:
    """Sums effects by attribute; the error of a sum is at most the sum of the errors."""
    sums: dict[str, tuple[float, float]] = {}
    for row, cells in sheets.cells[f"effects: {name}"].items():
        attribute = attribute_of(str(cells["element"]))
        effect, error = sums.get(attribute, (0.0, 0.0))
        table = f"effects: {name}"
        sums[attribute] = (effect + sheets.number(table, row, "effect"), error + sheets.number(table, row, "error"))
    for attribute, (effect, error) in sums.items():
        sheets.put(f"attributes: {name}", attribute, effect=effect, error=error)


def _attribute(sheets: Sheets, name: str) -> Line:
    """An attribute with what it is, in the words of the format."""
    from tensionsim.scenario.schema import ActorPatch

    known = ActorPatch.model_fields.get(name)
    about = say(" ({about})", about=sheets.quote(known.description)) if known is not None and known.description else ()
    return say("{name}{about}", name=sheets.name(name), about=about)
