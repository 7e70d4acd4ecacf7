"""Sweep: one ensemble at every point of a design, under the same luck, as tables, labelled arrays and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensionsim.results.outcomes import Outcome

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from tensionsim.scenario import Scenario
    from tensionsim.scenario.design_file import Design


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What a sweep runs.

    scenario : what the points change. design : what is varied and how. points : the values of each point, in the order
    of the design's factors. seed, runs : of the ensemble at every point. baseline : number of the point that
    differences are taken from.
    """

    scenario: Scenario
    design: Design
    points: Sequence[tuple[Any, ...]]
    seed: int
    runs: int
    baseline: int


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """Outcomes of the ensembles at all points of a design, each of as many runs under the same seed.

    Runs of one number share their luck at all points of the same dates, so that `difference` is the effect of the
    values alone, and its standard error that of paired runs. Luck is drawn step by step: of a point with another start
    or step than the baseline, `difference` is NaN.

    Examples
    --------
    >>> import tensionsim as ts
    >>> over = {"actors.norland.rhetoric": [0.1, 0.9], "outlook": ["calm", "loud"]}
    >>> s = ts.sweep("norland-suderia", over=over, runs=5)
    >>> isinstance(s, ts.Sweep)
    True
    >>> s.table[["rhetoric", "outlook"]].values.tolist()
    [[0.1, 'calm'], [0.1, 'loud'], [0.9, 'calm'], [0.9, 'loud']]
    >>> float(s.table["difference"][0])
    0.0
    >>> again = ts.Sweep.open(s.save("sweeps/first"))
    >>> again.table.equals(s.table)
    True
    """

    plan: Plan
    outcomes: Sequence[Outcome]

    def __post_init__(self) -> None:
        if len(self.points) != len(self.outcomes):
            raise ValueError(f"{len(self.points)} points have {len(self.outcomes)} outcomes")

    def __repr__(self) -> str:
        names, count = ", ".join(self.design.names), len(self.points)
        over = f"{self.design.method} of {count} point{'' if count == 1 else 's'} over {names}"
        return f"<Sweep of {self.scenario.name!r}, {over}; {self.runs:,} runs each, seed {self.seed}>"

    @property
    def scenario(self) -> Scenario:
        """What the points change."""
        return self.plan.scenario

    @property
    def design(self) -> Design:
        """What is varied and how."""
        return self.plan.design

    @property
    def points(self) -> Sequence[tuple[Any, ...]]:
        """The values of each point, in the order of the design's factors."""
        return self.plan.points

    @property
    def seed(self) -> int:
        """Of the random numbers, the same at all points."""
        return self.plan.seed

    @property
    def runs(self) -> int:
        """How many there are at each point."""
        return self.plan.runs

    @property
    def baseline(self) -> int:
        """Number of the point that differences are taken from."""
        return self.plan.baseline

    @property
    def table(self) -> pd.DataFrame:
        """One row a point: its number, its values, and what came out.

        Values that are lists or mappings are shown as texts. The columns of outcomes are explained in
        `.attrs["about"]`, the paths of the factors stand in `.attrs["paths"]`.
        """
        from tensionsim.results import sweep_tables

        return sweep_tables.table(self)

    @property
    def index(self) -> pd.DataFrame:
        """The cooperation index by date at every point, 0..100: (point, date) by mean, q05, q25, median, q75, q95."""
        from tensionsim.results import sweep_tables

        return sweep_tables.index(self)

    def to_xarray(self) -> xr.Dataset:
        """Outcomes with the factors as labelled coordinates, as an xarray Dataset (needs the extra `xarray`).

        A grid has one dimension a factor; other methods have the dimension `point`, along which the factors run. The
        variable `index` has besides the dimensions `date` and `statistic`. The full path of a factor is the attribute
        `path` of its coordinate.
        """
        from tensionsim.results import sweep_tables

        return sweep_tables.dataset(self)

    def summary(self) -> dict[str, Any]:
        """What `tensionsim sweep --json` prints: plain numbers, texts and lists, a mapping a point."""
        from tensionsim.results import sweep_tables

        return sweep_tables.summary(self)

    def save(self, directory: str | Path, *, command: str = "", replace: bool = False) -> Path:
        """Writes the sweep to a folder, whole or not at all; `Sweep.open` reads it back.

        Parameters
        ----------
        directory
            Made anew. The same sweep, of no more runs at each point, is written over, unless it holds the runs of its
            points; anything else that stands there is left alone.
        command
            What was typed, for the provenance.
        replace
            Whether to replace another sweep that stands there, which is lost.

        Raises
        ------
        StorageError
            If the folder holds something else, or cannot be written.
        """
        from tensionsim.results import sweep_storage

        return sweep_storage.save(self, directory, command=command, replace=replace)

    @classmethod
    def open(cls, directory: str | Path) -> Sweep:
        """The sweep that was saved in a folder, or that `sweep` has stored there.

        Raises
        ------
        StorageError
            If the folder holds no sweep, one that is not finished, or a damaged one.
        """
        from tensionsim.results import sweep_storage

        return sweep_storage.read(directory)
