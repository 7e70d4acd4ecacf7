"""Figures of a fit: what a history says for each mechanism, and of each coefficient what was and is held."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.errors import SelectionError
from tensionsim.estimation.cells import DIRECTION, RATE, Coefficient
from tensionsim.estimation.fit import WORDS, Fit
from tensionsim.plots import style
from tensionsim.plots.labels import finish_rows, lay_rows, rows_height

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


BAR, WORD = 8.0, 9.0
"""Height of a bar of support and of a line of Jeffreys' words above, in points."""

FRAME, ESTIMATES_FRAME = (74.0, 104.0), (74.0, 116.0)
"""Points that title and axis take above and below the rows; in a narrow figure both have more lines."""

ABOVE = WORD * len(WORDS)

LEAST = min(least for least, _ in WORDS)
"""The axis is linear as far as words begin; from there on every doubling is as wide."""


@style.figure(Fit)
def support(fit: Fit, ax: Axes | None = None) -> Axes:
    """Draws how strongly a history speaks for or against each mechanism, the most supported first.

    Bars lead to log10 of the Bayes factor of the scenario with the mechanism against that without: green (for) or
    purple (against; pink in the dark theme) once Jeffreys has a word for it, grey before. The axis is linear up
    to the first word and logarithmic beyond; LR is the likelihood ratio statistic, p its tail.

    >>> ts.plots.support(fitted, ts.plots.blank()).get_xlabel()
    'log10 Bayes factor, above 0 for it'
    """
    if not fit.support:
        raise SelectionError("no mechanism was tried in this fit; fit with support, and leave a strength to be fitted")
    factors = [one.log10_bayes_factor for one in fit.support]
    ax = style.opened(ax, height=partial(rows_height, _support_rows(fit), frame=FRAME, head=ABOVE))
    ax.set_xscale("symlog", base=2, linthresh=LEAST, linscale=0.5)
    ax.set_xlim(min(-2.0, 1.3 * min(factors)), max(8.0, 1.3 * max(factors)))  # what is decisive at least
    ax.xaxis.minorticks_off()
    middles, size = lay_rows(ax, _support_rows(fit), ("log10 BF", "LR", "p"), frame=FRAME, head=ABOVE)
    # Where each of Jeffreys' words holds, and on the right side the word.
    for row, (least, word) in enumerate(WORDS):
        for side, end in zip((-1.0, 1.0), ax.get_xlim(), strict=True):
            ax.axvspan(side * least, end, color=style.now().ink, alpha=0.045, linewidth=0, zorder=0)
        top = WORD * row - ABOVE
        ax.plot([least, least], [top, top + WORD], color=style.now().faint, linewidth=0.5, zorder=0.8)
        at = (least, top + WORD / 2)
        style.put(ax, word, at, (2.0, 0.0), style.now().faint, va="center", fontsize=0.93 * size)
    ax.axvline(0.0, color=style.now().faint, linewidth=0.6, zorder=0.9)
    decided = [style.now().friendly if factor > 0.0 else style.now().hostile for factor in factors]
    inks = [ink if abs(factor) >= LEAST else style.now().rest for ink, factor in zip(decided, factors, strict=True)]
    ax.barh(middles, factors, height=BAR, color=inks)
    low, high = ax.get_xlim()
    ticks = [-1000.0, -100.0, -10.0, -2.0, -LEAST, 0.0, LEAST, 2.0, 10.0, 100.0, 1000.0]
    has_room = style.width_points(ax) > 200.0
    ticks = [tick for tick in ticks if low <= tick <= high and (has_room or abs(tick) != LEAST)]
    ax.set_xticks(ticks, [style.minus(f"{tick:g}") for tick in ticks])
    where = fit.likelihood.states.window
    acts = f"{fit.diagnosis.acts:,} acts of {where.history.name}, {where.since} to {where.until}"
    note = f"{acts}; words are Jeffreys'; LR: likelihood ratio statistic, p its tail"
    heading = f"What the history says for each mechanism: {fit.given.title}"
    finish_rows(ax, "log10 Bayes factor, above 0 for it", heading, note, ticks=False)
    return ax


def _support_rows(fit: Fit) -> list[tuple[str, Sequence[str]]]:
    found: list[tuple[str, Sequence[str]]] = []
    for one in fit.support:
        tail, ratio = one.p_value, one.likelihood_ratio
        digits = "< .001" if tail < 0.001 else f"{tail:.{2 if tail >= 0.1 else 3}f}"
        numbers = (style.signed(one.log10_bayes_factor), f"{ratio:.1f}" if ratio < 100.0 else f"{ratio:,.0f}", digits)
        found.append((one.name, numbers))
    return found


@style.figure(Fit)
def estimates(fit: Fit, ax: Axes | None = None) -> Axes:
    """Draws prior and posterior of every coefficient that was fitted, by their distance from what the scenario says.

    A pale bar holds 90 % of the prior, a thin line 90 % of the posterior, a thick one 50 %, and a dot is its mode: open
    where the prior alone holds a coefficient, a triangle where a bound does. The axis is in the prior's deviations (of
    half-lives and the tone's prior: those of the logarithm); the numbers are in the coefficient's own unit.

    >>> ts.plots.estimates(fitted, ts.plots.blank(height=6)).get_xlabel()
    "from what the scenario says, in the prior's deviations"
    """
    ax = style.opened(ax, height=partial(rows_height, _estimate_rows(fit), frame=ESTIMATES_FRAME))
    rows, table = _estimate_rows(fit), fit.table()
    notes, held = table["note"].astype(str), []
    for prior, mode, (_, line) in zip(fit.priors, fit.laplace.mode.tolist(), table.iterrows(), strict=True):
        edges = [prior.coordinate(float(line[name])) for name in ("low_90", "high_90", "low_50", "high_50")]
        held.append((np.array([*prior.quantile(np.array([0.05, 0.95])), *edges, mode]) - prior.mean) / prior.scale)
    # In the prior's deviations: ends of 90 % of the prior, of 90 and of 50 % of the posterior, and its mode.
    ends = np.array(held).T
    low, high = max(float(ends.min()), -6.0), min(float(ends.max()), 6.0)  # what lies beyond is an arrow
    ax.set_xlim(low - 0.04 * (high - low), high + 0.04 * (high - low))
    if style.part_points(ax)[0] < style.NARROW:
        rows = [(name, numbers[:1]) for name, numbers in rows]
    columns = ("estimate", "90 %")[: max(len(numbers) for _, numbers in rows)]
    middles, size = lay_rows(ax, rows, columns, frame=ESTIMATES_FRAME)
    ax.axvline(0.0, color=style.now().grid, linewidth=0.8, zorder=0.5)
    numbered = np.array([at for at, (_, numbers) in zip(middles, rows, strict=True) if numbers])
    shrink, now = size / style.SMALL, style.now()
    ax.hlines(numbered, *ends[:2], color=style.mixed(now.rest, 0.45), linewidth=7.0 * shrink)
    ax.hlines(numbered, *ends[2:4], color=now.fan, linewidth=1.3 * shrink)
    ax.hlines(numbered, *ends[4:6], color=now.fan, linewidth=3.4 * shrink)
    low, high = ax.get_xlim()
    modes = np.clip(ends[6], low, high)
    is_bound = (modes != ends[6]) | (ends[2] > high) | (ends[3] < low) | notes.str.startswith("at").to_numpy()
    marks = np.where(is_bound, np.where(modes <= ends[4:6].mean(axis=0), "<", ">"), "o")
    faces = np.where(notes.str.startswith("held"), now.ground, now.fan)
    look: dict[str, Any] = {"edgecolor": now.fan, "linewidth": shrink, "clip_on": False, "zorder": 3.0}
    for mark in "<>o":
        of = marks == mark
        ax.scatter(modes[of], numbered[of], s=(4.6 * shrink) ** 2, marker=mark, c=faces[of].tolist(), **look)
    note = "grey: 90 % of the prior; lines: 90 and 50 % of the posterior; dot: its mode"
    note += "; triangle: at its bound" if "at its bound" in set(notes) else ""
    note += "; open: held by its prior" if "held by its prior" in set(notes) else ""
    axis = "from what the scenario says, in the prior's deviations"
    finish_rows(ax, axis, f"What was held, and what is held now: {fit.given.title}", note)
    return ax


def _estimate_rows(fit: Fit) -> list[tuple[str, Sequence[str]]]:
    """A row a coefficient, under headings that say what they are and in which unit."""

    def number(value: float) -> str:
        return style.minus(f"{value:.2g}" if abs(value) < 10.0 else f"{value:,.0f}")

    found, table = list[tuple[str, Sequence[str]]](), fit.table()
    for group, members in itertools.groupby(fit.coefficients, _group):
        found.append((group, ()))
        for one in members:
            line = table.loc[one.path]
            interval = f"{number(line['low_90'])} to {number(line['high_90'])}"
            found.append((_name(one), (number(line["estimate"]), interval)))
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
    told = name if room == "parameters" else room if name == "strength" else f"{room}, {name}"
    return style.words(told).replace("half life", "half-life") + (", months" if one.unit == "months" else "")


@style.figure(Fit)
def fit_overview(fit: Fit, width: float = style.FULL_WIDTH) -> Figure:
    """A figure of `width` inches: the support of each mechanism, if it was tried, above the estimates.

    >>> len(ts.plots.fit_overview(fitted).axes)
    2
    """
    points = width * style.POINTS_PER_INCH
    upper = rows_height(_support_rows(fit), points, frame=FRAME, head=ABOVE) + 0.2
    lower = rows_height(_estimate_rows(fit), points, frame=ESTIMATES_FRAME) + 0.2
    figures = [(partial(support, fit), upper)] if fit.support else []
    return style.stacked([*figures, (partial(estimates, fit), lower)], width)
