"""Comparison: outlooks set beside a baseline, run by run under the same luck. It reads results and runs nothing.

Tables are made anew each time they are asked for; keep one in a variable to use it often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.analysis import matching, pairing
from tensionsim.errors import SelectionError
from tensionsim.record import Bools, Dates, Floats

if TYPE_CHECKING:
    import pandas as pd

    from tensionsim.results import Results


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Outlooks beside a baseline, paired run by run; `ts.compare` makes one.

    `results` holds each outlook by name, in the order given, `baseline` names the one that the others are compared
    with. A difference is always an outlook less the baseline, in one run on one date. `notes` say what limits the
    comparison.

    Examples
    --------
    >>> import tensionsim as ts
    >>> calm = ts.compare("norland-suderia", runs=40)
    >>> calm
    <Comparison of 'calm', 'loud' with 'norland-suderia', 2030-01-01 to 2032-01-06, 40 runs, seed 0>
    >>> calm.difference["calm"].columns.tolist()[:5]
    ['mean', 'low', 'high', 'band_low', 'band_high']
    >>> bool((calm.ends_above.loc[("calm", "loud")].sum() - 1) < 1e-9)
    True
    """

    results: Mapping[str, Results]
    baseline: str
    notes: tuple[str, ...]
    _common: matching.Common = field(repr=False)
    _bands: dict[str, pairing.Band] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        others = ", ".join(map(repr, self.names))
        runs = f"{len(self.runs):,} run{'s' if len(self.runs) > 1 else ''}"
        span = f"{self.dates[0]} to {self.dates[-1]}"
        return f"<Comparison of {others} with {self.baseline!r}, {span}, {runs}, seed {self.seed}>"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the outlooks other than the baseline, in the order given."""
        return tuple(name for name in self.results if name != self.baseline)

    @property
    def dates(self) -> Dates:
        """The dates compared, shape (date,), datetime64[D]."""
        return self._common.dates

    @property
    def runs(self) -> range:
        """Numbers of the runs compared."""
        return self._common.runs

    @property
    def seed(self) -> int:
        """The seed that all share."""
        return self.results[self.baseline].seed

    @property
    def step_months(self) -> float:
        """Length of a step, in months."""
        return self.results[self.baseline].step_months

    @property
    def issue_names(self) -> tuple[str, ...]:
        """The issues, in the baseline's order."""
        return self.results[self.baseline].names.issues

    @property
    def event_names(self) -> tuple[str, ...]:
        """The events that any outlook counts, the baseline's first."""
        every = [self.results[self.baseline], *self.results.values()]
        return tuple(dict.fromkeys(event for results in every for event in results.names.events))

    def index_of(self, name: str) -> Floats:
        """The index of an outlook, or of the baseline, shape (date, run), 0..100."""
        found: Floats = self._cut(name, self._of(name).record.cooperation)
        return found

    def issue_of(self, name: str, issue: str) -> Floats:
        """Cooperation of an outlook, or of the baseline, on an issue, shape (date, run), 0..100."""
        issues = self._of(name).names.issues
        if issue not in issues:
            raise SelectionError(f"no issue {issue!r}; there is {', '.join(issues)}")
        found: Floats = self._cut(name, self._of(name).record.issue_cooperation[:, issues.index(issue)])
        return found

    def event_of(self, name: str, event: str) -> Bools | None:
        """Whether an event holds in an outlook, or the baseline, shape (date, run); None where it does not count it."""
        if event not in self.event_names:
            raise SelectionError(f"no event {event!r}; there is {', '.join(self.event_names) or 'none'}")
        events = self._of(name).names.events
        return self._cut(name, self._of(name).record.events[:, events.index(event)]) if event in events else None

    def paired(self, name: str) -> Floats:
        """Index of an outlook less that of the baseline in each run, shape (date, run)."""
        return self.index_of(name) - self.index_of(self.baseline)

    def band(self, name: str) -> pairing.Band:
        """The mean of `paired(name)` by date with its 95 % intervals, each of shape (date,)."""
        if name not in self._bands:
            self._bands[name] = self.band_of(self.paired(name))
        return self._bands[name]

    def band_of(self, differences: Floats) -> pairing.Band:
        """The same of any paired differences of these runs, shape (date, run)."""
        return pairing.band(differences, seed=self.seed, first_run=self.runs.start)

    def parting_of(self, name: str) -> pairing.Parting:
        """Rows of the dates at which an outlook parts from the baseline."""
        return pairing.parting(self.paired(name), self.band(name))

    def _of(self, name: str) -> Results:
        if name not in self.results:
            raise SelectionError(f"no outlook {name!r}; there is {', '.join(self.results)}")
        return self.results[name]

    def _cut(self, name: str, array: Any) -> Any:
        """An array of shape (date, run) of an outlook on the dates and runs compared."""
        return array[self._common.rows[name], self._common.columns[name]]

    @property
    def index(self) -> pd.DataFrame:
        """The cooperation index of each outlook, 0..100, as date by (outlook, statistic)."""
        from tensionsim.analysis import comparison_tables

        return comparison_tables.index(self)

    @property
    def difference(self) -> pd.DataFrame:
        """Paired differences of the index to the baseline, in points, as date by (outlook, statistic).

        `mean` over the runs; `low` and `high`, its 95 % interval at one date chosen beforehand; `band_low` and
        `band_high`, its 95 % band over all dates at once; `q05` to `q95`, quantiles of the difference over the runs.
        Intervals are NaN where there are too few runs for one.
        """
        from tensionsim.analysis import comparison_tables

        return comparison_tables.difference(self)

    @property
    def issues(self) -> pd.DataFrame:
        """The same of cooperation on each issue, as date by (outlook, issue, statistic)."""
        from tensionsim.analysis import comparison_tables

        return comparison_tables.issues(self)

    @property
    def parting(self) -> pd.DataFrame:
        """When each outlook parts from the baseline, one row an outlook; NaT where it does not.

        `first_difference` is the first date on which any run differs, to the last bit; `first_apart` the first on which
        the mean difference is told from 0, by a band that holds over all dates at once; `apart_to_end` the first from
        which on it is, with one sign, until the last date. `differing_runs` is the share of runs that ever differ.
        """
        from tensionsim.analysis import comparison_tables

        return comparison_tables.parting(self)

    @property
    def regimes(self) -> pd.DataFrame:
        """How often each regime holds at the end and ever, with paired differences, as regime by (outlook, statistic).

        Of each outlook: `at_end`, `ever`, shares of the runs, and `mean_months`. Of those beside the baseline also
        `at_end_difference` and `ever_difference`, each with its standard error (`..._error`, after McNemar), and in how
        many runs it ever holds only there (`only_here`) or only in the baseline (`only_baseline`).
        """
        from tensionsim.analysis import comparison_tables

        return comparison_tables.regimes(self)

    @property
    def events(self) -> pd.DataFrame:
        """How often each event ever comes true, with paired differences, as event by (outlook, statistic).

        Columns as in `regimes`; NaN where an outlook does not count the event.
        """
        from tensionsim.analysis import comparison_tables

        return comparison_tables.events(self)

    @property
    def ends_above(self) -> pd.DataFrame:
        """Shares of the runs in which one outlook ends above another, as (outlook, against) by above, equal, below."""
        from tensionsim.analysis import comparison_tables

        return comparison_tables.ends_above(self)

    @property
    def recovery(self) -> pd.DataFrame:
        """Whether and when each event ends again, as (event, outlook) by statistic.

        `runs` in which it comes true; `share_ended`, of these, in which its first spell ends by the last date;
        `median_months` until then, where one that has not ended counts as longer than any (NaN: not ended in half of
        them). `both` counts the runs in which it comes true in the baseline too; `ended_difference`, among these, is by
        how much more share of them it ends, with its standard error. The row "crisis or rupture" is the index below 35,
        whatever events there are.
        """
        from tensionsim.analysis import comparison_tables

        return comparison_tables.recovery(self)

    @property
    def pairing(self) -> pd.DataFrame:
        """How much it saved that outlooks share their luck, as (outlook, quantity) by statistic.

        `spread`, `spread_baseline`, `spread_difference` are standard deviations over the runs; `variance_ratio` is
        (var A + var B) / var(A - B), the variance of the mean difference under independent seeds against paired;
        `equivalent_runs` so many runs under independent seeds would be as exact. Where the ratio has no value, `note`
        says why.
        """
        from tensionsim.analysis import comparison_tables

        return comparison_tables.pairing_saved(self)

    def table(self) -> pd.DataFrame:
        """One row an outlook, with what a reader asks first."""
        from tensionsim.analysis import comparison_tables

        return comparison_tables.overview(self)

    def headline(self, name: str) -> str:
        """One sentence on how an outlook differs from the baseline."""
        from tensionsim.analysis import comparison_wording

        return comparison_wording.headline(self, name)

    def summary(self) -> dict[str, Any]:
        """What `tensionsim compare --json` prints: plain numbers, texts and lists; None where there is no number."""
        from tensionsim.analysis import comparison_summary

        return comparison_summary.summary(self)

    def save(self, directory: str | Path, *, command: str = "", attach: Callable[[Path], None] | None = None) -> Path:
        """Writes tables, summary and provenance to a folder, whole or not at all.

        Parameters
        ----------
        directory
            Made anew. A comparison that stands there already is replaced; anything else is left alone.
        command
            What was typed, for the provenance.
        attach
            Called with the folder before it takes its place, to write more files (plots) into it.

        Raises
        ------
        StorageError
            If the folder holds something that is no comparison, or cannot be written.
        """
        from tensionsim.analysis import comparison_storage

        return comparison_storage.save(self, directory, command=command, attach=attach)


def of(results: Mapping[str, Results], *, baseline: str | None = None, overlap: bool = False) -> Comparison:
    """The comparison of results, by name, with the one named `baseline` (the first).

    overlap : whether to compare on the dates and runs that all have, where they have not the same.

    Raises
    ------
    SelectionError
        If they cannot be compared; it names everything that stands against it.
    """
    if len(results) < 2:
        there = f"there is only {next(iter(results))}" if results else "there is none"
        raise SelectionError(f"a comparison needs two outlooks or more; {there}")
    chosen = next(iter(results)) if baseline is None else baseline
    if chosen not in results:
        raise SelectionError(f"no outlook {chosen!r} to be the baseline; there is {', '.join(results)}")
    common = matching.common({name: matching.facts_of(each) for name, each in results.items()}, overlap=overlap)
    return Comparison(dict(results), chosen, tuple(_notes(results, common)), common)


def _notes(results: Mapping[str, Results], common: matching.Common) -> Iterator[str]:
    """What limits the comparison."""
    every = list(results.values())
    if any(not np.array_equal(each.dates, common.dates) for each in every):
        yield f"only the common dates are compared, {common.dates[0]} to {common.dates[-1]}"
    if len({each.dates[0] for each in every}) > 1:
        yield "the outlooks start on different dates, so that luck is shared by step, not by date"
    if any(len(common.runs) != each.runs for each in every):
        yield f"only the common runs are compared, {common.runs[0]} to {common.runs[-1]}"
    if len({each.agents for each in every}) > 1:
        yield "governments decide by other classes in one outlook than in another"
    for event in dict.fromkeys(event for each in every for event in each.names.events):
        specs = [each.scenario.file.events.get(event) for each in every]
        if len({spec.model_dump_json(exclude_unset=True) for spec in specs if spec is not None}) > 1:
            yield f"event '{event}' has not the same condition in all outlooks; its shares compare unlike with like"
