"""The plan: which days, how far, what is refused."""

from __future__ import annotations

import datetime as dt

import pytest

from tensionsim.errors import TensionSimError
from tensionsim.forecasts.folder import BacktestSpec, parse_origins, some_baselines, some_horizons
from tensionsim.forecasts.origins import Grid

MONDAY = dt.date(2001, 1, 1)
WEEKS = Grid(MONDAY, "week")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2001-01-01:2002-01-01", (MONDAY, dt.date(2002, 1, 1), 1, ())),
        ("2001-01-01::3", (MONDAY, None, 3, ())),
        (":2002-01-01", (None, dt.date(2002, 1, 1), 1, ())),
        ("2002-01-01, 2001-01-01", (None, None, 1, (MONDAY, dt.date(2002, 1, 1)))),
    ],
)
def test_origins_are_a_range_or_a_list(text: str, expected: tuple[object, ...]) -> None:
    assert parse_origins(text) == expected


@pytest.mark.parametrize(
    "text", ["2001-13-01", "soon", "2001-01-01:2002-01-01:0", "2001-01-01:2002-01-01:x", "1:2:3:4"]
)
def test_origins_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(TensionSimError, match="origins"):
        parse_origins(text)


@pytest.mark.parametrize("given", [["0"], ["1.5"], ["soon"], [], ["121"], ["-1"]])
def test_horizons_that_are_none_are_refused(given: list[str]) -> None:
    with pytest.raises(TensionSimError, match="horizons are whole months"):
        some_horizons(given)


def test_horizons_and_baselines_are_taken_once_each() -> None:
    assert some_horizons([" 6", "1", 1]) == (1, 6)
    assert some_baselines(["ar", "mean", "ar"]) == ("ar", "mean", "recency")
    with pytest.raises(TensionSimError, match="oracle; there are no-change, mean"):
        some_baselines(["mean", "oracle"])


def test_origins_are_months_of_whole_steps_apart_and_have_something_to_meet() -> None:
    found = WEEKS.origins(dt.date(2001, 7, 2), 1, first=MONDAY, every=2)
    assert [str(day) for day in found] == ["2001-01-01", "2001-02-26", "2001-04-23"]
    with pytest.raises(TensionSimError, match="no origin is left: what was observed ends on 2001-07-02"):
        WEEKS.origins(dt.date(2001, 7, 2), 1, first=dt.date(2001, 6, 20))


def test_listed_origins_are_moved_to_the_beginning_of_their_step() -> None:
    found = WEEKS.origins(dt.date(2001, 7, 2), 1, days=(dt.date(2001, 1, 3), dt.date(2001, 1, 7)))
    assert found == (MONDAY,)


@pytest.mark.parametrize(("step", "later"), [("week", "2001-02-26"), ("day", "2001-03-02"), ("month", "2001-03-01")])
def test_a_month_is_four_weeks_or_30_days_or_that_of_the_calendar(step: str, later: str) -> None:
    assert str(Grid(MONDAY, step).later(MONDAY, 2)) == later


def test_steps_of_a_month_begin_on_a_day_that_all_months_have() -> None:
    with pytest.raises(TensionSimError, match="one of the first 28 days"):
        Grid(dt.date(2001, 1, 31), "month")


def plan(**changes: object) -> BacktestSpec:
    days = tuple(WEEKS.later(MONDAY, month) for month in range(6))
    values: dict[str, object] = {
        "origins": days,
        "horizons": (1,),
        "every": 1,
        "runs": 2,
        "seed": 0,
        "refit": 1,
        "baselines": ("mean",),
        "baseline_years": None,
        "with_unfitted": False,
        "grid": WEEKS,
    }
    return BacktestSpec(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(("refit", "fits"), [(1, 6), (3, 2), (4, 2), (12, 1)])
def test_a_fit_serves_until_it_is_too_old(refit: int, fits: int) -> None:
    one = plan(refit=refit)
    source = one.fitted_at()
    assert len(set(source.values())) == fits
    assert all(source[day] <= day < WEEKS.later(source[day], refit) for day in one.origins)


def test_forecasters_are_named_once_and_the_model_comes_first() -> None:
    names = plan(baseline_years=1, with_unfitted=True).forecasters
    learned = ("pooled", "recalibrated")
    assert names == ("model", *learned, "model, not fitted", "mean", "mean, 1 year")


def test_overlap_is_judged_by_the_origins_that_lie_closest() -> None:
    days = [MONDAY, WEEKS.later(MONDAY, 6), WEEKS.later(MONDAY, 8)]
    assert WEEKS.months_apart(days) == 2
    assert WEEKS.months_apart(days[:1]) == 1
