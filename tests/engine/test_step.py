"""One step: what moves do to arrangements, memories, quantities, and how the slow states follow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dyads
from dyads import AVALON, BRIGADOON, CAMELOT, on
from tensionsim.engine.build import assemble
from tensionsim.engine.run import Recorder
from tensionsim.engine.step import View, step
from tensionsim.engine.world import STOPPED, Availability, perceive
from tensionsim.model import measures
from tensionsim.model.state import kept

DT = 12.0 / 52.0
BUSY = {AVALON: {"attention": 1.0}, BRIGADOON: {"attention": 1.0}}
WOLVES = {"wolves": {"value": 1000, "unit": "wolves", "reference": 500, "issue": "road", "responsible": AVALON}}


def keep(half_life: float) -> float:
    return float(kept(np.array([half_life]), DT)[0])


def political(values: np.ndarray, now: Any, actor: str = AVALON) -> float:
    return float(values[dyads.channel(now, actor), 0])


def test_memories_and_conduct_follow_their_recursions() -> None:
    of = dyads.quiet(schedule=[on("2031-01-06", AVALON, "scold"), on("2031-01-20", AVALON, "open_gate")])
    now = dyads.start(of)
    fast, slow, index = keep(0.25), keep(2.0), keep(3.0)
    net, acts, conduct = [0.0, 0.0], [0.0, 0.0], 0.0
    for at in range(6):
        dyads.go(now, 1)
        score = {0: -0.4, 2: 0.6}.get(at, 0.0)
        standing = 0.2 if at >= 2 else 0.0
        net = [left * old + (1 - left) * score / DT for left, old in zip((fast, slow), net, strict=True)]
        acts = [left * old + (1 - left) * (at in (0, 2)) / DT for left, old in zip((fast, slow), acts, strict=True)]
        conduct = index * conduct + (1 - index) * (score / DT + standing)
        state = now.state
        assert [political(state.net_fast, now), political(state.net_slow, now)] == pytest.approx(net)
        assert [political(state.acts_fast, now), political(state.acts_slow, now)] == pytest.approx(acts)
        assert political(state.conduct, now) == pytest.approx(conduct)


def test_words_and_deeds_are_kept_apart_and_arrangements_are_deeds() -> None:
    now = dyads.start(
        dyads.quiet(schedule=[on("2031-01-06", AVALON, "scold"), on("2031-01-06", BRIGADOON, "raise_toll")])
    )
    dyads.go(now, 2)
    assert political(now.state.verbal, now) < 0.0 == political(now.state.material, now)
    assert political(now.state.material, now, BRIGADOON) < 0.0 == political(now.state.verbal, now, BRIGADOON)


def test_a_mutual_arrangement_counts_in_both_directions_while_it_stands() -> None:
    now = dyads.start(
        dyads.quiet(schedule=[on("2031-01-06", AVALON, "open_gate"), on("2031-02-03", BRIGADOON, "shut_gate")])
    )
    dyads.go(now, 4)
    standing = 0.2 * (1.0 - keep(3.0) ** 4)
    assert political(now.state.conduct, now, BRIGADOON) == pytest.approx(standing)
    dyads.go(now, 1)
    left = keep(3.0) * standing - 0.6 / DT * (1.0 - keep(3.0))
    assert political(now.state.conduct, now, BRIGADOON) == pytest.approx(left)


def test_what_is_in_force_at_the_start_has_been_so_for_long() -> None:
    of = dyads.quiet(arrangements=["gate"])
    record = dyads.record(of)
    expected = 50.0 * (1.0 + np.tanh(0.25 * 0.2 * 2 / 0.15))
    assert record.cooperation[:, 0] == pytest.approx(np.full(27, expected))


def test_in_one_step_beginning_wins_over_ending_among_own_choices() -> None:
    now = dyads.start(dyads.quiet(arrangements=["gate"]))
    menu = now.world.menus.names
    acts = dyads.go(dyads.start(dyads.quiet(schedule=[on("2031-01-06", AVALON, "bow")])), 1)[0]

    def both(*_: Any) -> Any:
        rows = [dyads.channel(now, AVALON), dyads.channel(now, BRIGADOON)]
        moves = [menu.index("open_gate"), menu.index("shut_gate")]
        return type(acts)(np.array(rows), np.zeros(2, np.int64), np.array(moves), np.zeros(2, np.int64))

    step(now, both)
    assert now.state.in_force[:-2].sum() == 1


def test_all_act_on_the_state_at_the_steps_start() -> None:
    now = dyads.start(dyads.quiet(schedule=[on("2031-01-06", AVALON, "raise_toll")]))
    before = View(now)
    dyads.go(now, 1)
    silent = View(dyads.start(dyads.quiet()))
    assert np.array_equal(before.direction, silent.direction)
    assert not np.array_equal(View(now).direction, silent.direction)


def test_a_channel_makes_no_more_acts_than_its_cap() -> None:
    of = dyads.scenario(actors=BUSY, parameters={"base_political": 300.0, "acts_per_step": 3})
    record = dyads.record(of, runs=3)
    assert (
        np.unique(np.stack([record.move_run, record.move_step, record.move_channel]), axis=1, return_counts=True)[
            1
        ].max()
        == 3
    )


def test_a_move_with_lasting_effects_is_made_once_in_a_step() -> None:
    of = dyads.scenario(
        actors={AVALON: {"attention": 1.0, "repertoire": ["raise_toll"]}, BRIGADOON: {"attention": 0.0}},
        parameters={"base_political": 300.0, "acts_per_step": 5},
    )
    assert len(dyads.record(of).move_run) == 1


@pytest.mark.parametrize(("shift", "expected"), [(50, 1050.0), ("-2%", 980.0)])
def test_a_move_shifts_an_indicator_by_an_amount_or_a_share(shift: Any, expected: float) -> None:
    moves = {**dyads.MOVES, "hunt": dyads.move(0.0, shifts={"wolves": shift})}
    of = dyads.quiet(moves=moves, indicators=WOLVES, schedule=[on("2031-01-13", AVALON, "hunt")])
    assert dyads.record(of).indicators[:4, 0, 0] == pytest.approx([1000.0, 1000.0, expected, expected])


def test_a_move_shifts_the_movers_stance_on_its_issue_and_never_out_of_range() -> None:
    moves = {
        **dyads.MOVES,
        "preach": dyads.move(0.0, shifts={"stance": 0.3}),
        "repent": dyads.move(0.0, shifts={"stance": -0.3}),
    }
    days = ["2031-01-06", "2031-01-13", "2031-01-20"]
    of = dyads.quiet(
        issues=("road", "well"),
        moves=moves,
        schedule=[*(on(day, AVALON, "preach") for day in days), on("2031-01-27", AVALON, "repent")],
    )
    now, found = dyads.start(of), []
    for _ in range(4):
        dyads.go(now, 1)
        found.append(float(perceive(now.world, now.state, now.numbers).agreement[dyads.channel(now, AVALON), 0]))
    # From 0.5 to 0.8, to 1, still 1, and back to 0.7, against 0.5.
    assert found == pytest.approx([0.4, 0.0, 0.0, 0.6])
    assert not now.state.stance_shift[1].any()
    assert not now.state.stance_shift[0, 1].any()


def test_a_signal_shifts_what_both_expect_and_fades() -> None:
    moves = {**dyads.MOVES, "wink": dyads.move(0.0, shifts={"expectations": 0.4})}
    of = dyads.quiet(
        moves=moves, schedule=[on("2031-01-06", AVALON, "wink")], parameters={"expectations_half_life": 6.0}
    )
    now = dyads.start(of)
    dyads.go(now, 26)
    assert now.state.expectations[:, 0] == pytest.approx([0.2, 0.2])
    contribution = View(now).contributions["expectations"]
    assert contribution == pytest.approx(np.full_like(contribution, 0.2))


def test_rhetoric_relaxes_to_its_base_and_to_what_rallies_it() -> None:
    moves = {**dyads.MOVES, "rage": dyads.move(0.0, shifts={"rhetoric": 0.5})}
    calm = dyads.start(dyads.quiet(moves=moves, schedule=[on("2031-01-06", AVALON, "rage")]))
    dyads.go(calm, 1)
    after = keep(3.0) * 0.8 + (1.0 - keep(3.0)) * 0.3
    assert calm.state.rhetoric[0, 0] == pytest.approx(after)
    dyads.go(calm, 13)
    assert calm.state.rhetoric[0, 0] == pytest.approx(0.3 + (after - 0.3) * keep(3.0) ** 13)

    pressed = dyads.start(
        dyads.quiet(
            actors={BRIGADOON: {"rally": 1.0}}, arrangements=[{"name": "toll", "actor": AVALON}], end="2041-01-06"
        )
    )
    dyads.go(pressed, 300)
    assert pressed.state.rhetoric[:, 0] == pytest.approx([0.3, 0.3 + 0.3], abs=1e-6)


def test_rhetoric_stays_between_silence_and_twice_full() -> None:
    moves = {
        **dyads.MOVES,
        "rage": dyads.move(0.0, shifts={"rhetoric": 5.0}),
        "hush": dyads.move(0.0, shifts={"rhetoric": -5.0}),
    }
    of = dyads.quiet(moves=moves, schedule=[on("2031-01-06", AVALON, "rage"), on("2031-01-06", BRIGADOON, "hush")])
    now = dyads.start(of)
    dyads.go(now, 1)
    assert now.state.rhetoric[:, 0].tolist() == [2.0, 0.0]


def test_engagement_with_the_patrons_rival_lowers_dependence() -> None:
    pact = {"pact": {"track": "political", "score": 10.0, "mutual": True, "description": "A pact."}}
    moves = {**dyads.MOVES, "ally": dyads.move(8.0, begins=["pact"]), "break": dyads.move(-8.0, ends=["pact"])}
    actors = {
        AVALON: {"affinity": {CAMELOT: -1.0}},
        BRIGADOON: {"dependence": {AVALON: 0.6}, "affinity": {CAMELOT: 1.0}},
        CAMELOT: {"attention": 0.0},
    }
    of = dyads.quiet(
        moves=moves, arrangement_kinds={**dyads.KINDS, **pact}, actors=actors, end="2041-01-06",
        arrangements=[{"name": "pact", "actor": BRIGADOON, "target": CAMELOT}], parameters={"substitution": 0.5},
    )  # fmt: skip
    now = dyads.start(of)
    row = now.world.channels.pairs.index((BRIGADOON, AVALON))
    assert perceive(now.world, now.state, now.numbers).dependence[row, 0] == pytest.approx(0.3)
    now.state.in_force[:-2] = False
    now.availability = Availability(now.world, now.state.in_force, now.state.matters)
    dyads.go(now, 500)
    assert perceive(now.world, now.state, now.numbers).dependence[row, 0] == pytest.approx(0.6, abs=1e-3)


def test_a_friendly_region_takes_sides_with_who_is_under_pressure() -> None:
    actors = {BRIGADOON: {}, CAMELOT: {"regional": True, "attention": 0.0, "affinity": {BRIGADOON: 0.5, AVALON: -0.5}}}
    of = dyads.quiet(actors=actors, arrangements=[{"name": "toll", "actor": AVALON}], parameters={"sympathy_gain": 2.0})
    now = dyads.start(of)
    assert now.state.sympathy[:, 0] == pytest.approx([0.0, 2.0 * 0.5 * 0.3, 0.0])
    dyads.go(now, 5)
    assert now.state.sympathy[:, 0] == pytest.approx([0.0, 0.3, 0.0])


def test_indicators_grow_and_are_driven_in_the_run() -> None:
    driven = {"wolves": WOLVES["wolves"] | {"driven_by": [{"arrangement": "toll", "effect": 0.1}]}}
    of = dyads.quiet(indicators=driven, schedule=[on("2031-01-20", AVALON, "raise_toll")])
    expected = [1000.0, 1000.0, 1000.0, *(1000.0 * np.exp(0.1 * DT * weeks) for weeks in range(1, 25))]
    assert dyads.record(of).indicators[:, 0, 0] == pytest.approx(np.array(expected))


def test_a_grievance_is_held_on_ones_own_yardstick_against_who_is_responsible() -> None:
    of = dyads.quiet(
        actors={BRIGADOON: {"yardstick": {"wolves": 0.5}}, AVALON: {"yardstick": {"wolves": 9.0}}}, indicators=WOLVES
    )
    now = dyads.start(of)
    grievance = perceive(now.world, now.state, now.numbers).grievance[:, 0]
    expected = [0.5 if row.actor == BRIGADOON else 0.0 for row in now.world.channels.rows]
    assert grievance == pytest.approx(expected)


def test_what_was_taken_down_is_not_changed_by_later_steps() -> None:
    moves = {**dyads.MOVES, "rage": dyads.move(-1.0, shifts={"rhetoric": 0.1, "wolves": "-10%", "stance": 0.1})}
    now, taken = dyads.start(dyads.scenario(moves=moves, actors=BUSY, indicators=WOLVES), runs=20), Recorder()
    seen: list[dict[str, np.ndarray]] = []
    taken.state(now)
    for _ in range(12):
        state = now.state
        seen.append(
            {
                "rhetoric": state.rhetoric.copy(),
                "indicators": state.indicators.copy(),
                "in_force": state.in_force[:-2].copy(),
            }
        )
        taken.moves(now, step(now))
        taken.state(now)
    record = taken.record(now)
    assert all(
        np.array_equal(getattr(record, name)[at], row) for at, rows in enumerate(seen) for name, row in rows.items()
    )


def test_the_index_is_that_of_the_conduct_recorded() -> None:
    record = dyads.record(dyads.scenario(actors=BUSY, issues=("road", "well")), runs=30)
    world = assemble(dyads.scenario(actors=BUSY, issues=("road", "well")))
    mean = measures.issue_conduct(record.conduct, world.channels, world.dyad, 2, np.array([0.5]))
    index, issues = measures.cooperation(mean, np.full((2, 1), 0.5), np.array([0.15]))
    assert index == pytest.approx(record.cooperation)
    assert issues == pytest.approx(record.issue_cooperation)


def test_acts_that_were_stopped_enter_no_memory() -> None:
    actors = {
        AVALON: {"attention": 1.0, "checks": {"elders": {"stops": list(dyads.MOVES), "chance": 1.0}}},
        BRIGADOON: {"attention": 0.0},
    }
    record = dyads.record(dyads.scenario(actors=actors), runs=20)
    assert set(record.move_cause.tolist()) == {STOPPED}
    assert not record.conduct.any()


def test_uncertain_numbers_are_drawn_by_their_path_and_nothing_else() -> None:
    dice = {"uniform": [0.2, 0.8]}
    alone = dyads.start(dyads.scenario(actors={AVALON: {"rhetoric": dice}}), runs=50)
    beside = dyads.start(dyads.scenario(actors={AVALON: {"rhetoric": dice}, BRIGADOON: {"rally": dice}}), runs=50)
    path = f"actors.{AVALON}.rhetoric"
    drawn = alone.settings.get(path)
    assert np.array_equal(drawn, beside.settings.get(path))
    assert np.unique(drawn).size == 50
    assert abs(np.corrcoef(drawn, beside.settings.get(f"actors.{BRIGADOON}.rally"))[0, 1]) < 0.7
