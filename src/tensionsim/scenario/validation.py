"""Checks a tree: against the schema, and its parts against one another, all in a person's words.

`check` words what pydantic finds, by one table. `check_references` walks the tree beside the schema once: a text that
names something must name what there is, and mappings of some models have a check of their own. `notes_on` says what a
scenario that can be run does less than one might think.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tensionsim.model.catalogue import OWN_QUANTITIES, Arrangement, goldstein
from tensionsim.model.parameters import Parameter
from tensionsim.scenario import paths
from tensionsim.scenario.distributions import FAMILIES, complaint
from tensionsim.scenario.names import Known, Names, NoAddress, address, holders, scope_of, ways_of
from tensionsim.scenario.paths import (
    Keys,
    NoPath,
    Shape,
    below,
    fields,
    parse_path,
)
from tensionsim.scenario.quantities import (
    Span,
    bound,
    check_date,
    date_of,
    pair,
    parse_date,
    shift,
    snap_note,
    span_of,
)
from tensionsim.scenario.schema import (
    OWN_WORDS,
    Act,
    Actor,
    ActorPatch,
    Alternative,
    ArrangementSpec,
    Change,
    Check,
    Condition,
    Distribution,
    Driver,
    EventSpec,
    Indicator,
    MoveSpec,
    Numbers,
    Odds,
    Rule,
    ScenarioFile,
    ScheduledMove,
)
from tensionsim.scenario.yaml_tree import (
    ListNode,
    MapNode,
    Node,
    Report,
    ScalarNode,
    SourceLocation,
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

Model = TypeVar("Model", bound=BaseModel)

NOTHING = Shape()
"""The shape of what the schema does not know."""

LABELS = {
    "actors": "actor",
    "leaders": "leader",
    "rules": "rule",
    "checks": "check",
    "issues": "issue",
    "indicators": "indicator",
    "moves": "move",
    "arrangement_kinds": "arrangement kind",
    "outlooks": "outlook",
    "events": "event",
    "mechanisms": "mechanism",
}
"""What messages call an entry of each mapping."""

LABELS_OF_ITEMS = {
    "arrangements": "arrangement",
    "schedule": "scheduled move",
    "changes": "change",
    "one_of": "alternative",
    "driven_by": "driver",
    "all": "condition",
    "any": "condition",
    "none": "condition",
}
"""What messages call an item of each list."""

KEYED = ("stances", "salience", "dependence", "affinity", "yardstick")
"""Attributes of an actor that have a value for each of several names."""

_TAGS = ("number", "distribution", "text", "odds", "name", "reference", "switch", "parameters", "date", "list")
"""What pydantic puts into the location of an error for the branch of a union that it took."""


@dataclass(frozen=True, slots=True)
class LocatedError:
    """A pydantic error and what of the tree it is about.

    path : keys down to `node`. rest : what of the error's location the tree does not have. location, key_location : of
    the node and of its key. siblings : keys that may stand beside it. kind, context, message : of pydantic.
    """

    path: tuple[str, ...]
    node: Node
    shape: Shape
    rest: tuple[str, ...]
    location: SourceLocation
    key_location: SourceLocation
    siblings: tuple[str, ...]
    kind: str
    context: Mapping[str, Any]
    message: str

    @property
    def subject(self) -> str:
        """How messages call a value: its key, with the one above where the key is the author's own."""
        if not self.path:
            return "the file"
        key = self.path[-1][:60]
        owner = self.path[-2] if len(self.path) > 1 else ""
        if key.isdecimal():
            return f"item {int(self.path[-1]) + 1} of {owner[:60] or 'the list'}"
        is_own = owner in (*KEYED, "shifts", "parameters", "elections", "set")
        return f"{owner}.{key}" if is_own or self.path[-3:-2] == ("mechanisms",) else key

    @property
    def value(self) -> object:
        """The value that the node holds; None if it is a list or a mapping."""
        return self.node.value if isinstance(self.node, ScalarNode) else None

    @property
    def found(self) -> str:
        """What the node holds, in words."""
        if isinstance(self.node, MapNode):
            return "a mapping"
        if isinstance(self.node, ListNode):
            return "a list"
        if isinstance(self.node.value, str):
            return f"the text {quoted(self.node.value)}" if self.node.value else "an empty text"
        return _shown(self.node.value) if isinstance(self.node.value, bool) else f"the number {_shown(self.node.value)}"

    @property
    def form(self) -> str:
        """What the values of a distribution's family are, after a comma; empty for anything else."""
        field = Distribution.model_fields.get(self.path[-1]) if self.path else None
        return f", {field.description}" if field else ""


def check(tree: Node, model: type[Model], report: Report, *, is_whole: bool = True) -> Model | None:
    """What the tree means as one of the schema's models; None if it breaks it, with every reason in `report`.

    is_whole : False if a base could not be read, so that what lacks here may stand there.
    """
    try:
        return model.model_validate(plain(tree))
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False):
            if not is_whole and details["type"] == "missing":
                continue
            located = _locate(tree, Shape(model=model), details)
            if not (isinstance(located.node, ScalarNode) and located.node.value is None):
                is_of_key = located.kind in _OF_KEYS or located.rest[-1:] == ("[key]",)
                words = _WORDINGS.get(located.kind, _other)(located)
                report.add(located.key_location if is_of_key else located.location, words)
        return None


def _locate(tree: Node, shape: Shape, details: Any) -> LocatedError:
    node, location, key_location = tree, tree.location, tree.location
    path: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    siblings: tuple[str, ...] = ()
    for part in map(str, details["loc"]):
        types = below(shape, node)
        if isinstance(node, MapNode) and shape.is_uncertain:
            types = {**fields(Distribution), **types}
        if isinstance(node, MapNode) and part in node.entries and not rest:
            shape, siblings = types.get(part, NOTHING), tuple(types)
            key_location = node.keys.get(part, node.location)
            node = node.entries[part]
        elif isinstance(node, ListNode) and part.isdecimal() and int(part) < len(node.items) and not rest:
            shape = types.get(part, NOTHING)
            node = node.items[int(part)]
            key_location = node.location
        else:
            if part not in _TAGS:
                rest = (*rest, part)
            continue
        path = (*path, part)
        location = node.location
    kind, context, message = details["type"], details.get("ctx", {}), details["msg"]
    if kind == "missing":
        kind, context = ("too_short" if isinstance(node, ListNode) else kind), {"key": str(details["loc"][-1])}
    return LocatedError(path, node, shape, rest, location, key_location, siblings, kind, context, message)


def label(path: tuple[str, ...]) -> str:
    """What messages call the thing at `path`: "rule 'america first'", "scheduled move 3"."""
    if not path:
        return "the scenario"
    key, owner = path[-1], path[-2] if len(path) > 1 else ""
    if owner in LABELS_OF_ITEMS and key.isdigit():
        outlook = f" of {label(path[:-2])}" if path[0] == "outlooks" and len(path) == 4 else ""
        return f"{LABELS_OF_ITEMS[owner]} {int(key) + 1}{outlook}"
    if kind := LABELS.get(owner) or LABELS_OF_ITEMS.get(owner):
        return f"{kind} '{key[:60]}'"
    if owner and key == "when":
        return f"the condition of {label(path[:-1])}"
    if owner and key in ("chance", "otherwise"):
        return f"`{key}` of {label(path[:-1])}"
    return f"'{key[:60]}'"


def _missing(error: LocatedError) -> str:
    return f"{label(error.path)} lacks {quoted(error.context['key'])}"


def _unknown_key(error: LocatedError) -> str:
    best = nearest(error.path[-1], error.siblings)
    hint = f"; did you mean {quoted(best)}?" if best else ""
    if error.siblings and not best:
        hint = f"; it may have {listed(error.siblings)}"
    return f"unknown key {quoted(error.path[-1])} in {label(error.path[:-1])}{hint}"


def _wrong_length(error: LocatedError) -> str:
    found = len(error.node.entries if isinstance(error.node, MapNode) else items(error.node))
    if count := len(error.shape.positions):
        return f"{error.subject} takes {count} values{error.form}, found {found}"
    if "min_length" in error.context:
        return f"{error.subject} has {found or 'nothing'}; it takes {error.context['min_length']} or more"
    return f"{error.subject} has {found}; it takes at most {error.context.get('max_length')}"


def _out_of_range(error: LocatedError) -> str:
    value, ((rule, limit),) = error.value, error.context.items()
    side = {"le": "above", "lt": "not below", "ge": "below", "gt": "not above"}[rule]
    allowed = error.shape.limits or error.context
    is_percent = allowed.get("le") == 1 and isinstance(value, (int, float)) and 2 <= value <= 100
    hint = f" (for {value} % write {value / 100:g})" if is_percent and isinstance(value, (int, float)) else ""
    return f"{error.subject} {_shown(value)} is {side} {figure(limit)}; use {_range(allowed)}{hint}"


def _range(allowed: Mapping[str, float]) -> str:
    low, high = allowed.get("ge", allowed.get("gt")), allowed.get("le", allowed.get("lt"))
    if low is None:
        return "a number" if high is None else f"a number of at most {high:g}"
    if high is None:
        return f"a number above {figure(low)}" if "gt" in allowed else f"a number of {figure(low)} or more"
    return f"a number {f'above {figure(low)} and up to ' if 'gt' in allowed else f'in {figure(low)}..'}{figure(high)}"


def _not_a_number(error: LocatedError) -> str:
    hint = _number_hint(error.value.strip()) if isinstance(error.value, str) else ""
    return f"{error.subject} is {error.found}; use {_range(error.shape.limits)}{hint}"


def _number_hint(text: str) -> str:
    if re.fullmatch(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+", text):
        return f" (write {text.replace(',', '')})"
    for candidate, factor in ((text.removesuffix("%"), 100.0), (text.replace(",", "."), 1.0)):
        try:
            number = float(candidate) / (factor if text.endswith("%") else 1.0)
        except ValueError:
            continue
        if abs(number) < 1e15:
            return f" ({'without quotes: ' if candidate == text else ''}write {number:g})"
    return ""


_FORMS = {
    **dict.fromkeys(("for", "within", "cooldown", "half_life"), "a number with its unit, like '6 months'"),
    "cooperation": "'below 35' or 'above 50'",
    **dict.fromkeys(("conduct", "pressure"), "'a -> b', who acts and towards whom"),
}
"""What to write in fields whose text has a form of its own."""


def _not_text(error: LocatedError) -> str:
    hint = ""
    if error.path and error.path[-1] in _FORMS:
        hint = f"; write {_FORMS[error.path[-1]]}"
    elif isinstance(error.node, ScalarNode):
        hint = f'; if it is meant as text, put it in quotes: "{error.node.text[:30]}"'
    return f"{error.subject} is {error.found}, not a text{hint}"


def _not_one_of(error: LocatedError) -> str:
    expected = str(error.context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
    if error.path == ("tensionsim",):
        return f"{error.found} is no format that this version reads; write tensionsim: 1"
    if isinstance(error.value, bool) and "off" in expected:
        return f"{error.subject} is {error.found}; write {'on' if error.value else 'off'}"
    if not isinstance(error.value, str):
        return f"{error.subject} is {error.found}; it is one of {listed(expected)}"
    best = nearest(error.value, expected)
    hint = f"; did you mean {quoted(best)}?" if best else ""
    return f"{error.subject} {quoted(error.value)} is none of {listed(expected)}{hint}"


def _not_a_truth(error: LocatedError) -> str:
    words = {"yes": "true", "on": "true", "no": "false", "off": "false"}
    return f"{error.subject} is {error.found}; write {words.get(str(error.value).casefold(), 'true or false')}"


def _expected(what: str) -> Callable[[LocatedError], str]:
    return lambda error: f"{error.subject} is {error.found}; it takes {what}{error.form}"


def _bad_form(error: LocatedError) -> str:
    if error.rest[-1:] == ("[key]",):
        name = quoted(error.path[-1])
        return f"{name} is not a name: use a letter, then letters, digits, '_' or '-', at most 60"
    if error.path[-1:] == ("cameo",):
        form = 'two to four digits in quotes, the first two from "01" to "20"'
        return f"{error.found} is not a CAMEO code: {form}"
    return f"{error.subject} is {error.found}, which has not the right form"


def _own_words(error: LocatedError) -> str:
    return f"{error.subject}: {error.message}" if isinstance(error.node, MapNode) else error.message


def _other(error: LocatedError) -> str:
    return f"{error.subject} is {error.found}: {error.message}"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)[:30]


_WORDINGS: Mapping[str, Callable[[LocatedError], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    **dict.fromkeys(("too_short", "too_long"), _wrong_length),
    **dict.fromkeys(("less_than_equal", "less_than", "greater_than_equal", "greater_than"), _out_of_range),
    **dict.fromkeys(("float_type", "int_type", "finite_number"), _not_a_number),
    "string_type": _not_text,
    "bool_type": _not_a_truth,
    "literal_error": _not_one_of,
    "date_type": _expected("a date, like 2025-01-20"),
    **dict.fromkeys(("list_type", "tuple_type"), _expected("a list")),
    "dict_type": _expected("a mapping of names to values"),
    **dict.fromkeys(("model_type", "model_attributes_type"), _expected("a mapping of keys to values")),
    "string_pattern_mismatch": _bad_form,
    **dict.fromkeys(
        ("string_too_short", "string_too_long"),
        lambda error: f"{quoted(error.path[-1])} is not a name of 1 to 200 characters",
    ),
    OWN_WORDS: _own_words,
}
"""What to say of each type of pydantic's errors."""

_OF_KEYS = ("missing", "extra_forbidden", "string_too_short", "string_too_long")
"""Types of errors that are shown at a key and not at its value."""


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


CHANCE_TOLERANCE = 1e-6


def check_references(tree: MapNode, names: Names, report: Report) -> None:
    """Notes every problem that the parts of a tree have with one another."""
    walk = _Walk(tree, names, report)
    known = fields(ScenarioFile)
    for key, location, node in entries(tree):
        if key in known and key != "outlooks":
            walk.visit(node, known[key], location, (key,), None)
    walk.check_history()
    walk.check_principals()
    walk.check_parameters(tree)
    for node in items(child(tree, "arrangements")):
        walk.check_in_force(node)


class _Walk:
    """A walk over a tree beside the schema, by which names and the models with a check of their own are checked."""

    def __init__(self, tree: MapNode, names: Names, report: Report) -> None:
        self.tree = tree
        self.names = names
        self.report = report
        self.span = span_of(tree, report)

    def visit(
        self, node: Node, shape: Shape, location: SourceLocation, path: tuple[str, ...], actor: str | None
    ) -> None:
        """Checks a node of a shape and all below it.

        location : what a message about a mapping as a whole points to. actor : who acts by it; None if that is not
        said, so that only names can be checked.
        """
        if isinstance(node, ScalarNode):
            if shape.refers:
                self.check_name(node, shape.refers)
            return
        if isinstance(node, ListNode):
            for key, part in below(shape, node).items():
                if int(key) < len(node.items):
                    self.visit(node.items[int(key)], part, node.items[int(key)].location, (*path, key), actor)
            return
        if shape.model is Actor:
            actor = path[-1]
        if shape.model in _CHECKS and _CHECKS[shape.model](self, node, location, path, actor) is False:
            return
        known = fields(shape.model) if shape.model is not None else {}
        for key, key_location, value in entries(node):
            if shape.key_refers:
                self.check_key(key, key_location, shape.key_refers, self.names.known[shape.key_refers])
            if inner := known.get(key) or shape.own:
                self.visit(value, inner, key_location, (*path, key), actor)

    def check_name(self, node: Node | None, kind: str) -> None:
        """Checks that a text names something of a kind; what is no text, the schema's check has told."""
        name = text_of(node)
        if node is None or name is None:
            return
        if kind.startswith("direction"):
            self.check_direction(node, name, may_be_any=kind == "direction of any")
        else:
            self.check_key(name, node.location, kind, self.names.known[kind])

    def check_key(self, name: str, location: SourceLocation, kind: str, known: Known) -> bool:
        """Whether something of a kind is known by that name; the reason is reported if not."""
        if known is None or name in known:
            return True
        self.report.add(location, f"no {kind} {quoted(name)}{self.report.near(name, known)}")
        return False

    def is_known(self, node: Node | None, kind: str) -> bool:
        """Whether what a node names is certain to be there; it is where nothing is named."""
        return node is None or text_of(node) in (self.names.known[kind] or ())

    def check_direction(self, node: Node, text: str, *, may_be_any: bool) -> None:
        """Checks "a -> b": two different actors; `*` may stand for whoever acts."""
        try:
            acting, target = pair(text)
        except ValueError:
            return
        for name in (acting, target):
            if not (may_be_any and name == "*" and name is acting):
                self.check_key(name, node.location, "actor", self.names.known["actor"])
        if acting == target:
            self.report.add(node.location, f"{quoted(acting)} cannot act towards itself")

    def check_condition(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> bool:
        """Whether a condition observes one thing; if so, checks what stands beside it."""
        report = self.report
        given = dict.fromkeys("date" if key in ("after", "before") else key for key in node.entries)
        observed = [key for key in given if key in BELONGING]
        if not observed:
            report.add(location, f"this condition observes nothing; it takes one of {listed(ASKING)}")
            return False
        if len(observed) > 1:
            words = " and ".join(observed)
            report.add(
                location, f"a condition has one observable, found {words}; list them under `all`, `any` or `none`"
            )
            return False
        (subject,) = observed
        words_of_others = {word for belonging in BELONGING.values() for word in belonging}
        for key, key_location, value in entries(node):
            if key in words_of_others and key not in BELONGING[subject]:
                owners = [name for name, belonging in BELONGING.items() if key in belonging]
                report.add(
                    key_location, f"{quoted(key)} says nothing about {quoted(subject)}; it belongs to {listed(owners)}"
                )
            if key in COMBINATIONS and isinstance(value, ListNode) and not value.items:
                report.add(value.location, f"`{key}` is empty; list the conditions that it combines")
        if subject == "date":
            self.check_window(child(node, "after"), child(node, "before"))
        elif subject in ("cooperation", "conduct", "pressure", "indicator"):
            self.check_bounds(node, subject, location)
        return True

    def check_window(self, after: Node | None, before: Node | None) -> None:
        """Checks that two dates leave days between them."""
        try:
            days = [parse_date(text_of(node) or "") for node in (after, before) if node is not None]
        except ValueError:
            return
        if before and len(days) == 2 and days[0] >= days[1]:
            words = f"before {text_of(before)} and after {text_of(after)} never hold together"
            self.report.add(before.location, words)

    def check_bounds(self, node: MapNode, observed: str, location: SourceLocation) -> None:
        """Checks what an observable must lie above or below."""
        above, below, value = child(node, "above"), child(node, "below"), child(node, observed)
        text = text_of(value)
        if value is None or text is None:
            return
        if observed == "cooperation" and text.strip() != "index":
            try:
                limit = bound(text)
            except ValueError:
                return
            self.check_index(value, limit.above if limit.above is not None else limit.below)
            if other := above or below:
                words = f"the bound stands twice; keep {quoted(text)} alone, or write `cooperation: index`"
                self.report.add(other.location, words)
            return
        if above is None and below is None:
            self.report.add(location, f"{quoted(observed)} needs a bound: add `above` or `below`")
            return
        low, high = number_of(above), number_of(below)
        if low is not None and high is not None and low >= high and below:
            self.report.add(below.location, f"above {low:g} and below {high:g} never hold together")
        if observed == "cooperation":
            self.check_index(above, low)
            self.check_index(below, high)

    def check_index(self, node: Node | None, value: float | None) -> None:
        """Checks that a bound lies in the range of the index."""
        if node and value is not None and not 0 <= value <= 100:
            self.report.add(node.location, f"cooperation {value:g} lies outside 0..100, the range of the index")

    def check_odds(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks a chance that depends on the state."""
        observed, name, issue = text_of(child(node, "of")), child(node, "name"), child(node, "issue")
        if observed not in ("cooperation", "conduct", "pressure", "indicator"):
            return
        if observed == "cooperation":
            if name is not None:
                self.report.add(name.location, "odds of cooperation take no `name`; narrow them with `issue`")
        elif name is None:
            form = "the indicator" if observed == "indicator" else '"a -> b"'
            self.report.add(node.keys.get("of", node.location), f"odds of {observed} need a `name`: {form}")
        elif observed == "indicator":
            self.check_name(name, "indicator")
        else:
            self.check_text(name, pair)
            self.check_name(name, "direction")
        if issue and observed in ("pressure", "indicator"):
            words = f"'issue' says nothing about {quoted(observed)}; it belongs to cooperation, conduct"
            self.report.add(issue.location, words)
        start, end = (items(child(node, key))[:1] for key in ("start", "end"))
        if start and end and (value := number_of(start[0])) is not None and value == number_of(end[0]):
            self.report.add(end[0].location, f"odds change between two different values, found {value:g} twice")

    def check_text(self, node: Node, meaning: Callable[[str], object]) -> None:
        """Notes a problem where a node holds a text that `meaning` refuses."""
        try:
            meaning(text_of(node) or "")
        except ValueError as error:
            if text_of(node) is not None:
                self.report.add(node.location, str(error))

    def check_attributes(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks an actor, a leader or what a change sets of an actor."""
        owner = path[1] if path[0] == "actors" else None
        for attribute in ("dependence", "affinity"):
            for name, key_location, _ in entries(child(node, attribute)):
                if name == owner:
                    words = f"{attribute} of {quoted(name)} on itself means nothing; name another actor"
                    self.report.add(key_location, words)
        salience = child(node, "salience")
        weights = [number_of(value) for _, _, value in entries(salience)]
        if salience and weights and owner and all(weight == 0 for weight in weights):
            words = "salience is 0 on every issue; give at least one a weight above 0"
            self.report.add(salience.location, words)
        if leader := text_of(child(node, "leader")):
            self.check_leader_as(leader, owner)
        for move in items(child(node, "repertoire")):
            self.check_able(move, owner)

    def check_leader_as(self, leader: str, actor: str | None) -> None:
        """Checks the rules and checks of a leader as those of the actor whom it leads."""
        for key in ("rules", "checks"):
            if node := child(self.tree, "leaders", leader, key):
                self.visit(node, fields(ActorPatch)[key], node.location, ("leaders", leader, key), actor)

    def check_veto(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks that an actor can make the moves that its congress or court may stop."""
        for move in items(child(node, "stops")):
            self.check_able(move, actor)

    def check_able(self, node: Node, actor: str | None) -> None:
        """Checks that an actor can make a move at all."""
        cast, move = self.names.cast, self.names.catalogue.moves.get(text_of(node) or "")
        if move is None or actor is None or cast is None:
            return
        others = [other for other in cast.actors if other != actor]
        if not any(move.can_be_made(actor, other, issue) for other in others for issue in cast.issues):
            self.report.add(node.location, f"{quoted(actor)} cannot make {quoted(move.name)} in this scenario")

    def check_act(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks that `actor` can make the move of a rule or of the schedule, and that it is clear where."""
        issue, target, named = child(node, "issue"), child(node, "target"), child(node, "move")
        cast, move = self.names.cast, self.names.catalogue.moves.get(text_of(named) or "")
        is_clear = self.is_known(issue, "issue") and self.is_known(target, "actor")
        if actor is None or cast is None or move is None or named is None or not is_clear:
            return
        if move.name not in self.names.repertoires.get(actor, {move.name}):
            self.report.add(named.location, f"{quoted(move.name)} is not in the repertoire of {quoted(actor)}")
            return
        try:
            address(move, actor, text_of(target), text_of(issue), cast)
        except NoAddress as fault:
            self.report.add((child(node, fault.part) or named).location, str(fault))

    def check_scheduled(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks a move of the schedule."""
        check_date(child(node, "date"), "this move", self.tree, self.span, self.report)
        mover = child(node, "actor")
        self.check_act(node, location, path, text_of(mover) if self.is_known(mover, "actor") else None)

    def check_indicator(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks the level to which an indicator returns, and its range."""
        rest, half_life, start = (child(node, key) for key in ("rest", "half_life", "value"))
        for given, lacking, other in ((rest, "half_life", half_life), (half_life, "rest", rest)):
            if given and other is None:
                words = f"{quoted(path[-1])} lacks `{lacking}`"
                words = f"an indicator that returns to a level needs `rest` and `half_life`; {words}"
                self.report.add(given.location, words)
        floor, ceiling, value = (number_of(child(node, key)) for key in ("floor", "ceiling", "value"))
        for limit, key, is_beyond in ((floor, "floor", float.__lt__), (ceiling, "ceiling", float.__gt__)):
            if start and value is not None and limit is not None and is_beyond(value, limit):
                self.report.add(start.location, f"value {value:g} is beyond the {key}, {limit:g}")

    def check_driver(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks that one thing drives an indicator, and what stands beside it."""
        kinds = [key for key, _, _ in entries(node) if key in ("conduct", "indicator", "arrangement")]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none"
            self.report.add(node.location, f"a driver is one of conduct, indicator, arrangement; found {found}")
        for key in ("issue", "hostile"):
            if (beside := child(node, key)) and kinds and kinds != ["conduct"]:
                words = f"{quoted(key)} says nothing about {quoted(kinds[0])}; it belongs to conduct"
                self.report.add(beside.location, words)

    def check_own_move(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks a move of the scenario's own: its scope, what it begins, ends and shifts, its code."""
        self.check_own_kind(node, location, path, actor)
        name, begun = quoted(path[-1]), {text_of(item) for item in items(child(node, "begins"))}
        for item in items(child(node, "ends")):
            if text_of(item) in begun:
                words = f"{name} begins and ends {quoted(text_of(item))}; it can do one of both"
                self.report.add(item.location, words)
        for quantity, key_location, amount in entries(child(node, "shifts")):
            indicators, text = self.names.known["indicator"], text_of(amount)
            if indicators is not None:
                self.check_key(quantity, key_location, "quantity to shift", (*indicators, *OWN_QUANTITIES))
            if quantity in OWN_QUANTITIES and text is not None:
                words = f"a shift of {quantity} is an amount, found {quoted(text)}; write one, like 0.05"
                self.report.add(amount.location, words)
            elif text is not None:
                self.check_text(amount, shift)
        self.check_held(path[-1], node)
        coded = child(node, "cameo")
        code = text_of(coded)
        if coded and code and code.isdigit() and "01" <= code[:2] <= "20" and code not in goldstein():
            parents = [known for known in goldstein() if known.startswith(code[:2])]
            self.report.add(coded.location, f"CAMEO has no code {quoted(code)}{self.report.near(code, parents)}")

    def check_own_kind(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks that a move or an arrangement of the scenario's own admits somebody."""
        for key in ("actors", "targets", "issues"):
            named = child(node, key)
            if isinstance(named, ListNode) and not named.items:
                words = f"`{key}` is empty, which admits nobody and nothing; leave it out to admit all"
                self.report.add(named.location, words)

    def check_held(self, name: str, entry: Node) -> None:
        """Checks that somebody who can make a move can hold, towards its target, all that it begins and ends."""
        cast, move = self.names.cast, self.names.catalogue.moves.get(name)
        if cast is None or move is None:
            return
        ways = ways_of(move, cast)
        for key, can_be in (("begins", Arrangement.can_be_begun), ("ends", Arrangement.can_be_ended)):
            for item in items(child(entry, key)):
                kind = self.names.catalogue.arrangements.get(text_of(item) or "")
                if kind is None or not ways:
                    continue
                ways = [way for way in ways if can_be(kind, *way)]
                if not ways:
                    words = f"{quoted(name)} {key} {quoted(kind.name)}, which none of those who make it can hold so; "
                    self.report.add(item.location, f"{words}it holds for {scope_of(kind)}")

    def check_change(self, node: MapNode, location: SourceLocation, path: Keys, actor: str | None) -> None:
        """Checks a change: its date, the leader who comes, what it sets and the chances of its alternatives."""
        check_date(child(node, "date"), "this change", self.tree, self.span, self.report)
        led, alternatives = child(node, "actor"), child(node, "one_of")
        for part in (node, *items(alternatives)):
            leader = child(part, "leader")
            if leader and led is None:
                words = f"leader {quoted(text_of(leader))} of whom? name the `actor` of the change"
                self.report.add(leader.location, words)
            if leader and led and self.is_known(led, "actor"):
                self.check_leader_as(text_of(leader) or "", text_of(led))
            for text, key_location, value in entries(child(part, "set")):
                self.check_set(text, key_location, value)
        chances = [number_of(child(part, "chance")) for part in items(alternatives)]
        total = math.fsum(chance for chance in chances if chance is not None)
        if alternatives and chances and None not in chances and abs(total - 1.0) > CHANCE_TOLERANCE:
            self.report.add(alternatives.location, f"the chances of `one_of` sum to {total:g}; they must sum to 1")
        if not {"set", "leader", "one_of"} & set(node.entries):
            self.report.add(node.location, "this change changes nothing; give it `set`, a `leader` or `one_of`")

    def check_set(self, text: str, location: SourceLocation, node: Node) -> None:
        """Checks a value that a change sets by path."""
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
            check(patch, Numbers, self.report)
            self.check_parameters(patch)
            if actors := child(patch, "actors"):
                self.visit(actors, fields(Numbers)["actors"], location, ("actors",), None)

    def check_parameters(self, tree: Node) -> None:
        """Checks names and ranges of everything under `mechanisms` and `parameters`."""
        for name, key_location, mechanism in entries(child(tree, "mechanisms")):
            if self.check_key(name, key_location, "mechanism", self.names.mechanisms):
                known = self.names.mechanisms[name]
                self.check_ranges(mechanism, known, f"mechanism '{name}' has no parameter")
        self.check_ranges(child(tree, "parameters"), self.names.parameters, "no parameter")

    def check_ranges(self, node: Node | None, known: Mapping[str, Parameter], lacking: str) -> None:
        """Checks numbers by name against the parameters that there are."""
        for name, key_location, value in entries(node):
            if name not in known:
                self.report.add(key_location, f"{lacking} '{name[:60]}'{self.report.near(name, known)}")
            elif fault := _out_of_bounds(value, known[name]):
                unit = "" if known[name].unit == "1" else f" ({known[name].unit})"
                self.report.add(value.location, f"{name}{fault}{unit}")

    def check_history(self) -> None:
        """Checks that the history is observed before the start."""
        from tensionsim.events.history import names, origin

        name, start = text_of(child(self.tree, "history")), child(self.tree, "start")
        day = date_of(start)
        if start is None or day is None or name not in names() or day >= (first := origin(name)):
            return
        self.report.add(
            start.location,
            f"the start, {day}, is before {first}, from when on history {quoted(name)} is observed; "
            f"start on {first} or later, or write `history: none`",
        )

    def check_principals(self) -> None:
        """Checks that the principals are two."""
        node = child(self.tree, "principals")
        found = [text_of(item) for item in items(node)]
        if node and len(found) == 2 and found[0] is not None and found[0] == found[1]:
            words = f"the principals are two different actors, found {quoted(found[0])} twice"
            self.report.add(node.location, words)

    def check_in_force(self, node: Node) -> None:
        """Checks that it is clear which arrangement is in force."""
        parts = {"actor": "actor", "target": "actor", "issue": "issue"}
        named = child(node, "name") if isinstance(node, MapNode) else node
        cast, kind = self.names.cast, self.names.catalogue.arrangements.get(text_of(named) or "")
        is_clear = all(self.is_known(child(node, key), of) for key, of in parts.items())
        if cast is None or kind is None or not is_clear:
            return
        actor, target, issue = (text_of(child(node, key)) for key in parts)
        found = holders(kind, actor, target, issue, cast)
        if not found:
            words = f"{quoted(kind.name)} cannot be in force so; it holds for {scope_of(kind)}"
            self.report.add(node.location, words)
        elif len(found) > 1:
            choices = [
                f"{key} ({listed(values)})"
                for key, values in zip(parts, map(dict.fromkeys, zip(*found, strict=True)), strict=True)
                if len(values) > 1
            ]
            words = f"could be in force in {len(found)} ways; name its {' and '.join(choices)}"
            self.report.add(node.location, f"{quoted(kind.name)} {words}")


_CHECKS: Mapping[Any, Callable[[_Walk, MapNode, SourceLocation, Keys, str | None], bool | None]] = {
    Condition: _Walk.check_condition,
    EventSpec: _Walk.check_condition,
    Odds: _Walk.check_odds,
    Actor: _Walk.check_attributes,
    ActorPatch: _Walk.check_attributes,
    Rule: _Walk.check_act,
    Act: _Walk.check_act,
    Check: _Walk.check_veto,
    ScheduledMove: _Walk.check_scheduled,
    Indicator: _Walk.check_indicator,
    Driver: _Walk.check_driver,
    MoveSpec: _Walk.check_own_move,
    ArrangementSpec: _Walk.check_own_kind,
    Change: _Walk.check_change,
}
"""What is checked of a mapping beside the names in it, by its model; False ends the walk there."""


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


def _out_of_bounds(value: Node, parameter: Parameter) -> str:
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
    lengths = (len(FAMILIES[family].values) or len(numbers),) if family in FAMILIES else ()
    is_right = numbers and len(numbers) == len(items(values)) and len(numbers) in lengths
    return {family: numbers} if is_right else {}


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
    for key, _, inner in entries(node):
        yield from _leaves((*path, key), inner)


FADED_MONTHS = 24
"""Months without an observed move after which little is left of a history's conduct and memories."""

DAYS_PER_MONTH = 365 / 12


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
                if kept := sorted(_set_by(old, file) - _set_by(new, file)):
                    yield (
                        f"leader {quoted(new)}, who comes on {change.date}, is silent about {', '.join(kept)}: "
                        f"what {quoted(old)} set there would stay, if it led before"
                    )


def _leaders_of(actor: str, file: ScenarioFile) -> set[str]:
    """Who leads an actor from the start or may come to lead it."""
    named = {file.actors[actor].leader, *(change.leader for change in file.changes if change.actor == actor)}
    named |= {part.leader for change in file.changes if change.actor == actor for part in change.one_of}
    return {name for name in named if name is not None}


def _set_by(leader: str, file: ScenarioFile) -> set[str]:
    """What a leader's patch sets: attributes, and keys of those that have keys."""
    given = file.leaders[leader].model_dump(exclude_none=True, exclude={"rules", "checks"})
    keyed = {f"{name}.{key}" for name in KEYED for key in given.get(name, {})}
    return keyed | {name for name in given if name not in KEYED}


def _changed(file: ScenarioFile) -> Iterator[tuple[object, Keys]]:
    """Date and path of each stance and relation that a change, or a leader who comes by one, sets."""
    for change in file.changes:
        parts: list[Change | Alternative] = [change, *change.one_of]
        for part in parts:
            found = [parse_path(text) for text in part.set]
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


def unusual_scores(tree: MapNode) -> Iterator[str]:
    """Notes on own moves whose score is not the one that their CAMEO code has."""
    for name, _, move in entries(child(tree, "moves")):
        score, code = child(move, "goldstein"), text_of(child(move, "cameo"))
        usual = goldstein().get(code or "")
        if score and usual is not None and number_of(score) not in (None, usual):
            where = (
                f"{score.location.source.name}:{score.location.line}"
                if score.location.line
                else score.location.source.name
            )
            yield f"{where}: move {quoted(name)} scores {number_of(score):g}; CAMEO {code} has {usual:g}"
