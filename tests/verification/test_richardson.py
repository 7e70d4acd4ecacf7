"""With one issue, no third party and small tone, the mean tone follows Richardson's equations.

Richardson (1960): each side's armament (here its tone q, low is hostile) changes by reaction to the other's, by fatigue
with its own, and by a grievance. Here reaction is reciprocity, grievance is a shortfall on one's own yardstick, and
fatigue is what inertia leaves of forgetting. A direction d makes a mean score of v d, v the variance of the menu's
scores at rest, while d is small. With rate, memories and prior as in the model, everything else is linear.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import dyads
from dyads import AVALON, BRIGADOON
from tensionsim import stability
from tensionsim.engine import assemble, begin, step
from tensionsim.engine.perceive import perceive
from tensionsim.mechanisms import ALL
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario
from tensionsim.world.channels import Floats
from tensionsim.world.memory import kept

RATE = 200.0
PRIOR = 0.5
DT = 12.0 / 52.0
HALF_LIVES = (0.25, 2.0)
SCORES = (-6.0, -2.0, 2.0, 6.0)
MOVES = {f"act{place}": dyads.move(score) for place, score in enumerate(SCORES)}
KEPT_ON = ("inertia", "reciprocity", "performance")
VARIANCE = float(np.mean(np.square(SCORES)) / 100.0)
"""Of the menu's scores (Goldstein / 10) with no direction: without a taste for strong moves all are equally likely."""

INERTIA = np.array([0.4, 0.5])
RECIPROCITY = np.array([0.9, 0.6])
"""Coefficients of fast and slow tone."""
SHARP = np.array([1.4, 0.7])
"""How readily each side reciprocates."""
GRIEVANCE = np.array([0.10, -0.35])
"""What each side's direction is lowered by."""


def richardson(
    *, gain: float = 1.0, grievance: Floats = GRIEVANCE, sharp: Floats = SHARP, weeks: int = 120, **parameters: Any
) -> Scenario:
    """Two sides that act often, answer each other and hold a grievance; `gain` multiplies reaction and inertia."""
    sheep = {"value": 200, "unit": "sheep", "reference": 100, "issue": "road"}
    herds = {
        f"sheep_{actor}": sheep | {"responsible": other} for actor, other in ((AVALON, BRIGADOON), (BRIGADOON, AVALON))
    }
    actors = {
        actor: {
            "attention": 1.0,
            "reciprocity": float(sharp[row]),
            "yardstick": {f"sheep_{actor}": float(grievance[row])},
        }
        for row, actor in enumerate((AVALON, BRIGADOON))
    }
    coefficients = {
        "inertia": dict(zip(("fast", "slow"), (gain * INERTIA).tolist(), strict=True)),
        "reciprocity": dict(zip(("fast", "slow"), (gain * RECIPROCITY).tolist(), strict=True)),
        "performance": {"strength": 1.0},
    }
    off = {one.name: "off" for one in ALL if one.name not in KEPT_ON}
    engine = {"base_political": RATE, "acts_per_step": 100, "tone_prior": PRIOR, "bias": 0.0, "intensity": 0.0}
    engine |= {"fast_half_life": HALF_LIVES[0], "slow_half_life": HALF_LIVES[1]}
    end = np.datetime64(dyads.START) + np.timedelta64(7 * weeks, "D")
    return dyads.scenario(
        moves=MOVES, actors=actors, indicators=herds, end=str(end), mechanisms=off | coefficients,
        parameters=dict(dyads.SILENT) | engine | parameters,
    )  # fmt: skip


def tones(of: Scenario, *, runs: int, seed: int) -> Floats:
    """Fast and slow tone of both sides by step, shape (step, memory, side, run)."""
    world = assemble(of)
    now, found = begin(world, Luck(seed, 0, runs)), []
    rows = [dyads.channel(world, actor) for actor in (AVALON, BRIGADOON)]
    for _ in range(world.steps):
        step(now)
        seen = perceive(world, now.state, now.numbers)
        found.append([seen.tone_fast[rows], seen.tone_slow[rows]])
    return np.array(found)


def expected_path(steps: int, *, gain: float = 1.0) -> Floats:
    """Richardson's equations iterated: tone by step, shape (step, memory, side)."""
    keep = kept(np.array(HALF_LIVES), DT)[:, None]
    net, acts, path = np.zeros((2, 2)), np.zeros((2, 1)), []
    for _ in range(steps):
        tone = net / (acts + PRIOR)
        towards = gain * (INERTIA @ tone + SHARP * (RECIPROCITY @ tone[:, ::-1])) - GRIEVANCE
        net = keep * net + (1.0 - keep) * RATE * VARIANCE * towards
        acts = keep * acts + (1.0 - keep) * RATE
        path.append(net / (acts + PRIOR))
    return np.array(path)


def equilibrium(*, gain: float = 1.0, grievance: Floats = GRIEVANCE, sharp: Floats = SHARP) -> Floats:
    """Where reaction, fatigue and grievance balance: `(1 - v M)^-1 v (-g)`, by side."""
    answer = VARIANCE * RATE / (RATE + PRIOR)
    reaction = gain * np.array(
        [[INERTIA.sum(), sharp[0] * RECIPROCITY.sum()], [sharp[1] * RECIPROCITY.sum(), INERTIA.sum()]]
    )
    return np.linalg.solve(np.eye(2) - answer * reaction, -answer * grievance)


@cache
def stable() -> Floats:
    return tones(richardson(), runs=300, seed=1)


def test_the_mean_tone_follows_richardsons_equations_from_the_start() -> None:
    found, expected = stable().mean(axis=-1), expected_path(120)
    error = stable().std(axis=-1) / np.sqrt(300)
    # Beside sampling, what is left of the logit's curvature: a percent of the tone.
    assert (np.abs(found - expected) < 4.5 * error + 0.01 * np.abs(expected).max()).all()


def test_the_mean_tone_settles_at_richardsons_equilibrium() -> None:
    found = stable()[-60:].mean(axis=(0, 1, 3))
    assert found == pytest.approx(equilibrium(), abs=0.03 * np.abs(equilibrium()).max())
    assert expected_path(4000)[-1, 0] == pytest.approx(equilibrium(), rel=1e-6)


def test_a_sides_grievance_lowers_the_tone_of_both() -> None:
    aggrieved = GRIEVANCE + np.array([0.3, 0.0])
    assert (equilibrium(grievance=aggrieved) < equilibrium()).all()
    found = tones(richardson(grievance=aggrieved, weeks=80), runs=100, seed=1)[-40:].mean(axis=(0, 1, 3))
    expected = equilibrium(grievance=aggrieved)
    assert found == pytest.approx(expected, abs=0.05 * np.abs(expected).max())


def border_gain() -> float:
    """The gain at which two equal sides stand on the border of stability."""
    return 1.0 / (VARIANCE * RATE / (RATE + PRIOR) * (INERTIA.sum() + RECIPROCITY.sum()))


@pytest.mark.parametrize(("share", "is_stable"), [(0.6, True), (0.85, True), (1.25, False), (1.6, False)])
def test_tone_settles_below_the_border_of_stability_and_explodes_above_it(share: float, is_stable: bool) -> None:
    alike, small = np.ones(2), np.array([0.02, 0.02])
    of = richardson(gain=share * border_gain(), sharp=alike, grievance=small, weeks=150)
    last = tones(of, runs=150, seed=2)[-1].mean(axis=0)
    assert stability.of(of).tone == pytest.approx(share, rel=0.05)
    assert (stability.of(of).tone < 1.0) == is_stable
    if is_stable:
        settled = equilibrium(gain=share * border_gain(), grievance=small, sharp=alike)
        assert last.mean(axis=-1) == pytest.approx(settled, abs=4.5 * last.std() / np.sqrt(150))
        assert np.sqrt(np.square(last).mean()) < 0.15
    else:
        assert np.sqrt(np.square(last).mean()) > 0.25
        assert (np.sign(last[0]) == np.sign(last[1])).mean() > 0.95
