"""The fingerprint: which numbers are made here, as hashes of the sources and data, and of how the processor rounds."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np

SOURCES = (
    "rng.py",
    "moves.py",
    "choice.py",
    "measures.py",
    "record.py",
    "data",
    "world",
    "mechanisms",
    "engine",
    "history",
    "scenario",
)
"""What numbers hang on, below the package; whatever else changes, runs stay the same."""

ESTIMATING = (*SOURCES, "likelihood", "observed.py", "analysis/fitting", "analysis/forecasts", "analysis/backtesting")
"""What fits and forecasts hang on besides."""

PROBED = ("exp", "exp2", "log", "log1p", "tanh")
"""Functions whose last bit NumPy makes dependent on what the processor can do."""

SUFFIXES = (".py", ".c", ".h", ".csv", ".yaml")


@lru_cache(maxsize=2)
def fingerprint(sources: tuple[str, ...] = SOURCES) -> str:
    """A sha256 over the package's sources and data that make numbers, the same on every system.

    Examples
    --------
    >>> len(fingerprint())
    64
    """
    package, found = Path(__file__).parents[1], hashlib.sha256()
    for source in sources:
        path = package / source
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in SUFFIXES:
                content = file.read_bytes().replace(b"\r\n", b"\n")
                found.update(f"{file.relative_to(package).as_posix()} {len(content)}\n".encode())
                found.update(content)
    return found.hexdigest()


@lru_cache(maxsize=1)
def rounding() -> str:
    """A sha256 of what some functions give here for fixed numbers.

    It depends on the kind of processor (with AVX-512 or without), and seldom on the version of NumPy.

    Examples
    --------
    >>> len(rounding())
    64
    """
    numbers, found = np.linspace(0.01, 9.99, 4001), hashlib.sha256()
    for name in PROBED:
        found.update(getattr(np, name)(numbers).tobytes())
    found.update((numbers ** numbers[::-1]).tobytes())
    return found.hexdigest()
