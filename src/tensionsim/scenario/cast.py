"""Checks actors and leaders: what their attributes, rules, checks and repertoires name."""

from __future__ import annotations

from tensionsim.scenario import quantities
from tensionsim.scenario.addressing import NoAddress, World, address
from tensionsim.scenario.conditions import check_condition, check_odds, check_text
from tensionsim.scenario.names import Names, check_key, check_name
from tensionsim.scenario.nodes import MapNode, Node, child, entries, items, number_of, text_of
from tensionsim.scenario.places import Place
from tensionsim.scenario.problems import Report, quoted


def world_of(names: Names) -> World | None:
    """Who and what there is; None if the file does not say it readably."""
    if names.actors is None or names.issues is None or not names.principals:
        return None
    return World(names.principals, names.actors, names.issues)


def check_cast(tree: MapNode, names: Names, report: Report) -> None:
    """Checks every actor and leader."""
    for name, _, actor in entries(child(tree, "actors")):
        check_attributes(actor, names, report, actor=name)
        governing = check_name(child(actor, "leader"), "leader", names.leaders, report)
        check_rules(child(tree, "leaders", governing or ""), name, names, report)
        check_rules(actor, name, names, report)
        for node in items(child(actor, "repertoire")):
            _check_able(node, name, names, report)
    for _, _, leader in entries(child(tree, "leaders")):
        check_attributes(leader, names, report)
        check_rules(leader, None, names, report)


def check_attributes(node: Node | None, names: Names, report: Report, *, actor: str | None = None) -> None:
    """Checks the keys of an actor's attributes that name issues, actors or indicators."""
    by_key = (
        ("stances", "issue", names.issues),
        ("salience", "issue", names.issues),
        ("dependence", "actor", names.actors),
        ("affinity", "actor", names.actors),
        ("yardstick", "indicator", names.indicators),
    )
    for attribute, kind, known in by_key:
        for name, place, _ in entries(child(node, attribute)):
            check_key(name, place, kind, known, report)
            if kind == "actor" and name == actor:
                report.add(place, f"{attribute} of {quoted(name)} on itself means nothing; name another actor")
    weights = [number_of(value) for _, _, value in entries(child(node, "salience"))]
    if weights and actor and all(weight == 0 for weight in weights) and (salience := child(node, "salience")):
        report.add(salience.place, "salience is 0 on every issue; give at least one a weight above 0")


def check_rules(node: Node | None, actor: str | None, names: Names, report: Report) -> None:
    """Checks the rules and checks of an actor or a leader.

    actor : who follows them; None if that is not said, so that only names can be checked.
    """
    for _, place, rule in entries(child(node, "rules")):
        _check_rule(rule, place, actor, names, report)
    for _, _, check in entries(child(node, "checks")):
        for move in items(child(check, "stops")):
            _check_able(move, actor, names, report)


def _check_rule(rule: Node, place: Place, actor: str | None, names: Names, report: Report) -> None:
    when_place = rule.keys.get("when", place) if isinstance(rule, MapNode) else place
    check_condition(child(rule, "when"), when_place, names, report)
    check_text(child(rule, "chance"), lambda text: quantities.chance_per_step(text, 1.0), report)
    check_odds(child(rule, "chance"), names, report)
    check_text(child(rule, "cooldown"), quantities.months, report)
    check_act(rule, actor, names, report)
    check_act(child(rule, "otherwise"), actor, names, report)


def check_act(node: Node | None, actor: str | None, names: Names, report: Report) -> None:
    """Checks that `actor` can make the move of a rule or of the schedule, and that it is clear where."""
    issue, target = child(node, "issue"), child(node, "target")
    name = check_name(child(node, "move"), "move", names.moves, report)
    known = [
        check_name(issue, "issue", names.issues, report) if issue else "",
        check_name(target, "actor", names.actors, report) if target else "",
    ]
    world = world_of(names)
    if actor is None or name is None or None in known or world is None or name not in names.catalogue.moves:
        return
    move = child(node, "move")
    if move and name not in names.repertoires.get(actor, {name}):
        report.add(move.place, f"{quoted(name)} is not in the repertoire of {quoted(actor)}")
        return
    try:
        address(names.catalogue.moves[name], actor, text_of(target), text_of(issue), world)
    except NoAddress as fault:
        faulty = child(node, fault.part) or move
        if faulty:
            report.add(faulty.place, str(fault))


def _check_able(node: Node, actor: str | None, names: Names, report: Report) -> None:
    name = check_name(node, "move", names.moves, report)
    world = world_of(names)
    if name is None or actor is None or world is None or name not in names.catalogue.moves:
        return
    move = names.catalogue.moves[name]
    others = [other for other in world.actors if other != actor]
    if not any(move.can_be_made(actor, other, issue) for other in others for issue in world.issues):
        report.add(node.place, f"{quoted(actor)} cannot make {quoted(name)} in this scenario")
