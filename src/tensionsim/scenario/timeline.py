"""The span of a scenario: its steps, the dates that lie in it, and those that fall between steps."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

from tensionsim.scenario.nodes import MapNode, Node, child, text_of
from tensionsim.scenario.places import Place
from tensionsim.scenario.problems import Report
from tensionsim.scenario.quantities import MONTHS_PER_UNIT, parse_date

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
        if self.step in DAYS_PER_STEP:
            return max(0, -((self.start - self.end).days // DAYS_PER_STEP[self.step]))
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        return max(0, months + (self.at(months) < self.end))

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

    def snapped(self, date: dt.date) -> dt.date:
        """The beginning of the step that contains a date."""
        if self.step in DAYS_PER_STEP:
            return self.at((date - self.start).days // DAYS_PER_STEP[self.step])
        months = (date.year - self.start.year) * 12 + date.month - self.start.month
        return self.at(months) if self.at(months) <= date else self.at(months - 1)


def date_of(node: Node | None) -> dt.date | None:
    """The date that a node holds; None if it holds none."""
    try:
        return parse_date(text_of(node) or "")
    except ValueError:
        return None


def span_of(tree: MapNode, report: Report) -> Span | None:
    """The span that a tree gives; None if it gives none, with the reason in `report` where the shape is right."""
    start, end = date_of(child(tree, "start")), date_of(child(tree, "end"))
    step = text_of(child(tree, "step")) or "week"
    if start is None or end is None or step not in MONTHS_PER_UNIT or step == "year":
        return None
    place, start_place = child(tree, "end"), child(tree, "start")
    if end <= start:
        if place and start_place:
            report.add(
                place.place,
                f"the end, {end}, is not after the start, {start} ({start_place.place.seen_from(place.place)})",
            )
        return None
    span = Span(start, end, step)
    if span.n_steps > MOST_STEPS:
        if place:
            report.add(
                place.place, f"{span.n_steps:,} steps are more than {MOST_STEPS:,}; use a longer `step` or a nearer end"
            )
        return None
    return span


def check_date(node: Node | None, what: str, tree: MapNode, span: Span | None, report: Report) -> None:
    """Checks that a date lies in the span, so that `what` ("this move") can happen."""
    date = date_of(node)
    if node is None or date is None or span is None or span.holds(date):
        return
    limit = "start" if date < span.start else "end"
    limit_node = child(tree, limit)
    where = _where(limit_node.place, node.place) if limit_node else ""
    day = getattr(span, limit)
    if date == span.end:
        report.add(node.place, f"{date} is the end itself{where}, where no step begins; {what} would never happen")
        return
    side = "before" if limit == "start" else "after"
    report.add(node.place, f"{date} is {side} the {limit}, {day}{where}; {what} would never happen")


def _where(place: Place, seen_from: Place) -> str:
    return f" ({place.seen_from(seen_from)})"


def snap_note(date: dt.date, what: str, span: Span) -> str | None:
    """What to say about a date that falls between steps; None if it falls on one."""
    day = span.snapped(date)
    return None if day == date else f"{what} of {date} happens in the {span.step} from {day}"
