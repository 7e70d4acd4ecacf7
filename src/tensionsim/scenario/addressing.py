"""Towards whom and on which issue a move is made, or an arrangement held, where a file leaves it out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tensionsim.moves import Arrangement, Move
from tensionsim.scenario.problems import listed, quoted


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
