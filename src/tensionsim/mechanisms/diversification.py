"""Diversification: pressure from a patron sends its dependent to the alternative partner."""

from __future__ import annotations

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats
from tensionsim.world.parameters import Parameter


def diversification(seen: Perception, values: Values) -> Floats:
    """For i -> l: sum over patrons j of d[i,j] * pressure from j * how far l is an alternative to j."""
    total = 0.0 * seen.take(seen.pressure, seen.channels.pair)
    for patron in seen.channels.patrons:
        alternative = seen.ties(seen.alternative, patron.tie) * seen.take(patron.exists)
        felt = seen.take(seen.dependence, patron.row) * seen.take(seen.pressure, patron.back)
        total = total + alternative * felt
    return values["strength"] * total


MECHANISM = Mechanism(
    name="diversification",
    summary="pressure from a patron sends its dependent to another partner",
    equation="i -> l: +strength * sum over j of alternative(i, j, l) * d[i,j] * pressure from j",
    contribution=diversification,
    parameters={"strength": Parameter(1.0, 0.0, 20.0, "direction per pressure", "pull of the alternative partner")},
    source="Hedging: Goh, E. (2005). Meeting the China Challenge. East-West Center. Form: assumption of ours.",
    claims=("A20", "A23", "A31"),
)
