"""Results: what an ensemble of runs recorded, as labelled arrays and as the tables people know."""

from tensionsim.results.model import Results
from tensionsim.results.storage import open

__all__ = ["Results", "open"]
