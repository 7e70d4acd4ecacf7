"""Importance: weights of draws by the exact density, how far they can be trusted, and what they correct."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.estimation.cells import shapes
from tensionsim.estimation.posterior import Importance, Laplace, fitted_pareto, smoothed, wide

Density = Callable[[np.ndarray], float]


@cache
def fit() -> ts.Fit:
    return ts.fit("trump2-petro-2025", until="2025-04-30", fix=["shapes"], with_support=False)


@cache
def of_two() -> ts.Fit:
    """A fit of one coefficient and one half-life."""
    whole = ts.Likelihood.of("trump2-petro-2025", until="2025-04-30")
    every = [one.path for one in (*whole.coefficients, *shapes(whole.states))]
    kept = ("parameters.own_slow", "parameters.slow_half_life")
    fixed = [path for path in every if path not in kept]
    return ts.fit("trump2-petro-2025", until="2025-04-30", fix=fixed, with_support=False)


def normal(density: Density, mode: float, low: float, high: float) -> Laplace:
    """Laplace's approximation of a density of one coordinate about its mode, by differences."""
    step = 1e-3
    ahead, here, behind = (density(np.array([mode + sign * step])) for sign in (1.0, 0.0, -1.0))
    precision = np.array([[-(ahead + behind - 2.0 * here) / step**2]])
    return Laplace(np.array([mode]), here, np.zeros(1), precision, np.array([low]), np.array([high]))


def integrals(density: Density, low: float, high: float) -> tuple[float, float]:
    """Log of the sum of a density, and its mean, on a fine grid."""
    grid = np.linspace(low, high, 200_001)
    values = np.exp([density(np.array([at])) for at in grid])
    whole = np.trapezoid(values, grid)
    return math.log(whole), float(np.trapezoid(values * grid, grid) / whole)


def gamma(point: np.ndarray) -> float:
    """A density that leans: Gamma(3, 1), its mode at 2 and its mean at 3."""
    (at,) = point.tolist()
    return 2.0 * math.log(at) - at if at > 0.0 else -math.inf


def heavy(point: np.ndarray) -> float:
    """Student's t with one degree of freedom: its tails outweigh every normal distribution's."""
    return -math.log1p(float(point[0]) ** 2)


class TestTheTail:
    @pytest.mark.parametrize("shape", [-0.3, 0.0, 0.4, 0.9])
    def test_its_shape_is_found_again(self, shape: float) -> None:
        shares = np.random.default_rng(5).random(20_000)
        values = -np.log(shares) if shape == 0.0 else (shares**-shape - 1.0) / shape
        found, scale = fitted_pareto(np.sort(2.0 * values))
        assert found == pytest.approx(shape, abs=0.03)
        assert scale == pytest.approx(2.0, rel=0.05)

    @pytest.mark.parametrize("power", [0.25, 0.5, 0.8])
    def test_weights_of_a_known_power_law_have_that_k(self, power: float) -> None:
        found = [smoothed(-power * np.log(np.random.default_rng(seed).random(4000)))[1] for seed in range(20)]
        assert np.mean(found) == pytest.approx(power, abs=0.06)

    def test_smoothing_keeps_the_order_and_the_weights_below_the_tail(self) -> None:
        given = -0.8 * np.log(np.random.default_rng(2).random(1000))
        found, _ = smoothed(given)
        order = np.argsort(given)
        assert (np.diff(found[order]) >= 0.0).all()
        assert found[order[:-100]] == pytest.approx(given[order[:-100]])
        assert found.max() <= given.max()

    def test_impossible_draws_weigh_nothing(self) -> None:
        given = np.where(np.arange(1000) % 4 == 0, -np.inf, np.random.default_rng(3).normal(size=1000))
        found, shape = smoothed(given)
        assert np.isneginf(found[::4]).all()
        assert math.isfinite(shape)

    def test_too_few_draws_tell_nothing(self) -> None:
        assert smoothed(np.array([0.0, 1.0, 2.0]))[1] == math.inf
        assert smoothed(np.where(np.arange(1000) < 50, np.arange(1000.0), -np.inf))[1] == math.inf


class TestAnApproximationThatIsExact:
    @pytest.mark.parametrize("size", [1, 2])
    def test_its_density_sums_to_1_within_the_bounds(self, size: int) -> None:
        precision = np.array([[2.0, 0.6], [0.6, 1.0]])[:size, :size]
        cut = Laplace(np.zeros(size), -3.0, np.full(size, -0.4), precision, np.zeros(size), np.full(size, 6.0))
        axis = np.linspace(0.0, 6.0, 601)
        points = np.stack(np.meshgrid(*[axis] * size, indexing="ij"), axis=-1).reshape(-1, size)
        values = np.exp(cut.log_density(points)).reshape([601] * size)
        for _ in range(size):
            values = np.trapezoid(values, axis, axis=0)
        assert float(values) == pytest.approx(1.0, abs=2e-3)

    def test_all_draws_weigh_the_same(self) -> None:
        cut = Laplace(
            np.zeros(2), 1.5, np.array([-0.5, 0.0]), np.array([[1.0, 0.5], [0.5, 1.0]]), np.zeros(2), np.full(2, 9.0)
        )
        found = Importance.of(cut, lambda point: float(cut.log_density(point[None])[0]) + cut.log_whole, 500)
        assert found.effective_share == pytest.approx(1.0)
        assert (found.verdict, found.log_whole) == ("good", pytest.approx(cut.log_whole))

    def test_nearly_normal_is_good(self) -> None:
        def density(point: np.ndarray) -> float:
            (at,) = point.tolist()
            return -0.5 * at**2 - 0.01 * at**4

        found = Importance.of(normal(density, 0.0, -9.0, 9.0), density)
        assert found.k < 0.5
        assert found.effective_share > 0.9
        assert found.log_whole == pytest.approx(integrals(density, -9.0, 9.0)[0], abs=4.0 * found.log_whole_error)


class TestAnApproximationThatIsNot:
    def test_corrected_draws_and_evidence_of_a_leaning_density_are_the_true_ones(self) -> None:
        log_whole, mean = integrals(gamma, 1e-9, 30.0)
        approximate = normal(gamma, 2.0, 1e-9, 30.0)
        found = Importance.of(approximate, gamma, 4000, seed=1)
        drawn, corrected = approximate.sample(4000, 1).mean(), found.resampled(4000, 2).mean()
        assert mean == pytest.approx(3.0, abs=1e-3)
        assert abs(drawn - mean) > 0.5
        assert abs(corrected - mean) < 0.4 * abs(drawn - mean)
        assert abs(found.log_whole - log_whole) < 0.4 * abs(approximate.log_whole - log_whole)

    def test_tails_that_are_too_heavy_are_told(self) -> None:
        found = Importance.of(normal(heavy, 0.0, -200.0, 200.0), heavy)
        assert found.k > 0.7
        assert found.verdict == "not to be trusted"
        assert found.describe("this").startswith("this is not to be trusted (k ")

    def test_two_coordinates_that_bend_together_are_corrected(self) -> None:
        def density(point: np.ndarray) -> float:
            x, y = point.tolist()
            return -0.5 * x**2 - 0.5 * (y - 0.4 * x**2) ** 2 / 0.8

        flat = Laplace(np.zeros(2), 0.0, np.zeros(2), np.diag([1.0, 1.25]), np.full(2, -9.0), np.full(2, 9.0))
        found = Importance.of(flat, density, 4000)
        truth = math.log(2.0 * math.pi * math.sqrt(0.8))
        assert found.log_whole == pytest.approx(truth, abs=5.0 * found.log_whole_error)
        assert found.resampled(4000, 1)[:, 1].mean() == pytest.approx(0.4, abs=0.08)


@pytest.mark.slow
class TestNestedDraws:
    def test_guided_draws_lie_within_the_bounds_and_their_density_is_known(self) -> None:
        precision = np.array([[1.0, 0.7, 0.1], [0.7, 1.2, -0.3], [0.1, -0.3, 0.8]])
        cut = Laplace(np.zeros(3), 0.0, np.array([-0.6, 0.2, -0.3]), precision, np.zeros(3), np.array([2.0, 5.0, 1.0]))
        points, log_density = cut.guided(np.random.default_rng(1).random((3, 20_000)))
        assert ((points >= cut.low) & (points <= cut.high)).all()
        ratio = np.exp(cut.log_density(points) - log_density)
        assert ratio.mean() == pytest.approx(1.0, abs=0.01)
        assert (ratio @ points) / ratio.sum() == pytest.approx(cut.sample(20_000, 2).mean(axis=0), abs=0.02)

    def test_the_wide_distribution_sums_to_1_within_its_bounds(self) -> None:
        cut = np.array([0.3]), np.array([[0.5]]), np.array([0.0]), np.array([1.5])
        draws, log_density = wide(*cut, size=30_000, rng=np.random.default_rng(3))
        assert ((draws >= 0.0) & (draws <= 1.5)).all()
        # The mean of 1 / density over draws is the length of the interval.
        assert np.exp(-log_density).mean() == pytest.approx(1.5, rel=0.02)

    def test_evidence_and_means_are_those_of_integration(self) -> None:
        found, search = of_two(), of_two().search
        size = 24
        (low, high), (first, last) = (0.0, 3.0), (search.priors[0].low, search.priors[0].high)
        nodes, weights = np.polynomial.legendre.leggauss(size)
        across, along = low + (high - low) * (nodes + 1) / 2, first + (last - first) * (nodes + 1) / 2
        log_density = np.array([[search.density(np.array([x, y])) for x in across] for y in along])
        area = np.outer(weights, weights) * (high - low) * (last - first) / 4
        highest = log_density.max()
        mass = area * np.exp(log_density - highest)
        corrected = found.corrected
        assert corrected.effective_share > 0.8
        assert corrected.log_whole == pytest.approx(highest + math.log(mass.sum()), abs=4.0 * corrected.log_whole_error)
        means = corrected.weights @ corrected.draws
        truth = np.array([mass.sum(axis=0) @ across, mass.sum(axis=1) @ along]) / mass.sum()
        spread = np.sqrt(corrected.weights @ (corrected.draws - means) ** 2)
        assert (np.abs(means - truth) < 0.25 * spread).all()

    def test_where_no_shape_is_fitted_the_weighed_draws_are_laplaces(self) -> None:
        assert fit().corrected is fit().importance


class TestResampling:
    def test_each_draw_comes_as_often_as_it_weighs(self) -> None:
        found = Importance(np.arange(4.0)[:, None], np.log([0.1, 0.2, 0.3, 0.4]), 0.0)
        counts = np.bincount(found.resampled(1000, 7)[:, 0].astype(int), minlength=4)
        assert counts == pytest.approx([100, 200, 300, 400], abs=1)

    def test_the_order_is_by_chance_and_the_seed_repeats_it(self) -> None:
        found = Importance(np.arange(50.0)[:, None], np.zeros(50), 0.0)
        one, two = found.resampled(50, 1), found.resampled(50, 1)
        assert np.array_equal(one, two)
        assert not np.array_equal(one, np.sort(one, axis=0))


class TestOfAFit:
    def test_its_density_at_the_mode_is_the_height_of_the_approximation(self) -> None:
        assert fit().search.density(fit().laplace.mode) == pytest.approx(fit().laplace.height)

    def test_corrected_draws_are_among_those_that_were_weighed(self) -> None:
        drawn = fit().sample(100, seed=1, posterior="corrected")
        weighed = fit().importance.draws
        natural = np.stack([prior.natural(weighed[:, row]) for row, prior in enumerate(fit().priors)], axis=-1)
        assert drawn.columns.tolist() == list(fit().paths)
        assert all(np.isclose(natural, row).all(axis=1).any() for row in drawn.to_numpy())

    def test_its_evidence_is_near_that_of_laplace(self) -> None:
        found = fit().importance
        assert abs(found.log_whole - fit().log_evidence) < 2.0
        assert fit().summary(checked=True)["approximation"] == {
            "k": found.k,
            "verdict": found.verdict,
            "draws": 1000,
            "effective_share": found.effective_share,
            "log_whole": found.log_whole,
            "log_whole_error": found.log_whole_error,
        }

    def test_an_unknown_posterior_is_named(self) -> None:
        with pytest.raises(ValueError, match="posterior must be one of laplace, corrected; got"):
            fit().sample(posterior="exact")
