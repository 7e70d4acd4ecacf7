"""Statistics over runs, with NumPy alone: quantiles, regimes, events and how sure an ensemble is of them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.model.measures import REGIMES
from tensionsim.model.record import Bools, Dates, Floats, Ints
from tensionsim.scenario.design import value_in_words
from tensionsim.scenario.quantities import is_distribution, parse
from tensionsim.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


def span(start: object, end: object, last: object) -> str:
    """From start to end, with the last row where it is another day: the last step begins before the end."""
    text = f"{start} to {end}"
    return text if str(last) == str(end) else f"{text} (last row {last})"


def title(scenario: Scenario) -> str:
    """The scenario's title, followed by its outlook's where one was chosen."""
    return f"{scenario.title} - {outlook_title(scenario)}" if scenario.outlook else scenario.title


def outlook_title(scenario: Scenario) -> str:
    """The title of the chosen outlook, or its name where it has no title; empty where none was chosen."""
    outlook = scenario.file.outlooks.get(scenario.outlook or "")
    return (outlook.title if outlook else "") or scenario.outlook or ""


def plain(value: Any, decimals: int | None = None) -> Any:
    """A value as JSON has it; dates become ISO texts, what is missing or endless None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item, decimals) for key, item in value.items()}
    if isinstance(value, (np.generic, np.ndarray)):
        return plain(value.tolist(), decimals)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item, decimals) for item in value]
    if isinstance(value, dt.date):
        text = value.isoformat()[:10]
        return None if text == "NaT" else text
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return value if decimals is None else round(value, decimals)
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def by_keys(table: pd.DataFrame, decimals: int | None = None) -> dict[str, Any]:
    """A table as mappings in one another, by the keys of its rows and then of its columns."""
    rows, columns = ([key if isinstance(key, tuple) else (key,) for key in axis] for axis in table.axes)
    lines = zip(rows, table.itertuples(index=False, name=None), strict=True)
    return tree_of(
        ((*row, *column), plain(value, decimals))
        for row, line in lines
        for column, value in zip(columns, line, strict=True)
    )


def tree_of(cells: Iterable[tuple[Iterable[object], object]]) -> dict[str, Any]:
    """Mappings in one another, from values and the keys that lead to each."""
    tree: dict[str, Any] = {}
    for way, value in cells:
        *keys, last = map(str, way)
        here = tree
        for key in keys:
            here = here.setdefault(key, {})
        here[last] = value
    return tree


def settings(values: Mapping[str, object]) -> str:
    """The values that were set, by path, as in "with actors.washington.rhetoric = 0.4"; empty where none was."""

    def said(value: Any) -> str:
        is_long = isinstance(value, dict) and is_distribution(value) and "quantiles" in value
        return str(parse(value)) if is_long else value_in_words(value)

    found = [f"{path} = {said(plain(value))}" for path, value in values.items()]
    return f"with {', '.join(found)}" if found else ""


MONTHS_PER_STEP: Mapping[str, float] = {"day": 12 / 365, "week": 12 / 52, "month": 1.0}

QUANTILES: Mapping[str, float] = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}

STATISTICS = ("mean", *QUANTILES)


def over_runs(values: Floats) -> Floats:
    """Mean and quantiles over the last axis, the statistic being the new last axis (see STATISTICS)."""
    quantiles = np.quantile(values, list(QUANTILES.values()), axis=-1)
    return np.stack([values.mean(axis=-1), *quantiles], axis=-1)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """How often something happens in the runs, and for how long.

    median_first_date : None where it never happens. mean_months : over all runs, the start counting nothing.
    median_recovery_months : until it first ceases; None where half of the runs or more have not by the last date.
    runs : number of those in which it happens.
    """

    probability: float
    standard_error: float
    median_first_date: np.datetime64 | None
    mean_months: float
    median_recovery_months: float | None
    runs: int


def occurrence(holds: Bools, dates: Dates, step_months: float) -> Occurrence:
    """How often a condition, shape (date, run), comes true."""
    ever = holds.any(axis=0)
    count, runs = int(ever.sum()), holds.shape[-1]
    share = count / runs
    error, months = float(np.sqrt(share * (1 - share) / runs)), float(holds[1:].sum()) * step_months / runs
    first = dates[np.sort(holds[:, ever].argmax(axis=0))[(count - 1) // 2]] if count else None
    return Occurrence(share, error, first, months, _recovery(holds[:, ever], step_months), count)


def _recovery(holds: Bools, step_months: float) -> float | None:
    """Median months of the first spell, in each run without end where the last row is still in it."""
    if holds.shape[-1] == 0:
        return None
    rows = np.arange(holds.shape[0])[:, None]
    first = holds.argmax(axis=0)
    over = ~holds & (rows > first)
    steps = np.where(over.any(axis=0), over.argmax(axis=0) - first, np.inf)
    median = float(np.median(steps)) * step_months
    return median if np.isfinite(median) else None


def shares_of(rows: Ints) -> Floats:
    """Share of the runs in each regime, shape (date, regime), from the regime's row by date and run."""
    return np.stack([(rows == row).mean(axis=-1) for row in range(len(REGIMES))], axis=-1)
