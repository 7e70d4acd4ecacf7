"""Arrangements: one instance between two actors on an issue, mutual or held by one, and where each counts."""

from __future__ import annotations

import pytest

from tensionsim.model.catalogue import Arrangement
from tensionsim.model.structure import Channel, Channels, Instance, Instances, Registry

ANY = ("*",)
KINDS = {
    "gate": Arrangement("gate", ANY, ANY, ANY, "political", 2.0, True),
    "toll": Arrangement("toll", ANY, ANY, ANY, "political", -3.0, False),
    "aid": Arrangement("aid", ("avalon",), ("brigadoon",), ("road",), "technical", 5.0, False),
    "pact": Arrangement("pact", ("avalon",), ("brigadoon",), ANY, "political", 4.0, True),
}


@pytest.fixture
def registry() -> Registry:
    return Registry(KINDS)


def test_a_mutual_arrangement_is_one_whoever_begins_it(registry: Registry) -> None:
    assert registry.instance("gate", "brigadoon", "avalon", "road") == registry.instance(
        "gate", "avalon", "brigadoon", "road"
    )
    assert registry.rows == (Instance("gate", "avalon", "brigadoon", "road"),)


def test_a_mutual_arrangement_may_be_begun_from_either_side_though_one_is_named(registry: Registry) -> None:
    assert registry.instance("pact", "brigadoon", "avalon", "road") is not None


def test_one_sided_arrangements_are_two(registry: Registry) -> None:
    rows = {registry.instance("toll", *pair, "road") for pair in (("avalon", "brigadoon"), ("brigadoon", "avalon"))}
    assert len(rows) == 2


def test_issues_make_instances_of_their_own(registry: Registry) -> None:
    assert registry.instance("toll", "avalon", "brigadoon", "road") != registry.instance(
        "toll", "avalon", "brigadoon", "well"
    )


def test_a_kind_with_one_issue_is_always_on_it(registry: Registry) -> None:
    row = registry.instance("aid", "avalon", "brigadoon", "well")
    assert row is not None
    assert registry.rows[row].issue == "road"


def test_who_cannot_hold_it_has_no_instance(registry: Registry) -> None:
    assert registry.instance("aid", "brigadoon", "avalon", "road") is None


def test_the_receiver_may_end_what_only_the_other_can_hold(registry: Registry) -> None:
    held = registry.instance("aid", "avalon", "brigadoon", "road")
    assert registry.held_between("aid", "brigadoon", "avalon", "road") == held


def test_who_could_hold_it_too_ends_its_own_only(registry: Registry) -> None:
    theirs = registry.instance("toll", "avalon", "brigadoon", "road")
    assert registry.held_between("toll", "brigadoon", "avalon", "road") != theirs


def test_mutual_ones_count_in_both_directions_and_others_in_one(registry: Registry) -> None:
    channels = Channels(
        [Channel(*pair, "road", "political") for pair in (("avalon", "brigadoon"), ("brigadoon", "avalon"))],
        ("avalon", "brigadoon"),
        ("road",),
    )
    for kind in ("gate", "toll", "aid"):
        registry.instance(kind, "avalon", "brigadoon", "road")
    table = Instances(registry, channels)
    found = sorted(zip(table.instance.tolist(), table.channel.tolist(), table.score.tolist(), strict=True))
    assert found == [(0, 0, 0.2), (0, 1, 0.2), (1, 0, -0.3)]
    assert table.is_mutual.tolist() == [True, False, False]
