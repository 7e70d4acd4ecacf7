"""Outlooks compared: tables against independent reckoning, what a comparison must show, and what it refuses."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import synthetic
import tensionsim as ts
from tensionsim.analysis import compare as comparisons
from tensionsim.errors import ScenarioError, SelectionError, StorageError
from tensionsim.model.measures import regime_of
from tensionsim.runs.results import Results
from tensionsim.runs.store import sealed

LATE = "2031-12-08"
RUNS = 80


def of(results: Mapping[str, Results], **more: Any) -> ts.Comparison:
    """The comparison of results by name."""
    return ts.compare(*results.values(), names=list(results), **more)


def shifted(results: Results, points: float, *, seed: int = 9) -> Results:
    """Results whose index is higher by about so many points, the more the later, each run by its own amount."""
    record = results.record
    share = np.linspace(0.0, 1.0, len(record.dates))[:, None]
    own = np.random.default_rng(seed).normal(points, 2.0, results.runs)
    index = np.clip(record.cooperation + share * own, 0.0, 100.0)
    issues = np.clip(record.issue_cooperation + (share * own)[:, None], 0.0, 100.0)
    events = np.stack([index < 35.0, index > 95.0], axis=1)
    return replace(
        results, record=synthetic.changed(record, cooperation=index, issue_cooperation=issues, events=events)
    )


@pytest.fixture(scope="module")
def base() -> Results:
    results = synthetic.results(runs=RUNS)
    return shifted(results, 0.0, seed=1)


@pytest.fixture(scope="module")
def found(base: Results) -> ts.Comparison:
    return of({"base": base, "up": shifted(base, 6.0), "down": shifted(base, -9.0, seed=3)})


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Results]:
    """A scenario and its outlook in which everybody grows loud in the last month."""
    path = tmp_path_factory.mktemp("late") / "norland.yaml"
    set_loud = "{actors.norland.rhetoric: 1.0, actors.suderia.rhetoric: 1.0, actors.norland.insulation: 0.0}"
    lines = ["tensionsim: 1", "extends: norland-suderia.yaml", "title: Late", "outlooks:", "  late:", "    changes:"]
    path.write_text("\n".join([*lines, f"      - {{date: {LATE}, set: {set_loud}}}"]), encoding="utf-8")
    scenario = ts.load(path)
    return {"base": ts.run(scenario, runs=40), "late": ts.run(scenario.with_outlook("late"), runs=40)}


# What it must show


def test_a_scenario_and_itself_differ_by_exactly_nothing_in_every_run() -> None:
    one, other = (ts.run("norland-suderia", runs=25, seed=3) for _ in range(2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ts.compare(one, other, names=["one", "other"])
        assert not found.paired("other").any()
        for name in ("mean", "low", "high", "band_low", "band_high", "q05", "q95"):
            assert (found.difference["other"][name] == 0.0).all()
        assert (found.issues.to_numpy() == 0.0).all()
        assert found.ends_above.loc[("other", "one")].tolist() == [0.0, 1.0, 0.0]
        assert (found.events["other"][["ever_difference", "ever_difference_error"]].to_numpy() == 0.0).all()
        assert found.parting.drop(columns="differing_runs").isna().all(axis=None)
        assert found.pairing["variance_ratio"].isna().all()
        assert "the same as one in every run" in found.headline("other")
        json.dumps(found.summary(), allow_nan=False)


def test_an_outlook_of_the_last_month_differs_nowhere_before(late: dict[str, Results]) -> None:
    found = ts.compare(*late.values(), names=["base", "late"])
    before = found.dates < np.datetime64(LATE)
    assert before.sum() > 90
    assert not found.paired("late")[before].any()
    assert found.paired("late")[~before].any()
    assert found.parting.loc["late", "first_difference"] > pd.Timestamp(LATE)
    assert (found.difference["late"].to_numpy()[before] == 0.0).all()


def test_known_shifts_are_found(found: ts.Comparison) -> None:
    at_end = found.difference.iloc[-1]
    assert at_end["up"]["low"] < 6.0 < at_end["up"]["high"]
    assert at_end["down"]["low"] < -9.0 < at_end["down"]["high"]
    assert found.parting["apart_to_end"].notna().all()


# Tables against independent reckoning


def test_index_is_that_of_each_outlook(found: ts.Comparison, base: Results) -> None:
    pd.testing.assert_frame_equal(found.index["base"], base.index)


def test_differences_are_taken_in_each_run(found: ts.Comparison) -> None:
    paired = found.results["up"].paths - found.results["base"].paths
    assert (found.paired("up") == paired.to_numpy()).all()
    table = found.difference["up"]
    np.testing.assert_allclose(table["mean"], paired.mean(axis=1))
    np.testing.assert_allclose(table["q95"], paired.quantile(0.95, axis=1))
    np.testing.assert_allclose(table["high"] - table["mean"], 1.990450 * paired.sem(axis=1), rtol=1e-6)


def test_issues_are_compared_by_name_whatever_their_order(base: Results) -> None:
    turned = replace(
        base,
        names=replace(base.names, issues=base.names.issues[::-1]),
        record=synthetic.changed(base.record, issue_cooperation=base.record.issue_cooperation[:, ::-1]),
    )
    found = of({"base": base, "turned": turned})
    assert (found.issues.to_numpy() == 0.0).all()
    assert found.issues.columns.get_level_values("issue").unique().tolist() == list(base.names.issues)


def test_regimes_and_events_are_shares_of_the_runs(found: ts.Comparison) -> None:
    here, there = (regime_of(found.index_of(name)) for name in ("down", "base"))
    row = found.regimes.loc["crisis"]
    assert row["down"]["at_end"] == pytest.approx((here[-1] == 1).mean())
    assert row["down"]["ever_difference"] == pytest.approx((here == 1).any(axis=0).mean() - row["base"]["ever"])
    assert row["down"]["only_here"] == ((here == 1).any(axis=0) & ~(there == 1).any(axis=0)).sum()
    assert found.regimes.xs("at_end", axis=1, level="statistic").sum().tolist() == pytest.approx([1.0, 1.0, 1.0])
    low = (found.index_of("down") < 35).any(axis=0).astype(float) - (found.index_of("base") < 35).any(axis=0)
    event = found.events.loc["crisis"]["down"]
    assert event["ever_difference"] == pytest.approx(low.mean())
    assert event["ever_difference_error"] == pytest.approx(low.std() / np.sqrt(RUNS))


def test_ends_above_sets_ties_apart(base: Results) -> None:
    index = base.record.cooperation.copy()
    index[-1, :10] += 1.0
    index[-1, 10:13] -= 1.0
    found = of({"base": base, "other": replace(base, record=synthetic.changed(base.record, cooperation=index))})
    table = found.ends_above * RUNS
    assert table.loc[("other", "base")].round().tolist() == [10, RUNS - 13, 3]
    assert table.loc[("base", "other")].round().tolist() == [3, RUNS - 13, 10]


def test_recovery_tells_share_and_months_until_the_first_spell_ends(base: Results) -> None:
    rows = len(base.dates)
    holds = np.zeros((rows, 2, RUNS), bool)
    holds[5:9, 0, :30] = True  # ends after four steps
    holds[5:, 0, 30:40] = True  # never ends
    longer = holds.copy()
    longer[5:, 0, 20:30] = True
    found = of(
        {
            "base": replace(base, record=synthetic.changed(base.record, events=holds)),
            "longer": replace(base, record=synthetic.changed(base.record, events=longer)),
        }
    )
    table = found.recovery.loc["crisis"]
    assert table.loc["base", ["runs", "share_ended"]].tolist() == [40, 0.75]
    assert table.loc["base", "median_months"] == pytest.approx(4 * 12 / 52)
    assert table.loc["longer", ["runs", "share_ended", "both"]].tolist() == [40, 0.5, 40]
    assert table.loc["longer", "ended_difference"] == pytest.approx(-0.25)
    assert table.loc["longer", "ended_difference_error"] == pytest.approx(np.sqrt(0.25 * 0.75 / 40))
    assert found.recovery.loc[("golden age", "base"), "runs"] == 0


def test_pairing_tells_the_variances(found: ts.Comparison) -> None:
    row = found.pairing.loc[("up", "index at the end")]
    up, base = found.index_of("up")[-1], found.index_of("base")[-1]
    ratio = (up.var(ddof=1) + base.var(ddof=1)) / (up - base).var(ddof=1)
    assert row["variance_ratio"] == pytest.approx(ratio)
    assert row["equivalent_runs"] == pytest.approx(RUNS * ratio)


def test_the_overview_repeats_the_other_tables(found: ts.Comparison) -> None:
    table = found.table()
    assert table.index.tolist() == ["base", "up", "down"]
    assert table.loc["up", "difference"] == found.difference["up"]["mean"].iloc[-1]
    assert table.loc["up", "ends_above"] == found.ends_above.loc[("up", "base"), "above"]
    assert table.loc["up", "variance_ratio"] == found.pairing.loc[("up", "index at the end"), "variance_ratio"]
    assert table.loc["base"].isna().sum() == 12


def test_changing_the_baseline_turns_differences_round(found: ts.Comparison) -> None:
    turned = of(found.results, baseline="up")
    assert turned.names == ("base", "down")
    assert (turned.paired("base") == -found.paired("up")).all()
    assert turned.regimes.loc["crisis"]["base"]["only_here"] == found.regimes.loc["crisis"]["up"]["only_baseline"]


def test_an_event_that_one_outlook_does_not_count_has_no_number_there(base: Results) -> None:
    fewer = replace(
        base,
        names=replace(base.names, events=("crisis",)),
        record=synthetic.changed(base.record, events=base.record.events[:, :1]),
    )
    found = of({"base": fewer, "more": base})
    row = found.events.loc["golden age"]
    assert row["base"].isna().all()
    assert row["more"].drop(["at_end", "ever", "ever_error", "mean_months"]).isna().all()
    assert ("golden age", "base") not in found.recovery.index
    json.dumps(found.summary(), allow_nan=False)


def test_one_run_has_no_interval(base: Results) -> None:
    found = of({name: synthetic.results(runs=1) for name in ("one", "other")})
    assert found.difference["other"][["low", "band_high"]].isna().all(axis=None)
    single = of({"base": shifted(synthetic.results(runs=1), 0.0), "up": shifted(synthetic.results(runs=1), 9.0)})
    assert "in the one run" in single.headline("up")
    assert "1 run cannot tell the means apart" in single.headline("up")


def test_the_headline_has_the_numbers_of_the_tables(found: ts.Comparison) -> None:
    end, words = found.difference["down"].iloc[-1], found.headline("down")
    assert f"{-end['mean']:.1f} points below base" in words
    assert f"95 % interval {-end['high']:.1f} to {-end['low']:.1f}" in words
    assert f"{found.parting.loc['down', 'apart_to_end']:%Y-%m-%d}" in words


def test_a_difference_within_luck_is_called_so(base: Results) -> None:
    noise = shifted(base, 0.0, seed=77)
    found = of({"base": base, "noise": noise})
    low, high = found.difference["noise"][["low", "high"]].iloc[-1]
    assert low < 0 < high
    assert "which luck alone may explain" in found.headline("noise")


def test_asking_for_what_is_not_there_names_what_is(found: ts.Comparison) -> None:
    with pytest.raises(SelectionError, match="outlook must be one of base, up, down; got 'left'"):
        found.paired("left")
    with pytest.raises(SelectionError, match="issue must be one of fishing, dragons; got 'trade'"):
        found.issue_of("up", "trade")
    with pytest.raises(SelectionError, match="event must be one of crisis, golden age; got 'war'"):
        found.event_of("up", "war")


def test_a_comparison_says_what_it_is(found: ts.Comparison) -> None:
    assert repr(found) == "<Comparison of 'up', 'down' with 'base', 2031-01-06 to 2032-06-28, 80 runs, seed 5>"


# What is refused, all at once


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"end": "2031-06-02"}, "dates differ: 2031-01-06 to 2032-07-05 in base; 2031-01-06 to 2031-06-02 in other"),
        ({"step": "month"}, "steps differ: week in base; month in other"),
        ({"issues": 3}, "issues differ: fishing, dragons in base; fishing, dragons, water in other"),
        (
            {"principals": ["avalon", "camelot"]},
            "principals differ: avalon, brigadoon in base; avalon, camelot in other",
        ),
    ],
)
def test_scenarios_that_do_not_match_are_refused_before_they_are_run(
    other: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tensionsim.runs.run.run", lambda *_, **__: pytest.fail("it was run"))
    pair = [synthetic.scenario(), synthetic.scenario(**other)]
    with pytest.raises(SelectionError) as refused:
        ts.compare(*pair, names=["base", "other"])
    assert words in str(refused.value)


def test_everything_that_stands_against_it_is_said_at_once(base: Results) -> None:
    other = replace(synthetic.results(synthetic.scenario(issues=3, end="2031-06-02"), runs=20, first_run=7), seed=6)
    with pytest.raises(SelectionError) as refused:
        of({"base": base, "other": other})
    words = str(refused.value)
    assert [
        word for word in ("issues differ", "seeds differ", "dates differ", "runs differ") if word not in words
    ] == []
    assert "common ones, 7 to 26" in words
    assert "common ones, 2031-01-06 to 2031-05-26" in words


def test_the_overlap_is_compared_where_it_is_asked_for(base: Results) -> None:
    short = synthetic.results(synthetic.scenario(end="2031-06-02"), runs=20, first_run=7)
    found = of({"base": base, "short": short}, overlap=True)
    assert (found.runs, str(found.dates[-1])) == (range(7, 27), "2031-05-26")
    expected = short.record.cooperation - base.record.cooperation[: len(found.dates), 7:27]
    assert (found.paired("short") == expected).all()
    assert found.notes == (
        "only the common dates are compared, 2031-01-06 to 2031-05-26",
        "only the common runs are compared, 7 to 26",
    )


def test_there_is_no_overlap_of_other_years_or_other_runs(base: Results) -> None:
    with pytest.raises(SelectionError, match="rows fall on the same days"):
        of({"base": base, "old": ts.run("norland-suderia", runs=2)}, overlap=True)
    with pytest.raises(SelectionError, match="no run in common: 0 to 79 in base; 90 to 94 in later"):
        of({"base": base, "later": synthetic.results(runs=5, first_run=90)}, overlap=True)


def test_events_of_one_name_and_two_meanings_are_noted() -> None:
    pair = [synthetic.scenario(), synthetic.scenario(events={"crisis": {"cooperation": "below 30"}})]
    results = [synthetic.results(scenario, runs=8) for scenario in pair]
    (note,) = of(dict(zip("ab", results, strict=True))).notes
    assert "event 'crisis' has not the same condition" in note


@pytest.mark.parametrize(
    ("arguments", "more", "words"),
    [
        ((), {}, "two outlooks or more; none was given"),
        (("managed",), {}, "there is only managed, without outlooks of its own"),
        (("managed", "managed"), {}, "'managed' is the name of more than one outlook"),
        (("managed", "rhetoric"), {"names": ["one"]}, "there are 2 outlooks and 1 names"),
        (("managed", "rhetoric"), {"baseline": "statusquo"}, "statusquo: there is no such file"),
    ],
)
def test_outlooks_that_cannot_be_told_apart_are_refused(arguments: Any, more: Any, words: str) -> None:
    with pytest.raises((SelectionError, ScenarioError), match=words):
        ts.compare(*arguments, **more)


def test_rows_on_other_days_are_told_with_a_start_that_makes_them_meet() -> None:
    one, other = synthetic.scenario(), synthetic.scenario(start="2031-01-07")
    with pytest.raises(SelectionError) as refused:
        ts.compare(one, other, names=["one", "other"], runs=3)
    said = str(refused.value)
    assert "fewer than two dates in common: 2031-01-06 to 2032-07-05 in one; 2031-01-07 to 2032-07-06 in other" in said
    assert "whose rows fall on the same days (--set start=DATE)" in said
    assert "overlap" not in said
    ts.compare(one.with_values({"start": "2031-01-07"}), other, names=["one", "other"], runs=3, overlap=True)


def test_all_that_stands_against_a_comparison_is_told_at_once() -> None:
    daily, weekly = synthetic.scenario(step="day", end="2031-04-01"), synthetic.scenario(end="2031-05-01")
    with pytest.raises(SelectionError) as refused:
        ts.compare(daily, weekly, synthetic.results(weekly, runs=4), names=list("abc"), runs=3, seed=9)
    said = str(refused.value)
    for reason in ("c holds 4 runs, not 3", "c was run with seed 5, not 9", "steps differ: day in a; week in b and c"):
        assert reason in said
    assert "dates differ" not in said, "which other steps make by themselves"


def test_all_files_that_cannot_be_read_are_named() -> None:
    with pytest.raises(SelectionError, match=r"(?s)managd: there is no such file.*rhetorc: there is no such file"):
        ts.compare("managd", "rhetorc")
    with pytest.raises(SelectionError, match=r"(?s)managd: there is no such file.*holds no tensionsim results"):
        ts.compare("managd", Path(__file__).parent)


@pytest.mark.parametrize("given", [3, None, ["managed"]])
def test_an_outlook_of_another_type_is_a_type_error(given: Any) -> None:
    with pytest.raises(TypeError, match="an outlook is a Scenario, Results, a path or a name"):
        ts.compare("managed", given)


# Taking outlooks in any form


def test_a_single_scenario_stands_for_itself_and_its_outlooks() -> None:
    found = ts.compare("norland-suderia", runs=6, baseline="calm")
    assert list(found.results) == ["norland-suderia", "calm", "loud"]
    assert found.names == ("norland-suderia", "loud")


def test_results_folders_and_scenarios_are_compared_with_one_another(tmp_path: Path) -> None:
    scenario = ts.load("norland-suderia")
    folder = ts.run(scenario.with_outlook("calm"), runs=6, seed=4, first_run=2).save(tmp_path / "saved")
    found = ts.compare(folder, scenario.with_outlook("loud"), baseline=scenario)
    assert (found.baseline, found.names, found.runs, found.seed) == (
        "norland-suderia",
        ("saved", "loud"),
        range(2, 8),
        4,
    )
    again = ts.run(scenario.with_outlook("loud"), runs=6, seed=4, first_run=2)
    assert found.results["loud"].equals(again)


def test_a_baseline_is_found_by_its_path_or_as_the_same_object(tmp_path: Path) -> None:
    folder = ts.run("norland-suderia", runs=6).save(tmp_path / "one")
    other = ts.run("norland-suderia", runs=6)
    assert ts.compare(other, str(folder), baseline=str(folder)).baseline == "one"
    assert ts.compare(folder, other, baseline=other).baseline == "norland-suderia"


@pytest.mark.parametrize(
    ("other", "told"),
    [({"tensionsim": "0.0.9"}, r"0\.0\.9 \(code "), ({"fingerprint": "feed" * 16}, r".* \(code feedfeed\)")],
)
def test_results_of_other_code_are_refused(other: dict[str, str], told: str, tmp_path: Path) -> None:
    folder = ts.run("norland-suderia", runs=6).save(tmp_path / "old")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["checksum"]
    manifest["origin"] |= other
    (folder / "manifest.json").write_bytes(sealed(manifest))
    with pytest.raises(SelectionError, match=f"made by different versions: {told}.* in old"):
        ts.compare(folder, "norland-suderia")


def test_numbers_that_saved_results_do_not_have_are_refused(base: Results) -> None:
    with pytest.raises(SelectionError, match="base holds 80 runs, not 20; leave the number out") as refused:
        ts.compare(base, base, names=["base", "same"], runs=20, seed=6)
    assert "base was run with seed 5, not 6" in str(refused.value)


# In a folder


def test_a_saved_comparison_holds_every_table_and_repeats_to_the_byte(found: ts.Comparison, tmp_path: Path) -> None:
    one, other = (found.save(tmp_path / name, command="tensionsim compare") for name in ("one", "other"))
    files = sorted(path.name for path in one.iterdir())
    assert {f"{name}.csv" for name in (*comparisons.TABLES, "outlooks")} <= set(files)
    assert all((one / name).read_bytes() == (other / name).read_bytes() for name in files)
    assert json.loads((one / "summary.json").read_text(encoding="utf-8")) == json.loads(json.dumps(found.summary()))
    provenance = json.loads((one / "provenance.json").read_text(encoding="utf-8"))
    assert (provenance["baseline"], provenance["command"]) == ("base", "tensionsim compare")
    assert provenance["outlooks"]["up"]["scenario"]["text"] == found.results["up"].scenario.text


def test_a_saved_table_is_the_table(found: ts.Comparison, tmp_path: Path) -> None:
    folder = found.save(tmp_path / "out")
    table = pd.read_csv(folder / "difference.csv").set_index(["date", "outlook"])
    last = str(found.dates[-1])
    np.testing.assert_allclose(table.loc[(last, "up")], found.difference.iloc[-1]["up"], rtol=1e-9)
    events = pd.read_csv(folder / "events.csv").set_index(["event", "outlook"])
    assert events.loc[("crisis", "down"), "ever"] == pytest.approx(found.events.loc["crisis"]["down"]["ever"])


def test_a_comparison_replaces_a_comparison_and_nothing_else(
    found: ts.Comparison, base: Results, tmp_path: Path
) -> None:
    folder = found.save(found.save(tmp_path / "out"))
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StorageError, match=r"notes\.txt there was not written by tensionsim"):
        found.save(folder)
    results = base.save(tmp_path / "results")
    with pytest.raises(StorageError, match="it holds results of one scenario; choose another folder"):
        found.save(results)
    with pytest.raises(StorageError, match="it holds a comparison; choose another folder"):
        base.save(folder)
    assert (folder / "notes.txt").exists()
    assert ts.open(results).equals(base)


def test_a_comparison_that_fails_to_be_written_leaves_nothing(found: ts.Comparison, tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="No space left on device"):
        found.save(tmp_path / "out", attach=fail)
    assert list(tmp_path.iterdir()) == []


def test_a_comparison_as_labelled_arrays_is_what_its_tables_say() -> None:
    found = ts.compare("norland-suderia", runs=6)
    labelled = found.to_xarray()
    assert labelled["index"].dims == ("outlook", "date", "run")
    assert labelled["outlook"].values.tolist() == ["norland-suderia", "calm", "loud"]
    mean = labelled["difference"].sel(outlook="calm").mean("run")
    assert np.allclose(mean, found.difference["calm", "mean"])
    water = labelled["issue_cooperation"].sel(outlook="loud", issue="water")
    assert np.array_equal(water, found.issue_of("loud", "water"))
    assert labelled["events"].dims == ("outlook", "event", "date", "run")
    assert labelled.attrs["baseline"] == "norland-suderia"
    alone = [ts.run(name, runs=3, keep="index") for name in ("managed", "rhetoric")]
    assert set(ts.compare(*alone).to_xarray()) == {"index", "difference"}
