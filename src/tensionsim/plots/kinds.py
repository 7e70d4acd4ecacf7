"""Kinds of figures by name, for those who ask for one in words: how each is drawn, and how high it wants to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tensionsim.errors import SelectionError
from tensionsim.plots import style, themes
from tensionsim.plots.calibration import calibration
from tensionsim.plots.calibration import height_of as height_of_calibration
from tensionsim.plots.difference import difference
from tensionsim.plots.direction import direction
from tensionsim.plots.estimates import estimates
from tensionsim.plots.estimates import height_of as height_of_estimates
from tensionsim.plots.fan import fan
from tensionsim.plots.forecasts import forecasts
from tensionsim.plots.issues import issue, issues
from tensionsim.plots.ledger import ledger
from tensionsim.plots.mechanisms import mechanisms
from tensionsim.plots.observed import observed
from tensionsim.plots.outlooks import outlooks
from tensionsim.plots.overview import overview
from tensionsim.plots.phase import phase
from tensionsim.plots.regimes import regimes
from tensionsim.plots.reliability import height_of as height_of_reliability
from tensionsim.plots.reliability import reliability
from tensionsim.plots.skill import skill
from tensionsim.plots.support import height_of as height_of_support
from tensionsim.plots.support import support
from tensionsim.plots.timeline import timeline
from tensionsim.plots.waterfall import height_of as height_of_waterfall
from tensionsim.plots.waterfall import waterfall

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


NARROW = 5.0
"""Figures of less inches across are higher for their width: labels go below, titles take more lines."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a figure is drawn on an axes, and its height in inches.

    heights : at the width of a page and of a column. height_of : that which a subject wants at some width, where it
    hangs on how much there is to draw.
    """

    draw: Callable[..., Axes]
    heights: tuple[float, float] = (style.HEIGHT, 3.0)
    height_of: Callable[..., float] | None = None

    def height(self, subject: Any, width: float) -> float:
        """The height that suits a figure of a subject, `width` inches across."""
        return self.heights[width < NARROW] if self.height_of is None else self.height_of(subject, width=width)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "fan": Kind(fan, (4.2, 3.2)),
        "observed": Kind(lambda results, ax: observed(results, _seen(results), ax), (4.2, 3.2)),
        "outlooks": Kind(outlooks),
        "difference": Kind(lambda comparison, ax, name=None: difference(comparison, name, ax)),
        "issue": Kind(lambda results, ax, issue_name: issue(results, issue_name, ax)),
        "issues": Kind(issues, (4.2, 6.4)),
        "direction": Kind(direction),
        "ledger": Kind(ledger, (4.0, 4.4)),
        "mechanisms": Kind(lambda results, ax, actor=None, **more: mechanisms(results, actor, ax, **more), (4.0, 4.4)),
        "regimes": Kind(regimes),
        "waterfall": Kind(waterfall, height_of=height_of_waterfall),
        "timeline": Kind(timeline, (4.8, 4.4)),
        "phase": Kind(phase, (4.8, 4.0)),
        "support": Kind(support, height_of=height_of_support),
        "estimates": Kind(estimates, height_of=height_of_estimates),
        "forecasts": Kind(forecasts, (3.8, 3.6)),
        "skill": Kind(skill, (3.8, 4.4)),
        "calibration": Kind(calibration, height_of=height_of_calibration),
        "reliability": Kind(reliability, height_of=height_of_reliability),
    }
)
"""Every figure of one axes, by the name of its function."""

OF_FITS = ("support", "estimates")
"""Those that are of a fit, not of results."""

OF_BACKTESTS = ("forecasts", "skill", "calibration", "reliability")
"""Those that are of a backtest."""


def draw(kind: str, subject: Any, *, size: tuple[float | None, float | None], theme: str, **more: Any) -> Figure:
    """A figure of a kind, of which pyplot knows nothing.

    size : width and height in inches, None for what suits. more : goes to the function that draws it.
    """
    with themes.theme(theme):
        if kind == "overview":
            return overview(subject)
        width, height = size
        wide = style.FULL_WIDTH if width is None else width
        found = KINDS[kind]
        return style.root(found.draw(subject, style.blank(wide, height or found.height(subject, wide)), **more))


def _seen(results: Any) -> Any:
    from tensionsim.events.observed import observed_index

    if results.scenario.file.history is None:
        raise SelectionError(
            f"{results.scenario.name} names no history, so nothing observed can be set against its runs"
        )
    return observed_index(results.scenario)["index"]
