"""Triangularity: the friend of my rival is no friend of mine."""

from __future__ import annotations

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats
from tensionsim.world.parameters import Parameter


def triangularity(seen: Perception, values: Values) -> Floats:
    """Own affinity to third parties times how the target treats them, shape (channel, run).

    For i -> j: sum over every l other than both of affinity[i, l] * y[j -> l], y summed over the pair's channels.
    """
    total = 0.0 * seen.take(seen.pair_conduct, seen.channels.pair)
    for third in seen.channels.thirds:
        affinity = seen.ties(seen.attributes.affinity, third.tie) * seen.take(third.exists)
        total = total + affinity * seen.take(seen.pair_conduct, third.row)
    return values["strength"] * total


MECHANISM = Mechanism(
    name="triangularity",
    summary="the friend of my rival is no friend of mine",
    equation="+strength * sum over third parties l of affinity[i,l] * y[j -> l]",
    contribution=triangularity,
    parameters={
        "strength": Parameter(
            1.0, 0.0, 20.0, "direction per conduct", "weight of the target's conduct to third parties"
        )
    },
    source=(
        "Triangular response: Goldstein & Freeman (1990). Balance: Heider, F. "
        "(1958). The Psychology of Interpersonal Relations."
    ),
    claims=("A4", "A14", "A18", "A21", "B8", "B9", "B10", "B14"),
)
