"""Arguments: whole numbers and days are taken whatever their type, others refused in words; so are slips."""

from __future__ import annotations

import datetime as dt
import inspect
import operator
import pickle
from collections.abc import Callable, Sequence
from types import FunctionType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

import tensionsim as ts
from tensionsim.errors import day_of, telling_options, whole
from tensionsim.forecasts.folder import some_horizons


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


@pytest.mark.parametrize("name", FUNCTIONS)
def test_flags_are_true_or_false(name: str) -> None:
    function = operator.attrgetter(name)(ts)
    for option, one in inspect.signature(function).parameters.items():
        if one.annotation == "bool":
            with pytest.raises(TypeError, match=f"{option} must be True or False; got 'no'"):
                function(**{option: "no"})


NAME = "norland-suderia"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ts.open(None), r"directory must be str \| Path; got None"),
        (lambda: ts.run(NAME, runs=1, store=3), r"store must be str \| Path \| None; got 3"),
        (lambda: ts.settle(["a"]), r"stakeholders must be str \| Path \| pd.DataFrame; got \['a'\]"),
        (lambda: ts.early_signs("managed"), "results must be Results; got 'managed'"),
        (lambda: ts.early_warning(ts.load(NAME)), "results must be Results; got a Scenario"),
        (lambda: ts.fit("us-colombia-2017", fix=3), r"fix must be Sequence\[str\]; got 3"),
        (lambda: ts.compare(NAME, names=3), r"names must be Sequence\[str\] \| None; got 3"),
        (lambda: ts.discover(NAME, over=3), r"over must be Mapping.* \| None; got 3"),
        (lambda: ts.discover(NAME, runs=40, of="index", below="low"), r"below must be float \| None; got 'low'"),
        (lambda: ts.replicate(["richardson"]), "there is no study"),
        (lambda: ts.list_moves(actor=["norland"]), r"actor must be str \| None; got \['norland'\]"),
        (lambda: ts.contributions(NAME, None), "actor must be one of norland, suderia, .*; got None"),
        (lambda: ts.load(NAME, outlook=3), "no outlook '3'"),
        (lambda: ts.sensitivity(NAME, method=["morris"]), "method: no method"),
        (lambda: ts.sweep(NAME, {"actors.norland.rhetoric": [0.1]}, keep=3), "keep must be one of all, .*; got 3"),
    ],
)
def test_of_a_value_of_a_wrong_type_the_argument_is_named(call: Callable[[], object], message: str) -> None:
    with pytest.raises((TypeError, ValueError, ts.TensionSimError), match=message):
        call()


@pytest.mark.parametrize("given", [(NAME, 3), (NAME, 3, 4)])
def test_too_many_arguments_are_told_with_the_name_of_the_function(given: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match=rf"run\(\) takes 1 positional argument but {len(given)} were given"):
        ts.run(*given)


def test_a_slip_that_no_argument_made_stays_what_it_was() -> None:
    def function(values: Sequence[float] | None, *others: str, count: int = 1) -> object:
        return values.missing  # type: ignore[union-attr]

    told = telling_options(function, __name__, "function")
    for right in (None, [1.0], (), np.ones(2), pd.Series([1.0])):
        with pytest.raises(AttributeError, match="missing"):
            told(right, "a", count=np.int64(3))
    for name, wrong in (("values", (3,)), ("others", ([], "a", 3))):
        with pytest.raises(TypeError, match=f"{name} must be .*; got 3"):
            told(*wrong)


EVENTS = pd.DataFrame({"date": ["2004-02-06"], "source": ["COL"], "target": ["VEN"], "cameo": ["042"]})
SPAN = {"since": "2017-01-01", "until": "2018-12-31"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ts.scenario_from_events(EVENTS), "which read_events.. makes of files and tables; got a DataFrame"),
        (lambda: ts.fit("us-colombia-2017", EVENTS), "events are an EventHistory.*; got a DataFrame"),
        (lambda: ts.Likelihood.of("us-colombia-2017", EVENTS), "events are an EventHistory.*; got a DataFrame"),
        (lambda: ts.backtest("us-colombia-2017", EVENTS), "events are an EventHistory.*; got a DataFrame"),
        (lambda: ts.forecast(events=EVENTS), "events are an EventHistory.*; got a DataFrame"),
        (lambda: ts.observed_index(EVENTS), "events are an EventHistory.*; got a DataFrame"),
        (
            lambda: ts.scenario_from_events(ts.read_events(EVENTS), step="weekly"),
            "step must be one of day, week, month; got 'weekly'",
        ),
        (lambda: ts.scenario_from_events(ts.read_events(EVENTS), start="soon"), "'soon' is not a date"),
        (
            lambda: ts.fit("us-colombia-2017", missing=["2018-12-31"], **SPAN),
            "first and last day of each.*'2018-12-31'",
        ),
        (
            lambda: ts.fit("us-colombia-2017", missing=("2018-12-31", "2019-01-06"), **SPAN),
            "first and last day of each",
        ),
        (lambda: ts.forecast("us-colombia-2017", fit="yes"), "fit must be True, False or a Fit; got 'yes'"),
        (lambda: ts.sweep("norland-suderia", design=[{"a": 1}]), "a design is .* a DataFrame; got .*DataFrame.rows."),
        (lambda: ts.load("norland-suderia", set="a=.3"), "values are a mapping by path, .*; got 'a=.3'"),
        (lambda: ts.load("norland-suderia").with_values("a=.3"), "values are a mapping by path, .*; got 'a=.3'"),
        (lambda: ts.load(EVENTS), "YAML text or open file; got a DataFrame$"),
        (lambda: ts.read_events([EVENTS, EVENTS]), "events are a path, .*; got a list; join tables first"),
        (lambda: ts.read_events(EVENTS["cameo"]), "the table: it cannot be read here .* and a table"),
        (lambda: ts.read_events("date,source\n" * 600), "^events: 'date,source.{,70}' is text, not a path"),
        (lambda: ts.read_events("x" * 600), "^'x{60}...': there is no such file"),
        (lambda: ts.read_events(EVENTS, mapping=["a"]), "a mapping file is a path, .*; got"),
        *(
            (lambda dyad=dyad: ts.read_events(EVENTS, dyad=dyad), "dyad is two texts, .* or a mapping.*; got")
            for dyad in ("COL", "COL VEN", 3, (1, 2), {"COL": 1})
        ),
    ],
)
def test_what_is_of_another_kind_is_refused_in_a_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises((TypeError, ValueError, ts.TensionSimError), match=message):
        call()


@pytest.mark.parametrize("start", ["2019-06-01", dt.date(2019, 6, 1), pd.Timestamp("2019-06-01 12:00")])
def test_a_scenario_from_events_starts_on_a_day_of_any_type(start: dt.date | str) -> None:
    assert ts.scenario_from_events(ts.read_events(EVENTS), start=start).file.start == dt.date(2019, 6, 1)


@pytest.mark.parametrize(("given", "months"), [(3, (3,)), ("12", (12,)), (np.int64(6), (6,)), ([3, 1], (1, 3))])
def test_horizons_are_one_or_several(given: object, months: tuple[int, ...]) -> None:
    assert some_horizons(given) == months
