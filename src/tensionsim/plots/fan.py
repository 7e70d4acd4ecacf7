"""The fan: median and quantiles of the cooperation index over time, with the scenario's events marked."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tensionsim.measures import REGIMES
from tensionsim.plots import flags, style
from tensionsim.results import statistics, wording

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.record import Floats
    from tensionsim.results import Results

BANDS = (("q05", "q95", 0.18), ("q25", "q75", 0.30))
TOP = 100.0
LONGEST_SETTINGS = 240
"""Letters of the values that were set; what is longer is cut."""
END_LABELS = {"q05": "5 %", "q25": "25 %", "median": "median", "q75": "75 %", "q95": "95 %"}


def fan(results: Results, ax: Axes | None = None) -> Axes:
    """Draws median, 50 % and 90 % bands of the index, the regimes and the scenario's dated events.

    Makes a figure of its own where `ax` is None.
    """
    with style.light():
        ax = ax if ax is not None else _new_axes()
        ax.set_xlim(results.dates[0], results.dates[-1])
        style.dress(ax)
        _regimes(ax)
        lines = lines_of(results)
        bands(ax, results, lines, style.FAN)
        label_ends(ax, results, lines, style.FAN)
        style.time_axis(ax)
        flagged = flags.of_scenario(results)
        ax.set_xlabel(_origin(results, len(flagged)), loc="right", fontsize=7.5, color=style.FAINT)
        rows = flags.draw(ax, flagged)
        ax.set_title(_title(results, style.width_points(ax)), pad=8 + flags.HEIGHT_POINTS * rows)
    return ax


def lines_of(results: Results, issue: str | None = None) -> dict[str, Floats]:
    """Mean and quantiles of the index at every date, or of the cooperation on an issue, by statistic."""
    if not results.is_exact:
        table = results.index if issue is None else results.issues[issue]
        return {name: table[name].to_numpy() for name in statistics.STATISTICS}
    record = results.record
    values = record.cooperation if issue is None else record.issue_cooperation[:, results.names.issues.index(issue)]
    return dict(zip(statistics.STATISTICS, statistics.over_runs(values).T, strict=True))


def bands(ax: Axes, results: Results, lines: Mapping[str, Floats], colour: str) -> None:
    """Draws the median and the bands of `lines`; a single run is drawn as the line it is."""
    for low, high, alpha in BANDS if results.runs > 1 else ():
        ax.fill_between(results.dates, lines[low], lines[high], color=colour, alpha=alpha, linewidth=0)
    ax.plot(results.dates, lines["median"], color=colour, linewidth=1.8)


def label_ends(
    ax: Axes, results: Results, lines: Mapping[str, Floats], colour: str, *, only: Sequence[str] = tuple(END_LABELS)
) -> None:
    """Names the median and the quantiles at the right end of a fan, apart from each other."""
    size, several = 7.5, results.runs > 1
    ends = {name: float(line[-1]) for name, line in lines.items()}
    shown = only if several else ("median",)
    texts = {name: text for name, text in END_LABELS.items() if name in shown}
    gap = (size + 2.0) * (ax.get_ylim()[1] - ax.get_ylim()[0]) / style.height_points(ax)
    for (name, text), y in zip(texts.items(), style.spread([ends[name] for name in texts], gap), strict=True):
        label = f"{text if several else 'one run'}: {ends[name]:.0f}"
        weight = "bold" if name == "median" else "normal"
        where: dict[str, Any] = {
            "xy": (1.0, y),
            "xycoords": ax.get_yaxis_transform(),
            "xytext": (4, 0),
            "textcoords": "offset points",
        }
        ax.annotate(label, va="center", fontsize=size, color=colour, fontweight=weight, annotation_clip=False, **where)


def _regimes(ax: Axes) -> None:
    """Puts the regimes' bounds on the y axis, with their names between them."""
    bounds = [0.0, *(min(bound, TOP) for _, bound in REGIMES)]
    ax.set_ylim(0.0, TOP)
    ax.set_ylabel("cooperation index, 0-100")
    ax.set_yticks(bounds)
    middles = [(low + high) / 2 for low, high in itertools.pairwise(bounds)]
    ax.set_yticks(middles, [name for name, _ in REGIMES], minor=True)
    ax.tick_params(axis="y", which="minor", length=0, labelsize=7.5, labelcolor=style.FAINT)
    for bound in bounds[1:-1]:
        ax.axhline(bound, color=style.GRID, linewidth=0.7, zorder=0)


def _title(results: Results, width: float) -> str:
    """The title, and below it the values that were set."""
    lines = [results.title, textwrap.shorten(wording.settings(results.scenario.values), LONGEST_SETTINGS)]
    return "\n".join(style.wrapped(line, 10, width) for line in lines if line)


def _origin(results: Results, flagged: int) -> str:
    runs = f"bands hold 50 % and 90 % of {results.runs:,} runs" if results.runs > 1 else f"run {results.first_run}"
    unnamed = flagged - flags.MOST_NAMED
    more = f"{unnamed} more dated events are marked without a name; " if unnamed > 0 else ""
    return f"{more}{runs}, seed {results.seed}"


def _new_axes() -> Axes:
    from matplotlib import pyplot as plt

    return plt.subplots(figsize=(9.0, 4.8), layout="constrained")[1]
