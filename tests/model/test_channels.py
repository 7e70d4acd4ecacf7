"""Channels: mirrors, twins, neighbours, and sums that do not depend on the number of runs."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, strategies as some

from tensionsim.model.structure import Channel, Channels, sum_by

ACTORS = ("avalon", "brigadoon", "camelot")
ISSUES = ("road", "well", "bridge")
DYAD = [
    Channel(actor, target, issue, track)
    for actor, target in (("avalon", "brigadoon"), ("brigadoon", "avalon"))
    for issue in ISSUES
    for track in ("political", "technical")
]
OUTER = [
    Channel(actor, target, "road", "political")
    for actor, target in (*permutations(("avalon", "camelot")), *permutations(("camelot", "brigadoon")))
]
CHANNELS = Channels([*DYAD, *OUTER], ACTORS, ISSUES)


def test_the_mirror_answers_on_the_same_issue_and_track() -> None:
    for row, mirror in zip(CHANNELS.rows, CHANNELS.mirror, strict=True):
        assert CHANNELS.rows[mirror] == Channel(row.target, row.actor, row.issue, row.track)
    assert (CHANNELS.mirror[CHANNELS.mirror] == np.arange(len(CHANNELS))).all()


def test_the_twin_is_the_other_track_or_the_channel_itself() -> None:
    for number, row in enumerate(CHANNELS.rows):
        twin = CHANNELS.rows[CHANNELS.twin[number]]
        assert twin == (row.twin if row in DYAD else row)
        assert CHANNELS.has_twin[number, 0] == float(row in DYAD)


def test_pairs_are_directed_and_have_opposites() -> None:
    for row, pair in zip(CHANNELS.rows, CHANNELS.pair, strict=True):
        assert CHANNELS.pairs[pair] == (row.actor, row.target)
        assert CHANNELS.pairs[CHANNELS.opposite[pair]] == (row.target, row.actor)


def test_linkage_means_over_the_other_issues_of_the_pair_and_track() -> None:
    assert CHANNELS.others[:, 0].tolist() == [0.5] * len(DYAD) + [0.0] * len(OUTER)
    for row, own in enumerate(CHANNELS.rows):
        heard = [CHANNELS.rows[one.row[row]] for one in CHANNELS.linked if one.exists[row, 0]]
        assert len(heard) == (2 if own in DYAD else 0)
        assert own.issue not in {one.issue for one in heard}
        assert {(one.target, one.actor, one.track) for one in heard} <= {(own.actor, own.target, own.track)}


def test_thirds_are_those_with_whom_the_target_deals() -> None:
    for row, own in enumerate(CHANNELS.rows):
        found = [one for one in CHANNELS.thirds if one.exists[row, 0]]
        legs = {CHANNELS.pairs[one.row[row]] for one in found}
        assert len(legs) == len(found)
        assert legs == {pair for pair in CHANNELS.pairs if pair[0] == own.target and pair[1] != own.actor}
        for one in found:
            tie = divmod(int(one.tie[row]), len(ACTORS))
            assert (ACTORS[tie[0]], ACTORS[tie[1]]) == (own.actor, CHANNELS.pairs[one.row[row]][1])


def test_patrons_are_the_others_with_whom_the_actor_deals() -> None:
    for row, own in enumerate(CHANNELS.rows):
        found = [one for one in CHANNELS.patrons if one.exists[row, 0]]
        between = {CHANNELS.pairs[one.row[row]] for one in found}
        assert between == {pair for pair in CHANNELS.pairs if pair[0] == own.actor and pair[1] != own.target}
        for one in found:
            patron = CHANNELS.pairs[one.row[row]][1]
            tie = np.unravel_index(int(one.tie[row]), (len(ACTORS),) * 3)
            assert tuple(ACTORS[place] for place in tie) == (own.actor, patron, own.target)
            assert CHANNELS.pairs[one.back[row]] == (patron, own.actor)


def test_a_dossier_holds_the_channels_of_two_actors_on_an_issue() -> None:
    for row, own in enumerate(CHANNELS.rows):
        first = CHANNELS.rows[CHANNELS.dossiers[CHANNELS.dossier[row]]]
        assert ({first.actor, first.target}, first.issue) == ({own.actor, own.target}, own.issue)
    assert len(CHANNELS.dossiers) == len({(frozenset((one.actor, one.target)), one.issue) for one in CHANNELS.rows})


def test_siblings_share_an_actor_but_not_a_target() -> None:
    found = {(CHANNELS.pairs[row], CHANNELS.pairs[other]) for row, other in CHANNELS.siblings}
    assert len(found) == 6
    assert all(one[0] == other[0] and one[1] != other[1] for one, other in found)


def test_a_channel_without_its_mirror_is_refused() -> None:
    with pytest.raises((KeyError, ValueError)):
        Channels(DYAD[:1], ACTORS, ISSUES)


def test_a_channel_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match=r"camelot -> avalon \| well \| technical"):
        CHANNELS.index(Channel("camelot", "avalon", "well", "technical"))


@given(some.integers(1, 70), some.integers(0, 2**32))
def test_sums_of_a_run_are_the_same_bits_however_many_runs_stand_beside_it(runs: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(len(CHANNELS), runs)) * 1e3
    whole = sum_by(values, CHANNELS.pair, len(CHANNELS.pairs))
    alone = sum_by(values[:, -1:].copy(), CHANNELS.pair, len(CHANNELS.pairs))
    assert np.array_equal(whole[:, -1:], alone)
    by_hand = np.array([values[CHANNELS.pair == row].sum(axis=0) for row in range(len(CHANNELS.pairs))])
    assert whole == pytest.approx(by_hand)
