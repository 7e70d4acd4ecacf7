"""The observed index: curated history on the same scale as simulated runs, by the same equations."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tensionsim import measures
from tensionsim.engine import past, replay
from tensionsim.engine.assembly import assemble
from tensionsim.engine.simulation import begin
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario, scenario_of
from tensionsim.world.channels import Floats

if TYPE_CHECKING:
    import pandas as pd


def observed_index(scenario: Scenario | str | Path, *, until: dt.date | None = None) -> pd.DataFrame:
    """The index of the observed moves of a scenario's history, on its grid of steps.

    Moves and arrangements count as in a run; the weights of the issues are those of the scenario's start.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario.
    until
        Last date (default: the last observed move).

    Returns
    -------
    Table by date with the column `index` and one column an issue, all 0..100.

    Raises
    ------
    ValueError
        If the scenario names no history.

    Examples
    --------
    >>> import tensionsim as ts
    >>> table = ts.observed_index(ts.load("trump2-petro-2025"))
    >>> table.columns.tolist()
    ['index', 'drugs', 'migration', 'venezuela', 'china']
    """
    import pandas as pd

    of = scenario_of(scenario)
    dates, index, issues = trace(of, until)
    table = pd.DataFrame(issues, index=pd.DatetimeIndex(dates, name="date"), columns=list(of.file.issues))
    table.insert(0, "index", index)
    return table


def trace(scenario: Scenario, until: dt.date | None = None) -> tuple[list[dt.date], Floats, Floats]:
    """Dates, the observed index, shape (date,), and that of each issue, shape (date, issue); all 0..100."""
    file = scenario.file
    moves = past.observed_moves(file, until or dt.date.max)
    if not moves:
        raise ValueError(f"{scenario.name} names no history of observed moves")
    days = past.DAYS_PER_STEP[file.step]
    steps = math.floor(((until or moves[-1].date) - file.start).days / days) + 1
    world = assemble(_moved(scenario, file.start + dt.timedelta(days=round(steps * days))))
    numbers = begin(world, Luck(0, 0, 1)).numbers
    dates, rows = [], []
    for step, here in replay.replay(world, replay.Memory.of(numbers), world.past):
        dates.append(world.dates[0] + dt.timedelta(days=round((step + 1) * days)))
        rows.append((here.verbal + here.material)[world.dyad])
    engine = numbers.engine
    mean = measures.issue_conduct(
        np.array(rows), world.channels, world.dyad, len(world.names.issues), engine["technical_weight"]
    )
    index, issues = measures.cooperation(mean, numbers.issue_weight, engine["index_scale"])
    return dates, index[:, 0], issues[:, :, 0]


def _moved(scenario: Scenario, start: dt.date) -> Scenario:
    """The scenario as if it began on another day, with nothing scheduled."""
    changed = {
        "start": start,
        "end": start + dt.timedelta(days=366),
        "schedule": [],
        "changes": [],
        "arrangements": None,
    }
    return dataclasses.replace(scenario, file=scenario.file.model_copy(update=changed))
