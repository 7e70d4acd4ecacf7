"""Motives: why a government did what it did, as the mechanisms' contributions to its desired conduct.

A run depends on the scenario, the seed and its number alone, so its reasons need not be stored: the run is made again,
bit for bit, and asked at every step.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.arguments import whole
from tensionsim.engine import Simulation, assemble, begin, step
from tensionsim.engine.deciding import View, decide_all
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario, scenario_of

if TYPE_CHECKING:
    import pandas as pd

    from tensionsim.engine.acts import Acts

KEYS = ["date", "actor", "target", "issue", "track"]


def reasons(scenario: Scenario | str | Path, *, run: int = 0, seed: int = 0) -> pd.DataFrame:
    """What moved each actor towards cooperation (above 0) or conflict (below 0) at every step of a run.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario.
    run
        Number of the run, >= 0; with the seed, the same run as in `tensionsim.run`.
    seed
        Of the random numbers, >= 0.

    Returns
    -------
    Table by date (the step's start), actor, target, issue and track. One column each for `bias`, `expectations` and
    every mechanism that is on; they sum to `sum`, and `direction` is that sum divided by the actor's unpredictability.

    Examples
    --------
    >>> import tensionsim as ts
    >>> why = ts.reasons(ts.load("trump2-petro-2025"), run=3, seed=7)
    >>> bool(why.loc[("2025-03-03", "washington", "bogota", "drugs", "political"), "politicisation"] < 0)
    True
    """
    import pandas as pd

    luck = Luck(whole("seed", seed), whole("run", run), 1)
    now = begin(assemble(scenario_of(scenario)), luck)
    rows: list[dict[str, np.ndarray]] = []

    def overheard(simulation: Simulation, view: View) -> Acts:
        parts = {name: values[:, 0] for name, values in view.contributions.items()}
        rows.append(parts | {"direction": view.direction[:, 0]})
        return decide_all(simulation, view)

    for _ in range(now.world.steps):
        step(now, overheard)
    channels = [(one.actor, one.target, one.issue, one.track) for one in now.world.channels.rows]
    dates = pd.DatetimeIndex(now.world.dates[:-1])
    index = pd.MultiIndex.from_tuples([(date, *channel) for date in dates for channel in channels], names=KEYS)
    table = pd.DataFrame({name: np.concatenate([row[name] for row in rows]) for name in rows[0]}, index)
    parts = [name for name in table.columns if name != "direction"]
    total = np.zeros(len(table))
    for name in parts:
        total = total + table[name].to_numpy()
    table.insert(len(parts), "sum", total)
    return table.sort_index()
