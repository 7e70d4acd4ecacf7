"""Figures as files: the same figure gives the same bytes, and a file appears whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tensionsim.errors import StorageError
from tensionsim.plots.themes import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


UNDATED: Mapping[str, dict[str, Any]] = MappingProxyType(
    {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
)
"""What each format would write of the time and place of its making, left out."""

DPI, PAGE_DPI = 300, 150


def save(figure: Figure | Axes, path: str | Path, *, dpi: int = DPI) -> Path:
    """Writes a figure as PNG, SVG or PDF, by the ending of the path; the same figure gives the same bytes.

    Parameters
    ----------
    figure
        A figure, or an axes of it.
    path
        Of the file; one that stands there is replaced once the new one is whole.
    dpi
        Dots per inch of a PNG, >= 1; 300 is what journals ask for.

    Returns
    -------
    The path.

    Raises
    ------
    StorageError
        If the ending is another, or the file cannot be written.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> ts.plots.save(ts.plots.fan(r, ts.plots.blank(3.5, 2.6)), "fan.svg").read_text(encoding="utf-8")[:5]
    '<?xml'
    """
    target = check(path)
    whole = figure.get_figure(root=True) or figure
    kind = target.suffix.lower()
    fresh = target.with_name(f".{target.name}.{token_hex(4)}{kind}")
    try:
        with drawing():
            whole.savefig(fresh, dpi=dpi, metadata=UNDATED[kind], facecolor=whole.get_facecolor())  # type: ignore[union-attr]
        fresh.replace(target)
    except OSError as failure:
        raise StorageError(f"cannot write {target}: {failure.strerror or failure}") from failure
    finally:
        fresh.unlink(missing_ok=True)
    return target


def save_page(figure: Figure, folder: Path) -> None:
    """Writes the overview of what a folder holds into it, as overview.png and overview.svg."""
    for name in ("overview.png", "overview.svg"):
        save(figure, folder / name, dpi=PAGE_DPI)


def check(path: str | Path) -> Path:
    """The path, if a figure may go there.

    Raises
    ------
    StorageError
        If its ending is none of the formats', its folder is missing, or it is a folder itself.
    """
    target = Path(path)
    if target.suffix.lower() not in UNDATED:
        raise StorageError(f"cannot write {target}: figures are written as {', '.join(UNDATED)}; end the name so")
    if target.is_dir():
        raise StorageError(f"cannot write {target}: it is a folder; name a file in it")
    if not target.absolute().parent.is_dir():
        raise StorageError(f"cannot write {target}: there is no folder {target.parent}; make it first")
    return target
