"""Makeup: what the index of an ensemble is made of at a date, from the ledgers of its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensionsim import ledger
from tensionsim.analysis.targets import Day, row_of

if TYPE_CHECKING:
    import pandas as pd

    from tensionsim.results import Results


def makeup(results: Results, date: Day | None = None) -> pd.DataFrame:
    """What makes the mean index at a date: mean points by mover, the largest first; they sum to it less 50.

    Parameters
    ----------
    results
        An ensemble.
    date
        A day; default: the last row; between rows, the row before it.

    Returns
    -------
    One row an actor's move or arrangement: `actor`, `what`, `points` (mean over the runs), `standard_error`, `share`
    (of all points either way, 0..1), `share_of_runs` (in which there is any of it).

    Raises
    ------
    SelectionError
        If the date lies outside the span.
    TypeError
        If it is given something else than results.

    Examples
    --------
    >>> import tensionsim as ts
    >>> results = ts.run("norland-suderia", runs=20, seed=7)
    >>> parts = ts.makeup(results, "2030-07-01")
    >>> bool(abs(50 + parts["points"].sum() - results.index.loc["2030-06-25", "mean"]) < 1e-9)
    True
    """
    import pandas as pd

    from tensionsim.analysis.shapley import error_of_mean
    from tensionsim.results import Results

    if not isinstance(results, Results):
        raise TypeError(f"makeup is of Results, as tensionsim.run or tensionsim.open gives them; got {results!r}")
    found = ledger.by_mover(results.books, row_of(results, date))
    rows = [
        (actor, what, points.mean(), float(error_of_mean(points)), float((points != 0.0).mean()))
        for (actor, what), points in found.items()
    ]
    table = pd.DataFrame(rows, columns=["actor", "what", "points", "standard_error", "share_of_runs"])
    either_way = table["points"].abs()
    table.insert(4, "share", either_way / (either_way.sum() or 1.0))
    order = either_way.sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)
