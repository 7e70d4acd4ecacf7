"""Dotted paths into a scenario, `actors.*.insulation`, and the schema's types that say which paths there are.

`*` stands for every entry of a mapping with keys of the author's own, or every item of a list. A key that
holds dots may be quoted or, where it exists, written as it is: `actors.washington.rules."america first 2.0".chance`.
Items of a list are counted from 0.
"""

from __future__ import annotations

import re
import types
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tensionsim.errors import nearest
from tensionsim.scenario.schema import Apart, Distribution, Refers, ScenarioFile
from tensionsim.scenario.yaml_tree import Node, Report, SourceLocation, listed, quoted

MOST_MATCHES = 10_000

Keys = tuple[str, ...]
ByKind: TypeAlias = Mapping[str, Collection[str] | None]
"""Names by kind; None where any may be."""

ANY = "*"

_QUOTED = re.compile(r"""(?:"([^"]*)"|'([^']*)')(?:\.|$)""")
_BARE = re.compile(r"([^.]+)(?:\.|$)")


class NoPath(Exception):
    """A path leads nowhere. The text is what to say after "no such path"."""


def parse_path(text: str) -> Keys:
    """The keys of a dotted path.

    >>> parse_path('actors.washington.rules."america first 2.0".chance')
    ('actors', 'washington', 'rules', 'america first 2.0', 'chance')
    """
    keys: list[str] = []
    position = 0
    while position < len(text):
        found = _QUOTED.match(text, position) or _BARE.match(text, position)
        if not found:
            raise NoPath(f"a key is missing at character {position + 1}")
        keys.append(next(group for group in found.groups() if group is not None).strip())
        position = found.end()
    if not keys or not all(keys) or text.endswith("."):
        raise NoPath("it is empty" if not keys else "a key is missing between its dots")
    return tuple(keys)


def join(path: Keys) -> str:
    """The dotted text of a path."""
    return ".".join(f'"{key}"' if "." in key else key for key in path)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What may stand where the schema has a type.

    model : of a mapping with keys of the schema. own : of the values of a mapping with keys of the author's own.
    positions, each : of a list's items, if their number is given or not. refers, key_refers : what a text, or each key,
    names. is_uncertain : whether it may be a distribution. about : its description. limits : any of `ge`, `gt`, `le`,
    `lt`.
    """

    model: type[BaseModel] | None = None
    own: Shape | None = None
    positions: tuple[Shape, ...] = ()
    each: Shape | None = None
    refers: str = ""
    key_refers: str = ""
    is_uncertain: bool = False
    about: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)


ROOT = Shape(model=ScenarioFile)
"""The shape of a whole scenario."""


@cache
def fields(model: type[BaseModel]) -> Mapping[str, Shape]:
    """Keys of a model as a file writes them, with their shapes."""
    return {
        one.alias or name: replace(
            _shape(Annotated[one.annotation, *one.metadata] if one.metadata else one.annotation),
            about=one.description or "",
        )
        for name, one in model.model_fields.items()
    }


def below(shape: Shape, node: Node) -> Mapping[str, Shape]:
    """Keys that may stand below a node of a shape, with their shapes; of the author's own those that the node has."""
    if shape.model is not None and not node.is_list:
        return fields(shape.model)
    if shape.own is not None and not node.is_list:
        return dict.fromkeys(node.by_key, shape.own)
    if shape.positions and not node.is_mapping:
        return {str(index): part for index, part in enumerate(shape.positions)}
    if shape.each is not None and node.is_list:
        return dict.fromkeys(map(str, range(len(node.items))), shape.each)
    return {}


def _shape(annotation: Any) -> Shape:
    found: dict[str, Any] = {"refers": _refers(annotation), "limits": {}}
    for branch in _parts(annotation):
        origin, parts = get_origin(branch), get_args(branch)
        if branch is Distribution:
            found["is_uncertain"] = True
        elif isinstance(branch, type) and issubclass(branch, BaseModel):
            found["model"] = branch
        elif origin is dict:
            found["own"] = _shape(parts[1])
            found["key_refers"] = _refers(parts[0])
        elif origin is tuple:
            found["positions"] = tuple(map(_shape, parts))
        elif origin is list:
            found["each"] = _shape(parts[0])
        limits = {rule: getattr(branch, rule) for rule in ("ge", "gt", "le", "lt") if hasattr(branch, rule)}
        found["limits"] |= branch.limits if isinstance(branch, Apart) else limits
    return Shape(**found)


def _parts(annotation: Any) -> Iterator[Any]:
    """The types of a union without None, each before what is noted with it: limits, references."""
    if get_origin(annotation) is Annotated:
        base, *metadata = get_args(annotation)
        yield from _parts(base)
        for mark in metadata:
            yield from mark.metadata if isinstance(mark, FieldInfo) else (mark,)
    elif get_origin(annotation) in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _parts(part)
    elif annotation is not type(None):
        yield annotation


def _refers(annotation: Any) -> str:
    return next((mark.kind for mark in _parts(annotation) if isinstance(mark, Refers)), "")


def expand(tree: Node, text: str, known: ByKind | None) -> list[Keys]:
    """Every path that `text` means: one that is there, or with `known` may be set; NoPath suggests another.

    known : names by kind, which may stand as keys in a mapping though the file does not spell them out.
    """
    wanted, shape = parse_path(text), None if known is None else ROOT
    meant, found = wanted, list[Keys]()
    while not found:
        ends: list[tuple[Keys, Collection[str]]] = []
        found = _expand(tree, shape, (), meant, known or {}, ends)
        if not found:
            left, options = min(ends, key=lambda one: len(one[0]))
            right, near = meant[: -len(left)], "" if left[0] == ANY else nearest(left[0], options)
            if not near:
                where = quoted(join(right)) if right else "a scenario" if shape else "what it extends"
                raise NoPath(f"{where} has {listed(options)}" if options else f"{where} has nothing below it")
            meant = (*right, near, *left[1:])
    if meant != wanted:
        raise NoPath(f"did you mean {quoted(join(meant))}?")
    if ANY in wanted and shape is not None:  # a wildcard does not mean what an actor is to itself
        own = [path for path in found if path[2:3] in (("dependence",), ("affinity",)) and path[1:2] == path[3:]]
        found = [path for path in found if path not in own] or found
    if len(found) > MOST_MATCHES:
        raise NoPath(f"it means more than {MOST_MATCHES:,} places")
    return found


def found(
    tree: Node, text: str, known: ByKind | None, where: SourceLocation, report: Report, before: str
) -> list[Keys]:
    """The paths that `text` means; none where it leads nowhere, which is noted."""
    try:
        return expand(tree, text, known)
    except NoPath as lost:
        report.add(where, f"{before}no such path, {lost}")
        return []


def put(node: Node, path: Keys, value: Node, location: SourceLocation) -> Node:
    """The tree with `value` at an expanded path; mappings on the way are made where they lack."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if node.is_list and node.child(head):
        index = int(head)
        changed = put(node.items[index], rest, value, location)
        return Node((*node.items[:index], changed, *node.items[index + 1 :]), node.location)
    mapping = node if node.is_mapping else Node({}, location)
    return mapping.with_entry(head, put(mapping.child(head), rest, value, location), location)


def without(node: Node, path: Keys) -> Node:
    """The tree without what stands at a path; as it is if nothing does."""
    head, rest = path[0], path[1:]
    if node.is_list:
        index = int(head) if head.isdecimal() else len(node.items)
        kept = [without(item, rest) if rest and number == index else item for number, item in enumerate(node.items)]
        return Node(tuple(kept if rest else kept[:index] + kept[index + 1 :]), node.location)
    if head not in node.by_key:
        return node
    return node.with_entry(head, without(node.by_key[head], rest), node.location) if rest else node.without(head)


def _options(node: Node, shape: Shape | None, done: Keys, known: ByKind) -> Mapping[str, Shape | None]:
    """Keys that may stand below a node."""
    if shape is None:
        keys = range(len(node.items)) if node.is_list else [key for key, _, _ in node.entries]
        return dict.fromkeys(map(str, keys))
    options = below(shape, node)
    if shape.own is None or node.is_list:
        return options
    kind = join(done[-2:]) if done[-2:-1] == ("mechanisms",) else shape.key_refers
    return {**options, **dict.fromkeys(known.get(kind) or (), shape.own)}


def _expand(
    node: Node, shape: Shape | None, done: Keys, left: Keys, known: ByKind, ends: list[tuple[Keys, Collection[str]]]
) -> list[Keys]:
    """The paths that `left` means below a node; into `ends` goes what leads nowhere, with what there is."""
    if not left:
        return [done]
    options = _options(node, shape, done, known)
    if left[0] == ANY:
        ways = [] if shape is not None and shape.model is not None else [(key, left[1:]) for key in options]
    else:  # the first key alone or with those after it: its dots may be its own
        spelled = ((".".join(left[:count]), left[count:]) for count in range(1, min(len(left), 8) + 1))
        ways = [(key, rest) for key, rest in spelled if key in options]
    if not ways:
        ends.append((left, options))
    found: list[Keys] = []
    for key, rest in ways:
        found += _expand(node.child(key), options[key], (*done, key), rest, known, ends)
        if len(found) > MOST_MATCHES or (found and left[0] != ANY):
            break
    return found
