"""Estimates: what was held of each coefficient before a history was looked at, and what is held after."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from tensionsim.estimation.cells import DIRECTION, RATE, Coefficient
from tensionsim.estimation.fit import Fit
from tensionsim.plots import rows, style, subjects, themes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.estimation.optimise import Prior
    from tensionsim.model.structure import Floats


PRIOR, WIDE, NARROW_LINE = 7.0, 1.3, 3.4
"""Thickness of the prior's bar and of the posterior's lines of 90 and 50 %, in points."""

FRAME, NARROW_FRAME = 74.0, 116.0
"""Points that title and axis take above and below the rows; in a narrow figure both have more lines."""

NARROW = 360.0
"""Figures of less points across tell the estimate alone beside each row, not its interval."""

HEAD = 9.0
"""Points above the rows for the names of the columns."""

FARTHEST = 6.0
"""Deviations of the prior from what the scenario says at which the axis ends; what lies beyond is an arrow."""

POINTS_PER_TICK = 30.0

SHARES = np.array([0.05, 0.95])


@dataclass(frozen=True, slots=True)
class Held:
    """What was and is held of a coefficient, in the prior's deviations from its mode before bounds cut it.

    prior : ends of 90 %. wide, narrow : ends of the posterior's 90 and 50 %. estimate : the posterior's mode. note : of
    `Fit.table`.
    """

    prior: Floats
    wide: Floats
    narrow: Floats
    estimate: float
    note: str


def estimates(fit: Fit, ax: Axes | None = None) -> Axes:
    """Draws prior and posterior of every coefficient that was fitted.

    A pale bar holds 90 % of the prior, a thin line 90 % of the posterior, a thick one 50 %, and a dot is the estimate,
    the posterior's mode. An open dot stands where the prior alone holds a coefficient, a triangle where a bound does.

    Parameters
    ----------
    fit
        What `ts.fit` gives.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    The axes: coefficients by their distance from what the scenario says, in the prior's deviations (of half-lives and
    the tone's prior: those of the logarithm). Beside each stand the estimate and its 90 % interval in the coefficient's
    own unit.

    Raises
    ------
    TypeError
        If it is given something else than a fit.

    Examples
    --------
    >>> import tensionsim as ts
    >>> fitted = ts.fit("trump2-petro-2025", until="2025-06-30", fix=["shapes"])
    >>> ts.plots.estimates(fitted, ts.plots.blank(height=6)).get_xlabel()
    "from what the scenario says, in the prior's deviations"
    """
    subjects.check("estimates", fit, Fit, subjects.FIT)
    with themes.drawing():
        ax = style.new_axes(height_of(fit)) if ax is None else ax
        style.dress(ax)
        ax.spines["left"].set_visible(False)
        width = style.figure_width_points(ax)
        found, held = _rows(fit, width), _held(fit)
        _limits(ax, held)
        grid = rows.lay(ax, found, HEAD, _frame(width))
        middles = [at for at, row in zip(grid.middles, found, strict=True) if not row.is_heading]
        ax.axvline(0.0, color=themes.now().grid, linewidth=0.8, zorder=0.5)
        for one, middle in zip(held, middles, strict=True):
            _draw(ax, one, middle, grid.size / style.SMALL)
        rows.columns(ax, found, ("estimate", "90 %")[: 1 if width < NARROW else 2], grid, -HEAD / 2)
        style.lay_out(ax)
        points = style.width_points(ax)
        ax.xaxis.set_major_locator(MaxNLocator(nbins=max(2, int(points / POINTS_PER_TICK)), steps=[1, 2, 5, 10]))
        ax.set_xlabel(style.wrapped("from what the scenario says, in the prior's deviations", 8, points), fontsize=8)
        style.lay_out(ax)
        rows.title(ax, f"What was held, and what is held now: {fit.given.title}", _note(held))
    return ax


def height_of(fit: Fit, width: float = style.FULL_WIDTH) -> float:
    """The height in inches that a figure of it, `width` inches across, wants."""
    points = width * style.POINTS_PER_INCH
    return rows.height_of(_rows(fit, points), HEAD, _frame(points))


def _frame(width: float) -> float:
    return NARROW_FRAME if width < NARROW else FRAME


def _rows(fit: Fit, width: float) -> list[rows.Row]:
    """A row a coefficient, under headings that say what they are and in which unit."""
    found, table = [], fit.table()
    for group, members in itertools.groupby(fit.coefficients, _group):
        found.append(rows.heading(group))
        for one in members:
            line = table.loc[one.path]
            interval = f"{_number(line['low_90'])} to {_number(line['high_90'])}"
            numbers = [_number(line["estimate"]), interval][: 1 if width < NARROW else 2]
            found.append(rows.row(_name(one), numbers, width))
    return found


def _group(one: Coefficient) -> str:
    if one.part == RATE:
        return "base rates, acts a month" if one.name.startswith("base") else "acts that an act breeds"
    if one.part == DIRECTION:
        return "what turns the direction"
    return "memories and limits" if one.part == "shape" else "which moves are made"


def _name(one: Coefficient) -> str:
    """A coefficient as a reader would write it, with its unit where a heading does not tell it."""
    *_, room, name = one.path.split(".")
    words = name if room == "parameters" else room if name == "strength" else f"{room}, {name}"
    unit = ", months" if one.unit == "months" else ""
    return style.words(words).replace("half life", "half-life") + unit


def _number(value: float) -> str:
    shown = f"{value:.2g}" if abs(value) < 10.0 else f"{value:,.0f}"
    return shown.replace("-", "\u2212")


def _held(fit: Fit) -> list[Held]:
    table = fit.table()
    return [
        Held(
            prior=_places(prior.quantile(SHARES), prior),
            wide=_places(_fitted(prior, [line["low_90"], line["high_90"]]), prior),
            narrow=_places(_fitted(prior, [line["low_50"], line["high_50"]]), prior),
            estimate=float(_places(np.array([mode]), prior)[0]),
            note=str(line["note"]),
        )
        for prior, mode, (_, line) in zip(fit.priors, fit.laplace.mode.tolist(), table.iterrows(), strict=True)
    ]


def _fitted(prior: Prior, values: Sequence[float]) -> Floats:
    """Values on the axis on which they are fitted."""
    return np.array([prior.coordinate(float(value)) for value in values])


def _places(coordinates: Floats, prior: Prior) -> Floats:
    return (coordinates - prior.mean) / prior.scale


def _limits(ax: Axes, held: Sequence[Held]) -> None:
    ends = np.concatenate([np.concatenate([one.prior, one.wide, [one.estimate]]) for one in held])
    low, high = max(float(ends.min()), -FARTHEST), min(float(ends.max()), FARTHEST)
    margin = 0.04 * (high - low)
    ax.set_xlim(low - margin, high + margin)


def _draw(ax: Axes, one: Held, middle: float, shrink: float) -> None:
    """A coefficient's prior and posterior. shrink : how thick lines are beside those of a high enough figure."""
    theme = themes.now()
    low, high = ax.get_xlim()
    lines = ((one.prior, PRIOR, themes.mixed(theme.rest, 0.45)), (one.wide, WIDE, theme.fan))
    for ends, thickness, colour in (*lines, (one.narrow, NARROW_LINE, theme.fan)):
        ax.plot(ends, [middle] * 2, color=colour, linewidth=thickness * shrink, solid_capstyle="butt")
    at = float(np.clip(one.estimate, low, high))
    is_beyond = at != one.estimate or one.wide[0] > high or one.wide[1] < low
    is_held, is_left = one.note.startswith("held"), at <= one.narrow.mean()
    marker = "<" if is_left else ">"
    ax.plot(
        at,
        middle,
        marker=marker if is_beyond or one.note.startswith("at") else "o",
        markersize=4.6 * shrink,
        markerfacecolor=theme.ground if is_held else theme.fan,
        markeredgecolor=theme.fan,
        markeredgewidth=1.0 * shrink,
        clip_on=False,
        zorder=3.0,
    )


def _note(held: Sequence[Held]) -> str:
    """What is what; of marks only those that are there."""

    def told() -> Iterator[str]:
        yield "grey: 90 % of the prior; lines: 90 and 50 % of the posterior; dot: its mode"
        notes = {one.note for one in held}
        if "at its bound" in notes:
            yield "triangle: at its bound"
        if "held by its prior" in notes:
            yield "open: held by its prior"

    return "; ".join(told())
