"""Reliability: how often something happened, by how likely it had been called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.errors import SelectionError
from tensionsim.forecasts.backtest import MODEL, REGIME, Backtest
from tensionsim.forecasts.origins import INDEX
from tensionsim.forecasts.scores import regimes
from tensionsim.plots import backtested, panels, style, subjects, themes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.forecasts.scores import Reliability


PANEL = 1.9
"""Height of a panel with its title, in inches."""

BINS, LEAST_SAID = 5, 0.05
"""Bins of probability in a panel; and what was never called as likely as that, and never happened, has no panel."""

HEAD = 1.17
"""Upper end of the axis, above 1, where the numbers of forecasts stand."""


def reliability(
    found: Backtest,
    ax: Axes | None = None,
    *,
    names: Sequence[str] | None = None,
    horizon: int | None = None,
    of: str = MODEL,
) -> Axes:
    """Draws for regimes and events how often they happened, by how likely they had been called.

    Dots on the diagonal are right: of what was called 30 % likely, 30 % came. Upright bars hold a dot in 90 of 100
    cases if the probabilities are right and the forecasts independent; a dot beyond its bar is orange. Numbers at the
    top say on how many forecasts a dot rests. The dotted line is how often it happened at all.

    Parameters
    ----------
    found
        What `ts.backtest` gives.
    ax
        Whose place the panels take; a new figure by default.
    names
        Of regimes of the index at the horizon ("strained", or "regime:crisis" where an event has the name too) and of
        events of the scenario within the horizon; by default all that ever happened or were called 5 % likely.
    horizon
        How far ahead, in months; by default all horizons together.
    of
        Whose forecasts.

    Returns
    -------
    The axes that was given or made, now empty but for its title; the panels are further axes of its figure.

    Raises
    ------
    SelectionError
        If there is no such name, horizon or forecaster, or nothing that came is known.
    TypeError
        If it is given something else than a backtest.

    Examples
    --------
    >>> import tensionsim as ts
    >>> tested = ts.backtest("us-colombia-2017", origins="2021-01-01:2022-12-31:3", horizons=[1, 3], runs=20,
    ...                      refit=None, baselines=["no-change", "mean"])
    >>> ax = ts.plots.reliability(tested, ts.plots.blank(), names=["strained", "pragmatic"])
    >>> [panel.get_title(loc="left") for panel in ax.get_figure().axes[2:]]
    ['pragmatic']
    """
    subjects.check("reliability", found, Backtest, subjects.BACKTEST)
    backtested.outcomes(found, INDEX)
    wanted = _worth_showing(found, of, horizon) if names is None else list(names)
    curves = [found.reliability(name, of=of, horizon=horizon, bins=BINS) for name in wanted]
    if not curves:
        raise SelectionError(f"no regime and no event is foretold by {of!r} in this backtest")
    with themes.drawing():
        ax = style.new_axes(backtested.height_of(len(curves), style.FULL_WIDTH, PANEL)) if ax is None else ax
        style.paint(ax)
        made, columns, width = backtested.grid(ax, len(curves))
        for panel, name, curve in zip(made, wanted, curves, strict=True):
            _panel(panel, curve)
            heading = style.wrapped(_said(found, name), 9, style.width_points(panel))
            panel.set_title(heading, fontsize=9, color=themes.now().ink)
        backtested.name_panels(made, columns, "called likely, %", "happened, %")
        panels.head(made[0], f"Reliability of the {of}: {found.about.title}", _note(found, horizon), width=width)
        style.lay_out(ax)
    return ax


def height_of(found: Backtest, width: float = style.FULL_WIDTH) -> float:
    """The height in inches that a figure of it, `width` inches across, wants."""
    return backtested.height_of(len(_worth_showing(found, MODEL, None)), width, PANEL)


def _worth_showing(found: Backtest, of: str, horizon: int | None) -> list[str]:
    """The regimes and events that ever happened or were called likely by a forecaster."""
    names = [f"{REGIME}{name}" if name in found.events else name for name in regimes() if of in found.forecasters]
    names += [name for name in found.events if of in found.event_forecasters and _is_known(found, name)]
    curves = {name: found.reliability(name, of=of, horizon=horizon, bins=BINS) for name in names}
    return [name for name, one in curves.items() if one.happened.any() or one.said.max() >= LEAST_SAID]


def _is_known(found: Backtest, event: str) -> bool:
    return bool(np.isfinite(found.happened[:, found.place("event", event)]).any())


def _said(found: Backtest, name: str) -> str:
    """A name as the panel has it: which kind it is of is told where a regime and an event share it."""
    if name.startswith(REGIME):
        return f"in {name.removeprefix(REGIME)}"
    return style.words(name)


def _panel(ax: Axes, curve: Reliability) -> None:
    theme = themes.now()
    style.dress(ax)
    ax.set(xlim=(-0.04, 1.04), ylim=(-0.04, HEAD))
    ax.set_xticks([0.0, 0.5, 1.0], ["0", "50", "100"])
    ax.set_yticks([0.0, 0.5, 1.0], ["0", "50", "100"])
    ax.tick_params(labelsize=style.SMALL)
    usual = float(curve.n @ curve.happened / curve.n.sum())
    ax.plot([0.0, 1.0], [0.0, 1.0], color=theme.grid, linewidth=0.9, zorder=1)
    ax.plot([0.0, 1.0], [usual, usual], ":", color=theme.faint, linewidth=0.8, zorder=1)
    ax.vlines(curve.said, curve.low, curve.high, color=themes.mixed(theme.rest, 0.35), linewidth=4.0, zorder=2)
    ax.plot(curve.said, curve.happened, color=theme.fan, linewidth=0.8, alpha=0.7, zorder=3)
    for said, happened, low, high, count in zip(
        curve.said, curve.happened, curve.low, curve.high, curve.n, strict=True
    ):
        colour = theme.fan if low <= happened <= high else theme.observed
        ax.plot(said, happened, "o", color=colour, markersize=4.6, zorder=4, clip_on=False)
        middle = (min(int(said * BINS), BINS - 1) + 0.5) / BINS
        height = (1.04 + HEAD) / 2.0
        ax.text(middle, height, f"{count:,}", ha="center", va="center", fontsize=6.5, color=theme.faint)


def _note(found: Backtest, horizon: int | None) -> str:
    reach = ", ".join(map(str, found.horizons)) if horizon is None else str(horizon)
    ahead = f"{reach} month{'' if reach == '1' else 's'} ahead"
    return (
        f"{ahead}; {backtested.origins(found)}. Bars hold 9 dots in 10 of a forecaster who is right and whose "
        "forecasts do not overlap; orange: beyond; dotted: how often at all; above: forecasts"
    )
