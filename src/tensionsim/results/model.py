"""Results: one ensemble with all that was recorded, asked as tables, numbers, plots and files.

Tables are made anew each time they are asked for; keep one in a variable to use it often. Up to `EXACT_RUNS` runs they
are made from the arrays, exactly; beyond, from a `Tally`: all but quantiles are exact then too, and those say their
error in `.attrs["quantile_error"]`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensionsim.record import Dates, Names, Record

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

    from tensionsim.ledger import Books
    from tensionsim.results.tally import Tally
    from tensionsim.scenario import Scenario


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """An ensemble of `runs` random histories of one scenario, numbered from `first_run` on.

    `record` holds the arrays, `names` the names along their axes; of results that were opened from a folder each array
    is read when it is first asked for. The properties give them as tables. `agents` names the subclasses of Government
    that decided, "actor: class", if any.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> bool(r.index["median"].between(0, 100).all())
    True
    >>> r.moves.columns.tolist()
    ['run', 'date', 'actor', 'target', 'issue', 'track', 'move', 'goldstein', 'cause']
    >>> points = r.ledger(run=3)["points"].sum()
    >>> bool(abs(50 + points - r.paths[3].iloc[-1]) < 1e-9)
    True
    """

    scenario: Scenario
    seed: int
    runs: int
    first_run: int
    names: Names
    record: Record
    agents: tuple[str, ...] = ()
    _kept: dict[str, Tally] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.record.check_against(self.names, self.runs)

    def __repr__(self) -> str:
        from tensionsim.results import wording

        changed = wording.settings(self.scenario.values)
        span = wording.span(self.dates[0], self.scenario.file.end, self.dates[-1])
        parts = [f"{self.title!r}", span, f"{self.runs:,} run{'s' if self.runs > 1 else ''}", f"seed {self.seed}"]
        return f"<Results of {', '.join([*parts, changed] if changed else parts)}>"

    def equals(self, other: Results) -> bool:
        """Whether both come from the same scenario text and seed, and hold the same bits."""
        mine = (self.scenario.text, self.seed, self.runs, self.first_run, self.names)
        theirs = (other.scenario.text, other.seed, other.runs, other.first_run, other.names)
        return mine == theirs and self.record.equals(other.record)

    @property
    def title(self) -> str:
        """The scenario's title, and the outlook's where there is one."""
        from tensionsim.results.summary import title

        return title(self.scenario)

    @property
    def dates(self) -> Dates:
        """Dates of the rows, shape (date,), datetime64[D]."""
        return self.record.dates

    @property
    def step_months(self) -> float:
        """Length of a step, in months."""
        from tensionsim.results.statistics import MONTHS_PER_STEP

        return MONTHS_PER_STEP[self.scenario.file.step]

    @property
    def index(self) -> pd.DataFrame:
        """The cooperation index, 0..100, as date by mean, q05, q25, median, q75, q95."""
        return self._table("index")

    @property
    def paths(self) -> pd.DataFrame:
        """The cooperation index of every run, 0..100, as date by run."""
        from tensionsim.results import tables

        return tables.paths(self)

    @property
    def issues(self) -> pd.DataFrame:
        """Cooperation on each issue, 0..100, as date by (issue, statistic)."""
        return self._table("issues")

    @property
    def moves(self) -> pd.DataFrame:
        """Every move made, with run, date, actor, target, issue, track, move, goldstein and cause."""
        from tensionsim.results import tables

        return tables.moves(self)

    @property
    def regimes(self) -> pd.DataFrame:
        """Share of the runs in each regime, as date by rupture, crisis, strained, pragmatic, alliance."""
        return self._table("regimes")

    @property
    def events(self) -> pd.DataFrame:
        """How often each event comes true, when, and for how long.

        One row an event: `probability` that it ever does in a run, with its Monte Carlo `standard_error`;
        `median_first_date`, over the runs in which it does; `mean_months` in it, over all runs, in all its spells;
        `median_recovery_months`, from its first date until it first ends, over the runs in which it comes true. One
        that has not ended by the last date counts as longer than any: where half of them or more have not, the median
        is not known yet (NaN).
        """
        return self._table("events")

    @property
    def arrangements(self) -> pd.DataFrame:
        """Share of the runs in which each arrangement is in force, as date by arrangement."""
        return self._table("arrangements")

    @property
    def indicators(self) -> pd.DataFrame:
        """Each indicator in its unit (`.attrs["units"]`), as date by (indicator, statistic)."""
        return self._table("indicators")

    @property
    def tension_by_direction(self) -> pd.DataFrame:
        """Tension of each principal's own conduct, 0..100 (higher is harsher), as date by (direction, statistic)."""
        return self._table("tension_by_direction")

    @property
    def measures(self) -> pd.DataFrame:
        """What else is read off conduct, as date by (measure, statistic); what each is stands in `.attrs["about"]`.

        `room` is the room for manoeuvre, in [0, 1], of one principal only, the one that depends more on the other in
        that run on that date. `security_pillar` is the dyad as a pillar of regional security, 0..100 like the index,
        from its technical conduct on security issues remembered with a half-life of 24 months.
        """
        return self._table("measures")

    def _table(self, name: str) -> pd.DataFrame:
        from tensionsim.results import tables

        return tables.table(self, name)

    @property
    def is_exact(self) -> bool:
        """Whether tables are made from the arrays; beyond 5,000 runs they are made from the tally."""
        from tensionsim.results.parts import EXACT_RUNS

        return self.runs <= EXACT_RUNS

    def tally(self) -> Tally:
        """What summaries of any number of runs are made from; made once, or read from the folder where it is saved."""
        if "tally" not in self._kept:
            from tensionsim.results.tallying import tally

            self._kept["tally"] = tally(self)
        return self._kept["tally"]

    @property
    def books(self) -> Books:
        """What the ledger of this ensemble is drawn from; see `tensionsim.ledger`."""
        from tensionsim.ledger import Books

        return Books(self.record, self.names, self.step_months, self.first_run)

    def ledger(
        self,
        run: int | None = None,
        date: str | dt.date | np.datetime64 | None = None,
        *,
        top: int | None = None,
    ) -> pd.DataFrame:
        """What makes the index of a run at a date: one row a move or arrangement; `points` sum to the index less 50.

        In the order in which things came: history, arrangements, then moves by date.

        Parameters
        ----------
        run
            Number of the run; default: the first.
        date
            A date of the rows, like "2025-10-27", a date, a Timestamp or a datetime64; default: the last.
        top
            Show only so many, those of the most points either way first, and after them a row `rest` with the points
            of all others.

        Raises
        ------
        SelectionError
            If there is no such run or date.
        """
        from tensionsim.results import tables

        whole = tables.ledger(self, run, date)
        return whole if top is None else tables.largest(whole, top)

    def movers(self, n: int = 10) -> list[dict[str, Any]]:
        """What moved the mean index most from the first date to the last: actor, what, points."""
        from tensionsim.results.summary import movers

        return movers(self, n)

    def summary(self) -> dict[str, Any]:
        """What `tensionsim run --json` prints: plain numbers, texts and lists."""
        from tensionsim.results.summary import summary

        return summary(self)

    def to_xarray(self) -> xr.Dataset:
        """All arrays with named axes and units, as an xarray Dataset (needs the extra `xarray`)."""
        from tensionsim.results.labelled import dataset

        return dataset(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws the fan of the index over time on `ax`, or on a new figure."""
        from tensionsim.plots.outcomes import fan

        return fan(self, ax)

    def save(
        self,
        directory: str | Path,
        *,
        command: str = "",
        attach: Callable[[Path], None] | None = None,
        replace: bool = False,
    ) -> Path:
        """Writes the results to a folder, whole or not at all; `tensionsim.open` reads it back.

        Parameters
        ----------
        directory
            Made anew. Results of the same scenario text, seed, first run and agents, and of no more runs, are written
            over; anything else that stands there is left alone.
        command
            What was typed, for the provenance.
        attach
            Called with the folder before it takes its place, to write more files (plots) into it.
        replace
            Whether to replace other results that stand there, which are lost.

        Raises
        ------
        StorageError
            If the folder holds other results, or something that is no tensionsim result.
        """
        from tensionsim.results.storage import save

        return save(self, directory, command=command, attach=attach, replace=replace)
