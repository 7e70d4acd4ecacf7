"""Diversification: pressure from a patron sends its dependent to the alternative partner."""

from __future__ import annotations

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats, sum_by
from tensionsim.world.parameters import Parameter


def diversification(seen: Perception, values: Values) -> Floats:
    """For i -> l: sum over patrons j of d[i,j] * pressure from j * how far l is an alternative to j."""
    channels = seen.channels
    felt = seen.dependence * seen.pressure[channels.opposite]
    row, patron_row = channels.siblings.T
    actor, partner, patron = channels.pair_actor[row], channels.pair_target[row], channels.pair_target[patron_row]
    total = sum_by(seen.alternative[actor, patron, partner] * felt[patron_row], row, len(channels.pairs))
    return values["strength"] * total[channels.pair]


MECHANISM = Mechanism(
    name="diversification",
    summary="pressure from a patron sends its dependent to another partner",
    equation="i -> l: +strength * sum over j of alternative(i, j, l) * d[i,j] * pressure from j",
    contribution=diversification,
    parameters={"strength": Parameter(1.0, 0.0, 20.0, "direction per pressure", "pull of the alternative partner")},
    source="Hedging: Goh, E. (2005). Meeting the China Challenge. East-West Center. Form: assumption of ours.",
    claims=("A20", "A23", "A31"),
)
