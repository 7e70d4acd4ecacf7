"""Checks what the parts of a scenario say about one another: names, dates, moves that can be made.

Works on the tree, part by part, and skips what has the wrong shape: a misspelt key here does not hide a
misspelt move there.
"""

from __future__ import annotations

from tensionsim.scenario import quantities
from tensionsim.scenario.addressing import holders, scope_of
from tensionsim.scenario.cast import check_act, check_cast, world_of
from tensionsim.scenario.changes import check_changes
from tensionsim.scenario.conditions import check_condition, check_direction, check_text
from tensionsim.scenario.names import Names, check_key, check_name
from tensionsim.scenario.nodes import MapNode, Node, child, entries, items, number_of, text_of
from tensionsim.scenario.numbers import check_parameters
from tensionsim.scenario.own_entries import check_own_entries
from tensionsim.scenario.problems import Report, listed, quoted
from tensionsim.scenario.timeline import check_date, date_of, span_of


def check(tree: MapNode, names: Names, report: Report) -> None:
    """Notes every problem that the parts of a tree have with one another."""
    span = span_of(tree, report)
    _check_history(tree, names, report)
    _check_principals(child(tree, "principals"), names, report)
    check_cast(tree, names, report)
    check_own_entries(tree, names, report)
    for node in items(child(tree, "arrangements")):
        _check_in_force(node, names, report)
    for name, _, indicator in entries(child(tree, "indicators")):
        _check_indicator(name, indicator, names, report)
    for node in items(child(tree, "schedule")):
        check_date(child(node, "date"), "this move", tree, span, report)
        actor = check_name(child(node, "actor"), "actor", names.actors, report)
        check_act(node, actor, names, report)
    check_changes(tree, names, span, report)
    for name, place, _ in entries(child(tree, "elections")):
        check_key(name, place, "actor", names.actors, report)
    check_parameters(tree, names, report)
    for _, place, event in entries(child(tree, "events")):
        check_condition(event, place, names, report)


def _check_history(tree: MapNode, names: Names, report: Report) -> None:
    from tensionsim.history import curated

    name, start = check_name(child(tree, "history"), "history", names.histories, report), child(tree, "start")
    day = date_of(start)
    if start is None or day is None or name not in curated.names():
        return
    if day < (origin := curated.origin(name)):
        report.add(
            start.place,
            f"the start, {day}, is before {origin}, from when on history {quoted(name)} is observed; "
            f"start on {origin} or later, or write `history: none`",
        )


def _check_principals(node: Node | None, names: Names, report: Report) -> None:
    for item in items(node):
        check_name(item, "actor", names.actors, report)
    found = [text_of(item) for item in items(node)]
    if node and len(found) == 2 and found[0] is not None and found[0] == found[1]:
        report.add(node.place, f"the principals are two different actors, found {quoted(found[0])} twice")


def _check_in_force(node: Node, names: Names, report: Report) -> None:
    reference = child(node, "name") if isinstance(node, MapNode) else node
    name = check_name(reference, "arrangement", names.kinds, report)
    who = {key: child(node, key) for key in ("actor", "target", "issue")}
    known = [
        check_name(who[key], kind, allowed, report) if who[key] else ""
        for key, kind, allowed in (
            ("actor", "actor", names.actors),
            ("target", "actor", names.actors),
            ("issue", "issue", names.issues),
        )
    ]
    world = world_of(names)
    if name is None or None in known or world is None or name not in names.catalogue.arrangements:
        return
    kind = names.catalogue.arrangements[name]
    found = holders(kind, text_of(who["actor"]), text_of(who["target"]), text_of(who["issue"]), world)
    if len(found) == 1:
        return
    if not found:
        report.add(node.place, f"{quoted(name)} cannot be in force so; it holds for {scope_of(kind)}")
        return
    lacking = [key for place, key in enumerate(("actor", "target", "issue")) if len({one[place] for one in found}) > 1]
    choices = [
        f"{key} ({listed(dict.fromkeys(one[('actor', 'target', 'issue').index(key)] for one in found))})"
        for key in lacking
    ]
    report.add(node.place, f"{quoted(name)} could be in force in {len(found)} ways; name its {' and '.join(choices)}")


def _check_indicator(name: str, node: Node, names: Names, report: Report) -> None:
    check_name(child(node, "issue"), "issue", names.issues, report)
    check_name(child(node, "responsible"), "actor", names.actors, report)
    check_text(child(node, "growth"), quantities.growth_per_month, report)
    check_text(child(node, "half_life"), quantities.months, report)
    rest, half_life = child(node, "rest"), child(node, "half_life")
    for given, lacking in ((rest, "half_life"), (half_life, "rest")):
        if given and child(node, lacking) is None:
            report.add(
                given.place,
                f"an indicator that returns to a level needs `rest` and `half_life`; {quoted(name)} lacks `{lacking}`",
            )
    floor, ceiling, value = (number_of(child(node, key)) for key in ("floor", "ceiling", "value"))
    for limit, key, is_beyond in ((floor, "floor", float.__lt__), (ceiling, "ceiling", float.__gt__)):
        if (start := child(node, "value")) and value is not None and limit is not None and is_beyond(value, limit):
            report.add(start.place, f"value {value:g} is beyond the {key}, {limit:g}")
    for driver in items(child(node, "driven_by")):
        _check_driver(driver, names, report)


def _check_driver(node: Node, names: Names, report: Report) -> None:
    kinds = [key for key, _, _ in entries(node) if key in ("conduct", "indicator", "arrangement")]
    if isinstance(node, MapNode) and len(kinds) != 1:
        found = " and ".join(kinds) or "none"
        report.add(node.place, f"a driver is one of conduct, indicator, arrangement; found {found}")
    check_direction(child(node, "conduct"), names, report, anyone=True)
    check_name(child(node, "indicator"), "indicator", names.indicators, report)
    check_name(child(node, "arrangement"), "arrangement", names.kinds, report)
    check_name(child(node, "issue"), "issue", names.issues, report)
    for key in ("issue", "hostile"):
        if (beside := child(node, key)) and kinds and kinds != ["conduct"]:
            report.add(beside.place, f"{quoted(key)} says nothing about {quoted(kinds[0])}; it belongs to conduct")
