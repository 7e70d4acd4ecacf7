"""Reciprocity: answers in kind, partly across issues, and less readily where diagnosis is not shared."""

from __future__ import annotations

import numpy as np

from tensionsim.mechanisms.mechanism import Mechanism, Values
from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats, Ints
from tensionsim.world.parameters import Parameter


def reciprocity(seen: Perception, values: Values) -> Floats:
    """The answer to the other's tone, shape (channel, run).

    Hostile tone counts full; friendly tone (1 + agreement)/2 of itself. Assumption: where a pair shares one
    issue only there is nothing to link to, and the whole answer stays on that issue.
    """
    channels = seen.channels
    received = _heard(seen, values, channels.mirror)
    elsewhere = np.zeros_like(received)
    for other in channels.linked:
        elsewhere = elsewhere + _heard(seen, values, other.row) * seen.take(other.exists)
    others = seen.take(channels.others)
    linkage = values["linkage"] * (others > 0.0)
    answer = (1.0 - linkage) * received + linkage * elsewhere * others
    return seen.take(seen.attributes.reciprocity, channels.actor) * answer


def _heard(seen: Perception, values: Values, rows: Ints) -> Floats:
    """The tone of the channels `rows` as their target hears it."""
    tone = values["fast"] * seen.take(seen.tone_fast, rows) + values["slow"] * seen.take(seen.tone_slow, rows)
    return np.where(tone < 0.0, tone, tone * (1.0 + seen.take(seen.agreement, rows)) * 0.5)


MECHANISM = Mechanism(
    name="reciprocity",
    summary="answers in kind, partly across issues",
    equation="r_i * ((1 - linkage) * q[mirror] + linkage * mean q elsewhere); friendly q times (1 + agreement)/2",
    contribution=reciprocity,
    parameters={
        "fast": Parameter(1.5, 0.0, 20.0, "direction per tone", "weight of the other's tone, fast memory"),
        "slow": Parameter(0.9, 0.0, 20.0, "direction per tone", "weight of the other's tone, slow memory"),
        "linkage": Parameter(0.3, 0.0, 1.0, "1", "share of the answer that goes to the other issues"),
    },
    source=(
        "Richardson, L. F. (1960). Arms and Insecurity. Goldstein & Freeman (1990). Linkage: Tollison, R. D. & "
        "Willett, T. D. (1979). An economic theory of mutually advantageous issue linkages. International "
        "Organization 33(4)."
    ),
    claims=("A2", "A7", "A13", "A14", "A15", "B4"),
)
