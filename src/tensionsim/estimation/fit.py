"""Fit: from a scenario and a history to the coefficients that make the history likely, and how uncertain they are.

`fit` searches for the posterior mode, `diagnose` says how that went, `supports` what the history says for each
mechanism, `nested` corrects the normal approximation. A `Fit` holds what was found, as tables, draws and scenarios.

References
----------
Bugallo, M. F., Elvira, V., Martino, L., Luengo, D., Miguez, J. & Djuric, P. M. (2017). Adaptive importance sampling:
the past, the present, and the future. IEEE Signal Processing Magazine 34(4).
Jeffreys, H. (1961). Theory of Probability. Clarendon Press.
Rue, H., Martino, S. & Chopin, N. (2009). Approximate Bayesian inference for latent Gaussian models by using integrated
nested Laplace approximations. JRSS B 71(2).
Self, S. G. & Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and likelihood ratio tests
under nonstandard conditions. JASA 82.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import math
import os
import textwrap
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from tensionsim import __version__
from tensionsim.errors import FitError, one_of
from tensionsim.estimation.cells import BEYOND, COUNTED, Coefficient, shapes
from tensionsim.estimation.likelihood import REACHED, Likelihood, Maximum, climb
from tensionsim.estimation.optimise import LogPosterior, Prior, ProfileSearch, positive
from tensionsim.estimation.posterior import USABLE, Importance, Laplace, smoothed
from tensionsim.estimation.window import Span, gaps_in, history_of
from tensionsim.events.history import EventHistory
from tensionsim.model.mechanisms import Mechanism
from tensionsim.model.structure import Floats
from tensionsim.notebook import as_html
from tensionsim.runs.statistics import by_keys, plain
from tensionsim.runs.store import write_whole
from tensionsim.scenario.files import is_within, real, shipped_folder
from tensionsim.scenario.scenario import Scenario, scenario_of
from tensionsim.scenario.yaml_tree import meant

if TYPE_CHECKING:
    from matplotlib.axes import Axes


FEW = 10.0
"""Assumption: fewer acts than this for each coefficient that data determine are few (a rule of thumb of regression)."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How a fit went: `gain` in log density that another step could bring, largest `gradient` in standard errors.

    condition : number of the curvature. effective : coefficients' worth that data determine, not priors; learned : of
    each. separated : what data alone would push to the end of its range. account : what counted.
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
    account: Mapping[str, int]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know, in sentences."""
        sentences = {
            f"the search did not end: another step could gain {self.gain:.2g} in log density; fix some coefficients "
            "with --fix (fix=)": not self.is_converged,
            f"some coefficients can hardly be told apart (condition number {self.condition:.1e}); fix one of them with "
            "--fix (fix=)": self.condition > 1e6,
            f"few data: {self.acts} acts for {self.effective:.1f} coefficients' worth of information; where the "
            "priors say something, they say most": self.acts < FEW * max(self.effective, 1.0),
            f"at the end of their range: {', '.join(self.at_bound)}; their standard errors are those of what is left "
            "inside it": bool(self.at_bound),
            f"separated: the data alone would push {', '.join(self.separated)} to the end of the range; the prior "
            "holds them (--prior-width says how tightly)": bool(self.separated),
            f"{self.account[BEYOND]:,} acts are more than a step can hold; raise parameters.acts_per_step in the file, "
            "or the runs will have fewer acts than the history": self.account[BEYOND] > 0,
        }
        return tuple(sentence for sentence, holds in sentences.items() if holds)


def diagnose(target: LogPosterior, best: Maximum, shapes_tried: int) -> Diagnosis:
    """How a fit went."""
    free = ~best.at_bound
    precision = -best.hessian[np.ix_(free, free)]
    scale = np.sqrt(np.maximum(np.diag(precision), 1e-12))
    eigenvalues = np.linalg.eigvalsh(precision / np.outer(scale, scale)) if free.any() else np.ones(1)
    prior = np.array([one.precision for one in target.free_priors])
    # The share of each coefficient's precision that comes from the data: 1 less that of the prior, in [0, 1].
    shares = np.clip(1.0 - prior * np.diag(np.linalg.pinv(-best.hessian)), 0.0, 1.0)
    account = target.likelihood.risk_set.account
    # What goes to the end of its range, other than 0, without any prior.
    alone = target.with_flat_priors()
    found, near = climb(alone.evaluate, best.point, alone.low, alone.high), 1e-3 * (alone.high - alone.low)
    at_end = (found.point >= alone.high - near) | ((found.point <= alone.low + near) & (alone.low < 0.0))
    return Diagnosis(
        is_converged=best.gain <= REACHED,
        gain=best.gain,
        gradient=float((np.abs(best.gradient[free]) / scale).max(initial=0.0)),
        condition=float(eigenvalues[-1] / max(eigenvalues[0], 1e-300)),
        acts=account[COUNTED],
        effective=float(sum(shares.tolist())),
        learned=dict(zip(target.paths, shares.tolist(), strict=True)),
        at_bound=tuple(itertools.compress(target.paths, best.at_bound)),
        separated=tuple(itertools.compress(target.paths, at_end)),
        steps=best.steps,
        shapes_tried=shapes_tried,
        account=account,
    )


SHAPES = "shapes"
"""The name that means all shapes: half-lives, the tone's prior, linkage, floor."""

LEAST_INFORMATION = 1e-10


def paths_of(names: Sequence[str], coefficients: Collection[Coefficient]) -> set[str]:
    """Paths of the coefficients that names mean: paths, names without their room, mechanisms, or `shapes`."""
    known: dict[str, set[str]] = {}
    for one in coefficients:
        for word in {one.path, one.name, one.mechanism or one.name, SHAPES if one.part == "shape" else one.path}:
            known.setdefault(word, set()).add(one.path)
    for name in names:
        if name not in known:
            hint = meant(name, known) or "; there are: " + ", ".join(sorted(known))
            raise FitError(f"no coefficient {name!r}{hint}")
    return set().union(*(known[name] for name in names))


def unidentified(likelihood: Likelihood, shapes: Sequence[Coefficient]) -> set[str]:
    """Paths of the coefficients and shapes on which the likelihood does not depend: nothing in the history does."""
    values = np.maximum(likelihood.values, 1e-3)
    here, gradient, hessian = likelihood.evaluate(values)
    flat = np.maximum(np.abs(gradient), np.abs(hessian).max(axis=1, initial=0.0)) <= LEAST_INFORMATION
    found = {one.path for one in itertools.compress(likelihood.coefficients, flat)}
    for one in shapes:
        moved = min(one.high, 1.5 * one.value if one.value > 0.0 else 0.1)
        if likelihood.with_shapes({one.path: moved}).value(values) == here:
            found.add(one.path)
    return found


FIRST, SECOND = 300, 500
"""Draws of the two rounds."""

WIDER_FIRST, WIDER = 1.5, 1.3
"""Assumption: variances are as many times those that are known, as weights suffer from tails that are missed."""

FREEDOM = 7.0
"""Degrees of freedom of the shapes' distribution: its tails outweigh a normal one's."""

TRIES = 20_000
"""Points at which the share of it within the bounds is worked out, to a percent."""


def wide(
    centre: Floats, spread: Floats, low: Floats, high: Floats, *, size: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draws of Student's t distribution cut at bounds, shape (draw, coordinate), and their log density."""
    root, count = np.linalg.cholesky(spread), len(centre)
    kept, tried, inside = [np.empty((0, count))], 0, 0
    while inside < size:
        scale = np.sqrt(FREEDOM / rng.chisquare(FREEDOM, TRIES))
        points = centre + scale[:, None] * (rng.standard_normal((TRIES, count)) @ root.T)
        kept.append(points[((points >= low) & (points <= high)).all(axis=1)])
        tried, inside = tried + TRIES, inside + len(kept[-1])
    from scipy.stats import multivariate_t

    draws = np.concatenate(kept)[:size]
    log_density = np.atleast_1d(multivariate_t.logpdf(draws, centre, spread, FREEDOM))
    return draws, log_density - math.log(inside / tried)


def nested(search: ProfileSearch, laplace: Laplace, seed: int = 0) -> Importance:
    """Draws of coefficients and, after them, shapes, weighed by the exact posterior, in two rounds.

    Shapes are drawn from a distribution wider than their own, and coefficients from Laplace's approximation at those
    very shapes, given which they are nearly normal (Rue, Martino & Chopin 2009).
    """
    rng = np.random.default_rng(seed)
    inner = len(laplace.mode) - len(search.coefficients)
    low, high, known = laplace.low[inner:], laplace.high[inner:], laplace.covariance[inner:, inner:]

    def weighed(centre: Floats, spread: Floats, size: int) -> Importance:
        shapes, log_density = wide(centre, spread, low, high, size=size, rng=rng)
        uniform = rng.random((size, inner))
        draws, log_ratios = np.empty((size, len(laplace.mode))), np.empty(size)
        for row, point in enumerate(shapes):
            target = search.at(point)
            best = climb(target.evaluate, laplace.mode[:inner], target.low, target.high)
            (coefficients,), (log_inner,) = _near(target, best, 0.0).guided(uniform[row, :, None])
            draws[row] = np.concatenate([coefficients, point])
            log_exact = target.density(coefficients) + search.log_prior(point)
            log_ratios[row] = log_exact - log_inner - log_density[row]
        return Importance(draws, *smoothed(log_ratios))

    first = weighed(laplace.mode[inner:], WIDER_FIRST * known, FIRST)
    shapes = first.draws[:, inner:]
    centre = first.weights @ shapes
    away = shapes - centre
    # A little of what was known before keeps a spread that rests on few draws from collapsing.
    return weighed(centre, WIDER * (away.T * first.weights) @ away + 0.05 * known, SECOND)


def _near(target: LogPosterior, best: Maximum, height: float) -> Laplace:
    """Laplace's approximation of the linear coefficients at the shapes as they are."""
    gradient, precision = best.gradient * best.at_bound, positive(-best.hessian, 0)
    return Laplace(best.point, height, gradient, precision, target.low, target.high)


EXCITATION = {
    "own acts breed acts": ("parameters.own_fast", "parameters.own_slow"),
    "the other's acts breed acts": ("parameters.other_fast", "parameters.other_slow"),
}
"""What is asked besides the mechanisms: whether acts breed acts."""

WORDS = ((2.0, "decisive"), (1.0, "strong"), (0.5, "substantial"))


@dataclass(frozen=True, slots=True)
class Support:
    """What a history says for a mechanism, by its strengths; see `Fit.support_table`."""

    name: str
    paths: tuple[str, ...]
    likelihood_ratio: float
    p_value: float
    log10_bayes_factor: float

    @property
    def verdict(self) -> str:
        """The Bayes factor in words (Jeffreys 1961)."""
        least = abs(self.log10_bayes_factor)
        side = "for" if self.log10_bayes_factor > 0.0 else "against"
        return next((f"{word} {side}" for at, word in WORDS if least >= at), "undecided")


def supports(target: LogPosterior, best: Maximum) -> tuple[Support, ...]:
    """What the history says for each fitted mechanism, the most supported first, shapes held as they are.

    Assumption: strengths cannot be negative, so under none of them the ratio follows a mixture of chi-squared
    distributions with binomial weights (Self & Liang 1987, for estimates that have nothing to do with one another).
    """
    free = set(target.paths)
    groups = {name: [path for path in paths if path in free] for name, paths in EXCITATION.items()}
    for one in target.likelihood.coefficients:
        if one.mechanism is not None and one.path in free:
            groups.setdefault(one.mechanism, []).append(one.path)
    found = [_support(name, tuple(paths), target, best) for name, paths in groups.items() if paths]
    return tuple(sorted(found, key=lambda one: -one.log10_bayes_factor))


def _support(name: str, paths: tuple[str, ...], target: LogPosterior, best: Maximum) -> Support:
    from scipy.special import chdtrc

    without = target.without(paths)
    kept = [path not in paths for path in target.paths]
    reduced = climb(without.evaluate, best.point[kept], without.low, without.high)
    freed = target.with_flat_priors(paths)
    full = climb(freed.evaluate, best.point, freed.low, freed.high)
    # The reduced fit is among those of the freed one, so less than it is the search's own rounding.
    ratio = max(0.0, 2.0 * (full.value - reduced.value))
    here, there = (_near(of, at, of.density(at.point)).log_whole for of, at in ((target, best), (without, reduced)))
    factor = (here - there) / math.log(10.0)
    size = len(paths)
    shares = [math.comb(size, k) * 0.5**size * chdtrc(k, ratio) for k in range(1, size + 1)]
    return Support(name, paths, ratio, float(sum(shares)) if ratio > 0.0 else 1.0, factor)


DRAWS = 200
"""Draws of a posterior that a scenario is given."""

LAPLACE, CORRECTED = "laplace", "corrected"
"""Posteriors of which draws can be asked for: the normal approximation, or draws weighed by the exact density."""

WIDTH = 116
"""Characters in a line of a scenario file."""

_FOR_INTERVALS = 2000
_TOLD = (
    *("is_converged", "gain", "gradient", "condition", "effective", "at_bound", "separated", "steps", "shapes_tried"),
)
_SHARES = {"low_90": 0.05, "low_50": 0.25, "high_50": 0.75, "high_90": 0.95}


class Fixed(NamedTuple):
    """A coefficient that was not fitted, and why."""

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
    (True, 88)
    >>> draws = fitted.sample(100, seed=1)
    >>> draws.shape[0], bool((draws["parameters.cost"] >= 0).all())
    (100, True)
    """

    given: Scenario
    likelihood: Likelihood
    target: LogPosterior
    search: ProfileSearch
    shapes: Floats
    best: Maximum
    laplace: Laplace
    fixed: tuple[Fixed, ...]
    support: tuple[Support, ...]
    diagnosis: Diagnosis
    seconds: float

    def __repr__(self) -> str:
        where = self.likelihood.states.window
        return (
            f"<Fit of {self.given.name!r} to {where.history.name!r}, {where.since} to {where.until}: "
            f"{self.diagnosis.acts:,} acts, {len(self.paths)} coefficients>"
        )

    def _repr_html_(self) -> str:
        return as_html(self, [*self.diagnosis.warnings, *self.likelihood.states.window.notes], self.table())

    @cached_property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """What was fitted: linear coefficients, then shapes."""
        linear = {one.path: one for one in self.likelihood.coefficients}
        return (*(linear[path] for path in self.target.paths), *self.search.coefficients)

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of what was fitted."""
        return tuple(one.path for one in self.coefficients)

    @property
    def priors(self) -> tuple[Prior, ...]:
        """Priors of what was fitted."""
        return (*self.target.free_priors, *self.search.priors)

    @property
    def estimates(self) -> dict[str, float]:
        """The posterior mode, by path."""
        modes = zip(self.paths, self.priors, self.laplace.mode, strict=True)
        return {path: float(prior.natural(mode)) for path, prior, mode in modes}

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
        return Importance.of(self.laplace, self.search.density)

    @cached_property
    def corrected(self) -> Importance:
        """Draws from near the exact posterior, weighed by it: coefficients follow the half-lives (see `nested`).

        It takes several times as long as the fit, and is worked out when it is first asked for. Where no shape was
        fitted it is `importance`.
        """
        return nested(self.search, self.laplace) if len(self.shapes) else self.importance

    def caveat(self, posterior: str = LAPLACE) -> str:
        """How far a posterior, "laplace" or "corrected", is to be trusted, in a sentence."""
        if posterior == CORRECTED:
            return self.corrected.describe("the corrected posterior")
        words = self.importance.describe("the normal approximation of the posterior")
        is_fine = self.importance.k < USABLE
        return words if is_fine else f"{words}; take intervals for rough, and see what the corrected posterior gives"

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
        one_of("posterior", posterior, (LAPLACE, CORRECTED))
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
            slope = float(prior.natural(mode)) if prior.is_of_log else 1.0
            found[path] = float(self._drawn[path].std()) if path in held else float(error) * slope
        return found

    def table(self) -> pd.DataFrame:
        """One line a coefficient that was fitted, by path.

        Columns: `estimate`, `standard_error`, `low_90`, `low_50`, `high_50`, `high_90` (ends of posterior intervals),
        `prior` and `prior_sd` (for half-lives the median and the deviation of the logarithm), `shift` (estimate less
        prior, in the prior's deviations), `learned` (share of the precision that data give, nan for shapes), `note`.
        The estimate is the mode, from which bounds cut the posterior on one side: at a bound it lies outside the
        interval; so may one that goes with it, which has a note.
        """
        notes = dict.fromkeys(self.diagnosis.separated, "held by its prior")
        notes |= dict.fromkeys(self.diagnosis.at_bound, "at its bound")
        ends = self._drawn.quantile(list(_SHARES.values())).set_axis(list(_SHARES)).to_dict()
        for path, estimate in self.estimates.items():
            if not ends[path]["low_90"] <= estimate <= ends[path]["high_90"]:
                notes.setdefault(path, "outside its interval")
        rows = [
            {
                "path": path,
                "estimate": self.estimates[path],
                "standard_error": self.standard_errors[path],
                **ends[path],
                "prior": float(prior.natural(np.float64(prior.mean))),
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
        columns = ["likelihood_ratio", "p_value", "log10_bayes_factor", "verdict"]
        rows = [(one.name, len(one.paths), *(getattr(one, name) for name in columns)) for one in self.support]
        return pd.DataFrame(rows, columns=["mechanism", "coefficients", *columns]).set_index("mechanism")

    def weights(self) -> dict[str, float]:
        """The posterior chance of each fitted mechanism that it is on, in [0, 1]: BF / (1 + BF), BF its Bayes factor.

        Assumption: before the history is seen, on and off are as likely for each, whatever the others are. The Bayes
        factors are those beside all other mechanisms.
        """
        fitted = [one for one in self.support if one.paths[0].startswith("mechanisms.")]
        return {one.name: 1.0 / (1.0 + 10.0**-one.log10_bayes_factor) for one in fitted}

    def correlations(self) -> pd.DataFrame:
        """Correlations of the estimates (of the logarithms of half-lives), by path and path."""
        deviation = np.sqrt(np.diag(self.laplace.covariance))
        return pd.DataFrame(self.laplace.covariance / np.outer(deviation, deviation), self.paths, self.paths)

    def distributions(self, draws: int = DRAWS, seed: int = 0, posterior: str = LAPLACE) -> Mapping[str, object]:
        """The fitted values as a scenario states them, by path: draws that belong together, as `joint` lists.

        With one draw or none: the estimates themselves.
        """
        if draws <= 1:
            return {path: float(f"{value:.4g}") for path, value in self.estimates.items()}
        sampled = self.sample(draws, seed, posterior)
        # Four digits, none of which rounding moves out of range.
        return {
            one.path: {
                "joint": [min(max(float(f"{value:.4g}"), one.low), one.high) for value in sampled[one.path]],
                "estimate": min(max(float(f"{self.estimates[one.path]:.4g}"), one.low), one.high),
            }
            for one in self.coefficients
        }

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
        path = Path(path)
        check_target(self.given, path)
        base, window, diagnosis = extended_by(self.given, path), self.likelihood.states.window, self.diagnosis
        about = (
            f"{base or self.given.name}, fitted by tensionsim {__version__} to {diagnosis.acts:,} acts of "
            f"{window.history.name}, {window.since} to {window.until}. Beside each number stand the estimate (the "
            "posterior's mode) and its standard error."
        )
        if draws > 1:
            about += (
                f" A run takes one of {draws} draws from the {posterior} posterior: the value at the same place of "
                "every list, so that what the estimates have to do with one another is kept."
            )
        said = [about, *diagnosis.warnings, *[self.caveat(posterior)] * (draws > 1 and posterior == CORRECTED)]
        lines = [f"# {line}" for text in said for line in textwrap.wrap(text, WIDTH)]
        if base is None:
            lines.append(self.scenario(draws, seed, posterior).text)
        else:
            title = json.dumps(f"{self.given.title}, fitted"[:200], ensure_ascii=False)
            lines += ["tensionsim: 1", f"extends: {base}", f"title: {title}", "", *self.lines(draws, seed, posterior)]
        try:
            write_whole(path, "\n".join([*lines, ""]).encode())
        except OSError as error:
            raise FitError(f"{path} cannot be written: {error.strerror}") from None
        return path

    def lines(self, draws: int = DRAWS, seed: int = 0, posterior: str = LAPLACE) -> Iterator[str]:
        """The lines of a scenario file that state the fitted values: `actors`, `parameters` and `mechanisms`."""
        tree: dict[str, dict[str, list[str]]] = {}
        for path, value in self.distributions(draws, seed, posterior).items():
            section, *names = path.split(".")
            note = f"{self.estimates[path]:.4g} ± {self.standard_errors[path]:.2g}"
            entries = tree.setdefault(section, {}).setdefault(names[0] if len(names) > 1 else "", [])
            pad = "  " * len(names)
            if not isinstance(value, dict):
                entries.append(f"{pad}{names[-1]}: {value!r}   # {note}")
                continue
            wrapped = textwrap.wrap(", ".join(map(repr, value["joint"])), WIDTH - len(pad) - 2)
            entries += [f"{pad}{names[-1]}:   # {note}", f"{pad}  joint: ["]
            entries += [*(f"{pad}    {line}" for line in wrapped), f"{pad}  ]"]
            entries.append(f"{pad}  estimate: {value['estimate']!r}")
        for section in sorted(tree, key=("actors", "parameters", "mechanisms").index):
            yield f"{section}:"
            for name, entries in tree[section].items():
                yield from [f"  {name}:", *entries] if name else entries

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws what the history says for each mechanism on `ax`, or on a new figure; see `plots.support`."""
        from tensionsim.plots.history import support

        return support(self, ax)

    def summary(self, *, checked: bool = False) -> dict[str, object]:
        """Everything as plain values, for JSON.

        Parameters
        ----------
        checked
            Whether to tell how good the normal approximation is, `approximation`, which takes longer than the fit.
        """
        window, diagnosis = self.likelihood.states.window, self.diagnosis
        found: dict[str, object] = {
            "scenario": self.given.name,
            "scenario_sha256": self.given.sha256,
            "history": window.history.name,
            "since": str(window.since),
            "until": str(window.until),
            "missing": [[str(first), str(last)] for first, last in window.gaps],
            "acts": diagnosis.acts,
            "left_out": dict(window.placement.left_out),
            "account": dict(diagnosis.account),
            "log_likelihood": self.log_likelihood,
            "log_evidence": self.log_evidence,
            "estimates": by_keys(self.table()),
            "fixed": {one.path: {"value": one.value, "why": one.why} for one in self.fixed},
            "support": by_keys(self.support_table()),
            "diagnosis": {name: plain(getattr(diagnosis, name)) for name in _TOLD},
            "correlations": self.correlations().to_dict(),
            "warnings": list(diagnosis.warnings),
            "notes": list(window.notes),
            "seconds": round(self.seconds, 3),
            "tensionsim": __version__,
        }
        if checked:
            weighed = self.importance
            names = ("k", "verdict", "effective_share", "log_whole", "log_whole_error")
            approximation = {name: plain(getattr(weighed, name)) for name in names}
            found["approximation"] = {"draws": len(weighed.weights), **approximation}
        return found


def check_target(scenario: Scenario | None, path: Path) -> None:
    """FitError where a scenario, which may extend one, could not be written to a path: known before the work."""
    if path.suffix not in (".yaml", ".yml"):
        raise FitError(f"{path} does not end in .yaml, as scenario files do")
    if os.path.lexists(path):
        raise FitError(f"{path} is there already; name another file, or remove it")
    if not path.parent.is_dir():
        raise FitError(f"{path.parent} is no folder; make it first")
    if scenario is not None:
        extended_by(scenario, path)


def extended_by(scenario: Scenario, path: Path) -> str | None:
    """What the file extends, by name or place below its folder; None where the scenario is no file as it stands."""
    source = Path(scenario.path)
    if scenario.outlook is not None or scenario.values or not scenario.path or not source.exists():
        return None
    if is_within(source, shipped_folder()):
        return real(source).relative_to(real(shipped_folder())).with_suffix("").as_posix()
    if not is_within(source, path.parent):
        raise FitError(
            f"{path} cannot extend {source}, which is not in its folder or below; write to {source.parent / path.name}"
        )
    return real(source).relative_to(real(path.parent)).as_posix()


MOST_WIDTH = 1000.0
"""By which a prior is widened, or narrowed, at most: beyond it no curvature can be told."""

ASKED = "as asked"
UNIDENTIFIED = "nothing in this history speaks to it"


def fit(
    scenario: Scenario | str | Path,
    history: EventHistory | None = None,
    *,
    since: dt.date | str | None = None,
    until: dt.date | str | None = None,
    fix: Sequence[str] = (),
    missing: Sequence[Span] | None = None,
    prior_width: float = 1.0,
    with_support: bool = True,
    mechanisms: Sequence[Mechanism] | None = None,
) -> Fit:
    """The coefficients of a scenario that a history makes most probable, with what is uncertain about them.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario. Its numbers, or the distributions that it states for
        them, are the priors.
    history
        Observed events; default the curated history that the scenario names.
    since, until
        First and last day that count; later events are not looked at. By default from the scenario's start, or from the
        history's first day if the scenario starts after it has ended, to the history's last day, or the scenario's.
    fix
        Coefficients that stay as the scenario has them: paths (`parameters.bias`), their ends (`bias`, `inertia.fast`),
        mechanisms (`inertia`), or `shapes` for half-lives and whatever else is not linear.
    missing
        Stretches, first and last day, in which nothing was recorded; they do not count. Default: those that are too
        quiet to be true.
    prior_width
        Factor by which every prior is widened, in [0.001, 1000]; default 1.
    with_support
        Whether each mechanism is tried against a scenario without it, which takes a fit each; default True.
    mechanisms
        Of your own, as of `run`.

    Raises
    ------
    FitError
        If nothing can be fitted: no history, nothing in the window, no coefficient of that name.

    Examples
    --------
    >>> import tensionsim as ts
    >>> fitted = ts.fit("trump2-petro-2025", until="2025-06-30", fix=["shapes"])
    >>> table = fitted.table()
    >>> bool(table.loc["parameters.intensity", "standard_error"] < table.loc["parameters.intensity", "prior_sd"])
    True
    >>> uncertain = fitted.scenario()
    >>> ts.run(uncertain, runs=10, seed=1).runs
    10
    """
    started = time.perf_counter()
    if not 1.0 / MOST_WIDTH <= prior_width <= MOST_WIDTH:
        raise FitError(
            f"the prior's width (--prior-width) is {prior_width:g}; it is a factor from {1.0 / MOST_WIDTH:g} to "
            f"{MOST_WIDTH:,g}, 1 by default"
        )
    given = scenario_of(scenario, mechanisms=mechanisms)
    events = history_of(given, history)
    gaps = gaps_in(events if until is None else events.until(until)) if missing is None else missing
    likelihood = Likelihood.of(given, events, since=since, until=until, missing=gaps)
    curved = shapes(likelihood.states)
    every = (*likelihood.coefficients, *curved)
    asked = paths_of(fix, every)
    reasons = dict.fromkeys(unidentified(likelihood, curved), UNIDENTIFIED) | dict.fromkeys(asked, ASKED)
    target = LogPosterior.of(likelihood, reasons, prior_width)
    if not target.free.any():
        raise FitError(
            f"all coefficients of {given.name} are fixed, or this history speaks to none, so that nothing is left to "
            "fit; fix fewer with --fix (fix=), or take a longer history with --events, --from and --until"
        )
    search = ProfileSearch.of(target, [one for one in curved if one.path not in reasons], prior_width)
    point = search.best()
    at_best, best = search.fitted(point)
    return Fit(
        given=given,
        likelihood=at_best.likelihood,
        target=at_best,
        search=search,
        shapes=point,
        best=best,
        laplace=search.laplace(point),
        fixed=tuple(Fixed(one.path, one.value, reasons[one.path]) for one in every if one.path in reasons),
        support=supports(at_best, best) if with_support else (),
        diagnosis=diagnose(at_best, best, search.tried),
        seconds=time.perf_counter() - started,
    )
