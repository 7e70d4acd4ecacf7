"""Whatever is done to a scenario file, loading it ends in a scenario or in located errors."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from scenario import mutate
from tensionsim.errors import ScenarioError
from tensionsim.scenario.scenario import load
from tensionsim.scenario.schema import ScenarioFile

MINIMAL = Path(__file__).parent / "samples" / "minimal.yaml"


def test_150_damaged_scenarios_load_or_are_refused() -> None:
    tally = mutate.run(150, first_seed=0)
    assert tally.loaded > 3
    assert tally.refused > 30
    assert tally.slowest < mutate.SECONDS_ALLOWED


@pytest.mark.full
def test_5000_damaged_scenarios_load_or_are_refused() -> None:
    tally = mutate.run(5000, first_seed=1000)
    assert tally.slowest < mutate.SECONDS_ALLOWED


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates(dt.date(1, 1, 1)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
PATHS = st.sampled_from(
    [
        *ScenarioFile.model_fields,
        "actors.north",
        "actors.*.rules",
        "actors.north.rules.close the sluice.when",
        "actors.north.rules.close the sluice.chance",
        "actors.north.stances",
        "actors.south.leader",
        "leaders.reformer",
        "moves.share_data",
        "moves.share_data.actors",
        "arrangement_kinds.fair",
        "indicators.level.driven_by",
        "indicators.level",
        "schedule.0",
        "changes.0.set",
        "changes.0.one_of",
        "events.crisis",
        "outlooks.calm",
        "mechanisms.*",
        "parameters.*",
    ]
) | st.text(max_size=20)


@given(st.dictionaries(PATHS, VALUES, max_size=3))
def test_any_value_in_any_place_is_accepted_or_refused(values: dict[str, object]) -> None:
    try:
        load(MINIMAL, set=values)
    except ScenarioError as error:
        mutate.check(error)
