"""Dotted paths into a scenario, `actors.*.insulation`, and the schema's types that say which paths there are.

`*` stands for every entry of a mapping with keys of the author's own, or every item of a list. A key that
holds dots may be quoted or, where it exists, written as it is: `actors.washington.rules."america first 2.0".chance`.
Items of a list are counted from 0.
"""

from __future__ import annotations

import re
import types
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tensionsim.scenario.schema import Distribution, Refers, ScenarioFile
from tensionsim.scenario.yaml_tree import ListNode, MapNode, Node, SourceLocation, listed, nearest, quoted

MOST_MATCHES = 10_000

Keys = tuple[str, ...]

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

    model : of a mapping with keys of the schema. own : shape of the values of a mapping with keys of the author's own.
    positions, each : shapes of a list's items, if their number is given or not. refers, key_refers : what a text, or
    each key, names; empty if nothing. is_uncertain : whether it may be a distribution. limits : the range of a number,
    any of `ge`, `gt`, `le`, `lt`.
    """

    model: type[BaseModel] | None = None
    own: Shape | None = None
    positions: tuple[Shape, ...] = ()
    each: Shape | None = None
    refers: str = ""
    key_refers: str = ""
    is_uncertain: bool = False
    limits: Mapping[str, float] = field(default_factory=dict)


ROOT = Shape(model=ScenarioFile)
"""The shape of a whole scenario."""


@cache
def fields(model: type[BaseModel]) -> Mapping[str, Shape]:
    """Keys of a model as a file writes them, with their shapes."""
    return {
        one.alias or name: _shape(Annotated[one.annotation, *one.metadata] if one.metadata else one.annotation)
        for name, one in model.model_fields.items()
    }


def below(shape: Shape, node: Node | None) -> Mapping[str, Shape]:
    """Keys that may stand below a node of a shape, with their shapes; none if it holds a single value.

    A mapping with keys of the author's own gives those that `node` has, a list its positions.
    """
    if shape.model is not None and not isinstance(node, ListNode):
        return fields(shape.model)
    if shape.own is not None and not isinstance(node, ListNode):
        return dict.fromkeys(node.entries if isinstance(node, MapNode) else (), shape.own)
    if shape.positions and not isinstance(node, MapNode):
        return {str(index): part for index, part in enumerate(shape.positions)}
    if shape.each is not None and isinstance(node, ListNode):
        return dict.fromkeys(map(str, range(len(node.items))), shape.each)
    return {}


def _shape(annotation: Any) -> Shape:
    found: dict[str, Any] = {"refers": _refers(annotation)}
    for branch in _branches(annotation):
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
    rules = ("ge", "gt", "le", "lt")
    ranges = {rule: getattr(mark, rule) for mark in _marks(annotation) for rule in rules if hasattr(mark, rule)}
    return Shape(limits=ranges, **found)


def _branches(annotation: Any) -> Iterator[Any]:
    """The types of a union, without None and annotations."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _branches(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _branches(part)
    elif annotation is not type(None):
        yield annotation


def _marks(annotation: Any) -> Iterator[Any]:
    """What is noted with a type and the branches of its union: limits, references."""
    if get_origin(annotation) is Annotated:
        base, *metadata = get_args(annotation)
        yield from _marks(base)
        for mark in metadata:
            yield from mark.metadata if isinstance(mark, FieldInfo) else (mark,)
    elif get_origin(annotation) in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _marks(part)


def _refers(annotation: Any) -> str:
    return next((mark.kind for mark in _marks(annotation) if isinstance(mark, Refers)), "")


def expand(tree: MapNode, text: str, known: Mapping[str, Collection[str]]) -> list[Keys]:
    """Every path that may be set and that `text` means, wildcards replaced.

    known : keys that may stand in a mapping that the file need not spell out, by the mapping's own key:
        a path `actors.bogota.stances.drugs` exists if there is an issue `drugs`.

    Raises
    ------
    NoPath
        If there is none; its text suggests another.
    """
    wanted = parse_path(text)
    found = _expand(tree, ROOT, (), wanted, known)
    if not found:
        raise NoPath(_advice(tree, wanted, known))
    if ANY in wanted:
        found = [path for path in found if not _is_towards_itself(path)] or found
    if len(found) > MOST_MATCHES:
        raise NoPath(f"it means more than {MOST_MATCHES:,} places")
    return found


def put(node: Node | None, path: Keys, value: Node, location: SourceLocation) -> Node:
    """The tree with `value` at an expanded path; mappings on the way are made where they lack."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(node, ListNode) and _step(node, head) is not None:
        index = int(head)
        changed = put(node.items[index], rest, value, location)
        return ListNode((*node.items[:index], changed, *node.items[index + 1 :]), node.location)
    mapping = node if isinstance(node, MapNode) else MapNode({}, location)
    return mapping.with_entry(head, put(mapping.entries.get(head), rest, value, location), location)


def get(node: Node | None, path: Keys) -> Node | None:
    """What stands at an expanded path; None if nothing does."""
    for key in path:
        node = _step(node, key)
    return node


def existing(tree: Node, text: str) -> list[Keys]:
    """Every path to something that is there and that `text` means, wildcards replaced.

    Raises
    ------
    NoPath
        If there is none; its text suggests another.
    """
    wanted = parse_path(text)
    found = list(_existing(tree, (), wanted))
    if not found:
        raise NoPath(_advice_on_existing(tree, wanted))
    return found


def without(node: Node, path: Keys) -> Node:
    """The tree without what stands at a path; as it is if nothing does."""
    head, rest = path[0], path[1:]
    if isinstance(node, ListNode):
        index = int(head) if head.isdecimal() else len(node.items)
        kept = [without(item, rest) if rest and number == index else item for number, item in enumerate(node.items)]
        return ListNode(tuple(kept if rest else kept[:index] + kept[index + 1 :]), node.location)
    if not isinstance(node, MapNode) or head not in node.entries:
        return node
    return node.with_entry(head, without(node.entries[head], rest), node.location) if rest else node.without(head)


def _step(node: Node | None, key: str) -> Node | None:
    if isinstance(node, MapNode):
        return node.entries.get(key)
    if isinstance(node, ListNode) and key.isdecimal() and int(key) < len(node.items):
        return node.items[int(key)]
    return None


def _options(node: Node | None, shape: Shape, done: Keys, known: Mapping[str, Collection[str]]) -> Mapping[str, Shape]:
    options = below(shape, node)
    own = shape.own
    if own is None or not done or isinstance(node, ListNode):
        return options
    more = known.get(join(done[-2:]) if done[-2:-1] == ("mechanisms",) else done[-1], ())
    return {**options, **dict.fromkeys(more, own)}


def _expand(
    node: Node | None, shape: Shape, done: Keys, left: Keys, known: Mapping[str, Collection[str]]
) -> list[Keys]:
    if not left:
        return [done]
    options = _options(node, shape, done, known)
    if left[0] == ANY:
        if shape.model is not None:
            return []
        ways = ((key, left[1:]) for key in options)
    else:
        ways = ((key, left[count:]) for count, key in _spellings(left) if key in options)
    found: list[Keys] = []
    for key, rest in ways:
        found += _expand(_step(node, key), options[key], (*done, key), rest, known)
        if len(found) > MOST_MATCHES or (found and left[0] != ANY):
            break
    return found


def _is_towards_itself(path: Keys) -> bool:
    """Whether it is what an actor is to itself, which a wildcard does not mean."""
    return len(path) == 4 and path[0] == "actors" and path[2] in ("dependence", "affinity") and path[1] == path[3]


def _spellings(left: Keys) -> list[tuple[int, str]]:
    """The first key of `left`, alone or with those after it: its dots may be its own."""
    return [(count, ".".join(left[:count])) for count in range(1, min(len(left), 8) + 1)]


def _advice(tree: MapNode, wanted: Keys, known: Mapping[str, Collection[str]]) -> str:
    node: Node | None = tree
    shape = ROOT
    done: Keys = ()
    right: Keys = ()
    left = wanted
    while left:
        options = _options(node, shape, done, known)
        is_own = shape.model is None
        count, chosen = _guess(node, options, done, left, known) if is_own or left[0] != ANY else (1, "")
        if not chosen:
            return _dead_end(right, options)
        done, right = (*done, chosen), (*right, ANY if left[0] == ANY else chosen)
        shape, node, left = options[chosen], _step(node, chosen), left[count:]
    if right != wanted and _expand(tree, ROOT, (), right, known):
        return f"did you mean {quoted(join(right))}?"
    return "it means nothing here"


def _guess(
    node: Node | None, options: Mapping[str, Shape], done: Keys, left: Keys, known: Mapping[str, Collection[str]]
) -> tuple[int, str]:
    """How many keys of `left` spell the next key, and which that is or may have been meant to be."""
    if left[0] == ANY:
        fitting = (key for key in options if _expand(_step(node, key), options[key], (*done, key), left[1:], known))
        return 1, next(fitting, next(iter(options), ""))
    for count, key in _spellings(left):
        if key in options:
            return count, key
    return 1, nearest(left[0], options)


def _dead_end(done: Keys, options: Mapping[str, Shape]) -> str:
    where = quoted(join(done)) if done else "a scenario"
    return f"{where} has {listed(options)}" if options else f"{where} is a single value"


def _existing(node: Node | None, done: Keys, left: Keys) -> Iterator[Keys]:
    if not left:
        yield done
        return
    keys = list(node.entries) if isinstance(node, MapNode) else []
    if isinstance(node, ListNode):
        keys = [str(index) for index in range(len(node.items))]
    ways = (
        [(key, left[1:]) for key in keys]
        if left[0] == ANY
        else [(key, left[count:]) for count, key in _spellings(left) if key in keys]
    )
    for key, rest in ways:
        yield from _existing(_step(node, key), (*done, key), rest)


def _advice_on_existing(tree: Node, wanted: Keys) -> str:
    node: Node | None = tree
    done: Keys = ()
    left = wanted
    while left and isinstance(node, MapNode):
        count, chosen = (
            _guess(node, dict.fromkeys(node.entries, Shape()), done, left, {}) if left[0] != ANY else (1, "")
        )
        if not chosen:
            return f"{quoted(join(done)) if done else 'what it extends'} has {listed(node.entries) or 'nothing'}"
        done, node, left = (*done, chosen), node.entries[chosen], left[count:]
    return f"did you mean {quoted(join(done))}?" if done != wanted else "it means nothing here"
