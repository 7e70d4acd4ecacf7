"""The ledger sums to the index, and the mechanisms' contributions sum to the direction."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import dyads
from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import begin
from tensionsim.engine.step import View, step
from tensionsim.model import measures as ledger
from tensionsim.model.measures import Books
from tensionsim.model.mechanisms import MECHANISMS as ALL
from tensionsim.rng import RandomStreams
from tensionsim.scenario.scenario import Scenario, load

RUNS = 12
GATE = {"arrangements": [{"name": "gate", "issue": "road"}, {"name": "toll", "actor": dyads.AVALON, "issue": "road"}]}
BUSY = {"actors": {dyads.AVALON: {"attention": 1.0}, dyads.BRIGADOON: {"attention": 0.8}}}
TURNS = [
    {"date": "2031-03-03", "set": {"parameters.index_half_life": 1.0, "parameters.index_scale": 0.3}},
    {"date": "2031-04-07", "set": {"parameters.technical_weight": 0.8, f"actors.{dyads.AVALON}.salience.well": 0.9}},
]
CASES: dict[str, Any] = {
    "a history and a leader": lambda: load("trump2-petro-2025"),
    "a history by the day": lambda: load("trump1-duque-2018", set={"step": "day", "end": "2018-12-31"}),
    "a history by the month": lambda: load("biden-petro-2022", set={"step": "month"}),
    "arrangements listed over a history": lambda: load(
        "trump2-petro-2025", set={"arrangements": ["intelligence_sharing"]}
    ),
    "nothing before": lambda: dyads.scenario(**BUSY),
    "arrangements before": lambda: dyads.scenario(**BUSY, **GATE),
    "numbers that change": lambda: dyads.scenario(**BUSY, **GATE, issues=("road", "well"), changes=TURNS),
    "numbers that are uncertain": lambda: load(
        "trump2-petro-2025",
        set={
            "parameters.index_half_life": {"uniform": [2, 4]},
            "actors.bogota.salience.drugs": {"uniform": [0.1, 0.5]},
        },
    ),
}


@cache
def books(case: str) -> Books:
    scenario: Scenario = CASES[case]()
    from tensionsim.runs.run import run

    results = run(scenario, runs=RUNS, seed=9, first_run=100)
    return Books(results.record, results.names, scenario.dt_months, results.first_run)


def some_rows(of: Books) -> list[int]:
    last = len(of.record.dates) - 1
    return sorted({0, 1, last // 3, 2 * last // 3, last})


@pytest.mark.parametrize("case", CASES)
def test_the_entries_of_a_run_sum_to_its_index_less_fifty(case: str) -> None:
    of = books(case)
    for row in some_rows(of):
        for run in (0, 5, RUNS - 1):
            total = sum(entry.points for entry in ledger.entries(of, run, row))
            assert 50.0 + total == pytest.approx(of.record.cooperation[row, run], abs=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_the_entries_of_all_runs_by_mover_sum_to_the_index_less_fifty(case: str) -> None:
    of = books(case)
    for row in some_rows(of):
        total = sum(ledger.by_mover(of, row).values(), np.zeros(RUNS))
        assert 50.0 + total == pytest.approx(of.record.cooperation[row], abs=1e-9)


def test_the_two_ledgers_agree_entry_by_entry() -> None:
    of = books("arrangements before")
    last = len(of.record.dates) - 1
    for run in range(RUNS):
        entries = ledger.entries(of, run, last)
        for (actor, what), points in ledger.by_mover(of, last).items():
            mine = [one.points for one in entries if one.actor == actor and one.what == what and one.kind != "history"]
            if what in dyads.MOVES:
                assert sum(mine) == pytest.approx(points[run], abs=1e-9)


def test_what_changed_in_the_ledger_is_what_changed_in_the_index() -> None:
    of = books("a history and a leader")
    change = sum(ledger.changes(of, 60).values(), np.zeros(RUNS))
    assert change == pytest.approx(of.record.cooperation[60] - of.record.cooperation[0], abs=1e-9)


def test_hostile_moves_have_hostile_entries() -> None:
    of = books("nothing before")
    scores = dict(zip(of.names.moves, of.names.move_scores, strict=True))
    for entry in ledger.entries(of, 3, len(of.record.dates) - 1):
        if entry.kind == "move":
            assert np.sign(entry.points) == np.sign(scores[entry.what])


@pytest.mark.parametrize("name", ["trump2-petro-2025", "norland-suderia"])
def test_contributions_sum_to_the_direction_exactly(name: str) -> None:
    world = assemble(load(name))
    now = begin(world, RandomStreams(3, 0, RUNS))
    for _ in range(20):
        view = View(now)
        total = np.zeros_like(view.direction)
        for contribution in view.contributions.values():
            total = total + contribution
        unpredictability = now.numbers.attributes.unpredictability[world.channels.actor]
        assert np.array_equal(view.direction, total / unpredictability)
        assert list(view.contributions)[2:] == [one.name for one in ALL]
        step(now)
