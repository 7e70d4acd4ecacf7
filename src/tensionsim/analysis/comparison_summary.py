"""A comparison as plain numbers, texts and lists: what `--json` prints and the terminal shows."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import pandas as pd

from tensionsim.analysis import comparison_wording
from tensionsim.results import wording
from tensionsim.results.summary import DECIMALS, versions

if TYPE_CHECKING:
    from tensionsim.analysis.comparison import Comparison
    from tensionsim.results import Results


def summary(comparison: Comparison) -> dict[str, Any]:
    """Everything that a reader asks first; dates are ISO texts, what has no number is None."""
    names = comparison.names
    return {
        "baseline": comparison.baseline,
        "outlooks": {name: _origin(results) for name, results in comparison.results.items()},
        "step": comparison.results[comparison.baseline].scenario.file.step,
        "runs": len(comparison.runs),
        "first_run": comparison.runs.start,
        "seed": comparison.seed,
        "dates": [str(date) for date in comparison.dates],
        "headlines": {name: comparison_wording.headline(comparison, name) for name in names},
        "saved": {name: comparison_wording.saved(comparison, name) for name in names},
        "table": _rows(comparison.table()),
        "index": _columns(comparison.index),
        "difference": _columns(comparison.difference),
        "issues": _columns(comparison.issues),
        "parting": _rows(comparison.parting),
        "regimes": _nested(comparison.regimes),
        "events": _nested(comparison.events),
        "ends_above": _deep(comparison.ends_above),
        "recovery": _deep(comparison.recovery),
        "pairing": _deep(comparison.pairing),
        "notes": list(comparison.notes),
        "provenance": versions(),
    }


def _origin(results: Results) -> dict[str, Any]:
    scenario = results.scenario
    return {
        "title": results.title,
        "scenario": scenario.name,
        "outlook": scenario.outlook,
        "set": wording.plain(scenario.values),
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
