"""Rupture avoidance: interdependence holds back an actor that has already gone far."""

from __future__ import annotations

import numpy as np

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats
from tensionsim.world.parameters import Parameter


def rupture_avoidance(seen: Perception, values: Values) -> Floats:
    """Dependence times how far own conduct lies below the floor, shape (channel, run), >= 0."""
    excess = np.maximum(0.0, -seen.take(seen.conduct) - values["floor"])
    return values["strength"] * seen.take(seen.dependence, seen.channels.pair) * excess


MECHANISM = Mechanism(
    name="rupture_avoidance",
    summary="interdependence stops short of rupture",
    equation="+strength * d[i,j] * max(0, -y[c] - floor)",
    contribution=rupture_avoidance,
    parameters={
        "strength": Parameter(10.0, 0.0, 50.0, "direction per conduct", "restraint of a wholly dependent actor"),
        "floor": Parameter(0.15, 0.0, 10.0, "conduct", "hostility of own conduct at which restraint begins"),
    },
    source="Liberal peace: Oneal, J. R. & Russett, B. M. (1997). The classical liberals were right. ISQ 41(2).",
    claims=("A26",),
)
