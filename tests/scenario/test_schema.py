"""The published JSON Schema is up to date, is a schema, and agrees with the loader."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from scenario.wrong_scenarios import WRONG, Wrong
from tensionsim.scenario.files import shipped_folder
from tensionsim.scenario.schema import json_schema
from tensionsim.scenario.yaml_tree import Report, read_nodes, source_of

SAMPLES = Path(__file__).parent / "samples"
PUBLISHED = Path(__file__).parents[2] / "docs" / "scenario.schema.json"
ALL = [
    *sorted(SAMPLES.glob("*.yaml")),
    *sorted(set(shipped_folder().rglob("*.yaml")) - {*shipped_folder().glob("strategies/*")}),
]
MINIMAL = (SAMPLES / "minimal.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json_schema())


def values_of(text: str) -> object:
    report = Report()
    node = read_nodes(text, source_of(text, "text"), report)
    assert node
    return node.plain


def test_the_published_schema_is_up_to_date() -> None:
    fresh = json.dumps(json_schema(), indent=2) + "\n"
    is_fresh = PUBLISHED.read_text(encoding="utf-8") == fresh
    assert is_fresh, f"write it anew: tensionsim schema > docs/{PUBLISHED.name}"


def test_it_is_a_schema_and_names_no_host_of_ours() -> None:
    jsonschema.Draft7Validator.check_schema(json_schema())
    assert json_schema()["$id"] == "tensionsim-scenario-1"


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_it_accepts_every_good_scenario(path: Path, validator: jsonschema.Draft7Validator) -> None:
    assert list(validator.iter_errors(values_of(path.read_text(encoding="utf-8")))) == []


SHAPE = ("unknown key", " lacks '", "; use a number", ", not a text", "it takes a list", "it takes a mapping")
BEYOND = (
    "outlook",
    "change",
    "distribution",
    "driver",
    "mechanism range",
    "mechanism parameter",
    "rule lacks",
    "indicator lacks",
    "move lacks",
    "parameter whole",
)
"""Wrong scenarios whose names say that the fault lies deeper than the schema of an editor looks."""


@pytest.mark.parametrize(
    "wrong",
    [
        wrong
        for wrong in WRONG
        if any(words in wrong.problems[0] for words in SHAPE) and not wrong.name.startswith(BEYOND)
    ],
    ids=lambda wrong: wrong.name.replace(" ", "_"),
)
def test_it_refuses_what_has_a_wrong_shape(wrong: Wrong, validator: jsonschema.Draft7Validator) -> None:
    assert list(validator.iter_errors(values_of(MINIMAL.replace(wrong.old, wrong.new))))


def test_a_file_that_extends_another_may_leave_out_what_the_base_gives(validator: jsonschema.Draft7Validator) -> None:
    part = {"tensionsim": 1, "extends": "river.yaml", "indicators": {"level": {"value": 2}}}
    assert list(validator.iter_errors(part)) == []
    del part["extends"]
    assert list(validator.iter_errors(part))
