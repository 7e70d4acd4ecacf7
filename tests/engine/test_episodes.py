"""Episodes: acts of both sides that come together and are of a kind."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

import tensionsim as ts
from tensionsim.engine.build import assemble
from tensionsim.model import choice, choice as episodes
from tensionsim.rng import Purpose, RandomStreams
from tensionsim.scenario.scenario import Scenario, from_text

PAIR = """\
tensionsim: 1
title: Two neighbours
start: 2001-01-01
end: 2002-01-01
principals: [north, south]
issues: {border: {}}
actors:
  north: {stances: {border: 0.6}, attention: 1.0, repertoire: [talk, shout, strike]}
  south: {stances: {border: 0.4}, attention: 0.5, repertoire: [talk, shout, strike]}
moves:
  talk: {cameo: "04", goldstein: 1.0, kind: verbal, track: political, frequency: 1, description: Talks.}
  shout: {cameo: "11", goldstein: -2.0, kind: verbal, track: political, frequency: 1, description: Shouts.}
  strike: {cameo: "19", goldstein: -10.0, kind: material, track: political, frequency: 1, description: Strikes.}
mechanisms: {inertia: off, reciprocity: off, disagreement: off, politicisation: off, concession: off, defiance: off,
  rupture_avoidance: off, insulation: off, triangularity: off, performance: off, diversification: off, contagion: off}
parameters: {base_political: 6, base_technical: 0, own_fast: 0, own_slow: 0, other_fast: 0, other_slow: 0, bias: 0,
  intensity: 0, cost: 0, acts_per_step: 100, overdispersion: %s, imitation: %s}
"""


def pair(overdispersion: float = 0.0, imitation: float = 0.0) -> Scenario:
    return from_text(PAIR % (overdispersion, imitation), "pair")


def counts_of(scenario: Scenario, runs: int) -> np.ndarray:
    """Acts by side, step and run, shape (2, step, run)."""
    record = ts.run(scenario, runs=runs, seed=5).record
    counts = np.zeros((2, len(record.dates) - 1, runs), np.int64)
    side = np.array([name.startswith("south") for name in ts.run(scenario, runs=1).names.channels], np.int64)
    np.add.at(counts, (side[record.move_channel], record.move_step, record.move_run), 1)
    return counts


class TestNumbers:
    @pytest.mark.parametrize("spread", [0.0, 0.1, 1.0, 4.0])
    @pytest.mark.parametrize("mean", [0.05, 2.0, 30.0])
    def test_they_are_negative_binomial(self, mean: float, spread: float) -> None:
        from scipy.stats import nbinom, poisson

        uniforms = (np.arange(4000) + 0.5) / 4000
        found = choice.how_many_together(np.full(4000, mean), uniforms, np.array([spread]), np.array([10_000]))
        law = poisson(mean) if spread == 0.0 else nbinom(1 / spread, 1 / (1 + spread * mean))
        assert np.array_equal(found, law.ppf(uniforms).astype(int))

    def test_they_are_capped(self) -> None:
        found = choice.how_many_together(np.array([[50.0]]), np.array([[0.999]]), np.array([1.0]), np.array([7]))
        assert found.tolist() == [[7]]

    def test_both_sides_share_a_burst_and_keep_their_means(self) -> None:
        counts = counts_of(pair(overdispersion=0.8), 400)
        expected = np.array([6.0, 3.0]) * 12 / 52
        assert counts.mean(axis=(1, 2)) == pytest.approx(expected, rel=0.05)
        assert counts.var(axis=(1, 2)) == pytest.approx(expected + 0.8 * expected**2, rel=0.1)
        shared = np.cov(counts[0].ravel(), counts[1].ravel())[0, 1]
        assert shared == pytest.approx(0.8 * expected[0] * expected[1], rel=0.1)

    def test_without_overdispersion_sides_are_apart(self) -> None:
        counts = counts_of(pair(), 400)
        assert abs(np.corrcoef(counts[0].ravel(), counts[1].ravel())[0, 1]) < 0.02

    def test_a_run_alone_is_the_run_in_a_batch(self) -> None:
        uncertain = {"uniform": [0.0, 2.0]}
        mixed = pair().with_values({"parameters.overdispersion": uncertain, "parameters.imitation": uncertain})
        together, alone = ts.run(mixed, runs=9, seed=1), ts.run(mixed, runs=1, seed=1, first_run=7)
        assert np.array_equal(together.record.cooperation[:, 7], alone.record.cooperation[:, 0])

    def test_a_run_that_has_none_is_as_it_would_be_without(self) -> None:
        some = pair().with_values({"parameters.overdispersion": {"joint": [0.0, 0.0, 3.0]}})
        plain, found = ts.run(pair(), runs=12, seed=2), ts.run(some, runs=12, seed=2)
        same = (plain.record.cooperation == found.record.cooperation).all(axis=0)
        assert 0 < same.sum() < 12

    def test_the_cap_holds_for_each_side(self) -> None:
        few = pair(overdispersion=5.0).with_values({"parameters.acts_per_step": 2})
        assert counts_of(few, 50).max() == 2


class TestRepetition:
    def test_moves_of_an_episode_are_of_a_kind(self) -> None:
        def same(scenario: Scenario) -> float:
            record = ts.run(scenario, runs=300, seed=3).record
            keys = record.move_run.astype(np.int64) * 1000 + record.move_step
            neighbours = keys[1:] == keys[:-1]
            return float((record.move_id[1:] == record.move_id[:-1])[neighbours].mean())

        assert same(pair(imitation=2.0)) > same(pair()) + 0.2

    def test_they_are_those_of_an_urn(self) -> None:
        """Two acts of a side are alike with chance p + (1 - p) w / (1 + w), three as the urn says."""
        world = assemble(pair(imitation=1.5))
        menus, channels, runs = world.menus, world.channels, 30_000
        north = next(row for row, one in enumerate(channels.rows) if one.actor == "north" and one.track == "political")
        words = RandomStreams(1, 0, runs).words([channels.streams[north]], Purpose.WHETHER, 0)[0]
        slot = np.random.default_rng(0).integers(0, 3, (3, runs))
        acts = np.full(3 * runs, north), np.tile(np.arange(runs), 3), np.repeat(np.arange(3), runs)
        is_open = np.ones((3 * runs, menus.slots), np.uint8)
        found = episodes.imitated(acts, slot.ravel(), np.tile(words, 3), is_open, menus, channels, np.array([1.5]))
        first, second, third = found.reshape(3, runs)
        assert np.array_equal(first, slot[0])
        assert (second == first).mean() == pytest.approx((1 / 3 + 1.5) / 2.5, abs=0.01)
        alike = third[second == first] == first[second == first]
        assert alike.mean() == pytest.approx((1 / 3 + 3.0) / 4.0, abs=0.01)

    def test_what_is_not_open_is_not_repeated(self) -> None:
        world = assemble(pair(imitation=100.0))
        north, south = (
            next(r for r, one in enumerate(world.channels.rows) if one.actor == name and one.track == "political")
            for name in ("north", "south")
        )
        is_open = np.ones((2, world.menus.slots), np.uint8)
        is_open[1, 0] = 0
        acts, slot, words = (np.array([north, south]), np.zeros(2, int), np.zeros(2, int)), np.array([0, 2]), [1, 2]
        found = episodes.imitated(
            acts, slot, np.array(words, np.uint64), is_open, world.menus, world.channels, np.array([100.0])
        )
        assert found.tolist() == [0, 2]


def test_the_likelihood_of_all_that_can_happen_is_one() -> None:
    """Sums the closed form over every history of one step with up to three acts; the rest is the tail of numbers."""
    scenario = pair(overdispersion=0.7, imitation=0.9).with_values({"parameters.base_political": 0.5})
    total = 0.0
    for acts in histories(3):
        history = told(acts)
        found = ts.Likelihood.of(scenario, history, since="2001-01-01", until="2001-01-07")
        total += math.exp(found.value(found.values)) * ways(acts)
    mean = 0.5 * (1.0 + 0.5) * 12 / 52
    from scipy.stats import nbinom

    none = float(nbinom(1 / 0.7, 1 / (1 + 0.7 * mean)).pmf(0))
    assert total + none == pytest.approx(float(nbinom(1 / 0.7, 1 / (1 + 0.7 * mean)).cdf(3)), rel=1e-9)


def histories(most: int) -> list[tuple[tuple[str, str], ...]]:
    """All multisets of (actor, move) with one to `most` members."""
    from itertools import combinations_with_replacement, product

    kinds = list(product(("north", "south"), ("talk", "shout", "strike")))
    return [one for size in range(1, most + 1) for one in combinations_with_replacement(kinds, size)]


def ways(acts: tuple[tuple[str, str], ...]) -> int:
    """Orders in which each side can have made its moves: the likelihood is that of one."""
    total = 1
    for actor in ("north", "south"):
        own = [move for one, move in acts if one == actor]
        total *= math.factorial(len(own))
        for move in set(own):
            total //= math.factorial(own.count(move))
    return total


def told(acts: tuple[tuple[str, str], ...]) -> ts.EventHistory:
    from tensionsim.events.history import Reading

    count = len(acts)
    moves = ("talk", "shout", "strike")
    who = np.array([("north", "south").index(actor) for actor, _ in acts])
    return ts.EventHistory(
        name="made up",
        actors=("north", "south"),
        dates=np.full(count, "2001-01-02", "datetime64[D]"),
        actor=who,
        target=1 - who,
        issues=("border",),
        issue=np.zeros(count, np.int64),
        track=np.zeros(count, np.int64),
        cameo=np.full(count, "04", "U4"),
        score=np.zeros(count),
        is_material=np.zeros(count, bool),
        weight=np.ones(count),
        moves=moves,
        move=np.array([moves.index(move) for _, move in acts]),
        report=Reading("made up", "keds", count, count),
        observed=(dt.date(2001, 1, 1), dt.date(2001, 1, 7)),
    )
