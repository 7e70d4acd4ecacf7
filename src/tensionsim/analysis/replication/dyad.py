"""Two invented governments without history, arrangements or third parties: a scenario in which theory is exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensionsim.scenario import Scenario
from tensionsim.scenario.scenario import from_text
from tensionsim.scenario.writing import write

NORTH, SOUTH = SIDES = ("north", "south")
ISSUE = "border"
START = "2031-01-06"


def move(score: float, track: str = "political", kind: str = "verbal") -> dict[str, object]:
    """A move without lasting effects, of a Goldstein score in [-10, 10]."""
    said = {"cameo": "01", "goldstein": score, "kind": kind, "track": track}
    return said | {"description": "Made to be counted."}


def north_and_south(
    title: str, *, end: str, moves: Mapping[str, object], actors: Mapping[str, Mapping[str, object]], **more: Any
) -> Scenario:
    """A scenario of the two on one issue, equally far from either end of it.

    Parameters
    ----------
    end
        Day after the last step; it starts on `START`.
    moves
        The only ones that either side can make.
    actors
        Attributes of each side.
    more
        Further sections of the scenario: step, parameters, mechanisms, indicators.
    """
    values = {
        "tensionsim": 1,
        "title": title,
        "start": START,
        "end": end,
        "principals": list(SIDES),
        "issues": {ISSUE: {}},
        "actors": {side: {"stances": {ISSUE: 0.5}, "repertoire": list(moves)} | dict(actors[side]) for side in SIDES},
        "moves": dict(moves),
        **more,
    }
    return from_text(write(values), "north-and-south")
