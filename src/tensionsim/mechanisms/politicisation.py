"""Politicisation: rhetoric turns a difference of stances into public hostility, on the political track."""

from __future__ import annotations

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats
from tensionsim.world.parameters import Parameter


def politicisation(seen: Perception, values: Values) -> Floats:
    """Rhetoric times the distance of stances, shape (channel, run); 0 on the technical track."""
    channels = seen.channels
    distance = (1.0 - seen.take(seen.agreement)) * 0.5
    loud = seen.take(seen.rhetoric, channels.actor) * seen.take(seen.weight)
    return -values["strength"] * loud * distance * seen.take(channels.is_political)


MECHANISM = Mechanism(
    name="politicisation",
    summary="rhetoric turns differences into public hostility",
    equation="-strength * rhetoric_i(t) * w[i,k] * K * (1 - agreement)/2, political track",
    contribution=politicisation,
    parameters={
        "strength": Parameter(2.0, 0.0, 20.0, "direction", "direction lost at full rhetoric over opposite stances")
    },
    source=(
        "Audience and rally: Fearon, J. D. (1994). Domestic political "
        "audiences and the escalation of international disputes. APSR 88(3)."
    ),
    claims=("A6", "A35", "B6", "B21"),
)
