"""The studies that can be replicated, published results beside what this code obtains: `STUDIES`, and `replicate`.

A study is a function that gives its findings, and a row of the list with what it takes. Those of Richardson, Hawkes,
Goldstein and Freeman and of recovery stand below in this order, each with its pieces before it.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from tensionsim import __version__
from tensionsim.engine.build import assemble
from tensionsim.engine.run import simulate
from tensionsim.engine.simulation import begin
from tensionsim.engine.stability import Stability
from tensionsim.engine.step import step
from tensionsim.engine.world import perceive
from tensionsim.errors import FitError, TensionSimError, whole
from tensionsim.estimation.fit import Fit, fit
from tensionsim.estimation.recovery import Recovery, recover
from tensionsim.events.generic import scenario_from_events
from tensionsim.events.history import EventHistory
from tensionsim.forecasts.baselines import CannotFit, least_squares
from tensionsim.model.mechanisms import MECHANISMS
from tensionsim.model.record import Bools, Floats
from tensionsim.model.state import kept
from tensionsim.model.structure import Channel
from tensionsim.replication.framework import (
    ISSUE,
    MOST_DEVIATIONS,
    SIDES,
    START,
    Check,
    Estimate,
    Findings,
    Jobs,
    Outcome,
    Replication,
    Skipped,
    Study,
    move,
    near,
    north_and_south,
    simulated,
)
from tensionsim.rng import RandomStreams
from tensionsim.runs.parallel import executor, showing
from tensionsim.runs.statistics import MONTHS_PER_STEP
from tensionsim.scenario.scenario import Scenario

Advance = Callable[[int], None]
"""Is called with the number of parts newly done."""


@dataclass(frozen=True, slots=True)
class Richardson:
    """`dx/dt = k y - a x + g` and `dy/dt = l x - b y + h`, in any unit of time.

    reaction : (k, l), how much each answers the other. fatigue : (a, b), how fast each tires. grievance : (g, h).
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
        """Where neither moves: `((b g + k h), (l g + a h)) / (a b - k l)`, shape (actor,), stable or not."""
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


RATE = 200.0
"""Acts of each side a month: many, so that tone is a mean and chance small beside it."""

PRIOR = 0.5
MONTHS_PER_WEEK = 12.0 / 52.0
HALF_LIVES_MONTHS = (0.25, 2.0)
SCORES = (-6.0, -2.0, 2.0, 6.0)
VARIANCE = float(np.mean(np.square(SCORES)) / 100.0)
"""Of the menu's scores (Goldstein / 10) with no direction: without a taste for strong moves all are equally likely."""

INERTIA = np.array([0.4, 0.5])
RECIPROCITY = np.array([0.9, 0.6])
"""Coefficients of fast and slow tone, at a gain of 1."""

HEARD = VARIANCE * RATE / (RATE + PRIOR)
"""Mean tone that a direction of 1 makes, as the prior lets it be heard."""

_KEPT_ON = ("inertia", "reciprocity", "performance")
_SILENT = dict.fromkeys(("own_fast", "own_slow", "other_fast", "other_slow"), 0.0)


@dataclass(frozen=True, slots=True)
class Race:
    """Two sides that act often, answer each other and hold a grievance, in the model and in Richardson's equations.

    Each side's armament, here its tone (low is hostile), changes by reaction to the other's, by fatigue with its own,
    and by a grievance (Richardson 1960). In the model reaction is reciprocity, grievance a shortfall on one's own
    yardstick, and fatigue what inertia leaves of forgetting. A direction d makes a mean score of v d while d is small,
    v the variance of the menu's scores at rest; with the rate and the memories as in the model, all else is linear.

    gain : multiplies reaction and inertia, >= 0. sharp : how readily each side reciprocates, >= 0. grievance : what
    each side's direction is lowered by. weeks : how long it lasts.
    """

    gain: float = 1.0
    sharp: tuple[float, float] = (1.4, 0.7)
    grievance: tuple[float, float] = (0.10, -0.35)
    weeks: int = 120

    @property
    def equations(self) -> Richardson:
        """Richardson's equations of the tone; time in whatever unit memories fade by 1."""
        reaction, inertia = (HEARD * self.gain * float(one.sum()) for one in (RECIPROCITY, INERTIA))
        return Richardson(
            reaction=(reaction * self.sharp[0], reaction * self.sharp[1]),
            fatigue=(1.0 - inertia, 1.0 - inertia),
            grievance=(-HEARD * self.grievance[0], -HEARD * self.grievance[1]),
        )

    @property
    def feedback(self) -> float:
        """How much of a small hostility comes back: above 1, reaction beats fatigue."""
        return 1.0 + max(rate.real for rate in self.equations.rates)

    def course(self) -> Floats:
        """Richardson's equations in the steps and memories of the model: tone by week, shape (week, memory, side)."""
        keep = kept(np.array(HALF_LIVES_MONTHS), MONTHS_PER_WEEK)[:, None]
        net, acts, path = np.zeros((2, 2)), np.zeros((2, 1)), []
        for _ in range(self.weeks):
            tone = net / (acts + PRIOR)
            answer = INERTIA @ tone + np.array(self.sharp) * (RECIPROCITY @ tone[:, ::-1])
            net = keep * net + (1.0 - keep) * RATE * VARIANCE * (self.gain * answer - np.array(self.grievance))
            acts = keep * acts + (1.0 - keep) * RATE
            path.append(net / (acts + PRIOR))
        return np.array(path)

    def tones(self, *, runs: int, seed: int) -> Floats:
        """Fast and slow tone of both sides in runs of the model, shape (week, memory, side, run), in [-1, 1]."""
        world = assemble(self.scenario())
        now, found = begin(world, RandomStreams(seed, 0, runs)), []
        rows = [world.channels.index(Channel(side, other, ISSUE, "political")) for side, other in (SIDES, SIDES[::-1])]
        for _ in range(world.steps):
            step(now)
            seen = perceive(world, now.state, now.numbers)
            found.append([seen.tone_fast[rows], seen.tone_slow[rows]])
        return np.array(found)

    def scenario(self) -> Scenario:
        """The race as a scenario: one issue, no third party, small tone.

        A side complains of the other by an indicator at twice its reference, whose weight is the grievance.
        """
        engine = {"base_political": RATE, "acts_per_step": 100, "tone_prior": PRIOR, "bias": 0.0, "intensity": 0.0}
        engine |= {"fast_half_life": HALF_LIVES_MONTHS[0], "slow_half_life": HALF_LIVES_MONTHS[1]}
        strengths = {
            name: {"fast": self.gain * float(fast), "slow": self.gain * float(slow)}
            for name, (fast, slow) in {"inertia": INERTIA, "reciprocity": RECIPROCITY}.items()
        }
        complaints = [f"complaint_{side}" for side in SIDES]
        doubled = {"value": 200, "unit": "points", "reference": 100, "issue": ISSUE}
        return north_and_south(
            "An arms race",
            end=str(np.datetime64(START) + np.timedelta64(7 * self.weeks, "D")),
            moves={f"act{place}": move(score) for place, score in enumerate(SCORES)},
            actors={
                side: {
                    "attention": 1.0,
                    "reciprocity": float(self.sharp[row]),
                    "yardstick": {complaints[row]: float(self.grievance[row])},
                }
                for row, side in enumerate(SIDES)
            },
            indicators={complaints[row]: doubled | {"responsible": SIDES[1 - row]} for row in (0, 1)},
            mechanisms={one.name: "off" for one in MECHANISMS if one.name not in _KEPT_ON}
            | strengths
            | {"performance": {"strength": 1.0}},
            parameters=_SILENT | engine,
        )


def border_gain() -> float:
    """The gain at which two equally sharp sides stand on the border of stability."""
    return 1.0 / float(HEARD * (INERTIA.sum() + RECIPROCITY.sum()))


RICHARDSON_SOURCE = "Richardson (1960)"
RICHARDSON_RUNS, RUNS_AT_THE_BORDER = 300, 150
SETTLED_WEEKS = 60
"""Last weeks over which an equilibrium is taken: 14 months, seven half-lives of the slow memory after the start."""

STRETCH_WEEKS = 10
"""Over which the course is averaged: 48 means are looked at, few enough that none misses by four errors by chance."""

CURVATURE = 0.01
"""What a mean tone may miss beside sampling, as a share of the largest one.

Assumption: a percent, because Richardson's equations are straight where the choice of moves bends: at the tones of
these races (0.1) the logit makes a direction of d worth about a percent less than v d.
"""

FAR = 0.2
"""Root mean square tone beyond which a race has run away.

Assumption: 0.2, because below the border chance alone keeps it at 0.03 to 0.05, and where hostility feeds itself only
the ends of the menu (0.6) stop it.
"""

REPORTED = 0.01
"""Share by which the feedback that `tensionsim check` reports may miss: it leaves out the prior of the tone."""

AGGRIEVED = Race(grievance=(0.40, -0.35))
"""The race of `Race()` where the first side holds a deeper grievance."""


BORDER = {
    **{
        f"equal sides at {share:g} of the border": Race(share * border_gain(), (1.0, 1.0), (0.02, 0.02), 150)
        for share in (0.6, 0.85, 1.25, 1.6)
    },
    "one side over-reacts, the other hardly answers": Race(1.0, (4.0, 0.5), (0.02, 0.02), 150),
    "one side over-reacts, the other answers": Race(1.0, (6.0, 2.0), (0.02, 0.02), 150),
}
"""Races on one side of the border of stability or the other. Of the last two the first side reacts more than it tires
in both: what decides is the product."""


def find_richardson(*, seed: int, advance: Advance) -> Findings:
    """Course and equilibrium of two races, and what becomes of six on either side of the border."""
    tones = Race().tones(runs=RICHARDSON_RUNS, seed=seed)
    advance(1)
    deeper = AGGRIEVED.tones(runs=RICHARDSON_RUNS, seed=seed)
    advance(1)
    checks = [
        course(Race(), tones),
        *equilibrium(Race(), tones, ""),
        *equilibrium(AGGRIEVED, deeper, ", north's grievance deeper"),
    ]
    for title, race in BORDER.items():
        last = race.tones(runs=RUNS_AT_THE_BORDER, seed=seed)[-1]
        advance(1)
        checks += [border(title, race, last), reported(title, race)]
    return Findings(tuple(checks))


def course(race: Race, tones: Floats) -> Check:
    """The mean course beside the equations, both by stretches of weeks, where it misses them most for its error.

    tones : of runs that should follow the equations of `race`, shape (week, memory, side, run).
    """
    expected, by_run = _stretches(race.course()), _stretches(tones)
    found, error = by_run.mean(axis=-1), by_run.std(axis=-1, ddof=1) / np.sqrt(tones.shape[-1])
    allowed = CURVATURE * float(np.abs(expected).max())
    share = np.abs(found - expected) / (MOST_DEVIATIONS * error + allowed)
    stretch, memory, side = worst = np.unravel_index(int(np.argmax(share)), share.shape)
    weeks = f"weeks {stretch * STRETCH_WEEKS} to {(stretch + 1) * STRETCH_WEEKS}"
    quantity = f"course of tone where it is worst: {weeks}, {SIDES[side]}, {('fast', 'slow')[memory]}"
    estimate = Estimate(float(found[worst]), float(error[worst]))
    return simulated(quantity, RICHARDSON_SOURCE, float(expected[worst]), estimate, allowed)


def _stretches(by_week: Floats) -> Floats:
    means: Floats = by_week.reshape(-1, STRETCH_WEEKS, *by_week.shape[1:]).mean(axis=1)
    return means


def equilibrium(race: Race, tones: Floats, where: str) -> Iterator[Check]:
    """The mean tone of both sides in the last weeks beside the closed form; `tones` as for `course`."""
    expected = race.equations.equilibrium
    settled = tones[-SETTLED_WEEKS:].mean(axis=(0, 1))
    allowed = CURVATURE * float(np.abs(expected).max())
    for row, side in enumerate(SIDES):
        error = float(settled[row].std(ddof=1) / np.sqrt(settled.shape[-1]))
        found = Estimate(float(settled[row].mean()), error)
        yield simulated(f"equilibrium of tone, {side}{where}", RICHARDSON_SOURCE, float(expected[row]), found, allowed)


def border(title: str, race: Race, last: Floats) -> Check:
    """Whether runs settle or run away, beside whether fatigue beats reaction; `last` : shape (memory, side, run)."""
    spread = float(np.sqrt(np.square(last).mean()))
    published, obtained = (
        "settles" if settles else "runs away" for settles in (race.equations.is_stable, spread < FAR)
    )
    return Check(
        quantity=f"stability, {title}",
        source=RICHARDSON_SOURCE,
        published=published,
        obtained=f"{obtained}, {spread:.2f}",
        criterion=f"after {race.weeks} weeks the root mean square tone is below {FAR:g} where fatigue beats reaction",
        agrees=published == obtained,
    )


def reported(title: str, race: Race) -> Check:
    """The tone feedback that `tensionsim check` reports, beside the closed form."""
    found = Estimate(Stability.of(race.scenario()).tone)
    criterion = f"within {REPORTED:.0%}: the report leaves out the prior of the tone"
    quantity = f"feedback reported, {title}"
    return near(quantity, RICHARDSON_SOURCE, race.feedback, found, REPORTED * race.feedback, criterion)


EXCITATION = {"own_fast": 0.15, "own_slow": 0.10, "other_fast": 0.25, "other_slow": 0.10}
OWN, OTHER = (sum(value for name, value in EXCITATION.items() if name.startswith(who)) for who in ("own", "other"))
BRANCHING = OWN + OTHER
BASES = {"political": 0.8, "technical": 0.5}
MOVES = {
    "praise": move(4.0),
    "scold": move(-4.0),
    "share_maps": move(5.0, "technical", "material"),
    "hide_maps": move(-5.0, "technical"),
}

WARM_UP_MONTHS = 24.0
WINDOW_MONTHS = 18.0
"""Of counting. Memory of memory fades by half in some 5 months here, so that windows far apart know nothing of each
other."""

RUNS, GROUPS = 400, 20
EXACT = 1e-9
UNEQUAL = (1.0, 0.2)
"""Attention of the two sides where they differ."""


def find_hawkes(*, seed: int, advance: Advance) -> Findings:
    """Mean rates of equal and unequal sides, the branching ratio that is reported, and the one that runs show."""
    equal, unequal = exciting(), exciting(attention=UNEQUAL)
    counted = counts(equal, runs=RUNS, seed=seed)
    advance(1)
    checks = [*mean_rates(equal, counted, (1.0, 1.0), "")]
    checks += mean_rates(unequal, counts(unequal, runs=RUNS, seed=seed), UNEQUAL, ", sides unequal")
    advance(1)
    found = Estimate(Stability.of(equal).branching)
    last = near("branching ratio reported", "Hawkes (1971)", BRANCHING, found, EXACT, "equal but for rounding")
    return Findings((*checks, *scatter(equal, counted), last))


def exciting(step: str = "week", attention: tuple[float, float] = (1.0, 1.0), end: str = "2051-01-06") -> Scenario:
    """Two sides whose acts breed acts of their own and of the other's; `step` : "day", "week" or "month".

    Of moves without lasting effects: what begins or ends an arrangement is made once in a step, which thins them.
    """
    most = min(100, int(80 * MONTHS_PER_STEP[step] + 10))
    bases = {f"base_{track}": base for track, base in BASES.items()}
    return north_and_south(
        "Acts that breed acts",
        end=end,
        step=step,
        moves=MOVES,
        actors={side: {"attention": one} for side, one in zip(SIDES, attention, strict=True)},
        parameters=EXCITATION | bases | {"acts_per_step": most},
    )


def counts(of: Scenario, *, runs: int, seed: int) -> Floats:
    """Acts of each channel in the windows after the warm-up, shape (window, channel, run), in rows of the world."""
    world = assemble(of)
    record = simulate(world, RandomStreams(seed, 0, runs))
    first, size = (int(np.ceil(months / world.dt_months)) for months in (WARM_UP_MONTHS, WINDOW_MONTHS))
    found = np.zeros(((world.steps - first) // size, len(world.channels), runs))
    window = (record.move_step - first) // size
    late = (record.move_step >= first) & (window < len(found))
    np.add.at(found, (window[late], record.move_channel[late], record.move_run[late]), 1.0)
    return found


def rates(of: Scenario, counted: Floats) -> tuple[Floats, Floats]:
    """Mean acts a month of each channel and its standard error over runs, shape (channel,); `counted` : by `counts`."""
    dt = assemble(of).dt_months
    each = counted.mean(axis=0) / (np.ceil(WINDOW_MONTHS / dt) * dt)
    return each.mean(axis=1), each.std(axis=1, ddof=1) / np.sqrt(each.shape[1])


def expected_rates(of: Scenario, attention: tuple[float, float]) -> Floats:
    """Hawkes' stationary rates, acts a month, shape (channel,): `(1 - excitation)^-1 base`."""
    channels = assemble(of).channels
    base = [BASES[channel.track] * attention[SIDES.index(channel.actor)] for channel in channels.rows]
    matrix = OWN * np.eye(len(base))
    matrix[np.arange(len(base)), channels.mirror] = OTHER
    return np.linalg.solve(np.eye(len(base)) - matrix, np.array(base))


def branching(counted: Floats) -> Estimate:
    """The branching ratio told by how much counts scatter: an act and all that it breeds make a cluster.

    In the long run the variance of a count is its mean over `(1 - branching)^2` (Hawkes & Oakes 1974). Of windows that
    are long beside the memory, the long run is the variance of one and the covariances with both its neighbours.
    The error is that of a jackknife over groups of runs.

    counted : acts that excite each other, all together, shape (window, run).
    """
    places = np.arange(counted.shape[1])
    left_out = [_branching(counted[:, places % GROUPS != group]) for group in range(GROUPS)]
    error = float(np.sqrt((GROUPS - 1) * np.var(left_out)))
    return Estimate(_branching(counted), error)


def _branching(counted: Floats) -> float:
    mean = float(counted.mean())
    apart = counted - mean
    scatter = np.square(apart).mean() + 2.0 * (apart[1:] * apart[:-1]).mean()
    return float(1.0 - np.sqrt(mean / scatter))


def mean_rates(of: Scenario, counted: Floats, attention: tuple[float, float], where: str) -> Iterator[Check]:
    """The mean rate of each channel beside the stationary one."""
    found, errors = rates(of, counted)
    expected = expected_rates(of, attention)
    for row, channel in enumerate(assemble(of).channels.rows):
        quantity = f"acts a month, {channel.actor}, {channel.track}{where}"
        estimate = Estimate(float(found[row]), float(errors[row]))
        yield simulated(quantity, "Hawkes (1971)", float(expected[row]), estimate)


def scatter(of: Scenario, counted: Floats) -> Iterator[Check]:
    """The branching ratio of each track as the scatter of its acts tells it."""
    rows = assemble(of).channels.rows
    for track in BASES:
        here = [row for row, channel in enumerate(rows) if channel.track == track]
        found = branching(counted[:, here].sum(axis=1))
        yield simulated(f"branching ratio of runs, {track}", "Hawkes & Oakes (1974)", BRANCHING, found)


@dataclass(frozen=True, slots=True)
class Response:
    """What one actor answers with: the sums of the coefficients of an equation over its lags.

    own : routine, the answer to its own past. other : reciprocity, the answer to the other's; with standard errors of
    least squares. n : dates used.
    """

    own: Estimate
    other: Estimate
    n: int


def responses(history: Floats, *, order: int = 2) -> tuple[Response, Response]:
    """Summed lag coefficients of both actors' equations in a vector autoregression of their conduct.

    history : net scores by month, shape (date, 2), column i what actor i did to the other; NaN where not known.
    """
    model = least_squares(history, order)
    variance = (model.residuals**2).sum(axis=0) / (len(model.residuals) - len(model.gram_inverse))
    sums = model.lags.sum(axis=0)

    def answer(equation: int, whose: int) -> Estimate:
        picked = np.zeros(len(model.gram_inverse))
        picked[1 + whose :: 2] = 1.0
        error = float(np.sqrt(variance[equation] * (picked @ model.gram_inverse @ picked)))
        return Estimate(float(sums[equation, whose]), error)

    first, second = (Response(answer(i, i), answer(i, 1 - i), len(model.residuals)) for i in (0, 1))
    return first, second


def monthly_conduct(history: EventHistory) -> Floats:
    """Net scores by calendar month of a history of two actors, shape (month, 2), on Goldstein's scale, weights counted.

    From the first month observed to the last; a month without events is 0. Column i is what actor i did to the other.
    """
    months = history.dates.astype("datetime64[M]").astype(np.int64)
    first, last = (int(np.datetime64(day, "M").astype(np.int64)) for day in (history.first, history.last))
    found = np.zeros((last - first + 1, 2))
    np.add.at(found, (months - first, history.actor), history.weight * history.score)
    return found


GOLDSTEIN_FREEMAN_SOURCE = "Goldstein & Freeman (1990)"
LAGS = 2
SURE = 1.645
"""Standard errors above 0 from which on a coefficient is told from 0, one-sided, at 5 %."""

LEVEL = 0.05
WORDS = {"own": "routine", "other": "reciprocity"}

FITTED_WORDS = {"inertia": "routine", "reciprocity": "reciprocity"}
"""What the two are in the fitted model."""


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


def find_goldstein_freeman(*, events: EventHistory | None, advance: Advance) -> Findings:
    """Routine and reciprocity of both governments, twice: in the autoregression, and in the fitted model.

    Routine: it goes on as it has done; reciprocity: it answers in kind. All events count: this is replication.
    """
    if events is None:
        advance(2)
        return Findings(skipped=(Skipped("routine and reciprocity", "it needs event data", REMEDY),))
    parts = []
    for find in (_autoregression, _model):
        parts.append(find(events))
        advance(1)
    return Findings(
        checks=tuple(check for part in parts for check in part.checks),
        skipped=tuple(skipped for part in parts for skipped in part.skipped),
        notes=tuple(note for part in parts for note in part.notes),
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
    series = (
        f"{history.name}: {' and '.join(history.actors)}, {history.first} to {history.last}, {len(history):,} events"
    )
    lacking = Skipped("size of the summed lags", f"none were published for {series}", f"they were for {KEDS}")
    return Findings(tuple(checks), (lacking,))


def summed_lags(codes: tuple[str, ...], found: tuple[Response, Response]) -> Iterator[Check]:
    """The four summed lags beside those of the earlier look.

    The data are the same, so sampling excuses nothing; a standard error is the yardstick of what would matter.
    """
    for code, response in zip(codes, found, strict=True):
        for name, published in zip(WORDS, KEDS.lags[code], strict=True):
            estimate: Estimate = getattr(response, name)
            quantity = f"{WORDS[name]} of {code}, summed lags"
            yield near(quantity, KEDS.source, published, estimate, estimate.error, "within one standard error")


def pattern(actor: str, response: Response) -> Iterator[Check]:
    """The signs of routine and reciprocity of one government, and whether they are told from 0."""
    for name, word in WORDS.items():
        found: Estimate = getattr(response, name)
        yield Check(
            quantity=f"{word} of {actor}, sign",
            source=GOLDSTEIN_FREEMAN_SOURCE,
            published="above 0",
            obtained=found,
            criterion="the summed lags are above 0",
            agrees=found.value > 0.0,
        )
        ratio = found.value / found.error
        is_sure = ratio > SURE
        yield Check(
            quantity=f"{word} of {actor}, told from 0",
            source=GOLDSTEIN_FREEMAN_SOURCE,
            published="yes",
            obtained=f"{'yes' if is_sure else 'no'}, z {ratio:.1f}",
            criterion=f"more than {SURE:g} standard errors of least squares above 0",
            agrees=is_sure,
        )


def _model(history: EventHistory) -> Findings:
    try:
        fitted = fit(scenario_from_events(history), history)
    except FitError as why:
        return Findings(skipped=(Skipped("the fitted model", str(why), "take a longer history"),))
    found = [mechanism(fitted, name) for name in FITTED_WORDS]
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
    quantity = f"{FITTED_WORDS[name]} in the fitted model"
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
        source=GOLDSTEIN_FREEMAN_SOURCE,
        published="above 0",
        obtained=Estimate(strength, float(drawn.std())),
        criterion=f"p of the likelihood ratio below {LEVEL:g} ({ratio})",
        agrees=support.p_value < LEVEL,
    )


RECOVERY_SOURCE = "Cook, Gelman & Rubin (2006)"
LEVELS = (50, 90)
"""Percent of intervals."""

LEAST = 50
"""Histories from which on recovery counts as replicated."""

MOST_ERRORS = 3.0
"""Standard errors by which an overall coverage may miss: one in four hundred right methods does."""

CHANCE = 0.05
"""Of any coefficient failing where all intervals are right, shared out among them (Bonferroni)."""


def find_recovery(*, replications: int, seed: int, jobs: Jobs, advance: Advance) -> Findings:
    """Coverage of intervals over all coefficients, and by coefficient."""
    found = histories(replications, seed=seed, jobs=jobs, advance=advance)
    does_count = replications >= LEAST
    note = f"{replications:,} histories of {np.mean(found.acts):,.0f} acts on average were simulated and fitted."
    few = f" Fewer than {LEAST} are shown and do not count."
    checks = (*overall(found.rows), *by_coefficient(found.rows))
    return Findings(
        tuple(replace(one, counts=does_count) for one in checks), notes=(note if does_count else note + few,)
    )


def histories(replications: int, *, seed: int, jobs: Jobs, advance: Advance) -> Recovery:
    """As many histories, each simulated and fitted by itself, so that they are the same on any number of jobs."""
    parts: dict[int, Recovery] = {}
    with executor(jobs, tasks=replications) as workers:
        for run, found in workers.results(partial(_one, seed), range(replications)):
            parts[run] = found
            advance(1)
    ordered = [parts[run] for run in sorted(parts)]
    acts = tuple(acts for one in ordered for acts in one.acts)
    return Recovery(pd.concat([one.rows for one in ordered], ignore_index=True), acts)


def _one(seed: int, run: int) -> Recovery:
    return recover(runs=1, seed=seed, first_run=run)


def overall(rows: pd.DataFrame) -> Iterator[Check]:
    """Coverage over all coefficients and histories; `rows` : those of a `Recovery`."""
    for level in LEVELS:
        found = coverage(_is_held(rows, level), rows["run"].to_numpy())
        criterion = f"within {MOST_ERRORS:g} standard errors, histories being the units"
        quantity = f"{level} % intervals hold the truth"
        yield near(quantity, RECOVERY_SOURCE, level / 100, found, MOST_ERRORS * found.error, criterion)


def coverage(is_held: Bools, history: np.ndarray) -> Estimate:
    """The share of intervals that hold the truth. Coefficients of one history err together, so histories are the units.

    The error is that of a mean of clusters: the spread of what each history has above or below the overall share.

    is_held, history : whether it holds the truth, and the number of its history, shape (interval,).
    """
    share = float(is_held.mean())
    _, place = np.unique(history, return_inverse=True)
    apart = np.bincount(place, is_held - share)
    count = len(apart)
    if count < 2:
        return Estimate(share)
    return Estimate(share, float(np.sqrt(np.square(apart).sum() * count / (count - 1)) / len(is_held)))


def by_coefficient(rows: pd.DataFrame) -> Iterator[Check]:
    """Coverage of each coefficient's intervals, one a history, by an exact binomial test."""
    from scipy.stats import binomtest

    paths = rows["path"].drop_duplicates().tolist()
    least = CHANCE / (len(LEVELS) * len(paths))
    for path in paths:
        here = rows[rows["path"] == path]
        for level in LEVELS:
            held, nominal = _is_held(here, level), level / 100
            chance = float(binomtest(int(held.sum()), len(held), nominal).pvalue)
            yield Check(
                quantity=f"{level} %: {path.partition('.')[2]}",
                source=RECOVERY_SOURCE,
                published=nominal,
                obtained=Estimate(float(held.mean()), float(np.sqrt(nominal * (1.0 - nominal) / len(held)))),
                criterion=f"p of an exact binomial test above {least:.2g} ({chance:.2g})",
                agrees=chance >= least,
            )


def _is_held(rows: pd.DataFrame, level: int) -> Bools:
    held: Bools = rows["truth"].between(rows[f"low_{level}"], rows[f"high_{level}"]).to_numpy()
    return held


STUDIES = (
    Study(
        name="richardson",
        title="Richardson's arms race: course, equilibrium, border of stability",
        sources=("Richardson, L. F. (1960). Arms and Insecurity. Boxwood Press.",),
        takes=("seed",),
        parts=2 + len(BORDER),
        find=find_richardson,
    ),
    Study(
        name="hawkes",
        title="Hawkes' self-exciting acts: mean rates, branching ratio",
        sources=(
            "Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes. Biometrika "
            "58(1).",
            "Hawkes, A. G. & Oakes, D. (1974). A cluster process representation of a self-exciting process. Journal of "
            "Applied Probability 11(3).",
        ),
        takes=("seed",),
        parts=2,
        find=find_hawkes,
    ),
    Study(
        name="goldstein-freeman",
        title="Goldstein and Freeman: routine and reciprocity of two governments",
        sources=(
            "Goldstein, J. S. & Freeman, J. R. (1990). Three-Way Street: Strategic Reciprocity in World Politics. "
            "University of Chicago Press.",
            f"Summed lags: {KEDS.source} ({KEDS}).",
        ),
        takes=("events",),
        parts=2,
        find=find_goldstein_freeman,
        about="needs --events",
    ),
    Study(
        name="recovery",
        title="Recovery: fits to simulated histories find what made them",
        sources=(
            "Cook, S. R., Gelman, A. & Rubin, D. B. (2006). Validation of software for Bayesian models using posterior "
            "quantiles. Journal of Computational and Graphical Statistics 15(3).",
        ),
        takes=("replications", "seed", "jobs"),
        parts=None,
        find=find_recovery,
        about=f"takes some minutes; fewer than {LEAST} histories are shown and do not count",
    ),
)
"""All studies, in the order in which they are told."""


def replicate(
    *studies: str,
    events: EventHistory | None = None,
    replications: int | None = None,
    seed: int | None = None,
    jobs: Jobs | None = None,
    progress: bool = False,
) -> Replication:
    """Computes published results again and sets them beside what was published, failures included.

    Parameters
    ----------
    studies
        Names among `richardson`, `hawkes`, `goldstein-freeman`, `recovery`; default all.
    events
        Observed events between two governments, which `goldstein-freeman` needs; without them it is listed as skipped.
    replications
        Histories that `recovery` simulates and fits, >= 1; default 50. Fewer than 50 are shown and do not count.
    seed
        Of the random numbers, >= 0; default 0.
    jobs
        Histories of `recovery` fitted at a time, each in a process of its own, or "auto"; default 1.
    progress
        Whether a bar is shown on a terminal.

    Raises
    ------
    TensionSimError
        If there is no such study, none of those asked for makes use of what was given, or the events are not of two
        actors.
    TypeError, ValueError
        If a number is none, or too small.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.replicate("hawkes", seed=1)
    >>> found.failures
    ()
    >>> table = found.table().set_index("quantity")
    >>> table.loc["acts a month, north, political", ["published", "obtained"]].astype(float).round(1).tolist()
    [2.0, 2.0]
    """
    asked = {"events": events, "replications": replications, "seed": seed, "jobs": jobs}
    check_taken(studies, [name for name, value in asked.items() if value is not None])
    if events is not None and not isinstance(events, EventHistory):
        raise TypeError(f"events is an EventHistory, as ts.read_events gives; got {events!r}")
    if events is not None and len(events.actors) != 2:
        raise TensionSimError(
            f"{events.name} has {len(events.actors)} actors ({', '.join(events.actors)}); goldstein-freeman is about "
            "two governments: read the events of two"
        )
    given: dict[str, Any] = {
        "events": events,
        "replications": 50 if replications is None else whole("replications", replications, least=1),
        "seed": 0 if seed is None else whole("seed", seed),
        "jobs": jobs if jobs == "auto" else whole("jobs", 1 if jobs is None else jobs, least=1),
    }
    chosen = _chosen(studies)
    total = sum(given["replications"] if study.parts is None else study.parts for study in chosen)
    with showing(total, "auto" if progress else "none", "part") as advance:
        outcomes = [
            Outcome(study, study.find(advance=advance, **{name: given[name] for name in study.takes}))
            for study in chosen
        ]
    return Replication(
        outcomes=tuple(outcomes),
        seed=given["seed"],
        replications=given["replications"],
        events=None if events is None else events.name,
        version=__version__,
    )


def _chosen(names: Sequence[str]) -> list[Study]:
    """The studies of these names, each once, in the order of the list; all where none is named."""
    known = {study.name: study for study in STUDIES}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise TensionSimError(f"there is no study {name!r} to replicate; {hint}there are {', '.join(known)}")
    return [study for study in STUDIES if not names or study.name in names]


def check_taken(studies: Sequence[str], given: Sequence[str]) -> None:
    """TensionSimError where something is given, by name, that no study asked for (none named: all) makes use of."""
    chosen, problems = _chosen(studies), []
    for name in given:
        if not any(name in study.takes for study in chosen):
            users = ", ".join(study.name for study in STUDIES if name in study.takes)
            asked = ", ".join(study.name for study in chosen)
            problems.append(f"{name}: of no use to {asked}; leave it out, or ask for {users} too")
    if problems:
        raise TensionSimError("\n".join(problems))
