"""Who is harsher: the tension that each principal's own conduct would make, were both to behave like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensionsim import measures
from tensionsim.record import Floats

if TYPE_CHECKING:
    from tensionsim.results.model import Results


def directed_tension(results: Results) -> tuple[tuple[str, ...], Floats]:
    """The two directions, and tension in each, 0..100, shape (date, direction, run).

    Like 100 minus the index, but of one direction's conduct alone.
    """
    record, names = results.record, results.names
    terms = {name: record.terms[:, row] for row, name in enumerate(names.terms)}
    shape = (len(record.dates), len(names.issues), results.runs)
    means: dict[str, Floats] = {}
    for row, channel in enumerate(names.dyad_channels):
        direction, issue, track = channel.split(" | ")
        theta = terms["technical_weight"]
        mean = means.setdefault(direction, np.zeros(shape))
        mean[:, names.issues.index(issue)] += (theta if track == "technical" else 1.0 - theta) * record.conduct[:, row]
    scale = terms["index_scale"][:, None]
    indices = [measures.cooperation(mean, record.weights, scale)[0] for mean in means.values()]
    return tuple(means), 100.0 - np.stack(indices, axis=1)
