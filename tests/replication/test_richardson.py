"""Richardson's race: closed forms against eigenvalues."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tensionsim.replication.studies import Richardson

rates = st.floats(-2.0, 3.0).map(lambda value: round(value, 3))
races = st.builds(Richardson, *[st.tuples(rates, rates)] * 3)


def matrix(race: Richardson) -> np.ndarray:
    return np.array([[-race.fatigue[0], race.reaction[0]], [race.reaction[1], -race.fatigue[1]]])


@given(races)
def test_stability_is_that_of_the_eigenvalues(race: Richardson) -> None:
    real = np.linalg.eigvals(matrix(race)).real.max()
    assume(abs(real) > 1e-6)
    assert race.is_stable == (real < 0.0)
    assert max(rate.real for rate in race.rates) == pytest.approx(real, abs=1e-6)


@given(races)
def test_nobody_moves_in_equilibrium(race: Richardson) -> None:
    assume(abs(race.margin) > 1e-3)
    moves = matrix(race) @ race.equilibrium + np.array(race.grievance)
    np.testing.assert_allclose(moves, 0.0, atol=1e-7 * (1 + np.abs(race.equilibrium).max()))


def test_mutual_reaction_that_beats_fatigue_runs_away() -> None:
    assert Richardson((1.0, 1.0), (1.1, 1.1), (1.0, 1.0)).is_stable
    assert not Richardson((1.2, 1.2), (1.1, 1.1), (1.0, 1.0)).is_stable


def test_an_exact_balance_has_no_single_equilibrium() -> None:
    with pytest.raises(ValueError, match="balance exactly"):
        _ = Richardson((1.0, 1.0), (1.0, 1.0), (1.0, 0.0)).equilibrium
