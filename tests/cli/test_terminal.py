"""Tables on a screen: numbers as far as they are sure, what is not known, and names that look like numbers."""

from __future__ import annotations

from math import nan

import pytest

from tensionsim.cli.terminal import detect, formed, measured


def test_names_are_told_as_they_are_and_what_is_not_known_is_a_dash() -> None:
    columns = {"name": "{name}", "level": "{level:.1f}", "interval": "{low:.1f} to {high:.1f}"}
    known = {"name": "ae+b", "level": 2.0, "low": 1.0, "high": 3.0}
    lines = [*formed(detect(), columns, [known, {"name": "otto", "level": None, "low": nan, "high": nan}])]
    assert [line.split() for line in lines[1:]] == [["ae+b", "2.0", "1.0", "to", "3.0"], ["otto", "-", "-"]]


@pytest.mark.parametrize(
    ("value", "error", "told"),
    [(1.234, 0.05, "+1.23"), (12.34, 3.0, "+12.3"), (-0.01, 0.0, "-0.010"), (0.0, 0.0, "+0.0"), (nan, nan, "-")],
)
def test_a_number_is_told_as_far_as_it_is_sure(value: float, error: float, told: str) -> None:
    assert measured(detect(), value, error).split()[0] == told
