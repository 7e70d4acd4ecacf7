"""Matters: what a move leaves open between two actors, and what answers it."""

from __future__ import annotations

import typing

import numpy as np
import pytest

import dyads
import pasts
from tensionsim.engine.build import assemble
from tensionsim.engine.simulation import Simulation
from tensionsim.engine.step import act
from tensionsim.engine.world import OWN, SCHEDULE, STOPPED, World, acts_of
from tensionsim.events.generic import scenario_from_events
from tensionsim.model.catalogue import answers, matters, shipped
from tensionsim.model.state import FADED
from tensionsim.runs.run import run
from tensionsim.scenario import schema
from tensionsim.scenario.files import shipped_names
from tensionsim.scenario.scenario import load

MOVES = {
    "claim_well": dyads.move(-3.0, raises=["demand"]),
    "cede_well": dyads.move(5.0, answers="yields"),
    "keep_well": dyads.move(-4.0, answers="refuses"),
    "warn": dyads.move(-5.0, raises=["threat"]),
    "think_again": dyads.move(3.0, withdraws=["threat"]),
    "bow": dyads.move(4.0, barred_by=["toll"]),
    "raise_toll": dyads.move(-8.0, kind="material", begins=["toll"]),
    "drop_toll": dyads.move(6.0, kind="material", ends=["toll"]),
}


def test_a_file_may_name_what_the_tables_hold() -> None:
    assert typing.get_args(schema.MatterName) == tuple(matters())
    assert typing.get_args(schema.AnswerName) == tuple(answers())


@pytest.mark.parametrize("name", [name for name, one in shipped().moves.items() if one.presupposes or one.withdraws])
def test_an_answer_has_a_matter_that_somebody_raises_towards_whoever_answers(name: str) -> None:
    one, moves = shipped().moves[name], shipped().moves.values()
    mine, theirs = set(one.withdraws), set(one.presupposes)

    def meets(actors: tuple[str, ...], others: tuple[str, ...]) -> bool:
        return "*" in (*actors, *others) or bool({*actors} & {*others})

    raised = [
        other
        for other in moves
        if (mine & {*other.raises} and meets(other.actors, one.actors) and meets(other.targets, one.targets))
        or (theirs & {*other.raises} and meets(other.actors, one.targets) and meets(other.targets, one.actors))
    ]
    assert any(meets(other.issues, one.issues) for other in raised)


@pytest.mark.parametrize("name", matters())
def test_a_matter_is_raised_and_answered(name: str) -> None:
    moves = shipped().moves.values()
    assert any(name in one.raises for one in moves)
    assert any(name in answers()[one.answers].matters for one in moves if one.answers)


def start() -> Simulation:
    return dyads.start(dyads.scenario(moves=MOVES), runs=3)


def make(now: Simulation, actor: str, move: str) -> None:
    """Makes a move in the second run."""
    channel = dyads.channel(now, actor)
    act(now, acts_of(np.array([channel]), np.array([1]), np.array([now.world.menus.names.index(move)]), SCHEDULE))
    now.availability.renew(now.world, now.state)


def can(now: Simulation, actor: str, move: str) -> list[bool]:
    """In which runs a move is open."""
    channel = dyads.channel(now, actor)
    slot = now.world.menus.slot_of[now.world.menus.names.index(move), channel]
    return now.availability.is_open[channel, :, slot].astype(bool).tolist()


NOWHERE, THERE = [False] * 3, [False, True, False]


def test_an_answer_can_be_made_while_its_matter_is_open() -> None:
    now = start()
    assert can(now, dyads.BRIGADOON, "keep_well") == can(now, dyads.BRIGADOON, "cede_well") == NOWHERE
    make(now, dyads.AVALON, "claim_well")
    assert can(now, dyads.BRIGADOON, "keep_well") == can(now, dyads.BRIGADOON, "cede_well") == THERE
    assert can(now, dyads.AVALON, "cede_well") == NOWHERE
    make(now, dyads.BRIGADOON, "keep_well")
    assert can(now, dyads.BRIGADOON, "cede_well") == THERE, "a refusal leaves it open"
    make(now, dyads.BRIGADOON, "cede_well")
    assert can(now, dyads.BRIGADOON, "keep_well") == NOWHERE


def test_only_who_threatened_takes_it_back() -> None:
    now = start()
    make(now, dyads.AVALON, "warn")
    assert can(now, dyads.AVALON, "think_again") == THERE
    assert can(now, dyads.BRIGADOON, "think_again") == NOWHERE
    make(now, dyads.AVALON, "think_again")
    assert can(now, dyads.AVALON, "think_again") == can(now, dyads.BRIGADOON, "cede_well") == NOWHERE


def test_what_an_arrangement_bars_is_off_the_menu_on_every_issue() -> None:
    now = dyads.start(dyads.scenario(moves=MOVES, issues=("road", "well")), runs=2)
    bow, toll = (now.world.menus.names.index(name) for name in ("bow", "raise_toll"))
    channels = [dyads.channel(now, dyads.AVALON, issue) for issue in ("road", "well")]
    act(now, acts_of(np.array(channels[:1]), np.array([1]), np.array([toll]), OWN))
    now.availability.renew(now.world, now.state)
    for channel in channels:
        is_open = now.availability.is_open[channel, :, now.world.menus.slot_of[bow, channel]]
        assert is_open.tolist() == [1, 0]
    other = dyads.channel(now, dyads.BRIGADOON)
    assert now.availability.is_open[other, 1, now.world.menus.slot_of[bow, other]] == 1, "it is Avalon's toll"


def test_it_grows_old_by_its_half_life_and_lapses_after_three() -> None:
    now = dyads.start(dyads.quiet(moves=MOVES), runs=3)
    table = now.world.menus.matters
    channel = dyads.channel(now, dyads.BRIGADOON)
    row = int(table.row[table.names.index("demand"), channel])
    make(now, dyads.AVALON, "claim_well")
    ages = []
    while now.state.matters[row, 1] > 0.0:
        ages.append(float(now.state.matters[row, 1]))
        dyads.go(now, 1)
    weeks = np.arange(len(ages)) * now.world.dt_months
    assert ages == pytest.approx(0.5 ** (weeks / matters()["demand"].half_life))
    assert ages[-1] >= FADED > ages[-1] * 0.5 ** (now.world.dt_months / matters()["demand"].half_life)
    assert can(now, dyads.BRIGADOON, "cede_well") == NOWHERE


@pytest.mark.parametrize(
    ("past", "weeks"),
    [
        (["2030-12-09,avalon,claim_well"], 4),
        (["2030-11-11,avalon,claim_well", "2030-12-09,avalon,claim_well"], 4),
        (["2030-12-09,avalon,claim_well", "2030-12-16,brigadoon,keep_well"], 4),
        (["2030-12-09,avalon,claim_well", "2030-12-16,brigadoon,cede_well"], None),
        (["2030-12-09,brigadoon,cede_well", "2030-12-10,avalon,claim_well"], 4),
        (["2030-12-09,brigadoon,claim_well"], None),
        (["2030-06-03,avalon,claim_well"], None),
    ],
)
def test_what_was_observed_leaves_matters_open(past: list[str], weeks: int | None) -> None:
    rows = [f"{day},{actor},{'brigadoon' if actor == 'avalon' else 'avalon'},road,{move}" for day, actor, move in
            (one.split(",") for one in ["2030-01-07,avalon,bow", *past])]  # fmt: skip
    events = "\n".join(["date,actor,target,issue,move", *rows, ""])
    now = dyads.start(dyads.scenario(moves=MOVES, history={"events": events}), runs=2)
    table = now.world.menus.matters
    row = int(table.row[table.names.index("demand"), dyads.channel(now, dyads.BRIGADOON)])
    age = None if weeks is None else weeks * now.world.dt_months
    expected = 0.0 if age is None else 0.5 ** (age / matters()["demand"].half_life)
    assert now.state.matters[row] == pytest.approx([expected] * 2)
    assert can(now, dyads.BRIGADOON, "cede_well") == [weeks is not None] * 2


def test_a_rule_waits_for_what_its_move_answers_and_a_schedule_does_not() -> None:
    rule = {"when": {"cooperation": "index", "above": 0}, "move": "cede_well", "issue": "road"}
    schedule = [dyads.on("2031-03-03", dyads.AVALON, "claim_well"), dyads.on("2031-05-05", dyads.AVALON, "cede_well")]
    actors = {dyads.BRIGADOON: {"rules": {"bend": rule}}}
    scenario = dyads.quiet(moves=MOVES, actors=actors, schedule=schedule)
    made = dyads.made(dyads.record(scenario), assemble(scenario))
    assert [(step, actor, move) for step, actor, move, _ in made] == [
        (8, dyads.AVALON, "claim_well"),
        (9, dyads.BRIGADOON, "cede_well"),
        (17, dyads.AVALON, "cede_well"),
    ]


MADE = "made from events"

Told = tuple[str, str, str, str, bool]
"""Actor, target, issue and move, and whether it was free to make another."""


def impossible(world: World, told: list[tuple[int, list[Told]]]) -> list[str]:
    """Moves whose matter was not open, or that were barred, by an account of its own; by step, the past first."""
    catalogue = dict(zip(world.menus.names, world.moves, strict=True))
    steps = {kind: 3.0 * one.half_life / world.dt_months + 1e-9 for kind, one in matters().items()}
    raised: dict[tuple[str, str, str, str], int] = {}
    rows = world.instances.rows
    standing = {(rows[row].kind, rows[row].actor, rows[row].target, rows[row].issue) for row in world.in_force}
    wrong: list[str] = []

    def is_barred(kind: str, actor: str, target: str) -> bool:
        ways = {(actor, target), (target, actor)} if world.kinds[kind].is_mutual else {(actor, target)}
        return any(one[0] == kind and one[1:3] in ways for one in standing)

    for step, moves in told:
        for actor, target, issue, move, is_free in moves:
            one = catalogue[move]
            asked = [(kind, target, actor, issue) for kind in one.presupposes]
            asked += [(kind, actor, target, issue) for kind in one.withdraws]
            if is_free and asked and not any(step - raised.get(key, -(10**6)) <= steps[key[0]] for key in asked):
                wrong.append(f"step {step}: {actor} makes {move} on {issue}, and nothing is open")
            if is_free and any(is_barred(kind, actor, target) for kind in one.barred_by):
                wrong.append(f"step {step}: {actor} makes {move} on {issue}, and it is barred")
        for actor, target, issue, move, _ in moves:
            for kind, is_own in catalogue[move].settles:
                raised.pop((kind, *((actor, target) if is_own else (target, actor)), issue), None)
        for actor, target, issue, move, _ in moves:
            raised |= {(kind, actor, target, issue): step for kind in catalogue[move].raises}
            pair = {actor, target}
            if step >= 0:
                ended = {one for one in standing if one[0] in catalogue[move].ends and {*one[1:3]} == pair}
                standing -= {one for one in ended if one[3] == issue}
                standing |= {(kind, actor, target, issue) for kind in catalogue[move].begins}
    return wrong


@pytest.mark.parametrize("name", [*shipped_names(), MADE])
def test_no_run_answers_what_nobody_raised_or_does_what_is_barred(name: str, full: bool) -> None:
    runs, scenario = (
        1000 if full else 30,
        scenario_from_events(pasts.past(), matters=True) if name == MADE else load(name),
    )
    record, world = run(scenario, runs=runs, seed=3).record, assemble(scenario)

    def told(channel: int, move: int, *, is_free: bool) -> Told:
        one = world.channels.rows[channel]
        return one.actor, one.target, one.issue, world.menus.names[move], is_free

    past: dict[int, list[Told]] = {}
    for one in world.past.moves:
        past.setdefault(one.step, []).append(told(one.channel, one.move, is_free=False))
    for which in range(runs):
        made: dict[int, list[Told]] = {}
        for row in np.flatnonzero((record.move_run == which) & (record.move_cause != STOPPED)).tolist():
            is_free = int(record.move_cause[row]) != SCHEDULE
            entry = told(int(record.move_channel[row]), int(record.move_id[row]), is_free=is_free)
            made.setdefault(int(record.move_step[row]), []).append(entry)
        assert not impossible(world, [*sorted(past.items()), *sorted(made.items())]), which
