"""The observed index: events on the same scale as simulated runs, by the same equations."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensionsim.engine.build import assemble
from tensionsim.engine.past import DAYS_PER_STEP, Placement, place
from tensionsim.engine.simulation import begin
from tensionsim.engine.world import World
from tensionsim.errors import EventError, Problem, day_of
from tensionsim.events.generic import scenario_from_events
from tensionsim.events.history import NO_ROW, TRACKS, EventHistory, expect_history
from tensionsim.model.measures import cooperation, issue_conduct
from tensionsim.model.state import remember
from tensionsim.model.structure import Channel, Floats
from tensionsim.rng import RandomStreams
from tensionsim.scenario.histories import history_of
from tensionsim.scenario.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    import pandas as pd


def observed_index(
    history: EventHistory | None = None,
    *,
    scenario: Scenario | str | Path | None = None,
    until: dt.date | str | None = None,
) -> pd.DataFrame:
    """The index of a history on a scenario's grid of steps and on its scale.

    Events and arrangements count as in a run; the weights of the issues, the scale and the half-life of the index are
    those of the scenario's start. Events of third parties, and those on issues that the scenario lacks, do not count:
    `table.attrs["left_out"]` says how many. What event data do not tell, arrangements in force, does not count either.

    Parameters
    ----------
    history
        What was observed; default the history that the scenario names.
    scenario
        A Scenario, a path, or the name of a shipped scenario. Default: `scenario_from_events(history)`, whose scale is
        set from the volume of the events.
    until
        Last date (default: the last observed event).

    Returns
    -------
    Table by date with the column `index` and one column an issue, all 0..100.

    Raises
    ------
    ValueError
        If neither a history is given nor the scenario names one, or the history alone has other than two actors.
    EventError
        If no event is between the scenario's principals, on one of its issues.

    Examples
    --------
    >>> import tensionsim as ts
    >>> table = ts.observed_index(scenario=ts.load("trump2-petro-2025"))
    >>> table.columns.tolist()
    ['index', 'drugs', 'migration', 'venezuela', 'china']
    """
    import pandas as pd

    if isinstance(history, Scenario | str):
        raise TypeError(f"the first argument is an EventHistory, got {type(history).__name__}; say scenario=...")
    history = None if history is None else expect_history(history)
    if scenario is not None:
        of = scenario_of(scenario)
    elif history is None:
        raise ValueError("give a history, scenario=..., or both")
    elif len(history.actors) != 2:
        who = f"the history has {len(history.actors)} actors, {', '.join(history.actors)}"
        raise ValueError(f"{who}; say whose index it is to be with scenario=..., of which they are the principals")
    else:
        of = scenario_from_events(history)
    file = of.file
    history = history_of(file) if history is None else history
    if history is None:
        raise ValueError(f"{of.name} names no history of observed moves")
    until = None if until is None else day_of(until)
    history = history if until is None else history.until(until)
    if not len(history):
        raise ValueError(f"{history.name} has no event up to {until}")
    left_out: Counter[str] = Counter()
    placed = list(placed_events(history, of, left_out))
    if not placed:
        told = "; ".join(f"{count:,} {reason}" for reason, count in left_out.most_common())
        where = f"between {' and '.join(file.principals)} on {', '.join(file.issues)}"
        advice = "name actors as the scenario does (--dyad ISR=israel ...), and issues in a mapping (--mapping)"
        what = f"none of {len(history):,} events has a place {where}: {told}; {advice}"
        raise EventError([Problem(history.name, 0, 0, what)])
    days = DAYS_PER_STEP[file.step]
    last = until or history.dates[-1].item()
    steps = math.floor((last - file.start).days / days) + 1
    start = file.start + dt.timedelta(days=round(steps * days))
    also = sorted({one.channel for one in placed})
    # Event data do not tell of arrangements, so nothing is known of any.
    before = Placement() if history.held is None else place(history, file).known(history, dt.date.max, as_coded=False)
    bare: dict[str, Any] = {"schedule": [], "changes": [], "arrangements": None}  # as if it began on another day
    moved = file.model_copy(update={"start": start, "end": start + dt.timedelta(days=366), **bare})
    world = assemble(dataclasses.replace(of, file=moved), before=before, also=also)
    first = math.floor((placed[0].date - start).days / days)
    numbers = begin(world, RandomStreams(0, 0, 1)).numbers
    conduct = _conduct(world, placed, range(first, 0), numbers.keep_index)
    mean = issue_conduct(
        conduct[:, world.dyad], world.channels, world.dyad, len(file.issues), numbers.engine["technical_weight"]
    )
    index, issues = cooperation(mean, numbers.issue_weight, numbers.engine["index_scale"])
    dates = [start + dt.timedelta(days=round((step + 1) * days)) for step in range(first, 0)]
    table = pd.DataFrame(issues[:, :, 0], index=pd.DatetimeIndex(dates, name="date"), columns=list(file.issues))
    table.insert(0, "index", index[:, 0])
    table.attrs["left_out"] = dict(left_out)
    return table


class Placed(NamedTuple):
    """An event in a channel: its day, its score / 10 times its weight, and its weight."""

    date: dt.date
    channel: Channel
    flow: float
    weight: float


def placed_events(history: EventHistory, scenario: Scenario, left_out: Counter[str]) -> Iterator[Placed]:
    """The events in the scenario's channels, by date; those without a place are counted by reason."""
    file = scenario.file
    issues = list(file.issues)
    names = [name if name in issues else issues[0] if len(issues) == 1 else "" for name in (*history.issues, "")]
    rows = (history.dates, history.actor, history.target, history.issue, history.track)
    columns = [one.tolist() for one in (*rows, history.score / 10.0 * history.weight, history.weight)]
    for date, actor, target, issue, track, flow, weight in zip(*columns, strict=True):
        between = (history.actors[actor], history.actors[target])
        if set(between) != set(file.principals):
            left_out["not between the principals"] += 1
        elif not names[issue]:
            told = history.issues[issue] if issue != NO_ROW else "unknown"
            left_out[f"on an issue that the scenario lacks: {told}"] += 1
        else:
            yield Placed(date, Channel(*between, names[issue], TRACKS[track]), flow, weight)


def _conduct(world: World, placed: list[Placed], steps: range, keep: Floats) -> Floats:
    """Conduct at the end of every step, shape (step, channel, 1), from what was in force before the first event."""
    days, start = DAYS_PER_STEP[world.scenario.file.step], world.scenario.file.start
    standing = np.zeros((len(steps) + 1, len(world.channels)))
    flow = np.zeros((len(steps), len(world.channels), 1))
    for one in placed:
        step = math.floor((one.date - start).days / days) - steps.start
        flow[step, world.channels.index(one.channel), 0] += one.flow
    for row, first, after in world.past.arrangements:
        entries = np.flatnonzero(world.instances.instance == row)
        since = 0 if first is None else max(0, first - steps.start + 1)
        until = max(since, after - steps.start + 1)
        for entry in entries.tolist():
            standing[since:until, world.instances.channel[entry]] += world.instances.score[entry]
    here, rows = standing[0][:, None], []
    for step in range(len(steps)):
        here = remember(here, flow[step] / world.dt_months + standing[step + 1][:, None], keep)
        rows.append(here)
    return np.array(rows)
