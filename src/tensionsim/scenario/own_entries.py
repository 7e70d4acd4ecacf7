"""Checks the moves and the kinds of arrangement that a scenario adds to the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from tensionsim import moves
from tensionsim.scenario import quantities
from tensionsim.scenario.addressing import scope_of, ways_of
from tensionsim.scenario.cast import world_of
from tensionsim.scenario.conditions import check_text
from tensionsim.scenario.names import Names, check_key, check_name
from tensionsim.scenario.nodes import ListNode, MapNode, Node, child, entries, items, number_of, text_of
from tensionsim.scenario.places import Place
from tensionsim.scenario.problems import Report, quoted


def check_own_entries(tree: MapNode, names: Names, report: Report) -> None:
    """Checks what a scenario's own moves and kinds of arrangement name."""
    for group in ("moves", "arrangement_kinds"):
        for _, _, entry in entries(child(tree, group)):
            _check_scope(entry, names, report)
    for name, _, move in entries(child(tree, "moves")):
        _check_effects(name, move, names, report)
        _check_code(child(move, "cameo"), report)


def _check_scope(entry: Node, names: Names, report: Report) -> None:
    """Checks who, towards whom and on what."""
    for key, kind, known in (
        ("actors", "actor", names.actors),
        ("targets", "actor", names.actors),
        ("issues", "issue", names.issues),
    ):
        named = child(entry, key)
        for item in items(named):
            check_name(item, kind, known, report)
        if isinstance(named, ListNode) and not named.items:
            report.add(named.place, f"`{key}` is empty, which admits nobody and nothing; leave it out to admit all")


def _check_effects(name: str, move: Node, names: Names, report: Report) -> None:
    begun, ended = child(move, "begins"), child(move, "ends")
    for named in (begun, ended):
        for item in items(named):
            check_name(item, "arrangement", names.kinds, report)
    for item in items(ended):
        if text_of(item) in {text_of(other) for other in items(begun)}:
            report.add(item.place, f"{quoted(name)} begins and ends {quoted(text_of(item))}; it can do one of both")
    _check_shifts(child(move, "shifts"), names, report)
    _check_held(name, move, names, report)


def _check_shifts(node: Node | None, names: Names, report: Report) -> None:
    for quantity, place, amount in entries(node):
        if names.indicators is not None:
            check_key(quantity, place, "quantity to shift", (*names.indicators, *moves.OWN_QUANTITIES), report)
        if quantity in moves.OWN_QUANTITIES and (text := text_of(amount)) is not None:
            report.add(amount.place, f"a shift of {quantity} is an amount, found {quoted(text)}; write one, like 0.05")
        else:
            check_text(amount, quantities.shift, report)


def _check_held(name: str, entry: Node, names: Names, report: Report) -> None:
    """Checks that somebody who can make a move can hold, towards its target, all that it begins and ends."""
    world, move = world_of(names), names.catalogue.moves.get(name)
    if world is None or move is None:
        return
    ways = ways_of(move, world)
    effects = (("begins", moves.Arrangement.can_be_begun), ("ends", moves.Arrangement.can_be_ended))
    for key, can_be in effects:
        for item in items(child(entry, key)):
            kind = names.catalogue.arrangements.get(text_of(item) or "")
            if kind is None or not ways:
                continue
            ways = [way for way in ways if can_be(kind, *way)]
            if not ways:
                report.add(
                    item.place,
                    f"{quoted(name)} {key} {quoted(kind.name)}, which none of those who make it can hold so; "
                    f"it holds for {scope_of(kind)}",
                )


def _check_code(node: Node | None, report: Report) -> None:
    code = text_of(node)
    if node and code and code.isdigit() and "01" <= code[:2] <= "20" and code not in moves.goldstein():
        parents = [known for known in moves.goldstein() if known.startswith(code[:2])]
        report.add(node.place, f"CAMEO has no code {quoted(code)}{report.near(code, parents)}")


def unusual_scores(tree: MapNode) -> Iterator[str]:
    """Notes on own moves whose score is not the one that their CAMEO code has."""
    for name, _, move in entries(child(tree, "moves")):
        score, code = child(move, "goldstein"), text_of(child(move, "cameo"))
        usual = moves.goldstein().get(code or "")
        if score and usual is not None and number_of(score) not in (None, usual):
            yield f"{_shown(score.place)}: move {quoted(name)} scores {number_of(score):g}; CAMEO {code} has {usual:g}"


def _shown(place: Place) -> str:
    return f"{place.source.name}:{place.line}" if place.line else place.source.name
