"""What history says: of each mechanism and coefficient, in a fit; of forecasts, in a backtest."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tensionsim.errors import SelectionError
from tensionsim.estimation.cells import DIRECTION, RATE, Coefficient
from tensionsim.estimation.fit import WORDS, Fit
from tensionsim.forecasts.backtest import REGIME, SURE, Backtest, named
from tensionsim.forecasts.folder import MODEL
from tensionsim.forecasts.origins import INDEX, Grid
from tensionsim.forecasts.pooling import RECALIBRATED
from tensionsim.forecasts.scores import calibration_table, pit_histogram
from tensionsim.model.measures import REGIME_NAMES
from tensionsim.model.record import Floats, Ints
from tensionsim.plots import style
from tensionsim.plots.labels import Label, finish, finish_rows, lay_rows, name_regimes, rows_height

BAR, WORD = 8.0, 9.0
"""Height of a bar of support and of a line of Jeffreys' words above, in points."""

FRAME, ESTIMATES_FRAME = (74.0, 104.0), (74.0, 116.0)
"""Points that title and axis take above and below the rows; in a narrow figure both have more lines."""

ABOVE, FIRST = WORD * len(WORDS), min(least for least, _ in WORDS)
"""Room for the words, in points; the axis is linear as far as they begin, from there on every doubling is as wide."""


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
    rows = _support_rows(fit)
    ax = style.opened(ax, height=partial(rows_height, rows, frame=FRAME, head=ABOVE))
    ax.set_xscale("symlog", base=2, linthresh=FIRST, linscale=0.5)
    ax.set_xlim(min(-2.0, 1.3 * min(factors)), max(8.0, 1.3 * max(factors)))  # what is decisive at least
    ax.xaxis.minorticks_off()
    middles, size = lay_rows(ax, rows, ("log10 BF", "LR", "p"), frame=FRAME, head=ABOVE)
    # Where each of Jeffreys' words holds, and on the right side the word.
    for place, (least, word) in enumerate(WORDS):
        for side, end in zip((-1.0, 1.0), ax.get_xlim(), strict=True):
            ax.axvspan(side * least, end, color=style.now().ink, alpha=0.045, linewidth=0, zorder=0)
        top = WORD * place - ABOVE
        ax.plot([least, least], [top, top + WORD], color=style.now().faint, linewidth=0.5, zorder=0.8)
        at = (least, top + WORD / 2)
        style.put(ax, word, at, (2.0, 0.0), style.now().faint, va="center", fontsize=0.93 * size)
    ax.axvline(0.0, color=style.now().faint, linewidth=0.6, zorder=0.9)
    decided = [style.now().friendly if factor > 0.0 else style.now().hostile for factor in factors]
    inks = [ink if abs(factor) >= FIRST else style.now().rest for ink, factor in zip(decided, factors, strict=True)]
    ax.barh(middles, factors, height=BAR, color=inks)
    low, high = ax.get_xlim()
    ticks = [-1000.0, -100.0, -10.0, -2.0, -FIRST, 0.0, FIRST, 2.0, 10.0, 100.0, 1000.0]
    has_room = style.width_points(ax) > 200.0
    ticks = [tick for tick in ticks if low <= tick <= high and (has_room or abs(tick) != FIRST)]
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
    rows, table = _estimate_rows(fit), fit.table()
    ax = style.opened(ax, height=partial(rows_height, rows, frame=ESTIMATES_FRAME))
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


CALIBRATIONS, RELIABILITIES = (style.Panels(height, least=92.0, most=5) for height in (2.0, 1.9))

BINS, LEAST = (10, 5, 4), 5.0
"""As many bins as have so many forecasts each. Assumption: with fewer than five a histogram shows luck alone."""

CHANCE_BINS, TOP = 5, 1.17
"""Of reliability: bins of probability, and how far the axes go, which leaves room above 1 for numbers."""


def _months(count: object) -> str:
    return f"{count} month{'' if str(count) == '1' else 's'}"


def _origins(found: Backtest) -> str:
    """How many forecasts there are, from when, of how many runs."""
    count, first, last = len(found.origins), found.origins[0], found.origins[-1]
    when = f"{count} origins, {first} to {last}" if count > 1 else f"one origin, {first}"
    return f"{when}; {found.plan.runs:,} runs each"


def _outcomes(found: Backtest, target: str) -> Floats:
    """What came of a target, shape (origin, horizon), NaN where it is not known; SelectionError where nothing is."""
    came = found.outcomes[:, found.place("target", target)]
    if not np.isfinite(came).any():
        raise SelectionError(f"nothing that came of {target} is known in this backtest, so nothing can be judged")
    return came


@style.figure(Backtest)
def forecasts(
    found: Backtest, ax: Axes | None = None, *, target: str = INDEX, horizon: int | None = None, of: str = MODEL
) -> Axes:
    """Draws every origin's forecast at one horizon over the day that it aims at, and what came.

    Bars hold 50 and 90 % of the runs, with a dash at the median; dots are what came, the thin line the median of the
    plain forecast that turned out best. target : "index", "score", "acts", "issue: NAME". horizon : in months, by
    default the middle one. of : whose forecasts.

    >>> ts.plots.forecasts(tested, ts.plots.blank(), horizon=3).get_ylabel()
    'cooperation index, 0-100'
    """
    column = (len(found.horizons) - 1) // 2 if horizon is None else found.place("horizon", horizon)
    came = _outcomes(found, target)[:, column]
    row, ours = found.place("target", target), found.place("forecaster", of)
    said = np.quantile(found.values[:, row, ours, column], (0.05, 0.25, 0.5, 0.75, 0.95), axis=-1)
    table = found.skill(target, of).loc[found.horizons[column]]
    best = _best(table)
    plain = None if best is None else str(best.name)
    grid = Grid(found.origins[0], found.plan.grid.step)
    days = np.array([grid.later(origin, found.horizons[column]) for origin in found.origins], "datetime64[D]")

    def label(name: str, values: Floats, colour: str, is_bold: bool = True) -> Label:
        end = float(values[-1])
        return Label(end, f"{name}: {style.minus(f'{end:.0f}' if abs(end) >= 10.0 else f'{end:.2g}')}", colour, is_bold)

    ax = style.opened(ax, column=3.6)
    labels, curves = [label(of, said[2], style.now().fan)], [*said, came]
    if plain is not None:
        medians = np.median(found.values[:, row, found.place("forecaster", plain), column], axis=-1)
        ax.plot(days, medians, color=style.now().faint, linewidth=1.0, marker=".", markersize=3.0, zorder=3)
        labels.append(label(plain, medians, style.now().faint, is_bold=False))
        curves.append(medians)
    ax.plot(days, came, color=style.now().observed, linewidth=1.0, alpha=0.6, zorder=4)
    size = float(np.clip(160.0 / len(days), 2.0, 4.2))
    ax.plot(days, came, "o", color=style.now().observed, markersize=size, markeredgewidth=0.0, zorder=5)
    if np.isfinite(came).any():
        labels.append(label("came", came[np.isfinite(came)], style.now().observed))
    drawn = np.concatenate(curves)
    about = found.targets[row]
    low, high = float(np.nanmin(drawn)), float(np.nanmax(drawn))
    room = max(0.06 * (high - low), about.grain)
    ax.set_ylim(max(low - room, about.low), min(high + room, about.high))
    first, last = date2num(days[0]), date2num(days[-1])
    margin = 0.5 * (last - first) / (len(days) - 1) if len(days) > 1 else 15.0
    ax.set_xlim(first - margin, last + margin)
    style.time_axis(ax)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10]))
    names = {INDEX: "cooperation index, 0-100", "acts": "acts a month", "score": "score a month, Goldstein / 10"}
    ax.set_ylabel(names.get(target, f"cooperation, {about.unit}"), fontsize=9)
    style.lay_out(ax)
    width = float(np.clip(0.62 * style.width_points(ax) / len(days), 0.9, 7.0))
    for low, high, share in ((said[0], said[4], 0.68), (said[1], said[3], 0.35)):
        ax.vlines(days, low, high, color=style.mixed(style.now().fan, share), linewidth=width, zorder=1.5)
    ax.plot(days, said[2], "_", color=style.now().fan, markersize=width + 1.2, markeredgewidth=1.5, zorder=2)
    line = f"; grey: median of {plain}, the best plain forecast in hindsight" if plain is not None else ""
    note = f"{_origins(found)}. Bars hold 50 and 90 % of the {named(of)}'s, dash: median; dots: what came{line}"
    heading = f"Forecasts {_months(found.horizons[column])} ahead, {style.words(target)}: {found.about.title}"
    finish(ax, labels, heading, note)
    if target == INDEX:
        name_regimes(ax)
    return ax


@style.figure(Backtest)
def skill(found: Backtest, ax: Axes | None = None, *, target: str = INDEX, of: str = MODEL) -> Axes:
    """Draws the share of each other forecast's CRPS that the model saves, by horizon; below 0 it loses.

    The dot is the plain forecast that turned out best at the horizon, with the 95 % interval of the skill against it:
    green where the model beats it, purple (pink in the dark theme) where it loses, dark grey where that may be luck (p
    of Diebold and Mariano's test 0.05 or more). What loses more than 100 % is a triangle at the axis' end. target,
    of : as in `forecasts`.

    >>> ts.plots.skill(tested, ts.plots.blank()).get_ylabel()
    "CRPS saved, % of the other's"
    """
    _outcomes(found, target)
    table = found.skill(target, of)
    chosen = [_best(table.loc[horizon]) for horizon in found.horizons]
    ax = style.opened(ax, column=4.4, axis="CRPS saved, % of the other's")
    # Limits that hold all within reach, zero and some room on both sides, and what lies on either side of zero.
    best = table[table["is_best"].astype(bool)]
    drawn = np.concatenate([table["skill"], best["low"], best["high"]]).astype(float)
    drawn = drawn[np.isfinite(drawn)]
    low, high = max(-1.0, min(float(drawn.min()), -0.1)), max(float(drawn.max()), 0.1)
    room = 0.06 * (high - low)
    ax.set_ylim(low - room, min(high + room, 1.05))
    ax.set_xlim(-0.5, len(found.horizons) - 1 + 0.5)
    ax.yaxis.set_major_formatter(lambda value, _: style.signed(100.0 * value, 0))
    ax.axhspan(low - room, 0.0, color=style.now().hostile, alpha=0.08, linewidth=0, zorder=0)
    ax.axhline(0.0, color=style.now().ink, linewidth=0.9, zorder=1)
    for word, height, colour in (("better", 1.0, style.now().friendly), ("worse", 0.0, style.now().hostile)):
        side = "top" if height else "bottom"
        style.put(ax, word, (0.0, height), (3.0, 0.0), colour, va=side, xycoords="axes fraction")
    floor, labels = ax.get_ylim()[0], list[Label]()
    for name in dict.fromkeys(table.index.get_level_values("against")):
        values = table.xs(name, level="against")["skill"].reindex(found.horizons).to_numpy(float)
        ax.plot(values, color=style.now().rest, linewidth=0.9, marker="o", markersize=2.4, zorder=2)
        if np.isfinite(values).any():
            end = float(values[np.isfinite(values)][-1])
            text = f"{name} {style.signed(100.0 * end, 0)} %" if style.part_points(ax)[0] >= style.NARROW else name
            labels.append(Label(max(end, floor), text, style.now().faint))
    labels.append(Label(0.0, "no better", style.now().ink))
    rows, now = [row for row in chosen if row is not None], style.now()
    at = [place for place, row in enumerate(chosen) if row is not None]
    colours = [_colour(row) for row in rows]
    heights, lows, highs = (np.array([row[name] for row in rows], float) for name in ("skill", "low", "high"))
    lows, highs = np.clip(lows, *ax.get_ylim()), np.clip(highs, *ax.get_ylim())
    ax.vlines(at, lows, highs, colors=colours, linewidth=2.4, zorder=3)
    dot: dict[str, Any] = {"s": 49.0, "edgecolors": now.ground, "linewidths": 0.8, "clip_on": False, "zorder": 4}
    for is_beyond, marker in ((heights < floor, "v"), (heights >= floor, "o")):
        places, inks = np.array(at)[is_beyond], np.array(colours)[is_beyond].tolist()
        ax.scatter(places, np.maximum(heights, floor)[is_beyond], c=inks, marker=marker, **dot)
    _name_horizons(ax, found, chosen)
    has_interval = any(math.isfinite(row["low"]) for row in rows)
    how = "bar: its 95 % interval" if has_interval else "origins are too few for intervals"
    sure = "; grey dot: may be luck" if any(not row["p_value"] < SURE for row in rows) else ""
    note = f"{_origins(found)}. Dot: against the best plain forecast in hindsight; {how}{sure}"
    finish(ax, labels, f"Skill of the {named(of)}, {style.words(target)}: {found.about.title}", note)
    return ax


def _best(rows: pd.DataFrame) -> pd.Series[Any] | None:
    """The row of the best plain forecast at a horizon, called by its name; None where none is known."""
    chosen = rows[rows["is_best"].astype(bool) & rows["skill"].notna()]
    return None if chosen.empty else chosen.iloc[0]


def _colour(row: pd.Series[Any] | None) -> str:
    if row is None or not row["p_value"] < SURE:
        return style.now().faint
    return style.now().friendly if row["skill"] > 0.0 else style.now().hostile


def _name_horizons(ax: Axes, found: Backtest, chosen: Sequence[pd.Series[Any] | None]) -> None:
    """Writes below each horizon, where there is room, skill and name of the best plain forecast."""
    style.lay_out(ax)
    room = style.width_points(ax)
    told = ["not known" if row is None else f"{style.signed(100.0 * row['skill'], 0)} %\n{row.name}" for row in chosen]
    longest = max(style.text_width(line, style.SMALL) for text in told for line in text.split("\n"))
    has_room = longest * style.HINTED + 4.0 <= room / len(told)
    months = list(map(str, found.horizons))
    names = [f"{one}\n{text}" for one, text in zip(months, told, strict=True)] if has_room else months
    ax.set_xticks(range(len(names)), names, fontsize=style.SMALL)
    for tick, row in zip(ax.get_xticklabels(), chosen, strict=True):
        tick.set_color(_colour(row))
    axis = f"months ahead{'; skill against the best plain forecast, and its name' * has_room}"
    ax.set_xlabel(style.wrapped(axis, 8, room), fontsize=8)


@style.figure(Backtest)
def calibration(
    found: Backtest, ax: Axes | None = None, *, target: str = INDEX, of: str = MODEL, bins: int | None = None
) -> Axes:
    """Draws for every horizon a histogram of where among the runs lay what came.

    Bars are equally high, but for luck, if what comes is drawn like the runs; the grey band holds 90 of 100 bars of a
    calibrated forecast. A hump tells that forecasts are too wide, a trough too narrow, a slope biased. bins : 10, 5 or
    4 by default, so that each has five forecasts. The panels are further axes of the figure of `ax`, now empty.

    >>> len(ts.plots.calibration(tested, ts.plots.blank()).get_figure().axes[1:])
    3
    """
    known = np.isfinite(_outcomes(found, target)).sum(axis=0)
    shown = [place for place, count in enumerate(known) if count]
    if bins is None:
        bins = next((each for each in BINS if known[shown].min() / each >= LEAST), BINS[-1])
    places, plan = found.pit(target, of), found.plan
    table = calibration_table(*found.series(target, of), found.horizons, every=plan.every, seed=plan.seed)
    ax = style.opened(ax, height=partial(CALIBRATIONS.page, len(found.horizons)))
    histograms = [pit_histogram(places.iloc[:, place].to_numpy(float), bins=bins) for place in shown]
    top = 1.62 * max(max(float(counts.max()), high) for counts, _, high in histograms)
    titles = [f"{_months(found.horizons[place])} ahead" for place in shown]
    drawn = zip(histograms, shown, strict=True)
    panels = [partial(_draw_histogram, *each, top, table.iloc[place]) for each, place in drawn]
    CALIBRATIONS.fill(ax, titles, panels, across="runs below what came, %", upwards="forecasts")
    note = (
        f"{_origins(found)}. 50 %, 90 %: how many per cent of what came these intervals held; p: of a test "
        "of calibration; band: where 9 bars in 10 of a calibrated forecast lie. Hump: too wide, trough: too narrow, "
        "slope: biased"
    )
    style.head(ax, f"Calibration of the {named(of)}, {style.words(target)}: {found.about.title}", note)
    style.lay_out(ax)
    return ax


def _draw_histogram(counts: Ints, low: float, high: float, top: float, row: pd.Series[Any], ax: Axes) -> None:
    """Bars with the band of calibrated forecasts; above, how many outcomes the intervals held, and p of the test."""
    bins = len(counts)
    ax.set(xlim=(0.0, 100.0), ylim=(0.0, top))
    ax.axhspan(low, high, color=style.now().ink, alpha=0.13, linewidth=0, zorder=3)
    ax.axhline(counts.sum() / bins, color=style.now().ink, linewidth=0.8, zorder=4)
    edges = np.linspace(0.0, 100.0, bins + 1)[:-1]
    look: dict[str, Any] = {"color": style.mixed(style.now().fan, 0.25), "edgecolor": style.now().ground}
    ax.bar(edges, counts, width=100.0 / bins, align="edge", linewidth=0.8, zorder=2, **look)
    ax.set_xticks([0, 50, 100])
    ax.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True, min_n_ticks=1))
    p_value = f"p {row['pit_p']:.2g}" if np.isfinite(row["pit_p"]) else "too few for p"
    held = [f"{share} %: {100.0 * row[f'coverage_{share}']:.0f}" for share in (50, 90)]
    corner: dict[str, Any] = {"xycoords": "axes fraction", "va": "top", "fontsize": 7.0}
    for line, text in enumerate((*held, p_value)):
        style.put(ax, text, (0.0, 1.0), (3.0, -2.0 - 8.6 * line), style.now().faint, **corner)


@style.figure(Backtest)
def reliability(
    found: Backtest,
    ax: Axes | None = None,
    *,
    names: Sequence[str] | None = None,
    horizon: int | None = None,
    of: str = MODEL,
) -> Axes:
    """Draws for regimes and events how often they happened, by how likely they had been called.

    Of what was called 30 % likely, 30 % should come. Upright bars hold 90 of 100 dots if it is so, fewer where
    forecasts overlap; those beyond are orange. names : of regimes ("regime:crisis" where an event has the name too) and
    events; by default all that ever happened or were called 5 % likely. horizon : by default all. The panels are
    further axes of the figure of `ax`.

    >>> ax = ts.plots.reliability(tested, ts.plots.blank(), names=["strained", "pragmatic"])
    >>> [panel.get_title(loc="left") for panel in ax.get_figure().axes[2:]]
    ['pragmatic']
    """
    _outcomes(found, INDEX)
    wanted = _worth_showing(found, of, horizon) if names is None else list(names)
    curves = [found.reliability(name, of=of, horizon=horizon, bins=CHANCE_BINS) for name in wanted]
    if not curves:
        raise SelectionError(f"no regime and no event is foretold by {of!r} in this backtest")
    ax = style.opened(ax, height=partial(RELIABILITIES.page, len(curves)))
    titles = [f"in {name.removeprefix(REGIME)}" if name.startswith(REGIME) else style.words(name) for name in wanted]
    panels = [partial(_draw_curve, curve) for curve in curves]
    RELIABILITIES.fill(ax, titles, panels, across="called likely, %", upwards="happened, %")
    reach = ", ".join(map(str, found.horizons)) if horizon is None else horizon
    note = (
        f"{_months(reach)} ahead; {_origins(found)}. Bars hold 9 dots in 10 of a forecaster who is right and whose "
        "forecasts do not overlap; orange: beyond; dotted: how often at all; above: forecasts"
    )
    style.head(ax, f"Reliability of the {named(of)}: {found.about.title}", note)
    style.lay_out(ax)
    return ax


def _draw_curve(curve: pd.DataFrame, ax: Axes) -> None:
    """How often things happened by how likely they were called, with bars of luck, and above how many there were."""
    now, usual = style.now(), float(curve.n @ curve.happened / curve.n.sum())
    ax.set(xlim=(-0.04, 1.04), ylim=(-0.04, TOP))
    ax.set_xticks([0.0, 0.5, 1.0], ["0", "50", "100"])
    ax.set_yticks([0.0, 0.5, 1.0], ["0", "50", "100"])
    ax.plot([0.0, 1.0], [0.0, 1.0], color=now.grid, linewidth=0.9, zorder=1)
    ax.plot([0.0, 1.0], [usual, usual], ":", color=now.faint, linewidth=0.8, zorder=1)
    ax.vlines(curve.said, curve.low, curve.high, color=style.mixed(now.rest, 0.35), linewidth=4.0, zorder=2)
    ax.plot(curve.said, curve.happened, color=now.fan, linewidth=0.8, alpha=0.7, zorder=3)
    is_within = (curve.low <= curve.happened) & (curve.happened <= curve.high)
    colours = np.where(is_within, now.fan, now.observed)
    ax.scatter(curve.said, curve.happened, s=21.0, c=colours.tolist(), linewidths=0.0, zorder=4, clip_on=False)
    for said, count in zip(curve.said, curve.n, strict=True):
        at = (min(int(said * CHANCE_BINS), CHANCE_BINS - 1) + 0.5) / CHANCE_BINS, (1.04 + TOP) / 2.0
        ax.text(*at, f"{count:,}", ha="center", va="center", fontsize=6.5, color=now.faint)


def _worth_showing(found: Backtest, of: str, horizon: int | None) -> list[str]:
    """The regimes and events that ever happened or were called likely by a forecaster."""
    names = [f"{REGIME}{name}" if name in found.events else name for name in REGIME_NAMES if of in found.forecasters]
    for name in found.events if of in found.event_forecasters else ():
        if np.isfinite(found.happened[:, found.place("event", name)]).any():
            names.append(name)
    curves = {name: found.reliability(name, of=of, horizon=horizon, bins=CHANCE_BINS) for name in names}
    return [name for name, one in curves.items() if one.happened.any() or one.said.max() >= 0.05]


@style.figure(Backtest)
def backtest_overview(found: Backtest, width: float = style.FULL_WIDTH) -> Figure:
    """A figure of `width` inches: forecasts of the index, skill, calibration raw and recalibrated, and reliability.

    >>> ts.plots.backtest_overview(tested).get_size_inches()[0].item()
    7.2
    """
    points = width * style.POINTS_PER_INCH
    is_narrow, count = points < style.NARROW, len(_worth_showing(found, MODEL, None))
    calibrated = CALIBRATIONS.page(len(found.horizons), points)
    heights = (
        (forecasts, 3.6 if is_narrow else 3.8),
        (skill, 4.4 if is_narrow else 3.8),
        (calibration, calibrated),
        (partial(calibration, of=RECALIBRATED), calibrated),
        (reliability, RELIABILITIES.page(count, points)),
    )
    return style.stacked([(partial(draw, found), height + 0.15) for draw, height in heights], width)
