"""The difference of an outlook from the baseline, run by run, and when the two part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensionsim.errors import SelectionError
from tensionsim.plots import bands, style, themes
from tensionsim.plots.labels import Label, finish
from tensionsim.plots.outlooks import Several, compared

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.analysis.compare import Comparison
    from tensionsim.model.record import Floats


LEAST_RANGE = 1.0
"""Points that the axis shows at least each way, so that no difference looks like none."""


def difference(comparison: Several, name: str | None = None, ax: Axes | None = None) -> Axes:
    """Draws the index of an outlook less that of the baseline, run by run, with bands and the date of parting.

    The light bands hold 30, 60 and 90 % of the runs' differences: what luck leaves open. The narrow one around the
    dashed mean holds the true mean at all dates at once (95 %): what so many runs leave open.

    Parameters
    ----------
    comparison
        What `compare` returns, or results by name, the first of which is the baseline.
    name
        Of the outlook; may be left out where there is one beside the baseline.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    The axes: dates by points of the index.

    Raises
    ------
    SelectionError
        If there is no such outlook, if several are there and none is named, or if they cannot be compared.

    Examples
    --------
    >>> import tensionsim as ts
    >>> both = {name: ts.run(name, runs=20, seed=7) for name in ("managed", "rhetoric")}
    >>> ts.plots.difference(both, "rhetoric", ts.plots.blank()).get_title(loc="left")
    'rhetoric less managed, run by run'
    """
    found = compared(comparison, "difference")
    chosen = _chosen(found, name)
    paired = found.paired(chosen)
    spread = bands.of_runs(paired)
    with themes.drawing() as theme:
        ax = style.over_dates(found.dates, ax)
        _limits(ax, paired)
        ax.axhline(0.0, color=theme.faint, linewidth=0.8)
        bands.draw(ax, found.dates, spread, theme.fan)
        ax.set_ylabel("difference, points of the index", fontsize=9)
        style.time_axis(ax)
        _parting(ax, found, chosen)
        ends = [*bands.ends(spread, theme.fan, shown=one_decimal), *_mean(ax, found, chosen)]
        finish(ax, ends, f"{chosen} less {found.baseline}, run by run", _note(found, paired))
    return ax


def _chosen(found: Comparison, name: str | None) -> str:
    if name is None and len(found.names) > 1:
        raise SelectionError(f"which outlook less {found.baseline}? Name one of {', '.join(found.names)}")
    return found.names[0] if name is None else style.one_of("outlook", name, found.names)


def _limits(ax: Axes, paired: Floats) -> None:
    low, high = np.quantile(paired, [0.05, 0.95], axis=-1)
    low, high = min(float(low.min()), -LEAST_RANGE), max(float(high.max()), LEAST_RANGE)
    room = 0.07 * (high - low)
    ax.set_ylim(low - room, high + 2.0 * room)
    ax.yaxis.set_major_formatter(signed)


def one_decimal(value: float) -> str:
    """A number with its sign and one decimal."""
    text = f"{value:+.1f}".replace("-", "−")
    return "0.0" if text in ("+0.0", "−0.0") else text


def signed(value: float, _: object = None) -> str:
    """A number with its sign, as tick labels have it."""
    return f"{value:+g}".replace("-", "−") if value else "0"


def _mean(ax: Axes, found: Comparison, name: str) -> list[Label]:
    """Draws the mean with its simultaneous interval; the label of its end. Nothing for a single run."""
    if len(found.runs) < 2:
        return []
    theme, band = themes.now(), found.band(name)
    if np.isfinite(band.low).all():
        ax.fill_between(found.dates, band.low, band.high, color=theme.observed, alpha=0.35, linewidth=0)
    ax.plot(found.dates, band.mean, color=theme.observed, linewidth=1.2, linestyle=(0, (3, 1.5)))
    return [Label(float(band.mean[-1]), f"mean: {one_decimal(float(band.mean[-1]))}", theme.observed, is_bold=True)]


def _parting(ax: Axes, found: Comparison, name: str) -> None:
    """Marks the date from which on the mean is told from 0 until the end."""
    row = found.parting_of(name).apart_to_end
    if row is None:
        return
    theme, date = themes.now(), found.dates[row]
    ax.axvline(date, color=theme.ink, linewidth=0.8, linestyle=":")
    first, last = found.dates[0], found.dates[-1]
    is_late = (date - first) > (last - first) * 0.5
    where: dict[str, Any] = {"xycoords": ax.get_xaxis_transform(), "textcoords": "offset points"}
    ax.annotate(
        f"apart from {date} on",
        xy=(date, 1.0),
        xytext=(-4 if is_late else 4, -3),
        ha="right" if is_late else "left",
        va="top",
        fontsize=style.SMALL,
        color=theme.ink,
        **where,
    )


def _note(found: Comparison, paired: Floats) -> str:
    results = found.results[found.baseline]
    if len(found.runs) < 2:
        return bands.explained(1, found.runs.start, results.seed)
    runs = bands.explained(len(found.runs), found.runs.start, results.seed)
    above = f"{100 * (paired[-1] > 0).mean():.0f} % end above 0"
    return f"{runs}; {above}; dashed: the mean and its 95 % band"
