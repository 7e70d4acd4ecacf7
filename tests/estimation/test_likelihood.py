"""The likelihood against the engine that it describes, against a slow one, and against its own differences."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings, strategies as some

import dyads
from oracles import simulation_at
from perceptions import CHANNELS, perception
from tensionsim.engine.build import assemble
from tensionsim.engine.run import names_of, simulate
from tensionsim.engine.simulation import Simulation
from tensionsim.engine.step import View
from tensionsim.estimation.cells import COUNTED, NOT_LINEAR, PARTS, RATES, SHAPES, UNSEEN, rate_columns, slopes
from tensionsim.estimation.likelihood import Likelihood
from tensionsim.estimation.window import perceived
from tensionsim.events.history import Reading, history_of_moves
from tensionsim.model import choice
from tensionsim.model.mechanisms import MECHANISMS as ALL, Mechanism, Places
from tensionsim.model.structure import Channel, Floats
from tensionsim.replication import simulated_history
from tensionsim.rng import RandomStreams
from tensionsim.scenario.names import catalogue_of
from tensionsim.scenario.scenario import Scenario, load

SOME_STEPS = (3, 92, 200, 301, 390)


@cache
def observed() -> Likelihood:
    return Likelihood.of("us-colombia-2017", until="2024-12-31")


def likelihood_of_run(scenario: Scenario, run: int = 0, seed: int = 0) -> Likelihood:
    """The likelihood of a run under the scenario that made it."""
    world = assemble(scenario)
    record = simulate(world, RandomStreams(seed, run, 1))
    return Likelihood.of(scenario, simulated_history(scenario, record, names_of(world), run))


ANSWERS = {
    "claim": dyads.move(-3.0, raises=["demand"]),
    "cede": dyads.move(5.0, answers="yields", raises=["concession"], frequency=3),
    "keep": dyads.move(-4.0, answers="refuses"),
    "accuse": dyads.move(-2.0, raises=["charge"]),
    "deny": dyads.move(-2.0, answers="denies"),
    "strike": dyads.move(-7.0, kind="material", raises=["measure"]),
    "relent": dyads.move(4.0, kind="material", answers="relieves"),
    "help": dyads.move(5.0, "technical", "material", answers="complies"),
    "hide_maps": dyads.move(-5.0, "technical"),
    "bow": dyads.move(4.0),
}


def answering(**more: float) -> Scenario:
    """A dyad whose moves answer one another, with a weight for each way, and classes of moves by actor."""
    parameters = {"matters": 0.6, "yields": 0.8, "refuses": 0.5, "denies": 0.9, "complies": 0.7, "relieves": 0.4}
    actors = {
        dyads.AVALON: {"rhetoric": 0.4, "dependence": {dyads.BRIGADOON: 0.2}, "verbal_conflict": 0.5},
        dyads.BRIGADOON: {"rhetoric": 0.7, "dependence": {dyads.AVALON: 0.8}, "material_conflict": -0.4},
    }
    return dyads.scenario(
        moves=ANSWERS,
        actors=actors,
        mechanisms={name: {"answers": 0.6} for name in ("concession", "defiance", "politicisation")},
        parameters=parameters | {"base_political": 1.5, "base_technical": 1.0} | more,
        end="2033-01-03",
    )


def half_recorded(scenario: Scenario) -> Likelihood:
    """The likelihood of a run of which half of what was raised is not recorded, so that answers stand alone."""
    world = assemble(scenario)
    whole = simulated_history(scenario, simulate(world, RandomStreams(0, 0, 1)), names_of(world), 0)
    raises = np.isin(whole.move, [row for row, name in enumerate(whole.moves) if name in ("claim", "accuse", "strike")])
    kept = ~raises | (np.cumsum(raises) % 2 == 0)
    columns = {one.name: getattr(whole, one.name) for one in fields(whole)}
    rows = {name: column[kept] for name, column in columns.items() if isinstance(column, np.ndarray)}
    return Likelihood.of(scenario, replace(whole, **rows))


@cache
def answered() -> Likelihood:
    return half_recorded(answering())


@cache
def lively() -> Likelihood:
    return half_recorded(answering(overdispersion=0.4, imitation=0.3))


def slow(likelihood: Likelihood) -> float:
    """The log-probability of a window, step by step from the engine's own view, with plain sums and no features."""
    window = likelihood.states.window
    course, world, total, unseen, seen = window.course, window.world, 0.0, 0, 0
    cap = int(likelihood.states.settings.get("parameters.acts_per_step")[0])
    for step in np.flatnonzero(window.counts).tolist():
        now = simulation_at(window, step)
        view = View(now)
        for channel in np.flatnonzero(window.observes & (world.menus.is_open[:, 0] > 0.0)).tolist():
            if likelihood.states.taken[channel, step]:
                continue
            made = course.move[(course.step == step) & (course.channel == channel)]
            mean = float(view.rate[channel, 0]) * world.dt_months
            total += log_poisson(min(len(made), cap), mean, cap)
            if len(made):
                places = np.full(1, channel), np.zeros(1, np.int64)
                odds = choice.weights(world.menus, places[0], view.tastes(*places), now.availability.open_at(*places))[
                    :, 0
                ]
                menu = world.menus.move[: world.menus.size[channel], channel].tolist()
                hidden = unasked(now, channel, menu, view.tastes(*places))
                for move in made.tolist():
                    odd = odds[menu.index(move)] if move in menu else 0.0
                    total += math.log(odd / odds.sum()) if odd > 0.0 else 0.0
                    total += math.log(hidden[move] / sum(hidden.values())) if move in hidden else 0.0
                    unseen += move in hidden
                    seen += odd > 0.0 and bool((world.menus.way[:, channel] >= 0).any())
    return total + log_urn(unseen, seen)


def unasked(now: Simulation, channel: int, menu: list[int], taste: choice.Taste) -> dict[int, float]:
    """The odds, by move, of answers that could be given if only somebody had asked."""
    menus, found = now.world.menus, dict[int, float]()
    asked = replace(now.state, matters=np.ones_like(now.state.matters))
    odds = choice.weights(menus, np.array([channel]), taste, np.ones((1, menus.slots), np.uint8))[:, 0]
    for slot, move in enumerate(menu):
        if (
            not choice.can_be_made(menus, move, channel, now.state.in_force, now.state.matters)[0]
            and (choice.can_be_made(menus, move, channel, now.state.in_force, asked.matters)[0])
        ):
            found[move] = float(odds[slot])
    return found


def log_urn(unseen: int, seen: int) -> float:
    """Of so many answers to what nobody recorded, one after the other, as if one of ten had been so before."""
    total = sum(math.log((1 + at) / (10 + at)) for at in range(unseen))
    return total + sum(math.log((9 + at) / (10 + unseen + at)) for at in range(seen))


def log_poisson(acts: int, mean: float, cap: int) -> float:
    """Of so many acts, or of the cap and more."""
    if acts < cap:
        return acts * math.log(mean) - mean - math.lgamma(acts + 1) if acts else -mean
    below = sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(cap))
    return math.log1p(-below)


def tastes_of(likelihood: Likelihood) -> Floats:
    """What moves are worth in choice cells by each of the parts, shape (part, choice cell)."""
    found = np.zeros((len(PARTS), len(likelihood.risk_set.choices.cell)))
    vector = likelihood.values
    found[likelihood.design.used] = likelihood._tastes(vector, likelihood.design.bent(vector))
    return found


class TestTheFeatures:
    @pytest.mark.parametrize(
        ("of", "step"), [*((observed, step) for step in SOME_STEPS), (answered, 30), (answered, 90)]
    )
    def test_rates_are_the_engines(self, of: Callable[[], Likelihood], step: int) -> None:
        likelihood = of()
        seen = perceived(likelihood.states, {})
        total = np.zeros((len(likelihood.states.window.world.channels), likelihood.states.steps))
        for name, column in rate_columns(likelihood.states, seen).items():
            total += column * seen.numbers.engine[name]
        rate = View(simulation_at(likelihood.states.window, step)).rate[:, 0]
        np.testing.assert_allclose(total[:, step], rate, rtol=1e-12, atol=1e-12)

    @pytest.mark.parametrize("of", [observed, answered])
    def test_directions_and_choices_are_the_engines(self, of: Callable[[], Likelihood], full: bool) -> None:
        likelihood = of()
        states, choices = likelihood.states, likelihood.risk_set.choices
        tastes, menu = tastes_of(likelihood), choices
        menus = states.window.world.menus
        for place in range(0, choices.seen, 5 if full else 17):
            channel = likelihood.risk_set.channel[choices.cell[place]]
            now = simulation_at(states.window, int(likelihood.risk_set.step[choices.cell[place]]))
            here = np.array([channel]), np.zeros(1, np.int64)
            view = View(now)
            assert tastes[0, place] == pytest.approx(view.direction[channel, 0], abs=1e-10)
            odds = choice.weights(menus, here[0], view.tastes(*here), now.availability.open_at(*here))[:, 0]
            classes = np.exp(tastes[:, place] @ menu.made[:, place] + menu.log_weight[place])
            for score in np.unique(menus.score[: menus.size[channel], channel]):
                engine = odds[: menus.size[channel]][menus.score[: menus.size[channel], channel] == score].sum()
                ours = classes[menu.made[0, place] == score].sum()
                assert ours / classes.sum() == pytest.approx(engine / odds.sum(), abs=1e-10)

    @pytest.mark.parametrize("path", list(SHAPES)[:3])
    def test_other_half_lives_are_those_of_a_scenario_that_has_them(self, path: str) -> None:
        scenario = load("trump2-petro-2025")
        changed = Likelihood.of(scenario.with_values({path: 0.8}), until="2025-06-30")
        shaped = Likelihood.of(scenario, until="2025-06-30").with_shapes({path: 0.8})
        assert shaped.value(shaped.values) == pytest.approx(changed.value(changed.values), abs=1e-9)

    @pytest.mark.parametrize("mechanism", ALL, ids=lambda one: one.name)
    @given(seed=some.integers(0, 10_000))
    def test_mechanisms_are_linear_in_their_strengths(self, mechanism: Mechanism, seed: int) -> None:
        rng = np.random.default_rng(seed)
        channel = np.arange(len(CHANNELS))
        seen = replace(perception(seed, runs=1, attribute_runs=1), places=Places(channel, np.zeros_like(channel)))
        values = {name: np.array([rng.uniform(0.0, one.high / 4)]) for name, one in mechanism.parameters.items()}
        names = [name for name in values if f"mechanisms.{mechanism.name}.{name}" not in NOT_LINEAR]
        parts = slopes(mechanism, seen, values, names) @ np.array([values[name][0] for name in names])
        np.testing.assert_allclose(parts, mechanism.contribution(seen, values), rtol=1e-10, atol=1e-12)


class TestTheValue:
    def test_it_is_the_sum_of_what_the_engine_gives_to_each_step(self) -> None:
        evenly = dict.fromkeys(("parameters.overdispersion", "parameters.imitation"), 0.0)
        scenario = load("trump2-petro-2025").without_draws().with_values(evenly)
        likelihood = Likelihood.of(scenario, until="2025-04-30")
        assert not likelihood.states.asked
        assert likelihood.value(likelihood.values) == pytest.approx(slow(likelihood), abs=1e-9)

    def test_so_it_is_of_a_simulated_run_with_many_acts_a_step(self) -> None:
        busy = dyads.scenario(parameters={"base_political": 12.0, "base_technical": 6.0, "acts_per_step": 3})
        likelihood = likelihood_of_run(busy)
        assert likelihood.risk_set.is_capped.sum() > 10
        assert likelihood.value(likelihood.values) == pytest.approx(slow(likelihood), abs=1e-8)

    def test_so_it_is_of_answers_some_of_them_to_what_nobody_recorded(self) -> None:
        likelihood = answered()
        assert likelihood.risk_set.account[UNSEEN] >= 5
        assert likelihood.value(likelihood.values) == pytest.approx(slow(likelihood), abs=1e-8)

    @pytest.mark.parametrize(
        ("before", "as_unseen", "as_seen"),
        [
            (0, 1 / 10, 9 / 10),
            (1, 1 / 10 * 9 / 11, 9 / 10 * 10 / 11),
            (2, 1 / 10 * 9 / 11 * 10 / 12, 9 / 10 * 10 / 11 * 11 / 12),
        ],
    )
    @pytest.mark.parametrize(("answer", "share"), [("cede", 3 / 4), ("keep", 1 / 4)])
    def test_an_answer_to_what_nobody_recorded_is_chosen_among_such_answers_alone(
        self, answer: str, share: float, before: int, as_unseen: float, as_seen: float
    ) -> None:
        """By hand: `cede` is three times as frequent as `keep`, a bow as frequent as a claim; nothing else counts."""
        scenario = dyads.scenario(
            moves={name: ANSWERS[name] for name in ("claim", "cede", "keep", "bow")},
            mechanisms={one.name: "off" for one in ALL},
            parameters={"bias": 0.0, "intensity": 0.0, "yields": 2.0},
        )
        moves = catalogue_of(scenario.file.moves, scenario.file.arrangement_kinds).moves

        def value(last: str) -> float:
            days = [
                (dt.date(2031, 2 + at, 3), dyads.AVALON, dyads.BRIGADOON, "road", moves["bow"]) for at in range(before)
            ]
            days += [(dt.date(2031, 6, 2), dyads.BRIGADOON, dyads.AVALON, "road", moves[last])]
            span = scenario.file.start, scenario.file.end - dt.timedelta(days=1)
            past = history_of_moves("past", days, Reading("past", "made up", 1, 1), observed=span, held=None)
            likelihood = Likelihood.of(scenario, past)
            assert likelihood.risk_set.account[UNSEEN] == (last != "bow")
            return likelihood.value(likelihood.values)

        expected = math.log(share * as_unseen) - math.log(1 / 2 * as_seen)
        assert value(answer) - value("bow") == pytest.approx(expected, abs=1e-9)

    def test_scheduled_moves_are_nobodys_choice(self) -> None:
        scheduled = [dyads.on("2031-02-03", dyads.AVALON, "raise_toll")]
        likelihood = likelihood_of_run(dyads.scenario(schedule=scheduled))
        assert likelihood.risk_set.account["acts of the schedule are nobody's choice"] == 1
        assert likelihood.value(likelihood.values) == pytest.approx(slow(likelihood), abs=1e-9)

    def test_a_rule_makes_a_mixture(self) -> None:
        rule = {"when": {"cooperation": "index", "above": 0}, "move": "scold", "issue": "road", "chance": 0.3}
        actors = {dyads.AVALON: {"attention": 0.4, "rules": {"grumble": rule}}}
        likelihood = likelihood_of_run(dyads.scenario(actors=actors))
        plain = replace_rules(likelihood)
        asked = likelihood.states.asked
        seen = [one for one in asked if one.is_seen]
        assert len(seen) > 2
        assert len(asked) == likelihood.states.steps
        expected = plain.value(plain.values) + (len(asked) - len(seen)) * math.log(0.7)
        for one in seen:
            own = cell_value(plain, one.channel, one.step)
            expected += math.log(0.3 + 0.7 * math.exp(own)) - own
        assert likelihood.value(likelihood.values) == pytest.approx(expected, abs=1e-9)

    def test_what_a_rule_does_for_certain_says_nothing_of_the_actor(self) -> None:
        rule = {"when": {"cooperation": "index", "above": 0}, "move": "scold", "issue": "road", "chance": 1.0}
        actors = {dyads.AVALON: {"rules": {"grumble": rule}}}
        likelihood = likelihood_of_run(dyads.scenario(actors=actors, parameters={"base_technical": 3.0}))
        assert (
            likelihood.risk_set.account["acts of rules that always act are nobody's choice"] == likelihood.states.steps
        )
        mine = likelihood.states.window.world.channels.index(Channel(*dyads_channel()))
        assert not likelihood.risk_set.quiet[mine].any()
        assert mine not in likelihood.risk_set.channel

    def test_it_is_minus_infinity_where_an_act_came_at_rate_0(self) -> None:
        likelihood = observed()
        rows = [one.path.removeprefix("parameters.") in RATES for one in likelihood.coefficients]
        assert likelihood.value(np.where(rows, 0.0, likelihood.values)) == -math.inf

    def test_stretches_without_records_do_not_count(self) -> None:
        gap = (dt.date(2020, 1, 1), dt.date(2020, 12, 31))
        whole, part = observed(), Likelihood.of("us-colombia-2017", until="2024-12-31", missing=[gap])
        window = whole.states.window
        dropped = window.counts & ~part.states.window.counts
        lost = (dropped[window.course.step] & window.observes[window.course.channel]).sum()
        assert dropped.sum() == 53
        assert whole.risk_set.account[COUNTED] - part.risk_set.account[COUNTED] == lost > 0
        assert part.value(part.values) > whole.value(whole.values)


def dyads_channel() -> tuple[str, str, str, str]:
    return dyads.AVALON, dyads.BRIGADOON, "road", "political"


def replace_rules(likelihood: Likelihood) -> Likelihood:
    """The likelihood as if no rule had been asked."""
    from tensionsim.estimation.cells import design_of, repeats, risk_set_of

    states = replace(likelihood.states, asked=())
    risk_set = risk_set_of(states)
    design = design_of(states, risk_set, likelihood.coefficients)
    return Likelihood(states, risk_set, design, likelihood.coefficients, repeats(states, risk_set))


def cell_value(likelihood: Likelihood, channel: int, step: int) -> float:
    """Log-probability of one active cell: what is lost when it alone is left out."""
    window = likelihood.states.window
    taken = likelihood.states.taken.copy()
    taken[channel, step] = True
    assert window.observes[channel]
    without = replace_rules(Likelihood(replace(likelihood.states, taken=taken), *rest(likelihood)))
    return likelihood.value(likelihood.values) - without.value(likelihood.values)


def rest(likelihood: Likelihood) -> tuple:
    return likelihood.risk_set, likelihood.design, likelihood.coefficients, likelihood.repeats


class TestTheDerivatives:
    @given(seed=some.integers(0, 10_000))
    @settings(max_examples=15, deadline=None)
    def test_they_are_the_limits_of_differences(self, seed: int) -> None:
        check_derivatives(observed(), seed)

    @given(seed=some.integers(0, 10_000))
    @settings(max_examples=5, deadline=None)
    def test_they_are_so_with_caps_and_rules(self, seed: int) -> None:
        check_derivatives(mixed(), seed)

    @pytest.mark.parametrize("of", [answered, lively])
    @given(seed=some.integers(0, 10_000))
    @settings(max_examples=3, deadline=None)
    def test_they_are_so_with_matters_classes_and_ways(self, of: Callable[[], Likelihood], seed: int) -> None:
        paths = {one.path for one in of().coefficients}
        assert {"parameters.matters", "parameters.yields", "mechanisms.defiance.answers"} <= paths
        assert f"actors.{dyads.AVALON}.material_conflict" in paths
        check_derivatives(of(), seed)


@cache
def mixed() -> Likelihood:
    rule = {"when": {"cooperation": "index", "above": 0}, "move": "scold", "issue": "road", "chance": 0.3}
    actors = {dyads.AVALON: {"attention": 0.4, "rules": {"grumble": rule}}}
    return likelihood_of_run(dyads.scenario(actors=actors, parameters={"base_political": 9.0, "acts_per_step": 3}))


def check_derivatives(likelihood: Likelihood, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vector = likelihood.values * rng.uniform(0.5, 1.5, len(likelihood.values)) + 0.01
    _, gradient, hessian = likelihood.evaluate(vector)
    step = 1e-6 * np.maximum(np.abs(vector), 0.1)
    for row, size in enumerate(step):
        axis = np.zeros_like(vector)
        axis[row] = size
        ahead, behind = likelihood.evaluate(vector + axis), likelihood.evaluate(vector - axis)
        scale = 1.0 + abs(gradient[row])
        assert (ahead[0] - behind[0]) / (2.0 * size) == pytest.approx(gradient[row], abs=2e-4 * scale)
        found = (ahead[1] - behind[1]) / (2.0 * size)
        np.testing.assert_allclose(found, hessian[row], rtol=1e-3, atol=1e-3 * (1.0 + np.abs(hessian[row]).max()))


class TestTheScore:
    """At the true coefficients the gradient is 0 on average: a false likelihood would pull away from the truth."""

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", ["plain", "capped", "with a rule"])
    def test_it_is_0_on_average_over_simulated_runs(self, kind: str, full: bool) -> None:
        scores = np.array([score(kind, run) for run in range(120 if full else 40)])
        spread = scores.std(axis=0, ddof=1) / math.sqrt(len(scores))
        told = spread > 1e-9
        assert told.sum() >= 8
        assert np.abs(scores.mean(axis=0)[told] / spread[told]).max() < 4.0


def score(kind: str, run: int) -> Floats:
    rule = {"when": {"cooperation": "index", "above": 0}, "move": "scold", "issue": "road", "chance": 0.2}
    fleeting = {name: one for name, one in dyads.MOVES.items() if not {"begins", "ends"} & set(one)}
    busy = {"base_political": 2.0, "base_technical": 2.0}
    given_to = {
        "plain": {"parameters": busy},
        "capped": {"parameters": {"base_political": 8.0, "acts_per_step": 2}, "moves": fleeting},
        "with a rule": {"actors": {dyads.AVALON: {"attention": 0.5, "rules": {"grumble": rule}}}, "parameters": busy},
    }
    likelihood = likelihood_of_run(dyads.scenario(**given_to[kind]), run, seed=5)
    return likelihood.evaluate(likelihood.values)[1]
