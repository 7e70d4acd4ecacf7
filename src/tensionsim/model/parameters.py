"""Settings: every number of a scenario by its path, constant or one value a run, and the arrays made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from tensionsim.model.catalogue import answers
from tensionsim.model.structure import QUADS, Bools, Floats


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of the model with its range and unit.

    Examples
    --------
    >>> import tensionsim as ts
    >>> ts.Parameter(2.0, 0.0, 20.0, "direction per conduct", "how soon hostility tires").default
    2.0
    """

    default: float
    low: float
    high: float
    unit: str = "1"
    description: str = ""

    def __post_init__(self) -> None:
        if not self.low <= self.default <= self.high:
            of = f"{self.description}: " if self.description else ""
            raise ValueError(f"{of}default {self.default} lies outside {self.low}..{self.high}")


_NOT_NEGATIVE = (0.0, 1e3)
_MONTHS = (1e-3, 1e3)
_OFF = (0.0, 0.0, 100.0, "1")
_LOG_ODDS = (0.0, -10.0, 10.0, "1")

_ENGINE: Mapping[str, tuple[float, float, float, str, str]] = {
    "base_political": (0.35, *_NOT_NEGATIVE, "acts/month", "base rate of a political channel at full attention"),
    "base_technical": (0.22, *_NOT_NEGATIVE, "acts/month", "base rate of a technical channel at full attention"),
    "own_fast": (0.12, *_NOT_NEGATIVE, "1", "acts that an act excites in its own channel, fast memory"),
    "own_slow": (0.08, *_NOT_NEGATIVE, "1", "acts that an act excites in its own channel, slow memory"),
    "other_fast": (0.36, *_NOT_NEGATIVE, "1", "acts that an act excites in the mirror channel, fast memory"),
    "other_slow": (0.07, *_NOT_NEGATIVE, "1", "acts that an act excites in the mirror channel, slow memory"),
    "matters": (0.0, *_NOT_NEGATIVE, "acts/month", "acts that an open matter asks of whom it is put to"),
    **{way: (*_LOG_ODDS, f"log odds added while fresh: {one.description}") for way, one in answers().items()},
    "acts_per_step": (4, 1, 100, "acts", "most acts of one channel in one step (a whole number)"),
    "overdispersion": (*_OFF, "variance of what a step's rates of a channel and its mirror are both multiplied by"),
    "imitation": (*_OFF, "weight of each earlier act of both sides in a step, against an own choice's 1"),
    "fast_half_life": (0.25, *_MONTHS, "months", "half-life of the fast memory"),
    "slow_half_life": (2.0, *_MONTHS, "months", "half-life of the slow memory"),
    "tone_prior": (0.5, 1e-6, 1e3, "acts/month", "activity at which tone is shrunk by half to 0"),
    "index_half_life": (3.0, *_MONTHS, "months", "half-life of conduct, and so of the index"),
    "index_scale": (0.15, 1e-6, 1e3, "conduct", "mean conduct at which an issue's cooperation is tanh(1)"),
    "technical_weight": (0.5, 0.0, 1.0, "1", "weight of the technical track in an issue's conduct"),
    "bias": (-0.1, -10.0, 10.0, "1", "direction at rest; above 0 is a bias toward cooperation"),
    "drift": (0.0, 0.0, 10.0, "1/sqrt(year)", "deviation of what all directions wander together, by chance, in a year"),
    "intensity": (2.3, -10.0, 10.0, "1", "taste for strong moves of either sign"),
    "heat_intensity": (0.3, -10.0, 10.0, "1", "what an election at hand adds to intensity"),
    "cost": (1.0, *_NOT_NEGATIVE, "1", "cost of hostile material moves to an actor wholly dependent on their target"),
    "heat": (0.25, *_NOT_NEGATIVE, "1", "what an election at hand adds to rhetoric"),
    "heat_half_life": (2.0, *_MONTHS, "months", "how early an election is felt"),
    "rhetoric_half_life": (3.0, *_MONTHS, "months", "how fast rhetoric relaxes"),
    "verbal_weight": (0.5, 0.0, 1.0, "1", "weight of verbal hostility in pressure; material counts full"),
    "engagement_half_life": (12.0, *_MONTHS, "months", "memory of engagement with alternative partners"),
    "substitution": (0.5, 0.0, 1.0, "1", "share of dependence that full engagement elsewhere removes"),
    "sympathy_half_life": (6.0, *_MONTHS, "months", "memory of regional sympathy"),
    "sympathy_gain": (1.0, *_NOT_NEGATIVE, "1", "sympathy a month of pressure wins from a friendly region"),
    "expectations_half_life": (6.0, *_MONTHS, "months", "how long a signal shapes expectations"),
}
ENGINE: Mapping[str, Parameter] = MappingProxyType({name: Parameter(*row) for name, row in _ENGINE.items()})
"""Numbers of the engine; a scenario sets them under `parameters`. Start values: docs/model.md."""

DEFAULTS: Mapping[str, float] = {
    "rhetoric": 0.3,
    "rally": 0.3,
    "confrontation": 1.0,
    "reciprocity": 1.0,
    "attention": 0.5,
    "unpredictability": 1.0,
    "insulation": 0.5,
    **dict.fromkeys(QUADS, 0.0),
}
"""Attributes of an actor that is silent about them. Assumption: the middle of each range, or no effect."""

OUTSIDER_ATTENTION = 0.05
"""Attention of a third party that is silent about it. Assumption: what the shipped ones spend on the dyad."""

BY_ISSUE = ("stances", "salience")
BY_ACTOR = ("dependence", "affinity")
BY_INDICATOR = ("yardstick",)
STANCE_AT_REST = 0.5


@dataclass(frozen=True, slots=True)
class Names:
    """What the rows of the arrays are called."""

    actors: tuple[str, ...]
    issues: tuple[str, ...]
    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attributes:
    """Attributes of all actors; the last axis is 1 where all runs agree, else `run`.

    stances, salience : shape (actor, issue, run); salience sums to 1 over issues. dependence, affinity :
    (actor, actor, run). yardstick : (actor, indicator, run). The others : (actor, run).
    """

    stances: Floats
    salience: Floats
    dependence: Floats
    affinity: Floats
    yardstick: Floats
    rhetoric: Floats
    rally: Floats
    confrontation: Floats
    reciprocity: Floats
    attention: Floats
    unpredictability: Floats
    insulation: Floats
    verbal_conflict: Floats
    material_cooperation: Floats
    material_conflict: Floats


@dataclass(slots=True)
class Settings:
    """Values by path, each of shape (1,) or (run,). Paths are those of the scenario file."""

    runs: int
    values: dict[str, Floats] = field(default_factory=dict)

    def get(self, path: str, default: float = 0.0) -> Floats:
        value = self.values.get(path)
        return np.array([default]) if value is None else value

    def set(self, path: str, value: Floats, where: Bools | None = None) -> None:
        """Sets a value, in the runs `where` only if given."""
        if where is None or bool(where.all()):
            self.values[path] = value
        elif where.any():
            self.values[path] = np.where(where, value, self.get(path))

    def group(self, prefix: str, defaults: Mapping[str, float]) -> dict[str, Floats]:
        """The values below `prefix`, one for each name of `defaults`."""
        return {name: self.get(f"{prefix}.{name}", default) for name, default in defaults.items()}


def stack(rows: Iterable[Floats], shape: tuple[int, ...]) -> Floats:
    """Values of shape (1,) or (run,) as a table that ends in the axis `run`, which is 1 where all have one value."""
    arrays = list(rows)
    width = max((array.size for array in arrays), default=1)
    table = np.array([np.broadcast_to(array, width) for array in arrays]) if arrays else np.zeros((0, width))
    return np.ascontiguousarray(table.reshape(*shape, width))


def attributes(settings: Settings, names: Names) -> Attributes:
    """The attribute arrays that the settings mean now."""
    actors = names.actors

    def table(name: str, keys: Sequence[str], default: float = 0.0) -> Floats:
        rows = (settings.get(f"actors.{actor}.{name}.{key}", default) for actor in actors for key in keys)
        return stack(rows, (len(actors), len(keys)))

    def column(name: str) -> Floats:
        rows = (settings.get(f"actors.{actor}.{name}", DEFAULTS[name]) for actor in actors)
        return stack(rows, (len(actors),))

    salience = table("salience", names.issues)
    total = salience[:, 0].copy()
    for issue in range(1, salience.shape[1]):
        total = total + salience[:, issue]
    # It sums to 1 over issues; it is equal where an actor names none.
    share = salience / np.where(total > 0, total, 1.0)[:, None]
    return Attributes(
        stances=table("stances", names.issues, STANCE_AT_REST),
        salience=np.where(total[:, None] > 0, share, 1.0 / salience.shape[1]),
        dependence=table("dependence", actors),
        affinity=table("affinity", actors),
        yardstick=table("yardstick", names.indicators),
        **{name: column(name) for name in DEFAULTS},
    )
