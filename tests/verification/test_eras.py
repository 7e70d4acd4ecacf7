"""Eras and outlooks stand in the order that analysts of the dyad give, for the reasons that they give."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tensionsim.model.structure import Floats
from tensionsim.runs.run import run
from tensionsim.scenario.scenario import load

SHARED, ABSORBED, OPEN = "trump1-duque-2018", "biden-petro-2022", "trump2-petro-2025"
"""Diagnoses shared; differences absorbed by dialogue; the same differences turned into open pressure."""

MANAGED, BASELINE, RHETORIC = "managed", "status-quo", "rhetoric"
RUNS = 400
SEED = 12


@cache
def index(name: str, *off: str) -> Floats:
    """The index by date and run, without some mechanisms."""
    return run(load(name, set={f"mechanisms.{one}": "off" for one in off}), runs=RUNS, seed=SEED).record.cooperation


def median(name: str, *off: str) -> float:
    """Median of the index over the era's dates and runs."""
    return float(np.median(index(name, *off)[1:]))


def lead(better: str, worse: str, *off: str) -> Floats:
    """By how much the mean index of each run is higher in one outlook than in the other, with the same luck."""
    return index(better, *off)[1:].mean(axis=0) - index(worse, *off)[1:].mean(axis=0)


def error(values: Floats) -> float:
    return float(values.std() / np.sqrt(values.size))


def test_the_three_eras_stand_in_their_order() -> None:
    assert median(SHARED) > median(ABSORBED) + 0.5
    assert median(ABSORBED) > median(OPEN) + 5.0


def test_the_first_two_eras_differ_as_diagnoses_are_shared_or_not() -> None:
    gap, without = (median(SHARED, *off) - median(ABSORBED, *off) for off in ((), ("disagreement", "politicisation")))
    assert without < 0.6 * gap


def test_the_last_era_is_lower_as_disagreement_turns_into_confrontation() -> None:
    gap = median(ABSORBED) - median(OPEN)
    assert median(ABSORBED, "disagreement") - median(OPEN, "disagreement") < 0.75 * gap


@pytest.mark.parametrize(("better", "worse"), [(MANAGED, BASELINE), (BASELINE, RHETORIC)])
def test_the_outlooks_stand_in_their_order(better: str, worse: str) -> None:
    difference = lead(better, worse)
    assert difference.mean() > 2.0 * error(difference)


def test_there_is_no_other_reason_for_the_order_of_the_outlooks() -> None:
    assert not lead(MANAGED, RHETORIC, "politicisation", "defiance", "insulation").any()
