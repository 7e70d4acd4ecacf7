"""A fit: estimates with what is uncertain about them, what supports which mechanism, and the scenario that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tensionsim.analysis.fitting.diagnosis import Diagnosis
from tensionsim.analysis.fitting.importance import USABLE, Importance
from tensionsim.analysis.fitting.laplace import Laplace
from tensionsim.analysis.fitting.nested import nested
from tensionsim.analysis.fitting.priors import Prior
from tensionsim.analysis.fitting.search import Maximum
from tensionsim.analysis.fitting.shaping import Shaping
from tensionsim.analysis.fitting.support import Support
from tensionsim.analysis.fitting.target import Target
from tensionsim.likelihood import Coefficient, Likelihood
from tensionsim.scenario import Scenario
from tensionsim.world.channels import Floats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

DRAWS = 200
"""Draws of a posterior that a scenario is given."""

LAPLACE, CORRECTED = "laplace", "corrected"
"""Posteriors of which draws can be asked for: the normal approximation, or draws weighed by the exact density."""

_FOR_INTERVALS = 2000
_SHARES = {"low_90": 0.05, "low_50": 0.25, "high_50": 0.75, "high_90": 0.95}


@dataclass(frozen=True, slots=True)
class Fixed:
    """A coefficient that was not fitted: its value, and why."""

    path: str
    value: float
    why: str


@dataclass(frozen=True)
class Fit:
    """What a history says about a scenario's coefficients.

    Estimates are the posterior mode, uncertainty is Laplace's approximation within the bounds. `given` is the scenario
    as it was, `likelihood` that at the estimated shapes, `laplace` the posterior of all that was fitted, `fixed` what
    was not, `support` what the history says for each mechanism, `diagnosis` how the fit went.

    Examples
    --------
    >>> import tensionsim as ts
    >>> fitted = ts.fit("trump2-petro-2025", until="2025-06-30", fix=["shapes"])
    >>> fitted.diagnosis.is_converged, fitted.diagnosis.acts
    (True, 20)
    >>> draws = fitted.sample(100, seed=1)
    >>> draws.shape[0], bool((draws["parameters.cost"] >= 0).all())
    (100, True)
    """

    given: Scenario
    likelihood: Likelihood
    target: Target
    shaping: Shaping
    shapes: Floats
    best: Maximum
    laplace: Laplace
    fixed: tuple[Fixed, ...]
    support: tuple[Support, ...]
    diagnosis: Diagnosis
    seconds: float

    def __repr__(self) -> str:
        where = self.likelihood.trail.window
        return (
            f"<Fit of {self.given.name!r} to {where.history.name!r}, {where.since} to {where.until}: "
            f"{self.diagnosis.acts:,} acts, {len(self.paths)} coefficients>"
        )

    @cached_property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """What was fitted: linear coefficients, then shapes."""
        linear = {one.path: one for one in self.likelihood.coefficients}
        return (*(linear[path] for path in self.target.paths), *self.shaping.coefficients)

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of what was fitted."""
        return tuple(one.path for one in self.coefficients)

    @cached_property
    def priors(self) -> tuple[Prior, ...]:
        """Priors of what was fitted."""
        linear = [one for one, is_free in zip(self.target.priors, self.target.free, strict=True) if is_free]
        return (*linear, *self.shaping.priors)

    @property
    def estimates(self) -> dict[str, float]:
        """The posterior mode, by path."""
        modes = zip(self.paths, self.priors, self.laplace.mode, strict=True)
        return {path: float(prior.natural(np.array([mode]))[0]) for path, prior, mode in modes}

    @property
    def log_likelihood(self) -> float:
        """At the estimates."""
        return self.likelihood.value(self.target.full(self.best.point))

    @cached_property
    def log_evidence(self) -> float:
        """Log marginal likelihood of the history, by Laplace's approximation within the bounds."""
        return self.laplace.log_whole

    @cached_property
    def importance(self) -> Importance:
        """How good the normal approximation is: 1,000 draws from it, weighed by the exact posterior.

        Its `k` and `effective_share` say how far the two are apart, its `log_whole` is the log marginal likelihood
        without the approximation. Half-lives make this take seconds, so it is worked out when it is first asked for.
        """
        return Importance.of(self.laplace, self.shaping.density)

    @cached_property
    def corrected(self) -> Importance:
        """Draws from near the exact posterior, weighed by it: coefficients follow the half-lives (see `nested`).

        It takes several times as long as the fit, and is worked out when it is first asked for. Where no shape was
        fitted it is `importance`.
        """
        return nested(self.shaping, self.laplace) if len(self.shapes) else self.importance

    def caveat(self, posterior: str = LAPLACE) -> str:
        """How far a posterior, "laplace" or "corrected", is to be trusted, in a sentence."""
        if posterior == CORRECTED:
            return self.corrected.told("the corrected posterior")
        told = self.importance.told("the normal approximation of the posterior")
        is_fine = self.importance.k < USABLE
        return told if is_fine else f"{told}; take intervals for rough, and see what the corrected posterior gives"

    def sample(self, size: int = DRAWS, seed: int = 0, posterior: str = LAPLACE) -> pd.DataFrame:
        """Draws from the posterior, one row each, one column a coefficient, by path.

        Parameters
        ----------
        size
            Number of draws, >= 1.
        seed
            Of the random numbers, >= 0.
        posterior
            "laplace" for draws from the normal approximation within the bounds; "corrected" for those of 500 draws (of
            1,000 where no half-life was fitted) that the exact posterior asks for, some more than once. The correction
            can be trusted as far as `corrected` says.
        """
        import pandas as pd

        if posterior not in (LAPLACE, CORRECTED):
            raise ValueError(f"there is no posterior {posterior!r}; there is {LAPLACE} and {CORRECTED}")
        source = self.laplace.sample if posterior == LAPLACE else self.corrected.resampled
        drawn = source(size, seed)
        natural = [prior.natural(column) for prior, column in zip(self.priors, drawn.T, strict=True)]
        return pd.DataFrame(dict(zip(self.paths, natural, strict=True)))

    @cached_property
    def _drawn(self) -> pd.DataFrame:
        return self.sample(_FOR_INTERVALS)

    @cached_property
    def standard_errors(self) -> dict[str, float]:
        """By path: from the inverse Hessian; of a coefficient that a bound holds, the deviation of what lies inside."""
        deviation = np.sqrt(np.diag(self.laplace.covariance))
        held = dict.fromkeys(self.diagnosis.at_bound)
        found = {}
        for path, prior, mode, error in zip(self.paths, self.priors, self.laplace.mode, deviation, strict=True):
            slope = float(prior.natural(np.array([mode]))[0]) if prior.is_of_log else 1.0
            found[path] = float(self._drawn[path].std()) if path in held else float(error) * slope
        return found

    def table(self) -> pd.DataFrame:
        """One line a coefficient that was fitted, by path.

        Columns: `estimate`, `standard_error`, `low_90`, `low_50`, `high_50`, `high_90` (ends of posterior intervals),
        `prior` and `prior_sd` (for half-lives the median and the deviation of the logarithm), `shift` (estimate less
        prior, in the prior's deviations), `learned` (share of the precision that data give, nan for shapes), `note`.
        """
        import pandas as pd

        notes = dict.fromkeys(self.diagnosis.separated, "held by its prior")
        notes |= dict.fromkeys(self.diagnosis.at_bound, "at its bound")
        rows = [
            {
                "path": path,
                "estimate": self.estimates[path],
                "standard_error": self.standard_errors[path],
                **{name: float(self._drawn[path].quantile(share)) for name, share in _SHARES.items()},
                "prior": float(prior.natural(np.array([prior.mean]))[0]),
                "prior_sd": prior.deviation,
                "shift": float((mode - prior.mean) / prior.deviation),
                "learned": self.diagnosis.learned.get(path, float("nan")),
                "note": notes.get(path, ""),
            }
            for path, prior, mode in zip(self.paths, self.priors, self.laplace.mode.tolist(), strict=True)
        ]
        return pd.DataFrame(rows).set_index("path")

    def support_table(self) -> pd.DataFrame:
        """One line a mechanism: likelihood ratio, p value, log10 Bayes factor and what it means in words."""
        import pandas as pd

        rows = [
            {
                "mechanism": one.name,
                "coefficients": len(one.paths),
                "likelihood_ratio": one.likelihood_ratio,
                "p_value": one.p_value,
                "log10_bayes_factor": one.log10_bayes_factor,
                "verdict": one.verdict,
            }
            for one in self.support
        ]
        columns = ["coefficients", "likelihood_ratio", "p_value", "log10_bayes_factor", "verdict"]
        return pd.DataFrame(rows, columns=["mechanism", *columns]).set_index("mechanism")

    def correlations(self) -> pd.DataFrame:
        """Correlations of the estimates (of the logarithms of half-lives), by path and path."""
        import pandas as pd

        deviation = np.sqrt(np.diag(self.laplace.covariance))
        return pd.DataFrame(self.laplace.covariance / np.outer(deviation, deviation), self.paths, self.paths)

    def distributions(self, draws: int = DRAWS, seed: int = 0, posterior: str = LAPLACE) -> Mapping[str, object]:
        """The fitted values as a scenario states them, by path: draws that belong together, as `joint` lists.

        With one draw or none: the estimates themselves.
        """
        if draws <= 1:
            return {path: float(f"{value:.4g}") for path, value in self.estimates.items()}
        sampled = self.sample(draws, seed, posterior)
        return {path: {"joint": self._within(path, sampled[path].to_numpy())} for path in self.paths}

    def _within(self, path: str, values: Floats) -> list[float]:
        """Values with four digits, none of which rounding moves out of range."""
        one = self.coefficients[self.paths.index(path)]
        return [min(max(float(f"{value:.4g}"), one.low), one.high) for value in values.tolist()]

    def scenario(self, draws: int = DRAWS, seed: int = 0, posterior: str = LAPLACE) -> Scenario:
        """The scenario with the fitted values as distributions, so that its runs carry what is uncertain about them.

        Parameters
        ----------
        draws
            Of the posterior; each run takes one of them. With one or none, all runs take the estimates.
        posterior
            "laplace" or "corrected"; see `sample`.
        """
        return self.given.with_values(self.distributions(draws, seed, posterior))

    def write(self, path: str | Path, draws: int = DRAWS, seed: int = 0, posterior: str = LAPLACE) -> Path:
        """Writes a scenario file that extends the given one with the fitted values; returns its path.

        The file appears whole or not at all. `extends` reaches the shipped scenarios and what lies in the file's own
        folder or below, so it stands beside the scenario that it extends. A scenario that is no file as it stands (made
        from events, with an outlook or with values set) is written whole.

        Raises
        ------
        FitError
            If the given scenario cannot be extended from there, or there is something already.
        """
        from tensionsim.analysis.fitting.writing import Wanted, write

        return write(self, Path(path), Wanted(draws, seed, posterior))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws what the history says for each mechanism on `ax`, or on a new figure; see `plots.support`."""
        from tensionsim.plots.fits import support

        return support(self, ax)

    def summary(self, *, checked: bool = False) -> dict[str, object]:
        """Everything as plain values, for JSON.

        Parameters
        ----------
        checked
            Whether to tell how good the normal approximation is, `approximation`, which takes longer than the fit.
        """
        from tensionsim.analysis.fitting.writing import approximation, plain

        return plain(self) | ({"approximation": approximation(self)} if checked else {})
