"""Texts mean what people mean by them, dates lie in one step, and draws in their support, with their mean, in order."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tensionsim as ts
from tensionsim.scenario import quantities
from tensionsim.scenario.quantities import FAMILIES, Span, complaint, parse
from tensionsim.scenario.schema import Distribution

DATES = st.dates(dt.date(1990, 1, 1), dt.date(2050, 1, 1))
STEPS = st.sampled_from(["day", "week", "month"])
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


@pytest.mark.parametrize(
    ("text", "months"),
    [("6 months", 6), ("1 month", 1), ("2 years", 24), ("52 weeks", 12), ("365 days", 12), (" 1.5  years ", 18)],
)
def test_durations_are_months(text: str, months: float) -> None:
    assert quantities.months(text) == pytest.approx(months)


@pytest.mark.parametrize(
    "text", ["", "6", "months", "6months", "0 days", "-1 month", "1e9 years", "1 fortnight", "\u0663 days"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        quantities.months(text)


@given(share=st.floats(0, 1), parts=st.integers(1, 60))
def test_many_short_steps_come_to_the_same_chance_as_one_long(share: float, parts: int) -> None:
    each = quantities.chance_per_step(f"{share:.12f} per month", 1 / parts)
    assert 1 - (1 - each) ** parts == pytest.approx(share, abs=1e-9)


def test_a_chance_is_turned_from_its_unit_to_a_step() -> None:
    assert quantities.chance_per_step("30 % per week", 12 / 52) == pytest.approx(0.3)
    assert quantities.chance_per_step("1 per year", 0.1) == 1


@pytest.mark.parametrize("text", ["often", "0.3", "2 per month", "-0.1 per month", "130 % per month", "0.3 per decade"])
def test_what_is_no_chance_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a chance"):
        quantities.chance_per_step(text, 1.0)


def test_growth_compounds() -> None:
    assert (1 + quantities.growth_per_month("5 % per year")) ** 12 == pytest.approx(1.05)
    assert quantities.growth_per_month("0.01 per month") == 0.01


@pytest.mark.parametrize("text", ["5 %", "fast", "-100 % per year", "99 per year", "10 per day", "-0.99999 per day"])
def test_what_is_no_growth_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a growth rate"):
        quantities.growth_per_month(text)


def test_bounds_have_a_side() -> None:
    assert quantities.bound("below 35") == quantities.Bound(below=35)
    assert quantities.bound("above -0.5") == quantities.Bound(above=-0.5)


@pytest.mark.parametrize("text", ["35", "under 35", "below", "below 3 5"])
def test_what_is_no_bound_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a bound"):
        quantities.bound(text)


def test_a_direction_has_two_ends() -> None:
    assert quantities.pair("bogota -> beijing") == ("bogota", "beijing")
    assert quantities.pair("* -> caracas") == ("*", "caracas")
    for text in ("bogota", "bogota->beijing", "a -> b -> c", "-> b"):
        with pytest.raises(ValueError, match="is not a direction"):
            quantities.pair(text)


def test_shifts_are_shares() -> None:
    assert quantities.shift("-2%") == quantities.shift(" -2 % ") == -0.02
    for text in ("2", "two %", "9e999%"):
        with pytest.raises(ValueError, match="is not a shift"):
            quantities.shift(text)


@given(start=DATES, length=st.integers(1, 1500), step=STEPS, share=st.floats(0, 1))
def test_a_date_snaps_to_the_step_that_contains_it(start: dt.date, length: int, step: str, share: float) -> None:
    span = Span(start, start + dt.timedelta(days=length), step)
    date = start + dt.timedelta(days=round(share * length))
    rows = [span.at(number) for number in range(span.n_steps + 1)]
    assert rows[0] == start
    assert rows[-2] < span.end <= rows[-1]
    assert all(one < other for one, other in pairwise(rows))
    if span.holds(date):
        snapped = span.snapped(date)
        assert snapped in rows[:-1]
        assert snapped <= date < rows[rows.index(snapped) + 1]
    else:
        assert date == span.end == rows[-1]


@given(start=DATES, length=st.integers(1, 1500), step=STEPS, before=st.integers(1, 100))
def test_a_date_outside_happens_never(start: dt.date, length: int, step: str, before: int) -> None:
    span = Span(start, start + dt.timedelta(days=length), step)
    assert not span.holds(start - dt.timedelta(days=before))
    assert not span.holds(span.end + dt.timedelta(days=before))


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
    settled = quantities.settled({"x": given, "changes": changes, **left})
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
    assert parse({"normal": [0, 1]}).quantile(ENDS) == pytest.approx([-quantities.FARTHEST, quantities.FARTHEST])


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
