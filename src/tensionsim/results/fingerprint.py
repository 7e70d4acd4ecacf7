"""The fingerprint: which numbers this tensionsim makes, as one hash of the sources and data that make them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

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

SUFFIXES = (".py", ".c", ".h", ".csv", ".yaml")


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A sha256 over the package's sources and data that make numbers, the same on every system.

    Examples
    --------
    >>> len(fingerprint())
    64
    """
    package, found = Path(__file__).parents[1], hashlib.sha256()
    for source in SOURCES:
        path = package / source
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in SUFFIXES:
                content = file.read_bytes().replace(b"\r\n", b"\n")
                found.update(f"{file.relative_to(package).as_posix()} {len(content)}\n".encode())
                found.update(content)
    return found.hexdigest()
