"""Subjects: what each figure is of; whoever gives something else is told what is wanted."""

from __future__ import annotations

from collections.abc import Mapping

from tensionsim.runs.results import Results

RESULTS = "Results, as ts.run gives"
SEVERAL = "a Comparison, as ts.compare gives, or Results by name"
EFFECTS = "Effects, as ts.effects gives"
CONTRIBUTIONS = "Results, as ts.run gives, or Contributions, as ts.contributions gives"
FIT = "a Fit, as ts.fit gives"
BACKTEST = "a Backtest, as ts.backtest gives"
SERIES = "a pandas Series by date of what was observed, as ts.observed_index gives in its column index"


def check(figure: str, given: object, kinds: type | tuple[type, ...], wanted: str) -> None:
    """TypeError, in words, where what a figure was given is of none of these kinds."""
    if not isinstance(given, kinds):
        raise TypeError(f"{figure} takes {wanted}; got {type(given).__name__}")


def check_results(figure: str, given: object) -> None:
    """TypeError where a figure was not given results."""
    check(figure, given, Results, RESULTS)


def check_by_name(figure: str, given: object) -> None:
    """TypeError where a figure was given no results by name."""
    check(figure, given, Mapping, SEVERAL)
    assert isinstance(given, Mapping)
    for name, one in given.items():
        if not isinstance(one, Results):
            raise TypeError(f"{figure} takes {SEVERAL}; of {name!r} it got {type(one).__name__}")
