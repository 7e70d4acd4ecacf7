"""Figures: one function each, which takes results and an Axes and returns the Axes."""

from tensionsim.plots.fan import fan
from tensionsim.plots.issues import issue
from tensionsim.plots.observed import observed
from tensionsim.plots.overview import overview, save_overview

__all__ = ["fan", "issue", "observed", "overview", "save_overview"]
