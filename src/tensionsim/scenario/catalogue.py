"""The moves and arrangements that a scenario knows: those of the package and its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tensionsim import moves
from tensionsim.moves import ANYONE, Arrangement, Catalogue, Move, parse_shift

if TYPE_CHECKING:
    from tensionsim.scenario.schema import ArrangementSpec, MoveSpec


def catalogue_of(own_moves: Mapping[str, MoveSpec], own_kinds: Mapping[str, ArrangementSpec]) -> Catalogue:
    """The shipped catalogue with a scenario's own moves and kinds of arrangement, which win."""
    return moves.shipped().with_own(
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
