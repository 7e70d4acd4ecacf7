"""The Mesa face: governments that perceive, decide and act, in runs that are those of the ensemble."""

from __future__ import annotations

import gc
import re
import sys
import warnings
import weakref
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache, partial

import mesa
import numpy as np
import pytest

import dyads
import tensionsim as ts
from tensionsim.agents import Actor
from tensionsim.engine.build import assemble
from tensionsim.engine.perception import Decision, Perception
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


def test_a_stepped_model_gives_results_of_the_dates_so_far() -> None:
    model = stepped(NAME, 5, seed=SEED, run=3)
    of_all, so_far = ts.run(NAME, runs=1, seed=SEED, first_run=3), model.results()
    assert so_far.index.equals(of_all.index.iloc[:6])
    assert so_far.moves.equals(of_all.moves[of_all.moves["date"] < so_far.index.index[-1]])
    assert so_far.ledger(run=3)["points"].sum() == pytest.approx(so_far.paths[3].iloc[-1] - 50.0)
    model.run_model()
    assert model.results().equals(of_all)


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


def test_indicators_and_arrangements_are_seen() -> None:
    model = ts.TensionModel(dyads.scenario(arrangements=["gate"]))
    (gate,) = model.actors[dyads.AVALON].perceive().in_force
    assert (gate.kind, gate.issue) == ("gate", "road")
    seen = stepped(NAME, 10).actors["bogota"].perceive()
    record = ts.run(NAME, runs=1).record
    assert list(seen.indicators.values()) == record.indicators[10, :, 0].tolist()


def test_the_moves_lately_made_and_received_are_those_of_three_months_and_the_history_before() -> None:
    model = ts.TensionModel(NAME, seed=SEED)
    there = model.simulation.world
    before = [one for one in there.past.moves if there.channels.rows[one.channel].actor == "bogota"]
    assert [one.date for one in model.actors["bogota"].perceive().made] == [
        one.date for one in before if one.step >= -13
    ]
    for _ in range(30):
        model.step()
    seen, done = model.actors["bogota"].perceive(), model.results().moves
    since = str(model.simulation.world.dates[30 - 13])
    for mine, column in ((seen.made, "actor"), (seen.received, "target")):
        wanted = done[(done[column] == "bogota") & (done["date"] >= since) & (done["cause"] != "stopped")]
        assert sorted((str(one.date), one.actor, one.target, one.move) for one in mine) == sorted(
            zip(wanted["date"].dt.strftime("%Y-%m-%d"), wanted["actor"], wanted["target"], wanted["move"], strict=True)
        )


def test_others_decisions_of_a_step_are_known_when_all_have_acted() -> None:
    seen: list[tuple[int, tuple[Decision, ...]]] = []

    class Watcher(ts.Government):
        def decide(self, perception: Perception) -> Iterable[Decision]:
            (other,) = (one for one in self.model.actors.values() if one is not self)
            seen.append((self.model.steps, other.decisions))
            return [Decision("bow")] * self.model.steps

    model = ts.TensionModel(
        dyads.quiet(end="2031-02-03"), agents=dict.fromkeys((dyads.AVALON, dyads.BRIGADOON), Watcher)
    )
    model.run_model()
    assert [(step, len(decisions)) for step, decisions in seen] == [
        (step, step - 1) for step in range(1, 5) for _ in range(2)
    ]


def test_what_the_model_draws_is_a_decision_too() -> None:
    model = ts.TensionModel(NAME, seed=SEED)
    drawn = []
    while model.running:
        model.step()
        drawn += model.actors["bogota"].decisions
    moves = model.results().moves
    assert len(drawn) >= ((moves["actor"] == "bogota") & (moves["cause"] == "own")).sum() > 0


class Patient(ts.Government):
    """Answers words harsher than it bears with an offer to talk; remembers, and draws by Mesa's luck."""

    def __init__(self, model: ts.TensionModel, name: str, bears: float = -0.3) -> None:
        super().__init__(model, name)
        self.bears, self.offers, self.began = bears, 0, (self.leader, self.conduct, self.stances)

    def decide(self, perception: Perception) -> Iterable[Decision]:
        yield from self.own_choice(perception)
        for channel in perception.channels:
            harsh = channel.tone < self.bears or any(one.goldstein < -5 for one in perception.received)
            if harsh and "offer_talks" in channel.menu and self.model.rng.random() < 0.3:
                self.offers += 1
                yield channel.make("offer_talks")


@pytest.mark.parametrize("chunk_runs", [1, 3, 100])
def test_an_ensemble_of_own_agents_is_that_of_their_models(chunk_runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensionsim.runs.run.even_size", lambda *_: chunk_runs)
    agents = {"bogota": partial(Patient, bears=-0.1), "washington": Patient, "beijing": Quiet}
    of = ts.load(NAME, set={"end": "2025-07-01"})
    ensemble = ts.run(of, runs=7, seed=SEED, first_run=2, agents=agents)
    for run in (2, 5, 8):
        model = ts.TensionModel(of, seed=SEED, run=run, agents=agents)
        model.run_model()
        assert model.actors["bogota"].offers > 0
        assert model.record().equals(ensemble.record.some(slice(run - 2, run - 1), 2))


def test_parameters_of_agents_can_be_varied_in_a_batch() -> None:
    class Bearing(ts.TensionModel):
        def __init__(self, bears: float, **more: object) -> None:
            super().__init__(NAME, agents={"bogota": partial(Patient, bears=bears)}, **more)

    rows = mesa.batch_run(Bearing, {"bears": [-1.0, 0.5], "run": [3]}, display_progress=False)
    ends = [row["cooperation"] for row in rows]
    assert len(set(ends)) == 2


def test_an_agent_made_on_a_model_takes_its_part() -> None:
    model = ts.TensionModel(NAME, seed=SEED)
    before = model.actors["beijing"]
    now = Quiet(model, "beijing")
    assert (model.actors["beijing"], before in model.agents, now in model.agents) == (now, False, True)
    model.run_model()
    beginning = ts.TensionModel(NAME, seed=SEED, agents={"beijing": Quiet})
    beginning.run_model()
    assert model.record().equals(beginning.record())


def test_a_third_party_that_is_removed_does_nothing_any_more() -> None:
    model = ts.TensionModel(NAME, seed=SEED)
    model.actors["beijing"].remove()
    model.run_model()
    silent = ts.TensionModel(NAME, seed=SEED, agents={"beijing": Quiet})
    silent.run_model()
    assert "beijing" not in model.actors
    assert model.record().equals(silent.record())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda model: Quiet(model, "lima"), "no actor lima in .*; there is washington.*add it to the scenario"),
        (lambda model: model.actors["bogota"].remove(), "bogota is one of the two .* cannot be removed"),
        (lambda model: model.remove_all_agents(), "washington is one of the two .* cannot be removed"),
    ],
)
def test_what_cannot_be_changed_leaves_the_model_whole(
    change: Callable[[ts.TensionModel], object], message: str
) -> None:
    model = stepped(NAME, 3, seed=SEED)
    with pytest.raises(ts.TensionSimError, match=message):
        change(model)
    model.run_model()
    assert model.record().equals(ts.run(NAME, runs=1, seed=SEED).record)


@pytest.mark.smoke
def test_a_step_that_fails_can_be_taken_again() -> None:
    class Torn(ts.Government):
        fails = True

        def decide(self, perception: Perception) -> Iterable[Decision]:
            yield from self.own_choice(perception)
            if self.fails:
                yield Decision("prase")

    model = ts.TensionModel(NAME, seed=SEED, agents={"washington": Echo, "bogota": Torn})
    with pytest.raises(DecisionError, match="no move 'prase'") as failure:
        model.step()
    assert failure.value.__notes__ == [
        "when it was the turn of bogota, in run 0",
        f"in the step from 2025-01-20 of run 0, seed {SEED}",
    ]
    model.actors["bogota"].fails = False
    model.run_model()
    assert model.record().equals(ts.run(NAME, runs=1, seed=SEED).record)


@pytest.mark.skipif(not hasattr(ts.TensionModel, "run_for"), reason="Mesa runs for a time from 3.5 on")
@pytest.mark.parametrize("advance", ["run_for", "run_until"])
def test_a_step_that_fails_on_the_way_is_the_last_and_is_told(advance: str) -> None:
    class Torn(ts.Government):
        def step(self) -> None:
            asked.append(self.model.date)
            raise RuntimeError("torn")

    asked: list[object] = []
    model = ts.TensionModel(NAME, seed=SEED, agents={"bogota": Torn})
    with pytest.raises(RuntimeError, match="torn"):
        getattr(model, advance)(3)
    assert len(asked) == 1


def test_a_slip_of_an_agent_that_is_set_up_is_its_own() -> None:
    class Torn(ts.Government):
        def __init__(self, model: ts.TensionModel, name: str) -> None:
            super().__init__(model, name)
            self.patience.wanes()  # type: ignore[attr-defined]

    with pytest.raises(AttributeError, match="no attribute 'patience'"):
        ts.TensionModel(NAME, agents={"bogota": Torn})


def test_an_agent_may_be_given_its_ways_one_by_one() -> None:
    def quiet(model: ts.TensionModel, name: str) -> Actor:
        made = ts.Government(model, name)
        made.decide = lambda perception: []  # type: ignore[method-assign]
        return made

    of = ts.load(NAME, set={"end": "2025-07-01"})
    found = [ts.run(of, runs=3, agents={"bogota": kind}) for kind in (quiet, Quiet)]
    assert found[0].equals(found[1])


def test_other_agents_of_mesa_are_stepped_with_the_governments() -> None:
    class Journalist(mesa.Agent):  # type: ignore[misc]
        read = 0

        def step(self) -> None:
            self.read += 1

    model = ts.TensionModel(NAME, seed=SEED)
    journalist = Journalist(model)
    model.run_model()
    assert (journalist.read, journalist.unique_id) == (model.steps, 6)
    assert model.record().equals(ts.run(NAME, runs=1, seed=SEED).record)


def test_reporters_of_ones_own_are_taken_down_beside_ours() -> None:
    model = ts.TensionModel(
        NAME,
        model_reporters={"talks": lambda model: len(model.actors["bogota"].decisions), "end": "regime"},
        agent_reporters={"rhetoric": "rhetoric", "decided": lambda actor: len(actor.decisions)},
    )
    model.step()
    table, of_agents = (getattr(model.datacollector, f"get_{kind}_vars_dataframe")() for kind in ("model", "agent"))
    assert table[["talks", "end"]].shape == (2, 2)
    assert of_agents["rhetoric"].loc[1, 2] == model.actors["bogota"].rhetoric


def test_an_actor_without_a_leader_has_none() -> None:
    assert ts.TensionModel(dyads.scenario()).actors[dyads.AVALON].leader is None


def test_what_an_agent_sees_is_what_the_arrays_hold() -> None:
    model = ts.TensionModel(NAME, seed=SEED)
    perception = model.actors["bogota"].perceive()
    view, channels = perception.moment.tables.view, model.simulation.world.channels
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
    kept = model.actors["norland"].perceive()

    def told(seen: Perception) -> object:
        of_channels = [(c.rate, c.direction, c.tone, c.conduct, dict(c.menu), c.contributions) for c in seen.channels]
        return of_channels, seen.indicators, seen.in_force, seen.made, seen.received, seen.own_choice

    before = told(model.actors["norland"].perceive())
    for _ in range(25):
        model.step()
    assert told(kept) == before
    assert told(model.actors["norland"].perceive()) != before


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
        (Decision("xyzzy"), r"bogota: no move 'xyzzy'; its \d+ moves stand on the menus of its channels"),
        (Decision("resume_aerial"), "bogota: no move 'resume_aerial'; did you mean '[a-z_]+' or '[a-z_]+'"),
        (Decision("praise"), r"'praise'.* more than one meaning; it can praise towards washington on drugs; wash"),
        (Decision("praise", target="beijing", issue="drugs"), r"cannot make .*it can praise towards washington on"),
        (Decision("decertify"), "decertify is on no menu of its; "),
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


@pytest.mark.parametrize("given", ["offer_talks", {"move": "offer_talks"}])
def test_what_is_no_list_of_decisions_is_told_whole(given: object) -> None:
    class Terse(ts.Government):
        def decide(self, perception: Perception) -> Iterable[Decision]:
            return given  # type: ignore[return-value]

    with pytest.raises(DecisionError, match=re.escape(f"bogota decided {given!r}; return a list of Decision")):
        stepped(NAME, agents={"bogota": Terse})


def test_agents_for_actors_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ts.TensionSimError, match=f"no actor lima in {NAME}; there is washington, bogota, caracas"):
        ts.run(NAME, runs=1, agents={"lima": Quiet})


@pytest.mark.parametrize("kind", [int, "Quiet", lambda model, name: None, lambda model, name: Quiet(model, "caracas")])
def test_agents_must_be_kinds_of_government(kind: object) -> None:
    with pytest.raises(TypeError, match=r"subclasses of Government or ThirdParty.*; not so: bogota, given"):
        ts.TensionModel(NAME, agents={"bogota": kind})


def test_an_agent_that_forgets_to_be_set_up_is_told() -> None:
    class Forgetful(ts.Government):
        def __init__(self, model: ts.TensionModel, name: str) -> None:
            self.patience = 2

    with pytest.raises(TypeError, match=r"bogota: Forgetful .*did its __init__ call super\(\).__init__\(model, name\)"):
        ts.TensionModel(NAME, agents={"bogota": Forgetful})


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


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seed": -1}, r"^seed must be a whole number >= 0; got -1"),
        ({"run": -1}, r"^run must be a whole number >= 0; got -1"),
        ({"sed": 1}, r"TensionModel\(\) has no option 'sed'; did you mean 'seed'"),
        ({"agents": [Quiet]}, r'agents are given by actor, as in {"washington": Kind}; got \[<class'),
        ({"mechanisms": ts.Mechanism("none", len, {})}, r"mechanisms are a list of Mechanism, as in \[one\]; got Mech"),
        ({"model_reporters": {"cooperation": len}}, "there is a column cooperation already; give yours another name"),
    ],
)
def test_what_a_model_cannot_be_made_of_is_told(given: dict[str, object], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
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


def test_a_page_without_its_packages_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mesa.visualization", None)
    with pytest.raises(ts.TensionSimError, match=r"pip install 'tensionsim\[viz\]'"):
        ts.page(NAME)


def test_a_page_of_a_model_opens() -> None:
    solara = pytest.importorskip("solara", reason="the extra viz is not installed")
    vuetify = pytest.importorskip("ipyvuetify", reason="the extra viz is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Mesa's page breaks rules of solara's
        _, rendered = solara.render(ts.page(NAME, agents={"bogota": Quiet}, run=2), handle_error=False)
    assert len(rendered.find(vuetify.Tabs)) == 1
