"""Every figure of the table with a subject, and what tests measure: texts, their places, whether they overlap."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
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
    return ts.backtest("us-colombia-2017", origins="2018-01-01:2020-03-31:3", horizons=[1, 3, 6], runs=40, refit=None)


@cache
def discovery() -> ts.Discovery:
    over = {"actors.norland.stances.fisheries": "0:1", "actors.suderia.attention": "0.1:0.7"}
    return ts.discover(SCENARIO, of="fisheries", below=55, over=over, runs=400, confirm=200)


@cache
def advice() -> ts.Advice:
    own = "actors.suderia"
    text = f"""
principal: suderia
aims: {{keep_out_of: crisis}}
strategies:
  agree: {{set: {{{own}.stances: {{fisheries: 0.9, water: 0.8}}}}}}
  quiet: {{set: {{{own}.rhetoric: 0.0}}}}
  fight: {{set: {{{own}.stances: {{fisheries: 0.0, water: 0.0}}}}}}
"""
    return ts.advise(SCENARIO, text, futures=20, replicates=4)


@cache
def sensed() -> ts.Sensitivity:
    over = {"actors.norland.rhetoric": "0:1", "actors.suderia.insulation": "0:1", "actors.*.confrontation": "0.5:2"}
    return ts.sensitivity(SCENARIO, over, size=64, replicates=2)


@cache
def warning() -> ts.EarlyWarning:
    return ts.early_warning(ts.run(SCENARIO, runs=600, seed=7), "strained", months=(2, 4, 6))


@cache
def settlement() -> ts.Settlement:
    rows = {"position": [4, 7, 4, 4, 10, 10, 10], "salience": [80, 40, 20, 80, 60, 60, 90]}
    names = ["Netherlands", "Belgium", "Luxembourg", "Germany", "France", "Italy", "UK"]
    return ts.settle(pd.DataFrame({"stakeholder": names, **rows, "capability": [8, 8, 3, 16, 16, 16, 16]}))


SUBJECTS: dict[str, Callable[[int], object]] = {
    "Results": results,
    "Comparison": comparison,
    "Effects": lambda _: effects(),
    "Fit": lambda _: fit(),
    "Backtest": lambda _: backtest(),
    "Discovery": lambda _: discovery(),
    "Advice": lambda _: advice(),
    "Sensitivity": lambda _: sensed(),
    "EarlyWarning": lambda _: warning(),
    "Settlement": lambda _: settlement(),
}
NAMES = [name for name, figure in plots.FIGURES.items() if not figure.is_page]
"""Figures that are drawn on an axes."""


def subject(name: str, runs: int = 30) -> object:
    return SUBJECTS[plots.FIGURES[name].takes](runs)


def more(name: str) -> dict[str, object]:
    """What a figure must be told besides its subject."""
    if name == "observed":
        return {"series": pd.Series(45.0, pd.date_range("2029-06-03", periods=80, freq="W"))}
    return {"issue": {"name": "water"}, "mechanisms": {"actor": "suderia"}}.get(name, {})


def draw(name: str, ax: Axes | None, runs: int = 30) -> Axes:
    return getattr(plots, name)(subject(name, runs), ax=ax, **more(name))


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
    boxes = [
        (text.get_text(), mpl.text.Text.get_window_extent(text)) for text in found
    ]  # without lines that lead there
    return [(text, box) for text, box in boxes if box.width > 0]


def _undrawn(ax: Axes) -> Iterator[mpl.text.Text]:
    """Labels of ticks out of view, which matplotlib keeps and does not draw."""
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not (ax.axison and low <= tick.get_loc() <= high):
                yield from (tick.label1, tick.label2)


def words(ax: Axes) -> str:
    return " ".join(text for text, _ in texts(figure_of(ax)))


def areas(ax: Axes) -> list[np.ndarray]:
    """Corners of the filled areas of an axes."""
    return [area.get_paths()[0].vertices for area in ax.collections]


def check_readable(figure: Figure) -> None:
    written = texts(figure)
    assert cut(figure, written) == []
    assert list(overlaps(figure, written=written)) == []


def cut(figure: Figure, written: list[tuple[str, Any]] | None = None) -> list[str]:
    """Texts that the figure's edge cuts; written : of `texts`, so that it need not be drawn again."""
    whole = figure.bbox
    return [
        text
        for text, box in written or texts(figure)
        if box.x0 < whole.x0 or box.x1 > whole.x1 or box.y0 < whole.y0 or box.y1 > whole.y1
    ]


def overlaps(
    figure: Figure, shared: float = SHARED, written: list[tuple[str, Any]] | None = None
) -> Iterator[tuple[str, str]]:
    """Pairs of texts that cover each other."""
    places = [(text, *box.extents.tolist()) for text, box in written or texts(figure)]
    for (one, left, low, right, high), (two, *other) in itertools.combinations(places, 2):
        width, height = min(right, other[2]) - max(left, other[0]), min(high, other[3]) - max(low, other[1])
        smaller = min((right - left) * (high - low), (other[2] - other[0]) * (other[3] - other[1]))
        if width > 0 and height > 0 and width * height > shared * smaller:
            yield one, two
