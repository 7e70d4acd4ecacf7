"""Published results, computed again: the studies in one list, `STUDIES`, and `replicate`, which runs them.

A study is a row of the list and a function that gives what it finds one by one: a `Check`, or in words what had to be
skipped or what a reader must know.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import pandas as pd

from tensionsim import __version__
from tensionsim.engine.build import assemble
from tensionsim.engine.run import names_of, simulate
from tensionsim.engine.simulation import begin, first_numbers
from tensionsim.engine.stability import Stability
from tensionsim.engine.step import step
from tensionsim.engine.world import perceive
from tensionsim.errors import FitError, TensionSimError, whole
from tensionsim.estimation.fit import fit
from tensionsim.events.generic import scenario_from_events
from tensionsim.events.history import EventHistory, Reading, history_of_moves
from tensionsim.forecasts.baselines import CannotFit, least_squares
from tensionsim.model.mechanisms import MECHANISMS
from tensionsim.model.record import STOPPED, Bools, Floats, Names as RecordNames, Record
from tensionsim.model.state import kept
from tensionsim.model.structure import Channel
from tensionsim.rng import RandomStreams
from tensionsim.runs.parallel import executor, showing
from tensionsim.runs.statistics import MONTHS_PER_STEP, plain
from tensionsim.scenario.names import catalogue_of
from tensionsim.scenario.scenario import Scenario, from_text
from tensionsim.scenario.yaml_tree import meant, write

MOST_DEVIATIONS = 4.0
"""Standard errors by which a simulated mean may miss.

Assumption: 4, because seeds are free: of the sixty or so means of a right model that are looked at one then fails with
one seed in 250, while a mean that is wrong by a few percent fails with every seed.
"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its standard (or Monte Carlo) error, > 0; nan where there is none."""

    value: float
    error: float = math.nan

    @classmethod
    def of(cls, by_run: Floats) -> Estimate:
        """The mean over runs, shape (run,)."""
        return cls(float(by_run.mean()), float(by_run.std(ddof=1) / np.sqrt(len(by_run))))


@dataclass(frozen=True, slots=True)
class Check:
    """One published result beside what was obtained; the table of `Replication` says what the fields are."""

    quantity: str
    source: str
    published: float | str
    obtained: Estimate | str
    criterion: str
    agrees: bool
    tolerance: float = math.nan
    counts: bool = True


Finding = Check | str
Jobs = int | Literal["auto"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One study: its name, title and sources, and what `find` takes of what is given."""

    name: str
    title: str
    sources: tuple[str, ...]
    takes: tuple[str, ...]
    find: Callable[..., Iterator[Finding]]


def near(quantity: str, source: str, published: float, found: Estimate, tolerance: float, criterion: str) -> Check:
    """A value that agrees where it is no farther than a tolerance from the published one; nan never agrees."""
    agrees = bool(abs(found.value - published) <= tolerance)
    return Check(quantity, source, published, found, criterion, agrees, tolerance)


def simulated(quantity: str, source: str, published: float, found: Estimate, allowed: float = 0.0) -> Check:
    """A mean over runs that may miss by Monte Carlo errors and by what the published result itself neglects."""
    more = f" and {allowed:.2g} that the published result neglects" if allowed else ""
    criterion = f"within {MOST_DEVIATIONS:g} Monte Carlo errors{more}"
    return near(quantity, source, published, found, MOST_DEVIATIONS * found.error + allowed, criterion)


SIDES = ("north", "south")
ISSUE = "border"
START = "2031-01-06"


def move(score: float, track: str = "political", kind: str = "verbal") -> dict[str, object]:
    """A move without lasting effects, of a Goldstein score in [-10, 10]."""
    description = "Made to be counted."
    return {"cameo": "01", "goldstein": score, "kind": kind, "track": track, "description": description}


def north_and_south(
    title: str, *, end: str, moves: Mapping[str, object], actors: Mapping[str, Mapping[str, object]], **more: Any
) -> Scenario:
    """A scenario of the two on one issue, equally far from either end, from `START` on, with these moves alone."""
    values = {
        "tensionsim": 1,
        "title": title,
        "start": START,
        "end": end,
        "principals": list(SIDES),
        "issues": {ISSUE: {}},
        "actors": {side: {"stances": {ISSUE: 0.5}, "repertoire": list(moves)} | dict(actors[side]) for side in SIDES},
        "moves": dict(moves),
        **more,
    }
    return from_text(write(values), "north-and-south")


RICHARDSON = "Richardson (1960)"
RATE = 200.0
"""Acts of each side a month: many, so that tone is a mean and chance small beside it."""

PRIOR = 0.5
HALF_LIVES_MONTHS = (0.25, 2.0)
SCORES = (-6.0, -2.0, 2.0, 6.0)
VARIANCE = float(np.mean(np.square(SCORES)) / 100.0)
"""Of the menu's scores (Goldstein / 10) with no direction: without a taste for strong moves all are equally likely."""

INERTIA = np.array([0.4, 0.5])
RECIPROCITY = np.array([0.9, 0.6])
"""Coefficients of fast and slow tone, at a gain of 1."""

HEARD = VARIANCE * RATE / (RATE + PRIOR)
"""Mean tone that a direction of 1 makes, as the prior lets it be heard."""

BORDER_GAIN = 1.0 / float(HEARD * (INERTIA.sum() + RECIPROCITY.sum()))
"""The gain at which two equally sharp sides stand on the border of stability."""


@dataclass(frozen=True, slots=True)
class Race:
    """Two sides that act often, answer each other and hold a grievance, in the model and in Richardson's equations.

    Each side's armament, here its tone (low is hostile), changes by reaction to the other's, by fatigue with its own,
    and by a grievance (Richardson 1960). In the model reaction is reciprocity, grievance a shortfall on one's own
    yardstick, and fatigue what inertia leaves of forgetting. A direction d makes a mean score of v d while d is small,
    v the variance of the menu's scores at rest; with the rate and the memories as in the model, all else is linear.
    """

    gain: float = 1.0
    sharp: tuple[float, float] = (1.4, 0.7)
    grievance: tuple[float, float] = (0.10, -0.35)
    weeks: int = 120

    @property
    def matrix(self) -> Floats:
        """[[-a, k], [l, -b]] of Richardson's `dx/dt = k y - a x + g`, `dy/dt = l x - b y + h`; memories fade by 1."""
        reaction, inertia = (HEARD * self.gain * float(one.sum()) for one in (RECIPROCITY, INERTIA))
        return np.array([[inertia - 1.0, reaction * self.sharp[0]], [reaction * self.sharp[1], inertia - 1.0]])

    @property
    def equilibrium(self) -> Floats:
        """The tone at which neither moves, shape (side,), stable or not."""
        return np.linalg.solve(self.matrix, HEARD * np.array(self.grievance)).astype(np.float64)

    @property
    def feedback(self) -> float:
        """How much of a small hostility comes back: above 1 reaction beats fatigue, and a race runs away."""
        return 1.0 + float(np.linalg.eigvals(self.matrix).real.max())

    def course(self) -> Floats:
        """Richardson's equations in the steps and memories of the model: tone by week, shape (week, memory, side)."""
        keep = kept(np.array(HALF_LIVES_MONTHS), MONTHS_PER_STEP["week"])[:, None]
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
        """The race as a scenario: a side complains by an indicator at twice its reference, weighed by the grievance."""
        doubled = {"value": 200, "unit": "points", "reference": 100, "issue": ISSUE}
        tones = {
            name: {"fast": self.gain * float(fast), "slow": self.gain * float(slow)}
            for name, (fast, slow) in (("inertia", INERTIA), ("reciprocity", RECIPROCITY))
        }
        used = tones | {"performance": {"strength": 1.0}}
        return north_and_south(
            "An arms race",
            end=str(np.datetime64(START) + np.timedelta64(7 * self.weeks, "D")),
            moves={f"act{place}": move(score) for place, score in enumerate(SCORES)},
            actors={
                side: {"attention": 1.0, "reciprocity": sharp, "yardstick": {f"complaint_{side}": grievance}}
                for side, sharp, grievance in zip(SIDES, self.sharp, self.grievance, strict=True)
            },
            indicators={
                f"complaint_{side}": doubled | {"responsible": other}
                for side, other in zip(SIDES, SIDES[::-1], strict=True)
            },
            mechanisms={one.name: used.get(one.name, "off") for one in MECHANISMS},
            parameters={
                **dict.fromkeys(("own_fast", "own_slow", "other_fast", "other_slow", "bias", "intensity"), 0.0),
                **{"base_political": RATE, "acts_per_step": 100, "tone_prior": PRIOR},
                **{"fast_half_life": HALF_LIVES_MONTHS[0], "slow_half_life": HALF_LIVES_MONTHS[1]},
            },
        )


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

AGGRIEVED = Race(grievance=(0.40, -0.35))
"""The race of `Race()` where the first side holds a deeper grievance."""

BORDER = {
    **{
        f"equal sides at {share:g} of the border": Race(share * BORDER_GAIN, (1.0, 1.0), (0.02, 0.02), 150)
        for share in (0.6, 0.85, 1.25, 1.6)
    },
    "one side over-reacts, the other hardly answers": Race(1.0, (4.0, 0.5), (0.02, 0.02), 150),
    "one side over-reacts, the other answers": Race(1.0, (6.0, 2.0), (0.02, 0.02), 150),
}
"""Races on one side of the border of stability or the other. Of the last two the first side reacts more than it tires
in both: what decides is the product."""


def find_richardson(*, seed: int) -> Iterator[Finding]:
    """Course and equilibrium of two races, and what becomes of six on either side of the border."""
    for race, where in ((Race(), ""), (AGGRIEVED, ", north's grievance deeper")):
        tones = race.tones(runs=RICHARDSON_RUNS, seed=seed)
        if not where:
            yield course(race, tones)
        yield from equilibrium(race, tones, where)
    for title, race in BORDER.items():
        yield border(title, race, race.tones(runs=RUNS_AT_THE_BORDER, seed=seed)[-1])


def course(race: Race, tones: Floats) -> Check:
    """The mean course beside the equations by stretches of weeks, where it misses them most for its error."""
    expected, by_run = (
        by_week.reshape(-1, STRETCH_WEEKS, *by_week.shape[1:]).mean(axis=1) for by_week in (race.course(), tones)
    )
    found, error = by_run.mean(axis=-1), by_run.std(axis=-1, ddof=1) / np.sqrt(tones.shape[-1])
    allowed = CURVATURE * float(np.abs(expected).max())
    share = np.abs(found - expected) / (MOST_DEVIATIONS * error + allowed)
    stretch, memory, side = worst = np.unravel_index(int(np.argmax(share)), share.shape)
    weeks = f"weeks {stretch * STRETCH_WEEKS} to {(stretch + 1) * STRETCH_WEEKS}"
    quantity = f"course of tone where it is worst: {weeks}, {SIDES[side]}, {('fast', 'slow')[memory]}"
    return simulated(quantity, RICHARDSON, float(expected[worst]), Estimate.of(by_run[worst]), allowed)


def equilibrium(race: Race, tones: Floats, where: str) -> Iterator[Check]:
    """The mean tone of both sides in the last weeks beside the closed form."""
    settled, expected = tones[-SETTLED_WEEKS:].mean(axis=(0, 1)), race.equilibrium.tolist()
    allowed = CURVATURE * max(map(abs, expected))
    for side, published, by_run in zip(SIDES, expected, settled, strict=True):
        quantity = f"equilibrium of tone, {side}{where}"
        yield simulated(quantity, RICHARDSON, published, Estimate.of(by_run), allowed)


def border(title: str, race: Race, last: Floats) -> Check:
    """Whether runs settle or run away, beside whether fatigue beats reaction; `last` : shape (memory, side, run)."""
    spread = float(np.sqrt(np.square(last).mean()))
    published, obtained = ("settles" if settles else "runs away" for settles in (race.feedback < 1.0, spread < FAR))
    criterion = f"after {race.weeks} weeks the root mean square tone is below {FAR:g} where fatigue beats reaction"
    quantity, told = f"stability, {title}", f"{obtained}, {spread:.2f}"
    return Check(quantity, RICHARDSON, published, told, criterion, published == obtained)


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


def find_hawkes(*, seed: int) -> Iterator[Finding]:
    """Mean rates of equal and unequal sides, the branching ratio that is reported, and the one that runs show."""
    equal, unequal = exciting(), exciting(attention=UNEQUAL)
    counted = counts(equal, runs=RUNS, seed=seed)
    yield from mean_rates(equal, counted, (1.0, 1.0), "")
    yield from mean_rates(unequal, counts(unequal, runs=RUNS, seed=seed), UNEQUAL, ", sides unequal")
    yield from scatter(equal, counted)
    found = Estimate(Stability.of(equal).branching)
    yield near("branching ratio reported", "Hawkes (1971)", BRANCHING, found, EXACT, "equal but for rounding")


def exciting(step: str = "week", attention: tuple[float, float] = (1.0, 1.0), end: str = "2051-01-06") -> Scenario:
    """Two sides whose acts breed acts, by moves that begin and end nothing, which would thin them."""
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


def rates(of: Scenario, counted: Floats) -> list[Estimate]:
    """Mean acts a month of each channel; `counted` : by `counts`."""
    months = np.ceil(WINDOW_MONTHS / of.dt_months) * of.dt_months
    return [Estimate.of(each) for each in counted.mean(axis=0) / months]


def expected_rates(of: Scenario, attention: tuple[float, float]) -> Floats:
    """Hawkes' stationary rates, acts a month, shape (channel,): `(1 - excitation)^-1 base`."""
    channels = assemble(of).channels
    base = [BASES[channel.track] * attention[SIDES.index(channel.actor)] for channel in channels.rows]
    matrix = OWN * np.eye(len(base))
    matrix[np.arange(len(base)), channels.mirror] = OTHER
    return np.linalg.solve(np.eye(len(base)) - matrix, np.array(base))


def branching(counted: Floats) -> Estimate:
    """The branching ratio told by how counts, shape (window, run), scatter: an act and all that it breeds cluster.

    In the long run the variance of a count is its mean over `(1 - branching)^2` (Hawkes & Oakes 1974). Of windows that
    are long beside the memory, the long run is the variance of one and the covariances with both its neighbours.
    The error is that of a jackknife over groups of runs.
    """

    def ratio(counted: Floats) -> float:
        apart = counted - counted.mean()
        scatter = np.square(apart).mean() + 2.0 * (apart[1:] * apart[:-1]).mean()
        return float(1.0 - np.sqrt(counted.mean() / scatter))

    group = np.arange(counted.shape[1]) % GROUPS
    left_out = [ratio(counted[:, group != one]) for one in range(GROUPS)]
    return Estimate(ratio(counted), float(np.sqrt((GROUPS - 1) * np.var(left_out))))


def mean_rates(of: Scenario, counted: Floats, attention: tuple[float, float], where: str) -> Iterator[Check]:
    """The mean rate of each channel beside the stationary one."""
    rows, expected = assemble(of).channels.rows, expected_rates(of, attention).tolist()
    for channel, published, found in zip(rows, expected, rates(of, counted), strict=True):
        yield simulated(f"acts a month, {channel.actor}, {channel.track}{where}", "Hawkes (1971)", published, found)


def scatter(of: Scenario, counted: Floats) -> Iterator[Check]:
    """The branching ratio of each track as the scatter of its acts tells it."""
    for track in BASES:
        here = [row for row, channel in enumerate(assemble(of).channels.rows) if channel.track == track]
        found = branching(counted[:, here].sum(axis=1))
        yield simulated(f"branching ratio of runs, {track}", "Hawkes & Oakes (1974)", BRANCHING, found)


GOLDSTEIN_FREEMAN = "Goldstein & Freeman (1990)"
LAGS = 2
SURE = 1.645
"""Standard errors above 0 from which on a coefficient is told from 0, one-sided, at 5 %."""

LEVEL = 0.05
WORDS = {"routine": "inertia", "reciprocity": "reciprocity"}
"""What an actor does, and the mechanism that does it in the fitted model."""


def find_goldstein_freeman(*, events: EventHistory | None) -> Iterator[Finding]:
    """Routine (to go on as before) and reciprocity of both, in an autoregression and in the fitted model."""
    if events is None:
        yield "Skipped, as it needs event data: give those of two governments, as in --events FILE --dyad ISR PSE"
        return
    try:
        for name, response in zip(events.actors, responses(monthly_conduct(events)), strict=True):
            yield from pattern(name, response)
        yield from in_the_model(events)
    except (CannotFit, FitError) as why:
        yield f"Skipped: {why}; take a longer history"


def monthly_conduct(history: EventHistory) -> Floats:
    """Net Goldstein scores by month of a history of two, weights counted, shape (month, 2), 0 for none."""
    months = history.dates.astype("datetime64[M]").astype(np.int64)
    first, last = (int(np.datetime64(day, "M").astype(np.int64)) for day in (history.first, history.last))
    found = np.zeros((last - first + 1, 2))
    np.add.at(found, (months - first, history.actor), history.weight * history.score)
    return found


def responses(history: Floats, *, order: int = LAGS) -> list[tuple[Estimate, Estimate]]:
    """Summed lags of a vector autoregression of monthly conduct: each actor's routine and reciprocity."""
    model = least_squares(history, order)
    variance = (model.residuals**2).sum(axis=0) / (len(model.residuals) - len(model.gram_inverse))
    sums = model.lags.sum(axis=0)

    def answer(equation: int, whose: int) -> Estimate:
        picked = np.zeros(len(model.gram_inverse))
        picked[1 + whose :: 2] = 1.0
        error = float(np.sqrt(variance[equation] * (picked @ model.gram_inverse @ picked)))
        return Estimate(float(sums[equation, whose]), error)

    return [(answer(actor, actor), answer(actor, 1 - actor)) for actor in (0, 1)]


def pattern(actor: str, response: tuple[Estimate, Estimate]) -> Iterator[Check]:
    """The signs of routine and reciprocity of one government, and whether they are told from 0."""
    for word, found in zip(WORDS, response, strict=True):
        of, source, ratio = f"{word} of {actor}", GOLDSTEIN_FREEMAN, found.value / found.error
        yield Check(f"{of}, sign", source, "above 0", found, "the summed lags are above 0", found.value > 0.0)
        told = f"{'yes' if ratio > SURE else 'no'}, z {ratio:.1f}"
        criterion = f"more than {SURE:g} standard errors of least squares above 0"
        yield Check(f"{of}, told from 0", source, "yes", told, criterion, ratio > SURE)


def in_the_model(history: EventHistory) -> Iterator[Finding]:
    """Strengths of both mechanisms in the fitted model, fast and slow memory together, and what their ratios say."""
    fitted = fit(scenario_from_events(history), history)
    supports = {one.name: one for one in fitted.support}
    for word, mechanism in WORDS.items():
        quantity, support = f"{word} in the fitted model", supports.get(mechanism)
        if support is None:
            yield f"Skipped: {quantity}: nothing in this history speaks to {mechanism}; take a longer history"
            continue
        drawn = fitted.sample(2000)[list(support.paths)].sum(axis=1)
        found = Estimate(sum(fitted.estimates[path] for path in support.paths), float(drawn.std()))
        ratio = f"likelihood ratio {support.likelihood_ratio:.1f}, p {support.p_value:.2g}"
        criterion = f"p of the likelihood ratio below {LEVEL:g} ({ratio})"
        yield Check(quantity, GOLDSTEIN_FREEMAN, "above 0", found, criterion, support.p_value < LEVEL)
    yield (
        f"The model was fitted to {fitted.diagnosis.acts:,} acts of both governments. Its strengths are shared by both "
        "and cannot be negative, so that likelihood ratios, not signs, say whether they are there."
    )


RECOVERY = "Cook, Gelman & Rubin (2006)"
LEVELS = (50, 90)
"""Percent of intervals."""

LEAST = 50
"""Histories from which on recovery counts as replicated."""

MOST_ERRORS = 3.0
"""Standard errors by which an overall coverage may miss: one in four hundred right methods does."""

CHANCE = 0.05
"""Of any coefficient failing where all intervals are right, shared out among them (Bonferroni)."""

DYAD = files("tensionsim").joinpath("data", "known_dyad.yaml").read_text(encoding="utf-8")
"""A dyad whose coefficients are drawn: about 1,000 acts in eight years, as a monitored pair of neighbours has."""


def find_recovery(*, replications: int, seed: int, jobs: Jobs, progress: bool) -> Iterator[Finding]:
    """Coverage of intervals over all coefficients, and by coefficient."""
    rows = histories(replications, seed=seed, jobs=jobs, progress=progress)
    does_count = replications >= LEAST
    for one in (*overall(rows), *by_coefficient(rows)):
        yield replace(one, counts=does_count)
    few = "" if does_count else f" Fewer than {LEAST} are shown and do not count."
    acts = rows.groupby("run")["acts"].first().mean()
    yield f"{replications:,} histories of {acts:,.0f} acts on average were simulated and fitted.{few}"


def histories(replications: int, *, seed: int, jobs: Jobs, progress: bool = False) -> pd.DataFrame:
    """As many histories, each simulated and fitted by itself, so that they are the same on any number of jobs."""
    parts: dict[int, pd.DataFrame] = {}
    bar = showing(replications, "auto" if progress else "none", "part")
    with executor(jobs, tasks=replications) as workers, bar as advance:
        for run, found in workers.results(partial(recover, seed=seed), range(replications)):
            parts[run] = found
            advance(1)
    return pd.concat([parts[run] for run in sorted(parts)], ignore_index=True)


def recover(run: int, *, seed: int = 0) -> pd.DataFrame:
    """The fit of a simulated history of `DYAD`, its coefficients drawn: a row each, with truth and intervals."""
    of = from_text(DYAD, "north-south")
    world, streams = assemble(of), RandomStreams(seed, run, 1)
    truth = first_numbers(world, streams)[0]
    history = simulated_history(of, simulate(world, streams), names_of(world), run)
    fitted = fit(of, history, missing=(), with_support=False)
    table = fitted.table().reset_index()
    true = [float(truth.get(path)[0]) for path in table["path"]]
    return table.assign(run=run, acts=fitted.diagnosis.acts, truth=true)


def simulated_history(scenario: Scenario, record: Record, names: RecordNames, run: int = 0) -> EventHistory:
    """The moves of one run as a history that ends with it."""
    rows = np.flatnonzero((record.move_run == run) & (record.move_cause != STOPPED))
    rows = rows[np.argsort(record.move_step[rows], kind="stable")]
    channels = [name.replace(" -> ", " | ").split(" | ")[:3] for name in names.channels]
    known = catalogue_of(scenario.file.moves, scenario.file.arrangement_kinds).moves
    days = record.dates.astype("datetime64[D]").tolist()
    events = [
        (days[step], *channels[channel], known[names.moves[move]])
        for step, channel, move in np.c_[record.move_step, record.move_channel, record.move_id][rows].tolist()
    ]
    return history_of_moves(
        f"{scenario.name}, run {run}",
        events,
        Reading(f"run {run} of {scenario.name}", "simulated", len(events), len(events)),
        observed=(scenario.file.start, days[-1] - dt.timedelta(days=1)),
        held=None,
    )


def overall(rows: pd.DataFrame) -> Iterator[Check]:
    """Coverage over all coefficients and histories; `rows` : of `recover`."""
    for level in LEVELS:
        found = coverage(_is_held(rows, level), rows["run"].to_numpy())
        criterion = f"within {MOST_ERRORS:g} standard errors, histories being the units"
        quantity = f"{level} % intervals hold the truth"
        yield near(quantity, RECOVERY, level / 100, found, MOST_ERRORS * found.error, criterion)


def coverage(is_held: Bools, history: np.ndarray) -> Estimate:
    """The share of intervals that hold the truth; its error is that of clusters, as a history errs as a whole."""
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

    least = CHANCE / (len(LEVELS) * rows["path"].nunique())
    for path, here in rows.groupby("path", sort=False):
        for level in LEVELS:
            held, nominal = _is_held(here, level), level / 100
            chance = float(binomtest(int(held.sum()), len(held), nominal).pvalue)
            found = Estimate(float(held.mean()), float(np.sqrt(nominal * (1.0 - nominal) / len(held))))
            criterion = f"p of an exact binomial test above {least:.2g} ({chance:.2g})"
            quantity = f"{level} %: {str(path).partition('.')[2]}"
            yield Check(quantity, RECOVERY, nominal, found, criterion, chance >= least)


def _is_held(rows: pd.DataFrame, level: int) -> Bools:
    return np.asarray(rows["truth"].between(rows[f"low_{level}"], rows[f"high_{level}"]).to_numpy())


STUDIES = (
    Study(
        name="richardson",
        title="Richardson's arms race: course, equilibrium, border of stability",
        sources=("Richardson, L. F. (1960). Arms and Insecurity. Boxwood Press.",),
        takes=("seed",),
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
        find=find_hawkes,
    ),
    Study(
        name="goldstein-freeman",
        title="Goldstein and Freeman: routine and reciprocity of two governments",
        sources=(
            "Goldstein, J. S. & Freeman, J. R. (1990). Three-Way Street: Strategic Reciprocity in World Politics. "
            "University of Chicago Press.",
        ),
        takes=("events",),
        find=find_goldstein_freeman,
    ),
    Study(
        name="recovery",
        title="Recovery: fits to simulated histories find what made them",
        sources=(
            "Cook, S. R., Gelman, A. & Rubin, D. B. (2006). Validation of software for Bayesian models using posterior "
            "quantiles. Journal of Computational and Graphical Statistics 15(3).",
        ),
        takes=("replications", "seed", "jobs", "progress"),
        find=find_recovery,
    ),
)
"""All studies, in the order in which they are told."""

COLUMNS = (
    *("study", "quantity", "published", "obtained", "error", "tolerance", "criterion", "agrees", "counts", "source"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A study with its checks, and what a reader must know, in words."""

    study: Study
    checks: tuple[Check, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Replication:
    """Published results beside what this code obtains; `ts.replicate` makes one.

    `outcomes` holds each study with its checks and notes; `seed` and `replications` are those used,
    `events` names the history, `version` is that of the package.

    Examples
    --------
    >>> import tensionsim as ts
    >>> found = ts.replicate("hawkes")
    >>> found
    <Replication of hawkes: 11 of 11 checks agree, seed 0>
    >>> row = found.table().iloc[-1]
    >>> print(f"{row['quantity']}: {row['published']:.3f}, {row['obtained']:.3f}")
    branching ratio reported: 0.600, 0.600
    """

    outcomes: tuple[Outcome, ...]
    seed: int
    replications: int
    events: str | None
    version: str

    def __repr__(self) -> str:
        studies = ", ".join(one.study.name for one in self.outcomes)
        return f"<Replication of {studies}: {self.count()}, seed {self.seed}>"

    @property
    def checks(self) -> tuple[Check, ...]:
        """All checks, study by study."""
        return tuple(check for one in self.outcomes for check in one.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that count and do not agree."""
        return tuple(check for check in self.checks if check.counts and not check.agrees)

    def count(self) -> str:
        """How many checks agree, in words; what does not count is said."""
        counted = [check for check in self.checks if check.counts]
        said = f"{sum(check.agrees for check in counted)} of {len(counted)} checks agree"
        few = len(self.checks) - len(counted)
        return f"{said}, {few} do not count" if few else said

    def table(self) -> pd.DataFrame:
        """One line a check, published beside obtained.

        Columns: `study`, `quantity`, `published`, `obtained`, `error`, `tolerance`, `criterion`, `agrees`, `counts`
        (False where too little was computed for the check to count), `source`. `published` and `obtained` are numbers,
        or claims in words; `error` is the standard or Monte Carlo error, `tolerance` how far the number may be from the
        published one, each nan where there is none.
        """
        rows = []
        for one in self.outcomes:
            for check in one.checks:
                found = check.obtained
                value, error = (found, math.nan) if isinstance(found, str) else (found.value, found.error)
                rows.append(asdict(check) | {"study": one.study.name, "obtained": value, "error": error})
        return pd.DataFrame(rows, columns=[*COLUMNS])

    def summary(self) -> dict[str, object]:
        """Everything as plain values, for JSON; what there is none of is None."""
        return {
            **{name: getattr(self, name) for name in ("version", "seed", "replications", "events")},
            "studies": [
                {name: plain(getattr(one.study, name)) for name in ("name", "title", "sources")}
                | {"notes": list(one.notes)}
                for one in self.outcomes
            ],
            "checks": plain(self.table().to_dict("records")),
            "agree": sum(check.agrees for check in self.checks if check.counts),
            "counted": sum(check.counts for check in self.checks),
        }


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
        Whether a bar of recovery's histories is shown on a terminal.

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
    chosen = studies_of(studies, [name for name, value in asked.items() if value is not None])
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
        "progress": progress,
    }
    outcomes = list[Outcome]()
    for study in chosen:
        found = list(study.find(**{name: given[name] for name in study.takes}))
        checks = tuple(one for one in found if isinstance(one, Check))
        outcomes.append(Outcome(study, checks, tuple(one for one in found if isinstance(one, str))))
    return Replication(
        outcomes=tuple(outcomes),
        seed=given["seed"],
        replications=given["replications"],
        events=None if events is None else events.name,
        version=__version__,
    )


def studies_of(names: Sequence[str], given: Sequence[str]) -> list[Study]:
    """The studies of these names, or all; TensionSimError if there is none, or none has a use for what is given."""
    known = [study.name for study in STUDIES]
    if wrong := [name for name in names if name not in known]:
        told = [f"there is no study {name!r} to replicate{meant(name, known)}" for name in wrong]
        raise TensionSimError("\n".join([*told, f"There are {', '.join(known)}"]))
    chosen = [study for study in STUDIES if not names or study.name in names]
    asked = ", ".join(study.name for study in chosen)
    users = {name: ", ".join(study.name for study in STUDIES if name in study.takes) for name in given}
    strange = [name for name in given if not any(name in study.takes for study in chosen)]
    if strange:
        problems = (f"{name}: of no use to {asked}; leave it out, or ask for {users[name]} too" for name in strange)
        raise TensionSimError("\n".join(problems))
    return chosen
