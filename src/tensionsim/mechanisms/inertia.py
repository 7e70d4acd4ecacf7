"""Inertia: governments go on as they have gone (policy routine)."""

from __future__ import annotations

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats
from tensionsim.world.parameters import Parameter


def inertia(seen: Perception, values: Values) -> Floats:
    """Own tone carried forward, shape (channel, run)."""
    return values["fast"] * seen.take(seen.tone_fast) + values["slow"] * seen.take(seen.tone_slow)


MECHANISM = Mechanism(
    name="inertia",
    summary="goes on as it has gone",
    equation="fast * q_fast[c] + slow * q_slow[c]",
    contribution=inertia,
    parameters={
        "fast": Parameter(0.7, 0.0, 20.0, "direction per tone", "weight of own tone, fast memory"),
        "slow": Parameter(1.2, 0.0, 20.0, "direction per tone", "weight of own tone, slow memory"),
    },
    source="Goldstein, J. S. & Freeman, J. R. (1990). Three-Way Street. University of Chicago Press.",
    claims=("A19",),
)
