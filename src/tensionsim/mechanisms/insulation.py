"""Insulation: the two tracks colour each other, unless they are kept apart."""

from __future__ import annotations

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats
from tensionsim.world.parameters import Parameter


def insulation(seen: Perception, values: Values) -> Floats:
    """What the twin channel's tone spills over, shape (channel, run).

    Assumption: both memories count half, so that spill-over needs one coefficient a direction.
    """
    channels = seen.channels
    tone = 0.5 * seen.take(seen.tone_fast, channels.twin) + 0.5 * seen.take(seen.tone_slow, channels.twin)
    spilling = values["spill_over"] * (1.0 - seen.take(seen.attributes.insulation, channels.actor))
    weight = spilling * seen.take(channels.is_technical) + values["functional"] * seen.take(channels.is_political)
    return weight * tone * seen.take(channels.has_twin)


MECHANISM = Mechanism(
    name="insulation",
    summary="the two tracks colour each other unless kept apart",
    equation="technical: +spill_over * (1 - insulation_i) * q[twin]; political: +functional * q[twin]",
    contribution=insulation,
    parameters={
        "spill_over": Parameter(
            2.5, 0.0, 20.0, "direction per tone", "political tone on an uninsulated technical track"
        ),
        "functional": Parameter(2.5, 0.0, 20.0, "direction per tone", "technical tone on the political track"),
    },
    source="Functionalism: Haas, E. B. (1964). Beyond the Nation-State. Two-track diplomacy.",
    claims=("A27", "A34"),
)
