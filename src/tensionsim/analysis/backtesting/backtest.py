"""A backtest: what was forecast from many origins, what came, and how good the forecasts were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensionsim.analysis.backtesting.identity import Identity
from tensionsim.analysis.backtesting.making import Fitted
from tensionsim.analysis.backtesting.plan import MODEL, Plan
from tensionsim.analysis.backtesting.targets import INDEX, Target
from tensionsim.errors import SelectionError
from tensionsim.record import Floats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tensionsim.analysis.forecasts.probability import Reliability


@dataclass(frozen=True, slots=True)
class About:
    """What a backtest is of.

    scenario : text of the one on whose scale everything stands. is_anew : whether one was made at every origin. step :
    "day", "week" or "month". history : its name, with the first and the last day that were used. not_judged : events of
    the scenario that what was observed cannot judge, with the reason.
    """

    title: str
    scenario: str
    is_anew: bool
    step: str
    history: str
    first: str
    last: str
    not_judged: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts from rolling origins, each made from the past alone, and what came.

    Arrays: `values` (origin, target, forecaster, horizon, run), `outcomes` (origin, target, horizon), NaN beyond the
    data; of the scenario's events `chances` (origin, event, teller, horizon) that they happen within the horizon, and
    whether they `happened` (origin, event, horizon). Names along the axes: `origins`, `targets`, `forecasters`,
    `tellers`, `events`, `horizons`. All tables name them too. Smaller scores are better.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.backtest("us-colombia-2017", origins="2021-01-01:2021-12-31", horizons=[1, 3], runs=20, refit=None,
    ...                     baselines=["no-change", "mean"])
    >>> found.scores().loc[("index", 3)].index.tolist()
    ['model', 'no-change', 'mean']
    >>> bool(found.skill("index").loc[1, "skill"].max() <= 1)
    True
    """

    about: About
    identity: Identity
    plan: Plan
    targets: tuple[Target, ...]
    events: tuple[str, ...]
    values: Floats
    outcomes: Floats
    chances: Floats
    happened: Floats
    fits: tuple[Fitted, ...]
    fallbacks: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        first, last = self.origins[0], self.origins[-1]
        reach = ", ".join(map(str, self.horizons))
        return (
            f"<Backtest of {self.about.title!r} on {self.about.history!r}: {len(self.origins)} origins, {first} to "
            f"{last}, {reach} months ahead, {self.plan.runs:,} runs>"
        )

    @property
    def origins(self) -> tuple[dt.date, ...]:
        """First days of which nothing was known."""
        return self.plan.origins

    @property
    def horizons(self) -> tuple[int, ...]:
        """How far, in months."""
        return self.plan.horizons

    @property
    def forecasters(self) -> tuple[str, ...]:
        """Who forecasts the targets, the model first."""
        return self.plan.forecasters

    @property
    def tellers(self) -> tuple[str, ...]:
        """Who tells how likely events are."""
        from tensionsim.analysis.backtesting.judging import CLIMATOLOGY, NO_CHANGE

        return (*self.plan.models, CLIMATOLOGY, NO_CHANGE)

    def forecasts(self) -> pd.DataFrame:
        """Every forecast in short, and what came.

        By target, origin, horizon and forecaster: mean, q05, q25, median, q75, q95, outcome.
        """
        from tensionsim.analysis.backtesting import tables

        return tables.forecasts(self)

    def scores(self) -> pd.DataFrame:
        """Mean scores by target, horizon and forecaster.

        `crps` (fair), `log_score` of a kernel density, `normal_log_score` of a normal, `n` outcomes.
        """
        from tensionsim.analysis.backtesting import tables

        return tables.scores(self)

    def skill(self, target: str = INDEX, of: str = MODEL) -> pd.DataFrame:
        """The share of each other's CRPS that a forecaster saves, below 0 where it loses, by horizon and other.

        Columns `score`, `other`, `skill`, its 95 % interval `low` and `high`, `n` origins, `block`, Diebold and
        Mariano's statistic `dm` and its `p_value`, and `is_best`, the best plain forecast in hindsight.
        """
        from tensionsim.analysis.backtesting import tables

        return tables.skill(self, target, of)

    def calibration(self) -> pd.DataFrame:
        """Coverage of 50 and 90 % intervals, widths, p of the PIT's test, by target, horizon and forecaster."""
        from tensionsim.analysis.backtesting import tables

        return tables.calibration(self)

    def pit(self, target: str = INDEX, of: str = MODEL) -> pd.DataFrame:
        """Where each outcome lay among the runs, in (0, 1): origin by horizon; uniform if the forecast is right."""
        from tensionsim.analysis.backtesting import tables

        return tables.pit(self, target, of)

    def regimes(self) -> pd.DataFrame:
        """Forecasts of the index's regime by horizon and forecaster: ranked probability score, and Brier by regime."""
        from tensionsim.analysis.backtesting import tables

        return tables.regimes(self)

    def event_scores(self) -> pd.DataFrame:
        """Forecasts that an event happens within the horizon, by event, horizon and teller.

        `brier` (fair) and its parts by Murphy, `said` and `happened` on average, `skill` against climatology with
        Diebold and Mariano's `p_value`, `n`.
        """
        from tensionsim.analysis.backtesting import tables

        return tables.events(self)

    def reliability(self, event: str, *, of: str = MODEL, horizon: int | None = None, bins: int = 10) -> Reliability:
        """How often an event came true by how likely it was called; all horizons for None.

        A regime of the index at the horizon counts as one; `regime:crisis` where an event has the name too.

        Raises
        ------
        SelectionError
            If there is no such event, teller or horizon.
        """
        from tensionsim.analysis.backtesting import tables

        return tables.reliability(self, event, (of, horizon), bins)

    def estimates(self) -> pd.DataFrame:
        """What was fitted at each origin: origin and path by `estimate` and `standard_error`."""
        from tensionsim.analysis.backtesting import tables

        return tables.estimates(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws the skill of the model's forecasts of the index on `ax`, or on a new figure; see `plots.skill`."""
        from tensionsim.plots.backtests import skill

        return skill(self, ax)

    def summary(self) -> dict[str, Any]:
        """What `tensionsim backtest --json` prints: plain numbers, texts and lists."""
        from tensionsim.analysis.backtesting import summing

        return summing.summary(self)

    def save(self, directory: str | Path, *, command: str = "") -> Path:
        """Writes the backtest to a folder, file by file, each whole; `Backtest.open` reads it back.

        Raises
        ------
        StorageError
            If the folder holds another backtest, or something else.
        """
        from tensionsim.analysis.backtesting.making import Forecasts
        from tensionsim.analysis.backtesting.store import Store

        folder = Path(directory)
        with Store(folder, self.identity, command) as store:
            for fitted in self.fits:
                store.write_fit(fitted)
            for row, origin in enumerate(self.origins):
                said = tuple(text for day, text in self.fallbacks if day == str(origin))
                store.write_forecasts(Forecasts(origin, self.values[row], self.chances[row], said))
            store.finish(self)
        return folder

    @classmethod
    def open(cls, directory: str | Path) -> Backtest:
        """The backtest that is kept in a folder.

        Raises
        ------
        StorageError
            If the folder holds none, one that is not finished, or a damaged one.
        """
        from tensionsim.analysis.backtesting.reading import read

        return read(directory)

    def place(self, axis: str, name: object) -> int:
        """The row of a name along an axis: target, forecaster, teller, event or horizon.

        Raises
        ------
        SelectionError
            If there is none.
        """
        names: tuple[object, ...] = {
            "target": tuple(one.name for one in self.targets),
            "forecaster": self.forecasters,
            "teller": self.tellers,
            "event": self.events,
            "horizon": self.horizons,
        }[axis]
        if name not in names:
            raise SelectionError(
                f"no {axis} {name!r} in this backtest; there are {', '.join(map(str, names)) or 'none'}"
            )
        return names.index(name)
