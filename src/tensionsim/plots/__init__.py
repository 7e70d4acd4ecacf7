"""Figures: one function each, which takes results (or a fit, or a backtest) and an Axes and returns the Axes.

`FIGURES` is the one table of them: the functions of this module, the kinds of `tensionsim plot` with their options and
their help, the gallery and the tests are all made from it. A new figure is its function and a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from tensionsim.plots.history import backtest_overview as backtest_overview, fit_overview as fit_overview
    from tensionsim.plots.outcomes import (
        overview as overview,
        save_comparison as save_comparison,
        save_overview as save_overview,
    )
    from tensionsim.plots.style import blank as blank, save as save, theme as theme


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table: the function's module, the type of its subject, words for the command, its own options."""

    module: str
    takes: str
    words: str
    options: Mapping[str, str] = field(default_factory=dict)
    is_page: bool = False


_BANDS, _SEVERAL = "median and 30, 60, 90 % bands", "of several; the first is the baseline"

FIGURES: Mapping[str, Figure] = {
    "fan": Figure("outcomes", "Results", _BANDS),
    "issues": Figure("outcomes", "Results", _BANDS),
    "issue": Figure("outcomes", "Results", _BANDS, {"issue": "name"}),
    "observed": Figure("outcomes", "Results", "the fan, and what was observed"),
    "overview": Figure("outcomes", "Results", "the fan and the issues on a page", is_page=True),
    "regimes": Figure("outcomes", "Results", "share of the runs in each regime"),
    "direction": Figure("outcomes", "Results", "who is harsher"),
    "ledger": Figure("causes", "Results", "what makes the index", {"run": "run", "by": "by"}),
    "mechanisms": Figure("causes", "Results", "what turns a government", {"run": "run", "actor": "actor"}),
    "phase": Figure("causes", "Results", "conduct against conduct", {"run": "run"}),
    "timeline": Figure("causes", "Results", "one run, move by move", {"run": "run", "actor": "actors"}),
    "outlooks": Figure("outcomes", "Comparison", _SEVERAL),
    "difference": Figure("outcomes", "Comparison", _SEVERAL, {"name": "name"}),
    "waterfall": Figure("causes", "Effects", "what each element does; of two: what makes them differ"),
    "support": Figure("history", "Fit", "what a history says for each mechanism"),
    "estimates": Figure("history", "Fit", "what was held of each coefficient, and is held now"),
    "fit_overview": Figure("history", "Fit", "the two on a page", is_page=True),
    "forecasts": Figure("history", "Backtest", "what was forecast, and what came"),
    "skill": Figure("history", "Backtest", "how much better than plain forecasts"),
    "calibration": Figure("history", "Backtest", "where among the runs came what came"),
    "reliability": Figure("history", "Backtest", "how often what was called likely happened"),
    "discovery": Figure("futures", "Discovery", "where something comes about: boxes, and the limits of one"),
    "advice": Figure("futures", "Advice", "what strategies keep out of, and what they give up"),
    "sensitivity": Figure("futures", "Sensitivity", "what drives an outcome: indices, or a tornado"),
    "convergence": Figure("futures", "Sensitivity", "its indices at growing sizes of the plan"),
    "warning": Figure("futures", "EarlyWarning", "how well indicators warn, by months ahead"),
    "settlement": Figure("futures", "Settlement", "where stakeholders stand round by round"),
    "backtest_overview": Figure("history", "Backtest", "all of them on a page", is_page=True),
}

_OTHERS = dict.fromkeys(("blank", "save", "theme"), "style")
_OTHERS |= dict.fromkeys(("save_comparison", "save_overview"), "outcomes")

__all__ = [*FIGURES, *_OTHERS]  # noqa: PLE0604


def __getattr__(name: str) -> Callable[..., Axes]:
    """A figure's function, from where it is: matplotlib costs nothing before it is used."""
    module = FIGURES[name].module if name in FIGURES else _OTHERS.get(name)
    if module is None:
        raise AttributeError(f"module 'tensionsim.plots' has no attribute '{name}'")
    from tensionsim.errors import telling_options

    drawn: Callable[..., Axes] = getattr(import_module(f"tensionsim.plots.{module}"), name)
    found = globals()[name] = telling_options(drawn, "tensionsim.plots", name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)


def draw(
    kind: str, subject: Any, *, width: float | None = None, height: float | None = None, theme: str, **options: Any
) -> Drawing:
    """A figure of a kind, of which pyplot knows nothing; width and height in inches, None for what suits."""
    from tensionsim.plots import style

    function: Callable[..., Any] = getattr(import_module(f"tensionsim.plots.{FIGURES[kind].module}"), kind)
    with style.theme(theme), style.sized(width, height):
        found = function(subject, **options)
    page: Drawing = found if FIGURES[kind].is_page else style.root(found)
    return page
