"""The log-likelihood of an observed history, with its exact gradient and Hessian.

The log-probability is a sum over cells (a channel in a step) of `log Poisson(acts | rate dt)` and, for each act, of the
log of its logit share over the menu that was open. Where a rule was asked, an active cell is a mixture of the rule's
answer and the actor's own choice. Rates are linear in their coefficients, and so are direction, intensity and
restraint: each part is concave, but for mixtures and for the bends of `Cells`.

References
----------
Ogata, Y. (1978). The asymptotic behaviour of maximum likelihood estimators for stationary point processes. AISM 30.
McFadden, D. (1974). Conditional logit analysis of qualitative choice behavior. In Frontiers in Econometrics.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from tensionsim.history.events import EventHistory
from tensionsim.likelihood.cells import Cells, cells
from tensionsim.likelihood.coefficients import DIRECTION, INTENSITY, RATE, RESTRAINT, Coefficient, linear
from tensionsim.likelihood.ground import Ground, survey
from tensionsim.likelihood.trail import Trail, follow
from tensionsim.likelihood.window import Span, Window, window
from tensionsim.scenario import Scenario, scenario_of
from tensionsim.world.channels import Floats

PARTS = (DIRECTION, INTENSITY, RESTRAINT)
"""What taste is made of, in the order of the covariances of a menu."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Log-probabilities of cells and their derivatives by what the coefficients make linearly.

    value : shape (cell,). slope : shape (part, cell). curvature : shape (part, part, cell).
    """

    value: Floats
    slope: Floats
    curvature: Floats


@dataclass(frozen=True)
class Likelihood:
    """The log-likelihood of a window as a function of coefficients.

    trail : the states that the window's moves lead through. ground : the cells. design : the cells' columns.
    coefficients : those that the vector holds, in its order.

    Examples
    --------
    >>> import tensionsim as ts
    >>> likelihood = ts.likelihood_of("trump2-petro-2025", until="2025-03-31")
    >>> value, gradient, hessian = likelihood.evaluate(likelihood.values)
    >>> value < 0.0, gradient.shape == likelihood.values.shape, bool((hessian == hessian.T).all())
    (True, True, True)
    """

    trail: Trail
    ground: Ground
    design: Cells
    coefficients: tuple[Coefficient, ...]

    @classmethod
    def of(cls, window: Window) -> Likelihood:
        """The likelihood of a window, its shapes as in the scenario."""
        trail = follow(window)
        ground, coefficients = survey(trail), linear(trail)
        return cls(trail, ground, cells(trail, ground, coefficients), coefficients)

    def shaped(self, shapes: Mapping[str, float]) -> Likelihood:
        """The likelihood with other half-lives or shapes, by path."""
        design = cells(self.trail, self.ground, self.coefficients, shapes)
        return Likelihood(self.trail, self.ground, design, self.coefficients)

    @property
    def values(self) -> Floats:
        """The scenario's coefficients, shape (coefficient,)."""
        return np.array([one.value for one in self.coefficients])

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        """Rows of the vector by part."""
        return {part: [row for row, one in enumerate(self.coefficients) if one.part == part] for part in (RATE, *PARTS)}

    def value(self, vector: Floats) -> float:
        """The log-likelihood; -inf where an act came at rate 0. vector : shape (coefficient,)."""
        return self.evaluate(vector, is_value_only=True)[0]

    def evaluate(self, vector: Floats, *, is_value_only: bool = False) -> tuple[float, Floats, Floats]:
        """Log-likelihood, gradient, shape (coefficient,), and Hessian, shape (coefficient, coefficient).

        The latter two are empty where only the value is asked for, and nan where it is -inf.
        """
        size, rows = len(self.coefficients), self._rows
        beta = vector[rows[RATE]]
        rate = self.design.rates @ beta + self.design.rates_fixed
        if np.any(rate <= 0.0):
            return -np.inf, np.full(size, np.nan), np.full((size, size), np.nan)
        counts = self._counts(rate)
        columns = self.design.bent(vector[rows[DIRECTION]])
        picks = self._picks(vector, columns)
        quiet = float(self.design.quiet @ beta) + self.design.quiet_fixed
        total = self.ground.constant - self._months * quiet
        whole = counts.value.copy()
        whole[self.ground.choices.cell] += picks.value
        mixture = self.ground.mixture
        joint = np.logaddexp(mixture.log_rule, mixture.log_own + whole[mixture.cell])
        share = np.exp(mixture.log_own + whole[mixture.cell] - joint)
        weight = np.ones(len(whole))
        weight[mixture.cell] = share
        total += float(whole.sum() - whole[mixture.cell].sum() + joint.sum())
        if is_value_only:
            return total, np.zeros(0), np.zeros((0, 0))
        gradient, hessian = self._derivatives(counts, picks, columns, weight)
        for cell, own in zip(mixture.cell.tolist(), share.tolist(), strict=True):
            slope = self._slope_of(cell, counts, picks, columns)
            hessian += own * (1.0 - own) * np.outer(slope, slope)
        return total, gradient, hessian

    @property
    def _months(self) -> float:
        return self.trail.window.world.dt_months

    def _counts(self, rate: Floats) -> Terms:
        """Log-probability of the number of acts in active cells, and derivatives by the rate."""
        from scipy.special import gammainc, gammaln

        acts, months = self.ground.acts, self._months
        mean = rate * months
        value = acts * np.log(mean) - mean - gammaln(acts + 1.0)
        slope, curvature = acts / mean - 1.0, -acts / mean**2
        # At the cap what is known is that there were so many or more: P(N >= n) is the gamma distribution's share.
        full = self.ground.is_capped
        if full.any():
            n, m = acts[full], mean[full]
            reached = np.log(np.maximum(gammainc(n, m), np.finfo(float).tiny))
            hazard = np.exp((n - 1.0) * np.log(m) - m - gammaln(n) - reached)
            value[full], slope[full] = reached, hazard
            curvature[full] = hazard * ((n - 1.0) / m - 1.0 - hazard)
        return Terms(value, (slope * months)[None], (curvature * months**2)[None, None])

    def tastes(self, vector: Floats) -> tuple[Floats, Floats, Floats]:
        """Direction, intensity and restraint in choice cells, each of shape (choice cell,)."""
        return self._tastes(vector, self.design.bent(vector[self._rows[DIRECTION]]))

    def _tastes(self, vector: Floats, columns: Floats) -> tuple[Floats, Floats, Floats]:
        rows, design = self._rows, self.design
        return (
            columns @ vector[rows[DIRECTION]] + design.direction_fixed,
            design.intensity @ vector[rows[INTENSITY]] + design.intensity_fixed,
            design.restraint @ vector[rows[RESTRAINT]] + design.restraint_fixed,
        )

    def _picks(self, vector: Floats, columns: Floats) -> Terms:
        """Log-probability of the moves in choice cells, and derivatives by direction, intensity and restraint."""
        choices = self.ground.choices
        direction, intensity, restraint = self._tastes(vector, columns)
        menu = choices.menu
        score, hostile = menu.score[menu.pattern], menu.hostile[menu.pattern]
        strength = np.abs(score)
        utility = score * direction[:, None]
        utility += strength * intensity[:, None]
        utility -= hostile * restraint[:, None]
        utility += menu.log_weight[menu.pattern]
        highest = utility.max(axis=1, initial=-np.inf)
        share = np.exp(utility - highest[:, None])
        whole = share.sum(axis=1)
        share /= whole[:, None]
        log_whole = highest + np.log(whole)
        done = np.stack([choices.score, choices.strength, -choices.hostile])
        made = np.stack([score, strength, -hostile])
        mean = np.einsum("kcm,cm->kc", made, share)
        value = done[0] * direction + done[1] * intensity + done[2] * restraint
        value += choices.log_frequency - choices.acts * log_whole
        centred = made - mean[:, :, None]
        covariance = np.einsum("kcm,lcm,cm->klc", centred, centred, share)
        return Terms(value, done - choices.acts * mean, -choices.acts * covariance)

    def _blocks(self, columns: Floats) -> tuple[Floats, Floats, Floats]:
        return columns, self.design.intensity, self.design.restraint

    def _derivatives(self, counts: Terms, picks: Terms, columns: Floats, weight: Floats) -> tuple[Floats, Floats]:
        size, rows, rates = len(self.coefficients), self._rows, self.design.rates
        gradient, hessian = np.zeros(size), np.zeros((size, size))
        gradient[rows[RATE]] = (weight * counts.slope[0]) @ rates - self._months * self.design.quiet
        hessian[np.ix_(rows[RATE], rows[RATE])] = rates.T @ ((weight * counts.curvature[0, 0])[:, None] * rates)
        share = weight[self.ground.choices.cell]
        blocks = self._blocks(columns)
        for one, block in enumerate(blocks):
            here = rows[PARTS[one]]
            gradient[here] = (share * picks.slope[one]) @ block
            for other, across in enumerate(blocks):
                found = block.T @ ((share * picks.curvature[one, other])[:, None] * across)
                hessian[np.ix_(here, rows[PARTS[other]])] = found
        return gradient, 0.5 * (hessian + hessian.T)

    def _slope_of(self, cell: int, counts: Terms, picks: Terms, columns: Floats) -> Floats:
        """The gradient of one active cell's own log-probability, shape (coefficient,)."""
        rows, slope = self._rows, np.zeros(len(self.coefficients))
        slope[rows[RATE]] = counts.slope[0, cell] * self.design.rates[cell]
        for place in np.flatnonzero(self.ground.choices.cell == cell):
            for one, block in enumerate(self._blocks(columns)):
                slope[rows[PARTS[one]]] = picks.slope[one, place] * block[place]
        return slope


def likelihood_of(
    scenario: Scenario | str | Path,
    history: EventHistory | None = None,
    *,
    since: dt.date | str | None = None,
    until: dt.date | str | None = None,
    missing: Sequence[Span] = (),
) -> Likelihood:
    """The log-likelihood of an observed history under a scenario, as a function of its coefficients.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario.
    history
        Observed events; default the curated history that the scenario names.
    since, until
        First and last day that count; see `tensionsim.fit`.
    missing
        Stretches, from a day to another, in which nothing was recorded.

    Raises
    ------
    FitError
        If the scenario names no history and none is given, or nothing of it lies in the window.

    Examples
    --------
    >>> import tensionsim as ts
    >>> likelihood = ts.likelihood_of("trump2-petro-2025", until="2025-03-31")
    >>> likelihood.trail.window.since.isoformat(), len(likelihood.coefficients) > 20
    ('2025-01-20', True)
    """
    found = window(scenario_of(scenario), history, since=day_of(since), until=day_of(until), missing=missing)
    return Likelihood.of(found)


def day_of(given: dt.date | str | None) -> dt.date | None:
    """The day that was given, as a date or as text like 2024-12-31; None for none."""
    return dt.date.fromisoformat(given) if isinstance(given, str) else given
