"""Distributions: what they draw lies in their support, with their mean, in the order of the uniforms."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tensionsim as ts
from tensionsim.scenario import distributions
from tensionsim.scenario.distributions import FAMILIES, complaint, parse
from tensionsim.scenario.schema import Distribution

EXAMPLES = (
    {"uniform": [0.2, 0.6]},
    {"triangular": [0.0, 0.9, 1.0]},
    {"triangular": [0.0, 0.0, 1.0]},
    {"triangular": [0.0, 1.0, 1.0]},
    {"normal": [0.5, 0.2]},
    {"truncated_normal": [0.5, 1.0, 0.0, 20.0]},
    {"truncated_normal": [-1.0, 0.5, 0.0, 3.0]},
    {"truncated_normal": [4.0, 0.5, 0.0, 1.0]},
    {"lognormal": [2.0, 0.5]},
    {"beta": [2.0, 5.0]},
    {"bernoulli": [0.3]},
    {"choice": [3.0, 1.0, 2.0, 2.0]},
    {"joint": [1.0, 1.5, 3.0]},
    {"quantiles": {"5": 0.1, "50": 0.3, "95": 0.7}},
    {"quantiles": {"0": 0.0, "25": 0.2, "100": 0.5}},
)
MIDDLES = (np.arange(200_000) + 0.5) / 200_000
ENDS = np.array([2.0**-53, 1 - 2.0**-53])


def test_the_examples_cover_every_family() -> None:
    assert {name for example in EXAMPLES for name in example} == set(FAMILIES)


@pytest.mark.parametrize("given", EXAMPLES, ids=str)
class TestEveryFamily:
    def test_draws_lie_in_the_support(self, given: dict[str, Any]) -> None:
        family = parse(given)
        low, high = family.support
        drawn = family.quantile(np.concatenate([ENDS, MIDDLES]))
        assert drawn.min() >= low - 1e-9
        assert drawn.max() <= high + 1e-9

    def test_draws_have_the_mean(self, given: dict[str, Any]) -> None:
        family = parse(given)
        assert family.quantile(MIDDLES).mean() == pytest.approx(family.mean, rel=1e-4)

    def test_draws_rise_with_the_uniform(self, given: dict[str, Any]) -> None:
        assert (np.diff(parse(given).quantile(MIDDLES)) >= 0).all()

    def test_shape_is_kept(self, given: dict[str, Any]) -> None:
        assert parse(given).quantile(MIDDLES[:6].reshape(2, 3)).shape == (2, 3)

    def test_the_schema_agrees(self, given: dict[str, Any]) -> None:
        assert parse(Distribution.model_validate(given)) == parse(given)


def test_draws_have_the_quantiles_that_were_told() -> None:
    drawn = parse({"quantiles": {5: 0.1, 50: 0.3, 95: 0.7}})
    shares = [(drawn.quantile(MIDDLES) < value).mean() for value in (0.1, 0.2, 0.3, 0.7)]
    assert shares == pytest.approx([0.05, 0.275, 0.5, 0.95], abs=1e-5)
    assert drawn.support == pytest.approx((0.1 - 0.06, 0.7 + 0.06))
    assert str(drawn) == "0.1 / 0.3 / 0.7 at 5, 50 and 95 %"


def test_long_lists_are_told_by_their_quantiles_whatever_their_order() -> None:
    assert str(parse({"joint": [3.0, 1.0, 2.0]})) == "joint 3, 1, 2"
    assert str(parse({"joint": [*range(50, 101), *range(50)]})) == "5 / 50 / 95 at 5, 50 and 95 % of 101 values (joint)"


@pytest.mark.parametrize(
    "told", [{}, {5: 0.1}, {5: 0.3, 50: 0.3}, {5: 0.4, 50: 0.3}, {5: 0.1, 101: 0.3}, {-1: 0, 5: 1}]
)
def test_quantiles_rise_and_are_two_or_more(told: dict[int, float]) -> None:
    with pytest.raises(ValueError, match="quantiles are a mapping of percentages to values"):
        parse({"quantiles": told})


def test_joint_lists_keep_their_pairs() -> None:
    one, other = parse({"joint": [3.0, 1.0, 2.0]}), parse({"joint": [30.0, 10.0, 20.0]})
    assert (other.quantile(MIDDLES) == 10.0 * one.quantile(MIDDLES)).all()
    assert set(one.quantile(MIDDLES[:10])) == {3.0}


@pytest.mark.parametrize(
    ("given", "middle"),
    [
        ({"uniform": [0.2, 0.6]}, 0.4),
        ({"joint": [1.0, 1.5, 4.0], "estimate": 1.2}, 1.2),
        ({"choice": [2.0, 3.0, 9.0]}, 3.0),
        ({"bernoulli": [0.7]}, 1.0),
        ({"bernoulli": [0.3]}, 0.0),
        ({"choice": [2.0, 3.0, 9.0], "estimate": 8.0}, 9.0),
    ],
)
def test_where_nothing_is_drawn_a_number_is_its_estimate_or_its_mean(
    given: dict[str, list[float]], middle: float
) -> None:
    changes = [{"date": "2025-06-01", "set": {"x": given}}]
    left = {"elections": {"joint": [dt.date(2025, 1, 1)]}, "choice": {"uniform": 1.0}, "texts": ["joint"]}
    settled = distributions.settled({"x": given, "changes": changes, **left})
    assert settled == {"x": middle, "changes": [{"date": "2025-06-01", "set": {"x": middle}}], **left}
    assert complaint(given, {"ge": 0.0}) == ""
    assert parse(Distribution.model_validate(given)).middle == middle


def test_an_estimate_out_of_range_is_told() -> None:
    given = {"joint": [1.0, 1.5], "estimate": -2.0}
    assert complaint(given, {"ge": 0.0}) == "this joint reaches from -2 to 1.5; use a number of 0 or more"


def test_a_number_is_certain() -> None:
    family = parse(0.4)
    assert (family.support, family.mean) == ((0.4, 0.4), 0.4)
    assert (family.quantile(MIDDLES[:3]) == 0.4).all()


def test_quantiles_are_those_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    u = MIDDLES[::5000]
    for example, known in (
        ({"triangular": [1.0, 2.0, 5.0]}, stats.triang(0.25, 1, 4)),
        ({"normal": [1.0, 2.0]}, stats.norm(1, 2)),
        ({"truncated_normal": [1.0, 2.0, 0.0, 4.0]}, stats.truncnorm(-0.5, 1.5, 1, 2)),
        ({"truncated_normal": [-3.0, 0.5, 0.0, 1.0]}, stats.truncnorm(6, 8, -3, 0.5)),
        ({"truncated_normal": [4.0, 0.5, 0.0, 1.0]}, stats.truncnorm(-8, -6, 4, 0.5)),
        ({"lognormal": [2.0, 0.5]}, stats.lognorm(0.5, scale=2)),
        ({"beta": [2.0, 5.0]}, stats.beta(2, 5)),
    ):
        np.testing.assert_allclose(parse(example).quantile(u), known.ppf(u), rtol=1e-9, atol=1e-14)


@given(
    st.dictionaries(st.sampled_from(sorted(FAMILIES)), st.lists(st.floats(-5, 5), min_size=2, max_size=2), max_size=2)
)
def test_a_complaint_is_empty_or_a_sentence(given: dict[str, list[float]]) -> None:
    for longer in ("triangular", "truncated_normal"):
        given.pop(longer, None)
    words = complaint(given, {"ge": 0.0, "le": 1.0})
    if not words:
        low, high = parse(given).support
        assert 0 <= low <= high <= 1
    assert "\n" not in words


@pytest.mark.parametrize(
    ("given", "limits", "words"),
    [
        ({"normal": [0.5, 0.05]}, {"ge": 0, "le": 1}, ""),
        ({"normal": [0.5, 0.1]}, {"ge": 0, "le": 1}, "this normal reaches from -0.321 to 1.32; use a number in 0..1"),
        ({"truncated_normal": [0.5, 1, 0, 1]}, {"ge": 0, "le": 1}, ""),
        (
            {"truncated_normal": [0.5, 1, 0, 2]},
            {"ge": 0, "le": 1},
            "this truncated_normal reaches from 0 to 2; use a number in 0..1",
        ),
        ({"lognormal": [1, 0.5]}, {"ge": 0}, ""),
        ({"lognormal": [1, 0.5]}, {"gt": 0}, ""),
        ({"uniform": [0, 1]}, {"gt": 0}, "this uniform reaches from 0 to 1; use a number above 0"),
        ({"uniform": [-1, 1]}, {"ge": 0}, "this uniform reaches from -1 to 1; use a number of 0 or more"),
        ({"choice": [0.1, 7]}, {"ge": 0, "le": 1}, "this choice reaches from 0.1 to 7; use a number in 0..1"),
    ],
)
def test_a_complaint_says_how_far_draws_reach(
    given: dict[str, list[float]], limits: dict[str, float], words: str
) -> None:
    assert complaint(given, limits) == words


def test_the_farthest_draw_is_that_of_the_smallest_uniform() -> None:
    assert parse({"normal": [0, 1]}).quantile(ENDS) == pytest.approx([-distributions.FARTHEST, distributions.FARTHEST])


# Confined to a range


@pytest.mark.parametrize(
    "given",
    [
        {"triangular": [0.0, 0.3, 1.0]},
        {"normal": [0.4, 0.3]},
        {"truncated_normal": [0.4, 0.3, 0.0, 1.0]},
        {"lognormal": [0.5, 0.4]},
        {"beta": [2.0, 3.0]},
        {"uniform": [0.0, 1.0]},
        {"quantiles": {5: 0.1, 50: 0.4, 95: 0.9}},
    ],
)
def test_a_confined_number_is_its_own_distribution_cut_at_both_ends(given: dict[str, list[float]]) -> None:
    whole = parse(given)
    part = parse(whole.confined(0.35, 0.7))
    assert part.support == (0.35, 0.7)
    shares = (np.arange(20_000) + 0.5) / 20_000
    wanted = whole.quantile(shares)
    wanted = wanted[(wanted >= 0.35) & (wanted <= 0.7)]
    found = part.quantile((np.arange(len(wanted)) + 0.5) / len(wanted))
    assert found == pytest.approx(wanted, abs=2e-3)
    assert part.mean == pytest.approx(wanted.mean(), abs=2e-3)


def test_confined_lists_are_shorter_and_estimates_outside_are_left_out() -> None:
    assert parse({"choice": [3, 1, 2]}).confined(1.5, np.inf) == {"choice": [3.0, 2.0]}
    assert "estimate" not in parse({"triangular": [0, 0.3, 1], "estimate": 0.3}).confined(0.4, 0.6)
    assert parse({"uniform": [0, 1], "estimate": 0.5}).confined(0.4, np.inf) == {"uniform": [0.4, 1.0], "estimate": 0.5}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"triangular": [0, 0.5, 1], "within": [1.4, 1.7]}, "that draws of this triangular, 0 to 1, lie between"),
        ({"normal": [0, 1], "within": [2, 1]}, r"found \[2, 1\]"),
        ({"choice": [1, 2], "within": [1, 2]}, "confined by a shorter list"),
        ({"joint": [1, 2], "within": [1, 2]}, "confined by a shorter list"),
    ],
)
def test_a_range_without_draws_is_refused(given: dict[str, list[float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(given)


def test_a_scenario_keeps_what_a_number_is_confined_to() -> None:
    number = {"triangular": [0.0, 0.5, 1.0], "within": [0.4, 0.7]}
    scenario = ts.load("norland-suderia", set={"actors.norland.rhetoric": number})
    assert "{triangular: [0.0, 0.5, 1.0], within: [0.4, 0.7]}" in scenario.text
    results = ts.run(scenario, runs=50)
    row = results.names.actors.index("norland")
    drawn = results.record.rhetoric[0, row]
    assert drawn.min() >= 0.4
    assert drawn.max() <= 0.7
    assert scenario.without_draws().file.actors["norland"].rhetoric == pytest.approx(0.541, abs=0.01)
    with pytest.raises(ts.ScenarioError, match=r"`within` is \[low, high\]"):
        ts.load("norland-suderia", set={"actors.norland.rhetoric": {**number, "within": [3, 4]}})
