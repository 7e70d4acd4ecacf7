"""The published JSON Schema of scenario files, by which editors complete and check while one types.

Made from the same models that validate a file, plus what editors need beyond them: the keys of merging, the
names of mechanisms and parameters with their ranges, and the shipped moves as suggestions. A file that
extends another may leave out what its base gives, so what is required depends on `extends`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensionsim.scenario.schema import Distribution, ScenarioFile

Schema = dict[str, Any]

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The dialect that all editors know; nothing here needs a later one."""

IDENTIFIER = "tensionsim-scenario-1"

_MERGED = {
    "moves": "MoveSpec",
    "arrangement_kinds": "ArrangementSpec",
    "indicators": "Indicator",
}
"""Mappings whose entries a file may complete, where it extends another, with the model of an entry."""

_MERGED_OF_ACTORS = {"rules": "Rule", "checks": "Check"}


def json_schema() -> Schema:
    """The JSON Schema (draft 7) of a scenario file."""
    made = _tidied(ScenarioFile.model_json_schema())
    definitions: dict[str, Schema] = made["$defs"]
    definitions[Distribution.__name__] |= {"minProperties": 1, "maxProperties": 1}
    required = {name: definitions[name].pop("required") for name in (*_MERGED.values(), *_MERGED_OF_ACTORS.values())}
    properties = {**_merging_keys(), **made["properties"]}
    sizes = {name: {"minProperties": properties[name].pop("minProperties")} for name in ("actors", "issues")}
    properties |= {"mechanisms": _mechanisms(definitions), "parameters": _parameters()}
    _suggest_moves(definitions)
    return {
        "$schema": DIALECT,
        "$id": IDENTIFIER,
        "title": "tensionsim scenario",
        "description": ScenarioFile.__doc__ or "",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": ["tensionsim"],
        "if": {"not": {"required": ["extends"]}},
        "then": _whole(made["required"], required, sizes),
        "$defs": definitions,
    }


def _whole(required: list[str], by_model: Mapping[str, list[str]], sizes: Mapping[str, Schema]) -> Schema:
    """What a file must give that extends none."""

    def each(lacking: Schema) -> Schema:
        return {"additionalProperties": lacking}

    of_actor = {key: each({"required": by_model[model]}) for key, model in _MERGED_OF_ACTORS.items()}
    entries = {key: each({"required": by_model[model]}) for key, model in _MERGED.items()}
    people = {key: each({"properties": of_actor}) | sizes.get(key, {}) for key in ("actors", "leaders")}
    return {"required": required, "properties": {**sizes, **entries, **people}}


def _merging_keys() -> Schema:
    texts = {"type": "array", "items": {"type": "string"}}
    return {
        "extends": {
            "description": "base file, or several: beside this one, below it, or a shipped scenario; this file wins",
            "anyOf": [{"type": "string"}, texts],
        },
        "remove": {"description": "paths of what to drop from the base", **texts},
    }


def _mechanisms(definitions: Mapping[str, Schema]) -> Schema:
    from tensionsim.model.mechanisms import MECHANISMS, Mechanism

    def one(mechanism: Mechanism) -> Schema:
        numbers = {name: _number(parameter) for name, parameter in mechanism.parameters.items()}
        values = {"type": "object", "additionalProperties": False, "properties": numbers}
        return {"description": mechanism.summary, "oneOf": [{"enum": ["on", "off"]}, values]}

    known = {mechanism.name: one(mechanism) for mechanism in MECHANISMS}
    return {"type": "object", "additionalProperties": False, "properties": known}


def _parameters() -> Schema:
    from tensionsim.model.parameters import catalogue

    numbers = {name: _number(parameter) for name, parameter in catalogue().items()}
    return {
        "description": "numbers of the engine",
        "type": "object",
        "additionalProperties": False,
        "properties": numbers,
    }


def _number(parameter: Any) -> Schema:
    plain = {"type": "number", "minimum": parameter.low, "maximum": parameter.high}
    return {
        "description": f"{parameter.description} ({parameter.unit}; default {parameter.default:g})",
        "oneOf": [plain, {"$ref": f"#/$defs/{Distribution.__name__}"}],
    }


def _suggest_moves(definitions: dict[str, Schema]) -> None:
    """Offers the shipped moves wherever one is named; a scenario's own are allowed as well."""
    from tensionsim.model.catalogue import shipped

    definitions["MoveName"] = {"type": "string", "examples": sorted(shipped().moves)}
    for name in ("Rule", "Act", "ScheduledMove"):
        definitions[name]["properties"]["move"] = {"$ref": "#/$defs/MoveName"}


def _tidied(node: Any) -> Any:
    """The schema without pydantic's nulls and made-up titles, and with tuples in words that draft 7 has."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    is_schema = not all(isinstance(value, dict) for value in node.values())
    kept = {key: _tidied(value) for key, value in node.items() if not (is_schema and _is_idle(key, value))}
    if isinstance(kept.get("prefixItems"), list):
        kept["items"] = kept.pop("prefixItems")
    branches = kept.get("anyOf")
    if isinstance(branches, list):
        left = [branch for branch in branches if branch != {"type": "null"}]
        kept.pop("anyOf")
        kept = {**left[0], **kept} if len(left) == 1 else {**kept, "anyOf": left}
    return kept


def _is_idle(key: str, value: object) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value is None)
