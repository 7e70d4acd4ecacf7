"""Figures: one function each, which takes results (or a fit, or a backtest) and an Axes and returns the Axes."""

from __future__ import annotations

from tensionsim.plots.backtest_overview import backtest_overview
from tensionsim.plots.beside import save_comparison
from tensionsim.plots.calibration import calibration
from tensionsim.plots.difference import difference
from tensionsim.plots.direction import direction
from tensionsim.plots.estimates import estimates
from tensionsim.plots.fan import fan
from tensionsim.plots.fit_overview import fit_overview
from tensionsim.plots.forecasts import forecasts
from tensionsim.plots.issues import issue, issues
from tensionsim.plots.ledger import ledger
from tensionsim.plots.mechanisms import mechanisms
from tensionsim.plots.observed import observed
from tensionsim.plots.outlooks import outlooks
from tensionsim.plots.overview import overview, save_overview
from tensionsim.plots.phase import phase
from tensionsim.plots.regimes import regimes
from tensionsim.plots.reliability import reliability
from tensionsim.plots.saving import save
from tensionsim.plots.skill import skill
from tensionsim.plots.style import blank
from tensionsim.plots.support import support
from tensionsim.plots.themes import theme
from tensionsim.plots.timeline import timeline
from tensionsim.plots.waterfall import waterfall

__all__ = [
    "backtest_overview",
    "blank",
    "calibration",
    "difference",
    "direction",
    "estimates",
    "fan",
    "fit_overview",
    "forecasts",
    "issue",
    "issues",
    "ledger",
    "mechanisms",
    "observed",
    "outlooks",
    "overview",
    "phase",
    "regimes",
    "reliability",
    "save",
    "save_comparison",
    "save_overview",
    "skill",
    "support",
    "theme",
    "timeline",
    "waterfall",
]
