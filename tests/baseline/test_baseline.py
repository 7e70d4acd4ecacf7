"""What is computed stays as it was frozen: `make.py` beside this says what that is, and freezes it anew.

Moves, events and all else that is whole hold everywhere; floats to the last bit where the processor rounds as it did
where they were frozen, else to 1e-9, and what was fitted to 1e-6. TENSIONSIM_BASELINE_EXACT=1 asks for every bit, of
fits too, wherever it is run.
"""

from __future__ import annotations

import os
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
    rounding,
    shipped,
)

EXACT = os.environ.get("TENSIONSIM_BASELINE_EXACT") == "1"


def wanted(subject: str) -> Picture:
    return frozen()[1][subject]


def to_the_bit(subject: str) -> bool:
    return EXACT or (rounding() == frozen()[0] and subject not in FITTED)


def check(subject: str) -> None:
    found = picture_of(subject).differences(wanted(subject), closeness(subject), to_the_bit=to_the_bit(subject))
    assert not found, "\n".join([f"{subject} is not as it was frozen:", *found])


@pytest.mark.parametrize("scenario", shipped())
def test_every_scenario_runs_as_before(scenario):
    check(scenario)


@pytest.mark.parametrize("subject", OTHERS)
def test_every_question_is_answered_as_before(subject):
    check(subject)


def test_everything_frozen_is_asked_for():
    assert set(frozen()[1]) == {*shipped(), *OTHERS}


class TestWhatItSees:
    """A baseline that nothing can break would freeze nothing."""

    SUBJECT = "norland-suderia"

    @pytest.fixture(scope="class")
    def found(self):
        return picture_of(self.SUBJECT)

    def test_each_frozen_number(self, found):
        """Also where the processor rounds otherwise: numbers alone show what is off by 2e-9."""
        unseen = []
        for name, values in wanted(self.SUBJECT).numbers.items():
            for place in {0, values.size // 2, values.size - 1}:
                bent = deepcopy(wanted(self.SUBJECT))
                at = np.unravel_index(place, values.shape)
                bent.numbers[name][at] += 2e-9 * max(1.0, 2 * abs(values[at]))
                if not found.differences(bent, CLOSE, to_the_bit=False):
                    unseen.append((name, at))
        assert not unseen

    def test_a_digest_that_is_another(self, found):
        bent = deepcopy(wanted(self.SUBJECT))
        bent.exact["events"] = bent.bits["conduct"] = "0"
        assert found.differences(bent, CLOSE, to_the_bit=True) == ["events differs", "bits of conduct differ"]
        assert found.differences(bent, CLOSE, to_the_bit=False) == ["events differs"]

    def test_what_is_no_longer_there(self, found):
        assert Picture().differences(wanted(self.SUBJECT), CLOSE, to_the_bit=False)
        assert set(found.numbers) >= set(wanted(self.SUBJECT).numbers)

    def test_a_parameter_that_is_another(self):
        changed = ts.load(self.SUBJECT, set={"actors.norland.rhetoric": 0.4000000001})
        bent = of_results(ts.run(changed, runs=RUNS, seed=SEED))
        lines = bent.differences(wanted(self.SUBJECT), CLOSE, to_the_bit=False)
        assert any(line.startswith("rhetoric by run") for line in lines), lines

    def test_another_seed(self):
        lines = of_results(ts.run(self.SUBJECT, runs=RUNS, seed=SEED + 1)).differences(
            wanted(self.SUBJECT), CLOSE, to_the_bit=False
        )
        named = " ".join(lines)
        assert all(name in named for name in ("moves", "events", "paths", "table of regimes", "in_force"))
