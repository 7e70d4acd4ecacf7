"""The log-likelihood of an observed history, with its exact gradient and Hessian.

The log-probability is a sum over cells (a channel in a step) of `log Poisson(acts | rate dt)` and, for each act, of the
log of its logit share over the menu that was open. Where a rule was asked, an active cell is a mixture of the rule's
answer and the actor's own choice. Rates are linear in their coefficients, and so are direction, intensity and
restraint: each part is concave, but for mixtures, for the bends of `Design`, and for episodes.

References
----------
Ogata, Y. (1978). The asymptotic behaviour of maximum likelihood estimators for stationary point processes. AISM 30.
McFadden, D. (1974). Conditional logit analysis of qualitative choice behavior. In Frontiers in Econometrics.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tensionsim.estimation import cells
from tensionsim.estimation.window import Span, StatePath, observation_window, state_path
from tensionsim.events.history import EventHistory
from tensionsim.model.structure import Bools, Floats
from tensionsim.scenario.scenario import Scenario, scenario_of

MOST_STEPS, MOST_HALVINGS = 100, 12
"""Of a search uphill, and of any of its steps."""

ENOUGH, ENOUGH_OF_WALK = 1e-7, 1e-8
"""A Newton step that could gain no more than this in log density is the last."""

REACHED = 1e-3
"""What may be left to gain: next to nothing, but more than rounding and the bends of reciprocity leave."""


class Terms(NamedTuple):
    """Log-probabilities of cells; slope and curvature by what coefficients make linearly, (part, part, cell)."""

    value: Floats
    slope: Floats
    curvature: Floats


@dataclass(frozen=True)
class Likelihood:
    """The log-likelihood of a window as a function of coefficients.

    states : the states that the window's moves lead through. risk_set : the cells. design : the cells' columns.
    coefficients : those that the vector holds, in its order. repeats : the moves of the choice
    cells, for acts that repeat one another.

    Examples
    --------
    >>> import tensionsim as ts
    >>> likelihood = ts.Likelihood.of("trump2-petro-2025", until="2025-03-31")
    >>> value, gradient, hessian = likelihood.evaluate(likelihood.values)
    >>> value < 0.0, gradient.shape == likelihood.values.shape, bool((hessian == hessian.T).all())
    (True, True, True)
    """

    states: StatePath
    risk_set: cells.RiskSet
    design: cells.Design
    coefficients: tuple[cells.Coefficient, ...]
    repeats: cells.Repeats

    def __repr__(self) -> str:
        where = self.states.window
        of = f"{where.history.name!r} under {where.scenario.name!r}, {where.since} to {where.until}"
        return f"<Likelihood of {of}: {len(self.coefficients)} coefficients>"

    @classmethod
    def of(
        cls,
        scenario: Scenario | str | Path,
        history: EventHistory | None = None,
        *,
        since: dt.date | str | None = None,
        until: dt.date | str | None = None,
        missing: Sequence[Span] = (),
    ) -> Likelihood:
        """The likelihood of an observed history under a scenario, its shapes as in the scenario.

        history : observed events; default those that the scenario names. since, until : first and last day that count;
        see `tensionsim.fit`. missing : stretches, from a day to another, in which nothing was recorded.

        Raises
        ------
        FitError
            If the scenario names no history and none is given, or nothing of it lies in the window.
        """
        case = scenario_of(scenario)
        states = state_path(observation_window(case, history, since=since, until=until, gaps=missing))
        risk_set, coefficients = cells.risk_set_of(states), cells.linear(states)
        design = cells.design_of(states, risk_set, coefficients)
        return cls(states, risk_set, design, coefficients, cells.repeats(states, risk_set))

    def with_shapes(self, shapes: Mapping[str, float]) -> Likelihood:
        """The likelihood with other half-lives or shapes, by path."""
        return replace(self, design=cells.design_of(self.states, self.risk_set, self.coefficients, shapes))

    @property
    def values(self) -> Floats:
        """The scenario's coefficients, shape (coefficient,)."""
        return np.array([one.value for one in self.coefficients])

    @cached_property
    def _rates(self) -> list[int]:
        return [row for row, one in enumerate(self.coefficients) if one.part == cells.RATE]

    def value(self, vector: Floats) -> float:
        """The log-likelihood; -inf where an act came at rate 0. vector : shape (coefficient,)."""
        return self.evaluate(vector, is_value_only=True)[0]

    def evaluate(self, vector: Floats, *, is_value_only: bool = False) -> tuple[float, Floats, Floats]:
        """Log-likelihood, gradient, shape (coefficient,), and Hessian, shape (coefficient, coefficient).

        The latter two are empty where only the value is asked for, and nan where it is -inf.
        """
        size, walk = len(self.coefficients), self.design.walk
        if np.any(self._rate(vector) <= 0.0):
            return -np.inf, np.full(size, np.nan), np.full((size, size), np.nan)
        if not len(walk):
            return self._evaluate(vector, is_value_only)
        start, free = np.concatenate([vector, walk]), np.concatenate([np.zeros(size), np.full(len(walk), np.inf)])
        found = climb(self._evaluate, start, start - free, start + free, enough=ENOUGH_OF_WALK)
        walk[:] = found.point[size:]
        # Of the coefficients alone, the walk following them.
        across, inner = found.hessian[:size, size:], found.hessian[size:, size:]
        alone = found.hessian[:size, :size] - across @ np.linalg.solve(inner, across.T)
        return found.value, found.gradient[:size], 0.5 * (alone + alone.T)

    def _rate(self, vector: Floats) -> Floats:
        return self.design.rates @ vector[self._rates] + self.design.rates_fixed

    def _evaluate(self, vector: Floats, is_value_only: bool = False) -> tuple[float, Floats, Floats]:
        """Value, gradient and Hessian by the coefficients and, after them, by the walk of the level, if it has one."""
        rates, size, precision = self._rates, len(self.coefficients), self.design.precision
        beta, counts = vector[rates], self._counts(self._rate(vector))
        columns = self.design.bent(vector)
        picks = self._picks(self._tastes(vector, columns))
        quiet = float(self.design.quiet @ beta) + self.design.quiet_fixed
        bursts = self.design.bursts
        together = bursts.terms(beta) if bursts is not None else (-self._months * quiet, np.zeros(0), np.zeros((0, 0)))
        total = self.risk_set.constant + together[0]
        whole = counts.value.copy()
        np.add.at(whole, self.risk_set.choices.cell, picks.value)
        # A rule may have acted, or the actor itself.
        joint = np.logaddexp(self.risk_set.log_rule, self.risk_set.log_own + whole)
        weight = np.exp(self.risk_set.log_own + whole - joint)
        total += float(joint.sum())
        if is_value_only:
            return total, np.zeros(0), np.zeros((0, 0))
        gradient, hessian = self._derivatives(counts, picks, columns, weight)
        if bursts is None:
            gradient[rates] -= self._months * self.design.quiet
        else:
            gradient[rates] += together[1]
            hessian[np.ix_(rates, rates)] += together[2]
        if len(precision):
            walk = vector[size:]
            total -= 0.5 * float(walk @ precision @ walk)
            gradient[size:] -= precision @ walk
            hessian[size:, size:] -= precision
        for cell in np.flatnonzero(self.risk_set.log_rule > -np.inf).tolist():
            own, slope = weight[cell], self._slope_of(len(vector), cell, counts, picks, columns)
            hessian += own * (1.0 - own) * np.outer(slope, slope)
        return total, gradient, 0.5 * (hessian + hessian.T)

    @property
    def _months(self) -> float:
        return self.states.window.world.dt_months

    def _counts(self, rate: Floats) -> Terms:
        """Log-probability of the number of acts in active cells, and derivatives by the rate."""
        from scipy.special import gammainc, gammaln

        acts, months = self.risk_set.acts, self._months
        mean = rate * months
        value = acts * np.log(mean) - mean - gammaln(acts + 1.0)
        slope, curvature = acts / mean - 1.0, -acts / mean**2
        full = self.risk_set.is_capped
        if self.design.bursts is not None:
            # What the mean costs is counted with the episode.
            member = self.design.bursts.is_member
            value, slope, full = value + mean * member, slope + member, full & ~member
        # At the cap what is known is that there were so many or more: P(N >= n) is the gamma distribution's share.
        if full.any():
            n, m = acts[full], mean[full]
            reached = np.log(np.maximum(gammainc(n, m), np.finfo(float).tiny))
            hazard = np.exp((n - 1.0) * np.log(m) - m - gammaln(n) - reached)
            value[full], slope[full] = reached, hazard
            curvature[full] = hazard * ((n - 1.0) / m - 1.0 - hazard)
        return Terms(value, (slope * months)[None], (curvature * months**2)[None, None])

    @cached_property
    def _made(self) -> Floats:
        """What the moves of menus are in the parts that are used, shape (part, choice cell, kind of move)."""
        return self.risk_set.choices.made[self.design.used]

    def _tastes(self, vector: Floats, columns: Floats) -> Floats:
        design, values = self.design, vector[self.design.rows]
        made = [columns[:, here] @ values[here] for here in design.ends]
        return design.fixed + np.array(made)

    def _picks(self, taste: Floats) -> Terms:
        """Log-probability of the moves in choice cells, and derivatives by the tastes, shape (part, choice cell)."""
        choices, made = self.risk_set.choices, self._made
        utility = np.einsum("pcm,pc->cm", made, taste)
        utility += choices.log_weight
        highest = utility.max(axis=1, initial=-np.inf)
        share = np.exp(utility - highest[:, None])
        whole = share.sum(axis=1)
        share /= whole[:, None]
        log_whole = highest + np.log(whole)
        mean = np.einsum("pcm,cm->pc", made, share)
        done = choices.done[self.design.used]
        value = (done * taste).sum(axis=0) + choices.log_frequency - choices.acts * log_whole
        centred = made - mean[:, :, None]
        covariance = np.matmul((centred * share).transpose(1, 0, 2), centred.transpose(1, 2, 0)).transpose(1, 2, 0)
        found = Terms(value, done - choices.acts * mean, -choices.acts * covariance)
        if (self.design.imitation > 0.0).any():
            self._repeat(found, taste, log_whole, mean, covariance)
        return found

    def _repeat(self, found: Terms, taste: Floats, log_whole: Floats, mean: Floats, covariance: Floats) -> None:
        """Changes the terms of cells in which acts may repeat earlier ones of their episode."""
        repeats, seen = self.repeats, self.risk_set.choices.seen
        cell, count = repeats.cell, len(repeats.passed)
        made = repeats.made[self.design.used]
        log_share = (made * taste[:, cell]).sum(axis=0) + repeats.log_frequency - log_whole[cell]
        value, by_share, twice = repeats.terms(log_share, np.maximum(self.design.imitation[:seen], cells.LEAST))
        away = made - mean[:, cell]
        found.value[:seen] = value
        found.slope[:, :seen] = [np.bincount(cell, by_share * one, count) for one in away]
        curvature = -np.bincount(cell, by_share, count) * covariance[:, :, :seen]
        for one, other in np.ndindex(curvature.shape[:2]):
            curvature[one, other] += np.bincount(cell, twice * away[one] * away[other], count)
        found.curvature[:, :, :seen] = curvature

    def _derivatives(self, counts: Terms, picks: Terms, columns: Floats, weight: Floats) -> tuple[Floats, Floats]:
        rows, rates, size = self._rates, self.design.rates, len(self.coefficients) + len(self.design.walk)
        gradient, hessian = np.zeros(size), np.zeros((size, size))
        gradient[rows] = (weight * counts.slope[0]) @ rates
        hessian[np.ix_(rows, rows)] = rates.T @ ((weight * counts.curvature[0, 0])[:, None] * rates)
        owner, places, share = self.design.owner, self.design.rows, weight[self.risk_set.choices.cell]
        weighed = (columns * share[:, None]).T
        np.add.at(gradient, places, (weighed * picks.slope[owner]).sum(axis=1))
        bent = [
            (weighed[here] @ (columns.T * curvature[owner]).T)
            for here, curvature in zip(self.design.ends, picks.curvature, strict=True)
        ]
        np.add.at(hessian, (places[:, None], places), np.concatenate(bent))
        return gradient, hessian

    def _slope_of(self, size: int, cell: int, counts: Terms, picks: Terms, columns: Floats) -> Floats:
        """The gradient of one active cell's own log-probability."""
        slope = np.zeros(size)
        slope[self._rates] = counts.slope[0, cell] * self.design.rates[cell]
        for place in np.flatnonzero(self.risk_set.choices.cell == cell):
            np.add.at(slope, self.design.rows, picks.slope[self.design.owner, place] * columns[place])
        return slope


Evaluate = Callable[[Floats], tuple[float, Floats, Floats]]
"""What gives value, gradient and Hessian at a point."""


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where a function is highest within bounds, which coordinates these hold, what a further step could gain."""

    point: Floats
    value: float
    gradient: Floats
    hessian: Floats
    at_bound: Bools
    gain: float
    steps: int


def climb(evaluate: Evaluate, start: Floats, low: Floats, high: Floats, *, enough: float = ENOUGH) -> Maximum:
    """The maximum from near, by Newton's steps on the coordinates that no bound holds, never downhill."""

    def inside(tried: Floats) -> Floats:
        return _snapped(np.clip(tried, low, high), low, high)

    point = _snapped(start, low, high)
    value, gradient, hessian = evaluate(point)
    for steps in range(MOST_STEPS + 1):
        held = ((point <= low) & (gradient <= 0.0)) | ((point >= high) & (gradient >= 0.0))
        step = _newton(gradient, hessian, ~held)
        gain = 0.5 * float(gradient @ step)
        if gain <= enough or steps == MOST_STEPS:
            break
        steepest = np.where(held, 0.0, gradient / np.maximum(np.abs(np.diag(hessian)), 1e-12))
        tried = (inside(point + way * 0.5**halving) for way in (step, steepest) for halving in range(MOST_HALVINGS))
        found = next(((one, at) for one in tried if (at := evaluate(one))[0] > value), None)
        if found is None:
            break
        won = found[1][0] - value
        point, (value, gradient, hessian) = found
        if gain <= REACHED and won < 0.1 * gain:
            # On a bend, where slopes leap, steps zigzag without end.
            break
    return Maximum(point, value, gradient, hessian, held, gain, steps)


def _snapped(point: Floats, low: Floats, high: Floats) -> Floats:
    """The point, on a bound where rounding alone keeps it off."""
    near = 1e-9 * np.minimum(1.0 + np.abs(point), high - low)
    return np.where(point - low <= near, low, np.where(high - point <= near, high, point))


def _newton(gradient: Floats, hessian: Floats, free: Bools) -> Floats:
    """Newton's step in the free coordinates, uphill even where the function is not concave."""
    step = np.zeros_like(gradient)
    if not free.any():
        return step
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(hessian)[free]), 1e-12))
    curvature, axes = np.linalg.eigh(-hessian[np.ix_(free, free)] * np.outer(scale, scale))
    curvature = np.maximum(np.abs(curvature), 1e-9)
    step[free] = scale * (axes @ ((axes.T @ (scale * gradient[free])) / curvature))
    return step
