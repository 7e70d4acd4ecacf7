"""Arguments: whole numbers and days are taken whatever their type, others refused in words; so are slips."""

from __future__ import annotations

import datetime as dt
import inspect
import operator
import pickle
from types import FunctionType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensionsim as ts
from tensionsim.errors import day_of, whole


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


@given(st.dates(dt.date(1800, 1, 1), dt.date(2200, 12, 31)))
def test_a_day_is_read_whatever_its_type(date: dt.date) -> None:
    time = dt.datetime.combine(date, dt.time(13, 5))
    values = (date.isoformat(), f" {date} ", date, time, pd.Timestamp(time), np.datetime64(time, "m"))
    assert {day_of(one) for one in values} == {date}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2025-02-30", "February 2025 has 28 days"),
        ("2024-02-30", "February 2024 has 29 days"),
        ("2025-00-01", "there is no month 0"),
        ("2025-1-1", "write year-month-day"),
        ("20250101", "write year-month-day"),
        ("2025-01-01T00:00", "write year-month-day"),
        (dt.datetime.max, "is not a date in 1800..2200"),
        (pd.NaT, "'NaT' is not a date"),
        (20250101, "write year-month-day"),
        ("0001-01-01", "is not a date in 1800..2200"),
        ("\u0662\u0660\u0662\u0665-\u0660\u0661-\u0660\u0661", "write year-month-day"),
    ],
)
def test_what_is_no_date_is_refused_with_the_reason(value: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        day_of(value)


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
