"""Routine and reciprocity of two governments in event data, after Goldstein and Freeman, and in the fitted model.

Two claims, of each government: routine (it goes on as it has done) and reciprocity (it answers in kind). They are
tested as the literature does, by the summed lags of a vector autoregression of monthly net scores, and by the
mechanisms of this model, fitted to the same events. All events count: this is replication, nothing is forecast.

References
----------
Goldstein, J. S. & Freeman, J. R. (1990). Three-Way Street: Strategic Reciprocity in World Politics. University of
Chicago Press.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensionsim.analysis.forecasts.lags import CannotFit
from tensionsim.analysis.reciprocity import Response, monthly_conduct, responses
from tensionsim.analysis.replication.check import Check, Estimate, Findings, Skipped, near
from tensionsim.analysis.replication.study import Asked, Study
from tensionsim.errors import FitError

if TYPE_CHECKING:
    from tensionsim.analysis.fitting.fitted import Fit
    from tensionsim.history.events import EventHistory

SOURCE = "Goldstein & Freeman (1990)"
LAGS = 2
SURE = 1.645
"""Standard errors above 0 from which on a coefficient is told from 0, one-sided, at 5 %."""

LEVEL = 0.05
WORDS = {"own": "routine", "other": "reciprocity"}
MECHANISMS = {"inertia": "routine", "reciprocity": "reciprocity"}


@dataclass(frozen=True, slots=True)
class Earlier:
    """Summed lags that an earlier look at a series had given, by the code of the government: (own, other)."""

    source: str
    events: int
    first: dt.date
    last: dt.date
    lags: Mapping[str, tuple[float, float]]

    def codes(self, history: EventHistory) -> tuple[str, ...] | None:
        """Codes of the history's actors, in its order, if it is this series; otherwise None."""
        taken = [{one.code[:3] for one in history.report.taken if one.actor == actor} for actor in history.actors]
        found = tuple("".join(sorted(codes)) for codes in taken)
        span = (int(history.weight.sum()), history.first, history.last)
        is_it = span == (self.events, self.first, self.last) and set(found) == set(self.lags)
        return found if is_it else None

    def __str__(self) -> str:
        return f"{' and '.join(self.lags)}, {self.first} to {self.last}, {self.events:,} events"


KEDS = Earlier(
    source="an earlier look at these data",
    events=16_968,
    first=dt.date(1979, 4, 15),
    last=dt.date(2011, 11, 30),
    lags={"ISR": (0.62, 0.15), "PSE": (0.34, 0.20)},
)
"""Monthly net scores, two lags, KEDS. How months were cut and gaps filled then is not known to the last digit."""

REMEDY = "name a file of events between two governments, like --events FILE --dyad ISR PSE (in Python: events=...)"


def find(asked: Asked) -> Findings:
    """Routine and reciprocity of both governments, twice: in the autoregression, and in the fitted model."""
    if asked.events is None:
        asked.advance(2)
        return Findings(skipped=(Skipped("routine and reciprocity", "it needs event data", REMEDY),))
    autoregression = _autoregression(asked.events)
    asked.advance(1)
    model = _model(asked.events)
    asked.advance(1)
    return Findings(
        (*autoregression.checks, *model.checks),
        (*autoregression.skipped, *model.skipped),
        (*autoregression.notes, *model.notes),
    )


def _autoregression(history: EventHistory) -> Findings:
    try:
        found = responses(monthly_conduct(history), order=LAGS)
    except CannotFit as why:
        return Findings(skipped=(Skipped("summed lags of an autoregression", str(why), "take a longer history"),))
    codes = KEDS.codes(history)
    checks = [] if codes is None else list(summed_lags(codes, found))
    names = codes or history.actors
    checks += [one for name, response in zip(names, found, strict=True) for one in pattern(name, response)]
    if codes is not None:
        return Findings(tuple(checks))
    told = f"{history.name}: {' and '.join(history.actors)}, {history.first} to {history.last}, {len(history):,} events"
    lacking = Skipped("size of the summed lags", f"none were published for {told}", f"they were for {KEDS}")
    return Findings(tuple(checks), (lacking,))


def summed_lags(codes: tuple[str, ...], found: tuple[Response, Response]) -> Iterator[Check]:
    """The four summed lags beside those of the earlier look.

    The data are the same, so sampling excuses nothing; a standard error is the yardstick of what would matter.
    """
    for code, response in zip(codes, found, strict=True):
        for name, published in zip(WORDS, KEDS.lags[code], strict=True):
            estimate = _estimate(response, name)
            quantity = f"{WORDS[name]} of {code}, summed lags"
            yield near(quantity, KEDS.source, published, estimate, estimate.error, "within one standard error")


def pattern(actor: str, response: Response) -> Iterator[Check]:
    """The signs of routine and reciprocity of one government, and whether they are told from 0."""
    for name, word in WORDS.items():
        found = _estimate(response, name)
        yield Check(
            quantity=f"{word} of {actor}, sign",
            source=SOURCE,
            published="above 0",
            obtained=found,
            criterion="the summed lags are above 0",
            agrees=found.value > 0.0,
        )
        ratio = found.value / found.error
        is_sure = ratio > SURE
        yield Check(
            quantity=f"{word} of {actor}, told from 0",
            source=SOURCE,
            published="yes",
            obtained=f"{'yes' if is_sure else 'no'}, z {ratio:.1f}",
            criterion=f"more than {SURE:g} standard errors of least squares above 0",
            agrees=is_sure,
        )


def _estimate(response: Response, name: str) -> Estimate:
    return Estimate(getattr(response, name), getattr(response, f"{name}_error"))


def _model(history: EventHistory) -> Findings:
    from tensionsim.analysis.fitting.fit import fit
    from tensionsim.history.generic import scenario_for

    try:
        fitted = fit(scenario_for(history), history)
    except FitError as why:
        return Findings(skipped=(Skipped("the fitted model", str(why), "take a longer history"),))
    found = [mechanism(fitted, name) for name in MECHANISMS]
    checks = tuple(one for one in found if isinstance(one, Check))
    skipped = tuple(one for one in found if isinstance(one, Skipped))
    note = (
        f"The model was fitted to {fitted.diagnosis.acts:,} acts of both governments. Its strengths are shared by both "
        "and cannot be negative, so that likelihood ratios, not signs, say whether they are there."
    )
    return Findings(checks, skipped, (note,))


def mechanism(fitted: Fit, name: str) -> Check | Skipped:
    """The strength of a mechanism in the fitted model, fast and slow memory together, and what its ratio says."""
    support = {one.name: one for one in fitted.support}.get(name)
    quantity = f"{MECHANISMS[name]} in the fitted model"
    if support is None:
        why = next(
            (one.why for one in fitted.fixed if one.path.startswith(f"mechanisms.{name}.")), "it is switched off"
        )
        return Skipped(quantity, why, "take a longer history")
    drawn = fitted.sample(2000)[list(support.paths)].sum(axis=1)
    strength = sum(fitted.estimates[path] for path in support.paths)
    ratio = f"likelihood ratio {support.likelihood_ratio:.1f}, p {support.p_value:.2g}"
    return Check(
        quantity=quantity,
        source=SOURCE,
        published="above 0",
        obtained=Estimate(strength, float(drawn.std())),
        criterion=f"p of the likelihood ratio below {LEVEL:g} ({ratio})",
        agrees=support.p_value < LEVEL,
    )


STUDY = Study(
    name="goldstein-freeman",
    title="Goldstein and Freeman: routine and reciprocity of two governments",
    sources=(
        "Goldstein, J. S. & Freeman, J. R. (1990). Three-Way Street: Strategic Reciprocity in World Politics. "
        "University of Chicago Press.",
        f"Summed lags: {KEDS.source} ({KEDS}).",
    ),
    takes=("events",),
    parts=lambda asked: 2,
    find=find,
)
