"""Backtests: no forecast knows the future, nothing hangs on how it was computed, and scores can fail."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pasts
import tensionsim as ts
from tensionsim.errors import SelectionError, StorageError
from tensionsim.events.history import EventHistory
from tensionsim.forecasts import backtest as backtesting, backtest as summing
from tensionsim.runs.store import sealed

ORIGINS = "2003-01-06:2003-04-30:3"
SOME: dict[str, Any] = {"horizons": [1, 2], "runs": 20, "baselines": ["no-change", "mean", "var"]}
CURATED = {"origins": "2021-01-01:2022-12-31:6", "horizons": [1, 3], "runs": 30, "refit": None} | {
    "baselines": ["no-change", "mean"]
}
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "events" / "isr_pse_keds_1979_2011.csv.gz"
"""Looked at until the end of 2000 only; what came later is held out."""


def same(one: ts.Backtest, other: ts.Backtest) -> bool:
    """Whether two hold the same forecasts and outcomes, to the last bit."""
    names = ("values", "outcomes", "chances", "happened")
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in names)


@pytest.fixture(scope="module")
def anew() -> ts.Backtest:
    return ts.backtest(events=pasts.past(), origins=ORIGINS, **SOME)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backtest") / "kept"


@pytest.fixture(scope="module")
def curated(kept: Path) -> ts.Backtest:
    return ts.backtest("us-colombia-2017", store=kept, **CURATED)


@pytest.fixture
def folder(curated: ts.Backtest, kept: Path, tmp_path: Path) -> Path:
    """A copy of what it keeps."""
    return Path(shutil.copytree(kept, tmp_path / "kept"))


ONCE = SOME | {"refit": 6, "with_unfitted": True, "baseline_years": 1}
"""A scenario that is given, fitted once for both origins, and forecasts as it stands too."""


def given() -> ts.Scenario:
    return ts.scenario_from_events(pasts.past().until("2002-12-31"))


@pytest.fixture(scope="module")
def once() -> ts.Backtest:
    return ts.backtest(given(), pasts.past(), origins=ORIGINS, **ONCE)


@pytest.mark.slow
class TestLeakage:
    """A planted event of a size that no forecast could miss."""

    def planted(self, history: EventHistory, date: dt.date, **more: Any) -> EventHistory:
        return pasts.with_event(history, date, weight=500.0, **more)

    def check(self, one: ts.Backtest, other: ts.Backtest, date: dt.date) -> None:
        before = [row for row, origin in enumerate(one.origins) if origin <= date]
        assert 0 < len(before) < len(one.origins)
        assert one.values[before].tobytes() == other.values[before].tobytes()
        assert one.chances[before].tobytes() == other.chances[before].tobytes()
        assert (one.values[len(before) :] != other.values[len(before) :]).any()
        assert (np.nan_to_num(one.outcomes[before]) != np.nan_to_num(other.outcomes[before])).any()

    def test_a_future_event_changes_no_earlier_forecast_of_scenarios_made_and_fitted_anew(
        self, anew: ts.Backtest
    ) -> None:
        date = anew.origins[0]
        other = ts.backtest(events=self.planted(pasts.past(), date, cameo="203"), origins=ORIGINS, **SOME)
        self.check(anew, other, date)

    def test_nor_does_one_on_an_issue_that_nobody_had_heard_of(self) -> None:
        history = dataclasses.replace(pasts.past(), issues=("border", "water"))
        how = SOME | {"refit": None}
        one = ts.backtest(events=history, origins=ORIGINS, **how)
        other = ts.backtest(events=self.planted(history, one.origins[1], issue=1), origins=ORIGINS, **how)
        assert same(one, other)
        assert [target.name for target in one.targets] == ["index", "score", "acts"]

    def test_nor_with_a_scenario_that_is_fitted_once_for_several_origins(self, once: ts.Backtest) -> None:
        other = ts.backtest(given(), self.planted(pasts.past(), once.origins[0]), origins=ORIGINS, **ONCE)
        assert len(once.fits) < len(once.origins)
        self.check(once, other, once.origins[0])

    def test_nor_one_that_is_learned_from_past_origins(self) -> None:
        how = {"origins": "2003-01-06:2004-03-01", "horizons": [1, 3], "refit": None, "runs": 50, "baselines": ["mean"]}
        one = ts.backtest(events=pasts.past(), **how)
        date = one.origins[8]
        self.check(one, ts.backtest(events=self.planted(pasts.past(), date, cameo="203"), **how), date)
        model, mixed, stretched = (one.values[:9, :, place] for place in range(3))
        assert (mixed != model)[..., 1, :].any(axis=(1, 2)).all()
        assert not (stretched != mixed)[0].any()
        assert (stretched != mixed)[4:].any(axis=(1, 2, 3)).all()

    def test_tasks_hold_no_event_of_their_origin_or_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen = []

        def watched(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def call(task: Any, **more: Any) -> Any:
                seen.append(task[:2])
                return function(task, **more)

            return call

        monkeypatch.setattr(backtesting, "fitted", watched(backtesting.fitted))
        monkeypatch.setattr(backtesting, "forecasts", watched(backtesting.forecasts))
        history = pasts.past()
        found = ts.backtest(events=history, origins=ORIGINS, **(SOME | {"refit": None}))
        assert len(seen) == 2 * len(found.origins)
        for origin, past in seen:
            assert past.dates[-1] < np.datetime64(origin)
            assert past.last < origin
            assert past.dates.base is None


@pytest.mark.slow
class TestReproduction:
    def test_two_jobs_forecast_what_one_does(self, anew: ts.Backtest, full: bool) -> None:
        """Without `--full` fits are not made; two jobs fit the same too in the tests of replications."""
        how = SOME if full else SOME | {"refit": None}
        one = anew if full else ts.backtest(events=pasts.past(), origins=ORIGINS, **how)
        assert same(one, ts.backtest(events=pasts.past(), origins=ORIGINS, jobs=2, **how))

    def test_further_origins_change_nothing(self, anew: ts.Backtest) -> None:
        first = ts.backtest(events=pasts.past(), origins=[anew.origins[0]], **SOME)
        assert first.values.tobytes() == anew.values[:1].tobytes()

    def test_another_seed_gives_other_runs(self, curated: ts.Backtest) -> None:
        first = {"origins": curated.origins[:1]}
        same_seed, other = (ts.backtest("us-colombia-2017", **(CURATED | first | {"seed": seed})) for seed in (0, 1))
        assert same_seed.values.tobytes() == curated.values[:1].tobytes()
        assert not np.array_equal(other.values, same_seed.values)
        assert np.array_equal(other.outcomes, same_seed.outcomes, equal_nan=True)

    def test_what_was_interrupted_goes_on_to_the_same(
        self, anew: ts.Backtest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done: list[dt.date] = []
        whole = backtesting.forecasts

        def stopping(task: Any, **more: Any) -> Any:
            if len(done) == 1:
                raise KeyboardInterrupt
            done.append(task[0])
            return whole(task, **more)

        folder = tmp_path / "kept"
        with monkeypatch.context() as patch:
            patch.setattr(backtesting, "forecasts", stopping)
            with pytest.raises(KeyboardInterrupt):
                ts.backtest(events=pasts.past(), origins=ORIGINS, store=folder, **SOME)
        assert [path.stem for path in (folder / "origins").iterdir()] == [str(anew.origins[0])]
        with pytest.raises(StorageError, match="not finished"):
            ts.Backtest.open(folder)

        monkeypatch.setattr(backtesting, "fitted", pytest.fail)  # all fits are there: none is made again
        found = ts.backtest(events=pasts.past(), origins=ORIGINS, store=folder, **SOME)
        assert same(found, anew)
        assert same(ts.Backtest.open(folder), anew)

    def test_a_kept_backtest_opens_as_it_was(self, curated: ts.Backtest, folder: Path) -> None:
        opened = ts.Backtest.open(folder)
        assert same(opened, curated)
        assert opened.summary() == curated.summary()
        assert (opened.about, opened.plan) == (curated.about, curated.plan)

    def test_the_same_backtest_gives_the_same_bytes(self, folder: Path, tmp_path: Path) -> None:
        one, other = folder, tmp_path / "other"
        ts.backtest("us-colombia-2017", store=other, **CURATED)
        files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
        assert len(files) > 10
        assert all((one / name).read_bytes() == (other / name).read_bytes() for name in files)


class TestFolder:
    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"seed": 5}, r"seed \(0 there, 5 now\)"),
            ({"runs": 31}, r"runs \(30 there, 31 now\)"),
            ({"horizons": [1]}, r"horizons \(1, 3 there, 1 now\)"),
            ({"origins": "2021-01-01:2022-06-30:6"}, r"origins \(.* there, .* now\)"),
        ],
    )
    def test_another_backtest_is_not_mixed_with_what_is_there(
        self, folder: Path, changed: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(StorageError, match=f"another backtest; what differs: .*{words}"):
            ts.backtest("us-colombia-2017", store=folder, **(CURATED | changed))

    def test_other_events_and_other_code_are_not_mixed_either(self, folder: Path) -> None:
        with pytest.raises(StorageError, match="the events"):
            ts.backtest("us-colombia-2017", ts.curated_history().until("2024-12-30"), store=folder, **CURATED)
        for name, words in (("code", "the version of tensionsim"), ("scenario", "the scenario")):
            manifest = json.loads((folder / "manifest.json").read_text())
            del manifest["checksum"]
            manifest["about"][name] = "another"
            (folder / "manifest.json").write_bytes(sealed(manifest))
            with pytest.raises(StorageError, match=words):
                ts.backtest("us-colombia-2017", store=folder, **CURATED)

    def test_a_folder_from_before_pooling_is_refused_in_one_sentence(self, folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        del manifest["checksum"]
        manifest["plan"]["baselines"].remove("recency")
        (folder / "manifest.json").write_bytes(sealed(manifest))
        with pytest.raises(StorageError, match=r"is damaged: plan or about: .*; remove it, and the command"):
            ts.Backtest.open(folder)

    def test_a_folder_of_something_else_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").write_text("mine")
        with pytest.raises(StorageError, match="holds no tensionsim results"):
            ts.backtest("us-colombia-2017", store=tmp_path, **CURATED)
        assert os.listdir(tmp_path) == ["mine.txt"]

    def test_damage_is_found_and_what_is_missing_is_made_anew(self, curated: ts.Backtest, folder: Path) -> None:
        one = folder / "origins" / f"{curated.origins[0]}.npz"
        content = one.read_bytes()
        one.write_bytes(content[: len(content) // 2])
        with pytest.raises(StorageError, match="damaged; remove it, and the command"):
            ts.Backtest.open(folder)
        assert same(ts.backtest("us-colombia-2017", store=folder, **CURATED), curated)
        assert one.read_bytes() == content

    def test_what_is_no_backtest_is_not_opened(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match=r"manifest\.json is missing"):
            ts.Backtest.open(tmp_path)


def with_values(found: ts.Backtest, change: Callable[[np.ndarray], np.ndarray]) -> ts.Backtest:
    """The backtest whose model foretold what a function makes of the outcomes."""
    values = found.values.copy()
    came = np.nan_to_num(found.outcomes)[..., None]
    noise = np.random.default_rng(1).normal(0.0, 0.01, (*came.shape[:-1], values.shape[-1]))
    values[:, :, 0] = change(came) + noise
    return dataclasses.replace(found, values=values)


class TestScores:
    def test_who_foretells_what_comes_beats_all_and_who_is_far_off_loses(self, anew: ts.Backtest) -> None:
        right = with_values(anew, lambda came: came)
        wrong = with_values(anew, lambda came: came + 40.0)
        assert (right.skill("index")["skill"] > 0.9).all()
        assert (wrong.skill("index")["skill"] < 0.0).all()
        assert (right.scores().xs("model", level="forecaster")["crps"] < 0.02).all()
        assert (wrong.scores().xs("model", level="forecaster")["crps"] > 30.0).all()
        assert (wrong.calibration().xs("model", level="forecaster")["coverage_90"] == 0.0).all()
        assert (wrong.regimes().xs("model", level="forecaster")["ranked_probability"] > 0.5).all()
        assert all("beats" in text for text in right.summary()["verdicts"]["index"]["model"])
        assert all("LOSES" in text for text in wrong.summary()["verdicts"]["index"]["model"])

    def test_log_scores_punish_who_is_sure_and_wrong(self, anew: ts.Backtest) -> None:
        table = with_values(anew, lambda came: came + 40.0).scores()
        wide = table["log_score"].unstack("forecaster")
        assert (wide["model"] > wide.drop(columns="model").max(axis=1)).all()
        assert np.isfinite(table["log_score"]).all()
        assert np.isfinite(table["normal_log_score"]).all()

    def test_the_pit_of_what_lies_above_all_runs_is_near_1(self, anew: ts.Backtest) -> None:
        found = with_values(anew, lambda came: came - 40.0).pit("index")
        assert found.shape == (len(anew.origins), 2)
        assert (found > 0.95).all(axis=None)

    def test_the_best_in_hindsight_is_a_plain_forecast(self, once: ts.Backtest) -> None:
        table, plain_ones = once.skill("index"), ["no-change", "mean", "var", "recency", *once.plan.plain[4:]]
        others = ["pooled", "recalibrated", "model, not fitted"]
        assert table.index.get_level_values("against").tolist() == 2 * [*plain_ones, *others]
        best = table[table["is_best"].astype(bool)]
        assert len(best) == 2
        assert set(best.index.get_level_values("against")) <= set(plain_ones)
        for horizon in (1, 2):
            plain = table.loc[horizon].drop(others)
            assert plain["other"].idxmin() == plain.index[plain["is_best"].astype(bool)][0]

    def test_outcomes_beyond_the_data_have_no_score(self) -> None:
        found = ts.backtest(
            events=pasts.past(), origins="2003-10-06:2004-03-01", **(SOME | {"refit": None, "horizons": [1, 4]})
        )
        counts = found.scores().xs("model", level="forecaster")["n"].loc["index"]
        assert counts[1] == len(found.origins) > counts[4] > 0

    def test_forecasts_are_told_with_what_came(self, anew: ts.Backtest) -> None:
        table = anew.forecasts()
        row = table.loc[("acts", pd.Timestamp(str(anew.origins[1])), 2, "mean")]
        assert row["outcome"] == anew.outcomes[1, 2, 1]
        assert row["median"] == np.median(anew.values[1, 2, anew.forecasters.index("mean"), 1])
        assert row["q05"] <= row["q25"] <= row["median"] <= row["q75"] <= row["q95"]

    def test_what_nobody_knows_yet_is_forecast_on_the_day_after_the_last_observed(self, tmp_path: Path) -> None:
        how = SOME | {"origins": "2003-10-06:2004-03-01", "refit": None}
        found = ts.backtest(events=pasts.past(), ahead=True, store=tmp_path / "kept", **how)
        behind = ts.backtest(events=pasts.past(), **how)
        assert found.origins[:-1] == behind.origins
        assert found.origins[-1] == dt.date(2004, 4, 12)
        assert np.isnan(found.outcomes[-1]).all()
        assert found.values[:-1].tobytes() == behind.values.tobytes()
        pd.testing.assert_frame_equal(found.scores(), behind.scores())
        told = found.summary()["expected"]["acts"]["2"]["recalibrated"]
        assert told["median"] == np.median(found.values[-1, 2, 2, 1])
        assert behind.summary()["expected"] == {}
        assert same(ts.Backtest.open(tmp_path / "kept"), found)

    def test_estimates_are_those_of_each_fit(self, anew: ts.Backtest, curated: ts.Backtest) -> None:
        table = anew.estimates()
        assert table.index.get_level_values("origin").nunique() == len(anew.origins)
        assert (table["standard_error"] > 0.0).all()
        assert curated.estimates().empty


class TestEvents:
    def test_they_are_held_against_climatology_and_no_change(self, curated: ts.Backtest) -> None:
        table = curated.event_scores()
        assert table.index.get_level_values("teller").unique().tolist() == ["model", "climatology", "no-change"]
        assert set(table.index.get_level_values("event")) == set(curated.events)
        parts = table["reliability"] - table["resolution"] + table["uncertainty"]
        assert (table["n"] == len(curated.origins)).all()
        assert (parts >= 0.0).all()

    def test_a_probability_that_is_wrong_scores_worse(self, curated: ts.Backtest) -> None:
        happened = np.zeros_like(curated.happened)
        sure = dataclasses.replace(curated, chances=np.ones_like(curated.chances), happened=happened)
        assert (sure.event_scores()["brier"] == 1.0).all()
        said = sure.reliability(curated.events[0])
        assert (said.said.tolist(), said.happened.tolist()) == ([1.0], [0.0])

    def test_a_regime_can_be_asked_for_like_an_event(self, curated: ts.Backtest) -> None:
        assert curated.reliability("pragmatic", horizon=1).n.sum() == len(curated.origins)
        assert curated.reliability("regime:crisis", of="mean").n.sum() == 2 * len(curated.origins)

    def test_what_is_not_there_is_named_with_what_is(self, curated: ts.Backtest) -> None:
        for ask, words in (
            (lambda: curated.skill("weather"), "target must be one of index"),
            (lambda: curated.skill(of="oracle"), "must be one of model, pooled, recalibrated, no-change, mean"),
            (lambda: curated.reliability("doom"), "event must be one of .*; got 'doom'"),
            (lambda: curated.reliability("crisis", horizon=9), "horizon must be one of 1, 3.*; got 9"),
        ):
            with pytest.raises(SelectionError, match=words):
                ask()


class TestAsking:
    @pytest.mark.parametrize(
        ("how", "error", "words"),
        [
            ({"runs": 1}, ValueError, "runs must be a whole number >= 2"),
            ({"refit": 0}, ValueError, "refit must be a whole number >= 1"),
            ({"refit": None, "with_unfitted": True}, ts.TensionSimError, "compared with itself"),
            ({"basline": 3}, TypeError, "no option 'basline'; did you mean 'baselines'"),
            ({"baselines": ["oracle"]}, ts.TensionSimError, "oracle; there are"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, how: dict[str, Any], error: type[Exception], words: str) -> None:
        with pytest.raises(error, match=words):
            ts.backtest(events=pasts.past(), **how)

    def test_an_origin_before_the_events_is_refused(self) -> None:
        with pytest.raises(ts.TensionSimError, match="no event before 1999-01-01"):
            ts.backtest(events=pasts.past(), origins=["1999-01-01"])
        with pytest.raises(TypeError, match="a scenario, events, or both"):
            ts.backtest()

    def test_by_default_origins_are_the_months_of_the_last_third(self) -> None:
        history = pasts.past(days=900, events=300)
        found = ts.backtest(events=history, horizons=[1], runs=2, refit=None, baselines=["mean"])
        assert found.origins[0] == history.first + dt.timedelta(days=600)
        assert len(found.origins) == 300 // 28
        assert found.plan.every == 1

    @pytest.mark.parametrize("step", ["day", "month"])
    def test_scenarios_of_other_steps_can_be_tested(self, step: str) -> None:
        history = pasts.past(days=900, events=300)
        scenario = ts.scenario_from_events(history.until("2002-06-30"), step=step)
        found = ts.backtest(
            scenario, history, origins="2003-01-01:2003-03-31", horizons=[1], runs=5, refit=None, baselines=["mean"]
        )
        assert found.plan.grid.step == step
        assert np.isfinite(found.outcomes).all()


def test_a_verdict_says_whether_it_may_be_luck() -> None:
    row = {"skill": 0.05, "low": -0.01, "high": 0.1, "n": 48, "block": 6, "p_value": 0.2, "is_best": True}
    table = pd.DataFrame([row], index=pd.MultiIndex.from_tuples([(1, "ar")]))
    told = "1 month ahead the model beats ar, the best plain forecast, by 5.0 %"
    assert summing.verdicts(table) == [f"{told}, which may be luck (interval -1.0 to +10.0 %, p = 0.2)"]
    assert summing.verdicts(table.assign(p_value=0.01)) == [f"{told} (interval -1.0 to +10.0 %, p = 0.01)"]
    few = "origins are too few for an interval"
    assert summing.verdicts(table.assign(n=47)) == [f"{told}, which may be luck ({few}, p = 0.2)"]
    assert summing.verdicts(table.assign(n=47, p_value=0.01)) == [f"{told} ({few}, p = 0.01)"]
    assert summing.verdicts(table.assign(p_value=math.nan)) == [f"{told}; origins are too few for a test"]
    (lost,) = summing.verdicts(table.assign(skill=-0.05, p_value=0.01))
    assert "LOSES to ar" in lost


def test_intervals_that_surely_hold_too_few_or_too_many_are_called_so() -> None:
    names, places = ["target", "horizon"], [("index", 1), ("index", 3), ("index", 6), ("acts", 1), ("score", 1)]
    held = {
        "coverage_90": [0.5, 0.88, 0.6, 0.4, 1.0],
        "coverage_90_low": [0.4, 0.8, 0.5, 0.3, 0.95],
        "coverage_90_high": [0.6, 0.93, 0.7, 0.5, 1.0],
    }
    table = pd.DataFrame(held, index=pd.MultiIndex.from_tuples(places, names=names))
    assert summing.sureness(table) == [
        "the model is too sure, its intervals of 90 % held 40 to 60 % (months ahead: index 1, 6; acts 1)",
        "the model is not sure enough, its intervals of 90 % held 100 % (months ahead: score 1)",
    ]


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_file(), reason="the shared event file is not beside this checkout")
def test_on_published_events_the_fitted_model_beats_the_unfitted_one() -> None:
    history = ts.read_events(SHARED, dyad=("ISR", "PSE"), scale="keds").until("2000-12-31")
    found = ts.backtest(
        events=history,
        origins="1997-01-06:1999-12-31:12",
        horizons=[1, 3],
        runs=200,
        with_unfitted=True,
        baselines=["no-change", "mean"],
    )
    table = found.scores()["crps"].unstack("forecaster")
    assert (table.loc["index", "model"] < table.loc["index", "model, not fitted"]).all()
