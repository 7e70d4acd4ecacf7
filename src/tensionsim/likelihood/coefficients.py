"""Coefficients: the numbers of a scenario in which rates or directions are linear, and those that shape memories.

Rates are linear in the base rates and the excitation, direction in the bias and the mechanisms' strengths, the taste
for strong moves in the intensities, restraint in the cost. What is not linear (half-lives, the tone's prior, linkage,
the floor, how acts of an episode hang together) are shapes: given them, the rest is fitted at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tensionsim import mechanisms
from tensionsim.likelihood.trail import Trail
from tensionsim.scenario.distributions import Family, parse
from tensionsim.scenario.schema import Distribution
from tensionsim.world.parameters import ENGINE, Parameter

RATE, DIRECTION, INTENSITY, RESTRAINT = "rate", "direction", "intensity", "restraint"

RATES = ("base_political", "base_technical", "own_fast", "own_slow", "other_fast", "other_slow")
INTENSITIES = ("intensity", "heat_intensity")
NOT_LINEAR = ("mechanisms.reciprocity.linkage", "mechanisms.rupture_avoidance.floor")
EPISODES = ("parameters.overdispersion", "parameters.imitation")
"""Shapes that a scenario may do without: at 0 acts know nothing of one another within a step, and nothing is fitted."""

SHAPES = ("parameters.fast_half_life", "parameters.slow_half_life", "parameters.tone_prior", *NOT_LINEAR, *EPISODES)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A number that can be fitted.

    path : in the scenario. part : rate, direction, intensity, restraint or shape. value : what the scenario says, its
    mean where that is uncertain. low, high : what it can be. unit, description : of its declaration. stated : the
    distribution that the scenario gives it, if any.
    """

    path: str
    part: str
    value: float
    low: float
    high: float
    unit: str
    description: str
    stated: Family | None = None

    @property
    def mechanism(self) -> str | None:
        """The mechanism whose strength it is; None for a number of the engine."""
        room, name, *_ = self.path.split(".")
        return name if room == "mechanisms" else None

    @property
    def name(self) -> str:
        """Its path without the room that it stands in."""
        return self.path.partition(".")[2]


def linear(trail: Trail) -> tuple[Coefficient, ...]:
    """The coefficients of a scenario's mechanisms and engine that are linear and the same all along.

    A mechanism of which the scenario changes a number on the way keeps what it says.
    """
    found = [_found(path, part, number, trail) for path, part, number in _declared(trail)]
    changed = {one.mechanism or one.path for one in found if not _is_steady(one, trail)}
    return tuple(one for one in found if (one.mechanism or one.path) not in changed)


def shapes(trail: Trail) -> tuple[Coefficient, ...]:
    """The shapes of a scenario: half-lives of the two memories, the tone's prior, linkage, floor."""
    found = []
    for path in SHAPES:
        room, name, *rest = path.split(".")
        if room == "mechanisms" and name in trail.window.world.off:
            continue
        number = ENGINE[name] if room == "parameters" else mechanisms.catalogue()[name][rest[0]]
        found.append(_found(path, "shape", number, trail))
    return tuple(one for one in found if _is_steady(one, trail) and (one.value > 0.0 or one.path not in EPISODES))


def _is_steady(one: Coefficient, trail: Trail) -> bool:
    return trail.settings.get(one.path).size == 1


def _declared(trail: Trail) -> Iterator[tuple[str, str, Parameter]]:
    for name in RATES:
        yield f"parameters.{name}", RATE, ENGINE[name]
    yield "parameters.bias", DIRECTION, ENGINE["bias"]
    for mechanism in mechanisms.ALL:
        for name, parameter in mechanism.parameters.items() if mechanism.name not in trail.window.world.off else ():
            path = f"mechanisms.{mechanism.name}.{name}"
            if path not in NOT_LINEAR:
                yield path, DIRECTION, parameter
    for name in INTENSITIES:
        yield f"parameters.{name}", INTENSITY, ENGINE[name]
    yield "parameters.cost", RESTRAINT, ENGINE["cost"]


def _found(path: str, part: str, number: Parameter, trail: Trail) -> Coefficient:
    value = float(trail.settings.get(path)[0])
    return Coefficient(
        path, part, value, number.low, number.high, number.unit, number.description, _stated(path, trail)
    )


def _stated(path: str, trail: Trail) -> Family | None:
    """The distribution that the scenario states for a number."""
    room, name, *rest = path.split(".")
    file = trail.window.scenario.file
    given: object = file.parameters.get(name)
    if room == "mechanisms":
        values = file.mechanisms.get(name)
        given = values.get(rest[0]) if isinstance(values, dict) else None
    return parse(given) if isinstance(given, Distribution) else None
