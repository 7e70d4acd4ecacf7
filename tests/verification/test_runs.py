"""A run is the same alone and in any company: bit for bit, whatever the chunks that it is simulated in."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tensionsim.engine.build import assemble
from tensionsim.engine.world import World
from tensionsim.model.record import LAYERS, MOVE_COLUMNS, Record
from tensionsim.runs.run import simulated as chunk
from tensionsim.scenario.scenario import load

SEED = 2025
RUN = 4321
CHUNKS = (1, 7, 512, 1000)
SCENARIOS = {
    "trump2-petro-2025": {},
    "summit": {},
    "norland-suderia": {
        "parameters.acts_per_step": {"choice": [2, 3, 4, 5]},
        "parameters.index_half_life": {"uniform": [2, 4]},
    },
}
"""Rules, odds, checks, changes with alternatives, uncertain numbers; a history and none."""


@cache
def world(name: str) -> World:
    return assemble(load(name, set=SCENARIOS[name]))


@cache
def alone(name: str) -> Record:
    return chunk(world(name), SEED, RUN, 1)


def different(record: Record, place: int, other: Record) -> list[str]:
    """Names of the arrays in which a run of a record differs, in any bit, from the only run of another."""
    found = []
    for name in LAYERS:
        mine, theirs = getattr(record, name), getattr(other, name)
        column = mine[..., place : place + 1] if mine.shape[-1] > 1 else mine
        if np.ascontiguousarray(column).tobytes() != np.ascontiguousarray(theirs).tobytes():
            found.append(name)
    own = record.move_run == other.move_run[0]
    return found + [
        name for name in MOVE_COLUMNS if not np.array_equal(getattr(record, name)[own], getattr(other, name))
    ]


@pytest.mark.parametrize("size", CHUNKS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_run_4321_is_the_same_bits_in_chunks_of_any_size(name: str, size: int) -> None:
    first = RUN // size * size
    assert different(chunk(world(name), SEED, first, size), RUN - first, alone(name)) == []


def test_the_comparison_sees_another_run() -> None:
    together = chunk(world("trump2-petro-2025"), SEED, RUN, 2)
    assert {"cooperation", "conduct"} <= set(different(together, 1, alone("trump2-petro-2025")))


def test_a_run_does_not_depend_on_the_end_of_its_scenario() -> None:
    longer = alone("trump2-petro-2025")
    shorter = chunk(assemble(load("trump2-petro-2025", set={"end": "2025-09-01"})), SEED, RUN, 1)
    rows = len(shorter.dates)
    for name in ("cooperation", "conduct", "rhetoric", "indicators", "in_force"):
        assert np.array_equal(getattr(longer, name)[:rows], getattr(shorter, name))


def test_two_outlooks_share_their_luck_until_they_differ() -> None:
    change = {"date": "2025-09-01", "set": {"actors.bogota.rhetoric": 0.1}}
    one = chunk(world("trump2-petro-2025"), SEED, 0, 50)
    other = chunk(assemble(load("trump2-petro-2025", set={"changes": [change]})), SEED, 0, 50)
    before = int(np.searchsorted(one.dates, np.datetime64("2025-09-01")))
    assert np.array_equal(one.cooperation[: before + 1], other.cooperation[: before + 1])
    after = [record.cooperation[-1] for record in (one, other)]
    assert not np.array_equal(*after)
    assert np.corrcoef(*after)[0, 1] > 0.3
