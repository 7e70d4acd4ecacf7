"""Early signs: what is built into runs is found, and judged on runs that had no part in it; luck is no sign."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, strategies as st

import synthetic
import tensionsim as ts
from tensionsim.analysis.signs import (
    _indicators,
    _with_error,
    auc,
    choose,
    gain,
    logistic,
    observables,
    open_matters,
    roc,
)
from tensionsim.engine.build import assemble
from tensionsim.engine.run import proceed
from tensionsim.engine.simulation import begin
from tensionsim.model.catalogue import matters
from tensionsim.rng import RandomStreams
from tensionsim.runs.results import Results

RUNS = 400


@cache
def results() -> Results:
    return ts.run("norland-suderia", runs=RUNS, seed=7)


def bent(*, index: np.ndarray | None = None, rhetoric: np.ndarray | None = None, ends: np.ndarray) -> Results:
    """The results with an index (without rhetoric of Norland) before the end, and an end that is as told."""
    record = results().record
    cooperation, politics = np.full_like(record.cooperation, 50.0), record.rhetoric.copy()
    if index is not None:
        cooperation[:-1] = index
    if rhetoric is not None:
        politics[:, 0] = rhetoric
    cooperation[-1] = np.where(ends, 20.0, 60.0)
    return replace(results(), record=synthetic.changed(record, cooperation=cooperation, rhetoric=politics))


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=RUNS)


def test_the_sign_that_was_built_in_comes_first() -> None:
    cause = noise(1)
    found = ts.early_signs(bent(index=50 + noise(3), rhetoric=cause, ends=cause + 0.3 * noise(2) > 0.5))
    first = found.table.iloc[0]
    assert (first["sign"], first["side"]) == ("rhetoric of Norland", "above")
    assert first["auc"] > 0.9
    assert first["threshold"] == pytest.approx(0.5, abs=0.3)
    assert first["hit_rate"] > 0.8
    assert first["false_alarm_rate"] < 0.2
    assert first["brier_skill"] > 0.4
    assert first["gain"] > 0.3
    assert first["gain"] > 5 * first["gain_error"] > 0
    assert found.adding_most() == "rhetoric of Norland"
    assert found.separates


def test_a_sign_that_says_what_the_index_says_adds_nothing() -> None:
    level = noise(1)
    copied = bent(index=50 + level, rhetoric=-level, ends=level + noise(2) < -0.3)
    table = ts.early_signs(copied).table.set_index("sign")
    assert table.loc["index", "auc"] == pytest.approx(table.loc["rhetoric of Norland", "auc"], abs=1e-12)
    assert table.loc["rhetoric of Norland", "gain"] == pytest.approx(0.0, abs=0.01)


@pytest.mark.slow
def test_luck_is_no_sign() -> None:
    """Ends drawn by lot: the choosing half always finds something, the judging half seldom confirms it."""
    confirmed, chosen, judged = 0, [], []
    for seed in range(30):
        found = ts.early_signs(bent(index=50 + noise(seed), ends=noise(seed + 1000) > 0.4))
        confirmed += found.separates
        chosen.append(found.table["auc_choosing"].iloc[0])
        judged.append(found.table["auc"].iloc[0])
    assert np.mean(chosen) > 0.57, "the choosing half flatters"
    assert np.mean(judged) == pytest.approx(0.5, abs=0.02)
    assert confirmed <= 4
    assert "does no better than a coin" in next(
        note for seed in range(30) if (note := ts.early_signs(bent(ends=noise(seed + 1000) > 0.4)).note)
    )


def test_judging_runs_have_no_part_in_choosing() -> None:
    cause, odd = noise(1), np.arange(RUNS) % 2 == 1
    ends = cause + noise(2) > 0.5
    before = ts.early_signs(bent(rhetoric=cause, ends=ends)).table
    after = ts.early_signs(bent(rhetoric=np.where(odd, noise(9), cause), ends=ends)).table
    for column in ("sign", "side", "threshold", "auc_choosing"):
        ours = [table.set_index("sign").loc["rhetoric of Norland"].get(column) for table in (before, after)]
        assert ours[0] == ours[1]
    assert after.set_index("sign").loc["rhetoric of Norland", "auc"] < 0.65


def test_what_comes_after_the_date_of_the_signs_is_not_seen() -> None:
    found, record = results(), results().record
    row = len(found.dates) - 1 - round(6 / found.step_months)
    later = record.rhetoric.copy()
    later[row + 1 :] = 0.0
    kept = record.move_step < row
    moves = {
        name: getattr(record, name)[kept] for name in ("move_run", "move_step", "move_channel", "move_id", "move_cause")
    }
    blind = replace(found, record=synthetic.changed(record, rhetoric=later, **moves))
    for one, other in zip(observables(found, row), observables(blind, row), strict=True):
        assert one.name == other.name
        assert np.array_equal(one.values, other.values)


def test_moves_of_the_last_three_months_are_counted() -> None:
    found = results()
    row = 60
    counted = {one.name: one.values for one in observables(found, row)}
    moves = found.moves
    recent = moves[
        (moves["date"] >= found.dates[row - 13]) & (moves["date"] < found.dates[row]) & (moves["cause"] != "stopped")
    ]
    hostile = recent[(recent["actor"] == "norland") & (recent["goldstein"] < 0)].groupby("run").size()
    assert np.array_equal(counted["hostile moves by Norland"], hostile.reindex(range(RUNS), fill_value=0).to_numpy())


def test_too_few_runs_of_a_sort_say_so() -> None:
    found = ts.early_signs(bent(ends=np.arange(RUNS) < 12))
    assert found.table.empty
    assert found.note == "too few runs to tell: 12 of 400 end so; it takes 20 that do, and as many that do not"
    assert ts.early_signs(bent(ends=np.arange(RUNS) >= 7)).note.startswith("too few runs to tell: 393 of 400 end so")
    assert found.adding_most() is None


def test_an_event_or_a_regime_can_be_asked_for() -> None:
    found = ts.early_signs(results(), "regime:alliance", date="2031-07-08", ahead_months=3)
    assert (found.meaning, found.date, found.sign_date) == ("the regime is alliance", "2031-07-08", "2031-04-08")
    index = results().index
    assert found.ending == int((results().paths.loc["2031-07-08"] >= 70.0).sum())
    assert index.loc["2031-07-08", "median"] > 0
    dry = ts.early_signs(results(), "dry summer")
    assert dry.ending == int(results().record.events[-1, results().names.events.index("dry summer")].sum())


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"event": "crissis"}, "did you mean 'crisis'"),
        ({"event": "water"}, "runs do not end in 'water' or not"),
        ({"ahead_months": 0.0}, "there is no row 0 months before"),
        ({"ahead_months": 300.0}, "look less far ahead"),
        ({"date": "2040-01-01"}, "there is nothing on 2040-01-01"),
    ],
)
def test_what_is_not_there_is_told(asked: dict[str, object], words: str) -> None:
    with pytest.raises(ts.TensionSimError, match=words):
        ts.early_signs(results(), **asked)  # type: ignore[arg-type]


values = st.lists(st.integers(0, 6), min_size=6, max_size=40)


@given(values, st.randoms())
def test_auc_counts_pairs_with_ties_half(numbers: list[int], luck: object) -> None:
    given_values = np.array(numbers, float)
    is_so = np.array([luck.random() < 0.5 for _ in numbers])  # type: ignore[attr-defined]
    is_so[:2], is_so[2:4] = True, False
    pairs = [(a > b) + 0.5 * (a == b) for a in given_values[is_so] for b in given_values[~is_so]]
    found, error = auc(given_values, is_so)
    assert found == pytest.approx(np.mean(pairs))
    assert auc(-given_values, is_so) == (pytest.approx(1.0 - found), pytest.approx(error))


def test_delongs_error_is_the_spread_of_the_auc() -> None:
    rng = np.random.default_rng(11)
    aucs, errors = [], []
    for _ in range(600):
        is_so = np.arange(80) < 30
        one = rng.normal(size=80) + 0.8 * is_so
        found, error = auc(one, is_so)
        aucs.append(found)
        errors.append(error)
    assert np.mean(errors) == pytest.approx(np.std(aucs), rel=0.1)


def test_the_error_of_a_gain_is_its_spread() -> None:
    rng = np.random.default_rng(12)
    gains, errors = [], []
    for _ in range(600):
        is_so = np.arange(80) < 30
        base = rng.normal(size=80) + 0.8 * is_so
        found, error = gain(base + 0.5 * rng.normal(size=80) + 0.5 * is_so, base, is_so)
        gains.append(found)
        errors.append(error)
    assert np.mean(errors) == pytest.approx(np.std(gains), rel=0.1)


def test_a_logistic_fit_finds_its_coefficients() -> None:
    rng = np.random.default_rng(13)
    quantities = rng.normal(size=(20_000, 2))
    wanted = 1.0 / (1.0 + np.exp(-(0.5 + 1.0 * quantities[:, 0] - 2.0 * quantities[:, 1])))
    fit = logistic(quantities, rng.random(20_000) < wanted)
    assert np.abs(fit(quantities) - wanted).mean() < 0.01


def test_a_bound_that_divides_without_error_is_found() -> None:
    is_so = np.arange(40) < 15
    values = np.arange(40, dtype=float)
    assert choose(values, is_so) == ("below", 14.5, 1.0)
    assert ((logistic(values[:, None], is_so)(values[:, None]) > 0.5) == is_so).all()


def along(index: np.ndarray) -> Results:
    """The results with another index at all dates; shape (date, run)."""
    return replace(results(), record=synthetic.changed(results().record, cooperation=index))


def walks(*, wild: np.ndarray, fallen: np.ndarray) -> np.ndarray:
    """An index about 60, ten times as restless where `wild`, that falls five months after readings where `fallen`."""
    dates = len(results().dates)
    index = 60.0 + np.random.default_rng(5).normal(size=(dates, RUNS)) * np.where(wild, 5.0, 0.5)
    for row in range(26, dates - 26, 26):
        index[row + 22 : row + 26] = np.where(fallen, 20.0, index[row + 22 : row + 26])
    return index


class TestEarlyWarning:
    def test_unrest_that_was_built_in_warns_where_the_index_does_not(self) -> None:
        fallen = noise(1) > 0.5
        found = ts.early_warning(along(walks(wild=fallen, fallen=fallen)), months=(4, 6))
        table = found.table.set_index(["indicator", "months"])
        assert table.loc[("variance", 6), "side"] == "above"
        assert table.loc[("variance", 6), "auc"] > 0.95
        assert table.loc[("index", 6), "auc"] < 0.65
        assert table.loc[("variance", 6), "gain"] > 5 * table.loc[("variance", 6), "gain_error"] > 0
        assert "variance" in found.note
        assert table.loc[("variance", 4), "falling"] == 0
        assert np.isnan(table.loc[("variance", 4), "auc"])

    def test_luck_warns_of_nothing(self) -> None:
        index = walks(wild=noise(2) > 0, fallen=np.zeros(RUNS, bool))
        index[-5:, noise(1) > 0.5] = 20.0
        found = ts.early_warning(along(index), months=(6,), window_months=18)
        assert (abs(found.table["auc"] - 0.5) < 4 * found.table["standard_error"]).all()
        assert found.note == "no indicator adds to the index beyond doubt at any horizon"

    def test_runs_that_have_fallen_are_not_at_risk(self) -> None:
        index = np.full((len(results().dates), RUNS), 60.0)
        index[:, :100] = 20.0
        found = ts.early_warning(along(index), months=(6,))
        assert found.table["at_risk"].unique().tolist() == [len(found.readings) * (RUNS - 100) // 2]
        assert found.note == "too few runs fall, or stay, to tell: 0 in one half; it takes 20"

    def test_indicators_are_those_of_the_textbook(self) -> None:
        index = results().record.cooperation
        found = {name: rows[1] for name, rows in _indicators(results(), [30, 40], 20).items()}
        times = np.arange(20)
        rest = index[21:41, 7] - np.polyval(np.polyfit(times, index[21:41, 7], 1), times)
        assert found["variance"][7] == pytest.approx(rest.var())
        assert found["autocorrelation"][7] == pytest.approx((rest[1:] * rest[:-1]).sum() / (rest**2).sum())

    def test_readings_of_one_run_count_once(self) -> None:
        is_so, above, below = noise(1) > 0, noise(2), noise(3)
        twice, run = np.concatenate([is_so, is_so]), np.arange(RUNS)
        once = _with_error(above[is_so], below[~is_so], is_so, run)
        doubled = [np.concatenate([part, part]) for part in (above[is_so], below[~is_so])]
        again = _with_error(*doubled, twice, np.concatenate([run, run]))
        assert again[1] == pytest.approx(once[1])

    def test_both_halves_need_runs_of_both_sorts(self) -> None:
        index = walks(wild=np.zeros(RUNS, bool), fallen=np.arange(RUNS) % 2 == 1)
        note = "too few runs fall, or stay, to tell: 0 in one half; it takes 20"
        assert ts.early_warning(along(index), months=[6]).note == note

    def test_horizons_come_once_in_order(self) -> None:
        assert ts.early_warning(results(), months=[3, 1, 3]).table["months"].unique().tolist() == [1.0, 3.0]

    def test_open_matters_are_those_of_the_engine(self) -> None:
        """In a scenario with a past that leaves some open, checks that stop moves, and other actors."""
        found, rows, seen = ts.run("status-quo", runs=12, seed=3), (0, 7, 40), dict[int, np.ndarray]()
        now = begin(assemble(found.scenario), RandomStreams(3, 0, 12))
        dyad = {*found.scenario.file.principals}
        lines = dict.fromkeys((one.actor, one.target, one.issue) for one in now.world.channels.rows)
        is_between = np.tile([{actor, target} == dyad for actor, target, _ in lines], len(matters()))

        def look(step: int) -> None:
            seen[step] = (now.state.matters[:-2][is_between] > 0.0).sum(axis=0)

        look(0)
        proceed(now, after_step=look)
        assert seen[40].max() > 3
        assert np.array_equal(open_matters(found, rows), [seen[row] for row in rows])

    def test_the_area_below_a_curve_is_the_auc(self) -> None:
        is_so = noise(1) > 0.3
        values = np.round(noise(2) + is_so, 1)
        curve = roc(values, is_so)
        assert (curve[-1], (np.diff(curve) >= 0.0).all()) == (1.0, True)
        assert np.trapezoid(curve, dx=0.02) == pytest.approx(auc(values, is_so)[0], abs=0.01)
        assert roc(1.0 * is_so, is_so).min() == 1.0

    def test_curves_are_of_the_judging_half_and_the_best_is_the_choosing_halfs(self) -> None:
        fallen = noise(1) > 0.5
        found = ts.early_warning(along(walks(wild=fallen, fallen=fallen)), months=(6,))
        assert found.best == "variance"
        assert np.trapezoid(found.curves["variance", 6.0], dx=0.02) > 0.95
        told = json.loads(json.dumps(found.to_dict(), allow_nan=False))["curves"]
        assert len(told["hit_rates"]["variance, 6 months"]) == len(told["false_alarm_rates"]) == 51

    @pytest.mark.parametrize(
        "how",
        [
            *({"months": wrong} for wrong in ((30,), (), (np.nan,), (np.inf,), (0.01,), (-1.0,))),
            *({"window_months": wrong} for wrong in (1, 24, np.nan, np.inf)),
        ],
    )
    def test_what_does_not_fit_is_told(self, how: dict[str, object]) -> None:
        with pytest.raises(ts.TensionSimError, match="do not fit: there are 105 steps of a week"):
            ts.early_warning(results(), **how)  # type: ignore[arg-type]

    def test_the_name_of_a_scenario_is_no_results(self) -> None:
        with pytest.raises(TypeError, match="results must be Results; got 'norland-suderia'"):
            ts.early_warning("norland-suderia")  # type: ignore[arg-type]

    def test_another_event_may_be_asked_for(self) -> None:
        found = ts.early_warning(results(), "dry summer", months=(6,))
        assert found.meaning == "the event 'dry summer' holds"
        with pytest.raises(ts.TensionSimError, match="did you mean 'dry summer'"):
            ts.early_warning(results(), "dry sumer")
