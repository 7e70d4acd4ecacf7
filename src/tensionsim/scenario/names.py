"""The names that a tree gives to things, read without complaint from a tree of any shape."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tensionsim import moves
from tensionsim.moves import Arrangement, Catalogue, Move
from tensionsim.scenario.catalogue import arrangement_of, move_of
from tensionsim.scenario.nodes import MapNode, Node, ScalarNode, child, entries, items, plain, text_of
from tensionsim.scenario.places import Place
from tensionsim.scenario.problems import Report, quoted
from tensionsim.scenario.schema import MOST_ACTORS, ArrangementSpec, MoveSpec
from tensionsim.world.parameters import Parameter

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
    from tensionsim import mechanisms
    from tensionsim.history import curated
    from tensionsim.world import parameters

    shipped = moves.shipped()
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
        mechanisms=mechanisms.catalogue(),
        parameters=parameters.catalogue(),
        repertoires=_repertoires(tree),
        histories=(*curated.names(), NO_HISTORY),
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
        report.add(node.place, f"no {kind} {quoted(name)}{report.near(name, known)}")
        return None
    return name


def check_key(name: str, place: Place, kind: str, known: Known, report: Report) -> bool:
    """Whether a key names something that exists; the reason goes to `report` if not."""
    if known is None or name in known:
        return True
    report.add(place, f"no {kind} {quoted(name)}{report.near(name, known)}")
    return False
