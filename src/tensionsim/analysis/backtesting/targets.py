"""Targets: the series that are forecast, one value a month, read off observed and simulated steps alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensionsim.analysis.backtesting.ahead import Ahead
from tensionsim.analysis.backtesting.series import Series
from tensionsim.engine.acts import STOPPED
from tensionsim.record import Floats, Ints
from tensionsim.scenario import Scenario

INDEX, SCORE, ACTS = "index", "score", "acts"


@dataclass(frozen=True, slots=True)
class Target:
    """A series: its name, its unit, what it is, and between which values it lies.

    grain : below which differences say nothing; the least bandwidth, or spread, of a log score.
    """

    name: str
    unit: str
    about: str
    grain: float
    low: float = float("-inf")
    high: float = float("inf")


def targets_of(scenario: Scenario) -> tuple[Target, ...]:
    """The targets of a scenario: the index, each issue where there are several, net score and number of acts."""
    issues = list(scenario.file.issues) if len(scenario.file.issues) > 1 else []
    return (
        Target(INDEX, "0-100", "cooperation index at the month's end", 0.5, 0.0, 100.0),
        *(
            Target(f"issue: {name}", "0-100", f"cooperation on {name} at the month's end", 0.5, 0.0, 100.0)
            for name in issues
        ),
        Target(SCORE, "Goldstein / 10", "sum of the scores of the month's acts, both directions", 0.1),
        Target(ACTS, "acts", "number of the month's acts, both directions", 0.5, 0.0),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Months:
    """Observed values by month, up to an origin, latest last.

    index : at the months' ends, shape (month,). issues : likewise, (month, issue). weights : of the issues in the index
    at the origin, (issue,). score, acts : sums over the months, (month, direction).
    """

    index: Floats
    issues: Floats
    weights: Floats
    score: Floats
    acts: Floats

    def latest(self, count: int | None) -> Months:
        """The last so many months; all of them for None."""
        if count is None:
            return self
        kept = slice(max(0, len(self.index) - count), None)
        return Months(self.index[kept], self.issues[kept], self.weights, self.score[kept], self.acts[kept])


def months_to(series: Series, row: int, month: int) -> Months:
    """The whole months of `month` steps that end at a row, and those before it, counted back from there."""
    rows = row - month * np.arange(row // month)[::-1]
    return Months(
        index=series.index[rows],
        issues=series.issues[rows],
        weights=series.weights[row],
        score=_sums(series.score, rows, month),
        acts=_sums(series.acts, rows, month),
    )


def _sums(flow: Floats, rows: Ints, month: int) -> Floats:
    """Sums over the month that ends at each row, shape (row, direction)."""
    total = np.cumsum(flow, axis=0)
    sums: Floats = total[rows] - total[rows - month]
    return sums


def observed(series: Series, row: int, month: int, horizons: tuple[int, ...]) -> Floats:
    """What came after a row, shape (target, horizon); NaN where the data end before."""
    is_single = series.issues.shape[1] == 1
    found = np.full((3 + (0 if is_single else series.issues.shape[1]), len(horizons)), np.nan)
    for column, horizon in enumerate(horizons):
        end = row + horizon * month
        if end < len(series.dates):
            inside = slice(end - month + 1, end + 1)
            issues = [] if is_single else series.issues[end].tolist()
            found[:, column] = [series.index[end], *issues, series.score[inside].sum(), series.acts[inside].sum()]
    return found


def simulated(found: Ahead, month: int, horizons: tuple[int, ...], weights: Floats | None) -> Floats:
    """What runs say, shape (target, horizon, run).

    Parameters
    ----------
    weights : of the issues in the index, shape (issue,); None for those of the scenario at each date.
    """
    record, rows = found.record, np.array(horizons) * month
    issues = record.issue_cooperation[rows]
    index = record.cooperation[rows] if weights is None else np.einsum("k,hkr->hr", weights, issues)
    by_issue = issues.swapaxes(0, 1) if issues.shape[1] > 1 else issues.swapaxes(0, 1)[:0]
    flows = _monthly(found, month, horizons)
    return np.concatenate([index[None], by_issue, flows])


def _monthly(found: Ahead, month: int, horizons: tuple[int, ...]) -> Floats:
    """Sum of scores / 10, and number, of the acts between the principals in the months, shape (2, horizon, run)."""
    record, world, runs = found.record, found.world, found.record.cooperation.shape[-1]
    counts = np.isin(record.move_channel, world.dyad) & (record.move_cause != STOPPED)
    last = max(horizons)
    cell = (record.move_step[counts] // month) * runs + record.move_run[counts]
    score = world.menus.move_score[record.move_id[counts]]
    sums = [np.bincount(cell, weight, minlength=last * runs).reshape(last, runs) for weight in (score, None)]
    return np.array(sums, np.float64)[:, np.array(horizons) - 1]
