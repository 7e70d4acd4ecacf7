"""Replications: each agrees where the model is right and disagrees where it, or the published number, is wrong."""

from __future__ import annotations

import json
import math
from dataclasses import astuple, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, strategies as st
from statsmodels.tsa.api import VAR

import tensionsim as ts
from tensionsim import replication as studies
from tensionsim.errors import TensionSimError
from tensionsim.events.history import EventHistory, Reading, Taken
from tensionsim.forecasts.baselines import CannotFit
from tensionsim.replication import (
    COLUMNS,
    HEARD,
    STUDIES,
    Check,
    Estimate,
    Outcome,
    Race,
    Replication,
    Study,
    monthly_conduct,
    near,
    recover,
    responses,
    simulated,
)

KEDS = Path(__file__).resolve().parents[2] / "shared" / "data" / "events" / "isr_pse_keds_1979_2011.csv.gz"


def agreement(checks: object) -> list[bool]:
    return [check.agrees for check in checks]  # type: ignore[attr-defined]


class TestAChecksVerdict:
    @pytest.mark.parametrize(
        ("value", "agrees"), [(2.0, True), (2.39, True), (1.61, True), (2.41, False), (1.5, False)]
    )
    def test_a_simulated_mean_may_miss_by_four_errors(self, value: float, agrees: bool) -> None:
        assert simulated("acts", "theory", 2.0, Estimate(value, 0.1)).agrees is agrees

    def test_what_the_published_result_neglects_is_allowed_and_said(self) -> None:
        found = simulated("tone", "theory", 2.0, Estimate(2.5, 0.1), allowed=0.2)
        assert found.agrees
        assert found.tolerance == pytest.approx(0.6)
        assert "0.2 that the published result neglects" in found.criterion

    def test_what_is_no_number_never_agrees(self) -> None:
        assert not near("tone", "theory", 2.0, Estimate(math.nan, 0.1), 10.0, "near").agrees
        assert not near("tone", "theory", 2.0, Estimate(2.0), math.nan, "near").agrees


def races() -> list[Race]:
    return list(studies.BORDER.values())


@cache
def race() -> np.ndarray:
    return Race().tones(runs=100, seed=3)


class TestRichardson:
    def test_runs_follow_their_own_equations_and_no_others(self) -> None:
        assert studies.course(Race(), race()).agrees
        for wrong in (Race(gain=0.5), Race(sharp=(0.7, 1.4)), Race(grievance=(0.0, -0.35))):
            assert not studies.course(wrong, race()).agrees

    def test_the_worst_stretch_is_the_one_that_is_shown(self) -> None:
        spoilt = race().copy()
        spoilt[40:50, 1, 0] += 0.1
        found = studies.course(Race(), spoilt)
        assert not found.agrees
        assert "weeks 40 to 50, north, slow" in found.quantity

    def test_an_equilibrium_that_is_another_races_disagrees(self) -> None:
        assert agreement(studies.equilibrium(Race(), race(), "")) == [True, True]
        assert agreement(studies.equilibrium(studies.AGGRIEVED, race(), "")) == [False, False]

    def test_a_race_that_runs_away_where_it_should_settle_disagrees(self) -> None:
        settled, run_away = np.full((2, 2, 9), 0.01), np.full((2, 2, 9), 0.5)
        stable, unstable = races()[0], races()[3]
        assert studies.border("", stable, settled).agrees
        assert not studies.border("", stable, run_away).agrees
        assert studies.border("", unstable, run_away).agrees
        assert not studies.border("", unstable, settled).agrees

    def test_both_sides_of_the_border_are_tried_with_equal_and_unequal_sides(self) -> None:
        stands = [(one.feedback < 1.0, one.sharp[0] == one.sharp[1]) for one in races()]
        assert set(stands) == {(True, True), (True, False), (False, True), (False, False)}
        for one in races()[-2:]:
            assert one.matrix[0, 1] > -one.matrix[0, 0]


@cache
def acts(attention: tuple[float, float] = (1.0, 1.0)) -> np.ndarray:
    return studies.counts(studies.exciting(attention=attention), runs=200, seed=3)


class TestHawkes:
    def test_rates_of_another_pair_disagree(self) -> None:
        equal, unequal = studies.exciting(), studies.exciting(attention=studies.UNEQUAL)
        assert all(agreement(studies.mean_rates(equal, acts(), (1.0, 1.0), "")))
        assert all(agreement(studies.mean_rates(unequal, acts(studies.UNEQUAL), studies.UNEQUAL, "")))
        assert not any(agreement(studies.mean_rates(equal, acts(), studies.UNEQUAL, "")))

    @pytest.mark.parametrize("wrong", [0.5, 0.7])
    def test_another_branching_ratio_disagrees(self, wrong: float, monkeypatch: pytest.MonkeyPatch) -> None:
        assert agreement(studies.scatter(studies.exciting(), acts())) == [True, True]
        monkeypatch.setattr(studies, "BRANCHING", wrong)
        assert agreement(studies.scatter(studies.exciting(), acts())) == [False, False]

    def test_acts_that_breed_none_have_a_branching_ratio_of_0(self) -> None:
        found = studies.branching(np.random.default_rng(5).poisson(30.0, size=(12, 400)).astype(float))
        assert abs(found.value) < 4.0 * found.error < 0.2

    def test_clusters_tell_their_branching_ratio_whatever_the_window(self) -> None:
        """A series in which each count breeds a Poisson number in the next period: offspring .5, so ratio .5."""
        rng = np.random.default_rng(6)
        path = np.zeros((400, 400))
        for row in range(1, 400):
            path[row] = rng.poisson(2.0 + 0.5 * path[row - 1])
        for window in (10, 20, 40):
            found = studies.branching(path[40:].reshape(-1, window, 400).sum(axis=1))
            assert abs(found.value - 0.5) < 4.0 * found.error < 0.1


def response(own: float, other: float, error: float = 0.05) -> tuple[Estimate, Estimate]:
    return Estimate(own, error), Estimate(other, error)


def history(scores: np.ndarray, start: str = "1990-01") -> EventHistory:
    """One event of each actor a month, with these scores, shape (month, 2), on a scale that CAMEO's roots have."""
    months = np.arange(start, np.datetime64(start, "M") + np.timedelta64(len(scores), "M"), dtype="datetime64[M]")
    count = scores.size
    actor = np.tile([0, 1], len(scores))
    return EventHistory(
        name="made-up",
        actors=("avalon", "brigadoon"),
        dates=np.repeat(months.astype("datetime64[D]"), 2),
        actor=actor,
        target=1 - actor,
        issues=("relations",),
        issue=np.zeros(count, np.int64),
        track=np.zeros(count, np.int64),
        cameo=np.where(scores.ravel() > 0, "04", "19"),
        score=scores.ravel().astype(float),
        is_material=scores.ravel() < 0,
        weight=np.ones(count),
        moves=(),
        move=np.full(count, -1),
        report=Reading(
            "made-up", "made up", count, count, taken=(Taken("avalon", "AVA", 1), Taken("brigadoon", "B", 1))
        ),
    )


def answering(sign: float) -> EventHistory:
    """20 years in which each side repeats itself, and answers the other in kind (sign 1) or contrarily (-1)."""
    rng = np.random.default_rng(2)
    scores = np.ones((240, 2))
    for row in range(1, 240):
        lean = 0.8 * scores[row - 1] + sign * 0.8 * scores[row - 1, ::-1]
        scores[row] = np.where(rng.uniform(size=2) < 1.0 / (1.0 + np.exp(-lean)), 1.0, -1.0)
    return history(scores)


def found_in(events: EventHistory | None) -> Outcome:
    found = list(studies.find_goldstein_freeman(events=events))
    checks = tuple(one for one in found if isinstance(one, Check))
    return Outcome(STUDIES[2], checks, tuple(one for one in found if isinstance(one, str)))


class TestGoldsteinAndFreeman:
    def test_signs_and_what_is_told_from_0_are_two_things(self) -> None:
        assert agreement(studies.pattern("isr", response(0.5, 0.06))) == [True, True, True, False]
        assert agreement(studies.pattern("isr", response(0.5, -0.06))) == [True, True, False, False]
        assert agreement(studies.pattern("isr", response(-0.5, 0.5))) == [False, False, True, True]

    def test_a_dyad_that_answers_in_kind_shows_the_pattern(self) -> None:
        found = found_in(answering(1.0))
        assert agreement(found.checks) == [True] * 10

    def test_a_dyad_that_answers_contrarily_does_not(self) -> None:
        found = {check.quantity: check for check in found_in(answering(-1.0)).checks}
        assert found["routine of avalon, sign"].agrees
        for side in ("avalon", "brigadoon"):
            assert not found[f"reciprocity of {side}, sign"].agrees
            assert not found[f"reciprocity of {side}, told from 0"].agrees
        assert not found["reciprocity in the fitted model"].agrees

    def test_without_events_it_says_how_to_get_it_done(self) -> None:
        (skipped,) = found_in(None).notes
        assert "--events FILE" in skipped

    def test_a_history_that_is_too_short_is_skipped_with_the_reason(self) -> None:
        found = found_in(answering(1.0).until("1990-08-31"))
        assert "cannot give 5 coefficients" in found.notes[0]

    def test_months_without_events_are_0_and_weights_count(self) -> None:
        few = history(np.array([[1.0, -2.0], [3.0, 4.0], [5.0, 6.0]]))
        rows = [0, 1, 4, 5]
        arrays = ("dates", "actor", "target", "issue", "track", "cameo", "score", "is_material", "move")
        cut = replace(few, **{name: getattr(few, name)[rows] for name in arrays}, weight=np.array([1.0, 2.0, 1.0, 1.0]))
        assert monthly_conduct(cut).tolist() == [[1.0, -4.0], [0.0, 0.0], [5.0, 6.0]]

    @pytest.mark.slow
    @pytest.mark.skipif(not KEDS.is_file(), reason="the shared event data are not beside this checkout")
    def test_the_keds_dyad_repeats_the_pattern_but_for_one_finding_on_reciprocity(self) -> None:
        events = ts.read_events(KEDS, dyad=("ISR", "PSE"), scale="keds")
        found = ts.replicate("goldstein-freeman", events=events)
        assert [check.quantity for check in found.failures] == ["reciprocity of isr, told from 0"]
        table = found.table().set_index("quantity")
        assert table.loc["routine of isr, sign", "obtained"] == pytest.approx(0.62, abs=0.03)


def intervals(width: float, histories: int = 60, coefficients: int = 20, seed: int = 1) -> pd.DataFrame:
    """Rows of a recovery whose errors are normal, with intervals `width` times as wide as they should be."""
    rng = np.random.default_rng(seed)
    rows = []
    for run in range(histories):
        for number in range(coefficients):
            truth, miss = rng.normal(size=2)
            rows.append({"run": run, "path": f"parameters.c{number}", "truth": truth, "estimate": truth + miss})
    table = pd.DataFrame(rows)
    for level, reach in ((50, 0.6744898), (90, 1.6448536)):
        table[f"low_{level}"] = table["estimate"] - width * reach
        table[f"high_{level}"] = table["estimate"] + width * reach
    return table


@cache
def recovered(run: int = 0) -> pd.DataFrame:
    return recover(run, seed=11)


class TestRecovery:
    def test_right_intervals_agree(self) -> None:
        assert all(agreement(studies.overall(intervals(1.0))))
        assert all(agreement(studies.by_coefficient(intervals(1.0))))

    @pytest.mark.parametrize("width", [0.8, 1.25])
    def test_intervals_too_narrow_or_too_wide_disagree(self, width: float) -> None:
        assert agreement(studies.overall(intervals(width))) == [False, False]

    def test_one_coefficient_with_wrong_intervals_is_the_one_that_disagrees(self) -> None:
        right, wrong = intervals(1.0), intervals(0.3)
        mixed = pd.concat([right[right["path"] != "parameters.c7"], wrong[wrong["path"] == "parameters.c7"]])
        failed = [check.quantity for check in studies.by_coefficient(mixed) if not check.agrees]
        assert failed == ["50 %: c7", "90 %: c7"]

    def test_the_error_of_coverage_takes_histories_as_its_units(self) -> None:
        """Where all coefficients of a history hold or miss together, it is that of as many cases as histories."""
        held = np.repeat(np.array([True, False] * 20), 10)
        found = studies.coverage(held, np.repeat(np.arange(40), 10))
        assert found.error == pytest.approx(np.std([0.0, 1.0] * 20, ddof=1) / math.sqrt(40))
        apart = studies.coverage(np.tile([True, False], 200), np.repeat(np.arange(40), 10))
        assert apart.error == pytest.approx(0.0, abs=1e-12)

    def test_a_single_history_has_no_error_and_does_not_agree(self) -> None:
        assert agreement(studies.overall(intervals(1.0, histories=1))) == [False, False]

    @pytest.mark.slow
    def test_jobs_change_nothing(self) -> None:
        rows = pd.concat([recovered(), recovered(1)], ignore_index=True)
        pd.testing.assert_frame_equal(studies.histories(2, seed=11, jobs=2), rows)

    def test_fewer_than_fifty_histories_are_shown_and_do_not_count(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(studies, "recover", lambda *_, **__: recovered())
        found = ts.replicate("recovery", replications=1)
        assert found.checks
        assert not any(check.counts for check in found.checks)
        assert found.count().startswith("0 of 0 checks agree, 74 do not count")
        assert "Fewer than 50" in found.outcomes[0].notes[0]

    @pytest.mark.slow
    def test_intervals_of_fits_hold_the_truth_as_often_as_they_say(
        self, full: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With 6 histories, or 12; the command's own number, and that of its page in `make test-all`, is 50."""
        monkeypatch.setattr(studies, "recover", lambda run, seed: recovered(run))
        found = studies.find_recovery(replications=12 if full else 6, seed=11, jobs=1, progress=False)
        assert [one.quantity for one in found if isinstance(one, Check) and not one.agrees] == []


def toy(*checks: Check) -> Outcome:
    return Outcome(Study(name="toy", title="Toy", sources=(), takes=(), find=iter), checks, ("A note.",))


GOOD = simulated("good", "theory", 2.0, Estimate(2.0, 0.1))
BAD = Check(quantity="bad", source="theory", published="up", obtained="down", criterion="the same", agrees=False)


class TestTheWhole:
    def test_failures_stand_in_the_table_and_are_counted(self) -> None:
        found = Replication((toy(GOOD, BAD, replace(BAD, counts=False)),), 0, 50, None, "1")
        assert found.failures == (BAD,)
        assert found.count() == "1 of 2 checks agree, 1 do not count"
        table = found.table()
        assert tuple(table.columns) == COLUMNS
        assert table["agrees"].tolist() == [True, False, False]
        assert table.loc[1, ["published", "obtained"]].tolist() == ["up", "down"]

    def test_plain_values_have_no_nan_and_everything_else(self) -> None:
        told = Replication((toy(GOOD, BAD),), 0, 50, None, "1").summary()
        again = json.loads(json.dumps(told, allow_nan=False))
        assert again["checks"][1]["error"] is None
        assert (again["agree"], again["counted"]) == (1, 2)
        assert again["studies"][0]["notes"] == ["A note."]

    def test_the_same_seed_gives_the_same_numbers_and_another_does_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(studies, "RUNS", 10)
        first, second, other = (ts.replicate("hawkes", seed=seed).table() for seed in (4, 4, 5))
        pd.testing.assert_frame_equal(first, second)
        assert not first["obtained"].equals(other["obtained"])

    def test_studies_come_in_their_order_each_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        light = tuple(replace(one, find=lambda **_: iter(())) for one in STUDIES)
        monkeypatch.setattr(studies, "STUDIES", light)
        for names_given in ((), ("recovery", "hawkes", "hawkes")):
            names = [one.study.name for one in ts.replicate(*names_given).outcomes]
            assert names == (["hawkes", "recovery"] if names_given else [one.name for one in STUDIES])

    @pytest.mark.parametrize(
        ("asked", "how", "said"),
        [
            (("richardsen",), {}, "to replicate; did you mean 'richardson'"),
            (("zzz",), {}, "no study 'zzz' to replicate\nThere are richardson, hawkes"),
            (("hawkes",), {"replications": 60}, "replications: of no use to hawkes"),
            (("hawkes",), {"jobs": 2}, "ask for recovery"),
            (("goldstein-freeman",), {"seed": 1}, "seed: of no use to goldstein-freeman"),
            (("hawkes",), {"events": ts.curated_history()}, "events: of no use to hawkes"),
            (("goldstein-freeman",), {"events": ts.curated_history()}, "about two governments"),
        ],
    )
    def test_what_is_of_no_use_is_refused(self, asked: tuple[str, ...], how: dict[str, object], said: str) -> None:
        with pytest.raises(TensionSimError, match=said):
            ts.replicate(*asked, **how)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("how", "error"),
        [
            ({"replications": 0}, ValueError),
            ({"seed": -1}, ValueError),
            ({"jobs": "many"}, TypeError),
            ({"replication": 5}, TypeError),
            ({"events": "events.csv"}, TypeError),
        ],
    )
    def test_numbers_that_are_none_are_refused_before_anything_runs(
        self, how: dict[str, object], error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            ts.replicate(**how)  # type: ignore[arg-type]


rates = st.floats(-2.0, 3.0).map(lambda value: round(value, 3))
pairs = st.tuples(rates, rates)
any_race = st.builds(Race, gain=st.floats(0.0, 9.0).map(lambda value: round(value, 3)), sharp=pairs, grievance=pairs)


@given(any_race)
def test_stability_is_that_of_the_eigenvalues(race: Race) -> None:
    real = np.linalg.eigvals(race.matrix).real.max()
    assume(abs(real) > 1e-6)
    (first, k), (el, second) = race.matrix.tolist()
    assert (first * second > k * el and first + second < 0.0) == (race.feedback < 1.0)
    assert race.feedback == pytest.approx(1.0 + real)


@given(any_race)
def test_nobody_moves_in_equilibrium(race: Race) -> None:
    assume(abs(np.linalg.det(race.matrix)) > 1e-3)
    moves = race.matrix @ race.equilibrium - HEARD * np.array(race.grievance)
    np.testing.assert_allclose(moves, 0.0, atol=1e-7 * (1 + np.abs(race.equilibrium).max()))


def test_mutual_reaction_that_beats_fatigue_runs_away() -> None:
    assert Race(gain=1.0, sharp=(1.0, 1.0)).feedback < 1.0 < Race(gain=5.0, sharp=(1.0, 1.0)).feedback


def made_up(length: int, seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(length, 2)) * [1.0, 5.0]
    path = np.zeros((length, 2))
    for row in range(2, length):
        path[row] = (
            np.array([[0.3, 0.1], [0.2, 0.4]]) @ path[row - 1] + np.array([0.2, 0.1]) * path[row - 2] + noise[row]
        )
    return path


def test_sums_and_their_errors_are_those_of_statsmodels() -> None:
    path = made_up(300)
    fit = VAR(path).fit(2)
    for actor, found in enumerate(responses(path)):
        rows = {True: [1 + actor, 3 + actor], False: [2 - actor, 4 - actor]}
        covariance = np.asarray(fit.cov_params()).reshape(5, 2, 5, 2)[:, actor, :, actor]
        for own, (value, error) in ((True, astuple(found[0])), (False, astuple(found[1]))):
            assert value == pytest.approx(fit.params[rows[own], actor].sum())
            assert error == pytest.approx(np.sqrt(covariance[np.ix_(rows[own], rows[own])].sum()), rel=1e-6)


def test_intervals_hold_the_true_sums_in_19_of_20_histories() -> None:
    held = []
    for seed in range(150):
        first, second = responses(made_up(400, seed))
        for value, error, truth in (
            (first[0].value, first[0].error, 0.5),
            (first[1].value, first[1].error, 0.1),
            (second[0].value, second[0].error, 0.5),
            (second[1].value, second[1].error, 0.2),
        ):
            held.append(abs(value - truth) < 1.96 * error)
    assert 0.91 < np.mean(held) < 0.98


def test_a_short_history_says_so() -> None:
    with pytest.raises(CannotFit, match="cannot give 5 coefficients"):
        responses(made_up(12))


@pytest.fixture(scope="module")
def keds_months() -> np.ndarray:
    """Net Goldstein scores by calendar month, months without events being 0; columns ISR to PSE, PSE to ISR."""
    if not KEDS.is_file():
        pytest.skip("the shared event data are not beside this checkout")
    events = pd.read_csv(KEDS, parse_dates=["date"])
    months = events["date"].dt.to_period("M")
    sums = events.groupby([months, "initiator"])["goldstein"].sum().unstack()
    every = pd.period_range(months.min(), months.max(), freq="M")
    return sums.reindex(every).fillna(0.0)[["ISR", "PSE"]].to_numpy()


def test_the_keds_dyad_repeats_the_pattern_of_goldstein_and_freeman(keds_months: np.ndarray) -> None:
    israel, palestine = responses(keds_months, order=2)
    assert [israel[0].value, palestine[0].value] == pytest.approx([0.62, 0.34], abs=0.03)
    assert [israel[1].value, palestine[1].value] == pytest.approx([0.15, 0.20], abs=0.03)
    assert min(israel[0].value / israel[0].error, palestine[0].value / palestine[0].error) > 3.0
    assert palestine[1].value / palestine[1].error > 3.0
    assert 0.0 < israel[1].value / israel[1].error < 1.96  # positive, but not sure to be
