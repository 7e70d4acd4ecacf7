"""Figures of an explanation, for its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tensionsim.plots import saving, style, themes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tensionsim.analysis.explanation import Explanation
    from tensionsim.scenario.scenario import Scenario


DPI = 150
FORMATS = (".png", ".svg")


def attach(found: Explanation, scenario: Scenario, folder: Path) -> None:
    """Draws what was explained into a folder, as PNG and SVG: effects, the motives of each actor, a run's timeline."""
    with themes.theme("light"):
        for stem, ax in _figures(found, scenario).items():
            for kind in FORMATS:
                saving.save(ax, folder / f"{stem}{kind}", dpi=DPI)


def _figures(found: Explanation, scenario: Scenario) -> dict[str, Axes]:
    from tensionsim.plots.mechanisms import mechanisms
    from tensionsim.plots.waterfall import height_of, waterfall

    figures: dict[str, Axes] = {}
    if found.effects is not None and len(found.effects.table):
        figures["effects"] = waterfall(found.effects, style.blank(height=height_of(found.effects)))
    for motives in found.motives:
        actor = motives.contributions.places[0][0]
        figures[f"motives-{actor}"] = mechanisms(motives.contributions, actor, style.blank())
    if found.chronicle is not None:
        from tensionsim.analysis.worlds import Draw
        from tensionsim.plots.timeline import timeline

        run = Draw(1, found.chronicle.seed, found.chronicle.run).of(scenario)
        figures["chronicle"] = timeline(run, style.blank(7.2, 5.0))
    return figures
