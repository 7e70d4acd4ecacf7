"""Contagion: the region's sympathy emboldens the weaker side and hardens the stronger."""

from __future__ import annotations

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats
from tensionsim.world.parameters import Parameter


def contagion(seen: Perception, values: Values) -> Floats:
    """Minus sympathy, on the political track: own (emboldens) and the other's (hardens), shape (channel, run).

    Assumption: sympathy counts by the dependence of who enjoys it, so that it is the weaker side whose
    example can spread.
    """
    channels = seen.channels
    own = seen.take(seen.sympathy, channels.actor) * seen.take(seen.dependence, channels.pair)
    others = seen.take(seen.sympathy, channels.target) * seen.take(seen.dependence, channels.back)
    return -(values["embolden"] * own + values["harden"] * others) * seen.take(channels.is_political)


MECHANISM = Mechanism(
    name="contagion",
    summary="regional sympathy emboldens the weaker and hardens the stronger",
    equation="-(embolden * sympathy_i * d[i,j] + harden * sympathy_j * d[j,i]), political track",
    contribution=contagion,
    parameters={
        "embolden": Parameter(0.4, 0.0, 20.0, "direction per sympathy", "the weaker side's boldness"),
        "harden": Parameter(0.6, 0.0, 20.0, "direction per sympathy", "the stronger side's wish to stop the example"),
    },
    source="Assumption: from claims A24 and A25 of this dyad's analysts.",
    claims=("A24", "A25", "B15"),
)
