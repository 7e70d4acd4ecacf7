"""Robust choice: the same futures for all, strategies with a known best ranked right, regret, cost, where it fails."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.errors import StorageError
from tensionsim.futures import advice as module
from tensionsim.futures.advice import Advice
from tensionsim.futures.discovery import drawn
from tensionsim.rng import Purpose, RandomStreams
from tensionsim.runs.plan import Plan

# Whoever wants the river's quotas as Norland does has no quarrel with it.
SCENARIO = ts.load("norland-suderia", set={"actors.norland.attention": 0.7, "actors.suderia.attention": 0.7})
TEXT = """
principal: suderia
aims: {keep_out_of: crisis}
enough: {chance: 0.75}
strategies:
  agree: {set: {actors.suderia.stances: {fisheries: 0.9, water: 0.8}}}
  fight: {set: {actors.suderia.stances: {fisheries: 0.0, water: 0.0}, actors.suderia.rhetoric: 1.0}}
  nothing: {set: {actors.suderia.rhetoric: 0.5}}
"""


@pytest.fixture(scope="module")
def advice() -> Advice:
    return ts.advise(SCENARIO, TEXT, futures=30, replicates=4)


def test_futures_share_what_is_uncertain_and_nothing_else() -> None:
    few, plain = Plan("futures", 10, 0, 4, ()).streams(3, 8, 20), RandomStreams(3, 8, 20)
    for purpose in (Purpose.PARAMETER, Purpose.ALTERNATIVE):
        assert np.array_equal(few.uniforms(7, purpose), np.repeat(RandomStreams(3, 2, 5).uniforms(7, purpose), 4))
    assert np.array_equal(few.uniforms(7, Purpose.RULE, 9), plain.uniforms(7, Purpose.RULE, 9))
    assert np.array_equal(few.words([7, 8], Purpose.WHETHER, 9), plain.words([7, 8], Purpose.WHETHER, 9))


def test_strategies_with_a_known_best_are_ranked_right(advice: Advice) -> None:
    table = advice.table
    assert (advice.best, table.index[-1]) == ("agree", "fight")
    assert table.loc["agree", "difference"] == 0.0
    assert table.loc["fight", "high"] < 0.0
    assert (table["low"] <= table["difference"]).all()
    assert (table["difference"] <= table["high"]).all()


def test_what_changes_nothing_comes_to_the_same_to_the_bit(advice: Advice) -> None:
    first, last = advice.names.index("as it is"), advice.names.index("nothing")
    assert np.array_equal(advice.index[first], advice.index[last])
    assert np.array_equal(advice.kept[first], advice.kept[last])


def test_regret_of_the_best_of_each_future_is_nothing(advice: Advice) -> None:
    assert (advice.regret.min(axis=0) == 0.0).all()
    assert advice.table.loc["agree", "regret_mean"] < advice.table.loc["fight", "regret_mean"]
    chances = 100 * advice.kept.mean(axis=-1)
    assert np.allclose(advice.regret.to_numpy(), chances.max(axis=0) - chances)


def test_what_a_strategy_gives_up_is_how_far_it_stands_from_its_aims(advice: Advice) -> None:
    """Half the weight moved by 0.6 on one issue; on the other from where the future's stance is drawn."""
    table = advice.table
    assert table.loc["as it is", "attainment"] > 90.0
    assert table.loc["agree", "attainment"] < 60.0
    wanted = ts.advise(
        SCENARIO, TEXT.replace("crisis}", "crisis, stances: {fisheries: 0.9, water: 0.8}}"), futures=4, replicates=2
    )
    assert wanted.table.loc["agree", "attainment"] > 99.0
    alone = ts.advise(SCENARIO, TEXT.replace("crisis}", "crisis, weights: {fisheries: 1}}"), futures=4, replicates=2)
    assert alone.table.loc["agree", "attainment"] == pytest.approx(40.0, abs=2.0)


def test_what_another_beats_in_both_is_not_in_the_pareto_set(advice: Advice) -> None:
    table = advice.table
    assert bool(table.loc["agree", "is_pareto"])
    assert not bool(table.loc["fight", "is_pareto"])


def test_the_best_is_beaten_by_none_where_two_keep_out_as_often(advice: Advice) -> None:
    """Of 3,000 futures one tells the second from the first, which attains more."""
    kept = np.ones((4, 3000, 1), bool)
    kept[0, 0] = kept[2] = False
    aims = np.broadcast_to(np.array([0.9, 0.5, 0.5, 0.7])[:, None, None], kept.shape)
    points = advice.points.iloc[np.zeros(3000, int)].reset_index(drop=True)
    planted = dataclasses.replace(advice, kept=kept, attainment=aims, index=50.0 * kept, points=points)
    assert planted.table.index.tolist() == ["as it is", "nothing", "agree", "fight"]
    assert planted.table["is_pareto"].tolist() == [True, False, False, False]


def test_what_is_told_alike_is_the_same(advice: Advice) -> None:
    """The first attains more by less than is shown, and keeps out less often: 60 of 100 against 90, both of 91 %."""
    kept = np.ones((4, 100, 1), bool)
    kept[0, :40] = kept[1, :10] = kept[2:] = False
    aims = np.broadcast_to(np.array([0.9116, 0.9112, 0.5, 0.5])[:, None, None], kept.shape)
    points = advice.points.iloc[np.zeros(100, int)].reset_index(drop=True)
    planted = dataclasses.replace(advice, kept=kept, attainment=aims, index=50.0 * kept, points=points)
    assert planted.table.index[planted.table["is_pareto"]].tolist() == [planted.names[1]]


def test_few_futures_have_no_interval() -> None:
    table = ts.advise(SCENARIO, TEXT, futures=2, replicates=1).table
    assert table[["low", "high"]].isna().all(axis=None)


def test_satisficing_counts_futures_with_enough(advice: Advice) -> None:
    assert np.array_equal(advice.satisfied, advice.chances >= 0.75)
    both = ts.advise(
        SCENARIO, TEXT.replace("0.75}", "0.75, index: 101}").replace("101", "100"), futures=4, replicates=1
    )
    assert not both.satisfied.any()
    assert both.failing() is None


def test_the_futures_in_which_the_best_fails_are_told(advice: Advice) -> None:
    """Kept out only where the river's stance was drawn high."""
    water = advice.points["actors.suderia.stances.water"].to_numpy()
    kept = np.broadcast_to((water > 0.3)[None, :, None], advice.kept.shape)
    planted = dataclasses.replace(advice, kept=kept)
    box = planted.failing()
    assert box is not None
    low, high = box.limits["actors.suderia.stances.water"]
    assert (low, box.density, box.coverage) == (-np.inf, 1.0, 1.0)
    assert high == pytest.approx(0.3, abs=0.03)
    fails = planted.summary()["failing"]
    assert fails["futures"] == (water <= high).sum()


def test_a_box_of_fewer_than_six_futures_is_not_told(advice: Advice) -> None:
    water = advice.points["actors.suderia.stances.water"].to_numpy()
    for least, is_told in ((5, False), (6, True)):
        kept = (water >= np.sort(water)[least])[None, :, None]
        planted = dataclasses.replace(advice, kept=np.broadcast_to(kept, advice.kept.shape))
        assert (planted.failing() is not None) == is_told


def test_points_are_what_the_futures_drew(advice: Advice) -> None:
    assert np.array_equal(advice.points.to_numpy(), drawn(SCENARIO, RandomStreams(0, 0, 30)).to_numpy())


def test_jobs_and_chunks_change_nothing(advice: Advice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensionsim.futures.advice.CHUNK_RUNS", 28)
    again = ts.advise(SCENARIO, TEXT, futures=30, replicates=4)
    assert again.table.equals(advice.table)


def test_after_an_end_only_what_is_missing_is_played(
    advice: Advice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK_RUNS", 40)
    played, calls, scenario = module._played, list[range](), tmp_path / "here.yaml"
    scenario.write_text(SCENARIO.text, encoding="utf-8")

    def counted(task: tuple[ts.Scenario, range], **how: Any) -> np.ndarray:
        if len(calls) == 5:
            raise KeyboardInterrupt
        calls.append(task[1])
        return played(task, **how)

    folder = tmp_path / "kept"
    monkeypatch.setattr(module, "_played", counted)
    with pytest.raises(KeyboardInterrupt, match=f"what is done is kept in {folder}; go on with: tensionsim resume"):
        ts.advise(scenario, TEXT, futures=30, replicates=4, store=folder)
    next(folder.glob("parts/agree-*")).unlink()
    next(folder.glob("parts/as it is-*")).write_bytes(b"spoiled")
    done = {path.name for path in folder.glob("parts/*")}
    del calls[:]
    monkeypatch.setattr(module, "_played", lambda task, **how: calls.append(task[1]) or played(task, **how))
    again = module.resume(folder)
    assert again.table.equals(advice.table)
    assert len(calls) == 12 - len(done) + 1, "one that is gone, and one that was spoiled"
    assert (folder / "advice.csv").read_text(encoding="utf-8").startswith("strategy,kept_out,")
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["best"] == "agree"
    with pytest.raises(StorageError, match="what differs: the plan of the points; the strategies"):
        ts.advise(scenario, TEXT.replace("1.0", "0.9"), futures=20, replicates=4, store=folder)
    anew = ts.advise(scenario, TEXT, futures=2, replicates=1, store=folder, replace=True)
    assert len(anew.points) == 2
    assert len(list(folder.glob("parts/*"))) == 4


def test_whatever_a_strategy_is_called_its_folder_goes_on(tmp_path: Path) -> None:
    text, how = TEXT.replace("  fight:", "  Él_Lucha-2:"), {"futures": 2, "replicates": 1, "store": tmp_path / "kept"}
    first, again = (ts.advise(SCENARIO, text, **how) for _ in range(2))  # type: ignore[arg-type]
    assert again.table.equals(first.table)


def test_a_scenario_that_no_file_holds_is_not_resumed(tmp_path: Path) -> None:
    made = SCENARIO.extended({"title": "made"})
    ts.advise(made, TEXT, futures=2, replicates=1, store=tmp_path / "kept")
    with pytest.raises(StorageError, match=r"no file holds; call ts\.advise again"):
        module.resume(tmp_path / "kept")


@pytest.mark.slow
def test_two_jobs_give_the_same(advice: Advice) -> None:
    assert ts.advise(SCENARIO, TEXT, futures=30, replicates=4, jobs=2).table.equals(advice.table)


def test_the_summary_is_plain(advice: Advice) -> None:
    summary = json.loads(json.dumps(advice.summary(), allow_nan=False))
    assert [one["strategy"] for one in summary["strategies"]] == list(advice.table.index)


@pytest.mark.parametrize(
    ("given", "words"), [({"futures": 1}, "futures must be"), ({"replicates": 0}, "replicates must")]
)
def test_numbers_out_of_range_are_refused(given: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ts.advise(SCENARIO, TEXT, **given)
