"""Indices of functions with known answers, through the path that runs take; what is refused; where rankings turn."""

from __future__ import annotations

import math
import sys

import numpy as np
import pandas as pd
import pytest

import tensionsim as ts
from tensionsim.errors import SelectionError, TensionSimError
from tensionsim.futures import sensitivity as module
from tensionsim.futures.sensitivity import METHODS, analysed, components, one_at_a_time
from tensionsim.runs.plan import Column, Plan

NAME = "norland-suderia"
RHETORIC, INSULATION = "actors.norland.rhetoric", "actors.suderia.insulation"
OVER = {RHETORIC: "0:1", INSULATION: "0:1"}


def plan_of(method, size, width, replicates=1, **more):
    columns = tuple(Column(f"x{number + 1}", (f"x{number + 1}",)) for number in range(width))
    return Plan(METHODS[method][0], size, 0, replicates, columns, **more)


def of_shares(function, plan):
    """A function of the points in place of runs."""
    return np.repeat(function(plan.shares)[:, None], plan.replicates, axis=1)


def ishigami(shares):
    one, two, three = (np.pi * (2.0 * shares - 1.0)).T
    return np.sin(one) + 7.0 * np.sin(two) ** 2 + 0.1 * three**4 * np.sin(one)


def g_function(shares):
    return np.prod((np.abs(4.0 * shares - 2.0) + A) / (1.0 + A), axis=1)


A = np.array([0.0, 1.0, 4.5, 9.0])


def test_ishigamis_indices_are_the_published_ones():
    """Ishigami & Homma (1990) with a = 7, b = 0.1: analytic indices as in Saltelli et al. (2008)."""
    plan = plan_of("sobol", 4096, 3)
    table, luck, convergence = analysed(plan, of_shares(ishigami, plan), "sobol")
    np.testing.assert_allclose(table.loc[["x1", "x2", "x3"], "first"], [0.3139, 0.4424, 0.0], atol=0.01)
    np.testing.assert_allclose(table.loc[["x1", "x2", "x3"], "total"], [0.5576, 0.4424, 0.2437], atol=0.01)
    assert (table["total_low"] <= table["total"]).all()
    assert (table["total"] <= table["total_high"]).all()
    assert luck is None
    assert convergence.index.tolist() == [512, 1024, 2048, 4096]
    np.testing.assert_allclose(convergence.iloc[-1], table["total"])


def test_sobols_g_function_has_its_analytic_indices():
    shares = 1.0 / (3.0 * (1.0 + A) ** 2)
    whole = np.prod(1.0 + shares) - 1.0
    plan = plan_of("sobol", 4096, 4)
    table, _, _ = analysed(plan, of_shares(g_function, plan), "sobol")
    for place, share in enumerate(shares):
        total = share * np.prod(1.0 + np.delete(shares, place)) / whole
        assert table.loc[f"x{place + 1}", "first"] == pytest.approx(share / whole, abs=0.01)
        assert table.loc[f"x{place + 1}", "total"] == pytest.approx(total, abs=0.01)


@pytest.mark.parametrize(("method", "size"), [("sobol", 256), ("morris", 20)])
def test_a_planted_driver_among_twenty_is_found_first(method, size):
    plan = plan_of(method, size, 20, replicates=3)
    luck = np.random.default_rng(1).normal(size=(1, 3))
    noise = np.random.default_rng(2).normal(size=(len(plan.shares), 3))
    values = 5.0 * plan.shares[:, [13]] ** 2 + 0.2 * plan.shares.sum(axis=1, keepdims=True) + luck + 0.3 * noise
    assert analysed(plan, values, method)[0].index[0] == "x14"


def test_morris_tells_linear_factors_from_others():
    plan = plan_of("morris", 50, 3)
    linear = of_shares(lambda shares: 3.0 * shares[:, 0] - 2.0 * shares[:, 1], plan)
    table, _, _ = analysed(plan, linear, "morris")
    np.testing.assert_allclose(table.loc[["x1", "x2", "x3"], "mu"], [3.0, -2.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(table.loc[["x1", "x2", "x3"], "mu_star"], [3.0, 2.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(table["sigma"], 0.0, atol=1e-12)
    bent, _, _ = analysed(plan, of_shares(lambda shares: shares[:, 0] * shares[:, 1], plan), "morris")
    assert bent.loc["x1", "sigma"] > 0.1


def test_shares_of_luck_are_those_that_made_the_values():
    rng = np.random.default_rng(0)
    points, luck, both = rng.normal(size=(400, 1)), rng.normal(size=(1, 400)), rng.normal(size=(400, 400))
    table = components(1.0 * points + 2.0 * luck + 3.0 * both)
    np.testing.assert_allclose(table["share"], np.array([1.0, 4.0, 9.0]) / 14.0, atol=0.05)
    assert components(np.repeat(points, 5, axis=1)).loc["factors", "share"] == pytest.approx(1.0)


def test_luck_is_not_told_where_the_sample_does_not_vary():
    plan, values = plan_of("morris", 4, 2, replicates=2), np.zeros((12, 2))
    values[1] = 1.0
    assert analysed(plan, values, "morris")[1] is None


def test_a_ranking_turns_where_the_difference_is_nought():
    plan = plan_of("oat", 9, 2, replicates=50)
    shares = np.nan_to_num(plan.shares, nan=0.5)
    noise = 0.2 * np.random.default_rng(3).normal(size=(1, 50))
    values = (shares[:, [0]] - 0.3) + noise
    points = pd.DataFrame(plan.shares, columns=["x1", "x2"])
    table = one_at_a_time(plan, values, points, is_difference=True)
    assert table.index[0] == "x1"
    assert table.loc["x1", "turns_low"] <= 0.3 <= table.loc["x1", "turns_high"]
    assert table.loc["x1", "swing"] == pytest.approx(8 / 9)
    assert math.isnan(table.loc["x2", "turns_at"])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.full((64, 1), 3.0), "nothing moves it"),
        (np.repeat([[1.0, 2.0]], 64, axis=0), "all is luck"),
        (np.full((64, 1), np.nan), "64 of 64 outcomes are not finite"),
        (np.zeros((63, 1)), "does not match"),
        (np.zeros(64), "does not match"),
    ],
)
def test_values_that_say_nothing_are_refused(values, words):
    with pytest.raises(SelectionError, match=words):
        analysed(plan_of("sobol", 16, 2, values.shape[-1] if values.ndim > 1 else 1), values, "sobol")


def test_what_cannot_be_asked_is_refused():
    for given, words in (
        ({"over": {RHETORIC: "0:1"}}, "one factor, .*, explains"),
        ({"method": "soble"}, "no method 'soble'"),
        ({"size": 12}, "power of 2"),
        ({"size": 1, "method": "morris"}, "2 or more"),
        ({"over": {**OVER, "outlook": ["calm", "loud"]}, "method": "oat"}, "makes a world that no run can draw"),
        ({"outlooks": [NAME, "status-quo"]}, "same dates"),
        ({"outlooks": ["calm"]}, "two different outlooks"),
        ({"method": "spread"}, "leave out what to vary"),
    ):
        with pytest.raises(TensionSimError, match=words):
            ts.sensitivity(NAME, **{"over": OVER, **given})
    with pytest.raises(ts.ScenarioError, match="did you mean 'mean index'"):
        ts.sensitivity(NAME, OVER, of="meanindex")
    with pytest.raises(ts.ScenarioError, match=r"did you mean 'actors\.norland\.rhetoric'"):
        ts.sensitivity(NAME, [RHETORIC, "actors.norland.retoric"])
    with pytest.raises(SelectionError, match="nothing moves it"):
        ts.sensitivity(NAME, OVER, of="months in rupture", size=4, replicates=1)


def test_all_that_cannot_be_asked_is_told_at_once():
    with pytest.raises(ts.ScenarioError) as told:
        ts.sensitivity(NAME, {RHETORIC: "0:3"}, of="ruptre", size=3)
    words = str(told.value)
    assert all(part in words for part in ("reaches from 0 to 3", "did you mean 'ends in rupture'", "power of 2"))
    with pytest.raises(ts.ScenarioError, match=r"one factor, actors\.suderia\.stances\.water, explains"):
        ts.sensitivity(NAME)
    for slip, kind in (({"size": 4.5}, TypeError), ({"replicates": 0}, ValueError), ({"seed": -1}, ValueError)):
        with pytest.raises(kind, match=next(iter(slip))):
            ts.sensitivity(NAME, OVER, **slip)


def test_sensitivity_of_runs_tells_factors_from_luck():
    found = ts.sensitivity(NAME, OVER, size=32, replicates=4)
    assert found.table.index[0] == RHETORIC
    assert found.luck["share"].sum() == pytest.approx(1.0)
    assert found.luck.loc["luck", "share"] > found.luck.loc["factors", "share"]
    told = found.summary()
    assert told["factors"][RHETORIC]["total"] == pytest.approx(found.table.loc[RHETORIC, "total"], abs=1e-6)
    assert "96" not in repr(found)


def test_a_folder_gives_the_same_and_is_resumed(tmp_path):
    how = {"size": 8, "replicates": 2}
    plain = ts.sensitivity(NAME, OVER, **how)
    kept = ts.sensitivity(NAME, OVER, store=tmp_path / "kept", **how)
    pd.testing.assert_frame_equal(plain.table, kept.table)
    for part in (tmp_path / "kept" / "parts").iterdir():
        part.unlink()
    from tensionsim.runs.sweep import resume

    resume(tmp_path / "kept")
    again = ts.sensitivity(NAME, OVER, store=tmp_path / "kept", **how)
    pd.testing.assert_frame_equal(plain.table, again.table)


def test_two_outlooks_are_set_beside_each_other_run_by_run():
    found = ts.sensitivity(NAME, OVER, outlooks=["calm", "loud"], size=3, replicates=10)
    assert found.method == "oat"
    one, other = (run.outcomes["index"] for run in found.runs)
    cells = (one - other).reshape(2, 3, 10).mean(axis=2)
    swing = cells.max(axis=1) - cells.min(axis=1)
    np.testing.assert_allclose(found.table.loc[[RHETORIC, INSULATION], "swing"], swing)


def test_the_spread_is_of_parameters_structure_and_luck():
    found = ts.sensitivity(NAME, method="spread", structures={"reciprocity": 0.5, "disagreement": 0.5}, size=128)
    assert {*found.table.index} == {"parameters", "structure", "luck"}
    assert found.table.loc["luck", "total"] > found.table.loc["parameters", "total"]
    assert found.table.loc["structure", "total"] > 0.0


def test_numbers_fitted_together_are_told_to_be_varied_apart():
    lists = {"parameters.bias": {"joint": [-0.1, 0.3]}, "parameters.intensity": {"joint": [2.3, 1.0]}}
    fitted = ts.load(NAME, set=lists)
    found = ts.sensitivity(fitted, size=4, replicates=1)
    assert {*lists} <= {*found.table.index}
    assert "fitted together" in found.notes[0]
    together = ts.sensitivity(fitted, ["joint", RHETORIC], size=4, replicates=1)
    assert not any("fitted together" in note for note in together.notes)


def test_without_salib_its_methods_say_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib.analyze.pawn", None)
    with pytest.raises(TensionSimError, match=r"pip install 'tensionsim\[sensitivity\]'"):
        ts.sensitivity(NAME, OVER, method="pawn")


@pytest.mark.parametrize("method", ["pawn", "delta"])
def test_salibs_methods_rank_a_driver_above_a_number_without_effect(method):
    pytest.importorskip("SALib")
    plan = plan_of(method, 512, 3)
    values = of_shares(lambda shares: 4.0 * shares[:, 0] + shares[:, 1], plan)
    table, _, convergence = analysed(plan, values, method)
    assert table.index[0] == "x1"
    assert module.DUMMY in table.index
    assert table.loc["x1"].iloc[0] > 2.0 * table.loc[module.DUMMY].iloc[0]
    assert len(convergence) == 4
