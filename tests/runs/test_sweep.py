"""Sweeps: the same luck at every point, outcomes that say how sure they are, and folders that outlast interruptions."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyads
import labour
import tensionsim as ts
from tensionsim.errors import ScenarioError, StorageError
from tensionsim.runs import store, sweep as sweep_storage, sweep as sweeping
from tensionsim.runs.store import locked, sealed, write_whole
from tensionsim.runs.sweep import event_columns, resume

A, B = f"actors.{dyads.AVALON}", f"actors.{dyads.BRIGADOON}"
EVENTS = {"crisis": {"cooperation": "below 35"}, "golden age": {"cooperation": "above 60"}}
TWO = {f"{A}.rhetoric": [0.1, 0.9], f"{B}.insulation": [0.2, 0.5, 1.0]}
FEW = {f"{A}.rhetoric": [0.1, 0.9]}
SOURCE = Path(ts.__file__).parents[1]


@cache
def base(**more: Any) -> ts.Scenario:
    busy = {"attention": 1.0, "rhetoric": {"uniform": [0.1, 0.9]}}
    return dyads.scenario(actors={dyads.AVALON: busy, dyads.BRIGADOON: busy}, events=EVENTS, **more)


@pytest.fixture(scope="module")
def grid() -> ts.Sweep:
    return ts.sweep(base(), TWO, runs=20, seed=3)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Content of every file of a folder, but who typed what."""
    return labour.content_of(folder, store.PROVENANCE, store.CRATE)


# Numbers


def test_a_point_is_the_ensemble_of_its_scenario(grid: ts.Sweep) -> None:
    alone = ts.run(base().with_values({f"{A}.rhetoric": 0.9, f"{B}.insulation": 0.5}), runs=20, seed=3)
    row = grid.table.loc[4]
    last = alone.paths.iloc[-1]
    assert (row["rhetoric"], row["insulation"]) == (0.9, 0.5)
    assert row["index_mean"] == pytest.approx(last.mean(), abs=1e-12)
    assert row["index_mean_se"] == pytest.approx(last.sem(), abs=1e-12)
    assert row[["index_q05", "index_median", "index_q95"]].tolist() == last.quantile([0.05, 0.5, 0.95]).tolist()
    assert row["event_golden_age"] == alone.events.loc["golden age", "probability"]
    assert row["event_golden_age_se"] == alone.events.loc["golden age", "standard_error"]
    regimes = alone.summary()["regimes"]
    assert row["regime_pragmatic"] == pytest.approx(regimes["pragmatic"]["at_end"], abs=1e-6)
    assert row["months_strained"] == pytest.approx(regimes["strained"]["mean_months"], abs=1e-6)
    assert np.array_equal(grid.index.loc[4].to_numpy(), alone.index.to_numpy())
    assert grid.index.loc[4].index.tolist() == alone.index.index.tolist()


def test_a_difference_is_taken_run_by_run(grid: ts.Sweep) -> None:
    low, high = (
        ts.run(base().with_values({f"{A}.rhetoric": value, f"{B}.insulation": 0.2}), runs=20, seed=3).paths.iloc[-1]
        for value in (0.1, 0.9)
    )
    row = grid.table.loc[3]
    assert row["difference"] == pytest.approx((high - low).mean(), abs=1e-12)
    assert row["difference_se"] == pytest.approx((high - low).sem(), abs=1e-12)
    assert grid.table.loc[0, ["difference", "difference_se"]].tolist() == [0.0, 0.0]


def test_a_factor_without_effect_changes_no_run_at_all() -> None:
    table = ts.sweep(base(), {"title": ["one", "another", "a third"]}, runs=15, seed=2).table
    assert table["difference"].tolist() == table["difference_se"].tolist() == [0.0, 0.0, 0.0]
    outcomes = table.drop(columns=["point", "title"])
    assert all(outcomes.loc[number].equals(outcomes.loc[0]) for number in (1, 2))
    assert table["index_mean_se"].iloc[0] > 0


def test_paired_differences_are_surer_than_means_apart(grid: ts.Sweep) -> None:
    table = grid.table
    apart = np.hypot(table["index_mean_se"], table.loc[0, "index_mean_se"])
    assert (table["difference_se"] < apart)[1:].all()


def test_differences_may_be_taken_from_another_point(grid: ts.Sweep) -> None:
    other = ts.sweep(base(), TWO, runs=20, seed=3, baseline=4).table
    assert other.loc[4, "difference"] == 0.0
    assert other.loc[0, "difference"] == pytest.approx(-grid.table.loc[4, "difference"], abs=1e-12)
    assert other["index_mean"].equals(grid.table["index_mean"])


def test_jobs_change_nothing(grid: ts.Sweep) -> None:
    other = ts.sweep(base(), TWO, runs=20, seed=3, jobs=2, baseline=0)
    assert other.table.equals(grid.table)
    assert other.index.equals(grid.index)


def test_another_order_of_finishing_changes_nothing(grid: ts.Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping.parallel, "executor", lambda *given, **named: labour.Backwards())
    assert ts.sweep(base(), TWO, runs=20, seed=3).table.equals(grid.table)


def test_one_run_has_no_standard_error() -> None:
    sweep = ts.sweep(base(), {f"{A}.rhetoric": [0.1, 0.9]}, runs=1)
    assert sweep.table[["index_mean_se", "difference_se"]].isna().all(axis=None)
    assert sweep.summary()["points"][1]["difference_se"] is None


def test_columns_of_events_are_names() -> None:
    assert event_columns(["a b", "a-b", "x"]) == ["event_a_b", "event_a_b_", "event_x"]


# Factors


def test_categories_and_wildcards_are_varied() -> None:
    over = {"outlook": "none,loud", "mechanisms.defiance": "off,{strength: 0.5}", "actors.*.insulation": [0.5]}
    sweep = ts.sweep("norland-suderia", over, runs=3)
    assert sweep.table[["outlook", "defiance", "insulation"]].to_numpy().tolist() == [
        ["none", "off", 0.5],
        ["none", "{strength: 0.5}", 0.5],
        ["loud", "off", 0.5],
        ["loud", "{strength: 0.5}", 0.5],
    ]
    assert sweep.table["index_mean"].nunique() == 4


def test_a_design_is_a_file_or_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "design.yaml"
    path.write_text(f"method: sobol\npoints: 4\nover:\n  {A}.rhetoric: {{from: 0, to: 1}}\n", encoding="utf-8")
    given = {"method": "sobol", "points": 4, "over": {f"{A}.rhetoric": "0:1"}}
    one, other = ts.sweep(base(), design=path, runs=3), ts.sweep(base(), design=given, runs=3)
    assert one.table.equals(other.table)
    assert one.table["rhetoric"].between(0, 1).all()
    assert ts.sweep(base(), design=one.design, runs=3).table.equals(one.table)


def test_points_are_taken_as_they_stand_from_a_table_and_by_zip(tmp_path: Path) -> None:
    over = {f"{A}.rhetoric": [0.1, 0.9], "title": ["one", "two"], "mechanisms.defiance": ["off", {"strength": 0.5}]}
    (tmp_path / "points.csv").write_text(pd.DataFrame(over).to_csv(index=False).replace("'", ""))
    zipped = ts.sweep(base(), over, method="zip", runs=3)
    assert zipped.points == [(0.1, "one", "off"), (0.9, "two", {"strength": 0.5})]
    for design in (pd.DataFrame(over, index=[7, 7]), tmp_path / "points.csv"):
        assert ts.sweep(base(), design=design, runs=3).table.equals(zipped.table)
    assert ts.sweep(base(), {f"{A}.rhetoric": "0:1"}, method="lhs", points=3, runs=1).design.size == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{A}.rhetoric,{A}.rhetoric\n1,1\n", "points.csv:1:1: the column .* stands there twice"),
        ("{A}.rhetoric\n0.5\n0.1,0.2\n", "points.csv:3:1: 2 cells, where the header has 1"),
        ("{A}.rhetoric\n0.5\n[1\n", r"points.csv:3:1: '\[1' is no value of"),
        ("{A}.rhetoric\n0.5\n1.4\n", "points.csv:3:1: '{A}.rhetoric': rhetoric 1.4 is above 1"),
        ('{A}.rhetoric\n"0.5\n', "points.csv:2:1: a quote opens in this row and is never closed; close it, or drop it"),
        ("{A}.rhetoric\n", "points.csv:1:1: there is no point below the header"),
    ],
)
def test_what_is_wrong_in_a_table_of_points_is_told_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text(text.replace("{A}", A))
    with pytest.raises(ScenarioError, match=said.replace("{A}", A)):
        ts.sweep(base(), design=tmp_path / "points.csv")


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"design": pd.DataFrame({"title": [None]})}, ScenarioError, "over: title: a value is missing"),
        ({"design": pd.DataFrame()}, ValueError, "the design has no point"),
        ({"design": pd.DataFrame({"title": []})}, ValueError, "the design has no point"),
        ({"design": pd.DataFrame([[1, 2]], columns=["a", "a"])}, ValueError, "more than one column"),
        ({"design": {"over": {"title": ["x"]}}, "method": "zip"}, ValueError, "leave out method, or write it there"),
        ({"over": {"title": []}}, ScenarioError, "title has nothing; it takes 1 or more"),
        ({"over": {"title": ["x"]}, "method": "zap"}, ScenarioError, "'zap'; it is one of grid, zip, lhs, sobol"),
        ({"over": {"title": ["x"]}, "method": "lhs"}, ScenarioError, "`points` is missing"),
        ({}, ValueError, "by `over` or by `design`, one of the two"),
        ({"over": {"title": ["x"]}, "design": {"over": {"title": ["x"]}}}, ValueError, "one of the two"),
        ({"over": {"title": ["x"]}, "runs": 0}, ValueError, "runs must be a whole number >= 1"),
        ({"over": {"title": ["x"]}, "seed": -1}, ValueError, "seed must be a whole number >= 0"),
        ({"over": {"title": ["x"]}, "baseline": 1}, ValueError, "baseline must be a point in 0..0; got 1"),
        ({"over": {"title": ["x"]}, "progress": "loud"}, ValueError, "progress must be one of"),
        ({"over": {"title": ["x"]}, "replace": True}, ValueError, "replace goes with store"),
        ({"over": {"title": ["x"]}, "remove": True}, TypeError, "has no option 'remove'"),
        ({"over": {"title": ["x"]}, "jobs": 0}, ValueError, "jobs must be a whole number >= 1"),
        ({"design": "nowhere.yaml"}, ScenarioError, "there is no such file"),
    ],
)
def test_what_cannot_be_done_is_refused(given: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        ts.sweep(base(), **given)


def test_a_bad_point_is_refused_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "_done", lambda *given: pytest.fail("a point was run"))
    with pytest.raises(ScenarioError, match="rhetoric 3 is above 1"):
        ts.sweep(base(), {f"{A}.rhetoric": [0.5, 3]}, store=tmp_path / "sweep")
    assert not (tmp_path / "sweep").exists()


# Labels


def test_a_grid_has_its_factors_as_dimensions(grid: ts.Sweep) -> None:
    found = grid.to_xarray()
    assert found["difference"].dims == ("rhetoric", "insulation")
    assert found["index"].dims == ("rhetoric", "insulation", "date", "statistic")
    row = grid.table.loc[4]
    assert float(found["index_mean"].sel(rhetoric=0.9, insulation=0.5)) == row["index_mean"]
    assert int(found["point"].sel(rhetoric=0.9, insulation=0.5)) == 4
    last = found["index"].sel(rhetoric=0.9, insulation=0.5, statistic="mean").isel(date=-1)
    assert float(last) == grid.index.loc[4]["mean"].iloc[-1]
    assert found["rhetoric"].attrs["path"] == f"{A}.rhetoric"
    assert found["difference"].attrs["long_name"].startswith("mean index at the end less")
    assert (found.attrs["seed"], found.attrs["runs"]) == (3, 20)


def test_other_designs_have_points_along_which_factors_run() -> None:
    design = {"method": "zip", "over": {f"{A}.rhetoric": [0.1, 0.9], "step": ["week", "month"]}}
    sweep = ts.sweep(base(), design=design, runs=3)
    found = sweep.to_xarray()
    assert found["index_mean"].dims == ("point",)
    assert found["rhetoric"].dims == ("point",)
    assert found["step"].values.tolist() == ["week", "month"]
    first, other = (sweep.index.loc[number].index for number in (0, 1))
    assert len(first) > len(other)
    there = found["index"].sel(point=1, statistic="mean").dropna("date")
    assert (there["date"].values == other.values).all()


def test_every_column_is_explained(grid: ts.Sweep) -> None:
    about = grid.table.attrs["about"]
    assert set(grid.table.columns) - set(about) == {"point", "rhetoric", "insulation"}
    assert about["event_golden_age_se"] == "its Monte Carlo standard error"
    assert grid.table.attrs["paths"] == {"rhetoric": f"{A}.rhetoric", "insulation": f"{B}.insulation"}


def test_runs_of_other_dates_are_not_paired() -> None:
    found = ts.sweep(base(end="2031-06-02"), {"start": ["2031-01-06", "2031-02-03"]}, runs=6, seed=3).table
    assert found["difference"].isna().tolist() == found["difference_se"].isna().tolist() == [False, True]
    found = ts.sweep(base(), {"end": ["2031-06-02", "2031-07-07"]}, runs=6, seed=3)
    assert found.table["difference"].notna().all(), "another end cuts the same histories elsewhere"
    short, long = (found.index.loc[number]["mean"] for number in (0, 1))
    assert short.tolist() == long[: len(short)].tolist()


def test_a_sweep_with_unpaired_points_is_read_back(tmp_path: Path) -> None:
    found = ts.sweep(base(end="2031-06-02"), {"step": ["week", "month"]}, runs=3, store=tmp_path / "sweep")
    assert ts.Sweep.open(tmp_path / "sweep").table.equals(found.table)
    assert ts.Sweep.open(found.save(tmp_path / "saved")).table.equals(found.table)


# Folders


def test_a_saved_sweep_is_read_back_to_the_bit(grid: ts.Sweep, tmp_path: Path) -> None:
    folder = grid.save(tmp_path / "deep" / "sweep")
    found = ts.Sweep.open(folder)
    assert found.table.equals(grid.table)
    assert found.index.equals(grid.index)
    assert found.design == grid.design
    assert found.to_xarray().identical(grid.to_xarray())
    assert bytes_of(found.save(tmp_path / "again")) == bytes_of(folder)


def test_a_saved_sweep_keeps_what_was_set_and_which_outlook(tmp_path: Path) -> None:
    scenario = ts.load("norland-suderia", outlook="loud", set={"actors.norland.rhetoric": 0.3})
    design = {"over": {"actors.suderia.rhetoric": [None, 0.5][1:]}, "set": {"actors.suderia.insulation": 0.5}}
    found = ts.Sweep.open(ts.sweep(scenario, design=design, runs=2).save(tmp_path / "sweep"))
    assert (found.scenario.outlook, dict(found.scenario.values)) == ("loud", {"actors.norland.rhetoric": 0.3})
    assert found.summary()["set"] == {"actors.norland.rhetoric": 0.3, "actors.suderia.insulation": 0.5}


def test_a_saved_sweep_takes_the_place_of_nothing_else(grid: ts.Sweep, tmp_path: Path) -> None:
    folder = grid.save(tmp_path / "sweep")
    before = bytes_of(folder)
    assert bytes_of(grid.save(folder)) == before
    (folder / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(StorageError, match=r"mine\.txt there was not written by tensionsim"):
        grid.save(folder, replace=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x").touch()
    with pytest.raises(StorageError, match="holds no tensionsim results"):
        grid.save(tmp_path / "other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "sweep"]


def test_a_saved_sweep_is_not_lost_to_another(grid: ts.Sweep, tmp_path: Path) -> None:
    folder = grid.save(tmp_path / "sweep")
    before = bytes_of(folder)
    fewer, other = ts.sweep(base(), TWO, runs=3, seed=3), ts.sweep(base(), FEW, runs=20, seed=4)
    for sweep, message in (
        (fewer, r"runs \(20 there, 3 now; one can only add\)"),
        (other, r"seed \(3 there, 4 now\); the design"),
    ):
        with pytest.raises(StorageError, match=f"another sweep; what differs: {message}.*replace=True"):
            sweep.save(folder)
        assert bytes_of(folder) == before
    assert ts.Sweep.open(other.save(folder, replace=True)).table.equals(other.table)
    (folder / "manifest.json").unlink()
    with pytest.raises(StorageError, match=r"manifest\.json is missing"):
        grid.save(folder, replace=True)


def test_a_finished_sweep_need_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    first = ts.sweep(base(), FEW, runs=3, store=tmp_path / "sweep")
    monkeypatch.setattr("filelock.FileLock.acquire", read_only)
    monkeypatch.setattr(store, "write_whole", read_only)
    assert ts.sweep(base(), FEW, runs=3, store=tmp_path / "sweep").table.equals(first.table)
    with pytest.raises(StorageError, match="Read-only file system"):
        ts.sweep(base(), FEW, runs=4, store=tmp_path / "sweep")


def test_a_damaged_table_is_noticed(grid: ts.Sweep, tmp_path: Path) -> None:
    folder = grid.save(tmp_path / "sweep")
    table = folder / "sweep.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("0.9", "0.8", 1), encoding="utf-8")
    with pytest.raises(StorageError, match=r"sweep\.csv is damaged"):
        ts.Sweep.open(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "other"}, "holds no tensionsim results"),
        ({"version": 99}, "was written by another version of tensionsim"),
        ({"points": 3}, "is damaged: points: Input should be a valid array"),
        ({"complete": False}, "is not finished; finish it with: tensionsim resume"),
    ],
)
def test_a_folder_that_cannot_be_opened_says_why(
    grid: ts.Sweep, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    folder = grid.save(tmp_path / "sweep")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["checksum"]
    (folder / "manifest.json").write_bytes(sealed(manifest | change))
    with pytest.raises(StorageError, match=said):
        ts.Sweep.open(folder)


def test_results_and_sweeps_say_how_each_is_opened(grid: ts.Sweep, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"holds a sweep; open it with ts\.Sweep\.open"):
        ts.open(grid.save(tmp_path / "sweep"))
    with pytest.raises(StorageError, match="holds no sweep"):
        ts.Sweep.open(ts.run(base(), runs=2).save(tmp_path / "results"))
    with pytest.raises(StorageError, match="no such folder"):
        ts.Sweep.open(tmp_path / "nowhere")


# Stores


def test_every_point_is_a_store_of_its_own(tmp_path: Path) -> None:
    in_memory = ts.sweep(base(), FEW, runs=20, seed=3)
    sweep = ts.sweep(base(), FEW, runs=20, seed=3, store=tmp_path / "sweep")
    assert sweep.table.equals(in_memory.table)
    assert ts.Sweep.open(tmp_path / "sweep").table.equals(in_memory.table)
    point = ts.open(tmp_path / "sweep" / "points" / "001")
    assert point.paths.iloc[-1].mean() == pytest.approx(sweep.table.loc[1, "index_mean"], abs=1e-12)
    assert dict(point.scenario.values) == {f"{A}.rhetoric": 0.9}


def test_the_same_call_finds_all_of_it_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "sweep"
    first = ts.sweep(base(), FEW, runs=4, store=folder)
    before = bytes_of(folder)
    monkeypatch.setattr("tensionsim.runs.run.parts_made", lambda *given, **named: pytest.fail("runs were made"))
    assert ts.sweep(base(), FEW, runs=4, store=folder).table.equals(first.table)
    assert bytes_of(folder) == before


def test_a_sweep_that_ended_before_its_crate_gets_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "write_crate", ends)
        with pytest.raises(KeyboardInterrupt):
            ts.sweep(base(), FEW, runs=2, store=tmp_path / "sweep")
    ts.sweep(base(), FEW, runs=2, store=tmp_path / "sweep")
    assert (tmp_path / "sweep" / store.CRATE).is_file()


def test_more_runs_are_added_to_those_there(tmp_path: Path) -> None:
    ts.sweep(base(), FEW, runs=4, store=tmp_path / "grown")
    ts.sweep(base(), FEW, runs=9, store=tmp_path / "grown")
    ts.sweep(base(), FEW, runs=9, store=tmp_path / "at once", jobs=2)
    assert bytes_of(tmp_path / "grown") == bytes_of(tmp_path / "at once")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 8}, r"what differs: seed \(7 there, 8 now\)"),
        ({"runs": 3}, r"what differs: runs \(4 there, 3 now; one can only add\)"),
        ({"over": {f"{A}.rhetoric": [0.1, 0.8]}}, "what differs: the design"),
        (
            {"design": {"over": {f"{A}.rhetoric": [0.1, 0.9]}, "set": {f"{B}.rhetoric": 0.2}}},
            "what differs: the design",
        ),
    ],
)
def test_another_sweep_is_not_mixed_in(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"over": {f"{A}.rhetoric": [0.1, 0.9]}, "runs": 4, "seed": 7, "store": tmp_path / "sweep"}
    ts.sweep(base(), **given)
    before = bytes_of(tmp_path / "sweep")
    other = {key: value for key, value in given.items() if not (key == "over" and "design" in change)} | change
    with pytest.raises(StorageError, match=said):
        ts.sweep(base(), **other)
    with pytest.raises(StorageError, match="the text of the scenario"):
        ts.sweep(base(end="2031-05-06"), **given)
    assert bytes_of(tmp_path / "sweep") == before


def test_what_is_no_sweep_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine", encoding="utf-8")
    with pytest.raises(StorageError, match="holds no tensionsim results"):
        ts.sweep(base(), FEW, runs=2, store=tmp_path)
    with pytest.raises(StorageError, match="a file stands there"):
        ts.sweep(base(), FEW, runs=2, store=tmp_path / "x")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


INTERRUPTED = """
import sys, os, signal
from tensionsim.runs import sweep as sweeping
import tensionsim as ts
done, left = sweeping._done, [int(sys.argv[2])]
def counted(*given):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    return done(*given)
sweeping._done = counted
ts.sweep("norland-suderia", {"actors.norland.rhetoric": "0.1:0.9:3"}, runs=5, seed=1, store=sys.argv[1])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
@pytest.mark.parametrize("finished", [0, 2])
def test_a_killed_sweep_goes_on_to_the_same_bytes(finished: int, tmp_path: Path) -> None:
    folder = tmp_path / "sweep"
    program = [sys.executable, "-c", INTERRUPTED, str(folder), str(finished)]
    ended = subprocess.run(program, env={**os.environ, "PYTHONPATH": str(SOURCE)}, check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    assert sweep_storage.finished_points(folder) == finished
    with pytest.raises(StorageError, match="is not finished; finish it with: tensionsim resume"):
        ts.Sweep.open(folder)
    found = resume(folder)
    over = {"actors.norland.rhetoric": "0.1:0.9:3"}
    whole = ts.sweep("norland-suderia", over, runs=5, seed=1, store=tmp_path / "whole")
    assert found.table.equals(whole.table)
    assert bytes_of(folder) == bytes_of(tmp_path / "whole")


@pytest.mark.parametrize("writes", [1, 2, 3])
def test_a_sweep_killed_in_its_first_moments_begins_again(
    writes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, over, done = tmp_path / "sweep", {"actors.norland.rhetoric": [0.1, 0.9]}, list[Path]()

    def dying(path: Path, content: bytes) -> None:
        if len(done) == writes:
            raise RuntimeError("killed")
        done.append(path)
        write_whole(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(store, "write_whole", dying)
        with pytest.raises(RuntimeError, match="killed"):
            ts.sweep("norland-suderia", over, runs=5, store=folder)
    again = ts.sweep("norland-suderia", over, runs=5, store=folder)
    assert again.table.equals(ts.sweep("norland-suderia", over, runs=5).table)


def test_a_damaged_part_of_a_point_is_made_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder, over = tmp_path / "sweep", {"actors.norland.rhetoric": [0.1, 0.9]}
    ts.sweep("norland-suderia", over, runs=5, store=folder)
    before = bytes_of(folder)
    part = next(path for path in (folder / "points" / "001" / "parts").iterdir() if path.name.startswith("paths"))
    part.write_bytes(b"nonsense")
    resume(folder)
    assert bytes_of(folder) == before
    assert len(caplog.messages) == 1
    assert "is missing or damaged; runs 0 to 4 are done again" in caplog.messages[0]


def test_a_sweep_whose_scenario_has_changed_does_not_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "avalon.yaml"
    path.write_text(base().text, encoding="utf-8")
    ts.sweep("avalon.yaml", {f"{A}.rhetoric": [0.1, 0.9]}, runs=2, store="sweep")
    path.write_text(base(end="2031-05-06").text, encoding="utf-8")
    with pytest.raises(StorageError, match="what differs: the text of the scenario"):
        resume("sweep")
    path.unlink()
    with pytest.raises(StorageError, match=r"put this right, or type its command again(.|\n)*there is no such file"):
        resume("sweep")


def test_a_saved_sweep_is_a_stored_one_whose_points_are_not_there_yet(tmp_path: Path) -> None:
    over = {"actors.norland.rhetoric": [0.1, 0.9]}
    saved = ts.sweep("norland-suderia", over, runs=3).save(tmp_path / "saved")
    assert not (saved / "points").exists()
    found = resume(saved)
    ts.sweep("norland-suderia", over, runs=3, keep="summary", store=tmp_path / "stored")
    assert bytes_of(saved) == bytes_of(tmp_path / "stored")
    assert found.save(saved) == saved


def test_a_full_disk_says_how_the_sweep_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: Any, **named: Any) -> None:
        raise OSError(28, "No space left on device")

    folder = tmp_path / "sweep"
    with monkeypatch.context() as patched:
        patched.setattr("tensionsim.runs.run.write_part", fail)
        with pytest.raises(StorageError, match="No space left") as caught:
            ts.sweep("norland-suderia", {"actors.norland.rhetoric": [0.1]}, runs=2, store=folder)
    assert str(caught.value).endswith(f"The whole sweep goes on with: tensionsim resume {folder}")
    assert resume(folder).table["rhetoric"].tolist() == [0.1]


def test_two_commands_do_not_write_one_sweep(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(StorageError, match="another command is writing to"):
        ts.sweep(base(), FEW, runs=2, store=tmp_path)
