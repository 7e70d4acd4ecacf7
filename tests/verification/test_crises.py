"""Crises: most are over within a quarter, some last, and concessions make them rarer and shorter."""

from __future__ import annotations

from functools import cache

import numpy as np

from tensionsim.model.structure import Bools, Floats
from tensionsim.runs.run import run
from tensionsim.scenario.scenario import load

CRISIS = 35.0
RUNS = 1200
QUARTER, HALF_YEAR = 13, 26
WINDOW = 4
"""Weeks over which a fall is sharp."""
SHARP = 8.0
"""Points of the index by which a sharp fall falls."""


@cache
def index(*off: str) -> Floats:
    """The index by week and run, without some mechanisms."""
    return run(
        load("trump2-petro-2025", set={f"mechanisms.{one}": "off" for one in off}), runs=RUNS, seed=5
    ).record.cooperation


def spells(low: Bools) -> tuple[np.ndarray, np.ndarray]:
    """Lengths (weeks) of the unbroken spells in which `low` holds, and whether each ended before the record did."""
    padded = np.pad(low.T.astype(int), ((0, 0), (1, 1)))
    change = np.diff(padded, axis=1)
    begins, ends = np.nonzero(change == 1), np.nonzero(change == -1)
    return ends[1] - begins[1], ends[1] < low.shape[0]


def still_on(weeks: int, *off: str) -> float:
    """Share of crises that last longer than so many weeks (Kaplan and Meier's estimate: some outlive the record)."""
    length, has_ended = spells(index(*off) < CRISIS)
    share = 1.0
    for week in range(1, weeks + 1):
        share *= 1.0 - (has_ended & (length == week)).sum() / max(1, (length >= week).sum())
    return share


def recoveries(*off: str) -> Floats:
    """For each sharp fall, whether half of it was made good within half a year of its bottom."""
    path, found = index(*off), []
    last = path.shape[0] - 2 * WINDOW - HALF_YEAR - 1
    for run_ in range(RUNS):
        at = 0
        while at < last:
            fallen = path[at, run_] - path[at + WINDOW, run_]
            if fallen < SHARP:
                at += 1
                continue
            bottom = at + int(path[at : at + 2 * WINDOW + 1, run_].argmin())
            half = 0.5 * (path[at, run_] + path[bottom, run_])
            found.append(path[bottom : bottom + HALF_YEAR, run_].max() >= half)
            at += QUARTER
    return np.array(found, float)


def test_spells_are_counted_with_those_that_outlive_the_record() -> None:
    low = np.array([[0, 1], [1, 1], [1, 0], [0, 1], [1, 0]], bool)
    length, has_ended = spells(low)
    assert (length.tolist(), has_ended.tolist()) == ([2, 1, 2, 1], [True, False, True, True])


def test_most_crises_are_over_within_a_quarter_and_few_last_half_a_year() -> None:
    assert still_on(QUARTER) < 0.5
    assert still_on(HALF_YEAR) < 0.4


def test_but_some_crises_last() -> None:
    assert still_on(HALF_YEAR) > 0.02


def test_concession_that_only_weighs_answers_does_not_end_crises() -> None:
    """With the push of concession off, as in shipped scenarios, crises last as long without it (docs/fitting.md)."""
    assert abs(still_on(HALF_YEAR, "concession") - still_on(HALF_YEAR)) < 0.03


def test_a_third_of_sharp_falls_is_made_good_with_concession_or_without() -> None:
    usual, without = recoveries(), recoveries("concession")
    assert usual.size > RUNS / 4
    assert 0.25 < usual.mean() < 0.45
    assert abs(usual.mean() - without.mean()) < 0.1
