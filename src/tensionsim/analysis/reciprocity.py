"""Routine and reciprocity of two governments in a vector autoregression. NumPy alone.

References
----------
Goldstein, J. S. & Freeman, J. R. (1990). Three-Way Street: Strategic Reciprocity in World Politics. University of
Chicago Press.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.analysis.forecasts.lags import least_squares
from tensionsim.record import Floats

if TYPE_CHECKING:
    from tensionsim.history.events import EventHistory


@dataclass(frozen=True, slots=True)
class Response:
    """What one actor answers with: the sums of the coefficients of an equation over its lags.

    own : routine, the answer to its own past. other : reciprocity, the answer to the other's. own_error, other_error :
    standard errors of least squares. n : dates used.
    """

    own: float
    own_error: float
    other: float
    other_error: float
    n: int


def responses(history: Floats, *, order: int = 2) -> tuple[Response, Response]:
    """Summed lag coefficients of both actors' equations in a vector autoregression of their conduct.

    Parameters
    ----------
    history : net scores by month, shape (date, 2), column i what actor i did to the other; NaN where not known.

    Raises
    ------
    CannotFit
        If too few dates are known, or the series do not vary.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.reciprocity import responses
    >>> noise = np.random.default_rng(1).normal(size=(4000, 2))
    >>> path = np.zeros((4000, 2))
    >>> for t in range(1, 4000):
    ...     path[t] = np.array([[0.5, 0.2], [0.1, 0.4]]) @ path[t - 1] + noise[t]
    >>> one, other = responses(path, order=1)
    >>> [round(value, 1) for value in (one.own, one.other, other.own, other.other)]
    [0.5, 0.2, 0.4, 0.1]
    """
    model = least_squares(history, order)
    variance = (model.residuals**2).sum(axis=0) / model.spare
    sums = model.lags.sum(axis=0)

    def error(equation: int, whose: int) -> float:
        picked = np.zeros(len(model.gram_inverse))
        picked[1 + whose :: 2] = 1.0
        return float(np.sqrt(variance[equation] * (picked @ model.gram_inverse @ picked)))

    first, second = (
        Response(float(sums[i, i]), error(i, i), float(sums[i, 1 - i]), error(i, 1 - i), len(model.residuals))
        for i in (0, 1)
    )
    return first, second


def monthly_conduct(history: EventHistory) -> Floats:
    """Net scores by calendar month of a history of two actors, shape (month, 2), on Goldstein's scale, weights counted.

    From the first month observed to the last; a month without events is 0. Column i is what actor i did to the other.
    """
    months = history.dates.astype("datetime64[M]").astype(np.int64)
    first, last = (int(np.datetime64(day, "M").astype(np.int64)) for day in (history.first, history.last))
    found = np.zeros((last - first + 1, 2))
    np.add.at(found, (months - first, history.actor), history.weight * history.score)
    return found
