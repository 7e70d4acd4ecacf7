"""The fit behind the base scenario: priors without hindsight, and leaders who attend as often as they acted."""

from __future__ import annotations

import pytest

import tensionsim as ts
from tensionsim.estimation import cells as coefficients
from tensionsim.estimation.cells import EPISODES

SCENARIO, UNTIL = "us-colombia-2017", "2024-12-31"
ATTENTION = {"trump-1": 0.17, "biden": 0.16, "santos": 0.09, "duque": 0.05, "petro": 0.12}
CLEARLY = 0.5
"""Log-likelihood that must be lost where a leader attends 2.5 times as much, or two fifths."""


def log_likelihood(values: dict[str, float]) -> float:
    """The log-likelihood of the history until 2024 at the estimates of the base, with some values set."""
    base = ts.load("biden-petro-2022").file
    fitted: dict[str, float] = {f"parameters.{name}": value for name, value in base.parameters.items()}
    for name, numbers in base.mechanisms.items():
        assert isinstance(numbers, dict)
        fitted |= {f"mechanisms.{name}.{key}": value for key, value in numbers.items()}
    found = ts.Likelihood.of(ts.load(SCENARIO).with_values(fitted | values), ts.curated_history(), until=UNTIL)
    return found.value(found.values)


def test_every_prior_of_the_fitted_scenario_is_stated_and_none_is_a_start_value() -> None:
    states = ts.Likelihood.of(SCENARIO, until=UNTIL).states
    for one in (*coefficients.linear(states), *coefficients.shapes(states)):
        assert one.stated is not None, one.path
        assert one.path not in EPISODES


@pytest.mark.parametrize("leader", ATTENTION)
def test_attention_until_2024_is_near_the_most_likely(leader: str) -> None:
    path = f"leaders.{leader}.attention"
    assert ts.load(SCENARIO).file.leaders[leader].attention == ATTENTION[leader]
    here = log_likelihood({})
    assert log_likelihood({path: 0.4 * ATTENTION[leader]}) < here - CLEARLY
    assert log_likelihood({path: 2.5 * ATTENTION[leader]}) < here - CLEARLY
