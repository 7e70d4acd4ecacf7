"""What the actors see at the start of a step: the only thing that mechanisms read."""

from __future__ import annotations

from dataclasses import dataclass

from tensionsim.world.channels import Channels, Floats
from tensionsim.world.settings import Attributes


@dataclass(frozen=True, slots=True)
class Perception:
    """The state as mechanisms need it. Shapes: (channel, run), (pair, run) or (actor, run); run may be 1.

    tone_fast, tone_slow : how friendly each channel has lately been, (channel, run), in [-1, 1].
    conduct : y, (channel, run). pair_conduct : its sum over the channels of a directed pair, (pair, run).
    pressure : what each pair's *target* has received from its actor, (pair, run), >= 0.
    weight : w[i, k] * K of each channel's actor and issue, (channel, run), mean 1 over issues.
    agreement : 1 - 2 |x_i - x_j|, (channel, run), in [-1, 1]. rhetoric, sympathy : (actor, run).
    dependence : of each pair's actor on its target, (pair, run), in [0, 1]. alternative : how far actor l is an
    alternative to j for i, (actor, actor, actor, run), by (i, j, l). grievance : of each channel's actor on its own
    yardstick with its target, (channel, run); above 0 is a grievance.
    """

    channels: Channels
    attributes: Attributes
    tone_fast: Floats
    tone_slow: Floats
    conduct: Floats
    pair_conduct: Floats
    pressure: Floats
    weight: Floats
    agreement: Floats
    rhetoric: Floats
    sympathy: Floats
    dependence: Floats
    alternative: Floats
    grievance: Floats
