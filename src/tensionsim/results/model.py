"""Results: one ensemble with all that was recorded, asked as tables, numbers, plots and files.

Tables are made anew each time they are asked for; keep one in a variable to use it often.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensionsim.record import Dates, Names, Record

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

    from tensionsim.ledger import Books
    from tensionsim.scenario import Scenario


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """An ensemble of `runs` random histories of one scenario, numbered from `first_run` on.

    `record` holds the arrays, `names` the names along their axes. The properties give them as tables. `agents`
    names the subclasses of Government that decided, "actor: class", if any.

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

    def __post_init__(self) -> None:
        self.record.check_against(self.names, self.runs)

    def __repr__(self) -> str:
        span = f"{self.dates[0]} to {self.dates[-1]}"
        return f"<Results of {self.scenario.title!r}, {span}, {self.runs:,} runs, seed {self.seed}>"

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
        """The cooperation index, 0..100: date by mean, q05, q25, median, q75, q95."""
        from tensionsim.results import tables

        return tables.index(self)

    @property
    def paths(self) -> pd.DataFrame:
        """The cooperation index of every run, 0..100: date by run."""
        from tensionsim.results import tables

        return tables.paths(self)

    @property
    def issues(self) -> pd.DataFrame:
        """Cooperation on each issue, 0..100: date by (issue, statistic)."""
        from tensionsim.results import tables

        return tables.issues(self)

    @property
    def moves(self) -> pd.DataFrame:
        """Every move made: run, date, actor, target, issue, track, move, goldstein, cause."""
        from tensionsim.results import tables

        return tables.moves(self)

    @property
    def regimes(self) -> pd.DataFrame:
        """Share of the runs in each regime: date by rupture, crisis, strained, pragmatic, alliance."""
        from tensionsim.results import tables

        return tables.regimes(self)

    @property
    def events(self) -> pd.DataFrame:
        """Each event: its probability with standard error, median first date, months in it and to recovery."""
        from tensionsim.results import tables

        return tables.events(self)

    @property
    def arrangements(self) -> pd.DataFrame:
        """Share of the runs in which each arrangement is in force: date by arrangement."""
        from tensionsim.results import tables

        return tables.arrangements(self)

    @property
    def indicators(self) -> pd.DataFrame:
        """Each indicator in its unit (`.attrs["units"]`): date by (indicator, statistic)."""
        from tensionsim.results import tables

        return tables.indicators(self)

    @property
    def tension_by_direction(self) -> pd.DataFrame:
        """Who is harsher: tension of each principal's own conduct, 0..100, date by (direction, statistic)."""
        from tensionsim.results import tables

        return tables.tension_by_direction(self)

    @property
    def measures(self) -> pd.DataFrame:
        """What else is read off conduct: date by (measure, statistic).

        `room`: room for manoeuvre of the principal that depends more on the other, in [0, 1]. `security_pillar`: the
        dyad as a pillar of regional security, 0..100 like the index, from its technical conduct on security issues
        remembered with a half-life of 24 months.
        """
        from tensionsim.results import tables

        return tables.measures(self)

    @property
    def books(self) -> Books:
        """What the ledger of this ensemble is drawn from; see `tensionsim.ledger`."""
        from tensionsim.ledger import Books

        return Books(self.record, self.names, self.step_months, self.first_run)

    def ledger(self, run: int | None = None, date: str | None = None) -> pd.DataFrame:
        """What makes the index of a run at a date: one row a move or arrangement; `points` sum to the index less 50.

        Parameters
        ----------
        run
            Number of the run; default: the first.
        date
            A date of the rows, like "2025-10-27"; default: the last.

        Raises
        ------
        SelectionError
            If there is no such run or date.
        """
        from tensionsim.results import tables

        return tables.ledger(self, run, date)

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
        from tensionsim.plots import fan

        return fan(self, ax)

    def save(self, directory: str | Path, *, command: str = "", attach: Callable[[Path], None] | None = None) -> Path:
        """Writes the results to a folder, whole or not at all; `tensionsim.open` reads it back.

        Parameters
        ----------
        directory
            Made anew. Results that stand there already are replaced; anything else is left alone.
        command
            What was typed, for the provenance.
        attach
            Called with the folder before it takes its place, to write more files (plots) into it.

        Raises
        ------
        StorageError
            If the folder holds something that is no tensionsim result.
        """
        from tensionsim.results.storage import save

        return save(self, directory, command=command, attach=attach)
