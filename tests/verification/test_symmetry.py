"""Two sides with the same settings behave alike, and who is named first changes nothing but names."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

import dyads
from dyads import AVALON, BRIGADOON, CAMELOT
from tensionsim.runs.results import Results
from tensionsim.runs.run import run
from tensionsim.scenario.scenario import load

ISSUES = ("road", "well")
RUNS = 1500
EQUAL = {"attention": 1.0, "rhetoric": 0.6, "rally": 0.5, "stances": {"road": 0.2, "well": 0.9}}
RULE = {"rules": {"temper": {"when": {"cooperation": "below 45"}, "move": "scold", "issue": "road", "chance": 0.3}}}


def actors(**more: Any) -> dict[str, dict[str, Any]]:
    return {
        AVALON: EQUAL | {"dependence": {BRIGADOON: 0.4}} | RULE | more.get(AVALON, {}),
        BRIGADOON: EQUAL
        | {"dependence": {AVALON: 0.4}, "stances": {"road": 0.8, "well": 0.1}}
        | RULE
        | more.get(BRIGADOON, {}),
        CAMELOT: {"attention": 0.5, "affinity": {AVALON: 0.3, BRIGADOON: 0.3}, "stances": {"road": 0.5, "well": 0.5}},
    }


@cache
def equals() -> Results:
    # Stances mirror each other about 0.5 on the road alone; distances, all that counts, are symmetric on both issues.
    return run(dyads.scenario(issues=ISSUES, actors=actors()), runs=RUNS, seed=8)


def conduct_of(results: Results, actor: str) -> np.ndarray:
    """Mean conduct of a principal over its channels, shape (date, run)."""
    places = [place for place, name in enumerate(results.names.dyad_channels) if name.startswith(f"{actor} -> ")]
    return results.record.conduct[:, places].mean(axis=1)


@pytest.mark.parametrize("row", [1, 8, 26])
def test_equal_sides_treat_each_other_alike(row: int) -> None:
    one, other = conduct_of(equals(), AVALON)[row], conduct_of(equals(), BRIGADOON)[row]
    assert abs((one - other).mean()) < 4.0 * (one - other).std() / np.sqrt(RUNS)
    assert stats.ks_2samp(one, other).pvalue > 1e-4


def test_equal_sides_make_as_many_moves_of_each_kind() -> None:
    record, names = equals().record, equals().names
    acting = np.array([name.split(" -> ")[0] for name in names.channels])[record.move_channel]
    inside = np.isin(np.array(names.channels)[record.move_channel], names.dyad_channels)
    for move in np.unique(record.move_id):
        chosen = inside & (record.move_id == move)
        counts = [
            np.bincount(record.move_run[chosen & (acting == actor)], minlength=RUNS) for actor in (AVALON, BRIGADOON)
        ]
        difference = counts[0] - counts[1]
        assert abs(difference.mean()) <= 4.0 * difference.std() / np.sqrt(RUNS) + 1e-12, names.moves[move]


def same_histories(one: Results, other: Results) -> None:
    """Asserts that two ensembles differ in nothing but the order of their names."""
    assert one.record.cooperation == pytest.approx(other.record.cooperation, abs=1e-7)
    assert one.record.room == pytest.approx(other.record.room, abs=1e-7)
    order = [other.names.dyad_channels.index(name) for name in one.names.dyad_channels]
    assert one.record.conduct == pytest.approx(other.record.conduct[:, order], abs=1e-9)
    assert moves_of(one) == moves_of(other)


def moves_of(results: Results) -> list[tuple[int, int, str, str, int]]:
    record, names = results.record, results.names
    return sorted(
        (int(number), int(at), names.channels[channel], names.moves[move], int(cause))
        for number, at, channel, move, cause in zip(
            record.move_run, record.move_step, record.move_channel, record.move_id, record.move_cause, strict=True
        )
    )


def test_the_order_of_actors_and_principals_in_the_file_changes_no_history() -> None:
    unequal = actors(**{BRIGADOON: {"rhetoric": 0.1, "dependence": {AVALON: 0.9}}})
    fields = dyads.mapping(issues=ISSUES, actors=unequal)
    turned = dict(reversed(list(fields["actors"].items())))
    one = run(dyads.scenario(issues=ISSUES, actors=unequal), runs=60, seed=8)
    other = run(dyads.scenario_of(fields | {"actors": turned, "principals": [BRIGADOON, AVALON]}), runs=60, seed=8)
    same_histories(one, other)


def test_the_order_of_washington_and_bogota_changes_no_history() -> None:
    one = run("trump2-petro-2025", runs=60, seed=8)
    other = run(load("trump2-petro-2025", set={"principals": ["bogota", "washington"]}), runs=60, seed=8)
    same_histories(one, other)


def test_settings_swapped_between_the_sides_swap_their_conduct_in_law() -> None:
    stern, mild = {"rhetoric": 0.9, "confrontation": 2.0}, {"rhetoric": 0.1, "confrontation": 0.5}
    one = run(dyads.scenario(issues=ISSUES, actors=actors(**{AVALON: stern, BRIGADOON: mild})), runs=RUNS, seed=8)
    other = run(dyads.scenario(issues=ISSUES, actors=actors(**{AVALON: mild, BRIGADOON: stern})), runs=RUNS, seed=9)
    for mine, theirs in ((AVALON, BRIGADOON), (BRIGADOON, AVALON)):
        here, there = conduct_of(one, mine)[-1], conduct_of(other, theirs)[-1]
        assert abs(here.mean() - there.mean()) < 4.0 * np.hypot(here.std(), there.std()) / np.sqrt(RUNS)
    # The difference is there to be swapped.
    stern_side, mild_side = conduct_of(one, AVALON)[-1], conduct_of(one, BRIGADOON)[-1]
    assert (mild_side - stern_side).mean() > 4.0 * (mild_side - stern_side).std() / np.sqrt(RUNS)
