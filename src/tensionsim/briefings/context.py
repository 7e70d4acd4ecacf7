"""Context: the situation at the start, from the scenario's data alone."""

from __future__ import annotations

from collections.abc import Iterator

from tensionsim.briefings import forms, names
from tensionsim.briefings.facts import Fact, Line, Part, Sheets, joined, say, together
from tensionsim.briefings.pages import Block, Paragraph, Points, Section
from tensionsim.briefings.subject import Subject

LAST_MOVES = 4
"""Observed moves before the start that are told."""


def context(sheets: Sheets, subject: Subject) -> Section:
    """Who meets over what, where the index stands, what is in force, what came last and what is due."""
    blocks: list[Block] = [
        Paragraph(together([_who(sheets, subject), _index(sheets, subject)])),
        *(Paragraph(line) for line in [together(list(_in_force(sheets, subject)))] if line),
        *_history(sheets, subject),
        *(Paragraph(line) for line in [_due(sheets, subject)] if line),
    ]
    return Section("Context", tuple(blocks))


def _who(sheets: Sheets, subject: Subject) -> Line:
    sides = [_led(sheets, subject, name) for name in subject.file.principals]
    issues: list[Part] = [names.issue(sheets, name) for name in subject.file.issues]
    third: list[Part] = [
        names.actor_within(sheets, subject, one) for one in subject.file.actors if one not in subject.file.principals
    ]
    others = say(
        " {names} {act}.",
        names=joined(third),
        act="act as third parties" if len(third) > 1 else "acts as a third party",
    )
    return say(
        "On {start} {sides} meet over {issues}.{others}",
        start=names.dated(sheets, "setting", "start"),
        sides=joined(sides),
        issues=joined(issues),
        others=others if third else (),
    )


def _led(sheets: Sheets, subject: Subject, name: str) -> Line:
    leader, shown = subject.file.actors[name].leader, names.actor(sheets, subject, name)
    return (
        say("{name} (leader {leader})", name=shown, leader=sheets.quote(leader))
        if leader
        else say("{name}", name=shown)
    )


def _index(sheets: Sheets, subject: Subject) -> Line:
    base = subject.baseline
    issues = list(subject.base.names.issues)
    level = {issue: sheets.number("issues", issue, f"{base}: start") for issue in issues}
    low, high = (pick(issues, key=lambda issue: level[issue]) for pick in (min, max))
    ends = say(
        " (lowest on {low} at {low_level}, highest on {high} at {high_level})",
        low=names.issue(sheets, low),
        low_level=sheets.fact("issues", low, f"{base}: start", forms.whole),
        high=names.issue(sheets, high),
        high_level=sheets.fact("issues", high, f"{base}: start", forms.whole),
    )
    bounds = [
        say("{name} from {bound}", name=name, bound=sheets.fact("bounds", name, "from", forms.whole))
        for name in list(sheets.cells["bounds"])[1:]
    ]
    return say(
        "The cooperation index runs from {least} (rupture) to {most} (alliance); its regimes are rupture at the "
        "bottom, {bounds}. "
        "It stands at {level}, {regime}{ends}.",
        least=sheets.fact("bounds", "rupture", "from", forms.whole),
        most=sheets.fact("bounds", "alliance", "to", forms.whole),
        bounds=joined(bounds),
        level=sheets.fact("index", base, "median at start", forms.whole),
        regime=str(sheets.value("index", base, "regime at start")),
        ends=ends if len(issues) > 1 and low != high else (),
    )


def _in_force(sheets: Sheets, subject: Subject) -> Iterator[Line]:
    """What presses and what holds between the two at the start; what both have is told once."""
    axes, record, sides = subject.base.names, subject.base.record, set(subject.file.principals)
    found: dict[bool, dict[str, list[str]]] = {True: {}, False: {}}
    for place, name in enumerate(axes.arrangements):
        kind, pair, _ = name.split(" | ")
        actor, target = pair.split(" -> ")
        if {actor, target} == sides and record.in_force[0, place].mean() > 0.5:
            who = "" if axes.arrangement_is_mutual[place] else subject.actor(actor)
            kinds = found[axes.arrangement_scores[place] < 0.0].setdefault(who, [])
            if kind not in kinds:
                kinds.append(kind)
    for presses, opening in ((True, "Measures that press between the two"), (False, "What still binds them")):
        if found[presses]:
            yield say("{opening}: {what}.", opening=opening, what=_by_actor(sheets, found[presses]))


def _by_actor(sheets: Sheets, kinds: dict[str, list[str]]) -> Line:
    parts = [
        say(
            "{who}{what}",
            who=say("{who}'s ", who=sheets.quote(who)) if who else say("in common "),
            what=joined([sheets.name(one) for one in some]),
        )
        for who, some in kinds.items()
    ]
    return joined(parts, last="; ") if len(parts) < 3 else _with_semicolons(parts)


def _with_semicolons(parts: list[Line]) -> Line:
    found: list[str | Fact] = []
    for place, part in enumerate(parts):
        found.extend([*(["; "] if place else []), *part])
    return tuple(found)


def _history(sheets: Sheets, subject: Subject) -> Iterator[Block]:
    """The last observed moves between the two before the start."""
    from tensionsim.events.history import names, observed

    file = subject.file
    if file.history not in names():
        return
    sides = set(file.principals)
    past = [one for one in observed(str(file.history)) if one.date < file.start and {one.actor, one.target} <= sides]
    if not past:
        return
    for place, one in enumerate(past[-LAST_MOVES:]):
        sheets.put("history", str(place), date=one.date.isoformat(), verified=one.verified)
    last = [
        say(
            "{date}: {what}",
            date=sheets.fact("history", str(place), "date", forms.date),
            what=sheets.quote(one.description),
        )
        for place, one in enumerate(past[-LAST_MOVES:])
    ]
    yield Paragraph(say("What the curated history observed last between the two:"))
    yield Points(tuple(last))


def _due(sheets: Sheets, subject: Subject) -> Line:
    """What the file lets happen on a date, whatever the state."""
    file, due = subject.file, list[tuple[str, Line]]()
    for move in file.schedule:
        what = say("{who}: {move}", who=names.actor(sheets, subject, move.actor), move=sheets.name(move.move))
        due.append((move.date.isoformat(), what))
    for change in file.changes:
        label = change.label or change.leader or "a change"
        who = say("{who}: ", who=names.actor(sheets, subject, change.actor)) if change.actor else ()
        due.append((change.date.isoformat(), say("{who}{what}", who=who, what=sheets.quote(label))))
    for actor, days in file.elections.items():
        for day in days if isinstance(days, list) else [days]:
            due.append((day.isoformat(), say("{who}: election", who=names.actor(sheets, subject, actor))))
    inside = sorted(
        (date, place) for place, (date, _) in enumerate(due) if str(subject.dates[0]) <= date <= str(subject.dates[-1])
    )
    if not inside:
        return ()
    lines = []
    for number, (date, place) in enumerate(inside):
        sheets.put("due", str(number), date=date)
        lines.append(
            say("{what} ({date})", what=due[place][1], date=sheets.fact("due", str(number), "date", forms.date))
        )
    base = say(" in {base}", base=names.outlook(sheets, subject.baseline)) if subject.others else ()
    return say("Due{base}: {lines}.", base=base, lines=_with_semicolons(lines))
