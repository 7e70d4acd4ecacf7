"""The overview of a fit: the support of each mechanism, and below prior and posterior of each coefficient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensionsim.estimation.fit import Fit
from tensionsim.plots import style, subjects, themes
from tensionsim.plots.estimates import estimates
from tensionsim.plots.estimates import height_of as height_of_estimates
from tensionsim.plots.support import height_of as height_of_support
from tensionsim.plots.support import support

if TYPE_CHECKING:
    from matplotlib.figure import Figure


APART = 0.2
"""Between the two, in inches."""


def fit_overview(fit: Fit, width: float = style.FULL_WIDTH) -> Figure:
    """A figure with the support of each mechanism above the estimates; of a fit without support, with these alone.

    Parameters
    ----------
    fit
        What `ts.fit` gives.
    width
        Of the figure, in inches; it is as high as it needs.

    Raises
    ------
    TypeError
        If it is given something else than a fit.

    Examples
    --------
    >>> import tensionsim as ts
    >>> fitted = ts.fit("trump2-petro-2025", until="2025-06-30", fix=["shapes"])
    >>> len(ts.plots.fit_overview(fitted).axes)
    2
    """
    from matplotlib.figure import Figure

    subjects.check("fit_overview", fit, Fit, subjects.FIT)
    figures = [(support, height_of_support)] if fit.support else []
    figures.append((estimates, height_of_estimates))
    heights = [height_of(fit, width) + APART for _, height_of in figures]
    with themes.drawing() as theme:
        figure = Figure(figsize=(width, sum(heights)), layout="constrained")
        parts = figure.subfigures(len(figures), 1, height_ratios=heights, squeeze=False).flat
        for part, (draw, _) in zip(parts, figures, strict=True):
            part.set_facecolor(theme.ground)
            draw(fit, part.subplots())
    return figure
