"""Hawkes' self-exciting acts: mean rates and the branching ratio, in runs of the model beside the closed form.

Of moves without lasting effects: what begins or ends an arrangement is made once in a step, which thins them a little.

References
----------
Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes. Biometrika 58(1).
Hawkes, A. G. & Oakes, D. (1974). A cluster process representation of a self-exciting process. J. Appl. Prob. 11(3).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tensionsim import stability
from tensionsim.analysis.replication import dyad
from tensionsim.analysis.replication.check import Check, Estimate, Findings, near, simulated
from tensionsim.analysis.replication.study import Asked, Study
from tensionsim.engine import assemble, simulate
from tensionsim.record import Floats
from tensionsim.rng import Luck
from tensionsim.scenario import Scenario

EXCITATION = {"own_fast": 0.15, "own_slow": 0.10, "other_fast": 0.25, "other_slow": 0.10}
OWN, OTHER = (sum(value for name, value in EXCITATION.items() if name.startswith(who)) for who in ("own", "other"))
BRANCHING = OWN + OTHER
BASES = {"political": 0.8, "technical": 0.5}
MOVES = {
    "praise": dyad.move(4.0),
    "scold": dyad.move(-4.0),
    "share_maps": dyad.move(5.0, "technical", "material"),
    "hide_maps": dyad.move(-5.0, "technical"),
}
MONTHS_PER_STEP = {"day": 12 / 365, "week": 12 / 52, "month": 1.0}
WARM_UP_MONTHS = 24.0
WINDOW_MONTHS = 18.0
"""Of counting. Memory of memory fades by half in some 5 months here, so that windows far apart know nothing of each
other."""

RUNS, GROUPS = 400, 20
EXACT = 1e-9
UNEQUAL = (1.0, 0.2)
"""Attention of the two sides where they differ."""


def scenario(step: str = "week", attention: tuple[float, float] = (1.0, 1.0), end: str = "2051-01-06") -> Scenario:
    """Two sides whose acts breed acts of their own and of the other's; `step` : "day", "week" or "month"."""
    most = min(100, int(80 * MONTHS_PER_STEP[step] + 10))
    bases = {f"base_{track}": base for track, base in BASES.items()}
    return dyad.north_and_south(
        "Acts that breed acts",
        end=end,
        step=step,
        moves=MOVES,
        actors={side: {"attention": one} for side, one in zip(dyad.SIDES, attention, strict=True)},
        parameters=EXCITATION | bases | {"acts_per_step": most},
    )


def counts(of: Scenario, *, runs: int, seed: int) -> Floats:
    """Acts of each channel in the windows after the warm-up, shape (window, channel, run), in rows of the world."""
    world = assemble(of)
    record = simulate(world, Luck(seed, 0, runs))
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
    base = [BASES[channel.track] * attention[dyad.SIDES.index(channel.actor)] for channel in channels.rows]
    matrix = OWN * np.eye(len(base))
    matrix[np.arange(len(base)), channels.mirror] = OTHER
    found: Floats = np.linalg.solve(np.eye(len(base)) - matrix, np.array(base))
    return found


def branching(counted: Floats) -> Estimate:
    """The branching ratio told by how much counts scatter: an act and all that it breeds make a cluster.

    In the long run the variance of a count is its mean over `(1 - branching)^2` (Hawkes & Oakes 1974). Of windows that
    are long beside the memory, the long run is the variance of one and the covariances with both its neighbours.
    The error is that of a jackknife over groups of runs.

    Parameters
    ----------
    counted
        Acts that excite each other, all together, shape (window, run).
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


def find(asked: Asked) -> Findings:
    """Mean rates of equal and unequal sides, the branching ratio that is reported, and the one that runs show."""
    return Findings(tuple(_checks(asked)))


def _checks(asked: Asked) -> Iterator[Check]:
    equal = scenario()
    counted = counts(equal, runs=RUNS, seed=asked.seed)
    asked.advance(1)
    yield from mean_rates(equal, counted, (1.0, 1.0), "")
    unequal = scenario(attention=UNEQUAL)
    yield from mean_rates(unequal, counts(unequal, runs=RUNS, seed=asked.seed), UNEQUAL, ", sides unequal")
    asked.advance(1)
    yield from scatter(equal, counted)
    found = Estimate(stability.of(equal).branching)
    yield near("branching ratio reported", "Hawkes (1971)", BRANCHING, found, EXACT, "equal but for rounding")


def mean_rates(
    of: Scenario, counted: Floats, attention: tuple[float, float], where: str
) -> Iterator[Check]:  # fmt: skip
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


STUDY = Study(
    name="hawkes",
    title="Hawkes' self-exciting acts: mean rates, branching ratio",
    sources=(
        "Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes. Biometrika 58(1).",
        "Hawkes, A. G. & Oakes, D. (1974). A cluster process representation of a self-exciting process. Journal of "
        "Applied Probability 11(3).",
    ),
    takes=("seed",),
    parts=lambda asked: 2,
    find=find,
)
