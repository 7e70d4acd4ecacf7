"""Richardson's arms race: course, equilibrium and border of stability, in runs of the model beside the closed form.

References
----------
Richardson, L. F. (1960). Arms and Insecurity. Boxwood Press.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tensionsim import stability
from tensionsim.analysis.replication import dyad
from tensionsim.analysis.replication.arms_race import Race, border_gain
from tensionsim.analysis.replication.check import MOST_DEVIATIONS, Check, Estimate, Findings, near, simulated
from tensionsim.analysis.replication.study import Asked, Study
from tensionsim.record import Floats

SOURCE = "Richardson (1960)"
RUNS, RUNS_AT_THE_BORDER = 300, 150
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


@dataclass(frozen=True, slots=True)
class _Border:
    """A race on one side of the border of stability."""

    title: str
    race: Race


def _equal(share: float) -> _Border:
    """Two equal sides at a share of the gain at which they stand on the border."""
    race = Race(gain=share * border_gain(), sharp=(1.0, 1.0), grievance=(0.02, 0.02), weeks=150)
    return _Border(f"equal sides at {share:g} of the border", race)


BORDER = (
    _equal(0.6),
    _equal(0.85),
    _equal(1.25),
    _equal(1.6),
    _Border("one side over-reacts, the other hardly answers", Race(1.0, (4.0, 0.5), (0.02, 0.02), 150)),
    _Border("one side over-reacts, the other answers", Race(1.0, (6.0, 2.0), (0.02, 0.02), 150)),
)
"""Of the last two the first side reacts more than it tires in both: what decides is the product."""

AGGRIEVED = Race(grievance=(0.40, -0.35))
"""The race of `Race()` where the first side holds a deeper grievance."""


def find(asked: Asked) -> Findings:
    """Course and equilibrium of two races, and what becomes of six on either side of the border."""
    return Findings(tuple(_checks(asked)))


def _checks(asked: Asked) -> Iterator[Check]:
    tones = Race().tones(runs=RUNS, seed=asked.seed)
    asked.advance(1)
    yield course(Race(), tones)
    yield from equilibrium(Race(), tones, "")
    deeper = AGGRIEVED.tones(runs=RUNS, seed=asked.seed)
    asked.advance(1)
    yield from equilibrium(AGGRIEVED, deeper, ", north's grievance deeper")
    for one in BORDER:
        last = one.race.tones(runs=RUNS_AT_THE_BORDER, seed=asked.seed)[-1]
        asked.advance(1)
        yield border(one.title, one.race, last)
        yield reported(one.title, one.race)


def course(race: Race, tones: Floats) -> Check:
    """The mean course beside the equations, both by stretches of weeks, where it misses them most for its error.

    Parameters
    ----------
    tones
        Of runs that should follow the equations of `race`, shape (week, memory, side, run).
    """
    expected, by_run = _stretches(race.course()), _stretches(tones)
    found, error = by_run.mean(axis=-1), by_run.std(axis=-1, ddof=1) / np.sqrt(tones.shape[-1])
    allowed = CURVATURE * float(np.abs(expected).max())
    share = np.abs(found - expected) / (MOST_DEVIATIONS * error + allowed)
    stretch, memory, side = worst = np.unravel_index(int(np.argmax(share)), share.shape)
    weeks = f"weeks {stretch * STRETCH_WEEKS} to {(stretch + 1) * STRETCH_WEEKS}"
    quantity = f"course of tone where it is worst: {weeks}, {dyad.SIDES[side]}, {('fast', 'slow')[memory]}"
    estimate = Estimate(float(found[worst]), float(error[worst]))
    return simulated(quantity, SOURCE, float(expected[worst]), estimate, allowed)


def _stretches(by_week: Floats) -> Floats:
    """Means over stretches of weeks, the axis `week` becoming `stretch`."""
    means: Floats = by_week.reshape(-1, STRETCH_WEEKS, *by_week.shape[1:]).mean(axis=1)
    return means


def equilibrium(race: Race, tones: Floats, where: str) -> Iterator[Check]:
    """The mean tone of both sides in the last weeks beside the closed form; `tones` as for `course`."""
    expected = race.equations.equilibrium
    settled = tones[-SETTLED_WEEKS:].mean(axis=(0, 1))
    allowed = CURVATURE * float(np.abs(expected).max())
    for row, side in enumerate(dyad.SIDES):
        error = float(settled[row].std(ddof=1) / np.sqrt(settled.shape[-1]))
        found = Estimate(float(settled[row].mean()), error)
        yield simulated(f"equilibrium of tone, {side}{where}", SOURCE, float(expected[row]), found, allowed)


def border(title: str, race: Race, last: Floats) -> Check:
    """Whether runs settle or run away, beside whether fatigue beats reaction; `last` : shape (memory, side, run)."""
    spread = float(np.sqrt(np.square(last).mean()))
    published, obtained = (
        "settles" if settles else "runs away" for settles in (race.equations.is_stable, spread < FAR)
    )
    return Check(
        quantity=f"stability, {title}",
        source=SOURCE,
        published=published,
        obtained=f"{obtained}, {spread:.2f}",
        criterion=f"after {race.weeks} weeks the root mean square tone is below {FAR:g} where fatigue beats reaction",
        agrees=published == obtained,
    )


def reported(title: str, race: Race) -> Check:
    """The tone feedback that `tensionsim check` reports, beside the closed form."""
    found = Estimate(stability.of(race.scenario()).tone)
    criterion = f"within {REPORTED:.0%}: the report leaves out the prior of the tone"
    return near(f"feedback reported, {title}", SOURCE, race.feedback, found, REPORTED * race.feedback, criterion)


STUDY = Study(
    name="richardson",
    title="Richardson's arms race: course, equilibrium, border of stability",
    sources=("Richardson, L. F. (1960). Arms and Insecurity. Boxwood Press.",),
    takes=("seed",),
    parts=lambda asked: 2 + len(BORDER),
    find=find,
)
