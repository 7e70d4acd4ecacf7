"""The engine's own numbers."""

from __future__ import annotations

import pytest

from tensionsim.model.parameters import ENGINE, Parameter


@pytest.mark.parametrize("name", ENGINE)
def test_every_number_of_the_engine_says_its_unit_and_meaning(name: str) -> None:
    one = ENGINE[name]
    assert one.unit
    assert len(one.description) > 10
    assert one.low < one.high


def test_acts_breed_fewer_than_one_act_at_the_defaults() -> None:
    assert sum(ENGINE[name].default for name in ("own_fast", "own_slow", "other_fast", "other_slow")) < 1.0


def test_a_default_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="lies outside"):
        Parameter(2.0, 0.0, 1.0, "1", "a share")
