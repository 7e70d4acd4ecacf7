"""The figures that go with a comparison into a folder: the outlooks, and each one's difference."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tensionsim.plots import saving, style, themes
from tensionsim.plots.difference import difference
from tensionsim.plots.outlooks import outlooks

if TYPE_CHECKING:
    from tensionsim.analysis.compare import Comparison


DPI = 150
FORMATS = (".png", ".svg")


def save_comparison(comparison: Comparison, folder: Path) -> None:
    """Writes outlooks and difference-NAME, each as PNG and SVG; the same comparison gives the same bytes."""
    with themes.theme("light"):
        figures = {"outlooks": outlooks(comparison, style.blank())}
        for name, stem in zip(comparison.names, _stems(comparison.names), strict=True):
            figures[stem] = difference(comparison, name, style.blank())
    for stem, ax in figures.items():
        for kind in FORMATS:
            saving.save(ax, folder / f"{stem}{kind}", dpi=DPI)


def _stems(names: tuple[str, ...]) -> list[str]:
    """A file name for each outlook, without letters that a file cannot have; numbered where two would be one."""
    stems = ["difference-" + re.sub(r"[^\w.-]+", "-", name) for name in names]
    return [stem if stems.count(stem) == 1 else f"{stem}-{place + 1}" for place, stem in enumerate(stems)]
