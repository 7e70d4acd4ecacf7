"""Notes: what a checked scenario does otherwise, or less, than its author may think."""

from __future__ import annotations

from collections.abc import Iterator

from tensionsim.scenario.problems import quoted
from tensionsim.scenario.quantities import Keys, parse
from tensionsim.scenario.schema import Actor, Alternative, Change, ScenarioFile
from tensionsim.scenario.timeline import Span, snap_note

FADED_MONTHS = 24
"""Months without an observed move after which little is left of a history's conduct and memories."""

DAYS_PER_MONTH = 365 / 12

KEYED = ("stances", "salience", "dependence", "affinity", "yardstick")
"""Attributes of an actor that have a value for each of several names."""


def notes_on(file: ScenarioFile) -> Iterator[str]:
    """What to say about a scenario's history, its changes and the dates that fall between steps."""
    yield from _faded(file)
    yield from dict.fromkeys(_without_channel(file))
    yield from dict.fromkeys(_inherited(file))
    yield from _snapped(file)


def _faded(file: ScenarioFile) -> Iterator[str]:
    from tensionsim.history import curated

    if file.history not in curated.names():
        return
    last = curated.observed(file.history)[-1].date
    months = (file.start - last).days / DAYS_PER_MONTH
    if months > FADED_MONTHS:
        yield (
            f"history {quoted(file.history)} ends {months:.0f} months before the start, with a move of {last}: "
            "conduct and memories of it have faded; what was in force then still is"
        )


def _without_channel(file: ScenarioFile) -> Iterator[str]:
    """Notes on changes to stances and relations that come too late to bring a third party in.

    Channels are laid at the start, from the stances and relations of that day.
    """
    for date, (_, actor, attribute, other) in _changed(file):
        if attribute == "stances" and actor not in file.principals and other not in (file.actors[actor].stances or {}):
            yield (
                f"the change of {date} gives {quoted(actor)} a stance on {quoted(other)} but no channel: a third "
                "party takes part only in issues on which it holds a stance from the start"
            )
        elif attribute in ("affinity", "dependence") and _are_strangers(actor, other, file):
            yield (
                f"the change of {date} sets the {attribute} of {quoted(actor)} to {quoted(other)} but opens no "
                "channel between them: either must state an affinity or dependence from the start"
            )


def _inherited(file: ScenarioFile) -> Iterator[str]:
    """Notes on what a new leader would take over from an old one, being silent about it."""
    for change in file.changes:
        parts: list[Change | Alternative] = [change, *change.one_of]
        for new in sorted({part.leader for part in parts if part.leader is not None}):
            for old in sorted(_leaders_of(str(change.actor), file) - {new}):
                if kept := sorted(_said_by(old, file) - _said_by(new, file)):
                    yield (
                        f"leader {quoted(new)}, who comes on {change.date}, is silent about {', '.join(kept)}: "
                        f"what {quoted(old)} set there would stay, if it led before"
                    )


def _leaders_of(actor: str, file: ScenarioFile) -> set[str]:
    """Who leads an actor from the start or may come to lead it."""
    named = {file.actors[actor].leader, *(change.leader for change in file.changes if change.actor == actor)}
    named |= {part.leader for change in file.changes if change.actor == actor for part in change.one_of}
    return {name for name in named if name is not None}


def _said_by(leader: str, file: ScenarioFile) -> set[str]:
    """What a leader's patch sets: attributes, and keys of those that have keys."""
    said = file.leaders[leader].model_dump(exclude_none=True, exclude={"rules", "checks"})
    keyed = {f"{name}.{key}" for name in KEYED for key in said.get(name, {})}
    return keyed | {name for name in said if name not in KEYED}


def _changed(file: ScenarioFile) -> Iterator[tuple[object, Keys]]:
    """Date and path of each stance and relation that a change, or a leader who comes by one, sets."""
    for change in file.changes:
        parts: list[Change | Alternative] = [change, *change.one_of]
        for part in parts:
            found = [parse(text) for text in part.set]
            patch = file.leaders[part.leader] if part.leader else None
            for attribute in ("stances", "affinity", "dependence"):
                others = getattr(patch, attribute, None) or ()
                found += [("actors", str(change.actor), attribute, name) for name in others]
            yield from ((change.date, path) for path in found if path[0] == "actors" and len(path) == 4)


def _are_strangers(one: str, other: str, file: ScenarioFile) -> bool:
    if {one, other} == set(file.principals) or one == other:
        return False
    return not _knows(file.actors[one], other) and not _knows(file.actors[other], one)


def _knows(actor: Actor, other: str) -> bool:
    return other in (actor.affinity or {}) or other in (actor.dependence or {})


def _snapped(file: ScenarioFile) -> Iterator[str]:
    span = Span(file.start, file.end, file.step)
    dated = [("the move " + quoted(one.move), one.date) for one in file.schedule]
    dated += [
        ("the change " + quoted(one.label or one.leader or "") if one.label or one.leader else "the change", one.date)
        for one in file.changes
    ]
    for what, date in dated:
        if note := snap_note(date, what, span):
            yield note
