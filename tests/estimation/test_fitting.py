"""Fitting: the search, the approximation, the priors, what is reported and written; and recovery of what is known."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as some

import dyads
import tensionsim as ts
from tensionsim.errors import FitError
from tensionsim.estimation.cells import Coefficient
from tensionsim.estimation.fit import ASKED, UNIDENTIFIED, Fit
from tensionsim.estimation.likelihood import climb
from tensionsim.estimation.posterior import Laplace, Prior, prior_of
from tensionsim.estimation.window import gaps_in
from tensionsim.events.history import EventHistory, Reading
from tensionsim.replication import DYAD
from tensionsim.scenario.scenario import from_text

UNTIL = "2024-12-31"
KEDS = Path(__file__).parents[2].parent / "shared" / "data" / "events" / "isr_pse_keds_1979_2011.csv.gz"


@cache
def curated() -> Fit:
    return ts.fit("us-colombia-2017", until=UNTIL)


@cache
def linear() -> Fit:
    """That of the coefficients alone."""
    return ts.fit("us-colombia-2017", until=UNTIL, fix=["shapes"], with_support=False)


def coefficient(path: str, value: float, low: float = 0.0, high: float = 20.0, part: str = "direction") -> Coefficient:
    return Coefficient(path, part, value, low, high, "1")


class TestTheSearch:
    @given(seed=some.integers(0, 10_000), size=some.integers(1, 6))
    @settings(deadline=None)
    def test_it_finds_the_maximum_of_a_bowl_within_bounds(self, seed: int, size: int) -> None:
        rng = np.random.default_rng(seed)
        root = rng.normal(size=(size, size))
        curvature, top = root @ root.T + 0.1 * np.eye(size), 3.0 * rng.normal(size=size)
        low, high = np.full(size, -1.0), np.full(size, 2.0)

        def bowl(point: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
            away = curvature @ (point - top)
            return -0.5 * float((point - top) @ away), -away, -curvature

        found = climb(bowl, np.zeros(size), low, high)
        inside = np.where(found.at_bound, 0.0, found.gradient)
        assert found.gain <= 1e-3
        assert inside @ np.linalg.solve(curvature, inside) < 1e-6  # what a step more could gain, twice
        assert (found.gradient[found.point <= low] <= 0.0).all()
        assert (found.gradient[found.point >= high] >= 0.0).all()

    def test_it_never_goes_where_the_value_is_minus_infinity(self) -> None:
        def log(point: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
            with np.errstate(divide="ignore", invalid="ignore"):
                value = float(np.log(point).sum() - point.sum())
                return (value if point.min() > 0 else -math.inf), 1.0 / point - 1.0, -np.diag(point**-2.0)

        found = climb(log, np.array([0.1, 5.0]), np.zeros(2), np.full(2, 9.0))
        np.testing.assert_allclose(found.point, 1.0, atol=1e-4)


class TestTheApproximation:
    def test_of_a_normal_distribution_it_is_exact(self) -> None:
        covariance = np.array([[2.0, 0.9], [0.9, 1.0]])
        wide = np.full(2, 100.0)
        whole = Laplace(np.zeros(2), 0.0, np.zeros(2), np.linalg.inv(covariance), -wide, wide)
        expected = math.log(2.0 * math.pi) + 0.5 * math.log(np.linalg.det(covariance))
        assert whole.log_whole == pytest.approx(expected, abs=1e-9)

    @pytest.mark.parametrize(("mode", "gradient"), [(1.2, 0.0), (0.0, -3.0)])
    def test_a_bound_cuts_it(self, mode: float, gradient: float) -> None:
        from scipy.integrate import quad

        cut = Laplace(np.array([mode]), -2.0, np.array([gradient]), np.eye(1) * 4.0, np.zeros(1), np.full(1, 9.0))
        expected, _ = quad(lambda x: math.exp(-2.0 + gradient * (x - mode) - 2.0 * (x - mode) ** 2), 0.0, 9.0)
        drawn = cut.sample(4000, seed=1)
        mean, _ = quad(
            lambda x: x * math.exp(-2.0 + gradient * (x - mode) - 2.0 * (x - mode) ** 2) / expected, 0.0, 9.0
        )
        assert cut.log_whole == pytest.approx(math.log(expected), abs=1e-6)
        assert drawn.min() >= 0.0
        assert drawn.mean() == pytest.approx(mean, abs=4.0 * drawn.std() / math.sqrt(4000))

    def test_two_bounds_that_hold_leave_a_corner(self) -> None:
        from scipy.integrate import dblquad

        precision = np.array([[3.0, 1.5], [1.5, 2.0]])
        slope = np.array([-4.0, -2.0])
        cut = Laplace(np.zeros(2), 0.0, slope, precision, np.zeros(2), np.full(2, 8.0))

        def density(y: float, x: float) -> float:
            place = np.array([x, y])
            return math.exp(float(slope @ place - 0.5 * place @ precision @ place))

        expected, _ = dblquad(density, 0.0, 8.0, 0.0, 8.0)
        assert cut.log_whole == pytest.approx(math.log(expected), abs=0.01)


class TestThePriors:
    def test_a_scenario_that_states_a_distribution_states_the_prior(self) -> None:
        scenario = ts.load("trump2-petro-2025").with_values({"parameters.bias": {"normal": [0.3, 0.1]}})
        fitted = ts.fit(scenario, until="2025-04-30", fix=["shapes"], with_support=False)
        row = fitted.table().loc["parameters.bias"]
        assert (row["prior"], row["prior_sd"]) == (pytest.approx(0.3, abs=1e-3), pytest.approx(0.1, rel=1e-2))
        assert abs(row["estimate"] - 0.3) < 0.3

    def test_a_uniform_is_flat_between_its_ends(self) -> None:
        from tensionsim.scenario.quantities import parse

        stated = replace(coefficient("mechanisms.inertia.fast", 1.0), stated=parse({"uniform": [0.5, 1.5]}))
        prior = prior_of(stated)
        assert (prior.low, prior.high, prior.precision) == (0.5, 1.5, 0.0)
        assert prior.density(0.7) == pytest.approx(0.0)

    def test_a_truncated_normal_is_the_prior_as_it_is(self) -> None:
        from dataclasses import replace

        from tensionsim.scenario.quantities import parse

        family = parse({"truncated_normal": [0.1, 0.2, 0.0, 10.0]})
        prior = prior_of(replace(coefficient("mechanisms.inertia.fast", 1.0), stated=family))
        assert (prior.mean, prior.deviation, prior.low, prior.high) == (0.1, 0.2, 0.0, 10.0)
        shares = np.array([0.01, 0.3, 0.9])
        assert prior.quantile(shares) == pytest.approx(family.quantile(shares), abs=1e-9)

    @pytest.mark.parametrize("value", [0.1, 1.0, 9.0])
    def test_densities_sum_to_1_between_the_bounds(self, value: float) -> None:
        prior = prior_of(coefficient("mechanisms.inertia.fast", value))
        places = np.linspace(prior.low, prior.high, 2_001)
        density = np.exp([prior.density(place) for place in places.tolist()])
        assert float(np.trapezoid(density, places)) == pytest.approx(1.0, abs=1e-3)

    def test_half_lives_are_fitted_by_their_logarithm(self) -> None:
        prior = prior_of(coefficient("parameters.slow_half_life", 2.0, 1e-3, 1e3, "shape"))
        assert prior.is_of_log
        assert prior.natural(np.array([prior.mean])) == pytest.approx(2.0)

    def test_a_wider_prior_lets_the_data_say_more(self) -> None:
        wide = ts.fit("us-colombia-2017", until=UNTIL, fix=["shapes"], prior_width=3.0, with_support=False)
        assert wide.diagnosis.effective > linear().diagnosis.effective
        assert wide.log_likelihood > linear().log_likelihood

    @pytest.mark.parametrize("width", [0.0, -1.0, math.nan, 1e308, 1e-308])
    def test_a_width_is_one_that_a_curvature_can_tell(self, width: float) -> None:
        with pytest.raises(FitError, match=r"a factor from 0\.001 to 1,000"):
            ts.fit("us-colombia-2017", prior_width=width)


class TestTheFit:
    def test_nothing_higher_lies_near(self) -> None:
        fitted = curated()
        assert fitted.diagnosis.is_converged
        here, rng = fitted.best.value, np.random.default_rng(3)
        for _ in range(50):
            near = fitted.best.point + 0.05 * rng.normal(size=len(fitted.best.point))
            assert fitted.target.evaluate(np.clip(near, fitted.target.low, fitted.target.high))[0] <= here

    def test_shapes_are_at_their_best_too(self) -> None:
        fitted = curated()
        here = fitted.search.value(fitted.shapes)
        for axis in 0.1 * np.eye(len(fitted.shapes)):
            assert fitted.search.value(fitted.shapes + axis) < here
            assert fitted.search.value(fitted.shapes - axis) < here

    def test_errors_are_those_of_the_inverse_hessian(self) -> None:
        fitted = linear()
        inverse = np.linalg.inv(-fitted.best.hessian)
        free = [path for path in fitted.paths if path not in fitted.diagnosis.at_bound]
        errors = dict(zip(fitted.paths, np.sqrt(np.diag(inverse)), strict=True))
        assert [fitted.standard_errors[path] for path in free] == pytest.approx([errors[path] for path in free])

    def test_draws_keep_to_the_bounds_and_the_correlations(self) -> None:
        fitted = curated()
        drawn = fitted.sample(3000, seed=4)
        for one in fitted.coefficients:
            assert drawn[one.path].between(one.low, one.high).all()
        pair = ["parameters.own_fast", "parameters.own_slow"]
        assert drawn[pair].corr().iloc[0, 1] < -0.2
        assert fitted.correlations().loc[pair[0], pair[1]] < -0.2
        assert fitted.sample(5, seed=2).equals(fitted.sample(5, seed=2))

    def test_an_estimate_outside_its_interval_is_noted(self) -> None:
        table, shifted = linear().table(), replace(linear())
        is_free = ~table["note"].isin(["at its bound", "held by its prior"])
        is_inside = table["estimate"].between(table["low_90"], table["high_90"])
        assert (table["note"][is_free] == "").equals(is_inside[is_free])
        path = is_free[is_free & is_inside].index[0]
        vars(shifted)["_drawn"] = linear().sample(100).assign(**{path: 2.0 * table.loc[path, "high_90"] + 1.0})
        assert shifted.table().loc[path, "note"] == "outside its interval"

    def test_later_events_are_not_looked_at(self) -> None:
        cut = linear()
        early = ts.fit("us-colombia-2017", ts.curated_history().until(UNTIL), fix=["shapes"], with_support=False)
        assert early.estimates == cut.estimates
        assert early.log_evidence == cut.log_evidence

    def test_what_is_fixed_stays_and_says_why(self) -> None:
        fitted = ts.fit("us-colombia-2017", until=UNTIL, fix=["inertia", "bias", "shapes"], with_support=False)
        reasons = {one.path: one.why for one in fitted.fixed}
        assert reasons["mechanisms.inertia.fast"] == reasons["parameters.bias"] == ASKED
        assert reasons["parameters.fast_half_life"] == ASKED
        assert not set(reasons) & set(fitted.estimates)

    def test_what_nothing_speaks_to_is_not_fitted(self) -> None:
        fitted = ts.fit("biden-petro-2022", until="2023-06-30", fix=["shapes"], with_support=False)
        unsaid = {one.path for one in fitted.fixed if one.why == UNIDENTIFIED}
        ways = ("counters", "yields", "carries_out", "relieves")
        assert unsaid == {"mechanisms.rupture_avoidance.strength", *(f"parameters.{way}" for way in ways)}

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"fix": ["inertya"]}, "did you mean 'inertia'"),
            ({"until": "2016-01-01"}, "no whole step"),
            ({"since": "2024-12-25", "until": "2024-12-31"}, "no whole step|no event"),
        ],
    )
    def test_faults_say_what_to_do(self, given: dict, said: str) -> None:
        with pytest.raises(FitError, match=said):
            ts.fit("us-colombia-2017", **given)

    def test_a_scenario_without_history_asks_for_events(self) -> None:
        with pytest.raises(FitError, match="names no history"):
            ts.fit("norland-suderia")

    def test_when_all_is_fixed_nothing_is_left(self) -> None:
        every = [one.path for one in ts.Likelihood.of("us-colombia-2017", until=UNTIL).coefficients]
        with pytest.raises(FitError, match="nothing is left to fit"):
            ts.fit("us-colombia-2017", until=UNTIL, fix=[*every, "shapes"])


class TestSupport:
    def test_a_mechanism_that_made_the_history_is_supported(self) -> None:
        mechanisms = {"reciprocity": {"fast": 6.0, "slow": 0.0}, "inertia": {"fast": 1e-9, "slow": 1e-9}}
        scenario = dyads.scenario(
            end="2039-01-03",
            mechanisms=mechanisms,
            parameters={"base_political": 8.0, "acts_per_step": 20, "intensity": 0.0},
        )
        fitted = ts.fit(scenario, history_of(scenario), fix=["shapes"])
        found = fitted.support_table()
        assert found.loc["reciprocity", "log10_bayes_factor"] > 2.0
        assert found.loc["reciprocity", "p_value"] < 1e-6
        assert found.loc["inertia", "likelihood_ratio"] < 6.0
        assert fitted.estimates["mechanisms.reciprocity.fast"] == pytest.approx(6.0, abs=2.0)

    def test_ratios_are_not_negative_and_words_follow_the_factor(self) -> None:
        for one in curated().support:
            assert one.likelihood_ratio >= 0.0
            assert 0.0 <= one.p_value <= 1.0
            assert (one.verdict == "undecided") == (abs(one.log10_bayes_factor) < 0.5)


def history_of(scenario: ts.Scenario, run: int = 0) -> EventHistory:
    from tensionsim.replication import simulated_history

    results = ts.run(scenario, runs=1, seed=1, first_run=run)
    return simulated_history(scenario, results.record, results.names, run)


class TestWhatIsWritten:
    def test_the_file_extends_the_scenario_and_runs(self, tmp_path: Path) -> None:
        path = curated().write(tmp_path / "fitted.yaml", draws=20)
        scenario = ts.load(path)
        assert "extends: us-colombia-2017" in path.read_text(encoding="utf-8")
        assert scenario.file.changes == curated().given.file.changes
        results = ts.run(scenario, runs=20, seed=3)
        assert results.runs == 20

    def test_runs_take_draws_that_belong_together(self, tmp_path: Path) -> None:
        from tensionsim.engine.build import assemble
        from tensionsim.engine.simulation import first_numbers
        from tensionsim.rng import RandomStreams

        scenario = curated().scenario(draws=20, seed=5)
        drawn = curated().sample(20, seed=5)
        values, _ = first_numbers(assemble(scenario), RandomStreams(0, 0, 30))
        one, other = "parameters.base_political", "parameters.own_slow"
        pairs = {(round(a, 9), round(b, 9)) for a, b in zip(values.get(one), values.get(other), strict=True)}
        given_pairs = {
            (round(float(f"{a:.4g}"), 9), round(float(f"{b:.4g}"), 9))
            for a, b in zip(drawn[one], drawn[other], strict=True)
        }
        assert len(pairs) > 10
        assert pairs <= given_pairs

    def test_one_draw_means_the_estimates(self) -> None:
        values = curated().distributions(draws=1)
        assert values["parameters.bias"] == pytest.approx(curated().estimates["parameters.bias"], rel=1e-3)

    def test_a_scenario_of_ones_own_is_extended_in_its_folder(self, tmp_path: Path) -> None:
        (tmp_path / "own.yaml").write_text("tensionsim: 1\nextends: trump2-petro-2025\n", encoding="utf-8")
        (tmp_path / "elsewhere").mkdir()
        fitted = ts.fit(tmp_path / "own.yaml", until="2025-04-30", fix=["shapes"], with_support=False)
        with pytest.raises(FitError, match="not in its folder"):
            fitted.write(tmp_path / "elsewhere" / "fitted.yaml")
        text = fitted.write(tmp_path / "fitted.yaml").read_text(encoding="utf-8")
        assert "extends: own.yaml" in text
        with pytest.raises(FitError, match="there already"):
            fitted.write(tmp_path / "fitted.yaml")
        assert sorted(one.name for one in tmp_path.iterdir()) == ["elsewhere", "fitted.yaml", "own.yaml"]

    def test_a_changed_scenario_is_written_whole(self, tmp_path: Path) -> None:
        scenario = ts.load("trump2-petro-2025", set={"parameters.cost": 0.5})
        fitted = ts.fit(scenario, until="2025-04-30", fix=["shapes", "cost"], with_support=False)
        again = ts.load(fitted.write(tmp_path / "fitted.yaml", draws=5))
        assert again.file.parameters["cost"] == 0.5

    def test_the_summary_is_plain(self) -> None:
        told = json.loads(json.dumps(curated().summary(), allow_nan=False))
        assert told["acts"] == 533
        assert set(told["estimates"]) == set(curated().paths)
        assert told["diagnosis"]["is_converged"]


class TestGaps:
    def test_a_silence_in_a_busy_series_is_missing_data(self) -> None:
        days = np.arange("2001-01-01", "2004-01-01", dtype="datetime64[D]")
        kept = days[(days < np.datetime64("2002-03-01")) | (days > np.datetime64("2002-05-31"))]
        assert gaps_in(series(kept)) == ((dt.date(2002, 3, 1), dt.date(2002, 5, 31)),)

    def test_a_silence_in_a_sparse_one_is_peace(self) -> None:
        days = np.arange("2001-01-01", "2004-01-01", 20, dtype="datetime64[D]")
        kept = days[(days < np.datetime64("2002-03-01")) | (days > np.datetime64("2002-05-31"))]
        assert gaps_in(series(kept)) == ()

    def test_the_curated_history_has_none(self) -> None:
        assert gaps_in(ts.curated_history()) == ()


def series(days: np.ndarray) -> EventHistory:
    """A history with one event a day, on these days."""
    zeros = np.zeros(len(days), np.int64)
    return EventHistory(
        name="series",
        actors=("avalon", "brigadoon"),
        dates=days,
        actor=zeros,
        target=zeros + 1,
        issues=("road",),
        issue=zeros,
        track=zeros,
        cameo=np.full(len(days), "01"),
        score=np.zeros(len(days)),
        is_material=np.zeros(len(days), bool),
        weight=np.ones(len(days)),
        moves=(),
        move=zeros - 1,
        report=Reading("series", "made up", len(days), len(days)),
    )


class TestRecovery:
    @pytest.mark.slow
    def test_what_answers_classes_and_matters_weigh_is_found(self) -> None:
        truth = {
            **{"parameters.matters": 0.3, "parameters.yields": 1.0, "parameters.refuses": 0.8},
            **{"actors.north.verbal_conflict": -0.5, "actors.south.material_cooperation": 0.7},
            **{"mechanisms.concession.answers": 1.5, "mechanisms.defiance.answers": 1.0},
        }
        dyad = from_text(DYAD, "dyad")
        fitted = ts.fit(dyad, history_of(dyad.with_values(truth)), fix=["shapes"], missing=(), with_support=False)
        for path, value in truth.items():
            assert abs(fitted.estimates[path] - value) < 3.0 * fitted.standard_errors[path], path
        learned = fitted.table()["learned"]
        for path in ("parameters.yields", "actors.north.verbal_conflict", "actors.south.material_cooperation"):
            assert learned[path] > 0.3, path


@pytest.mark.skipif(not KEDS.exists(), reason="the event data beside the checkout are not here")
@pytest.mark.slow
def test_ten_thousand_events_of_a_real_dyad_are_fitted() -> None:
    history = ts.read_events(KEDS, dyad=("ISR", "PSE"), scale="keds")
    first, last = history.first, history.last
    early = history.until(first + (last - first) * 2 // 3)
    fitted = ts.fit(ts.scenario_from_events(early), early)
    assert fitted.diagnosis.is_converged
    assert fitted.diagnosis.acts > 10_000
    assert fitted.support_table().loc["inertia", "verdict"] == "decisive for"


def test_priors_are_shown_as_they_were_used() -> None:
    flat = Prior(1.0, math.inf, 0.0, 2.0)
    assert flat.density(0.5) == flat.density(1.5) == pytest.approx(-math.log(2.0))


@given(mean=some.floats(-8.0, 8.0), deviation=some.floats(0.1, 5.0), low=some.floats(-4.0, 3.0))
def test_quantiles_of_a_cut_prior_leave_that_share_below(mean: float, deviation: float, low: float) -> None:
    from scipy.stats import truncnorm

    prior = Prior(mean, deviation, low, 4.0)
    if not -30.0 < (low - mean) / deviation < 30.0 or not -30.0 < (4.0 - mean) / deviation < 30.0:
        return
    shares = np.array([0.05, 0.5, 0.95])
    wanted = truncnorm.ppf(shares, (low - mean) / deviation, (4.0 - mean) / deviation, mean, deviation)
    assert prior.quantile(shares) == pytest.approx(wanted, rel=1e-6, abs=1e-6)


def test_quantiles_of_a_flat_prior_are_even() -> None:
    assert Prior(1.0, math.inf, 0.0, 2.0).quantile(np.array([0.05, 0.5])) == pytest.approx([0.1, 1.0])
    assert Prior(1.0, math.inf, 0.0, 2.0).scale == pytest.approx(2.0 / math.sqrt(12.0))
