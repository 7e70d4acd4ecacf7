"""Episodes in the likelihood: closed forms, their derivatives, and that they find what is there."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.estimation.cells import EPISODES, shapes
from tensionsim.estimation.likelihood import Likelihood
from tensionsim.events.history import EventHistory
from tensionsim.replication import DYAD, simulated_history
from tensionsim.scenario.scenario import Scenario, from_text

OVERDISPERSION, IMITATION = 0.6, 0.3


def dyad(overdispersion: float, imitation: float) -> Scenario:
    values = f"acts_per_step: 60, overdispersion: {overdispersion}, imitation: {imitation},"
    return from_text(DYAD.replace("acts_per_step: 20,", values), "dyad")


@cache
def lively() -> Scenario:
    return dyad(OVERDISPERSION, IMITATION)


@cache
def history() -> EventHistory:
    results = ts.run(lively(), runs=1, seed=3)
    return simulated_history(lively(), results.record, results.names)


@cache
def likelihood() -> Likelihood:
    return ts.Likelihood.of(lively(), history())


@pytest.mark.parametrize("stretch", [0.5, 1.0, 1.7])
def test_derivatives_are_the_limits_of_differences(stretch: float) -> None:
    of, here = likelihood(), likelihood().values * stretch
    _, gradient, hessian = of.evaluate(here)
    for row, step in enumerate(1e-5 * np.diag(np.maximum(1.0, np.abs(here)))):
        ahead, behind = of.evaluate(here + step), of.evaluate(here - step)
        width = 2.0 * step[row]
        assert (ahead[0] - behind[0]) / width == pytest.approx(gradient[row], rel=1e-5, abs=1e-3)
        assert (ahead[1] - behind[1]) / width == pytest.approx(hessian[row], rel=1e-3, abs=0.5)


def test_they_pass_into_poisson_and_logit() -> None:
    plain, nearly = dyad(0.0, 0.0), dyad(1e-7, 1e-7)
    here = likelihood().values
    expected = ts.Likelihood.of(plain, history()).value(here)
    assert ts.Likelihood.of(nearly, history()).value(here) == pytest.approx(expected, abs=1e-2)
    assert likelihood().value(here) > expected + 50.0


def test_what_is_0_is_not_fitted() -> None:
    named = {one.path for one in shapes(ts.Likelihood.of(dyad(0.0, 0.0), history()).states)}
    assert not named & set(EPISODES)
    assert set(EPISODES) <= {one.path for one in shapes(likelihood().states)}


@pytest.mark.slow
def test_a_fit_finds_them() -> None:
    fitted = ts.fit(lively().with_values(dict.fromkeys(EPISODES, 0.1)), history(), missing=(), with_support=False)
    for path, truth in zip(EPISODES, (OVERDISPERSION, IMITATION), strict=True):
        assert abs(fitted.estimates[path] - truth) < 3.0 * fitted.standard_errors[path]
        assert fitted.standard_errors[path] < 0.5 * truth
