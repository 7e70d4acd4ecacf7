"""What is computed stays as it was frozen: `make.py` beside this says what that is, and freezes it anew.

Moves, events and all else that is whole hold everywhere; floats to the last bit where the processor rounds as it did
where they were frozen, else to 1e-9, and what was fitted to 1e-6. TENSIONSIM_BASELINE_EXACT=1 asks for every bit, of
fits too, wherever it is run.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from copy import deepcopy

import numpy as np
import pytest

import tensionsim as ts
from baseline.make import (
    CLOSE,
    FITTED,
    OTHERS,
    RUNS,
    SEED,
    Picture,
    closeness,
    frozen,
    of_results,
    picture_of,
    pictured_table,
    rounding,
    shipped,
)

EXACT = os.environ.get("TENSIONSIM_BASELINE_EXACT") == "1"
SUBJECT = "norland-suderia"
"""What is bent to see that it shows."""

LONG = ("us-colombia-2017", "base/us-colombia", "effects", "a fit", "a backtest")


def wanted(subject: str) -> Picture:
    return frozen()[1][subject]


def to_the_bit(subject: str) -> bool:
    return EXACT or (rounding() == frozen()[0] and subject not in FITTED)


def check(subject: str) -> None:
    found = picture_of(subject).differences(wanted(subject), closeness(subject), to_the_bit=to_the_bit(subject))
    assert not found, "\n".join([f"{subject} is not as it was frozen:", *found])


def marked(subjects: Iterable[str]) -> list[object]:
    return [pytest.param(one, marks=[pytest.mark.slow] if one in LONG else []) for one in subjects]


@pytest.mark.parametrize("scenario", marked(shipped()))
def test_every_scenario_runs_as_before(scenario):
    check(scenario)


@pytest.mark.parametrize("subject", marked(OTHERS))
def test_every_question_is_answered_as_before(subject):
    check(subject)


def test_everything_frozen_is_asked_for():
    assert set(frozen()[1]) == {*shipped(), *OTHERS}


@pytest.fixture(scope="module")
def found():
    return picture_of(SUBJECT)


class TestWhatItSees:
    """A baseline that nothing can break would freeze nothing."""

    def test_each_frozen_number(self, found):
        """Also where the processor rounds otherwise: numbers alone show what is off by 2e-9."""
        unseen = []
        for name, values in wanted(SUBJECT).numbers.items():
            for place in {0, values.size // 2, values.size - 1}:
                bent = deepcopy(wanted(SUBJECT))
                at = np.unravel_index(place, values.shape)
                bent.numbers[name][at] += 2e-9 * max(1.0, 2 * abs(values[at]))
                if not found.differences(bent, CLOSE, to_the_bit=False):
                    unseen.append((name, at))
        assert not unseen

    def test_a_digest_that_is_another(self, found):
        bent = deepcopy(wanted(SUBJECT))
        bent.exact["events"] = bent.bits["conduct"] = "0"
        assert found.differences(bent, CLOSE, to_the_bit=True) == ["events differs", "bits of conduct differ"]
        assert found.differences(bent, CLOSE, to_the_bit=False) == ["events differs"]

    def test_what_is_no_longer_there(self, found):
        assert Picture().differences(wanted(SUBJECT), CLOSE, to_the_bit=False)
        assert set(found.numbers) >= set(wanted(SUBJECT).numbers)

    @pytest.mark.parametrize(("by", "shown"), [(1e-12, "bits of rhetoric differ"), (1e-7, "rhetoric by run is off")])
    def test_a_parameter_that_is_another(self, by, shown):
        changed = ts.load(SUBJECT, set={"actors.norland.rhetoric": 0.4 + by})
        bent = of_results(ts.run(changed, runs=RUNS, seed=SEED))
        lines = bent.differences(wanted(SUBJECT), CLOSE, to_the_bit=True)
        assert any(line.startswith(shown) for line in lines), lines

    def test_another_seed(self):
        lines = of_results(ts.run(SUBJECT, runs=RUNS, seed=SEED + 1)).differences(
            wanted(SUBJECT), CLOSE, to_the_bit=False
        )
        named = " ".join(lines)
        assert all(name in named for name in ("moves", "events", "paths", "table of regimes", "in_force"))

    def test_not_how_a_table_is_stored(self):
        """Types that hold the same, and the order of rows and columns, make no difference."""
        table = ts.run(SUBJECT, runs=5, seed=SEED).moves
        other = table.astype({"run": "int16", "actor": object, "date": "datetime64[ns]", "move": "category"})
        other = other.sample(frac=1, random_state=3)[sorted(table.columns, reverse=True)].reset_index(drop=True)
        pictures = Picture(), Picture()
        for picture, each in zip(pictures, (table, other), strict=True):
            pictured_table(picture, "moves", each)
        assert not pictures[1].differences(pictures[0], CLOSE, to_the_bit=True)
        assert not pictures[0].differences(pictures[1], CLOSE, to_the_bit=True)
