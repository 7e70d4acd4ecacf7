"""What was observed, step by step and month by month, on the scale of a scenario: the outcomes and the baselines' past.

The observed world is walked through by one run of the engine, so that index, issues and the conditions of events are
read off exactly as in a forecast.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from dataclasses import dataclass

import numpy as np

from tensionsim.analysis.backtesting.grid import Grid
from tensionsim.analysis.backtesting.walk import begun, course_of, walk
from tensionsim.engine import Recorder
from tensionsim.history.events import EventHistory
from tensionsim.likelihood.placing import place
from tensionsim.likelihood.window import settled
from tensionsim.observed import placed_events
from tensionsim.record import Bools, Floats
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario

DIRECTIONS = 2
"""From the first principal to the second, and back."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """What was observed on a grid of steps.

    dates : on which steps begin, and the last ends; a row holds what is known on its morning. index : 0..100, shape
    (date,). issues : 0..100, (date, issue). weights : of the issues in the index, (date, issue). events : whether the
    condition of each event holds, (date, event). score : sum of Goldstein / 10 in the step that ends on the date,
    weights of events counted, (date, direction). acts : likewise how many, (date, direction).
    """

    dates: tuple[dt.date, ...]
    index: Floats
    issues: Floats
    weights: Floats
    events: Bools
    score: Floats
    acts: Floats

    def row(self, date: dt.date) -> int:
        """The row of a date of the grid."""
        return self.dates.index(date)


def series_of(scenario: Scenario, history: EventHistory, grid: Grid, end: dt.date) -> Series:
    """What a history says on a scenario's scale, from its first day until before a day on the grid."""
    start = grid.snapped(history.first)
    course = course_of(scenario, history, place(history, scenario.file), (start, end))
    course = dataclasses.replace(course, world=settled(course.world, []))
    world, taken, now = course.world, Recorder(), begun(course, Luck(0, 0, 1))
    walk(now, course, world.steps, taken)
    record = taken.record(now)
    score, acts = _flows(scenario, history, world.dates)
    return Series(
        dates=world.dates,
        index=record.cooperation[:, 0],
        issues=record.issue_cooperation[:, :, 0],
        weights=np.array(record.weights[:, :, 0]),
        events=record.events[:, :, 0],
        score=score,
        acts=acts,
    )


def _flows(scenario: Scenario, history: EventHistory, dates: tuple[dt.date, ...]) -> tuple[Floats, Floats]:
    """See `Series.score` and `Series.acts`; nothing on the first date."""
    score, acts = np.zeros((len(dates), DIRECTIONS)), np.zeros((len(dates), DIRECTIONS))
    events = [one for one in placed_events(history, scenario, Counter()) if one.date < dates[-1]]
    days = np.array([one.date for one in events], "datetime64[D]")
    row = np.searchsorted(np.array(dates, "datetime64[D]"), days, side="right")
    back = np.array([one.channel.actor == scenario.file.principals[1] for one in events], np.int64)
    np.add.at(score, (row, back), [one.flow for one in events])
    np.add.at(acts, (row, back), [one.weight for one in events])
    return score, acts
