"""A comparison in a folder: written whole or not at all, for people and other programs to read.

    manifest.json      what the folder is
    provenance.json    where the numbers of each outlook come from: scenario text and hash, seed, versions, command
    summary.json       what `--json` prints
    outlooks.csv       one row an outlook, with what a reader asks first
    *.csv              every table of the comparison, one observation a row

The same results give the same bytes: no time of day is written.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tensionsim.analysis import comparison_summary, comparison_tables
from tensionsim.results import storage
from tensionsim.results.derived import Derived

if TYPE_CHECKING:
    from tensionsim.analysis.comparison import Comparison

TABLES = ("outlooks", *comparison_tables.TABLES)
FOLDER = Derived("comparison")


def save(
    comparison: Comparison,
    directory: str | Path,
    *,
    command: str = "",
    attach: Callable[[Path], None] | None = None,
) -> Path:
    """Writes a comparison to a folder, whole or not at all; see `Comparison.save`."""
    return FOLDER.save(directory, lambda folder: _write(comparison, folder, command), attach)


def _write(comparison: Comparison, folder: Path, command: str) -> None:
    storage.write_json(folder / "summary.json", comparison_summary.summary(comparison))
    origins = {name: storage.provenance(results, command) for name, results in comparison.results.items()}
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
    storage.write_json(folder / "provenance.json", about)
    for name in TABLES:
        table = comparison_tables.tidy(comparison, name)
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", float_format="%.10g")
