"""What workers do for a store: simulate a part, sum up some parts. They write nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from tensionsim.ensemble.chunks import Chunk, Progress, record_of
from tensionsim.record import Names, Record, join
from tensionsim.results import Results, arrays, parts
from tensionsim.results.tally import Tally


@dataclass(frozen=True, slots=True)
class PartTask:
    """A part to make: its runs that are to be simulated, and the record of those that are there already.

    first_run, runs : of those to be simulated.
    """

    chunk: Chunk
    names: Names
    kind: str
    before: Record | None

    @property
    def first_run(self) -> int:
        return self.chunk.first_run

    @property
    def runs(self) -> int:
        return self.chunk.runs


def part_files(task: PartTask, advance: Progress | None = None) -> dict[str, bytes]:
    """The bytes of a part's files: a pure function of the scenario's text, the seed and the runs' numbers."""
    record = record_of(task.chunk, advance)
    earlier = 0
    if task.before is not None:
        earlier = task.before.cooperation.shape[-1]
        record = join([task.before, record])
    return arrays.encode(record, task.names, task.first_run - earlier, task.kind)


@dataclass(frozen=True, slots=True)
class TallyTask:
    """Consecutive parts of a store to be tallied."""

    results: Results

    @property
    def first_run(self) -> int:
        return self.results.first_run

    @property
    def runs(self) -> int:
        return self.results.runs


def tally_of(task: TallyTask) -> Tally:
    """The tally of some parts, read from the folder."""
    return reduce(Tally.merged, map(Tally.of, parts.blocks(task.results)))
