"""Points of designs: which, in which order, what is checked before anything runs; and which mechanisms runs draw."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dyads
import tensionsim as ts
from scenario.designs import design_of
from tensionsim.engine.simulation import first_numbers
from tensionsim.errors import ScenarioError
from tensionsim.rng import RandomStreams
from tensionsim.runs.plan import check, points, scenario_at, with_structures
from tensionsim.runs.run import world_of
from tensionsim.scenario.design import Design, draft, draft_of
from tensionsim.scenario.scenario import Scenario, load
from tensionsim.scenario.yaml_tree import Report

A, B = f"actors.{dyads.AVALON}", f"actors.{dyads.BRIGADOON}"


def sample(method: str, count: int, seed: int = 0, **over: Any) -> np.ndarray:
    design = design_of({"method": method, "points": count, "seed": seed, "over": over})
    return np.array(points(design), float)


def faults(base: Scenario, **given: Any) -> list[str]:
    """What is said of the points of a design."""
    report = Report()
    design = draft_of(given, report)
    assert design is not None
    return said(base, design, report)


def said(base: Scenario, design: Design, report: Report | None = None) -> list[str]:
    """What is said of a design, some of which may be noted already."""
    report = report or Report()
    check(base, design, report, None if len(report) else points(design))
    return [str(problem) for problem in report.problems()]


# Points


def test_a_grid_changes_its_last_factor_fastest() -> None:
    design = design_of({"over": {"x": [1, 2], "y": ["a", "b", "c"]}})
    assert points(design) == [(1, "a"), (1, "b"), (1, "c"), (2, "a"), (2, "b"), (2, "c")]
    assert design.size == 6


def test_a_zip_takes_values_one_by_one() -> None:
    design = design_of({"method": "zip", "over": {"x": [1, 2, 2], "y": ["a", "b", "b"]}})
    assert points(design) == [(1, "a"), (2, "b"), (2, "b")]
    assert design.size == 3


def test_a_zip_of_unequal_lengths_is_refused() -> None:
    with pytest.raises(ScenarioError, match="all factors need as many: x has 2, y has 3"):
        design_of({"method": "zip", "over": {"x": [1, 2], "y": [1, 2, 3]}})


@pytest.mark.parametrize("count", [1, 7, 40])
def test_a_latin_hypercube_has_one_point_in_every_stratum(count: int) -> None:
    found = sample("lhs", count, x="0:1", y="{uniform: [2, 6]}")
    strata = np.floor(count * np.stack([found[:, 0], (found[:, 1] - 2) / 4], axis=1)).astype(int)
    for column in strata.T:
        assert sorted(column.tolist()) == list(range(count))


def test_strata_of_another_distribution_are_of_equal_probability() -> None:
    found = sample("lhs", 10, x="{triangular: [0, 0, 1]}")
    shares = 1 - (1 - found[:, 0]) ** 2
    assert sorted(np.floor(10 * shares).astype(int).tolist()) == list(range(10))


def test_levels_of_a_sample_are_equally_likely() -> None:
    design = design_of({"method": "lhs", "points": 30, "over": {"x": ["a", "b", "c"], "y": "0:1"}})
    drawn = [point[0] for point in points(design)]
    assert {level: drawn.count(level) for level in "abc"} == {"a": 10, "b": 10, "c": 10}


def test_sobol_points_are_balanced_and_repeat() -> None:
    found = sample("sobol", 16, seed=4, x="0:1", y="0:1")
    assert np.array_equal(found, sample("sobol", 16, seed=4, x="0:1", y="0:1"))
    cells = np.floor(4 * found).astype(int)
    assert len({tuple(cell) for cell in cells.tolist()}) == 16


@pytest.mark.parametrize("method", ["lhs", "sobol"])
def test_another_seed_draws_other_points(method: str) -> None:
    one, other = (sample(method, 8, seed, x="0:1") for seed in (1, 2))
    assert not np.array_equal(one, other)
    assert np.array_equal(one, sample(method, 8, 1, x="0:1"))


@pytest.mark.parametrize("method", ["lhs", "sobol"])
def test_sampling_warns_of_nothing(method: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sample(method, 8, x="0:1", y="{normal: [0, 1]}")


def test_drawn_values_have_ten_significant_digits() -> None:
    for value in sample("lhs", 20, x="0:0.001")[:, 0].tolist():
        assert float(f"{value:.10g}") == value


# Scenarios at points


def test_a_point_is_a_scenario_with_its_values() -> None:
    design = design_of({"over": {"actors.*.rhetoric": [0.25], "end": ["2031-03-01"]}, "set": {f"{A}.attention": 0.5}})
    found = scenario_at(dyads.scenario(), design, (0.25, "2031-03-01")).file
    assert {actor.rhetoric for actor in found.actors.values()} == {0.25}
    assert (str(found.end), found.actors[dyads.AVALON].attention) == ("2031-03-01", 0.5)


def test_an_outlook_is_a_level_like_another() -> None:
    base = load("norland-suderia")
    design = design_of({"over": {"outlook": ["none", "calm"]}})
    assert [scenario_at(base, design, point).outlook for point in points(design)] == [None, "calm"]


def test_a_mechanism_is_switched_off_by_the_text_off() -> None:
    design = design_of({"over": {"mechanisms.defiance": "off, {strength: 0.25}"}})
    found = [scenario_at(load("norland-suderia"), design, point) for point in points(design)]
    assert found[0].file.mechanisms["defiance"] == "off"
    assert found[0].text != found[1].text


def test_bad_levels_are_reported_all_at_once() -> None:
    over = {f"{A}.rhetoric": "0.5:3:50", f"{B}.attention": [0.5, "much"], f"{B}.rhetoric": [-1]}
    found = faults(dyads.scenario(), over=over)
    begin = f"over: {A}.rhetoric: rhetoric 1.01020408163 is above 1; use a number in 0..1"
    assert found[0] == f"{begin} (39 of the other values too)"
    assert "attention is the text 'much'" in found[1]
    assert "rhetoric -1 is below 0" in found[2]
    assert len(found) == 3


def test_values_that_are_bad_together_alone_are_told_with_their_point() -> None:
    over = {"start": ["2031-01-06", "2035-01-01"], "end": ["2031-06-02"], f"{A}.rhetoric": [0.1, 0.2]}
    [found] = faults(dyads.scenario(), over=over)
    assert found.endswith("(point 2: start 2035-01-01, end 2031-06-02, rhetoric 0.1; and 1 more)")


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("{normal: [0.5, 0.1]}", "this reaches from -0.321 to 1.32, and rhetoric -0.3"),
        ("{beta: [2, 2]}", ""),
        ("0.2:1.3", "this reaches from 0.2 to 1.3, and rhetoric 1.3 is above 1; use a number in 0..1"),
        ("0.2:1", ""),
        ("{choice: [0.5, 1.5]}", "this reaches from 0.5 to 1.5, and rhetoric 1.5 is above 1"),
        ("0.1,0.2,0.3,0.4,1.4", "rhetoric 1.4 is above 1; use a number in 0..1"),
    ],
)
def test_what_is_drawn_is_judged_by_its_ends_whatever_the_draw(values: str, message: str, seed: int) -> None:
    found = faults(dyads.scenario(), method="lhs", points=2, seed=seed, over={f"{A}.rhetoric": values})
    assert bool(found) == bool(message)
    assert not message or found[0].startswith(f"over: {A}.rhetoric: {message}")


def test_what_is_wrong_with_what_is_set_concerns_no_point() -> None:
    found = faults(dyads.scenario(), over={f"{A}.rhetoric": [0.1, 0.2]}, set={f"{B}.rhetoric": 1.5})
    assert found == [f"set: {B}.rhetoric: rhetoric 1.5 is above 1; use a number in 0..1"]


def test_one_fault_hides_no_other() -> None:
    base = load("norland-suderia")
    over = {
        "actors.norland.retoric": [1],
        "actors.norland.rhetoric": [0.2, 1.4],
        "actors.suderia.attention": "{normal: [0.5, 0.5]}",
        "outlook": ["clam", "loud", "laud"],
        "actors.suderia.insulation": "0.1,,",
    }
    given: dict[str, Any] = {"method": "lsh", "points": -3, "seed": "x", "over": over, "set": {"nothing": 1}}
    told = "\n".join(faults(base, **given))
    for message in (
        "method: method is the text 'lsh'; it is one of grid, zip, lhs, sobol; did you mean 'lhs'?",
        "points: points -3 is below 1; use a number in 1..20000",
        "seed: seed is the text 'x'; use a whole number of 0 or more",
        "actors.norland.retoric: no such path",
        "actors.norland.rhetoric: rhetoric 1.4 is above 1",
        "actors.suderia.attention: this reaches from -3.6 to 4.6",
        "no outlook 'clam'; did you mean 'calm'? (1 of the other values too)",
        "'0.1,,' cannot be read",
        "nothing: no such path",
    ):
        assert message in told


def test_dates_that_are_good_together_are_not_judged_alone() -> None:
    later = {"start": ["2033-01-04"], "end": ["2034-01-03"]}
    assert faults(dyads.scenario(), method="zip", over=later) == []
    assert len(faults(dyads.scenario(), method="zip", over=later | {"nothing": [1]})) == 1
    assert faults(dyads.scenario(), method="zip", points=3, over=later) == [
        "points: a zip draws no points, it has as many as its values make; drop `points`"
    ]


def test_paths_that_lead_nowhere_are_reported_all_at_once() -> None:
    found = faults(dyads.scenario(), over={f"{A}.retoric": [1], "parameters.x": [1]}, set={"nothing": 1})
    assert [each.partition("no such path")[0] for each in found] == [
        "set: nothing: ",
        f"over: {A}.retoric: ",
        "over: parameters.x: ",
    ]
    assert f"did you mean '{A}.rhetoric'?" in found[1]


def test_a_place_is_varied_by_one_factor_and_not_set_besides() -> None:
    found = faults(dyads.scenario(), over={"actors.*.rhetoric": [0.1], f"{A}.rhetoric": [0.2]})
    assert f"varies '{A}.rhetoric', as 'actors.*.rhetoric' does already" in found[0]
    found = faults(dyads.scenario(), over={"actors.*.rhetoric": [0.1]}, set={f"{A}.rhetoric": 0.2})
    assert "is set to one value and varied by 'actors.*.rhetoric'; drop one of the two" in found[0]
    base = dyads.scenario().with_values({f"{A}.rhetoric": 0.2})
    assert "drop one of the two" in faults(base, over={f"{A}.rhetoric": [0.1, 0.3]})[0]


def test_what_is_set_for_all_may_be_varied_for_one() -> None:
    base = dyads.scenario().with_values({"actors.*.rhetoric": 0.2})
    design = design_of({"over": {f"{A}.rhetoric": [0.5]}})
    assert said(base, design) == []
    found = scenario_at(base, design, (0.5,)).file.actors
    assert [found[name].rhetoric for name in (dyads.AVALON, dyads.BRIGADOON)] == [0.5, 0.2]


def test_outlooks_that_there_are_not_are_refused() -> None:
    assert "no outlook 'calm'; it has none" in faults(dyads.scenario(), over={"outlook": ["calm"]})[0]
    base = load("norland-suderia")
    assert "no outlook 'clam'; did you mean 'calm'?" in faults(base, over={"outlook": ["clam"]})[0]
    found = faults(base.with_outlook("calm"), over={"outlook": ["loud", "calm"]})
    assert "the outlook is varied, and 'calm' is asked for" in found[0]
    found = faults(base, method="lhs", points=2, over={"outlook": "0:1"})
    assert found == ["over: outlook: this reaches from 0 to 1, and no outlook '0.0'; there is calm, loud"]


def test_no_outlook_is_asked_for_by_a_text() -> None:
    base = load("norland-suderia")
    assert faults(base, over={"outlook": [None, "calm"]}) == ["over: outlook: a value is missing"]
    found = faults(base, over={"outlook": [None, object(), {1}, "calm"]})
    assert ["missing" in found[0], "type object" in found[1], "type set" in found[2]] == [True] * 3


def test_a_bad_level_of_a_file_is_shown_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "design.yaml"
    base, report = dyads.scenario(), Report()
    path.write_text(f"over:\n  {A}.retoric: [1]\n  {A}.rhetoric: [0.2, 1.4]\n", encoding="utf-8")
    design = draft(path, report)
    assert design is not None
    check(base, design, report, points(design))
    lost, bad = report.problems()
    assert (lost.line, lost.column) == (2, 3)
    assert (bad.line, bad.column) == (3, f"  {A}.rhetoric: [0.2, 1.4]".index("1.4") + 1)
    assert bad.message == "'actors.avalon.rhetoric': rhetoric 1.4 is above 1; use a number in 0..1"


NAME = "norland-suderia"


def test_each_mechanism_is_on_in_its_share_of_the_runs():
    weighed = with_structures(ts.load(NAME), {"contagion": 0.3, "defiance": 0.8, "inertia": 1.0, "insulation": 0})
    settings, _ = first_numbers(world_of(weighed), RandomStreams(0, 0, 4000))
    contagion, defiance = (settings.get(f"mechanisms.{name}.scale") for name in ("contagion", "defiance"))
    assert contagion.mean() == pytest.approx(0.3, abs=0.03)
    assert defiance.mean() == pytest.approx(0.8, abs=0.03)
    assert (contagion * defiance).mean() == pytest.approx(0.24, abs=0.03)
    assert weighed.file.mechanisms["insulation"] == "off"
    assert "inertia" not in weighed.file.mechanisms


def test_a_run_equals_the_run_of_its_structure():
    runs = ts.run(NAME, runs=12, structures={"reciprocity": 0.5})
    settings, _ = first_numbers(world_of(runs.scenario), RandomStreams(0, 0, 12))
    is_on = settings.get("mechanisms.reciprocity.scale") > 0
    on, off = (ts.run(ts.load(NAME, set={"mechanisms.reciprocity": word}), runs=12).paths for word in ("on", "off"))
    assert 0 < is_on.sum() < 12
    for run in range(12):
        assert (runs.paths[run] == (on if is_on[run] else off)[run]).all()
    likeliest = ts.run(NAME, runs=3, structures={"reciprocity": 0.4}, draws=False)
    off = ts.run(ts.load(NAME, set={"mechanisms.reciprocity": "off"}), runs=3, draws=False)
    assert likeliest.paths.equals(off.paths)


def test_a_table_a_fit_and_the_shipped_weights_are_taken(tmp_path):
    path = tmp_path / "weights.csv"
    path.write_text("mechanism,weight\ncontagion,0.25\n")
    assert with_structures(ts.load(NAME), path).file.mechanisms["contagion"]["scale"].bernoulli == (0.25,)

    class Fit:
        def weights(self):
            return {"contagion": 0.125}

    assert with_structures(ts.load(NAME), Fit()).file.mechanisms["contagion"]["scale"].bernoulli == (0.125,)
    shipped = with_structures(ts.load("status-quo"), "fitted").file.mechanisms
    assert shipped["reciprocity"]["scale"].bernoulli[0] == pytest.approx(0.051, abs=0.002)
    earlier = with_structures(ts.load("trump2-petro-2025"), "fitted").file.mechanisms
    assert earlier["reciprocity"]["scale"].bernoulli[0] == pytest.approx(0.509, abs=0.002)


def test_a_mechanism_that_is_off_stays_off():
    there = ts.load(NAME, set={"mechanisms.contagion": "off"})
    assert with_structures(there, {"contagion": 0.5}).file.mechanisms["contagion"] == "off"


def test_every_problem_of_weights_is_told_at_once(tmp_path):
    with pytest.raises(ts.ScenarioError) as told:
        with_structures(ts.load(NAME), {"contagon": 0.5, "inertia": 1.5, "defiance": True})
    words = str(told.value)
    assert "did you mean 'contagion'" in words
    assert "inertia: a weight is a chance in 0..1; found '1.5'" in words
    assert "defiance" in words
    with pytest.raises(ts.ScenarioError, match="Washington"):
        with_structures(ts.load(NAME), "fitted")
    path = tmp_path / "weights.csv"
    path.write_text("mechanism,weight\ninertia,much\ndefiance\ncontagon,1\n")
    with pytest.raises(ts.ScenarioError, match=r"weights\.csv:2:1: inertia") as told:
        with_structures(ts.load(NAME), path)
    assert [one.line for one in told.value.problems] == [2, 3, 4]
    path.write_text("name,w\ninertia,1\n")
    with pytest.raises(ts.ScenarioError, match="columns mechanism and weight"):
        with_structures(ts.load(NAME), path)
    with pytest.raises(ts.ScenarioError, match=r"none\.csv"):
        with_structures(ts.load(NAME), tmp_path / "none.csv")


def test_a_fit_knows_mechanisms_that_are_on_or_off():
    with pytest.raises(ts.FitError, match=r"drop mechanisms\.inertia\.scale"):
        ts.fit(ts.load("trump2-petro-2025", set={"mechanisms.inertia": {"scale": 0.5}}), until="2025-04-30")


def test_a_slip_in_what_is_given_as_weights_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for given in (3, True, ["inertia"]):
        with pytest.raises(TypeError, match="structures are weights by mechanism, a fit, a CSV or 'fitted'; got"):
            ts.run(NAME, runs=1, structures=given)
    (tmp_path / "weights.csv").write_text("mechanism,weight\ninertia,0.5\ninertia,0.7\n")
    (tmp_path / "parted.csv").write_text("mechanism;weight\ninertia;0,5\n")
    for given, words in {
        "fited": "there is no file 'fited'; did you mean 'fitted'",
        "weight.csv": "did you mean 'weights.csv'",
        "weights.csv": r"weights\.csv:3:1: mechanism 'inertia' stands there twice",
        "parted.csv": "part cells by commas",
    }.items():
        with pytest.raises(ts.ScenarioError, match=words):
            with_structures(ts.load(NAME), given)
