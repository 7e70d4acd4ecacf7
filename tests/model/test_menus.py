"""Menus: what is open in each channel, in which order, and what it begins and ends."""

from __future__ import annotations

import numpy as np

import dyads
from tensionsim.engine.build import assemble
from tensionsim.engine.world import World
from tensionsim.model.structure import Registry
from tensionsim.scenario.names import catalogue_of
from tensionsim.scenario.scenario import load


def on_menu(world: World, row: int) -> list[str]:
    menu = world.menus
    return [menu.names[one] for one in menu.move[: menu.size[row], row]]


def test_menus_are_ordered_by_score_so_that_inversion_is_monotone() -> None:
    for name in ("trump2-petro-2025", "norland-suderia"):
        menu = assemble(load(name)).menus
        for column, size in enumerate(menu.size):
            assert (np.diff(menu.score[:size, column]) >= 0.0).all()


def test_a_menu_holds_the_moves_of_its_track() -> None:
    world = assemble(dyads.scenario())
    assert set(on_menu(world, dyads.channel(world, dyads.AVALON, track="technical"))) == {"share_maps", "hide_maps"}


def test_short_menus_are_padded_with_what_is_never_chosen() -> None:
    menu = assemble(dyads.scenario()).menus
    for column, size in enumerate(menu.size):
        assert (menu.log_frequency[size:, column] == -np.inf).all()
        assert np.isfinite(menu.log_frequency[:size, column]).all()


def test_a_repertoire_narrows_the_menu_of_its_actor_alone() -> None:
    world = assemble(dyads.scenario(actors={dyads.AVALON: {"repertoire": ["bow"]}}))
    assert on_menu(world, dyads.channel(world, dyads.AVALON)) == ["bow"]
    assert len(on_menu(world, dyads.channel(world, dyads.BRIGADOON))) == 6
    assert world.menus.is_open[dyads.channel(world, dyads.AVALON, track="technical"), 0] == 0.0


def test_moves_for_others_are_not_on_the_menu() -> None:
    moves = {**dyads.MOVES, "boast": dyads.move(1.0, actors=[dyads.BRIGADOON])}
    world = assemble(dyads.scenario(moves=moves, actors={dyads.AVALON: {"repertoire": list(dyads.MOVES)}}))
    assert "boast" not in on_menu(world, dyads.channel(world, dyads.AVALON))
    assert "boast" in on_menu(world, dyads.channel(world, dyads.BRIGADOON))


def test_a_move_that_can_begin_nothing_here_is_not_on_the_menu() -> None:
    kinds = {**dyads.KINDS, "gate": {**dyads.KINDS["gate"], "actors": [dyads.AVALON], "mutual": False}}
    world = assemble(dyads.scenario(arrangement_kinds=kinds))
    assert "open_gate" in on_menu(world, dyads.channel(world, dyads.AVALON))
    assert "open_gate" not in on_menu(world, dyads.channel(world, dyads.BRIGADOON))


def test_both_sides_end_the_same_mutual_arrangement() -> None:
    world = assemble(dyads.scenario())
    ending = world.menus.names.index("shut_gate")
    rows = {int(world.menus.ends[0, ending, dyads.channel(world, actor)]) for actor in (dyads.AVALON, dyads.BRIGADOON)}
    assert len(rows) == 1
    assert world.instances.rows[rows.pop()].kind == "gate"


def test_the_order_of_the_file_does_not_change_a_menu() -> None:
    turned = dict(reversed(list(dyads.MOVES.items())))
    one, other = assemble(dyads.scenario()), assemble(dyads.scenario(moves=turned))
    assert all(on_menu(one, row) == on_menu(other, row) for row in range(len(one.channels)))


def test_arrangements_are_numbered_channel_by_channel_those_of_menus_first() -> None:
    scenario = load("norland-suderia")
    world, known = assemble(scenario), catalogue_of(scenario.file.moves, scenario.file.arrangement_kinds)
    registry = Registry(known.arrangements)
    for is_on_track in (True, False):
        for channel in world.channels.rows:
            able = [one for one in known.moves.values() if one.can_be_made(*channel.place)]
            for one in (one for one in able if not is_on_track or one.track == channel.track):
                for kind in one.begins:
                    registry.instance(kind, *channel.place)
                for kind in one.ends:
                    registry.held_between(kind, *channel.place)
    assert [*world.instances.rows] == [*registry.rows], "tables, ledgers and folders list them in this order"
