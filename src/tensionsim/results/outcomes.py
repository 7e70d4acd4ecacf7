"""Outcomes: what a table of many ensembles keeps of each one, in a few numbers and the index by date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.record import Dates, Floats
from tensionsim.results.statistics import STATISTICS

if TYPE_CHECKING:
    from tensionsim.results.model import Results

BY_COLUMN: Mapping[str, str] = {
    "index_mean": "mean index at the end, 0-100",
    "index_mean_se": "its Monte Carlo standard error, points",
    "index_q05": "index that 1 run in 20 ends below, 0-100",
    "index_median": "median index at the end, 0-100",
    "index_q95": "index that 1 run in 20 ends above, 0-100",
    "difference": "mean index at the end less that of the baseline point, run by run, points; none of other dates",
    "difference_se": "its standard error from the paired runs, points; none of other dates",
    "regime_*": "share of the runs that end in the regime, 0-1",
    "months_*": "mean months in the regime, of all rows after the start",
    "event_*": "share of the runs in which the event ever comes true, 0-1",
    "event_*_se": "its Monte Carlo standard error",
}
"""Columns of outcomes, a `*` standing for names."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What is kept of the ensemble at one point.

    values : numbers by column (see BY_COLUMN). dates : shape (date,). index : shape (date, statistic), 0..100.
    """

    values: Mapping[str, float]
    dates: Dates
    index: Floats


def outcome_of(results: Results, last: Floats) -> Outcome:
    """What is kept of an ensemble.

    last : the index of each run at the last date, shape (run,), 0..100.
    """
    quantiles = np.quantile(last, [0.05, 0.5, 0.95]).tolist()
    values = {"index_mean": float(last.mean()), "index_mean_se": _standard_error(last)}
    values |= dict(zip(("index_q05", "index_median", "index_q95"), quantiles, strict=True))
    index, shares, events = results.index, results.regimes, results.events
    values |= {f"regime_{name}": float(shares[name].iloc[-1]) for name in shares}
    values |= {f"months_{name}": float(shares[name].iloc[1:].sum()) * results.step_months for name in shares}
    for name, column in zip(events.index, event_columns(list(events.index)), strict=True):
        values[column] = float(events.loc[name, "probability"])
        values[f"{column}_se"] = float(events.loc[name, "standard_error"])
    table = np.array(index[list(STATISTICS)], np.float64)
    return Outcome(values, np.asarray(results.dates, "datetime64[D]"), table)


def are_paired(dates: Dates, others: Dates) -> bool:
    """Whether runs of one number meet the same luck on the same dates, as far as both go.

    Luck is drawn by the number of the step, so that with another start or step it falls on other dates; another end
    only cuts the same histories elsewhere.
    """
    shared = min(len(dates), len(others))
    return np.array_equal(dates[:shared], others[:shared])


def difference(last: Floats, baseline: Floats, *, is_paired: bool = True) -> dict[str, float]:
    """How far the index at the end lies above the baseline's in the same runs, with its standard error.

    NaN both where runs of one number do not share their luck.
    """
    if not is_paired:
        return {"difference": float("nan"), "difference_se": float("nan")}
    gaps = last - baseline
    return {"difference": float(gaps.mean()), "difference_se": _standard_error(gaps)}


def event_columns(names: list[str]) -> list[str]:
    """Columns of events, as names that Python takes."""
    found: list[str] = []
    for name in names:
        column = f"event_{re.sub(r'[^0-9A-Za-z_]+', '_', name).strip('_')}"
        while column in found:
            column += "_"
        found.append(column)
    return found


def _standard_error(values: Floats) -> float:
    """Of the mean of independent runs; NaN of a single one."""
    return float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else float("nan")
