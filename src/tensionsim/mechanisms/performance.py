"""Performance: an actor blames another for indicators that fall short of its own yardstick."""

from __future__ import annotations

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats
from tensionsim.world.parameters import Parameter


def performance(seen: Perception, values: Values) -> Floats:
    """Minus the grievance on the actor's own yardstick, shape (channel, run)."""
    return -values["strength"] * seen.take(seen.grievance)


MECHANISM = Mechanism(
    name="performance",
    summary="indicators short of one's own yardstick are blamed on the other",
    equation="-strength * sum over indicators of yardstick[i] * (value / reference - 1), towards who is responsible",
    contribution=performance,
    parameters={
        "strength": Parameter(0.3, 0.0, 20.0, "direction", "direction lost when an indicator is twice its reference")
    },
    source="Assumption: grievances are proportional, and each side has its own yardstick (claims A8, A10, B1).",
    claims=("A8", "A10", "A11", "B1", "B2", "B17", "B19"),
)
