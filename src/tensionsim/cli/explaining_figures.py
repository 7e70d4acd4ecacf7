"""Figures of an explanation, for its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tensionsim.plots.causes import mechanisms, timeline, waterfall
from tensionsim.plots.style import save_in, sized, theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.analysis.explanation import Explanation
    from tensionsim.scenario.scenario import Scenario


def attach(found: Explanation, scenario: Scenario, folder: Path) -> None:
    """Draws what was explained into a folder, as PNG and SVG: effects, the motives of each actor, a run's timeline."""
    with theme("light"), sized(None, None):
        save_in(folder, _figures(found, scenario))


def _figures(found: Explanation, scenario: Scenario) -> dict[str, Axes]:
    figures: dict[str, Axes] = {}
    if found.effects is not None and len(found.effects.table):
        figures["effects"] = waterfall(found.effects)
    for motives in found.motives:
        actor = motives.contributions.places[0][0]
        figures[f"motives-{actor}"] = mechanisms(motives.contributions, actor)
    if found.chronicle is not None:
        from tensionsim.analysis.worlds import Draw

        figures["chronicle"] = timeline(Draw(1, found.chronicle.seed, found.chronicle.run).of(scenario))
    return figures
