"""Which keys may stand where: walks the schema's types beside the tree of a file."""

from __future__ import annotations

import types
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tensionsim.model.catalogue import ANYONE, Arrangement, Catalogue, Move, parse_shift
from tensionsim.model.catalogue import shipped as catalogue_shipped
from tensionsim.model.parameters import Parameter
from tensionsim.scenario.schema import MOST_ACTORS, ArrangementSpec, Distribution, MoveSpec, ScenarioFile
from tensionsim.scenario.yaml_tree import (
    ListNode,
    MapNode,
    Node,
    SourceLocation,
    Report,
    ScalarNode,
    child,
    entries,
    items,
    listed,
    plain,
    quoted,
    text_of,
)


class NoAddress(Exception):
    """A move cannot be made so, or in more ways than one. `part` is the key at fault."""

    def __init__(self, message: str, part: str) -> None:
        super().__init__(message)
        self.part = part


@dataclass(frozen=True, slots=True)
class World:
    """Who and what there is."""

    principals: Sequence[str]
    actors: Collection[str]
    issues: Collection[str]


def ways_of(move: Move, world: World) -> list[tuple[str, str, str]]:
    """Actor, target and issue of every way to make a move."""
    pairs = [(actor, other) for actor in world.actors for other in world.actors if actor != other]
    return [(*pair, issue) for pair in pairs for issue in world.issues if move.can_be_made(*pair, issue)]


def scope_of(kind: Arrangement) -> str:
    """Who can hold a kind of arrangement towards whom, on what, as messages say it."""
    scope = f"{' or '.join(kind.actors)} towards {' or '.join(kind.targets)}, on {' or '.join(kind.issues)}"
    return scope.replace("*", "any")


def address(move: Move, actor: str, target: str | None, issue: str | None, world: World) -> tuple[str, str]:
    """Target and issue of a move.

    A target left out is the other principal; for a third party, the only actor towards whom it can make the
    move. An issue left out is the only one on which the move can be made there.

    Raises
    ------
    NoAddress
        If the move cannot be made, or what was left out could be several things.
    """
    ways = [(towards, on) for who, towards, on in ways_of(move, world) if who == actor]
    if not ways:
        raise NoAddress(f"{quoted(actor)} cannot make {quoted(move.name)}{_who(move, world)}", "move")
    to_target = [way for way in ways if target in (None, way[0])]
    if not to_target:
        towards = listed(dict.fromkeys(way[0] for way in ways))
        raise NoAddress(
            f"{quoted(actor)} cannot make {quoted(move.name)} towards {quoted(target)}; it can towards {towards}",
            "target",
        )
    if target is None:
        to_target = _towards_default(move, actor, to_target, world)
    on_issue = [way for way in to_target if issue in (None, way[1])]
    if not on_issue:
        issues = listed(dict.fromkeys(way[1] for way in to_target))
        raise NoAddress(
            f"{quoted(actor)} cannot make {quoted(move.name)} on {quoted(issue)}; it can on {issues}", "issue"
        )
    if len(on_issue) > 1:
        issues = listed(way[1] for way in on_issue)
        raise NoAddress(f"{quoted(move.name)} can be made on {issues}; name its `issue`", "move")
    return on_issue[0]


def _who(move: Move, world: World) -> str:
    able = dict.fromkeys(way[0] for way in ways_of(move, world))
    return f"; {listed(able)} can" if able else "; nobody here can"


def _towards_default(move: Move, actor: str, ways: list[tuple[str, str]], world: World) -> list[tuple[str, str]]:
    targets = list(dict.fromkeys(way[0] for way in ways))
    if actor in world.principals:
        targets = [name for name in targets if name in world.principals] or [*targets, ""]
    if len(targets) > 1:
        towards = listed(name for name in targets if name)
        raise NoAddress(f"{quoted(move.name)} can be made towards {towards}; name its `target`", "move")
    return [way for way in ways if way[0] == targets[0]]


def holders(
    kind: Arrangement, actor: str | None, target: str | None, issue: str | None, world: World
) -> list[tuple[str, str, str]]:
    """Actor, target and issue of every arrangement of a kind that a reference may mean; a mutual one is given once.

    What is left out is one of the principals, or any issue.
    """
    actors = [actor] if actor else list(world.principals)
    found: dict[tuple[object, ...], tuple[str, str, str]] = {}
    for holder in actors:
        for other in [target] if target else [name for name in world.principals if name != holder]:
            for one in [issue] if issue else world.issues:
                admits = kind.can_hold(holder, other, one) or (kind.is_mutual and kind.can_hold(other, holder, one))
                if holder != other and admits:
                    pair = frozenset((holder, other)) if kind.is_mutual else (holder, other)
                    found.setdefault((pair, one), (holder, other, one))
    return list(found.values())


def catalogue_of(own_moves: Mapping[str, MoveSpec], own_kinds: Mapping[str, ArrangementSpec]) -> Catalogue:
    """The shipped catalogue with a scenario's own moves and kinds of arrangement, which win."""
    return catalogue_shipped().with_own(
        {name: move_of(name, spec) for name, spec in own_moves.items()},
        {name: arrangement_of(name, spec) for name, spec in own_kinds.items()},
    )


def move_of(name: str, spec: MoveSpec) -> Move:
    """The move that a scenario describes."""
    return Move(
        name=name,
        cameo=spec.cameo,
        goldstein=spec.goldstein,
        kind=spec.kind,
        track=spec.track,
        actors=ANYONE if spec.actors is None else tuple(spec.actors),
        targets=ANYONE if spec.targets is None else tuple(spec.targets),
        issues=ANYONE if spec.issues is None else tuple(spec.issues),
        frequency=spec.frequency,
        begins=tuple(spec.begins),
        ends=tuple(spec.ends),
        shifts=tuple(parse_shift(quantity, amount) for quantity, amount in spec.shifts.items()),
        description=spec.description,
    )


def arrangement_of(name: str, spec: ArrangementSpec) -> Arrangement:
    """The kind of arrangement that a scenario describes."""
    return Arrangement(
        name=name,
        actors=ANYONE if spec.actors is None else tuple(spec.actors),
        targets=ANYONE if spec.targets is None else tuple(spec.targets),
        issues=ANYONE if spec.issues is None else tuple(spec.issues),
        track=spec.track,
        score=spec.score,
        is_mutual=spec.mutual,
        description=spec.description,
    )


NO_HISTORY = "none"

Known = Collection[str] | None
"""Names that exist; None if the part of the file that gives them cannot be read, so that any may."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a scenario's names may refer to.

    catalogue : moves and arrangements whose description can be read. moves, kinds : names of all of them.
    """

    principals: tuple[str, ...]
    actors: Known
    issues: Known
    indicators: Known
    leaders: Known
    moves: Collection[str]
    kinds: Collection[str]
    catalogue: Catalogue
    mechanisms: Mapping[str, Mapping[str, Parameter]]
    parameters: Mapping[str, Parameter]
    repertoires: Mapping[str, Collection[str]]
    histories: Collection[str]

    @property
    def keys(self) -> dict[str, Collection[str]]:
        """Keys that may stand in a mapping though the file does not spell them out, by the mapping's key."""
        by_mechanism: dict[str, Collection[str]] = {
            f"mechanisms.{name}": tuple(parameters) for name, parameters in self.mechanisms.items()
        }
        return {
            "stances": self.issues or (),
            "salience": self.issues or (),
            "dependence": self.actors or (),
            "affinity": self.actors or (),
            "elections": self.actors or (),
            "yardstick": self.indicators or (),
            "mechanisms": tuple(self.mechanisms),
            "parameters": tuple(self.parameters),
            **by_mechanism,
        }


def names_of(tree: MapNode) -> Names:
    """The names that a tree gives."""
    from tensionsim.events.history import names
    from tensionsim.model.mechanisms import mechanism_parameters
    from tensionsim.model.parameters import catalogue

    shipped = catalogue_shipped()
    actors, issues = _keys(child(tree, "actors"), needed=True), _keys(child(tree, "issues"), needed=True)
    own_moves = _own_moves(child(tree, "moves"), actors, issues)
    own_kinds = _own_kinds(child(tree, "arrangement_kinds"), actors, issues)
    all_moves, all_kinds = {**shipped.moves, **own_moves}, {**shipped.arrangements, **own_kinds}
    return Names(
        principals=_principals(tree, actors),
        actors=actors,
        issues=issues,
        indicators=_keys(child(tree, "indicators"), needed=False),
        leaders=_keys(child(tree, "leaders"), needed=False),
        moves=tuple(all_moves),
        kinds=tuple(all_kinds),
        catalogue=Catalogue(
            {name: move for name, move in all_moves.items() if move is not None},
            {name: kind for name, kind in all_kinds.items() if kind is not None},
        ),
        mechanisms=mechanism_parameters(),
        parameters=catalogue(),
        repertoires=_repertoires(tree),
        histories=(*names(), NO_HISTORY),
    )


def _principals(tree: MapNode, actors: Known) -> tuple[str, ...]:
    found = [text_of(node) for node in items(child(tree, "principals"))]
    pair = tuple(name for name in found if name is not None and name in (actors or ()))
    return pair if len(found) == len(pair) == len(set(pair)) == 2 else ()


def _own_moves(node: Node | None, actors: Known, issues: Known) -> dict[str, Move | None]:
    """The scenario's own moves; None where one cannot be read."""
    found: dict[str, Move | None] = {}
    for name, _, entry in entries(node):
        try:
            spec = MoveSpec.model_validate(plain(entry))
            found[name] = move_of(name, spec) if _is_clear(spec, actors, issues) else None
        except ValueError:
            found[name] = None
    return found


def _own_kinds(node: Node | None, actors: Known, issues: Known) -> dict[str, Arrangement | None]:
    found: dict[str, Arrangement | None] = {}
    for name, _, entry in entries(node):
        try:
            spec = ArrangementSpec.model_validate(plain(entry))
            found[name] = arrangement_of(name, spec) if _is_clear(spec, actors, issues) else None
        except ValueError:
            found[name] = None
    return found


def _is_clear(spec: MoveSpec | ArrangementSpec, actors: Known, issues: Known) -> bool:
    """Whether it names actors and issues that exist."""
    people = {*(spec.actors or ()), *(spec.targets or ())}
    return people <= {*(actors or ())} and {*(spec.issues or ())} <= {*(issues or ())}


def _keys(node: Node | None, *, needed: bool) -> Known:
    """Keys of a mapping; None where it cannot be read, or its size is wrong though it is needed."""
    if isinstance(node, MapNode) and (not needed or 0 < len(node.entries) <= MOST_ACTORS):
        return tuple(node.entries)
    return () if node is None and not needed else None


def _repertoires(tree: MapNode) -> dict[str, Collection[str]]:
    found: dict[str, Collection[str]] = {}
    for name, _, actor in entries(child(tree, "actors")):
        if (node := child(actor, "repertoire")) is not None:
            found[name] = {text for item in items(node) if (text := text_of(item)) is not None}
    return found


def check_name(node: Node | None, kind: str, known: Known, report: Report) -> str | None:
    """The name that a node holds if it exists; None, with the reason in `report`, if it does not.

    kind : what it names, as messages say it. Where the node holds no text, the shape's check has said so.
    """
    name = text_of(node)
    if name is None or known is None or not isinstance(node, ScalarNode):
        return None
    if name not in known:
        report.add(node.location, f"no {kind} {quoted(name)}{report.near(name, known)}")
        return None
    return name


def check_key(name: str, location: SourceLocation, kind: str, known: Known, report: Report) -> bool:
    """Whether a key names something that exists; the reason goes to `report` if not."""
    if known is None or name in known:
        return True
    report.add(location, f"no {kind} {quoted(name)}{report.near(name, known)}")
    return False


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
            return {str(index): part for index, part in enumerate(get_args(branch))}
        if origin is list and not isinstance(node, MapNode):
            return dict.fromkeys(
                (str(index) for index in range(len(node.items) if isinstance(node, ListNode) else 0)),
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
