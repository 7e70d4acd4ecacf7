"""What every claim's test works with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from laboratory import Laboratory
from register import note


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Iterator[Laboratory]:
    """A laboratory with all mechanisms on; what it showed is kept for the tests of the register."""
    laboratory = Laboratory()
    yield laboratory
    if all(shown.holds for shown in laboratory.shown):
        note(request.function.__name__, laboratory)
