"""Sensitivity: which assumptions drive an outcome, how much is luck, and what turns the ranking of two outlooks."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from tensionsim.errors import ScenarioError, SelectionError, TensionSimError, nearest, shown, whole
from tensionsim.model.measures import REGIME_NAMES
from tensionsim.model.record import Floats
from tensionsim.notebook import Tabled
from tensionsim.runs.parallel import Mode
from tensionsim.runs.plan import LUCK, Method as PlanMethod, Plan, Structures, with_structures
from tensionsim.runs.planned import JOINT, OF_INDEX, Over, PlannedRuns, drawn, outcome_names, planned, with_factors
from tensionsim.runs.run import Jobs
from tensionsim.runs.statistics import plain, title
from tensionsim.scenario.scenario import Scenario, load, scenario_of
from tensionsim.scenario.yaml_tree import Report, Source, SourceLocation, quoted

Method = Literal["sobol", "morris", "pawn", "delta", "oat", "spread"]

METHODS: Mapping[str, tuple[PlanMethod, int, int, str]] = {
    "sobol": ("saltelli", 128, 8, "Sobol' indices: shares of the variance of the expected outcome"),
    "morris": ("trajectories", 20, 8, "Morris screening: change of the expected outcome over a factor's whole range"),
    "pawn": ("lhs", 1024, 4, "PAWN: how far the distribution of the outcome shifts where a factor is known (0 to 1)"),
    "delta": ("lhs", 1024, 4, "Borgonovo's delta: how far the density of the outcome shifts where a factor is known"),
    "oat": ("one by one", 7, 100, "One at a time: expected outcome along each factor, all others drawn"),
    "spread": ("spread", 1024, 1, "Spread: shares of the variance of single runs"),
}
"""Methods with their plan, the size and the replicates that they have by default, and what they tell."""

INTERVAL, RESAMPLES, BINS, LEAST_SIZE, UNSURE = (0.025, 0.975), 300, 10, 4, 0.2
DUMMY = "(a number without effect)"
"""A factor of no effect beside the others, by which a reader sees what a method gives for nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity(Tabled):
    """How an outcome depends on the factors of a scenario.

    of : the outcome; of two `outlooks` the first less the second, run by run. table : a row a factor, the most
    important first, see `METHODS`. luck : where replicates differ, the shares of the variance of single runs that
    factors, luck, and both together have, with standard errors. convergence : the leading column of `table` at growing
    sizes of the plan, a column a factor. runs : of one scenario, or of both outlooks.

    Examples
    --------
    >>> import tensionsim as ts
    >>> over = {"actors.norland.rhetoric": "0:1", "actors.suderia.insulation": "0:1"}
    >>> s = ts.sensitivity("norland-suderia", over, size=16, replicates=2)
    >>> s.table.columns.tolist()
    ['total', 'total_low', 'total_high', 'first', 'first_low', 'first_high']
    """

    of: str
    method: Method
    table: pd.DataFrame
    luck: pd.DataFrame | None
    convergence: pd.DataFrame | None
    runs: tuple[PlannedRuns, ...]
    outlooks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        first = self.runs[0]
        return f"<Sensitivity of {self.of!r} in {first.scenario.name!r}, {self.method}: {len(self.table)} factors>"

    def summary(self) -> dict[str, Any]:
        """What `tensionsim sensitivity --json` prints: plain numbers, texts and lists."""
        plan, scenario = self.runs[0].plan, self.runs[0].scenario
        tables = {"factors": self.table, "luck": self.luck, "convergence": self.convergence}
        return {
            "title": title(scenario),
            "scenario": scenario.name,
            "outlooks": list(self.outlooks),
            "of": self.of,
            "method": self.method,
            "points": len(plan.shares),
            "replicates": plan.replicates,
            "seed": plan.seed,
            **{
                key: None if one is None else {str(name): plain(dict(row)) for name, row in one.iterrows()}
                for key, one in tables.items()
            },
            "notes": list(self.notes),
            "provenance": {"scenario_sha256": scenario.sha256},
        }


def sensitivity(
    scenario: Scenario | str | Path,
    over: Over = None,
    *,
    of: str = "index",
    method: Method | None = None,
    size: int | None = None,
    replicates: int | None = None,
    seed: int = 0,
    structures: Structures | None = None,
    outlooks: Sequence[str] = (),
    jobs: Jobs = 1,
    store: str | Path | None = None,
    replace: bool = False,
    progress: bool | Mode = False,
) -> Sensitivity:
    """Which assumptions drive an outcome of a scenario, and how much of its spread is luck.

    Parameters
    ----------
    scenario
        A Scenario, a path, or the name of a shipped scenario.
    over
        What is varied. None: every uncertain number, those fitted together as one, "joint". "all": every number, in
        its documented range. Else paths ("mechanisms.NAME": on or off), or values by path as `sweep` takes them.
    of
        "index" (at the end), "mean index", "lowest index", "ends in REGIME" or "months in REGIME", or an event, which
        counts 1 where it ever came true.
    method
        "oat" (default with outlooks), "sobol" (default up to 12 factors), "morris" (beyond); "pawn", "delta" (extra
        `sensitivity`); "spread" takes all parameters as one, all mechanisms that are drawn, and luck.
    size, replicates
        Points a block (sobol), trajectories (morris), points a factor (oat), else points; and runs a point.
    structures
        Chances of mechanisms to be on, as `run` takes them.
    outlooks
        Two outlooks of the scenario, or scenarios: the outcome is then the first's less the second's, run by run, and
        "oat" tells at which value of a factor the ranking turns.
    seed, jobs, store, replace, progress
        As `run` takes them; a store of two outlooks has a folder for each.

    Raises
    ------
    ScenarioError
        If the scenario, a factor, the outcome or the method cannot be used, or there is one factor only; it lists every
        problem.
    SelectionError
        If nothing moves the outcome, or the outlooks cannot be set beside each other.

    Examples
    --------
    >>> import tensionsim as ts
    >>> over = ["actors.norland.rhetoric", "mechanisms.inertia"]
    >>> ts.sensitivity("norland-suderia", over, method="morris", size=4, replicates=2).table.columns.tolist()
    ['mu_star', 'mu_star_se', 'mu', 'sigma']

    References
    ----------
    Saltelli, A. et al. (2010). Variance based sensitivity analysis of model output. Computer Physics Communications
    181(2). Morris, M. D. (1991). Technometrics 33(2). Campolongo, F., Cariboni, J. & Saltelli, A. (2007). An effective
    screening design for sensitivity analysis of large models. Environmental Modelling & Software 22(10). Pianosi, F. &
    Wagener, T. (2015). A simple and efficient method for global sensitivity analysis based on cumulative distribution
    functions. Environmental Modelling & Software 67. Borgonovo, E. (2007). A new uncertainty importance measure.
    Reliability Engineering & System Safety 92(6).
    """
    for what, number, least in (("size", size, 1), ("replicates", replicates, 1), ("seed", seed, 0)):
        if number is not None:
            whole(what, number, least=least)
    worlds = _worlds(scenario_of(scenario), outlooks)
    worlds = [one if structures is None else with_structures(one, structures) for one in worlds]
    is_default = over is None
    if over is None and method != "spread":
        over = [name for name in drawn(worlds[0]) if all(name in drawn(one) for one in worlds)] or None
    chosen, points = _asked(worlds[0], over, of, method, size, is_pair=bool(outlooks))
    kind, _, runs, _ = METHODS[chosen]
    runs = runs if replicates is None else replicates
    if chosen in ("pawn", "delta"):
        _salib(chosen)
    how: dict[str, Any] = {"method": kind, "size": points, "replicates": runs, "seed": seed, "jobs": jobs}
    how |= {"unused": bool(outlooks), "replace": replace, "progress": progress}
    folders = [None if store is None else Path(store) / name for name in outlooks or ("",)]
    made = tuple(
        planned(one, over, store=where, events=of in one.file.events, **how)
        for one, where in zip(worlds, folders, strict=True)
    )
    values = made[0].outcomes[of] - made[1].outcomes[of] if outlooks else made[0].outcomes[of]
    found: tuple[Any, Any, Any]
    if chosen != "oat":
        found = analysed(made[0].plan, values, chosen)
    else:
        found = one_at_a_time(made[0].plan, values, made[0].points, is_difference=bool(outlooks)), None, None
    is_apart = is_default and chosen != "spread" and any(one.joint for one in drawn(worlds[0]).values())
    apart = (
        "Numbers that were fitted together are varied each by itself here, over all that the fit left open for it, as "
        "if they had nothing to do with one another. `joint` takes them as one factor, as the method spread does."
    )
    notes = [apart] * is_apart
    if "total" in found[0] and (widest := float((found[0]["total_high"] - found[0]["total_low"]).max())) > UNSURE:
        notes.append(f"Intervals are up to {widest:.2f} wide; a larger size, and more replicates, make them surer.")
    return Sensitivity(of, chosen, *found, made, tuple(outlooks), tuple(notes))


def _asked(
    scenario: Scenario, over: Over, of: str, method: Method | None, size: int | None, *, is_pair: bool
) -> tuple[Method, int]:
    """The method and the size of its plan; ScenarioError lists all that cannot be asked of a scenario."""
    there, report, names = outcome_names(scenario), Report(), list[str]()

    def note(option: str, fault: str) -> None:
        report.add(SourceLocation(Source(option)), fault)

    if of not in there:
        regime = "" if nearest(of, there) else nearest(of, REGIME_NAMES)
        note("of", f"no outcome {quoted(of)}{report.near(f'ends in {regime}' if regime else of, there)}")
    try:
        names = [one.name for one in with_factors(scenario, over, unused=is_pair)[1]]
    except ScenarioError as failure:
        report.take(failure)
    chosen: Method = method or ("oat" if is_pair else "sobol" if len(names) <= 12 else "morris")
    if chosen not in [*METHODS]:
        note("method", f"no method {quoted(chosen)}{report.near(chosen, METHODS)}")
        report.stop()
    kind, points, _, _ = METHODS[chosen]
    points = points if size is None else size
    if chosen == "spread" and over is not None:
        note("over", "the method spread takes all that a scenario leaves uncertain; leave out what to vary")
    is_sobol = kind in ("saltelli", "spread")
    if points < 2 or (is_sobol and points & (points - 1)):
        wanted = "that is a power of 2, as 64 or 128" if is_sobol else "of 2 or more"
        note("size", f"the method {chosen} takes a size {wanted}; got {points}")
    if len(names) == 1 and chosen not in ("oat", "spread"):
        note("over", f"one factor, {names[0]}, explains all that is not luck; vary two or more, or take the method oat")
    report.raise_if_any()
    return chosen, points


def told(of: str) -> str:
    """An outcome as a sentence has it."""
    return {"index": "the index at the end"}.get(of, f"the {of}" if of in OF_INDEX else of)


def called(name: str) -> str:
    """A factor as screens and figures name it: without the room of the scenario that it stands in."""
    return (name.partition(".")[2] or name).replace(".", " ").replace("*", "all")


def _worlds(base: Scenario, outlooks: Sequence[str]) -> list[Scenario]:
    """The scenario itself, or the two outlooks of it, or scenarios, that are named."""
    if not outlooks:
        return [base]
    if isinstance(outlooks, str) or len(outlooks) != 2 or outlooks[0] == outlooks[1]:
        raise SelectionError(f"a ranking is of two different outlooks; got {shown(outlooks)}")
    found = [
        base.with_outlook(name) if name in base.outlook_names else base if name == base.name else load(name)
        for name in outlooks
    ]
    if found[0].span != found[1].span:
        one, other = (f"{each.file.start} to {each.file.end} by {each.file.step}" for each in found)
        raise SelectionError(f"two outlooks are of the same dates; found {one}, and {other}")
    return found


def analysed(
    plan: Plan, values: Floats, method: Method
) -> tuple[pd.DataFrame, pd.DataFrame | None, pd.DataFrame | None]:
    """The table of a method but "oat", the shares of luck, and the convergence.

    values : what came out, shape (point, replicate), the points those of the plan; SelectionError where they cannot be.
    """
    check_values(plan, values)
    kinds: Mapping[str, Callable[..., pd.DataFrame]] = {"sobol": _sobol, "spread": _sobol, "morris": _morris}
    work = kinds.get(method) or partial(_given_data, _salib(method))
    names, shares, means = list(plan.names), plan.shares, values.mean(axis=1)
    blocks = len(names) + 2 if plan.method in ("saltelli", "spread") else 1
    each = len(names) + 1 if plan.method == "trajectories" else 1
    rows = np.arange(len(means)).reshape(blocks, -1)
    table = work(names, shares, means)
    sizes = [size for size in (plan.size // 8, plan.size // 4, plan.size // 2, plan.size) if size >= LEAST_SIZE]
    firsts = [rows[:, : size * each].ravel() for size in sizes]
    parts = [work(names, shares[first], means[first], resamples=0).iloc[:, 0] for first in firsts]
    convergence = pd.DataFrame(parts, index=pd.Index(sizes, name="size"))[table.index] if parts else None
    sample = values[rows[:2, ::each].ravel()]
    has_spread = plan.replicates > 1 and (sample != sample[0, 0]).any()
    return table, components(sample) if has_spread else None, convergence


def check_values(plan: Plan, values: Floats) -> None:
    """SelectionError where values cannot be those of a plan's points, or nothing moves them."""
    if values.shape != (len(plan.shares), plan.replicates):
        wanted = f"{len(plan.shares):,} points of {plan.replicates} replicates"
        raise SelectionError(f"the sample does not match: values of shape {values.shape}, where the plan has {wanted}")
    if bad := int((~np.isfinite(values)).sum()):
        raise SelectionError(f"{bad:,} of {values.size:,} outcomes are not finite; indices of them would mean nothing")
    if (values == values[0]).all():
        is_same = (values[0] == values[0, 0]).all()
        found = f"{values[0, 0]:g} in all runs: nothing moves it" if is_same else "the same at every point: all is luck"
        raise SelectionError(f"the outcome is {found}; ask for another one, as the index, or vary factors further")


def _ranked(columns: Any, names: Sequence[str]) -> pd.DataFrame:
    """A table with a row a factor, by its first column."""
    table = pd.DataFrame(columns, pd.Index(names, name="factor"))
    return table.sort_values(str(table.columns[0]), ascending=False, kind="stable")


def _sobol(names: Sequence[str], _: Floats, means: Floats, *, resamples: int = RESAMPLES) -> pd.DataFrame:
    """First and total indices with bootstrap intervals."""
    from scipy.stats import sobol_indices

    blocks = means.reshape(len(names) + 2, 1, -1)
    size = blocks.shape[-1]

    def indices(part: Floats) -> Floats:
        found = sobol_indices(func={"f_A": part[0], "f_B": part[1], "f_AB": part[2:]}, n=size)
        return np.array([np.ravel(found.total_order), np.ravel(found.first_order)])

    rng, found = np.random.default_rng(0), indices(blocks)
    again = [indices(blocks[..., rng.integers(size, size=size)]) for _ in range(resamples)]
    low, high = np.nanquantile(again, INTERVAL, axis=0) if again else (found, found)
    columns = [f"{name}{end}" for name in ("total", "first") for end in ("", "_low", "_high")]
    return _ranked(dict(zip(columns, np.stack([found, low, high], axis=1).reshape(6, -1), strict=True)), names)


def _morris(names: Sequence[str], shares: Floats, means: Floats, *, resamples: int = 0) -> pd.DataFrame:
    """Mean size and mean of the elementary effects, and their deviation: what is not linear, or hangs on others."""
    steps = np.diff(shares.reshape(-1, len(names) + 1, len(names)), axis=1)
    changes = np.diff(means.reshape(-1, len(names) + 1), axis=1)
    slopes = changes / steps.sum(axis=2)  # as one factor changes in a step
    effects = ((steps != 0.0) * slopes[..., None]).sum(axis=1)
    columns = {
        "mu_star": np.abs(effects).mean(axis=0),
        "mu_star_se": np.abs(effects).std(axis=0, ddof=1) / np.sqrt(len(effects)),
        "mu": effects.mean(axis=0),
        "sigma": effects.std(axis=0, ddof=1),
    }
    return _ranked(columns, names)


def _salib(method: str) -> Any:
    """SALib's function of a method; TensionSimError where SALib, an extra, is not installed."""
    try:
        return import_module(f"SALib.analyze.{method}").analyze
    except ImportError as missing:
        raise TensionSimError(
            f"the method {method} needs SALib; install it with: pip install 'tensionsim[sensitivity]'"
        ) from missing


def _given_data(
    analyzer: Callable[..., Any], names: Sequence[str], shares: Floats, means: Floats, *, resamples: int = 0
) -> pd.DataFrame:
    """What SALib makes of a sample, a factor of no effect among it."""
    names = [*names, DUMMY]
    shares = np.column_stack([shares, np.random.default_rng(0).random(len(means))])
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    if analyzer.__module__.endswith("pawn"):
        found = analyzer(problem, shares, means, S=BINS, seed=0)
        return _ranked({name: np.ravel(found[name]) for name in ("median", "minimum", "maximum")}, names)
    with warnings.catch_warnings(record=True):  # SALib tells how many bins it made, whatever is to be ignored
        found = analyzer(problem, shares, means, num_resamples=RESAMPLES // 3, seed=0)
    name = "delta" if "delta" in found else "delta_balanced"  # as SALib calls it from 1.6 on
    return _ranked({"delta": found[name], "delta_error": found[f"{name}_conf"], "first": found["S1"]}, names)


def components(values: Floats) -> pd.DataFrame:
    """Shares of the variance of single runs that factors, luck, and both together have, with standard errors.

    values : shape (point, replicate), replicate r of all points of one luck: a two-way layout of random effects without
    repetition; standard errors by the bootstrap of points.
    """

    def shares(table: Floats) -> Floats:
        points, runs = table.shape
        rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
        both = float((rest**2).sum()) / ((points - 1) * (runs - 1))
        of_points = float(table.mean(axis=1).var(ddof=1)) - both / runs
        of_luck = float(table.mean(axis=0).var(ddof=1)) - both / points
        found = np.maximum([of_points, of_luck, both], 0.0)
        return found / found.sum() if found.sum() > 0.0 else np.full(3, np.nan)

    rng, count = np.random.default_rng(0), len(values)
    again = [shares(values[rng.integers(count, size=count)]) for _ in range(RESAMPLES)]
    table = {"share": shares(values), "standard_error": np.nanstd(again, axis=0)}
    return pd.DataFrame(table, pd.Index(["factors", LUCK, "both"], name="of"))


def one_at_a_time(plan: Plan, values: Floats, points: pd.DataFrame, *, is_difference: bool = False) -> pd.DataFrame:
    """The expected outcome at the ends of each factor, all others drawn; of a difference also where it changes sign.

    swing : between the least and the greatest expected outcome, its error of runs paired by luck. turns_at : value of
    the factor where the difference is 0, by straight lines between those that were run; NaN where it never is.
    """
    check_values(plan, values)
    rows: list[dict[str, Any]] = []
    for place, name in enumerate(plan.names):
        cells = slice(place * plan.size, (place + 1) * plan.size)
        level, there = np.unique(points[name].iloc[cells].to_numpy(), return_inverse=True)
        runs = np.array([values[cells][there == each].mean(axis=0) for each in range(len(level))])
        means = runs.mean(axis=1)
        swing = runs[means.argmax()] - runs[means.argmin()]
        error = swing.std(ddof=1) / np.sqrt(plan.replicates) if plan.replicates > 1 else np.nan
        row = {"swing": swing.mean(), "swing_se": error}
        row |= {"lowest": level[0], "at_lowest": means[0], "highest": level[-1], "at_highest": means[-1]}
        if is_difference:
            turn = _turn(level, runs) if name != JOINT else (np.nan,) * 3
            row |= dict(zip(("turns_at", "turns_low", "turns_high"), turn, strict=True))
        rows.append(row)
    return _ranked(rows, plan.names)


def _turn(level: Floats, runs: Floats) -> tuple[float, ...]:
    """Where the mean of differences, shape (level, replicate), first changes its sign, with its interval.

    Assumption: it turns where it does so in most of the resamples; the interval is of those in which it does.
    """

    def crossing(line: Floats) -> float:
        signs = np.flatnonzero(line[:-1] * line[1:] < 0.0)
        if not len(signs):
            return float("nan")
        first = signs[0]
        share = line[first] / (line[first] - line[first + 1])
        return float(level[first] + share * (level[first + 1] - level[first]))

    rng, count = np.random.default_rng(0), runs.shape[1]
    again = np.array([crossing(runs[:, rng.integers(count, size=count)].mean(axis=1)) for _ in range(RESAMPLES)])
    turned, at = again[~np.isnan(again)], crossing(runs.mean(axis=1))
    if np.isnan(at) or len(turned) < RESAMPLES / 2:
        return (np.nan,) * 3
    return at, *np.quantile(turned, INTERVAL)
