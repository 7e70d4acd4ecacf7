"""The fit behind the base scenario: priors without hindsight, and leaders who attend as often as they acted."""

from __future__ import annotations

import datetime as dt

import pytest

import tensionsim as ts
from tensionsim.estimation import cells as coefficients
from tensionsim.estimation.cells import EPISODES
from tensionsim.events.history import observed

SCENARIO, UNTIL = "us-colombia-2017", "2024-12-31"
LAST = dt.date(2025, 10, 28)
TERMS = {
    "trump-1": ("washington", dt.date(2017, 1, 20), dt.date(2021, 1, 20)),
    "biden": ("washington", dt.date(2021, 1, 20), dt.date(2025, 1, 20)),
    "trump-2": ("washington", dt.date(2025, 1, 20), LAST),
    "santos": ("bogota", dt.date(2017, 1, 1), dt.date(2018, 8, 7)),
    "duque": ("bogota", dt.date(2018, 8, 7), dt.date(2022, 8, 7)),
    "petro": ("bogota", dt.date(2022, 8, 7), dt.date(2025, 1, 20)),
}
MOST = ("bogota", dt.date(2025, 1, 20), LAST)


def moves_a_month(actor: str, since: dt.date, until: dt.date) -> float:
    """Moves of a principal towards the other in a term, over its months."""
    pair = {"washington", "bogota"}
    made = [one for one in observed() if one.actor == actor and {one.actor, one.target} == pair]
    return sum(since <= one.date < until for one in made) / ((until - since).days / (365.25 / 12.0))


def test_every_prior_of_the_fitted_scenario_is_stated_and_none_is_a_start_value() -> None:
    states = ts.load(SCENARIO).likelihood(until=UNTIL).states
    for one in (*coefficients.linear(states), *coefficients.shapes(states)):
        assert one.stated is not None, one.path
        assert one.path not in EPISODES


@pytest.mark.parametrize("leader", TERMS)
def test_leaders_attend_as_often_as_they_acted(leader: str) -> None:
    share = moves_a_month(*TERMS[leader]) / moves_a_month(*MOST)
    assert ts.load(SCENARIO).file.leaders[leader].attention == pytest.approx(share, abs=0.006)


@pytest.mark.parametrize("name", ["trump2-petro-2025", "status-quo"])
def test_petro_attends_most_while_trump_is_in_his_second_term(name: str) -> None:
    assert ts.load(name).file.actors["bogota"].attention == 1.0
