"""The search for the maximum: L-BFGS-B from SciPy gets near, Newton's steps within the bounds get there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tensionsim.world.channels import Bools, Floats

Evaluate = Callable[[Floats], tuple[float, Floats, Floats]]

MOST_STEPS = 100
ENOUGH = 1e-7
"""A Newton step that could gain no more than this in log density is the last."""

REACHED = 1e-3
"""What may be left to gain: next to nothing, but more than rounding and the bends of reciprocity leave."""

MOST_HALVINGS = 12

_WORST = 1e12
"""What stands for minus infinity towards SciPy, whose line search takes differences."""


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where a function is highest within bounds.

    gradient, hessian : there. at_bound : which coordinates a bound holds. gain : what a further Newton step could gain.
    steps : Newton steps taken.
    """

    point: Floats
    value: float
    gradient: Floats
    hessian: Floats
    at_bound: Bools
    gain: float
    steps: int

    @property
    def is_reached(self) -> bool:
        """Whether nothing is left to gain."""
        return self.gain <= REACHED


def maximise(evaluate: Evaluate, start: Floats, low: Floats, high: Floats) -> Maximum:
    """The maximum of a function with gradient and Hessian within a box, from far."""
    if not start.size:
        return climb(evaluate, start, low, high)
    from scipy.optimize import minimize

    _, _, hessian = evaluate(start)
    scale = 1.0 / np.sqrt(np.maximum(-np.diag(hessian), 1e-6))

    def downhill(place: Floats) -> tuple[float, Floats]:
        value, gradient, _ = evaluate(place * scale)
        if not np.isfinite(value):
            return _WORST, np.zeros_like(place)
        return -value, -gradient * scale

    bounds = list(zip(low / scale, high / scale, strict=True))
    found = minimize(downhill, start / scale, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200})
    near = np.clip(found.x * scale, low, high)
    return climb(evaluate, near if np.isfinite(evaluate(near)[0]) else start, low, high)


def climb(evaluate: Evaluate, start: Floats, low: Floats, high: Floats) -> Maximum:
    """The maximum from near, by Newton's steps on the coordinates that no bound holds, never downhill."""
    point = _snapped(start, low, high)
    value, gradient, hessian = evaluate(point)
    for steps in range(MOST_STEPS + 1):
        held = ((point <= low) & (gradient <= 0.0)) | ((point >= high) & (gradient >= 0.0))
        step = _newton(gradient, hessian, ~held)
        gain = 0.5 * float(gradient @ step)
        if gain <= ENOUGH or steps == MOST_STEPS:
            break
        steepest = np.where(held, 0.0, gradient / np.maximum(np.abs(np.diag(hessian)), 1e-12))
        ways = (_downstream(evaluate, point, value, way, (low, high)) for way in (step, steepest))
        found = next((one for one in ways if one is not None), None)
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


def _downstream(
    evaluate: Evaluate, point: Floats, value: float, step: Floats, box: tuple[Floats, Floats]
) -> tuple[Floats, tuple[float, Floats, Floats]] | None:
    """The first point along a step, halved as often as need be, that lies higher; None where none does."""
    for halving in range(MOST_HALVINGS):
        tried = _snapped(np.clip(point + step * 0.5**halving, *box), *box)
        found = evaluate(tried)
        if found[0] > value:
            return tried, found
    return None
