"""Checks conditions and odds: one observable each, with the bounds and words that belong to it."""

from __future__ import annotations

from collections.abc import Callable

from tensionsim.scenario import quantities
from tensionsim.scenario.names import Names, check_name
from tensionsim.scenario.nodes import ListNode, MapNode, Node, child, entries, items, number_of, text_of
from tensionsim.scenario.places import Place
from tensionsim.scenario.problems import Report, listed, quoted

COMBINATIONS = ("all", "any", "none")
ASKING = ("cooperation", "conduct", "pressure", "indicator", "arrangement", "made", "after", "before", *COMBINATIONS)
"""Keys that say what a condition observes."""

BELONGING = {
    "cooperation": ("above", "below", "issue", "for"),
    "conduct": ("above", "below", "issue", "track", "for"),
    "pressure": ("above", "below", "for"),
    "indicator": ("above", "below", "for"),
    "arrangement": ("in_force", "actor", "issue", "for"),
    "made": ("actor", "issue", "within", "for"),
    "date": ("for",),
    **dict.fromkeys(COMBINATIONS, ("for",)),
}
"""Keys that may stand beside each observable."""


def check_text(node: Node | None, meaning: Callable[[str], object], report: Report) -> None:
    """Notes a problem where a node holds a text that `meaning` refuses."""
    if (text := text_of(node)) is None or node is None:
        return
    try:
        meaning(text)
    except ValueError as error:
        report.add(node.place, str(error))


def check_direction(node: Node | None, names: Names, report: Report, *, anyone: bool = False) -> None:
    """Checks "a -> b": two different actors; with `anyone`, `*` may stand for whoever acts."""
    check_text(node, quantities.pair, report)
    try:
        acting, target = quantities.pair(text_of(node) or "")
    except ValueError:
        return
    for name in (acting, target):
        is_wild = anyone and name == "*" and name is acting
        if names.actors is not None and name not in names.actors and not is_wild and node:
            report.add(node.place, f"no actor {quoted(name)}{report.near(name, names.actors)}")
    if acting == target and node:
        report.add(node.place, f"{quoted(acting)} cannot act towards itself")


def check_condition(node: Node | None, place: Place, names: Names, report: Report) -> None:
    """Checks a condition and those that it combines.

    place : what a message about the condition as a whole points to.
    """
    if not isinstance(node, MapNode):
        return
    given = list(dict.fromkeys("date" if key in ("after", "before") else key for key in node.entries))
    asked = [key for key in given if key in BELONGING]
    if not asked:
        report.add(
            place,
            f"this condition observes nothing; it takes one of {listed(ASKING)}",
        )
        return
    if len(asked) > 1:
        words = " and ".join(asked)
        report.add(place, f"a condition has one observable, found {words}; list them under `all`, `any` or `none`")
        return
    observed = asked[0]
    _check_belonging(node, observed, report)
    _check_observable(node, observed, names, report)
    _check_bounds(node, observed, place, report)
    for key in ("for", "within"):
        check_text(child(node, key), quantities.months, report)
    for key, kind, known in (("issue", "issue", names.issues), ("actor", "actor", names.actors)):
        check_name(child(node, key), kind, known, report)


def _check_belonging(node: MapNode, observed: str, report: Report) -> None:
    words = {word for belonging in BELONGING.values() for word in belonging}
    for key, place, _ in entries(node):
        if key in words and key not in BELONGING[observed]:
            owners = [name for name, belonging in BELONGING.items() if key in belonging]
            report.add(place, f"{quoted(key)} says nothing about {quoted(observed)}; it belongs to {listed(owners)}")


def _check_observable(node: MapNode, observed: str, names: Names, report: Report) -> None:
    value = child(node, observed)
    named = {"indicator": names.indicators, "arrangement": names.kinds, "made": names.moves}
    if observed in COMBINATIONS:
        _check_parts(value, observed, names, report)
    elif observed in ("conduct", "pressure"):
        check_direction(value, names, report)
    elif observed in named:
        check_name(value, "move" if observed == "made" else observed, named[observed], report)
    elif observed == "date":
        _check_window(node, report)


def _check_parts(value: Node | None, observed: str, names: Names, report: Report) -> None:
    for part in items(value):
        check_condition(part, part.place, names, report)
    if isinstance(value, ListNode) and not value.items:
        report.add(value.place, f"`{observed}` is empty; list the conditions that it combines")


def _check_window(node: MapNode, report: Report) -> None:
    after, before = child(node, "after"), child(node, "before")
    try:
        days = [quantities.parse_date(text_of(node) or "") for node in (after, before) if node is not None]
    except ValueError:
        return
    if before and len(days) == 2 and days[0] >= days[1]:
        report.add(before.place, f"before {text_of(before)} and after {text_of(after)} never hold together")


def _check_bounds(node: MapNode, observed: str, place: Place, report: Report) -> None:
    if observed not in ("cooperation", "conduct", "pressure", "indicator"):
        return
    above, below = child(node, "above"), child(node, "below")
    text = text_of(child(node, observed))
    if text is None:
        return
    if observed == "cooperation" and text.strip() != "index":
        _check_bound_text(child(node, "cooperation"), above or below, report)
        return
    if above is None and below is None:
        report.add(place, f"{quoted(observed)} needs a bound: add `above` or `below`")
        return
    low, high = number_of(above), number_of(below)
    if low is not None and high is not None and low >= high and below:
        report.add(below.place, f"above {low:g} and below {high:g} never hold together")
    if observed == "cooperation":
        for bound in (above, below):
            _check_index(bound, number_of(bound), report)


def _check_bound_text(node: Node | None, other: Node | None, report: Report) -> None:
    check_text(node, quantities.bound, report)
    try:
        bound = quantities.bound(text_of(node) or "")
    except ValueError:
        return
    _check_index(node, bound.above if bound.above is not None else bound.below, report)
    if other:
        report.add(
            other.place,
            f"the bound stands twice; keep {quoted(text_of(node))} alone, or write `cooperation: index`",
        )


def _check_index(node: Node | None, value: float | None, report: Report) -> None:
    if node and value is not None and not 0 <= value <= 100:
        report.add(node.place, f"cooperation {value:g} lies outside 0..100, the range of the index")


def check_odds(node: Node | None, names: Names, report: Report) -> None:
    """Checks a chance that depends on the state."""
    observed = text_of(child(node, "of"))
    if not isinstance(node, MapNode) or observed not in ("cooperation", "conduct", "pressure", "indicator"):
        return
    _check_observed(node, observed, names, report)
    issue = child(node, "issue")
    check_name(issue, "issue", names.issues, report)
    if issue and observed in ("pressure", "indicator"):
        report.add(issue.place, f"'issue' says nothing about {quoted(observed)}; it belongs to cooperation, conduct")
    start, end = (items(child(node, key))[:1] for key in ("start", "end"))
    if start and end and (value := number_of(start[0])) is not None and value == number_of(end[0]):
        report.add(end[0].place, f"odds change between two different values, found {value:g} twice")


def _check_observed(node: MapNode, observed: str, names: Names, report: Report) -> None:
    name = child(node, "name")
    if observed == "cooperation":
        if name is not None:
            report.add(name.place, "odds of cooperation take no `name`; narrow them with `issue`")
    elif name is None:
        form = "the indicator" if observed == "indicator" else '"a -> b"'
        report.add(node.keys.get("of", node.place), f"odds of {observed} need a `name`: {form}")
    elif observed == "indicator":
        check_name(name, "indicator", names.indicators, report)
    else:
        check_direction(name, names, report)
