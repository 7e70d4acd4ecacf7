"""The figure and the table of eras.md that set the outlooks side by side. Run it where results have changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.dates import date2num

import passages
import pictures
from make_eras import AFTER, PAGE, results_of
from tensionsim import plots
from tensionsim.analysis.compare import compare
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


def main() -> None:
    """Draws the figure and writes the table into the page."""
    pictures.keep(draw(), "outlooks")
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


def draw() -> Axes:
    """The median index of every outlook, and the dates of the baseline's changes."""
    names = [BASELINE, *(name for name in OUTLOOKS if name != BASELINE)]
    found = compare(*(results_of(name) for name in names), names=names, overlap=True)
    ax = plots.outlooks(found, plots.blank(9.0, 4.4))
    for change in results_of(BASELINE).scenario.file.changes:
        ax.axvline(date2num(change.date), color=style.LIGHT.faint, linewidth=0.7, linestyle=":")
        foot = (date2num(change.date), 1.0)
        style.put(ax, change.label, foot, (-3, -9), style.LIGHT.ink, ha="right", xycoords=ax.get_xaxis_transform())
    return ax


if __name__ == "__main__":
    main()
