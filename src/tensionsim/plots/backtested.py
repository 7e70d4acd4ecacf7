"""What figures of a backtest share: how horizons and origins are told, the best plain forecast, a grid of panels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.errors import SelectionError
from tensionsim.plots import panels, style, themes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.forecasts.backtest import Backtest
    from tensionsim.model.record import Floats


LEAST_PANEL, MOST_COLUMNS = 92.0, 5
"""Points across that a figure has for each panel at least, and how many stand beside each other at most."""

FRAME, NARROW_FRAME, NARROW = 0.85, 1.4, 5.0
"""Inches that the title above panels takes, in figures of less than so many inches across more."""


def months(count: int) -> str:
    """A horizon in words."""
    return f"{count} month{'' if count == 1 else 's'}"


def origins(found: Backtest) -> str:
    """How many forecasts there are, from when, of how many runs."""
    count, first, last = len(found.origins), found.origins[0], found.origins[-1]
    when = f"{count} origins, {first} to {last}" if count > 1 else f"one origin, {first}"
    return f"{when}; {found.plan.runs:,} runs each"


def column_of(found: Backtest, horizon: int | None) -> int:
    """The place of a horizon; of the middle one (of two the shorter) where none is named.

    Raises
    ------
    SelectionError
        If there is no such horizon.
    """
    return (len(found.horizons) - 1) // 2 if horizon is None else found.place("horizon", horizon)


def outcomes(found: Backtest, target: str) -> Floats:
    """What came of a target, shape (origin, horizon), NaN where it is not known.

    Raises
    ------
    SelectionError
        If there is no such target, or nothing of what was forecast is known.
    """
    came = found.outcomes[:, found.place("target", target)]
    if not np.isfinite(came).any():
        raise SelectionError(f"nothing that came of {target} is known in this backtest, so nothing can be judged")
    return came


def best(found: Backtest, target: str, of: str, column: int) -> str | None:
    """The best plain forecast in hindsight at the horizon of a column; None where nothing tells which it is."""
    table = found.skill(target, of).loc[found.horizons[column]]
    names = table.index[table["is_best"].astype(bool) & table["skill"].notna()]
    return str(names[0]) if len(names) else None


def title_of(target: str, of: str) -> str:
    """Whose forecasts of what, as a heading has it."""
    return f"{of}, {style.words(target)}"


def columns_for(count: int, width: float) -> int:
    """Columns for so many panels in a figure of so many points across, in rows as even as can be."""
    most = max(1, min(MOST_COLUMNS, int(width // LEAST_PANEL)))
    return math.ceil(count / math.ceil(count / most))


def grid(ax: Axes, count: int) -> tuple[list[Axes], int, float]:
    """So many panels in the place of an axes, their columns, and the width of all, in points."""
    style.lay_out(ax)
    columns = columns_for(count, style.figure_width_points(ax))
    made = panels.split(ax, math.ceil(count / columns), columns)
    for one in made[count:]:
        one.set_axis_off()
    return made[:count], columns, style.width_points(ax)


def height_of(count: int, width: float, panel: float) -> float:
    """The height in inches of a figure with so many panels that is `width` inches across; a panel is `panel` high."""
    rows = math.ceil(count / columns_for(count, width * style.POINTS_PER_INCH))
    return (NARROW_FRAME if width < NARROW else FRAME) + panel * rows


def percent(shares: Sequence[float] | Floats) -> list[str]:
    """Shares in [0, 1] as whole per cent."""
    return [f"{100.0 * share:.0f}" for share in shares]


def name_panels(made: Sequence[Axes], columns: int, across: str, upwards: str) -> None:
    """Names the axes of the panels at the left and at the bottom."""
    for place, one in enumerate(made):
        if place + columns >= len(made):
            one.set_xlabel(style.wrapped(across, style.SMALL, style.width_points(one)), fontsize=style.SMALL)
        else:
            one.tick_params(labelbottom=False)
        if place % columns:
            one.tick_params(labelleft=False)
        else:
            one.set_ylabel(upwards, fontsize=style.SMALL)
        one.xaxis.label.set_color(themes.now().ink)
