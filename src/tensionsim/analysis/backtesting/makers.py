"""Makers: the scenario with which an origin's forecast is made, from what was known there and nothing else."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tensionsim.analysis.backtesting.ahead import ARRAYS
from tensionsim.history.events import NO_ROW, EventHistory
from tensionsim.history.generic import scenario_for
from tensionsim.scenario import Scenario


class Maker(Protocol):
    """Gives the scenario of an origin; `scale` is the one on whose scale outcomes and forecasts stand."""

    @property
    def scale(self) -> Scenario: ...

    @property
    def is_anew(self) -> bool: ...

    def at(self, past: EventHistory, origin: dt.date) -> Scenario:
        """The scenario for an origin, given what happened before it."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """One scenario at every origin."""

    scale: Scenario
    is_anew = False

    def at(self, past: EventHistory, origin: dt.date) -> Scenario:
        return self.scale


@dataclass(frozen=True, slots=True)
class Anew:
    """A scenario made at every origin from its past, with the scale of the one of the first origin.

    Else what is forecast would be another quantity at every origin: a scenario made from events takes the scale of its
    index from their volume.
    """

    scale: Scenario
    is_anew = True

    def at(self, past: EventHistory, origin: dt.date) -> Scenario:
        made = scenario_for(past, start=origin, step=self.scale.file.step)
        same = ("index_scale", "technical_weight")
        return made.with_values({f"parameters.{name}": self.scale.file.parameters[name] for name in same})


def anew(history: EventHistory, first: dt.date, step: str = "week") -> Anew:
    """The maker whose scale comes from what happened before the first origin."""
    return Anew(scenario_for(history, start=first, step=step))


def issues_known(history: EventHistory) -> tuple[str, ...]:
    """The issues on which a history has events."""
    rows = np.unique(history.issue[history.issue != NO_ROW]).tolist()
    return tuple(history.issues[row] for row in rows)


def narrowed(history: EventHistory, issues: Sequence[str]) -> EventHistory:
    """The events on some of the issues; which others there are is not told any more.

    So that a forecast cannot know what the two will turn to later.
    """
    rows = {history.issues.index(name): row for row, name in enumerate(issues)} | {NO_ROW: NO_ROW}
    kept = np.isin(history.issue, list(rows))
    part = {name: getattr(history, name)[kept] for name in ARRAYS}
    part["issue"] = np.array([rows[row] for row in part["issue"].tolist()], np.int64)
    return dataclasses.replace(history, issues=tuple(issues), **part)
