"""The runner: what it refuses, how it counts runs, and what progress it reports."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import dyads
from tensionsim.engine.build import assemble
from tensionsim.errors import TensionSimError
from tensionsim.model.record import join
from tensionsim.runs import run as runner

BUSY = {dyads.AVALON: {"attention": 1.0}, dyads.BRIGADOON: {"attention": 1.0, "rhetoric": {"uniform": [0.1, 0.9]}}}


@pytest.mark.parametrize(("runs", "seed", "first_run"), [(0, 0, 0), (1, -1, 0), (1, 0, -1)])
def test_numbers_out_of_range_are_refused(runs: int, seed: int, first_run: int) -> None:
    with pytest.raises(ValueError, match=r"must be a whole number >= [01]; got"):
        runner.run(dyads.scenario(), runs=runs, seed=seed, first_run=first_run)


def test_runs_are_numbered_from_the_first() -> None:
    found = runner.run(dyads.scenario(actors=BUSY), runs=5, seed=3, first_run=70)
    assert set(found.record.move_run.tolist()) <= set(range(70, 75))
    assert found.record.cooperation.shape == (27, 5)


def test_without_draws_every_run_has_the_estimates() -> None:
    given = {"joint": [0.1, 0.9], "estimate": 0.2}
    change = {
        "date": "2031-04-01",
        "actor": dyads.BRIGADOON,
        "set": {"actors.brigadoon.attention": {"uniform": [0, 1]}},
    }
    outlooks = {"loud": {"set": {"actors.avalon.rhetoric": {"uniform": [0.4, 0.6]}}}}
    actors = {**BUSY, dyads.BRIGADOON: {"attention": 1.0, "rhetoric": given}}
    drawn = dyads.scenario(actors=actors, changes=[change], outlooks=outlooks).with_outlook("loud")
    drawn = drawn.with_values({"parameters.bias": {"normal": [0.1, 0.2]}})
    certain = drawn.without_draws()
    wanted = {"actors.avalon.rhetoric": 0.5, "actors.brigadoon.rhetoric": 0.2, "parameters.bias": 0.1}
    one, other = (found.with_values({"actors.avalon.rally": 0.3}) for found in (certain, drawn.with_values(wanted)))
    assert one.file.changes[0].set == {"actors.brigadoon.attention": 0.5}
    assert (one.file.actors, one.file.parameters) == (other.file.actors, other.file.parameters)
    assert runner.run(drawn, runs=3, draws=False).equals(runner.run(certain, runs=3))
    assert not runner.run(drawn, runs=3).equals(runner.run(certain, runs=3))


def test_moves_are_listed_by_run_then_step_then_channel() -> None:
    record = runner.run(dyads.scenario(actors=BUSY), runs=40, seed=3).record
    keys = np.stack([record.move_run, record.move_step, record.move_channel]).T.tolist()
    assert all(one <= other for one, other in pairwise(keys))


def test_chunks_report_every_run_once() -> None:
    world, done = assemble(dyads.scenario(actors=BUSY)), list[int]()
    for first, runs in ((0, 7), (7, 20), (27, 1)):
        runner.simulated(world, 1, first, runs, done.append)
    assert sum(done) == 28


def test_the_record_of_chunks_joined_is_that_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    of = dyads.scenario(actors=BUSY)
    whole = runner.run(of, runs=23, seed=5).record
    monkeypatch.setattr(runner, "CHUNK_RUNS", 2)
    assert runner.run(of, runs=23, seed=5).record.equals(whole)
    world = assemble(of)
    assert join([runner.simulated(world, 5, 0, 11), runner.simulated(world, 5, 11, 12)]).equals(whole)


def test_other_seeds_are_other_histories() -> None:
    one, other = (runner.run(dyads.scenario(actors=BUSY), runs=5, seed=seed).record for seed in (1, 2))
    assert not np.array_equal(one.cooperation, other.cooperation)


def test_runs_beyond_the_last_number_are_refused() -> None:
    with pytest.raises(ValueError, match="numbered below 2,147,483,648"):
        runner.run("norland-suderia", runs=3, first_run=2**31 - 2)


def test_parts_of_worker_processes_joined_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensionsim.runs.parts.PART_RUNS", 4)
    of = dyads.scenario(actors=BUSY)
    assert runner.run(of, runs=10, seed=5, jobs=2).equals(runner.run(of, runs=10, seed=5))


def test_a_word_that_run_does_not_know_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'job'"):
        runner.run("norland-suderia", runs=1, job=2)  # type: ignore[call-arg]


def test_replace_without_a_store_is_refused() -> None:
    with pytest.raises(ValueError, match="replace goes with store"):
        runner.run("norland-suderia", runs=1, replace=True)


def test_too_many_runs_for_the_memory_are_refused_with_a_way_out() -> None:
    with pytest.raises(TensionSimError, match=r"let them stream into a folder \(-o DIR, in Python store=\.\.\.\)"):
        runner.run("norland-suderia", runs=10**9)
