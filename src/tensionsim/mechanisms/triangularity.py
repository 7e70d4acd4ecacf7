"""Triangularity: the friend of my rival is no friend of mine."""

from __future__ import annotations

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats, sum_by
from tensionsim.world.parameters import Parameter


def triangularity(seen: Perception, values: Values) -> Floats:
    """Own affinity to third parties times how the target treats them, shape (channel, run).

    For i -> j: sum over every l other than both of affinity[i, l] * y[j -> l], y summed over the pair's channels.
    """
    channels, affinity = seen.channels, seen.attributes.affinity
    row, third, leg = channels.triangles.T
    treated = affinity[channels.pair_actor[row], third] * seen.pair_conduct[leg]
    total = sum_by(treated, row, len(channels.pairs))
    return values["strength"] * total[channels.pair]


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
