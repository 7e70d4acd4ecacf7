"""From an origin on: where a world stands there, what is forecast, and that months seen and simulated are alike."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import replace
from pathlib import Path
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
from tensionsim.forecasts import baselines, origins as judging
from tensionsim.forecasts.baselines import BASELINES
from tensionsim.forecasts.origins import Ahead, Grid, Series, ahead, before, course_of, series_of, targets_of, walk
from tensionsim.model.record import Record
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


GRID = Grid(ORIGIN, "week")
HISTORY = pasts.past()


@pytest.fixture(scope="module")
def scenario() -> ts.Scenario:
    return ts.scenario_from_events(before(HISTORY, ORIGIN), start=ORIGIN)


@pytest.fixture(scope="module")
def series(scenario: ts.Scenario) -> Series:
    return series_of(scenario, HISTORY, GRID, dt.date(2004, 4, 5))


def test_a_month_sums_the_events_of_its_days(series: Series) -> None:
    found = series.observed(series.row(ORIGIN), (1, 3, 24))
    days = HISTORY.dates.astype("datetime64[D]")
    for column, horizon in enumerate((1, 3)):
        first = np.datetime64(ORIGIN) + np.timedelta64(28 * (horizon - 1), "D")
        inside = (days >= first) & (days < first + np.timedelta64(28, "D"))
        assert found[2, column] == inside.sum()
        assert found[1, column] == pytest.approx(HISTORY.score[inside].sum() / 10.0)
    assert np.isnan(found[:, 2]).all()


def test_the_past_of_the_baselines_ends_at_the_origin_in_whole_months(series: Series) -> None:
    row = series.row(ORIGIN)
    past = series.months_to(row)
    assert len(past.index) == row // 4
    assert past.index[-1] == series.index[row]
    assert past.acts[-1].sum() == series.acts[row - 3 : row + 1].sum()
    assert past.acts.sum() == series.acts[row % 4 + 1 : row + 1].sum()
    assert len(series.months_to(row, 1).index) == 13


def test_simulated_months_sum_the_acts_between_the_principals(scenario: ts.Scenario) -> None:
    found = ahead(scenario, before(HISTORY, ORIGIN), ORIGIN, 12, RandomStreams(0, 0, 5))
    values = found.values((1, 3))
    record = found.record
    for column, horizon in enumerate((1, 3)):
        assert values[0, column].tolist() == record.cooperation[4 * horizon].tolist()
        for run in range(5):
            inside = (record.move_run == run) & (record.move_step // 4 == horizon - 1)
            scores = found.world.menus.move_score[record.move_id[inside]]
            assert values[1, column, run] == pytest.approx(scores.sum())
            assert values[2, column, run] == inside.sum()


def test_with_weights_of_its_own_the_index_is_the_mean_of_the_issues(scenario: ts.Scenario) -> None:
    history = pasts.past(issues=("border", "water"))
    two = ts.scenario_from_events(before(history, ORIGIN), start=ORIGIN)
    found = ahead(two, before(history, ORIGIN), ORIGIN, 4, RandomStreams(0, 0, 5))
    assert [one.name for one in targets_of(two)] == ["index", "issue: border", "issue: water", "score", "acts"]
    assert [one.name for one in targets_of(scenario)] == ["index", "score", "acts"]
    weights = found.record.weights[0, :, 0]
    np.testing.assert_allclose(found.values((1,), weights)[0], found.values((1,))[0])
    values = found.values((1,), np.array([1.0, 0.0]))
    np.testing.assert_allclose(values[0], values[1])


@pytest.mark.parametrize("method", list(BASELINES))
def test_every_plain_forecast_has_all_targets_within_their_bounds(
    method: str, series: Series, scenario: ts.Scenario
) -> None:
    pytest.importorskip("statsmodels")
    targets = targets_of(scenario)
    past = series.months_to(series.row(ORIGIN))
    values, fallbacks = baselines.ensembles(method, past, targets, (1, 6), 40, 0)
    assert values.shape == (3, 2, 40)
    assert np.isfinite(values).all()
    assert (values[0] >= 0.0).all()
    assert (values[0] <= 100.0).all()
    assert (values[2] >= 0.0).all()
    assert fallbacks == ()


def test_vector_autoregressions_of_several_issues_weigh_them_to_the_index() -> None:
    history = pasts.past(issues=("border", "water"))
    two = ts.scenario_from_events(history, start=ORIGIN)
    series = series_of(two, history, GRID, ORIGIN)
    past = series.months_to(series.row(ORIGIN))
    values, _ = baselines.ensembles("var", past, targets_of(two), (1,), 40, 0)
    np.testing.assert_allclose(values[0], np.einsum("k,khr->hr", past.weights, values[1:3]))


class TestEvents:
    def test_an_event_happens_if_its_condition_holds_at_any_time_within_the_horizon(self, series: Series) -> None:
        flags = np.zeros((20, 1), bool)
        flags[7] = True
        found = replace(series, events=flags)
        assert found.happened(0, (1, 2, 4, 5)).tolist()[0][:3] == [0.0, 1.0, 1.0]
        assert np.isnan(found.happened(0, (1, 2, 4, 5))[0, 3])
        assert found.happened(7, (1,)).tolist() == [[0.0]]

    def test_shares_are_those_of_the_runs(self) -> None:
        past, low = before(HISTORY, ORIGIN), {"low": {"cooperation": "below 40"}}
        scenario = ts.scenario_from_events(past, start=ORIGIN).with_values({"events": low})
        found = ahead(scenario, past, ORIGIN, 9, RandomStreams(0, 0, 4))
        flags = np.zeros((9, len(found.world.rulebook.events), 4), bool)
        row = list(found.world.rulebook.events).index("low")
        flags[0, row], flags[7, row, 1], flags[1, row, 2] = True, True, True
        counted = Ahead(found.world, Record(found.record.dates, {"events": flags}, 4))
        assert counted.chances(["low"], (1, 2)).tolist() == [[0.25, 0.5]]

    def test_the_past_says_how_often_and_the_present_whether(self) -> None:
        flags = np.array([[False], [False], [True], [True], [False]])
        said = baselines.from_past(flags, 1, (1, 2, 9))
        assert said[baselines.CLIMATOLOGY].tolist() == [[0.5, 1.0, 0.5]]
        assert said[baselines.NO_CHANGE].tolist() == [[0.0, 0.0, 0.0]]

    @pytest.mark.parametrize(
        ("condition", "reason"),
        [
            ({"cooperation": "below 35"}, ""),
            ({"cooperation": "below 20", "issue": "drugs"}, ""),
            ({"arrangement": "tariffs"}, ""),
            ({"indicator": "coca", "above": 100}, "the events do not tell the indicator coca"),
            ({"all": [{"cooperation": "below 35"}, {"indicator": "coca", "above": 1}]}, "the indicator coca"),
            ({"conduct": "caracas -> bogota", "below": 0}, "which the events may not cover"),
        ],
    )
    def test_what_the_events_do_not_tell_is_not_judged(self, condition: dict[str, object], reason: str) -> None:
        of = ts.load("us-colombia-2017", set={"events": {"this": condition}})
        known, unknown = judging.judged(of, ts.curated_history())
        assert ("this" in known) == (not reason)
        assert reason in unknown.get("this", "")


def test_it_is_results_from_the_origin_on_of_which_every_table_works(tmp_path: Path) -> None:
    found = ts.forecast(events=pasts.past(), origin=str(ORIGIN), months=3, runs=20, fit=False)
    assert str(found.dates[0]) == str(ORIGIN)
    assert len(found.dates) == 13
    assert found.summary()["runs"] == 20
    assert found.scenario.title == "North and South, forecast from 2003-06-02"
    assert ts.open(found.save(tmp_path / "kept")).equals(found)


@pytest.mark.parametrize("row", [0, -1])
def test_its_ledger_adds_up_though_events_have_scores_of_their_own(row: int) -> None:
    found = ts.forecast(events=pasts.past(), origin=str(ORIGIN), months=2, runs=3, fit=False)
    ledger = found.ledger(run=2, date=found.dates[row])
    assert 50.0 + ledger["points"].sum() == pytest.approx(found.paths[2].iloc[row], abs=1e-8)


def test_a_later_event_changes_nothing_and_an_earlier_one_does() -> None:
    origin = ORIGIN
    one, after, until = (
        ts.forecast(events=events, origin=origin, months=2, runs=20)
        for events in (
            pasts.past(),
            pasts.with_event(pasts.past(), origin, weight=90.0, cameo="203"),
            pasts.with_event(pasts.past(), origin - dt.timedelta(days=1), weight=90.0),
        )
    )
    assert after.equals(one)
    assert not until.equals(one)


def test_by_default_it_begins_on_the_day_after_the_last_observed() -> None:
    found = ts.forecast(events=pasts.past(), months=1, runs=2, fit=False)
    assert str(found.dates[0]) == str(pasts.past().last + dt.timedelta(days=1))


def test_fitted_numbers_are_drawn_for_each_run() -> None:
    past = pasts.past().until("2003-06-01")
    fitted = ts.fit(ts.scenario_from_events(past), past, fix=["shapes"])
    with_draws = ts.forecast(fitted.given, pasts.past(), origin=str(ORIGIN), months=2, runs=50, fit=fitted)
    with_mode = ts.forecast(fitted.scenario(1), pasts.past(), origin=str(ORIGIN), months=2, runs=50, fit=False)
    assert not np.array_equal(with_draws.record.cooperation[-1], with_mode.record.cooperation[-1])


def test_a_fit_that_knows_what_came_is_refused() -> None:
    history = pasts.past()
    fitted = ts.fit(ts.scenario_from_events(history), history, fix=["shapes"], with_support=False)
    with pytest.raises(ts.TensionSimError, match="must not; fit with until='2003-06-01'"):
        ts.forecast(fitted.given, history, origin=str(ORIGIN), fit=fitted)


def test_an_origin_within_a_step_is_moved_to_its_beginning() -> None:
    found = ts.forecast("us-colombia-2017", origin="2024-07-04", months=1, runs=2, fit=False)
    assert found.dates[0] <= np.datetime64("2024-07-04") < found.dates[1]


def test_changes_and_moves_before_the_origin_are_no_part_of_what_is_shown() -> None:
    found = ts.forecast("us-colombia-2017", origin="2022-08-01", months=6, runs=2, fit=False)
    assert {str(one.date) for one in found.scenario.file.changes} == {"2022-08-07"}


def test_it_needs_something_to_forecast_from() -> None:
    with pytest.raises(TypeError, match="a scenario, events, or both"):
        ts.forecast()
    with pytest.raises(ts.TensionSimError, match="no event before 1999-01-01"):
        ts.forecast(events=pasts.past(), origin="1999-01-01")
    with pytest.raises(ValueError, match="months must be a whole number >= 1; got 0"):
        ts.forecast(events=pasts.past(), months=0)
