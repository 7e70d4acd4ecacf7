"""Checks the parts of a scenario against one another, and notes what does less than one might think.

A walk beside the schema sees every node once: a text that names something must name what there is, and mappings of
some models have a check of their own. The walk reports all it finds; notes are made of what can be run.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from tensionsim.model.catalogue import OWN_QUANTITIES, Move, answers, goldstein, matters
from tensionsim.model.mechanisms import MECHANISMS
from tensionsim.model.parameters import ENGINE, STANCE_AT_REST, Parameter
from tensionsim.model.state import FADED
from tensionsim.scenario import paths, schema
from tensionsim.scenario.distributions import FAMILIES, complaint, is_distribution, parse
from tensionsim.scenario.histories import check_history, history_of
from tensionsim.scenario.judgements import copula
from tensionsim.scenario.names import (
    NO_HISTORY,
    Cast,
    Known,
    Names,
    NoAddress,
    address,
    catalogue_of,
    holders,
    scope_of,
    ways_of,
)
from tensionsim.scenario.overrides import WHILE_GOVERNING
from tensionsim.scenario.paths import Keys, NoPath, Shape, below, fields, parse_path
from tensionsim.scenario.quantities import Span, bound, check_date, date_of, pair, shift, span_of
from tensionsim.scenario.schema import Alternative, Change, ScenarioFile
from tensionsim.scenario.validation import KEYED, check
from tensionsim.scenario.yaml_tree import (
    ListNode,
    MapNode,
    Node,
    Report,
    ScalarNode,
    SourceLocation,
    child,
    entries,
    items,
    listed,
    number_of,
    plain,
    quoted,
    text_of,
)

MEASURED = ("cooperation", "conduct", "pressure", "indicator")
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


NUMBERED = ("actors", "mechanisms", "parameters", "indicators")
"""Keys below which there are numbers that hold from the start."""


def check_references(tree: MapNode, names: Names, report: Report) -> None:
    """Notes every problem that the parts of a tree have with one another."""
    walk = _Walk(tree, names, report)
    known = fields(ScenarioFile)
    for key, location, node in entries(tree):
        if key in known and key != "outlooks":
            walk.visit(node, known[key], location, (key,), None)
    check_history(tree, names, report)
    walk.check_start_index()
    walk.check_principals()
    walk.check_parameters(tree)
    walk.check_correlations(items(child(tree, "correlations")))
    walk.check_consistency(child(tree, "consistency"))
    for node in items(child(tree, "arrangements")):
        walk.check_in_force(node)


class _Walk:
    """A walk over a tree beside the schema, by which names and the models with a check of their own are checked."""

    def __init__(self, tree: MapNode, names: Names, report: Report) -> None:
        self.tree, self.names, self.report = tree, names, report
        self.span = span_of(tree, report)

    def visit(self, node: Node, shape: Shape, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks a node of a shape and all below it; location : of a mapping. actor : who acts by it, if it is said."""
        if isinstance(node, ScalarNode):
            if shape.refers:
                self.check_name(node, shape.refers)
            return
        if isinstance(node, ListNode):
            for key, part in below(shape, node).items():
                if int(key) < len(node.items):
                    self.visit(node.items[int(key)], part, node.items[int(key)].location, (*path, key), actor)
            return
        if shape.model is schema.Actor:
            actor = path[-1]
        if shape.model in _CHECKS and _CHECKS[shape.model](self, node, location, path, actor) is False:
            return
        known = fields(shape.model) if shape.model is not None else {}
        for key, key_location, value in entries(node):
            if shape.key_refers:
                self.check_key(key, key_location, shape.key_refers)
            if inner := known.get(key) or shape.own:
                self.visit(value, inner, key_location, (*path, key), actor)

    def add(self, node: Node, message: str) -> None:
        self.report.add(node.location, message)

    def check_name(self, node: Node | None, kind: str) -> None:
        """Checks that a text names something of a kind; "direction of any" has also `*`, whoever acts."""
        text = text_of(node)
        if node is None or text is None:
            return
        if not kind.startswith("direction"):
            self.check_key(text, node.location, kind)
            return
        try:
            acting, target = pair(text)
        except ValueError:
            return
        for name in (acting, target):
            if not (kind == "direction of any" and name == acting == "*"):
                self.check_key(name, node.location, "actor")
        if acting == target:
            self.add(node, f"{quoted(acting)} cannot act towards itself")

    def check_key(self, name: str, location: SourceLocation, kind: str, known: Known = ()) -> bool:
        """Whether something of a kind is known by that name, of those given or all; the reason is reported if not."""
        known = self.names.known.get(kind, known)
        if known is None or name in known:
            return True
        self.report.add(location, f"no {kind} {quoted(name)}{self.report.near(name, known)}")
        return False

    def is_known(self, node: Node | None, kind: str) -> bool:
        """Whether what a node names is certain to be there; it is where nothing is named."""
        return node is None or text_of(node) in (self.names.known[kind] or ())

    def check_condition(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> bool:
        """Whether a condition observes one thing; if so, checks what stands beside it."""
        given = dict.fromkeys("date" if key in ("after", "before") else key for key in node.entries)
        observed = [key for key in given if key in BELONGING]
        if len(observed) != 1:
            words = f"this condition observes nothing; it takes one of {listed(ASKING)}"
            if observed:
                words = f"a condition has one observable, found {' and '.join(observed)}; "
                words += "list them under `all`, `any` or `none`"
            self.report.add(location, words)
            return False
        (subject,) = observed
        for key, key_location, value in entries(node):
            owners = [name for name, belonging in BELONGING.items() if key in belonging]
            if owners and subject not in owners:
                words = f"says nothing about {quoted(subject)}; it belongs to {listed(owners)}"
                self.report.add(key_location, f"{quoted(key)} {words}")
            if key in COMBINATIONS and isinstance(value, ListNode) and not value.items:
                self.add(value, f"`{key}` is empty; list the conditions that it combines")
        after, before = (date_of(child(node, key)) for key in ("after", "before"))
        if after and before and after >= before:
            words = f"before {text_of(node.entries['before'])} and after {text_of(node.entries['after'])}"
            self.add(node.entries["before"], f"{words} never hold together")
        elif subject in MEASURED:
            self.check_bounds(node, subject, location)
        return True

    def check_bounds(self, node: MapNode, observed: str, location: SourceLocation) -> None:
        above, below, value = (child(node, key) for key in ("above", "below", observed))
        low, high, text = number_of(above), number_of(below), text_of(value)
        if text is None:
            return
        if observed == "cooperation" and text.strip() != "index":
            with suppress(ValueError):
                limit = bound(text)
                self.check_index(value, limit.below if limit.above is None else limit.above)
                if other := above or below:
                    self.add(other, f"the bound stands twice; keep {quoted(text)} alone, or write `cooperation: index`")
            return
        if above is None and below is None:
            self.report.add(location, f"{quoted(observed)} needs a bound: add `above` or `below`")
            return
        if low is not None and high is not None and low >= high and below:
            self.add(below, f"above {low:g} and below {high:g} never hold together")
        if observed == "cooperation":
            self.check_index(above, low)
            self.check_index(below, high)

    def check_index(self, node: Node | None, value: float | None) -> None:
        if node and value is not None and not 0 <= value <= 100:
            self.add(node, f"cooperation {value:g} lies outside 0..100, the range of the index")

    def check_odds(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        observed, name, issue = text_of(child(node, "of")), child(node, "name"), child(node, "issue")
        if observed not in MEASURED:
            return
        if observed == "cooperation":
            if name is not None:
                self.add(name, "odds of cooperation take no `name`; narrow them with `issue`")
        elif name is None:
            form = "the indicator" if observed == "indicator" else '"a -> b"'
            self.report.add(node.keys.get("of", node.location), f"odds of {observed} need a `name`: {form}")
        elif observed == "indicator":
            self.check_name(name, "indicator")
        else:
            self.check_text(name, pair)
            self.check_name(name, "direction")
        if issue and observed in ("pressure", "indicator"):
            self.add(issue, f"'issue' says nothing about {quoted(observed)}; it belongs to cooperation, conduct")
        end = child(node, "end", "0")
        if end and (value := number_of(child(node, "start", "0"))) is not None and value == number_of(end):
            self.add(end, f"odds change between two different values, found {value:g} twice")

    def check_text(self, node: Node, meaning: Callable[[str], object]) -> None:
        try:
            meaning(text_of(node) or "")
        except ValueError as error:
            if text_of(node) is not None:
                self.add(node, str(error))

    def check_attributes(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        owner = path[1] if path[0] == "actors" else None
        for attribute in ("dependence", "affinity"):
            for name, key_location, _ in entries(child(node, attribute)):
                if name == owner:
                    words = f"{attribute} of {quoted(name)} on itself means nothing; name another actor"
                    self.report.add(key_location, words)
        salience = child(node, "salience")
        weights = [number_of(value) for _, _, value in entries(salience)]
        if salience and weights and owner and all(weight == 0 for weight in weights):
            self.add(salience, "salience is 0 on every issue; give at least one a weight above 0")
        if leader := text_of(child(node, "leader")):
            self.check_leader_as(leader, owner)
        self.check_able(items(child(node, "repertoire")), owner)

    def check_leader_as(self, leader: str, actor: str | None) -> None:
        """Checks the rules and checks of a leader as those of the actor whom it leads."""
        for key in ("rules", "checks"):
            if node := child(self.tree, "leaders", leader, key):
                self.visit(node, fields(schema.ActorPatch)[key], node.location, ("leaders", leader, key), actor)

    def check_able(self, nodes: Sequence[Node], actor: str | None) -> None:
        if (cast := self.names.cast) is None or actor is None:
            return
        ways = [(actor, other, issue) for other in cast.actors if other != actor for issue in cast.issues]
        for node in nodes:
            move = self.names.catalogue.moves.get(text_of(node) or "")
            if move and not any(move.can_be_made(*way) for way in ways):
                self.add(node, f"{quoted(actor)} cannot make {quoted(move.name)} in this scenario")

    def check_act(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks that `actor` can make the move of a rule or of the schedule, and that it is clear where."""
        issue, target, named = child(node, "issue"), child(node, "target"), child(node, "move")
        cast, move = self.names.cast, self.names.catalogue.moves.get(text_of(named) or "")
        is_clear = self.is_known(issue, "issue") and self.is_known(target, "actor")
        if actor is None or cast is None or move is None or named is None or not is_clear:
            return
        if move.name not in self.names.repertoires.get(actor, {move.name}):
            self.add(named, f"{quoted(move.name)} is not in the repertoire of {quoted(actor)}")
            return
        try:
            address(move, actor, text_of(target), text_of(issue), cast)
        except NoAddress as fault:
            self.report.add((child(node, fault.part) or named).location, str(fault))

    def check_scheduled(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        check_date(child(node, "date"), "this move", self.tree, self.span, self.report)
        mover = child(node, "actor")
        self.check_act(node, location, path, text_of(mover) if self.is_known(mover, "actor") else None)

    def check_indicator(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        rest, half_life, start = (child(node, key) for key in ("rest", "half_life", "value"))
        for given, lacking, other in ((rest, "half_life", half_life), (half_life, "rest", rest)):
            if given and other is None:
                words = f"{quoted(path[-1])} lacks `{lacking}`"
                self.add(given, f"an indicator that returns to a level needs `rest` and `half_life`; {words}")
        floor, ceiling, value = (number_of(child(node, key)) for key in ("floor", "ceiling", "value"))
        for limit, key, is_beyond in ((floor, "floor", float.__lt__), (ceiling, "ceiling", float.__gt__)):
            if start and value is not None and limit is not None and is_beyond(value, limit):
                self.add(start, f"value {value:g} is beyond the {key}, {limit:g}")

    def check_driver(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        kinds = [key for key, _, _ in entries(node) if key in ("conduct", "indicator", "arrangement")]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none"
            self.add(node, f"a driver is one of conduct, indicator, arrangement; found {found}")
        for key in ("issue", "hostile"):
            if (beside := child(node, key)) and kinds and kinds != ["conduct"]:
                self.add(beside, f"{quoted(key)} says nothing about {quoted(kinds[0])}; it belongs to conduct")

    def check_own_move(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        self.check_own_kind(node, location, path, actor)
        name = quoted(path[-1])
        for key, does in (("begins", "begins"), ("barred_by", "is barred by")):
            named = {text_of(item) for item in items(child(node, key))}
            for item in items(child(node, "ends")):
                if text_of(item) in named:
                    self.add(item, f"{name} {does} and ends {quoted(text_of(item))}; it can do one of both")
        way, taken = answers().get(text_of(child(node, "answers")) or ""), child(node, "withdraws")
        if way and way.presupposes and items(taken) and taken:
            self.add(taken, f"{name} answers the other, so it withdraws nothing of its own; drop `withdraws`")
        for quantity, key_location, amount in entries(child(node, "shifts")):
            indicators, text = self.names.known["indicator"], text_of(amount)
            if indicators is not None:
                self.check_key(quantity, key_location, "quantity to shift", (*indicators, *OWN_QUANTITIES))
            if quantity in OWN_QUANTITIES and text is not None:
                self.add(amount, f"a shift of {quantity} is an amount, found {quoted(text)}; write one, like 0.05")
            elif text is not None:
                self.check_text(amount, shift)
        self.check_held(path[-1], node)
        coded = child(node, "cameo")
        code = text_of(coded)
        if coded and code and code.isdigit() and "01" <= code[:2] <= "20" and code not in goldstein():
            parents = [known for known in goldstein() if known.startswith(code[:2])]
            self.add(coded, f"CAMEO has no code {quoted(code)}{self.report.near(code, parents)}")

    def check_own_kind(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks that a move or an arrangement of the scenario's own admits somebody."""
        for key in ("actors", "targets", "issues"):
            named = child(node, key)
            if isinstance(named, ListNode) and not named.items:
                self.add(named, f"`{key}` is empty, which admits nobody and nothing; leave it out to admit all")

    def check_held(self, name: str, entry: Node) -> None:
        """Checks that somebody who can make a move can hold, towards its target, all that it begins and ends."""
        cast, move = self.names.cast, self.names.catalogue.moves.get(name)
        if cast is None or move is None:
            return
        ways = ways_of(move, cast)
        for key, both in (("begins", False), ("ends", True)):  # the mover may end its own, or one that binds it
            for item in items(child(entry, key)):
                if (kind := self.names.catalogue.arrangements.get(text_of(item) or "")) and ways:
                    held = kind.held_by
                    ways = [(a, b, on) for a, b, on in ways if held(a, b, on) or (both and held(b, a, on))]
                    if not ways:
                        words = f"{quoted(name)} {key} {quoted(kind.name)}, which none of those who make it can hold"
                        self.add(item, f"{words} so; it holds for {scope_of(kind)}")

    def check_change(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks a change: its date, the leader who comes, what it sets and the chances of its alternatives."""
        check_date(child(node, "date"), "this change", self.tree, self.span, self.report)
        led, alternatives = child(node, "actor"), child(node, "one_of")
        for part in (node, *items(alternatives)):
            leader = child(part, "leader")
            if leader and led is None:
                self.add(leader, f"leader {quoted(text_of(leader))} of whom? name the `actor` of the change")
            if leader and led and self.is_known(led, "actor"):
                self.check_leader_as(text_of(leader) or "", text_of(led))
            for text, key_location, value in entries(child(part, "set")):
                self.check_set(text, key_location, value)
        chances = [number_of(child(part, "chance")) for part in items(alternatives)]
        total = math.fsum(chance for chance in chances if chance is not None)
        if alternatives and chances and None not in chances and abs(total - 1.0) > 1e-6:
            self.add(alternatives, f"the chances of `one_of` sum to {total:g}; they must sum to 1")
        if not {"set", "leader", "one_of"} & set(node.entries):
            self.add(node, "this change changes nothing; give it `set`, a `leader` or `one_of`")

    def check_set(self, text: str, location: SourceLocation, node: Node) -> None:
        try:
            found = paths.expand(self.tree, text, self.names.keys)
        except NoPath as lost:
            self.report.add(location, f"a change sets {quoted(text)}; no such path, {lost}")
            return
        for path in found:
            if fault := _not_settable(path, node, self.tree):
                self.report.add(location, f"a change sets {quoted(paths.join(path))}; {fault}")
                return
            patch = paths.put(MapNode({}, location), path, node, location)
            check(patch, schema.Numbers, self.report)
            self.check_parameters(patch)
            if actors := child(patch, "actors"):
                self.visit(actors, fields(schema.Numbers)["actors"], location, ("actors",), None)

    def check_parameters(self, tree: Node) -> None:
        for name, key_location, mechanism in entries(child(tree, "mechanisms")):
            if self.check_key(name, key_location, "mechanism", self.names.mechanisms):
                known = self.names.mechanisms[name]
                self.check_ranges(mechanism, known, f"mechanism '{name}' has no parameter")
        self.check_ranges(child(tree, "parameters"), self.names.parameters, "no parameter")

    def check_ranges(self, node: Node | None, known: Mapping[str, Parameter], lacking: str) -> None:
        for name, key_location, value in entries(node):
            if name not in known:
                self.report.add(key_location, f"{lacking} '{name[:60]}'{self.report.near(name, known)}")
            elif fault := _out_of_bounds(value, known[name]):
                unit = "" if known[name].unit == "1" else f" ({known[name].unit})"
                self.add(value, f"{name}{fault}{unit}")

    def number_at(self, text: str, location: SourceLocation) -> Keys | None:
        """The path of a number that holds from the start; None where there is none such, with the reason."""
        try:
            found = paths.expand(self.tree, text, self.names.keys)
        except NoPath as lost:
            self.report.add(location, f"no such path as {quoted(text)}, {lost}")
            return None
        given = plain(one) if (one := child(self.tree, *found[0])) is not None else 0.0
        is_number = is_distribution(given) or (isinstance(given, (int, float)) and not isinstance(given, bool))
        if len(found) == 1 and is_number and found[0][0] in NUMBERED:
            return found[0]
        fault = "means several numbers; name one" if len(found) > 1 else f"is no number of {listed(NUMBERED)}"
        self.report.add(location, f"{quoted(text)} {fault}")
        return None

    def check_correlations(self, nodes: Sequence[Node]) -> None:
        """Checks that correlations are of different pairs of numbers, and can hold together."""
        seen, before = list[set[Keys | None]](), len(self.report)
        for node in nodes:
            texts = [text for one in items(child(node, "between")) if (text := text_of(one)) is not None]
            pair = {self.number_at(text, node.location) for text in texts}
            if any(path and child(self.tree, *path, "joint") for path in pair):
                self.add(node, f"one of {listed(texts)} is drawn with all `joint` numbers; leave it out here")
            if None not in pair and len(texts) == 2 and (len(pair) < 2 or pair in seen):
                self.add(node, f"{' and '.join(map(quoted, texts))}: a correlation is of two numbers, and told once")
            seen.append(pair)
        read = [one for node in nodes if (one := check(node, schema.Correlation, Report()))]
        if len(self.report) == before and len(read) == len(nodes):
            try:
                copula(read)
            except ValueError as torn:
                self.add(nodes[-1], str(torn))

    def check_consistency(self, node: Node | None) -> None:
        """Checks that states are bounds of numbers or outlooks that there are, and that the table is of states."""
        states = [key for key, _, _ in entries(child(node, "states"))]
        outlooks = [key for key, _, _ in entries(child(self.tree, "outlooks"))]
        for text, location, value in (one for _, _, state in entries(child(node, "states")) for one in entries(state)):
            if text == "outlook":
                self.check_key(str(plain(value)), value.location, "outlook", outlooks or None)
            elif self.number_at(text, location) and (words := text_of(value)) is not None:
                try:
                    bound(words)
                except ValueError as fault:
                    self.add(value, str(fault).replace("35", "0.3").replace("50", "0.7"))
        for row, location, cells in entries(child(node, "table")):
            for name, place in [(row, location), *((key, where) for key, where, _ in entries(cells))]:
                self.check_key(name, place, "state", states)

    def check_start_index(self) -> None:
        """Checks that a level at the start is of issues or directions that there are, and contradicts no history."""
        node, history = (child(self.tree, key) for key in ("start_index", "history"))
        if node is not None and history is not None and text_of(history) != NO_HISTORY:
            self.add(node, "the history says where the index starts; drop `start_index`, or write `history: none`")
        for key, location, _ in entries(node):
            if "->" in key:
                self.check_name(ScalarNode(key, location, key), "direction")
            else:
                self.check_key(key, location, "issue")

    def check_principals(self) -> None:
        node = child(self.tree, "principals")
        found = [text_of(item) for item in items(node)]
        if node and len(found) == 2 and found[0] is not None and found[0] == found[1]:
            self.add(node, f"the principals are two different actors, found {quoted(found[0])} twice")

    def check_in_force(self, node: Node) -> None:
        parts = {"actor": "actor", "target": "actor", "issue": "issue"}
        named = child(node, "name") if isinstance(node, MapNode) else node
        cast, kind = self.names.cast, self.names.catalogue.arrangements.get(text_of(named) or "")
        is_clear = all(self.is_known(child(node, key), of) for key, of in parts.items())
        if cast is None or kind is None or not is_clear:
            return
        actor, target, issue = (text_of(child(node, key)) for key in parts)
        found = holders(kind, actor, target, issue, cast)
        if not found:
            self.add(node, f"{quoted(kind.name)} cannot be in force so; it holds for {scope_of(kind)}")
        elif len(found) > 1:
            ways = zip(parts, map(dict.fromkeys, zip(*found, strict=True)), strict=True)
            choices = " and ".join(f"{key} ({listed(values)})" for key, values in ways if len(values) > 1)
            self.add(node, f"{quoted(kind.name)} could be in force in {len(found)} ways; name its {choices}")


_CHECKS: Mapping[Any, Callable[[_Walk, MapNode, SourceLocation, Keys, str | None], bool | None]] = {
    schema.Condition: _Walk.check_condition,
    schema.EventSpec: _Walk.check_condition,
    schema.Odds: _Walk.check_odds,
    schema.Actor: _Walk.check_attributes,
    schema.ActorPatch: _Walk.check_attributes,
    schema.Rule: _Walk.check_act,
    schema.Act: _Walk.check_act,
    schema.Check: lambda walk, node, _, __, actor: walk.check_able(items(child(node, "stops")), actor),
    schema.ScheduledMove: _Walk.check_scheduled,
    schema.Indicator: _Walk.check_indicator,
    schema.Driver: _Walk.check_driver,
    schema.MoveSpec: _Walk.check_own_move,
    schema.ArrangementSpec: _Walk.check_own_kind,
    schema.Change: _Walk.check_change,
}
"""What is checked of a mapping beside the names in it, by its model; False ends the walk there."""


def _not_settable(path: Keys, node: Node, tree: MapNode) -> str:
    allowed = "on a date one can set numbers of actors, mechanisms and parameters"
    if path[0] == "mechanisms" and len(path) == 3:
        return "this mechanism is off" if text_of(child(tree, *path[:2])) == "off" else ""
    if path[0] == "parameters" and len(path) == 2:
        return ""
    given = {key for key, _, _ in entries(node)} if len(path) == 2 else {*path[2:3]}
    if {"rules", "checks"} & given and path[0] == "actors":
        return f"{allowed}; rules and checks come with a `leader`"
    if "leader" in given and path[0] == "actors":
        return f"{allowed}; a new leader is the key `leader` of the change"
    return allowed if path[0] != "actors" or not given or {"label", "regional", "repertoire"} & given else ""


def _out_of_bounds(value: Node, parameter: Parameter) -> str:
    """Why a number cannot be a parameter's; empty if it can, or if the schema's check has told."""
    low, high, number = parameter.low, parameter.high, number_of(value)
    if number is not None:
        if parameter.unit == "acts" and number % 1:
            return f" {number:g} is not a whole number"
        side, limit = ("below", low) if number < low else ("above", high)
        return "" if low <= number <= high else f" {number:g} is {side} {limit:g}; use a number in {low:g}..{high:g}"
    given: Any = plain(value)
    if not is_distribution(given):
        return ""
    (family,) = given.keys() & FAMILIES.keys()
    if parameter.unit == "acts" and family != "choice":
        return f" is a whole number, which a {family} does not give; use a `choice` of whole numbers, like [3, 4, 5]"
    if parameter.unit == "acts" and (uneven := [each for each in given[family] if each % 1]):
        return f": {uneven[0]:g} is not a whole number"
    try:
        parse(given)
    except (ValueError, TypeError):
        return ""
    words = complaint(given, {"ge": low, "le": high})
    return f": {words}" if words else ""


FADED_MONTHS = 24
"""Months without an observed move after which little is left of a history's conduct and memories."""

DAYS_PER_MONTH = 365 / 12

NEAR = 0.45
"""Assumption: in a year alone, two whose stances are nearer end in alliance in a third of runs or more."""

ASKED_BY: Mapping[str, tuple[str, ...]] = {
    "stances": ("disagreement", "politicisation", "reciprocity"),
    "rhetoric": ("defiance", "politicisation"),
    "rally": ("defiance", "politicisation"),
    "confrontation": ("disagreement",),
    "reciprocity": ("reciprocity",),
    "insulation": ("insulation",),
    "dependence": ("concession", "contagion", "diversification", "rupture_avoidance"),
    "yardstick": ("performance",),
}
"""Attributes by the mechanisms that alone ask for them; for dependence the engine's `cost` does too."""


def notes_on(file: ScenarioFile, tree: MapNode) -> Iterator[str]:
    """What does less than one might think in a scenario, and the dates that fall between steps, each once."""
    moves = catalogue_of(file.moves, file.arrangement_kinds).moves
    for notes in (_unusual_scores(tree), _presupposing(file, tree, moves), _uncoupled(file, tree)):
        yield from dict.fromkeys(notes)
    for name, actor in file.actors.items():
        if not actor.stances:
            words = "and a third party takes part only in issues on which it holds one"
            if name in file.principals:
                words = f"so it stands at {STANCE_AT_REST} on every issue; write `stances`, 0..1 an issue"
            yield f"{quoted(name)} holds no stances, {words}"
    yield from _of_one_mind(file)
    yield from _idle(file)
    yield from _without_partner(file, moves)
    history = history_of(file)
    if history is not None and (months := (file.start - history.last).days / DAYS_PER_MONTH) > FADED_MONTHS:
        yield (
            f"history {quoted(history.name)} ends {months:.0f} months before the start, with a move of {history.last}: "
            "conduct and memories of it have faded; what was in force then still is"
        )
    yield from _without_ties(file)
    yield from dict.fromkeys(_without_channel(file))
    yield from dict.fromkeys(_inherited(file))
    span = Span(file.start, file.end, file.step)
    dated = [(f"the move {quoted(one.move)}", one.date) for one in file.schedule]
    for change in file.changes:
        called = change.label or change.leader
        dated.append((f"the change {quoted(called)}" if called else "the change", change.date))
    for what, date in dated:
        if (day := span.snapped(date)) != date:
            yield f"{what} of {date} happens in the {span.step} from {day}"


def _of_one_mind(file: ScenarioFile) -> Iterator[str]:
    """A note on a pair that nothing parts, whose runs end in alliance for want of anything to disagree about."""
    pair = [file.actors[name] for name in file.principals]
    others = (len(file.actors) > 2, file.schedule, file.changes, file.indicators, file.arrangements)
    is_held = history_of(file) is not None or any(others) or any(one.rules for one in pair)
    if is_held or file.mechanisms.get("disagreement") == "off":
        return
    weights, stances = [], []
    for one in pair:
        given = {issue: _mean(weight) for issue, weight in (one.salience or dict.fromkeys(file.issues, 1.0)).items()}
        weights.append([given.get(issue, 0.0) / sum(given.values()) for issue in file.issues])
        stances.append([_mean((one.stances or {}).get(issue, STANCE_AT_REST)) for issue in file.issues])
    apart = sum((a + b) / 2.0 * abs(c - d) for a, b, c, d in zip(*weights, *stances, strict=True))
    if apart < NEAR:
        yield (
            f"{' and '.join(map(quoted, file.principals))} have little to disagree about: weighed by salience their "
            f"stances are {apart:.2f} apart, where 0.5 neither binds nor parts. With nothing else between them many "
            "runs drift to alliance; set stances further apart, or give them rules, arrangements or a history"
        )


def _mean(value: float | schema.Distribution) -> float:
    return parse(value).mean if isinstance(value, schema.Distribution) else value


def _uncoupled(file: ScenarioFile, tree: MapNode) -> Iterator[str]:
    """Notes on correlations of numbers that are certain, which change nothing."""
    for text in (text for one in file.correlations for text in one.between):
        node = child(tree, *parse_path(text))
        if node is None or not is_distribution(plain(node)):
            yield f"{quoted(text)} is certain, so that its correlations have no effect"


def _idle(file: ScenarioFile) -> Iterator[str]:
    """Notes on attributes that act on nothing. What is stated of third parties also says whom they deal with."""
    off = {name for name, one in file.mechanisms.items() if one == "off"}
    if file.mechanisms.keys() - off - {one.name for one in MECHANISMS}:
        return  # mechanisms of one's own may ask for anything
    has_cost = file.parameters.get("cost", ENGINE["cost"].default) != 0.0
    for attribute, mechanisms in ASKED_BY.items():
        stating = [
            name
            for name, actor in file.actors.items()
            if (stated := getattr(actor, attribute))
            and (name in file.principals or attribute not in ("stances", "dependence"))
            and not (attribute == "dependence" and (has_cost or {*stated} - {*file.principals}))
        ]
        if stating and off.issuperset(mechanisms):
            yield (
                f"{attribute} of {', '.join(map(quoted, stating))} acts on nothing, as no mechanism that asks for it "
                f"is on: leave it out, or switch on {' or '.join(mechanisms)}"
            )


def _without_partner(file: ScenarioFile, moves: Mapping[str, Move]) -> Iterator[str]:
    """Notes on moves that nobody's menu has, because there is no third party or nothing that they would answer."""
    able = {}
    for actor, target in (file.principals, file.principals[::-1]):
        menu = {name: moves[name] for name in file.actors[actor].repertoire or moves}
        ways = ((name, issue) for name in menu for issue in file.issues)
        able[actor] = {name: menu[name] for name, issue in ways if menu[name].can_be_made(actor, target, issue)}
    for name, entry in moves.items():
        lacking = [
            actor
            for actor, others in zip(able, reversed(able.values()), strict=True)
            if name in able[actor] and not entry.has_partner(len(file.actors), others.values())
        ]
        if lacking and (entry.needs or entry.presupposes):
            who = "" if len(lacking) == 2 else f" of {quoted(lacking[0])}"
            words = "it needs a third party, and there is none"
            if entry.presupposes:
                words = f"it answers {_any_of(entry.presupposes)}, and nobody makes any"
            yield f"{quoted(name)} is on no menu{who}: {words}"


def _any_of(kinds: Sequence[str]) -> str:
    """Kinds of matter as a sentence has them: "a demand, a threat or tariffs"."""
    *others, last = (kind if kind.endswith("s") else f"a {kind}" for kind in kinds)
    return f"{', '.join(others)} or {last}" if others else last


def _without_ties(file: ScenarioFile) -> Iterator[str]:
    """Notes on third parties with stances that deal with nobody, as no relation to anybody is stated on either side."""
    history, tied = history_of(file), {*file.principals, *(str(one.actor) for one in file.schedule)}
    tied |= {str(one.target) for one in file.schedule} | ({*history.actors} if history is not None else set())
    for name, actor in file.actors.items():
        others = {*(actor.affinity or {}), *(actor.dependence or {})}
        tied |= {name, *others} if others or actor.rules else set()
    for name, actor in file.actors.items():
        if actor.stances and name not in tied:
            principal = file.principals[0]
            yield (
                f"{quoted(name)} deals with nobody: neither it nor another states an affinity or a dependence between "
                f"them, so that it makes no moves of its own; write `affinity: {{{principal}: 0.3}}`, -1..1"
            )


def _without_channel(file: ScenarioFile) -> Iterator[str]:
    """Notes on stances and relations that come too late: channels are laid from those of the first day."""
    for change, part in _parts(file):
        found = [parse_path(text) for text in part.set]
        for attribute in ("stances", "affinity", "dependence"):
            given = getattr(file.leaders[part.leader], attribute) if part.leader else None
            found += [("actors", str(change.actor), attribute, name) for name in given or ()]
        for path in (path for path in found if path[0] == "actors" and len(path) == 4):
            _, actor, attribute, other = path
            if attribute == "stances" and actor not in file.principals:
                if other not in (file.actors[actor].stances or {}):
                    yield (
                        f"the change of {change.date} gives {quoted(actor)} a stance on {quoted(other)} but no "
                        "channel: a third party takes part only in issues on which it holds a stance from the start"
                    )
            elif attribute in ("affinity", "dependence") and {actor, other} != {*file.principals} and actor != other:
                ties = [(file.actors[a], b) for a, b in ((actor, other), (other, actor))]
                if not any(b in (one.affinity or {}) or b in (one.dependence or {}) for one, b in ties):
                    yield (
                        f"the change of {change.date} sets the {attribute} of {quoted(actor)} to {quoted(other)} but "
                        "opens no channel between them: either must state an affinity or dependence from the start"
                    )


def _parts(file: ScenarioFile) -> Iterator[tuple[Change, Change | Alternative]]:
    """Each change with itself and each of its alternatives."""
    for change in file.changes:
        parts: list[Change | Alternative] = [change, *change.one_of]
        yield from ((change, part) for part in parts)


def _inherited(file: ScenarioFile) -> Iterator[str]:
    """Notes on what a new leader would take over from an old one, being silent about it."""
    said = {}
    for name, leader in file.leaders.items():
        given = leader.model_dump(exclude_none=True, exclude={*WHILE_GOVERNING})
        said[name] = {*given} - {*KEYED} | {f"{key}.{inner}" for key in KEYED for inner in given.get(key, ())}
    for change in file.changes:
        for new in sorted({part.leader for one, part in _parts(file) if one is change and part.leader}):
            for old in sorted(_leaders_of(str(change.actor), file) - {new}):
                if kept := sorted(said[old] - said[new]):
                    yield (
                        f"leader {quoted(new)}, who comes on {change.date}, is silent about {', '.join(kept)}: what "
                        f"{quoted(old)} set there would stay, if it led before"
                    )


def _leaders_of(actor: str, file: ScenarioFile) -> set[str]:
    """Who leads an actor from the start or may come to lead it."""
    comers = {part.leader for change, part in _parts(file) if change.actor == actor}
    return {name for name in (file.actors[actor].leader, *comers) if name is not None}


def _presupposing(file: ScenarioFile, tree: MapNode, moves: Mapping[str, Move]) -> Iterator[str]:
    """Notes on moves of rules and of the schedule that presuppose something open between the two."""
    cast = Cast(file.principals, file.actors, file.issues)

    def presupposed(act: Node, actor: str) -> tuple[tuple[str, str, str], Sequence[str], str]:
        """Who raises it with whom on which issue, what an act presupposes, and both in words."""
        move = moves[text_of(child(act, "move")) or ""]
        target, issue = address(move, actor, text_of(child(act, "target")), text_of(child(act, "issue")), cast)
        pair = (actor, target) if move.withdraws else (target, actor)
        kinds = move.withdraws or move.presupposes
        return (*pair, issue), kinds, f"{_any_of(kinds)} of {quoted(pair[0])} on {quoted(issue)}" if kinds else ""

    for actor in file.actors:
        owners = [("actors", actor), *(("leaders", leader) for leader in sorted(_leaders_of(actor, file)))]
        for name, location, rule in (one for owner in owners for one in entries(child(tree, *owner, "rules"))):
            for act in (rule, child(rule, "otherwise")):
                if act and (words := presupposed(act, actor)[-1]):
                    yield f"{location}: rule {quoted(name)} needs {words} to be open"
    raised = list(_raised(file, moves, cast))
    for act in items(child(tree, "schedule")):
        place, kinds, words = presupposed(act, text_of(child(act, "actor")) or "")
        date, last = (
            date_of(child(act, "date")),
            {kind: matters()[kind].half_life * -math.log2(FADED) for kind in kinds},
        )
        if not words or not date:
            continue
        ages = [((date - day).days / DAYS_PER_MONTH, kind) for day, at, kind in raised if at == place and kind in last]
        if not any(0 <= months <= last[kind] for months, kind in ages):
            yield (
                f"{act.location}: {quoted(text_of(child(act, 'move')))} of {date} presupposes {words}, and neither "
                "history nor schedule has one before; it is made all the same"
            )


def _raised(
    file: ScenarioFile, moves: Mapping[str, Move], cast: Cast
) -> Iterator[tuple[dt.date, tuple[str, str, str], str]]:
    """What history and schedule raise: day, pair and issue, kind; an event without a move may raise anything."""
    if history := history_of(file):
        for row in np.flatnonzero(history.dates < np.datetime64(file.start)).tolist():
            kinds = moves[history.moves[history.move[row]]].raises if history.move[row] >= 0 else tuple(matters())
            pair = history.actors[history.actor[row]], history.actors[history.target[row]]
            issues = file.issues if history.issue[row] < 0 else (history.issues[history.issue[row]],)
            yield from ((history.dates[row].item(), (*pair, issue), kind) for issue in issues for kind in kinds)
    for one in file.schedule:
        place = (one.actor, *address(moves[one.move], one.actor, one.target, one.issue, cast))
        yield from ((one.date, place, kind) for kind in moves[one.move].raises)


def _unusual_scores(tree: MapNode) -> Iterator[str]:
    """Notes on own moves whose score their CAMEO code does not have, nor, where it is a root, a mean of those below."""
    scores = goldstein()
    for name, _, move in entries(child(tree, "moves")):
        score, code = child(move, "goldstein"), text_of(child(move, "cameo")) or ""
        number = number_of(score)
        if code not in scores or score is None or number is None:
            continue
        below = [known for one, known in scores.items() if one == code or (len(code) == 2 and one.startswith(code))]
        if not min(below) <= number <= max(below):
            yield f"{score.location}: move {quoted(name)} scores {number:g}; CAMEO {code} has {scores[code]:g}"
