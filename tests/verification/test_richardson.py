"""With one issue, no third party and small tone, the mean tone follows Richardson's equations.

The races and what they must agree with are those of `tensionsim replicate richardson`; asked here is more: other
grievances, other runs, and that the equations themselves hang together.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tensionsim.engine.stability import Stability
from tensionsim.model.structure import Floats
from tensionsim.replication import BORDER_GAIN, Race

RUNS = 300


@cache
def stable() -> Floats:
    return Race().tones(runs=RUNS, seed=1)


def test_the_mean_tone_follows_richardsons_equations_from_the_start() -> None:
    found, expected = stable().mean(axis=-1), Race().course()
    error = stable().std(axis=-1) / np.sqrt(RUNS)
    # Beside sampling, what is left of the logit's curvature: a percent of the tone.
    assert (np.abs(found - expected) < 4.5 * error + 0.01 * np.abs(expected).max()).all()


def test_the_mean_tone_settles_at_richardsons_equilibrium() -> None:
    found, expected = stable()[-60:].mean(axis=(0, 1, 3)), Race().equilibrium
    assert found == pytest.approx(expected, abs=0.03 * np.abs(expected).max())


def test_the_course_in_the_models_steps_ends_in_the_closed_form() -> None:
    assert Race(weeks=4000).course()[-1, 0] == pytest.approx(Race().equilibrium, rel=1e-6)


def test_a_sides_grievance_lowers_the_tone_of_both() -> None:
    aggrieved = Race(grievance=(0.40, -0.35), weeks=80)
    expected = aggrieved.equilibrium
    assert (expected < Race().equilibrium).all()
    found = aggrieved.tones(runs=100, seed=1)[-40:].mean(axis=(0, 1, 3))
    assert found == pytest.approx(expected, abs=0.05 * np.abs(expected).max())


@pytest.mark.parametrize(("share", "is_stable"), [(0.6, True), (0.85, True), (1.25, False), (1.6, False)])
def test_tone_settles_below_the_border_of_stability_and_explodes_above_it(share: float, is_stable: bool) -> None:
    race = replace(Race(weeks=150), gain=share * BORDER_GAIN, sharp=(1.0, 1.0), grievance=(0.02, 0.02))
    last = race.tones(runs=150, seed=2)[-1].mean(axis=0)
    assert race.feedback == pytest.approx(share)
    assert Stability.of(race.scenario()).tone == pytest.approx(share, rel=0.05)
    assert (Stability.of(race.scenario()).tone < 1.0) == (race.feedback < 1.0) == is_stable
    if is_stable:
        settled = race.equilibrium
        assert last.mean(axis=-1) == pytest.approx(settled, abs=4.5 * last.std() / np.sqrt(150))
        assert np.sqrt(np.square(last).mean()) < 0.15
    else:
        assert np.sqrt(np.square(last).mean()) > 0.25
        assert (np.sign(last[0]) == np.sign(last[1])).mean() > 0.95
