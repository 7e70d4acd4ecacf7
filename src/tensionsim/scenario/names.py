"""What the names of a scenario may refer to: who and what there is, and where a move is made or an arrangement held."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tensionsim.model.catalogue import ANYONE, OWN_QUANTITIES, Arrangement, Catalogue, Move, parse_shift, shipped
from tensionsim.model.parameters import ENGINE, Parameter
from tensionsim.scenario.schema import MOST_ACTORS, NO_HISTORY, ArrangementSpec, MoveSpec
from tensionsim.scenario.yaml_tree import Node, listed, quoted

if TYPE_CHECKING:
    from tensionsim.model.mechanisms import Mechanism

Known = Collection[str] | None
"""Names that exist; None if the part of the file that gives them cannot be read, so that any may."""

Entry = TypeVar("Entry", Move, Arrangement)


class Cast(NamedTuple):
    """Who and what there is."""

    principals: Sequence[str]
    actors: Collection[str]
    issues: Collection[str]


class NoAddress(Exception):
    """A move cannot be made so, or in more ways than one. `part` is the key at fault."""

    def __init__(self, message: str, part: str) -> None:
        super().__init__(message)
        self.part = part


def ways_of(move: Move, cast: Cast) -> list[tuple[str, str, str]]:
    """Actor, target and issue of every way to make a move."""
    pairs = [(actor, other) for actor in cast.actors for other in cast.actors if actor != other]
    return [(*pair, issue) for pair in pairs for issue in cast.issues if move.can_be_made(*pair, issue)]


def scope_of(kind: Arrangement) -> str:
    """Who can hold a kind of arrangement towards whom, on what, as messages say it."""
    scope = f"{' or '.join(kind.actors)} towards {' or '.join(kind.targets)}, on {' or '.join(kind.issues)}"
    return scope.replace("*", "any")


def address(move: Move, actor: str, target: str | None, issue: str | None, cast: Cast) -> tuple[str, str]:
    """Target and issue of a move, by default the other principal or the only one; NoAddress where that is not clear."""
    everybodys, cannot = ways_of(move, cast), f"{quoted(actor)} cannot make {quoted(move.name)}"
    ways = [(towards, on) for who, towards, on in everybodys if who == actor]
    targets = list(dict.fromkeys(towards for towards, _ in ways))
    if not ways:
        able = dict.fromkeys(who for who, _, _ in everybodys)
        raise NoAddress(f"{cannot}; {f'{listed(able)} can' if able else 'nobody here can'}", "move")
    if target is None:
        if actor in cast.principals:
            targets = [name for name in targets if name in cast.principals] or [*targets, ""]
        if len(targets) > 1:
            towards = listed(name for name in targets if name)
            raise NoAddress(f"{quoted(move.name)} can be made towards {towards}; name its `target`", "move")
        target = targets[0]
    issues = [on for towards, on in ways if towards == target]
    if not issues:
        raise NoAddress(f"{cannot} towards {quoted(target)}; it can towards {listed(targets)}", "target")
    if issue is not None and issue not in issues:
        raise NoAddress(f"{cannot} on {quoted(issue)}; it can on {listed(dict.fromkeys(issues))}", "issue")
    if issue is None and len(issues) > 1:
        raise NoAddress(f"{quoted(move.name)} can be made on {listed(issues)}; name its `issue`", "move")
    return target, issue or issues[0]


def holders(
    kind: Arrangement, actor: str | None, target: str | None, issue: str | None, cast: Cast
) -> list[tuple[str, str, str]]:
    """Actor, target and issue of every arrangement of a kind that a reference may mean; a mutual one is given once."""
    found: dict[tuple[object, ...], tuple[str, str, str]] = {}
    sides = [actor] if actor else cast.principals, [target] if target else cast.principals
    for holder, other, one in product(*sides, [issue] if issue else cast.issues):
        admits = kind.can_hold(holder, other, one) or (kind.is_mutual and kind.can_hold(other, holder, one))
        if holder != other and admits:
            pair = frozenset((holder, other)) if kind.is_mutual else (holder, other)
            found.setdefault((pair, one), (holder, other, one))
    return list(found.values())


def catalogue_of(own_moves: Mapping[str, MoveSpec], own_kinds: Mapping[str, ArrangementSpec]) -> Catalogue:
    """The shipped catalogue with a scenario's own moves and kinds of arrangement, which win."""
    return shipped().with_own(
        {name: _move(name, spec) for name, spec in own_moves.items()},
        {name: _arrangement(name, spec) for name, spec in own_kinds.items()},
    )


def _move(name: str, spec: MoveSpec) -> Move:
    return Move(name=name, **_given(spec) | {"shifts": tuple(parse_shift(*one) for one in spec.shifts.items())})


def _arrangement(name: str, spec: ArrangementSpec) -> Arrangement:
    given = _given(spec)
    return Arrangement(name=name, is_mutual=given.pop("mutual"), **given)


def _given(spec: MoveSpec | ArrangementSpec) -> dict[str, Any]:
    """What a file says, with lists as tuples; whom or what it does not name is any."""
    given = dict.fromkeys(("actors", "targets", "issues"), ANYONE) | spec.model_dump(exclude_none=True)
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}


class Names(NamedTuple):
    """What a scenario's names may refer to.

    known : names by what messages call their kind; of a mechanism's parameters by "mechanisms.NAME". cast : None if the
    file does not say it readably. catalogue : moves and arrangements whose description can be read.
    """

    known: Mapping[str, Known]
    cast: Cast | None
    catalogue: Catalogue
    mechanisms: Mapping[str, Mapping[str, Parameter]]


def names_of(tree: Node, own: Sequence[Mechanism] = ()) -> Names:
    """The names that a tree gives, and those of mechanisms of one's own."""
    from tensionsim.events.history import names as histories
    from tensionsim.model.mechanisms import AS_WRITTEN, SCALE, mechanism_parameters

    actors, issues = (_keys(tree.child(key), is_needed=True) for key in ("actors", "issues"))
    indicators = _keys(tree.child("indicators"))
    mechanisms = {name: {**each, SCALE: AS_WRITTEN} for name, each in mechanism_parameters(own).items()}
    moves = {**shipped().moves, **_own(tree.child("moves"), MoveSpec, _move, actors, issues)}
    own_kinds = _own(tree.child("arrangement_kinds"), ArrangementSpec, _arrangement, actors, issues)
    kinds = {**shipped().arrangements, **own_kinds}
    principals = [node.text for node in tree.child("principals").items]
    pair = [name for name in principals if name is not None and name in (actors or ())]
    is_clear = actors is not None and issues is not None and len(principals) == len(pair) == len(set(pair)) == 2
    known: dict[str, Known] = {
        "actor": actors,
        "issue": issues,
        "indicator": indicators,
        "leader": _keys(tree.child("leaders")),
        "move": tuple(moves),
        "arrangement": tuple(kinds),
        "history": (*histories(), NO_HISTORY),
        "mechanism": tuple(mechanisms),
        "parameter": tuple(ENGINE),
        "quantity to shift": None if indicators is None else (*indicators, *OWN_QUANTITIES),
        "outlook": tuple(tree.child("outlooks").by_key) or None,
        "state": tuple(tree.child("consistency", "states").by_key),
    }
    return Names(
        known | {f"mechanisms.{name}": tuple(parameters) for name, parameters in mechanisms.items()},
        Cast(pair, actors or (), issues or ()) if is_clear else None,
        Catalogue(
            {name: move for name, move in moves.items() if move is not None},
            {name: kind for name, kind in kinds.items() if kind is not None},
        ),
        mechanisms,
    )


def _own(
    node: Node, model: Any, make: Callable[[str, Any], Entry], actors: Known, issues: Known
) -> dict[str, Entry | None]:
    """The scenario's own moves or kinds; None where one cannot be read, or names whom or what there is not."""
    found: dict[str, Entry | None] = {}
    for name, _, entry in node.entries:
        try:
            spec: Any = model.model_validate(entry.plain)
            named = {*(spec.actors or ()), *(spec.targets or ())} <= {*(actors or ())}
            is_clear = named and {*(spec.issues or ())} <= {*(issues or ())}
            found[name] = make(name, spec) if is_clear else None
        except ValueError:
            found[name] = None
    return found


def _keys(node: Node, *, is_needed: bool = False) -> Known:
    """Keys of a mapping; None where it cannot be read, or its size is wrong though it is needed."""
    if node.is_mapping and (not is_needed or 0 < len(node.by_key) <= MOST_ACTORS):
        return tuple(node.by_key)
    return None if node or is_needed else ()
