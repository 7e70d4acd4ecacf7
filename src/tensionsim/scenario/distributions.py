"""Uncertain numbers: families of distributions, each with its support, mean and quantile function.

A draw is `quantile(u)` of one uniform `u` in (0, 1), so that it depends on nothing but that number. Only
`beta` needs SciPy, imported when it is used.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensionsim.scenario.yaml_tree import figure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


if TYPE_CHECKING:
    Floats = NDArray[np.float64]


FARTHEST = 8.2095361516
"""Standard deviations that a normal draw can reach: the uniforms behind it lie in 2**-53 .. 1 - 2**-53."""


class Family(ABC):
    """A distribution of one of the families."""

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """The lowest and highest value that a draw can take."""

    @property
    @abstractmethod
    def mean(self) -> float:
        """Its mean."""

    @abstractmethod
    def quantile(self, u: Floats) -> Floats:
        """Values below which the shares `u`, in (0, 1), of all draws lie."""


@dataclass(frozen=True, slots=True)
class Constant(Family):
    """A number that is certain."""

    value: float

    @property
    def support(self) -> tuple[float, float]:
        return self.value, self.value

    @property
    def mean(self) -> float:
        return self.value

    def quantile(self, u: Floats) -> Floats:
        return u * 0.0 + self.value


@dataclass(frozen=True, slots=True)
class Uniform(Family):
    """Every value between `low` and `high` is equally likely."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"a uniform is [low, high] with low below high, found [{self.low:g}, {self.high:g}]")

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    @property
    def mean(self) -> float:
        return self.low / 2 + self.high / 2

    def quantile(self, u: Floats) -> Floats:
        return self.low * (1.0 - u) + self.high * u


@dataclass(frozen=True, slots=True)
class Triangular(Family):
    """Density rises from `low` to `mode` and falls to `high`."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            found = f"[{self.low:g}, {self.mode:g}, {self.high:g}]"
            raise ValueError(f"a triangular is [low, mode, high] in rising order, found {found}")

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    @property
    def mean(self) -> float:
        return self.low / 3 + self.mode / 3 + self.high / 3

    def quantile(self, u: Floats) -> Floats:
        import numpy as np

        width = self.high - self.low
        turn = (self.mode - self.low) / width
        rising = self.low + width * np.sqrt(u * turn)
        falling = self.high - width * np.sqrt((1.0 - u) * (1.0 - turn))
        return np.where(u < turn, rising, falling)


@dataclass(frozen=True, slots=True)
class Normal(Family):
    """The normal distribution with mean `centre` and standard deviation `deviation`."""

    centre: float
    deviation: float

    def __post_init__(self) -> None:
        if not self.deviation > 0:
            raise ValueError(f"a normal is [mean, standard deviation above 0], found a deviation of {self.deviation:g}")

    @property
    def support(self) -> tuple[float, float]:
        return self.centre - FARTHEST * self.deviation, self.centre + FARTHEST * self.deviation

    @property
    def mean(self) -> float:
        return self.centre

    def quantile(self, u: Floats) -> Floats:
        return self.centre + self.deviation * _standard_normal(u)


@dataclass(frozen=True, slots=True)
class TruncatedNormal(Family):
    """The normal distribution about `centre` cut at `low` and `high`: for a number that knows a bound, as 0.

    centre, deviation : of the normal before it is cut. The range begins or ends within 8 deviations of the centre, or
    there would be nothing left of it that a computer could tell from 0.
    """

    centre: float
    deviation: float
    low: float
    high: float

    def __post_init__(self) -> None:
        within = self.low - 8.0 * self.deviation < self.centre < self.high + 8.0 * self.deviation
        if not (self.deviation > 0 and self.low < self.high and within):
            found = f"[{self.centre:g}, {self.deviation:g}, {self.low:g}, {self.high:g}]"
            raise ValueError(
                "a truncated_normal is [mean, standard deviation above 0, low, high] with low below high and the mean "
                f"at most 8 deviations outside, found {found}"
            )

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    @property
    def mean(self) -> float:
        first, last, share = *self._ends, self._below(self._ends[1]) - self._below(self._ends[0])
        falls = math.exp(-0.5 * first**2) - math.exp(-0.5 * last**2)
        return self.centre + self._side * self.deviation * falls / (share * math.sqrt(2.0 * math.pi))

    def quantile(self, u: Floats) -> Floats:
        import numpy as np

        first, last = map(self._below, self._ends)
        shares = first + (u if self._side > 0 else 1.0 - u) * (last - first)
        steps = self._side * _standard_normal(np.clip(shares, 2.0**-1000, 1.0 - 2.0**-53))
        return np.clip(self.centre + self.deviation * steps, self.low, self.high)

    @property
    def _side(self) -> float:
        """-1 where the range lies above the centre: it is then seen in a mirror, where shares keep their digits."""
        return -1.0 if self.low > self.centre else 1.0

    @property
    def _ends(self) -> tuple[float, float]:
        """The ends of the range in deviations from the centre, the mirror's lower one first."""
        first, last = ((end - self.centre) / self.deviation for end in (self.low, self.high))
        return (first, last) if self._side > 0 else (-last, -first)

    @staticmethod
    def _below(location: float) -> float:
        """The share of the standard normal that lies below a place."""
        return 0.5 * math.erfc(-location / math.sqrt(2.0))


@dataclass(frozen=True, slots=True)
class LogNormal(Family):
    """A number whose logarithm is normal about the log of `median`, with standard deviation `sigma`."""

    median: float
    sigma: float

    def __post_init__(self) -> None:
        if not (self.median > 0 and 0 < self.sigma <= 3):
            found = f"[{self.median:g}, {self.sigma:g}]"
            raise ValueError(f"a lognormal is [median above 0, sigma of the log in 0..3], found {found}")

    @property
    def support(self) -> tuple[float, float]:
        return self.median * math.exp(-FARTHEST * self.sigma), self.median * math.exp(FARTHEST * self.sigma)

    @property
    def mean(self) -> float:
        return self.median * math.exp(self.sigma**2 / 2)

    def quantile(self, u: Floats) -> Floats:
        import numpy as np

        exponent: Floats = np.exp(self.sigma * _standard_normal(u))
        return self.median * exponent


@dataclass(frozen=True, slots=True)
class Beta(Family):
    """The beta distribution on 0..1 with shapes `a` and `b`."""

    a: float
    b: float

    def __post_init__(self) -> None:
        if not (self.a > 0 and self.b > 0):
            raise ValueError(f"a beta is [a, b], both above 0, found [{self.a:g}, {self.b:g}]")

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 1.0

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import betaincinv

        values: Floats = betaincinv(self.a, self.b, u)
        return values


@dataclass(frozen=True, slots=True)
class Choice(Family):
    """One of `values`, all equally likely."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a choice is a list of one number or more, found an empty one")

    @property
    def support(self) -> tuple[float, float]:
        return min(self.values), max(self.values)

    @property
    def mean(self) -> float:
        return math.fsum(value / len(self.values) for value in self.values)

    def quantile(self, u: Floats) -> Floats:
        import numpy as np

        places = np.minimum((u * len(self.values)).astype(np.int64), len(self.values) - 1)
        return np.asarray(sorted(self.values), dtype=np.float64)[places]


@dataclass(frozen=True, slots=True)
class Joint(Family):
    """One of `values`, all equally likely: in a run the one at the same place in every such list of the scenario.

    So numbers that were estimated together keep what they have to do with one another.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a joint is a list of one number or more, found an empty one")

    @property
    def support(self) -> tuple[float, float]:
        return min(self.values), max(self.values)

    @property
    def mean(self) -> float:
        return math.fsum(value / len(self.values) for value in self.values)

    def quantile(self, u: Floats) -> Floats:
        import numpy as np

        places = np.minimum((u * len(self.values)).astype(np.int64), len(self.values) - 1)
        return np.asarray(self.values, dtype=np.float64)[places]


FAMILIES: Mapping[str, Callable[[Sequence[float]], Family]] = {
    "uniform": lambda values: Uniform(*values),
    "triangular": lambda values: Triangular(*values),
    "normal": lambda values: Normal(*values),
    "truncated_normal": lambda values: TruncatedNormal(*values),
    "lognormal": lambda values: LogNormal(*values),
    "beta": lambda values: Beta(*values),
    "choice": lambda values: Choice(tuple(values)),
    "joint": lambda values: Joint(tuple(values)),
}
"""Families by the name that a scenario uses."""


def parse(number: Any) -> Family:
    """The distribution that a number of a scenario means.

    number : a plain number, a mapping of one family to its values, or the schema's Distribution.

    Raises
    ------
    ValueError
        If it is not exactly one family, or the family's values are not in order.
    """
    if isinstance(number, (int, float)):
        return Constant(float(number))
    given = number if isinstance(number, Mapping) else number.model_dump(exclude_none=True)
    if len(given) != 1:
        found = " and ".join(given) or "none"
        raise ValueError(f"a distribution is exactly one of {', '.join(FAMILIES)}; found {found}")
    ((name, values),) = given.items()
    return FAMILIES[name](values)


def complaint(given: Mapping[str, Any], limits: Mapping[str, float]) -> str:
    """Why a distribution cannot stand for a number within `limits`; empty if it can.

    given : family to values. limits : any of `ge`, `gt`, `le`, `lt`.
    """
    try:
        family = parse(given)
    except ValueError as error:
        return str(error)
    low, high = family.support
    least, most = limits.get("ge", limits.get("gt", -math.inf)), limits.get("le", limits.get("lt", math.inf))
    if low >= least and high <= most and not ("gt" in limits and low == least):
        return ""
    if "gt" in limits:
        allowed = f"above {figure(least)}" + (f" and at most {figure(most)}" if math.isfinite(most) else "")
    else:
        allowed = f"in {figure(least)}..{figure(most)}" if math.isfinite(most) else f"at least {figure(least)}"
    return f"this {next(iter(given))} reaches from {low:.3g} to {high:.3g}; the number must be {allowed}"


def _standard_normal(u: Floats) -> Floats:
    from statistics import NormalDist

    import numpy as np

    inverse = NormalDist().inv_cdf
    return np.array([inverse(share) for share in u.ravel().tolist()]).reshape(u.shape)
