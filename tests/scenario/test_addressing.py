"""Where a move is made and an arrangement held, if the file leaves it out."""

from __future__ import annotations

import pytest

from tensionsim.model.catalogue import ANYONE, Arrangement, Move
from tensionsim.scenario.names import Cast, NoAddress, address, holders

CAST = Cast(("north", "south"), ("north", "south", "east", "west"), ("water", "trade"))


def move(actors: str = "*", targets: str = "*", issues: str = "*") -> Move:
    return Move(
        "wave", "01", 0.0, "verbal", "political", *(tuple(text.split()) for text in (actors, targets, issues)), 1.0
    )


def kind(actors: str = "*", targets: str = "*", issues: str = "*", *, mutual: bool = False) -> Arrangement:
    return Arrangement("fair", *(tuple(text.split()) for text in (actors, targets, issues)), "political", 1.0, mutual)


def test_a_star_admits_anyone() -> None:
    assert move().actors == ANYONE


@pytest.mark.parametrize(
    ("made", "actor", "target", "issue", "found"),
    [
        (move(), "north", "east", "water", ("east", "water")),
        (move(), "south", None, "water", ("north", "water")),
        (move(issues="trade"), "north", None, None, ("south", "trade")),
        (move(targets="south", issues="trade"), "east", None, None, ("south", "trade")),
    ],
)
def test_what_is_left_out_is_found_where_it_is_clear(
    made: Move, actor: str, target: str | None, issue: str | None, found: tuple[str, str]
) -> None:
    assert address(made, actor, target, issue, CAST) == found


@pytest.mark.parametrize(
    ("made", "actor", "target", "issue", "part", "words"),
    [
        (move("south"), "north", None, None, "move", "'north' cannot make 'wave'; south can"),
        (move("mars"), "north", None, None, "move", "'north' cannot make 'wave'; nobody here can"),
        (move(), "north", None, None, "move", "'wave' can be made on water, trade; name its `issue`"),
        (move(), "east", None, "water", "move", "'wave' can be made towards north, south, west; name its `target`"),
        (move(targets="east west"), "north", None, "water", "move", "towards east, west; name its `target`"),
        (move(targets="east"), "north", None, "water", "move", "can be made towards east; name its `target`"),
        (
            move(targets="east"),
            "north",
            "west",
            None,
            "target",
            "cannot make 'wave' towards 'west'; it can towards east",
        ),
        (move(issues="trade"), "north", None, "water", "issue", "cannot make 'wave' on 'water'; it can on trade"),
        (move(), "north", "north", "water", "target", "towards 'north'; it can towards south, east, west"),
    ],
)
def test_what_cannot_be_or_is_not_clear_is_refused(
    made: Move, actor: str, target: str | None, issue: str | None, part: str, words: str
) -> None:
    with pytest.raises(NoAddress) as caught:
        address(made, actor, target, issue, CAST)
    assert caught.value.part == part
    assert words in str(caught.value)


def test_a_mutual_arrangement_is_held_once() -> None:
    assert holders(kind(issues="trade", mutual=True), None, None, None, CAST) == [("north", "south", "trade")]
    assert len(holders(kind(issues="trade"), None, None, None, CAST)) == 2


def test_a_mutual_arrangement_may_be_named_from_either_side() -> None:
    shared = kind("north", "east", "trade", mutual=True)
    assert holders(shared, "east", "north", None, CAST) == [("east", "north", "trade")]
    assert holders(shared, None, None, None, CAST) == []
