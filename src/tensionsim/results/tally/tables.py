"""The tables of a Tally, like those of Results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tensionsim.errors import SelectionError
from tensionsim.measures import REGIMES
from tensionsim.record import CAUSES, Floats
from tensionsim.results import statistics
from tensionsim.results.tables import MEASURES
from tensionsim.results.tally.series import POINTS, SCALES, SHARES, UNITS

if TYPE_CHECKING:
    from tensionsim.results.tally.model import Tally

SINGLE_RUNS = ("paths", "moves", "ledger")
MEASURE_ERRORS = {"room": SHARES.error, "security_pillar": POINTS.error}
KINDS = {"issues": "issue", "tension_by_direction": "direction", "indicators": "indicator"}


def table(tally: Tally, name: str) -> pd.DataFrame:
    """A table by its name; see `Tally.table`."""
    if name in SINGLE_RUNS:
        raise SelectionError(f"a tally keeps no single runs, so it has no table {name!r}; open the runs themselves")
    if name not in TABLES:
        raise SelectionError(f"a tally has no table {name!r}; there is {', '.join(TABLES)}")
    return TABLES[name](tally)


def _dates(tally: Tally) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(tally.dates, name="date")


def labels(tally: Tally, name: str) -> tuple[str, ...]:
    """The names along the columns of issues, tension_by_direction or indicators."""
    if name == "tension_by_direction":
        return tuple(dict.fromkeys(channel.split(" | ")[0] for channel in tally.names.dyad_channels))
    return tally.names.along(KINDS[name])


def _index(tally: Tally) -> pd.DataFrame:
    columns = pd.Index(statistics.STATISTICS, name="statistic")
    found = pd.DataFrame(tally.series["index"].over_runs(tally.runs), _dates(tally), columns)
    found.attrs["quantile_error"] = POINTS.error
    return found


def _by_name(tally: Tally, values: Floats, names: Sequence[str], kind: str) -> pd.DataFrame:
    """Statistics of rows (date, name) as date by (name, statistic)."""
    columns = pd.MultiIndex.from_product([names, statistics.STATISTICS], names=[kind, "statistic"])
    return pd.DataFrame(values.reshape(len(tally.dates), -1), _dates(tally), columns)


def _series(tally: Tally, name: str) -> pd.DataFrame:
    found = _by_name(tally, tally.series[name].over_runs(tally.runs), labels(tally, name), KINDS[name])
    found.attrs["quantile_error"] = POINTS.error
    return found


def _indicators(tally: Tally) -> pd.DataFrame:
    found = _series(tally, "indicators")
    found.attrs["units"] = dict(zip(tally.names.indicators, tally.names.indicator_units, strict=True))
    found.attrs["quantile_error"] = {"relative": UNITS.error}
    return found


def _measures(tally: Tally) -> pd.DataFrame:
    values = np.stack([tally.series[name].over_runs(tally.runs) for name in MEASURES], axis=1)
    found = _by_name(tally, values, tuple(MEASURES), "measure")
    found.attrs["about"] = dict(MEASURES)
    found.attrs["quantile_error"] = dict(MEASURE_ERRORS)
    return found


def _regimes(tally: Tally) -> pd.DataFrame:
    columns = pd.Index([name for name, _ in REGIMES], name="regime")
    return pd.DataFrame(tally.regimes / tally.runs, _dates(tally), columns)


def _arrangements(tally: Tally) -> pd.DataFrame:
    columns = pd.Index(tally.names.arrangements, name="arrangement", dtype="str")
    return pd.DataFrame(tally.in_force / tally.runs, _dates(tally), columns)


def _weights(tally: Tally) -> pd.DataFrame:
    columns = pd.Index(tally.names.issues, name="issue", dtype="str")
    return pd.DataFrame(tally.weight_sums.means(tally.runs).reshape(len(tally.dates), -1), _dates(tally), columns)


def _events(tally: Tally) -> pd.DataFrame:
    found = [
        tally.spells.occurrence(len(REGIMES) + row, tally.runs, tally.dates, tally.step_months)
        for row in range(len(tally.names.events))
    ]
    columns = {
        "probability": np.array([each.probability for each in found], float),
        "standard_error": np.array([each.standard_error for each in found], float),
        "median_first_date": pd.DatetimeIndex([each.first for each in found], dtype="datetime64[s]"),
        "mean_months": np.array([each.months for each in found], float),
        "median_recovery_months": np.array([each.recovery for each in found], float),
    }
    return pd.DataFrame(columns, pd.Index(tally.names.events, name="event", dtype="str"))


def _move_counts(tally: Tally) -> pd.DataFrame:
    """In the order of Results.move_counts: most often first, then as the names along the axes have it."""
    rest, cause = np.divmod(tally.moves.keys, len(CAUSES))
    channel, move = np.divmod(rest, len(tally.names.moves))
    columns: dict[str, Any] = {}
    for kind, of_channel in tally.names.places().items():
        distinct = list(dict.fromkeys(of_channel))
        codes = np.array([distinct.index(name) for name in of_channel], np.int16)
        columns[kind] = pd.Categorical.from_codes(codes[channel], distinct)
    columns["move"] = pd.Categorical.from_codes(move, list(tally.names.moves))
    columns["goldstein"] = np.array(tally.names.move_scores, float)[move]
    columns["cause"] = pd.Categorical.from_codes(cause, list(CAUSES))
    keys = list(columns)
    columns["moves_per_run"] = tally.moves.made / tally.runs
    columns["share_of_runs"] = tally.moves.runs / tally.runs
    found = pd.DataFrame(columns).sort_values(keys, kind="stable")
    return found.sort_values("moves_per_run", ascending=False, kind="stable", ignore_index=True)


TABLES: Mapping[str, Callable[[Tally], pd.DataFrame]] = MappingProxyType(
    {
        "index": _index,
        "issues": lambda tally: _series(tally, "issues"),
        "regimes": _regimes,
        "events": _events,
        "indicators": _indicators,
        "arrangements": _arrangements,
        "tension_by_direction": lambda tally: _series(tally, "tension_by_direction"),
        "measures": _measures,
        "move_counts": _move_counts,
        "weights": _weights,
    }
)
"""The tables of a tally, by name."""


def standard_errors(tally: Tally, name: str) -> pd.DataFrame:
    """Standard errors of means, as date by name; see `Tally.standard_errors`."""
    parts = tuple(MEASURES) if name == "measures" else (name,)
    if any(part not in SCALES for part in parts):
        known = "index, issues, tension_by_direction, measures, indicators"
        raise SelectionError(f"{name!r} has no means with standard errors; there is {known}")
    columns = MEASURES if name == "measures" else ("index",) if name == "index" else labels(tally, name)
    found = [tally.series[part].standard_errors(tally.runs).reshape(len(tally.dates), -1) for part in parts]
    return pd.DataFrame(np.concatenate(found, axis=1), _dates(tally), pd.Index(list(columns), dtype="str"))
