"""A first look at a history: its span, who acts how often and how, the gaps, the most frequent codes."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np

from tensionsim import moves
from tensionsim.history.codes import scored_as
from tensionsim.history.events import EventHistory
from tensionsim.history.generic import usual_volume

DAYS_PER_YEAR = 365.25
MOST_CODES = 8


@dataclass(frozen=True, slots=True)
class Direction:
    """What one actor did towards another; mean_score in [-10, 10], shares in [0, 1]."""

    actor: str
    target: str
    events: int
    events_a_year: float
    mean_score: float
    hostile_share: float
    material_share: float


@dataclass(frozen=True, slots=True)
class FrequentCode:
    """A CAMEO code, what it means, how often it occurs."""

    cameo: str
    label: str
    events: int
    share: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Months in a row without an event: the first, the last, how many."""

    first: str
    last: str
    months: int


@dataclass(frozen=True, slots=True)
class Look:
    """The look at a history. years : length of the span. usual_month : median number of events of a calendar month."""

    name: str
    events: int
    first: dt.date
    last: dt.date
    years: float
    usual_month: float
    directions: tuple[Direction, ...]
    months: int
    gaps: tuple[Gap, ...]
    codes: tuple[FrequentCode, ...]

    @property
    def empty_months(self) -> int:
        """Calendar months of the span in which nothing was observed."""
        return sum(one.months for one in self.gaps)

    def plain(self) -> dict[str, object]:
        """The look as plain values, for JSON."""
        return {**asdict(self), "first": str(self.first), "last": str(self.last), "empty_months": self.empty_months}


def look(history: EventHistory) -> Look:
    """The look at a history."""
    years = ((history.last - history.first).days + 1) / DAYS_PER_YEAR
    months, gaps = _gaps(history)
    return Look(
        name=history.name,
        events=len(history),
        first=history.first,
        last=history.last,
        years=years,
        usual_month=usual_volume(history),
        directions=tuple(_directions(history, years)),
        months=months,
        gaps=gaps,
        codes=_codes(history),
    )


def _directions(history: EventHistory, years: float) -> list[Direction]:
    found = []
    for row, actor in enumerate(history.actors):
        for column, target in enumerate(history.actors):
            here = (history.actor == row) & (history.target == column)
            if here.any():
                score = history.score[here]
                shares = float((score < 0.0).mean()), float(history.is_material[here].mean())
                count = int(here.sum())
                found.append(Direction(actor, target, count, count / years, float(score.mean()), *shares))
    return found


def _gaps(history: EventHistory) -> tuple[int, tuple[Gap, ...]]:
    """Number of calendar months of the span, and the stretches of them without an event, the longest first."""
    first, last = (np.datetime64(day, "M").astype(np.int64) for day in (history.first, history.last))
    seen = np.unique(np.concatenate([[first - 1], history.dates.astype("datetime64[M]").astype(np.int64), [last + 1]]))
    gaps = [
        Gap(str(np.datetime64(before + 1, "M")), str(np.datetime64(after - 1, "M")), after - before - 1)
        for before, after in pairwise(seen.tolist())
        if after > before + 1
    ]
    return int(last - first + 1), tuple(sorted(gaps, key=lambda one: -one.months))


def _codes(history: EventHistory) -> tuple[FrequentCode, ...]:
    code, count = np.unique(history.cameo, return_counts=True)
    labels = moves.labels()
    order = np.argsort(-count, kind="stable")[:MOST_CODES]
    return tuple(
        FrequentCode(
            str(code[row]),
            labels[scored_as(str(code[row]), moves.goldstein())],
            int(count[row]),
            float(count[row] / len(history)),
        )
        for row in order.tolist()
    )
