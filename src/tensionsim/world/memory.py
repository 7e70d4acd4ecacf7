"""Exponential memory, the one way in which the model remembers."""

from __future__ import annotations

import numpy as np

from tensionsim.world.channels import Floats


def kept(half_life_months: Floats, dt_months: float) -> Floats:
    """Share that a memory keeps over one step, in (0, 1)."""
    return np.exp2(-dt_months / half_life_months)


def remember(old: Floats, flow: Floats, keep: Floats) -> Floats:
    """`keep * old + (1 - keep) * flow`: the exponentially weighted mean of a flow."""
    return keep * old + (1.0 - keep) * flow


def tone(net: Floats, acts: Floats, prior: Floats) -> Floats:
    """Mean score of recent acts, shrunk to 0 where there were few; in [-1, 1]."""
    return net / (acts + prior)
