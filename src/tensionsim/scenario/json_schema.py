"""The published JSON Schema of scenario files, by which editors complete and check while one types.

Made from the models that validate a file, with the keys of merging, names and ranges of parameters, shipped moves as
suggestions. What is required depends on `extends`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensionsim.model.catalogue import shipped
from tensionsim.model.mechanisms import AS_WRITTEN, MECHANISMS, SCALE
from tensionsim.model.parameters import ENGINE, Parameter
from tensionsim.scenario.distributions import FAMILIES
from tensionsim.scenario.schema import Distribution, ScenarioFile

Schema = dict[str, Any]

_MERGED = ("MoveSpec", "ArrangementSpec", "Indicator", "Rule", "Check")
"""Models of entries that a file may complete, where it extends another, so that nothing of them is required."""


def json_schema() -> Schema:
    """The JSON Schema (draft 7) of a scenario file."""
    made = _tidied(ScenarioFile.model_json_schema())
    definitions: dict[str, Schema] = made["$defs"]
    definitions[Distribution.__name__]["oneOf"] = [{"required": [name]} for name in (*FAMILIES, "experts")]
    for name in _MERGED:
        del definitions[name]["required"]
    texts = {"type": "array", "items": {"type": "string"}}
    extends = "base file, or several: beside this one, below it, or a shipped scenario; this file wins"
    properties = {
        "extends": {"description": extends, "anyOf": [{"type": "string"}, texts]},
        "remove": {"description": "paths of what to drop from the base", **texts},
        **made["properties"],
    }
    sizes = {name: {"minProperties": properties[name].pop("minProperties")} for name in ("actors", "issues")}
    mechanisms = {
        one.name: {
            "description": one.summary,
            "oneOf": [{"enum": ["on", "off"]}, _numbers({**one.parameters, SCALE: AS_WRITTEN})],
        }
        for one in MECHANISMS
    }
    properties["mechanisms"] = {"type": "object", "additionalProperties": False, "properties": mechanisms}
    properties["parameters"] = {"description": "numbers of the engine", **_numbers(ENGINE)}
    definitions["MoveName"] = {"type": "string", "examples": sorted(shipped().moves)}
    for name in ("Rule", "Act", "ScheduledMove"):  # the shipped moves are suggested, a scenario's own allowed as well
        definitions[name]["properties"]["move"] = {"$ref": "#/$defs/MoveName"}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",  # which all editors know
        "$id": "tensionsim-scenario-1",
        "title": "tensionsim scenario",
        "description": ScenarioFile.__doc__ or "",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": ["tensionsim"],
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": made["required"], "properties": sizes},
        "$defs": definitions,
    }


def _numbers(parameters: Mapping[str, Parameter]) -> Schema:
    """A mapping of parameters to numbers in their ranges."""
    known = {
        name: {
            "description": f"{one.description} ({one.unit}; default {one.default:g})",
            "oneOf": [{"type": "number", "minimum": one.low, "maximum": one.high}, {"$ref": "#/$defs/Distribution"}],
        }
        for name, one in parameters.items()
    }
    return {"type": "object", "additionalProperties": False, "properties": known}


def _tidied(node: Any) -> Any:
    """The schema without pydantic's nulls and made-up titles, and with tuples in words that draft 7 has."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    is_schema = not all(isinstance(value, dict) for value in node.values())
    kept = {
        key: _tidied(value)
        for key, value in node.items()
        if not is_schema
        or not ((key == "title" and isinstance(value, str)) or (key == "default" and value in (None, [], {})))
    }
    if isinstance(kept.get("prefixItems"), list):
        kept["items"] = kept.pop("prefixItems")
    if isinstance(kept.get("anyOf"), list):
        left = [branch for branch in kept.pop("anyOf") if branch != {"type": "null"}]
        kept = {**left[0], **kept} if len(left) == 1 else {**kept, "anyOf": left}
    return kept
