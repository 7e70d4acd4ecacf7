"""Every figure of one axes, by name, and what its tests measure: texts, their places, whether they overlap."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import tensionsim as ts
from tensionsim import plots
from tensionsim.runs.results import Results

SCENARIO = "norland-suderia"
SHARED = 0.03
"""Share of the smaller of two texts' boxes, which are a little larger than the letters, that both may cover."""


@cache
def results(runs: int = 30, outlook: str | None = None) -> Results:
    return ts.run(ts.load(SCENARIO, outlook=outlook), runs=runs, seed=7)


@cache
def comparison(runs: int = 30) -> ts.Comparison:
    return ts.compare(results(runs), results(runs, "calm"), names=["as it is", "calm"])


@cache
def effects() -> ts.Effects:
    return ts.effects(SCENARIO, elements=["schedule", "rule", "check"], runs=20)


@cache
def fit() -> ts.Fit:
    return ts.fit("trump2-petro-2025", until="2025-04-30", fix=["shapes"])


@cache
def backtest() -> ts.Backtest:
    return ts.backtest("us-colombia-2017", origins="2020-01-01:2024-06-30:3", horizons=[1, 3, 6], runs=40, refit=None)


def observed_series() -> pd.Series:
    return pd.Series(45.0, pd.date_range("2029-06-03", periods=80, freq="W"))


Draw = Callable[[int, Axes | None], Axes]

FIGURES: dict[str, Draw] = {
    "fan": lambda runs, ax: plots.fan(results(runs), ax),
    "observed": lambda runs, ax: plots.observed(results(runs), observed_series(), ax),
    "outlooks": lambda runs, ax: plots.outlooks(comparison(runs), ax),
    "difference": lambda runs, ax: plots.difference(comparison(runs), None, ax),
    "issue": lambda runs, ax: plots.issue(results(runs), "water", ax),
    "issues": lambda runs, ax: plots.issues(results(runs), ax),
    "direction": lambda runs, ax: plots.direction(results(runs), ax),
    "ledger": lambda runs, ax: plots.ledger(results(runs), ax),
    "mechanisms": lambda runs, ax: plots.mechanisms(results(runs), "suderia", ax),
    "regimes": lambda runs, ax: plots.regimes(results(runs), ax),
    "waterfall": lambda runs, ax: plots.waterfall(effects(), ax),
    "timeline": lambda runs, ax: plots.timeline(results(runs), ax),
    "phase": lambda runs, ax: plots.phase(results(runs), ax),
    "support": lambda runs, ax: plots.support(fit(), ax),
    "estimates": lambda runs, ax: plots.estimates(fit(), ax),
    "forecasts": lambda runs, ax: plots.forecasts(backtest(), ax),
    "skill": lambda runs, ax: plots.skill(backtest(), ax),
    "calibration": lambda runs, ax: plots.calibration(backtest(), ax),
    "reliability": lambda runs, ax: plots.reliability(backtest(), ax),
}


def figure_of(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def texts(figure: Figure) -> list[tuple[str, Any]]:
    """Text and place of everything written in a figure, in pixels."""
    figure.draw_without_rendering()
    unseen = {id(label) for ax in figure.axes for label in _undrawn(ax)}
    found = [text for text in figure.findobj(mpl.text.Text) if text.get_text().strip() and text.get_visible()]
    found = [text for text in found if id(text) not in unseen]
    return [(text.get_text(), text.get_window_extent()) for text in found if text.get_window_extent().width > 0]


def _undrawn(ax: Axes) -> Iterator[mpl.text.Text]:
    """Labels of ticks out of view, which matplotlib keeps and does not draw."""
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not (ax.axison and low <= tick.get_loc() <= high):
                yield from (tick.label1, tick.label2)


def cut(figure: Figure) -> list[str]:
    """Texts that the figure's edge cuts."""
    whole = figure.bbox
    return [
        text
        for text, box in texts(figure)
        if box.x0 < whole.x0 or box.x1 > whole.x1 or box.y0 < whole.y0 or box.y1 > whole.y1
    ]


def overlaps(figure: Figure) -> Iterator[tuple[str, str]]:
    """Pairs of texts that cover each other."""
    for (one, a), (two, b) in itertools.combinations(texts(figure), 2):
        width, height = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        smaller = min(a.width * a.height, b.width * b.height)
        if width > 0 and height > 0 and width * height > SHARED * smaller:
            yield one, two
