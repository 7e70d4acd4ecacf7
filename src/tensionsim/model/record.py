"""The arrays that a simulation records, the names along their axes, and what each array is.

Every array's last axis is `run`. Dates are the rows of the index: one for the start and one for each step's end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tensionsim.errors import SelectionError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Dates = NDArray[np.datetime64]
Ints = NDArray[np.integer[Any]]

Keep = Literal["all", "summary", "index"]

CAUSES = ("own", "rule", "schedule", "stopped")
STOPPED = CAUSES.index("stopped")
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
        "conduct_ends": Layer(("end", "dyad_channel", "run"), "Goldstein/10 per month", "conduct, first and last date"),
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
    {"move_run": np.int32, "move_step": np.int32, "move_channel": np.int16, "move_id": np.int16, "move_cause": np.int8}
)
"""The columns of the moves, one entry a move."""

KEPT: Mapping[Keep, tuple[str, ...]] = MappingProxyType(
    {
        "all": (*(name for name in LAYERS if name != "conduct_ends"), *MOVE_COLUMNS),
        "summary": (
            *("cooperation", "issue_cooperation", "weights", "terms", "conduct_ends", "in_force", "events"),
            *MOVE_COLUMNS,
        ),
        "index": ("cooperation",),
    }
)
"""The arrays that are kept: all, those that a summary is made of, or the index alone."""


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

    @property
    def directions(self) -> tuple[str, ...]:
        """The two directions between the principals, "actor -> target"."""
        return tuple(dict.fromkeys(channel.split(" | ")[0] for channel in self.dyad_channels))

    def places(self) -> dict[str, tuple[str, ...]]:
        """Actor, target, issue and track of each channel."""
        parts = [channel.replace(" -> ", " | ").split(" | ") for channel in self.channels]
        kinds = ("actor", "target", "issue", "track")
        return {kind: tuple(part[place] for part in parts) for place, kind in enumerate(kinds)}


@dataclass(frozen=True, slots=True, eq=False)
class Bits:
    """Truth by run, shape (..., run / 8), the first run in the lowest bit; indexed, it is an array of bool."""

    bits: NDArray[np.uint8]
    runs: int

    @classmethod
    def of(cls, values: Bools | Bits) -> Bits:
        """The bits of an array whose last axis is run."""
        if isinstance(values, Bits):
            return values
        return cls(np.packbits(values, axis=-1, bitorder="little"), values.shape[-1])

    def some(self, runs: slice) -> Bits:
        """The bits of some runs."""
        first, after = runs.start // 8, (runs.stop + 7) // 8
        near = Bits(self.bits[..., first:after], 8 * (after - first))
        return Bits.of(near[..., runs.start - 8 * first : runs.stop - 8 * first])

    def put(self, new: Bits, at: int) -> None:
        """Takes the truth of some runs, false until now, for those from place `at` on."""
        first, shift = divmod(at, 8)
        lower = self.bits[..., first : first + new.bits.shape[-1]]
        upper = self.bits[..., first + 1 : (at + new.runs + 7) // 8]
        lower |= new.bits << shift
        upper |= new.bits[..., : upper.shape[-1]] >> (8 - shift)

    @property
    def shape(self) -> tuple[int, ...]:
        return (*self.bits.shape[:-1], self.runs)

    @property
    def dtype(self) -> np.dtype[np.bool_]:
        return np.dtype(np.bool_)

    @property
    def nbytes(self) -> int:
        return self.bits.nbytes

    def __getitem__(self, key: Any) -> Bools:
        places = key if isinstance(key, tuple) else (key,)
        if any(place is Ellipsis or place is None for place in places):
            whole: Bools = self.__array__()[key]
            return whole
        before, of_run = places[: self.bits.ndim - 1], places[self.bits.ndim - 1 :]
        found = self._unpacked(self.bits[before])
        return found[(..., *of_run)] if of_run else found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        found = self._unpacked(self.bits)
        return found if dtype is None else found.astype(dtype)

    def _unpacked(self, bits: NDArray[np.uint8]) -> Bools:
        return np.unpackbits(bits, axis=-1, count=self.runs, bitorder="little").view(np.bool_)


class Record:
    """What the runs did: the arrays that are kept, by name. Axes and units of each stand in `LAYERS`.

    dates : shape (date,), datetime64[D]. arrays : in memory, or read from a folder when they are asked for. weights,
    terms : their run axis may be 1. events : True from when on the condition has held for its `for`, while it holds.
    move_run : the run's own number, so `first_run` is the least. move_step : the step in which the move was made, which
    starts on `dates[move_step]`. move_channel : row of `Names.channels`. move_id : row of `Names.moves`. move_cause :
    row of `CAUSES`.
    """

    __slots__ = ("arrays", "dates", "runs")

    cooperation: Floats
    issue_cooperation: Floats
    weights: Floats
    terms: Floats
    conduct: Floats
    conduct_ends: Floats
    indicators: Floats
    in_force: Bools | Bits
    events: Bools
    rhetoric: Floats
    room: Floats
    security_pillar: Floats
    move_run: Ints
    move_step: Ints
    move_channel: Ints
    move_id: Ints
    move_cause: Ints

    def __init__(self, dates: Dates, arrays: Mapping[str, Any], runs: int | None = None) -> None:
        self.dates, self.arrays = dates, arrays
        self.runs: int = arrays["cooperation"].shape[-1] if runs is None else runs

    def __getattr__(self, name: str) -> Any:
        """An array, kept or derived from others, or an error that says how to keep it."""
        if name not in LAYERS and name not in MOVE_COLUMNS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if name in self.arrays:
            return self.arrays[name]
        if name == "conduct_ends" and "conduct" in self.arrays:
            return self.arrays["conduct"][[0, -1]]
        kept = "what a summary needs" if "events" in self.arrays else "the index alone"
        needed = next(keep for keep in reversed(tuple(KEPT)) if name in KEPT[keep])
        words = f"these runs keep {kept}, without {'moves' if name in MOVE_COLUMNS else name}; run them with"
        raise SelectionError(f"{words} keep={needed!r}" + ", or 'all', of which all can be asked" * (needed != "all"))

    @property
    def kept(self) -> tuple[str, ...]:
        """Names of the arrays that are kept, in their order."""
        return tuple(name for name in (*LAYERS, *MOVE_COLUMNS) if name in self.arrays)

    def some(self, runs: slice, first_run: int, names: Collection[str] = (*LAYERS, *MOVE_COLUMNS)) -> Record:
        """The record of some of its runs, by their places, and of some of its arrays; moves go with their runs."""
        arrays: dict[str, Any] = {}
        for name in self.kept:
            if name in LAYERS and name in names:
                array = getattr(self, name)
                if isinstance(array, Bits):
                    arrays[name] = array.some(runs)
                else:
                    arrays[name] = array[..., runs] if array.shape[-1] == self.runs else array
        if "move_run" in self.kept and "move_run" in names:
            chosen = (self.move_run >= first_run + runs.start) & (self.move_run < first_run + runs.stop)
            arrays |= {name: getattr(self, name)[chosen] for name in MOVE_COLUMNS}
        return Record(self.dates, arrays, runs.stop - runs.start)

    def equals(self, other: Record) -> bool:
        """Whether every array is the same, in type, shape and every bit; one entry for all runs equals one for each."""
        if self.kept != other.kept or not _same_bits(self.dates, other.dates):
            return False
        for name in self.kept:
            pair = [np.asarray(getattr(record, name)) for record in (self, other)]
            if name in LAYERS and LAYERS[name].may_be_shared:
                pair = [collapsed(array) for array in pair]
            if not _same_bits(*pair):
                return False
        return True


def join(records: Iterable[Record], runs: int | None = None) -> Record:
    """One record of several, however they were cut: a run axis is 1 where it may be and all runs agree."""
    if runs is None:
        records = list(records)
        runs = sum(record.runs for record in records)
    joined, at = Joined(runs), 0
    for record in records:
        joined.put(record, at)
        at += record.runs
    return joined.record()


class Joined:
    """The record of so many runs, put together from those of some of them in any order."""

    def __init__(self, runs: int) -> None:
        self._runs, self._dates = runs, np.zeros(0, "datetime64[D]")
        self._layers: dict[str, Any] = {}
        self._shared: dict[str, dict[int, tuple[int, Floats]]] = {}
        self._after, self._moves, self._waiting = 0, 0, dict[int, tuple[int, list[Ints]]]()

    def put(self, record: Record, at: int) -> None:
        """Takes the runs of a record for those from place `at` on."""
        self._dates = record.dates
        for name in (one for one in record.kept if one in LAYERS):
            array = getattr(record, name)
            if LAYERS[name].may_be_shared:
                self._shared.setdefault(name, {})[at] = (record.runs, collapsed(array))
            elif record.runs == self._runs:
                self._layers[name] = array
            elif name == "in_force":
                if name not in self._layers:
                    zeros = np.zeros((*array.shape[:-1], (self._runs + 7) // 8), np.uint8)
                    self._layers[name] = Bits(zeros, self._runs)
                self._layers[name].put(Bits.of(array), at)
            else:
                if name not in self._layers:
                    self._layers[name] = np.empty((*array.shape[:-1], self._runs), array.dtype)
                self._layers[name][..., at : at + record.runs] = array
        if "move_run" in record.kept:
            self._waiting[at] = record.runs, [getattr(record, name) for name in MOVE_COLUMNS]
            while self._after in self._waiting:
                self._add_moves(*self._waiting.pop(self._after))

    def _add_moves(self, runs: int, columns: list[Ints]) -> None:
        """Takes the moves of the runs that come next."""
        self._after, before, self._moves = self._after + runs, self._moves, self._moves + len(columns[0])
        for name, column in zip(MOVE_COLUMNS, columns, strict=True):
            held = self._layers.get(name, column[:0])
            if len(held) < self._moves:  # room for all at so many a run, and some more: unwritten, it takes no memory
                self._layers[name] = np.empty(int(1.1 * self._moves * self._runs / self._after), column.dtype)
                self._layers[name][:before] = held[:before]
            self._layers[name][before : self._moves] = column

    def record(self) -> Record:
        """The record, after all runs have been put."""
        arrays = dict(self._layers)
        for name, parts in self._shared.items():
            ordered = [parts[at] for at in sorted(parts)]
            first = ordered[0][1]
            if all(array.shape[-1] == 1 and _same_bits(array, first) for _, array in ordered):
                arrays[name] = first
            else:
                wide = [np.broadcast_to(array, (*array.shape[:-1], runs)) for runs, array in ordered]
                arrays[name] = np.concatenate(wide, axis=-1)
        arrays |= {name: arrays[name][: self._moves] for name in MOVE_COLUMNS if name in arrays}
        return Record(self._dates, arrays, self._runs)


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
