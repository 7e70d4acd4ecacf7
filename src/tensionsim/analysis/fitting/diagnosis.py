"""Diagnosis: whether a fit can be trusted, in numbers and in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tensionsim import choice
from tensionsim.analysis.fitting.search import Maximum, climb
from tensionsim.analysis.fitting.shaping import Shaping
from tensionsim.analysis.fitting.target import Target
from tensionsim.likelihood.ground import BEYOND, COUNTED
from tensionsim.world.channels import Floats

FEW = 10.0
"""Assumption: fewer acts than this for each coefficient that data determine are few (a rule of thumb of regression)."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How a fit went.

    is_converged : whether nothing is left to gain. gain : what another step could gain in log density. gradient : the
    largest slope in units of the standard error, of coefficients that no bound holds. condition : number of the
    curvature, its diagonal scaled to 1; above 1e6 some coefficients cannot be told apart. acts : those that count.
    effective : coefficients' worth that the data, not the priors, determine. learned : that share for each. at_bound :
    coefficients that a bound holds. separated : those that the data alone would push to the end of their range;
    the prior holds them. steps, shapes_tried : of the search. stopped : acts that checks are expected to have stopped
    unseen. account : what counted and what did not.
    """

    is_converged: bool
    gain: float
    gradient: float
    condition: float
    acts: int
    effective: float
    learned: Mapping[str, float]
    at_bound: tuple[str, ...]
    separated: tuple[str, ...]
    steps: int
    shapes_tried: int
    stopped: float
    account: Mapping[str, int]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know, in sentences."""
        said = {
            f"the search did not end: another step could gain {self.gain:.2g} in log density": not self.is_converged,
            f"some coefficients can hardly be told apart (condition number {self.condition:.1e})": self.condition > 1e6,
            f"few data: {self.acts} acts for {self.effective:.1f} coefficients' worth of information; where the "
            "priors say something, they say most": self.acts < FEW * max(self.effective, 1.0),
            f"at the end of their range: {', '.join(self.at_bound)}; their standard errors are those of what is left "
            "inside it": bool(self.at_bound),
            f"separated: the data alone would push {', '.join(self.separated)} to the end of the range; the prior "
            "holds them": bool(self.separated),
            f"{self.account[BEYOND]:,} acts are more than a step can hold; raise parameters.acts_per_step, "
            "or the runs will have fewer acts than the history": self.account[BEYOND] > 0,
            f"domestic checks may have stopped about {self.stopped:.1f} acts that nobody saw; their rate is left "
            "out": self.stopped >= 0.05,
        }
        return tuple(sentence for sentence, holds in said.items() if holds)


def diagnose(target: Target, best: Maximum, shaping: Shaping) -> Diagnosis:
    """How a fit went."""
    free = ~best.at_bound
    precision = -best.hessian[np.ix_(free, free)]
    scale = np.sqrt(np.maximum(np.diag(precision), 1e-12))
    eigenvalues = np.linalg.eigvalsh(precision / np.outer(scale, scale)) if free.any() else np.ones(1)
    slopes = np.abs(best.gradient[free]) / scale
    learned = _learned(target, best)
    ground = target.likelihood.ground
    return Diagnosis(
        is_converged=best.is_reached,
        gain=best.gain,
        gradient=float(slopes.max(initial=0.0)),
        condition=float(eigenvalues[-1] / max(eigenvalues[0], 1e-300)),
        acts=ground.account[COUNTED],
        effective=float(sum(learned.values())),
        learned=learned,
        at_bound=tuple(path for path, held in zip(target.paths, best.at_bound.tolist(), strict=True) if held),
        separated=_separated(target, best),
        steps=best.steps,
        shapes_tried=shaping.tried,
        stopped=_stopped(target, best.point),
        account=ground.account,
    )


def _learned(target: Target, best: Maximum) -> dict[str, float]:
    """Share of each coefficient's precision that comes from the data: 1 less that of the prior, in [0, 1]."""
    precision = -best.hessian
    prior = np.array([one.precision for one, is_free in zip(target.priors, target.free, strict=True) if is_free])
    covariance = np.linalg.pinv(precision)
    share = np.clip(1.0 - prior * np.diag(covariance), 0.0, 1.0)
    return dict(zip(target.paths, share.tolist(), strict=True))


def _separated(target: Target, best: Maximum) -> tuple[str, ...]:
    """Coefficients that without any prior go to the end of their range (other than 0)."""
    alone = target.unpressed()
    found = climb(alone.evaluate, best.point, alone.low, alone.high)
    width = alone.high - alone.low
    near = 1e-3 * width
    at_end = (found.point >= alone.high - near) | ((found.point <= alone.low + near) & (alone.low < 0.0))
    return tuple(path for path, is_far in zip(target.paths, at_end.tolist(), strict=True) if is_far)


def _stopped(target: Target, point: Floats) -> float:
    """Acts that checks are expected to have stopped, for each that was made and seen."""
    likelihood = target.likelihood
    trail, choices = likelihood.trail, likelihood.ground.choices
    world, stopped = trail.window.world, trail.stopped
    if not world.rulebook.vetoes or not len(choices.cell):
        return 0.0
    channel, step = likelihood.ground.channel[choices.cell], likelihood.ground.step[choices.cell]
    direction, intensity, restraint = likelihood.tastes(target.full(point))
    order = np.argsort(channel, kind="stable")
    taste = choice.tastes(direction[order], intensity[order], restraint[order])
    odds = choice.weights(world.menus, channel[order], taste, trail.is_open[step[order], channel[order]])
    share = odds / odds.sum(axis=0)
    moves = world.menus.move[:, channel[order]]
    chance = stopped[world.channels.actor[channel[order]], moves, step[order]]
    lost = (share * chance).sum(axis=0)
    return float((choices.acts[order] * lost / np.maximum(1.0 - lost, 1e-6)).sum())
