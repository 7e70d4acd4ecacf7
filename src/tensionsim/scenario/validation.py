"""Checks a tree against the schema and says what is wrong in a person's words, by one table of wordings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from tensionsim.scenario.paths import Shape, below, fields
from tensionsim.scenario.schema import OWN_WORDS, Distribution
from tensionsim.scenario.yaml_tree import (
    ListNode,
    MapNode,
    Node,
    Report,
    ScalarNode,
    SourceLocation,
    child,
    figure,
    items,
    listed,
    meant,
    plain,
    quoted,
)

Model = TypeVar("Model", bound=BaseModel)

LABELS = {
    f"{one}s": one
    for one in ("actor", "leader", "rule", "check", "issue", "indicator", "move", "outlook", "event", "mechanism")
} | {"arrangement_kinds": "arrangement kind", "strategies": "strategy"}
"""What messages call an entry of each mapping."""

LABELS_OF_ITEMS = {
    "arrangements": "arrangement",
    "schedule": "scheduled move",
    "changes": "change",
    "correlations": "correlation",
    "one_of": "alternative",
    "driven_by": "driver",
    **dict.fromkeys(("all", "any", "none"), "condition"),
}
"""What messages call an item of each list."""

KEYED = ("stances", "salience", "dependence", "affinity", "yardstick")
"""Attributes of an actor that have a value for each of several names."""

_TAGS = ("number", "mapping", "text", "odds", "list")
"""What pydantic puts into the location of an error for the branch of a union that it took."""


class LocatedError(NamedTuple):
    """A pydantic error and what of the tree it is about.

    path : keys down to `node`. is_of_name : it is about a key of the author's own. siblings : keys that may stand
    beside it. kind, context, message : of pydantic. whole : how messages call all of the tree.
    """

    path: tuple[str, ...]
    node: Node
    shape: Shape
    is_of_name: bool
    key_location: SourceLocation
    siblings: tuple[str, ...]
    kind: str
    context: Mapping[str, Any]
    message: str
    whole: str

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
        value = self.value
        if not isinstance(self.node, ScalarNode):
            return "a mapping" if isinstance(self.node, MapNode) else "a list"
        if isinstance(value, str):
            return f"the text {quoted(value)}" if value else "an empty text"
        return str(value).lower() if isinstance(value, bool) else f"the number {str(value)[:30]}"

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
            located = _locate(tree, Shape(model=model), details, model.model_config.get("title") or label(()))
            if not (isinstance(located.node, ScalarNode) and located.node.value is None):
                is_of_key = located.kind in _OF_KEYS or located.is_of_name
                words = _WORDINGS.get(located.kind, _WORDINGS[""])(located)
                report.add(located.key_location if is_of_key else located.node.location, words)
        return None


def _locate(tree: Node, shape: Shape, details: Any, whole: str) -> LocatedError:
    node, key_location = tree, tree.location
    path, siblings, rest = tuple[str, ...](), tuple[str, ...](), ""
    for part in map(str, details["loc"]):
        types = below(shape, node)
        if isinstance(node, MapNode) and shape.is_uncertain:
            types = {**fields(Distribution), **types}
        inner = None if rest else child(node, part)
        if inner is None:  # a branch of a union, or what the tree does not have
            rest = rest if part in _TAGS else part
            continue
        key_location = inner.location
        if isinstance(node, MapNode):
            siblings, key_location = tuple(types), node.keys.get(part, node.location)
        path, node, shape = (*path, part), inner, types.get(part, Shape())
    kind, context = details["type"], details.get("ctx", {})
    if kind == "missing":
        kind, context = ("too_short" if isinstance(node, ListNode) else kind), {"key": str(details["loc"][-1])}
    is_of_name = rest == "[key]"
    return LocatedError(path, node, shape, is_of_name, key_location, siblings, kind, context, details["msg"], whole)


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


def _unknown_key(error: LocatedError) -> str:
    allowed = f"; it may have {listed(error.siblings)}" if error.siblings else ""
    hint = meant(error.path[-1], error.siblings) or allowed
    owner = label(error.path[:-1]) if error.path[1:] else error.whole
    return f"unknown key {quoted(error.path[-1])} in {owner}{hint}"


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
    allowed, hint = error.shape.limits or error.context, ""
    if allowed.get("le") == 1 and isinstance(value, (int, float)) and 2 <= value <= 100:
        hint = f" (for {value} % write {value / 100:g})"
    return f"{error.subject} {str(value)[:30]} is {side} {figure(limit)}; use {_range(allowed)}{hint}"


def _range(allowed: Mapping[str, float]) -> str:
    low, high = allowed.get("ge", allowed.get("gt")), allowed.get("le", allowed.get("lt"))
    if low is None:
        return "a number" if high is None else f"a number of at most {high:g}"
    if high is None:
        return f"a number above {figure(low)}" if "gt" in allowed else f"a number of {figure(low)} or more"
    if "gt" in allowed:
        return f"a number above {figure(low)} and {'below' if 'lt' in allowed else 'up to'} {figure(high)}"
    return f"a number in {figure(low)}..{figure(high)}"


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
    if form := _FORMS.get(error.path[-1] if error.path else ""):
        hint = f"; write {form}"
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
    return f"{error.subject} {quoted(error.value)} is none of {listed(expected)}{meant(error.value, expected)}"


def _not_a_truth(error: LocatedError) -> str:
    words = {"yes": "true", "on": "true", "no": "false", "off": "false"}
    return f"{error.subject} is {error.found}; write {words.get(str(error.value).casefold(), 'true or false')}"


def _expected(what: str) -> Callable[[LocatedError], str]:
    return lambda error: f"{error.subject} is {error.found}; it takes {what}{error.form}"


def _bad_form(error: LocatedError) -> str:
    if error.is_of_name:
        return f"{quoted(error.path[-1])} is not a name: use a letter, then letters, digits, '_' or '-', at most 60"
    if error.path[-1:] == ("cameo",):
        return f'{error.found} is not a CAMEO code: two to four digits in quotes, the first two from "01" to "20"'
    return f"{error.subject} is {error.found}, which has not the right form"


_WORDINGS: Mapping[str, Callable[[LocatedError], str]] = {
    "missing": lambda error: f"{label(error.path) if error.path else error.whole} lacks {quoted(error.context['key'])}",
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
    OWN_WORDS: lambda error: (
        f"{error.subject}: {error.message}"
        if isinstance(error.node, MapNode) and not error.is_of_name
        else error.message
    ),
    "": lambda error: f"{error.subject} is {error.found}: {error.message}",
}
"""What to say of each type of pydantic's errors; of others, what stands under the empty one."""

_OF_KEYS = ("missing", "extra_forbidden", "string_too_short", "string_too_long")
"""Types of errors that are shown at a key and not at its value."""
