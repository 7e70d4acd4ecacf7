"""The window: where events find their place, which days count, and what stands for what is uncertain."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

import dyads
import tensionsim as ts
from tensionsim.engine.past import NO_MOVE, UNKNOWN_ACTOR, UNKNOWN_ISSUE, place
from tensionsim.errors import FitError
from tensionsim.estimation.window import observation_window
from tensionsim.events.history import EventHistory, Reading
from tensionsim.model.parameters import ENGINE

A, B = dyads.AVALON, dyads.BRIGADOON
Row = tuple[str, str, str, str, str, float]


def history(*rows: Row, issues: tuple[str, ...] = ("road",), weight: float = 1.0) -> EventHistory:
    """Events of (date, actor, target, issue or nothing, CAMEO code, score)."""
    actors = tuple(dict.fromkeys(name for row in rows for name in row[1:3]))
    return EventHistory(
        name="told",
        actors=actors,
        dates=np.array([row[0] for row in rows], "datetime64[D]"),
        actor=np.array([actors.index(row[1]) for row in rows]),
        target=np.array([actors.index(row[2]) for row in rows]),
        issues=issues,
        issue=np.array([issues.index(row[3]) if row[3] else -1 for row in rows]),
        track=np.zeros(len(rows), np.int64),
        cameo=np.array([row[4] for row in rows]),
        score=np.array([row[5] for row in rows]),
        is_material=np.array([row[5] < -7.0 for row in rows]),
        weight=np.full(len(rows), weight),
        moves=(),
        move=np.full(len(rows), -1),
        report=Reading("told", "made up", len(rows), len(rows)),
    )


SMALL = {
    "bow": dyads.move(4.0, cameo="03"),
    "scold": dyads.move(-4.0, cameo="12"),
    "threaten": dyads.move(-6.0, cameo="13"),
    "raise_toll": dyads.move(-8.0, kind="material", cameo="16", begins=["toll"]),
    "drop_toll": dyads.move(6.0, kind="material", cameo="08", ends=["toll"]),
}


def small() -> ts.Scenario:
    return dyads.scenario(moves=SMALL)


class TestPlaces:
    @pytest.mark.parametrize(
        ("cameo", "score", "move"),
        [("12", -4.0, "scold"), ("138", -7.0, "threaten"), ("11", -5.0, "scold"), ("05", 3.5, "bow")],
    )
    def test_an_event_without_a_move_is_the_nearest(self, cameo: str, score: float, move: str) -> None:
        found = place(history(("2031-02-03", A, B, "road", cameo, score)), small().file)
        assert [one.move for one in found.occurrences] == [move]
        assert found.by_nearness == 1

    @pytest.mark.parametrize(
        ("row", "why"),
        [
            (("2031-02-03", A, "camelot", "road", "12", -4.0), UNKNOWN_ACTOR),
            (("2031-02-03", A, B, "river", "12", -4.0), UNKNOWN_ISSUE),
            (("2031-02-03", A, B, "road", "19", -10.0), NO_MOVE),
            (("2031-02-03", A, B, "road", "08", 9.0), NO_MOVE),
        ],
    )
    def test_what_finds_no_place_is_counted_with_the_reason(self, row: Row, why: str) -> None:
        found = place(history(row, issues=("road", "river")), small().file)
        assert found.occurrences == ()
        assert found.left_out == {why: 1}

    def test_an_unknown_issue_is_the_only_one_there_is(self) -> None:
        found = place(history(("2031-02-03", A, B, "", "12", -4.0)), small().file)
        assert found.occurrences[0].channel.issue == "road"

    def test_weights_count(self) -> None:
        found = place(history(("2031-02-03", A, B, "road", "12", -4.0), weight=3.0), small().file)
        assert len(found.occurrences) == 3


TOLD = history(
    ("2030-11-04", A, B, "road", "12", -4.0),
    ("2031-01-07", A, B, "road", "03", 4.0),
    ("2031-02-03", B, A, "road", "12", -4.0),
    ("2031-05-05", A, B, "road", "13", -6.0),
    ("2031-06-19", B, A, "road", "12", -4.0),
)


class TestDays:
    def test_by_default_they_begin_with_the_scenario(self) -> None:
        found = observation_window(small(), TOLD)
        assert (found.since, found.until) == (dt.date(2031, 1, 6), dt.date(2031, 6, 15))
        assert len(found) == 3
        assert [one.date for one in found.world.past.moves] == [dt.date(2030, 11, 4)]
        assert any("not counted: 1 act from 2031-06-16 on" in note for note in found.notes)

    def test_they_end_with_until_and_nothing_later_is_looked_at(self) -> None:
        found = observation_window(small(), TOLD, until=dt.date(2031, 3, 2))
        assert (found.until, len(found)) == (dt.date(2031, 3, 2), 2)
        assert found.history.last == dt.date(2031, 3, 2)

    def test_they_end_with_the_scenario(self) -> None:
        found = observation_window(ts.load("biden-petro-2022"), ts.curated_history())
        assert found.until <= dt.date(2025, 1, 19)
        assert found.history.last == dt.date(2025, 1, 19)
        assert any("the scenario ends on 2025-01-20" in note for note in found.notes)

    def test_from_an_earlier_day_the_scenario_is_taken_to_begin_there(self) -> None:
        found = observation_window(small(), TOLD, since=dt.date(2030, 11, 1))
        assert (found.world.dates[0], len(found)) == (dt.date(2030, 11, 1), 5)
        assert any("before the scenario's start" in note for note in found.notes)

    def test_from_a_later_day_what_came_before_is_remembered_and_not_counted(self) -> None:
        found = observation_window(small(), TOLD, since=dt.date(2031, 4, 1))
        assert (found.world.dates[0], found.since, len(found)) == (dt.date(2031, 1, 6), dt.date(2031, 4, 7), 3)
        assert found.counts[found.course.step].tolist() == [False, False, True]

    def test_a_scenario_that_begins_after_the_history_is_taken_to_begin_with_it(self) -> None:
        early = history(("2029-01-02", A, B, "road", "12", -4.0), ("2029-02-06", B, A, "road", "03", 4.0))
        assert observation_window(small(), early).since == dt.date(2029, 1, 2)

    def test_without_a_whole_step_or_an_event_there_is_nothing_to_fit(self) -> None:
        with pytest.raises(FitError, match="no whole step"):
            observation_window(small(), TOLD, since=dt.date(2031, 6, 18))
        with pytest.raises(FitError, match="no event of told"):
            observation_window(small(), TOLD, since=dt.date(2031, 3, 3), until=dt.date(2031, 4, 20))


def test_pairs_between_whom_nothing_is_told_are_not_covered() -> None:
    actors = {dyads.CAMELOT: {"affinity": {A: 0.5}}}
    found = observation_window(dyads.scenario(actors=actors, moves=SMALL), TOLD)
    covered = {
        one.name for one, is_covered in zip(found.world.channels.rows, found.observes, strict=True) if is_covered
    }
    assert {name for name in covered if "camelot" in name} == set()
    assert len(covered) < len(found.world.channels)


def test_moves_of_one_step_begin_and_end_in_the_order_of_their_days() -> None:
    from tensionsim.estimation.window import state_path

    days = (("2031-01-07", "16", -8.0), ("2031-01-08", "08", 6.0), ("2031-02-03", "12", -4.0))
    rows = [(day, A, B, "road", cameo, score) for day, cameo, score in days]
    told = history(*rows, rows[-1])
    named = {"moves": ("raise_toll", "drop_toll", "scold"), "move": np.array([0, 1, 2, 2])}
    found = observation_window(small(), dataclasses.replace(told, **named), until=dt.date(2031, 2, 9))
    states = state_path(found)
    menus, mine = found.world.menus, int(found.course.channel[0])
    slots = {menus.names[menus.move[slot, mine]]: slot for slot in range(int(menus.size[mine]))}
    assert states.is_open[1, mine, slots["raise_toll"]] == 1
    assert states.is_open[1, mine, slots["drop_toll"]] == 0


def test_what_is_uncertain_stands_at_its_mean_and_the_likeliest_change_comes() -> None:
    branches = [{"chance": 0.3, "set": {"parameters.bias": 1.0}}, {"chance": 0.7, "set": {"parameters.bias": 2.0}}]
    scenario = dyads.scenario(
        moves=SMALL, parameters={"cost": {"uniform": [0.5, 1.5]}}, changes=[{"date": "2031-03-03", "one_of": branches}]
    )
    likelihood = ts.Likelihood.of(scenario, TOLD)
    settings = likelihood.states.settings
    assert settings.get("parameters.cost").tolist() == [1.0]
    assert set(settings.get("parameters.bias").tolist()) == {ENGINE["bias"].default, 2.0}
    assert "parameters.bias" not in {one.path for one in likelihood.coefficients}
    assert len(likelihood.states.window.notes) >= 2
