"""The Mesa face: governments that perceive, decide and act, in runs that are those of the ensemble."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import mesa
import numpy as np
import pytest

import dyads
import tensionsim as ts
from tensionsim.agents import Actor, Decision, Perception
from tensionsim.engine.build import assemble
from tensionsim.engine.world import World
from tensionsim.errors import DecisionError
from tensionsim.model.record import CAUSES
from tensionsim.runs.run import simulated as chunk

SEED = 11
NAME = "trump2-petro-2025"
SCENARIOS = {
    NAME: {},
    "summit": {},
    "right-turn": {},
    "norland-suderia": {
        "parameters.acts_per_step": {"choice": [2, 3, 4, 5]},
        "parameters.bias": {"uniform": [-0.3, 0.3]},
    },
}
"""A history and none; rules, odds, checks, changes with alternatives, uncertain numbers, several acts in a step."""


@cache
def world(name: str) -> World:
    return assemble(ts.load(name, set=SCENARIOS[name]))


class Echo(ts.Government):
    """Hands in what the model would have it do, of its own accord."""

    def decide(self, perception: Perception) -> Iterable[Decision]:
        yield from self.own_choice(perception)


class Quiet(ts.Government):
    """Does nothing of its own accord."""

    def decide(self, perception: Perception) -> Iterable[Decision]:
        return []


def saying(*decisions: object) -> type[ts.Government]:
    """A kind of government that decides the same in every step."""

    class Stubborn(ts.Government):
        def decide(self, perception: Perception) -> Iterable[Decision]:
            return decisions  # type: ignore[return-value]

    return Stubborn


def stepped(of: ts.Scenario | World | str, steps: int = 1, **more: object) -> ts.TensionModel:
    model = ts.TensionModel(of, **more)
    for _ in range(steps):
        model.step()
    return model


def made_by(model: ts.TensionModel, actor: str) -> list[tuple[int, str, str]]:
    """Step, move and cause of what an actor did in a whole run."""
    record, there = model.record(), model.simulation.world
    return [
        (int(at), there.menus.names[move], CAUSES[cause])
        for at, row, move, cause in zip(
            record.move_step, record.move_channel, record.move_id, record.move_cause, strict=True
        )
        if there.channels.rows[row].actor == actor
    ]


@pytest.mark.parametrize("run", [0, 3, 4321])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_run_equals_the_same_run_of_the_ensemble_bit_for_bit(name: str, run: int) -> None:
    model = ts.TensionModel(world(name), seed=SEED, run=run)
    model.run_model()
    assert model.record().equals(chunk(world(name), SEED, run, 1))


@pytest.mark.parametrize("name", SCENARIOS)
def test_agents_that_hand_in_their_own_choice_change_no_bit(name: str) -> None:
    there = world(name)
    principals = [there.names.actors[row] for row in there.principals]
    model = ts.TensionModel(there, seed=SEED, run=5, agents=dict.fromkeys(principals, Echo))
    model.run_model()
    assert model.record().equals(chunk(there, SEED, 5, 1))


def test_an_ensemble_of_agents_equals_the_ensemble_of_arrays() -> None:
    of = ts.load(NAME)
    through_agents = ts.run(of, runs=3, seed=SEED, first_run=2, agents={"bogota": Echo})
    assert through_agents.equals(ts.run(of, runs=3, seed=SEED, first_run=2))


def test_the_collector_has_one_row_a_date_from_the_start_on() -> None:
    model = ts.TensionModel(ts.load(NAME), seed=11, run=3)
    while model.running:
        model.step()
    table, record = model.datacollector.get_model_vars_dataframe(), model.record()
    assert table["cooperation"].tolist() == record.cooperation[:, 0].tolist()
    assert table["date"].tolist() == record.dates.astype("datetime64[s]").tolist()
    assert table["rhetoric.bogota"].tolist() == record.rhetoric[:, 1, 0].tolist()
    assert table["cooperation.china"].tolist() == record.issue_cooperation[:, 3, 0].tolist()
    assert set(table["regime"]) <= {"rupture", "crisis", "strained", "pragmatic", "alliance"}


def test_past_its_end_a_model_stands_still() -> None:
    model = ts.TensionModel(dyads.scenario(end="2031-01-20"))
    model.run_model()
    record = model.record()
    model.step()
    assert (model.running, str(model.date), len(model.datacollector.model_vars["date"])) == (False, "2031-01-20", 3)
    assert model.record().equals(record)


def test_a_model_has_no_record_before_its_end() -> None:
    with pytest.raises(ValueError, match="under way, on 2025-01-27; step it while it is running"):
        stepped(NAME).record()


def test_a_scenario_may_be_given_as_its_name_itself_or_its_world() -> None:
    of = ts.load(NAME)
    found = [stepped(each, 3, run=2) for each in (NAME, of, assemble(of))]
    assert len({model.cooperation for model in found}) == 1
    assert {model.case.name for model in found} == {NAME}


def test_principals_are_governments_and_the_others_third_parties() -> None:
    model = ts.TensionModel(NAME, agents={"bogota": Quiet, "beijing": Quiet})
    kinds = {actor.name: type(actor) for actor in model.agents}
    assert kinds == {
        "washington": ts.Government,
        "bogota": Quiet,
        "caracas": ts.ThirdParty,
        "beijing": Quiet,
        "region": ts.ThirdParty,
    }
    assert repr(model.actors["caracas"]) == "<ThirdParty caracas>"


def test_agents_can_be_read() -> None:
    bogota = stepped(NAME, 30, seed=SEED).actors["bogota"]
    attributes = bogota.model.case.file.leaders["petro"]
    assert bogota.leader == "petro"
    assert bogota.stances["migration"] == pytest.approx(attributes.stances["migration"], abs=0.2)
    assert sum(bogota.salience.values()) == pytest.approx(1.0)
    assert 0.0 < bogota.dependence["washington"] < 1.0
    assert set(bogota.conduct) == {"washington", "caracas", "beijing", "region"}
    assert 0.0 <= bogota.attention <= 1.0
    assert bogota.rhetoric > 0.0


def test_an_actor_without_a_leader_has_none() -> None:
    assert ts.TensionModel(dyads.scenario()).actors[dyads.AVALON].leader is None


def test_what_an_agent_sees_is_what_the_arrays_hold() -> None:
    model = ts.TensionModel(NAME, seed=SEED)
    perception = model.actors["bogota"].perceive()
    view, channels = perception.view, model.simulation.world.channels
    assert (str(perception.date), perception.cooperation) == ("2025-01-20", model.cooperation)
    mine = [row for row, channel in enumerate(channels.rows) if channel.actor == "bogota"]
    assert [channel.direction for channel in perception.channels] == view.direction[mine, 0].tolist()
    assert [channel.tone for channel in perception.channels] == view.seen.tone_fast[channels.mirror[mine], 0].tolist()
    assert all(list(channel.menu.values()) == sorted(channel.menu.values()) for channel in perception.channels)


def test_contributions_seen_make_the_direction_seen() -> None:
    for channel in stepped(NAME, 20, seed=SEED).actors["washington"].perceive().channels:
        unpredictability = 1.3
        assert sum(channel.contributions.values()) == pytest.approx(channel.direction * unpredictability)


def test_what_was_seen_stays_when_it_is_kept() -> None:
    model = ts.TensionModel(world("norland-suderia"), seed=SEED)
    kept, again = (model.actors["norland"].perceive() for _ in range(2))
    before = again.channels
    for _ in range(25):
        model.step()
    assert kept.channels == before
    assert model.actors["norland"].perceive().channels != before


def test_menus_seen_leave_out_what_cannot_be_made_now() -> None:
    model = ts.TensionModel(dyads.scenario(arrangements=["gate"]))
    (political, _) = model.actors[dyads.AVALON].perceive().channels
    assert dict(political.menu) == {"raise_toll": -8.0, "shut_gate": -6.0, "scold": -4.0, "bow": 4.0}


def test_a_decision_is_done_in_the_same_step() -> None:
    model = ts.TensionModel(dyads.quiet(end="2031-01-20"), agents={dyads.AVALON: saying(Decision("open_gate"))})
    gate = [one.kind for one in model.simulation.world.instances.rows].index("gate")
    model.step()
    assert model.simulation.state.in_force[gate, 0]
    assert [one.move for one in model.actors[dyads.AVALON].decisions] == ["open_gate"]


def test_decisions_are_recorded_as_own_moves() -> None:
    model = ts.TensionModel(dyads.quiet(end="2031-01-20"), agents={dyads.AVALON: saying(Decision("bow"))})
    model.run_model()
    assert made_by(model, dyads.AVALON) == [(0, "bow", "own"), (1, "bow", "own")]
    assert made_by(model, dyads.BRIGADOON) == []


def test_a_quiet_government_makes_only_moves_of_rules_and_the_schedule() -> None:
    results = ts.run(NAME, runs=2, seed=SEED, agents={"bogota": Quiet})
    moves = results.moves
    assert "own" not in set(moves.loc[moves["actor"] == "bogota", "cause"])
    assert "own" in set(moves.loc[moves["actor"] == "washington", "cause"])


def test_own_choices_can_be_amended() -> None:
    class Polite(ts.Government):
        def decide(self, perception: Perception) -> Iterable[Decision]:
            own = self.own_choice(perception)
            return [replace(one, move="make_statement") if one.move == "criticise" else one for one in own]

    plain, polite = (ts.TensionModel(NAME, run=1, agents={"bogota": kind}) for kind in (ts.Government, Polite))
    plain.run_model()
    polite.run_model()
    assert ("criticise", "own") in {(move, cause) for _, move, cause in made_by(plain, "bogota")}
    assert ("criticise", "own") not in {(move, cause) for _, move, cause in made_by(polite, "bogota")}


def test_the_schedule_goes_before_a_decision_in_its_channel() -> None:
    of = dyads.quiet(end="2031-01-20", schedule=[dyads.on("2031-01-06", dyads.AVALON, "scold")])
    model = ts.TensionModel(of, agents={dyads.AVALON: saying(Decision("bow"), Decision("share_maps"))})
    model.run_model()
    first = [(move, cause) for at, move, cause in made_by(model, dyads.AVALON) if at == 0]
    assert sorted(first) == [("scold", "schedule"), ("share_maps", "own")]


def test_a_lasting_move_decided_twice_is_made_once_and_a_word_twice() -> None:
    decided = [Decision("raise_toll"), Decision("bow"), Decision("raise_toll"), Decision("bow")]

    class Once(ts.Government):
        def decide(self, perception: Perception) -> Iterable[Decision]:
            return decided if self.model.steps == 1 else []

    model = ts.TensionModel(dyads.quiet(end="2031-01-20"), agents={dyads.AVALON: Once})
    model.run_model()
    assert sorted(move for _, move, _ in made_by(model, dyads.AVALON)) == ["bow", "bow", "raise_toll"]


def test_a_principal_means_the_other_one_where_it_names_no_target() -> None:
    model = stepped(NAME, 1, agents={"bogota": saying(Decision("criticise", issue="venezuela"))})
    rows = [row for row in model.simulation.world.channels.rows if row.actor == "bogota"]
    assert len({row.target for row in rows if row.issue == "venezuela"}) > 1
    assert model.actors["bogota"].decisions[0].target is None


@pytest.mark.parametrize(
    ("decided", "message"),
    [
        (Decision("prase", issue="drugs"), "bogota: no move 'prase'; did you mean 'praise'?"),
        (Decision("xyzzy"), "bogota: no move 'xyzzy'; it can abstain_oas_vote, accuse, "),
        (
            Decision("praise"),
            r"'praise'.* more than one meaning; it can praise towards washington on drugs; wash",
        ),
        (
            Decision("praise", target="beijing", issue="drugs"),
            r"cannot make .*it can praise towards washington on",
        ),
        (Decision("decertify"), "decertify is on no menu of its; it can abstain_oas_vote, accuse, "),
        ("praise", "bogota decided 'praise'; return a list of Decision"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_with_what_can(decided: object, message: str) -> None:
    with pytest.raises(DecisionError, match=message):
        stepped(NAME, agents={"bogota": saying(decided)})


def test_a_move_that_would_begin_what_is_in_force_is_refused() -> None:
    of = dyads.quiet(arrangements=["gate"])
    message = (
        "avalon cannot open_gate towards brigadoon on road on 2031-01-06, as what it begins is in force, or what it "
        "ends is not; it can raise_toll, shut_gate, scold, bow"
    )
    with pytest.raises(DecisionError, match=message):
        stepped(of, agents={dyads.AVALON: saying(Decision("open_gate"))})


def test_forgetting_to_return_decisions_is_told() -> None:
    class Forgetful(ts.Government):
        def decide(self, perception: Perception) -> Iterable[Decision]:
            self.own_choice(perception)  # type: ignore[return]

    with pytest.raises(DecisionError, match=r"bogota decided None; return a list of Decision, \[\] to do nothing"):
        stepped(NAME, agents={"bogota": Forgetful})


def test_agents_for_actors_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ts.TensionSimError, match=f"no actor lima in {NAME}; there is washington, bogota, caracas"):
        ts.run(NAME, runs=1, agents={"lima": Quiet})


@pytest.mark.parametrize("kind", [int, Quiet(stepped(NAME, 0), "bogota"), "Quiet"])
def test_agents_must_be_kinds_of_government(kind: object) -> None:
    with pytest.raises(TypeError, match="subclasses of Government or ThirdParty; not so: bogota"):
        ts.TensionModel(NAME, agents={"bogota": kind})


def test_seed_and_rng_are_two_words_for_one_thing() -> None:
    found = [stepped(NAME, 20, **given).cooperation for given in ({"seed": 4}, {"rng": 4}, {"rng": np.int64(4)})]
    assert len(set(found)) == 1
    assert (
        stepped(NAME, 20).cooperation
        == stepped(NAME, 20, seed=0).cooperation
        == stepped(NAME, 20, rng=None).cooperation
    )


def test_both_a_seed_and_an_rng_are_refused() -> None:
    with pytest.raises(ValueError, match="pass seed or rng, not both"):
        ts.TensionModel(NAME, seed=1, rng=1)


@pytest.mark.parametrize("given", [np.random.default_rng(1), 1.5, "7"])
def test_a_seed_must_be_a_whole_number(given: object) -> None:
    with pytest.raises(TypeError, match="a seed is a whole number"):
        ts.TensionModel(NAME, rng=given)


@pytest.mark.parametrize("given", [{"seed": -1}, {"run": -1}])
def test_seed_and_run_are_not_negative(given: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be >= 0"):
        ts.TensionModel(NAME, **given)


def test_the_random_numbers_of_mesa_are_left_to_agents() -> None:
    model = ts.TensionModel(NAME, seed=SEED, run=2)
    before = model.random.getstate(), model.rng.bit_generator.state
    model.run_model()
    assert (model.random.getstate(), model.rng.bit_generator.state) == before
    other = ts.TensionModel(NAME, seed=SEED, run=3)
    assert model.rng.random() == ts.TensionModel(NAME, seed=SEED, run=2).rng.random() != other.rng.random()


def test_the_batch_tools_of_mesa_run_it() -> None:
    parameters = {"scenario": NAME, "run": range(3)}
    rows = mesa.batch_run(ts.TensionModel, parameters, data_collection_period=1, display_progress=False)
    ensemble = ts.run(NAME, runs=3).record.cooperation
    for run in range(3):
        found = [row["cooperation"] for row in rows if row["run"] == run]
        assert len(found) >= len(ensemble) - 1  # Mesa 3.3 leaves out the last date
        assert found == ensemble[: len(found), run].tolist()


def test_a_model_is_freed_when_nobody_needs_it() -> None:
    model = stepped(NAME, 2)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_agents_keep_their_numbers_unique() -> None:
    model = ts.TensionModel(NAME)
    assert sorted(actor.unique_id for actor in model.agents) == [1, 2, 3, 4, 5]
    assert all(isinstance(actor, Actor) for actor in model.agents)


def test_a_model_can_be_run_for_some_steps_and_beyond_its_end() -> None:
    model = ts.TensionModel(NAME)

    def run_for(steps: int) -> None:
        if hasattr(model, "run_for"):
            model.run_for(steps)
        else:  # Mesa before 3.5
            for _ in range(steps):
                model.step()

    run_for(10)
    assert str(model.date) == "2025-03-31"
    run_for(1000)
    assert (str(model.date), model.running) == ("2026-08-10", False)
