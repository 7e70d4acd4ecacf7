"""Results as pandas tables. The only module of the package that needs pandas."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tensionsim.arguments import whole
from tensionsim.errors import SelectionError
from tensionsim.ledger import Entry, entries
from tensionsim.measures import REGIMES
from tensionsim.record import CAUSES, Floats, Ints
from tensionsim.results import statistics
from tensionsim.results.direction import directed_tension
from tensionsim.results.parts import block_of

if TYPE_CHECKING:
    from tensionsim.results.model import Results


MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "room": "share, 0-1: room for manoeuvre of the principal that depends more on the other, then and in that run",
        "security_pillar": "index, 0-100: technical conduct on security issues, remembered by half for 24 months",
    }
)
REST = "rest"


def table(results: Results, name: str) -> pd.DataFrame:
    """One of the tables of statistics by name: from the arrays, or beyond `EXACT_RUNS` runs from the tally."""
    return _MAKERS[name](results) if results.is_exact else results.tally().table(name)


def _dates(results: Results) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(results.dates, name="date")


def _by_name(results: Results, values: Floats, names: Sequence[str], kind: str) -> pd.DataFrame:
    """Statistics of `values`, shape (date, name, run), as date by (name, statistic)."""
    columns = pd.MultiIndex.from_product([names, statistics.STATISTICS], names=[kind, "statistic"])
    table = statistics.over_runs(values).reshape(len(results.dates), -1)
    return pd.DataFrame(table, _dates(results), columns)


def index(results: Results) -> pd.DataFrame:
    """The cooperation index: date by statistic."""
    columns = pd.Index(statistics.STATISTICS, name="statistic")
    return pd.DataFrame(statistics.over_runs(results.record.cooperation), _dates(results), columns)


def paths(results: Results) -> pd.DataFrame:
    """The cooperation index: date by run."""
    runs = pd.RangeIndex(results.first_run, results.first_run + results.runs, name="run")
    return pd.DataFrame(results.record.cooperation, _dates(results), runs, copy=True)


def issues(results: Results) -> pd.DataFrame:
    """Cooperation on each issue: date by (issue, statistic)."""
    return _by_name(results, results.record.issue_cooperation, results.names.issues, "issue")


def indicators(results: Results) -> pd.DataFrame:
    """Each indicator: date by (indicator, statistic); the units are in `attrs`."""
    table = _by_name(results, results.record.indicators, results.names.indicators, "indicator")
    table.attrs["units"] = dict(zip(results.names.indicators, results.names.indicator_units, strict=True))
    return table


def tension_by_direction(results: Results) -> pd.DataFrame:
    """Tension of each principal's own conduct: date by (direction, statistic)."""
    directions, tension = directed_tension(results)
    return _by_name(results, tension, directions, "direction")


def measures(results: Results) -> pd.DataFrame:
    """Room for manoeuvre of the principal that depends more, and the security pillar: date by (measure, statistic)."""
    record = results.record
    table = _by_name(results, np.stack([record.room, record.security_pillar], axis=1), tuple(MEASURES), "measure")
    table.attrs["about"] = dict(MEASURES)
    return table


def regimes(results: Results) -> pd.DataFrame:
    """Share of the runs in each regime: date by regime."""
    columns = pd.Index([name for name, _ in REGIMES], name="regime")
    return pd.DataFrame(statistics.regime_shares(results.record.cooperation), _dates(results), columns)


def arrangements(results: Results) -> pd.DataFrame:
    """Share of the runs in which each arrangement is in force: date by arrangement."""
    columns = pd.Index(results.names.arrangements, name="arrangement", dtype="str")
    return pd.DataFrame(results.record.in_force.mean(axis=-1), _dates(results), columns)


def events(results: Results) -> pd.DataFrame:
    """Each event: probability, standard_error, median_first_date, mean_months, median_recovery_months."""
    record = results.record
    found = [
        statistics.occurrence(record.events[:, row], results.dates, results.step_months)
        for row in range(len(results.names.events))
    ]
    columns = {
        "probability": np.array([each.probability for each in found], float),
        "standard_error": np.array([each.standard_error for each in found], float),
        "median_first_date": pd.DatetimeIndex([each.first for each in found], dtype="datetime64[s]"),
        "mean_months": np.array([each.months for each in found], float),
        "median_recovery_months": np.array([each.recovery for each in found], float),
    }
    return pd.DataFrame(columns, pd.Index(results.names.events, name="event", dtype="str"))


def moves(results: Results) -> pd.DataFrame:
    """Every move made, one a row, by run and date; names are categories."""
    record, names = results.record, results.names
    order = np.lexsort((record.move_channel, record.move_step, record.move_run))
    channel, move = record.move_channel[order], record.move_id[order]
    columns: dict[str, object] = {"run": record.move_run[order], "date": results.dates[record.move_step[order]]}
    for kind, of_channel in names.places().items():
        columns[kind] = _category(of_channel, channel)
    columns["move"] = pd.Categorical.from_codes(move, list(names.moves))
    columns["goldstein"] = np.array(names.move_scores, float)[move]
    columns["cause"] = pd.Categorical.from_codes(record.move_cause[order], list(CAUSES))
    return pd.DataFrame(columns)


def _category(of_channel: Sequence[str], channel: Ints) -> pd.Categorical:
    """The name of each row's channel, as a category."""
    distinct = list(dict.fromkeys(of_channel))
    codes = np.array([distinct.index(name) for name in of_channel], np.int16)
    return pd.Categorical.from_codes(codes[channel], distinct)


def move_counts(results: Results) -> pd.DataFrame:
    """How often each move is made: a row for each move of a channel and cause, with its mean number a run."""
    if not results.is_exact:
        return results.tally().move_counts()
    keys = ["actor", "target", "issue", "track", "move", "goldstein", "cause"]
    grouped = moves(results).groupby(keys, observed=True, sort=True)["run"]
    counts = {"moves_per_run": grouped.size() / results.runs, "share_of_runs": grouped.nunique() / results.runs}
    table = pd.DataFrame(counts).reset_index()
    return table.sort_values("moves_per_run", ascending=False, kind="stable", ignore_index=True)


def tidy(results: Results, name: str) -> pd.DataFrame:
    """A table as it is written to CSV: one observation a row, all keys as columns."""
    if name == "move_counts":
        return move_counts(results)
    table: pd.DataFrame = getattr(results, name)
    if name == "arrangements":
        table = table.loc[:, (table > 0).any()].melt(ignore_index=False, value_name="share_of_runs")
    elif table.columns.nlevels > 1:
        table = _stacked(table)
    if name == "indicators":
        units = dict(zip(results.names.indicators, results.names.indicator_units, strict=True))
        table.insert(0, "unit", table.index.get_level_values("indicator").map(units))
    return table.reset_index()


def _stacked(table: pd.DataFrame) -> pd.DataFrame:
    """A table of date by (name, statistic) as (date, name) by statistic."""
    kind, columns = table.columns.names[0], list(statistics.STATISTICS)
    if table.empty:
        return pd.DataFrame(columns=columns, index=pd.MultiIndex.from_arrays([[], []], names=["date", kind]))
    return table.stack(kind, future_stack=True)[columns]


def ledger(results: Results, run: int | None, date: str | dt.date | np.datetime64 | None) -> pd.DataFrame:
    """The ledger of a run at a date."""
    number = results.first_run if run is None else whole("run", run, least=None)
    place, last = number - results.first_run, results.first_run + results.runs - 1
    if not 0 <= place < results.runs:
        raise SelectionError(f"there is no run {number}; these are runs {results.first_run} to {last}")
    row = len(results.dates) - 1 if date is None else _row(results, date)
    held = block_of(results, number)
    rows = [dataclasses.astuple(entry) for entry in entries(held.books, number - held.first_run, row)]
    return pd.DataFrame(rows, columns=[field.name for field in dataclasses.fields(Entry)])


def _row(results: Results, date: str | dt.date | np.datetime64) -> int:
    """The row of a date, whichever type it has."""
    days = results.dates
    try:
        wanted = np.datetime64(pd.Timestamp(date).date(), "D")
    except (TypeError, ValueError):
        raise SelectionError(f"{str(date)!r} is no date; write one like {days[-1]}") from None
    row = int(np.searchsorted(days, wanted))
    if row < len(days) and days[row] == wanted:
        return row
    near = " and ".join(str(day) for day in days[max(row - 1, 0) : row + 1])
    span = f"rows go from {days[0]} to {days[-1]}, one a {results.scenario.file.step}"
    raise SelectionError(
        f"no row is dated {wanted}; the nearest {'is' if row in (0, len(days)) else 'are'} {near}; {span}"
    )


def largest(ledger: pd.DataFrame, top: int) -> pd.DataFrame:
    """The entries of the most points either way, and a row of kind `rest` with the points of the others."""
    order = ledger["points"].abs().sort_values(ascending=False, kind="stable").index
    shown, others = ledger.loc[order[: whole("top", top)]], ledger.loc[order[top:]]
    if others.empty:
        return shown.reset_index(drop=True)
    rest = dict.fromkeys(ledger.columns, "") | {"kind": REST, "what": f"{len(others)} others"}
    row = pd.DataFrame([rest | {"points": others["points"].sum()}], columns=ledger.columns)
    return pd.concat([shown, row], ignore_index=True)


_MAKERS: Mapping[str, Callable[[Results], pd.DataFrame]] = MappingProxyType(
    {
        "index": index,
        "issues": issues,
        "regimes": regimes,
        "events": events,
        "indicators": indicators,
        "arrangements": arrangements,
        "tension_by_direction": tension_by_direction,
        "measures": measures,
    }
)
