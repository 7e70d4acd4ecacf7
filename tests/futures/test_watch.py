"""A living forecast: it forecasts as a backtest does, keeps what it said, and changes nothing without news."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pasts
import tensionsim as ts
from tensionsim.errors import StorageError
from tensionsim.events.history import ARRAYS, EventHistory
from tensionsim.runs import store as folders

HOW: dict[str, Any] = {"horizons": [1, 2], "fit": False, "runs": 40}
MONTHS = ("2003-01-31", "2003-02-28", "2003-03-31")


@cache
def given(**values: object) -> ts.Scenario:
    made = ts.scenario_from_events(pasts.past().until("2002-12-31"), with_past=False)
    return made.extended(
        {"events": {"crisis": {"cooperation": "below 30"}, "calm": {"cooperation": "above 5"}}, **values}
    )


def watch(store: str | Path, until: str, events: EventHistory | None = None, **how: Any) -> ts.Watch:
    scenario = how.pop("scenario", given())
    return ts.watch(scenario, pasts.past() if events is None else events, store=store, until=until, **HOW | how)


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def changed(history: EventHistory, row: int) -> EventHistory:
    """The history without one of its events."""
    kept = np.arange(len(history)) != row
    return dataclasses.replace(history, **{name: getattr(history, name)[kept] for name in ARRAYS})


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> ts.Watch:
    """A folder that was told three months, one by one."""
    folder = tmp_path_factory.mktemp("told") / "fed"
    return [watch(folder, month) for month in MONTHS][-1]


@pytest.fixture
def fed(told: ts.Watch, tmp_path: Path) -> ts.Watch:
    """A copy of it."""
    return dataclasses.replace(told, folder=shutil.copytree(told.folder, tmp_path / "fed"))


def test_a_forecast_is_that_of_a_backtest_at_its_origin(fed: ts.Watch) -> None:
    tested = ts.backtest(
        given(), pasts.past(), origins=[str(fed.origin)], horizons=[1], runs=40, refit=None, baselines=["no-change"]
    )
    rows = fed.forecast[fed.forecast["months"] == 1]
    for name, who in (("model", "model"), ("no-change", "no-change")):
        values = tested.values[0, :, tested.plan.forecasters.index(who), 0]
        mine = rows[(rows["forecaster"] == name) & rows["chance"].isna()]
        assert mine["target"].tolist() == [one.name for one in tested.targets]
        assert mine["q05"].to_numpy() == pytest.approx(np.quantile(values, 0.05, axis=-1), rel=1e-5, abs=1e-5)


def test_a_forecast_knows_nothing_of_later_events(tmp_path: Path) -> None:
    one, other = (tmp_path / name for name in ("one", "other"))
    watch(one, "2003-01-31")
    watch(other, "2003-01-31", pasts.with_event(pasts.past(), dt.date(2003, 2, 1), weight=50.0))
    assert {name: text for name, (text, _) in files(one).items()} == {
        name: text for name, (text, _) in files(other).items()
    }


def test_the_same_again_or_an_older_file_changes_nothing(fed: ts.Watch) -> None:
    before = files(fed.folder)
    for month in (MONTHS[-1], MONTHS[0]):
        again = watch(fed.folder, month)
        assert files(fed.folder) == before
        assert (again.is_new, again.new, len(again.corrections), again.until) == (False, 0, 0, fed.until)
        assert again.table.equals(fed.table)
    assert fed.is_new
    assert not len(fed.corrections)


def test_what_is_new_may_come_alone_or_with_all_that_was_before(fed: ts.Watch, tmp_path: Path) -> None:
    watch(tmp_path / "parts", MONTHS[0])
    watch(tmp_path / "parts", MONTHS[1], pasts.past().between("2003-02-01", MONTHS[1]))
    last = watch(tmp_path / "parts", MONTHS[2], pasts.past().between("2003-03-01", MONTHS[2]))
    assert last.new == len(pasts.past().between("2003-03-01", MONTHS[2]))
    assert {name: text for name, (text, _) in files(tmp_path / "parts").items()} == {
        name: text for name, (text, _) in files(fed.folder).items()
    }


def test_late_corrections_are_told_and_score_old_forecasts_which_stay(fed: ts.Watch) -> None:
    before = files(fed.folder)
    history = pasts.past().until(MONTHS[-1])
    harsh = dt.date(2003, 3, 20)
    now = watch(fed.folder, MONTHS[-1], changed(pasts.with_event(history, harsh, weight=9.0), len(history) - 40))
    assert (now.is_new, now.new, now.events) == (False, 0, fed.events)
    gone, late = now.corrections.to_dict("records")
    assert (late["told"], late["date"], late["cameo"], late["weight"]) == ("late", str(harsh), "190", "9")
    assert (gone["told"], gone["date"]) == ("gone", str(history.dates[len(history) - 40]))
    after = files(fed.folder)
    assert {name for name in after if after[name] != before[name]} == {"events.csv", "scores.csv"}
    is_scored = now.table["target"].eq("index") & now.table["observed"].notna() & (now.table["date"] > str(harsh))
    assert (now.table["observed"] < fed.table["observed"])[is_scored].all()
    assert is_scored.any()
    assert watch(fed.folder, MONTHS[-1], history).corrections["told"].tolist() == ["late", "gone"], "and back again"


def test_what_came_is_the_observed_index_and_scored_by_hand(fed: ts.Watch) -> None:
    index = ts.observed_index(pasts.past().until(MONTHS[-1]), scenario=given())["index"]
    row = fed.table[(fed.table["target"] == "index") & fed.table["observed"].notna()].iloc[0]
    assert row["observed"] == pytest.approx(index.loc[: row["date"]].iloc[-1], abs=0.7)
    loss = [
        2.0 * max(level * (row["observed"] - row[name]), (level - 1.0) * (row["observed"] - row[name]))
        for name, level in {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}.items()
    ]
    assert row["score"] == pytest.approx(np.mean(loss))
    chances = fed.table[fed.table["target"].eq("event: calm") & fed.table["observed"].notna()]
    assert chances["observed"].tolist() == [1.0] * len(chances)
    assert chances["score"].to_numpy() == pytest.approx((1.0 - chances["chance"].to_numpy()) ** 2)
    assert fed.scores.loc[("index", 1, "model"), "n"] == 2
    assert fed.scores.loc[("index", 2, "model"), "n"] == 1


def test_what_leaves_the_bands_is_told(tmp_path: Path) -> None:
    watch(tmp_path / "told", MONTHS[0])
    war = pasts.past()
    for day in range(1, 25):
        war = pasts.with_event(war, dt.date(2003, 2, day), weight=9.0)
    now = watch(tmp_path / "told", MONTHS[1], war)
    out = now.came[now.came["is_out"]]
    assert {*out["target"]} == {"index", "score", "acts", "event: calm"}  # a crisis was said to have 1 chance in 20
    assert (out["origin"] == str(watch(tmp_path / "other", MONTHS[0]).origin)).all()
    assert not watch(tmp_path / "other", MONTHS[1]).came["is_out"].all()


def test_each_forecast_is_judged_on_the_scale_of_its_own_scenario(fed: ts.Watch, tmp_path: Path) -> None:
    scale = given().file.parameters["index_scale"]
    other = given().with_values({"parameters.index_scale": 3.0 * scale})
    before = fed.table[
        fed.table["target"].eq("index") & fed.table["months"].eq(2) & (fed.table["origin"] != str(fed.origin))
    ]
    for month in ("2003-04-30", "2003-05-31"):
        now, plain = watch(fed.folder, month, scenario=other), watch(tmp_path / "plain", month)
    index, same = (one.table[one.table["target"].eq("index") & one.table["observed"].notna()] for one in (now, plain))
    assert len(list((fed.folder / "scenarios").iterdir())) == 2
    kept = index.merge(before.dropna(subset="observed"), on=["origin", "months", "forecaster"])
    assert len(kept)
    assert kept["observed_x"].to_numpy() == pytest.approx(kept["observed_y"].to_numpy())
    wide = index.merge(same, on=["origin", "months", "forecaster"])
    assert len(wide)
    assert ((wide["observed_x"] - 50.0).abs() < 0.5 * (wide["observed_y"] - 50.0).abs()).all()


def test_events_that_find_no_place_are_told(tmp_path: Path) -> None:
    there = watch(tmp_path / "there", MONTHS[0], pasts.past(issues=("border", "fish")))
    [told] = [one for one in there.notes if "not counted: " in one]
    assert " events: " in told
    assert int(told.split()[2]) > 100


@pytest.mark.slow
def test_it_fits_before_it_forecasts(tmp_path: Path) -> None:
    fitted = watch(tmp_path / "fitted", MONTHS[0], fit=True)
    plain = watch(tmp_path / "plain", MONTHS[0])
    assert not fitted.forecast["median"].equals(plain.forecast["median"])
    text = (tmp_path / "fitted" / "manifest.json").read_text(encoding="utf-8")
    assert f"40 runs, seed 0, fitted to {len(pasts.past().until(fitted.origin - dt.timedelta(1)))} events" in text


@pytest.mark.parametrize("last", [1, 2, 3])
def test_an_end_while_it_writes_is_made_good_by_the_next_call(
    fed: ts.Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    """The disk is full before so many of the files, the manifest being the last, are there."""
    whole = watch(shutil.copytree(fed.folder, tmp_path / "whole"), "2003-04-30")
    write, left = folders.write_whole, [last]

    def full(path: Path, content: bytes) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError("the disk is full")
        write(path, content)

    monkeypatch.setattr(folders, "write_whole", full)
    for store in (fed.folder, tmp_path / "new"):
        with pytest.raises(StorageError, match="the disk is full"):
            watch(store, "2003-04-30")
        left[0] = last
    monkeypatch.undo()
    assert not (tmp_path / "new").exists()
    again = watch(fed.folder, "2003-04-30")
    assert {name: text for name, (text, _) in files(again.folder).items()} == {
        name: text for name, (text, _) in files(whole.folder).items()
    }


def spoil(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        [path] = folder.glob(name)
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (spoil("forecasts/2003-02-*", "index", "index "), "not as it was written; put it back"),
        (lambda folder: next(folder.glob("forecasts/*")).unlink(), "is missing or not as it was written"),
        (spoil("events.csv", "date,", "day,"), "events.csv is damaged"),
        (lambda folder: (folder / "events.csv").write_bytes(b"\xff\xfe"), "events.csv is damaged"),
        (spoil("events.csv", "\n2001", "\n2001-01-01\n2001"), "events.csv is damaged"),
        (spoil("manifest.json", "2003", "2004"), "checksum"),
        (lambda folder: (folder / "note.txt").write_text("mine"), "note.txt"),
    ],
)
def test_a_folder_that_was_changed_is_refused_as_it_is(fed: ts.Watch, harm: Callable[[Path], None], words: str) -> None:
    harm(fed.folder)
    before = files(fed.folder)
    with pytest.raises(StorageError, match=words):
        watch(fed.folder, "2003-04-30")
    assert files(fed.folder) == before


def test_a_folder_of_others_is_refused_and_nothing_is_made_of_nothing(fed: ts.Watch, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="of others than washington and bogota; put it back, name a scenario of"):
        ts.watch("us-colombia-2017", store=fed.folder, until="2018-01-31", **HOW)
    with pytest.raises(StorageError, match="it holds a living forecast"):
        ts.open(fed.folder)
    with pytest.raises(ts.TensionSimError, match="no event up to 1999-01-01"):
        watch(tmp_path / "none", "1999-01-01")
    with pytest.raises(ts.TensionSimError, match="needs 6 months of events before; these begin on 2001-01-01"):
        watch(tmp_path / "none", "2001-05-31")
    with pytest.raises(ts.TensionSimError, match="names no history"):
        ts.watch("norland-suderia", store=tmp_path / "none")
    with pytest.raises(ts.TensionSimError, match="whole months from 1 to 120"):
        watch(tmp_path / "none", MONTHS[0], horizons=[0])
    assert not (tmp_path / "none").exists()
