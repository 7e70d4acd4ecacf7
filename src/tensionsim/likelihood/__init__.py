"""Likelihood: how probable an observed history is under a scenario, and how that changes with its coefficients."""

from tensionsim.likelihood.cells import Cells
from tensionsim.likelihood.coefficients import Coefficient
from tensionsim.likelihood.model import Likelihood, likelihood_of
from tensionsim.likelihood.window import Window

__all__ = ["Cells", "Coefficient", "Likelihood", "Window", "likelihood_of"]
