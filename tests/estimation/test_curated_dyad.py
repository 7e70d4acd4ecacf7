"""The fit behind the base scenario: priors without hindsight, and leaders who attend as often as they acted."""

from __future__ import annotations

import datetime as dt

import pytest

import tensionsim as ts
from tensionsim.estimation import cells as coefficients
from tensionsim.events.history import observed

SCENARIO, UNTIL = "us-colombia-2017", "2024-12-31"
TERMS = {
    "trump-1": ("washington", dt.date(2017, 1, 20), dt.date(2021, 1, 20)),
    "biden": ("washington", dt.date(2021, 1, 20), dt.date(2025, 1, 20)),
    "santos": ("bogota", dt.date(2017, 1, 1), dt.date(2018, 8, 7)),
    "duque": ("bogota", dt.date(2018, 8, 7), dt.date(2022, 8, 7)),
    "petro": ("bogota", dt.date(2022, 8, 7), dt.date(2025, 1, 20)),
}
FULL = 23.0
"""Moves a month for which full attention stands."""
IN_2025 = {"leaders.trump-2.attention": 0.75, "actors.bogota.attention": 0.9}
UNIT = 1.0
"""Log-likelihood within which attention in 2025 is as good as the best, and that is lost with a third of it."""


def moves_a_month(actor: str, since: dt.date, until: dt.date) -> float:
    """Moves of a principal towards the other in a term, over its months."""
    pair = {"washington", "bogota"}
    made = [one for one in observed() if one.actor == actor and {one.actor, one.target} == pair]
    return sum(since <= one.date < until for one in made) / ((until - since).days / (365.25 / 12.0))


def test_every_prior_of_the_fitted_scenario_is_stated_and_none_is_a_start_value() -> None:
    states = ts.Likelihood.of(SCENARIO, until=UNTIL).states
    for one in (*coefficients.linear(states), *coefficients.shapes(states)):
        assert one.stated is not None, one.path


@pytest.mark.parametrize("leader", TERMS)
def test_leaders_attend_as_often_as_they_acted(leader: str) -> None:
    share = moves_a_month(*TERMS[leader]) / FULL
    assert ts.load(SCENARIO).file.leaders[leader].attention == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize("actor", ["caracas", "beijing", "region"])
def test_third_parties_attend_as_often_as_they_acted(actor: str) -> None:
    made = sum(one.actor == actor and one.target in ("washington", "bogota") for one in observed())
    assert ts.load(SCENARIO).file.actors[actor].attention == pytest.approx(made / 106 / FULL, abs=0.003)


@pytest.mark.parametrize("path", IN_2025)
def test_attention_in_2025_is_near_the_most_likely(path: str) -> None:
    scenario = ts.load("trump2-petro-2025")

    def log_likelihood(attention: float) -> float:
        found = ts.Likelihood.of(scenario.with_values({path: attention}), ts.curated_history(), until="2025-10-27")
        return found.value(found.values)

    file = scenario.file
    assert [file.leaders["trump-2"].attention, file.actors["bogota"].attention] == [*IN_2025.values()]
    found = [log_likelihood(share * IN_2025[path]) for share in (0.3, 0.6, 0.8, 1.0)]
    assert found[-1] > max(found) - UNIT
    assert found[0] < max(found) - UNIT
