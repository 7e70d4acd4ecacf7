"""Which events of a scenario can be judged by what was observed, and how likely past and present make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tensionsim.history.events import NO_ROW, EventHistory
from tensionsim.record import Bools, Floats
from tensionsim.scenario import Scenario
from tensionsim.scenario.quantities import pair
from tensionsim.scenario.schema import Condition, ScenarioFile

CLIMATOLOGY, NO_CHANGE = "climatology", "no-change"


def judged(scenario: Scenario, history: EventHistory) -> tuple[tuple[str, ...], dict[str, str]]:
    """The events that a history can judge, and for the others why not, by name."""
    reasons = {name: _why_not(one, scenario.file, history) for name, one in scenario.file.events.items()}
    known = tuple(name for name, reason in reasons.items() if not reason)
    return known, {name: reason for name, reason in reasons.items() if reason}


def _why_not(condition: Condition, file: ScenarioFile, history: EventHistory) -> str:
    """Why a history does not tell whether a condition held; empty where it does."""
    for parts in (condition.all, condition.any, condition.none):
        for part in parts or ():
            if reason := _why_not(part, file, history):
                return reason
    if condition.indicator is not None:
        return f"the events do not tell the indicator {condition.indicator}"
    if condition.arrangement is not None and history.held is None:
        return f"the events do not tell of arrangements such as {condition.arrangement}"
    if condition.made is not None and not (history.move != NO_ROW).any():
        return f"the events do not name moves such as {condition.made}"
    arrow = condition.conduct or condition.pressure
    if arrow is not None and set(pair(arrow)) != set(file.principals):
        return f"it asks about {arrow}, which the events may not cover"
    return ""


def happened(flags: Bools, row: int, month: int, horizons: Sequence[int]) -> Floats:
    """Whether each event came true within each horizon after a row, shape (event, horizon); NaN beyond the data.

    Parameters
    ----------
    flags : whether its condition holds, shape (date, event).
    """
    found = np.full((flags.shape[1], len(horizons)), np.nan)
    for column, horizon in enumerate(horizons):
        end = row + horizon * month
        if end < len(flags):
            found[:, column] = flags[row + 1 : end + 1].any(axis=0)
    return found


def shares(flags: Bools, month: int, horizons: Sequence[int]) -> Floats:
    """Share of runs in which each event comes true within each horizon, shape (event, horizon).

    Parameters
    ----------
    flags : shape (date, event, run), from an origin on.
    """
    return np.array([flags[1 : horizon * month + 1].any(axis=0).mean(axis=-1) for horizon in horizons]).T.reshape(
        flags.shape[1], len(horizons)
    )


def from_past(flags: Bools, month: int, horizons: Sequence[int]) -> Mapping[str, Floats]:
    """What the past and the present alone say of each event within each horizon, shape (event, horizon).

    `climatology` is the share of earlier spans of that length in which it came true (half before there is one),
    `no-change` whether its condition holds at the origin.

    Parameters
    ----------
    flags : shape (date, event), up to the origin.
    """
    usual = np.full((flags.shape[1], len(horizons)), 0.5)
    counts = np.concatenate([np.zeros((1, flags.shape[1])), np.cumsum(flags, axis=0)])
    for column, horizon in enumerate(horizons):
        span = horizon * month
        if len(flags) > span:
            usual[:, column] = (counts[1 + span :] > counts[1:-span]).mean(axis=0)
    now = np.repeat(flags[-1][:, None].astype(np.float64), len(horizons), axis=1)
    return {CLIMATOLOGY: usual, NO_CHANGE: now}
