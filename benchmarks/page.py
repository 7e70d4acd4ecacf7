"""The page that the benchmarks write their tables into: docs/benchmarks.md, with the docs' own made passages."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "benchmarks.md"


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    made: str = _passages().table(columns, rows)
    return made


def read() -> dict[str, str]:
    """The passages of the page by name."""
    found: dict[str, str] = _passages().read(PAGE)
    return found


def write(passages: Mapping[str, str]) -> None:
    """Puts passages in their places in the page."""
    _passages().write(PAGE, passages)


def _passages() -> ModuleType:
    if str(DOCS) not in sys.path:
        sys.path.insert(0, str(DOCS))
    return importlib.import_module("passages")
