"""A comparison as pandas tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tensionsim.analysis import pairing
from tensionsim.measures import REGIMES, regime_of
from tensionsim.record import Bools, Floats
from tensionsim.results import statistics

if TYPE_CHECKING:
    from tensionsim.analysis.comparison import Comparison

DEEP = "crisis or rupture"
"""The two lowest regimes together, in which the index is below 35."""

DEEP_REGIMES = 2
OUTLOOK = "outlook"


def _by_outlook(comparison: Comparison, blocks: dict[str, Floats], statistic: Sequence[str]) -> pd.DataFrame:
    """Blocks of shape (date, statistic) as date by (outlook, statistic)."""
    columns = pd.MultiIndex.from_product([list(blocks), list(statistic)], names=[OUTLOOK, "statistic"])
    dates = pd.DatetimeIndex(comparison.dates, name="date")
    return pd.DataFrame(np.concatenate(list(blocks.values()), axis=-1), dates, columns)


def index(comparison: Comparison) -> pd.DataFrame:
    """The index of each outlook: date by (outlook, statistic)."""
    blocks = {name: statistics.over_runs(comparison.index_of(name)) for name in comparison.results}
    return _by_outlook(comparison, blocks, statistics.STATISTICS)


def difference(comparison: Comparison) -> pd.DataFrame:
    """Paired differences of the index: date by (outlook, statistic)."""
    blocks = {name: pairing.over_runs(comparison.paired(name), comparison.band(name)) for name in comparison.names}
    return _by_outlook(comparison, blocks, pairing.STATISTICS)


def issues(comparison: Comparison) -> pd.DataFrame:
    """Paired differences of each issue: date by (outlook, issue, statistic)."""
    blocks = {}
    for name in comparison.names:
        for issue in comparison.issue_names:
            paired = comparison.issue_of(name, issue) - comparison.issue_of(comparison.baseline, issue)
            blocks[name, issue] = pairing.over_runs(paired, comparison.band_of(paired))
    columns = pd.MultiIndex.from_tuples(
        [(*keys, statistic) for keys in blocks for statistic in pairing.STATISTICS],
        names=[OUTLOOK, "issue", "statistic"],
    )
    dates = pd.DatetimeIndex(comparison.dates, name="date")
    return pd.DataFrame(np.concatenate(list(blocks.values()), axis=-1), dates, columns)


def parting(comparison: Comparison) -> pd.DataFrame:
    """When each outlook parts from the baseline: first_difference, first_apart, apart_to_end, differing_runs."""
    found = [comparison.parting_of(name) for name in comparison.names]
    columns: dict[str, Any] = {
        kind: _dates(comparison, [getattr(each, kind) for each in found])
        for kind in ("first_difference", "first_apart", "apart_to_end")
    }
    columns["differing_runs"] = [(comparison.paired(name) != 0.0).any(axis=0).mean() for name in comparison.names]
    return pd.DataFrame(columns, _outlooks(comparison.names))


def _dates(comparison: Comparison, rows: Sequence[int | None]) -> pd.DatetimeIndex:
    nowhere = np.datetime64("NaT", "D")
    return pd.DatetimeIndex([nowhere if row is None else comparison.dates[row] for row in rows], dtype="datetime64[s]")


def _outlooks(names: Sequence[str]) -> pd.Index:
    return pd.Index(names, name=OUTLOOK, dtype="str")


def regimes(comparison: Comparison) -> pd.DataFrame:
    """How often each regime holds: regime by (outlook, statistic)."""
    rows = {name: regime_of(comparison.index_of(name)) for name in comparison.results}
    cells = {
        regime: _cells(comparison, {name: found == row for name, found in rows.items()})
        for row, (regime, _) in enumerate(REGIMES)
    }
    return _side_by_side(comparison, cells, "regime")


def events(comparison: Comparison) -> pd.DataFrame:
    """How often each event comes true: event by (outlook, statistic)."""
    cells = {
        event: _cells(comparison, {name: comparison.event_of(name, event) for name in comparison.results})
        for event in comparison.event_names
    }
    return _side_by_side(comparison, cells, "event")


Cells = dict[tuple[str, str], float]


def _cells(comparison: Comparison, holds: dict[str, Any]) -> Cells:
    """What is said of a condition, shape (date, run), in each outlook; None where an outlook does not have it."""
    there, cells = holds[comparison.baseline], {}
    for name, here in holds.items():
        if here is None:
            continue
        found = statistics.occurrence(here, comparison.dates, comparison.step_months)
        cells[name, "at_end"] = float(here[-1].mean())
        cells[name, "ever"], cells[name, "ever_error"] = found.probability, found.standard_error
        cells[name, "mean_months"] = found.months
        if name != comparison.baseline and there is not None:
            cells |= {(name, key): value for key, value in _paired_shares(here, there)}
    return cells


def _paired_shares(here: Bools, there: Bools) -> Iterator[tuple[str, float]]:
    end, ever = pairing.shares(here[-1], there[-1]), pairing.shares(_ever(here), _ever(there))
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


def ends_above(comparison: Comparison) -> pd.DataFrame:
    """Shares of the runs in which one outlook ends above, at and below another: (outlook, against) by these."""
    ends = {name: comparison.index_of(name)[-1] for name in comparison.results}
    pairs = [(one, other) for one in ends for other in ends if one != other]
    rows = [[float((ends[one] > ends[other]).mean()), float((ends[one] == ends[other]).mean())] for one, other in pairs]
    table = pd.DataFrame(rows, pd.MultiIndex.from_tuples(pairs, names=[OUTLOOK, "against"]), ["above", "equal"])
    table["below"] = [float((ends[one] < ends[other]).mean()) for one, other in pairs]
    return table


def recovery(comparison: Comparison) -> pd.DataFrame:
    """Whether and when each event ends: (event, outlook) by runs, share_ended, median_months, both, ..."""
    rows = {}
    for event in (*comparison.event_names, DEEP):
        there = _condition(comparison, comparison.baseline, event)
        for name in comparison.results:
            here = _condition(comparison, name, event)
            if here is not None:
                rows[event, name] = _recovered(comparison, here, None if name == comparison.baseline else there)
    columns = ["runs", "share_ended", "median_months", "both", "ended_difference", "ended_difference_error"]
    keys = pd.MultiIndex.from_tuples(list(rows), names=["event", OUTLOOK])
    return pd.DataFrame(list(rows.values()), keys, columns, dtype=float)


def _condition(comparison: Comparison, name: str, event: str) -> Bools | None:
    if event in comparison.event_names:
        return comparison.event_of(name, event)
    deep: Bools = regime_of(comparison.index_of(name)) < DEEP_REGIMES
    return deep


def _recovered(comparison: Comparison, here: Bools, there: Bools | None) -> list[float]:
    found = statistics.occurrence(here, comparison.dates, comparison.step_months)
    ever, ended = _ever(here), _ends(here)
    share = float(ended[ever].mean()) if found.runs else np.nan
    row = [found.runs, share, np.nan if found.recovery is None else found.recovery]
    if there is None:
        return [*row, np.nan, np.nan, np.nan]
    both = ever & _ever(there)
    if not both.any():
        return [*row, 0, np.nan, np.nan]
    paired = pairing.shares(ended[both], _ends(there)[both])
    return [*row, float(both.sum()), paired.difference, paired.standard_error]


def _ever(holds: Bools) -> Bools:
    """Whether a condition ever holds, shape (run,)."""
    found: Bools = np.logical_or.reduce(holds, axis=0)
    return found


def _ends(holds: Bools) -> Bools:
    """Whether the first spell of a condition ends by the last date, shape (run,)."""
    return _ever(~holds & np.logical_or.accumulate(holds, axis=0))


def pairing_saved(comparison: Comparison) -> pd.DataFrame:
    """How much pairing saved: (outlook, quantity) by spreads, correlation, variance_ratio, equivalent_runs, note."""
    rows, keys = [], []
    for name in comparison.names:
        here, there = _quantities(comparison, name), _quantities(comparison, comparison.baseline)
        for quantity in (quantity for quantity in here if quantity in there):
            found = pairing.saving(here[quantity], there[quantity])
            runs = None if found.variance_ratio is None else len(comparison.runs) * found.variance_ratio
            spreads = (found.spread_here, found.spread_there, found.spread_difference)
            rows.append([*spreads, found.correlation, found.variance_ratio, runs, found.why_not])
            keys.append((name, quantity))
    columns = ["spread", "spread_baseline", "spread_difference", "correlation", "variance_ratio", "equivalent_runs"]
    index = pd.MultiIndex.from_tuples(keys, names=[OUTLOOK, "quantity"])
    table = pd.DataFrame([row[:-1] for row in rows], index, columns, dtype=float)
    return table.assign(note=[row[-1] for row in rows])


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


def overview(comparison: Comparison) -> pd.DataFrame:
    """What a reader asks first, one row an outlook, the baseline's first."""
    order = [comparison.baseline, *comparison.names]
    ends = {name: comparison.index_of(name)[-1] for name in order}
    table = pd.DataFrame(index=_outlooks(order))
    table["mean_at_end"] = [float(ends[name].mean()) for name in order]
    table["median_at_end"] = [float(np.median(ends[name])) for name in order]
    at_end = difference(comparison).iloc[-1].unstack("statistic")[["mean", "low", "high"]]
    names = {"mean": "difference", "low": "difference_low", "high": "difference_high"}
    table = table.join(at_end.rename(columns=names))
    table = table.join(ends_above(comparison).xs(comparison.baseline, level="against").add_prefix("ends_"))
    table = table.join(parting(comparison))
    for event in comparison.event_names:
        found = {name: comparison.event_of(name, event) for name in order}
        table[f"ever_{event}"] = [
            np.nan if holds is None else float(holds.any(axis=0).mean()) for holds in found.values()
        ]
    saved = pairing_saved(comparison).xs(AT_END, level="quantity")
    return table.join(saved[["variance_ratio", "equivalent_runs"]])


TABLES = ("index", "difference", "issues", "parting", "regimes", "events", "ends_above", "recovery", "pairing")


def tidy(comparison: Comparison, name: str) -> pd.DataFrame:
    """A table as it is written to CSV: one observation a row, all keys as columns."""
    if name == "outlooks":
        return overview(comparison).reset_index()
    table: pd.DataFrame = getattr(comparison, name)
    if table.columns.nlevels == 1:
        return table.reset_index()
    statistic = list(dict.fromkeys(table.columns.get_level_values("statistic")))
    keys = [key for key in table.columns.names if key != "statistic"]
    if table.empty:
        return pd.DataFrame(columns=[str(table.index.name), *keys, *statistic])
    return table.stack(keys, future_stack=True)[statistic].reset_index()
