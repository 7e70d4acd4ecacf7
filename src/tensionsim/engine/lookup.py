"""Lookup: the channel in which a move named in a scenario is made."""

from __future__ import annotations

from tensionsim.moves import Catalogue
from tensionsim.scenario import addressing
from tensionsim.scenario.schema import ScenarioFile
from tensionsim.world.channels import Channel


class MoveLookup:
    """Finds the channel that a move named in a file is made in."""

    def __init__(self, file: ScenarioFile, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._world = addressing.World(file.principals, tuple(file.actors), tuple(file.issues))

    def channel(self, actor: str, move: str, issue: str | None, target: str | None) -> Channel:
        """The channel of a move whose issue and target may be left to be found, as the loader has checked."""
        entry = self.catalogue.moves[move]
        towards, on = addressing.address(entry, actor, target, issue, self._world)
        return Channel(actor, towards, on, entry.track)
