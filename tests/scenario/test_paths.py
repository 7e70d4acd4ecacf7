"""Dotted paths: keys with dots and spaces, wildcards, advice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tensionsim.scenario import paths
from tensionsim.scenario.names import names_of
from tensionsim.scenario.paths import NoPath, parse_path
from tensionsim.scenario.yaml_tree import Node, Report, Source, SourceLocation, from_plain, read_nodes, source_of

NOWHERE = SourceLocation(Source("here"))
TEXT = (Path(__file__).parent / "samples" / "trump2.yaml").read_text(encoding="utf-8")


def sample() -> Node:
    tree = read_nodes(TEXT, source_of(TEXT, "trump2.yaml"), Report())
    assert tree.is_mapping
    return tree


def expand(text: str) -> list[str]:
    tree = sample()
    return [paths.join(path) for path in paths.expand(tree, text, names_of(tree).known)]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("a.b.c", ("a", "b", "c")),
        ('a."b.c".d', ("a", "b.c", "d")),
        ("a.'b.c'", ("a", "b.c")),
        ("a.Petro's rule.b", ("a", "Petro's rule", "b")),
        (" a . b ", ("a", "b")),
    ],
)
def test_a_path_is_read_key_by_key(text: str, keys: tuple[str, ...]) -> None:
    assert parse_path(text) == keys


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", '"', "a. .b"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(NoPath):
        expand(text)


@given(
    st.lists(
        st.text(st.characters(blacklist_characters="\"'"), min_size=1).filter(lambda key: key == key.strip()),
        min_size=1,
    )
)
def test_a_path_written_is_read_back(keys: list[str]) -> None:
    assert parse_path(paths.join(tuple(keys))) == tuple(keys)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("actors.bogota.rhetoric", ["actors.bogota.rhetoric"]),
        ("actors.caracas.insulation", ["actors.caracas.insulation"]),
        ("actors.beijing.stances.drugs", ["actors.beijing.stances.drugs"]),
        ("actors.*.rally", [f"actors.{name}.rally" for name in ("washington", "bogota", "caracas", "beijing")]),
        ("actors.*.rules.*.chance", ['actors.washington.rules."america first 2.0".chance']),
        ("actors.washington.rules.america first 2.0.move", ['actors.washington.rules."america first 2.0".move']),
        ("mechanisms.inertia.fast", ["mechanisms.inertia.fast"]),
        ("parameters.bias", ["parameters.bias"]),
        ("schedule.1.date", ["schedule.1.date"]),
        (
            "actors.*.affinity.beijing",
            [f"actors.{name}.affinity.beijing" for name in ("washington", "bogota", "caracas")],
        ),
        ("schedule.*.about", ["schedule.0.about", "schedule.1.about"]),
        ("indicators.coca.value", ["indicators.coca.value"]),
    ],
)
def test_paths_that_exist_are_found_though_the_file_is_silent(text: str, found: list[str]) -> None:
    assert expand(text) == found


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("actors.bogota.stances.drug", "did you mean 'actors.bogota.stances.drugs'?"),
        ("actors.bogotá.rethoric", "did you mean 'actors.bogota.rhetoric'?"),
        ("actors.*.rethoric", "did you mean 'actors.*.rhetoric'?"),
        ("actors.bogota.rhetoric.low", "'actors.bogota.rhetoric' has nothing below it"),
        ("actors.washington.rhetoric.triangular", "'actors.washington.rhetoric' has nothing below it"),
        ("actors.bogota.rules.*.chance", "'actors.bogota.rules' has nothing below it"),
        ("schedule.7.date", "'schedule' has 0, 1"),
        ("zzz", "a scenario has tensionsim, title, about, start,"),
        ("*", "a scenario has tensionsim, title,"),
        ("mechanisms.inertia.qqq", "'mechanisms.inertia' has"),
    ],
)
def test_paths_that_do_not_exist_get_advice(text: str, advice: str) -> None:
    with pytest.raises(NoPath) as caught:
        expand(text)
    assert str(caught.value).startswith(advice)


def test_putting_leaves_the_tree_as_it_was() -> None:
    tree = from_plain({"a": {"b": 1}, "c": [1, {"d": 2}]}, NOWHERE, Report())
    changed = paths.put(tree, ("c", "1", "d"), from_plain(3, NOWHERE, Report()), NOWHERE)
    changed = paths.put(changed, ("a", "x", "y"), from_plain(4, NOWHERE, Report()), NOWHERE)
    assert changed.plain == {"a": {"b": 1, "x": {"y": 4}}, "c": [1, {"d": 3}]}
    assert tree.plain == {"a": {"b": 1}, "c": [1, {"d": 2}]}


def test_taking_out_what_is_not_there_changes_nothing() -> None:
    tree = from_plain({"a": {"b": 1}, "c": [1, 2]}, NOWHERE, Report())
    for path in (("x",), ("a", "x"), ("c", "9"), ("c", "x"), ("a", "b", "c")):
        assert paths.without(tree, path).plain == tree.plain
    assert paths.without(tree, ("c", "0")).plain == {"a": {"b": 1}, "c": [2]}
