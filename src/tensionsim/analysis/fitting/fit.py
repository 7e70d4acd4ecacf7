"""Fit: from a scenario and a history to the coefficients that make the history likely."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, Unpack

from tensionsim.analysis.fitting.diagnosis import diagnose
from tensionsim.analysis.fitting.fitted import Fit, Fixed
from tensionsim.analysis.fitting.fixing import meant, silent_shapes, unspoken
from tensionsim.analysis.fitting.gaps import gaps
from tensionsim.analysis.fitting.shaping import Shaping
from tensionsim.analysis.fitting.support import by_strength, supports
from tensionsim.analysis.fitting.target import Target
from tensionsim.errors import FitError
from tensionsim.history.events import EventHistory
from tensionsim.likelihood import Coefficient, Likelihood
from tensionsim.likelihood.coefficients import shapes
from tensionsim.likelihood.model import day_of
from tensionsim.likelihood.window import Span, Window, history_of, window
from tensionsim.scenario import Scenario, scenario_of

ASKED = "as asked"
UNSPOKEN = "nothing in this history speaks to it"


class How(TypedDict, total=False):
    """What may be said of a fit besides the scenario and the history; see `fit`."""

    since: dt.date | str | None
    until: dt.date | str | None
    fix: Sequence[str]
    missing: Sequence[Span] | None
    prior_width: float
    with_support: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    since: dt.date | str | None = None
    until: dt.date | str | None = None
    fix: Sequence[str] = ()
    missing: Sequence[Span] | None = None
    prior_width: float = 1.0
    with_support: bool = True


def fit(scenario: Scenario | str | Path, history: EventHistory | None = None, **how: Unpack[How]) -> Fit:
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
        Factor by which every prior is widened, > 0; default 1.
    with_support
        Whether each mechanism is tried against a scenario without it, which takes a fit each; default True.

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
    wish = _Wish(**how)
    if not wish.prior_width > 0.0:
        raise FitError(f"the prior's width is {wish.prior_width:g}; it is a factor above 0, 1 by default")
    given = scenario_of(scenario)
    likelihood = Likelihood.of(_window(given, history, wish))
    curved = shapes(likelihood.trail)
    fixed = _fixed(likelihood, curved, wish.fix)
    still = {one.path for one in fixed}
    target = Target.of(likelihood, still, wish.prior_width)
    if not target.free.any():
        raise FitError(
            f"all coefficients of {given.name} are fixed, or this history speaks to none; nothing is left to fit"
        )
    searched = Shaping.of(target, [one for one in curved if one.path not in still], wish.prior_width)
    point = searched.search()
    at_best, best = searched.fitted(point)
    return Fit(
        given=given,
        likelihood=at_best.likelihood,
        target=at_best,
        shaping=searched,
        shapes=point,
        best=best,
        laplace=searched.laplace(point),
        fixed=tuple(fixed),
        support=tuple(by_strength(supports(at_best, best))) if wish.with_support else (),
        diagnosis=diagnose(at_best, best, searched),
        seconds=time.perf_counter() - started,
    )


def _window(scenario: Scenario, history: EventHistory | None, wish: _Wish) -> Window:
    events = history_of(scenario) if history is None else history
    until = day_of(wish.until)
    missing = gaps(events if until is None else events.until(until)) if wish.missing is None else wish.missing
    return window(scenario, events, since=day_of(wish.since), until=until, missing=missing)


def _fixed(likelihood: Likelihood, curved: Sequence[Coefficient], names: Sequence[str]) -> list[Fixed]:
    every = (*likelihood.coefficients, *curved)
    asked = meant(names, every)
    silent = unspoken(likelihood) | silent_shapes(likelihood, curved)
    reasons = {path: UNSPOKEN for path in silent} | {path: ASKED for path in asked}
    return [Fixed(one.path, one.value, reasons[one.path]) for one in every if one.path in reasons]
