"""What a scenario refers to: who and what there is, where a move is made, which events came before its start.

A loaded scenario holds the events of its history themselves, as text in the package's own form, so that its text runs
by itself: what is kept of a run needs no file beside it, and a file that was changed since makes another scenario.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tensionsim.errors import EventError, TensionSimError
from tensionsim.events import history as past
from tensionsim.model.catalogue import ANYONE, OWN_QUANTITIES, Arrangement, Catalogue, Move, parse_shift, shipped
from tensionsim.model.mechanisms import AS_WRITTEN, SCALE, Mechanism, mechanism_parameters
from tensionsim.model.parameters import ENGINE, Parameter
from tensionsim.scenario.quantities import date_of
from tensionsim.scenario.schema import MOST_ACTORS, NO_HISTORY, ArrangementSpec, HistorySpec, MoveSpec, ScenarioFile
from tensionsim.scenario.validation import check
from tensionsim.scenario.yaml_tree import Node, Report, SourceLocation, from_plain, listed, quoted

Known = Collection[str] | None
"""Names that exist; None if the part of the file that gives them cannot be read, so that any may."""

Entry = TypeVar("Entry", Move, Arrangement)


class Cast(NamedTuple):
    """Who and what there is."""

    principals: Sequence[str]
    actors: Collection[str]
    issues: Collection[str]


class NoAddress(Exception):
    """A move cannot be made so, or in more ways than one. `part` is the key at fault."""

    def __init__(self, message: str, part: str) -> None:
        super().__init__(message)
        self.part = part


def ways_of(move: Move, cast: Cast) -> list[tuple[str, str, str]]:
    """Actor, target and issue of every way to make a move."""
    pairs = [(actor, other) for actor in cast.actors for other in cast.actors if actor != other]
    return [(*pair, issue) for pair in pairs for issue in cast.issues if move.can_be_made(*pair, issue)]


def scope_of(kind: Arrangement) -> str:
    """Who can hold a kind of arrangement towards whom, on what, as messages say it."""
    scope = f"{' or '.join(kind.actors)} towards {' or '.join(kind.targets)}, on {' or '.join(kind.issues)}"
    return scope.replace("*", "any")


def address(move: Move, actor: str, target: str | None, issue: str | None, cast: Cast) -> tuple[str, str]:
    """Target and issue of a move, by default the other principal or the only one; NoAddress where that is not clear."""
    everybodys, cannot = ways_of(move, cast), f"{quoted(actor)} cannot make {quoted(move.name)}"
    ways = [(towards, on) for who, towards, on in everybodys if who == actor]
    targets = list(dict.fromkeys(towards for towards, _ in ways))
    if not ways:
        able = dict.fromkeys(who for who, _, _ in everybodys)
        raise NoAddress(f"{cannot}; {f'{listed(able)} can' if able else 'nobody here can'}", "move")
    if target is None:
        if actor in cast.principals:
            targets = [name for name in targets if name in cast.principals] or [*targets, ""]
        if len(targets) > 1:
            towards = listed(name for name in targets if name)
            raise NoAddress(f"{quoted(move.name)} can be made towards {towards}; name its `target`", "move")
        target = targets[0]
    issues = [on for towards, on in ways if towards == target]
    if not issues:
        raise NoAddress(f"{cannot} towards {quoted(target)}; it can towards {listed(targets)}", "target")
    if issue is not None and issue not in issues:
        raise NoAddress(f"{cannot} on {quoted(issue)}; it can on {listed(dict.fromkeys(issues))}", "issue")
    if issue is None and len(issues) > 1:
        raise NoAddress(f"{quoted(move.name)} can be made on {listed(issues)}; name its `issue`", "move")
    return target, issue or issues[0]


def holders(
    kind: Arrangement, actor: str | None, target: str | None, issue: str | None, cast: Cast
) -> list[tuple[str, str, str]]:
    """Actor, target and issue of every arrangement of a kind that a reference may mean; a mutual one is given once."""
    found: dict[tuple[object, ...], tuple[str, str, str]] = {}
    sides = [actor] if actor else cast.principals, [target] if target else cast.principals
    for holder, other, one in product(*sides, [issue] if issue else cast.issues):
        admits = kind.can_hold(holder, other, one) or (kind.is_mutual and kind.can_hold(other, holder, one))
        if holder != other and admits:
            pair = frozenset((holder, other)) if kind.is_mutual else (holder, other)
            found.setdefault((pair, one), (holder, other, one))
    return list(found.values())


def catalogue_of(own_moves: Mapping[str, MoveSpec], own_kinds: Mapping[str, ArrangementSpec]) -> Catalogue:
    """The shipped catalogue with a scenario's own moves and kinds of arrangement, which win."""
    return shipped().with_own(
        {name: _move(name, spec) for name, spec in own_moves.items()},
        {name: _arrangement(name, spec) for name, spec in own_kinds.items()},
    )


def _move(name: str, spec: MoveSpec) -> Move:
    return Move(name=name, **_given(spec) | {"shifts": tuple(parse_shift(*one) for one in spec.shifts.items())})


def _arrangement(name: str, spec: ArrangementSpec) -> Arrangement:
    given = _given(spec)
    return Arrangement(name=name, is_mutual=given.pop("mutual"), **given)


def _given(spec: MoveSpec | ArrangementSpec) -> dict[str, Any]:
    """What a file says, with lists as tuples; whom or what it does not name is any."""
    given = dict.fromkeys(("actors", "targets", "issues"), ANYONE) | spec.model_dump(exclude_none=True)
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}


class Names(NamedTuple):
    """What a scenario's names may refer to.

    known : names by what messages call their kind; of a mechanism's parameters by "mechanisms.NAME". cast : None if the
    file does not say it readably. catalogue : moves and arrangements whose description can be read.
    """

    known: Mapping[str, Known]
    cast: Cast | None
    catalogue: Catalogue
    mechanisms: Mapping[str, Mapping[str, Parameter]]


def names_of(tree: Node, own: Sequence[Mechanism] = ()) -> Names:
    """The names that a tree gives, and those of mechanisms of one's own."""
    actors, issues = (_keys(tree.child(key), is_needed=True) for key in ("actors", "issues"))
    indicators = _keys(tree.child("indicators"))
    mechanisms = {name: {**each, SCALE: AS_WRITTEN} for name, each in mechanism_parameters(own).items()}
    moves = {**shipped().moves, **_own(tree.child("moves"), MoveSpec, _move, actors, issues)}
    own_kinds = _own(tree.child("arrangement_kinds"), ArrangementSpec, _arrangement, actors, issues)
    kinds = {**shipped().arrangements, **own_kinds}
    principals = [node.text for node in tree.child("principals").items]
    pair = [name for name in principals if name is not None and name in (actors or ())]
    is_clear = actors is not None and issues is not None and len(principals) == len(pair) == len(set(pair)) == 2
    known: dict[str, Known] = {
        "actor": actors,
        "issue": issues,
        "indicator": indicators,
        "leader": _keys(tree.child("leaders")),
        "move": tuple(moves),
        "arrangement": tuple(kinds),
        "history": (*past.names(), NO_HISTORY),
        "mechanism": tuple(mechanisms),
        "parameter": tuple(ENGINE),
        "quantity to shift": None if indicators is None else (*indicators, *OWN_QUANTITIES),
        "outlook": tuple(tree.child("outlooks").by_key) or None,
        "state": tuple(tree.child("consistency", "states").by_key),
    }
    return Names(
        known | {f"mechanisms.{name}": tuple(parameters) for name, parameters in mechanisms.items()},
        Cast(pair, actors or (), issues or ()) if is_clear else None,
        Catalogue(
            {name: move for name, move in moves.items() if move is not None},
            {name: kind for name, kind in kinds.items() if kind is not None},
        ),
        mechanisms,
    )


def _own(
    node: Node, model: Any, make: Callable[[str, Any], Entry], actors: Known, issues: Known
) -> dict[str, Entry | None]:
    """The scenario's own moves or kinds; None where one cannot be read, or names whom or what there is not."""
    found: dict[str, Entry | None] = {}
    for name, _, entry in node.entries:
        try:
            spec: Any = model.model_validate(entry.plain)
            named = {*(spec.actors or ()), *(spec.targets or ())} <= {*(actors or ())}
            is_clear = named and {*(spec.issues or ())} <= {*(issues or ())}
            found[name] = make(name, spec) if is_clear else None
        except ValueError:
            found[name] = None
    return found


def _keys(node: Node, *, is_needed: bool = False) -> Known:
    """Keys of a mapping; None where it cannot be read, or its size is wrong though it is needed."""
    if node.is_mapping and (not is_needed or 0 < len(node.by_key) <= MOST_ACTORS):
        return tuple(node.by_key)
    return None if node or is_needed else ()


LATER = ("since", "until", "in_force")
"""Keys that say something of the events which their table does not."""


def history_of(file: ScenarioFile) -> past.EventHistory | None:
    """The events that a scenario begins with, those after its start included; None where it has no history."""
    return _history(file.history)


def _history(given: str | HistorySpec | None) -> past.EventHistory | None:
    if not isinstance(given, HistorySpec):
        return None if given in (None, NO_HISTORY) else past.curated_history(str(given))
    held = None
    if given.in_force is not None:
        held = tuple(past.Held(one.name, str(one.actor), str(one.target), str(one.issue)) for one in given.in_force)
    return _decoded(given.events or "", given.file or "events", given.since, given.until, held)


@lru_cache(maxsize=8)
def _decoded(
    events: str, name: str, since: dt.date | None, until: dt.date | None, held: tuple[past.Held, ...] | None
) -> past.EventHistory:
    found = past.read_table(events, name)
    return dataclasses.replace(found, observed=(since or found.first, until or found.last), held=held)


def with_events(tree: Node, known: Names, report: Report) -> Node:
    """The tree with the events that its `history` names read into it; as it is where they cannot, with the reason."""
    node = tree.child("history")
    text = node.text
    if not node or text in (*past.names(), NO_HISTORY) or known.cast is None:
        return tree
    beside = Path(node.location.source.name).parent
    if text is not None:
        if not Path(text).suffix and not os.path.exists(beside / text):
            return tree
        node = Node({"file": Node(text, node.location, text)}, node.location)
    spec = check(node, HistorySpec, Report())
    issues = () if spec is None else [spec.issue] if isinstance(spec.issue, str) else spec.issue or ()
    actors, there = () if spec is None else (spec.actors or {}).values(), known.known
    if spec is None or {*actors} - {*(there["actor"] or ())} or {*issues} - {*(there["issue"] or ())}:
        return tree.with_entry("history", node, node.location)
    history = _events(spec, node.location, beside, known, report)
    if history is None:
        return tree.without("history")
    kept: dict[str, Any] = {"file": Path(spec.file or "events").name, "events": past.table_text(history)}
    if spec.in_force is None and len(history.moves):
        kept["in_force"] = []
    nodes = {key: from_plain(value, node.location, report) for key, value in kept.items()}
    whole = {**nodes, **{key: one for key in LATER if (one := node.child(key))}}
    return tree.with_entry("history", Node(whole, node.location, keys=node.keys), node.location)


def _events(
    spec: HistorySpec, location: SourceLocation, beside: Path, known: Names, report: Report
) -> past.EventHistory | None:
    """The events of a specification on issues of the scenario; None where there are none, with the reason."""
    if not spec.file and not spec.events:
        report.add(location, "a history is a `file` of events, or the `events` themselves as such a table")
        return None
    try:
        history = _read(spec, beside, known)
    except EventError as error:
        for problem in error.problems:
            place = f"{problem.file}:{problem.line}: " if problem.line else f"{problem.file}: "
            report.add(location, place + problem.message)
        if spec.actors is None and any("never occur" in problem.message for problem in error.problems):
            report.add(location, "say which code of the file is whose: `actors: {CODE: name, CODE: name}`")
        return None
    except (TensionSimError, OSError) as error:
        report.add(location, str(error))
        return None
    issues = tuple(known.known["issue"] or ())
    among = [spec.issue] if isinstance(spec.issue, str) else spec.issue or (issues if len(issues) == 1 else ())
    silent = int(past.says_no_issue(history, issues).sum())
    if silent and not among:
        words = f"{silent:,} of {len(history):,} events do not say on which issue they are; add `issue: {issues[0]}`"
        report.add(location, f"{words}, or a list of issues that have the days in turn, or a `mapping` of codes")
        return None
    read = history.report
    if read.rows_left_out:
        told = [f"{read.events:,} of {read.rows:,} rows used"]
        told += [f"{one.count:,} left out: {one.reason}" for one in read.left_out]
        told += [note for note in read.notes if note.startswith(past.OTHERS)]
        report.notes.append(f"history {Path(spec.file or 'events').name}: {'; '.join(told)}")
    history = past.dealt(history, among, issues).between(spec.since, spec.until)
    if not len(history):
        report.add(location, f"no event lies between {spec.since or 'the first'} and {spec.until or 'the last'}")
        return None
    return history


def _read(spec: HistorySpec, beside: Path, known: Names) -> past.EventHistory:
    """The events of a specification, by actors of the scenario."""
    moves = known.catalogue.moves
    if spec.events is not None:
        return past.read_table(spec.events, spec.file or "events", moves)
    path = beside / str(spec.file)
    if (own := past.read_own(path, moves)) is not None:
        return own
    from tensionsim.events.reading import mapping_of, read_events

    mapping: Any = str(beside / spec.mapping) if isinstance(spec.mapping, str) else spec.mapping
    dyad = spec.actors or mapping_of(mapping).actors or list(known.known["actor"] or ())
    how = spec.model_dump(include={"format", "scale", "dates", "one_a_day", "leave_out_bad"})
    return read_events(str(path), dyad=dyad, mapping=mapping, **how)


def of_history(file: ScenarioFile, notes: Sequence[str]) -> list[str]:
    """The notes, each once, without those on the reading of another history than the scenario's."""
    own = f"history {file.history.file if isinstance(file.history, HistorySpec) else None}: "
    return [note for note in dict.fromkeys(notes) if note.startswith(own) or not note.startswith("history ")]


def check_history(tree: Node, known: Names, report: Report) -> None:
    """Checks that a history holds what passed between the principals, and reaches back beyond the start."""
    node, start = tree.child("history"), tree.child("start")
    text = node.text
    spec = None if not node or text else check(node, HistorySpec, Report())
    found = _history(text or spec) if text in past.names() or (spec and spec.events) else None
    if not node or found is None or known.cast is None:
        return
    for one in node.child("in_force").items:
        if lacking := [key for key in ("actor", "target", "issue") if not one.child(key)]:
            report.add(one.location, f"what was in force on the first day is told in full; add {listed(lacking)}")
    called, pair = quoted(text or (spec and spec.file)), known.cast.principals
    sides = {frozenset((a, b)) for a, b in zip(found.actor.tolist(), found.target.tolist(), strict=True)}
    if frozenset(found.actors.index(one) if one in found.actors else one for one in pair) not in sides:
        words = f"history {called} holds nothing between {' and '.join(pair)}, its actors are {listed(found.actors)}; "
        report.add(node.location, f"{words}name one of theirs (`file`, and `actors` by code), or write `history: none`")
    elif not set(found.issues) & set(known.cast.issues):
        words = f"history {called} is on no issue of the scenario, but on {listed(found.issues)}"
        report.add(node.location, f"{words}; say which with `issue`, or write `history: none`")
    day = date_of(start)
    if day is not None and day < found.first:
        words = f"the start, {day}, is before {found.first}, from when on history {called} is observed"
        report.add(start.location, f"{words}; start on {found.first} or later, or write `history: none`")
