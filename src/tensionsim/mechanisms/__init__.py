"""Mechanisms: the twelve reasons that turn an actor towards cooperation or conflict.

Each is one pure function of what the actors see, in a file of its own with its parameters and its source.
The list is explicit: to add a mechanism, write its file and name it here.
"""

from __future__ import annotations

from collections.abc import Mapping

from tensionsim.mechanisms import (
    concession,
    contagion,
    defiance,
    disagreement,
    diversification,
    inertia,
    insulation,
    performance,
    politicisation,
    reciprocity,
    rupture_avoidance,
    triangularity,
)
from tensionsim.mechanisms.mechanism import Mechanism
from tensionsim.mechanisms.perception import Perception, Places
from tensionsim.world.parameters import Parameter

__all__ = ["ALL", "Mechanism", "Perception", "Places", "catalogue"]

ALL: tuple[Mechanism, ...] = (
    inertia.MECHANISM,
    reciprocity.MECHANISM,
    disagreement.MECHANISM,
    politicisation.MECHANISM,
    concession.MECHANISM,
    defiance.MECHANISM,
    rupture_avoidance.MECHANISM,
    insulation.MECHANISM,
    triangularity.MECHANISM,
    performance.MECHANISM,
    diversification.MECHANISM,
    contagion.MECHANISM,
)


def catalogue() -> Mapping[str, Mapping[str, Parameter]]:
    """Parameters of every mechanism, by its name."""
    return {mechanism.name: mechanism.parameters for mechanism in ALL}
