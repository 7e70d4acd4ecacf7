"""Reading: the backtest that is kept in a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tensionsim.analysis.backtesting.backtest import About, Backtest
from tensionsim.analysis.backtesting.identity import Identity, plan_of
from tensionsim.analysis.backtesting.store import (
    OUTCOMES,
    arrays_of,
    fit_file,
    fit_of,
    forecasts_of,
    manifest_of,
    origin_file,
)
from tensionsim.analysis.backtesting.targets import targets_of
from tensionsim.errors import StorageError
from tensionsim.scenario.scenario import from_text


def read(directory: str | Path) -> Backtest:
    """The backtest that is kept in a folder; see `Backtest.open`."""
    folder = Path(directory)
    manifest = manifest_of(folder)
    if not manifest["is_complete"]:
        raise StorageError(f"{folder} is not finished; the command that began it goes on where it was")
    plan, grid = plan_of(manifest["plan"])
    about = About(**manifest["about"])
    days = dict.fromkeys(plan.fitted_at(grid).values())
    made = [forecasts_of(origin_file(folder, day), day) for day in plan.origins]
    came = arrays_of(folder / OUTCOMES)
    return Backtest(
        about=about,
        identity=Identity(*(manifest[name] for name in ("plan", "scenario", "is_anew", "events", "code"))),
        plan=plan,
        targets=targets_of(from_text(about.scenario, "scenario")),
        events=tuple(manifest["judged"]),
        values=np.stack([one.values for one in made]),
        outcomes=came["outcomes"],
        chances=np.stack([one.chances for one in made]),
        happened=came["happened"],
        fits=tuple(fit_of(fit_file(folder, day)) for day in days),
        fallbacks=tuple((str(one.origin), text) for one in made for text in one.fallbacks),
    )
