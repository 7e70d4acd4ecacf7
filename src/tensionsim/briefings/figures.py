"""The figures of a briefing as SVG, for a page and for a phone, on a light and on a dark ground."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tensionsim.briefings import prospects
from tensionsim.briefings.pages import Picture
from tensionsim.briefings.subject import Subject

if TYPE_CHECKING:
    from matplotlib.axes import Axes


WIDE, HALF, PHONE = (6.9, 3.3), (3.4, 2.7), (3.6, 3.0)
"""Width and height in inches: across a page, half of one, and on a phone."""

THEMES = ("light", "dark")


def drawn(subject: Subject, picture: Picture, *, theme: str, is_narrow: bool) -> bytes:
    """A figure as SVG; the same subject gives the same bytes."""
    from tensionsim import plots

    size = PHONE if is_narrow else HALF if picture.is_half else WIDE
    with plots.theme(theme), tempfile.TemporaryDirectory(prefix="tensionsim-") as folder:
        ax = _axes(subject, picture.name, plots.blank(*size))
        return plots.save(ax, Path(folder) / "figure.svg").read_bytes()


def _axes(subject: Subject, name: str, ax: Axes) -> Axes:
    from tensionsim import plots

    if name in ("fan", "regimes", "direction"):
        draw = {"fan": plots.fan, "regimes": plots.regimes, "direction": plots.direction}[name]
        return draw(subject.base, ax)
    if subject.comparison is None:
        raise ValueError(f"a briefing of one ensemble has no figure {name!r}")
    if name == "outlooks":
        return plots.outlooks(subject.comparison, ax)
    return plots.difference(subject.comparison, prospects.difference_names(subject)[name], ax)
