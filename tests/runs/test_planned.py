"""Planned runs equal the runs of each point by itself, bit for bit, and are kept and resumed as any runs."""

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.errors import StorageError
from tensionsim.model.mechanisms import MECHANISMS
from tensionsim.runs.parts import RunsManifest
from tensionsim.runs.plan import Column, Plan
from tensionsim.runs.planned import JOINT, drawn, full_range, planned
from tensionsim.runs.store import read_manifest

RHETORIC = "actors.norland.rhetoric"
NAME = "norland-suderia"
EACH = "one by one"
"""The plan that has factors at the middles of so many equal shares."""


def ends(scenario, runs, first_run=0):
    return ts.run(scenario, runs=runs, first_run=first_run, keep="index").paths.iloc[-1].to_numpy()


@pytest.fixture(scope="module")
def scenario():
    return ts.load(NAME)


def test_a_point_equals_the_scenario_with_its_values(scenario):
    found = planned(scenario, {RHETORIC: "0:1", "actors.*.insulation": {"from": 0.2, "to": 0.9}}, size=4, replicates=5)
    for (rhetoric, insulation), row in zip(found.points.to_numpy(), found.outcomes["index"], strict=True):
        there = scenario.with_values({RHETORIC: rhetoric, "actors.*.insulation": insulation})
        np.testing.assert_array_equal(row, ends(there, 5))


def test_other_uncertain_numbers_are_luck(scenario):
    loose = scenario.with_values({"actors.suderia.rhetoric": {"uniform": [0.1, 0.9]}})
    other = "actors.suderia.rhetoric"
    found = planned(loose, {RHETORIC: "0:1", other: None}, method=EACH, size=1, replicates=6)
    np.testing.assert_array_equal(found.outcomes["index"][0], ends(loose.with_values({RHETORIC: 0.5}), 6))
    there = loose.with_values({RHETORIC: {"uniform": [0, 1]}, other: 0.5})
    np.testing.assert_array_equal(found.outcomes["index"][1], ends(there, 6))


@pytest.mark.parametrize("mechanism", [one.name for one in MECHANISMS])
def test_a_switch_equals_the_mechanism_off(scenario, mechanism):
    found = planned(scenario, [f"mechanisms.{mechanism}"], method=EACH, size=2, replicates=3, events=False)
    for value, row in zip(("off", "on"), found.outcomes["index"], strict=True):
        np.testing.assert_array_equal(row, ends(scenario.with_values({f"mechanisms.{mechanism}": value}), 3))


def test_answers_are_switched_off_too(scenario):
    eager = scenario.with_values({"mechanisms.defiance.answers": 5.0, "parameters.matters": 0.3})
    found = planned(eager, ["mechanisms.defiance"], method=EACH, size=2, replicates=20, events=False)
    off, on = found.outcomes["index"]
    np.testing.assert_array_equal(off, ends(eager.with_values({"mechanisms.defiance": "off"}), 20))
    np.testing.assert_array_equal(on, ends(eager, 20))


def test_outlooks_are_worlds_of_their_own(scenario):
    found = planned(scenario, {"outlook": ["calm", "loud"], RHETORIC: "0:1"}, size=6, replicates=2)
    assert set(found.points["outlook"]) == {"calm", "loud"}
    for (name, rhetoric), row in zip(found.points.to_numpy(), found.outcomes["index"], strict=True):
        np.testing.assert_array_equal(row, ends(scenario.with_outlook(name).with_values({RHETORIC: rhetoric}), 2))


def test_jointly_drawn_numbers_are_one_factor(scenario):
    lists = {"parameters.bias": {"joint": [-0.1, 0.3, 0.2]}, "parameters.intensity": {"joint": [2.3, 1.0, 0.5]}}
    fitted = scenario.with_values(lists)
    found = planned(fitted, [JOINT], method=EACH, size=3, replicates=4)
    assert [one.name for one in planned(fitted, size=1).plan.columns] == [JOINT, *drawn(scenario)]
    assert found.points[JOINT].tolist() == [0, 1, 2]
    for place, row in enumerate(found.outcomes["index"]):
        there = fitted.with_values({path: one["joint"][place] for path, one in lists.items()})
        np.testing.assert_array_equal(row, ends(there, 4))


def test_outcomes_are_those_of_results(scenario):
    found = planned(scenario, {RHETORIC: "0:1"}, method=EACH, size=1, replicates=30)
    runs = ts.run(scenario.with_values({RHETORIC: 0.5}), runs=30)
    regimes = runs.regimes
    for name in regimes:
        assert found.outcomes[f"ends in {name}"].mean() == pytest.approx(regimes[name].iloc[-1])
        months = regimes[name].iloc[1:].sum() * runs.step_months
        assert found.outcomes[f"months in {name}"].mean() == pytest.approx(months)
    for name in runs.events.index:
        assert found.outcomes[name].mean() == pytest.approx(runs.events.loc[name, "probability"])
    np.testing.assert_allclose(found.outcomes["lowest index"][0], runs.paths.min())


def test_jobs_and_folders_change_nothing(scenario, tmp_path, monkeypatch):
    how = {"size": 40, "replicates": 30, "seed": 3}
    plain = planned(scenario, {RHETORIC: "0:1"}, **how)
    monkeypatch.setattr("tensionsim.runs.run.CHUNK_RUNS", 350)
    again = planned(scenario, {RHETORIC: "0:1"}, jobs=2, **how)
    kept = planned(scenario, {RHETORIC: "0:1"}, store=tmp_path / "runs", **how)
    for name, values in plain.outcomes.items():
        np.testing.assert_array_equal(values, again.outcomes[name])
        np.testing.assert_array_equal(values, kept.outcomes[name])
    assert read_manifest(tmp_path / "runs", RunsManifest, "runs").origin.plan == plain.plan
    with pytest.raises(StorageError, match="the plan of the points"):
        planned(scenario, {RHETORIC: "0:1"}, store=tmp_path / "runs", size=600, replicates=2, seed=3)


def test_the_luck_of_a_group_is_exchanged(scenario):
    found = planned(scenario, {RHETORIC: "0:1"}, method="spread", size=4, seed=5)
    first, other, of_rhetoric, of_luck = found.outcomes["index"].reshape(4, 4)
    shares = found.plan.shares[:, 0].reshape(4, 4)
    np.testing.assert_array_equal(shares, [shares[0], shares[1], shares[1], shares[0]])
    for place in range(4):
        for row, value, run in (
            (first, shares[0], place),
            (other, shares[1], 4 + place),
            (of_rhetoric, shares[1], place),
            (of_luck, shares[0], 4 + place),
        ):
            there = ts.run(scenario.with_values({RHETORIC: value[place]}), runs=1, first_run=run, seed=5)
            assert row[place] == there.paths.iloc[-1, 0]


@pytest.mark.parametrize("width", [1, 5])
def test_a_trajectory_changes_one_factor_a_step(width):
    columns = tuple(Column(str(number), (str(number),)) for number in range(width))
    shares = Plan("trajectories", 20, 1, 1, columns).shares.reshape(20, width + 1, width)
    assert ((shares > 0) & (shares < 1)).all()
    steps = np.diff(shares, axis=1)
    np.testing.assert_array_equal((steps != 0).sum(axis=2), 1)
    np.testing.assert_array_equal((steps != 0).sum(axis=1), 1)
    assert len(np.unique(shares[:, 0, 0])) == 4


def test_checks_have_the_luck_of_their_replicate():
    one = ts.load("trump2-petro-2025")
    found = planned(one, ["actors.washington.rhetoric"], method=EACH, size=2, replicates=3, events=False)
    for value, row in zip((0.25, 0.75), found.outcomes["index"], strict=True):
        np.testing.assert_array_equal(row, ends(one.with_values({"actors.washington.rhetoric": value}), 3))


def test_every_problem_of_factors_is_told_at_once(scenario):
    with pytest.raises(ts.ScenarioError) as told:
        planned(
            scenario, {"actors.norland.retoric": None, "mechanisms.contagon": None, "actors.suderia.rhetoric": "0:2"}
        )
    words = str(told.value)
    assert "did you mean 'actors.norland.rhetoric'" in words
    assert "did you mean 'contagion'" in words
    assert "rhetoric" in words
    with pytest.raises(ts.ScenarioError, match="leaves no number uncertain"):
        planned(scenario.without_draws())


@pytest.mark.parametrize(
    ("path", "values", "words"),
    [
        *(
            (path, None, "name its values, as in")
            for path in ("title", "outlook", "schedule", "actors", "actors.norland")
        ),
        ("actors.norland", "0.2:0.8", "takes a mapping"),
        ("parameters.drift", None, "say one, as in parameters.drift=0.2:0.8"),
        (RHETORIC, "0.5", "this is one value"),
        ("outlook", ["calm"], "this is one value"),
    ],
)
def test_what_cannot_vary_says_what_to_write(scenario, path, values, words):
    with pytest.raises(ts.ScenarioError, match=words):
        planned(scenario, {path: values, "actors.suderia.rhetoric": None}, size=2)


def test_nothing_and_what_has_no_effect_are_refused_and_paths_of_one_word_vary(scenario):
    for nothing in ({}, []):
        with pytest.raises(ts.ScenarioError, match="name what to vary"):
            planned(scenario, nothing)
    for path in ("title", "about"):
        with pytest.raises(ts.ScenarioError, match="it has no effect on runs"):
            planned(scenario, {path: ["a", "b"]}, size=4)
    found = planned(scenario, {"step": ["week", "month"]}, size=4)
    assert set(found.points["step"]) == {"week", "month"}


def test_planned_runs_saved_again_keep_their_plan(scenario, tmp_path):
    made = planned(scenario, {RHETORIC: "0:1"}, store=tmp_path / "runs", size=3)
    again = ts.open(tmp_path / "runs").save(tmp_path / "again")
    assert read_manifest(again, RunsManifest, "runs").origin.plan == made.plan


def test_ranges_are_those_documented_or_around_the_number(scenario):
    assert full_range(scenario, "parameters.technical_weight") == {"from": 0.0, "to": 1.0}
    assert full_range(scenario, "parameters.index_half_life") == {"from": 1.5, "to": 6.0}
    assert full_range(scenario, "parameters.bias") == {"from": -0.2, "to": -0.05}
    assert full_range(scenario, "parameters.drift") is None
    assert full_range(scenario, "actors.norland.affinity.suderia") == {"from": -1.0, "to": 1.0}
    found = planned(scenario, "all", size=1)
    assert {"mechanisms.inertia.fast", "mechanisms.inertia", "parameters.bias"} <= {*found.points}
    assert drawn(found.scenario).keys() >= {stream for one in found.plan.columns for stream in one.streams}


def test_a_leaders_number_is_that_of_who_is_led():
    one = ts.load("left-stays")
    path = "leaders.left-wing-successor.rhetoric"
    found = planned(one, {path: "0:1"}, method=EACH, size=2, replicates=2, events=False)
    for value, row in zip((0.25, 0.75), found.outcomes["index"], strict=True):
        np.testing.assert_array_equal(row, ends(one.with_values({path: value}), 2))


def test_quantiles_are_varied_and_correlated_numbers_are_refused(scenario):
    other, judged = "actors.suderia.rhetoric", {"quantiles": {5: 0.1, 50: 0.3, 95: 0.7}}
    found = planned(scenario, {other: judged}, method=EACH, size=5, replicates=2)
    np.testing.assert_allclose(found.points[other].iloc[2], 0.3)
    np.testing.assert_array_equal(found.outcomes["index"][2], ends(scenario.with_values({other: 0.3}), 2))
    loose = {
        RHETORIC: {"uniform": [0, 1]},
        other: judged,
        "correlations": [{"between": [RHETORIC, other], "rank": 0.5}],
    }
    correlated = scenario.with_values(loose)
    with pytest.raises(ts.ScenarioError, match="drawn together with others"):
        planned(correlated, [RHETORIC, other], size=2)
    third = planned(correlated, {"actors.norland.insulation": "0:1"}, method=EACH, size=1, replicates=4)
    np.testing.assert_array_equal(
        third.outcomes["index"][0], ends(correlated.with_values({"actors.norland.insulation": 0.5}), 4)
    )
    assert planned(correlated.with_values({"correlations": []}), [RHETORIC, other], size=2).points.shape == (2, 2)
