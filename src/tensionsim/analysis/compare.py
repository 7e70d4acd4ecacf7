"""Comparison: outlooks set beside a baseline, run by run under the same luck. It reads results and runs nothing.

Tables are made anew each time they are asked for; keep one in a variable to use it often.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tensionsim.analysis.paired import LEAST_RUNS, Band, Parting, band, saving, shares
from tensionsim.analysis.paired import STATISTICS as PAIRED_STATISTICS
from tensionsim.analysis.paired import over_runs as paired_over_runs
from tensionsim.analysis.paired import parting as paired_parting
from tensionsim.errors import Problem, ScenarioError, SelectionError, StorageError, TensionSimError, whole
from tensionsim.model.measures import REGIMES, regime_of
from tensionsim.model.record import Bools, Dates, Floats, Ints
from tensionsim.runs.parts import maker_of
from tensionsim.runs.results import DECIMALS, Results, provenance
from tensionsim.runs.statistics import STATISTICS, occurrence, over_runs, plain
from tensionsim.runs.store import Derived, maker_here, versions, write_json
from tensionsim.scenario.scenario import Scenario

DEEP = "crisis or rupture"
"""The two lowest regimes together, in which the index is below 35."""

DEEP_REGIMES = 2
OUTLOOK = "outlook"


def _by_outlook(comparison: Comparison, blocks: dict[str, Floats], statistic: Sequence[str]) -> pd.DataFrame:
    """Blocks of shape (date, statistic) as date by (outlook, statistic)."""
    columns = pd.MultiIndex.from_product([list(blocks), list(statistic)], names=[OUTLOOK, "statistic"])
    dates = pd.DatetimeIndex(comparison.dates, name="date")
    return pd.DataFrame(np.concatenate(list(blocks.values()), axis=-1), dates, columns)


def _dates(comparison: Comparison, rows: Sequence[int | None]) -> pd.DatetimeIndex:
    nowhere = np.datetime64("NaT", "D")
    return pd.DatetimeIndex([nowhere if row is None else comparison.dates[row] for row in rows], dtype="datetime64[s]")


def _outlooks(names: Sequence[str]) -> pd.Index:
    return pd.Index(names, name=OUTLOOK, dtype="str")


Cells = dict[tuple[str, str], float]


def _cells(comparison: Comparison, holds: dict[str, Any]) -> Cells:
    """What is said of a condition, shape (date, run), in each outlook; None where an outlook does not have it."""
    there, cells = holds[comparison.baseline], {}
    for name, here in holds.items():
        if here is None:
            continue
        found = occurrence(here, comparison.dates, comparison.step_months)
        cells[name, "at_end"] = float(here[-1].mean())
        cells[name, "ever"], cells[name, "ever_error"] = found.probability, found.standard_error
        cells[name, "mean_months"] = found.months
        if name != comparison.baseline and there is not None:
            cells |= {(name, key): value for key, value in _paired_shares(here, there)}
    return cells


def _paired_shares(here: Bools, there: Bools) -> Iterator[tuple[str, float]]:
    end, ever = shares(here[-1], there[-1]), shares(_ever(here), _ever(there))
    yield from (("at_end_difference", end.difference), ("at_end_difference_error", end.standard_error))
    yield from (("ever_difference", ever.difference), ("ever_difference_error", ever.standard_error))
    yield from (("only_here", ever.only_here), ("only_baseline", ever.only_there))


SHARES = ("at_end", "ever", "ever_error", "mean_months")
DIFFERENCES = (
    "at_end_difference",
    "at_end_difference_error",
    "ever_difference",
    "ever_difference_error",
    "only_here",
    "only_baseline",
)


def _side_by_side(comparison: Comparison, cells: dict[str, Cells], kind: str) -> pd.DataFrame:
    keys = [
        (name, statistic)
        for name in comparison.results
        for statistic in (SHARES if name == comparison.baseline else SHARES + DIFFERENCES)
    ]
    rows = np.array([[row.get(key, np.nan) for key in keys] for row in cells.values()], float).reshape(-1, len(keys))
    columns = pd.MultiIndex.from_tuples(keys, names=[OUTLOOK, "statistic"])
    return pd.DataFrame(rows, pd.Index(list(cells), name=kind, dtype="str"), columns)


def _condition(comparison: Comparison, name: str, event: str) -> Bools | None:
    if event in comparison.event_names:
        return comparison.event_of(name, event)
    deep: Bools = regime_of(comparison.index_of(name)) < DEEP_REGIMES
    return deep


def _recovered(comparison: Comparison, here: Bools, there: Bools | None) -> list[float]:
    found = occurrence(here, comparison.dates, comparison.step_months)
    ever, ended = _ever(here), _ends(here)
    share = float(ended[ever].mean()) if found.runs else np.nan
    row = [found.runs, share, np.nan if found.recovery is None else found.recovery]
    if there is None:
        return [*row, np.nan, np.nan, np.nan]
    both = ever & _ever(there)
    if not both.any():
        return [*row, 0, np.nan, np.nan]
    paired = shares(ended[both], _ends(there)[both])
    return [*row, float(both.sum()), paired.difference, paired.standard_error]


def _ever(holds: Bools) -> Bools:
    """Whether a condition ever holds, shape (run,)."""
    found: Bools = np.logical_or.reduce(holds, axis=0)
    return found


def _ends(holds: Bools) -> Bools:
    """Whether the first spell of a condition ends by the last date, shape (run,)."""
    return _ever(~holds & np.logical_or.accumulate(holds, axis=0))


AT_END, ON_AVERAGE = "index at the end", "index over time"


def _quantities(comparison: Comparison, name: str) -> dict[str, Floats]:
    """What of each run is averaged, shape (run,): the index at the end, over time, whether each event ever holds."""
    paths = comparison.index_of(name)
    found = {AT_END: paths[-1], ON_AVERAGE: paths.mean(axis=0)}
    for event in comparison.event_names:
        holds = comparison.event_of(name, event)
        if holds is not None:
            found[f"ever {event}"] = holds.any(axis=0).astype(float)
    return found


TABLES = ("index", "difference", "issues", "parting", "regimes", "events", "ends_above", "recovery", "pairing")


def tidy(comparison: Comparison, name: str) -> pd.DataFrame:
    """A table as it is written to CSV: one observation a row, all keys as columns."""
    if name == "outlooks":
        return comparison.table().reset_index()
    table: pd.DataFrame = getattr(comparison, name)
    if table.columns.nlevels == 1:
        return table.reset_index()
    statistic = list(dict.fromkeys(table.columns.get_level_values("statistic")))
    keys = [key for key in table.columns.names if key != "statistic"]
    if table.empty:
        return pd.DataFrame(columns=[str(table.index.name), *keys, *statistic])
    return table.stack(keys, future_stack=True)[statistic].reset_index()


def _at_the_end(comparison: Comparison, name: str) -> str:
    end, base, band = comparison.paired(name)[-1], comparison.baseline, comparison.band(name)
    if not end.any():
        return f"ends where {base} does, in every run"
    mean = float(band.mean[-1])
    points = f"ends {abs(mean):.1f} points {'above' if mean >= 0 else 'below'} {base}"
    if end.size == 1:
        return f"{points} in the one run"
    low, high = sorted(np.sign(mean or 1.0) * bound for bound in (band.point_low[-1], band.point_high[-1]))
    higher, ties = float((end > 0).mean()), float((end == 0).mean())
    word, share = ("higher", higher) if mean >= 0 else ("lower", 1.0 - higher - ties)
    equal = f", equal in {_of_runs(ties)}" if ties else ""
    unsure = "" if low > 0.0 else ", which luck alone may explain"
    interval = f"95 % interval {low:.1f} to {high:.1f}"
    return f"{points} on average ({interval}){unsure}, {word} in {_of_runs(share)}{equal}"


def _parted(comparison: Comparison, name: str) -> str:
    found, runs = comparison.parting_of(name), len(comparison.runs)
    dates = comparison.dates
    first = "" if found.first_difference is None else f"runs first differ on {dates[found.first_difference]}, "
    if runs < LEAST_RUNS:
        return f"{first}but {runs} run{' is' if runs == 1 else 's are'} too few to say when the means part"
    if found.apart_to_end is not None:
        return f"{first}the means are apart from {dates[found.apart_to_end]} to the end"
    if found.first_apart is not None:
        last = dates[len(dates) - 1 - int(comparison.band(name).is_apart[::-1].argmax())]
        return f"{first}the means are apart at times from {dates[found.first_apart]} to {last}, not to the end"
    return f"{first}but {runs:,} runs cannot tell the means apart on any date"


def _of_runs(share: float) -> str:
    """A share of the runs in percent, with a decimal where it is near none or all."""
    if share in (0.0, 1.0):
        return "every run" if share else "no run"
    percent = f"{100 * share:.1f}" if share < 0.05 or share > 0.95 else f"{100 * share:.0f}"
    return f"{percent.removesuffix('.0')} % of runs"


def saved(comparison: Comparison, name: str) -> str:
    """One sentence on how much pairing saved in the difference at the end."""
    paths = (comparison.index_of(name)[-1], comparison.index_of(comparison.baseline)[-1])
    found = saving(*paths)
    if found.variance_ratio is None:
        return f"{name}: no ratio, for {found.why_not}."
    ratio, runs = found.variance_ratio, len(comparison.runs)
    if ratio < 1.0:
        return f"{name}: nothing; independent seeds would need {ratio:.2f} times as many runs."
    return f"{name}: as exact as {ratio * runs:,.0f} runs a side under independent seeds ({ratio:.1f} times as many)."


def _origin(results: Results) -> dict[str, Any]:
    scenario = results.scenario
    return {
        "title": results.title,
        "scenario": scenario.name,
        "outlook": scenario.outlook,
        "set": plain(scenario.values),
        "scenario_sha256": scenario.sha256,
    }


def _plain(value: Any) -> Any:
    """A cell as JSON has it; what is missing or endless becomes None."""
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    if isinstance(value, str):
        return value
    return None if pd.isna(value) else round(float(value), DECIMALS)


def _rows(table: pd.DataFrame) -> dict[Hashable, dict[str, Any]]:
    """Row by name, then column by name."""
    return {row: {str(column): _plain(table.at[row, column]) for column in table.columns} for row in table.index}


def _put(tree: dict[str, Any], keys: tuple[str, ...], value: object) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
    tree[keys[-1]] = value


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    """A table of dates: outlook, (issue,) statistic, then a list by date."""
    tree: dict[str, Any] = {}
    for keys in table.columns:
        _put(tree, keys, [_plain(value) for value in table[keys]])
    return tree


def _nested(table: pd.DataFrame) -> dict[str, Any]:
    """A table of regimes or events: name, outlook, statistic."""
    tree: dict[str, Any] = {}
    for row in table.index:
        for keys in table.columns:
            _put(tree, (row, *keys), _plain(table.at[row, keys]))
    return tree


def _deep(table: pd.DataFrame) -> dict[str, Any]:
    """A table of two keys: one, the other, statistic."""
    tree: dict[str, Any] = {}
    for keys, row in zip(table.index, table.to_dict("records"), strict=True):
        _put(tree, keys, {column: _plain(value) for column, value in row.items()})
    return tree


COMPARISON_STORAGE_TABLES = ("outlooks", *TABLES)
FOLDER = Derived("comparison")


def _write(comparison: Comparison, folder: Path, command: str) -> None:
    write_json(folder / "summary.json", comparison.summary())
    origins = {name: provenance(results, command) for name, results in comparison.results.items()}
    about = {
        "command": command,
        "baseline": comparison.baseline,
        "dates": [str(comparison.dates[0]), str(comparison.dates[-1])],
        "runs": len(comparison.runs),
        "first_run": comparison.runs.start,
        "seed": comparison.seed,
        "notes": list(comparison.notes),
        "outlooks": origins,
    }
    write_json(folder / "provenance.json", about)
    for name in COMPARISON_STORAGE_TABLES:
        table = tidy(comparison, name)
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", float_format="%.10g")


MUST_AGREE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "step": ("steps differ", "compare outlooks of one step"),
        "principals": ("principals differ", "compare outlooks of one dyad"),
        "issues": ("issues differ", "compare outlooks with the same issues"),
        "seed": ("seeds differ", "run them with one seed, so that they share their luck"),
        "version": ("they were made by different versions", "run them again with one, so that they share their luck"),
    }
)
"""What outlooks must have in common: how it is said that they have not, and what to do."""


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

OVERLAP = "overlap=True, or --overlap"


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides whether an outlook can be compared with another; `version` is empty where it is not known."""

    dates: Dates
    step: str
    principals: tuple[str, ...]
    issues: tuple[str, ...]
    seed: int
    runs: range
    version: str = ""


@dataclass(frozen=True, slots=True)
class Common:
    """The dates and runs that all outlooks have; `rows` and `columns` are their places in each outlook's arrays."""

    dates: Dates
    runs: range
    rows: Mapping[str, Ints]
    columns: Mapping[str, slice]


def facts_of(results: Results, version: str = "") -> Facts:
    """The facts of an ensemble that has been run."""
    runs = range(results.first_run, results.first_run + results.runs)
    return _facts(results.scenario, results.dates, results.seed, runs, version)


def facts_of_scenario(scenario: Scenario, *, seed: int, runs: range) -> Facts:
    """The facts of an ensemble that would be run now."""
    return _facts(scenario, np.array(scenario.steps, "datetime64[D]"), seed, runs, maker_here())


def _facts(scenario: Scenario, dates: Dates, seed: int, runs: range, version: str) -> Facts:
    file = scenario.file
    return Facts(dates, file.step, tuple(file.principals), tuple(file.issues), seed, runs, version)


def matching_common(facts: Mapping[str, Facts], *, overlap: bool, further: Sequence[str] = ()) -> Common:
    """What all outlooks have in common; unless `overlap`, all must have the same dates and runs.

    further : what else stands against it.

    Raises
    ------
    SelectionError
        If they cannot be compared; it names everything that stands against it.
    """
    problems = [*further, *_disagreements(facts)]
    dates = reduce(np.intersect1d, [each.dates for each in facts.values()])
    runs = range(max(each.runs.start for each in facts.values()), min(each.runs.stop for each in facts.values()))
    problems += _span_problems(facts, dates, overlap=overlap)
    problems += _run_problems(facts, runs, overlap=overlap)
    if problems:
        raise SelectionError(told("these outlooks cannot be compared", problems))
    rows = {name: np.searchsorted(each.dates, dates) for name, each in facts.items()}
    columns = {name: slice(runs.start - each.runs.start, runs.stop - each.runs.start) for name, each in facts.items()}
    return Common(dates, runs, rows, columns)


def told(what: str, problems: Sequence[str]) -> str:
    """One problem in a line, several as a list."""
    return (
        f"{what}: {problems[0]}" if len(problems) == 1 else "\n".join([f"{what}:", *(f"- {one}" for one in problems)])
    )


def _disagreements(facts: Mapping[str, Facts]) -> Iterator[str]:
    for what, (told_so, advice) in MUST_AGREE.items():
        found = {name: getattr(each, what) for name, each in facts.items()}
        if len({_without_order(value) for value in found.values() if value != ""}) > 1:
            yield f"{told_so}: {_each(found)}; {advice}"


def _without_order(value: object) -> object:
    return frozenset(value) if isinstance(value, tuple) else value


def _each(found: Mapping[str, object]) -> str:
    """What each outlook has, those that have the same together."""
    by_value: dict[str, list[str]] = {}
    for name, value in found.items():
        words = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        by_value.setdefault(words or "not known", []).append(name)
    return "; ".join(f"{words} in {' and '.join(names)}" for words, names in by_value.items())


def _span_problems(facts: Mapping[str, Facts], dates: Dates, *, overlap: bool) -> Iterator[str]:
    if len({each.step for each in facts.values()}) > 1:
        return  # which is told, and leaves nothing to say of dates
    found = {name: f"{each.dates[0]} to {each.dates[-1]}" for name, each in facts.items()}
    days = {name: _day(each) for name, each in facts.items()}
    latest = max(each.dates[0] for each in facts.values())
    if len(dates) < 2 and len(set(days.values())) > 1 and all(latest < each.dates[-1] for each in facts.values()):
        yield (
            f"their rows fall on other days: {_each(days)}; let all start on one day, as with --set start={latest} "
            "(in Python load(..., set={'start': ...})), saved results run again so"
        )
    elif len(dates) < 2:
        yield f"they have fewer than two dates in common: {_each(found)}; compare outlooks of one time"
    elif not overlap and any(not np.array_equal(each.dates, dates) for each in facts.values()):
        yield f"dates differ: {_each(found)}; compare the common ones, {dates[0]} to {dates[-1]}, with {OVERLAP}"


def _day(facts: Facts) -> str:
    """On which day of a week or month the rows fall."""
    first = facts.dates[0].astype(object)
    if facts.step == "week":
        return f"{WEEKDAYS[first.weekday()]}s"
    return f"day {first.day} of a month" if facts.step == "month" else "every day"


def _run_problems(facts: Mapping[str, Facts], runs: range, *, overlap: bool) -> Iterator[str]:
    found = {name: _numbers(each.runs) for name, each in facts.items()}
    if not runs:
        yield f"they have no run in common: {_each(found)}; run them with the same numbers"
    elif not overlap and len(set(found.values())) > 1:
        yield f"runs differ: {_each(found)}; compare the common ones, {_numbers(runs)}, with {OVERLAP}"


def _numbers(runs: range) -> str:
    return f"{runs[0]} to {runs[-1]}"


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
    _common: Common = field(repr=False)
    _bands: dict[str, Band] = field(default_factory=dict, repr=False)

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

    def band(self, name: str) -> Band:
        """The mean of `paired(name)` by date with its 95 % intervals, each of shape (date,)."""
        if name not in self._bands:
            self._bands[name] = self.band_of(self.paired(name))
        return self._bands[name]

    def band_of(self, differences: Floats) -> Band:
        """The same of any paired differences of these runs, shape (date, run)."""
        return band(differences, seed=self.seed, first_run=self.runs.start)

    def parting_of(self, name: str) -> Parting:
        """Rows of the dates at which an outlook parts from the baseline."""
        return paired_parting(self.paired(name), self.band(name))

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
        blocks = {name: over_runs(self.index_of(name)) for name in self.results}
        return _by_outlook(self, blocks, STATISTICS)

    @property
    def difference(self) -> pd.DataFrame:
        """Paired differences of the index to the baseline, in points, as date by (outlook, statistic).

        `mean` over the runs; `low` and `high`, its 95 % interval at one date chosen beforehand; `band_low` and
        `band_high`, its 95 % band over all dates at once; `q05` to `q95`, quantiles of the difference over the runs.
        Intervals are NaN where there are too few runs for one.
        """
        blocks = {name: paired_over_runs(self.paired(name), self.band(name)) for name in self.names}
        return _by_outlook(self, blocks, PAIRED_STATISTICS)

    @property
    def issues(self) -> pd.DataFrame:
        """The same of cooperation on each issue, as date by (outlook, issue, statistic)."""
        blocks = {}
        for name in self.names:
            for issue in self.issue_names:
                paired = self.issue_of(name, issue) - self.issue_of(self.baseline, issue)
                blocks[name, issue] = paired_over_runs(paired, self.band_of(paired))
        columns = pd.MultiIndex.from_tuples(
            [(*keys, statistic) for keys in blocks for statistic in PAIRED_STATISTICS],
            names=[OUTLOOK, "issue", "statistic"],
        )
        dates = pd.DatetimeIndex(self.dates, name="date")
        return pd.DataFrame(np.concatenate(list(blocks.values()), axis=-1), dates, columns)

    @property
    def parting(self) -> pd.DataFrame:
        """When each outlook parts from the baseline, one row an outlook; NaT where it does not.

        `first_difference` is the first date on which any run differs, to the last bit; `first_apart` the first on which
        the mean difference is told from 0, by a band that holds over all dates at once; `apart_to_end` the first from
        which on it is, with one sign, until the last date. `differing_runs` is the share of runs that ever differ.
        """
        found = [self.parting_of(name) for name in self.names]
        columns: dict[str, Any] = {
            kind: _dates(self, [getattr(each, kind) for each in found])
            for kind in ("first_difference", "first_apart", "apart_to_end")
        }
        columns["differing_runs"] = [(self.paired(name) != 0.0).any(axis=0).mean() for name in self.names]
        return pd.DataFrame(columns, _outlooks(self.names))

    @property
    def regimes(self) -> pd.DataFrame:
        """How often each regime holds at the end and ever, with paired differences, as regime by (outlook, statistic).

        Of each outlook: `at_end`, `ever`, shares of the runs, and `mean_months`. Of those beside the baseline also
        `at_end_difference` and `ever_difference`, each with its standard error (`..._error`, after McNemar), and in how
        many runs it ever holds only there (`only_here`) or only in the baseline (`only_baseline`).
        """
        rows = {name: regime_of(self.index_of(name)) for name in self.results}
        cells = {
            regime: _cells(self, {name: found == row for name, found in rows.items()})
            for row, (regime, _) in enumerate(REGIMES)
        }
        return _side_by_side(self, cells, "regime")

    @property
    def events(self) -> pd.DataFrame:
        """How often each event ever comes true, with paired differences, as event by (outlook, statistic).

        Columns as in `regimes`; NaN where an outlook does not count the event.
        """
        cells = {
            event: _cells(self, {name: self.event_of(name, event) for name in self.results})
            for event in self.event_names
        }
        return _side_by_side(self, cells, "event")

    @property
    def ends_above(self) -> pd.DataFrame:
        """Shares of the runs in which one outlook ends above another, as (outlook, against) by above, equal, below."""
        ends = {name: self.index_of(name)[-1] for name in self.results}
        pairs = [(one, other) for one in ends for other in ends if one != other]
        rows = [
            [float((ends[one] > ends[other]).mean()), float((ends[one] == ends[other]).mean())] for one, other in pairs
        ]
        table = pd.DataFrame(rows, pd.MultiIndex.from_tuples(pairs, names=[OUTLOOK, "against"]), ["above", "equal"])
        table["below"] = [float((ends[one] < ends[other]).mean()) for one, other in pairs]
        return table

    @property
    def recovery(self) -> pd.DataFrame:
        """Whether and when each event ends again, as (event, outlook) by statistic.

        `runs` in which it comes true; `share_ended`, of these, in which its first spell ends by the last date;
        `median_months` until then, where one that has not ended counts as longer than any (NaN: not ended in half of
        them). `both` counts the runs in which it comes true in the baseline too; `ended_difference`, among these, is by
        how much more share of them it ends, with its standard error. The row "crisis or rupture" is the index below 35,
        whatever events there are.
        """
        rows = {}
        for event in (*self.event_names, DEEP):
            there = _condition(self, self.baseline, event)
            for name in self.results:
                here = _condition(self, name, event)
                if here is not None:
                    rows[event, name] = _recovered(self, here, None if name == self.baseline else there)
        columns = ["runs", "share_ended", "median_months", "both", "ended_difference", "ended_difference_error"]
        keys = pd.MultiIndex.from_tuples(list(rows), names=["event", OUTLOOK])
        return pd.DataFrame(list(rows.values()), keys, columns, dtype=float)

    @property
    def pairing(self) -> pd.DataFrame:
        """How much it saved that outlooks share their luck, as (outlook, quantity) by statistic.

        `spread`, `spread_baseline`, `spread_difference` are standard deviations over the runs; `variance_ratio` is
        (var A + var B) / var(A - B), the variance of the mean difference under independent seeds against paired;
        `equivalent_runs` so many runs under independent seeds would be as exact. Where the ratio has no value, `note`
        says why.
        """
        rows, keys = [], []
        for name in self.names:
            here, there = _quantities(self, name), _quantities(self, self.baseline)
            for quantity in (quantity for quantity in here if quantity in there):
                found = saving(here[quantity], there[quantity])
                runs = None if found.variance_ratio is None else len(self.runs) * found.variance_ratio
                spreads = (found.spread_here, found.spread_there, found.spread_difference)
                rows.append([*spreads, found.correlation, found.variance_ratio, runs, found.why_not])
                keys.append((name, quantity))
        columns = ["spread", "spread_baseline", "spread_difference", "correlation", "variance_ratio", "equivalent_runs"]
        index = pd.MultiIndex.from_tuples(keys, names=[OUTLOOK, "quantity"])
        table = pd.DataFrame([row[:-1] for row in rows], index, columns, dtype=float)
        return table.assign(note=[row[-1] for row in rows])

    def table(self) -> pd.DataFrame:
        """One row an outlook, with what a reader asks first."""
        order = [self.baseline, *self.names]
        ends = {name: self.index_of(name)[-1] for name in order}
        table = pd.DataFrame(index=_outlooks(order))
        table["mean_at_end"] = [float(ends[name].mean()) for name in order]
        table["median_at_end"] = [float(np.median(ends[name])) for name in order]
        at_end = self.difference.iloc[-1].unstack("statistic")[["mean", "low", "high"]]
        names = {"mean": "difference", "low": "difference_low", "high": "difference_high"}
        table = table.join(at_end.rename(columns=names))
        table = table.join(self.ends_above.xs(self.baseline, level="against").add_prefix("ends_"))
        table = table.join(self.parting)
        for event in self.event_names:
            found = {name: self.event_of(name, event) for name in order}
            table[f"ever_{event}"] = [
                np.nan if holds is None else float(holds.any(axis=0).mean()) for holds in found.values()
            ]
        saved = self.pairing.xs(AT_END, level="quantity")
        return table.join(saved[["variance_ratio", "equivalent_runs"]])

    def headline(self, name: str) -> str:
        """One sentence on how an outlook differs from the baseline."""
        base, paired = self.baseline, self.paired(name)
        if not paired.any():
            runs = "in the one run" if paired.shape[-1] == 1 else "in every run"
            return f"{name} is the same as {base} {runs}, on every date."
        return f"{name} {_at_the_end(self, name)}; {_parted(self, name)}."

    def summary(self) -> dict[str, Any]:
        """What `tensionsim compare --json` prints: plain numbers, texts and lists; None where there is no number."""
        names = self.names
        return {
            "baseline": self.baseline,
            "outlooks": {name: _origin(results) for name, results in self.results.items()},
            "step": self.results[self.baseline].scenario.file.step,
            "runs": len(self.runs),
            "first_run": self.runs.start,
            "seed": self.seed,
            "dates": [str(date) for date in self.dates],
            "headlines": {name: self.headline(name) for name in names},
            "saved": {name: saved(self, name) for name in names},
            "table": _rows(self.table()),
            "index": _columns(self.index),
            "difference": _columns(self.difference),
            "issues": _columns(self.issues),
            "parting": _rows(self.parting),
            "regimes": _nested(self.regimes),
            "events": _nested(self.events),
            "ends_above": _deep(self.ends_above),
            "recovery": _deep(self.recovery),
            "pairing": _deep(self.pairing),
            "notes": list(self.notes),
            "provenance": versions(),
        }

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
        return FOLDER.save(directory, lambda folder: _write(self, folder, command), attach)


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
    common = matching_common({name: facts_of(each) for name, each in results.items()}, overlap=overlap)
    return Comparison(dict(results), chosen, tuple(_notes(results, common)), common)


def _notes(results: Mapping[str, Results], common: Common) -> Iterator[str]:
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


if TYPE_CHECKING:
    Outlook = Scenario | Results | str | Path

RUNS, SEED = 1000, 0


NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Numbers:
    """Runs and seed that were asked for; None where nobody asked."""

    runs: int | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An outlook to compare: its name, what it is, the path that was given, and the version that saved it, if known."""

    name: str
    given: Scenario | Results
    path: str = ""
    version: str = ""


def compare(
    *outlooks: Outlook,
    baseline: Outlook | None = None,
    runs: int | None = None,
    seed: int | None = None,
    names: Sequence[str] | None = None,
    overlap: bool = False,
    progress: bool = False,
) -> Comparison:
    """Compares outlooks with a baseline, run by run under the same luck.

    Parameters
    ----------
    *outlooks
        Scenarios, paths or names of scenarios, results, folders of saved results, in any mixture. A single scenario
        stands for itself and all its outlooks.
    baseline
        What the others are compared with: the name of one of them, or a further outlook. Default: the first.
    runs, seed
        Of the scenarios that have not been run yet. Default: those of the results given, else 1,000 and 0.
    names
        What to call the outlooks, in their order. Default: the name of the outlook, scenario or folder.
    overlap
        Whether to compare on the dates and runs that all have, where they have not the same.
    progress
        Whether to show a bar on a terminal's standard error.

    Raises
    ------
    ScenarioError
        If a scenario cannot be used.
    SelectionError
        If the outlooks cannot be compared; it names everything that stands against it, before anything is run.
    StorageError
        If a folder holds no results.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.compare("managed", "rhetoric", baseline="status-quo", runs=40)
    >>> found.names, found.baseline
    (('managed', 'rhetoric'), 'status-quo')
    >>> scenario = ts.load("norland-suderia")
    >>> both = (ts.run(scenario, runs=40), ts.run(scenario, runs=40))
    >>> same = ts.compare(*both, names=["one", "other"])
    >>> same.headline("other")
    'other is the same as one in every run, on every date.'
    """
    entries = gathered([("", given) for given in outlooks])
    if names is not None:
        entries = _named(entries, names)
    entries, chosen = with_baseline(entries, baseline)
    return compared(entries, chosen, Numbers(runs, seed), overlap=overlap, progress=progress)


def gathered(named: Sequence[tuple[str, Outlook]], values: Mapping[str, object] = NOTHING) -> list[Entry]:
    """Outlooks given with their names ("" for their own), all read, or one error with everything that is wrong.

    A single scenario becomes itself and all its outlooks. values : set in every scenario, by path.
    """
    entries, failures = [], []
    for name, given in named:
        try:
            entries.append(_read(given, name, values))
        except (ScenarioError, StorageError, SelectionError) as failure:
            failures.append(failure)
    if len(failures) == 1:
        raise failures[0]
    if failures and all(isinstance(failure, ScenarioError) for failure in failures):
        raise ScenarioError(list(dict.fromkeys(_problems(failures))))
    if failures:
        raise SelectionError("\n".join(dict.fromkeys(map(str, failures))))
    return _with_outlooks(entries)


def with_baseline(
    entries: list[Entry], baseline: Outlook | None, values: Mapping[str, object] = NOTHING
) -> tuple[list[Entry], str]:
    """The outlooks with the baseline among them, put first where it is a further one, and its name."""
    chosen = entries[0].name if baseline is None and entries else _chosen(entries, baseline)
    if chosen is None and baseline is not None:
        base = _baseline(baseline, entries, values)
        entries, chosen = [base, *entries], base.name
    _check_names(entries)
    return entries, chosen or ""


def compared(
    entries: Sequence[Entry], baseline: str, asked: Numbers, *, overlap: bool = False, progress: bool = False
) -> Comparison:
    """The comparison of outlooks, those run that have not been; what stands against it is said before."""
    runs, seed = _comparing_numbers(entries, asked)
    facts = {entry.name: _comparing_facts(entry, runs, seed) for entry in entries}
    matching_common(facts, overlap=overlap, further=_not_as_asked(facts, asked))
    found = {entry.name: _results(entry.given, runs, seed, progress=progress) for entry in entries}
    return of(found, baseline=baseline, overlap=overlap)


def _chosen(entries: Sequence[Entry], baseline: Outlook | None) -> str | None:
    """The name of the entry that the baseline is, if it is one."""
    text = str(baseline) if isinstance(baseline, (str, Path)) else ""
    named = (entry.name for entry in entries if text == entry.name)
    meant = (entry.name for entry in entries if baseline is entry.given or (text and text == entry.path))
    return next(named, None) or next(meant, None)


def _baseline(baseline: Outlook, entries: Sequence[Entry], values: Mapping[str, object]) -> Entry:
    try:
        return _read(baseline, "", values)
    except (ScenarioError, StorageError) as failure:
        if not isinstance(baseline, str) or Path(baseline).exists():
            raise
        there = ", ".join(entry.name for entry in entries)
        what = f"no outlook {baseline!r} to be the baseline; there is {there}"
        raise SelectionError(f"{what}; nor is it another scenario: {failure}") from failure


def _problems(failures: Sequence[TensionSimError]) -> Iterator[Problem]:
    for failure in failures:
        if isinstance(failure, ScenarioError):
            yield from failure.problems


def _read(given: Outlook, name: str, values: Mapping[str, object]) -> Entry:
    """What was given as a scenario or results; a bare name means a shipped scenario first, as everywhere."""
    from tensionsim.scenario.files import shipped_names
    from tensionsim.scenario.scenario import load

    if isinstance(given, Results):
        return Entry(name or given.scenario.outlook or given.scenario.name, given)
    if isinstance(given, Scenario):
        return Entry(name or given.outlook or given.name, given)
    if not isinstance(given, (str, Path)):
        raise TypeError(f"an outlook is a Scenario, Results, a path or a name; got {given!r}")
    if Path(given).is_dir() and str(given) not in shipped_names():
        return _saved(Path(given), name, values)
    scenario = load(given, set=values)
    return Entry(name or scenario.name, scenario, str(given))


def _saved(folder: Path, name: str, values: Mapping[str, object]) -> Entry:
    from tensionsim.runs.results import open_results

    if values:
        raise SelectionError(f"{folder} holds results, in which {', '.join(values)} cannot be set any more")
    return Entry(name or folder.resolve().name, open_results(folder), str(folder), maker_of(folder))


def _with_outlooks(entries: list[Entry]) -> list[Entry]:
    """A single scenario as itself and all its outlooks; several as they are."""
    first = entries[0].given if entries else None
    if len(entries) > 1 or not isinstance(first, Scenario) or first.outlook is not None:
        return entries
    return [*entries, *(Entry(name, first.with_outlook(name)) for name in first.outlook_names)]


def _named(entries: Sequence[Entry], names: Sequence[str]) -> list[Entry]:
    if len(names) != len(entries):
        raise SelectionError(f"there are {len(entries)} outlooks and {len(names)} names; give one name to each")
    return [replace(entry, name=name) for entry, name in zip(entries, names, strict=True)]


def _check_names(entries: Sequence[Entry]) -> None:
    """SelectionError where there are fewer than two, or two of one name."""
    if len(entries) < 2:
        there = f"there is only {entries[0].name}, without outlooks of its own" if entries else "none was given"
        raise SelectionError(f"a comparison needs two outlooks or more; {there}")
    names = [entry.name for entry in entries]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SelectionError(
            f"{', '.join(map(repr, twice))} is the name of more than one outlook; give each a name of its own "
            "(in Python with names=[...], in the command with NAME=OUTLOOK)"
        )


def _comparing_numbers(entries: Sequence[Entry], asked: Numbers) -> tuple[range, int]:
    """The runs and the seed for what is still to be run: those asked for, else those of the first results."""
    saved = next((entry.given for entry in entries if isinstance(entry.given, Results)), None)
    first, runs, seed = (saved.first_run, saved.runs, saved.seed) if saved else (0, RUNS, SEED)
    runs = runs if asked.runs is None else whole("runs", asked.runs, least=1)
    return range(first, first + runs), seed if asked.seed is None else whole("seed", asked.seed)


def _comparing_facts(entry: Entry, runs: range, seed: int) -> Facts:
    if isinstance(entry.given, Results):
        return facts_of(entry.given, entry.version)
    return facts_of_scenario(entry.given, seed=seed, runs=runs)


def _not_as_asked(facts: Mapping[str, Facts], asked: Numbers) -> list[str]:
    """Which results hold another number of runs or another seed than was asked for."""
    problems = []
    for name, found in facts.items():
        if asked.runs is not None and len(found.runs) != asked.runs:
            problems.append(f"{name} holds {len(found.runs):,} runs, not {asked.runs:,}; leave the number out")
        if asked.seed is not None and found.seed != asked.seed:
            problems.append(f"{name} was run with seed {found.seed}, not {asked.seed}; leave the seed out")
    return problems


def _results(given: Scenario | Results, runs: range, seed: int, *, progress: bool) -> Results:
    from tensionsim.runs.run import run

    if isinstance(given, Results):
        return given
    return run(given, runs=len(runs), first_run=runs.start, seed=seed, progress=progress)
