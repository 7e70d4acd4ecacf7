"""What a mechanism is: a name, one equation, its parameters, its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tensionsim.mechanisms.perception import Perception
from tensionsim.world.channels import Floats
from tensionsim.world.parameters import Parameter

Values = Mapping[str, Floats]
"""Parameters by name, each of shape (1,) or (run,)."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One contribution to `direction`.

    contribution : pure function of perception and parameters, giving an array of shape (channel, run).
    claims : ids of the analysts' claims (docs/claims.md) that it must make true.
    """

    name: str
    summary: str
    equation: str
    contribution: Callable[[Perception, Values], Floats]
    parameters: Mapping[str, Parameter]
    source: str
    claims: tuple[str, ...] = ()
