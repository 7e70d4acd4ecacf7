"""The history of a scenario: which events came before its start, read from its file or from the package.

A loaded scenario holds the events themselves, as text in the package's own form, so that its text runs by itself: what
is kept of a run needs no file beside it, and a file that was changed since makes another scenario.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from tensionsim.errors import EventError, TensionSimError
from tensionsim.events import history as past
from tensionsim.scenario.names import Names
from tensionsim.scenario.quantities import date_of
from tensionsim.scenario.schema import NO_HISTORY, HistorySpec, ScenarioFile
from tensionsim.scenario.validation import check
from tensionsim.scenario.yaml_tree import Node, Report, SourceLocation, from_plain, listed, quoted

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
        if not Path(text).suffix and not (beside / text).exists():
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
    if is_own_form(path):
        return past.read_table(path.read_text(encoding="utf-8-sig"), str(path), moves)
    from tensionsim.events.reading import mapping_of, read_events

    mapping: Any = str(beside / spec.mapping) if isinstance(spec.mapping, str) else spec.mapping
    return read_events(
        str(path),
        dyad=spec.actors or mapping_of(mapping).actors or list(known.known["actor"] or ()),
        mapping=mapping,
        format=spec.format,
        scale=spec.scale,
        dates=spec.dates,
        one_a_day=spec.one_a_day,
        leave_out_bad=spec.leave_out_bad,
    )


def is_own_form(path: Path) -> bool:
    """Whether a file is a table in the package's own form: one that names moves."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            header = stream.readline(10_000)
    except (OSError, UnicodeDecodeError):
        return False
    return {"date", "actor", "target", "move"} <= {one.strip(' \n"').casefold() for one in header.split(",")}


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
