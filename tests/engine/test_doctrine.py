"""Rules and checks: when a doctrine acts, how often, and what a congress stops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dyads
from dyads import AVALON, BRIGADOON, on
from tensionsim.engine.build import assemble
from tensionsim.scenario.scenario import Scenario

OWN, RULE, SCHEDULE, STOPPED = range(4)
ALWAYS = {"after": "2000-01-01"}
TOLL = (on("2031-01-20", AVALON, "raise_toll"), on("2031-03-03", AVALON, "drop_toll"))
STANDS = {"arrangement": "toll"}
MANY = 4000
STEPS = 26


def ruled(*, checks: Any = None, **rule: Any) -> Scenario:
    """A quiet dyad in which Brigadoon has one rule, while Avalon raises and drops a toll."""
    own = {"when": ALWAYS, "move": "scold", "issue": "road"} | rule
    actor = {"rules": {"doctrine": own}} | ({"checks": checks} if checks else {})
    return dyads.quiet(actors={BRIGADOON: actor}, schedule=list(TOLL))


def when_made(of: Scenario, name: str = "scold", cause: int = RULE) -> list[int]:
    """Steps in which Brigadoon makes a move for some cause, in run 0."""
    world = assemble(of)
    return [
        at
        for at, actor, move, why in dyads.made(dyads.record(of), world)
        if (actor, move, why) == (BRIGADOON, name, cause)
    ]


def count(of: Scenario, name: str = "scold", cause: int = RULE, runs: int = MANY) -> np.ndarray:
    """How often the move is made in each run."""
    world, record = assemble(of), dyads.record(of, runs=runs)
    chosen = (record.move_id == world.menus.names.index(name)) & (record.move_cause == cause)
    return np.bincount(record.move_run[chosen], minlength=runs)


def near(share: float, runs: int = MANY) -> Any:
    return pytest.approx(share, abs=4.0 * np.sqrt(share * (1.0 - share) / runs) + 1e-9)


def test_a_rule_acts_in_every_step_in_which_its_condition_holds() -> None:
    assert when_made(ruled(when=STANDS)) == list(range(3, 9))


def test_a_rule_waits_for_its_condition_to_last() -> None:
    assert when_made(ruled(when=STANDS | {"for": "1 month"})) == [8]


def test_a_rule_makes_no_move_that_cannot_be_made() -> None:
    assert when_made(ruled(move="open_gate"), "open_gate") == [0]
    assert when_made(ruled(move="shut_gate"), "shut_gate") == []


def test_a_rule_replaces_the_own_choice_in_its_channel() -> None:
    busy = {"attention": 1.0}
    rule = {"when": ALWAYS, "move": "scold", "issue": "road"}
    of = dyads.scenario(
        actors={AVALON: busy, BRIGADOON: busy | {"rules": {"doctrine": rule}}}, parameters={"base_political": 60.0}
    )
    political = {name for name, one in dyads.MOVES.items() if one["track"] == "political"}
    moves = [one for one in dyads.made(dyads.record(of), assemble(of)) if one[1] == BRIGADOON and one[2] in political]
    assert {one[2:] for one in moves} == {("scold", RULE)}
    assert len(moves) == STEPS


def test_what_is_scheduled_goes_before_a_rule() -> None:
    own = {"when": ALWAYS, "move": "scold", "issue": "road"}
    of = dyads.quiet(actors={BRIGADOON: {"rules": {"doctrine": own}}}, schedule=[on("2031-01-20", BRIGADOON, "bow")])
    first = [one[2:] for one in dyads.made(dyads.record(of), assemble(of)) if one[0] <= 3]
    assert first == [("scold", RULE), ("scold", RULE), ("bow", SCHEDULE), ("scold", RULE)]


def test_a_chance_is_that_of_each_step() -> None:
    assert count(ruled(chance=0.3), runs=400).mean() / STEPS == near(0.3, 400 * STEPS)


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_a_chance_per_month_comes_to_the_same_in_any_step(step: str) -> None:
    own = {"when": ALWAYS, "move": "scold", "issue": "road", "chance": "0.3 per month", "cooldown": "10 years"}
    of = dyads.quiet(actors={BRIGADOON: {"rules": {"doctrine": own}}}, step=step, end="2031-04-06")
    months = {"day": 90 * 12 / 365, "week": 13 * 12 / 52, "month": 3.0}[step]
    assert (count(of) > 0).mean() == near(1.0 - 0.7**months)


def test_a_cooldown_keeps_a_rule_from_acting_again_so_soon() -> None:
    assert when_made(ruled(cooldown="5 weeks")) == [0, 5, 10, 15, 20, 25]
    assert when_made(ruled(cooldown="1 month")) == [0, 5, 10, 15, 20, 25]
    assert when_made(ruled(cooldown="1 day")) == list(range(STEPS))


def test_a_cooldown_starts_with_the_act_and_not_with_a_question_that_chance_refused() -> None:
    found = count(ruled(chance=0.5, cooldown="20 weeks"))
    twice = sum(0.5 ** (first + 1) * (1.0 - 0.5 ** (STEPS - 20 - first)) for first in range(STEPS - 20))
    assert [(found >= 1).mean(), (found == 2).mean()] == [near(1.0 - 0.5**STEPS), near(twice)]


def test_a_rule_once_is_asked_once_a_spell() -> None:
    schedule = [*TOLL, on("2031-05-05", AVALON, "raise_toll")]
    own = {"when": STANDS, "move": "scold", "issue": "road", "once": True}
    of = dyads.quiet(actors={BRIGADOON: {"rules": {"doctrine": own}}}, schedule=schedule)
    assert when_made(of) == [3, 18]
    likely = dyads.quiet(actors={BRIGADOON: {"rules": {"doctrine": own | {"chance": 0.3}}}}, schedule=schedule)
    found = count(likely)
    assert [(found == times).mean() for times in (0, 1, 2)] == [near(0.49), near(0.42), near(0.09)]


def test_where_chance_says_no_the_other_move_is_made() -> None:
    of = ruled(when=STANDS, chance=0.4, once=True, otherwise={"move": "bow", "issue": "road"})
    yes, no = count(of), count(of, "bow")
    assert (yes + no == 1).all()
    assert yes.mean() == near(0.4)


def test_odds_follow_the_state_between_their_two_points() -> None:
    def share(start: list[float], end: list[float]) -> float:
        odds = {"of": "indicator", "name": "wolves", "start": start, "end": end}
        own = {"when": ALWAYS, "move": "scold", "issue": "road", "once": True, "chance": odds}
        wolves = {"wolves": {"value": 100, "unit": "wolves", "reference": 100, "issue": "road"}}
        return float(count(dyads.quiet(actors={BRIGADOON: {"rules": {"doctrine": own}}}, indicators=wolves)).mean())

    assert share([50, 0.1], [150, 0.5]) == near(0.3)
    assert share([150, 0.5], [50, 0.1]) == near(0.3)
    assert share([200, 0.2], [300, 0.9]) == near(0.2)
    assert share([10, 0.2], [50, 0.9]) == near(0.9)


def test_a_likelier_rule_acts_wherever_it_acted_before() -> None:
    rarely, often = (count(ruled(when=STANDS, once=True, chance=chance)) for chance in (0.2, 0.5))
    assert (often >= rarely).all()


def test_an_uncertain_chance_is_drawn_once_a_run() -> None:
    found = count(ruled(chance={"choice": [0.0, 1.0]}), runs=600)
    assert set(found.tolist()) == {0, STEPS}
    assert (found > 0).mean() == near(0.5, 600)


def test_a_leaders_rule_holds_while_that_leader_governs() -> None:
    leaders = {"stern": {"rules": {"doctrine": {"when": ALWAYS, "move": "scold", "issue": "road"}}}, "mild": {}}
    changes = [
        {"date": "2031-01-20", "actor": BRIGADOON, "leader": "mild"},
        {"date": "2031-02-03", "actor": BRIGADOON, "leader": "stern"},
    ]
    of = dyads.quiet(leaders=leaders, actors={BRIGADOON: {"leader": "stern"}}, changes=changes)
    assert when_made(of) == [0, 1, *range(4, STEPS)]


def test_two_actors_under_one_leader_have_luck_of_their_own() -> None:
    rule = {"when": ALWAYS, "move": "scold", "issue": "road", "chance": 0.5, "once": True}
    of = dyads.quiet(
        leaders={"stern": {"rules": {"doctrine": rule}}},
        actors={AVALON: {"leader": "stern"}, BRIGADOON: {"leader": "stern"}},
    )
    world, record = assemble(of), dyads.record(of, runs=MANY)
    by = [np.isin(np.arange(MANY), record.move_run[world.channels.actor[record.move_channel] == row]) for row in (0, 1)]
    assert (by[0] & by[1]).mean() == near(0.25)


def test_a_check_stops_its_moves_as_often_as_it_says_and_they_are_not_made() -> None:
    of = ruled(move="open_gate", checks={"elders": {"stops": ["open_gate"], "chance": 0.6}}, cooldown="10 years")
    world, record = assemble(of), dyads.record(of, runs=MANY)
    stopped = record.move_cause == STOPPED
    assert stopped.sum() / MANY == near(0.6)
    gate = next(row for row, one in enumerate(world.instances.rows) if one.kind == "gate")
    assert np.array_equal(~record.in_force[1, gate], np.isin(np.arange(MANY), record.move_run[stopped]))


def test_a_check_stops_own_choices_too_but_nothing_scheduled_and_nobody_elses() -> None:
    busy = {"attention": 1.0, "repertoire": ["scold"]}
    of = dyads.scenario(
        actors={AVALON: busy, BRIGADOON: busy | {"checks": {"elders": {"stops": ["scold"], "chance": 1.0}}}},
        schedule=[on("2031-01-20", BRIGADOON, "scold")],
    )
    found = {one[1:] for one in dyads.made(dyads.record(of, runs=1), assemble(of))}
    assert found == {(AVALON, "scold", OWN), (BRIGADOON, "scold", STOPPED), (BRIGADOON, "scold", SCHEDULE)}


def test_two_checks_are_two_hurdles() -> None:
    checks = {name: {"stops": ["scold"], "chance": 0.5} for name in ("elders", "court")}
    of = ruled(checks=checks, cooldown="10 years")
    assert count(of).mean() == near(0.25)
    assert count(of, cause=STOPPED).mean() == near(0.75)


def test_a_leaders_check_holds_while_that_leader_governs() -> None:
    leaders = {"stern": {"checks": {"elders": {"stops": ["scold"], "chance": 1.0}}}, "mild": {}}
    rule = {"when": ALWAYS, "move": "scold", "issue": "road"}
    of = dyads.quiet(
        leaders=leaders,
        actors={BRIGADOON: {"leader": "stern", "rules": {"doctrine": rule}}},
        changes=[{"date": "2031-01-20", "actor": BRIGADOON, "leader": "mild"}],
    )
    assert when_made(of, cause=STOPPED) == [0, 1]
    assert when_made(of) == list(range(2, STEPS))
