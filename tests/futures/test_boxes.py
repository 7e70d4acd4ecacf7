"""PRIM on plain arrays: planted boxes, sets, quasi-p-values by hand, another implementation, and what is refused."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2_contingency, ks_2samp

from tensionsim.errors import SelectionError
from tensionsim.futures.boxes import Points, best_of


def planted(points: int = 2000, factors: int = 20, noise: float = 0.05) -> tuple[pd.DataFrame, np.ndarray]:
    """A box in two of many factors and one of names, within which nearly all points are of interest."""
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.random((points, factors)), columns=[f"x{place}" for place in range(factors)])
    table["who"] = rng.choice(["left", "right", "centre"], points)
    inside = (table["x3"] > 0.6) & (table["x7"] < 0.45) & (table["who"] != "centre")
    flipped = rng.random(points) < noise
    return table, (inside.to_numpy() ^ flipped)


def test_a_box_planted_in_twenty_dimensions_is_found_and_nothing_else() -> None:
    points = Points.of(*planted())
    trajectory = points.peel()
    box = points.simplified(trajectory[best_of(trajectory)], 0.05 / 21)
    assert set(box.limits) == {"x3", "x7", "who"}
    assert box.limits["who"] == {"left", "right"}
    (low, above), (below, high) = box.limits["x3"], box.limits["x7"]
    assert (above, below) == (np.inf, -np.inf)
    assert low == pytest.approx(0.6, abs=0.05)
    assert high == pytest.approx(0.45, abs=0.05)
    assert box.density > 0.85
    # Of what is of interest anywhere, a part is noise that no box holds.
    assert box.coverage > 0.6
    assert box.mass == pytest.approx(box.inside.mean())


def test_every_slice_is_thin_and_raises_the_density() -> None:
    points = Points.of(*planted())
    trajectory = points.peel(alpha=0.1, least_mass=0.02)
    assert trajectory[0].mass == trajectory[0].coverage == 1.0
    for before, after in itertools.pairwise(trajectory):
        assert after.density > before.density
        assert after.mass > 0.02
    assert trajectory[1].mass == pytest.approx(0.9, abs=0.001) or "who" in trajectory[1].limits


def test_what_was_peeled_too_far_is_pasted_back() -> None:
    """Slices of half a box overshoot; pasting gives back what belongs to it."""
    values = np.linspace(0.0, 1.0, 1000)
    points = Points.of(pd.DataFrame({"x": values}), values > 0.55)
    last = points.peel(alpha=0.5, least_mass=0.05)[-1]
    assert last.density == 1.0
    pasted = Points.of(pd.DataFrame({"x": values}), (values > 0.55) & (values < 0.95) | (values < 0.01))
    trajectory = pasted.peel(alpha=0.4, least_mass=0.05)
    masses = np.diff([box.mass for box in trajectory])
    assert (masses[:1] < 0).all()


def test_quasi_p_values_are_those_of_the_binomial_without_the_limit() -> None:
    points = Points.of(*planted())
    box = points.box({"x3": (0.6, np.inf), "x1": (-np.inf, 0.9)})
    held, count = int(points.interest[box.inside].sum()), int(box.inside.sum())
    found = points.quasi_p(box)
    for name, rest in (("x3", points.columns["x1"] <= 0.9), ("x1", points.columns["x3"] >= 0.6)):
        wanted = binomtest(held, count, points.interest[rest].mean(), alternative="greater").pvalue
        assert found[name] == pytest.approx(wanted, rel=1e-9)
    assert found["x3"] < 1e-6
    assert found["x1"] > 0.05
    assert set(points.simplified(box).limits) == {"x3"}


def test_ties_and_few_values_are_peeled_by_whole_values() -> None:
    values = np.repeat([1.0, 2.0, 3.0, 4.0], 50)
    points = Points.of(pd.DataFrame({"x": values, "same": 7.0}), values == 2.0)
    last = points.peel()[-1]
    assert (last.limits, last.density, last.coverage) == ({"x": (1.5, 2.5)}, 1.0, 1.0)
    assert list(points.columns) == ["x"]


def test_factors_that_tell_nothing_are_told_from_those_that_do() -> None:
    table, interest = planted()
    table["middle"] = np.where(interest, 0.5, np.linspace(0.0, 1.0, len(table)))
    found = Points.of(table, interest).alone()
    assert {name for name, p in found.items() if p < 0.05 / len(found)} == {"x3", "x7", "who", "middle"}
    for name, wanted in (("x3", ks_2samp), ("x1", ks_2samp)):
        one, other = table[name][interest], table[name][~interest]
        assert found[name] == pytest.approx(wanted(one, other, method="asymp").pvalue, rel=0.2, abs=1e-12)
    counts = pd.crosstab(table["who"], interest)
    assert found["who"] == pytest.approx(chi2_contingency(counts).pvalue, rel=1e-6)


def test_one_factor_is_enough() -> None:
    values = np.linspace(0.0, 1.0, 500)
    trajectory = Points.of(pd.DataFrame({"x": values}), values > 0.7).peel()
    (limit,) = trajectory[best_of(trajectory)].limits.values()
    assert limit[0] == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize(
    ("table", "interest", "words"),
    [({"a": [0.1, 0.1, 0.1]}, [True, False, True], r"no factor varies over the points \(of a\)")],
)
def test_what_nothing_can_be_found_in_is_refused_in_words(table: dict, interest: list, words: str) -> None:
    with pytest.raises(SelectionError, match=words):
        Points.of(pd.DataFrame(table), np.array(interest))


def test_a_trajectory_is_that_of_another_implementation() -> None:
    """Same objective, slices and least mass as ema_workbench has by default; bounds lie between the same points."""
    prim = pytest.importorskip("ema_workbench.analysis.prim")
    table, interest = planted(1000, 8)
    theirs = prim.Prim(table, interest, threshold=0.1).find_box().peeling_trajectory
    ours = Points.of(table, interest).peel()
    for name in ("coverage", "density", "mass"):
        first = [getattr(box, name) for box in ours[:12]]
        assert first == pytest.approx(theirs[name].to_list()[:12], abs=1e-9)
