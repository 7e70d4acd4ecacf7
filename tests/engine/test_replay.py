"""The past: observed moves leave what the same moves would have left had they been simulated."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest

import dyads
from tensionsim.engine.build import assemble, known
from tensionsim.engine.simulation import MEMORIES, Simulation
from tensionsim.events import history as curated
from tensionsim.scenario.quantities import Span
from tensionsim.scenario.scenario import Scenario, load

STARTS = {"day": dt.date(2019, 3, 4), "week": dt.date(2025, 10, 28), "month": dt.date(2025, 1, 15)}
SILENCE = {
    **{f"parameters.{name}": value for name, value in dyads.SILENT.items()},
    "actors.*.attention": 0.0,
    "elections": {},
}


@cache
def era(step: str, start: str) -> Scenario:
    return load("base/us-colombia", set={"step": step, "start": start, "end": "2027-01-01"})


def first_day(of: Scenario, steps: int) -> dt.date:
    """The day from which so many steps lead to the start."""
    start = of.file.start
    if of.file.step == "month":
        year, month = divmod(start.year * 12 + start.month - 1 - steps, 12)
        return start.replace(year=year, month=month + 1)
    return start - dt.timedelta(days=steps * {"day": 1, "week": 7}[of.file.step])


def simulated(of: Scenario) -> Simulation:
    """A scenario that starts at the origin of the history, knows none, and has its moves on its schedule."""
    world = assemble(of)
    steps = -world.past.origin
    begins = first_day(of, steps)
    span = Span(begins, of.file.start, of.file.step)
    held = [
        {"name": one.name, "actor": one.actor, "target": one.target, "issue": one.issue}
        for one in curated.curated_history("us_colombia").held or ()
    ]
    schedule: list[dict[str, Any]] = []
    for one in world.past.moves:
        place = world.channels.rows[one.channel]
        entry = {
            "date": span.at(one.step + steps).isoformat(),
            "actor": place.actor,
            "move": world.menus.names[one.move],
        }
        schedule.append(entry | {"issue": place.issue, "target": place.target})
    values = {"start": begins.isoformat(), "end": of.file.start.isoformat(), "history": "none", "arrangements": held}
    now = dyads.start(of.with_values({**SILENCE, **values, "schedule": schedule}))
    dyads.go(now, steps)
    return now


@pytest.mark.parametrize("step", STARTS)
def test_a_replayed_history_equals_the_same_moves_scheduled(step: str) -> None:
    of = era(step, STARTS[step].isoformat())
    start, end = dyads.start(of), simulated(of)
    by_name = {channel: row for row, channel in enumerate(end.world.channels.rows)}
    for row, channel in enumerate(start.world.channels.rows):
        for name in MEMORIES:
            assert getattr(start.state, name)[row, 0] == pytest.approx(
                getattr(end.state, name)[by_name[channel], 0] if channel in by_name else 0.0, abs=1e-12
            ), f"{name} of {channel.name}"


@pytest.mark.parametrize("step", STARTS)
def test_a_history_leaves_in_force_what_its_moves_began_and_did_not_end(step: str) -> None:
    of = era(step, STARTS[step].isoformat())

    def standing(now: Simulation) -> set[str]:
        return {one.name for row, one in enumerate(now.world.instances.rows) if now.state.in_force[row, 0]}

    assert standing(dyads.start(of)) == standing(simulated(of))


def test_what_the_history_has_seen_made_a_condition_remembers() -> None:
    threat = {"made": "threaten_tariffs", "actor": "washington"}
    last = max(one.date for one in curated.observed("us_colombia") if one.move == "threaten_tariffs")
    soon = (last + dt.timedelta(days=10)).isoformat()
    events = {
        "lately": threat | {"within": "4 weeks"},
        "just now": threat | {"within": "1 day"},
        "ever": threat,
        "never": {"made": "break_relations"},
    }
    of = load("base/us-colombia", set={"start": soon, "end": "2027-01-01", "events": events})
    found = dict(zip(of.file.events, dyads.record(of).events[0, :, 0].tolist(), strict=True))
    assert {name: found[name] for name in events} == {"lately": True, "just now": False, "ever": True, "never": False}


def test_nothing_that_happens_later_is_known_at_the_start() -> None:
    start = dt.date(2022, 8, 7)
    assert all(one.date < start for one in known(load("biden-petro-2022").file).occurrences)
    assert all(one.step < 0 for one in assemble(load("biden-petro-2022")).past.moves)


def test_a_scenario_without_history_starts_neutral() -> None:
    record = dyads.record(dyads.scenario())
    assert record.cooperation[0, 0] == 50.0
    assert not record.conduct[0].any()
