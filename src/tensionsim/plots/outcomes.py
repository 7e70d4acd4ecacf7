"""Outcomes over time: fans of the index and of issues, regimes, directions, outlooks, and what was observed."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tensionsim.analysis.compare import Comparison
from tensionsim.errors import SelectionError, one_of
from tensionsim.events.generic import observed_index
from tensionsim.model.measures import REGIME_NAMES, REGIMES
from tensionsim.model.record import Dates, Floats
from tensionsim.plots import style
from tensionsim.plots.labels import FLAG_HEIGHT, MOST_FLAGS, Label, at_ends, draw_flags, finish, flags_of, name_regimes
from tensionsim.runs.results import Results, directed_tension
from tensionsim.runs.statistics import settings
from tensionsim.scenario.names import history_of

SHARES = (0.9, 0.6, 0.3)
"""Of the runs, from the widest band to the narrowest."""

ENDS = {0.05: "5 %", 0.2: "20 %", 0.5: "median", 0.8: "80 %", 0.95: "95 %"}
"""What is named at the right end: the median, and the borders of two bands."""

DASHES: tuple[tuple[float, tuple[float, ...]], ...] = ((0, ()), (0, (4, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))
"""What tells lines of one colour apart."""

PANELS = style.Panels(height=1.65, least=130.0, most=3)

Spread = Callable[[Sequence[float]], Floats]
"""The quantiles of some runs, from shares to shape (quantile, date)."""


def _quantiles(values: Floats, shares: Sequence[float]) -> Floats:
    return np.asarray(np.quantile(values, shares, axis=-1), np.float64)


def draw_bands(
    ax: Axes,
    dates: Dates,
    spread: Spread,
    runs: int,
    colour: str,
    *,
    shares: Sequence[float] = SHARES,
    is_outlined: bool = False,
    ends: Sequence[float] = tuple(ENDS),
    number: Callable[[float], str] = "{:.0f}".format,
    name: str = "",
) -> list[Label]:
    """Draws the median and bands around it, or a single run; the labels of their ends, or `name` at the median."""
    lowest, highest = [0.5 - share / 2 for share in shares], [0.5 + share / 2 for share in shares]
    found = spread([0.5, *lowest, *highest, *ends])  # all at once, for each is dear
    median, bands, heights = found[0], found[1 : 1 + 2 * len(shares)], found[1 + 2 * len(shares) :, -1].tolist()
    if runs > 1:
        for share, low, high in zip(shares, bands, bands[len(shares) :], strict=False):
            ax.fill_between(dates, low, high, color=colour, alpha=style.now().tint, linewidth=0)
            if is_outlined and share == max(shares):
                for edge in (low, high):
                    ax.plot(dates, edge, color=colour, linewidth=0.7, alpha=0.8)
    ax.plot(dates, median, color=colour, linewidth=1.6)
    if name or runs == 1:
        return [Label(float(median[-1]), f"{name or 'one run'}: {number(float(median[-1]))}", colour, is_bold=True)]
    return [
        Label(height, f"{ENDS[share]}: {number(height)}", colour, is_bold=share == 0.5)
        for share, height in zip(ends, heights, strict=True)
    ]


def explained(found: Results | Comparison, of: str = "bands hold 30, 60 and 90 %") -> str:
    """What is drawn `of` which runs."""
    count, first = (found.runs, found.first_run) if isinstance(found, Results) else (len(found.runs), found.runs.start)
    return f"run {first}, seed {found.seed}" if count == 1 else f"{of} of {count:,} runs, seed {found.seed}"


def over_time(ax: Axes, labels: Sequence[Label], *titles: str) -> Axes:
    """Ends a figure over dates, once all is drawn: titles above it, labels at the ends of lines."""
    style.time_axis(ax)
    finish(ax, labels, *titles)
    return ax


def _percent_axis(ax: Axes, guide: float | None = 50.0) -> None:
    ax.set_ylim(0.0, 100.0)
    ax.set_yticks([0, 25, 50, 75, 100])
    if guide is not None:
        ax.axhline(guide, color=style.now().grid, linewidth=0.7, zorder=0)


@style.figure(Results)
def fan(results: Results, ax: Axes | None = None) -> Axes:
    """Draws median, 30, 60 and 90 % bands of the index, the regimes and the scenario's dated events.

    >>> ts.plots.fan(results, ts.plots.blank()).get_ylabel()
    'cooperation index, 0-100'
    """
    ax = style.opened(ax, dates=results.dates, axis="cooperation index, 0-100", page=4.2, column=3.2)
    bounds = [0.0, *(min(bound, 100.0) for _, bound in REGIMES)]
    ax.set_ylim(0.0, 100.0)
    ax.set_yticks(bounds)
    if style.part_points(ax)[1] > 165.0:  # in a lower one the names would touch each other
        ax.set_yticks([(low + high) / 2 for low, high in itertools.pairwise(bounds)], REGIME_NAMES, minor=True)
    ax.tick_params(axis="y", which="minor", length=0, labelsize=style.SMALL, labelcolor=style.now().faint)
    for bound in bounds[1:-1]:
        ax.axhline(bound, color=style.now().grid, linewidth=0.7, zorder=0)
    labels = draw_bands(ax, results.dates, partial(results.quantiles, "index"), results.runs, style.now().fan)
    style.time_axis(ax)
    style.settle(ax)
    rows, unnamed = draw_flags(ax, flags_of(results), labels)
    events = "event is" if unnamed == 1 else "events are"
    more = f"{unnamed} more dated {events} marked without a name; " if unnamed else ""
    note = style.wrapped(more + explained(results), style.SMALL, style.width_points(ax))
    ax.set_xlabel(note, loc="right", fontsize=style.SMALL, color=style.now().faint)
    values = textwrap.shorten(settings(results.scenario.values), 240)
    finish(ax, labels, results.title, values, pad=8.0 + FLAG_HEIGHT * rows)
    return ax


@style.figure(Results)
def observed(results: Results, series: pd.Series[float] | None = None, ax: Axes | None = None) -> Axes:
    """Draws the fan and, over it, what was observed, named at its last point in view.

    series : by date, 0-100; by default the observed index of the scenario's history. Where nothing was after the start,
    it shows what led up to it, over as long a time as the runs go.

    >>> ax = ts.plots.observed(ts.run("trump2-petro-2025", runs=20, seed=7), ax=ts.plots.blank())
    >>> any(text.get_text().startswith("observed:") for text in ax.texts)
    True
    """
    if series is None:
        if history_of(results.scenario.file) is None:
            raise SelectionError(f"{results.scenario.name} names no history, so nothing was observed beside its runs")
        series = observed_index(scenario=results.scenario)["index"]
    style.check("observed", series, pd.Series)
    first, last = results.dates[0].astype("datetime64[ns]"), results.dates[-1].astype("datetime64[ns]")
    seen = series.loc[first:last].dropna()
    if seen.empty or seen.index[-1] <= first:
        seen = series.loc[first - (last - first) : first].dropna()
    if seen.empty:
        known = series.dropna().index
        span = f"goes from {known[0]:%Y-%m-%d} to {known[-1]:%Y-%m-%d}" if len(known) else "is empty"
        raise SelectionError(
            f"nothing was observed while these results run, from {results.dates[0]} to {results.dates[-1]}, or as long "
            f"before; the series {span}"
        )
    ax = fan(results, ax)
    ax.set_xlim(min(ax.get_xlim()[0], date2num(seen.index[0])))
    at, value, colour = seen.index[-1], seen.iloc[-1], style.now().observed
    ax.plot(seen.index, seen.to_numpy(), color=style.now().ground, linewidth=3.2, zorder=4)
    dot = "o" if len(seen) == 1 else ""
    ax.plot(seen.index, seen.to_numpy(), dot, color=colour, linewidth=1.6, markersize=4, zorder=5)
    row = np.searchsorted(results.dates, at.to_datetime64(), side="right") - 1
    is_low = value < results.index["median"].iloc[max(row, 0)]
    start, end = ax.get_xlim()
    is_late = (date2num(at) - start) / (end - start) > 0.8
    shift = (-4 if is_late else 4, -6 if is_low else 6)
    more: dict[str, Any] = {"ha": "right" if is_late else "left", "va": "top" if is_low else "bottom", "fontsize": 8}
    more |= {"fontweight": "bold", "bbox": style.ground(0.8), "zorder": 6}
    style.put(ax, f"observed: {value:.0f}", (at, value), shift, colour, **more)
    return ax


@style.figure(Results)
def issue(results: Results, name: str, ax: Axes | None = None) -> Axes:
    """Draws median, 30, 60 and 90 % bands of the cooperation on one issue.

    >>> ts.plots.issue(results, "water", ts.plots.blank()).get_ylabel()
    'cooperation, 0-100'
    """
    row = results.names.issues.index(one_of("issue", name, results.names.issues, SelectionError))
    ax = style.opened(ax, dates=results.dates, axis="cooperation, 0-100")
    labels = _draw_issue(results, row, ax, tuple(ENDS))
    note = f"{_weight(results, row)}; {explained(results)}"
    return over_time(ax, labels, f"{style.words(name)}: {results.title}", note)


def _draw_issue(results: Results, row: int, ax: Axes, ends: Sequence[float]) -> list[Label]:
    _percent_axis(ax)
    spread, palette = partial(results.quantiles, "issues", row=row), style.now().palette
    return draw_bands(ax, results.dates, spread, results.runs, palette[row % len(palette)], ends=ends)


def _weight(results: Results, row: int) -> str:
    return f"{100 * results.record.weights[-1, row].mean():.0f} % of the index"


@style.figure(Results)
def issues(results: Results, ax: Axes | None = None) -> Axes:
    """Draws a panel an issue, with median and bands; they are further axes of the figure of `ax`, which is emptied.

    >>> ax = ts.plots.issues(results, ts.plots.blank())
    >>> len(ax.get_figure().axes[1:])
    2
    """
    count = len(results.names.issues)
    ax = style.opened(ax, dates=results.dates, height=partial(PANELS.page, count))
    panels = _fill(results, ax)
    style.head(ax, results.title, explained(results))
    for one in panels:
        style.settle(one)
    return ax


def _fill(results: Results, ax: Axes) -> list[Axes]:
    """Draws a panel an issue in the place of an axes."""

    def draw(row: int, panel: Axes) -> None:
        panel.set_xlim(results.dates[0], results.dates[-1])
        labels = _draw_issue(results, row, panel, (0.5,))
        style.time_axis(panel, 6)
        at_ends(panel, labels)

    titles = [f"{style.words(name)}: {_weight(results, row)}" for row, name in enumerate(results.names.issues)]
    return PANELS.fill(ax, titles, [partial(draw, row) for row in range(len(titles))], upwards="cooperation, 0-100")


@style.figure(Results)
def overview(results: Results) -> Figure:
    """A figure with the fan of the index and a panel for each issue below.

    >>> len(ts.plots.overview(results).axes) > 3
    True
    """
    upper = 4.6 + 0.1 * min(len(flags_of(results)), MOST_FLAGS)
    lower = PANELS.page(len(results.names.issues), 9.0 * style.POINTS_PER_INCH) - 0.5
    return style.stacked([(partial(fan, results), upper), (partial(_fill, results), lower)], 9.0)


def save_overview(results: Results, folder: Path) -> None:
    """Writes the overview, or of an index alone the fan, as overview.png and .svg; the same results, the same bytes."""
    with style.theme("light"):
        drawn = fan(results, style.blank(height=4.2)) if results.keep == "index" else overview(results)
        style.save_in(folder, {"overview": drawn})


@style.figure(Results)
def regimes(results: Results, ax: Axes | None = None) -> Axes:
    """Draws the share of the runs in each regime as a ribbon, rupture at the bottom.

    >>> ts.plots.regimes(results, ts.plots.blank()).get_ylabel()
    'share of the runs, %'
    """
    ax = style.opened(ax, dates=results.dates, axis="share of the runs, %")
    _percent_axis(ax, guide=None)
    shares, labels = 100.0 * results.regimes.to_numpy(), list[Label]()
    tops = np.cumsum(shares, axis=1)
    edge: dict[str, Any] = {"edgecolor": style.now().ground, "linewidth": 0.5}
    for row, name in enumerate(REGIME_NAMES):
        low, end = tops[:, row] - shares[:, row], shares[-1, row]
        ax.fill_between(results.dates, low, tops[:, row], color=style.now().regimes[row], **edge)
        if shares[:, row].max() >= 0.5:
            text = f"{name}: {end:.{1 if 0.0 < end < 1.0 else 0}f} %"
            labels.append(Label(float(low[-1] + end / 2), text, style.now().ink))
    note = explained(results, "shares")
    return over_time(ax, labels, f"Regimes: {results.title}", note)


@style.figure(Results)
def direction(results: Results, ax: Axes | None = None) -> Axes:
    """Draws the tension that each government's own conduct makes, median and 30, 60 and 90 % bands; high is harsh.

    >>> ts.plots.direction(results, ts.plots.blank()).get_ylabel()
    'tension of own conduct, 0-100'
    """
    names, tension = directed_tension(results)
    told = [style.direction_words(results, name) for name in names]
    ax, labels = style.opened(ax, dates=results.dates, axis="tension of own conduct, 0-100"), list[Label]()
    _percent_axis(ax)
    for row, name in enumerate(told):
        spread, colour = partial(results.quantiles, "tension_by_direction", row=row), style.now().palette[row]
        labels += draw_bands(ax, results.dates, spread, results.runs, colour, is_outlined=True, name=name)
    note = explained(results)
    if results.runs > 1:
        share = 100 * (tension[-1, 0] > tension[-1, 1]).mean()
        note += f"; at the end {told[0]} is the harsher in {share:.0f} %"
    return over_time(ax, labels, f"Who is harsher: {results.title}", note)


@style.figure(Comparison)
def outlooks(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Draws the median index of the outlooks of a comparison, the baseline first.

    Two get their bands; of more, a bar at the right end of each holds 90 % of its runs.

    >>> ax = ts.plots.outlooks(comparison, ts.plots.blank())
    >>> [text.get_text().split(":")[0] for text in ax.texts if ":" in text.get_text()]
    ['as it is', 'calm']
    """
    found = comparison
    names, runs = [found.baseline, *found.names], len(found.runs)
    ax = style.opened(ax, dates=found.dates, axis="cooperation index, 0-100")
    shares, labels, (first, last) = SHARES if len(names) <= 2 else (), list[Label](), ax.get_xlim()
    colours = [style.now().ink, *itertools.islice(itertools.cycle(style.now().palette[:-1]), len(names) - 1)]
    for place, (name, colour) in enumerate(zip(names, style.now().palette if shares else colours, strict=False)):
        spread = partial(_quantiles, found.index_of(name))
        (label,) = draw_bands(ax, found.dates, spread, runs, colour, shares=shares, is_outlined=True, name=name)
        dashes = DASHES[max(place - 1, 0) // 5 % len(DASHES)]
        ax.lines[-1].set(linestyle=dashes, linewidth=1.5 if place else 2.2)
        labels.append(label._replace(is_bold=not place))
        if not shares and runs > 1:
            at, ends = 0.016 * (last - first), np.quantile(found.index_of(name)[-1], [0.05, 0.95])
            ax.plot([last + (place + 1) * at] * 2, ends, color=colour, linewidth=2.0, solid_capstyle="butt")
            ax.set_xlim(first, last + (place + 2) * at)
    low, high = ax.dataLim.intervaly
    room = max(0.06 * (high - low), 2.0)
    ax.set_ylim(max(0.0, low - room), min(100.0, high + room))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10], integer=True))
    others = found.names[0] if len(names) == 2 else f"{len(names) - 1} outlooks"
    of = "medians of the index; bands hold 30, 60 and 90 %" if shares else "medians and, as bars, 90 %"
    note = explained(found, of)
    note += "; the axis is cut to what is drawn"
    over_time(ax, labels, f"Index of {others} beside {found.baseline}", note)
    name_regimes(ax)
    return ax


@style.figure(Comparison)
def difference(comparison: Comparison, name: str | None = None, ax: Axes | None = None) -> Axes:
    """Draws the index of an outlook less that of the baseline, run by run, with bands and the date of parting.

    Light bands: what luck leaves open. The narrow one around the dashed mean: what so many runs leave open, at all
    dates at once. The name may be left out where there is one outlook beside the baseline.

    >>> ts.plots.difference(comparison, "calm", ts.plots.blank()).get_title(loc="left")
    'calm less as it is, run by run'
    """
    found = comparison
    if name is None and len(found.names) > 1:
        raise SelectionError(f"which outlook less {found.baseline}? Name one of {', '.join(found.names)}")
    chosen = found.names[0] if name is None else one_of("outlook", name, found.names, SelectionError)
    paired, dates, runs = found.paired(chosen), found.dates, len(found.runs)
    ax = style.opened(ax, dates=dates, axis="difference, points of the index")
    low, high = np.quantile(paired, [0.05, 0.95], axis=-1)
    bottom, top = min(float(low.min()), -1.0), max(float(high.max()), 1.0)
    room = 0.07 * (top - bottom)
    ax.set_ylim(bottom - room, top + 2.0 * room)
    ax.yaxis.set_major_formatter(style.signed_tick)
    ax.axhline(0.0, color=style.now().faint, linewidth=0.8)
    labels = draw_bands(ax, dates, partial(_quantiles, paired), runs, style.now().fan, number=style.signed)
    if runs > 1:
        band = found.band(chosen)
        if np.isfinite(band.low).all():
            ax.fill_between(dates, band.low, band.high, color=style.now().observed, alpha=0.35, linewidth=0)
        ax.plot(dates, band.mean, color=style.now().observed, linewidth=1.2, linestyle=(0, (3, 1.5)))
        end = float(band.mean[-1])
        labels.append(Label(end, f"mean: {style.signed(end)}", style.now().observed, is_bold=True))
    row = found.parting_of(chosen).apart_to_end
    if row is not None:
        is_late = (dates[row] - dates[0]) > (dates[-1] - dates[0]) * 0.5
        more: dict[str, Any] = {"xycoords": ax.get_xaxis_transform(), "ha": "right" if is_late else "left"}
        ax.axvline(dates[row], color=style.now().ink, linewidth=0.8, linestyle=":")
        at, shift = (dates[row], 1.0), (-4 if is_late else 4, -3)
        style.put(ax, f"apart from {dates[row]} on", at, shift, style.now().ink, va="top", **more)
    note = explained(found)
    if runs > 1:
        note += f"; {100 * (paired[-1] > 0).mean():.0f} % end above 0; dashed: the mean and its 95 % band"
    return over_time(ax, labels, f"{chosen} less {found.baseline}, run by run", note)


def save_comparison(comparison: Comparison, folder: Path) -> None:
    """Writes outlooks and difference-NAME, each as PNG and SVG; the same comparison gives the same bytes."""
    stems = ["difference-" + re.sub(r"[^\w.-]+", "-", name) for name in comparison.names]
    stems = [stem if stems.count(stem) == 1 else f"{stem}-{place + 1}" for place, stem in enumerate(stems)]
    with style.theme("light"):
        figures = {"outlooks": outlooks(comparison, style.blank())}
        for name, stem in zip(comparison.names, stems, strict=True):
            figures[stem] = difference(comparison, name, style.blank())
    style.save_in(folder, figures)
