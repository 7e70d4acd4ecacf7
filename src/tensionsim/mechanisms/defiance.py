"""Defiance: the same pressure makes principles a matter of audience, on the political track."""

from __future__ import annotations

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats
from tensionsim.world.parameters import Parameter


def defiance(seen: Perception, values: Values) -> Floats:
    """Rhetoric times pressure received, more with regional sympathy; 0 on the technical track."""
    channels = seen.channels
    audience = seen.take(seen.rhetoric, channels.actor) * (1.0 + seen.take(seen.sympathy, channels.actor))
    felt = audience * seen.take(seen.pressure, channels.back)
    return -values["strength"] * felt * seen.take(channels.is_political)


MECHANISM = Mechanism(
    name="defiance",
    summary="pressure before an audience is defied on principles",
    equation="-strength * rhetoric_i * (1 + sympathy_i) * pressure, political track",
    contribution=defiance,
    parameters={"strength": Parameter(1.5, 0.0, 20.0, "direction per pressure", "defiance at full rhetoric")},
    source="Audience costs: Fearon (1994).",
    claims=("A9", "A11", "A28", "A30"),
)
