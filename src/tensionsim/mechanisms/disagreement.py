"""Disagreement: stances that differ on a salient issue make hostility, those that agree friendship."""

from __future__ import annotations

import numpy as np

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats
from tensionsim.world.parameters import Parameter


def disagreement(seen: Perception, values: Values) -> Floats:
    """Agreement weighted by salience, times confrontation style where negative; shape (channel, run)."""
    agreement = seen.take(seen.agreement)
    style = np.where(agreement < 0.0, seen.take(seen.attributes.confrontation, seen.channels.actor), 1.0)
    return values["strength"] * seen.take(seen.weight) * agreement * style


MECHANISM = Mechanism(
    name="disagreement",
    summary="stances that differ on a salient issue make hostility",
    equation="strength * w[i,k] * K * agreement, agreement = 1 - 2 |x_i - x_j|; times confrontation_i where negative",
    contribution=disagreement,
    parameters={
        "strength": Parameter(1.5, 0.0, 20.0, "direction", "direction at full agreement on an issue of mean salience")
    },
    source=(
        "Spatial models of politics: Downs, A. (1957). An Economic Theory of "
        "Democracy; applied to states by the ideal-point literature."
    ),
    claims=("A1", "A3", "A5", "A7", "A10", "A12", "B1", "B11", "B16", "B18"),
)
