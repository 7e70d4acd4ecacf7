"""Outlooks: the index of several of them on one axes, each named at its end."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from tensionsim.analysis.compare import Comparison, of
from tensionsim.plots import bands, bounds, style, subjects, themes
from tensionsim.plots.labels import Label, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.model.record import Floats
    from tensionsim.runs.results import Results


Several = Comparison | Mapping[str, "Results"]

BANDED = 2
"""Up to so many outlooks get bands; those of more would hide each other."""

MARGIN = 0.06
"""Room above and below the lines, as a share of their range."""

DASHES: tuple[tuple[float, tuple[float, ...]], ...] = ((0, ()), (0, (4, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))
"""What tells lines of one colour apart."""


def outlooks(comparison: Several, ax: Axes | None = None) -> Axes:
    """Draws the median index of several outlooks, the baseline in the colour of text; two get their bands too.

    Parameters
    ----------
    comparison
        What `compare` returns, or results by name, the first of which is the baseline.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    The axes: dates by cooperation index, 0-100.

    Raises
    ------
    SelectionError
        If the outlooks cannot be compared.

    Examples
    --------
    >>> import tensionsim as ts
    >>> both = {name: ts.run(name, runs=20, seed=7) for name in ("managed", "rhetoric")}
    >>> ax = ts.plots.outlooks(both, ts.plots.blank())
    >>> [text.get_text().split(":")[0] for text in ax.texts if ":" in text.get_text()]
    ['rhetoric', 'managed']
    """
    found = compared(comparison, "outlooks")
    names = [found.baseline, *found.names]
    baseline = found.results[found.baseline]
    shares = bands.SHARES if len(names) <= BANDED else ()
    with themes.drawing():
        ax = style.over_dates(found.dates, ax)
        ends = [_line(ax, found, name, colour, shares) for name, colour in zip(names, colours(len(names)), strict=True)]
        curves = _curves([found.index_of(name) for name in names], shares)
        _limits(ax, np.concatenate(curves))
        ax.set_ylabel("cooperation index, 0-100", fontsize=9)
        style.time_axis(ax)
        heading = " and ".join(names) if len(names) <= BANDED else f"{len(names)} outlooks"
        runs = bands.explained(len(found.runs), found.runs.start, baseline.seed, shares)
        finish(ax, ends, heading, f"medians of the index; {runs}" if shares and len(found.runs) > 1 else runs)
        bounds.name(ax, found.dates, curves)
    return ax


def compared(comparison: Several, figure: str) -> Comparison:
    """The comparison, made where results were given by name; TypeError where a figure was given something else."""
    if not isinstance(comparison, Comparison):
        subjects.check_by_name(figure, comparison)
    return comparison if isinstance(comparison, Comparison) else of(comparison)


def colours(count: int) -> list[str]:
    """The colours of so many outlooks: two of equal weight, or that of text for the baseline of more."""
    theme = themes.now()
    others = itertools.cycle(theme.palette[:-1])
    return [*theme.palette[:2]] if count == BANDED else [theme.ink, *itertools.islice(others, count - 1)]


def _line(ax: Axes, found: Comparison, name: str, colour: str, shares: Sequence[float]) -> Label:
    values, is_baseline = found.index_of(name), name == found.baseline
    place = 0 if is_baseline else found.names.index(name)
    bands.draw(ax, found.dates, bands.of_runs(values), colour, shares=shares, is_outlined=True)
    ax.lines[-1].set(linestyle=DASHES[place // 5 % len(DASHES)], linewidth=2.2 if is_baseline else 1.5)
    median = float(np.median(values[-1]))
    return Label(median, f"{name}: {median:.0f}", colour, is_bold=is_baseline)


def _curves(values: Sequence[Floats], shares: Sequence[float]) -> list[Floats]:
    """Medians and edges of the bands of each, shape (date,)."""
    wanted = [0.5, *(0.5 + sign * share / 2 for share in shares for sign in (-1, 1))]
    return [np.asarray(row, np.float64) for each in values for row in np.quantile(each, wanted, axis=-1)]


def _limits(ax: Axes, drawn: Floats) -> None:
    """Limits that hold what is drawn."""
    room = max(MARGIN * float(drawn.max() - drawn.min()), 2.0)
    ax.set_ylim(max(0.0, float(drawn.min()) - room), min(100.0, float(drawn.max()) + room))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10], integer=True))
