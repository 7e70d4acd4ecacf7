"""Quantities with units mean what people mean by them."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from tensionsim.scenario import quantities


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
