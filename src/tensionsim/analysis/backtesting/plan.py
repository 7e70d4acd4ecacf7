"""The plan of a backtest: from which days, how far, with what, against what."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tensionsim.analysis.backtesting.grid import Grid
from tensionsim.analysis.forecasts.baselines import BASELINES
from tensionsim.errors import TensionSimError

MODEL, UNFITTED = "model", "model, not fitted"
HORIZONS = (1, 3, 6, 12)
SHARE_BEFORE = 2.0 / 3.0
"""Of the history, by time, that lies before the first origin where none is named."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is forecast.

    origins : first days of which nothing is known, on the grid, ascending. horizons : in months, ascending. every :
    months between origins (the least, where they are not even). refit : months after which the model is fitted anew;
    None if it is never fitted. baselines : names of plain methods. baseline_years : of how many years of the past they
    get to see besides the whole; None for the whole alone. with_unfitted : whether the scenario as it stands forecasts
    beside the fitted one.
    """

    origins: tuple[dt.date, ...]
    horizons: tuple[int, ...]
    every: int
    runs: int
    seed: int
    refit: int | None
    baselines: tuple[str, ...]
    baseline_years: int | None
    with_unfitted: bool

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the forecasts that come from the scenario."""
        return (MODEL, UNFITTED) if self.with_unfitted else (MODEL,)

    @property
    def plain(self) -> tuple[str, ...]:
        """Names of the plain forecasts."""
        short = () if self.baseline_years is None else tuple(f"{name}, {self.years}" for name in self.baselines)
        return (*self.baselines, *short)

    @property
    def years(self) -> str:
        """How the short past of the baselines is called."""
        return f"{self.baseline_years} year{'' if self.baseline_years == 1 else 's'}"

    @property
    def forecasters(self) -> tuple[str, ...]:
        """Names of all forecasts, the model's first."""
        return (*self.models, *self.plain)

    def fitted_at(self, grid: Grid) -> dict[dt.date, dt.date]:
        """For every origin the one whose fit (or scenario) it takes: its own, or an earlier one."""
        found, latest = dict[dt.date, dt.date](), self.origins[0]
        for origin in self.origins:
            if origin >= grid.later(latest, self.refit or 1):
                latest = origin
            found[origin] = latest
        return found


def some_horizons(given: Iterable[object]) -> tuple[int, ...]:
    """Horizons in months, ascending.

    Raises
    ------
    TensionSimError
        If one is no whole number of months from 1 to 120.
    """
    texts = [str(one).strip() for one in given]
    wrong = [text for text in texts if not (text.isdecimal() and 1 <= int(text) <= 120)]
    if wrong or not texts:
        told = ", ".join(map(repr, wrong)) or "none"
        raise TensionSimError(f"horizons are whole months from 1 to 120, as in 1,3,6,12; got {told}")
    return tuple(sorted({int(text) for text in texts}))


def some_baselines(given: Iterable[str] | None) -> tuple[str, ...]:
    """The plain methods that are asked for; all of them for None.

    Raises
    ------
    TensionSimError
        If one is not known, or none is named.
    """
    names = list(BASELINES) if given is None else [name.strip() for name in given if name.strip()]
    wrong = [name for name in names if name not in BASELINES]
    if wrong or not names:
        told = ", ".join(wrong) or "none named"
        raise TensionSimError(f"baselines: {told}; there are {', '.join(BASELINES)}")
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Origins as they were asked for: from one day on, up to another, every so many months; or a list of days."""

    first: dt.date | None = None
    last: dt.date | None = None
    every: int = 1
    days: tuple[dt.date, ...] = ()


def wanted(given: str | Sequence[dt.date | str] | None) -> Wanted:
    """What `FIRST:LAST`, `FIRST:LAST:EVERY`, a list of dates or nothing asks for; FIRST and LAST may be empty.

    Raises
    ------
    TensionSimError
        If it is none of these.
    """
    if given is None:
        return Wanted()
    if not isinstance(given, str):
        return Wanted(days=tuple(sorted({_date(one) for one in given})))
    if ":" not in given:
        return Wanted(days=tuple(sorted({_date(one) for one in given.split(",")})))
    first, last, every, *more = *given.split(":"), *([] if given.count(":") > 1 else ["1"])
    if more or not (every.strip().isdecimal() and int(every) >= 1):
        raise TensionSimError(
            f"origins are FIRST:LAST or FIRST:LAST:MONTHS, as in 2001-01-01:2010-12-31:3; got {given!r}"
        )
    ends = [_date(text) if text.strip() else None for text in (first, last)]
    return Wanted(ends[0], ends[1], int(every))


def _date(given: dt.date | str) -> dt.date:
    from tensionsim.scenario.quantities import parse_date

    if not isinstance(given, str):
        return given
    try:
        return parse_date(given.strip())
    except ValueError:
        raise TensionSimError(f"origins: {given.strip()!r} is no date; write it like 2001-01-01") from None


def origins_of(asked: Wanted, grid: Grid, end: dt.date, shortest: int) -> tuple[dt.date, ...]:
    """The origins on a grid whose shortest forecast has an outcome before the data end.

    Parameters
    ----------
    end : the first day of the grid of which nothing is observed. shortest : horizon, in months.

    Raises
    ------
    TensionSimError
        If there is none.
    """
    if asked.days:
        days = {grid.snapped(day) for day in asked.days}
    else:
        first = grid.snapped(asked.first or grid.anchor)
        last = end if asked.last is None else min(asked.last, end)
        later = (grid.later(first, count) for count in itertools.count(step=asked.every))
        days = set(itertools.takewhile(lambda day: day <= last, later))
    found = tuple(sorted(day for day in days if grid.later(day, shortest) <= end))
    if not found:
        raise TensionSimError(
            f"no origin is left: what was observed ends on {end}, and the shortest forecast reaches {shortest} "
            f"month{'' if shortest == 1 else 's'} ahead; begin earlier"
        )
    return found


def months_apart(origins: Sequence[dt.date], grid: Grid) -> int:
    """The fewest months between two origins, at least 1."""
    gaps = [grid.count(later) - grid.count(earlier) for earlier, later in itertools.pairwise(origins)]
    return max(1, min(gaps, default=1) // grid.month)
