"""Tally: what a summary of any number of runs needs, in memory that does not grow with them."""

from tensionsim.results.tally.model import Tally

__all__ = ["Tally"]
