"""What a number of the model is: default, range, unit, meaning; and the engine's own numbers.

Mechanisms declare theirs beside their equations in the same form. The schema, the documentation's tables
and `tensionsim mechanisms` are made from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of the model with its range and unit."""

    default: float
    low: float
    high: float
    unit: str
    description: str

    def __post_init__(self) -> None:
        if not self.low <= self.default <= self.high:
            raise ValueError(f"default {self.default} lies outside {self.low}..{self.high}: {self.description}")


_NOT_NEGATIVE = (0.0, 1e3)
_MONTHS = (1e-3, 1e3)

ENGINE: Mapping[str, Parameter] = MappingProxyType(
    {
        "base_political": Parameter(
            0.35, *_NOT_NEGATIVE, "acts/month", "base rate of a political channel at full attention"
        ),
        "base_technical": Parameter(
            0.22, *_NOT_NEGATIVE, "acts/month", "base rate of a technical channel at full attention"
        ),
        "own_fast": Parameter(0.12, *_NOT_NEGATIVE, "1", "acts that an act excites in its own channel, fast memory"),
        "own_slow": Parameter(0.08, *_NOT_NEGATIVE, "1", "acts that an act excites in its own channel, slow memory"),
        "other_fast": Parameter(
            0.36, *_NOT_NEGATIVE, "1", "acts that an act excites in the mirror channel, fast memory"
        ),
        "other_slow": Parameter(
            0.07, *_NOT_NEGATIVE, "1", "acts that an act excites in the mirror channel, slow memory"
        ),
        "acts_per_step": Parameter(4, 1, 100, "acts", "most acts of one channel in one step (a whole number)"),
        "overdispersion": Parameter(
            0.0, 0.0, 100.0, "1", "variance of what a step's rates of a channel and its mirror are both multiplied by"
        ),
        "imitation": Parameter(
            0.0, 0.0, 100.0, "1", "weight of each earlier act of both sides in a step, against an own choice's 1"
        ),
        "fast_half_life": Parameter(0.25, *_MONTHS, "months", "half-life of the fast memory"),
        "slow_half_life": Parameter(2.0, *_MONTHS, "months", "half-life of the slow memory"),
        "tone_prior": Parameter(0.5, 1e-6, 1e3, "acts/month", "activity at which tone is shrunk by half to 0"),
        "index_half_life": Parameter(3.0, *_MONTHS, "months", "half-life of conduct, and so of the index"),
        "index_scale": Parameter(0.15, 1e-6, 1e3, "conduct", "mean conduct at which an issue's cooperation is tanh(1)"),
        "technical_weight": Parameter(0.5, 0.0, 1.0, "1", "weight of the technical track in an issue's conduct"),
        "bias": Parameter(-0.1, -10.0, 10.0, "1", "direction at rest; above 0 is a bias toward cooperation"),
        "drift": Parameter(
            0.0, 0.0, 10.0, "1/sqrt(year)", "deviation of what all directions wander together, by chance, in a year"
        ),
        "intensity": Parameter(2.3, -10.0, 10.0, "1", "taste for strong moves of either sign"),
        "heat_intensity": Parameter(0.3, -10.0, 10.0, "1", "what an election at hand adds to intensity"),
        "cost": Parameter(
            1.0, *_NOT_NEGATIVE, "1", "cost of hostile material moves to an actor wholly dependent on their target"
        ),
        "heat": Parameter(0.25, *_NOT_NEGATIVE, "1", "what an election at hand adds to rhetoric"),
        "heat_half_life": Parameter(2.0, *_MONTHS, "months", "how early an election is felt"),
        "rhetoric_half_life": Parameter(3.0, *_MONTHS, "months", "how fast rhetoric relaxes"),
        "verbal_weight": Parameter(0.5, 0.0, 1.0, "1", "weight of verbal hostility in pressure; material counts full"),
        "engagement_half_life": Parameter(12.0, *_MONTHS, "months", "memory of engagement with alternative partners"),
        "substitution": Parameter(0.5, 0.0, 1.0, "1", "share of dependence that full engagement elsewhere removes"),
        "sympathy_half_life": Parameter(6.0, *_MONTHS, "months", "memory of regional sympathy"),
        "sympathy_gain": Parameter(
            1.0, *_NOT_NEGATIVE, "1", "sympathy a month of pressure wins from a friendly region"
        ),
        "expectations_half_life": Parameter(6.0, *_MONTHS, "months", "how long a signal shapes expectations"),
    }
)
"""Numbers of the engine; a scenario sets them under `parameters`. Start values: docs/model.md."""


def catalogue() -> Mapping[str, Parameter]:
    """The engine's parameters by name."""
    return ENGINE
