"""Chunks: pure functions of the scenario's text, the seed and the numbers of runs."""

from __future__ import annotations

import pickle

import pytest

import dyads
from tensionsim.model.record import Joined, join
from tensionsim.runs.parts import cut
from tensionsim.runs.run import Chunk, record_of, world_of

BUSY = {dyads.AVALON: {"attention": 1.0}, dyads.BRIGADOON: {"attention": 1.0, "rhetoric": {"uniform": [0.1, 0.9]}}}


@pytest.mark.parametrize("size", [1, 6, 23])
def test_how_many_runs_are_simulated_together_does_not_show(size: int) -> None:
    of = dyads.scenario(actors=BUSY)
    parts = [record_of(Chunk(of, 5, part.start, len(part))) for part in cut(40, 23, size)]
    assert join(parts).equals(record_of(Chunk(of, 5, 40, 23)))


def test_the_order_in_which_chunks_come_does_not_show() -> None:
    of, joined = dyads.scenario(actors=BUSY), Joined(23)
    for at, runs in ((11, 9), (20, 3), (0, 4), (4, 7)):
        joined.put(record_of(Chunk(of, 5, 40 + at, runs)), at)
    assert joined.record().equals(record_of(Chunk(of, 5, 40, 23)))


def test_a_chunk_that_has_travelled_gives_the_same_record() -> None:
    chunk = Chunk(dyads.scenario(actors=BUSY), 5, 0, 4)
    assert record_of(pickle.loads(pickle.dumps(chunk))).equals(record_of(chunk))


def test_every_run_is_reported_once() -> None:
    done = list[int]()
    record_of(Chunk(dyads.scenario(actors=BUSY), 1, 0, 28), done.append)
    assert sum(done) == 28
    assert min(done) >= 0
    assert len(done) > 20, "progress moves within a chunk"


def test_a_world_is_assembled_once_for_a_text() -> None:
    of, other = dyads.scenario(actors=BUSY), dyads.scenario()
    assert world_of(of) is world_of(pickle.loads(pickle.dumps(of)))
    assert world_of(of) is not world_of(other)
