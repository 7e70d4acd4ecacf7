"""Concession: the dependent side under pressure yields on means, on the technical track."""

from __future__ import annotations

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats
from tensionsim.world.parameters import Parameter


def concession(seen: Perception, values: Values) -> Floats:
    """Dependence times pressure received, shape (channel, run); 0 on the political track."""
    channels = seen.channels
    felt = seen.take(seen.dependence, channels.pair) * seen.take(seen.pressure, channels.back)
    return values["strength"] * felt * seen.take(channels.is_technical)


MECHANISM = Mechanism(
    name="concession",
    summary="the dependent side under pressure yields on means",
    equation="+strength * d[i,j] * pressure, technical track",
    contribution=concession,
    parameters={
        "strength": Parameter(6.0, 0.0, 20.0, "direction per pressure", "yielding of a wholly dependent actor")
    },
    source=(
        "Asymmetric interdependence: Hirschman, A. O. (1945). National Power and the Structure of Foreign Trade. "
        "Bullying: Goldstein, J. S. & Pevehouse, J. C. (1997). Reciprocity, bullying, and international cooperation. "
        "APSR 91(3)."
    ),
    claims=("A29", "A30", "B20"),
)
