"""Checks a tree against the schema and says what is wrong in a person's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from tensionsim.scenario.field_types import OWN_WORDS, Distribution
from tensionsim.scenario.nodes import ListNode, MapNode, Node, ScalarNode, items, plain
from tensionsim.scenario.places import Place
from tensionsim.scenario.problems import Report, figure, listed, nearest, quoted
from tensionsim.scenario.schema import ScenarioFile
from tensionsim.scenario.structure import ROOT, below, branches, fields, is_model, label, limits

Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """What an error is about.

    path : keys down to `node`. left : what of the error's location the tree does not have.
    place, key_place : of the node and of its key. siblings : keys that may stand beside it.
    """

    path: tuple[str, ...]
    node: Node
    annotation: Any
    left: tuple[str, ...]
    place: Place
    key_place: Place
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
    place, message = _WORDINGS.get(kind, _other)(spot, details, report)
    report.add(place, message)


def _locate(tree: Node, annotation: Any, location: tuple[Any, ...], path: tuple[str, ...]) -> Spot:
    node, place, key_place = tree, tree.place, tree.place
    left: list[str] = []
    siblings: tuple[str, ...] = ()
    for part in (str(part) for part in location):
        types = (
            _distribution_fields(annotation) if _is_distribution(annotation, node) else below(annotation, node) or {}
        )
        if isinstance(node, MapNode) and part in node.entries and not left:
            annotation, siblings = types.get(part), tuple(types)
            key_place = node.keys.get(part, node.place)
            node = node.entries[part]
        elif isinstance(node, ListNode) and part.isdecimal() and int(part) < len(node.items) and not left:
            annotation = types.get(part)
            node = node.items[int(part)]
            key_place = node.place
        else:
            if part not in _TAGS:
                left.append(part)
            continue
        path = (*path, part)
        place = node.place
    return Spot(path, node, annotation, tuple(left), place, key_place, siblings)


_TAGS = ("number", "distribution", "text", "odds", "name", "reference", "switch", "parameters", "date", "list")


def _is_distribution(annotation: Any, node: Node) -> bool:
    return isinstance(node, MapNode) and Distribution in branches(annotation)


def _distribution_fields(annotation: Any) -> Mapping[str, Any]:
    known = dict(fields(Distribution))
    for branch in branches(annotation):
        if is_model(branch) and branch is not Distribution:
            known |= fields(branch)
    return known


def _missing(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
    if isinstance(spot.node, ListNode):
        return _wrong_length(spot, details, report)
    key = str(details["loc"][-1])
    return spot.key_place, f"{label(spot.path)} lacks {quoted(key)}"


def _unknown_key(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
    above = spot.path[:-1]
    allowed = spot.siblings
    best = nearest(spot.path[-1], allowed)
    hint = f"; did you mean {quoted(best)}?" if best else f"; it may have {listed(allowed)}" if allowed else ""
    return spot.key_place, f"unknown key {quoted(spot.path[-1])} in {label(above)}{hint}"


def _wrong_length(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
    count = next((len(get_args(branch)) for branch in branches(spot.annotation) if get_origin(branch) is tuple), None)
    held = spot.node.entries if isinstance(spot.node, MapNode) else items(spot.node)
    found = len(held)
    form = fields_of_family(spot)
    if count:
        return spot.place, f"{spot.subject} takes {count} values{form}, found {found}"
    context = details.get("ctx", {})
    if "min_length" in context:
        return spot.place, f"{spot.subject} has {found or 'nothing'}; it takes {context['min_length']} or more"
    return spot.place, f"{spot.subject} has {found}; it takes at most {context.get('max_length')}"


def fields_of_family(spot: Spot) -> str:
    """What the values of a distribution's family are, in brackets; empty for anything else."""
    field = Distribution.model_fields.get(spot.path[-1]) if spot.path else None
    return f", {field.description}" if field else ""


def _out_of_range(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
    value = spot.node.value if isinstance(spot.node, ScalarNode) else None
    context = details.get("ctx", {})
    ((rule, limit),) = context.items()
    side = {"le": "above", "lt": "not below", "ge": "below", "gt": "not above"}[rule]
    allowed = limits(spot.annotation) or context
    hint = _percent_hint(value) if allowed.get("le") == 1 else ""
    return spot.place, f"{spot.subject} {_shown(value)} is {side} {figure(limit)}; use {_range(allowed)}{hint}"


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


def _not_a_number(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
    hint = ""
    if isinstance(spot.node, ScalarNode) and isinstance(spot.node.value, str):
        hint = _number_hint(spot.node.value.strip())
    return spot.place, f"{spot.subject} is {_found(spot.node)}; use {_range(limits(spot.annotation))}{hint}"


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


def _not_text(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
    is_value = isinstance(spot.node, ScalarNode)
    text = spot.node.text if isinstance(spot.node, ScalarNode) else ""
    hint = f'; if it is meant as text, put it in quotes: "{text[:30]}"' if is_value else ""
    if spot.path and spot.path[-1] in _FORMS:
        hint = f"; write {_FORMS[spot.path[-1]]}"
    return spot.place, f"{spot.subject} is {_found(spot.node)}, not a text{hint}"


_IN_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+")
_FORMS = {
    **dict.fromkeys(("for", "within", "cooldown", "half_life"), "a number with its unit, like '6 months'"),
    "cooperation": "'below 35' or 'above 50'",
    **dict.fromkeys(("conduct", "pressure"), "'a -> b', who acts and towards whom"),
}
"""What to write in fields whose text has a form of its own."""


def _not_one_of(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
    value = spot.node.value if isinstance(spot.node, ScalarNode) else None
    expected = str(details.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
    if spot.path == ("tensionsim",):
        return spot.place, f"{_found(spot.node)} is no format that this version reads; write tensionsim: 1"
    if isinstance(value, bool) and "off" in expected:
        return spot.place, f"{spot.subject} is {_found(spot.node)}; write {'on' if value else 'off'}"
    if not isinstance(value, str):
        return spot.place, f"{spot.subject} is {_found(spot.node)}; it is one of {listed(expected)}"
    best = nearest(value, expected)
    hint = f"; did you mean {quoted(best)}?" if best else ""
    return spot.place, f"{spot.subject} {quoted(value)} is none of {listed(expected)}{hint}"


def _not_a_truth(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
    value = spot.node.value if isinstance(spot.node, ScalarNode) else None
    truth = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(str(value).casefold(), "true or false")
    return spot.place, f"{spot.subject} is {_found(spot.node)}; write {truth}"


def _expected(what: str) -> Callable[[Spot, Details, Report], tuple[Place, str]]:
    def wording(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
        form = fields_of_family(spot)
        return spot.place, f"{spot.subject} is {_found(spot.node)}; it takes {what}{form}"

    return wording


def _bad_form(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
    if spot.left[-1:] == ("[key]",):
        return (
            spot.key_place,
            f"{quoted(spot.path[-1])} is not a name: use a letter, then letters, digits, '_' or '-', at most 60",
        )
    if spot.path[-1:] == ("cameo",):
        form = 'two to four digits in quotes, the first two from "01" to "20"'
        return spot.place, f"{_found(spot.node)} is not a CAMEO code: {form}"
    return spot.place, f"{spot.subject} is {_found(spot.node)}, which has not the right form"


def _wrong_text_length(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
    return spot.key_place, f"{quoted(spot.path[-1])} is not a name of 1 to 200 characters"


def _own_words(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
    prefix = f"{spot.subject}: " if isinstance(spot.node, MapNode) else ""
    return spot.place, f"{prefix}{details['msg']}"


def _other(spot: Spot, details: Details, report: Report) -> tuple[Place, str]:
    return spot.place, f"{spot.subject} is {_found(spot.node)}: {details['msg']}"


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


_WORDINGS: Mapping[str, Callable[[Spot, Details, Report], tuple[Place, str]]] = {
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
