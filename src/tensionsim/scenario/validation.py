"""Checks a tree against the schema and says what is wrong in a person's words, by one table of wordings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from tensionsim.scenario.paths import Shape, below, fields
from tensionsim.scenario.quantities import range_in_words
from tensionsim.scenario.schema import BRANCH, Distribution
from tensionsim.scenario.yaml_tree import NOTHING, Node, Report, SourceLocation, listed, meant, quoted

Model = TypeVar("Model", bound=BaseModel)

NAMED = (
    *("actors", "leaders", "rules", "checks", "issues", "indicators", "moves", "outlooks", "events", "mechanisms"),
    *("arrangement_kinds", "strategies", "codes"),
)
"""Mappings whose entries messages call by their kind: "rule 'america first'"."""


class LocatedError(NamedTuple):
    """A pydantic error and what of the tree it is about.

    path : keys down to `node`, which has a shape. is_of_name : it is about a key of the author's own. siblings : keys
    that may stand beside it. kind, context, message : of pydantic. whole : how messages call all of the tree.
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
        key, owner = self.path[-1][:60], "".join(self.path[-2:-1])
        if key.isdecimal() and owner not in NAMED:
            return f"item {int(self.path[-1]) + 1} of {owner[:60] or 'the list'}"
        of_actor = ("stances", "salience", "dependence", "affinity", "yardstick")
        is_own = owner in (*of_actor, "shifts", "parameters", "elections", "set")
        return f"{owner}.{key}" if is_own or self.path[-3:-2] == ("mechanisms",) else key

    @property
    def found(self) -> str:
        """What the node holds, in words."""
        if self.node.is_mapping or self.node.is_list:
            return "a mapping" if self.node.is_mapping else "a list"
        if (text := self.node.text) is not None:
            return f"the text {quoted(text)}" if text else "an empty text"
        return str(self.node.value).lower() if isinstance(self.node.value, bool) else f"the number {self.node.value}"

    @property
    def form(self) -> str:
        """What the schema says of the value, in brackets."""
        return f" ({self.shape.about})" if self.shape.about else ""


def check(tree: Node, model: type[Model], report: Report, *, is_whole: bool = True) -> Model | None:
    """What the tree means as a model; None if it breaks it, with the reasons, which may be what lacks if `is_whole`."""
    try:
        return model.model_validate(tree.plain)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False):
            if not is_whole and details["type"] == "missing":
                continue
            located = _locate(tree, Shape(model=model), details, model.model_config.get("title") or label(()))
            if located.node.value is not None:
                is_of_key = located.is_of_name or located.kind in ("missing", "extra_forbidden")
                words = _WORDINGS.get(located.kind, _WORDINGS[""])(located)
                report.add(located.key_location if is_of_key else located.node.location, words)
        return None


def _locate(tree: Node, shape: Shape, details: Any, whole: str) -> LocatedError:
    node, key_location = tree, tree.location
    path, siblings, rest = tuple[str, ...](), tuple[str, ...](), ""
    for part in map(str, details["loc"]):
        types = below(shape, node)
        if node.is_mapping and shape.is_uncertain:
            types = {**types, **fields(Distribution), **types}
        inner = NOTHING if rest else node.child(part)
        if not inner:  # a branch of a union, or what the tree does not have
            rest = rest if part.startswith(BRANCH) else part
            continue
        key_location = inner.location
        if node.is_mapping:
            siblings, key_location = tuple(types), node.keys.get(part, node.location)
        path, node, shape = (*path, part), inner, types.get(part, Shape())
    kind, context = details["type"], details.get("ctx", {})
    if kind == "missing":
        kind, context = ("too_short" if node.is_list else kind), {"key": str(details["loc"][-1])}
    is_of_name = rest == "[key]"
    return LocatedError(path, node, shape, is_of_name, key_location, siblings, kind, context, details["msg"], whole)


def label(path: tuple[str, ...]) -> str:
    """What messages call the thing at `path`: "rule 'america first'", "item 3 of schedule"."""
    if not path:
        return "the scenario"
    key, owner = path[-1][:60], "".join(path[-2:-1])
    if owner in NAMED:
        kind = "strategy" if owner == "strategies" else owner.removesuffix("s").replace("_", " ")
        return f"{kind} '{key}'"
    if owner and key.isdecimal():
        return f"item {int(path[-1]) + 1} of {owner}"
    return f"'{key}' of {label(path[:-1])}" if key in ("when", "chance", "otherwise") else f"'{key}'"


def _unknown_key(error: LocatedError) -> str:
    hint = meant(error.path[-1], error.siblings) or f"; it may have {listed(error.siblings) or 'none'}"
    owner = label(error.path[:-1]) if error.path[1:] else error.whole
    return f"unknown key {quoted(error.path[-1])} in {owner}{hint}"


def _wrong_length(error: LocatedError) -> str:
    found = len(error.node.by_key or error.node.items) or "nothing"
    if count := len(error.shape.positions):
        return f"{error.subject} takes {count} values{error.form}; found {found}"
    least, most = error.context.get("min_length"), error.context.get("max_length")
    return f"{error.subject} has {found}; it takes {f'at most {most}' if least is None else f'{least} or more'}"


def _out_of_range(error: LocatedError) -> str:
    value, ((rule, limit),) = error.node.value, error.context.items()
    side = {"le": "above", "lt": "not below", "ge": "below", "gt": "not above"}[rule]
    allowed, hint = error.shape.limits or error.context, ""
    if allowed.get("le") == 1 and isinstance(value, (int, float)) and 2 <= value <= 100:
        hint = f" (for {value} % write {value / 100:g})"
    return f"{error.subject} {value} is {side} {limit:g}; use {range_in_words(allowed)}{hint}"


def _not_a_number(error: LocatedError) -> str:
    number, hint = "a whole number" if "int" in error.kind else "a number", ""
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", (error.node.text or "").strip()).replace(",", ".")
    if re.fullmatch(r"-?[0-9]*\.?[0-9]+%?", text):
        hint = f" (write {float(text.removesuffix('%')) / (100.0 if text.endswith('%') else 1.0):g})"
    return f"{error.subject} is {error.found}; use {range_in_words(error.shape.limits, number)}{hint}"


def _not_text(error: LocatedError) -> str:
    hint = f'; if it is meant as text, put it in quotes: "{error.node.written[:30]}"' if error.node.written else ""
    return f"{error.subject} is {error.found}, not a text{error.form}{hint}"


def _not_one_of(error: LocatedError) -> str:
    expected = str(error.context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
    if isinstance(error.node.value, bool) and "off" in expected:
        return f"{error.subject} is {error.found}; write {'on' if error.node.value else 'off'}"
    hint = meant(error.path[-1] if error.is_of_name else str(error.node.value), expected)
    if error.is_of_name:
        return f"{quoted(error.path[-1])} is not one of {listed(expected)}{hint}"
    return f"{error.subject} is {error.found}; it is one of {listed(expected)}{error.form}{hint}"


def _too_long(error: LocatedError) -> str:
    text = error.path[-1] if error.is_of_name else error.node.text or ""
    return f"{error.subject}: {len(text):,} letters are too many; write {error.context['max_length']} at most"


def _expected(what: str) -> Callable[[LocatedError], str]:
    return lambda error: f"{error.subject} is {error.found}; it takes {what}{error.form}"


def _bad_form(error: LocatedError) -> str:
    if error.is_of_name:
        return f"{quoted(error.path[-1])} is not a name: use a letter, then letters, digits, '_' or '-', at most 60"
    return f"{error.subject} is {error.found}; it takes another form{error.form}"


_WORDINGS: Mapping[str, Callable[[LocatedError], str]] = {
    "missing": lambda error: f"{label(error.path) if error.path else error.whole} lacks {quoted(error.context['key'])}",
    "extra_forbidden": _unknown_key,
    **dict.fromkeys(("too_short", "too_long"), _wrong_length),
    **dict.fromkeys(("less_than_equal", "less_than", "greater_than_equal", "greater_than"), _out_of_range),
    **dict.fromkeys(("float_type", "int_type", "finite_number"), _not_a_number),
    "string_type": _not_text,
    "bool_type": _expected("true or false"),
    "literal_error": _not_one_of,
    "date_type": lambda error: f"{error.subject} is {error.found}; it takes a date, like 2025-01-20",
    **dict.fromkeys(("list_type", "tuple_type"), _expected("a list")),
    "dict_type": _expected("a mapping of names to values"),
    **dict.fromkeys(("model_type", "model_attributes_type"), _expected("a mapping of keys to values")),
    "string_pattern_mismatch": _bad_form,
    "string_too_short": lambda error: f"{quoted(error.path[-1])} is empty",
    "string_too_long": _too_long,
    "value_error": lambda error: (
        f"{error.subject}: " * (error.node.is_mapping and not error.is_of_name) + str(error.context["error"])
    ),
    "": lambda error: f"{error.subject} is {error.found}: {error.message}",
}
"""What to say of each type of pydantic's errors; of others, what stands under the empty one. The schema's own checks
raise ValueError in a person's words."""
