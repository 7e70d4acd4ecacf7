"""The grid of a backtest: steps, months of whole steps, and the origins that lie on it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tensionsim.errors import TensionSimError
from tensionsim.scenario.timeline import DAYS_PER_STEP, Span

STEPS_PER_MONTH = {"day": 30, "week": 4, "month": 1}
"""Whole steps that count as a month: of four weeks (a researcher's "four-week sum"), of 30 days, of the calendar."""

BLOCKS_PER_YEAR = {"day": 365.25 / 30.0, "week": 365.25 / 28.0, "month": 12.0}
SAFE_DAY = 28
"""The last day that every calendar month has."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Days on which steps begin: `anchor` is one of them, `step` "day", "week" or "month"."""

    anchor: dt.date
    step: str

    def __post_init__(self) -> None:
        if self.step == "month" and self.anchor.day > SAFE_DAY:
            raise TensionSimError(
                f"steps of a month that begin on day {self.anchor.day} fall on other days in short months; begin on "
                f"one of the first {SAFE_DAY} days, or take steps of a week"
            )

    @property
    def month(self) -> int:
        """Steps in a month."""
        return STEPS_PER_MONTH[self.step]

    def at(self, count: int) -> dt.date:
        """The day on which the step begins that is so many after the anchor's."""
        return Span(self.anchor, self.anchor, self.step).at(count)

    def count(self, date: dt.date) -> int:
        """How many steps after the anchor's the step is that contains a day; below 0 for days before."""
        if self.step in DAYS_PER_STEP:
            return (date - self.anchor).days // DAYS_PER_STEP[self.step]
        months = (date.year - self.anchor.year) * 12 + date.month - self.anchor.month
        return months if self.at(months) <= date else months - 1

    def snapped(self, date: dt.date) -> dt.date:
        """The beginning of the step that contains a day."""
        return self.at(self.count(date))

    def later(self, date: dt.date, months: int) -> dt.date:
        """The day so many months of whole steps after one on the grid."""
        return self.at(self.count(date) + months * self.month)
