"""Parameters and settings: ranges, values by path, and the arrays made of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as some

from tensionsim.model.parameters import DEFAULTS, ENGINE, Names, Parameter, Settings, attributes


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


NAMES = Names(("avalon", "brigadoon"), ("road", "well"), ("coca",))


def settings(**values: float | list[float]) -> Settings:
    found = Settings(3)
    for path, value in values.items():
        found.set(path.replace("__", "."), np.atleast_1d(np.array(value, float)))
    return found


def test_silent_actors_have_the_defaults() -> None:
    found = attributes(settings(), NAMES)
    for name, value in DEFAULTS.items():
        assert (getattr(found, name) == value).all()
    assert (found.stances == 0.5).all()
    assert (found.salience == 0.5).all()
    assert not found.dependence.any()


@given(some.floats(0.0, 9.0), some.floats(0.0, 9.0))
def test_salience_sums_to_one(road: float, well: float) -> None:
    values = {"actors__avalon__salience__road": road, "actors__avalon__salience__well": well}
    found = attributes(settings(**values), NAMES).salience
    assert found.sum(axis=1) == pytest.approx(np.ones((2, 1)))
    if road + well > 0:
        assert found[0, 0, 0] == pytest.approx(road / (road + well))


def test_one_uncertain_number_widens_its_table_only() -> None:
    found = attributes(settings(actors__avalon__rhetoric=[0.1, 0.2, 0.3]), NAMES)
    assert found.rhetoric.tolist() == [[0.1, 0.2, 0.3], [0.3, 0.3, 0.3]]
    assert found.rally.shape == (2, 1)


def test_a_value_set_in_some_runs_leaves_the_others_alone() -> None:
    found = settings(actors__avalon__rhetoric=0.4)
    found.set("actors.avalon.rhetoric", np.array([0.9]), np.array([True, False, True]))
    assert found.get("actors.avalon.rhetoric").tolist() == [0.9, 0.4, 0.9]
    found.set("actors.avalon.rhetoric", np.array([0.5]), np.zeros(3, bool))
    assert found.get("actors.avalon.rhetoric").tolist() == [0.9, 0.4, 0.9]
    found.set("actors.avalon.rhetoric", np.array([0.5]), np.ones(3, bool))
    assert found.get("actors.avalon.rhetoric").tolist() == [0.5]


def test_dependence_and_affinity_are_from_row_to_column() -> None:
    found = attributes(
        settings(actors__avalon__dependence__brigadoon=0.7, actors__brigadoon__affinity__avalon=-0.4), NAMES
    )
    assert found.dependence[:, :, 0].tolist() == [[0.0, 0.7], [0.0, 0.0]]
    assert found.affinity[:, :, 0].tolist() == [[0.0, 0.0], [-0.4, 0.0]]


def test_a_group_has_a_value_for_every_name() -> None:
    found = settings(parameters__heat=0.5).group("parameters", {"heat": 0.1, "cost": 2.0})
    assert {name: value.tolist() for name, value in found.items()} == {"heat": [0.5], "cost": [2.0]}
