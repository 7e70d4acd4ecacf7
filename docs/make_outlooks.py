"""The figure and the table of eras.md that set the outlooks side by side. Run it where results have changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.dates import date2num
from matplotlib.figure import Figure

import passages
from make_eras import AFTER, FIGURES, PAGE, results_of, save
from tensionsim.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BASELINE = AFTER
OUTLOOKS = (
    "middle-ground",
    "managed",
    "right-turn",
    BASELINE,
    "summit",
    "china-tilt",
    "left-stays",
    "rhetoric",
    "venezuela-crisis",
    "tariff-war",
)
MADE_FROM = OUTLOOKS
GAP_POINTS = 9.5
"""Between the names at the end of the lines."""


def main() -> None:
    """Draws the figure and writes the table into the page."""
    save(draw(), FIGURES / "outlooks.svg")
    passages.write(PAGE, made(), passages.fingerprint(__file__, MADE_FROM))


def made() -> dict[str, str]:
    """The table by name."""
    return {"outlooks": outlook_table()}


def last_common_row() -> int:
    """The last row that all outlooks have."""
    return min(len(results_of(name).dates) for name in OUTLOOKS) - 1


def outlook_table() -> str:
    """The outlooks on their last common day, beside the baseline run by run."""
    row = last_common_row()
    date = results_of(BASELINE).dates[row]
    columns = ["outlook", f"median on {date}", "9 runs in 10", f"less {BASELINE}, mean", f"runs above {BASELINE}"]
    columns += ["lasting crisis", "ever in rupture"]
    return passages.table(columns, (outlook_row(name, row) for name in OUTLOOKS))


def outlook_row(name: str, row: int) -> Sequence[object]:
    """One outlook's row."""
    results, paths = results_of(name), results_of(name).paths.iloc[row]
    apart = paths - results_of(BASELINE).paths.iloc[row]
    error = apart.std() / np.sqrt(results.runs)
    found = dict(zip(results.names.events, results.record.events[: row + 1].any(axis=0).mean(axis=-1), strict=True))
    is_other = name != BASELINE
    return [
        f"`{name}`: {results.title}",
        f"{paths.median():.0f}",
        f"{paths.quantile(0.05):.0f} to {paths.quantile(0.95):.0f}",
        f"{apart.mean():+.1f} ± {error:.1f}" if is_other else "",
        f"{100 * (apart > 0).mean():.0f} %" if is_other else "",
        f"{100 * found['lasting crisis']:.0f} %",
        f"{100 * found['rupture']:.0f} %",
    ]


def draw() -> Figure:
    """The median index of every outlook."""
    row = last_common_row()
    medians = {name: results_of(name).index["median"].iloc[: row + 1] for name in OUTLOOKS}
    with style.light():
        figure = Figure(figsize=(9.0, 4.4), layout="constrained")
        ax = figure.subplots()
        style.dress(ax)
        for place, (name, series) in enumerate(medians.items()):
            width, dashes = (2.6, "-") if name == BASELINE else (1.4, "-" if place < len(OUTLOOKS) / 2 else "--")
            ax.plot(series.index, series, color=colour_of(place, name), linewidth=width, linestyle=dashes)
        ax.set_xlim(medians[BASELINE].index[0], medians[BASELINE].index[-1])
        ax.set_ylabel("cooperation index, median of the runs")
        mark_changes(ax)
        style.time_axis(ax)
        name_ends(ax, {name: float(series.iloc[-1]) for name, series in medians.items()})
    return figure


def colour_of(place: int, name: str) -> str:
    """The colour of an outlook's line and name."""
    return style.INK if name == BASELINE else style.PALETTE[place % 5]


def mark_changes(ax: Axes) -> None:
    """Marks the dates of the baseline's changes."""
    for change in results_of(BASELINE).scenario.file.changes:
        day = date2num(change.date)
        ax.axvline(day, color=style.FAINT, linewidth=0.7, linestyle=":")
        foot = {"xy": (day, 1.0), "xycoords": ax.get_xaxis_transform(), "xytext": (-3, 2)}
        ax.annotate(change.label, textcoords="offset points", ha="right", fontsize=7.5, **foot)


def name_ends(ax: Axes, ends: dict[str, float]) -> None:
    """Names each line at its right end, apart from the others."""
    low, high = ax.get_ylim()
    names = sorted(ends, key=lambda name: ends[name])
    gap = GAP_POINTS * (high - low) / style.height_points(ax)
    for name, height in zip(names, style.spread([ends[name] for name in names], gap), strict=True):
        where = {"xy": (1.0, height), "xycoords": ax.get_yaxis_transform(), "xytext": (4, 0)}
        colour = colour_of(OUTLOOKS.index(name), name)
        weight = "bold" if name == BASELINE else "normal"
        text = f"{name}: {ends[name]:.0f}"
        ax.annotate(text, textcoords="offset points", va="center", fontsize=8, color=colour, fontweight=weight, **where)


if __name__ == "__main__":
    main()
