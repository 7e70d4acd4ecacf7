"""Pictures: figures of the pages as PNG, in as few colours as they need, so that none is large."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tensionsim.plots.style import save

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FOLDER = Path(__file__).resolve().parent / "figures"
DPI = 120


def keep(figure: Figure | Axes, name: str) -> None:
    """Writes a figure into the folder of the pages' figures."""
    with tempfile.TemporaryDirectory() as folder:
        shrink(save(figure, Path(folder) / "whole.png", dpi=DPI), name)


def shrink(picture: Path, name: str, width: int | None = None) -> None:
    """Writes a picture there, `width` dots across where that is less than it has."""
    whole = Image.open(picture).convert("RGB")
    if width is not None:
        whole.thumbnail((width, width * whole.height), Image.Resampling.LANCZOS)
    FOLDER.mkdir(exist_ok=True)
    few = whole.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)
