"""A sweep as pandas tables and as an xarray Dataset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tensionsim import __version__
from tensionsim.errors import TensionSimError
from tensionsim.results import wording
from tensionsim.results.outcomes import BY_COLUMN
from tensionsim.results.statistics import STATISTICS
from tensionsim.results.summary import DECIMALS, title
from tensionsim.scenario.factors import value_in_words

if TYPE_CHECKING:
    import xarray as xr

    from tensionsim.results.sweep import Sweep


def table(sweep: Sweep) -> pd.DataFrame:
    """One row a point: number, factors, outcomes."""
    names = sweep.design.names
    columns: dict[str, Any] = {"point": np.arange(len(sweep.points))}
    for place, name in enumerate(names):
        columns[name] = _column([_shown(point[place]) for point in sweep.points])
    outcomes = list(dict.fromkeys(name for outcome in sweep.outcomes for name in outcome.values))
    for name in outcomes:
        columns[name] = np.array([outcome.values.get(name, np.nan) for outcome in sweep.outcomes], np.float64)
    found = pd.DataFrame(columns)
    found.attrs["about"] = {name: about(name) for name in outcomes}
    found.attrs["paths"] = {name: one.path for name, one in zip(names, sweep.design.factors, strict=True)}
    return found


def about(column: str) -> str:
    """What a column of outcomes is."""
    kind = re.sub(r"^(regime|months|event)_.*?(_se)?$", r"\1_*\2", column) if column not in BY_COLUMN else column
    return BY_COLUMN[kind]


def index(sweep: Sweep) -> pd.DataFrame:
    """The index by (point, date): its statistics."""
    numbers = np.concatenate([np.full(len(one.dates), place) for place, one in enumerate(sweep.outcomes)])
    dates = np.concatenate([one.dates for one in sweep.outcomes])
    rows = pd.MultiIndex.from_arrays([numbers, pd.DatetimeIndex(dates)], names=["point", "date"])
    values = np.concatenate([one.index for one in sweep.outcomes])
    return pd.DataFrame(values, rows, pd.Index(STATISTICS, name="statistic"))


def dataset(sweep: Sweep) -> xr.Dataset:
    """Outcomes and the index by date with labelled coordinates."""
    try:
        import xarray as xr
    except ImportError as missing:
        raise TensionSimError("to_xarray needs xarray; install it with: pip install 'tensionsim[xarray]'") from missing
    dims, shape, coordinates = _axes(sweep)
    whole = table(sweep)
    variables: dict[str, Any] = {
        name: (dims, whole[name].to_numpy().reshape(shape), {"long_name": text})
        for name, text in whole.attrs["about"].items()
    }
    dates = np.unique(np.concatenate([one.dates for one in sweep.outcomes]))
    series = np.full((len(sweep.points), len(dates), len(STATISTICS)), np.nan)
    for place, one in enumerate(sweep.outcomes):
        series[place, np.searchsorted(dates, one.dates)] = one.index
    about_index = {"units": "index, 0-100", "long_name": "cooperation index: 0 rupture, 50 neutral, 100 alliance"}
    variables["index"] = ((*dims, "date", "statistic"), series.reshape(*shape, *series.shape[1:]), about_index)
    coordinates["date"] = ("date", dates.astype("datetime64[ns]"))
    coordinates["statistic"] = ("statistic", np.array(STATISTICS, dtype=object))
    return xr.Dataset(variables, coordinates, attributes(sweep))


def attributes(sweep: Sweep) -> dict[str, Any]:
    """Where the numbers come from."""
    return {
        "title": sweep.scenario.title,
        "scenario": sweep.scenario.name,
        "outlook": sweep.scenario.outlook or "",
        "set": wording.settings({**sweep.scenario.values, **sweep.design.set}),
        "scenario_sha256": sweep.scenario.sha256,
        "method": sweep.design.method,
        "seed": sweep.seed,
        "runs": sweep.runs,
        "baseline": sweep.baseline,
    }


def summary(sweep: Sweep) -> dict[str, Any]:
    """The sweep as plain values; what is not known is None."""
    design, scenario = sweep.design, sweep.scenario
    drawn = {"points": design.points, "seed": design.seed} if design.points is not None else None
    return {
        "title": title(scenario),
        "scenario": scenario.name,
        "outlook": scenario.outlook,
        "set": wording.plain({**scenario.values, **design.set}),
        "runs": sweep.runs,
        "seed": sweep.seed,
        "method": design.method,
        "drawn": drawn,
        "factors": {name: one.path for name, one in zip(design.names, design.factors, strict=True)},
        "baseline": sweep.baseline,
        "points": [_row(sweep, number) for number in range(len(sweep.points))],
        "provenance": {"scenario_sha256": scenario.sha256, "tensionsim": __version__},
    }


def _row(sweep: Sweep, number: int) -> dict[str, Any]:
    """A point as plain values: its number, the values of its factors, what came out."""
    outcome = sweep.outcomes[number]
    values = {name: wording.plain(value) for name, value in zip(sweep.design.names, sweep.points[number], strict=True)}
    numbers = {name: None if np.isnan(value) else round(value, DECIMALS) for name, value in outcome.values.items()}
    dates = {"end": str(outcome.dates[-1])}
    return {"point": number, "values": values, **dates, **numbers}


def _axes(sweep: Sweep) -> tuple[tuple[str, ...], tuple[int, ...], dict[str, Any]]:
    """Dimensions of the design, their lengths, and their coordinates."""
    factors = list(zip(sweep.design.names, sweep.design.factors, strict=True))
    numbers = np.arange(len(sweep.points))
    if sweep.design.method == "grid":
        dims, shape = sweep.design.names, tuple(len(one.levels) for _, one in factors)
        coordinates: dict[str, Any] = {
            name: (name, _column([_shown(level) for level in one.levels]), {"path": one.path}) for name, one in factors
        }
        coordinates["point"] = (dims, numbers.reshape(shape), {"long_name": "number of the point"})
        return dims, shape, coordinates
    coordinates = {"point": ("point", numbers)}
    for place, (name, one) in enumerate(factors):
        coordinates[name] = ("point", _column([_shown(point[place]) for point in sweep.points]), {"path": one.path})
    return ("point",), (len(sweep.points),), coordinates


def _shown(value: Any) -> Any:
    """A value as a label: numbers and texts as they are, lists and mappings as texts."""
    return value if isinstance(value, (str, int, float, bool)) else value_in_words(value)


def _column(values: Sequence[Any]) -> Any:
    """Values as an array: of numbers where all are numbers, else of objects."""
    kinds = {type(value) for value in values}
    if kinds <= {int, float} or kinds == {bool}:
        return np.array(values)
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
