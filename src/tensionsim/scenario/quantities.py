"""What texts of a scenario mean as numbers, and its span: steps, dates that lie in it, dates between steps."""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from tensionsim.errors import day_of
from tensionsim.scenario.yaml_tree import Node, Report

MONTHS_PER_UNIT = {"day": 12.0 / 365.0, "week": 12.0 / 52.0, "month": 1.0, "year": 12.0}
"""Length in months of the units of time."""

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_UNIT = r"(day|week|month|year)s?"
_DURATION = re.compile(rf"\s*({_NUMBER})\s+{_UNIT}\s*")
_RATE = re.compile(rf"\s*({_NUMBER})\s*(%)?\s+(?:per|a|an)\s+{_UNIT}\s*")
_BOUND = re.compile(rf"\s*(above|below)\s+({_NUMBER})\s*")
_PAIR = re.compile(r"\s*(\S+)\s+->\s+(\S+)\s*")
_SHIFT = re.compile(rf"\s*({_NUMBER})\s*%\s*")


class Bound(NamedTuple):
    """What a value must lie above or below."""

    above: float | None = None
    below: float | None = None


def _match(pattern: re.Pattern[str], text: str, what: str, form: str) -> re.Match[str]:
    if not (found := pattern.fullmatch(text)):
        raise ValueError(f"{text!r} is not a {what}; write {form}")
    return found


def months(text: str) -> float:
    """Months of a duration, a number with a unit of time."""
    form = "a number and days, weeks, months or years, like '6 months'"
    found = _match(_DURATION, text, "duration", form)
    length = float(found[1]) * MONTHS_PER_UNIT[found[2]]
    if not 0 < length <= 12_000:
        raise ValueError(f"{text!r} is not a duration above 0 and up to 1000 years")
    return length


def _rate(found: re.Match[str]) -> tuple[float, float]:
    """The share that "0.3 per month" or "5 % a year" has, and the months of its unit."""
    return float(found[1]) / (100.0 if found[2] else 1.0), MONTHS_PER_UNIT[found[3]]


def chance_per_step(text: str, step_months: float) -> float:
    """Probability in a step that a rule's chance means: of "0.3 per month" a shorter step has less."""
    form = "a number in 0..1, or one with a unit, like '0.3 per month'"
    share, unit = _rate(_match(_RATE, text, "chance", form))
    if not 0 <= share <= 1:
        raise ValueError(f"{text!r} is not a chance: {share:g} lies outside 0..1")
    kept: float = (1.0 - share) ** (step_months / unit)
    return 1.0 - kept


def growth_per_month(text: str) -> float:
    """Relative change over one month, which compounds to what is said: "5 % per year" is 1.05 ** (1 / 12) - 1."""
    change, unit = _rate(_match(_RATE, text, "growth rate", "one like '0.01 per month' or '5 % per year'"))
    if not -1 < change <= 10:
        raise ValueError(f"{text!r} is not a growth rate above -100 % and up to 1000 %")
    per_month: float = change if unit == 1.0 else (1.0 + change) ** (1.0 / unit) - 1.0
    if not -1 < per_month <= 10:
        raise ValueError(f"{text!r} is not a growth rate above -100 % and up to 1000 % a month")
    return per_month


def bound(text: str) -> Bound:
    """The bound that "below 35" or "above 50" means."""
    found = _match(_BOUND, text, "bound", "'below 35' or 'above 50'")
    limit = float(found[2])
    return Bound(above=limit) if found[1] == "above" else Bound(below=limit)


def pair(text: str) -> tuple[str, str]:
    """The two names of "a -> b": who acts, towards whom."""
    found = _match(_PAIR, text, "direction", "'a -> b', who acts and towards whom")
    return found[1], found[2]


def shift(text: str) -> float:
    """The share that a shift like "-2%" means: -0.02."""
    share = float(_match(_SHIFT, text, "shift", "a number, like 0.05, or a percentage, like '-2%'")[1]) / 100.0
    if not math.isfinite(share):
        raise ValueError(f"{text!r} is not a shift: the number is too large")
    return share


MOST_STEPS = 20_000
DAYS_PER_STEP = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a scenario runs, in steps of a day, a week or a month."""

    start: dt.date
    end: dt.date
    step: str

    @property
    def step_months(self) -> float:
        return MONTHS_PER_UNIT[self.step]

    @property
    def n_steps(self) -> int:
        """Number of whole steps that begin before the end."""
        steps = self.count(self.end)
        return max(0, steps + (self.at(steps) < self.end))

    def at(self, step: int) -> dt.date:
        """The date on which a step begins."""
        if self.step in DAYS_PER_STEP:
            return self.start + dt.timedelta(days=DAYS_PER_STEP[self.step] * step)
        year, month = divmod(self.start.year * 12 + self.start.month - 1 + step, 12)
        day = min(self.start.day, calendar.monthrange(year, month + 1)[1])
        return dt.date(year, month + 1, day)

    def holds(self, date: dt.date) -> bool:
        """Whether a step contains a date that is not after the end."""
        return self.start <= date <= self.end and date < self.at(self.n_steps)

    def count(self, date: dt.date) -> int:
        """How many steps after the first the one is that contains a date; below 0 for dates before."""
        if self.step in DAYS_PER_STEP:
            return (date - self.start).days // DAYS_PER_STEP[self.step]
        months = (date.year - self.start.year) * 12 + date.month - self.start.month
        return months if self.at(months) <= date else months - 1

    def snapped(self, date: dt.date) -> dt.date:
        """The beginning of the step that contains a date."""
        return self.at(self.count(date))


def date_of(node: Node) -> dt.date | None:
    """The date that a node holds; None if it holds none."""
    try:
        return day_of(node.text or "")
    except ValueError:
        return None


def span_of(tree: Node, report: Report) -> Span | None:
    """The span that a tree gives; None if it gives none, with the reason in `report` where the shape is right."""
    end_node, start_node = tree.child("end"), tree.child("start")
    start, end = date_of(start_node), date_of(end_node)
    step = tree.child("step").text or "week"
    if not start_node or not end_node or not start or not end or step not in MONTHS_PER_UNIT or step == "year":
        return None
    if end <= start:
        where = start_node.location.seen_from(end_node.location)
        report.add(end_node.location, f"the end, {end}, is not after the start, {start} ({where})")
        return None
    span = Span(start, end, step)
    if span.n_steps > MOST_STEPS:
        words = f"{span.n_steps:,} steps are more than {MOST_STEPS:,}; use a longer `step` or a nearer end"
        report.add(end_node.location, words)
        return None
    return span


def check_date(node: Node, what: str, tree: Node, span: Span | None, report: Report) -> None:
    """Checks that a date lies in the span, so that `what` ("this move") can happen."""
    date = date_of(node)
    if date is None or span is None or span.holds(date):
        return
    limit = "start" if date < span.start else "end"
    limit_node = tree.child(limit)
    where = f" ({limit_node.location.seen_from(node.location)})" if limit_node else ""
    if date == span.end:
        words = f"{date} is the end itself{where}, where no step begins; {what} would never happen"
    else:
        side = "before" if limit == "start" else "after"
        words = f"{date} is {side} the {limit}, {getattr(span, limit)}{where}; {what} would never happen"
    report.add(node.location, words)
