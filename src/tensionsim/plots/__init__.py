"""Figures: one function each, which takes results and an Axes and returns the Axes."""

from tensionsim.plots.beside import save_comparison
from tensionsim.plots.difference import difference
from tensionsim.plots.direction import direction
from tensionsim.plots.fan import fan
from tensionsim.plots.issues import issue, issues
from tensionsim.plots.ledger import ledger
from tensionsim.plots.mechanisms import mechanisms
from tensionsim.plots.observed import observed
from tensionsim.plots.outlooks import outlooks
from tensionsim.plots.overview import overview, save_overview
from tensionsim.plots.phase import phase
from tensionsim.plots.regimes import regimes
from tensionsim.plots.saving import save
from tensionsim.plots.style import blank
from tensionsim.plots.themes import theme
from tensionsim.plots.timeline import timeline
from tensionsim.plots.waterfall import waterfall

__all__ = [
    "blank",
    "difference",
    "direction",
    "fan",
    "issue",
    "issues",
    "ledger",
    "mechanisms",
    "observed",
    "outlooks",
    "overview",
    "phase",
    "regimes",
    "save",
    "save_comparison",
    "save_overview",
    "theme",
    "timeline",
    "waterfall",
]
