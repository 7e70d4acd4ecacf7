"""Results: tables, summary, statistics and the folder on disk."""

from __future__ import annotations

import builtins
import datetime as dt
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import synthetic
import tensionsim
from labour import content_of
from tensionsim.errors import SelectionError, StorageError
from tensionsim.model.measures import REGIMES, regime_of
from tensionsim.model.record import join
from tensionsim.runs import statistics
from tensionsim.runs.results import Results, open_results as open
from tensionsim.runs.store import sealed


@pytest.fixture(scope="module")
def results() -> Results:
    return synthetic.results()


@pytest.fixture(scope="module")
def short() -> Results:
    return tensionsim.run("trump2-petro-2025", runs=2)


@pytest.fixture
def saved(results: Results, tmp_path: Path) -> Path:
    return results.save(tmp_path / "out")


# Tables


def test_index_holds_mean_and_quantiles_of_the_paths(results: Results) -> None:
    index, paths = results.index, results.paths
    assert list(index.columns) == ["mean", "q05", "q25", "median", "q75", "q95"]
    pd.testing.assert_series_equal(index["median"], paths.median(axis=1), check_names=False)
    pd.testing.assert_series_equal(index["q05"], paths.quantile(0.05, axis=1), check_names=False)


def test_columns_of_paths_are_the_numbers_of_the_runs() -> None:
    assert list(synthetic.results(runs=3, first_run=40).paths.columns) == [40, 41, 42]


def test_changing_the_table_of_paths_leaves_the_results_alone(results: Results) -> None:
    before = results.record.cooperation[0, 0]
    paths = results.paths
    paths.iloc[0, 0] = -1.0
    assert results.record.cooperation[0, 0] == before


def test_issues_and_indicators_have_a_column_for_each_name_and_statistic(results: Results) -> None:
    assert results.issues["dragons"]["median"].iloc[3] == np.median(results.record.issue_cooperation[3, 1])
    assert results.indicators.attrs["units"] == synthetic.INDICATORS
    assert results.indicators["dragon_eggs"]["q95"].iloc[0] > 100


def test_shares_of_the_regimes_sum_to_one(results: Results) -> None:
    assert list(results.regimes.columns) == [name for name, _ in REGIMES]
    np.testing.assert_allclose(results.regimes.sum(axis=1), 1.0)


def test_an_index_at_a_bound_belongs_to_the_better_regime() -> None:
    shares = statistics.shares_of(regime_of(np.array([[19.99, 20.0, 35.0, 50.0, 70.0]])))
    np.testing.assert_allclose(shares, 0.2)


def test_moves_are_tidy_and_sorted_by_run_and_date(results: Results) -> None:
    moves = results.moves
    assert list(moves.columns) == ["run", "date", "actor", "target", "issue", "track", "move", "goldstein", "cause"]
    assert moves.sort_values(["run", "date"], kind="stable").index.equals(moves.index)
    assert set(moves["cause"]) == {"own", "rule", "schedule", "stopped"}
    assert (moves.loc[moves["move"] == "mediate", "goldstein"] == 7.0).all()


def test_a_run_without_moves_gives_an_empty_table() -> None:
    full = synthetic.results(runs=1)
    none = {name: array[:0] for name, array in full.record.arrays.items() if name.startswith("move_")}
    empty = replace(full, record=synthetic.changed(full.record, **none))
    assert empty.moves.empty
    assert list(empty.moves.columns) == list(full.moves.columns)


def test_events_tell_probability_standard_error_first_date_and_months(results: Results) -> None:
    ever = results.record.events[:, 0].any(axis=0)
    crisis = results.events.loc["crisis"]
    assert crisis["probability"] == ever.mean()
    assert crisis["standard_error"] == pytest.approx(np.sqrt(ever.mean() * (1 - ever.mean()) / results.runs))
    assert crisis["mean_months"] == pytest.approx(results.record.events[1:, 0].sum(axis=0).mean() * 12 / 52)
    assert pd.isna(results.events.loc["golden age", "median_first_date"])


def test_the_median_first_date_counts_only_runs_in_which_the_event_occurs() -> None:
    holds = np.zeros((5, 4), bool)
    holds[1, 0] = holds[3:, 1] = holds[4, 2] = True
    dates = np.arange("2031-01-01", "2031-01-06", dtype="datetime64[D]")
    found = statistics.occurrence(holds, dates, step_months=1.0)
    assert (found.runs, found.probability, str(found.median_first_date), found.mean_months) == (
        3,
        0.75,
        "2031-01-04",
        1.0,
    )


@pytest.mark.parametrize(("lengths", "median"), [([1, 2, 9], 2.0), ([1, 9], None), ([1, 1, 9, 9], None), ([1, 3], 2.0)])
def test_an_event_that_has_not_ended_counts_as_longer_than_any(lengths: list[int], median: float | None) -> None:
    holds = np.zeros((6, len(lengths) + 1), bool)
    for run, length in enumerate(lengths):
        holds[1 : 1 + length, run] = True
    dates = np.arange("2031-01-01", "2031-01-07", dtype="datetime64[D]")
    assert statistics.occurrence(holds, dates, step_months=1.0).median_recovery_months == median


def test_what_was_set_is_said_and_kept(tmp_path: Path) -> None:
    values: dict[str, object] = {"actors.avalon.rhetoric": 0.4, "end": dt.date(2031, 6, 2)}
    results = synthetic.results(synthetic.scenario().with_values(values), runs=2)
    assert "with actors.avalon.rhetoric = 0.4, end = 2031-06-02>" in repr(results)
    assert results.summary()["set"] == {"actors.avalon.rhetoric": 0.4, "end": "2031-06-02"}
    reopened = open(results.save(tmp_path / "out"))
    assert repr(reopened) == repr(results)
    assert reopened.equals(results)


def test_a_result_tells_its_end_and_its_last_row() -> None:
    results = tensionsim.run("norland-suderia", runs=1)
    assert "2030-01-01 to 2032-01-01 (last row 2032-01-06), 1 run, seed 0" in repr(results)


def test_measures_say_whose_they_are(results: Results) -> None:
    assert "depends more" in results.measures.attrs["about"]["room"]


def test_arrangements_are_shares_of_the_runs_in_force(results: Results) -> None:
    assert results.arrangements.iloc[5, 0] == results.record.in_force[5, 0].mean()


def test_the_harsher_direction_has_the_higher_tension() -> None:
    results = synthetic.results()
    harsher = results.record.conduct.copy()
    mine = [name.startswith("avalon ->") for name in results.names.dyad_channels]
    harsher[:, mine] -= 0.2
    tension = replace(results, record=synthetic.changed(results.record, conduct=harsher)).tension_by_direction
    assert (tension["avalon -> brigadoon"]["mean"] > tension["brigadoon -> avalon"]["mean"]).all()


def test_tension_of_two_like_directions_is_a_hundred_less_the_index() -> None:
    results = synthetic.results(runs=4)
    alike = np.repeat(results.record.conduct.mean(axis=1, keepdims=True), len(results.names.dyad_channels), axis=1)
    results = replace(results, record=synthetic.changed(results.record, conduct=alike))
    mean = alike[:, 0]
    expected = 50 * (1 - np.tanh(mean / 0.15))
    np.testing.assert_allclose(results.tension_by_direction["avalon -> brigadoon"]["mean"], expected.mean(axis=1))


def test_xarray_names_every_axis_and_unit(results: Results) -> None:
    pytest.importorskip("xarray")
    dataset = results.to_xarray()
    assert dataset["conduct"].dims == ("date", "dyad_channel", "run")
    assert dataset["weights"].dims == ("date", "issue")
    assert all(variable.attrs["units"] for variable in dataset.data_vars.values())
    assert float(dataset["cooperation"].sel(run=3).isel(date=2)) == results.record.cooperation[2, 3]


def test_chunks_joined_are_the_runs_of_one_after_the_other() -> None:
    one, two = (synthetic.results(runs=3, first_run=first).record for first in (0, 3))
    whole = join([one, two])
    assert whole.cooperation.shape[-1] == 6
    assert whole.weights.shape[-1] == 1
    assert len(whole.move_run) == len(one.move_run) + len(two.move_run)


def test_weights_that_differ_between_chunks_are_kept_for_each_run() -> None:
    one, two = (synthetic.results(runs=3, first_run=first).record for first in (0, 3))
    whole = join([one, synthetic.changed(two, weights=two.weights * 2)])
    assert whole.weights.shape[-1] == 6
    assert (whole.weights[:, :, 5] == 2 * whole.weights[:, :, 0]).all()


def test_the_ledger_of_a_run_sums_to_its_index() -> None:
    results = tensionsim.run("trump2-petro-2025", runs=3, first_run=5)
    points = results.ledger(6, "2025-06-02")["points"]
    assert points.sum() == pytest.approx(results.paths.loc["2025-06-02", 6] - 50)
    assert results.ledger(6)["points"].sum() == pytest.approx(results.paths[6].iloc[-1] - 50)


def test_a_ledger_does_not_say_that_what_has_ended_is_in_force() -> None:
    results = tensionsim.run("tariff-war", runs=1, first_run=10)
    rows = results.ledger().query("what == 'relations_broken'")
    assert rows["points"].sum() < -1.0
    assert set(results.ledger().query("kind == 'arrangement'")["since"]) == {"while in force"}
    assert not results.arrangements.filter(like="relations_broken").iloc[-1].any()


@pytest.mark.parametrize(
    "date",
    [
        pd.Timestamp("2025-06-02"),
        dt.datetime(2025, 6, 2, tzinfo=dt.UTC),
        dt.date(2025, 6, 2),
        np.datetime64("2025-06-02"),
        "2025-06-02",
    ],
)
def test_a_ledger_takes_dates_of_any_type(short: Results, date: Any) -> None:
    assert short.ledger(1, date).equals(short.ledger(1, "2025-06-02"))


def test_the_largest_entries_come_first_and_the_rest_is_one_row(short: Results) -> None:
    whole, top = short.ledger(), short.ledger(top=5)
    assert top["points"].iloc[:5].abs().is_monotonic_decreasing
    assert top["points"].abs().iloc[0] == whole["points"].abs().max()
    assert top["kind"].tolist()[5:] == ["rest"]
    assert top["points"].sum() == pytest.approx(whole["points"].sum())
    assert len(short.ledger(top=len(whole))) == len(whole)


@pytest.mark.parametrize(("run", "date"), [(-1, None), (120, None), (0, "2031-01-05"), (0, "2033-01-01")])
def test_a_ledger_of_no_run_or_date_is_refused(results: Results, run: int, date: str | None) -> None:
    with pytest.raises(SelectionError, match=r"there is no run|no row is dated"):
        results.ledger(run, date)


# Summary


def test_summary_is_plain_json_with_the_promised_keys(results: Results) -> None:
    summary = json.loads(json.dumps(results.summary(), allow_nan=False))
    assert {"title", "start", "end", "runs", "seed", "dates", "index", "issues", "regimes", "events"} <= set(summary)
    assert set(summary["index"]) == {"median", "q05", "q25", "q75", "q95", "mean"}
    assert len(summary["index"]["median"]) == len(summary["dates"]) == len(results.dates)
    assert summary["regimes"]["crisis"]["from"] == 20
    assert summary["events"]["golden age"]["median_first_date"] is None


def test_the_title_names_the_outlook() -> None:
    case = synthetic.scenario(outlook="calm", outlooks={"calm": {"title": "All is calm"}})
    assert synthetic.results(case, runs=1).title == "Avalon and Brigadoon - All is calm"


def test_summary_imports_neither_pandas_nor_matplotlib() -> None:
    code = (
        "import sys; import synthetic; synthetic.results(runs=5).summary();"
        "heavy = {'pandas', 'matplotlib', 'xarray', 'pyarrow', 'mesa'} & set(sys.modules); assert not heavy, heavy"
    )
    folders = ":".join([str(Path(__file__).parents[1]), str(Path(tensionsim.__file__).parents[1])])
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": folders})


# Storage


@pytest.mark.parametrize("shared_weights", [True, False])
def test_opened_results_hold_the_same_bits(tmp_path: Path, shared_weights: bool) -> None:
    results = synthetic.results(runs=7, first_run=20, shared_weights=shared_weights)
    assert open(results.save(tmp_path / "out")).equals(results)


def test_an_opened_scenario_keeps_its_name_outlook_and_notes(tmp_path: Path) -> None:
    case = synthetic.scenario(outlook="calm", notes=("2031-02-01 snaps",), outlooks={"calm": {"title": "All is calm"}})
    reopened = open(synthetic.results(case, runs=1).save(tmp_path / "out")).scenario
    assert (reopened.name, reopened.outlook, reopened.notes) == (case.name, "calm", ("2031-02-01 snaps",))
    assert reopened.text == case.text


def test_saving_twice_gives_the_same_bytes(results: Results, tmp_path: Path) -> None:
    folders = [results.save(tmp_path / name) for name in ("one", "two")]
    contents = [content_of(folder) for folder in folders]
    assert contents[0] == contents[1]
    assert any(name.startswith("parts/") for name in contents[0])


def test_provenance_tells_scenario_seed_and_versions(saved: Path, results: Results) -> None:
    provenance = json.loads((saved / "provenance.json").read_text(encoding="utf-8"))
    assert provenance["scenario"]["text"] == results.scenario.text
    assert provenance["scenario"]["sha256"] == results.scenario.sha256
    assert provenance["seed"] == 5
    assert {"python", "numpy", "tensionsim"} <= set(provenance["versions"])


def test_tables_are_tidy_csv(saved: Path, results: Results) -> None:
    issues = pd.read_csv(saved / "issues.csv")
    assert list(issues.columns) == ["date", "issue", "mean", "q05", "q25", "median", "q75", "q95"]
    assert len(issues) == len(results.dates) * 2
    assert pd.read_csv(saved / "indicators.csv")["unit"].unique().tolist() == list(synthetic.INDICATORS.values())
    counts = pd.read_csv(saved / "move_counts.csv")
    assert counts["moves_per_run"].sum() * results.runs == pytest.approx(len(results.moves))


def test_a_scenario_without_indicators_or_events_is_saved_too(tmp_path: Path) -> None:
    results = tensionsim.run(synthetic.scenario(events={}), runs=2)
    assert results.indicators.empty
    assert results.events.empty
    folder = results.save(tmp_path / "out")
    assert (folder / "indicators.csv").read_text() == "date,indicator,unit,mean,q05,q25,median,q75,q95\n"
    assert open(folder).equals(results)


def test_tables_of_runs_are_tidy_parquet(saved: Path, results: Results) -> None:
    paths = pd.read_parquet(saved / "parts" / "paths-000000-000119.parquet")
    wide = paths.pivot(index="date", columns="run", values="cooperation")
    assert (wide.to_numpy() == results.paths.to_numpy()).all()
    moves = pd.read_parquet(saved / "parts" / "moves-000000-000119.parquet")
    assert set(results.moves.columns) <= set(moves.columns)
    assert len(moves) == len(results.moves)


@pytest.mark.parametrize(
    ("date", "message"),
    [
        ("2031-01-08", "no row is dated 2031-01-08; the nearest are 2031-01-06 and 2031-01-13; rows go from"),
        ("2030-01-01", "the nearest is 2031-01-06; rows go"),
        ("2040-01-01", "the nearest is 2032-06-28; rows go"),
        ("soon", "'soon' is not a date; write year-month-day"),
        ("NaT", "'NaT' is not a date"),
    ],
)
def test_a_date_without_a_row_is_told_its_neighbours(results: Results, date: str, message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        results.ledger(date=date)


def test_results_replace_others_only_on_request(saved: Path, results: Results) -> None:
    other = synthetic.results(runs=2)
    with pytest.raises(StorageError, match=r"what differs: runs \(120 there, 2 now; one can only add\).*replace=True"):
        other.save(saved)
    assert open(saved).equals(results)
    assert open(other.save(saved, replace=True)).runs == 2
    assert open(results.save(saved)).equals(results)
    assert [path.name for path in saved.parent.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 8}, r"seed \(8 there, 5 now\)"),
        ({"first_run": 40}, r"first run \(40 there, 0 now\)"),
        ({"code": ["agent avalon: mine.Own"]}, r"code \(agent avalon: mine\.Own there, none now\)"),
        ({"scenario_sha256": "0" * 64}, r"the text of the scenario \(compare with: tensionsim show "),
    ],
)
def test_results_of_another_origin_are_not_lost(
    saved: Path, results: Results, changes: dict[str, object], message: str
) -> None:
    path = saved / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["checksum"]
    content["origin"] |= {name: changes[name] for name in changes.keys() & content["origin"].keys()}
    if "first_run" in changes:
        content["parts"] = []
    path.write_bytes(sealed(content | {name: changes[name] for name in changes.keys() - content["origin"].keys()}))
    with pytest.raises(StorageError, match=message):
        results.save(saved)
    results.save(saved, replace=True)


@pytest.mark.parametrize("content", [None, b"", b'{"format": "tensi', b"{}"])
def test_a_folder_without_its_manifest_is_let_be(saved: Path, results: Results, content: bytes | None) -> None:
    path = saved / "manifest.json"
    path.unlink() if content is None else path.write_bytes(content)
    damaged = r"damaged, or something else's \(if tensionsim made the folder, remove it and run again\)"
    how = "missing" if content is None else damaged
    with pytest.raises(StorageError, match=rf"manifest\.json is {how}$"):
        open(saved)
    with pytest.raises(StorageError, match=rf"manifest\.json is {how}; choose another folder"):
        results.save(saved, replace=True)


@pytest.mark.parametrize("name", ["notes.txt", "manifest.json"])
def test_a_folder_of_something_else_is_left_alone(results: Results, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}", encoding="utf-8")
    for is_asked in (False, True):
        with pytest.raises(StorageError, match="holds no tensionsim results"):
            results.save(tmp_path, replace=is_asked)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_users_file_among_results_is_not_deleted(results: Results, saved: Path) -> None:
    (saved / "my-notes.txt").write_text("dear diary", encoding="utf-8")
    with pytest.raises(StorageError, match=r"my-notes\.txt there was not written by tensionsim"):
        results.save(saved)
    assert (saved / "my-notes.txt").exists()


def test_a_file_is_no_target(results: Results, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for target in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(StorageError, match="file"):
            results.save(target)


def test_the_working_folder_is_no_target(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StorageError, match="it is the folder you are in"):
        results.save(".")


def test_an_empty_folder_is_a_target(results: Results, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert open(results.save(tmp_path / "out")).equals(results)


def test_a_failure_leaves_the_older_results_and_no_litter(
    results: Results, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tensionsim.runs.results.write_tables", fail)
    with pytest.raises(KeyboardInterrupt):
        synthetic.results(runs=2).save(saved, replace=True)
    assert open(saved).equals(results)
    assert [path.name for path in saved.parent.iterdir()] == ["out"]


def test_a_full_disk_is_a_storage_error(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tensionsim.runs.results.write_tables", full)
    with pytest.raises(StorageError, match=r"cannot write .*: No space left on device"):
        results.save(tmp_path / "out")


def _damage(folder: Path, how: str) -> None:
    table = folder / "parts" / "paths-000000-000119.parquet"
    data = table
    if how == "flipped byte":
        content = bytearray(data.read_bytes())
        content[len(content) // 2] ^= 1
        data.write_bytes(bytes(content))
    elif how == "missing file":
        data.unlink()
    elif how == "broken manifest":
        (folder / "manifest.json").write_text('{"format": "tensionsim', encoding="utf-8")
    else:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        no_names: dict[str, Any] = {"names": {}}
        newer, foreign = {"version": 99}, {"format": "recipes"}
        manifest |= {"newer": newer, "foreign": foreign, "no names": no_names}[how]
        del manifest["checksum"]
        (folder / "manifest.json").write_bytes(sealed(manifest))


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("flipped byte", "is damaged: it is not what tensionsim saved"),
        ("missing file", "is missing"),
        ("broken manifest", r"manifest\.json is damaged, or something else's"),
        ("foreign", "holds no tensionsim results"),
        ("newer", "another version of tensionsim"),
        ("no names", "is damaged"),
    ],
)
def test_a_damaged_folder_is_reported(results: Results, tmp_path: Path, how: str, message: str) -> None:
    folder = results.save(tmp_path / "out")
    _damage(folder, how)
    with pytest.raises(StorageError, match=message):
        dict(open(folder).record.arrays)


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such folder"):
        open(tmp_path / "nothing")
    with builtins.open(tmp_path / "file", "w") as file:
        file.write("")
    with pytest.raises(StorageError, match="it is a file"):
        open(tmp_path / "file")


# Tables of others


def test_a_table_of_the_iamc_has_a_row_a_variable_and_a_column_a_date() -> None:
    results = tensionsim.run(tensionsim.load("norland-suderia", outlook="calm"), runs=5)
    table = results.to_iamc()
    assert table.columns[:5].tolist() == ["model", "scenario", "region", "variable", "unit"]
    assert table.columns[5:].tolist() == results.index.index.tolist()
    keyed = table.set_index(["region", "variable"])
    assert keyed.index.is_unique
    assert set(table["scenario"]) == {"norland-suderia|calm"}
    row = keyed.loc[("norland and suderia", "Cooperation Index|median")]
    assert row.iloc[4:].tolist()[-3:] == results.index["median"].tolist()[-3:]
    herring = keyed.loc[("norland and suderia", "Indicator|herring|mean")]
    assert (herring["unit"], herring.iloc[-1]) == ("thousand tonnes", results.indicators["herring", "mean"].iloc[-1])
    harsh = keyed.loc[("norland>suderia", "Tension|q95")]
    assert harsh.iloc[-1] == results.tension_by_direction["norland -> suderia", "q95"].iloc[-1]
    few = tensionsim.run("norland-suderia", runs=5, keep="index").to_iamc(region="North", model="mine")
    assert set(few["region"]) == {"North"}
    assert len(few) == 6 + 5


def test_pyam_reads_a_table_of_the_iamc() -> None:
    pyam = pytest.importorskip("pyam", reason="pyam is not installed")
    table = tensionsim.run("norland-suderia", runs=5).to_iamc()
    read = pyam.IamDataFrame(table)
    assert len(read.data) == table.iloc[:, 5:].size
    assert set(read.variable) == set(table["variable"])
