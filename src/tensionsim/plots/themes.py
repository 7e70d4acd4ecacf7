"""Themes: the colours of figures on a light and on a dark ground, and which of them is in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import matplotlib as mpl


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a figure, "#rrggbb" each.

    ground, ink, faint, grid : background, text and lines, lesser text, guide lines. fan, observed : the index and what
    was observed. palette : colours of things beside each other, after Okabe & Ito (2008), shifted so that text in them
    reads on the ground. regimes : from rupture to alliance. rest : what is not
    told apart. friendly, hostile : above and below neutral; no colours of `palette`, which are those of actors.
    """

    name: str
    ground: str
    ink: str
    faint: str
    grid: str
    fan: str
    observed: str
    palette: tuple[str, ...]
    regimes: tuple[str, ...]
    rest: str
    friendly: str
    hostile: str


LIGHT = Theme(
    name="light",
    ground="#ffffff",
    ink="#222222",
    faint="#6b6b6b",
    grid="#dddddd",
    fan="#0072b2",
    observed="#c25400",
    palette=("#0072b2", "#c25400", "#00805c", "#b0578d", "#5a4600", "#444444"),
    regimes=("#9c3a00", "#e2853f", "#dcd6c8", "#86bbdc", "#1f6ea5"),
    rest="#b4b4b4",
    friendly="#1b7837",
    hostile="#762a83",
)

DARK = Theme(
    name="dark",
    ground="#16191d",
    ink="#eceff1",
    faint="#a3abb3",
    grid="#363c43",
    fan="#56b4e9",
    observed="#f09a3e",
    palette=("#56b4e9", "#f08a3c", "#35c79a", "#f0b3dc", "#e3d04b", "#8d949b"),
    regimes=("#b5531a", "#e79a5c", "#6f6b62", "#6fa9cf", "#2f7fba"),
    rest="#5b636b",
    friendly="#8fd18f",
    hostile="#e27fb0",
)

THEMES: Mapping[str, Theme] = MappingProxyType({"light": LIGHT, "dark": DARK})

_CURRENT: ContextVar[Theme] = ContextVar("tensionsim_theme", default=LIGHT)


def now() -> Theme:
    """The theme in force."""
    return _CURRENT.get()


def mixed(colour: str, share: float) -> str:
    """A colour mixed with a share of the ground, in [0, 1]."""
    ours, theirs = (bytes.fromhex(text[1:]) for text in (colour, now().ground))
    return "#" + bytes(round(a + share * (b - a)) for a, b in zip(ours, theirs, strict=True)).hex()


def readable_on(colour: str) -> str:
    """Black or white, whichever has the greater contrast on a colour (WCAG)."""
    parts = (value / 255 for value in bytes.fromhex(colour[1:]))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"


@contextmanager
def theme(name: str = "light") -> Iterator[None]:
    """Draws every figure within the context on a light or on a dark ground, and leaves the user's settings alone.

    Parameters
    ----------
    name
        "light" or "dark".

    Raises
    ------
    ValueError
        If there is no such theme.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> with ts.plots.theme("dark"):
    ...     ax = ts.plots.fan(r, ts.plots.blank())
    >>> ax.get_figure().get_facecolor()[:3] < (0.2, 0.2, 0.2)
    True
    """
    if name not in THEMES:
        raise ValueError(f"there is no theme {name!r}; there is {' and '.join(THEMES)}")
    before = _CURRENT.set(THEMES[name])
    try:
        with drawing():
            yield
    finally:
        _CURRENT.reset(before)


@contextmanager
def drawing() -> Iterator[Theme]:
    """The settings of matplotlib for the theme in force; afterwards they are as they were.

    The first figure of a notebook loads the notebook's backend, which makes matplotlib interactive: that must stay so
    after the context, or the notebook shows no further figures.
    """
    current = now()
    settings: Any = _settings(current)
    with mpl.rc_context(settings):
        yield current
        is_interactive = mpl.is_interactive()
    mpl.interactive(is_interactive)


def _settings(current: Theme) -> dict[str, Any]:
    inked = ("axes.labelcolor", "text.color", "axes.edgecolor", "xtick.color", "ytick.color")
    grounds = ("figure.facecolor", "savefig.facecolor", "axes.facecolor")
    return {
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "figure.dpi": 100,
        "svg.hashsalt": "tensionsim",
        "pdf.fonttype": 42,
        **dict.fromkeys(inked, current.ink),
        **dict.fromkeys(grounds, current.ground),
    }
