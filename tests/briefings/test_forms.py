"""Forms: singular and plural, zero, and shares near none and all."""

from __future__ import annotations

import itertools

import pytest

from tensionsim.briefings import forms, likelihood

N = forms.FIXED


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (forms.percent, 0.0, f"0{N}%"),
        (forms.percent, 0.573, f"57{N}%"),
        (forms.percent, 0.031, f"3.1{N}%"),
        (forms.percent, 0.953, f"95.3{N}%"),
        (forms.percent, 1.0, f"100{N}%"),
        (forms.percent, 0.0001, f"under 0.1{N}%"),
        (forms.percent, 0.9999, f"over 99.9{N}%"),
        (forms.percentage_points, -0.163, f"16{N}percentage points"),
        (forms.percentage_points, 0.01, f"1.0{N}percentage points"),
        (forms.points, -4.06, f"4.1{N}points"),
        (forms.size, -4.06, "4.1"),
        (forms.signed, -0.04, "0.0"),
        (forms.signed, -1.5, "−1.5"),
        (forms.signed, 1.5, "+1.5"),
        (forms.signed_two, -0.001, "0.00"),
        (forms.whole, -0.2, "0"),
        (forms.count, 1234, "1,234"),
        (forms.runs, 1, f"1{N}run"),
        (forms.runs, 1000, f"1,000{N}runs"),
        (forms.months, 1.0, f"1{N}month"),
        (forms.months, 7.62, f"7.6{N}months"),
        (forms.date, "2026-08-07", f"7{N}August{N}2026"),
        (forms.figure, 1200.0, "1,200"),
        (forms.figure, -15.3, "−15.3"),
        (forms.at_least, 7.5, "8"),
        (forms.at_most, 7.5, "7"),
        (forms.at_least, 0.5, "1"),
        (forms.short_hash, "e8d1f4a495b7c0ffee", "e8d1f4a495b7"),
    ],
)
def test_a_value_is_written_so(form: object, value: float | str, text: str) -> None:
    assert form(value) == text  # type: ignore[operator]
    assert forms.FORMS[form.__name__] is form  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("share", "word"),
    [
        (0.001, "almost no chance"),
        (0.0499, "almost no chance"),
        (0.05, "very unlikely"),
        (0.2, "unlikely"),
        (0.5, "roughly even chance"),
        (0.55, "likely"),
        (0.8, "very likely"),
        (0.95, "almost certain"),
        (0.999, "almost certain"),
    ],
)
def test_a_chance_has_one_word(share: float, word: str) -> None:
    assert likelihood.word(share) == word


def test_the_scale_of_words_leaves_no_gap() -> None:
    bounds = [(low, high) for _, low, high in likelihood.SCALE]
    assert bounds[0][0] == 0.0
    assert bounds[-1][1] == 1.0
    assert all(high == low for (_, high), (low, _) in itertools.pairwise(bounds))
