"""Lookup: the moves that a scenario knows, and the channel in which one named in it is made."""

from __future__ import annotations

from tensionsim import moves
from tensionsim.errors import Problem, ScenarioError
from tensionsim.moves import Arrangement, Catalogue, Move, parse_shift
from tensionsim.scenario import Scenario
from tensionsim.scenario.schema import ArrangementSpec, MoveSpec, ScenarioFile
from tensionsim.world.channels import Channel


def catalogue_of(file: ScenarioFile) -> Catalogue:
    """The shipped catalogue with the scenario's own moves and arrangements."""
    own_moves = {name: _own_move(name, spec) for name, spec in file.moves.items()}
    own_kinds = {name: _own_arrangement(name, spec) for name, spec in file.arrangement_kinds.items()}
    return moves.shipped().with_own(own_moves, own_kinds)


def _own_move(name: str, spec: MoveSpec) -> Move:
    return Move(
        name=name,
        cameo=spec.cameo,
        goldstein=spec.goldstein,
        kind=spec.kind,
        track=spec.track,
        actors=tuple(spec.actors or moves.ANYONE),
        targets=tuple(spec.targets or moves.ANYONE),
        issues=tuple(spec.issues or moves.ANYONE),
        frequency=spec.frequency,
        begins=tuple(spec.begins),
        ends=tuple(spec.ends),
        shifts=tuple(parse_shift(quantity, amount) for quantity, amount in spec.shifts.items()),
        description=spec.description,
    )


def _own_arrangement(name: str, spec: ArrangementSpec) -> Arrangement:
    return Arrangement(
        name=name,
        actors=tuple(spec.actors or moves.ANYONE),
        targets=tuple(spec.targets or moves.ANYONE),
        issues=tuple(spec.issues or moves.ANYONE),
        track=spec.track,
        score=spec.score,
        is_mutual=spec.mutual,
        description=spec.description,
    )


class MoveLookup:
    """Finds the channel that a move named in a file is made in."""

    def __init__(self, scenario: Scenario, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._file, self._path = scenario.file, scenario.path

    def channel(self, actor: str, move: str, issue: str | None, target: str | None) -> Channel:
        """The channel of a move whose issue and target may be left to be found."""
        entry = self.catalogue.moves[move]
        towards = target or self._default_target(actor, entry)
        issues = [issue] if issue else [one for one in self._file.issues if entry.can_be_made(actor, towards, one)]
        if len(issues) != 1 or not entry.can_be_made(actor, towards, issues[0]):
            found = f"{actor} -> {towards}" + (f" on {issue}" if issue else "")
            choice = f"; name its issue, one of {', '.join(issues)}" if len(issues) > 1 else ""
            raise ScenarioError([Problem(self._path, 0, 0, f"move '{move}' cannot be made as {found}{choice}")])
        return Channel(actor, towards, issues[0], entry.track)

    def _default_target(self, actor: str, entry: Move) -> str:
        first, second = self._file.principals
        if actor == first:
            return second
        if actor == second or len(entry.targets) != 1 or entry.targets == moves.ANYONE:
            return first
        return entry.targets[0]
