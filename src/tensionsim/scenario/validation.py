"""Checks a tree against the schema and says what is wrong in a person's words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from tensionsim.model.catalogue import OWN_QUANTITIES, Arrangement, goldstein
from tensionsim.model.parameters import Parameter
from tensionsim.scenario import paths
from tensionsim.scenario.distributions import FAMILIES, complaint
from tensionsim.scenario.names import (
    ROOT,
    Names,
    NoAddress,
    World,
    address,
    below,
    branches,
    check_key,
    check_name,
    fields,
    holders,
    is_model,
    label,
    limits,
    scope_of,
    ways_of,
)
from tensionsim.scenario.quantities import (
    Keys,
    NoPath,
    Span,
    chance_per_step,
    check_date,
    date_of,
    growth_per_month,
    months,
    pair,
    parse,
    parse_date,
    shift,
    snap_note,
    span_of,
)
from tensionsim.scenario.quantities import bound as quantities_bound
from tensionsim.scenario.schema import OWN_WORDS, Actor, Alternative, Change, Distribution, Numbers, ScenarioFile
from tensionsim.scenario.yaml_tree import (
    ListNode,
    MapNode,
    Node,
    SourceLocation,
    Report,
    ScalarNode,
    child,
    entries,
    figure,
    items,
    listed,
    nearest,
    number_of,
    plain,
    quoted,
    text_of,
)

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
        report.add(node.location, str(error))


def check_direction(node: Node | None, names: Names, report: Report, *, anyone: bool = False) -> None:
    """Checks "a -> b": two different actors; with `anyone`, `*` may stand for whoever acts."""
    check_text(node, pair, report)
    try:
        acting, target = pair(text_of(node) or "")
    except ValueError:
        return
    for name in (acting, target):
        is_wild = anyone and name == "*" and name is acting
        if names.actors is not None and name not in names.actors and not is_wild and node:
            report.add(node.location, f"no actor {quoted(name)}{report.near(name, names.actors)}")
    if acting == target and node:
        report.add(node.location, f"{quoted(acting)} cannot act towards itself")


def check_condition(node: Node | None, location: SourceLocation, names: Names, report: Report) -> None:
    """Checks a condition and those that it combines.

    location : what a message about the condition as a whole points to.
    """
    if not isinstance(node, MapNode):
        return
    given = list(dict.fromkeys("date" if key in ("after", "before") else key for key in node.entries))
    asked = [key for key in given if key in BELONGING]
    if not asked:
        report.add(
            location,
            f"this condition observes nothing; it takes one of {listed(ASKING)}",
        )
        return
    if len(asked) > 1:
        words = " and ".join(asked)
        report.add(location, f"a condition has one observable, found {words}; list them under `all`, `any` or `none`")
        return
    observed = asked[0]
    _check_belonging(node, observed, report)
    _check_observable(node, observed, names, report)
    _check_bounds(node, observed, location, report)
    for key in ("for", "within"):
        check_text(child(node, key), months, report)
    for key, kind, known in (("issue", "issue", names.issues), ("actor", "actor", names.actors)):
        check_name(child(node, key), kind, known, report)


def _check_belonging(node: MapNode, observed: str, report: Report) -> None:
    words = {word for belonging in BELONGING.values() for word in belonging}
    for key, location, _ in entries(node):
        if key in words and key not in BELONGING[observed]:
            owners = [name for name, belonging in BELONGING.items() if key in belonging]
            report.add(location, f"{quoted(key)} says nothing about {quoted(observed)}; it belongs to {listed(owners)}")


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
        check_condition(part, part.location, names, report)
    if isinstance(value, ListNode) and not value.items:
        report.add(value.location, f"`{observed}` is empty; list the conditions that it combines")


def _check_window(node: MapNode, report: Report) -> None:
    after, before = child(node, "after"), child(node, "before")
    try:
        days = [parse_date(text_of(node) or "") for node in (after, before) if node is not None]
    except ValueError:
        return
    if before and len(days) == 2 and days[0] >= days[1]:
        report.add(before.location, f"before {text_of(before)} and after {text_of(after)} never hold together")


def _check_bounds(node: MapNode, observed: str, location: SourceLocation, report: Report) -> None:
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
        report.add(location, f"{quoted(observed)} needs a bound: add `above` or `below`")
        return
    low, high = number_of(above), number_of(below)
    if low is not None and high is not None and low >= high and below:
        report.add(below.location, f"above {low:g} and below {high:g} never hold together")
    if observed == "cooperation":
        for bound in (above, below):
            _check_index(bound, number_of(bound), report)


def _check_bound_text(node: Node | None, other: Node | None, report: Report) -> None:
    check_text(node, quantities_bound, report)
    try:
        bound = quantities_bound(text_of(node) or "")
    except ValueError:
        return
    _check_index(node, bound.above if bound.above is not None else bound.below, report)
    if other:
        report.add(
            other.location,
            f"the bound stands twice; keep {quoted(text_of(node))} alone, or write `cooperation: index`",
        )


def _check_index(node: Node | None, value: float | None, report: Report) -> None:
    if node and value is not None and not 0 <= value <= 100:
        report.add(node.location, f"cooperation {value:g} lies outside 0..100, the range of the index")


def check_odds(node: Node | None, names: Names, report: Report) -> None:
    """Checks a chance that depends on the state."""
    observed = text_of(child(node, "of"))
    if not isinstance(node, MapNode) or observed not in ("cooperation", "conduct", "pressure", "indicator"):
        return
    _check_observed(node, observed, names, report)
    issue = child(node, "issue")
    check_name(issue, "issue", names.issues, report)
    if issue and observed in ("pressure", "indicator"):
        report.add(issue.location, f"'issue' says nothing about {quoted(observed)}; it belongs to cooperation, conduct")
    start, end = (items(child(node, key))[:1] for key in ("start", "end"))
    if start and end and (value := number_of(start[0])) is not None and value == number_of(end[0]):
        report.add(end[0].location, f"odds change between two different values, found {value:g} twice")


def _check_observed(node: MapNode, observed: str, names: Names, report: Report) -> None:
    name = child(node, "name")
    if observed == "cooperation":
        if name is not None:
            report.add(name.location, "odds of cooperation take no `name`; narrow them with `issue`")
    elif name is None:
        form = "the indicator" if observed == "indicator" else '"a -> b"'
        report.add(node.keys.get("of", node.location), f"odds of {observed} need a `name`: {form}")
    elif observed == "indicator":
        check_name(name, "indicator", names.indicators, report)
    else:
        check_direction(name, names, report)


def world_of(names: Names) -> World | None:
    """Who and what there is; None if the file does not say it readably."""
    if names.actors is None or names.issues is None or not names.principals:
        return None
    return World(names.principals, names.actors, names.issues)


def check_cast(tree: MapNode, names: Names, report: Report) -> None:
    """Checks every actor and leader."""
    for name, _, actor in entries(child(tree, "actors")):
        check_attributes(actor, names, report, actor=name)
        governing = check_name(child(actor, "leader"), "leader", names.leaders, report)
        check_rules(child(tree, "leaders", governing or ""), name, names, report)
        check_rules(actor, name, names, report)
        for node in items(child(actor, "repertoire")):
            _check_able(node, name, names, report)
    for _, _, leader in entries(child(tree, "leaders")):
        check_attributes(leader, names, report)
        check_rules(leader, None, names, report)


def check_attributes(node: Node | None, names: Names, report: Report, *, actor: str | None = None) -> None:
    """Checks the keys of an actor's attributes that name issues, actors or indicators."""
    by_key = (
        ("stances", "issue", names.issues),
        ("salience", "issue", names.issues),
        ("dependence", "actor", names.actors),
        ("affinity", "actor", names.actors),
        ("yardstick", "indicator", names.indicators),
    )
    for attribute, kind, known in by_key:
        for name, location, _ in entries(child(node, attribute)):
            check_key(name, location, kind, known, report)
            if kind == "actor" and name == actor:
                report.add(location, f"{attribute} of {quoted(name)} on itself means nothing; name another actor")
    weights = [number_of(value) for _, _, value in entries(child(node, "salience"))]
    if weights and actor and all(weight == 0 for weight in weights) and (salience := child(node, "salience")):
        report.add(salience.location, "salience is 0 on every issue; give at least one a weight above 0")


def check_rules(node: Node | None, actor: str | None, names: Names, report: Report) -> None:
    """Checks the rules and checks of an actor or a leader.

    actor : who follows them; None if that is not said, so that only names can be checked.
    """
    for _, location, rule in entries(child(node, "rules")):
        _check_rule(rule, location, actor, names, report)
    for _, _, check in entries(child(node, "checks")):
        for move in items(child(check, "stops")):
            _check_able(move, actor, names, report)


def _check_rule(rule: Node, location: SourceLocation, actor: str | None, names: Names, report: Report) -> None:
    when_place = rule.keys.get("when", location) if isinstance(rule, MapNode) else location
    check_condition(child(rule, "when"), when_place, names, report)
    check_text(child(rule, "chance"), lambda text: chance_per_step(text, 1.0), report)
    check_odds(child(rule, "chance"), names, report)
    check_text(child(rule, "cooldown"), months, report)
    check_act(rule, actor, names, report)
    check_act(child(rule, "otherwise"), actor, names, report)


def check_act(node: Node | None, actor: str | None, names: Names, report: Report) -> None:
    """Checks that `actor` can make the move of a rule or of the schedule, and that it is clear where."""
    issue, target = child(node, "issue"), child(node, "target")
    name = check_name(child(node, "move"), "move", names.moves, report)
    known = [
        check_name(issue, "issue", names.issues, report) if issue else "",
        check_name(target, "actor", names.actors, report) if target else "",
    ]
    world = world_of(names)
    if actor is None or name is None or None in known or world is None or name not in names.catalogue.moves:
        return
    move = child(node, "move")
    if move and name not in names.repertoires.get(actor, {name}):
        report.add(move.location, f"{quoted(name)} is not in the repertoire of {quoted(actor)}")
        return
    try:
        address(names.catalogue.moves[name], actor, text_of(target), text_of(issue), world)
    except NoAddress as fault:
        faulty = child(node, fault.part) or move
        if faulty:
            report.add(faulty.location, str(fault))


def _check_able(node: Node, actor: str | None, names: Names, report: Report) -> None:
    name = check_name(node, "move", names.moves, report)
    world = world_of(names)
    if name is None or actor is None or world is None or name not in names.catalogue.moves:
        return
    move = names.catalogue.moves[name]
    others = [other for other in world.actors if other != actor]
    if not any(move.can_be_made(actor, other, issue) for other in others for issue in world.issues):
        report.add(node.location, f"{quoted(actor)} cannot make {quoted(name)} in this scenario")


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
    from tensionsim.events.history import names, observed

    if file.history not in names():
        return
    last = observed(file.history)[-1].date
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


def check_parameters(tree: Node, names: Names, report: Report) -> None:
    """Checks names and ranges of everything under `mechanisms` and `parameters`."""
    for name, location, mechanism in entries(child(tree, "mechanisms")):
        if check_key(name, location, "mechanism", names.mechanisms, report):
            _check_ranges(mechanism, names.mechanisms[name], f"mechanism '{name}' has no parameter", report)
    _check_ranges(child(tree, "parameters"), names.parameters, "no parameter", report)


def _check_ranges(node: Node | None, known: Mapping[str, Parameter], lacking: str, report: Report) -> None:
    for name, location, value in entries(node):
        if name not in known:
            report.add(location, f"{lacking} '{name[:60]}'{report.near(name, known)}")
            continue
        if fault := _fault(value, known[name]):
            unit = "" if known[name].unit == "1" else f" ({known[name].unit})"
            report.add(value.location, f"{name}{fault}{unit}")


def _fault(value: Node, parameter: Parameter) -> str:
    low, high = parameter.low, parameter.high
    number = number_of(value)
    if number is not None:
        if parameter.unit == "acts" and number % 1:
            return f" {number:g} is not a whole number"
        if low <= number <= high:
            return ""
        side, limit = ("below", low) if number < low else ("above", high)
        return f" {number:g} is {side} {limit:g}; use a number in {low:g}..{high:g}"
    given = _distribution(value)
    if given and parameter.unit == "acts" and (uneven := _not_whole(given)):
        return uneven
    words = complaint(given, {"ge": low, "le": high}) if given and not complaint(given, {}) else ""
    return f": {words}" if words else ""


def _not_whole(given: Mapping[str, list[float]]) -> str:
    """Why a distribution does not give whole numbers; empty if it does."""
    ((family, values),) = given.items()
    if family != "choice":
        return f" is a whole number, which a {family} does not give; use a `choice` of whole numbers, like [3, 4, 5]"
    uneven = [value for value in values if value % 1]
    return f": {uneven[0]:g} is not a whole number" if uneven else ""


def _distribution(value: Node) -> dict[str, list[float]]:
    """A distribution of the right shape; empty for anything else."""
    if not isinstance(value, MapNode) or len(value.entries) != 1:
        return {}
    ((family, values),) = value.entries.items()
    numbers = [number for item in items(values) if (number := number_of(item)) is not None]
    length = {"triangular": 3, "truncated_normal": 4, "choice": len(numbers), "joint": len(numbers)}.get(family, 2)
    is_right = family in FAMILIES and numbers and len(numbers) == len(items(values)) == length
    return {family: numbers} if is_right else {}


def check_own_entries(tree: MapNode, names: Names, report: Report) -> None:
    """Checks what a scenario's own moves and kinds of arrangement name."""
    for group in ("moves", "arrangement_kinds"):
        for _, _, entry in entries(child(tree, group)):
            _check_scope(entry, names, report)
    for name, _, move in entries(child(tree, "moves")):
        _check_effects(name, move, names, report)
        _check_code(child(move, "cameo"), report)


def _check_scope(entry: Node, names: Names, report: Report) -> None:
    """Checks who, towards whom and on what."""
    for key, kind, known in (
        ("actors", "actor", names.actors),
        ("targets", "actor", names.actors),
        ("issues", "issue", names.issues),
    ):
        named = child(entry, key)
        for item in items(named):
            check_name(item, kind, known, report)
        if isinstance(named, ListNode) and not named.items:
            report.add(named.location, f"`{key}` is empty, which admits nobody and nothing; leave it out to admit all")


def _check_effects(name: str, move: Node, names: Names, report: Report) -> None:
    begun, ended = child(move, "begins"), child(move, "ends")
    for named in (begun, ended):
        for item in items(named):
            check_name(item, "arrangement", names.kinds, report)
    for item in items(ended):
        if text_of(item) in {text_of(other) for other in items(begun)}:
            report.add(item.location, f"{quoted(name)} begins and ends {quoted(text_of(item))}; it can do one of both")
    _check_shifts(child(move, "shifts"), names, report)
    _check_held(name, move, names, report)


def _check_shifts(node: Node | None, names: Names, report: Report) -> None:
    for quantity, location, amount in entries(node):
        if names.indicators is not None:
            check_key(quantity, location, "quantity to shift", (*names.indicators, *OWN_QUANTITIES), report)
        if quantity in OWN_QUANTITIES and (text := text_of(amount)) is not None:
            report.add(
                amount.location, f"a shift of {quantity} is an amount, found {quoted(text)}; write one, like 0.05"
            )
        else:
            check_text(amount, shift, report)


def _check_held(name: str, entry: Node, names: Names, report: Report) -> None:
    """Checks that somebody who can make a move can hold, towards its target, all that it begins and ends."""
    world, move = world_of(names), names.catalogue.moves.get(name)
    if world is None or move is None:
        return
    ways = ways_of(move, world)
    effects = (("begins", Arrangement.can_be_begun), ("ends", Arrangement.can_be_ended))
    for key, can_be in effects:
        for item in items(child(entry, key)):
            kind = names.catalogue.arrangements.get(text_of(item) or "")
            if kind is None or not ways:
                continue
            ways = [way for way in ways if can_be(kind, *way)]
            if not ways:
                report.add(
                    item.location,
                    f"{quoted(name)} {key} {quoted(kind.name)}, which none of those who make it can hold so; "
                    f"it holds for {scope_of(kind)}",
                )


def _check_code(node: Node | None, report: Report) -> None:
    code = text_of(node)
    if node and code and code.isdigit() and "01" <= code[:2] <= "20" and code not in goldstein():
        parents = [known for known in goldstein() if known.startswith(code[:2])]
        report.add(node.location, f"CAMEO has no code {quoted(code)}{report.near(code, parents)}")


def unusual_scores(tree: MapNode) -> Iterator[str]:
    """Notes on own moves whose score is not the one that their CAMEO code has."""
    for name, _, move in entries(child(tree, "moves")):
        score, code = child(move, "goldstein"), text_of(child(move, "cameo"))
        usual = goldstein().get(code or "")
        if score and usual is not None and number_of(score) not in (None, usual):
            where = _own_entries_shown(score.location)
            yield f"{where}: move {quoted(name)} scores {number_of(score):g}; CAMEO {code} has {usual:g}"


def _own_entries_shown(location: SourceLocation) -> str:
    return f"{location.source.name}:{location.line}" if location.line else location.source.name


Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """What an error is about.

    path : keys down to `node`. left : what of the error's location the tree does not have.
    location, key_location : of the node and of its key. siblings : keys that may stand beside it.
    """

    path: tuple[str, ...]
    node: Node
    annotation: Any
    left: tuple[str, ...]
    location: SourceLocation
    key_location: SourceLocation
    siblings: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """How messages call a value: its key, with the one above where the key is the author's own."""
        if not self.path:
            return "the file"
        if self.path[-1].isdecimal():
            return f"item {int(self.path[-1]) + 1} of {self.path[-2][:60] if len(self.path) > 1 else 'the list'}"
        owner = self.path[-2] if len(self.path) > 1 else ""
        own = ("stances", "salience", "dependence", "affinity", "yardstick", "shifts", "parameters", "elections", "set")
        return (
            f"{owner}.{self.path[-1][:60]}"
            if owner in own or self.path[-3:-2] == ("mechanisms",)
            else self.path[-1][:60]
        )


def check(tree: MapNode, report: Report, *, is_whole: bool = True) -> ScenarioFile | None:
    """The scenario that the tree means; None if it breaks the schema, with every reason in `report`.

    is_whole : False if a base could not be read, so that what lacks here may stand there.
    """
    try:
        return ScenarioFile.model_validate(plain(tree))
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False):
            if is_whole or details["type"] != "missing":
                explain(tree, ROOT, details, report)
        return None


def check_part(model: type[BaseModel], node: Node, path: tuple[str, ...], report: Report) -> None:
    """The same for a part of a scenario that stands at `path` and has the shape of `model`."""
    try:
        model.model_validate(plain(node))
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False):
            explain(node, model, details, report, path)


def explain(tree: Node, annotation: Any, details: Details, report: Report, above: tuple[str, ...] = ()) -> None:
    """Adds what one pydantic error means."""
    spot = _locate(tree, annotation, details["loc"], above)
    if isinstance(spot.node, ScalarNode) and spot.node.value is None:
        return
    kind = details["type"]
    location, message = _WORDINGS.get(kind, _other)(spot, details, report)
    report.add(location, message)


def _locate(tree: Node, annotation: Any, loc: tuple[Any, ...], path: tuple[str, ...]) -> Spot:
    node, location, key_location = tree, tree.location, tree.location
    left: list[str] = []
    siblings: tuple[str, ...] = ()
    for part in (str(part) for part in loc):
        types = (
            _distribution_fields(annotation) if _is_distribution(annotation, node) else below(annotation, node) or {}
        )
        if isinstance(node, MapNode) and part in node.entries and not left:
            annotation, siblings = types.get(part), tuple(types)
            key_location = node.keys.get(part, node.location)
            node = node.entries[part]
        elif isinstance(node, ListNode) and part.isdecimal() and int(part) < len(node.items) and not left:
            annotation = types.get(part)
            node = node.items[int(part)]
            key_location = node.location
        else:
            if part not in _TAGS:
                left.append(part)
            continue
        path = (*path, part)
        location = node.location
    return Spot(path, node, annotation, tuple(left), location, key_location, siblings)


_TAGS = ("number", "distribution", "text", "odds", "name", "reference", "switch", "parameters", "date", "list")


def _is_distribution(annotation: Any, node: Node) -> bool:
    return isinstance(node, MapNode) and Distribution in branches(annotation)


def _distribution_fields(annotation: Any) -> Mapping[str, Any]:
    known = dict(fields(Distribution))
    for branch in branches(annotation):
        if is_model(branch) and branch is not Distribution:
            known |= fields(branch)
    return known


def _missing(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
    if isinstance(spot.node, ListNode):
        return _wrong_length(spot, details, report)
    key = str(details["loc"][-1])
    return spot.key_location, f"{label(spot.path)} lacks {quoted(key)}"


def _unknown_key(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
    above = spot.path[:-1]
    allowed = spot.siblings
    best = nearest(spot.path[-1], allowed)
    hint = f"; did you mean {quoted(best)}?" if best else f"; it may have {listed(allowed)}" if allowed else ""
    return spot.key_location, f"unknown key {quoted(spot.path[-1])} in {label(above)}{hint}"


def _wrong_length(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
    count = next((len(get_args(branch)) for branch in branches(spot.annotation) if get_origin(branch) is tuple), None)
    held = spot.node.entries if isinstance(spot.node, MapNode) else items(spot.node)
    found = len(held)
    form = fields_of_family(spot)
    if count:
        return spot.location, f"{spot.subject} takes {count} values{form}, found {found}"
    context = details.get("ctx", {})
    if "min_length" in context:
        return spot.location, f"{spot.subject} has {found or 'nothing'}; it takes {context['min_length']} or more"
    return spot.location, f"{spot.subject} has {found}; it takes at most {context.get('max_length')}"


def fields_of_family(spot: Spot) -> str:
    """What the values of a distribution's family are, in brackets; empty for anything else."""
    field = Distribution.model_fields.get(spot.path[-1]) if spot.path else None
    return f", {field.description}" if field else ""


def _out_of_range(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
    value = spot.node.value if isinstance(spot.node, ScalarNode) else None
    context = details.get("ctx", {})
    ((rule, limit),) = context.items()
    side = {"le": "above", "lt": "not below", "ge": "below", "gt": "not above"}[rule]
    allowed = limits(spot.annotation) or context
    hint = _percent_hint(value) if allowed.get("le") == 1 else ""
    return spot.location, f"{spot.subject} {_shown(value)} is {side} {figure(limit)}; use {_range(allowed)}{hint}"


def _percent_hint(value: object) -> str:
    is_percent = isinstance(value, (int, float)) and 2 <= value <= 100
    return f" (for {value} % write {value / 100:g})" if is_percent and isinstance(value, (int, float)) else ""


def _range(allowed: Mapping[str, float]) -> str:
    low, high = allowed.get("ge", allowed.get("gt")), allowed.get("le", allowed.get("lt"))
    if low is None and high is None:
        return "a number"
    if low is not None and high is not None:
        is_open = "gt" in allowed
        return f"a number {f'above {figure(low)} and up to ' if is_open else f'in {figure(low)}..'}{figure(high)}"
    if low is not None:
        return f"a number above {figure(low)}" if "gt" in allowed else f"a number of {figure(low)} or more"
    return f"a number of at most {high:g}"


def _not_a_number(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
    hint = ""
    if isinstance(spot.node, ScalarNode) and isinstance(spot.node.value, str):
        hint = _number_hint(spot.node.value.strip())
    return spot.location, f"{spot.subject} is {_found(spot.node)}; use {_range(limits(spot.annotation))}{hint}"


def _number_hint(text: str) -> str:
    if _IN_THOUSANDS.fullmatch(text):
        return f" (write {text.replace(',', '')})"
    for candidate, factor in ((text.removesuffix("%"), 100.0), (text.replace(",", "."), 1.0)):
        try:
            number = float(candidate) / (factor if text.endswith("%") else 1.0)
        except ValueError:
            continue
        if abs(number) < 1e15:
            return f" ({'without quotes: ' if candidate == text else ''}write {number:g})"
    return ""


def _not_text(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
    is_value = isinstance(spot.node, ScalarNode)
    text = spot.node.text if isinstance(spot.node, ScalarNode) else ""
    hint = f'; if it is meant as text, put it in quotes: "{text[:30]}"' if is_value else ""
    if spot.path and spot.path[-1] in _FORMS:
        hint = f"; write {_FORMS[spot.path[-1]]}"
    return spot.location, f"{spot.subject} is {_found(spot.node)}, not a text{hint}"


_IN_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+")
_FORMS = {
    **dict.fromkeys(("for", "within", "cooldown", "half_life"), "a number with its unit, like '6 months'"),
    "cooperation": "'below 35' or 'above 50'",
    **dict.fromkeys(("conduct", "pressure"), "'a -> b', who acts and towards whom"),
}
"""What to write in fields whose text has a form of its own."""


def _not_one_of(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
    value = spot.node.value if isinstance(spot.node, ScalarNode) else None
    expected = str(details.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
    if spot.path == ("tensionsim",):
        return spot.location, f"{_found(spot.node)} is no format that this version reads; write tensionsim: 1"
    if isinstance(value, bool) and "off" in expected:
        return spot.location, f"{spot.subject} is {_found(spot.node)}; write {'on' if value else 'off'}"
    if not isinstance(value, str):
        return spot.location, f"{spot.subject} is {_found(spot.node)}; it is one of {listed(expected)}"
    best = nearest(value, expected)
    hint = f"; did you mean {quoted(best)}?" if best else ""
    return spot.location, f"{spot.subject} {quoted(value)} is none of {listed(expected)}{hint}"


def _not_a_truth(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
    value = spot.node.value if isinstance(spot.node, ScalarNode) else None
    truth = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(str(value).casefold(), "true or false")
    return spot.location, f"{spot.subject} is {_found(spot.node)}; write {truth}"


def _expected(what: str) -> Callable[[Spot, Details, Report], tuple[SourceLocation, str]]:
    def wording(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
        form = fields_of_family(spot)
        return spot.location, f"{spot.subject} is {_found(spot.node)}; it takes {what}{form}"

    return wording


def _bad_form(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
    if spot.left[-1:] == ("[key]",):
        return (
            spot.key_location,
            f"{quoted(spot.path[-1])} is not a name: use a letter, then letters, digits, '_' or '-', at most 60",
        )
    if spot.path[-1:] == ("cameo",):
        form = 'two to four digits in quotes, the first two from "01" to "20"'
        return spot.location, f"{_found(spot.node)} is not a CAMEO code: {form}"
    return spot.location, f"{spot.subject} is {_found(spot.node)}, which has not the right form"


def _wrong_text_length(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
    return spot.key_location, f"{quoted(spot.path[-1])} is not a name of 1 to 200 characters"


def _own_words(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
    prefix = f"{spot.subject}: " if isinstance(spot.node, MapNode) else ""
    return spot.location, f"{prefix}{details['msg']}"


def _other(spot: Spot, details: Details, report: Report) -> tuple[SourceLocation, str]:
    return spot.location, f"{spot.subject} is {_found(spot.node)}: {details['msg']}"


def _found(node: Node) -> str:
    if isinstance(node, MapNode):
        return "a mapping"
    if isinstance(node, ListNode):
        return "a list"
    if isinstance(node.value, str):
        return f"the text {quoted(node.value)}" if node.value else "an empty text"
    return f"the number {_shown(node.value)}" if not isinstance(node.value, bool) else _shown(node.value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)[:30]


_WORDINGS: Mapping[str, Callable[[Spot, Details, Report], tuple[SourceLocation, str]]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "too_short": _wrong_length,
    "too_long": _wrong_length,
    "less_than_equal": _out_of_range,
    "less_than": _out_of_range,
    "greater_than_equal": _out_of_range,
    "greater_than": _out_of_range,
    "float_type": _not_a_number,
    "int_type": _not_a_number,
    "finite_number": _not_a_number,
    "string_type": _not_text,
    "bool_type": _not_a_truth,
    "literal_error": _not_one_of,
    "date_type": _expected("a date, like 2025-01-20"),
    "list_type": _expected("a list"),
    "tuple_type": _expected("a list"),
    "dict_type": _expected("a mapping of names to values"),
    "model_type": _expected("a mapping of keys to values"),
    "model_attributes_type": _expected("a mapping of keys to values"),
    "string_pattern_mismatch": _bad_form,
    "string_too_short": _wrong_text_length,
    "string_too_long": _wrong_text_length,
    OWN_WORDS: _own_words,
}


CHANCE_TOLERANCE = 1e-6


def check_changes(tree: MapNode, names: Names, span: Span | None, report: Report) -> None:
    """Checks every change of a tree."""
    for change in items(child(tree, "changes")):
        check_date(child(change, "date"), "this change", tree, span, report)
        check_name(child(change, "actor"), "actor", names.actors, report)
        alternatives = items(child(change, "one_of"))
        for part in (change, *alternatives):
            _check_leader(part, child(change, "actor"), tree, names, report)
            _check_set(part, tree, names, report)
        _check_chances(child(change, "one_of"), report)
        if isinstance(change, MapNode) and not {"set", "leader", "one_of"} & set(change.entries):
            report.add(change.location, "this change changes nothing; give it `set`, a `leader` or `one_of`")


def _check_leader(part: Node, actor: Node | None, tree: MapNode, names: Names, report: Report) -> None:
    leader = child(part, "leader")
    if leader is None:
        return
    name = check_name(leader, "leader", names.leaders, report)
    if actor is None:
        report.add(leader.location, f"leader {quoted(text_of(leader))} of whom? name the `actor` of the change")
    who = text_of(actor)
    if name is not None and who is not None and names.actors is not None and who in names.actors:
        check_rules(child(tree, "leaders", name), who, names, report)


def _check_chances(node: Node | None, report: Report) -> None:
    chances = [number_of(child(part, "chance")) for part in items(node)]
    if node is None or not chances or any(chance is None for chance in chances):
        return
    total = math.fsum(chance for chance in chances if chance is not None)
    if abs(total - 1.0) > CHANCE_TOLERANCE:
        report.add(node.location, f"the chances of `one_of` sum to {total:g}; they must sum to 1")


def _check_set(part: Node, tree: MapNode, names: Names, report: Report) -> None:
    for text, location, node in entries(child(part, "set")):
        for path in _expanded(text, location, tree, names, report):
            if fault := _not_settable(path, node, tree):
                report.add(location, f"a change sets {quoted(paths.join(path))}; {fault}")
                break
            patch = paths.put(MapNode({}, location), path, node, location)
            check_part(Numbers, patch, (), report)
            check_parameters(patch, names, report)
            if path[0] == "actors":
                check_attributes(child(patch, *path[:2]), names, report, actor=path[1])


def _expanded(text: str, location: SourceLocation, tree: MapNode, names: Names, report: Report) -> list[Keys]:
    try:
        return paths.expand(tree, text, names.keys)
    except NoPath as lost:
        report.add(location, f"a change sets {quoted(text)}; no such path, {lost}")
        return []


def _not_settable(path: Keys, node: Node, tree: MapNode) -> str:
    allowed = "on a date one can set numbers of actors, mechanisms and parameters"
    if path[0] == "mechanisms" and len(path) == 3:
        return "this mechanism is off" if text_of(child(tree, *path[:2])) == "off" else ""
    if path[0] == "parameters" and len(path) == 2:
        return ""
    given = [key for key, _, _ in entries(node)] if len(path) == 2 else [*path[2:3]]
    if path[0] != "actors" or not given:
        return allowed
    if {"rules", "checks"} & {*given}:
        return f"{allowed}; rules and checks come with a `leader`"
    if "leader" in given:
        return f"{allowed}; a new leader is the key `leader` of the change"
    return allowed if {"label", "regional", "repertoire"} & {*given} else ""


def spelled_out(tree: MapNode, names: Names) -> MapNode:
    """The tree with every change's `set` as single numbers by full path: no wildcards, no mappings."""
    changes = child(tree, "changes")
    if not isinstance(changes, ListNode):
        return tree
    written = tuple(_spelled(change, tree, names) for change in changes.items)
    return tree.with_entry("changes", ListNode(written, changes.location), changes.location)


def _spelled(part: Node, tree: MapNode, names: Names) -> Node:
    if not isinstance(part, MapNode):
        return part
    changed = part
    if isinstance(alternatives := child(part, "one_of"), ListNode):
        written = tuple(_spelled(one, tree, names) for one in alternatives.items)
        changed = changed.with_entry("one_of", ListNode(written, alternatives.location), alternatives.location)
    if isinstance(values := child(part, "set"), MapNode):
        single: dict[str, Node] = {}
        for text, node in values.entries.items():
            for path in paths.expand(tree, text, names.keys):
                single |= {paths.join(leaf): value for leaf, value in _leaves(path, node)}
        changed = changed.with_entry(
            "set", MapNode(single, values.location, dict.fromkeys(single, values.location)), values.location
        )
    return changed


def _leaves(path: Keys, node: Node) -> Iterator[tuple[Keys, Node]]:
    is_single = isinstance(node, (ScalarNode, ListNode)) or set(node.entries) <= set(FAMILIES)
    if is_single:
        yield path, node
        return
    for key, inner in entries_of(node):
        yield from _leaves((*path, key), inner)


def entries_of(node: Node) -> Iterator[tuple[str, Node]]:
    """Keys and nodes of a mapping."""
    for key, _, inner in entries(node):
        yield key, inner


def references_check(tree: MapNode, names: Names, report: Report) -> None:
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
    for name, location, _ in entries(child(tree, "elections")):
        check_key(name, location, "actor", names.actors, report)
    check_parameters(tree, names, report)
    for _, location, event in entries(child(tree, "events")):
        check_condition(event, location, names, report)


def _check_history(tree: MapNode, names: Names, report: Report) -> None:
    from tensionsim.events.history import names as history_names
    from tensionsim.events.history import origin as history_origin

    name, start = check_name(child(tree, "history"), "history", names.histories, report), child(tree, "start")
    day = date_of(start)
    if start is None or day is None or name not in history_names():
        return
    if day < (origin := history_origin(name)):
        report.add(
            start.location,
            f"the start, {day}, is before {origin}, from when on history {quoted(name)} is observed; "
            f"start on {origin} or later, or write `history: none`",
        )


def _check_principals(node: Node | None, names: Names, report: Report) -> None:
    for item in items(node):
        check_name(item, "actor", names.actors, report)
    found = [text_of(item) for item in items(node)]
    if node and len(found) == 2 and found[0] is not None and found[0] == found[1]:
        report.add(node.location, f"the principals are two different actors, found {quoted(found[0])} twice")


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
        report.add(node.location, f"{quoted(name)} cannot be in force so; it holds for {scope_of(kind)}")
        return
    lacking = [key for index, key in enumerate(("actor", "target", "issue")) if len({one[index] for one in found}) > 1]
    choices = [
        f"{key} ({listed(dict.fromkeys(one[('actor', 'target', 'issue').index(key)] for one in found))})"
        for key in lacking
    ]
    report.add(
        node.location, f"{quoted(name)} could be in force in {len(found)} ways; name its {' and '.join(choices)}"
    )


def _check_indicator(name: str, node: Node, names: Names, report: Report) -> None:
    check_name(child(node, "issue"), "issue", names.issues, report)
    check_name(child(node, "responsible"), "actor", names.actors, report)
    check_text(child(node, "growth"), growth_per_month, report)
    check_text(child(node, "half_life"), months, report)
    rest, half_life = child(node, "rest"), child(node, "half_life")
    for given, lacking in ((rest, "half_life"), (half_life, "rest")):
        if given and child(node, lacking) is None:
            report.add(
                given.location,
                f"an indicator that returns to a level needs `rest` and `half_life`; {quoted(name)} lacks `{lacking}`",
            )
    floor, ceiling, value = (number_of(child(node, key)) for key in ("floor", "ceiling", "value"))
    for limit, key, is_beyond in ((floor, "floor", float.__lt__), (ceiling, "ceiling", float.__gt__)):
        if (start := child(node, "value")) and value is not None and limit is not None and is_beyond(value, limit):
            report.add(start.location, f"value {value:g} is beyond the {key}, {limit:g}")
    for driver in items(child(node, "driven_by")):
        _check_driver(driver, names, report)


def _check_driver(node: Node, names: Names, report: Report) -> None:
    kinds = [key for key, _, _ in entries(node) if key in ("conduct", "indicator", "arrangement")]
    if isinstance(node, MapNode) and len(kinds) != 1:
        found = " and ".join(kinds) or "none"
        report.add(node.location, f"a driver is one of conduct, indicator, arrangement; found {found}")
    check_direction(child(node, "conduct"), names, report, anyone=True)
    check_name(child(node, "indicator"), "indicator", names.indicators, report)
    check_name(child(node, "arrangement"), "arrangement", names.kinds, report)
    check_name(child(node, "issue"), "issue", names.issues, report)
    for key in ("issue", "hostile"):
        if (beside := child(node, key)) and kinds and kinds != ["conduct"]:
            report.add(beside.location, f"{quoted(key)} says nothing about {quoted(kinds[0])}; it belongs to conduct")
