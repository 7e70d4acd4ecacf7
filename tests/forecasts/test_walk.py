"""Walking through observed moves: where a world stands at an origin, and what it keeps from before."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pytest

import dyads
import pasts
import tensionsim as ts
from oracles import simulation_at
from tensionsim.engine.build import assemble
from tensionsim.engine.past import place
from tensionsim.engine.run import names_of, simulate
from tensionsim.engine.simulation import begin
from tensionsim.estimation.window import observation_window
from tensionsim.events.history import EventHistory
from tensionsim.forecasts.origins import Ahead, Grid, ahead, before, course_of, series_of, walk
from tensionsim.replication import DYAD, simulated_history
from tensionsim.rng import RandomStreams
from tensionsim.scenario.scenario import from_text

ORIGIN = dt.date(2003, 6, 2)


def dyad() -> ts.Scenario:
    return from_text(DYAD, "north-south")


def told(*rows: tuple[str, str, str, str]) -> EventHistory:
    """Moves of (date, actor, target, name) on the road between the two of `dyads`."""
    found = pasts.past(days=1, events=len(rows), issues=("road",))
    actors, moves = (dyads.AVALON, dyads.BRIGADOON), tuple(dict.fromkeys(row[3] for row in rows))
    scores = {name: float(dyads.MOVES[name]["goldstein"]) for name in moves}
    return dataclasses.replace(
        found,
        actors=actors,
        dates=np.array([row[0] for row in rows], "datetime64[D]"),
        actor=np.array([actors.index(row[1]) for row in rows]),
        target=np.array([actors.index(row[2]) for row in rows]),
        moves=moves,
        move=np.array([moves.index(row[3]) for row in rows]),
        score=np.array([scores[row[3]] for row in rows]),
        observed=(dt.date.fromisoformat(rows[0][0]), None),
    )


def runs_of(scenario: ts.Scenario, history: EventHistory, origin: dt.date, runs: int = 20, **luck: Any) -> Ahead:
    return ahead(
        scenario, before(history, origin), origin, 12, RandomStreams(luck.get("seed", 0), luck.get("first", 0), runs)
    )


class TestTheObservedWorld:
    def test_its_index_is_the_observed_index(self) -> None:
        history = pasts.past()
        scenario = ts.scenario_from_events(before(history, ORIGIN), start=ORIGIN)
        series = series_of(scenario, history, Grid(ORIGIN, "week"), dt.date(2004, 4, 5))
        table = ts.observed_index(history, scenario=scenario)
        rows = {date: row for row, date in enumerate(series.dates)}
        known = [date.date() for date in table.index if date.date() in rows]
        assert len(known) > 150
        ours = [series.index[rows[date]] for date in known]
        np.testing.assert_allclose(ours, table.loc[[str(date) for date in known], "index"], atol=1e-9)

    def test_curated_moves_and_arrangements_give_the_observed_issues(self) -> None:
        scenario, history = ts.load("us-colombia-2017"), ts.curated_history().until("2024-12-31")
        grid = Grid(scenario.file.start, "week")
        series = series_of(scenario, history, grid, grid.snapped(dt.date(2024, 12, 31)))
        table = ts.observed_index(history, scenario=scenario, until=dt.date(2024, 12, 31))
        rows = {date: row for row, date in enumerate(series.dates)}
        known = [date.date() for date in table.index if rows.get(date.date(), 0) > 100]
        ours = series.issues[[rows[date] for date in known]]
        np.testing.assert_allclose(ours, table.loc[[str(date) for date in known]].iloc[:, 1:], atol=1e-9)

    def test_its_acts_and_scores_are_those_of_the_events(self) -> None:
        history = pasts.past()
        scenario = ts.scenario_from_events(history)
        series = series_of(scenario, history, Grid(ORIGIN, "week"), dt.date(2004, 4, 12))
        there = history.until("2004-04-11")
        assert series.acts.sum() == len(there)
        assert series.score[:, 0].sum() == pytest.approx(there.score[there.actor == 0].sum() / 10.0)

    def test_states_are_those_in_which_the_likelihood_looks_at_them(self) -> None:
        world = assemble(dyad())
        history = simulated_history(dyad(), simulate(world, RandomStreams(3, 0, 1)), names_of(world))
        frame = observation_window(dyad(), history)
        step = 150
        there = simulation_at(frame, step)
        sure = dyad().without_draws()
        course = course_of(sure, history, place(history, sure.file), (world.dates[0], world.dates[-1]))
        here = begin(course.world, RandomStreams(0, 0, 1))
        walk(here, course, step)
        for name in ("net_fast", "net_slow", "acts_fast", "acts_slow", "verbal", "material", "rhetoric"):
            np.testing.assert_allclose(getattr(here.state, name), getattr(there.state, name), rtol=1e-9, atol=1e-12)


class TestTheOrigin:
    def test_every_run_begins_at_the_observed_index(self) -> None:
        history = pasts.past()
        scenario = ts.scenario_from_events(before(history, ORIGIN), start=ORIGIN)
        series = series_of(scenario, before(history, ORIGIN), Grid(ORIGIN, "week"), ORIGIN)
        found = runs_of(scenario, history, ORIGIN)
        np.testing.assert_allclose(found.record.cooperation[0], series.index[-1], atol=1e-9)
        assert found.record.cooperation[-1].std() > 0

    def test_walking_there_and_remembering_from_there_come_to_the_same(self) -> None:
        history = pasts.past()
        late = ts.scenario_from_events(before(history, ORIGIN), start=ORIGIN)
        early = late.with_values({"start": dt.date(2002, 6, 3), "end": dt.date(2003, 1, 6)})
        one, other = (runs_of(scenario, history, ORIGIN) for scenario in (late, early))
        np.testing.assert_allclose(one.record.conduct[0], other.record.conduct[0], rtol=1e-9)
        np.testing.assert_array_equal(one.record.move_id, other.record.move_id)

    def test_run_3_alone_is_run_3_of_many_whose_numbers_differ(self) -> None:
        world = assemble(dyad())
        history = simulated_history(dyad(), simulate(world, RandomStreams(3, 0, 1)), names_of(world))
        many, alone = (
            runs_of(dyad(), history, dt.date(2003, 1, 6), runs, first=first) for runs, first in ((6, 0), (1, 3))
        )
        assert len(np.unique(many.record.cooperation[-1])) > 1
        np.testing.assert_array_equal(many.record.cooperation[:, 3], alone.record.cooperation[:, 0])

    def test_a_past_that_knows_the_origin_is_refused(self) -> None:
        history = pasts.past()
        scenario = ts.scenario_from_events(history)
        with pytest.raises(ValueError, match="not before the origin"):
            ahead(scenario, history, ORIGIN, 4, RandomStreams(0, 0, 2))

    def test_an_origin_between_steps_is_refused(self) -> None:
        scenario = dyads.scenario()
        history = told(("2031-01-07", dyads.AVALON, dyads.BRIGADOON, "bow"))
        with pytest.raises(ValueError, match="between two steps"):
            runs_of(scenario, history, dt.date(2031, 2, 1))

    def test_what_is_known_at_an_origin_shares_no_memory_with_the_rest(self) -> None:
        history = pasts.past()
        known = before(history, ORIGIN)
        assert known.dates[-1] < np.datetime64(ORIGIN)
        assert not any(np.shares_memory(getattr(known, name), getattr(history, name)) for name in ("dates", "score"))

    def test_an_origin_before_all_events_is_refused(self) -> None:
        with pytest.raises(ts.TensionSimError, match="no event before 2000-01-01; its first is of 2001-01-0"):
            before(pasts.past(), dt.date(2000, 1, 1))


class TestTheScenarioBetween:
    """Its start is 2031-01-06; the origin lies eight weeks later."""

    history = told(
        ("2031-01-07", dyads.AVALON, dyads.BRIGADOON, "bow"), ("2031-02-05", dyads.BRIGADOON, dyads.AVALON, "scold")
    )
    origin = dt.date(2031, 3, 3)

    def made(self, found: Ahead, name: str) -> list[str]:
        rows = found.record.move_id == found.world.menus.names.index(name)
        return sorted({str(found.record.dates[step]) for step in found.record.move_step[rows]})

    def test_scheduled_moves_happen_after_the_origin_alone(self) -> None:
        schedule = [
            {"date": dt.date(2031, 1, 20), "actor": dyads.AVALON, "move": "raise_toll"},
            {"date": dt.date(2031, 3, 17), "actor": dyads.AVALON, "move": "raise_toll"},
        ]
        scenario = dyads.quiet(schedule=schedule)
        found = runs_of(scenario, self.history, self.origin)
        assert self.made(found, "raise_toll") == ["2031-03-17"]
        toll = [row for row, one in enumerate(found.world.instances.rows) if one.kind == "toll"]
        assert not found.record.in_force[0, toll].any()

    def test_what_observed_moves_began_is_in_force(self) -> None:
        history = told(("2031-01-07", dyads.AVALON, dyads.BRIGADOON, "raise_toll"))
        found = runs_of(dyads.scenario(), history, self.origin)
        toll = [row for row, one in enumerate(found.world.instances.rows) if one.kind == "toll"]
        assert found.record.in_force[0, toll].any(axis=0).all()

    @pytest.mark.parametrize(("date", "kinds"), [("2031-02-03", 1), ("2031-03-03", 2)])
    def test_of_a_change_before_the_origin_the_likeliest_came_and_after_it_one_is_drawn(
        self, date: str, kinds: int
    ) -> None:
        path = f"actors.{dyads.AVALON}.attention"
        branches = [{"chance": 0.4, "set": {path: 0.0}}, {"chance": 0.6, "set": {path: 1.0}}]
        change = {"date": dt.date.fromisoformat(date), "one_of": branches}
        scenario = dyads.scenario(changes=[change], parameters=dyads.SILENT | {"base_political": 20.0})
        found = runs_of(scenario, self.history, self.origin, 60)
        channel = [row for row, one in enumerate(found.world.channels.rows) if one.actor == dyads.AVALON]
        acts = np.bincount(found.record.move_run[np.isin(found.record.move_channel, channel)], minlength=60)
        assert acts.max() > 0
        assert len(np.unique(acts > 0)) == kinds

    def test_a_rule_that_was_followed_rests_as_long_as_it_says(self) -> None:
        rule = {"when": {"cooperation": "below 100"}, "move": "bow", "chance": 1.0, "cooldown": "3 months"}
        scenario = dyads.quiet(actors={dyads.AVALON: {"rules": {"courtesy": rule}}})
        lately = runs_of(scenario, told(("2031-02-18", dyads.AVALON, dyads.BRIGADOON, "bow")), self.origin)
        longer_ago = runs_of(scenario, told(("2031-01-21", dyads.AVALON, dyads.BRIGADOON, "bow")), self.origin)
        assert self.made(lately, "bow") == ["2031-05-19"]
        assert self.made(longer_ago, "bow") == ["2031-04-21"]
