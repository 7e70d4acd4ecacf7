"""A record that lies in a folder: each array is read when it is first asked for, and checked as it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from tensionsim.errors import StorageError
from tensionsim.record import LAYERS, MOVE_COLUMNS, Names, Record, join_shared
from tensionsim.results import arrays
from tensionsim.results.arrays import Array
from tensionsim.results.manifest import Manifest
from tensionsim.results.parts import Part


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of parts: where its arrays are read from. Every file is checked against the manifest once."""

    folder: Path
    manifest: Manifest
    parts: tuple[Part, ...]
    checked: set[str] = field(default_factory=set)

    def layer(self, name: str) -> Array:
        """An array of all runs of these parts."""
        found = [self.read(part, [name])[name] for part in self.parts]
        if LAYERS[name].may_be_shared:
            return join_shared(found, [part.runs for part in self.parts])
        return found[0] if len(found) == 1 else np.concatenate(found, axis=-1)

    def moves(self) -> dict[str, Array]:
        """All columns of the moves."""
        found = [self.read(part, list(MOVE_COLUMNS)) for part in self.parts]
        return {name: np.concatenate([each[name] for each in found]) for name in MOVE_COLUMNS}

    def only(self, runs: range) -> Store:
        """The store of those parts alone that have some of these runs."""
        parts = tuple(part for part in self.parts if part.first_run < runs.stop and part.after > runs.start)
        return replace(self, parts=parts)

    def read(self, part: Part, wanted: Sequence[str]) -> dict[str, Array]:
        """Arrays of a part, by name.

        Raises
        ------
        StorageError
            If a file is missing, damaged or cannot be read.
        """
        found: dict[str, Array] = {}
        shape = (len(self.manifest.dates), part.runs)
        files = {Path(name).name.rpartition("-")[0]: name for name in part.files}
        for holds, names in arrays.holders(self.manifest.kind, wanted).items():
            path = self.folder / files[holds]
            self._check(part, files[holds])
            try:
                found |= arrays.decode(path, holds, names, shape, self.manifest.names)
            except OSError as failure:
                raise StorageError(f"cannot read {path}: {failure.strerror or failure}") from failure
            except (KeyError, ValueError) as damage:
                raise StorageError(f"{path} is damaged: {damage}; {self.advice()}") from damage
        self._check_shapes(part, found)
        return found

    def advice(self) -> str:
        """How a damage is mended."""
        if self.manifest.origin.agents:
            return "run the scenario again"
        return f"mend it with: tensionsim resume {self.folder}"

    def _check(self, part: Part, name: str) -> None:
        if name in self.checked:
            return
        path = self.folder / name
        try:
            if not path.exists():
                raise StorageError(f"{self.folder} is damaged: {name} is missing; {self.advice()}")
            if not part.files[name].fits(path):
                raise StorageError(f"{path} is damaged: it is not what tensionsim saved; {self.advice()}")
        except OSError as failure:
            raise StorageError(f"cannot read {path}: {failure.strerror or failure}") from failure
        self.checked.add(name)

    def _check_shapes(self, part: Part, found: dict[str, Array]) -> None:
        for name in LAYERS.keys() & found.keys():
            layer, sizes = LAYERS[name], {"date": len(self.manifest.dates), "run": part.runs}
            names = self.manifest.names
            shape = tuple(sizes[dim] if dim in sizes else len(names.along(dim)) for dim in layer.dims)
            narrow = (*shape[:-1], 1) if layer.may_be_shared else shape
            if found[name].shape not in (shape, narrow) or found[name].dtype != layer.dtype:
                raise StorageError(f"{self.folder} is damaged: {name} is not what was saved; {self.advice()}")


class StoredRecord(Record):
    """A record whose arrays are read when they are first asked for, each layer by itself, the moves together.

    An array that has been read stands in the slot that it has in any Record; asking for one that does not, Python
    asks `__getattr__`.
    """

    __slots__ = ("_store",)
    _store: Store

    @classmethod
    def of(cls, store: Store) -> Self:
        """The record of a store, of which nothing is read yet."""
        record = object.__new__(cls)
        object.__setattr__(record, "_store", store)
        object.__setattr__(record, "dates", store.manifest.dates_array())
        return record

    def check_against(self, names: Names, runs: int) -> None:
        """ValueError where the store is of other names or runs; each array is checked when it is read."""
        if store_of(self) is None:
            Record.check_against(self, names, runs)
            return
        held = sum(part.runs for part in self._store.parts)
        if names != self._store.manifest.names or runs != held:
            raise ValueError(f"the store holds {held} runs, or other names")

    def __reduce__(self) -> str | tuple[Any, ...]:
        """As a place to read from, not with what has been read."""
        store = store_of(self)
        return super().__reduce__() if store is None else (StoredRecord.of, (store,))

    def __getattr__(self, name: str) -> Any:
        if name in LAYERS:
            object.__setattr__(self, name, self._store.layer(name))
        elif name in MOVE_COLUMNS:
            for column, values in self._store.moves().items():
                object.__setattr__(self, column, values)
        else:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return object.__getattribute__(self, name)


def store_of(record: Record) -> Store | None:
    """Where a record's arrays are read from; None where they are in memory."""
    return getattr(record, "_store", None) if isinstance(record, StoredRecord) else None


def plain(record: Record) -> Record:
    """The record with all its arrays in memory."""
    return Record(**record.arrays())
