"""Mechanisms weighed: which are on is drawn by run, by weights whose source is told."""

import pytest

import tensionsim as ts
from tensionsim.engine.simulation import first_numbers
from tensionsim.rng import RandomStreams
from tensionsim.runs.run import world_of
from tensionsim.runs.structures import with_structures

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
