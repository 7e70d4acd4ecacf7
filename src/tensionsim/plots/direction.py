"""Who is harsher: the tension of each government's own conduct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensionsim.plots import bands, style, subjects, themes
from tensionsim.plots.labels import Label, finish
from tensionsim.runs.results import directed_tension

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.runs.results import Results


def direction(results: Results, ax: Axes | None = None) -> Axes:
    """Draws the tension that each government's own conduct makes, median and 30, 60 and 90 % bands.

    Parameters
    ----------
    results
        Of any number of runs.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    The axes: dates by tension, 0-100; higher is harsher.

    Raises
    ------
    SelectionError
        If the results have one date only.

    Examples
    --------
    >>> import tensionsim as ts
    >>> r = ts.run("norland-suderia", runs=20, seed=7)
    >>> ts.plots.direction(r, ts.plots.blank()).get_ylabel()
    'tension of own conduct, 0-100'
    """
    subjects.check_results("direction", results)
    names, tension = directed_tension(results)
    with themes.drawing() as theme:
        ax = style.over_time(results, ax)
        ax.set_ylim(0.0, 100.0)
        ax.set_yticks([0, 25, 50, 75, 100])
        ax.axhline(50.0, color=theme.grid, linewidth=0.7, zorder=0)
        ax.set_ylabel("tension of own conduct, 0-100", fontsize=9)
        ends = []
        for row, name in enumerate(names):
            spread = bands.of_series(results, "tension_by_direction", row)
            bands.draw(ax, results.dates, spread, theme.palette[row], is_outlined=True)
            (end,) = bands.ends(spread, theme.palette[row], only=(0.5,))
            ends.append(
                Label(end.height, f"{style.direction(results, name)}: {end.height:.0f}", end.colour, is_bold=True)
            )
        style.time_axis(ax)
        share = 100 * (tension[-1, 0] > tension[-1, 1]).mean()
        runs = bands.explained(results.runs, results.first_run, results.seed)
        harsher = f"at the end {style.direction(results, names[0])} is the harsher in {share:.0f} %"
        note = f"{runs}; {harsher}" if results.runs > 1 else runs
        finish(ax, [_broken(end) for end in ends], f"Who is harsher: {results.title}", note)
    return ax


def _broken(label: Label) -> Label:
    """The label in two lines, which take less of the width."""
    return Label(label.height, label.text.replace(" to ", "\nto "), label.colour, label.is_bold, lines=2)
