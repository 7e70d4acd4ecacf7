"""Checks the parts of a scenario against one another, and notes what does less than one might think.

A walk beside the schema sees every node once: a text that names something must name what there is, and mappings of
some models have a check of their own. The walk reports all it finds; notes are made of what can be run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from tensionsim.model.catalogue import OWN_QUANTITIES, Move, answers, goldstein
from tensionsim.model.parameters import ENGINE, STANCE_AT_REST, Parameter
from tensionsim.scenario import paths, quantities, schema
from tensionsim.scenario.judgements import copula
from tensionsim.scenario.names import (
    Cast,
    Names,
    NoAddress,
    address,
    catalogue_of,
    check_history,
    history_of,
    holders,
    scope_of,
    ways_of,
)
from tensionsim.scenario.paths import Keys, Shape, below, fields, parse_path
from tensionsim.scenario.quantities import Span, bound, complaint, is_distribution, pair, parse, shift
from tensionsim.scenario.schema import Alternative, Change, ScenarioFile
from tensionsim.scenario.validation import check
from tensionsim.scenario.yaml_tree import Node, Report, SourceLocation, listed, meant, quoted

MEASURED = ("cooperation", "conduct", "pressure", "indicator")
BELONGING = {
    "cooperation": ("above", "below", "issue", "for"),
    "conduct": ("above", "below", "issue", "track", "for"),
    "pressure": ("above", "below", "for"),
    "indicator": ("above", "below", "for"),
    "arrangement": ("in_force", "actor", "issue", "for"),
    "made": ("actor", "issue", "within", "for"),
    "after or before": ("for",),
    **dict.fromkeys(("all", "any", "none"), ("for",)),
}
BESIDE_ODDS = {"cooperation": ("issue",), "conduct": ("issue", "name"), "pressure": ("name",), "indicator": ("name",)}
DRIVERS: Mapping[str, Sequence[str]] = {"conduct": ("issue", "hostile"), "indicator": (), "arrangement": ()}
"""Keys that may stand beside each observable of a condition, of odds, of a driver."""

NUMBERED = ("actors", "mechanisms", "parameters", "indicators")
"""Keys below which there are numbers that hold from the start."""


def check_references(tree: Node, names: Names, report: Report) -> None:
    """Notes every problem that the parts of a tree have with one another."""
    walk = _Walk(tree, names, report)
    known = fields(ScenarioFile)
    for key, location, node in tree.entries:
        if key in known and key != "outlooks":
            walk.visit(node, known[key], location, (key,), None)
    check_history(tree, names, report)
    walk.check_start_index()
    walk.check_principals()
    walk.check_parameters(tree)
    walk.check_correlations(tree.child("correlations").items)
    walk.check_consistency(tree.child("consistency"))
    for node in tree.child("arrangements").items:
        walk.check_in_force(node)


class _Walk:
    """A walk over a tree beside the schema, by which names and the models with a check of their own are checked."""

    def __init__(self, tree: Node, names: Names, report: Report) -> None:
        self.tree, self.names, self.report = tree, names, report
        self.span = quantities.span_of(tree, report)

    def visit(self, node: Node, shape: Shape, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks a node of a shape and all below it; location : of a mapping. actor : who acts by it, if it is said."""
        if not (node.is_mapping or node.is_list):
            if shape.refers:
                self.check_name(node, shape.refers)
            return
        if node.is_list:
            for key, part in below(shape, node).items():
                if int(key) < len(node.items):
                    self.visit(node.items[int(key)], part, node.items[int(key)].location, (*path, key), actor)
            return
        if shape.model is schema.Actor:
            actor = path[-1]
        if shape.model in _CHECKS and _CHECKS[shape.model](self, node, location, path, actor) is False:
            return
        known = fields(shape.model) if shape.model is not None else {}
        for key, key_location, value in node.entries:
            if shape.key_refers:
                self.check_key(key, key_location, shape.key_refers)
            if inner := known.get(key) or shape.own:
                self.visit(value, inner, key_location, (*path, key), actor)

    def add(self, node: Node, message: str) -> None:
        self.report.add(node.location, message)

    def check_name(self, node: Node, kind: str) -> None:
        """Checks that a text names something of a kind; "direction of any" has also `*`, whoever acts."""
        text = node.text
        if text is None:
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

    def check_key(self, name: str, location: SourceLocation, kind: str) -> None:
        """Checks that something of a kind is known by that name."""
        known = self.names.known[kind]
        if known is not None and name not in known:
            self.report.add(location, f"no {kind} {quoted(name)}{self.report.near(name, known)}")

    def is_known(self, node: Node, kind: str) -> bool:
        """Whether what a node names is certain to be there; it is where nothing is named."""
        return not node or node.text in (self.names.known[kind] or ())

    def check_condition(self, node: Node, location: SourceLocation, path: Keys, actor: str | None) -> bool:
        """Whether a condition observes one thing; if so, checks what stands beside it."""
        subject = self.check_subject(node, location, "a condition", BELONGING)
        after, before = (quantities.date_of(node.child(key)) for key in ("after", "before"))
        if after and before and after >= before:
            self.add(node.child("before"), f"before {before} and after {after} never hold together")
        elif subject in MEASURED:
            self.check_bounds(node, subject, location)
        return bool(subject)

    def check_bounds(self, node: Node, observed: str, location: SourceLocation) -> None:
        above, below, value = (node.child(key) for key in ("above", "below", observed))
        low, high, limits = above.number, below.number, [above, below]
        if value.text is None:
            return
        if observed == "cooperation" and value.text.strip() != "index":
            if other := above or below:
                words = f"the bound stands twice; keep {quoted(value.text)} alone, or write `cooperation: index`"
                self.add(other, words)
            with suppress(ValueError):
                limit = max(one for one in bound(value.text) if one is not None)
                limits = [Node(limit, value.location)]
        elif not above and not below:
            self.report.add(location, f"{quoted(observed)} needs a bound: add `above` or `below`")
        elif low is not None and high is not None and low >= high:
            self.add(below, f"above {low:g} and below {high:g} never hold together")
        for one in limits if observed == "cooperation" else ():
            if one.number is not None and not 0 <= one.number <= 100:
                self.add(one, f"cooperation {one.number:g} lies outside 0..100, the range of the index")

    def check_odds(self, node: Node, location: SourceLocation, path: Keys, actor: str | None) -> None:
        observed, name, (start, end) = node.child("of").text, node.child("name"), map(node.child, ("start", "end"))
        if observed not in MEASURED:
            return
        self.check_beside(node, observed, BESIDE_ODDS)
        if observed != "cooperation" and not name:
            form = "the indicator" if observed == "indicator" else '"a -> b"'
            self.report.add(node.keys.get("of", node.location), f"odds of {observed} need a `name`: {form}")
        elif observed != "cooperation":
            if observed != "indicator":
                self.check_text(name, pair)
            self.check_name(name, "indicator" if observed == "indicator" else "direction")
        if (value := end.child("0").number) is not None and value == start.child("0").number:
            self.add(end.child("0"), f"odds change between two different values, found {value:g} twice")

    def check_text(self, node: Node, meaning: Callable[[str], object]) -> None:
        try:
            meaning(node.text or "")
        except ValueError as error:
            if node.text is not None:
                self.add(node, str(error))

    def check_subject(self, node: Node, where: SourceLocation, what: str, beside: Mapping[str, Sequence[str]]) -> str:
        """The one subject that a mapping has, of those with the keys that may stand beside them; empty if not one."""
        dates = "after or before"
        given = dict.fromkeys(dates if key in dates.split(" or ") else key for key in node.by_key)
        found = [key for key in given if key in beside]
        if len(found) != 1:
            self.report.add(where, f"{what} has one of {listed(beside)}; found {' and '.join(found) or 'none'}")
            return ""
        self.check_beside(node, found[0], beside)
        return found[0]

    def check_beside(self, node: Node, subject: str, beside: Mapping[str, Sequence[str]]) -> None:
        for key, location, _ in node.entries:
            owners = [name for name, keys in beside.items() if key in keys]
            if owners and subject not in owners:
                words = f"{quoted(key)} says nothing about {quoted(subject)}; it belongs to {listed(owners)}"
                self.report.add(location, words)

    def check_attributes(self, node: Node, location: SourceLocation, path: Keys, actor: str | None) -> None:
        owner = path[1] if path[0] == "actors" else None
        for attribute in ("dependence", "affinity"):
            for name, key_location, _ in node.child(attribute).entries:
                if name == owner:
                    words = f"{attribute} of {quoted(name)} on itself means nothing; name another actor"
                    self.report.add(key_location, words)
        salience = node.child("salience")
        weights = [value.number for _, _, value in salience.entries]
        if salience and weights and owner and all(weight == 0 for weight in weights):
            self.add(salience, "salience is 0 on every issue; give at least one a weight above 0")
        if leader := node.child("leader").text:
            self.check_leader_as(leader, owner)
        self.check_able(node.child("repertoire").items, owner)

    def check_leader_as(self, leader: str, actor: str | None) -> None:
        """Checks the rules and checks of a leader as those of the actor whom it leads."""
        for key in ("rules", "checks"):
            if node := self.tree.child("leaders", leader, key):
                self.visit(node, fields(schema.ActorPatch)[key], node.location, ("leaders", leader, key), actor)

    def check_able(self, nodes: Sequence[Node], actor: str | None) -> None:
        if (cast := self.names.cast) is None or actor is None:
            return
        ways = [(actor, other, issue) for other in cast.actors if other != actor for issue in cast.issues]
        for node in nodes:
            move = self.names.catalogue.moves.get(node.text or "")
            if move and not any(move.can_be_made(*way) for way in ways):
                self.add(node, f"{quoted(actor)} cannot make {quoted(move.name)} in this scenario")

    def check_act(self, node: Node, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks that `actor` can make the move of a rule or of the schedule, and that it is clear where."""
        issue, target, named = node.child("issue"), node.child("target"), node.child("move")
        cast, move = self.names.cast, self.names.catalogue.moves.get(named.text or "")
        is_clear = self.is_known(issue, "issue") and self.is_known(target, "actor")
        if actor is None or cast is None or move is None or not is_clear:
            return
        repertoire = self.tree.child("actors", actor, "repertoire")
        if repertoire and move.name not in {one.text for one in repertoire.items}:
            self.add(named, f"{quoted(move.name)} is not in the repertoire of {quoted(actor)}")
            return
        try:
            address(move, actor, target.text, issue.text, cast)
        except NoAddress as fault:
            self.report.add((node.child(fault.part) or named).location, str(fault))

    def check_scheduled(self, node: Node, location: SourceLocation, path: Keys, actor: str | None) -> None:
        quantities.check_date(node.child("date"), "this move", self.tree, self.span, self.report)
        mover = node.child("actor")
        self.check_act(node, location, path, mover.text if self.is_known(mover, "actor") else None)

    def check_indicator(self, node: Node, location: SourceLocation, path: Keys, actor: str | None) -> None:
        rest, half_life, value = (node.child(key) for key in ("rest", "half_life", "value"))
        if bool(rest) != bool(half_life):
            lacking = f"{quoted(path[-1])} lacks `{'half_life' if rest else 'rest'}`"
            self.add(rest or half_life, f"an indicator that returns to a level needs `rest` and `half_life`; {lacking}")
        for key, is_beyond in (("floor", float.__lt__), ("ceiling", float.__gt__)):
            limit, number = node.child(key).number, value.number
            if number is not None and limit is not None and is_beyond(number, limit):
                self.add(value, f"value {number:g} is beyond the {key}, {limit:g}")

    def check_own_move(self, node: Node, location: SourceLocation, path: Keys, actor: str | None) -> None:
        name = quoted(path[-1])
        for key, does in (("begins", "begins"), ("barred_by", "is barred by")):
            named = {item.text for item in node.child(key).items}
            for item in node.child("ends").items:
                if item.text in named:
                    self.add(item, f"{name} {does} and ends {quoted(item.text)}; it can do one of both")
        way, taken = answers().get(node.child("answers").text or ""), node.child("withdraws")
        if way and way.presupposes and taken.items and taken:
            self.add(taken, f"{name} answers the other, so it withdraws nothing of its own; drop `withdraws`")
        for quantity, _, amount in node.child("shifts").entries:
            text = amount.text
            if quantity in OWN_QUANTITIES and text is not None:
                self.add(amount, f"a shift of {quantity} is an amount, found {quoted(text)}; write one, like 0.05")
            elif text is not None:
                self.check_text(amount, shift)
        self.check_held(path[-1], node)
        coded = node.child("cameo")
        code = coded.text
        if coded and code and code.isdigit() and "01" <= code[:2] <= "20" and code not in goldstein():
            parents = [known for known in goldstein() if known.startswith(code[:2])]
            self.add(coded, f"CAMEO has no code {quoted(code)}{self.report.near(code, parents)}")

    def check_held(self, name: str, entry: Node) -> None:
        """Checks that somebody who can make a move can hold, towards its target, all that it begins and ends."""
        cast, move = self.names.cast, self.names.catalogue.moves.get(name)
        if cast is None or move is None:
            return
        ways = ways_of(move, cast)
        for key, both in (("begins", False), ("ends", True)):  # the mover may end its own, or one that binds it
            for item in entry.child(key).items:
                if (kind := self.names.catalogue.arrangements.get(item.text or "")) and ways:
                    held = kind.held_by
                    ways = [(a, b, on) for a, b, on in ways if held(a, b, on) or (both and held(b, a, on))]
                    if not ways:
                        words = f"{quoted(name)} {key} {quoted(kind.name)}, which none of those who make it can hold"
                        self.add(item, f"{words} so; it holds for {scope_of(kind)}")

    def check_change(self, node: Node, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks a change: its date, the leader who comes, what it sets and the chances of its alternatives."""
        quantities.check_date(node.child("date"), "this change", self.tree, self.span, self.report)
        led, alternatives = node.child("actor"), node.child("one_of")
        for part in (node, *alternatives.items):
            leader = part.child("leader")
            if leader and not led:
                self.add(leader, f"leader {quoted(leader.text)} of whom? name the `actor` of the change")
            if leader and led and self.is_known(led, "actor"):
                self.check_leader_as(leader.text or "", led.text)
            for text, key_location, value in part.child("set").entries:
                self.check_set(text, key_location, value)
        chances = [part.child("chance").number for part in alternatives.items]
        total = math.fsum(chance for chance in chances if chance is not None)
        if alternatives and chances and None not in chances and abs(total - 1.0) > 1e-6:
            self.add(alternatives, f"the chances of `one_of` sum to {total:g}; they must sum to 1")
        if not {"set", "leader", "one_of"} & set(node.by_key):
            self.add(node, "this change changes nothing; give it `set`, a `leader` or `one_of`")

    def check_set(self, text: str, location: SourceLocation, node: Node) -> None:
        before = f"a change sets {quoted(text)}; "
        for path in paths.found(self.tree, text, self.names.known, location, self.report, before):
            if fault := _not_settable(path, node, self.tree):
                self.report.add(location, f"a change sets {quoted(paths.join(path))}; {fault}")
                return
            patch = paths.put(Node({}, location), path, node, location)
            check(patch, schema.Numbers, self.report)
            self.check_parameters(patch)
            for key, _, part in patch.entries:
                self.visit(part, fields(schema.Numbers)[key], location, (key,), None)

    def check_parameters(self, tree: Node) -> None:
        mechanisms = ((tree.child("mechanisms", name), known) for name, known in self.names.mechanisms.items())
        for part, known in ((tree.child("parameters"), ENGINE), *mechanisms):
            for name, location, value in part.entries:
                if name not in known:
                    self.report.add(location, f"no parameter {quoted(name)}{self.report.near(name, known)}")
                elif fault := _out_of_bounds(value, known[name]):
                    unit = "" if known[name].unit == "1" else f" ({known[name].unit})"
                    self.add(value, f"{name}{fault}{unit}")

    def number_at(self, text: str, location: SourceLocation) -> Keys | None:
        """The path of a number that holds from the start; None where there is none such, with the reason."""
        found = paths.found(self.tree, text, self.names.known, location, self.report, f"{quoted(text)}; ")
        if not found:
            return None
        given = one.plain if (one := self.tree.child(*found[0])) else 0.0
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
            texts = [text for one in node.child("between").items if (text := one.text) is not None]
            pair = {self.number_at(text, node.location) for text in texts}
            if any(path and self.tree.child(*path, "joint") for path in pair):
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

    def check_consistency(self, node: Node) -> None:
        """Checks that states are bounds of numbers or outlooks that there are."""
        for text, location, value in (one for _, _, state in node.child("states").entries for one in state.entries):
            if text == "outlook":
                self.check_key(str(value.plain), value.location, "outlook")
            elif self.number_at(text, location):
                self.check_text(value, bound)

    def check_start_index(self) -> None:
        """Checks that a level at the start is of issues or directions that there are, and contradicts no history."""
        node, history = (self.tree.child(key) for key in ("start_index", "history"))
        if node and history and history.text != schema.NO_HISTORY:
            self.add(node, "the history says where the index starts; drop `start_index`, or write `history: none`")
        for key, location, _ in node.entries:
            if "->" in key:
                self.check_name(Node(key, location, key), "direction")
            else:
                self.check_key(key, location, "issue")

    def check_principals(self) -> None:
        node = self.tree.child("principals")
        if len(node.items) == 2 and len({item.text for item in node.items}) == 1:
            self.add(node, f"the principals are two different actors, found {quoted(node.items[0].text)} twice")

    def check_in_force(self, node: Node) -> None:
        parts = {"actor": "actor", "target": "actor", "issue": "issue"}
        named = node.child("name") if node.is_mapping else node
        cast, kind = self.names.cast, self.names.catalogue.arrangements.get(named.text or "")
        is_clear = all(self.is_known(node.child(key), of) for key, of in parts.items())
        if cast is None or kind is None or not is_clear:
            return
        actor, target, issue = (node.child(key).text for key in parts)
        found = holders(kind, actor, target, issue, cast)
        if not found:
            self.add(node, f"{quoted(kind.name)} cannot be in force so; it holds for {scope_of(kind)}")
        elif len(found) > 1:
            ways = zip(parts, map(dict.fromkeys, zip(*found, strict=True)), strict=True)
            choices = " and ".join(f"{key} ({listed(values)})" for key, values in ways if len(values) > 1)
            self.add(node, f"{quoted(kind.name)} could be in force in {len(found)} ways; name its {choices}")


_CHECKS: Mapping[Any, Callable[[_Walk, Node, SourceLocation, Keys, str | None], object]] = {
    schema.Condition: _Walk.check_condition,
    schema.EventSpec: _Walk.check_condition,
    schema.Odds: _Walk.check_odds,
    schema.Actor: _Walk.check_attributes,
    schema.ActorPatch: _Walk.check_attributes,
    schema.Rule: _Walk.check_act,
    schema.Act: _Walk.check_act,
    schema.Check: lambda walk, node, _, __, actor: walk.check_able(node.child("stops").items, actor),
    schema.ScheduledMove: _Walk.check_scheduled,
    schema.Indicator: _Walk.check_indicator,
    schema.Driver: lambda walk, node, *_: walk.check_subject(node, node.location, "a driver", DRIVERS),
    schema.MoveSpec: _Walk.check_own_move,
    schema.Change: _Walk.check_change,
}
"""What is checked of a mapping beside the names in it, by its model; False ends the walk there."""


def _not_settable(path: Keys, node: Node, tree: Node) -> str:
    allowed = "on a date one can set numbers of actors, mechanisms and parameters"
    if path[0] == "mechanisms" and len(path) == 3:
        return "this mechanism is off" if tree.child(*path[:2]).text == "off" else ""
    if path[0] == "parameters" and len(path) == 2:
        return ""
    given = {key for key, _, _ in node.entries} if len(path) == 2 else {*path[2:3]}
    if {"rules", "checks"} & given and path[0] == "actors":
        return f"{allowed}; rules and checks come with a `leader`"
    if "leader" in given and path[0] == "actors":
        return f"{allowed}; a new leader is the key `leader` of the change"
    return allowed if path[0] != "actors" or not given or {"label", "regional", "repertoire"} & given else ""


def _out_of_bounds(value: Node, parameter: Parameter) -> str:
    """Why a number cannot be a parameter's; empty if it can, or if the schema's check has told."""
    low, high, number, given = parameter.low, parameter.high, value.number, value.plain
    if not (is_distribution(given) and not complaint(given, {})) and number is None:
        return ""
    values = given.get("choice", [0.5]) if number is None else [number]
    if parameter.unit == "acts" and any(one % 1 for one in values):
        return " is a whole number, or a `choice` of whole numbers, like [3, 4, 5]"
    if number is None:
        words = complaint(given, {"ge": low, "le": high})
        return f": {words}" if words else ""
    side, limit = ("below", low) if number < low else ("above", high)
    return "" if low <= number <= high else f" {number:g} is {side} {limit:g}; use a number in {low:g}..{high:g}"


FADED_MONTHS = 24
"""Months without an observed move after which little is left of a history's conduct and memories."""

NEAR = 0.45
"""Assumption: in a year alone, two whose stances are nearer end in alliance in a third of runs or more."""


def notes_on(file: ScenarioFile, tree: Node) -> Iterator[str]:
    """What does less than one might think in a scenario, and the dates that fall between steps, each once."""
    moves = catalogue_of(file.moves, file.arrangement_kinds).moves
    yield from dict.fromkeys(_presupposing(file, tree, moves))
    for text in dict.fromkeys(text for one in file.correlations for text in one.between):
        if not is_distribution(tree.child(*parse_path(text)).plain):
            yield f"{quoted(text)} is certain, so that its correlations have no effect"
    for name, actor in file.actors.items():
        if not actor.stances:
            near = meant(name, (one for one in file.actors if one != name))
            words = f"and a third party takes part only in issues on which it holds one{near}"
            if name in file.principals:
                words = f"so it stands at {STANCE_AT_REST} on every issue; write `stances`, 0..1 an issue"
            yield f"{quoted(name)} holds no stances, {words}"
    yield from _of_one_mind(file)
    yield from _without_partner(file, moves)
    history = history_of(file)
    if history is not None and (months := (file.start - history.last).days * 12 / 365) > FADED_MONTHS:
        yield (
            f"history {quoted(history.name)} ends {months:.0f} months before the start, with a move of {history.last}: "
            "conduct and memories of it have faded; what was in force then still is"
        )
    yield from _without_ties(file)
    yield from dict.fromkeys(_without_channel(file))
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
        given = {
            issue: parse(weight).mean for issue, weight in (one.salience or dict.fromkeys(file.issues, 1.0)).items()
        }
        weights.append([given.get(issue, 0.0) / sum(given.values()) for issue in file.issues])
        stances.append([parse((one.stances or {}).get(issue, STANCE_AT_REST)).mean for issue in file.issues])
    apart = sum((a + b) / 2.0 * abs(c - d) for a, b, c, d in zip(*weights, *stances, strict=True))
    if apart < NEAR:
        yield (
            f"{' and '.join(map(quoted, file.principals))} have little to disagree about: weighed by salience their "
            f"stances are {apart:.2f} apart, where 0.5 neither binds nor parts. With nothing else between them many "
            "runs drift to alliance; set stances further apart, or give them rules, arrangements or a history"
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
                words = f"it answers {' or '.join(entry.presupposes)}, and nobody makes any"
            yield f"{quoted(name)} is on no menu{who}: {words}"


def _without_ties(file: ScenarioFile) -> Iterator[str]:
    """Notes on third parties with stances that deal with nobody, as no relation to anybody is stated on either side."""
    history, tied = history_of(file), {*file.principals, *(str(one.actor) for one in file.schedule)}
    tied |= {str(one.target) for one in file.schedule} | ({*history.actors} if history is not None else set())
    for name, actor in file.actors.items():
        others = {*(actor.affinity or {}), *(actor.dependence or {})}
        tied |= {name, *others} if others or actor.rules else set()
    for name, actor in file.actors.items():
        if actor.stances and name not in tied:
            yield (
                f"{quoted(name)} deals with nobody: neither it nor another states an affinity or a dependence between "
                f"them, so that it makes no moves of its own; write `affinity: {{{file.principals[0]}: 0.3}}`, -1..1"
            )


def _without_channel(file: ScenarioFile) -> Iterator[str]:
    """Notes on stances and relations that come too late: channels are laid from those of the first day."""
    for change, part in _parts(file):
        found = [parse_path(text) for text in part.set]
        for attribute in ("stances", "affinity", "dependence"):
            given = getattr(file.leaders[part.leader], attribute) if part.leader else None
            found += [("actors", str(change.actor), attribute, name) for name in given or ()]
        for _, actor, attribute, other in (path for path in found if path[0] == "actors" and len(path) == 4):
            is_late = attribute == "stances" and actor not in file.principals
            is_late = is_late and other not in (file.actors[actor].stances or {})
            if attribute in ("affinity", "dependence") and {actor, other} != {*file.principals} and actor != other:
                ties = [(file.actors[a], b) for a, b in ((actor, other), (other, actor))]
                is_late = not any(b in (one.affinity or {}) or b in (one.dependence or {}) for one, b in ties)
            if is_late:
                yield (
                    f"the change of {change.date} sets {attribute} of {quoted(actor)} on {quoted(other)} but opens no "
                    "channel: who deals with whom on what hangs on stances, affinity and dependence at the start"
                )


def _parts(file: ScenarioFile) -> Iterator[tuple[Change, Change | Alternative]]:
    """Each change with itself and each of its alternatives."""
    for change in file.changes:
        parts: list[Change | Alternative] = [change, *change.one_of]
        yield from ((change, part) for part in parts)


def _presupposing(file: ScenarioFile, tree: Node, moves: Mapping[str, Move]) -> Iterator[str]:
    """Notes on moves of rules that presuppose something open between the two."""
    cast = Cast(file.principals, file.actors, file.issues)
    for actor, given in file.actors.items():
        leaders = {given.leader, *(part.leader for change, part in _parts(file) if change.actor == actor)}
        owners = [("actors", actor), *(("leaders", leader) for leader in sorted(filter(None, leaders)))]
        for name, location, rule in (one for owner in owners for one in tree.child(*owner, "rules").entries):
            for act in filter(None, (rule, rule.child("otherwise"))):
                move = moves[act.child("move").text or ""]
                target, issue = address(move, actor, act.child("target").text, act.child("issue").text, cast)
                if kinds := move.withdraws or move.presupposes:
                    needed = f"{' or '.join(kinds)} of {quoted(actor if move.withdraws else target)} on {quoted(issue)}"
                    yield f"{location}: rule {quoted(name)} needs {needed} to be open"
