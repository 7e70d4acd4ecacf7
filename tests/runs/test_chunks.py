"""Chunks: pure functions of the scenario's text, the seed and the numbers of runs."""

from __future__ import annotations

import pickle

import pytest

import dyads
from tensionsim.model.record import join
from tensionsim.runs.run import Chunk, record_of, world_of

BUSY = {dyads.AVALON: {"attention": 1.0}, dyads.BRIGADOON: {"attention": 1.0, "rhetoric": {"uniform": [0.1, 0.9]}}}


@pytest.mark.parametrize("chunk_runs", [1, 6, 23, 1000])
def test_how_many_runs_are_simulated_together_does_not_show(chunk_runs: int) -> None:
    of = dyads.scenario(actors=BUSY)
    assert record_of(Chunk(of, 5, 40, 23, chunk_runs)).equals(record_of(Chunk(of, 5, 40, 23, 10)))


def test_chunks_joined_are_the_whole() -> None:
    of = dyads.scenario(actors=BUSY)
    parts = [record_of(Chunk(of, 5, first, runs, 8)) for first, runs in ((0, 11), (11, 12))]
    assert join(parts).equals(record_of(Chunk(of, 5, 0, 23, 1000)))


def test_a_chunk_that_has_travelled_gives_the_same_record() -> None:
    chunk = Chunk(dyads.scenario(actors=BUSY), 5, 0, 4, 1000)
    assert record_of(pickle.loads(pickle.dumps(chunk))).equals(record_of(chunk))


def test_every_run_is_reported_once() -> None:
    done = list[int]()
    record_of(Chunk(dyads.scenario(actors=BUSY), 1, 0, 28, 9), done.append)
    assert sum(done) == 28
    assert min(done) >= 0
    assert len(done) > 20, "progress moves within a chunk"


def test_a_world_is_assembled_once_for_a_text() -> None:
    of, other = dyads.scenario(actors=BUSY), dyads.scenario()
    assert world_of(of) is world_of(pickle.loads(pickle.dumps(of)))
    assert world_of(of) is not world_of(other)
