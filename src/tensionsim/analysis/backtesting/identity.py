"""Identity: what must be the same for the origins of two commands to belong to one backtest."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tensionsim.analysis.backtesting.ahead import ARRAYS
from tensionsim.analysis.backtesting.grid import Grid
from tensionsim.analysis.backtesting.making import Aim
from tensionsim.analysis.backtesting.plan import Plan
from tensionsim.history.events import EventHistory
from tensionsim.results.fingerprint import ESTIMATING, fingerprint


@dataclass(frozen=True, slots=True)
class Identity:
    """What must be the same for origins to belong together.

    plan : what was asked, as plain values. scenario : sha256 of the text of the one that gives the scale. is_anew :
    whether one is made at every origin. events : sha256 of the history. code : sha256 of what makes the numbers.
    """

    plan: Mapping[str, Any]
    scenario: str
    is_anew: bool
    events: str
    code: str

    @classmethod
    def of(cls, aim: Aim, history: EventHistory) -> Identity:
        """That of a backtest of a history."""
        grid = [str(aim.grid.anchor), aim.grid.step]
        return cls(
            json.loads(json.dumps({**asdict(aim.plan), "grid": grid}, default=str)),
            aim.maker.scale.sha256,
            aim.maker.is_anew,
            digest(history),
            fingerprint(ESTIMATING),
        )

    def differences(self, there: Mapping[str, Any]) -> list[str]:
        """What a manifest says otherwise, in words."""
        said = {"scenario": "the scenario", "is_anew": "whether it is made anew", "events": "the events"}
        said["code"] = "the version of tensionsim"
        found = [words for name, words in said.items() if there.get(name) != getattr(self, name)]
        plan = there.get("plan", {})
        for name in sorted({*self.plan, *plan}):
            if self.plan.get(name) != plan.get(name):
                found.append(
                    f"{name.replace('_', ' ')} ({_said(plan.get(name))} there, {_said(self.plan.get(name))} here)"
                )
        return found


def _said(value: object) -> str:
    if isinstance(value, list) and len(value) > 4:
        return f"{len(value)} from {value[0]} to {value[-1]}"
    return ", ".join(map(str, value)) if isinstance(value, list) else "none" if value is None else str(value)


def digest(history: EventHistory) -> str:
    """A sha256 over the events of a history and the names of its rows."""
    found = hashlib.sha256()
    for name in ARRAYS:
        array = np.ascontiguousarray(getattr(history, name))
        found.update(f"{name} {array.dtype} {array.shape}\n".encode())
        found.update(array.tobytes())
    about = (history.actors, history.issues, history.moves, history.held, str(history.first), str(history.last))
    found.update(repr(about).encode())
    return found.hexdigest()


def plan_of(plain: Mapping[str, Any]) -> tuple[Plan, Grid]:
    """The plan and the grid that an identity holds as plain values."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    anchor, step = values.pop("grid")
    values["origins"] = tuple(dt.date.fromisoformat(day) for day in values["origins"])
    return Plan(**values), Grid(dt.date.fromisoformat(anchor), step)
