"""Parts: consecutive runs as files of their own, the unit in which a store is written, resumed and read.

Where a part begins and ends depends on the numbers of its runs alone, so that its bytes do too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.record import LAYERS, MOVE_COLUMNS, Record

if TYPE_CHECKING:
    from tensionsim.results.model import Results

PART_RUNS = 1000
"""Runs of a part, counted from the first run of the store; the last part may have fewer."""

EXACT_RUNS = 5000
"""Up to so many runs every table is made from the arrays, exactly; beyond, from a `Tally`, which says its error."""

FOLDER = "parts"
PART_FILE = re.compile(rf"{FOLDER}/[a-z_]+-\d{{6,}}\.(parquet|npy)")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file must be: its size in bytes and its checksum."""

    size: int
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> Mark:
        return cls(len(content), hashlib.sha256(content).hexdigest())

    def fits(self, path: Path) -> bool:
        """Whether the file is there, unchanged."""
        try:
            if path.stat().st_size != self.size:
                return False
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except FileNotFoundError:
            return False


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive runs of a store and the files that hold them; `files` are named from the store's folder."""

    first_run: int
    runs: int
    files: Mapping[str, Mark]

    @property
    def after(self) -> int:
        """Number of the first run after this part."""
        return self.first_run + self.runs


def cut(first_run: int, runs: int, part_runs: int | None = None) -> Iterator[range]:
    """The numbers of the runs of each part of an ensemble, `PART_RUNS` of them by default.

    Examples
    --------
    >>> list(cut(20, 2001))
    [range(20, 1020), range(1020, 2020), range(2020, 2021)]
    """
    size = part_runs or PART_RUNS
    for start in range(first_run, first_run + runs, size):
        yield range(start, min(start + size, first_run + runs))


def file_name(kind: str, number: int, suffix: str) -> str:
    """Name of a file of part `number`, from the store's folder."""
    return f"{FOLDER}/{kind}-{number:06}.{suffix}"


def blocks(results: Results, count: int = 1) -> Iterator[Results]:
    """The results `count` parts at a time; of results that are stored, nothing is read before it is asked for."""
    from tensionsim.results.stored import store_of

    store = store_of(results.record)
    size = PART_RUNS if store is None else store.manifest.part_runs
    for runs in cut(results.first_run, results.runs, size * count):
        yield replace(results, record=_some(results, runs), first_run=runs.start, runs=len(runs))


def block_of(results: Results, run: int) -> Results:
    """Results that hold a run, and as little else as can be had without copying."""
    from tensionsim.results.stored import StoredRecord, store_of

    store = store_of(results.record)
    if store is None:
        return results
    alone = store.only(range(run, run + 1))
    part = alone.parts[0]
    return replace(results, record=StoredRecord.of(alone), first_run=part.first_run, runs=part.runs)


def _some(results: Results, runs: range) -> Record:
    from tensionsim.results.stored import StoredRecord, store_of

    store = store_of(results.record)
    return _slice(results.record, runs, results.first_run) if store is None else StoredRecord.of(store.only(runs))


def _slice(record: Record, runs: range, first_run: int) -> Record:
    """The record of some of its runs."""
    places = slice(runs.start - first_run, runs.stop - first_run)
    arrays = record.arrays()
    layers: dict[str, Any] = {
        name: arrays[name]
        if layer.may_be_shared and arrays[name].shape[-1] == 1
        else np.ascontiguousarray(arrays[name][..., places])
        for name, layer in LAYERS.items()
    }
    chosen = (record.move_run >= runs.start) & (record.move_run < runs.stop)
    moves: dict[str, Any] = {name: arrays[name][chosen] for name in MOVE_COLUMNS}
    return Record(dates=record.dates, **layers, **moves)
