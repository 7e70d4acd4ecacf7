"""Richardson's arms race of two actors: stability, equilibrium and course in closed form. NumPy alone.

References
----------
Richardson, L. F. (1960). Arms and Insecurity. Boxwood Press.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensionsim.record import Floats


@dataclass(frozen=True, slots=True)
class Richardson:
    """`dx/dt = k y - a x + g` and `dy/dt = l x - b y + h`, in any unit of time.

    reaction : (k, l), how much each answers the other. fatigue : (a, b), how fast each tires. grievance : (g, h).

    Examples
    --------
    >>> from tensionsim.analysis.richardson import Richardson
    >>> race = Richardson(reaction=(0.5, 1.0), fatigue=(1.0, 2.0), grievance=(1.0, 1.0))
    >>> race.is_stable, [round(value, 6) for value in race.equilibrium.tolist()]
    (True, [1.666667, 1.333333])
    """

    reaction: tuple[float, float]
    fatigue: tuple[float, float]
    grievance: tuple[float, float]

    @property
    def margin(self) -> float:
        """`a b - k l`: above 0, fatigue beats reaction."""
        return self.fatigue[0] * self.fatigue[1] - self.reaction[0] * self.reaction[1]

    @property
    def is_stable(self) -> bool:
        """Whether every course ends in the equilibrium: `a b > k l` and `a + b > 0`."""
        return self.margin > 0.0 and sum(self.fatigue) > 0.0

    @property
    def equilibrium(self) -> Floats:
        """Where neither moves: `((b g + k h), (l g + a h)) / (a b - k l)`, shape (actor,), stable or not.

        Raises
        ------
        ValueError
            If there is none, or a whole line of them: reaction and fatigue balance exactly.
        """
        if self.margin == 0.0:
            raise ValueError("reaction and fatigue balance exactly: there is no single equilibrium")
        (k, el), (a, b), (g, h) = self.reaction, self.fatigue, self.grievance
        return np.array([b * g + k * h, el * g + a * h]) / self.margin

    @property
    def rates(self) -> tuple[complex, complex]:
        """The growth rates of departures from equilibrium: `-(a + b)/2 +- sqrt(((a - b)/2)^2 + k l)`."""
        a, b = self.fatigue
        root = complex(((a - b) / 2.0) ** 2 + self.reaction[0] * self.reaction[1]) ** 0.5
        return -(a + b) / 2.0 + root, -(a + b) / 2.0 - root

    def course(self, start: Floats, times: Floats) -> Floats:
        """Both actors from a start, shape (actor,), at given times, shape (time, actor).

        By the exponential of a 2 x 2 matrix in closed form (Cayley and Hamilton), about the equilibrium.
        """
        first, second = self.rates
        middle, half = (first + second) / 2.0, (first - second) / 2.0
        matrix = np.array([[-self.fatigue[0], self.reaction[0]], [self.reaction[1], -self.fatigue[1]]])
        spin = matrix - middle.real * np.eye(2)
        hours = np.asarray(times, np.float64)
        sinh = hours if half == 0 else (np.sinh(half * hours) / half).real
        growth = np.exp(middle.real * hours)
        moved = np.cosh(half * hours).real[:, None, None] * np.eye(2) + sinh[:, None, None] * spin
        found: Floats = self.equilibrium + (growth[:, None, None] * moved) @ (np.asarray(start) - self.equilibrium)
        return found


def richardson_from_lags(lags: Floats, intercept: Floats) -> tuple[bool, Floats]:
    """Whether a linear system in steps, `z' = A z + b`, is stable, and its equilibrium, shape (actor,).

    Stable where the spectral radius of A is below 1; the equilibrium is `(1 - A)^-1 b`. For an autoregression with
    several lags, A is their sum: the equilibrium holds, but ask `lags.spectral_radius` for stability.

    Examples
    --------
    >>> import numpy as np
    >>> from tensionsim.analysis.richardson import richardson_from_lags
    >>> stable, rest = richardson_from_lags(np.array([[0.5, 0.25], [0.25, 0.5]]), np.array([1.0, 1.0]))
    >>> stable, rest.round(6).tolist()
    (True, [4.0, 4.0])
    """
    radius = float(np.abs(np.linalg.eigvals(lags)).max())
    rest = np.linalg.solve(np.eye(len(lags)) - lags, intercept).astype(np.float64)
    return radius < 1.0, rest
