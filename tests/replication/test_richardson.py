"""Richardson's race: closed forms against eigenvalues."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from tensionsim.replication.studies import HEARD, Race

rates = st.floats(-2.0, 3.0).map(lambda value: round(value, 3))
pairs = st.tuples(rates, rates)
races = st.builds(Race, gain=st.floats(0.0, 9.0).map(lambda value: round(value, 3)), sharp=pairs, grievance=pairs)


@given(races)
def test_stability_is_that_of_the_eigenvalues(race: Race) -> None:
    real = np.linalg.eigvals(race.matrix).real.max()
    assume(abs(real) > 1e-6)
    (first, k), (el, second) = race.matrix.tolist()
    assert (first * second > k * el and first + second < 0.0) == (race.feedback < 1.0)
    assert race.feedback == pytest.approx(1.0 + real)


@given(races)
def test_nobody_moves_in_equilibrium(race: Race) -> None:
    assume(abs(np.linalg.det(race.matrix)) > 1e-3)
    moves = race.matrix @ race.equilibrium - HEARD * np.array(race.grievance)
    np.testing.assert_allclose(moves, 0.0, atol=1e-7 * (1 + np.abs(race.equilibrium).max()))


def test_mutual_reaction_that_beats_fatigue_runs_away() -> None:
    assert Race(gain=1.0, sharp=(1.0, 1.0)).feedback < 1.0 < Race(gain=5.0, sharp=(1.0, 1.0)).feedback
