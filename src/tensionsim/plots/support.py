"""Support: what a history says for each mechanism, as Bayes factors with their words beside likelihood ratios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tensionsim.errors import SelectionError
from tensionsim.estimation.fit import WORDS, Fit, Support
from tensionsim.plots import rows, style, subjects, themes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


BAR = 8.0
"""Height of a bar, in points."""

FRAME, NARROW_FRAME = 74.0, 104.0
"""Points that title and axis take above and below the rows; in a narrow figure both have more lines."""

NARROW = 360.0
"""Figures of less points across have titles of more lines."""

WORD = 9.0
"""Height of a line of Jeffreys' words, in points."""

LEAST = min(least for least, _ in WORDS)
"""The axis is linear as far as words begin; from there on every doubling is as wide."""

REACH = (-2.0, 8.0)
"""How far the axis goes at least: until what is decisive against, and two doublings into what is decisive for."""

TICKS = (0.0, 2.0, -2.0, 10.0, -10.0, 100.0, -100.0, 1000.0, -1000.0, 0.5, -0.5, 1.0, -1.0, 4.0, -4.0)
"""Those that are named, from the most wanted to what is named where there is room."""


def support(fit: Fit, ax: Axes | None = None) -> Axes:
    """Draws how strongly a history speaks for or against each mechanism, the most supported first.

    Bars lead from 0 to the logarithm of the Bayes factor of the scenario with the mechanism against that without. They
    are green (for) or purple (against; pink in the dark theme) once Jeffreys has a word for it, and grey before. The
    axis is linear up to the first word and logarithmic beyond, so that a factor of 10^85 leaves room for others.

    Parameters
    ----------
    fit
        What `ts.fit` gives.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    The axes: log10 of the Bayes factor by mechanism; beside it that number, the likelihood ratio statistic and its p
    value.

    Raises
    ------
    SelectionError
        If no mechanism was tried: the fit was made without support, or nothing speaks to any.
    TypeError
        If it is given something else than a fit.

    Examples
    --------
    >>> import tensionsim as ts
    >>> fitted = ts.fit("trump2-petro-2025", until="2025-06-30", fix=["shapes"])
    >>> ts.plots.support(fitted, ts.plots.blank()).get_xlabel()
    'log10 Bayes factor, above 0 for it'
    """
    subjects.check("support", fit, Fit, subjects.FIT)
    if not fit.support:
        raise SelectionError(
            "no mechanism was tried in this fit; fit with support, and leave some strength to be fitted"
        )
    with themes.drawing():
        ax = style.new_axes(height_of(fit)) if ax is None else ax
        style.dress(ax)
        ax.spines["left"].set_visible(False)
        _axis(ax, [one.log10_bayes_factor for one in fit.support])
        width, head = style.figure_width_points(ax), WORD * len(WORDS)
        found = _rows(fit, width)
        grid = rows.lay(ax, found, head, _frame(width))
        _bands(ax, head, grid.size)
        _bars(ax, fit.support, grid)
        rows.columns(ax, found, ("log10 BF", "LR", "p"), grid, -WORD / 2)
        style.lay_out(ax)
        _name(ax)
        style.lay_out(ax)
        rows.title(ax, f"What the history says for each mechanism: {fit.given.title}", _note(fit))
    return ax


def height_of(fit: Fit, width: float = style.FULL_WIDTH) -> float:
    """The height in inches that a figure of it, `width` inches across, wants."""
    points = width * style.POINTS_PER_INCH
    return rows.height_of(_rows(fit, points), WORD * len(WORDS), _frame(points))


def _frame(width: float) -> float:
    return NARROW_FRAME if width < NARROW else FRAME


def _rows(fit: Fit, width: float) -> list[rows.Row]:
    told = [(_signed(one.log10_bayes_factor), _ratio(one.likelihood_ratio), _tail(one.p_value)) for one in fit.support]
    return [rows.row(one.name, numbers, width) for one, numbers in zip(fit.support, told, strict=True)]


def _signed(factor: float) -> str:
    """With its sign, where anything is left of it."""
    return f"{factor:+.1f}".replace("-", "\u2212") if abs(factor) >= 0.05 else "0.0"


def _ratio(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 100.0 else f"{ratio:,.0f}"


def _tail(p_value: float) -> str:
    """A p value in as many digits as say something."""
    if p_value < 0.001:
        return "< .001"
    return f"{p_value:.2f}" if p_value >= 0.1 else f"{p_value:.3f}"


def _axis(ax: Axes, factors: Sequence[float]) -> None:
    """Limits and scale: as wide for every doubling as from 0 to where it begins."""
    low, high = min(REACH[0], 1.3 * min(factors)), max(REACH[1], 1.3 * max(factors))
    ax.set_xscale("symlog", base=2, linthresh=LEAST, linscale=0.5)
    ax.set_xlim(low, high)
    ax.xaxis.minorticks_off()


def _bands(ax: Axes, head: float, size: float) -> None:
    """Where each of Jeffreys' words holds, and on the right side the word."""
    theme = themes.now()
    for row, (least, word) in enumerate(WORDS):
        for side, end in zip((-1.0, 1.0), ax.get_xlim(), strict=True):
            ax.axvspan(side * least, end, color=theme.ink, alpha=0.045, linewidth=0, zorder=0)
        top = -head + WORD * row
        ax.plot([least, least], [top, top + WORD], color=theme.faint, linewidth=0.5, zorder=0.8)
        ax.annotate(
            word,
            xy=(least, top + WORD / 2),
            xytext=(2.0, 0.0),
            textcoords="offset points",
            va="center",
            fontsize=0.93 * size,
            color=theme.faint,
            annotation_clip=False,
        )
    ax.axvline(0.0, color=theme.faint, linewidth=0.6, zorder=0.9)


def _bars(ax: Axes, found: Sequence[Support], grid: rows.Grid) -> None:
    theme = themes.now()
    for one, middle in zip(found, grid.middles, strict=True):
        factor = one.log10_bayes_factor
        decided = theme.friendly if factor > 0.0 else theme.hostile
        ax.barh(middle, factor, height=BAR, color=decided if abs(factor) >= LEAST else theme.rest)


def _name(ax: Axes) -> None:
    """Names the axis and as many of its ticks as there is room for, 0 and the end of the undecided first."""
    low, high = ax.get_xlim()
    kept: dict[float, tuple[float, float]] = {}
    for tick in (each for each in TICKS if low <= each <= high):
        middle = float(ax.transData.transform((tick, 0.0))[0]) * style.POINTS_PER_INCH / ax.figure.dpi
        half = style.text_width(_tick(tick), 8) * style.HINTED / 2 + 2.0
        if all(middle + half <= left or middle - half >= right for left, right in kept.values()):
            kept[tick] = (middle - half, middle + half)
    ax.set_xticks(sorted(kept), [_tick(tick) for tick in sorted(kept)])
    name = "log10 Bayes factor, above 0 for it"
    ax.set_xlabel(style.wrapped(name, 8, style.width_points(ax)), fontsize=8)


def _tick(value: float) -> str:
    return f"{value:g}".replace("-", "\u2212")


def _note(fit: Fit) -> str:
    where = fit.likelihood.states.window
    return (
        f"{fit.diagnosis.acts:,} acts of {where.history.name}, {where.since} to {where.until}; words are Jeffreys'; "
        "LR: likelihood ratio statistic, p its tail"
    )
