"""`tensionsim scenarios`, `moves`, `mechanisms`: what there is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tensionsim.cli.screen import Screen
from tensionsim.model.catalogue import ANYONE, Move, Shift


def as_json(content: object) -> str:
    """Indented JSON in plain ASCII, which any terminal shows."""
    return json.dumps(content, indent=2, allow_nan=False)


def scenarios(screen: Screen) -> Iterator[str]:
    """Name and title of each shipped scenario."""
    from tensionsim.scenario.files import shipped_names
    from tensionsim.scenario.scenario import load

    for name in shipped_names():
        scenario = load(name)
        yield screen.bold(name)
        yield from screen.wrapped(scenario.title, "  ")
        if scenario.file.outlooks:
            yield from screen.wrapped(f"outlooks: {', '.join(scenario.file.outlooks)}", "  ", "    ")


def selected(scenario: str | None, *, actor: str | None, target: str | None, issue: str | None) -> list[dict[str, Any]]:
    """The moves that these can make or meet, as plain values, from the most hostile to the friendliest."""
    from tensionsim.listing import moves_of

    return [_plain(move) for move in moves_of(scenario, actor=actor, target=target, issue=issue)]


def _plain(move: Move) -> dict[str, Any]:
    return asdict(move) | {"shifts": {shift.quantity: _amount(shift) for shift in move.shifts}}


def _amount(shift: Shift) -> float | str:
    return f"{100 * shift.amount:+g}%" if shift.is_relative else shift.amount


def moves(found: Sequence[Mapping[str, Any]], screen: Screen) -> Iterator[str]:
    """Each move in a few lines."""
    for move in found:
        yield screen.bold(f"{move['goldstein']:+5.1f}  {move['name']}")
        arrow = screen.glyph("→", "->")
        who = f"{_names(move['actors'])} {arrow} {_names(move['targets'])}, on {_names(move['issues'])}"
        effects = [f"{key} {_names(move[key])}" for key in ("begins", "ends") if move[key]]
        effects += [f"shifts {quantity} by {amount}" for quantity, amount in move["shifts"].items()]
        yield from screen.wrapped(move["description"], "       ")
        yield from screen.wrapped(f"{who}; {move['kind']}, {move['track']}, CAMEO {move['cameo']}", "       ")
        if effects:
            yield from screen.wrapped("; ".join(effects), "       ")
    count = len(found)
    yield ""
    text = f"{count} move{'' if count == 1 else 's'}; scores are Goldstein's, -10 (conflict) to +10 (cooperation)"
    yield from screen.wrapped(text)


def _names(names: Sequence[str]) -> str:
    return "any" if tuple(names) == ANYONE else ", ".join(names)


def described_mechanisms() -> dict[str, Any]:
    """Every mechanism and every parameter, as plain values."""
    from tensionsim.model.mechanisms import MECHANISMS as ALL
    from tensionsim.model.parameters import Parameter, catalogue

    def numbers(found: Mapping[str, Parameter]) -> dict[str, Any]:
        return {name: asdict(parameter) for name, parameter in found.items()}

    described = {
        mechanism.name: {
            "summary": mechanism.summary,
            "equation": mechanism.equation,
            "source": mechanism.source,
            "claims": list(mechanism.claims),
            "parameters": numbers(mechanism.parameters),
        }
        for mechanism in ALL
    }
    return {"mechanisms": described, "parameters": numbers(catalogue())}


def mechanisms(found: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """Each mechanism with its equation, source and parameters, then the engine's own parameters."""
    for name, mechanism in found["mechanisms"].items():
        yield screen.bold(name)
        yield from screen.wrapped(mechanism["summary"], "  ")
        yield from screen.wrapped(f"direction: {mechanism['equation']}", "  ", "    ")
        yield from screen.wrapped(f"source: {mechanism['source']}", "  ", "    ")
        if mechanism["claims"]:
            yield from screen.wrapped(f"claims: {', '.join(mechanism['claims'])}", "  ", "    ")
        yield from _parameters(mechanism["parameters"], f"mechanisms.{name}.", screen)
        yield ""
    yield screen.bold("Parameters of the engine")
    yield from _parameters(found["parameters"], "parameters.", screen)


def _parameters(found: Mapping[str, Any], prefix: str, screen: Screen) -> Iterator[str]:
    for name, parameter in found.items():
        unit = "" if parameter["unit"] == "1" else f" {parameter['unit']}"
        limits = f"{parameter['low']:g}..{parameter['high']:g}"
        text = f"{prefix}{name} = {parameter['default']:g}{unit} (in {limits}): {parameter['description']}"
        yield from screen.wrapped(text, "  ", "      ")
