"""Forms in which others take results over: workbooks, and RO-Crate beside what a folder holds."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tensionsim.errors import TensionSimError
from tensionsim.runs import store

if TYPE_CHECKING:
    import pandas as pd


INDEX, POINTS, SHARE = "index, 0-100", "points of the index", "share of runs, 0-1"
SPREAD = r"(mean|median|q\d\d|low|high|band_low|band_high)"
UNITS: Mapping[str, str] = {
    rf"(Results/(index|issues|tension_by_direction)|(Comparison|Sweep)/index)/{SPREAD}": INDEX,
    rf"Results/indicators/{SPREAD}": "in `unit`",
    rf"Results/measures/{SPREAD}": "room: share, 0-1; security_pillar: index, 0-100",
    r"Results/regimes/(?!date).*|Results/events/(probability|standard_error)": SHARE,
    r"Results/(arrangements|move_counts)/share_of_runs": "0-1",
    r"Results/move_counts/goldstein": "-10 to 10",
    r"Comparison/outlooks/(mean|median)_at_end|Sweep/sweep/index_.*": INDEX,
    rf"Comparison/(difference|issues)/{SPREAD}": POINTS,
    r"(Comparison/outlooks|Sweep/sweep)/difference(_low|_high|_se)?": POINTS,
    r"Comparison/pairing/spread.*": "of the quantity",
    r"Comparison/.*/(ends_.*|differing_runs|ever.*|at_end.*|above|equal|below|share_ended|ended_.*)": SHARE,
    r"Comparison/.*/(only_.*|both|runs|equivalent_runs)|Backtest/.*/n": "number",
    r"Sweep/sweep/(regime|event)_.*": SHARE,
    r"Backtest/.*/horizon": "months",
    rf"Backtest/forecasts/({SPREAD}|outcome)|Backtest/scores/crps|Backtest/calibration/width_.*": "of the target",
    r"Backtest/skill/(score|other)": "CRPS, of the target",
    r"Backtest/calibration/coverage_.*|Backtest/events/(said|happened)": "share, 0-1",
}
"""Units of columns, by type, table and column; a column that is not among them has none, or names it."""

MOST_ROWS = 1_048_576


def check_xlsx(path: str | Path) -> Path:
    """The path, if a workbook may go there and openpyxl, an extra, is installed; else StorageError or its parent."""
    target = store.check_file(path, (".xlsx",), "a workbook is written as .xlsx")
    if find_spec("openpyxl") is None:
        raise TensionSimError("a workbook needs openpyxl; install it with: pip install 'tensionsim[xlsx]'")
    return target


def write_xlsx(found: Any, path: str | Path) -> Path:
    """Writes what has `tables()` and a `summary()` as a workbook, a sheet each; texts are those of CSV files."""
    target, kind = check_xlsx(path), type(found).__name__
    import pandas as pd

    summary = found.summary()
    about = {name: value for name, value in summary.items() if isinstance(value, (str, int, float))}
    for key in ("outlook", "target"):
        for name, one in summary.get(f"{key}s", {}).items():
            about[f"{key}: {name}"] = "; ".join(str(value) for value in one.values() if value)
    about |= {f"note {number}": note for number, note in enumerate(summary.get("notes", ()), 1)}
    about |= summary.get("provenance", {})
    sheets = {"about": pd.DataFrame(about.items(), columns=["what", "value"])}
    for name, given in found.tables().items():
        table = given if given.index.names == [None] else given.reset_index()
        if len(table) >= MOST_ROWS:
            raise TensionSimError(f"the table {name} has {len(table):,} rows; a sheet holds {MOST_ROWS - 1:,}")
        units = (
            next((UNITS[one] for one in UNITS if re.fullmatch(one, f"{kind}/{name}/{head}")), "") for head in table
        )
        heads = [f"{head} ({unit})" if unit else str(head) for head, unit in zip(table, units, strict=True)]
        sheets[name] = table.set_axis(heads, axis=1)
    made = io.BytesIO()
    with pd.ExcelWriter(made, engine="openpyxl", datetime_format="YYYY-MM-DD") as book:
        for name, table in sheets.items():
            store.harmless(table).to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 0))
    with store.written(target):
        store.write_whole(target, made.getvalue())
    return target


def check_iamc(path: str | Path) -> Path:
    """The path, if a table of the IAMC may go there; else StorageError."""
    return store.check_file(path, (".csv",), "a table of the IAMC is written as .csv")


def write_iamc(table: pd.DataFrame, path: str | Path) -> Path:
    """Writes what `to_iamc` gives, its dates as heads."""
    target = check_iamc(path)
    dated = table.rename(columns=lambda head: head if isinstance(head, str) else f"{head:%Y-%m-%d}")
    with store.written(target):
        store.write_whole(target, store.as_csv(dated).encode())
    return target


CONFORMS = "https://w3id.org/ro/crate/1.1"
FORMATS = {".json": "application/json", ".yaml": "application/yaml", ".csv": "text/csv", ".npz": "application/zip"}
FORMATS |= {".png": "image/png", ".svg": "image/svg+xml"}


def write_crate(folder: Path, title: str) -> None:
    """Describes a folder of runs, a sweep or a backtest as RO-Crate 1.1; the licence is marked as not yet stated."""
    made = store.read_json(folder / store.PROVENANCE)
    versions = made["versions"]
    there = {
        f"{one.name}/" if one.is_dir() else one.name for one in folder.iterdir() if not store.is_unfinished(one.name)
    }
    parts = []
    for name in sorted((there | {store.MANIFEST}) - {store.CRATE}):
        about = {"@id": quote(os.fsencode(name)), "@type": "Dataset" if name.endswith("/") else "File", "name": name}
        if (form := FORMATS.get(Path(name).suffix)) is not None:
            about["encodingFormat"] = form
        if about["@type"] == "File" and name != store.MANIFEST:
            about["contentSize"] = str((folder / name).stat().st_size)
        parts.append(about)
    counts = [f"{name} {made[name]:,}" for name in ("points", "runs", "seed") if name in made]
    what = f": {', '.join(counts)}" if counts else ""
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": f"Made with tensionsim {versions['tensionsim']}{what}",
        "datePublished": dt.datetime.now(dt.UTC).date().isoformat(),
        "license": "NOT YET STATED: whoever passes this folder on says here how it may be used",
        "hasPart": [{"@id": one["@id"]} for one in parts],
        "mentions": {"@id": "#made"},
    }
    described = {"@id": store.CRATE, "@type": "CreativeWork", "conformsTo": {"@id": CONFORMS}, "about": {"@id": "./"}}
    action = {"@id": "#made", "@type": "CreateAction", "name": made["command"] or "made from Python"}
    action |= {"instrument": {"@id": "#tensionsim"}, "object": {"@id": "scenario.yaml"}, "result": {"@id": "./"}}
    program = {"@id": "#tensionsim", "@type": "SoftwareApplication", "name": "tensionsim"}
    program |= {"version": versions["tensionsim"]}
    graph = [described, root, *parts, action, program]
    store.write_json(folder / store.CRATE, {"@context": f"{CONFORMS}/context", "@graph": graph})
