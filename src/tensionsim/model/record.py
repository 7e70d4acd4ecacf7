"""The arrays that a simulation records, the names along their axes, and what each array is.

Every array's last axis is `run`. Dates are the rows of the index: one for the start and one for each step's end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Dates = NDArray[np.datetime64]
Ints = NDArray[np.integer[Any]]

CAUSES = ("own", "rule", "schedule", "stopped")
"""Why a move was made, by `move_cause`; a stopped one was chosen, but a domestic check kept it from happening."""


CLAIM = "true or false"


@dataclass(frozen=True, slots=True)
class Layer:
    """What an array is: its axes, its unit, and what it means; `may_be_shared`: its run axis may be 1 for all runs."""

    dims: tuple[str, ...]
    unit: str
    about: str
    may_be_shared: bool = False

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the array's values."""
        return np.dtype(np.bool_ if self.unit == CLAIM else np.float64)


LAYERS: Mapping[str, Layer] = MappingProxyType(
    {
        "cooperation": Layer(("date", "run"), "index, 0-100", "cooperation index: 0 rupture, 50 neutral, 100 alliance"),
        "issue_cooperation": Layer(("date", "issue", "run"), "index, 0-100", "cooperation on one issue"),
        "weights": Layer(("date", "issue", "run"), "share", "weight of the issue in the index", may_be_shared=True),
        "terms": Layer(("date", "term", "run"), "see `Names.terms`", "numbers that make the index", may_be_shared=True),
        "conduct": Layer(("date", "dyad_channel", "run"), "Goldstein/10 per month", "conduct between the principals"),
        "indicators": Layer(("date", "indicator", "run"), "see `unit`", "physical quantities that the actors watch"),
        "in_force": Layer(("date", "arrangement", "run"), CLAIM, "whether the arrangement is in force"),
        "events": Layer(("date", "event", "run"), CLAIM, "whether the event's condition holds, for its time"),
        "rhetoric": Layer(("date", "actor", "run"), "0 up; 1 is full", "politicisation of the actor's public track"),
        "room": Layer(("date", "run"), "share, 0-1", "room of the principal that depends more on the other"),
        "security_pillar": Layer(("date", "run"), "index, 0-100", "technical conduct on security, 24-month half-life"),
    }
)
"""The arrays of a Record by name."""

MOVE_COLUMNS: Mapping[str, type[np.signedinteger[Any]]] = MappingProxyType(
    {"move_run": np.int32, "move_step": np.int32, "move_channel": np.int32, "move_id": np.int16, "move_cause": np.int8}
)
"""The columns of the moves, one entry a move."""


TERMS = ("index_keep", "index_scale", "technical_weight")


@dataclass(frozen=True, slots=True)
class Names:
    """Names along the axes of a Record.

    channels : of the whole world, "actor -> target | issue | track"; `dyad_channels` those between the principals.
    arrangements : "kind | actor -> target | issue". indicator_units : one an indicator. moves : those that
    `move_id` counts, with their Goldstein scores in `move_scores`. arrangement_tracks, arrangement_scores,
    arrangement_is_mutual : of each arrangement. origins : what made the conduct at the start, "date or since when |
    actor | what"; each a flow of conduct (score) in a dyad channel (row) from a step (None: for long) until before
    another, counted back from the start. terms : rows of the
    array `terms`: the share of conduct kept in the step that ended on the date, the index's scale, and the technical
    weight.
    """

    issues: tuple[str, ...]
    actors: tuple[str, ...]
    channels: tuple[str, ...]
    dyad_channels: tuple[str, ...]
    indicators: tuple[str, ...]
    indicator_units: tuple[str, ...]
    arrangements: tuple[str, ...]
    events: tuple[str, ...]
    moves: tuple[str, ...]
    move_scores: tuple[float, ...]
    arrangement_tracks: tuple[str, ...] = ()
    arrangement_scores: tuple[float, ...] = ()
    arrangement_is_mutual: tuple[bool, ...] = ()
    origins: tuple[str, ...] = ()
    origin_channels: tuple[int, ...] = ()
    origin_scores: tuple[float, ...] = ()
    origin_firsts: tuple[int | None, ...] = ()
    origin_afters: tuple[int, ...] = ()
    terms: tuple[str, ...] = TERMS

    def along(self, dim: str) -> tuple[str, ...]:
        """The names along an axis: `issue`, `actor`, `dyad_channel`, `indicator`, `arrangement`, `event`."""
        names: tuple[str, ...] = getattr(self, f"{dim}s")
        return names

    def places(self) -> dict[str, tuple[str, ...]]:
        """Actor, target, issue and track of each channel."""
        parts = [channel.replace(" -> ", " | ").split(" | ") for channel in self.channels]
        kinds = ("actor", "target", "issue", "track")
        return {kind: tuple(part[place] for part in parts) for place, kind in enumerate(kinds)}


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What the runs did. Axes and units of each array stand in `LAYERS`.

    dates : shape (date,), datetime64[D]. weights, terms : their run axis may be 1. events : True from when on
    the condition has held for its `for`, while it holds. move_run : the run's own number, so `first_run` is the
    least. move_step : the step in which the move was made, which starts on `dates[move_step]`. move_channel : row
    of `Names.channels`. move_id : row of `Names.moves`. move_cause : row of `CAUSES`.
    """

    dates: Dates
    cooperation: Floats
    issue_cooperation: Floats
    weights: Floats
    terms: Floats
    conduct: Floats
    indicators: Floats
    in_force: Bools
    events: Bools
    rhetoric: Floats
    room: Floats
    security_pillar: Floats
    move_run: Ints
    move_step: Ints
    move_channel: Ints
    move_id: Ints
    move_cause: Ints

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays by name, in a fixed order."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def check_against(self, names: Names, runs: int) -> None:
        """ValueError where an array's shape contradicts the names along its axes."""
        for name, layer in LAYERS.items():
            sizes = {"date": len(self.dates), "run": runs}
            expected = tuple(sizes[dim] if dim in sizes else len(names.along(dim)) for dim in layer.dims)
            found = getattr(self, name).shape
            if found != expected and not (layer.may_be_shared and found == (*expected[:-1], 1)):
                raise ValueError(f"{name} has shape {found}; its axes {layer.dims} need {expected}")
        lengths = {len(getattr(self, name)) for name in MOVE_COLUMNS}
        if len(lengths) > 1:
            raise ValueError(f"the columns of the moves have different lengths: {sorted(lengths)}")

    def equals(self, other: Record) -> bool:
        """Whether every array is the same, in type, shape and every bit; one entry for all runs equals one for each."""
        theirs = other.arrays()
        shared = {name for name, layer in LAYERS.items() if layer.may_be_shared}
        return all(
            _same_bits(*((collapsed(array), collapsed(theirs[name])) if name in shared else (array, theirs[name])))
            for name, array in self.arrays().items()
        )


def join(records: Sequence[Record]) -> Record:
    """One record of the runs of several, in their order; all have the same dates.

    How the runs were cut does not show: what may be shared has a run axis of 1 if and only if all runs agree.
    """
    if len(records) == 1:
        shared = {name: collapsed(getattr(records[0], name)) for name, layer in LAYERS.items() if layer.may_be_shared}
        return replace(records[0], **shared)
    first, parts = records[0], [record.arrays() for record in records]
    joined = {
        name: join_shared([part[name] for part in parts], [record.cooperation.shape[-1] for record in records])
        if layer.may_be_shared
        else np.concatenate([part[name] for part in parts], axis=-1)
        for name, layer in LAYERS.items()
    }
    moves = {name: np.concatenate([part[name] for part in parts]) for name in MOVE_COLUMNS}
    return Record(dates=first.dates, **joined, **moves)


def join_shared(arrays: Sequence[NDArray[Any]], runs: Sequence[int]) -> NDArray[Any]:
    """Arrays that may hold one run for all, as one such array where all runs agree, else with every run of its own."""
    narrow = [collapsed(array) for array in arrays]
    if all(array.shape[-1] == 1 and _same_bits(array, narrow[0]) for array in narrow):
        return narrow[0]
    wide = [np.broadcast_to(array, (*array.shape[:-1], count)) for array, count in zip(narrow, runs, strict=True)]
    return np.concatenate(wide, axis=-1)


def collapsed(array: NDArray[Any]) -> NDArray[Any]:
    """The array with a run axis of 1 where all runs agree in every bit, else as it is."""
    first = array[..., :1]
    if array.shape[-1] == 1 or (array.view(np.int64) != first.view(np.int64)).any():
        return array
    return first.copy()


def _same_bits(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether both hold the same; of nothing at all the type does not matter."""
    if one.shape != other.shape or one.size == 0:
        return one.shape == other.shape
    return one.dtype == other.dtype and one.tobytes() == other.tobytes()
