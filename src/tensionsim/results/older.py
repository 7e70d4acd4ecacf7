"""Results of format 1, which earlier versions wrote: read whole, never added to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tensionsim.errors import StorageError
from tensionsim.record import LAYERS, MOVE_COLUMNS, Names, Record
from tensionsim.results import arrays
from tensionsim.results.arrays import Array

AGAIN = "run the scenario again"


def read(folder: Path, manifest: Mapping[str, Any]) -> tuple[Names, Record]:
    """Names and record of a folder of format 1.

    Raises
    ------
    StorageError
        If a file is missing or damaged.
    """
    try:
        for name, sha256 in manifest["sha256"].items():
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    raise StorageError(f"{folder / name} is damaged: it is not what tensionsim saved; {AGAIN}")
        names = Names(**{name: tuple(values) for name, values in manifest["names"].items()})
        return names, Record(**_arrays(folder, manifest["arrays"], names))
    except FileNotFoundError as missing:
        raise StorageError(f"{folder} is damaged: {Path(missing.filename).name} is missing; {AGAIN}") from missing
    except OSError as failure:
        raise StorageError(f"cannot read {folder}: {failure.strerror or failure}") from failure
    except (KeyError, TypeError, ValueError) as damage:
        raise StorageError(f"{folder} is damaged: its manifest contradicts the data ({damage}); {AGAIN}") from damage


def _arrays(folder: Path, described: Mapping[str, Any], names: Names) -> dict[str, Array]:
    if (folder / "arrays").is_dir():
        return {name: np.load(folder / "arrays" / f"{name}.npy", allow_pickle=False) for name in described}
    arrays.check_readable(arrays.PARQUET, folder)
    shapes = {name: tuple(shape) for name, (_, shape) in described.items()}
    dates, runs = shapes["cooperation"]
    found = arrays.read_paths(folder / "paths.parquet", tuple(LAYERS), (dates, runs), names)
    found = {name: array[..., : shapes[name][-1]].copy() for name, array in found.items()}
    found["dates"] = _dates(folder / "paths.parquet", runs)
    return found | arrays.read_moves(folder / "moves.parquet", tuple(MOVE_COLUMNS), names)


def _dates(path: Path, runs: int) -> Array:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        found: Array = file.read(columns=["date"]).column("date").to_numpy()[::runs].astype("datetime64[D]")
    return found
