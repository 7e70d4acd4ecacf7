"""Which keys may stand where: walks the schema's types beside the tree of a file."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tensionsim.scenario.field_types import Distribution
from tensionsim.scenario.nodes import ListNode, MapNode, Node
from tensionsim.scenario.schema import ScenarioFile

ROOT: Any = ScenarioFile
"""The type of a whole scenario."""

LABELS = {
    "actors": "actor",
    "leaders": "leader",
    "rules": "rule",
    "checks": "check",
    "issues": "issue",
    "indicators": "indicator",
    "moves": "move",
    "arrangement_kinds": "arrangement kind",
    "arrangements": "arrangement",
    "outlooks": "outlook",
    "events": "event",
    "mechanisms": "mechanism",
    "schedule": "scheduled move",
    "changes": "change",
    "one_of": "alternative",
    "driven_by": "driver",
    "all": "condition",
    "any": "condition",
    "none": "condition",
}
"""What messages call an entry of each mapping or list."""


def branches(annotation: Any) -> Iterator[Any]:
    """The types of a union, without None and annotations."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from branches(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from branches(part)
    elif annotation is not type(None):
        yield annotation


def is_model(annotation: Any) -> bool:
    """Whether the type is one of the schema's models."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


@cache
def fields(model: Any) -> Mapping[str, Any]:
    """Keys of a model as a file writes them, with their types."""
    known = {}
    for name, field in model.model_fields.items():
        metadata = tuple(field.metadata)
        known[field.alias or name] = Annotated[field.annotation, *metadata] if metadata else field.annotation
    return known


def below(annotation: Any, node: Node | None) -> Mapping[str, Any] | None:
    """Keys that may stand below a node of a type, with their types; None if it holds a single value.

    A mapping with keys of the author's own gives those that `node` has, a list its positions.
    """
    for branch in branches(annotation):
        origin = get_origin(branch)
        if is_model(branch) and branch is not Distribution and not isinstance(node, ListNode):
            return fields(branch)
        if origin is dict and not isinstance(node, ListNode):
            return dict.fromkeys(node.entries if isinstance(node, MapNode) else (), get_args(branch)[1])
        if origin is tuple and not isinstance(node, MapNode):
            return {str(place): part for place, part in enumerate(get_args(branch))}
        if origin is list and not isinstance(node, MapNode):
            return dict.fromkeys(
                (str(place) for place in range(len(node.items) if isinstance(node, ListNode) else 0)),
                get_args(branch)[0],
            )
    return None


def value_type(annotation: Any) -> Any:
    """Type of the values of a mapping with keys of the author's own; None if it is none."""
    return next((get_args(branch)[1] for branch in branches(annotation) if get_origin(branch) is dict), None)


def limits(annotation: Any) -> dict[str, float]:
    """The range of a number's type: any of `ge`, `gt`, `le`, `lt`."""
    found: dict[str, float] = {}
    origin = get_origin(annotation)
    if origin is Annotated:
        base, *metadata = get_args(annotation)
        found |= limits(base)
        for mark in metadata:
            for rule in mark.metadata if isinstance(mark, FieldInfo) else (mark,):
                found |= {name: getattr(rule, name) for name in ("ge", "gt", "le", "lt") if hasattr(rule, name)}
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            found |= limits(part)
    return found


def label(path: tuple[str, ...]) -> str:
    """What messages call the thing at `path`: "rule 'america first'", "scheduled move 3"."""
    if not path:
        return "the scenario"
    kind = LABELS.get(path[-2]) if len(path) > 1 else None
    if (
        kind
        and path[-1].isdigit()
        and path[-2] in ("schedule", "changes", "one_of", "driven_by", "arrangements", "all", "any", "none")
    ):
        outlook = f" of {label(path[:-2])}" if path[:1] == ("outlooks",) and len(path) == 4 else ""
        return f"{kind} {int(path[-1]) + 1}{outlook}"
    if kind:
        return f"{kind} '{path[-1][:60]}'"
    if path[-1] == "when" and len(path) > 1:
        return f"the condition of {label(path[:-1])}"
    if path[-1] in ("chance", "otherwise") and len(path) > 1:
        return f"`{path[-1]}` of {label(path[:-1])}"
    return f"'{path[-1][:60]}'"
