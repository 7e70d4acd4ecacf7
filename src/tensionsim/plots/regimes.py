"""The regimes: which share of the runs is in each, over time."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.model.measures import REGIMES, regime_of
from tensionsim.plots import bands, style, subjects, themes
from tensionsim.plots.labels import Label, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.runs.results import Results


PERCENT = 100.0
LEAST_SHARE = 0.5
"""Per cent of the runs that a regime must reach on some date to be named."""


def regimes(results: Results, ax: Axes | None = None) -> Axes:
    """Draws the share of the runs in each regime as a ribbon, rupture at the bottom; of one run its spells in each.

    Parameters
    ----------
    results
        Of any number of runs.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    The axes: dates by per cent of the runs, 0-100.

    Raises
    ------
    SelectionError
        If the results have one date only.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> ts.plots.regimes(r, ts.plots.blank()).get_ylabel()
    'share of the runs, %'
    """
    subjects.check_results("regimes", results)
    shares = PERCENT * results.regimes.to_numpy()
    tops = np.cumsum(shares, axis=1)
    with themes.drawing() as theme:
        ax = style.over_time(results, ax)
        ax.set_ylim(0.0, PERCENT)
        ax.set_yticks([0, 25, 50, 75, 100])
        ax.set_ylabel("share of the runs, %", fontsize=9)
        labels = []
        for row, (name, _) in enumerate(REGIMES):
            low = tops[:, row] - shares[:, row]
            edge: dict[str, Any] = {"edgecolor": theme.ground, "linewidth": 0.5}
            edge |= {"step": "post" if results.runs == 1 else None}
            ax.fill_between(results.dates, low, tops[:, row], color=theme.regimes[row], **edge)
            if shares[:, row].max() >= LEAST_SHARE:
                labels.append(Label(float(low[-1] + shares[-1, row] / 2), _text(name, shares[:, row]), theme.ink))
        style.time_axis(ax)
        if results.runs == 1:
            _of_one_run(results, ax)
        runs = bands.explained(results.runs, results.first_run, results.seed, shares=())
        finish(
            ax, labels if results.runs > 1 else [], f"Regimes: {results.title}", runs.replace("medians of", "shares of")
        )
    return ax


def _text(name: str, shares: np.ndarray) -> str:
    end = shares[-1]
    return f"{name}: {end:.1f} %" if 0.0 < end < 1.0 else f"{name}: {end:.0f} %"


def _of_one_run(results: Results, ax: Axes) -> None:
    """Names the regime of every spell that has room for its name, upright where it is short."""
    ax.set_yticks([])
    ax.set_ylabel("regime of the run", fontsize=9)
    style.settle(ax)
    rows = regime_of(results.record.cooperation[:, 0])
    starts = [0, *(np.flatnonzero(np.diff(rows)) + 1).tolist(), len(rows) - 1]
    width, span = style.width_points(ax), results.dates[-1] - results.dates[0]
    for first, after in itertools.pairwise(starts):
        name, colour = REGIMES[rows[first]][0], themes.now().regimes[rows[first]]
        room = width * float((results.dates[after] - results.dates[first]) / span)
        is_flat = room > style.text_width(name, style.SMALL) + 4.0
        if is_flat or room > style.SMALL * style.LINE:
            middle = results.dates[first] + (results.dates[after] - results.dates[first]) / 2
            more: dict[str, Any] = {
                "rotation": 0 if is_flat else 90,
                "color": themes.readable_on(colour),
                "fontsize": style.SMALL,
            }
            ax.text(middle, PERCENT / 2, name, ha="center", va="center", **more)
