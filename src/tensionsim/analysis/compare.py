"""Comparison: outlooks set beside a baseline, run by run under the same luck.

`compare` reads what it is given, says what stands against a comparison before anything is run, runs what has not been
run, and aligns the dates and runs that all have. A `Comparison` itself reads results and runs nothing; its tables are
made anew each time they are asked for, so keep one in a variable to use it often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import permutations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tensionsim.analysis.effects import Origin, origin_of
from tensionsim.errors import ScenarioError, SelectionError, StorageError, one_of, whole
from tensionsim.model.measures import DEEP, REGIME_NAMES, is_deep, regime_of
from tensionsim.model.mechanisms import Mechanism
from tensionsim.model.record import Bools, Dates, Floats
from tensionsim.notebook import as_html
from tensionsim.runs import statistics
from tensionsim.runs.exchange import write_xlsx
from tensionsim.runs.results import DECIMALS, Results, provenance
from tensionsim.runs.statistics import Band, Divergence, Saving, by_keys, occurrence, over_runs, plain, shares, tree_of
from tensionsim.runs.store import as_csv, maker_here, save_derived, versions, write_json
from tensionsim.scenario.scenario import Scenario, scenario_of
from tensionsim.scenario.schema import MOST_LETTERS
from tensionsim.scenario.yaml_tree import printable, quoted

if TYPE_CHECKING:
    import xarray as xr

    Outlook = Scenario | Results | str | Path

RUNS, SEED = 1000, 0
NOTHING: Mapping[str, object] = {}

OUTLOOK = "outlook"
AT_END, ON_AVERAGE = "index at the end", "index over time"
SHARES = ("at_end", "ever", "ever_error", "mean_months")
CHANGES = ("at_end_difference", "at_end_difference_error", "ever_difference", "ever_difference_error")
ALONE = ("only_here", "only_baseline")
TABLES = ("index", "difference", "issues", "parting", "regimes", "events", "ends_above", "recovery", "pairing")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Outlooks beside a baseline, paired run by run; `ts.compare` makes one.

    `results` holds each outlook by name, in the order given, `baseline` names the one that the others are compared
    with. A difference is always an outlook less the baseline, in one run on one date. `notes` say what limits the
    comparison, `dates`, of shape (date,), and `runs` are those that all have.

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
    dates: Dates
    runs: range
    _bands: dict[str, Band] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        others = ", ".join(map(repr, self.names))
        runs = f"{len(self.runs):,} run{'s' if len(self.runs) > 1 else ''}"
        span = f"{self.dates[0]} to {self.dates[-1]}"
        return f"<Comparison of {others} with {self.baseline!r}, {span}, {runs}, seed {self.seed}>"

    def _repr_html_(self) -> str:
        return as_html(self, [*map(self.headline, self.names), *self.notes], self.table())

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the outlooks other than the baseline, in the order given."""
        return tuple(name for name in self.results if name != self.baseline)

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
        return self.cut(name, self._of(name).record.cooperation)

    def issue_of(self, name: str, issue: str) -> Floats:
        """Cooperation of an outlook, or of the baseline, on an issue, shape (date, run), 0..100."""
        issues = self._of(name).names.issues
        row = issues.index(one_of("issue", issue, issues, SelectionError))
        return self.cut(name, self._of(name).record.issue_cooperation[:, row])

    def event_of(self, name: str, event: str) -> Bools | None:
        """Whether an event, or "crisis or rupture", holds in an outlook, shape (date, run); None where not counted."""
        if event == DEEP and DEEP not in self.event_names:
            return is_deep(self.index_of(name))
        one_of("event", event, self.event_names, SelectionError)
        events = self._of(name).names.events
        return self.cut(name, self._of(name).record.events[:, events.index(event)]) if event in events else None

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
        return statistics.band(differences, seed=self.seed, first_run=self.runs.start)

    def parting_of(self, name: str) -> Divergence:
        """Rows of the dates at which an outlook parts from the baseline."""
        return statistics.divergence(self.paired(name), self.band(name))

    def _of(self, name: str) -> Results:
        return self.results[one_of("outlook", name, self.results, SelectionError)]

    def cut(self, name: str, array: Any) -> NDArray[Any]:
        """An array of an outlook, first axis date and last axis run (or one), on the dates and runs compared."""
        of = self._of(name)
        found, first = array[np.searchsorted(of.dates, self.dates)], self.runs.start - of.first_run
        return np.asarray(found[..., first : first + len(self.runs)] if found.shape[-1] > 1 else found)

    @property
    def index(self) -> pd.DataFrame:
        """The cooperation index of each outlook, 0..100, as date by (outlook, statistic)."""
        return self._by_date({name: over_runs(self.index_of(name)) for name in self.results}, statistics.STATISTICS)

    @property
    def difference(self) -> pd.DataFrame:
        """Paired differences of the index to the baseline, in points, as date by (outlook, statistic).

        `mean` over the runs; `low` and `high`, its 95 % interval at one date chosen beforehand; `band_low` and
        `band_high`, its 95 % band over all dates at once; `q05` to `q95`, quantiles of the difference over the runs.
        Intervals are NaN where there are too few runs for one.
        """
        blocks = {name: statistics.paired_over_runs(self.paired(name), self.band(name)) for name in self.names}
        return self._by_date(blocks, statistics.PAIRED)

    @property
    def issues(self) -> pd.DataFrame:
        """The same of cooperation on each issue, as date by (outlook, issue, statistic)."""
        blocks = {}
        for name, issue in product(self.names, self.issue_names):
            differences = self.issue_of(name, issue) - self.issue_of(self.baseline, issue)
            blocks[name, issue] = statistics.paired_over_runs(differences, self.band_of(differences))
        return self._by_date(blocks, statistics.PAIRED)

    def _by_date(self, blocks: Mapping[Any, Floats], statistics: Sequence[str]) -> pd.DataFrame:
        """Blocks of shape (date, statistic), by outlook or outlook and issue, beside one another."""
        dates = pd.DatetimeIndex(self.dates, name="date")
        each = {key: pd.DataFrame(block, dates, list(statistics)) for key, block in blocks.items()}
        names = [OUTLOOK, *(["issue"] if isinstance(next(iter(blocks)), tuple) else []), "statistic"]
        return pd.concat(each, axis=1, names=names)

    @property
    def parting(self) -> pd.DataFrame:
        """When each outlook parts from the baseline, one row an outlook; NaT where it does not.

        `first_difference` is the first date on which any run differs, to the last bit; `first_apart` the first on which
        the mean difference is told from 0, by a band that holds over all dates at once; `apart_to_end` the first from
        which on it is, with one sign, until the last date. `differing_runs` is the share of runs that ever differ.
        """
        found = [self.parting_of(name) for name in self.names]
        columns: dict[str, Any] = {}
        for kind in Divergence._fields:
            rows = [getattr(each, kind) for each in found]
            days = [np.datetime64("NaT", "D") if row is None else self.dates[row] for row in rows]
            columns[kind] = pd.DatetimeIndex(days, dtype="datetime64[s]")
        columns["differing_runs"] = [(self.paired(name) != 0.0).any(axis=0).mean() for name in self.names]
        return pd.DataFrame(columns, pd.Index(self.names, name=OUTLOOK, dtype="str"))

    @property
    def regimes(self) -> pd.DataFrame:
        """How often each regime holds at the end and ever, with paired differences, as regime by (outlook, statistic).

        Of each outlook: `at_end`, `ever`, shares of the runs, and `mean_months`. Of those beside the baseline also
        `at_end_difference` and `ever_difference`, each with its standard error (`..._error`, after McNemar), and in how
        many runs it ever holds only there (`only_here`) or only in the baseline (`only_baseline`).
        """
        rows = {name: regime_of(self.index_of(name)) for name in self.results}
        return self._side_by_side(REGIME_NAMES, lambda name, regime: rows[name] == REGIME_NAMES.index(regime), "regime")

    @property
    def events(self) -> pd.DataFrame:
        """How often each event ever comes true, with paired differences, as event by (outlook, statistic).

        Columns as in `regimes`; NaN where an outlook does not count the event.
        """
        return self._side_by_side(self.event_names, self.event_of, "event")

    def _side_by_side(
        self, conditions: Sequence[str], holds: Callable[[str, str], Bools | None], kind: str
    ) -> pd.DataFrame:
        """How often each condition holds, NaN where an outlook does not have it; holds : of outlook and condition."""
        table: dict[tuple[str, str], Floats] = {}
        for name in self.results:
            statistics = SHARES if name == self.baseline else (*SHARES, *CHANGES, *ALONE)
            values = np.full((len(conditions), len(statistics)), np.nan)
            for row, condition in enumerate(conditions):
                here, there = holds(name, condition), holds(self.baseline, condition)
                if here is None:
                    continue
                found = occurrence(here, self.dates, self.step_months)
                values[row, :4] = here[-1].mean(), found.probability, found.standard_error, found.mean_months
                if name != self.baseline and there is not None:
                    end, ever = shares(here[-1], there[-1]), shares(here.any(axis=0), there.any(axis=0))
                    values[row, 4:6] = end.difference, end.standard_error
                    values[row, 6:] = ever.difference, ever.standard_error, ever.only_here, ever.only_there
            table |= {(name, statistic): values[:, at] for at, statistic in enumerate(statistics)}
        columns = pd.MultiIndex.from_tuples(list(table), names=[OUTLOOK, "statistic"])
        return pd.DataFrame(table, pd.Index(list(conditions), name=kind, dtype="str"), columns)

    @property
    def ends_above(self) -> pd.DataFrame:
        """Shares of the runs in which one outlook ends above another, as (outlook, against) by above, equal, below."""
        ends = {name: self.index_of(name)[-1] for name in self.results}
        pairs = list(permutations(ends, 2))
        signs = (np.sign(ends[one] - ends[other]) for one, other in pairs)
        rows = [[(sign == wanted).mean() for wanted in (1.0, 0.0, -1.0)] for sign in signs]
        keys = pd.MultiIndex.from_tuples(pairs, names=[OUTLOOK, "against"])
        return pd.DataFrame(rows, keys, ["above", "equal", "below"], dtype=float)

    @property
    def recovery(self) -> pd.DataFrame:
        """Whether and when each event ends again, as (event, outlook) by statistic.

        `runs` in which it comes true; `share_ended`, of these, in which its first spell ends by the last date;
        `median_months` until then, where one that has not ended counts as longer than any (NaN: not ended in half of
        them). `both` counts the runs in which it comes true in the baseline too; `ended_difference`, among these, is by
        how much more share of them it ends, with its standard error. The row "crisis or rupture" is the index below 35,
        whatever events there are.
        """
        rows: dict[tuple[str, str], dict[str, float | None]] = {}
        for event, name in product((*self.event_names, DEEP), self.results):
            here, there = self.event_of(name, event), self.event_of(self.baseline, event)
            if here is None:
                continue
            found, ever, ended = occurrence(here, self.dates, self.step_months), here.any(axis=0), ends_again(here)
            row = rows[event, name] = {"runs": found.runs, "median_months": found.median_recovery_months}
            row["share_ended"] = float(ended[ever].mean()) if found.runs else None
            if name != self.baseline and there is not None:
                both = ever & there.any(axis=0)
                apart = shares(ended[both], ends_again(there)[both]) if both.any() else None
                row |= {"both": both.sum(), "ended_difference": apart and apart.difference}
                row |= {"ended_difference_error": apart and apart.standard_error}
        columns = ["runs", "share_ended", "median_months", "both", "ended_difference", "ended_difference_error"]
        keys = pd.MultiIndex.from_tuples(list(rows), names=["event", OUTLOOK])
        return pd.DataFrame(list(rows.values()), keys, columns, dtype=float)

    @property
    def pairing(self) -> pd.DataFrame:
        """How much it saved that outlooks share their luck, as (outlook, quantity) by statistic.

        `spread`, `spread_baseline`, `spread_difference` are standard deviations over the runs; `variance_ratio` is
        (var A + var B) / var(A - B), the variance of the mean difference under independent seeds against paired;
        `equivalent_runs` so many runs under independent seeds would be as exact. NaN where the difference is the same
        in every run, or there is only one.
        """
        rows, there = {}, self._quantities(self.baseline)
        for name in self.names:
            for quantity, values in self._quantities(name).items():
                if quantity in there:
                    found = statistics.saving(values, there[quantity])
                    rows[name, quantity] = [*found, len(self.runs) * found.variance_ratio]
        keys = pd.MultiIndex.from_tuples(list(rows), names=[OUTLOOK, "quantity"])
        return pd.DataFrame(list(rows.values()), keys, [*Saving._fields, "equivalent_runs"], dtype=float)

    def _quantities(self, name: str) -> dict[str, Floats]:
        """What is averaged, shape (run,): the index at the end, over time, and whether each event ever holds."""
        paths = self.index_of(name)
        found = {AT_END: paths[-1], ON_AVERAGE: paths.mean(axis=0)}
        for event in self.event_names:
            holds = self.event_of(name, event)
            if holds is not None:
                found[f"ever {event}"] = holds.any(axis=0).astype(float)
        return found

    def table(self) -> pd.DataFrame:
        """One row an outlook, with what a reader asks first."""
        order = [self.baseline, *self.names]
        ends = [self.index_of(name)[-1] for name in order]
        columns = {"mean_at_end": [one.mean() for one in ends], "median_at_end": [np.median(one) for one in ends]}
        table = pd.DataFrame(columns, pd.Index(order, name=OUTLOOK, dtype="str"))
        at_end = self.difference.iloc[-1].unstack("statistic")[["mean", "low", "high"]]
        at_end.columns = ["difference", "difference_low", "difference_high"]
        table = table.join(at_end).join(self.ends_above.xs(self.baseline, level="against").add_prefix("ends_"))
        table = table.join(self.parting)
        ever = self.events.xs("ever", axis=1, level="statistic").T.add_prefix("ever_")
        saved = self.pairing.xs(AT_END, level="quantity")
        return table.join(ever).join(saved[["variance_ratio", "equivalent_runs"]])

    def headline(self, name: str) -> str:
        """One sentence on how an outlook differs from the baseline."""
        differences = self.paired(name)
        if not differences.any():
            runs = "in the one run" if differences.shape[-1] == 1 else "in every run"
            return f"{name} is the same as {self.baseline} {runs}, on every date."
        return f"{name} {self._at_the_end(name)}; {self._diverged(name)}."

    def _at_the_end(self, name: str) -> str:
        end, base, band = self.paired(name)[-1], self.baseline, self.band(name)
        if not end.any():
            return f"ends where {base} does, in every run"
        mean = float(band.mean[-1])
        digits, side = 1 if abs(mean) >= 0.05 else 3, 1.0 if mean >= 0.0 else -1.0
        points = f"ends {abs(mean):.{digits}f} points {'above' if mean >= 0 else 'below'} {base}"
        if end.size == 1:
            return f"{points} in the one run"
        low, high = sorted((side * band.point_low[-1], side * band.point_high[-1]))
        share = f"{'higher' if mean >= 0 else 'lower'} in {100 * (np.sign(end) == side).mean():.0f} % of runs"
        equal = f", equal in {100 * (end == 0).mean():.0f} %" if (end == 0).any() else ""
        unsure = "" if low > 0.0 else ", which luck alone may explain"
        return f"{points} on average (95 % interval {low:.{digits}f} to {high:.{digits}f}){unsure}, {share}{equal}"

    def _diverged(self, name: str) -> str:
        found, runs, dates = self.parting_of(name), len(self.runs), self.dates
        first = "" if found.first_difference is None else f"runs first differ on {dates[found.first_difference]}, "
        by_band = "by the wider band of all dates at once"
        if found.apart_to_end is not None:
            return f"{first}{by_band} the means are apart from {dates[found.apart_to_end]} to the end"
        if found.first_apart is not None:
            return f"{first}{by_band} the means are apart at times from {dates[found.first_apart]}, not to the end"
        return f"{first}but {by_band} {runs:,} run{'s' if runs > 1 else ''} cannot tell the means apart on any date"

    def summary(self) -> dict[str, Any]:
        """What `tensionsim compare --json` prints: plain numbers, texts and lists; None where there is no number."""
        return {
            "baseline": self.baseline,
            "outlooks": {
                name: {
                    "title": one.title,
                    "scenario": one.scenario.name,
                    "outlook": one.scenario.outlook,
                    "set": plain(one.scenario.values),
                    "scenario_sha256": one.scenario.sha256,
                }
                for name, one in self.results.items()
            },
            "step": self.results[self.baseline].scenario.file.step,
            "runs": len(self.runs),
            "first_run": self.runs.start,
            "seed": self.seed,
            "dates": [str(date) for date in self.dates],
            "headlines": {name: self.headline(name) for name in self.names},
            "table": by_keys(self.table(), DECIMALS),
            **{
                name: tree_of((keys, plain(each.tolist(), DECIMALS)) for keys, each in getattr(self, name).items())
                for name in TABLES[:3]
            },
            **{name: by_keys(getattr(self, name), DECIMALS) for name in TABLES[3:]},
            "notes": list(self.notes),
            "provenance": versions(),
        }

    def to_xarray(self) -> xr.Dataset:
        """Every outlook on the dates and runs compared, as an xarray Dataset (needs the extra `xarray`).

        By `outlook`, the baseline first, `date` and `run`: `index`, and `difference`, it less the baseline; with the
        dimension `issue`, `issue_cooperation`; with `event`, `events`, 1 where it holds (NaN: not counted).
        """
        order = [self.baseline, *self.names]
        each = [self.results[name].to_xarray().sel(date=self.dates, run=np.array(self.runs)) for name in order]
        import xarray as xr

        layers = ("cooperation", "issue_cooperation", "events")
        variables = [name for name in layers if all(name in one for one in each)]
        names = pd.Index(order, name=OUTLOOK, dtype=object)
        each = [one[variables].astype(float).drop_vars("unit", errors="ignore") for one in each]
        found = xr.concat(each, names, join="outer", combine_attrs="override").rename(cooperation="index")
        found = found.transpose(OUTLOOK, "issue", "event", "date", "run", missing_dims="ignore")
        found["difference"] = found["index"] - found["index"].sel(outlook=self.baseline)
        found["difference"].attrs["units"] = "points of the index"
        found.attrs = {"baseline": self.baseline, "seed": self.seed, "notes": "; ".join(self.notes)}
        return found

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, as a folder holds them: one observation a row."""
        each = {name: _one_observation_a_row(getattr(self, name)) for name in TABLES}
        return {"outlooks": self.table().reset_index(), **each}

    def to_xlsx(self, path: str | Path) -> Path:
        """Writes all tables as a workbook, one a sheet with units in the heads (needs the extra `xlsx`)."""
        return write_xlsx(self, path)

    def to_iamc(self, *, model: str = "tensionsim", region: str = "") -> pd.DataFrame:
        """Those of `Results.to_iamc` of every outlook, whose name here is the `scenario`."""
        each = {name: one.to_iamc(model=model, region=region) for name, one in self.results.items()}
        return pd.concat([table.assign(scenario=name) for name, table in each.items()], ignore_index=True)

    def save(self, directory: str | Path, *, command: str = "", attach: Callable[[Path], None] | None = None) -> Path:
        """Writes tables, summary and provenance to a folder, whole or not at all.

        A comparison that stands there already is replaced; anything else is left alone. command, attach : as of
        `Results.save`.

        Raises
        ------
        StorageError
            If the folder holds something that is no comparison, or cannot be written.
        """
        return save_derived(directory, "comparison", lambda folder: self._write(folder, command), attach)

    def _write(self, folder: Path, command: str) -> None:
        summary = self.summary()
        write_json(folder / "summary.json", summary)
        about = {name: summary[name] for name in ("baseline", "runs", "first_run", "seed", "notes")}
        about |= {"command": command, "dates": [summary["dates"][row] for row in (0, -1)]}
        about["outlooks"] = {name: provenance(results, command) for name, results in self.results.items()}
        write_json(folder / "provenance.json", about)
        for name, table in self.tables().items():
            (folder / f"{name}.csv").write_text(as_csv(table), encoding="utf-8", newline="\n")


def ends_again(holds: Bools) -> Bools:
    """Whether a condition, once it holds, ends by the last date, shape (run,)."""
    return np.asarray((~holds & np.logical_or.accumulate(holds, axis=0)).any(axis=0))


def _one_observation_a_row(table: pd.DataFrame) -> pd.DataFrame:
    """A table as it is written to CSV: all keys as columns."""
    if table.columns.nlevels == 1:
        return table.reset_index()
    statistic = list(dict.fromkeys(table.columns.get_level_values("statistic")))
    keys = [key for key in table.columns.names if key != "statistic"]
    if table.empty:
        return pd.DataFrame(columns=[str(table.index.name), *keys, *statistic])
    return table.stack(keys, future_stack=True)[statistic].reset_index()


def compare(
    *outlooks: Outlook,
    baseline: Outlook | None = None,
    runs: int | None = None,
    seed: int | None = None,
    names: Sequence[str] | None = None,
    overlap: bool = False,
    progress: bool = False,
    agents: Mapping[str, Callable[..., Any]] | None = None,
    mechanisms: Sequence[Mechanism] | None = None,
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
    agents, mechanisms
        Of your own, as of `run`, in all that is still to be run; to have them in one outlook alone, give it as
        `scenario.with_code(...)`.

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
    entries, chosen = gathered([("", given) for given in outlooks], baseline, names=names)
    for place, one in enumerate(entries):
        if one.origin.results is None:
            own = scenario_of(one.origin.scenario, agents=agents, mechanisms=mechanisms)
            entries[place] = one._replace(origin=Origin(own))
    return compared(entries, chosen, runs=runs, seed=seed, overlap=overlap, progress=progress)


class NamedOutlook(NamedTuple):
    """An outlook to compare: its name, what it is, and as what it was given."""

    name: str
    origin: Origin
    given: object = None


def outlook_given(given: Outlook, name: str, values: Mapping[str, object]) -> NamedOutlook:
    """What was given as a scenario or results; a bare name means a shipped scenario first, as everywhere."""
    if isinstance(given, Results):
        origin = Origin(given.scenario, given)
    elif isinstance(given, Scenario):
        origin = Origin(given)
    elif isinstance(given, (str, Path)):
        origin = origin_of(given, None, values)
    else:
        raise TypeError(f"an outlook is a Scenario, Results, a path or a name; got {given!r}")
    folder = Path(origin.folder).resolve().name if origin.folder else ""
    return NamedOutlook(name or folder or origin.scenario.outlook or origin.scenario.name, origin, given)


def gathered(
    named: Sequence[tuple[str, Outlook]],
    baseline: Outlook | None,
    *,
    names: Sequence[str] | None = None,
    values: Mapping[str, object] = NOTHING,
    alone: bool = False,
) -> tuple[list[NamedOutlook], str]:
    """Outlooks given with their names ("" for their own), all read, the baseline among them, and its name."""
    entries, failures = list[NamedOutlook](), []
    for name, given in named:
        try:
            entries.append(outlook_given(given, name, values))
        except (ScenarioError, StorageError, SelectionError) as failure:
            failures.append(failure)
    if failures:
        several = SelectionError("\n".join(dict.fromkeys(map(str, failures))))
        raise failures[0] if len(failures) == 1 else several
    # A single scenario stands for itself and all its outlooks, unless it is to stand alone.
    if len(entries) == 1 and not alone and entries[0].origin.results is None:
        only = entries[0].origin.scenario
        branches = only.outlook_names if only.outlook is None else ()
        entries += [NamedOutlook(name, Origin(only.with_outlook(name))) for name in branches]
    if names is not None:
        if len(names) != len(entries):
            raise SelectionError(f"there are {len(entries)} outlooks and {len(names)} names; give one name to each")
        entries = [entry._replace(name=name) for entry, name in zip(entries, names, strict=True)]
    chosen = entries[0] if entries else None
    if baseline is not None:
        text = str(baseline) if isinstance(baseline, (str, Path)) else None
        meant = [one for one in entries if text == one.name]
        meant += [one for one in entries if baseline is one.given or text == str(one.given)]
        chosen = meant[0] if meant else outlook_given(baseline, "", values)
        entries = entries if meant else [chosen, *entries]
    return _distinct(entries), printable(chosen.name) if chosen else ""


def _distinct(entries: Sequence[NamedOutlook]) -> list[NamedOutlook]:
    """The outlooks, where there are two or more, each with a name of its own that can be shown."""
    names = [entry.name for entry in entries]
    if len(names) < 2:
        there = f"there is only {names[0]}, without outlooks of its own" if names else "none was given"
        raise SelectionError(f"a comparison needs two outlooks or more; {there}")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SelectionError(
            f"{', '.join(map(repr, twice))} is the name of more than one outlook; give each a name of its own "
            "(in Python with names=[...], in the command with NAME=OUTLOOK)"
        )
    if long := [name for name in names if len(name) > MOST_LETTERS]:
        raise SelectionError(f"the name {quoted(long[0])} has {len(long[0]):,} letters; at most {MOST_LETTERS}")
    return [one._replace(name=printable(one.name)) for one in entries]


def compared(
    entries: Sequence[NamedOutlook], baseline: str, *, runs: int | None, seed: int | None, overlap: bool, progress: bool
) -> Comparison:
    """The comparison of outlooks, those run that have not been; what stands against it is said before."""
    from tensionsim.runs.run import run

    held = next((entry.origin.results for entry in entries if entry.origin.results is not None), None)
    first, of_runs, of_seed = (held.first_run, held.runs, held.seed) if held else (0, RUNS, SEED)
    of_runs = of_runs if runs is None else whole("runs", runs, least=1)
    of_seed = of_seed if seed is None else whole("seed", seed)
    facts, problems = dict[str, dict[str, Any]](), list[str]()
    for name, origin, _ in entries:
        file, given = origin.scenario.file, origin.results
        facts[name] = {"step": file.step, "principals": tuple(file.principals), "issues": tuple(file.issues)}
        if given is not None:
            numbers = range(given.first_run, given.first_run + given.runs)
            facts[name] |= {"dates": given.dates, "runs": numbers, "seed": given.seed, "version": origin.version}
            if runs not in (None, given.runs):
                problems.append(f"{name} holds {given.runs:,} runs, not {runs:,}; leave the number out")
            if seed not in (None, given.seed):
                problems.append(f"{name} was run with seed {given.seed}, not {seed}; leave the seed out")
        else:
            dates, numbers = np.array(origin.scenario.steps, "datetime64[D]"), range(first, first + of_runs)
            facts[name] |= {"dates": dates, "runs": numbers, "seed": of_seed, "version": maker_here()}
    dates, common = _align(facts, problems, overlap=overlap)
    results = {
        name: origin.results or run(origin.scenario, runs=of_runs, first_run=first, seed=of_seed, progress=progress)
        for name, origin, _ in entries
    }
    return Comparison(results, baseline, tuple(_notes(results, dates, common)), dates, common)


def _notes(results: Mapping[str, Results], dates: Dates, runs: range) -> Iterator[str]:
    every = list(results.values())
    if any(not np.array_equal(each.dates, dates) for each in every):
        yield f"only the common dates are compared, {dates[0]} to {dates[-1]}"
    if len({each.dates[0] for each in every}) > 1:
        yield "the outlooks start on different dates, so that luck is shared by step, not by date"
    if any(len(runs) != each.runs for each in every):
        yield f"only the common runs are compared, {runs[0]} to {runs[-1]}"
    if len({each.code for each in every}) > 1:
        said = "; ".join(f"{', '.join(each.code) or 'none'} in {name}" for name, each in results.items())
        yield f"the outlooks are run with other agents and mechanisms of your own: {said}"
    for event in dict.fromkeys(event for each in every for event in each.names.events):
        specs = [each.scenario.file.events.get(event) for each in every]
        if len({spec.model_dump_json(exclude_unset=True) for spec in specs if spec is not None}) > 1:
            yield f"event '{event}' has not the same condition in all outlooks; its shares compare unlike with like"


MUST_AGREE = {
    "step": ("steps differ", "compare outlooks of one step"),
    "principals": ("principals differ", "compare outlooks of one dyad"),
    "issues": ("issues differ", "compare outlooks with the same issues"),
    "seed": ("seeds differ", "run them with one seed, so that they share their luck"),
    "version": ("they were made by different versions", "run them again with one, so that they share their luck"),
}
"""What outlooks must have in common: how it is said that they have not, and what to do."""


def _align(facts: Mapping[str, Mapping[str, Any]], problems: list[str], *, overlap: bool) -> tuple[Dates, range]:
    """The dates and runs that all outlooks have; SelectionError names everything that stands against it."""
    dates = reduce(np.intersect1d, [each["dates"] for each in facts.values()])
    of_each = [each["runs"] for each in facts.values()]
    runs = range(max(each.start for each in of_each), min(each.stop for each in of_each))
    differing = set()
    for what, (differ, advice) in MUST_AGREE.items():
        found = {name: each[what] for name, each in facts.items()}
        if len({frozenset(one) if isinstance(one, tuple) else one for one in found.values() if one != ""}) > 1:
            differing.add(what)
            problems.append(f"{differ}: {_each(found)}; {advice}")
    spans = _each({name: f"{each['dates'][0]} to {each['dates'][-1]}" for name, each in facts.items()})
    if "step" not in differing and len(dates) < 2:
        advice = "compare outlooks of one time, whose rows fall on the same days (--set start=DATE)"
        problems.append(f"they have fewer than two dates in common: {spans}; {advice}")
    elif "step" not in differing and not overlap and any(len(each["dates"]) > len(dates) for each in facts.values()):
        problems.append(f"dates differ: {spans}; compare the common ones, {dates[0]} to {dates[-1]}, with overlap=True")
    numbers = _each({name: f"{each['runs'][0]} to {each['runs'][-1]}" for name, each in facts.items()})
    if not runs:
        problems.append(f"they have no run in common: {numbers}; run them with the same numbers")
    elif not overlap and len(set(of_each)) > 1:
        problems.append(f"runs differ: {numbers}; compare the common ones, {runs[0]} to {runs[-1]}, with overlap=True")
    if problems:
        what = "these outlooks cannot be compared:"
        raise SelectionError(f"{what} {problems[0]}" if len(problems) == 1 else "\n- ".join([what, *problems]))
    return dates, runs


def _each(found: Mapping[str, object]) -> str:
    """What each outlook has, those that have the same together."""
    by_value: dict[str, list[str]] = {}
    for name, value in found.items():
        words = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        by_value.setdefault(words or "not known", []).append(name)
    return "; ".join(f"{words} in {' and '.join(names)}" for words, names in by_value.items())
