"""How often a scenario draws what its author's consistency table rules out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np

from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import first_numbers
from tensionsim.model.parameters import Settings
from tensionsim.model.structure import Bools
from tensionsim.rng import RandomStreams
from tensionsim.scenario.paths import parse_path
from tensionsim.scenario.quantities import bound
from tensionsim.scenario.scenario import Scenario

DRAWS = 10_000


class Clashes(NamedTuple):
    """Shares of draws with a pair of states of -3, and below -1; of each pair its share, the most frequent first."""

    outlook: str | None
    ruled_out: float
    unlikely: float
    pairs: tuple[tuple[str, str, int, float], ...]


def clashes(scenario: Scenario, draws: int = DRAWS) -> Iterator[Clashes]:
    """What the draws of a scenario and of its outlooks hold together, from the start, against its table."""
    table = scenario.file.consistency
    if table is None or not table.table:
        return
    cells = {(row, column): impact for row, one in table.table.items() for column, impact in one.items()}
    judged = [(*pair, min(cells.get(pair, 0), cells.get(pair[::-1], 0))) for pair in combinations(table.states, 2)]
    for outlook in dict.fromkeys((scenario.outlook, *scenario.outlook_names)):
        settings, _ = first_numbers(assemble(scenario.with_outlook(outlook)), RandomStreams(0, 0, draws))
        holds = {name: _holds(state, settings, outlook) for name, state in table.states.items()}
        worst, told = np.zeros(draws), []
        for one, other, impact in judged:
            both = holds[one] & holds[other]
            worst = np.minimum(worst, impact * both)
            if impact < -1 and both.any():
                told.append((one, other, impact, float(both.mean())))
        told.sort(key=lambda one: -one[3])
        yield Clashes(outlook, float((worst == -3).mean()), float((worst < -1).mean()), tuple(told))


def _holds(state: dict[str, str], settings: Settings, outlook: str | None) -> Bools:
    """Whether a state holds in each draw, shape (run,)."""
    holds = np.ones(settings.runs, bool)
    for text, words in state.items():
        if text == "outlook":
            holds &= words == outlook
            continue
        limit, value = bound(words), settings.get(".".join(parse_path(text)))
        holds &= (value > limit.above) if limit.above is not None else (value < np.array(limit.below))
    return holds
