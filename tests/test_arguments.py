"""Arguments: whole numbers are taken as they are, anything else is refused in words, as are options with a slip."""

from __future__ import annotations

import inspect
import operator
import pickle
from types import FunctionType

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.errors import whole


def test_whole_numbers_of_any_type_are_taken() -> None:
    assert whole("runs", 3) == whole("runs", np.int64(3)) == 3


@pytest.mark.parametrize("value", [True, 2.0, "7", None, np.float64(2.0), np.bool_(True)])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="seed must be a whole number >= 0; got"):
        whole("seed", value)


def test_a_number_below_the_least_is_refused() -> None:
    with pytest.raises(ValueError, match="runs must be a whole number >= 1; got 0"):
        whole("runs", 0, least=1)


@pytest.mark.parametrize(("name", "value"), [("run", 1.5), ("seed", "7"), ("run", True)])
def test_reasons_refuse_what_is_no_number_of_a_run(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=f"{name} must be a whole number"):
        ts.reasons("norland-suderia", **{name: value})


FUNCTIONS = [
    *(name for name in ts.__all__ if isinstance(getattr(ts, name), FunctionType)),
    *(f"plots.{name}" for name in ts.plots.__all__),
]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_of_an_option_with_a_slip_the_nearest_is_told(name: str) -> None:
    function = operator.attrgetter(name)(ts)
    for option in inspect.signature(function).parameters:
        with pytest.raises(
            TypeError, match=rf"{function.__name__}\(\) has no option '{option}x'; did you mean '{option}'"
        ):
            function(**{f"{option}x": 1})
    assert pickle.loads(pickle.dumps(function)) is function


def test_of_an_option_that_is_near_none_all_are_told() -> None:
    with pytest.raises(TypeError, match=r"open\(\) has no option 'zzz'; there is directory, partial"):
        ts.open(zzz=1)  # type: ignore[call-arg]
