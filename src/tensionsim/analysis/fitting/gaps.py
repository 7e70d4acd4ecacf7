"""Gaps: stretches of a history in which so little was recorded that nothing can have been."""

from __future__ import annotations

import datetime as dt

import numpy as np

from tensionsim.history.events import EventHistory
from tensionsim.likelihood.window import ONE_DAY, Span

LONGEST_QUIET_DAYS = 28
EXPECTED = 25.0
YEAR_DAYS = 365.0


def gaps(history: EventHistory) -> tuple[Span, ...]:
    """Stretches that look like missing data, each from the first to the last day without an event.

    Assumption: four weeks or more without any event are missing data, not peace, if at the rate of the year before and
    the year after 25 events or more would have been expected in them (by chance a Poisson process is so quiet once in
    10^10). Bursts make real series quieter at times than a Poisson process, hence so strict a limit.
    """
    days = np.unique(history.dates).astype("datetime64[D]").astype(np.int64)
    every = history.dates.astype("datetime64[D]").astype(np.int64)
    found: list[Span] = []
    for row in np.flatnonzero(np.diff(days) > LONGEST_QUIET_DAYS).tolist():
        before, after = int(days[row]), int(days[row + 1])
        around = min(_rate(every, before - YEAR_DAYS, before), _rate(every, after, after + YEAR_DAYS))
        if around * (after - before - 1) >= EXPECTED:
            found.append((_date(before) + ONE_DAY, _date(after) - ONE_DAY))
    return tuple(found)


def _rate(days: np.ndarray, first: float, last: float) -> float:
    """Events a day from one day to another, so far as the history reaches."""
    first, last = max(first, float(days[0])), min(last, float(days[-1]))
    return float(((days >= first) & (days <= last)).sum()) / max(last - first + 1.0, 1.0)


def _date(day: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=day)
