"""Tally: the tables and the summary of an ensemble, from counts and sums that are merged part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim import ledger
from tensionsim.measures import REGIMES, regime_of
from tensionsim.record import Dates, Floats, Names
from tensionsim.results import statistics, wording
from tensionsim.results.summary import origin
from tensionsim.results.tally import series
from tensionsim.results.tally.moving import MoveCounts, Movers
from tensionsim.results.tally.series import Series
from tensionsim.results.tally.spells import Spells
from tensionsim.results.tally.sums import NARROW, Counts, Sums

if TYPE_CHECKING:
    import pandas as pd

    from tensionsim.results.model import Results


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What a summary of any number of runs needs, in memory that does not grow with them.

    Means, shares, counts, dates and probabilities are those of the runs. Quantiles are drawn from histograms, and off
    by at most 0.005 points of the index (`.attrs["quantile_error"]` of each table says by how much). All is kept as
    whole numbers and extremes: parts that are merged, in whatever grouping, give the same bytes as the whole.

    about : where the runs come from, as JSON has it. weight_sums : of the issues, over runs, row (date, issue).
    spells : of each regime from the worst on, then of each event. regimes : runs in each, shape (date, regime).
    in_force : runs with each arrangement, shape (date, arrangement). series : see `series.SCALES`.

    Examples
    --------
    >>> import tensionsim as ts
    >>> from tensionsim.results.tally import Tally
    >>> first, second = (ts.run("norland-suderia", runs=10, first_run=n) for n in (0, 10))
    >>> tally = Tally.of(first).merged(Tally.of(second))
    >>> tally.runs, tally.table("index").attrs["quantile_error"]
    (20, 0.005)
    """

    about: Mapping[str, Any]
    names: Names
    dates: Dates
    first_run: int
    runs: int
    series: Mapping[str, Series]
    weight_sums: Sums
    spells: Spells
    regimes: Counts
    in_force: Counts
    moves: MoveCounts
    movers_of: Movers

    @classmethod
    def of(cls, results: Results) -> Tally:
        """The tally of some results."""
        record, runs = results.record, results.runs
        rows = regime_of(record.cooperation)
        regimes = [rows == row for row in range(len(REGIMES))]
        conditions = [*regimes, *np.moveaxis(record.events, 1, 0)]
        shared = record.weights.shape[-1]
        weights = Sums.of(record.weights.reshape(-1, shared), NARROW)
        return cls(
            about=about(results),
            names=results.names,
            dates=record.dates,
            first_run=results.first_run,
            runs=runs,
            series=series.all_of(results),
            weight_sums=weights.times(runs // shared),
            spells=Spells.of(conditions, len(record.dates)),
            regimes=np.stack([holds.sum(axis=-1, dtype=np.int64) for holds in regimes], axis=-1),
            in_force=record.in_force.view(np.uint8).sum(axis=-1, dtype=np.uint32).astype(np.int64),
            moves=MoveCounts.of(record, len(results.names.moves), results.first_run),
            movers_of=Movers.of(ledger.changes(results.books, len(record.dates) - 1), runs),
        )

    def __repr__(self) -> str:
        runs = f"{self.runs:,} run{'s' if self.runs > 1 else ''} from {self.first_run:,} on"
        return f"<Tally of {self.title!r}, {runs}, seed {self.seed}>"

    @property
    def title(self) -> str:
        """The title of the scenario and its outlook."""
        return str(self.about["title"])

    @property
    def seed(self) -> int:
        """The seed of the runs."""
        seed: int = self.about["seed"]
        return seed

    @property
    def step_months(self) -> float:
        """Length of a step, in months."""
        return statistics.MONTHS_PER_STEP[self.about["step"]]

    def merged(self, other: Tally) -> Tally:
        """The tally of these runs and of those of `other`, which follow on them.

        Raises
        ------
        ValueError
            If the other is of another ensemble, or its runs do not follow.
        """
        if (self.about, self.names) != (other.about, other.names) or not np.array_equal(self.dates, other.dates):
            raise ValueError("only tallies of one scenario and seed can be merged")
        if other.first_run != self.first_run + self.runs:
            raise ValueError(f"run {other.first_run} does not follow on run {self.first_run + self.runs - 1}")
        return Tally(
            about=self.about,
            names=self.names,
            dates=self.dates,
            first_run=self.first_run,
            runs=self.runs + other.runs,
            series={name: one.merged(other.series[name]) for name, one in self.series.items()},
            weight_sums=self.weight_sums.merged(other.weight_sums),
            spells=self.spells.merged(other.spells),
            regimes=self.regimes + other.regimes,
            in_force=self.in_force + other.in_force,
            moves=self.moves.merged(other.moves),
            movers_of=self.movers_of.merged(other.movers_of),
        )

    def table(self, name: str) -> pd.DataFrame:
        """A table of `Results` by its name, with the same rows and columns.

        Parameters
        ----------
        name
            index, issues, regimes, events, indicators, arrangements, tension_by_direction, measures, move_counts; or
            weights: the mean weight of each issue in the index, as date by issue. `.attrs["quantile_error"]` is the
            most by which a quantile may be off, in the table's unit; for measures by measure; for indicators
            `{"relative": share of the value}`. Tables without quantiles have none: they are exact.

        Raises
        ------
        SelectionError
            If there is no such table, or it shows single runs.
        """
        from tensionsim.results.tally import tables

        return tables.table(self, name)

    def standard_errors(self, name: str) -> pd.DataFrame:
        """Monte Carlo standard error of the means of index, issues, tension_by_direction, measures or indicators.

        As date by name; NaN for a single run. From the histograms, so off by the quantile error / sqrt(runs) at most.
        """
        from tensionsim.results.tally import tables

        return tables.standard_errors(self, name)

    def quantiles(self, name: str, shares: Sequence[float]) -> Floats:
        """Quantiles of a series (index, issues, tension_by_direction, room, security_pillar, indicators) at every date.

        Shape (date, name, quantile); `shares` in [0, 1]. Their error is that of the table's `quantile_error`.
        """
        found = self.series[name].quantiles(shares, self.runs)
        return found.reshape(len(self.dates), -1, len(shares))

    def weights(self) -> Floats:
        """Mean weight of each issue in the index at the last date, shape (issue,), in [0, 1]."""
        found: Floats = self.weight_sums.means(self.runs).reshape(len(self.dates), -1)[-1]
        return found

    def move_counts(self) -> pd.DataFrame:
        """How often each move is made: a row for each move of a channel and cause, with its mean number a run."""
        return self.table("move_counts")

    def movers(self, n: int = 10) -> list[dict[str, Any]]:
        """What moved the mean index most from the first date to the last: actor, what, points."""
        from tensionsim.results.tally import outline

        return outline.movers(self, n)

    def summary(self) -> dict[str, Any]:
        """What `Results.summary()` says, and the `quantile_error` of the index and the issues, in points."""
        from tensionsim.results.tally import outline

        return outline.summary(self)

    def to_bytes(self) -> bytes:
        """The tally as a file's content; the same tally gives the same bytes."""
        from tensionsim.results.tally import files

        return files.to_bytes(self)

    @classmethod
    def from_bytes(cls, content: bytes) -> Tally:
        """The tally of which `to_bytes` made this.

        Raises
        ------
        ValueError
            If it is something else, or damaged.
        """
        from tensionsim.results.tally import files

        return files.from_bytes(content)

    def save(self, path: str | Path) -> Path:
        """Writes the tally to a file, which NumPy can read as .npz."""
        path = Path(path)
        path.write_bytes(self.to_bytes())
        return path

    @classmethod
    def load(cls, path: str | Path) -> Tally:
        """The tally that was saved in a file.

        Raises
        ------
        StorageError
            If there is none, or it is damaged.
        """
        from tensionsim.results.tally import files

        return files.load(Path(path))

    def __reduce__(self) -> tuple[Any, ...]:
        return Tally.from_bytes, (self.to_bytes(),)


def about(results: Results) -> dict[str, Any]:
    """Where some results come from, run by run alike: what a summary says besides the numbers."""
    scenario = results.scenario
    return {
        "title": results.title,
        "scenario": scenario.name,
        "outlook": scenario.outlook,
        "set": wording.plain(scenario.values),
        "start": str(scenario.file.start),
        "end": str(scenario.file.end),
        "step": scenario.file.step,
        "seed": results.seed,
        "notes": list(scenario.notes),
        "provenance": origin(scenario),
    }
