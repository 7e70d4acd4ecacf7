"""An arms race of two governments, in the model and in Richardson's equations.

Each side's armament, here its tone (low is hostile), changes by reaction to the other's, by fatigue with its own, and
by a grievance (Richardson 1960). In the model reaction is reciprocity, grievance a shortfall on one's own yardstick,
and fatigue what inertia leaves of forgetting. A direction d makes a mean score of v d while d is small, v the variance
of the menu's scores at rest; with the rate and the memories as in the model, everything else is linear.

References
----------
Richardson, L. F. (1960). Arms and Insecurity. Boxwood Press.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensionsim.analysis.replication import dyad
from tensionsim.analysis.richardson import Richardson
from tensionsim.engine import assemble, begin, step
from tensionsim.engine.perceive import perceive
from tensionsim.mechanisms import ALL
from tensionsim.record import Floats
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario
from tensionsim.world.channels import Channel
from tensionsim.world.memory import kept

RATE = 200.0
"""Acts of each side a month: many, so that tone is a mean and chance small beside it."""

PRIOR = 0.5
MONTHS_PER_WEEK = 12.0 / 52.0
HALF_LIVES_MONTHS = (0.25, 2.0)
SCORES = (-6.0, -2.0, 2.0, 6.0)
VARIANCE = float(np.mean(np.square(SCORES)) / 100.0)
"""Of the menu's scores (Goldstein / 10) with no direction: without a taste for strong moves all are equally likely."""

INERTIA = np.array([0.4, 0.5])
RECIPROCITY = np.array([0.9, 0.6])
"""Coefficients of fast and slow tone, at a gain of 1."""

HEARD = VARIANCE * RATE / (RATE + PRIOR)
"""Mean tone that a direction of 1 makes, as the prior lets it be heard."""

_KEPT_ON = ("inertia", "reciprocity", "performance")
_SILENT = dict.fromkeys(("own_fast", "own_slow", "other_fast", "other_slow"), 0.0)


@dataclass(frozen=True, slots=True)
class Race:
    """Two sides that act often, answer each other and hold a grievance.

    gain : multiplies reaction and inertia, >= 0. sharp : how readily each side reciprocates, >= 0. grievance : what
    each side's direction is lowered by. weeks : how long it lasts.
    """

    gain: float = 1.0
    sharp: tuple[float, float] = (1.4, 0.7)
    grievance: tuple[float, float] = (0.10, -0.35)
    weeks: int = 120

    @property
    def equations(self) -> Richardson:
        """Richardson's equations of the tone; time in whatever unit memories fade by 1."""
        reaction, inertia = (HEARD * self.gain * float(one.sum()) for one in (RECIPROCITY, INERTIA))
        return Richardson(
            reaction=(reaction * self.sharp[0], reaction * self.sharp[1]),
            fatigue=(1.0 - inertia, 1.0 - inertia),
            grievance=(-HEARD * self.grievance[0], -HEARD * self.grievance[1]),
        )

    @property
    def feedback(self) -> float:
        """How much of a small hostility comes back: above 1, reaction beats fatigue."""
        return 1.0 + max(rate.real for rate in self.equations.rates)

    def course(self) -> Floats:
        """Richardson's equations in the steps and memories of the model: tone by week, shape (week, memory, side)."""
        keep = kept(np.array(HALF_LIVES_MONTHS), MONTHS_PER_WEEK)[:, None]
        net, acts, path = np.zeros((2, 2)), np.zeros((2, 1)), []
        for _ in range(self.weeks):
            tone = net / (acts + PRIOR)
            answer = INERTIA @ tone + np.array(self.sharp) * (RECIPROCITY @ tone[:, ::-1])
            net = keep * net + (1.0 - keep) * RATE * VARIANCE * (self.gain * answer - np.array(self.grievance))
            acts = keep * acts + (1.0 - keep) * RATE
            path.append(net / (acts + PRIOR))
        return np.array(path)

    def tones(self, *, runs: int, seed: int) -> Floats:
        """Fast and slow tone of both sides in runs of the model, shape (week, memory, side, run), in [-1, 1]."""
        world = assemble(self.scenario())
        now, found = begin(world, Luck(seed, 0, runs)), []
        rows = [
            world.channels.index(Channel(side, other, dyad.ISSUE, "political"))
            for side, other in (dyad.SIDES, dyad.SIDES[::-1])
        ]
        for _ in range(world.steps):
            step(now)
            seen = perceive(world, now.state, now.numbers)
            found.append([seen.tone_fast[rows], seen.tone_slow[rows]])
        return np.array(found)

    def scenario(self) -> Scenario:
        """The race as a scenario: one issue, no third party, small tone."""
        engine = {"base_political": RATE, "acts_per_step": 100, "tone_prior": PRIOR, "bias": 0.0, "intensity": 0.0}
        engine |= {"fast_half_life": HALF_LIVES_MONTHS[0], "slow_half_life": HALF_LIVES_MONTHS[1]}
        end = np.datetime64(dyad.START) + np.timedelta64(7 * self.weeks, "D")
        return dyad.north_and_south(
            "An arms race",
            end=str(end),
            moves={f"act{place}": dyad.move(score) for place, score in enumerate(SCORES)},
            actors={side: self._side(row) for row, side in enumerate(dyad.SIDES)},
            indicators={_complained_of(row): self._complaint(row) for row in (0, 1)},
            mechanisms={one.name: "off" for one in ALL if one.name not in _KEPT_ON} | self._coefficients(),
            parameters=_SILENT | engine,
        )

    def _side(self, row: int) -> dict[str, object]:
        yardstick = {_complained_of(row): float(self.grievance[row])}
        return {"attention": 1.0, "reciprocity": float(self.sharp[row]), "yardstick": yardstick}

    def _complaint(self, row: int) -> dict[str, object]:
        """What a side complains of: twice its reference, so that its yardstick's weight is the grievance."""
        other = dyad.SIDES[1 - row]
        return {"value": 200, "unit": "points", "reference": 100, "issue": dyad.ISSUE, "responsible": other}

    def _coefficients(self) -> dict[str, dict[str, float]]:
        both = {"inertia": self.gain * INERTIA, "reciprocity": self.gain * RECIPROCITY}
        named = {name: {"fast": float(one[0]), "slow": float(one[1])} for name, one in both.items()}
        return named | {"performance": {"strength": 1.0}}


def _complained_of(row: int) -> str:
    return f"complaint_{dyad.SIDES[row]}"


def border_gain() -> float:
    """The gain at which two equally sharp sides stand on the border of stability."""
    return 1.0 / float(HEARD * (INERTIA.sum() + RECIPROCITY.sum()))
