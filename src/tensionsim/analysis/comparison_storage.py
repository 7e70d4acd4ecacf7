"""A comparison in a folder: written whole or not at all, for people and other programs to read.

    manifest.json      what the folder is
    provenance.json    where the numbers of each outlook come from: scenario text and hash, seed, versions, command
    summary.json       what `--json` prints
    outlooks.csv       one row an outlook, with what a reader asks first
    *.csv              every table of the comparison, one observation a row

The same results give the same bytes: no time of day is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensionsim.analysis import comparison_summary, comparison_tables
from tensionsim.errors import StorageError
from tensionsim.results import folders, storage
from tensionsim.results.manifest import MANIFEST
from tensionsim.results.summary import versions

if TYPE_CHECKING:
    from tensionsim.analysis.comparison import Comparison

FORMAT = "tensionsim comparison"
FORMAT_VERSION = 1
TABLES = ("outlooks", *comparison_tables.TABLES)


def check_target(directory: str | Path) -> Path:
    """The folder, if a comparison may be written there: it is absent, empty, or holds one and nothing else.

    Raises
    ------
    StorageError
        If it is a file, holds something else, or cannot be written; the message says what.
    """
    target = Path(directory)
    found = (
        {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()} if target.is_dir() else set()
    )
    if not found:
        return folders.check_target(target)
    manifest = _manifest(target)
    if manifest.get("format") != FORMAT:
        raise StorageError(
            f"cannot write {target}: what it holds is no tensionsim comparison: {folders.named(found)}; choose another "
            "folder"
        )
    if foreign := sorted(found - {*manifest.get("written", ()), MANIFEST}):
        raise StorageError(
            f"cannot replace the comparison in {target}: {foreign[0]} there was not written by tensionsim; "
            "move it away or choose another folder"
        )
    return target


def _manifest(target: Path) -> dict[str, Any]:
    try:
        found = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def save(
    comparison: Comparison,
    directory: str | Path,
    *,
    command: str = "",
    attach: Callable[[Path], None] | None = None,
) -> Path:
    """Writes a comparison to a folder, whole or not at all; see `Comparison.save`."""
    target = check_target(directory)
    try:
        with storage.taking_the_place_of(target) as folder:
            _write(comparison, folder, command)
            if attach is not None:
                attach(folder)
            written = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
            about = {"format": FORMAT, "version": FORMAT_VERSION, **versions(), "written": written}
            storage.write_json(folder / MANIFEST, about)
    except OSError as failure:
        raise StorageError(f"cannot write {target}: {failure.strerror or failure}") from failure
    return target


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
