"""Settings: every number of a scenario by its path, constant or one value a run, and the arrays made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tensionsim.world.channels import Bools, Floats

DEFAULTS: Mapping[str, float] = {
    "rhetoric": 0.3,
    "rally": 0.3,
    "confrontation": 1.0,
    "reciprocity": 1.0,
    "attention": 0.5,
    "unpredictability": 1.0,
    "insulation": 0.5,
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


def _stack(rows: Iterable[Floats], shape: tuple[int, ...]) -> Floats:
    arrays = list(rows)
    width = max((array.size for array in arrays), default=1)
    table = np.array([np.broadcast_to(array, width) for array in arrays]) if arrays else np.zeros((0, width))
    return np.ascontiguousarray(table.reshape(*shape, width))


def _normalised(salience: Floats) -> Floats:
    """Salience that sums to 1 over issues; equal where an actor names none."""
    total = salience[:, 0].copy()
    for issue in range(1, salience.shape[1]):
        total = total + salience[:, issue]
    equal = np.full_like(salience, 1.0 / salience.shape[1])
    safe = np.where(total > 0, total, 1.0)[:, None]
    return np.where(total[:, None] > 0, salience / safe, equal)


def attributes(settings: Settings, names: Names) -> Attributes:
    """The attribute arrays that the settings mean now."""
    actors = names.actors

    def table(name: str, keys: Sequence[str], default: float = 0.0) -> Floats:
        rows = (settings.get(f"actors.{actor}.{name}.{key}", default) for actor in actors for key in keys)
        return _stack(rows, (len(actors), len(keys)))

    def column(name: str) -> Floats:
        rows = (settings.get(f"actors.{actor}.{name}", DEFAULTS[name]) for actor in actors)
        return _stack(rows, (len(actors),))

    return Attributes(
        stances=table("stances", names.issues, STANCE_AT_REST),
        salience=_normalised(table("salience", names.issues)),
        dependence=table("dependence", actors),
        affinity=table("affinity", actors),
        yardstick=table("yardstick", names.indicators),
        **{name: column(name) for name in DEFAULTS},
    )
